//! `zonewright-profile/1`: TOML, read with all that is wrong told at once, each with its place.

use super::{PROFILE_BYTES_MAX, PROFILE_FORMAT, Profile};
use crate::{Catalog, Fr, RequirementId, SecurityLevel, SlVector, Standard};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zonewright_source::{Diagnostic, Place, SourceText, nearest};

/// Every key of a profile.
const KEYS: &[&str] = &[
    "format",
    "id",
    "name",
    "version",
    "author",
    "context",
    "sources",
    "maturity_level",
    "parts",
    "levels",
    "added",
    "left_out",
];

/// Most diagnostics about one file; how many more there are is said.
const DIAGNOSTICS_MAX: usize = 100;

/// Parts that a profile may select whole: those without levels.
const PROCESS_PARTS: &[Standard] = &[
    Standard::Iec62443_2_1,
    Standard::Iec62443_2_3,
    Standard::Iec62443_2_4,
    Standard::Iec62443_3_2,
    Standard::Iec62443_4_1,
];

type Item<'i> = Spanned<DeValue<'i>>;
type Reasons = BTreeMap<RequirementId, (String, Range<usize>)>;

pub(super) fn profile(text: &SourceText) -> (Option<Profile>, Vec<Diagnostic>) {
    let mut reader = Reader { text, diagnostics: Vec::new(), more: 0 };
    let profile = reader.profile();
    if reader.more > 0 {
        let message = format!("and {} more faults in this profile", reader.more);
        reader.diagnostics.push(Diagnostic::warning("profile/more", message));
    }
    (profile, reader.diagnostics)
}

struct Reader<'t> {
    text: &'t SourceText,
    diagnostics: Vec<Diagnostic>,
    more: usize,
}

impl Reader<'_> {
    fn profile(&mut self) -> Option<Profile> {
        let text = self.text.text();
        if text.len() > PROFILE_BYTES_MAX {
            let message = format!("the file has {} bytes, a profile at most {PROFILE_BYTES_MAX}", text.len());
            self.tell(0..0, Diagnostic::error("profile/too-large", message));
            return None;
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let message = error.message().lines().next().unwrap_or("not TOML").to_string();
            self.tell(error.span().unwrap_or_default(), Diagnostic::error("profile/syntax", message));
        }
        let table = table.get_ref();
        self.keys(table);
        let format = self.string(table, "format")?;
        if format != PROFILE_FORMAT {
            let message =
                format!("`format` of the profile: expected `{PROFILE_FORMAT}`, found {}", shown(&format));
            self.tell(span_of(table, "format"), Diagnostic::error("profile/unknown-format", message));
            return None;
        }
        let [id, name, version, context] =
            ["id", "name", "version", "context"].map(|key| self.string(table, key));
        let levels = self.levels(table);
        let parts = self.parts(table);
        let maturity_level = self.maturity_level(table);
        let added = self.reasons(table, "added");
        let left_out = self.reasons(table, "left_out");
        let author = table.contains_key("author").then(|| self.string(table, "author")).flatten();
        let profile = Profile {
            id: id?,
            name: name?,
            version: version?,
            author,
            context: context?,
            sources: self.sources(table),
            levels,
            maturity_level,
            parts,
            added: texts(&added),
            left_out: texts(&left_out),
        };
        self.contradictions(&profile, &added, &left_out);
        Some(profile)
    }

    fn keys(&mut self, table: &DeTable<'_>) {
        for key in table.keys().filter(|key| !KEYS.contains(&key.get_ref().as_ref())) {
            let message = format!("a profile has no key {}", shown(key.get_ref()));
            let mut diagnostic = Diagnostic::warning("profile/unknown-key", message);
            let near = nearest(key.get_ref(), KEYS.iter().copied());
            diagnostic.help = near.map(|near| format!("did you mean `{near}`?"));
            self.tell(key.span(), diagnostic);
        }
    }

    /// A text that has to be there.
    fn string(&mut self, table: &DeTable<'_>, key: &str) -> Option<String> {
        match table.get(key) {
            Some(item) => {
                let text = self.text_of(item, key)?;
                if text.is_empty() {
                    let message = format!("`{key}` of the profile is empty");
                    self.tell(item.span(), Diagnostic::error("profile/missing-key", message));
                    return None;
                }
                Some(text)
            }
            None => {
                let message = format!("the profile has no `{key}`");
                let why = "a profile says what it is, for whom, and in which version (62443-1-5)";
                let diagnostic = Diagnostic::error("profile/missing-key", message).because(why);
                self.tell(0..0, diagnostic.help(format!("add `{key} = \"…\"` at the top")));
                None
            }
        }
    }

    fn text_of(&mut self, item: &Item<'_>, what: &str) -> Option<String> {
        match item.get_ref() {
            DeValue::String(text) => Some(text.trim().to_string()),
            _ => {
                self.wrong(item, what, "a text in quotes");
                None
            }
        }
    }

    fn texts_of(&mut self, table: &DeTable<'_>, key: &str) -> Vec<(String, Range<usize>)> {
        let Some(item) = table.get(key) else { return Vec::new() };
        let DeValue::Array(items) = item.get_ref() else {
            self.wrong(item, key, "a list of texts");
            return Vec::new();
        };
        items.iter().filter_map(|item| Some((self.text_of(item, key)?, item.span()))).collect()
    }

    fn sources(&mut self, table: &DeTable<'_>) -> Vec<String> {
        let sources: Vec<String> =
            self.texts_of(table, "sources").into_iter().map(|(text, _)| text).collect();
        if sources.is_empty() {
            let diagnostic = Diagnostic::warning("profile/no-source", "the profile names no source");
            let help = "add `sources = [\"…\"]`; where it is your own judgement, say so";
            self.tell(span_of(table, "sources"), diagnostic.help(help));
        }
        sources
    }

    fn levels(&mut self, table: &DeTable<'_>) -> SlVector {
        let Some(item) = table.get("levels") else { return SlVector::default() };
        match item.get_ref() {
            DeValue::Table(levels) => {
                let mut vector = SlVector::default();
                for (key, item) in levels {
                    let at = Fr::ALL.iter().position(|fr| fr.as_str().eq_ignore_ascii_case(key.get_ref()));
                    let level = self.level(item);
                    match at.and_then(|at| vector.0.get_mut(at)) {
                        Some(slot) => *slot = level,
                        None => self.unknown_fr(key),
                    }
                }
                vector
            }
            _ => self.level(item).map(SlVector::all).unwrap_or_default(),
        }
    }

    fn unknown_fr(&mut self, key: &Spanned<Cow<'_, str>>) {
        let message = format!(
            "`levels` of the profile: expected one of IAC, UC, SI, DC, RDF, TRE, RA, found {}",
            shown(key.get_ref())
        );
        let mut diagnostic = Diagnostic::error("profile/unknown-word", message);
        let near = nearest(key.get_ref(), Fr::ALL.iter().map(|fr| fr.as_str()));
        diagnostic.help = near.map(|near| format!("did you mean `{near}`?"));
        self.tell(key.span(), diagnostic);
    }

    fn level(&mut self, item: &Item<'_>) -> Option<SecurityLevel> {
        let level = self.number(item).and_then(SecurityLevel::new);
        if level.is_none() {
            self.wrong(
                item,
                "levels",
                "a level from 0 to 4, or a table of them per foundational requirement",
            );
        }
        level
    }

    fn maturity_level(&mut self, table: &DeTable<'_>) -> Option<u8> {
        let item = table.get("maturity_level")?;
        let level = self.number(item).filter(|level| (1..=4).contains(level));
        if level.is_none() {
            self.wrong(item, "maturity_level", "a maturity level from 1 to 4");
        }
        level
    }

    fn number(&self, item: &Item<'_>) -> Option<u8> {
        match item.get_ref() {
            DeValue::Integer(number) => u8::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        }
    }

    fn parts(&mut self, table: &DeTable<'_>) -> BTreeSet<Standard> {
        let mut parts = BTreeSet::new();
        for (text, span) in self.texts_of(table, "parts") {
            match text.parse::<Standard>().ok().filter(|part| PROCESS_PARTS.contains(part)) {
                Some(part) => {
                    parts.insert(part);
                }
                None => {
                    let known: Vec<&str> = PROCESS_PARTS.iter().map(|part| part.as_str()).collect();
                    let message = format!(
                        "`parts` of the profile: expected one of {}, found {}",
                        known.join(", "),
                        shown(&text)
                    );
                    let help = "requirements of 62443-3-3 and 62443-4-2 are selected by `levels`";
                    self.tell(span, Diagnostic::error("profile/unknown-word", message).help(help));
                }
            }
        }
        parts
    }

    /// A table of requirement ids with reasons.
    fn reasons(&mut self, table: &DeTable<'_>, key: &str) -> Reasons {
        let mut reasons = Reasons::new();
        let Some(item) = table.get(key) else { return reasons };
        let DeValue::Table(entries) = item.get_ref() else {
            self.wrong(
                item,
                key,
                "a table of requirement ids with reasons, such as `\"SR 1.6\" = \"no wireless\"`",
            );
            return reasons;
        };
        for (id, item) in entries {
            let Some(requirement) = self.requirement(id, key) else { continue };
            let Some(reason) = self.text_of(item, &format!("{key}.{requirement}")) else { continue };
            if reason.is_empty() {
                let message = format!("`{key}` of the profile names `{requirement}` and not why");
                let why = "a selection is only as good as its reasons (62443-1-5)";
                self.tell(item.span(), Diagnostic::error("profile/missing-reason", message).because(why));
            }
            if reasons.insert(requirement.clone(), (reason, id.span())).is_some() {
                let message = format!("`{key}` of the profile names `{requirement}` twice, in two spellings");
                self.tell(id.span(), Diagnostic::error("profile/contradiction", message));
            }
        }
        reasons
    }

    fn requirement(&mut self, id: &Spanned<Cow<'_, str>>, key: &str) -> Option<RequirementId> {
        let catalog = Catalog::builtin();
        let found = id.get_ref().parse().ok().filter(|id| catalog.requirement(id).is_some());
        if found.is_none() {
            let message = format!("`{key}` of the profile: no catalog holds {}", shown(id.get_ref()));
            let mut diagnostic = Diagnostic::error("profile/unknown-requirement", message);
            let near = catalog.nearest_id(id.get_ref());
            diagnostic.help = near.map(|near| format!("did you mean `{near}`?"));
            self.tell(id.span(), diagnostic);
        }
        found
    }

    /// What is said twice or in vain.
    fn contradictions(&mut self, profile: &Profile, added: &Reasons, left_out: &Reasons) {
        let catalog = Catalog::builtin();
        for (id, (_, span)) in left_out {
            let Some(requirement) = catalog.requirement(id) else { continue };
            if added.contains_key(id) {
                let message = format!("the profile both adds and leaves out `{id}`");
                self.tell(
                    span.clone(),
                    Diagnostic::error("profile/contradiction", message).help("keep one of the two"),
                );
            } else if !profile.would_select(requirement, None) {
                let message =
                    format!("the profile leaves out `{id}`, which its levels and parts do not select");
                self.tell(span.clone(), Diagnostic::warning("profile/idle-entry", message));
            }
            let stays = catalog.enhancements(id).find(|enhancement| profile.selects(enhancement));
            if let Some(stays) = stays {
                let message =
                    format!("the profile leaves out `{id}` and selects its enhancement `{}`", stays.id);
                let diagnostic = Diagnostic::warning("profile/orphan-enhancement", message);
                let why = "an enhancement adds to what it enhances and shows nothing without it";
                self.tell(span.clone(), diagnostic.because(why).help("leave both out, or neither"));
            }
        }
        for (id, (_, span)) in added {
            if catalog.requirement(id).is_some_and(|requirement| profile.would_select(requirement, None)) {
                let message = format!("the profile adds `{id}`, which its levels and parts select already");
                self.tell(span.clone(), Diagnostic::warning("profile/idle-entry", message));
            }
        }
    }

    fn wrong(&mut self, item: &Item<'_>, what: &str, expected: &str) {
        let found = match item.get_ref() {
            DeValue::String(text) => shown(text),
            DeValue::Integer(number) => shown(number.as_str()),
            DeValue::Float(_) => "a fraction".to_string(),
            DeValue::Boolean(_) => "a truth value".to_string(),
            DeValue::Datetime(_) => "a date".to_string(),
            DeValue::Array(_) => "a list".to_string(),
            DeValue::Table(_) => "a table".to_string(),
        };
        let message = format!("`{what}` of the profile: expected {expected}, found {found}");
        self.tell(item.span(), Diagnostic::error("profile/wrong-type", message));
    }

    fn tell(&mut self, span: Range<usize>, diagnostic: Diagnostic) {
        if self.diagnostics.len() >= DIAGNOSTICS_MAX {
            self.more += 1;
            return;
        }
        self.diagnostics.push(diagnostic.at(Place::Text(self.text.place(span))));
    }
}

fn span_of(table: &DeTable<'_>, key: &str) -> Range<usize> {
    table.get(key).map(Spanned::span).unwrap_or_default()
}

fn texts(reasons: &Reasons) -> BTreeMap<RequirementId, String> {
    reasons.iter().map(|(id, (reason, _))| (id.clone(), reason.clone())).collect()
}

/// Most characters of a found text that are repeated.
const SHOWN_CHARS_MAX: usize = 60;

/// A found text in backticks, on one line, cut where it is long.
fn shown(text: &str) -> String {
    let line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN_CHARS_MAX).collect();
    let more = if text.chars().count() > SHOWN_CHARS_MAX { "…" } else { "" };
    format!("`{line}{more}`")
}
