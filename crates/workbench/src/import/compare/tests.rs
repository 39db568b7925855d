//! Who is who, what differs, and that nothing is merged on weak grounds.

use super::*;
use crate::import::{Files, Reading};
use zonewright_plant::text;
use zonewright_source::SourceText;

const PLANT: &str = r#"
[plant]
id = "plant"
[[plant.role]]
id = "operations"
name = "Head of operations"
[[zone]]
id = "Z-A"
name = "Hall A"
[[zone]]
id = "Z-B"
name = "Hall B"
[[product]]
id = "plc-m"
name = "M-340"
[[asset]]
id = "plc-1"
kind = "plc"
zone = "Z-A"
vendor = "Weirtech"
version = "3.1"
serial = "WT-0012345"
ips = ["10.0.0.1", "10.9.0.1@cell-a"]
macs = ["02:00:00:00:00:01"]
[[asset]]
id = "plc-2"
zone = "Z-B"
ips = ["10.0.0.2", "10.9.0.1@cell-b"]
"#;

fn plant() -> Plant {
    let read = text::read(&[SourceText::new("plant.toml", PLANT)]);
    assert!(!read.has_errors(), "{:?}", read.diagnostics);
    read.plant
}

fn sources(lists: &[&str]) -> Vec<Source> {
    let mut files = Files::new(Reading::default());
    for (at, list) in lists.iter().enumerate() {
        files.read(&format!("{at}.csv"), list.as_bytes()).unwrap();
    }
    files.done().unwrap()
}

fn planned(list: &str, policy: &Policy) -> Plan {
    compare(&plant(), &sources(&[list]), policy)
}

/// Lines as `id state by`, fields below.
fn check(list: &str, policy: &Policy, expected: &[&str]) {
    let plan = planned(list, policy);
    let mut found: Vec<String> = Vec::new();
    for line in &plan.lines {
        found.push(format!("{} {} {}", line.id, line.state.as_str(), line.matched.as_deref().unwrap_or("-")));
        found.extend(
            line.fields.iter().map(|f| format!("  {} {}: {} > {}", f.fate.as_str(), f.key, f.old, f.new)),
        );
        found.extend(line.called.iter().map(|called| format!("  the file calls it `{called}`")));
        found.extend(line.remarks.iter().map(|remark| format!("  {remark}")));
    }
    assert_eq!(found, expected);
}

#[test]
fn each_is_known_by_what_identifies_it() {
    check(
        "id,ip\nplc-1,\nPLC-2,\n",
        &Policy::default(),
        &["plc-1 same id", "plc-2 same id, written `PLC-2`", "  the file calls it `PLC-2`"],
    );
    check(
        "name,ip\nPump,10.0.0.1\n",
        &Policy::default(),
        &["plc-1 same address 10.0.0.1", "  the file calls it `Pump`"],
    );
    check("ip,mac\n,02-00-00-00-00-01\n", &Policy::default(), &["plc-1 same MAC address 02:00:00:00:00:01"]);
    check(
        "tag,serial\nx,wt 0012345\n",
        &Policy::default(),
        &[
            "plc-1 conflicting serial number WT0012345",
            "  conflict serial: WT-0012345 > wt 0012345",
            "  the file calls it `x`",
        ],
    );
    check(
        "ip,note\n10.9.0.1@cell-b,here\n",
        &Policy::default(),
        &["plc-2 changed address 10.9.0.1@cell-b", "  filled note:  > here"],
    );
}

#[test]
fn an_address_counts_within_its_context_alone() {
    check(
        "ip,note\n10.9.0.1,x\n10.0.0.1@cell-a,y\n",
        &Policy::default(),
        &["10.9.0.1 new -", "10.0.0.1 new -"],
    );
}

#[test]
fn what_speaks_against_it_keeps_two_apart() {
    let plan = planned(
        "tag,ip,mac,serial\na,10.0.0.1,02:00:00:00:00:09,\nb,10.0.0.1,,ZZ-98765\nc,10.0.0.1 10.0.0.2,,\n",
        &Policy::default(),
    );
    assert_eq!(plan.count(State::Conflicting), 3);
    let why: Vec<&str> = plan.lines.iter().flat_map(|line| line.remarks.iter().map(String::as_str)).collect();
    for (words, why) in
        ["MAC address is", "serial number is ZZ98765", "or `plc-2` by address 10.0.0.2"].iter().zip(why)
    {
        assert!(why.contains(words), "{why}");
    }
    assert_eq!(plan.after, plant());
}

#[test]
fn two_rows_of_one_list_are_two_assets() {
    check(
        "tag,ip\na,10.0.0.7\nb,10.0.0.7\n",
        &Policy::default(),
        &["a new -", "b new -", "  10.0.0.7 is left out: it is an address of `a`"],
    );
    let plan = compare(
        &plant(),
        &sources(&["tag,ip\na,10.0.0.7\n", "tag,ip,vendor\nb,10.0.0.7,Weirtech\n"]),
        &Policy::default(),
    );
    assert_eq!((plan.count(State::New), plan.count(State::Changed)), (1, 1));
}

#[test]
fn what_is_empty_is_filled_and_what_differs_stays_until_told() {
    let list =
        "id,version,model,zone,owner,ip\nplc-1,3.2,M-340,hall b,Head of Operations,10.0.0.1 10.0.0.9\n";
    let differs = |fate: &str| {
        [
            "plc-1 changed id".to_string(),
            format!("  {fate} zone: Z-A > Z-B"),
            "  filled model:  > M-340".into(),
            format!("  {fate} version: 3.1 > 3.2"),
            format!("  {fate} ips: 10.0.0.1, 10.9.0.1@cell-a > 10.0.0.9"),
            "  filled owner:  > operations".into(),
        ]
    };
    let borrowed =
        |lines: &[String]| lines.iter().map(String::as_str).map(str::to_string).collect::<Vec<_>>();
    let expected = borrowed(&differs("conflict"));
    check(list, &Policy::default(), &expected.iter().map(String::as_str).collect::<Vec<_>>());
    let expected = borrowed(&differs("overwritten"));
    let policy = Policy { known: Known::Overwrite, ..Policy::default() };
    check(list, &policy, &expected.iter().map(String::as_str).collect::<Vec<_>>());
    let plan = planned(list, &policy);
    let asset = plan.after.assets.get(&AssetId::from("plc-1")).unwrap();
    assert_eq!(asset.ips.len(), 3, "a list is never shortened");
    // Again, there is nothing left to do.
    let again = compare(&plan.after, &sources(&[list]), &policy);
    assert_eq!((again.count(State::Same), again.after), (1, plan.after));
}

#[test]
fn words_that_name_nothing_are_told_and_products_are_models() {
    let plan = planned("id,zone,owner,product\nx,Hall C,nobody,plc-m\ny,Hall C,,Q-7\n", &Policy::default());
    assert_eq!(
        plan.unknown,
        [
            "there is no role `nobody` in the workspace; left out of 1 asset",
            "there is no zone `Hall C` in the workspace; left out of 2 assets"
        ]
    );
    let of = |id: &str| plan.after.assets.get(&AssetId::from(id)).unwrap();
    assert_eq!(of("x").product.as_ref().unwrap().as_str(), "plc-m");
    assert_eq!(of("y").model.as_deref(), Some("Q-7"));
}

#[test]
fn new_assets_are_proposals_unless_accepted() {
    let new = |policy: &Policy| {
        planned("id,ip\nn,10.0.0.7\n", policy).after.assets.get(&AssetId::from("n")).cloned().unwrap()
    };
    let proposed = new(&Policy::default());
    assert!(proposed.common.proposed && proposed.common.reason.is_some());
    let accepted = new(&Policy { accept: true, zone: Some(ZoneId::from("Z-A")), ..Policy::default() });
    assert!(!accepted.common.proposed && accepted.common.reason.is_none());
    assert_eq!(accepted.zone, Some(ZoneId::from("Z-A")));
}

#[test]
fn addresses_that_many_share_identify_nobody() {
    for shared in ["00:00:5e:00:01:0a", "01:00:5e:00:00:01", "00:00:00:00:00:00"] {
        check(&format!("id,mac\na,{shared}\nb,{shared}\n"), &Policy::default(), &["a new -", "b new -"]);
    }
    check(
        "id,ip\na,169.254.1.1\nb,fe80::1\nc,169.254.1.1\n",
        &Policy::default(),
        &["a new -", "b new -", "c new -"],
    );
    check(
        "id,serial\na,N/A\nb,n/a\nc,00000\nd,00000\n",
        &Policy::default(),
        &["a new -", "b new -", "c new -", "d new -"],
    );
}
