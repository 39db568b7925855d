//! What a configuration says, before its names are resolved.

use crate::dialects::{Groups, Named, NamedList, Service};
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, Log};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::Range;
use std::sync::Arc;

/// Bytes of the file.
pub(super) type Span = Range<usize>;

/// All that is read of a configuration.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) lists_v4: NamedList<AccessList>,
    pub(super) lists_v6: NamedList<AccessList>,
    /// Object groups of addresses; a member without a set was not understood.
    pub(super) networks: Groups<Option<AddressSet>>,
    /// Object groups of services.
    pub(super) services: Groups<Service>,
    /// Object groups of ports (NX-OS); a member without a set was not understood.
    pub(super) ports: Groups<Option<IntervalSet<u16>>>,
    pub(super) interfaces: NamedList<Interface>,
    pub(super) time_ranges: BTreeMap<String, TimeRange>,
    pub(super) class_maps: NamedList<ClassMap>,
    pub(super) policy_maps: NamedList<PolicyMap>,
    pub(super) zones: NamedList<Zone>,
    pub(super) zone_pairs: NamedList<ZonePair>,
    /// `ip inspect name`: the services of each.
    pub(super) inspections: BTreeMap<String, Vec<(Service, Span)>>,
    /// `ip port-map`: further ports of protocols by name.
    pub(super) port_maps: BTreeMap<String, Vec<Service>>,
    pub(super) pools: BTreeMap<String, (IpAddr, IpAddr)>,
    pub(super) translations: Vec<Translation>,
    pub(super) route_maps: NamedList<RouteMap>,
    pub(super) vlan_maps: NamedList<RouteMap>,
    pub(super) vlan_filters: Vec<VlanFilter>,
    pub(super) routes: Vec<Route>,
    /// Whether the machine learns routes from others.
    pub(super) learns_routes: bool,
    pub(super) management: Management,
    /// Statements that filter, and of which it is not known where they stand.
    pub(super) strays: Vec<Span>,
    /// Names of lists that something other than an interface uses.
    pub(super) used_lists: BTreeSet<String>,
}

impl Config {
    /// The list of this name.
    pub(super) fn list(&self, version: IpVersion, name: &str) -> Option<&AccessList> {
        match version {
            IpVersion::V4 => self.lists_v4.get(name),
            IpVersion::V6 => self.lists_v6.get(name),
        }
    }

    /// The lists of a version.
    pub(super) fn lists(&mut self, version: IpVersion) -> &mut NamedList<AccessList> {
        match version {
            IpVersion::V4 => &mut self.lists_v4,
            IpVersion::V6 => &mut self.lists_v6,
        }
    }
}

/// A list of packets.
#[derive(Debug, Clone)]
pub(super) struct AccessList {
    pub(super) name: String,
    pub(super) version: IpVersion,
    /// Whether entries name a source only.
    pub(super) standard: bool,
    pub(super) entries: Vec<Entry>,
    /// The remarks that were met last, as one text.
    pub(super) remark: Option<Arc<str>>,
    /// Whether an entry followed them.
    pub(super) remark_used: bool,
    /// The greatest number of an entry so far.
    pub(super) last: u64,
    pub(super) span: Span,
}

/// A line of a list.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its place in the list.
    pub(super) number: u64,
    pub(super) action: Action,
    pub(super) asks: Vec<Ask>,
    pub(super) log: Option<Log>,
    /// The remarks before it.
    pub(super) remark: Option<Arc<str>>,
    /// The words behind the number, for `no`.
    pub(super) text: String,
    pub(super) span: Span,
}

/// What an entry does with a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Action {
    Permit,
    Deny,
    /// Permits, and lets packets of the other direction pass where the name is evaluated.
    Reflect(String),
    /// Permits packets that answer those that the name reflects.
    Evaluate(String),
    /// Was not understood: may permit or deny.
    Unknown,
}

impl Entry {
    /// An entry that was not understood.
    pub(super) fn unknown(version: IpVersion, number: u64, text: String, span: Span) -> Self {
        let asks = vec![Ask::This(Condition::Version(version))];
        Self { number, action: Action::Unknown, asks, log: None, remark: None, text, span }
    }

    /// Whether it was not understood.
    pub(super) fn is_unknown(&self) -> bool {
        self.action == Action::Unknown
    }
}

/// What an entry asks of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ask {
    This(Condition),
    SourceGroup(String),
    DestinationGroup(String),
    ServiceGroup(String),
    SourcePorts(String),
    DestinationPorts(String),
    Time(String),
}

/// `time-range`.
#[derive(Debug, Clone, Default)]
pub(super) struct TimeRange {
    /// Its absolute end.
    pub(super) until: Option<jiff::civil::DateTime>,
}

/// An interface.
#[derive(Debug, Clone)]
pub(super) struct Interface {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) addresses: Vec<(IpAddr, u8, Span)>,
    pub(super) shutdown: bool,
    /// Lists that packets pass, with the version and the direction.
    pub(super) lists: Vec<Binding>,
    pub(super) zone: Option<(String, Span)>,
    pub(super) nat: NatSides,
    /// `ip inspect NAME in|out`.
    pub(super) inspects: Vec<(String, Way, Span)>,
    pub(super) vrf: Option<String>,
    /// `switchport`: the VLAN, or none for a trunk.
    pub(super) port: Option<Port>,
    /// What may drop packets that come in or go out here, in a way that the configuration does not tell.
    pub(super) may_drop: Vec<MayDrop>,
}

/// A port of a switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Port {
    Access(u16),
    Trunk,
}

/// On which sides of translation an interface is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct NatSides {
    pub(super) inside: bool,
    pub(super) outside: bool,
    /// `ip nat enable`: both, for `ip nat source`.
    pub(super) enabled: bool,
}

/// Into the machine or out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    In,
    Out,
}

/// A list that packets of an interface pass.
#[derive(Debug, Clone)]
pub(super) struct Binding {
    pub(super) list: String,
    pub(super) version: IpVersion,
    pub(super) way: Way,
    pub(super) span: Span,
}

/// Something at an interface that may drop packets.
#[derive(Debug, Clone)]
pub(super) struct MayDrop {
    pub(super) what: String,
    pub(super) reason: crate::ruleset::Reason,
    pub(super) way: Way,
    pub(super) span: Span,
    /// A map of policies or routes that decides whether it can drop at all.
    pub(super) unless: Option<Unless>,
}

/// Why something does not drop after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unless {
    /// The policy map of this name neither drops nor polices.
    Policy(String),
    /// The route map of this name leads to no null interface.
    Routes(String),
    /// The source is in a network at the interface itself.
    Connected,
}

/// `class-map`.
#[derive(Debug, Clone)]
pub(super) struct ClassMap {
    pub(super) name: String,
    /// Whether one match is enough.
    pub(super) any: bool,
    pub(super) matches: Vec<ClassMatch>,
    pub(super) span: Span,
}

/// A `match` of a class map.
#[derive(Debug, Clone)]
pub(super) struct ClassMatch {
    pub(super) negated: bool,
    pub(super) what: ClassAsk,
    pub(super) span: Span,
}

/// What a class asks.
#[derive(Debug, Clone)]
pub(super) enum ClassAsk {
    List(String),
    Class(String),
    /// A protocol by name, and the words of the match.
    Protocol(String, String),
    Conditions(Vec<Condition>),
}

/// `policy-map`.
#[derive(Debug, Clone)]
pub(super) struct PolicyMap {
    pub(super) name: String,
    pub(super) inspect: bool,
    pub(super) classes: Vec<PolicyClass>,
    /// Whether it can drop packets by rate or class (`police`, `drop`), or holds another policy that may.
    pub(super) drops: bool,
    pub(super) span: Span,
}

/// A class within a policy.
#[derive(Debug, Clone)]
pub(super) struct PolicyClass {
    /// The class map; `class-default` takes what is left.
    pub(super) class: String,
    pub(super) action: ClassAction,
    pub(super) log: bool,
    /// What may drop besides, in the configuration's words.
    pub(super) also: Option<String>,
    pub(super) span: Span,
}

/// What a zone-based firewall does with a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassAction {
    Inspect,
    Pass,
    Drop,
}

/// `zone security`.
#[derive(Debug, Clone)]
pub(super) struct Zone {
    pub(super) name: String,
    pub(super) span: Span,
}

/// `zone-pair security`.
#[derive(Debug, Clone)]
pub(super) struct ZonePair {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) destination: String,
    pub(super) policy: Option<(String, Span)>,
    pub(super) span: Span,
}

/// What `ip nat` translates.
#[derive(Debug, Clone)]
pub(super) struct Translation {
    pub(super) side: NatSide,
    pub(super) what: Translated,
    pub(super) to: NatTarget,
    pub(super) vrf: Option<String>,
    pub(super) route_map: Option<String>,
    pub(super) overload: bool,
    pub(super) span: Span,
}

/// Which addresses are translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NatSide {
    /// Sources of packets from the inside, and back.
    InsideSource,
    /// Destinations of packets from the outside (balanced over a pool).
    InsideDestination,
    /// Sources of packets from the outside, and back.
    OutsideSource,
    /// `ip nat source`: with the virtual interface, between any two.
    AnySource,
}

/// What is translated.
#[derive(Debug, Clone)]
pub(super) enum Translated {
    /// One address.
    Host(IpAddr),
    /// One port of one address.
    Port(u8, IpAddr, u16),
    /// A network of this length.
    Network(IpAddr, u8),
    /// What a list permits.
    List(String),
    /// What a route map permits.
    RouteMap(String),
    /// Something that was not understood.
    Unclear,
}

/// Into what.
#[derive(Debug, Clone)]
pub(super) enum NatTarget {
    Host(IpAddr),
    Port(IpAddr, u16),
    Network(IpAddr, u8),
    Interface(String, Option<u16>),
    Pool(String),
    Unclear(String),
}

/// `route-map`, or `vlan access-map`.
#[derive(Debug, Clone)]
pub(super) struct RouteMap {
    pub(super) name: String,
    pub(super) steps: Vec<RouteStep>,
    /// The number of the step that lines belong to while it is read.
    pub(super) open: u64,
    pub(super) span: Span,
}

/// A numbered step of a route map or VLAN access map.
#[derive(Debug, Clone)]
pub(super) struct RouteStep {
    pub(super) number: u64,
    pub(super) permit: bool,
    /// Names of lists, of which one must permit.
    pub(super) lists: Vec<(String, IpVersion)>,
    /// Interfaces by which packets must go out.
    pub(super) interfaces: Vec<String>,
    /// Something it asks that is not modeled.
    pub(super) unclear: Option<String>,
    /// Whether it asks about frames that carry no IP only.
    pub(super) other_frames: bool,
    /// Whether it sends packets to a null interface.
    pub(super) discards: bool,
    pub(super) span: Span,
}

/// `vlan filter`.
#[derive(Debug, Clone)]
pub(super) struct VlanFilter {
    pub(super) map: String,
    pub(super) vlans: IntervalSet<u16>,
    pub(super) span: Span,
}

/// A static route.
#[derive(Debug, Clone)]
pub(super) struct Route {
    pub(super) vrf: Option<String>,
    pub(super) network: IpAddr,
    pub(super) length: u8,
    pub(super) discards: bool,
    /// Whether it only counts where something else holds (a track, a permanent other).
    pub(super) conditional: bool,
    pub(super) span: Span,
}

/// Who may manage the machine.
#[derive(Debug, Default)]
pub(super) struct Management {
    /// Blocks of virtual terminals in order.
    pub(super) terminals: Vec<Terminals>,
    pub(super) http: Web,
    pub(super) https: Web,
    /// The list of `ip http access-class`.
    pub(super) http_lists: Vec<(String, IpVersion, Span)>,
    /// SNMP communities and groups.
    pub(super) snmp: Vec<Snmp>,
    /// `service-policy input` of the control plane.
    pub(super) control_plane: Option<(String, Span)>,
}

/// A web server of the machine.
#[derive(Debug, Default, Clone)]
pub(super) struct Web {
    /// Whether it is on; `None` where the configuration does not say.
    pub(super) on: Option<(bool, Span)>,
    pub(super) port: Option<u16>,
}

/// `line vty`.
#[derive(Debug, Clone)]
pub(super) struct Terminals {
    pub(super) lists: Vec<(String, IpVersion, Span)>,
    /// Whether packets of every VRF are let in by the list.
    pub(super) any_vrf: bool,
    pub(super) ssh: Transport,
    pub(super) telnet: Transport,
    pub(super) span: Span,
}

/// Whether a terminal may be reached by a protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Yes,
    No,
    /// Not said: the default depends on the release.
    Default,
}

/// Who may ask by SNMP.
#[derive(Debug, Clone)]
pub(super) struct Snmp {
    pub(super) list: Option<String>,
    pub(super) list_v6: Option<String>,
    pub(super) span: Span,
}

macro_rules! named {
    ($($kind:ty),*) => {$(
        impl Named for $kind {
            fn name(&self) -> &str {
                &self.name
            }
        }
    )*};
}
named!(AccessList, Interface, ClassMap, PolicyMap, Zone, ZonePair, RouteMap);

impl Interface {
    pub(super) fn new(name: String, span: Span) -> Self {
        Self {
            name,
            span,
            addresses: Vec::new(),
            shutdown: false,
            lists: Vec::new(),
            zone: None,
            nat: NatSides::default(),
            inspects: Vec::new(),
            vrf: None,
            port: None,
            may_drop: Vec::new(),
        }
    }
}

/// An IPv4 address.
pub(super) fn v4(word: &str) -> Option<Ipv4Addr> {
    word.parse().ok()
}
