//! Networks that a file tells of and that lie in no zone: to which zone each could belong, where one bears its name. They are
//! said and never written: which networks a zone has decides who is who, and that is a person's word.

use super::names::Names;
use crate::import::Hint;
use std::collections::BTreeMap;
use zonewright_plant::Plant;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::Network;

/// Networks that are named.
const NAMED_MAX: usize = 100;

/// What is to be said of networks.
pub(super) fn unplaced<'a>(
    plant: &Plant,
    names: &Names,
    hints: impl Iterator<Item = &'a Hint>,
) -> Vec<String> {
    let mut said: BTreeMap<(Network, Option<String>), String> = BTreeMap::new();
    let mut more = 0;
    for hint in hints {
        let key = (hint.network, hint.context.clone());
        if said.contains_key(&key) || is_placed(plant, hint) {
            continue;
        }
        if said.len() >= NAMED_MAX {
            more += 1;
            continue;
        }
        let mut words = hint.network.to_string();
        if let Some(context) = &hint.context {
            words.push_str(&format!(" (context {context})"));
        }
        let called: Vec<String> = hint.called.iter().map(|name| format!("`{name}`")).collect();
        if !called.is_empty() {
            words.push_str(&format!(", called {}", called.join(" and ")));
        }
        words.push_str(&match fitting(names, hint) {
            Some(zone) => {
                format!(": add it to `networks` of zone {zone}, which bears that name, if it is that")
            }
            None => ": no zone bears such a name".to_string(),
        });
        said.insert(key, words);
    }
    let mut said: Vec<String> = said.into_values().collect();
    if more > 0 {
        said.push(format!("and {more} more"));
    }
    said
}

/// Does a zone hold the network, or a part of it?
fn is_placed(plant: &Plant, hint: &Hint) -> bool {
    plant.zones.values().flat_map(|zone| &zone.networks).any(|held| {
        let (a, b) = (held.network, hint.network);
        held.context == hint.context && (a.contains(b.address()) || b.contains(a.address()))
    })
}

/// The one zone that bears one of its names.
fn fitting(names: &Names, hint: &Hint) -> Option<ZoneId> {
    let mut zones: Vec<ZoneId> = hint.called.iter().filter_map(|name| names.zone(name)).collect();
    zones.sort();
    zones.dedup();
    zones.pop().filter(|_| zones.is_empty())
}
