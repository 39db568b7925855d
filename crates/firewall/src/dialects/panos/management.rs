//! Who may reach the device itself: its management port, and interfaces with a management profile.
//!
//! An interface answers at its own address, by whatever interface a packet came; the management port is apart from the
//! others. Where a policy may stop the packets before, that is a condition of its own.

use super::ignored::{Place, pass};
use super::network::{Interface, Network};
use super::objects::literal;
use super::tree::{At, Mark, short};
use crate::dialects::{Reading, Service, one_of};
use crate::ruleset::{
    AddressSet, Condition, InterfaceAddress, IntervalSet, NamePattern, NameSet, Reason, Rule, Undecidable,
    Verdict,
};
use std::net::IpAddr;
use zonewright_source::Diagnostic;

/// The name of the management port.
pub(super) const PORT: &str = "management";

/// Services of a profile, by the name that switches them on, with protocol and ports.
const SERVICES: [(&str, u8, &[u16]); 11] = [
    ("http", 6, &[80]),
    ("https", 6, &[443]),
    ("http-ocsp", 6, &[80]),
    ("ssh", 6, &[22]),
    ("telnet", 6, &[23]),
    ("snmp", 17, &[161]),
    ("ping", 1, &[]),
    ("userid-service", 6, &[5007]),
    ("userid-syslog-listener-ssl", 6, &[6514]),
    ("userid-syslog-listener-udp", 17, &[514]),
    ("response-pages", 6, &[6080, 6081, 6082, 6083]),
];

/// Services of the management port: by the name that switches them off, and whether they are on where it is not there.
const PORT_SERVICES: [(&str, &str, Option<bool>); 9] = [
    ("disable-http", "http", Some(false)),
    ("disable-https", "https", Some(true)),
    ("disable-telnet", "telnet", Some(false)),
    ("disable-ssh", "ssh", Some(true)),
    ("disable-icmp", "ping", Some(true)),
    ("disable-snmp", "snmp", None),
    ("disable-http-ocsp", "http-ocsp", None),
    ("disable-userid-service", "userid-service", Some(false)),
    ("disable-userid-syslog-listener-ssl", "userid-syslog-listener-ssl", Some(false)),
];

/// The name of what routing protocols serve, which is no statement of its own.
const ROUTING: &str = "routing";

/// A protocol with the ports at which it is served; none for all of the protocol.
type Served = (u8, &'static [u16]);

/// What the device serves at its interfaces, by the statement that sets it up.
const SERVED: [(&str, &[Served]); 6] = [
    ("ike", &[(17, &[500, 4500]), (50, &[]), (51, &[])]),
    ("global-protect", &[(6, &[443]), (17, &[443, 4501])]),
    ("dhcp", &[(17, &[67, 547])]),
    ("dns-proxy", &[(6, &[53]), (17, &[53])]),
    ("tunnel", &[(17, &[500, 4500, 4501]), (47, &[]), (50, &[])]),
    (ROUTING, &[(6, &[179]), (17, &[520, 521, 3784]), (89, &[]), (103, &[])]),
];

/// What leads to the device itself.
#[derive(Debug, Default)]
pub(super) struct Management {
    pub(super) rules: Vec<Rule>,
    pub(super) addresses: Vec<InterfaceAddress>,
}

impl Management {
    /// Adds the interfaces of a network. `within` tells the zone of an interface whose packets no rule stops on their way to
    /// it; of others the policy decides. `when` is what else must hold, where the file does not tell the device.
    pub(super) fn interfaces(
        &mut self,
        network: &Network<'_>,
        policy: &Undecidable,
        when: Option<&Undecidable>,
        within: &dyn Fn(&str) -> Option<String>,
        reading: &mut Reading,
    ) {
        for profile in &network.profiles {
            read_profile(*profile);
        }
        for interface in &network.interfaces {
            self.addresses.extend(interface.addresses.iter().map(|(address, length, span)| {
                InterfaceAddress {
                    interface: interface.name.to_owned(),
                    address: *address,
                    length: *length,
                    place: reading.place(span),
                }
            }));
            let Some(name) = interface.management else { continue };
            match network.profiles.iter().find(|profile| profile.name() == name) {
                Some(profile) => {
                    let mut rule = Rule::new(reading.place(&interface.span));
                    rule.comment = Some(format!("{} by profile {name}", interface.name));
                    rule.conditions.extend(at_interface(interface));
                    rule.conditions.extend(permitted(*profile));
                    rule.conditions.extend(one_of(&profile_services(*profile)));
                    rule.conditions.extend(when.cloned().map(Condition::Undecidable));
                    rule.verdict = Verdict::Accept;
                    if let Some(zone) = within(interface.name) {
                        let mut near = rule.clone();
                        let zone = NameSet::of(vec![NamePattern::Exact(zone)]);
                        near.conditions.insert(0, Condition::InInterface(zone));
                        self.rules.push(near);
                    }
                    rule.conditions.push(Condition::Undecidable(policy.clone()));
                    self.rules.push(rule);
                }
                None => self.unknown_profile(interface, name, reading),
            }
        }
    }

    fn unknown_profile(&mut self, interface: &Interface<'_>, name: &str, reading: &mut Reading) {
        let message = format!("management profile `{}` is not defined in the file", short(name));
        let unknown = Diagnostic::warning("firewall/unknown-name", message)
            .because("who may manage the device by the interface is undecided");
        reading.report(&interface.span, unknown);
        let mut rule = Rule::new(reading.place(&interface.span));
        rule.conditions.extend(at_interface(interface));
        let what = Undecidable { what: format!("profile {}", short(name)), reason: Reason::Name };
        rule.conditions.push(Condition::Undecidable(what));
        rule.verdict = Verdict::Accept;
        self.rules.push(rule);
    }

    /// Adds what the device serves besides management where it is set up: tunnels, portals, routing, addresses, names.
    pub(super) fn served(
        &mut self,
        nodes: &[At<'_>],
        learns_routes: bool,
        when: Option<&Undecidable>,
        reading: &mut Reading,
    ) {
        let is_set_up = |name: &str| {
            let mut named = nodes.iter().flat_map(|node| node.within()).filter(|child| child.name() == name);
            named.any(|child| child.within().any(|inner| inner.within().next().is_some()))
        };
        let set_up = SERVED.iter().filter(|(name, _)| is_set_up(name) || (*name == ROUTING && learns_routes));
        let services: Vec<Service> = set_up
            .flat_map(|(_, services)| services.iter().map(|(protocol, ports)| to(*protocol, ports)))
            .collect();
        let Some(first) = nodes.first().filter(|_| !services.is_empty()) else { return };
        let mut rule = Rule::new(reading.place(&first.span()));
        rule.comment = Some("what the device serves itself".into());
        rule.conditions.extend(one_of(&services));
        let what = Undecidable { what: "the device serves it at this address".into(), reason: Reason::Name };
        rule.conditions.push(Condition::Undecidable(what));
        rule.conditions.extend(when.cloned().map(Condition::Undecidable));
        rule.verdict = Verdict::Accept;
        self.rules.push(rule);
    }

    /// Adds the management port. Whether the file says anything about it.
    pub(super) fn host(&mut self, host: At<'_>, when: Option<&Undecidable>, reading: &mut Reading) -> bool {
        pass(host, Place::System);
        let says = ["ip-address", "ipv6-address", "permitted-ip", "service", "type"];
        if host.within().all(|child| !says.contains(&child.name())) {
            return false;
        }
        let address = host.text("ip-address").and_then(|text| text.parse::<IpAddr>().ok());
        let length = host.text("netmask").and_then(|mask| mask.parse::<std::net::Ipv4Addr>().ok());
        let six = host.text("ipv6-address").and_then(super::network::address_in);
        let four = address.map(|ip| {
            (ip, length.map_or(32, |mask| u8::try_from(mask.to_bits().count_ones()).unwrap_or(32)))
        });
        let place = reading.place(&host.child("ip-address").map_or_else(|| host.span(), At::span));
        self.addresses.extend(four.into_iter().chain(six).map(|(address, length)| InterfaceAddress {
            interface: PORT.to_owned(),
            address,
            length,
            place: place.clone(),
        }));
        for service in host.child("service").into_iter().flat_map(At::entries) {
            service.mark(Mark::Modeled);
        }
        let named = host.child("permitted-ip");
        let place = reading.place(&named.map_or_else(|| host.span(), At::span));
        let (mut sure, mut unsure) = (Vec::new(), Vec::new());
        for (switch, name, by_default) in PORT_SERVICES {
            let switched = host.path(&["service"]).and_then(|services| services.text(switch));
            match switched.map(|value| value != "yes").or(by_default) {
                Some(true) => sure.extend(service(name)),
                Some(false) => {}
                None => unsure.extend(service(name)),
            }
        }
        let unsure: Vec<Service> = unsure
            .into_iter()
            .map(|service| {
                let what = "a service of the management port that the file does not name".to_owned();
                Service { undecidable: Some(Undecidable { what, reason: Reason::Name }), ..service }
            })
            .collect();
        for services in [sure, unsure].iter().filter(|services| !services.is_empty()) {
            let mut rule = Rule::new(place.clone());
            rule.comment = Some("management port".into());
            rule.conditions.push(Condition::InInterface(NameSet::of(vec![NamePattern::Exact(PORT.into())])));
            rule.conditions.extend(permitted(host));
            rule.conditions.extend(one_of(services));
            rule.conditions.extend(when.cloned().map(Condition::Undecidable));
            rule.verdict = Verdict::Accept;
            self.rules.push(rule);
        }
        true
    }
}

fn read_profile(profile: At<'_>) {
    pass(profile, Place::Object);
    profile_services(profile);
    permitted(profile);
}

/// The packets to an interface's own addresses; where these are not told, those that come in by it.
fn at_interface(interface: &Interface<'_>) -> Vec<Condition> {
    if interface.addresses.is_empty() || interface.is_dynamic {
        let name = NamePattern::Exact(interface.name.to_owned());
        return vec![Condition::InInterface(NameSet::of(vec![name]))];
    }
    let own = interface.addresses.iter().filter_map(|(ip, _, _)| AddressSet::range(*ip, *ip));
    vec![Condition::Destination(own.fold(AddressSet::none(), |all, one| all.union(&one)))]
}

/// The senders that are permitted; all where none is named.
fn permitted(at: At<'_>) -> Option<Condition> {
    let members = at.members("permitted-ip");
    if members.is_empty() {
        return None;
    }
    let mut all = AddressSet::none();
    let mut unknown: Vec<&str> = Vec::new();
    for member in members {
        member.mark(Mark::Modeled);
        match literal(member.name()) {
            Some(set) => all = all.union(&set),
            None => unknown.push(short(member.name())),
        }
    }
    if unknown.is_empty() {
        return Some(Condition::Source(all));
    }
    let what = Undecidable { what: format!("address {}", unknown.join(",")), reason: Reason::Name };
    Some(Condition::Any {
        of: vec![vec![Condition::Source(all)], vec![Condition::Undecidable(what)]],
        negated: false,
    })
}

fn profile_services(profile: At<'_>) -> Vec<Service> {
    SERVICES
        .iter()
        .filter(|(name, _, _)| profile.is_yes(name))
        .flat_map(|(name, _, _)| service(name))
        .collect()
}

fn service(name: &str) -> Vec<Service> {
    let Some((_, protocol, ports)) = SERVICES.iter().find(|(known, _, _)| *known == name) else {
        return Vec::new();
    };
    if name == "ping" {
        let echo = |protocol, kind| Service { icmp_types: IntervalSet::one(kind), ..Service::of(protocol) };
        return vec![echo(1, 8), echo(58, 128)];
    }
    vec![to(*protocol, ports)]
}

fn to(protocol: u8, ports: &[u16]) -> Service {
    let set = IntervalSet::from_ranges(ports.iter().map(|port| (*port, *port)));
    if ports.is_empty() { Service::of(protocol) } else { Service::to_ports(protocol, set) }
}
