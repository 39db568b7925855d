//! The use case "import": a list of assets from another tool, its columns mapped to ours by their headers.
//!
//! Owns the table of headers that are understood, and the account of what was mapped and what was not. Asks nothing:
//! a column that is not recognized is named, and `--column ours=theirs` says what it is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_assess::propose::blank_asset;
use zonewright_plant::id::AssetId;
use zonewright_plant::model::{Address, Asset, AssetKind, Mac};

/// Most rows of a list that are read.
pub const ROWS_MAX: usize = 200_000;
/// Longest text that is taken over from a cell, in characters.
pub const CELL_CHARS_MAX: usize = 400;
/// Words of kinds that are not understood, or cells that are not, that are named one by one.
const NAMED_MAX: usize = 5;

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
            "type",
            "devicetype",
            "assettype",
            "category",
            "class",
            "deviceclass",
            "role",
            "devicerole",
            "typ",
            "gerätetyp",
        ],
    ),
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
            "ipv6",
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
            "product",
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
    (
        "note",
        &[
            "note",
            "notes",
            "comment",
            "comments",
            "remark",
            "remarks",
            "location",
            "site",
            "room",
            "building",
            "cabinet",
            "rack",
            "standort",
            "bemerkung",
        ],
    ),
    ("purdue_level", &["purduelevel", "purdue", "level"]),
];

/// Words of other tools for kinds of assets, beside ours.
const KINDS: &[(&str, AssetKind)] = &[
    ("controller", AssetKind::Plc),
    ("programmable logic controller", AssetKind::Plc),
    ("sps", AssetKind::Plc),
    ("pac", AssetKind::Plc),
    ("remote terminal unit", AssetKind::Rtu),
    ("protection relay", AssetKind::Ied),
    ("relay", AssetKind::Ied),
    ("dcs", AssetKind::DcsController),
    ("safety controller", AssetKind::SisLogicSolver),
    ("safety plc", AssetKind::SisLogicSolver),
    ("sis", AssetKind::SisLogicSolver),
    ("io", AssetKind::RemoteIo),
    ("i/o", AssetKind::RemoteIo),
    ("remote i/o", AssetKind::RemoteIo),
    ("vfd", AssetKind::Drive),
    ("inverter", AssetKind::Drive),
    ("frequency converter", AssetKind::Drive),
    ("transmitter", AssetKind::Sensor),
    ("instrument", AssetKind::Sensor),
    ("valve", AssetKind::Actuator),
    ("panel", AssetKind::Hmi),
    ("operator panel", AssetKind::Hmi),
    ("operator station", AssetKind::Hmi),
    ("ews", AssetKind::EngineeringWorkstation),
    ("engineering station", AssetKind::EngineeringWorkstation),
    ("pc", AssetKind::Workstation),
    ("client", AssetKind::Workstation),
    ("desktop", AssetKind::Workstation),
    ("scada", AssetKind::Server),
    ("scada server", AssetKind::Server),
    ("network switch", AssetKind::Switch),
    ("ap", AssetKind::AccessPoint),
    ("wireless access point", AssetKind::AccessPoint),
    ("jump host", AssetKind::RemoteAccess),
    ("vpn", AssetKind::RemoteAccess),
    ("ntp", AssetKind::TimeServer),
    ("clock", AssetKind::TimeServer),
    ("notebook", AssetKind::Laptop),
    ("tablet", AssetKind::Mobile),
    ("phone", AssetKind::Mobile),
];

/// Our columns, as a mapping names them.
pub fn columns() -> impl Iterator<Item = &'static str> {
    COLUMNS.iter().map(|(ours, _)| *ours)
}

/// A list that was read.
#[derive(Debug, Default)]
pub struct Imported {
    /// The assets, all proposed.
    pub assets: Vec<Asset>,
    /// Our columns and theirs, in our order.
    pub mapped: Vec<(&'static str, String)>,
    /// Their columns that were not mapped.
    pub unmapped: Vec<String>,
    /// What else is to be said: cells that were not understood, rows left out, the encoding.
    pub notes: Vec<String>,
}

/// Does a file of that text look like a list of assets: more than one column, and one of ids or addresses?
#[must_use]
pub fn is_list(text: &str, columns: &[(String, String)]) -> bool {
    let Ok((header, _)) = cut(text) else { return false };
    let mapping = map(&header, columns);
    header.len() > 1 && ["id", "ips", "macs"].iter().any(|ours| mapping.values().any(|known| known == ours))
}

/// The text of bytes in whichever encoding spreadsheets write, and a word about it where it is not UTF-8.
/// Nothing for what is no text.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<(String, Option<&'static str>)> {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => return Some((utf16(rest, u16::from_le_bytes), Some("read as UTF-16"))),
        [0xfe, 0xff, rest @ ..] => return Some((utf16(rest, u16::from_be_bytes), Some("read as UTF-16"))),
        _ => {}
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.contains(&0) {
        return None;
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Some((text.to_string(), None)),
        Err(_) => {
            let odd =
                bytes.iter().filter(|b| b.is_ascii_control() && !matches!(b, b'\t' | b'\r' | b'\n')).count();
            let text = || bytes.iter().map(|b| char::from(*b)).collect();
            (odd * 50 < bytes.len()).then(|| (text(), Some("it is not UTF-8; read as Latin-1")))
        }
    }
}

/// Reads a list of assets. `columns` are pairs of ours and theirs that override the table of headers.
#[must_use]
pub fn assets(file: &str, text: &str, columns: &[(String, String)]) -> Imported {
    let mut imported = Imported::default();
    let Ok((header, mut reader)) = cut(text) else {
        imported.notes.push("it cannot be read as a table".into());
        return imported;
    };
    let mapping = map(&header, columns);
    for (ours, _) in COLUMNS {
        let theirs = mapping.iter().filter(|(_, known)| *known == ours).filter_map(|(at, _)| header.get(*at));
        imported.mapped.extend(theirs.map(|theirs| (*ours, theirs.clone())));
    }
    let rest = header.iter().enumerate().filter(|(at, name)| !mapping.contains_key(at) && !name.is_empty());
    imported.unmapped = rest.map(|(_, name)| name.clone()).collect();
    let mut odd = Odd::default();
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut row = csv::StringRecord::new();
    let mut line = 1_usize;
    while reader.read_record(&mut row).unwrap_or(false) {
        line += 1;
        if imported.assets.len() >= ROWS_MAX {
            imported.notes.push(format!("only the first {ROWS_MAX} rows were read"));
            break;
        }
        let cells = mapping
            .iter()
            .filter_map(|(at, ours)| Some((*ours, row.get(*at)?.trim())))
            .filter(|(_, c)| !c.is_empty());
        let cells: Vec<(&str, &str)> = cells.collect();
        match asset(file, line, &cells, &mut taken, &mut odd) {
            Some(asset) => imported.assets.push(asset),
            None => odd.empty += 1,
        }
    }
    imported.notes.extend(odd.words());
    imported
}

type Mapping = BTreeMap<usize, &'static str>;

fn map(header: &[String], columns: &[(String, String)]) -> Mapping {
    let mut mapping = Mapping::new();
    for (ours, theirs) in columns {
        let ours = COLUMNS.iter().map(|(ours, _)| *ours).find(|known| known == ours);
        let at = header.iter().position(|name| plain(name) == plain(theirs));
        if let (Some(ours), Some(at)) = (ours, at) {
            mapping.insert(at, ours);
        }
    }
    for (ours, words) in COLUMNS {
        let many = matches!(*ours, "ips" | "macs" | "note");
        if !many && mapping.values().any(|known| known == ours) {
            continue;
        }
        // The words stand in the order of how sure they are.
        for word in *words {
            let at = header
                .iter()
                .enumerate()
                .position(|(at, name)| !mapping.contains_key(&at) && plain(name) == *word);
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

fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The header and a reader that stands behind it.
fn cut(text: &str) -> Result<(Vec<String>, csv::Reader<&[u8]>), csv::Error> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let delimiter = *[b',', b';', b'\t', b'|']
        .iter()
        .rev()
        .max_by_key(|d| first.bytes().filter(|b| b == *d).count())
        .unwrap_or(&b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(true)
        .from_reader(text.as_bytes());
    let header =
        reader.headers()?.iter().map(|name| name.trim().trim_start_matches('\u{feff}').to_string()).collect();
    Ok((header, reader))
}

/// What was odd in the rows.
#[derive(Debug, Default)]
struct Odd {
    empty: usize,
    renamed: usize,
    kinds: BTreeSet<String>,
    addresses: BTreeSet<String>,
}

impl Odd {
    fn words(self) -> Vec<String> {
        let few = |set: &BTreeSet<String>| {
            let shown: Vec<String> = set.iter().take(NAMED_MAX).map(|word| format!("`{word}`")).collect();
            let more = set.len().saturating_sub(NAMED_MAX);
            if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
        };
        let mut notes = Vec::new();
        if self.empty > 0 {
            notes.push(format!("{} rows have neither id nor address and were left out", self.empty));
        }
        if self.renamed > 0 {
            notes.push(format!(
                "{} ids were changed to be valid and unique; the old one stands in the name",
                self.renamed
            ));
        }
        if !self.kinds.is_empty() {
            notes.push(format!("kinds that are not known were left open: {}", few(&self.kinds)));
        }
        if !self.addresses.is_empty() {
            notes.push(format!("not understood as addresses: {}", few(&self.addresses)));
        }
        notes
    }
}

fn asset(
    file: &str,
    line: usize,
    cells: &[(&str, &str)],
    taken: &mut BTreeSet<String>,
    odd: &mut Odd,
) -> Option<Asset> {
    let cell = |key: &str| cells.iter().find(|(ours, _)| *ours == key).map(|(_, text)| clean(text));
    let many = |key: &str| -> Vec<&str> {
        let cells = cells.iter().filter(|(ours, _)| *ours == key);
        cells
            .flat_map(|(_, text)| text.split([';', ',', ' ', '\n', '\t', '|']))
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .collect()
    };
    let mut ips: Vec<Address> = Vec::new();
    for word in many("ips") {
        match word.split('/').next().unwrap_or(word).parse::<IpAddr>() {
            Ok(ip) => ips.push(Address { ip, context: None }),
            Err(_) => drop(odd.addresses.insert(clean(word))),
        }
    }
    let mut macs: Vec<Mac> = Vec::new();
    for word in many("macs") {
        match Mac::parse(word) {
            Some(mac) => macs.push(mac),
            None => drop(odd.addresses.insert(clean(word))),
        }
    }
    ips.sort();
    ips.dedup();
    macs.sort();
    macs.dedup();
    let own = cell("id").filter(|id| !id.is_empty());
    let wanted = own
        .clone()
        .or_else(|| ips.first().map(|a| a.ip.to_string()))
        .or_else(|| macs.first().map(ToString::to_string))?;
    let id = free(&sound(&wanted), taken);
    let renamed = own.as_ref().is_some_and(|own| *own != id);
    odd.renamed += usize::from(renamed);
    let mut asset = blank_asset(AssetId::from(id.as_str()), format!("listed in {file}, row {line}"));
    asset.common.name = cell("name").or_else(|| own.filter(|_| renamed));
    asset.common.note = cells.iter().find(|(ours, _)| *ours == "note").map(|(_, text)| clean(text));
    if let Some(word) = cell("kind") {
        asset.kind = kind(&word);
        if asset.kind.is_none() {
            odd.kinds.insert(word);
        }
    }
    asset.vendor = cell("vendor");
    asset.model = cell("model");
    asset.version = cell("version");
    asset.serial = cell("serial");
    asset.purdue_level = cell("purdue_level");
    asset.vlans = many("vlans")
        .iter()
        .filter_map(|word| word.parse().ok())
        .filter(|vlan| (1..=4094).contains(vlan))
        .collect();
    asset.ips = ips;
    asset.macs = macs;
    Some(asset)
}

/// One line, no control characters, not longer than a cell may be. A spreadsheet's formula stays the letters it is.
fn clean(text: &str) -> String {
    let one: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(CELL_CHARS_MAX).collect();
    one.trim().to_string()
}

fn kind(word: &str) -> Option<AssetKind> {
    let word = word.to_lowercase();
    let hyphens = word.replace([' ', '_'], "-");
    let ours = AssetKind::ALL.iter().find(|(name, _)| *name == hyphens).map(|(_, kind)| *kind);
    ours.or_else(|| KINDS.iter().find(|(name, _)| *name == word).map(|(_, kind)| *kind))
}

/// Letters, digits and `-_.+`, beginning with a letter or digit, 60 characters at most.
pub(crate) fn sound(text: &str) -> String {
    let mended: String =
        text.chars().map(|c| if c.is_alphanumeric() || "-_.+".contains(c) { c } else { '-' }).collect();
    let mended: String = mended.trim_matches(|c: char| !c.is_alphanumeric()).chars().take(60).collect();
    if mended.is_empty() { "x".into() } else { mended }
}

/// The id, or with a number behind it that makes it free; it is taken then.
pub(crate) fn free(id: &str, taken: &mut BTreeSet<String>) -> String {
    let mut id = id.to_string();
    if taken.contains(&id) {
        id = (2_u32..).map(|n| format!("{id}-{n}")).find(|id| !taken.contains(id)).unwrap_or_default();
    }
    taken.insert(id.clone());
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_other_tools_are_mapped_and_the_rest_is_named() {
        let text = "Tag;Description;Device Type;Location;IP Address;MAC Address;Color\nPLC 1;Pump;Plc;Hall;10.0.0.1 10.0.0.2;02-00-00-00-00-01;red\n;;;;;;\n";
        let imported = assets("list.csv", text, &[]);
        assert_eq!(imported.unmapped, ["Color"]);
        assert_eq!(imported.assets.len(), 1);
        let asset = imported.assets.first().unwrap();
        assert_eq!((asset.id.as_str(), asset.kind), ("PLC-1", Some(AssetKind::Plc)));
        assert_eq!((asset.ips.len(), asset.macs.len()), (2, 1));
        assert_eq!(asset.common.name.as_deref(), Some("Pump"));
        assert!(asset.common.proposed);
        assert_eq!(imported.notes.len(), 2, "{:?}", imported.notes);
    }

    #[test]
    fn a_column_can_be_told_and_old_encodings_are_read() {
        let (text, note) = decode(
            "Gerät,Netz\nPumpe-Süd,10.0.0.1\n".chars().map(|c| c as u8).collect::<Vec<_>>().as_slice(),
        )
        .unwrap();
        assert!(note.is_some());
        let columns = [("id".to_string(), "Gerät".to_string()), ("ips".to_string(), "netz".to_string())];
        assert!(is_list(&text, &columns) && !is_list(&text, &[]));
        let imported = assets("x.csv", &text, &columns);
        assert_eq!(imported.assets.first().unwrap().id.as_str(), "Pumpe-Süd");
        assert!(decode(&[1, 0, 2, 0]).is_none());
    }

    #[test]
    fn hostile_cells_are_only_letters() {
        let imported =
            assets("x.csv", "ip,name\n10.0.0.1,=cmd|'/c calc'!A1\n10.0.0.1,\"a\nb\"\n999.1.1.1,\n", &[]);
        let names: Vec<_> = imported.assets.iter().map(|a| a.id.to_string()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert_ne!(names.first(), names.get(1));
    }
}
