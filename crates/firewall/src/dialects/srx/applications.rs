//! Applications: protocols with ports by name, the device's own and predefined ones.

use super::config::{Config, shortened};
use super::predefined::{PREDEFINED, PREDEFINED_SETS, Predefined};
use super::tree::{Attribute, NodeId, Tree};
use super::values;
use crate::dialects::{GroupProblem, Groups, Member, Service};
use crate::ruleset::{IntervalSet, IpVersion, Reason, Undecidable};
use zonewright_source::Diagnostic;

/// All applications that policies may name.
#[derive(Debug, Default)]
pub(super) struct Applications {
    groups: Groups<Service>,
}

impl Applications {
    pub(super) fn read(config: &mut Config<'_>) -> Self {
        let mut own = Self::default();
        if let Some(section) = config.tree.enter(Tree::ROOT, "applications") {
            for application in config.tree.things(section, "application") {
                own.read_application(config, application);
            }
            for set in config.tree.things(section, "application-set") {
                let name = config.name(set);
                own.groups.declare(&name);
                for kind in ["application", "application-set"] {
                    for member in config.tree.things(set, kind) {
                        own.groups.add(&name, Member::Group(config.name(member)), config.tree.span(member));
                    }
                }
            }
        }
        own.add_predefined();
        own
    }

    fn add_predefined(&mut self) {
        for (name, services) in PREDEFINED {
            if !self.groups.has(name) {
                for service in *services {
                    self.groups.add(name, Member::Own(predefined(name, service)), 0..0);
                }
            }
        }
        for (name, members) in PREDEFINED_SETS {
            if !self.groups.has(name) {
                for member in *members {
                    self.groups.add(name, Member::Group((*member).to_owned()), 0..0);
                }
            }
        }
    }

    fn read_application(&mut self, config: &mut Config<'_>, application: NodeId) {
        let name = config.name(application);
        self.groups.declare(&name);
        let terms = config.tree.things(application, "term");
        let attributes = config.tree.attributes_but(application, &FLAGS, "term");
        let span = config.tree.span(application);
        if terms.is_empty()
            || attributes.iter().any(|attribute| config.tree.word(attribute.key) == "protocol")
        {
            for service in read_term(config, &name, &attributes) {
                self.groups.add(&name, Member::Own(service), span.clone());
            }
        }
        for term in terms {
            let attributes = config.tree.attributes(term, &FLAGS);
            for service in read_term(config, &name, &attributes) {
                self.groups.add(&name, Member::Own(service), config.tree.span(term));
            }
        }
    }

    /// The services that a name stands for. `at` is where it is named.
    pub(super) fn resolve(&self, config: &mut Config<'_>, at: NodeId) -> Vec<Service> {
        let name = config.name(at);
        if name == "any" {
            return vec![Service::any()];
        }
        if name == "junos-defaults" {
            let undecidable =
                Undecidable { what: "the default ports of the application".into(), reason: Reason::Name };
            return vec![Service { undecidable: Some(undecidable), ..Service::any() }];
        }
        let mut problems = Vec::new();
        let Some(mut services) = self.groups.things(&name, &mut problems) else {
            let what = format!("the application `{}` is not defined", config.quoted(at));
            config.warn(at, "firewall/unknown-name", what);
            return vec![unknown(&name)];
        };
        for problem in problems {
            let (GroupProblem::Missing(member, span) | GroupProblem::Circle(member, span)) = problem;
            let what = format!(
                "the set holds `{}`, which is not defined or holds the set itself",
                shortened(&member)
            );
            config.report(&span, Diagnostic::warning("firewall/unknown-name", what));
            services.push(unknown(&member));
        }
        // Services are joined pair by pair.
        match config.spend(at, services.len().saturating_mul(services.len())) {
            Ok(()) => services,
            Err(undecidable) => vec![Service { undecidable: Some(undecidable), ..Service::any() }],
        }
    }
}

/// Keywords of an application that take no value.
const FLAGS: [&str; 0] = [];

fn unknown(name: &str) -> Service {
    let undecidable = Undecidable { what: format!("application {}", shortened(name)), reason: Reason::Name };
    Service { undecidable: Some(undecidable), ..Service::any() }
}

fn predefined(name: &str, of: &Predefined) -> Service {
    let mut service = match of {
        Predefined::Protocol(protocol) | Predefined::Call(protocol) => Service::of(*protocol),
        Predefined::Ports(protocol, first, last) => {
            Service::to_ports(*protocol, IntervalSet::range(*first, *last))
        }
        Predefined::Icmp(kind, code) => {
            let mut service = Service::of(1);
            service.icmp_types = IntervalSet::one(*kind);
            service.icmp_codes = code.map_or(IntervalSet::all(), IntervalSet::one);
            service
        }
        Predefined::Icmp6(kind, code) => {
            let mut service = Service::of(58);
            service.icmp_types = IntervalSet::one(*kind);
            service.icmp_codes = code.map_or(IntervalSet::all(), IntervalSet::one);
            service
        }
    };
    if let Predefined::Call(_) = of {
        let what = format!("port that is given out for {name}");
        service.undecidable = Some(Undecidable { what, reason: Reason::Payload });
    }
    service
}

/// What one term of an application stands for.
fn read_term(config: &mut Config<'_>, name: &str, attributes: &[Attribute]) -> Vec<Service> {
    let mut term = Term::default();
    for attribute in attributes {
        if !term.read(config, attribute) {
            let what = format!("{} of application {}", config.text_of(attribute), shortened(name));
            term.undecidable = Some(Undecidable { what, reason: Reason::Unread });
        }
    }
    term.services()
}

#[derive(Debug, Default)]
struct Term {
    protocols: Vec<u8>,
    source_ports: Option<IntervalSet<u16>>,
    ports: Option<IntervalSet<u16>>,
    types: Option<IntervalSet<u8>>,
    codes: Option<IntervalSet<u8>>,
    six: bool,
    undecidable: Option<Undecidable>,
}

impl Term {
    /// Takes in an attribute, and marks it; `false` where it was not understood.
    fn read(&mut self, config: &Config<'_>, attribute: &Attribute) -> bool {
        let tree = &config.tree;
        let words: Vec<&str> = attribute.values.iter().map(|value| tree.word(*value)).collect();
        let done = match tree.word(attribute.key) {
            "protocol" => {
                let numbers: Option<Vec<u8>> = words.iter().map(|word| values::protocol(word)).collect();
                numbers.map(|numbers| self.protocols.extend(numbers)).is_some()
            }
            "destination-port" => join(&mut self.ports, words.iter().map(|word| values::ports(word))),
            "source-port" => join(&mut self.source_ports, words.iter().map(|word| values::ports(word))),
            key @ ("icmp-type" | "icmp6-type") => {
                self.six |= key == "icmp6-type";
                let name = |text: &str| values::icmp_type(text, key == "icmp6-type");
                join(&mut self.types, words.iter().map(|word| values::numbers(word, name)))
            }
            key @ ("icmp-code" | "icmp6-code") => {
                let name = |text: &str| values::icmp_code(text, key == "icmp6-code");
                join(&mut self.codes, words.iter().map(|word| values::numbers(word, name)))
            }
            "rpc-program-number" | "uuid" => {
                let undecidable = Undecidable { what: config.text_of(attribute), reason: Reason::Payload };
                self.undecidable = Some(undecidable);
                true
            }
            // What helpers open as they listen is not computed; the port is.
            "alg" | "application-protocol" | "inactivity-timeout" | "description" | "ether-type" => true,
            _ => false,
        };
        if done {
            tree.read_attribute(attribute);
        }
        done
    }

    fn services(self) -> Vec<Service> {
        let mut protocols = self.protocols;
        if protocols.is_empty() && self.types.is_some() {
            protocols.push(if self.six { 58 } else { 1 });
        }
        let base = Service {
            version: if self.six { Some(IpVersion::V6) } else { None },
            source_ports: self.source_ports.unwrap_or(IntervalSet::all()),
            ports: self.ports.unwrap_or(IntervalSet::all()),
            icmp_types: self.types.unwrap_or(IntervalSet::all()),
            icmp_codes: self.codes.unwrap_or(IntervalSet::all()),
            undecidable: self.undecidable,
            ..Service::any()
        };
        if protocols.is_empty() {
            return vec![base];
        }
        protocols
            .iter()
            .map(|number| Service { protocols: IntervalSet::one(*number), ..base.clone() })
            .collect()
    }
}

/// Adds sets to what is known; `false`, and nothing added, where one of them was not understood.
fn join<T: crate::ruleset::Point>(
    known: &mut Option<IntervalSet<T>>,
    sets: impl Iterator<Item = Option<IntervalSet<T>>>,
) -> bool {
    let Some(sets) = sets.collect::<Option<Vec<_>>>() else { return false };
    let ranges = sets.iter().chain(known.as_ref()).flat_map(|set| set.intervals().to_vec());
    *known = Some(IntervalSet::from_ranges(ranges.collect::<Vec<_>>()));
    true
}
