use super::*;
use crate::{Fr, Selection};
use zonewright_source::Severity;

fn read(text: &str) -> (Option<Profile>, Vec<Diagnostic>) {
    Profile::read(&SourceText::new("p.toml", text))
}

const HEAD: &str = "format = \"zonewright-profile/1\"\nid = \"p\"\nname = \"P\"\nversion = \"1\"\ncontext = \"here\"\nsources = [\"us\"]\n";

fn sound(body: &str) -> Profile {
    let (profile, diagnostics) = read(&format!("{HEAD}{body}"));
    assert_eq!(diagnostics, [], "{body}");
    profile.unwrap()
}

fn told(body: &str) -> Vec<(&'static str, String)> {
    let (_, diagnostics) = read(&format!("{HEAD}{body}"));
    let line = |d: &Diagnostic| match &d.place {
        Some(zonewright_source::Place::Text(place)) => place.line,
        _ => 0,
    };
    diagnostics
        .iter()
        .map(|d| (d.code, format!("{}: {} {}", line(d), d.message, d.help.clone().unwrap_or_default())))
        .collect()
}

fn selects(profile: &Profile, id: &str) -> bool {
    profile.selects(crate::Catalog::builtin().requirement(&id.parse().unwrap()).unwrap())
}

#[test]
fn every_sample_is_read_without_a_word() {
    assert_eq!(PROFILES.len(), BUILTIN.len());
    for (file, text) in BUILTIN {
        let (profile, diagnostics) = Profile::read(&SourceText::new(*file, *text));
        assert_eq!(diagnostics, [], "{file}");
        let profile = profile.unwrap();
        assert_eq!(format!("{}.toml", profile.id), *file);
        assert!(profile.author.is_some_and(|author| author.contains("not a published part")), "{file}");
        assert_eq!(sample_text(&profile.id), Some(*text));
    }
}

#[test]
fn a_profile_is_told_from_a_plant_by_its_first_key() {
    for (text, meant) in [
        (HEAD, true),
        ("# a comment\n\n  format='zonewright-profile/2'", true),
        ("\u{feff}format = \"zonewright-profile/1\"", true),
        ("[plant]\nid = \"p\"\nformat = \"zonewright-profile/1\"", false),
        ("formats = \"zonewright-profile/1\"", false),
        ("format = \"another/1\"", false),
        ("", false),
    ] {
        assert_eq!(Profile::is_meant_by(text), meant, "{text}");
    }
}

#[test]
fn levels_select_by_foundational_requirement() {
    let profile = sound("[levels]\nIAC = 2\nrdf = 1\n");
    assert_eq!(profile.levels.level(Fr::Iac), SecurityLevel::new(2));
    for (id, selected) in [
        ("SR 1.1 RE(1)", true),
        ("SR 1.1 RE(2)", false),
        ("SR 5.2", true),
        ("SR 5.2 RE(1)", false),
        ("SR 7.1", false),
        ("CR 1.1", true),
        ("CR 1.6", false),
        ("CCSC 1", true),
        ("ORG 1.1", false),
    ] {
        assert_eq!(selects(&profile, id), selected, "{id}");
    }
    let whole = sound("levels = 1\n");
    let standard = Some(Standard::Iec62443_3_3);
    let selection = Selection { standard, profile: Some(&whole), ..Selection::default() };
    assert_eq!(crate::Catalog::builtin().select(&selection).requirements.len(), 37);
}

#[test]
fn a_component_type_is_judged_by_its_own_level() {
    let profile = sound("levels = 1\n");
    let catalog = crate::Catalog::builtin();
    for ((_, component), wanted) in ComponentType::ALL.iter().zip([34, 36, 36, 40]) {
        let selection = Selection {
            component: Some(*component),
            profile: Some(&profile),
            level: SecurityLevel::new(4),
            ..Selection::default()
        };
        assert_eq!(catalog.select(&selection).requirements.len(), wanted, "{component}");
    }
}

#[test]
fn parts_additions_and_omissions_are_kept_with_their_reasons() {
    let profile = sound(
        "maturity_level = 3\nparts = [\"2-1\"]\nlevels = 1\n[added]\n\"SR 5.2 RE 1\" = \"why\"\n\"SM-1\" = \"so\"\n[left_out]\n\"SR 1.6\" = \"none\"\n\"ORG 1.2\" = \"law\"\n",
    );
    assert_eq!((profile.maturity_level, profile.added.len(), profile.left_out.len()), (Some(3), 2, 2));
    for (id, selected) in [
        ("SR 5.2 RE(1)", true),
        ("SM-1", true),
        ("SM-2", false),
        ("SR 1.6", false),
        ("ORG 1.1", true),
        ("ORG 1.2", false),
    ] {
        assert_eq!(selects(&profile, id), selected, "{id}");
    }
}

#[test]
fn what_is_wrong_is_told_with_place_and_help() {
    for (body, code, said) in [
        ("levles = 2\n", "profile/unknown-key", "7: a profile has no key `levles` did you mean `levels`?"),
        ("levels = 5\n", "profile/wrong-type", "found `5`"),
        ("levels = -1\n", "profile/wrong-type", "found `-1`"),
        ("[levels]\nIACS = 2\n", "profile/unknown-word", "did you mean `IAC`?"),
        ("maturity_level = 0\n", "profile/wrong-type", "from 1 to 4"),
        ("parts = [\"3-3\"]\n", "profile/unknown-word", "selected by `levels`"),
        ("parts = \"2-1\"\n", "profile/wrong-type", "a list of texts"),
        (
            "levels = 1\n[left_out]\n\"SR 1.14\" = \"x\"\n",
            "profile/unknown-requirement",
            "did you mean `SR 1.13`?",
        ),
        ("levels = 1\n[left_out]\n\"SR 1.6\" = \"\"\n", "profile/missing-reason", "not why"),
        ("levels = 1\n[left_out]\n\"SR 1.2\" = \"x\"\n", "profile/idle-entry", "do not select"),
        ("levels = 1\n[added]\n\"SR 1.1\" = \"x\"\n", "profile/idle-entry", "select already"),
        ("levels = 2\n[left_out]\n\"SR 1.1\" = \"x\"\n", "profile/orphan-enhancement", "`SR 1.1 RE(1)`"),
        ("[added]\n\"SM-1\" = \"x\"\n[left_out]\n\"SM-1\" = \"y\"\n", "profile/contradiction", "both"),
        ("[added]\n\"SR 1.2\" = \"x\"\n\"SR1.2\" = \"y\"\n", "profile/contradiction", "twice"),
        ("added = 1\n", "profile/wrong-type", "a table of requirement ids"),
        ("author = 1\n", "profile/wrong-type", "a text"),
        ("levels = \n", "profile/syntax", ""),
    ] {
        let told = told(body);
        let found = told.iter().find(|(found, _)| *found == code);
        assert!(found.is_some_and(|(_, text)| text.contains(said)), "{body}: {told:?}");
    }
}

#[test]
fn a_file_that_is_no_profile_gives_none_and_says_why() {
    for (text, code) in [
        ("", "profile/missing-key"),
        ("format = \"zonewright-profile/2\"\n", "profile/unknown-format"),
        ("format = \"zonewright-profile/1\"\nid = \"\"\n", "profile/missing-key"),
        ("\u{0}\u{1}[[[", "profile/syntax"),
    ] {
        let (profile, diagnostics) = read(text);
        assert_eq!(profile, None);
        assert!(
            diagnostics.iter().any(|d| d.code == code && d.severity == Severity::Error),
            "{text:?}: {diagnostics:?}"
        );
    }
}

#[test]
fn limits_are_told_when_hit() {
    let (profile, diagnostics) = read(&format!("{HEAD}#{}", "x".repeat(PROFILE_BYTES_MAX)));
    assert_eq!((profile, diagnostics[0].code), (None, "profile/too-large"));
    let many: String = (0..300).map(|i| format!("k{i} = 1\n")).collect();
    let (_, diagnostics) = read(&format!("{HEAD}{many}"));
    assert_eq!(diagnostics.last().unwrap().code, "profile/more");
    let (_, diagnostics) = read(&format!("{HEAD}levels = {}", "[".repeat(100_000)));
    assert!(!diagnostics.is_empty());
}

/// Samples cut anywhere, and with a byte changed, are read to some answer: no text makes the reader panic.
#[test]
fn no_text_breaks_the_reader() {
    const BYTES: &[u8] = b"\"=[]{}#\n\\'.,-0e\0";
    const ROUNDS: u64 = 3_000;
    for (_, text) in BUILTIN {
        for end in (0..text.len()).step_by(7) {
            read(&String::from_utf8_lossy(&text.as_bytes()[..end]));
        }
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..ROUNDS {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..4 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let at = usize::try_from(state >> 33).unwrap() % bytes.len();
                bytes[at] = BYTES[usize::try_from(state >> 20).unwrap() % BYTES.len()];
            }
            read(&String::from_utf8_lossy(&bytes));
        }
    }
}
