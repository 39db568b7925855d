//! The rulebases of a virtual system or device group, in the order in which the device asks them.

use super::ignored::{Place, pass};
use super::names::{Names, Said};
use super::nat::{Translations, Ways};
use super::objects::Objects;
use super::rule::{Before, Rules};
use super::tree::{At, short};
use super::zones::Zones;
use crate::dialects::Reading;
use crate::ruleset::{
    Chain, ChainId, Condition, CtStates, Family, Log, Nat, NatKind, Rule, Ruleset, Verdict,
};
use std::rc::Rc;
use zonewright_source::Diagnostic;

/// Rules of one file at most; where device groups share rules, they count for each of them.
const RULES_MAX: usize = 1_000_000;

/// The default rule for packets that stay within a zone.
const WITHIN: &str = "intrazone-default";

/// The table of the chains of security, and that of the device's own.
pub(super) const TABLE: &str = "security";

/// What one virtual system or device group asks of packets.
#[derive(Debug)]
pub(super) struct Policy<'m> {
    /// The name of the virtual system or device group.
    pub(super) name: String,
    /// The objects that its rules see, the nearest first.
    pub(super) objects: Vec<Rc<Objects<'m>>>,
    /// Its rulebases, in the order in which they are asked.
    pub(super) rulebases: Vec<At<'m>>,
    /// Where the default rules may be overridden, the nearest first.
    pub(super) defaults: Vec<At<'m>>,
    pub(super) zones: Zones<'m>,
    /// What was said of the file.
    pub(super) said: Said,
}

/// The chains of one policy.
#[derive(Debug)]
pub(super) struct Chains {
    pub(super) security: ChainId,
    /// Where destinations are translated, if anywhere.
    pub(super) destinations: Option<ChainId>,
    /// Where sources are translated, if anywhere.
    pub(super) sources: Option<ChainId>,
    /// Whether a rule may stop packets within one zone.
    pub(super) may_stop_within_zone: bool,
}

/// Rules that stand in front of those of security.
const SCREENS: [&str; 4] = ["pbf", "dos", "authentication", "captive-portal"];

impl<'m> Policy<'m> {
    /// Puts the policy into chains of the ruleset.
    pub(super) fn lower(
        &mut self,
        ways: &Ways<'_, 'm>,
        reading: &mut Reading,
        ruleset: &mut Ruleset,
        count: &mut usize,
    ) -> Chains {
        self.mention_zones();
        let names = Names::new(self.objects.clone(), self.said.clone());
        let mut rules = Rules { names, zones: &self.zones, reading, before: Before::default() };
        let Translations { mut destinations, mut sources, moves_ports } =
            translations(&self.rulebases, &mut rules, ways, count);
        let translates =
            |rule: &Rule| matches!(&rule.verdict, Verdict::Nat(nat) if nat.kind != NatKind::None);
        // Behind the last rule that translates destinations, no rule decides about them.
        destinations.truncate(destinations.iter().rposition(translates).map_or(0, |last| last + 1));
        if !sources.iter().any(translates) {
            sources.clear();
        }
        rules.before = Before { addresses: !destinations.is_empty(), ports: moves_ports };
        let (security, may_stop_within_zone) = self.list(&mut rules, ruleset, count);
        let mut of = |name: &str, list: Vec<Rule>| {
            (!list.is_empty()).then(|| add(ruleset, format!("{} {name}", self.name), "nat", list))
        };
        let (destinations, sources) = (of("destinations", destinations), of("sources", sources));
        Chains { security, destinations, sources, may_stop_within_zone }
    }

    /// The chain of the security rules, with what stands in front of them and behind; and whether one of them may stop
    /// packets within a zone.
    fn list(&self, rules: &mut Rules<'m, '_>, ruleset: &mut Ruleset, count: &mut usize) -> (ChainId, bool) {
        let place = rules.reading.place(&self.rulebases.first().map_or(0..0, |base| base.span()));
        let mut list = vec![established(&place)];
        for kind in SCREENS {
            let screens = screens(&self.rulebases, kind, rules, count);
            if screens.iter().any(|rule| rule.verdict != Verdict::Return) {
                let mut jump = Rule::new(place.clone());
                jump.verdict = Verdict::Jump(add(ruleset, format!("{} {kind}", self.name), TABLE, screens));
                list.push(jump);
            }
        }
        for base in &self.rulebases {
            for at in rules_of(*base, "security") {
                if is_over(count, at, &mut list, rules.reading) {
                    break;
                }
                list.extend(rules.security(at));
            }
        }
        let stops = |rule: &Rule| !matches!(rule.verdict, Verdict::Accept);
        let decides = |rule: &Rule| rule.conditions.is_empty() && !matches!(rule.verdict, Verdict::Jump(_));
        let mut may_stop = list.iter().any(stops);
        // Behind a rule that means every packet there is nothing left to decide.
        let is_closed = list.iter().any(decides);
        for rule in self.defaults(rules, &place) {
            may_stop |= rule.comment.as_deref() == Some(WITHIN) && stops(&rule);
            if !is_closed {
                list.push(rule);
            }
        }
        (add(ruleset, self.name.clone(), TABLE, list), may_stop)
    }

    /// Takes note of the zones that rules name, for configurations that define none.
    fn mention_zones(&mut self) {
        for kind in ["security", "nat"] {
            for at in self.rulebases.iter().flat_map(|base| rules_of(*base, kind)) {
                let lists = at.within().filter(|field| matches!(field.name(), "from" | "to"));
                lists.flat_map(At::within).for_each(|zone| self.zones.mention(zone.name()));
            }
        }
    }

    /// The two rules behind all others: within a zone packets pass, between zones they do not, unless that is overridden.
    fn defaults(&self, rules: &mut Rules<'m, '_>, place: &zonewright_source::TextPlace) -> Vec<Rule> {
        let found = |name: &str| {
            let bases =
                self.defaults.iter().filter_map(|base| base.path(&["default-security-rules", "rules"]));
            bases.into_iter().find_map(|list| list.within().find(|rule| rule.name() == name))
        };
        let mut list = Vec::new();
        for (name, verdict) in [(WITHIN, Verdict::Accept), ("interzone-default", Verdict::Drop)] {
            let mut rule = Rule::new(place.clone());
            rule.verdict = verdict;
            rule.comment = Some(name.to_owned());
            if let Some(at) = found(name) {
                pass(at.touched(), Place::Rule);
                rule.place = rules.reading.place(&at.span());
                if at.text("action").is_some() {
                    rule.verdict = rules.action(at);
                }
                rule.log = default_log(at);
                at.text("description");
                at.text("icmp-unreachable");
            }
            if name == WITHIN {
                rule.conditions = vec![Condition::Any { of: rules.zones.same(None), negated: false }];
            }
            list.push(rule);
        }
        list
    }
}

/// The rules of a kind in a rulebase.
pub(super) fn rules_of<'m>(base: At<'m>, kind: &str) -> impl Iterator<Item = At<'m>> {
    base.path(&[kind, "rules"]).into_iter().flat_map(At::entries)
}

/// Marks what is ignored in a rulebase.
pub(super) fn pass_rulebase(base: At<'_>) {
    pass(base, Place::Rulebase);
}

/// Whether there are more rules than are read; then the list ends with one that decides nothing for sure.
fn is_over(count: &mut usize, at: At<'_>, list: &mut Vec<Rule>, reading: &mut Reading) -> bool {
    *count += 1;
    if *count <= RULES_MAX {
        return false;
    }
    let message =
        format!("there are more than {RULES_MAX} rules; from `{}` on they are not read", short(at.name()));
    let over = Diagnostic::warning("firewall/too-many-rules", message)
        .because("what the policy does with packets that no rule before means is undecided");
    reading.report(&at.span(), over);
    let mut rule = Rule::new(reading.place(&at.span()));
    rule.verdict = Verdict::Unknown("rules that are not read".into());
    list.push(rule);
    true
}

fn translations<'m>(
    bases: &[At<'m>],
    rules: &mut Rules<'m, '_>,
    ways: &Ways<'_, 'm>,
    count: &mut usize,
) -> Translations {
    let mut found = Translations::default();
    for base in bases {
        for at in rules_of(*base, "nat") {
            let mut rest = Vec::new();
            if is_over(count, at, &mut rest, rules.reading) {
                let unknown = Some("translations that are not read".to_owned());
                let nat = |kind| Nat {
                    kind,
                    addresses: None,
                    ports: None,
                    options: Vec::new(),
                    unknown: unknown.clone(),
                };
                for rule in rest {
                    let verdict = |kind| Rule { verdict: Verdict::Nat(nat(kind)), ..rule.clone() };
                    found.destinations.push(verdict(NatKind::Destination));
                    found.sources.push(verdict(NatKind::Source));
                }
                break;
            }
            rules.translation(at, ways, &mut found);
        }
    }
    found
}

fn screens<'m>(bases: &[At<'m>], kind: &str, rules: &mut Rules<'m, '_>, count: &mut usize) -> Vec<Rule> {
    let mut list = Vec::new();
    for base in bases {
        for at in rules_of(*base, kind) {
            if is_over(count, at, &mut list, rules.reading) {
                break;
            }
            list.extend(rules.screen(at));
        }
    }
    list
}

/// Packets of sessions that were let through go on without being asked again.
fn established(place: &zonewright_source::TextPlace) -> Rule {
    let mut rule = Rule::new(place.clone());
    rule.conditions.push(Condition::CtState(CtStates::ESTABLISHED.union(CtStates::RELATED)));
    rule.verdict = Verdict::Accept;
    rule
}

/// The default rules log nothing unless that is switched on.
fn default_log(at: At<'_>) -> Option<Log> {
    let (start, end) = (at.is_yes("log-start"), at.is_yes("log-end"));
    let options = [("log-start", start), ("log-end", end)].into_iter().filter(|(_, on)| *on);
    let options: Vec<String> = options.map(|(name, _)| name.to_owned()).collect();
    (start || end).then_some(Log { prefix: None, options })
}

/// Adds a chain that is jumped to.
pub(super) fn add(ruleset: &mut Ruleset, name: String, table: &str, rules: Vec<Rule>) -> ChainId {
    let place = rules.first().map_or_else(
        || zonewright_source::TextPlace { file: ruleset.file.clone(), start: 0, end: 0, line: 1, column: 1 },
        |rule| rule.place.clone(),
    );
    ruleset.chains.push(Chain {
        name,
        table: table.to_owned(),
        family: Family::Inet,
        base: None,
        rules,
        place,
        comment: None,
    });
    ChainId(ruleset.chains.len() - 1)
}
