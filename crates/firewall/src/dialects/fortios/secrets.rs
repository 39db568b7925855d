//! Which settings keep secrets, and how. What they hold never leaves this module.

use super::words::Word;
use crate::ruleset::Keeping;

/// Settings that keep a secret, whatever their section.
const SECRET_KEYS: &[&str] = &[
    "access-key",
    "api-key",
    "app-password",
    "auth-key",
    "auth-pwd",
    "authentication-key",
    "authkey",
    "authpasswd",
    "authpwd",
    "client-secret",
    "community",
    "enc-key",
    "enckey",
    "fixed-key",
    "group-authentication-secret",
    "hash-key",
    "key",
    "key-string",
    "keystring",
    "ldap-password",
    "login-passwd",
    "login-password",
    "md5-key",
    "mesh-downlink-passphrase",
    "passphrase",
    "passwd",
    "password",
    "ppk-secret",
    "priv-pwd",
    "private-key",
    "privpwd",
    "psk",
    "psksecret",
    "psksecret-remote",
    "sae-password",
    "sae-private-key",
    "secondary-secret",
    "secret",
    "secret-key",
    "shared-secret",
    "tertiary-secret",
    "token",
    "trap-community",
    "vrdst-password",
    "wep-key",
    "webhook-secret",
];

/// Ends of settings that keep a secret, where what they hold is no switch.
const SECRET_ENDS: &[&str] = &[
    "-password",
    "-passwd",
    "-passphrase",
    "-secret",
    "-psk",
    "-pwd",
    "-psksecret",
    "-authkey",
    "-enckey",
    "-api-key",
];

/// Words that no secret is made of, in settings that are only called like one.
const SWITCHES: &[&str] = &["enable", "disable", "none", "auto", "never", "default"];

/// Secrets that makers and guides give out.
const WELL_KNOWN: &[&str] = &[
    "",
    "public",
    "private",
    "admin",
    "password",
    "fortinet",
    "fortigate",
    "cisco",
    "123456",
    "12345678",
    "changeme",
    "secret",
];

/// How the setting keeps a secret; `None` where it keeps none.
///
/// `own_key` says whether the device encrypts with a key of its own (`private-data-encryption`) and not with the one that is
/// built into all of them.
pub(super) fn keeping(path: &str, key: &str, values: &[Word<'_>], own_key: bool) -> Option<Keeping> {
    let first = values.first().map(|word| word.text.as_ref()).unwrap_or_default();
    if first == "ENC" {
        let kept = values.get(1).map(|word| word.text.as_ref()).unwrap_or_default();
        return Some(encrypted(kept, own_key));
    }
    let community = path.starts_with("system snmp community") && key == "name";
    let ends = || SECRET_ENDS.iter().any(|end| key.ends_with(end));
    let is_switch = SWITCHES.contains(&first) && values.len() == 1;
    if !(community || ((SECRET_KEYS.contains(&key) || ends()) && !is_switch)) {
        return None;
    }
    Some(if first.contains("PRIVATE KEY-----") && first.contains("ENCRYPTED") {
        Keeping::Reversible
    } else if WELL_KNOWN.iter().any(|known| known.eq_ignore_ascii_case(first)) {
        if first.is_empty() { Keeping::Empty } else { Keeping::WellKnown }
    } else {
        Keeping::Clear
    })
}

/// What stands behind `ENC`: hashes of administrators' passwords begin with `AK1` (SHA-1), `SH2` (SHA-256, once, salted) or
/// `PB2` (PBKDF2); all else is encrypted.
fn encrypted(kept: &str, own_key: bool) -> Keeping {
    if kept.starts_with("PB2") {
        Keeping::Hashed
    } else if kept.starts_with("SH2") || kept.starts_with("AK1") {
        Keeping::WeaklyHashed
    } else if own_key {
        // Whoever has the file still lacks the key.
        Keeping::Hashed
    } else {
        Keeping::Reversible
    }
}

/// Whether a line that is not understood may hold a secret: then it must not be shown.
pub(super) fn may_hold_secret(words: &[Word<'_>]) -> bool {
    words.iter().any(|word| {
        let text = word.text.to_ascii_lowercase();
        text == "enc"
            || text.len() >= 24
            || text.contains('\n')
            || SECRET_KEYS.contains(&text.as_str())
            || ["pass", "secret", "psk", "pwd", "key", "communit", "token"]
                .iter()
                .any(|sign| text.contains(sign))
    })
}

/// What a secret is for, in words that do not tell it.
pub(super) fn purpose(path: &str, entry: Option<&str>, key: &str) -> String {
    if path.starts_with("system snmp community") {
        return "SNMP community".to_owned();
    }
    match entry {
        Some(entry) => format!("{key} of {path} {entry}"),
        None => format!("{key} of {path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::fortios::words::Statements;

    fn kept(line: &str) -> Option<Keeping> {
        let statement = Statements::of(line).next().unwrap();
        let key = statement.words[1].text.clone();
        keeping("user local", &key, &statement.words[2..], false)
    }

    #[test]
    fn secrets_are_known_by_their_setting_and_by_what_stands_before_them() {
        assert_eq!(kept("set password ENC SH2abcdef="), Some(Keeping::WeaklyHashed));
        assert_eq!(kept("set password ENC PB2abcdef="), Some(Keeping::Hashed));
        assert_eq!(kept("set psksecret ENC abcdef=="), Some(Keeping::Reversible));
        assert_eq!(kept("set unheard-of ENC abcdef=="), Some(Keeping::Reversible));
        assert_eq!(kept("set passwd hunter2"), Some(Keeping::Clear));
        assert_eq!(kept("set passwd Fortinet"), Some(Keeping::WellKnown));
        assert_eq!(kept("set passwd \"\""), Some(Keeping::Empty));
        assert_eq!(kept("set two-factor-password disable"), None);
        assert_eq!(kept("set passwd-time 2020-01-01"), None);
        assert_eq!(kept("set private-key \"-----BEGIN RSA PRIVATE KEY-----\nAA\n\""), Some(Keeping::Clear));
    }
}
