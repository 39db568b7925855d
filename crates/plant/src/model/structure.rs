//! What the plant is made of: the system under consideration, assets, products, zones, conduits with their permits, groups.

use super::{
    Address, AssetKind, Common, ComponentType, Mac, Medium, Network, PortRange, Rating, Rhythm, Status,
    ZoneType,
};
use crate::id::{AssetId, ConduitId, FunctionId, GroupId, OutageId, PermitId, ProductId, RoleId, ZoneId};
use jiff::civil::Date;
use std::collections::BTreeMap;
use zonewright_catalog::{RequirementId, SlVector};

/// `[plant]`: the system under consideration (62443-3-2, ZCR 1).
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Id of the plant.
    pub id: String,
    /// Common keys.
    pub common: Common,
    /// What the system under consideration is and does.
    pub description: Option<String>,
    /// Where it ends, and who gets in and out.
    pub perimeter: Option<String>,
    /// `[[plant.essential_function]]`.
    pub essential_functions: Vec<EssentialFunction>,
    /// ISO 4217 code of the plant's currency.
    pub currency: Option<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// `[plant.risk_matrix]`.
    pub risk_matrix: Option<RiskMatrix>,
    /// The highest risk of the matrix that is tolerable, in the matrix's words.
    pub tolerable_risk: Option<String>,
    /// Laws and rules that bear on the plant.
    pub regulatory_context: Vec<String>,
    /// `[[plant.role]]`: who answers for something, by role, never by person.
    pub roles: Vec<Role>,
    /// `[[plant.outage_window]]`.
    pub outage_windows: Vec<OutageWindow>,
}

/// A function whose loss the plant cannot bear (62443-3-3 clause 4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EssentialFunction {
    /// Its id.
    pub id: FunctionId,
    /// Its name.
    pub name: Option<String>,
    /// What it does.
    pub description: Option<String>,
    /// Assets it needs.
    pub assets: Vec<AssetId>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its id.
    pub id: RoleId,
    /// Its name.
    pub name: Option<String>,
}

/// A time in which work may stop the plant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutageWindow {
    /// Its id.
    pub id: OutageId,
    /// Its name.
    pub name: Option<String>,
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
    /// Zones it covers; all where empty.
    pub zones: Vec<ZoneId>,
}

/// A risk matrix, 3×3 to 6×6, in the plant's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskMatrix {
    /// Likelihoods, least first.
    pub likelihoods: Vec<String>,
    /// Severities, least first.
    pub severities: Vec<String>,
    /// A row per likelihood, a cell per severity: the risk's word.
    // INVARIANT: likelihoods.len() rows of severities.len() cells; each cell one of `risks`.
    pub cells: Vec<Vec<String>>,
    /// The words for risk, least first.
    pub risks: Vec<String>,
}

/// `[[asset]]` or a row of `assets*.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// Common keys.
    pub common: Common,
    /// What it is.
    pub kind: Option<AssetKind>,
    /// Component type for 62443-4-2.
    pub component_type: Option<ComponentType>,
    /// The zone it belongs to. At most one of zone and conduit.
    pub zone: Option<ZoneId>,
    /// The conduit it belongs to.
    pub conduit: Option<ConduitId>,
    /// The product it is an instance of.
    pub product: Option<ProductId>,
    /// Vendor.
    pub vendor: Option<String>,
    /// Model or order number.
    pub model: Option<String>,
    /// Firmware or software version.
    pub version: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
    /// IP addresses.
    pub ips: Vec<Address>,
    /// MAC addresses.
    pub macs: Vec<Mac>,
    /// VLAN ids.
    pub vlans: Vec<u16>,
    /// Purdue level, for information only.
    pub purdue_level: Option<String>,
    /// Is it safety related?
    pub safety_related: Option<bool>,
    /// Does it speak over the air?
    pub wireless: Option<bool>,
    /// Does it come and go?
    pub temporary: Option<bool>,
    /// Is it reached from outside the plant?
    pub remote: Option<bool>,
    /// How important it is.
    pub criticality: Option<Rating>,
    /// The role that answers for it.
    pub owner: Option<RoleId>,
    /// The vendor's last day of support.
    pub end_of_support: Option<Date>,
    /// Software on it.
    pub software: Vec<String>,
    /// File or reference of its bill of materials.
    pub sbom: Option<String>,
    /// Can a security agent be installed?
    pub agent_possible: Option<bool>,
    /// Can it be restarted outside an outage window?
    pub reboot_possible: Option<bool>,
    /// Does a change need an outage?
    pub outage_needed: Option<bool>,
    /// Does a change void the warranty?
    pub warranty_bound: Option<bool>,
}

/// `[[product]]`: one record for many instances.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Common keys.
    pub common: Common,
    /// Supplier.
    pub supplier: Option<String>,
    /// Model or order number.
    pub model: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Component type for 62443-4-2.
    pub component_type: Option<ComponentType>,
    /// Capability level per foundational requirement, as certified or stated.
    pub sl_c: SlVector,
    /// Certificate that states it.
    pub certificate: Option<String>,
    /// Answers per component requirement: `"CR 1.1" = "met"`.
    pub capabilities: BTreeMap<RequirementId, Status>,
    /// The vendor's last day of support.
    pub end_of_support: Option<Date>,
}

/// The target level of a zone or conduit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlTarget {
    /// None stated. Null, not 0.
    None,
    /// To be derived from risk.
    DeriveFromRisk,
    /// Stated per foundational requirement.
    Stated(SlVector),
}

impl SlTarget {
    /// The stated vector, if one is.
    #[must_use]
    pub const fn stated(&self) -> Option<&SlVector> {
        match self {
            Self::Stated(vector) => Some(vector),
            Self::None | Self::DeriveFromRisk => None,
        }
    }
}

/// A network that belongs to a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneNetwork {
    /// The addresses.
    pub network: Network,
    /// VLAN it is on, if it is told apart by one.
    pub vlan: Option<u16>,
    /// The network context; none is the plant-wide one.
    pub context: Option<String>,
}

/// `[[zone]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Its id.
    pub id: ZoneId,
    /// Common keys.
    pub common: Common,
    /// What it is for. Key `type`.
    pub zone_type: Option<ZoneType>,
    /// Is it inside the system under consideration? Key `inside`; true where absent.
    pub inside: bool,
    /// Is it trusted? Key `trusted`; where absent: yes if inside.
    pub trusted: bool,
    /// The zone it is part of.
    pub parent: Option<ZoneId>,
    /// `networks`: `"10.1.0.0/16"` or `{ network, vlan, context }`.
    pub networks: Vec<ZoneNetwork>,
    /// Target level. Key `sl_t`: a level for all seven, seven levels, a table per FR, or `"derive-from-risk"`.
    pub sl_t: SlTarget,
    /// Why levels differ between foundational requirements, by abbreviation.
    pub sl_t_reasons: BTreeMap<String, String>,
    /// Consequence ratings by category: `safety = "high"`.
    pub consequences: BTreeMap<String, Rating>,
    /// The role that answers for it.
    pub accountable: Option<RoleId>,
    /// Its physical boundary.
    pub physical_boundary: Option<String>,
    /// What is taken for granted.
    pub assumptions: Vec<String>,
    /// Is it safety related by designation (62443-3-2 ZCR 3.3)?
    pub safety_related: Option<bool>,
}

/// An end of a permit.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// Any asset or address of a zone (and of the zones within it).
    Zone(ZoneId),
    /// One asset.
    Asset(AssetId),
    /// The assets of a group.
    Group(GroupId),
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Zone(id) => write!(f, "{id}"),
            Self::Asset(id) => write!(f, "{id}"),
            Self::Group(id) => write!(f, "{id}"),
        }
    }
}

/// Whether a conduit asks for a protection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Protection {
    /// Not stated.
    #[default]
    NotStated,
    /// Not asked for.
    NotRequired,
    /// Asked for.
    Required,
}

/// `[[conduit]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Conduit {
    /// Its id.
    pub id: ConduitId,
    /// Common keys.
    pub common: Common,
    /// The zones it joins, two or more.
    pub zones: Vec<ZoneId>,
    /// What carries it.
    pub medium: Option<Medium>,
    /// Devices that enforce it: assets of kind firewall, router, switch, gateway, data diode.
    pub enforced_by: Vec<AssetId>,
    /// Authentication: `"required"` or `"not-required"`.
    pub authentication: Protection,
    /// Encryption.
    pub encryption: Protection,
    /// Monitoring.
    pub monitoring: Protection,
    /// Its own target level.
    pub sl_t: SlTarget,
    /// Why levels differ between foundational requirements.
    pub sl_t_reasons: BTreeMap<String, String>,
    /// The role that answers for it.
    pub accountable: Option<RoleId>,
    /// `[[conduit.permit]]`.
    pub permits: Vec<Permit>,
}

/// `[[conduit.permit]]`: what may pass, who asked for it and until when.
#[derive(Debug, Clone, PartialEq)]
pub struct Permit {
    /// Its id.
    pub id: PermitId,
    /// Common keys.
    pub common: Common,
    /// Who begins. Key `from`: an id of a zone, asset or group.
    pub from: Vec<Endpoint>,
    /// Who is asked. Key `to`.
    pub to: Vec<Endpoint>,
    /// The protocol's name as `traffic` knows it (`modbus`), or `any`, or a transport with a port: `tcp`, `udp`, `icmp`.
    pub protocol: String,
    /// Function names (`read-holding-registers`). Empty with `classes` empty: every function.
    pub functions: Vec<String>,
    /// Function classes (`read`, `discover`).
    pub classes: Vec<String>,
    /// Ports of the responder; the protocol's own where empty.
    pub ports: Vec<PortRange>,
    /// What for.
    pub purpose: Option<String>,
    /// How often it is expected to be seen. Key `expected`.
    pub expected: Option<Rhythm>,
    /// The role that answers for it.
    pub owner: Option<RoleId>,
    /// The role that approved it.
    pub approved_by: Option<RoleId>,
    /// Last day it holds.
    pub until: Option<Date>,
}

/// `[[group]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Common keys.
    pub common: Common,
    /// Its members.
    pub assets: Vec<AssetId>,
}
