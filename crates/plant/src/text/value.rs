//! Values on their way to text: what a key is set to, and how TOML and CSV spell it.

use super::spec::{Key, Kind};

/// A value to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Not written at all.
    Absent,
    /// A text, written in quotes.
    Text(String),
    /// Written as it is: a number, `true`, a date.
    Bare(String),
    /// A list.
    List(Vec<Value>),
    /// A table in braces.
    Table(Vec<(String, Value)>),
    /// A part with a header of its own.
    Part(Written),
}

/// A record or part on its way to text.
#[derive(Debug, Clone)]
pub struct Written {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its keys with their values, in the order of the specification; absent ones are absent.
    pub fields: Vec<(&'static Key, Value)>,
}

impl PartialEq for Written {
    fn eq(&self, other: &Self) -> bool {
        self.kind.header == other.kind.header
            && self.fields.len() == other.fields.len()
            && self.fields.iter().zip(&other.fields).all(|(a, b)| a.0.name == b.0.name && a.1 == b.1)
    }
}

impl Written {
    /// The value of a key.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(key, _)| key.name == name).map(|(_, value)| value)
    }

    /// Its id, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self.field("id") {
            Some(Value::Text(id)) => Some(id),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_string())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bare(value.to_string())
    }
}

impl Value {
    /// The value as TOML spells it, on one line; nothing for what is absent or has a header of its own.
    #[must_use]
    pub fn to_toml(&self) -> Option<String> {
        match self {
            Self::Absent | Self::Part(_) => None,
            Self::Text(text) => Some(quoted(text)),
            Self::Bare(bare) => Some(bare.clone()),
            Self::List(items) => {
                let items: Vec<String> = items.iter().filter_map(Self::to_toml).collect();
                Some(format!("[{}]", items.join(", ")))
            }
            Self::Table(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .filter_map(|(key, value)| Some(format!("{} = {}", toml_key(key), value.to_toml()?)))
                    .collect();
                Some(if entries.is_empty() {
                    "{}".to_string()
                } else {
                    format!("{{ {} }}", entries.join(", "))
                })
            }
        }
    }

    /// The value as a cell of a CSV file holds it, lists parted by `;`; nothing for what a cell cannot hold.
    #[must_use]
    pub fn to_cell(&self) -> Option<String> {
        match self {
            Self::Absent => Some(String::new()),
            // A blank cell says nothing, and a spreadsheet would run what looks like a formula (OWASP, "CSV Injection").
            Self::Text(text)
                if text.trim().is_empty() || text.starts_with(['=', '+', '-', '@', '\t', '\r']) =>
            {
                None
            }
            Self::Text(text) | Self::Bare(text) => Some(text.clone()),
            Self::List(items) => {
                let cells: Vec<String> = items.iter().map(Self::to_cell).collect::<Option<_>>()?;
                // A semicolon or an empty item within would read back as something else.
                let plain = cells
                    .iter()
                    .all(|cell| !cell.contains(';') && !cell.trim().is_empty() && cell.trim() == cell);
                plain.then(|| cells.join("; "))
            }
            Self::Table(_) | Self::Part(_) => None,
        }
    }
}

/// A key as TOML spells it: bare where that is allowed.
#[must_use]
pub(crate) fn toml_key(key: &str) -> String {
    let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if bare { key.to_string() } else { quoted(key) }
}

/// A text as a basic string of TOML 1.0 (toml.io, "String").
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_so_that_they_read_back() {
        assert_eq!(quoted("a \"b\" \\ \n\u{7}"), r#""a \"b\" \\ \n\u0007""#);
        assert_eq!(toml_key("SR 1.1"), "\"SR 1.1\"");
        assert_eq!(toml_key("sl_t"), "sl_t");
    }

    #[test]
    fn a_cell_holds_only_what_reads_back() {
        let list = |items: &[&str]| Value::List(items.iter().map(|t| Value::from(*t)).collect());
        assert_eq!(list(&["a", "b"]).to_cell().as_deref(), Some("a; b"));
        assert_eq!(list(&["a;b"]).to_cell(), None);
    }
}
