//! Where a configuration keeps secrets. A line that holds one is never shown.

use crate::dialects::cisco::{Word, keeping_of_type};
use crate::ruleset::Keeping;
use std::ops::Range;

/// A secret of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) span: Range<usize>,
    /// What it is for.
    pub(super) what: String,
    pub(super) keeping: Keeping,
}

/// Words behind which a secret stands, and what that is for.
const SECRET_WORDS: [(&str, &str); 26] = [
    ("password", "password"),
    ("passwd", "password"),
    ("secret", "secret"),
    ("pre-shared-key", "pre-shared key"),
    ("key", "key"),
    ("key-string", "key"),
    ("community", "SNMP community"),
    ("authentication-key", "key of a routing protocol"),
    ("message-digest-key", "key of a routing protocol"),
    ("md5", "key"),
    ("sha", "key"),
    ("auth", "key"),
    ("priv", "key"),
    ("radius-common-pw", "password of RADIUS users"),
    ("ldap-login-password", "password of the device at LDAP"),
    ("policy-server-secret", "secret of a policy server"),
    ("shared-secret", "secret"),
    ("passphrase", "passphrase"),
    ("key-passphrase", "passphrase"),
    ("ip-password", "password"),
    ("proxy-password", "password"),
    ("server-key", "key"),
    ("hello-authentication", "key of a routing protocol"),
    ("challenge", "challenge password"),
    ("token", "token"),
    ("idtoken", "token"),
];

/// Whether a word may tell that a secret follows, also one that is not known here: such lines are never shown.
pub(super) fn may_hold_secret(words: &[Word<'_>]) -> bool {
    words.iter().any(|word| {
        let lower = word.text.to_ascii_lowercase();
        [
            "passw",
            "secret",
            "key",
            "community",
            "pass-phrase",
            "passphrase",
            "token",
            "://",
            "-pw",
            "credential",
        ]
        .iter()
        .any(|sign| lower.contains(sign))
            && !lower.starts_with("key-exchange")
    })
}

/// The secrets of a line, which stands in a block that `block` opened.
pub(super) fn secrets(words: &[Word<'_>], block: Option<&str>) -> Vec<Secret> {
    let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
    let found = match texts.as_slice() {
        ["enable", "password", ..] => one(words, 2, "password of privileged mode"),
        ["passwd" | "password", _, ..] if block.is_none() => {
            one(words, 1, "password of telnet and ssh sessions")
        }
        ["username", user, "nopassword", ..] => {
            let what = format!("password of user {user}");
            words
                .get(2)
                .map(|word| Secret { span: word.span(), what, keeping: Keeping::Empty })
                .into_iter()
                .collect()
        }
        ["username", user, "password", ..] => one(words, 3, &format!("password of user {user}")),

        ["snmp-server", "community", ..] => one(words, 2, "SNMP community"),
        ["failover", "key", ..] => one(words, 2, "key of failover"),
        ["ntp", "authentication-key", ..] => one(words, 4, "key of NTP"),
        ["aaa-server", _, interface, "host", _, key, ..]
            if interface.starts_with('(') && !["timeout", "key"].contains(key) =>
        {
            one(words, 5, "key of a server")
        }
        ["key", "chain", ..] | ["key", _] if block.is_some_and(|block| block == "key") => Vec::new(),
        ["key", "config-key", ..] => one(words, 3, "master passphrase"),
        ["ntp", "server", ..] => Vec::new(),
        ["key", "chain", ..] | ["crypto", "key", ..] | ["ssh", ..] | ["username", _, "attributes", ..] => {
            Vec::new()
        }
        [
            "ssh-key" | "banner" | "description" | "prompt" | "match" | "regex" | "hostname" | "logging",
            ..,
        ] => Vec::new(),
        _ => general(words, block),
    };
    let mut found = found;
    if texts.first() == Some(&"snmp-server") && texts.contains(&"encrypted") {
        // Keys of a user are then kept as digests that hold for this device.
        found.iter_mut().for_each(|secret| secret.keeping = Keeping::WeaklyHashed);
    }
    found
}

/// The secret at a word, with the words behind it that say how it is kept; none where the listing hides it.
fn one(words: &[Word<'_>], at: usize, what: &str) -> Vec<Secret> {
    let Some(word) = words.get(at) else { return Vec::new() };
    let digit = ["0", "5", "6", "7", "8", "9"].contains(&word.text) && words.len() > at + 1;
    let hex = word.text == "hex" || word.text == "encrypted";
    let (kind, at) = if digit { (Some(word.text), at + 1) } else { (None, if hex { at + 1 } else { at }) };
    let Some(word) = words.get(at) else { return Vec::new() };
    if word.text.chars().all(|letter| letter == '*') {
        return Vec::new();
    }
    let behind = words.get(at + 1..).unwrap_or_default();
    vec![Secret { span: word.span(), what: what.to_owned(), keeping: keeping(kind, word.text, behind) }]
}

/// Any secret behind a word that tells of one.
fn general(words: &[Word<'_>], block: Option<&str>) -> Vec<Secret> {
    let mut found: Vec<Secret> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let Some((_, what)) = SECRET_WORDS.iter().find(|(sign, _)| *sign == word.text) else { continue };
        let alone = matches!(word.text, "md5" | "sha" | "auth" | "priv");
        let before = at.checked_sub(1).and_then(|before| words.get(before)).map(|word| word.text);
        if alone && before != Some("auth") && before != Some("priv") && !after_key(words, at) {
            continue;
        }
        // `message-digest-key 1 md5 KEY`: the number is none.
        let skip = usize::from(
            matches!(word.text, "message-digest-key" | "authentication-key")
                && words.get(at + 2).is_some()
                && words.get(at + 1).is_some_and(|next| next.text.bytes().all(|byte| byte.is_ascii_digit())),
        );
        let mut from = at + 1 + skip;
        while words.get(from).is_some_and(|next| {
            ["md5", "sha", "sha256", "sha-256", "aes", "3des", "des", "128", "192", "256", "eigrp", "sha-1"]
                .contains(&next.text)
        }) && words.get(from + 1).is_some()
        {
            from += 1;
        }
        let what = block.map_or_else(|| (*what).to_owned(), |block| format!("{what} ({block})"));
        let fresh = one(words, from, &what)
            .into_iter()
            .filter(|new| found.iter().all(|known| known.span != new.span));
        let fresh: Vec<Secret> = fresh.collect();
        found.extend(fresh);
    }
    found
}

fn after_key(words: &[Word<'_>], at: usize) -> bool {
    words
        .get(..at)
        .unwrap_or_default()
        .iter()
        .any(|word| ["snmp-server", "message-digest-key"].contains(&word.text))
}

/// The hash of no password, and of `cisco`, as `enable password … encrypted` and `passwd … encrypted` of a new device have it.
const HASH_EMPTY: &str = "8Ry2YjIyt7RRXU24";
const HASH_CISCO: &str = "2KFQnbNIdI.2KYOU";

fn keeping(kind: Option<&str>, secret: &str, behind: &[Word<'_>]) -> Keeping {
    let says = |word: &str| behind.iter().any(|next| next.text == word);
    if secret == HASH_EMPTY {
        Keeping::Empty
    } else if secret == HASH_CISCO {
        Keeping::WellKnown
    } else if says("pbkdf2") || secret.starts_with("$sha512$") {
        Keeping::Hashed
    } else if says("encrypted") || says("nt-encrypted") || says("mschap") {
        Keeping::WeaklyHashed
    } else if kind == Some("8") {
        // On ASA, a master passphrase encrypts it.
        Keeping::Reversible
    } else {
        keeping_of_type(kind, secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::cisco::lines;

    fn found(text: &str, block: Option<&str>) -> Vec<(String, Keeping)> {
        let line = lines(text).next().unwrap();
        let found = secrets(&line.words(), block);
        found.into_iter().map(|secret| (text.get(secret.span).unwrap().to_owned(), secret.keeping)).collect()
    }

    #[test]
    fn secrets_are_found_where_they_stand() {
        let one = |text: &str, secret: &str, keeping| {
            assert_eq!(found(text, None), [(secret.to_owned(), keeping)], "{text}");
        };
        one("enable password 8Ry2YjIyt7RRXU24 encrypted", "8Ry2YjIyt7RRXU24", Keeping::Empty);
        one("enable password $sha512$5000$a==$b== pbkdf2", "$sha512$5000$a==$b==", Keeping::Hashed);
        one("passwd 2KFQnbNIdI.2KYOU encrypted", "2KFQnbNIdI.2KYOU", Keeping::WellKnown);
        one("username ops password abc encrypted privilege 15", "abc", Keeping::WeaklyHashed);
        one("username ops nopassword", "nopassword", Keeping::Empty);
        one("snmp-server community public", "public", Keeping::WellKnown);
        one("snmp-server host inside 10.1.1.1 community plant7 version 2c", "plant7", Keeping::Clear);
        one("ntp authentication-key 1 md5 ticks", "ticks", Keeping::Clear);
        one("failover key 8 xyz", "xyz", Keeping::Reversible);
        one("isakmp key tunnel77 address 192.0.2.1 netmask 255.255.255.255", "tunnel77", Keeping::Clear);
        assert_eq!(
            found("snmp-server user u g v3 auth sha first priv aes 128 second", None),
            [("first".to_owned(), Keeping::Clear), ("second".to_owned(), Keeping::Clear)]
        );
        assert_eq!(found("ikev1 pre-shared-key *****", Some("tunnel-group")), []);
        assert_eq!(
            found("ikev1 pre-shared-key cisco", Some("tunnel-group")),
            [("cisco".to_owned(), Keeping::WellKnown)]
        );
        assert_eq!(
            found("ospf message-digest-key 1 md5 ring", Some("interface")),
            [("ring".to_owned(), Keeping::Clear)]
        );
        assert_eq!(found("key chain ring", None), []);
        assert_eq!(found("key-string abc", Some("key")), [("abc".to_owned(), Keeping::Clear)]);
    }
}
