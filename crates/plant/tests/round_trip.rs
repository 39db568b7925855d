//! What is written reads back as it was, and what is not changed keeps its bytes.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod generate;

use generate::{Rng, workspace};
use proptest::prelude::*;
use zonewright_plant::Plant;
use zonewright_plant::text::edit::{Change, EditError, RecordName, apply};
use zonewright_plant::text::{self, AnyRecord, ReadWorkspace, Value, Written};
use zonewright_source::{Severity, SourceText};

/// Prints records as no tidy program would: comments everywhere, odd blanks, dotted keys, lists over several lines.
struct Scribe {
    rng: Rng,
    line_break: &'static str,
    out: String,
    remarks: usize,
}

impl Scribe {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push_str(self.line_break);
    }

    fn remark(&mut self, indent: &str) {
        self.remarks += 1;
        let text = format!("{indent}# remark {} [[zone]] = \"{{", self.remarks);
        self.line(&text);
    }

    fn literal(&mut self, value: &Value) -> String {
        match value {
            Value::Text(text)
                if !text.contains(['\'', '\n', '\r', '\u{7}', '\u{feff}']) && self.rng.one_in(3) =>
            {
                format!("'{text}'")
            }
            Value::List(items) if self.rng.one_in(2) => {
                let mut out = format!("[{}", self.line_break);
                for item in items {
                    let item = self.literal(item);
                    let remark = if self.rng.one_in(2) { " # why" } else { "" };
                    out.push_str(&format!("   {item} ,{remark}{}", self.line_break));
                }
                out.push_str("  ]");
                out
            }
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.literal(item)).collect();
                let comma = if self.rng.one_in(3) { "," } else { "" };
                format!("[{}{comma} ]", items.join(" ,"))
            }
            value => value.to_toml().unwrap(),
        }
    }

    /// Parts as a list of tables in braces.
    fn braces(&mut self, parts: &[Value]) -> String {
        let table = |part: &Value| {
            let Value::Part(part) = part else { unreachable!() };
            let entries = part.fields.iter().filter(|(_, value)| *value != Value::Absent);
            Value::Table(entries.map(|(key, value)| (key.name.to_string(), value.clone())).collect())
                .to_toml()
                .unwrap()
        };
        let (before, behind) = if self.rng.one_in(2) {
            ("  ", format!(", # part{}", self.line_break))
        } else {
            ("", ", ".to_string())
        };
        let parts: Vec<String> =
            parts.iter().map(|part| format!("{before}{}{behind}", table(part))).collect();
        format!("[{}]", parts.concat())
    }

    fn record(&mut self, record: &Written) {
        for _ in 0..self.rng.below(3) {
            self.out.push_str(self.line_break);
        }
        if self.rng.one_in(2) {
            self.remark("");
        }
        let indent = " ".repeat(self.rng.below(3));
        let behind = if self.rng.one_in(3) { "  # behind" } else { "" };
        let header = record.kind.header;
        self.line(&format!("{indent}{header}{behind}"));
        let mut parts = Vec::new();
        // Authors have an order of their own.
        let mut fields: Vec<&(&_, Value)> =
            record.fields.iter().filter(|(_, value)| *value != Value::Absent).collect();
        if self.rng.one_in(2) {
            fields.reverse();
        }
        for (key, value) in fields {
            match value {
                Value::Part(part) => parts.push(part.clone()),
                Value::List(items)
                    if items.iter().any(|item| matches!(item, Value::Part(_))) && self.rng.one_in(3) =>
                {
                    let value = self.braces(items);
                    self.line(&format!("{indent}{} = {value}", key.name));
                }
                Value::List(items) if items.iter().any(|item| matches!(item, Value::Part(_))) => {
                    parts.extend(items.iter().map(|item| {
                        if let Value::Part(part) = item { part.clone() } else { unreachable!() }
                    }));
                }
                Value::Table(entries) if self.rng.one_in(2) => {
                    for (name, value) in entries {
                        let value = self.literal(value);
                        let name = Value::from(name.as_str()).to_toml().unwrap();
                        self.line(&format!("{indent}{} . {name}={value}", key.name));
                    }
                }
                value => {
                    if self.rng.one_in(6) {
                        self.remark(&indent);
                    }
                    let value = self.literal(value);
                    let behind = if self.rng.one_in(4) { "\t# behind" } else { "" };
                    self.line(&format!("{indent}{}  =  {value}{behind}", key.name));
                }
            }
        }
        for part in parts {
            self.record(&part);
        }
    }
}

fn scribble(records: &[Written], seed: u64) -> SourceText {
    let mut rng = Rng(seed);
    let line_break = if rng.one_in(3) { "\r\n" } else { "\n" };
    let mut scribe = Scribe { rng, line_break, out: String::new(), remarks: 0 };
    if scribe.rng.one_in(4) {
        scribe.out.push('\u{feff}');
    }
    records.iter().for_each(|record| scribe.record(record));
    if scribe.rng.one_in(4) {
        let end = scribe.out.trim_end().len();
        scribe.out.truncate(end);
    }
    SourceText::new("all.toml", scribe.out)
}

fn read_soundly(files: &[SourceText]) -> ReadWorkspace {
    let read = text::read(files);
    let errors: Vec<_> = read.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{}", files.iter().map(|f| f.text()).collect::<String>());
    read
}

/// The records of a plant with parts in the order of what names them: an edit keeps the order that the text has.
fn sorted(plant: &Plant) -> Vec<Written> {
    let mut records = text::records(plant);
    for (_, value) in records.iter_mut().flat_map(|record| &mut record.fields) {
        if let Value::List(items) = value
            && items.iter().any(|item| matches!(item, Value::Part(_)))
        {
            items.sort_by_key(|item| format!("{item:?}"));
        }
    }
    records
}

fn all(plant: &Plant) -> Vec<AnyRecord> {
    let mut all: Vec<AnyRecord> = plant.system.iter().cloned().map(AnyRecord::from).collect();
    all.extend(plant.zones.values().cloned().map(AnyRecord::from));
    all.extend(plant.conduits.values().cloned().map(AnyRecord::from));
    all.extend(plant.assets.values().cloned().map(AnyRecord::from));
    all.extend(plant.groups.values().cloned().map(AnyRecord::from));
    all.extend(plant.products.values().cloned().map(AnyRecord::from));
    all.extend(plant.evidence.values().cloned().map(AnyRecord::from));
    all.extend(plant.countermeasures.values().cloned().map(AnyRecord::from));
    all.extend(plant.claims.values().cloned().map(AnyRecord::from));
    all.extend(plant.threat_sources.values().cloned().map(AnyRecord::from));
    all.extend(plant.scenarios.values().cloned().map(AnyRecord::from));
    all.extend(plant.consequences.values().cloned().map(AnyRecord::from));
    all.extend(plant.hazards.values().cloned().map(AnyRecord::from));
    all.extend(plant.tests.values().cloned().map(AnyRecord::from));
    all.extend(plant.approvals.values().cloned().map(AnyRecord::from));
    all.extend(plant.profiles.values().cloned().map(AnyRecord::from));
    all.extend(plant.waivers.values().cloned().map(AnyRecord::from));
    all
}

/// Workspaces written by hand, in this repository.
#[test]
fn putting_what_is_there_changes_no_byte_of_what_people_wrote() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["tests/cases/everything", "tests/cases/addresses", "../../examples/waterworks"] {
        let mut paths: Vec<_> =
            std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.to_str().is_some_and(|path| text::Form::of(path).is_some()));
        paths.sort();
        let file = |path: &std::path::PathBuf| {
            SourceText::new(
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read_to_string(path).unwrap(),
            )
        };
        let files: Vec<SourceText> = paths.iter().map(file).collect();
        let read = read_soundly(&files);
        assert!(!text::records(&read.plant).is_empty());
        let edited =
            apply(&files, &all(&read.plant).into_iter().map(Change::Put).collect::<Vec<_>>()).unwrap();
        assert!(edited.changed.is_empty(), "{:?}", edited.changed);
        let again = read_soundly(&text::write(&read.plant));
        assert_eq!(text::records(&again.plant), text::records(&read.plant));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_scribbled_is_read_and_what_is_written_reads_back(seed in any::<u64>()) {
        let records = workspace(seed);
        let read = read_soundly(&[scribble(&records, seed)]);
        prop_assert_eq!(text::records(&read.plant).len(), records.len());
        let written = text::write(&read.plant);
        let again = read_soundly(&written);
        prop_assert_eq!(text::records(&again.plant), text::records(&read.plant));
        let twice: Vec<String> = text::write(&again.plant).iter().map(|file| file.text().to_string()).collect();
        prop_assert_eq!(twice, written.iter().map(|file| file.text().to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn putting_what_is_there_changes_no_byte(seed in any::<u64>()) {
        let files = [scribble(&workspace(seed), seed)];
        let read = read_soundly(&files);
        let changes: Vec<Change> = all(&read.plant).into_iter().map(Change::Put).collect();
        let edited = apply(&files, &changes).unwrap();
        prop_assert_eq!(edited.files[0].text(), files[0].text());
        prop_assert!(edited.changed.is_empty());
    }

    #[test]
    fn putting_what_is_there_into_written_files_changes_no_byte(seed in any::<u64>()) {
        let read = read_soundly(&[scribble(&workspace(seed), seed)]);
        let files = text::write(&read.plant);
        let changes: Vec<Change> = all(&read_soundly(&files).plant).into_iter().map(Change::Put).collect();
        prop_assert_eq!(apply(&files, &changes).unwrap().changed.len(), 0);
    }

    #[test]
    fn putting_another_plant_makes_it_that_plant(seed in any::<u64>(), other in any::<u64>()) {
        let files = [scribble(&workspace(seed), seed)];
        read_soundly(&files);
        let wanted = read_soundly(&[scribble(&workspace(other), other)]).plant;
        let changes: Vec<Change> = all(&wanted).into_iter().map(Change::Put).collect();
        let edited = apply(&files, &changes);
        let edited = edited.unwrap_or_else(|error| panic!("{error:?}\n{}", files[0].text()));
        prop_assert_eq!(sorted(&edited.read.plant), sorted(&wanted));
        // What stands above a record that stays is nobody's to take away; that above a part may go with the part.
        let lines: Vec<&str> = files[0].text().lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0].starts_with("# remark") && pair[1].trim_start().starts_with('[')) {
            let of_part = pair[1].contains('.');
            prop_assert!(of_part || edited.files[0].text().contains(pair[0]), "{} is gone", pair[0]);
        }
    }

    #[test]
    fn accepting_all_leaves_no_proposal_and_touches_no_other_line(seed in any::<u64>()) {
        let files = [scribble(&workspace(seed), seed)];
        let read = read_soundly(&files);
        let mut names: Vec<RecordName> = all(&read.plant).iter().map(AnyRecord::name).collect();
        let permits = read.plant.conduits.values().flat_map(|conduit| &conduit.permits);
        names.extend(permits.map(|permit| RecordName::new("permit", permit.id.as_str()).unwrap()));
        let edited = apply(&files, &names.into_iter().map(Change::Accept).collect::<Vec<_>>()).unwrap();
        let is_mark = |line: &&str| line.trim_start().starts_with("proposed") || line.trim_start().starts_with("reason ");
        // Permits in braces stand on lines that change; those lines are compared by what they say.
        let is_braces = |line: &&str| line.contains("{ id = \"permit-");
        let before: Vec<&str> = files[0].text().lines().filter(|line| !is_mark(line) && !is_braces(line)).collect();
        let after: Vec<&str> = edited.files[0].text().lines().filter(|line| !is_braces(line)).collect();
        let says_so = |record: &Written| record.fields.iter().any(|(key, value)| {
            (key.name == "proposed" || key.name == "reason") && *value != Value::Absent
        });
        let records = text::records(&edited.read.plant);
        prop_assert!(!records.iter().any(says_so));
        prop_assert!(edited.read.plant.conduits.values().flat_map(|conduit| &conduit.permits).all(|permit| !permit.common.proposed));
        prop_assert_eq!(before, after);
    }

    #[test]
    fn deleting_all_leaves_a_workspace_of_remarks(seed in any::<u64>()) {
        let files = [scribble(&workspace(seed), seed)];
        let read = read_soundly(&files);
        let changes: Vec<Change> = all(&read.plant).iter().rev().map(|record| Change::Delete(record.name())).collect();
        let edited = apply(&files, &changes).unwrap();
        prop_assert_eq!(text::records(&edited.read.plant), vec![]);
        prop_assert!(!edited.files[0].text().lines().any(|line| line.trim_start().starts_with("[[")));
    }

    #[test]
    fn sheets_are_edited_cell_by_cell(seed in any::<u64>(), other in any::<u64>()) {
        let assets = |seed: u64| {
            let all = workspace(seed);
            let read = read_soundly(&[scribble(&all, seed)]);
            text::write(&read.plant).into_iter().map(|file| (file, read.plant.clone())).collect::<Vec<_>>()
        };
        let (mine, theirs) = (assets(seed), assets(other));
        let files: Vec<SourceText> = mine.iter().map(|(file, _)| odd_sheet(file, seed)).collect();
        let wanted = &theirs[0].1;
        prop_assert_eq!(text::records(&read_soundly(&files).plant), text::records(&mine[0].1));
        let changes: Vec<Change> = all(wanted).into_iter().map(Change::Put).collect();
        match apply(&files, &changes) {
            Ok(edited) => prop_assert_eq!(sorted(&edited.read.plant), sorted(wanted)),
            // A row cannot become what no cell can hold; that is said.
            Err(error) => prop_assert!(matches!(error, EditError::NotForACell(..)), "{:?}", error),
        }
    }
}

/// A sheet as another program would have saved it.
fn odd_sheet(file: &SourceText, seed: u64) -> SourceText {
    if !file.file().ends_with(".csv") || file.text().contains(['"', ';', '\t']) {
        return file.clone();
    }
    let delimiter = [",", ";", "\t"][(seed % 3) as usize];
    let text = file.text().replace(',', delimiter).replace('\n', "\r\n");
    SourceText::new(
        file.file().clone(),
        format!("\u{feff}{}", if seed.is_multiple_of(2) { text.trim_end() } else { &text }),
    )
}
