//! The devices: what was observed at several points and what the plant (or an inventory) lists, joined by address.

use super::record::{blank_asset, free_id, slug};
use crate::words::{count, list};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, EvidenceId, ZoneId};
use zonewright_plant::model::{Address, Asset, AssetKind, ComponentType, Mac};
use zonewright_traffic::observation::{self, Flow, Observation, Role, Timestamp, Transport};

/// Protocols whose names of devices are names that people gave.
const NAMING: &[&str] =
    &["snmp", "lldp", "cdp", "dhcp", "nbns", "mdns", "llmnr", "netbios", "pn_dcp", "pn-dcp", "profinet"];

/// Protocols that every station or router speaks, and that say nothing of what it is for.
const ROUTING: &[&str] = &["arp", "hsrp", "vrrp", "glbp", "ospf", "eigrp", "rip", "bgp"];

/// Words of programs and libraries that name themselves where a device would name its model.
const PROGRAMS: &[&str] = &["urn:", "ssh", "dropbear", "python"];

/// A device.
#[derive(Debug, Clone, Default)]
pub(super) struct Device {
    pub(super) id: String,
    /// The plant has it already.
    pub(super) listed: Option<AssetId>,
    pub(super) ips: BTreeSet<Address>,
    pub(super) macs: BTreeSet<Mac>,
    names: BTreeSet<(String, String)>,
    said: BTreeMap<&'static str, String>,
    interface_vendor: Option<String>,
    embedded: bool,
    said_kind: Option<AssetKind>,
    pub(super) router: bool,
    pub(super) serves: BTreeSet<String>,
    pub(super) asks: BTreeSet<String>,
    pub(super) packets: u64,
    /// Capture points on whose link it sent with its own address.
    pub(super) local: BTreeSet<EvidenceId>,
    /// Capture points that its packets reached through a router.
    pub(super) routed: BTreeSet<EvidenceId>,
    /// When it sent, as each capture point saw it: first and last moment.
    pub(super) sent: Vec<(Timestamp, Timestamp)>,
    pub(super) kind: Option<AssetKind>,
    /// Words that hint at what it is for: its names, kind and description, lowercase.
    pub(super) hints: String,
    pub(super) zone: Option<ZoneId>,
}

/// All devices, and which one an observed asset is.
#[derive(Debug, Default)]
pub(super) struct Devices {
    pub(super) list: Vec<Device>,
    of_observed: BTreeMap<String, usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Ip(Address),
    Mac(Mac),
    Listed(AssetId),
}

/// The network context of capture points at which an address has another link-layer address of its own than elsewhere:
/// the same address in two cells is two devices (DESIGN §5).
pub(super) fn contexts(observation: &Observation, plant: &Plant) -> BTreeMap<EvidenceId, String> {
    let mut own: BTreeMap<IpAddr, BTreeMap<EvidenceId, &[observation::Mac]>> = BTreeMap::new();
    for asset in &observation.assets {
        let Some(point) = asset.context.as_deref() else { continue };
        if asset.kind.as_deref() != Some("router") && !asset.macs.is_empty() {
            for ip in asset.ips.iter().filter(|ip| !stays(**ip)) {
                own.entry(*ip).or_default().insert(EvidenceId::from(point), &asset.macs);
            }
        }
    }
    let mut contexts = BTreeMap::new();
    for points in own.values() {
        let mut points = points.iter();
        let Some((_, first)) = points.next() else { continue };
        for (point, _) in points.filter(|(_, macs)| macs.iter().all(|mac| !first.contains(mac))) {
            contexts.insert(point.clone(), slug(point.as_str()).to_lowercase());
        }
    }
    for (id, evidence) in &plant.evidence {
        if let Some(context) = &evidence.context {
            contexts.insert(id.clone(), context.clone());
        }
    }
    contexts
}

/// Does an address not leave its segment?
pub(super) fn stays(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_multicast() || v4.is_broadcast() || v4.is_unspecified() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_multicast() || v6.is_unspecified() || v6.is_unicast_link_local(),
    }
}

/// Is a flow more than an attempt? A TCP connection that nobody answered shows a wish, not a need.
pub(super) fn answered(flow: &Flow) -> bool {
    flow.transport != Transport::Tcp || flow.packets_from_responder > 0
}

impl Devices {
    pub(super) fn gather(
        observation: &Observation,
        plant: &Plant,
        contexts: &BTreeMap<EvidenceId, String>,
    ) -> Self {
        let ends: BTreeSet<&str> = observation
            .flows
            .iter()
            .filter(|flow| answered(flow) && flow.inside.is_none())
            .flat_map(|flow| [&flow.initiator.asset, &flow.responder.asset])
            .flatten()
            .map(AsRef::as_ref)
            .collect();
        let seen = observation.assets.iter().filter(|asset| {
            (asset.packets_sent > 0 || ends.contains(asset.id.as_ref())) && !is_broadcast(asset)
        });
        let seen: Vec<(&observation::Asset, Vec<Key>)> =
            seen.map(|asset| (asset, keys(asset, contexts))).filter(|(_, keys)| !keys.is_empty()).collect();
        let listed: Vec<(&Asset, Vec<Key>)> =
            plant.assets.values().map(|asset| (asset, listed_keys(asset))).collect();
        let mut join = Join::default();
        for keys in seen.iter().map(|(_, keys)| keys).chain(listed.iter().map(|(_, keys)| keys)) {
            join.all(keys);
        }
        let mut devices: BTreeMap<Key, Device> = BTreeMap::new();
        let mut keys_of_seen = Vec::new();
        for (asset, keys) in &listed {
            if let Some(root) = keys.first().map(|key| join.root(key)) {
                devices.entry(root).or_default().list(asset);
            }
        }
        for (asset, keys) in &seen {
            let Some(root) = keys.first().map(|key| join.root(key)) else { continue };
            devices.entry(root.clone()).or_default().see(asset, keys);
            keys_of_seen.push((asset.id.to_string(), root));
        }
        let order: BTreeMap<Key, usize> = devices.keys().cloned().zip(0..).collect();
        let of_observed =
            keys_of_seen.into_iter().filter_map(|(id, root)| Some((id, *order.get(&root)?))).collect();
        let mut all = Self { list: devices.into_values().collect(), of_observed };
        all.name(plant);
        all
    }

    /// The device that an observed asset is.
    pub(super) fn of(&self, observed: Option<&str>) -> Option<usize> {
        self.of_observed.get(observed?).copied()
    }

    fn name(&mut self, plant: &Plant) {
        let mut taken: BTreeSet<String> = plant.assets.keys().map(ToString::to_string).collect();
        for device in &mut self.list {
            if let Some(id) = &device.listed {
                device.id = id.to_string();
                continue;
            }
            let named = device.names.iter().find(|(source, _)| NAMING.contains(&source.as_str()));
            let wanted = named
                .map(|(_, name)| slug(name.split('.').next().unwrap_or(name)).to_lowercase())
                .filter(|name| name.len() >= 2)
                .or_else(|| device.ips.first().map(address_id))
                .or_else(|| device.macs.first().map(|mac| format!("mac-{}", slug(&mac.to_string()))))
                .unwrap_or_else(|| "device".into());
            device.id = free_id(&wanted, |id| taken.contains(id));
            taken.insert(device.id.clone());
        }
    }

    /// The devices as records: new ones, and those of the plant that were only proposed, with what is known now.
    pub(super) fn records(&self, plant: &Plant) -> Vec<Asset> {
        self.list.iter().filter_map(|device| device.record(plant)).collect()
    }
}

/// `10.1.1.5`, `2001-db8--5`, with the context behind it where it has one.
fn address_id(address: &Address) -> String {
    let ip = match address.ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("v6-{}", slug(&v6.to_string())),
    };
    address.context.as_ref().map_or_else(|| ip.clone(), |context| format!("{ip}-{context}"))
}

/// Is it the broadcast address of a network as most are, which never sends?
fn is_broadcast(asset: &observation::Asset) -> bool {
    asset.packets_sent == 0
        && asset.ips.iter().any(|ip| matches!(ip, IpAddr::V4(v4) if v4.octets().last() == Some(&255)))
}

fn keys(asset: &observation::Asset, contexts: &BTreeMap<EvidenceId, String>) -> Vec<Key> {
    let own = contexts.get(&EvidenceId::from(asset.context.as_deref().unwrap_or_default()));
    // Only what is on the link itself is told apart by it; what comes through a router is who it is elsewhere.
    let context = own.filter(|_| !asset.macs.is_empty());
    let ips = asset.ips.iter().filter(|ip| !stays(**ip));
    let ips = ips.map(|ip| Key::Ip(Address { ip: *ip, context: context.cloned() }));
    let macs =
        asset.macs.iter().filter(|mac| !mac.is_group() && !mac.is_zero()).map(|mac| Key::Mac(Mac(mac.0)));
    ips.chain(macs).collect()
}

fn listed_keys(asset: &Asset) -> Vec<Key> {
    let ips = asset.ips.iter().cloned().map(Key::Ip);
    [Key::Listed(asset.id.clone())]
        .into_iter()
        .chain(ips)
        .chain(asset.macs.iter().copied().map(Key::Mac))
        .collect()
}

fn is_program(product: &str) -> bool {
    let product = product.to_lowercase();
    PROGRAMS.iter().any(|word| product.contains(word))
}

/// Was it looked for in captures before?
fn is_judged(asset: &Asset) -> bool {
    asset.common.reason.as_deref().is_some_and(|reason| reason.contains(SEEN) || reason.contains(NOT_SEEN))
}

const SEEN: &str = "seen in ";
const NOT_SEEN: &str = "not seen in any capture";

/// Keys that belong together.
#[derive(Debug, Default)]
struct Join {
    parents: BTreeMap<Key, Key>,
}

impl Join {
    fn root(&self, key: &Key) -> Key {
        let mut at = key;
        while let Some(parent) = self.parents.get(at).filter(|parent| *parent != at) {
            at = parent;
        }
        at.clone()
    }

    /// Two assets of the plant are never made one: an address that both have stays with the first.
    fn all(&mut self, keys: &[Key]) {
        let Some(first) = keys.first() else { return };
        for key in keys {
            let (a, b) = (self.root(first), self.root(key));
            if a != b && !(matches!(a, Key::Listed(_)) && matches!(b, Key::Listed(_))) {
                // The listed one leads, so that it is found again.
                let (lead, follow) = if matches!(b, Key::Listed(_)) || (!matches!(a, Key::Listed(_)) && b < a)
                {
                    (b, a)
                } else {
                    (a, b)
                };
                self.parents.insert(follow, lead);
            }
        }
    }
}

impl Device {
    fn list(&mut self, asset: &Asset) {
        self.listed = Some(asset.id.clone());
        self.ips.extend(asset.ips.iter().cloned());
        self.macs.extend(&asset.macs);
        self.kind = asset.kind;
        self.zone.clone_from(&asset.zone);
        self.router |= matches!(asset.kind, Some(AssetKind::Router | AssetKind::Firewall));
        let words =
            [Some(asset.id.as_str()), asset.common.name.as_deref(), asset.kind.map(AssetKind::as_str)];
        self.hint(words.into_iter().flatten());
    }

    fn hint<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        for word in words {
            self.hints.push(' ');
            self.hints.push_str(&word.to_lowercase());
        }
    }

    fn see(&mut self, asset: &observation::Asset, keys: &[Key]) {
        for key in keys {
            match key {
                Key::Ip(address) => drop(self.ips.insert(address.clone())),
                Key::Mac(mac) => drop(self.macs.insert(*mac)),
                Key::Listed(_) => {}
            }
        }
        self.names.extend(asset.names.iter().map(|name| (name.source.to_string(), name.name.to_string())));
        // Who made the network interface is a guess at who made the device, and contradicts nobody.
        let vendor = asset.vendor.clone().filter(|_| asset.vendor != asset.interface_vendor);
        if self.interface_vendor.is_none() {
            self.interface_vendor = asset.interface_vendor.as_deref().map(str::to_owned);
        }
        let said = [
            ("vendor", &vendor),
            ("model", &asset.product),
            ("version", &asset.version),
            ("serial", &asset.serial),
        ];
        // What a program says of itself is not what the device is.
        let program = |key: &str| {
            matches!(key, "model" | "version") && asset.product.as_deref().is_some_and(is_program)
        };
        for (key, value) in said.into_iter().filter(|(key, _)| !program(key)) {
            if let Some(value) = value.as_deref().filter(|value| !value.trim().is_empty()) {
                self.said
                    .entry(key)
                    .or_insert_with(|| value.chars().filter(|c| !c.is_control()).take(80).collect());
            }
        }
        let word = asset.kind.as_deref().filter(|word| *word != "router");
        let kind = word.and_then(|word| AssetKind::ALL.iter().find(|(known, _)| *known == word));
        self.said_kind = self.said_kind.or(kind.map(|(_, kind)| *kind));
        self.embedded |= asset.component_type.as_deref() == Some("embedded-device");
        self.router |= asset.kind.as_deref() == Some("router")
            && asset.roles.iter().all(|role| ROUTING.contains(&role.protocol.as_ref()));
        self.packets = self.packets.max(asset.packets_sent.saturating_add(asset.packets_received));
        for role in asset.roles.iter().filter(|role| !ROUTING.contains(&role.protocol.as_ref())) {
            match role.role {
                Role::Server => drop(self.serves.insert(role.protocol.to_string())),
                Role::Client => drop(self.asks.insert(role.protocol.to_string())),
                _ => {}
            }
        }
        let point = EvidenceId::from(asset.context.as_deref().unwrap_or_default());
        if asset.packets_sent > 0 {
            self.sent.push((asset.first_seen, asset.last_seen));
        }
        if !asset.macs.is_empty() {
            self.local.insert(point);
        } else if asset.packets_sent > 0 {
            self.routed.insert(point);
        }
        let words: Vec<String> = asset.names.iter().map(|name| name.name.to_string()).collect();
        self.hint(words.iter().map(String::as_str));
    }

    fn seen(&self) -> bool {
        self.packets > 0
    }

    fn record(&self, plant: &Plant) -> Option<Asset> {
        let listed = self.listed.as_ref().and_then(|id| plant.assets.get(id));
        if listed
            .is_some_and(|asset| !asset.common.proposed || asset.zone.is_some() || asset.conduit.is_some())
        {
            return None;
        }
        if listed.is_some_and(|asset| self.zone.is_none() && is_judged(asset)) {
            return None;
        }
        let mut asset = match listed {
            Some(asset) => asset.clone(),
            None => blank_asset(AssetId::from(self.id.as_str()), String::new()),
        };
        let doubts = self.doubts(&asset);
        asset.zone.clone_from(&self.zone);
        if asset.ips.is_empty() {
            asset.ips = self.ips.iter().cloned().collect();
        }
        if asset.macs.is_empty() {
            asset.macs = self.macs.iter().copied().collect();
        }
        asset.kind = asset.kind.or(if self.router { Some(AssetKind::Router) } else { self.said_kind });
        if asset.component_type.is_none() {
            asset.component_type = match (self.router, self.embedded && super::zones::is_controller(self)) {
                (true, _) => Some(ComponentType::NetworkDevice),
                (_, true) => Some(ComponentType::EmbeddedDevice),
                _ => None,
            };
        }
        for (slot, key) in [
            (&mut asset.vendor, "vendor"),
            (&mut asset.model, "model"),
            (&mut asset.version, "version"),
            (&mut asset.serial, "serial"),
        ] {
            if slot.is_none() {
                *slot = self.said.get(key).cloned();
            }
        }
        if asset.vendor.is_none() && !self.router {
            asset.vendor.clone_from(&self.interface_vendor);
        }
        asset.common.proposed = true;
        asset.common.reason = Some(self.reason(listed, &doubts));
        Some(asset)
    }

    fn reason(&self, listed: Option<&Asset>, doubts: &[String]) -> String {
        let mut parts: Vec<String> =
            listed.and_then(|asset| asset.common.reason.clone()).into_iter().collect();
        if self.seen() {
            let mut seen = format!("{SEEN}{}", count(self.packets, "packet"));
            if !self.serves.is_empty() {
                seen.push_str(&format!(", answers {}", list(&self.serves)));
            }
            if !self.asks.is_empty() {
                seen.push_str(&format!(", asks {}", list(&self.asks)));
            }
            parts.push(seen);
        } else {
            parts.push(NOT_SEEN.into());
        }
        if self.router {
            parts.push("passes on what others send (a router or firewall)".into());
        }
        parts.extend(doubts.iter().cloned());
        parts.join("; ")
    }

    /// Where what was listed and what was seen contradict each other.
    fn doubts(&self, asset: &Asset) -> Vec<String> {
        let mut doubts = Vec::new();
        if self.listed.is_none() {
            return doubts;
        }
        for (written, key) in
            [(&asset.vendor, "vendor"), (&asset.model, "model"), (&asset.version, "version")]
        {
            let (Some(written), Some(said)) = (written, self.said.get(key)) else { continue };
            let (a, b) = (written.to_lowercase(), said.to_lowercase());
            if !a.contains(&b) && !b.contains(&a) {
                doubts.push(format!("LOOK TWICE: the list says {key} {written}, the device says {said}"));
            }
        }
        let others: Vec<String> =
            self.macs.iter().filter(|mac| !asset.macs.contains(mac)).map(ToString::to_string).collect();
        if !asset.macs.is_empty() && !others.is_empty() {
            doubts.push(format!("LOOK TWICE: seen with {}, which the list does not have", list(&others)));
        }
        doubts
    }
}
