//! Finds conversations by addresses and ports: a hash table whose places can be fetched before they are needed.
//!
//! Open addressing over one array, so that a look-up touches one line of the cache, known beforehand from the hash.
//! Exact: a place holds the whole key. The hash is seeded anew for each table, so that nobody can make keys collide.

/// Places that a table begins with; a power of two.
const PLACES_MIN: usize = 1 << 10;

/// What tells a conversation over IPv4 apart: two addresses; two ports, where they count, and the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Key {
    pub(crate) addresses: u64,
    pub(crate) rest: u64,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    key: Key,
    /// The conversation; [`EMPTY`] if there is none.
    index: u32,
}

/// No conversation.
pub(crate) const EMPTY: u32 = u32::MAX;

/// The table.
#[derive(Debug)]
pub(crate) struct Index {
    // INVARIANT: a power of two, more than half as many again as keys in it, so that every search meets an empty place.
    places: Vec<Place>,
    count: usize,
    hasher: ahash::RandomState,
}

impl Default for Index {
    fn default() -> Self {
        Self { places: empty(PLACES_MIN), count: 0, hasher: ahash::RandomState::new() }
    }
}

fn empty(places: usize) -> Vec<Place> {
    vec![Place { key: Key { addresses: 0, rest: 0 }, index: EMPTY }; places]
}

impl Index {
    /// Where the search for a key begins. Holds until the table grows.
    #[inline]
    pub(crate) fn hash(&self, key: Key) -> u64 {
        self.hasher.hash_one((key.addresses, key.rest))
    }

    /// Has the place of a hash brought near.
    #[inline]
    pub(crate) fn fetch(&self, hash: u64) {
        prefetch_index::prefetch_index(&self.places, hash as usize & (self.places.len() - 1));
    }

    /// The conversation of a key, or [`EMPTY`].
    #[inline]
    pub(crate) fn get(&self, hash: u64, key: Key) -> u32 {
        self.search(hash, key).1
    }

    /// Puts a conversation at a key, in place of another if there is one.
    pub(crate) fn put(&mut self, hash: u64, key: Key, index: u32) {
        let (at, known) = self.search(hash, key);
        if let Some(place) = self.places.get_mut(at) {
            *place = Place { key, index };
        }
        if known == EMPTY {
            self.count += 1;
            if self.count * 8 > self.places.len() * 5 {
                self.grow();
            }
        }
    }

    #[inline]
    fn search(&self, hash: u64, key: Key) -> (usize, u32) {
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        while let Some(place) = self.places.get(at) {
            if place.key == key || place.index == EMPTY {
                // The key of an empty place is all zero, as a key may be; then it is empty still.
                return (at, place.index);
            }
            at = (at + 1) & mask;
        }
        (0, EMPTY)
    }

    fn grow(&mut self) {
        let larger = empty(self.places.len() * 2);
        for place in std::mem::replace(&mut self.places, larger) {
            if place.index != EMPTY {
                let (at, _) = self.search(self.hash(place.key), place.key);
                if let Some(slot) = self.places.get_mut(at) {
                    *slot = place;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_and_nothing_else() {
        let mut index = Index::default();
        let key = |n: u64| Key { addresses: n / 3, rest: n % 3 * 7 };
        for n in 0..10_000 {
            assert_eq!(index.get(index.hash(key(n)), key(n)), EMPTY);
            index.put(index.hash(key(n)), key(n), n as u32);
        }
        index.put(index.hash(key(5)), key(5), 77);
        for n in 0..10_000 {
            let expected = if n == 5 { 77 } else { n as u32 };
            assert_eq!(index.get(index.hash(key(n)), key(n)), expected);
        }
        assert_eq!(index.get(index.hash(key(10_001)), key(10_001)), EMPTY);
        assert_eq!(index.count, 10_000);
    }
}
