//! MITRE ATT&CK for ICS: techniques, and the mitigations that name requirements of 3-3 and 4-2.
//!
//! © 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.

use crate::RequirementId;
use crate::table::{Faults, Row, Table};

/// The notice that goes with everything taken from ATT&CK.
pub const ATTACK_NOTICE: &str = "ATT&CK for ICS: © 2025 The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.";

/// A technique of ATT&CK for ICS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technique {
    /// `T0800`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The tactics it serves.
    pub tactics: Vec<&'static str>,
    /// The mitigations that MITRE names against it.
    pub mitigated_by: Vec<&'static str>,
    /// The version of ATT&CK.
    pub version: &'static str,
}

/// A mitigation of ATT&CK for ICS, with the requirements that MITRE labels it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttackMitigation {
    /// `M0800`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// MITRE's labels of 3-3.
    pub system: Vec<RequirementId>,
    /// MITRE's labels of 4-2, as MITRE gives them.
    pub component: Vec<RequirementId>,
    /// The same, where MITRE's is a heading of 4-2: the rows that carry the requirement.
    pub component_rows: Vec<RequirementId>,
    /// The version of ATT&CK.
    pub version: &'static str,
}

impl AttackMitigation {
    /// Does it name that requirement, in MITRE's words or at the row that carries it?
    #[must_use]
    pub fn names(&self, id: &RequirementId) -> bool {
        [&self.system, &self.component, &self.component_rows].iter().any(|ids| ids.contains(id))
    }
}

pub(crate) fn techniques(table: &Table) -> Vec<Technique> {
    let technique = |row: Row| Technique {
        id: row.cell("id"),
        name: row.cell("name"),
        tactics: entries(row.cell("tactics")),
        mitigated_by: entries(row.cell("mitigated_by")),
        version: row.cell("attack_version"),
    };
    table.rows().map(technique).collect()
}

pub(crate) fn mitigations(table: &Table, faults: &mut Faults) -> Vec<AttackMitigation> {
    let mut read = |row: Row| AttackMitigation {
        id: row.cell("id"),
        name: row.cell("name"),
        system: row.list("refs_3_3", faults),
        component: row.list("refs_4_2", faults),
        component_rows: row.list("refs_4_2_catalog", faults),
        version: row.cell("attack_version"),
    };
    table.rows().map(&mut read).collect()
}

fn entries(cell: &'static str) -> Vec<&'static str> {
    cell.split(';').map(str::trim).filter(|entry| !entry.is_empty()).collect()
}
