//! Mail, chat and calls between people.

use super::boundary_protection::{boundaries, shown};
use super::gather::{Gather, Reason};
use super::{Decider, Judgement, Power, Says, World, Worlds};
use crate::services::Service;
use crate::verification::{Configured, Path};
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::Permit;

pub(super) static DECIDER: Decider = Decider {
    code: "messages-between-people",
    title: "mail, chat and calls over a boundary",
    requirements: &[("SR 5.3", Power::Decide), ("SR 5.3 RE(1)", Power::Decide)],
    reads: &["configurations"],
    coverage: "to refute, a configuration that surely opens a port of mail, calls or chat; for met, a complete configuration of every device that enforces the boundary, without a deviation, and permits that name only protocols that carry no messages between people",
    says: "A boundary that surely opens a registered port of mail, calls or chat from outside the system under consideration lets general messages between people in (SR 5.3); one that opens it outwards lets them out (RE(1)). A boundary that passes what permits declare and nothing else, and whose permits name only protocols of machines, keeps them out and in.",
    limits: "Permits for HTTP, TLS, SSH, whole transports and protocols that are not known may carry messages, so nothing is said to be met where there are such. A port that is open to another service than the registered one looks the same.",
    judge,
};

/// Protocols that dissectors know and that may carry whatever people write.
const MAY_CARRY_MESSAGES: &[&str] = &["http", "tls", "ssh", "telnet", "ssdp"];

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let open = |path: &&Path| path.configured == Configured::Open && opens_messages(path);
    for path in worlds.verification.paths.iter().filter(open) {
        let inside = |zone: &str| worlds.inside(Some(&ZoneId::from(zone))).is_some();
        let (requirement, what) = match (inside(&path.from_zone), inside(&path.to_zone)) {
            (false, true) => ("SR 5.3", "a port of mail, calls or chat is open from outside"),
            (true, false) => ("SR 5.3 RE(1)", "a port of mail, calls or chat is open to the outside"),
            _ => continue,
        };
        let requirements = [requirement];
        gather.path(
            &Reason::refuting(&requirements, World::Configured, what),
            worlds.sides(path),
            worlds,
            path,
        );
    }
    for (boundary, conduits, subject) in boundaries(worlds) {
        let mut permits = conduits.iter().flat_map(|conduit| &conduit.permits);
        if boundary.is_decided() && !conduits.is_empty() && !permits.any(may_carry) {
            let reason = Reason {
                requirements: &["SR 5.3", "SR 5.3 RE(1)"],
                says: Says::Met,
                world: World::Configured,
                what: "no protocol passes that carries messages between people",
            };
            shown(&mut gather, boundary, &reason, subject);
        }
    }
    gather.finish()
}

/// Registered ports of mail (SMTP, POP, IMAP), calls (SIP) and chat (XMPP, IRC).
const MESSAGE_PORTS: &[u16] = &[25, 110, 143, 465, 587, 993, 995, 5060, 5061, 5222, 5269, 6667];

/// Does the path reach a port of messages, by a transport that carries them?
fn opens_messages(path: &Path) -> bool {
    let by_number = |word: &str| word.starts_with("ip-");
    if matches!(path.protocol.as_str(), "icmp" | "icmpv6" | "sctp" | "other" | "arp")
        || by_number(&path.protocol)
    {
        return false;
    }
    if path.port.is_empty() {
        return matches!(path.protocol.as_str(), "any" | "tcp");
    }
    let ranges = path.port.split(',').filter_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some((first.parse::<u16>().ok()?, last.parse::<u16>().ok()?))
    });
    ranges.into_iter().any(|(first, last)| MESSAGE_PORTS.iter().any(|port| (first..=last).contains(port)))
}

fn may_carry(permit: &Permit) -> bool {
    match Service::of(&permit.protocol) {
        Service::Any | Service::Unknown | Service::Transport(_) => true,
        Service::Known(protocol) => MAY_CARRY_MESSAGES.contains(&protocol.name),
    }
}
