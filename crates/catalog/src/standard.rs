//! The parts of the series that have a catalog, the component types of 4-2, and the roles that read them.

use std::fmt;
use std::str::FromStr;

/// A part of IEC 62443 that a catalog here holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standard {
    /// Security program requirements for asset owners.
    Iec62443_2_1,
    /// Patch management.
    Iec62443_2_3,
    /// Security program requirements for service providers.
    Iec62443_2_4,
    /// Security risk assessment for system design.
    Iec62443_3_2,
    /// System security requirements and security levels.
    Iec62443_3_3,
    /// Secure product development lifecycle.
    Iec62443_4_1,
    /// Technical security requirements for components.
    Iec62443_4_2,
}

impl Standard {
    /// All of them, in the order of the series.
    pub const ALL: [Self; 7] = [
        Self::Iec62443_2_1,
        Self::Iec62443_2_3,
        Self::Iec62443_2_4,
        Self::Iec62443_3_2,
        Self::Iec62443_3_3,
        Self::Iec62443_4_1,
        Self::Iec62443_4_2,
    ];

    /// As documents name it: `62443-3-3`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Iec62443_2_1 => "62443-2-1",
            Self::Iec62443_2_3 => "62443-2-3",
            Self::Iec62443_2_4 => "62443-2-4",
            Self::Iec62443_3_2 => "62443-3-2",
            Self::Iec62443_3_3 => "62443-3-3",
            Self::Iec62443_4_1 => "62443-4-1",
            Self::Iec62443_4_2 => "62443-4-2",
        }
    }

    /// The part alone: `3-3`.
    #[must_use]
    pub fn part(self) -> &'static str {
        self.as_str().strip_prefix("62443-").unwrap_or_default()
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no part with a catalog.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected one of 62443-2-1, 62443-2-3, 62443-2-4, 62443-3-2, 62443-3-3, 62443-4-1, 62443-4-2, found `{0}`"
)]
pub struct StandardError(String);

impl FromStr for Standard {
    type Err = StandardError;

    /// `62443-3-3`, `3-3`, `IEC 62443-3-3`, `IEC-62443-3-3:2013`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.trim().to_ascii_lowercase();
        let rest = lower.split(':').next().unwrap_or_default();
        let rest = ["ansi", "en", "isa", "iec"].iter().fold(rest, |rest, prefix| {
            rest.strip_prefix(prefix).unwrap_or(rest).trim_start_matches([' ', '-', '/'])
        });
        let part = rest.strip_prefix("62443").map_or(rest, |part| part.trim_start_matches([' ', '-']));
        Self::ALL
            .into_iter()
            .find(|standard| standard.part() == part.trim())
            .ok_or_else(|| StandardError(text.to_string()))
    }
}

/// Component type of 62443-4-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ComponentType {
    /// Software application (SAR).
    SoftwareApplication,
    /// Embedded device (EDR).
    EmbeddedDevice,
    /// Host device (HDR).
    HostDevice,
    /// Network device (NDR).
    NetworkDevice,
}

impl ComponentType {
    /// Every word with its value, in the order of the catalog's columns.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("software-application", Self::SoftwareApplication),
        ("embedded-device", Self::EmbeddedDevice),
        ("host-device", Self::HostDevice),
        ("network-device", Self::NetworkDevice),
    ];

    /// Every word with what it means, in the same order.
    pub const MEANINGS: &'static [(&'static str, &'static str)] = &[
        ("software-application", "Software application (SAR)."),
        ("embedded-device", "Embedded device (EDR)."),
        ("host-device", "Host device (HDR)."),
        ("network-device", "Network device (NDR)."),
    ];

    /// The word, as documents and Workspace/1 write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SoftwareApplication => "software-application",
            Self::EmbeddedDevice => "embedded-device",
            Self::HostDevice => "host-device",
            Self::NetworkDevice => "network-device",
        }
    }

    /// Its place among the four.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::SoftwareApplication => 0,
            Self::EmbeddedDevice => 1,
            Self::HostDevice => 2,
            Self::NetworkDevice => 3,
        }
    }
}

impl fmt::Display for ComponentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who reads a part: the principal roles of the series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Owns and operates the plant.
    AssetOwner,
    /// Designs, builds and hands over the automation solution.
    IntegrationServiceProvider,
    /// Maintains it.
    MaintenanceServiceProvider,
    /// Makes products.
    ProductSupplier,
}

impl Role {
    /// Every word with its value.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("asset-owner", Self::AssetOwner),
        ("integration-service-provider", Self::IntegrationServiceProvider),
        ("maintenance-service-provider", Self::MaintenanceServiceProvider),
        ("product-supplier", Self::ProductSupplier),
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AssetOwner => "asset-owner",
            Self::IntegrationServiceProvider => "integration-service-provider",
            Self::MaintenanceServiceProvider => "maintenance-service-provider",
            Self::ProductSupplier => "product-supplier",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_all_its_names() {
        for text in [
            "3-3",
            "62443-3-3",
            "iec 62443-3-3",
            "IEC-62443-3-3:2013",
            "EN IEC 62443-3-3",
            "ANSI/ISA-62443-3-3",
        ] {
            assert_eq!(text.parse::<Standard>().unwrap(), Standard::Iec62443_3_3, "{text}");
        }
        for text in ["", "3-4", "62443", "27001", "62443-1-5"] {
            assert!(text.parse::<Standard>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_words_of_a_component_type_are_those_of_its_tables() {
        for (at, (word, value)) in ComponentType::ALL.iter().enumerate() {
            assert_eq!((value.as_str(), value.index()), (*word, at));
            assert_eq!(ComponentType::MEANINGS[at].0, *word);
        }
        for (word, role) in Role::ALL {
            assert_eq!(role.as_str(), *word);
        }
    }
}
