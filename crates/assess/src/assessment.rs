//! What assessing a plant says: the status of every requirement, the levels that follow, the gaps
//! (DESIGN §6, `zonewright-assessment/1`).

use jiff::civil::Date;
use zonewright_catalog::{Fr, RequirementId, SecurityLevel, SlVector};
use zonewright_plant::id::AssetId;
use zonewright_plant::model::{ComponentType, Status};
use zonewright_plant::{EvidencePlace, Finding};

/// What a status rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BasisKind {
    /// Captures, scans, certificates, inventories show it.
    Observed,
    /// A configuration shows it.
    Configured,
    /// A claim or a countermeasure in place states it.
    Claimed,
    /// Every component in scope can, and is shown or claimed to be set so.
    Inherited,
    /// A compensating countermeasure stands in for it.
    Compensated,
}

impl BasisKind {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Configured => "configured",
            Self::Claimed => "claimed",
            Self::Inherited => "inherited",
            Self::Compensated => "compensated",
        }
    }
}

/// One thing that a status rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// Of what kind it is.
    pub kind: BasisKind,
    /// The record, flow or file it leads back to.
    pub reference: String,
    /// What it says, in one sentence.
    pub text: String,
    /// Whether it speaks for the requirement.
    pub speaks_for: bool,
    /// Packets and lines that show it.
    pub places: Vec<EvidencePlace>,
}

/// What kind of work closes a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Gap {
    /// The components can, or nothing says that they cannot: set it, and show it.
    Configure,
    /// A component cannot: something beside it must stand in.
    Compensate,
    /// A component cannot, and its vendor supports it no more: replace it.
    Replace,
    /// No component has to do with it: people and procedures do.
    Organize,
}

impl Gap {
    /// Every kind, the cheapest first.
    pub const ALL: [Self; 4] = [Self::Configure, Self::Organize, Self::Compensate, Self::Replace];

    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Configure => "configure",
            Self::Compensate => "compensate",
            Self::Replace => "replace",
            Self::Organize => "organize",
        }
    }
}

/// A requirement at a zone or conduit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementStatus {
    /// The requirement of 62443-3-3.
    pub id: RequirementId,
    /// Its foundational requirement.
    pub fr: Fr,
    /// The level from which it is asked.
    pub level: SecurityLevel,
    /// Is it asked at the subject's target level?
    pub required: bool,
    /// Its status.
    pub status: Status,
    /// What the status rests on; for *not shown* what speaks for it without proving it.
    pub basis: Vec<Basis>,
    /// Why it does not apply.
    pub reason: Option<String>,
    /// The kind of the gap: for what is required and not met.
    pub gap: Option<Gap>,
    /// What the kind of the gap rests on, in one sentence.
    pub gap_text: Option<String>,
}

impl RequirementStatus {
    /// What levels are made of.
    #[must_use]
    pub const fn outcome(&self) -> (Fr, SecurityLevel, Status) {
        (self.fr, self.level, self.status)
    }

    /// Is it asked for and not met (or not shown to be)?
    #[must_use]
    pub const fn is_gap(&self) -> bool {
        self.gap.is_some()
    }
}

/// Of what kind an assessed subject is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SubjectKind {
    /// A zone.
    Zone,
    /// A conduit.
    Conduit,
}

impl SubjectKind {
    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Conduit => "conduit",
        }
    }
}

/// A zone or conduit, assessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// Zone or conduit.
    pub kind: SubjectKind,
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its target level.
    pub sl_t: SlVector,
    /// Its achieved level where what is not shown counts as not met.
    pub proven: SlVector,
    /// Its achieved level where what is not shown counts as met.
    pub possible: SlVector,
    /// Every requirement of 62443-3-3, in the catalog's order.
    pub requirements: Vec<RequirementStatus>,
}

impl Assessed {
    /// Is the target of a foundational requirement above what is possible: evidence shows that it is missed?
    #[must_use]
    pub fn is_missed(&self, fr: Fr) -> bool {
        matches!((self.sl_t.level(fr), self.possible.level(fr)), (Some(target), Some(possible)) if possible < target)
    }

    /// Is the target of a foundational requirement reached for sure?
    #[must_use]
    pub fn is_reached(&self, fr: Fr) -> bool {
        match (self.sl_t.level(fr), self.proven.level(fr)) {
            (Some(target), Some(proven)) => proven >= target,
            // Nothing is asked, or nothing applies.
            _ => true,
        }
    }

    /// What is required and not met, the lowest level first.
    pub fn gaps(&self) -> impl Iterator<Item = &RequirementStatus> {
        self.requirements.iter().filter(|requirement| requirement.is_gap())
    }
}

/// An asset as a component of 62443-4-2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The asset.
    pub asset: AssetId,
    /// Its type; its product's where the asset states none.
    pub component_type: Option<ComponentType>,
    /// Its capability level; nothing where neither a level nor an answer is known.
    pub sl_c: Option<SlVector>,
}

/// The assessment of a plant on a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// Id of the plant.
    pub plant: String,
    /// The judging date.
    pub as_of: Date,
    /// The catalog that was used.
    pub catalog: String,
    /// Zones of the system under consideration, then conduits, each by id.
    pub subjects: Vec<Assessed>,
    /// Assets by id.
    pub components: Vec<Component>,
    /// Findings, gravest first.
    pub findings: Vec<Finding>,
}
