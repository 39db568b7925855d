//! What reaches the device itself: sessions of administrators, SNMP, ICMP, and what it serves.

use super::ace::{icmp_any, icmp_service};
use super::address::{Addresses, End};
use super::config::{BindingAt, Statement};
use super::cursor::Cursor;
use super::lower::{Lowering, in_interface};
use crate::dialects::Service;
use crate::names::Icmp;
use crate::ruleset::{
    AddressSet, Chain, ChainId, ChainKind, Condition, Hook, IntervalSet, NamePattern, NameSet, Policy,
    Reason, Rule, Undecidable, Verdict,
};
use std::collections::BTreeSet;
use std::ops::Range;

/// Adds the base chain of packets to the device.
pub(super) fn lower(lowering: &mut Lowering<'_, '_, '_>) {
    let config = lowering.config;
    if lowering.is_part() && config.management.is_empty() {
        return;
    }
    let sessions = Sessions::of(&config.management);
    let mut rules = lowering.replies();
    let (mut first, mut later, mut icmp) = (Vec::new(), Vec::new(), Vec::new());
    for statement in &config.management {
        let texts: Vec<&str> = statement.words.iter().map(|word| word.text).collect();
        match texts.as_slice() {
            ["ssh" | "telnet" | "http", ..] => first.extend(session(lowering, statement, &texts, &sessions)),
            ["icmp", ..] | ["ipv6", "icmp", ..] => icmp.extend(ping(lowering, statement, &texts)),
            _ => later.extend(served(lowering, statement, &texts, &sessions)),
        }
    }
    rules.append(&mut first);
    rules.extend(control_plane(lowering));
    rules.append(&mut later);
    rules.extend(pings(lowering, icmp));
    lowering.base("management", ChainKind::Filter, (Hook::Input, 0), Policy::Drop, rules);
}

/// Ports of the servers on the device.
struct Sessions {
    /// `http server enable [PORT]`.
    http: Option<u16>,
    snmp: u16,
    web: u16,
}

impl Sessions {
    fn of(statements: &[Statement<'_>]) -> Self {
        let mut found = Self { http: None, snmp: 161, web: 443 };
        for statement in statements {
            let texts: Vec<&str> = statement.words.iter().map(|word| word.text).collect();
            match texts.as_slice() {
                ["http", "server", "enable"] => found.http = Some(443),
                ["http", "server", "enable", port, ..] => found.http = port.parse().ok().or(Some(443)),
                ["snmp-server", "listen-port", port, ..] => found.snmp = port.parse().unwrap_or(161),
                ["webvpn", "port", port, ..] => found.web = port.parse().unwrap_or(443),
                _ => {}
            }
        }
        found
    }
}

fn accept(
    lowering: &Lowering<'_, '_, '_>,
    span: &Range<usize>,
    interface: &str,
    more: Vec<Condition>,
    comment: &str,
) -> Rule {
    let mut conditions = vec![in_interface(interface)];
    conditions.extend(more);
    let mut rule = lowering.rule(span, conditions, Verdict::Accept);
    rule.comment = Some(comment.to_owned());
    rule
}

fn to_ports(protocol: u8, ports: &[u16]) -> Vec<Condition> {
    let ports = IntervalSet::from_ranges(ports.iter().map(|port| (*port, *port)));
    Service::to_ports(protocol, ports).conditions()
}

/// `ssh|telnet|http A MASK INTERFACE`, `http redirect INTERFACE [PORT]`.
fn session(
    lowering: &mut Lowering<'_, '_, '_>,
    statement: &Statement<'_>,
    texts: &[&str],
    sessions: &Sessions,
) -> Option<Rule> {
    let span = &statement.span;
    let (what, interface) = match texts {
        ["http", "server", ..] => return None,
        ["http", "redirect", interface, port @ ..] => {
            let port = port.first().and_then(|port| port.parse().ok()).unwrap_or(80);
            return Some(accept(lowering, span, interface, to_ports(6, &[port]), "http redirect"));
        }
        [what, .., interface] => (*what, *interface),
        _ => return None,
    };
    let port = match what {
        "ssh" => 22,
        "telnet" => 23,
        _ => sessions.http?,
    };
    let mut words = Cursor::new(&statement.words);
    words.next();
    let from = match lowering.config.network(&mut words) {
        Ok(set) => Addresses::of(set),
        Err(problem) => {
            lowering.warn(
                span,
                "firewall/unread-entry",
                problem.as_str(),
                "from where the device is reached is uncertain",
            );
            Addresses::unknown(problem, Reason::Unread)
        }
    };
    let mut more: Vec<Condition> = from.condition(End::Source).into_iter().collect();
    more.extend(to_ports(6, &[port]));
    if what == "telnet" && is_lowest(lowering, interface) {
        let what = "telnet to the lowest security level out of a tunnel".to_owned();
        more.push(Condition::Undecidable(Undecidable { what, reason: Reason::Connection }));
    }
    Some(accept(lowering, span, interface, more, what))
}

/// Whether an interface has the lowest level of several.
fn is_lowest(lowering: &Lowering<'_, '_, '_>, name: &str) -> bool {
    let passing = lowering.passing();
    let lowest = passing.iter().map(|interface| interface.level()).min();
    let own = lowering.config.interface(name).map(|interface| interface.level());
    passing.len() > 1 && own.is_some() && own == lowest
}

/// Other servers of the device.
fn served(
    lowering: &mut Lowering<'_, '_, '_>,
    statement: &Statement<'_>,
    texts: &[&str],
    sessions: &Sessions,
) -> Vec<Rule> {
    let span = &statement.span;
    let to = |interface: &str, more, comment: &str| accept(lowering, span, interface, more, comment);
    match texts {
        ["snmp-server", "host", interface, host, rest @ ..] => {
            if rest.contains(&"trap") {
                return Vec::new();
            }
            let address = lowering.config.literal(host).and_then(|host| AddressSet::range(host, host));
            let from = address
                .map_or_else(|| Addresses::unknown(format!("host {host}"), Reason::Name), Addresses::of);
            let mut more: Vec<Condition> = from.condition(End::Source).into_iter().collect();
            more.extend(to_ports(17, &[sessions.snmp]));
            vec![to(interface, more, "snmp")]
        }
        ["snmp-server", "host-group", interface, group, ..] => {
            let found = lowering.config.group_addresses(group);
            let from = found
                .map_or_else(|| Addresses::unknown(format!("group {group}"), Reason::Name), |found| found.0);
            let mut more: Vec<Condition> = from.condition(End::Source).into_iter().collect();
            more.extend(to_ports(17, &[sessions.snmp]));
            vec![to(interface, more, "snmp")]
        }
        ["webvpn", "enable", interface, ..] => vec![
            to(interface, to_ports(6, &[sessions.web]), "webvpn"),
            to(interface, to_ports(17, &[sessions.web]), "webvpn"),
        ],
        ["crypto", _, "enable", interface, rest @ ..] | ["isakmp", "enable", interface, rest @ ..] => {
            let esp = IntervalSet::from_ranges([(50, 51)]);
            let mut rules = vec![
                to(interface, to_ports(17, &[500, 4500]), "key exchange"),
                to(interface, vec![Condition::Protocol(esp)], "IPsec"),
            ];
            if let ["client-services", more @ ..] = rest {
                let port = more.get(1).and_then(|port| port.parse().ok()).unwrap_or(443);
                rules.push(to(interface, to_ports(6, &[port]), "client services"));
            }
            rules
        }
        ["dhcpd" | "dhcprelay", "enable", interface, ..] => vec![to(interface, to_ports(17, &[67]), "DHCP")],
        ["aaa", "authentication", "listener", kind, interface, rest @ ..] => {
            let usual = if *kind == "https" { 443 } else { 80 };
            let port = rest.get(1).and_then(|port| port.parse().ok()).unwrap_or(usual);
            vec![to(interface, to_ports(6, &[port]), "logon of users")]
        }
        ["router", kind, ..] | ["ipv6", "router", kind, ..] => routing(lowering, span, kind),
        _ => Vec::new(),
    }
}

/// A routing protocol listens where its networks are, which is not worked out.
fn routing(lowering: &Lowering<'_, '_, '_>, span: &Range<usize>, kind: &str) -> Vec<Rule> {
    let mut conditions = match kind {
        "ospf" => vec![Condition::Protocol(IntervalSet::one(89))],
        "eigrp" => vec![Condition::Protocol(IntervalSet::one(88))],
        "rip" => to_ports(17, &[520, 521]),
        "bgp" => to_ports(6, &[179]),
        _ => return Vec::new(),
    };
    let what = format!("interfaces and neighbors of {kind}");
    conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Route }));
    vec![lowering.rule(span, conditions, Verdict::Accept)]
}

/// A rule for ICMP to the device, and the interface it is for.
type Ping = (Rule, String, Icmp);

/// `icmp permit|deny any|host A|A MASK [TYPE] INTERFACE`.
fn ping(lowering: &mut Lowering<'_, '_, '_>, statement: &Statement<'_>, texts: &[&str]) -> Option<Ping> {
    let icmp = if texts.first() == Some(&"ipv6") { Icmp::V6 } else { Icmp::V4 };
    let mut words = Cursor::new(&statement.words);
    words.eat("ipv6");
    words.next();
    let permit = words.next()? == "permit";
    let interface = (*texts.last()?).to_owned();
    let from = if words.eat("any") {
        Ok(Addresses::any())
    } else {
        lowering.config.network(&mut words).map(Addresses::of)
    };
    let service = match (words.peek(), words.peek_at(1)) {
        (Some(kind), Some(_)) => icmp_service(icmp, kind, None),
        _ => Some(icmp_any(icmp)),
    };
    let mut conditions = vec![in_interface(&interface)];
    match (from, service) {
        (Ok(from), Some(service)) => {
            conditions.extend(from.condition(End::Source));
            conditions.extend(service.conditions());
        }
        _ => {
            let problem = "expected an address and a type of ICMP";
            lowering.warn(
                &statement.span,
                "firewall/unread-entry",
                problem,
                "which ICMP reaches the device is uncertain",
            );
            conditions.extend(icmp_any(icmp).conditions());
            let what = Undecidable { what: "ICMP to the device".into(), reason: Reason::Unread };
            conditions.push(Condition::Undecidable(what));
        }
    }
    let verdict = if permit { Verdict::Accept } else { Verdict::Drop };
    Some((lowering.rule(&statement.span, conditions, verdict), interface, icmp))
}

/// The rules for ICMP with what they leave: where there is one for an interface, the rest is denied there, and where there is
/// none, all is permitted.
fn pings(lowering: &Lowering<'_, '_, '_>, found: Vec<Ping>) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut with: BTreeSet<(bool, String)> = BTreeSet::new();
    let mut denied = Vec::new();
    for (rule, interface, icmp) in found {
        if with.insert((icmp == Icmp::V6, interface.clone())) {
            let mut conditions = vec![in_interface(&interface)];
            conditions.extend(icmp_any(icmp).conditions());
            let mut deny = Rule::new(rule.place.clone());
            deny.conditions = conditions;
            deny.verdict = Verdict::Drop;
            denied.push(deny);
        }
        rules.push(rule);
    }
    rules.append(&mut denied);
    let down: Vec<NamePattern> = lowering
        .config
        .interfaces
        .iter()
        .filter(|interface| interface.shutdown)
        .filter_map(|interface| interface.name.clone().map(NamePattern::Exact))
        .collect();
    let mut conditions = vec![Condition::Protocol(IntervalSet::from_ranges([(1, 1), (58, 58)]))];
    if !down.is_empty() {
        conditions.push(Condition::InInterface(NameSet { patterns: down, negated: true }));
    }
    let mut rest = lowering.rule(&(0..0), conditions, Verdict::Accept);
    rest.comment = Some("ICMP to the device is permitted where no entry says otherwise".into());
    rules.push(rest);
    rules
}

/// Lists for packets to the device. What they permit still needs someone who listens.
fn control_plane(lowering: &mut Lowering<'_, '_, '_>) -> Vec<Rule> {
    let config = lowering.config;
    let mut rules = Vec::new();
    for binding in &config.bindings {
        let BindingAt::ControlPlane(interface) = &binding.at else { continue };
        let conditions = vec![in_interface(interface)];
        let Some(list) = lowering.list(&binding.list).and_then(|id| lowering.ruleset.chain(id)) else {
            let message = format!("list `{}` has no entries in this file", binding.list);
            lowering.warn(&binding.span, "firewall/unknown-name", message, "what it denies is not known");
            rules.push(lowering.rule(
                &binding.span,
                conditions,
                Verdict::Unknown(format!("list {}", binding.list)),
            ));
            continue;
        };
        let mut chain: Chain = list.clone();
        chain.name = format!("{} (control-plane)", chain.name);
        for rule in &mut chain.rules {
            if rule.verdict == Verdict::Accept {
                rule.verdict = Verdict::Return;
            }
        }
        // No denial stands at the end: what no entry decides is asked on (CLI Book 2, *Access Rules*, implicit deny).
        let id = ChainId(lowering.ruleset.chains.len());
        lowering.ruleset.chains.push(chain);
        rules.push(lowering.rule(&binding.span, conditions, Verdict::Jump(id)));
    }
    rules
}
