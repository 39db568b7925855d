//! Packets to the machine itself: virtual terminals, web servers, SNMP. Other ports are not known to be closed or open.

use super::{Entry, Lower, name_set, undecidable};
use crate::dialects::ios::config::{Terminals, Transport, Web};
use crate::ruleset::{
    ChainKind, Condition, Family, Hook, IntervalSet, IpVersion, Policy, Reason, Rule, Verdict,
};

/// Where packets to the machine are asked about, behind the zones.
const PRIORITY: i32 = 10;

const TCP: u8 = 6;
const UDP: u8 = 17;

impl Lower<'_> {
    /// The chain of management, in a configuration of a whole machine.
    pub(super) fn management(&mut self) {
        let config = self.config;
        let Some(first) = config.interfaces.iter().next() else { return };
        let start = config.management.terminals.first().map_or(first.span.clone(), |one| one.span.clone());
        let mut rules = Vec::new();
        if let Some((policy, span)) = &config.management.control_plane
            && config.policy_maps.get(policy).is_none_or(|map| map.drops)
        {
            let doubt = undecidable(format!("control-plane service-policy {policy}"), Reason::Rate);
            rules.push(self.rule(span, vec![doubt], Verdict::Drop));
        }
        if !config.management.terminals.is_empty() {
            self.terminals(22, "ssh", |one| one.ssh, &mut rules);
            self.terminals(23, "telnet", |one| one.telnet, &mut rules);
        }
        self.web(&config.management.http, 80, "http", &start, &mut rules);
        self.web(&config.management.https, 443, "https", &start, &mut rules);
        self.snmp(&start, &mut rules);
        for (version, protocol) in [(IpVersion::V4, 1), (IpVersion::V6, 58)] {
            let asks = vec![Condition::Version(version), Condition::Protocol(IntervalSet::one(protocol))];
            let mut rule = self.rule(&start, asks, Verdict::Accept);
            rule.comment = Some("the machine answers ICMP".into());
            rules.push(rule);
        }
        // What listens at other ports, the configuration does not tell.
        let entry = Entry {
            hook: Hook::Input,
            kind: ChainKind::Filter,
            priority: PRIORITY,
            policy: Policy::Unknown,
            family: Family::Inet,
        };
        self.base("to the machine", "management", entry, rules);
    }

    fn terminals(&mut self, port: u16, name: &str, of: fn(&Terminals) -> Transport, rules: &mut Vec<Rule>) {
        let config = self.config;
        let mut last = None;
        for (at, block) in config.management.terminals.iter().enumerate() {
            last = Some(block.span.clone());
            if of(block) == Transport::No {
                continue;
            }
            let mut asks = to_port(TCP, port);
            asks.extend(self.listed(&block.lists));
            if of(block) == Transport::Default {
                asks.push(undecidable("transport input of the release".into(), Reason::Name));
            }
            if at > 0 {
                asks.push(undecidable("the terminals before are in use".into(), Reason::Connection));
            }
            let vrfs: Vec<String> = config
                .interfaces
                .iter()
                .filter(|interface| interface.vrf.is_some())
                .map(|interface| interface.name.clone())
                .collect();
            if !block.lists.is_empty() && !block.any_vrf && !vrfs.is_empty() {
                asks.push(Condition::InInterface(name_set(&vrfs, true)));
            }
            let mut rule = self.rule(&block.span, asks, Verdict::Accept);
            rule.comment = Some(format!("{name} to line vty"));
            rules.push(rule);
        }
        if let Some(span) = last {
            let mut rule = self.rule(&span, to_port(TCP, port), Verdict::Reject);
            rule.comment = Some(format!("no {name} otherwise"));
            rules.push(rule);
        }
    }

    /// Packets that the lists of a service permit. A list says nothing of packets of the other version.
    fn listed(&mut self, lists: &[(String, IpVersion, super::Span)]) -> Vec<Condition> {
        let mut of = Vec::new();
        for version in [IpVersion::V4, IpVersion::V6] {
            let mut asks = vec![Condition::Version(version)];
            for (list, _, span) in lists.iter().filter(|(_, known, _)| *known == version) {
                if self.lists.contains_key(&(version, list.clone())) {
                    asks.extend(self.list_permits(version, list, span));
                } else {
                    let because = "such a list lets everybody in";
                    self.unknown(span, format!("list `{list}` has no entry"), because);
                }
            }
            of.push(asks);
        }
        if lists.is_empty() { Vec::new() } else { vec![Condition::Any { of, negated: false }] }
    }

    fn web(&mut self, web: &Web, default: u16, name: &str, start: &super::Span, rules: &mut Vec<Rule>) {
        let port = web.port.unwrap_or(default);
        let span = web.on.as_ref().map_or(start.clone(), |(_, span)| span.clone());
        if !matches!(web.on, Some((false, _))) {
            let mut asks = to_port(TCP, port);
            asks.extend(self.listed(&self.config.management.http_lists));
            if web.on.is_none() {
                asks.push(undecidable(format!("{name} server of the release"), Reason::Name));
            }
            let mut rule = self.rule(&span, asks, Verdict::Accept);
            rule.comment = Some(format!("{name} server"));
            rules.push(rule);
        }
        let mut rule = self.rule(&span, to_port(TCP, port), Verdict::Reject);
        rule.comment = Some(format!("no {name} otherwise"));
        rules.push(rule);
    }

    fn snmp(&mut self, start: &super::Span, rules: &mut Vec<Rule>) {
        let config = self.config;
        for one in &config.management.snmp {
            let mut lists = Vec::new();
            lists.extend(one.list.clone().map(|list| (list, IpVersion::V4, one.span.clone())));
            lists.extend(one.list_v6.clone().map(|list| (list, IpVersion::V6, one.span.clone())));
            let mut asks = to_port(UDP, 161);
            asks.extend(self.snmp_listed(&lists));
            let mut rule = self.rule(&one.span, asks, Verdict::Accept);
            rule.comment = Some("SNMP".into());
            rules.push(rule);
        }
        let mut rule = self.rule(start, to_port(UDP, 161), Verdict::Reject);
        rule.comment = Some("no SNMP otherwise".into());
        rules.push(rule);
    }

    /// Like [`Self::listed`], but nothing is said about the line, which may hold a community.
    fn snmp_listed(&mut self, lists: &[(String, IpVersion, super::Span)]) -> Vec<Condition> {
        let known = |(list, version, _): &&(String, IpVersion, super::Span)| {
            self.lists.contains_key(&(*version, list.clone()))
        };
        let known: Vec<_> = lists.iter().filter(known).cloned().collect();
        self.listed(&known)
    }
}

fn to_port(protocol: u8, port: u16) -> Vec<Condition> {
    vec![Condition::Protocol(IntervalSet::one(protocol)), Condition::DestinationPort(IntervalSet::one(port))]
}
