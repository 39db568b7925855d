//! From text to tree: blocks of `show configuration`, and lines of `set` commands.

use super::lexer::{Lexer, Token};
use super::tree::{NodeId, Tree};
use std::borrow::Cow;
use std::ops::Range;

/// Something that was not understood while the tree was built.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) span: Range<usize>,
    pub(super) message: String,
}

/// The tree of a text, and what stood in the way.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) tree: Tree,
    pub(super) problems: Vec<Problem>,
    /// Comments and lines that say nothing.
    pub(super) silent: Vec<Range<usize>>,
    /// Statements behind which the device wrote that they hold a secret.
    pub(super) secret: Vec<Range<usize>>,
}

/// Tags before a statement of a block.
const TAGS: [&str; 5] = ["replace:", "protect:", "unprotect:", "active:", "update:"];

/// Builds the tree of a text.
pub(super) fn load(text: &str) -> Loaded {
    let mut loader = Loader {
        loaded: Loaded { tree: Tree::new(), problems: Vec::new(), silent: Vec::new(), secret: Vec::new() },
        edit: vec![Tree::ROOT],
    };
    if is_commands(text) {
        loader.commands(text)
    } else {
        loader.blocks(text)
    }
    loader.loaded
}

/// Whether a text is lines of commands: whichever its first lines with words say.
pub(super) fn is_commands(text: &str) -> bool {
    for line in text.lines().map(str::trim) {
        let line = command_of(line);
        let first = line.split_whitespace().next().unwrap_or_default();
        if COMMANDS.contains(&first) && !line.ends_with(['{', ';']) {
            return true;
        }
        if line.ends_with(['{', ';', '}']) && !line.starts_with('#') {
            return false;
        }
    }
    false
}

const COMMANDS: [&str; 12] = [
    "set",
    "delete",
    "deactivate",
    "activate",
    "insert",
    "edit",
    "top",
    "protect",
    "unprotect",
    "rename",
    "copy",
    "annotate",
];

/// A line without the prompt that a transcript of a session has before it.
fn command_of(line: &str) -> &str {
    let prompt = line.split_whitespace().next().unwrap_or_default();
    let is_prompt = prompt.contains('@') && prompt.ends_with(['#', '>']);
    if is_prompt { line.get(prompt.len()..).unwrap_or_default().trim_start() } else { line }
}

/// A word or list of a statement.
enum Item<'t> {
    Word(Cow<'t, str>, Range<usize>),
    List(Vec<(Cow<'t, str>, Range<usize>)>),
}

struct Loader {
    loaded: Loaded,
    /// Where `edit` has gone: the last is where commands start from.
    edit: Vec<NodeId>,
}

impl Loader {
    fn problem(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.loaded.problems.push(Problem { span, message: message.into() });
    }

    // Blocks.

    fn blocks(&mut self, text: &str) {
        let mut lexer = Lexer::new(text, 0..text.len(), true);
        let mut open: Vec<(NodeId, Range<usize>)> = Vec::new();
        let mut items: Vec<Item<'_>> = Vec::new();
        let mut within_list = false;
        // Blocks that could not be opened, within which nothing is read.
        let mut lost = 0_usize;
        while let Some((token, span)) = lexer.next_token() {
            match token {
                Token::Word(word) if within_list => {
                    if let Some(Item::List(list)) = items.last_mut() {
                        list.push((word, span));
                    }
                }
                Token::Word(word) => items.push(Item::Word(word, span)),
                Token::ListOpen => {
                    within_list = true;
                    items.push(Item::List(Vec::new()));
                }
                Token::ListClose => within_list = false,
                Token::Comment(is_secret) => {
                    if is_secret {
                        self.loaded.secret.push(span.clone());
                    }
                    self.loaded.silent.push(span);
                }
                Token::Unended => self.problem(span, "a string or comment does not end"),
                Token::Open | Token::End | Token::Close => {
                    if std::mem::take(&mut within_list) {
                        self.problem(span.clone(), "the list before this does not end");
                    }
                    if token == Token::Close && !items.is_empty() {
                        self.problem(
                            items_span(&items, span.start),
                            "the statement does not end in a semicolon",
                        );
                    }
                    let statement = std::mem::take(&mut items);
                    let parent = open.last().map_or(Tree::ROOT, |(node, _)| *node);
                    let node = if lost > 0 { None } else { self.statement(parent, &statement, &span) };
                    match token {
                        Token::Open => match node {
                            Some(node) => open.push((node, span)),
                            None => {
                                self.problem(span, "a block within this one was not read");
                                lost += 1;
                            }
                        },
                        Token::Close if lost > 0 => lost -= 1,
                        Token::Close => self.close(&mut open, span),
                        _ => {}
                    }
                }
            }
        }
        if !items.is_empty() {
            let span = items_span(&items, text.len());
            self.problem(span, "the text ends within a statement");
        }
        if let Some((_, span)) = open.pop() {
            self.problem(span, "this block does not end: the text was cut off");
        }
    }

    fn close(&mut self, open: &mut Vec<(NodeId, Range<usize>)>, span: Range<usize>) {
        match open.pop() {
            Some((node, _)) => self.loaded.tree.state(span, [node]),
            None => self.problem(span, "this brace closes no block"),
        }
    }

    /// Enters a statement below `parent`; the node in which it ends, `None` where it could not be entered.
    fn statement(&mut self, parent: NodeId, items: &[Item<'_>], end: &Range<usize>) -> Option<NodeId> {
        if items.is_empty() {
            self.loaded.silent.push(end.clone());
            return None;
        }
        let span = items_span(items, end.start);
        let tags =
            items.iter().take_while(|item| matches!(item, Item::Word(word, _) if is_tag(word))).count();
        let has = |tag: &str| {
            let mut tags = items.iter().take(tags);
            tags.any(|item| matches!(item, Item::Word(word, _) if word == tag))
        };
        let (inactive, delete) = (has("inactive:"), has("delete:"));
        let leaves = self.enter(parent, items.get(tags..).unwrap_or_default());
        let Some(leaves) = leaves else {
            self.problem(span, "the statement was not read: there are too many words");
            return None;
        };
        let named = leaves.first().copied();
        if let Some(node) = named.filter(|_| inactive || delete) {
            let node = self.tagged_node(parent, node, items.get(tags..).unwrap_or_default());
            if delete {
                self.loaded.tree.delete(node);
            } else {
                self.loaded.tree.set_inactive(node, true);
            }
        }
        self.loaded.tree.state(span, leaves);
        named
    }

    /// What a tag stands for: of `inactive: address a 10.0.0.0/8` the address and not its value.
    fn tagged_node(&self, parent: NodeId, leaf: NodeId, items: &[Item<'_>]) -> NodeId {
        let tree = &self.loaded.tree;
        let words = items.iter().filter(|item| matches!(item, Item::Word(..))).count();
        let keep = match items.first() {
            Some(Item::Word(word, _)) if word == "from-zone" => words,
            _ => words.min(2),
        };
        let mut way = Vec::new();
        let mut at = leaf;
        while at != parent && at != Tree::ROOT {
            way.push(at);
            at = tree.parent(at);
        }
        way.len().checked_sub(keep).and_then(|index| way.get(index)).copied().unwrap_or(leaf)
    }

    /// Enters words below a node. Behind a list, words go on where its keyword stands.
    fn enter(&mut self, parent: NodeId, items: &[Item<'_>]) -> Option<Vec<NodeId>> {
        let mut at = parent;
        let mut leaves = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let is_last = index + 1 == items.len();
            match item {
                Item::Word(word, span) => {
                    at = self.loaded.tree.add(at, word, span.clone())?;
                    if is_last {
                        leaves.push(at);
                    }
                }
                Item::List(list) => {
                    for (word, span) in list {
                        leaves.push(self.loaded.tree.add(at, word, span.clone())?);
                    }
                    if list.is_empty() {
                        leaves.push(at);
                    }
                    if !is_last && at != parent {
                        at = self.loaded.tree.parent(at);
                    }
                }
            }
        }
        if leaves.is_empty() {
            leaves.push(at);
        }
        Some(leaves)
    }

    // Commands.

    fn commands(&mut self, text: &str) {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let end = start + line.len();
            let trimmed = line.trim();
            let command = command_of(trimmed);
            let offset = line.len() - line.trim_start().len() + (trimmed.len() - command.len());
            let span = start + offset..start + line.trim_end().len().max(offset);
            if is_silent(command) {
                self.loaded.silent.push(start..end.max(start + 1));
            } else {
                self.command(text, span);
            }
            start = end;
        }
    }

    fn command(&mut self, text: &str, span: Range<usize>) {
        let Some(items) = self.line_items(text, &span) else { return };
        let Some((Item::Word(command, _), rest)) = items.split_first() else {
            self.problem(span, "the line begins with no command");
            return;
        };
        let here = self.edit.last().copied().unwrap_or(Tree::ROOT);
        match command.as_ref() {
            "set" => match self.enter(here, rest) {
                Some(leaves) => self.loaded.tree.state(span, leaves),
                None => self.problem(span, "the statement was not read: there are too many words"),
            },
            "edit" => match self.enter(here, rest) {
                Some(leaves) => {
                    self.edit.extend(leaves.last());
                    self.loaded.tree.state(span, leaves);
                }
                None => self.problem(span, "the statement was not read: there are too many words"),
            },
            "top" if rest.is_empty() => {
                self.edit = vec![Tree::ROOT];
                self.loaded.tree.state(span, []);
            }
            "exit" | "quit" if rest.is_empty() => {
                if self.edit.len() > 1 {
                    self.edit.pop();
                }
                self.loaded.tree.state(span, []);
            }
            "protect" | "unprotect" | "annotate" | "commit" | "show" | "configure" | "cli" => {
                self.loaded.silent.push(span);
            }
            "delete" | "deactivate" | "activate" => self.switch(command, here, rest, span),
            "insert" => self.insert(here, rest, span),
            _ => self.problem(span, format!("the command `{}` is not read", shortened(command))),
        }
    }

    fn line_items<'t>(&mut self, text: &'t str, span: &Range<usize>) -> Option<Vec<Item<'t>>> {
        let mut lexer = Lexer::new(text, span.clone(), false);
        let mut items: Vec<Item<'t>> = Vec::new();
        let mut within_list = false;
        while let Some((token, at)) = lexer.next_token() {
            match token {
                Token::Word(word) => match items.last_mut() {
                    Some(Item::List(list)) if within_list => list.push((word, at)),
                    _ => items.push(Item::Word(word, at)),
                },
                Token::ListOpen => {
                    within_list = true;
                    items.push(Item::List(Vec::new()));
                }
                Token::ListClose => within_list = false,
                Token::Comment(is_secret) => {
                    if is_secret {
                        self.loaded.secret.push(at);
                    }
                }
                _ => {
                    self.problem(span.clone(), "a string on this line does not end");
                    return None;
                }
            }
        }
        Some(items)
    }

    /// The node that words lead to; `None` where there is none, or the words are none.
    fn find(&self, from: NodeId, items: &[Item<'_>]) -> Option<NodeId> {
        let mut at = from;
        for item in items {
            match item {
                Item::Word(word, _) => at = self.loaded.tree.find(at, word)?,
                Item::List(_) => return None,
            }
        }
        (at != Tree::ROOT).then_some(at)
    }

    fn switch(&mut self, command: &str, here: NodeId, items: &[Item<'_>], span: Range<usize>) {
        let Some(node) = self.find(here, items) else {
            // A command about what is not there changes nothing, and says that a part of the text is missing.
            self.problem(span, format!("`{command}` names something that is not set before"));
            return;
        };
        match command {
            "delete" => self.loaded.tree.delete(node),
            _ => self.loaded.tree.set_inactive(node, command == "deactivate"),
        }
        self.loaded.tree.state(span, []);
    }

    /// `insert … policy a before policy b`.
    fn insert(&mut self, here: NodeId, items: &[Item<'_>], span: Range<usize>) {
        let place = items
            .iter()
            .rposition(|item| matches!(item, Item::Word(word, _) if word == "before" || word == "after"));
        let moved = place.and_then(|place| {
            let node = self.find(here, items.get(..place)?)?;
            let kind = self.loaded.tree.parent(self.loaded.tree.parent(node));
            let sibling = self.find(kind, items.get(place + 1..)?)?;
            let behind = matches!(items.get(place), Some(Item::Word(word, _)) if word == "after");
            Some((node, sibling, behind))
        });
        let moved = moved.and_then(|(node, sibling, behind)| self.loaded.tree.reorder(node, sibling, behind));
        match moved {
            Some(()) => self.loaded.tree.state(span, []),
            None => self.problem(span, "`insert` names something that is not set before"),
        }
    }
}

fn is_tag(word: &str) -> bool {
    TAGS.contains(&word) || word == "inactive:" || word == "delete:"
}

/// Whether a line is a comment, a banner of the device, or blank.
fn is_silent(line: &str) -> bool {
    line.is_empty()
        || line.starts_with('#')
        || (line.starts_with("/*") && line.ends_with("*/"))
        || (line.starts_with('{') && line.ends_with('}'))
        || (line.starts_with("[edit") && line.ends_with(']'))
}

fn shortened(word: &str) -> String {
    word.chars().take(40).collect()
}

fn items_span(items: &[Item<'_>], end: usize) -> Range<usize> {
    let of = |item: &Item<'_>| match item {
        Item::Word(_, span) => Some(span.clone()),
        Item::List(list) => Some(list.first()?.1.start..list.last()?.1.end),
    };
    let start = items.iter().find_map(of).map_or(end, |span| span.start);
    let last = items.iter().rev().find_map(of).map_or(end, |span| span.end);
    start..last.max(start)
}
