//! Tables as written become the vendor-independent ruleset.
//!
//! Owns: the meaning of nftables' expressions and statements. What the kernel checks implicitly (a `tcp dport` also
//! asks for TCP) is written out; what a configuration does not decide becomes a condition that says so.

mod draft;
mod fields;
mod matches;
mod nat;
mod statements;
mod values;

use super::ast::{ChainDecl, Expr, Op, Selector, SetDecl, StmtKind, Table};
use super::tables::Tables;
use crate::dialects::Reading;
use crate::ruleset::{
    Base, Chain, ChainId, Condition, Family, IntervalSet, NamedSet, Policy, Reason, Ruleset, break_loops,
};
use fields::Part;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use values::Undecided;
use zonewright_source::{Diagnostic, nearest};

/// Deepest chain of jumps that the kernel follows (NFT_JUMP_STACK_SIZE); it refuses a configuration with a deeper one.
pub(super) const JUMP_DEPTH_MAX: usize = 16;

/// The table that is being lowered.
struct TableContext {
    index: usize,
    family: Family,
    chains: BTreeMap<String, ChainId>,
}

struct Lowering<'a> {
    tables: &'a Tables,
    reading: &'a mut Reading,
    /// Sets whose content rules or time change, by table and name.
    dynamic: BTreeSet<(usize, String)>,
    /// Content of named sets that was looked up before.
    known_sets: BTreeMap<(usize, String, Part), Result<IntervalSet<u128>, Undecided>>,
    /// Conditions of named sets that were made before.
    known_conditions: BTreeMap<(usize, String, Part, Op), Condition>,
    interfaces: BTreeSet<String>,
    /// The statement at hand, for diagnostics.
    span: Range<usize>,
}

/// Lowers all tables into `ruleset`.
pub(super) fn lower(tables: &Tables, reading: &mut Reading, ruleset: &mut Ruleset) {
    let mut lowering = Lowering {
        dynamic: dynamic_sets(tables),
        tables,
        reading,
        known_sets: BTreeMap::new(),
        known_conditions: BTreeMap::new(),
        interfaces: BTreeSet::new(),
        span: 0..0,
    };
    let mut next = 0;
    for (index, table) in tables.tables.iter().enumerate() {
        let chains =
            table.chains.iter().enumerate().map(|(at, chain)| (chain.name.clone(), ChainId(next + at)));
        let context = TableContext { index, family: table.family, chains: chains.collect() };
        next += table.chains.len();
        for set in table.sets.iter() {
            ruleset.sets.push(lowering.named(&context, table, set));
        }
        for chain in table.chains.iter() {
            let chain = lowering.chain(&context, table, chain);
            ruleset.chains.push(chain);
        }
    }
    ruleset.interfaces = std::mem::take(&mut lowering.interfaces).into_iter().collect();
    for (place, diagnostic) in break_loops(ruleset, JUMP_DEPTH_MAX) {
        reading.report(&(place.start..place.end), diagnostic);
    }
}

/// The sets that change at run time: by their flags, or because a rule changes them.
fn dynamic_sets(tables: &Tables) -> BTreeSet<(usize, String)> {
    let mut dynamic = BTreeSet::new();
    for (index, table) in tables.tables.iter().enumerate() {
        dynamic.extend(table.sets.iter().filter(|set| set.dynamic).map(|set| (index, set.name.clone())));
        let stmts = table.chains.iter().flat_map(|chain| &chain.rules).flat_map(|rule| &rule.stmts);
        for stmt in stmts {
            if let StmtKind::SetUpdate { set, .. } = &stmt.kind {
                dynamic.insert((index, set.clone()));
            }
        }
    }
    dynamic
}

impl<'a> Lowering<'a> {
    fn named(&self, context: &TableContext, table: &Table, set: &SetDecl) -> NamedSet {
        NamedSet {
            name: set.name.clone(),
            table: table.name.clone(),
            family: table.family,
            type_name: set.type_name.clone(),
            element_count: set.elements.len(),
            dynamic: self.dynamic.contains(&(context.index, set.name.clone())),
            place: self.reading.place(&set.spot.span),
        }
    }

    fn chain(&mut self, context: &TableContext, table: &Table, decl: &ChainDecl) -> Chain {
        let base = decl.base.as_ref().map(|base| Base {
            hook: base.hook,
            kind: base.kind,
            priority: base.priority,
            policy: decl.policy.unwrap_or(Policy::Accept),
            devices: base.devices.clone(),
            dormant: table.dormant,
        });
        if let Some(base) = &base {
            self.interfaces.extend(base.devices.iter().cloned());
        }
        let mut rules = Vec::with_capacity(decl.rules.len());
        for rule in &decl.rules {
            self.reading.at_entry(rule.spot.entry);
            let place = self.reading.place(&rule.spot.span);
            rules.extend(self.rule(context, rule).into_iter().map(|draft| draft.into_rule(place.clone())));
        }
        Chain {
            name: decl.name.clone(),
            table: table.name.clone(),
            family: table.family,
            base,
            rules,
            place: self.reading.place(&decl.spot.span),
            comment: decl.comment.clone(),
        }
    }

    /// The content of a named set, if it does not change at run time.
    fn named_set(&mut self, context: &TableContext, name: &str) -> Result<&'a SetDecl, Undecided> {
        let table = self.tables.tables.get(context.index);
        let found = table.and_then(|table| table.sets.get(name));
        let Some(set) = found else {
            let known = table.into_iter().flat_map(|table| table.sets.iter().map(|set| set.name.as_str()));
            let help = match nearest(name, known) {
                Some(near) => format!("did you mean `@{near}`?"),
                None => "read the output of `nft list ruleset`, which holds every set".to_owned(),
            };
            let unknown = Diagnostic::warning(
                "firewall/unknown-name",
                format!("set `{name}` is not declared in this file"),
            )
            .because("whether the rule matches is not decided, so what it decides is possible at most")
            .help(help);
            let span = self.span.clone();
            self.reading.report(&span, unknown);
            return Err(Undecided(Reason::DynamicSet));
        };
        if self.dynamic.contains(&(context.index, name.to_owned())) {
            return Err(Undecided(Reason::DynamicSet));
        }
        Ok(set)
    }
}

/// The selectors of a key: one, or those of a concatenation.
fn key_parts(key: &Expr) -> Option<Vec<&Selector>> {
    match key {
        Expr::Selector(selector) => Some(vec![selector]),
        Expr::Concat(parts) => parts
            .iter()
            .map(|part| match part {
                Expr::Selector(selector) => Some(selector),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}
