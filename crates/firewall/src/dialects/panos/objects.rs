//! The objects of one scope: addresses, services, applications, schedules, and groups of them.

use super::applications::{Application, custom, ports};
use super::ignored::{Place, is_ignored, pass};
use super::tree::{At, short};
use crate::dialects::cisco::wildcarded;
use crate::dialects::{Reading, Service};
use crate::ruleset::{AddressSet, IntervalSet, Reason, Undecidable};
use jiff::civil::DateTime;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use zonewright_source::Diagnostic;

/// What an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// These.
    Set(AddressSet),
    /// What the configuration does not tell.
    Undecided(Undecidable),
}

/// A group of addresses.
#[derive(Debug)]
pub(super) enum AddressGroup<'m> {
    /// Its members.
    Static(Vec<At<'m>>),
    /// Whatever has some tags at run time.
    Dynamic,
}

/// When a schedule holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    /// Its last moment, where it does not come again.
    pub(super) until: Option<DateTime>,
}

/// The objects of one scope by name.
#[derive(Debug, Default)]
pub(super) struct Objects<'m> {
    pub(super) addresses: BTreeMap<&'m str, Address>,
    pub(super) address_groups: BTreeMap<&'m str, AddressGroup<'m>>,
    pub(super) external_lists: BTreeSet<&'m str>,
    pub(super) services: BTreeMap<&'m str, Vec<Service>>,
    pub(super) service_groups: BTreeMap<&'m str, Vec<At<'m>>>,
    pub(super) applications: BTreeMap<&'m str, Application>,
    pub(super) application_groups: BTreeMap<&'m str, Vec<At<'m>>>,
    pub(super) application_filters: BTreeSet<&'m str>,
    pub(super) schedules: BTreeMap<&'m str, Schedule>,
}

impl<'m> Objects<'m> {
    /// Reads the objects that stand in a node.
    pub(super) fn read(&mut self, scope: At<'m>, reading: &mut Reading) {
        pass(scope, Place::Objects);
        for list in scope.within() {
            match list.name() {
                "address" => self.addresses(list, reading),
                "address-group" => self.address_groups(list),
                "external-list" => self.external_lists(list),
                "region" => self.regions(list, reading),
                "service" => self.services(list, reading),
                "service-group" => groups(list, &mut self.service_groups),
                "application" => self.applications(list),
                "application-group" => groups(list, &mut self.application_groups),
                "application-filter" => self.application_filters(list),
                "schedule" => self.schedules(list),
                _ => {}
            }
        }
    }

    fn addresses(&mut self, list: At<'m>, reading: &mut Reading) {
        for entry in entries(list) {
            let address = address(entry).unwrap_or_else(|| {
                let what = format!("address {}", short(entry.name()));
                let unread = Diagnostic::warning(
                    "firewall/unknown-value",
                    format!("{what} has no value that is known"),
                )
                .because("rules that name it are undecided")
                .help("a value is ip-netmask, ip-range, ip-wildcard or fqdn");
                reading.report(&entry.span(), unread);
                Address::Undecided(Undecidable { what, reason: Reason::Unread })
            });
            self.addresses.insert(entry.name(), address);
        }
    }

    fn address_groups(&mut self, list: At<'m>) {
        for entry in entries(list) {
            let group = match entry.child("dynamic") {
                Some(dynamic) => {
                    dynamic.mark(super::tree::Mark::Modeled);
                    AddressGroup::Dynamic
                }
                None => AddressGroup::Static(entry.members("static")),
            };
            self.address_groups.insert(entry.name(), group);
        }
    }

    fn external_lists(&mut self, list: At<'m>) {
        for entry in entries(list) {
            // The kind of the list holds where it is fetched.
            for kind in entry.child("type").into_iter().flat_map(At::entries) {
                pass(kind, Place::Object);
            }
            self.external_lists.insert(entry.name());
        }
    }

    /// Regions of one's own are lists of addresses.
    fn regions(&mut self, list: At<'m>, reading: &mut Reading) {
        for entry in entries(list) {
            let mut all = AddressSet::none();
            let mut known = true;
            for member in entry.members("address") {
                match literal(member.name()) {
                    Some(set) => all = all.union(&set),
                    None => known = false,
                }
            }
            if !known {
                let unread =
                    Diagnostic::warning("firewall/unknown-value", "an address of the region is not read")
                        .because("rules that name it are undecided");
                reading.report(&entry.span(), unread);
            }
            let what =
                Undecidable { what: format!("region {}", short(entry.name())), reason: Reason::Unread };
            let address = if known { Address::Set(all) } else { Address::Undecided(what) };
            self.addresses.insert(entry.name(), address);
        }
    }

    fn services(&mut self, list: At<'m>, reading: &mut Reading) {
        for entry in entries(list) {
            let found = services(entry).filter(|found| !found.is_empty()).unwrap_or_else(|| {
                let what = format!("service {}", short(entry.name()));
                let unread = Diagnostic::warning(
                    "firewall/unknown-value",
                    format!("{what} has no ports that are known"),
                )
                .because("rules that name it are undecided")
                .help("a service is of tcp, udp or sctp, with ports");
                reading.report(&entry.span(), unread);
                let undecidable = Some(Undecidable { what, reason: Reason::Unread });
                vec![Service { undecidable, ..Service::any() }]
            });
            self.services.insert(entry.name(), found);
        }
    }

    fn applications(&mut self, list: At<'m>) {
        for entry in entries(list) {
            self.applications.insert(entry.name(), custom(entry));
        }
    }

    fn application_filters(&mut self, list: At<'m>) {
        for entry in list.entries() {
            entry.mark(super::tree::Mark::Modeled);
            self.application_filters.insert(entry.name());
        }
    }

    fn schedules(&mut self, list: At<'m>) {
        for entry in entries(list) {
            let kinds = entry.child("schedule-type");
            let once = kinds.and_then(|kinds| kinds.child("non-recurring"));
            for kind in kinds.into_iter().flat_map(At::entries) {
                kind.mark(super::tree::Mark::Modeled);
            }
            let ends: Option<Vec<DateTime>> = once.map(At::entries).and_then(|mut at| {
                at.try_fold(Vec::new(), |mut ends, window| {
                    ends.push(end_of(window.name())?);
                    Some(ends)
                })
            });
            self.schedules
                .insert(entry.name(), Schedule { until: ends.and_then(|ends| ends.into_iter().max()) });
        }
    }
}

/// The entries of a list of objects, with what is ignored of each.
fn entries(list: At<'_>) -> impl Iterator<Item = At<'_>> {
    list.mark(super::tree::Mark::Read).entries().inspect(|entry| pass(*entry, Place::Object))
}

fn groups<'m>(list: At<'m>, found: &mut BTreeMap<&'m str, Vec<At<'m>>>) {
    for entry in entries(list) {
        // Groups of services were lists without a name for their members once.
        let members = if entry.within().any(|child| child.name() == "members") {
            entry.members("members")
        } else {
            entry.entries().filter(|child| !is_ignored(Place::Object, child.name())).collect()
        };
        found.insert(entry.name(), members);
    }
}

/// `2026/11/01@00:00-2026/11/30@23:59`: the last moment.
fn end_of(window: &str) -> Option<DateTime> {
    let (_, end) = window.rsplit_once('-')?;
    let (date, time) = end.split_once('@')?;
    format!("{}T{time}:59", date.replace('/', "-")).parse().ok()
}

fn address(entry: At<'_>) -> Option<Address> {
    if let Some(text) = entry.text("ip-netmask").or_else(|| entry.text("ip-range")) {
        let variable = || Undecidable { what: format!("variable {}", short(text)), reason: Reason::Name };
        return match literal(text) {
            Some(set) => Some(Address::Set(set)),
            None if text.starts_with('$') => Some(Address::Undecided(variable())),
            None => None,
        };
    }
    if let Some(text) = entry.text("ip-wildcard") {
        let what = || Undecidable { what: format!("wildcard {}", short(text)), reason: Reason::Name };
        return Some(wildcard(text)?.map_or_else(|| Address::Undecided(what()), Address::Set));
    }
    let name = entry.text("fqdn")?;
    Some(Address::Undecided(Undecidable { what: format!("fqdn {}", short(name)), reason: Reason::Name }))
}

/// `10.0.0.0/8`, `10.0.0.1`, `10.0.0.1-10.0.0.9`, and the same of IPv6. Bits of the host are no matter.
pub(super) fn literal(text: &str) -> Option<AddressSet> {
    if let Some((first, last)) = text.split_once('-') {
        return AddressSet::range(first.trim().parse().ok()?, last.trim().parse().ok()?);
    }
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address.parse().ok()?, length.parse().ok()?),
        None => {
            let address: IpAddr = text.parse().ok()?;
            (address, if address.is_ipv4() { 32 } else { 128 })
        }
    };
    AddressSet::prefix(address, length)
}

/// `10.20.1.0/0.0.248.255`: bits that are one in the mask may be anything. `None` within where there are too many intervals.
fn wildcard(text: &str) -> Option<Option<AddressSet>> {
    let (address, mask) = text.split_once('/')?;
    Some(wildcarded(address.parse().ok()?, mask.parse().ok()?))
}

/// The services of an entry; `None` where one of them is not read.
fn services(entry: At<'_>) -> Option<Vec<Service>> {
    let protocols = entry.child("protocol")?;
    let mut found = Vec::new();
    for (name, number) in [("tcp", 6), ("udp", 17), ("sctp", 132)] {
        let Some(protocol) = protocols.child(name) else { continue };
        pass(protocol, Place::Object);
        let list = |name: &str| {
            let texts: Vec<&str> = protocol.members(name).into_iter().map(At::name).collect();
            if texts.is_empty() { Some(IntervalSet::all()) } else { ports(&texts.join(",")) }
        };
        if protocol.within().all(|child| child.name() != "port") {
            return None;
        }
        found
            .push(Service { source_ports: list("source-port")?, ..Service::to_ports(number, list("port")?) });
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_windows_are_written_out() {
        let set = wildcard("10.20.1.2/0.0.6.255").unwrap().unwrap();
        assert_eq!(set.items(), ["10.20.1.0/24", "10.20.3.0/24", "10.20.5.0/24", "10.20.7.0/24"]);
        assert_eq!(wildcard("1.2.3.4/255.255.255.255").unwrap().unwrap().items(), ["0.0.0.0/0"]);
        assert_eq!(wildcard("1.2.3.4/85.85.85.85").unwrap(), None);
        assert!(wildcard("1.2.3.4").is_none());
        let end = end_of("2026/11/01@00:00-2026/11/30@23:59").unwrap();
        assert_eq!(end.to_string(), "2026-11-30T23:59:59");
        assert_eq!(end_of("x"), None);
    }
}
