//! Names of ports and protocols, and the operators of ports.

use crate::names::protocol_number;
use crate::ruleset::IntervalSet;

/// Whose names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Os {
    /// ASA (and PIX).
    Asa,
    /// IOS and IOS-XE.
    Ios,
}

/// A port as a number or name tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PortNumber {
    /// The port.
    pub(crate) number: u16,
    /// Another port that releases of the system understand by the same name.
    pub(crate) or: Option<u16>,
}

/// The port that a number or a name means, of `protocol` (6, 17, 132), or of TCP or UDP alike where none is given.
pub(crate) fn port(os: Os, protocol: Option<u8>, word: &str) -> Option<PortNumber> {
    if let Ok(number) = word.parse() {
        return Some(PortNumber { number, or: None });
    }
    let wanted = match protocol {
        Some(6) => TCP,
        Some(17) => UDP,
        _ => BOTH,
    };
    let system = match os {
        Os::Asa => ASA,
        Os::Ios => IOS,
    };
    let of =
        |flags: u8, name: &str| flags & wanted != 0 && flags & system != 0 && name.eq_ignore_ascii_case(word);
    let (.., number, _) =
        PORTS.iter().find(|(name, _, flags)| of(*flags, name)).map(|(n, p, f)| (*n, *p, *f))?;
    let or = AMBIGUOUS.iter().find(|(name, _)| os == Os::Asa && name.eq_ignore_ascii_case(word));
    Some(PortNumber { number, or: or.map(|(_, other)| *other) })
}

/// The ports of `eq`, `neq`, `lt`, `gt` (with `first`) and `range`; `None` for another operator. A range that is the wrong
/// way round is turned, as IOS does (ASA refuses it).
pub(crate) fn port_range(operator: &str, first: u16, last: u16) -> Option<IntervalSet<u16>> {
    Some(match operator {
        "eq" => IntervalSet::one(first),
        "neq" => IntervalSet::one(first).complement(),
        "lt" => first.checked_sub(1).map_or_else(IntervalSet::none, |end| IntervalSet::range(0, end)),
        "gt" => {
            first.checked_add(1).map_or_else(IntervalSet::none, |from| IntervalSet::range(from, u16::MAX))
        }
        "range" => IntervalSet::range(first.min(last), first.max(last)),
        _ => return None,
    })
}

/// The protocols that a number or a name means; `ip` is all.
pub(crate) fn protocol(word: &str) -> Option<IntervalSet<u8>> {
    if let Ok(number) = word.parse() {
        return Some(IntervalSet::one(number));
    }
    let word = word.to_ascii_lowercase();
    let own = match word.as_str() {
        "ip" | "ipv4" | "ipv6" => return Some(IntervalSet::all()),
        "tcp-udp" => return Some(IntervalSet::from_ranges([(6, 6), (17, 17)])),
        "ah" | "ahp" => 51,
        "eigrp" => 88,
        "esp" | "ipsec" => 50,
        "gre" | "pptp" => 47,
        "icmp" => 1,
        "icmp6" | "icmpv6" => 58,
        "igrp" => 9,
        "ipinip" => 4,
        "nos" => 94,
        "pcp" => 108,
        "snp" => 109,
        "hbh" => 0,
        _ => return protocol_number(&word).map(IntervalSet::one),
    };
    Some(IntervalSet::one(own))
}

const TCP: u8 = 1;
const UDP: u8 = 2;
const BOTH: u8 = TCP | UDP;
const ASA: u8 = 4;
const IOS: u8 = 8;
const ANY: u8 = ASA | IOS;

/// Names that the releases of ASA give to different ports.
const AMBIGUOUS: [(&str, u16); 2] = [("kerberos", 88), ("sqlnet", 1522)];

/// Name, port, protocols and systems that know it. What is known for one protocol comes before the same name of another.
const PORTS: [(&str, u16, u8); 101] = [
    ("aol", 5190, TCP | ASA),
    ("bfd", 3784, UDP | IOS),
    ("bfd-echo", 3785, UDP | IOS),
    ("bgp", 179, TCP | ANY),
    ("biff", 512, UDP | ANY),
    ("bootpc", 68, UDP | ANY),
    ("bootps", 67, UDP | ANY),
    ("chargen", 19, TCP | ANY),
    ("cifs", 3020, BOTH | ASA),
    ("citrix-ica", 1494, TCP | ASA),
    ("cmd", 514, TCP | ANY),
    ("connectedapps-plain", 15001, TCP | IOS),
    ("connectedapps-tls", 15002, TCP | IOS),
    ("ctiqbe", 2748, TCP | ASA),
    ("daytime", 13, TCP | ANY),
    ("discard", 9, BOTH | ANY),
    ("dns", 53, UDP | ASA),
    ("dnsix", 195, UDP | ANY),
    ("domain", 53, BOTH | ANY),
    ("drip", 3949, TCP | IOS),
    ("echo", 7, BOTH | ANY),
    ("exec", 512, TCP | ANY),
    ("finger", 79, TCP | ANY),
    ("ftp", 21, TCP | ANY),
    ("ftp-data", 20, TCP | ANY),
    ("gopher", 70, TCP | ANY),
    ("h323", 1720, TCP | ASA),
    ("hostname", 101, TCP | ANY),
    ("http", 80, BOTH | ASA),
    ("https", 443, TCP | ASA),
    ("ident", 113, TCP | ANY),
    ("imap4", 143, TCP | ASA),
    ("irc", 194, TCP | ANY),
    ("isakmp", 500, UDP | ANY),
    ("kerberos", 750, BOTH | ASA),
    ("klogin", 543, TCP | ANY),
    ("kshell", 544, TCP | ANY),
    ("ldap", 389, TCP | ASA),
    ("ldaps", 636, TCP | ASA),
    ("ldp", 646, BOTH | IOS),
    ("login", 513, TCP | ANY),
    ("lotusnotes", 1352, TCP | ASA),
    ("lpd", 515, TCP | ANY),
    ("mobile-ip", 434, UDP | ANY),
    ("msrpc", 135, TCP | IOS),
    ("nameserver", 42, UDP | ANY),
    ("netbios-dgm", 138, UDP | ANY),
    ("netbios-ns", 137, UDP | ANY),
    ("netbios-ss", 139, UDP | IOS),
    ("netbios-ssn", 139, TCP | ASA),
    ("nfs", 2049, BOTH | ASA),
    ("nntp", 119, TCP | ANY),
    ("non500-isakmp", 4500, UDP | IOS),
    ("ntp", 123, UDP | ANY),
    ("onep-plain", 15001, TCP | IOS),
    ("onep-tls", 15002, TCP | IOS),
    ("pcanywhere-data", 5631, TCP | ASA),
    ("pcanywhere-status", 5632, UDP | ASA),
    ("pim-auto-rp", 496, BOTH | ANY),
    ("pop2", 109, TCP | ANY),
    ("pop3", 110, TCP | ANY),
    ("pptp", 1723, TCP | ASA),
    ("radius", 1645, UDP | ASA),
    ("radius-acct", 1646, UDP | ASA),
    ("rip", 520, UDP | ANY),
    ("ripng", 521, UDP | ANY),
    ("ripv6", 521, UDP | IOS),
    ("rpc", 111, BOTH | ASA),
    ("rsh", 514, TCP | ASA),
    ("rtsp", 554, TCP | ASA),
    ("secureid-udp", 5510, UDP | ASA),
    ("sip", 5060, BOTH | ASA),
    ("smtp", 25, TCP | ANY),
    ("snmp", 161, UDP | ANY),
    ("snmptrap", 162, UDP | ANY),
    ("sqlnet", 1521, TCP | ASA),
    ("ssh", 22, TCP | ASA),
    ("sunrpc", 111, BOTH | ANY),
    ("syslog", 514, UDP | ANY),
    ("syslog", 514, TCP | IOS),
    ("tacacs", 49, BOTH | ANY),
    ("tacacs-ds", 65, BOTH | IOS),
    ("talk", 517, BOTH | ANY),
    ("telnet", 23, TCP | ANY),
    ("tftp", 69, UDP | ANY),
    ("time", 37, BOTH | ANY),
    ("uucp", 540, TCP | ANY),
    ("vxlan", 4789, UDP | ASA),
    ("who", 513, UDP | ANY),
    ("whois", 43, TCP | ANY),
    ("www", 80, TCP | ANY),
    ("www", 80, UDP | ASA),
    ("xdmcp", 177, UDP | ANY),
    // Names that the object groups of IOS know besides.
    ("https", 443, TCP | IOS),
    ("http", 80, TCP | IOS),
    ("ssh", 22, TCP | IOS),
    ("ldap", 389, TCP | IOS),
    ("imap4", 143, TCP | IOS),
    ("rtsp", 554, BOTH | IOS),
    ("radius", 1645, UDP | IOS),
    ("snmp-trap", 162, UDP | ANY),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_the_port_of_their_system_and_protocol() {
        let number = |os, protocol, word| port(os, protocol, word).map(|port| port.number);
        assert_eq!(number(Os::Asa, Some(6), "https"), Some(443));
        assert_eq!(number(Os::Asa, Some(17), "https"), None);
        assert_eq!(number(Os::Ios, Some(17), "non500-isakmp"), Some(4500));
        assert_eq!(number(Os::Asa, None, "WWW"), Some(80));
        assert_eq!(number(Os::Asa, None, "65535"), Some(65_535));
        assert_eq!(number(Os::Asa, None, "65536"), None);
        assert_eq!(port(Os::Asa, Some(6), "kerberos"), Some(PortNumber { number: 750, or: Some(88) }));
        assert_eq!(protocol("ahp"), Some(IntervalSet::one(51)));
        assert_eq!(protocol("ospf"), Some(IntervalSet::one(89)));
        assert_eq!(protocol("nothing"), None);
    }

    #[test]
    fn operators_are_ranges() {
        let text = |operator, first, last| port_range(operator, first, last).unwrap().to_string();
        assert_eq!(text("lt", 0, 0), "none");
        assert_eq!(text("gt", 1023, 0), "1024-65535");
        assert_eq!(text("neq", 80, 0), "0-79,81-65535");
        assert_eq!(text("range", 20, 10), "10-20");
        assert_eq!(port_range("established", 0, 0), None);
    }
}
