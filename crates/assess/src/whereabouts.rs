//! Who is who: from an address on the wire to the asset and the zone it belongs to (DESIGN §5, "Who is who").
//!
//! An address counts within its context. An asset's own addresses come first, then the most specific network of a
//! zone, and what neither knows stays unknown: nothing is guessed into a zone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, EvidenceId, ZoneId};
use zonewright_plant::model::{Address, Asset, AssetKind, Endpoint, Mac, Network};
use zonewright_traffic::observation::{Flow, FlowEnd, Transport};

/// Deepest nesting of zones that is followed; the text form reports cycles, this keeps a walk finite whatever comes.
const ZONE_DEPTH_MAX: usize = 32;

/// Where one end of a conversation belongs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Whereabout {
    /// In a zone; the asset too where the model knows it.
    Known {
        /// The zone.
        zone: ZoneId,
        /// The asset, or the address for one that is not in the model.
        who: Who,
    },
    /// A multicast or broadcast address: it stays in the sender's segment.
    Group,
    /// In no zone of the model.
    Unknown(String),
}

/// An end by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Who {
    /// An asset of the model.
    Asset(AssetId),
    /// An address that no asset has.
    Address(String),
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Asset(id) => write!(f, "{id}"),
            Self::Address(text) => f.write_str(text),
        }
    }
}

/// The index of addresses of a plant.
#[derive(Debug)]
pub struct Whereabouts<'p> {
    plant: &'p Plant,
    addresses: HashMap<&'p Address, &'p AssetId>,
    macs: HashMap<Mac, &'p AssetId>,
    // INVARIANT: most specific first, then those that name a VLAN, then by zone id.
    networks: Vec<ZoneNetworkEntry<'p>>,
}

#[derive(Debug)]
struct ZoneNetworkEntry<'p> {
    network: Network,
    vlan: Option<u16>,
    context: Option<&'p str>,
    zone: &'p ZoneId,
}

impl<'p> Whereabouts<'p> {
    /// The index of `plant`. What is only proposed is left out: it is not declared.
    #[must_use]
    pub fn new(plant: &'p Plant) -> Self {
        let assets = || plant.assets.values().filter(|asset| !asset.common.proposed);
        let addresses = assets().flat_map(|asset| asset.ips.iter().map(move |ip| (ip, &asset.id))).collect();
        let macs = assets().flat_map(|asset| asset.macs.iter().map(move |mac| (*mac, &asset.id))).collect();
        let mut networks: Vec<ZoneNetworkEntry<'p>> = plant
            .zones
            .values()
            .filter(|zone| !zone.common.proposed)
            .flat_map(|zone| {
                zone.networks.iter().map(|network| ZoneNetworkEntry {
                    network: network.network,
                    vlan: network.vlan,
                    context: network.context.as_deref(),
                    zone: &zone.id,
                })
            })
            .collect();
        networks.sort_by_key(|entry| {
            (std::cmp::Reverse(entry.network.prefix()), entry.vlan.is_none(), entry.zone)
        });
        Self { plant, addresses, macs, networks }
    }

    /// Where both ends of a flow belong. `segment` is the zone on whose network the flow was captured, where known:
    /// frames without network addresses belong to it, unless both stations are known to stand elsewhere (zones that
    /// a layer-2 conduit joins).
    #[must_use]
    pub fn ends(&self, flow: &Flow, segment: Option<&ZoneId>) -> (Whereabout, Whereabout) {
        let bridged = flow.transport != Transport::Ether(ARP)
            && [&flow.initiator, &flow.responder]
                .iter()
                .all(|end| end.ip.is_none() && self.station_asset(end).is_some_and(stands_in_one_zone));
        let segment = segment.filter(|_| !bridged);
        (self.end(flow, &flow.initiator, segment), self.end(flow, &flow.responder, segment))
    }

    fn end(&self, flow: &Flow, end: &FlowEnd, segment: Option<&ZoneId>) -> Whereabout {
        match end.ip {
            Some(ip) => self.address(ip, self.context_of(flow), &flow.vlans),
            None => self.station(end, segment),
        }
    }

    /// The network context that the evidence of a flow's capture points names; none is the plant-wide one.
    fn context_of(&self, flow: &Flow) -> Option<&'p str> {
        let evidence =
            |point: &std::sync::Arc<str>| self.plant.evidence.get(&EvidenceId::from(point.as_ref()));
        flow.capture_points.iter().find_map(|point| evidence(point)?.context.as_deref())
    }

    /// Where an IP address belongs.
    #[must_use]
    pub fn address(&self, ip: IpAddr, context: Option<&str>, vlans: &[u16]) -> Whereabout {
        let asset = self.asset_of(ip, context);
        if stays_in_segment(ip) || (asset.is_none() && self.is_directed_broadcast(ip)) {
            return Whereabout::Group;
        }
        let zone =
            asset.and_then(|asset| asset.zone.as_ref()).or_else(|| self.network_of(ip, context, vlans));
        let who = asset.map_or_else(|| Who::Address(ip.to_string()), |asset| Who::Asset(asset.id.clone()));
        match zone {
            Some(zone) => Whereabout::Known { zone: zone.clone(), who },
            None => Whereabout::Unknown(who.to_string()),
        }
    }

    /// The zone whose network an address is of, whatever asset has it.
    #[must_use]
    pub fn network_zone(&self, ip: IpAddr, context: Option<&str>) -> Option<&'p ZoneId> {
        self.network_of(ip, context, &[])
    }

    pub(crate) fn network_of(&self, ip: IpAddr, context: Option<&str>, vlans: &[u16]) -> Option<&'p ZoneId> {
        let of = |context: Option<&str>| {
            self.networks.iter().find(|entry| {
                entry.context == context
                    && entry.network.contains(ip)
                    && (entry.vlan.is_none_or(|vlan| vlans.is_empty() || vlans.contains(&vlan)))
            })
        };
        // A machine cell's own networks hide the plant-wide ones, as its own addresses do.
        context.and_then(|context| of(Some(context))).or_else(|| of(None)).map(|entry| entry.zone)
    }

    /// The asset that has an address.
    #[must_use]
    pub fn asset_at(&self, ip: IpAddr, context: Option<&str>) -> Option<&'p AssetId> {
        self.asset_of(ip, context).map(|asset| &asset.id)
    }

    fn asset_of(&self, ip: IpAddr, context: Option<&str>) -> Option<&'p Asset> {
        let within = context
            .and_then(|context| self.addresses.get(&Address { ip, context: Some(context.to_string()) }));
        let id = within.or_else(|| self.addresses.get(&Address { ip, context: None }))?;
        self.plant.assets.get(*id)
    }

    fn station(&self, end: &FlowEnd, segment: Option<&ZoneId>) -> Whereabout {
        let Some(mac) = end.mac else { return Whereabout::Unknown("?".into()) };
        if mac.is_group() {
            return Whereabout::Group;
        }
        let asset = self.station_asset(end);
        let who = asset.map_or_else(|| Who::Address(mac.to_string()), |asset| Who::Asset(asset.id.clone()));
        // A firewall or router has a leg in each segment; its own zone says nothing about this frame.
        let zone = segment.or_else(|| asset.and_then(|asset| asset.zone.as_ref()));
        match zone {
            Some(zone) => Whereabout::Known { zone: zone.clone(), who },
            None => Whereabout::Unknown(who.to_string()),
        }
    }

    fn station_asset(&self, end: &FlowEnd) -> Option<&'p Asset> {
        self.macs.get(&Mac(end.mac?.0)).and_then(|id| self.plant.assets.get(*id))
    }

    /// The zones in which an end of a permit lies, with the assets it names there (none: the whole zone). An asset that is
    /// part of a conduit lies where its addresses are.
    #[must_use]
    pub fn zones_of(&self, end: &'p Endpoint) -> BTreeMap<&'p ZoneId, Vec<&'p Asset>> {
        let mut zones = zones_of(self.plant, end);
        let assets: Vec<&AssetId> = match end {
            Endpoint::Zone(_) => Vec::new(),
            Endpoint::Asset(id) => vec![id],
            Endpoint::Group(id) => {
                self.plant.groups.get(id).into_iter().flat_map(|group| &group.assets).collect()
            }
        };
        let assets = assets.into_iter().filter_map(|id| self.plant.assets.get(id));
        for asset in assets.filter(|asset| asset.zone.is_none()) {
            let at = |a: &Address| self.network_zone(a.ip, a.context.as_deref());
            for zone in asset.ips.iter().filter_map(at).collect::<BTreeSet<_>>() {
                zones.entry(zone).or_default().push(asset);
            }
        }
        zones
    }

    fn is_directed_broadcast(&self, ip: IpAddr) -> bool {
        let IpAddr::V4(v4) = ip else { return false };
        self.networks.iter().any(|entry| match entry.network.address() {
            IpAddr::V4(base) if (8..=30).contains(&entry.network.prefix()) => {
                u32::from(v4) == u32::from(base) | (u32::MAX >> entry.network.prefix())
            }
            _ => false,
        })
    }
}

/// The EtherType of ARP (RFC 826): it asks within the segment, whoever answers.
const ARP: u16 = 0x0806;

/// Does its zone tell where a frame of an asset was sent? A boundary device has a leg in each segment.
fn stands_in_one_zone(asset: &Asset) -> bool {
    asset.zone.is_some() && !is_boundary(asset)
}

/// Is it of a kind that stands between zones?
pub(crate) fn is_boundary(asset: &Asset) -> bool {
    use AssetKind::{DataDiode, Firewall, Gateway, RemoteAccess, Router, Switch};
    matches!(asset.kind, Some(Firewall | Router | Gateway | DataDiode | RemoteAccess | Switch))
}

/// Is it multicast, limited broadcast, link-local, or the unspecified address of a host that has none yet?
fn stays_in_segment(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast() || v4.is_unspecified() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_multicast() || v6.is_unspecified() || v6.is_unicast_link_local(),
    }
}

/// The zone and those it is part of, innermost first.
pub fn lineage<'p>(plant: &'p Plant, zone: &'p ZoneId) -> impl Iterator<Item = &'p ZoneId> {
    std::iter::successors(Some(zone), |zone| plant.zones.get(*zone)?.parent.as_ref()).take(ZONE_DEPTH_MAX)
}

/// Is `zone` the zone `outer` or part of it?
#[must_use]
pub fn is_within(plant: &Plant, zone: &ZoneId, outer: &ZoneId) -> bool {
    lineage(plant, zone).any(|id| id == outer)
}

/// Does an end of a permit cover an end of a conversation?
#[must_use]
pub fn covers(plant: &Plant, end: &Endpoint, zone: &ZoneId, who: &Who) -> bool {
    match (end, who) {
        (Endpoint::Zone(outer), _) => is_within(plant, zone, outer),
        (Endpoint::Asset(id), Who::Asset(asset)) => id == asset,
        (Endpoint::Group(id), Who::Asset(asset)) => {
            plant.groups.get(id).is_some_and(|group| group.assets.contains(asset))
        }
        _ => false,
    }
}

/// The zones in which an end of a permit lies, with the assets it names there (none: the whole zone).
#[must_use]
pub fn zones_of<'p>(plant: &'p Plant, end: &'p Endpoint) -> BTreeMap<&'p ZoneId, Vec<&'p Asset>> {
    let mut zones: BTreeMap<&ZoneId, Vec<&Asset>> = BTreeMap::new();
    let mut add = |id: &AssetId| {
        if let Some(asset) = plant.assets.get(id)
            && let Some(zone) = &asset.zone
        {
            zones.entry(zone).or_default().push(asset);
        }
    };
    match end {
        Endpoint::Zone(id) => {
            if let Some(zone) = plant.zones.get(id) {
                zones.insert(&zone.id, Vec::new());
            }
        }
        Endpoint::Asset(id) => add(id),
        Endpoint::Group(id) => plant.groups.get(id).into_iter().flat_map(|group| &group.assets).for_each(add),
    }
    zones
}
