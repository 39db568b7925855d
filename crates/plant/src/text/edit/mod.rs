//! Changes to a workspace that leave everything else as it is: comments, order, formatting.
//!
//! A change is turned into splices of the text, found by the spans that reading gives; nothing is printed anew but what
//! changed. The result is read again before it is given out, so that no edit leaves a workspace worse than it was.

mod overlay;
mod sheet;
mod site;
mod splice;
mod table;

use super::limit;
use super::record::Record as _;
use super::spec::{Kind, Target};
use super::toml;
use super::tree::Table;
use super::value::Value;
use super::{AnyRecord, Form, ReadWorkspace, csv};
use crate::Plant;
use crate::id::ConduitId;
use crate::model::{Asset, Permit};
use overlay::{Overlay, Wish};
use site::Sites;
use splice::Splices;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zonewright_source::{Diagnostic, Severity, SourceText};

/// A record, named by its kind (`zone`, `permit`, `role`, …) and id. The plant's id may be left empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordName {
    /// The kind's name in the specification.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
}

impl RecordName {
    /// The record of that kind and id; nothing if there is no such kind.
    #[must_use]
    pub fn new(kind: &str, id: impl Into<String>) -> Option<Self> {
        let kind = super::KINDS.iter().find(|k| k.name == kind && k.has_id)?;
        Some(Self { kind: kind.name, id: id.into() })
    }
}

impl std::fmt::Display for RecordName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} `{}`", self.kind.replace('_', " "), self.id)
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The record becomes this: keys that differ are changed, a record that is absent is added.
    Put(AnyRecord),
    /// The same for a permit of a conduit.
    PutPermit(ConduitId, Permit),
    /// The record goes, with the comment right above it.
    Delete(RecordName),
    /// A key gets this value; [`Value::Absent`] takes it away.
    Set(RecordName, String, Value),
    /// A proposed record is accepted: `proposed` and `reason` go.
    Accept(RecordName),
    /// The record gets another id, and every reference to it follows.
    Rename(RecordName, String),
    /// The record turns out to be the one of that id: it goes, and every reference to it leads there.
    Merge(RecordName, String),
}

/// A workspace after changes.
#[derive(Debug, Clone)]
pub struct Edited {
    /// All files: those that were given, in their order, then new ones.
    pub files: Vec<SourceText>,
    /// Names of those that are new or differ.
    pub changed: Vec<Arc<str>>,
    /// What the files now say.
    pub read: ReadWorkspace,
}

/// Why changes were not made. Nothing is changed then.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// There is no such record.
    #[error("there is no {0}")]
    NoSuchRecord(RecordName),
    /// There is such a record already.
    #[error("there is already a {0}")]
    AlreadyThere(RecordName),
    /// The kind has no such key.
    #[error("{0} has no key `{1}`")]
    NoSuchKey(RecordName, String),
    /// An id cannot be written like that.
    #[error("`{0}` cannot be an id: {1}")]
    WrongId(String, String),
    /// A cell of a CSV file cannot hold the value so that it reads back.
    #[error("`{1}` of {0} cannot stand in a cell of `{2}`: move the record to a TOML file")]
    NotForACell(RecordName, String, Arc<str>),
    /// The file of the record is not sound enough to be changed.
    #[error("`{0}` has errors of syntax and is not changed")]
    Unreadable(Arc<str>),
    /// The workspace would have errors that it did not have.
    #[error("the change would make {} error{}: {}", .0.len(), if .0.len() == 1 { "" } else { "s" }, first_message(.0))]
    Refused(Vec<Diagnostic>),
}

fn first_message(diagnostics: &[Diagnostic]) -> &str {
    diagnostics.first().map_or("", |diagnostic| diagnostic.message.as_str())
}

/// Makes the changes, one after the other, or none of them.
///
/// # Errors
/// If a record is not there, a value cannot be written, or the workspace would have an error that it did not have before.
pub fn apply(files: &[SourceText], changes: &[Change]) -> Result<Edited, EditError> {
    let mut read = super::read(files);
    let before = read.diagnostics.clone();
    let mut now: Vec<SourceText> = files.to_vec();
    let mut left = changes;
    while !left.is_empty() {
        let (made, rest) = batch(&now, &read.plant, left)?;
        now = made;
        left = rest;
        read = super::read(&now);
    }
    let new_errors = new_errors(&before, &read.diagnostics);
    if !new_errors.is_empty() {
        return Err(EditError::Refused(new_errors));
    }
    let is_old =
        |file: &SourceText| files.iter().any(|old| old.file() == file.file() && old.text() == file.text());
    let changed = now.iter().filter(|file| !is_old(file)).map(|file| file.file().clone()).collect();
    Ok(Edited { files: now, changed, read })
}

/// Errors that were not there before; places move, so that code and message tell them apart. Of a code with so many that not
/// all are listed, only the number tells.
fn new_errors(before: &[Diagnostic], after: &[Diagnostic]) -> Vec<Diagnostic> {
    let key = |d: &Diagnostic| (d.code, d.message.clone());
    let old: BTreeSet<_> = before.iter().map(key).collect();
    let (had, has) = (counts(before), counts(after));
    let is_new = |d: &&Diagnostic| {
        let crowded = had.get(d.code).is_some_and(|count| *count >= limit::DIAGNOSTICS_OF_A_CODE_MAX);
        if crowded { has.get(d.code) > had.get(d.code) } else { !old.contains(&key(d)) }
    };
    let errors = after.iter().filter(|d| d.severity == Severity::Error && d.code != MORE);
    errors.filter(is_new).cloned().collect()
}

const MORE: &str = "plant/more-of-the-same";

/// How many diagnostics there are of each code, those included that are not listed.
fn counts(diagnostics: &[Diagnostic]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for diagnostic in diagnostics {
        let more = diagnostic.message.split_once(" more of `").filter(|_| diagnostic.code == MORE);
        let (code, count) = match more {
            Some((count, rest)) => (rest.split('`').next().unwrap_or(""), count.parse().unwrap_or(0)),
            None => (diagnostic.code, 1),
        };
        *counts.entry(code).or_default() += count;
    }
    counts
}

/// Makes as many changes as can be made at once; a rename is made alone.
fn batch<'c>(
    files: &[SourceText],
    plant: &Plant,
    changes: &'c [Change],
) -> Result<(Vec<SourceText>, &'c [Change]), EditError> {
    let mut overlay = Overlay::default();
    let mut left = changes;
    if let [Change::Rename(name, to), rest @ ..] = changes {
        return Ok((rename(files, name, to, Follow::NewId)?, rest));
    }
    if let [Change::Merge(name, to), rest @ ..] = changes {
        return Ok((rename(files, name, to, Follow::OtherRecord)?, rest));
    }
    while let [change, rest @ ..] = left {
        if !overlay.takes(change) {
            break;
        }
        overlay.add(change, plant)?;
        left = rest;
    }
    Ok((write_overlay(files, plant, overlay)?, left))
}

/// A file as it is parsed for editing.
pub(crate) enum Parsed<'a> {
    Toml(Table<'a>),
    Sheet(csv::Sheet<'a>),
    /// Not read, or not sound enough to be changed.
    Closed,
}

fn parse(file: &SourceText) -> Parsed<'_> {
    if file.text().len() > limit::FILE_BYTES_MAX {
        return Parsed::Closed;
    }
    match Form::of(file.file()) {
        Some(Form::Toml) => match toml::parse(file.text()) {
            (root, errors) if errors.is_empty() => Parsed::Toml(root),
            _ => Parsed::Closed,
        },
        Some(Form::AssetsCsv) => {
            let sheet = csv::cut(file.text());
            if sheet.unclosed.is_some() { Parsed::Closed } else { Parsed::Sheet(sheet) }
        }
        None => Parsed::Closed,
    }
}

fn write_overlay(
    files: &[SourceText],
    plant: &Plant,
    overlay: Overlay,
) -> Result<Vec<SourceText>, EditError> {
    let parsed: Vec<Parsed<'_>> = files.iter().map(parse).collect();
    let sites = Sites::find(&parsed);
    let mut splices = Splices::new(files);
    // Permits are looked up by id, whatever their conduit; the plant keeps them by conduit.
    let any_permit = overlay.wishes.keys().any(|name| name.kind == Permit::KIND.name);
    let of_conduits = plant.conduits.values().filter(|_| any_permit).flat_map(|conduit| &conduit.permits);
    let permits: BTreeMap<&str, &Permit> = of_conduits.map(|permit| (permit.id.as_str(), permit)).collect();
    for (name, wish) in overlay.wishes {
        match sites.of(&name) {
            Some(site) => {
                let old = match permits.get(name.id.as_str()).filter(|_| name.kind == Permit::KIND.name) {
                    Some(permit) => Some(permit.write(plant)),
                    None => super::written_one(plant, &name),
                };
                site.grant(&name, wish, old.as_ref(), &mut splices)?;
            }
            None => add(&name, wish, &sites, &parsed, &mut splices)?,
        }
    }
    Ok(splices.done())
}

/// Adds a record that is not there.
fn add(
    name: &RecordName,
    wish: Wish,
    sites: &Sites<'_, '_>,
    parsed: &[Parsed<'_>],
    splices: &mut Splices<'_>,
) -> Result<(), EditError> {
    let Wish::Become { whole: Some(record), inside, .. } = wish else {
        return Err(missing(name, parsed, splices));
    };
    if let Some(conduit) = inside {
        let parent = sites.of(&conduit).ok_or_else(|| missing(&conduit, parsed, splices))?;
        return parent.add_part(&record, splices);
    }
    if name.kind == Asset::KIND.name && super::write::fits_cells(&record) {
        let sheet = parsed.iter().enumerate().rev().find_map(|(file, parsed)| match parsed {
            Parsed::Sheet(sheet) if sheet::has_id(sheet) => Some((file, sheet)),
            _ => None,
        });
        if let Some((file, sheet)) = sheet {
            return sheet::add(&record, file, sheet, splices);
        }
    }
    match sites.last_of(record.kind.name) {
        Some(site) => site.add_behind(&record, splices),
        None => splices.add_at_end(super::write::home(record.kind.name), &record),
    }
    Ok(())
}

/// The record is not there; perhaps because its file could not be parsed.
fn missing(name: &RecordName, parsed: &[Parsed<'_>], splices: &Splices<'_>) -> EditError {
    let closed = parsed.iter().position(|parsed| matches!(parsed, Parsed::Closed));
    match closed.and_then(|file| splices.name_of(file)).filter(|file| Form::of(file).is_some()) {
        Some(file) => EditError::Unreadable(file),
        None => EditError::NoSuchRecord(name.clone()),
    }
}

/// Where references to a record lead when its id goes.
enum Follow {
    NewId,
    OtherRecord,
}

/// Gives a record another id, or takes it away in favor of another one, and lets every reference follow.
fn rename(
    files: &[SourceText],
    name: &RecordName,
    to: &str,
    follow: Follow,
) -> Result<Vec<SourceText>, EditError> {
    if let Some(fault) = super::field::id_fault(to) {
        return Err(EditError::WrongId(to.to_string(), fault));
    }
    let parsed: Vec<Parsed<'_>> = files.iter().map(parse).collect();
    let sites = Sites::find(&parsed);
    let mut splices = Splices::new(files);
    let new_name = RecordName { kind: name.kind, id: to.to_string() };
    let site = sites.of(name).ok_or_else(|| missing(name, &parsed, &splices))?;
    match (follow, sites.of(&new_name)) {
        (Follow::NewId, Some(_)) => return Err(EditError::AlreadyThere(new_name)),
        (Follow::NewId, None) => site.set_id(name, to, &mut splices)?,
        (Follow::OtherRecord, None) => return Err(missing(&new_name, &parsed, &splices)),
        (Follow::OtherRecord, Some(_)) if new_name == *name => return Ok(files.to_vec()),
        (Follow::OtherRecord, Some(_)) => site.remove(&mut splices),
    }
    let target = super::KINDS.iter().find(|kind| kind.name == name.kind).and_then(|kind| target_of(kind));
    let (_, gathered) = super::read_gathered(files);
    for reference in gathered.references.iter().filter(|_| target.is_some()) {
        let kinds = reference.target.kinds();
        let (prefix, id) =
            if kinds.len() > 1 { super::field::split_prefix(&reference.id) } else { (None, &*reference.id) };
        let Some(target) = target.filter(|target| kinds.contains(target) && id == name.id) else { continue };
        let others = kinds.iter().filter(|kind| **kind != target).any(|kind| gathered.knows(*kind, id));
        if prefix.map_or(others, |prefix| prefix != target.describe()) {
            continue;
        }
        let file = reference.file as usize;
        let written = prefix.map_or_else(|| to.to_string(), |prefix| format!("{prefix}:{to}"));
        match parsed.get(file) {
            Some(Parsed::Toml(_)) => {
                let literal = Value::Text(written).to_toml().unwrap_or_default();
                splices.replace(file, reference.span, literal);
            }
            Some(Parsed::Sheet(_)) => splices.replace(file, reference.span, written),
            _ => {
                return Err(splices
                    .name_of(file)
                    .map_or(EditError::NoSuchRecord(name.clone()), EditError::Unreadable));
            }
        }
    }
    Ok(splices.done())
}

/// What references to a kind say.
fn target_of(kind: &Kind) -> Option<Target> {
    use Target::*;
    let all = [
        Asset,
        Product,
        Zone,
        Conduit,
        Permit,
        Group,
        Countermeasure,
        Claim,
        Evidence,
        ThreatSource,
        Scenario,
        Consequence,
        Hazard,
        Test,
        Approval,
        Profile,
        Waiver,
        Role,
        Function,
        Outage,
    ];
    all.into_iter().find(|target| target.header() == kind.header)
}
