//! The picture in the manual is that of the example: `ZONEWRIGHT_BLESS=1` draws it anew.

use std::path::Path;
use zonewright_workbench::{Workspace, verify};

#[test]
fn the_diagram_of_the_example_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let workspace = Workspace::read(&root.join("examples/waterworks")).unwrap();
    let verified = verify(workspace, "2026-11-26".parse().unwrap(), &mut |_| {});
    let input = verified.report_input("0");
    let drawn = zonewright_report::diagram::svg(input.plant, input.verification);
    let path = root.join("docs/manual/waterworks.svg");
    if std::env::var_os("ZONEWRIGHT_BLESS").is_some() {
        std::fs::write(&path, &drawn).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == drawn, "{} is stale: run the test with ZONEWRIGHT_BLESS=1", path.display());
}
