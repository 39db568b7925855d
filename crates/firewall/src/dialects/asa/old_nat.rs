//! Translations before 8.3: `nat`, `global` and `static`, in the order in which they were asked: exemptions, static ones,
//! then dynamic ones, the most specific first.

use super::ace::AceReader;
use super::address::{Addresses, End, zero};
use super::config::{Entry, Statement};
use super::cursor::Cursor;
use super::lower::{Lowering, in_interface, out_interfaces};
use super::nat::{Pair, PortPair, Translation};
use super::nat_rules::{add, target};
use crate::dialects::cisco::{Os, port};
use crate::ruleset::{AddressSet, Condition, IntervalSet, Nat, NatKind, Reason, Rule, Verdict};
use std::net::Ipv4Addr;
use std::ops::Range;

/// Adds the rules of all of them.
pub(super) fn rules(lowering: &mut Lowering<'_, '_, '_>, before: &mut Vec<Rule>, behind: &mut Vec<Rule>) {
    let config = lowering.config;
    if config.old_nat.is_empty() {
        return;
    }
    let is = |statement: &&Statement<'_>, word: &str| {
        statement.words.first().is_some_and(|first| first.text == word)
    };
    exemptions(lowering, before, behind);
    for statement in config.old_nat.iter().filter(|statement| is(statement, "static")) {
        match static_line(lowering, statement) {
            Ok(translation) => add(lowering, &translation, before, behind),
            Err(problem) => uncertain(lowering, &statement.span, problem, before, behind),
        }
    }
    let mut dynamic: Vec<(u32, Rule)> = Vec::new();
    for statement in config.old_nat.iter().filter(|statement| is(statement, "nat")) {
        match nat_line(lowering, statement) {
            Ok(found) => dynamic.extend(found),
            Err(problem) => uncertain(lowering, &statement.span, problem, before, behind),
        }
    }
    for statement in config.old_nat.iter().filter(|statement| is(statement, "global")) {
        if pool(lowering, statement).is_none() {
            let problem = "expected `global (INTERFACE) NUMBER ADDRESSES`".to_owned();
            uncertain(lowering, &statement.span, problem, before, behind);
        }
    }
    dynamic.sort_by_key(|(specific, _)| *specific);
    behind.extend(dynamic.into_iter().map(|(_, rule)| rule));
}

fn uncertain(
    lowering: &mut Lowering<'_, '_, '_>,
    span: &Range<usize>,
    problem: String,
    before: &mut Vec<Rule>,
    behind: &mut Vec<Rule>,
) {
    lowering.warn(
        span,
        "firewall/unread-translation",
        problem.as_str(),
        "what is translated to what is uncertain",
    );
    let pair = Pair { real: Addresses::any(), mapped: Addresses::any(), own: false };
    let mut translation = Translation::plain(span.clone(), "", "", pair);
    translation.unread = Some(problem);
    add(lowering, &translation, before, behind);
}

/// The name within `(NAME)`.
fn interface(word: &str) -> Option<&str> {
    word.strip_prefix('(')?.strip_suffix(')')
}

/// `nat (NAME) 0 access-list LIST`: what the list permits is not translated, from either side.
fn exemptions(lowering: &mut Lowering<'_, '_, '_>, before: &mut Vec<Rule>, behind: &mut Vec<Rule>) {
    let config = lowering.config;
    let mut aces = AceReader::new(config);
    for statement in &config.old_nat {
        let texts: Vec<&str> = statement.words.iter().map(|word| word.text).collect();
        let ["nat", name, "0", "access-list", list, ..] = texts.as_slice() else { continue };
        let (Some(name), Some(list)) = (interface(name), config.lists.get(list)) else { continue };
        for entry in &list.entries {
            let Entry::Ace(one) = entry else { continue };
            let ace = aces.extended(one, list.ipv6);
            if ace.permit != Some(true) || ace.inactive {
                continue;
            }
            let none = || {
                Verdict::Nat(Nat {
                    kind: NatKind::None,
                    addresses: None,
                    ports: None,
                    options: Vec::new(),
                    unknown: None,
                })
            };
            let mut there = vec![in_interface(name)];
            there.extend(ace.conditions.iter().cloned());
            behind.push(lowering.rule(&one.span, there, none()));
            before.push(lowering.rule(&one.span, ace.conditions.iter().map(backward).collect(), none()));
        }
    }
}

/// A condition for packets of the other direction.
fn backward(condition: &Condition) -> Condition {
    match condition {
        Condition::Source(set) => Condition::Destination(set.clone()),
        Condition::Destination(set) => Condition::Source(set.clone()),
        Condition::SourcePort(set) => Condition::DestinationPort(set.clone()),
        Condition::DestinationPort(set) => Condition::SourcePort(set.clone()),
        Condition::Any { of, negated } => {
            let of = of.iter().map(|all| all.iter().map(backward).collect()).collect();
            Condition::Any { of, negated: *negated }
        }
        other => other.clone(),
    }
}

/// `static (REAL,MAPPED) [tcp|udp] MAPPED|interface [PORT] REAL [PORT] [netmask MASK] …`.
fn static_line(lowering: &Lowering<'_, '_, '_>, statement: &Statement<'_>) -> Result<Translation, String> {
    let config = lowering.config;
    let mut words = Cursor::new(&statement.words);
    words.next();
    let sides = words.next().unwrap_or_default().trim_matches(['(', ')']);
    let (real_side, mapped_side) = sides.split_once(',').ok_or("expected two interfaces")?;
    let protocol = match words.peek() {
        Some("tcp") => Some(6),
        Some("udp") => Some(17),
        _ => None,
    };
    if protocol.is_some() {
        words.next();
    }
    let read_port = |words: &mut Cursor<'_, '_>| -> Result<Option<u16>, String> {
        if protocol.is_none() {
            return Ok(None);
        }
        let word = words.next().unwrap_or_default();
        let found = port(Os::Asa, protocol, word).filter(|port| port.or.is_none());
        found.map(|port| Some(port.number)).ok_or_else(|| format!("expected a port, found `{word}`"))
    };
    let mapped = words.next().unwrap_or_default();
    let mapped_port = read_port(&mut words)?;
    let real = words.next().unwrap_or_default();
    if real == "access-list" {
        return Err("a static translation by a list is not computed".into());
    }
    let real_port = read_port(&mut words)?;
    let mask: Ipv4Addr = match words.next() {
        Some("netmask") => words.next().and_then(|mask| mask.parse().ok()).ok_or("expected a mask")?,
        _ => Ipv4Addr::BROADCAST,
    };
    let network = |word: &str| match config.literal(word) {
        Some(std::net::IpAddr::V4(address)) => config.masked(address, mask).map(Addresses::of),
        _ => None,
    };
    let source = Pair {
        real: network(real).ok_or_else(|| format!("expected an address, found `{real}`"))?,
        mapped: match mapped {
            "interface" => config.interface_addresses(mapped_side),
            _ => network(mapped).ok_or_else(|| format!("expected an address, found `{mapped}`"))?,
        },
        own: mapped == "interface",
    };
    let mut translation = Translation::plain(statement.span.clone(), real_side, mapped_side, source);
    if let (Some(protocol), Some(real), Some(mapped)) = (protocol, real_port, mapped_port) {
        translation.source_port = Some(PortPair {
            protocols: IntervalSet::one(protocol),
            real: IntervalSet::one(real),
            mapped: IntervalSet::one(mapped),
        });
    }
    Ok(translation)
}

/// `nat (NAME) NUMBER ADDRESS MASK` with the `global` lines of the number; each with how many addresses it takes, less by
/// the specific ones.
fn nat_line(lowering: &Lowering<'_, '_, '_>, statement: &Statement<'_>) -> Result<Vec<(u32, Rule)>, String> {
    let config = lowering.config;
    let texts: Vec<&str> = statement.words.iter().map(|word| word.text).collect();
    let ["nat", name, number, rest @ ..] = texts.as_slice() else {
        return Err("expected `nat (INTERFACE) NUMBER`".into());
    };
    let name = interface(name).ok_or("expected an interface")?;
    if let ["access-list", list, ..] = rest {
        if *number == "0" && config.lists.get(list).is_some() {
            return Ok(Vec::new());
        }
        return Err(format!("a translation by list `{list}` is not computed"));
    }
    let (Some(address), mask) = (rest.first(), rest.get(1)) else { return Err("expected an address".into()) };
    let address = config.literal_v4(address);
    let mask = mask.map_or(Some(Ipv4Addr::BROADCAST), |mask| zero(mask).or_else(|| mask.parse().ok()));
    let set = address.zip(mask).and_then(|(address, mask)| config.masked(address, mask));
    let from = Addresses::of(set.ok_or("expected an address and a mask")?);
    let size: u32 =
        from.set.v4.intervals().iter().map(|(first, last)| last - first).fold(0, u32::saturating_add);
    let mut conditions = vec![in_interface(name)];
    conditions.extend(from.condition(End::Source));
    if *number == "0" {
        let verdict = target(End::Source, &from, &from, None, &[]);
        return Ok(vec![(size, lowering.rule(&statement.span, conditions, verdict))]);
    }
    let mut found = Vec::new();
    for global in &config.old_nat {
        let Some((id, out, to)) = pool(lowering, global).filter(|(id, ..)| id == number) else { continue };
        let _ = id;
        let mut conditions = conditions.clone();
        conditions.push(out_interfaces(vec![out]));
        let verdict = match target(End::Source, &from, &to, None, &[]) {
            Verdict::Nat(nat) if nat.unknown.is_some() && !to.unknown.is_empty() => {
                Verdict::Nat(Nat { kind: NatKind::Masquerade, unknown: None, addresses: None, ..nat })
            }
            verdict => verdict,
        };
        found.push((size, lowering.rule(&statement.span, conditions, verdict)));
    }
    Ok(found)
}

/// `global (NAME) NUMBER A[-B]|interface`: number, interface, addresses.
fn pool(lowering: &Lowering<'_, '_, '_>, statement: &Statement<'_>) -> Option<(String, String, Addresses)> {
    let texts: Vec<&str> = statement.words.iter().map(|word| word.text).collect();
    let ["global", name, number, range, ..] = texts.as_slice() else { return None };
    let name = interface(name)?;
    let addresses = if *range == "interface" {
        lowering.config.interface_addresses(name)
    } else {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let ends = lowering.config.literal(first).zip(lowering.config.literal(last));
        let set = ends.and_then(|(first, last)| AddressSet::range(first, last));
        set.map_or_else(|| Addresses::unknown((*range).to_owned(), Reason::Name), Addresses::of)
    };
    Some(((*number).to_owned(), name.to_owned(), addresses))
}
