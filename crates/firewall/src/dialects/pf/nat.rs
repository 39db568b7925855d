//! Translations: port forwards, one-to-one, prefixes, and what goes out.

use super::endpoint::{ENDPOINT_FIELDS, Endpoint, Meant, Names, Side};
use super::extent::Extent;
use super::fields::{account_fields, is_set};
use super::interfaces::{Addressing, Interfaces};
use super::item::{Item, PASSED, port_conditions, rank, tagged, tagging};
use super::nat_fields::{FORWARD_MODELED, NAT_IGNORED};
use super::system::Management;
use super::tags::Tags;
use super::values::{ports, protocols, single_range};
use super::{Config, Product};
use crate::dialects::{Element, Reading};
use crate::ruleset::{
    AddressSet, Condition, Effect, IntervalSet, IpVersion, LineState, Log, MarkOf, NameSet, Nat, NatKind,
    Reason, Rule, Undecidable, Verdict,
};
use std::ops::Range;
use zonewright_source::Diagnostic;

/// What translations are read with.
pub(super) struct Translator<'a, 'b, 'x> {
    pub(super) config: &'a Config<'x>,
    pub(super) names: &'a mut Names<'b, 'x>,
    pub(super) tags: &'a mut Tags,
    pub(super) reading: &'a mut Reading,
    pub(super) everywhere: Extent,
    /// Of destinations: redirections, asked first when a packet comes in.
    pub(super) redirections: Vec<Rule>,
    /// Of destinations, asked behind those.
    pub(super) arriving: Vec<Rule>,
    /// Of sources, asked first when it goes out.
    pub(super) leaving: Vec<Rule>,
    /// Of sources, asked behind those.
    pub(super) outbound: Vec<Rule>,
    /// Filter rules that the device writes for port forwards.
    pub(super) registered: Vec<Item>,
    /// How many ports of forwards were told apart so far.
    pub(super) apart: usize,
    /// On how many interfaces forwards were reflected so far.
    pub(super) reflected: usize,
}

impl<'x> Translator<'_, '_, 'x> {
    /// Reads all of `<nat>` and of the newer format.
    pub(super) fn read(&mut self, management: &Management) {
        self.keep_management(management);
        for nat in self.config.root.children_named("nat") {
            nat.account_own(self.reading, LineState::Modeled);
            for element in nat.children() {
                match element.name() {
                    "rule" => self.port_forward(element),
                    "onetoone" => self.one_to_one(element, &["source", "destination"]),
                    "npt" => self.prefix(element, false),
                    "outbound" => {}
                    "separator" => self.reading.account(&element.span(), LineState::Ignored),
                    name => {
                        let message = format!("`{name}` of `nat` is not known here");
                        let warning = Diagnostic::warning("firewall/unknown-option", message);
                        self.reading.report(&element.span(), warning);
                    }
                }
            }
        }
        let filter = self.config.root.child("OPNsense").and_then(|one| one.path(&["Firewall", "Filter"]));
        let newer = |kind: &str| ordered(filter.and_then(|filter| filter.child(kind)));
        for rule in newer("onetoone") {
            self.one_to_one(rule, &[]);
        }
        for rule in newer("npt") {
            self.prefix(rule, true);
        }
        let outbound = self.config.root.path(&["nat", "outbound"]);
        let mode = outbound.and_then(|outbound| outbound.text_of("mode")).unwrap_or("automatic");
        self.outbound(outbound, mode);
        for rule in newer("snatrules") {
            self.newer_source(rule);
        }
        if matches!(mode, "automatic" | "hybrid") {
            let place = outbound
                .and_then(|outbound| outbound.child("mode"))
                .map_or(self.config.filter_span(), |mode| mode.span());
            self.automatic(&place);
        }
    }

    /// What manages the machine is never redirected.
    fn keep_management(&mut self, management: &Management) {
        let Some(interface) = management.interface.as_deref() else { return };
        if self.config.root.path(&["nat", "rule"]).is_none() {
            return;
        }
        let own = self.config.interfaces.own(interface).map_or_else(Meant::any, Meant::of);
        let ports = management.ports.iter().map(|port| (*port, *port));
        let mut rule = Rule::new(self.reading.place(&self.config.filter_span()));
        rule.conditions = vec![
            Condition::InInterface(Interfaces::set_of([interface])),
            Condition::Protocol(IntervalSet::one(6)),
            Condition::DestinationPort(IntervalSet::from_ranges(ports)),
        ];
        rule.conditions.extend(own.conditions(Side::EarlyDestination, &self.everywhere));
        rule.verdict = Verdict::Nat(nat(NatKind::None));
        rule.comment = Some("anti-lockout: not redirected".to_owned());
        self.redirections.push(rule);
    }

    fn port_forward(&mut self, element: Element<'x>) {
        let mut unread =
            account_fields(element, &FORWARD_MODELED, &NAT_IGNORED, "a port forward", self.reading);
        unread.extend(self.account_ends(element));
        if is_set(element, "disabled") {
            return;
        }
        let source = Endpoint::of_element(element.child("source"), element.start_tag());
        let destination = Endpoint::of_element(element.child("destination"), element.start_tag());
        let mut rule = self.rule(element, "descr");
        let version = self.version(element);
        let interfaces = self.interfaces(element);
        let protocol = element.text_of("protocol").filter(|protocol| *protocol != "any");
        let mut asked = self.asked(protocol, version, &source, &destination, element, Side::EarlyDestination);
        self.doubt_unread(&unread, &mut asked);
        self.tags_of(element, &mut rule, &mut asked);
        if is_set(element, "nordr") {
            rule.verdict = Verdict::Nat(nat(NatKind::None));
        } else {
            rule.verdict = Verdict::Nat(self.forward_target(element, &destination));
            let passes = element.text_of("associated-rule-id") == Some("pass")
                || element.text_of("pass") == Some("pass");
            if passes {
                rule.effects.push(Effect::SetMark { of: MarkOf::Packet, keep: !PASSED, flip: PASSED });
            }
        }
        let reflects = self.reflection(element);
        rule.conditions =
            interfaces.clone().map(Condition::InInterface).into_iter().chain(asked.clone()).collect();
        let forwards = self.by_port(rule.clone());
        self.redirections.extend(forwards);
        if element.text_of("pass") == Some("rule") {
            self.register(&rule, version, protocol, &source, interfaces.clone());
        }
        if let (Some(doubt), false, Some(own)) = (reflects, is_set(element, "nordr"), &interfaces) {
            self.reflect(rule, own, asked, doubt, element);
        }
    }

    /// A port forward that moves a range of ports, as one rule for each of them: pf keeps their distance.
    fn by_port(&mut self, rule: Rule) -> Vec<Rule> {
        let at = rule.conditions.iter().position(|one| matches!(one, Condition::DestinationPort(_)));
        let asked = at.and_then(|at| rule.conditions.get(at));
        let range = match asked {
            Some(Condition::DestinationPort(set)) => match set.intervals() {
                [(first, last)] if last - first < FORWARDED_PORTS_MAX => *first..=*last,
                _ => return vec![rule],
            },
            _ => return vec![rule],
        };
        let (Verdict::Nat(to), Some(at)) = (&rule.verdict, at) else { return vec![rule] };
        let Some((first, last)) = to.ports.filter(|(first, last)| first != last) else { return vec![rule] };
        if usize::from(last - first) + 1 != range.len() {
            return vec![rule];
        }
        self.apart += range.len();
        if self.apart > APART_MAX {
            return vec![rule];
        }
        let shifted = range.zip(first..=last).map(|(from, into)| {
            let mut one = rule.clone();
            if let Some(condition) = one.conditions.get_mut(at) {
                *condition = Condition::DestinationPort(IntervalSet::one(from));
            }
            one.verdict = Verdict::Nat(Nat { ports: Some((into, into)), ..to.clone() });
            one
        });
        shifted.collect()
    }

    /// The filter rule that OPNsense writes for a port forward where it is asked to. At which place of the list it stands is not
    /// told, so what it passes is possible.
    fn register(
        &mut self,
        forward: &Rule,
        version: Option<IpVersion>,
        protocol: Option<&str>,
        source: &Endpoint<'x>,
        interfaces: Option<NameSet>,
    ) {
        let Verdict::Nat(to) = &forward.verdict else { return };
        let comment = forward.comment.clone().unwrap_or_default();
        let mut item = Item::new(forward.place.clone(), rank::INTERFACE, Verdict::Accept, comment);
        item.interfaces = interfaces;
        item.conditions.extend(version.map(Condition::Version));
        item.conditions.extend(protocol.and_then(|name| protocols(name, version)).map(Condition::Protocol));
        let kept = forward.conditions.iter().find(|one| matches!(one, Condition::DestinationPort(_)));
        let moved = to.ports.map(|(first, last)| Condition::DestinationPort(IntervalSet::range(first, last)));
        item.conditions.extend(moved.or_else(|| kept.cloned()));
        item.source = self.names.meant(source, self.reading);
        if let Some(set) = to.addresses.and_then(|(first, last)| AddressSet::range(first, last)) {
            item.destination = Meant::of(Extent::exact(set));
        }
        let what = "its place among the rules".to_owned();
        self.registered.push(item.doubting(Undecidable { what, reason: Reason::Unread }));
    }

    /// The same forward for packets from inside to the outer address.
    fn reflect(
        &mut self,
        mut rule: Rule,
        own: &NameSet,
        asked: Vec<Condition>,
        doubt: Option<Undecidable>,
        element: Element<'x>,
    ) {
        let inside = self.config.interfaces.enabled().filter(|(_, one)| !one.has_gateway);
        let inside = inside.filter(|(name, one)| !own.contains(name) && one.v4 != Addressing::None);
        let inside: Vec<&str> = inside.map(|(name, _)| name).collect();
        if inside.is_empty() {
            return;
        }
        self.reflected += inside.len();
        if self.reflected > REFLECTED_MAX {
            let message =
                format!("port forwards are reflected on more than {REFLECTED_MAX} interfaces in all");
            let warning = Diagnostic::warning("firewall/too-many-rules", message)
                .because("further reflections are not in the ruleset");
            return self.reading.report(&element.start_tag(), warning);
        }
        rule.conditions = vec![Condition::InInterface(Interfaces::set_of(inside))];
        rule.conditions.extend(asked);
        rule.conditions.extend(doubt.map(Condition::Undecidable));
        rule.comment =
            Some(format!("reflection: {}", rule.comment.as_deref().unwrap_or_default()).trim().to_owned());
        let forwards = self.by_port(rule);
        self.redirections.extend(forwards);
        let note = Diagnostic::note(
            "firewall/nat-reflection",
            "the port forward is reflected: it holds for packets from inside to the outer address, too",
        );
        self.reading.report(&element.start_tag(), note);
    }

    /// Whether a port forward is reflected, and what about it is not told.
    fn reflection(&self, element: Element<'x>) -> Option<Option<Undecidable>> {
        let system = self.config.system?;
        let pure = self.config.product == Product::Opnsense || is_set(system, "enablenatreflectionpurenat");
        let proxied =
            || Some(Undecidable { what: "reflection by a proxy".to_owned(), reason: Reason::Connection });
        match element.text_of("natreflection") {
            Some("disable") => None,
            Some("purenat") => Some(None),
            Some("enable") if self.config.product == Product::Opnsense => Some(None),
            Some(_) => Some(proxied()),
            None if is_set(system, "disablenatreflection") => None,
            None if pure => Some(None),
            None => Some(proxied()),
        }
    }

    fn forward_target(&mut self, element: Element<'x>, destination: &Endpoint<'x>) -> Nat {
        let mut to = nat(NatKind::Destination);
        let span = element.child("target").unwrap_or(element).text_span();
        self.put_address(&mut to, element.text_of("target"), self.version(element), &span);
        let Some(port) = element.text_of("local-port") else { return to };
        if Some(port) == destination.port {
            return to;
        }
        let first = self.names.ports(port, &span, self.reading);
        let first =
            first.sure.intervals().first().map(|(first, _)| *first).filter(|_| first.maybe.is_empty());
        let Some(first) = first else {
            to.unknown = Some(format!("port {port}"));
            return to;
        };
        let asked = destination.port.and_then(ports).and_then(|set| match set.intervals() {
            [one] => Some(*one),
            _ => None,
        });
        to.ports = match asked {
            // The port stays what it was.
            Some((from, _)) if from == first => None,
            Some((from, last)) => Some((first, first.saturating_add(last.saturating_sub(from)))),
            None => Some((first, first)),
        };
        to
    }

    /// Puts the address that a word stands for into a translation.
    pub(super) fn put_address(
        &mut self,
        to: &mut Nat,
        target: Option<&str>,
        version: Option<IpVersion>,
        span: &Range<usize>,
    ) {
        let Some(target) = target else {
            to.unknown = Some("no target".to_owned());
            return;
        };
        let own = target.strip_suffix("ip").and_then(|name| self.config.interfaces.own(name));
        let mut extent = own.unwrap_or_else(|| self.names.extent(target, span, self.reading));
        if let Some(version) = version {
            extent = extent.of_version(version);
        }
        match single_range(&extent.sure).filter(|_| extent.maybe.is_empty()) {
            Some(range) => to.addresses = Some(range),
            None => to.unknown = Some(target.to_owned()),
        }
    }

    /// What a translation asks beside its interfaces.
    pub(super) fn asked(
        &mut self,
        protocol: Option<&str>,
        version: Option<IpVersion>,
        source: &Endpoint<'x>,
        destination: &Endpoint<'x>,
        element: Element<'x>,
        side: Side,
    ) -> Vec<Condition> {
        let mut all: Vec<Condition> = version.map(Condition::Version).into_iter().collect();
        if let Some(protocol) = protocol {
            match protocols(protocol, version) {
                Some(numbers) => all.push(Condition::Protocol(numbers)),
                None => {
                    let message = format!("protocol `{protocol}` is not known here");
                    let span = element.child("protocol").unwrap_or(element).text_span();
                    self.reading.report(&span, Diagnostic::warning("firewall/unknown-value", message));
                    let what = format!("protocol {protocol}");
                    all.push(Condition::Undecidable(Undecidable { what, reason: Reason::Name }));
                }
            }
        }
        let source_ports = source.port.map(|port| self.names.ports(port, &source.span, self.reading));
        let to_ports = destination.port.map(|port| self.names.ports(port, &destination.span, self.reading));
        all.extend(port_conditions(source_ports, to_ports));
        all.extend(self.names.meant(source, self.reading).conditions(Side::Source, &self.everywhere));
        let side = if side == Side::LeavingDestination { Side::EarlyDestination } else { side };
        all.extend(self.names.meant(destination, self.reading).conditions(side, &self.everywhere));
        all
    }

    pub(super) fn rule(&self, element: Element<'x>, descr: &str) -> Rule {
        let mut rule = Rule::new(self.reading.place(&element.start_tag()));
        rule.comment = element.text_of(descr).map(str::to_owned);
        rule.log = is_set(element, "log").then(Log::default);
        rule
    }

    /// pfSense takes IPv4 where a port forward names no version; else the addresses decide.
    pub(super) fn version(&self, element: Element<'x>) -> Option<IpVersion> {
        match element.text_of("ipprotocol") {
            Some("inet") => Some(IpVersion::V4),
            Some("inet6") => Some(IpVersion::V6),
            None if self.config.product == Product::Pfsense && element.child("local-port").is_some() => {
                Some(IpVersion::V4)
            }
            _ => None,
        }
    }

    pub(super) fn interfaces(&mut self, element: Element<'x>) -> Option<NameSet> {
        let list = element.text_of("interface")?;
        let names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        for name in &names {
            if self.config.interfaces.in_force(name).is_none() {
                let message = format!("`{name}` is no interface of this configuration");
                let span = element.child("interface").unwrap_or(element).text_span();
                self.reading.report(&span, Diagnostic::warning("firewall/unknown-name", message));
            }
        }
        Some(Interfaces::set_of(names))
    }

    pub(super) fn tags_of(&mut self, element: Element<'x>, rule: &mut Rule, asked: &mut Vec<Condition>) {
        if let Some(number) = element.text_of("tagged").and_then(|name| self.tags.number(name)) {
            asked.push(tagged(number, false));
        }
        if let Some(number) = element.text_of("tag").and_then(|name| self.tags.number(name)) {
            rule.effects.push(tagging(number));
        }
    }

    pub(super) fn account_ends(&mut self, element: Element<'x>) -> Vec<&'x str> {
        let ends = element.children().filter(|child| ["source", "destination"].contains(&child.name()));
        ends.flat_map(|end| account_fields(end, &ENDPOINT_FIELDS, &[], "an address", self.reading)).collect()
    }

    pub(super) fn doubt_unread(&self, unread: &[&str], conditions: &mut Vec<Condition>) {
        conditions.extend(unread.iter().map(|name| {
            Condition::Undecidable(Undecidable { what: format!("setting {name}"), reason: Reason::Unread })
        }));
    }
}

/// Interfaces on which port forwards are reflected, counted for each forward.
const REFLECTED_MAX: usize = 1_000_000;
/// Forwarded ports that are told apart in all.
const APART_MAX: usize = 10_000;
/// Ports of one forward that are told apart; of a wider range each may become each.
const FORWARDED_PORTS_MAX: u16 = 64;

/// The rules of a list of the newer format, by their sequence.
pub(super) fn ordered(list: Option<Element<'_>>) -> Vec<Element<'_>> {
    let mut rules: Vec<Element<'_>> = list.into_iter().flat_map(|list| list.children_named("rule")).collect();
    let sequence =
        |rule: &Element<'_>| rule.text_of("sequence").and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
    rules.sort_by_key(sequence);
    rules
}

/// A translation of this kind that leaves everything.
pub(super) fn nat(kind: NatKind) -> Nat {
    Nat { kind, addresses: None, ports: None, options: Vec::new(), unknown: None }
}
