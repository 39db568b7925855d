use super::*;
use crate::{ComponentType, Levels, SecurityLevel};

fn catalog() -> &'static Catalog {
    Catalog::builtin()
}

fn id(text: &str) -> RequirementId {
    text.parse().unwrap()
}

/// How many of the levels are asked up to 1, 2, 3, 4.
fn cumulative(levels: impl Iterator<Item = SecurityLevel>) -> [usize; 4] {
    let levels: Vec<u8> = levels.map(SecurityLevel::number).collect();
    [1, 2, 3, 4].map(|up_to| levels.iter().filter(|level| **level <= up_to).count())
}

#[test]
fn every_table_is_read_whole() {
    assert_eq!(catalog().faults(), [] as [&str; 0]);
}

#[test]
fn counts_of_the_parts_are_those_of_the_standard() {
    let count = |standard| catalog().of(standard).filter(|row| !row.is_common_constraint()).count();
    assert_eq!(count(Standard::Iec62443_2_1), 87);
    assert_eq!(count(Standard::Iec62443_2_3), 47);
    assert_eq!(count(Standard::Iec62443_2_4), 123);
    assert_eq!(count(Standard::Iec62443_3_2), 32);
    assert_eq!(count(Standard::Iec62443_3_3), 100);
    assert_eq!(count(Standard::Iec62443_4_1), 47);
    assert_eq!(count(Standard::Iec62443_4_2), 137);
    assert_eq!(catalog().of(Standard::Iec62443_4_2).filter(|row| row.is_common_constraint()).count(), 4);
}

#[test]
fn system_requirements_by_level_are_those_of_the_standard() {
    let (enhancements, requirements): (Vec<_>, Vec<_>) =
        catalog().system_requirements().partition(|row| row.parent.is_some());
    assert_eq!((requirements.len(), enhancements.len()), (51, 49));
    let levels = catalog().system_requirements().map(|row| row.levels.for_system().unwrap());
    assert_eq!(cumulative(levels), [37, 60, 90, 100]);
}

#[test]
fn component_requirements_by_type_and_level_are_those_of_the_standard() {
    let expected = [[34, 53, 67, 73], [36, 61, 77, 83], [36, 62, 78, 84], [40, 67, 86, 92]];
    for ((word, component), expected) in ComponentType::ALL.iter().zip(expected) {
        let levels =
            catalog().of(Standard::Iec62443_4_2).filter_map(|row| row.levels.for_component(*component));
        assert_eq!(cumulative(levels), expected, "{word}");
    }
}

#[test]
fn common_constraints_have_no_level_and_are_counted_apart() {
    for row in catalog().of(Standard::Iec62443_4_2).filter(|row| row.is_common_constraint()) {
        assert_eq!((row.levels, row.fr), (Levels::None, None), "{}", row.id);
        assert!(row.column("source").is_some() && row.column("confidence").is_some(), "{}", row.id);
    }
}

#[test]
fn every_row_has_words_of_ours_and_a_source_or_a_doubt() {
    for row in catalog().requirements() {
        assert!(!row.title.is_empty() && row.text.ends_with('.'), "{}: {}", row.id, row.text);
        let told = ["confidence", "crosscheck"].iter().any(|column| row.column(column).is_some());
        assert!(told, "{} says neither how sure it is nor with how many sources it was compared", row.id);
        assert!(row.fr.is_some() || row.practice.is_some(), "{} belongs nowhere", row.id);
        assert_eq!(row.id.standard(), row.standard, "{}", row.id);
    }
}

#[test]
fn every_id_prints_as_its_table_writes_it() {
    for (name, text) in TABLES.iter().filter(|(name, _)| name.starts_with("iec62443-")) {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for row in reader.records() {
            let written = row.unwrap()[0].to_string();
            let read: RequirementId = written.parse().unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(read.to_string(), written, "{name}");
            assert!(catalog().requirement(&read).is_some());
        }
    }
}

#[test]
fn parents_and_served_requirements_exist() {
    for row in catalog().requirements() {
        if let Some(parent) = &row.parent {
            let found =
                catalog().requirement(parent).unwrap_or_else(|| panic!("{} enhances {parent}", row.id));
            assert_eq!(found.standard, row.standard);
            assert_eq!(&row.id.base(), parent, "{}", row.id);
        }
        assert_eq!(row.parent.is_some(), row.id.enhancement().is_some(), "{}", row.id);
        for served in &row.maps_to {
            let found = catalog().requirement(served).unwrap_or_else(|| panic!("{} serves {served}", row.id));
            assert_eq!((row.standard, found.standard), (Standard::Iec62443_4_2, Standard::Iec62443_3_3));
        }
    }
}

#[test]
fn an_enhancement_is_asked_no_earlier_than_what_it_enhances() {
    for row in catalog().requirements() {
        let Some(parent) = row.parent.as_ref().and_then(|parent| catalog().requirement(parent)) else {
            continue;
        };
        assert!(row.levels.lowest() >= parent.levels.lowest(), "{}", row.id);
        for (_, component) in ComponentType::ALL {
            if let Some(level) = row.levels.for_component(*component) {
                assert!(
                    parent.levels.for_component(*component).is_some_and(|asked| asked <= level),
                    "{}",
                    row.id
                );
            }
        }
    }
}

#[test]
fn which_system_requirements_apply_to_conduits_is_said_for_all_hundred_with_reason_and_basis() {
    for row in catalog().requirements() {
        assert_eq!(row.conduit.is_some(), row.standard == Standard::Iec62443_3_3, "{}", row.id);
        let Some(conduit) = row.conduit else { continue };
        assert!(conduit.reason.ends_with('.') && !conduit.basis.is_empty(), "{}", row.id);
        // A basis that names 4-2 names rows that network devices are asked for and that serve this requirement.
        if let Some((_, ids)) = conduit.basis.split_once("asks network devices for it: ") {
            for named in ids.split(", ").map(id) {
                let named = catalog().requirement(&named).unwrap();
                assert!(named.levels.for_component(ComponentType::NetworkDevice).is_some());
                assert!(named.maps_to.contains(&row.id), "{}: {}", row.id, named.id);
            }
        }
        // An enhancement applies to no conduit that the requirement itself does not apply to.
        let parent = row.parent.as_ref().and_then(|parent| catalog().requirement(parent)?.conduit);
        assert!(parent.is_none_or(|parent| parent.applies() || !conduit.applies()), "{}", row.id);
    }
    let applies = |text: &str| catalog().requirement(&id(text)).unwrap().conduit.unwrap().applies();
    assert!(applies("SR 3.1") && applies("SR 5.2 RE(1)") && !applies("SR 3.6") && !applies("SR 5.4"));
}

#[test]
fn component_requirements_are_found_by_the_system_requirement_they_serve() {
    let serving: Vec<String> =
        catalog().component_requirements_for(&id("SR 3.2")).map(|row| row.id.to_string()).collect();
    assert_eq!(serving, ["CR 3.2", "SAR 3.2", "EDR 3.2", "HDR 3.2", "NDR 3.2"]);
    assert_eq!(catalog().component_requirements_for(&id("SR 3.3 RE(1)")).count(), 0);
}

#[test]
fn the_nearest_id_is_found_by_number_or_by_letters() {
    let near = |text: &str| catalog().nearest_id(text).map(ToString::to_string);
    assert_eq!(near("SR 1.14").as_deref(), Some("SR 1.13"));
    assert_eq!(near("SR 5.2 RE(7)").as_deref(), Some("SR 5.2 RE(3)"));
    assert_eq!(near("SRR 5.2").as_deref(), Some("SR 5.2"));
    assert_eq!(near("nothing of the kind"), None);
}

#[test]
fn titles_of_system_requirements_are_theirs_alone() {
    assert_eq!(system_requirement_title(&id("SR 5.2")), Some("Zone boundary protection"));
    assert_eq!(system_requirement_title(&id("CR 1.1")), None);
    assert_eq!(system_requirement_title(&id("SR 9.9")), None);
}

#[test]
fn the_version_is_a_hash_of_what_is_carried() {
    assert!(catalog().version().starts_with("blake3:"));
    assert_eq!(catalog().version().len(), "blake3:".len() + VERSION_DIGITS);
}
