//! Hulls: for a few fields, the least and greatest value that a rule or a question is about. Two that do not meet
//! have no header in common, which is cheaper to see than by the sets themselves.

use std::rc::Rc;

use super::condition::{Layer, Sight};
use super::{Engine, ReachError};
use crate::ruleset::{AddressSet, ChainId, Condition, IpVersion, Rule};
use crate::sets::{Field, Set, v4_range};

type Span = Option<(u128, u128)>;

/// The hull of a set of headers. `None` is the empty span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Hull {
    incoming: Span,
    outgoing: Span,
    protocol: Span,
    /// By version of IP.
    source: [Span; 2],
    destination: [Span; 2],
}

impl Hull {
    fn everything() -> Hull {
        let all = |field: Field| Some((0, field.value_max()));
        Hull {
            incoming: all(Field::InInterface),
            outgoing: all(Field::OutInterface),
            protocol: all(Field::Protocol),
            source: [all(Field::Source); 2],
            destination: [all(Field::Destination); 2],
        }
    }

    /// The hull of both.
    pub(super) fn joined(&self, other: &Hull) -> Hull {
        let join = |a: Span, b: Span| match (a, b) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (only, None) | (None, only) => only,
        };
        let both = |[a4, a6]: [Span; 2], [b4, b6]: [Span; 2]| [join(a4, b4), join(a6, b6)];
        Hull {
            incoming: join(self.incoming, other.incoming),
            outgoing: join(self.outgoing, other.outgoing),
            protocol: join(self.protocol, other.protocol),
            source: both(self.source, other.source),
            destination: both(self.destination, other.destination),
        }
    }

    /// Whether the two may have a header in common, as far as a chain can see.
    pub(super) fn meets(&self, other: &Hull, sight: Sight) -> bool {
        let common = |a: Span, b: Span| overlap(a, b).is_some();
        // Where the interface of a chain is the bridge, the question's interfaces are ports of it.
        let incoming = sight.incoming && sight.layer != Layer::BridgeNetfilter;
        let outgoing = sight.outgoing && sight.layer != Layer::BridgeNetfilter;
        (!incoming || common(self.incoming, other.incoming))
            && (!outgoing || common(self.outgoing, other.outgoing))
            && common(self.protocol, other.protocol)
            && std::iter::zip(
                std::iter::zip(self.source, other.source),
                std::iter::zip(self.destination, other.destination),
            )
            .any(|(source, destination)| common(source.0, source.1) && common(destination.0, destination.1))
    }
}

impl Engine<'_> {
    /// The hulls of a chain's rules; made once.
    pub(super) fn rule_hulls(&mut self, id: ChainId) -> Rc<[Hull]> {
        if let Some(known) = self.rule_hulls.get(&id) {
            return Rc::clone(known);
        }
        let rules: &[Rule] = self.ruleset.chain(id).map_or(&[], |chain| &chain.rules);
        let made: Rc<[Hull]> = rules.iter().map(|rule| self.rule_hull(rule)).collect();
        self.rule_hulls.insert(id, Rc::clone(&made));
        made
    }

    fn rule_hull(&self, rule: &Rule) -> Hull {
        let mut hull = Hull::everything();
        for condition in &rule.conditions {
            match condition {
                Condition::InInterface(names) => {
                    hull.incoming = overlap(hull.incoming, span(&self.interfaces.numbers_of(names)));
                }
                Condition::OutInterface(names) => {
                    hull.outgoing = overlap(hull.outgoing, span(&self.interfaces.numbers_of(names)));
                }
                Condition::Protocol(set) => {
                    let ends = set.intervals().first().zip(set.intervals().last());
                    let ends = ends.map(|(first, last)| (first.0.into(), last.1.into()));
                    hull.protocol = overlap(hull.protocol, ends);
                }
                Condition::Source(set) => hull.source = narrowed(hull.source, set),
                Condition::Destination(set) => hull.destination = narrowed(hull.destination, set),
                Condition::Version(version) => {
                    let [four, six] = &mut hull.source;
                    *(if *version == IpVersion::V4 { six } else { four }) = None;
                }
                _ => {}
            }
        }
        hull
    }

    /// The hull of a set.
    pub(super) fn hull_of(&mut self, set: Set) -> Result<Hull, ReachError> {
        let d = &mut self.diagram;
        let mut ends = |field: Field| {
            let alone = d.projected(set, &[field])?;
            Ok::<_, ReachError>(d.ends(alone, field))
        };
        let (incoming, outgoing) = (ends(Field::InInterface)?, ends(Field::OutInterface)?);
        let mut hull = Hull { incoming, outgoing, protocol: ends(Field::Protocol)?, ..Hull::everything() };
        for (version, (source, destination)) in
            (0..).zip(std::iter::zip(&mut hull.source, &mut hull.destination))
        {
            let of_version = self.diagram.after_setting(set, Field::Version, version, 1)?;
            for (span, field) in [(source, Field::Source), (destination, Field::Destination)] {
                let alone = self.diagram.projected(of_version, &[field])?;
                *span = self.diagram.ends(alone, field);
            }
        }
        Ok(hull)
    }
}

fn narrowed([four, six]: [Span; 2], set: &AddressSet) -> [Span; 2] {
    let of_four = set.v4.intervals().first().zip(set.v4.intervals().last());
    let of_four = of_four.map(|(first, last)| v4_range(first.0, last.1));
    [overlap(four, of_four), overlap(six, span(set.v6.intervals()))]
}

fn span(ranges: &[(u128, u128)]) -> Span {
    ranges.first().zip(ranges.last()).map(|(first, last)| (first.0, last.1))
}

fn overlap(a: Span, b: Span) -> Span {
    let (a, b) = a.zip(b)?;
    let (first, last) = (a.0.max(b.0), a.1.min(b.1));
    (first <= last).then_some((first, last))
}
