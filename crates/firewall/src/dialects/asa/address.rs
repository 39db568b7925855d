//! Addresses as entries, objects and groups tell them.

use super::config::{Config, GroupKind, NetworkItem};
use super::cursor::Cursor;
use crate::dialects::GroupProblem;
use crate::dialects::cisco::{netmask_length, wildcarded_within};
use crate::ruleset::{AddressSet, Condition, IpVersion, Reason, Undecidable};
use std::net::{IpAddr, Ipv4Addr};

/// Most pieces that an address with a mask may fall into (`10.0.0.128 255.0.0.192`).
const MASK_PIECES_MAX: u32 = 65_536;

/// Most pieces that all addresses of a file with masks that are no prefix may fall into.
const PIECES_MAX: u32 = 4_000_000;

/// Addresses, and what more may be among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) set: AddressSet,
    pub(super) unknown: Vec<Undecidable>,
}

/// Which end of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source,
    Destination,
}

impl Addresses {
    pub(super) fn of(set: AddressSet) -> Self {
        Self { set, unknown: Vec::new() }
    }

    pub(super) fn unknown(what: impl Into<String>, reason: Reason) -> Self {
        Self { set: AddressSet::none(), unknown: vec![Undecidable { what: what.into(), reason }] }
    }

    pub(super) fn any() -> Self {
        Self::of(AddressSet::all())
    }

    pub(super) fn is_any(&self) -> bool {
        self.set == AddressSet::all()
    }

    /// What is asked of a packet; nothing where every packet has such an address.
    pub(super) fn condition(&self, end: End) -> Option<Condition> {
        if self.is_any() {
            return None;
        }
        let set = || match end {
            End::Source => Condition::Source(self.set.clone()),
            End::Destination => Condition::Destination(self.set.clone()),
        };
        let Some(first) = self.unknown.first() else { return Some(set()) };
        let unknown = match self.unknown.len() {
            1 => first.clone(),
            many => {
                Undecidable { what: format!("{} and {} more", first.what, many - 1), reason: first.reason }
            }
        };
        if self.set.is_none() {
            return Some(Condition::Undecidable(unknown));
        }
        Some(Condition::Any { of: vec![vec![set()], vec![Condition::Undecidable(unknown)]], negated: false })
    }
}

/// What is wrong with an address.
pub(super) type AddressError = String;

impl Config<'_> {
    /// A literal address, or a name that `name` gives to one.
    pub(super) fn literal(&self, word: &str) -> Option<IpAddr> {
        word.parse().ok().or_else(|| self.names.get(word).copied())
    }

    pub(super) fn literal_v4(&self, word: &str) -> Option<Ipv4Addr> {
        match self.literal(word) {
            Some(IpAddr::V4(address)) => Some(address),
            Some(IpAddr::V6(_)) => None,
            None => zero(word),
        }
    }

    /// `any` means IPv4 alone before 9.0.
    pub(super) fn any(&self) -> AddressSet {
        match self.release {
            Some(release) if release < (9, 0) => AddressSet::all_of(IpVersion::V4),
            _ => AddressSet::all(),
        }
    }

    /// `host A`, `A MASK`, `A/LENGTH`: a network without objects.
    pub(super) fn network(&self, words: &mut Cursor<'_, '_>) -> Result<AddressSet, AddressError> {
        let word = words.next().ok_or_else(|| "expected an address, found the end of the line".to_owned())?;
        if word == "host" {
            let host = words.next().unwrap_or_default();
            let address = self
                .literal(host)
                .ok_or_else(|| format!("expected an address behind `host`, found `{host}`"))?;
            return AddressSet::range(address, address).ok_or_else(|| "expected an address".to_owned());
        }
        if let Some((address, length)) = word.split_once('/') {
            let prefix = self.literal(address).zip(length.parse().ok());
            let set = prefix.and_then(|(address, length)| AddressSet::prefix(address, length));
            return set.ok_or_else(|| format!("expected an address and a length of prefix, found `{word}`"));
        }
        let address = self.literal_v4(word).ok_or_else(|| format!("expected an address, found `{word}`"))?;
        let mask_word = words.next().unwrap_or_default();
        let mask: Ipv4Addr = zero(mask_word)
            .map_or_else(|| mask_word.parse(), Ok)
            .map_err(|_| format!("expected a mask behind `{word}`, found `{mask_word}`"))?;
        self.masked(address, mask).ok_or_else(|| format!("mask `{mask_word}` leaves too many pieces"))
    }

    /// The addresses with the bits of `address` where the mask has ones; `None` where these fall into too many pieces, or all
    /// that were told so far do.
    pub(super) fn masked(&self, address: Ipv4Addr, mask: Ipv4Addr) -> Option<AddressSet> {
        let left = PIECES_MAX.saturating_sub(self.pieces.get());
        let set =
            wildcarded_within(address, Ipv4Addr::from_bits(!mask.to_bits()), left.clamp(1, MASK_PIECES_MAX))?;
        let count = u32::try_from(set.v4.intervals().len()).unwrap_or(u32::MAX);
        if count > 1 {
            self.pieces.set(self.pieces.get().saturating_add(count));
        }
        Some(set)
    }

    /// The addresses of an object or group; `None` where there is none.
    pub(super) fn group_addresses(&self, name: &str) -> Option<(Addresses, Vec<GroupProblem>)> {
        if !matches!(self.kinds.get(name), Some(GroupKind::Network)) {
            return None;
        }
        let mut problems = Vec::new();
        let items = self.networks.things(name, &mut problems)?;
        let (mut v4, mut v6, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match item {
                NetworkItem::Set(set) => {
                    v4.extend_from_slice(set.v4.intervals());
                    v6.extend_from_slice(set.v6.intervals());
                }
                NetworkItem::Unknown(what) => unknown.push(what),
            }
        }
        for problem in &problems {
            if let GroupProblem::Missing(missing, _) = problem {
                unknown.push(Undecidable { what: format!("group {missing}"), reason: Reason::Name });
            }
        }
        let set = AddressSet {
            v4: crate::ruleset::IntervalSet::from_ranges(v4),
            v6: crate::ruleset::IntervalSet::from_ranges(v6),
        };
        Some((Addresses { set, unknown }, problems))
    }

    /// The addresses that an interface has.
    pub(super) fn interface_addresses(&self, name: &str) -> Addresses {
        let what = format!("address of interface {name}");
        let Some(interface) = self.interface(name) else { return Addresses::unknown(what, Reason::Name) };
        let own = interface.addresses.iter().filter_map(|own| AddressSet::range(own.address, own.address));
        let mut addresses = Addresses::of(own.fold(AddressSet::none(), |all, one| all.union(&one)));
        if interface.learns_address || addresses.set.is_none() {
            addresses.unknown.push(Undecidable { what, reason: Reason::Name });
        }
        addresses
    }

    /// The interface of this name (`nameif`).
    pub(super) fn interface(&self, name: &str) -> Option<&super::config::Interface> {
        self.interfaces.iter().as_slice().get(*self.by_name.get(name)?)
    }

    /// Adds an `ip address` of an interface: address and mask.
    pub(super) fn own_address(&self, address: &str, mask: &str) -> Option<(IpAddr, u8)> {
        let address = self.literal(address)?;
        let mask: Ipv4Addr = mask.parse().ok()?;
        Some((address, netmask_length(mask)?))
    }
}

/// `0` stands for `0.0.0.0`, as address and as mask.
pub(super) fn zero(word: &str) -> Option<Ipv4Addr> {
    (word == "0").then_some(Ipv4Addr::UNSPECIFIED)
}
