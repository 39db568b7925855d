//! Matches and keys of maps given their meaning as conditions.

use super::fields::{Field, Part, field, tagged, untagged, version};
use super::values::{CT_STATES, Undecided};
use super::{Lowering, TableContext, key_parts};
use crate::dialects::nftables::ast::{BinaryOp, Element, Expr, Op, Selector};
use crate::dialects::nftables::show::shown;
use crate::ruleset::{
    AddressSet, Condition, CtStates, CtStatus, Family, IntervalSet, IpVersion, MaskedFlags, PORT_PROTOCOLS,
    Reason, Undecidable,
};
use zonewright_source::Diagnostic;

impl Lowering<'_> {
    /// The conditions of `left op right`. `known` are those that hold already.
    pub(super) fn matched(
        &mut self,
        table: &TableContext,
        (left, op, right): (&Expr, Op, &Expr),
        known: &[Condition],
    ) -> Vec<Condition> {
        let doubt = |reason| Condition::Undecidable(Undecidable { what: shown(left, op, right), reason });
        if let Expr::Concat(_) = left {
            return self.concatenation(table, (left, op, right), known);
        }
        let Some((selector, mask)) = masked(left) else { return vec![doubt(Reason::Unread)] };
        let field = field(selector, table.family);
        let mut conditions = field.implied.clone();
        let mask = match mask {
            None => None,
            Some(mask) => match self.flag_value(field.part, mask) {
                Ok(mask) => Some(mask),
                Err(Undecided(reason)) => {
                    conditions.push(doubt(reason));
                    return conditions;
                }
            },
        };
        if ambiguous(&field, mask, op, right) {
            self.say_ambiguous();
            conditions.push(doubt(Reason::Unread));
        }
        match self.condition(table, &field, mask, (op, false), right) {
            Ok(condition) => conditions.push(self.completed(&field, condition, known)),
            Err(Undecided(reason)) => conditions.push(doubt(reason)),
        }
        conditions
    }

    fn say_ambiguous(&mut self) {
        let ambiguous = Diagnostic::warning("firewall/ambiguous-flags", "flags joined by `|` without an operator have two meanings")
            .because("nft reads them as any of the flags, and prints a comparison with exactly these flags the same way")
            .help("write `a,b` for any of them or `== a | b` for exactly these, or read the output of `nft -j list ruleset`");
        let span = self.span.clone();
        self.reading.report(&span, ambiguous);
    }

    /// `a . b { … }`: at least one of the elements, part by part.
    fn concatenation(
        &mut self,
        table: &TableContext,
        (left, op, right): (&Expr, Op, &Expr),
        known: &[Condition],
    ) -> Vec<Condition> {
        let doubt = |reason| Condition::Undecidable(Undecidable { what: shown(left, op, right), reason });
        let Some(fields) = key_fields(left, table) else { return vec![doubt(Reason::Unread)] };
        let mut conditions: Vec<Condition> = fields.iter().flat_map(|field| field.implied.clone()).collect();
        let single;
        let elements: &[Element] = match right {
            Expr::SetRef(name) => match self.named_set(table, name) {
                Ok(set) => &set.elements,
                Err(Undecided(reason)) => {
                    conditions.push(doubt(reason));
                    return conditions;
                }
            },
            Expr::Set(elements) => elements,
            other => {
                single = [Element { key: other.clone(), data: None }];
                &single
            }
        };
        let context: Vec<Condition> = known.iter().chain(&conditions).cloned().collect();
        let keys: Vec<&Expr> = elements.iter().map(|element| &element.key).collect();
        let negated = match op {
            Op::Eq | Op::Implicit => false,
            Op::Ne | Op::Not => true,
            Op::Lt | Op::Gt | Op::Le | Op::Ge => {
                conditions.push(doubt(Reason::Header));
                return conditions;
            }
        };
        if negated {
            // What is no element is still of the version of its addresses: nft checks that beforehand.
            let versions = fields.iter().filter_map(|field| match field.part {
                Part::Address { version: of, .. } => version(of, table.family),
                _ => None,
            });
            conditions.extend(versions);
            conditions.dedup();
        }
        conditions.extend(self.alternatives(table, &fields, &keys, negated, &context));
        conditions
    }

    /// The conditions that one of the keys (`negated`: none) is met.
    fn alternatives(
        &mut self,
        table: &TableContext,
        fields: &[Field],
        keys: &[&Expr],
        negated: bool,
        known: &[Condition],
    ) -> Vec<Condition> {
        let mut of: Vec<Vec<Condition>> =
            keys.iter().map(|key| self.element(table, fields, key, known)).collect();
        if !negated && of.len() == 1 {
            return of.pop().unwrap_or_default();
        }
        vec![Condition::Any { of, negated }]
    }

    /// The conditions that the key of one element is met.
    fn element(
        &mut self,
        table: &TableContext,
        fields: &[Field],
        key: &Expr,
        known: &[Condition],
    ) -> Vec<Condition> {
        if *key == Expr::CatchAll {
            return Vec::new();
        }
        let parts: Vec<&Expr> = match key {
            Expr::Concat(parts) => parts.iter().collect(),
            single => vec![single],
        };
        if parts.len() != fields.len() {
            self.unknown_value(Part::Opaque(Reason::Unread), key);
            return vec![Condition::Undecidable(Undecidable {
                what: key.to_string(),
                reason: Reason::Unread,
            })];
        }
        let mut conditions: Vec<Condition> = Vec::new();
        for (field, part) in fields.iter().zip(parts) {
            let found = self.condition(table, field, None, (Op::Implicit, true), part);
            let condition = match found {
                Ok(condition) => {
                    let context: Vec<Condition> = known.iter().chain(&conditions).cloned().collect();
                    self.completed(field, condition, &context)
                }
                Err(Undecided(reason)) => {
                    Condition::Undecidable(Undecidable { what: format!("{} {part}", field.text), reason })
                }
            };
            conditions.push(condition);
        }
        conditions
    }

    /// The entries of a map: for each different datum, the conditions that lead to it. A map that changes at run time,
    /// or a key that is not understood, is answered with the reason.
    pub(super) fn map_entries(
        &mut self,
        table: &TableContext,
        key: &Expr,
        data: &Expr,
        known: &[Condition],
    ) -> Result<Vec<(Vec<Condition>, Expr)>, Undecided> {
        let fields = key_fields(key, table).ok_or(Undecided(Reason::Unread))?;
        let elements: &[Element] = match data {
            Expr::SetRef(name) => &self.named_set(table, name)?.elements,
            Expr::Set(elements) => elements,
            _ => return Err(Undecided(Reason::Unread)),
        };
        let mut groups: Vec<(&Expr, Vec<&Expr>)> = Vec::new();
        let mut rest = None;
        for element in elements {
            let Some(datum) = &element.data else { return Err(Undecided(Reason::Unread)) };
            match groups.iter_mut().find(|(known, _)| *known == datum) {
                _ if element.key == Expr::CatchAll => rest = Some(datum),
                Some((_, keys)) => keys.push(&element.key),
                None => groups.push((datum, vec![&element.key])),
            }
        }
        let implied: Vec<Condition> = fields.iter().flat_map(|field| field.implied.clone()).collect();
        let context: Vec<Condition> = known.iter().chain(&implied).cloned().collect();
        let mut entries = Vec::new();
        for (datum, keys) in &groups {
            let mut conditions = implied.clone();
            conditions.extend(self.one_of(table, &fields, keys, false, &context));
            entries.push((conditions, (*datum).clone()));
        }
        if let Some(datum) = rest {
            let keys: Vec<&Expr> = groups.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
            let mut conditions = implied;
            conditions.extend(self.one_of(table, &fields, &keys, true, &context));
            entries.push((conditions, datum.clone()));
        }
        Ok(entries)
    }

    /// The conditions that one of the keys of a map (`negated`: none) is met; for a single field as one set.
    fn one_of(
        &mut self,
        table: &TableContext,
        fields: &[Field],
        keys: &[&Expr],
        negated: bool,
        known: &[Condition],
    ) -> Vec<Condition> {
        let [field] = fields else { return self.alternatives(table, fields, keys, negated, known) };
        let elements = keys.iter().map(|key| Element { key: (*key).clone(), data: None });
        let set = Expr::Set(elements.collect());
        let op = if negated { Op::Ne } else { Op::Implicit };
        match self.condition(table, field, None, (op, true), &set) {
            Ok(condition) => vec![self.completed(field, condition, known)],
            Err(Undecided(reason)) => {
                vec![Condition::Undecidable(Undecidable { what: format!("{} {set}", field.text), reason })]
            }
        }
    }

    /// The condition of one field. That of a named set is made once and shared by all rules that ask for it.
    fn condition(
        &mut self,
        table: &TableContext,
        field: &Field,
        mask: Option<u128>,
        (op, exact): (Op, bool),
        right: &Expr,
    ) -> Result<Condition, Undecided> {
        let (Expr::SetRef(name), None) = (right, mask) else {
            return self.fresh_condition(table, field, mask, (op, exact), right);
        };
        let key = (table.index, name.clone(), field.part, op);
        if let Some(known) = self.known_conditions.get(&key) {
            return Ok(known.clone());
        }
        let condition = self.fresh_condition(table, field, mask, (op, exact), right)?;
        self.known_conditions.insert(key, condition.clone());
        Ok(condition)
    }

    /// The condition of one field. `exact` says that flags are looked up whole, as in a set.
    fn fresh_condition(
        &mut self,
        table: &TableContext,
        field: &Field,
        mask: Option<u128>,
        (op, exact): (Op, bool),
        right: &Expr,
    ) -> Result<Condition, Undecided> {
        let part = field.part;
        Ok(match part {
            Part::Opaque(reason) => return Err(Undecided(reason)),
            Part::InName | Part::OutName | Part::InBridge | Part::OutBridge if mask.is_some() => {
                return Err(Undecided(Reason::Name));
            }
            Part::InBridge => Condition::InBridge(self.names(table, op, right)?),
            Part::OutBridge => Condition::OutBridge(self.names(table, op, right)?),
            Part::InName => Condition::InInterface(self.names(table, op, right)?),
            Part::OutName => Condition::OutInterface(self.names(table, op, right)?),
            Part::Address { version, destination } => {
                let set = address_set(version, &self.numbers(table, part, mask, op, right)?);
                if destination { Condition::Destination(set) } else { Condition::Source(set) }
            }
            Part::Protocol => Condition::Protocol(bytes(&self.numbers(table, part, mask, op, right)?)),
            Part::Port { destination, .. } => {
                let set = ports(&self.numbers(table, part, mask, op, right)?);
                if destination { Condition::DestinationPort(set) } else { Condition::SourcePort(set) }
            }
            Part::IcmpType(_) => Condition::IcmpType(bytes(&self.numbers(table, part, mask, op, right)?)),
            Part::IcmpCode(_) => Condition::IcmpCode(bytes(&self.numbers(table, part, mask, op, right)?)),
            Part::Mark(of) => {
                let mask = u32::try_from(mask.unwrap_or(u128::from(u32::MAX)))
                    .map_err(|_| Undecided(Reason::Unread))?;
                let values = words(&self.numbers(table, part, None, op, right)?);
                Condition::Mark { of, mask, values }
            }
            Part::TcpFlags => self.tcp_flags(table, mask, (op, exact), right)?,
            Part::FragmentOffset => self.fragment(table, mask, op, right)?,
            Part::CtState => self.ct_state(table, mask, (op, exact), right)?,
            Part::CtStatus => self.ct_status(mask, (op, exact), right)?,
            Part::CtDirection => {
                let set = self.numbers(table, part, mask, op, right)?;
                match (set.contains(0), set.contains(1)) {
                    (true, true) => Condition::Any { of: Vec::new(), negated: true },
                    (false, false) => Condition::never(),
                    (original, _) => Condition::CtOriginal(original),
                }
            }
            Part::Version => {
                let set = self.numbers(table, part, mask, op, right)?;
                either_version(set.contains(2), set.contains(10))
            }
            Part::EtherType => {
                let set = self.numbers(table, part, mask, op, right)?;
                version_by_type(table.family, &set)
            }
            Part::LinkType => {
                let set = self.numbers(table, part, mask, op, right)?;
                let plain = vec![untagged(), version_by_type(table.family, &set)];
                let tagged = set.contains(ETHERTYPE_VLAN).then(|| vec![tagged()]);
                match (&plain[..], tagged) {
                    ([_, Condition::NoIp(what)], None) => Condition::NoIp(what.clone()),
                    ([_, Condition::NoIp(_)], Some(mut tagged)) => tagged.remove(0),
                    (_, tagged) => {
                        Condition::Any { of: std::iter::once(plain).chain(tagged).collect(), negated: false }
                    }
                }
            }
            Part::VlanId => Condition::Vlan(ports(&self.numbers(table, part, mask, op, right)?)),
        })
    }

    /// A condition made whole: asked before translation, or of protocols that have ports.
    fn completed(&mut self, field: &Field, condition: Condition, known: &[Condition]) -> Condition {
        let condition = if field.before_nat { Condition::BeforeNat(Box::new(condition)) } else { condition };
        let Part::Port { th: true, .. } = field.part else { return condition };
        let port_protocols = IntervalSet::from_ranges(PORT_PROTOCOLS.map(|number| (number, number)));
        let others = port_protocols.complement();
        let has_ports = known.iter().any(
            |condition| matches!(condition, Condition::Protocol(set) if set.intersection(&others).is_none()),
        );
        if has_ports {
            return condition;
        }
        // Of other protocols, the kernel compares the bytes that stand where ports would be.
        let bytes =
            Undecidable { what: format!("{condition} of a protocol without ports"), reason: Reason::Payload };
        Condition::Any {
            of: vec![
                vec![Condition::Protocol(port_protocols), condition],
                vec![Condition::Protocol(others), Condition::Undecidable(bytes)],
            ],
            negated: false,
        }
    }

    fn tcp_flags(
        &mut self,
        table: &TableContext,
        mask: Option<u128>,
        op: (Op, bool),
        right: &Expr,
    ) -> Result<Condition, Undecided> {
        let codes: Vec<u128> = (0..=255).collect();
        let kept = self.flags(table, Part::TcpFlags, mask, op, right, &codes)?;
        let all = MaskedFlags::filtered(u8::MAX, |flags| kept.contains(&u128::from(flags)));
        // The fewest flags that decide: those that make a difference.
        let mut fewest = all.clone();
        for bit in 0..8 {
            let without =
                MaskedFlags::filtered(fewest.mask & !(1 << bit), |flags| fewest.values.contains(flags));
            if (0..=u8::MAX).all(|flags| without.contains(flags) == all.contains(flags)) {
                fewest = without;
            }
        }
        Ok(Condition::TcpFlags(fewest))
    }

    /// Whether the packet is a later fragment, where just the offset is asked for.
    fn fragment(
        &mut self,
        table: &TableContext,
        mask: Option<u128>,
        op: Op,
        right: &Expr,
    ) -> Result<Condition, Undecided> {
        const OFFSET: u128 = 0x1fff;
        let zero = IntervalSet::one(0);
        let value = self.numbers(table, Part::FragmentOffset, None, Op::Eq, right)?;
        match (mask, op) {
            (Some(OFFSET), Op::Ne) if value == zero => Ok(Condition::LaterFragment(true)),
            (Some(OFFSET), Op::Eq | Op::Implicit) if value == zero => Ok(Condition::LaterFragment(false)),
            _ => Err(Undecided(Reason::Header)),
        }
    }

    fn ct_state(
        &mut self,
        table: &TableContext,
        mask: Option<u128>,
        op: (Op, bool),
        right: &Expr,
    ) -> Result<Condition, Undecided> {
        let codes = CT_STATES.map(|(_, code)| code);
        let kept = self.flags(table, Part::CtState, mask, op, right, &codes)?;
        let names = CT_STATES
            .iter()
            .filter(|(_, code)| kept.contains(code))
            .filter_map(|(name, _)| CtStates::named(name));
        Ok(Condition::CtState(names.fold(CtStates::NONE, CtStates::union)))
    }

    /// The status is made of bits of which a ruleset decides two.
    fn ct_status(
        &mut self,
        mask: Option<u128>,
        (op, exact): (Op, bool),
        right: &Expr,
    ) -> Result<Condition, Undecided> {
        let right = match right {
            Expr::Set(elements) if elements.len() == 1 && !exact => {
                elements.first().map_or(right, |element| &element.key)
            }
            other => other,
        };
        let value = match right {
            Expr::Set(_) | Expr::SetRef(_) => return Err(Undecided(Reason::Connection)),
            other => self.flag_value(Part::CtStatus, other)?,
        };
        let (bits, negated) = match (mask, op) {
            (None, Op::Implicit) if !exact => (value, false),
            (None, Op::Not) => (value, true),
            (Some(mask), Op::Ne) if value == 0 => (mask, false),
            (Some(mask), Op::Eq | Op::Implicit) if value == 0 => (mask, true),
            (Some(mask), Op::Eq | Op::Implicit) if value == mask && mask.count_ones() == 1 => (mask, false),
            (Some(mask), Op::Ne) if value == mask && mask.count_ones() == 1 => (mask, true),
            _ => return Err(Undecided(Reason::Connection)),
        };
        let any = match bits {
            16 => CtStatus::SNAT,
            32 => CtStatus::DNAT,
            48 => CtStatus::SNAT.union(CtStatus::DNAT),
            _ => return Err(Undecided(Reason::Connection)),
        };
        Ok(Condition::CtStatus { any, negated })
    }
}

/// Whether flags joined by bars stand without an operator: nft reads that as "any of" and prints "exactly these" so.
fn ambiguous(field: &Field, mask: Option<u128>, op: Op, right: &Expr) -> bool {
    let of_flags = matches!(field.part, Part::TcpFlags | Part::CtState | Part::CtStatus);
    of_flags && mask.is_none() && op == Op::Implicit && matches!(right, Expr::Binary(BinaryOp::Or, ..))
}

/// A selector, and the mask that it is seen through.
fn masked(left: &Expr) -> Option<(&Selector, Option<&Expr>)> {
    match left {
        Expr::Selector(selector) => Some((selector, None)),
        Expr::Binary(BinaryOp::And, inner, mask) => match &**inner {
            Expr::Selector(selector) => Some((selector, Some(mask))),
            _ => None,
        },
        _ => None,
    }
}

fn key_fields(key: &Expr, table: &TableContext) -> Option<Vec<Field>> {
    Some(key_parts(key)?.into_iter().map(|selector| field(selector, table.family)).collect())
}

/// The version of IP that a set of EtherTypes holds; on a bridge, there are frames with neither.
fn version_by_type(family: Family, types: &IntervalSet<u128>) -> Condition {
    match (types.contains(ETHERTYPE_IPV4), types.contains(ETHERTYPE_IPV6)) {
        (false, false) if family == Family::Bridge => Condition::NoIp(type_names(types)),
        (four, six) => either_version(four, six),
    }
}

/// EtherTypes in words.
fn type_names(types: &IntervalSet<u128>) -> String {
    let names = types.intervals().iter().map(|(first, last)| match (*first, *last) {
        (0x806, 0x806) => "arp".to_owned(),
        (first, last) if first == last => format!("{first:#06x}"),
        (first, last) => format!("{first:#06x}-{last:#06x}"),
    });
    names.collect::<Vec<_>>().join(",")
}

/// EtherTypes (IEEE 802 numbers, IANA).
const ETHERTYPE_IPV4: u128 = 0x800;
const ETHERTYPE_IPV6: u128 = 0x86dd;
const ETHERTYPE_VLAN: u128 = 0x8100;

fn either_version(four: bool, six: bool) -> Condition {
    match (four, six) {
        (true, true) => Condition::Any { of: Vec::new(), negated: true },
        (true, false) => Condition::Version(IpVersion::V4),
        (false, true) => Condition::Version(IpVersion::V6),
        (false, false) => Condition::never(),
    }
}

fn address_set(version: IpVersion, values: &IntervalSet<u128>) -> AddressSet {
    match version {
        IpVersion::V4 => AddressSet { v4: words(values), v6: IntervalSet::none() },
        IpVersion::V6 => AddressSet { v4: IntervalSet::none(), v6: values.clone() },
    }
}

fn words(values: &IntervalSet<u128>) -> IntervalSet<u32> {
    narrow(values, u32::MAX)
}

fn ports(values: &IntervalSet<u128>) -> IntervalSet<u16> {
    narrow(values, u16::MAX)
}

fn bytes(values: &IntervalSet<u128>) -> IntervalSet<u8> {
    narrow(values, u8::MAX)
}

/// The same set in fewer bits; what does not fit is cut off.
fn narrow<T: crate::ruleset::Point + TryFrom<u128>>(values: &IntervalSet<u128>, top: T) -> IntervalSet<T> {
    IntervalSet::from_ranges(
        values
            .intervals()
            .iter()
            .filter_map(|&(first, last)| Some((T::try_from(first).ok()?, T::try_from(last).unwrap_or(top)))),
    )
}
