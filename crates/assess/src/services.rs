//! Services: what a permit or a flow is about on the wire, as transport and ports, and what a permit lets be done.

use zonewright_plant::model::{Permit, PortRange};
use zonewright_traffic::facts::Direction;
use zonewright_traffic::observation::{Flow, FunctionUse, Transport};
use zonewright_traffic::protocol::{Carrier, Class, Protocol};

/// What a permit's protocol word means.
#[derive(Debug, Clone, Copy)]
pub enum Service {
    /// `any`: everything.
    Any,
    /// A transport: `tcp`, `udp`, `sctp`, `icmp`, `icmpv6`, or an IP protocol as `ip-47`.
    Transport(Transport),
    /// A protocol that dissectors know.
    Known(&'static Protocol),
    /// A protocol that they do not know: only its ports can tell.
    Unknown,
}

impl Service {
    /// What `word` means.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word {
            "any" => Self::Any,
            "tcp" => Self::Transport(Transport::Tcp),
            "udp" => Self::Transport(Transport::Udp),
            "sctp" => Self::Transport(Transport::Sctp),
            "icmp" => Self::Transport(Transport::Icmp),
            "icmpv6" => Self::Transport(Transport::Icmpv6),
            "arp" => Self::Transport(Transport::Ether(0x0806)),
            _ => match word.strip_prefix("ip-").and_then(|number| number.parse().ok()) {
                Some(number) => Self::Transport(Transport::Ip(number)),
                None => {
                    zonewright_traffic::vocabulary::protocol_named(word).map_or(Self::Unknown, Self::Known)
                }
            },
        }
    }
}

/// A transport with the ports of the responder; no ports: all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The transport.
    pub transport: Transport,
    /// The ports.
    pub ports: Vec<PortRange>,
}

/// What a permit opens on the wire. Empty: it cannot be told (an unknown protocol without ports); a packet filter's
/// part in it is then unknown too. `Any` gives no transport at all and is told by [`is_any`].
#[must_use]
pub fn carried(permit: &Permit) -> Vec<Carried> {
    let both = [Transport::Tcp, Transport::Udp];
    match Service::of(&permit.protocol) {
        Service::Any if permit.ports.is_empty() => Vec::new(),
        Service::Any => both.map(|transport| Carried { transport, ports: permit.ports.clone() }).to_vec(),
        Service::Transport(transport) => vec![Carried { transport, ports: permit.ports.clone() }],
        Service::Unknown if permit.ports.is_empty() => Vec::new(),
        Service::Unknown => both.map(|transport| Carried { transport, ports: permit.ports.clone() }).to_vec(),
        Service::Known(protocol) => known_carried(protocol, &permit.ports),
    }
}

/// Is it a permit for everything?
#[must_use]
pub fn is_any(permit: &Permit) -> bool {
    permit.protocol == "any" && permit.ports.is_empty()
}

/// Each default port is another way to carry the protocol; a permit that names ports means all of them.
fn known_carried(protocol: &Protocol, ports: &[PortRange]) -> Vec<Carried> {
    let mut out: Vec<Carried> = Vec::new();
    for carrier in protocol.carriers {
        let (transport, default) = match *carrier {
            Carrier::Tcp(port) => (Transport::Tcp, Some(port)),
            Carrier::Udp(port) => (Transport::Udp, Some(port)),
            Carrier::EtherType(ether_type) => (Transport::Ether(ether_type), None),
            Carrier::Llc(point) => (Transport::Llc(point), None),
            Carrier::Ip(number) => (Transport::of_ip(number), None),
        };
        let own = default.map(|port| PortRange { first: port, last: port }).into_iter().collect();
        let carried = Carried { transport, ports: if ports.is_empty() { own } else { ports.to_vec() } };
        if !out.contains(&carried) {
            out.push(carried);
        }
    }
    out
}

/// Does a permit's service cover the flow's?
///
/// The content decides where it told; where it told nothing (a handshake alone, a protocol that no dissector knows)
/// the transport and port do.
#[must_use]
pub fn covers_service(permit: &Permit, flow: &Flow) -> bool {
    let port_fits = |ports: &[PortRange]| {
        ports.is_empty()
            || flow.responder.port.is_some_and(|port| ports.iter().any(|r| r.first <= port && port <= r.last))
    };
    let carried_fits =
        || carried(permit).iter().any(|c| c.transport == flow.transport && port_fits(&c.ports));
    match Service::of(&permit.protocol) {
        Service::Any => is_any(permit) || port_fits(&permit.ports),
        Service::Transport(_) => carried_fits(),
        Service::Unknown if permit.ports.is_empty() => {
            flow.protocol.as_deref() == Some(permit.protocol.as_str())
        }
        Service::Unknown => {
            carried_fits() && flow.protocol.as_deref().is_none_or(|name| name == permit.protocol)
        }
        Service::Known(protocol) => {
            carried_fits() && (flow.protocol.is_none() || speaks(flow, protocol.name))
        }
    }
}

/// Does the flow carry messages of this protocol?
#[must_use]
pub fn speaks(flow: &Flow, protocol: &str) -> bool {
    flow.protocol.as_deref() == Some(protocol)
        || flow.functions.iter().any(|f| f.protocol.as_ref() == protocol)
}

/// Does a permit let a function be asked for?
///
/// Opening, keeping and closing a session and proving an identity come with every permit: no function could be used
/// without them, and by themselves they change nothing in a plant.
#[must_use]
pub fn allows(permit: &Permit, function: &FunctionUse) -> bool {
    (permit.functions.is_empty() && permit.classes.is_empty())
        || matches!(function.class, Class::Session | Class::Authenticate)
        || permit.classes.iter().any(|class| class == function.class.as_str())
        || function.name.as_deref().is_some_and(|name| permit.functions.iter().any(|f| f == name))
}

/// The functions of a flow that somebody asked for: answers follow the question.
pub fn asked(flow: &Flow) -> impl Iterator<Item = &FunctionUse> {
    flow.functions.iter().filter(|function| function.direction != Direction::Response)
}

/// A function by its name, or by its code where it has none.
#[must_use]
pub fn function_name(function: &FunctionUse) -> String {
    match &function.name {
        Some(name) => name.to_string(),
        None => format!("{} {}", function.element, function.code),
    }
}

/// The flow's protocol by name; its transport where the content told nothing.
#[must_use]
pub fn protocol_name(flow: &Flow) -> String {
    match &flow.protocol {
        Some(name) => name.to_string(),
        None if flow.transport == Transport::Ether(0x0806) => "arp".to_string(),
        None => flow.transport.to_string(),
    }
}
