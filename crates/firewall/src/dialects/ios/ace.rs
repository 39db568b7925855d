//! One entry of a list of packets: what it asks and what it does.

use super::config::{Action, Ask, v4};
use crate::dialects::cisco::{Os, icmp_code, icmp_type, port, port_range, protocol, wildcarded};
use crate::names::{Icmp, service_port};
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, Log, MaskedFlags, Reason, Undecidable};
use std::net::IpAddr;

/// An entry as it stands alone.
#[derive(Debug)]
pub(super) struct Ace {
    pub(super) action: Action,
    pub(super) asks: Vec<Ask>,
    pub(super) log: Option<Log>,
    /// What was not understood; the entry then holds an undecidable condition.
    pub(super) unclear: Option<String>,
}

/// Which lists an entry is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) version: IpVersion,
    /// Whether its entries name a source only.
    pub(super) standard: bool,
}

/// Reads an entry from its action on; `None` where the words are none.
pub(super) fn entry(kind: Kind, words: &[&str]) -> Option<Ace> {
    let end = words.iter().position(|word| word.starts_with('!')).unwrap_or(words.len());
    let mut reader = AceReader {
        words: words.get(..end).unwrap_or(words),
        at: 0,
        kind,
        protocols: IntervalSet::all(),
        asks: Vec::new(),
        log: None,
        reflect: None,
        unclear: None,
    };
    let action = reader.entry()?;
    let action = match (action, reader.reflect.take()) {
        (Action::Permit, Some(name)) => Action::Reflect(name),
        (action, _) => action,
    };
    if let Some(unclear) = &reader.unclear {
        let what = unclear.clone();
        reader.asks.push(Ask::This(Condition::Undecidable(Undecidable { what, reason: Reason::Unread })));
    }
    // An entry without an address holds of packets of its own version only.
    let restricted = reader
        .asks
        .iter()
        .any(|ask| matches!(ask, Ask::This(Condition::Source(_) | Condition::Destination(_))));
    if !restricted {
        reader.asks.insert(0, Ask::This(Condition::Version(kind.version)));
    }
    Some(Ace { action, asks: reader.asks, log: reader.log, unclear: reader.unclear })
}

struct AceReader<'w> {
    words: &'w [&'w str],
    at: usize,
    kind: Kind,
    /// The protocols of the packets, as far as the entry names them.
    protocols: IntervalSet<u8>,
    asks: Vec<Ask>,
    log: Option<Log>,
    reflect: Option<String>,
    unclear: Option<String>,
}

/// Which end of a packet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Source,
    Destination,
}

impl<'w> AceReader<'w> {
    fn peek(&self) -> Option<&'w str> {
        self.words.get(self.at).copied()
    }

    fn next(&mut self) -> Option<&'w str> {
        let word = self.peek();
        self.at += usize::from(word.is_some());
        word
    }

    fn next_is(&mut self, word: &str) -> bool {
        let is = self.peek() == Some(word);
        self.at += usize::from(is);
        is
    }

    fn ask(&mut self, condition: Condition) {
        self.asks.push(Ask::This(condition));
    }

    fn undecided(&mut self, from: usize, reason: Reason) {
        let what = self.words.get(from..self.at).unwrap_or_default().join(" ");
        self.ask(Condition::Undecidable(Undecidable { what, reason }));
    }

    /// Notes what was not understood; the first is told.
    fn unclear(&mut self, what: impl Into<String>) {
        let what = what.into();
        self.unclear.get_or_insert(what);
    }

    fn entry(&mut self) -> Option<Action> {
        if self.next_is("dynamic") {
            let from = self.at;
            self.next();
            if self.next_is("timeout") {
                self.next();
            }
            let what = format!("dynamic {}", self.words.get(from).copied().unwrap_or_default());
            self.ask(Condition::Undecidable(Undecidable { what, reason: Reason::DynamicSet }));
        }
        match self.next()? {
            "evaluate" => Some(Action::Evaluate(self.next().unwrap_or_default().to_owned())),
            "permit" => self.body().then_some(Action::Permit),
            "deny" => self.body().then_some(Action::Deny),
            _ => None,
        }
    }

    /// Everything behind the action.
    fn body(&mut self) -> bool {
        if self.kind.standard {
            self.address(End::Source);
        } else {
            self.protocol();
            self.address(End::Source);
            self.ports(End::Source);
            self.address(End::Destination);
            self.ports(End::Destination);
        }
        while self.at < self.words.len() {
            self.option();
        }
        true
    }

    fn protocol(&mut self) {
        let Some(word) = self.next() else { return self.unclear("no protocol") };
        if word == "object-group" {
            match self.next() {
                Some(name) => self.asks.push(Ask::ServiceGroup(name.to_owned())),
                None => self.unclear("no name of an object group"),
            }
            return;
        }
        let set = match (self.kind.version, word) {
            (IpVersion::V6, "icmp") => Some(IntervalSet::one(58)),
            (IpVersion::V4, "ipv6") => Some(IntervalSet::one(41)),
            _ => protocol(word),
        };
        match set {
            Some(set) => {
                if !set.is_all() {
                    self.ask(Condition::Protocol(set.clone()));
                }
                self.protocols = set;
            }
            None => self.unclear(format!("protocol {word}")),
        }
    }

    fn address(&mut self, end: End) {
        let from = self.at;
        let Some(word) = self.next() else { return self.unclear("no address") };
        let set = match word {
            "any" | "any4" | "any6" => return,
            "object-group" | "addrgroup" | "net-group" => return self.group(end),
            "host" => match self.next() {
                Some(name) => match name.parse::<IpAddr>() {
                    Ok(address) => AddressSet::range(address, address),
                    Err(_) => return self.undecided(from, Reason::Name),
                },
                None => None,
            },
            word => self.network(word),
        };
        match set {
            Some(set) if set == AddressSet::all_of(self.kind.version) => {}
            Some(set) => self.ask(match end {
                End::Source => Condition::Source(set),
                End::Destination => Condition::Destination(set),
            }),
            None => {
                let what = self.words.get(from..self.at).unwrap_or_default().join(" ");
                self.unclear(format!("address {what}"));
            }
        }
    }

    fn group(&mut self, end: End) {
        match self.next() {
            Some(name) if end == End::Source => self.asks.push(Ask::SourceGroup(name.to_owned())),
            Some(name) => self.asks.push(Ask::DestinationGroup(name.to_owned())),
            None => self.unclear("no name of an object group"),
        }
    }

    /// An address with a prefix length or a wildcard; in a standard list, also alone.
    fn network(&mut self, word: &str) -> Option<AddressSet> {
        if let Some((address, length)) = word.split_once('/') {
            return AddressSet::prefix(address.parse().ok()?, length.parse().ok()?);
        }
        let address = v4(word)?;
        match self.peek().and_then(v4) {
            Some(wildcard) => {
                self.at += 1;
                wildcarded(address, wildcard)
            }
            None if self.kind.standard => AddressSet::range(address.into(), address.into()),
            None => None,
        }
    }

    /// The one protocol whose ports are meant, if it is one.
    fn port_protocol(&self) -> Option<u8> {
        match self.protocols.intervals() {
            [(first, last)] if first == last => Some(*first),
            _ => None,
        }
    }

    fn port(&self, word: &str) -> Option<u16> {
        // Relatives of IOS know more names, which are those of the IANA registry.
        port(Os::Ios, self.port_protocol(), word).map(|port| port.number).or_else(|| service_port(word))
    }

    fn ports(&mut self, end: End) {
        let Some(operator) = self.peek() else { return };
        if operator == "portgroup" || operator == "port-group" {
            self.at += 1;
            match self.next() {
                Some(name) if end == End::Source => self.asks.push(Ask::SourcePorts(name.to_owned())),
                Some(name) => self.asks.push(Ask::DestinationPorts(name.to_owned())),
                None => self.unclear("no name of a port group"),
            }
            return;
        }
        if !["eq", "neq", "lt", "gt", "range"].contains(&operator) {
            return;
        }
        self.at += 1;
        let mut numbers = Vec::new();
        while let Some(number) = self.peek().and_then(|word| self.port(word)) {
            if operator == "range" && numbers.len() == 2
                || ["lt", "gt"].contains(&operator) && numbers.len() == 1
            {
                break;
            }
            numbers.push(number);
            self.at += 1;
        }
        let set = match (operator, numbers.as_slice()) {
            ("range", [first, last]) => port_range(operator, *first, *last),
            ("eq", [_, ..]) => Some(IntervalSet::from_ranges(numbers.iter().map(|one| (*one, *one)))),
            ("neq", [_, ..]) => {
                Some(IntervalSet::from_ranges(numbers.iter().map(|one| (*one, *one))).complement())
            }
            ("lt" | "gt", [one]) => port_range(operator, *one, *one),
            _ => None,
        };
        let Some(set) = set else {
            let word = self.next().unwrap_or_default();
            return self.unclear(format!("port {operator} {word}").trim_end());
        };
        self.ask(match end {
            End::Source => Condition::SourcePort(set),
            End::Destination => Condition::DestinationPort(set),
        });
    }

    fn option(&mut self) {
        let from = self.at;
        let Some(word) = self.next() else { return };
        match word {
            "log" | "log-input" => self.log_option(word),
            "established" => self.ask(Condition::TcpFlags(MaskedFlags::any(ACK | RST))),
            "fragments" | "fragment" => self.ask(Condition::LaterFragment(true)),
            "match-all" | "match-any" => self.flag_list(word == "match-all"),
            "time-range" => match self.next() {
                Some(name) => self.asks.push(Ask::Time(name.to_owned())),
                None => self.unclear("no name of a time range"),
            },
            "reflect" => {
                self.reflect = self.next().map(str::to_owned);
                if self.next_is("timeout") {
                    self.next();
                }
            }
            "sequence" | "capture" => {
                if word == "capture" {
                    self.next_is("session");
                }
                self.next();
            }
            "ttl" | "hop-limit" | "packet-length" | "pkt-len" => {
                let operator = self.next();
                self.next();
                if operator == Some("range") {
                    self.next();
                }
                self.undecided(from, Reason::Header);
            }
            "dscp" | "precedence" | "tos" | "option" | "flow-label" | "cos" | "vlan" | "dest-option-type"
            | "mobility-type" | "routing-type" | "qos-group" | "tcp-option-length" => {
                self.next();
                self.undecided(from, Reason::Header);
            }
            "routing" | "mobility" | "dest-option" | "hbh" | "auth" | "undetermined-transport" => {
                self.undecided(from, Reason::Header);
            }
            "http-method" => {
                self.next();
                self.undecided(from, Reason::Payload);
            }
            _ if flag(word).is_some() => self.bare_flags(word),
            _ => self.type_option(word, from),
        }
    }

    fn log_option(&mut self, word: &str) {
        let from = self.at - 1;
        // A label behind `log`; on other systems of the maker a level and an interval.
        if self.peek().is_some_and(|next| next != "interval" && !is_option(next)) {
            self.at += 1;
        }
        if self.next_is("interval") {
            self.next();
        }
        let options = match self.at - from {
            1 if word == "log" => Vec::new(),
            _ => vec![self.words.get(from..self.at).unwrap_or_default().join(" ")],
        };
        self.log = Some(Log { prefix: None, options });
    }

    /// `match-all +syn -ack`, `match-any +ack +rst`.
    fn flag_list(&mut self, all: bool) {
        let mut wanted: Vec<(u8, bool)> = Vec::new();
        while let Some(word) = self.peek() {
            let (set, name) = match (word.strip_prefix('+'), word.strip_prefix('-')) {
                (Some(name), _) => (true, name),
                (_, Some(name)) => (false, name),
                _ => break,
            };
            match flag(name) {
                Some(bit) => wanted.push((bit, set)),
                None => self.unclear(format!("TCP flag {word}")),
            }
            self.at += 1;
        }
        if wanted.is_empty() {
            return self.unclear("no TCP flags");
        }
        let mask = wanted.iter().fold(0, |mask, (bit, _)| mask | bit);
        let holds = |flags: u8, (bit, set): &(u8, bool)| (flags & bit != 0) == *set;
        let flags = MaskedFlags::filtered(mask, |flags| match all {
            true => wanted.iter().all(|one| holds(flags, one)),
            false => wanted.iter().any(|one| holds(flags, one)),
        });
        self.ask(Condition::TcpFlags(flags));
    }

    /// `syn ack …`: at least one of them is set.
    fn bare_flags(&mut self, first: &str) {
        let mut mask = flag(first).unwrap_or_default();
        while let Some(bit) = self.peek().and_then(flag) {
            mask |= bit;
            self.at += 1;
        }
        self.ask(Condition::TcpFlags(MaskedFlags::any(mask)));
    }

    /// Types of ICMP and IGMP, and what is not known.
    fn type_option(&mut self, word: &str, from: usize) {
        let icmp = match self.port_protocol() {
            Some(1) => Icmp::V4,
            Some(58) => Icmp::V6,
            Some(2) => return self.undecided(from, Reason::Header),
            _ => return self.unclear(word),
        };
        let Some((kind, code)) = icmp_type(icmp, word) else {
            return self.unclear(format!("ICMP type {word}"));
        };
        self.ask(Condition::IcmpType(IntervalSet::one(kind)));
        let code = code.or_else(|| {
            let code = self.peek().and_then(icmp_code)?;
            self.at += 1;
            Some(code)
        });
        if let Some(code) = code {
            self.ask(Condition::IcmpCode(IntervalSet::one(code)));
        }
    }
}

const ACK: u8 = 16;
const RST: u8 = 4;

fn flag(name: &str) -> Option<u8> {
    Some(match name {
        "fin" => 1,
        "syn" => 2,
        "rst" => RST,
        "psh" => 8,
        "ack" => ACK,
        "urg" => 32,
        _ => return None,
    })
}

fn is_option(word: &str) -> bool {
    [
        "established",
        "fragments",
        "match-all",
        "match-any",
        "time-range",
        "reflect",
        "sequence",
        "ttl",
        "dscp",
        "precedence",
        "tos",
        "option",
        "log",
        "log-input",
        "packet-length",
    ]
    .contains(&word)
        || flag(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(version: IpVersion, standard: bool, line: &str) -> String {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ace = entry(Kind { version, standard }, &words).unwrap();
        let asks = ace.asks.iter().map(|ask| match ask {
            Ask::This(condition) => condition.to_string(),
            other => format!("{other:?}"),
        });
        asks.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn entries_ask_what_they_say() {
        let v4 = |line| text(IpVersion::V4, false, line);
        assert_eq!(v4("permit ip any any"), "ipv4");
        assert_eq!(v4("permit ip host 1.2.3.4 any log TAG"), "src=1.2.3.4");
        assert_eq!(
            v4("permit tcp 10.0.0.0 0.0.255.255 gt 1023 host 10.1.0.1 eq www 443 8080 established"),
            "proto=6 src=10.0.0.0/16 sport=1024-65535 dst=10.1.0.1 dport=80,443,8080 tcp-flags=0x14/4,16,20"
        );
        assert_eq!(v4("permit tcp any any match-all +syn -ack"), "ipv4 proto=6 tcp-flags=0x12/2");
        assert_eq!(v4("permit icmp any any 3 4"), "ipv4 proto=1 icmp-type=3 icmp-code=4");
        assert_eq!(v4("permit icmp any any unreachable"), "ipv4 proto=1 icmp-type=3");
        assert_eq!(v4("permit tcp any any eq mlag"), "ipv4 proto=6 ?unread(port eq mlag)");
        assert_eq!(v4("deny ip any any dscp ef log"), "ipv4 ?header(dscp ef)");
        assert_eq!(
            v4("permit udp any neq 53 67 any range 10 20"),
            "ipv4 proto=17 sport=0-52,54-66,68-65535 dport=10-20"
        );
        assert_eq!(
            v4("permit ip 10.0.0.0 255.255.255.0 any"),
            "ipv4 ?unread(address 10.0.0.0 255.255.255.0)"
        );
        assert_eq!(v4("permit tcp any host plc1 eq 502"), "ipv4 proto=6 ?name(host plc1) dport=502");
        assert_eq!(text(IpVersion::V4, true, "permit 10.1.0.0 0.0.0.255"), "src=10.1.0.0/24");
        assert_eq!(text(IpVersion::V4, true, "permit 10.1.0.9 log"), "src=10.1.0.9");
        assert_eq!(
            text(IpVersion::V6, false, "permit icmp 2001:db8::/32 any echo-request"),
            "proto=58 src=2001:db8::/32 icmp-type=128"
        );
    }
}
