//! Changing a record that stands in a TOML file.

use super::super::spec::{Key, Kind};
use super::super::tree::{Entry, Item, Node, Origin, Span, Table};
use super::super::value::{Value, Written};
use super::super::write::{block, braces, expression, literal};
use super::site::part_of;
use super::splice::{Rank, Splices};
use std::collections::BTreeMap;

/// The keys that a record is to have.
pub(super) type Keys = BTreeMap<&'static str, (&'static Key, Value)>;

/// What names a record among those of its kind: its id; of a part without one, its first key.
pub(super) fn id_of(kind: &Kind, table: &Table<'_>) -> Option<String> {
    if kind.name == "plant" {
        return Some(String::new());
    }
    match &table.entry(naming_key(kind)?)?.value.item {
        Item::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

fn naming_key(kind: &Kind) -> Option<&'static str> {
    if kind.has_id { Some("id") } else { kind.keys.first().map(|key| key.name) }
}

/// Gives the keys their values; `old` is what the record says now.
pub(super) fn change(
    file: usize,
    kind: &'static Kind,
    table: &Table<'_>,
    keys: &Keys,
    old: Option<&Written>,
    splices: &mut Splices<'_>,
) {
    let mut gone: Vec<&str> = Vec::new();
    for key in kind.all_keys() {
        let Some((_, new)) = keys.get(key.name) else { continue };
        let before = old.and_then(|old| old.field(key.name));
        if before == Some(new) {
            continue;
        }
        let entry = table.entry(key.name);
        match (part_of(&key.ty), entry) {
            (Some(part_kind), entry) => change_parts(file, table, part_kind, entry, new, before, splices),
            (None, Some(entry)) => {
                if change_value(file, entry, new, before, splices) {
                    continue;
                }
                // It goes, or it was spread over dotted keys or a header of its own and comes back as one.
                gone.push(key.name);
                insert_entry(file, kind, table, key, new, splices);
            }
            (None, None) => insert_entry(file, kind, table, key, new, splices),
        }
    }
    remove_entries(file, table, &gone, splices);
}

/// Changes a value where it stands. Tells whether it could.
fn change_value(
    file: usize,
    entry: &Entry<'_>,
    new: &Value,
    before: Option<&Value>,
    splices: &mut Splices<'_>,
) -> bool {
    let Some(written) = literal(new, splices.line_break(file)) else { return false };
    if !stands_alone(entry) {
        return false;
    }
    if !change_list(file, &entry.value, new, before, splices) {
        splices.replace(file, entry.value.span, written);
    }
    true
}

/// Is the value written in one piece behind its key?
fn stands_alone(entry: &Entry<'_>) -> bool {
    match &entry.value.item {
        Item::Table(table) => table.origin == Origin::Inline,
        Item::Tables(_) => false,
        _ => true,
    }
}

/// Changes only the items of a list that differ, so that comments between them stay. Tells whether it could.
fn change_list(
    file: usize,
    node: &Node<'_>,
    new: &Value,
    before: Option<&Value>,
    splices: &mut Splices<'_>,
) -> bool {
    let (Item::Array(items), Value::List(new), Some(Value::List(old))) = (&node.item, new, before) else {
        return false;
    };
    if items.len() != old.len()
        || items.is_empty()
        || new.is_empty()
        || !is_regular(file, items, node.span, splices)
    {
        return false;
    }
    let kept: Vec<&Value> = old.iter().filter(|item| new.contains(item)).collect();
    // Items that stay must stay in their order, with new ones behind them.
    if kept.is_empty() || kept.len() > new.len() || !kept.iter().zip(new).all(|(a, b)| *a == b) {
        return false;
    }
    let Some(more) = new.get(kept.len()..) else { return false };
    let Some(last_kept) = old.iter().rposition(|item| new.contains(item)) else { return false };
    let gone: Vec<bool> = old.iter().map(|item| !new.contains(item)).collect();
    let spans: Vec<Span> = items.iter().map(|item| item.span).collect();
    let tail_goes = remove_from_list(file, &spans, &gone, node.span, splices);
    let Some(last) = items.get(last_kept) else { return false };
    let more: Vec<String> = more.iter().filter_map(Value::to_toml).collect();
    let next = items.get(last_kept + 1).map_or(node.span.end, |next| next.span.start);
    add_to_list(file, last.span, next, tail_goes, &more, splices);
    true
}

/// Adds items behind one of a list: on lines of their own where that one stands last on its line.
/// `tail_goes`: whether all that stands behind it is removed.
fn add_to_list(
    file: usize,
    last: Span,
    next: u32,
    tail_goes: bool,
    more: &[String],
    splices: &mut Splices<'_>,
) {
    let text = splices.text(file);
    let behind = text.get(last.end as usize..next as usize).unwrap_or("");
    let lines = splices.lines(file, last);
    let lead = text.get(lines.start as usize..last.start as usize).unwrap_or("");
    let in_lines = behind.find('\n').filter(|_| lead.trim().is_empty() && !tail_goes);
    let Some(line) = in_lines else {
        let more: String = more.iter().map(|item| format!(", {item}")).collect();
        if !more.is_empty() {
            splices.insert(file, last.end, Rank::Key, more);
        }
        return;
    };
    if more.is_empty() {
        return;
    }
    let line_break = splices.line_break(file);
    let has_comma = behind.trim_start_matches([' ', '\t']).starts_with(',');
    if !has_comma {
        splices.insert(file, last.end, Rank::Key, ",".to_string());
    }
    let end =
        last.end as usize + line - usize::from(behind.get(..line).is_some_and(|line| line.ends_with('\r')));
    let more: String = more.iter().map(|item| format!("{line_break}{lead}{item},")).collect();
    splices.insert(file, Span::new(end, 0).start, Rank::Key, more);
}

/// Removes the items that are `gone`, with the commas that they leave without use. Tells whether all behind the last one
/// that stays went at once.
fn remove_from_list(
    file: usize,
    items: &[Span],
    gone: &[bool],
    list: Span,
    splices: &mut Splices<'_>,
) -> bool {
    let text = splices.text(file);
    let last_kept = gone.iter().rposition(|gone| !gone);
    // Behind the last item that stays nothing is left but comments.
    let tail = last_kept.map_or(0, |at| at + 1);
    let from = last_kept.and_then(|at| items.get(at)).map_or(list.start + 1, |item| item.end);
    let to = items.last().map_or(from, |item| item.end);
    // Comments stand between items; a `#` within a text is none.
    let mut at = from;
    let tail_is_plain = items.iter().skip(tail).all(|item| {
        let gap = text.get(at as usize..item.start as usize).unwrap_or("");
        at = item.end;
        !gap.contains('#')
    });
    if tail < items.len() && tail_is_plain {
        // Where an item stays, the comma behind the last one is its own from now on.
        let behind = text.get(to as usize..list.end as usize).unwrap_or("");
        let comma = behind.trim_start_matches([' ', '\t']).starts_with(',') && last_kept.is_none();
        let end = if comma { to + Span::new(behind.find(',').map_or(0, |at| at + 1), 0).start } else { to };
        splices.replace(file, Span { start: from, end }, String::new());
    }
    for (at, item) in items.iter().enumerate().filter(|(at, _)| gone.get(*at) == Some(&true)) {
        if at >= tail && tail_is_plain {
            continue;
        }
        let next = items.get(at + 1).map_or(list.end, |next| next.start);
        let behind = text.get(item.end as usize..next as usize).unwrap_or("");
        let comma =
            behind.find(',').filter(|comma| behind.get(..*comma).is_some_and(|text| !text.contains('#')));
        let end = match comma {
            // Up to the next item, unless a comment stands between.
            Some(_) if at < tail && !behind.contains('#') => next,
            Some(comma) => item.end + Span::new(comma + 1, 0).start,
            None => item.end,
        };
        splices.replace(file, Span { start: item.start, end }, String::new());
    }
    tail < items.len() && tail_is_plain
}

/// Does a comma stand right behind every item but perhaps the last? Else a list is written anew rather than mended.
fn is_regular(file: usize, items: &[Node<'_>], list: Span, splices: &Splices<'_>) -> bool {
    let text = splices.text(file);
    items.iter().enumerate().all(|(at, item)| {
        let next = items.get(at + 1).map_or(list.end, |next| next.span.start);
        let behind = text.get(item.span.end as usize..next as usize).unwrap_or("");
        let comma_first = behind.trim_start_matches([' ', '\t']).starts_with(',');
        comma_first
            || (at + 1 == items.len()
                && !behind.split('#').next().is_some_and(|text| text.contains(','))
                && !behind.contains('#'))
    })
}

/// The pieces of text that an entry consists of: lines of dotted keys, blocks below headers, or itself.
enum Piece {
    Inline(Span),
    Block(Span),
}

impl Piece {
    const fn span(&self) -> Span {
        match self {
            Self::Inline(span) | Self::Block(span) => *span,
        }
    }
}

fn pieces(entry: &Entry<'_>, out: &mut Vec<Piece>) {
    match &entry.value.item {
        Item::Table(table) => match table.origin {
            Origin::Inline => out.push(Piece::Inline(whole(entry))),
            Origin::Dotted | Origin::Implied => table.entries.iter().for_each(|entry| pieces(entry, out)),
            Origin::Header => blocks(table, out),
        },
        Item::Tables(tables) => tables.iter().for_each(|table| blocks(table, out)),
        _ => out.push(Piece::Inline(whole(entry))),
    }
}

fn blocks(table: &Table<'_>, out: &mut Vec<Piece>) {
    let mut inner = Vec::new();
    table.entries.iter().for_each(|entry| pieces(entry, &mut inner));
    let mut own = table.span;
    for piece in inner {
        match piece {
            Piece::Inline(span) => own.end = own.end.max(span.end),
            Piece::Block(span) => out.push(Piece::Block(span)),
        }
    }
    out.push(Piece::Block(own));
}

fn whole(entry: &Entry<'_>) -> Span {
    Span { start: entry.key_span.start, end: entry.value.span.end }
}

/// Removes entries of a table.
fn remove_entries(file: usize, table: &Table<'_>, gone: &[&str], splices: &mut Splices<'_>) {
    if table.origin == Origin::Inline && !gone.is_empty() {
        let mut spans: Vec<(Span, bool)> = Vec::new();
        for entry in &table.entries {
            let mut all = Vec::new();
            pieces(entry, &mut all);
            let is_gone = gone.contains(&&*entry.key);
            spans.extend(all.iter().map(|piece| (piece.span(), is_gone)));
        }
        spans.sort_by_key(|(span, _)| *span);
        let (spans, gone): (Vec<Span>, Vec<bool>) = spans.into_iter().unzip();
        remove_from_list(file, &spans, &gone, table.span, splices);
        return;
    }
    for entry in gone.iter().filter_map(|key| table.entry(key)) {
        let mut all = Vec::new();
        pieces(entry, &mut all);
        for piece in all {
            match piece {
                Piece::Inline(span) => splices.replace(file, splices.lines(file, span), String::new()),
                Piece::Block(span) => remove_block(file, span, splices),
            }
        }
    }
}

/// Removes the lines of a block, the comment right above it, and one of the blank lines around it.
fn remove_block(file: usize, span: Span, splices: &mut Splices<'_>) {
    let mut lines = splices.lines(file, span);
    lines.start = splices.comment_above(file, lines.start);
    let text = splices.text(file);
    let behind = text.get(lines.end as usize..).unwrap_or("");
    let blank = behind.find('\n').filter(|at| behind.get(..*at).is_some_and(|line| line.trim().is_empty()));
    if let Some(at) = blank {
        lines.end += Span::new(at + 1, 0).start;
    } else if behind.is_empty() {
        let before = text.get(..lines.start as usize).unwrap_or("");
        let kept = before.trim_end_matches([' ', '\t', '\r', '\n']).len();
        let line_end =
            before.get(kept..).and_then(|rest| rest.find('\n')).map_or(before.len(), |at| kept + at + 1);
        lines.start = Span::new(line_end, 0).start;
    }
    splices.replace(file, lines, String::new());
}

/// Removes a record below a header, with all its parts.
pub(super) fn remove_record(file: usize, table: &Table<'_>, splices: &mut Splices<'_>) {
    let mut all = Vec::new();
    blocks(table, &mut all);
    for piece in all {
        if let Piece::Block(span) = piece {
            remove_block(file, span, splices);
        }
    }
}

/// Removes an item of a list with the comma beside it.
pub(super) fn remove_items(file: usize, list: &Node<'_>, gone: &[usize], splices: &mut Splices<'_>) -> bool {
    if let Item::Array(items) = &list.item {
        let spans: Vec<Span> = items.iter().map(|item| item.span).collect();
        let gone: Vec<bool> = (0..items.len()).map(|at| gone.contains(&at)).collect();
        return remove_from_list(file, &spans, &gone, list.span, splices);
    }
    false
}

/// Puts a key into a record: behind the last key that the specification has before it.
fn insert_entry(
    file: usize,
    kind: &'static Kind,
    table: &Table<'_>,
    key: &'static Key,
    new: &Value,
    splices: &mut Splices<'_>,
) {
    let line_break = splices.line_break(file);
    if table.origin == Origin::Inline {
        // In braces everything stays on its line.
        let Some(text) = new.to_toml().map(|value| format!("{} = {value}", key.name)) else { return };
        return insert_in_braces(file, table, &text, splices);
    }
    let Some(text) = expression(key.name, new, line_break) else { return };
    let before: Vec<&str> =
        kind.all_keys().map(|key| key.name).take_while(|name| *name != key.name).collect();
    let is_line = |entry: &&Entry<'_>| {
        let mut all = Vec::new();
        pieces(entry, &mut all);
        !all.is_empty() && all.iter().all(|piece| matches!(piece, Piece::Inline(_)))
    };
    let lines = table.entries.iter().filter(is_line);
    // Keys written one behind the other are kept together, whatever order their author likes.
    let anchor =
        lines.clone().filter(|entry| before.contains(&&*entry.key)).max_by_key(|entry| end_of(entry));
    let at = anchor.map_or(table.span, |entry| Span { start: 0, end: end_of(entry) });
    if anchor.is_none() && table.origin == Origin::Header && table.span.end == 0 {
        return splices.insert(file, 0, Rank::Key, format!("{text}{line_break}"));
    }
    let line_end = splices.lines(file, Span { start: at.end, end: at.end }).end;
    let ends_line = splices.text(file).get(..line_end as usize).is_some_and(|text| text.ends_with('\n'));
    if ends_line {
        splices.insert(file, line_end, Rank::Key, format!("{text}{line_break}"));
    } else {
        splices.insert(file, line_end, Rank::Key, format!("{line_break}{text}"));
    }
}

/// The last byte of what an entry's lines say.
fn end_of(entry: &Entry<'_>) -> u32 {
    let mut all = Vec::new();
    pieces(entry, &mut all);
    all.iter()
        .map(|piece| match piece {
            Piece::Inline(span) | Piece::Block(span) => span.end,
        })
        .max()
        .unwrap_or(entry.key_span.end)
}

fn insert_in_braces(file: usize, table: &Table<'_>, text: &str, splices: &mut Splices<'_>) {
    match table.entries.iter().map(|entry| end_of(entry)).max() {
        Some(end) => splices.insert(file, end, Rank::Key, format!(", {text}")),
        None => splices.insert(file, table.span.start + 1, Rank::Key, format!(" {text} ")),
    }
}

/// Makes the parts of a record what they should be: each is known again by what names it.
fn change_parts(
    file: usize,
    table: &Table<'_>,
    kind: &'static Kind,
    entry: Option<&Entry<'_>>,
    new: &Value,
    before: Option<&Value>,
    splices: &mut Splices<'_>,
) {
    let list = |value: Option<&Value>| -> Vec<Written> {
        let items: Vec<Value> = match value {
            Some(Value::List(items)) => items.clone(),
            Some(part @ Value::Part(_)) => vec![part.clone()],
            _ => Vec::new(),
        };
        items
            .into_iter()
            .filter_map(|item| if let Value::Part(part) = item { Some(part) } else { None })
            .collect()
    };
    let (new, old) = (list(Some(new)), list(before));
    let name = |part: &Written| match naming_key(kind).and_then(|key| part.field(key)) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let there = parts_there(kind, entry);
    let mut gone: Vec<usize> = Vec::new();
    for (at, (id, part)) in there.iter().enumerate() {
        match new.iter().find(|new| name(new) == *id) {
            Some(new) => {
                let keys: Keys =
                    new.fields.iter().map(|(key, value)| (key.name, (*key, value.clone()))).collect();
                let old = old.iter().find(|old| name(old) == *id);
                change(file, kind, part, &keys, old, splices);
            }
            None => match entry.map(|entry| &entry.value.item) {
                Some(Item::Array(_)) => gone.push(at),
                Some(Item::Table(part)) if part.origin == Origin::Inline => {
                    remove_entries(file, table, &[kind.name], splices);
                }
                _ => remove_record(file, part, splices),
            },
        }
    }
    let more: Vec<&Written> =
        new.iter().filter(|part| !there.iter().any(|(id, _)| *id == name(part))).collect();
    if let Some(Node { span, item: Item::Array(items) }) = entry.map(|entry| &entry.value) {
        let tail_goes = entry.is_some_and(|entry| remove_items(file, &entry.value, &gone, splices));
        let last_kept = (0..items.len()).rev().find(|at| !gone.contains(at)).and_then(|at| items.get(at));
        let more: Vec<String> = more.iter().filter_map(|part| braces(part)).collect();
        match last_kept {
            Some(last) => {
                let next = items.iter().map(|item| item.span.start).find(|start| *start > last.span.end);
                add_to_list(file, last.span, next.unwrap_or(span.end), tail_goes, &more, splices);
            }
            None => splices.insert(file, span.start + 1, Rank::Key, more.join(", ")),
        }
        return;
    }
    for part in more {
        add_part(file, table, part, splices);
    }
}

/// The parts that stand in a value, each with what names it.
fn parts_there<'t, 'a>(kind: &Kind, entry: Option<&'t Entry<'a>>) -> Vec<(Option<String>, &'t Table<'a>)> {
    let named = |table: &'t Table<'a>| (id_of(kind, table), table);
    match entry.map(|entry| &entry.value.item) {
        Some(Item::Tables(tables)) => tables.iter().map(named).collect(),
        Some(Item::Table(table)) => vec![named(table)],
        Some(Item::Array(items)) => items
            .iter()
            .filter_map(|item| if let Item::Table(table) = &item.item { Some(named(table)) } else { None })
            .collect(),
        _ => Vec::new(),
    }
}

/// Adds a part: into the list if they stand in one, else below its own header behind all that belongs to the record.
pub(super) fn add_part(file: usize, table: &Table<'_>, part: &Written, splices: &mut Splices<'_>) {
    let list = table.entries.iter().find(|entry| entry.key == part.kind.name).map(|entry| &entry.value);
    match list {
        Some(Node { span, item: Item::Array(items) }) => {
            let Some(text) = braces(part) else { return };
            match items.last() {
                Some(last) => splices.insert(file, last.span.end, Rank::Key, format!(", {text}")),
                None => splices.insert(file, span.start + 1, Rank::Key, text),
            }
        }
        _ if table.origin == Origin::Inline => {
            if let Some(text) = braces(part) {
                insert_in_braces(file, table, &format!("{} = [{text}]", part.kind.name), splices);
            }
        }
        _ => add_block(file, table, part, Rank::Part, splices),
    }
}

/// Adds a block behind a record and all its parts.
pub(super) fn add_block(
    file: usize,
    table: &Table<'_>,
    record: &Written,
    rank: Rank,
    splices: &mut Splices<'_>,
) {
    let mut all = Vec::new();
    blocks(table, &mut all);
    let end = all
        .iter()
        .map(|piece| match piece {
            Piece::Inline(span) | Piece::Block(span) => span.end,
        })
        .max();
    let end = end.unwrap_or(table.span.end);
    let line_break = splices.line_break(file);
    let line_end = splices.lines(file, Span { start: end, end }).end;
    let ends_line = splices.text(file).get(..line_end as usize).is_some_and(|text| text.ends_with('\n'));
    let gap = if ends_line { "" } else { line_break };
    splices.insert(file, line_end, rank, format!("{gap}{line_break}{}", block(record, line_break)));
}
