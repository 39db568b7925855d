//! What a person filled in, set against the workspace: three ways, cell by cell. What was changed here only is taken over;
//! what was changed on both sides is a conflict and stays as the workspace has it.

use super::records;
use super::{Answers, Filled, MISREAD_MAX, Misread, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zonewright_catalog::{Catalog, RequirementId};
use zonewright_plant::Plant;
use zonewright_plant::id::{ClaimId, EvidenceId, ProductId, RoleId};
use zonewright_plant::model::{Claim, Common, Product, Status, SubjectRef};
use zonewright_plant::text::edit::{Change, RecordName};
use zonewright_plant::text::limit::ID_CHARS_MAX;
use zonewright_report::xlsx::layout::{self, Field, Held, RowId, fits, held_by, subject_words};
use zonewright_source::{Place, nearest};

/// What comes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// A record, or an answer, is added.
    New,
    /// One is changed.
    Changed,
    /// One is removed.
    Removed,
    /// A field was changed on both sides.
    Conflicting,
    /// The workspace says it already.
    Same,
}

impl State {
    /// Every state, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::New, Self::Changed, Self::Removed, Self::Conflicting, Self::Same];

    /// The word that the interfaces print.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Conflicting => "conflicting",
            Self::Same => "same",
        }
    }
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The key of Workspace/1; for an answer of a product, the requirement.
    pub key: String,
    /// What the workspace says.
    pub old: String,
    /// What the file says.
    pub new: String,
    /// Was it changed on both sides, so that it stays as it is?
    pub conflict: bool,
}

/// A row that says something that was not exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The record: `claim` or `product`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Which row it is.
    pub row: String,
    /// Where it stands.
    pub place: String,
    /// What comes of it.
    pub state: State,
    /// Fields that differ.
    pub fields: Vec<FieldChange>,
    /// What is to be said about it.
    pub remarks: Vec<String>,
}

/// What files come to.
#[derive(Debug, Default)]
pub struct Plan {
    /// Rows that say something, in the order of the files.
    pub lines: Vec<Line>,
    /// What is not understood. Nothing is written where there is any.
    pub misread: Vec<Misread>,
    /// The changes of the workspace.
    pub changes: Vec<Change>,
}

impl Plan {
    /// How many rows come to a state.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.lines.iter().filter(|line| line.state == state).count()
    }
}

/// Sets what files say against a plant.
#[must_use]
pub fn compare(plant: &Plant, files: &[Answers]) -> Plan {
    let mut desk = Desk::new(plant);
    desk.plan.misread.extend(files.iter().flat_map(|file| file.misread.iter().cloned()));
    let mut seen: BTreeMap<&RowId, &Row> = BTreeMap::new();
    for row in files.iter().flat_map(|file| &file.rows) {
        match seen.insert(&row.id, row) {
            Some(before) if !says_the_same(before, row) => {
                let what = format!(
                    "`{}` is filled in twice, and differently; the other one is at {}",
                    row.id, before.place
                );
                desk.misread(Misread::new(&row.place, what));
            }
            Some(_) => {}
            None => desk.row(row),
        }
    }
    let mut plan = desk.done();
    records::compare(plant, files, &mut plan);
    plan
}

fn says_the_same(a: &Row, b: &Row) -> bool {
    let said = |row: &Row| -> Vec<(Field, String)> {
        row.fields.iter().map(|(field, filled)| (*field, canonical(*field, &filled.now))).collect()
    };
    said(a) == said(b)
}

struct Desk<'p> {
    plant: &'p Plant,
    plan: Plan,
    by_row: BTreeMap<(&'p SubjectRef, &'p RequirementId), Vec<&'p Claim>>,
    roles: BTreeSet<&'p RoleId>,
    new_ids: BTreeSet<ClaimId>,
    products: BTreeMap<ProductId, Product>,
    claims: BTreeMap<ClaimId, Option<Claim>>,
}

impl<'p> Desk<'p> {
    fn new(plant: &'p Plant) -> Self {
        let mut by_row: BTreeMap<_, Vec<&Claim>> = BTreeMap::new();
        for claim in plant.claims.values() {
            by_row.entry((&claim.subject, &claim.requirement)).or_default().push(claim);
        }
        let roles = plant.system.iter().flat_map(|system| &system.roles).map(|role| &role.id).collect();
        Self {
            plant,
            plan: Plan::default(),
            by_row,
            roles,
            new_ids: BTreeSet::new(),
            products: BTreeMap::new(),
            claims: BTreeMap::new(),
        }
    }

    fn done(mut self) -> Plan {
        for (id, claim) in self.claims {
            self.plan.changes.extend(match claim {
                Some(claim) => Some(Change::Put(claim.into())),
                None => RecordName::new("claim", id.as_str()).map(Change::Delete),
            });
        }
        self.plan.changes.extend(self.products.into_values().map(|product| Change::Put(product.into())));
        self.plan
    }

    fn misread(&mut self, wrong: Misread) {
        if self.plan.misread.len() < MISREAD_MAX {
            self.plan.misread.push(wrong);
        }
    }

    fn row(&mut self, row: &Row) {
        let wrong = self.unknown(row).or_else(|| self.wrong_fields(row));
        if !wrong.as_ref().is_none_or(Vec::is_empty) {
            wrong.into_iter().flatten().for_each(|wrong| self.misread(wrong));
            return;
        }
        match (&row.id.claim, &row.id.subject) {
            (Some(claim), _) => self.claim(row, claim),
            (None, SubjectRef::Product(product)) => self.product(row, product),
            (None, _) => self.may_be_new(row, None),
        }
    }

    /// Does the row name something that is not there?
    fn unknown(&self, row: &Row) -> Option<Vec<Misread>> {
        let plant = self.plant;
        let (kind, id) = subject_words(&row.id.subject);
        let ids: Vec<&str> = match &row.id.subject {
            SubjectRef::Plant => vec![id],
            SubjectRef::Zone(_) => plant.zones.keys().map(AsRef::as_ref).collect(),
            SubjectRef::Conduit(_) => plant.conduits.keys().map(AsRef::as_ref).collect(),
            SubjectRef::Asset(_) => plant.assets.keys().map(AsRef::as_ref).collect(),
            SubjectRef::Product(_) => plant.products.keys().map(AsRef::as_ref).collect(),
            SubjectRef::Group(_) => plant.groups.keys().map(AsRef::as_ref).collect(),
        };
        if !ids.contains(&id) {
            let wrong = Misread::new(&row.place, format!("the plant has no {kind} `{id}`"));
            return Some(vec![wrong.near(nearest(id, ids))]);
        }
        let requirement = &row.id.requirement;
        if Catalog::builtin().requirement(requirement).is_none() && row.id.claim.is_none() {
            let near = Catalog::builtin().nearest_id(&requirement.to_string()).map(ToString::to_string);
            let wrong = Misread::new(&row.place, format!("no catalog has a requirement `{requirement}`"));
            return Some(vec![wrong.near(near.as_deref())]);
        }
        None
    }

    /// What the fields say that no record can.
    fn wrong_fields(&self, row: &Row) -> Option<Vec<Misread>> {
        let wrong = |(field, filled): (&Field, &Filled)| self.wrong_field(*field, filled).err();
        Some(row.fields.iter().filter_map(wrong).collect())
    }

    fn wrong_field(&self, field: Field, filled: &Filled) -> Result<(), Misread> {
        let text = canonical(field, &filled.now);
        if text.is_empty() {
            return Ok(());
        }
        let place = &filled.place;
        match field {
            Field::Status if layout::status(&text).is_none() => {
                let words = Status::ALL.iter().chain(&layout::ANSWERS).map(|(word, _)| *word);
                let listed: Vec<&str> = Status::ALL.iter().map(|(word, _)| *word).collect();
                let what =
                    format!("`{}` is no status: expected one of {}", shortened(&text), listed.join(", "));
                Err(Misread::new(place, what).near(nearest(&text, words)))
            }
            Field::By if !self.roles.iter().any(|role| role.as_str() == text) => {
                let wrong = Misread::new(place, format!("the plant has no role `{}`", shortened(&text)));
                Err(wrong.near(nearest(&text, self.roles.iter().map(|role| role.as_str()))))
            }
            Field::Date if text.parse::<jiff::civil::Date>().is_err() => Err(Misread::new(
                place,
                format!("`{}` is no day: expected one such as 2026-03-31", shortened(&text)),
            )),
            Field::Evidence => {
                let known = &self.plant.evidence;
                match text.lines().find(|id| !known.contains_key(&EvidenceId::from(*id))) {
                    Some(id) => {
                        let wrong =
                            Misread::new(place, format!("the plant has no evidence `{}`", shortened(id)));
                        Err(wrong.near(nearest(id, known.keys().map(AsRef::as_ref))))
                    }
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// A row that shows a claim.
    fn claim(&mut self, row: &Row, id: &ClaimId) {
        let Some(claim) = self.plant.claims.get(id) else {
            let fields =
                row.fields.iter().map(|(field, filled)| change(*field, "", &filled.now, true)).collect();
            let mut line = line("claim", id.as_str(), row, State::Conflicting, fields);
            line.remarks.push("the workspace has this claim no more".into());
            self.plan.lines.push(line);
            return;
        };
        if claim.subject != row.id.subject || claim.requirement != row.id.requirement {
            let now = RowId::of(claim);
            self.misread(Misread::new(
                &row.place,
                format!("claim `{id}` is about something else: its row is `{now}`"),
            ));
            return;
        }
        let held = held_by(claim);
        let status = row.fields.get(&Field::Status);
        if status.is_some_and(|status| status.now.trim().is_empty() && !is_none_or_empty(status.was.as_ref()))
        {
            self.remove(row, claim, &held);
            return;
        }
        let fields = match differences(row, &held) {
            Ok(fields) => fields,
            Err(wrong) => return self.misread(wrong),
        };
        let mut changed = claim.clone();
        for (field, change) in fields.iter().filter(|(_, change)| !change.conflict) {
            set(&mut changed, *field, &change.new);
        }
        if let Err(wrong) = reasoned(&changed, row) {
            return self.misread(wrong);
        }
        let state = state_of(&fields, State::Changed);
        if changed != *claim {
            self.claims.insert(id.clone(), Some(changed));
        }
        let fields = fields.into_iter().map(|(_, change)| change).collect();
        self.plan.lines.push(line("claim", id.as_str(), row, state, fields));
    }

    /// The status was cleared: the claim goes, unless it was changed meanwhile.
    fn remove(&mut self, row: &Row, claim: &Claim, held: &Held) {
        let changed_since = row.fields.iter().any(|(field, filled)| is_changed_since(*field, filled, held));
        let old = held.get(Field::Status);
        let fields = vec![change(Field::Status, old, "", changed_since)];
        let state = if changed_since { State::Conflicting } else { State::Removed };
        self.plan.lines.push(line("claim", claim.id.as_str(), row, state, fields));
        if !changed_since {
            self.claims.insert(claim.id.clone(), None);
        }
    }

    /// A row without a claim: a new one, unless the workspace has one by now. `status` is that of a product's answer.
    fn may_be_new(&mut self, row: &Row, status: Option<Status>) {
        let known = self.by_row.get(&(&row.id.subject, &row.id.requirement)).cloned().unwrap_or_default();
        let tells_its_export = row.fields.values().any(|filled| filled.was.is_some());
        match known.as_slice() {
            [] => self.add(row, status),
            [claim] if !tells_its_export => self.claim(row, &claim.id.clone()),
            claims if claims.iter().any(|claim| holds(claim, row)) => {
                let id = claims.first().map(|claim| claim.id.to_string()).unwrap_or_default();
                self.plan.lines.push(line("claim", &id, row, State::Same, Vec::new()));
            }
            claims => {
                let fields = |claim: &Claim| -> Vec<FieldChange> {
                    let held = held_by(claim);
                    let differs = row
                        .fields
                        .iter()
                        .filter(|(f, filled)| canonical(**f, &filled.now) != canonical(**f, held.get(**f)));
                    differs
                        .map(|(field, filled)| change(*field, held.get(*field), &filled.now, true))
                        .collect()
                };
                let first = claims.first();
                let id = first.map(|claim| claim.id.to_string()).unwrap_or_default();
                let mut line = line(
                    "claim",
                    &id,
                    row,
                    State::Conflicting,
                    first.map(|claim| fields(claim)).unwrap_or_default(),
                );
                let rows: Vec<String> =
                    claims.iter().map(|claim| format!("`{}`", RowId::of(claim))).collect();
                line.remarks.push(format!(
                    "the workspace has a claim about this already: export again and fill in row {}",
                    rows.join(" or ")
                ));
                self.plan.lines.push(line);
            }
        }
    }

    fn add(&mut self, row: &Row, status: Option<Status>) {
        let said = |field: Field| {
            row.fields.get(&field).map(|filled| canonical(field, &filled.now)).unwrap_or_default()
        };
        if row.fields.keys().all(|field| said(*field).is_empty()) {
            return;
        }
        let Some(status) = layout::status(&said(Field::Status)).or(status) else {
            let place = row.fields.values().next().map_or(&row.place, |filled| &filled.place);
            let what = "something is filled in, but no status: choose one, or clear the row";
            self.misread(Misread::new(place, what));
            return;
        };
        let id = self.new_id(&row.id);
        let mut claim = Claim {
            id: id.clone(),
            common: unwritten(),
            subject: row.id.subject.clone(),
            requirement: row.id.requirement.clone(),
            status,
            rationale: None,
            evidence: Vec::new(),
            by: None,
            date: None,
        };
        let mut fields = vec![change(Field::Status, "", status.as_str(), false)];
        for field in Field::ALL.into_iter().filter(|field| *field != Field::Status) {
            let text = said(field);
            if !text.is_empty() {
                set(&mut claim, field, &text);
                fields.push(change(field, "", &text, false));
            }
        }
        if let Err(wrong) = reasoned(&claim, row) {
            return self.misread(wrong);
        }
        self.claims.insert(id.clone(), Some(claim));
        self.plan.lines.push(line("claim", id.as_str(), row, State::New, fields));
    }

    /// An id made of subject and requirement, so that it is the same for the same.
    fn new_id(&mut self, row: &RowId) -> ClaimId {
        let plain = |text: &str| -> String {
            let sound = text.chars().map(|c| if c.is_alphanumeric() || "_.".contains(c) { c } else { '-' });
            let mut out = String::new();
            sound.for_each(|c| {
                if c != '-' || !out.ends_with('-') {
                    out.push(c);
                }
            });
            out.trim_matches('-').to_string()
        };
        let (kind, id) = subject_words(&row.subject);
        let subject = if id.is_empty() { kind.to_string() } else { format!("{kind}-{id}") };
        let (subject, requirement) = (plain(&subject), plain(&row.requirement.to_string()));
        let mut n = 1;
        loop {
            let end = if n == 1 { format!("-{requirement}") } else { format!("-{requirement}-{n}") };
            let room = ID_CHARS_MAX.saturating_sub("CL-".len().saturating_add(end.chars().count()));
            let id: String = format!("CL-{}{end}", subject.chars().take(room).collect::<String>());
            let id = ClaimId::from(id.as_str());
            if !self.plant.claims.contains_key(&id) && self.new_ids.insert(id.clone()) {
                return id;
            }
            n += 1;
        }
    }

    /// An answer about a product: into its record; why and what shows it, into a claim about the product.
    fn product(&mut self, row: &Row, id: &ProductId) {
        let Some(product) = self.plant.products.get(id) else { return };
        let requirement = &row.id.requirement;
        let now = product.capabilities.get(requirement).copied();
        let mut answer = now;
        if let Some(filled) = row.fields.get(&Field::Status) {
            let mut held = Held::default();
            held.put(Field::Status, now.map_or("", Status::as_str));
            let new = layout::status(&filled.now);
            let (old, said) = (held.get(Field::Status), new.map_or("", Status::as_str));
            if filled.was.is_some() || new.is_some() {
                let conflict = is_changed_since(Field::Status, filled, &held) && old != said;
                let state = match (conflict, now, new) {
                    _ if old == said => State::Same,
                    (true, ..) => State::Conflicting,
                    (_, None, _) => State::New,
                    (_, _, None) => State::Removed,
                    _ => State::Changed,
                };
                let differs =
                    FieldChange { key: requirement.to_string(), old: old.into(), new: said.into(), conflict };
                let fields = if state == State::Same { Vec::new() } else { vec![differs] };
                self.plan.lines.push(line("product", id.as_str(), row, state, fields));
                if !conflict && new != now {
                    let product = self.products.entry(id.clone()).or_insert_with(|| product.clone());
                    match new {
                        Some(status) => drop(product.capabilities.insert(requirement.clone(), status)),
                        None => drop(product.capabilities.remove(requirement)),
                    }
                }
                if !conflict {
                    answer = new;
                }
            }
        }
        self.reasons(row, answer);
    }

    /// What stands beside an answer about a product.
    fn reasons(&mut self, row: &Row, answer: Option<Status>) {
        let is_filled =
            |field: &Field| row.fields.get(field).is_some_and(|filled| !filled.now.trim().is_empty());
        if [Field::Rationale, Field::Evidence].iter().any(is_filled) {
            self.may_be_new(row, answer);
        } else if let Some(left) =
            [Field::By, Field::Date, Field::Comment].iter().find(|field| is_filled(field))
        {
            let place = row.fields.get(left).map_or(&row.place, |filled| &filled.place);
            let what = "an answer about a product keeps role, day and comment only with a rationale or evidence: add one, or clear them";
            self.misread(Misread::new(place, what));
        }
    }
}

/// The common keys of a record that stands in no file yet.
pub(super) fn unwritten() -> Common {
    Common {
        name: None,
        note: None,
        proposed: false,
        reason: None,
        place: Place::File(Arc::from("")),
        key_places: BTreeMap::new(),
    }
}

fn is_none_or_empty(text: Option<&String>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

fn line(kind: &'static str, id: &str, row: &Row, state: State, fields: Vec<FieldChange>) -> Line {
    Line {
        kind,
        id: id.to_string(),
        row: row.id.to_string(),
        place: row.place.clone(),
        state,
        fields,
        remarks: Vec::new(),
    }
}

fn change(field: Field, old: &str, new: &str, conflict: bool) -> FieldChange {
    let (old, new) = (canonical(field, old), canonical(field, new));
    FieldChange { key: field.key().to_string(), old, new, conflict }
}

/// A field as it is compared: without what a spreadsheet may change on its way.
fn canonical(field: Field, text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    match field {
        Field::Status => {
            layout::status(text).map_or_else(|| text.to_string(), |status| status.as_str().to_string())
        }
        Field::Evidence => {
            let ids = text.split([',', ';', '\n']).map(str::trim).filter(|id| !id.is_empty());
            ids.collect::<Vec<_>>().join("\n")
        }
        Field::Rationale | Field::By | Field::Date | Field::Comment => text.to_string(),
    }
}

/// Does the workspace say something else than when the file was made?
fn is_changed_since(field: Field, filled: &Filled, held: &Held) -> bool {
    let now = layout::fitting(held.get(field));
    filled.was.as_ref().is_some_and(|was| canonical(field, was) != canonical(field, &now))
}

/// Fields of a row that the workspace says otherwise.
fn differences(row: &Row, held: &Held) -> Result<Vec<(Field, FieldChange)>, Misread> {
    let mut fields = Vec::new();
    for (field, filled) in &row.fields {
        let (old, new) = (canonical(*field, held.get(*field)), canonical(*field, &filled.now));
        if old == new {
            continue;
        }
        if !fits(held.get(*field)) && filled.was.is_some() {
            let what = "the text was cut when it was exported, so that a change here would lose its end: change it in the files";
            return Err(Misread::new(&filled.place, what));
        }
        fields.push((*field, change(*field, &old, &new, is_changed_since(*field, filled, held))));
    }
    Ok(fields)
}

fn state_of(fields: &[(Field, FieldChange)], otherwise: State) -> State {
    match fields {
        [] => State::Same,
        fields if fields.iter().any(|(_, change)| change.conflict) => State::Conflicting,
        _ => otherwise,
    }
}

/// Does a claim say all that a row says?
fn holds(claim: &Claim, row: &Row) -> bool {
    let held = held_by(claim);
    row.fields
        .iter()
        .all(|(field, filled)| canonical(*field, &filled.now) == canonical(*field, held.get(*field)))
}

/// That something does not apply needs a reason.
fn reasoned(claim: &Claim, row: &Row) -> Result<(), Misread> {
    let is_bare = claim.rationale.as_ref().is_none_or(|text| text.trim().is_empty());
    if claim.status != Status::NotApplicable || !is_bare {
        return Ok(());
    }
    let at = row.fields.get(&Field::Rationale).or_else(|| row.fields.get(&Field::Status));
    let place = at.map_or(&row.place, |filled| &filled.place);
    Err(Misread::new(place, "what does not apply needs a rationale: say why"))
}

/// Puts a field, which is known to be sound, into a claim.
fn set(claim: &mut Claim, field: Field, text: &str) {
    let some = || (!text.is_empty()).then(|| text.to_string());
    match field {
        Field::Status => claim.status = layout::status(text).unwrap_or(claim.status),
        Field::Rationale => claim.rationale = some(),
        Field::Evidence => claim.evidence = text.lines().map(EvidenceId::from).collect(),
        Field::By => claim.by = some().map(|role| RoleId::from(role.as_str())),
        Field::Date => claim.date = text.parse().ok(),
        Field::Comment => claim.common.note = some(),
    }
}

/// Words of a cell as a message shows them.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN_MAX: usize = 80;
    let shown: String = text.chars().take(SHOWN_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > SHOWN_MAX { format!("{shown}…") } else { shown }
}
