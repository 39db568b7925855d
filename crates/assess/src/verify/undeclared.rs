//! Devices that were seen and that no asset stands for, also where they talk within their zone only.

use super::Context;
use crate::observed::segment;
use crate::rules::path;
use crate::whereabouts::{Whereabout, is_boundary};
use std::collections::BTreeSet;
use std::sync::Arc;
use zonewright_plant::id::{EvidenceId, ZoneId};
use zonewright_plant::model::{Address, AssetKind, Mac as PlantMac};
use zonewright_plant::{EvidencePlace, Finding};
use zonewright_source::{PacketPlace, Place};
use zonewright_traffic::observation::{Asset, Mac};

/// A finding for each device that sent and is in no record.
pub(super) fn undeclared(context: &Context<'_>) -> Vec<Finding> {
    let listed = Listed::of(context);
    let passing = passing(context);
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for asset in context.observation.assets.iter().filter(|asset| asset.packets_sent > 0) {
        let network = network_context(context, asset);
        if listed.has(asset, network) {
            continue;
        }
        // A station that only carries the packets of network addresses is judged by those.
        if asset.ips.is_empty() && asset.macs.iter().any(|mac| passing.contains(mac)) {
            continue;
        }
        let Some((zone, address)) = home(context, asset, network) else { continue };
        if is_boundary_leg(context, asset, &zone) {
            continue;
        }
        let inside = context.plant.zones.get(&zone).is_some_and(|zone| zone.inside && zone.trusted);
        if inside && told.insert((zone.clone(), address.clone())) {
            found.push(finding(context, asset, &zone, &address));
        }
    }
    found
}

/// Link-layer addresses that packets of network addresses came from or went to.
fn passing(context: &Context<'_>) -> BTreeSet<Mac> {
    let ends = context.observation.flows.iter().flat_map(|flow| [&flow.initiator, &flow.responder]);
    ends.filter(|end| end.ip.is_some()).filter_map(|end| end.mac).collect()
}

/// Addresses of every record, also of those that wait for review.
struct Listed<'p> {
    ips: BTreeSet<&'p Address>,
    macs: BTreeSet<PlantMac>,
}

impl<'p> Listed<'p> {
    fn of(context: &Context<'p>) -> Self {
        let assets = || context.plant.assets.values();
        Self {
            ips: assets().flat_map(|asset| &asset.ips).collect(),
            macs: assets().flat_map(|asset| asset.macs.iter().copied()).collect(),
        }
    }

    fn has(&self, asset: &Asset, network: Option<&str>) -> bool {
        let ip = |context: Option<&str>| {
            let at = |ip: &std::net::IpAddr| Address { ip: *ip, context: context.map(str::to_owned) };
            asset.ips.iter().any(|ip| self.ips.contains(&at(ip)))
        };
        (network.is_some() && ip(network))
            || ip(None)
            || asset.macs.iter().any(|mac| self.macs.contains(&PlantMac(mac.0)))
    }
}

/// May it be a leg of a declared device between zones? Records of such devices seldom list the address of each leg: one that
/// lists no link-layer address, and none in this zone, may stand here.
fn is_boundary_leg(context: &Context<'_>, asset: &Asset, zone: &ZoneId) -> bool {
    let lists_none_here = |declared: &zonewright_plant::model::Asset| {
        declared.macs.is_empty()
            && !declared.ips.iter().any(|address| {
                context.whereabouts.network_of(address.ip, address.context.as_deref(), &[]) == Some(zone)
            })
    };
    asset.component_type.as_deref() == Some("network-device")
        && context.plant.assets.values().any(|declared| stands_between(declared) && lists_none_here(declared))
}

/// Is it of a kind that forwards between networks? A switch that is not said to be one of a boundary joins the stations of one.
fn stands_between(asset: &zonewright_plant::model::Asset) -> bool {
    is_boundary(asset) && asset.kind != Some(AssetKind::Switch)
}

/// The evidence's network context, for addresses that count there.
fn network_context<'p>(context: &Context<'p>, asset: &Asset) -> Option<&'p str> {
    let point = EvidenceId::from(asset.context.as_deref()?);
    context.plant.evidence.get(&point)?.context.as_deref()
}

/// The zone it is in: by its address, or else where it sent on the link itself.
fn home(context: &Context<'_>, asset: &Asset, network: Option<&str>) -> Option<(ZoneId, String)> {
    for ip in &asset.ips {
        match context.whereabouts.address(*ip, network, &asset.vlans) {
            Whereabout::Known { zone, .. } => return Some((zone, ip.to_string())),
            Whereabout::Group => return None,
            Whereabout::Unknown(_) => {}
        }
    }
    let mac = asset.macs.iter().find(|mac| !mac.is_group())?;
    let point: Arc<str> = asset.context.clone()?;
    let zone = segment(context.plant, std::slice::from_ref(&point))?;
    let address = asset.ips.first().map_or_else(|| mac.to_string(), ToString::to_string);
    Some((zone.clone(), address))
}

fn finding(context: &Context<'_>, asset: &Asset, zone: &ZoneId, address: &str) -> Finding {
    let words = [asset.kind.as_deref(), asset.vendor.as_deref(), asset.product.as_deref()];
    let words: Vec<&str> = words.into_iter().flatten().collect();
    let names: Vec<&str> = asset.names.iter().map(|name| name.name.as_ref()).collect();
    let mut said = String::new();
    if !words.is_empty() {
        said.push_str(&format!(", perhaps {}", words.join(" ")));
    }
    if !names.is_empty() {
        said.push_str(&format!(", which calls itself {}", crate::words::list(&names)));
    }
    let packets = crate::words::count(asset.packets_sent, "packet");
    let message = format!("{address} in {zone} sent {packets}, and no asset stands for it{said}");
    let mut finding = path::UNDECLARED_ASSET.finding("zone", zone.as_str(), message);
    finding.discriminators = vec![address.to_owned()];
    finding.evidence = place(context, asset)
        .map(|place| EvidencePlace { place: Place::Packet(place), what: "seen here".into() })
        .into_iter()
        .collect();
    finding
}

/// The first packet of it that is known.
fn place(context: &Context<'_>, asset: &Asset) -> Option<PacketPlace> {
    let is_it = |end: &zonewright_traffic::observation::FlowEnd| end.asset.as_ref() == Some(&asset.id);
    let flows = context.observation.flows.iter();
    let of_flows = flows
        .filter(|flow| is_it(&flow.initiator) || is_it(&flow.responder))
        .flat_map(|flow| flow.places.first())
        .min();
    of_flows.or_else(|| asset.basis.iter().find_map(|basis| basis.place.as_ref())).cloned()
}
