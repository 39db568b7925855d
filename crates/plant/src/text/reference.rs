//! The reference page of Workspace/1, made from the specification.

use super::code::CODES;
use super::kinds::KINDS;
use super::limit;
use super::spec::{COMMON, ID, Key, Kind, Target, Type, VERSION};
use std::fmt::Write as _;

/// The page as Markdown.
#[must_use]
pub fn page() -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# Workspace/{VERSION}\n");
    out.push_str(INTRODUCTION);
    vocabulary(&mut out);
    records(&mut out);
    words(&mut out);
    sheet(&mut out);
    limits(&mut out);
    codes(&mut out);
    out
}

const INTRODUCTION: &str = "\
<!-- Generated from the specification in `crates/plant/src/text/kinds.rs`. Do not edit: `ZONEWRIGHT_BLESS=1 cargo test -p zonewright-plant` writes it anew. -->

A plant is a folder of text. Every `*.toml` in it may hold records of any kind, in any number of files; `assets*.csv` holds assets, one a row.
Records refer to each other by id, across files. `workspace = 1` at the top of a file says which version it is written in; without it,
version 1 is meant. A file of an older version stays readable; a file of a newer one is not guessed at.

```toml
[plant]
id = \"waterworks\"

[[zone]]
id = \"Z-CTRL\"
type = \"control\"
networks = [\"10.1.0.0/16\"]
sl_t = 2

[[conduit]]
id = \"C-1\"
zones = [\"Z-CTRL\", \"Z-DMZ\"]

[[conduit.permit]]
id = \"P-1\"
from = \"HIST-1\"
to = \"Z-CTRL\"
protocol = \"modbus\"
classes = [\"read\"]
purpose = \"trends\"
```

";

fn vocabulary(out: &mut String) {
    out.push_str("## Values\n\n| written as | means |\n| --- | --- |\n");
    let rows = [
        ("text", "Any text in quotes."),
        ("id", ID.doc),
        ("yes/no", "`true` or `false`; in a sheet also `yes`, `no`, `x`, `1`, `0`."),
        ("day", "`2026-12-31`, with or without quotes."),
        ("moment", "`2026-12-31T08:00:00Z`, with its offset."),
        (
            "address",
            "`10.0.0.1`, `fe80::1`; `10.0.0.1@cell-a` where the same address means different assets: `cell-a` is the network context.",
        ),
        ("network", "`10.1.0.0/16`, or `{ network, vlan, context }`."),
        ("port", "`502` or `\"6000-6010\"`."),
        (
            "level",
            "`2` for all seven foundational requirements, seven in the order IAC, UC, SI, DC, RDF, TRE, RA (`\"none\"` where none is stated), or a table `{ IAC = 2 }`.",
        ),
        ("requirement", "`SR 5.2 RE(1)`, `CR 1.1`, `ZCR 3.1`."),
        ("list of …", "`[a, b]`; one item may stand without brackets. In a cell of a sheet: `a; b`."),
        ("table", "`{ key = value }`."),
    ];
    for (name, meaning) in rows {
        let _ = writeln!(out, "| {name} | {} |", cell(meaning));
    }
    out.push_str("\nAn id that may name records of several kinds, and does, is written with its kind: `asset:PLC-1`.\n\n");
    out.push_str("## Keys of every record\n\n");
    keys(out, std::iter::once(&ID).chain(COMMON));
}

fn records(out: &mut String) {
    out.push_str("## Records\n\n");
    for kind in KINDS {
        let level = if super::write::is_top_level(kind) { "###" } else { "####" };
        let _ = writeln!(out, "{level} `{}`\n", kind.header);
        let clause = if kind.clause.is_empty() { String::new() } else { format!(" ({})", kind.clause) };
        let _ = writeln!(out, "{}{clause}\n", kind.doc);
        if !kind.has_common && kind.has_id {
            out.push_str("Of the keys of every record it has only `id` and those below.\n\n");
        }
        keys(out, kind.keys.iter());
    }
}

/// What the words of closed vocabularies mean, each list once.
fn words(out: &mut String) {
    out.push_str("## Words\n\n");
    let mut seen: Vec<&[(&str, &str)]> = Vec::new();
    for (kind, key) in KINDS.iter().flat_map(|kind| kind.keys.iter().map(move |key| (kind, key))) {
        let words = match &key.ty {
            Type::Words(words) | Type::Map(_, Type::Words(words)) => *words,
            _ => continue,
        };
        if seen.contains(&words) {
            continue;
        }
        seen.push(words);
        let _ = writeln!(out, "`{}` of `{}`:\n\n| word | means |\n| --- | --- |", key.name, kind.header);
        for (word, meaning) in words {
            let _ = writeln!(out, "| `{word}` | {} |", cell(meaning.trim()));
        }
        out.push('\n');
    }
}

fn keys<'k>(out: &mut String, keys: impl Iterator<Item = &'k Key>) {
    out.push_str("| key | value | says |\n| --- | --- | --- |\n");
    for key in keys {
        let must = if key.required { ", must be there" } else { "" };
        let range = match key.range {
            Some((least, most)) if most < f64::MAX => format!(", {least} to {most}"),
            Some((least, _)) => format!(", at least {least}"),
            None => String::new(),
        };
        let clause =
            if key.clause.is_empty() { String::new() } else { format!(" *{}.*", capital(key.clause)) };
        let _ = writeln!(
            out,
            "| `{}` | {}{range}{must} | {}{clause} |",
            key.name,
            cell(&type_words(&key.ty)),
            cell(key.doc)
        );
    }
    out.push('\n');
}

fn type_words(ty: &Type) -> String {
    match ty {
        Type::Text => "text".into(),
        Type::Id => "id".into(),
        Type::Bool => "yes/no".into(),
        Type::Integer(least, most) => format!("whole number, {least} to {most}"),
        Type::Number => "number".into(),
        Type::Date => "day".into(),
        Type::Timestamp => "moment".into(),
        Type::Words(words) => {
            words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        Type::Reference(Target::Subject) => format!("`plant`, or id of a {}", Target::Subject.describe()),
        Type::Reference(target) => format!("id of {} {}", article(target.describe()), target.describe()),
        Type::Address => "address".into(),
        Type::Mac => "MAC address".into(),
        Type::ZoneNetwork => "network".into(),
        Type::Ports => "port".into(),
        Type::SlTarget => "level, or `derive-from-risk`".into(),
        Type::SlVector => "level".into(),
        Type::Requirement => "requirement".into(),
        Type::Range => "two numbers `[low, high]`".into(),
        Type::List(Type::Part(kind)) => format!("parts `{}`", kind.header),
        Type::List(inner) => format!("list of: {}", type_words(inner)),
        Type::Map(key, value) => format!("table: {} = {}", type_words(key), type_words(value)),
        Type::Part(kind) => format!("`{}`", kind.header),
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'o']) { "an" } else { "a" }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// A text that does not end its cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn sheet(out: &mut String) {
    out.push_str("## `assets*.csv`\n\n");
    out.push_str(
        "The first row names the columns; each is a key of `[[asset]]`, and `id` must be among them. Columns are parted by `,` `;` or tabs, which is \
         detected; cells may stand in double quotes (RFC 4180). The text is UTF-8, with or without a byte order mark. Lists are parted by `;` within \
         their cell. A blank cell says nothing. A cell is never more than text: what a spreadsheet would run as a formula is read as its letters, and \
         never written into a sheet. To accept proposed assets, clear the cells of the column `proposed`.\n\n",
    );
    let columns: Vec<String> = KINDS
        .iter()
        .filter(|kind| kind.name == "asset")
        .flat_map(|kind: &&'static Kind| kind.all_keys())
        .map(|key| format!("`{}`", key.name))
        .collect();
    let _ = writeln!(out, "Columns: {}.\n", columns.join(", "));
}

fn limits(out: &mut String) {
    out.push_str(
        "## Limits\n\nWhat goes beyond is reported as `plant/limit`.\n\n| limit | most |\n| --- | --- |\n",
    );
    let rows = [
        ("bytes of a file", limit::FILE_BYTES_MAX),
        ("records of a workspace, parts included", limit::RECORDS_MAX),
        ("levels to which values and keys nest", limit::NESTING_MAX),
        ("characters of a text or cell", limit::TEXT_CHARS_MAX),
        ("items of a list", limit::LIST_ITEMS_MAX),
        ("columns of a sheet", limit::COLUMNS_MAX),
        ("characters of an id", limit::ID_CHARS_MAX),
        ("levels to which zones nest", limit::ZONE_DEPTH_MAX),
        ("members of groups that permits name, in all", limit::MEMBERS_MAX),
        ("diagnostics of one code that are listed one by one", limit::DIAGNOSTICS_OF_A_CODE_MAX),
    ];
    for (name, most) in rows {
        let _ = writeln!(out, "| {name} | {most} |");
    }
    out.push('\n');
}

fn codes(out: &mut String) {
    out.push_str("## Diagnostics\n\n| code | means |\n| --- | --- |\n");
    for (code, meaning) in CODES {
        let _ = writeln!(out, "| `{code}` | {} |", cell(meaning));
    }
}
