//! Which column of a list is what: the headers of other tools, in the order of how sure they are.

use std::collections::BTreeMap;

/// What a column can be, each with the headers of other tools that mean it (lowercase letters and digits only).
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "id",
        &[
            "id",
            "tag",
            "assetid",
            "assettag",
            "tagname",
            "kks",
            "equipmentid",
            "inventoryno",
            "inventorynumber",
            "hostname",
            "host",
            "devicename",
            "deviceid",
            "computername",
            "systemname",
            "nodename",
            "asset",
            "bezeichner",
            "gerätename",
        ],
    ),
    (
        "name",
        &[
            "name",
            "description",
            "displayname",
            "title",
            "longname",
            "label",
            "beschreibung",
            "bezeichnung",
            "assetname",
        ],
    ),
    (
        "kind",
        &[
            "kind",
            "devicetype",
            "assettype",
            "type",
            "category",
            "class",
            "deviceclass",
            "devicerole",
            "role",
            "typ",
            "gerätetyp",
        ],
    ),
    ("component_type", &["componenttype", "componentclass"]),
    ("zone", &["zone", "zoneid", "zonename", "securityzone", "networkzone", "sicherheitszone"]),
    ("product", &["product", "productid"]),
    (
        "ips",
        &[
            "ips",
            "ip",
            "ipaddress",
            "ipaddresses",
            "ipv4",
            "ipv4address",
            "address",
            "networkaddress",
            "primaryip",
            "ipadresse",
            "ipadressen",
            "ipv6",
            "ipv6address",
        ],
    ),
    (
        "macs",
        &[
            "macs",
            "mac",
            "macaddress",
            "macaddresses",
            "physicaladdress",
            "ethernetaddress",
            "hwaddress",
            "hardwareaddress",
            "macadresse",
        ],
    ),
    ("vendor", &["vendor", "manufacturer", "make", "brand", "supplier", "hersteller"]),
    (
        "model",
        &[
            "model",
            "productname",
            "ordernumber",
            "orderno",
            "partnumber",
            "partno",
            "mlfb",
            "modell",
            "devicemodel",
            "productcode",
        ],
    ),
    (
        "version",
        &[
            "version",
            "firmware",
            "firmwareversion",
            "softwareversion",
            "fw",
            "fwversion",
            "swversion",
            "release",
            "revision",
        ],
    ),
    ("serial", &["serial", "serialnumber", "serialno", "sn", "seriennummer"]),
    ("vlans", &["vlans", "vlan", "vlanid"]),
    ("purdue_level", &["purduelevel", "purdue", "level"]),
    ("safety_related", &["safetyrelated", "safety", "safetycritical", "sicherheitsgerichtet"]),
    ("wireless", &["wireless", "wifi", "wlan", "radio"]),
    ("remote", &["remote", "remoteaccess", "remotelyaccessible", "fernzugriff"]),
    ("temporary", &["temporary", "transient", "portable", "mobiledevice"]),
    ("criticality", &["criticality", "importance", "priority", "kritikalität"]),
    ("owner", &["owner", "ownerrole", "assetowner", "responsible", "responsiblerole", "verantwortlich"]),
    (
        "end_of_support",
        &[
            "endofsupport",
            "eos",
            "eosdate",
            "endofsupportdate",
            "supportend",
            "endoflife",
            "eol",
            "eoldate",
            "supportende",
        ],
    ),
    (
        "software",
        &[
            "software",
            "operatingsystem",
            "os",
            "osversion",
            "installedsoftware",
            "applications",
            "betriebssystem",
        ],
    ),
    ("sbom", &["sbom"]),
    (
        "note",
        &[
            "note",
            "notes",
            "comment",
            "comments",
            "remark",
            "remarks",
            "bemerkung",
            "location",
            "site",
            "room",
            "building",
            "cabinet",
            "rack",
            "standort",
        ],
    ),
];

/// Columns of ours that several of theirs can fill.
const MANY: &[&str] = &["ips", "macs", "software", "note"];

/// Our columns, as a mapping names them.
pub fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|(ours, _)| *ours)
}

/// Their columns by position, and what each is of ours.
pub(super) type Mapping = BTreeMap<usize, &'static str>;

/// Tells what the columns of a header are. `told` are pairs of ours and theirs that go before the table.
pub(super) fn map(header: &[String], told: &[(String, String)]) -> Mapping {
    let mut mapping = Mapping::new();
    let plain_header: Vec<String> = header.iter().map(|name| plain(name)).collect();
    for (ours, theirs) in told {
        let ours = columns().find(|known| known == ours);
        let at = plain_header.iter().position(|name| !name.is_empty() && *name == plain(theirs));
        if let (Some(ours), Some(at)) = (ours, at) {
            mapping.insert(at, ours);
        }
    }
    for (ours, words) in COLUMNS {
        let many = MANY.contains(ours);
        if !many && mapping.values().any(|known| known == ours) {
            continue;
        }
        for word in *words {
            let at = plain_header
                .iter()
                .enumerate()
                .position(|(at, name)| name == word && !mapping.contains_key(&at));
            if let Some(at) = at {
                mapping.insert(at, ours);
                if !many {
                    break;
                }
            }
        }
    }
    // A list without ids of its own is named by its names.
    if !mapping.values().any(|ours| *ours == "id")
        && let Some(ours) = mapping.values_mut().find(|ours| **ours == "name")
    {
        *ours = "id";
    }
    mapping
}

/// Is a header one of those that only say where a note comes from, so that the header stands before the note?
pub(super) fn is_place(header: &str) -> bool {
    !["note", "notes", "comment", "comments", "remark", "remarks", "bemerkung"]
        .contains(&plain(header).as_str())
}

/// A header's letters and digits alone.
pub(super) fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_word_is_plain_and_means_one_thing() {
        let mut seen = std::collections::BTreeSet::new();
        for (ours, words) in COLUMNS {
            for word in *words {
                assert!(seen.insert(*word), "`{word}` of `{ours}` stands twice");
                assert_eq!(plain(word), *word, "a header never fits");
            }
        }
    }
}
