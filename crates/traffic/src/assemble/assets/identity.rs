//! What a device says of itself, and what its link-layer addresses tell.

use super::super::Names;
use super::evidence::{Note, Said};
use super::shared;
use crate::facts::Identity;
use crate::flow::At;
use crate::observation::{Asset, AssetName, Basis};
use crate::vendors;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zonewright_source::PacketPlace;

/// Reasons of one kind that are listed of one asset.
pub(super) const BASIS_MAX: usize = 32;

/// Words that devices use of themselves, and the kind of asset that they mean.
const KINDS: [(&str, &str); 13] = [
    ("programmable logic controller", "plc"),
    ("plc", "plc"),
    ("cpu ", "plc"),
    ("human-machine", "hmi"),
    ("hmi", "hmi"),
    ("outstation", "rtu"),
    ("drive", "drive"),
    ("switch", "switch"),
    ("bridge", "switch"),
    ("router", "router"),
    ("access-point", "access-point"),
    ("firewall", "firewall"),
    ("gateway", "gateway"),
];

/// Takes over what the device says of itself; of contradicting words the first, and names all.
pub(super) fn identify(asset: &mut Asset, mut said: Vec<Said>, names: &Names<'_>) {
    said.sort_by_key(|(what, _, _, at)| (*at, *what));
    let mut called = BTreeSet::new();
    for (what, value, source, at) in said {
        let (slot, word) = match what {
            Identity::Name => {
                called.insert(AssetName { name: value, source: names.text(source) });
                continue;
            }
            Identity::Vendor => (&mut asset.vendor, "vendor"),
            Identity::Product => (&mut asset.product, "product"),
            Identity::Version => (&mut asset.version, "version"),
            Identity::Serial => (&mut asset.serial, "serial number"),
            Identity::Kind => (&mut asset.kind, "kind"),
        };
        let taken: Option<Arc<str>> =
            if what == Identity::Kind { kind(&value).map(Into::into) } else { Some(value.clone()) };
        let known = slot.clone().or_else(|| taken.clone());
        *slot = known.clone();
        if asset.basis.len() < BASIS_MAX {
            let contradicts = if known == taken { "" } else { ", which contradicts what it said before" };
            let text = format!("says in {source} that its {word} is `{value}`{contradicts}");
            asset.basis.push(Basis { text, place: Some(names.place(at)) });
        }
    }
    asset.names = called.into_iter().collect();
}

/// The kind of asset that a device's own words mean, if they mean one.
fn kind(words: &str) -> Option<&'static str> {
    let words = words.to_lowercase();
    KINDS.iter().find_map(|(word, kind)| words.contains(word).then_some(*kind))
}

/// Takes over what its link-layer addresses tell of it: the vendor, where it did not say that itself; virtual machines; and
/// addresses that routers share.
pub(super) fn addressed(asset: &mut Asset, place: Option<&PacketPlace>) {
    let mut told = Vec::new();
    for mac in asset.macs.clone() {
        if let Some((protocol, group)) = shared::address(mac) {
            told.push(format!(
                "not a device of its own: {mac} is the address that the routers of group {group} share by {protocol}"
            ));
            asset.kind.get_or_insert_with(|| "router".into());
            asset.component_type.get_or_insert_with(|| "network-device".into());
            continue;
        }
        if let Some(vendor) = vendors::vendor(mac)
            && asset.interface_vendor.is_none()
        {
            asset.interface_vendor = Some(vendor.into());
            told.push(format!("{mac} is of the addresses that the IEEE gave to {vendor}"));
        }
        if let Some(software) = vendors::virtual_machine(mac) {
            asset.component_type.get_or_insert_with(|| "host-device".into());
            told.push(format!(
                "taken for a virtual machine, and so for a host: {mac} is of the addresses that {software} gives out"
            ));
        }
    }
    if asset.vendor.is_none() {
        asset.vendor.clone_from(&asset.interface_vendor);
    }
    asset.basis.extend(told.into_iter().map(|text| Basis { text, place: place.cloned() }));
}

/// Takes over what it says in the protocols by which networks run themselves.
pub(super) fn noted(asset: &mut Asset, notes: &[(Note, At)], names: &Names<'_>) {
    let mut first: BTreeMap<&Note, At> = BTreeMap::new();
    for (note, at) in notes {
        let known = first.entry(note).or_insert(*at);
        *known = (*known).min(*at);
    }
    for (note, at) in first.into_iter().take(BASIS_MAX) {
        let text = match note {
            Note::StandsIn(address, protocol) => {
                asset.kind.get_or_insert_with(|| "router".into());
                asset.component_type.get_or_insert_with(|| "network-device".into());
                format!("taken for a router: it stands in for {address} with others by {protocol}")
            }
            Note::Redundant(kind) => format!("is attached to two networks at once by {kind}"),
            Note::RedundancyBox(kind) => {
                format!("attaches other devices to two networks at once: redundancy box {kind}")
            }
            Note::Managed(address, protocol) => format!("says in {protocol} that it is managed at {address}"),
        };
        if asset.basis.iter().all(|known| !known.text.contains(&text)) {
            asset.basis.push(Basis { text, place: Some(names.place(at)) });
        }
    }
}
