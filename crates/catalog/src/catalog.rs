//! All catalogs together: the tables that the program carries, read once.

use crate::attack::{self, AttackMitigation, Technique};
use crate::crosswalk::{self, CrosswalkLine, RegimeEntry};
use crate::read;
use crate::requirement::Requirement;
use crate::series::{self, Misreading, Part, ScaleStep};
use crate::table::{Faults, Table};
use crate::{Fr, RequirementId, Standard};
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
    FOUNDATIONAL = "fr.csv";
    SERIES = "series.csv";
    SCALES = "levels.csv";
    MISREADINGS = "misreadings.csv";
    REGIMES = "regimes.csv";
    CROSSWALK = "crosswalk.csv";
    TECHNIQUES = "techniques-attack-ics.csv";
    MITIGATIONS = "mitigations-attack-ics.csv";
}

/// The catalogs of the series.
pub struct Catalog {
    requirements: Vec<Requirement>,
    by_id: BTreeMap<RequirementId, usize>,
    serving: BTreeMap<RequirementId, Vec<usize>>,
    foundational: Vec<(Fr, &'static str, &'static str)>,
    parts: Vec<Part>,
    scales: Vec<ScaleStep>,
    misreadings: Vec<Misreading>,
    regimes: Vec<RegimeEntry>,
    crosswalk: Vec<CrosswalkLine>,
    techniques: Vec<Technique>,
    mitigations: Vec<AttackMitigation>,
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
        let f = &mut faults;
        let parts = series::parts(&table(SERIES, f), f);
        let mut catalog = Self {
            requirements: requirements(&parts, f),
            by_id: BTreeMap::new(),
            serving: BTreeMap::new(),
            foundational: series::foundational(&table(FOUNDATIONAL, f), f),
            parts,
            scales: series::scales(&table(SCALES, f)),
            misreadings: series::misreadings(&table(MISREADINGS, f)),
            regimes: crosswalk::regimes(&table(REGIMES, f)),
            crosswalk: crosswalk::lines(&table(CROSSWALK, f), f),
            techniques: attack::techniques(&table(TECHNIQUES, f)),
            mitigations: attack::mitigations(&table(MITIGATIONS, f), f),
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

    /// Title and paraphrase of a foundational requirement.
    #[must_use]
    pub fn foundational(&self, fr: Fr) -> (&'static str, &'static str) {
        let found = self.foundational.iter().find(|(of, _, _)| *of == fr);
        found.map_or(("", ""), |(_, title, text)| (title, text))
    }

    /// Every part of the series, published or not.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The scales: security levels and their types, maturity levels, protection ratings.
    #[must_use]
    pub fn scales(&self) -> &[ScaleStep] {
        &self.scales
    }

    /// What is often misread.
    #[must_use]
    pub fn misreadings(&self) -> &[Misreading] {
        &self.misreadings
    }

    /// Every line to another rule book, in the order of the table.
    #[must_use]
    pub fn crosswalk(&self) -> &[CrosswalkLine] {
        &self.crosswalk
    }

    /// The lines of one requirement, those of its part as a whole left out.
    pub fn crosswalk_of(&self, id: &RequirementId) -> impl Iterator<Item = &CrosswalkLine> {
        self.crosswalk.iter().filter(move |line| line.from.as_ref() == Some(id))
    }

    /// The entries of other rule books, in the order of the table.
    #[must_use]
    pub fn regimes(&self) -> &[RegimeEntry] {
        &self.regimes
    }

    /// One entry of another rule book.
    #[must_use]
    pub fn regime_entry(&self, regime: &str, id: &str) -> Option<&RegimeEntry> {
        self.regimes.iter().find(|entry| entry.regime == regime && entry.id == id)
    }

    /// The techniques of ATT&CK for ICS.
    #[must_use]
    pub fn techniques(&self) -> &[Technique] {
        &self.techniques
    }

    /// The mitigations of ATT&CK for ICS.
    #[must_use]
    pub fn mitigations(&self) -> &[AttackMitigation] {
        &self.mitigations
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

/// The title of a system requirement or enhancement of 62443-3-3.
#[must_use]
pub fn system_requirement_title(id: &RequirementId) -> Option<&'static str> {
    let requirement = Catalog::builtin().requirement(id)?;
    (requirement.standard == Standard::Iec62443_3_3).then_some(requirement.title)
}

/// The requirements of all parts, each with the conduits it applies to and the roles it is for.
fn requirements(parts: &[Part], faults: &mut Faults) -> Vec<Requirement> {
    let mut requirements = Vec::new();
    for standard in Standard::ALL {
        let table = table(table_of(standard), faults);
        requirements.extend(read::requirements(standard, &table, faults));
    }
    requirements.extend(read::common_constraints(&table(COMMON_CONSTRAINTS, faults), faults));
    let mut conduits = read::conduits(&table(CONDUITS, faults), faults);
    for requirement in &mut requirements {
        requirement.conduit = conduits.remove(&requirement.id);
        if requirement.roles.is_empty() {
            let part = parts.iter().find(|part| part.part == requirement.standard.part());
            requirement.roles = part.map(|part| part.roles.clone()).unwrap_or_default();
        }
    }
    for id in conduits.keys() {
        faults.add(format!("{}: `{id}` is in no catalog", CONDUITS.0));
    }
    requirements
}

fn table((name, text): (&'static str, &'static str), faults: &mut Faults) -> Table {
    Table::read(name, text, faults)
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
