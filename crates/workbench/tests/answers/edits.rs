//! What a person fills in, and nothing else, is what changes.

use crate::books::{Opened, book, pack, plan, plant};
use crate::plants::{self, Rng};
use calamine::{Data, ExcelDateTime, ExcelDateTimeType};
use std::collections::BTreeMap;
use zonewright_plant::model::{Claim, Common, Status};
use zonewright_plant::text::edit::apply;
use zonewright_plant::{Plant, text};
use zonewright_source::SourceText;
use zonewright_workbench::answers::{Plan, State, compare, read};

/// The day 2026-03-31 as a spreadsheet counts it.
const DAY: f64 = 46_112.0;

fn day() -> Data {
    Data::DateTime(ExcelDateTime::new(DAY, ExcelDateTimeType::DateTime, false))
}

/// The plant and texts after a plan.
fn after(text: &SourceText, plan: &Plan) -> (Plant, Vec<SourceText>) {
    let edited = apply(std::slice::from_ref(text), &plan.changes).unwrap();
    (edited.read.plant, edited.files)
}

/// A claim without where it stands.
fn bare(claim: &Claim) -> Claim {
    let common = Common {
        place: zonewright_source::Place::File("".into()),
        key_places: BTreeMap::new(),
        ..claim.common.clone()
    };
    Claim { common, ..claim.clone() }
}

#[test]
fn exactly_what_was_filled_in_changes() {
    let mut made = 0;
    for seed in 0..30 {
        let (text, plant) = plant(seed);
        let mut opened = Opened::new(&book(&plant, seed));
        let mut rng = Rng(seed ^ 0x5eed);
        let ids = opened.ids();
        let mut expected: BTreeMap<String, Claim> =
            plant.claims.values().map(|claim| (claim.id.to_string(), bare(claim))).collect();
        let mut new = Vec::new();
        let mut capabilities: BTreeMap<(String, String), Option<Status>> = BTreeMap::new();
        let mut touched = std::collections::BTreeSet::new();
        for _ in 0..8 {
            let id = rng.pick(&ids).clone();
            if !touched.insert(id.clone()) {
                continue;
            }
            made += 1;
            let parts: Vec<&str> = id.split('/').collect();
            match parts.as_slice() {
                ["product", product, requirement] => {
                    let status =
                        *rng.pick(&[None, Some(Status::Met), Some(Status::Partly), Some(Status::NotMet)]);
                    opened.type_in(&id, "Answer", status.map_or("", Status::as_str));
                    capabilities.insert((product.to_string(), requirement.to_string()), status);
                }
                [.., claim] if expected.contains_key(*claim) => {
                    if rng.one_in(3) {
                        opened.type_in(&id, "Claim status", "");
                        expected.remove(*claim);
                        continue;
                    }
                    opened.type_in(&id, "Rationale", "=another\nreason 1-2");
                    opened.put(&id, "Date", day());
                    opened.type_in(&id, "Claim status", "Not met");
                    let claim = expected.get_mut(*claim).unwrap();
                    claim.rationale = Some("=another\nreason 1-2".into());
                    claim.date = Some(jiff::civil::date(2026, 3, 31));
                    claim.status = Status::NotMet;
                }
                _ => {
                    opened.type_in(&id, "Claim status", "partly");
                    opened.type_in(&id, "Rationale", "0012");
                    opened.type_in(&id, "Evidence", "E-GOOD, E-OLD");
                    opened.type_in(&id, "By (role)", "r");
                    opened.put(&id, "Date", day());
                    new.push(id.clone());
                }
            }
        }
        let bytes = opened.saved();
        let plan = plan(&plant, &bytes);
        assert!(
            plan.misread.is_empty() && plan.count(State::Conflicting) == 0,
            "seed {seed}: {:?}",
            plan.misread
        );
        let (after, files) = after(&text, &plan);
        let mut claims: BTreeMap<String, Claim> =
            after.claims.values().map(|claim| (claim.id.to_string(), bare(claim))).collect();
        for id in &new {
            let (row, claim) = (
                id,
                claims.iter().find(|(_, c)| {
                    c.rationale.as_deref() == Some("0012")
                        && zonewright_report::xlsx::layout::RowId {
                            claim: None,
                            ..zonewright_report::xlsx::layout::RowId::of(c)
                        }
                        .to_string()
                            == *id
                }),
            );
            let (key, claim) =
                claim.map(|(k, c)| (k.clone(), c.clone())).unwrap_or_else(|| panic!("seed {seed}: {row}"));
            assert!(key.starts_with("CL-") && !plant.claims.contains_key(&claim.id));
            assert_eq!(claim.status, Status::Partly);
            assert_eq!(claim.evidence.iter().map(|e| e.as_str()).collect::<Vec<_>>(), ["E-GOOD", "E-OLD"]);
            assert_eq!(claim.date, Some(jiff::civil::date(2026, 3, 31)));
            assert_eq!(claim.by.as_ref().unwrap().as_str(), "r");
            claims.remove(&key);
        }
        assert_eq!(claims, expected, "seed {seed}");
        for product in after.products.values() {
            let before = &plant.products[&product.id].capabilities;
            for (requirement, status) in &product.capabilities {
                let key = (product.id.to_string(), requirement.to_string());
                let wanted = capabilities.get(&key).copied().unwrap_or(before.get(requirement).copied());
                assert_eq!(Some(*status), wanted, "seed {seed}: {key:?}");
            }
            let gone = before.keys().filter(|id| !product.capabilities.contains_key(*id));
            gone.for_each(|id| {
                assert_eq!(capabilities[&(product.id.to_string(), id.to_string())], None, "seed {seed}")
            });
        }
        // Comments and all other lines stay.
        assert!(files[0].text().contains("# a comment that stays"));
        // A second time there is nothing to do.
        let again = compare(&after, &[read("file.xlsx", &bytes).unwrap()]);
        assert!(
            again.changes.is_empty(),
            "seed {seed}: {:?}",
            again.lines.iter().filter(|l| l.state != State::Same).collect::<Vec<_>>()
        );
    }
    assert!(made > 150);
}

/// The first row of a zone without a claim.
fn free(opened: &Opened) -> String {
    opened.ids().into_iter().find(|id| id.starts_with("zone/") && id.split('/').count() == 3).unwrap()
}

#[test]
fn what_was_changed_on_both_sides_is_a_conflict_and_stays() {
    let (text, plant) = plant(1);
    let mut opened = Opened::new(&book(&plant, 1));
    let ids: Vec<String> = opened.ids().into_iter().filter(|id| id.contains("/K")).collect();
    for id in &ids {
        opened.type_in(id, "Rationale", "mine");
        opened.type_in(id, "Comment", "mine too");
    }
    let bytes = opened.saved();
    // Meanwhile, the workspace has another rationale everywhere.
    let mut theirs = plant.clone();
    theirs.claims.values_mut().for_each(|claim| claim.rationale = Some("theirs".into()));
    let plan = plan(&theirs, &bytes);
    assert_eq!(plan.count(State::Conflicting), ids.len());
    let (after, _) = after(&text, &plan);
    assert!(after.claims.values().all(|claim| claim.rationale.as_deref() != Some("mine")));
    for claim in after.claims.values() {
        let line = plan.lines.iter().find(|line| line.id == claim.id.as_str()).unwrap();
        assert_eq!(claim.common.note.as_deref(), Some("mine too"), "{line:?}");
    }
    // The same change on both sides is none.
    theirs.claims.values_mut().for_each(|claim| {
        claim.rationale = Some("mine".into());
        claim.common.note = Some("mine too".into());
    });
    let plan = crate::books::plan(&theirs, &bytes);
    assert!(plan.changes.is_empty() && plan.count(State::Same) == ids.len());
    // Claims that are gone.
    theirs.claims.clear();
    let plan = crate::books::plan(&theirs, &bytes);
    assert!(plan.changes.is_empty() && plan.count(State::Conflicting) == ids.len());
}

#[test]
fn a_claim_that_both_sides_made_is_a_conflict_unless_it_is_the_same() {
    let (text, plant) = plant(2);
    let mut opened = Opened::new(&book(&plant, 2));
    let id = free(&opened);
    opened.type_in(&id, "Claim status", "met");
    opened.type_in(&id, "Rationale", "mine");
    let bytes = opened.saved();
    let (mut after, _) = after(&text, &plan(&plant, &bytes));
    assert_eq!(after.claims.len(), plant.claims.len() + 1);
    assert!(plan(&after, &bytes).changes.is_empty());
    let made = after.claims.values_mut().find(|claim| claim.id.as_str().starts_with("CL-")).unwrap();
    made.status = Status::NotMet;
    let plan = plan(&after, &bytes);
    assert!(plan.changes.is_empty() && plan.count(State::Conflicting) == 1, "{:?}", plan.lines);
}

#[test]
fn what_is_not_understood_is_said_with_its_place_and_the_nearest_valid_value() {
    let (_, plant) = plant(4);
    let mut opened = Opened::new(&book(&plant, 4));
    let id = free(&opened);
    let wrong = |title: &str, text: &str| {
        let mut opened = Opened { sheets: opened.sheets.clone() };
        opened.type_in(&id, "Claim status", "met");
        opened.type_in(&id, title, text);
        let plan = plan(&plant, &opened.saved());
        assert!(plan.changes.is_empty() && plan.misread.len() == 1, "{title}: {:?}", plan.misread);
        plan.misread[0].text()
    };
    assert!(wrong("Claim status", "mett").ends_with("did you mean `met`?"));
    assert!(wrong("Claim status", "not-applicable").contains("say why"));
    assert!(wrong("By (role)", "rr").contains("`r`"));
    assert!(wrong("Evidence", "E-GOOD\nE-OLDD").contains("did you mean `E-OLD`?"));
    let day = wrong("Date", "last week");
    assert!(day.starts_with("file.xlsx, Requirements!O") && day.contains("2026-03-31"), "{day}");
    let id = wrong(zonewright_report::xlsx::layout::ROW_ID, "zone/Z9/SR 1.1");
    assert!(id.contains("no zone `Z9`") && id.contains("did you mean `Z"), "{id}");
    assert!(wrong(zonewright_report::xlsx::layout::ROW_ID, "").contains("not known whom"));
    opened.type_in(&free(&opened), "Rationale", "no status");
    let plan = plan(&plant, &opened.saved());
    assert!(plan.misread[0].text().contains("no status"), "{:?}", plan.misread);
}

#[test]
fn a_pack_answers_the_plant_zones_and_products() {
    let mut seen = [0; 3];
    for seed in 0..12 {
        let (text, plant) = plant(seed);
        let mut opened = Opened::new(&pack(&plant, seed));
        let ids: Vec<String> = opened.ids();
        let free: Vec<&String> = ids.iter().filter(|id| !id.contains("/K")).collect();
        for id in &free {
            opened.type_in(id, "Answer", "yes");
            if !id.starts_with("product") {
                opened.type_in(id, "Rationale", "seen on site");
            }
        }
        let plan = plan(&plant, &opened.saved());
        assert!(plan.misread.is_empty(), "{:?}", plan.misread);
        assert_eq!(plan.count(State::New), free.len());
        let (after, _) = after(&text, &plan);
        for id in free {
            let question: zonewright_report::xlsx::layout::RowId = id.parse().unwrap();
            match &question.subject {
                zonewright_plant::model::SubjectRef::Product(product) => {
                    seen[0] += 1;
                    assert_eq!(after.products[product].capabilities[&question.requirement], Status::Met);
                }
                subject => {
                    seen[if id.starts_with("plant") { 1 } else { 2 }] += 1;
                    let claim = after
                        .claims
                        .values()
                        .find(|c| c.subject == *subject && c.requirement == question.requirement)
                        .unwrap();
                    assert_eq!(
                        (claim.status, claim.rationale.as_deref()),
                        (Status::Met, Some("seen on site"))
                    );
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 5), "{seen:?}");
}

#[test]
fn reasons_beside_an_answer_about_a_product_become_a_claim() {
    let plant = plants::read(
        "[plant]\nid = \"p\"\n\n[[plant.role]]\nid = \"r\"\n\n[[product]]\nid = \"P\"\ncomponent_type = \"embedded-device\"\n",
    );
    let json = |rest: &str| {
        format!(
            "{{\"format\":\"zonewright-answers/1\",\"plant\":\"p\",\"answers\":[{{\"id\":\"product/P/CR 1.1\",\"answer\":\"met\"{rest}}}]}}"
        )
    };
    let plan = |text: String| compare(&plant, &[read("answers.json", text.as_bytes()).unwrap()]);
    let bare = plan(json(""));
    assert_eq!((bare.changes.len(), bare.lines[0].kind, bare.lines[0].state), (1, "product", State::New));
    let reasoned = plan(json(",\"rationale\":\"tried\",\"by\":\"r\",\"date\":\"2026-03-31\""));
    assert_eq!(reasoned.changes.len(), 2);
    assert_eq!(reasoned.lines[1].id, "CL-product-P-CR-1.1");
    assert!(plan(json(",\"by\":\"r\"")).misread[0].what.contains("rationale or evidence"));
}

#[test]
fn answers_of_a_page_are_read_by_the_same_rules() {
    let (text, plant) = plant(5);
    let mut opened = Opened::new(&pack(&plant, 5));
    let id = free(&opened);
    let answer = serde_json::json!({ "format": "zonewright-answers/1", "plant": "random", "as_of": "2026-06-01", "answers": [
        { "id": id, "answer": "partly", "rationale": "half of it", "evidence": "E-GOOD", "by": "r", "date": "2026-03-31" },
        { "id": "plant/SR 1.1", "answer": null } ] });
    let page = read("answers.json", answer.to_string().as_bytes()).unwrap();
    let of_page = compare(&plant, std::slice::from_ref(&page));
    assert!(of_page.misread.is_empty() && of_page.changes.len() == 1, "{of_page:?}");
    opened.type_in(&id, "Answer", "partly");
    opened.type_in(&id, "Rationale", "half of it");
    opened.type_in(&id, "Evidence", "E-GOOD");
    opened.type_in(&id, "By (role)", "r");
    opened.put(&id, "Date", day());
    assert_eq!(plan(&plant, &opened.saved()).changes, of_page.changes);
    let (after, _) = after(&text, &of_page);
    assert!(compare(&after, &[page]).changes.is_empty());
}

#[test]
fn new_claims_go_to_their_own_file_and_a_long_text_is_left_alone() {
    let long = "ä".repeat(40_000);
    let toml = format!(
        "[plant]\nid = \"p\"\n\n[[zone]]\nid = \"Z\"\nsl_t = 2\n# of a zone\n\n[[claim]]\nid = \"K\"\nsubject = \"Z\"\nrequirement = \"SR 1.1\"\nstatus = \"met\"\nrationale = \"{long}\"\n"
    );
    let source = SourceText::new("zones.toml", toml.clone());
    let plant = text::read(std::slice::from_ref(&source)).plant;
    let mut opened = Opened::new(&book(&plant, 0));
    opened.type_in("zone/Z/SR 1.1/K", "Comment", "short");
    let plan = plan(&plant, &opened.saved());
    let (after, _) = after(&source, &plan);
    assert_eq!(after.claims[&"K".into()].rationale.as_deref(), Some(long.as_str()));
    opened.type_in("zone/Z/SR 1.1/K", "Rationale", "other");
    assert!(crate::books::plan(&plant, &opened.saved()).misread[0].what.contains("cut"));

    let source = SourceText::new("zones.toml", toml.split("\n[[claim]]").next().unwrap());
    let plant = text::read(std::slice::from_ref(&source)).plant;
    let mut opened = Opened::new(&book(&plant, 0));
    opened.type_in("zone/Z/SR 1.1", "Claim status", "not-met");
    let edited =
        apply(std::slice::from_ref(&source), &crate::books::plan(&plant, &opened.saved()).changes).unwrap();
    assert_eq!(edited.changed.iter().map(|n| n.as_ref()).collect::<Vec<_>>(), ["claims.toml"]);
}
