//! Two observations side by side: what is new, gone, changed.
//!
//! Owns who is who in both, and what counts as a change: what was seen, never how often or when. Works on the document
//! `zonewright-observation/1`, so that observations of different days and versions compare as well as captures at hand.
//! Judges nothing: whether a change matters is for those who know the plant.

mod json;
mod matching;
mod read;

pub use json::{FORMAT, difference as to_json};
pub use read::{DocumentError, Seen};

use matching::Pairs;
use read::{Asset, Flow};
use std::collections::{BTreeMap, BTreeSet};

/// What differs between two observations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Assets.
    pub assets: Changes<AssetSummary, AssetChange>,
    /// Flows.
    pub flows: Changes<FlowSummary, FlowChange>,
    /// Names of protocols.
    pub protocols: Changes<String, ()>,
}

impl Difference {
    /// Whether both show the same.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.assets.is_none() && self.flows.is_none() && self.protocols.is_none()
    }

    /// Whether the second shows something that the first does not: something new or changed, not only gone.
    #[must_use]
    pub fn has_new(&self) -> bool {
        let grew = |change: &FlowChange| !change.functions_new.is_empty() || !change.fields.is_empty();
        !self.assets.new.is_empty()
            || !self.assets.changed.is_empty()
            || !self.flows.new.is_empty()
            || self.flows.changed.iter().any(grew)
            || !self.protocols.new.is_empty()
    }
}

/// What is new, gone, changed, each in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes<T, C> {
    /// Only in the second.
    pub new: Vec<T>,
    /// Only in the first: it may be silent rather than gone.
    pub gone: Vec<T>,
    /// In both, and different.
    pub changed: Vec<C>,
}

impl<T, C> Changes<T, C> {
    /// Whether nothing differs.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty() && self.changed.is_empty()
    }
}

impl<T, C> Default for Changes<T, C> {
    fn default() -> Self {
        Self { new: Vec::new(), gone: Vec::new(), changed: Vec::new() }
    }
}

/// An asset, in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetSummary {
    /// Its id.
    pub id: String,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// What it is called.
    pub names: Vec<String>,
    /// Maker, product, version, as far as told.
    pub what: Vec<String>,
    /// The parts it plays: `modbus server`.
    pub roles: Vec<String>,
}

/// By what two assets are taken for one, the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchedBy {
    /// They share a link-layer address.
    Mac,
    /// They share a network address.
    Ip,
    /// They have the same serial number.
    Serial,
    /// Each is the only one of a name.
    Name,
}

impl MatchedBy {
    /// The word of the document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mac => "mac",
            Self::Ip => "ip",
            Self::Serial => "serial",
            Self::Name => "name",
        }
    }
}

/// A property and what it was and is; several values are sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Its key in the document of observations.
    pub field: &'static str,
    /// What it was.
    pub before: Vec<String>,
    /// What it is.
    pub after: Vec<String>,
}

/// An asset that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetChange {
    /// Its id in the first.
    pub before: String,
    /// Its id in the second.
    pub after: String,
    /// Why both are taken for one.
    pub matched_by: MatchedBy,
    /// What changed; version, serial number and product first.
    pub fields: Vec<FieldChange>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionSummary {
    /// Its protocol.
    pub protocol: String,
    /// The field its code stands in.
    pub element: String,
    /// Its code.
    pub code: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// What it does to a plant.
    pub class: String,
}

impl FunctionSummary {
    /// What people call it.
    #[must_use]
    pub fn words(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.class),
            None => format!("{} {} ({})", self.element, self.code, self.class),
        }
    }
}

/// A flow, in a few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowSummary {
    /// Its id.
    pub id: String,
    /// What carries it.
    pub transport: String,
    /// Who began: the asset's id, or the address.
    pub initiator: String,
    /// The other.
    pub responder: String,
    /// The responder's port.
    pub port: Option<u64>,
    /// Its protocol, where the content told.
    pub protocol: Option<String>,
    /// What was asked and answered.
    pub functions: Vec<FunctionSummary>,
    /// A capture and the number of a packet, or line, that shows it.
    pub place: Option<String>,
}

/// A flow that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowChange {
    /// As it is in the second.
    pub flow: FlowSummary,
    /// Its id in the first.
    pub before: String,
    /// Functions that were not used before.
    pub functions_new: Vec<FunctionSummary>,
    /// Functions that are no longer used.
    pub functions_gone: Vec<FunctionSummary>,
    /// Protection and properties.
    pub fields: Vec<FieldChange>,
}

/// Compares. The order of the two is that of time.
#[must_use]
pub fn compare(before: &Seen, after: &Seen) -> Difference {
    let pairs = Pairs::of(&before.assets, &after.assets);
    Difference {
        assets: assets(before, after, &pairs),
        flows: flows(before, after, &pairs),
        protocols: Changes {
            new: after.protocols.difference(&before.protocols).cloned().collect(),
            gone: before.protocols.difference(&after.protocols).cloned().collect(),
            changed: Vec::new(),
        },
    }
}

fn assets(before: &Seen, after: &Seen, pairs: &Pairs) -> Changes<AssetSummary, AssetChange> {
    let mut changes = Changes::default();
    for (at, now) in after.assets.iter().enumerate() {
        let Some((was, matched_by)) = pairs.before(at) else {
            changes.new.push(now.summary());
            continue;
        };
        let Some(was) = before.assets.get(was) else { continue };
        let fields = changed(was, now);
        if !fields.is_empty() {
            let (before, after) = (was.id.clone(), now.id.clone());
            changes.changed.push(AssetChange { before, after, matched_by, fields });
        }
    }
    let gone = before.assets.iter().enumerate().filter(|(at, _)| pairs.after(*at).is_none());
    changes.gone = gone.map(|(_, asset)| asset.summary()).collect();
    changes
}

fn changed(was: &Asset, now: &Asset) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    for ((field, before), (_, after)) in was.fields().into_iter().zip(now.fields()) {
        // What was not told is not known; it did not become nothing.
        let told_less = after.is_empty() && !before.is_empty();
        if before != after && !told_less {
            let list = |set: &BTreeSet<String>| set.iter().cloned().collect();
            fields.push(FieldChange { field, before: list(before), after: list(after) });
        }
    }
    fields
}

/// What tells flows apart: context, transport, ends, port, protocol.
type FlowKey = (Option<String>, String, End, End, Option<u64>, Option<String>);

/// An end of a flow: a device that both show, or an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Pair(usize),
    Address(Option<String>),
}

fn flows(before: &Seen, after: &Seen, pairs: &Pairs) -> Changes<FlowSummary, FlowChange> {
    let ids = |seen: &Seen| -> BTreeMap<String, usize> {
        seen.assets.iter().enumerate().map(|(at, asset)| (asset.id.clone(), at)).collect()
    };
    let (ids_before, ids_after) = (ids(before), ids(after));
    // Pairs are named by their place in the second.
    let of_before = |asset: &str| ids_before.get(asset).and_then(|at| pairs.after(*at));
    let of_after = |asset: &str| ids_after.get(asset).copied().filter(|at| pairs.before(*at).is_some());
    let keyed = |seen: &Seen, of: &dyn Fn(&str) -> Option<usize>| {
        let mut keyed: BTreeMap<FlowKey, Flow> = BTreeMap::new();
        for flow in &seen.flows {
            keyed.entry(key(flow, of)).and_modify(|known| known.join(flow)).or_insert_with(|| flow.clone());
        }
        keyed
    };
    let (was, now) = (keyed(before, &of_before), keyed(after, &of_after));
    let mut changes = Changes::default();
    for (key, flow) in &now {
        match was.get(key) {
            None => changes.new.push(flow.summary()),
            Some(known) => changes.changed.extend(flow_change(known, flow)),
        }
    }
    changes.gone =
        was.iter().filter(|(key, _)| !now.contains_key(*key)).map(|(_, flow)| flow.summary()).collect();
    changes.new.sort_by(|a, b| a.id.cmp(&b.id));
    changes.gone.sort_by(|a, b| a.id.cmp(&b.id));
    changes.changed.sort_by(|a, b| a.flow.id.cmp(&b.flow.id));
    changes
}

fn key(flow: &Flow, pair: &dyn Fn(&str) -> Option<usize>) -> FlowKey {
    let end = |end: &read::FlowEnd| match end.asset.as_deref().and_then(pair) {
        Some(at) => End::Pair(at),
        None => End::Address(end.address.clone()),
    };
    let (initiator, responder) = (end(&flow.initiator), end(&flow.responder));
    // The context of a device that both show is settled; it may be named otherwise.
    let settled = matches!(initiator, End::Pair(_)) || matches!(responder, End::Pair(_));
    let context = flow.context.clone().filter(|_| !settled);
    (context, flow.transport.clone(), initiator, responder, flow.port, flow.protocol.clone())
}

fn flow_change(was: &Flow, now: &Flow) -> Option<FlowChange> {
    let functions_new: Vec<_> = now.functions.difference(&was.functions).cloned().collect();
    let functions_gone: Vec<_> = was.functions.difference(&now.functions).cloned().collect();
    let mut fields = Vec::new();
    for ((field, before), (_, after)) in was.protections().into_iter().zip(now.protections()) {
        if before != after && !after.is_empty() {
            fields.push(FieldChange { field, before, after });
        }
    }
    let nothing = functions_new.is_empty() && functions_gone.is_empty() && fields.is_empty();
    let before = was.id.clone();
    (!nothing).then(|| FlowChange { flow: now.summary(), before, functions_new, functions_gone, fields })
}
