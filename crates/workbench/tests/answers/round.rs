//! What was exported and not touched changes nothing, whatever stands in it.

use crate::books::{Opened, answers, book, pack, plan, plant};
use zonewright_workbench::answers::compare;

#[test]
fn what_nobody_touched_is_no_difference() {
    for seed in 0..60 {
        let (_, plant) = plant(seed);
        for bytes in [book(&plant, seed), pack(&plant, seed)] {
            let read = answers(&bytes);
            assert!(read.rows_read > 5, "seed {seed}");
            assert!(
                read.rows.is_empty() && read.misread.is_empty(),
                "seed {seed}: {:?} {:?}",
                read.rows,
                read.misread
            );
            let plan = compare(&plant, &[read]);
            assert!(plan.changes.is_empty() && plan.lines.is_empty(), "seed {seed}");
        }
    }
}

#[test]
fn another_program_that_opens_and_saves_changes_nothing() {
    for seed in 0..10 {
        let (_, plant) = plant(seed);
        for bytes in [book(&plant, seed), pack(&plant, seed)] {
            let plan = plan(&plant, &Opened::new(&bytes).saved());
            assert!(
                plan.lines.is_empty() && plan.misread.is_empty(),
                "seed {seed}: {:?} {:?}",
                plan.lines,
                plan.misread
            );
        }
    }
}

#[test]
fn every_claim_and_every_answer_has_a_row() {
    for seed in 0..20 {
        let (_, plant) = plant(seed);
        let ids = Opened::new(&book(&plant, seed)).ids();
        for claim in plant.claims.values() {
            let end = format!("/{}", claim.id);
            assert_eq!(ids.iter().filter(|id| id.ends_with(&end)).count(), 1, "seed {seed}: {}", claim.id);
        }
        for product in plant.products.values() {
            for requirement in product.capabilities.keys() {
                assert!(ids.contains(&format!("product/{}/{requirement}", product.id)), "seed {seed}");
            }
        }
    }
}

#[test]
fn types_are_real() {
    use calamine::Data;
    let (_, plant) = plant(3);
    let opened = Opened::new(&book(&plant, 3));
    let claim = plant.claims.values().find(|claim| claim.date.is_some()).unwrap();
    let id = opened.ids().into_iter().find(|id| id.ends_with(&format!("/{}", claim.id))).unwrap();
    let (sheet, row, titles) = opened.find(&id);
    let cells = &opened.sheets.iter().find(|(name, _)| *name == sheet).unwrap().1;
    assert!(matches!(cells[&(row, titles["Date"])], Data::DateTime(_)));
    assert!(matches!(cells[&(row, titles["Claim status"])], Data::String(_)));
    let (_, cells) = opened.sheets.iter().find(|(name, _)| name == "Requirements").unwrap();
    let level = cells.iter().find(|((row, column), _)| *row == 1 && *column == 5).unwrap().1;
    assert!(matches!(level, Data::Float(_)), "{level:?}");
}
