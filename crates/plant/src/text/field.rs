//! From values with spans to the types of the model, and back: one [`Field`] per type.

use super::gather::{Cx, Reference};
use super::limit;
use super::spec::{Target, Type};
use super::tree::{Item, Node};
use super::value::Value;
use crate::Plant;
use crate::id::*;
use crate::model::*;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;
use zonewright_catalog::{Catalog, RequirementId};
use zonewright_source::{Diagnostic, nearest};

/// A type that a key of Workspace/1 can have.
pub(crate) trait Field: Sized {
    /// Its type in the specification.
    const TYPE: Type;
    /// Must the key be there?
    const REQUIRED: bool = true;

    /// What its absence means; nothing if it must be there.
    fn absent() -> Option<Self> {
        None
    }

    /// Reads it; reports and gives nothing if it cannot be understood.
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self>;

    /// How it is written in a workspace that holds `plant`.
    fn write(&self, plant: &Plant) -> Value;
}

fn text<'n>(node: &'n Node<'_>, expected: &str, cx: &mut Cx<'_, '_>) -> Option<&'n str> {
    let Item::Text(text) = &node.item else {
        cx.wrong_type(node, expected);
        return None;
    };
    if text.len() > limit::TEXT_CHARS_MAX && text.chars().count() > limit::TEXT_CHARS_MAX {
        cx.wrong(
            "plant/limit",
            node,
            &format!("at most {} characters", limit::TEXT_CHARS_MAX),
            &format!("{}", text.chars().count()),
            None,
        );
        return None;
    }
    Some(text)
}

/// Text as a message shows it: short, without line breaks.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(60).map(|c| if c.is_control() { '·' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

impl Field for String {
    const TYPE: Type = Type::Text;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        text(node, "a text in quotes", cx).map(str::to_string)
    }
    fn write(&self, _: &Plant) -> Value {
        Value::Text(self.clone())
    }
}

impl Field for bool {
    const TYPE: Type = Type::Bool;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let Item::Bool(value) = node.item else {
            cx.wrong_type(node, "true or false");
            return None;
        };
        Some(value)
    }
    fn write(&self, _: &Plant) -> Value {
        Value::Bare(self.to_string())
    }
}

fn integer(node: &Node<'_>, least: i64, most: i64, cx: &mut Cx<'_, '_>) -> Option<i64> {
    let Item::Integer(value) = node.item else {
        cx.wrong_type(node, &format!("a whole number from {least} to {most}"));
        return None;
    };
    if !(least..=most).contains(&value) {
        cx.wrong(
            "plant/out-of-range",
            node,
            &format!("a whole number from {least} to {most}"),
            &format!("`{value}`"),
            None,
        );
        return None;
    }
    Some(value)
}

macro_rules! integers {
    ($($ty:ty: $least:literal $most:literal;)*) => {$(
        impl Field for $ty {
            const TYPE: Type = Type::Integer($least, $most);
            fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
                integer(node, $least, $most, cx)?.try_into().ok()
            }
            fn write(&self, _: &Plant) -> Value {
                Value::Bare(self.to_string())
            }
        }
    )*};
}

integers! {
    u8: 1 4;
    u16: 0 4094;
    u32: 0 100_000;
}

fn number(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "amounts are far below 2^53")]
    let value = match node.item {
        Item::Integer(value) => value as f64,
        Item::Float(value) => value,
        _ => {
            cx.wrong_type(node, "a number");
            return None;
        }
    };
    let (least, most) = cx.key.range.unwrap_or((f64::MIN, f64::MAX));
    if !value.is_finite() || value < least || value > most {
        let expected = match cx.key.range {
            Some((least, most)) if most < f64::MAX => format!("a number from {least} to {most}"),
            Some((least, _)) => format!("a number of at least {least}"),
            None => "a finite number".to_string(),
        };
        cx.wrong("plant/out-of-range", node, &expected, &format!("`{value}`"), None);
        return None;
    }
    Some(value)
}

fn write_number(value: f64) -> Value {
    // Whole amounts are written without a fraction; TOML takes both for a number.
    if value == value.trunc() && value.abs() < 1e15 {
        Value::Bare(format!("{value:.0}"))
    } else {
        Value::Bare(format!("{value:?}"))
    }
}

impl Field for f64 {
    const TYPE: Type = Type::Number;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        number(node, cx)
    }
    fn write(&self, _: &Plant) -> Value {
        write_number(*self)
    }
}

impl Field for (f64, f64) {
    const TYPE: Type = Type::Range;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let Item::Array(items) = &node.item else {
            cx.wrong_type(node, "two numbers `[low, high]`");
            return None;
        };
        let [low, high] = items.as_slice() else {
            cx.wrong(
                "plant/wrong-type",
                node,
                "two numbers `[low, high]`",
                &format!("{} values", items.len()),
                None,
            );
            return None;
        };
        let (low, high) = (number(low, cx), number(high, cx));
        let (low, high) = (low?, high?);
        if low > high {
            let help = Some(format!("write `[{high}, {low}]`"));
            cx.wrong("plant/out-of-range", node, "the low end first", &format!("`[{low}, {high}]`"), help);
            return None;
        }
        Some((low, high))
    }
    fn write(&self, _: &Plant) -> Value {
        Value::List(vec![write_number(self.0), write_number(self.1)])
    }
}

impl Field for Date {
    const TYPE: Type = Type::Date;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let expected = "a day such as `2026-12-31`";
        let (Item::Date(text) | Item::Text(text)) = &node.item else {
            cx.wrong_type(node, expected);
            return None;
        };
        // A moment is more than a day; cutting it would hide its time zone.
        let day = if text.len() == 10 { text.parse().ok() } else { None };
        if day.is_none() {
            cx.wrong("plant/wrong-date", node, expected, &shown(text), None);
        }
        day
    }
    fn write(&self, _: &Plant) -> Value {
        Value::Bare(self.to_string())
    }
}

impl Field for Timestamp {
    const TYPE: Type = Type::Timestamp;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let expected = "a moment with its offset such as `2026-12-31T08:00:00Z`";
        let (Item::Date(text) | Item::Text(text)) = &node.item else {
            cx.wrong_type(node, expected);
            return None;
        };
        let moment = text.parse().ok();
        if moment.is_none() {
            let help = text
                .parse::<jiff::civil::DateTime>()
                .is_ok()
                .then(|| format!("add the offset: `{text}Z` for UTC"));
            cx.wrong("plant/wrong-date", node, expected, &shown(text), help);
        }
        moment
    }
    fn write(&self, _: &Plant) -> Value {
        Value::Bare(self.to_string())
    }
}

fn word<T: Copy>(node: &Node<'_>, all: &[(&'static str, T)], cx: &mut Cx<'_, '_>) -> Option<T> {
    let found = text(node, "a word in quotes", cx)?;
    if let Some((_, value)) = all.iter().find(|(word, _)| *word == found) {
        return Some(*value);
    }
    if !cx.gathered.wants("plant/unknown-word") {
        cx.wrong("plant/unknown-word", node, "", "", None);
        return None;
    }
    let words: Vec<String> = all.iter().map(|(word, _)| format!("`{word}`")).collect();
    let near =
        nearest(found, all.iter().map(|(word, _)| *word)).map(|near| format!("did you mean `{near}`?"));
    let (expected, help) = match (words.split_last(), near) {
        (Some((last, others)), near) if words.len() <= 4 => {
            (format!("{} or {last}", others.join(", ")), near)
        }
        (_, Some(near)) => (format!("one of {} words", words.len()), Some(near)),
        (_, None) => {
            (format!("one of {} words", words.len()), Some(format!("they are {}", words.join(", "))))
        }
    };
    cx.wrong("plant/unknown-word", node, &expected, &shown(found), help);
    None
}

macro_rules! words {
    ($($ty:ident)*) => {$(
        impl Field for $ty {
            const TYPE: Type = Type::Words($ty::MEANINGS);
            fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
                word(node, $ty::ALL, cx)
            }
            fn write(&self, _: &Plant) -> Value {
                Value::Text(self.as_str().to_string())
            }
        }
    )*};
}

words! {
    AssetKind ComponentType ZoneType Medium Rhythm Rating CountermeasureState Status EvidenceKind TestResult TestStage
}

impl Field for Protection {
    const TYPE: Type = Type::Words(&[("required", "Asked for."), ("not-required", "Not asked for.")]);
    const REQUIRED: bool = false;
    fn absent() -> Option<Self> {
        Some(Self::NotStated)
    }
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        word(node, &[("required", Self::Required), ("not-required", Self::NotRequired)], cx)
    }
    fn write(&self, _: &Plant) -> Value {
        match self {
            Self::NotStated => Value::Absent,
            Self::NotRequired => Value::Text("not-required".into()),
            Self::Required => Value::Text("required".into()),
        }
    }
}

/// Why `id` may not be an id; nothing where it may.
#[must_use]
pub fn id_fault(id: &str) -> Option<String> {
    if id.is_empty() {
        return Some("it is empty".into());
    }
    if id.chars().count() > limit::ID_CHARS_MAX {
        return Some(format!("it is longer than {} characters", limit::ID_CHARS_MAX));
    }
    if !id.starts_with(char::is_alphanumeric) {
        return Some("it does not begin with a letter or digit".into());
    }
    let odd = id.chars().find(|c| !(c.is_alphanumeric() || "-_.+".contains(*c)))?;
    Some(if odd == ' ' {
        "it has a space in it".into()
    } else {
        format!("it has `{}` in it", odd.escape_default())
    })
}

/// What an id could be instead: everything that is not allowed becomes a hyphen.
pub(crate) fn mended_id(id: &str) -> String {
    let mended: String =
        id.chars().map(|c| if c.is_alphanumeric() || "-_.+".contains(c) { c } else { '-' }).collect();
    mended.trim_matches(|c: char| !c.is_alphanumeric()).chars().take(limit::ID_CHARS_MAX).collect()
}

fn reference(node: &Node<'_>, target: Target, cx: &mut Cx<'_, '_>) -> Option<Arc<str>> {
    let id: Arc<str> = text(node, &format!("the id of a {} in quotes", target.describe()), cx)?.into();
    let holder = cx.who.clone();
    cx.gathered.references.push(Reference {
        target,
        id: id.clone(),
        file: cx.file,
        span: node.span,
        holder,
        key: cx.key,
    });
    Some(id)
}

macro_rules! references {
    ($($ty:ident $target:ident;)*) => {$(
        impl Field for $ty {
            const TYPE: Type = Type::Reference(Target::$target);
            fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
                reference(node, Target::$target, cx).map(|id| Self::from(&*id))
            }
            fn write(&self, _: &Plant) -> Value {
                Value::Text(self.to_string())
            }
        }
    )*};
}

references! {
    AssetId Asset;
    ProductId Product;
    ZoneId Zone;
    ConduitId Conduit;
    GroupId Group;
    CountermeasureId Countermeasure;
    EvidenceId Evidence;
    ThreatSourceId ThreatSource;
    ConsequenceId Consequence;
    RoleId Role;
    FunctionId Function;
}

/// Splits `asset:PLC-1` into kind and id; a plain id has no kind.
pub(crate) fn split_prefix(text: &str) -> (Option<&str>, &str) {
    match text.split_once(':') {
        Some((kind, id)) => (Some(kind), id),
        None => (None, text),
    }
}

impl Field for Endpoint {
    const TYPE: Type = Type::Reference(Target::Endpoint);
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        // What it is, is known when everything is read: `resolve` puts the right kind in its place.
        reference(node, Target::Endpoint, cx).map(|id| Self::Zone(ZoneId::from(&*id)))
    }
    fn write(&self, plant: &Plant) -> Value {
        let (kind, id) = match self {
            Self::Zone(id) => ("zone", id.as_str()),
            Self::Asset(id) => ("asset", id.as_str()),
            Self::Group(id) => ("group", id.as_str()),
        };
        let homonyms = usize::from(plant.zones.contains_key(&ZoneId::from(id)))
            + usize::from(plant.assets.contains_key(&AssetId::from(id)))
            + usize::from(plant.groups.contains_key(&GroupId::from(id)));
        Value::Text(if homonyms > 1 { format!("{kind}:{id}") } else { id.to_string() })
    }
}

impl Field for SubjectRef {
    const TYPE: Type = Type::Reference(Target::Subject);
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        if matches!(&node.item, Item::Text(text) if text == "plant") {
            return Some(Self::Plant);
        }
        reference(node, Target::Subject, cx).map(|id| Self::Zone(ZoneId::from(&*id)))
    }
    fn write(&self, plant: &Plant) -> Value {
        let (kind, id) = match self {
            Self::Plant => return Value::Text("plant".into()),
            Self::Zone(id) => ("zone", id.as_str()),
            Self::Conduit(id) => ("conduit", id.as_str()),
            Self::Asset(id) => ("asset", id.as_str()),
            Self::Product(id) => ("product", id.as_str()),
            Self::Group(id) => ("group", id.as_str()),
        };
        let homonyms = usize::from(plant.zones.contains_key(&ZoneId::from(id)))
            + usize::from(plant.conduits.contains_key(&ConduitId::from(id)))
            + usize::from(plant.assets.contains_key(&AssetId::from(id)))
            + usize::from(plant.products.contains_key(&ProductId::from(id)))
            + usize::from(plant.groups.contains_key(&GroupId::from(id)));
        Value::Text(if homonyms > 1 { format!("{kind}:{id}") } else { id.to_string() })
    }
}

impl Field for RequirementId {
    const TYPE: Type = Type::Requirement;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let found = text(node, "a requirement id in quotes", cx)?;
        parse_requirement(found, node, cx)
    }
    fn write(&self, _: &Plant) -> Value {
        Value::Text(self.to_string())
    }
}

fn parse_requirement(found: &str, node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<RequirementId> {
    let catalog = Catalog::builtin();
    let near = || catalog.nearest_id(found).map(|near| format!("did you mean `{near}`?"));
    let Ok(id) = found.parse::<RequirementId>() else {
        let expected = "a requirement id such as `SR 5.2 RE(1)`";
        cx.wrong("plant/unknown-requirement", node, expected, &shown(found), near());
        return None;
    };
    if catalog.requirement(&id).is_none() {
        let expected = format!("a requirement of {}", id.standard());
        cx.wrong("plant/unknown-requirement", node, &expected, &format!("`{id}`"), near());
        return None;
    }
    Some(id)
}

impl Field for Address {
    const TYPE: Type = Type::Address;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let expected = "an IP address such as `10.0.0.1` or `10.0.0.1@cell-a`";
        let found = text(node, expected, cx)?;
        let (ip, context) = match found.split_once('@') {
            Some((ip, context)) => (ip.trim(), Some(context.trim())),
            None => (found.trim(), None),
        };
        let fault = context.and_then(id_fault);
        let Ok(ip) = ip.parse() else {
            let help = ip
                .contains('/')
                .then(|| "an asset has single addresses; networks belong to zones".to_string());
            cx.wrong("plant/wrong-address", node, expected, &shown(found), help);
            return None;
        };
        if let Some(fault) = fault {
            cx.wrong(
                "plant/wrong-address",
                node,
                "a network context named like an id behind `@`",
                &shown(found),
                Some(fault),
            );
            return None;
        }
        Some(Self { ip, context: context.map(str::to_string) })
    }
    fn write(&self, _: &Plant) -> Value {
        Value::Text(match &self.context {
            Some(context) => format!("{}@{context}", self.ip),
            None => self.ip.to_string(),
        })
    }
}

impl Field for Mac {
    const TYPE: Type = Type::Mac;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let expected = "a MAC address such as `00:1b:1b:01:02:03`";
        let found = text(node, expected, cx)?;
        let mac = if found.len() <= 24 { Self::parse(found.trim()) } else { None };
        if mac.is_none() {
            cx.wrong("plant/wrong-address", node, expected, &shown(found), None);
        }
        mac
    }
    fn write(&self, _: &Plant) -> Value {
        Value::Text(self.to_string())
    }
}

fn network(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Network> {
    let expected = "a network such as `10.1.0.0/16`";
    let found = text(node, expected, cx)?;
    let Some(network) = Network::parse(found.trim()) else {
        cx.wrong("plant/wrong-address", node, expected, &shown(found), None);
        return None;
    };
    let written = found.split('/').next().and_then(|ip| ip.trim().parse::<std::net::IpAddr>().ok());
    if written.is_some_and(|ip| ip != network.address()) {
        let diagnostic = Diagnostic::warning(
            "plant/host-bits",
            format!("`{}` of {}: {} has bits set behind its prefix", cx.key.name, cx.who, shown(found)),
        )
        .because("a network is named by its first address; it is read as if they were zero")
        .help(format!(
            "write `{network}`, or `{}` for the single address",
            written.map_or(String::new(), |ip| ip.to_string())
        ));
        cx.report(node.span, diagnostic);
    }
    Some(network)
}

impl Field for ZoneNetwork {
    const TYPE: Type = Type::ZoneNetwork;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let Item::Table(table) = &node.item else {
            return Some(Self { network: network(node, cx)?, vlan: None, context: None });
        };
        for entry in &table.entries {
            if !["network", "vlan", "context"].contains(&&*entry.key) {
                let key = Node { span: entry.key_span, item: Item::Broken };
                cx.wrong(
                    "plant/unknown-key",
                    &key,
                    "`network`, `vlan` or `context`",
                    &shown(&entry.key),
                    None,
                );
            }
        }
        let Some(address) = table.entry("network") else {
            cx.wrong(
                "plant/missing-key",
                node,
                "`network`",
                "none",
                Some("write `{ network = \"10.1.0.0/16\" }`".into()),
            );
            return None;
        };
        let network = network(&address.value, cx);
        let vlan = match table.entry("vlan") {
            Some(entry) => Some(u16::read(&entry.value, cx)?),
            None => None,
        };
        let context = match table.entry("context") {
            Some(entry) => Some(String::read(&entry.value, cx)?),
            None => None,
        };
        Some(Self { network: network?, vlan, context })
    }
    fn write(&self, _: &Plant) -> Value {
        let network = Value::Text(self.network.to_string());
        if self.vlan.is_none() && self.context.is_none() {
            return network;
        }
        let mut table = vec![("network".to_string(), network)];
        table.extend(self.vlan.map(|vlan| ("vlan".to_string(), Value::Bare(vlan.to_string()))));
        table.extend(self.context.clone().map(|context| ("context".to_string(), Value::Text(context))));
        Value::Table(table)
    }
}

impl Field for PortRange {
    const TYPE: Type = Type::Ports;
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let expected = "a port from 0 to 65535 or a range such as `\"6000-6010\"`";
        let range = match &node.item {
            Item::Integer(port) => u16::try_from(*port).ok().map(|port| (port, port)),
            Item::Text(text) => match text.split_once('-') {
                Some((first, last)) => first.trim().parse().ok().zip(last.trim().parse().ok()),
                None => text.trim().parse().ok().map(|port| (port, port)),
            },
            _ => {
                cx.wrong_type(node, expected);
                return None;
            }
        };
        match range {
            Some((first, last)) if first <= last => Some(Self { first, last }),
            Some((first, last)) => {
                let help = Some(format!("write `\"{last}-{first}\"`"));
                cx.wrong(
                    "plant/out-of-range",
                    node,
                    "the first port before the last",
                    &format!("`{first}-{last}`"),
                    help,
                );
                None
            }
            None => {
                let found = match &node.item {
                    Item::Integer(port) => format!("`{port}`"),
                    Item::Text(text) => shown(text),
                    other => other.describe().to_string(),
                };
                cx.wrong("plant/out-of-range", node, expected, &found, None);
                None
            }
        }
    }
    fn write(&self, _: &Plant) -> Value {
        if self.first == self.last {
            Value::Bare(self.first.to_string())
        } else {
            Value::Text(format!("{}-{}", self.first, self.last))
        }
    }
}

impl<T: Field> Field for Option<T> {
    const TYPE: Type = T::TYPE;
    const REQUIRED: bool = false;
    fn absent() -> Option<Self> {
        Some(None)
    }
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        T::read(node, cx).map(Some)
    }
    fn write(&self, plant: &Plant) -> Value {
        self.as_ref().map_or(Value::Absent, |value| value.write(plant))
    }
}

impl<T: Field> Field for Vec<T> {
    const TYPE: Type = Type::List(&T::TYPE);
    const REQUIRED: bool = false;
    fn absent() -> Option<Self> {
        Some(Self::new())
    }
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        match &node.item {
            Item::Array(items) if items.len() > limit::LIST_ITEMS_MAX => {
                let expected = format!("at most {} items", limit::LIST_ITEMS_MAX);
                cx.wrong("plant/limit", node, &expected, &items.len().to_string(), None);
                None
            }
            Item::Array(items) => Some(items.iter().filter_map(|item| T::read(item, cx)).collect()),
            Item::Tables(tables) => {
                let mut all = Self::new();
                for table in tables {
                    // The tree holds tables of a list without a node each; a part is read from a node.
                    let node = Node { span: table.span, item: Item::Table(Box::new(table.clone())) };
                    all.extend(T::read(&node, cx));
                }
                Some(all)
            }
            Item::Broken => None,
            // One item may stand without brackets; a part in single brackets is one part.
            Item::Table(_) if matches!(T::TYPE, Type::Part(_) | Type::ZoneNetwork) => {
                T::read(node, cx).map(|item| vec![item])
            }
            _ if T::TYPE.is_scalar() => T::read(node, cx).map(|item| vec![item]),
            _ => {
                cx.wrong_type(node, "a list in brackets");
                None
            }
        }
    }
    fn write(&self, plant: &Plant) -> Value {
        if self.is_empty() {
            Value::Absent
        } else {
            Value::List(self.iter().map(|item| item.write(plant)).collect())
        }
    }
}

/// A type that the free keys of a table can have.
pub(crate) trait MapKey: Sized + Ord {
    const TYPE: Type;
    fn read_key(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self>;
    fn write_key(&self) -> String;
}

impl MapKey for String {
    const TYPE: Type = Type::Text;
    fn read_key(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        text(node, "a key", cx).map(str::to_string)
    }
    fn write_key(&self) -> String {
        self.clone()
    }
}

impl MapKey for RequirementId {
    const TYPE: Type = Type::Requirement;
    fn read_key(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        <Self as Field>::read(node, cx)
    }
    fn write_key(&self) -> String {
        self.to_string()
    }
}

impl<K: MapKey, V: Field> Field for BTreeMap<K, V> {
    const TYPE: Type = Type::Map(&K::TYPE, &V::TYPE);
    const REQUIRED: bool = false;
    fn absent() -> Option<Self> {
        Some(Self::new())
    }
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        let Item::Table(table) = &node.item else {
            cx.wrong_type(node, "a table `{ key = value }`");
            return None;
        };
        let mut map = Self::new();
        for entry in &table.entries {
            let key = Node { span: entry.key_span, item: Item::Text(entry.key.clone()) };
            let (key, value) = (K::read_key(&key, cx), V::read(&entry.value, cx));
            map.extend(key.zip(value));
        }
        Some(map)
    }
    fn write(&self, plant: &Plant) -> Value {
        if self.is_empty() {
            return Value::Absent;
        }
        Value::Table(self.iter().map(|(key, value)| (key.write_key(), value.write(plant))).collect())
    }
}
