//! OPNsense: `config.xml`, the whole configuration (System → Configuration → Backups → Download; on the device
//! `/conf/config.xml`), with rules in both of its formats.
//!
//! What it shares with pfSense is in `dialects::pf`. References: OPNsense documentation, `src/etc/inc/filter.lib.inc` and the
//! models `OPNsense\Firewall` of its sources, pf.conf(5).

use super::pf::{self, Product};
use super::{Confidence, Dialect, IgnoredKind};
use crate::ruleset::Ruleset;
use zonewright_source::SourceText;

/// The dialect of OPNsense.
#[derive(Debug, Clone, Copy)]
pub struct Opnsense;

impl Dialect for Opnsense {
    fn name(&self) -> &'static str {
        Product::Opnsense.name()
    }

    fn title(&self) -> &'static str {
        "OPNsense (config.xml)"
    }

    fn detect(&self, text: &str) -> Confidence {
        pf::detect(text, Product::Opnsense)
    }

    fn read(&self, source: &SourceText) -> Ruleset {
        pf::read(source, Product::Opnsense)
    }

    fn ignored(&self) -> &'static [IgnoredKind] {
        pf::ignored(Product::Opnsense)
    }
}
