//! Translations both ways: one-to-one, and of IPv6 prefixes.

use super::endpoint::{Endpoint, Side};
use super::extent::Extent;
use super::fields::{account_fields, is_set};
use super::interfaces::Interfaces;
use super::nat::{Translator, nat};
use super::nat_fields::{BINAT_MODELED, NAT_IGNORED, NPT_MODELED};
use super::values::{addresses, single_range};
use crate::dialects::Element;
use crate::ruleset::{AddressSet, Condition, Nat, NatKind, Reason, Undecidable, Verdict};
use std::ops::Range;
use zonewright_source::Diagnostic;

impl<'x> Translator<'_, '_, 'x> {
    /// One-to-one: the inner addresses become the outer ones when going out, and the other way when coming in.
    pub(super) fn one_to_one(&mut self, element: Element<'x>, ends: &[&str]) {
        let mut unread =
            account_fields(element, &BINAT_MODELED, &NAT_IGNORED, "a one-to-one translation", self.reading);
        unread.extend(self.account_ends(element));
        if is_set(element, "disabled") || element.text_of("enabled") == Some("0") {
            return;
        }
        let (inner, other) = if ends.is_empty() {
            let end = |net: &str, not: &str| {
                let span = element.child(net).unwrap_or(element).text_span();
                Endpoint::of_list(element.text_of(net), is_set(element, not), None, span)
            };
            (end("source_net", "source_not"), end("destination_net", "destination_not"))
        } else {
            let end = |name: &str| Endpoint::of_element(element.child(name), element.start_tag());
            (end("source"), end("destination"))
        };
        let span = element.child("external").unwrap_or(element).text_span();
        let inner = self.names.meant(&inner, self.reading);
        let other = self.names.meant(&other, self.reading);
        let outer = self.outer(element.text_of("external"), inner.extent(), &span);
        let mut rule = self.rule(element, if ends.is_empty() { "description" } else { "descr" });
        let interfaces = self.interfaces(element).or_else(|| Some(Interfaces::set_of(["wan"])));
        let mut leaving: Vec<Condition> =
            interfaces.clone().map(Condition::OutInterface).into_iter().collect();
        leaving.extend(inner.conditions(Side::Source, &self.everywhere));
        leaving.extend(other.conditions(Side::LeavingDestination, &self.everywhere));
        self.doubt_unread(&unread, &mut leaving);
        let off = is_set(element, "nobinat");
        rule.conditions = leaving;
        rule.verdict = Verdict::Nat(if off {
            nat(NatKind::None)
        } else {
            mapped(&outer, NatKind::Source, NatKind::SourceNetwork)
        });
        self.leaving.push(rule.clone());
        if element.text_of("type") == Some("nat") {
            return;
        }
        let mut arriving: Vec<Condition> = interfaces.map(Condition::InInterface).into_iter().collect();
        arriving.extend(outer.conditions(Condition::Destination, false));
        arriving.extend(other.conditions(Side::Source, &self.everywhere));
        self.doubt_unread(&unread, &mut arriving);
        let none = Extent::exact(AddressSet::none());
        let inner = inner.extent().unwrap_or(&none);
        rule.conditions = arriving;
        rule.verdict = Verdict::Nat(if off {
            nat(NatKind::None)
        } else {
            mapped(inner, NatKind::Destination, NatKind::DestinationNetwork)
        });
        self.arriving.push(rule);
    }

    /// The outer addresses of a one-to-one translation: as many as there are inner ones.
    fn outer(&mut self, external: Option<&str>, inner: Option<&Extent>, span: &Range<usize>) -> Extent {
        let Some(external) = external else {
            let what = "outer address".to_owned();
            return Extent::unknown(AddressSet::all(), Undecidable { what, reason: Reason::Unread });
        };
        let own = external.strip_suffix("ip").and_then(|name| self.config.interfaces.own(name));
        let outer = own.unwrap_or_else(|| self.names.extent(external, span, self.reading));
        let length = inner.and_then(|inner| prefix_length(&inner.sure));
        match (single_range(&outer.sure), length) {
            (Some((first, last)), Some(length)) if first == last && outer.maybe.is_empty() => {
                AddressSet::prefix(first, length).map_or(outer, Extent::exact)
            }
            _ => outer,
        }
    }

    /// Translation of IPv6 prefixes.
    pub(super) fn prefix(&mut self, element: Element<'x>, newer: bool) {
        let mut unread =
            account_fields(element, &NPT_MODELED, &NAT_IGNORED, "a prefix translation", self.reading);
        unread.extend(self.account_ends(element));
        if is_set(element, "disabled") || element.text_of("enabled") == Some("0") {
            return;
        }
        let text = |end: &str| match newer {
            true => element.text_of(&format!("{end}_net")),
            false => {
                element.child(end).and_then(|end| end.text_of("address").or_else(|| end.text_of("network")))
            }
        };
        let inner = text("source").and_then(addresses);
        let outer = text("destination").and_then(addresses);
        let (Some(inner), Some(outer)) = (inner, outer) else {
            let warning = Diagnostic::warning(
                "firewall/unknown-value",
                "the prefixes of the translation are not told in the configuration",
            );
            return self.reading.report(&element.start_tag(), warning);
        };
        let interfaces = self.interfaces(element).unwrap_or_else(|| Interfaces::set_of(["wan"]));
        let (inner, outer) = (Extent::exact(inner), Extent::exact(outer));
        let mut rule = self.rule(element, if newer { "description" } else { "descr" });
        rule.conditions = vec![Condition::OutInterface(interfaces.clone())];
        rule.conditions.extend(inner.conditions(Condition::Source, false));
        rule.verdict = Verdict::Nat(mapped(&outer, NatKind::Source, NatKind::SourceNetwork));
        self.doubt_unread(&unread, &mut rule.conditions);
        self.leaving.push(rule.clone());
        rule.conditions = vec![Condition::InInterface(interfaces)];
        rule.conditions.extend(outer.conditions(Condition::Destination, false));
        rule.verdict = Verdict::Nat(mapped(&inner, NatKind::Destination, NatKind::DestinationNetwork));
        self.doubt_unread(&unread, &mut rule.conditions);
        self.arriving.push(rule);
    }
}

/// A translation into these addresses: into the one, or of the network part.
fn mapped(into: &Extent, one: NatKind, network: NatKind) -> Nat {
    let range = single_range(&into.sure).filter(|_| into.maybe.is_empty());
    let Some((first, last)) = range else {
        let mut to = nat(one);
        to.unknown = Some("its addresses".to_owned());
        return to;
    };
    let mut to = nat(if first == last { one } else { network });
    to.addresses = Some((first, last));
    to
}

/// The length of the prefix that a set is, in bits.
fn prefix_length(set: &AddressSet) -> Option<u8> {
    let items = set.items();
    let [only] = items.as_slice() else { return None };
    match only.split_once('/') {
        Some((_, length)) => length.parse().ok(),
        None if only.contains('-') => None,
        None => Some(if only.contains(':') { 128 } else { 32 }),
    }
}
