//! What the lines of a configuration say, before it is worked out what that means for packets.

use super::ports::Ports;
use crate::dialects::cisco::Word;
use crate::dialects::{Groups, Named, NamedList, Service};
use crate::ruleset::{AddressSet, IntervalSet, Undecidable};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Range;

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Config<'a> {
    /// The release, major and minor, where the file tells it.
    pub(super) release: Option<(u32, u32)>,
    /// Whether the device bridges (`firewall transparent`).
    pub(super) transparent: bool,
    /// How many pieces masks that are no prefix have made of addresses.
    pub(super) pieces: Cell<u32>,
    /// `name ADDRESS NAME`.
    pub(super) names: BTreeMap<String, IpAddr>,
    /// By the name of the hardware.
    pub(super) interfaces: NamedList<Interface>,
    /// The index of each interface that has a name.
    pub(super) by_name: BTreeMap<String, usize>,
    /// `same-security-traffic permit inter-interface`.
    pub(super) same_level: bool,
    /// `same-security-traffic permit intra-interface`.
    pub(super) hairpin: bool,
    /// What each object and group holds; the two share their names.
    pub(super) kinds: BTreeMap<String, GroupKind>,
    /// Network objects and groups.
    pub(super) networks: Groups<NetworkItem>,
    /// Service objects, and groups of services, ports, protocols and ICMP types.
    pub(super) services: Groups<ServiceItem>,
    /// Where objects and groups are declared, and how many lines they have.
    pub(super) declared: Vec<(String, GroupKind, Range<usize>)>,
    /// Access lists.
    pub(super) lists: NamedList<List<'a>>,
    /// Access groups.
    pub(super) bindings: Vec<Binding>,
    /// Time ranges.
    pub(super) times: BTreeMap<String, TimeRange>,
    /// Translations since 8.3.
    pub(super) nat: Vec<NatLine<'a>>,
    /// Translations before 8.3: `nat`, `global`, `static`, by their words.
    pub(super) old_nat: Vec<Statement<'a>>,
    /// What lets people and machines reach the device.
    pub(super) management: Vec<Statement<'a>>,
    /// Statements about tunnels.
    pub(super) vpn: Vec<Statement<'a>>,
    /// Routes and checks of the way back.
    pub(super) routes: Vec<Statement<'a>>,
    /// Interfaces on which the way back of the source is checked, and where that is said.
    pub(super) reverse_path: Vec<(String, Range<usize>)>,
    /// Statements that make an interface's traffic depend on something that the file does not tell: the interface (any where
    /// there is none), what it depends on, what it does then, and where.
    pub(super) uncertain: Vec<Uncertain>,
    /// What inspections do to ICMP.
    pub(super) icmp_inspection: Inspection,
    /// Whether any inspection opens connections that belong to others.
    pub(super) inspects: bool,
}

/// A statement with its words and its place.
#[derive(Debug, Clone)]
pub(super) struct Statement<'a> {
    pub(super) words: Vec<Word<'a>>,
    pub(super) span: Range<usize>,
}

/// Whether the ICMP of some or all is inspected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub(super) enum Inspection {
    /// Not.
    #[default]
    No,
    /// Of a class that is not told here.
    Some,
    /// All.
    All,
}

/// Something that the file does not tell and that opens or closes.
#[derive(Debug, Clone)]
pub(super) struct Uncertain {
    pub(super) interface: Option<String>,
    pub(super) what: Undecidable,
    pub(super) effect: Effect,
    pub(super) span: Range<usize>,
}

/// What something uncertain does, if it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Opens,
    Closes,
    /// The one or the other.
    Either,
}

/// An interface block.
#[derive(Debug, Clone)]
pub(super) struct Interface {
    /// `GigabitEthernet0/1.20`.
    pub(super) hardware: String,
    /// `nameif`; without it nothing passes.
    pub(super) name: Option<String>,
    pub(super) level: Option<u8>,
    /// Whether the level was not understood.
    pub(super) level_unread: bool,
    pub(super) addresses: Vec<OwnAddress>,
    /// Whether an address is learned at run time.
    pub(super) learns_address: bool,
    pub(super) shutdown: bool,
    pub(super) management_only: bool,
    pub(super) zone: Option<String>,
    pub(super) bridge_group: Option<String>,
    /// Interfaces by hardware to which nothing is begun from here (`no forward interface`).
    pub(super) no_forward: Vec<String>,
    pub(super) span: Range<usize>,
}

/// An address of the device.
#[derive(Debug, Clone)]
pub(super) struct OwnAddress {
    pub(super) address: IpAddr,
    pub(super) length: u8,
    pub(super) span: Range<usize>,
}

impl Interface {
    pub(super) fn new(hardware: &str, span: Range<usize>) -> Self {
        Self {
            hardware: hardware.to_owned(),
            name: None,
            level: None,
            level_unread: false,
            addresses: Vec::new(),
            learns_address: false,
            shutdown: false,
            management_only: false,
            zone: None,
            bridge_group: None,
            no_forward: Vec::new(),
            span,
        }
    }

    /// The security level: 100 for `inside` and 0 for others, where none is set.
    pub(super) fn level(&self) -> u8 {
        self.level.unwrap_or(if self.name.as_deref() == Some("inside") { 100 } else { 0 })
    }

    /// The number of the bridge group that this is the virtual interface of.
    pub(super) fn bridge(&self) -> Option<&str> {
        self.hardware.get(..3).filter(|head| head.eq_ignore_ascii_case("bvi"))?;
        self.hardware.get(3..)
    }
}

impl Named for Interface {
    fn name(&self) -> &str {
        &self.hardware
    }
}

/// What a group holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GroupKind {
    Network,
    /// Services of their own, or ports of these protocols only (`object-group service X tcp`).
    Service(Option<IntervalSet<u8>>),
    Protocol,
    IcmpType,
    User,
    Security,
    /// Anything else: network services, applications.
    Other,
}

impl GroupKind {
    /// In the configuration's words.
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Service(_) => "service",
            Self::Protocol => "protocol",
            Self::IcmpType => "icmp-type",
            Self::User => "user",
            Self::Security => "security",
            Self::Other => "other",
        }
    }
}

/// A member of a network group.
#[derive(Debug, Clone)]
pub(super) enum NetworkItem {
    Set(AddressSet),
    Unknown(Undecidable),
}

/// A member of a group of services, ports, protocols or ICMP types.
#[derive(Debug, Clone)]
pub(super) enum ServiceItem {
    /// Services with everything that they ask.
    Services(Vec<Service>),
    /// Destination ports, whatever the protocol.
    Ports(Ports),
    Protocols(IntervalSet<u8>),
    /// An ICMP type by its word: whether it is of IPv4 or IPv6 is told by the entry that uses it.
    IcmpType(String),
    Unknown(Undecidable),
}

/// An access list.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) name: String,
    /// Whether it is an `ipv6 access-list` of before 9.0.
    pub(super) ipv6: bool,
    pub(super) kind: ListKind,
    pub(super) entries: Vec<Entry<'a>>,
    // INVARIANT: a permutation of the indices of `entries`.
    /// The order of the entries.
    pub(super) order: Vec<usize>,
    pub(super) span: Range<usize>,
}

impl Named for List<'_> {
    fn name(&self) -> &str {
        &self.name
    }
}

/// What a list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListKind {
    Extended,
    Standard,
    Ethertype,
    Webtype,
}

/// A line of a list.
#[derive(Debug, Clone)]
pub(super) enum Entry<'a> {
    /// The text of a remark.
    Remark(String),
    /// The words from `permit` or `deny` on.
    Ace(Statement<'a>),
}

/// An access group.
#[derive(Debug, Clone)]
pub(super) struct Binding {
    pub(super) list: String,
    pub(super) at: BindingAt,
    pub(super) span: Range<usize>,
}

/// Where an access group stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BindingAt {
    In(String),
    Out(String),
    Global,
    ControlPlane(String),
}

/// A time range.
#[derive(Debug, Clone, Default)]
pub(super) struct TimeRange {
    /// The end, where there is an absolute one.
    pub(super) until: Option<jiff::civil::DateTime>,
}

/// A translation since 8.3.
#[derive(Debug, Clone)]
pub(super) struct NatLine<'a> {
    /// The object that it is in, for those of section 2.
    pub(super) object: Option<String>,
    pub(super) words: Vec<Word<'a>>,
    pub(super) span: Range<usize>,
}
