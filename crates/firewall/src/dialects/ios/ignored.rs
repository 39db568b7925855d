//! What is ignored knowingly: kinds of statements, each with the words that it begins with and why it cannot bear on which
//! packets pass or reach the machine.

use crate::dialects::IgnoredKind;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A kind of statement.
struct Kind {
    kind: IgnoredKind,
    /// The first words of its statements, outside interfaces, with what stands indented below; parted by `|`.
    global: &'static str,
    /// The first words of its statements within an interface, likewise.
    interface: &'static str,
}

const fn kind(
    name: &'static str,
    reason: &'static str,
    global: &'static str,
    interface: &'static str,
) -> Kind {
    Kind { kind: IgnoredKind { name, reason }, global, interface }
}

const KINDS: [Kind; 21] = [
    kind(
        "blank line, comment, banner, prompt",
        "is for people",
        "Building configuration|configure|conf t|conf|en|wr|do|copy|reload|Current configuration|\
         Using|version|end|exit|quit|boot-start-marker|boot-end-marker|menu|privilege|alias|prompt|\
         title|configure terminal|enable|show|terminal|write|boot|config-register|Load for|\
         Time source|NTP source|hostname|description|parser|default-information",
        "description|alias|name|exit|load-interval|history|carrier-delay|logging event",
    ),
    kind(
        "statement that holds a secret",
        "is told as a place of a secret, and nothing else of it is kept",
        "",
        "",
    ),
    kind(
        "parts of the machine",
        "names hardware, software, licenses, clocks and files",
        "license|platform|diagnostic|hw-module|redundancy|switch|stack|module|card|memory|process|\
         exception|clock|scheduler|buffers|warm-reboot|slot|controller|system|facility-alarm|power|\
         fan|environment|upgrade|archive|microcode|subslot|vdc|feature|install|call-home|\
         service call-home|smart|software|transceiver|energywise|ip host|ipv6 host|ip hosts|file|rmi|\
         resource|mode|device-tracking|macro|template|errdisable|udld|vstack|location|sdm|hardware|\
         cpu|chassis|profile|voice|voice-card|dial-peer|telephony-service|sccp|call-manager|codec|\
         gateway|sip-ua|ephone|alarm|relay|guestshell|app-hosting|iox|virtual-service|monitor|span|\
         dspfarm|telephony|credentials|num-exp|tty|modem|chat-script|isdn|dialer|dialer-list|\
         virtual-profile|async|cable|gnss|mmi|cts logging",
        "speed|duplex|negotiation|media-type|mdix|clock|clockrate|bandwidth|delay|mtu|ip mtu|\
         ipv6 mtu|ip tcp|ipv6 tcp|keepalive|half-duplex|full-duplex|hold-queue|transport-mode|power|\
         hardware|encapsulation|frame-relay|atm|pvc|ppp|dialer|dialer-group|isdn|serial|async|\
         physical-layer|ima|dsl|vdsl|cdp|lldp|udld|channel-group|channel-protocol|lacp|pagp|beacon|\
         macro|fex|vpc|vlan-id|vlan-range|loopback|crc|framing|linecode|cablelength|tunnel|\
         peer default|compress|multilink|autodetect|link|priority-queue|srr-queue|fair-queue|\
         random-detect|tx-ring-limit|mls qos|qos|auto qos|trust|queue|wrr-queue|rcv-queue|buffers|\
         snmp|logging|nmsp|energywise|bfd|arp|mac-address|standby|vrrp|glbp|hsrp|ethernet|\
         service instance|l2protocol|cable|modem|gnss|flowcontrol|switchport nonegotiate|\
         switchport voice|switchport trunk encapsulation|switchport trunk native|switchport host|\
         spanning-tree|pppoe|pppoe-client|max-reserved-bandwidth|ip tcp adjust-mss|medium|\
         bridge-domain|bridge-group|xconnect|mpls|tag-switching|backup|down-when-looped|group-range|\
         peer|timeout|device-tracking|aggregate|plugin|lan-name|ip dns view-group|macsec|mka|sap|\
         dcbx|virtual-template|member|mode|platform|passive|alarm|profinet|ptp|rep|mrp|dlr",
    ),
    kind(
        "routing protocols and what serves them",
        "choose the way of packets that the lists let pass; what a route discards is read",
        "ip prefix-list|ipv6 prefix-list|prefix-list|ip as-path|ip community-list|\
         ip extcommunity-list|ip bgp-community|ip large-community-list|key chain|ip classless|\
         ip subnet-zero|ip cef|ipv6 cef|ip routing|ipv6 unicast-routing|ip default-gateway|\
         ip default-network|ip forward-protocol|ip multicast-routing|ip multicast|ip pim|ipv6 pim|\
         ip mroute|ip igmp|ip msdp|ip mfib|ipv6 multicast|mpls|track|ip sla|rtr|bfd|bfd-template|vrf|\
         ip vrf|fhrp|ip local policy|global-address-family|address-family|exit-address-family|\
         ip routing protocol|ip load-sharing|segment-routing|pseudowire|l2vpn|l2|performance|ip sdr|\
         ip explicit-path|tag-switching|route-tag|ip nhrp|nhrp|lisp|pfr|oer|domain|ip dvmrp|ip ospf|\
         isis|affinity-map|cns|maximum routes|rd|route-target|ip rip|multilink|ip local pool|\
         ipv6 local pool|ip address-pool|appletalk|ipx|decnet|standby|vrrp|ip tcp|ip mtu|ip path-mtu|\
         ip redirects",
        "ip ospf|ipv6 ospf|ospfv3|ip rip|ip eigrp|ipv6 eigrp|ip hello-interval|ip hold-time|\
         ip summary-address|ip split-horizon|ip next-hop-self|ip bandwidth-percent|isis|ip router|\
         ipv6 router|ip pim|ipv6 pim|ip igmp|ip mroute-cache|ipv6 mld|ip cgmp|ip mfib|ip multicast|\
         ip nhrp|ipv6 nhrp|ip route-cache|ip load-sharing|ip cef|ip redirects|ip unreachables|\
         ip proxy-arp|ip local-proxy-arp|ip mask-reply|ip directed-broadcast|ip helper-address|\
         ip forward-protocol|ip information-reply|ip irdp|ip mobile|ip rsvp|ip rtp|ip authentication|\
         bgp|ipv6 nd|ipv6 redirects|ipv6 unreachables|ipv6 enable|ipv6 rip|ipv6 dhcp|ipv6 hello|\
         ipv6 mfib|ip dhcp|ip flow|ipv6 flow|ip nbar|ip arp|ip dampening|dampening|ip sap|\
         ip rarp-server|ip probe|ip broadcast-address|ip accounting|ip dvmrp|ip security|ip wccp|\
         ip gratuitous-arps|ip port-unreachable|ip pgm|ip sdr|ip vrf sitemap|ip address-helper|\
         ip unnumbered|ipv6 unnumbered|lisp|ip lisp|ip dns|ip ddp|ipx|appletalk|\
         ip virtual-reassembly|ipv6 virtual-reassembly|ip verify drop-rate|ip tcp header-compression|\
         cns|track|fabric",
    ),
    kind(
        "counting, logging, flow records",
        "observes packets and changes none",
        "logging|service timestamps|service sequence-numbers|snmp-server|snmp|rmon|ip flow|flow|\
         flow-|ip accounting|netflow|sampler|ip nbar|ip access-list log-update|\
         ip access-list logging|ip access-list resequence|ip access-list persistent|\
         ip access-list match-local|ipv6 access-list log-update|access-list log-update|ip rmi|event|\
         kron|mgmt|telemetry|nmsp|ip rtp|monitor|sflow|metadata|performance monitor|\
         ip traffic-export|epm logging",
        "flow|sampler|service-policy type performance|service-policy type control|\
         service-policy type queuing|sflow|rmon|ip traffic-export|monitor|performance monitor|\
         ip nat log",
    ),
    kind(
        "accounts, authentication and terminals",
        "say who may work on the machine once a packet has reached it",
        "aaa|username|enable|tacacs-server|tacacs|radius-server|radius|login|security|role|ip tacacs|\
         ip radius|tacacs|radius|ip domain|ip name-server|line|password|service|ldap|\
         parameter-map type webauth|identity|access-session|authentication|mab|dot1x|device-sensor|\
         eap|fips|key config-key|ip admission|ip auth-proxy",
        "login|radius|aaa|ip radius|ip tacacs|authentication|access-session|mab|dot1x",
    ),
    kind(
        "keys and certificates",
        "prove who someone is",
        "crypto pki|crypto key|crypto ca|crypto provisioning|ssh|ip ssh|ip scp|key|certificate",
        "",
    ),
    kind(
        "definitions of IPsec",
        "protect packets; a crypto map takes effect where an interface names it, which is read",
        "crypto",
        "",
    ),
    kind(
        "services of the machine",
        "answer at ports of the machine; packets to ports other than those of management possibly reach it, whatever these say",
        "ip dhcp|ipv6 dhcp|ntp|sntp|ip bootp|ip finger|ip identd|ip rcmd|ip ftp|ip tftp|tftp-server|\
         ip http|netconf|restconf|gnxi|grpc|ip dns|webui|ip telnet|ip source-route|\
         ip gratuitous-arps|ip icmp|ipv6 icmp|ip arp|arp|cdp|lldp|dns-|mdns|ip wccp|x25|translate|\
         ipv6 nd|ip ddns|ipv6 source-route|ip spd|ip reflexive-list|ip nd|printer|xml|http|wsma|\
         ip mobile|ptp|profinet|cip|modbus|l2protocol|ip subscriber|subscriber|ip drp|ppp|vpdn|\
         vpdn-group|bba-group|pppoe|ip portal|webvpn|ip slb|ip forward|ip rsvp|ip device|\
         ip igmp snooping|service-template",
        "ip dhcp relay|ip nat service|mdns|ntp|cip|modbus",
    ),
    kind(
        "bridging: spanning trees, VLANs, EtherChannel",
        "choose the way of frames; what filters them is read",
        "spanning-tree|vlan|vlan|vtp|mac address-table|mac-address-table|port-channel|lacp|bridge|\
         bridge-domain|ip igmp snooping|ethernet|link state|mls|system mtu|vpc|fabricpath|l2 vfi|\
         interface-vlan|rep|mrp|cfm|lan|multicast|dot1q|prp|hsr|nve|evpn|macro|wrr|queue|qos|auto|\
         table-map|priority-flow|fcoe|fex|resource|psecure",
        "",
    ),
    kind(
        "lists that name no IP packets",
        "look at MAC addresses of frames without IP, at ARP, IPX, DECnet or AppleTalk",
        "mac access-list|arp access-list|ip arp inspection|ip verify|mac",
        "mac access-group|mac port access-group|ip arp inspection|arp access-group",
    ),
    kind(
        "snooping of DHCP and of neighbor discovery",
        "drops messages that configure stations, and no others",
        "ip dhcp snooping|ipv6 snooping|ipv6 nd raguard|ipv6 dhcp guard|ipv6 neighbor",
        "ip dhcp snooping|ipv6 snooping|ipv6 nd raguard|ipv6 dhcp guard|ip igmp snooping",
    ),
    kind(
        "storm control",
        "drops what is more than a rate of broadcasts",
        "storm-control",
        "storm-control|switchport block",
    ),
    kind(
        "timers and limits of inspection",
        "bound how many sessions a firewall keeps; a session within the limits passes as read",
        "parameter-map|ip inspect|ip nat translation|ip nat log|ip nat service|ip nat settings|\
         ip nat create|ip nat portmap|ip nat switchover|ip nat stateful|ip nat Stateful|\
         ip nat piggyback-support|ip nat sip-sbc|ip virtual-reassembly|ip tcp intercept|\
         ip port-map-timeout|zone security default-timer|ip fpm|ip trigger-authentication|nat64 v4|\
         nat64 settings|ip nat pool-timer",
        "",
    ),
    kind(
        "quality of service without drops",
        "marks, queues and shapes; a policy that polices or drops is read where an interface names it",
        "rate-limit|qos-|priority-list|queue-list|ip qos",
        "priority-group|custom-queue-list|traffic-shape|mls|bandwidth",
    ),
    kind(
        "route maps that lead to neighbors",
        "choose the way of packets; one that leads to a null interface is read",
        "",
        "",
    ),
    kind("console and auxiliary lines", "are reached by hand", "", ""),
    kind(
        "voice and wireless",
        "carry calls and radio, not routed packets",
        "voice|wireless|ap|wlan|dot11|ephone-dn|ephone|radio",
        "ssid|station-role|antenna|channel|world-mode|voice|voice-port",
    ),
    kind(
        "event manager, macros and scripts",
        "act on the machine in the course of time; what they would change is not in the configuration",
        "event manager|macro name|macro auto|tclsh|scripting|ip sla schedule|archive",
        "",
    ),
    kind(
        "policies of sessions and of measurement",
        "say how stations log in and what is measured (`type control`, `type performance-monitor` and their like)",
        "",
        "",
    ),
    kind("statement within an ignored block", "belongs to a statement of this list", "", ""),
];

/// The kinds, for the list of the dialect.
pub(super) const IGNORED: [IgnoredKind; KINDS.len()] = kinds();

#[expect(clippy::indexing_slicing, reason = "both arrays have the same length; evaluated when compiled")]
const fn kinds() -> [IgnoredKind; KINDS.len()] {
    let mut kinds = [KINDS[0].kind; KINDS.len()];
    let mut at = 0;
    while at < KINDS.len() {
        kinds[at] = KINDS[at].kind;
        at += 1;
    }
    kinds
}

/// Whether a statement outside interfaces is of an ignored kind. `text` is its words, parted by single spaces.
pub(super) fn is_global(text: &str) -> bool {
    static STARTS: LazyLock<Starts> = LazyLock::new(|| starts(|kind| kind.global));
    begins(&STARTS, text)
}

/// Whether a statement within an interface is of an ignored kind.
pub(super) fn is_of_interface(text: &str) -> bool {
    static STARTS: LazyLock<Starts> = LazyLock::new(|| starts(|kind| kind.interface));
    begins(&STARTS, text)
}

/// How statements begin, by the beginning of their first word.
type Starts = BTreeMap<&'static str, Vec<&'static str>>;

fn starts(of: fn(&Kind) -> &'static str) -> Starts {
    let mut starts = Starts::new();
    for words in KINDS.iter().flat_map(|kind| of(kind).split('|')).filter(|words| !words.is_empty()) {
        starts.entry(beginning(words)).or_default().push(words);
    }
    starts
}

/// What stands before the first space, hyphen or dot.
fn beginning(text: &str) -> &str {
    text.split([' ', '-', '.']).next().unwrap_or_default()
}

/// Whether the statement begins with one of these words, whole ones or up to a hyphen or dot.
fn begins(starts: &Starts, text: &str) -> bool {
    starts.get(beginning(text)).into_iter().flatten().any(|words| {
        text.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '-', '.']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_compared() {
        assert!(is_global("ntp server 10.1.1.1") && is_global("ip domain-name plant.example"));
        assert!(!is_global("ip access-list extended X") && !is_global("access-list 101 permit ip any any"));
        assert!(!is_global("zone-pair security A source B destination C") && !is_global("interface Vlan1"));
        assert!(is_of_interface("ip ospf cost 10") && is_of_interface("speed auto"));
        for read in [
            "ip access-group X in",
            "ip nat inside",
            "zone-member security Z",
            "ip inspect X in",
            "crypto map X",
        ] {
            assert!(!is_of_interface(read), "{read}");
        }
    }
}
