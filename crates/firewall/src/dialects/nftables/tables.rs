//! The state that the commands of a file build up, applied in order as nft does.

use super::ast::{ChainDecl, Element, Expr, RuleDecl, SetDecl, Spot, Table};
use crate::dialects::NamedList;
use crate::ruleset::Family;

/// All tables, in the order of their first declaration.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) tables: Vec<Table>,
}

/// Names a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableName {
    pub(super) family: Family,
    pub(super) name: String,
}

impl Tables {
    /// The table, declared now if it was not.
    pub(super) fn declare(&mut self, name: &TableName) -> &mut Table {
        let at = self.position(name).unwrap_or_else(|| {
            self.tables.push(Table {
                family: name.family,
                name: name.name.clone(),
                dormant: false,
                chains: NamedList::default(),
                sets: NamedList::default(),
            });
            self.tables.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the index was found or pushed just above")]
        &mut self.tables[at]
    }

    /// The table, if it was declared.
    pub(super) fn find(&mut self, name: &TableName) -> Option<&mut Table> {
        self.tables.iter_mut().find(|table| table.family == name.family && table.name == name.name)
    }

    /// Forgets the table. Whether there was one.
    pub(super) fn delete(&mut self, name: &TableName) -> bool {
        self.position(name).map(|at| self.tables.remove(at)).is_some()
    }

    /// Forgets everything, or all tables of one family.
    pub(super) fn flush(&mut self, family: Option<Family>) {
        self.tables.retain(|table| family.is_some_and(|family| table.family != family));
    }

    fn position(&self, name: &TableName) -> Option<usize> {
        self.tables.iter().position(|table| table.family == name.family && table.name == name.name)
    }
}

impl Table {
    /// The chain, declared now if it was not.
    pub(super) fn declare_chain(&mut self, name: &str, spot: &Spot) -> &mut ChainDecl {
        self.chains.get_or_add(name, || ChainDecl {
            name: name.to_owned(),
            spot: spot.clone(),
            base: None,
            policy: None,
            comment: None,
            rules: Vec::new(),
        })
    }

    /// The chain, if it was declared.
    pub(super) fn chain(&mut self, name: &str) -> Option<&mut ChainDecl> {
        self.chains.get_mut(name)
    }

    /// Adds a set, or adds its elements to the one of that name.
    pub(super) fn declare_set(&mut self, set: SetDecl) {
        match self.set(&set.name) {
            Some(known) => {
                known.dynamic |= set.dynamic;
                known.elements.extend(set.elements);
            }
            None => {
                let name = set.name.clone();
                self.sets.get_or_add(&name, || set);
            }
        }
    }

    /// The set, if it was declared.
    pub(super) fn set(&mut self, name: &str) -> Option<&mut SetDecl> {
        self.sets.get_mut(name)
    }
}

impl ChainDecl {
    /// Puts a rule in at an index; at the end where the index lies behind it.
    pub(super) fn insert(&mut self, at: usize, rule: RuleDecl) {
        self.rules.insert(at.min(self.rules.len()), rule);
    }

    /// The index of the rule with this handle.
    pub(super) fn handle(&self, handle: u64) -> Option<usize> {
        self.rules.iter().position(|rule| rule.handle == Some(handle))
    }
}

impl SetDecl {
    /// Takes out every element that is written as one of `gone`. Whether all were there.
    pub(super) fn remove(&mut self, gone: &[Element]) -> bool {
        let wanted: Vec<&Expr> = gone.iter().map(|element| &element.key).collect();
        let all = wanted.iter().all(|key| self.elements.iter().any(|element| element.key == **key));
        self.elements.retain(|element| !wanted.contains(&&element.key));
        all
    }
}
