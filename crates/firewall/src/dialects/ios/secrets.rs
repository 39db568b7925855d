//! Where a line keeps a secret.

use crate::dialects::cisco::{WELL_KNOWN, keeping_of_type};
use crate::ruleset::Keeping;

/// A secret of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Secret {
    /// Which word of the line it is.
    pub(super) word: usize,
    /// What it is for, without telling it.
    pub(super) what: String,
    /// How it is kept.
    pub(super) keeping: Keeping,
}

/// The secrets of a line, given its words and the first words of the block that it is in.
pub(super) fn secrets(words: &[&str], block: &[&str]) -> Vec<Secret> {
    if words.first() == Some(&"no") || is_for_people(words) {
        return Vec::new();
    }
    let mut found: Vec<Secret> = fixed(words).into_iter().collect();
    if found.is_empty() {
        found = marked(words, block);
    }
    let urls = words.iter().enumerate().filter(|(_, word)| has_password(word));
    found.extend(urls.map(|(word, _)| Secret {
        word,
        what: "password within an address of a server".into(),
        keeping: Keeping::Clear,
    }));
    if matches!(words, ["username", _, rest @ ..] if rest.contains(&"nopassword")) {
        let user = words.get(1).copied().unwrap_or_default();
        found.push(Secret { word: 0, what: format!("password of user {user}"), keeping: Keeping::Empty });
    }
    found
}

/// Statements whose words are free text.
fn is_for_people(words: &[&str]) -> bool {
    let words = match words {
        [number, rest @ ..] if number.parse::<u32>().is_ok() => rest,
        _ => words,
    };
    matches!(words, ["description" | "remark" | "name" | "hostname" | "title", ..])
        || matches!(words, ["access-list", _, "remark", ..])
}

/// Secrets that stand where no word marks them.
fn fixed(words: &[&str]) -> Option<Secret> {
    let clear = |word: usize, what: String| {
        let secret = words.get(word).copied().unwrap_or_default();
        Some(Secret { word, what, keeping: keeping(None, secret) })
    };
    match words {
        ["snmp-server", "community", digit @ ("0" | "7"), secret, rest @ ..] if !is_snmp_option(secret) => {
            let what = community(rest);
            Some(Secret { word: 3, what, keeping: keeping(Some(digit), secret) })
        }
        ["snmp-server", "community", _, rest @ ..] => clear(2, community(rest)),
        ["snmp-server", "host", _, rest @ ..] => {
            let skipped = rest
                .iter()
                .position(|word| !["traps", "informs", "version", "1", "2c", "vrf"].contains(word))?;
            let after_vrf = skipped.checked_sub(1).and_then(|at| rest.get(at)) == Some(&"vrf");
            if rest.contains(&"3") {
                return None;
            }
            clear(3 + skipped + usize::from(after_vrf), "SNMP community of notifications".into())
        }
        ["snmp-server", "user", _, ..] => {
            let at = words.iter().position(|word| ["md5", "sha", "sha-2"].contains(word))?;
            let at = at + 1 + usize::from(words.get(at) == Some(&"sha-2"));
            let encrypted = words.contains(&"encrypted") || words.contains(&"localizedkey");
            let keeping = if encrypted { Keeping::WeaklyHashed } else { Keeping::Clear };
            Some(Secret { word: at, what: "password of an SNMP user".into(), keeping })
        }
        ["standby" | "vrrp" | "glbp", _, "authentication", rest @ ..]
        | ["standby" | "vrrp" | "glbp", "authentication", rest @ ..] => {
            let at = words.len() - rest.len();
            match rest {
                ["md5", "key-chain", ..] => None,
                ["md5", "key-string", digit @ ("0" | "7"), secret, ..] => Some(Secret {
                    word: at + 3,
                    what: "key of a first-hop redundancy group".into(),
                    keeping: keeping(Some(digit), secret),
                }),
                ["md5", "key-string", ..] => clear(at + 2, "key of a first-hop redundancy group".into()),
                ["text", ..] => clear(at + 1, "key of a first-hop redundancy group".into()),
                [_, ..] => clear(at, "key of a first-hop redundancy group".into()),
                [] => None,
            }
        }
        // The type stands behind the key.
        ["ntp", "authentication-key", _, _, secret, rest @ ..] => Some(Secret {
            word: 4,
            what: "key of NTP".into(),
            keeping: keeping(rest.first().copied(), secret),
        }),
        ["ip" | "ipv6", "nhrp", "authentication", _, ..] => clear(3, "key of NHRP".into()),
        ["snmp", "mib", "community-map", _, ..] => clear(3, "SNMP community".into()),
        ["isis", "password", ..] | ["area-password" | "domain-password", ..] => {
            clear(if words.first() == Some(&"isis") { 2 } else { 1 }, "password of routing".into())
        }
        _ => None,
    }
}

fn community(rest: &[&str]) -> String {
    let rights =
        if rest.iter().any(|word| word.eq_ignore_ascii_case("rw")) { "read and write" } else { "read" };
    format!("SNMP community ({rights})")
}

fn is_snmp_option(word: &str) -> bool {
    ["ro", "rw", "view", "ipv6"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Secrets behind a word that marks them, with a digit for their type between or none.
fn marked(words: &[&str], block: &[&str]) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        if !is_mark(words, at - 1, word, block) {
            continue;
        }
        if *word == "secret" && words.get(at) == Some(&"level") || words.get(at) == Some(&"level") {
            at += 2;
        }
        while words.get(at).is_some_and(|word| BETWEEN.contains(word)) {
            at += 1;
        }
        let digit = words.get(at).copied().filter(|word| DIGITS.contains(word) && words.len() > at + 1);
        at += usize::from(digit.is_some());
        let Some(secret) = words.get(at) else { break };
        let keeping = keeping(digit, secret);
        found.push(Secret { word: at, what: purpose(words, block), keeping });
        at += 1;
    }
    found
}

const DIGITS: [&str; 9] = ["0", "4", "5", "6", "7", "8", "9", "10", "encrypted"];

/// Words between a mark and what it marks.
const BETWEEN: [&str; 13] = [
    "local",
    "remote",
    "ascii",
    "hex",
    "text",
    "simple-text",
    "md5",
    "hmac-md5",
    "hmac-sha-1",
    "hmac-sha-256",
    "sha1",
    "sha256",
    "cleartext",
];

fn is_mark(words: &[&str], at: usize, word: &str, block: &[&str]) -> bool {
    let before = at.checked_sub(1).and_then(|before| words.get(before)).copied();
    let next = words.get(at + 1).copied().unwrap_or_default();
    match word {
        "password" | "passwd" | "secret" | "passphrase" | "pass-phrase" | "key-string" | "server-key"
        | "authentication-key" | "auth-string" | "shared-secret" | "wpa-psk" | "pmk" => {
            !["encryption", "required", "prompt", "", "expiration"].contains(&next)
                && words.first() != Some(&"service")
        }
        "pre-shared-key" => !["", "address", "hostname", "fqdn"].contains(&next),
        "set-key" | "hmac-sha-256" if word == "set-key" || before == Some("mode") => true,
        "cipher" | "authenticator" => words.contains(&"session-key"),
        "sha1" | "md5" if words.contains(&"spi") => true,
        "md5" => {
            before.is_some_and(|word| word.parse::<u32>().is_ok()) && words.contains(&"message-digest-key")
        }
        // A number alone is the number of a key; a chain has a name and no secret.
        "key" => {
            let numbered = block.first() == Some(&"key") || words.first() == Some(&"tunnel");
            let digit = DIGITS.contains(&next) && words.len() > at + 2;
            let bare = ![
                "",
                "chain",
                "generate",
                "zeroize",
                "import",
                "export",
                "pubkey-chain",
                "config-key",
                "label",
                "decrypt",
                "encrypt",
                "storage",
                "modulus",
            ]
            .contains(&next);
            !numbered && before != Some("trusted") && (digit || bare)
        }
        _ => false,
    }
}

/// What a marked secret is for.
fn purpose(words: &[&str], block: &[&str]) -> String {
    match words {
        ["enable", ..] => "password of privileged mode".into(),
        ["username", user, ..] => format!("password of user {user}"),
        ["crypto", ..] | ["pre-shared-key", ..] => "pre-shared key of IKE".into(),
        ["neighbor", ..] => "password of a BGP neighbor".into(),
        ["ip" | "ipv6", "ospf" | "rip", ..] | ["area", ..] => "key of routing".into(),
        ["tacacs-server" | "radius-server", ..] => "key of an authentication server".into(),
        ["ppp", ..] => "password of PPP".into(),
        ["key-string", ..] => "key of a key chain".into(),
        ["vtp", ..] => "password of VTP".into(),
        ["password" | "passwd" | "secret", ..] if block.first() == Some(&"line") => {
            "password of a terminal line".into()
        }
        _ => match block.first() {
            Some(&("tacacs" | "radius" | "aaa")) => "key of an authentication server".into(),
            Some(&"crypto") => "pre-shared key of IKE".into(),
            Some(&"router") => "key of routing".into(),
            _ => "secret of another statement".into(),
        },
    }
}

fn keeping(digit: Option<&str>, secret: &str) -> Keeping {
    let known = digit == Some("7")
        && revealed(secret)
            .is_some_and(|clear| WELL_KNOWN.iter().any(|known| known.eq_ignore_ascii_case(&clear)));
    match digit {
        _ if known => Keeping::WellKnown,
        Some("encrypted" | "10") => Keeping::Hashed,
        digit => keeping_of_type(digit, secret),
    }
}

/// What type 7 hides, to see whether it is well known. Returned to nobody else.
fn revealed(secret: &str) -> Option<String> {
    const KEY: &[u8] = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";
    let salt: usize = secret.get(..2)?.parse().ok()?;
    let hidden = secret.get(2..)?.as_bytes();
    let mut clear = String::new();
    for (at, pair) in hidden.chunks(2).enumerate() {
        let byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        let key = KEY.get((salt + at) % KEY.len())?;
        clear.push(char::from(byte ^ key));
    }
    Some(clear)
}

/// `ftp://user:password@host/…`.
fn has_password(word: &str) -> bool {
    let Some((_, rest)) = word.split_once("://") else { return false };
    let host = rest.split('/').next().unwrap_or_default();
    host.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str, block: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        let block: Vec<&str> = block.split_whitespace().collect();
        let found = secrets(&words, &block);
        let text = found.iter().map(|one| {
            format!("{} = {} ({})", words.get(one.word).unwrap_or(&""), one.what, one.keeping.as_str())
        });
        text.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn secrets_are_found_where_they_stand() {
        for (line, block, expected) in [
            ("enable secret 9 $9$abc", "", "$9$abc = password of privileged mode (hashed)"),
            ("enable secret level 5 5 $1$x", "", "$1$x = password of privileged mode (weakly-hashed)"),
            ("enable password cisco", "", "cisco = password of privileged mode (well-known)"),
            (
                "username op privilege 15 password 7 0822455D0A16",
                "",
                "0822455D0A16 = password of user op (well-known)",
            ),
            ("username op secret 5 $1$y", "", "$1$y = password of user op (weakly-hashed)"),
            ("username op nopassword", "", "username = password of user op (empty)"),
            ("snmp-server community public RO 10", "", "public = SNMP community (read) (well-known)"),
            ("snmp-server community s3 RW", "", "s3 = SNMP community (read and write) (clear)"),
            (
                "snmp-server host 10.1.1.1 version 2c tr4p",
                "",
                "tr4p = SNMP community of notifications (clear)",
            ),
            ("crypto isakmp key s3c address 192.0.2.1", "", "s3c = pre-shared key of IKE (clear)"),
            (
                "pre-shared-key address 0.0.0.0 0.0.0.0 key 6 XY",
                "crypto keyring",
                "XY = pre-shared key of IKE (reversible)",
            ),
            ("ip ospf message-digest-key 1 md5 7 0822", "interface", "0822 = key of routing (reversible)"),
            ("ip ospf authentication-key abc", "interface", "abc = key of routing (clear)"),
            (
                "neighbor 10.0.0.1 password 7 1234",
                "router bgp",
                "1234 = password of a BGP neighbor (reversible)",
            ),
            ("key-string 7 0011", "key chain", "0011 = key of a key chain (reversible)"),
            ("key 1", "key chain", ""),
            ("key chain OSPF", "", ""),
            ("key 7 0011", "radius server", "0011 = key of an authentication server (reversible)"),
            ("tacacs-server host 10.1.1.1 key s3", "", "s3 = key of an authentication server (clear)"),
            (
                "server-private 10.1.1.1 key 7 0011",
                "aaa group",
                "0011 = key of an authentication server (reversible)",
            ),
            ("ntp authentication-key 1 md5 0011 7", "", "0011 = key of NTP (reversible)"),
            ("ppp chap password 0 abc", "interface", "abc = password of PPP (clear)"),
            ("password 7 0011", "line", "0011 = password of a terminal line (reversible)"),
            (
                "standby 1 authentication md5 key-string 7 0011",
                "interface",
                "0011 = key of a first-hop redundancy group (reversible)",
            ),
            (
                "path ftp://u:p@10.1.1.1/c",
                "archive",
                "ftp://u:p@10.1.1.1/c = password within an address of a server (clear)",
            ),
            ("ip nhrp authentication abc", "interface", "abc = key of NHRP (clear)"),
            ("authentication mode hmac-sha-256 7 0011", "router eigrp", "0011 = key of routing (reversible)"),
            (
                "ipv6 ospf authentication ipsec spi 500 sha1 0 ABCD",
                "interface",
                "ABCD = key of routing (clear)",
            ),
            ("service password-encryption", "", ""),
            ("no enable password", "", ""),
            ("crypto key generate rsa", "", ""),
            ("description password is abc", "interface", ""),
            ("login authentication default", "line", ""),
        ] {
            assert_eq!(found(line, block), expected, "{line}");
        }
    }
}
