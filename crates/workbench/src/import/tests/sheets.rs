//! Workbooks: real types, titles, several sheets, and bombs.

use super::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use std::io::Write;
use zonewright_plant::model::AssetKind;

fn list(sheet: &mut Worksheet, first: u32) {
    let header = ["Tag", "Type", "IP", "Serial", "End of support", "Wireless", "Comment"];
    for (column, name) in (0..).zip(header) {
        sheet.write(first, column, name).unwrap();
    }
    sheet.write(first + 1, 0, 4711).unwrap();
    sheet.write(first + 1, 1, "Switch").unwrap();
    sheet.write(first + 1, 2, "10.0.0.1\n10.0.0.2").unwrap();
    sheet.write(first + 1, 3, 1_234_567_890_123.0).unwrap();
    let day = ExcelDateTime::from_ymd(2030, 12, 31).unwrap();
    sheet.write_with_format(first + 1, 4, &day, &Format::new().set_num_format("dd/mm/yyyy")).unwrap();
    sheet.write(first + 1, 5, true).unwrap();
    sheet.write(first + 1, 6, "first line\nsecond line").unwrap();
}

fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Read me").unwrap().write(0, 0, "Nothing here").unwrap();
    let sheet = book.add_worksheet().set_name("Inventory").unwrap();
    sheet.write(0, 0, "Inventory of the pump house").unwrap();
    list(sheet, 3);
    let old = book.add_worksheet().set_name("Old").unwrap();
    old.write(0, 0, "Tag").unwrap();
    old.write(0, 1, "IP").unwrap();
    old.write(1, 0, "old-1").unwrap();
    old.write(1, 1, "10.0.9.9").unwrap();
    book.save_to_buffer().unwrap()
}

fn check(source: &Source) {
    let [incoming] = source.assets.as_slice() else { panic!("one asset: {source:?}") };
    let asset = &incoming.asset;
    assert_eq!((asset.id.as_str(), asset.kind), ("4711", Some(AssetKind::Switch)));
    assert_eq!(asset.ips.len(), 2);
    assert_eq!(asset.serial.as_deref(), Some("1234567890123"));
    assert_eq!(asset.end_of_support, Some(jiff::civil::date(2030, 12, 31)));
    assert_eq!(asset.wireless, Some(true));
    assert_eq!(asset.common.note.as_deref(), Some("first line second line"));
}

#[test]
fn a_workbook_has_types_a_title_and_several_sheets() {
    let book = workbook();
    let source = read_one("list.xlsx", &book, &Reading::default()).unwrap();
    check(&source);
    assert_eq!(source.assets.first().unwrap().place, "list.xlsx, sheet Inventory, row 5");
    assert!(source.notes.iter().any(|note| note.contains("`Old`")), "{:?}", source.notes);
    let of = |sheet: &str| {
        read_one("list.xlsx", &book, &Reading { sheet: Some(sheet.into()), ..Reading::default() })
    };
    assert_eq!(of("Old").unwrap().assets.first().unwrap().asset.id.as_str(), "old-1");
    assert!(of("New").unwrap_err().why.contains("`Inventory`"));
    assert!(of("Read me").unwrap_err().why.contains("one column"));
}

#[test]
fn an_error_of_the_spreadsheet_is_told() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    list(sheet, 0);
    sheet.write_formula(1, 3, rust_xlsxwriter::Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    let source = read_one("x.xlsx", &book.save_to_buffer().unwrap(), &Reading::default()).unwrap();
    let serial = &source.assets.first().unwrap().asset.serial;
    assert!(
        serial.is_none() && source.notes.iter().any(|note| note.contains("1 cell with an error")),
        "{source:?}"
    );
}

#[test]
fn a_workbook_of_ours_is_no_list() {
    let mut book = Workbook::new();
    list(book.add_worksheet().set_name("zonewright").unwrap(), 0);
    let ours = book.save_to_buffer().unwrap();
    let not = read_one("x.xlsx", &ours, &Reading::default()).unwrap_err();
    assert!(not.why.contains("Zonewright"), "{not:?}");
    assert!(is_ours(&ours) && !is_ours(&workbook()) && !is_ours(b"PK\x03\x04"));
}

fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn ods(table: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content xmlns:office=\"o\" xmlns:table=\"t\" xmlns:text=\"x\"><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
    );
    packed(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
    ])
}

fn cell(text: &str) -> String {
    format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>")
}

#[test]
fn an_open_document_sheet_is_read_the_same() {
    let header: String =
        ["Tag", "Type", "IP", "Serial", "End of support", "Wireless", "Comment"].map(cell).concat();
    let row = [
        "<table:table-cell office:value-type=\"float\" office:value=\"4711\"><text:p>4.711</text:p></table:table-cell>".to_string(),
        cell("Switch"),
        "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>told by phone</text:p></office:annotation><text:p>10.0.0.1</text:p><text:p>10.0.0.2</text:p></table:table-cell>".to_string(),
        cell("1234567890123"),
        "<table:table-cell office:value-type=\"date\" office:date-value=\"2030-12-31\"><text:p>31/12/30</text:p></table:table-cell>".to_string(),
        "<table:table-cell office:value-type=\"boolean\" office:boolean-value=\"true\"><text:p>WAHR</text:p></table:table-cell>".to_string(),
        cell("first line</text:p><text:p>second<text:s/>line"),
    ]
    .concat();
    let table = format!(
        "<table:table table:name=\"Inventory\"><table:table-row table:number-rows-repeated=\"2\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row><table:table-row>{header}</table:table-row><table:table-row>{row}</table:table-row><table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row></table:table>"
    );
    let source = read_one("list.ods", &ods(&table), &Reading::default()).unwrap();
    check(&source);
    assert_eq!(source.assets.first().unwrap().place, "list.ods, sheet Inventory, row 4");
}

#[test]
fn a_workbook_of_ours_as_open_document_is_named_as_what_it_is() {
    let table = |name: &str| {
        let row = format!("<table:table-row>{}</table:table-row>", cell("id"));
        format!("<table:table table:name=\"{name}\">{row}</table:table>")
    };
    let tables = format!("{}{}", table("Requirements"), table("zonewright"));
    let why = read_one("book.ods", &ods(&tables), &Reading::default()).unwrap_err();
    assert!(format!("{why:?}").contains("save it as XLSX"), "{why:?}");
}

#[test]
fn a_row_said_a_million_times_is_no_million_rows() {
    let row = |cells: &str, times: &str| {
        format!("<table:table-row table:number-rows-repeated=\"{times}\">{cells}</table:table-row>")
    };
    let many = "<table:table-cell table:number-columns-repeated=\"4000000000\"><text:p>x</text:p></table:table-cell>";
    let table = format!(
        "<table:table table:name=\"A\">{}{}</table:table>",
        row(&[cell("id"), cell("ip")].concat(), "1"),
        row(many, "99999999999")
    );
    let source = read_one("bomb.ods", &ods(&table), &Reading::default()).unwrap();
    assert!(source.assets.len() <= 1_000, "{}", source.assets.len());
}

#[test]
fn a_packed_bomb_is_refused() {
    let zeros = vec![b' '; usize::try_from(UNPACKED_BYTES_MAX).unwrap() + 1];
    let bomb = packed(&[("xl/workbook.xml", &zeros)]);
    assert!(bomb.len() < 1_000_000);
    let not = read_one("bomb.xlsx", &bomb, &Reading::default()).unwrap_err();
    assert!(not.why.contains("unpacks to more than"), "{not:?}");
    let parts: Vec<String> = (0..=PARTS_MAX).map(|n| n.to_string()).collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert!(
        read_one("bomb.xlsx", &packed(&parts), &Reading::default()).unwrap_err().why.contains("packed parts")
    );
    assert!(
        read_one("x.docx", &packed(&[("word/document.xml", b"<a/>")]), &Reading::default())
            .unwrap_err()
            .why
            .contains("no spreadsheet")
    );
}

#[test]
fn workbooks_that_are_spoiled_are_read_or_refused() {
    spoil("list.xlsx", &workbook(), 300);
    let table = format!(
        "<table:table table:name=\"A\"><table:table-row>{}{}</table:table-row><table:table-row>{}{}</table:table-row></table:table>",
        cell("id"),
        cell("ip"),
        cell("a"),
        cell("10.0.0.1")
    );
    spoil("list.ods", &ods(&table), 300);
    // Spoiled within, with a packing that is sound.
    let book = workbook();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book.as_slice())).unwrap();
    let mut dice = Dice(0x5eed_0002);
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    for _ in 0..300 {
        let victim = dice.roll(names.len());
        let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut archive.by_name(name).unwrap(), &mut bytes).unwrap();
            if at == victim {
                for _ in 0..=dice.roll(6) {
                    let place = dice.roll(bytes.len());
                    if dice.roll(4) == 0 {
                        bytes.truncate(place)
                    } else {
                        bytes[place] = b"0123456789<>/\"AZ&"[dice.roll(17)]
                    }
                    if bytes.is_empty() {
                        break;
                    }
                }
            }
            parts.push((name.clone(), bytes));
        }
        let parts: Vec<(&str, &[u8])> =
            parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
        let _ = read_one("list.xlsx", &packed(&parts), &Reading::default());
    }
}
