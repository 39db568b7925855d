//! Building the tree out of the steps of a walk over the text.

use super::{
    Node, XML_ATTRIBUTES_MAX, XML_DEPTH_MAX, XML_ELEMENTS_MAX, XML_PROBLEMS_MAX, XmlAttribute, XmlProblem,
    XmlTree,
};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::ops::Range;

/// What is wrong where several elements stand in no other.
pub(super) const SECOND_ROOT: &str = "a second element stands outside of all others";

pub(super) fn read(text: &str) -> XmlTree<'_> {
    let mut reader = quick_xml::Reader::from_str(text);
    let config = reader.config_mut();
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    config.check_end_names = false;
    let mut builder = Builder {
        text,
        tree: XmlTree::default(),
        open: Vec::new(),
        too_deep: 0,
        too_deep_from: 0,
        problems_left_out: 0,
        doctype: false,
    };
    let mut at = 0;
    loop {
        let event = reader.read_event();
        let behind = byte(reader.buffer_position(), text);
        let span = at..behind.max(at);
        match event {
            Ok(Event::Eof) => break,
            Ok(event) => {
                if !builder.step(&event, span) {
                    break;
                }
            }
            Err(error) => {
                let from = byte(reader.error_position(), text).max(at);
                builder.problem(from..text.len(), format!("{error}, and what follows is not read"));
                break;
            }
        }
        at = behind;
    }
    builder.end()
}

fn byte(position: u64, text: &str) -> usize {
    text.floor_char_boundary(usize::try_from(position).unwrap_or(usize::MAX))
}

struct Builder<'t> {
    text: &'t str,
    tree: XmlTree<'t>,
    /// Indices of the elements that are open, outermost first.
    open: Vec<usize>,
    /// How many elements are open that are too deep to be kept.
    too_deep: usize,
    too_deep_from: usize,
    problems_left_out: usize,
    doctype: bool,
}

impl<'t> Builder<'t> {
    /// Takes one step of the walk. Whether the walk goes on.
    fn step(&mut self, event: &Event<'_>, span: Range<usize>) -> bool {
        match event {
            Event::Start(start) => return self.start(start, span, false),
            Event::Empty(start) => return self.start(start, span, true),
            Event::End(end) => self.close(end.name().as_ref(), span),
            Event::Text(piece) => self.piece(piece, span),
            Event::CData(piece) => {
                let inner = span.start.saturating_add("<![CDATA[".len());
                self.piece(piece, inner.min(span.end)..span.end.saturating_sub("]]>".len()).max(inner));
            }
            Event::GeneralRef(reference) => {
                let known = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(Cow::Owned(c.to_string())),
                    _ => quick_xml::escape::resolve_predefined_entity(reference).map(Cow::Borrowed),
                };
                let written = self.text.get(span.clone()).unwrap_or_default();
                if known.is_none() {
                    let what =
                        "a reference stands for nothing that is known here, and is read as it is written";
                    self.problem(span.clone(), what.to_owned());
                }
                self.append(&known.unwrap_or(Cow::Borrowed(written)), span);
            }
            Event::DocType(_) => {
                let what = "it declares a document type, whose entities are not followed";
                if !std::mem::replace(&mut self.doctype, true) {
                    self.problem(span.clone(), what.to_owned());
                }
                self.tree.asides.push(span);
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => self.tree.asides.push(span),
            Event::Eof => {}
        }
        true
    }

    fn start(&mut self, start: &BytesStart<'_>, span: Range<usize>, empty: bool) -> bool {
        if self.too_deep > 0 || self.open.len() >= XML_DEPTH_MAX {
            if self.too_deep == 0 {
                self.too_deep_from = span.start;
            }
            // An empty element opens and closes at once.
            self.too_deep += usize::from(!empty);
            if self.too_deep == 0 {
                self.report_too_deep(span.end);
            }
            return true;
        }
        if self.tree.nodes.len() >= XML_ELEMENTS_MAX {
            let what = format!("it has more than {XML_ELEMENTS_MAX} elements, and what follows is not read");
            self.problem(span.start..self.text.len(), what);
            return false;
        }
        let first = self.tree.attributes.len();
        let name = self.slice(start.name().as_ref());
        if !is_name(name) {
            self.problem(span.clone(), "expected the name of an element behind `<`".to_owned());
        }
        self.read_attributes(start, &span);
        let at = self.tree.nodes.len();
        self.tree.nodes.push(Node {
            name,
            span: span.clone(),
            start_tag: span.clone(),
            end_tag: span.end..span.end,
            text: Cow::Borrowed(""),
            text_span: span.clone(),
            attributes: first..self.tree.attributes.len(),
            parent: self.open.last().copied(),
            behind: at + 1,
        });
        if !empty {
            self.open.push(at);
        }
        true
    }

    fn read_attributes(&mut self, start: &BytesStart<'_>, span: &Range<usize>) {
        let mut attributes = start.attributes();
        for (count, attribute) in attributes.with_checks(false).enumerate() {
            let Ok(attribute) = attribute else {
                self.problem(span.clone(), "an attribute is not written as attributes are".to_owned());
                return;
            };
            if count >= XML_ATTRIBUTES_MAX {
                let what = format!("an element has more than {XML_ATTRIBUTES_MAX} attributes");
                return self.problem(span.clone(), what);
            }
            let raw = self.slice(&attribute.value);
            let from = self.offset(&attribute.value).unwrap_or(span.start);
            // A value with an entity of the document's own stays as it is written.
            let value = match attribute.normalized_value(XmlVersion::Explicit1_0) {
                Ok(value) if *value == *raw => Cow::Borrowed(raw),
                Ok(value) => Cow::Owned(value.into_owned()),
                Err(_) => {
                    let what =
                        "a reference stands for nothing that is known here, and is read as it is written";
                    self.problem(span.clone(), what.to_owned());
                    Cow::Borrowed(raw)
                }
            };
            let name = self.slice(attribute.key.as_ref());
            self.tree.attributes.push(XmlAttribute { name, value, span: from..from + raw.len() });
        }
    }

    fn close(&mut self, name: &str, span: Range<usize>) {
        let name = name.trim_end();
        if self.too_deep > 0 {
            self.too_deep -= 1;
            if self.too_deep == 0 {
                self.report_too_deep(span.end);
            }
            return;
        }
        let is_named = |at: &usize| self.tree.nodes.get(*at).is_some_and(|node| node.name == name);
        let Some(level) = self.open.iter().rposition(is_named) else {
            self.problem(span, "an end tag ends nothing that is open".to_owned());
            return;
        };
        while self.open.len() > level + 1 {
            self.end_unclosed(span.start);
        }
        if let Some(at) = self.open.pop() {
            self.end_node(at, span);
        }
    }

    /// Ends the innermost element, which has no end tag, before `end`.
    fn end_unclosed(&mut self, end: usize) {
        let Some(at) = self.open.pop() else { return };
        if let Some(tag) = self.tree.nodes.get(at).map(|node| node.start_tag.clone()) {
            self.problem(tag, "an element lacks its end tag".to_owned());
        }
        self.end_node(at, end..end);
    }

    fn end_node(&mut self, at: usize, tag: Range<usize>) {
        let behind = self.tree.nodes.len();
        if let Some(node) = self.tree.nodes.get_mut(at) {
            node.span.end = tag.end;
            node.end_tag = tag;
            node.behind = behind;
        }
    }

    /// Text of the innermost element, without the blanks between elements.
    fn piece(&mut self, piece: &str, span: Range<usize>) {
        let is_blank = piece.trim().is_empty();
        let open = self.open.last().and_then(|at| self.tree.nodes.get(*at));
        if self.too_deep > 0 || is_blank && open.is_none_or(|node| node.text.is_empty()) {
            return;
        }
        if open.is_none() {
            return self.problem(span, "text stands outside of all elements".to_owned());
        }
        let lead = if is_blank { 0 } else { piece.len() - piece.trim_start().len() };
        let trail = if is_blank { 0 } else { piece.len() - piece.trim_end().len() };
        let start = (span.start + lead).min(span.end);
        let shown =
            if is_blank { span.start..span.start } else { start..(span.end - trail.min(span.end - start)) };
        self.append(piece, shown);
    }

    fn append(&mut self, piece: &str, span: Range<usize>) {
        let borrowed = self.slice(piece);
        let node = self.open.last().and_then(|at| self.tree.nodes.get_mut(*at));
        let Some(node) = node.filter(|_| self.too_deep == 0) else { return };
        if node.text.is_empty() {
            let is_within = borrowed.len() == piece.len();
            node.text = if is_within { Cow::Borrowed(borrowed) } else { Cow::Owned(piece.to_owned()) };
            node.text_span = span;
        } else {
            node.text.to_mut().push_str(piece);
            node.text_span.end = span.end.max(node.text_span.end);
        }
    }

    fn end(mut self) -> XmlTree<'t> {
        let end = self.text.len();
        if self.too_deep > 0 {
            self.report_too_deep(end);
        }
        if !self.open.is_empty() {
            self.problem(end..end, format!("it is cut off with {} elements open", self.open.len()));
        }
        while let Some(at) = self.open.pop() {
            self.end_node(at, end..end);
        }
        if self.tree.roots().nth(1).is_some() {
            let second = self.tree.roots().nth(1).map(|root| root.start_tag()).unwrap_or_default();
            self.problem(second, SECOND_ROOT.to_owned());
        }
        if self.problems_left_out > 0 {
            let what = format!("{} more problems were left out", self.problems_left_out);
            self.tree.problems.push(XmlProblem { span: end..end, what });
        }
        self.tree
    }

    fn report_too_deep(&mut self, end: usize) {
        let what =
            format!("elements nest deeper than {XML_DEPTH_MAX} levels, and the deeper ones are not read");
        self.problem(self.too_deep_from..end, what);
    }

    fn problem(&mut self, span: Range<usize>, what: String) {
        if self.tree.problems.len() < XML_PROBLEMS_MAX {
            self.tree.problems.push(XmlProblem { span, what });
        } else {
            self.problems_left_out += 1;
        }
    }

    /// The piece as part of the text, or nothing where it is not one.
    fn slice(&self, piece: &str) -> &'t str {
        let range = self.offset(piece).map(|start| start..start + piece.len());
        range.and_then(|range| self.text.get(range)).unwrap_or_default()
    }

    /// Where a piece of the text begins in it; `None` for what is no piece of it.
    fn offset(&self, piece: &str) -> Option<usize> {
        let offset = piece.as_ptr().addr().checked_sub(self.text.as_ptr().addr())?;
        (offset + piece.len() <= self.text.len()).then_some(offset)
    }
}

fn is_name(name: &str) -> bool {
    let begins = |c: char| c.is_alphabetic() || c == '_' || c == ':';
    name.starts_with(begins)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '-' | '.' | '\u{b7}'))
}
