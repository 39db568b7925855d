//! The use case "init": an empty workspace with the first records to fill in.

use crate::error::WorkbenchError;
use crate::files;
use std::path::{Path, PathBuf};

const PLANT: &str = r#"# The plant: the system under consideration. `zonewright schema --markdown` explains every key.
workspace = 1

[plant]
id = "plant"
name = "{name}"
# description = "what the system under consideration is and does"
# perimeter = "where it ends, and who gets in and out"
# currency = "EUR"
# time_zone = "Europe/Berlin"

# Who answers for something: roles, never persons.
[[plant.role]]
id = "ot-security"
name = "OT security"

# [[plant.essential_function]]
# id = "f-1"
# name = "the function whose loss the plant cannot bear"
"#;

const ZONES: &str = r#"# Zones. A zone inside the system under consideration needs a target level (`sl_t`).

# [[zone]]
# id = "Z-CTRL"
# name = "Control"
# type = "control"                # control, safety, supervisory, dmz, enterprise, wireless, remote-access, …
# networks = ["10.1.0.0/24"]
# sl_t = 2                        # one level for all seven foundational requirements, or a list of seven
# accountable = "ot-security"
"#;

const CONDUITS: &str = r#"# Conduits: which zones are joined, what may pass, who asked for it and until when.

# [[conduit]]
# id = "C-1"
# zones = ["Z-SUP", "Z-CTRL"]
# medium = "ip"
# enforced_by = ["fw-1"]
# authentication = "not-required"
# encryption = "not-required"
# monitoring = "required"
#
# [[conduit.permit]]
# id = "P-1"
# from = ["Z-SUP"]
# to = ["Z-CTRL"]
# protocol = "modbus"
# classes = ["read"]              # discover, read, write, operate, program, configure, …
# purpose = "the SCADA server reads measurements"
# expected = "continuous"
# owner = "ot-security"
# until = 2030-12-31
"#;

const ASSETS: &str = "id,name,kind,zone,vendor,model,ips,macs,owner\n";

/// Makes an empty workspace in `folder` and says which files were written. Nothing is written if one of them exists.
pub fn init(folder: &Path, name: &str) -> Result<Vec<PathBuf>, WorkbenchError> {
    let quoted: String = name.chars().filter(|c| !c.is_control()).flat_map(escaped).collect();
    let files = [
        ("plant.toml", PLANT.replace("{name}", &quoted)),
        ("zones.toml", ZONES.to_string()),
        ("conduits.toml", CONDUITS.to_string()),
        ("assets.csv", ASSETS.to_string()),
    ];
    for (file, _) in &files {
        let path = folder.join(file);
        if path.exists() {
            return Err(WorkbenchError::Exists { path });
        }
    }
    let mut written = Vec::new();
    for (file, text) in &files {
        let path = folder.join(file);
        files::write(&path, text.as_bytes())?;
        written.push(path);
    }
    Ok(written)
}

fn escaped(c: char) -> Vec<char> {
    if matches!(c, '"' | '\\') { vec!['\\', c] } else { vec![c] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Workspace;

    #[test]
    fn an_empty_workspace_is_sound_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let plant = folder.path().join("new");
        init(&plant, r#"Bob's "best" \ plant"#).unwrap();
        let workspace = Workspace::read(&plant).unwrap();
        assert_eq!(workspace.diagnostics, []);
        assert_eq!(workspace.plant.system.unwrap().common.name.as_deref(), Some(r#"Bob's "best" \ plant"#));
        assert!(matches!(init(&plant, "x"), Err(WorkbenchError::Exists { .. })));
    }
}
