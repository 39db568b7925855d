//! The policy: what passes a device, in order, and nothing else.

use super::FunctionLimit;
use crate::ruleset::{AddressSet, Condition, IntervalSet, IpVersion};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What shall pass a device: these permits and the answers to them, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The device's name.
    pub device: String,
    /// Lines for the head of the file: whose policy it is, of which day.
    pub head: Vec<String>,
    /// Interfaces of the device: each gets a list where the dialect has one per interface.
    pub interfaces: Vec<String>,
    /// Sets of addresses that have a name.
    pub objects: Vec<Object>,
    /// What passes.
    pub permits: Vec<Permit>,
    /// What reaches the device itself; `None` leaves that to other parts of its configuration.
    pub own: Option<Vec<Permit>>,
    /// Whether what is denied is logged.
    pub denied_logged: bool,
    /// What is said in the file beside the permits: what was left out and why.
    pub remarks: Vec<String>,
    /// Whether a function that no permit allows is stopped; else it is reported.
    pub functions_stopped: bool,
}

/// A named set of addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name: text from people.
    pub name: String,
    /// The addresses.
    pub addresses: AddressSet,
}

/// What may pass, who asked for it and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// Its id. Several permits of a policy may have the same: parts of one.
    pub id: String,
    /// Where it begins.
    pub from: End,
    /// Where it goes. For a permit to the device itself, `interfaces` is left empty.
    pub to: End,
    /// What it is about: one of these.
    pub services: Vec<Service>,
    /// Whether new connections are logged.
    pub logged: bool,
    /// What it is for.
    pub purpose: Option<String>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// The last day it holds.
    pub until: Option<Date>,
    /// The functions it is limited to; `None` for every function.
    pub functions: Option<FunctionLimit>,
}

/// One end of a permit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The interfaces that face it: any of these.
    pub interfaces: Vec<String>,
    /// The addresses; [`AddressSet::all`] for any.
    pub addresses: AddressSet,
}

/// What a packet is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Every IP packet.
    Any,
    /// Packets of an IP protocol.
    Protocol(u8),
    /// Packets of a protocol with ports (6, 17, 132) to these destination ports.
    Ports {
        /// The protocol.
        protocol: u8,
        /// The destination ports.
        ports: IntervalSet<u16>,
    },
    /// ICMP in IPv4, ICMPv6 in IPv6.
    Icmp {
        /// Which of the two.
        version: IpVersion,
        /// The type; `None` for all.
        kind: Option<u8>,
        /// The code; `None` for all.
        code: Option<u8>,
    },
    /// Frames of an EtherType other than IP: only bridges pass them.
    Frames(u16),
}

impl Service {
    /// Packets of an IP protocol: ICMP in its version, all others in both.
    #[must_use]
    pub const fn of_protocol(protocol: u8) -> Self {
        match protocol {
            1 => Self::Icmp { version: IpVersion::V4, kind: None, code: None },
            58 => Self::Icmp { version: IpVersion::V6, kind: None, code: None },
            other => Self::Protocol(other),
        }
    }

    /// Whether packets of this version of IP can be of it.
    #[must_use]
    pub const fn is_of(&self, version: IpVersion) -> bool {
        match self {
            Self::Any | Self::Protocol(_) | Self::Ports { .. } => true,
            Self::Icmp { version: own, .. } => {
                matches!((own, version), (IpVersion::V4, IpVersion::V4) | (IpVersion::V6, IpVersion::V6))
            }
            Self::Frames(_) => false,
        }
    }

    /// What it asks of an IP packet of a version that it is of.
    #[must_use]
    pub fn conditions(&self) -> Vec<Condition> {
        let protocol = |number| Condition::Protocol(IntervalSet::one(number));
        match self {
            Self::Any => Vec::new(),
            Self::Protocol(number) => vec![protocol(*number)],
            Self::Ports { protocol: number, ports } => {
                vec![protocol(*number), Condition::DestinationPort(ports.clone())]
            }
            Self::Icmp { version, kind, code } => {
                let number = if *version == IpVersion::V4 { 1 } else { 58 };
                let mut all = vec![Condition::Version(*version), protocol(number)];
                all.extend(kind.map(|kind| Condition::IcmpType(IntervalSet::one(kind))));
                all.extend(code.map(|code| Condition::IcmpCode(IntervalSet::one(code))));
                all
            }
            Self::Frames(_) => vec![Condition::never()],
        }
    }
}

/// A part of a permit that one version of IP carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// The version; `None` where the part is the same in both.
    pub(super) version: Option<IpVersion>,
    /// The sources; all of them for any.
    pub(super) from: AddressSet,
    /// The destinations, likewise.
    pub(super) to: AddressSet,
    /// The services with their index in the permit.
    pub(super) services: Vec<(usize, &'a Service)>,
}

impl Permit {
    /// The permit by version of IP: where the addresses of both ends are any, one part for both.
    pub(super) fn parts(&self) -> Vec<Part<'_>> {
        let all = AddressSet::all();
        let icmp = |service: &Service| matches!(service, Service::Icmp { .. } | Service::Frames(_));
        let mut parts = Vec::new();
        let any = self.from.addresses == all && self.to.addresses == all;
        if any {
            let services: Vec<_> =
                self.services.iter().enumerate().filter(|(_, service)| !icmp(service)).collect();
            parts.push(Part { version: None, from: all.clone(), to: all.clone(), services });
        }
        for version in [IpVersion::V4, IpVersion::V6] {
            let within = AddressSet::all_of(version);
            let (from, to) =
                (self.from.addresses.intersection(&within), self.to.addresses.intersection(&within));
            let services: Vec<_> = self
                .services
                .iter()
                .enumerate()
                .filter(|(_, service)| service.is_of(version) && (!any || icmp(service)))
                .collect();
            if !from.is_none() && !to.is_none() {
                parts.push(Part { version: Some(version), from, to, services });
            }
        }
        parts.retain(|part| !part.services.is_empty());
        parts
    }

    /// The parts for each version of IP, also where both are the same.
    pub(super) fn parts_of_each(&self) -> Vec<(IpVersion, Part<'_>)> {
        let mut found: Vec<(IpVersion, Part<'_>)> = Vec::new();
        for version in [IpVersion::V4, IpVersion::V6] {
            let within = AddressSet::all_of(version);
            let services: Vec<_> =
                self.services.iter().enumerate().filter(|(_, service)| service.is_of(version)).collect();
            let from = self.from.addresses.intersection(&within);
            let to = self.to.addresses.intersection(&within);
            if !from.is_none() && !to.is_none() && !services.is_empty() {
                found.push((version, Part { version: Some(version), from, to, services }));
            }
        }
        found
    }
}

/// Names for the sets of addresses of a policy.
#[derive(Debug, Clone, Default)]
pub struct Names<'a> {
    by_set: BTreeMap<AddressSet, &'a str>,
}

impl<'a> Names<'a> {
    /// The names that a policy gives; of several for the same set the first.
    #[must_use]
    pub fn of(policy: &'a Policy) -> Self {
        let mut by_set = BTreeMap::new();
        for object in &policy.objects {
            let versions = [IpVersion::V4, IpVersion::V6].map(AddressSet::all_of);
            for set in versions.iter().map(|version| object.addresses.intersection(version)) {
                by_set.entry(set).or_insert(object.name.as_str());
            }
        }
        Self { by_set }
    }

    /// The name of a set, if it has one.
    #[must_use]
    pub fn name(&self, set: &AddressSet) -> Option<&'a str> {
        self.by_set.get(set).copied()
    }
}
