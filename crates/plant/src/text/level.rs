//! Security levels: one for all foundational requirements, seven, or a table of them.

use super::field::{Field, shown};
use super::gather::Cx;
use super::spec::Type;
use super::tree::{Item, Node};
use super::value::Value;
use crate::Plant;
use crate::model::SlTarget;
use zonewright_catalog::{Fr, SecurityLevel, SlVector};
use zonewright_source::nearest;

const LEVEL: &str = "a level from 0 to 4";

/// A level, or `"none"`.
fn level(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Option<SecurityLevel>> {
    match &node.item {
        Item::Text(text) if text == "none" => Some(None),
        Item::Integer(number) => match u8::try_from(*number).ok().and_then(SecurityLevel::new) {
            Some(level) => Some(Some(level)),
            None => {
                cx.wrong("plant/out-of-range", node, LEVEL, &format!("`{number}`"), None);
                None
            }
        },
        _ => {
            cx.wrong_type(node, "a level from 0 to 4 or `\"none\"`");
            None
        }
    }
}

fn vector(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<SlVector> {
    match &node.item {
        Item::Array(items) => {
            let levels: Vec<Option<Option<SecurityLevel>>> =
                items.iter().map(|item| level(item, cx)).collect();
            let levels: Vec<Option<SecurityLevel>> = levels.into_iter().collect::<Option<_>>()?;
            let found = format!("{} levels", levels.len());
            let vector = levels.try_into().ok().map(SlVector);
            if vector.is_none() {
                cx.wrong(
                    "plant/wrong-vector",
                    node,
                    "seven levels in the order IAC, UC, SI, DC, RDF, TRE, RA",
                    &found,
                    None,
                );
            }
            vector
        }
        Item::Table(table) => {
            let mut vector = SlVector::default();
            let mut sound = true;
            for entry in &table.entries {
                let slot = Fr::ALL.iter().position(|fr| fr.as_str().eq_ignore_ascii_case(&entry.key));
                let Some(slot) = slot.and_then(|at| vector.0.get_mut(at)) else {
                    let key = Node { span: entry.key_span, item: Item::Broken };
                    let near = nearest(&entry.key, Fr::ALL.iter().map(|fr| fr.as_str()));
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    cx.wrong(
                        "plant/wrong-vector",
                        &key,
                        "one of IAC, UC, SI, DC, RDF, TRE, RA",
                        &shown(&entry.key),
                        help,
                    );
                    sound = false;
                    continue;
                };
                match level(&entry.value, cx) {
                    Some(level) => *slot = level,
                    None => sound = false,
                }
            }
            sound.then_some(vector)
        }
        _ => level(node, cx).map(|level| level.map_or(SlVector::default(), SlVector::all)),
    }
}

fn write_vector(vector: &SlVector) -> Value {
    let write = |level: &Option<SecurityLevel>| match level {
        Some(level) => Value::Bare(level.number().to_string()),
        None => Value::Text("none".into()),
    };
    let [first, rest @ ..] = &vector.0;
    if first.is_some() && rest.iter().all(|level| level == first) {
        return write(first);
    }
    if vector.is_empty() { Value::Absent } else { Value::List(vector.0.iter().map(write).collect()) }
}

impl Field for SlVector {
    const TYPE: Type = Type::SlVector;
    const REQUIRED: bool = false;
    fn absent() -> Option<Self> {
        Some(Self::default())
    }
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        vector(node, cx)
    }
    fn write(&self, _: &Plant) -> Value {
        write_vector(self)
    }
}

impl Field for SlTarget {
    const TYPE: Type = Type::SlTarget;
    const REQUIRED: bool = false;
    fn absent() -> Option<Self> {
        Some(Self::None)
    }
    fn read(node: &Node<'_>, cx: &mut Cx<'_, '_>) -> Option<Self> {
        match &node.item {
            Item::Text(text) if text == "derive-from-risk" => Some(Self::DeriveFromRisk),
            Item::Text(text) if text == "none" => Some(Self::None),
            Item::Text(text) => {
                let near = nearest(text, ["derive-from-risk", "none"]).unwrap_or("derive-from-risk");
                let help = Some(format!("did you mean `\"{near}\"`?"));
                cx.wrong(
                    "plant/unknown-word",
                    node,
                    "a level from 0 to 4, seven of them, or `\"derive-from-risk\"`",
                    &shown(text),
                    help,
                );
                None
            }
            _ => {
                let vector = vector(node, cx)?;
                Some(if vector.is_empty() { Self::None } else { Self::Stated(vector) })
            }
        }
    }
    fn write(&self, _: &Plant) -> Value {
        match self {
            Self::None => Value::Absent,
            Self::DeriveFromRisk => Value::Text("derive-from-risk".into()),
            Self::Stated(vector) => write_vector(vector),
        }
    }
}
