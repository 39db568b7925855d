//! What holds on random plants.

use super::naive::Naive;
use super::plants::{self, AS_OF, Rng};
use jiff::civil::Date;
use zonewright_assess::assessment::{Assessment, SubjectKind};
use zonewright_assess::deciders::{Judgement, Says};
use zonewright_assess::levels::of_judgements;
use zonewright_catalog::{Catalog, Fr, SlVector};
use zonewright_plant::Plant;
use zonewright_plant::model::{Status, SubjectRef};

const PLANTS: u64 = 150;

fn as_of() -> Date {
    AS_OF.parse().unwrap()
}

fn each(check: impl Fn(u64, &mut Rng, &str, &Plant, &[Judgement])) {
    for seed in 0..PLANTS {
        let mut rng = Rng(seed);
        let text = plants::plant_text(&mut rng);
        let plant = plants::read(&text);
        let judgements = plants::judgements(&mut rng);
        check(seed, &mut rng, &text, &plant, &judgements);
    }
}

fn numbers(vector: &SlVector) -> [Option<u8>; 7] {
    Fr::ALL.map(|fr| vector.level(fr).map(|level| level.number()))
}

fn subject_ref(kind: SubjectKind, id: &str) -> SubjectRef {
    match kind {
        SubjectKind::Zone => SubjectRef::Zone(id.into()),
        SubjectKind::Conduit => SubjectRef::Conduit(id.into()),
    }
}

#[test]
fn statuses_and_levels_equal_the_naive_reading_of_the_definition() {
    let mut seen = std::collections::BTreeMap::new();
    each(|seed, _, _, plant, judgements| {
        let assessment = of_judgements(plant, judgements, as_of());
        let naive = Naive { plant, judgements, as_of: as_of() };
        for assessed in &assessment.subjects {
            let subject = subject_ref(assessed.kind, &assessed.id);
            for row in &assessed.requirements {
                let requirement = Catalog::builtin().requirement(&row.id).unwrap();
                let expected = naive.status(&subject, requirement);
                assert_eq!(row.status, expected, "seed {seed}, {} {}", assessed.id, row.id);
            }
            for (fr, (proven, possible)) in naive.levels(&subject).into_iter().enumerate() {
                assert_eq!(numbers(&assessed.proven)[fr], proven, "seed {seed}, {}", assessed.id);
                assert_eq!(numbers(&assessed.possible)[fr], possible, "seed {seed}, {}", assessed.id);
            }
        }
    });
    // The plants are only worth something if they meet every case.
    for seed in 0..PLANTS {
        let mut rng = Rng(seed);
        let plant = plants::read(&plants::plant_text(&mut rng));
        let judgements = plants::judgements(&mut rng);
        for row in of_judgements(&plant, &judgements, as_of()).subjects.iter().flat_map(|s| &s.requirements) {
            *seen.entry(row.status.as_str()).or_insert(0) += 1;
            for basis in &row.basis {
                *seen.entry(basis.kind.as_str()).or_insert(0) += 1;
            }
        }
    }
    for what in [
        "met",
        "partly",
        "not-met",
        "not-applicable",
        "not-shown",
        "observed",
        "claimed",
        "inherited",
        "compensated",
    ] {
        assert!(seen.get(what).copied().unwrap_or(0) > 10, "{what}: {seen:?}");
    }
}

/// Is every level of `a` at most that of `b`? Nothing is at most anything.
fn at_most(
    a: &Assessment,
    b: &Assessment,
    of: impl Fn(&zonewright_assess::assessment::Assessed) -> SlVector,
) -> bool {
    a.subjects.iter().zip(&b.subjects).all(|(a, b)| {
        let (a, b) = (numbers(&of(a)), numbers(&of(b)));
        a.iter().zip(&b).all(|(a, b)| a.unwrap_or(0) <= b.unwrap_or(0))
    })
}

#[test]
fn a_further_requirement_that_is_met_never_lowers_a_level() {
    each(|seed, rng, text, plant, judgements| {
        let before = of_judgements(plant, judgements, as_of());
        for n in 0..6 {
            let assessed = rng.pick(&before.subjects);
            let open: Vec<_> = assessed
                .requirements
                .iter()
                .filter(|row| !matches!(row.status, Status::NotApplicable))
                .collect();
            let row = rng.pick(&open);
            let claim = format!(
                "\n[[claim]]\nid = \"NEW{n}\"\nsubject = \"{}:{}\"\nrequirement = \"{}\"\nstatus = \"met\"\nrationale = \"shown\"\n",
                assessed.kind.as_str(),
                assessed.id,
                row.id
            );
            let after = of_judgements(&plants::read(&format!("{text}{claim}")), judgements, as_of());
            assert!(at_most(&before, &after, |s| s.proven), "seed {seed}: {claim}");
            assert!(at_most(&before, &after, |s| s.possible), "seed {seed}: {claim}");
        }
    });
}

#[test]
fn taking_away_what_speaks_for_a_requirement_never_raises_what_is_proven() {
    each(|seed, _, _, plant, judgements| {
        let before = of_judgements(plant, judgements, as_of());
        for gone in 0..judgements.len() {
            if judgements[gone].says == Says::Refutes {
                continue;
            }
            let mut fewer = judgements.to_vec();
            let taken = fewer.remove(gone);
            let after = of_judgements(plant, &fewer, as_of());
            assert!(at_most(&after, &before, |s| s.proven), "seed {seed}: {taken:?}");
        }
    });
}

#[test]
fn proven_is_never_above_possible_and_unknown_is_null_on_both_sides() {
    each(|seed, _, _, plant, judgements| {
        for assessed in of_judgements(plant, judgements, as_of()).subjects {
            for (proven, possible) in numbers(&assessed.proven).iter().zip(&numbers(&assessed.possible)) {
                assert_eq!(proven.is_none(), possible.is_none(), "seed {seed}, {}", assessed.id);
                assert!(proven <= possible, "seed {seed}, {}", assessed.id);
            }
        }
    });
}
