//! TOML to the tree, with every syntax error that can be told apart in one pass.
//!
//! Tokens and recovery are `toml_parser`'s; the logical layout (headers, dotted keys, what may be extended) is here, because
//! it must keep spans, go on after an error, and cost little for plants of 100,000 assets.

use super::limit;
use super::tree::{Entry, Item, Node, Origin, Span, Table};
use std::borrow::Cow;
use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::EventReceiver;
use toml_parser::{ErrorSink, Expected, ParseError, Source};

/// Something that is not TOML.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    pub(crate) span: Span,
    /// One sentence, lowercase.
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// Reads a whole file. What could be understood is in the table; what could not is in the errors.
pub(crate) fn parse(text: &str) -> (Table<'_>, Vec<SyntaxError>) {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut sink = Sink { text, errors: Vec::new() };
    let mut builder = Builder {
        source,
        root: Table::new(Span::default(), Origin::Header),
        open: Table::new(Span::default(), Origin::Header),
        open_path: None,
        header: None,
        keys: Vec::new(),
        frames: Vec::new(),
        rejected: 0,
        key_wanted: true,
        errors: Vec::new(),
    };
    toml_parser::parser::parse_document(&tokens, &mut builder, &mut sink);
    drop(tokens);
    builder.finish();
    let mut errors = sink.errors;
    errors.append(&mut builder.errors);
    errors.sort_by_key(|error| error.span);
    errors.dedup_by_key(|error| error.span.start);
    (builder.root, errors)
}

struct Sink<'a> {
    text: &'a str,
    errors: Vec<SyntaxError>,
}

impl ErrorSink for Sink<'_> {
    fn report_error(&mut self, error: ParseError) {
        if self.errors.len() >= limit::DIAGNOSTICS_OF_A_CODE_MAX * 2 {
            return;
        }
        let span = error.unexpected().or_else(|| error.context()).unwrap_or_default();
        let expected: Vec<String> = error
            .expected()
            .unwrap_or_default()
            .iter()
            .filter_map(|e| match e {
                Expected::Literal("\n") => Some("a line break".to_string()),
                Expected::Literal(text) => Some(format!("`{text}`")),
                Expected::Description(text) => Some((*text).to_string()),
                _ => None,
            })
            .collect();
        let found = self.text.get(span.start()..span.end()).unwrap_or("");
        let found = found.lines().next().unwrap_or("");
        let mut message = words(error.description(), found).to_string();
        if !expected.is_empty() && message == error.description() {
            message.push_str(", expected ");
            message.push_str(&expected.join(" or "));
        }
        if !found.is_empty() && found.chars().count() <= 40 {
            message.push_str(&format!(", found `{found}`"));
        }
        let help = help_for(error.description(), found);
        self.errors.push(SyntaxError { span: Span::new(span.start(), span.end()), message, help });
    }
}

/// Our words for those of the parser's that a plant engineer would not know.
fn words<'d>(description: &'d str, found: &str) -> &'d str {
    match description {
        "string values must be quoted" if found.is_empty() => "value is missing",
        "string values must be quoted" => "expected a value; texts stand in quotes",
        "unexpected key or value" => "expected a line break behind the value",
        "invalid basic string" => "text is not closed, expected `\"`",
        "invalid literal string" => "text is not closed, expected `'`",
        other => other,
    }
}

fn help_for(description: &str, found: &str) -> Option<String> {
    let bare = !found.is_empty() && found.chars().all(|c| c.is_alphanumeric() || "-_. /:".contains(c));
    if bare
        && (description.contains("string") || description.contains("number") || description.contains("date"))
    {
        return Some(format!("put texts in quotes: `\"{found}\"`"));
    }
    if description.contains("key with no value") {
        return Some("write `key = value`".to_string());
    }
    None
}

enum Frame<'a> {
    Array(Node<'a>),
    Inline(Span, Table<'a>, Vec<Key<'a>>),
}

#[derive(Clone)]
struct Key<'a> {
    text: Cow<'a, str>,
    span: Span,
}

struct Header {
    start: u32,
    array: bool,
}

struct Builder<'a> {
    source: Source<'a>,
    root: Table<'a>,
    /// Keys that stand below the last header.
    open: Table<'a>,
    /// That header; none for the top of the file.
    open_path: Option<(Vec<Key<'a>>, bool)>,
    header: Option<Header>,
    keys: Vec<Key<'a>>,
    frames: Vec<Frame<'a>>,
    rejected: usize,
    /// Whether the next simple key begins a new key or goes on after a dot.
    key_wanted: bool,
    errors: Vec<SyntaxError>,
}

impl<'a> Builder<'a> {
    fn error(&mut self, span: Span, message: String, help: Option<&str>) {
        if self.errors.len() < limit::DIAGNOSTICS_OF_A_CODE_MAX * 2 {
            self.errors.push(SyntaxError { span, message, help: help.map(str::to_string) });
        }
    }

    /// Whatever is still open at the end of the file, or where a new header begins, is closed.
    fn finish(&mut self) {
        while let Some(frame) = self.frames.pop() {
            self.close_frame(frame, None);
        }
        self.keys.clear();
        self.rejected = 0;
        let empty = Table::new(Span::default(), Origin::Header);
        let open = std::mem::replace(&mut self.open, empty);
        match self.open_path.take() {
            None => self.root = open,
            Some((path, array)) => self.attach(path, array, open),
        }
    }

    fn close_frame(&mut self, frame: Frame<'a>, end: Option<u32>) {
        let node = match frame {
            Frame::Array(mut node) => {
                node.span.end = end.unwrap_or(node.span.end);
                node
            }
            Frame::Inline(span, mut table, _) => {
                table.span = Span { start: span.start, end: end.unwrap_or(span.end) };
                Node { span: table.span, item: Item::Table(Box::new(table)) }
            }
        };
        self.value(node);
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, node: Node<'a>) {
        let mut errors = Vec::new();
        match self.frames.last_mut() {
            Some(Frame::Array(Node { item: Item::Array(items), .. })) => items.push(node),
            Some(Frame::Array(_)) => {}
            Some(Frame::Inline(_, table, keys)) => insert(table, std::mem::take(keys), node, &mut errors),
            None => insert(&mut self.open, std::mem::take(&mut self.keys), node, &mut errors),
        }
        self.key_wanted = true;
        for (span, message) in errors {
            self.error(span, message, None);
        }
    }

    /// Puts the table below a header into the file's table.
    fn attach(&mut self, path: Vec<Key<'a>>, array: bool, open: Table<'a>) {
        let Some((last, way)) = path.split_last() else { return };
        let mut at = &mut self.root;
        let mut wrong = None;
        for key in way {
            match step(at, key) {
                Ok(next) => at = next,
                Err(found) => {
                    wrong = Some((key.clone(), found));
                    at = &mut self.root;
                    break;
                }
            }
        }
        if let Some((key, found)) = wrong {
            let message = format!("`{}` is {found} above and cannot be extended by a header", key.text);
            return self.error(key.span, message, None);
        }
        let result = if array { attach_array(at, last, open) } else { attach_table(at, last, open) };
        if let Err(message) = result {
            self.error(last.span, message, Some("keep one of the two and move its keys together"));
        }
    }

    fn begin_header(&mut self, span: toml_parser::Span, array: bool) {
        self.finish();
        self.header = Some(Header { start: Span::new(span.start(), span.end()).start, array });
        // Until the header's end is read, keys belong to nothing.
        self.open_path = Some((Vec::new(), array));
        self.key_wanted = true;
    }

    fn end_header(&mut self, span: toml_parser::Span) {
        let Some(header) = self.header.take() else { return };
        let path = std::mem::take(&mut self.keys);
        self.open_path = Some((path, header.array));
        self.open.span = Span { start: header.start, end: Span::new(span.start(), span.end()).end };
        self.key_wanted = true;
    }

    fn pending_keys(&mut self) -> &mut Vec<Key<'a>> {
        match self.frames.last_mut() {
            Some(Frame::Inline(_, _, keys)) => keys,
            _ => &mut self.keys,
        }
    }
}

/// Goes one key further on the way to a header; makes the table if it is absent.
fn step<'t, 'a>(table: &'t mut Table<'a>, key: &Key<'a>) -> Result<&'t mut Table<'a>, &'static str> {
    let at = match table.position(&key.text) {
        Some(at) => at,
        None => table.push(Entry {
            key: key.text.clone(),
            key_span: key.span,
            value: Node {
                span: key.span,
                item: Item::Table(Box::new(Table::new(key.span, Origin::Implied))),
            },
        }),
    };
    let Some(entry) = table.entries.get_mut(at) else { return Err("absent") };
    let found = entry.value.item.describe();
    match &mut entry.value.item {
        Item::Table(next) if next.origin == Origin::Inline => Err(found),
        Item::Table(next) => Ok(next),
        Item::Tables(tables) => tables.last_mut().ok_or(found),
        _ => Err(found),
    }
}

fn attach_array<'a>(parent: &mut Table<'a>, key: &Key<'a>, open: Table<'a>) -> Result<(), String> {
    let Some(at) = parent.position(&key.text) else {
        let value = Node { span: open.span, item: Item::Tables(vec![open]) };
        parent.push(Entry { key: key.text.clone(), key_span: key.span, value });
        return Ok(());
    };
    match parent.entries.get_mut(at).map(|entry| &mut entry.value.item) {
        Some(Item::Tables(tables)) => {
            tables.push(open);
            Ok(())
        }
        Some(item) => {
            Err(format!("`{}` is {} above and cannot be a list of tables too", key.text, item.describe()))
        }
        None => Ok(()),
    }
}

fn attach_table<'a>(parent: &mut Table<'a>, key: &Key<'a>, open: Table<'a>) -> Result<(), String> {
    let Some(at) = parent.position(&key.text) else {
        let value = Node { span: open.span, item: Item::Table(Box::new(open)) };
        parent.push(Entry { key: key.text.clone(), key_span: key.span, value });
        return Ok(());
    };
    match parent.entries.get_mut(at).map(|entry| &mut entry.value) {
        Some(Node { span, item: Item::Table(table) }) if table.origin == Origin::Implied => {
            *span = open.span;
            table.span = open.span;
            table.origin = Origin::Header;
            for entry in open.entries {
                if table.position(&entry.key).is_some() {
                    return Err(format!("`{}` is given twice", entry.key));
                }
                table.push(entry);
            }
            Ok(())
        }
        Some(Node { item: Item::Tables(_), .. }) => {
            Err(format!("`{0}` is a list of tables above: write `[[{0}]]` for one more", key.text))
        }
        _ => Err(format!("table `{}` is given twice", key.text)),
    }
}

/// Puts a value below a table by a possibly dotted key.
fn insert<'a>(table: &mut Table<'a>, keys: Vec<Key<'a>>, node: Node<'a>, errors: &mut Vec<(Span, String)>) {
    let Some((last, way)) = keys.split_last() else { return };
    let whole = Span { start: keys.first().map_or(last.span.start, |k| k.span.start), end: last.span.end };
    let mut at = table;
    for key in way {
        let position = match at.position(&key.text) {
            Some(position) => position,
            None => at.push(Entry {
                key: key.text.clone(),
                key_span: key.span,
                value: Node {
                    span: key.span,
                    item: Item::Table(Box::new(Table::new(key.span, Origin::Dotted))),
                },
            }),
        };
        match at.entries.get_mut(position).map(|entry| &mut entry.value.item) {
            Some(Item::Table(next)) if next.origin == Origin::Dotted => at = next,
            _ => {
                return errors
                    .push((key.span, format!("`{}` has a value above and cannot be extended", key.text)));
            }
        }
    }
    if at.position(&last.text).is_some() {
        errors.push((last.span, format!("key `{}` is given twice", last.text)));
    } else {
        at.push(Entry { key: last.text.clone(), key_span: whole, value: node });
    }
}

impl EventReceiver for Builder<'_> {
    fn std_table_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.begin_header(span, false);
    }

    fn std_table_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.end_header(span);
    }

    fn array_table_open(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.begin_header(span, true);
    }

    fn array_table_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.end_header(span);
    }

    fn inline_table_open(&mut self, span: toml_parser::Span, error: &mut dyn ErrorSink) -> bool {
        let span_here = Span::new(span.start(), span.end());
        let table = Table::new(span_here, Origin::Inline);
        self.key_wanted = true;
        self.open_frame(span, Frame::Inline(span_here, table, Vec::new()), error)
    }

    fn inline_table_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.shut(span);
    }

    fn array_open(&mut self, span: toml_parser::Span, error: &mut dyn ErrorSink) -> bool {
        let node = Node { span: Span::new(span.start(), span.end()), item: Item::Array(Vec::new()) };
        self.open_frame(span, Frame::Array(node), error)
    }

    fn array_close(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.shut(span);
    }

    fn simple_key(&mut self, span: toml_parser::Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let raw = self.source.input().get(span.start()..span.end()).unwrap_or("");
        let mut text: Cow<'_, str> = Cow::Borrowed("");
        let plain =
            encoding.is_none() && raw.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if plain && !raw.is_empty() {
            text = Cow::Borrowed(raw);
        } else {
            toml_parser::Raw::new_unchecked(raw, encoding, span).decode_key(&mut text, error);
        }
        let start_over = self.key_wanted;
        self.key_wanted = false;
        let key = Key { text, span: Span::new(span.start(), span.end()) };
        let keys = self.pending_keys();
        if start_over {
            keys.clear();
        }
        keys.push(key);
        if keys.len() > limit::NESTING_MAX {
            keys.truncate(limit::NESTING_MAX);
            error.report_error(ParseError::new("key has too many parts").with_unexpected(span));
        }
    }

    fn key_val_sep(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.key_wanted = true;
    }

    fn value_sep(&mut self, _: toml_parser::Span, _: &mut dyn ErrorSink) {
        self.key_wanted = true;
    }

    fn newline(&mut self, span: toml_parser::Span, _: &mut dyn ErrorSink) {
        if self.frames.is_empty() {
            self.key_wanted = true;
        }
        if self.header.is_some() {
            // The header is not closed, which was reported; what it was meant to be is known all the same.
            let end = toml_parser::Span::new_unchecked(span.start(), span.start());
            self.end_header(end);
        }
    }

    fn scalar(&mut self, span: toml_parser::Span, encoding: Option<Encoding>, error: &mut dyn ErrorSink) {
        let raw = self.source.input().get(span.start()..span.end()).unwrap_or("");
        let mut text: Cow<'_, str> = Cow::Borrowed("");
        let mut failed = None::<ParseError>;
        let kind = toml_parser::Raw::new_unchecked(raw, encoding, span).decode_scalar(&mut text, &mut failed);
        let mut item = match kind {
            ScalarKind::String => Item::Text(text),
            ScalarKind::Boolean(value) => Item::Bool(value),
            ScalarKind::DateTime => Item::Date(text),
            ScalarKind::Float => text.parse().map_or(Item::Broken, Item::Float),
            ScalarKind::Integer(radix) => {
                let value = i64::from_str_radix(&text, radix.value());
                if value.is_err() && failed.is_none() {
                    failed = Some(ParseError::new("whole number is too large").with_unexpected(span));
                }
                value.map_or(Item::Broken, Item::Integer)
            }
        };
        if let Some(failed) = failed {
            // The sink words what is wrong; where the parser names no place, the value is the place.
            let failed = if failed.unexpected().is_none() { failed.with_unexpected(span) } else { failed };
            error.report_error(failed);
            item = Item::Broken;
        }
        self.value(Node { span: Span::new(span.start(), span.end()), item });
    }

    fn comment(&mut self, span: toml_parser::Span, error: &mut dyn ErrorSink) {
        let raw = self.source.input().get(span.start()..span.end()).unwrap_or("");
        toml_parser::Raw::new_unchecked(raw, None, span).decode_comment(error);
    }
}

impl<'a> Builder<'a> {
    fn open_frame(&mut self, span: toml_parser::Span, frame: Frame<'a>, error: &mut dyn ErrorSink) -> bool {
        if self.rejected > 0 || self.frames.len() >= limit::NESTING_MAX {
            if self.rejected == 0 {
                let message = format!("values nest deeper than {}", limit::NESTING_MAX);
                error.report_error(ParseError::new(message).with_unexpected(span));
            }
            self.rejected += 1;
            return false;
        }
        self.frames.push(frame);
        true
    }

    fn shut(&mut self, span: toml_parser::Span) {
        if self.rejected > 0 {
            self.rejected -= 1;
        } else if let Some(frame) = self.frames.pop() {
            self.close_frame(frame, Some(Span::new(span.start(), span.end()).end));
        }
    }
}
