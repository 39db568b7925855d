//! Lists of assets: rows of cells, from CSV or a sheet, with a header row found by what stands in it.

use super::columns::{self, Mapping, is_place, map, plain};
use super::words::{self, clean, free, sound};
use super::{CELL_CHARS_MAX, CELLS_MAX, Importable, Incoming, ROWS_MAX, Source, TEXT_BYTES_MAX, counted};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_assess::propose::blank_asset;
use zonewright_plant::id::{AssetId, ProductId, RoleId, ZoneId};
use zonewright_plant::model::{Address, Asset, Mac};

/// Rows above the header that a list may have: a title, a date, an empty line.
pub const TITLE_ROWS_MAX: usize = 20;
/// Columns that are read.
pub(super) const COLUMNS_MAX: usize = 512;
/// Items of one cell that are read.
const ITEMS_MAX: usize = 1_000;
/// Cells that are not understood and are named one by one.
const NAMED_MAX: usize = 5;

/// A row of cells.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// Its number as the file counts them, from 1.
    pub(super) number: usize,
    pub(super) cells: Vec<String>,
}

/// A table before anything is known of its columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Grid {
    /// The sheet's name, where it has one.
    pub(super) sheet: Option<String>,
    pub(super) rows: Vec<Row>,
    /// What is to be said about reading it.
    pub(super) notes: Vec<String>,
    cells: usize,
    bytes: usize,
    /// Cells that were cut, that stood too far right, and that held an error of the spreadsheet.
    cut: usize,
    beyond: usize,
    pub(super) errors: usize,
}

impl Grid {
    pub(super) fn named(sheet: Option<String>) -> Self {
        Self { sheet, ..Self::default() }
    }

    /// The number of the last row, 0 where there is none.
    pub(super) fn last_number(&self) -> usize {
        self.rows.last().map_or(0, |row| row.number)
    }

    /// Puts a cell at the end of the table, in order of rows. Says whether there is room for more.
    pub(super) fn put(&mut self, row: usize, column: usize, text: &str) -> bool {
        let text = text.trim();
        if text.is_empty() || column >= COLUMNS_MAX {
            self.beyond += usize::from(!text.is_empty());
            return true;
        }
        if row < self.last_number() {
            let note = "rows that stand out of order were left out".to_string();
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
            return true;
        }
        if row > self.last_number() {
            if self.rows.len() > ROWS_MAX {
                self.notes.push(format!("only the first {ROWS_MAX} rows were read"));
                return false;
            }
            self.rows.push(Row { number: row, cells: Vec::new() });
        }
        let kept: String = text.chars().take(CELL_CHARS_MAX).collect();
        self.cut += usize::from(kept.len() < text.len());
        self.cells += 1;
        self.bytes += kept.len();
        if self.cells > CELLS_MAX || self.bytes > TEXT_BYTES_MAX {
            self.notes.push(format!(
                "only the first {} rows were read: a list may have {CELLS_MAX} cells and {TEXT_BYTES_MAX} bytes of text",
                self.rows.len()
            ));
            return false;
        }
        if let Some(last) = self.rows.last_mut() {
            if last.cells.len() <= column {
                last.cells.resize(column + 1, String::new());
            }
            if let Some(cell) = last.cells.get_mut(column) {
                *cell = kept;
            }
        }
        true
    }

    /// Which row is the header: the one of the first with the most columns that are known. Nothing where none has a
    /// column of ids or addresses and one more.
    pub(super) fn header(&self, told: &[(String, String)]) -> Option<(usize, Mapping)> {
        let mut best: Option<(usize, Mapping)> = None;
        for (at, row) in self.rows.iter().take(TITLE_ROWS_MAX + 1).enumerate() {
            let mapping = map(&row.cells, told);
            let names = ["id", "ips", "macs"].iter().any(|ours| mapping.values().any(|known| known == ours));
            let several = row.cells.iter().filter(|cell| !cell.is_empty()).count() > 1;
            if names && several && best.as_ref().is_none_or(|(_, known)| known.len() < mapping.len()) {
                best = Some((at, mapping));
            }
        }
        best
    }

    /// What was lost on the way, in words.
    fn losses(&self) -> Vec<String> {
        let lost = [
            (self.cut, format!("longer than {CELL_CHARS_MAX} characters: cut")),
            (self.beyond, format!("behind column {COLUMNS_MAX}: left out")),
            (self.errors, "with an error of the spreadsheet: read as empty".to_string()),
        ];
        let lost = lost.into_iter().filter(|(count, _)| *count > 0);
        lost.map(|(count, what)| format!("{} {what}", counted(count, "cell"))).collect()
    }

    /// What stands in the first row that has more than one cell: most likely the header.
    pub(super) fn first_words(&self) -> Vec<String> {
        let wide = |row: &&Row| row.cells.iter().filter(|cell| !cell.is_empty()).count() > 1;
        let row = self.rows.iter().take(TITLE_ROWS_MAX + 1).find(wide).or(self.rows.first());
        row.map(|row| row.cells.iter().filter(|cell| !cell.is_empty()).cloned().collect()).unwrap_or_default()
    }
}

/// A text as a table, with the delimiter that gives the best header.
pub(super) fn from_csv(text: &str, told: &[(String, String)]) -> Grid {
    let text = text.trim_start_matches('\u{feff}');
    let score = |delimiter: &u8| {
        let head = cut(text, *delimiter, TITLE_ROWS_MAX + 1);
        let width = head.rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
        (head.header(told).map_or(0, |(_, mapping)| mapping.len()), width)
    };
    let delimiter = *[b'|', b'\t', b';', b','].iter().max_by_key(|d| score(d)).unwrap_or(&b',');
    cut(text, delimiter, usize::MAX)
}

fn cut(text: &str, delimiter: u8, rows_max: usize) -> Grid {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut grid = Grid::default();
    let mut row = csv::StringRecord::new();
    let mut number = 0;
    while grid.rows.len() < rows_max && reader.read_record(&mut row).unwrap_or(false) {
        number += 1;
        if !row.iter().enumerate().all(|(column, cell)| grid.put(number, column, cell)) {
            break;
        }
    }
    grid
}

/// The assets of a table whose header is known.
pub(super) fn assets(file: &str, grid: Grid, (at, mapping): (usize, Mapping)) -> Source {
    let header = grid.rows.get(at).map(|row| row.cells.clone()).unwrap_or_default();
    let mut source = Source::new(file, Importable::Assets);
    for ours in columns::columns() {
        let theirs =
            mapping.iter().filter(|(_, known)| **known == ours).filter_map(|(at, _)| header.get(*at));
        source.columns.extend(theirs.map(|theirs| (ours, clean(theirs))));
    }
    let rest = header.iter().enumerate().filter(|(at, name)| !mapping.contains_key(at) && !name.is_empty());
    source.unused = rest.map(|(_, name)| clean(name)).collect();
    source.headers = header.iter().filter(|name| !name.is_empty()).map(|name| clean(name)).collect();
    let mut odd = Odd::default();
    let mut taken = BTreeSet::new();
    for row in grid.rows.iter().skip(at + 1) {
        let cell = |(at, ours): (&usize, &&'static str)| {
            let text = row.cells.get(*at).filter(|text| !text.is_empty())?;
            Some(Cell { ours, theirs: header.get(*at).map_or("", String::as_str), text })
        };
        let cells: Vec<Cell<'_>> = mapping.iter().filter_map(cell).collect();
        let sheet = grid.sheet.as_ref().map(|sheet| format!(", sheet {sheet}")).unwrap_or_default();
        let place = format!("{file}{sheet}, row {}", row.number);
        match asset(&place, &cells, &mut taken, &mut odd) {
            Some(incoming) => source.assets.push(incoming),
            None => odd.empty += 1,
        }
    }
    let of = grid.sheet.as_ref().map(|sheet| format!(" in sheet `{}`", clean(sheet))).unwrap_or_default();
    source.words = format!("list of {}{of}", counted(source.assets.len(), "asset"));
    source.notes = grid.losses();
    source.notes.extend(grid.notes);
    source.notes.extend(odd.words());
    source
}

/// A cell: our column, their header, its text.
struct Cell<'a> {
    ours: &'static str,
    theirs: &'a str,
    text: &'a str,
}

/// What was odd in the rows: how many, and the first words.
#[derive(Debug, Default)]
struct Odd {
    empty: usize,
    renamed: usize,
    words: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Odd {
    fn note(&mut self, key: &'static str, word: &str) {
        let known = self.words.entry(key).or_default();
        if known.len() < 1_000 {
            known.insert(clean(word));
        }
    }

    fn words(self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.empty > 0 {
            let verb = if self.empty == 1 {
                "has neither id nor address and was"
            } else {
                "have neither id nor address and were"
            };
            notes.push(format!("{} {verb} left out", counted(self.empty, "row")));
        }
        if self.renamed > 0 {
            let verb = if self.renamed == 1 { "was" } else { "were" };
            let ids = counted(self.renamed, "id");
            notes.push(format!(
                "{ids} {verb} changed to be valid and unique; what the file says stands in the name"
            ));
        }
        for (key, words) in &self.words {
            let shown: Vec<String> = words.iter().take(NAMED_MAX).map(|word| format!("`{word}`")).collect();
            let more = words.len().saturating_sub(NAMED_MAX);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            notes.push(format!("not understood as {key}: {}{more}", shown.join(", ")));
        }
        notes
    }
}

fn asset(place: &str, cells: &[Cell<'_>], taken: &mut BTreeSet<String>, odd: &mut Odd) -> Option<Incoming> {
    let cell = |key: &str| cells.iter().find(|cell| cell.ours == key).map(|cell| clean(cell.text));
    let cell = |key: &str| cell(key).filter(|text| !text.is_empty());
    let ips = addresses(cells, odd);
    let macs = macs(cells, odd);
    let own = cell("id");
    let wanted = own
        .clone()
        .or_else(|| ips.first().map(|a| a.ip.to_string()))
        .or_else(|| macs.first().map(ToString::to_string))?;
    let id = free(&sound(&wanted), taken);
    let renamed = own.as_ref().is_some_and(|own| *own != id);
    odd.renamed += usize::from(renamed);
    let mut asset = blank_asset(AssetId::from(id.as_str()), format!("listed in {place}"));
    let mut guessed = BTreeSet::new();
    asset.common.name = cell("name");
    if renamed && asset.common.name.is_none() {
        asset.common.name.clone_from(&own);
        guessed.insert("name");
    }
    asset.common.note = note(cells);
    asset.vendor = cell("vendor");
    asset.model = cell("model");
    asset.version = cell("version");
    asset.serial = cell("serial");
    asset.sbom = cell("sbom");
    asset.purdue_level = cell("purdue_level").map(|level| purdue(&level));
    asset.zone = cell("zone").map(|zone| ZoneId::from(zone.as_str()));
    asset.product = cell("product").map(|product| ProductId::from(product.as_str()));
    asset.owner = cell("owner").map(|owner| RoleId::from(owner.as_str()));
    asset.ips = ips;
    asset.macs = macs;
    words_of(&mut asset, &cell, odd);
    lists_of(&mut asset, cells, odd);
    Some(Incoming { asset, place: place.to_string(), named: own.is_some(), guessed })
}

/// Cells that hold one word of a closed vocabulary, a day, or yes and no.
fn words_of(asset: &mut Asset, cell: &impl Fn(&str) -> Option<String>, odd: &mut Odd) {
    macro_rules! word {
        ($field:ident, $key:literal, $read:path, $said:literal) => {
            if let Some(word) = cell($key) {
                asset.$field = $read(&word);
                if asset.$field.is_none() {
                    odd.note($said, &word);
                }
            }
        };
    }
    word!(kind, "kind", words::kind, "a kind (left open)");
    word!(component_type, "component_type", words::component_type, "a component type");
    word!(criticality, "criticality", words::rating, "a criticality (low, medium, high)");
    word!(end_of_support, "end_of_support", words::day, "a day (write 2030-12-31)");
    word!(safety_related, "safety_related", words::truth, "yes or no");
    word!(wireless, "wireless", words::truth, "yes or no");
    word!(temporary, "temporary", words::truth, "yes or no");
    word!(remote, "remote", words::truth, "yes or no");
}

fn lists_of(asset: &mut Asset, cells: &[Cell<'_>], odd: &mut Odd) {
    for word in items(cells, "vlans", &[';', ',', ' ', '\n', '\t', '|']) {
        match word.parse().ok().filter(|vlan| (1..=4094).contains(vlan)) {
            Some(vlan) => asset.vlans.push(vlan),
            None => odd.note("a VLAN", word),
        }
    }
    asset.vlans.sort_unstable();
    asset.vlans.dedup();
    for word in items(cells, "software", &[';', '\n', '|']) {
        let word = clean(word);
        if !asset.software.contains(&word) {
            asset.software.push(word);
        }
    }
}

fn items<'a>(
    cells: &'a [Cell<'a>],
    key: &'static str,
    between: &'static [char],
) -> impl Iterator<Item = &'a str> {
    let cells = cells.iter().filter(move |cell| cell.ours == key);
    let words = cells.flat_map(move |cell| cell.text.split(between));
    words.map(str::trim).filter(|word| !word.is_empty()).take(ITEMS_MAX)
}

fn addresses(cells: &[Cell<'_>], odd: &mut Odd) -> Vec<Address> {
    let mut ips = Vec::new();
    for word in items(cells, "ips", &[';', ',', ' ', '\n', '\t', '|']) {
        match words::address(word) {
            Some(address) => ips.push(address),
            None => odd.note("an address", word),
        }
    }
    ips.sort();
    ips.dedup();
    ips
}

fn macs(cells: &[Cell<'_>], odd: &mut Odd) -> Vec<Mac> {
    let mut macs = Vec::new();
    for word in items(cells, "macs", &[';', ',', ' ', '\n', '\t', '|']) {
        match Mac::parse(word) {
            Some(mac) => macs.push(mac),
            None => odd.note("an address", word),
        }
    }
    macs.sort();
    macs.dedup();
    macs
}

/// Notes as they are; what only says where a thing is has its header before it.
fn note(cells: &[Cell<'_>]) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    for cell in cells.iter().filter(|cell| cell.ours == "note") {
        let text = clean(cell.text);
        if is_place(cell.theirs) {
            parts.push(format!("{}: {text}", clean(cell.theirs)))
        } else {
            parts.insert(0, text)
        }
    }
    (!parts.is_empty()).then(|| clean(&parts.join("; ")))
}

/// `Level 1` and `L1` are 1.
fn purdue(word: &str) -> String {
    let bare = plain(word);
    let bare = bare.strip_prefix("level").or_else(|| bare.strip_prefix('l')).unwrap_or(&bare);
    let is_level = bare.parse::<u8>().is_ok_and(|level| level <= 5) && !word.contains('.');
    if is_level { bare.to_string() } else { word.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zonewright_plant::model::AssetKind;

    fn read(text: &str, told: &[(String, String)]) -> Source {
        let grid = from_csv(text, told);
        let header = grid.header(told).unwrap();
        assets("list.csv", grid, header)
    }

    #[test]
    fn headers_of_other_tools_are_mapped_and_the_rest_is_named() {
        let text = "Tag;Description;Device Type;Location;IP Address;MAC Address;Color\nPLC 1;Pump;Plc;Hall;10.0.0.1 10.0.0.2;02-00-00-00-00-01;red\n;x;;;;;\n";
        let source = read(text, &[]);
        assert_eq!(source.unused, ["Color"]);
        let [incoming] = source.assets.as_slice() else { panic!("one asset: {source:?}") };
        let asset = &incoming.asset;
        assert_eq!((asset.id.as_str(), asset.kind), ("PLC-1", Some(AssetKind::Plc)));
        assert_eq!((asset.ips.len(), asset.macs.len()), (2, 1));
        assert_eq!(asset.common.name.as_deref(), Some("Pump"));
        assert_eq!(asset.common.note.as_deref(), Some("Location: Hall"));
        assert!(asset.common.proposed && incoming.named);
        assert_eq!(source.notes.len(), 2, "{:?}", source.notes);
    }

    #[test]
    fn a_title_above_the_header_is_no_header() {
        let text = "Assets of the pump house, as of today\n\nsep=;\nName;IP;End of support;Safety\nP1;10.0.0.1;31.12.2030;x\n";
        let source = read(text, &[]);
        let asset = &source.assets.first().unwrap().asset;
        assert_eq!(asset.id.as_str(), "P1");
        assert_eq!(asset.end_of_support, Some(jiff::civil::date(2030, 12, 31)));
        assert_eq!(asset.safety_related, Some(true));
        assert_eq!(source.assets.first().unwrap().place, "list.csv, row 4");
    }

    #[test]
    fn what_is_not_understood_is_named_once() {
        let text = "id,type,ip,eol,critical,criticality\na,frobnicator,300.1.1.1,soon,,very\nb,frobnicator,,1/2/2030,,\n";
        let source = read(text, &[]);
        let notes = source.notes.join("\n");
        for word in ["frobnicator", "300.1.1.1", "soon", "1/2/2030", "very"] {
            assert_eq!(notes.matches(&format!("`{word}`")).count(), 1, "{notes}");
        }
    }

    #[test]
    fn hostile_cells_are_only_letters() {
        let source = read("ip,name\n10.0.0.1,=cmd|'/c calc'!A1\n10.0.0.1,\"a\nb\"\n999.1.1.1,\n", &[]);
        let names: Vec<_> = source.assets.iter().map(|incoming| incoming.asset.id.to_string()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert_ne!(names.first(), names.get(1));
    }

    #[test]
    fn what_is_lost_of_a_list_is_told() {
        let long = "x".repeat(CELL_CHARS_MAX + 1);
        let wide = ",".repeat(COLUMNS_MAX);
        let source = read(&format!("id,ip,note\na,10.0.0.1,{long}\nb,10.0.0.2,{wide}far\n"), &[]);
        assert_eq!(
            source.notes,
            ["1 cell longer than 2000 characters: cut", "1 cell behind column 512: left out"]
        );
    }

    #[test]
    fn rows_and_cells_have_limits_that_are_told() {
        let mut grid = Grid::default();
        assert!((0..=ROWS_MAX).all(|row| grid.put(row + 1, 0, "x")));
        assert!(!grid.put(ROWS_MAX + 2, 0, "x") && grid.notes.len() == 1);
        let mut grid = Grid::default();
        assert!((0..CELLS_MAX).all(|at| grid.put(at / 100 + 1, at % 100, "x")));
        assert!(!grid.put(CELLS_MAX, 0, "x") && grid.notes.len() == 1);
    }
}
