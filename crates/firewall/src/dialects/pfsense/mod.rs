//! pfSense: `config.xml`, the whole configuration (Diagnostics → Backup & Restore → Backup configuration, all areas; on the
//! device `/cf/conf/config.xml`).
//!
//! What it shares with OPNsense is in `dialects::pf`. References: pfSense documentation, `src/etc/inc/filter.inc` of its sources,
//! pf.conf(5).

use super::pf::{self, Product};
use super::{Confidence, Dialect, IgnoredKind};
use crate::ruleset::Ruleset;
use zonewright_source::SourceText;

/// The dialect of pfSense.
#[derive(Debug, Clone, Copy)]
pub struct Pfsense;

impl Dialect for Pfsense {
    fn name(&self) -> &'static str {
        Product::Pfsense.name()
    }

    fn title(&self) -> &'static str {
        "pfSense (config.xml)"
    }

    fn detect(&self, text: &str) -> Confidence {
        pf::detect(text, Product::Pfsense)
    }

    fn read(&self, source: &SourceText) -> Ruleset {
        pf::read(source, Product::Pfsense)
    }

    fn ignored(&self) -> &'static [IgnoredKind] {
        pf::ignored(Product::Pfsense)
    }
}
