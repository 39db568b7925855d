//! FortiOS: address objects and groups, services, schedules, policies (FortiOS 6.4 and later, where one policy carries both
//! versions of IP).
//!
//! Written from the *FortiOS CLI reference* (`config firewall address`, `address6`, `addrgrp`, `addrgrp6`, `service custom`,
//! `service group`, `schedule onetime`, `policy`). Lengths: names of objects 79 characters, of policies 35, comments 255
//! (objects) and 1023 (policies).

use super::policy::Part;
use super::text::{
    MARKS, MARKS_AND_LETTERS, Range, Unique, identifier, plain, port_words, prefix_length, ranges,
};
use super::{
    Names, PERMITS_MAX, Permit, Policy, Service, Tracking, Unsaid, WriteError, Writer, Written, day,
};
use crate::ruleset::{AddressSet, IpVersion};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

/// Most bytes of a name of an object.
const NAME_MAX: usize = 79;
/// Most bytes of the name of a policy.
const POLICY_NAME_MAX: usize = 35;
/// Most bytes of the comment of a policy.
const COMMENT_MAX: usize = 1023;
/// Most bytes of the name of an interface or zone.
const INTERFACE_MAX: usize = 35;

/// FortiOS.
pub(super) struct FortiOs;

impl Writer for FortiOs {
    fn name(&self) -> &'static str {
        "fortios"
    }

    fn title(&self) -> &'static str {
        "FortiOS"
    }

    fn read_by(&self) -> Option<&'static str> {
        Some("fortios")
    }

    fn tracking(&self) -> Tracking {
        Tracking::AsksRules
    }

    fn comment_mark(&self) -> &'static str {
        "#"
    }

    fn write(&self, policy: &Policy) -> Result<Written, WriteError> {
        if policy.permits.len() > PERMITS_MAX {
            return Err(WriteError::TooMany { what: "permits", limit: PERMITS_MAX });
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
    objects: Unique,
    services_named: Unique,
    policies_named: Unique,
    // What is declared, by what it is: the name.
    addresses: BTreeMap<AddressSet, String>,
    services: BTreeMap<Vec<Service>, String>,
    schedules: BTreeSet<Date>,
    // The declarations, in order.
    declared: BTreeMap<Section, String>,
    policies: String,
    next_id: u32,
    unsaid: Vec<Unsaid>,
}

/// The places of declarations, in the order of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    Address,
    Address6,
    Group,
    Group6,
    Service,
    ServiceGroup,
}

impl Section {
    fn path(self) -> &'static str {
        match self {
            Self::Address => "firewall address",
            Self::Address6 => "firewall address6",
            Self::Group => "firewall addrgrp",
            Self::Group6 => "firewall addrgrp6",
            Self::Service => "firewall service custom",
            Self::ServiceGroup => "firewall service group",
        }
    }
}

impl<'a> Text<'a> {
    fn new(policy: &'a Policy) -> Self {
        let mut objects = Unique::default();
        // Names that FortiOS has itself.
        for name in ["all", "none", "any"] {
            objects.take(name, NAME_MAX);
        }
        Self {
            policy,
            names: Names::of(policy),
            objects,
            services_named: Unique::default(),
            policies_named: Unique::default(),
            addresses: BTreeMap::new(),
            services: BTreeMap::new(),
            schedules: BTreeSet::new(),
            declared: BTreeMap::new(),
            policies: String::new(),
            next_id: 1,
            unsaid: Vec::new(),
        }
    }

    fn write(mut self) -> Written {
        for (at, permit) in self.policy.permits.iter().enumerate() {
            self.permit(at, permit);
        }
        self.deny();
        let mut remarks = vec![
            "policies that stand in the device already are asked before these: delete them first (config firewall policy, purge)"
                .to_owned(),
        ];
        if self.policy.own.is_some() {
            remarks.push(
                "what reaches the device itself is not ruled here: see the administrators' trusted hosts and the local-in policies"
                    .to_owned(),
            );
        }
        let mut text = String::new();
        for line in self.policy.head.iter().chain(&self.policy.remarks).chain(&remarks) {
            let _ = writeln!(text, "# {}", plain(line, 500, &format!("{MARKS}();'`&")));
        }
        for (section, entries) in &self.declared {
            let _ = write!(text, "config {}\n{entries}end\n", section.path());
        }
        if !self.schedules.is_empty() {
            text.push_str("config firewall schedule onetime\n");
            for date in &self.schedules {
                let _ = write!(
                    text,
                    "    edit \"{}\"\n        set start 00:00 2000/01/01\n        set end 23:59 {:04}/{:02}/{:02}\n    next\n",
                    schedule(*date),
                    date.year(),
                    date.month(),
                    date.day()
                );
            }
            text.push_str("end\n");
        }
        let _ = write!(text, "config firewall policy\n{}end\n", self.policies);
        Written { text, unsaid: self.unsaid, remarks }
    }

    fn permit(&mut self, at: usize, permit: &Permit) {
        for (number, service) in permit.services.iter().enumerate() {
            let why = match service {
                Service::Frames(kind) => format!("frames of type {kind:#06x} are not asked by policies"),
                Service::Protocol(0) => "IP protocol 0 means every protocol here".to_owned(),
                Service::Ports { protocol, .. } if !matches!(protocol, 6 | 17 | 132) => {
                    format!("ports of IP protocol {protocol} cannot be asked")
                }
                _ => continue,
            };
            self.unsaid.push(Unsaid { permit: at, id: permit.id.clone(), service: Some(number), why });
        }
        let gone: BTreeSet<usize> = self
            .unsaid
            .iter()
            .filter(|unsaid| unsaid.permit == at)
            .filter_map(|unsaid| unsaid.service)
            .collect();
        // Versions that carry the same services go into one policy.
        let mut by_services: Vec<(Vec<Service>, Vec<Part<'_>>)> = Vec::new();
        for (_, part) in permit.parts_of_each() {
            let services: Vec<Service> = part
                .services
                .iter()
                .filter(|(number, _)| !gone.contains(number))
                .map(|(_, service)| (*service).clone())
                .collect();
            match by_services.iter_mut().find(|(known, _)| *known == services) {
                _ if services.is_empty() => {}
                Some((_, parts)) => parts.push(part),
                None => by_services.push((services, vec![part])),
            }
        }
        for (services, parts) in by_services {
            let mut lines = self.head_of(permit, &plain(&permit.id, POLICY_NAME_MAX, MARKS));
            for part in &parts {
                let six = if part.version == Some(IpVersion::V6) { "6" } else { "" };
                let (from, to) = (self.address(&part.from), self.address(&part.to));
                let _ = writeln!(lines, "        set srcaddr{six} \"{from}\"");
                let _ = writeln!(lines, "        set dstaddr{six} \"{to}\"");
            }
            let service = self.service(&services);
            let when = permit.until.map_or_else(
                || "always".to_owned(),
                |until| {
                    self.schedules.insert(until);
                    schedule(until)
                },
            );
            let logged = if permit.logged { "all" } else { "disable" };
            let _ = write!(
                lines,
                "        set action accept\n        set schedule \"{when}\"\n        set service \"{service}\"\n        set logtraffic {logged}\n"
            );
            let comment = comment(permit);
            let _ = write!(lines, "        set comments \"{comment}\"\n    next\n");
            self.policies.push_str(&lines);
        }
    }

    /// The beginning of a policy: its number, name and interfaces.
    fn head_of(&mut self, permit: &Permit, name: &str) -> String {
        let name = self.policies_named.take(name, POLICY_NAME_MAX);
        let quoted =
            |names: &[String]| names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" ");
        let lines = format!(
            "    edit {}\n        set name \"{name}\"\n        set srcintf {}\n        set dstintf {}\n",
            self.next_id,
            quoted(&permit.from.interfaces),
            quoted(&permit.to.interfaces)
        );
        self.next_id += 1;
        lines
    }

    /// The last policy: the implicit denial written out, so that it can be logged.
    fn deny(&mut self) {
        let name = self.policies_named.take("deny-whatever-no-permit-allows", POLICY_NAME_MAX);
        let logged = if self.policy.denied_logged { "all" } else { "disable" };
        let _ = write!(
            self.policies,
            "    edit {}\n        set name \"{name}\"\n        set srcintf \"any\"\n        set dstintf \"any\"\n        set srcaddr \"all\"\n        set dstaddr \"all\"\n        set srcaddr6 \"all\"\n        set dstaddr6 \"all\"\n        set action deny\n        set schedule \"always\"\n        set service \"ALL\"\n        set logtraffic {logged}\n        set comments \"whatever no permit allows\"\n    next\n",
            self.next_id
        );
    }

    /// The name of a set of addresses of one version, declared where it is not yet.
    fn address(&mut self, set: &AddressSet) -> String {
        let whole = (set.v4.is_all() && set.v6.is_none()) || (set.v6.is_all() && set.v4.is_none());
        if whole {
            return "all".to_owned();
        }
        if let Some(known) = self.addresses.get(set) {
            return known.clone();
        }
        let all = ranges(set);
        let six = set.v4.is_none();
        let name = match all.as_slice() {
            [only] => {
                let name = self.objects.take(&object_name(self.names.name(set), only), NAME_MAX);
                self.declare(six, &name, only);
                name
            }
            many => {
                let mut members = Vec::new();
                for range in many {
                    let one = AddressSet::range(range.0, range.1).unwrap_or_else(AddressSet::none);
                    members.push(format!("\"{}\"", self.address(&one)));
                }
                let given = self.names.name(set).map(|name| identifier(name, NAME_MAX));
                let given = given.unwrap_or_else(|| format!("group-of-{}", many.len()));
                let name = self.objects.take(&given, NAME_MAX);
                let section = if six { Section::Group6 } else { Section::Group };
                let _ = write!(
                    self.declared.entry(section).or_default(),
                    "    edit \"{name}\"\n        set member {}\n    next\n",
                    members.join(" ")
                );
                name
            }
        };
        self.addresses.insert(set.clone(), name.clone());
        name
    }

    fn declare(&mut self, six: bool, name: &str, range: &Range) {
        let lines = match (prefix_length(range), range.0) {
            (Some(length), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
                format!("        set subnet {address} {}\n", Ipv4Addr::from_bits(mask))
            }
            (Some(length), IpAddr::V6(address)) => format!("        set ip6 {address}/{length}\n"),
            (None, _) => format!(
                "        set type iprange\n        set start-ip {}\n        set end-ip {}\n",
                range.0, range.1
            ),
        };
        let section = if six { Section::Address6 } else { Section::Address };
        let _ = write!(self.declared.entry(section).or_default(), "    edit \"{name}\"\n{lines}    next\n");
    }

    /// The name of services together, declared where they are not yet.
    fn service(&mut self, services: &[Service]) -> String {
        if services.contains(&Service::Any) {
            return "ALL".to_owned();
        }
        if let Some(known) = self.services.get(services) {
            return known.clone();
        }
        let name = match services {
            [only] => {
                let name = self.services_named.take(&service_name(only), NAME_MAX);
                let _ = write!(
                    self.declared.entry(Section::Service).or_default(),
                    "    edit \"{name}\"\n{}    next\n",
                    service_lines(only)
                );
                name
            }
            many => {
                let members: Vec<String> = many
                    .iter()
                    .map(|one| format!("\"{}\"", self.service(std::slice::from_ref(one))))
                    .collect();
                let name = self.services_named.take(
                    &format!("{}-and-others", service_name(many.first().unwrap_or(&Service::Any))),
                    NAME_MAX,
                );
                let _ = write!(
                    self.declared.entry(Section::ServiceGroup).or_default(),
                    "    edit \"{name}\"\n        set member {}\n    next\n",
                    members.join(" ")
                );
                name
            }
        };
        self.services.insert(services.to_vec(), name.clone());
        name
    }
}

fn schedule(date: Date) -> String {
    format!("until-{}", day(date))
}

fn object_name(given: Option<&str>, (first, last): &Range) -> String {
    if let Some(given) = given {
        return identifier(given, NAME_MAX);
    }
    match prefix_length(&(*first, *last)) {
        Some(_) if first == last => format!("h-{first}"),
        Some(length) => format!("n-{first}-{length}"),
        None => format!("r-{first}-{last}"),
    }
    .replace(':', "_")
}

fn service_name(service: &Service) -> String {
    let named = match service {
        Service::Any => "any".to_owned(),
        Service::Protocol(number) => format!("ip-{number}"),
        Service::Ports { protocol, ports } => {
            let transport = match protocol {
                6 => "tcp",
                17 => "udp",
                _ => "sctp",
            };
            format!("{transport}-{}", port_words(ports, "-").join("_"))
        }
        Service::Icmp { version, kind, code } => {
            let mut words = vec![if *version == IpVersion::V4 { "icmp" } else { "icmp6" }.to_owned()];
            words.extend(kind.map(|kind| kind.to_string()));
            words.extend(code.map(|code| code.to_string()));
            words.join("-")
        }
        Service::Frames(kind) => format!("frames-{kind:04x}"),
    };
    format!("zw-{}", named.chars().take(40).collect::<String>())
}

fn service_lines(service: &Service) -> String {
    match service {
        Service::Any | Service::Frames(_) => String::new(),
        Service::Protocol(number) => {
            format!("        set protocol IP\n        set protocol-number {number}\n")
        }
        Service::Ports { protocol, ports } => {
            let key = match protocol {
                6 => "tcp",
                17 => "udp",
                _ => "sctp",
            };
            format!(
                "        set protocol TCP/UDP/SCTP\n        set {key}-portrange {}\n",
                port_words(ports, "-").join(" ")
            )
        }
        Service::Icmp { version, kind, code } => {
            let word = if *version == IpVersion::V4 { "ICMP" } else { "ICMP6" };
            let mut lines = format!("        set protocol {word}\n");
            if let Some(kind) = kind {
                let _ = writeln!(lines, "        set icmptype {kind}");
            }
            if let Some(code) = code {
                let _ = writeln!(lines, "        set icmpcode {code}");
            }
            lines
        }
    }
}

fn comment(permit: &Permit) -> String {
    let mut words = vec![permit.id.clone()];
    words.extend(permit.purpose.clone());
    words.extend(permit.approved_by.as_ref().map(|role| format!("approved by {role}")));
    words.extend(permit.until.map(|until| format!("until {}", day(until))));
    plain(&words.join("; "), COMMENT_MAX, &format!("{MARKS_AND_LETTERS};"))
}

/// Can an interface have the name, and the dialect write it?
fn usable(name: &str) -> Result<(), WriteError> {
    let wrong = if name.is_empty() {
        Some("it is empty")
    } else if name.len() > INTERFACE_MAX {
        Some("it has more than 35 bytes")
    } else if name.eq_ignore_ascii_case("any") {
        Some("it means every interface")
    } else if name.chars().any(|c| !(c.is_ascii_graphic() || c == ' ') || "\"\\<>()#'?*".contains(c)) {
        Some("letters, digits, spaces and marks other than `\"\\<>()#'?*` are meant")
    } else {
        None
    };
    match wrong {
        Some(why) => Err(WriteError::Interface { name: plain(name, 60, MARKS), why }),
        None => Ok(()),
    }
}
