//! Interfaces, their groups and addresses.

use super::Product;
use super::extent::Extent;
use super::fields::is_set;
use crate::dialects::{Element, Reading};
use crate::ruleset::{
    AddressSet, FirewallZone, InterfaceAddress, IpVersion, NamePattern, NameSet, Reason, Ruleset, Undecidable,
};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_source::Diagnostic;

/// An interface as rules name it (`lan`, `opt1`).
#[derive(Debug, Clone)]
pub(super) struct Interface<'x> {
    /// Its element.
    pub(super) element: Element<'x>,
    /// The device behind it (`igb1`, `igb1.100`, `ovpns1`).
    pub(super) device: &'x str,
    /// Its name for people.
    pub(super) descr: String,
    /// Whether it is switched on.
    pub(super) enabled: bool,
    /// How it gets its IPv4 address.
    pub(super) v4: Addressing<'x>,
    /// How it gets its IPv6 address.
    pub(super) v6: Addressing<'x>,
    /// Whether a gateway is reached by it for IPv4, which makes it an outside.
    pub(super) has_gateway: bool,
}

/// How an interface gets its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Addressing<'x> {
    /// It has none.
    None,
    /// It is given: address and length of the network's prefix in bits.
    Static(IpAddr, u8),
    /// It comes from elsewhere (`dhcp`, `track6`, a tunnel).
    Dynamic(&'x str),
}

/// All interfaces of a configuration.
#[derive(Debug)]
pub(super) struct Interfaces<'x> {
    product: Product,
    // INVARIANT: by name; every name of a group leads to names of interfaces.
    by_name: BTreeMap<&'x str, Interface<'x>>,
    groups: BTreeMap<String, Vec<String>>,
    /// Where groups are defined.
    groups_span: std::ops::Range<usize>,
    /// Further addresses: interface, address, length of the prefix.
    further: Vec<(&'x str, IpAddr, u8, Element<'x>)>,
    /// Whether some address that is shared between machines (CARP) is among them.
    pub(super) has_carp: bool,
    /// Whether the configuration tells its interfaces at all.
    pub(super) told: bool,
    /// The first interface that was too many.
    left_out: Option<Element<'x>>,
    /// Networks (`true`) and own addresses that were looked up.
    known: RefCell<BTreeMap<(bool, String), Option<Extent>>>,
}

/// Interfaces that are read.
const INTERFACES_MAX: usize = 2_000;

/// Names of interfaces that come with a service of the machine, and how the devices in them begin.
const SERVICE_GROUPS: [(&str, &[&str]); 9] = [
    ("openvpn", &["ovpn"]),
    ("wireguard", &["wg", "tun_wg"]),
    ("WireGuard", &["wg", "tun_wg"]),
    ("enc0", &[]),
    ("ipsec", &[]),
    ("l2tp", &[]),
    ("pptp", &[]),
    ("pppoe", &[]),
    ("tailscale", &["tailscale"]),
];

/// Devices whose addresses are set elsewhere than in the interface.
const TUNNEL_DEVICES: [&str; 11] =
    ["ovpn", "wg", "tun", "tap", "ipsec", "gif", "gre", "ppp", "l2tp", "tailscale", "zt"];

impl<'x> Interfaces<'x> {
    /// Reads `<interfaces>`, `<ifgroups>` and `<virtualip>` of the root.
    pub(super) fn read(root: Element<'x>, product: Product) -> Self {
        let mut all = Self {
            product,
            by_name: BTreeMap::new(),
            groups: BTreeMap::new(),
            groups_span: root.child("ifgroups").unwrap_or(root).start_tag(),
            further: Vec::new(),
            has_carp: false,
            told: root.child("interfaces").is_some(),
            left_out: None,
            known: RefCell::default(),
        };
        let mut of_services = Vec::new();
        for element in root.children_named("interfaces").flat_map(Element::children) {
            if element.text_of("type") == Some("group") {
                of_services.push(element.name());
                continue;
            }
            if all.by_name.len() < INTERFACES_MAX {
                all.by_name.entry(element.name()).or_insert_with(|| interface(element, product));
            } else {
                all.left_out.get_or_insert(element);
            }
        }
        for group in root.children_named("ifgroups").flat_map(|groups| groups.children_named("ifgroupentry"))
        {
            let Some(name) = group.text_of("ifname") else { continue };
            let members = group.text_of("members").unwrap_or_default();
            let members = members.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned);
            all.groups.insert(name.to_owned(), members.collect());
        }
        for (group, devices) in SERVICE_GROUPS {
            let of_group = |one: &&Interface<'_>| devices.iter().any(|begins| one.device.starts_with(begins));
            let members = all.by_name.values().filter(of_group).map(|one| one.element.name().to_owned());
            let members: Vec<String> = members.collect();
            all.groups.entry(group.to_owned()).or_insert(members);
        }
        for group in of_services {
            all.groups.entry(group.to_owned()).or_default();
        }
        for vip in root.children_named("virtualip").flat_map(|all| all.children_named("vip")) {
            all.read_vip(vip);
        }
        all
    }

    fn read_vip(&mut self, vip: Element<'x>) {
        let mode = vip.text_of("mode").unwrap_or_default();
        self.has_carp |= mode == "carp";
        let address = vip.text_of("subnet").and_then(|text| text.parse::<IpAddr>().ok());
        if let (Some(address), Some(interface), "carp" | "ipalias") =
            (address, vip.text_of("interface"), mode)
        {
            let length = length(vip.text_of("subnet_bits"), address);
            self.further.push((interface, address, length, vip));
        }
    }

    /// The interface of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Interface<'x>> {
        self.by_name.get(name)
    }

    /// All interfaces that are switched on, by name.
    pub(super) fn enabled(&self) -> impl Iterator<Item = (&'x str, &Interface<'x>)> {
        self.by_name.iter().filter(|(_, one)| one.enabled).map(|(name, one)| (*name, one))
    }

    /// Whether a name stands for several interfaces, or for those of a service.
    pub(super) fn is_group(&self, name: &str) -> bool {
        self.groups.contains_key(name)
    }

    /// The interfaces that these names stand for; a group is a zone of the ruleset.
    pub(super) fn set_of<'n>(names: impl IntoIterator<Item = &'n str>) -> NameSet {
        let names = names.into_iter().map(|name| NamePattern::Exact(name.to_owned()));
        let mut patterns: Vec<NamePattern> = names.collect();
        patterns.sort();
        patterns.dedup();
        NameSet::of(patterns)
    }

    /// Whether rules on this name are in force: `None` where the configuration does not know it.
    pub(super) fn in_force(&self, name: &str) -> Option<bool> {
        match self.by_name.get(name) {
            Some(interface) => Some(interface.enabled),
            None if self.groups.contains_key(name) || !self.told => Some(true),
            None => None,
        }
    }

    /// The networks behind an interface or the interfaces of a group; `None` where the name is none of them.
    pub(super) fn networks(&self, name: &str) -> Option<Extent> {
        self.once(true, name, |name| self.extent(name, true, AddressSet::prefix))
    }

    /// The addresses of the machine itself that a rule means by the address of an interface: for pfSense the first alone.
    pub(super) fn own(&self, name: &str) -> Option<Extent> {
        let all = self.product == Product::Opnsense;
        self.once(false, name, |name| {
            self.extent(name, all, |address, _| AddressSet::range(address, address))
        })
    }

    fn once(&self, networks: bool, name: &str, find: impl FnOnce(&str) -> Option<Extent>) -> Option<Extent> {
        // What is no name of an interface is not kept: there may be as many such words as rules.
        if !self.by_name.contains_key(name) && !self.groups.contains_key(name) {
            return None;
        }
        let key = (networks, name.to_owned());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let found = find(name);
        self.known.borrow_mut().insert(key, found.clone());
        found
    }

    /// The addresses that the machine itself has anywhere.
    pub(super) fn own_everywhere(&self) -> Extent {
        let address = |address, _| AddressSet::range(address, address);
        let all = self.enabled().filter_map(|(name, _)| self.extent(name, true, address));
        let loopback = AddressSet::prefix(IpAddr::V4([127, 0, 0, 1].into()), 32);
        let none = Extent::exact(loopback.unwrap_or_else(AddressSet::none));
        all.fold(none, |all, one| all.union(&one))
    }

    fn extent(&self, name: &str, further: bool, of: fn(IpAddr, u8) -> Option<AddressSet>) -> Option<Extent> {
        if let Some(members) = self.groups.get(name) {
            let members = members.iter().filter(|member| self.by_name.contains_key(member.as_str()));
            let known = members.filter_map(|member| self.extent_of_one(member, further, of));
            // Members that are no interfaces of their own (connections of a VPN) have networks, too.
            let service = SERVICE_GROUPS.iter().any(|(group, _)| *group == name);
            let rest =
                if service { unknown(name, AddressSet::all()) } else { Extent::exact(AddressSet::none()) };
            return Some(known.fold(rest, |all, one| all.union(&one)));
        }
        self.extent_of_one(name, further, of)
    }

    fn extent_of_one(
        &self,
        name: &str,
        further: bool,
        of: fn(IpAddr, u8) -> Option<AddressSet>,
    ) -> Option<Extent> {
        let interface = self.by_name.get(name)?;
        let mut extent = Extent::exact(AddressSet::none());
        for (addressing, version) in [(interface.v4, IpVersion::V4), (interface.v6, IpVersion::V6)] {
            let one = match addressing {
                Addressing::None => continue,
                Addressing::Static(address, length) => {
                    Extent::exact(of(address, length).unwrap_or_else(AddressSet::none))
                }
                Addressing::Dynamic(how) => {
                    unknown(&format!("{name}, by {how}"), AddressSet::all_of(version))
                }
            };
            extent = extent.union(&one);
        }
        for (_, address, length, _) in self.further.iter().filter(|(on, ..)| further && *on == name) {
            let one = of(*address, *length).unwrap_or_else(AddressSet::none);
            extent = extent.union(&Extent::exact(one));
        }
        Some(extent)
    }

    /// Puts interfaces, their other names and their addresses into the ruleset.
    pub(super) fn put_into(&self, ruleset: &mut Ruleset, reading: &mut Reading) {
        if let Some(first) = self.left_out {
            let message = format!("the configuration has more than {INTERFACES_MAX} interfaces");
            let warning = Diagnostic::warning("firewall/too-many-elements", message)
                .because("rules on the others are not told apart");
            reading.report(&first.span(), warning);
        }
        let mut taken: BTreeSet<String> = self.by_name.keys().map(|name| (*name).to_owned()).collect();
        for (name, members) in &self.groups {
            let members = members.iter().filter(|member| self.by_name.contains_key(member.as_str()));
            let mut interfaces: Vec<String> = members.cloned().collect();
            // Connections of a service that are no interfaces of their own come in by what has its name.
            interfaces.extend(is_service(name).then(|| name.clone()));
            interfaces.sort();
            let is_more = interfaces.iter().any(|interface| interface != name);
            if is_more && taken.insert(name.clone()) {
                let place = reading.place(&self.groups_span);
                ruleset.zones.push(FirewallZone { name: name.clone(), interfaces, place });
            }
        }
        for (name, interface) in &self.by_name {
            let place = reading.place(&interface.element.start_tag());
            for other in [interface.descr.as_str(), interface.device] {
                // A name that already means something else is not given to this interface.
                if !other.is_empty() && taken.insert(other.to_owned()) {
                    let interfaces = vec![(*name).to_owned()];
                    ruleset.zones.push(FirewallZone {
                        name: other.to_owned(),
                        interfaces,
                        place: place.clone(),
                    });
                }
            }
            for addressing in [interface.v4, interface.v6] {
                if let (Addressing::Static(address, length), true) = (addressing, interface.enabled) {
                    let interface = (*name).to_owned();
                    ruleset.addresses.push(InterfaceAddress {
                        interface,
                        address,
                        length,
                        place: place.clone(),
                    });
                }
            }
        }
        for (interface, address, length, vip) in &self.further {
            let place = reading.place(&vip.start_tag());
            let (interface, address, length) = ((*interface).to_owned(), *address, *length);
            ruleset.addresses.push(InterfaceAddress { interface, address, length, place });
        }
        ruleset.addresses.sort_by(|a, b| a.place.cmp(&b.place));
        ruleset.interfaces.extend(self.enabled().map(|(name, _)| name.to_owned()));
    }
}

/// Whether a group is that of a service of the machine.
fn is_service(name: &str) -> bool {
    SERVICE_GROUPS.iter().any(|(group, _)| *group == name)
}

fn unknown(what: &str, within: AddressSet) -> Extent {
    let what = format!("addresses of {what}");
    Extent::unknown(within, Undecidable { what, reason: Reason::Route })
}

fn interface(element: Element<'_>, product: Product) -> Interface<'_> {
    let device = element.text_of("if").unwrap_or_default();
    let v4 = addressing(element.text_of("ipaddr"), element.text_of("subnet"), device);
    let v6 = addressing(element.text_of("ipaddrv6"), element.text_of("subnetv6"), device);
    let gateway = element.text_of("gateway").is_some_and(|name| name != "none");
    let descr = element.text_of("descr").map_or_else(|| element.name().to_uppercase(), str::to_owned);
    let has_gateway = match v4 {
        Addressing::Dynamic(_) if device.starts_with("ovpns") => false,
        // What comes with an address from elsewhere comes with a gateway; OPNsense does not translate into OpenVPN.
        Addressing::Dynamic(_) => product == Product::Pfsense || !device.starts_with("ovpn"),
        _ => gateway,
    };
    Interface { element, device, descr, enabled: is_set(element, "enable"), v4, v6, has_gateway }
}

fn addressing<'x>(address: Option<&'x str>, bits: Option<&str>, device: &'x str) -> Addressing<'x> {
    let tunnel = TUNNEL_DEVICES.iter().any(|begins| device.starts_with(begins));
    match address {
        None | Some("none") if tunnel => Addressing::Dynamic("tunnel"),
        None | Some("none") => Addressing::None,
        Some(text) => match text.parse() {
            Ok(address) => Addressing::Static(address, length(bits, address)),
            Err(_) => Addressing::Dynamic(text),
        },
    }
}

/// The length of a prefix in bits; that of the address alone where it is not told.
fn length(bits: Option<&str>, address: IpAddr) -> u8 {
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.and_then(|bits| bits.parse().ok()).filter(|length| *length <= most).unwrap_or(most)
}
