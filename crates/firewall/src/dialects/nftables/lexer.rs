//! Tokens of nftables text, after the rules of nft's own scanner: where several kinds fit, the longest wins.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
    /// Whether white space (or the beginning of the text) stands before it.
    pub(super) spaced: bool,
}

/// The kinds of tokens.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A bare word: keyword, name, symbolic value.
    Word(String),
    /// A word that ends in `*`, without the star.
    Wildcard(String),
    /// A quoted string, without the quotes.
    Quoted(String),
    /// A decimal or hexadecimal number.
    Number(u128),
    /// A span of time such as `1d2h`.
    Time(String),
    /// An IPv4 or IPv6 address.
    Address(IpAddr),
    /// A hardware address.
    Mac(String),
    /// `$name`.
    Variable(String),
    /// `@name`.
    SetName(String),
    /// A sign: `{ } ( ) [ ] , ; : . / - = == != < > <= >= << >> & | ^ ! * +`.
    Sign(&'static str),
    /// End of a line.
    Newline,
    /// A character that belongs to no token.
    Stray(char),
}

/// The signs, longer ones first.
const SIGNS: [&str; 27] = [
    "==", "!=", "<=", ">=", "<<", ">>", "{", "}", "(", ")", "[", "]", ",", ";", ":", ".", "/", "-", "=", "<",
    ">", "&", "|", "^", "!", "*", "+",
];

/// Splits a text into tokens. Comments and escaped line breaks are left out.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    let mut spaced = true;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(skip) = blank(rest) {
            at += skip;
            spaced = true;
            continue;
        }
        let (kind, length) = next_token(rest);
        out.push(Token { kind, span: at..at + length, spaced });
        at += length;
        spaced = false;
    }
    out
}

/// The length of what separates tokens: white space, a comment, an escaped line break.
///
/// A comment `# xt_NAME` is a match or target of iptables that some versions of nft print so; it is not skipped.
fn blank(rest: &str) -> Option<usize> {
    let first = rest.chars().next()?;
    match first {
        '\n' => None,
        '#' if xt_comment(rest).is_some() => None,
        '#' => Some(rest.find('\n').unwrap_or(rest.len())),
        '\\' => {
            let after = rest.get(1..)?;
            let line = after.trim_start_matches([' ', '\t', '\r']);
            line.starts_with('\n').then(|| 1 + (after.len() - line.len()) + 1)
        }
        c if c.is_whitespace() || c == '\u{feff}' => Some(c.len_utf8()),
        _ => None,
    }
}

fn xt_comment(rest: &str) -> Option<(String, usize)> {
    let name = rest.strip_prefix("# xt_")?;
    let length = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(name.len());
    Some((format!("xt_{}", name.get(..length)?), "# xt_".len() + length))
}

fn next_token(rest: &str) -> (TokenKind, usize) {
    if rest.starts_with('\n') {
        return (TokenKind::Newline, 1);
    }
    if let Some((name, length)) = xt_comment(rest) {
        return (TokenKind::Word(name), length);
    }
    quoted(rest).or_else(|| prefixed(rest)).or_else(|| value(rest)).or_else(|| sign(rest)).unwrap_or_else(
        || {
            let c = rest.chars().next().unwrap_or('\0');
            (TokenKind::Stray(c), c.len_utf8())
        },
    )
}

/// A quoted string; one that is not closed ends with its line.
fn quoted(rest: &str) -> Option<(TokenKind, usize)> {
    let inner = rest.strip_prefix('"')?;
    let end = inner.find(['"', '\n']).unwrap_or(inner.len());
    let text = inner.get(..end)?.to_owned();
    let closed = inner.get(end..)?.starts_with('"');
    Some((TokenKind::Quoted(text), 1 + end + usize::from(closed)))
}

/// `$name` and `@name`.
fn prefixed(rest: &str) -> Option<(TokenKind, usize)> {
    let sign = rest.chars().next().filter(|c| matches!(c, '$' | '@'))?;
    let name = rest.get(1..)?;
    let length = if name.starts_with('"') {
        let (TokenKind::Quoted(text), length) = quoted(name)? else { return None };
        return Some((TokenKind::SetName(text), length + 1));
    } else {
        word_length(name)
    };
    let name = name.get(..length).filter(|name| !name.is_empty())?.to_owned();
    let kind = if sign == '$' { TokenKind::Variable(name) } else { TokenKind::SetName(name) };
    Some((kind, length + 1))
}

/// The names of EtherTypes that begin with a digit.
const TAG_TYPES: [&str; 2] = ["8021q", "8021ad"];

/// The longest of word, number, time, address; ties go to the more specific.
fn value(rest: &str) -> Option<(TokenKind, usize)> {
    if let Some(name) = TAG_TYPES.into_iter().find(|name| rest.starts_with(name)) {
        let whole = !rest.get(name.len()..)?.starts_with(|c: char| c.is_ascii_alphanumeric());
        if whole {
            return Some((TokenKind::Word(name.to_owned()), name.len()));
        }
    }
    let mut best = address(rest).or_else(|| mac(rest));
    let longer = |best: &Option<(TokenKind, usize)>, length: usize| {
        best.as_ref().is_none_or(|(_, known)| length > *known)
    };
    if let Some((number, length)) = number(rest)
        && longer(&best, length)
    {
        best = Some((TokenKind::Number(number), length));
    }
    let length = time_length(rest);
    if length > 0 && longer(&best, length) {
        best = Some((TokenKind::Time(rest.get(..length)?.to_owned()), length));
    }
    let length = word_length(rest);
    if length > 0 && rest.starts_with(|c: char| c.is_alphabetic() || c == '_') && longer(&best, length) {
        let word = rest.get(..length)?.to_owned();
        best = Some(match rest.get(length..).and_then(star_length) {
            Some(star) => (TokenKind::Wildcard(word), length + star),
            None => (TokenKind::Word(word), length),
        });
    }
    best
}

/// `*` or `\*` right behind a word.
fn star_length(rest: &str) -> Option<usize> {
    if rest.starts_with('*') { Some(1) } else { rest.starts_with("\\*").then_some(2) }
}

/// The length of a word: letters, digits and `/ - _ .` after the first, as nft's scanner has it. A slash or dot at
/// the end belongs to what follows.
fn word_length(rest: &str) -> usize {
    let length = rest
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '.')))
        .unwrap_or(rest.len());
    rest.get(..length).map_or(0, |word| word.trim_end_matches(['/', '.']).len())
}

fn number(rest: &str) -> Option<(u128, usize)> {
    if let Some(hex) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
        let length = hex.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hex.len());
        let value = u128::from_str_radix(hex.get(..length)?, 16).ok()?;
        return Some((value, length + 2));
    }
    let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some((rest.get(..length)?.parse().ok()?, length))
}

fn time_length(rest: &str) -> usize {
    let mut at = 0;
    loop {
        let Some(tail) = rest.get(at..) else { return at };
        let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let unit = tail.get(digits..).unwrap_or("");
        let unit_length = ["ms", "d", "h", "m", "s"]
            .iter()
            .find(|known| unit.starts_with(**known))
            .map_or(0, |known| known.len());
        if digits == 0 || unit_length == 0 {
            return at;
        }
        at += digits + unit_length;
    }
}

/// The longest beginning that is an address. A word such as `face` or a number such as `10` is none.
fn address(rest: &str) -> Option<(TokenKind, usize)> {
    let run = rest.find(|c: char| !(c.is_ascii_hexdigit() || matches!(c, ':' | '.'))).unwrap_or(rest.len());
    // No address is longer than 45 characters (RFC 4291, section 2.2, form 3).
    let run = run.min(45);
    let head = rest.get(..run)?;
    if !head.contains([':', '.']) {
        return None;
    }
    (2..=run).rev().find_map(|length| {
        let text = head.get(..length)?;
        // `10.0.0.300` is no address with a number behind it.
        if rest.get(length..)?.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let address = match text.parse::<Ipv4Addr>() {
            Ok(four) => IpAddr::V4(four),
            Err(_) => IpAddr::V6(text.parse::<Ipv6Addr>().ok()?),
        };
        Some((TokenKind::Address(address), length))
    })
}

/// Six pairs of hexadecimal digits with colons.
fn mac(rest: &str) -> Option<(TokenKind, usize)> {
    let text = rest.get(..17)?;
    let pairs =
        text.split(':').filter(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit())).count();
    let closed = rest.get(17..)?.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':');
    (pairs == 6 && !closed).then(|| (TokenKind::Mac(text.to_ascii_lowercase()), 17))
}

fn sign(rest: &str) -> Option<(TokenKind, usize)> {
    SIGNS.iter().find(|sign| rest.starts_with(**sign)).map(|sign| (TokenKind::Sign(sign), sign.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> String {
        tokens(text)
            .into_iter()
            .map(|token| match token.kind {
                TokenKind::Word(word) => word,
                TokenKind::Wildcard(word) => format!("{word}*"),
                TokenKind::Quoted(text) => format!("{text:?}"),
                TokenKind::Number(number) => format!("#{number}"),
                TokenKind::Time(text) => format!("~{text}"),
                TokenKind::Address(address) => format!("<{address}>"),
                TokenKind::Mac(mac) => format!("<{mac}>"),
                TokenKind::Variable(name) => format!("${name}"),
                TokenKind::SetName(name) => format!("@{name}"),
                TokenKind::Sign(sign) => sign.to_owned(),
                TokenKind::Newline => "NL".to_owned(),
                TokenKind::Stray(c) => format!("?{c}"),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_longest_token_wins() {
        assert_eq!(kinds("10.0.0.1-10.0.0.9:80-90"), "<10.0.0.1> - <10.0.0.9> : #80 - #90");
        assert_eq!(kinds("fe80::/10 dead:beef::1 face"), "<fe80::> / #10 <dead:beef::1> face");
        assert_eq!(kinds("a.b eth0.10 eth* echo-request 22-80"), "a.b eth0.10 eth* echo-request #22 - #80");
        assert_eq!(kinds("aa:bb:cc:dd:ee:ff . 0x1f"), "<aa:bb:cc:dd:ee:ff> . #31");
        assert_eq!(kinds("timeout 1d2h 10/second"), "timeout ~1d2h #10 / second");
        assert_eq!(kinds("$x @y != \"a b\" # note\n;"), "$x @y != \"a b\" NL ;");
        assert_eq!(kinds("a \\\n b"), "a b");
        assert_eq!(kinds("tcp dport 22 # xt_recent drop"), "tcp dport #22 xt_recent drop");
        assert_eq!(kinds("10.0.0.300 10.0.0.1:80"), "#10 . #0 . #0 . #300 <10.0.0.1> : #80");
        assert_eq!(kinds("[::1]:80 ::"), "[ <::1> ] : #80 <::>");
    }
}
