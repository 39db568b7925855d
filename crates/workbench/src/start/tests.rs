//! Starting as a new user would: from a copy of the example's evidence, and from folders of odd things.

use super::*;
use crate::review::{Decision, Review, queue};
use jiff::civil::date;
use std::net::IpAddr;
use zonewright_assess::verification::PathName;

fn job(folder: &Path) -> Start {
    Start {
        folder: folder.to_path_buf(),
        into: folder.join("workspace"),
        columns: Vec::new(),
        as_of: date(2026, 11, 25),
        version: "0".into(),
    }
}

fn waterworks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/waterworks")
}

fn copy(only: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(waterworks().join("evidence")).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().ends_with(only) {
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    folder
}

/// Hubert and Arabie's adjusted Rand index of two partitions of the same things.
fn adjusted_rand(pairs: &[(String, String)]) -> f64 {
    let choose = |n: usize| (n * n.saturating_sub(1)) as f64 / 2.0;
    let sizes = |of: &dyn Fn(&(String, String)) -> String| {
        let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
        pairs.iter().for_each(|pair| *sizes.entry(of(pair)).or_default() += 1);
        sizes.values().map(|n| choose(*n)).sum::<f64>()
    };
    let both = sizes(&|(a, b)| format!("{a}\n{b}"));
    let (a, b, all) = (sizes(&|pair| pair.0.clone()), sizes(&|pair| pair.1.clone()), choose(pairs.len()));
    let expected = a * b / all;
    (both - expected) / ((a + b) / 2.0 - expected)
}

/// True and proposed zone of every address that the example's plant puts into a zone; what was put into none stands alone.
fn zonings(plant: &Plant) -> Vec<(String, String)> {
    let truth = Workspace::read(&waterworks()).unwrap().plant;
    let mut of: BTreeMap<IpAddr, String> = BTreeMap::new();
    for asset in plant.assets.values() {
        for address in &asset.ips {
            let alone = || format!("none-{}", address.ip);
            of.insert(address.ip, asset.zone.as_ref().map_or_else(alone, ToString::to_string));
        }
    }
    let assets = truth.assets.values().filter(|asset| asset.ips.len() == 1);
    let pairs = assets.filter_map(|asset| {
        let found = of.get(&asset.ips.first()?.ip)?;
        Some((asset.zone.as_ref()?.to_string(), found.clone()))
    });
    pairs.collect()
}

#[test]
fn proposed_zones_are_those_of_the_example() {
    for only in ["", ".pcap"] {
        let folder = copy(only);
        let begun = std::time::Instant::now();
        let started = start(&job(folder.path()), &mut |_| {}).unwrap();
        let pairs = zonings(&started.plant);
        let index = adjusted_rand(&pairs);
        println!(
            "adjusted Rand index over {} assets of the waterworks ({}): {index:.3}, in {:?}",
            pairs.len(),
            if only.is_empty() { "all evidence" } else { "captures alone" },
            begun.elapsed()
        );
        assert!(pairs.len() > 20 && index >= 0.9, "{index}");
    }
}

#[test]
fn the_draft_explains_what_was_seen_and_shows_what_the_firewall_opens_beyond() {
    let folder = copy("");
    let before: Vec<_> = crate::files::below(folder.path()).unwrap();
    let started = start(&job(folder.path()), &mut |_| {}).unwrap();
    let verified = started.verified.unwrap();
    let name = |name| verified.verification.paths.iter().filter(|path| path.name == name).count();
    assert_eq!(name(PathName::Undocumented), 0);
    assert_eq!(name(PathName::UnknownEndpoint), 0);
    assert!(name(PathName::Excess) > 0, "the historian migration rule is open");
    assert!(
        name(PathName::Bypass) > 0,
        "the second leg of the maintenance workstation goes round the firewall"
    );
    let page = std::fs::read_to_string(&started.report).unwrap();
    assert!(page.contains("judged as if every proposal were accepted"));
    // The evidence is as it was, and nothing half-made is left.
    let now = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(now, before.len() + 1);
    // A second start finds nothing new; what the person has written stays.
    let zones = folder.path().join("workspace/zones.toml");
    let text = std::fs::read_to_string(&zones).unwrap() + "# mine\n";
    std::fs::write(&zones, &text).unwrap();
    let again = start(&job(folder.path()), &mut |_| {}).unwrap();
    assert!(again.verified.is_none() && again.added_to);
    assert_eq!(std::fs::read_to_string(&zones).unwrap(), text);
}

#[test]
fn what_came_later_is_added_to_the_accepted_work() {
    let folder = copy("z-sup.pcap");
    start(&job(folder.path()), &mut |_| {}).unwrap();
    let workspace = folder.path().join("workspace");
    let mut review = Review::open(&workspace).unwrap();
    let all = review.names(&["all".to_string()]).unwrap();
    review.decide("accept all", &[Decision::Accept(all)]).unwrap();
    assert_eq!(queue(review.plant()).len(), 0);
    let zones = std::fs::read_to_string(workspace.join("zones.toml")).unwrap();
    std::fs::copy(waterworks().join("evidence/z-rem.pcap"), folder.path().join("z-rem.pcap")).unwrap();
    let started = start(&job(folder.path()), &mut |_| {}).unwrap();
    assert!(started.added_to && started.verified.is_some());
    let now = std::fs::read_to_string(workspace.join("zones.toml")).unwrap();
    assert!(now.starts_with(&zones), "{now}");
    assert!(!Workspace::read(&workspace).unwrap().has_errors());
    assert!(!queue(&started.plant).is_empty());
}

#[test]
fn odd_files_are_named_with_the_reason_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("{}.csv", "n".repeat(240));
    let files: [(&str, &[u8]); 8] = [
        ("empty.pcap", b""),
        ("binary.dat", &[0, 1, 2, 0xff, 0xfe, 0]),
        ("notes.txt", b"hello"),
        ("colors.csv", b"color,size\nred,1\n"),
        ("drawing.pdf", b"%PDF-1.4"),
        ("sheet.xlsx", b"PK\x03\x04"),
        ("capture.pcap.gz", &[0x1f, 0x8b, 8, 0]),
        (&long, b"\xff\xfe\x00"),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let Err(StartError::Nothing { files: words, .. }) = start(&job(folder.path()), &mut |_| {}) else {
        panic!("nothing here is evidence")
    };
    assert_eq!(words.len(), files.len());
    assert!(words.iter().all(|file| !file.read && !file.words.is_empty()));
    assert!(!folder.path().join("workspace").exists());
    // A capture that is cut off in the middle of a packet, and a list in an old encoding, are read.
    std::fs::write(folder.path().join("cut.pcap"), [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0]).unwrap();
    std::fs::write(folder.path().join("list.csv"), b"Name;IP\nPumpe S\xfcd;10.0.0.1\n").unwrap();
    let started = start(&job(folder.path()), &mut |_| {}).unwrap();
    assert_eq!(started.plant.assets.len(), 1);
    assert!(!Workspace::read(&folder.path().join("workspace")).unwrap().has_errors());
}

#[test]
fn a_folder_that_is_something_else_is_left_alone() {
    let folder = copy("z-rem.pcap");
    std::fs::create_dir(folder.path().join("workspace")).unwrap();
    std::fs::write(folder.path().join("workspace/mine.doc"), b"x").unwrap();
    assert!(matches!(start(&job(folder.path()), &mut |_| {}), Err(StartError::Taken(_))));
    assert_eq!(std::fs::read_dir(folder.path().join("workspace")).unwrap().count(), 1);
}

#[test]
fn lists_and_scans_of_every_kind_become_proposals_once() {
    let folder = tempfile::tempdir().unwrap();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/import/tests/samples");
    for entry in std::fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        // The same device in both versions would be one list that contradicts itself.
        if !path.ends_with("devices-v3.json") {
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip([["Tag", "IP"], ["plc-a1", "10.20.41.11"]]) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    std::fs::write(folder.path().join("z.xlsx"), book.save_to_buffer().unwrap()).unwrap();
    let started = start(&job(folder.path()), &mut |_| {}).unwrap();
    assert!(started.files.iter().all(|file| file.read), "{:?}", started.files);
    // What people wrote down names things, though the scan stands before it in the folder; the scan adds to it.
    let plc = started.plant.assets.get(&AssetId::from("plc-a1")).unwrap();
    assert_eq!((plc.kind, plc.macs.len()), (Some(AssetKind::Plc), 1));
    assert_eq!(plc.sbom.as_deref(), Some("../plc.cdx.json"), "known by its MAC address");
    let switch = started.plant.assets.get(&AssetId::from("sw-a")).unwrap();
    assert_eq!(switch.macs.len(), 2);
    let kinds: BTreeSet<_> = started.plant.evidence.values().filter_map(|evidence| evidence.kind).collect();
    assert_eq!(kinds.len(), 3, "inventories, scans, documents: {kinds:?}");
    assert!(!Workspace::read(&folder.path().join("workspace")).unwrap().has_errors());
    let again = start(&job(folder.path()), &mut |_| {}).unwrap();
    assert!(again.verified.is_none(), "nothing is new");
}
