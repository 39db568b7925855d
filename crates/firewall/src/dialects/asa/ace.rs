//! Entries of access lists: words to conditions.

use super::address::{Addresses, End};
use super::config::{Config, GroupKind, ServiceItem, Statement};
use super::cursor::Cursor;
use super::ports::{Ports, is_operator, read_ports, services};
use crate::dialects::cisco::{icmp_code, icmp_type, protocol};
use crate::dialects::{GroupProblem, Service, one_of};
use crate::names::Icmp;
use crate::ruleset::{
    Condition, Counter, IntervalSet, IpVersion, Log, NamePattern, NameSet, Reason, Undecidable,
};
use std::collections::BTreeMap;

/// An entry, understood as far as possible.
#[derive(Debug, Clone, Default)]
pub(super) struct Ace {
    /// Permits or denies; `None` where that is not told.
    pub(super) permit: Option<bool>,
    pub(super) conditions: Vec<Condition>,
    pub(super) log: Option<Log>,
    pub(super) counter: Option<Counter>,
    pub(super) until: Option<jiff::civil::DateTime>,
    pub(super) inactive: bool,
    /// What was not understood; then a condition says so as well.
    pub(super) problems: Vec<String>,
}

/// Reads entries, and remembers what groups hold.
pub(super) struct AceReader<'c, 'a> {
    config: &'c Config<'a>,
    addresses: BTreeMap<String, Addresses>,
    services: BTreeMap<String, Vec<ServiceItem>>,
}

impl<'c, 'a> AceReader<'c, 'a> {
    pub(super) fn new(config: &'c Config<'a>) -> Self {
        Self { config, addresses: BTreeMap::new(), services: BTreeMap::new() }
    }

    /// `permit|deny PROTOCOL SOURCE [PORTS] DESTINATION [PORTS|ICMP] [OPTIONS]`.
    pub(super) fn extended(&mut self, statement: &Statement<'_>, ipv6: bool) -> Ace {
        let mut ace = Ace::default();
        if ipv6 {
            ace.conditions.push(Condition::Version(IpVersion::V6));
        }
        let mut words = Cursor::new(&statement.words);
        if let Err(problem) = self.extended_words(&mut words, &mut ace) {
            unread(&mut ace, problem);
            // What stands at the end is read all the same.
            let rest = words.rest();
            let inactive =
                statement.words.last().is_some_and(|word| word.text == "inactive") && !rest.is_empty();
            ace.inactive |= inactive;
        }
        ace
    }

    /// `permit|deny any|host A|A MASK` of a standard list, which tells destinations.
    pub(super) fn standard(&mut self, statement: &Statement<'_>) -> Ace {
        let mut ace = Ace::default();
        let mut words = Cursor::new(&statement.words);
        ace.permit = words.next().map(|word| word == "permit");
        let address = self.address(&mut words, &mut ace);
        let ended = address.and_then(|address| {
            ace.conditions.extend(address.condition(End::Destination));
            self.options(&mut words, &mut ace)
        });
        if let Err(problem) = ended {
            unread(&mut ace, problem);
        }
        ace
    }

    fn extended_words(&mut self, words: &mut Cursor<'_, '_>, ace: &mut Ace) -> Result<(), String> {
        let mut trusted = false;
        match words.next() {
            Some("permit") => ace.permit = Some(true),
            Some("deny") => ace.permit = Some(false),
            // Of Firepower: past the inspection.
            Some("trust") => {
                ace.permit = Some(true);
                trusted = true;
            }
            other => {
                return Err(format!("expected `permit` or `deny`, found `{}`", other.unwrap_or_default()));
            }
        }
        let what = self.protocol(words, ace)?;
        let source = self.end(words, ace, End::Source)?;
        ace.conditions.extend(source.condition(End::Source));
        let (source_ports, what) = self.source_ports(words, what, ace)?;
        let destination = self.end(words, ace, End::Destination)?;
        ace.conditions.extend(destination.condition(End::Destination));
        self.rest_of_service(words, ace, what, source_ports)?;
        let inspected = words.rest().iter().any(|word| word.text == "rule-id");
        if inspected && !trusted && ace.permit == Some(true) {
            let what = "inspection behind the entry".to_owned();
            ace.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Payload }));
        }
        self.options(words, ace)
    }

    /// What stands in the place of the protocol.
    fn protocol(&mut self, words: &mut Cursor<'_, '_>, ace: &mut Ace) -> Result<What, String> {
        let word = words.next().ok_or_else(|| "expected a protocol, found the end of the line".to_owned())?;
        if word != "object" && word != "object-group" {
            let protocols = protocol(word).ok_or_else(|| format!("expected a protocol, found `{word}`"))?;
            match word {
                "ipv4" => ace.conditions.push(Condition::Version(IpVersion::V4)),
                "ipv6" => ace.conditions.push(Condition::Version(IpVersion::V6)),
                _ => {}
            }
            return Ok(What::Protocols(protocols, None));
        }
        let name = words.next().ok_or_else(|| format!("expected a name behind `{word}`"))?;
        match self.config.kinds.get(name) {
            Some(GroupKind::Protocol) => {
                let items = self.items(name, ace);
                let mut protocols = IntervalSet::none();
                let mut unknown = None;
                for item in &items {
                    match item {
                        ServiceItem::Protocols(more) => protocols = protocols.union(more),
                        ServiceItem::Unknown(what) => unknown = Some(what.clone()),
                        _ => {}
                    }
                }
                Ok(What::Protocols(protocols, unknown))
            }
            Some(GroupKind::Service(_) | GroupKind::IcmpType) => {
                let items = self.items(name, ace);
                Ok(What::Services(self.as_services(&items, ace)))
            }
            _ => {
                // The services that the system itself defines are those that a name of a port or ICMP type tells.
                Ok(What::Services(predefined(name).unwrap_or_else(|| {
                    ace.problems.push(format!("`{name}` is not defined as a service or protocol"));
                    vec![unknown_service(format!("service {name}"))]
                })))
            }
        }
    }

    fn items(&mut self, name: &str, ace: &mut Ace) -> Vec<ServiceItem> {
        if let Some(known) = self.services.get(name) {
            return known.clone();
        }
        let mut problems = Vec::new();
        let mut items = self.config.services.things(name, &mut problems).unwrap_or_default();
        for problem in problems {
            if let GroupProblem::Missing(missing, _) = problem {
                ace.problems.push(format!("group `{missing}` within `{name}` is not defined"));
                items.push(ServiceItem::Unknown(Undecidable {
                    what: format!("group {missing}"),
                    reason: Reason::Name,
                }));
            }
        }
        self.services.insert(name.to_owned(), items.clone());
        items
    }

    /// Members of a group in the place of a protocol.
    fn as_services(&self, items: &[ServiceItem], ace: &mut Ace) -> Vec<Service> {
        let mut found = Vec::new();
        for item in items {
            match item {
                ServiceItem::Services(services) => found.extend(services.iter().cloned()),
                ServiceItem::Protocols(protocols) => {
                    found.push(Service { protocols: protocols.clone(), ..Service::any() });
                }
                ServiceItem::Ports(ports) => {
                    let both = IntervalSet::from_ranges([(6, 6), (17, 17)]);
                    let what = "ports of a group that does not tell the protocol";
                    let undecided = Undecidable { what: what.to_owned(), reason: Reason::Name };
                    let mut services = services(&both, &Ports::all(), ports);
                    services.iter_mut().for_each(|service| service.undecidable = Some(undecided.clone()));
                    found.extend(services);
                }
                ServiceItem::IcmpType(word) => match icmp_service(Icmp::V4, word, None) {
                    Some(service) => found.push(service),
                    None => ace.problems.push(format!("expected an ICMP type, found `{word}`")),
                },
                ServiceItem::Unknown(what) => {
                    found.push(Service { undecidable: Some(what.clone()), ..Service::any() });
                }
            }
        }
        found
    }

    /// One end: interface, users and security groups, and the address.
    fn end(&mut self, words: &mut Cursor<'_, '_>, ace: &mut Ace, end: End) -> Result<Addresses, String> {
        loop {
            let (what, count) = match words.peek() {
                Some("user" | "user-group" | "object-group-user" | "object-group-security") => {
                    (Reason::Name, 2)
                }
                Some("security-group") => (Reason::Name, 3),
                Some("ifc") => {
                    words.next();
                    let name = words.next().ok_or("expected an interface behind `ifc`")?;
                    let names = NameSet::of(vec![NamePattern::Exact(name.to_owned())]);
                    ace.conditions.push(match end {
                        End::Source => Condition::InInterface(names),
                        End::Destination => Condition::OutInterface(names),
                    });
                    continue;
                }
                _ => return self.address(words, ace),
            };
            let text: Vec<&str> = (0..count).filter_map(|_| words.next()).collect();
            if text != ["user", "any"] {
                ace.conditions
                    .push(Condition::Undecidable(Undecidable { what: text.join(" "), reason: what }));
            }
        }
    }

    fn address(&mut self, words: &mut Cursor<'_, '_>, ace: &mut Ace) -> Result<Addresses, String> {
        match words.peek() {
            Some("any") => {
                words.next();
                Ok(Addresses::of(self.config.any()))
            }
            Some("any4") => {
                words.next();
                Ok(Addresses::of(crate::ruleset::AddressSet::all_of(IpVersion::V4)))
            }
            Some("any6") => {
                words.next();
                Ok(Addresses::of(crate::ruleset::AddressSet::all_of(IpVersion::V6)))
            }
            Some("interface") => {
                words.next();
                let name = words.next().ok_or("expected a name behind `interface`")?;
                Ok(self.config.interface_addresses(name))
            }
            Some("object-group-network-service") => {
                words.next();
                let name = words.next().ok_or("expected a name behind `object-group-network-service`")?;
                Ok(Addresses::unknown(format!("network service {name}"), Reason::Name))
            }
            Some("object" | "object-group") => {
                words.next();
                let name = words.next().ok_or("expected the name of an object or group")?;
                Ok(self.group(name, ace))
            }
            _ => self.config.network(words).map(Addresses::of),
        }
    }

    fn group(&mut self, name: &str, ace: &mut Ace) -> Addresses {
        if let Some(known) = self.addresses.get(name) {
            return known.clone();
        }
        let Some((addresses, _)) = self.config.group_addresses(name) else {
            ace.problems.push(format!("`{name}` is not defined as a network object or group"));
            return Addresses::unknown(format!("network {name}"), Reason::Name);
        };
        self.addresses.insert(name.to_owned(), addresses.clone());
        addresses
    }

    /// Whether the words at hand name a group of ports, and not one of networks.
    fn port_group<'a2>(&self, words: &Cursor<'_, 'a2>) -> Option<&'a2 str> {
        let name = if words.peek() == Some("object-group") { words.peek_at(1)? } else { return None };
        matches!(self.config.kinds.get(name), Some(GroupKind::Service(_))).then_some(name)
    }

    fn ports(
        &mut self,
        words: &mut Cursor<'_, '_>,
        protocols: &IntervalSet<u8>,
        ace: &mut Ace,
    ) -> Result<Option<Ports>, String> {
        if words.peek().is_some_and(is_operator) {
            let single = [6, 17, 132].into_iter().find(|one| *protocols == IntervalSet::one(*one));
            return read_ports(words, single).map(Some);
        }
        let Some(name) = self.port_group(words) else { return Ok(None) };
        words.next();
        words.next();
        let mut ports = Ports::none();
        for item in self.items(name, ace) {
            match item {
                ServiceItem::Ports(more) => ports = ports.union(&more),
                // It may hold any port.
                ServiceItem::Unknown(_) => {
                    ports = ports.union(&Ports { sure: IntervalSet::none(), maybe: IntervalSet::all() });
                }
                _ => return Err(format!("group `{name}` does not hold ports alone")),
            }
        }
        Ok(Some(ports))
    }

    fn source_ports(
        &mut self,
        words: &mut Cursor<'_, '_>,
        what: What,
        ace: &mut Ace,
    ) -> Result<(Ports, What), String> {
        match &what {
            What::Protocols(protocols, _) if has_ports(protocols) => {
                let ports = self.ports(words, protocols, ace)?;
                Ok((ports.unwrap_or_else(Ports::all), what))
            }
            _ => Ok((Ports::all(), what)),
        }
    }

    /// What follows the destination: ports or an ICMP type; then the service is known.
    fn rest_of_service(
        &mut self,
        words: &mut Cursor<'_, '_>,
        ace: &mut Ace,
        what: What,
        source_ports: Ports,
    ) -> Result<(), String> {
        let (protocols, unknown) = match what {
            What::Services(found) => {
                ace.conditions.extend(one_of(&found));
                return Ok(());
            }
            What::Protocols(protocols, unknown) => (protocols, unknown),
        };
        let plain = [Service { protocols: protocols.clone(), ..Service::any() }];
        let found = if has_ports(&protocols) {
            let ports = self.ports(words, &protocols, ace);
            ports.map(|ports| services(&protocols, &source_ports, &ports.unwrap_or_else(Ports::all)))
        } else if let Some(icmp) = icmp_of(&protocols) {
            self.icmp(words, icmp, ace)
        } else {
            Ok(plain.to_vec())
        };
        // Where the rest is not understood, the protocol holds all the same.
        let mut all = found.as_deref().unwrap_or(&plain).to_vec();
        all.extend(unknown.map(|what| Service { undecidable: Some(what), ..Service::any() }));
        ace.conditions.extend(one_of(&all));
        found.map(|_| ())
    }

    fn icmp(
        &mut self,
        words: &mut Cursor<'_, '_>,
        icmp: Icmp,
        ace: &mut Ace,
    ) -> Result<Vec<Service>, String> {
        if words.peek() == Some("object-group") {
            words.next();
            let name = words.next().unwrap_or_default();
            if self.config.kinds.get(name) != Some(&GroupKind::IcmpType) {
                return Err(format!("`{name}` is not defined as a group of ICMP types"));
            }
            let mut found = Vec::new();
            for item in self.items(name, ace) {
                match item {
                    ServiceItem::IcmpType(word) => {
                        let service = icmp_service(icmp, &word, None);
                        found.push(service.ok_or_else(|| format!("expected an ICMP type, found `{word}`"))?);
                    }
                    ServiceItem::Unknown(what) => {
                        found.push(Service { undecidable: Some(what), ..icmp_any(icmp) });
                    }
                    _ => {}
                }
            }
            return Ok(found);
        }
        match words.peek() {
            None => Ok(vec![icmp_any(icmp)]),
            Some(word) if is_option(word) => Ok(vec![icmp_any(icmp)]),
            Some(word) => {
                words.next();
                let code = words.peek().and_then(icmp_code);
                if code.is_some() {
                    words.next();
                }
                let service = icmp_service(icmp, word, code);
                Ok(vec![service.ok_or_else(|| format!("expected an ICMP type, found `{word}`"))?])
            }
        }
    }

    /// `log …`, `time-range …`, `inactive`, and what `show access-list` adds.
    fn options(&mut self, words: &mut Cursor<'_, '_>, ace: &mut Ace) -> Result<(), String> {
        while let Some(word) = words.next() {
            match word {
                "log" => ace.log = log(words),
                "inactive" | "(inactive)" => ace.inactive = true,
                "time-range" => {
                    let name = words.next().ok_or("expected the name of a time range")?;
                    let known = self.config.times.get(name);
                    if known.is_none() {
                        ace.problems.push(format!("time range `{name}` is not defined"));
                    }
                    ace.until = known.and_then(|range| range.until);
                    let what = Undecidable { what: format!("time range {name}"), reason: Reason::Time };
                    ace.conditions.push(Condition::Undecidable(what));
                }
                "rule-id" => {
                    words.next();
                }
                "event-log" => {
                    let when = words.next().unwrap_or_default();
                    ace.log = Some(Log { prefix: None, options: vec![format!("event-log {when}")] });
                }
                _ if word.starts_with("(hitcnt=") => ace.counter = hits(word),
                _ if word.starts_with("0x") && ace.counter.is_some() => {}
                _ => return Err(format!("expected an option of the entry, found `{word}`")),
            }
        }
        Ok(())
    }
}

/// What an entry is about.
enum What {
    /// Protocols, and perhaps others for what is not known; ports or types may follow.
    Protocols(IntervalSet<u8>, Option<Undecidable>),
    /// Services that tell everything.
    Services(Vec<Service>),
}

fn unread(ace: &mut Ace, problem: String) {
    let what = Undecidable { what: problem.clone(), reason: Reason::Unread };
    ace.conditions.push(Condition::Undecidable(what));
    ace.problems.push(problem);
}

fn unknown_service(what: String) -> Service {
    Service { undecidable: Some(Undecidable { what, reason: Reason::Name }), ..Service::any() }
}

/// Whether all of these protocols have ports.
fn has_ports(protocols: &IntervalSet<u8>) -> bool {
    let mut intervals = protocols.intervals().iter();
    !protocols.is_none() && intervals.all(|(first, last)| first == last && [6, 17, 132].contains(first))
}

fn icmp_of(protocols: &IntervalSet<u8>) -> Option<Icmp> {
    if *protocols == IntervalSet::one(1) {
        Some(Icmp::V4)
    } else {
        (*protocols == IntervalSet::one(58)).then_some(Icmp::V6)
    }
}

/// All of ICMP or ICMPv6.
pub(super) fn icmp_any(icmp: Icmp) -> Service {
    match icmp {
        Icmp::V4 => Service::of(1),
        Icmp::V6 => Service::of(58),
    }
}

/// A type and perhaps a code.
pub(super) fn icmp_service(icmp: Icmp, kind: &str, code: Option<u8>) -> Option<Service> {
    let (kind, named) = icmp_type(icmp, kind)?;
    let code = code.or(named).map_or_else(IntervalSet::all, IntervalSet::one);
    Some(Service { icmp_types: IntervalSet::one(kind), icmp_codes: code, ..icmp_any(icmp) })
}

/// `object icmp-echo` and its like: services that a configuration may use without defining them.
fn predefined(name: &str) -> Option<Vec<Service>> {
    if let Some(kind) = name.strip_prefix("icmp6-") {
        return icmp_service(Icmp::V6, kind, None).map(|service| vec![service]);
    }
    if let Some(kind) = name.strip_prefix("icmp-") {
        return icmp_service(Icmp::V4, kind, None).map(|service| vec![service]);
    }
    for (head, number) in [("tcp-", 6), ("udp-", 17)] {
        if let Some(port) = name.strip_prefix(head) {
            let words = [
                crate::dialects::cisco::Word { text: "eq", start: 0 },
                crate::dialects::cisco::Word { text: port, start: 0 },
            ];
            let ports = read_ports(&mut Cursor::new(&words), Some(number)).ok()?;
            return Some(services(&IntervalSet::one(number), &Ports::all(), &ports));
        }
    }
    protocol(name).map(|protocols| vec![Service { protocols, ..Service::any() }])
}

fn is_option(word: &str) -> bool {
    ["log", "inactive", "(inactive)", "time-range", "rule-id", "event-log"].contains(&word)
        || word.starts_with("(hitcnt=")
}

/// `log [[LEVEL] [interval SECONDS] | disable | default]`; `None` for `disable`.
fn log(words: &mut Cursor<'_, '_>) -> Option<Log> {
    let mut options = Vec::new();
    let mut disabled = false;
    while let Some(word) = words.peek() {
        match word {
            "disable" => disabled = true,
            "interval" => {
                words.next();
                options.push(format!("interval {}", words.peek().unwrap_or_default()));
            }
            "default" | "emergencies" | "alerts" | "critical" | "errors" | "warnings" | "notifications"
            | "informational" | "debugging" => options.push(word.to_owned()),
            _ if word.len() == 1 && word.starts_with(|digit: char| ('0'..='7').contains(&digit)) => {
                options.push(word.to_owned());
            }
            _ => break,
        }
        words.next();
    }
    (!disabled).then_some(Log { prefix: None, options })
}

/// `(hitcnt=12)`. Bytes are not counted.
fn hits(word: &str) -> Option<Counter> {
    let packets = word.strip_prefix("(hitcnt=")?.trim_end_matches(')').parse().ok()?;
    Some(Counter { packets, bytes: 0 })
}
