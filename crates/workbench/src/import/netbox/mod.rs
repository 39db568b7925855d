//! NetBox: what its REST API answers for lists (versions 3 and 4), plain arrays of the same objects, and the fixtures that
//! `manage.py dumpdata` writes. Several files are read together: devices, their interfaces, their addresses.
//!
//! Owns which object is what and how they hang together. Leaves to [`rest`]: asking a NetBox.

mod objects;
pub mod rest;

use super::words::{self, clean, free, sound};
use super::{Hint, Importable, Incoming, ROWS_MAX, Source};
use objects::{Kind, field, name_of, nested};
pub(super) use objects::{Objects, is_netbox};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use zonewright_assess::propose::blank_asset;
use zonewright_plant::id::AssetId;
use zonewright_plant::model::{Address, Asset, AssetKind, Mac, Network};

/// Words of roles that are not named one by one.
const NAMED_MAX: usize = 5;

/// The assets of everything that was read: devices and virtual machines.
pub(super) fn assets(file: &str, objects: &Objects) -> Source {
    let mut source = Source::new(file, Importable::NetBox);
    let ports = Ports::of(objects);
    let mut taken = BTreeSet::new();
    let mut odd = Odd::default();
    let of = |kind: Kind| objects.of(kind).map(move |(id, object)| (kind, id, object));
    for (kind, id, object) in of(Kind::Device).chain(of(Kind::VirtualMachine)).take(ROWS_MAX) {
        source.assets.push(asset(file, objects, &ports, (kind, id, object), &mut taken, &mut odd));
    }
    source.networks = networks(objects);
    source.words = format!("NetBox: {}", objects.words());
    if source.assets.is_empty() {
        source.notes.push(
            "no devices or virtual machines: export dcim/devices too, and read the files together".into(),
        );
    }
    source.notes.extend(odd.words());
    source
}

/// Prefixes that hold devices: no containers, and none that is gone.
fn networks(objects: &Objects) -> Vec<Hint> {
    let hint = |(_, prefix): (u64, &Value)| {
        let status =
            prefix.get("status").and_then(|status| status.as_str().or_else(|| field(status, "value")));
        if matches!(status, Some("container" | "deprecated")) {
            return None;
        }
        let network = Network::parse(field(prefix, "prefix")?)?;
        let named = |key: &str, kind: Kind| name_of(objects.resolve(kind, prefix.get(key)?));
        let context = named("vrf", Kind::Vrf).map(|name| sound(&name));
        let role = prefix.get("role").and_then(name_of);
        let description = field(prefix, "description").map(clean).filter(|text| !text.is_empty());
        let mut called: Vec<String> = Vec::new();
        for name in [named("vlan", Kind::Vlan), role, description].into_iter().flatten() {
            if !called.contains(&name) {
                called.push(name);
            }
        }
        Some(Hint { network, context, called })
    };
    objects.of(Kind::Prefix).filter_map(hint).collect()
}

/// Words that were not understood.
#[derive(Debug, Default)]
struct Odd {
    roles: BTreeSet<String>,
}

impl Odd {
    fn words(self) -> Option<String> {
        let shown: Vec<String> = self.roles.iter().take(NAMED_MAX).map(|role| format!("`{role}`")).collect();
        let more = self.roles.len().saturating_sub(NAMED_MAX);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!shown.is_empty())
            .then(|| format!("roles that are no kind of ours, put into the note: {}{more}", shown.join(", ")))
    }
}

/// Addresses of devices and virtual machines, by their interfaces.
#[derive(Debug, Default)]
struct Ports {
    ips: BTreeMap<(Kind, u64), Vec<Address>>,
    macs: BTreeMap<(Kind, u64), Vec<Mac>>,
    vlans: BTreeMap<(Kind, u64), BTreeSet<u16>>,
}

impl Ports {
    fn of(objects: &Objects) -> Self {
        let mut ports = Self::default();
        let mut owners: BTreeMap<(Kind, u64), (Kind, u64)> = BTreeMap::new();
        let interfaces = |kind: Kind| objects.of(kind).map(move |(id, object)| (kind, id, object));
        for (kind, id, interface) in interfaces(Kind::Interface).chain(interfaces(Kind::VmInterface)) {
            let Some(owner) = owner_of(interface) else { continue };
            owners.insert((kind, id), owner);
            let macs = ports.macs.entry(owner).or_default();
            // From 4.2 on, MAC addresses are objects of their own, and the interface has one or many of them.
            macs.extend(field(interface, "mac_address").and_then(Mac::parse));
            let many = interface.get("mac_addresses").and_then(Value::as_array).into_iter().flatten();
            for mac in many.chain(interface.get("primary_mac_address")) {
                macs.extend(field(mac, "mac_address").and_then(Mac::parse));
            }
            let tagged = interface.get("tagged_vlans").and_then(Value::as_array).into_iter().flatten();
            for vlan in tagged.chain(interface.get("untagged_vlan")) {
                let vid = objects.resolve(Kind::Vlan, vlan).get("vid").and_then(Value::as_u64);
                ports.vlans.entry(owner).or_default().extend(
                    vid.and_then(|vid| u16::try_from(vid).ok()).filter(|vid| (1..=4094).contains(vid)),
                );
            }
        }
        for (_, mac) in objects.of(Kind::MacAddress) {
            if let (Some(owner), Some(mac)) =
                (assigned_to(mac, &owners), field(mac, "mac_address").and_then(Mac::parse))
            {
                ports.macs.entry(owner).or_default().push(mac);
            }
        }
        for (_, ip) in objects.of(Kind::IpAddress) {
            if let (Some(owner), Some(address)) = (assigned_to(ip, &owners), address_of(objects, ip)) {
                ports.ips.entry(owner).or_default().push(address);
            }
        }
        ports
    }
}

/// The device or virtual machine that an interface belongs to.
fn owner_of(interface: &Value) -> Option<(Kind, u64)> {
    let of = |key: &str, kind: Kind| Some((kind, nested(interface.get(key)?)?));
    of("device", Kind::Device).or_else(|| of("virtual_machine", Kind::VirtualMachine))
}

/// Whose interface an address is assigned to: told within, or by the interface's number.
fn assigned_to(object: &Value, owners: &BTreeMap<(Kind, u64), (Kind, u64)>) -> Option<(Kind, u64)> {
    let within = object.get("assigned_object").and_then(owner_of);
    within.or_else(|| {
        let id = object.get("assigned_object_id").and_then(Value::as_u64)?;
        let ty = match object.get("assigned_object_type")? {
            Value::String(ty) => ty.clone(),
            // A fixture says it in two words.
            Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("."),
            _ => return None,
        };
        let kind = match ty.as_str() {
            "dcim.interface" => Kind::Interface,
            "virtualization.vminterface" => Kind::VmInterface,
            _ => return None,
        };
        owners.get(&(kind, id)).copied()
    })
}

/// An address, in the context of its virtual routing table, where it has one.
fn address_of(objects: &Objects, ip: &Value) -> Option<Address> {
    let mut address = words::address(field(ip, "address")?)?;
    address.context =
        ip.get("vrf").and_then(|vrf| name_of(objects.resolve(Kind::Vrf, vrf))).map(|name| sound(&name));
    Some(address)
}

fn asset(
    file: &str,
    objects: &Objects,
    ports: &Ports,
    (kind, id, object): (Kind, u64, &Value),
    taken: &mut BTreeSet<String>,
    odd: &mut Odd,
) -> Incoming {
    let told = |key: &str| field(object, key).map(clean).filter(|text| !text.is_empty());
    let what = if kind == Kind::Device { "device" } else { "virtual machine" };
    let name = told("name").or_else(|| told("display"));
    let wanted = name.clone().or_else(|| told("asset_tag")).unwrap_or_else(|| format!("{what} {id}"));
    let own = sound(&wanted);
    let chosen = free(&own, taken);
    let place = format!("{file}, {what} {id}");
    let mut asset = blank_asset(AssetId::from(chosen.as_str()), format!("a {what} of NetBox ({place})"));
    asset.common.name = name.filter(|name| *name != chosen);
    let device_type = objects.resolve(Kind::DeviceType, object.get("device_type").unwrap_or(&Value::Null));
    let manufacturer =
        device_type.get("manufacturer").map(|value| objects.resolve(Kind::Manufacturer, value));
    asset.vendor = manufacturer.and_then(name_of);
    asset.model = field(device_type, "model").map(clean);
    asset.serial = told("serial");
    // Version 4 says `role`, version 3 says `device_role` of devices and `role` of virtual machines.
    let role = ["role", "device_role"].iter().find_map(|key| object.get(*key)).filter(|role| !role.is_null());
    let role = role.and_then(|role| name_of(objects.resolve(Kind::Role, role)));
    asset.kind = role.as_deref().and_then(words::kind);
    if let Some(role) = role.as_ref().filter(|_| asset.kind.is_none()) {
        odd.roles.insert(role.clone());
    }
    if asset.kind.is_none() && kind == Kind::VirtualMachine {
        asset.kind = Some(AssetKind::Server);
    }
    addresses(&mut asset, objects, ports, (kind, id, object));
    let platform =
        object.get("platform").and_then(|platform| name_of(objects.resolve(Kind::Platform, platform)));
    asset.software = platform.into_iter().map(|platform| platform.replace(';', ",")).collect();
    asset.common.note = note(objects, object, role.filter(|_| asset.kind.is_none()));
    let mut guessed = BTreeSet::from(["name", "note", "software"]);
    if kind == Kind::VirtualMachine {
        guessed.insert("kind");
    }
    Incoming { asset, place, named: wanted != format!("{what} {id}"), guessed }
}

fn addresses(asset: &mut Asset, objects: &Objects, ports: &Ports, (kind, id, object): (Kind, u64, &Value)) {
    let key = (kind, id);
    asset.ips = ports.ips.get(&key).cloned().unwrap_or_default();
    for primary in
        ["primary_ip4", "primary_ip6", "primary_ip", "oob_ip"].iter().filter_map(|key| object.get(*key))
    {
        let primary = objects.resolve(Kind::IpAddress, primary);
        let Some(address) = address_of(objects, primary) else { continue };
        // The nested form does not say the routing table; the address was told with it before.
        if !asset.ips.iter().any(|known| known.ip == address.ip) {
            asset.ips.push(address);
        }
    }
    asset.ips.sort();
    asset.ips.dedup();
    asset.macs = ports.macs.get(&key).cloned().unwrap_or_default();
    asset.macs.sort();
    asset.macs.dedup();
    asset.vlans = ports.vlans.get(&key).into_iter().flatten().copied().collect();
}

/// Where it stands and in what state, in one line.
fn note(objects: &Objects, object: &Value, role: Option<String>) -> Option<String> {
    let named =
        |key: &str, kind: Kind| object.get(key).and_then(|value| name_of(objects.resolve(kind, value)));
    let status = object.get("status").and_then(|status| match status {
        Value::String(status) => Some(clean(status)),
        status => field(status, "value").map(clean),
    });
    let tags: Vec<String> =
        object.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(name_of).collect();
    let parts = [
        ("role", role),
        ("status", status.filter(|status| status != "active")),
        ("site", named("site", Kind::Site)),
        ("location", named("location", Kind::Location)),
        ("rack", named("rack", Kind::Rack)),
        ("cluster", named("cluster", Kind::Cluster)),
        ("tags", Some(tags.join(", ")).filter(|tags| !tags.is_empty())),
        ("description", field(object, "description").map(clean).filter(|text| !text.is_empty())),
    ];
    let words: Vec<String> =
        parts.into_iter().filter_map(|(key, value)| Some(format!("{key} {}", value?))).collect();
    (!words.is_empty()).then(|| clean(&format!("NetBox: {}", words.join("; "))))
}
