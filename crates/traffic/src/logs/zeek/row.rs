//! One line of a log, by the names of its columns.

use serde_json::{Map, Value};
use std::borrow::Cow;

/// The header of a table.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) separator: char,
    pub(super) columns: Vec<String>,
    unset: String,
    empty: String,
}

impl Default for Header {
    fn default() -> Self {
        Self { separator: '\t', columns: Vec::new(), unset: "-".to_owned(), empty: "(empty)".to_owned() }
    }
}

impl Header {
    /// Takes a line that begins with `#`, without it. The log's name, if it tells it.
    pub(super) fn directive(&mut self, text: &str) -> Option<String> {
        if let Some(word) = text.strip_prefix("separator ") {
            let code = word.trim().strip_prefix("\\x").and_then(|hex| u32::from_str_radix(hex, 16).ok());
            self.separator = code.and_then(char::from_u32).or_else(|| word.chars().next()).unwrap_or('\t');
            return None;
        }
        let (name, value) = text.split_once(self.separator)?;
        match name {
            "fields" => self.columns = value.split(self.separator).map(str::to_owned).collect(),
            "unset_field" => self.unset = value.to_owned(),
            "empty_field" => self.empty = value.to_owned(),
            "path" => return Some(value.to_owned()),
            _ => {}
        }
        None
    }
}

/// A line.
pub(super) enum Row<'a> {
    /// Of a table: as many values as columns.
    Table(&'a Header, &'a [&'a str]),
    /// Of JSON.
    Json(&'a Map<String, Value>),
}

impl Row<'_> {
    /// What a column says, if it says something.
    pub(super) fn text(&self, column: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Table(header, values) => {
                let at = header.columns.iter().position(|name| name == column)?;
                let value = *values.get(at)?;
                (value != header.unset && value != header.empty).then(|| unescaped(value))
            }
            Self::Json(object) => text_of(field(object, column)?),
        }
    }

    /// A column's whole number, in decimal or, with `0x`, hexadecimal digits.
    pub(super) fn integer(&self, column: &str) -> Option<u64> {
        let text = self.text(column)?;
        match text.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).ok(),
            None => text.parse().ok(),
        }
    }

    /// A code: a whole number of 32 bits.
    pub(super) fn code(&self, column: &str) -> Option<u32> {
        self.integer(column).and_then(|number| u32::try_from(number).ok())
    }

    /// A column's number.
    pub(super) fn number_of(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A column that is true or false.
    pub(super) fn flag(&self, column: &str) -> Option<bool> {
        match self.text(column)?.as_ref() {
            "T" | "true" => Some(true),
            "F" | "false" => Some(false),
            _ => None,
        }
    }

    /// The members of a set or vector.
    pub(super) fn list(&self, column: &str) -> Vec<String> {
        self.text(column).map_or_else(Vec::new, |text| text.split(',').map(str::to_owned).collect())
    }

    /// The moment of `ts`, in nanoseconds since 1970.
    pub(super) fn time(&self) -> Option<i64> {
        let text = self.text("ts")?;
        if let Some((seconds, fraction)) = text.split_once('.')
            && let (Ok(seconds), true) =
                (seconds.parse::<i64>(), fraction.bytes().all(|b| b.is_ascii_digit()))
        {
            let digits = fraction.get(..fraction.len().min(9))?;
            let scale = 10_i64.pow(9 - u32::try_from(digits.len()).ok()?);
            let nanoseconds = if digits.is_empty() { 0 } else { digits.parse::<i64>().ok()? * scale };
            return seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds);
        }
        if let Ok(number) = text.parse::<i64>() {
            // Seconds of this age have ten digits; more are milliseconds (JSON::TS_MILLIS).
            let scale = if number < 100_000_000_000 { 1_000_000_000 } else { 1_000_000 };
            return number.checked_mul(scale);
        }
        let moment: jiff::Timestamp = text.parse().ok()?;
        i64::try_from(moment.as_nanosecond()).ok()
    }
}

/// A field by its dotted name, whether the writer kept the dots, nested the records, or wrote underscores.
fn field<'a>(object: &'a Map<String, Value>, column: &str) -> Option<&'a Value> {
    if let Some(value) = object.get(column) {
        return Some(value);
    }
    let (record, rest) = column.split_once('.')?;
    match object.get(record) {
        Some(Value::Object(inner)) => field(inner, rest),
        _ => object.get(&column.replace('.', "_")),
    }
}

fn text_of(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "T" } else { "F" })),
        Value::Array(items) => {
            let texts: Vec<_> = items.iter().filter_map(text_of).collect();
            (!texts.is_empty()).then(|| Cow::Owned(texts.join(",")))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// `\xHH` stands for a byte.
fn unescaped(value: &str) -> Cow<'_, str> {
    if !value.contains("\\x") {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.strip_prefix(b"x").and_then(|after| after.get(..2));
        let byte = hex
            .filter(|_| *first == b'\\')
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_every_form() {
        let time = |ts: Value| {
            let object = serde_json::json!({ "ts": ts });
            Row::Json(object.as_object().unwrap()).time()
        };
        let expected = Some(1_445_353_842_722_836_000);
        assert_eq!(time("1445353842.722836".into()), expected);
        assert_eq!(time(1_445_353_842.722_836.into()), expected);
        assert_eq!(time("2015-10-20T15:10:42.722836Z".into()), expected);
        assert_eq!(time(1_445_353_842_722_i64.into()), Some(1_445_353_842_722_000_000));
        assert_eq!(time("when.it.was".into()), None);
        assert_eq!(time("9223372036854775807.1".into()), None);
        assert_eq!(time("1.é".into()), None);
    }

    #[test]
    fn a_column_says_what_stands_in_it() {
        let mut header = Header::default();
        assert_eq!(header.directive("separator \\x09"), None);
        assert_eq!(header.directive("path\tconn"), Some("conn".to_owned()));
        header.directive("fields\ta\tb\tc\td");
        let values = ["-", "(empty)", "x\\x41\\x", "0x1f"];
        let row = Row::Table(&header, &values);
        assert_eq!((row.text("a"), row.text("b"), row.text("e")), (None, None, None));
        assert_eq!(row.text("c").as_deref(), Some("xA\\x"));
        assert_eq!(row.integer("d"), Some(31));
    }

    #[test]
    fn fields_of_json_are_found_dotted_nested_or_joined() {
        for object in [
            serde_json::json!({ "id.orig_h": "10.0.0.1" }),
            serde_json::json!({ "id": { "orig_h": "10.0.0.1" } }),
            serde_json::json!({ "id_orig_h": "10.0.0.1" }),
        ] {
            let row = Row::Json(object.as_object().unwrap());
            assert_eq!(row.text("id.orig_h").as_deref(), Some("10.0.0.1"));
        }
    }
}
