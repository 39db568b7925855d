//! Translations since 8.3: in objects (section 2), and twice NAT in front of them (section 1) and behind them (section 3).

use super::address::Addresses;
use super::config::{Config, GroupKind, NatLine, ServiceItem};
use super::cursor::Cursor;
use super::lower::Lowering;
use super::nat_rules::add;
use super::old_nat;
use crate::dialects::cisco::{Os, port};
use crate::ruleset::{AddressSet, ChainKind, Hook, IntervalSet, IpVersion, Policy, Reason};
use std::net::IpAddr;
use std::ops::Range;

/// A translation.
#[derive(Debug, Clone)]
pub(super) struct Translation {
    pub(super) span: Range<usize>,
    /// The interface on the side of the real source; `None` for any.
    pub(super) real: Option<String>,
    /// The interface on the side of the mapped source; `None` for any.
    pub(super) mapped: Option<String>,
    pub(super) source: Pair,
    pub(super) dynamic: bool,
    pub(super) destination: Option<Pair>,
    /// Ports of the source: protocol, real, mapped.
    pub(super) source_port: Option<PortPair>,
    /// Ports of the destination: protocol, real, mapped.
    pub(super) destination_port: Option<PortPair>,
    pub(super) unidirectional: bool,
    pub(super) options: Vec<String>,
    /// What was not understood; then it is not known what is translated.
    pub(super) unread: Option<String>,
}

/// Addresses before (real) and behind (mapped) a translation.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) real: Addresses,
    pub(super) mapped: Addresses,
    /// Whether the mapped address is the one of the interface.
    pub(super) own: bool,
}

/// Ports before and behind a translation.
#[derive(Debug, Clone)]
pub(super) struct PortPair {
    pub(super) protocols: IntervalSet<u8>,
    pub(super) real: IntervalSet<u16>,
    pub(super) mapped: IntervalSet<u16>,
}

/// How many translations may be moved in all by those that are put between others by number.
const MOVED_MAX: usize = 100_000_000;

/// Adds the chains of translations.
pub(super) fn lower(lowering: &mut Lowering<'_, '_, '_>) {
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    for translation in in_order(lowering) {
        add(lowering, &translation, &mut before, &mut behind);
    }
    old_nat::rules(lowering, &mut before, &mut behind);
    if !before.is_empty() {
        lowering.base(
            "translate-destination",
            ChainKind::Nat,
            (Hook::Prerouting, -100),
            Policy::Accept,
            before,
        );
    }
    if !behind.is_empty() {
        lowering.base("translate-source", ChainKind::Nat, (Hook::Postrouting, 100), Policy::Accept, behind);
    }
}

/// All translations in the order in which the device asks them.
fn in_order(lowering: &mut Lowering<'_, '_, '_>) -> Vec<Translation> {
    let config = lowering.config;
    let (mut first, mut last): (Vec<Translation>, Vec<Translation>) = (Vec::new(), Vec::new());
    let mut objects: Vec<(Key, Translation)> = Vec::new();
    let mut moved = 0;
    for line in &config.nat {
        let mut said = Vec::new();
        let read = match &line.object {
            Some(object) => read_object(config, line, object, &mut said),
            None => read_twice(config, line, &mut said),
        };
        let translation = match read {
            Ok(found) => found.translation.map(|translation| (translation, found.after, found.number)),
            Err(problem) => {
                said.push(problem.clone());
                Some((unread(line, problem), false, None))
            }
        };
        for problem in said {
            lowering.warn(
                &line.span,
                "firewall/unread-translation",
                problem,
                "what is translated to what is uncertain",
            );
        }
        let Some((translation, after, number)) = translation else { continue };
        if let Some(object) = &line.object {
            objects.push((Key::of(&translation, object), translation));
            continue;
        }
        let section = if after { &mut last } else { &mut first };
        let at = number.map_or(section.len(), |number| number.saturating_sub(1).min(section.len()));
        moved += section.len() - at;
        if moved > MOVED_MAX {
            lowering.warn(
                &line.span,
                "firewall/too-many-insertions",
                "the translation was put last",
                "its order is not as its number says",
            );
            section.push(translation);
        } else {
            section.insert(at, translation);
        }
    }
    objects.sort_by(|a, b| a.0.cmp(&b.0));
    first.into_iter().chain(objects.into_iter().map(|(_, translation)| translation)).chain(last).collect()
}

/// The order of section 2: static before dynamic, fewer real addresses first, the lowest address first, then by name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    dynamic: bool,
    count: u128,
    lowest: Option<u128>,
    name: String,
}

impl Key {
    fn of(translation: &Translation, name: &str) -> Self {
        let real = &translation.source.real.set;
        let four = real.v4.intervals().iter().map(|(first, last)| u128::from(last - first) + 1);
        let six = real.v6.intervals().iter().map(|(first, last)| (last - first).saturating_add(1));
        let count = four.chain(six).fold(0_u128, u128::saturating_add);
        let lowest = real.v4.intervals().first().map(|(first, _)| u128::from(*first));
        let lowest = lowest.or_else(|| real.v6.intervals().first().map(|(first, _)| *first));
        Self { dynamic: translation.dynamic, count, lowest, name: name.to_owned() }
    }
}

/// A line that was read; `None` where it is inactive.
struct Read {
    translation: Option<Translation>,
    after: bool,
    number: Option<usize>,
}

fn empty(line: &NatLine<'_>) -> Translation {
    Translation {
        span: line.span.clone(),
        real: None,
        mapped: None,
        source: Pair { real: Addresses::any(), mapped: Addresses::any(), own: false },
        dynamic: false,
        destination: None,
        source_port: None,
        destination_port: None,
        unidirectional: false,
        options: Vec::new(),
        unread: None,
    }
}

fn unread(line: &NatLine<'_>, problem: String) -> Translation {
    Translation { unread: Some(problem), ..empty(line) }
}

/// `(REAL,MAPPED)`.
fn interfaces(words: &mut Cursor<'_, '_>, translation: &mut Translation) -> Result<(), String> {
    let Some(word) = words.peek().filter(|word| word.starts_with('(')) else { return Ok(()) };
    words.next();
    let inner = word.trim_start_matches('(').trim_end_matches(')');
    let (real, mapped) =
        inner.split_once(',').ok_or_else(|| format!("expected two interfaces, found `{word}`"))?;
    let named = |name: &str| (name != "any").then(|| name.to_owned());
    (translation.real, translation.mapped) = (named(real), named(mapped));
    Ok(())
}

/// The addresses of an object, a group or a literal.
fn addresses(config: &Config<'_>, word: &str, said: &mut Vec<String>) -> Addresses {
    if word == "any" {
        return Addresses::any();
    }
    if let Some((found, _)) = config.group_addresses(word) {
        return found;
    }
    if let Some(address) = config.literal(word) {
        return AddressSet::range(address, address).map_or_else(Addresses::any, Addresses::of);
    }
    said.push(format!("`{word}` is not defined as a network object or group"));
    Addresses::unknown(format!("network {word}"), Reason::Name)
}

/// The address of an interface of one version.
fn own(config: &Config<'_>, interface: Option<&str>, words: &mut Cursor<'_, '_>) -> Addresses {
    let version = if words.eat("ipv6") { IpVersion::V6 } else { IpVersion::V4 };
    let Some(interface) = interface else {
        return Addresses::unknown("address of an interface", Reason::Name);
    };
    let mut found = config.interface_addresses(interface);
    found.set = found.set.intersection(&AddressSet::all_of(version));
    if found.set.is_none() && found.unknown.is_empty() {
        return Addresses::unknown(format!("address of interface {interface}"), Reason::Name);
    }
    found
}

/// What a dynamic translation maps to: `interface`, `pat-pool OBJECT …`, or an object with what it falls back on.
fn dynamic_target(
    config: &Config<'_>,
    words: &mut Cursor<'_, '_>,
    translation: &mut Translation,
    said: &mut Vec<String>,
) -> Result<(), String> {
    let word = words.next().ok_or("expected what the source becomes")?;
    if word == "interface" {
        translation.source.mapped = own(config, translation.mapped.clone().as_deref(), words);
        translation.source.own = true;
        return Ok(());
    }
    let word =
        if word == "pat-pool" { words.next().ok_or("expected an object behind `pat-pool`")? } else { word };
    translation.source.mapped = addresses(config, word, said);
    while let Some(option) = words.peek() {
        match option {
            "interface" => {
                words.next();
                let more = own(config, translation.mapped.clone().as_deref(), words);
                let mapped = &mut translation.source.mapped;
                mapped.set = mapped.set.union(&more.set);
                mapped.unknown.extend(more.unknown);
            }
            "pat-pool" => {
                words.next();
                let more = addresses(config, words.next().unwrap_or_default(), said);
                let mapped = &mut translation.source.mapped;
                mapped.set = mapped.set.union(&more.set);
                mapped.unknown.extend(more.unknown);
            }
            "round-robin" | "extended" | "flat" | "include-reserve" | "block-allocation" => {
                translation.options.extend(words.next().map(str::to_owned));
            }
            _ => break,
        }
    }
    Ok(())
}

/// What stands at the end of both kinds; whether the translation is in force.
fn options(words: &mut Cursor<'_, '_>, translation: &mut Translation) -> Result<bool, String> {
    let mut active = true;
    while let Some(word) = words.next() {
        match word {
            "unidirectional" => translation.unidirectional = true,
            "inactive" => active = false,
            "dns" | "no-proxy-arp" | "route-lookup" | "net-to-net" | "flat" | "include-reserve" => {
                translation.options.push(word.to_owned());
            }
            "description" => break,
            _ => return Err(format!("expected an option of the translation, found `{word}`")),
        }
    }
    Ok(active)
}

/// `nat [(REAL,MAPPED)] static|dynamic …` within an object.
fn read_object(
    config: &Config<'_>,
    line: &NatLine<'_>,
    object: &str,
    said: &mut Vec<String>,
) -> Result<Read, String> {
    let mut words = Cursor::new(&line.words);
    let mut translation = empty(line);
    words.next();
    interfaces(&mut words, &mut translation)?;
    translation.source.real = addresses(config, object, said);
    match words.next() {
        Some("dynamic") => {
            translation.dynamic = true;
            dynamic_target(config, &mut words, &mut translation, said)?;
        }
        Some("static") => {
            let word = words.next().ok_or("expected what the source becomes")?;
            if word == "interface" {
                translation.source.mapped = own(config, translation.mapped.clone().as_deref(), &mut words);
                translation.source.own = true;
            } else if let Some(first) = config.literal(word).filter(|_| !config.kinds.contains_key(word)) {
                translation.source.mapped = as_many(first, &translation.source.real);
            } else {
                translation.source.mapped = addresses(config, word, said);
            }
            static_service(&mut words, &mut translation)?;
        }
        other => {
            return Err(format!("expected `static` or `dynamic`, found `{}`", other.unwrap_or_default()));
        }
    }
    let active = options(&mut words, &mut translation)?;
    Ok(Read { translation: active.then_some(translation), after: false, number: None })
}

/// As many addresses as `real` has, from `first` on.
fn as_many(first: IpAddr, real: &Addresses) -> Addresses {
    let last = match (first, real.set.v4.intervals(), real.set.v6.intervals()) {
        (IpAddr::V4(first), [(low, high)], []) => {
            first.to_bits().checked_add(high - low).map(|last| IpAddr::V4(last.into()))
        }
        (IpAddr::V6(first), [], [(low, high)]) => {
            first.to_bits().checked_add(high - low).map(|last| IpAddr::V6(last.into()))
        }
        _ => Some(first),
    };
    let set = last.and_then(|last| AddressSet::range(first, last));
    set.map_or_else(|| Addresses::unknown(format!("addresses from {first}"), Reason::Name), Addresses::of)
}

/// `service tcp|udp|sctp REAL MAPPED`.
fn static_service(words: &mut Cursor<'_, '_>, translation: &mut Translation) -> Result<(), String> {
    while words.peek().is_some_and(|word| ["dns", "net-to-net"].contains(&word)) {
        translation.options.extend(words.next().map(str::to_owned));
    }
    if !words.eat("service") {
        return Ok(());
    }
    let protocol = match words.next() {
        Some("tcp") => 6,
        Some("udp") => 17,
        Some("sctp") => 132,
        other => {
            return Err(format!("expected a protocol with ports, found `{}`", other.unwrap_or_default()));
        }
    };
    let mut number = || {
        let word = words.next().unwrap_or_default();
        let found = port(Os::Asa, Some(protocol), word).filter(|port| port.or.is_none());
        found
            .map(|port| IntervalSet::one(port.number))
            .ok_or_else(|| format!("expected a port, found `{word}`"))
    };
    let (real, mapped) = (number()?, number()?);
    translation.source_port = Some(PortPair { protocols: IntervalSet::one(protocol), real, mapped });
    Ok(())
}

/// `nat [(REAL,MAPPED)] [NUMBER | after-auto [NUMBER]] source static|dynamic … [destination static …] [service …] …`.
fn read_twice(config: &Config<'_>, line: &NatLine<'_>, said: &mut Vec<String>) -> Result<Read, String> {
    let mut words = Cursor::new(&line.words);
    let mut translation = empty(line);
    words.next();
    interfaces(&mut words, &mut translation)?;
    let after = words.eat("after-auto") || words.eat("after-object");
    let number = words.peek().and_then(|word| word.parse().ok());
    if number.is_some() {
        words.next();
    }
    if !words.eat("source") {
        return Err(format!("expected `source`, found `{}`", words.peek().unwrap_or_default()));
    }
    let kind = words.next().unwrap_or_default();
    let real = words.next().ok_or("expected the real source")?;
    translation.source.real = addresses(config, real, said);
    match kind {
        "dynamic" => {
            translation.dynamic = true;
            dynamic_target(config, &mut words, &mut translation, said)?;
        }
        "static" => {
            let mapped = words.next().ok_or("expected the mapped source")?;
            if mapped == "interface" {
                translation.source.mapped = own(config, translation.mapped.clone().as_deref(), &mut words);
                translation.source.own = true;
            } else {
                translation.source.mapped = addresses(config, mapped, said);
            }
        }
        other => return Err(format!("expected `static` or `dynamic`, found `{other}`")),
    }
    if words.eat("destination") {
        destination(config, &mut words, &mut translation, said)?;
    }
    if words.eat("service") {
        services(config, &mut words, &mut translation)?;
    }
    let active = options(&mut words, &mut translation)?;
    Ok(Read { translation: active.then_some(translation), after, number })
}

/// `static MAPPED REAL`.
fn destination(
    config: &Config<'_>,
    words: &mut Cursor<'_, '_>,
    translation: &mut Translation,
    said: &mut Vec<String>,
) -> Result<(), String> {
    if !words.eat("static") {
        return Err(format!(
            "expected `static` behind `destination`, found `{}`",
            words.peek().unwrap_or_default()
        ));
    }
    let mapped = words.next().ok_or("expected the mapped destination")?;
    let own_address = mapped == "interface";
    let mapped = if own_address {
        own(config, translation.real.clone().as_deref(), words)
    } else {
        addresses(config, mapped, said)
    };
    let real = words.next().ok_or("expected the real destination")?;
    let real = addresses(config, real, said);
    translation.destination = Some(Pair { real, mapped, own: own_address });
    Ok(())
}

/// `REAL_SOURCE/MAPPED_DESTINATION MAPPED_SOURCE/REAL_DESTINATION`: two service objects.
fn services(
    config: &Config<'_>,
    words: &mut Cursor<'_, '_>,
    translation: &mut Translation,
) -> Result<(), String> {
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if first == "any" && second == "any" {
        return Ok(());
    }
    let (before, behind) = (one_service(config, first)?, one_service(config, second)?);
    if before.0 != behind.0 {
        return Err(format!("`{first}` and `{second}` are not of the same protocol"));
    }
    if !before.1.is_all() || !behind.1.is_all() {
        translation.source_port =
            Some(PortPair { protocols: before.0.clone(), real: before.1, mapped: behind.1 });
    }
    if !before.2.is_all() || !behind.2.is_all() {
        translation.destination_port =
            Some(PortPair { protocols: before.0, real: behind.2, mapped: before.2 });
    }
    Ok(())
}

type Ports = (IntervalSet<u8>, IntervalSet<u16>, IntervalSet<u16>);

/// The protocol, source ports and destination ports of a service object.
fn one_service(config: &Config<'_>, name: &str) -> Result<Ports, String> {
    let unknown = || format!("`{name}` is not defined as an object of one service");
    if !matches!(config.kinds.get(name), Some(GroupKind::Service(_))) {
        return Err(unknown());
    }
    match config.services.things(name, &mut Vec::new()).as_deref() {
        Some([ServiceItem::Services(services)]) => match services.as_slice() {
            [one] if one.undecidable.is_none() => {
                Ok((one.protocols.clone(), one.source_ports.clone(), one.ports.clone()))
            }
            _ => Err(unknown()),
        },
        _ => Err(unknown()),
    }
}

impl Translation {
    /// One without a destination and ports.
    pub(super) fn plain(span: Range<usize>, real: &str, mapped: &str, source: Pair) -> Self {
        Self {
            span,
            real: Some(real.to_owned()),
            mapped: Some(mapped.to_owned()),
            source,
            dynamic: false,
            destination: None,
            source_port: None,
            destination_port: None,
            unidirectional: false,
            options: Vec::new(),
            unread: None,
        }
    }
}
