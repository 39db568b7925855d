//! The use case "import": assets out of lists and scans of other tools, set against those of the workspace.
//!
//! Owns what a file is, by its content; reading each kind into [`Incoming`] assets with the place of each; the comparison
//! ([`compare`]) and what is written of it ([`write()`]). Leaves to others: what a record is and how texts are changed
//! (`plant`). Readers never fail half-way: they return what was understood, and say what was not.

mod apply;
mod columns;
pub mod compare;
mod cyclonedx;
mod job;
pub mod netbox;
mod nmap;
mod sheet;
mod table;
#[cfg(test)]
mod tests;
mod words;
mod xml;

pub use columns::columns;
pub(crate) use job::bytes_of;
pub use job::{ImportError, Job, Previewed, preview, write};
pub use sheet::{PARTS_MAX, SHEETS_MAX, UNPACKED_BYTES_MAX};
pub(crate) use sheet::{shown as shown_cell, unpack};
pub use table::TITLE_ROWS_MAX;
pub use words::decode;
pub(crate) use words::{free, sound};

use columns::plain;
use netbox::Objects;
use serde_json::Value;
use std::collections::BTreeSet;
use table::Grid;
use zonewright_plant::id::AssetId;
use zonewright_plant::model::{Asset, EvidenceKind, Network};
use zonewright_source::nearest;

/// Most bytes of a file that is imported.
pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Most rows of a list, or hosts of a scan, that are read.
pub const ROWS_MAX: usize = 200_000;
/// Most cells of a list that are read.
pub const CELLS_MAX: usize = 4_000_000;
/// Most bytes of text of a list that are read.
pub const TEXT_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Longest text that is taken over from a cell, in characters.
pub const CELL_CHARS_MAX: usize = 2_000;

/// What a file is, told by its content. What people wrote down comes before what machines found, and that before what only
/// tells of one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Importable {
    /// A list of assets: CSV, or a sheet of a spreadsheet.
    Assets,
    /// Objects of NetBox in JSON.
    NetBox,
    /// A scan in Nmap's XML.
    Nmap,
    /// A CycloneDX bill of materials, JSON or XML.
    CycloneDx,
}

impl Importable {
    /// Every kind, by the word that the command line takes.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("assets", Self::Assets),
        ("netbox", Self::NetBox),
        ("nmap", Self::Nmap),
        ("cyclonedx", Self::CycloneDx),
    ];

    /// The kind of evidence that such a file is.
    #[must_use]
    pub const fn evidence(self) -> EvidenceKind {
        match self {
            Self::Assets | Self::NetBox => EvidenceKind::Inventory,
            Self::Nmap => EvidenceKind::Scan,
            Self::CycloneDx => EvidenceKind::Document,
        }
    }

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// How files are to be read.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// What they are; told by their content where absent.
    pub kind: Option<Importable>,
    /// Columns of lists, ours and theirs.
    pub columns: Vec<(String, String)>,
    /// The sheet of a spreadsheet; the one that looks most like a list where absent.
    pub sheet: Option<String>,
    /// The asset whose bill of materials is read.
    pub asset: Option<AssetId>,
}

/// An asset as a file tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// What is told. References (zone, product, owner) are words as they stand in the file.
    pub asset: Asset,
    /// Where, in words: `list.csv, row 3`.
    pub place: String,
    /// Does the file give it an id of its own? Otherwise the id was made of an address.
    pub named: bool,
    /// Keys that the reader concluded: they fill what is empty, and never contradict.
    pub guessed: BTreeSet<&'static str>,
}

/// A network that a file tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The network.
    pub network: Network,
    /// Its context.
    pub context: Option<String>,
    /// What it is called: by its VLAN, role and description.
    pub called: Vec<String>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its name.
    pub file: String,
    /// What it is.
    pub kind: Importable,
    /// What it is, in words.
    pub words: String,
    /// Its assets.
    pub assets: Vec<Incoming>,
    /// For a list: our columns and theirs, in our order.
    pub columns: Vec<(&'static str, String)>,
    /// For a list: their columns that were not used.
    pub unused: Vec<String>,
    /// For a list: all headers.
    pub headers: Vec<String>,
    /// What else is to be said: cells that were not understood, rows left out, limits, the encoding.
    pub notes: Vec<String>,
    /// Files that it was read together with.
    pub with: Vec<String>,
    /// Networks that it tells of.
    pub networks: Vec<Hint>,
    /// Is the file worth keeping with the one asset it tells of, as its bill of materials?
    pub keeps: bool,
}

impl Source {
    /// What it is and what is to be said of reading it, in one sentence.
    #[must_use]
    pub fn account(&self) -> String {
        let mut words = self.words.clone();
        if !self.columns.is_empty() {
            let columns: Vec<String> =
                self.columns.iter().map(|(ours, theirs)| format!("{theirs} is {ours}")).collect();
            words.push_str(&format!("; columns: {}", columns.join(", ")));
        }
        if !self.unused.is_empty() {
            let unused = self.unused.join(", ");
            words.push_str(&format!("; not used: {unused} (say what they are with --column OURS=THEIRS)"));
        }
        for note in &self.notes {
            words.push_str(&format!("; {note}"));
        }
        words
    }

    pub(crate) fn new(file: &str, kind: Importable) -> Self {
        Self {
            file: file.to_string(),
            kind,
            words: String::new(),
            assets: Vec::new(),
            columns: Vec::new(),
            unused: Vec::new(),
            headers: Vec::new(),
            notes: Vec::new(),
            with: Vec::new(),
            networks: Vec::new(),
            keeps: false,
        }
    }
}

/// Why a file was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotImportable {
    /// The reason.
    pub why: String,
    /// The headers of a list whose columns were not recognized.
    pub headers: Vec<String>,
}

impl From<String> for NotImportable {
    fn from(why: String) -> Self {
        Self { why, headers: Vec::new() }
    }
}

/// A column was named that no list has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no list has a column `{theirs}`{}; the headers there are: {}", near.as_ref().map_or(String::new(), |near| format!(", did you mean `{near}`?")), shown(headers))]
pub struct NoSuchHeader {
    /// The header that was named.
    pub theirs: String,
    /// The nearest one.
    pub near: Option<String>,
    /// The headers that there are.
    pub headers: Vec<String>,
}

fn shown(headers: &[String]) -> String {
    match headers {
        [] => "none (no list of assets was read)".into(),
        some => some.iter().map(|header| format!("`{header}`")).collect::<Vec<_>>().join(", "),
    }
}

/// Files read one after the other; those that belong together are joined at the end.
#[derive(Debug, Default)]
pub struct Files {
    reading: Reading,
    sources: Vec<Source>,
    headers: Vec<String>,
    /// What NetBox's files hold, and which of the sources each is.
    netbox: Vec<(usize, Objects)>,
}

impl Files {
    /// Begins to read.
    #[must_use]
    pub fn new(reading: Reading) -> Self {
        Self { reading, ..Self::default() }
    }

    /// Reads a file, and says what it is or why it was not read.
    pub fn read(&mut self, file: &str, bytes: &[u8]) -> Result<Importable, NotImportable> {
        match read(file, bytes, &self.reading) {
            Ok(Read::Source(source)) => {
                self.headers.extend(source.headers.iter().cloned());
                let kind = source.kind;
                self.sources.push(source);
                Ok(kind)
            }
            Ok(Read::NetBox(objects)) => {
                self.take_netbox(file, objects, Vec::new());
                Ok(Importable::NetBox)
            }
            Err(not) => {
                self.headers.extend(not.headers.iter().cloned());
                Err(not)
            }
        }
    }

    fn take_netbox(&mut self, file: &str, objects: Objects, notes: Vec<String>) {
        let mut source = Source::new(file, Importable::NetBox);
        source.words = format!("NetBox: {}", objects.words());
        source.notes = notes;
        self.netbox.push((self.sources.len(), objects));
        self.sources.push(source);
    }

    /// Asks a NetBox, and takes its answers as one more file.
    pub fn ask(&mut self, remote: &netbox::rest::Remote) -> Result<(), netbox::rest::RestError> {
        let answered = netbox::rest::read(remote)?;
        self.take_netbox(&answered.host, answered.objects, answered.notes);
        Ok(())
    }

    /// NetBox's files are read together: devices stand in one, their addresses in another.
    fn join_netbox(&mut self) {
        let mut all = Objects::default();
        self.netbox.iter().for_each(|(_, objects)| all.join(objects));
        let lead = self.netbox.iter().find(|(_, objects)| objects.has_assets()).or(self.netbox.first());
        let Some(lead) = lead.map(|(at, _)| *at) else { return };
        let files: Vec<String> =
            self.netbox.iter().filter_map(|(at, _)| Some(self.sources.get(*at)?.file.clone())).collect();
        for (at, _) in &self.netbox {
            let Some(source) = self.sources.get_mut(*at) else { continue };
            source.with = files.iter().filter(|file| **file != source.file).cloned().collect();
            if *at == lead {
                let whole = netbox::assets(&source.file, &all);
                source.assets = whole.assets;
                source.notes.extend(whole.notes);
                source.networks = whole.networks;
            }
            if !source.with.is_empty() {
                source.notes.push(format!("read together with {}", source.with.join(", ")));
            }
        }
    }

    /// All that was read. A column that was named and that no list has is an error: it would do nothing in silence.
    pub fn done(mut self) -> Result<Vec<Source>, NoSuchHeader> {
        self.join_netbox();
        let known: BTreeSet<String> = self.headers.iter().map(|header| plain(header)).collect();
        if let Some((_, theirs)) =
            self.reading.columns.iter().find(|(_, theirs)| !known.contains(&plain(theirs)))
        {
            let near = nearest(theirs, self.headers.iter().map(String::as_str)).map(ToString::to_string);
            let mut headers: Vec<String> = Vec::new();
            for header in self.headers {
                if !headers.contains(&header) {
                    headers.push(header);
                }
            }
            return Err(NoSuchHeader { theirs: theirs.clone(), near, headers });
        }
        Ok(self.sources)
    }
}

/// Is a file a workbook that Zonewright wrote: one with a sheet of that name? Such a one holds answers, and is no list of assets.
#[must_use]
pub fn is_ours(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK") && matches!(sheet::read(bytes), Ok(sheet::Book::Ours))
}

/// A count with its word, as in `1 row` and `2 rows`.
pub(crate) fn counted(count: usize, one: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {one}{end}")
}

/// Does a file begin like something that tells by its form what it is: a packed spreadsheet, XML or JSON?
#[must_use]
pub fn has_a_form(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    matches!(bytes, [b'P', b'K', 3 | 5, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..])
        || matches!(text, [b'<' | b'{' | b'[', ..])
}

/// A file, read alone.
enum Read {
    Source(Source),
    NetBox(Objects),
}

fn read(file: &str, bytes: &[u8], reading: &Reading) -> Result<Read, NotImportable> {
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > FILE_BYTES_MAX {
        return Err(format!("it has more than {FILE_BYTES_MAX} bytes").into());
    }
    match bytes {
        [] => return Err("it is empty".to_string().into()),
        [b'P', b'K', 3 | 5, ..] => {
            expect(reading, Importable::Assets)?;
            return book(file, bytes, reading).map(Read::Source);
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            let why = "it is an old Excel workbook (XLS) or one with a password: save it as XLSX or CSV";
            return Err(why.to_string().into());
        }
        _ => {}
    }
    if bytes.get(..4).is_some_and(crate::start::is_capture) {
        return Err("it is a capture: `zonewright start` and `observe` read it".to_string().into());
    }
    let Some((text, encoding)) = decode(bytes) else {
        return Err("it is neither text nor a spreadsheet".to_string().into());
    };
    let mut read =
        of_text(file, &text, reading).map_err(|not| match zonewright_firewall::dialects::detect(&text) {
            Some(dialect) => {
                let title = dialect.title();
                format!("it is a configuration of {title}: `zonewright start` and `firewall read` read it")
                    .into()
            }
            None => not,
        })?;
    if let Read::Source(source) = &mut read {
        source.notes.extend(encoding.map(ToString::to_string));
    }
    Ok(read)
}

/// Refuses a file that is of another kind than was said.
fn expect(reading: &Reading, found: Importable) -> Result<(), NotImportable> {
    if let Some(kind) = reading.kind.filter(|kind| *kind != found) {
        return Err(format!("it is of kind {}, not {}", found.as_str(), kind.as_str()).into());
    }
    if reading.sheet.is_some() && found != Importable::Assets {
        return Err("it has no sheets: --sheet is for XLSX and ODS".to_string().into());
    }
    if reading.asset.is_some() && found != Importable::CycloneDx {
        return Err("it is no bill of materials: --asset is for CycloneDX".to_string().into());
    }
    Ok(())
}

fn of_text(file: &str, text: &str, reading: &Reading) -> Result<Read, NotImportable> {
    let of = reading.asset.as_ref();
    match text.trim_start().chars().next() {
        Some('<') => match root(text)? {
            Some(Importable::Nmap) => {
                expect(reading, Importable::Nmap)?;
                Ok(Read::Source(nmap::read(file, text)?))
            }
            Some(_) => {
                expect(reading, Importable::CycloneDx)?;
                Ok(Read::Source(cyclonedx::from_xml(file, text, of)?))
            }
            None => Err("it is XML, but neither a scan of Nmap nor a CycloneDX bill of materials"
                .to_string()
                .into()),
        },
        Some('{' | '[') => {
            let value: Value = serde_json::from_str(text).map_err(|error| match error.is_eof() {
                true => format!("it is JSON that is cut off: {error}"),
                false => format!("it begins like JSON and cannot be read as such: {error}"),
            })?;
            of_json(file, value, reading)
        }
        _ => {
            expect(reading, Importable::Assets)?;
            if reading.sheet.is_some() {
                return Err("it has no sheets: --sheet is for XLSX and ODS".to_string().into());
            }
            list(file, table::from_csv(text, &reading.columns), reading).map(Read::Source)
        }
    }
}

/// What an XML document is, by its first element.
fn root(text: &str) -> Result<Option<Importable>, NotImportable> {
    let mut walk = xml::Walk::over(text);
    let first = walk.step();
    if let Some(why) = walk.stopped {
        return Err(format!("it is XML that is not read: {why}").into());
    }
    let namespace = first.as_ref().and_then(|tag| tag.attribute("xmlns")).unwrap_or_default();
    Ok(match &first {
        Some(xml::Tag::Open { name, .. }) if name == "nmaprun" => Some(Importable::Nmap),
        Some(xml::Tag::Open { name, .. }) if name == "bom" && namespace.contains("cyclonedx.org") => {
            Some(Importable::CycloneDx)
        }
        _ => None,
    })
}

fn of_json(file: &str, value: Value, reading: &Reading) -> Result<Read, NotImportable> {
    let says = |key: &str, word: &str| {
        value.get(key).and_then(Value::as_str).is_some_and(|found| found.contains(word))
    };
    if says("bomFormat", "CycloneDX") || says("$schema", "cyclonedx.org") {
        expect(reading, Importable::CycloneDx)?;
        return Ok(Read::Source(cyclonedx::from_json(file, &value, reading.asset.as_ref())?));
    }
    if netbox::is_netbox(&value) {
        expect(reading, Importable::NetBox)?;
        let mut objects = Objects::default();
        objects.take(value);
        return Ok(Read::NetBox(objects));
    }
    let is_spdx = says("spdxVersion", "SPDX") || says("@context", "spdx.org");
    Err(match is_spdx {
        true => {
            "it is an SPDX bill of materials, which is not read: export it as CycloneDX".to_string().into()
        }
        false => "it is JSON, but neither of NetBox nor a CycloneDX bill of materials".to_string().into(),
    })
}

fn list(file: &str, grid: Grid, reading: &Reading) -> Result<Source, NotImportable> {
    match grid.header(&reading.columns) {
        Some(header) => Ok(table::assets(file, grid, header)),
        None => {
            let headers: Vec<String> = grid.first_words().iter().map(|word| words::clean(word)).collect();
            let shown: String = headers.join(", ").chars().take(200).collect();
            let why = match headers.as_slice() {
                [] => "it is empty".to_string(),
                [_] => format!("it is no list of assets: it has only one column, `{shown}`"),
                _ => format!(
                    "no column of ids or addresses was recognized in `{shown}`: name one, e.g. --column ips=\"THEIR HEADER\""
                ),
            };
            Err(NotImportable { why, headers })
        }
    }
}

/// The sheet that was asked for, or the one that looks most like a list.
fn book(file: &str, bytes: &[u8], reading: &Reading) -> Result<Source, NotImportable> {
    let sheets = match sheet::read(bytes)? {
        sheet::Book::Sheets(sheets) => sheets,
        sheet::Book::Ours => {
            return Err("it is a workbook that Zonewright wrote, and no list of assets".to_string().into());
        }
    };
    let name = |grid: &Grid| grid.sheet.clone().unwrap_or_default();
    if let Some(wanted) = &reading.sheet {
        let names: Vec<String> =
            sheets.iter().map(|grid| format!("`{}`", words::clean(&name(grid)))).collect();
        let found = sheets.into_iter().find(|grid| name(grid).trim() == wanted.trim());
        let missing = || format!("it has no sheet `{wanted}`; its sheets are {}", names.join(", "));
        return list(file, found.ok_or_else(missing)?, reading);
    }
    let score = |grid: &Grid| grid.header(&reading.columns).map_or(0, |(_, mapping)| mapping.len());
    let lists: Vec<String> =
        sheets.iter().filter(|grid| score(grid) > 0).map(|grid| words::clean(&name(grid))).collect();
    // Of equals, the first.
    let best = sheets.into_iter().rev().max_by_key(|grid| (score(grid), grid.rows.len()));
    let Some(best) = best else { return Err("it has no sheet with cells".to_string().into()) };
    let chosen = words::clean(&name(&best));
    let mut source = list(file, best, reading)?;
    let others: Vec<String> =
        lists.into_iter().filter(|name| *name != chosen).map(|name| format!("`{name}`")).collect();
    if !others.is_empty() {
        source.notes.push(format!(
            "sheets that look like lists too and were not read: {} (--sheet NAME reads one)",
            others.join(", ")
        ));
    }
    Ok(source)
}
