//! What comes to the device itself: by which interface, from where, to which of its services.

use super::device::{Access, Interface};
use super::tree::{Config, Entry};
use super::words::Word;
use crate::dialects::{Reading, Service, one_of};
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion, NamePattern, NameSet, Rule, Verdict};
use std::net::IpAddr;
use zonewright_source::Diagnostic;

/// The ports on which administration listens.
#[derive(Debug)]
pub(super) struct Ports {
    http: u16,
    https: u16,
    ssh: u16,
    telnet: u16,
    probe: u16,
}

impl Ports {
    /// As `config system global` and `config system probe-response` set them.
    pub(super) fn of(config: &Config<'_>) -> Self {
        let device = config.device();
        let port = |path: &str, key: &str, default: u16| {
            let own = device.and_then(|device| config.own(device, path));
            own.and_then(|own| own.value(key)).and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        Self {
            http: port("system global", "admin-port", 80),
            https: port("system global", "admin-sport", 443),
            ssh: port("system global", "admin-ssh-port", 22),
            telnet: port("system global", "admin-telnet-port", 23),
            probe: port("system probe-response", "port", 8008),
        }
    }
}

/// From where administrators may come: the union of what all of them are bound to. Anywhere, if one of them is bound to
/// nothing.
#[derive(Debug)]
pub(super) struct TrustedHosts {
    four: Option<AddressSet>,
    six: Option<AddressSet>,
}

impl TrustedHosts {
    pub(super) fn of(config: &Config<'_>, reading: &mut Reading) -> Self {
        let Some(device) = config.device() else { return Self { four: None, six: None } };
        let mut trusted = Self { four: Some(AddressSet::none()), six: Some(AddressSet::none()) };
        let mut count = 0;
        for admin in config.entries(device, "system admin") {
            count += 1;
            trusted.four = joined(trusted.four, hosts(admin, "trusthost", reading));
            trusted.six = joined(trusted.six, hosts(admin, "ip6-trusthost", reading));
        }
        if count == 0 { Self { four: None, six: None } } else { trusted }
    }

    fn of_version(&self, is_six: bool) -> Option<&AddressSet> {
        if is_six { self.six.as_ref() } else { self.four.as_ref() }
    }
}

fn joined(all: Option<AddressSet>, one: Option<AddressSet>) -> Option<AddressSet> {
    Some(all?.union(&one?))
}

/// The hosts that an administrator may come from; `None` for any.
fn hosts(admin: &Entry<'_>, key: &str, reading: &mut Reading) -> Option<AddressSet> {
    let mut set = AddressSet::none();
    for number in 1..=10 {
        let key = format!("{key}{number}");
        if admin.setting(&key).is_none() {
            continue;
        }
        match super::address::network(admin.words(&key)) {
            Some(network) => set = set.union(&network),
            None => {
                let odd = Diagnostic::warning("firewall/unknown-value", format!("`{key}` is not understood"))
                    .because("the administrator is taken to come from anywhere")
                    .help("expected an address and a mask");
                reading.report(&admin.span_of(&key), odd);
                return None;
            }
        }
    }
    let whole = |version| set.intersection(&AddressSet::all_of(version)) == AddressSet::all_of(version);
    (!set.is_none() && !whole(IpVersion::V4) && !whole(IpVersion::V6)).then_some(set)
}

/// Rules for what an interface lets in.
pub(super) fn access_rules(
    interface: &Interface,
    ports: &Ports,
    trusted: &TrustedHosts,
    reading: &mut Reading,
) -> Vec<Rule> {
    let mut rules = Vec::new();
    if interface.is_down {
        return rules;
    }
    for access in &interface.access {
        for name in &access.services {
            let Some(services) = service(name, access.is_six, ports) else {
                report(interface, access, name, reading);
                continue;
            };
            let mut rule = Rule::new(reading.place(&access.span));
            rule.conditions
                .push(Condition::InInterface(NameSet::of(vec![NamePattern::Exact(interface.name.clone())])));
            let hosts = trusted.of_version(access.is_six).filter(|_| ADMINISTRATION.contains(&name.as_str()));
            let version = if access.is_six { IpVersion::V6 } else { IpVersion::V4 };
            match (hosts, &access.only) {
                (Some(hosts), _) => rule.conditions.push(Condition::Source(hosts.clone())),
                (None, None) => rule.conditions.push(Condition::Version(version)),
                (None, Some(_)) => {}
            }
            rule.conditions.extend(access.only.and_then(one_address).map(Condition::Destination));
            rule.conditions.extend(one_of(&services));
            rule.verdict = Verdict::Accept;
            rule.comment = Some(format!("allowaccess {name} by {}", interface.name));
            rules.push(rule);
        }
    }
    rules
}

/// Rules for services that the device itself offers on some interfaces: tunnels, addresses, names and time. Routing
/// protocols and proxies are not among them.
pub(super) fn own_services(config: &Config<'_>, reading: &mut Reading) -> Vec<Rule> {
    let mut rules = Vec::new();
    for domain in &config.domains {
        for path in ["vpn ipsec phase1-interface", "vpn ipsec phase1"] {
            for tunnel in config.entries(domain, path) {
                let ike = Service::to_ports(17, IntervalSet::from_ranges([(500, 500), (4500, 4500)]));
                let services = [ike, Service::of(50)];
                rules.extend(offered("tunnels", tunnel.words("interface"), &services, tunnel, reading));
            }
        }
        for server in
            config.entries(domain, "system dhcp server").filter(|server| !server.is("status", "disable"))
        {
            let dhcp = [Service::to_ports(17, IntervalSet::one(67))];
            rules.extend(offered("dhcp", server.words("interface"), &dhcp, server, reading));
        }
        for server in config.entries(domain, "system dns-server") {
            let dns = [6, 17].map(|protocol| Service::to_ports(protocol, IntervalSet::one(53)));
            let name = Word { text: server.name.as_str().into(), span: server.span.clone() };
            rules.extend(offered("dns", &[name], &dns, server, reading));
        }
        if let Some(ntp) = config.own(domain, "system ntp").filter(|ntp| ntp.is("server-mode", "enable")) {
            let time = [Service::to_ports(17, IntervalSet::one(123))];
            rules.extend(offered("ntp", ntp.words("interface"), &time, ntp, reading));
        }
        if let Some(vpn) = config.own(domain, "vpn ssl settings").filter(|vpn| !vpn.is("status", "disable")) {
            let port = vpn.value("port").and_then(|text| text.parse().ok()).unwrap_or(443);
            let tls = [6, 17].map(|protocol| Service::to_ports(protocol, IntervalSet::one(port)));
            let bound = vpn.words("source-address").iter().any(|word| word.text != "all");
            let offered = offered("ssl vpn", vpn.words("source-interface"), &tls, vpn, reading);
            rules.extend(offered.map(|mut rule| {
                if bound {
                    rule.conditions.push(super::policy::unread("sources of the ssl vpn".to_owned()));
                }
                rule
            }));
        }
    }
    rules
}

fn offered(
    what: &str,
    interfaces: &[Word<'_>],
    services: &[Service],
    entry: &Entry<'_>,
    reading: &mut Reading,
) -> Option<Rule> {
    let mut rule = Rule::new(reading.place(&entry.span));
    let names = interfaces.iter().filter(|word| !word.text.is_empty());
    let patterns: Vec<NamePattern> = names.map(|word| NamePattern::Exact(word.text.to_string())).collect();
    if patterns.is_empty() {
        return None;
    }
    if patterns.iter().all(|pattern| *pattern != NamePattern::Exact("any".to_owned())) {
        rule.conditions.push(Condition::InInterface(NameSet::of(patterns)));
    }
    rule.conditions.extend(one_of(services));
    rule.verdict = Verdict::Accept;
    rule.comment = Some(format!("the device's own {what}"));
    Some(rule)
}

fn one_address(address: IpAddr) -> Option<AddressSet> {
    AddressSet::range(address, address)
}

/// What trusted hosts bound: the ways to administer, and pings (FortiOS Administration Guide, "Administrators", trusted
/// hosts).
const ADMINISTRATION: [&str; 6] = ["http", "https", "ssh", "telnet", "ping", "snmp"];

/// What `allowaccess` names, as packets (FortiOS Ports, "Incoming ports").
fn service(name: &str, is_six: bool, ports: &Ports) -> Option<Vec<Service>> {
    let tcp = |port: u16| vec![Service::to_ports(6, IntervalSet::one(port))];
    let udp = |first: u16, last: u16| vec![Service::to_ports(17, IntervalSet::range(first, last))];
    let ping = || {
        let (protocol, kind) = if is_six { (58, 128) } else { (1, 8) };
        vec![Service { icmp_types: IntervalSet::one(kind), ..Service::of(protocol) }]
    };
    Some(match name {
        "ping" => ping(),
        "https" => tcp(ports.https),
        "http" => tcp(ports.http),
        "ssh" => tcp(ports.ssh),
        "telnet" => tcp(ports.telnet),
        "snmp" => udp(161, 161),
        "fgfm" => tcp(if is_six { 542 } else { 541 }),
        "radius-acct" => udp(1813, 1813),
        "probe-response" => tcp(ports.probe),
        "capwap" => udp(5246, 5247),
        "fabric" => [tcp(8013), udp(5246, 5247)].concat(),
        "ftm" => tcp(4433),
        "speed-test" => vec![
            Service::to_ports(6, IntervalSet::range(5200, 5201)),
            Service::to_ports(17, IntervalSet::range(5200, 5201)),
        ],
        "auto-ipsec" => udp(500, 500),
        "dnp" | "icond" | "scim" => return None,
        _ => return None,
    })
}

fn report(interface: &Interface, access: &Access, name: &str, reading: &mut Reading) {
    let unknown = Diagnostic::warning(
        "firewall/unknown-name",
        format!("what `allowaccess {name}` of interface `{}` lets in is not known here", interface.name),
    )
    .because("it is not among what reaches the device")
    .help("see which ports the device opens for it");
    reading.report(&access.span, unknown);
}
