//! Where a configuration keeps secrets.

use super::tree::At;
use super::words::Word;
use crate::dialects::Reading;
use crate::ruleset::Keeping;
use std::ops::Range;

/// Names whose value is a secret, and what for.
const SECRETS: [(&str, &str); 36] = [
    ("phash", "password"),
    ("password", "password"),
    ("passwd", "password"),
    ("bind-password", "password"),
    ("auth-password", "password"),
    ("priv-password", "password"),
    ("proxy-password", "password"),
    ("secure-proxy-password", "password"),
    ("sasl-password", "password"),
    ("uninstall-password", "password"),
    ("override-password", "password"),
    ("authpwd", "SNMP password"),
    ("privpwd", "SNMP password"),
    ("auth-pass", "password"),
    ("community", "SNMP community"),
    ("snmp-community-string", "SNMP community"),
    ("pre-shared-key", "pre-shared key"),
    ("private-key", "private key"),
    ("ssl-private-key", "private key"),
    ("key", "key"),
    ("local-key", "key"),
    ("secret", "shared secret"),
    ("shared-secret", "shared secret"),
    ("client-secret", "shared secret"),
    ("radius-secret", "shared secret"),
    ("authentication-key", "key"),
    ("auth-key", "key"),
    ("encryption-key", "key"),
    ("passphrase", "passphrase"),
    ("preshared-key", "pre-shared key"),
    ("psk", "pre-shared key"),
    ("api-key", "API key"),
    ("apikey", "API key"),
    ("access-key", "API key"),
    ("secret-access-key", "API key"),
    ("token", "token"),
];

/// Secrets that makers and guides give out.
const WELL_KNOWN: [&str; 10] = [
    "public",
    "private",
    "admin",
    "administrator",
    "password",
    "paloalto",
    "panorama",
    "cisco",
    "changeme",
    "secret",
];

/// The hash of `admin` that devices come with.
const FACTORY_HASH: &str = "fnRL/G5lXVMug";

/// Records where the tree holds secrets.
pub(super) fn find(root: At<'_>, reading: &mut Reading) {
    for node in root.everything() {
        let Some((name, what)) = SECRETS.iter().find(|(name, _)| *name == node.name()) else { continue };
        if !is_meant(name, node) {
            continue;
        }
        for value in node.within().filter(|value| value.within().next().is_none()) {
            if let Some(keeping) = keeping(name, value.name()) {
                reading.secret(&value.span(), format!("{what} at {}", path(node)), keeping);
            }
        }
    }
}

/// Records a secret in words that did not come into the tree.
pub(super) fn in_words(words: &[Word<'_>], reading: &mut Reading) {
    let named = |word: &Word<'_>| SECRETS.iter().any(|(name, _)| *name == word.text);
    if let (Some(at), Some(last)) = (words.iter().position(named), words.last()) {
        let span = words.get(at).map_or(0, |word| word.span.start)..last.span.end;
        reading.secret(&span, "a secret in a statement that is not whole", Keeping::Clear);
    }
}

/// Records a secret that may stand in a piece of text which was not read.
pub(super) fn in_text(text: &str, span: &Range<usize>, reading: &mut Reading) {
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end =
        text.get(span.end..).and_then(|behind| behind.find('\n')).map_or(text.len(), |at| span.end + at);
    let lines = text.get(start..end).unwrap_or_default();
    let names = |name: &str| {
        lines.match_indices('<').any(|(at, _)| lines.get(at + 1..).is_some_and(|rest| rest.starts_with(name)))
    };
    if SECRETS.iter().any(|(name, _)| names(name)) {
        reading.secret(&(start..end), "a secret in XML that is not read", Keeping::Clear);
    }
}

/// Whether a name that is also used for other things means a secret here.
fn is_meant(name: &str, node: At<'_>) -> bool {
    let within = |outer: &str| node.outer().any(|at| at.name() == outer);
    match name {
        // Communities of BGP are no secrets.
        "community" => within("snmp-setting") || within("snmptrap"),
        // `private-key` of a certificate profile may only say whether one is kept elsewhere.
        "private-key" => node.within().all(|value| !matches!(value.name(), "yes" | "no")),
        // The names of lists of settings.
        "key" | "token" => !within("profiles"),
        _ => true,
    }
}

/// How a secret is kept; `None` where an export has blanked it out.
fn keeping(name: &str, value: &str) -> Option<Keeping> {
    let value = value.trim();
    if value.is_empty() {
        return Some(Keeping::Empty);
    }
    if value.chars().all(|c| c == '*') {
        return None;
    }
    let lower = value.to_ascii_lowercase();
    Some(if value == FACTORY_HASH || WELL_KNOWN.contains(&lower.as_str()) {
        Keeping::WellKnown
    } else if value.starts_with("-AQ") {
        // Encrypted with the master key, which is the same in all devices until it is changed.
        Keeping::Reversible
    } else if ["$5$", "$6$", "$2"].iter().any(|hash| value.starts_with(hash)) {
        Keeping::Hashed
    } else if value.starts_with("$1$") || name == "phash" {
        Keeping::WeaklyHashed
    } else {
        Keeping::Clear
    })
}

/// Where a node stands, by the names of what holds it.
fn path(node: At<'_>) -> String {
    let mut names: Vec<&str> = node.outer().map(At::name).filter(|name| !name.is_empty()).collect();
    names.retain(|name| !matches!(*name, "config" | "devices" | "localhost.localdomain"));
    names.reverse();
    let path = names.join("/");
    let cut = path.floor_char_boundary(120);
    path.get(..cut).unwrap_or_default().to_owned()
}
