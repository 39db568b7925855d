//! Services and groups of services that every device of the make comes with (FortiOS 6.0 to 7.6, `config firewall service
//! custom` and `group` of a device as delivered; FortiOS Administration Guide, "Predefined services"). A configuration usually
//! spells them out; a part of one names them only.

/// A predefined service: its name, then what it is.
pub(super) type Predefined = (&'static str, &'static [Part]);

/// What packets a predefined service is made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// Every packet.
    Any,
    /// A protocol by its number.
    Protocol(u8),
    /// A type of ICMP (protocol 1) or ICMPv6 (58).
    Icmp(u8, u8),
    /// Ports of TCP, in the syntax of `tcp-portrange`.
    Tcp(&'static str),
    /// Ports of UDP.
    Udp(&'static str),
}

use Part::{Any, Icmp, Protocol, Tcp, Udp};

/// All predefined services, sorted by name.
pub(super) const SERVICES: &[Predefined] = &[
    ("AFS3", &[Tcp("7000-7009"), Udp("7000-7009")]),
    ("AH", &[Protocol(51)]),
    ("ALL", &[Any]),
    ("ALL_ICMP", &[Protocol(1)]),
    ("ALL_ICMP6", &[Protocol(58)]),
    ("ALL_TCP", &[Tcp("1-65535")]),
    ("ALL_UDP", &[Udp("1-65535")]),
    ("AOL", &[Tcp("5190-5194")]),
    ("BGP", &[Tcp("179")]),
    ("CVSPSERVER", &[Tcp("2401"), Udp("2401")]),
    ("DCE-RPC", &[Tcp("135"), Udp("135")]),
    ("DHCP", &[Udp("67-68")]),
    ("DHCP6", &[Udp("546 547")]),
    ("DNS", &[Tcp("53"), Udp("53")]),
    ("ESP", &[Protocol(50)]),
    ("FINGER", &[Tcp("79")]),
    ("FTP", &[Tcp("21")]),
    ("FTP_GET", &[Tcp("21")]),
    ("FTP_PUT", &[Tcp("21")]),
    ("GOPHER", &[Tcp("70")]),
    ("GRE", &[Protocol(47)]),
    ("H323", &[Tcp("1720 1503"), Udp("1719")]),
    ("HTTP", &[Tcp("80")]),
    ("HTTPS", &[Tcp("443")]),
    ("IKE", &[Udp("500 4500")]),
    ("IMAP", &[Tcp("143")]),
    ("IMAPS", &[Tcp("993")]),
    ("INFO_ADDRESS", &[Icmp(1, 17)]),
    ("INFO_REQUEST", &[Icmp(1, 15)]),
    ("IRC", &[Tcp("6660-6669")]),
    ("Internet-Locator-Service", &[Tcp("389")]),
    ("KERBEROS", &[Tcp("88 464"), Udp("88 464")]),
    ("L2TP", &[Tcp("1701"), Udp("1701")]),
    ("LDAP", &[Tcp("389")]),
    ("LDAP_UDP", &[Udp("389")]),
    ("MGCP", &[Udp("2427 2727")]),
    ("MMS", &[Tcp("1755"), Udp("1024-5000")]),
    ("MS-SQL", &[Tcp("1433 1434")]),
    ("MYSQL", &[Tcp("3306")]),
    ("NFS", &[Tcp("111 2049"), Udp("111 2049")]),
    ("NNTP", &[Tcp("119")]),
    ("NONE", &[Tcp("0")]),
    ("NTP", &[Tcp("123"), Udp("123")]),
    ("NetMeeting", &[Tcp("1720")]),
    ("ONC-RPC", &[Tcp("111"), Udp("111")]),
    ("OSPF", &[Protocol(89)]),
    ("PC-Anywhere", &[Tcp("5631"), Udp("5632")]),
    ("PING", &[Icmp(1, 8)]),
    ("PING6", &[Icmp(58, 128)]),
    ("POP3", &[Tcp("110")]),
    ("POP3S", &[Tcp("995")]),
    ("PPTP", &[Tcp("1723")]),
    ("QUAKE", &[Udp("26000 27000 27910 27960")]),
    ("RADIUS", &[Udp("1812 1813")]),
    ("RADIUS-OLD", &[Udp("1645 1646")]),
    ("RAUDIO", &[Udp("7070")]),
    ("RDP", &[Tcp("3389")]),
    ("REXEC", &[Tcp("512")]),
    ("RIP", &[Udp("520")]),
    ("RLOGIN", &[Tcp("513:512-1023")]),
    ("RSH", &[Tcp("514:512-1023")]),
    ("RTSP", &[Tcp("554 7070 8554"), Udp("554")]),
    ("SAMBA", &[Tcp("139")]),
    ("SCCP", &[Tcp("2000")]),
    ("SIP", &[Tcp("5060"), Udp("5060")]),
    ("SIP-MSNmessenger", &[Tcp("1863")]),
    ("SMB", &[Tcp("445")]),
    ("SMTP", &[Tcp("25")]),
    ("SMTPS", &[Tcp("465")]),
    ("SNMP", &[Tcp("161-162"), Udp("161-162")]),
    ("SOCKS", &[Tcp("1080"), Udp("1080")]),
    ("SQUID", &[Tcp("3128")]),
    ("SSH", &[Tcp("22")]),
    ("SYSLOG", &[Udp("514")]),
    ("TALK", &[Udp("517-518")]),
    ("TELNET", &[Tcp("23")]),
    ("TFTP", &[Udp("69")]),
    ("TIMESTAMP", &[Icmp(1, 13)]),
    ("TRACEROUTE", &[Udp("33434-33535")]),
    ("UUCP", &[Tcp("540")]),
    ("VDOLIVE", &[Tcp("7000-7010")]),
    ("VNC", &[Tcp("5900")]),
    ("WAIS", &[Tcp("210")]),
    ("WINFRAME", &[Tcp("1494 2598")]),
    ("WINS", &[Tcp("1512"), Udp("1512")]),
    ("X-WINDOWS", &[Tcp("6000-6063")]),
];

/// All predefined groups of services.
pub(super) const GROUPS: &[(&str, &[&str])] = &[
    ("Email Access", &["DNS", "IMAP", "IMAPS", "POP3", "POP3S", "SMTP", "SMTPS"]),
    ("Exchange Server", &["DCE-RPC", "DNS", "HTTPS"]),
    ("Web Access", &["DNS", "HTTP", "HTTPS"]),
    ("Windows AD", &["DCE-RPC", "DNS", "KERBEROS", "LDAP", "LDAP_UDP", "SAMBA", "SMB"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_groups_hold_what_there_is() {
        assert!(SERVICES.is_sorted_by(|a, b| a.0 < b.0));
        for (group, members) in GROUPS {
            for member in *members {
                assert!(SERVICES.iter().any(|(name, _)| name == member), "{group}: {member}");
            }
        }
    }
}
