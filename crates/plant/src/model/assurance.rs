//! What is done and shown: countermeasures, claims, evidence, tests, approvals, profiles, waivers.

use super::{Common, CountermeasureState, EvidenceKind, Status, TestResult, TestStage};
use crate::id::{
    ApprovalId, AssetId, ClaimId, ConduitId, CountermeasureId, EvidenceId, FunctionId, GroupId, ProductId,
    ProfileId, RoleId, TestId, WaiverId, ZoneId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use zonewright_catalog::RequirementId;

/// Something a record can be about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubjectRef {
    /// The whole plant: `"plant"`.
    Plant,
    /// A zone.
    Zone(ZoneId),
    /// A conduit.
    Conduit(ConduitId),
    /// An asset.
    Asset(AssetId),
    /// A product.
    Product(ProductId),
    /// A group.
    Group(GroupId),
}

/// `[[countermeasure]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Countermeasure {
    /// Its id.
    pub id: CountermeasureId,
    /// Common keys.
    pub common: Common,
    /// What it is.
    pub description: Option<String>,
    /// Where it applies.
    pub applies_to: Vec<SubjectRef>,
    /// Requirements it meets.
    pub meets: Vec<RequirementId>,
    /// Requirements it compensates.
    pub compensates: Vec<RequirementId>,
    /// Why it compensates.
    pub rationale: Option<String>,
    /// The role that approved it.
    pub approved_by: Option<RoleId>,
    /// When that is looked at again.
    pub review: Option<Date>,
    /// Its state.
    pub state: Option<CountermeasureState>,
    /// Cost once, in the plant's currency.
    pub cost_once: Option<f64>,
    /// Cost per year.
    pub cost_per_year: Option<f64>,
    /// Duration in days.
    pub duration_days: Option<u32>,
    /// Does it need an outage?
    pub needs_outage: Option<bool>,
    /// Countermeasures that must come first.
    pub prerequisites: Vec<CountermeasureId>,
    /// Countermeasures it cannot stand beside.
    pub exclusions: Vec<CountermeasureId>,
    /// Factor on the frequency of attempts, 0 to 1, if known.
    pub frequency_factor: Option<f64>,
    /// Factor on the probability of a crossing, 0 to 1, if known.
    pub crossing_factor: Option<f64>,
    /// Factor on the days of downtime, 0 to 1, if known.
    pub downtime_factor: Option<f64>,
    /// Where the factors come from.
    pub effect_source: Option<String>,
    /// Could it block an essential function (lockout, fail-close, session lock)?
    pub may_block: Vec<FunctionId>,
}

/// `[[claim]]`: subject × requirement → status.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Its id.
    pub id: ClaimId,
    /// Common keys.
    pub common: Common,
    /// Whom it is about.
    pub subject: SubjectRef,
    /// The requirement.
    pub requirement: RequirementId,
    /// What is claimed.
    pub status: Status,
    /// Why.
    pub rationale: Option<String>,
    /// What shows it.
    pub evidence: Vec<EvidenceId>,
    /// The role that claims it.
    pub by: Option<RoleId>,
    /// When.
    pub date: Option<Date>,
}

/// Which interface of a device faces which zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facing {
    /// The interface's name in the configuration.
    pub interface: String,
    /// The zone behind it.
    pub zone: ZoneId,
}

/// `[[evidence]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// Common keys.
    pub common: Common,
    /// The file, relative to the workspace.
    pub file: Option<String>,
    /// Its hash: `blake3:…`.
    pub hash: Option<String>,
    /// What it is.
    pub kind: Option<EvidenceKind>,
    /// When it was taken.
    pub taken: Option<Timestamp>,
    /// Where, in words.
    pub source: Option<String>,
    /// Capture point: the zone on whose network the capture was taken. Key `zone`.
    pub zone: Option<ZoneId>,
    /// Capture point in words (`mirror of switch sw-a port 24`).
    pub capture_point: Option<String>,
    /// Further zones whose whole traffic the capture point sees.
    pub sees: Vec<ZoneId>,
    /// Network context of the addresses in it.
    pub context: Option<String>,
    /// First moment it covers; the first packet where absent.
    pub covers_from: Option<Timestamp>,
    /// Last moment it covers; the last packet where absent.
    pub covers_until: Option<Timestamp>,
    /// For a configuration: the device it is of.
    pub device: Option<AssetId>,
    /// For a configuration: its dialect, where it shall not be detected.
    pub dialect: Option<String>,
    /// For a configuration: `[[evidence.interface]]`, which interface faces which zone.
    pub interfaces: Vec<Facing>,
    /// Last day it is good for.
    pub good_until: Option<Date>,
}

/// `[[test]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Its id.
    pub id: TestId,
    /// Common keys.
    pub common: Common,
    /// Requirement it shows.
    pub requirement: Option<RequirementId>,
    /// Where.
    pub subject: Option<SubjectRef>,
    /// Which acceptance.
    pub stage: Option<TestStage>,
    /// What is done.
    pub procedure: Option<String>,
    /// What must come out.
    pub expected_result: Option<String>,
    /// What came out.
    pub result: Option<TestResult>,
    /// When.
    pub date: Option<Date>,
    /// The role that tested.
    pub by: Option<RoleId>,
    /// What shows it.
    pub evidence: Vec<EvidenceId>,
}

/// `[[approval]]`: bound to a hash of what was approved.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Common keys.
    pub common: Common,
    /// What was approved: `crs`, a zone, a conduit, a document.
    pub what: String,
    /// Hash of what was approved: `blake3:…`.
    pub hash: String,
    /// The role that approved.
    pub by: RoleId,
    /// When.
    pub date: Date,
}

/// `[[profile]]`: an adopted security profile (62443-1-5).
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its id.
    pub id: ProfileId,
    /// Common keys.
    pub common: Common,
    /// Its file, relative to the workspace, or its published name.
    pub source: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// Where it applies.
    pub applies_to: Vec<SubjectRef>,
    /// Requirements left out, with the reason: `"SR 1.6" = "no wireless"`.
    pub left_out: BTreeMap<RequirementId, String>,
}

/// `[[waiver]]`: findings accepted until a date.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiver {
    /// Its id.
    pub id: WaiverId,
    /// Common keys.
    pub common: Common,
    /// Ids of findings: `F-…`.
    pub findings: Vec<String>,
    /// Or all findings of this rule …
    pub rule: Option<String>,
    /// … about this subject's id.
    pub subject: Option<String>,
    /// Why.
    pub rationale: Option<String>,
    /// The role that accepts.
    pub by: Option<RoleId>,
    /// Last day it holds. A waiver without an end is an error.
    pub until: Date,
}
