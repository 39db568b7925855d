//! Services as vendors define them: protocols with ports or ICMP types, alone and in groups.

use crate::ruleset::{Condition, IntervalSet, IpVersion, PORT_PROTOCOLS, Undecidable};

/// One service: packets of a protocol with these ports or types.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Service {
    /// The version of IP, where the service is of one only.
    pub(crate) version: Option<IpVersion>,
    /// The protocols; all of them for any.
    pub(crate) protocols: IntervalSet<u8>,
    /// The source ports; all of them for any, and for protocols without ports.
    pub(crate) source_ports: IntervalSet<u16>,
    /// The destination ports; all of them for any, and for protocols without ports.
    pub(crate) ports: IntervalSet<u16>,
    /// ICMP types; all of them for any, and for other protocols.
    pub(crate) icmp_types: IntervalSet<u8>,
    /// ICMP codes; all of them for any, and for other protocols.
    pub(crate) icmp_codes: IntervalSet<u8>,
    /// What more is asked that the packet does not tell (an application, a helper).
    pub(crate) undecidable: Option<Undecidable>,
}

impl Service {
    /// All packets.
    pub(crate) fn any() -> Self {
        Self {
            version: None,
            protocols: IntervalSet::all(),
            source_ports: IntervalSet::all(),
            ports: IntervalSet::all(),
            icmp_types: IntervalSet::all(),
            icmp_codes: IntervalSet::all(),
            undecidable: None,
        }
    }

    /// All packets of a protocol.
    pub(crate) fn of(protocol: u8) -> Self {
        Self { protocols: IntervalSet::one(protocol), ..Self::any() }
    }

    /// Packets of a protocol to these ports.
    pub(crate) fn to_ports(protocol: u8, ports: IntervalSet<u16>) -> Self {
        Self { ports, ..Self::of(protocol) }
    }

    /// What it asks of a packet: all of these.
    pub(crate) fn conditions(&self) -> Vec<Condition> {
        let mut conditions = Vec::new();
        conditions.extend(self.version.map(Condition::Version));
        if self.protocols != IntervalSet::all() {
            conditions.push(Condition::Protocol(self.protocols.clone()));
        }
        if self.source_ports != IntervalSet::all() {
            conditions.push(Condition::SourcePort(self.source_ports.clone()));
        }
        if self.ports != IntervalSet::all() {
            conditions.push(Condition::DestinationPort(self.ports.clone()));
        }
        if self.icmp_types != IntervalSet::all() {
            conditions.push(Condition::IcmpType(self.icmp_types.clone()));
        }
        if self.icmp_codes != IntervalSet::all() {
            conditions.push(Condition::IcmpCode(self.icmp_codes.clone()));
        }
        conditions.extend(self.undecidable.clone().map(Condition::Undecidable));
        conditions
    }

    /// Whether all of it is decided by protocol and destination port.
    fn is_plain(&self) -> bool {
        let rest = Self { protocols: IntervalSet::all(), ports: IntervalSet::all(), ..self.clone() };
        rest == Self::any()
    }
}

/// What a packet of at least one of these services must meet: all of these conditions. None where every packet does; a
/// condition that never holds where there is no service.
pub(crate) fn one_of(services: &[Service]) -> Vec<Condition> {
    let mut merged = merged(services);
    match merged.as_mut_slice() {
        [] => vec![Condition::never()],
        [only] => only.conditions(),
        many if many.contains(&Service::any()) => Vec::new(),
        many => vec![Condition::Any { of: many.iter().map(Service::conditions).collect(), negated: false }],
    }
}

/// The same services as few: ports of one protocol together, and protocols of the same ports.
fn merged(services: &[Service]) -> Vec<Service> {
    let mut found: Vec<Service> = Vec::new();
    for service in services {
        let alike = found.iter_mut().find(|known| {
            Service { ports: IntervalSet::all(), ..(*known).clone() }
                == Service { ports: IntervalSet::all(), ..service.clone() }
        });
        match alike {
            Some(known) => known.ports = known.ports.union(&service.ports),
            None => found.push(service.clone()),
        }
    }
    let has_ports = |service: &Service| {
        service
            .protocols
            .intervals()
            .iter()
            .all(|(first, last)| first == last && PORT_PROTOCOLS.contains(first))
    };
    let mut joined: Vec<Service> = Vec::new();
    for service in found {
        let alike = joined.iter_mut().find(|known| {
            known.is_plain()
                && service.is_plain()
                && known.ports == service.ports
                && (known.ports == IntervalSet::all() || (has_ports(known) && has_ports(&service)))
        });
        match alike {
            Some(known) => known.protocols = known.protocols.union(&service.protocols),
            None => joined.push(service),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_protocols_come_together_where_that_says_the_same() {
        let to = |protocol, first, last| Service::to_ports(protocol, IntervalSet::range(first, last));
        let text = |services: &[Service]| {
            one_of(services).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(text(&[to(6, 80, 80), to(6, 443, 443)]), "proto=6 dport=80,443");
        assert_eq!(text(&[to(6, 53, 53), to(17, 53, 53)]), "proto=6,17 dport=53");
        assert_eq!(text(&[Service::of(6), Service::of(1)]), "proto=1,6");
        assert_eq!(text(&[to(6, 53, 53), Service::any()]), "");
        assert_eq!(text(&[to(6, 53, 53), Service::of(1)]), "any-of(proto=6 dport=53 | proto=1)");
        assert_eq!(one_of(&[]), [Condition::never()]);
    }
}
