//! `cargo xtask vendors FOLDER DATE`: the table of who was given which link-layer addresses, made anew from the registry.
//!
//! FOLDER holds the registry's lists as `oui.csv`, `mam.csv`, `oui36.csv` and `iab.csv` (the IEEE Registration Authority
//! publishes them; Debian's package `ieee-data` holds them), DATE says of when they are. The facts are the registry's,
//! which claims no copyright in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

const LISTS: [&str; 4] = ["oui.csv", "mam.csv", "oui36.csv", "iab.csv"];
const TABLE: &str = "crates/traffic/data/vendors.txt";
/// Names that name nobody: the registry itself (for what it gives out in smaller blocks), and who asked not to be named.
const NOBODY: [&str; 2] = ["IEEE Registration Authority", "Private"];

pub(crate) fn run(folder: &str, date: &str) -> ExitCode {
    match write(Path::new(folder), date) {
        Ok(text) => {
            crate::say(&text);
            ExitCode::SUCCESS
        }
        Err(text) => {
            crate::say(&format!("error: {text}"));
            ExitCode::from(2)
        }
    }
}

fn write(folder: &Path, date: &str) -> Result<String, String> {
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for list in LISTS {
        let path = folder.join(list);
        let mut reader = csv::Reader::from_path(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        for row in reader.records() {
            let row = row.map_err(|e| format!("{}: {e}", path.display()))?;
            let (Some(prefix), Some(name)) = (row.get(1), row.get(2)) else {
                return Err(format!("{}: a row without prefix or name", path.display()));
            };
            if !matches!(prefix.len(), 6 | 7 | 9) || !prefix.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(format!("{}: `{prefix}` is no prefix", path.display()));
            }
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            let name = name.trim_end_matches(',').to_owned();
            owners.entry(prefix.to_ascii_uppercase()).or_default().insert(name);
        }
    }
    let mut vendors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (prefix, names) in &owners {
        // A prefix that was given twice names nobody either.
        if let [name] = names.iter().collect::<Vec<_>>()[..]
            && !name.is_empty()
            && !NOBODY.contains(&name.as_str())
        {
            vendors.entry(name).or_default().push(prefix);
        }
    }
    let mut out = format!(
        "# Who was given which link-layer addresses: the lists MA-L, MA-M, MA-S and IAB of the IEEE Registration Authority\n\
         # of {date}. Made by `cargo xtask vendors`. A line: name, tab, prefixes of 24, 28 or 36 bits.\n"
    );
    for (name, prefixes) in &vendors {
        out.push_str(&format!("{name}\t{}\n", prefixes.join(" ")));
    }
    std::fs::write(TABLE, &out).map_err(|e| format!("{TABLE}: {e}"))?;
    Ok(format!("{TABLE}: {} vendors, {} bytes", vendors.len(), out.len()))
}
