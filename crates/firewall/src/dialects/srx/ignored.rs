//! What is ignored knowingly, with the reasons.

use super::tree::{Mark, NodeId, Tree};
use crate::dialects::IgnoredKind;

/// The kinds that the dialect ignores.
pub(super) const IGNORED: [IgnoredKind; 13] = [
    IgnoredKind { name: "blank line, comment, banner of the device", reason: "says nothing" },
    IgnoredKind {
        name: "description, annotation, apply-macro, apply-flags",
        reason: "is for people and scripts",
    },
    IgnoredKind {
        name: "version, system, chassis, snmp, event-options, access, accounting-options, poe, virtual-chassis",
        reason: "how the device is run and who may log on; which packets come to its services is said by zones and filters",
    },
    IgnoredKind {
        name: "routing-options, protocols, policy-options (but prefix-list), routing-instances, forwarding-options, dialer, vlans",
        reason: "where packets are sent, not whether they pass",
    },
    IgnoredKind { name: "class-of-service, policer bandwidth", reason: "how fast packets pass" },
    IgnoredKind {
        name: "interfaces: all but units, their addresses, filters and reverse path checks",
        reason: "the physical link",
    },
    IgnoredKind {
        name: "firewall: options of filters, policers that drop nothing",
        reason: "counts, marks, says how a filter is stored",
    },
    IgnoredKind {
        name: "security ike, ipsec, pki, certificates, ssh-known-hosts, authentication-key-chains, macsec, remote-access",
        reason: "how tunnels are built and keyed; what goes through one is judged by the zone of its interface",
    },
    IgnoredKind {
        name: "security screen, flow, alg, idp, utm, application-tracking, gprs, and profiles that inspect",
        reason: "takes away malformed packets, floods and bad content; opens nothing that the policies do not",
    },
    IgnoredKind {
        name: "security log, alarms, traceoptions, datapath-debug, policy-stats, resource-manager, forwarding-process",
        reason: "records and tunes",
    },
    IgnoredKind {
        name: "security nat proxy-arp, proxy-ndp, pool alarms",
        reason: "for which addresses the device answers",
    },
    IgnoredKind {
        name: "security zones: tcp-rst, screen, application-tracking, source-identity-log",
        reason: "tells senders, records, inspects",
    },
    IgnoredKind { name: "groups: what is applied nowhere", reason: "is not in force" },
];

/// Ways in the tree below which nothing bears on which packets pass. `*` is any word, `|` parts alternatives.
const WAYS: &[&str] = &[
    "version",
    "system|chassis|snmp|event-options|access|accounting-options|poe|virtual-chassis|access-profile",
    "routing-options|protocols|routing-instances|forwarding-options|vlans|switch-options|ethernet-switching-options",
    "class-of-service|bridge-domains|multi-chassis|diameter|jsrc|wlan|smtp|fabric|session-limit-group",
    "policy-options policy-statement|community|as-path|as-path-group|condition|route-filter-list|damping",
    "services flow-monitoring|rpm|ip-monitoring|application-identification|user-identification|analytics|ssh",
    "services ssl|security-intelligence|advanced-anti-malware|web-proxy|icap-redirect|captive-portal|netconf",
    "security ike|ipsec|pki|certificates|ssh-known-hosts|authentication-key-chains|macsec|remote-access",
    "security group-vpn|ipsec-policy|dynamic-vpn|tcp-encap|l3vpn",
    "security screen|alg|idp|utm|application-tracking|gprs|anti-virus|user-identification|gtp",
    "security flow tcp-mss|tcp-session|aging|syn-flood-protection-mode|traceoptions|ipsec-performance-acceleration",
    "security flow load-distribution|power-mode-ipsec|route-change-timeout|pending-sess-queue-length|enhanced-routing-mode",
    "security flow force-ip-reassembly|advanced-options|allow-reverse-ecmp|session-preservation|sync-icmp-session|packet-log",
    "security log|alarms|traceoptions|datapath-debug|resource-manager|forwarding-process|analysis|firewall-authentication",
    "security policies policy-rematch|policy-stats|traceoptions|pre-id-default-policy|unified-policy|lookup-intranet-app",
    "security nat proxy-arp|proxy-ndp|traceoptions|allow-overlapping-pools|pool-utilization-alarm",
    "security nat source|destination|static traceoptions|port-randomization|pool-utilization-alarm|pool-default-port-range",
    "security nat source interface|session-persistence-scan|session-drop-hold-down|address-persistent",
    "security nat source|destination|static rule-set description",
    "security nat source|destination|static rule-set * description",
    "security nat source|destination|static rule-set * rule * description",
    "security nat source|destination pool * description|routing-instance",
    "security zones security-zone * description|tcp-rst|screen|application-tracking|source-identity-log",
    "security zones security-zone * enable-reverse-reroute|unidirectional-session-refreshing|advanced-connection-tracking",
    "security zones security-zone * advance-policy-based-routing-profile",
    "security zones functional-zone * description|screen",
    "security zones security-zone * address-book address|address-set * description",
    "security address-book * description",
    "security address-book * address|address-set * description",
    "applications application|application-set * description",
    "applications application * inactivity-timeout|do-not-translate-A-query-to-AAAA-query|do-not-translate-AAAA-query-to-A-query",
    "schedulers scheduler * description",
    "firewall load-balance-group|filter-group|atm-policer",
    "interfaces traceoptions|apply-macro",
    "interfaces interface-range * member|member-range|description|ether-options|gigether-options|mtu",
    "interfaces * description|vlan-tagging|mtu|speed|link-mode|gigether-options|ether-options|fastether-options|disable",
    "interfaces * aggregated-ether-options|redundant-ether-options|native-vlan-id|flexible-vlan-tagging|encapsulation",
    "interfaces * hold-time|traps|no-traps|mac|per-unit-scheduler|stacked-vlan-tagging|clocking|no-gratuitous-arp-request",
    "interfaces * fabric-options|gratuitous-arp-reply|damping|optics-options|sonet-options|serial-options|t1-options",
    "interfaces * e1-options|ppp-options|cellular-options|dialer-options|vdsl-options|link-settings|auto-negotiation",
    "interfaces * hierarchical-scheduler|port-mode|lldp-priority|multi-chassis-protection|esi|apply-macro|act-sim",
    "interfaces * unit * description|vlan-id|vlan-tags|encapsulation|bandwidth|point-to-point|multipoint|tunnel|traps",
    "interfaces * unit * no-traps|proxy-arp|disable|inner-vlan-id-range|vlan-id-range|native-inner-vlan-id|ppp-options",
    "interfaces * unit * pppoe-options|dialer-options|backup-options|keepalives|no-keepalives|arp-resp|statistics|account-layer2-overhead",
    "interfaces * unit * family inet|inet6 mtu|sampling|no-redirects|dhcp|dhcp-client|dhcpv6-client|primary|arp-resp",
    "interfaces * unit * family inet|inet6 no-neighbor-learn|dad-disable|unnumbered-address|negotiate-address|accounting",
    "interfaces * unit * family inet|inet6 targeted-broadcast|broadcast|tcp-mss|nd6-stale-time|demux-source|dhcp-relay",
    "interfaces * unit * family iso|mpls",
    "interfaces * unit * family ethernet-switching|bridge|ccc|vpls|tcc vlan|vlan-id|interface-mode|port-mode|native-vlan-id|vlan-id-list",
    "interfaces * unit * family ethernet-switching|bridge|ccc|vpls|tcc storm-control|recovery-timeout|inner-vlan-id-list",
];

/// Marks all that is ignored, in the configuration and in its groups' copies.
pub(super) fn mark(tree: &Tree) {
    for way in WAYS {
        let steps: Vec<Vec<&str>> = way.split(' ').map(|step| step.split('|').collect()).collect();
        mark_way(tree, Tree::ROOT, &steps);
    }
    for id in tree.all() {
        if matches!(tree.word(id), "apply-macro" | "apply-flags") {
            tree.mark(id, Mark::IgnoredAll);
        }
    }
}

fn mark_way(tree: &Tree, from: NodeId, steps: &[Vec<&str>]) {
    let mut at = vec![from];
    for (index, step) in steps.iter().enumerate() {
        let is_last = index + 1 == steps.len();
        let mut next = Vec::new();
        for node in at {
            match step.as_slice() {
                ["*"] => next.extend(tree.children(node)),
                words => next.extend(words.iter().filter_map(|word| tree.find(node, word))),
            }
        }
        if is_last {
            next.iter().for_each(|node| tree.mark(*node, Mark::IgnoredAll));
        }
        at = next;
    }
}
