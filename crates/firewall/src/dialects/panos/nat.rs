//! Translation of addresses. The first rule of the rulebase that means a connection decides about both its ends.
//!
//! A rule goes by the addresses and ports that the packet comes with, and by the zone that its destination had before it
//! was translated. So each rule stands twice: at the place where destinations are translated, where that zone is the one
//! that the configuration routes the address to, and at the place where sources are.

use super::names::Found;
use super::network::Network;
use super::routes::Routing;
use super::rule::{Kind, Rules, is_disabled};
use super::tree::{At, Mark, short};
use crate::ruleset::{
    AddressSet, Condition, CtStatus, IpVersion, Nat, NatKind, Reason, Rule, Undecidable, Verdict,
};
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use zonewright_source::Diagnostic;

/// Fields that only rules of translation have.
const FIELDS: [&str; 7] = [
    "to-interface",
    "nat-type",
    "source-translation",
    "destination-translation",
    "dynamic-destination-translation",
    "active-active-device-binding",
    "services",
];

/// The rules of one rulebase of translation, where destinations and where sources are translated.
#[derive(Debug, Default)]
pub(super) struct Translations {
    pub(super) destinations: Vec<Rule>,
    pub(super) sources: Vec<Rule>,
    /// Whether ports of destinations change.
    pub(super) moves_ports: bool,
}

/// Where routes lead, for the zones of destinations before translation.
#[derive(Debug)]
pub(super) struct Ways<'r, 'm> {
    pub(super) network: &'r Network<'m>,
    pub(super) routing: &'r Routing,
}

/// A rule, understood.
struct Translation {
    /// What both places ask, of the packet as it comes.
    rule: Rule,
    destination: Option<Nat>,
    source: Option<Nat>,
}

impl<'m> Rules<'m, '_> {
    /// Adds a rule of translation, and the one that a rule for both directions makes for the way back.
    pub(super) fn translation(&mut self, at: At<'m>, ways: &Ways<'_, 'm>, found: &mut Translations) {
        if is_disabled(at) {
            return;
        }
        let mut rule = self.begin(at, Kind::Nat, &FIELDS);
        for field in ["from", "to", "source", "destination"] {
            self.list(at, field, true, &mut rule);
        }
        let from = at.members("from");
        let from = self.zone_names(&from);
        rule.conditions.extend(from.map(|names| self.zones.within(names)));
        self.nat_type(at, &mut rule);
        if at.text("active-active-device-binding").is_some_and(|binding| binding != "both") {
            let what = Undecidable { what: "which of two devices it is".into(), reason: Reason::Connection };
            rule.conditions.push(Condition::Undecidable(what));
        }
        let to = self.route_conditions(at, ways);
        let whole = Translation { rule, destination: self.destination(at), source: self.source(at) };
        self.enter(at, &whole, &to, ways, found);
        self.way_back(at, &whole, ways, found);
    }

    /// Which version of IP it translates.
    fn nat_type(&mut self, at: At<'m>, rule: &mut Rule) {
        match at.text("nat-type").unwrap_or("ipv4") {
            "ipv4" => rule.conditions.push(Condition::Version(IpVersion::V4)),
            "nptv6" => rule.conditions.push(Condition::Version(IpVersion::V6)),
            other => {
                let message = format!("translation of type `{}` is not computed", short(other));
                let unread = Diagnostic::warning("firewall/unknown-value", message)
                    .because("what becomes of the packets that the rule means is undecided");
                self.names.say(at, unread, self.reading);
                let what = format!("translation of type {}", short(other));
                rule.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Unread }));
            }
        }
    }

    /// Where a destination is routed to: the condition that it is where the rule says, before its translation.
    fn route_conditions(&mut self, at: At<'m>, ways: &Ways<'_, 'm>) -> Vec<Condition> {
        let to = at.members("to");
        let zones = self.zone_names(&to);
        let interface = at.text("to-interface").filter(|name| *name != "any");
        if zones.is_none() && interface.is_none() {
            return Vec::new();
        }
        let mut interfaces: BTreeSet<&str> = BTreeSet::new();
        match (&zones, interface) {
            (_, Some(interface)) => interfaces.extend([interface]),
            (Some(names), None) => {
                let defined = self.zones.defined().filter(|(name, _)| names.contains(name));
                interfaces.extend(defined.flat_map(|(_, zone)| zone.interfaces.iter().copied()));
            }
            (None, None) => {}
        }
        let routed = ways.routing.to(&interfaces);
        let what = format!(
            "routed to {}",
            interface.map_or_else(|| zones.unwrap_or_default().join(","), str::to_owned)
        );
        let mut alternatives = Vec::new();
        if !routed.surely.is_none() {
            alternatives.push(vec![Condition::Destination(routed.surely)]);
        }
        if !routed.possibly.is_none() {
            let what = Condition::Undecidable(Undecidable { what, reason: Reason::Route });
            alternatives.push(vec![Condition::Destination(routed.possibly), what]);
        }
        match alternatives.as_mut_slice() {
            [only] => std::mem::take(only),
            _ => vec![Condition::Any { of: alternatives, negated: false }],
        }
    }

    /// What the rule asks of addresses and service, as the packet comes.
    fn asked(&mut self, at: At<'m>) -> Vec<Condition> {
        let mut conditions: Vec<Condition> = Vec::new();
        conditions.extend(self.address(at, "source"));
        conditions.extend(self.address(at, "destination"));
        let service = at.members("service");
        let services = self.names.services(&service, self.reading).filter(|_| !service.is_empty());
        conditions.extend(super::traffic::conditions(services.as_ref(), None));
        conditions
    }

    /// Puts the rule where destinations and where sources are translated.
    fn enter(
        &mut self,
        at: At<'m>,
        whole: &Translation,
        to: &[Condition],
        ways: &Ways<'_, 'm>,
        found: &mut Translations,
    ) {
        let asked = self.asked(at);
        let none =
            || Nat { kind: NatKind::None, addresses: None, ports: None, options: Vec::new(), unknown: None };
        let mut early = whole.rule.clone();
        early.conditions.extend(asked.iter().cloned());
        early.conditions.extend(to.iter().cloned());
        found.moves_ports |=
            whole.destination.as_ref().is_some_and(|nat| nat.ports.is_some() || nat.unknown.is_some());
        early.verdict = Verdict::Nat(whole.destination.clone().unwrap_or_else(none));
        found.destinations.push(early);

        let mut late = whole.rule.clone();
        late.conditions.extend(asked.into_iter().map(before));
        if whole.destination.is_some() {
            late.conditions.extend(to.iter().cloned().map(before));
        } else {
            // Its destination is where it was, so that the zone is the one it goes out by; and of a connection whose
            // destination was translated another rule has decided.
            let members = at.members("to");
            let zones = self.zone_names(&members);
            late.conditions.extend(zones.map(|names| self.zones.out_of(names)));
            if let Some(interface) =
                at.text("to-interface").filter(|name| ways.network.interface(name).is_some())
            {
                let names = vec![crate::ruleset::NamePattern::Exact(interface.to_owned())];
                late.conditions.push(Condition::OutInterface(crate::ruleset::NameSet::of(names)));
            }
            late.conditions.push(Condition::CtStatus { any: CtStatus::DNAT, negated: true });
        }
        late.verdict = Verdict::Nat(whole.source.clone().unwrap_or_else(none));
        found.sources.push(late);
    }

    /// A static translation of sources in both directions translates what comes to the new address back.
    fn way_back(&mut self, at: At<'m>, whole: &Translation, ways: &Ways<'_, 'm>, found: &mut Translations) {
        let fixed = at.path(&["source-translation", "static-ip"]);
        let Some(fixed) = fixed.filter(|fixed| fixed.is_yes("bi-directional")) else { return };
        let members = at.members("source");
        let inner = self.names.addresses(&members, self.reading);
        let members = fixed.members("translated-address");
        let outer = self.names.addresses(&members, self.reading);
        let unknown = || Some("the address that a translation in both directions leads back to".to_owned());
        let nat = match inner.as_ref().and_then(Found::only) {
            Some(addresses) => {
                let kind = one_to_one(NatKind::Destination, outer.as_ref().and_then(Found::only), addresses);
                to_addresses(kind, Some(addresses))
            }
            None => Nat { unknown: unknown(), ..to_addresses(NatKind::Destination, None) },
        };
        let mut rule = whole.rule.clone();
        rule.conditions.retain(|condition| !matches!(condition, Condition::InInterface(_)));
        rule.conditions.extend(outer.map(|outer| outer.condition(false, Condition::Destination)));
        if let Some(comment) = &mut rule.comment {
            comment.push_str(" (way back)");
        }
        rule.conditions.extend(self.route_conditions(at, ways));
        found.moves_ports |= nat.unknown.is_some();
        let mut late = rule.clone();
        rule.verdict = Verdict::Nat(nat);
        found.destinations.push(rule);
        late.conditions = late.conditions.into_iter().map(before).collect();
        late.verdict = Verdict::Nat(Nat { unknown: None, ..to_addresses(NatKind::None, None) });
        found.sources.push(late);
    }

    fn destination(&mut self, at: At<'m>) -> Option<Nat> {
        let fixed = at.child("destination-translation");
        let translation = fixed.or_else(|| at.child("dynamic-destination-translation"))?;
        for detail in ["distribution", "dns-rewrite"] {
            if let Some(detail) = translation.child(detail) {
                detail.mark(Mark::Modeled);
            }
        }
        let members = translation.members("translated-address");
        let port = translation.text("translated-port");
        // Without an address the rule translates nothing, or only the port.
        let mut nat = if members.is_empty() {
            to_addresses(NatKind::Destination, None)
        } else {
            let members_before = at.members("destination");
            let original = self.names.addresses(&members_before, self.reading);
            let fixed = fixed.and(original);
            self.target(&members, NatKind::Destination, fixed.as_ref().and_then(Found::only))
        };
        if members.is_empty() && port.is_none() {
            nat.unknown = Some("an address that is not given".into());
        }
        if let Some(port) = port {
            match super::applications::ports(port).as_ref().map(|ports| ports.intervals().to_vec()).as_deref()
            {
                Some([range]) => nat.ports = Some(*range),
                _ => nat.unknown = Some(format!("port {}", short(port))),
            }
        }
        Some(nat)
    }

    fn source(&mut self, at: At<'m>) -> Option<Nat> {
        let translation = at.child("source-translation")?;
        let kind = translation.entries().find(|kind| {
            matches!(
                kind.name(),
                "dynamic-ip-and-port" | "dynamic-ip" | "static-ip" | "persistent-dynamic-ip-and-port"
            )
        });
        let Some(kind) = kind else {
            let unknown = Some("source translation that is not read".into());
            return Some(Nat { unknown, ..to_addresses(NatKind::Source, None) });
        };
        if let Some(fallback) = kind.child("fallback") {
            fallback.mark(Mark::Modeled);
        }
        kind.text("bi-directional");
        if let Some(interface) = kind.child("interface-address") {
            interface.mark(Mark::Modeled);
            let own = interface.text("ip").and_then(super::network::address_in);
            return Some(match own {
                Some((ip, _)) => to_addresses(NatKind::Source, Some((ip, ip))),
                None => to_addresses(NatKind::Masquerade, None),
            });
        }
        let members = kind.members("translated-address");
        let members_before = at.members("source");
        let original =
            self.names.addresses(&members_before, self.reading).filter(|_| kind.name() == "static-ip");
        Some(self.target(&members, NatKind::Source, original.as_ref().and_then(Found::only)))
    }

    /// The addresses that a translation leads to; of a fixed one, `original` are those that it begins at.
    fn target(&mut self, members: &[At<'m>], kind: NatKind, original: Option<Range>) -> Nat {
        let found = self.names.addresses(members, self.reading);
        let names: Vec<&str> = members.iter().take(4).map(|member| short(member.name())).collect();
        match found.as_ref().and_then(Found::only) {
            Some(addresses) => to_addresses(one_to_one(kind, original, addresses), Some(addresses)),
            None => Nat { unknown: Some(format!("one of {}", names.join(","))), ..to_addresses(kind, None) },
        }
    }
}

/// The first and last address.
type Range = (IpAddr, IpAddr);

/// A fixed translation of one network to another of the same size keeps the host's part of the address.
fn one_to_one(kind: NatKind, original: Option<Range>, to: Range) -> NatKind {
    let host = |(first, last): Range| match (first, last) {
        (IpAddr::V4(first), IpAddr::V4(last)) => aligned(first.to_bits().into(), last.to_bits().into()),
        (IpAddr::V6(first), IpAddr::V6(last)) => aligned(first.to_bits(), last.to_bits()),
        _ => None,
    };
    let same = original.and_then(host).is_some_and(|host_bits| host_bits > 0 && host(to) == Some(host_bits));
    match kind {
        NatKind::Destination if same => NatKind::DestinationNetwork,
        NatKind::Source if same => NatKind::SourceNetwork,
        other => other,
    }
}

/// The bits of the host's part, where an interval is a network.
fn aligned(first: u128, last: u128) -> Option<u128> {
    let host = first ^ last;
    (host & host.wrapping_add(1) == 0 && first & host == 0).then_some(host)
}

impl Found {
    /// The first and last address, where it is one range and nothing is undecided.
    fn only(&self) -> Option<Range> {
        let AddressSet { v4, v6 } = self.set();
        if !self.undecided.is_empty() {
            return None;
        }
        match (v4.intervals(), v6.intervals()) {
            ([(first, last)], []) => {
                Some((Ipv4Addr::from_bits(*first).into(), Ipv4Addr::from_bits(*last).into()))
            }
            ([], [(first, last)]) => {
                Some((Ipv6Addr::from_bits(*first).into(), Ipv6Addr::from_bits(*last).into()))
            }
            _ => None,
        }
    }
}

fn to_addresses(kind: NatKind, addresses: Option<Range>) -> Nat {
    Nat { kind, addresses, ports: None, options: Vec::new(), unknown: None }
}

/// The condition, asked of the packet as it came.
fn before(condition: Condition) -> Condition {
    match condition {
        Condition::Any { of, negated } => {
            let all = |list: Vec<Condition>| list.into_iter().map(before).collect();
            Condition::Any { of: of.into_iter().map(all).collect(), negated }
        }
        Condition::Source(_)
        | Condition::Destination(_)
        | Condition::SourcePort(_)
        | Condition::DestinationPort(_) => Condition::BeforeNat(Box::new(condition)),
        other => other,
    }
}
