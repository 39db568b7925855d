//! Lines of objects and groups.

use super::ace::{icmp_any, icmp_service};
use super::config::{Config, GroupKind, NetworkItem, ServiceItem};
use super::cursor::Cursor;
use super::ports::{Ports, is_operator, read_ports, services};
use crate::dialects::cisco::{icmp_code, protocol};
use crate::dialects::{Member, Service};
use crate::names::Icmp;
use crate::ruleset::{AddressSet, IntervalSet, IpVersion, Reason, Undecidable};
use std::ops::Range;

/// `object KIND NAME`, `object-group KIND NAME [PROTOCOL]`: opens a block; its name and kind.
pub(super) fn open_group(words: &mut Cursor<'_, '_>) -> Option<(String, GroupKind)> {
    let grouped = words.next()? == "object-group";
    if grouped && words.peek() == Some("group") && words.peek_at(2).is_some() {
        words.next();
    }
    let word = words.next()?;
    let name = words.next()?.to_owned();
    let kind = match word {
        "network" => GroupKind::Network,
        "service" if grouped => GroupKind::Service(words.next().and_then(protocol)),
        "service" => GroupKind::Service(None),
        "protocol" => GroupKind::Protocol,
        "icmp-type" => GroupKind::IcmpType,
        "user" => GroupKind::User,
        "security" => GroupKind::Security,
        "network-service" | "application" => GroupKind::Other,
        _ => return None,
    };
    Some((name, kind))
}

/// Words that begin lines of objects and groups only, for files that have lost their indentation.
pub(super) fn is_member(word: &str) -> bool {
    [
        "network-object",
        "port-object",
        "service-object",
        "group-object",
        "protocol-object",
        "icmp-object",
        "subnet",
        "host",
        "range",
        "fqdn",
        "service",
        "description",
    ]
    .contains(&word)
}

impl Config<'_> {
    /// Makes an object or group. `Err` where the name is one of another kind already.
    pub(super) fn declare(&mut self, name: &str, kind: &GroupKind, span: Range<usize>) -> Result<(), String> {
        match self.kinds.get(name) {
            Some(known) if known.as_str() != kind.as_str() => {
                return Err(format!("`{name}` is defined as {} before", known.as_str()));
            }
            Some(_) => return Ok(()),
            None => {}
        }
        self.kinds.insert(name.to_owned(), kind.clone());
        self.declared.push((name.to_owned(), kind.clone(), span));
        match kind {
            GroupKind::Network => self.networks.declare(name),
            GroupKind::Service(_) | GroupKind::Protocol | GroupKind::IcmpType => self.services.declare(name),
            GroupKind::User | GroupKind::Security | GroupKind::Other => {}
        }
        Ok(())
    }

    /// A line within an object or group; `Err` with what is wrong, and the group is then uncertain.
    pub(super) fn member(
        &mut self,
        name: &str,
        kind: &GroupKind,
        words: &mut Cursor<'_, '_>,
        span: Range<usize>,
    ) -> Result<(), String> {
        if words.peek() == Some("description") {
            return Ok(());
        }
        let read = match kind {
            GroupKind::Network => self.network_member(words).map(Content::Network),
            GroupKind::Service(protocols) => {
                self.service_member(words, protocols.as_ref()).map(Content::Service)
            }
            GroupKind::Protocol => protocol_member(words).map(Content::Service),
            GroupKind::IcmpType => icmp_member(words).map(Content::Service),
            // Users and security groups are not decided by the packet, whoever is in them.
            GroupKind::User | GroupKind::Security | GroupKind::Other => return Ok(()),
        };
        let read = read.and_then(|content| {
            if words.is_done() {
                Ok(content)
            } else {
                Err(format!("expected the end of the line, found `{}`", words.rest_text()))
            }
        });
        let (content, result) = match read {
            Ok(content) => (content, Ok(())),
            Err(problem) => {
                let what = Undecidable { what: problem.clone(), reason: Reason::Unread };
                let content = match kind {
                    GroupKind::Network => Content::Network(Member::Own(NetworkItem::Unknown(what))),
                    _ => Content::Service(Member::Own(ServiceItem::Unknown(what))),
                };
                (content, Err(problem))
            }
        };
        match content {
            Content::Network(member) => self.networks.add(name, member, span),
            Content::Service(member) => self.services.add(name, member, span),
        }
        result
    }

    fn network_member(&self, words: &mut Cursor<'_, '_>) -> Result<Member<NetworkItem>, String> {
        match words.peek() {
            Some("group-object") => {
                words.next();
                return group_name(words);
            }
            Some("network-object") => {
                words.next();
                if words.eat("object") {
                    return group_name(words);
                }
            }
            Some("range") => {
                words.next();
                return self.range(words).map(own);
            }
            Some("fqdn") => {
                words.next();
                let version = match words.peek() {
                    Some("v4" | "v6") => words.next(),
                    _ => None,
                };
                let host = words.next().ok_or("expected a name behind `fqdn`")?;
                let what = format!(
                    "host {host}{}",
                    version.map_or(String::new(), |version| format!(" ({version})"))
                );
                return Ok(Member::Own(NetworkItem::Unknown(Undecidable { what, reason: Reason::Name })));
            }
            Some("subnet") => {
                words.next();
            }
            // `network` reads the word `host` itself.
            Some("host") => {}
            other => return Err(format!("expected a network, found `{}`", other.unwrap_or_default())),
        }
        if words.peek().is_some_and(|word| word == "0" || word == "any") {
            // `subnet 0 0` of old releases.
            words.next();
            words.eat("0");
            return Ok(own(AddressSet::all_of(IpVersion::V4)));
        }
        self.network(words).map(own)
    }

    fn range(&self, words: &mut Cursor<'_, '_>) -> Result<AddressSet, String> {
        let (first, last) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let ends = self.literal(first).zip(self.literal(last));
        ends.and_then(|(first, last)| AddressSet::range(first, last))
            .ok_or_else(|| format!("expected the first and the last address, found `{first} {last}`"))
    }

    fn service_member(
        &self,
        words: &mut Cursor<'_, '_>,
        protocols: Option<&IntervalSet<u8>>,
    ) -> Result<Member<ServiceItem>, String> {
        match words.next() {
            Some("group-object") => group_name(words),
            Some("port-object") => {
                let single = protocols.and_then(|protocols| {
                    [6, 17, 132].into_iter().find(|one| *protocols == IntervalSet::one(*one))
                });
                read_ports(words, single).map(|ports| Member::Own(ServiceItem::Ports(ports)))
            }
            Some("service-object") if words.eat("object") => group_name(words),
            Some("service-object" | "service") => {
                service(words).map(|services| Member::Own(ServiceItem::Services(services)))
            }
            other => Err(format!("expected a service, found `{}`", other.unwrap_or_default())),
        }
    }
}

enum Content {
    Network(Member<NetworkItem>),
    Service(Member<ServiceItem>),
}

fn own(set: AddressSet) -> Member<NetworkItem> {
    Member::Own(NetworkItem::Set(set))
}

fn group_name<T>(words: &mut Cursor<'_, '_>) -> Result<Member<T>, String> {
    words
        .next()
        .map(|name| Member::Group(name.to_owned()))
        .ok_or_else(|| "expected the name of an object or group".to_owned())
}

/// `PROTOCOL [source PORTS] [destination PORTS]`, or `icmp [TYPE [CODE]]`. Before 8.3, ports without a word before them are
/// those of the destination.
fn service(words: &mut Cursor<'_, '_>) -> Result<Vec<Service>, String> {
    let word = words.next().ok_or("expected a protocol")?;
    let icmp = match word {
        "icmp" | "1" => Some(Icmp::V4),
        "icmp6" | "58" => Some(Icmp::V6),
        _ => None,
    };
    if let Some(icmp) = icmp {
        let Some(kind) = words.next() else { return Ok(vec![icmp_any(icmp)]) };
        let code = words.peek().and_then(icmp_code);
        if code.is_some() {
            words.next();
        }
        let service = icmp_service(icmp, kind, code);
        return service.map(|one| vec![one]).ok_or_else(|| format!("expected an ICMP type, found `{kind}`"));
    }
    let protocols = protocol(word).ok_or_else(|| format!("expected a protocol, found `{word}`"))?;
    let single = [6, 17, 132].into_iter().find(|one| protocols == IntervalSet::one(*one));
    let (mut source, mut destination) = (Ports::all(), Ports::all());
    while let Some(word) = words.peek() {
        match word {
            "source" => {
                words.next();
                source = read_ports(words, single)?;
            }
            "destination" => {
                words.next();
                destination = read_ports(words, single)?;
            }
            _ if is_operator(word) => destination = read_ports(words, single)?,
            _ => break,
        }
    }
    Ok(services(&protocols, &source, &destination))
}

fn protocol_member(words: &mut Cursor<'_, '_>) -> Result<Member<ServiceItem>, String> {
    match words.next() {
        Some("group-object") => group_name(words),
        Some("protocol-object") => {
            let word = words.next().unwrap_or_default();
            let protocols = protocol(word).ok_or_else(|| format!("expected a protocol, found `{word}`"))?;
            Ok(Member::Own(ServiceItem::Protocols(protocols)))
        }
        other => Err(format!("expected a protocol, found `{}`", other.unwrap_or_default())),
    }
}

fn icmp_member(words: &mut Cursor<'_, '_>) -> Result<Member<ServiceItem>, String> {
    match words.next() {
        Some("group-object") => group_name(words),
        Some("icmp-object") => {
            let word = words.next().unwrap_or_default();
            let known = icmp_service(Icmp::V4, word, None).or_else(|| icmp_service(Icmp::V6, word, None));
            known.ok_or_else(|| format!("expected an ICMP type, found `{word}`"))?;
            Ok(Member::Own(ServiceItem::IcmpType(word.to_owned())))
        }
        other => Err(format!("expected an ICMP type, found `{}`", other.unwrap_or_default())),
    }
}
