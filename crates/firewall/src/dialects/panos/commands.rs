//! The set form: `set`, `delete`, `move`, `rename` and `edit` with paths into the tree.

use super::secrets;
use super::tree::{Tree, short};
use super::words::{Kind, Word, Words};
use crate::dialects::Reading;
use crate::ruleset::LineState;
use std::borrow::Cow;
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Names that a path has at most; a longer one is not in the tree.
const PATH_MAX: usize = 64;

/// The name of a node that stands for words which were not understood: whoever reads what holds it does not know it.
pub(super) const UNREAD: &str = "(unread)";

/// Commands that ask or that change nothing of what is configured.
const ASKING: [&str; 9] =
    ["show", "configure", "quit", "commit", "validate", "check", "find", "help", "save"];

/// A command: its words up to the end of its line.
struct Command<'t> {
    words: Vec<Word<'t>>,
    span: Range<usize>,
}

/// Reads commands into the tree.
struct Commands<'t, 'r> {
    tree: &'r mut Tree<'t>,
    reading: &'r mut Reading,
    /// Where `edit` has led.
    prefix: Vec<Cow<'t, str>>,
}

/// Reads all commands of a text into the tree.
pub(super) fn build<'t>(text: &'t str, tree: &mut Tree<'t>, reading: &mut Reading) {
    let mut commands = Commands { tree, reading, prefix: Vec::new() };
    let mut words: Vec<Word<'t>> = Vec::new();
    for word in Words::new(text, false) {
        match word.kind {
            Kind::Comment => commands.reading.account(&word.span, LineState::Ignored),
            Kind::Line if words.is_empty() => commands.reading.account(&word.span, LineState::Ignored),
            Kind::Line => commands.run(std::mem::take(&mut words)),
            _ => words.push(word),
        }
    }
    commands.run(words);
}

impl<'t> Commands<'t, '_> {
    fn run(&mut self, words: Vec<Word<'t>>) {
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
        let span = first.span.start..last.span.end;
        let prompt = first.text.contains('@') && first.text.ends_with(['#', '>']);
        let mut command = Command { words, span };
        if prompt {
            command.words.remove(0);
        }
        let verb = command.words.first().map(|word| word.text.clone());
        let Some(verb) = verb else {
            return self.reading.account(&command.span, LineState::Ignored);
        };
        let second = command.words.get(1).map(|word| word.text.as_ref()).unwrap_or_default();
        match verb.as_ref() {
            "set" if second == "cli" => self.reading.account(&command.span, LineState::Ignored),
            "set" => self.set(&command),
            "delete" => self.delete(&command),
            "move" => self.reorder(&command),
            "rename" => self.rename(&command),
            "edit" => {
                self.prefix = self.full_path(plain(command.words.get(1..).unwrap_or_default()));
                self.reading.account(&command.span, LineState::Modeled);
            }
            "up" | "top" | "exit" => {
                let keep = if verb == "up" { self.prefix.len().saturating_sub(1) } else { 0 };
                self.prefix.truncate(keep);
                self.reading.account(&command.span, LineState::Ignored);
            }
            // What the terminal prints around the commands: `[edit]` and prompts.
            "[" => self.reading.account(&command.span, LineState::Ignored),
            asking if ASKING.contains(&asking) => self.reading.account(&command.span, LineState::Ignored),
            other => {
                secrets::in_words(&command.words, self.reading);
                let message = format!("`{}` is not a command that is known here", short(other));
                self.unread(&command.span, message);
            }
        }
    }

    fn full_path(&self, path: Vec<Cow<'t, str>>) -> Vec<Cow<'t, str>> {
        self.prefix.iter().cloned().chain(path).take(PATH_MAX + 1).collect()
    }

    fn unread(&mut self, span: &Range<usize>, message: String) {
        let unread = Diagnostic::warning("firewall/unread-statement", message)
            .because("what it says is not in the ruleset")
            .help("export the configuration in the XML form, or with `set cli config-output-format set`");
        self.reading.report(span, unread);
    }

    /// `set PATH`, `set PATH [ MEMBER … ]`.
    fn set(&mut self, command: &Command<'t>) {
        let words = command.words.get(1..).unwrap_or_default();
        let list = words.iter().position(|word| word.kind == Kind::Mark('[')).unwrap_or(words.len());
        let (path, list) = words.split_at_checked(list).unwrap_or((words, &[]));
        let close = list.iter().position(|word| word.kind == Kind::Mark(']'));
        let members = list.get(1..close.unwrap_or(list.len())).unwrap_or_default();
        let behind = close.and_then(|close| list.get(close + 1..)).unwrap_or_default();
        let broken = words.iter().any(|word| word.kind == Kind::Unclosed)
            || (close.is_none() && !list.is_empty())
            || !behind.is_empty()
            || path.iter().any(|word| word.kind != Kind::Word);
        let path = self.full_path(plain(path));
        if broken || path.is_empty() || path.len() > PATH_MAX {
            secrets::in_words(words, self.reading);
        }
        if path.is_empty() || path.len() > PATH_MAX {
            return self.unread(&command.span, "a path is missing or too long".into());
        }
        if broken {
            self.unread(&command.span, "the command is not whole".into());
            // The statement that holds it must not be taken for whole either.
            let holder = path.get(..path.len().saturating_sub(1)).unwrap_or_default();
            let at = self.ensure(holder, &command.span);
            if let Some(id) = at.and_then(|at| self.tree.ensure(at, Cow::Borrowed(UNREAD), &command.span)) {
                self.tree.own(id, &command.span);
                self.tree.warned(id);
            }
            return;
        }
        let Some(at) = self.ensure(&path, &command.span) else { return self.full(&command.span) };
        if members.is_empty() {
            return self.tree.own(at, &command.span);
        }
        for member in members {
            match self.tree.ensure(at, member.text.clone(), &command.span) {
                Some(id) => self.tree.own(id, &command.span),
                None => return self.full(&command.span),
            }
        }
    }

    fn full(&mut self, span: &Range<usize>) {
        self.unread(span, "the file holds more than is read".into());
    }

    fn ensure(&mut self, path: &[Cow<'t, str>], span: &Range<usize>) -> Option<u32> {
        path.iter().try_fold(Tree::ROOT, |at, name| self.tree.ensure(at, name.clone(), span))
    }

    /// `delete PATH`.
    fn delete(&mut self, command: &Command<'t>) {
        let path = self.full_path(plain(command.words.get(1..).unwrap_or_default()));
        match self.tree.find(&path).filter(|_| !path.is_empty()) {
            Some(id) => {
                self.tree.delete(id);
                self.reading.account(&command.span, LineState::Modeled);
            }
            None => self.unread(&command.span, "what is deleted here is not in the file".into()),
        }
    }

    /// `move PATH top`, `bottom`, `before NAME`, `after NAME`.
    fn reorder(&mut self, command: &Command<'t>) {
        let words = plain(command.words.get(1..).unwrap_or_default());
        let texts: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
        let (length, to, other) = match texts.as_slice() {
            [path @ .., to @ ("before" | "after"), other] => (path.len(), *to, Some(*other)),
            [path @ .., to @ ("top" | "bottom")] => (path.len(), *to, None),
            _ => (0, "", None),
        };
        let path = self.full_path(words.get(..length).unwrap_or_default().to_vec());
        let moved = self.tree.find(&path).filter(|_| length > 0);
        let other = other.map(|other| {
            let mut beside = path.clone();
            beside.pop();
            beside.push(Cow::Owned(other.to_owned()));
            self.tree.find(&beside)
        });
        let target = match (to, other) {
            ("top", None) => moved.and_then(|id| self.tree.first_within(self.tree.parent(id))).map(Some),
            ("bottom", None) => Some(None),
            ("before", Some(Some(other))) => Some(Some(other)),
            ("after", Some(Some(other))) => Some(self.tree.behind(other)),
            _ => None,
        };
        match (moved, target) {
            (Some(id), Some(before)) => {
                // Behind the one that is in front of it already is where it stands.
                if before != Some(id) {
                    self.tree.reorder(id, before);
                }
                self.reading.account(&command.span, LineState::Modeled);
            }
            _ => self.unread(&command.span, "what is moved here is not in the file".into()),
        }
    }

    /// `rename PATH to NAME`.
    fn rename(&mut self, command: &Command<'t>) {
        let words = plain(command.words.get(1..).unwrap_or_default());
        let renamed = match words.as_slice() {
            [path @ .., to, name] if to == "to" && !path.is_empty() => {
                let path = self.full_path(path.to_vec());
                self.tree.find(&path).is_some_and(|id| self.tree.rename(id, name.clone()))
            }
            _ => false,
        };
        if renamed {
            self.reading.account(&command.span, LineState::Modeled);
        } else {
            self.unread(&command.span, "what is renamed here is not in the file".into());
        }
    }
}

fn plain<'t>(words: &[Word<'t>]) -> Vec<Cow<'t, str>> {
    words.iter().map(|word| word.text.clone()).collect()
}
