//! What can happen: threat sources, scenarios, consequences, hazards.

use super::Common;
use crate::id::{
    ConduitId, ConsequenceId, CountermeasureId, FunctionId, HazardId, RoleId, ScenarioId, ThreatSourceId,
    ZoneId,
};
use jiff::civil::Date;

/// `[[threat_source]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreatSource {
    /// Its id.
    pub id: ThreatSourceId,
    /// Common keys.
    pub common: Common,
    /// What it is.
    pub description: Option<String>,
    /// Tier, 1 to 4.
    pub tier: Option<u8>,
    /// Skills.
    pub skills: Option<String>,
    /// Resources.
    pub resources: Option<String>,
    /// Motivation.
    pub motivation: Option<String>,
    /// Attempts per year.
    pub attempts_per_year: Option<f64>,
    /// Zones where its attempts begin.
    pub entry_zones: Vec<ZoneId>,
}

/// `[[scenario]]`: threat source × route × vulnerability × consequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its id.
    pub id: ScenarioId,
    /// Common keys.
    pub common: Common,
    /// Who.
    pub threat_source: Option<ThreatSourceId>,
    /// Over which conduits, in order.
    pub route: Vec<ConduitId>,
    /// Zone it aims at.
    pub target: Option<ZoneId>,
    /// Which weakness it uses.
    pub vulnerability: Option<String>,
    /// Techniques of ATT&CK for ICS.
    pub techniques: Vec<String>,
    /// What follows.
    pub consequences: Vec<ConsequenceId>,
    /// Likelihood without countermeasures, in the matrix's words.
    pub unmitigated_likelihood: Option<String>,
    /// Likelihood with those in place.
    pub residual_likelihood: Option<String>,
    /// Countermeasures that bear on it.
    pub countermeasures: Vec<CountermeasureId>,
    /// Events per year, if stated.
    pub frequency_per_year: Option<f64>,
    /// The role that accepts the residual risk.
    pub accepted_by: Option<RoleId>,
    /// When that is looked at again.
    pub review: Option<Date>,
}

/// `[[consequence]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Consequence {
    /// Its id.
    pub id: ConsequenceId,
    /// Common keys.
    pub common: Common,
    /// Category: safety, environment, production, equipment, liability, quality, reputation, or the plant's own.
    pub category: Option<String>,
    /// Zones whose compromise causes it.
    pub zones: Vec<ZoneId>,
    /// Essential functions lost.
    pub functions: Vec<FunctionId>,
    /// Severity, in the matrix's words.
    pub severity: Option<String>,
    /// Loss, low and high end of a 90 % range, in the plant's currency.
    pub loss_range: Option<(f64, f64)>,
    /// Days of downtime, low and high end of a 90 % range.
    pub downtime_days: Option<(f64, f64)>,
    /// Cost of a day of downtime.
    pub cost_per_day: Option<f64>,
    /// Where the amounts come from.
    pub source: Option<String>,
}

/// `[[hazard]]`: a row of a HAZOP or LOPA.
#[derive(Debug, Clone, PartialEq)]
pub struct Hazard {
    /// Its id.
    pub id: HazardId,
    /// Common keys.
    pub common: Common,
    /// What can happen.
    pub description: Option<String>,
    /// Severity, in the matrix's words.
    pub severity: Option<String>,
    /// Tolerable frequency per year.
    pub tolerable_frequency: Option<f64>,
    /// Safeguards, in words.
    pub safeguards: Vec<String>,
    /// Those that an attacker could defeat.
    pub defeatable: Vec<String>,
    /// Zones it bears on.
    pub zones: Vec<ZoneId>,
    /// The consequence it leads to.
    pub consequence: Option<ConsequenceId>,
}
