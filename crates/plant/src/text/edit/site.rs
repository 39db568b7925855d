//! Where each record stands in the texts.

use super::super::csv::Sheet;
use super::super::kinds::KINDS;
use super::super::spec::{Kind, Type};
use super::super::tree::{Item, Node, Table};
use super::super::value::{Value, Written};
use super::overlay::Wish;
use super::splice::{Rank, Splices};
use super::{EditError, Parsed, RecordName, sheet, table};
use std::collections::{BTreeMap, HashMap};

/// Where a record stands.
#[derive(Clone, Copy)]
pub(super) enum Site<'p, 'a> {
    /// Below a header.
    Header { file: usize, table: &'p Table<'a>, kind: &'static Kind },
    /// In braces, as an item of a list.
    Braces { file: usize, list: &'p Node<'a>, at: usize, table: &'p Table<'a>, kind: &'static Kind },
    /// A row of a sheet.
    Row { file: usize, sheet: &'p Sheet<'a>, at: usize },
}

/// Where all records stand.
pub(super) struct Sites<'p, 'a> {
    all: HashMap<(&'static str, String), Site<'p, 'a>>,
    last: BTreeMap<&'static str, Site<'p, 'a>>,
}

impl<'p, 'a> Sites<'p, 'a> {
    pub(super) fn find(parsed: &'p [Parsed<'a>]) -> Self {
        let mut sites = Self { all: HashMap::new(), last: BTreeMap::new() };
        for (file, parsed) in parsed.iter().enumerate() {
            match parsed {
                Parsed::Toml(root) => {
                    for kind in KINDS.iter().filter(|kind| super::super::write::is_top_level(kind)) {
                        if let Some(entry) = root.entry(kind.name) {
                            sites.find_in(file, kind, &entry.value);
                        }
                    }
                }
                Parsed::Sheet(sheet) => {
                    for (at, id) in sheet::ids(sheet) {
                        sites.all.entry(("asset", id)).or_insert(Site::Row { file, sheet, at });
                    }
                }
                Parsed::Closed => {}
            }
        }
        sites
    }

    /// Notes the records of a kind that a value holds, and their parts.
    fn find_in(&mut self, file: usize, kind: &'static Kind, node: &'p Node<'a>) {
        match &node.item {
            Item::Tables(tables) => {
                tables.iter().for_each(|table| self.note(Site::Header { file, table, kind }))
            }
            Item::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    if let Item::Table(table) = &item.item {
                        self.note(Site::Braces { file, list: node, at, table, kind });
                    }
                }
            }
            Item::Table(table) => self.note(Site::Header { file, table, kind }),
            _ => {}
        }
    }

    fn note(&mut self, site: Site<'p, 'a>) {
        let (Site::Header { file, table, kind } | Site::Braces { file, table, kind, .. }) = site else {
            return;
        };
        if let Some(id) = table::id_of(kind, table) {
            self.all.entry((kind.name, id)).or_insert(site);
        }
        if matches!(site, Site::Header { .. }) {
            self.last.insert(kind.name, site);
        }
        for key in kind.keys {
            if let Some(part) = part_of(&key.ty)
                && let Some(entry) = table.entry(key.name)
            {
                self.find_in(file, part, &entry.value);
            }
        }
    }

    pub(super) fn of(&self, name: &RecordName) -> Option<&Site<'p, 'a>> {
        // The plant is found without its id.
        let id = if name.kind == "plant" { String::new() } else { name.id.clone() };
        self.all.get(&(name.kind, id))
    }

    /// The last record of a kind that stands below a header.
    pub(super) fn last_of(&self, kind: &str) -> Option<&Site<'p, 'a>> {
        self.last.get(kind)
    }
}

/// The kind of the parts that a key holds, if it holds parts.
pub(super) const fn part_of(ty: &Type) -> Option<&'static Kind> {
    match ty {
        Type::Part(kind) => Some(kind),
        Type::List(Type::Part(kind)) => Some(kind),
        _ => None,
    }
}

impl Site<'_, '_> {
    /// Makes the record what is wished.
    pub(super) fn grant(
        &self,
        name: &RecordName,
        wish: Wish,
        old: Option<&Written>,
        splices: &mut Splices<'_>,
    ) -> Result<(), EditError> {
        let keys = match wish {
            Wish::Go => {
                self.remove(splices);
                return Ok(());
            }
            Wish::Become { keys, .. } => keys,
        };
        match *self {
            Site::Header { file, table, kind } => table::change(file, kind, table, &keys, old, splices),
            Site::Braces { file, table, kind, .. } => table::change(file, kind, table, &keys, old, splices),
            Site::Row { file, sheet, at } => sheet::change(name, file, sheet, at, &keys, old, splices)?,
        }
        Ok(())
    }

    /// Takes the record away.
    pub(super) fn remove(&self, splices: &mut Splices<'_>) {
        match *self {
            Site::Header { file, table, .. } => table::remove_record(file, table, splices),
            Site::Braces { file, list, at, .. } => {
                table::remove_items(file, list, &[at], splices);
            }
            Site::Row { file, sheet, at } => sheet::remove(file, sheet, at, splices),
        }
    }

    /// Adds a part to the record.
    pub(super) fn add_part(&self, part: &Written, splices: &mut Splices<'_>) -> Result<(), EditError> {
        match *self {
            Site::Header { file, table, .. } | Site::Braces { file, table, .. } => {
                table::add_part(file, table, part, splices);
                Ok(())
            }
            // Only assets stand in rows, and they have no parts.
            Site::Row { .. } => Ok(()),
        }
    }

    /// Adds a record of the same kind behind this one.
    pub(super) fn add_behind(&self, record: &Written, splices: &mut Splices<'_>) {
        if let Site::Header { file, table, .. } = *self {
            table::add_block(file, table, record, Rank::Record, splices);
        }
    }

    /// Writes another id.
    pub(super) fn set_id(
        &self,
        name: &RecordName,
        to: &str,
        splices: &mut Splices<'_>,
    ) -> Result<(), EditError> {
        match *self {
            Site::Header { file, table, .. } | Site::Braces { file, table, .. } => {
                let entry = table.entry("id").ok_or_else(|| EditError::NoSuchRecord(name.clone()))?;
                splices.replace(file, entry.value.span, Value::from(to).to_toml().unwrap_or_default());
            }
            Site::Row { file, sheet, at } => sheet::set_id(file, sheet, at, to, splices),
        }
        Ok(())
    }
}
