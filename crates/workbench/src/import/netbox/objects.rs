//! The objects of NetBox by kind and number, whichever form they came in.

use crate::import::words::clean;
use serde_json::Value;
use std::collections::BTreeMap;

/// Objects that are kept.
const OBJECTS_MAX: usize = 1_000_000;

/// The kinds of objects that bear on assets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Device,
    VirtualMachine,
    Interface,
    VmInterface,
    IpAddress,
    MacAddress,
    Prefix,
    Vlan,
    DeviceType,
    Manufacturer,
    Role,
    Platform,
    Site,
    Location,
    Rack,
    Cluster,
    Vrf,
}

/// Each kind with its path in the REST API, its model in a fixture, and what one and many of it are called.
const KINDS: &[(Kind, &str, &str, &str, &str)] = &[
    (Kind::Device, "dcim/devices", "dcim.device", "device", "devices"),
    (
        Kind::VirtualMachine,
        "virtualization/virtual-machines",
        "virtualization.virtualmachine",
        "virtual machine",
        "virtual machines",
    ),
    (Kind::Interface, "dcim/interfaces", "dcim.interface", "interface", "interfaces"),
    (
        Kind::VmInterface,
        "virtualization/interfaces",
        "virtualization.vminterface",
        "virtual interface",
        "virtual interfaces",
    ),
    (Kind::IpAddress, "ipam/ip-addresses", "ipam.ipaddress", "IP address", "IP addresses"),
    (Kind::MacAddress, "dcim/mac-addresses", "dcim.macaddress", "MAC address", "MAC addresses"),
    (Kind::Prefix, "ipam/prefixes", "ipam.prefix", "prefix", "prefixes"),
    (Kind::Vlan, "ipam/vlans", "ipam.vlan", "VLAN", "VLANs"),
    (Kind::DeviceType, "dcim/device-types", "dcim.devicetype", "device type", "device types"),
    (Kind::Manufacturer, "dcim/manufacturers", "dcim.manufacturer", "manufacturer", "manufacturers"),
    (Kind::Role, "dcim/device-roles", "dcim.devicerole", "device role", "device roles"),
    (Kind::Platform, "dcim/platforms", "dcim.platform", "platform", "platforms"),
    (Kind::Site, "dcim/sites", "dcim.site", "site", "sites"),
    (Kind::Location, "dcim/locations", "dcim.location", "location", "locations"),
    (Kind::Rack, "dcim/racks", "dcim.rack", "rack", "racks"),
    (Kind::Cluster, "virtualization/clusters", "virtualization.cluster", "cluster", "clusters"),
    (Kind::Vrf, "ipam/vrfs", "ipam.vrf", "VRF", "VRFs"),
];

/// Everything that was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::import) struct Objects {
    by_id: BTreeMap<(Kind, u64), Value>,
    others: usize,
    full: bool,
}

impl Objects {
    /// Takes in a document; nothing of one that is not NetBox's.
    pub(in crate::import) fn take(&mut self, document: Value) {
        for object in list(document).unwrap_or_default() {
            self.add(object);
        }
    }

    fn add(&mut self, mut object: Value) {
        if self.by_id.len() >= OBJECTS_MAX {
            self.full = true;
            return;
        }
        // A fixture keeps what the object says apart from which it is.
        if let (Some(model), Some(id)) =
            (field(&object, "model").map(str::to_string), object.get("pk").and_then(Value::as_u64))
        {
            match KINDS.iter().find(|(_, _, name, ..)| *name == model) {
                Some((kind, ..)) => {
                    let fields = object.get_mut("fields").map(Value::take).unwrap_or_default();
                    self.by_id.insert((*kind, id), fields);
                }
                None => self.others += 1,
            }
            return;
        }
        match (kind_of(&object), object.get("id").and_then(Value::as_u64)) {
            (Some(kind), Some(id)) => drop(self.by_id.insert((kind, id), object)),
            _ => self.others += 1,
        }
    }

    /// The objects of a kind, by number.
    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = (u64, &Value)> {
        self.by_id.range((kind, 0)..=(kind, u64::MAX)).map(|((_, id), object)| (*id, object))
    }

    /// The object that a value is or refers to: itself where it says more than its number, otherwise the one of that number.
    pub(super) fn resolve<'v>(&'v self, kind: Kind, value: &'v Value) -> &'v Value {
        let known = nested(value).and_then(|id| self.by_id.get(&(kind, id)));
        match value {
            Value::Object(_) => match known {
                // The nested form says little; the whole object says more, if it was read.
                Some(known)
                    if known.as_object().map(serde_json::Map::len)
                        > value.as_object().map(serde_json::Map::len) =>
                {
                    known
                }
                _ => value,
            },
            _ => known.unwrap_or(&Value::Null),
        }
    }

    /// How many of what, in words.
    pub(in crate::import) fn words(&self) -> String {
        let counts = KINDS.iter().take(8).map(|(kind, _, _, one, many)| (self.of(*kind).count(), one, many));
        let words: Vec<String> = counts
            .filter(|(n, ..)| *n > 0)
            .map(|(n, one, many)| format!("{n} {}", if n == 1 { one } else { many }))
            .collect();
        let mut words =
            if words.is_empty() { "nothing that bears on assets".to_string() } else { words.join(", ") };
        if self.full {
            words.push_str(&format!("; only the first {OBJECTS_MAX} objects were read"));
        }
        words
    }

    /// Are there devices or virtual machines?
    pub(in crate::import) fn has_assets(&self) -> bool {
        self.of(Kind::Device).next().is_some() || self.of(Kind::VirtualMachine).next().is_some()
    }

    /// Takes in what another file held.
    pub(in crate::import) fn join(&mut self, other: &Self) {
        for (key, object) in &other.by_id {
            self.by_id.entry(*key).or_insert_with(|| object.clone());
        }
        self.full |= other.full;
    }
}

/// Is a document one of NetBox's?
pub(in crate::import) fn is_netbox(document: &Value) -> bool {
    let first = match document {
        Value::Array(objects) => objects.iter().find(|object| is_known(object)),
        Value::Object(answer) => match answer.get("results") {
            Some(Value::Array(results)) if results.is_empty() => return answer.contains_key("count"),
            Some(Value::Array(results)) => results.iter().find(|object| is_known(object)),
            _ => Some(document).filter(|object| is_known(object)),
        },
        _ => None,
    };
    first.is_some()
}

fn is_known(object: &Value) -> bool {
    let is_fixture = object.get("pk").is_some()
        && object.get("fields").is_some_and(Value::is_object)
        && field(object, "model").is_some_and(|model| KINDS.iter().any(|(_, _, name, ..)| *name == model));
    is_fixture || (object.get("id").is_some_and(Value::is_u64) && kind_of(object).is_some())
}

/// The objects of a document: of a list's answer, of an array, or the one it is.
fn list(document: Value) -> Option<Vec<Value>> {
    match document {
        Value::Array(objects) => Some(objects),
        Value::Object(mut answer) => match answer.get_mut("results").map(Value::take) {
            Some(Value::Array(results)) => Some(results),
            _ => Some(vec![Value::Object(answer)]),
        },
        _ => None,
    }
}

/// What an object is: by its own address in the API, otherwise by what it says of itself.
fn kind_of(object: &Value) -> Option<Kind> {
    if let Some(url) = field(object, "url") {
        let path = url.split_once("/api/").map_or(url, |(_, path)| path).trim_matches('/');
        let path = path.rsplit_once('/').map_or(path, |(path, _)| path);
        return KINDS.iter().find(|(_, known, ..)| *known == path).map(|(kind, ..)| *kind);
    }
    let has = |key: &str| object.get(key).is_some();
    match () {
        () if has("device_type") => Some(Kind::Device),
        () if has("vcpus") => Some(Kind::VirtualMachine),
        () if has("address") && has("assigned_object_id") => Some(Kind::IpAddress),
        () if has("mac_address") && has("assigned_object_id") => Some(Kind::MacAddress),
        () if has("prefix") => Some(Kind::Prefix),
        () if has("vid") => Some(Kind::Vlan),
        () if has("device") && has("type") && has("enabled") => Some(Kind::Interface),
        () if has("virtual_machine") && has("enabled") => Some(Kind::VmInterface),
        () => None,
    }
}

/// A text within an object.
pub(super) fn field<'v>(object: &'v Value, key: &str) -> Option<&'v str> {
    object.get(key).and_then(Value::as_str)
}

/// The number of the object that a value refers to.
pub(super) fn nested(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.get("id").and_then(Value::as_u64))
}

/// What an object is called.
pub(super) fn name_of(object: &Value) -> Option<String> {
    let name = ["name", "display", "label"].iter().find_map(|key| field(object, key));
    name.map(clean).filter(|name| !name.is_empty())
}
