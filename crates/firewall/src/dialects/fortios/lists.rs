//! The other lists of rules: what comes to the device itself, multicast, floods, and translation set up apart from policies.

use super::address::AddressBook;
use super::device::Device;
use super::expr::{Addresses, both_ends};
use super::policy::{Books, comment, log, negated_if, unread};
use super::service::port_range;
use super::tree::Entry;
use super::words::Word;
use crate::dialects::Reading;
use crate::ruleset::{
    AddressSet, Condition, IntervalSet, IpVersion, NamePattern, NameSet, Nat, NatKind, Reason, Rule,
    Undecidable, Verdict,
};
use zonewright_source::Diagnostic;

/// What is needed to lower entries of these lists.
pub(super) struct ListReader<'c> {
    pub(super) books: &'c Books,
    pub(super) device: &'c mut Device,
    pub(super) domain: usize,
    pub(super) version: IpVersion,
    pub(super) reading: &'c mut Reading,
}

impl<'c> ListReader<'c> {
    fn book(&self) -> &'c AddressBook {
        match self.version {
            IpVersion::V4 => &self.books.four,
            IpVersion::V6 => &self.books.six,
        }
    }

    fn names(&mut self, entry: &Entry<'_>, key: &str) -> Option<NameSet> {
        let names = entry.words(key);
        if names.is_empty() || names.iter().any(|name| name.text == "any") {
            return None;
        }
        let patterns =
            names.iter().map(|name| NamePattern::Exact(self.device.rule_name(self.domain, &name.text)));
        Some(NameSet::of(patterns.collect()))
    }

    fn rule(&mut self, entry: &Entry<'_>) -> Rule {
        let mut rule = Rule::new(self.reading.place(&entry.span));
        if entry.has_unread {
            rule.conditions.push(unread(format!("entry {}", entry.name)));
        }
        rule.comment = Some(comment(entry));
        rule.log = log(entry);
        rule
    }

    /// Addresses that a key names: all of the version where it is not set.
    fn addresses(&mut self, names: &[Word<'_>]) -> Addresses {
        if names.is_empty() {
            Addresses::all_of(self.version)
        } else {
            self.book().union_of(names, self.reading)
        }
    }

    /// `config firewall local-in-policy`: `None` where it is switched off.
    pub(super) fn local_in(&mut self, entry: &Entry<'_>) -> Option<Rule> {
        if entry.is("status", "disable") {
            return None;
        }
        let mut rule = self.rule(entry);
        if entry.is("ha-mgmt-intf-only", "enable") {
            rule.conditions.push(unread("only by the management interface of a cluster".to_owned()));
        }
        rule.conditions.extend(self.names(entry, "intf").map(Condition::InInterface));
        let by_service = match self.version {
            IpVersion::V4 => "internet-service-src",
            IpVersion::V6 => "internet-service6-src",
        };
        let source = if entry.is(by_service, "enable") {
            Addresses::unknown(AddressSet::all_of(self.version), "internet service", Reason::Name)
        } else {
            let source = self.addresses(entry.words("srcaddr"));
            negated_if(entry, "srcaddr-negate", source, self.version)
        };
        let destination = self.addresses(entry.words("dstaddr"));
        let destination = negated_if(entry, "dstaddr-negate", destination, self.version);
        rule.conditions.extend(both_ends(&source, &destination));
        let services = entry.words("service");
        if !services.is_empty() {
            let negated = entry.is("service-negate", "enable");
            rule.conditions.extend(self.books.services.conditions(services, negated, self.reading));
        }
        self.schedule(entry, &mut rule);
        rule.verdict = self.verdict(entry, "deny");
        Some(rule)
    }

    fn schedule(&mut self, entry: &Entry<'_>, rule: &mut Rule) {
        let span = entry.span_of("schedule");
        let (conditions, until) =
            self.books.schedules.conditions(entry.value("schedule"), &span, self.reading);
        rule.conditions.extend(conditions);
        rule.until = until;
    }

    fn verdict(&mut self, entry: &Entry<'_>, default: &str) -> Verdict {
        if entry.has_unread && entry.setting("action").is_none() {
            return Verdict::Unknown("action was not read".to_owned());
        }
        match entry.value("action").unwrap_or(default).to_ascii_lowercase().as_str() {
            "accept" => Verdict::Accept,
            "deny" => Verdict::Drop,
            other => {
                let unknown = Diagnostic::warning(
                    "firewall/unknown-value",
                    format!("expected an action, found `{other}`"),
                )
                .because("what becomes of what it matches is not known")
                .help("the actions are accept and deny");
                self.reading.report(&entry.span_of("action"), unknown);
                Verdict::Unknown(format!("action {other}"))
            }
        }
    }

    /// `config firewall multicast-policy`.
    pub(super) fn multicast(&mut self, entry: &Entry<'_>) -> Option<Rule> {
        if entry.is("status", "disable") {
            return None;
        }
        let mut rule = self.rule(entry);
        rule.conditions.extend(self.names(entry, "srcintf").map(Condition::InInterface));
        rule.conditions.extend(self.names(entry, "dstintf").map(Condition::OutInterface));
        let source = self.addresses(entry.words("srcaddr"));
        let names = entry.words("dstaddr");
        let book = match self.version {
            IpVersion::V4 => &self.books.multicast_four,
            IpVersion::V6 => &self.books.multicast_six,
        };
        let destination = if names.is_empty() {
            Addresses::all_of(self.version)
        } else {
            book.union_of(names, self.reading)
        };
        rule.conditions.extend(both_ends(&source, &destination));
        if let Some(protocol) = entry.value("protocol").filter(|text| *text != "0") {
            match protocol.parse() {
                Ok(number) => rule.conditions.push(Condition::Protocol(IntervalSet::one(number))),
                Err(_) => rule.conditions.push(unread(format!("protocol of entry {}", entry.name))),
            }
        }
        rule.conditions.extend(ports(entry));
        rule.verdict = self.verdict(entry, "accept");
        Some(rule)
    }

    /// `config firewall DoS-policy`: each anomaly that blocks may drop packets beyond its threshold.
    pub(super) fn flood(&mut self, entry: &Entry<'_>, anomalies: &[&Entry<'_>]) -> Vec<Rule> {
        if entry.is("status", "disable") {
            return Vec::new();
        }
        let mut rules = Vec::new();
        for anomaly in anomalies {
            if !anomaly.is("status", "enable") || !anomaly.is("action", "block") {
                continue;
            }
            let mut rule = Rule::new(self.reading.place(&anomaly.span));
            rule.comment = Some(format!("DoS policy {}: {}", entry.name, anomaly.name));
            rule.conditions.extend(self.names(entry, "interface").map(Condition::InInterface));
            let (source, destination) =
                (self.addresses(entry.words("srcaddr")), self.addresses(entry.words("dstaddr")));
            rule.conditions.extend(both_ends(&source, &destination));
            let services = entry.words("service");
            if !services.is_empty() {
                rule.conditions.extend(self.books.services.conditions(services, false, self.reading));
            }
            let icmp = if self.version == IpVersion::V4 { 1 } else { 58 };
            let protocols = [("tcp_", 6), ("udp_", 17), ("icmp_", icmp), ("sctp_", 132)];
            let protocol = protocols.iter().find(|(head, _)| anomaly.name.starts_with(head));
            rule.conditions
                .extend(protocol.map(|(_, number)| Condition::Protocol(IntervalSet::one(*number))));
            let what =
                format!("{} beyond {}", anomaly.name, anomaly.value("threshold").unwrap_or("the default"));
            rule.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Rate }));
            rule.verdict = Verdict::Drop;
            rules.push(rule);
        }
        rules
    }

    /// `config firewall acl`, which drops before all else, and `config firewall ttl-policy`, which does so by a field of the
    /// header that is not told.
    pub(super) fn early_denial(&mut self, entry: &Entry<'_>, field: Option<&str>) -> Option<Rule> {
        if entry.is("status", "disable") || (field.is_some() && !entry.is("action", "drop")) {
            return None;
        }
        let mut rule = self.rule(entry);
        for key in ["interface", "srcintf"] {
            rule.conditions.extend(self.names(entry, key).map(Condition::InInterface));
        }
        let (source, destination) =
            (self.addresses(entry.words("srcaddr")), self.addresses(entry.words("dstaddr")));
        rule.conditions.extend(both_ends(&source, &destination));
        let services = entry.words("service");
        if !services.is_empty() {
            rule.conditions.extend(self.books.services.conditions(services, false, self.reading));
        }
        self.schedule(entry, &mut rule);
        if let Some(field) = field {
            let what = format!("{field} {}", entry.value(field).unwrap_or("any"));
            rule.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Header }));
        }
        rule.verdict = Verdict::Drop;
        Some(rule)
    }

    /// `config firewall central-snat-map`.
    pub(super) fn central_source(&mut self, entry: &Entry<'_>) -> Option<Rule> {
        if entry.is("status", "disable") {
            return None;
        }
        let mut rule = self.rule(entry);
        rule.conditions.extend(self.names(entry, "srcintf").map(Condition::InInterface));
        rule.conditions.extend(self.names(entry, "dstintf").map(Condition::OutInterface));
        let (from, to) = match self.version {
            IpVersion::V4 => ("orig-addr", "dst-addr"),
            IpVersion::V6 => ("orig-addr6", "dst-addr6"),
        };
        let (source, destination) = (self.addresses(entry.words(from)), self.addresses(entry.words(to)));
        rule.conditions.extend(both_ends(&source, &destination));
        if let Some(protocol) = entry.value("protocol").filter(|text| *text != "0") {
            match protocol.parse() {
                Ok(number) => rule.conditions.push(Condition::Protocol(IntervalSet::one(number))),
                Err(_) => rule.conditions.push(unread(format!("protocol of entry {}", entry.name))),
            }
        }
        for (key, is_source) in [("orig-port", true), ("dst-port", false)] {
            let Some(text) = entry.value(key).filter(|text| *text != "0") else { continue };
            rule.conditions.push(match port_range(text) {
                Some(set) if is_source => Condition::SourcePort(set),
                Some(set) => Condition::DestinationPort(set),
                None => unread(format!("{key} of entry {}", entry.name)),
            });
        }
        rule.verdict = Verdict::Nat(self.central_nat(entry));
        Some(rule)
    }

    fn central_nat(&mut self, entry: &Entry<'_>) -> Nat {
        let mut nat =
            Nat { kind: NatKind::None, addresses: None, ports: None, options: Vec::new(), unknown: None };
        if !entry.is("nat", "disable") {
            let pools: Vec<&Word<'_>> =
                ["nat-ippool", "nat-ippool6"].iter().flat_map(|key| entry.words(key)).collect();
            nat = if pools.is_empty() {
                Nat { kind: NatKind::Masquerade, ..nat }
            } else {
                self.books.pools.nat(&pools, self.reading)
            };
            if let Some(range) = entry.value("nat-port").filter(|text| *text != "0").and_then(port_range) {
                nat.ports = range.intervals().first().copied();
            }
        }
        if ["nat46", "nat64"].iter().any(|key| entry.is(key, "enable")) {
            nat.kind = NatKind::Source;
            nat.unknown = Some("translation to the other version of IP".to_owned());
        }
        nat
    }
}

/// The destination ports of a multicast policy.
fn ports(entry: &Entry<'_>) -> Option<Condition> {
    let port = |key: &str, default: u16| entry.value(key).map_or(Some(default), |text| text.parse().ok());
    match (port("start-port", 1), port("end-port", u16::MAX)) {
        (Some(0 | 1), Some(u16::MAX)) => None,
        (Some(first), Some(last)) => Some(Condition::DestinationPort(IntervalSet::range(first, last))),
        _ => Some(unread(format!("ports of entry {}", entry.name))),
    }
}
