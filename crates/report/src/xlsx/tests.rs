//! Tests of what is written; reading it back is tested where it is read.

use super::layout::{self, CUT, Field, Kind, RowId, TEXT_UNITS_MAX};
use super::{pack, workbook};
use crate::samples;
use zonewright_assess::levels::of_judgements;
use zonewright_assess::questions::questions;
use zonewright_plant::model::Status;

#[test]
fn the_same_plant_gives_the_same_bytes() {
    let sample = samples::small();
    let assessment = of_judgements(&sample.plant, &[], sample.verification.as_of);
    let book = || workbook(&sample.plant, &assessment, "0.1.0").unwrap();
    assert_eq!(book(), book());
    assert!(book().bytes.starts_with(b"PK") && book().cut == 0);
    let asked = questions(&sample.plant, &assessment);
    assert!(!asked.is_empty());
    let answers = || pack(&sample.plant, &asked, "0.1.0", assessment.as_of).unwrap();
    assert_eq!(answers(), answers());
}

#[test]
fn an_empty_plant_has_a_workbook_too() {
    let plant = zonewright_plant::Plant::default();
    let assessment = of_judgements(&plant, &[], jiff::civil::date(2026, 6, 1));
    assert!(!workbook(&plant, &assessment, "0.1.0").unwrap().bytes.is_empty());
    assert!(!pack(&plant, &[], "0.1.0", assessment.as_of).unwrap().bytes.is_empty());
}

#[test]
fn a_question_s_id_is_the_id_of_its_row() {
    let sample = samples::small();
    let assessment = of_judgements(&sample.plant, &[], sample.verification.as_of);
    for question in questions(&sample.plant, &assessment) {
        let row: RowId = question.id.parse().unwrap();
        assert_eq!(row.to_string(), question.id);
    }
    let of_claim: RowId = "zone/Z-1/SR 1.1 RE(1)/CL-7".parse().unwrap();
    assert_eq!(of_claim.to_string(), "zone/Z-1/SR 1.1 RE(1)/CL-7");
    for wrong in [
        "",
        "zone",
        "zone/Z-1",
        "zone//SR 1.1",
        "plant",
        "plant/SR 1.1/",
        "cell/Z/SR 1.1",
        "zone/Z/SR 99.x",
        "zone/Z/SR 1.1/a/b",
    ] {
        assert!(wrong.parse::<RowId>().is_err(), "{wrong}");
    }
}

#[test]
fn a_status_is_read_in_either_way_of_saying_it() {
    for (_, status) in Status::ALL {
        for kind in [Kind::Requirements, Kind::Answers] {
            assert_eq!(layout::status(layout::spoken(kind, *status)), Some(*status));
        }
    }
    assert_eq!(layout::status(" Not met "), Some(Status::NotMet));
    assert_eq!(layout::status("maybe"), None);
    assert!(
        Field::ALL
            .iter()
            .all(|field| field.titles().iter().all(|title| Field::titled(title) == Some(*field)))
    );
}

#[test]
fn a_text_is_cut_only_where_a_cell_cannot_hold_it() {
    let whole = "ä".repeat(TEXT_UNITS_MAX);
    assert_eq!(layout::fitting(&whole), whole);
    for long in ["ä".repeat(TEXT_UNITS_MAX + 1), "😀".repeat(TEXT_UNITS_MAX / 2 + 1)] {
        let fitting = layout::fitting(&long);
        assert!(fitting.ends_with(CUT) && layout::fits(&fitting) && !layout::fits(&long));
    }
}
