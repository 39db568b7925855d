//! The catalogs as documents: `zonewright-catalog/1`, and text for a terminal.

pub mod json;
pub mod text;

use zonewright_catalog::{Catalog, CrosswalkLine, Misreading, Requirement};

/// Lines of the crosswalk, those that somebody published apart from our own.
struct Lines<'a> {
    published: Vec<&'a CrosswalkLine>,
    own: Vec<&'a CrosswalkLine>,
}

impl<'a> Lines<'a> {
    fn of(lines: impl Iterator<Item = &'a CrosswalkLine>) -> Self {
        let (published, own) = lines.partition(|line| line.source.is_published());
        Self { published, own }
    }
}

/// What is often misread about a requirement.
fn misread<'a>(catalog: &'a Catalog, requirement: &Requirement) -> Vec<&'a Misreading> {
    catalog.misreadings().iter().filter(|misreading| misreading.is_about(&requirement.id)).collect()
}
