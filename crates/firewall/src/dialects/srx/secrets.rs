//! Where a Junos configuration keeps secrets, and how.

use super::load::Loaded;
use super::tree::{NodeId, Tree};
use crate::dialects::Reading;
use crate::ruleset::Keeping;
use std::collections::BTreeSet;
use std::ops::Range;

/// Keywords whose value is a secret, with what it is for.
const KEYWORDS: [(&str, &str); 32] = [
    ("encrypted-password", "password"),
    ("plain-text-password-value", "password"),
    ("ascii-text", "pre-shared key"),
    ("hexadecimal", "pre-shared key"),
    ("secret", "shared secret"),
    ("password", "password"),
    ("simple-password", "password"),
    ("local-password", "password"),
    ("pap-password", "PPP password"),
    ("chap-secret", "PPP secret"),
    ("default-chap-secret", "PPP secret"),
    ("default-pap-password", "PPP password"),
    ("authentication-key", "authentication key"),
    ("hello-authentication-key", "authentication key"),
    ("authentication-password", "SNMPv3 authentication password"),
    ("privacy-password", "SNMPv3 privacy password"),
    ("privacy-key", "SNMPv3 privacy key"),
    ("community-name", "SNMP community"),
    ("community-string", "SNMP community"),
    ("passphrase", "passphrase"),
    ("wep-key", "wireless key"),
    ("psk", "pre-shared key"),
    ("cak", "MACsec key"),
    ("key-string", "key"),
    ("auth-token", "token"),
    ("auth-key", "key"),
    ("access-token", "token"),
    ("api-key", "key"),
    ("shared-secret", "shared secret"),
    ("bind-password", "password"),
    ("client-secret", "client secret"),
    ("proxy-password", "password"),
];

/// How secrets begin that a device writes by itself (crypt(5); Junos `$8$` and `$9$`).
const STARTS: [&str; 7] = ["$9$", "$8$", "$6$", "$5$", "$1$", "$sha1$", "$2"];

/// Secrets that makers, guides and everybody use.
const WELL_KNOWN: [&str; 13] = [
    "public",
    "private",
    "juniper",
    "juniper1",
    "juniper123",
    "netscreen",
    "admin",
    "password",
    "root",
    "secret",
    "changeme",
    "abc123",
    "cisco",
];

/// The secrets of a configuration: nothing of them may be shown.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// The lines on which one stands.
    pub(super) lines: BTreeSet<u32>,
    /// The words that are one.
    pub(super) words: BTreeSet<NodeId>,
}

/// Finds all secrets and records them.
pub(super) fn find(loaded: &Loaded, reading: &mut Reading) -> Secrets {
    let tree = &loaded.tree;
    let Secrets { mut lines, mut words } = Secrets::default();
    for id in tree.all().filter(|id| tree.origin(*id).is_none()) {
        let Some(what) = secret_of(tree, id) else { continue };
        let span = tree.span(id);
        words.insert(id);
        lines.insert(reading.place(&span).line);
        lines.insert(reading.place(&(span.end..span.end)).line);
        let word = tree.word(id);
        if !word.contains("SECRET-DATA") {
            reading.secret(&span, named(tree, id, what), keeping(word, what));
        }
    }
    for span in &loaded.secret {
        lines.insert(reading.place(span).line);
    }
    let source = reading.source.clone();
    for problem in &loaded.problems {
        if may_show_secret(source.text(), &problem.span) {
            let first = reading.place(&problem.span).line;
            let last = reading.place(&(problem.span.end..problem.span.end)).line.max(first);
            lines.extend((first..=last).take(PROBLEM_LINES_MAX));
        }
    }
    Secrets { lines, words }
}

/// Most lines of one piece of text that was not understood.
const PROBLEM_LINES_MAX: usize = 1_000;
/// How far around a piece of text the ends of its lines are looked for, in bytes.
const AROUND_MAX: usize = 4_000;

/// Whether the lines of a piece of text that was not understood may hold a secret; very long lines are taken to.
fn may_show_secret(text: &str, span: &Range<usize>) -> bool {
    let from = text.floor_char_boundary(span.start.saturating_sub(AROUND_MAX));
    let to = text.ceil_char_boundary(span.end.saturating_add(AROUND_MAX).min(text.len()));
    let before = text.get(from..span.start).unwrap_or_default();
    let behind = text.get(span.end..to).unwrap_or_default();
    let start = before.rfind('\n').map(|at| from + at + 1).or((from == 0).then_some(0));
    let end = behind.find('\n').map(|at| span.end + at).or((to == text.len()).then_some(to));
    match start.zip(end) {
        Some((start, end)) => text.get(start..end).is_none_or(may_hold),
        None => true,
    }
}

/// Whether a piece of text that was not understood may hold a secret.
fn may_hold(text: &str) -> bool {
    STARTS.iter().any(|start| text.contains(start))
        || KEYWORDS.iter().any(|(keyword, _)| text.contains(keyword))
        || text.contains("community")
        || text.contains(" key ")
        || text.contains("://")
}

/// What a word is the secret of; `None` where it is none.
fn secret_of(tree: &Tree, id: NodeId) -> Option<&'static str> {
    let word = tree.word(id);
    let parent = tree.parent(id);
    let keyword = tree.word(parent);
    if word.contains("://") && word.split_once('@').is_some_and(|(user, _)| user.matches(':').count() > 1) {
        return Some("password within an address");
    }
    if STARTS.iter().any(|start| word.starts_with(start)) {
        return Some(KEYWORDS.iter().find(|(name, _)| *name == keyword).map_or("secret", |(_, what)| *what));
    }
    match keyword {
        "community" if tree.word(tree.parent(parent)) == "snmp" => Some("SNMP community"),
        // `authentication-key 1 type md5 value …` of NTP names the key by a number.
        "authentication-key" if tree.children(id).next().is_some() => None,
        "value" if has_above(tree, parent, "authentication-key") => Some("authentication key"),
        "key" if has_above(tree, parent, "md5") => Some("authentication key"),
        _ => KEYWORDS.iter().find(|(name, _)| *name == keyword).map(|(_, what)| *what),
    }
}

fn has_above(tree: &Tree, id: NodeId, word: &str) -> bool {
    let mut at = tree.parent(id);
    for _ in 0..3 {
        if tree.word(at) == word {
            return true;
        }
        at = tree.parent(at);
    }
    false
}

/// What the secret is for, with the name of the user or thing it belongs to where one stands above.
fn named(tree: &Tree, id: NodeId, what: &str) -> String {
    let mut at = tree.parent(id);
    while at != Tree::ROOT {
        let above = tree.word(tree.parent(at));
        let kind = match above {
            "user" => "user",
            "policy" if what == "pre-shared key" => "IKE policy",
            "radius-server" => "RADIUS server",
            "tacplus-server" => "TACACS+ server",
            "client" => "client",
            _ => "",
        };
        if !kind.is_empty() {
            return format!("{what} of {kind} {}", tree.word(at));
        }
        if tree.word(at) == "root-authentication" {
            return format!("{what} of user root");
        }
        at = tree.parent(at);
    }
    what.to_owned()
}

fn keeping(word: &str, what: &str) -> Keeping {
    let starts = |starts: &[&str]| starts.iter().any(|start| word.starts_with(start));
    if word.is_empty() {
        Keeping::Empty
    } else if starts(&["$6$", "$5$", "$2", "$8$", "$sha1$"]) {
        Keeping::Hashed
    } else if starts(&["$1$"]) || (what == "password" && word.len() == 13 && !word.contains(' ')) {
        Keeping::WeaklyHashed
    } else if starts(&["$9$"]) {
        Keeping::Reversible
    } else if WELL_KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        Keeping::WellKnown
    } else {
        Keeping::Clear
    }
}
