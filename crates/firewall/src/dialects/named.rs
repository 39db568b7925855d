//! Things by name that keep the order of their declaration.

use std::collections::BTreeMap;

/// Something with a name.
pub(crate) trait Named {
    /// Its name.
    fn name(&self) -> &str;
}

/// Named things in the order of their declaration, found by name without a search.
#[derive(Debug, Clone)]
pub(crate) struct NamedList<T> {
    items: Vec<T>,
    // INVARIANT: each name of an item leads to an index at which an item of that name stands.
    index: BTreeMap<String, usize>,
}

impl<T> Default for NamedList<T> {
    fn default() -> Self {
        Self { items: Vec::new(), index: BTreeMap::new() }
    }
}

impl<T: Named> NamedList<T> {
    /// The item of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.items.get(*self.index.get(name)?)
    }

    /// The item of this name, to be changed; its name must stay.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.items.get_mut(*self.index.get(name)?)
    }

    /// The item of this name, made now if it is not there.
    pub(crate) fn get_or_add(&mut self, name: &str, make: impl FnOnce() -> T) -> &mut T {
        let at = self.index.get(name).copied().unwrap_or_else(|| {
            self.items.push(make());
            self.index.insert(name.to_owned(), self.items.len() - 1);
            self.items.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "the index was found or pushed just above")]
        &mut self.items[at]
    }

    /// Takes out all items of which `keep` does not hold. How many.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&T) -> bool) -> usize {
        let before = self.items.len();
        self.items.retain(keep);
        self.rebuild();
        before - self.items.len()
    }

    /// Gives the item of this name another by `change`. Whether it is there.
    pub(crate) fn rename(&mut self, name: &str, change: impl FnOnce(&mut T)) -> bool {
        let found = self.get_mut(name).map(change).is_some();
        self.rebuild();
        found
    }

    /// All items in order.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    /// All items in order, to be changed; their names must stay.
    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.items.iter_mut()
    }

    /// How many items there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    /// The items.
    pub(crate) fn into_items(self) -> Vec<T> {
        self.items
    }

    fn rebuild(&mut self) {
        self.index = self.items.iter().enumerate().map(|(at, item)| (item.name().to_owned(), at)).collect();
    }
}
