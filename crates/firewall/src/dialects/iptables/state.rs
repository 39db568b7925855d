//! Tables and chains as the commands of a file leave them.

use crate::dialects::{Named, NamedList};
use crate::ruleset::{Base, ChainKind, Family, Hook, Policy, Rule};
use std::ops::Range;
use zonewright_source::TextPlace;

/// A table of one family.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) family: Family,
    pub(super) name: String,
    pub(super) chains: NamedList<ChainDecl>,
}

/// A chain.
#[derive(Debug)]
pub(super) struct ChainDecl {
    pub(super) name: String,
    pub(super) place: TextPlace,
    /// The policy, for a built-in chain that states one.
    pub(super) policy: Option<Policy>,
    pub(super) rules: Vec<RuleDecl>,
}

/// A rule whose jumps are still names.
#[derive(Debug, Clone)]
pub(super) struct RuleDecl {
    pub(super) rule: Rule,
    /// The chain it goes to, and whether it comes back.
    pub(super) target: Option<Target>,
    pub(super) span: Range<usize>,
}

/// Another chain as a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) chain: String,
    pub(super) goto: bool,
}

impl RuleDecl {
    /// Whether two rules say the same, wherever they stand.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let (a, b) = (&self.rule, &other.rule);
        self.target == other.target
            && a.conditions == b.conditions
            && a.effects == b.effects
            && a.verdict == b.verdict
    }
}

/// All tables, in the order in which they were first named.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) tables: Vec<Table>,
}

impl Tables {
    /// The table, now if it was not there.
    pub(super) fn table(&mut self, family: Family, name: &str) -> &mut Table {
        let known = self.tables.iter().position(|table| table.family == family && table.name == name);
        let at = known.unwrap_or_else(|| {
            self.tables.push(Table { family, name: name.to_owned(), chains: NamedList::default() });
            self.tables.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the index was found or pushed just above")]
        &mut self.tables[at]
    }
}

impl Table {
    /// The chain, if it is there.
    pub(super) fn find(&mut self, name: &str) -> Option<&mut ChainDecl> {
        self.chains.get_mut(name)
    }

    /// The chain, now if it was not there.
    pub(super) fn chain(&mut self, name: &str, place: &TextPlace) -> &mut ChainDecl {
        self.chains.get_or_add(name, || ChainDecl {
            name: name.to_owned(),
            place: place.clone(),
            policy: None,
            rules: Vec::new(),
        })
    }
}

impl Named for ChainDecl {
    fn name(&self) -> &str {
        &self.name
    }
}

/// Where a built-in chain of a table stands (netfilter's ip_tables: priorities of the tables).
pub(super) fn base(table: &str, chain: &str, policy: Policy) -> Option<Base> {
    let hook = match chain {
        "PREROUTING" => Hook::Prerouting,
        "INPUT" => Hook::Input,
        "FORWARD" => Hook::Forward,
        "OUTPUT" => Hook::Output,
        "POSTROUTING" => Hook::Postrouting,
        _ => return None,
    };
    let (kind, priority) = match (table, hook) {
        ("raw", Hook::Prerouting | Hook::Output) => (ChainKind::Filter, -300),
        ("mangle", Hook::Output) => (ChainKind::Route, -150),
        ("mangle", _) => (ChainKind::Filter, -150),
        ("nat", Hook::Prerouting | Hook::Output) => (ChainKind::Nat, -100),
        ("nat", Hook::Input | Hook::Postrouting) => (ChainKind::Nat, 100),
        ("filter", Hook::Input | Hook::Forward | Hook::Output) => (ChainKind::Filter, 0),
        ("security", Hook::Input | Hook::Forward | Hook::Output) => (ChainKind::Filter, 50),
        _ => return None,
    };
    Some(Base { hook, kind, priority, policy, devices: Vec::new(), dormant: false })
}
