//! Bridges: which way a question goes, and what chains of the bridge family mean for packets that are not bridged.
//!
//! A configuration does not tell which interfaces are ports of a bridge. The names in its rules do in part: chains of
//! the bridge family name ports, those of routed packets name interfaces between which is routed.

use std::collections::BTreeSet;

use super::condition::{Layer, Pair};
use super::{Engine, Path, Question, Reach, ReachError};
use crate::ruleset::{Chain, Condition, Family, Hook, NamePattern, NameSet, Ruleset};
use crate::sets::{Field, Set, VLAN_NONE};

/// The hooks of a bridge that a packet passes before it is routed or delivered, if it came in by a bridge.
pub(super) const BEFORE: [Hook; 2] = [Hook::Prerouting, Hook::Input];
/// The hooks of a bridge that a routed or own packet passes last, if it goes out by a bridge.
pub(super) const BEHIND: [Hook; 2] = [Hook::Output, Hook::Postrouting];

/// The names of interfaces that rules use, as far as they tell what the interfaces are.
#[derive(Default)]
struct Named {
    ports: BTreeSet<NamePattern>,
    routed: BTreeSet<NamePattern>,
}

impl Reach<'_> {
    /// The ways that a question is answered for: one, or both [`Path::Routed`] and [`Path::Bridged`] where the
    /// configuration filters on both and does not tell which of them its interfaces are on.
    #[must_use]
    pub fn ways(&self, question: &Question) -> Vec<Path> {
        let ruleset = self.engine.ruleset;
        let forwarding = [Hook::Prerouting, Hook::Forward, Hook::Postrouting];
        let bridges =
            self.engine.asks_ports || bases(ruleset, &forwarding).any(|chain| chain.family == Family::Bridge);
        let routes = bases(ruleset, &[Hook::Forward]).any(|chain| chain.family != Family::Bridge);
        match question.path {
            Path::Through if bridges && routes => self.ways_by_name(question),
            Path::Through if bridges => vec![Path::Bridged],
            Path::Through => vec![Path::Routed],
            said => vec![said],
        }
    }

    fn ways_by_name(&self, question: &Question) -> Vec<Path> {
        let ruleset = self.engine.ruleset;
        let mut known = Named::default();
        for chain in &ruleset.chains {
            let conditions = chain.rules.iter().flat_map(|rule| &rule.conditions);
            conditions.for_each(|condition| known.note(condition, chain.family));
        }
        let sides = [&question.from.interfaces, &question.to.interfaces];
        let names: Vec<&String> = sides.into_iter().flatten().flatten().collect();
        let within = |names: &BTreeSet<NamePattern>, name: &str| names.iter().any(|one| one.matches(name));
        let all_are = |these: &BTreeSet<NamePattern>, those: &BTreeSet<NamePattern>| {
            !names.is_empty() && names.iter().all(|name| within(these, name) && !within(those, name))
        };
        if all_are(&known.ports, &known.routed) {
            vec![Path::Bridged]
        } else if all_are(&known.routed, &known.ports) {
            vec![Path::Routed]
        } else {
            vec![Path::Routed, Path::Bridged]
        }
    }

    /// The bridge that answers are about, where rules name exactly one.
    #[must_use]
    pub fn bridge(&self) -> Option<&str> {
        self.engine.only_bridge()
    }
}

impl Engine<'_> {
    /// The bridge that rules name with `ibrname` and `obrname`, if it is one.
    fn only_bridge(&self) -> Option<&str> {
        if self.asks_ports {
            return None;
        }
        let mut found = None;
        for rule in self.ruleset.chains.iter().flat_map(|chain| &chain.rules) {
            for condition in &rule.conditions {
                let names = match condition {
                    Condition::InBridge(names) | Condition::OutBridge(names) => names,
                    Condition::Any { .. } if mentions_bridge(condition) => return None,
                    _ => continue,
                };
                match (names.patterns.as_slice(), found) {
                    ([NamePattern::Exact(name)], None) => found = Some(name),
                    ([NamePattern::Exact(name)], Some(known)) if name == known => {}
                    _ => return None,
                }
            }
        }
        found.map(String::as_str)
    }

    /// The pair for frames of any bridge (or the one that rules name), and for frames with any VLAN tag or none. What
    /// is sure is so for frames without a tag, which is how a question is meant; but none is said to be stopped that
    /// passes with a tag.
    pub(super) fn on_some_bridge(&mut self, pair: Pair) -> Result<Pair, ReachError> {
        let mut pair = pair;
        if self.asks_tags {
            pair.sure = self.diagram.after_setting(pair.sure, Field::Vlan, VLAN_NONE, u128::MAX)?;
            pair.possible = self.diagram.some(pair.possible, Field::Vlan)?;
        }
        if !self.asks_bridges {
            return Ok(pair);
        }
        let one =
            self.only_bridge().and_then(|name| match self.interfaces.numbers_of_name(name).as_slice() {
                [(first, last)] if first == last => Some(*first),
                _ => None,
            });
        let Some(number) = one else { return self.scrambled(pair, &[Field::Bridge]) };
        pair.sure = self.diagram.after_setting(pair.sure, Field::Bridge, number, u128::MAX)?;
        pair.possible = self.diagram.after_setting(pair.possible, Field::Bridge, number, u128::MAX)?;
        Ok(pair)
    }

    /// The pair for packets that may also pass a bridge, at these hooks of it, on their way: what a chain of the
    /// bridge family may stop there is not sure any more. By which port they would pass is not known.
    pub(super) fn unless_bridged(
        &mut self,
        path: Path,
        pair: Pair,
        hooks: &[Hook; 2],
    ) -> Result<Pair, ReachError> {
        let passes = match path {
            Path::Bridged => false,
            Path::Routed | Path::Through => true,
            Path::ToDevice => *hooks == BEFORE,
            Path::FromDevice => *hooks == BEHIND,
        };
        let ruleset = self.ruleset;
        if !passes || !bases(ruleset, hooks).any(|chain| chain.family == Family::Bridge) {
            return Ok(pair);
        }
        let mut stages = Vec::new();
        for hook in hooks {
            stages.extend(self.stages_at(Path::Bridged, *hook, Set::ALL)?);
        }
        stages.retain(|stage| stage.view.sight.layer == Layer::Bridge);
        let changing = stages.iter().flat_map(|stage| &stage.chains).any(|(id, _)| self.shape(*id).changing);
        let through = self.before_stages(&stages, Pair::ALL, super::LocalExit::Stays)?;
        let ports = [Field::InInterface, Field::OutInterface, Field::Vlan, Field::Bridge];
        let through = self.scrambled(through, &ports)?;
        let mut pair = Pair { sure: self.diagram.and(pair.sure, through.sure)?, possible: pair.possible };
        if changing {
            pair = self.scrambled(pair, &[Field::Mark, Field::CtMark, Field::CtState])?;
        }
        Ok(pair)
    }
}

impl Named {
    fn note(&mut self, condition: &Condition, family: Family) {
        match condition {
            Condition::InInterface(names) | Condition::OutInterface(names) => match family {
                Family::Bridge => self.ports.extend(names.patterns.iter().cloned()),
                Family::Arp | Family::Netdev => {}
                Family::Ipv4 | Family::Ipv6 | Family::Inet => {
                    self.routed.extend(names.patterns.iter().cloned());
                }
            },
            Condition::InPort(NameSet { patterns, .. }) | Condition::OutPort(NameSet { patterns, .. }) => {
                self.ports.extend(patterns.iter().filter(|one| !is_any(one)).cloned());
            }
            Condition::Any { of, .. } => of.iter().flatten().for_each(|inner| self.note(inner, family)),
            _ => {}
        }
    }
}

fn is_any(pattern: &NamePattern) -> bool {
    matches!(pattern, NamePattern::Prefix(prefix) if prefix.is_empty())
}

fn mentions_bridge(condition: &Condition) -> bool {
    match condition {
        Condition::InBridge(_) | Condition::OutBridge(_) => true,
        Condition::Any { of, .. } => of.iter().flatten().any(mentions_bridge),
        _ => false,
    }
}

/// The base chains at these hooks that are not switched off.
fn bases<'a>(ruleset: &'a Ruleset, hooks: &[Hook]) -> impl Iterator<Item = &'a Chain> {
    ruleset.chains.iter().filter(move |chain| {
        chain.base.as_ref().is_some_and(|base| hooks.contains(&base.hook) && !base.dormant)
    })
}
