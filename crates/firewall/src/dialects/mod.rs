//! The dialects: one folder each, one list, one seam.
//!
//! Owns: the list, detection, and what all readers share (decoding, limits, the account of lines). A dialect owns its
//! language and leaves to `ruleset` everything that has no vendor.

pub mod asa;
mod cisco;
pub mod fortios;
mod groups;
pub mod ios;
pub mod iptables;
mod named;
pub mod nftables;
pub mod opnsense;
pub mod panos;
mod pf;
pub mod pfsense;
mod reading;
mod service;
pub mod srx;
mod xml;

pub(crate) use groups::{GroupProblem, Groups, Member};
pub(crate) use named::{Named, NamedList};
pub(crate) use reading::{FileKind, Reading};
pub(crate) use service::{Service, one_of};
pub(crate) use xml::{Element, XmlTree};

use crate::ruleset::Ruleset;
use std::sync::Arc;
use zonewright_source::{Diagnostic, Place, SourceText};

/// All dialects, in the order in which they are tried; ties in confidence go to the first.
pub static DIALECTS: &[&dyn Dialect] = &[
    &nftables::Nftables,
    &iptables::Iptables,
    &ios::Ios,
    &asa::Asa,
    &panos::Panos,
    &fortios::Fortios,
    &srx::Srx,
    &pfsense::Pfsense,
    &opnsense::Opnsense,
];

/// Largest configuration that is read, in bytes; what is behind is cut off and reported.
pub const FILE_BYTES_MAX: usize = 64 << 20;

/// A language that firewall configurations are written in.
pub trait Dialect: Sync {
    /// Its name, as `--dialect` takes it; also the name of its folders.
    fn name(&self) -> &'static str;

    /// Its name for people.
    fn title(&self) -> &'static str;

    /// How sure it is that a text is of this dialect.
    fn detect(&self, text: &str) -> Confidence;

    /// Reads a text. Never fails: what was not understood is said in the diagnostics.
    fn read(&self, source: &SourceText) -> Ruleset;

    /// The kinds of statements it ignores knowingly, each with the reason why that cannot bear on which packets pass.
    fn ignored(&self) -> &'static [IgnoredKind];
}

/// A kind of statement that a dialect ignores knowingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IgnoredKind {
    /// The kind.
    pub name: &'static str,
    /// Why it cannot bear on which packets pass.
    pub reason: &'static str,
}

/// How sure a dialect is that a text is its own, in percent. Below [`Confidence::ENOUGH`] it is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Confidence(pub u8);

impl Confidence {
    /// Not this dialect.
    pub const NONE: Self = Self(0);
    /// Enough to take the text for it.
    pub const ENOUGH: Self = Self(30);
}

/// The dialect of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Dialect> {
    DIALECTS.iter().find(|dialect| dialect.name().eq_ignore_ascii_case(name)).copied()
}

/// The dialect that is surest of a text, if one is sure enough.
#[must_use]
pub fn detect(text: &str) -> Option<&'static dyn Dialect> {
    let mut best: Option<(Confidence, &'static dyn Dialect)> = None;
    for dialect in DIALECTS {
        let confidence = dialect.detect(text);
        if confidence >= Confidence::ENOUGH && best.is_none_or(|(surest, _)| confidence > surest) {
            best = Some((confidence, *dialect));
        }
    }
    best.map(|(_, dialect)| dialect)
}

/// A configuration file, read.
#[derive(Debug)]
pub struct ReadFile {
    /// The text as it was read, for showing places.
    pub source: SourceText,
    /// What was understood.
    pub ruleset: Ruleset,
}

/// Reads the bytes of the file that the user knows as `file`, in the given dialect or the one that is detected.
/// Never fails: where no dialect is detected, the ruleset is empty, its dialect is `unknown`, and an error says so.
#[must_use]
pub fn read_bytes(file: impl Into<Arc<str>>, bytes: &[u8], dialect: Option<&dyn Dialect>) -> ReadFile {
    let file = file.into();
    let mut before = Vec::new();
    let kept = bytes.get(..FILE_BYTES_MAX).unwrap_or(bytes);
    if kept.len() < bytes.len() {
        before.push(
            Diagnostic::error(
                "firewall/file-too-large",
                format!("the file has {} bytes, of which the first {FILE_BYTES_MAX} were read", bytes.len()),
            )
            .at(Place::File(file.clone()))
            .because("what stands behind the limit is not in the ruleset")
            .help("split the configuration, or export only what filters traffic"),
        );
    }
    let text = reading::decode(kept, &file, &mut before);
    let source = SourceText::new(file.clone(), text);
    let mut ruleset = match dialect.or_else(|| detect(source.text())) {
        Some(dialect) => dialect.read(&source),
        None => undetected(&source),
    };
    ruleset.diagnostics.splice(0..0, before);
    ReadFile { source, ruleset }
}

fn undetected(source: &SourceText) -> Ruleset {
    let mut ruleset = Ruleset::empty("unknown", source.file().clone());
    let names: Vec<&str> = DIALECTS.iter().map(|dialect| dialect.name()).collect();
    ruleset.lines.warned = reading::line_count(source.text());
    ruleset.line_states =
        (1..=ruleset.lines.warned).map(|line| (line, crate::ruleset::LineState::Warned)).collect();
    ruleset.diagnostics.push(
        Diagnostic::error(
            "firewall/unknown-dialect",
            "the file is in no firewall dialect that is known here",
        )
        .at(Place::File(source.file().clone()))
        .because("nothing of it is in the ruleset, so nothing can be said about what it passes")
        .help(format!(
            "only {} are read; if the file is one of these, name it with --dialect",
            names.join(" and ")
        )),
    );
    ruleset
}
