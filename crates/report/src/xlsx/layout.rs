//! What a workbook of ours looks like to a program: titles, fields, ids of rows, and what a cell held when it was written.
//! Writing and reading back use these and nothing else of each other.

use std::fmt;
use std::str::FromStr;
use zonewright_catalog::RequirementId;
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ClaimId, ConduitId, GroupId, ProductId, ZoneId};
use zonewright_plant::model::{Claim, Status, SubjectRef};

/// The format's name and number.
pub const FORMAT: &str = "zonewright-workbook/1";
/// The hidden sheet by which a workbook is one of ours.
pub const HIDDEN: &str = "zonewright";
/// Most characters (UTF-16 units) that a cell holds (ECMA-376, as Excel keeps it).
pub const TEXT_UNITS_MAX: usize = 32_767;
/// What ends a text that was cut because a cell cannot hold it.
pub const CUT: &str = "… [cut: longer than a cell holds; edit it in the files]";
/// The title of the column that says which row it is.
pub const ROW_ID: &str = "Row id";
/// Keys of the hidden sheet, one a row, the value beside it.
pub const KEYS: [&str; 5] = ["format", "zonewright", "plant", "kind", "as_of"];

/// What a workbook is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Every requirement and every component requirement, with what is claimed.
    Requirements,
    /// Open questions and the place for their answers.
    Answers,
}

impl Kind {
    /// Every kind, by its word.
    pub const ALL: [(&'static str, Self); 2] =
        [("requirements", Self::Requirements), ("answers", Self::Answers)];

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requirements => "requirements",
            Self::Answers => "answers",
        }
    }
}

/// What a person can fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The status that is claimed; of a product, the answer.
    Status,
    /// Why.
    Rationale,
    /// Ids of evidence, one a line.
    Evidence,
    /// The role that says so.
    By,
    /// When.
    Date,
    /// A note.
    Comment,
}

impl Field {
    /// Every field, in the order of the columns.
    pub const ALL: [Self; 6] =
        [Self::Status, Self::Rationale, Self::Evidence, Self::By, Self::Date, Self::Comment];

    /// Titles of its column.
    #[must_use]
    pub const fn titles(self) -> &'static [&'static str] {
        match self {
            Self::Status => &["Claim status", "Answer"],
            Self::Rationale => &["Rationale"],
            Self::Evidence => &["Evidence"],
            Self::By => &["By (role)"],
            Self::Date => &["Date"],
            Self::Comment => &["Comment"],
        }
    }

    /// The key of Workspace/1 that it becomes.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Rationale => "rationale",
            Self::Evidence => "evidence",
            Self::By => "by",
            Self::Date => "date",
            Self::Comment => "note",
        }
    }

    /// The field of a column's title.
    #[must_use]
    pub fn titled(title: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.titles().contains(&title))
    }
}

/// How an answer is said to a person, by its status.
pub const ANSWERS: [(&str, Status); 5] = [
    ("yes", Status::Met),
    ("partly", Status::Partly),
    ("no", Status::NotMet),
    ("does not apply", Status::NotApplicable),
    ("not known", Status::NotShown),
];

/// The status that a cell says, as a word of Workspace/1 or as an answer.
#[must_use]
pub fn status(text: &str) -> Option<Status> {
    let word = text.trim().to_lowercase().replace([' ', '_'], "-");
    let statuses = Status::ALL.iter().copied();
    statuses.chain(ANSWERS).find(|(known, _)| known.replace(' ', "-") == word).map(|(_, status)| status)
}

/// How a status stands in a cell of a kind of workbook.
#[must_use]
pub fn spoken(kind: Kind, status: Status) -> &'static str {
    let answer = ANSWERS.iter().find(|(_, known)| *known == status).map(|(word, _)| *word);
    match kind {
        Kind::Requirements => status.as_str(),
        Kind::Answers => answer.unwrap_or(status.as_str()),
    }
}

/// Which row it is: `zone/Z-CTL/SR 1.1`, `plant/SR 1.1`, `product/P/CR 1.1`, and behind it the id of the claim that it shows.
/// Without a claim it is the id of the question about the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    /// Whom it is about.
    pub subject: SubjectRef,
    /// The requirement.
    pub requirement: RequirementId,
    /// The claim that the row shows; a row of a product without one shows its capabilities.
    pub claim: Option<ClaimId>,
}

impl RowId {
    /// The row of a claim.
    #[must_use]
    pub fn of(claim: &Claim) -> Self {
        let (subject, requirement) = (claim.subject.clone(), claim.requirement.clone());
        Self { subject, requirement, claim: Some(claim.id.clone()) }
    }
}

/// The word of a subject's kind, and its id; the plant has none.
#[must_use]
pub fn subject_words(subject: &SubjectRef) -> (&'static str, &str) {
    match subject {
        SubjectRef::Plant => ("plant", ""),
        SubjectRef::Zone(id) => ("zone", id.as_str()),
        SubjectRef::Conduit(id) => ("conduit", id.as_str()),
        SubjectRef::Asset(id) => ("asset", id.as_str()),
        SubjectRef::Product(id) => ("product", id.as_str()),
        SubjectRef::Group(id) => ("group", id.as_str()),
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match subject_words(&self.subject) {
            (kind, "") => write!(f, "{kind}/{}", self.requirement)?,
            (kind, id) => write!(f, "{kind}/{id}/{}", self.requirement)?,
        }
        match &self.claim {
            Some(claim) => write!(f, "/{claim}"),
            None => Ok(()),
        }
    }
}

/// Why a text is no id of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRowId(pub String);

impl FromStr for RowId {
    type Err = NoRowId;

    fn from_str(text: &str) -> Result<Self, NoRowId> {
        let wrong = || NoRowId(format!("expected a row id such as `zone/Z-1/SR 1.1`, found `{text}`"));
        let parts: Vec<&str> = text.trim().split('/').map(str::trim).collect();
        let (kind, rest) = parts.split_first().ok_or_else(wrong)?;
        let (id, rest) = match (*kind, rest) {
            ("plant", rest) => ("", rest),
            (_, [id, rest @ ..]) if !id.is_empty() => (*id, rest),
            _ => return Err(wrong()),
        };
        let subject = match *kind {
            "plant" => SubjectRef::Plant,
            "zone" => SubjectRef::Zone(ZoneId::from(id)),
            "conduit" => SubjectRef::Conduit(ConduitId::from(id)),
            "asset" => SubjectRef::Asset(AssetId::from(id)),
            "product" => SubjectRef::Product(ProductId::from(id)),
            "group" => SubjectRef::Group(GroupId::from(id)),
            _ => return Err(wrong()),
        };
        let (requirement, claim) = match rest {
            [requirement] => (requirement, None),
            [requirement, claim] if !claim.is_empty() => (requirement, Some(ClaimId::from(*claim))),
            _ => return Err(wrong()),
        };
        let requirement = requirement.parse().map_err(|error| NoRowId(format!("{error}")))?;
        Ok(Self { subject, requirement, claim })
    }
}

/// What the fields of a row hold, as text: a day as ISO 8601, evidence one id a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held([String; Field::ALL.len()]);

impl Held {
    /// A field's text; empty where there is none.
    #[must_use]
    pub fn get(&self, field: Field) -> &str {
        let at = Field::ALL.iter().position(|known| *known == field);
        at.and_then(|at| self.0.get(at)).map_or("", String::as_str)
    }

    /// Puts a text into a field.
    pub fn put(&mut self, field: Field, text: impl Into<String>) {
        let at = Field::ALL.iter().position(|known| *known == field);
        if let Some(held) = at.and_then(|at| self.0.get_mut(at)) {
            *held = text.into();
        }
    }

    /// Does it hold nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }
}

/// What a claim holds.
#[must_use]
pub fn held_by(claim: &Claim) -> Held {
    let mut held = Held::default();
    held.put(Field::Status, claim.status.as_str());
    held.put(Field::Rationale, claim.rationale.clone().unwrap_or_default());
    let evidence: Vec<&str> = claim.evidence.iter().map(|id| id.as_str()).collect();
    held.put(Field::Evidence, evidence.join("\n"));
    held.put(Field::By, claim.by.as_ref().map(ToString::to_string).unwrap_or_default());
    held.put(Field::Date, claim.date.map(|date| date.to_string()).unwrap_or_default());
    held.put(Field::Comment, claim.common.note.clone().unwrap_or_default());
    held
}

/// What a plant holds at a row: the claim that it names, or the answer of a product.
#[must_use]
pub fn held(plant: &Plant, row: &RowId) -> Option<Held> {
    match (&row.claim, &row.subject) {
        (Some(claim), _) => plant.claims.get(claim).map(held_by),
        (None, SubjectRef::Product(product)) => {
            let status = plant.products.get(product)?.capabilities.get(&row.requirement)?;
            let mut held = Held::default();
            held.put(Field::Status, status.as_str());
            Some(held)
        }
        (None, _) => None,
    }
}

/// A text as a cell can hold it.
#[must_use]
pub fn fitting(text: &str) -> std::borrow::Cow<'_, str> {
    if fits(text) {
        return text.into();
    }
    let mut left = TEXT_UNITS_MAX - CUT.encode_utf16().count();
    let kept: String = text
        .chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    format!("{kept}{CUT}").into()
}

/// Can a cell hold the whole text?
#[must_use]
pub fn fits(text: &str) -> bool {
    // A character has at least one byte for each of its units.
    text.len() <= TEXT_UNITS_MAX || text.encode_utf16().count() <= TEXT_UNITS_MAX
}
