//! What a run of changes asks of each record, folded together.

use super::super::record::Record;
use super::super::spec::Key;
use super::super::value::{Value, Written};
use super::super::{AnyRecord, KINDS};
use super::{Change, EditError, RecordName};
use crate::Plant;
use crate::model::{Conduit, Permit, System};
use std::collections::BTreeMap;

/// What is asked of one record.
#[derive(Debug)]
pub(super) enum Wish {
    /// That it goes.
    Go,
    /// That it becomes something.
    Become {
        /// All of it, where it was put.
        whole: Option<Written>,
        /// The record it is a part of, where it is new.
        inside: Option<RecordName>,
        /// Single keys.
        keys: BTreeMap<&'static str, (&'static Key, Value)>,
    },
}

/// What is asked of all records.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    pub(super) wishes: BTreeMap<RecordName, Wish>,
    /// Whether whole records were put or taken away, whose parts must not be asked for at the same time.
    whole: bool,
    parts: bool,
}

fn is_part(kind: &str) -> bool {
    KINDS.iter().any(|k| k.name == kind && k.header.contains('.'))
}

impl Overlay {
    /// Can the change be made together with those before it?
    pub(super) fn takes(&self, change: &Change) -> bool {
        match change {
            Change::Put(record) => !self.parts && !self.wishes.contains_key(&record.name()),
            Change::Delete(name) => !self.wishes.contains_key(name) && (is_part(name.kind) || !self.parts),
            Change::PutPermit(_, permit) => !self.whole && !self.wishes.contains_key(&permit_name(permit)),
            Change::Set(name, ..) | Change::Accept(name) => {
                let apart = !(is_part(name.kind) && self.whole);
                apart && !matches!(self.wishes.get(name), Some(Wish::Go))
            }
            Change::Rename(..) | Change::Merge(..) => false,
        }
    }

    /// Takes it in.
    pub(super) fn add(&mut self, change: &Change, plant: &Plant) -> Result<(), EditError> {
        match change {
            Change::Put(record) => self.put(record.name(), record.write(plant), None),
            Change::PutPermit(conduit, permit) => {
                let inside = RecordName { kind: Conduit::KIND.name, id: conduit.to_string() };
                self.put(permit_name(permit), permit.write(plant), Some(inside));
            }
            Change::Delete(name) => {
                self.note(name.kind, true);
                self.wishes.insert(name.clone(), Wish::Go);
            }
            Change::Set(name, key, value) => self.set(name, key, value.clone())?,
            Change::Accept(name) => {
                self.set(name, "proposed", Value::Absent)?;
                self.set(name, "reason", Value::Absent)?;
            }
            Change::Rename(..) | Change::Merge(..) => {}
        }
        Ok(())
    }

    fn note(&mut self, kind: &str, whole: bool) {
        if is_part(kind) {
            self.parts = true;
        } else {
            self.whole |= whole;
        }
    }

    fn put(&mut self, name: RecordName, written: Written, inside: Option<RecordName>) {
        self.note(name.kind, true);
        let keys = written.fields.iter().map(|(key, value)| (key.name, (*key, value.clone()))).collect();
        self.wishes.insert(name, Wish::Become { whole: Some(written), inside, keys });
    }

    fn set(&mut self, name: &RecordName, key: &str, value: Value) -> Result<(), EditError> {
        let kind = KINDS.iter().find(|kind| kind.name == name.kind);
        let key = kind
            .and_then(|kind| kind.key(key))
            .filter(|key| key.name != "id")
            .ok_or_else(|| EditError::NoSuchKey(name.clone(), key.to_string()))?;
        self.note(name.kind, false);
        let wish = self.wishes.entry(name.clone()).or_insert_with(|| Wish::Become {
            whole: None,
            inside: None,
            keys: BTreeMap::new(),
        });
        if let Wish::Become { whole, keys, .. } = wish {
            if let Some((_, field)) =
                whole.as_mut().and_then(|w| w.fields.iter_mut().find(|(k, _)| k.name == key.name))
            {
                *field = value.clone();
            }
            keys.insert(key.name, (key, value));
        }
        Ok(())
    }
}

fn permit_name(permit: &Permit) -> RecordName {
    RecordName { kind: Permit::KIND.name, id: permit.id.to_string() }
}

impl AnyRecord {
    /// Its kind and id; the plant has no other beside it and goes without.
    #[must_use]
    pub fn name(&self) -> RecordName {
        let kind = self.kind().name;
        let id = if kind == System::KIND.name { String::new() } else { self.id().to_string() };
        RecordName { kind, id }
    }
}
