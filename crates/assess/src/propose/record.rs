//! Records as they are before anything is said in them, and ids that are short, stable and free.

use std::collections::BTreeMap;
use std::sync::Arc;
use zonewright_plant::id::{AssetId, ConduitId, EvidenceId, PermitId, ZoneId};
use zonewright_plant::model::{Asset, Common, Conduit, Evidence, Permit, Protection, SlTarget, Zone};
use zonewright_source::Place;

/// Longest id that is made here, in characters; Workspace/1 takes twice as many.
const ID_CHARS_MAX: usize = 40;

/// Common keys of a proposed record.
pub(super) fn proposed(name: Option<String>, reason: String) -> Common {
    Common {
        name,
        note: None,
        proposed: true,
        reason: Some(reason),
        place: Place::File(Arc::from("")),
        key_places: BTreeMap::new(),
    }
}

/// An asset of which nothing is said yet, proposed for `reason`.
#[must_use]
pub fn blank_asset(id: AssetId, reason: String) -> Asset {
    Asset {
        id,
        common: proposed(None, reason),
        kind: None,
        component_type: None,
        zone: None,
        conduit: None,
        product: None,
        vendor: None,
        model: None,
        version: None,
        serial: None,
        ips: Vec::new(),
        macs: Vec::new(),
        vlans: Vec::new(),
        purdue_level: None,
        safety_related: None,
        wireless: None,
        temporary: None,
        remote: None,
        criticality: None,
        owner: None,
        end_of_support: None,
        software: Vec::new(),
        sbom: None,
        agent_possible: None,
        reboot_possible: None,
        outage_needed: None,
        warranty_bound: None,
    }
}

/// Evidence of which nothing is said yet, proposed.
#[must_use]
pub fn blank_evidence(id: EvidenceId) -> Evidence {
    let mut common = proposed(None, String::new());
    common.reason = None;
    Evidence {
        id,
        common,
        file: None,
        hash: None,
        kind: None,
        taken: None,
        source: None,
        zone: None,
        capture_point: None,
        sees: Vec::new(),
        context: None,
        covers_from: None,
        covers_until: None,
        device: None,
        dialect: None,
        interfaces: Vec::new(),
        good_until: None,
    }
}

pub(super) fn blank_zone(id: ZoneId, common: Common) -> Zone {
    Zone {
        id,
        common,
        zone_type: None,
        inside: true,
        trusted: true,
        parent: None,
        networks: Vec::new(),
        sl_t: SlTarget::None,
        sl_t_reasons: BTreeMap::new(),
        consequences: BTreeMap::new(),
        accountable: None,
        physical_boundary: None,
        assumptions: Vec::new(),
        safety_related: None,
    }
}

pub(super) fn blank_conduit(id: ConduitId, common: Common, zones: Vec<ZoneId>) -> Conduit {
    Conduit {
        id,
        common,
        zones,
        medium: None,
        enforced_by: Vec::new(),
        authentication: Protection::NotStated,
        encryption: Protection::NotStated,
        monitoring: Protection::NotStated,
        sl_t: SlTarget::None,
        sl_t_reasons: BTreeMap::new(),
        accountable: None,
        permits: Vec::new(),
    }
}

/// A permit of which only the protocol is said.
#[must_use]
pub fn blank_permit(id: PermitId, common: Common, protocol: String) -> Permit {
    Permit {
        id,
        common,
        from: Vec::new(),
        to: Vec::new(),
        protocol,
        functions: Vec::new(),
        classes: Vec::new(),
        ports: Vec::new(),
        purpose: None,
        expected: None,
        owner: None,
        approved_by: None,
        until: None,
    }
}

/// Letters, digits and hyphens of a text, to be a part of an id.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_matches(['-', '_'])
        .chars()
        .take(ID_CHARS_MAX)
        .collect::<String>()
        .trim_matches(['-', '_'])
        .to_string()
}

/// `wanted`, or with the least number behind it that makes it free.
pub(super) fn free_id(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(wanted) {
        return wanted.to_string();
    }
    (2_u32..).map(|n| format!("{wanted}-{n}")).find(|id| !taken(id)).unwrap_or_default()
}
