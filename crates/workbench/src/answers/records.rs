//! Countermeasures that were filled in: their cells read, and set against the workspace, three ways like claims.

use super::book::{self, Book, Left};
use super::compare::{FieldChange, Line, Plan, State, shortened, unwritten};
use super::{Answers, Filled, MISREAD_MAX, Misread};
use std::collections::{BTreeMap, HashMap};
use zonewright_catalog::{Catalog, RequirementId};
use zonewright_plant::Plant;
use zonewright_plant::id::CountermeasureId;
use zonewright_plant::model::Countermeasure;
use zonewright_plant::text::edit::{Change, RecordName};
use zonewright_plant::text::spec::{Key, Target, Type};
use zonewright_plant::text::{Value, id_fault};
use zonewright_report::xlsx::layout::{fits, fitting};
use zonewright_report::xlsx::records::{HIDDEN, ID, KIND, RECORD, held, keys, said, titled};
use zonewright_source::nearest;

/// A record in which something differs from what was exported, or a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// Its id.
    pub id: String,
    /// Is it one that was not exported?
    pub is_new: bool,
    /// Where it stands.
    pub place: String,
    /// Those keys that differ from the export.
    pub fields: BTreeMap<&'static str, Filled>,
}

/// What the hidden sheet says that records held, by the text of their column [`RECORD`].
#[derive(Debug, Default)]
pub(super) struct Export(HashMap<String, BTreeMap<&'static str, String>>);

/// Reads the hidden sheet of records; a workbook without one has none.
pub(super) fn export(book: &mut Book<'_>, names: &[String], left: &mut Left) -> Result<Export, String> {
    let mut export = Export::default();
    let Some(name) = names.iter().find(|name| name.eq_ignore_ascii_case(HIDDEN)) else { return Ok(export) };
    let mut columns: BTreeMap<u32, &'static str> = BTreeMap::new();
    let mut record: (u32, String) = (0, String::new());
    book::walk(book, name, left, &mut |row, column, text| {
        match (row, column) {
            (_, 0) => {
                if row > 0 {
                    export.0.entry(text.clone()).or_default();
                }
                record = (row, text);
            }
            (0, column) => {
                let key = keys().find(|(key, _)| key.name == text).map(|(key, _)| key.name);
                columns.extend(key.map(|key| (column, key)));
            }
            (row, column) if row == record.0 => {
                if let Some(key) = columns.get(&column) {
                    export.0.entry(record.1.clone()).or_default().insert(key, text);
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(export)
}

struct Columns {
    record: u32,
    id: u32,
    keys: BTreeMap<u32, &'static Key>,
}

/// A table of records as it is read, row by row.
pub(super) struct Table<'a> {
    export: &'a Export,
    file: &'a str,
    sheet: &'a str,
    columns: Option<Columns>,
    number: u32,
    texts: BTreeMap<u32, String>,
    pub(super) rows_read: usize,
    pub(super) rows: Vec<RecordRow>,
    pub(super) misread: Vec<Misread>,
}

impl<'a> Table<'a> {
    pub(super) fn new(export: &'a Export, file: &'a str, sheet: &'a str) -> Self {
        Self {
            export,
            file,
            sheet,
            columns: None,
            number: 0,
            texts: BTreeMap::new(),
            rows_read: 0,
            rows: Vec::new(),
            misread: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, row: u32, column: u32, text: &str) -> Result<(), String> {
        if row != self.number {
            self.end_row()?;
            self.number = row;
        }
        let wanted = match &self.columns {
            Some(columns) => {
                [columns.record, columns.id].contains(&column) || columns.keys.contains_key(&column)
            }
            None => row < book::TITLE_ROWS_MAX,
        };
        if wanted {
            self.texts.insert(column, text.to_string());
        }
        Ok(())
    }

    pub(super) fn end_row(&mut self) -> Result<(), String> {
        let texts = std::mem::take(&mut self.texts);
        match &self.columns {
            None => self.columns = self.titles(&texts)?,
            Some(columns) if !texts.is_empty() => {
                self.rows_read = self.rows_read.saturating_add(1);
                match self.row(columns, &texts) {
                    Ok(row) => self.rows.extend(row),
                    Err(wrong) if self.misread.len() < MISREAD_MAX => self.misread.push(wrong),
                    Err(_) => {}
                }
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn place(&self, column: u32) -> String {
        format!("{}, {}!{}", self.file, self.sheet, book::at(self.number, column))
    }

    /// The columns, if the row is one of titles.
    fn titles(&self, texts: &BTreeMap<u32, String>) -> Result<Option<Columns>, String> {
        let at = |title: &str| texts.iter().find(|(_, text)| text.trim() == title).map(|(column, _)| *column);
        let (Some(record), Some(id)) = (at(RECORD), at(ID)) else { return Ok(None) };
        let mut keys: BTreeMap<u32, &'static Key> = BTreeMap::new();
        for (column, text) in texts {
            let Some(key) = titled(text.trim()) else { continue };
            if keys.values().any(|known| known.name == key.name) {
                let place = book::at(self.number, *column);
                return Err(format!("{}!{place}: there are two columns `{}`", self.sheet, text.trim()));
            }
            keys.insert(*column, key);
        }
        Ok((!keys.is_empty()).then_some(Columns { record, id, keys }))
    }

    /// What is filled in in a row; nothing where it is as it was exported.
    fn row(&self, columns: &Columns, texts: &BTreeMap<u32, String>) -> Result<Option<RecordRow>, Misread> {
        let text = |column: u32| texts.get(&column).map_or("", |text| text.trim());
        let (record, id) = (text(columns.record), text(columns.id));
        if record.is_empty() {
            return self.new_row(columns, id, texts);
        }
        let wrong = |column: u32, what: String| Misread::new(&self.place(column), what);
        let Some(named) = record.strip_prefix(KIND).and_then(|rest| rest.strip_prefix('/')) else {
            let what = format!("expected a record such as `{KIND}/M-1`, found `{}`", shortened(record));
            return Err(wrong(columns.record, what));
        };
        if id != named {
            let what = format!(
                "the row is about `{named}`, and its id is not changed here: `zonewright review WORKSPACE rename` does that"
            );
            return Err(wrong(columns.id, what));
        }
        let Some(held) = self.export.0.get(record) else {
            let what = format!("`{}` was not exported with this workbook: export again", shortened(record));
            return Err(wrong(columns.record, what));
        };
        let mut fields = BTreeMap::new();
        for (column, key) in &columns.keys {
            let now = texts.get(column).map(String::as_str).unwrap_or_default();
            let was = held.get(key.name).map(String::as_str).unwrap_or_default();
            if now != was {
                let (now, was) = (now.to_string(), Some(was.to_string()));
                fields.insert(key.name, Filled { now, was, place: self.place(*column) });
            }
        }
        let place = self.place(columns.id);
        let row = RecordRow { id: named.to_string(), is_new: false, place, fields };
        Ok((!row.fields.is_empty()).then_some(row))
    }

    fn new_row(
        &self,
        columns: &Columns,
        id: &str,
        texts: &BTreeMap<u32, String>,
    ) -> Result<Option<RecordRow>, Misread> {
        let filled = |column: &u32| texts.get(column).filter(|text| !text.trim().is_empty());
        let fields: BTreeMap<&'static str, Filled> = columns
            .keys
            .iter()
            .filter_map(|(column, key)| {
                let now = filled(column)?.clone();
                Some((key.name, Filled { now, was: None, place: self.place(*column) }))
            })
            .collect();
        let place = self.place(columns.id);
        match (id.is_empty(), fields.is_empty()) {
            (true, true) => Ok(None),
            (true, false) => Err(Misread::new(&place, format!("a new {KIND} needs an id, such as `M-1`"))),
            (false, _) => match id_fault(id) {
                Some(fault) => {
                    Err(Misread::new(&place, format!("`{}` cannot be an id: {fault}", shortened(id))))
                }
                None => Ok(Some(RecordRow { id: id.to_string(), is_new: true, place, fields })),
            },
        }
    }
}

/// Sets the records of files against the workspace.
pub(super) fn compare(plant: &Plant, files: &[Answers], plan: &mut Plan) {
    let mut seen: BTreeMap<&str, &RecordRow> = BTreeMap::new();
    for row in files.iter().flat_map(|file| &file.records) {
        match seen.insert(&row.id, row) {
            Some(before) if !says_the_same(before, row) => {
                let what = format!(
                    "{KIND} `{}` is filled in twice, and differently; the other one is at {}",
                    row.id, before.place
                );
                push(plan, Misread::new(&row.place, what));
            }
            Some(_) => {}
            None => match one(plant, row) {
                Ok((line, changes)) => {
                    plan.lines.push(line);
                    plan.changes.extend(changes);
                }
                Err(wrong) => wrong.into_iter().for_each(|wrong| push(plan, wrong)),
            },
        }
    }
}

fn push(plan: &mut Plan, wrong: Misread) {
    if plan.misread.len() < MISREAD_MAX {
        plan.misread.push(wrong);
    }
}

fn says_the_same(a: &RecordRow, b: &RecordRow) -> bool {
    let said = |row: &RecordRow| -> Vec<(&'static str, String)> {
        let canonical =
            |(name, filled): (&&'static str, &Filled)| Some((*name, canonical(key(name)?, &filled.now)));
        row.fields.iter().filter_map(canonical).collect()
    };
    a.is_new == b.is_new && said(a) == said(b)
}

fn key(name: &str) -> Option<&'static Key> {
    keys().find(|(key, _)| key.name == name).map(|(key, _)| key)
}

/// What comes of a row.
fn one(plant: &Plant, row: &RecordRow) -> Result<(Line, Vec<Change>), Vec<Misread>> {
    let known = plant.countermeasures.get(&CountermeasureId::from(row.id.as_str()));
    let now = known.map(|known| held(plant, known.clone().into()));
    let mut line = Line {
        kind: KIND,
        id: row.id.clone(),
        row: format!("{KIND}/{}", row.id),
        place: row.place.clone(),
        state: State::Same,
        fields: Vec::new(),
        remarks: Vec::new(),
    };
    let (mut changes, mut wrong) = (Vec::new(), Vec::new());
    let name = RecordName::new(KIND, row.id.as_str());
    for (name_of_key, filled) in &row.fields {
        let Some(key) = key(name_of_key) else { continue };
        let current = now.as_ref().and_then(|now| now.get(key.name)).map(String::as_str).unwrap_or_default();
        let (old, new) = (canonical(key, current), canonical(key, &filled.now));
        if old == new {
            continue;
        }
        let value = match parsed(key.ty, key.range, &filled.now)
            .and_then(|value| known_to(plant, key, value, &old))
        {
            Ok(value) => value,
            Err(Wrong(what, near)) => {
                wrong.push(Misread::new(&filled.place, what).near(near.as_deref()));
                continue;
            }
        };
        if !fits(current) && filled.was.is_some() {
            let what = "the text was cut when it was exported, so that a change here would lose its end: change it in the files";
            wrong.push(Misread::new(&filled.place, what));
            continue;
        }
        let changed_since = |was: &String| canonical(key, was) != canonical(key, &fitting(current));
        let conflict = match &now {
            Some(_) => filled.was.as_ref().is_some_and(changed_since),
            None => !row.is_new,
        };
        if !conflict {
            changes.extend(name.clone().map(|name| Change::Set(name, key.name.into(), value)));
        }
        line.fields.push(FieldChange { key: key.name.into(), old, new, conflict });
    }
    if row.is_new && known.is_some() && !line.fields.is_empty() {
        let what = format!(
            "the plant has a {KIND} `{}` already: change it in its own row, or choose another id",
            row.id
        );
        wrong.push(Misread::new(&row.place, what));
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if row.is_new && known.is_none() {
        changes.insert(0, Change::Put(empty(&row.id).into()));
        line.state = State::New;
    } else if line.fields.iter().any(|field| field.conflict) {
        line.state = State::Conflicting;
    } else if !line.fields.is_empty() {
        line.state = State::Changed;
    }
    if known.is_none() && !row.is_new {
        line.remarks.push(format!("the workspace has this {KIND} no more"));
    }
    Ok((line, changes))
}

/// A countermeasure of which nothing is known but its id.
fn empty(id: &str) -> Countermeasure {
    Countermeasure {
        id: CountermeasureId::from(id),
        common: unwritten(),
        description: None,
        applies_to: Vec::new(),
        meets: Vec::new(),
        compensates: Vec::new(),
        rationale: None,
        approved_by: None,
        review: None,
        state: None,
        cost_once: None,
        cost_per_year: None,
        duration_days: None,
        needs_outage: None,
        prerequisites: Vec::new(),
        exclusions: Vec::new(),
        frequency_factor: None,
        crossing_factor: None,
        downtime_factor: None,
        effect_source: None,
        may_block: Vec::new(),
    }
}

/// What is wrong with a cell, and what it could say instead.
struct Wrong(String, Option<String>);

/// A cell as it is compared: without what a spreadsheet may change on its way.
fn canonical(key: &Key, text: &str) -> String {
    match parsed(key.ty, None, text) {
        Ok(value) => said(&value),
        Err(_) => plain(text),
    }
}

fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim().to_string()
}

/// A cell as a value of its type.
fn parsed(ty: Type, range: Option<(f64, f64)>, text: &str) -> Result<Value, Wrong> {
    let text = plain(text);
    let text = text.as_str();
    let wrong = |expected: &str| Wrong(format!("`{}` is not {expected}", shortened(text)), None);
    if text.is_empty() {
        return Ok(Value::Absent);
    }
    match ty {
        Type::List(inner) => {
            let items = text.split([',', ';', '\n']).map(str::trim).filter(|item| !item.is_empty());
            let items: Vec<Value> =
                items.map(|item| parsed(*inner, range, item)).collect::<Result<_, _>>()?;
            Ok(if items.is_empty() { Value::Absent } else { Value::List(items) })
        }
        Type::Bool => match text.to_lowercase().as_str() {
            "yes" | "true" | "x" | "1" => Ok(Value::from(true)),
            "no" | "false" | "0" => Ok(Value::from(false)),
            _ => Err(wrong("yes or no")),
        },
        Type::Integer(least, most) => {
            let number = text.parse::<i64>().ok().filter(|number| (least..=most).contains(number));
            let expected = format!("a whole number from {least} to {most}");
            number.map(|number| Value::Bare(number.to_string())).ok_or_else(|| wrong(&expected))
        }
        Type::Number => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            let number = number.ok_or_else(|| wrong("a number such as 1500 or 0.25"))?;
            match range.filter(|(least, most)| number < *least || number > *most) {
                Some((least, most)) if most < f64::MAX => {
                    Err(wrong(&format!("a number from {least} to {most}")))
                }
                Some((least, _)) => Err(wrong(&format!("a number of at least {least}"))),
                // Whole amounts without a fraction, as the files are written.
                None if number == number.trunc() && number.abs() < 1e15 => {
                    Ok(Value::Bare(format!("{number:.0}")))
                }
                None => Ok(Value::Bare(format!("{number:?}"))),
            }
        }
        Type::Date => match text.parse::<jiff::civil::Date>() {
            Ok(day) => Ok(Value::Bare(day.to_string())),
            Err(_) => Err(wrong("a day such as 2026-03-31")),
        },
        Type::Words(words) => {
            let word = text.to_lowercase().replace([' ', '_'], "-");
            match words.iter().find(|(known, _)| *known == word) {
                Some((known, _)) => Ok(Value::from(*known)),
                None => {
                    let known = words.iter().map(|(word, _)| *word);
                    let listed: Vec<&str> = known.clone().collect();
                    let Wrong(what, _) = wrong(&format!("one of {}", listed.join(", ")));
                    Err(Wrong(what, nearest(&word, known).map(ToString::to_string)))
                }
            }
        }
        Type::Requirement => match text.parse::<RequirementId>() {
            Ok(id) => Ok(Value::Text(id.to_string())),
            Err(_) => {
                let near = Catalog::builtin().nearest_id(text).map(ToString::to_string);
                Err(Wrong(format!("`{}` is no requirement", shortened(text)), near))
            }
        },
        _ => Ok(Value::Text(text.to_string())),
    }
}

/// Is there all that a value names? What the workspace names already may stay.
fn known_to(plant: &Plant, key: &Key, value: Value, old: &str) -> Result<Value, Wrong> {
    let item = match key.ty {
        Type::List(inner) => *inner,
        one => one,
    };
    let items = match &value {
        Value::List(items) => items.iter().collect(),
        one => vec![one],
    };
    for text in
        items.into_iter().map(said).filter(|text| !text.is_empty() && !old.lines().any(|line| line == text))
    {
        match item {
            Type::Requirement => {
                let id = text.parse::<RequirementId>().ok();
                if id.is_none_or(|id| Catalog::builtin().requirement(&id).is_none()) {
                    let near = Catalog::builtin().nearest_id(&text).map(ToString::to_string);
                    return Err(Wrong(format!("no catalog has a requirement `{}`", shortened(&text)), near));
                }
            }
            Type::Reference(target) => there_is(plant, target, &text)?,
            _ => {}
        }
    }
    Ok(value)
}

fn there_is(plant: &Plant, target: Target, text: &str) -> Result<(), Wrong> {
    if target == Target::Subject && text == "plant" {
        return Ok(());
    }
    let mut known: Vec<&str> = Vec::new();
    for kind in target.kinds() {
        // Where an id names two records, `zone:ID` tells which.
        let id = match text.split_once(':') {
            Some((named, id)) if named == kind.describe() => id,
            _ => text,
        };
        let ids = ids(plant, kind);
        if ids.contains(&id) {
            return Ok(());
        }
        known.extend(ids);
    }
    let near = nearest(text, known).map(ToString::to_string);
    Err(Wrong(format!("the plant has no {} `{}`", target.describe(), shortened(text)), near))
}

/// The ids that a key of a countermeasure may name.
fn ids(plant: &Plant, target: Target) -> Vec<&str> {
    let system = plant.system.as_ref();
    match target {
        Target::Asset => plant.assets.keys().map(AsRef::as_ref).collect(),
        Target::Product => plant.products.keys().map(AsRef::as_ref).collect(),
        Target::Zone => plant.zones.keys().map(AsRef::as_ref).collect(),
        Target::Conduit => plant.conduits.keys().map(AsRef::as_ref).collect(),
        Target::Group => plant.groups.keys().map(AsRef::as_ref).collect(),
        Target::Countermeasure => plant.countermeasures.keys().map(AsRef::as_ref).collect(),
        Target::Role => {
            system.into_iter().flat_map(|system| &system.roles).map(|role| role.id.as_ref()).collect()
        }
        Target::Function => {
            let functions = system.into_iter().flat_map(|system| &system.essential_functions);
            functions.map(|function| function.id.as_ref()).collect()
        }
        _ => Vec::new(),
    }
}
