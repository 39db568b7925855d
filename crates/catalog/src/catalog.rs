//! All catalogs together: the tables that the program carries, read once.

use crate::read;
use crate::requirement::Requirement;
use crate::table::{Faults, Table};
use crate::{RequirementId, Role, Standard};
use std::collections::BTreeMap;
use std::sync::LazyLock;

macro_rules! tables {
    ($($name:ident = $file:literal;)*) => {
        $(pub(crate) const $name: (&str, &str) = ($file, include_str!(concat!("../../../catalogs/", $file)));)*
        /// Every table by its file name, with its text.
        pub(crate) const TABLES: &[(&str, &str)] = &[$($name),*];
    };
}

tables! {
    ASSET_OWNER = "iec62443-2-1.csv";
    PATCH_MANAGEMENT = "iec62443-2-3.csv";
    SERVICE_PROVIDER = "iec62443-2-4.csv";
    RISK_ASSESSMENT = "iec62443-3-2.csv";
    SYSTEM = "iec62443-3-3.csv";
    DEVELOPMENT = "iec62443-4-1.csv";
    COMPONENT = "iec62443-4-2.csv";
    COMMON_CONSTRAINTS = "iec62443-4-2-ccsc.csv";
    CONDUITS = "conduit-applicability.csv";
}

/// The catalogs of the series.
pub struct Catalog {
    requirements: Vec<Requirement>,
    by_id: BTreeMap<RequirementId, usize>,
    serving: BTreeMap<RequirementId, Vec<usize>>,
    version: String,
    faults: Faults,
}

static BUILTIN: LazyLock<Catalog> = LazyLock::new(Catalog::read);

/// Digits of the content hash in the version: enough to tell editions apart, short enough to print.
const VERSION_DIGITS: usize = 12;

impl Catalog {
    /// The catalogs that this program carries.
    #[must_use]
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    fn read() -> Self {
        let mut faults = Faults::default();
        let mut requirements = Vec::new();
        for standard in Standard::ALL {
            let (name, text) = table_of(standard);
            let table = Table::read(name, text, &mut faults);
            requirements.extend(read::requirements(standard, &table, &mut faults));
        }
        let common = Table::read(COMMON_CONSTRAINTS.0, COMMON_CONSTRAINTS.1, &mut faults);
        requirements.extend(read::common_constraints(&common, &mut faults));
        let mut conduits = read::conduits(&Table::read(CONDUITS.0, CONDUITS.1, &mut faults), &mut faults);
        for requirement in &mut requirements {
            requirement.conduit = conduits.remove(&requirement.id);
        }
        for id in conduits.keys() {
            faults.add(format!("{}: `{id}` is in no catalog", CONDUITS.0));
        }
        let mut catalog = Self {
            requirements,
            by_id: BTreeMap::new(),
            serving: BTreeMap::new(),
            version: version(),
            faults,
        };
        catalog.index();
        catalog
    }

    fn index(&mut self) {
        for (at, requirement) in self.requirements.iter().enumerate() {
            if self.by_id.insert(requirement.id.clone(), at).is_some() {
                self.faults.add(format!("`{}` is in two catalogs", requirement.id));
            }
            for served in &requirement.maps_to {
                self.serving.entry(served.clone()).or_default().push(at);
            }
        }
    }

    /// The requirement of that id.
    #[must_use]
    pub fn requirement(&self, id: &RequirementId) -> Option<&Requirement> {
        self.by_id.get(id).and_then(|at| self.requirements.get(*at))
    }

    /// Every requirement of all parts, part by part, each in the order of its catalog.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter()
    }

    /// The requirements of one part, in the order of its catalog; for 4-2 the common constraints come last.
    pub fn of(&self, standard: Standard) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter().filter(move |requirement| requirement.standard == standard)
    }

    /// The system requirements and enhancements of 3-3, in the order of the catalog.
    pub fn system_requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.of(Standard::Iec62443_3_3)
    }

    /// The requirements of 4-2 that serve a system requirement, in the order of the catalog.
    pub fn component_requirements_for(&self, system: &RequirementId) -> impl Iterator<Item = &Requirement> {
        let at = self.serving.get(system).map(Vec::as_slice).unwrap_or_default();
        at.iter().filter_map(|at| self.requirements.get(*at))
    }

    /// The enhancements of a requirement, in the order of the catalog.
    pub fn enhancements(&self, id: &RequirementId) -> impl Iterator<Item = &Requirement> {
        self.requirements.iter().filter(move |requirement| requirement.parent.as_ref() == Some(id))
    }

    /// Which edition of the data this is: a hash of all tables. Results carry it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The id nearest to a text that is not one, or is one that no catalog holds.
    #[must_use]
    pub fn nearest_id(&self, text: &str) -> Option<&RequirementId> {
        if let Ok(wanted) = text.parse::<RequirementId>() {
            let of_family = self.by_id.keys().filter_map(|id| Some((wanted.distance(id)?, id)));
            return of_family.min_by_key(|(distance, _)| *distance).map(|(_, id)| id);
        }
        let ids: Vec<(String, &RequirementId)> = self
            .requirements
            .iter()
            .map(|requirement| (requirement.id.to_string(), &requirement.id))
            .collect();
        let near = zonewright_source::nearest(text, ids.iter().map(|(text, _)| text.as_str()))?;
        ids.iter().find(|(text, _)| text == near).map(|(_, id)| *id)
    }

    /// What could not be read in the tables: empty, as a test holds.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        self.faults.list()
    }
}

impl Requirement {
    /// Is it for a reader in that role? A row may name its roles itself; otherwise those of its part count.
    #[must_use]
    pub fn is_for(&self, role: Role) -> bool {
        if !self.roles.is_empty() {
            return self.roles.contains(&role);
        }
        match self.standard {
            Standard::Iec62443_2_1 => role == Role::AssetOwner,
            Standard::Iec62443_2_3 => matches!(role, Role::AssetOwner | Role::ProductSupplier),
            Standard::Iec62443_2_4 => {
                matches!(role, Role::IntegrationServiceProvider | Role::MaintenanceServiceProvider)
            }
            Standard::Iec62443_3_2 => matches!(role, Role::AssetOwner | Role::IntegrationServiceProvider),
            Standard::Iec62443_3_3 => role != Role::MaintenanceServiceProvider,
            Standard::Iec62443_4_1 => role == Role::ProductSupplier,
            Standard::Iec62443_4_2 => {
                matches!(role, Role::IntegrationServiceProvider | Role::ProductSupplier)
            }
        }
    }
}

/// The title of a system requirement or enhancement of 62443-3-3.
#[must_use]
pub fn system_requirement_title(id: &RequirementId) -> Option<&'static str> {
    let requirement = Catalog::builtin().requirement(id)?;
    (requirement.standard == Standard::Iec62443_3_3).then_some(requirement.title)
}

const fn table_of(standard: Standard) -> (&'static str, &'static str) {
    match standard {
        Standard::Iec62443_2_1 => ASSET_OWNER,
        Standard::Iec62443_2_3 => PATCH_MANAGEMENT,
        Standard::Iec62443_2_4 => SERVICE_PROVIDER,
        Standard::Iec62443_3_2 => RISK_ASSESSMENT,
        Standard::Iec62443_3_3 => SYSTEM,
        Standard::Iec62443_4_1 => DEVELOPMENT,
        Standard::Iec62443_4_2 => COMPONENT,
    }
}

fn version() -> String {
    let mut hasher = blake3::Hasher::new();
    for (name, text) in TABLES {
        hasher.update(name.as_bytes()).update(&[0]).update(text.as_bytes()).update(&[0]);
    }
    let hex = hasher.finalize().to_hex();
    format!("blake3:{}", hex.get(..VERSION_DIGITS).unwrap_or_default())
}

#[cfg(test)]
mod tests;
