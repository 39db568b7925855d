//! Pools of addresses that sources are translated to.

use super::tree::{Config, Domain, Entry};
use super::words::Word;
use crate::dialects::Reading;
use crate::ruleset::{AddressSet, Nat, NatKind};
use std::collections::BTreeMap;
use std::net::IpAddr;
use zonewright_source::Diagnostic;

/// The pools of a domain.
#[derive(Debug, Default)]
pub(super) struct PoolBook {
    pools: BTreeMap<String, Pool>,
}

#[derive(Debug)]
struct Pool {
    addresses: Option<(IpAddr, IpAddr)>,
    kind: String,
}

impl PoolBook {
    pub(super) fn of(config: &Config<'_>, domain: &Domain, reading: &mut Reading) -> Self {
        let mut pools = BTreeMap::new();
        for path in ["firewall ippool", "firewall ippool6"] {
            for entry in config.entries(domain, path) {
                let addresses = range(entry);
                if addresses.is_none() && !["nat46", "nat64"].iter().any(|key| entry.is(key, "enable")) {
                    report(entry, reading);
                }
                let kind = entry.value("type").unwrap_or("overload").to_owned();
                pools.insert(entry.name.clone(), Pool { addresses, kind });
            }
        }
        Self { pools }
    }

    /// The translation to one of these pools.
    pub(super) fn nat(&self, names: &[&Word<'_>], reading: &mut Reading) -> Nat {
        let mut nat =
            Nat { kind: NatKind::Source, addresses: None, ports: None, options: Vec::new(), unknown: None };
        for name in names {
            let Some(pool) = self.pools.get(name.text.as_ref()) else {
                let missing = Diagnostic::warning(
                    "firewall/unknown-name",
                    format!("the pool `{}` is not defined", name.text),
                )
                .because("what the source becomes is therefore not known")
                .help("export the whole configuration, with `config firewall ippool`");
                reading.report(&name.span, missing);
                nat.unknown = Some(format!("pool {}", name.text));
                continue;
            };
            match (nat.addresses, pool.addresses) {
                (_, None) => nat.unknown = Some(format!("pool {}", name.text)),
                (None, Some(range)) => nat.addresses = Some(range),
                // Of several pools one is taken: the range that holds all of them.
                (Some((first, last)), Some(range)) => {
                    nat.addresses = Some((first.min(range.0), last.max(range.1)))
                }
            }
            nat.options.push(pool.kind.clone());
        }
        nat.options.dedup();
        if names.is_empty() {
            nat.unknown = Some("no pool is named".to_owned());
        }
        if nat.addresses.is_some_and(|(first, last)| AddressSet::range(first, last).is_none()) {
            nat.unknown = Some("pools of both versions of IP".to_owned());
        }
        nat
    }
}

fn range(entry: &Entry<'_>) -> Option<(IpAddr, IpAddr)> {
    let end = |key: &str| entry.value(key).and_then(|text| text.parse::<IpAddr>().ok());
    let (first, last) = (end("startip")?, end("endip")?);
    AddressSet::range(first, last).map(|_| (first, last))
}

fn report(entry: &Entry<'_>, reading: &mut Reading) {
    let odd = Diagnostic::warning(
        "firewall/unknown-value",
        format!("the range of pool `{}` is not understood", entry.name),
    )
    .because("what sources become is therefore not known")
    .help("expected `startip` and `endip`");
    reading.report(&entry.span, odd);
}
