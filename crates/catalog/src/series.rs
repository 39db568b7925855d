//! The parts of the series, the scales it uses, the titles of the foundational requirements, and what is often misread.

use crate::table::{Faults, Row, Table};
use crate::{Fr, RequirementId, Role, Standard};

/// A part of the series, published or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The part alone: `3-3`.
    pub part: &'static str,
    /// As its cover names it: `IEC 62443-3-3`.
    pub designation: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its edition; empty where none was published.
    pub edition: &'static str,
    /// The year of that edition.
    pub year: Option<u16>,
    /// IS, TS, TR or PAS.
    pub kind: &'static str,
    /// The group of the series it stands in.
    pub group: &'static str,
    /// Published, draft, planned.
    pub status: &'static str,
    /// The roles that it is for.
    pub roles: Vec<Role>,
    /// A remark.
    pub note: Option<&'static str>,
}

impl Part {
    /// The part whose requirements a catalog here holds, if it is one.
    #[must_use]
    pub fn standard(&self) -> Option<Standard> {
        Standard::ALL.into_iter().find(|standard| standard.part() == self.part)
    }

    /// Is there an edition that can be bought?
    #[must_use]
    pub fn is_published(&self) -> bool {
        self.year.is_some()
    }
}

/// One step of a scale of the series: a security level, its type, a maturity level, a protection rating.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScaleStep {
    /// The scale: `security level`, `maturity level`, …
    pub scale: &'static str,
    /// The step: `SL 2`, `ML 3`, `SL-T`, …
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it means, in our words.
    pub text: &'static str,
    /// Every other filled column: means, resources, skills and motivation of the attacker, where it is used, confidence.
    pub provenance: Vec<(&'static str, &'static str)>,
}

/// Something about the series that is often read wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misreading {
    /// Its id here.
    pub id: &'static str,
    /// What is said, and is wrong.
    pub misreading: &'static str,
    /// What is right.
    pub reading: &'static str,
    /// What it is about: requirement ids, parts (`62443-2-4`), steps of scales (`SL-T`), ATT&CK ids.
    pub refs: Vec<&'static str>,
    /// What the right reading rests on.
    pub source: &'static str,
    /// How sure it is.
    pub confidence: &'static str,
    /// What is doubtful about it.
    pub doubt: Option<&'static str>,
}

impl Misreading {
    /// Is it about this requirement?
    #[must_use]
    pub fn is_about(&self, id: &RequirementId) -> bool {
        self.refs.iter().any(|named| named.parse::<RequirementId>().is_ok_and(|named| &named == id))
    }

    /// Is it about this part as a whole?
    #[must_use]
    pub fn is_about_part(&self, part: &str) -> bool {
        self.refs.iter().any(|named| named.strip_prefix("62443-") == Some(part))
    }
}

pub(crate) fn parts(table: &Table, faults: &mut Faults) -> Vec<Part> {
    let written = |row: &Row, column| row.filled(column).filter(|cell| *cell != "-").unwrap_or_default();
    let mut parts = Vec::new();
    for row in table.rows() {
        let year = written(&row, "year");
        parts.push(Part {
            part: row.cell("part"),
            designation: row.cell("designation"),
            title: row.cell("title"),
            edition: written(&row, "edition"),
            year: if year.is_empty() { None } else { row.parse("year", faults) },
            kind: row.cell("kind"),
            group: row.cell("group"),
            status: row.cell("status"),
            roles: roles(&row, faults),
            note: row.filled("note"),
        });
    }
    parts
}

fn roles(row: &Row, faults: &mut Faults) -> Vec<Role> {
    let columns = [
        ("asset_owner", Role::AssetOwner),
        ("integration_service_provider", Role::IntegrationServiceProvider),
        ("maintenance_service_provider", Role::MaintenanceServiceProvider),
        ("product_supplier", Role::ProductSupplier),
    ];
    let mut named = |column| row.word(column, &[("yes", true), ("no", false)], faults) == Some(true);
    columns.into_iter().filter(|(column, _)| named(column)).map(|(_, role)| role).collect()
}

pub(crate) fn scales(table: &Table) -> Vec<ScaleStep> {
    let typed = ["scale", "code", "name", "description"];
    let step = |row: Row| ScaleStep {
        scale: row.cell("scale"),
        code: row.cell("code"),
        name: row.cell("name"),
        text: row.cell("description"),
        provenance: row.rest(&typed).into_iter().filter(|(_, value)| *value != "-").collect(),
    };
    table.rows().map(step).collect()
}

/// The foundational requirements with title and paraphrase.
pub(crate) fn foundational(table: &Table, faults: &mut Faults) -> Vec<(Fr, &'static str, &'static str)> {
    let mut found = Vec::new();
    for row in table.rows() {
        let Some(fr) = row.parse("fr", faults).and_then(Fr::from_number) else { continue };
        if fr.as_str() != row.cell("abbreviation") {
            faults.add(format!("{}: FR {} is not `{}`", table.name, fr.number(), row.cell("abbreviation")));
        }
        found.push((fr, row.cell("title"), row.cell("paraphrase")));
    }
    found
}

pub(crate) fn misreadings(table: &Table) -> Vec<Misreading> {
    let refs = |row: &Row| row.cell("refs").split(';').map(str::trim).filter(|r| !r.is_empty()).collect();
    let misreading = |row: Row| Misreading {
        id: row.cell("id"),
        misreading: row.cell("misreading"),
        reading: row.cell("reading"),
        refs: refs(&row),
        source: row.cell("source"),
        confidence: row.cell("confidence"),
        doubt: row.filled("doubt"),
    };
    table.rows().map(misreading).collect()
}
