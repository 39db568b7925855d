//! What of two configurations stands for the same, so that they can be compared: the ways that both filter, and the
//! interfaces or zones that they name.
//!
//! Configurations of one device name the same interfaces and are compared as they stand. A list that a generator wrote for
//! a host, one for a router and one for a pair of zones say the same about packets and differ in where they stand: they are
//! compared as filters, and what was taken for the same is told.

use super::{Path, Phase, Question, Side};
use crate::ruleset::{
    AddressSet, Chain, ChainId, ChainKind, Condition, CtStates, Family, Hook, IpVersion, NamePattern,
    NameSet, Policy, Rule, Ruleset, Verdict,
};
use std::collections::BTreeSet;

/// Most pairs of interfaces or zones that are compared one by one.
pub const PAIRS_MAX: usize = 1_000;

/// What is compared, and what was taken for the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Alignment {
    /// The parts, in order.
    pub parts: Vec<Aligned>,
    /// What a reader must know of how the two were set side by side.
    pub notes: Vec<String>,
}

/// A question to each of two configurations that asks the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aligned {
    /// What the first is asked.
    pub first: Question,
    /// What the second is asked.
    pub second: Question,
    /// Whether interfaces mean the same in both; if not, only what stands in the packets is compared.
    pub by_interface: bool,
}

/// Why two configurations cannot be set side by side.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AlignError {
    /// They name different interfaces.
    #[error(
        "the two name different interfaces or zones ({} and {}), and which stands for which is not told",
        listed(first),
        listed(second)
    )]
    Names {
        /// Names of the first.
        first: Vec<String>,
        /// Names of the second.
        second: Vec<String>,
    },
    /// They filter different packets.
    #[error("the first filters packets {first}, the second {second}: nothing of the two can be compared")]
    Paths {
        /// Which packets the first filters.
        first: String,
        /// Which packets the second filters.
        second: String,
    },
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(6).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > 6 { format!("{shown}, …") } else { shown }
}

impl Path {
    /// Which packets take it, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Through => "that pass through",
            Self::Routed => "that are routed",
            Self::Bridged => "that a bridge passes on",
            Self::ToDevice => "to the device itself",
            Self::FromDevice => "from the device itself",
        }
    }
}

/// Sets two configurations side by side. `asked` limits what is compared: its sides hold for both, its path is compared
/// alone where `path_given`.
pub fn align(
    first: &Ruleset,
    second: &Ruleset,
    asked: &Question,
    path_given: bool,
) -> Result<Alignment, AlignError> {
    let mut alignment = Alignment::default();
    let paths =
        if path_given { vec![(asked.path, asked.path)] } else { paths(first, second, &mut alignment.notes)? };
    for (path_of_first, path_of_second) in paths {
        let asked = &spoken_of(first, path_of_first, second, path_of_second, asked, &mut alignment.notes);
        let sides = if asked.from.interfaces.is_some() || asked.to.interfaces.is_some() {
            vec![(Pair::default(), Pair::default(), true)]
        } else {
            pairs(first, path_of_first, second, path_of_second, &mut alignment.notes)?
        };
        let stateless = keeps_no_state(first, path_of_first) && keeps_no_state(second, path_of_second);
        for (of_first, of_second, by_interface) in sides {
            let phases: &[Phase] = if stateless { &[Phase::New, Phase::Reply] } else { &[Phase::New] };
            for phase in phases {
                let question = |path, pair: &Pair| Question { path, phase: *phase, ..pair.question(asked) };
                alignment.parts.push(Aligned {
                    first: question(path_of_first, &of_first),
                    second: question(path_of_second, &of_second),
                    by_interface: by_interface && path_of_first == path_of_second,
                });
            }
        }
    }
    Ok(alignment)
}

/// The question, of such packets only as both speak of: of two dialects, one that filters IPv4 alone says nothing of IPv6.
fn spoken_of(
    first: &Ruleset,
    path_of_first: Path,
    second: &Ruleset,
    path_of_second: Path,
    asked: &Question,
    notes: &mut Vec<String>,
) -> Question {
    let (a, b) = (versions(first, path_of_first), versions(second, path_of_second));
    let common: Vec<&IpVersion> = a.iter().filter(|version| b.contains(version)).collect();
    let mut asked = asked.clone();
    if let [only] = common.as_slice()
        && first.dialect != second.dialect
    {
        let word = if **only == IpVersion::V4 { "IPv4" } else { "IPv6" };
        notes.push(format!("one of the two filters {word} alone, so nothing else was compared"));
        let of_version = AddressSet::all_of(**only);
        let known = asked.from.addresses.get_or_insert_with(AddressSet::all);
        *known = known.intersection(&of_version);
    }
    asked
}

/// Whether packets of this version come to the chain, routed or over a bridge.
fn sees(chain: &Chain, version: IpVersion) -> bool {
    chain.family == Family::Bridge || chain.family.routes(version)
}

/// Where packets come in and go out, where that is told.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
struct Pair {
    from: Option<String>,
    to: Option<String>,
}

impl Pair {
    fn question(&self, asked: &Question) -> Question {
        let side = |side: &Side, name: &Option<String>| Side {
            interfaces: name.clone().map(|name| vec![name]).or_else(|| side.interfaces.clone()),
            addresses: side.addresses.clone(),
        };
        Question { from: side(&asked.from, &self.from), to: side(&asked.to, &self.to), ..asked.clone() }
    }

    fn words(&self) -> String {
        let word = |name: &Option<String>| name.clone().unwrap_or_else(|| "anywhere".into());
        format!("from {} to {}", word(&self.from), word(&self.to))
    }
}

/// The ways that are compared.
fn paths(
    first: &Ruleset,
    second: &Ruleset,
    notes: &mut Vec<String>,
) -> Result<Vec<(Path, Path)>, AlignError> {
    let (a, b) = (filtered(first), filtered(second));
    let same = |paths: Vec<Path>| paths.into_iter().map(|path| (path, path)).collect();
    if first.dialect == second.dialect || a.is_empty() || b.is_empty() {
        let all: BTreeSet<Path> = a.union(&b).copied().chain([Path::Through]).collect();
        return Ok(same(all.into_iter().collect()));
    }
    let both: Vec<Path> = a.intersection(&b).copied().collect();
    for (one, paths) in [("first", a.difference(&b)), ("second", b.difference(&a))] {
        notes.extend(paths.filter(|_| !both.is_empty()).map(|path| {
            format!("packets {} are filtered by the {one} alone, and were not compared", path.words())
        }));
    }
    if !both.is_empty() {
        return Ok(same(both));
    }
    let words =
        |paths: &BTreeSet<Path>| paths.iter().map(|path| path.words()).collect::<Vec<_>>().join(" and ");
    // A host filters what comes to it and what it sends; a list of another device is compared with the first of these.
    let main = |paths: &BTreeSet<Path>| {
        let comes = paths.contains(&Path::ToDevice).then_some(Path::ToDevice);
        paths.first().copied().filter(|_| paths.len() == 1).or(comes)
    };
    let (Some(one), Some(other)) = (main(&a), main(&b)) else {
        return Err(AlignError::Paths { first: words(&a), second: words(&b) });
    };
    notes.push(format!(
        "the first filters packets {}, the second packets {}; they were compared as filters",
        one.words(),
        other.words()
    ));
    for path in a.iter().filter(|path| **path != one).chain(b.iter().filter(|path| **path != other)) {
        notes.push(format!(
            "packets {} are filtered by one of the two alone, and were not compared",
            path.words()
        ));
    }
    Ok(vec![(one, other)])
}

/// The ways on which something may be stopped.
#[must_use]
pub fn filtered(ruleset: &Ruleset) -> BTreeSet<Path> {
    let mut found = BTreeSet::new();
    for chain in &ruleset.chains {
        let Some(base) = chain.base.as_ref().filter(|base| !base.dormant && base.kind != ChainKind::Nat)
        else {
            continue;
        };
        let idle = base.policy == Policy::Accept && chain.rules.iter().all(|rule| passes(&rule.verdict));
        if idle {
            continue;
        }
        found.extend(match base.hook {
            Hook::Input => Some(Path::ToDevice),
            Hook::Output => Some(Path::FromDevice),
            _ => Some(Path::Through),
        });
    }
    found
}

const fn passes(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Continue | Verdict::Accept | Verdict::Return | Verdict::Nat(_))
}

/// The versions of IP that something filters on this way.
pub(super) fn versions(ruleset: &Ruleset, path: Path) -> Vec<IpVersion> {
    let speaks = |version: &IpVersion| filters(ruleset, path).any(|(_, chain)| sees(chain, *version));
    [IpVersion::V4, IpVersion::V6].into_iter().filter(speaks).collect()
}

/// The chains at which packets on this way are filtered.
fn filters(ruleset: &Ruleset, path: Path) -> impl Iterator<Item = (ChainId, &Chain)> {
    let hooks: Vec<Hook> =
        path.hooks_before_routing().iter().chain(path.hooks_after_routing()).copied().collect();
    ruleset.chains.iter().enumerate().filter_map(move |(at, chain)| {
        let base = chain.base.as_ref()?;
        let filters = !base.dormant && base.kind != ChainKind::Nat && hooks.contains(&base.hook);
        filters.then_some((ChainId(at), chain))
    })
}

/// What is reached from the chains of a way, with what is known of interfaces there.
fn walk(ruleset: &Ruleset, path: Path, mut visit: impl FnMut(&Rule, &[Pair])) {
    let mut open: Vec<(ChainId, Pair)> =
        filters(ruleset, path).map(|(id, _)| (id, Pair::default())).collect();
    let mut seen: BTreeSet<(ChainId, Pair)> = open.iter().cloned().collect();
    while let Some((id, within)) = open.pop() {
        for rule in ruleset.chain(id).into_iter().flat_map(|chain| &chain.rules) {
            let pairs = narrowed(&within, rule);
            visit(rule, &pairs);
            if let Verdict::Jump(inner) | Verdict::Goto(inner) = rule.verdict {
                for pair in pairs {
                    if seen.len() < PAIRS_MAX * 10 && seen.insert((inner, pair.clone())) {
                        open.push((inner, pair));
                    }
                }
            }
        }
    }
}

/// The pairs that a rule speaks of.
fn narrowed(within: &Pair, rule: &Rule) -> Vec<Pair> {
    let names = |found: &mut dyn Iterator<Item = &NameSet>| -> Option<Vec<String>> {
        let set = found.next()?;
        let exact = set.patterns.iter().map(|pattern| match pattern {
            NamePattern::Exact(name) => Some(name.clone()),
            NamePattern::Prefix(_) => None,
        });
        if set.negated { None } else { exact.collect() }
    };
    let side = |known: &Option<String>, named: Option<Vec<String>>| -> Vec<Option<String>> {
        match named {
            Some(named) => named.into_iter().map(Some).collect(),
            None => vec![known.clone()],
        }
    };
    let incoming = names(&mut rule.conditions.iter().filter_map(|condition| match condition {
        Condition::InInterface(names) => Some(names),
        _ => None,
    }));
    let outgoing = names(&mut rule.conditions.iter().filter_map(|condition| match condition {
        Condition::OutInterface(names) => Some(names),
        _ => None,
    }));
    let (from, to) = (side(&within.from, incoming), side(&within.to, outgoing));
    let pairs = from.iter().flat_map(|from| to.iter().map(|to| Pair { from: from.clone(), to: to.clone() }));
    pairs.take(PAIRS_MAX).collect()
}

/// Whether nothing on the way asks for the state of a connection.
#[must_use]
pub fn keeps_no_state(ruleset: &Ruleset, path: Path) -> bool {
    let mut none = true;
    walk(ruleset, path, |rule, _| none &= !rule.conditions.iter().any(|one| states(one).is_some()));
    none
}

fn states(condition: &Condition) -> Option<CtStates> {
    match condition {
        Condition::CtState(states) => Some(*states),
        _ => None,
    }
}

/// The pairs of interfaces or zones between which something new is passed.
fn policies(ruleset: &Ruleset, path: Path) -> BTreeSet<Pair> {
    let mut found = BTreeSet::new();
    walk(ruleset, path, |rule, pairs| {
        let opens = rule.conditions.iter().filter_map(states).all(|states| states.contains(CtStates::NEW));
        if opens && !matches!(rule.verdict, Verdict::Jump(_) | Verdict::Goto(_) | Verdict::Continue) {
            found.extend(pairs.iter().cloned());
        }
    });
    found
}

fn names(pairs: &BTreeSet<Pair>) -> BTreeSet<&String> {
    pairs.iter().flat_map(|pair| pair.from.iter().chain(&pair.to)).collect()
}

fn pairs(
    first: &Ruleset,
    path_of_first: Path,
    second: &Ruleset,
    path_of_second: Path,
    notes: &mut Vec<String>,
) -> Result<Vec<(Pair, Pair, bool)>, AlignError> {
    let (a, b) = (policies(first, path_of_first), policies(second, path_of_second));
    let (of_a, of_b) = (names(&a), names(&b));
    let whole = (Pair::default(), Pair::default());
    if of_a.is_empty() && of_b.is_empty() || !of_a.is_disjoint(&of_b) {
        return Ok(vec![(whole.0, whole.1, true)]);
    }
    let specific = |pairs: &BTreeSet<Pair>| -> Vec<Pair> {
        pairs.iter().filter(|pair| **pair != Pair::default()).take(PAIRS_MAX).cloned().collect()
    };
    match (specific(&a).as_slice(), specific(&b).as_slice()) {
        (named, []) | ([], named) => {
            let (one, other) = if of_b.is_empty() { ("first", "second") } else { ("second", "first") };
            for pair in named.iter().take(8) {
                notes.push(format!(
                    "the {one} speaks of packets {}, the {other} names no interface: it was taken to stand there",
                    pair.words()
                ));
            }
            let side = |pair: &Pair| {
                if of_b.is_empty() {
                    (pair.clone(), Pair::default(), false)
                } else {
                    (Pair::default(), pair.clone(), false)
                }
            };
            Ok(named.iter().map(side).collect())
        }
        ([one], [other]) => {
            notes.push(format!(
                "packets {} of the first were compared with packets {} of the second",
                one.words(),
                other.words()
            ));
            Ok(vec![(one.clone(), other.clone(), false)])
        }
        _ => Err(AlignError::Names {
            first: of_a.into_iter().cloned().collect(),
            second: of_b.into_iter().cloned().collect(),
        }),
    }
}
