//! The device: its interfaces, addresses and zones.

use super::address::address_and_length;
use super::tree::{Config, Domain, Entry};
use crate::dialects::Reading;
use crate::ruleset::{FirewallZone, InterfaceAddress, NamePattern, NameSet};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::Range;
use zonewright_source::Diagnostic;

/// An interface.
#[derive(Debug)]
pub(super) struct Interface {
    pub(super) name: String,
    /// The virtual domain it is in.
    pub(super) domain: String,
    /// Whether it is switched off.
    pub(super) is_down: bool,
    /// Whether it is there for management only.
    pub(super) is_dedicated: bool,
    pub(super) span: Range<usize>,
    /// What it lets in to the device.
    pub(super) access: Vec<Access>,
}

/// What is let in to the device by an interface, or to one of its addresses.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) services: Vec<String>,
    /// For an address of its own; `None` for the interface as a whole.
    pub(super) only: Option<IpAddr>,
    pub(super) is_six: bool,
    pub(super) span: Range<usize>,
}

/// A zone.
#[derive(Debug)]
pub(super) struct Zone {
    /// The name that rules use.
    pub(super) name: String,
    pub(super) domain: usize,
    /// Whether its interfaces may speak with each other without a policy.
    pub(super) is_open_within: bool,
    pub(super) interfaces: Vec<String>,
    pub(super) span: Range<usize>,
}

/// The interfaces and zones of a device.
#[derive(Debug, Default)]
pub(super) struct Device {
    pub(super) interfaces: Vec<Interface>,
    pub(super) zones: Vec<Zone>,
    pub(super) addresses: Vec<InterfaceAddress>,
    known: BTreeSet<String>,
    /// The zones by domain and name that rules use.
    zone_names: BTreeSet<(usize, String)>,
    /// The names that rules use, by domain and name in the configuration, where they differ.
    renamed: BTreeMap<(usize, String), String>,
    /// All interface names that rules use.
    used: BTreeSet<String>,
}

impl Device {
    pub(super) fn of(config: &Config<'_>, reading: &mut Reading) -> Self {
        let mut device = Self::default();
        for (at, domain) in config.domains.iter().enumerate() {
            for entry in config.entries(domain, "system interface") {
                device.interface(config, entry, reading);
            }
            for entry in config.entries(domain, "system zone") {
                let names = entry.words("interface").iter().map(|word| word.text.to_string());
                device.zone(
                    at,
                    &entry.name,
                    names.collect(),
                    entry.is("intrazone", "allow"),
                    entry.span.clone(),
                );
            }
            device.uplinks(config, at, domain);
        }
        device.known = device.interfaces.iter().map(|one| one.name.clone()).collect();
        device.rename_zones(config);
        device.zone_names = device.zones.iter().map(|zone| (zone.domain, zone.name.clone())).collect();
        device
    }

    fn interface(&mut self, config: &Config<'_>, entry: &Entry<'_>, reading: &mut Reading) {
        let mut access = Vec::new();
        let services = |entry: &Entry<'_>, key: &str| {
            let words = entry.words(key).iter();
            words.map(|word| word.text.to_ascii_lowercase()).collect::<Vec<_>>()
        };
        let mut note = |entry: &Entry<'_>, key: &str, only, is_six| {
            let services = services(entry, key);
            if !services.is_empty() {
                access.push(Access { services, only, is_six, span: entry.span_of(key) });
            }
        };
        note(entry, "allowaccess", None, false);
        self.address(entry, "ip", entry, reading);
        if entry.is("secondary-ip", "enable") {
            for second in config.inner(entry, "secondaryip") {
                let only = self.address(entry, "ip", second, reading);
                note(second, "allowaccess", only, false);
            }
        }
        if let Some(six) = config.inner_own(entry, "ipv6") {
            self.address(entry, "ip6-address", six, reading);
            note(six, "ip6-allowaccess", None, true);
            for extra in config.inner(six, "ip6-extra-addr") {
                let parsed = extra.name.split_once('/');
                let parsed =
                    parsed.and_then(|(address, length)| Some((address.parse().ok()?, length.parse().ok()?)));
                self.push_address(entry, parsed, extra.span.clone(), reading);
            }
        }
        self.interfaces.push(Interface {
            name: entry.name.clone(),
            domain: entry.value("vdom").unwrap_or("root").to_owned(),
            is_down: entry.is("status", "down"),
            is_dedicated: entry.is("dedicated-to", "management"),
            span: entry.span.clone(),
            access,
        });
    }

    fn address(
        &mut self,
        interface: &Entry<'_>,
        key: &str,
        entry: &Entry<'_>,
        reading: &mut Reading,
    ) -> Option<IpAddr> {
        entry.setting(key)?;
        let parsed = address_and_length(entry.words(key));
        self.push_address(interface, parsed, entry.span_of(key), reading)
    }

    fn push_address(
        &mut self,
        interface: &Entry<'_>,
        parsed: Option<(IpAddr, u8)>,
        span: Range<usize>,
        reading: &mut Reading,
    ) -> Option<IpAddr> {
        let Some((address, length)) = parsed else {
            let odd = Diagnostic::warning(
                "firewall/unknown-value",
                format!("the address of interface `{}` is not understood", interface.name),
            )
            .because("the device's own address is therefore not known")
            .help("expected an address and a mask");
            reading.report(&span, odd);
            return None;
        };
        if !address.is_unspecified() {
            let place = reading.place(&span);
            self.addresses.push(InterfaceAddress {
                interface: interface.name.clone(),
                address,
                length,
                place,
            });
        }
        Some(address)
    }

    fn zone(
        &mut self,
        domain: usize,
        name: &str,
        mut interfaces: Vec<String>,
        open: bool,
        span: Range<usize>,
    ) {
        interfaces.sort();
        interfaces.dedup();
        self.zones.push(Zone { name: name.to_owned(), domain, is_open_within: open, interfaces, span });
    }

    /// The zones of uplinks (SD-WAN): each member says in which it is.
    fn uplinks(&mut self, config: &Config<'_>, at: usize, domain: &Domain) {
        for path in ["system sdwan", "system virtual-wan-link"] {
            let Some(section) = config.section(domain, path) else { continue };
            let mut members: BTreeMap<String, Vec<String>> = BTreeMap::new();
            let mut spans: BTreeMap<String, Range<usize>> = BTreeMap::new();
            for zone in config.within(domain, path, "zone") {
                members.entry(zone.name.clone()).or_default();
                spans.insert(zone.name.clone(), zone.span.clone());
            }
            for member in config.within(domain, path, "members") {
                let zone = member.value("zone").unwrap_or("virtual-wan-link").to_owned();
                members.entry(zone).or_default().extend(member.value("interface").map(str::to_owned));
            }
            for (zone, interfaces) in members {
                let span = spans.get(&zone).cloned().unwrap_or_else(|| section.span.clone());
                self.zone(at, &zone, interfaces, false, span);
            }
        }
    }

    /// Zones of the same name in several domains get the domain's name before theirs.
    fn rename_zones(&mut self, config: &Config<'_>) {
        let mut count: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for zone in &self.zones {
            count.entry(zone.name.clone()).or_default().insert(zone.domain);
        }
        for zone in &mut self.zones {
            if count.get(&zone.name).is_some_and(|domains| domains.len() > 1) {
                let domain =
                    config.domains.get(zone.domain).map(|domain| domain.name.as_str()).unwrap_or_default();
                let name = format!("{domain}/{}", zone.name);
                self.renamed.insert((zone.domain, std::mem::replace(&mut zone.name, name.clone())), name);
            }
        }
    }

    /// The name that rules use for what a policy of a domain names.
    pub(super) fn rule_name(&mut self, domain: usize, name: &str) -> String {
        let name = self.renamed.get(&(domain, name.to_owned())).cloned().unwrap_or_else(|| name.to_owned());
        let key = (domain, name);
        if !self.zone_names.contains(&key) {
            self.used.insert(key.1.clone());
        }
        key.1
    }

    /// Whether the file tells the interfaces and this is none of them, nor a zone.
    pub(super) fn is_missing(&self, domain: usize, name: &str) -> bool {
        let zone = || self.zone_names.contains(&(domain, name.to_owned()));
        let made = ["ssl.", "l2t.", "naf."].iter().any(|head| name.starts_with(head));
        !self.interfaces.is_empty()
            && !self.known.contains(name)
            && !made
            && name != "virtual-wan-link"
            && !self.renamed.contains_key(&(domain, name.to_owned()))
            && !zone()
    }

    /// The interfaces and zones of a domain by name.
    pub(super) fn names_in(&self, at: usize, domain: &str) -> NameSet {
        let interfaces = self.interfaces.iter().filter(|one| one.domain == domain).map(|one| &one.name);
        let zones = self.zones.iter().filter(|zone| zone.domain == at).map(|zone| &zone.name);
        NameSet::of(interfaces.chain(zones).map(|name| NamePattern::Exact(name.clone())).collect())
    }

    /// All interface names that the configuration mentions, sorted.
    pub(super) fn interface_names(&self) -> Vec<String> {
        self.known.union(&self.used).cloned().collect()
    }

    /// The zones, as the ruleset keeps them.
    pub(super) fn firewall_zones(&self, reading: &Reading) -> Vec<FirewallZone> {
        self.zones
            .iter()
            .map(|zone| FirewallZone {
                name: zone.name.clone(),
                interfaces: zone.interfaces.clone(),
                place: reading.place(&zone.span),
            })
            .collect()
    }
}
