//! What was asked and not answered yet, for protocols whose answers do not repeat the question.

/// Questions that are remembered: more are hardly ever outstanding, and the oldest gives way.
const ASKED_MAX: usize = 8;

/// Questions by what their answers are known by (a transaction's number), each with what the answer needs.
#[derive(Debug)]
pub(crate) struct Asked<K, V> {
    places: [Option<(K, V)>; ASKED_MAX],
    /// Where the next goes: the oldest is there.
    next: usize,
}

impl<K: Copy, V: Copy> Default for Asked<K, V> {
    fn default() -> Self {
        Self { places: [None; ASKED_MAX], next: 0 }
    }
}

impl<K: Copy + PartialEq, V: Copy> Asked<K, V> {
    /// A question was asked.
    pub(crate) fn put(&mut self, key: K, value: V) {
        if let Some(place) = self.places.get_mut(self.next) {
            *place = Some((key, value));
        }
        self.next = (self.next + 1) % ASKED_MAX;
    }

    /// The oldest question of that key, which stays.
    pub(crate) fn oldest(&self, key: K) -> Option<V> {
        let (newer, older) = self.places.split_at_checked(self.next)?;
        older.iter().chain(newer).flatten().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// Nothing is waited for any more.
    pub(crate) const fn clear(&mut self) {
        self.places = [None; ASKED_MAX];
    }

    /// The oldest question of that key was answered.
    pub(crate) fn take(&mut self, key: K) -> Option<V> {
        let (newer, older) = self.places.split_at_mut_checked(self.next)?;
        let mut places = older.iter_mut().chain(newer);
        let place = places.find(|place| place.is_some_and(|(known, _)| known == key))?;
        place.take().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_question_is_answered_first_and_gives_way_first() {
        let mut asked = Asked::default();
        for value in 0..ASKED_MAX + 2 {
            asked.put(0, value);
        }
        let answers: Vec<_> = std::iter::from_fn(|| asked.take(0)).collect();
        assert_eq!(answers, (2..ASKED_MAX + 2).collect::<Vec<_>>());
        asked.put(1, 7);
        assert_eq!((asked.oldest(1), asked.oldest(2)), (Some(7), None));
        assert_eq!((asked.take(2), asked.take(1), asked.take(1)), (None, Some(7), None));
        asked.put(1, 7);
        asked.clear();
        assert_eq!(asked.take(1), None);
    }
}
