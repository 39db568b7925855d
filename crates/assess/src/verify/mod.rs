//! Verifying: declared, configured and observed set side by side, every path named, every disagreement a finding.
//!
//! `rows` merges what was seen; `silent` adds what was declared and not seen, and what is open beyond the declared;
//! `findings` says what is wrong with it.

mod classes;
mod devices;
mod findings;
mod rows;
mod silent;
mod undeclared;
mod usage;

pub(crate) use classes::{of_flow, of_reversed};

use crate::configured::{Configuration, Device, logging, zone_addresses};
use crate::declared::Conduits;
use crate::observed::Coverage;
use crate::packets::Places;
use crate::rules;
use crate::verification::{Declared, Observed, PathName, Unmet, Verification};
use crate::whereabouts::Whereabouts;
use jiff::civil::Date;
use std::collections::BTreeMap;
use zonewright_firewall::ruleset::{AddressSet, Ruleset};
use zonewright_plant::id::ZoneId;
use zonewright_plant::{Finding, Plant};
use zonewright_traffic::observation::Observation;

/// What is judged, and when.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The judging date.
    pub as_of: Date,
}

/// Everything the parts of a verification share.
struct Context<'a> {
    plant: &'a Plant,
    observation: &'a Observation,
    whereabouts: Whereabouts<'a>,
    conduits: Conduits<'a>,
    coverage: Coverage<'a>,
    addresses: BTreeMap<ZoneId, AddressSet>,
    devices: Vec<Device<'a>>,
    as_of: Date,
}

impl<'a> Context<'a> {
    /// Where the ends of permits are.
    fn places(&self) -> Places<'_, 'a> {
        Places { plant: self.plant, whereabouts: &self.whereabouts, addresses: &self.addresses }
    }
}

/// Sets the worlds side by side. A capture belongs to the evidence whose id is its capture point.
#[must_use]
pub fn verify(
    plant: &Plant,
    observation: &Observation,
    configurations: &[Configuration<'_>],
    options: Options,
) -> Verification {
    let whereabouts = Whereabouts::new(plant);
    let logging: Vec<Vec<Ruleset>> = configurations.iter().map(|c| logging(c.ruleset)).collect();
    let mut context = Context {
        plant,
        observation,
        addresses: zone_addresses(plant, &whereabouts),
        whereabouts,
        conduits: Conduits::new(plant),
        coverage: Coverage::new(plant, observation),
        devices: configurations.iter().zip(&logging).map(|(c, logging)| Device::new(c, logging)).collect(),
        as_of: options.as_of,
    };
    let seen = rows::seen(&mut context);
    let silent = silent::silent(&mut context, &seen);
    let mut rows = seen;
    rows.extend(silent);
    let unlogged = findings::unlogged(&mut context);
    for row in rows.iter_mut().filter(|row| row.path.observed == Observed::Seen) {
        let permit = row.path.permit.as_ref().filter(|_| row.path.declared == Declared::Permitted);
        if permit.is_some_and(|permit| unlogged.contains(permit)) {
            row.path.unmet.push(Unmet::Monitoring);
        }
    }
    let mut found = findings::of_rows(&context, &rows);
    found.extend(findings::of_flows(&context));
    found.extend(findings::of_conduits(&context, &unlogged));
    found.extend(undeclared::undeclared(&context));
    for configuration in configurations {
        let file = &configuration.ruleset.file;
        let leans = |finding: &&mut Finding| finding.evidence.iter().any(|one| one.place.file() == &**file);
        for finding in found.iter_mut().filter(leans) {
            rules::firewall::lean_on_warnings(std::slice::from_mut(finding), configuration.ruleset);
        }
    }
    found.extend(devices::findings(&mut context));
    let rule_uses = usage::usage(&mut context);
    rules::finish(plant, options.as_of, &mut found);
    let mut paths: Vec<_> = rows.into_iter().map(|row| row.path).collect();
    let rank = |name: PathName| PathName::ALL.iter().position(|known| *known == name);
    paths.sort_by(|a, b| {
        let key = |p: &crate::verification::Path| {
            (
                rank(p.name),
                p.from_zone.clone(),
                p.to_zone.clone(),
                p.protocol.clone(),
                p.port.clone(),
                p.permit.clone(),
            )
        };
        key(a).cmp(&key(b)).then_with(|| (&a.from, &a.to).cmp(&(&b.from, &b.to)))
    });
    let mut evidence: Vec<_> =
        context.coverage.evidence().chain(configurations.iter().map(|c| &c.evidence.id)).cloned().collect();
    evidence.sort();
    evidence.dedup();
    Verification {
        plant: plant.system.as_ref().map(|system| system.id.clone()).unwrap_or_default(),
        as_of: options.as_of,
        evidence,
        paths,
        rules: rule_uses,
        findings: found,
    }
}
