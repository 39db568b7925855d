//! Translations given their meaning.

use super::draft::Draft;
use super::fields::{Part, version};
use super::{Lowering, TableContext};
use crate::dialects::nftables::ast::{Expr, NatStmt};
use crate::ruleset::{IpVersion, Nat, NatKind, Verdict};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What a packet is translated to.
#[derive(Debug, Clone, Default)]
struct Target {
    addresses: Option<(IpAddr, IpAddr)>,
    ports: Option<(u16, u16)>,
    unknown: Option<String>,
}

impl Lowering<'_> {
    /// The drafts of a translation: one for each target that a map leads to.
    pub(super) fn nat(&mut self, table: &TableContext, draft: &Draft, nat: &NatStmt) -> Vec<Draft> {
        let mut found = Vec::new();
        for (draft, addresses) in self.targets(table, draft, nat.addresses.as_ref()) {
            for (draft, ports) in self.targets(table, &draft, nat.ports.as_ref()) {
                let target = self.target(addresses.as_ref(), ports.as_ref());
                found.push(self.translated(table, draft, nat, target));
            }
        }
        found
    }

    /// The drafts and data that an expression leads to: several for a map.
    fn targets(
        &mut self,
        table: &TableContext,
        draft: &Draft,
        target: Option<&Expr>,
    ) -> Vec<(Draft, Option<Expr>)> {
        let (key, data) = match target {
            Some(Expr::Map(key, data)) => (key, data),
            other => return vec![(draft.clone(), other.cloned())],
        };
        match self.map_entries(table, key, data, &draft.conditions) {
            Ok(entries) => entries
                .into_iter()
                .map(|(conditions, datum)| {
                    let mut draft = draft.clone();
                    conditions.into_iter().for_each(|condition| draft.require(condition));
                    (draft, Some(datum))
                })
                .collect(),
            Err(undecided) => {
                let mut draft = draft.clone();
                draft.doubt(format!("{key} map"), undecided.0);
                vec![(draft, Some(Expr::Unknown(format!("{key} map {data}"))))]
            }
        }
    }

    fn target(&mut self, addresses: Option<&Expr>, ports: Option<&Expr>) -> Target {
        let mut target = Target::default();
        match addresses {
            None => {}
            Some(Expr::Concat(parts)) => {
                target.set_addresses(parts.first());
                self.set_ports(&mut target, parts.get(1));
            }
            other => target.set_addresses(other),
        }
        if ports.is_some() {
            self.set_ports(&mut target, ports);
        }
        target
    }

    fn set_ports(&mut self, target: &mut Target, ports: Option<&Expr>) {
        let Some(expr) = ports else { return };
        let part = Part::Port { destination: true, th: false };
        let context = TableContext {
            index: usize::MAX,
            family: crate::ruleset::Family::Inet,
            chains: Default::default(),
        };
        let range = self.value_set(&context, part, expr).ok().and_then(|set| match set.intervals() {
            [(first, last)] => Some((u16::try_from(*first).ok()?, u16::try_from(*last).ok()?)),
            _ => None,
        });
        match range {
            Some(range) => target.ports = Some(range),
            None => target.unknown = Some(format!("port {expr}")),
        }
    }

    fn translated(&mut self, table: &TableContext, mut draft: Draft, nat: &NatStmt, target: Target) -> Draft {
        let kind = match (nat.word.as_str(), nat.prefix) {
            ("dnat", false) => NatKind::Destination,
            ("dnat", true) => NatKind::DestinationNetwork,
            ("snat", false) => NatKind::Source,
            ("snat", true) => NatKind::SourceNetwork,
            ("masquerade", _) => NatKind::Masquerade,
            _ => NatKind::Redirect,
        };
        let family = match (nat.family.as_deref(), target.addresses) {
            (Some("ip"), _) | (None, Some((IpAddr::V4(_), _))) => Some(IpVersion::V4),
            (Some("ip6"), _) | (None, Some((IpAddr::V6(_), _))) => Some(IpVersion::V6),
            _ => None,
        };
        if let Some(condition) = family.and_then(|of| version(of, table.family)) {
            draft.require(condition);
        }
        draft.verdict = Some(Verdict::Nat(Nat {
            kind,
            addresses: target.addresses,
            ports: target.ports,
            options: nat.options.clone(),
            unknown: target.unknown,
        }));
        draft
    }
}

impl Target {
    fn set_addresses(&mut self, expr: Option<&Expr>) {
        let Some(expr) = expr else { return };
        let range = match expr {
            Expr::Address(address) => Some((*address, *address)),
            Expr::Range(first, last) => match (&**first, &**last) {
                (Expr::Address(first), Expr::Address(last)) => Some((*first, *last)),
                _ => None,
            },
            Expr::Prefix(inner, length) => match &**inner {
                Expr::Address(address) => prefix_range(*address, *length),
                _ => None,
            },
            _ => None,
        };
        match range {
            Some(range) => self.addresses = Some(range),
            None => self.unknown = Some(expr.to_string()),
        }
    }
}

/// First and last address of a network.
fn prefix_range(address: IpAddr, length: u8) -> Option<(IpAddr, IpAddr)> {
    let set = crate::ruleset::AddressSet::prefix(address, length)?;
    let four = set
        .v4
        .intervals()
        .first()
        .map(|&(a, b)| (Ipv4Addr::from_bits(a).into(), Ipv4Addr::from_bits(b).into()));
    four.or_else(|| {
        set.v6
            .intervals()
            .first()
            .map(|&(a, b)| (Ipv6Addr::from_bits(a).into(), Ipv6Addr::from_bits(b).into()))
    })
}
