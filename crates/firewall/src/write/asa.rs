//! Cisco ASA: object groups, one list for each interface inbound and one outbound, time ranges (ASA 9.0 and later, where
//! a list holds both versions of IP).
//!
//! An inbound list does not ask where a packet leaves, so that the outbound list of the other interface asks the rest: a
//! connection passes where both let it. Where that would open what no permit does (two permits that overlap, one from
//! the first interface, the other to the second), the permits are left out and named. Written from the *Cisco ASA Series
//! Command Reference* (`object network`, `object-group`, `access-list extended`, `access-group`, `time-range`).

use super::text::{MARKS, Range, Unique, identifier, plain, prefix_length, ranges};
use super::{Names, Permit, Policy, Service, Tracking, Unsaid, WriteError, Writer, Written, day};
use crate::ruleset::{AddressSet, IpVersion};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

/// Most bytes of a name of an object.
const NAME_MAX: usize = 64;
/// Most permits: each is set beside every other.
const PAIRED_MAX: usize = 10_000;
/// Most bytes of a remark.
const REMARK_MAX: usize = 100;
/// Most bytes of the name of an interface.
const INTERFACE_MAX: usize = 48;

/// Cisco ASA.
pub(super) struct Asa;

impl Writer for Asa {
    fn name(&self) -> &'static str {
        "asa"
    }

    fn title(&self) -> &'static str {
        "Cisco ASA"
    }

    fn read_by(&self) -> Option<&'static str> {
        Some("asa")
    }

    fn knows_all_interfaces(&self) -> bool {
        true
    }

    fn tracking(&self) -> Tracking {
        Tracking::AsksRules
    }

    fn comment_mark(&self) -> &'static str {
        "!"
    }

    fn write(&self, policy: &Policy) -> Result<Written, WriteError> {
        if policy.permits.len() > PAIRED_MAX {
            return Err(WriteError::TooMany { what: "permits", limit: PAIRED_MAX });
        }
        let ends = policy.permits.iter().flat_map(|permit| [&permit.from, &permit.to]);
        let names = policy.interfaces.iter().chain(ends.flat_map(|end| &end.interfaces));
        names.into_iter().try_for_each(|name| usable(name))?;
        Ok(Text::new(policy).write())
    }
}

/// The file under way.
struct Text<'a> {
    policy: &'a Policy,
    names: Names<'a>,
    unique: Unique,
    addresses: BTreeMap<AddressSet, String>,
    services: BTreeMap<Vec<Service>, String>,
    schedules: BTreeSet<Date>,
    objects: String,
    lists: String,
    unsaid: Vec<Unsaid>,
}

impl<'a> Text<'a> {
    fn new(policy: &'a Policy) -> Self {
        Self {
            policy,
            names: Names::of(policy),
            unique: Unique::default(),
            addresses: BTreeMap::new(),
            services: BTreeMap::new(),
            schedules: BTreeSet::new(),
            objects: String::new(),
            lists: String::new(),
            unsaid: Vec::new(),
        }
    }

    fn write(mut self) -> Written {
        self.find_unsaid();
        let mut interfaces: BTreeSet<&'a String> = self.policy.interfaces.iter().collect();
        for permit in &self.policy.permits {
            interfaces.extend(permit.from.interfaces.iter().chain(&permit.to.interfaces));
        }
        let mut groups = String::new();
        let mut lists = Unique::default();
        for interface in interfaces {
            for direction in ["in", "out"] {
                let name = identifier(&format!("zw-{interface}-{direction}"), NAME_MAX);
                let name = lists.take(&name, NAME_MAX);
                self.list(&name, interface, direction);
                let _ = writeln!(groups, "access-group {name} {direction} interface {interface}");
            }
        }
        let mut remarks = vec![
            "between interfaces of the same security level nothing passes before same-security-traffic permit inter-interface is set"
                .to_owned(),
        ];
        if self.policy.own.is_some() {
            remarks.push(
                "what reaches the device itself is not ruled here: see ssh, http and control-plane lists"
                    .to_owned(),
            );
        }
        let mut text = String::new();
        for line in self.policy.head.iter().chain(&self.policy.remarks).chain(&remarks) {
            let _ = writeln!(text, "! {}", plain(line, 500, &format!("{MARKS}();'`&")));
        }
        for date in &self.schedules {
            let _ = write!(
                text,
                "time-range {}\n absolute end 23:59 {:02} {} {:04}\n",
                schedule(*date),
                date.day(),
                MONTHS.get(usize::try_from(date.month() - 1).unwrap_or(0)).unwrap_or(&"January"),
                date.year()
            );
        }
        text.push_str(&self.objects);
        text.push_str(&self.lists);
        text.push_str(&groups);
        Written { text, unsaid: self.unsaid, remarks }
    }

    /// What is left out: services that no list asks, and permits that together would open more than they do alone.
    fn find_unsaid(&mut self) {
        for (at, permit) in self.policy.permits.iter().enumerate() {
            for (number, service) in permit.services.iter().enumerate() {
                let why = match service {
                    Service::Frames(kind) => {
                        format!("frames of type {kind:#06x} are not asked by these lists")
                    }
                    Service::Protocol(0) => "IP protocol 0 means every protocol here".to_owned(),
                    Service::Ports { protocol, .. } if !matches!(protocol, 6 | 17 | 132) => {
                        format!("ports of IP protocol {protocol} cannot be asked")
                    }
                    _ => continue,
                };
                self.unsaid.push(Unsaid { permit: at, id: permit.id.clone(), service: Some(number), why });
            }
        }
        let mut gone: BTreeSet<usize> = BTreeSet::new();
        for (at, permit) in self.policy.permits.iter().enumerate() {
            let earlier = self.policy.permits.iter().enumerate().take(at);
            let clash = earlier
                .filter(|(other, _)| !gone.contains(other))
                .find(|(_, other)| crosses(permit, other) || crosses(other, permit));
            if let Some((_, other)) = clash {
                gone.insert(at);
                let why = format!(
                    "it overlaps with {}, and inbound and outbound lists together would let packets pass between interfaces that no permit joins",
                    plain(&other.id, 60, MARKS)
                );
                self.unsaid.push(Unsaid { permit: at, id: permit.id.clone(), service: None, why });
            }
        }
    }

    fn list(&mut self, name: &str, interface: &str, direction: &str) {
        for (at, permit) in self.policy.permits.iter().enumerate() {
            let side = if direction == "in" { &permit.from } else { &permit.to };
            let gone = |service: Option<usize>| {
                self.unsaid.iter().any(|unsaid| unsaid.permit == at && unsaid.service == service)
            };
            if !side.interfaces.iter().any(|own| own == interface) || gone(None) {
                continue;
            }
            let entries: Vec<(IpVersion, AddressSet, AddressSet, Vec<Service>)> = permit
                .parts_of_each()
                .into_iter()
                .map(|(version, part)| {
                    let said = part.services.iter().filter(|(number, _)| !gone(Some(*number)));
                    (version, part.from, part.to, said.map(|(_, service)| (*service).clone()).collect())
                })
                .filter(|(_, _, _, services): &(_, _, _, Vec<Service>)| !services.is_empty())
                .collect();
            if entries.is_empty() {
                continue;
            }
            let _ = writeln!(self.lists, "access-list {name} remark {}", remark(permit));
            for (version, from, to, services) in entries {
                let what = self.service(&services);
                let (from, to) = (self.address(&from, version), self.address(&to, version));
                let log = if permit.logged { " log" } else { "" };
                let when = permit.until.map_or_else(String::new, |until| {
                    self.schedules.insert(until);
                    format!(" time-range {}", schedule(until))
                });
                let _ =
                    writeln!(self.lists, "access-list {name} extended permit {what} {from} {to}{log}{when}");
            }
        }
        let log = if self.policy.denied_logged { " log" } else { "" };
        let _ = writeln!(self.lists, "access-list {name} extended deny ip any any{log}");
    }

    /// The words for a set of addresses of one version.
    fn address(&mut self, set: &AddressSet, version: IpVersion) -> String {
        let whole = match version {
            IpVersion::V4 => set.v4.is_all(),
            IpVersion::V6 => set.v6.is_all(),
        };
        if whole {
            return if version == IpVersion::V4 { "any4" } else { "any6" }.to_owned();
        }
        if let Some(known) = self.addresses.get(set) {
            return known.clone();
        }
        let all = ranges(set);
        let words = match all.as_slice() {
            [only] => match single(only) {
                Some(words) => words,
                None => format!("object {}", self.range(only)),
            },
            many => {
                let given = self.names.name(set).map(|name| identifier(name, NAME_MAX));
                let given = given.unwrap_or_else(|| format!("group-of-{}", many.len()));
                let members: Vec<String> = many
                    .iter()
                    .map(|range| match single(range) {
                        Some(words) => format!(" network-object {words}\n"),
                        None => format!(" network-object object {}\n", self.range(range)),
                    })
                    .collect();
                let name = self.unique.take(&given, NAME_MAX);
                let _ = write!(self.objects, "object-group network {name}\n{}", members.concat());
                format!("object-group {name}")
            }
        };
        self.addresses.insert(set.clone(), words.clone());
        words
    }

    /// The object of a range that is no prefix.
    fn range(&mut self, range: &Range) -> String {
        let set = AddressSet::range(range.0, range.1).unwrap_or_else(AddressSet::none);
        if let Some(known) = self.addresses.get(&set) {
            return known.strip_prefix("object ").unwrap_or(known).to_owned();
        }
        let given = format!("r-{}-{}", range.0, range.1).replace(':', "_");
        let name = self.unique.take(&identifier(self.names.name(&set).unwrap_or(&given), NAME_MAX), NAME_MAX);
        let _ = write!(self.objects, "object network {name}\n range {} {}\n", range.0, range.1);
        self.addresses.insert(set, format!("object {name}"));
        name
    }

    /// The words for services together.
    fn service(&mut self, services: &[Service]) -> String {
        if services.contains(&Service::Any) {
            return "ip".to_owned();
        }
        if let Some(known) = self.services.get(services) {
            return known.clone();
        }
        let name = self.unique.take(&format!("services-{}", self.services.len() + 1), NAME_MAX);
        let _ = writeln!(self.objects, "object-group service {name}");
        for line in services.iter().flat_map(service_lines) {
            let _ = writeln!(self.objects, " service-object {line}");
        }
        let words = format!("object-group {name}");
        self.services.insert(services.to_vec(), words.clone());
        words
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Would the inbound lists of the one and the outbound lists of the other together pass packets between interfaces that
/// neither joins?
fn crosses(first: &Permit, second: &Permit) -> bool {
    let joins = |permit: &Permit, from: &String, to: &String| {
        permit.from.interfaces.contains(from) && permit.to.interfaces.contains(to)
    };
    let open =
        first.from.interfaces.iter().flat_map(|from| second.to.interfaces.iter().map(move |to| (from, to)));
    let beyond = open.into_iter().any(|(from, to)| !joins(first, from, to) && !joins(second, from, to));
    beyond && overlap(first, second)
}

/// Is there a packet that both are about, interfaces aside?
fn overlap(first: &Permit, second: &Permit) -> bool {
    first.parts_of_each().iter().any(|(version, one)| {
        second.parts_of_each().iter().any(|(other_version, other)| {
            version == other_version
                && !one.from.intersection(&other.from).is_none()
                && !one.to.intersection(&other.to).is_none()
                && one.services.iter().any(|(_, a)| other.services.iter().any(|(_, b)| meet(a, b)))
        })
    })
}

/// Can a packet be of both services?
fn meet(a: &Service, b: &Service) -> bool {
    let number = |service: &Service| match service {
        Service::Any | Service::Frames(_) => None,
        Service::Protocol(number) | Service::Ports { protocol: number, .. } => Some(*number),
        Service::Icmp { version: IpVersion::V4, .. } => Some(1),
        Service::Icmp { version: IpVersion::V6, .. } => Some(58),
    };
    match (a, b) {
        (Service::Frames(_), _) | (_, Service::Frames(_)) => false,
        (Service::Ports { protocol: p, ports }, Service::Ports { protocol: q, ports: others }) => {
            p == q && !ports.intersection(others).is_none()
        }
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        },
    }
}

fn schedule(date: Date) -> String {
    format!("until-{}", day(date))
}

/// A range as a host or a network.
fn single(range: &Range) -> Option<String> {
    let length = prefix_length(range)?;
    Some(match range.0 {
        address if range.0 == range.1 => format!("host {address}"),
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            format!("{address} {}", Ipv4Addr::from_bits(mask))
        }
        IpAddr::V6(address) => format!("{address}/{length}"),
    })
}

fn service_lines(service: &Service) -> Vec<String> {
    match service {
        Service::Any | Service::Frames(_) => Vec::new(),
        Service::Protocol(number) => vec![number.to_string()],
        Service::Ports { protocol, ports } => {
            let transport = match protocol {
                6 => "tcp",
                17 => "udp",
                _ => "sctp",
            };
            let line = |(first, last): &(u16, u16)| {
                if first == last {
                    format!("{transport} destination eq {first}")
                } else {
                    format!("{transport} destination range {first} {last}")
                }
            };
            ports.intervals().iter().map(line).collect()
        }
        Service::Icmp { version, kind, code } => {
            let mut words = vec![if *version == IpVersion::V4 { "icmp" } else { "icmp6" }.to_owned()];
            words.extend(kind.map(|kind| kind.to_string()));
            words.extend(code.map(|code| code.to_string()));
            vec![words.join(" ")]
        }
    }
}

/// The line before the entries of a permit: id, end, purpose, who approved it.
fn remark(permit: &Permit) -> String {
    let mut words = vec![permit.id.clone()];
    words.extend(permit.until.map(|until| format!("until {}", day(until))));
    words.extend(permit.purpose.clone());
    words.extend(permit.approved_by.as_ref().map(|role| format!("approved by {role}")));
    plain(&words.join(", "), REMARK_MAX, MARKS)
}

/// Can an interface have the name, and the dialect write it?
fn usable(name: &str) -> Result<(), WriteError> {
    let wrong = if name.is_empty() {
        Some("it is empty")
    } else if name.len() > INTERFACE_MAX {
        Some("it has more than 48 bytes")
    } else if name.chars().any(|c| !c.is_ascii_graphic() || "\"?!".contains(c)) {
        Some("letters, digits and marks other than `\"`, `?` and `!` are meant")
    } else {
        None
    };
    match wrong {
        Some(why) => Err(WriteError::Interface { name: plain(name, 60, MARKS), why }),
        None => Ok(()),
    }
}
