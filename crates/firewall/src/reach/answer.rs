//! Answers in a form that people and programs read: rows, rules, verdicts, and the JSON of `zonewright-reach/1`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde_json::{Map, Value, json};
use zonewright_source::TextPlace;

use super::align::{Aligned, Alignment};
use super::trace::{Change, Decision, Passed, RuleKey};
use super::{Engine, Opening, Path, Question, Reach, ReachError};
use crate::ruleset::{AddressSet, IntervalSet, Nat, Verdict as RuleVerdict};
use crate::sets::{Field, HeaderBox, Ranges, Set, SetError, VLAN_NONE};

/// How many rows an answer holds at most, unless less are asked for.
pub const BOXES_MAX: usize = 10_000;

/// Whether packets pass.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Openness {
    /// All of them surely do.
    All,
    /// Some surely do, and others surely do not.
    Some,
    /// None does, for sure.
    None,
    /// The configuration does not tell.
    Unknown,
}

impl Openness {
    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Some => "some",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

/// Packets as a product of fields.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PacketBox {
    /// The interfaces they come in by; `None` for any.
    pub in_interfaces: Option<Vec<String>>,
    /// The interfaces they go out by; `None` for any.
    pub out_interfaces: Option<Vec<String>>,
    /// Their transport protocols.
    pub protocols: IntervalSet<u8>,
    /// Their destinations, as sent.
    pub destinations: AddressSet,
    /// Their sources, as sent.
    pub sources: AddressSet,
    /// Their destination ports, as sent; without meaning for protocols without ports.
    pub ports: IntervalSet<u16>,
    /// Their source ports.
    pub source_ports: IntervalSet<u16>,
    /// Their ICMP types; without meaning for other protocols.
    pub icmp_types: IntervalSet<u8>,
    /// Their ICMP codes; without meaning for other protocols.
    pub icmp_codes: IntervalSet<u8>,
}

/// A rule, or the policy of a chain, with its place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RuleRef {
    /// Where it stands.
    pub place: TextPlace,
    /// The table of its chain.
    pub table: String,
    /// Its chain.
    pub chain: String,
    /// Its index in the chain, from 0; `None` for the policy.
    pub rule: Option<usize>,
    /// Its verdict in one word; `policy accept`, `policy drop` or `policy unknown` for a policy.
    pub verdict: String,
    /// Its comment.
    pub comment: Option<String>,
}

/// A translation that packets undergo.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Translated {
    /// The kind of translation in one word.
    pub kind: &'static str,
    /// The new address or range of them, where it is told.
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// The new port or range of them, where it is told.
    pub ports: Option<(u16, u16)>,
    /// What about the new address or port the configuration does not tell.
    pub unknown: Option<String>,
}

/// Packets that pass, with the reason.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct OpenRow {
    /// The packets, as sent.
    pub packets: PacketBox,
    /// Whether they surely pass; else possibly.
    pub sure: bool,
    /// The rule that lets them pass: the last that accepts where chains filter, else the policy. `None` where
    /// nothing filters.
    pub rule: Option<RuleRef>,
    /// What is translated on their way, in order.
    pub translated: Vec<Translated>,
}

/// A rule that decides about packets of a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deciding {
    /// The rule.
    pub rule: RuleRef,
    /// Whether its conditions are decided by the packets alone.
    pub sure: bool,
    /// The packets, as sent, that it decides about.
    pub packets: Vec<PacketBox>,
    /// Whether there are more boxes than told.
    pub truncated: bool,
}

/// The answer to a question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Whether the packets pass.
    pub verdict: Openness,
    /// Those that do.
    pub open: Vec<OpenRow>,
    /// Whether there are more rows than told.
    pub truncated: bool,
    /// The ways that it is about ([`Reach::ways`]).
    pub paths: Vec<Path>,
    /// The bridge that it is about, where the rules name one.
    pub bridge: Option<String>,
}

/// How two rulesets differ, for one question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Packets that surely pass the first, and surely not the second.
    pub closed: Vec<PacketBox>,
    /// Packets that surely pass the second, and surely not the first.
    pub opened: Vec<PacketBox>,
    /// Packets about which the two say different things, at least one of them not for sure.
    pub unclear: Vec<PacketBox>,
    /// Whether there are more boxes than told.
    pub truncated: bool,
}

impl Difference {
    /// Whether the two rulesets say the same.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.closed.is_empty() && self.opened.is_empty() && self.unclear.is_empty()
    }
}

const SHOWN: [Field; 10] = [
    Field::InInterface,
    Field::OutInterface,
    Field::Version,
    Field::Protocol,
    Field::Destination,
    Field::Source,
    Field::DestinationPort,
    Field::SourcePort,
    Field::IcmpType,
    Field::IcmpCode,
];

impl Reach<'_> {
    /// The answer to a question with at most `limit` rows.
    pub fn answer(&mut self, question: &Question, limit: usize) -> Result<Answer, ReachError> {
        let opening = self.opening(question)?;
        let verdict = self.verdict(&opening, Set::ALL)?;
        let (open, truncated) = self.rows(question, &opening, limit)?;
        let bridge = self.bridge().map(str::to_owned);
        Ok(Answer { verdict, open, truncated, paths: self.ways(question), bridge })
    }

    /// What passes, as at most `limit` rows, each with the rule that lets it pass; and whether there are more.
    pub fn rows(
        &mut self,
        question: &Question,
        opening: &Opening,
        limit: usize,
    ) -> Result<(Vec<OpenRow>, bool), ReachError> {
        if opening.possible.is_empty() {
            return Ok((Vec::new(), false));
        }
        let (passed, _) = self.walk(question)?;
        let d = &mut self.kept;
        let mut by_row: BTreeMap<(Option<RuleKey>, Vec<Change>, bool), Set> = BTreeMap::new();
        let unsure = d.diff(opening.possible, opening.sure)?;
        // What surely passes does so without a tag; a rule for tagged frames is not what lets it pass.
        let untagged = if self.engine.asks_tags { d.equal(Field::Vlan, VLAN_NONE)? } else { Set::ALL };
        let sure = d.and(opening.sure, untagged)?;
        for Passed { changes, accepted, packets } in passed {
            for (part, sure) in [(sure, true), (unsure, false)] {
                let part = d.and(packets, part)?;
                if !part.is_empty() {
                    let known = by_row.entry((accepted, changes.clone(), sure)).or_insert(Set::NONE);
                    *known = d.or(*known, part)?;
                }
            }
        }
        let (mut rows, mut truncated) = (Vec::new(), false);
        for ((accepted, changes, sure), set) in by_row {
            let (boxes, more) = self.boxes(set, limit.saturating_sub(rows.len()))?;
            truncated |= more;
            let rule = accepted.map(|key| self.engine.rule_ref(key));
            let translated = self.engine.translations(&changes);
            rows.extend(boxes.into_iter().map(|packets| OpenRow {
                packets,
                sure,
                rule: rule.clone(),
                translated: translated.clone(),
            }));
        }
        rows.sort();
        Ok((rows, truncated))
    }

    /// The rules that decide about the packets of a question, in the order in which they are asked: each with the
    /// packets it lets pass, stops or translates, as at most `limit` boxes.
    pub fn deciding_rules(&mut self, question: &Question, limit: usize) -> Result<Vec<Deciding>, ReachError> {
        let (_, decisions) = self.walk(question)?;
        decisions.into_iter().map(|decision| self.deciding(decision, limit)).collect()
    }

    fn deciding(&mut self, decision: Decision, limit: usize) -> Result<Deciding, ReachError> {
        let (packets, truncated) = self.boxes(decision.packets, limit)?;
        let rule = self.engine.rule_ref(decision.rule);
        Ok(Deciding { rule, sure: decision.sure, packets, truncated })
    }

    /// The rules that let packets of a question pass as they were sent, each with the packets; in the order of the
    /// configuration. A rule that lets packets through of which the destination was translated is not among them.
    pub fn opened_by_rules(&mut self, question: &Question) -> Result<Vec<(RuleRef, Set)>, ReachError> {
        let (passed, _) = self.walk(question)?;
        let mut by_rule: BTreeMap<RuleKey, Set> = BTreeMap::new();
        let mut translated = BTreeSet::new();
        for Passed { changes, accepted, packets } in passed {
            let Some(key) = accepted.filter(|key| key.rule.is_some()) else { continue };
            if changes.iter().any(|change| self.engine.moves(change.rule)) {
                translated.insert(key);
            }
            let known = by_rule.entry(key).or_insert(Set::NONE);
            *known = self.kept.or(*known, packets)?;
        }
        by_rule.retain(|key, _| !translated.contains(key));
        let mut opened = Vec::new();
        for (key, set) in by_rule {
            if !set.is_empty() {
                opened.push((self.engine.rule_ref(key), set));
            }
        }
        opened.sort_by(|a, b| a.0.place.cmp(&b.0.place));
        Ok(opened)
    }

    /// The packets that come in, or go out, by one of these interfaces or zones.
    pub fn interfaces(&mut self, names: &[String], field: Field) -> Result<Set, ReachError> {
        let mut some = Vec::new();
        for name in names {
            let numbers = self.engine.interfaces.numbers_of_name(name);
            some.push(self.kept.ranges(field, &numbers)?);
        }
        Ok(self.kept.union(some)?)
    }

    /// A set as at most `limit` boxes; and whether there are more.
    pub fn boxes(&mut self, set: Set, limit: usize) -> Result<(Vec<PacketBox>, bool), SetError> {
        let list = self.kept.boxes(set, &SHOWN, limit.min(BOXES_MAX))?;
        let boxes = list.boxes.iter().map(|item| self.packet_box(item)).collect();
        Ok((boxes, list.truncated))
    }

    fn packet_box(&self, item: &HeaderBox) -> PacketBox {
        let of = |field: Field| {
            let at = SHOWN.iter().position(|shown| *shown == field);
            at.and_then(|at| item.ranges.get(at)).map_or(&[] as &[(u128, u128)], Vec::as_slice)
        };
        let versions = of(Field::Version);
        let interfaces = &self.engine.interfaces;
        PacketBox {
            in_interfaces: interfaces.names_within(&of(Field::InInterface).to_vec()),
            out_interfaces: interfaces.names_within(&of(Field::OutInterface).to_vec()),
            protocols: bytes(of(Field::Protocol)),
            destinations: addresses(of(Field::Destination), versions),
            sources: addresses(of(Field::Source), versions),
            ports: words(of(Field::DestinationPort)),
            source_ports: words(of(Field::SourcePort)),
            icmp_types: bytes(of(Field::IcmpType)),
            icmp_codes: bytes(of(Field::IcmpCode)),
        }
    }

    /// How this ruleset and another one, prepared together with [`Reach::pair`], differ for a question.
    pub fn difference(
        &mut self,
        other: &mut Reach<'_>,
        question: &Question,
        limit: usize,
    ) -> Result<Difference, ReachError> {
        self.difference_of(
            other,
            &Aligned { first: question.clone(), second: question.clone(), by_interface: true },
            limit,
        )
    }

    /// How the two differ in a part that was set side by side.
    pub fn difference_of(
        &mut self,
        other: &mut Reach<'_>,
        part: &Aligned,
        limit: usize,
    ) -> Result<Difference, ReachError> {
        let mut first = self.opening(&part.first)?;
        let mut second = other.opening(&part.second)?;
        if !part.by_interface {
            first = self.wherever(first)?;
            second = other.wherever(second)?;
        }
        let mut memo = ahash::AHashMap::new();
        let d = &mut self.kept;
        let mut sure = d.import(&other.kept, second.sure, &mut memo)?;
        let mut possible = d.import(&other.kept, second.possible, &mut memo)?;
        if !part.by_interface {
            // Only what both were asked about: a name of the one is none of the other.
            let asked = d.import(&other.kept, second.asked, &mut memo)?;
            let asked = d.and(asked, first.asked)?;
            for set in [&mut sure, &mut possible, &mut first.sure, &mut first.possible] {
                *set = d.and(*set, asked)?;
            }
        }
        let closed = d.diff(first.sure, possible)?;
        let opened = d.diff(sure, first.possible)?;
        let differs = (d.xor(first.sure, sure)?, d.xor(first.possible, possible)?);
        let unclear = d.or(differs.0, differs.1)?;
        let unclear = d.diff(unclear, closed)?;
        let unclear = d.diff(unclear, opened)?;
        let (closed, a) = self.boxes(closed, limit)?;
        let (opened, b) = self.boxes(opened, limit)?;
        let (unclear, c) = self.boxes(unclear, limit)?;
        Ok(Difference { closed, opened, unclear, truncated: a || b || c })
    }

    /// What is open wherever the packets come in and go out, of the ways that were asked about.
    fn wherever(&mut self, opening: Opening) -> Result<Opening, ReachError> {
        let d = &mut self.kept;
        let mut some = |set: Set| {
            let set = d.some(set, Field::InInterface)?;
            d.some(set, Field::OutInterface)
        };
        let (asked, possible) = (some(opening.asked)?, some(opening.possible)?);
        let missed = self.kept.diff(opening.asked, opening.sure)?;
        let d = &mut self.kept;
        let missed = d.some(missed, Field::InInterface)?;
        let missed = d.some(missed, Field::OutInterface)?;
        let sure = d.diff(asked, missed)?;
        Ok(Opening { sure, possible, asked, ..opening })
    }

    /// The number that headers carry for an interface of this name, for sample points.
    #[must_use]
    pub fn interface_value(&self, name: &str) -> u128 {
        self.engine.interfaces.numbers_of_name(name).first().map_or(0, |(first, _)| *first)
    }
}

impl Engine<'_> {
    pub(super) fn rule_ref(&self, key: RuleKey) -> RuleRef {
        let nowhere = || TextPlace { file: self.ruleset.file.clone(), start: 0, end: 0, line: 0, column: 0 };
        let chain = self.ruleset.chain(key.chain);
        let rule = self.rule(key);
        let policy = self.policy(key.chain).as_str();
        RuleRef {
            place: rule.map_or_else(
                || chain.map_or_else(nowhere, |chain| chain.place.clone()),
                |rule| rule.place.clone(),
            ),
            table: chain.map(|chain| chain.table.clone()).unwrap_or_default(),
            chain: chain.map(|chain| chain.name.clone()).unwrap_or_default(),
            rule: key.rule,
            verdict: rule.map_or_else(|| format!("policy {policy}"), |rule| rule.verdict.as_str().to_owned()),
            comment: rule.and_then(|rule| rule.comment.clone()),
        }
    }

    /// Whether a rule translates the destination.
    fn moves(&self, key: RuleKey) -> bool {
        use crate::ruleset::NatKind::{Destination, DestinationNetwork, Redirect};
        let verdict = self.rule(key).map(|rule| &rule.verdict);
        matches!(verdict, Some(RuleVerdict::Nat(nat)) if matches!(nat.kind, Destination | DestinationNetwork | Redirect))
    }

    fn translations(&self, changes: &[Change]) -> Vec<Translated> {
        let nats = changes.iter().filter_map(|change| match &self.rule(change.rule)?.verdict {
            RuleVerdict::Nat(nat) => Some(nat),
            _ => None,
        });
        nats.map(translated).collect()
    }
}

fn translated(nat: &Nat) -> Translated {
    let known = nat.unknown.is_none();
    Translated {
        kind: nat.kind.as_str(),
        addresses: nat.addresses.filter(|_| known),
        ports: nat.ports.filter(|_| known),
        unknown: nat.unknown.clone(),
    }
}

fn bytes(ranges: &[(u128, u128)]) -> IntervalSet<u8> {
    let narrow = |value: u128| u8::try_from(value).unwrap_or(u8::MAX);
    IntervalSet::from_ranges(ranges.iter().map(|(first, last)| (narrow(*first), narrow(*last))))
}

fn words(ranges: &[(u128, u128)]) -> IntervalSet<u16> {
    let narrow = |value: u128| u16::try_from(value).unwrap_or(u16::MAX);
    IntervalSet::from_ranges(ranges.iter().map(|(first, last)| (narrow(*first), narrow(*last))))
}

fn addresses(ranges: &[(u128, u128)], versions: &[(u128, u128)]) -> AddressSet {
    let of = |version: u128| versions.iter().any(|(first, last)| (*first..=*last).contains(&version));
    let four =
        ranges.iter().filter(|_| of(0)).map(|(first, last)| ((first >> 96) as u32, (last >> 96) as u32));
    let six: Ranges = ranges.iter().filter(|_| of(1)).copied().collect();
    AddressSet { v4: IntervalSet::from_ranges(four), v6: IntervalSet::from_ranges(six) }
}

impl PacketBox {
    fn protocol_text(&self) -> String {
        if self.protocols.is_all() {
            return "any".to_owned();
        }
        let named = self.protocols.intervals().iter().map(|(first, last)| match protocol_name(*first) {
            _ if first != last => format!("{first}-{last}"),
            Some(name) => name.to_owned(),
            None => first.to_string(),
        });
        named.collect::<Vec<_>>().join(",")
    }

    /// The packets as JSON, field by field.
    #[must_use]
    pub fn as_json(&self) -> Map<String, Value> {
        let any = |text: String, all: bool| if all { "any".to_owned() } else { text };
        let mut row = Map::new();
        let address = |set: &AddressSet| {
            let (four, six) = (set.v4.is_all(), set.v6.is_all());
            any(set.to_string(), (four || self.is_v6()) && (six || self.is_v4()))
        };
        row.insert("src".into(), address(&self.sources).into());
        row.insert("dst".into(), address(&self.destinations).into());
        row.insert("protocol".into(), self.protocol_text().into());
        row.insert("ports".into(), any(self.ports.to_string(), self.ports.is_all()).into());
        if !self.source_ports.is_all() {
            row.insert("source_ports".into(), self.source_ports.to_string().into());
        }
        if !self.icmp_types.is_all() {
            row.insert("icmp_types".into(), self.icmp_types.to_string().into());
        }
        if !self.icmp_codes.is_all() {
            row.insert("icmp_codes".into(), self.icmp_codes.to_string().into());
        }
        if let Some(names) = &self.in_interfaces {
            row.insert("in".into(), json!(names));
        }
        if let Some(names) = &self.out_interfaces {
            row.insert("out".into(), json!(names));
        }
        row.insert("version".into(), self.version_text().into());
        row
    }

    fn is_v4(&self) -> bool {
        self.sources.v6.is_none() && self.destinations.v6.is_none()
    }

    fn is_v6(&self) -> bool {
        self.sources.v4.is_none() && self.destinations.v4.is_none()
    }

    fn version_text(&self) -> &'static str {
        match (self.is_v4(), self.is_v6()) {
            (true, _) => "ipv4",
            (_, true) => "ipv6",
            _ => "any",
        }
    }
}

impl RuleRef {
    /// The rule as JSON.
    #[must_use]
    pub fn as_json(&self) -> Value {
        json!({
            "file": &*self.place.file,
            "line": self.place.line,
            "table": self.table,
            "chain": self.chain,
            "rule": self.rule.map(|at| at + 1),
            "verdict": self.verdict,
            "comment": self.comment,
        })
    }
}

impl Translated {
    /// The translation as JSON.
    #[must_use]
    pub fn as_json(&self) -> Value {
        let span =
            |first: String, last: String| if first == last { first } else { format!("{first}-{last}") };
        json!({
            "kind": self.kind,
            "address": self.addresses.map(|(first, last)| span(first.to_string(), last.to_string())),
            "port": self.ports.map(|(first, last)| span(first.to_string(), last.to_string())),
            "unknown": self.unknown,
        })
    }
}

/// The answer as `zonewright-reach/1`. An answer that could not be given is *unknown*, and `limit` says why.
#[must_use]
pub fn reach_json(answer: &Result<Answer, ReachError>) -> Value {
    let (verdict, open, truncated, limit) = match answer {
        Ok(answer) => (answer.verdict, answer.open.as_slice(), answer.truncated, None),
        Err(error) => (Openness::Unknown, &[] as &[OpenRow], false, Some(error.to_string())),
    };
    let open: Vec<Value> = open.iter().map(row_json).collect();
    let paths: Vec<&str> = answer.iter().flat_map(|answer| &answer.paths).map(|path| path.as_str()).collect();
    let bridge = answer.as_ref().ok().and_then(|answer| answer.bridge.as_deref());
    json!({
        "format": "zonewright-reach/1",
        "zonewright": env!("CARGO_PKG_VERSION"),
        "verdict": verdict.as_str(),
        "open": open,
        "truncated": truncated,
        "limit": limit,
        "paths": paths,
        "bridge": bridge,
    })
}

fn row_json(row: &OpenRow) -> Value {
    let mut json = row.packets.as_json();
    json.insert("sure".into(), row.sure.into());
    json.insert("rule".into(), row.rule.as_ref().map_or(Value::Null, RuleRef::as_json));
    if !row.translated.is_empty() {
        json.insert("translated".into(), row.translated.iter().map(Translated::as_json).collect());
    }
    Value::Object(json)
}

/// The deciding rules as JSON, for `firewall explain`.
#[must_use]
pub fn deciding_json(rules: &[Deciding]) -> Value {
    let rows = rules.iter().map(|deciding| {
        let packets: Vec<Value> =
            deciding.packets.iter().map(|packets| Value::Object(packets.as_json())).collect();
        json!({
            "rule": deciding.rule.as_json(),
            "sure": deciding.sure,
            "packets": packets,
            "truncated": deciding.truncated,
        })
    });
    rows.collect()
}

impl PacketBox {
    /// The packets in one line, with the interfaces by which they come in and go out where these are to be told.
    #[must_use]
    pub fn words(&self, tells_in: bool, tells_out: bool) -> String {
        let json = self.as_json();
        let part = |key: &str| match json.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(items)) => {
                let items =
                    items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_string));
                items.collect::<Vec<_>>().join(",")
            }
            _ => "any".to_string(),
        };
        let mut out = format!("{} -> {}", part("src"), part("dst"));
        if out == "any -> any" && part("version") != "any" {
            out = format!("any -> any ({})", part("version"));
        }
        let protocol = part("protocol");
        let word = if protocol.starts_with(|c: char| c.is_ascii_digit()) { "protocol " } else { "" };
        out.push_str(&format!("  {word}{protocol}"));
        if word.is_empty() || part("ports") != "any" {
            out.push_str(&format!(" {}", part("ports")));
        }
        for (told, word, key) in [(tells_in, "in by", "in"), (tells_out, "out by", "out")] {
            if told && part(key) != "any" {
                out.push_str(&format!(", {word} {}", part(key)));
            }
        }
        out
    }
}

/// The difference of two rulesets as `zonewright-reach/1`.
#[must_use]
pub fn difference_json(difference: &Difference) -> Value {
    let rows = |boxes: &[PacketBox]| -> Value {
        boxes.iter().map(|packets| Value::Object(packets.as_json())).collect()
    };
    json!({
        "format": "zonewright-difference/1",
        "zonewright": env!("CARGO_PKG_VERSION"),
        "equal": difference.is_none(),
        "closed": rows(&difference.closed),
        "opened": rows(&difference.opened),
        "unclear": rows(&difference.unclear),
        "truncated": difference.truncated,
    })
}

/// The differences of two rulesets by the parts that were set side by side, as `zonewright-difference/1`: the lists of
/// [`difference_json`] hold the rows of all parts, and `parts` says what was compared.
#[must_use]
pub fn alignment_json(alignment: &Alignment, differences: &[Difference]) -> Value {
    let mut all =
        Difference { closed: Vec::new(), opened: Vec::new(), unclear: Vec::new(), truncated: false };
    let mut parts = Vec::new();
    for (part, difference) in alignment.parts.iter().zip(differences) {
        parts.push(json!({
            "first": question_json(&part.first),
            "second": question_json(&part.second),
            "equal": difference.is_none(),
            "closed": difference.closed.len(),
            "opened": difference.opened.len(),
            "unclear": difference.unclear.len(),
        }));
        all.closed.extend(difference.closed.iter().cloned());
        all.opened.extend(difference.opened.iter().cloned());
        all.unclear.extend(difference.unclear.iter().cloned());
        all.truncated |= difference.truncated;
    }
    let mut value = difference_json(&all);
    if let Some(object) = value.as_object_mut() {
        object.insert("parts".into(), parts.into());
        object.insert("notes".into(), json!(alignment.notes));
    }
    value
}

fn question_json(question: &Question) -> Value {
    json!({
        "way": question.path.as_str(),
        "phase": question.phase.as_str(),
        "in": question.from.interfaces,
        "out": question.to.interfaces,
    })
}

/// The names that people use for protocol numbers in listings.
fn protocol_name(number: u8) -> Option<&'static str> {
    Some(match number {
        1 => "icmp",
        2 => "igmp",
        4 => "ipip",
        6 => "tcp",
        17 => "udp",
        33 => "dccp",
        41 => "ipv6",
        46 => "rsvp",
        47 => "gre",
        50 => "esp",
        51 => "ah",
        58 => "icmpv6",
        89 => "ospf",
        103 => "pim",
        112 => "vrrp",
        132 => "sctp",
        136 => "udplite",
        _ => return None,
    })
}
