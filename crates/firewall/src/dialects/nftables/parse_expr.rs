//! Expressions of nftables text.

use super::ast::{BinaryOp, Element, Expr, Selector, VerdictExpr};
use super::lexer::TokenKind;
use super::parser::{Parser, Stop};
use crate::ruleset::Reason;

/// Deepest nesting of braces, parentheses and maps.
pub(super) const DEPTH_MAX: u32 = 32;

/// Most nodes that variables may unfold to in one file.
pub(super) const UNFOLDED_NODES_MAX: usize = 4_000_000;

/// Whether words may begin a selector (`meta mark`), or stand for themselves (`tcp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    Symbols,
    Selectors,
}

/// Meta keys that may stand without `meta`.
const BARE_META: [&str; 22] = [
    "mark",
    "iif",
    "iifname",
    "iiftype",
    "oif",
    "oifname",
    "oiftype",
    "skuid",
    "skgid",
    "nftrace",
    "rtclassid",
    "ibriport",
    "obriport",
    "ibrname",
    "obrname",
    "ibridgename",
    "obridgename",
    "pkttype",
    "cpu",
    "iifgroup",
    "oifgroup",
    "cgroup",
];

/// Headers whose fields are looked at.
const HEADERS: [&str; 26] = [
    "ether", "vlan", "arp", "ip", "ip6", "icmp", "icmpv6", "igmp", "ah", "esp", "comp", "udp", "udplite",
    "tcp", "dccp", "sctp", "th", "vxlan", "geneve", "gre", "gretap", "hbh", "dst", "mh", "frag", "srh",
];

impl Parser<'_> {
    /// A right-hand side: `a,b`, `{ … }`, `1-9`, `a . b`.
    pub(super) fn expr(&mut self, words: Words) -> Result<Expr, Stop> {
        let first = self.concat(words)?;
        if !self.peek_sign(",") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.eat_sign(",") {
            self.skip_newlines();
            items.push(self.concat(words)?);
        }
        Ok(Expr::List(items))
    }

    /// `a . b`, or one term. A map behind a concatenation takes the whole of it as its key: nft binds `.` closer than `map`.
    pub(super) fn concat(&mut self, words: Words) -> Result<Expr, Stop> {
        let first = self.term(words)?;
        if !self.peek_sign(".") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.eat_sign(".") {
            self.skip_newlines();
            parts.push(self.term(words)?);
        }
        match parts.pop() {
            Some(Expr::Map(key, data)) => {
                parts.push(*key);
                Ok(Expr::Map(Box::new(Expr::Concat(parts)), data))
            }
            Some(last) => {
                parts.push(last);
                Ok(Expr::Concat(parts))
            }
            None => Ok(Expr::Concat(parts)),
        }
    }

    /// Terms joined by operators on bits. nft binds `&` before `^` before `|`, shifts first.
    fn term(&mut self, words: Words) -> Result<Expr, Stop> {
        self.binary(words, 0)
    }

    fn binary(&mut self, words: Words, level: usize) -> Result<Expr, Stop> {
        const LEVELS: [&[(&str, &str, BinaryOp)]; 4] = [
            &[("|", "or", BinaryOp::Or)],
            &[("^", "xor", BinaryOp::Xor)],
            &[("&", "and", BinaryOp::And)],
            &[("<<", "lshift", BinaryOp::Left), (">>", "rshift", BinaryOp::Right)],
        ];
        let Some(operators) = LEVELS.get(level) else { return self.range(words) };
        let mut left = self.binary(words, level + 1)?;
        while let Some((.., op)) =
            operators.iter().find(|(sign, word, _)| self.peek_sign(sign) || self.peek_word(word))
        {
            self.advance();
            self.skip_newlines();
            let right = self.binary(words, level + 1)?;
            left = Expr::Binary(*op, Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    /// `first-last`, `address/length`, or an atom.
    fn range(&mut self, words: Words) -> Result<Expr, Stop> {
        let first = self.atom(words)?;
        if self.peek_sign("/") && matches!(self.peek_at(1), Some(TokenKind::Number(_))) {
            self.advance();
            if let Some(TokenKind::Number(length)) = self.advance()
                && let Ok(length) = u8::try_from(length)
            {
                return Ok(Expr::Prefix(Box::new(first), length));
            }
            return Err(self.stop("a prefix length up to 128"));
        }
        if self.peek_sign("-") && !matches!(first, Expr::Set(_) | Expr::SetRef(_)) {
            self.advance();
            let last = self.atom(words)?;
            return Ok(Expr::Range(Box::new(first), Box::new(last)));
        }
        Ok(first)
    }

    fn atom(&mut self, words: Words) -> Result<Expr, Stop> {
        self.deepen()?;
        let atom = self.atom_within(words);
        self.depth -= 1;
        let mut atom = atom?;
        while self.peek_word("map") {
            self.advance();
            let data = self.map_data()?;
            atom = Expr::Map(Box::new(atom), Box::new(data));
        }
        Ok(atom)
    }

    fn atom_within(&mut self, words: Words) -> Result<Expr, Stop> {
        if words == Words::Selectors
            && let Some(selector) = self.selector()?
        {
            return Ok(Expr::Selector(selector));
        }
        let found = match self.peek() {
            Some(TokenKind::Word(word) | TokenKind::Quoted(word)) => match word.strip_suffix('*') {
                Some(start) => Expr::Wildcard(start.to_owned()),
                None => Expr::Word(word.clone()),
            },
            Some(TokenKind::Time(text) | TokenKind::Mac(text)) => Expr::Word(text.clone()),
            Some(TokenKind::Wildcard(start)) => Expr::Wildcard(start.clone()),
            Some(TokenKind::Number(number)) => Expr::Number(*number),
            Some(TokenKind::Address(address)) => Expr::Address(*address),
            Some(TokenKind::SetName(name)) => Expr::SetRef(name.clone()),
            Some(TokenKind::Variable(name)) => {
                let name = name.clone();
                self.unfold(&name)
            }
            Some(TokenKind::Sign("*")) => Expr::CatchAll,
            Some(TokenKind::Sign("{")) => return self.set_literal(),
            Some(TokenKind::Sign("(")) => return self.enclosed(")", words),
            Some(TokenKind::Sign("[")) => return self.enclosed("]", words),
            _ => return Err(self.stop("a value")),
        };
        self.advance();
        Ok(found)
    }

    fn enclosed(&mut self, close: &'static str, words: Words) -> Result<Expr, Stop> {
        self.advance();
        self.skip_newlines();
        let inner = self.expr(words)?;
        self.skip_newlines();
        self.expect_sign(close)?;
        Ok(inner)
    }

    /// `@name`, `$name` or `{ key : data, … }` behind `map` or `vmap`.
    pub(super) fn map_data(&mut self) -> Result<Expr, Stop> {
        self.skip_newlines();
        self.concat(Words::Symbols)
    }

    /// `{ a, b : data, … }`. Line breaks do not count within.
    pub(super) fn set_literal(&mut self) -> Result<Expr, Stop> {
        self.expect_sign("{")?;
        let mut elements = Vec::new();
        loop {
            self.skip_newlines();
            if self.eat_sign("}") {
                return Ok(Expr::Set(elements));
            }
            let element = self.element()?;
            match element {
                // A variable that holds a set: its elements count, not the set.
                Element { key: Expr::Set(inner), data: None } => elements.extend(inner),
                element => elements.push(element),
            }
            self.skip_newlines();
            if !self.eat_sign(",") && !self.peek_sign("}") {
                return Err(self.stop("`,` or `}`"));
            }
        }
    }

    fn element(&mut self) -> Result<Element, Stop> {
        let key = self.concat(Words::Symbols)?;
        self.element_options()?;
        self.skip_newlines();
        let data = if self.eat_sign(":") {
            self.skip_newlines();
            Some(match self.verdict() {
                Some(verdict) => Expr::Verdict(verdict?),
                None => self.concat(Words::Symbols)?,
            })
        } else {
            None
        };
        self.element_options()?;
        Ok(Element { key, data })
    }

    /// What may stand behind an element: time out, counters, comment. A rate limit is read by the caller's statement.
    fn element_options(&mut self) -> Result<(), Stop> {
        while let Some(TokenKind::Word(word)) = self.peek() {
            let values = match word.as_str() {
                "timeout" | "expires" | "comment" | "packets" | "bytes" => 1,
                "counter" => 0,
                "last" | "limit" | "quota" | "ct" => {
                    self.limited = true;
                    self.skip_until_element_end();
                    continue;
                }
                _ => return Ok(()),
            };
            self.advance();
            for _ in 0..values {
                self.advance();
            }
        }
        Ok(())
    }

    /// A verdict, if one stands here.
    pub(super) fn verdict(&mut self) -> Option<Result<VerdictExpr, Stop>> {
        let Some(TokenKind::Word(word)) = self.peek() else { return None };
        let simple = match word.as_str() {
            "accept" => VerdictExpr::Accept,
            "drop" => VerdictExpr::Drop,
            "continue" => VerdictExpr::Continue,
            "return" => VerdictExpr::Return,
            "jump" | "goto" => {
                let jump = word == "jump";
                self.advance();
                let target = match self.name("a chain") {
                    Ok(name) => name,
                    Err(stop) => return Some(Err(stop)),
                };
                return Some(Ok(if jump { VerdictExpr::Jump(target) } else { VerdictExpr::Goto(target) }));
            }
            _ => return None,
        };
        self.advance();
        Some(Ok(simple))
    }

    /// What of the packet is looked at, if something stands here that begins so.
    pub(super) fn selector(&mut self) -> Result<Option<Selector>, Stop> {
        if let Some(TokenKind::SetName(base)) = self.peek()
            && ["ll", "nh", "th", "ih"].contains(&base.as_str())
            && matches!(self.peek_at(1), Some(TokenKind::Sign(",")))
        {
            let start = self.position();
            for _ in 0..5 {
                self.advance();
            }
            return Ok(Some(raw_payload(self.text_since(start))));
        }
        let Some(TokenKind::Word(word)) = self.peek().cloned() else { return Ok(None) };
        let next = match self.peek_at(1) {
            Some(TokenKind::Word(next)) => Some(next.clone()),
            _ => None,
        };
        match (word.as_str(), next) {
            ("meta", Some(key)) => {
                self.advance();
                self.advance();
                Ok(Some(Selector::Meta(key)))
            }
            ("ct", Some(_)) => self.ct_selector().map(Some),
            ("tcp" | "ip" | "dccp", Some(field)) if field == "option" => self.opaque(Reason::Header, 4),
            ("sctp", Some(field)) if field == "chunk" => self.opaque(Reason::Header, 4),
            ("rt", Some(field)) if field == "ip" || field == "ip6" => self.opaque(Reason::Route, 3),
            ("rt" | "rt0" | "rt2" | "rt4", Some(_)) => self.opaque(Reason::Route, 2),
            ("exthdr", Some(_)) => self.opaque(Reason::Header, 2),
            ("fib", Some(_)) => self.fib(),
            ("socket", Some(field)) => self.opaque(Reason::Owner, if field == "cgroupv2" { 4 } else { 2 }),
            ("osf", Some(field)) => self.opaque(Reason::Payload, if field == "ttl" { 4 } else { 2 }),
            ("ipsec", Some(_)) => self.opaque(Reason::Connection, 3),
            ("numgen", Some(_)) => self.generator(Reason::Random),
            ("jhash" | "symhash", _) => self.generator(Reason::Random),
            ("day" | "hour" | "time", _) => self.opaque(Reason::Time, 1),
            (header, Some(field)) if HEADERS.contains(&header) && is_field(header, &field) => {
                self.advance();
                self.advance();
                Ok(Some(Selector::Payload { protocol: word, field }))
            }
            (key, _) if BARE_META.contains(&key) => {
                self.advance();
                Ok(Some(Selector::Meta(word)))
            }
            _ => Ok(None),
        }
    }

    fn ct_selector(&mut self) -> Result<Selector, Stop> {
        self.advance();
        let mut key = self.name("a key of the connection")?;
        let mut direction = None;
        if key == "original" || key == "reply" {
            direction = Some(key);
            key = self.name("a key of the connection")?;
            if (key == "ip" || key == "ip6")
                && let Some(TokenKind::Word(field)) = self.peek().cloned()
            {
                self.advance();
                key = format!("{key} {field}");
            }
        }
        Ok(Selector::Ct { key, direction })
    }

    /// `fib KEY . KEY RESULT`.
    fn fib(&mut self) -> Result<Option<Selector>, Stop> {
        let start = self.position();
        self.advance();
        self.advance();
        while self.eat_sign(".") {
            self.advance();
        }
        self.advance();
        Ok(Some(Selector::Opaque { text: self.text_since(start), reason: Reason::Route }))
    }

    /// `numgen inc mod 2 offset 1`, `jhash ip saddr . tcp dport mod 2 seed 1`.
    fn generator(&mut self, reason: Reason) -> Result<Option<Selector>, Stop> {
        let start = self.position();
        while !self.peek_word("mod") && !self.at_statement_end() {
            self.advance();
        }
        self.advance();
        self.advance();
        while self.peek_word("offset") || self.peek_word("seed") {
            self.advance();
            self.advance();
        }
        Ok(Some(Selector::Opaque { text: self.text_since(start), reason }))
    }

    /// Up to `words` words; `exists` and `missing` are values and left for the other side.
    fn opaque(&mut self, reason: Reason, words: usize) -> Result<Option<Selector>, Stop> {
        let start = self.position();
        for _ in 0..words {
            if !self.at_statement_end() && !self.peek_word("exists") && !self.peek_word("missing") {
                self.advance();
            }
        }
        Ok(Some(Selector::Opaque { text: self.text_since(start), reason }))
    }
}

/// Bytes by their place; those where ports stand are ports.
pub(super) fn raw_payload(text: String) -> Selector {
    let field = match text.as_str() {
        "@th,0,16" => "sport",
        "@th,16,16" => "dport",
        _ => return Selector::Opaque { text, reason: Reason::Header },
    };
    Selector::Payload { protocol: "th".to_owned(), field: field.to_owned() }
}

/// Whether `field` is a field of `header`: words such as `tcp` also stand for values (`ip protocol tcp accept`).
fn is_field(header: &str, field: &str) -> bool {
    let fields: &[&str] = match header {
        "ether" => &["saddr", "daddr", "type"],
        "vlan" => &["id", "cfi", "dei", "pcp", "type"],
        "arp" => &["htype", "ptype", "hlen", "plen", "operation", "saddr", "daddr"],
        "ip" => &[
            "saddr",
            "daddr",
            "protocol",
            "dscp",
            "ecn",
            "length",
            "id",
            "frag-off",
            "ttl",
            "checksum",
            "hdrlength",
            "version",
        ],
        "ip6" => &["saddr", "daddr", "nexthdr", "dscp", "ecn", "flowlabel", "length", "hoplimit", "version"],
        "icmp" | "icmpv6" | "igmp" => &[
            "type",
            "code",
            "checksum",
            "id",
            "sequence",
            "gateway",
            "mtu",
            "mrt",
            "group",
            "parameter-problem",
            "packet-too-big",
            "max-delay",
            "taddr",
            "daddr",
        ],
        "udp" | "udplite" | "tcp" | "dccp" | "sctp" | "th" => &[
            "sport", "dport", "length", "checksum", "csumcov", "sequence", "ackseq", "doff", "reserved",
            "flags", "window", "urgptr", "type", "vtag",
        ],
        "ah" | "esp" | "comp" => &["nexthdr", "reserved", "hdrlength", "spi", "sequence", "flags", "cpi"],
        "vxlan" | "geneve" => &["vni", "flags", "type"],
        "gre" | "gretap" => &["version", "flags", "protocol"],
        _ => &[
            "nexthdr",
            "hdrlength",
            "type",
            "reserved",
            "frag-off",
            "reserved2",
            "more-fragments",
            "id",
            "seg-left",
            "last-entry",
            "flags",
            "tag",
            "sid",
            "checksum",
        ],
    };
    fields.contains(&field)
}
