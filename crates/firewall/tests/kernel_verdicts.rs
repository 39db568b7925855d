//! The kernel's verdict about packets in a network namespace against the computed one, on random rulesets.
//!
//! Each packet is injected alone; half of them lie on one or the other side of the boundary of a computed set.
//! Where the set is sure the kernel has to agree, also about what it translates.
//!
//! Needs root, /dev/net/tun, python3 and the firewall tools; says so and passes where they are missing. More
//! rulesets with `ZONEWRIGHT_KERNEL_RULESETS=10000`, other ones with `ZONEWRIGHT_KERNEL_SEED=1000000`; a failure
//! prints its seed, which with `ZONEWRIGHT_KERNEL_RULESETS=1` repeats it. `ZONEWRIGHT_REQUIRE_KERNEL=1` makes a
//! missing tool a failure.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it compared"
)]

#[path = "kernel/dice.rs"]
mod dice;
#[path = "kernel/ipt.rs"]
mod ipt;
#[path = "kernel/nft.rs"]
mod nft;
#[path = "kernel/packet.rs"]
mod packet;
#[path = "kernel/pools.rs"]
mod pools;
#[path = "kernel/router.rs"]
mod router;

use std::net::IpAddr;

use dice::Dice;
use packet::{ICMP, ICMPV6, Packet, Seen, TCP, UDP, has_ports};
use pools::{INTERFACES, PORTS, V4, V6};
use router::{Kind, Outcome, Router};
use zonewright_firewall::dialects;
use zonewright_firewall::reach::{OpenRow, Opening, PacketClass, Path, Phase, Question, Reach, Side};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet, Ruleset};
use zonewright_firewall::sets::{Field, Point, Set};

/// How many rulesets each test tries, by its name.
const RULESETS: [(&str, u64); 5] =
    [("nftables", 300), ("legacy", 300), ("xt", 300), ("bridge", 150), ("physdev", 100)];
const PACKETS: usize = 56;
const LOCAL_PACKETS: usize = 6;
const REPLIES: usize = 4;

#[test]
fn nftables_rulesets_pass_what_the_kernel_passes() {
    nftables("nftables", Kind::Router, 0, nft::ruleset);
}

#[test]
fn bridge_rulesets_pass_what_the_kernel_passes() {
    nftables("bridge", Kind::Bridge, 60_000_000, nft::bridge);
}

fn nftables(name: &'static str, kind: Kind, first: u64, made: fn(&mut Dice) -> String) {
    let Some(mut router) = router(kind, &["nft"]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.nft");
    let mut tally = Tally::new(name);
    for seed in seeds(name) {
        let text = made(&mut Dice::new(first + seed));
        std::fs::write(&file, &text).unwrap();
        if let Err(objection) = router.load("nft", &[&file]) {
            tally.refuse(seed, &text, objection);
            continue;
        }
        let read = dialects::read_bytes("rules.nft", text.as_bytes(), dialects::named("nftables"));
        compare(seed, &text, &[&read.ruleset], &mut router, &mut tally);
    }
    tally.close();
}

#[test]
fn legacy_iptables_rulesets_pass_what_the_kernel_passes() {
    iptables("legacy", Kind::Router, 20_000_000);
}

#[test]
fn nft_iptables_rulesets_pass_what_the_kernel_passes() {
    iptables("xt", Kind::Router, 40_000_000);
}

#[test]
fn iptables_rulesets_that_ask_for_ports_pass_what_a_bridge_passes() {
    iptables("physdev", Kind::BridgeNetfilter, 80_000_000);
}

fn iptables(name: &'static str, kind: Kind, first: u64) {
    let (load, tools) = match name {
        "xt" => ("xt", ["iptables-nft-restore", "ip6tables-nft-restore", "nft"]),
        _ => ("legacy", ["iptables-legacy-restore", "ip6tables-legacy-restore", "nft"]),
    };
    let Some(mut router) = router(kind, &tools) else { return };
    let folder = tempfile::tempdir().unwrap();
    let (four, six) = (folder.path().join("rules.v4"), folder.path().join("rules.v6"));
    let mut tally = Tally::new(name);
    for seed in seeds(name) {
        let mut dice = Dice::new(first + seed);
        let texts = [false, true].map(|six| ipt::ruleset(&mut dice, six, kind));
        for (file, text) in [&four, &six].into_iter().zip(&texts) {
            std::fs::write(file, text).unwrap();
        }
        let text = texts.concat();
        if let Err(objection) = router.load(load, &[&four, &six]) {
            tally.refuse(seed, &text, objection);
            continue;
        }
        let read = |name: &str, text: &str| {
            dialects::read_bytes(name.to_owned(), text.as_bytes(), dialects::named("iptables")).ruleset
        };
        let rulesets = [read("rules.v4", &texts[0]), read("rules.v6", &texts[1])];
        compare(seed, &text, &[&rulesets[0], &rulesets[1]], &mut router, &mut tally);
    }
    tally.close();
}

/// The router, or a message why there is none.
fn router(kind: Kind, tools: &[&str]) -> Option<Router> {
    match Router::start(kind, tools) {
        Ok(router) => Some(router),
        Err(reason) => {
            assert!(std::env::var_os("ZONEWRIGHT_REQUIRE_KERNEL").is_none(), "required, but {reason}");
            println!("skipped: kernel verdicts need root and firewall tools, and {reason}");
            None
        }
    }
}

fn seeds(name: &str) -> std::ops::Range<u64> {
    let number = |name: &str, usual: u64| {
        std::env::var(name).ok().map_or(usual, |text| text.parse().expect("a number in the environment"))
    };
    let usual = RULESETS.iter().find(|(known, _)| *known == name).expect("a name of the list").1;
    let first = number("ZONEWRIGHT_KERNEL_SEED", 1);
    first..first + number("ZONEWRIGHT_KERNEL_RULESETS", usual)
}

#[derive(Default)]
struct Tally {
    name: &'static str,
    rulesets: u64,
    refused: Vec<String>,
    warned: u64,
    warnings: std::collections::BTreeMap<String, u64>,
    packets: u64,
    boundary: u64,
    open: u64,
    closed: u64,
    unknown: u64,
    translated: u64,
    replies: u64,
    mismatches: Vec<String>,
}

impl Tally {
    fn new(name: &'static str) -> Self {
        Tally { name, ..Tally::default() }
    }

    fn refuse(&mut self, seed: u64, text: &str, objection: String) {
        self.refused.push(format!("seed {seed}: {objection}\n{text}"));
    }

    fn mismatch(&mut self, seed: u64, text: &str, what: String) {
        if self.mismatches.len() < 400 {
            self.mismatches.push(format!("seed {seed}: {what}\n{text}"));
        }
    }

    fn close(self) {
        println!(
            "{}: {} rulesets ({} in all tests) ({} refused by the kernel, {} with lines that the reader warned about), {} packets ({} at \
             boundaries): {} surely open, {} surely closed, {} not sure, {} translated, {} replies; {} mismatches",
            self.name,
            self.rulesets,
            RULESETS.iter().map(|(_, count)| count).sum::<u64>(),
            self.refused.len(),
            self.warned,
            self.packets,
            self.boundary,
            self.open,
            self.closed,
            self.unknown,
            self.translated,
            self.replies,
            self.mismatches.len(),
        );
        if std::env::var_os("ZONEWRIGHT_KERNEL_TALK").is_some() {
            self.refused.iter().take(20).for_each(|refused| println!("refused: {refused}"));
            self.warnings.keys().for_each(|warning| println!("warned: {warning}"));
        }
        if let Some(first) = self.mismatches.first() {
            for other in &self.mismatches {
                println!("{}", other.lines().next().unwrap_or_default());
            }
            panic!("{} mismatches, the first: {first}", self.mismatches.len());
        }
        let refused = self.refused.len() as u64;
        if self.rulesets + refused < 50 {
            return;
        }
        // A test that asks nothing proves nothing.
        assert!(
            refused * 20 < self.rulesets,
            "the kernel refused {refused}, the last: {:?}",
            self.refused.last()
        );
        assert!(self.open * 10 > self.packets, "too few packets were open");
        assert!(self.closed * 10 > self.packets, "too few packets were closed");
        assert!(self.unknown * 5 < self.packets, "too many packets were not sure");
        assert!(self.boundary * 3 > self.packets, "too few packets lay at a boundary");
    }
}

/// One set of a ruleset per place where a packet may turn up.
struct Expected<'a> {
    path: Path,
    reach: Reach<'a>,
    /// By outgoing interface.
    through: Vec<(Question, Opening)>,
    local: Opening,
    rows: Vec<Option<Vec<OpenRow>>>,
}

impl<'a> Expected<'a> {
    fn of(ruleset: &'a Ruleset, kind: Kind) -> Self {
        let path = path_of(kind);
        let mut reach = Reach::new(ruleset);
        let through = (0..INTERFACES.len()).map(|out| {
            let to =
                Side { interfaces: Some(vec![INTERFACES[out].to_owned()]), addresses: Some(routed(out)) };
            let question = Question { path, ..Question::between(Side::of_interfaces(INTERFACES), to) };
            let opening = reach.opening(&question).unwrap();
            (question, opening)
        });
        let through = through.collect();
        let local = Question {
            path: Path::ToDevice,
            ..Question::between(Side::of_interfaces(INTERFACES), Side::of_addresses(own_addresses()))
        };
        let mut local = reach.opening(&local).unwrap();
        if kind != Kind::Router {
            // The bridge has no address.
            (local.sure, local.possible) = (Set::NONE, Set::NONE);
        }
        Expected { path, reach, through, local, rows: vec![None; INTERFACES.len()] }
    }

    fn point(&self, packet: &Packet, out: usize) -> Point {
        let value = |at: usize| self.reach.interface_value(INTERFACES[at]);
        packet.point(value(packet.interface), value(out))
    }

    /// Headers that the kernel takes for ordinary ones, and the test can send.
    fn sendable(&mut self) -> Set {
        let of = |protocols: &[u8], addresses: AddressSet| PacketClass {
            source: Some(addresses.clone()),
            destination: Some(addresses),
            protocols: Some(IntervalSet::from_ranges(protocols.iter().map(|number| (*number, *number)))),
            ..PacketClass::default()
        };
        let all = usable();
        let four = AddressSet { v6: IntervalSet::none(), ..all.clone() };
        let six = AddressSet { v4: IntervalSet::none(), ..all.clone() };
        let interfaces: Vec<u128> = INTERFACES.iter().map(|name| self.reach.interface_value(name)).collect();
        let classes = [of(&[TCP, UDP, 50], all), of(&[ICMP], four), of(&[ICMPV6], six)];
        let sets: Vec<Set> = classes.iter().map(|class| self.reach.class(class).unwrap()).collect();
        let d = self.reach.diagram();
        let four = d.ranges(Field::IcmpType, &[(8, 8), (13, 13)]).unwrap();
        let six = d.ranges(Field::IcmpType, &[(128, 128)]).unwrap();
        let (four, six) = (d.and(sets[1], four).unwrap(), d.and(sets[2], six).unwrap());
        let all = d.union(vec![sets[0], four, six]).unwrap();
        let mut known = Vec::new();
        for value in interfaces {
            known.push(d.equal(Field::InInterface, value).unwrap());
        }
        let known = d.union(known).unwrap();
        d.and(all, known).unwrap()
    }

    /// Packets on both sides of the boundary of one of the sets.
    fn boundary_packets(&mut self, dice: &mut Dice, count: usize, version: Option<u128>) -> Vec<Packet> {
        let mut sendable = self.sendable();
        if let Some(version) = version {
            let d = self.reach.diagram();
            let version = d.equal(Field::Version, version).unwrap();
            sendable = d.and(sendable, version).unwrap();
        }
        let mut packets = Vec::new();
        for _ in 0..40 {
            if packets.len() >= count {
                break;
            }
            let out = dice.below(INTERFACES.len() as u64) as usize;
            let opening = self.through[out].1;
            let set = if dice.one_in(2) { opening.sure } else { opening.possible };
            let value = self.reach.interface_value(INTERFACES[out]);
            let d = self.reach.diagram();
            let outgoing = d.equal(Field::OutInterface, value).unwrap();
            let within = d.and(set, sendable).unwrap();
            let within = d.and(within, outgoing).unwrap();
            let Some(start) = d.pick(within, || dice.one_in(2)) else { continue };
            let fields = [
                Field::Destination,
                Field::Source,
                Field::DestinationPort,
                Field::SourcePort,
                Field::Protocol,
                Field::InInterface,
            ];
            let found = d.boundary_points(set, &start, &fields).unwrap();
            // Points at a boundary come in pairs, one on each side.
            let found: Vec<Point> = found.into_iter().filter(|point| d.contains(sendable, point)).collect();
            for _ in 0..3.min(found.len()) {
                let at = dice.below(found.len() as u64) as usize;
                for point in [Some(&found[at]), found.get(at ^ 1)].into_iter().flatten() {
                    packets.extend(self.packet(dice, point));
                }
            }
        }
        packets.truncate(count);
        packets
    }

    fn packet(&self, dice: &mut Dice, point: &Point) -> Option<Packet> {
        let alike: Vec<usize> = (0..INTERFACES.len())
            .filter(|at| self.reach.interface_value(INTERFACES[*at]) == point.value(Field::InInterface))
            .collect();
        (!alike.is_empty()).then(|| Packet::of(point, dice.any(&alike)))
    }

    /// What is wrong with the kernel's verdict, if anything; and whether the computed one was sure.
    fn judge(&mut self, packet: &Packet, outcome: &Outcome) -> (Result<(), String>, Verdict) {
        let (mut sure, mut possible) = (Vec::new(), Vec::new());
        for out in 0..INTERFACES.len() {
            let (point, opening) = (self.point(packet, out), self.through[out].1);
            let d = self.reach.diagram();
            // What is sure is so of frames without a tag.
            sure.extend((packet.vlan.is_none() && d.contains(opening.sure, &point)).then_some(out));
            possible.extend(d.contains(opening.possible, &point).then_some(out));
        }
        let point = self.point(packet, 0);
        let d = self.reach.diagram();
        let local = (d.contains(self.local.sure, &point), d.contains(self.local.possible, &point));
        let verdict = match (sure.len(), possible.len(), local) {
            (1, 1, (false, false)) | (0, 0, (true, true)) => Verdict::Open,
            (0, 0, (false, false)) => Verdict::Closed,
            _ => Verdict::Unknown,
        };
        let names = |list: &[usize]| list.iter().map(|at| INTERFACES[*at]).collect::<Vec<_>>().join(",");
        let say = |what: &str| {
            Err(format!(
                "{what}: {packet:?} got {outcome:?}, computed sure [{}] possible [{}] local {local:?}",
                names(&sure),
                names(&possible)
            ))
        };
        let fine = match outcome {
            Outcome::Out(out, seen) if possible.contains(out) => self.judge_translation(packet, *out, seen),
            Outcome::Out(..) => say("the kernel passes what is closed"),
            Outcome::Local if !local.1 => say("the kernel delivers to itself what is closed"),
            Outcome::Local if !sure.is_empty() => say("the kernel keeps what surely passes"),
            Outcome::Gone if !sure.is_empty() => say("the kernel stops what surely passes"),
            Outcome::Gone if local.0 => say("the kernel stops what is surely delivered"),
            Outcome::Local | Outcome::Gone => Ok(()),
        };
        (fine, verdict)
    }

    fn judge_translation(&mut self, packet: &Packet, out: usize, seen: &Seen) -> Result<(), String> {
        let arrived = Packet { destination: seen.destination, port: seen.port, ..packet.clone() };
        let point = self.point(&arrived, out);
        let opening = self.through[out].1;
        if !self.reach.diagram().contains(opening.delivered_possible, &point) {
            return Err(format!("arrives where it cannot: {packet:?} became {seen:?}"));
        }
        let (question, opening) = &self.through[out];
        let reach = &mut self.reach;
        let rows = self.rows[out].get_or_insert_with(|| reach.rows(question, opening, 100_000).unwrap().0);
        let holding: Vec<&OpenRow> = rows.iter().filter(|row| holds(row, packet)).collect();
        if holding.is_empty() {
            return Err(format!("passes, but is in no row: {packet:?}"));
        }
        if holding.iter().any(|row| explains(row, packet, seen, out)) {
            return Ok(());
        }
        Err(format!("translated otherwise than {:?}: {packet:?} became {seen:?}", holding[0].translated))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Open,
    Closed,
    Unknown,
}

/// Whether the packet is in the row (its interfaces aside, which the openings have judged).
fn holds(row: &OpenRow, packet: &Packet) -> bool {
    let ports = !has_ports(packet.protocol)
        || row.packets.ports.contains(packet.port) && row.packets.source_ports.contains(packet.source_port);
    row.packets.protocols.contains(packet.protocol)
        && row.packets.sources.contains(packet.source)
        && row.packets.destinations.contains(packet.destination)
        && ports
}

/// Whether the row's translations make of the packet what was seen.
fn explains(row: &OpenRow, packet: &Packet, seen: &Seen, out: usize) -> bool {
    let (mut destination, mut port) = ((packet.destination, packet.destination), (packet.port, packet.port));
    let (mut source, mut source_port) =
        ((packet.source, packet.source), (packet.source_port, packet.source_port));
    for translated in &row.translated {
        let own = own_address(out, packet.source.is_ipv6());
        match translated.kind {
            "masquerade" => source = (own, own),
            _ if translated.unknown.is_some() => return true,
            "snat" => {
                source = translated.addresses.unwrap_or(source);
                source_port = translated.ports.unwrap_or(source_port);
            }
            "dnat" | "dnat-prefix" => {
                destination = translated.addresses.unwrap_or(destination);
                port = translated.ports.unwrap_or(port);
            }
            _ => {}
        }
    }
    let ports = !has_ports(packet.protocol)
        || (port.0..=port.1).contains(&seen.port)
            && (source_port.0..=source_port.1).contains(&seen.source_port);
    (destination.0..=destination.1).contains(&seen.destination)
        && (source.0..=source.1).contains(&seen.source)
        && ports
}

/// Sends packets of all kinds through the loaded rules; `rulesets` share the versions of IP among them.
fn compare(seed: u64, text: &str, rulesets: &[&Ruleset], router: &mut Router, tally: &mut Tally) {
    let bridged = router.kind() != Kind::Router;
    let mut dice = Dice::new(seed ^ 0x00c0_ffee);
    let mut expected: Vec<Expected<'_>> =
        rulesets.iter().map(|ruleset| Expected::of(ruleset, router.kind())).collect();
    let side_of = |packet: &Packet| usize::from(rulesets.len() > 1 && packet.source.is_ipv6());
    let mut packets = Vec::new();
    for (side, one) in expected.iter_mut().enumerate() {
        let version = (rulesets.len() > 1).then_some(side as u128);
        let count = PACKETS / 2 / rulesets.len();
        let mut found = one.boundary_packets(&mut dice, if bridged { 2 * count } else { count }, version);
        // A bridge sends no frame back to the port it came in by.
        found.retain(|packet| !bridged || packet.port_out() != packet.interface);
        found.truncate(count);
        packets.append(&mut found);
    }
    tally.boundary += packets.len() as u64;
    while packets.len() < PACKETS {
        let mut packet = random_packet(&mut dice, false);
        if bridged && packet.port_out() == packet.interface {
            packet.interface = (packet.interface + 1) % INTERFACES.len();
        }
        if router.kind() == Kind::Bridge && dice.one_in(5) {
            packet.vlan = Some(dice.any(&[1, 10, 11, 20]));
        }
        packets.push(packet);
    }
    let local = if bridged { 0 } else { LOCAL_PACKETS };
    packets.extend((0..local).map(|_| random_packet(&mut dice, true)));
    let alone: Vec<(Packet, bool)> = packets.iter().map(|packet| (packet.clone(), true)).collect();
    let outcomes = router.inject(&alone);
    tally.rulesets += 1;
    tally.warned += u64::from(rulesets.iter().any(|ruleset| ruleset.lines.warned > 0));
    for diagnostic in rulesets.iter().flat_map(|ruleset| &ruleset.diagnostics) {
        *tally.warnings.entry(format!("{diagnostic:?}")).or_default() += 1;
    }
    let mut passed = Vec::new();
    for (packet, outcome) in packets.iter().zip(&outcomes) {
        let (fine, verdict) = expected[side_of(packet)].judge(packet, outcome);
        tally.packets += 1;
        match verdict {
            Verdict::Open => tally.open += 1,
            Verdict::Closed => tally.closed += 1,
            Verdict::Unknown => tally.unknown += 1,
        }
        if let Err(what) = fine {
            tally.mismatch(seed, text, what);
        } else if let Outcome::Out(out, seen) = outcome {
            let same = seen.source == packet.source
                && seen.destination == packet.destination
                && (seen.port, seen.source_port) == (packet.port, packet.source_port);
            tally.translated += u64::from(!same);
            // A reply goes back by the way of its packet only if that came from where its source is.
            if same && packet.vlan.is_none() && routed(packet.interface).contains(packet.source) {
                passed.push((packet.clone(), *out));
            }
        }
    }
    passed.truncate(REPLIES);
    compare_replies(seed, text, &mut expected, &passed, router, tally, &side_of);
}

/// First replies in connections that were let through.
fn compare_replies(
    seed: u64,
    text: &str,
    expected: &mut [Expected<'_>],
    passed: &[(Packet, usize)],
    router: &mut Router,
    tally: &mut Tally,
    side_of: &dyn Fn(&Packet) -> usize,
) {
    let replied = passed.iter().filter(|(packet, _)| packet.protocol != ICMP || packet.icmp_type == 8);
    let replied: Vec<&(Packet, usize)> = replied.collect();
    let pairs =
        replied.iter().flat_map(|(packet, out)| [(packet.clone(), true), (packet.reply(*out), false)]);
    let pairs: Vec<(Packet, bool)> = pairs.collect();
    let outcomes = router.inject(&pairs);
    for ((sent, out), outcome) in replied.iter().zip(outcomes.chunks(2)) {
        if !matches!(outcome[0], Outcome::Out(..)) {
            continue;
        }
        let reply = sent.reply(*out);
        let one = &mut expected[side_of(sent)];
        let to = Side {
            interfaces: Some(vec![INTERFACES[sent.interface].to_owned()]),
            addresses: Some(routed(sent.interface)),
        };
        let from = Side::of_interfaces([INTERFACES[*out]]);
        let question = Question { phase: Phase::Reply, path: one.path, ..Question::between(from, to) };
        let opening = one.reach.opening(&question).unwrap();
        let point = one.point(&reply, sent.interface);
        let d = one.reach.diagram();
        let (sure, possible) = (d.contains(opening.sure, &point), d.contains(opening.possible, &point));
        let passes = matches!(outcome[1], Outcome::Out(..));
        tally.replies += 1;
        if sure && !passes || passes && !possible {
            let what =
                format!("reply {reply:?} got {:?}, computed sure {sure} possible {possible}", outcome[1]);
            tally.mismatch(seed, text, what);
        }
    }
}

fn path_of(kind: Kind) -> Path {
    match kind {
        // What the configuration shows to be asked.
        Kind::Router | Kind::Bridge => Path::Through,
        Kind::BridgeNetfilter => Path::Bridged,
    }
}

fn random_packet(dice: &mut Dice, local: bool) -> Packet {
    let six = dice.one_in(3);
    let address =
        |dice: &mut Dice| -> IpAddr { dice.of(if six { &V6 as &[&str] } else { &V4 }).parse().unwrap() };
    let protocol = match dice.below(if local { 9 } else { 10 }) {
        0..5 => TCP,
        5..7 => UDP,
        7 | 8 if six => ICMPV6,
        7 | 8 => ICMP,
        _ => 50,
    };
    let port = |dice: &mut Dice| match dice.below(8) {
        0 => dice.below(65_535) as u16 + 1,
        1 => dice.any(&PORTS) + 1,
        2 => dice.any(&PORTS) - 1,
        _ => dice.any(&PORTS),
    };
    let ports = has_ports(protocol);
    Packet {
        interface: dice.below(INTERFACES.len() as u64) as usize,
        source: address(dice),
        destination: if local { own_address(dice.below(4) as usize, six) } else { address(dice) },
        protocol,
        source_port: if !ports {
            0
        } else if dice.one_in(3) {
            port(dice)
        } else {
            30_000 + dice.below(20_000) as u16
        },
        port: if ports { port(dice) } else { 0 },
        icmp_type: match protocol {
            ICMP => 8,
            ICMPV6 => 128,
            _ => 0,
        },
        flags: 2,
        vlan: None,
    }
}

/// The router's own address on an interface, as the worker sets it.
fn own_address(interface: usize, six: bool) -> IpAddr {
    let text = if six { format!("fd00:{interface}::ffff:1") } else { format!("10.{interface}.255.1") };
    text.parse().unwrap()
}

fn own_addresses() -> AddressSet {
    let all = (0..INTERFACES.len()).flat_map(|at| [own_address(at, false), own_address(at, true)]);
    all.map(|own| AddressSet::range(own, own).unwrap()).fold(AddressSet::none(), |all, one| all.union(&one))
}

/// The addresses that the router sends out by an interface, without those that are not ordinary (broadcast, the
/// router's own, anycast) and, for the default route, most of the rest of the world.
fn routed(interface: usize) -> AddressSet {
    let mut ranges = vec![
        (format!("10.{interface}.0.1"), format!("10.{interface}.255.254")),
        (format!("fd00:{interface}::1"), format!("fd00:{interface}:ffff:ffff:ffff:ffff:ffff:ffff")),
    ];
    if INTERFACES[interface] == "wan0" {
        let rest = [
            ("1.0.0.1", "9.255.255.255"),
            ("11.0.0.0", "100.63.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("198.0.0.0", "203.255.255.255"),
            ("2001:db0::", "2001:dbf:ffff:ffff:ffff:ffff:ffff:ffff"),
        ];
        ranges.extend(rest.map(|(first, last)| (first.to_owned(), last.to_owned())));
    }
    let sets = ranges
        .iter()
        .map(|(first, last)| AddressSet::range(first.parse().unwrap(), last.parse().unwrap()).unwrap());
    let all = sets.fold(AddressSet::none(), |all, one| all.union(&one));
    all.intersection(&own_addresses().complement())
}

fn usable() -> AddressSet {
    (0..INTERFACES.len()).map(routed).fold(AddressSet::none(), |all, one| all.union(&one))
}
