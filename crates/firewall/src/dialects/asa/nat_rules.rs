//! A translation to rules: what is done to destinations before routing, and to sources behind it, in both directions.

use super::address::{Addresses, End};
use super::lower::{Lowering, in_interface, out_interfaces};
use super::nat::{Pair, PortPair, Translation};
use crate::ruleset::{AddressSet, Condition, IntervalSet, Nat, NatKind, Reason, Rule, Undecidable, Verdict};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Adds the rules of a translation.
pub(super) fn add(
    lowering: &Lowering<'_, '_, '_>,
    translation: &Translation,
    before: &mut Vec<Rule>,
    behind: &mut Vec<Rule>,
) {
    if let Some(problem) = &translation.unread {
        let what = Undecidable { what: problem.clone(), reason: Reason::Unread };
        for (end, rules) in [(End::Destination, before), (End::Source, behind)] {
            let conditions = vec![Condition::Undecidable(what.clone())];
            rules.push(lowering.rule(&translation.span, conditions, unknown(end, problem)));
        }
        return;
    }
    if !translation.dynamic && !translation.unidirectional {
        before.push(untranslate_source(lowering, translation));
    }
    if let Some(destination) = &translation.destination {
        before.push(translate_destination(lowering, translation, destination));
        if !translation.dynamic && !translation.unidirectional {
            behind.push(untranslate_destination(lowering, translation, destination));
        }
    }
    behind.push(translate_source(lowering, translation));
}

/// Packets that come in on the mapped side to the mapped source: they go to the real one.
fn untranslate_source(lowering: &Lowering<'_, '_, '_>, one: &Translation) -> Rule {
    let mut conditions: Vec<Condition> = one.mapped.iter().map(|name| in_interface(name)).collect();
    if let Some(destination) = &one.destination {
        conditions.extend(destination.real.condition(End::Source));
    }
    conditions.extend(one.source.mapped.condition(End::Destination));
    let mut ports = None;
    if let Some(pair) = &one.source_port {
        conditions.extend(port_conditions(pair, &pair.mapped, End::Destination));
        ports = Some(&pair.real);
    }
    if let Some(pair) = &one.destination_port {
        conditions.extend(port_conditions(pair, &pair.real, End::Source));
    }
    let verdict = target(End::Destination, &one.source.mapped, &one.source.real, ports, &one.options);
    lowering.rule(&one.span, conditions, verdict)
}

/// Packets of the real source to the mapped destination: they go to the real one.
fn translate_destination(lowering: &Lowering<'_, '_, '_>, one: &Translation, destination: &Pair) -> Rule {
    let mut conditions: Vec<Condition> = one.real.iter().map(|name| in_interface(name)).collect();
    conditions.extend(one.source.real.condition(End::Source));
    conditions.extend(destination.mapped.condition(End::Destination));
    if let Some(pair) = &one.source_port {
        conditions.extend(port_conditions(pair, &pair.real, End::Source));
    }
    let mut ports = None;
    if let Some(pair) = &one.destination_port {
        conditions.extend(port_conditions(pair, &pair.mapped, End::Destination));
        ports = Some(&pair.real);
    }
    let verdict = target(End::Destination, &destination.mapped, &destination.real, ports, &one.options);
    lowering.rule(&one.span, conditions, verdict)
}

/// Packets of the real destination to the (real) source: their source becomes the mapped destination.
fn untranslate_destination(lowering: &Lowering<'_, '_, '_>, one: &Translation, destination: &Pair) -> Rule {
    let mut conditions: Vec<Condition> = one.mapped.iter().map(|name| in_interface(name)).collect();
    conditions.extend(one.real.iter().map(|name| out_interfaces(vec![name.clone()])));
    conditions.extend(destination.real.condition(End::Source));
    conditions.extend(one.source.real.condition(End::Destination));
    conditions.extend(before_nat(&one.source, one.source_port.as_ref()));
    let mut ports = None;
    if let Some(pair) = &one.source_port {
        conditions.extend(port_conditions(pair, &pair.real, End::Destination));
    }
    if let Some(pair) = &one.destination_port {
        conditions.extend(port_conditions(pair, &pair.real, End::Source));
        ports = Some(&pair.mapped);
    }
    let verdict = target(End::Source, &destination.real, &destination.mapped, ports, &one.options);
    lowering.rule(&one.span, conditions, verdict)
}

/// Packets of the real source: it becomes the mapped one.
fn translate_source(lowering: &Lowering<'_, '_, '_>, one: &Translation) -> Rule {
    let mut conditions: Vec<Condition> = one.real.iter().map(|name| in_interface(name)).collect();
    conditions.extend(one.mapped.iter().map(|name| out_interfaces(vec![name.clone()])));
    conditions.extend(one.source.real.condition(End::Source));
    if let Some(destination) = &one.destination {
        conditions.extend(destination.real.condition(End::Destination));
        conditions.extend(before_nat(destination, one.destination_port.as_ref()));
    }
    let mut ports = None;
    if let Some(pair) = &one.source_port {
        conditions.extend(port_conditions(pair, &pair.real, End::Source));
        ports = Some(&pair.mapped);
    }
    if let Some(pair) = &one.destination_port {
        conditions.extend(port_conditions(pair, &pair.real, End::Destination));
    }
    let own = one.source.own && one.dynamic;
    let verdict = match target(End::Source, &one.source.real, &one.source.mapped, ports, &one.options) {
        // The interface's address as it is at that time.
        Verdict::Nat(nat) if own && nat.unknown.is_some() => {
            Verdict::Nat(Nat { kind: NatKind::Masquerade, unknown: None, addresses: None, ..nat })
        }
        verdict => verdict,
    };
    lowering.rule(&one.span, conditions, verdict)
}

/// That the packet came in to the mapped address, where that is another than the real one.
fn before_nat(pair: &Pair, ports: Option<&PortPair>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if pair.mapped != pair.real && pair.mapped.unknown.is_empty() && !pair.mapped.is_any() {
        conditions.push(Condition::BeforeNat(Box::new(Condition::Destination(pair.mapped.set.clone()))));
    }
    if let Some(ports) = ports.filter(|ports| ports.real != ports.mapped) {
        conditions.push(Condition::BeforeNat(Box::new(Condition::DestinationPort(ports.mapped.clone()))));
    }
    conditions
}

fn port_conditions(pair: &PortPair, ports: &IntervalSet<u16>, end: End) -> Vec<Condition> {
    let mut conditions = vec![Condition::Protocol(pair.protocols.clone())];
    if !ports.is_all() {
        conditions.push(match end {
            End::Source => Condition::SourcePort(ports.clone()),
            End::Destination => Condition::DestinationPort(ports.clone()),
        });
    }
    conditions
}

fn unknown(end: End, what: &str) -> Verdict {
    let kind = match end {
        End::Source => NatKind::Source,
        End::Destination => NatKind::Destination,
    };
    Verdict::Nat(Nat {
        kind,
        addresses: None,
        ports: None,
        options: Vec::new(),
        unknown: Some(what.to_owned()),
    })
}

/// What becomes of an end of packets that has one of `from`.
pub(super) fn target(
    end: End,
    from: &Addresses,
    to: &Addresses,
    ports: Option<&IntervalSet<u16>>,
    options: &[String],
) -> Verdict {
    let mut nat = Nat {
        kind: match end {
            End::Source => NatKind::Source,
            End::Destination => NatKind::Destination,
        },
        addresses: None,
        ports: None,
        options: options.to_vec(),
        unknown: None,
    };
    match ports.map(IntervalSet::intervals) {
        None => {}
        Some([(first, last)]) => nat.ports = Some((*first, *last)),
        Some(_) => nat.unknown = Some("one of several ports".into()),
    }
    if from == to {
        if nat.ports.is_none() && nat.unknown.is_none() {
            nat.kind = NatKind::None;
        }
        return Verdict::Nat(nat);
    }
    match (single(&to.set), to.unknown.is_empty()) {
        (Some((first, last)), true) => {
            nat.addresses = Some((first, last));
            if is_prefix(&to.set) && first != last && size(&from.set) == size(&to.set) && is_prefix(&from.set)
            {
                nat.kind = match end {
                    End::Source => NatKind::SourceNetwork,
                    End::Destination => NatKind::DestinationNetwork,
                };
            }
            if from.set.v4.is_none() != to.set.v4.is_none() {
                nat.unknown = Some("an address of the other version of IP".into());
            }
        }
        _ => nat.unknown = Some(format!("one of {}", described(to))),
    }
    Verdict::Nat(nat)
}

fn described(addresses: &Addresses) -> String {
    match addresses.unknown.first() {
        Some(what) => what.what.clone(),
        None => format!("{} ranges", addresses.set.items().len()),
    }
}

/// The ends of a set of one interval.
fn single(set: &AddressSet) -> Option<(IpAddr, IpAddr)> {
    match (set.v4.intervals(), set.v6.intervals()) {
        ([(first, last)], []) => {
            Some((Ipv4Addr::from_bits(*first).into(), Ipv4Addr::from_bits(*last).into()))
        }
        ([], [(first, last)]) => {
            Some((Ipv6Addr::from_bits(*first).into(), Ipv6Addr::from_bits(*last).into()))
        }
        _ => None,
    }
}

fn size(set: &AddressSet) -> Option<u128> {
    match (set.v4.intervals(), set.v6.intervals()) {
        ([(first, last)], []) => Some(u128::from(last - first)),
        ([], [(first, last)]) => Some(last - first),
        _ => None,
    }
}

/// Whether a set of one interval is a network.
fn is_prefix(set: &AddressSet) -> bool {
    let network = |first: u128, last: u128| {
        let host = first ^ last;
        host & host.wrapping_add(1) == 0 && first & host == 0
    };
    match (set.v4.intervals(), set.v6.intervals()) {
        ([(first, last)], []) => network((*first).into(), (*last).into()),
        ([], [(first, last)]) => network(*first, *last),
        _ => false,
    }
}
