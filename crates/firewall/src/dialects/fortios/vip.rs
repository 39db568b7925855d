//! Virtual addresses (VIPs): destinations that are translated before policies are asked.

use super::address::AddressBook;
use super::expr::{Addresses, Side};
use super::mapping::{
    EXPANSION_MAX, Outside, PortPair, addresses, before_nat, distance, ends, port_pairs, stays, step_from,
    unknown_nat,
};
use super::service::{ServiceBook, port_range};
use super::tree::{Config, Domain, Entry};
use super::words::Word;
use crate::dialects::Reading;
use crate::ruleset::{
    AddressSet, Condition, InterfaceAddress, IntervalSet, IpVersion, NamePattern, NameSet, Nat, NatKind,
    Reason, Rule, Undecidable, Verdict,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_source::Diagnostic;

/// A virtual address.
#[derive(Debug)]
pub(super) struct Vip {
    /// What a policy that names it asks of a packet: one of these.
    pub(super) asked: Vec<Vec<Condition>>,
    /// The translations.
    rules: Vec<Rule>,
    /// Whether the translation may change nothing, so that the packet does not show it.
    may_stay: bool,
}

/// The virtual addresses of a domain, of both versions of IP.
#[derive(Debug, Default)]
pub(super) struct VipBook {
    objects: BTreeMap<String, Vip>,
    order: Vec<String>,
    groups: BTreeMap<String, Vec<String>>,
    /// Those that take effect: that an enabled policy names, or all of them with central translation.
    used: BTreeSet<String>,
}

/// What is needed to read virtual addresses.
pub(super) struct VipContext<'c> {
    pub(super) addresses: &'c [InterfaceAddress],
    pub(super) four: &'c AddressBook,
    pub(super) services: &'c ServiceBook,
}

impl VipBook {
    pub(super) fn of(
        config: &Config<'_>,
        domain: &Domain,
        context: &VipContext<'_>,
        reading: &mut Reading,
    ) -> Self {
        let mut book = Self::default();
        for (path, version) in [("firewall vip", IpVersion::V4), ("firewall vip6", IpVersion::V6)] {
            for entry in config.entries(domain, path) {
                if entry.is("status", "disable") || entry.is("type", "dns-translation") {
                    let none =
                        Vip { asked: vec![vec![Condition::never()]], rules: Vec::new(), may_stay: false };
                    book.objects.insert(entry.name.clone(), none);
                    continue;
                }
                let vip = Lowering { config, entry, version, context, reading }.vip();
                if book.objects.insert(entry.name.clone(), vip).is_none() {
                    book.order.push(entry.name.clone());
                }
            }
        }
        for path in ["firewall vipgrp", "firewall vipgrp6"] {
            for entry in config.entries(domain, path) {
                let members = entry.words("member").iter().map(|word| word.text.to_string()).collect();
                book.groups.insert(entry.name.clone(), members);
            }
        }
        book
    }

    /// Whether there is a virtual address or a group of them of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.objects.contains_key(name) || self.groups.contains_key(name)
    }

    /// The virtual addresses that a name stands for. Groups hold no groups.
    fn members<'b>(&'b self, name: &'b str) -> impl Iterator<Item = &'b str> {
        let group = self.groups.get(name);
        let own = group.is_none().then_some(name);
        own.into_iter().chain(group.into_iter().flatten().map(String::as_str))
    }

    /// Notes that a policy that is in force names this.
    pub(super) fn mark_used(&mut self, name: &str) {
        let members: Vec<String> = self.members(name).map(str::to_owned).collect();
        self.used.extend(members);
    }

    /// Notes that all are in force.
    pub(super) fn mark_all_used(&mut self) {
        self.used = self.objects.keys().cloned().collect();
    }

    /// What a policy asks of a packet that names this: one of these.
    pub(super) fn asked(&self, name: &Word<'_>) -> Vec<Vec<Condition>> {
        self.members(&name.text)
            .flat_map(|member| match self.objects.get(member) {
                Some(vip) => vip.asked.clone(),
                None => {
                    let what = format!("virtual address {member}");
                    vec![vec![Condition::Undecidable(Undecidable { what, reason: Reason::Name })]]
                }
            })
            .collect()
    }

    /// What holds of a packet that was sent to none of the virtual addresses.
    pub(super) fn untranslated(&self) -> Vec<Condition> {
        if !self.order.iter().any(|name| self.used.contains(name)) {
            return Vec::new();
        }
        let any = crate::ruleset::CtStatus::DNAT;
        let mut conditions = vec![Condition::CtStatus { any, negated: true }];
        let of: Vec<Vec<Condition>> =
            self.in_force().filter(|vip| vip.may_stay).flat_map(|vip| vip.asked.clone()).collect();
        if !of.is_empty() {
            conditions.push(Condition::Any { of, negated: true });
        }
        conditions
    }

    fn in_force(&self) -> impl Iterator<Item = &Vip> {
        self.order.iter().filter(|name| self.used.contains(*name)).filter_map(|name| self.objects.get(name))
    }

    /// The translations that take effect, in order.
    pub(super) fn rules(&self) -> Vec<Rule> {
        self.in_force().flat_map(|vip| vip.rules.iter().cloned()).collect()
    }
}

/// One translation: what is asked of the packet as it comes, and what it becomes.
struct Piece {
    outside: Vec<Condition>,
    /// What is asked of the packet behind the translation.
    inside: Vec<Condition>,
    nat: Nat,
}

struct Lowering<'a, 'c> {
    config: &'c Config<'a>,
    entry: &'c Entry<'a>,
    version: IpVersion,
    context: &'c VipContext<'c>,
    reading: &'c mut Reading,
}

impl Lowering<'_, '_> {
    fn vip(mut self) -> Vip {
        let frame = self.frame();
        let pieces = match self.pieces() {
            Ok(pieces) => pieces,
            Err(key) => vec![self.unread(key)],
        };
        let place = self.reading.place(&self.entry.span);
        let mut vip = Vip { asked: Vec::new(), rules: Vec::new(), may_stay: false };
        for piece in pieces {
            let mut asked = frame.clone();
            asked.extend(piece.outside.iter().map(before_nat));
            asked.extend(piece.inside);
            vip.asked.push(asked);
            vip.may_stay |= stays(&piece.outside, &piece.nat);
            let mut rule = Rule::new(place.clone());
            rule.conditions.clone_from(&frame);
            rule.conditions.extend(piece.outside);
            rule.verdict = Verdict::Nat(piece.nat);
            rule.comment = Some(format!("vip {}", self.entry.name));
            vip.rules.push(rule);
        }
        vip
    }

    /// What is asked of every packet: where it comes in, and from whom.
    fn frame(&mut self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for key in ["extintf", "srcintf-filter"] {
            let names = self.entry.words(key);
            if names.is_empty() || names.iter().any(|name| name.text == "any") {
                continue;
            }
            let patterns = names.iter().map(|name| NamePattern::Exact(name.text.to_string())).collect();
            conditions.push(Condition::InInterface(NameSet::of(patterns)));
        }
        let filter = self.entry.words("src-filter");
        if !filter.is_empty() {
            let sets: Vec<Addresses> = filter
                .iter()
                .map(|word| match addresses(&word.text) {
                    Some(set) => Addresses::known(set),
                    None => {
                        let bound = AddressSet::all_of(self.version);
                        Addresses::unknown(bound, "source of a virtual address", Reason::Unread)
                    }
                })
                .collect();
            if sets.iter().any(|set| !set.maybe.is_empty()) {
                self.report("src-filter");
            }
            conditions.extend(Addresses::union_of(&sets).conditions(Side::Source));
        }
        if self.entry.setting("src-vip-filter").is_some_and(|_| self.entry.is("src-vip-filter", "enable"))
            || self.entry.has_unread
        {
            let what = format!("vip {}", self.entry.name);
            conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Unread }));
        }
        conditions
    }

    fn report(&mut self, key: &str) {
        let odd = Diagnostic::warning(
            "firewall/unknown-value",
            format!("`{key}` of virtual address `{}` is not understood", self.entry.name),
        )
        .because("what it translates is therefore not sure")
        .help("compare it with what the device shows");
        self.reading.report(&self.entry.span_of(key), odd);
    }

    /// Where a setting is not understood: what the packets to it become is not told.
    fn unread(&mut self, key: &str) -> Piece {
        self.report(key);
        let outside =
            self.outside_addresses().map(|set| vec![Condition::Destination(set)]).unwrap_or_default();
        Piece { outside, inside: Vec::new(), nat: unknown_nat(format!("`{key}` of vip {}", self.entry.name)) }
    }

    fn outside_addresses(&self) -> Option<AddressSet> {
        let mut all = AddressSet::none();
        for word in self.entry.words("extip") {
            all = all.union(&addresses(&word.text)?);
        }
        (!all.is_none()).then_some(all)
    }

    fn pieces(&mut self) -> Result<Vec<Piece>, &'static str> {
        let kind = self.entry.value("type").unwrap_or("static-nat").to_ascii_lowercase();
        let (outside, mut common) = self.outside()?;
        if self.entry.setting("service").is_some() {
            common.extend(self.context.services.conditions(self.entry.words("service"), false, self.reading));
        }
        let translates_versions = ["nat46", "nat64"].iter().any(|key| self.entry.is(key, "enable"));
        let unknown = match kind.as_str() {
            _ if translates_versions => Some("the other version of IP"),
            "static-nat" | "load-balance" | "server-load-balance" => None,
            "fqdn" => Some("the address of a host by name"),
            "access-proxy" => Some("a proxy of the device"),
            _ => return Err("type"),
        };
        if let Some(what) = unknown {
            return Ok(vec![self.whole(&outside, common, unknown_nat(what.to_owned()))]);
        }
        if kind == "server-load-balance" {
            return self.servers(&outside, common);
        }
        let Some(inside) = self.inside_addresses() else { return Err("mappedip") };
        let ports = self.ports()?;
        Ok(self.mapped(&outside, common, inside, ports, kind == "static-nat"))
    }

    /// The addresses outside, and what is asked of protocol and port there.
    fn outside(&mut self) -> Result<(Outside, Vec<Condition>), &'static str> {
        let named = self.entry.words("extaddr");
        let outside = if named.is_empty() {
            let set = self.outside_addresses().ok_or("extip")?;
            let unspecified = match self.version {
                IpVersion::V4 => IpAddr::from([0_u8; 4]),
                IpVersion::V6 => IpAddr::from([0_u8; 16]),
            };
            if set.contains(unspecified) { self.of_interface() } else { Outside::Known(set) }
        } else {
            let set = self.context.four.union_of(named, self.reading);
            if set.maybe.is_empty() {
                Outside::Known(set.sure)
            } else {
                Outside::Unknown(set.conditions(Side::Destination))
            }
        };
        let mut common = Vec::new();
        let protocol = if self.entry.is("type", "server-load-balance") {
            // What the servers speak; all but these are over TCP.
            match self.entry.value("server-type").unwrap_or("http") {
                "ip" => None,
                "udp" => Some(17),
                _ => Some(6),
            }
        } else if self.forwards_ports() {
            Some(self.protocol()?)
        } else {
            None
        };
        common.extend(protocol.map(|number| Condition::Protocol(IntervalSet::one(number))));
        Ok((outside, common))
    }

    /// The addresses of the interface that packets come in by, where the address outside is that.
    fn of_interface(&self) -> Outside {
        let interface = self.entry.value("extintf").unwrap_or_default();
        let own = self.context.addresses.iter().filter(|one| one.interface == interface);
        let own = own.filter_map(|one| AddressSet::range(one.address, one.address));
        let set = own.fold(AddressSet::none(), |all, one| all.union(&one));
        let set = set.intersection(&AddressSet::all_of(self.version));
        if set.is_none() {
            let what = format!("address of {interface}");
            Outside::Unknown(vec![
                Condition::Version(self.version),
                Condition::Undecidable(Undecidable { what, reason: Reason::Name }),
            ])
        } else {
            Outside::Known(set)
        }
    }

    fn forwards_ports(&self) -> bool {
        self.entry.is("portforward", "enable") || self.entry.is("type", "server-load-balance")
    }

    fn protocol(&self) -> Result<u8, &'static str> {
        let default = if self.version == IpVersion::V6 { 58 } else { 1 };
        match self.entry.value("protocol").unwrap_or("tcp").to_ascii_lowercase().as_str() {
            "tcp" => Ok(6),
            "udp" => Ok(17),
            "sctp" => Ok(132),
            "icmp" => Ok(default),
            _ => Err("protocol"),
        }
    }

    fn inside_addresses(&self) -> Option<(IpAddr, IpAddr)> {
        let words = self.entry.words("mappedip");
        match words {
            [one] => ends(&one.text),
            _ => None,
        }
    }

    /// The ports outside and inside; `None` where ports are not looked at.
    fn ports(&self) -> Result<Option<PortPair>, &'static str> {
        if !self.forwards_ports() {
            return Ok(None);
        }
        let range = |text: &str| port_range(text).and_then(|set| set.intervals().first().copied());
        let Some(outside) = self.entry.value("extport") else { return Ok(None) };
        let outside = range(outside).ok_or("extport")?;
        let inside = match self.entry.value("mappedport") {
            None => outside,
            Some(text) => range(text).ok_or("mappedport")?,
        };
        // Port 0 stands for all.
        Ok((outside != (0, 0)).then_some((outside, inside)))
    }

    fn whole(&self, outside: &Outside, mut common: Vec<Condition>, nat: Nat) -> Piece {
        if let Ok(Some((ports, _))) = self.ports() {
            common.push(Condition::DestinationPort(IntervalSet::range(ports.0, ports.1)));
        }
        let mut conditions = outside.conditions();
        conditions.extend(common);
        Piece { outside: conditions, inside: Vec::new(), nat }
    }

    /// Addresses to addresses and ports to ports, in order.
    fn mapped(
        &self,
        outside: &Outside,
        common: Vec<Condition>,
        inside: (IpAddr, IpAddr),
        ports: Option<PortPair>,
        in_order: bool,
    ) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (address_conditions, addresses) in self.address_pairs(outside, inside, in_order) {
            for (from, to) in port_pairs(ports) {
                let mut conditions = address_conditions.clone();
                conditions.extend(common.iter().cloned());
                let mut behind: Vec<Condition> = AddressSet::range(addresses.0, addresses.1)
                    .into_iter()
                    .map(Condition::Destination)
                    .collect();
                if let Some((first, last)) = from {
                    conditions.push(Condition::DestinationPort(IntervalSet::range(first, last)));
                }
                if let Some((first, last)) = to {
                    behind.push(Condition::DestinationPort(IntervalSet::range(first, last)));
                }
                let nat = Nat {
                    kind: NatKind::Destination,
                    addresses: Some(addresses),
                    ports: to.filter(|_| from != to),
                    options: Vec::new(),
                    unknown: None,
                };
                pieces.push(Piece { outside: conditions, inside: behind, nat });
            }
        }
        pieces
    }

    fn address_pairs(
        &self,
        outside: &Outside,
        inside: (IpAddr, IpAddr),
        in_order: bool,
    ) -> Vec<(Vec<Condition>, (IpAddr, IpAddr))> {
        let whole = || vec![(outside.conditions(), inside)];
        let Outside::Known(set) = outside else { return whole() };
        let Some((first, last)) = self.entry.value("extip").and_then(ends) else { return whole() };
        let count = distance(first, last).filter(|count| Some(*count) == distance(inside.0, inside.1));
        match count {
            Some(count) if in_order && count > 0 && count < EXPANSION_MAX && !set.is_none() => (0..=count)
                .filter_map(|step| {
                    let (out, to) = (step_from(first, step)?, step_from(inside.0, step)?);
                    Some((vec![Condition::Destination(AddressSet::range(out, out)?)], (to, to)))
                })
                .collect(),
            _ => whole(),
        }
    }

    /// The servers among which connections are shared.
    fn servers(&mut self, outside: &Outside, common: Vec<Condition>) -> Result<Vec<Piece>, &'static str> {
        let mut servers: Vec<(IpAddr, IpAddr)> = Vec::new();
        let mut ports: BTreeSet<Option<u16>> = BTreeSet::new();
        for server in self.config.inner(self.entry, "realservers") {
            if server.is("status", "disable") {
                continue;
            }
            let Some(ends) = server.value("ip").and_then(ends) else {
                return Ok(vec![self.whole(outside, common, unknown_nat("a server by name".to_owned()))]);
            };
            servers.push(ends);
            let port = server.value("port").map(|port| port.parse::<u16>().ok().filter(|port| *port > 0));
            ports.insert(port.flatten());
        }
        let first = servers.iter().map(|ends| ends.0).min();
        let last = servers.iter().map(|ends| ends.1).max();
        let Some(inside) = first.zip(last) else {
            return Ok(vec![self.whole(outside, common, unknown_nat("no server".to_owned()))]);
        };
        let port = ports.iter().next().copied().flatten().filter(|_| ports.len() == 1);
        let mut piece = self.whole(outside, common, unknown_nat(String::new()));
        let outside_port = self.ports()?.map(|(outside, _)| outside);
        piece.nat = Nat {
            kind: NatKind::Destination,
            addresses: Some(inside),
            ports: match (port, ports.len()) {
                (Some(port), _) => Some((port, port)).filter(|_| outside_port != Some((port, port))),
                (None, 0 | 1) => None,
                (None, _) => Some((0, u16::MAX)),
            },
            options: vec!["one of the servers".to_owned()],
            unknown: None,
        };
        piece.inside.extend(AddressSet::range(inside.0, inside.1).map(Condition::Destination));
        Ok(vec![piece])
    }
}
