//! Interfaces with their addresses, and the static routes.

use super::ignored::{Place, pass};
use super::tree::{At, Mark};
use std::net::IpAddr;
use std::ops::Range;

/// An interface.
#[derive(Debug, Clone)]
pub(super) struct Interface<'m> {
    pub(super) name: &'m str,
    /// Addresses with the length of their prefix, and where they stand.
    pub(super) addresses: Vec<(IpAddr, u8, Range<usize>)>,
    /// Whether it has addresses that the configuration does not tell.
    pub(super) is_dynamic: bool,
    /// The profile that says who may manage the device by it.
    pub(super) management: Option<&'m str>,
    pub(super) layer: Layer,
    pub(super) span: Range<usize>,
}

/// What an interface does with packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layer {
    /// Routes them.
    Routed,
    /// Switches them, or passes them to the other end of a virtual wire.
    Bridged,
    /// Takes copies of them and forwards none.
    Tap,
    /// Is the part of something else, or not in use.
    Other,
}

/// A static route.
#[derive(Debug, Clone)]
pub(super) struct Route<'m> {
    pub(super) destination: (IpAddr, u8),
    /// The interface, where the route names it.
    pub(super) interface: Option<&'m str>,
    /// The next hop, where it is an address.
    pub(super) next: Option<IpAddr>,
    /// Whether it drops what it routes.
    pub(super) discards: bool,
}

/// What `network` says.
#[derive(Debug, Default)]
pub(super) struct Network<'m> {
    pub(super) interfaces: Vec<Interface<'m>>,
    pub(super) routes: Vec<Route<'m>>,
    /// Whether routes are learned, or lead where the configuration does not tell.
    pub(super) learns_routes: bool,
    /// The profiles of management by name.
    pub(super) profiles: Vec<At<'m>>,
}

/// Interfaces, with units, of one file; more are warned about.
const INTERFACES_MAX: usize = 20_000;

impl<'m> Network<'m> {
    /// Reads a `network`.
    pub(super) fn read(&mut self, network: At<'m>) {
        pass(network, Place::Network);
        for child in network.within() {
            match child.name() {
                "interface" => child.touched().entries().for_each(|kind| self.interfaces_of(kind)),
                "virtual-router" | "logical-router" => {
                    child.touched().entries().for_each(|router| self.router(router));
                }
                "profiles" => {
                    pass(child.touched(), Place::Network);
                    let profiles = child.child("interface-management-profile");
                    self.profiles.extend(profiles.into_iter().flat_map(At::entries));
                }
                _ => {}
            }
        }
    }

    fn interfaces_of(&mut self, kind: At<'m>) {
        let is_port = matches!(kind.name(), "ethernet" | "aggregate-ethernet");
        if is_port {
            for port in kind.entries().take(INTERFACES_MAX) {
                self.port(port);
            }
        } else if matches!(kind.name(), "vlan" | "loopback" | "tunnel" | "sdwan" | "cellular") {
            // Its own fields stand beside its units.
            self.layer_3(kind.name(), kind);
        }
    }

    fn port(&mut self, port: At<'m>) {
        pass(port, Place::Interface);
        let before = self.interfaces.len();
        for layer in port.within() {
            match layer.name() {
                "layer3" => self.layer_3(port.name(), layer.touched()),
                "layer2" | "virtual-wire" => {
                    self.add(port.name(), Layer::Bridged, layer);
                    let units = layer.touched().child("units");
                    for unit in units.into_iter().flat_map(At::entries).take(INTERFACES_MAX) {
                        self.add(unit.name(), Layer::Bridged, unit);
                        unit.mark(Mark::Modeled);
                    }
                    layer.within().filter(|child| child.name() != "units").for_each(|child| {
                        child.mark(Mark::Ignored);
                    });
                }
                "tap" => self.add(port.name(), Layer::Tap, layer.mark(Mark::Modeled)),
                "ha" | "decrypt-mirror" | "log-card" | "none" => {
                    self.add(port.name(), Layer::Other, layer.mark(Mark::Modeled));
                }
                _ => {}
            }
        }
        if self.interfaces.len() == before {
            self.add(port.name(), Layer::Other, port);
        }
    }

    fn add(&mut self, name: &'m str, layer: Layer, at: At<'m>) {
        if self.interfaces.len() < INTERFACES_MAX {
            let span = at.span();
            let interface =
                Interface { name, addresses: Vec::new(), is_dynamic: false, management: None, layer, span };
            self.interfaces.push(interface);
        }
    }

    fn layer_3(&mut self, name: &'m str, at: At<'m>) {
        pass(at, Place::Interface);
        let mut interface = Interface {
            name,
            addresses: Vec::new(),
            is_dynamic: at.within().any(|child| matches!(child.name(), "dhcp-client" | "pppoe")),
            management: at.text("interface-management-profile"),
            layer: Layer::Routed,
            span: at.span(),
        };
        let six = at.child("ipv6");
        if let Some(six) = six {
            six.mark(Mark::Modeled);
        }
        let listed = at.members("ip").into_iter();
        for address in listed.chain(six.into_iter().flat_map(|six| six.members("address"))) {
            address.mark(Mark::Modeled);
            match address_in(address.name()) {
                Some((ip, length)) => interface.addresses.push((ip, length, address.span())),
                None => interface.is_dynamic = true,
            }
        }
        if self.interfaces.len() < INTERFACES_MAX {
            self.interfaces.push(interface);
        }
        for unit in at.child("units").into_iter().flat_map(At::entries).take(INTERFACES_MAX) {
            self.layer_3(unit.name(), unit);
        }
    }

    fn router(&mut self, router: At<'m>) {
        pass(router, Place::Router);
        let protocols = router.within().filter(|child| child.name() == "protocol").flat_map(At::within);
        self.learns_routes |= protocols.chain(router.within()).any(|protocol| {
            matches!(protocol.name(), "bgp" | "ospf" | "ospfv3" | "rip")
                && protocol
                    .within()
                    .any(|child| child.name() == "enable" && child.within().any(|on| on.name() == "yes"))
        });
        if let Some(table) = router.child("routing-table") {
            self.table(table);
        }
        // A logical router has its tables in one more level.
        for inner in router.child("vrf").into_iter().flat_map(At::entries) {
            self.router(inner);
        }
    }

    fn table(&mut self, table: At<'m>) {
        for version in table.entries() {
            for route in version.child("static-route").into_iter().flat_map(At::entries) {
                pass(route, Place::Router);
                match static_route(route) {
                    Some(route) => self.routes.push(route),
                    None => self.learns_routes = true,
                }
            }
        }
    }

    /// The interface of this name.
    pub(super) fn interface(&self, name: &str) -> Option<&Interface<'m>> {
        self.interfaces.iter().find(|interface| interface.name == name)
    }
}

/// A route; `None` where its destination or way is not told.
fn static_route(route: At<'_>) -> Option<Route<'_>> {
    let interface = route.text("interface");
    let hop = route.child("nexthop");
    let next = hop.and_then(|hop| hop.text("ip-address").or_else(|| hop.text("ipv6-address")));
    let discards = hop.is_some_and(|hop| hop.child("discard").is_some());
    for other in hop.into_iter().flat_map(At::entries) {
        other.mark(Mark::Modeled);
    }
    let destination = address_in(route.text("destination")?)?;
    let next = next.and_then(|next| next.parse().ok());
    if interface.is_none() && next.is_none() && !discards {
        return None;
    }
    Some(Route { destination, interface, next, discards })
}

/// `10.1.1.1/24`, `10.1.1.1`.
pub(super) fn address_in(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address.parse::<IpAddr>().ok()?, length.parse().ok()?),
        None => {
            let address: IpAddr = text.parse().ok()?;
            (address, if address.is_ipv4() { 32 } else { 128 })
        }
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    (length <= most).then_some((address, length))
}
