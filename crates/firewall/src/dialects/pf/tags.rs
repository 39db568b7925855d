//! Tags that rules give to packets and ask for, by number.

use super::item::TAG;
use std::collections::BTreeMap;

/// The tags of a configuration.
#[derive(Debug, Default)]
pub(super) struct Tags {
    numbers: BTreeMap<String, u32>,
}

impl Tags {
    /// The number of a tag, from 1; `None` where there are more than a mark can tell apart.
    pub(super) fn number(&mut self, name: &str) -> Option<u32> {
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        let number = u32::try_from(self.numbers.len() + 1).ok().filter(|number| *number <= TAG)?;
        self.numbers.insert(name.to_owned(), number);
        Some(number)
    }
}
