//! What was turned down, kept beside the workspace so that it is not proposed again: a table, one row a record.
//!
//! A record is known again by what it is about (the ends and service of a permit, the networks of a zone, the addresses of an
//! asset), not by its id: ids are made anew.

use super::RecordName;
use crate::error::WorkbenchError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use zonewright_assess::propose::{Rejected, addresses_of, blank_permit, networks_of};
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ConduitId, GroupId, PermitId, ZoneId};
use zonewright_plant::model::{Common, Endpoint, Permit, PortRange};
use zonewright_source::{Place, SourceText};

/// Where it is kept, within the workspace.
pub const FILE: &str = ".zonewright/rejected.csv";
const HEADER: [&str; 9] = ["kind", "id", "about", "from", "to", "protocol", "ports", "classes", "functions"];
/// Rows that are kept; older ones go.
const ROWS_MAX: usize = 10_000;

/// What was turned down in a workspace before.
pub fn read(folder: &Path) -> Result<Rejected, WorkbenchError> {
    Ok(parse(text(folder)?.text()))
}

/// The table as it stands; empty where there is none.
pub(super) fn text(folder: &Path) -> Result<SourceText, WorkbenchError> {
    let path = folder.join(FILE);
    let bytes = if path.is_file() { crate::files::read(&path)? } else { Vec::new() };
    Ok(SourceText::new(FILE, String::from_utf8_lossy(&bytes).into_owned()))
}

/// The table with what a decision took out of a plant. A permit that went with its conduit or zone was not looked at by
/// itself: only what was named is remembered.
pub(super) fn with(table: &SourceText, plant: &Plant, names: &[RecordName]) -> SourceText {
    let mut rows: Vec<String> = table.text().lines().skip(1).map(str::to_owned).collect();
    for name in names {
        if let Some(row) = row(plant, name).map(|row| line(&row))
            && !rows.contains(&row)
        {
            rows.push(row);
        }
    }
    let over = rows.len().saturating_sub(ROWS_MAX);
    rows.drain(..over);
    if rows.is_empty() {
        return table.clone();
    }
    SourceText::new(FILE, format!("{}\n{}\n", HEADER.join(","), rows.join("\n")))
}

fn row(plant: &Plant, name: &RecordName) -> Option<[String; 9]> {
    let id = name.id.as_str();
    let about = |words: BTreeSet<String>| words.into_iter().collect::<Vec<_>>().join(" ");
    let mut row: [String; 9] = Default::default();
    row[0] = name.kind.into();
    row[1] = id.into();
    match name.kind {
        "zone" => row[2] = about(networks_of(plant.zones.get(&ZoneId::from(id))?)),
        "asset" => row[2] = about(addresses_of(plant.assets.get(&AssetId::from(id))?)),
        "conduit" => {
            let zones = &plant.conduits.get(&ConduitId::from(id))?.zones;
            row[2] = about(zones.iter().map(ToString::to_string).collect());
        }
        "permit" => {
            let permits = plant.conduits.values().flat_map(|conduit| &conduit.permits);
            let permit = permits.into_iter().find(|permit| permit.id.as_str() == id)?;
            let ends = |ends: &[Endpoint]| ends.iter().map(end).collect::<Vec<_>>().join(" ");
            let ports = permit.ports.iter().map(|range| format!("{}-{}", range.first, range.last));
            row[3] = ends(&permit.from);
            row[4] = ends(&permit.to);
            row[5] = permit.protocol.clone();
            row[6] = ports.collect::<Vec<_>>().join(" ");
            row[7] = permit.classes.join(" ");
            row[8] = permit.functions.join(" ");
        }
        _ => return None,
    }
    row.iter().skip(2).any(|cell| !cell.is_empty()).then_some(row)
}

/// Ids, addresses and names of protocols have neither commas nor quotation marks; what has is not remembered.
fn line(row: &[String; 9]) -> String {
    let clean = |cell: &String| cell.replace([',', '"', '\n', '\r'], " ");
    row.iter().map(clean).collect::<Vec<_>>().join(",")
}

fn end(end: &Endpoint) -> String {
    let kind = match end {
        Endpoint::Zone(_) => "zone",
        Endpoint::Asset(_) => "asset",
        Endpoint::Group(_) => "group",
    };
    format!("{kind}:{end}")
}

fn parse(text: &str) -> Rejected {
    let mut rejected = Rejected::default();
    for line in text.lines().skip(1).take(ROWS_MAX) {
        let cells: Vec<&str> = line.split(',').collect();
        let [kind, id, about, from, to, protocol, ports, classes, functions] = cells.as_slice() else {
            continue;
        };
        match *kind {
            // Words of a network are told apart by blanks, and so is the VLAN of one.
            "zone" => drop(rejected.zones.insert(networks(about))),
            "asset" => drop(rejected.assets.insert(words(about).collect())),
            "conduit" => {
                let zones = words(about).map(|zone| ZoneId::from(zone.as_str())).collect();
                rejected.conduits.insert(zones);
            }
            "permit" => {
                let common = Common {
                    name: None,
                    note: None,
                    proposed: false,
                    reason: None,
                    place: Place::File(FILE.into()),
                    key_places: BTreeMap::new(),
                };
                let mut permit: Permit = blank_permit(PermitId::from(*id), common, (*protocol).to_owned());
                permit.from = words(from).filter_map(|word| endpoint(&word)).collect();
                permit.to = words(to).filter_map(|word| endpoint(&word)).collect();
                permit.ports = words(ports).filter_map(|word| range(&word)).collect();
                permit.classes = words(classes).collect();
                permit.functions = words(functions).collect();
                rejected.permits.push(permit);
            }
            _ => {}
        }
    }
    rejected
}

fn words(cell: &str) -> impl Iterator<Item = String> + '_ {
    cell.split_whitespace().map(str::to_owned)
}

fn networks(cell: &str) -> BTreeSet<String> {
    let mut networks: Vec<String> = Vec::new();
    for word in cell.split_whitespace() {
        match networks.last_mut() {
            Some(last) if word == "vlan" || last.ends_with(" vlan") => {
                last.push(' ');
                last.push_str(word);
            }
            _ => networks.push(word.to_owned()),
        }
    }
    networks.into_iter().collect()
}

fn endpoint(word: &str) -> Option<Endpoint> {
    let (kind, id) = word.split_once(':')?;
    match kind {
        "zone" => Some(Endpoint::Zone(ZoneId::from(id))),
        "asset" => Some(Endpoint::Asset(AssetId::from(id))),
        "group" => Some(Endpoint::Group(GroupId::from(id))),
        _ => None,
    }
}

fn range(word: &str) -> Option<PortRange> {
    let (first, last) = word.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some(PortRange { first, last })
}
