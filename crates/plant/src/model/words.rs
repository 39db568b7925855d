//! The closed vocabularies of Workspace/1.

pub use zonewright_catalog::ComponentType;

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
        /// A capture of traffic, or what a monitor logged of it (Zeek, Suricata); a folder of logs is one.
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
