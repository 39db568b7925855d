//! The records of a plant, typed and checked: every reference in a [`Plant`] that `text::read` returned without errors resolves.
//!
//! The keys of Workspace/1 are the field names. A field that is absent in the text is `None` or empty, never a default
//! that would pass for a statement.

use crate::id::*;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::net::IpAddr;
use zonewright_catalog::{RequirementId, SlVector};
use zonewright_source::Place;

/// Keys common to all records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Common {
    /// Name for people; the id where none is given.
    pub name: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Guessed by a machine and not yet accepted by a person: it never counts as declared.
    pub proposed: bool,
    /// Why it was proposed.
    pub reason: Option<String>,
    /// Where the record stands.
    pub place: Place,
    /// Where single keys stand, for those that findings point at.
    pub key_places: BTreeMap<&'static str, Place>,
}

impl Common {
    /// Where the value of `key` stands; the record's own place where that key is not written.
    #[must_use]
    pub fn place_of(&self, key: &str) -> &Place {
        self.key_places.get(key).unwrap_or(&self.place)
    }
}

/// A closed vocabulary whose words are those of Workspace/1.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[doc = $vdoc:literal])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $vdoc])* $variant,)* }

        impl $name {
            /// Every word with its value, in the order of the reference page.
            pub const ALL: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),*];

            /// Every word with what it means, in the same order.
            pub const MEANINGS: &'static [(&'static str, &'static str)] = &[$(($word, concat!($($vdoc),*))),*];

            /// The word as Workspace/1 writes it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    )*};
}

words! {
    /// What an asset is.
    AssetKind {
        /// Programmable logic controller.
        Plc = "plc",
        /// Remote terminal unit.
        Rtu = "rtu",
        /// Intelligent electronic device of a substation.
        Ied = "ied",
        /// Controller of a distributed control system.
        DcsController = "dcs-controller",
        /// Logic solver of a safety instrumented system.
        SisLogicSolver = "sis-logic-solver",
        /// Remote input and output.
        RemoteIo = "remote-io",
        /// Drive.
        Drive = "drive",
        /// Sensor or transmitter.
        Sensor = "sensor",
        /// Actuator or valve.
        Actuator = "actuator",
        /// Robot controller.
        Robot = "robot",
        /// Human-machine interface.
        Hmi = "hmi",
        /// Engineering workstation.
        EngineeringWorkstation = "engineering-workstation",
        /// Operator workstation.
        Workstation = "workstation",
        /// Historian.
        Historian = "historian",
        /// Any other server.
        Server = "server",
        /// Switch.
        Switch = "switch",
        /// Router.
        Router = "router",
        /// Firewall.
        Firewall = "firewall",
        /// Data diode.
        DataDiode = "data-diode",
        /// Wireless access point.
        AccessPoint = "access-point",
        /// Protocol gateway.
        Gateway = "gateway",
        /// Remote access server or jump host.
        RemoteAccess = "remote-access",
        /// Time server.
        TimeServer = "time-server",
        /// Printer.
        Printer = "printer",
        /// Camera.
        Camera = "camera",
        /// Phone, tablet, hand-held.
        Mobile = "mobile",
        /// Laptop that comes and goes.
        Laptop = "laptop",
        /// Portable media.
        PortableMedia = "portable-media",
        /// Service in a cloud.
        CloudService = "cloud-service",
        /// Software application as an asset of its own.
        Application = "application",
        /// None of these.
        Other = "other",
    }
    /// Component type of 62443-4-2.
    ComponentType {
        /// Software application (SAR).
        SoftwareApplication = "software-application",
        /// Embedded device (EDR).
        EmbeddedDevice = "embedded-device",
        /// Host device (HDR).
        HostDevice = "host-device",
        /// Network device (NDR).
        NetworkDevice = "network-device",
    }
    /// What a zone is for.
    ZoneType {
        /// Basic control.
        Control = "control",
        /// Safety instrumented functions.
        Safety = "safety",
        /// Supervision and operation.
        Supervisory = "supervisory",
        /// Demilitarized zone.
        Dmz = "dmz",
        /// Enterprise network.
        Enterprise = "enterprise",
        /// Wireless devices.
        Wireless = "wireless",
        /// Remote access.
        RemoteAccess = "remote-access",
        /// A supplier's or integrator's network.
        Supplier = "supplier",
        /// Cloud.
        Cloud = "cloud",
        /// Temporarily connected devices.
        Temporary = "temporary",
        /// None of these.
        Other = "other",
    }
    /// What carries a conduit.
    Medium {
        /// IP.
        Ip = "ip",
        /// Layer 2.
        Layer2 = "layer-2",
        /// Serial line or fieldbus.
        Serial = "serial",
        /// Radio or cellular.
        Wireless = "wireless",
        /// Portable media.
        PortableMedia = "portable-media",
        /// A diode: one way only.
        DataDiode = "data-diode",
    }
    /// How often what a permit allows is expected to be seen.
    Rhythm {
        /// All the time.
        Continuous = "continuous",
        /// At least once a day.
        Daily = "daily",
        /// At least once a week.
        Weekly = "weekly",
        /// At least once a month.
        Monthly = "monthly",
        /// When somebody asks; never called idle.
        OnDemand = "on-demand",
        /// In an emergency; never called idle.
        Emergency = "emergency",
    }
    /// How grave a consequence or how important an asset is, in three words.
    Rating {
        /// Low.
        Low = "low",
        /// Medium.
        Medium = "medium",
        /// High.
        High = "high",
    }
    /// State of a countermeasure.
    CountermeasureState {
        /// Working now.
        InPlace = "in-place",
        /// Decided, not working yet.
        Planned = "planned",
        /// Thought of.
        Proposed = "proposed",
    }
    /// Status of a requirement.
    Status {
        /// Met.
        Met = "met",
        /// Partly met.
        Partly = "partly",
        /// Not met.
        NotMet = "not-met",
        /// Not applicable, with a reason.
        NotApplicable = "not-applicable",
        /// Nothing shows it.
        NotShown = "not-shown",
    }
    /// Kind of evidence.
    EvidenceKind {
        /// A capture of traffic.
        Capture = "capture",
        /// The configuration of a device.
        Configuration = "configuration",
        /// A list of assets from elsewhere.
        Inventory = "inventory",
        /// A scan.
        Scan = "scan",
        /// A certificate.
        Certificate = "certificate",
        /// A document, photo or record.
        Document = "document",
        /// An interview.
        Interview = "interview",
    }
    /// Result of a test.
    TestResult {
        /// Passed.
        Passed = "passed",
        /// Failed.
        Failed = "failed",
        /// Not run yet.
        NotRun = "not-run",
    }
    /// Which acceptance a test belongs to.
    TestStage {
        /// Factory acceptance test.
        Fat = "fat",
        /// Site acceptance test.
        Sat = "sat",
        /// In operation.
        Operation = "operation",
    }
}

/// A network in prefix notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Network {
    // INVARIANT: bits behind the prefix are zero; prefix ≤ 32 or 128.
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// The network of `address` and `prefix`; bits behind the prefix are cleared. Nothing if the prefix is too long.
    #[must_use]
    pub fn new(address: IpAddr, prefix: u8) -> Option<Self> {
        let address = match address {
            IpAddr::V4(v4) if prefix <= 32 => {
                IpAddr::V4((u32::from(v4) & u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0)).into())
            }
            IpAddr::V6(v6) if prefix <= 128 => IpAddr::V6(
                (u128::from(v6) & u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0)).into(),
            ),
            _ => return None,
        };
        Some(Self { address, prefix })
    }

    /// Reads `10.1.0.0/16`, or a single address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().ok()?;
        Self::new(address, prefix.unwrap_or(if address.is_ipv4() { 32 } else { 128 }))
    }

    /// Its first address.
    #[must_use]
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// Length of its prefix in bits.
    #[must_use]
    pub const fn prefix(&self) -> u8 {
        self.prefix
    }

    /// Is `ip` in it?
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.address.is_ipv4() == ip.is_ipv4()
            && Self::new(ip, self.prefix).is_some_and(|n| n.address == self.address)
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// An address of an asset within its network context.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The IP address.
    pub ip: IpAddr,
    /// The network context, where the same address means different assets; none is the plant-wide one.
    pub context: Option<String>,
}

/// A MAC address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Reads `00:1b:1b:01:02:03`, also with `-` or without separators.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .bytes()
            .filter(|b| !matches!(b, b':' | b'-' | b'.'))
            .map(|b| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()))
            .collect::<Option<_>>()?;
        let bytes: Vec<u8> = digits.chunks_exact(2).map(|p| p.iter().fold(0, |a, d| a * 16 + d)).collect();
        if digits.len() == 12 { bytes.try_into().ok().map(Self) } else { None }
    }
}

impl std::fmt::Display for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// The whole declared world.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plant {
    /// The system under consideration; absent in a workspace that has no `[plant]` yet.
    pub system: Option<System>,
    /// Assets by id.
    pub assets: BTreeMap<AssetId, Asset>,
    /// Products by id.
    pub products: BTreeMap<ProductId, Product>,
    /// Zones by id.
    pub zones: BTreeMap<ZoneId, Zone>,
    /// Conduits by id.
    pub conduits: BTreeMap<ConduitId, Conduit>,
    /// Groups by id.
    pub groups: BTreeMap<GroupId, Group>,
    /// Countermeasures by id.
    pub countermeasures: BTreeMap<CountermeasureId, Countermeasure>,
    /// Claims by id.
    pub claims: BTreeMap<ClaimId, Claim>,
    /// Evidence by id.
    pub evidence: BTreeMap<EvidenceId, Evidence>,
    /// Threat sources by id.
    pub threat_sources: BTreeMap<ThreatSourceId, ThreatSource>,
    /// Scenarios by id.
    pub scenarios: BTreeMap<ScenarioId, Scenario>,
    /// Consequences by id.
    pub consequences: BTreeMap<ConsequenceId, Consequence>,
    /// Hazards by id.
    pub hazards: BTreeMap<HazardId, Hazard>,
    /// Tests by id.
    pub tests: BTreeMap<TestId, Test>,
    /// Approvals by id.
    pub approvals: BTreeMap<ApprovalId, Approval>,
    /// Security profiles by id.
    pub profiles: BTreeMap<ProfileId, Profile>,
    /// Waivers by id.
    pub waivers: BTreeMap<WaiverId, Waiver>,
}

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

/// Ports from first to last, both included. Written `502` or `"6000-6010"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortRange {
    /// First port.
    pub first: u16,
    /// Last port.
    // INVARIANT: first ≤ last.
    pub last: u16,
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

/// `[[threat_source]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreatSource {
    /// Its id.
    pub id: ThreatSourceId,
    /// Common keys.
    pub common: Common,
    /// What it is.
    pub description: Option<String>,
    /// Tier, 1 to 4.
    pub tier: Option<u8>,
    /// Skills.
    pub skills: Option<String>,
    /// Resources.
    pub resources: Option<String>,
    /// Motivation.
    pub motivation: Option<String>,
    /// Attempts per year.
    pub attempts_per_year: Option<f64>,
    /// Zones where its attempts begin.
    pub entry_zones: Vec<ZoneId>,
}

/// `[[scenario]]`: threat source × route × vulnerability × consequence.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its id.
    pub id: ScenarioId,
    /// Common keys.
    pub common: Common,
    /// Who.
    pub threat_source: Option<ThreatSourceId>,
    /// Over which conduits, in order.
    pub route: Vec<ConduitId>,
    /// Zone it aims at.
    pub target: Option<ZoneId>,
    /// Which weakness it uses.
    pub vulnerability: Option<String>,
    /// Techniques of ATT&CK for ICS.
    pub techniques: Vec<String>,
    /// What follows.
    pub consequences: Vec<ConsequenceId>,
    /// Likelihood without countermeasures, in the matrix's words.
    pub unmitigated_likelihood: Option<String>,
    /// Likelihood with those in place.
    pub residual_likelihood: Option<String>,
    /// Countermeasures that bear on it.
    pub countermeasures: Vec<CountermeasureId>,
    /// Events per year, if stated.
    pub frequency_per_year: Option<f64>,
    /// The role that accepts the residual risk.
    pub accepted_by: Option<RoleId>,
    /// When that is looked at again.
    pub review: Option<Date>,
}

/// `[[consequence]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Consequence {
    /// Its id.
    pub id: ConsequenceId,
    /// Common keys.
    pub common: Common,
    /// Category: safety, environment, production, equipment, liability, quality, reputation, or the plant's own.
    pub category: Option<String>,
    /// Zones whose compromise causes it.
    pub zones: Vec<ZoneId>,
    /// Essential functions lost.
    pub functions: Vec<FunctionId>,
    /// Severity, in the matrix's words.
    pub severity: Option<String>,
    /// Loss, low and high end of a 90 % range, in the plant's currency.
    pub loss_range: Option<(f64, f64)>,
    /// Days of downtime, low and high end of a 90 % range.
    pub downtime_days: Option<(f64, f64)>,
    /// Cost of a day of downtime.
    pub cost_per_day: Option<f64>,
    /// Where the amounts come from.
    pub source: Option<String>,
}

/// `[[hazard]]`: a row of a HAZOP or LOPA.
#[derive(Debug, Clone, PartialEq)]
pub struct Hazard {
    /// Its id.
    pub id: HazardId,
    /// Common keys.
    pub common: Common,
    /// What can happen.
    pub description: Option<String>,
    /// Severity, in the matrix's words.
    pub severity: Option<String>,
    /// Tolerable frequency per year.
    pub tolerable_frequency: Option<f64>,
    /// Safeguards, in words.
    pub safeguards: Vec<String>,
    /// Those that an attacker could defeat.
    pub defeatable: Vec<String>,
    /// Zones it bears on.
    pub zones: Vec<ZoneId>,
    /// The consequence it leads to.
    pub consequence: Option<ConsequenceId>,
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
