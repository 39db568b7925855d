//! The sections of a configuration: which are read, which are left out and why, and the account of their lines.

use super::fields::{account_all, is_set};
use super::{Config, Product};
use crate::dialects::{Element, IgnoredKind, Reading};
use crate::ruleset::LineState;
use std::sync::LazyLock;
use zonewright_source::{Diagnostic, nearest};

/// Enters the lines of all sections into the account, and warns about those that are not known. Rules, aliases and
/// translations are entered where they are read.
pub(super) fn account(config: &Config<'_>, reading: &mut Reading) {
    config.root.account_own(reading, LineState::Modeled);
    for section in config.root.children() {
        match section.name() {
            "filter" => filter(section, reading),
            "aliases" => container(section, &["alias"], reading),
            "nat" => {}
            "interfaces" => interfaces(section, reading),
            "system" => some(section, &SYSTEM, reading),
            "ifgroups" => some(section, &["ifname", "members", "sequence"], reading),
            "virtualip" => some(section, &["mode", "interface", "subnet", "subnet_bits", "type"], reading),
            "bridges" => some(section, &["members", "bridgeif"], reading),
            "schedules" => some(section, &["name"], reading),
            "sysctl" => some(section, &["tunable", "value"], reading),
            "ipsec" => some(section, &["interface", "remote-gateway", "disabled"], reading),
            "staticroutes" => some(section, &["network", "gateway", "disabled"], reading),
            "gateways" => some(section, &["name", "interface", "gateway"], reading),
            "dhcpd" | "dhcpdv6" => some(section, &["enable"], reading),
            "syslog" => some(section, &["nologbogons", "nologprivatenets"], reading),
            "openvpn" => some(section, &["tunnel_network", "disable"], reading),
            "OPNsense" => newer(section, reading),
            "captiveportal" => portal(section, reading),
            "load_balancer" => balancer(section, reading),
            "installedpackages" => packages(section, reading),
            name => ignored(section, name, &IGNORED, reading),
        }
    }
}

fn filter(section: Element<'_>, reading: &mut Reading) {
    section.account_own(reading, LineState::Modeled);
    for child in section.children().filter(|child| child.name() != "rule") {
        match child.name() {
            "separator" => account_all(child, LineState::Ignored, reading),
            "bypassstaticroutes" => account_all(child, LineState::Modeled, reading),
            name => {
                let message = format!("`{name}` of `filter` is not known here");
                let warning = Diagnostic::warning("firewall/unknown-option", message)
                    .because("it may bear on which packets pass");
                reading.report(&child.span(), warning);
            }
        }
    }
}

/// A section that holds elements of these names only; they are entered where they are read.
fn container(section: Element<'_>, holds: &[&str], reading: &mut Reading) {
    section.account_own(reading, LineState::Modeled);
    for child in section.children().filter(|child| !holds.contains(&child.name())) {
        let message = format!("`{}` of `{}` is not known here", child.name(), section.name());
        reading.report(&child.span(), Diagnostic::warning("firewall/unknown-option", message));
    }
}

/// A section of which these settings are read, wherever they stand in it, and no others bear on the rules.
fn some(section: Element<'_>, read: &[&str], reading: &mut Reading) {
    account_all(section, LineState::Ignored, reading);
    for element in section.elements().filter(|element| read.contains(&element.name())) {
        element.account_own(reading, LineState::Modeled);
    }
}

fn interfaces(section: Element<'_>, reading: &mut Reading) {
    some(section, &INTERFACE, reading);
    section.account_own(reading, LineState::Modeled);
    for interface in section.children() {
        interface.account_own(reading, LineState::Modeled);
    }
}

/// `<OPNsense>`: what the newer pages keep.
fn newer(section: Element<'_>, reading: &mut Reading) {
    section.account_own(reading, LineState::Modeled);
    for child in section.children() {
        match child.name() {
            "Firewall" => firewall(child, reading),
            "captiveportal" => portal(child, reading),
            "OpenVPN" => some(child, &["server", "enabled"], reading),
            name => ignored(child, name, &IGNORED_NEWER, reading),
        }
    }
}

fn firewall(section: Element<'_>, reading: &mut Reading) {
    section.account_own(reading, LineState::Modeled);
    for child in section.children() {
        match child.name() {
            "Filter" => {
                child.account_own(reading, LineState::Modeled);
                for list in child.children() {
                    match list.name() {
                        "rules" | "snatrules" | "npt" | "onetoone" => container(list, &["rule"], reading),
                        name => ignored(list, name, &[], reading),
                    }
                }
            }
            "Alias" => {
                child.account_own(reading, LineState::Modeled);
                for part in child.children() {
                    match part.name() {
                        "aliases" => container(part, &["alias"], reading),
                        name => ignored(part, name, &IGNORED_FIREWALL, reading),
                    }
                }
            }
            name => ignored(child, name, &IGNORED_FIREWALL, reading),
        }
    }
}

fn portal(section: Element<'_>, reading: &mut Reading) {
    let on = |element: Element<'_>| {
        let name = element.name();
        (name == "enable" && is_set(element.parent().unwrap_or(element), "enable"))
            || name == "enabled" && element.text() == "1"
    };
    if section.elements().any(on) {
        let warning = Diagnostic::warning(
            "firewall/captive-portal",
            "a captive portal decides by client who may pass",
        )
        .because(
            "whom it lets pass is not in the configuration: it may pass and stop more than is said here",
        );
        return reading.report(&section.span(), warning);
    }
    account_all(section, LineState::Ignored, reading);
}

fn balancer(section: Element<'_>, reading: &mut Reading) {
    if let Some(server) = section.child("virtual_server") {
        let warning = Diagnostic::warning("firewall/load-balancer", "a load balancer redirects connections")
            .because("where they go is not in the ruleset");
        reading.report(&server.span(), warning);
    }
    account_all(section, LineState::Ignored, reading);
}

fn packages(section: Element<'_>, reading: &mut Reading) {
    let upnp = section.path(&["miniupnpd", "config"]).filter(|config| is_set(*config, "enable"));
    if let Some(upnp) = upnp {
        let warning =
            Diagnostic::warning("firewall/opens-itself", "machines inside may open ports by UPnP or NAT-PMP")
                .because("what they open is not in the configuration");
        reading.report(&upnp.span(), warning);
    }
    account_all(section, LineState::Ignored, reading);
}

fn ignored(section: Element<'_>, name: &str, kinds: &[IgnoredKind], reading: &mut Reading) {
    if kinds.iter().any(|kind| kind.name == name) {
        return account_all(section, LineState::Ignored, reading);
    }
    let mut warning =
        Diagnostic::warning("firewall/unknown-section", format!("section `{name}` is not known here"))
            .because("it may bear on which packets pass");
    if let Some(near) = nearest(name, kinds.iter().map(|kind| kind.name)) {
        warning = warning.help(format!("did you mean `{near}`?"));
    }
    reading.report(&section.span(), warning);
}

/// What is ignored, of this product.
pub(super) fn ignored_kinds(product: Product) -> &'static [IgnoredKind] {
    match product {
        Product::Pfsense => &IGNORED,
        Product::Opnsense => &ALL_IGNORED,
    }
}

/// The settings of `<system>` that the filter is made with.
const SYSTEM: [&str; 22] = [
    "ipv6allow",
    "disablefilter",
    "webgui",
    "protocol",
    "port",
    "noantilockout",
    "disablehttpredirect",
    "ssh",
    "enable",
    "enabled",
    "enablesshd",
    "sshport",
    "no_apipa_block",
    "disablenatreflection",
    "enablenatreflectionpurenat",
    "enablebinatreflection",
    "disablevpnrules",
    "bypassstaticroutes",
    "system",
    "hostname",
    "tunable",
    "disablenegate",
];

/// The settings of an interface that rules are made with.
const INTERFACE: [&str; 15] = [
    "enable",
    "if",
    "descr",
    "ipaddr",
    "subnet",
    "gateway",
    "ipaddrv6",
    "subnetv6",
    "gatewayv6",
    "blockpriv",
    "blockbogons",
    "track6-interface",
    "gateway-6rd",
    "type",
    "virtual",
];

macro_rules! kinds {
    ($($name:literal: $reason:literal,)*) => { [$(IgnoredKind { name: $name, reason: $reason },)*] };
}

/// Sections of both products that do not bear on which packets pass.
static IGNORED: [IgnoredKind; 58] = kinds! {
    "blank line": "says nothing",
    "comment": "is for people",
    "settings of <system> and of interfaces that are not listed as read": "the filter is not made with them",
    "created, updated, id, tracker, category, separator": "say who wrote a rule and where the page shows it",
    "version": "names the format of the file",
    "lastchange": "says when the file was changed",
    "revision": "says who changed the file and when",
    "theme": "how pages look",
    "trigger_initial_wizard": "which page is shown first",
    "wizardtemp": "what a wizard was told",
    "widgets": "how the dashboard looks",
    "notifications": "where messages are sent",
    "rrd": "keeps statistics",
    "diag": "settings of diagnostic pages",
    "cron": "when programs run",
    "wol": "wakes machines that are asked to",
    "dnsmasq": "a server on the machine; rules say who reaches it",
    "unbound": "a server on the machine; rules say who reaches it",
    "snmpd": "a server on the machine; rules say who reaches it",
    "ntpd": "a server on the machine; rules say who reaches it",
    "dhcrelay": "a program on the machine; rules say who reaches it",
    "dhcrelay6": "a program on the machine; rules say who reaches it",
    "dhcp6relay": "a program on the machine; rules say who reaches it",
    "kea": "a server on the machine; rules say who reaches it",
    "igmpproxy": "a program on the machine; rules say who reaches it",
    "l2tp": "a server on the machine; its connections come in by an interface of their own, on which rules stand",
    "pptpd": "a server on the machine; its connections come in by an interface of their own, on which rules stand",
    "pppoes": "a server on the machine; its connections come in by an interface of their own, on which rules stand",
    "pppoe": "a server on the machine; its connections come in by an interface of their own, on which rules stand",
    "dyndnses": "tells names its address",
    "dnsupdates": "tells names its address",
    "hasync": "copies the configuration to another machine",
    "vlans": "devices; rules name interfaces",
    "qinqs": "devices; rules name interfaces",
    "ppps": "devices; rules name interfaces",
    "gifs": "devices; rules name interfaces",
    "gres": "devices; rules name interfaces",
    "laggs": "devices; rules name interfaces",
    "wireless": "devices; rules name interfaces",
    "switches": "devices; rules name interfaces",
    "proxyarp": "answers for addresses; does not pass packets",
    "shaper": "how fast packets go, not whether",
    "dnshaper": "how fast packets go, not whether",
    "ezshaper": "how fast packets go, not whether",
    "cert": "certificates",
    "ca": "certificates",
    "crl": "certificates",
    "certmanager": "certificates",
    "voucher": "codes for a captive portal, which is warned about where it is on",
    "dhcpbackend": "which program serves addresses",
    "gold": "the maker's services",
    "autoconfigbackup": "copies of the configuration",
    "sshdata": "host keys of the machine",
    "tinydns": "a server on the machine; rules say who reaches it",
    "hosts": "names of machines",
    "fonts": "how pages look",
    "installedpackages": "programs on the machine; what opens ports by itself is warned about, and rules that a package writes stand in <filter>",
    "load_balancer": "monitors; redirections are warned about",
};

/// Parts of `<OPNsense><Firewall>` that do not bear on which packets pass.
static IGNORED_FIREWALL: [IgnoredKind; 3] = kinds! {
    "Lvtemplate": "how pages show lists",
    "Category": "how pages sort rules",
    "geoip": "where lists of countries are loaded from",
};

/// Parts of `<OPNsense>` that do not bear on which packets pass.
static IGNORED_NEWER: [IgnoredKind; 31] = kinds! {
    "IDS": "may stop attacks that pass the rules; opens nothing",
    "IPsec": "tunnels; what comes out of them comes in by an interface of its own, on which rules stand",
    "Swanctl": "tunnels; what comes out of them comes in by an interface of its own, on which rules stand",
    "wireguard": "tunnels; what comes out of them comes in by an interface of its own, on which rules stand",
    "OpenVPNExport": "files for people who connect",
    "Interfaces": "devices; rules name interfaces",
    "Netflow": "reports what passed",
    "TrafficShaper": "how fast packets go, not whether",
    "Syslog": "where messages are sent",
    "monit": "watches the machine",
    "cron": "when programs run",
    "proxy": "a server on the machine; rules say who reaches it",
    "unboundplus": "a server on the machine; rules say who reaches it",
    "DHCRelay": "a program on the machine; rules say who reaches it",
    "Kea": "a server on the machine; rules say who reaches it",
    "Gateways": "routes; rules say what passes",
    "Gateway": "routes; rules say what passes",
    "routes": "routes; rules say what passes",
    "quagga": "routes; rules say what passes",
    "Backup": "copies of the configuration",
    "TOR": "a server on the machine; rules say who reaches it",
    "acmeclient": "certificates",
    "HAProxy": "a server on the machine; rules say who reaches it",
    "Nginx": "a server on the machine; rules say who reaches it",
    "DynDNS": "tells names its address",
    "trust": "certificates",
    "freeradius": "a server on the machine; rules say who reaches it",
    "netsnmp": "a server on the machine; rules say who reaches it",
    "NodeExporter": "a server on the machine; rules say who reaches it",
    "zabbixagent": "a server on the machine; rules say who reaches it",
    "Hostwatch": "watches which machines are there",
};

/// What is ignored of OPNsense, in one list.
static ALL_IGNORED: LazyLock<Vec<IgnoredKind>> =
    LazyLock::new(|| IGNORED.iter().chain(&IGNORED_FIREWALL).chain(&IGNORED_NEWER).copied().collect());
