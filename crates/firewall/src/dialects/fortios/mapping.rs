//! Addresses and ports of virtual addresses: which become which.

use crate::ruleset::{AddressSet, Condition, Nat, NatKind};
use std::net::IpAddr;

/// How many rules one virtual address of several addresses or ports may become; beyond it, which of the mapped ones is
/// taken is not told.
pub(super) const EXPANSION_MAX: u32 = 256;

/// The addresses that are translated.
pub(super) enum Outside {
    Known(AddressSet),
    Unknown(Vec<Condition>),
}

impl Outside {
    pub(super) fn conditions(&self) -> Vec<Condition> {
        match self {
            Self::Known(set) => vec![Condition::Destination(set.clone())],
            Self::Unknown(conditions) => conditions.clone(),
        }
    }
}

/// An address, a network or a range.
pub(super) fn addresses(text: &str) -> Option<AddressSet> {
    if let Some((address, length)) = text.split_once('/') {
        return AddressSet::prefix(address.parse().ok()?, length.parse().ok()?);
    }
    let (first, last) = ends(text)?;
    AddressSet::range(first, last)
}

pub(super) fn ends(text: &str) -> Option<(IpAddr, IpAddr)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (IpAddr, IpAddr) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    AddressSet::range(first, last).map(|_| (first, last))
}

/// How far two addresses are apart.
pub(super) fn distance(first: IpAddr, last: IpAddr) -> Option<u32> {
    match (first, last) {
        (IpAddr::V4(a), IpAddr::V4(b)) => b.to_bits().checked_sub(a.to_bits()),
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            b.to_bits().checked_sub(a.to_bits()).and_then(|far| far.try_into().ok())
        }
        _ => None,
    }
}

pub(super) fn step_from(address: IpAddr, step: u32) -> Option<IpAddr> {
    match address {
        IpAddr::V4(a) => a.to_bits().checked_add(step).map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(a) => a.to_bits().checked_add(step.into()).map(|bits| IpAddr::V6(bits.into())),
    }
}

/// First and last port outside, and inside.
pub(super) type PortPair = ((u16, u16), (u16, u16));

/// First and last port; `None` for all.
pub(super) type Ports = Option<(u16, u16)>;

/// Which ports become which: one to one as far as ranges are as long as each other and not too long.
pub(super) fn port_pairs(ports: Option<PortPair>) -> Vec<(Ports, Ports)> {
    let Some((from, to)) = ports else { return vec![(None, None)] };
    let (count, same_length) = (from.1 - from.0, from.1 - from.0 == to.1 - to.0);
    if from == to || count == 0 || !same_length || u32::from(count) >= EXPANSION_MAX {
        return vec![(Some(from), Some(to))];
    }
    (0..=count)
        .filter_map(|step| {
            let (out, inside) = (from.0.checked_add(step)?, to.0.checked_add(step)?);
            Some((Some((out, out)), Some((inside, inside))))
        })
        .collect()
}

/// Whether a translation may leave a packet as it is.
pub(super) fn stays(outside: &[Condition], nat: &Nat) -> bool {
    if nat.ports.is_some() {
        return false;
    }
    let Some(inside) = nat.addresses.and_then(|(first, last)| AddressSet::range(first, last)) else {
        return true;
    };
    outside.iter().all(|condition| match condition {
        Condition::Destination(set) => !set.intersection(&inside).is_none(),
        _ => true,
    })
}

/// The same, asked of the packet before translation.
pub(super) fn before_nat(condition: &Condition) -> Condition {
    match condition {
        Condition::Destination(_)
        | Condition::DestinationPort(_)
        | Condition::Protocol(_)
        | Condition::SourcePort(_) => Condition::BeforeNat(Box::new(condition.clone())),
        Condition::Any { of, negated } => Condition::Any {
            of: of.iter().map(|alternative| alternative.iter().map(before_nat).collect()).collect(),
            negated: *negated,
        },
        other => other.clone(),
    }
}

pub(super) fn unknown_nat(what: String) -> Nat {
    Nat { kind: NatKind::Destination, addresses: None, ports: None, options: Vec::new(), unknown: Some(what) }
}
