//! Who is who in both observations: by addresses within the same context, else by what a device says of itself.

use super::MatchedBy;
use super::read::Asset;
use std::collections::{BTreeMap, BTreeSet};

/// What an asset may be known by: a context, where it counts only there, and a value.
type Mark = (Option<String>, String);

/// Assets that both show.
#[derive(Debug)]
pub(super) struct Pairs {
    /// By the place in the second, the place in the first.
    before: BTreeMap<usize, (usize, MatchedBy)>,
    /// By the place in the first, the place in the second.
    after: BTreeMap<usize, usize>,
}

impl Pairs {
    /// Pairs what is surest first; each asset is in one pair at most.
    pub(super) fn of(before: &[Asset], after: &[Asset]) -> Self {
        let mut pairs = Self { before: BTreeMap::new(), after: BTreeMap::new() };
        let within = |asset: &Asset, values: &BTreeSet<String>| -> Vec<_> {
            values.iter().map(|value| (asset.context.clone(), value.clone())).collect()
        };
        let anywhere = |values: &BTreeSet<String>| -> Vec<_> {
            values.iter().map(|value| (None, value.clone())).collect()
        };
        pairs.join(before, after, MatchedBy::Mac, &|asset| within(asset, &asset.macs));
        pairs.join(before, after, MatchedBy::Ip, &|asset| within(asset, &asset.ips));
        pairs.join(before, after, MatchedBy::Serial, &|asset| anywhere(&asset.serial));
        pairs.join(before, after, MatchedBy::Name, &|asset| within(asset, &asset.names));
        pairs
    }

    /// The asset of the first that one of the second is.
    pub(super) fn before(&self, after: usize) -> Option<(usize, MatchedBy)> {
        self.before.get(&after).copied()
    }

    /// The asset of the second that one of the first is.
    pub(super) fn after(&self, before: usize) -> Option<usize> {
        self.after.get(&before).copied()
    }

    /// Pairs those not paired yet that share a mark which no other of their side has.
    fn join(
        &mut self,
        before: &[Asset],
        after: &[Asset],
        by: MatchedBy,
        marks: &dyn Fn(&Asset) -> Vec<Mark>,
    ) {
        let only = |assets: &[Asset]| {
            let mut owners: BTreeMap<_, Option<usize>> = BTreeMap::new();
            for (at, asset) in assets.iter().enumerate() {
                for mark in marks(asset) {
                    owners.entry(mark).and_modify(|owner| *owner = None).or_insert(Some(at));
                }
            }
            owners
        };
        let (was, now) = (only(before), only(after));
        for (mark, after) in now {
            let (Some(after), Some(Some(before))) = (after, was.get(&mark)) else { continue };
            if !self.before.contains_key(&after) && !self.after.contains_key(before) {
                self.before.insert(after, (*before, by));
                self.after.insert(*before, after);
            }
        }
    }
}
