//! One filter rule of the configuration, in either format, and what it asks.

use super::Product;
use super::endpoint::{ENDPOINT_FIELDS, Endpoint, Names};
use super::extent::Extent;
use super::fields::{account_fields, is_set};
use super::interfaces::Interfaces;
use super::item::{Direction, Item, port_conditions, rank, tagged};
use super::rule_fields::{HEADER_FIELDS, IGNORED, LEGACY_MODELED, NEWER_MODELED, RATE_FIELDS};
use super::tags::Tags;
use super::values::{addresses, icmp_type, protocols, tcp_flags};
use crate::dialects::{Element, Reading};
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, NameSet, Reason, Undecidable, Verdict};
use zonewright_source::Diagnostic;

/// A rule as it is written, whatever the format.
pub(super) struct Written<'x> {
    pub(super) element: Element<'x>,
    pub(super) action: &'x str,
    pub(super) floating: bool,
    pub(super) quick: bool,
    pub(super) direction: Direction,
    pub(super) interfaces: Vec<&'x str>,
    pub(super) not_interfaces: bool,
    /// `None` for both.
    pub(super) version: Option<IpVersion>,
    pub(super) protocol: Option<&'x str>,
    pub(super) icmp4: Option<&'x str>,
    pub(super) icmp6: Option<&'x str>,
    pub(super) source: Endpoint<'x>,
    pub(super) destination: Endpoint<'x>,
    pub(super) comment: &'x str,
    pub(super) unread: Vec<&'x str>,
}

/// The rule of `<filter><rule>`. Enters its lines into the account.
pub(super) fn legacy<'x>(element: Element<'x>, product: Product, reading: &mut Reading) -> Written<'x> {
    let mut unread = account_fields(element, &LEGACY_MODELED, &IGNORED, "a rule", reading);
    for end in element.children().filter(|child| ["source", "destination"].contains(&child.name())) {
        unread.extend(account_fields(end, &ENDPOINT_FIELDS, &[], "an address", reading));
    }
    let floating =
        element.child("floating").is_some_and(|floating| !["", "no", "0"].contains(&floating.text()))
            || product == Product::Opnsense && is_set(element, "floating");
    let quick = match element.child("quick") {
        Some(_) => is_set(element, "quick"),
        None => !floating,
    };
    let direction = match element.text_of("direction") {
        Some("any") if floating || product == Product::Opnsense => Direction::Any,
        Some("out") if floating || product == Product::Opnsense => Direction::Out,
        None if floating && product == Product::Pfsense => Direction::Any,
        _ => Direction::In,
    };
    let version = match element.text_of("ipprotocol") {
        Some("inet6") => Some(IpVersion::V6),
        Some("inet46") => None,
        None if product == Product::Opnsense => None,
        _ => Some(IpVersion::V4),
    };
    let icmp = element.text_of("icmptype").filter(|types| *types != "any");
    Written {
        element,
        action: element.text_of("type").unwrap_or("pass"),
        floating,
        quick: quick || (!floating && product == Product::Pfsense),
        direction,
        interfaces: names(element.text_of("interface")),
        not_interfaces: is_set(element, "interfacenot"),
        version,
        protocol: element.text_of("protocol").filter(|protocol| *protocol != "any"),
        icmp4: icmp,
        icmp6: element.text_of("icmp6-type").filter(|types| *types != "any").or(icmp),
        source: Endpoint::of_element(element.child("source"), element.start_tag()),
        destination: Endpoint::of_element(element.child("destination"), element.start_tag()),
        comment: element.text_of("descr").unwrap_or_default(),
        unread,
    }
}

/// The rule of `<OPNsense><Firewall><Filter><rules>`. Enters its lines into the account.
pub(super) fn newer<'x>(element: Element<'x>, reading: &mut Reading) -> Written<'x> {
    let unread = account_fields(element, &NEWER_MODELED, &IGNORED, "a rule", reading);
    let interfaces = names(element.text_of("interface"));
    let version = match element.text_of("ipprotocol") {
        Some("inet6") => Some(IpVersion::V6),
        Some("inet46") => None,
        _ => Some(IpVersion::V4),
    };
    let end = |net: &str, not: &str, port: &str| {
        let span = element.child(net).unwrap_or(element).text_span();
        Endpoint::of_list(element.text_of(net), is_set(element, not), element.text_of(port), span)
    };
    Written {
        element,
        action: element.text_of("action").unwrap_or("pass"),
        floating: interfaces.len() != 1,
        quick: element.text_of("quick") != Some("0"),
        direction: match element.text_of("direction") {
            Some("out") => Direction::Out,
            Some("any") => Direction::Any,
            _ => Direction::In,
        },
        not_interfaces: is_set(element, "interfacenot"),
        interfaces,
        version,
        protocol: element.text_of("protocol").filter(|protocol| *protocol != "any"),
        icmp4: element.text_of("icmptype"),
        icmp6: element.text_of("icmp6type"),
        source: end("source_net", "source_not", "source_port"),
        destination: end("destination_net", "destination_not", "destination_port"),
        comment: element.text_of("description").unwrap_or_default(),
        unread,
    }
}

fn names(list: Option<&str>) -> Vec<&str> {
    let names = list.into_iter().flat_map(|list| list.split(',')).map(str::trim);
    names.filter(|name| !name.is_empty() && *name != "any").collect()
}

impl<'x> Written<'x> {
    /// The group that it stands in.
    pub(super) fn rank(&self, names: &Names<'_, '_>, group_weight: impl Fn(&str) -> u64) -> u64 {
        match self.interfaces.as_slice() {
            _ if self.floating => rank::FLOATING,
            [only] if names.interfaces.is_group(only) => {
                rank::GROUP + group_weight(only).min(rank::GROUP / 4)
            }
            _ => rank::INTERFACE,
        }
    }

    /// It as a rule of pf; `None` where it is not in force.
    pub(super) fn item(
        &self,
        rank: u64,
        names: &mut Names<'_, 'x>,
        tags: &mut Tags,
        reading: &mut Reading,
    ) -> Option<Item> {
        let verdict = self.verdict(reading);
        let place = reading.place(&self.element.start_tag());
        let mut item = Item::new(place, rank, Verdict::Accept, self.comment);
        item.verdict = verdict;
        item.direction = self.direction;
        item.quick = self.quick;
        item.log = is_set(self.element, "log");
        item.interfaces = self.interface_set(names, reading)?;
        item.conditions = self.service(names, reading);
        item.source = names.meant(&self.source, reading);
        item.destination = names.meant(&self.destination, reading);
        // OPNsense counts link-local addresses among those of the interface that a rule stands on.
        if names.product == Product::Opnsense && self.version != Some(IpVersion::V4) {
            let link_local = Extent::exact(addresses("fe80::/10").unwrap_or_else(AddressSet::none));
            if self.interfaces == self.source.nets {
                item.source = item.source.with(&link_local);
            }
            if self.interfaces == self.destination.nets {
                item.destination = item.destination.with(&link_local);
            }
        }
        item.keeps_state = !matches!(self.element.text_of("statetype"), Some("none" | "no state" | "no"));
        self.read_tags(&mut item, tags);
        item.conditions.extend(self.doubts(&item).into_iter().map(Condition::Undecidable));
        Some(item)
    }

    fn verdict(&self, reading: &mut Reading) -> Option<Verdict> {
        Some(match self.action.to_ascii_lowercase().as_str() {
            "pass" => Verdict::Accept,
            "block" => Verdict::Drop,
            "reject" => Verdict::Reject,
            "match" => return None,
            other => {
                let message = format!("expected `pass`, `block`, `reject` or `match`, found `{other}`");
                let warning = Diagnostic::warning("firewall/unknown-value", message)
                    .because("what becomes of packets that the rule matches is not known");
                let span = ["type", "action"].iter().find_map(|name| self.element.child(name));
                reading.report(&span.unwrap_or(self.element).span(), warning);
                Verdict::Unknown(other.to_owned())
            }
        })
    }

    /// The interfaces; the outer `None` where none of them is in force.
    fn interface_set(&self, names: &Names<'_, '_>, reading: &mut Reading) -> Option<Option<NameSet>> {
        if self.interfaces.is_empty() {
            return Some(None);
        }
        let span = self.element.child("interface").unwrap_or(self.element).text_span();
        let mut known = Vec::new();
        let mut off = false;
        for name in &self.interfaces {
            match names.interfaces.in_force(name) {
                Some(true) => known.push(*name),
                Some(false) => off = true,
                None => {
                    let message = format!("`{name}` is no interface of this configuration");
                    let warning = Diagnostic::warning("firewall/unknown-name", message).because(
                        "the device leaves a rule on such an interface out, if it is the file of that device",
                    );
                    reading.report(&span, warning);
                    known.push(*name);
                }
            }
        }
        if known.is_empty() && off {
            let message = "the rule is not in force: its interface is switched off";
            reading.report(&span, Diagnostic::note("firewall/interface-off", message));
            return None;
        }
        let mut set = Interfaces::set_of(known);
        set.negated = self.not_interfaces;
        Some(Some(set))
    }

    /// Version, protocol, ICMP types, flags and ports.
    fn service(&self, names: &mut Names<'_, '_>, reading: &mut Reading) -> Vec<Condition> {
        let mut all: Vec<Condition> = self.version.map(Condition::Version).into_iter().collect();
        let Some(protocol) = self.protocol else {
            self.ports_without_protocol(&mut all, names, reading);
            return all;
        };
        let Some(numbers) = protocols(protocol, self.version) else {
            let message = format!("protocol `{protocol}` is not known here");
            let span = self.element.child("protocol").unwrap_or(self.element).text_span();
            reading.report(&span, Diagnostic::warning("firewall/unknown-value", message));
            let what = format!("protocol {protocol}");
            all.push(Condition::Undecidable(Undecidable { what, reason: Reason::Name }));
            return all;
        };
        let is_icmp = numbers.contains(1) || numbers.contains(58);
        if is_icmp && (self.icmp4.is_some() || self.icmp6.is_some()) {
            all.extend(self.icmp(&numbers, reading));
            return all;
        }
        let has_ports = numbers.contains(6) || numbers.contains(17);
        all.push(Condition::Protocol(numbers));
        if has_ports {
            all.extend(self.port_conditions(names, reading));
        }
        if protocol.eq_ignore_ascii_case("tcp") {
            all.extend(self.flags(reading));
        }
        all
    }

    fn port_conditions(&self, names: &mut Names<'_, '_>, reading: &mut Reading) -> Vec<Condition> {
        let source = self.source.port.map(|port| names.ports(port, &self.source.span, reading));
        let destination =
            self.destination.port.map(|port| names.ports(port, &self.destination.span, reading));
        port_conditions(source, destination)
    }

    /// pfSense passes all of TCP where ports stand without a protocol, which its pages never write; OPNsense looks at no port.
    fn ports_without_protocol(
        &self,
        all: &mut Vec<Condition>,
        names: &mut Names<'_, '_>,
        reading: &mut Reading,
    ) {
        if self.source.port.is_none() && self.destination.port.is_none() {
            return;
        }
        let warning = Diagnostic::warning("firewall/unknown-option", "the rule names ports and no protocol")
            .because("whether the device looks at the ports is not told, so what the rule decides elsewhere is possible at most")
            .help("choose a protocol in the rule");
        reading.report(&self.element.start_tag(), warning);
        if names.product == Product::Pfsense {
            all.push(Condition::Protocol(IntervalSet::one(6)));
        }
        let ports = self.port_conditions(names, reading);
        let what = "ports without a protocol".to_owned();
        let doubt = vec![Condition::Undecidable(Undecidable { what, reason: Reason::Unread })];
        all.push(Condition::Any { of: vec![ports, doubt], negated: false });
    }

    fn icmp(&self, numbers: &IntervalSet<u8>, reading: &mut Reading) -> Vec<Condition> {
        let mut of = Vec::new();
        for (version, number, list) in [(IpVersion::V4, 1, self.icmp4), (IpVersion::V6, 58, self.icmp6)] {
            if !numbers.contains(number) || self.version.is_some_and(|only| only != version) {
                continue;
            }
            let mut one = vec![Condition::Version(version), Condition::Protocol(IntervalSet::one(number))];
            one.extend(list.map(|list| self.icmp_types(version, list, reading)));
            of.push(one);
        }
        match of.as_mut_slice() {
            [only] => only
                .drain(..)
                .filter(|one| Some(one) != self.version.map(Condition::Version).as_ref())
                .collect(),
            _ => vec![Condition::Any { of, negated: false }],
        }
    }

    fn icmp_types(&self, version: IpVersion, list: &str, reading: &mut Reading) -> Condition {
        let mut types = Vec::new();
        let mut unknown = Vec::new();
        for name in list.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match icmp_type(version, name) {
                Some(number) => types.push((number, number)),
                // Of a list for both versions, each takes the types that it has.
                None if self.version.is_none() && icmp_of_other(version, name) => {}
                None => unknown.push(name),
            }
        }
        let known = Condition::IcmpType(IntervalSet::from_ranges(types));
        if unknown.is_empty() {
            return known;
        }
        let what = format!("ICMP type {}", unknown.join(","));
        let message = format!("{what} is not known here");
        let span = self.element.child("icmptype").unwrap_or(self.element).text_span();
        reading.report(&span, Diagnostic::warning("firewall/unknown-value", message));
        let doubt = Condition::Undecidable(Undecidable { what, reason: Reason::Name });
        Condition::Any { of: vec![vec![known], vec![doubt]], negated: false }
    }

    /// The flags that the rule asks for itself. That a rule which keeps state opens a connection with SYN alone is not written
    /// out: packets that open none are answered by the state.
    fn flags(&self, reading: &mut Reading) -> Option<Condition> {
        let stateless = self.element.text_of("statetype") == Some("none");
        if is_set(self.element, "tcpflags_any") {
            return None;
        }
        let Some(of) = self.element.text_of("tcpflags2") else {
            return stateless.then(|| tcp_flags("syn", "syn,ack").map(Condition::TcpFlags)).flatten();
        };
        let set = self.element.text_of("tcpflags1").unwrap_or_default();
        if let Some(flags) = tcp_flags(set, of) {
            return Some(Condition::TcpFlags(flags));
        }
        let message = format!("expected TCP flags, found `{set}` out of `{of}`");
        reading.report(&self.element.start_tag(), Diagnostic::warning("firewall/unknown-value", message));
        let what = format!("TCP flags {set} of {of}");
        Some(Condition::Undecidable(Undecidable { what, reason: Reason::Name }))
    }

    fn read_tags(&self, item: &mut Item, tags: &mut Tags) {
        if let Some(name) = self.element.text_of("tagged") {
            item.asks_tag = true;
            item.conditions.push(match tags.number(name) {
                Some(number) => tagged(number, is_set(self.element, "nottagged")),
                None => Condition::Undecidable(Undecidable {
                    what: format!("tag {name}"),
                    reason: Reason::Unread,
                }),
            });
        }
        item.tag = self.element.text_of("tag").and_then(|name| tags.number(name));
    }

    /// What it asks that the configuration does not decide.
    fn doubts(&self, item: &Item) -> Vec<Undecidable> {
        let mut all = Vec::new();
        let mut doubt = |what: String, reason| all.push(Undecidable { what, reason });
        for name in HEADER_FIELDS {
            if let Some(value) =
                self.element.text_of(name).filter(|value| *value != "none" && *value != "any")
            {
                doubt(format!("{name} {value}"), Reason::Header);
            }
        }
        if let Some(os) = self.element.text_of("os") {
            doubt(format!("operating system {os}"), Reason::Header);
        }
        if let Some(schedule) = self.element.text_of("sched") {
            doubt(format!("schedule {schedule}"), Reason::Time);
        }
        if self.element.text_of("l7container").is_some() {
            doubt("application".to_owned(), Reason::Payload);
        }
        if item.verdict == Some(Verdict::Accept) && item.keeps_state {
            for name in RATE_FIELDS {
                if let Some(value) = self.element.text_of(name) {
                    doubt(format!("{name} {value}"), Reason::Rate);
                }
            }
        }
        if let Some(divert) = self.element.text_of("divert-to") {
            doubt(format!("diverted to {divert}"), Reason::Payload);
        }
        for name in &self.unread {
            doubt(format!("setting {name}"), Reason::Unread);
        }
        all
    }
}

fn icmp_of_other(version: IpVersion, name: &str) -> bool {
    let other = if version == IpVersion::V4 { IpVersion::V6 } else { IpVersion::V4 };
    icmp_type(other, name).is_some()
}
