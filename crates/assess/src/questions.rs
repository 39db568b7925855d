//! Questions: the missing evidence, ranked by how much its answers would decide (`zonewright ask`).

use crate::assessment::{Assessed, Assessment, Gap, RequirementStatus, SubjectKind};
use crate::levels::achieved::{NotShown, achieved};
use crate::levels::capability::{Capabilities, ComponentKind};
use crate::levels::claims::Claims;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use zonewright_catalog::{Catalog, Fr, RequirementId, SecurityLevel, SlVector, Standard};
use zonewright_plant::Plant;
use zonewright_plant::id::{AssetId, ConduitId, ProductId, RoleId, ZoneId};
use zonewright_plant::model::{Asset, Product, Status};

/// Whom or what a question is about. One answer about a product serves every instance of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum About {
    /// The plant: a matter of organization, answered once for every zone and conduit.
    Plant,
    /// A product: can it, by a component requirement of 62443-4-2?
    Product(ProductId),
    /// A zone: is a system requirement met there?
    Zone(String),
    /// A conduit.
    Conduit(String),
}

impl About {
    /// The kind of record, as Workspace/1 names it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Plant => "plant",
            Self::Product(_) => "product",
            Self::Zone(_) => "zone",
            Self::Conduit(_) => "conduit",
        }
    }

    /// The id of the record; `plant` for the plant.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Plant => "plant",
            Self::Product(id) => id.as_str(),
            Self::Zone(id) | Self::Conduit(id) => id,
        }
    }
}

/// A question for a walk-down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its id, made of what it asks, so that it stays the same over time: `zone/Z-CTL/SR 1.1`.
    pub id: String,
    /// Whom or what it is about.
    pub about: About,
    /// The requirement: of 62443-3-3 for a zone or conduit, of 62443-4-2 for a product.
    pub requirement: RequirementId,
    /// The question, for a person who stands before the cabinet.
    pub text: String,
    /// The role that can answer, where the model names one.
    pub role: Option<RoleId>,
    /// Where to go: physical boundary of the zone, zones of the instances.
    pub place: Option<String>,
    /// The instances of a product that the answer serves.
    pub assets: Vec<AssetId>,
    /// The statuses that the answer bears on: subject and requirement.
    pub statuses: Vec<(SubjectKind, String, RequirementId)>,
    /// What is at stake, in thousandths of a level: the width between proven and possible levels that the answer bears on, shared
    /// evenly among all open statuses that hold it open. Questions are ranked by it.
    pub stake: u32,
    /// Levels by which proven levels rise, over all subjects, if the answer is yes.
    pub levels_up: u32,
    /// Levels by which possible levels fall if the answer is no.
    pub levels_down: u32,
}

/// The questions of an assessment, those first of which the answer decides most.
#[must_use]
pub fn questions(plant: &Plant, assessment: &Assessment) -> Vec<Question> {
    let stakes = Stakes::of(assessment);
    let mut by_id: BTreeMap<String, Question> = BTreeMap::new();
    for assessed in &assessment.subjects {
        for row in assessed.requirements.iter().filter(|row| is_open(row)) {
            let mut question = of_row(plant, assessed, row);
            question.stake = stakes.of_row(assessed, row);
            merge(&mut by_id, question);
        }
    }
    for question in of_products(plant, assessment, &stakes) {
        merge(&mut by_id, question);
    }
    let mut questions: Vec<Question> = by_id.into_values().collect();
    let subjects = assessment.subjects.iter().map(|a| ((a.kind, a.id.as_str()), a)).collect();
    for question in &mut questions {
        question.statuses.sort();
        (question.levels_up, question.levels_down) = moved(&subjects, question);
    }
    questions.sort_by_key(|q| (Reverse(q.stake), Reverse(q.statuses.len()), q.id.clone()));
    questions
}

/// Asked for, and nothing shows it.
fn is_open(row: &RequirementStatus) -> bool {
    row.required && row.status == Status::NotShown
}

fn merge(by_id: &mut BTreeMap<String, Question>, question: Question) {
    match by_id.get_mut(&question.id) {
        Some(known) => {
            known.stake += question.stake;
            known.statuses.extend(question.statuses);
        }
        None => drop(by_id.insert(question.id.clone(), question)),
    }
}

/// The question of a status: of the plant where no component has to do with it, else of the zone or conduit.
fn of_row(plant: &Plant, assessed: &Assessed, row: &RequirementStatus) -> Question {
    let (role, place) = match assessed.kind {
        SubjectKind::Zone => {
            let zone = plant.zones.get(&ZoneId::from(assessed.id.as_str()));
            (zone.and_then(|z| z.accountable.clone()), zone.and_then(|z| z.physical_boundary.clone()))
        }
        SubjectKind::Conduit => {
            let conduit = plant.conduits.get(&ConduitId::from(assessed.id.as_str()));
            (conduit.and_then(|c| c.accountable.clone()), None)
        }
    };
    let words = catalog_words(&row.id);
    let (about, text, role, place) = match (row.gap, assessed.kind) {
        (Some(Gap::Organize), _) => {
            (About::Plant, format!("In the whole plant, is it so? {words}"), None, None)
        }
        (_, SubjectKind::Zone) => (
            About::Zone(assessed.id.clone()),
            format!("In zone {} ({}), is it so? {words}", assessed.id, assessed.name),
            role,
            place,
        ),
        (_, SubjectKind::Conduit) => (
            About::Conduit(assessed.id.clone()),
            format!("On conduit {} ({}), is it so? {words}", assessed.id, assessed.name),
            role,
            place,
        ),
    };
    Question {
        id: id(&about, &row.id),
        about,
        requirement: row.id.clone(),
        text,
        role,
        place,
        assets: Vec::new(),
        statuses: vec![(assessed.kind, assessed.id.clone(), row.id.clone())],
        stake: 0,
        levels_up: 0,
        levels_down: 0,
    }
}

fn id(about: &About, requirement: &RequirementId) -> String {
    match about {
        About::Plant => format!("plant/{requirement}"),
        about => format!("{}/{}/{requirement}", about.kind(), about.id()),
    }
}

fn catalog_words(id: &RequirementId) -> &'static str {
    Catalog::builtin().requirement(id).map(|requirement| requirement.text).unwrap_or_default()
}

/// A product's component requirements that nobody answered and that serve an open status of a zone with an instance in it.
fn of_products(plant: &Plant, assessment: &Assessment, stakes: &Stakes) -> Vec<Question> {
    let catalog = Catalog::builtin();
    let claims = Claims::new(plant, assessment.as_of);
    let capabilities = Capabilities::new(plant, catalog, &claims);
    let open = open_rows(assessment);
    let mut questions = Vec::new();
    for (product, assets) in instances(plant) {
        let zones: BTreeSet<&str> =
            assets.iter().filter_map(|asset| asset.zone.as_ref()).map(ZoneId::as_str).collect();
        let Some(first) = assets.first() else { continue };
        let kind = ComponentKind { own: None, ..capabilities.kind(first) };
        let Some(component_type) = kind.component_type else { continue };
        for requirement in catalog.of(Standard::Iec62443_4_2) {
            let Some(level) = requirement.levels.for_component(component_type) else { continue };
            if capabilities.answer(kind, requirement, level).is_some() {
                continue;
            }
            let rows: Vec<&(&Assessed, &RequirementStatus)> = requirement
                .maps_to
                .iter()
                .filter_map(|system| open.get(system))
                .flatten()
                .filter(|(assessed, _)| zones.contains(assessed.id.as_str()))
                .collect();
            if rows.is_empty() {
                continue;
            }
            let about = About::Product(product.id.clone());
            let name = product.common.name.clone().unwrap_or_else(|| described(product));
            questions.push(Question {
                id: id(&about, &requirement.id),
                about,
                requirement: requirement.id.clone(),
                text: format!("Can product {} ({name}) do this? {}", product.id, requirement.text),
                role: None,
                place: Some(zones.iter().copied().collect::<Vec<_>>().join(", ")),
                assets: assets.iter().map(|asset| asset.id.clone()).collect(),
                statuses: rows.iter().map(|(a, row)| (a.kind, a.id.clone(), row.id.clone())).collect(),
                // Capability alone meets nothing: it has to be shown to be set too.
                stake: rows.iter().map(|(assessed, row)| stakes.of_row(assessed, row) / 2).sum(),
                levels_up: 0,
                levels_down: 0,
            });
        }
    }
    questions
}

fn described(product: &Product) -> String {
    let said = [&product.supplier, &product.model, &product.version];
    said.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
}

type Rows<'a> = HashMap<&'a RequirementId, Vec<(&'a Assessed, &'a RequirementStatus)>>;

fn open_rows(assessment: &Assessment) -> Rows<'_> {
    let mut open: Rows<'_> = HashMap::new();
    for assessed in assessment.subjects.iter().filter(|assessed| assessed.kind == SubjectKind::Zone) {
        for row in assessed.requirements.iter().filter(|row| is_open(row)) {
            open.entry(&row.id).or_default().push((assessed, row));
        }
    }
    open
}

fn instances(plant: &Plant) -> Vec<(&Product, Vec<&Asset>)> {
    let mut instances: BTreeMap<&ProductId, Vec<&Asset>> = BTreeMap::new();
    for asset in plant.assets.values().filter(|asset| !asset.common.proposed) {
        if let Some(product) = &asset.product {
            instances.entry(product).or_default().push(asset);
        }
    }
    let products = plant.products.values().filter(|product| !product.common.proposed);
    products.filter_map(|product| Some((product, instances.remove(&product.id)?))).collect()
}

/// What is at stake per subject and foundational requirement: the width between proven and possible, and how many statuses
/// hold it open.
struct Stakes(HashMap<(SubjectKind, String, Fr), (u32, u32)>);

impl Stakes {
    fn of(assessment: &Assessment) -> Self {
        let mut stakes = HashMap::new();
        for assessed in &assessment.subjects {
            for fr in Fr::ALL {
                let number =
                    |level: Option<SecurityLevel>| level.map_or(0, |level| u32::from(level.number()));
                // What lies beyond the target is not asked for.
                let target = number(assessed.sl_t.level(fr));
                let proven = number(assessed.proven.level(fr)).min(target);
                let width = number(assessed.possible.level(fr)).min(target).saturating_sub(proven);
                let holding = assessed.requirements.iter().filter(|row| row.fr == fr && is_open(row)).count();
                let holding = u32::try_from(holding).unwrap_or(u32::MAX);
                stakes.insert((assessed.kind, assessed.id.clone(), fr), (width, holding));
            }
        }
        Self(stakes)
    }

    fn of_row(&self, assessed: &Assessed, row: &RequirementStatus) -> u32 {
        let (width, holding) =
            self.0.get(&(assessed.kind, assessed.id.clone(), row.fr)).copied().unwrap_or_default();
        (width * 1000).checked_div(holding).unwrap_or(0)
    }
}

/// By how many levels a yes raises what is proven, and a no lowers what is possible.
fn moved(subjects: &HashMap<(SubjectKind, &str), &Assessed>, question: &Question) -> (u32, u32) {
    if matches!(question.about, About::Product(_)) {
        return (0, 0);
    }
    let mut touched: BTreeMap<(SubjectKind, &str), Vec<&RequirementId>> = BTreeMap::new();
    for (kind, id, requirement) in &question.statuses {
        touched.entry((*kind, id)).or_default().push(requirement);
    }
    let (mut up, mut down) = (0, 0);
    for (subject, requirements) in &touched {
        let Some(assessed) = subjects.get(subject) else { continue };
        let with = |status| {
            let outcome = move |row: &RequirementStatus| {
                let (fr, level, known) = row.outcome();
                (fr, level, if requirements.contains(&&row.id) { status } else { known })
            };
            assessed.requirements.iter().map(outcome)
        };
        up += difference(&achieved(with(Status::Met), NotShown::NotMet), &assessed.proven, &assessed.sl_t);
        down +=
            difference(&assessed.possible, &achieved(with(Status::NotMet), NotShown::Met), &assessed.sl_t);
    }
    (up, down)
}

/// By how many levels one vector is above another, up to the target: what lies beyond is not asked for.
fn difference(high: &SlVector, low: &SlVector, target: &SlVector) -> u32 {
    let number = |vector: &SlVector, fr| vector.level(fr).map_or(0, |level| u32::from(level.number()));
    let asked = |vector: &SlVector, fr| number(vector, fr).min(number(target, fr));
    Fr::ALL.into_iter().map(|fr| asked(high, fr).saturating_sub(asked(low, fr))).sum()
}
