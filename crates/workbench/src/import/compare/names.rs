//! Words of a file that name zones, products and roles of the workspace.

use std::collections::BTreeMap;
use zonewright_plant::Plant;
use zonewright_plant::id::{ProductId, RoleId, ZoneId};
use zonewright_plant::model::Asset;

/// Words that name nothing and are counted one by one.
const UNKNOWN_MAX: usize = 1_000;

/// Ids by what people call them, and the words that named nothing.
pub(super) struct Names {
    zones: Words<ZoneId>,
    products: Words<ProductId>,
    roles: Words<RoleId>,
    unknown: BTreeMap<(&'static str, String), usize>,
}

impl Names {
    pub(super) fn of(plant: &Plant) -> Self {
        let roles = plant.system.iter().flat_map(|system| &system.roles);
        Self {
            zones: Words::of(plant.zones.values().map(|zone| (&zone.id, zone.common.name.as_deref()))),
            products: Words::of(
                plant.products.values().map(|product| (&product.id, product.common.name.as_deref())),
            ),
            roles: Words::of(roles.map(|role| (&role.id, role.name.as_deref()))),
            unknown: BTreeMap::new(),
        }
    }

    /// The words of an asset become ids. A product that is no record is a model, where none is told.
    pub(super) fn resolve(&mut self, asset: &mut Asset) {
        if let Some(word) = asset.zone.take() {
            asset.zone = self.zones.find(word.as_str());
            self.note("zone", word.as_str(), asset.zone.is_none());
        }
        if let Some(word) = asset.owner.take() {
            asset.owner = self.roles.find(word.as_str());
            self.note("role", word.as_str(), asset.owner.is_none());
        }
        if let Some(word) = asset.product.take() {
            asset.product = self.products.find(word.as_str());
            if asset.product.is_none() && asset.model.is_none() {
                asset.model = Some(word.as_str().to_string());
            } else {
                self.note("product", word.as_str(), asset.product.is_none());
            }
        }
    }

    /// The zone of a word.
    pub(super) fn zone(&self, word: &str) -> Option<ZoneId> {
        self.zones.find(word)
    }

    fn note(&mut self, what: &'static str, word: &str, is_unknown: bool) {
        let key = (what, word.to_string());
        if is_unknown && (self.unknown.len() < UNKNOWN_MAX || self.unknown.contains_key(&key)) {
            *self.unknown.entry(key).or_default() += 1;
        }
    }

    /// The words that named nothing, each with how many assets have it.
    pub(super) fn unknown(&self) -> Vec<String> {
        let assets = |count: usize| if count == 1 { "asset" } else { "assets" };
        let words = self.unknown.iter();
        words
            .map(|((what, word), count)| {
                format!(
                    "there is no {what} `{word}` in the workspace; left out of {count} {}",
                    assets(*count)
                )
            })
            .collect()
    }
}

/// Ids by id and by name, in any case. A name that two have tells neither.
struct Words<I> {
    exact: BTreeMap<String, I>,
    loose: BTreeMap<String, Option<I>>,
}

impl<I: Clone + AsRef<str>> Words<I> {
    fn of<'a>(records: impl Iterator<Item = (&'a I, Option<&'a str>)>) -> Self
    where
        I: 'a,
    {
        let mut words = Self { exact: BTreeMap::new(), loose: BTreeMap::new() };
        for (id, name) in records {
            words.exact.insert(id.as_ref().to_string(), id.clone());
            let mut forms: Vec<String> = vec![id.as_ref().to_lowercase()];
            forms.extend(name.map(str::to_lowercase).filter(|name| *name != id.as_ref().to_lowercase()));
            for form in forms {
                words.loose.entry(form).and_modify(|known| *known = None).or_insert_with(|| Some(id.clone()));
            }
        }
        words
    }

    fn find(&self, word: &str) -> Option<I> {
        let word = word.trim();
        self.exact.get(word).cloned().or_else(|| self.loose.get(&word.to_lowercase()).cloned().flatten())
    }
}
