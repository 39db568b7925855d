//! Services and groups of them, as what they ask of a packet.

use super::predefined::{GROUPS, Part, SERVICES};
use super::tree::{Config, Domain, Entry};
use super::words::Word;
use crate::dialects::{GroupProblem, Groups, Member, Reading, Service, one_of};
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, Reason, Undecidable};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Range;
use zonewright_source::{Diagnostic, nearest};

/// Most services that one rule may stand for; a rule of more is uncertain.
const SERVICES_MAX: usize = 2_000;

/// How many comparisons of services may be made for rules of very many services; rules beyond are uncertain.
const WORK_MAX: usize = 50_000_000;

/// From how many services on a rule is one of very many.
const MANY: usize = 100;

/// For how many names it is looked what may have been meant.
const GUESSES_MAX: usize = 100;

/// How many names are looked at for one that was meant.
const CANDIDATES_MAX: usize = 1_000;

/// A service, and where it may only lead.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bound {
    service: Service,
    /// The destinations that it is bound to; `None` for any.
    destination: Option<AddressSet>,
}

/// The services that policies name.
#[derive(Debug, Default)]
pub(super) struct ServiceBook {
    objects: BTreeMap<String, Vec<Bound>>,
    groups: Groups<String>,
    /// What names stand for together, as far as it was asked.
    known: RefCell<BTreeMap<Vec<String>, Vec<Condition>>>,
    work: Cell<usize>,
    /// How many times it was looked for what may have been meant.
    guesses: Cell<usize>,
}

impl ServiceBook {
    pub(super) fn of(config: &Config<'_>, domain: &Domain, reading: &mut Reading) -> Self {
        let mut book = Self::default();
        for (name, parts) in SERVICES {
            book.objects
                .insert((*name).to_owned(), parts.iter().flat_map(|part| predefined(*part)).collect());
        }
        for entry in config.entries(domain, "firewall service custom") {
            let services = object(entry, reading);
            book.objects.insert(entry.name.clone(), services);
        }
        for (group, members) in GROUPS {
            if !config.entries(domain, "firewall service group").any(|entry| entry.name == *group) {
                members
                    .iter()
                    .for_each(|member| book.groups.add(group, Member::Own((*member).to_owned()), 0..0));
            }
        }
        let groups: Vec<&Entry<'_>> = config.entries(domain, "firewall service group").collect();
        groups.iter().for_each(|group| book.groups.declare(&group.name));
        for group in groups {
            for member in group.words("member") {
                let name = member.text.to_string();
                let is_group = book.groups.has(&name) && !book.objects.contains_key(&name);
                if !is_group && !book.objects.contains_key(&name) {
                    book.report_missing(&name, &member.span, reading);
                }
                let member_of = if is_group { Member::Group(name) } else { Member::Own(name) };
                book.groups.add(&group.name, member_of, member.span.clone());
            }
            if group.has_unread {
                book.groups.add(&group.name, Member::Own(UNREAD.to_owned()), group.span.clone());
            }
        }
        book.check_circles(config, domain, reading);
        book
    }

    fn check_circles(&mut self, config: &Config<'_>, domain: &Domain, reading: &mut Reading) {
        let mut circles = Vec::new();
        let mut walked = 0_usize;
        for entry in config.entries(domain, "firewall service group") {
            walked += 1;
            if walked > SERVICES_MAX {
                break;
            }
            let mut problems = Vec::new();
            self.groups.things(&entry.name, &mut problems);
            for problem in problems {
                if let GroupProblem::Circle(name, span) = problem
                    && !circles.contains(&span)
                {
                    let circle = Diagnostic::warning(
                        "firewall/group-circle",
                        format!("the service group `{name}` holds itself"),
                    )
                    .because("the device refuses such a group")
                    .help("take the group out of its members");
                    reading.report(&span, circle);
                    circles.push(span);
                }
            }
        }
    }

    fn report_missing(&self, name: &str, span: &Range<usize>, reading: &mut Reading) {
        let missing =
            Diagnostic::warning("firewall/unknown-name", format!("the service `{name}` is not defined"))
                .because("whether what names it matches is therefore not sure");
        self.guesses.set(self.guesses.get() + 1);
        let looked_at = if self.guesses.get() > GUESSES_MAX { 0 } else { CANDIDATES_MAX };
        let known = self.objects.keys().map(String::as_str).take(looked_at);
        let missing = match nearest(name, known) {
            Some(near) => missing.help(format!("did you mean `{near}`?")),
            None => missing.help("export the whole configuration, with `config firewall service custom`"),
        };
        reading.report(span, missing);
    }

    /// What a packet of one of these services meets: all of these conditions.
    pub(super) fn conditions(
        &self,
        names: &[Word<'_>],
        negated: bool,
        reading: &mut Reading,
    ) -> Vec<Condition> {
        let key: Vec<String> = names.iter().map(|name| name.text.to_string()).collect();
        let known = self.known.borrow().get(&key).cloned();
        let conditions = known.unwrap_or_else(|| {
            let mut services = Vec::new();
            for name in names {
                self.collect(&name.text, &name.span, &mut services, reading);
            }
            let conditions = conditions_of(&services);
            self.known.borrow_mut().insert(key, conditions.clone());
            conditions
        });
        if negated { vec![Condition::Any { of: vec![conditions], negated: true }] } else { conditions }
    }

    fn collect(&self, name: &str, span: &Range<usize>, services: &mut Vec<Bound>, reading: &mut Reading) {
        if services.len() > SERVICES_MAX {
            return;
        }
        if let Some(known) = self.objects.get(name) {
            services.extend(known.iter().cloned());
        } else if let Some(members) = self.groups.things(name, &mut Vec::new()) {
            for member in members.iter().take(SERVICES_MAX) {
                match self.objects.get(member) {
                    Some(known) => services.extend(known.iter().cloned()),
                    None => services.push(uncertain(
                        member,
                        if member == UNREAD { Reason::Unread } else { Reason::Name },
                    )),
                }
            }
        } else {
            self.report_missing(name, span, reading);
            services.push(uncertain(name, Reason::Name));
        }
        if services.len() > MANY {
            self.work.set(self.work.get().saturating_add(services.len() * services.len()));
        }
        if services.len() > SERVICES_MAX || self.work.get() > WORK_MAX {
            let many = Diagnostic::warning(
                "firewall/expansion-limit",
                format!("the rule stands for more than {SERVICES_MAX} services, or many rules for very many"),
            )
            .because("whether it matches is therefore not sure")
            .help("name ranges of ports instead");
            reading.report(span, many);
            services.clear();
            services.resize(SERVICES_MAX + 1, uncertain(name, Reason::Unread));
        }
    }
}

/// The member of a group of which something was not read.
const UNREAD: &str = "(unread)";

fn conditions_of(services: &[Bound]) -> Vec<Condition> {
    if services.len() > SERVICES_MAX {
        return services.first().map(|one| one.service.conditions()).unwrap_or_default();
    }
    let free: Vec<Service> =
        services.iter().filter(|one| one.destination.is_none()).map(|one| one.service.clone()).collect();
    let bound: Vec<&Bound> = services.iter().filter(|one| one.destination.is_some()).collect();
    if bound.is_empty() {
        return one_of(&free);
    }
    let mut alternatives = Vec::new();
    if !free.is_empty() {
        let of_free = one_of(&free);
        if of_free.is_empty() {
            return of_free;
        }
        alternatives.push(of_free);
    }
    for one in bound {
        let mut conditions: Vec<Condition> =
            one.destination.iter().cloned().map(Condition::Destination).collect();
        conditions.extend(one.service.conditions());
        alternatives.push(conditions);
    }
    match alternatives.as_mut_slice() {
        [only] => std::mem::take(only),
        _ => vec![Condition::Any { of: alternatives, negated: false }],
    }
}

fn uncertain(what: &str, reason: Reason) -> Bound {
    let undecidable = Some(Undecidable { what: format!("service {what}"), reason });
    Bound { service: Service { undecidable, ..Service::any() }, destination: None }
}

fn free(service: Service) -> Bound {
    Bound { service, destination: None }
}

fn predefined(part: Part) -> Vec<Bound> {
    let ports = |protocol, text: &str| {
        let parsed = text.split_whitespace().filter_map(|range| port_service(protocol, range));
        parsed.map(free).collect()
    };
    match part {
        Part::Any => vec![free(Service::any())],
        Part::Protocol(number) => vec![free(of_protocol(number))],
        Part::Icmp(protocol, kind) => vec![free(icmp(protocol, Some(kind), None))],
        Part::Tcp(text) => ports(6, text),
        Part::Udp(text) => ports(17, text),
    }
}

/// A protocol; ICMP of one version of IP only.
fn of_protocol(number: u8) -> Service {
    let version = match number {
        1 => Some(IpVersion::V4),
        58 => Some(IpVersion::V6),
        _ => None,
    };
    Service { version, ..Service::of(number) }
}

fn icmp(protocol: u8, kind: Option<u8>, code: Option<u8>) -> Service {
    let one = |number: Option<u8>| number.map_or_else(IntervalSet::all, IntervalSet::one);
    Service { icmp_types: one(kind), icmp_codes: one(code), ..of_protocol(protocol) }
}

/// `DESTINATION[:SOURCE]`, each a port or a range of ports.
fn port_service(protocol: u8, text: &str) -> Option<Service> {
    let (to, from) = match text.split_once(':') {
        Some((to, from)) => (port_range(to)?, port_range(from)?),
        None => (port_range(text)?, IntervalSet::all()),
    };
    // Source ports from 0 or 1 are any.
    let from = if from == IntervalSet::range(1, u16::MAX) { IntervalSet::all() } else { from };
    Some(Service { source_ports: from, ..Service::to_ports(protocol, to) })
}

/// A port, or a first and a last one.
pub(super) fn port_range(text: &str) -> Option<IntervalSet<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then(|| IntervalSet::range(first, last))
}

/// What a service object stands for.
fn object(entry: &Entry<'_>, reading: &mut Reading) -> Vec<Bound> {
    if entry.has_unread {
        return vec![uncertain(&entry.name, Reason::Unread)];
    }
    if entry.is("app-service-type", "app-id") || entry.is("app-service-type", "app-category") {
        return vec![uncertain(&entry.name, Reason::Name)];
    }
    if entry.is("proxy", "enable") {
        // Services of the explicit proxy; policies of the firewall do not take them.
        return vec![uncertain(&entry.name, Reason::Payload)];
    }
    let protocol = entry.value("protocol").unwrap_or("TCP/UDP/SCTP").to_ascii_uppercase();
    let services = match protocol.as_str() {
        "IP" => ip_service(entry),
        "ICMP" => icmp_service(entry, 1),
        "ICMP6" => icmp_service(entry, 58),
        "ALL" => Ok(vec![Service::any()]),
        one if one.starts_with("TCP/UDP") => port_services(entry),
        _ => Err("protocol"),
    };
    match services {
        Ok(services) => bounded(entry, services, reading),
        Err(key) => vec![unread(entry, key, reading)],
    }
}

fn unread(entry: &Entry<'_>, key: &str, reading: &mut Reading) -> Bound {
    let odd = Diagnostic::warning(
        "firewall/unknown-value",
        format!("`{key}` of service `{}` is not understood", entry.name),
    )
    .because("whether what names the service matches is therefore not sure")
    .help("compare it with what the device shows");
    reading.report(&entry.span_of(key), odd);
    uncertain(&entry.name, Reason::Unread)
}

fn ip_service(entry: &Entry<'_>) -> Result<Vec<Service>, &'static str> {
    match entry.value("protocol-number").map(str::parse::<u8>) {
        None | Some(Ok(0)) => Ok(vec![Service::any()]),
        Some(Ok(number)) => Ok(vec![of_protocol(number)]),
        Some(Err(_)) => Err("protocol-number"),
    }
}

fn icmp_service(entry: &Entry<'_>, protocol: u8) -> Result<Vec<Service>, &'static str> {
    let number = |key: &'static str| match entry.value(key).map(str::parse::<u8>) {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(number)),
        Some(Err(_)) => Err(key),
    };
    let kind = number("icmptype")?;
    // A code without a type is not taken by the device.
    let code = if kind.is_some() { number("icmpcode")? } else { None };
    Ok(vec![icmp(protocol, kind, code)])
}

fn port_services(entry: &Entry<'_>) -> Result<Vec<Service>, &'static str> {
    let mut services = Vec::new();
    for (key, protocol) in
        [("tcp-portrange", 6), ("udp-portrange", 17), ("sctp-portrange", 132), ("udplite-portrange", 136)]
    {
        for word in entry.words(key) {
            for range in word.text.split_whitespace() {
                services.push(port_service(protocol, range).ok_or(key)?);
            }
        }
    }
    // The device takes no service without a range.
    if services.is_empty() { Err("tcp-portrange") } else { Ok(services) }
}

/// Binds services to the destinations that the object names.
fn bounded(entry: &Entry<'_>, services: Vec<Service>, reading: &mut Reading) -> Vec<Bound> {
    let by_name = entry
        .setting("fqdn")
        .map(|_| Undecidable { what: format!("host of service {}", entry.name), reason: Reason::Name });
    let destination = match entry.value("iprange") {
        None | Some("0.0.0.0") => None,
        Some(text) => {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            let range = first.parse().ok().zip(last.parse().ok());
            match range.and_then(|(first, last)| AddressSet::range(first, last)) {
                Some(set) => Some(set),
                None => return vec![unread(entry, "iprange", reading)],
            }
        }
    };
    services
        .into_iter()
        .map(|service| Bound {
            service: Service { undecidable: by_name.clone(), ..service },
            destination: destination.clone(),
        })
        .collect()
}
