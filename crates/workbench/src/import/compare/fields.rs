//! What differs between an asset and what a file tells of it, field by field, and what becomes of it.

use super::who::{alike, shown};
use super::{Fate, Field, Known};
use crate::import::Incoming;
use zonewright_plant::model::Asset;

/// Fills, overwrites or leaves each field, and says which.
pub(super) fn merge(asset: &mut Asset, told: &Asset, incoming: &Incoming, known: Known) -> Vec<Field> {
    let mut merging = Merging { incoming, known, fields: Vec::new() };
    let same_words = |a: &String, b: &String| a.split_whitespace().eq(b.split_whitespace());
    let any_case = |a: &String, b: &String| same_words(&a.to_lowercase(), &b.to_lowercase());
    let text = |a: &String| a.clone();
    let truth = |a: &bool| a.to_string();
    macro_rules! one {
        ($key:literal, $($field:ident).+, $same:expr, $shown:expr) => {
            merging.one($key, &mut asset.$($field).+, &told.$($field).+, $same, $shown)
        };
    }
    // A name that is only the id in other letters tells nothing.
    let told_name = told.common.name.clone().filter(|name| !name.eq_ignore_ascii_case(asset.id.as_str()));
    merging.one("name", &mut asset.common.name, &told_name, any_case, text);
    one!("kind", kind, PartialEq::eq, |kind| kind.as_str().to_string());
    one!("component_type", component_type, PartialEq::eq, |ty| ty.as_str().to_string());
    if asset.conduit.is_none() {
        one!("zone", zone, PartialEq::eq, ToString::to_string);
    }
    one!("product", product, PartialEq::eq, ToString::to_string);
    one!("vendor", vendor, |a, b| alike(a, b), text);
    one!("model", model, any_case, text);
    one!("version", version, any_case, text);
    one!("serial", serial, any_case, text);
    merging.many("ips", &mut asset.ips, &told.ips, shown);
    merging.many("macs", &mut asset.macs, &told.macs, ToString::to_string);
    merging.many("vlans", &mut asset.vlans, &told.vlans, ToString::to_string);
    one!("purdue_level", purdue_level, any_case, text);
    one!("safety_related", safety_related, PartialEq::eq, truth);
    one!("wireless", wireless, PartialEq::eq, truth);
    one!("temporary", temporary, PartialEq::eq, truth);
    one!("remote", remote, PartialEq::eq, truth);
    one!("criticality", criticality, PartialEq::eq, |rating| rating.as_str().to_string());
    one!("owner", owner, PartialEq::eq, ToString::to_string);
    one!("end_of_support", end_of_support, PartialEq::eq, ToString::to_string);
    merging.many("software", &mut asset.software, &told.software, text);
    one!("sbom", sbom, same_words, text);
    one!("note", common.note, same_words, text);
    merging.fields
}

struct Merging<'a> {
    incoming: &'a Incoming,
    known: Known,
    fields: Vec<Field>,
}

impl Merging<'_> {
    fn one<T: Clone>(
        &mut self,
        key: &'static str,
        old: &mut Option<T>,
        new: &Option<T>,
        same: impl Fn(&T, &T) -> bool,
        shown: impl Fn(&T) -> String,
    ) {
        let Some(told) = new else { return };
        let fate = match old.as_ref() {
            None if self.known == Known::Leave => return,
            None => Fate::Filled,
            Some(known) if same(known, told) || self.incoming.guessed.contains(key) => return,
            Some(_) if self.known == Known::Overwrite => Fate::Overwritten,
            Some(_) => Fate::Conflict,
        };
        let field = Field { key, old: old.as_ref().map(&shown).unwrap_or_default(), new: shown(told), fate };
        if fate != Fate::Conflict {
            *old = Some(told.clone());
        }
        self.fields.push(field);
    }

    /// A list is never shortened: what the file does not name may still be so.
    fn many<T: Clone + PartialEq>(
        &mut self,
        key: &'static str,
        old: &mut Vec<T>,
        new: &[T],
        shown: impl Fn(&T) -> String,
    ) {
        let lacks: Vec<T> = new.iter().filter(|item| !old.contains(item)).cloned().collect();
        if lacks.is_empty() || (!old.is_empty() && self.incoming.guessed.contains(key)) {
            return;
        }
        let fate = match self.known {
            Known::Leave if old.is_empty() => return,
            Known::Fill if old.is_empty() => Fate::Filled,
            Known::Overwrite => {
                if old.is_empty() {
                    Fate::Filled
                } else {
                    Fate::Overwritten
                }
            }
            Known::Leave | Known::Fill => Fate::Conflict,
        };
        let words = |items: &[T]| items.iter().map(&shown).collect::<Vec<_>>().join(", ");
        let field = Field { key, old: words(old), new: words(&lacks), fate };
        if fate != Fate::Conflict {
            old.extend(lacks);
        }
        self.fields.push(field);
    }
}
