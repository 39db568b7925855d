//! XML as a tree that keeps the bytes at which everything stands.
//!
//! Owns: elements with their attributes and texts, in the order of the document, each with its span. A document that is cut
//! off or not well formed gives the tree as far as it goes, and what is wrong with it. Nothing is loaded from elsewhere: of
//! entities only the five predefined and the numeric ones stand for something, whatever the document declares.
//!
//! The tree is one flat list, so that neither building, walking nor dropping it goes deeper with the document.

mod build;

use super::Reading;
use crate::ruleset::LineState;
use std::borrow::Cow;
use std::iter::FusedIterator;
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Levels to which elements nest; what is deeper is not in the tree.
pub(crate) const XML_DEPTH_MAX: usize = 256;
/// Elements of one document; what comes behind is not in the tree.
pub(crate) const XML_ELEMENTS_MAX: usize = 4_000_000;
/// Attributes of one element; more are not in the tree.
pub(crate) const XML_ATTRIBUTES_MAX: usize = 256;
/// Problems that are kept for one document; one more says how many were left out.
pub(crate) const XML_PROBLEMS_MAX: usize = 1_000;

/// A document, as far as it could be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct XmlTree<'t> {
    // INVARIANT: in the order of their start tags; the elements within one follow it directly.
    nodes: Vec<Node<'t>>,
    // INVARIANT: the attributes of a node lie together, and nodes in order.
    attributes: Vec<XmlAttribute<'t>>,
    /// The spans of comments, processing instructions, the declaration and the document type.
    asides: Vec<Range<usize>>,
    problems: Vec<XmlProblem>,
}

#[derive(Debug, Clone)]
struct Node<'t> {
    name: &'t str,
    /// From the start tag to behind the end tag.
    span: Range<usize>,
    /// The start tag; the whole of an empty element.
    start_tag: Range<usize>,
    /// The end tag; nothing where there is none.
    end_tag: Range<usize>,
    text: Cow<'t, str>,
    /// The text without the blanks around it.
    text_span: Range<usize>,
    attributes: Range<usize>,
    parent: Option<usize>,
    /// Index of the first node behind those within this one.
    behind: usize,
}

/// An attribute of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct XmlAttribute<'t> {
    /// Its name, with a prefix if it has one.
    pub(crate) name: &'t str,
    /// Its value, with references replaced.
    pub(crate) value: Cow<'t, str>,
    /// Where the value stands, without the quotes.
    pub(crate) span: Range<usize>,
}

/// Something that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct XmlProblem {
    /// What is not in the tree for it, or where it shows.
    pub(crate) span: Range<usize>,
    /// What is wrong.
    pub(crate) what: String,
}

impl<'t> XmlTree<'t> {
    /// Reads a document. Never fails: what is wrong is in [`XmlTree::problems`].
    pub(crate) fn read(text: &'t str) -> Self {
        build::read(text)
    }

    /// The elements that stand in no other; in a well-formed document exactly one.
    pub(crate) fn roots(&self) -> XmlChildren<'_> {
        XmlChildren { tree: self, at: 0, end: self.nodes.len() }
    }

    /// The first element that stands in no other.
    #[cfg(test)]
    pub(crate) fn root(&self) -> Option<Element<'_>> {
        self.roots().next()
    }

    /// All elements, in the order of their start tags.
    pub(crate) fn elements(&self) -> impl Iterator<Item = Element<'_>> {
        (0..self.nodes.len()).filter_map(|at| self.element(at))
    }

    /// What is wrong with the document, in the order in which it shows.
    pub(crate) fn problems(&self) -> &[XmlProblem] {
        &self.problems
    }

    /// Takes it for meant that several elements stand in no other: parts, or documents one behind the other.
    pub(crate) fn allow_several_roots(&mut self) {
        self.problems.retain(|problem| problem.what != build::SECOND_ROOT);
    }

    /// Reports what is wrong with the document. To be called when all secrets are known.
    pub(crate) fn report_problems(&self, reading: &mut Reading) {
        for problem in &self.problems {
            let warning =
                Diagnostic::warning("firewall/ill-formed-xml", format!("the XML: {}", problem.what))
                    .because("what stands there may be missing from the ruleset")
                    .help("export the configuration anew, as a whole");
            reading.report(&problem.span, warning);
        }
    }

    /// Enters comments, processing instructions and blank lines as ignored.
    pub(crate) fn account_asides(&self, reading: &mut Reading) {
        for aside in &self.asides {
            reading.account(aside, LineState::Ignored);
        }
        let source = reading.source.clone();
        let mut at = 0;
        for line in source.text().split_inclusive('\n') {
            if line.trim().is_empty() {
                reading.account(&(at..at + line.len()), LineState::Ignored);
            }
            at += line.len();
        }
    }

    fn element(&self, at: usize) -> Option<Element<'_>> {
        Some(Element { tree: self, node: self.nodes.get(at)?, at })
    }
}

/// An element of a document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'x> {
    tree: &'x XmlTree<'x>,
    node: &'x Node<'x>,
    at: usize,
}

impl PartialEq for Element<'_> {
    /// Whether it is the same element of the same tree.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.at == other.at
    }
}

impl<'x> Element<'x> {
    /// Its name, with a prefix if it has one.
    pub(crate) fn name(self) -> &'x str {
        self.node.name
    }

    /// From its start tag to behind its end tag.
    pub(crate) fn span(self) -> Range<usize> {
        self.node.span.clone()
    }

    /// Its start tag; the whole of an empty element.
    pub(crate) fn start_tag(self) -> Range<usize> {
        self.node.start_tag.clone()
    }

    /// Its text, not that of the elements within it: references replaced, pieces joined, without blanks around it.
    pub(crate) fn text(self) -> &'x str {
        self.node.text.trim()
    }

    /// Where its text stands; its start tag where it has none.
    pub(crate) fn text_span(self) -> Range<usize> {
        if self.text().is_empty() { self.start_tag() } else { self.node.text_span.clone() }
    }

    /// Its attributes, in order.
    pub(crate) fn attributes(self) -> &'x [XmlAttribute<'x>] {
        self.tree.attributes.get(self.node.attributes.clone()).unwrap_or_default()
    }

    /// The value of its attribute of this name.
    pub(crate) fn attribute(self, name: &str) -> Option<&'x str> {
        self.attributes().iter().find(|one| one.name == name).map(|one| one.value.as_ref())
    }

    /// The elements directly within it, in order.
    pub(crate) fn children(self) -> XmlChildren<'x> {
        XmlChildren { tree: self.tree, at: self.at + 1, end: self.node.behind }
    }

    /// The elements of this name directly within it, in order.
    pub(crate) fn children_named(self, name: &str) -> impl Iterator<Item = Element<'x>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first element of this name directly within it.
    pub(crate) fn child(self, name: &str) -> Option<Self> {
        self.children().find(|child| child.name() == name)
    }

    /// The element that these names lead to, each within the one before.
    pub(crate) fn path(self, names: &[&str]) -> Option<Self> {
        names.iter().try_fold(self, |element, name| element.child(name))
    }

    /// The text of the first element of this name directly within it, if there is one and it is not empty.
    pub(crate) fn text_of(self, name: &str) -> Option<&'x str> {
        self.child(name).map(Self::text).filter(|text| !text.is_empty())
    }

    /// Whether no element stands within it.
    pub(crate) fn is_leaf(self) -> bool {
        self.node.behind <= self.at + 1
    }

    /// The element that it stands directly within.
    pub(crate) fn parent(self) -> Option<Self> {
        self.tree.element(self.node.parent?)
    }

    /// Itself and all elements within it, in the order of their start tags.
    pub(crate) fn elements(self) -> impl Iterator<Item = Element<'x>> {
        (self.at..self.node.behind).filter_map(move |at| self.tree.element(at))
    }

    /// Enters the lines of its own tags and text into the account, not those of the elements within it.
    pub(crate) fn account_own(self, reading: &mut Reading, state: LineState) {
        if self.is_leaf() {
            return reading.account(&self.node.span, state);
        }
        reading.account(&self.node.start_tag, state);
        if !self.node.end_tag.is_empty() {
            reading.account(&self.node.end_tag, state);
        }
    }
}

/// Elements that stand beside each other.
#[derive(Debug, Clone)]
pub(crate) struct XmlChildren<'x> {
    tree: &'x XmlTree<'x>,
    at: usize,
    end: usize,
}

impl<'x> Iterator for XmlChildren<'x> {
    type Item = Element<'x>;

    fn next(&mut self) -> Option<Element<'x>> {
        let found = self.tree.element(self.at).filter(|_| self.at < self.end)?;
        self.at = found.node.behind.max(self.at + 1);
        Some(found)
    }
}

impl FusedIterator for XmlChildren<'_> {}

#[cfg(test)]
mod tests;
