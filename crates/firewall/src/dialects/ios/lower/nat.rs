//! Translations, one statement at a time: static ones before those of lists, as IOS looks for them.

use super::{Entry, Lower, coming, going, undecidable};
use crate::dialects::ios::config::{Interface, NatSide, NatTarget, RouteMap, Translated, Translation};
use crate::ruleset::{
    AddressSet, ChainKind, Condition, Family, Hook, IntervalSet, IpVersion, Nat, NatKind, Policy, Reason,
    Rule, Verdict,
};
use std::net::IpAddr;
use zonewright_source::Diagnostic;

/// The priorities of translation on the way of a packet.
const DESTINATION: i32 = -100;
const SOURCE: i32 = 100;

/// Most names of interfaces in all translations.
const NAMES_MAX: usize = 1_000_000;

/// From which interfaces to which a translation is done.
struct Sides {
    inside: Vec<String>,
    outside: Vec<String>,
}

impl Lower<'_> {
    /// The chains of `ip nat`.
    pub(super) fn translations(&mut self) {
        let config = self.config;
        let is_static = |one: &&Translation| {
            matches!(one.what, Translated::Host(_) | Translated::Port(..) | Translated::Network(..))
        };
        let fixed = config.translations.iter().filter(is_static);
        let others = config.translations.iter().filter(|one| !is_static(one));
        let (mut before, mut behind) = (Vec::new(), Vec::new());
        let mut named = 0;
        for one in fixed.chain(others) {
            let sides = self.sides(one);
            named += sides.inside.len() + sides.outside.len();
            if named > NAMES_MAX {
                self.too_many(one, &mut before, &mut behind);
                break;
            }
            match one.side {
                NatSide::InsideSource | NatSide::AnySource => {
                    self.source(one, &sides, &mut before, &mut behind);
                }
                // What comes from the outside is looked at the other way round.
                NatSide::OutsideSource => {
                    let turned = Sides { inside: sides.outside, outside: sides.inside };
                    self.source(one, &turned, &mut before, &mut behind);
                }
                NatSide::InsideDestination => {
                    let mut asks = vec![coming(&sides.outside), Condition::Protocol(IntervalSet::one(6))];
                    asks.extend(self.translated(one));
                    let nat = self.target(one, NatKind::Destination);
                    before.push(self.rule(&one.span, asks, Verdict::Nat(nat)));
                }
            }
        }
        let entry = |hook, priority| Entry {
            hook,
            kind: ChainKind::Nat,
            priority,
            policy: Policy::Accept,
            family: Family::Ipv4,
        };
        self.base("destinations", "ip nat", entry(Hook::Prerouting, DESTINATION), before);
        self.base("sources", "ip nat", entry(Hook::Postrouting, SOURCE), behind);
    }

    /// What is translated behind the limit, is not known.
    fn too_many(&mut self, one: &Translation, before: &mut Vec<Rule>, behind: &mut Vec<Rule>) {
        let limit =
            Diagnostic::warning("firewall/too-many-rules", "too many translations for so many interfaces")
                .because("what this one and those below it translate is not known");
        self.reading.report(&one.span, limit);
        let doubt = undecidable("translations behind the limit".into(), Reason::Unread);
        for (rules, kind) in [(before, NatKind::Destination), (behind, NatKind::Source)] {
            let unknown = Some("translations behind the limit".into());
            let nat = Nat { kind, addresses: None, ports: None, options: Vec::new(), unknown };
            rules.push(self.rule(&one.span, vec![doubt.clone()], Verdict::Nat(nat)));
        }
    }

    fn sides(&self, one: &Translation) -> Sides {
        let of = |keep: &dyn Fn(&Interface) -> bool| -> Vec<String> {
            self.config
                .interfaces
                .iter()
                .filter(|known| keep(known))
                .map(|known| known.name.clone())
                .collect()
        };
        if one.side == NatSide::AnySource {
            let enabled = of(&|interface| interface.nat.enabled);
            return Sides { inside: enabled.clone(), outside: enabled };
        }
        Sides {
            inside: of(&|interface| interface.nat.inside && interface.vrf == one.vrf),
            outside: of(&|interface| interface.nat.outside),
        }
    }

    /// A translation of sources, and of destinations back where it works for connections from the other side.
    fn source(&mut self, one: &Translation, sides: &Sides, before: &mut Vec<Rule>, behind: &mut Vec<Rule>) {
        let mut asks = vec![coming(&sides.inside), going(&sides.outside)];
        asks.extend(self.translated(one));
        let nat = self.target(one, NatKind::Source);
        behind.push(self.rule(&one.span, asks, Verdict::Nat(nat)));
        if let Some((back, nat)) = self.back(one) {
            let mut asks = vec![coming(&sides.outside)];
            asks.extend(back);
            if let Some(map) = &one.route_map {
                asks.push(undecidable(format!("route-map {map}"), Reason::Route));
            }
            before.push(self.rule(&one.span, asks, Verdict::Nat(nat)));
        }
    }

    /// What packets meet whose source (or, for destinations of the inside, destination) is translated.
    fn translated(&mut self, one: &Translation) -> Vec<Condition> {
        let mut asks = match &one.what {
            Translated::Host(address) => vec![Condition::Source(host(*address))],
            Translated::Port(protocol, address, port) => vec![
                Condition::Protocol(IntervalSet::one(*protocol)),
                Condition::Source(host(*address)),
                Condition::SourcePort(IntervalSet::one(*port)),
            ],
            Translated::Network(address, length) => {
                vec![Condition::Source(
                    AddressSet::prefix(*address, *length).unwrap_or_else(AddressSet::none),
                )]
            }
            Translated::List(list) => {
                let asks = self.list_permits(IpVersion::V4, list, &one.span);
                if one.side == NatSide::InsideDestination { destination_of_standard(asks) } else { asks }
            }
            Translated::RouteMap(map) => self.route_map(map, &one.span),
            Translated::Unclear => {
                let NatTarget::Unclear(words) = &one.to else { return Vec::new() };
                vec![undecidable(words.clone(), Reason::Unread)]
            }
        };
        if let Some(map) = &one.route_map {
            asks.extend(self.route_map(map, &one.span));
        }
        asks
    }

    /// What packets a route map permits.
    fn route_map(&mut self, name: &str, span: &super::Span) -> Vec<Condition> {
        let config = self.config;
        let Some(map) = config.route_maps.get(name) else {
            self.unknown(
                span,
                format!("route map `{name}` is not defined"),
                "which packets it means is not known",
            );
            return vec![undecidable(format!("route-map {name}"), Reason::Name)];
        };
        let (mut of, mut denied) = (Vec::new(), Vec::new());
        for step in &map.steps {
            let mut asks = Vec::new();
            if !step.lists.is_empty() {
                let lists =
                    step.lists.iter().map(|(list, version)| self.list_permits(*version, list, &step.span));
                asks.push(Condition::Any { of: lists.collect(), negated: false });
            }
            if !step.interfaces.is_empty() {
                asks.push(going(&step.interfaces));
            }
            asks.extend(step.unclear.as_ref().map(|words| undecidable(words.clone(), Reason::Route)));
            if !step.permit {
                denied.push(asks);
                continue;
            }
            if !denied.is_empty() {
                asks.push(Condition::Any { of: denied.clone(), negated: true });
            }
            of.push(asks);
        }
        let asks = vec![Condition::Any { of, negated: false }];
        self.budgeted(asks, &format!("route map {}", RouteMap::called(map)), span)
    }

    /// What an address becomes.
    fn target(&mut self, one: &Translation, kind: NatKind) -> Nat {
        let mut nat = Nat { kind, addresses: None, ports: None, options: Vec::new(), unknown: None };
        if one.overload {
            nat.options.push("overload".into());
            nat.ports = Some((1, u16::MAX));
        }
        match &one.to {
            NatTarget::Host(address) => nat.addresses = Some((*address, *address)),
            NatTarget::Port(address, port) => {
                nat.addresses = Some((*address, *address));
                nat.ports = Some((*port, *port));
            }
            NatTarget::Network(address, length) => {
                nat.kind = if kind == NatKind::Source {
                    NatKind::SourceNetwork
                } else {
                    NatKind::DestinationNetwork
                };
                nat.addresses = ends(*address, *length);
            }
            NatTarget::Interface(name, port) => {
                nat.ports = port.map(|port| (port, port)).or(nat.ports);
                match self.own_address(name) {
                    Some(address) => nat.addresses = Some((address, address)),
                    None => nat.unknown = Some(format!("the address of {name}")),
                }
            }
            NatTarget::Pool(name) => match self.config.pools.get(name) {
                Some(ends) => nat.addresses = Some(*ends),
                None => {
                    self.unknown(
                        &one.span,
                        format!("pool `{name}` is not defined"),
                        "what addresses become is not known",
                    );
                    nat.unknown = Some(format!("pool {name}"));
                }
            },
            NatTarget::Unclear(words) => nat.unknown = Some(words.clone()),
        }
        nat
    }

    /// For static translations: which packets from the other side are translated back, and how.
    fn back(&self, one: &Translation) -> Option<(Vec<Condition>, Nat)> {
        let mut nat = Nat {
            kind: NatKind::Destination,
            addresses: None,
            ports: None,
            options: Vec::new(),
            unknown: None,
        };
        let mut asks = Vec::new();
        match &one.what {
            Translated::Host(address) => nat.addresses = Some((*address, *address)),
            Translated::Port(protocol, address, port) => {
                asks.push(Condition::Protocol(IntervalSet::one(*protocol)));
                nat.addresses = Some((*address, *address));
                nat.ports = Some((*port, *port));
            }
            Translated::Network(address, length) => {
                nat.kind = NatKind::DestinationNetwork;
                nat.addresses = ends(*address, *length);
            }
            Translated::List(_) | Translated::RouteMap(_) | Translated::Unclear => return None,
        }
        match &one.to {
            NatTarget::Host(address) => asks.push(Condition::Destination(host(*address))),
            NatTarget::Port(address, port) => {
                asks.push(Condition::Destination(host(*address)));
                asks.push(Condition::DestinationPort(IntervalSet::one(*port)));
            }
            NatTarget::Network(address, length) => {
                asks.push(Condition::Destination(AddressSet::prefix(*address, *length)?));
            }
            NatTarget::Interface(name, port) => {
                asks.push(match self.own_address(name) {
                    Some(address) => Condition::Destination(host(address)),
                    None => undecidable(format!("the address of {name}"), Reason::Route),
                });
                asks.extend(port.map(|port| Condition::DestinationPort(IntervalSet::one(port))));
            }
            NatTarget::Pool(_) | NatTarget::Unclear(_) => return None,
        }
        Some((asks, nat))
    }

    fn own_address(&self, interface: &str) -> Option<IpAddr> {
        let interface = self.config.interfaces.get(interface)?;
        interface.addresses.iter().map(|(address, ..)| *address).find(IpAddr::is_ipv4)
    }
}

impl RouteMap {
    fn called(&self) -> &str {
        &self.name
    }
}

fn host(address: IpAddr) -> AddressSet {
    AddressSet::range(address, address).unwrap_or_else(AddressSet::none)
}

/// The first and last address of a network.
fn ends(address: IpAddr, length: u8) -> Option<(IpAddr, IpAddr)> {
    let set = AddressSet::prefix(address, length)?;
    let (first, last) = set.v4.intervals().first()?;
    Some((std::net::Ipv4Addr::from_bits(*first).into(), std::net::Ipv4Addr::from_bits(*last).into()))
}

/// A standard list of `ip nat inside destination` names the destinations.
fn destination_of_standard(asks: Vec<Condition>) -> Vec<Condition> {
    let has_destination =
        |asks: &[Condition]| asks.iter().any(|ask| matches!(ask, Condition::Destination(_)));
    if has_destination(&asks) { asks } else { super::lists::mirrored(&asks) }
}
