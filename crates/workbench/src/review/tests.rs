//! Every decision changes the text, and undoing gives back every byte.

use super::*;
use std::collections::BTreeMap;

const ZONES: &str = r#"# Ours.
[[zone]]
id = "Z-A"
proposed = true # guessed
reason = "why"
networks = ["10.0.1.0/24"]

[[zone]]
id = "Z-B"
proposed = true
networks = ["10.0.2.0/24"]

[[zone]]
id = "Z-C"
networks = ["10.0.3.0/24"]
"#;
const CONDUITS: &str = r#"[[conduit]]
id = "C-1"
zones = ["Z-A", "Z-B"]
proposed = true

[[conduit.permit]]
id = "P-1"
from = ["a-1"]
to = ["b-1"]
protocol = "modbus"
proposed = true
reason = "LOOK TWICE: it can program"

[[conduit]]
id = "C-2"
zones = ["Z-B", "Z-C"]
proposed = true
"#;
const ASSETS: &str = "id,zone,ips,proposed,reason\na-1,Z-A,10.0.1.1,true,seen\nb-1,Z-B,10.0.2.1,true,seen\nb-2,Z-B,10.0.2.2,true,\"=evil()\"\n";

fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("zones.toml", ZONES), ("conduits.toml", CONDUITS), ("assets.csv", ASSETS)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn texts(folder: &Path) -> BTreeMap<String, String> {
    let names = crate::files::below(folder).unwrap();
    names
        .iter()
        .map(|name| (crate::files::slashed(name), std::fs::read_to_string(folder.join(name)).unwrap()))
        .collect()
}

fn one(review: &Review, id: &str) -> Vec<RecordName> {
    review.names(&[id.to_string()]).unwrap()
}

fn ids(review: &Review) -> Vec<String> {
    queue(review.plant()).iter().map(|item| item.name.id.clone()).collect()
}

#[test]
fn accepting_a_permit_accepts_what_it_stands_on_and_keeps_comments() {
    let folder = workspace();
    let mut review = Review::open(folder.path()).unwrap();
    assert!(queue(review.plant()).iter().any(Item::needs_a_look));
    let names = one(&review, "permit:P-1");
    review.decide("accept", &[Decision::Accept(names)]).unwrap();
    assert_eq!(ids(&review), ["C-2", "b-2"]);
    let zones = std::fs::read_to_string(folder.path().join("zones.toml")).unwrap();
    assert!(zones.starts_with("# Ours.\n") && !zones.contains("proposed"), "{zones}");
    assert_eq!(undo(folder.path()).unwrap(), "accept");
    assert_eq!(texts(folder.path()).get("zones.toml").unwrap(), ZONES);
}

/// A step of a review by name.
type Step = (&'static str, fn(&Review) -> Decision);

#[test]
fn every_step_is_undone_to_the_byte_in_turn() {
    let folder = workspace();
    let mut states = vec![texts(folder.path())];
    let mut review = Review::open(folder.path()).unwrap();
    let steps: [Step; 5] = [
        ("rename", |review| Decision::Rename(one(review, "Z-A").remove(0), "Z-Hall".into())),
        ("merge assets", |review| Decision::Merge(one(review, "b-2").remove(0), "b-1".into())),
        ("accept", |review| Decision::Accept(one(review, "C-2"))),
        ("merge zones", |review| Decision::Merge(one(review, "Z-Hall").remove(0), "Z-B".into())),
        ("reject", |review| Decision::Reject(one(review, "a-1"))),
    ];
    for (name, decision) in steps {
        let decision = decision(&review);
        review.decide(name, &[decision]).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert!(!Workspace::read(folder.path()).unwrap().has_errors(), "{name}");
        states.push(texts(folder.path()));
    }
    let plant = review.plant();
    assert_eq!(plant.zones.len(), 2);
    assert_eq!(plant.assets.values().next().unwrap().ips.len(), 2);
    assert_eq!(plant.conduits.keys().map(ToString::to_string).collect::<Vec<_>>(), ["C-2"]);
    for (name, _) in steps.iter().rev() {
        states.pop();
        assert_eq!(undo(folder.path()).unwrap(), *name);
        assert_eq!(&texts(folder.path()), states.last().unwrap(), "{name}");
    }
    assert!(matches!(undo(folder.path()), Err(ReviewError::NothingToUndo)));
}

#[test]
fn rejecting_a_zone_takes_out_what_hangs_on_it() {
    let folder = workspace();
    let mut review = Review::open(folder.path()).unwrap();
    let names = one(&review, "Z-A");
    let said = review.decide("reject", &[Decision::Reject(names)]).unwrap();
    assert_eq!(said, ["rejected zone `Z-A`", "rejected conduit `C-1`", "rejected permit `P-1`"]);
    assert!(review.plant().assets.values().next().unwrap().zone.is_none());
}

#[test]
fn what_is_not_meant_is_refused_and_changes_nothing() {
    let folder = workspace();
    let before = texts(folder.path());
    let mut review = Review::open(folder.path()).unwrap();
    assert!(matches!(review.names(&["Z-AA".to_string()]), Err(ReviewError::Unknown { .. })));
    let declared = one(&review, "Z-C");
    assert!(matches!(
        review.decide("x", &[Decision::Reject(declared.clone())]),
        Err(ReviewError::NotProposed(_))
    ));
    assert!(review.decide("x", &[Decision::Rename(declared[0].clone(), "no good".into())]).is_err());
    assert!(matches!(
        review.decide("x", &[Decision::Merge(declared[0].clone(), "Z-9".into())]),
        Err(ReviewError::NothingToMergeInto(_))
    ));
    assert_eq!(texts(folder.path()), before);
    // A change made by hand after a step is not lost by undoing it.
    let names = one(&review, "Z-A");
    review.decide("accept", &[Decision::Accept(names)]).unwrap();
    std::fs::write(folder.path().join("zones.toml"), ZONES.replace("Ours", "Mine")).unwrap();
    assert!(matches!(undo(folder.path()), Err(ReviewError::ChangedSince(_))));
}

#[test]
fn a_spreadsheet_of_decisions_is_one_step() {
    let folder = workspace();
    let mut review = Review::open(folder.path()).unwrap();
    let csv = export(&queue(review.plant())).unwrap();
    assert!(csv.contains("'=evil()"), "{csv}");
    let filled = csv
        .lines()
        .map(|line| match line {
            line if line.starts_with("zone,Z-A") => format!("{line}accept"),
            line if line.starts_with("zone,Z-B") => format!("{line}rename Z-Pumps"),
            line if line.starts_with("asset,b-2") => format!("{line}reject"),
            line => line.to_string(),
        })
        .collect::<Vec<_>>()
        .join("\r\n");
    let decisions = review.decisions(&filled).unwrap();
    review.decide("import", &decisions).unwrap();
    assert!(review.plant().zones.keys().any(|id| id.as_str() == "Z-Pumps"));
    assert_eq!(review.plant().assets.len(), 2);
    undo(folder.path()).unwrap();
    assert_eq!(texts(folder.path()).get("assets.csv").unwrap(), ASSETS);
    let odd = csv.replace("zone,Z-A,,why,", "zone,Z-A,,why,perhaps");
    assert!(matches!(review.decisions(&odd), Err(ReviewError::Sheet(_) | ReviewError::Unknown { .. })));
}

#[test]
fn a_rejected_permit_leaves_no_empty_conduit_and_is_remembered_until_it_is_undone() {
    let folder = workspace();
    let mut review = Review::open(folder.path()).unwrap();
    let names = one(&review, "permit:P-1");
    let said = review.decide("reject", &[Decision::Reject(names)]).unwrap();
    assert_eq!(said, ["rejected conduit `C-1`", "rejected permit `P-1`"]);
    // One that never had a permit is left for a person to decide.
    assert!(ids(&review).contains(&"C-2".to_owned()));
    let rejected = memory::read(folder.path()).unwrap();
    let [permit] = rejected.permits.as_slice() else { panic!("{rejected:?}") };
    assert_eq!((permit.protocol.as_str(), permit.from[0].to_string()), ("modbus", "a-1".to_owned()));
    assert!(rejected.conduits.is_empty());
    undo(folder.path()).unwrap();
    assert_eq!(memory::read(folder.path()).unwrap(), Default::default());
}

#[test]
fn what_is_rejected_is_known_again_by_what_it_is_about() {
    let folder = workspace();
    let mut review = Review::open(folder.path()).unwrap();
    for id in ["conduit:C-2", "asset:b-2", "zone:Z-A"] {
        let names = one(&review, id);
        review.decide("reject", &[Decision::Reject(names)]).unwrap();
    }
    let rejected = memory::read(folder.path()).unwrap();
    let zones = rejected.zones.iter().flatten().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(zones, ["10.0.1.0/24"]);
    assert_eq!(rejected.assets.iter().flatten().map(String::as_str).collect::<Vec<_>>(), ["10.0.2.2"]);
    let joined = rejected.conduits.iter().flatten().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(joined, ["Z-B", "Z-C"]);
    assert!(Review::open(folder.path()).is_ok());
}
