//! Texts that a conversation has said already, so that none is said twice and no more than a few are said at all.

/// Up to `N` texts, remembered by a digest each.
#[derive(Debug)]
pub(crate) struct Once<const N: usize> {
    digests: [u32; N],
    count: usize,
}

impl<const N: usize> Default for Once<N> {
    fn default() -> Self {
        Self { digests: [0; N], count: 0 }
    }
}

impl<const N: usize> Once<N> {
    /// Is this text new, and is there room for it? It is remembered.
    pub(crate) fn is_new(&mut self, text: &[u8]) -> bool {
        // FNV-1a, 32 bits: two texts that share a digest cost one text that is not said, no more.
        let digest = text
            .iter()
            .fold(0x811c_9dc5_u32, |sum, octet| (sum ^ u32::from(*octet)).wrapping_mul(0x0100_0193));
        if self.digests.iter().take(self.count).any(|known| *known == digest) {
            return false;
        }
        let Some(place) = self.digests.get_mut(self.count) else { return false };
        *place = digest;
        self.count += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_new_once_and_only_so_many_are() {
        let mut once = Once::<2>::default();
        assert!(once.is_new(b"a") && !once.is_new(b"a"));
        assert!(once.is_new(b"b") && !once.is_new(b"c"));
    }
}
