//! From flows to the packet classes that a ruleset is asked about. Those of permits are in [`crate::packets`].

use crate::configured::set_of;
use crate::packets::ip_protocol;
use zonewright_firewall::reach::PacketClass;
use zonewright_firewall::ruleset::IntervalSet;
use zonewright_traffic::observation::Flow;

/// The packets of a flow; `None` for what no packet filter sees.
pub(crate) fn of_flow(flow: &Flow) -> Option<PacketClass> {
    Some(PacketClass {
        source: Some(set_of(flow.initiator.ip)),
        destination: Some(set_of(flow.responder.ip)),
        protocols: Some(IntervalSet::one(ip_protocol(flow.transport)?)),
        source_ports: None,
        ports: flow.responder.port.map(IntervalSet::one),
    })
    .filter(|_| flow.initiator.ip.is_some() && flow.responder.ip.is_some())
}

/// The packets of a flow whose ends were guessed the wrong way round.
pub(crate) fn of_reversed(flow: &Flow) -> Option<PacketClass> {
    let class = of_flow(flow)?;
    let (source, destination) = (class.destination, class.source);
    Some(PacketClass { source, destination, source_ports: class.ports, ports: None, ..class })
}
