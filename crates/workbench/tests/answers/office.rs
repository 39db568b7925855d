//! LibreOffice, where it is installed, opens the workbooks, and what it saves is no difference.

use crate::books::{book, pack, plan, plant};
use std::path::Path;
use std::process::Command;

/// Lets LibreOffice open a workbook and save it again; nothing where it is not installed.
fn resaved(folder: &Path, bytes: &[u8]) -> Option<Vec<u8>> {
    std::fs::write(folder.join("in.xlsx"), bytes).unwrap();
    std::fs::create_dir_all(folder.join("out")).unwrap();
    let profile = format!("-env:UserInstallation=file://{}", folder.join("profile").display());
    let ran = Command::new("soffice")
        .args([profile.as_str(), "--headless", "--convert-to", "xlsx", "--outdir"])
        .arg(folder.join("out"))
        .arg(folder.join("in.xlsx"))
        .output();
    match ran {
        Ok(ran) => {
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            Some(std::fs::read(folder.join("out").join("in.xlsx")).unwrap())
        }
        Err(error) => {
            eprintln!("skipped: LibreOffice (`soffice`) does not run here: {error}");
            None
        }
    }
}

#[test]
fn what_libreoffice_saves_is_no_difference() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..2 {
        let (_, plant) = plant(seed);
        for bytes in [book(&plant, seed), pack(&plant, seed)] {
            let Some(saved) = resaved(folder.path(), &bytes) else { return };
            let plan = plan(&plant, &saved);
            assert!(
                plan.misread.is_empty() && plan.lines.is_empty(),
                "seed {seed}: {:?} {:?}",
                plan.misread,
                plan.lines
            );
        }
    }
}
