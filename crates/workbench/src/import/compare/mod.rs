//! Incoming assets set against those of the workspace: which are new, which are known and by what, and what differs.
//!
//! Nothing is merged on weak grounds: the same id, the same address within its context, the same MAC address or serial
//! number, and nothing that speaks against it. Who is in doubt stays apart, and it is said why.

mod fields;
mod names;
mod networks;
#[cfg(test)]
mod tests;
mod who;

use super::{Incoming, Source, words};
use names::Names;
use std::collections::BTreeSet;
use who::{Index, Who};
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ZoneId};
use zonewright_plant::model::Asset;

/// What happens to assets that the workspace has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Known {
    /// They stay as they are.
    Leave,
    /// What is empty is filled.
    #[default]
    Fill,
    /// What differs is overwritten too.
    Overwrite,
}

/// What to do with what is read.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// With assets that the workspace has already.
    pub known: Known,
    /// Do new assets count as declared at once?
    pub accept: bool,
    /// The zone of new assets whose file names none.
    pub zone: Option<ZoneId>,
}

/// What becomes of an incoming asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// The workspace did not have it.
    New,
    /// Fields of it change.
    Changed,
    /// It contradicts the workspace, and nothing changes.
    Conflicting,
    /// Nothing differs.
    Same,
}

impl State {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Conflicting => "conflicting",
            Self::Same => "same",
        }
    }
}

/// What becomes of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was empty.
    Filled,
    /// It had another value, or lacked some of a list.
    Overwritten,
    /// It has another value, and keeps it.
    Conflict,
}

impl Fate {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Overwritten => "overwritten",
            Self::Conflict => "conflict",
        }
    }
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its key.
    pub key: &'static str,
    /// What the workspace says; empty where nothing.
    pub old: String,
    /// What the file says. Of a list, what the workspace lacks.
    pub new: String,
    /// What becomes of it.
    pub fate: Fate,
}

/// An incoming asset, compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The asset of the workspace, or the id of the new one.
    pub id: AssetId,
    /// Where the file tells of it.
    pub place: String,
    /// By what it was found, in words; nothing for a new one.
    pub matched: Option<String>,
    /// What the file calls it, where that is another id.
    pub called: Option<String>,
    /// What becomes of it.
    pub state: State,
    /// What differs.
    pub fields: Vec<Field>,
    /// What else is to be said.
    pub remarks: Vec<String>,
}

/// Everything compared, and the plant as it would be.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The plant afterwards.
    pub after: Plant,
    /// Incoming assets in the order of the files.
    pub lines: Vec<Line>,
    /// Words that name nothing in the workspace, each with how many assets have it.
    pub unknown: Vec<String>,
    /// Networks that a file tells of and that lie in no zone.
    pub networks: Vec<String>,
}

impl Plan {
    /// How many lines have that state.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.lines.iter().filter(|line| line.state == state).count()
    }
}

/// Sets what was read against a plant.
#[must_use]
pub fn compare(plant: &Plant, sources: &[Source], policy: &Policy) -> Plan {
    let mut work = Work {
        policy,
        index: Index::of(plant),
        names: Names::of(plant),
        taken: plant.assets.keys().map(ToString::to_string).collect(),
        plant: plant.clone(),
        came: BTreeSet::new(),
        of_this_file: BTreeSet::new(),
        lines: Vec::new(),
    };
    for source in sources {
        work.of_this_file.clear();
        for incoming in &source.assets {
            work.take(incoming);
        }
    }
    let hints = sources.iter().flat_map(|source| &source.networks);
    let networks = networks::unplaced(plant, &work.names, hints);
    Plan { lines: work.lines, unknown: work.names.unknown(), networks, after: work.plant }
}

struct Work<'a> {
    policy: &'a Policy,
    plant: Plant,
    index: Index,
    names: Names,
    taken: BTreeSet<String>,
    /// Assets that came in by this import; what they lack may be filled by the next file.
    came: BTreeSet<AssetId>,
    /// Assets that the present file told of already: it means them apart.
    of_this_file: BTreeSet<AssetId>,
    lines: Vec<Line>,
}

impl Work<'_> {
    fn take(&mut self, incoming: &Incoming) {
        let mut told = incoming.asset.clone();
        self.names.resolve(&mut told);
        let line = match self.index.who(&told, incoming.named, &self.plant, &self.of_this_file) {
            Who::Nobody => self.add(told, incoming),
            Who::Known { id, by } => self.change(id, by, told, incoming),
            Who::Doubt { id, why } => Line {
                id,
                place: incoming.place.clone(),
                matched: None,
                called: Some(told.id.to_string()).filter(|_| incoming.named),
                state: State::Conflicting,
                fields: Vec::new(),
                remarks: vec![why],
            },
        };
        self.lines.push(line);
    }

    fn add(&mut self, mut asset: Asset, incoming: &Incoming) -> Line {
        let id = AssetId::from(words::free(asset.id.as_str(), &mut self.taken).as_str());
        asset.id = id.clone();
        let remarks = self.keep_apart(&mut asset);
        if asset.zone.is_none() && asset.conduit.is_none() {
            asset.zone.clone_from(&self.policy.zone);
        }
        if self.policy.accept {
            asset.common.proposed = false;
            asset.common.reason = None;
        }
        self.index.add(&asset);
        self.came.insert(id.clone());
        self.of_this_file.insert(id.clone());
        self.plant.assets.insert(id.clone(), asset);
        Line {
            id,
            place: incoming.place.clone(),
            matched: None,
            called: None,
            state: State::New,
            fields: Vec::new(),
            remarks,
        }
    }

    fn change(&mut self, id: AssetId, by: String, mut told: Asset, incoming: &Incoming) -> Line {
        let remarks = self.keep_apart_from(&id, &mut told);
        self.of_this_file.insert(id.clone());
        let known = match (self.policy.known, self.came.contains(&id)) {
            (Known::Leave, true) => Known::Fill,
            (known, _) => known,
        };
        let mut fields = Vec::new();
        let before = self.plant.assets.get(&id).cloned();
        if let Some(asset) = self.plant.assets.get_mut(&id) {
            fields = fields::merge(asset, &told, incoming, known);
            self.index.add(asset);
        }
        let changed = before.as_ref() != self.plant.assets.get(&id);
        let called =
            Some(incoming.asset.id.to_string()).filter(|told| incoming.named && *told != *id.as_str());
        let conflict = fields.iter().any(|field| field.fate == Fate::Conflict);
        let state = match (changed, conflict) {
            (true, _) => State::Changed,
            (false, true) => State::Conflicting,
            (false, false) => State::Same,
        };
        Line { id, place: incoming.place.clone(), matched: Some(by), called, state, fields, remarks }
    }

    /// Addresses that another asset has stay with that one.
    fn keep_apart(&self, asset: &mut Asset) -> Vec<String> {
        let id = asset.id.clone();
        self.keep_apart_from(&id, asset)
    }

    fn keep_apart_from(&self, id: &AssetId, asset: &mut Asset) -> Vec<String> {
        let mut remarks = Vec::new();
        asset.ips.retain(|address| {
            let other = self.index.others_with_ip(address, id);
            remarks.extend(
                other.map(|other| {
                    format!("{} is left out: it is an address of `{other}`", who::shown(address))
                }),
            );
            other.is_none()
        });
        asset.macs.retain(|mac| {
            let other = self.index.others_with_mac(*mac, id);
            remarks.extend(other.map(|other| format!("{mac} is left out: it is an address of `{other}`")));
            other.is_none()
        });
        remarks
    }
}
