//! Addresses that more than one device claims.

use super::evidence::{Gathered, Place};
use crate::flow::At;
use crate::observation::Mac;
use std::net::IpAddr;

/// Claimants that are told by their addresses.
const NAMED_MAX: usize = 4;

/// A network address that several devices claim in their own right.
#[derive(Debug, Clone)]
pub(crate) struct Duplicate {
    pub(crate) place: Place<IpAddr>,
    pub(crate) claimants: Vec<(Mac, At)>,
    /// They had it one after the other, as far as their packets show.
    pub(crate) in_turn: bool,
}

impl Duplicate {
    /// What is to be said of it.
    pub(crate) fn text(&self) -> String {
        let (_, ip) = self.place;
        let named = self.claimants.iter().take(NAMED_MAX);
        let mut who = named.map(|(mac, _)| mac.to_string()).collect::<Vec<_>>().join(" and ");
        if self.claimants.len() > NAMED_MAX {
            who.push_str(&format!(" and {} more", self.claimants.len() - NAMED_MAX));
        }
        if self.in_turn {
            format!("{who} had {ip} one after the other")
        } else {
            format!(
                "{who} claim {ip} at once: an address that was given twice, devices that stand in for each other, or one that pretends to be another"
            )
        }
    }
}

/// Every address that several devices claim. Routers that share one under a common link-layer address are one.
pub(super) fn find(gathered: &Gathered<'_>) -> Vec<Duplicate> {
    let of = |place: &Place<IpAddr>| {
        let claimants: Vec<(Mac, At)> = gathered.own_claimants(*place).collect();
        let shared = gathered.claimants.get(place).is_some_and(|all| all.len() > claimants.len());
        if claimants.len() < 2 || shared || place.1.is_unspecified() {
            return None;
        }
        let in_turn = in_turn(gathered, *place, &claimants);
        Some(Duplicate { place: *place, claimants, in_turn })
    };
    gathered.claimants.keys().filter_map(of).collect()
}

/// Did each use the address in a time of its own, or did a DHCP server give it to each of them?
fn in_turn(gathered: &Gathered<'_>, place: Place<IpAddr>, claimants: &[(Mac, At)]) -> bool {
    if let Some(leases) = gathered.leases.get(&place)
        && claimants.iter().all(|(mac, _)| leases.contains(mac))
    {
        return true;
    }
    let senders = gathered.ips.get(&place).map(|evidence| &evidence.senders);
    let spans: Option<Vec<(i64, i64)>> =
        claimants.iter().map(|(mac, _)| Some(senders?.get(mac)?.span)).collect();
    let Some(mut spans) = spans else { return false };
    spans.sort_unstable();
    spans.windows(2).all(|pair| matches!(pair, [(_, last), (first, _)] if last < first))
}
