//! A requirement of a catalog: what it asks, of whom, from which level on, and how sure the row is.

use crate::{ComponentType, Fr, RequirementId, Role, SecurityLevel, Standard};

/// From which security level on a requirement is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Levels {
    /// The requirement has no level: it belongs to a process part, or is a common constraint, or a heading alone.
    None,
    /// 3-3: from this level on.
    System(SecurityLevel),
    /// 4-2: per component type, in the order of [`ComponentType::ALL`]; `None` where it is not asked of that type.
    Component([Option<SecurityLevel>; 4]),
}

impl Levels {
    /// The level for a component type; `None` where it is not asked of that type, or has no level by component.
    #[must_use]
    pub fn for_component(&self, component: ComponentType) -> Option<SecurityLevel> {
        match self {
            Self::Component(levels) => levels.get(component.index()).copied().flatten(),
            Self::None | Self::System(_) => None,
        }
    }

    /// The level for a system.
    #[must_use]
    pub const fn for_system(&self) -> Option<SecurityLevel> {
        match self {
            Self::System(level) => Some(*level),
            Self::None | Self::Component(_) => None,
        }
    }

    /// The lowest level at which anything asks for it.
    #[must_use]
    pub fn lowest(&self) -> Option<SecurityLevel> {
        match self {
            Self::None => None,
            Self::System(level) => Some(*level),
            Self::Component(levels) => levels.iter().flatten().min().copied(),
        }
    }
}

/// Which conduits a system requirement applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConduitCondition {
    /// Every conduit: it is about what crosses.
    Always,
    /// A conduit that devices of its own make up (firewall, gateway, switch): it is about those devices.
    Devices,
    /// A conduit over a wireless medium.
    Wireless,
    /// A conduit by portable media.
    PortableMedia,
    /// A conduit that joins an untrusted zone.
    UntrustedNetwork,
}

impl ConduitCondition {
    /// Every word of the column `when` with its value.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("always", Self::Always),
        ("devices", Self::Devices),
        ("wireless", Self::Wireless),
        ("portable-media", Self::PortableMedia),
        ("untrusted-network", Self::UntrustedNetwork),
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Devices => "devices",
            Self::Wireless => "wireless",
            Self::PortableMedia => "portable-media",
            Self::UntrustedNetwork => "untrusted-network",
        }
    }

    /// In words: which conduits these are.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Always => "every conduit",
            Self::Devices => "conduits that have devices of their own",
            Self::Wireless => "wireless conduits",
            Self::PortableMedia => "conduits by portable media",
            Self::UntrustedNetwork => "conduits that join an untrusted zone",
        }
    }
}

/// Whether a system requirement applies to conduits, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConduitApplicability {
    /// Which conduits it applies to; `None`: no conduit.
    pub when: Option<ConduitCondition>,
    /// Why, in a sentence.
    pub reason: &'static str,
    /// What the statement rests on: a clause, or own judgement.
    pub basis: &'static str,
}

impl ConduitApplicability {
    /// Does it apply to any conduit?
    #[must_use]
    pub const fn applies(&self) -> bool {
        self.when.is_some()
    }
}

/// One requirement of a catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// Whose it is.
    pub standard: Standard,
    /// Its id.
    pub id: RequirementId,
    /// For an enhancement: what it enhances.
    pub parent: Option<RequirementId>,
    /// Its title.
    pub title: &'static str,
    /// What it asks, in our words.
    pub text: &'static str,
    /// Its foundational requirement (3-3 and 4-2).
    pub fr: Option<Fr>,
    /// What it is grouped under where there is no foundational requirement: practice (4-1), security program element (2-1),
    /// functional area (2-4), step (3-2), kind (2-3), common constraints (4-2).
    pub practice: Option<&'static str>,
    /// From which level on it is asked.
    pub levels: Levels,
    /// For 4-2: the system requirements of 3-3 that it serves.
    pub maps_to: Vec<RequirementId>,
    /// For 3-3: whether it applies to conduits.
    pub conduit: Option<ConduitApplicability>,
    /// The roles it is for: those that the row itself names (2-3 and 2-4), otherwise those of its part.
    pub roles: Vec<Role>,
    /// Every other column of its row that is filled, as (column, value), in the order of the table: where the row comes
    /// from and how sure it is (`confidence`, `crosscheck`, `source`, `note`), and what only this part has (`inputs`, …).
    pub provenance: Vec<(&'static str, &'static str)>,
}

impl Requirement {
    /// A column of its row beyond the typed ones.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static str> {
        self.provenance.iter().find(|(column, _)| *column == name).map(|(_, value)| *value)
    }

    /// Is it for a reader in that role?
    #[must_use]
    pub fn is_for(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Is it a common component security constraint of 4-2? Those have no level and are counted apart.
    #[must_use]
    pub fn is_common_constraint(&self) -> bool {
        self.id.family() == "CCSC"
    }

    /// Is it a number that asks nothing by itself and only points to the rows of the component types (4-2)?
    #[must_use]
    pub fn is_heading(&self) -> bool {
        matches!(self.levels, Levels::Component(levels) if levels.iter().all(Option::is_none))
    }
}
