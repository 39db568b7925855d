//! Builds a configuration out of statements, and keeps the account of every line.

use super::secrets::{keeping, may_hold_secret, purpose};
use super::sections::{SectionClass, SettingClass, holds_rules, section_class, setting_class};
use super::tree::{Config, Domain, Entry, Header, Section, Setting};
use super::words::{Statement, Statements, Word};
use crate::dialects::Reading;
use crate::ruleset::LineState;
use std::collections::BTreeMap;
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Most entries that are kept; what comes after is reported and left out.
const ENTRIES_MAX: usize = 2_000_000;

/// How much work moving entries about may be, in entries looked at.
const MOVES_MAX: usize = 50_000_000;

/// What is open while statements are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// `config global`.
    Global,
    /// `config vdom`.
    Domains,
    /// `edit` within `config vdom`; the domain that was current before.
    Domain(usize),
    /// A section that is kept.
    Section(usize),
    /// An entry of one.
    Entry(usize),
    /// A section that is not kept.
    Skipped(SectionClass),
    /// An entry of one.
    SkippedEntry(SectionClass),
}

/// Builds a configuration out of statements.
struct Builder<'a, 'r> {
    reading: &'r mut Reading,
    config: Config<'a>,
    frames: Vec<(Frame, Range<usize>)>,
    domain: usize,
    /// Path and entry of what is skipped, for saying what a secret in it is for.
    skipped: (String, Option<String>),
    /// Where lines that must not be shown are reported instead: the last line that opened or closed something.
    shown: Option<Range<usize>>,
    moves: usize,
    own_key: bool,
    too_many: bool,
}

/// Reads all statements of a text.
pub(super) fn build<'a>(text: &'a str, reading: &mut Reading) -> Config<'a> {
    let device = Domain { name: String::new(), sections: BTreeMap::new() };
    let config =
        Config { sections: Vec::new(), entries: Vec::new(), domains: vec![device], header: header(text) };
    let own_key = text.contains("set private-data-encryption enable");
    let mut builder = Builder {
        reading,
        config,
        frames: Vec::new(),
        domain: 0,
        skipped: (String::new(), None),
        shown: None,
        moves: 0,
        own_key,
        too_many: false,
    };
    for statement in Statements::of(text) {
        builder.statement(&statement);
    }
    builder.end_of_file();
    builder.config
}

/// The version in the header line, where there is one.
fn header(text: &str) -> Option<Header> {
    let line = text.lines().map(str::trim).take(20).find(|line| line.starts_with("#config-version="))?;
    let version = line.split(['-', ':']).find(|part| part.contains('.'))?;
    let mut numbers = version.split('.').map(|number| number.parse().ok());
    let mut next = || numbers.next().flatten();
    Some(Header { version: (next()?, next()?, next().unwrap_or(0)) })
}

impl<'a> Builder<'a, '_> {
    fn statement(&mut self, statement: &Statement<'a>) {
        let Some(verb) = statement.words.first() else {
            return self.reading.account(&statement.span, LineState::Ignored);
        };
        let rest = statement.words.get(1..).unwrap_or_default();
        match (verb.text.to_ascii_lowercase().as_str(), rest) {
            ("config", [_, ..]) => self.config_line(rest, statement),
            ("edit", [name, ..]) => self.edit(name, statement),
            ("next", []) => self.next(statement),
            ("end", []) => self.end(statement),
            ("set" | "append" | "select", [key, values @ ..]) => {
                self.set(key, values, verb.text != "append", statement);
            }
            ("unset" | "unselect" | "clear", [key, values @ ..]) => self.unset(key, values, statement),
            ("move" | "delete" | "rename" | "clone" | "purge", _) => self.reorder(statement),
            ("get" | "show" | "diagnose" | "diag" | "execute" | "exec", _) => {
                self.reading.account(&statement.span, LineState::Ignored);
            }
            _ => self.unread(statement),
        }
        if statement.is_open {
            self.open_quote(statement);
        }
    }

    /// The class of what is open: what is not skipped is modeled.
    fn skipping(&self) -> Option<SectionClass> {
        match self.frames.last() {
            Some((Frame::Skipped(class) | Frame::SkippedEntry(class), _)) => Some(*class),
            _ => None,
        }
    }

    fn account(&mut self, span: &Range<usize>) {
        let state = match self.skipping() {
            None | Some(SectionClass::Modeled) => LineState::Modeled,
            Some(SectionClass::Ignored) => LineState::Ignored,
            Some(SectionClass::Unknown) => LineState::Warned,
        };
        self.reading.account(span, state);
    }

    fn config_line(&mut self, words: &[Word<'a>], statement: &Statement<'a>) {
        self.shown = Some(statement.span.clone());
        let path = words.iter().map(|word| word.text.to_ascii_lowercase()).collect::<Vec<_>>().join(" ");
        let frame = match (self.frames.last().map(|(frame, _)| *frame), path.as_str()) {
            (None | Some(Frame::Global | Frame::Domain(_)), "vdom") => Frame::Domains,
            (None | Some(Frame::Domains | Frame::Domain(_)), "global") => Frame::Global,
            (Some(Frame::Skipped(class) | Frame::SkippedEntry(class)), _) => Frame::Skipped(class),
            (open, _) => self.open_section(open, &path, &statement.span),
        };
        self.frames.push((frame, statement.span.clone()));
        self.account(&statement.span);
    }

    fn open_section(&mut self, open: Option<Frame>, path: &str, span: &Range<usize>) -> Frame {
        let holder = match open {
            Some(Frame::Section(id)) => {
                self.config.sections.get(id).map(|section| (section.own, section.path.clone()))
            }
            Some(Frame::Entry(id)) => self.path_of_entry().map(|path| (id, path)),
            _ => None,
        };
        let full = holder.as_ref().map_or_else(|| path.to_owned(), |(_, outer)| format!("{outer} / {path}"));
        let class = section_class(&full);
        if class != SectionClass::Modeled {
            if class == SectionClass::Unknown {
                if let Some(entry) = holder.as_ref().and_then(|(id, _)| self.config.entries.get_mut(*id)) {
                    entry.has_unread = true;
                }
                let unknown = Diagnostic::warning(
                    "firewall/unread-section",
                    format!("the section `{full}` is not known here"),
                )
                .because("nothing of it is in the ruleset")
                .help("see what it does to traffic; what is said of the device holds without it");
                self.reading.report(span, unknown);
            }
            self.skipped = (full, None);
            return Frame::Skipped(class);
        }
        let known = match &holder {
            Some((id, _)) => self.config.entries.get(*id).and_then(|entry| entry.inner.get(path).copied()),
            None => {
                self.config.domains.get(self.domain).and_then(|domain| domain.sections.get(path).copied())
            }
        };
        let id = known.unwrap_or_else(|| {
            let own = self.config.entries.len();
            self.config.entries.push(new_entry(String::new(), span));
            self.config.sections.push(Section {
                path: full,
                span: span.clone(),
                own,
                by_name: BTreeMap::new(),
                order: Vec::new(),
                is_damaged: false,
            });
            self.config.sections.len() - 1
        });
        match holder {
            Some((entry, _)) => {
                if let Some(entry) = self.config.entries.get_mut(entry) {
                    entry.inner.insert(path.to_owned(), id);
                }
            }
            None => {
                if let Some(domain) = self.config.domains.get_mut(self.domain) {
                    domain.sections.insert(path.to_owned(), id);
                }
            }
        }
        Frame::Section(id)
    }

    /// The path of the section that the open entry is in.
    fn path_of_entry(&self) -> Option<String> {
        let open = self.frames.iter().rev().find_map(|(frame, _)| match frame {
            Frame::Section(id) => Some(*id),
            _ => None,
        })?;
        self.config.sections.get(open).map(|section| section.path.clone())
    }

    fn edit(&mut self, name: &Word<'a>, statement: &Statement<'a>) {
        self.close_entry();
        let frame = match self.frames.last().map(|(frame, _)| *frame) {
            Some(Frame::Domains) => {
                let before = self.domain;
                self.domain = self.domain_of(&name.text);
                Frame::Domain(before)
            }
            Some(Frame::Section(section)) => match self.entry_of(section, &name.text, &statement.span) {
                Some(id) => Frame::Entry(id),
                None => Frame::SkippedEntry(SectionClass::Unknown),
            },
            Some(Frame::Skipped(class)) => {
                self.skipped.1 = Some(name.text.to_string());
                Frame::SkippedEntry(class)
            }
            _ => return self.unread(statement),
        };
        // The name of an entry may itself be what must not be shown only where it is as long as a key.
        self.shown = Some(statement.span.clone());
        self.frames.push((frame, statement.span.clone()));
        self.account(&statement.span);
    }

    fn domain_of(&mut self, name: &str) -> usize {
        let known = self.config.domains.iter().position(|domain| domain.name == name);
        known.unwrap_or_else(|| {
            self.config.domains.push(Domain { name: name.to_owned(), sections: BTreeMap::new() });
            self.config.domains.len() - 1
        })
    }

    /// The entry of this name, made if it is not there. `edit 0` is a new one each time in lists of rules.
    fn entry_of(&mut self, section: usize, name: &str, span: &Range<usize>) -> Option<usize> {
        let next = self.config.entries.len();
        let open = self.config.sections.get_mut(section)?;
        let is_new = name == "0" && holds_rules(&open.path);
        if let Some(known) = open.by_name.get(name).filter(|_| !is_new) {
            return Some(*known);
        }
        if next >= ENTRIES_MAX {
            self.report_too_many(span);
            return None;
        }
        open.by_name.insert(name.to_owned(), next);
        open.order.push(next);
        self.config.entries.push(new_entry(name.to_owned(), span));
        Some(next)
    }

    fn report_too_many(&mut self, span: &Range<usize>) {
        self.reading.account(span, LineState::Warned);
        if !std::mem::replace(&mut self.too_many, true) {
            let many = Diagnostic::error(
                "firewall/too-many-entries",
                format!("the configuration has more than {ENTRIES_MAX} entries"),
            )
            .because("what stands behind the limit is not in the ruleset")
            .help("split the configuration");
            self.reading.report(span, many);
        }
    }

    /// Closes an entry that is open, as `edit` and `end` do where `next` is left out.
    fn close_entry(&mut self) -> bool {
        match self.frames.last() {
            Some((Frame::Domain(before), _)) => self.domain = *before,
            Some((Frame::Entry(_) | Frame::SkippedEntry(_), _)) => {}
            _ => return false,
        }
        self.frames.pop();
        true
    }

    fn next(&mut self, statement: &Statement<'a>) {
        self.account(&statement.span);
        if !self.close_entry() {
            self.unbalanced(statement);
        }
    }

    fn end(&mut self, statement: &Statement<'a>) {
        self.account(&statement.span);
        self.close_entry();
        if self.frames.pop().is_none() {
            self.unbalanced(statement);
        }
    }

    fn unbalanced(&mut self, statement: &Statement<'a>) {
        let stray =
            Diagnostic::warning("firewall/unread-statement", "nothing is open that this line could close")
                .because("lines before it may be missing, or a quote may end elsewhere than was meant")
                .help("export the configuration anew");
        self.reading.report(&statement.span, stray);
    }

    fn set(&mut self, key: &Word<'a>, values: &[Word<'a>], replace: bool, statement: &Statement<'a>) {
        let key = key.text.to_ascii_lowercase();
        let (path, entry) = self.place();
        let kept = keeping(&path, &key, values, self.own_key);
        if let Some(kept) = kept {
            let first = values.first().map_or(statement.span.clone(), |word| word.span.clone());
            self.reading.secret(&first, purpose(&path, entry.as_deref(), &key), kept);
        }
        let target = match self.frames.last().map(|(frame, _)| *frame) {
            Some(Frame::Entry(id)) => Some(id),
            Some(Frame::Section(id)) => self.config.sections.get(id).map(|section| section.own),
            Some(_) => None,
            None => return self.unread(statement),
        };
        let Some(target) = target else {
            if self.skipping().is_none() {
                return self.unread(statement);
            }
            self.account(&statement.span);
            let is_script = path.starts_with("system auto");
            if !is_script && values.iter().any(|word| word.text.contains("\nconfig firewall ")) {
                self.swallowed(None, &key);
            }
            return;
        };
        if kept.is_none() && values.iter().any(|word| is_swallowed(&word.text)) {
            self.swallowed(Some(target), &key);
        }
        match setting_class(&path, &key) {
            SettingClass::Modeled => {
                self.account(&statement.span);
                let values = if kept.is_some() { &[] } else { values };
                self.keep(target, key, values, replace, &statement.span);
            }
            SettingClass::Ignored => self.reading.account(&statement.span, LineState::Ignored),
            SettingClass::Unknown if kept.is_some() => {
                self.reading.account(&statement.span, LineState::Ignored);
            }
            SettingClass::Unknown => self.unknown_setting(target, &path, &key, statement),
        }
    }

    fn keep(&mut self, target: usize, key: String, values: &[Word<'a>], replace: bool, span: &Range<usize>) {
        let Some(entry) = self.config.entries.get_mut(target) else { return };
        let setting =
            entry.settings.entry(key).or_insert_with(|| Setting { values: Vec::new(), span: span.clone() });
        if replace {
            setting.values.clear();
        }
        setting.values.extend(values.iter().cloned());
        setting.span = span.clone();
    }

    fn unknown_setting(&mut self, target: usize, path: &str, key: &str, statement: &Statement<'a>) {
        if let Some(entry) = self.config.entries.get_mut(target) {
            entry.has_unread = true;
        }
        let rule = holds_rules(path);
        let unread =
            Diagnostic::warning("firewall/unread-setting", format!("`{key}` of `{path}` is not known here"))
                .because(if rule {
                    "whether the rule matches is therefore not sure"
                } else {
                    "it is not in the ruleset"
                })
                .help("see what it does to traffic");
        self.report_unshown(statement, unread);
    }

    /// Reports a line that is not understood; where it may hold a secret, at a line that holds none.
    fn report_unshown(&mut self, statement: &Statement<'a>, diagnostic: Diagnostic) {
        self.reading.account(&statement.span, LineState::Warned);
        let span = if may_hold_secret(&statement.words) {
            let end = self.reading.source.text().len();
            self.shown.clone().unwrap_or(end..end)
        } else {
            statement.span.clone()
        };
        self.reading.report(&span, diagnostic);
    }

    /// Notes that entries of the open sections may be missing.
    fn damage(&mut self) {
        for (frame, _) in &self.frames {
            if let Frame::Section(id) = frame
                && let Some(section) = self.config.sections.get_mut(*id)
            {
                section.is_damaged = true;
            }
        }
    }

    /// A value that holds what looks like further lines of configuration: a quote may be missing.
    fn swallowed(&mut self, target: Option<usize>, key: &str) {
        if let Some(entry) = target.and_then(|id| self.config.entries.get_mut(id)) {
            entry.has_unread = true;
        }
        self.damage();
        let Some(shown) = self.shown.clone() else { return };
        let swallowed = Diagnostic::warning(
            "firewall/open-quote",
            format!("the value of `{key}` runs over lines that look like settings"),
        )
        .because("a quote may be missing, and what stands in these lines is not in the ruleset")
        .help("export the configuration anew");
        self.reading.report(&shown, swallowed);
    }

    fn open_quote(&mut self, statement: &Statement<'a>) {
        self.damage();
        let open = Diagnostic::warning("firewall/open-quote", "a quote is opened that is never closed")
            .because("the value was taken to end with its line")
            .help("export the configuration anew");
        self.report_unshown(statement, open);
    }

    fn unset(&mut self, key: &Word<'a>, values: &[Word<'a>], statement: &Statement<'a>) {
        self.account(&statement.span);
        let key = key.text.to_ascii_lowercase();
        let target = match self.frames.last().map(|(frame, _)| *frame) {
            Some(Frame::Entry(id)) => Some(id),
            Some(Frame::Section(id)) => self.config.sections.get(id).map(|section| section.own),
            _ => None,
        };
        let Some(entry) = target.and_then(|id| self.config.entries.get_mut(id)) else {
            if self.skipping().is_none() {
                self.unread(statement);
            }
            return;
        };
        if values.is_empty() {
            entry.settings.remove(&key);
        } else if let Some(setting) = entry.settings.get_mut(&key) {
            setting.values.retain(|word| !values.iter().any(|gone| gone.text == word.text));
        }
    }

    /// Path of the section and name of the entry that are open.
    fn place(&self) -> (String, Option<String>) {
        match self.frames.last().map(|(frame, _)| *frame) {
            Some(Frame::Skipped(_)) => (self.skipped.0.clone(), None),
            Some(Frame::SkippedEntry(_)) => self.skipped.clone(),
            Some(Frame::Entry(id)) => {
                let name = self.config.entries.get(id).map(|entry| entry.name.clone());
                (self.path_of_entry().unwrap_or_default(), name)
            }
            Some(Frame::Section(id)) => {
                (self.config.sections.get(id).map(|section| section.path.clone()).unwrap_or_default(), None)
            }
            _ => (String::new(), None),
        }
    }

    /// `move`, `delete`, `rename`, `clone` and `purge`, which change the list of entries.
    fn reorder(&mut self, statement: &Statement<'a>) {
        let section = match self.frames.last().map(|(frame, _)| *frame) {
            Some(Frame::Section(id)) => id,
            Some(Frame::Skipped(_) | Frame::SkippedEntry(_)) => return self.account(&statement.span),
            _ => return self.unread(statement),
        };
        let words: Vec<&str> = statement.words.iter().map(|word| word.text.as_ref()).collect();
        let Some(open) = self.config.sections.get_mut(section) else { return };
        self.moves = self.moves.saturating_add(open.order.len());
        let done = self.moves < MOVES_MAX
            && match words.as_slice() {
                ["move", what, "before", other] => move_entry(open, what, other, 0),
                ["move", what, "after", other] => move_entry(open, what, other, 1),
                ["delete", what] => {
                    let gone = open.by_name.remove(*what);
                    gone.is_some_and(|gone| {
                        open.order.retain(|id| *id != gone);
                        true
                    })
                }
                ["purge"] => {
                    open.by_name.clear();
                    open.order.clear();
                    true
                }
                ["rename", what, "to", name] if !open.by_name.contains_key(*name) => {
                    let found = open.by_name.remove(*what);
                    found.is_some_and(|id| {
                        open.by_name.insert((*name).to_owned(), id);
                        self.config.entries.get_mut(id).is_some_and(|entry| {
                            entry.name = (*name).to_owned();
                            true
                        })
                    })
                }
                ["clone", what, "to", name] if !open.by_name.contains_key(*name) => {
                    let found = open.by_name.get(*what).and_then(|id| self.config.entries.get(*id));
                    let next = self.config.entries.len();
                    match found.map(|entry| copy_of(entry, name)).filter(|_| next < ENTRIES_MAX) {
                        Some(copy) => {
                            open.by_name.insert((*name).to_owned(), next);
                            open.order.push(next);
                            self.config.entries.push(copy);
                            true
                        }
                        None => false,
                    }
                }
                _ => false,
            };
        if done { self.account(&statement.span) } else { self.unread(statement) }
    }

    fn unread(&mut self, statement: &Statement<'a>) {
        let unread = Diagnostic::warning(
            "firewall/unread-statement",
            "the line is no statement of FortiOS that fits here",
        )
        .because("what it does is not in the ruleset")
        .help("export the configuration anew with `show` or as a backup");
        match self.frames.last().map(|(frame, _)| *frame) {
            Some(Frame::Entry(id)) => {
                if let Some(entry) = self.config.entries.get_mut(id) {
                    entry.has_unread = true;
                }
            }
            // Certificates and scripts in sections that are left out anyway.
            Some(Frame::Skipped(_) | Frame::SkippedEntry(_)) => return self.account(&statement.span),
            _ => self.damage(),
        }
        self.report_unshown(statement, unread);
    }

    fn end_of_file(&mut self) {
        self.damage();
        let Some((_, span)) = self.frames.first().cloned() else { return };
        let cut = Diagnostic::warning("firewall/file-cut", "the file ends within this section")
            .because("what is missing behind the end is not in the ruleset")
            .help("export the configuration anew");
        self.reading.report(&span, cut);
    }
}

fn new_entry<'a>(name: String, span: &Range<usize>) -> Entry<'a> {
    Entry { name, span: span.clone(), settings: BTreeMap::new(), inner: BTreeMap::new(), has_unread: false }
}

fn copy_of<'a>(entry: &Entry<'a>, name: &str) -> Entry<'a> {
    Entry {
        name: name.to_owned(),
        span: entry.span.clone(),
        settings: entry.settings.clone(),
        inner: entry.inner.clone(),
        has_unread: entry.has_unread,
    }
}

fn move_entry(section: &mut Section, what: &str, other: &str, offset: usize) -> bool {
    let (Some(id), Some(beside)) = (section.by_name.get(what).copied(), section.by_name.get(other).copied())
    else {
        return false;
    };
    if id == beside {
        return false;
    }
    section.order.retain(|known| *known != id);
    let at = section.order.iter().position(|known| *known == beside).unwrap_or(section.order.len());
    section.order.insert((at + offset).min(section.order.len()), id);
    true
}

/// Whether a value runs over a line that looks like configuration.
fn is_swallowed(text: &str) -> bool {
    text.lines().skip(1).map(str::trim).any(|line| {
        line == "next"
            || line == "end"
            || ["set ", "edit ", "config ", "unset "].iter().any(|verb| line.starts_with(verb))
    })
}
