//! The rules that the device writes itself, around those of the configuration.
//!
//! Left out are the tables that hold whom the machine locked out for trying passwords or opening too many connections
//! (`sshguard`, `sshlockout`, `virusprot`, `snort2c`): they are empty until it does. And the block of port 0, which no program
//! uses: with it, nothing that leaves the source port open would pass as a whole. That everything is let out, which rules may
//! overrule, is the policy of the chain for what goes out.

use super::endpoint::Meant;
use super::extent::Extent;
use super::fields::is_set;
use super::interfaces::{Addressing, Interface, Interfaces};
use super::item::{Direction, Item, rank};
use super::values::addresses;
use super::{Config, Product};
use crate::dialects::{Element, Reading};
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, Reason, Undecidable, Verdict};
use zonewright_source::TextPlace;

/// The ports by which the machine is managed, and where they stand.
pub(super) struct Management {
    /// The ports of the web pages and of SSH, as far as they are on.
    pub(super) ports: Vec<u16>,
    /// The interface on which they are always open.
    pub(super) interface: Option<String>,
}

/// All of these rules.
pub(super) fn items(config: &Config<'_>, management: &Management, reading: &Reading) -> Vec<Item> {
    let place = reading.place(&config.filter_span());
    let mut all = Vec::new();
    everywhere(config, &place, &mut all);
    for (name, interface) in config.interfaces.enabled() {
        let on = Writer { config, name, interface, place: reading.place(&interface.element.start_tag()) };
        on.dhcp_client(&mut all);
        on.blocked_sources(&mut all, reading);
        on.dhcp_server(&mut all);
        on.tunnels(&mut all);
    }
    if let Some(interface) = &management.interface {
        let place = config
            .system
            .and_then(|system| system.child("webgui"))
            .map_or(place.clone(), |webgui| reading.place(&webgui.start_tag()));
        all.push(anti_lockout(config, interface, &management.ports, place));
    }
    all.extend(ipsec(config, &place));
    all.extend(static_routes(config, &place));
    all
}

fn everywhere(config: &Config<'_>, place: &TextPlace, all: &mut Vec<Item>) {
    let rule = |verdict, comment: &str| Item::new(place.clone(), rank::SYSTEM, verdict, comment);
    match config.system {
        Some(system) if !is_set(system, "ipv6allow") => {
            let block = rule(Verdict::Drop, "block all IPv6");
            all.push(block.going(Direction::Any).of(IpVersion::V6));
        }
        _ => {}
    }
    let is_pfsense = config.product == Product::Pfsense;
    if is_pfsense && !config.system.is_some_and(|system| is_set(system, "no_apipa_block")) {
        let link_local = Meant::of(Extent::exact(set("169.254.0.0/16")));
        all.push(rule(Verdict::Drop, "block IPv4 link-local").from(link_local.clone()));
        all.push(rule(Verdict::Drop, "block IPv4 link-local").to(link_local));
    }
    let icmp = |direction, types: &[u8]| {
        let mut item = rule(Verdict::Accept, "ICMPv6 that IPv6 needs").going(direction);
        item = item.of(IpVersion::V6).protocols(&[58]);
        let types = IntervalSet::from_ranges(types.iter().map(|number| (*number, *number)));
        item.conditions.push(Condition::IcmpType(types));
        item
    };
    let local = |text: &str| Meant::of(Extent::exact(set(text)));
    let both = Meant::of(Extent::exact(set("fe80::/10").union(&set("ff02::/16"))));
    all.push(icmp(Direction::Any, &[1, 2, 135, 136]));
    let out: &[u8] = if is_pfsense { &[129, 133, 134, 135, 136] } else { &[128, 129, 133, 134, 135, 136] };
    all.push(icmp(Direction::Out, out).from(local("fe80::/10")).to(both.clone()));
    let arriving: &[u8] = &[128, 133, 134, 135, 136];
    all.push(icmp(Direction::In, arriving).from(local("fe80::/10")).to(both));
    all.push(icmp(Direction::In, arriving).from(local("ff02::/16")).to(local("fe80::/10")));
    all.push(icmp(Direction::In, arriving).from(local("::/128")).to(local("ff02::/16")));
    if !is_pfsense || config.interfaces.has_carp {
        all.push(rule(Verdict::Accept, "CARP").going(Direction::Any).protocols(&[112]));
    }
}

/// Writes the rules for one interface.
struct Writer<'a, 'x> {
    config: &'a Config<'x>,
    name: &'x str,
    interface: &'a Interface<'x>,
    place: TextPlace,
}

impl Writer<'_, '_> {
    fn rule(&self, rank: u64, verdict: Verdict, comment: &str) -> Item {
        let on = Interfaces::set_of([self.name]);
        Item::new(self.place.clone(), rank, verdict, format!("{comment} {}", self.interface.descr)).on(on)
    }

    fn dhcp_client(&self, all: &mut Vec<Item>) {
        if self.interface.v4 == Addressing::Dynamic("dhcp") {
            let rule = || {
                let mut item =
                    self.rule(rank::SYSTEM_LATE, Verdict::Accept, "DHCP client of").protocols(&[17]);
                item.quick = self.config.product == Product::Pfsense;
                item
            };
            all.push(rule().source_port(67).ports(&[68]));
            all.push(rule().source_port(68).ports(&[67]).going(Direction::Out));
        }
        let is_client = matches!(self.interface.v6, Addressing::Dynamic("dhcp6" | "slaac"));
        if is_client && self.config.allows_ipv6() {
            let rule = || self.rule(rank::SYSTEM, Verdict::Accept, "DHCPv6 client of").protocols(&[17]);
            let local = || Meant::of(Extent::exact(set("fe80::/10")));
            all.push(rule().from(local()).to(local()).source_port(546).ports(&[546]));
            all.push(rule().source_port(547).ports(&[546]));
            all.push(rule().source_port(546).ports(&[547]).going(Direction::Out));
        }
    }

    /// Bogons and private networks. What is allotted to nobody changes and is kept in a table of the machine; what is
    /// reserved for good is always in it.
    fn blocked_sources(&self, all: &mut Vec<Item>, reading: &Reading) {
        let element = self.interface.element;
        let log = |option: &str| self.config.root.path(&["syslog", option]).is_none();
        let block = |flag: &str, version, sources: Extent, log: bool| {
            let mut item = self.rule(rank::SYSTEM_LATE, Verdict::Drop, &format!("{flag} on"));
            item.place = reading.place(&element.child(flag).unwrap_or(element).start_tag());
            item.log = log;
            item.of(version).from(Meant::of(sources))
        };
        if is_set(element, "blockbogons") {
            let log = log("nologbogons");
            all.push(block("blockbogons", IpVersion::V4, bogons(IpVersion::V4), log));
            if self.config.allows_ipv6() {
                all.push(block("blockbogons", IpVersion::V6, bogons(IpVersion::V6), log));
            }
        }
        let bridged = self.config.product == Product::Pfsense && self.config.is_bridged(self.name);
        if is_set(element, "blockpriv") && !bridged {
            let log = log("nologprivatenets");
            let more = if self.config.product == Product::Opnsense { Some("100.64.0.0/10") } else { None };
            let four = PRIVATE.iter().copied().chain(["127.0.0.0/8"]).chain(more);
            let four = four.map(set).fold(AddressSet::none(), |all, one| all.union(&one));
            all.push(block("blockpriv", IpVersion::V4, Extent::exact(four), log));
            all.push(block("blockpriv", IpVersion::V6, Extent::exact(set("fc00::/7")), log));
        }
    }

    fn dhcp_server(&self, all: &mut Vec<Item>) {
        let served = |section: &str| {
            let server = self.config.root.path(&[section, self.name]);
            server.is_some_and(|server| is_set(server, "enable"))
        };
        if served("dhcpd") && !matches!(self.interface.v4, Addressing::Dynamic(_)) {
            let rule = || self.rule(rank::SYSTEM_LATE, Verdict::Accept, "DHCP server on").protocols(&[17]);
            let everyone = Meant::of(Extent::exact(set("255.255.255.255/32")));
            all.push(rule().source_port(68).ports(&[67]).to(everyone));
            all.push(rule().source_port(68).ports(&[67]).to(self.machine()));
            all.push(rule().source_port(67).ports(&[68]).from(self.machine()).going(Direction::Out));
        }
        if served("dhcpdv6") || self.interface.element.child("track6-interface").is_some() {
            let rule = || {
                let rule = self.rule(rank::SYSTEM, Verdict::Accept, "DHCPv6 server on");
                rule.of(IpVersion::V6).protocols(&[17]).going(Direction::Any)
            };
            let local = || Meant::of(Extent::exact(set("fe80::/10")));
            let group = || Meant::of(Extent::exact(set("ff02::/16")));
            all.push(rule().from(local()).to(local()).ports(&[546]));
            all.push(rule().from(local()).to(group()).ports(&[546, 547]));
            all.push(rule().from(group()).to(local()).ports(&[547]));
            all.push(rule().from(local()).to(self.machine()).ports(&[546]).going(Direction::In));
        }
    }

    /// The machine by its addresses on this interface (pfSense) or any (OPNsense).
    fn machine(&self) -> Meant {
        machine(self.config, self.name)
    }

    fn tunnels(&self, all: &mut Vec<Item>) {
        if matches!(self.interface.v6, Addressing::Dynamic("6rd" | "6to4")) {
            let rule =
                || self.rule(rank::SYSTEM_LATE, Verdict::Accept, "IPv6 in IPv4 on").protocols(&[41]).slow();
            let relay = self.interface.element.text_of("gateway-6rd").and_then(addresses);
            let relay = || relay.clone().map_or(Meant::any(), |relay| Meant::of(Extent::exact(relay)));
            all.push(rule().from(relay()));
            all.push(rule().to(relay()).going(Direction::Out));
        }
    }
}

fn machine(config: &Config<'_>, interface: &str) -> Meant {
    let own = config.interfaces.own(interface).filter(|_| config.product == Product::Pfsense);
    own.map_or_else(Meant::machine, Meant::machine_at)
}

/// The sources that can only be forged, and those that may be.
fn bogons(version: IpVersion) -> Extent {
    let (sure, else_where): (&[&str], &[&str]) = match version {
        IpVersion::V4 => (&BOGONS, &PRIVATE),
        IpVersion::V6 => (&BOGONS_V6, &[]),
    };
    let of = |list: &[&str]| {
        list.iter().map(|text| set(text)).fold(AddressSet::none(), |all, one| all.union(&one))
    };
    let sure = of(sure);
    let rest = sure.union(&of(else_where)).complement_within(version);
    let what = "networks that are allotted to nobody".to_owned();
    Extent { sure, maybe: vec![(rest, Undecidable { what, reason: Reason::DynamicSet })] }
}

/// RFC 1918. Both products take them out of the table of bogons.
const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
/// What the IANA registry of special-purpose addresses reserves for good, without what is private.
const BOGONS: [&str; 10] = [
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
/// The same for IPv6: the documentation prefix and what was given back.
const BOGONS_V6: [&str; 2] = ["2001:db8::/32", "3ffe::/16"];

fn anti_lockout(config: &Config<'_>, interface: &str, ports: &[u16], place: TextPlace) -> Item {
    let item = Item::new(place, rank::SYSTEM_LATE, Verdict::Accept, "anti-lockout rule");
    let item = item.on(Interfaces::set_of([interface])).protocols(&[6]).ports(ports);
    item.to(machine(config, interface))
}

/// The ports by which the machine is managed, and the interface on which they stay open.
pub(super) fn management(
    system: Option<Element<'_>>,
    interfaces: &Interfaces<'_>,
    product: Product,
) -> Management {
    let Some(system) = system else { return Management { ports: Vec::new(), interface: None } };
    let webgui = system.child("webgui");
    let setting = |name: &str| webgui.and_then(|webgui| webgui.text_of(name));
    let is_http = setting("protocol") == Some("http");
    let mut ports =
        vec![setting("port").and_then(|port| port.parse().ok()).unwrap_or(if is_http { 80 } else { 443 })];
    if !is_http && !webgui.is_some_and(|webgui| is_set(webgui, "disablehttpredirect")) {
        ports.push(80);
    }
    let ssh = system.child("ssh");
    let ssh_on = ssh.is_some_and(|ssh| is_set(ssh, "enable") || is_set(ssh, "enabled"))
        || is_set(system, "enablesshd");
    if ssh_on {
        let port = ssh.and_then(|ssh| ssh.text_of("port")).or_else(|| system.text_of("sshport"));
        ports.push(port.and_then(|port| port.parse().ok()).unwrap_or(22));
    }
    let off = webgui.is_some_and(|webgui| is_set(webgui, "noantilockout"));
    // pfSense asks for the settings of the web pages to be there at all.
    let off = off || product == Product::Pfsense && webgui.is_none();
    let on = |name: &str| interfaces.get(name).is_some_and(|one| one.enabled && !one.device.is_empty());
    let count = interfaces.enabled().count();
    let interface = match product {
        _ if off => None,
        _ if on("lan") => Some("lan"),
        Product::Opnsense if on("opt1") => Some("opt1"),
        _ if count == 1 && on("wan") => Some("wan"),
        _ => None,
    };
    Management { ports, interface: interface.map(str::to_owned) }
}

/// IKE and ESP from the other ends of IPsec tunnels.
fn ipsec(config: &Config<'_>, place: &TextPlace) -> Vec<Item> {
    let mut all = Vec::new();
    if config.system.is_some_and(|system| is_set(system, "disablevpnrules")) {
        return all;
    }
    let phases = config.root.children_named("ipsec").flat_map(|ipsec| ipsec.children_named("phase1"));
    for phase in phases.filter(|phase| !is_set(*phase, "disabled")) {
        let Some(interface) = phase.text_of("interface") else { continue };
        let peer = match phase.text_of("remote-gateway").map(|text| (text, addresses(text))) {
            Some((_, Some(set))) => Meant::of(Extent::exact(set)),
            Some((name, None)) => {
                let what = format!("host {name}");
                Meant::of(Extent::unknown(AddressSet::all(), Undecidable { what, reason: Reason::Name }))
            }
            None => Meant::any(),
        };
        let rule = || {
            let rule = Item::new(place.clone(), rank::LAST, Verdict::Accept, "IPsec");
            rule.on(Interfaces::set_of([interface])).from(peer.clone()).slow()
        };
        all.push(rule().protocols(&[17]).ports(&[500, 4500]));
        all.push(rule().protocols(&[50]));
    }
    all
}

/// Where it is asked for, what goes between an interface's network and networks behind routers in it is passed.
fn static_routes(config: &Config<'_>, place: &TextPlace) -> Vec<Item> {
    let bypass = config.root.child("filter").is_some_and(|filter| is_set(filter, "bypassstaticroutes"))
        || config.system.is_some_and(|system| is_set(system, "bypassstaticroutes"));
    if !bypass {
        return Vec::new();
    }
    let mut all = Vec::new();
    let routes = config.root.children_named("staticroutes").flat_map(|routes| routes.children_named("route"));
    for route in routes.filter(|route| !is_set(*route, "disabled")) {
        let gateways =
            config.root.children_named("gateways").flat_map(|all| all.children_named("gateway_item"));
        let gateway = gateways.filter(|one| one.text_of("name") == route.text_of("gateway"));
        let interface = gateway.filter_map(|gateway| gateway.text_of("interface")).next();
        let network = route.text_of("network").and_then(addresses);
        let (Some(interface), Some(network)) = (interface, network) else { continue };
        let Some(behind) = config.interfaces.networks(interface) else { continue };
        let rule = || {
            let rule =
                Item::new(place.clone(), rank::LAST, Verdict::Accept, "between statically routed networks");
            rule.on(Interfaces::set_of([interface])).going(Direction::Any)
        };
        let (near, far) = (Meant::of(behind), Meant::of(Extent::exact(network)));
        all.push(rule().from(near.clone()).to(far.clone()));
        all.push(rule().from(far).to(near));
    }
    all
}

/// The set of a network that is written in this file.
fn set(text: &str) -> AddressSet {
    addresses(text).unwrap_or_else(AddressSet::none)
}
