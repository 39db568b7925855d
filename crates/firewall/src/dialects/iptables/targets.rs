//! The targets of iptables: what a rule's `-j` does.

use crate::ruleset::NatKind;

/// What a target does to the packet, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetKind {
    /// Logs, and the packet goes on.
    Log,
    /// Changes nothing that bears on which packets pass, and the packet goes on.
    Harmless,
    /// Drops the packet and tells the sender.
    Reject,
    /// Translates addresses.
    Nat(NatKind),
    /// Changes a mark, and the packet goes on.
    Mark,
    /// Anything else: what becomes of the packet is not known.
    Other,
}

/// The targets that bear on nothing that this project asks of a packet, and why. The packet goes on behind all of them.
pub(super) const HARMLESS_TARGETS: [(&str, &str); 18] = [
    ("TCPMSS", "changes the largest segment size that TCP asks for"),
    ("TCPOPTSTRIP", "removes options of TCP"),
    ("CLASSIFY", "chooses a queue"),
    ("TOS", "changes the type of service"),
    ("DSCP", "changes the type of service"),
    ("ECN", "removes congestion bits"),
    ("TTL", "changes the time to live"),
    ("HL", "changes the hop limit"),
    ("CHECKSUM", "fills in a checksum"),
    ("AUDIT", "writes an audit record"),
    ("TRACE", "switches tracing on"),
    ("SECMARK", "sets a label of the security module"),
    ("CONNSECMARK", "copies a label of the security module"),
    ("IDLETIMER", "starts a timer"),
    ("LED", "blinks"),
    ("RATEEST", "measures"),
    ("TEE", "sends a copy elsewhere"),
    ("SET", "changes a set; conditions on sets are taken as undecided anyway"),
];

/// What the target of this name does.
pub(crate) fn target_kind(name: &str) -> TargetKind {
    match name {
        "LOG" | "NFLOG" | "ULOG" => TargetKind::Log,
        "REJECT" => TargetKind::Reject,
        "DNAT" => TargetKind::Nat(NatKind::Destination),
        "SNAT" => TargetKind::Nat(NatKind::Source),
        "MASQUERADE" => TargetKind::Nat(NatKind::Masquerade),
        "REDIRECT" => TargetKind::Nat(NatKind::Redirect),
        "MARK" | "CONNMARK" | "HMARK" => TargetKind::Mark,
        _ if HARMLESS_TARGETS.iter().any(|(known, _)| *known == name) => TargetKind::Harmless,
        _ => TargetKind::Other,
    }
}

/// Whether iptables has a target of this name, so that it is not a chain of the user's.
pub(super) fn is_known_target(name: &str) -> bool {
    target_kind(name) != TargetKind::Other
        || [
            "ACCEPT",
            "DROP",
            "RETURN",
            "QUEUE",
            "NFQUEUE",
            "CT",
            "NOTRACK",
            "NETMAP",
            "TPROXY",
            "SYNPROXY",
            "CLUSTERIP",
        ]
        .contains(&name)
}
