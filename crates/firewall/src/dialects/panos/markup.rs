//! The XML form: `running-config.xml`, exports of Panorama, answers of the API, and parts that programs write.

use super::tree::Tree;
use crate::dialects::xml::Element;
use std::borrow::Cow;
use std::ops::Range;

/// Adds an element and all in it to the tree.
pub(super) fn build<'x>(root: Element<'x>, tree: &mut Tree<'x>) {
    // Elements come in the order of their start tags, so that the one that holds them is known.
    let mut open: Vec<(Range<usize>, u32)> = Vec::new();
    for element in root.elements() {
        let span = element.span();
        while open.last().is_some_and(|(outer, _)| outer.end <= span.start) {
            open.pop();
        }
        let parent = open.last().map_or(Tree::ROOT, |(_, id)| *id);
        let Some(id) = add(element, parent, tree) else { return };
        open.push((span, id));
    }
}

fn add<'x>(element: Element<'x>, parent: u32, tree: &mut Tree<'x>) -> Option<u32> {
    let tag = element.start_tag();
    if element.name() == "member" && element.is_leaf() {
        let id = tree.add(parent, Cow::Borrowed(element.text()), &tag)?;
        tree.own(id, &element.span());
        return Some(id);
    }
    let name = if element.name() == "entry" {
        element.attribute("name").unwrap_or_default()
    } else {
        element.name()
    };
    let id = tree.add(parent, Cow::Borrowed(name), &tag)?;
    if element.is_leaf() {
        tree.own(id, &element.span());
    } else {
        tree.own(id, &tag);
        tree.own(id, &(element.span().end.saturating_sub(1)..element.span().end));
    }
    if !element.text().is_empty() {
        let value = tree.add(id, Cow::Borrowed(element.text()), &element.text_span())?;
        tree.own(value, &if element.is_leaf() { element.span() } else { element.text_span() });
    }
    Some(id)
}
