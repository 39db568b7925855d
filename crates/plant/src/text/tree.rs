//! What both forms of text, TOML and CSV, are read into before their words get a meaning: values with spans.
//!
//! Owns the tree and nothing else; `toml` and `csv` build it, `field` and `record` read it, `edit` writes over its spans.

use std::borrow::Cow;
use std::collections::HashMap;

/// Bytes of a text, from the first to the one behind the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// From `start` to `end`; texts above 4 GiB never get here (`limit::FILE_BYTES_MAX`).
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: narrow(start), end: narrow(end) }
    }
}

/// A value where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    pub(crate) span: Span,
    pub(crate) item: Item<'a>,
}

/// What a value is, as far as its notation tells.
#[derive(Debug, Clone)]
pub(crate) enum Item<'a> {
    Text(Cow<'a, str>),
    Integer(i64),
    Float(f64),
    Bool(bool),
    /// A date, time or both, as written.
    Date(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    Table(Box<Table<'a>>),
    /// `[[name]]`.
    Tables(Vec<Table<'a>>),
    /// Its notation was already reported as wrong.
    Broken,
}

impl Item<'_> {
    /// How a message names it.
    pub(crate) const fn describe(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a whole number",
            Self::Float(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::Date(_) => "a date",
            Self::Array(_) => "a list",
            Self::Table(_) => "a table",
            Self::Tables(_) => "a list of tables",
            Self::Broken => "a broken value",
        }
    }
}

/// How a table came to be; TOML lets some be extended and others not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// `[name]`, `[[name]]`, the file itself, or a row of a CSV file.
    Header,
    /// On the way to a header: `a` of `[a.b]`.
    Implied,
    /// By a dotted key: `a` of `a.b = 1`.
    Dotted,
    /// `{ … }`.
    Inline,
}

/// Keys with values.
#[derive(Debug, Clone)]
pub(crate) struct Table<'a> {
    /// The header, the braces, or the row.
    pub(crate) span: Span,
    pub(crate) origin: Origin,
    pub(crate) entries: Vec<Entry<'a>>,
    // Made when a table gets large, so that hostile tables are not searched key by key.
    index: Option<HashMap<String, usize>>,
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    pub(crate) key: Cow<'a, str>,
    /// The key; of a dotted key all of it.
    pub(crate) key_span: Span,
    pub(crate) value: Node<'a>,
}

/// Tables up to this many keys are searched one by one.
const LINEAR_KEYS_MAX: usize = 24;

impl<'a> Table<'a> {
    pub(crate) const fn new(span: Span, origin: Origin) -> Self {
        Self { span, origin, entries: Vec::new(), index: None }
    }

    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.get(key).copied(),
            None => self.entries.iter().position(|entry| entry.key == key),
        }
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry<'a>> {
        self.entries.get(self.position(key)?)
    }

    /// Adds an entry whose key the caller knows to be absent, and gives its position.
    pub(crate) fn push(&mut self, entry: Entry<'a>) -> usize {
        let at = self.entries.len();
        if let Some(index) = &mut self.index {
            index.insert(entry.key.to_string(), at);
        }
        self.entries.push(entry);
        if self.index.is_none() && self.entries.len() > LINEAR_KEYS_MAX {
            self.index = Some(self.entries.iter().enumerate().map(|(i, e)| (e.key.to_string(), i)).collect());
        }
        at
    }
}
