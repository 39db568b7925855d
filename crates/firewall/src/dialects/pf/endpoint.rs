//! The two ends of a rule: which addresses and ports are meant there.

use super::Product;
use super::alias::{Aliases, internal_network};
use super::extent::{Extent, PortExtent};
use super::fields::is_set;
use super::interfaces::Interfaces;
use super::values::{addresses, ports};
use crate::dialects::{Element, Reading};
use crate::ruleset::{AddressSet, Condition, IntervalSet, MarkOf, Reason, Undecidable};
use std::ops::Range;
use zonewright_source::Diagnostic;

/// The bit of a packet's mark that says that it is for the machine itself.
pub(super) const LOCAL: u32 = 0x1_0000;

/// One end of a rule, as it is written.
#[derive(Debug, Clone)]
pub(super) struct Endpoint<'x> {
    /// What is named there; nothing for any address.
    pub(super) nets: Vec<&'x str>,
    /// Whether all else is meant.
    pub(super) not: bool,
    /// The port, range of ports or alias.
    pub(super) port: Option<&'x str>,
    /// Where it stands.
    pub(super) span: Range<usize>,
}

impl<'x> Endpoint<'x> {
    /// Any address.
    pub(super) fn any(span: Range<usize>) -> Self {
        Self { nets: Vec::new(), not: false, port: None, span }
    }

    /// `<source>` or `<destination>`: `any`, `network` or `address`, with `not` and `port`.
    pub(super) fn of_element(element: Option<Element<'x>>, span: Range<usize>) -> Self {
        let Some(element) = element else { return Self::any(span) };
        let net = element.text_of("network").or_else(|| element.text_of("address"));
        let net = net.filter(|net| *net != "any" && element.child("any").is_none());
        Self {
            nets: net.into_iter().collect(),
            not: net.is_some() && is_set(element, "not"),
            port: element.text_of("port").filter(|port| *port != "any"),
            span: element.span(),
        }
    }

    /// A list with commas, as the newer pages of OPNsense write it.
    pub(super) fn of_list(
        list: Option<&'x str>,
        not: bool,
        port: Option<&'x str>,
        span: Range<usize>,
    ) -> Self {
        let nets: Vec<&str> = list.into_iter().flat_map(|list| list.split(',')).map(str::trim).collect();
        let any = nets.iter().all(|net| net.is_empty()) || nets.contains(&"any");
        let nets = if any { Vec::new() } else { nets.into_iter().filter(|net| !net.is_empty()).collect() };
        Self { not: not && !nets.is_empty(), nets, port: port.filter(|port| *port != "any"), span }
    }
}

/// The settings within `<source>` and `<destination>`.
pub(super) const ENDPOINT_FIELDS: [&str; 6] = ["any", "network", "address", "not", "port", "mask"];

/// Which addresses an end means.
#[derive(Debug, Clone)]
pub(super) struct Meant {
    /// Addresses, whoever has them.
    extent: Option<Extent>,
    /// Addresses of the machine itself; `None` within for whichever it has.
    own: Vec<Option<Extent>>,
    not: bool,
    any: bool,
}

/// Where a condition stands, which decides how the machine itself is told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The source.
    Source,
    /// The destination, behind the decision whether the packet is for the machine.
    ArrivingDestination,
    /// The destination of a packet that goes out.
    LeavingDestination,
    /// The destination before that decision.
    EarlyDestination,
}

impl Meant {
    /// Any address.
    pub(super) const fn any() -> Self {
        Self { extent: None, own: Vec::new(), not: false, any: true }
    }

    /// These addresses.
    pub(super) fn of(extent: Extent) -> Self {
        Self { extent: Some(extent), own: Vec::new(), not: false, any: false }
    }

    /// The machine itself, by whatever address.
    pub(super) fn machine() -> Self {
        Self { extent: None, own: vec![None], not: false, any: false }
    }

    /// The machine itself, by these addresses.
    pub(super) fn machine_at(extent: Extent) -> Self {
        Self { extent: None, own: vec![Some(extent)], not: false, any: false }
    }

    /// The same and these addresses.
    pub(super) fn with(mut self, more: &Extent) -> Self {
        self.extent = self.extent.map(|extent| extent.union(more));
        self
    }

    /// What a packet must meet. `everywhere` are all addresses of the machine.
    pub(super) fn conditions(&self, side: Side, everywhere: &Extent) -> Vec<Condition> {
        if self.any {
            return Vec::new();
        }
        let build = match side {
            Side::Source => Condition::Source,
            _ => Condition::Destination,
        };
        if self.own.is_empty() {
            let none = Extent::exact(AddressSet::none());
            return self.extent.as_ref().unwrap_or(&none).conditions(build, self.not);
        }
        let mut of = self.extent.as_ref().map(|extent| extent.alternatives(build)).unwrap_or_default();
        for own in &self.own {
            match side {
                Side::LeavingDestination => {}
                Side::ArrivingDestination => match own {
                    None => of.push(vec![to_machine()]),
                    Some(own) => of.extend(own.alternatives(build).into_iter().map(|mut one| {
                        one.insert(0, to_machine());
                        one
                    })),
                },
                Side::Source | Side::EarlyDestination => {
                    of.extend(own.as_ref().unwrap_or(everywhere).alternatives(build));
                }
            }
        }
        match (of.as_mut_slice(), self.not) {
            ([only], false) => std::mem::take(only),
            _ => vec![Condition::Any { of, negated: self.not }],
        }
    }

    /// The addresses that are meant, where it is some and not all others.
    pub(super) fn extent(&self) -> Option<&Extent> {
        self.extent.as_ref().filter(|_| !self.not && self.own.is_empty())
    }
}

/// The packet is for the machine itself.
fn to_machine() -> Condition {
    Condition::Mark { of: MarkOf::Packet, mask: LOCAL, values: IntervalSet::one(LOCAL) }
}

/// What names in rules stand for.
pub(super) struct Names<'a, 'x> {
    /// Whose configuration it is.
    pub(super) product: Product,
    /// The interfaces.
    pub(super) interfaces: &'a Interfaces<'x>,
    /// The aliases.
    pub(super) aliases: &'a mut Aliases,
}

impl Names<'_, '_> {
    /// The addresses that an end means.
    pub(super) fn meant(&mut self, end: &Endpoint<'_>, reading: &mut Reading) -> Meant {
        if end.nets.is_empty() {
            return Meant::any();
        }
        let mut meant = Meant { extent: None, own: Vec::new(), not: end.not, any: false };
        for net in &end.nets {
            if *net == "(self)" || *net == "self" {
                meant.own.push(None);
                continue;
            }
            if let Some(own) = net.strip_suffix("ip").and_then(|name| self.interfaces.own(name)) {
                meant.own.push(Some(own));
                continue;
            }
            let extent = self.extent(net, &end.span, reading);
            meant.extent = Some(match meant.extent.take() {
                Some(before) => before.union(&extent),
                None => extent,
            });
        }
        if end.not && end.nets.len() > 1 {
            let message = "what is not one of several is read as none of them";
            reading.report(&end.span, Diagnostic::note("firewall/several-negated", message));
        }
        meant
    }

    /// The addresses that a name stands for.
    pub(super) fn extent(&mut self, net: &str, span: &Range<usize>, reading: &mut Reading) -> Extent {
        if let Some(set) = addresses(net) {
            return Extent::exact(set);
        }
        let name = internal_network(net).unwrap_or(net);
        if let Some(network) = self.interfaces.networks(name) {
            return network;
        }
        if let Some(extent) = self.aliases.extent(net, reading) {
            return extent;
        }
        if !self.interfaces.told && is_interface_name(name.strip_suffix("ip").unwrap_or(name)) {
            let what = format!("addresses of {net}");
            return Extent::unknown(AddressSet::all(), Undecidable { what, reason: Reason::Name });
        }
        self.unknown_name(net, span, reading);
        Extent::unknown(AddressSet::all(), Undecidable { what: net.to_owned(), reason: Reason::Name })
    }

    /// The ports that a word stands for.
    pub(super) fn ports(&mut self, word: &str, span: &Range<usize>, reading: &mut Reading) -> PortExtent {
        if let Some(set) = ports(word) {
            return PortExtent::exact(set);
        }
        if let Some(extent) = self.aliases.ports(word, reading) {
            return extent;
        }
        self.unknown_name(word, span, reading);
        PortExtent::unknown(Undecidable { what: format!("port {word}"), reason: Reason::Name })
    }

    fn unknown_name(&mut self, name: &str, span: &Range<usize>, reading: &mut Reading) {
        let message = format!("`{name}` is neither a value nor an alias of this configuration");
        let mut warning = Diagnostic::warning("firewall/unknown-name", message)
            .because("whether the rule matches is not decided, so what it decides is possible at most");
        if let Some(near) = self.aliases.nearest(name) {
            warning = warning.help(format!("did you mean `{near}`?"));
        }
        reading.report(span, warning);
    }
}

/// Whether a name is one that both products give to interfaces.
pub(super) fn is_interface_name(name: &str) -> bool {
    let number = name.strip_prefix("opt");
    matches!(name, "wan" | "lan")
        || number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}
