//! From tables to records, and back: what is common to all kinds. The kinds themselves stand in `kinds`.

use super::field::{Field, id_fault, mended_id, shown};
use super::gather::{Cx, Who, empty_common, entry_of};
use super::limit;
use super::spec::{COMMON, ID, Key, Kind, Target};
use super::tree::{Item, Node, Span, Table};
use super::value::{Value, Written};
use crate::Plant;
use crate::model::Common;
use std::sync::Arc;
use zonewright_source::{Diagnostic, nearest};

/// A kind of record or part, tied to its type in the model.
pub(crate) trait Record: Sized {
    /// Its specification.
    const KIND: &'static Kind;
    /// What references to it say; nothing for a part without an id.
    const TARGET: Option<Target>;

    /// Reads it; reports all that is wrong with it, and gives nothing if it cannot be what it should be.
    fn read(table: &Table<'_>, cx: &mut Cx<'_, '_>) -> Option<Self>;

    /// Its keys and values in a workspace that holds `plant`.
    fn write(&self, plant: &Plant) -> Written;
}

/// What is read of every record before its own keys.
pub(crate) struct Head {
    pub(crate) id: Option<Arc<str>>,
    pub(crate) common: Common,
    outer: Who,
}

/// Reads id and common keys and reports unknown ones.
pub(crate) fn begin(
    kind: &'static Kind,
    target: Option<Target>,
    table: &Table<'_>,
    cx: &mut Cx<'_, '_>,
) -> Option<Head> {
    cx.gathered.records += 1;
    if cx.gathered.records > limit::RECORDS_MAX {
        let message =
            format!("the workspace has more than {} records; the rest is not read", limit::RECORDS_MAX);
        cx.report(table.span, Diagnostic::error("plant/limit", message));
        return None;
    }
    let outer = cx.who.clone();
    let id_entry = entry_of(table, ID.name).filter(|_| kind.has_id);
    let written = id_entry.and_then(|entry| match &entry.value.item {
        Item::Text(text) => Some(text.trim()),
        _ => None,
    });
    cx.who = Who { kind, id: written.filter(|id| id.len() <= 4 * limit::ID_CHARS_MAX).unwrap_or("").into() };
    let mut head = Head { id: None, common: empty_common(cx.locator.place(table.span)), outer };
    for entry in &table.entries {
        match kind.key(&entry.key) {
            Some(key) => {
                if kind.has_common {
                    head.common.key_places.insert(key.name, cx.locator.place(entry.value.span));
                }
            }
            None => unknown_key(kind, &entry.key, entry.key_span, cx),
        }
    }
    if kind.has_id {
        head.id = read_id(target, table, id_entry.map(|entry| &entry.value), cx);
    }
    if kind.has_common {
        read_common(table, &mut head.common, cx);
    }
    Some(head)
}

/// Gives the outer record back its name in messages.
pub(crate) fn end(head: &Head, cx: &mut Cx<'_, '_>) {
    cx.who = head.outer.clone();
}

fn read_id(
    target: Option<Target>,
    table: &Table<'_>,
    node: Option<&Node<'_>>,
    cx: &mut Cx<'_, '_>,
) -> Option<Arc<str>> {
    cx.key = &ID;
    let Some(node) = node else {
        missing(&ID, table.span, cx);
        return None;
    };
    let written = <String as Field>::read(node, cx)?;
    // Spreadsheets leave blanks around; in TOML they were meant.
    let id: Arc<str> = if cx.csv { written.trim().into() } else { written.into() };
    if let Some(fault) = id_fault(&id) {
        let mended = mended_id(&id);
        let diagnostic = Diagnostic::error("plant/wrong-id", format!("{} cannot be an id: {fault}", shown(&id)))
            .because("an id is letters, digits, `-`, `_`, `.` and `+`, so that it can stand in lists, file names and links");
        let help = (!mended.is_empty()).then(|| format!("write `{mended}`, and the rest into `name`"));
        cx.report(node.span, Diagnostic { help, ..diagnostic });
    } else if &*id == "plant" && target.is_some_and(|target| Target::Subject.kinds().contains(&target)) {
        let message = "`plant` cannot be an id of this kind: it stands for the whole plant";
        cx.report(node.span, Diagnostic::error("plant/wrong-id", message).help("choose another id"));
    }
    Some(id)
}

fn read_common(table: &Table<'_>, common: &mut Common, cx: &mut Cx<'_, '_>) {
    let [name, note, proposed, reason] = COMMON else { return };
    common.name = field(table, name, Some(None), cx).flatten();
    common.note = field(table, note, Some(None), cx).flatten();
    common.proposed = field(table, proposed, Some(false), cx).unwrap_or(false);
    common.reason = field(table, reason, Some(None), cx).flatten();
}

/// Reads one key. `default`: what its absence means, where the type alone does not tell.
pub(crate) fn field<T: Field>(
    table: &Table<'_>,
    key: &'static Key,
    default: Option<T>,
    cx: &mut Cx<'_, '_>,
) -> Option<T> {
    cx.key = key;
    let Some(entry) = entry_of(table, key.name) else {
        let absent = default.or_else(T::absent);
        if absent.is_none() {
            missing(key, table.span, cx);
        }
        return absent;
    };
    if cx.is_faulty(entry.value.span) {
        return default.or_else(T::absent);
    }
    // A wrong optional value was reported; the record is kept without it, so that no other error follows from this one.
    T::read(&entry.value, cx).or_else(|| default.or_else(T::absent))
}

fn missing(key: &'static Key, span: Span, cx: &mut Cx<'_, '_>) {
    let message = format!("{} has no `{}`", cx.who, key.name);
    let mut diagnostic =
        Diagnostic::error("plant/missing-key", message).help(format!("add `{} = …`: {}", key.name, key.doc));
    diagnostic.note = Some(key.clause).filter(|clause| !clause.is_empty()).map(str::to_string);
    cx.report(span, diagnostic);
}

fn unknown_key(kind: &'static Kind, key: &str, span: Span, cx: &mut Cx<'_, '_>) {
    let what = if cx.csv { "column" } else { "key" };
    let message = format!("{} has no {what} {}", cx.who, shown(key));
    if !cx.gathered.wants("plant/unknown-key") {
        return cx.report(span, Diagnostic::error("plant/unknown-key", message));
    }
    let help = match nearest(key, kind.all_keys().map(|key| key.name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<String> = kind.all_keys().map(|key| format!("`{}`", key.name)).collect();
            format!("it has {}", names.join(", "))
        }
    };
    cx.report(span, Diagnostic::error("plant/unknown-key", message).help(help));
}

/// `id` and the common keys on their way to text.
pub(crate) fn write_head(kind: &'static Kind, id: Option<&str>, common: Option<&Common>) -> Written {
    let mut fields = Vec::with_capacity(kind.keys.len() + 5);
    fields.extend(id.map(|id| (&ID, Value::Text(id.to_string()))));
    if let (Some(common), [name, note, proposed, reason]) = (common, COMMON) {
        let text = |text: &Option<String>| text.clone().map_or(Value::Absent, Value::Text);
        fields.push((name, text(&common.name)));
        fields.push((note, text(&common.note)));
        fields.push((proposed, if common.proposed { Value::Bare("true".into()) } else { Value::Absent }));
        fields.push((reason, text(&common.reason)));
    }
    Written { kind, fields }
}

/// Ties a type of the model to its kind. A row per key:
/// `"key" field: Type [, in RANGE] [, says ("verb", "clause")] [, default (value, |record| is it the default?)] => "what it says";`
macro_rules! records {
    ($(
        $(#[clause = $clause:literal])?
        $header:literal $name:literal $record:ident [$($id:ident $(as $target:ident)?)?] $($common:ident)? => $doc:literal {
            $(
                $key:literal $field:ident: $ty:ty
                $(, in $range:ident)?
                $(, says ($verb:literal, $why:literal))?
                $(, default ($default:expr, $is_default:expr))?
                => $says:literal;
            )*
        }
    )*) => {$(
        impl Record for $record {
            const KIND: &'static Kind = &Kind {
                name: $name,
                header: $header,
                doc: $doc,
                clause: concat!($($clause)?),
                has_id: any(&[$(stringify!($id))?]),
                has_common: any(&[$(stringify!($common))?]),
                keys: &[$(Key {
                    name: $key,
                    ty: <$ty as Field>::TYPE,
                    required: <$ty as Field>::REQUIRED && !any(&[$(stringify!($default))?]),
                    range: first(&[$($range)?]),
                    doc: $says,
                    clause: concat!($($why)?),
                    verb: verb(&[$($verb)?]),
                    since: 1,
                }),*],
            };
            const TARGET: Option<Target> = target(&[$($(Target::$target)?)?]);

            fn read(table: &Table<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
                let head = begin(Self::KIND, Self::TARGET, table, cx)?;
                let mut keys = Self::KIND.keys.iter();
                $(let $field: Option<$ty> = field(table, keys.next()?, records!(@default $($default)?), cx);)*
                if let (Some(target), Some(id)) = (Self::TARGET, &head.id) {
                    note_id(target, id, table, cx);
                }
                end(&head, cx);
                Some(Self {
                    $(id: $id::from(&*head.id?),)?
                    $($common: head.common,)?
                    $($field: $field?,)*
                })
            }

            fn write(&self, plant: &Plant) -> Written {
                let mut written = write_head(
                    Self::KIND,
                    records!(@id self $($id)?),
                    records!(@common self $($common)?),
                );
                let mut keys = Self::KIND.keys.iter();
                $(
                    let value = if records!(@is_default self $($is_default)?) { Value::Absent } else { self.$field.write(plant) };
                    written.fields.extend(keys.next().map(|key| (key, value)));
                )*
                written
            }
        }
    )*};
    (@default) => { None };
    (@default $default:expr) => { Some($default) };
    (@is_default $self:ident) => { false };
    (@is_default $self:ident $is_default:expr) => { $is_default($self) };
    (@id $self:ident) => { None };
    (@id $self:ident $id:ident) => { Some(AsRef::<str>::as_ref(&$self.id)) };
    (@common $self:ident) => { None };
    (@common $self:ident $common:ident) => { Some(&$self.$common) };
}
pub(crate) use records;

/// Notes the id of a record that was read.
pub(crate) fn note_id(target: Target, id: &Arc<str>, table: &Table<'_>, cx: &mut Cx<'_, '_>) {
    let span = entry_of(table, ID.name).map_or(table.span, |entry| entry.value.span);
    cx.claim_id(target, id, span);
}

pub(crate) const fn first(range: &[(f64, f64)]) -> Option<(f64, f64)> {
    match range {
        [range, ..] => Some(*range),
        [] => None,
    }
}

/// Is a part of a row of the table there at all?
pub(crate) const fn any(parts: &[&str]) -> bool {
    !parts.is_empty()
}

pub(crate) const fn verb(verbs: &[&'static str]) -> &'static str {
    match verbs {
        [verb, ..] => verb,
        [] => "names",
    }
}

pub(crate) const fn target(targets: &[Target]) -> Option<Target> {
    match targets {
        [target, ..] => Some(*target),
        [] => None,
    }
}

/// A part is a field of the record around it.
macro_rules! parts {
    ($($part:ident)*) => {$(
        impl Field for $part {
            const TYPE: Type = Type::Part(<$part as Record>::KIND);
            fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
                let Item::Table(table) = &node.item else {
                    cx.wrong_type(node, "a table");
                    return None;
                };
                let key = cx.key;
                let part = <$part as Record>::read(table, cx);
                cx.key = key;
                part
            }
            fn write(&self, plant: &Plant) -> Value {
                Value::Part(<$part as Record>::write(self, plant))
            }
        }
    )*};
}
pub(crate) use parts;
