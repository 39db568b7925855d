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

#[test]
fn every_line_of_the_crosswalk_leads_from_a_requirement_or_a_part_to_an_entry() {
    assert_eq!(catalog().crosswalk().len(), 2532);
    for line in catalog().crosswalk() {
        if let Some(from) = &line.from {
            let found = catalog().requirement(from).unwrap_or_else(|| panic!("{}", line.from_ref()));
            assert_eq!(found.standard, line.standard, "{}", line.from_ref());
        }
        assert!(catalog().regime_entry(line.regime, line.to).is_some(), "{} {}", line.regime, line.to);
    }
    assert!(catalog().crosswalk().iter().any(|line| line.from.is_none()), "lines about a part as a whole");
    let from: Vec<String> = catalog().crosswalk().iter().map(CrosswalkLine::from_ref).collect();
    let written: Vec<&str> = CROSSWALK.1.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(from, written);
}

#[test]
fn entries_of_other_rule_books_are_there_once() {
    let mut seen = std::collections::BTreeSet::new();
    for entry in catalog().regimes() {
        assert!(seen.insert((entry.regime, entry.id)), "{} {} twice", entry.regime, entry.id);
        assert!(!entry.title.is_empty(), "{} {}", entry.regime, entry.id);
    }
    assert_eq!(seen.len(), 505);
}

#[test]
fn techniques_and_mitigations_of_attack_name_what_is_there() {
    assert_eq!((catalog().techniques().len(), catalog().mitigations().len()), (83, 52));
    for technique in catalog().techniques() {
        for named in &technique.mitigated_by {
            assert!(catalog().mitigations().iter().any(|m| m.id == *named), "{} {named}", technique.id);
        }
        assert!(!technique.tactics.is_empty(), "{}", technique.id);
    }
    for mitigation in catalog().mitigations() {
        let named = [&mitigation.system, &mitigation.component, &mitigation.component_rows];
        for id in named.into_iter().flatten() {
            assert!(catalog().requirement(id).is_some(), "{} {id}", mitigation.id);
        }
        // What MITRE labels at a heading is found at the rows that ask for it.
        for id in &mitigation.component_rows {
            assert!(!catalog().requirement(id).unwrap().is_heading(), "{} {id}", mitigation.id);
        }
    }
}

#[test]
fn the_notice_of_mitre_stands_beside_its_tables() {
    let notice = include_str!("../../../../catalogs/NOTICE").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(notice.contains(crate::ATTACK_NOTICE.split_once(": ").unwrap().1));
}

#[test]
fn every_part_of_the_series_has_a_reader_and_every_catalog_a_part() {
    assert_eq!(catalog().parts().len(), 19);
    for part in catalog().parts() {
        assert!(!part.roles.is_empty() && !part.status.is_empty(), "{}", part.part);
    }
    for standard in Standard::ALL {
        let part = catalog().parts().iter().find(|part| part.standard() == Some(standard)).unwrap();
        assert!(part.is_published(), "{standard}");
    }
    for row in catalog().requirements() {
        let part = catalog().parts().iter().find(|part| part.standard() == Some(row.standard)).unwrap();
        assert!(!row.roles.is_empty(), "{}", row.id);
        assert!(row.roles.iter().all(|role| part.roles.contains(role)), "{}", row.id);
    }
}

#[test]
fn the_seven_foundational_requirements_have_title_and_words() {
    for fr in Fr::ALL {
        let (title, text) = catalog().foundational(fr);
        assert!(!title.is_empty() && text.ends_with('.'), "{fr}");
    }
}

#[test]
fn misreadings_name_what_is_there_and_say_what_they_rest_on() {
    for misreading in catalog().misreadings() {
        assert!(!misreading.source.is_empty() && !misreading.confidence.is_empty(), "{}", misreading.id);
        assert!(!misreading.refs.is_empty(), "{}", misreading.id);
        for named in &misreading.refs {
            let requirement = named.parse().is_ok_and(|id| catalog().requirement(&id).is_some());
            let part = catalog().parts().iter().any(|part| misreading.is_about_part(part.part));
            let step = catalog().scales().iter().any(|step| step.code == *named);
            let attack = catalog().mitigations().iter().any(|mitigation| mitigation.id == *named);
            assert!(requirement || part || step || attack, "{} {named}", misreading.id);
        }
    }
}

/// What the readings claim about our own tables is so.
#[test]
fn what_misreadings_say_about_levels_is_what_the_tables_say() {
    let system = |text: &str| catalog().requirement(&id(text)).unwrap().levels.for_system().unwrap().number();
    let lowest = |text: &str| catalog().requirement(&id(text)).unwrap().levels.lowest().unwrap().number();
    assert_eq!(["SR 1.1 RE(1)", "SR 1.1 RE(2)", "SR 1.1 RE(3)"].map(system), [2, 3, 4]);
    assert_eq!(lowest("CR 1.1 RE(2)"), 3);
    assert_eq!((system("SR 3.4"), lowest("CR 3.4")), (2, 1));
    assert_eq!((system("SR 5.1"), system("SR 5.1 RE(1)")), (1, 2));
    let refs = |wanted| &catalog().misreadings().iter().find(|m| m.id == wanted).unwrap().refs;
    assert_eq!(refs("M-07").len(), 15);
    let headings: Vec<String> =
        catalog().requirements().filter(|row| row.is_heading()).map(|row| row.id.to_string()).collect();
    assert_eq!(refs("M-10"), &headings);
    let differing = refs("M-11");
    assert!(differing.len().is_multiple_of(2));
    for pair in differing.chunks(2) {
        assert_ne!(system(pair[0]), lowest(pair[1]), "{pair:?}");
        assert!(catalog().requirement(&id(pair[1])).unwrap().maps_to.contains(&id(pair[0])), "{pair:?}");
    }
    let added = |level| {
        catalog()
            .system_requirements()
            .filter(move |row| row.levels.lowest().map(|l| l.number()) == Some(level))
    };
    let enhancements = |level| added(level).filter(|row| row.parent.is_some()).count();
    assert_eq!(
        [2, 3, 4].map(|level| (enhancements(level), added(level).count())),
        [(11, 23), (28, 30), (10, 10)]
    );
    let labels = catalog().mitigations().iter().find(|mitigation| mitigation.id == "M0932").unwrap();
    assert_eq!(labels.system, [id("SR 1.7")]);
}
