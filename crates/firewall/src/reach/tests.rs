//! The sets against a naive interpreter that sends one packet at a time through the same ruleset, on random
//! rulesets that use the whole vocabulary.

use std::net::IpAddr;
use std::sync::Arc;

use super::condition::Sight;
use super::*;
use crate::ruleset::*;
use crate::sets::{Point as Header, v4_value};
use zonewright_source::TextPlace;

/// A small generator, so that a failure is its seed.
struct Dice(u64);

impl Dice {
    fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn of<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize].clone()
    }
}

const NAMES: [&str; 6] = ["eth0", "eth1", "eth10", "lan", "wan", "wlan0"];
const PORTS: [u16; 7] = [0, 1, 79, 80, 81, 443, 65_535];
const PROTOCOLS: [u8; 6] = [1, 6, 17, 47, 58, 132];

fn address(dice: &mut Dice, version: IpVersion) -> IpAddr {
    let low = dice.below(6) as u32 + 256 * dice.below(2) as u32;
    match version {
        IpVersion::V4 => IpAddr::V4((0x0a00_0000 + low).into()),
        IpVersion::V6 => IpAddr::V6(((0xfd00_u128 << 112) + u128::from(low)).into()),
    }
}

fn version(dice: &mut Dice) -> IpVersion {
    if dice.one_in(4) { IpVersion::V6 } else { IpVersion::V4 }
}

fn addresses(dice: &mut Dice) -> AddressSet {
    let mut set = AddressSet::none();
    for _ in 0..=dice.below(2) {
        let version = version(dice);
        let (a, b) = (address(dice, version), address(dice, version));
        set = set.union(&AddressSet::range(a.min(b), a.max(b)).unwrap());
    }
    if dice.one_in(4) { set.complement() } else { set }
}

fn ports(dice: &mut Dice) -> IntervalSet<u16> {
    let (a, b) = (dice.of(&PORTS), dice.of(&PORTS));
    IntervalSet::range(a.min(b), a.max(b))
}

fn condition(dice: &mut Dice, depth: u32) -> Condition {
    let names = |dice: &mut Dice| {
        let name = dice.of(&NAMES).to_owned();
        let short = |name: &str| name.chars().take(3).collect();
        let pattern =
            if dice.one_in(2) { NamePattern::Exact(name) } else { NamePattern::Prefix(short(&name)) };
        NameSet { patterns: vec![pattern], negated: dice.one_in(3) }
    };
    match dice.below(if depth == 0 { 19 } else { 17 }) {
        0 => Condition::Version(version(dice)),
        1 => Condition::InInterface(names(dice)),
        2 => Condition::OutInterface(names(dice)),
        3 | 4 => Condition::Source(addresses(dice)),
        5 | 6 => Condition::Destination(addresses(dice)),
        7 => Condition::Protocol(IntervalSet::one(dice.of(&PROTOCOLS))),
        8 => Condition::SourcePort(ports(dice)),
        9 => Condition::DestinationPort(ports(dice)),
        10 => Condition::IcmpType(IntervalSet::range(0, dice.of(&[0, 1, 2, 8]))),
        11 => Condition::TcpFlags(MaskedFlags::equal(dice.of(&[2, 18, 3]), dice.of(&[0, 2]))),
        12 => {
            let states = [CtStates::NEW, CtStates::ESTABLISHED, CtStates::INVALID, CtStates::UNTRACKED];
            Condition::CtState(dice.of(&states).union(dice.of(&states)))
        }
        13 => {
            Condition::CtStatus { any: dice.of(&[CtStatus::DNAT, CtStatus::SNAT]), negated: dice.one_in(2) }
        }
        14 => {
            let inner = match dice.below(3) {
                0 => Condition::Source(addresses(dice)),
                1 => Condition::Destination(addresses(dice)),
                _ => Condition::DestinationPort(ports(dice)),
            };
            if dice.one_in(2) { Condition::BeforeNat(Box::new(inner)) } else { inner }
        }
        15 => Condition::Mark {
            of: dice.of(&[MarkOf::Packet, MarkOf::Connection]),
            mask: dice.of(&[1, 2, 3]),
            values: IntervalSet::range(0, dice.below(3) as u32),
        },
        16 if dice.one_in(3) => {
            Condition::Undecidable(Undecidable { what: "x".into(), reason: Reason::Rate })
        }
        16 => Condition::CtOriginal(!dice.one_in(4)),
        _ => {
            let of = (0..dice.below(3))
                .map(|_| (0..=dice.below(2)).map(|_| condition(dice, depth + 1)).collect::<Vec<_>>());
            Condition::Any { of: of.collect(), negated: dice.one_in(3) }
        }
    }
}

fn effect(dice: &mut Dice) -> Effect {
    let marks = [MarkOf::Packet, MarkOf::Connection];
    match dice.below(4) {
        0 | 1 => Effect::SetMark {
            of: dice.of(&marks),
            keep: dice.of(&[0, 1, u32::MAX]),
            flip: dice.below(4) as u32,
        },
        2 => {
            Effect::CopyMark { from: dice.of(&marks), to: dice.of(&marks), mask: dice.of(&[1, 3, u32::MAX]) }
        }
        _ => Effect::Other("dscp".into()),
    }
}

fn nat(dice: &mut Dice, hook: Hook, ranges: bool) -> Nat {
    let destination = matches!(hook, Hook::Prerouting | Hook::Output);
    let kind = match (destination, dice.below(6)) {
        (_, 0) => NatKind::None,
        (true, 1) => NatKind::Redirect,
        (true, 2) => NatKind::DestinationNetwork,
        (true, _) => NatKind::Destination,
        (false, 1) if ranges => NatKind::Masquerade,
        (false, 2) => NatKind::SourceNetwork,
        (false, _) => NatKind::Source,
    };
    let version = version(dice);
    let first = address(dice, version);
    let addresses = match kind {
        NatKind::None | NatKind::Redirect | NatKind::Masquerade => None,
        NatKind::DestinationNetwork | NatKind::SourceNetwork => {
            let net = AddressSet::prefix(first, if version == IpVersion::V4 { 30 } else { 126 }).unwrap();
            let four =
                net.v4.intervals().first().map(|(a, b)| (IpAddr::V4((*a).into()), IpAddr::V4((*b).into())));
            four.or_else(|| {
                net.v6.intervals().first().map(|(a, b)| (IpAddr::V6((*a).into()), IpAddr::V6((*b).into())))
            })
        }
        _ if ranges && dice.one_in(3) => {
            let second = address(dice, version);
            Some((first.min(second), first.max(second)))
        }
        _ => Some((first, first)),
    };
    let port = dice.of(&PORTS);
    let ports = dice.one_in(3).then_some((port, port));
    Nat { kind, addresses, ports, options: Vec::new(), unknown: None }
}

fn ruleset(dice: &mut Dice, ranges: bool) -> Ruleset {
    let place = TextPlace { file: "x".into(), start: 0, end: 0, line: 1, column: 1 };
    let mut ruleset = Ruleset::empty("nftables", Arc::from("x"));
    let callees = 3;
    let hooks = [Hook::Prerouting, Hook::Forward, Hook::Forward, Hook::Postrouting, Hook::Input];
    for at in 0..callees + 2 + dice.below(4) as usize {
        let base = (at >= callees).then(|| {
            let hook = if at == callees { Hook::Forward } else { dice.of(&hooks) };
            let nat = at > callees && matches!(hook, Hook::Prerouting | Hook::Postrouting) && dice.one_in(2);
            Base {
                hook,
                kind: if nat { ChainKind::Nat } else { ChainKind::Filter },
                priority: if nat { dice.of(&[-100, 100]) } else { dice.of(&[-300, -150, 0, 0, 150]) },
                policy: dice.of(&[Policy::Accept, Policy::Accept, Policy::Drop, Policy::Unknown]),
                devices: Vec::new(),
                dormant: dice.one_in(12),
            }
        });
        let mut rules = Vec::new();
        for _ in 0..dice.below(6) {
            let mut rule = Rule::new(place.clone());
            rule.conditions = (0..dice.below(3)).map(|_| condition(dice, 0)).collect();
            if dice.one_in(5) {
                rule.effects.push(effect(dice));
            }
            let raw =
                base.as_ref().is_some_and(|base| base.hook == Hook::Prerouting && base.priority == -300);
            if raw && dice.one_in(2) {
                rule.effects.push(Effect::NoTrack);
            }
            let nat_hook = base.as_ref().filter(|base| base.kind == ChainKind::Nat).map(|base| base.hook);
            rule.verdict = match (nat_hook, dice.below(10)) {
                (Some(hook), 0..6) => Verdict::Nat(nat(dice, hook, ranges)),
                (_, 0..2) => Verdict::Accept,
                (_, 2) => Verdict::Drop,
                (_, 3) => Verdict::Reject,
                (_, 4) => Verdict::Return,
                // A chain calls those before it only, so that there is no circle.
                (_, 5 | 6) if at > 0 => Verdict::Jump(ChainId(dice.below(at.min(callees) as u64) as usize)),
                (_, 7) if at > 0 => Verdict::Goto(ChainId(dice.below(at.min(callees) as u64) as usize)),
                (_, 8) if dice.one_in(3) => Verdict::Unknown("queue".into()),
                _ => Verdict::Continue,
            };
            rules.push(rule);
        }
        ruleset.chains.push(Chain {
            name: format!("c{at}"),
            table: "t".into(),
            family: dice.of(&[Family::Inet, Family::Inet, Family::Ipv4, Family::Ipv6]),
            base,
            rules,
            place: place.clone(),
            comment: None,
        });
    }
    ruleset
}

#[derive(Clone, PartialEq, Debug)]
struct Packet {
    incoming: &'static str,
    outgoing: &'static str,
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    source_port: u16,
    port: u16,
    icmp_type: u8,
    flags: u8,
    mark: u32,
    ct_mark: u32,
    state: CtStates,
    dnat: bool,
    snat: bool,
    before: Option<Box<Packet>>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Exit {
    Accept,
    Drop,
    Back,
    Translated,
    Local,
}

fn packet(dice: &mut Dice) -> Packet {
    let version = version(dice);
    let names = [NAMES.as_slice(), &["tun7", "eth9", "lanx"]].concat();
    let mut packet = Packet {
        incoming: dice.of(&names),
        outgoing: dice.of(&names),
        source: address(dice, version),
        destination: address(dice, version),
        protocol: dice.of(&PROTOCOLS),
        source_port: dice.of(&PORTS),
        port: dice.of(&PORTS),
        icmp_type: dice.of(&[0, 1, 2, 8]),
        flags: 2,
        mark: 0,
        ct_mark: 0,
        state: CtStates::NEW,
        dnat: false,
        snat: false,
        before: None,
    };
    // ICMP messages that open no connection are in none.
    let (four, six) = (packet.destination.is_ipv4(), packet.destination.is_ipv6());
    if four && packet.protocol == 1 && packet.icmp_type != 8 || six && packet.protocol == 58 {
        packet.state = CtStates::INVALID;
    }
    packet.before = Some(Box::new(packet.clone()));
    packet
}

/// Three-valued: `None` where the configuration does not tell.
fn holds(condition: &Condition, p: &Packet, sight: Sight) -> Option<bool> {
    let tracked = sight.tracked && p.state == CtStates::NEW;
    Some(match condition {
        Condition::Version(v) => (*v == IpVersion::V4) == p.destination.is_ipv4(),
        Condition::InInterface(names) => names.contains(if sight.incoming { p.incoming } else { "" }),
        Condition::OutInterface(names) => names.contains(if sight.outgoing { p.outgoing } else { "" }),
        Condition::Source(set) => set.contains(p.source),
        Condition::Destination(set) => set.contains(p.destination),
        Condition::Protocol(set) => set.contains(p.protocol),
        Condition::SourcePort(set) => PORT_PROTOCOLS.contains(&p.protocol) && set.contains(p.source_port),
        Condition::DestinationPort(set) => PORT_PROTOCOLS.contains(&p.protocol) && set.contains(p.port),
        Condition::IcmpType(set) => [1, 58].contains(&p.protocol) && set.contains(p.icmp_type),
        Condition::IcmpCode(set) => [1, 58].contains(&p.protocol) && set.contains(0),
        Condition::TcpFlags(flags) => p.protocol == 6 && flags.contains(p.flags),
        Condition::LaterFragment(later) => !later,
        Condition::CtState(states) => {
            states.contains(if sight.tracked { p.state } else { CtStates::INVALID })
        }
        Condition::CtStatus { any, negated } => {
            let some = any.contains(CtStatus::DNAT) && p.dnat || any.contains(CtStatus::SNAT) && p.snat;
            tracked && some != *negated
        }
        Condition::CtOriginal(original) => tracked && *original,
        Condition::BeforeNat(inner) => tracked && holds(inner, p.before.as_ref()?, sight)?,
        Condition::Mark { of: MarkOf::Packet, mask, values } => values.contains(p.mark & mask),
        Condition::Mark { of: MarkOf::Connection, mask, values } => {
            tracked && values.contains(p.ct_mark & mask)
        }
        Condition::Any { of, negated } => {
            let some = of.iter().map(|all| all_hold(all, p, sight));
            let some: Vec<Option<bool>> = some.collect();
            let any = if some.contains(&Some(true)) {
                Some(true)
            } else {
                some.into_iter().find(|one| one.is_none()).unwrap_or(Some(false))
            };
            any? != *negated
        }
        Condition::Undecidable(_) => return None,
        Condition::InBridge(_)
        | Condition::OutBridge(_)
        | Condition::InPort(_)
        | Condition::OutPort(_)
        | Condition::Vlan(_)
        | Condition::NoIp(_) => unreachable!("no bridges in these rulesets"),
    })
}

fn all_hold(conditions: &[Condition], p: &Packet, sight: Sight) -> Option<bool> {
    let all: Vec<Option<bool>> = conditions.iter().map(|one| holds(one, p, sight)).collect();
    if all.contains(&Some(false)) {
        return Some(false);
    }
    if all.contains(&None) { None } else { Some(true) }
}

fn act(effect: &Effect, p: &mut Packet, sight: Sight) {
    let tracked = sight.tracked && p.state == CtStates::NEW;
    match effect {
        Effect::SetMark { of: MarkOf::Packet, keep, flip } => p.mark = p.mark & keep ^ flip,
        Effect::SetMark { of: MarkOf::Connection, keep, flip } if tracked => {
            p.ct_mark = p.ct_mark & keep ^ flip
        }
        Effect::CopyMark { from, to, mask } if from != to && tracked => {
            let from = if *from == MarkOf::Packet { p.mark } else { p.ct_mark };
            let to = if *to == MarkOf::Packet { &mut p.mark } else { &mut p.ct_mark };
            *to = *to & !mask | from & mask;
        }
        Effect::NoTrack => p.state = CtStates::UNTRACKED,
        _ => {}
    }
}

fn translated(nat: &Nat, p: &Packet) -> Vec<Packet> {
    let destination =
        matches!(nat.kind, NatKind::Destination | NatKind::DestinationNetwork | NatKind::Redirect);
    let old = if destination { p.destination } else { p.source };
    let unknown = matches!(nat.kind, NatKind::Masquerade | NatKind::Redirect);
    let bits = |address: IpAddr| match address {
        IpAddr::V4(a) => u128::from(a.to_bits()),
        IpAddr::V6(a) => a.to_bits(),
    };
    let address = |bits: u128| match old {
        IpAddr::V4(_) => IpAddr::V4((bits as u32).into()),
        IpAddr::V6(_) => IpAddr::V6(bits.into()),
    };
    let news: Vec<IpAddr> = match nat.addresses {
        _ if nat.kind == NatKind::None => return vec![p.clone()],
        Some((first, _)) if first.is_ipv4() != old.is_ipv4() => return vec![p.clone()],
        Some((first, last)) if matches!(nat.kind, NatKind::DestinationNetwork | NatKind::SourceNetwork) => {
            let host = bits(first) ^ bits(last);
            vec![address(bits(first) | bits(old) & host)]
        }
        Some((first, last)) => (bits(first)..=bits(last)).map(address).collect(),
        None if unknown => (0..6).map(|low| address(bits(old) & !7 | low)).collect(),
        None => vec![old],
    };
    let news = news.into_iter().map(|new| {
        let mut q = p.clone();
        let port = nat.ports.map(|(port, _)| port);
        let changed =
            new != old || port.is_some_and(|port| port != if destination { p.port } else { p.source_port });
        if destination {
            (q.destination, q.port, q.dnat) = (new, port.unwrap_or(p.port), changed);
        } else {
            (q.source, q.source_port, q.snat) = (new, port.unwrap_or(p.source_port), changed);
        }
        q
    });
    news.collect()
}

fn through_chain(r: &Ruleset, id: ChainId, entering: Packet, sight: Sight) -> Vec<(Packet, Exit)> {
    let (mut current, mut done) = (vec![entering], Vec::new());
    for rule in &r.chains[id.0].rules {
        let mut rest = Vec::new();
        for p in std::mem::take(&mut current) {
            let matched = all_hold(&rule.conditions, &p, sight);
            if matched != Some(true) {
                rest.push(p.clone());
            }
            if matched == Some(false) {
                continue;
            }
            let mut p = p;
            rule.effects.iter().for_each(|effect| act(effect, &mut p, sight));
            match &rule.verdict {
                Verdict::Continue => rest.push(p),
                Verdict::Accept => done.push((p, Exit::Accept)),
                Verdict::Drop | Verdict::Reject => done.push((p, Exit::Drop)),
                Verdict::Return => done.push((p, Exit::Back)),
                Verdict::Unknown(_) => {
                    rest.push(p.clone());
                    done.extend([Exit::Accept, Exit::Drop, Exit::Back].map(|exit| (p.clone(), exit)));
                }
                Verdict::Nat(nat) => {
                    let exit = if nat.kind == NatKind::Redirect { Exit::Local } else { Exit::Translated };
                    done.extend(translated(nat, &p).into_iter().map(|p| (p, exit)));
                }
                Verdict::Jump(callee) | Verdict::Goto(callee) => {
                    for (p, exit) in through_chain(r, *callee, p, sight) {
                        match (exit, &rule.verdict) {
                            (Exit::Back, Verdict::Jump(_)) => rest.push(p),
                            _ => done.push((p, exit)),
                        }
                    }
                }
            }
        }
        current = rest;
        current.dedup();
    }
    done.extend(current.into_iter().map(|p| (p, Exit::Back)));
    done
}

fn through_base(r: &Ruleset, at: usize, p: Packet, sight: Sight) -> Vec<(Packet, Exit)> {
    let chain = &r.chains[at];
    let version = if p.destination.is_ipv4() { IpVersion::V4 } else { IpVersion::V6 };
    if !chain.family.routes(version) {
        return vec![(p, Exit::Accept)];
    }
    let mut out = Vec::new();
    for (p, exit) in through_chain(r, ChainId(at), p, sight) {
        match (exit, chain.base.as_ref().unwrap().policy) {
            (Exit::Back, Policy::Accept) => out.push((p, Exit::Accept)),
            (Exit::Back, Policy::Drop) => out.push((p, Exit::Drop)),
            (Exit::Back, Policy::Unknown) => out.extend([(p.clone(), Exit::Accept), (p, Exit::Drop)]),
            _ => out.push((p, exit)),
        }
    }
    out
}

/// Every way the packet may end: `None` where it is dropped or kept by the machine.
fn ends(r: &Ruleset, sent: Packet) -> Vec<Option<Packet>> {
    let mut alive = vec![sent];
    let mut ends = Vec::new();
    for hook in [Hook::Prerouting, Hook::Forward, Hook::Postrouting] {
        let mut bases: Vec<(usize, &Base)> = r
            .chains
            .iter()
            .enumerate()
            .filter_map(|(at, chain)| {
                chain.base.as_ref().filter(|base| base.hook == hook && !base.dormant).map(|base| (at, base))
            })
            .collect();
        let nat_at = if hook == Hook::Prerouting { -100 } else { 100 };
        let slot = |base: &Base| if base.kind == ChainKind::Nat { nat_at } else { base.priority };
        bases.sort_by_key(|(at, base)| (slot(base), base.priority, std::cmp::Reverse(*at)));
        let mut bound: Vec<Packet> = Vec::new();
        for (at, base) in bases {
            let sight = Sight {
                layer: super::condition::Layer::Routed,
                incoming: true,
                outgoing: hook != Hook::Prerouting,
                tracked: hook != Hook::Prerouting || slot(base) > -200,
            };
            // Packets that a chain translated skip the other chains that translate, and meet the filters again.
            if base.kind != ChainKind::Nat {
                alive.append(&mut bound);
            }
            for p in std::mem::take(&mut alive) {
                if base.kind == ChainKind::Nat && p.state != CtStates::NEW {
                    alive.push(p);
                    continue;
                }
                for (p, exit) in through_base(r, at, p, sight) {
                    match exit {
                        Exit::Accept => alive.push(p),
                        Exit::Translated => bound.push(p),
                        Exit::Drop | Exit::Local => ends.push(None),
                        Exit::Back => unreachable!(),
                    }
                }
            }
        }
        alive.append(&mut bound);
    }
    ends.extend(alive.into_iter().map(Some));
    ends
}

fn header(reach: &Reach<'_>, p: &Packet) -> Header {
    let number = |name: &str| reach.engine.interfaces.numbers_of_name(name)[0].0;
    let value = |address: IpAddr| match address {
        IpAddr::V4(a) => v4_value(a.to_bits()),
        IpAddr::V6(a) => a.to_bits(),
    };
    Header::default()
        .with(Field::InInterface, number(p.incoming))
        .with(Field::OutInterface, number(p.outgoing))
        .with(Field::Version, u128::from(p.destination.is_ipv6()))
        .with(Field::Protocol, p.protocol.into())
        .with(Field::Source, value(p.source))
        .with(Field::Destination, value(p.destination))
        .with(Field::SourcePort, p.source_port.into())
        .with(Field::DestinationPort, p.port.into())
        .with(Field::IcmpType, p.icmp_type.into())
}

fn check(seed: u64, ranges: bool) {
    let mut dice = Dice::new(seed);
    let r = ruleset(&mut dice, ranges);
    let mut reach = Reach::new(&r);
    let target = if dice.one_in(2) { None } else { Some(addresses(&mut dice)) };
    let to = Side { interfaces: None, addresses: target.clone() };
    let question = Question::between(Side::any(), to);
    let opening = reach.opening(&question).unwrap();
    let (rows, truncated) = reach.rows(&question, &opening, BOXES_MAX).unwrap();
    for _ in 0..60 {
        let p = packet(&mut dice);
        let ends = ends(&r, p.clone());
        let arrives = |end: &Option<Packet>| {
            end.as_ref()
                .is_some_and(|end| target.as_ref().is_none_or(|target| target.contains(end.destination)))
        };
        let (all, some) = (ends.iter().all(arrives), ends.iter().any(arrives));
        let point = header(&reach, &p);
        let d = reach.diagram();
        let (sure, possible) = (d.contains(opening.sure, &point), d.contains(opening.possible, &point));
        let say = || format!("seed {seed}: {p:?}\n{:#?}\nends {ends:#?}", r.chains);
        assert!(all || !sure, "surely passes, but the interpreter stops it; {}", say());
        assert!(!some || possible, "cannot pass, but the interpreter lets it; {}", say());
        if !ranges {
            assert_eq!((all, some), (sure, possible), "{}", say());
        }
        for end in ends.iter().filter(|end| arrives(end)) {
            let end = end.as_ref().unwrap();
            let arrived = Packet { destination: end.destination, port: end.port, ..p.clone() };
            let point = header(&reach, &arrived);
            assert!(reach.diagram().contains(opening.delivered_possible, &point), "{}", say());
        }
        if !truncated {
            let holding: Vec<bool> =
                rows.iter().filter(|row| in_box(&reach, &row.packets, &p)).map(|row| row.sure).collect();
            assert_eq!(!holding.is_empty(), possible, "{}", say());
            assert!(holding.iter().all(|row| *row == sure), "{}", say());
        }
    }
}

fn in_box(reach: &Reach<'_>, item: &PacketBox, p: &Packet) -> bool {
    let named = |names: &Option<Vec<String>>, name: &str| {
        let table = &reach.engine.interfaces;
        let class = table.names_within(&table.numbers_of_name(name));
        names.as_ref().is_none_or(|names| class.is_none_or(|class| names.contains(&class[0])))
    };
    named(&item.in_interfaces, p.incoming)
        && named(&item.out_interfaces, p.outgoing)
        && item.protocols.contains(p.protocol)
        && item.sources.contains(p.source)
        && item.destinations.contains(p.destination)
        && item.ports.contains(p.port)
        && item.source_ports.contains(p.source_port)
        && item.icmp_types.contains(p.icmp_type)
}

/// More can be asked for, as `make soak` does.
fn rulesets(usual: u64) -> u64 {
    let asked = std::env::var("ZONEWRIGHT_INTERPRETED_RULESETS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[test]
fn sets_agree_with_the_interpreter() {
    (1..=rulesets(400)).for_each(|seed| check(seed, false));
}

#[test]
fn sets_enclose_the_interpreter_where_translations_choose() {
    (1..=rulesets(200)).for_each(|seed| check(1_000_000 + seed, true));
}

const EXAMPLE: &str = "table inet plant {
  chain prerouting {
    type nat hook prerouting priority dstnat;
    iifname \"wan0\" ip daddr 203.0.113.5 tcp dport 8443 dnat ip to 10.1.0.10:443
  }
  chain from_office {
    ip saddr 10.0.0.99 drop
    ip daddr 10.1.0.10 tcp dport { 443, 502 } accept comment \"historian\"
    udp dport 161 limit rate 5/second accept
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname \"lan0\" jump from_office
    iifname \"wan0\" ip daddr 10.1.0.10 tcp dport 443 ct status dnat accept
  }
}
";

fn example() -> Ruleset {
    crate::dialects::read_bytes("plant.nft", EXAMPLE.as_bytes(), None).ruleset
}

fn net(text: &str) -> AddressSet {
    let (address, length) = text.split_once('/').unwrap();
    AddressSet::prefix(address.parse().unwrap(), length.parse().unwrap()).unwrap()
}

fn office() -> Side {
    Side { interfaces: Some(vec!["lan0".into()]), addresses: Some(net("10.0.0.0/24")) }
}

fn service(protocol: u8, port: u16) -> PacketClass {
    PacketClass {
        protocols: Some(IntervalSet::one(protocol)),
        ports: Some(IntervalSet::one(port)),
        ..PacketClass::default()
    }
}

#[test]
fn verdicts_tell_all_some_none_and_unknown_apart() {
    let ruleset = example();
    let mut reach = Reach::new(&ruleset);
    let mut ask = |from: Side, to: &str, class: PacketClass| {
        let to = Side::of_addresses(net(to));
        let question = Question { class, ..Question::between(from, to) };
        reach.answer(&question, 10).unwrap().verdict
    };
    let one = |address: &str| Side { addresses: Some(net(address)), ..office() };
    assert_eq!(ask(one("10.0.0.5/32"), "10.1.0.10/32", service(6, 502)), Openness::All);
    assert_eq!(ask(office(), "10.1.0.10/32", service(6, 502)), Openness::Some);
    assert_eq!(ask(one("10.0.0.99/32"), "10.1.0.10/32", service(6, 502)), Openness::None);
    assert_eq!(ask(office(), "10.1.0.10/32", service(6, 80)), Openness::None);
    assert_eq!(ask(one("10.0.0.5/32"), "10.1.0.10/32", service(17, 161)), Openness::Unknown);
}

#[test]
fn a_target_behind_a_translation_is_reached_by_the_address_in_front() {
    let ruleset = example();
    let mut reach = Reach::new(&ruleset);
    let from = Side::of_interfaces(["wan0"]);
    let question = Question::between(from, Side::of_addresses(net("10.1.0.10/32")));
    let answer = reach.answer(&question, 10).unwrap();
    let [row] = answer.open.as_slice() else { panic!("{:#?}", answer.open) };
    assert_eq!(row.packets.destinations.to_string(), "203.0.113.5");
    assert_eq!(row.packets.ports.to_string(), "8443");
    assert_eq!(row.translated[0].addresses.unwrap().0.to_string(), "10.1.0.10");
    let opening = reach.opening(&question).unwrap();
    let class = reach.class(&service(6, 443)).unwrap();
    // As it arrives, every source comes in this way, though no packet with this destination is sent.
    assert_eq!(reach.verdict(&opening, class).unwrap(), Openness::All);
}

#[test]
fn deciding_rules_come_in_the_order_in_which_they_are_asked() {
    let ruleset = example();
    let mut reach = Reach::new(&ruleset);
    let to = Side::of_addresses(net("10.1.0.10/32"));
    let question = Question { class: service(6, 502), ..Question::between(office(), to) };
    let rules = reach.deciding_rules(&question, 10).unwrap();
    let told: Vec<String> = rules
        .iter()
        .map(|one| format!("{} {} from {}", one.rule.place.line, one.rule.verdict, one.packets[0].sources))
        .collect();
    assert_eq!(told, ["7 drop from 10.0.0.99", "8 accept from 10.0.0.0-10.0.0.98,10.0.0.100-10.0.0.255"]);
    assert_eq!(rules[1].rule.comment.as_deref(), Some("historian"));
    let json = reach_json(&reach.answer(&question, 10));
    assert_eq!(json["format"], "zonewright-reach/1");
    assert_eq!(json["verdict"], "some");
    assert_eq!(json["open"][0]["rule"]["line"], 8);
    assert_eq!(json["open"][0]["ports"], "502");
}

#[test]
fn replies_follow_the_state() {
    let ruleset = example();
    let mut reach = Reach::new(&ruleset);
    let from = Side { interfaces: Some(vec!["ot1".into()]), addresses: Some(net("10.1.0.10/32")) };
    let question = Question { phase: Phase::Reply, ..Question::between(from.clone(), office()) };
    assert_eq!(reach.answer(&question, 10).unwrap().verdict, Openness::All);
    let question = Question::between(from, office());
    assert_eq!(reach.answer(&question, 10).unwrap().verdict, Openness::None);
}

#[test]
fn a_difference_has_witnesses() {
    let (old, mut new) = (example(), example());
    let without = EXAMPLE.replace("{ 443, 502 }", "443");
    new.chains = crate::dialects::read_bytes("plant.nft", without.as_bytes(), None).ruleset.chains;
    let (mut a, mut b) = Reach::pair(&old, &new);
    let difference = a.difference(&mut b, &Question::default(), 10).unwrap();
    assert!(difference.opened.is_empty() && difference.unclear.is_empty());
    assert_eq!(difference.closed[0].ports.to_string(), "502");
    let (mut a, mut b) = Reach::pair(&old, &old);
    assert!(a.difference(&mut b, &Question::default(), 10).unwrap().is_none());
}

#[test]
fn jumps_in_a_circle_and_too_deep_leave_the_answer_open() {
    let chains = JUMP_DEPTH_MAX + 8;
    for circle in [false, true] {
        let mut text = "table inet t {\n".to_owned();
        for at in 0..chains {
            let next = if at + 1 < chains {
                at + 1
            } else if circle {
                0
            } else {
                at
            };
            let rule = if next == at { "accept".to_owned() } else { format!("jump c{next}") };
            text.push_str(&format!("  chain c{at} {{\n    {rule}\n  }}\n"));
        }
        text.push_str(
            "  chain f {\n    type filter hook forward priority 0; policy drop;\n    jump c0\n  }\n}\n",
        );
        let ruleset = crate::dialects::read_bytes("deep.nft", text.as_bytes(), None).ruleset;
        let mut reach = Reach::new(&ruleset);
        assert_eq!(reach.answer(&Question::default(), 10).unwrap().verdict, Openness::Unknown);
    }
}

#[test]
fn more_interfaces_than_can_be_told_apart_are_an_answer() {
    let mut ruleset = example();
    ruleset.interfaces = (0..INTERFACES_MAX).map(|at| format!("vlan{at}")).collect();
    let answer = Reach::new(&ruleset).answer(&Question::default(), 10);
    assert_eq!(answer, Err(ReachError::TooManyInterfaces { limit: INTERFACES_MAX }));
    assert_eq!(reach_json(&answer)["verdict"], "unknown");
}

/// FortiOS policies between eight interfaces, all of which translate the source.
fn translating_policies(count: usize) -> String {
    let mut text = "#config-version=FGT60F-7.2.5-FW-build1517-230607:opmode=0:vdom=0:user=admin\n".to_owned();
    text.push_str("config system interface\n");
    for at in 0..8 {
        text.push_str(&format!(
            "    edit \"eth{at}\"\n        set vdom \"root\"\n        set ip 10.{at}.0.1 255.255.0.0\n    next\n"
        ));
    }
    text.push_str("end\nconfig firewall policy\n");
    for at in 0..count {
        let (from, to) = (at % 8, at / 8 % 8);
        text.push_str(&format!(
            "    edit {}\n        set srcintf \"eth{from}\"\n        set dstintf \"eth{to}\"\n        set action accept\n        set srcaddr \"all\"\n        set dstaddr \"all\"\n        set schedule \"always\"\n        set service \"ALL\"\n        set nat enable\n    next\n",
            at + 1
        ));
    }
    text + "end\n"
}

#[test]
fn only_translating_rules_that_concern_the_question_are_followed() {
    let text = translating_policies(640);
    let read = crate::dialects::read_bytes("fortigate.conf", text.as_bytes(), None);
    assert_eq!(read.ruleset.lines.warned, 0);
    let translating = read.ruleset.chains.iter().flat_map(|chain| &chain.rules);
    assert_eq!(translating.filter(|rule| matches!(rule.verdict, Verdict::Nat(_))).count(), 640);
    let mut reach = Reach::new(&read.ruleset);
    let side = |name: &str, network: &str| Side {
        interfaces: Some(vec![name.into()]),
        addresses: Some(net(network)),
    };
    let tcp = service(6, 502);
    let between = Question::between(side("eth2", "10.2.0.0/16"), side("eth5", "10.5.0.0/16"));
    let question = Question { path: Path::Routed, class: tcp, ..between };
    let answer = reach.answer(&question, 10_000).unwrap();
    assert_eq!(answer.verdict, Openness::All, "{:?}", answer.open);
    assert!(answer.open.iter().all(|row| row.translated.len() == 1), "{:?}", answer.open);
    let segments = reach.engine.segments.values().flat_map(|list| list.iter());
    let followed = segments.filter(|segment| matches!(segment, Segment::Changing(_))).count();
    assert_eq!(followed, 640 / 64);
}
