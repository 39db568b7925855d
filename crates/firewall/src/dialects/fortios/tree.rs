//! A configuration as sections of entries with settings.

use super::words::Word;
use std::collections::BTreeMap;
use std::ops::Range;

/// What is set: the words behind the key.
#[derive(Debug, Clone)]
pub(super) struct Setting<'a> {
    pub(super) values: Vec<Word<'a>>,
    /// The statement that said it last.
    pub(super) span: Range<usize>,
}

/// An entry (`edit`) of a section, or what is set in a section itself.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) name: String,
    /// Where it begins.
    pub(super) span: Range<usize>,
    pub(super) settings: BTreeMap<String, Setting<'a>>,
    pub(super) inner: BTreeMap<String, usize>,
    /// Whether something in it was not read.
    pub(super) has_unread: bool,
}

/// A section (`config`).
#[derive(Debug)]
pub(super) struct Section {
    pub(super) path: String,
    /// Where it begins.
    pub(super) span: Range<usize>,
    pub(super) own: usize,
    pub(super) by_name: BTreeMap<String, usize>,
    pub(super) order: Vec<usize>,
    /// Whether lines of it were not read that may have held entries, or changed their order.
    pub(super) is_damaged: bool,
}

/// A virtual domain, or what is set for all of the device.
#[derive(Debug)]
pub(super) struct Domain {
    /// Its name; empty for all of the device.
    pub(super) name: String,
    pub(super) sections: BTreeMap<String, usize>,
}

/// What the header line says (`#config-version=FGT60F-7.2.5-FW-build1517-…:opmode=0:vdom=0:user=admin`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Major, minor and patch of the version.
    pub(super) version: (u32, u32, u32),
}

/// A configuration.
#[derive(Debug)]
pub(super) struct Config<'a> {
    pub(super) sections: Vec<Section>,
    pub(super) entries: Vec<Entry<'a>>,
    // INVARIANT: never empty; the first is all of the device.
    pub(super) domains: Vec<Domain>,
    pub(super) header: Option<Header>,
}

impl<'a> Entry<'a> {
    /// What a key is set to.
    pub(super) fn setting(&self, key: &str) -> Option<&Setting<'a>> {
        self.settings.get(key)
    }

    /// The words a key is set to; none where it is not set.
    pub(super) fn words(&self, key: &str) -> &[Word<'a>] {
        self.settings.get(key).map(|setting| setting.values.as_slice()).unwrap_or_default()
    }

    /// The first word a key is set to.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.words(key).first().map(|word| word.text.as_ref())
    }

    /// Whether a key is set to this word.
    pub(super) fn is(&self, key: &str, value: &str) -> bool {
        self.value(key).is_some_and(|set| set.eq_ignore_ascii_case(value))
    }

    /// Where a key is set, or else where the entry begins.
    pub(super) fn span_of(&self, key: &str) -> Range<usize> {
        self.settings.get(key).map_or_else(|| self.span.clone(), |setting| setting.span.clone())
    }
}

impl<'a> Config<'a> {
    /// The section of this path in a domain.
    pub(super) fn section(&self, domain: &Domain, path: &str) -> Option<&Section> {
        self.sections.get(*domain.sections.get(path)?)
    }

    /// What is set in a section itself.
    pub(super) fn own(&self, domain: &Domain, path: &str) -> Option<&Entry<'a>> {
        self.entries.get(self.section(domain, path)?.own)
    }

    /// The entries of a section, in order; none where there is no such section.
    pub(super) fn entries(&self, domain: &Domain, path: &str) -> impl Iterator<Item = &Entry<'a>> {
        self.entries_of(self.section(domain, path))
    }

    /// The entries of a section within an entry.
    pub(super) fn inner(&self, entry: &Entry<'a>, path: &str) -> impl Iterator<Item = &Entry<'a>> {
        self.entries_of(entry.inner.get(path).and_then(|id| self.sections.get(*id)))
    }

    /// The entries of a section within a section.
    pub(super) fn within(
        &self,
        domain: &Domain,
        path: &str,
        inner: &str,
    ) -> impl Iterator<Item = &Entry<'a>> {
        let own = self.own(domain, path);
        self.entries_of(own.and_then(|own| own.inner.get(inner)).and_then(|id| self.sections.get(*id)))
    }

    /// What is set in a section within an entry itself.
    pub(super) fn inner_own(&self, entry: &Entry<'a>, path: &str) -> Option<&Entry<'a>> {
        self.entries.get(self.sections.get(*entry.inner.get(path)?)?.own)
    }

    fn entries_of(&self, section: Option<&Section>) -> impl Iterator<Item = &Entry<'a>> {
        section.into_iter().flat_map(|section| &section.order).filter_map(|id| self.entries.get(*id))
    }

    /// All of the device.
    pub(super) fn device(&self) -> Option<&Domain> {
        self.domains.first()
    }
}
