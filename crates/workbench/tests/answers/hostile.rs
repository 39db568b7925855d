//! Files that are damaged, inflated or of something else: refused in words, never a panic.

use crate::books::{Opened, answers, book, pack, plan, plant};
use crate::plants::Rng;
use calamine::Data;
use std::io::{Read, Write};
use zonewright_report::xlsx::layout::{HIDDEN, ROW_ID};
use zonewright_workbench::answers::{is_answers, read};

/// The parts of a packed file.
fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut part = archive.by_index(at).unwrap();
            let mut content = Vec::new();
            let name = part.name().unwrap().into_owned();
            part.read_to_end(&mut content).unwrap();
            (name, content)
        })
        .collect()
}

fn packed(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn what_is_damaged_is_refused_or_read_but_never_panics() {
    let (_, plant) = plant(1);
    let mut rng = Rng(0xdead);
    let (mut refused, mut read_all_the_same) = (0, 0);
    for bytes in [book(&plant, 1), pack(&plant, 1)] {
        let whole = parts(&bytes);
        for round in 0..150 {
            let mutant = if round % 2 == 0 {
                // Damage outside the packed parts.
                let mut mutant = bytes.clone();
                for _ in 0..=rng.below(8) {
                    let at = rng.below(mutant.len());
                    mutant[at] = u8::try_from(rng.below(256)).unwrap();
                }
                if rng.one_in(3) {
                    mutant.truncate(rng.below(mutant.len()));
                }
                mutant
            } else {
                // Damage within one, packed again.
                let mut parts = whole.clone();
                let part = rng.below(parts.len());
                let content = &mut parts[part].1;
                for _ in 0..=rng.below(12) {
                    let at = rng.below(content.len());
                    content[at] = *rng.pick(b"<>\"'/&;0aZ= \xff");
                }
                packed(&parts)
            };
            match read("file.xlsx", &mutant) {
                Ok(answers) => {
                    read_all_the_same += 1;
                    drop(zonewright_workbench::answers::compare(&plant, &[answers]));
                }
                Err(why) => {
                    refused += 1;
                    assert!(!why.is_empty());
                }
            }
        }
    }
    assert!(refused > 20 && read_all_the_same > 20, "{refused} refused, {read_all_the_same} read");
}

#[test]
fn giant_dimensions_cost_nothing() {
    let (_, plant) = plant(1);
    let mut all = parts(&book(&plant, 1));
    for (name, content) in all.iter_mut().filter(|(name, _)| name.starts_with("xl/worksheets/sheet")) {
        let text = String::from_utf8(content.clone()).unwrap();
        let at = text.find("<dimension ref=\"").unwrap() + "<dimension ref=\"".len();
        let end = at + text[at..].find('"').unwrap();
        *content = format!("{}A1:XFD1048576{}", &text[..at], &text[end..]).into_bytes();
        assert!(name.ends_with(".xml"));
    }
    assert!(answers(&packed(&all)).rows.is_empty());
}

#[test]
fn a_packed_bomb_is_refused() {
    let (_, plant) = plant(1);
    let mut all = parts(&book(&plant, 1));
    all.push(("xl/media/a.bin".into(), vec![0; 64 * 1024 * 1024]));
    for n in 0..8 {
        all.push((format!("xl/media/{n}.bin"), vec![0; 64 * 1024 * 1024]));
    }
    let bomb = packed(&all);
    assert!(bomb.len() < 4 * 1024 * 1024);
    assert!(read("file.xlsx", &bomb).unwrap_err().contains("unpacks to more than"));
}

#[test]
fn wrong_types_and_rows_that_stand_twice_are_said() {
    let (_, plant) = plant(6);
    let opened = Opened::new(&book(&plant, 6));
    let id =
        opened.ids().into_iter().find(|id| id.starts_with("zone/") && id.split('/').count() == 3).unwrap();
    let with = |title: &str, value: Data| {
        let mut opened = Opened { sheets: opened.sheets.clone() };
        opened.put(&id, title, value);
        plan(&plant, &opened.saved())
    };
    for (title, value) in [
        ("Claim status", Data::Float(3.0)),
        ("Claim status", Data::Bool(true)),
        ("Date", Data::Float(46_112.0)),
        ("Evidence", Data::Float(12.0)),
        (ROW_ID, Data::Float(1.0)),
    ] {
        let plan = with(title, value);
        let is_understood = plan.misread.is_empty();
        // An untouched row with a damaged id says nothing.
        assert!(plan.changes.is_empty() && (title == ROW_ID || !is_understood), "{title}");
    }
    let twice = |second: &str| {
        let mut opened = Opened { sheets: opened.sheets.clone() };
        opened.type_in(&id, "Claim status", "met");
        opened.type_in(&id, "Rationale", "why");
        let (sheet, row, titles) = opened.find(&id);
        let cells = opened.sheet(&sheet);
        let last = cells.keys().map(|(row, _)| *row).max().unwrap() + 1;
        for column in titles.values() {
            if let Some(data) = cells.get(&(row, *column)).cloned() {
                cells.insert((last, *column), data);
            }
        }
        cells.insert((last, titles["Claim status"]), Data::String(second.into()));
        plan(&plant, &opened.saved())
    };
    assert_eq!(twice("met").changes.len(), 1);
    assert!(twice("partly").misread[0].what.contains("filled in twice"));
}

#[test]
fn what_is_no_workbook_of_ours_says_so() {
    let (_, plant) = plant(1);
    let opened = Opened::new(&book(&plant, 1));
    let with = |change: &dyn Fn(&mut Opened)| {
        let mut opened = Opened { sheets: opened.sheets.clone() };
        change(&mut opened);
        read("file.xlsx", &opened.saved()).unwrap_err()
    };
    assert!(
        with(&|book| book.sheets.retain(|(name, _)| name != HIDDEN)).contains("no workbook of Zonewright")
    );
    assert!(with(&|book| book.sheets.retain(|(name, _)| name == HIDDEN)).contains(ROW_ID));
    let format =
        with(&|book| drop(book.sheet(HIDDEN).insert((0, 1), Data::String("zonewright-workbook/9".into()))));
    assert!(format.contains("zonewright-workbook/9") && format.contains("zonewright-workbook/1"), "{format}");
    let twice =
        with(&|book| drop(book.sheet("Requirements").insert((0, 0), Data::String("Rationale".into()))));
    assert!(twice.contains("two columns"), "{twice}");
    for (text, part) in [
        ("{", "cut off"),
        ("{\"format\":\"zonewright-answers/2\"}", "expected `zonewright-answers/1`"),
        ("{\"format\":\"zonewright-answers/1\"}", "no list"),
    ] {
        assert!(read("a.json", text.as_bytes()).unwrap_err().contains(part), "{text}");
    }
    let odd = "{\"format\":\"zonewright-answers/1\",\"answers\":[1,{},{\"id\":\"zone/Z0/SR 1.1\",\"answr\":\"met\"},{\"id\":\"zone/Z0/SR 1.1\",\"answer\":[]}]}";
    assert_eq!(read("a.json", odd.as_bytes()).unwrap().misread.len(), 4);
    assert!(is_answers(odd.as_bytes()) && !is_answers(b"{}") && !is_answers(b"PK\x03\x04"));
}
