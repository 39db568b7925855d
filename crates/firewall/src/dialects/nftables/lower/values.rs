//! Values given their meaning: the numbers, names and flags that a field is compared with.

use super::fields::Part;
use super::{Lowering, TableContext};
use crate::dialects::nftables::ast::{BinaryOp, Element, Expr, Op};
use crate::names::{
    nft_icmp_code, nft_icmp_type, protocol_names, protocol_number, service_names, service_port,
};
use crate::ruleset::{IntervalSet, IpVersion, NamePattern, NameSet, Reason};
use std::net::IpAddr;
use zonewright_source::{Diagnostic, nearest};

/// Most single values that a mask with gaps may stand for.
const MASK_GAPS_MAX: u32 = 12;

/// Why a value could not be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Undecided(pub(super) Reason);

/// What numbers a part is compared with: how wide they are.
pub(super) const fn width(part: Part) -> u32 {
    match part {
        Part::Address { version: IpVersion::V4, .. } | Part::Mark(_) | Part::CtStatus => 32,
        Part::Address { version: IpVersion::V6, .. } => 128,
        Part::Port { .. } | Part::FragmentOffset | Part::EtherType | Part::LinkType => 16,
        Part::VlanId => 12,
        _ => 8,
    }
}

/// The greatest number of a width.
const fn greatest(width: u32) -> u128 {
    if width >= 128 { u128::MAX } else { (1 << width) - 1 }
}

impl Lowering<'_> {
    /// The numbers that `op right` admits for a part, under a mask where one is given.
    pub(super) fn numbers(
        &mut self,
        table: &TableContext,
        part: Part,
        mask: Option<u128>,
        op: Op,
        right: &Expr,
    ) -> Result<IntervalSet<u128>, Undecided> {
        let top = greatest(width(part));
        let written = self.value_set(table, part, right)?;
        let values = match mask {
            None => written,
            Some(mask) => under_mask(&written, mask, width(part)).ok_or(Undecided(Reason::Header))?,
        };
        let bound = |values: &IntervalSet<u128>| match values.intervals() {
            [(first, last)] if mask.is_none() => Ok((*first, *last)),
            _ => Err(Undecided(Reason::Header)),
        };
        let set = match op {
            Op::Eq | Op::Implicit => values,
            Op::Ne | Op::Not => values.complement(),
            Op::Lt => bound(&values)?
                .0
                .checked_sub(1)
                .map_or_else(IntervalSet::none, |last| IntervalSet::range(0, last)),
            Op::Le => IntervalSet::range(0, bound(&values)?.0),
            Op::Gt => IntervalSet::range(bound(&values)?.1.saturating_add(1), top),
            Op::Ge => IntervalSet::range(bound(&values)?.1, top),
        };
        Ok(set.intersection(&IntervalSet::range(0, top)))
    }

    /// The numbers that an expression names.
    pub(super) fn value_set(
        &mut self,
        table: &TableContext,
        part: Part,
        right: &Expr,
    ) -> Result<IntervalSet<u128>, Undecided> {
        match right {
            Expr::SetRef(name) => self.named_values(table, part, name),
            Expr::Set(elements) => self.element_values(table, part, elements.iter()),
            Expr::List(items) => {
                let mut all = Vec::new();
                for item in items {
                    all.extend_from_slice(self.value_set(table, part, item)?.intervals());
                }
                Ok(IntervalSet::from_ranges(all))
            }
            single => self.interval(part, single).map(|(first, last)| IntervalSet::range(first, last)),
        }
    }

    fn element_values<'e>(
        &mut self,
        table: &TableContext,
        part: Part,
        elements: impl Iterator<Item = &'e Element>,
    ) -> Result<IntervalSet<u128>, Undecided> {
        let mut all = Vec::new();
        for element in elements {
            match &element.key {
                Expr::CatchAll => all.push((0, greatest(width(part)))),
                Expr::Set(_) | Expr::SetRef(_) => {
                    all.extend_from_slice(self.value_set(table, part, &element.key)?.intervals());
                }
                key => all.push(self.interval(part, key)?),
            }
        }
        Ok(IntervalSet::from_ranges(all))
    }

    /// The numbers in a named set, looked up once per set and part.
    fn named_values(
        &mut self,
        table: &TableContext,
        part: Part,
        name: &str,
    ) -> Result<IntervalSet<u128>, Undecided> {
        let key = (table.index, name.to_owned(), part);
        if let Some(known) = self.known_sets.get(&key) {
            return known.clone();
        }
        let values = match self.named_set(table, name) {
            Ok(set) => self.element_values(table, part, set.elements.iter()),
            Err(undecided) => Err(undecided),
        };
        self.known_sets.insert(key, values.clone());
        values
    }

    /// A value, a range or a prefix as first and last number.
    fn interval(&mut self, part: Part, expr: &Expr) -> Result<(u128, u128), Undecided> {
        match expr {
            Expr::Range(first, last) => {
                let (first, last) = (self.interval(part, first)?.0, self.interval(part, last)?.1);
                Ok((first, last))
            }
            Expr::Prefix(inner, length) => {
                let bits = width(part);
                let host = bits.checked_sub(u32::from(*length)).ok_or(Undecided(Reason::Unread))?;
                let host = greatest(host);
                let value = self.interval(part, inner)?.0;
                Ok((value & !host, value | host))
            }
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.interval(part, a)?.0, self.interval(part, b)?.0);
                let value = binary(*op, a, b).ok_or(Undecided(Reason::Unread))? & greatest(width(part));
                Ok((value, value))
            }
            single => {
                let value = self.number(part, single)?;
                if value > greatest(width(part)) {
                    return Err(self.unknown_value(part, single));
                }
                Ok((value, value))
            }
        }
    }

    /// A single value as a number.
    fn number(&mut self, part: Part, expr: &Expr) -> Result<u128, Undecided> {
        let found = match expr {
            Expr::Number(number) if !matches!(part, Part::Address { .. }) => Some(*number),
            Expr::Address(IpAddr::V4(a)) if matches!(part, Part::Address { version: IpVersion::V4, .. }) => {
                Some(a.to_bits().into())
            }
            Expr::Address(IpAddr::V6(a)) if matches!(part, Part::Address { version: IpVersion::V6, .. }) => {
                Some(a.to_bits())
            }
            Expr::Word(word) => named_number(part, word),
            Expr::Unknown(_) => return Err(Undecided(Reason::Unread)),
            _ => None,
        };
        found.ok_or_else(|| self.unknown_value(part, expr))
    }

    /// Reports a value that has no meaning for a part.
    pub(super) fn unknown_value(&mut self, part: Part, expr: &Expr) -> Undecided {
        let text = expr.to_string();
        let near = match part {
            Part::Port { .. } => nearest(&text, service_names()),
            Part::Protocol => nearest(&text, protocol_names()),
            _ => None,
        };
        let help = match near {
            Some(near) => format!("did you mean `{near}`? otherwise write the number"),
            None => "write the value as a number or an address".to_owned(),
        };
        let unknown = Diagnostic::warning(
            "firewall/unknown-value",
            format!("`{text}` is not a value that is known here"),
        )
        .because("whether the rule matches is not decided, so what it decides is possible at most")
        .help(help);
        let span = self.span.clone();
        self.reading.report(&span, unknown);
        Undecided(Reason::Name)
    }

    /// Interface names.
    pub(super) fn names(&mut self, table: &TableContext, op: Op, right: &Expr) -> Result<NameSet, Undecided> {
        let mut patterns = Vec::new();
        self.collect_names(table, right, &mut patterns)?;
        for pattern in &patterns {
            if let NamePattern::Exact(name) = pattern {
                self.interfaces.insert(name.clone());
            }
        }
        match op {
            Op::Eq | Op::Implicit => Ok(NameSet { patterns, negated: false }),
            Op::Ne | Op::Not => Ok(NameSet { patterns, negated: true }),
            _ => Err(Undecided(Reason::Name)),
        }
    }

    fn collect_names(
        &mut self,
        table: &TableContext,
        right: &Expr,
        patterns: &mut Vec<NamePattern>,
    ) -> Result<(), Undecided> {
        match right {
            Expr::Word(name) => patterns.push(NamePattern::Exact(name.clone())),
            Expr::Wildcard(start) => patterns.push(NamePattern::Prefix(start.clone())),
            Expr::CatchAll => patterns.push(NamePattern::Prefix(String::new())),
            Expr::SetRef(name) => {
                for element in &self.named_set(table, name)?.elements {
                    self.collect_names(table, &element.key, patterns)?;
                }
            }
            Expr::Set(elements) => {
                for element in elements {
                    self.collect_names(table, &element.key, patterns)?;
                }
            }
            Expr::List(items) => {
                for item in items {
                    self.collect_names(table, item, patterns)?;
                }
            }
            // An interface by its index: which one that is, only the machine knows.
            Expr::Number(_) | Expr::Unknown(_) => return Err(Undecided(Reason::Name)),
            other => return Err(self.unknown_value(Part::InName, other)),
        }
        Ok(())
    }

    /// The codes out of `codes` that `op right` admits, for a field made of flags.
    ///
    /// Without an operator nft asks whether any of the flags is set; with one it compares the whole value; in a set
    /// of several it looks the whole value up.
    pub(super) fn flags(
        &mut self,
        table: &TableContext,
        part: Part,
        mask: Option<u128>,
        (op, exact): (Op, bool),
        right: &Expr,
        codes: &[u128],
    ) -> Result<Vec<u128>, Undecided> {
        let looked_up = match right {
            Expr::SetRef(_) => true,
            Expr::Set(elements) => exact || elements.len() != 1,
            _ => false,
        };
        if looked_up {
            let values = self.value_set(table, part, right)?;
            let wanted = !matches!(op, Op::Ne | Op::Not);
            let kept =
                codes.iter().filter(|code| values.contains(**code & mask.unwrap_or(u128::MAX)) == wanted);
            return Ok(kept.copied().collect());
        }
        let right = match right {
            Expr::Set(elements) => elements.first().map_or(right, |element| &element.key),
            other => other,
        };
        let value = self.flag_value(part, right)?;
        let holds = |code: u128| match (op, mask) {
            (Op::Implicit, None) if !exact => code & value != 0,
            (Op::Not, _) => code & value == 0,
            (Op::Implicit | Op::Eq, mask) => code & mask.unwrap_or(u128::MAX) == value,
            (Op::Ne, mask) => code & mask.unwrap_or(u128::MAX) != value,
            (Op::Lt, mask) => (code & mask.unwrap_or(u128::MAX)) < value,
            (Op::Le, mask) => code & mask.unwrap_or(u128::MAX) <= value,
            (Op::Gt, mask) => code & mask.unwrap_or(u128::MAX) > value,
            (Op::Ge, mask) => code & mask.unwrap_or(u128::MAX) >= value,
        };
        Ok(codes.iter().copied().filter(|code| holds(*code)).collect())
    }

    /// Flags joined by commas or bars, as one number.
    pub(super) fn flag_value(&mut self, part: Part, expr: &Expr) -> Result<u128, Undecided> {
        match expr {
            Expr::List(items) => {
                let mut value = 0;
                for item in items {
                    value |= self.flag_value(part, item)?;
                }
                Ok(value)
            }
            other => self.interval(part, other).map(|(value, _)| value),
        }
    }
}

/// The numbers of which the bits under `mask` make one of `values`; `None` where they would be too many intervals.
fn under_mask(values: &IntervalSet<u128>, mask: u128, width: u32) -> Option<IntervalSet<u128>> {
    let all = greatest(width);
    let mask = mask & all;
    let run = mask.trailing_zeros().min(width);
    let gaps: Vec<u32> = (run..width).filter(|bit| mask & (1 << bit) == 0).collect();
    if gaps.len() > MASK_GAPS_MAX as usize {
        return None;
    }
    let low = greatest(run);
    let mut found = Vec::new();
    for &(first, last) in values.intervals() {
        // A range under a mask is rare: only ranges that the mask leaves whole are taken.
        if first != last && (!gaps.is_empty() || run != 0) {
            return None;
        }
        if first & !mask != 0 {
            continue;
        }
        for choice in 0..1_u32 << gaps.len() {
            let filled = gaps
                .iter()
                .enumerate()
                .filter(|(at, _)| choice & (1 << at) != 0)
                .fold(0_u128, |bits, (_, gap)| bits | 1 << gap);
            found.push((first | filled, if first == last { first | filled | low } else { last }));
        }
    }
    Some(IntervalSet::from_ranges(found))
}

fn binary(op: BinaryOp, a: u128, b: u128) -> Option<u128> {
    Some(match op {
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::Left => a.checked_shl(u32::try_from(b).ok()?)?,
        BinaryOp::Right => a.checked_shr(u32::try_from(b).ok()?)?,
    })
}

/// The number that a name stands for.
fn named_number(part: Part, word: &str) -> Option<u128> {
    let from =
        |table: &[(&str, u128)]| table.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    match part {
        Part::Port { .. } => service_port(word).map(u128::from),
        Part::Protocol => protocol_number(word).map(u128::from),
        Part::IcmpType(icmp) => nft_icmp_type(icmp, word).map(u128::from),
        Part::IcmpCode(icmp) => nft_icmp_code(icmp, word).map(u128::from),
        Part::TcpFlags => from(&TCP_FLAGS),
        Part::CtState => from(&CT_STATES),
        Part::CtStatus => from(&CT_STATUS),
        Part::CtDirection => from(&[("original", 0), ("reply", 1)]),
        Part::Version => from(&[("ipv4", 2), ("ipv6", 10)]),
        Part::EtherType | Part::LinkType => from(&[
            ("ip", 0x800),
            ("ip6", 0x86dd),
            ("arp", 0x806),
            ("vlan", 0x8100),
            ("8021q", 0x8100),
            ("8021ad", 0x88a8),
        ]),
        _ => None,
    }
}

/// TCP flags (RFC 9293, section 3.1).
const TCP_FLAGS: [(&str, u128); 9] = [
    ("fin", 1),
    ("syn", 2),
    ("rst", 4),
    ("psh", 8),
    ("ack", 16),
    ("urg", 32),
    ("ecn", 64),
    ("ece", 64),
    ("cwr", 128),
];

/// The numbers behind the names of connection states (nft describe ct state).
pub(super) const CT_STATES: [(&str, u128); 5] =
    [("invalid", 1), ("established", 2), ("related", 4), ("new", 8), ("untracked", 64)];

/// The numbers behind the names of the bits of a connection's status (nft describe ct status).
const CT_STATUS: [(&str, u128); 7] = [
    ("expected", 1),
    ("seen-reply", 2),
    ("assured", 4),
    ("confirmed", 8),
    ("snat", 16),
    ("dnat", 32),
    ("dying", 512),
];
