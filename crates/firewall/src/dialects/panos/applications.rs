//! Applications: what of a packet tells that it is of one, and on which ports it is by default.
//!
//! Most applications are known by the content of several packets (App-ID), which a packet's header does not tell: a
//! condition on such an application is undecided, on the ports that the rule leaves. Some are protocols of IP or types of
//! ICMP, which the header tells.
//!
//! Source of the table: the names and standard ports that Palo Alto Networks publishes for its App-IDs (Applipedia), where
//! they agree with the ports registered for the protocol. The full list has thousands of names and changes each week.

use super::tree::At;
use crate::dialects::Service;
use crate::ruleset::{IntervalSet, IpVersion};

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Application {
    /// What its packets look like by default; `None` where that is not known.
    pub(super) services: Option<Vec<Service>>,
    /// Whether the header alone tells that a packet is of it.
    pub(super) by_header: bool,
}

/// Applications that the header tells. `icmp` and `ipv6-icmp` are all of ICMP but echo, which has names of its own.
const BY_HEADER: [(&str, &str); 27] = [
    ("ping", "icmp/8"),
    ("ping6", "icmp6/128"),
    ("icmp", "icmp"),
    ("ipv6-icmp", "icmp6"),
    ("gre", "ip/47"),
    ("ipsec-esp", "ip/50"),
    ("esp", "ip/50"),
    ("ipsec-ah", "ip/51"),
    ("ah", "ip/51"),
    ("ospfigp", "ip/89"),
    ("ospf", "ip/89"),
    ("igmp", "ip/2"),
    ("igp", "ip/9"),
    ("egp", "ip/8"),
    ("eigrp", "ip/88"),
    ("pim", "ip/103"),
    ("vrrp", "ip/112"),
    ("ipv6", "ip/41"),
    ("ip-in-ip", "ip/4"),
    ("ipip", "ip/94"),
    ("etherip", "ip/97"),
    ("ipcomp", "ip/108"),
    ("rsvp", "ip/46"),
    ("isis", "ip/124"),
    ("iso-ip", "ip/80"),
    ("skip", "ip/57"),
    ("mobile", "ip/55"),
];

/// Applications that the content tells, with their ports by default. What follows a `-` (`modbus-read-coils`) is a part of
/// the one before it and has its ports.
const BY_CONTENT: [(&str, &str); 115] = [
    ("active-directory", "tcp/88,135,389,445,464,636,3268,3269 udp/88,389,464"),
    ("amqp", "tcp/5671,5672"),
    ("apc-powerchute", "tcp/2160,3052,6547 udp/2160,3052,6547"),
    ("bacnet", "udp/47808 tcp/47808"),
    ("bgp", "tcp/179"),
    ("cip-ethernet-ip", "tcp/44818 udp/2222,44818"),
    ("citrix", "tcp/1494,2598"),
    ("coap", "udp/5683,5684 tcp/5683,5684"),
    ("codesys", "tcp/1200,2455,11740 udp/1740-1743"),
    ("daytime", "tcp/13 udp/13"),
    ("dhcp", "udp/67,68"),
    ("dhcpv6", "udp/546,547"),
    ("discard", "tcp/9 udp/9"),
    ("dlms-cosem", "tcp/4059 udp/4059"),
    ("dnp3", "tcp/20000 udp/20000"),
    ("dns", "tcp/53 udp/53"),
    ("dns-over-tls", "tcp/853"),
    ("echo", "tcp/7 udp/7"),
    ("elasticsearch", "tcp/9200,9300"),
    ("ethercat", "tcp/34980 udp/34980"),
    ("fanuc-focas", "tcp/8193"),
    ("finger", "tcp/79"),
    ("foundation-fieldbus", "tcp/1089-1091,3622 udp/1089-1091,3622"),
    ("ftp", "tcp/21"),
    ("ge-egd", "udp/18246"),
    ("ge-srtp", "tcp/18245"),
    ("hart-ip", "tcp/5094 udp/5094"),
    ("hsrp", "udp/1985"),
    ("http-proxy", "tcp/3128,8080"),
    ("iccp", "tcp/102"),
    ("iec-60870-5-104", "tcp/2404"),
    ("ieee-c37.118-synchrophasor", "tcp/4712 udp/4713"),
    ("ike", "udp/500,4500"),
    ("imap", "tcp/143,993"),
    ("ipp", "tcp/631"),
    ("ipsec-esp-udp", "udp/4500"),
    ("iscsi", "tcp/860,3260"),
    ("kerberos", "tcp/88,464 udp/88,464"),
    ("knxnet-ip", "udp/3671 tcp/3671"),
    ("l2tp", "udp/1701"),
    ("ldap", "tcp/389,636,3268,3269 udp/389,3268"),
    ("lpd", "tcp/515"),
    ("mdns", "udp/5353"),
    ("mms-ics", "tcp/102"),
    ("mms-iec", "tcp/102"),
    ("modbus", "tcp/502 udp/502"),
    ("mongodb", "tcp/27017-27019"),
    ("mqtt", "tcp/1883,8883"),
    ("ms-ds-smb", "tcp/139,445 udp/445"),
    ("ms-rdp", "tcp/3389 udp/3389"),
    ("ms-wmi", "tcp/135"),
    ("msrpc", "tcp/dynamic udp/135"),
    ("mssql-db", "tcp/1433,1434"),
    ("mssql-mon", "udp/1434"),
    ("mysql", "tcp/3306"),
    ("nats", "tcp/4222"),
    ("netbios-dg", "udp/138 tcp/138"),
    ("netbios-ns", "udp/137 tcp/137"),
    ("netbios-ss", "tcp/139 udp/139"),
    ("netflow", "udp/2055,9995,9996"),
    ("nfs", "tcp/111,2049 udp/111,2049"),
    ("niagara-fox", "tcp/1911,4911"),
    ("non-syn-tcp", "tcp/dynamic"),
    ("ntp", "udp/123 tcp/123"),
    ("omron-fins", "udp/9600 tcp/9600"),
    ("opc-da", "tcp/dynamic"),
    ("opc-ua", "tcp/4840,4843"),
    ("open-vpn", "tcp/443,1194 udp/1194"),
    ("oracle", "tcp/1521-1526"),
    ("osisoft-pi", "tcp/5450,5457,5459"),
    ("pop3", "tcp/110,995"),
    ("portmapper", "tcp/111 udp/111"),
    ("postgres", "tcp/5432"),
    ("powershell-remoting", "tcp/5985,5986"),
    ("pptp", "tcp/1723"),
    ("profinet", "udp/34962-34964 tcp/34962-34964"),
    ("ptp", "udp/319,320"),
    ("radius", "udp/1645,1646,1812,1813"),
    ("rip", "udp/520"),
    ("roc", "tcp/4000"),
    ("rpc", "tcp/111 udp/111"),
    ("rsh", "tcp/514"),
    ("rsync", "tcp/873"),
    ("rtsp", "tcp/554 udp/554"),
    ("s7-comm", "tcp/102"),
    ("s7-comm-plus", "tcp/102"),
    ("sccp", "tcp/2000"),
    ("sftp", "tcp/22"),
    ("siemens-s7", "tcp/102"),
    ("sip", "tcp/5060,5061 udp/5060"),
    ("smtp", "tcp/25,465,587"),
    ("snmp", "udp/161 tcp/161"),
    ("snmp-trap", "udp/162 tcp/162"),
    ("snmpv1", "udp/161 tcp/161"),
    ("snmpv2", "udp/161 tcp/161"),
    ("snmpv3", "udp/161 tcp/161"),
    ("socks", "tcp/1080"),
    ("ssh", "tcp/22"),
    ("ssl", "tcp/443"),
    ("stun", "tcp/3478 udp/3478"),
    ("syslog", "udp/514 tcp/514,1468,6514"),
    ("tacacs-plus", "tcp/49 udp/49"),
    ("teamviewer", "tcp/80,443,5938 udp/5938"),
    ("telnet", "tcp/23"),
    ("tftp", "udp/69"),
    ("time", "tcp/37 udp/37"),
    ("traceroute", "udp/dynamic icmp/8"),
    ("unknown-p2p", "tcp/dynamic udp/dynamic"),
    ("unknown-tcp", "tcp/dynamic"),
    ("unknown-udp", "udp/dynamic"),
    ("vnc", "tcp/5500,5800-5810,5900-5910"),
    ("web-browsing", "tcp/80"),
    ("whois", "tcp/43"),
    ("winrm", "tcp/5985,5986"),
    ("x11", "tcp/6000-6063"),
];

/// The application of this name that every device knows, if it is in the table.
pub(super) fn predefined(name: &str) -> Option<Application> {
    if let Some((_, text)) = BY_HEADER.iter().find(|(known, _)| *known == name) {
        return Some(Application { services: services(text.split(' ')), by_header: true });
    }
    let part_of =
        |known: &str| name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let known = BY_CONTENT.iter().filter(|(known, _)| part_of(known));
    let (_, text) = known.max_by_key(|(known, _)| known.len())?;
    Some(Application { services: services(text.split(' ')), by_header: false })
}

/// The application that an entry of `application` defines.
pub(super) fn custom(at: At<'_>) -> Application {
    let mut by_header = true;
    let mut found: Option<Vec<Service>> = Some(Vec::new());
    let defaults: Vec<At<'_>> = at.child("default").into_iter().flat_map(At::entries).collect();
    for default in &defaults {
        let more = match default.name() {
            "port" => {
                by_header = false;
                services(default.entries().map(At::name))
            }
            "ident-by-ip-protocol" => {
                let protocols = default.entries().map(|value| format!("ip/{}", value.name()));
                services(protocols.collect::<Vec<_>>().iter().map(String::as_str))
            }
            "ident-by-icmp-type" => icmp(*default, "icmp"),
            "ident-by-icmp6-type" => icmp(*default, "icmp6"),
            _ => None,
        };
        found = found.and_then(|mut found| {
            found.extend(more?);
            Some(found)
        });
    }
    let known = found.filter(|found| !found.is_empty());
    let signed = at.within().any(|child| child.name() == "signature" && child.within().next().is_some());
    Application { by_header: by_header && known.is_some() && !signed, services: known }
}

/// `type` and `code`, of which the second may be missing; or the type alone.
fn icmp(at: At<'_>, protocol: &str) -> Option<Vec<Service>> {
    let kind = match at.text("type") {
        Some(kind) => kind,
        None => at.value()?,
    };
    let mut service = services(std::iter::once(format!("{protocol}/{kind}").as_str()))?;
    if let Some(code) = at.text("code") {
        let code = code.parse().ok()?;
        service.iter_mut().for_each(|one| one.icmp_codes = IntervalSet::one(code));
    }
    Some(service)
}

/// `tcp/80,443`, `udp/dynamic`, `icmp/8`, `icmp6/128`, `ip/47`; `None` where one is none of these.
fn services<'a>(texts: impl Iterator<Item = &'a str>) -> Option<Vec<Service>> {
    texts.map(service).collect()
}

fn service(text: &str) -> Option<Service> {
    let (protocol, rest) = text.split_once('/').unwrap_or((text, ""));
    let numbers = |rest: &str| Some(IntervalSet::one(rest.parse::<u8>().ok()?));
    let of_ports = |number: u8| {
        let all = rest == "dynamic" || rest == "any";
        Some(Service::to_ports(number, if all { IntervalSet::all() } else { ports(rest)? }))
    };
    let of_icmp = |number: u8, version| {
        let types = if rest.is_empty() { IntervalSet::all() } else { numbers(rest)? };
        Some(Service { icmp_types: types, version: Some(version), ..Service::of(number) })
    };
    match protocol.trim() {
        "tcp" => of_ports(6),
        "udp" => of_ports(17),
        "sctp" => of_ports(132),
        "icmp" => of_icmp(1, IpVersion::V4),
        "icmp6" => of_icmp(58, IpVersion::V6),
        "ip" => Some(Service { protocols: numbers(rest)?, ..Service::any() }),
        _ => None,
    }
}

/// `80,443,8000-8010`; `None` where it is not a list of ports.
pub(super) fn ports(text: &str) -> Option<IntervalSet<u16>> {
    let mut ranges = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        if first > last {
            return None;
        }
        ranges.push((first, last));
    }
    Some(IntervalSet::from_ranges(ranges))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_readable_and_parts_have_the_ports_of_the_whole() {
        for (name, _) in BY_HEADER.iter().chain(&BY_CONTENT) {
            assert!(predefined(name).is_some_and(|found| found.services.is_some()), "{name}");
        }
        assert_eq!(predefined("modbus-read-coils"), predefined("modbus"));
        assert_eq!(
            predefined("snmp-trap"),
            Some(Application { services: services(["udp/162", "tcp/162"].into_iter()), by_header: false })
        );
        assert_eq!(predefined("modbusx"), None);
        assert!(ports("80,443,8000-8010").is_some() && ports("80,,").is_none() && ports("9-8").is_none());
    }
}
