//! Translations of sources of what goes out, those of the configuration and those that the device writes itself.

use super::endpoint::{Endpoint, Side};
use super::extent::Extent;
use super::fields::{account_fields, is_set};
use super::interfaces::{Addressing, Interfaces};
use super::nat::{Translator, nat};
use super::nat_fields::{NAT_IGNORED, NEWER_SOURCE_MODELED, SOURCE_MODELED};
use super::values::{addresses, ports};
use crate::dialects::Element;
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, Nat, NatKind, Rule, Verdict};
use std::ops::Range;
use zonewright_source::Diagnostic;

impl<'x> Translator<'_, '_, 'x> {
    /// Outbound rules of the older format, where the mode asks for them.
    pub(super) fn outbound(&mut self, outbound: Option<Element<'x>>, mode: &str) {
        let Some(outbound) = outbound else { return };
        account_fields(outbound, &["mode", "rule"], &["separator"], "`outbound`", self.reading);
        if !["automatic", "hybrid", "advanced", "disabled"].contains(&mode) {
            let message = format!("expected `automatic`, `hybrid`, `advanced` or `disabled`, found `{mode}`");
            self.reading
                .report(&outbound.start_tag(), Diagnostic::warning("firewall/unknown-value", message));
        }
        for element in outbound.children_named("rule") {
            let mut unread =
                account_fields(element, &SOURCE_MODELED, &NAT_IGNORED, "an outbound rule", self.reading);
            unread.extend(self.account_ends(element));
            if is_set(element, "disabled") || !matches!(mode, "advanced" | "hybrid") {
                continue;
            }
            let end = |name: &str, port: &str| {
                let mut end = Endpoint::of_element(element.child(name), element.start_tag());
                end.port = end.port.or(element.text_of(port).filter(|port| *port != "any"));
                end
            };
            let (source, destination) = (end("source", "sourceport"), end("destination", "dstport"));
            let target = match element.text_of("target") {
                Some("other-subnet") => element
                    .text_of("targetip")
                    .zip(element.text_of("targetip_subnet"))
                    .map(|(ip, bits)| format!("{ip}/{bits}")),
                other => other.map(str::to_owned),
            };
            self.source_rule(
                element,
                "descr",
                &source,
                &destination,
                target.as_deref(),
                element.text_of("natport"),
                &unread,
            );
        }
    }

    /// An outbound rule of the newer format.
    pub(super) fn newer_source(&mut self, element: Element<'x>) {
        let unread =
            account_fields(element, &NEWER_SOURCE_MODELED, &NAT_IGNORED, "an outbound rule", self.reading);
        if element.text_of("enabled") == Some("0") {
            return;
        }
        let end = |net: &str, not: &str, port: &str| {
            let span = element.child(net).unwrap_or(element).text_span();
            Endpoint::of_list(element.text_of(net), is_set(element, not), element.text_of(port), span)
        };
        let source = end("source_net", "source_not", "source_port");
        let destination = end("destination_net", "destination_not", "destination_port");
        let target = element.text_of("target");
        self.source_rule(
            element,
            "description",
            &source,
            &destination,
            target,
            element.text_of("target_port"),
            &unread,
        );
    }

    #[expect(clippy::too_many_arguments, reason = "the parts stand in other places in each format")]
    fn source_rule(
        &mut self,
        element: Element<'x>,
        descr: &str,
        source: &Endpoint<'x>,
        destination: &Endpoint<'x>,
        target: Option<&str>,
        port: Option<&str>,
        unread: &[&str],
    ) {
        let mut rule = self.rule(element, descr);
        let interfaces = self.interfaces(element);
        let version = self.version(element);
        let protocol = element.text_of("protocol").filter(|protocol| *protocol != "any");
        let mut asked = self.asked(protocol, version, source, destination, element, Side::LeavingDestination);
        self.doubt_unread(unread, &mut asked);
        self.tags_of(element, &mut rule, &mut asked);
        rule.conditions = interfaces.clone().map(Condition::OutInterface).into_iter().chain(asked).collect();
        let static_port = is_set(element, "staticnatport");
        rule.verdict = Verdict::Nat(if is_set(element, "nonat") {
            nat(NatKind::None)
        } else {
            let mut to = match target {
                Some(target) => {
                    let mut to = nat(NatKind::Source);
                    let span = element.child("target").unwrap_or(element).text_span();
                    self.put_address(&mut to, Some(target), version, &span);
                    to
                }
                None => masquerade(&self.config.interfaces, element.text_of("interface").unwrap_or_default()),
            };
            to.ports = match port.and_then(ports).and_then(|set| set.intervals().first().copied()) {
                _ if static_port => None,
                Some(range) => Some(range),
                None => Some((1024, u16::MAX)),
            };
            to
        });
        self.outbound.push(rule);
    }

    /// The rules that the device writes where it is left to it: from networks without a gateway to interfaces with one.
    pub(super) fn automatic(&mut self, span: &Range<usize>) {
        let inside = self.config.interfaces.enabled().filter(|(_, one)| !one.has_gateway);
        let loopback = Extent::exact(addresses("127.0.0.0/8").unwrap_or_else(AddressSet::none));
        let mut sources = inside
            .filter_map(|(name, _)| self.config.interfaces.networks(name))
            .fold(loopback, |all, one| all.union(&one));
        for network in self.config.vpn_networks() {
            sources = sources.union(&Extent::exact(network));
        }
        let sources = sources.of_version(IpVersion::V4);
        for (name, _) in self.config.interfaces.enabled().filter(|(_, one)| one.has_gateway) {
            for isakmp in [true, false] {
                let mut rule = Rule::new(self.reading.place(span));
                rule.conditions = vec![
                    Condition::OutInterface(Interfaces::set_of([name])),
                    Condition::Version(IpVersion::V4),
                ];
                rule.conditions.extend(sources.conditions(Condition::Source, false));
                let mut to = masquerade(&self.config.interfaces, name);
                if isakmp {
                    rule.conditions.push(Condition::Protocol(IntervalSet::one(17)));
                    rule.conditions.push(Condition::DestinationPort(IntervalSet::one(500)));
                } else {
                    to.ports = Some((1024, u16::MAX));
                }
                rule.verdict = Verdict::Nat(to);
                rule.comment = Some("automatic outbound rule".to_owned());
                self.outbound.push(rule);
            }
        }
    }
}

/// The source becomes the address of this interface.
fn masquerade(interfaces: &Interfaces<'_>, name: &str) -> Nat {
    match interfaces.get(name).map(|interface| interface.v4) {
        Some(Addressing::Static(address, _)) => {
            let mut to = nat(NatKind::Source);
            to.addresses = Some((address, address));
            to
        }
        _ => nat(NatKind::Masquerade),
    }
}
