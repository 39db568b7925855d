//! The form in braces, as `show` prints it on the device and as collectors keep it.

use super::commands::UNREAD;
use super::secrets;
use super::tree::{Tree, short};
use super::words::{Kind, Word, Words};
use crate::dialects::Reading;
use crate::ruleset::LineState;
use std::borrow::Cow;
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Levels to which blocks nest; what is deeper is not in the tree.
const DEPTH_MAX: usize = 256;

struct Blocks<'t, 'r> {
    tree: &'r mut Tree<'t>,
    reading: &'r mut Reading,
    /// The blocks that are open; `None` where one is not in the tree.
    open: Vec<Option<u32>>,
}

/// Reads all statements of a text into the tree.
pub(super) fn build<'t>(text: &'t str, tree: &mut Tree<'t>, reading: &mut Reading) {
    let mut blocks = Blocks { tree, reading, open: Vec::new() };
    let mut words: Vec<Word<'t>> = Vec::new();
    let mut blank = true;
    for word in Words::new(text, true) {
        blank = match word.kind {
            Kind::Comment => {
                blocks.reading.account(&word.span, LineState::Ignored);
                true
            }
            Kind::Line => {
                if blank {
                    blocks.reading.account(&word.span, LineState::Ignored);
                }
                true
            }
            Kind::Mark('{') => {
                blocks.open(std::mem::take(&mut words), &word.span);
                false
            }
            Kind::Mark('}') => {
                blocks.statement(std::mem::take(&mut words));
                blocks.close(&word.span);
                false
            }
            Kind::Mark(';') => {
                blocks.statement(std::mem::take(&mut words));
                false
            }
            _ => {
                words.push(word);
                false
            }
        };
    }
    blocks.statement(words);
    if !blocks.open.is_empty() {
        blocks.unread(&(text.len()..text.len()), "a block is not closed at the end of the file".into());
    }
}

impl<'t> Blocks<'t, '_> {
    fn unread(&mut self, span: &Range<usize>, message: String) {
        let unread = Diagnostic::warning("firewall/unread-statement", message)
            .because("what stands there may be missing from the ruleset")
            .help("export the configuration anew, in the XML form");
        self.reading.report(span, unread);
    }

    /// The block that statements stand in now.
    fn inner(&self) -> Option<u32> {
        self.open.last().copied().unwrap_or(Some(Tree::ROOT))
    }

    fn open(&mut self, words: Vec<Word<'t>>, brace: &Range<usize>) {
        let span = words.first().map_or(brace.start, |word| word.span.start)..brace.end;
        let mut at = self.inner().filter(|_| self.open.len() < DEPTH_MAX && is_plain(&words));
        for word in &words {
            at = at.and_then(|at| self.tree.ensure(at, word.text.clone(), &span));
        }
        match at {
            Some(id) => self.tree.own(id, &span),
            None if self.open.len() <= DEPTH_MAX => {
                self.unread(&span, "the block is not read".into());
                self.mark_unread(&span);
            }
            // It stands in a block that is not read, which was said; and so was that of all in it.
            None => self.reading.account(&span, LineState::Warned),
        }
        self.open.push(at);
    }

    fn close(&mut self, brace: &Range<usize>) {
        match self.open.pop() {
            Some(Some(id)) => self.tree.own(id, brace),
            Some(None) => self.reading.account(brace, LineState::Warned),
            None => self.unread(brace, "there is no block that this brace closes".into()),
        }
    }

    /// `NAME …;`, `NAME [ MEMBER … ];`.
    fn statement(&mut self, words: Vec<Word<'t>>) {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
        let span = first.span.start..last.span.end;
        let list = words.iter().position(|word| word.kind == Kind::Mark('[')).unwrap_or(words.len());
        let (path, list) = words.split_at_checked(list).unwrap_or((&words, &[]));
        let members = match list {
            [] => Some(list),
            [_, members @ .., close] if close.kind == Kind::Mark(']') => Some(members),
            _ => None,
        };
        let Some(members) = members.filter(|members| is_plain(members) && is_plain(path)) else {
            secrets::in_words(&words, self.reading);
            self.unread(&span, format!("the statement `{}` is not whole", short(&first.text)));
            return self.mark_unread(&span);
        };
        let Some(inner) = self.inner() else {
            secrets::in_words(&words, self.reading);
            return self.reading.account(&span, LineState::Warned);
        };
        let at = path.iter().try_fold(inner, |at, word| self.tree.ensure(at, word.text.clone(), &span));
        let Some(at) = at else { return self.unread(&span, "the file holds more than is read".into()) };
        if list.is_empty() || members.is_empty() {
            self.tree.own(at, &span);
        }
        for member in members {
            if let Some(id) = self.tree.ensure(at, member.text.clone(), &span) {
                self.tree.own(id, &span);
            }
        }
    }

    /// Has the block that holds what was not understood not taken for whole.
    fn mark_unread(&mut self, span: &Range<usize>) {
        let unread = Cow::Borrowed(UNREAD);
        if let Some(id) = self.inner().and_then(|at| self.tree.ensure(at, unread, span)) {
            self.tree.own(id, span);
            self.tree.warned(id);
        }
    }
}

fn is_plain(words: &[Word<'_>]) -> bool {
    words.iter().all(|word| word.kind == Kind::Word)
}
