//! Sets of ipset(8), as `ipset save` prints them beside or in front of the rules that ask for them.
//!
//! Owns: reading `create` and `add`, and what `--match-set` asks by them. A set with time limits, one that rules of the
//! file change, and one that the file does not hold have a content that is not known: whoever asks for them is not
//! decided.

use super::values::interface;
use super::words::Word;
use crate::names::{Icmp, protocol_number, service_port, xtables_icmp};
use crate::ruleset::{
    AddressSet, Condition, Family, IntervalSet, IpVersion, MarkOf, NamePattern, NameSet, NamedSet, Reason,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_source::TextPlace;

/// Most different combinations in a set of more than one dimension; a larger one is not looked into.
const COMBINATIONS_MAX: usize = 4_096;

/// Most combinations that all rules together may ask for.
const COMBINATIONS_ALL_MAX: usize = 2_000_000;

/// Most networks times interfaces of a set.
const INTERFACES_WORK_MAX: usize = 4_000_000;

/// Deepest nesting of sets in sets, as in the kernel.
const NESTING_MAX: usize = 1;

/// All sets of a file.
#[derive(Debug, Default)]
pub(super) struct IpSets {
    sets: BTreeMap<String, IpSet>,
    /// Sets that rules change.
    changed: BTreeSet<String>,
    /// Answers that were worked out before.
    found: BTreeMap<Asked, Result<Vec<Vec<Condition>>, NotDecided>>,
    asked: usize,
}

/// A version of IP, the name of a set, and for each dimension whether it is asked of the destination.
type Asked = (IpVersion, String, Vec<bool>);

#[derive(Debug)]
struct IpSet {
    type_name: String,
    dimensions: Vec<Dimension>,
    version: IpVersion,
    /// The bits of addresses that are compared.
    netmask: Option<u8>,
    /// Whether its content is not what stands here.
    dynamic: bool,
    entries: Vec<Entry>,
    place: TextPlace,
    /// The addresses of a set of one dimension, once they were worked out.
    addresses: Option<AddressSet>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dimension {
    Address,
    Port,
    Interface,
    Mark,
    Hardware,
    Set,
}

#[derive(Debug, Clone)]
struct Entry {
    parts: Vec<Part>,
    nomatch: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// First and last, and the length of the prefix if it is one.
    Addresses(IpAddr, IpAddr, Option<u8>),
    Ports {
        protocol: Option<u8>,
        first: u16,
        last: u16,
    },
    Icmp {
        protocol: u8,
        kind: u8,
        code: Option<u8>,
    },
    Interface {
        name: String,
        prefix: bool,
        port: bool,
    },
    Mark(u32),
    Hardware,
    Set(String),
}

/// Why a set does not decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotDecided {
    /// Its content is not known.
    For(Reason),
    /// It is too large; what to tell.
    TooLarge(String),
}

const UNKNOWN: NotDecided = NotDecided::For(Reason::DynamicSet);

/// What became of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// It is none of ipset.
    Other,
    Read,
    /// It bears on no content.
    Idle,
    /// It is not understood; why.
    Unclear(String),
}

impl IpSets {
    /// Reads a line if it is one of ipset.
    pub(super) fn line(&mut self, words: &[Word], place: &TextPlace) -> Line {
        let texts: Vec<&str> = words
            .iter()
            .map(|word| word.text.as_str())
            .filter(|text| !["-!", "-exist"].contains(text))
            .collect();
        let (named, rest) = match texts.split_first() {
            Some((first, rest)) if *first == "ipset" || first.ends_with("/ipset") => (true, rest),
            _ => (false, texts.as_slice()),
        };
        let Some((verb, rest)) = rest.split_first() else { return Line::Other };
        match (*verb, named) {
            ("create", _) | ("n" | "-N" | "--create", true) => self.create(rest, place),
            ("add", _) | ("a" | "-A" | "--add", true) => self.add(rest),
            ("flush", _) | ("-F" | "--flush", true) => {
                let one = rest.first();
                let wanted =
                    self.sets.iter_mut().filter(|(name, _)| one.is_none_or(|one| *one == name.as_str()));
                wanted.for_each(|(_, set)| set.entries.clear());
                Line::Read
            }
            ("destroy", _) | ("x" | "-X" | "--destroy", true) => {
                self.sets.retain(|name, _| rest.first().is_some_and(|gone| *gone != name.as_str()));
                Line::Read
            }
            ("del", _) | ("swap" | "rename" | "-D" | "-W" | "-E", true) => {
                // The sets that it names are not what was read of them any more.
                for name in rest {
                    if let Some(set) = self.sets.get_mut(*name) {
                        set.dynamic = true;
                    }
                }
                Line::Read
            }
            ("save" | "list" | "test" | "version" | "-L" | "-S" | "-T", true) => Line::Idle,
            _ => Line::Other,
        }
    }

    fn create(&mut self, words: &[&str], place: &TextPlace) -> Line {
        let [name, type_name, options @ ..] = words else {
            return Line::Unclear("expected the name and the type of a set".to_owned());
        };
        let Some(dimensions) = dimensions(type_name) else {
            return Line::Unclear(format!("expected a type of sets, found `{type_name}`"));
        };
        let mut set = IpSet {
            type_name: (*type_name).to_owned(),
            dimensions,
            version: IpVersion::V4,
            netmask: None,
            dynamic: false,
            entries: Vec::new(),
            place: place.clone(),
            addresses: None,
        };
        let mut unclear = None;
        let mut options = options.iter();
        while let Some(option) = options.next() {
            match *option {
                "counters" | "comment" | "skbinfo" | "forceadd" => {}
                "family" => match options.next().copied() {
                    Some("inet6" | "ipv6" | "-6") => set.version = IpVersion::V6,
                    _ => set.version = IpVersion::V4,
                },
                "hashsize" | "maxelem" | "bucketsize" | "initval" | "size" | "range" | "probes"
                | "resize" => {
                    options.next();
                }
                "netmask" => {
                    set.netmask = options.next().and_then(|length| length.parse().ok());
                    set.dynamic |= set.netmask.is_none();
                }
                // Elements go after their time.
                "timeout" => {
                    options.next();
                    set.dynamic = true;
                }
                other => {
                    set.dynamic = true;
                    unclear = Some(format!("option `{other}` of a set is not known here"));
                    options.next();
                }
            }
        }
        self.sets.insert((*name).to_owned(), set);
        unclear.map_or(Line::Read, Line::Unclear)
    }

    fn add(&mut self, words: &[&str]) -> Line {
        let [name, element, options @ ..] = words else {
            return Line::Unclear("expected the name of a set and an element".to_owned());
        };
        let Some(set) = self.sets.get_mut(*name) else {
            return Line::Unclear(format!("set `{name}` is not created before"));
        };
        let wildcard = options.contains(&"wildcard");
        // The text of a comment may be any word.
        let before_comment = options.iter().take_while(|option| **option != "comment");
        let nomatch = before_comment.clone().any(|option| *option == "nomatch");
        set.dynamic |= before_comment.clone().any(|option| *option == "timeout");
        match parts(set, element, wildcard) {
            Some(parts) => {
                set.entries.push(Entry { parts, nomatch });
                Line::Read
            }
            None => {
                set.dynamic = true;
                Line::Unclear(format!("`{element}` is no element of a set of type {}", set.type_name))
            }
        }
    }

    /// Notes the sets that the words of a rule change.
    pub(super) fn note_changes(&mut self, words: &[Word]) {
        for pair in words.windows(2) {
            if let [option, name] = pair
                && ["--add-set", "--del-set", "--map-set"].contains(&option.text.as_str())
            {
                self.changed.insert(name.text.clone());
            }
        }
    }

    /// The sets, for the ruleset.
    pub(super) fn named(&self) -> Vec<NamedSet> {
        let named = self.sets.iter().map(|(name, set)| NamedSet {
            name: name.clone(),
            table: "ipset".to_owned(),
            family: match set.version {
                IpVersion::V4 => Family::Ipv4,
                IpVersion::V6 => Family::Ipv6,
            },
            type_name: set.type_name.clone(),
            element_count: set.entries.len(),
            dynamic: set.dynamic || self.changed.contains(name),
            place: set.place.clone(),
        });
        named.collect()
    }

    /// What `--match-set NAME FLAGS` asks of packets of `version`.
    pub(super) fn asked(
        &mut self,
        version: IpVersion,
        name: &str,
        flags: &str,
        negated: bool,
    ) -> Result<Vec<Condition>, NotDecided> {
        let mut destinations = Vec::new();
        for flag in flags.split(',') {
            destinations.push(match flag.trim() {
                "src" => false,
                "dst" => true,
                _ => return Err(NotDecided::For(Reason::Unread)),
            });
        }
        if let Some((set, destination)) = self.one_address(version, name, &destinations)? {
            let set = if negated { set.complement_within(version) } else { set };
            return Ok(vec![if destination { Condition::Destination(set) } else { Condition::Source(set) }]);
        }
        let key = (version, name.to_owned(), destinations);
        if !self.found.contains_key(&key) {
            let mut of = Vec::new();
            let found = self.alternatives(version, name, &key.2, 0, &mut of).map(|()| of);
            self.found.insert(key.clone(), found);
        }
        let mut of = self.found.get(&key).cloned().unwrap_or(Err(UNKNOWN))?;
        self.asked = self.asked.saturating_add(of.len());
        if self.asked > COMBINATIONS_ALL_MAX {
            return Err(NotDecided::TooLarge(format!(
                "rules ask for more than {COMBINATIONS_ALL_MAX} combinations of sets"
            )));
        }
        if !negated && of.len() == 1 {
            return Ok(of.pop().unwrap_or_default());
        }
        Ok(vec![Condition::Any { of, negated }])
    }

    fn known(&mut self, name: &str) -> Result<&mut IpSet, NotDecided> {
        if self.changed.contains(name) {
            return Err(UNKNOWN);
        }
        self.sets.get_mut(name).filter(|set| !set.dynamic).ok_or(UNKNOWN)
    }

    /// The addresses of a set of nothing else.
    fn one_address(
        &mut self,
        version: IpVersion,
        name: &str,
        destinations: &[bool],
    ) -> Result<Option<(AddressSet, bool)>, NotDecided> {
        let set = self.known(name)?;
        let (Some(destination), [Dimension::Address], true) =
            (destinations.first(), set.dimensions.as_slice(), set.version == version)
        else {
            return Ok(None);
        };
        if set.addresses.is_none() {
            let entries: Vec<&Entry> = set.entries.iter().collect();
            set.addresses = Some(addresses(&entries, 0, set.netmask)?);
        }
        Ok(set.addresses.clone().map(|addresses| (addresses, *destination)))
    }

    /// The combinations of conditions that a packet in the set meets one of.
    fn alternatives(
        &mut self,
        version: IpVersion,
        name: &str,
        destinations: &[bool],
        depth: usize,
        of: &mut Vec<Vec<Condition>>,
    ) -> Result<(), NotDecided> {
        let set = self.known(name)?;
        if set.dimensions == [Dimension::Set] {
            if depth >= NESTING_MAX {
                return Err(UNKNOWN);
            }
            if set.entries.len() > COMBINATIONS_MAX {
                return Err(NotDecided::TooLarge(format!(
                    "set `{name}` has more than {COMBINATIONS_MAX} members"
                )));
            }
            let members: Vec<String> = set
                .entries
                .iter()
                .flat_map(|entry| &entry.parts)
                .filter_map(|part| if let Part::Set(name) = part { Some(name.clone()) } else { None })
                .collect();
            for member in members {
                self.alternatives(version, &member, destinations, depth + 1, of)?;
            }
            return Ok(());
        }
        let has_addresses = set.dimensions.contains(&Dimension::Address);
        // A packet of the other version, and a rule that names too few sides, match nothing (ip_set_test).
        if has_addresses && set.version != version || destinations.len() < set.dimensions.len() {
            return Ok(());
        }
        let at = set.dimensions.iter().position(|dimension| *dimension == Dimension::Address);
        let mut groups: BTreeMap<Vec<&Part>, Vec<&Entry>> = BTreeMap::new();
        for entry in &set.entries {
            let others = entry.parts.iter().enumerate().filter(|(index, _)| Some(*index) != at);
            groups.entry(others.map(|(_, part)| part).collect()).or_default().push(entry);
        }
        if groups.len() > COMBINATIONS_MAX || of.len() > COMBINATIONS_MAX {
            return Err(NotDecided::TooLarge(format!(
                "set `{name}` has more than {COMBINATIONS_MAX} combinations"
            )));
        }
        let excepts = set.entries.iter().any(|entry| entry.nomatch);
        if excepts && !groups.keys().all(|parts| parts.iter().all(|part| part.is_single())) {
            return Err(UNKNOWN);
        }
        // Of networks with interfaces, the longest that holds the address decides, whatever the interface: if that is
        // another one, shorter networks are not asked (`multi` in ip_set_hash_netiface.c).
        let longer = if set.dimensions.contains(&Dimension::Interface) {
            if groups.len().saturating_mul(set.entries.len()) > INTERFACES_WORK_MAX {
                return Err(NotDecided::TooLarge(format!(
                    "set `{name}` has too many networks with interfaces"
                )));
            }
            covered(&set.entries)?
        } else {
            BTreeMap::new()
        };
        for (parts, entries) in groups {
            let mut conditions = Vec::new();
            if let Some(at) = at {
                let set = if longer.is_empty() {
                    addresses(&entries, at, set.netmask)?
                } else {
                    decided(&entries, &longer)
                };
                let destination = destinations.get(at).copied().unwrap_or_default();
                conditions.push(address_condition(set, destination));
            }
            let sides = destinations.iter().enumerate().filter(|(index, _)| Some(*index) != at);
            for (part, (_, destination)) in parts.into_iter().zip(sides) {
                conditions.extend(part.conditions(*destination));
            }
            of.push(conditions);
        }
        Ok(())
    }
}

impl Part {
    /// Whether no other part of the kind overlaps it without being the same.
    fn is_single(&self) -> bool {
        match self {
            Self::Addresses(..) | Self::Set(_) | Self::Hardware => false,
            Self::Ports { first, last, .. } => first == last,
            Self::Interface { prefix, .. } => !prefix,
            Self::Icmp { .. } | Self::Mark(_) => true,
        }
    }

    fn conditions(&self, destination: bool) -> Vec<Condition> {
        match self {
            Self::Addresses(first, last, _) => {
                let set = AddressSet::range(*first, *last).unwrap_or_else(AddressSet::none);
                vec![address_condition(set, destination)]
            }
            Self::Ports { protocol, first, last } => {
                let protocols = match protocol {
                    Some(number) => IntervalSet::one(*number),
                    None => IntervalSet::from_ranges([(6, 6), (17, 17)]),
                };
                let mut conditions = vec![Condition::Protocol(protocols)];
                if protocol.is_none_or(|number| PORTED.contains(&number)) {
                    let ports = IntervalSet::range(*first, *last);
                    conditions.push(if destination {
                        Condition::DestinationPort(ports)
                    } else {
                        Condition::SourcePort(ports)
                    });
                }
                conditions
            }
            Self::Icmp { protocol, kind, code } => {
                let mut conditions = vec![
                    Condition::Protocol(IntervalSet::one(*protocol)),
                    Condition::IcmpType(IntervalSet::one(*kind)),
                ];
                conditions.extend(code.map(|code| Condition::IcmpCode(IntervalSet::one(code))));
                conditions
            }
            Self::Interface { name, prefix, port } => {
                let pattern = match prefix {
                    true => NamePattern::Prefix(name.clone()),
                    false => NamePattern::Exact(name.clone()),
                };
                let names = NameSet::of(vec![pattern]);
                vec![match (port, destination) {
                    (false, false) => Condition::InInterface(names),
                    (false, true) => Condition::OutInterface(names),
                    (true, false) => Condition::InPort(names),
                    (true, true) => Condition::OutPort(names),
                }]
            }
            Self::Mark(value) => {
                vec![Condition::Mark { of: MarkOf::Packet, mask: u32::MAX, values: IntervalSet::one(*value) }]
            }
            Self::Hardware | Self::Set(_) => {
                let what = "hardware address in a set".to_owned();
                vec![Condition::Undecidable(crate::ruleset::Undecidable { what, reason: Reason::Header })]
            }
        }
    }
}

/// The protocols whose ports ipset looks at (pfxlen and ip_set_getport.c): TCP, UDP, SCTP, UDP-Lite.
const PORTED: [u8; 4] = [6, 17, 132, 136];

fn address_condition(set: AddressSet, destination: bool) -> Condition {
    if destination { Condition::Destination(set) } else { Condition::Source(set) }
}

/// The addresses at a place of some elements that are alike otherwise. Of networks that hold an address, the longest
/// prefix decides; a `nomatch` takes out.
fn addresses(entries: &[&Entry], at: usize, netmask: Option<u8>) -> Result<AddressSet, NotDecided> {
    let mut by_length: BTreeMap<u8, [Vec<(IpAddr, IpAddr)>; 2]> = BTreeMap::new();
    let excepts = entries.iter().any(|entry| entry.nomatch);
    for entry in entries {
        let Some(Part::Addresses(first, last, length)) = entry.parts.get(at) else { continue };
        if excepts && length.is_none() {
            return Err(UNKNOWN);
        }
        let [kept, taken] = by_length.entry(if excepts { length.unwrap_or(0) } else { 0 }).or_default();
        let list = if entry.nomatch { taken } else { kept };
        list.push((masked(*first, netmask, false), masked(*last, netmask, true)));
    }
    let mut all = AddressSet::none();
    for [kept, taken] in by_length.values() {
        all = all.union(&union(kept));
        if !taken.is_empty() {
            all = all.intersection(&union(taken).complement());
        }
    }
    Ok(all)
}

/// For each length of prefix in a set of networks, the addresses within longer ones.
fn covered(entries: &[Entry]) -> Result<BTreeMap<u8, AddressSet>, NotDecided> {
    let mut by_length: BTreeMap<u8, Vec<(IpAddr, IpAddr)>> = BTreeMap::new();
    for part in entries.iter().flat_map(|entry| &entry.parts) {
        if let Part::Addresses(first, last, length) = part {
            by_length.entry(length.ok_or(UNKNOWN)?).or_default().push((*first, *last));
        }
    }
    let (mut all, mut longer) = (AddressSet::none(), BTreeMap::new());
    for (length, nets) in by_length.iter().rev() {
        longer.insert(*length, all.clone());
        all = all.union(&union(nets));
    }
    Ok(longer)
}

/// The addresses for which one of these networks is the longest.
fn decided(entries: &[&Entry], longer: &BTreeMap<u8, AddressSet>) -> AddressSet {
    let mut by_length: BTreeMap<u8, Vec<(IpAddr, IpAddr)>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.nomatch) {
        for part in &entry.parts {
            if let Part::Addresses(first, last, Some(length)) = part {
                by_length.entry(*length).or_default().push((*first, *last));
            }
        }
    }
    let mut all = AddressSet::none();
    for (length, nets) in &by_length {
        let nets = union(nets);
        let own =
            longer.get(length).map_or_else(|| nets.clone(), |longer| nets.intersection(&longer.complement()));
        all = all.union(&own);
    }
    all
}

fn union(ranges: &[(IpAddr, IpAddr)]) -> AddressSet {
    let four = ranges.iter().filter_map(|range| match range {
        (IpAddr::V4(first), IpAddr::V4(last)) => Some((first.to_bits(), last.to_bits())),
        _ => None,
    });
    let six = ranges.iter().filter_map(|range| match range {
        (IpAddr::V6(first), IpAddr::V6(last)) => Some((first.to_bits(), last.to_bits())),
        _ => None,
    });
    AddressSet { v4: IntervalSet::from_ranges(four), v6: IntervalSet::from_ranges(six) }
}

/// An address with the bits behind the mask cleared, or set.
fn masked(address: IpAddr, netmask: Option<u8>, set: bool) -> IpAddr {
    let Some(length) = netmask else { return address };
    match address {
        IpAddr::V4(four) => {
            let host = u32::MAX.checked_shr(length.into()).unwrap_or(0);
            let bits = if set { four.to_bits() | host } else { four.to_bits() & !host };
            std::net::Ipv4Addr::from_bits(bits).into()
        }
        IpAddr::V6(six) => {
            let host = u128::MAX.checked_shr(length.into()).unwrap_or(0);
            let bits = if set { six.to_bits() | host } else { six.to_bits() & !host };
            std::net::Ipv6Addr::from_bits(bits).into()
        }
    }
}

/// The dimensions of a type (ipset(8)): `hash:ip,port`, `bitmap:port`, `list:set`.
fn dimensions(type_name: &str) -> Option<Vec<Dimension>> {
    // The names before version 4.
    let name = match type_name {
        "iphash" | "ipmap" => "hash:ip",
        "nethash" => "hash:net",
        "portmap" => "bitmap:port",
        "ipporthash" => "hash:ip,port",
        "setlist" => "list:set",
        other => other,
    };
    let (method, parts) = name.split_once(':')?;
    if !["hash", "bitmap", "list"].contains(&method) {
        return None;
    }
    let one = |part: &str| {
        Some(match part {
            "ip" | "net" => Dimension::Address,
            "port" => Dimension::Port,
            "iface" => Dimension::Interface,
            "mark" => Dimension::Mark,
            "mac" => Dimension::Hardware,
            "set" => Dimension::Set,
            _ => return None,
        })
    };
    parts.split(',').map(one).collect()
}

/// The parts of an element. An address alone fills the first dimension of a set of addresses with hardware addresses.
fn parts(set: &IpSet, element: &str, wildcard: bool) -> Option<Vec<Part>> {
    let texts: Vec<&str> = element.split(',').collect();
    if texts.len() > set.dimensions.len() {
        return None;
    }
    let mut parts = Vec::new();
    for (at, dimension) in set.dimensions.iter().enumerate() {
        let Some(text) = texts.get(at) else {
            if *dimension == Dimension::Hardware {
                continue;
            }
            return None;
        };
        parts.push(match dimension {
            Dimension::Address => address(set.version, text)?,
            Dimension::Port => port(set, text)?,
            Dimension::Interface => {
                let (name, port) = text.strip_prefix("physdev:").map_or((*text, false), |name| (name, true));
                let (name, prefix) = match interface(name) {
                    NamePattern::Exact(name) => (name, wildcard),
                    NamePattern::Prefix(name) => (name, true),
                };
                Part::Interface { name, prefix, port }
            }
            Dimension::Mark => Part::Mark(super::values::number(text)?),
            Dimension::Hardware => Part::Hardware,
            Dimension::Set => Part::Set((*text).to_owned()),
        });
    }
    Some(parts)
}

fn address(version: IpVersion, text: &str) -> Option<Part> {
    let of_version = |address: &IpAddr| address.is_ipv4() == (version == IpVersion::V4);
    if let Some((first, last)) = text.split_once('-') {
        let (first, last): (IpAddr, IpAddr) = (first.parse().ok()?, last.parse().ok()?);
        return (of_version(&first) && of_version(&last) && first <= last)
            .then_some(Part::Addresses(first, last, None));
    }
    let width: u8 = if version == IpVersion::V4 { 32 } else { 128 };
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, length.parse().ok().filter(|length| *length <= width)?),
        None => (text, width),
    };
    let address: IpAddr = address.parse().ok()?;
    let first = masked(address, Some(length), false);
    let last = masked(address, Some(length), true);
    of_version(&address).then_some(Part::Addresses(first, last, Some(length)))
}

/// `tcp:80`, `udp:53-60`, `icmp:8/0`, `gre:0`, `80`.
fn port(set: &IpSet, text: &str) -> Option<Part> {
    let one = |text: &str| text.parse().ok().or_else(|| service_port(text));
    let range = |text: &str| -> Option<(u16, u16)> {
        if let Some(single) = one(text) {
            return Some((single, single));
        }
        let (first, last) = text.split_once('-')?;
        Some((one(first)?, one(last)?)).filter(|(first, last)| first <= last)
    };
    // Sets of ports alone ask for no protocol but that it has ports.
    if set.dimensions == [Dimension::Port] {
        let (first, last) = range(text)?;
        return Some(Part::Ports { protocol: None, first, last });
    }
    let Some((protocol, rest)) = text.split_once(':') else {
        let (first, last) = range(text)?;
        return Some(Part::Ports { protocol: Some(6), first, last });
    };
    let protocol = protocol.parse().ok().or_else(|| protocol_number(protocol))?;
    let icmp = match protocol {
        1 => Icmp::V4,
        58 => Icmp::V6,
        _ => {
            let (first, last) = range(rest)?;
            return Some(Part::Ports { protocol: Some(protocol), first, last });
        }
    };
    let (kind, code) = match rest.split_once('/') {
        Some((kind, code)) => (kind.parse().ok()?, Some(code.parse().ok()?)),
        None => match rest.parse::<u16>() {
            // A number holds type and code.
            Ok(number) => (u8::try_from(number >> 8).ok()?, u8::try_from(number & 0xff).ok()),
            Err(_) => xtables_icmp(icmp, rest)?,
        },
    };
    Some(Part::Icmp { protocol, kind, code: code.or(Some(0)) })
}
