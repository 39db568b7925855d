//! CycloneDX: a device's bill, an inventory, the bill of an asset that is there; JSON and XML.

use super::*;

const DEVICE: &str = include_str!("samples/plc.cdx.json");
const INVENTORY: &str = include_str!("samples/inventory.cdx.xml");

fn of(asset: &str) -> Reading {
    Reading { asset: Some(AssetId::from(asset)), ..Reading::default() }
}

#[test]
fn the_bill_of_a_device_is_one_asset_and_its_parts_are_none() {
    let source = read_one("plc.json", DEVICE.as_bytes(), &Reading::default()).unwrap();
    assert_eq!(source.words, "CycloneDX 1.6 bill of materials of M-340 3.21 of 2026-10-01: 6 components");
    let [incoming] = source.assets.as_slice() else { panic!("one device: {source:?}") };
    let asset = &incoming.asset;
    assert_eq!((asset.id.as_str(), asset.version.as_deref()), ("M-340", Some("3.21")));
    assert_eq!((asset.serial.as_deref(), asset.macs.len()), (Some("WT-0012345"), 1));
    assert_eq!(asset.software, ["M-340 base 3.21", "TinyRT 5.0", "web panel 1.2"]);
    assert!(source.keeps);
}

#[test]
fn an_inventory_is_as_many_assets_as_it_has_devices() {
    let source = read_one("i.xml", INVENTORY.as_bytes(), &Reading::default()).unwrap();
    let [plc, gate] = source.assets.as_slice() else { panic!("two devices: {source:?}") };
    assert_eq!(plc.asset.id.as_str(), "Pump---valve-PLC");
    assert_eq!(plc.asset.common.name.as_deref(), Some("Pump & valve PLC"));
    assert_eq!(
        (plc.asset.vendor.as_deref(), plc.asset.serial.as_deref()),
        (Some("Weirtech"), Some("WT-00777"))
    );
    assert_eq!(plc.asset.software, ["TinyRT 5.0"]);
    assert_eq!(gate.asset.model.as_deref(), Some("Gate 8"));
    assert!(!source.keeps);
}

#[test]
fn the_bill_of_an_asset_does_not_flood_it() {
    let source = read_one("plc.json", DEVICE.as_bytes(), &of("plc-a1")).unwrap();
    let [incoming] = source.assets.as_slice() else { panic!("one asset: {source:?}") };
    assert_eq!(incoming.asset.id.as_str(), "plc-a1");
    assert_eq!(incoming.asset.software.len(), 3);
    let libraries = "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"metadata\":{\"component\":{\"type\":\"application\",\"name\":\"panel\",\"version\":\"1\"}},\"components\":[{\"type\":\"library\",\"name\":\"a\"}]}";
    assert!(
        read_one("l.json", libraries.as_bytes(), &Reading::default()).unwrap_err().why.contains("--asset ID")
    );
    let source = read_one("l.json", libraries.as_bytes(), &of("x")).unwrap();
    assert_eq!(source.assets.first().unwrap().asset.software, ["panel 1"]);
    assert!(read_one("l.csv", b"id,ip\na,10.0.0.1\n", &of("x")).unwrap_err().why.contains("--asset"));
}

#[test]
fn other_bills_and_damaged_ones_are_named() {
    let refused = |text: &str| read_one("x.json", text.as_bytes(), &Reading::default()).unwrap_err().why;
    assert!(refused("{\"spdxVersion\":\"SPDX-2.3\"}").contains("SPDX"));
    assert!(refused("{\"a\":1}").contains("neither"));
    assert!(refused(&DEVICE.chars().take(DEVICE.len() / 2).collect::<String>()).contains("cut off"));
    let deep = "[".repeat(100_000);
    assert!(refused(&deep).contains("cannot be read"));
    let nested =
        (0..100).fold("{\"type\":\"library\",\"name\":\"x\"}".to_string(), |within, _| match within.len() {
            length if length > 2_000 => within,
            _ => format!("{{\"type\":\"device\",\"name\":\"d\",\"components\":[{within}]}}"),
        });
    let nested = format!("{{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":[{nested}]}}");
    let source = read_one("n.json", nested.as_bytes(), &Reading::default()).unwrap();
    assert!(source.notes.iter().any(|note| note.contains("deeper than")), "{:?}", source.notes);
}

#[test]
fn bills_that_are_spoiled_are_read_or_refused() {
    spoil("plc.json", DEVICE.as_bytes(), 1_000);
    spoil("i.xml", INVENTORY.as_bytes(), 1_000);
}

#[test]
fn bills_of_real_projects_are_read() {
    let Some(folder) = shared("sboms/cyclonedx") else { return };
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    for path in &names {
        let name = path.file_name().unwrap().to_string_lossy();
        let source = read_one(&name, &std::fs::read(path).unwrap(), &of("x")).unwrap();
        let [incoming] = source.assets.as_slice() else { panic!("one asset: {source:?}") };
        println!("{name}: {}; software {:?}; {:?}", source.words, incoming.asset.software, source.notes);
        assert!(incoming.asset.software.len() <= 20 && source.notes.is_empty());
    }
    assert!(names.len() > 10);
}
