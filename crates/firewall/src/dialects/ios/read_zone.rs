//! The zone-based firewall: zones, pairs of zones, classes and policies; and the older inspection by interface.

use super::config::{ClassAction, ClassAsk, ClassMap, ClassMatch, PolicyClass, PolicyMap, Zone, ZonePair};
use super::protocols::inspected;
use super::reader::{Block, Read, Reader, Statement};
use crate::dialects::Service;
use crate::ruleset::{Condition, IntervalSet, Reason, Undecidable};

/// A statement that opens a part of the firewall.
pub(super) fn top(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Read {
    let span = statement.span.clone();
    match statement.words {
        ["zone", "security", name] => {
            let name = (*name).to_owned();
            reader.config.zones.get_or_add(&name.clone(), || Zone { name, span });
            reader.open(Block::Zone, statement.words);
            Read::Modeled
        }
        ["zone-pair", "security", name, "source", source, "destination", destination] => {
            let pair = ZonePair {
                name: (*name).to_owned(),
                source: (*source).to_owned(),
                destination: (*destination).to_owned(),
                policy: None,
                span,
            };
            reader.config.zone_pairs.get_or_add(name, || pair.clone()).clone_from(&pair);
            reader.open(Block::ZonePair((*name).to_owned()), statement.words);
            Read::Modeled
        }
        ["class-map" | "policy-map", "type", kind, ..] if OTHER_KINDS.contains(kind) => {
            reader.open(Block::Ignored, statement.words);
            Read::Ignored
        }
        ["class-map", rest @ ..] => class_map(reader, rest, statement),
        ["policy-map", rest @ ..] => policy_map(reader, rest, statement),
        ["ip" | "ipv6", "inspect", "name", name, protocol, ..] => {
            let services = inspected(protocol);
            let known = reader.config.inspections.entry((*name).to_owned()).or_default();
            let services = services.unwrap_or_default();
            let unknown = services.is_empty();
            known.extend(services.into_iter().map(|service| (service, statement.span.clone())));
            if unknown { reader.unclear(statement, protocol) } else { Read::Modeled }
        }
        ["ip", "port-map", protocol, "port", rest @ ..] => match port_map(rest) {
            Some(service) => {
                reader.config.port_maps.entry((*protocol).to_owned()).or_default().push(service);
                Read::Modeled
            }
            None => Read::Unread,
        },
        _ => Read::Foreign,
    }
}

/// Kinds of classes and policies that let every packet pass.
const OTHER_KINDS: [&str; 9] = [
    "control",
    "performance-monitor",
    "appnav",
    "waas",
    "multicast-flows",
    "redundancy",
    "traffic",
    "network-qos",
    "queuing",
];

fn is_known(reader: &Reader<'_>, protocol: &str) -> bool {
    inspected(protocol).is_some() || reader.config.port_maps.contains_key(protocol)
}

/// `[tcp|udp] N [M …]`, `[tcp|udp] from N to M`, and a list of the servers.
fn port_map(words: &[&str]) -> Option<Service> {
    let (protocols, words) = match words {
        ["tcp", rest @ ..] => (IntervalSet::one(6), rest),
        ["udp", rest @ ..] => (IntervalSet::one(17), rest),
        _ => (IntervalSet::from_ranges([(6, 6), (17, 17)]), words),
    };
    let end = words.iter().position(|word| ["list", "description"].contains(word)).unwrap_or(words.len());
    let (ports, rest) = words.split_at_checked(end)?;
    let ports = match ports {
        ["from", first, "to", last] => IntervalSet::range(first.parse().ok()?, last.parse().ok()?),
        [] => return None,
        many => {
            let ports: Option<Vec<u16>> = many.iter().map(|port| port.parse().ok()).collect();
            IntervalSet::from_ranges(ports?.into_iter().map(|port| (port, port)))
        }
    };
    let undecidable =
        matches!(rest, ["list", ..]).then(|| Undecidable { what: rest.join(" "), reason: Reason::Name });
    Some(Service { protocols, ports, undecidable, ..Service::any() })
}

fn class_map(reader: &mut Reader<'_>, words: &[&str], statement: &Statement<'_>) -> Read {
    // `class-map [type KIND [PROTOCOL]] [match-any|match-all] NAME`; a policy of another kind is no firewall's.
    let Some(name) = words.last() else { return Read::Unread };
    let any = words.contains(&"match-any");
    let map = ClassMap { name: (*name).to_owned(), any, matches: Vec::new(), span: statement.span.clone() };
    reader.config.class_maps.get_or_add(name, || map);
    reader.open(Block::Class((*name).to_owned()), statement.words);
    Read::Modeled
}

fn policy_map(reader: &mut Reader<'_>, words: &[&str], statement: &Statement<'_>) -> Read {
    let Some(name) = words.last() else { return Read::Unread };
    // `type inspect http …` looks into one protocol and is named by a class of another policy.
    let inspect = matches!(words, ["type", "inspect", _]);
    let map = PolicyMap {
        name: (*name).to_owned(),
        inspect,
        classes: Vec::new(),
        drops: false,
        span: statement.span.clone(),
    };
    reader.config.policy_maps.get_or_add(name, || map);
    reader.open(Block::Policy((*name).to_owned()), statement.words);
    Read::Modeled
}

/// A line within a class map.
pub(super) fn class(reader: &mut Reader<'_>, name: &str, statement: &Statement<'_>) -> Read {
    let (negated, words) = match statement.words {
        ["match", "not", rest @ ..] => (true, rest),
        ["match", rest @ ..] => (false, rest),
        ["description", ..] => return Read::Ignored,
        _ => return Read::Unread,
    };
    let undecided = |reason: Reason| {
        let what = words.join(" ");
        ClassAsk::Conditions(vec![Condition::Undecidable(Undecidable { what, reason })])
    };
    let mut warned = false;
    let what = match words {
        ["access-group", "name", list] | ["access-group", list] => {
            reader.config.used_lists.insert((*list).to_owned());
            ClassAsk::List((*list).to_owned())
        }
        ["class-map", class] => ClassAsk::Class((*class).to_owned()),
        ["protocol", protocol, ..] if !is_known(reader, protocol) => {
            warned = true;
            undecided(Reason::Name)
        }
        ["protocol", protocol, ..] => ClassAsk::Protocol((*protocol).to_owned(), words.join(" ")),
        ["any"] => ClassAsk::Conditions(Vec::new()),
        ["user-group" | "security-group", ..] => undecided(Reason::Name),
        [
            "ip" | "dscp" | "precedence" | "cos" | "vlan" | "mpls" | "qos-group" | "packet" | "fr-dlci"
            | "discard-class" | "field",
            ..,
        ]
        | ["source-address" | "destination-address", "mac", ..] => undecided(Reason::Header),
        [
            "request" | "response" | "req-resp" | "uri" | "header" | "body" | "application" | "attribute"
            | "file-transfer" | "search-file-name" | "service" | "start" | "text-chat",
            ..,
        ] => undecided(Reason::Payload),
        ["input-interface", ..] => undecided(Reason::Name),
        _ => return class_unread(reader, name, negated, words, statement),
    };
    if let Some(map) = reader.config.class_maps.get_mut(name) {
        map.matches.push(ClassMatch { negated, what, span: statement.span.clone() });
    }
    if warned { reader.unclear(statement, &words.join(" ")) } else { Read::Modeled }
}

fn class_unread(
    reader: &mut Reader<'_>,
    name: &str,
    negated: bool,
    words: &[&str],
    statement: &Statement<'_>,
) -> Read {
    let what = words.join(" ");
    let condition = Condition::Undecidable(Undecidable { what, reason: Reason::Unread });
    let what = ClassAsk::Conditions(vec![condition]);
    if let Some(map) = reader.config.class_maps.get_mut(name) {
        map.matches.push(ClassMatch { negated, what, span: statement.span.clone() });
    }
    Read::Unread
}

/// A line within a policy map.
pub(super) fn policy(reader: &mut Reader<'_>, name: &str, statement: &Statement<'_>) -> Read {
    let Some(map) = reader.config.policy_maps.get_mut(name) else { return Read::Unread };
    let span = statement.span.clone();
    match statement.words {
        ["description", ..] => return Read::Ignored,
        ["class", words @ ..] => {
            let Some(class) = words.iter().rev().find(|word| !["insert-before"].contains(word)) else {
                return Read::Unread;
            };
            let class = (*class).to_owned();
            map.classes.push(PolicyClass { class, action: ClassAction::Drop, log: false, also: None, span });
            return Read::Modeled;
        }
        _ => {}
    }
    let Some(class) = map.classes.last_mut() else { return Read::Unread };
    match statement.words {
        ["inspect", ..] => class.action = ClassAction::Inspect,
        ["pass", rest @ ..] => (class.action, class.log) = (ClassAction::Pass, rest.contains(&"log")),
        ["drop", rest @ ..] => {
            (class.action, class.log) = (ClassAction::Drop, rest.contains(&"log"));
            map.drops = true;
        }
        ["log", ..] => class.log = true,
        ["police" | "service-policy" | "urlfilter" | "content-scan" | "service", ..] => {
            let what = statement.words.join(" ");
            class.also.get_or_insert(what);
            map.drops = true;
        }
        // What police does with packets beyond the rate.
        ["conform-action" | "exceed-action" | "violate-action" | "rate" | "pps", ..] => {}
        ["reset" | "allow", ..] => {
            class.also.get_or_insert(statement.words.join(" "));
            map.drops = true;
        }
        [
            "set" | "bandwidth" | "priority" | "queue-limit" | "shape" | "fair-queue" | "random-detect"
            | "queue-buffers" | "trust" | "compression" | "netflow-sampler" | "account" | "estimate"
            | "measure" | "flow" | "react" | "monitor" | "no",
            ..,
        ] => {
            if map.inspect {
                return Read::Unread;
            }
        }
        _ => {
            // What is not understood may drop.
            class.also.get_or_insert(statement.words.join(" "));
            map.drops = true;
            return Read::Unread;
        }
    }
    Read::Modeled
}

/// A line within a pair of zones.
pub(super) fn pair(reader: &mut Reader<'_>, name: &str, statement: &Statement<'_>) -> Read {
    let Some(pair) = reader.config.zone_pairs.get_mut(name) else { return Read::Unread };
    match statement.words {
        ["service-policy", "type", "inspect", policy] => {
            pair.policy = Some(((*policy).to_owned(), statement.span.clone()));
            Read::Modeled
        }
        ["description", ..] => Read::Ignored,
        _ => Read::Unread,
    }
}
