//! Address objects and groups of them, as sets.

use super::expr::Addresses;
use super::tree::{Config, Domain, Entry};
use super::words::Word;
use crate::dialects::Reading;
use crate::ruleset::{AddressSet, InterfaceAddress, IntervalSet, IpVersion, Reason};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use zonewright_source::{Diagnostic, nearest};

/// How deep groups of groups are followed.
const GROUP_DEPTH_MAX: usize = 32;

/// How many intervals all groups together may be made of; groups beyond are uncertain.
const EXPANSION_MAX: usize = 20_000_000;

/// For how many names it is looked what may have been meant.
const GUESSES_MAX: usize = 100;

/// How many names are looked at for one that was meant.
const CANDIDATES_MAX: usize = 1_000;

/// How many intervals a mask with holes may fall into.
const WILDCARD_INTERVALS_MAX: u32 = 4_096;

/// The objects of one kind that policies name: addresses and groups of one version of IP.
#[derive(Debug)]
pub(super) struct AddressBook {
    version: IpVersion,
    objects: BTreeMap<String, Addresses>,
    /// How many times it was looked for what may have been meant.
    guesses: Cell<usize>,
}

/// What is worked out while a book is made.
struct Making<'a, 'c> {
    version: IpVersion,
    addresses: &'c [InterfaceAddress],
    reading: &'c mut Reading,
    objects: BTreeMap<String, Addresses>,
    groups: BTreeMap<&'c str, &'c Entry<'a>>,
    open: BTreeSet<String>,
    expanded: usize,
    guesses: Cell<usize>,
}

impl AddressBook {
    /// All addresses and groups of one version in a domain.
    pub(super) fn of(
        config: &Config<'_>,
        domain: &Domain,
        version: IpVersion,
        addresses: &[InterfaceAddress],
        reading: &mut Reading,
    ) -> Self {
        let (objects, groups) = match version {
            IpVersion::V4 => ("firewall address", "firewall addrgrp"),
            IpVersion::V6 => ("firewall address6", "firewall addrgrp6"),
        };
        Self::made(config, domain, version, addresses, [objects, groups], reading)
    }

    /// The addresses that multicast policies name as destinations.
    pub(super) fn multicast(
        config: &Config<'_>,
        domain: &Domain,
        version: IpVersion,
        reading: &mut Reading,
    ) -> Self {
        let objects = match version {
            IpVersion::V4 => "firewall multicast-address",
            IpVersion::V6 => "firewall multicast-address6",
        };
        Self::made(config, domain, version, &[], [objects, ""], reading)
    }

    fn made(
        config: &Config<'_>,
        domain: &Domain,
        version: IpVersion,
        addresses: &[InterfaceAddress],
        [objects, groups]: [&str; 2],
        reading: &mut Reading,
    ) -> Self {
        let mut making = Making {
            version,
            addresses,
            reading,
            objects: BTreeMap::new(),
            groups: BTreeMap::new(),
            open: BTreeSet::new(),
            expanded: 0,
            guesses: Cell::new(0),
        };
        making.objects.insert("all".into(), Addresses::all_of(version));
        making.objects.insert("none".into(), Addresses::none());
        for entry in config.entries(domain, objects) {
            let addresses = making.object(entry);
            making.objects.insert(entry.name.clone(), addresses);
        }
        making.groups = config.entries(domain, groups).map(|group| (group.name.as_str(), group)).collect();
        let names: Vec<&str> = making.groups.keys().copied().collect();
        for name in names {
            making.group(name, 0);
        }
        Self { version, objects: making.objects, guesses: making.guesses }
    }

    /// Whether there is an object or group of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.objects.contains_key(name)
    }

    /// The object or group of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Addresses> {
        self.objects.get(name)
    }

    /// What all of these names stand for. One that is not known is uncertain and reported.
    pub(super) fn union_of(&self, names: &[Word<'_>], reading: &mut Reading) -> Addresses {
        if let [only] = names
            && let Some(known) = self.get(&only.text)
        {
            return known.clone();
        }
        let missing: Vec<Addresses> = names
            .iter()
            .filter(|name| !self.has(&name.text))
            .map(|name| {
                self.report_missing(&name.text, &name.span, reading);
                unknown_name(self.version, &name.text)
            })
            .collect();
        let known = names.iter().filter_map(|name| self.get(&name.text));
        Addresses::union_of(known.chain(&missing))
    }

    fn report_missing(&self, name: &str, span: &Range<usize>, reading: &mut Reading) {
        report_missing(name, span, self.objects.keys().map(String::as_str), &self.guesses, reading);
    }
}

fn unknown_name(version: IpVersion, name: &str) -> Addresses {
    Addresses::unknown(AddressSet::all_of(version), name, Reason::Name)
}

fn report_missing<'n>(
    name: &str,
    span: &Range<usize>,
    known: impl Iterator<Item = &'n str>,
    guesses: &Cell<usize>,
    reading: &mut Reading,
) {
    let missing =
        Diagnostic::warning("firewall/unknown-name", format!("the address `{name}` is not defined"))
            .because("whether what names it matches is therefore not sure");
    guesses.set(guesses.get() + 1);
    let known = known.take(if guesses.get() > GUESSES_MAX { 0 } else { CANDIDATES_MAX });
    let missing = match nearest(name, known) {
        Some(near) => missing.help(format!("did you mean `{near}`?")),
        None => missing.help("export the whole configuration, with `config firewall address`"),
    };
    reading.report(span, missing);
}

impl<'c> Making<'_, 'c> {
    fn whole(&self) -> AddressSet {
        AddressSet::all_of(self.version)
    }

    /// What an address object stands for.
    fn object(&mut self, entry: &Entry<'_>) -> Addresses {
        if entry.has_unread {
            return Addresses::unknown(self.whole(), &entry.name, Reason::Unread);
        }
        if ["FABRIC_DEVICE", "FIREWALL_AUTH_PORTAL_ADDRESS"].contains(&entry.name.as_str()) {
            return Addresses::unknown(self.whole(), &entry.name, Reason::DynamicSet);
        }
        let default = if entry.setting("start-ip").is_some() { "iprange" } else { "ipmask" };
        let kind = entry.value("type").unwrap_or(default).to_ascii_lowercase();
        let name = entry.name.as_str();
        let unknown = |reason| Addresses::unknown(AddressSet::all_of(self.version), name, reason);
        match kind.as_str() {
            "ipmask" | "ipprefix" | "broadcastmask" => self.prefix(entry),
            "iprange" | "multicastrange" => self.range(entry),
            "wildcard" => self.wildcard(entry),
            "interface-subnet" => self.interface_subnet(entry),
            "fqdn" | "geography" | "wildcard-fqdn" => unknown(Reason::Name),
            "mac" => Addresses::unknown(self.whole(), name, Reason::Header),
            "route-tag" => unknown(Reason::Route),
            "dynamic" | "template" => unknown(Reason::DynamicSet),
            _ => self.unread(entry, "type"),
        }
    }

    /// An address whose setting is not understood.
    fn unread(&mut self, entry: &Entry<'_>, key: &str) -> Addresses {
        let odd = Diagnostic::warning(
            "firewall/unknown-value",
            format!("`{key}` of address `{}` is not understood", entry.name),
        )
        .because("whether what names the address matches is therefore not sure")
        .help("compare it with what the device shows");
        self.reading.report(&entry.span_of(key), odd);
        Addresses::unknown(self.whole(), &entry.name, Reason::Unread)
    }

    fn prefix(&mut self, entry: &Entry<'_>) -> Addresses {
        let key = if self.version == IpVersion::V4 { "subnet" } else { "ip6" };
        let words = entry.words(key);
        match network(words).filter(|set| self.fits(set)) {
            Some(set) => Addresses::known(set),
            None if words.is_empty() => Addresses::all_of(self.version),
            None => self.unread(entry, key),
        }
    }

    fn fits(&self, set: &AddressSet) -> bool {
        set.intersection(&self.whole()) == *set
    }

    fn range(&mut self, entry: &Entry<'_>) -> Addresses {
        let zero: IpAddr = match self.version {
            IpVersion::V4 => Ipv4Addr::UNSPECIFIED.into(),
            IpVersion::V6 => Ipv6Addr::UNSPECIFIED.into(),
        };
        let end = |key: &str| match entry.value(key) {
            None => Some(zero),
            Some(text) => text.parse().ok(),
        };
        match (end("start-ip"), end("end-ip")) {
            (Some(first), Some(last)) => match AddressSet::range(first, last).filter(|set| self.fits(set)) {
                Some(set) => Addresses::known(set),
                None => self.unread(entry, "end-ip"),
            },
            (None, _) => self.unread(entry, "start-ip"),
            (_, None) => self.unread(entry, "end-ip"),
        }
    }

    fn wildcard(&mut self, entry: &Entry<'_>) -> Addresses {
        let parsed: Vec<Option<Ipv4Addr>> =
            entry.words("wildcard").iter().map(|word| word.text.parse().ok()).collect();
        match parsed.as_slice() {
            [] => Addresses::all_of(self.version),
            [Some(address), Some(mask)] => {
                let (address, mask) = (address.to_bits(), mask.to_bits());
                let known = |v4| AddressSet { v4, v6: IntervalSet::none() };
                wildcard(address, mask).map_or_else(
                    || self.many_holes(entry, known(IntervalSet::range(address & mask, address | !mask))),
                    |v4| Addresses::known(known(v4)),
                )
            }
            _ => self.unread(entry, "wildcard"),
        }
    }

    fn many_holes(&mut self, entry: &Entry<'_>, bound: AddressSet) -> Addresses {
        let holes = Diagnostic::warning(
            "firewall/expansion-limit",
            format!("the mask falls into more than {WILDCARD_INTERVALS_MAX} ranges of addresses"),
        )
        .because("between the first and the last of them, what names the address matches possibly")
        .help("use several addresses with fewer holes");
        self.reading.report(&entry.span_of("wildcard"), holes);
        Addresses::unknown(bound, &entry.name, Reason::Unread)
    }

    /// The network of an interface: as the object says it, or as the interface does.
    fn interface_subnet(&mut self, entry: &Entry<'_>) -> Addresses {
        if let Some(set) = network(entry.words("subnet"))
            .filter(|set| self.fits(set) && !set.contains(Ipv4Addr::UNSPECIFIED.into()))
        {
            return Addresses::known(set);
        }
        let interface = entry.value("interface").unwrap_or_default();
        let nets = self
            .addresses
            .iter()
            .filter(|one| one.interface == interface)
            .filter_map(|one| AddressSet::prefix(one.address, one.length))
            .filter(|set| self.fits(set));
        let first = nets.into_iter().next();
        first.map_or_else(
            || Addresses::unknown(self.whole(), format!("network of {interface}"), Reason::Name),
            Addresses::known,
        )
    }

    /// What a group stands for; worked out once.
    fn group(&mut self, name: &str, depth: usize) -> Addresses {
        let Some(entry) = self.groups.get(name).copied() else { return unknown_name(self.version, name) };
        if let Some(known) = self.objects.get(name) {
            return known.clone();
        }
        if depth > GROUP_DEPTH_MAX || !self.open.insert(name.to_owned()) {
            self.report_circle(entry);
            return Addresses::unknown(self.whole(), name, Reason::Unread);
        }
        let mut addresses = self.members(entry, "member", depth);
        if entry.is("exclude", "enable") {
            addresses = addresses.without(&self.members(entry, "exclude-member", depth));
        }
        self.expanded = self.expanded.saturating_add(addresses.size());
        if entry.has_unread || self.expanded > EXPANSION_MAX {
            if self.expanded > EXPANSION_MAX && !entry.has_unread {
                self.report_expansion(entry);
            }
            addresses = Addresses::unknown(self.whole(), name, Reason::Unread);
        }
        self.open.remove(name);
        self.objects.insert(name.to_owned(), addresses.clone());
        addresses
    }

    fn members(&mut self, entry: &Entry<'_>, key: &str, depth: usize) -> Addresses {
        let mut parts = Vec::new();
        for member in entry.words(key) {
            let name = member.text.as_ref();
            if let Some(known) = self.objects.get(name) {
                parts.push(known.clone());
            } else if self.groups.contains_key(name) {
                parts.push(self.group(name, depth + 1));
            } else {
                let known = self.objects.keys().map(String::as_str).chain(self.groups.keys().copied());
                report_missing(name, &member.span, known, &self.guesses, self.reading);
                parts.push(unknown_name(self.version, name));
            }
        }
        Addresses::union_of(&parts)
    }

    fn report_circle(&mut self, entry: &Entry<'_>) {
        let circle = Diagnostic::warning(
            "firewall/group-circle",
            format!(
                "the group `{}` holds itself, or groups are nested deeper than {GROUP_DEPTH_MAX}",
                entry.name
            ),
        )
        .because("the device refuses such a group; whether what names it matches is not sure")
        .help("take the group out of its members");
        self.reading.report(&entry.span_of("member"), circle);
    }

    fn report_expansion(&mut self, entry: &Entry<'_>) {
        let large = Diagnostic::warning(
            "firewall/expansion-limit",
            format!("the groups hold more than {EXPANSION_MAX} ranges of addresses"),
        )
        .because("whether what names this group matches is therefore not sure")
        .help("name networks instead of single addresses");
        self.reading.report(&entry.span_of("member"), large);
    }
}

/// A network as `10.1.0.0 255.255.0.0`, `10.1.0.0/16` or one address.
pub(super) fn network(words: &[Word<'_>]) -> Option<AddressSet> {
    let (address, length) = address_and_length(words)?;
    AddressSet::prefix(address, length)
}

/// An address and the length of its network.
pub(super) fn address_and_length(words: &[Word<'_>]) -> Option<(IpAddr, u8)> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_ref()).collect();
    match texts.as_slice() {
        [one] => match one.split_once('/') {
            Some((address, length)) => Some((address.parse().ok()?, length.parse().ok()?)),
            None => {
                let address: IpAddr = one.parse().ok()?;
                Some((address, if address.is_ipv4() { 32 } else { 128 }))
            }
        },
        [address, mask] => {
            let mask: Ipv4Addr = mask.parse().ok()?;
            let bits = mask.to_bits();
            let is_prefix = bits.leading_ones() + bits.trailing_zeros() == 32 || bits == 0;
            let length = u8::try_from(bits.leading_ones()).ok()?;
            is_prefix.then_some((IpAddr::V4(address.parse().ok()?), length))
        }
        _ => None,
    }
}

/// The addresses that agree with `address` in the bits of `mask`, whatever holes it has; `None` where that are too many
/// intervals.
fn wildcard(address: u32, mask: u32) -> Option<IntervalSet<u32>> {
    // Bits below the lowest set bit of the mask are free and give one interval; free bits above it double their number.
    let low = if mask == 0 { u32::MAX } else { !(u32::MAX << mask.trailing_zeros()) };
    let holes = !mask & !low;
    if holes.count_ones() > WILDCARD_INTERVALS_MAX.ilog2() {
        return None;
    }
    let base = address & mask;
    let mut ranges = Vec::new();
    let mut hole = 0_u32;
    loop {
        let first = base | hole;
        ranges.push((first, first | low));
        // The next number made of the bits of `holes` only.
        hole = hole.wrapping_sub(holes) & holes;
        if hole == 0 {
            break;
        }
    }
    Some(IntervalSet::from_ranges(ranges))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_with_holes_are_exact() {
        let set = |address: &str, mask: &str| {
            let bits = |text: &str| text.parse::<Ipv4Addr>().unwrap().to_bits();
            wildcard(bits(address), bits(mask))
        };
        let every_first = set("10.0.0.1", "255.255.252.255").unwrap();
        assert_eq!(every_first.intervals().len(), 4);
        for (text, within) in
            [("10.0.2.1", true), ("10.0.3.1", true), ("10.0.4.1", false), ("10.0.2.2", false)]
        {
            assert_eq!(every_first.contains(text.parse::<Ipv4Addr>().unwrap().to_bits()), within, "{text}");
        }
        assert!(set("0.0.0.0", "0.0.0.0").unwrap().is_all());
        assert_eq!(set("1.1.0.1", "255.255.0.255").unwrap().intervals().len(), 256);
        assert!(set("0.0.0.1", "0.0.0.1").is_none());
    }
}
