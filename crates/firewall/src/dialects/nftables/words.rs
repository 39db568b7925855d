//! The fixed words of nftables: families, hooks, kinds, priorities, policies.

use super::ast::Expr;
use crate::ruleset::{ChainKind, Family, Hook, Policy};

/// The family of this name.
pub(super) fn family(word: &str) -> Option<Family> {
    Some(match word {
        "ip" => Family::Ipv4,
        "ip6" => Family::Ipv6,
        "inet" => Family::Inet,
        "bridge" => Family::Bridge,
        "arp" => Family::Arp,
        "netdev" => Family::Netdev,
        _ => return None,
    })
}

/// The hook of this name.
pub(super) fn hook(word: &str) -> Option<Hook> {
    Some(match word {
        "ingress" => Hook::Ingress,
        "prerouting" => Hook::Prerouting,
        "input" => Hook::Input,
        "forward" => Hook::Forward,
        "output" => Hook::Output,
        "postrouting" => Hook::Postrouting,
        "egress" => Hook::Egress,
        _ => return None,
    })
}

/// The kind of chain of this name.
pub(super) fn chain_kind(word: &str) -> Option<ChainKind> {
    Some(match word {
        "filter" => ChainKind::Filter,
        "nat" => ChainKind::Nat,
        "route" => ChainKind::Route,
        _ => return None,
    })
}

/// The policy of this name.
pub(super) fn policy(word: &str) -> Option<Policy> {
    Some(match word {
        "accept" => Policy::Accept,
        "drop" => Policy::Drop,
        _ => return None,
    })
}

/// A priority by number or by name (nft(8), "Standard priority names"); the bridge family has values of its own.
pub(super) fn priority(word: &str, family: Family) -> Option<i32> {
    Some(match word {
        "dstnat" if family == Family::Bridge => -300,
        "filter" if family == Family::Bridge => -200,
        "out" if family == Family::Bridge => 100,
        "srcnat" if family == Family::Bridge => 300,
        "raw" => -300,
        "mangle" => -150,
        "dstnat" => -100,
        "filter" => 0,
        "security" => 50,
        "srcnat" => 100,
        number => return number.parse().ok(),
    })
}

/// Splits `filter-5` into the name and the offset; the scanner takes it for one word.
pub(super) fn split_offset(word: &str) -> (&str, i32) {
    let Some((name, offset)) = word.split_once('-').filter(|(name, _)| !name.is_empty()) else {
        return (word, 0);
    };
    offset.parse::<i32>().map_or((word, 0), |offset| (name, -offset))
}

/// The words of a list, a set, or one word.
pub(super) fn listed(expr: &Expr) -> Box<dyn Iterator<Item = &str> + '_> {
    match expr {
        Expr::Word(word) => Box::new(std::iter::once(word.as_str())),
        Expr::List(items) => Box::new(items.iter().flat_map(|item| match item {
            Expr::Word(word) => Some(word.as_str()),
            _ => None,
        })),
        Expr::Set(elements) => Box::new(elements.iter().flat_map(|element| match &element.key {
            Expr::Word(word) => Some(word.as_str()),
            _ => None,
        })),
        _ => Box::new(std::iter::empty()),
    }
}
