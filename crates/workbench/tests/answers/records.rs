//! Countermeasures: whatever they say, untouched is no difference, and what is filled in is exactly what changes.

use crate::books::{Opened, answers, plan};
use crate::generate::{self, Rng};
use calamine::{Data, ExcelDateTime, ExcelDateTimeType};
use zonewright_assess::levels::of_judgements;
use zonewright_plant::id::CountermeasureId;
use zonewright_plant::text::edit::apply;
use zonewright_plant::text::{self, Value, Written};
use zonewright_plant::{Plant, model};
use zonewright_report::xlsx::{self, records};
use zonewright_source::SourceText;
use zonewright_workbench::answers::{State, compare};

/// A value in one line, parts in braces.
fn spelled(value: &Value) -> Option<String> {
    match value {
        Value::Part(part) => {
            let entries = part
                .fields
                .iter()
                .filter_map(|(key, value)| Some(format!("{} = {}", key.name, spelled(value)?)));
            Some(format!("{{ {} }}", entries.collect::<Vec<_>>().join(", ")))
        }
        Value::List(items) => {
            Some(format!("[{}]", items.iter().filter_map(spelled).collect::<Vec<_>>().join(", ")))
        }
        value => value.to_toml(),
    }
}

/// A random workspace with every key that there is.
fn workspace(seed: u64) -> (SourceText, Plant) {
    let mut out = String::new();
    for record in generate::workspace(seed) {
        out.push_str(&format!("# a comment that stays\n{}\n", record.kind.header));
        let Written { fields, .. } = &record;
        for (key, value) in fields {
            if let Some(value) = spelled(value) {
                out.push_str(&format!("{} = {value}\n", key.name));
            }
        }
    }
    let text = SourceText::new("plant.toml", out);
    let read = text::read(std::slice::from_ref(&text));
    assert!(!read.has_errors(), "seed {seed}: {:?}", read.diagnostics);
    (text, read.plant)
}

fn book(plant: &Plant) -> Vec<u8> {
    let assessment = of_judgements(plant, &[], jiff::civil::date(2026, 11, 26));
    xlsx::workbook(plant, &assessment, "0.1.0").unwrap().bytes
}

/// The row of a countermeasure, or of the first empty one.
fn row(opened: &Opened, id: Option<&str>) -> u32 {
    let (_, cells) = opened.sheets.iter().find(|(name, _)| name == records::SHEET).unwrap();
    let last = cells.keys().map(|(row, _)| *row).max().unwrap();
    match id {
        Some(id) => cells.iter().find(|((_, at), data)| *at == 0 && data.to_string() == id).unwrap().0.0,
        None => (1..=last + 1).find(|row| !cells.contains_key(&(*row, 0))).unwrap(),
    }
}

fn put(opened: &mut Opened, row: u32, title: &str, value: Data) {
    let cells = opened.sheet(records::SHEET);
    let at = cells.iter().find(|((row, _), data)| *row == 0 && data.to_string() == title).unwrap().0.1;
    match value {
        Data::Empty => drop(cells.remove(&(row, at))),
        value => drop(cells.insert((row, at), value)),
    }
}

fn type_in(opened: &mut Opened, row: u32, title: &str, text: &str) {
    put(opened, row, title, Data::String(text.into()));
}

/// The plant with one countermeasure.
fn small() -> (SourceText, Plant) {
    let text = "[plant]\nid = \"p\"\n[[plant.role]]\nid = \"r\"\n\n[[zone]]\nid = \"Z-1\"\nsl_t = 2\n\n\
                # first\n[[countermeasure]]\nid = \"1-2\" # an id like a day\nname = \"=1+1\"\nstate = \"planned\"\napplies_to = [\"Z-1\"]\ncost_once = 1500\n";
    let text = SourceText::new("plant.toml", text);
    let read = text::read(std::slice::from_ref(&text));
    assert!(!read.has_errors(), "{:?}", read.diagnostics);
    (text, read.plant)
}

fn one<'p>(plant: &'p Plant, id: &str) -> &'p model::Countermeasure {
    &plant.countermeasures[&CountermeasureId::from(id)]
}

#[test]
fn every_key_of_a_random_workspace_comes_back_as_it_was() {
    for seed in 0..40 {
        let (_, plant) = workspace(seed);
        assert!(!plant.countermeasures.is_empty());
        let bytes = book(&plant);
        for bytes in [Opened::new(&bytes).saved(), bytes] {
            let read = answers(&bytes);
            assert!(read.rows_read >= plant.countermeasures.len());
            assert!(
                read.records.is_empty() && read.misread.is_empty(),
                "seed {seed}: {:?} {:?}",
                read.records,
                read.misread
            );
            let plan = compare(&plant, &[read]);
            assert!(plan.lines.is_empty() && plan.changes.is_empty(), "seed {seed}: {:?}", plan.lines);
        }
    }
}

#[test]
fn exactly_what_is_filled_in_changes() {
    for seed in 0..20 {
        let (text, plant) = workspace(seed);
        let mut rng = Rng(seed ^ 0xc0de);
        let ids: Vec<String> = plant.countermeasures.keys().map(ToString::to_string).collect();
        let id = rng.pick(&ids).clone();
        let mut opened = Opened::new(&book(&plant));
        let at = row(&opened, Some(&id));
        type_in(&mut opened, at, "Description", "=not a formula\n007");
        type_in(&mut opened, at, "Meets", "SR 1.1, SR 7.8; SR 5.2 RE 1");
        type_in(&mut opened, at, "State", "In place");
        put(&mut opened, at, "Cost once", Data::Float(1234.5));
        put(
            &mut opened,
            at,
            "Review",
            Data::DateTime(ExcelDateTime::new(46_112.0, ExcelDateTimeType::DateTime, false)),
        );
        put(&mut opened, at, "Rationale", Data::Empty);
        let plan = plan(&plant, &opened.saved());
        assert!(plan.misread.is_empty(), "seed {seed}: {:?}", plan.misread);
        let edited = apply(std::slice::from_ref(&text), &plan.changes).unwrap();
        let mut expected = one(&plant, &id).clone();
        let found = one(&edited.read.plant, &id);
        expected.description = Some("=not a formula\n007".into());
        expected.meets = ["SR 1.1", "SR 7.8", "SR 5.2 RE(1)"].iter().map(|id| id.parse().unwrap()).collect();
        expected.state = Some(model::CountermeasureState::InPlace);
        expected.cost_once = Some(1234.5);
        expected.review = Some(jiff::civil::date(2026, 3, 31));
        // An empty text is an empty cell, and to clear that says nothing.
        expected.rationale = expected.rationale.filter(|text| text.trim().is_empty());
        expected.common.place = found.common.place.clone();
        expected.common.key_places = found.common.key_places.clone();
        assert_eq!(*found, expected, "seed {seed}");
        for other in ids.iter().filter(|other| **other != id) {
            let (mut before, after) = (one(&plant, other).clone(), one(&edited.read.plant, other));
            before.common.place = after.common.place.clone();
            before.common.key_places = after.common.key_places.clone();
            assert_eq!(before, *after, "seed {seed}");
        }
        let comments = |text: &str| text.matches("# a comment that stays").count();
        assert_eq!(comments(text.text()), comments(edited.files[0].text()), "seed {seed}");
    }
}

#[test]
fn a_new_one_is_added_and_says_it_already_when_read_again() {
    let (text, plant) = small();
    let mut opened = Opened::new(&book(&plant));
    let at = row(&opened, None);
    type_in(&mut opened, at, records::ID, "MAR1");
    type_in(&mut opened, at, "Name", "Jump host");
    type_in(&mut opened, at, "Applies to", "plant\nZ-1");
    type_in(&mut opened, at, "Approved by", "r");
    let saved = opened.saved();
    let done = plan(&plant, &saved);
    assert!(done.misread.is_empty(), "{:?}", done.misread);
    assert_eq!(done.count(State::New), 1);
    let edited = apply(std::slice::from_ref(&text), &done.changes).unwrap();
    let new = one(&edited.read.plant, "MAR1");
    assert_eq!((new.common.name.as_deref(), new.applies_to.len()), (Some("Jump host"), 2));
    assert!(edited.files[0].text().contains("id = \"1-2\" # an id like a day"));
    let again = plan(&edited.read.plant, &saved);
    assert_eq!((again.count(State::Same), again.changes.len(), again.misread.len()), (1, 0, 0));
}

#[test]
fn what_was_changed_on_both_sides_is_a_conflict() {
    let (_, plant) = small();
    let mut opened = Opened::new(&book(&plant));
    let at = row(&opened, Some("1-2"));
    type_in(&mut opened, at, "State", "in-place");
    put(&mut opened, at, "Cost once", Data::Float(2000.0));
    let saved = opened.saved();
    let mut meanwhile = plant.clone();
    let changed = meanwhile.countermeasures.get_mut(&CountermeasureId::from("1-2")).unwrap();
    changed.state = Some(model::CountermeasureState::Proposed);
    let conflicting = plan(&meanwhile, &saved);
    assert_eq!(conflicting.count(State::Conflicting), 1);
    let fates: Vec<(&str, bool)> =
        conflicting.lines[0].fields.iter().map(|field| (field.key.as_str(), field.conflict)).collect();
    assert_eq!(fates, [("cost_once", false), ("state", true)]);
    assert_eq!(conflicting.changes.len(), 1);
    meanwhile.countermeasures.clear();
    let gone = plan(&meanwhile, &saved);
    assert_eq!((gone.count(State::Conflicting), gone.changes.len()), (1, 0));
}

#[test]
fn what_is_wrong_is_named_by_its_cell_and_stops_all() {
    let (_, plant) = small();
    let wrong = |title: &str, text: &str| {
        let mut opened = Opened::new(&book(&plant));
        let at = row(&opened, Some("1-2"));
        type_in(&mut opened, at, title, text);
        let plan = plan(&plant, &opened.saved());
        assert!(plan.changes.is_empty(), "{title} {text}");
        plan.misread.iter().map(zonewright_workbench::answers::Misread::text).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        wrong("State", "in-plce"),
        "file.xlsx, Countermeasures!D2: `in-plce` is not one of in-place, planned, proposed; did you mean `in-place`?"
    );
    assert_eq!(
        wrong("Applies to", "Z-1\nZ-2"),
        "file.xlsx, Countermeasures!E2: the plant has no zone, conduit, asset, product or group `Z-2`; did you mean `Z-1`?"
    );
    assert!(wrong("Meets", "SR 1.99").contains("Countermeasures!F2: no catalog has a requirement `SR 1.99`"));
    assert!(wrong("Meets", "often").contains("`often` is no requirement"));
    assert!(wrong("Approved by", "boss").contains("the plant has no role `boss`"));
    assert!(wrong("Cost once", "1.500,00").contains("`1.500,00` is not a number"));
    assert!(wrong("Cost once", "-1").contains("`-1` is not a number of at least 0"));
    assert!(wrong("Frequency factor", "1.5").contains("is not a number from 0 to 1"));
    assert!(wrong("Duration in days", "2.5").contains("is not a whole number"));
    assert!(wrong("Needs outage", "maybe").contains("is not yes or no"));
    assert!(wrong("Review", "next year").contains("is not a day"));
    assert!(wrong(records::ID, "1-3").contains("its id is not changed here"));
    assert!(wrong(records::RECORD, "countermeasure/1-3").contains("Countermeasures!"));
    assert!(wrong(records::RECORD, "zone/Z-1").contains("expected a record such as"));
}

#[test]
fn a_new_one_needs_an_id_that_is_free() {
    let (_, plant) = small();
    let wrong = |id: &str| {
        let mut opened = Opened::new(&book(&plant));
        let at = row(&opened, None);
        if !id.is_empty() {
            type_in(&mut opened, at, records::ID, id);
        }
        type_in(&mut opened, at, "Name", "Another");
        let plan = plan(&plant, &opened.saved());
        assert!(plan.changes.is_empty());
        plan.misread.iter().map(zonewright_workbench::answers::Misread::text).collect::<Vec<_>>().join("\n")
    };
    assert!(wrong("").contains("Countermeasures!A3: a new countermeasure needs an id"));
    assert!(wrong("a b").contains("cannot be an id: it has a space in it"));
    assert!(wrong("1-2").contains("the plant has a countermeasure `1-2` already"));
}
