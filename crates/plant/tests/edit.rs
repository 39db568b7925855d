//! Changes to workspaces: what they do to the text, line by line, and that they do nothing else.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use zonewright_plant::text::edit::{Change, EditError, RecordName, apply};
use zonewright_plant::text::{self, Value};
use zonewright_source::SourceText;

const ODD: &str = r#"# The head of the file speaks of the whole of it.
workspace=1

[plant]   # the plant
  id = "p"
plant_is_unknown_to_nobody.x = 1
"#;

fn name(kind: &str, id: &str) -> RecordName {
    RecordName::new(kind, id).unwrap()
}

fn set(kind: &str, id: &str, key: &str, value: Value) -> Change {
    Change::Set(name(kind, id), key.to_string(), value)
}

fn texts(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

/// The lines that differ, `-` before and `+` after, by file.
fn changed_lines(before: &[SourceText], after: &[SourceText]) -> String {
    let mut out = String::new();
    for file in after {
        let old = before.iter().find(|old| old.file() == file.file()).map_or("", |old| old.text());
        if old == file.text() {
            continue;
        }
        out.push_str(&format!("{}\n", file.file()));
        let (a, b): (Vec<&str>, Vec<&str>) =
            (old.split_inclusive('\n').collect(), file.text().split_inclusive('\n').collect());
        for (sign, line) in diff(&a, &b) {
            out.push_str(&format!(
                "{sign}{}\n",
                line.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'").replace("\\n", "")
            ));
        }
    }
    out
}

/// Longest common subsequence, plainly: the texts here are small.
fn diff<'t>(a: &[&'t str], b: &[&'t str]) -> Vec<(char, &'t str)> {
    let mut best = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            best[i][j] =
                if a[i] == b[j] { best[i + 1][j + 1] + 1 } else { best[i + 1][j].max(best[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            (i, j) = (i + 1, j + 1);
        } else if i < a.len() && (j == b.len() || best[i + 1][j] >= best[i][j + 1]) {
            out.push(('-', a[i]));
            i += 1;
        } else {
            out.push(('+', b[j]));
            j += 1;
        }
    }
    out
}

fn check(files: &[(&str, &str)], changes: &[Change]) -> String {
    let files: Vec<SourceText> = files.iter().map(|(file, text)| SourceText::new(*file, *text)).collect();
    match apply(&files, changes) {
        Ok(edited) => changed_lines(&files, &edited.files),
        Err(error) => format!("error: {error}"),
    }
}

/// Compares with the next snapshot of the test that calls.
macro_rules! show {
    ($out:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "edits", omit_expression => true }, {
            insta::assert_snapshot!($out);
        });
    };
}

const ZONES: &str = r#"# Zones of the plant.

# The control zone.
[[zone]]
id = "Z-A"                 # never renamed
type = 'control'
networks = [
    "10.1.0.0/16",         # machines
    # "10.9.0.0/16",       # gone since 2024
    "10.2.0.0/16",         # panels
]
sl_t.IAC = 2
sl_t.UC = 1
proposed = true
reason = "guess"

# The DMZ.
[[zone]]
id = "Z-B"
[zone.consequences]
safety = "low"   # by the HAZOP

# What joins them.
[[conduit]]
id = "C-1"
zones = ["Z-A", "Z-B"]
  # The historian.
  [[conduit.permit]]
  id = "P-1"
  from = "Z-B"
  to = "Z-A"
  protocol = "modbus"

  [[conduit.permit]]
  id = "P-2"
  from = "zone:Z-A"
  to = "Z-B"
  protocol = "ntp"
  proposed = true

[[conduit]]
id = "C-2"
zones = ["Z-A", "Z-B"]
permit = [{ id = "P-3", from = "Z-A", to = "Z-B", protocol = "ssh", proposed = true, reason = "seen" }, { id = "P-4", from = "Z-B", to = "Z-A", protocol = "http" }]
"#;

#[test]
fn a_key_is_set_where_it_stands_or_where_it_belongs() {
    let changes = [
        set("zone", "Z-A", "type", "dmz".into()),
        set("zone", "Z-A", "name", "Control".into()),
        set("zone", "Z-B", "inside", false.into()),
        set("permit", "P-3", "purpose", "maintenance".into()),
    ];
    show!(check(&[("z.toml", ZONES)], &changes));
}

#[test]
fn comments_in_a_list_stay_when_items_come_and_go() {
    let changes = [set("zone", "Z-A", "networks", texts(&["10.1.0.0/16", "10.3.0.0/16"]))];
    show!(check(&[("z.toml", ZONES)], &changes));
}

#[test]
fn spread_keys_are_gathered_when_they_change() {
    let changes = [
        set("zone", "Z-A", "sl_t", Value::Bare("3".into())),
        set("zone", "Z-B", "consequences", Value::Table(vec![("safety".into(), "high".into())])),
    ];
    show!(check(&[("z.toml", ZONES)], &changes));
}

#[test]
fn accepting_takes_away_the_mark_and_nothing_else() {
    let changes = ["zone Z-A", "permit P-2", "permit P-3"].map(|text| {
        let (kind, id) = text.split_once(' ').unwrap();
        Change::Accept(name(kind, id))
    });
    show!(check(&[("z.toml", ZONES)], &changes));
}

#[test]
fn a_record_goes_with_its_comment_and_its_parts() {
    let changes = [
        Change::Delete(name("permit", "P-1")),
        Change::Delete(name("permit", "P-4")),
        Change::Delete(name("conduit", "C-1")),
    ];
    show!(check(&[("z.toml", ZONES)], &changes));
}

#[test]
fn an_edit_that_would_leave_a_dangling_reference_is_refused() {
    show!(check(&[("z.toml", ZONES)], &[Change::Delete(name("zone", "Z-B"))]));
    show!(check(&[("z.toml", ZONES)], &[set("zone", "Z-A", "parent", "Z-X".into())]));
    show!(check(&[("z.toml", ZONES)], &[set("zone", "Z-X", "parent", "Z-A".into())]));
    show!(check(&[("z.toml", ZONES)], &[set("zone", "Z-A", "parents", "Z-A".into())]));
}

#[test]
fn renaming_takes_every_reference_along() {
    let assets = "id;zone;conduit;name\r\nA-1;Z-A;;pump\r\nA-2;\"Z-A\";;Z-A\r\n";
    show!(check(
        &[("z.toml", ZONES), ("assets.csv", assets)],
        &[Change::Rename(name("zone", "Z-A"), "Z-CTRL".into())]
    ));
    show!(check(&[("z.toml", ZONES)], &[Change::Rename(name("zone", "Z-A"), "Z-B".into())]));
    show!(check(&[("z.toml", ZONES)], &[Change::Rename(name("zone", "Z-A"), "Z A".into())]));
}

#[test]
fn rows_of_a_sheet_are_changed_cell_by_cell() {
    let assets = "\u{feff}id;name;zone;mine\r\nA-1;\"Pump; \"\"left\"\"\";Z-A;keep\r\nA-2\r\n\r\n";
    let zones = "[[zone]]\nid = \"Z-A\"\n";
    let changes = [
        set("asset", "A-1", "name", "Pump".into()),
        set("asset", "A-2", "zone", "Z-A".into()),
        set("asset", "A-2", "ips", texts(&["10.0.0.1", "10.0.0.2"])),
        set("asset", "A-1", "note", "a \"b\"; c".into()),
    ];
    let out = check(&[("assets.csv", assets), ("z.toml", zones)], &changes);
    // The unknown column is an error that was there before.
    show!(out);
    let hostile = [set("asset", "A-1", "name", "=HYPERLINK(\"x\")".into())];
    show!(check(&[("assets.csv", assets), ("z.toml", zones)], &hostile));
    show!(check(&[("assets.csv", assets), ("z.toml", zones)], &[Change::Delete(name("asset", "A-1"))]));
}

#[test]
fn records_are_put_where_their_like_stand() {
    let other = text::read(&[SourceText::new(
        "o.toml",
        "[[zone]]\nid = \"Z-C\"\nname = \"New\"\n[[zone]]\nid=\"Z-A\"\ntype=\"control\"\n[[asset]]\nid = \"A-9\"\nzone = \"Z-C\"\n[[asset]]\nid = \"A-10\"\nname = \"=1+1\"\n[[product]]\nid=\"PR\"\n\
         [[conduit]]\nid=\"C-1\"\nzones=[\"Z-C\",\"Z-A\"]\n[[conduit.permit]]\nid=\"P-9\"\nfrom=\"Z-C\"\nto=\"Z-A\"\nprotocol=\"dns\"\n",
    )]);
    assert!(!other.has_errors(), "{:#?}", other.diagnostics);
    let plant = other.plant;
    let zone = |id: &str| Change::Put(plant.zones[&id.into()].clone().into());
    let permit = plant.conduits[&"C-1".into()].permits[0].clone();
    let changes = [
        zone("Z-C"),
        zone("Z-A"),
        Change::Put(plant.assets[&"A-9".into()].clone().into()),
        Change::Put(plant.assets[&"A-10".into()].clone().into()),
        Change::Put(plant.products[&"PR".into()].clone().into()),
        Change::PutPermit("C-2".into(), permit.clone()),
        Change::PutPermit("C-1".into(), permit),
    ];
    let files = [("z.toml", ZONES), ("assets.csv", "id,name\nA-1,pump")];
    show!(check(&files, changes.get(..6).unwrap()));
    let conduit = [zone("Z-C"), Change::Put(plant.conduits[&"C-1".into()].clone().into())];
    show!(check(&files, &conduit));
}

#[test]
fn a_file_with_errors_of_syntax_is_left_alone() {
    let changes = [set("plant", "", "name", "P".into())];
    show!(check(&[("p.toml", "[plant]\nid = p\n")], &changes));
    let files = [SourceText::new("p.toml", ODD)];
    assert!(
        matches!(apply(&files, &changes), Ok(edited) if edited.files[0].text().contains("id = \"p\"\n  name") || edited.files[0].text().contains("name = \"P\""))
    );
    assert!(matches!(
        apply(&files, &[set("role", "R", "name", "P".into())]),
        Err(EditError::NoSuchRecord(_))
    ));
}

#[test]
fn keys_in_braces_come_and_go() {
    let table = "[plant]\nid = \"p\"\nessential_function = [  { id = \"E\", name = \"pump\" }, # part\n]\n[[asset]]\nid = \"A\"\n";
    let target = name("essential_function", "E");
    let set = |key: &str, value: Value| Change::Set(target.clone(), key.to_string(), value);
    let (go, come) = (set("name", Value::Absent), set("assets", texts(&["A"])));
    show!(check(&[("p.toml", table)], &[go.clone(), come.clone()]));
    show!(check(&[("p.toml", table)], &[go, set("description", "d".into()), come]));
    let middle = table.replace("name = \"pump\"", "description = \"d\", name = \"pump\", assets = []");
    show!(check(&[("p.toml", &middle)], &[set("description", Value::Absent), set("assets", Value::Absent)]));
}

#[test]
fn merging_leads_every_reference_to_the_other_record() {
    let assets = "id,zone,name\nA-1,Z-A,pump\nA-2,Z-B,pump 2\n";
    let group = "[[group]]\nid = \"G\"\nassets = [\n  \"A-1\", # the one\n]\n";
    let files = [("z.toml", ZONES), ("assets.csv", assets), ("g.toml", group)];
    show!(check(&files, &[Change::Merge(name("asset", "A-1"), "A-2".into())]));
    show!(check(&files, &[Change::Merge(name("asset", "A-1"), "A-3".into())]));
}

#[test]
fn what_was_wrong_before_is_no_reason_to_refuse() {
    let wrong: String = (0..250).map(|n| format!("key{n} = 1\n")).collect();
    let text = format!("{wrong}[[zone]]\nid = \"Z\"\n");
    let out = check(&[("z.toml", &text)], &[set("zone", "Z", "name", "N".into())]);
    assert_eq!(out, "z.toml\n+name = \"N\"\n");
    let out = check(&[("z.toml", &text)], &[set("zone", "Z", "parent", "Z-X".into())]);
    assert!(out.starts_with("error: the change would make 1 error"), "{out}");
}
