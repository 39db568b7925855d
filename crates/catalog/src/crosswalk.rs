//! Other rule books, and how requirements of the series relate to them.

use crate::table::{Faults, Row, Table};
use crate::{RequirementId, Standard};

/// How a requirement relates to an entry of another rule book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// What the requirement asks lies within what the entry asks.
    Subset,
    /// The two overlap; neither lies within the other.
    Intersects,
    /// The requirement helps towards the entry and shows none of it by itself.
    Supports,
}

impl Relation {
    /// Every word with its value, strongest first.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("subset", Self::Subset), ("intersects", Self::Intersects), ("supports", Self::Supports)];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subset => "subset",
            Self::Intersects => "intersects",
            Self::Supports => "supports",
        }
    }
}

/// Whose word a line of the crosswalk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MappingSource {
    /// A mapping that a publisher of one of the two books made, or that follows from such by one step that the note names.
    Official,
    /// A mapping that somebody else published.
    ThirdParty,
    /// Our own, proposed: nobody published it.
    OwnJudgement,
}

impl MappingSource {
    /// Every word with its value, strongest first.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("official mapping", Self::Official),
        ("published third party", Self::ThirdParty),
        ("own judgement", Self::OwnJudgement),
    ];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Official => "official mapping",
            Self::ThirdParty => "published third party",
            Self::OwnJudgement => "own judgement",
        }
    }

    /// Was it published by somebody, or is it ours?
    #[must_use]
    pub const fn is_published(self) -> bool {
        matches!(self, Self::Official | Self::ThirdParty)
    }
}

/// One line: a requirement, or a whole part, and an entry of another rule book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrosswalkLine {
    /// The part.
    pub standard: Standard,
    /// The requirement; `None` where the line is about the part as a whole.
    pub from: Option<RequirementId>,
    /// The rule book: `CSF-2.0`, `NERC-CIP`, …
    pub regime: &'static str,
    /// The entry in it.
    pub to: &'static str,
    /// How the two relate.
    pub relation: Relation,
    /// Whose word that is.
    pub source: MappingSource,
    /// How it was come by, or a doubt.
    pub note: Option<&'static str>,
}

impl CrosswalkLine {
    /// What it starts from, as the table writes it: `62443-3-3 SR 1.1`, or the part alone.
    #[must_use]
    pub fn from_ref(&self) -> String {
        match &self.from {
            Some(id) => format!("{} {id}", self.standard),
            None => self.standard.to_string(),
        }
    }
}

/// An entry of another rule book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegimeEntry {
    /// The rule book.
    pub regime: &'static str,
    /// The entry.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it asks, in our words.
    pub text: &'static str,
    /// From when it is in force, of which kind it is, or a doubt.
    pub note: Option<&'static str>,
}

pub(crate) fn lines(table: &Table, faults: &mut Faults) -> Vec<CrosswalkLine> {
    table.rows().filter_map(|row| line(&row, faults)).collect()
}

fn line(row: &Row, faults: &mut Faults) -> Option<CrosswalkLine> {
    let from = row.cell("from_ref");
    let (part, id) = from.split_once(' ').map_or((from, None), |(part, id)| (part, Some(id)));
    let standard = part.parse().ok();
    let from = id.map(str::parse::<RequirementId>).transpose().ok();
    let (Some(standard), Some(from)) = (standard, from) else {
        faults.add(format!("crosswalk.csv: `{}` is no requirement", row.cell("from_ref")));
        return None;
    };
    Some(CrosswalkLine {
        standard,
        from,
        regime: row.cell("regime"),
        to: row.cell("to_ref"),
        relation: row.word("relation", Relation::ALL, faults)?,
        source: row.word("source", MappingSource::ALL, faults)?,
        note: row.filled("note"),
    })
}

pub(crate) fn regimes(table: &Table) -> Vec<RegimeEntry> {
    let entry = |row: Row| RegimeEntry {
        regime: row.cell("regime"),
        id: row.cell("id"),
        title: row.cell("title"),
        text: row.cell("paraphrase"),
        note: row.filled("note"),
    };
    table.rows().map(entry).collect()
}
