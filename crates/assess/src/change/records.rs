//! Records of the model that differ.

use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::Plant;
use zonewright_plant::text::{Value, Written, records};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum How {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It says something else.
    Changed,
}

impl How {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A key of a record that has another value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The key.
    pub key: String,
    /// The value before, as the workspace spells it; empty where there was none.
    pub before: String,
    /// The value now; empty where there is none.
    pub after: String,
}

/// A record that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    /// Its kind: `zone`, `permit`, …
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// The record that it is part of, if it is part of one: the conduit of a permit.
    pub within: Option<String>,
    /// What became of it.
    pub how: How,
    /// Which keys differ; none for what was added or removed.
    pub fields: Vec<FieldChange>,
}

/// A record or part, flat: its keys in the order of the specification, parts apart.
struct Flat {
    within: Option<String>,
    fields: Vec<(String, String)>,
}

type Name = (&'static str, String);

/// The records that differ, by kind and id.
pub(super) fn changes(before: &Plant, after: &Plant) -> Vec<RecordChange> {
    let (old, new) = (flat(before), flat(after));
    let names: BTreeSet<&Name> = old.keys().chain(new.keys()).collect();
    let changes = names.into_iter().filter_map(|name| {
        let (was, is) = (old.get(name), new.get(name));
        let (how, fields) = match (was, is) {
            (None, _) => (How::Added, Vec::new()),
            (_, None) => (How::Removed, Vec::new()),
            (Some(was), Some(is)) => (How::Changed, differing(was, is)),
        };
        let within = is.or(was).and_then(|record| record.within.clone());
        let moved = was.zip(is).is_some_and(|(was, is)| was.within != is.within);
        (how != How::Changed || !fields.is_empty() || moved).then(|| RecordChange {
            kind: name.0,
            id: name.1.clone(),
            within,
            how,
            fields,
        })
    });
    changes.collect()
}

fn flat(plant: &Plant) -> BTreeMap<Name, Flat> {
    let mut all = BTreeMap::new();
    let mut open: Vec<(Written, Option<String>)> =
        records(plant).into_iter().map(|record| (record, None)).collect();
    let mut unnamed: BTreeMap<(&'static str, Option<String>), usize> = BTreeMap::new();
    while let Some((record, within)) = open.pop() {
        let kind = record.kind.name;
        let id = record.id().map(str::to_owned).unwrap_or_else(|| {
            let count = unnamed.entry((kind, within.clone())).or_default();
            *count += 1;
            format!("{} {count}", within.clone().unwrap_or_default())
        });
        let mut fields = Vec::new();
        for (key, value) in record.fields {
            let mut rest = Vec::new();
            parts(value, &mut rest, &mut |part| open.push((part, Some(id.clone()))));
            let text: Vec<String> = rest.iter().filter_map(Value::to_toml).collect();
            if !text.is_empty() && key.name != "id" {
                fields.push((key.name.to_owned(), text.join(", ")));
            }
        }
        all.insert((kind, id), Flat { within, fields });
    }
    all
}

/// Takes the parts out of a value; what has no header of its own stays in `rest`.
fn parts(value: Value, rest: &mut Vec<Value>, part: &mut impl FnMut(Written)) {
    match value {
        Value::Part(written) => part(written),
        Value::List(items) if items.iter().any(|item| matches!(item, Value::Part(_))) => {
            for item in items {
                match item {
                    Value::Part(written) => part(written),
                    other => rest.push(other),
                }
            }
        }
        other => rest.push(other),
    }
}

fn differing(was: &Flat, is: &Flat) -> Vec<FieldChange> {
    let value = |record: &Flat, key: &str| {
        record
            .fields
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let mut keys: Vec<&String> = was.fields.iter().chain(&is.fields).map(|(key, _)| key).collect();
    let mut met = BTreeSet::new();
    keys.retain(|key| met.insert(*key));
    let changes = keys.into_iter().map(|key| FieldChange {
        key: key.clone(),
        before: value(was, key),
        after: value(is, key),
    });
    changes.filter(|change| change.before != change.after).collect()
}
