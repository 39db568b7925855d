//! Workspace/1: the text form of a plant, TOML files and `assets*.csv`.
//!
//! Owns the specification of every record and key, reading with all errors at once, checking of references, writing, and the
//! JSON Schema and reference page made from the specification. Files come in and go out as names and texts; who reads them
//! from a disk is somebody else. What a sound plant means is judged in `assess`.
//!
//! ```
//! let files = [SourceText::new("zones.toml", "[[zone]]\nid = \"Z-CTRL\"\nproposed = true\n")];
//! let workspace = text::read(&files);
//! if !workspace.has_errors() {
//!     let name = RecordName::new("zone", "Z-CTRL")?;
//!     let edited = text::edit::apply(&files, &[Change::Accept(name)])?;
//!     // `edited.changed` names the files to be written, `edited.read` is the plant as it is now.
//! }
//! ```

mod check;
pub mod code;
mod csv;
mod decode;
pub mod edit;
mod field;
mod gather;
mod kinds;
mod level;
pub mod limit;
mod loose;
mod record;
pub mod reference;
mod resolve;
pub mod schema;
pub mod spec;
mod toml;
mod tree;
mod value;
mod write;

pub use decode::decode;
pub use field::id_fault;
pub use kinds::KINDS;
pub use value::{Value, Written};
pub use write::write;

use crate::Plant;
use crate::model::{Asset, System};
use gather::{Cx, Gathered, Locator, Who};
use record::Record;
use spec::{ID, Kind, VERSION};
use std::collections::BTreeMap;
use tree::{Entry, Item, Node, Table};
use zonewright_source::{Diagnostic, Place, Severity, SourceText, nearest};

/// What was understood of a workspace, and everything that is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct ReadWorkspace {
    /// The plant. Where there are errors, what they are about is missing from it.
    pub plant: Plant,
    /// Everything to be said, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

impl ReadWorkspace {
    /// Is there an error, so that the plant is not what its author meant?
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Which form a file of a workspace has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Records of any kind.
    Toml,
    /// Assets, one a row.
    AssetsCsv,
}

impl Form {
    /// The form of the file of that name; nothing if a workspace does not read it.
    #[must_use]
    pub fn of(file: &str) -> Option<Self> {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file).to_ascii_lowercase();
        if name.ends_with(".toml") {
            Some(Self::Toml)
        } else if name.starts_with("assets") && name.ends_with(".csv") {
            Some(Self::AssetsCsv)
        } else {
            None
        }
    }
}

/// Reads the files of a workspace: each a name (relative to the workspace) and a text.
///
/// Never fails: what is wrong is in the diagnostics, all at once, and a broken file does not hide the others.
#[must_use]
pub fn read(files: &[SourceText]) -> ReadWorkspace {
    let locators: Vec<Locator<'_>> = files.iter().map(Locator::new).collect();
    let (plant, gathered) = read_located(files, &locators);
    ReadWorkspace { plant, diagnostics: gathered.into_diagnostics(&locators) }
}

/// The same, with what was gathered instead of diagnostics.
fn read_gathered(files: &[SourceText]) -> (Plant, Gathered) {
    let locators: Vec<Locator<'_>> = files.iter().map(Locator::new).collect();
    read_located(files, &locators)
}

fn read_located(files: &[SourceText], locators: &[Locator<'_>]) -> (Plant, Gathered) {
    let mut gathered = Gathered::default();
    let mut plant = Plant::default();
    for (file, locator) in (0_u32..).zip(locators) {
        read_file(file, locator, &mut gathered, &mut plant);
    }
    loose::join(&mut plant, &mut gathered);
    resolve::resolve(&mut plant, &mut gathered);
    check::check(&plant, files, &mut gathered);
    (plant, gathered)
}

fn read_file(file: u32, locator: &Locator<'_>, gathered: &mut Gathered, plant: &mut Plant) {
    let source = locator.source;
    if source.text().len() > limit::FILE_BYTES_MAX {
        let message =
            format!("`{}` has more than {} bytes and is not read", source.file(), limit::FILE_BYTES_MAX);
        let diagnostic = Diagnostic::error("plant/limit", message).at(Place::File(source.file().clone()));
        return gathered.report(file, tree::Span::default(), diagnostic.help("split it into several files"));
    }
    let mut cx = Cx {
        gathered,
        file,
        locator,
        who: Who { kind: System::KIND, id: "".into() },
        key: &ID,
        csv: false,
        faults: Vec::new(),
    };
    match Form::of(source.file()) {
        Some(Form::Toml) => {
            let (root, errors) = toml::parse(source.text());
            if !errors.is_empty() {
                cx.gathered.broken.push(source.file().clone());
            }
            cx.faults = errors.iter().map(|error| error.span.start).collect();
            for error in errors {
                let mut diagnostic = Diagnostic::error("plant/syntax", error.message);
                diagnostic.help = error.help;
                cx.report(error.span, diagnostic);
            }
            read_root(&root, plant, &mut cx);
        }
        Some(Form::AssetsCsv) => {
            cx.csv = true;
            let sheet = csv::cut(source.text());
            csv::for_each_table(Asset::KIND, &sheet, &mut cx, |table, cx| {
                add(plant_of::<Asset>, table, plant, cx)
            });
        }
        None => {
            let message = format!("`{}` is not a file of a workspace and is not read", source.file());
            let diagnostic =
                Diagnostic::warning("plant/unknown-file", message).at(Place::File(source.file().clone()));
            cx.report(
                tree::Span::default(),
                diagnostic.help("records stand in `*.toml`, assets also in `assets*.csv`"),
            );
        }
    }
}

/// A kind of record that stands at the top of a file, and where the plant keeps it.
trait TopLevel: Record {
    type Id: Ord + Clone;
    fn shelf(plant: &mut Plant) -> &mut BTreeMap<Self::Id, Self>;
    fn id(&self) -> &Self::Id;
}

macro_rules! shelves {
    ($($record:ident $id:ident $shelf:ident;)*) => {
        $(impl TopLevel for crate::model::$record {
            type Id = crate::id::$id;
            fn shelf(plant: &mut Plant) -> &mut BTreeMap<Self::Id, Self> {
                &mut plant.$shelf
            }
            fn id(&self) -> &Self::Id {
                &self.id
            }
        })*

        /// Reads a table as a record of the kind of that name, if there is one.
        fn reader(kind: &str) -> Option<(&'static Kind, Reader)> {
            $(if kind == crate::model::$record::KIND.name {
                return Some((crate::model::$record::KIND, plant_of::<crate::model::$record>));
            })*
            None
        }

        /// A record of any kind that stands at the top of a file.
        #[derive(Debug, Clone, PartialEq)]
        pub enum AnyRecord {
            /// The plant.
            Plant(System),
            $(
                #[doc = concat!("One of the plant's ", stringify!($shelf), ".")]
                $record(crate::model::$record),
            )*
        }

        $(impl From<crate::model::$record> for AnyRecord {
            fn from(record: crate::model::$record) -> Self {
                Self::$record(record)
            }
        })*

        impl AnyRecord {
            /// Its kind.
            #[must_use]
            pub fn kind(&self) -> &'static Kind {
                match self {
                    Self::Plant(_) => System::KIND,
                    $(Self::$record(_) => crate::model::$record::KIND,)*
                }
            }

            /// Its id.
            #[must_use]
            pub fn id(&self) -> &str {
                match self {
                    Self::Plant(system) => &system.id,
                    $(Self::$record(record) => record.id.as_str(),)*
                }
            }

            /// Its keys and values in a workspace that holds `plant`.
            #[must_use]
            pub fn write(&self, plant: &Plant) -> Written {
                match self {
                    Self::Plant(system) => system.write(plant),
                    $(Self::$record(record) => record.write(plant),)*
                }
            }
        }

        /// A record of the plant as it is written, by kind and id.
        fn written_one(plant: &Plant, name: &edit::RecordName) -> Option<Written> {
            if name.kind == System::KIND.name {
                return plant.system.as_ref().map(|system| system.write(plant));
            }
            $(if name.kind == crate::model::$record::KIND.name {
                return plant.$shelf.get(&crate::id::$id::from(name.id.as_str())).map(|record| record.write(plant));
            })*
            written_part(plant, name)
        }

        /// Every record of the plant as it is written, kind by kind: its content without its places.
        #[must_use]
        pub fn records(plant: &Plant) -> Vec<Written> {
            let mut all: Vec<Written> = plant.system.iter().map(|system| system.write(plant)).collect();
            $(all.extend(plant.$shelf.values().map(|record| record.write(plant)));)*
            all
        }
    };
}

fn written_part(plant: &Plant, name: &edit::RecordName) -> Option<Written> {
    let system = plant.system.as_ref();
    let id = name.id.as_str();
    match name.kind {
        "role" => system?.roles.iter().find(|role| role.id.as_str() == id).map(|role| role.write(plant)),
        "essential_function" => system?
            .essential_functions
            .iter()
            .find(|function| function.id.as_str() == id)
            .map(|function| function.write(plant)),
        "outage_window" => system?
            .outage_windows
            .iter()
            .find(|window| window.id.as_str() == id)
            .map(|window| window.write(plant)),
        _ => None,
    }
}

impl From<System> for AnyRecord {
    fn from(system: System) -> Self {
        Self::Plant(system)
    }
}

type Reader = fn(&Table<'_>, &mut Plant, &mut Cx<'_, '_>);

shelves! {
    Zone ZoneId zones;
    Conduit ConduitId conduits;
    Asset AssetId assets;
    Group GroupId groups;
    Product ProductId products;
    Evidence EvidenceId evidence;
    Countermeasure CountermeasureId countermeasures;
    Claim ClaimId claims;
    ThreatSource ThreatSourceId threat_sources;
    Scenario ScenarioId scenarios;
    Consequence ConsequenceId consequences;
    Hazard HazardId hazards;
    Test TestId tests;
    Approval ApprovalId approvals;
    Profile ProfileId profiles;
    Waiver WaiverId waivers;
}

fn plant_of<R: TopLevel>(table: &Table<'_>, plant: &mut Plant, cx: &mut Cx<'_, '_>) {
    if let Some(record) = R::read(table, cx) {
        // The second of the same id was reported; the first stays.
        R::shelf(plant).entry(record.id().clone()).or_insert(record);
    }
}

fn add(reader: Reader, table: &Table<'_>, plant: &mut Plant, cx: &mut Cx<'_, '_>) {
    reader(table, plant, cx);
}

fn read_root(root: &Table<'_>, plant: &mut Plant, cx: &mut Cx<'_, '_>) {
    if !version_is_known(root, cx) {
        return;
    }
    for entry in &root.entries {
        if entry.key == "workspace" {
            continue;
        }
        if entry.key == System::KIND.name {
            read_system(entry, plant, cx);
        } else if let Some((kind, reader)) = reader(&entry.key) {
            read_records(kind, reader, entry, plant, cx);
        } else {
            unknown_record(entry, cx);
        }
    }
}

/// The key `workspace` says which version of Workspace a file is written in; a newer one is not guessed at.
fn version_is_known(root: &Table<'_>, cx: &mut Cx<'_, '_>) -> bool {
    let Some(entry) = root.entry("workspace") else { return true };
    match entry.value.item {
        Item::Integer(version) if (1..=i64::from(VERSION)).contains(&version) => true,
        Item::Integer(version) if version > i64::from(VERSION) => {
            let message = format!(
                "the file is written in Workspace/{version}; this program reads up to Workspace/{VERSION}"
            );
            let diagnostic = Diagnostic::error("plant/newer-version", message)
                .because("records of a newer version may mean what this program cannot know, so the file is not read")
                .help("update the program");
            cx.report(entry.value.span, diagnostic);
            false
        }
        _ => {
            let message = "`workspace` names the version of Workspace: expected a whole number of at least 1";
            cx.report(
                entry.value.span,
                Diagnostic::error("plant/wrong-type", message).help(format!("write `workspace = {VERSION}`")),
            );
            true
        }
    }
}

fn read_system(entry: &Entry<'_>, plant: &mut Plant, cx: &mut Cx<'_, '_>) {
    let table = match &entry.value.item {
        Item::Table(table) => &**table,
        Item::Tables(tables) => {
            let message = "a workspace has one plant: expected `[plant]`, found `[[plant]]`";
            cx.report(
                entry.value.span,
                Diagnostic::error("plant/wrong-type", message).help("write it in single brackets"),
            );
            let Some(first) = tables.first() else { return };
            first
        }
        other => {
            let message = format!("`plant` is a table: expected `[plant]`, found {}", other.describe());
            return cx.report(entry.value.span, Diagnostic::error("plant/wrong-type", message));
        }
    };
    if table.origin == tree::Origin::Implied && !table.entries.iter().any(|entry| entry.key == "id") {
        // Parts such as `[[plant.role]]` may stand in a file of their own.
        return loose::read(table, cx);
    }
    if let Some(first) = &plant.system {
        let first = first.common.place.clone();
        let diagnostic = Diagnostic::error("plant/duplicate-id", "the plant is described twice")
            .because(format!("a workspace has one plant; the first stands at {first}"))
            .help("keep one `[plant]`");
        return cx.report(table.span, diagnostic);
    }
    plant.system = System::read(table, cx);
}

fn read_records(
    kind: &'static Kind,
    reader: Reader,
    entry: &Entry<'_>,
    plant: &mut Plant,
    cx: &mut Cx<'_, '_>,
) {
    match &entry.value.item {
        Item::Tables(tables) => tables.iter().for_each(|table| add(reader, table, plant, cx)),
        Item::Array(items) => {
            for item in items {
                match &item.item {
                    Item::Table(table) => add(reader, table, plant, cx),
                    _ => not_a_record(kind, item, cx),
                }
            }
        }
        Item::Table(table) => {
            let message =
                format!("there may be many of these: expected `{}`, found `[{}]`", kind.header, kind.name);
            let diagnostic =
                Diagnostic::error("plant/wrong-type", message).help("write the header in double brackets");
            cx.report(entry.value.span, diagnostic);
            if table.origin == tree::Origin::Header {
                add(reader, table, plant, cx);
            }
        }
        _ => not_a_record(kind, &entry.value, cx),
    }
}

fn not_a_record(kind: &'static Kind, node: &Node<'_>, cx: &mut Cx<'_, '_>) {
    if !matches!(node.item, Item::Broken) {
        let message = format!("expected a record below `{}`, found {}", kind.header, node.item.describe());
        cx.report(node.span, Diagnostic::error("plant/wrong-type", message));
    }
}

fn unknown_record(entry: &Entry<'_>, cx: &mut Cx<'_, '_>) {
    let names = KINDS.iter().filter(|kind| !kind.header.contains('.')).map(|kind| kind.name);
    let near =
        if cx.gathered.wants("plant/unknown-record") { nearest(&entry.key, names.clone()) } else { None };
    let name = field::shown(&entry.key);
    let (message, help) = match (&entry.value.item, near) {
        (Item::Table(_) | Item::Tables(_) | Item::Array(_), Some(near)) => {
            (format!("there is no record {name}"), format!("did you mean `{near}`?"))
        }
        (Item::Table(_) | Item::Tables(_) | Item::Array(_), None) => {
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            (format!("there is no record {name}"), format!("records are {}", names.join(", ")))
        }
        (_, Some(near)) => {
            (format!("key {name} stands below no header"), format!("did you mean `[[{near}]]`?"))
        }
        (_, None) => (
            format!("key {name} stands below no header"),
            "put it below the header of its record, such as `[plant]`".to_string(),
        ),
    };
    cx.report(entry.key_span, Diagnostic::error("plant/unknown-record", message).help(help));
}
