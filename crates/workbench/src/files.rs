//! Files: found in order, read whole, written whole.

use crate::error::WorkbenchError;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Most files that a folder is searched for.
pub const FILES_MAX: usize = 20_000;

/// Deepest folder within a folder that is searched.
pub const DEPTH_MAX: usize = 6;

/// The files below a folder in order of their names, each as a path relative to it. Hidden files and folders are left out,
/// and links are not followed out of the folder.
pub fn below(folder: &Path) -> Result<Vec<PathBuf>, WorkbenchError> {
    if !folder.is_dir() {
        return Err(match std::fs::metadata(folder) {
            Ok(_) => WorkbenchError::NotFolder { path: folder.to_path_buf() },
            Err(source) => WorkbenchError::Read { path: folder.to_path_buf(), source },
        });
    }
    let mut found = Vec::new();
    walk(folder, Path::new(""), 0, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(root: &Path, within: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), WorkbenchError> {
    let folder = root.join(within);
    let failed = |source| WorkbenchError::Read { path: folder.clone(), source };
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        let kind = entry.file_type().map_err(failed)?;
        let path = within.join(&name);
        if kind.is_dir() {
            if depth < DEPTH_MAX {
                walk(root, &path, depth + 1, found)?;
            }
        } else if kind.is_file() || (kind.is_symlink() && root.join(&path).is_file()) {
            if found.len() >= FILES_MAX {
                return Err(WorkbenchError::TooManyFiles { path: root.to_path_buf(), limit: FILES_MAX });
            }
            found.push(path);
        }
    }
    Ok(())
}

/// A file's bytes.
pub fn read(path: &Path) -> Result<Vec<u8>, WorkbenchError> {
    std::fs::read(path).map_err(|source| WorkbenchError::Read { path: path.to_path_buf(), source })
}

/// Writes a file whole or not at all: beside its place first, then moved there.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WorkbenchError> {
    let failed = |source| WorkbenchError::Write { path: path.to_path_buf(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = folder.join(format!(".{name}.{}.part", std::process::id()));
    let written = std::fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|source| {
        // The half-written file must not stay; if it cannot be removed, the write's own error is what matters.
        let _ = std::fs::remove_file(&beside);
        failed(source)
    })
}

/// A path within a workspace as its records write it: with `/` on every system.
#[must_use]
pub fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_hidden_ones_are_not_found() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("b/two.toml"), b"x").unwrap();
        write(&folder.path().join("a.toml"), b"x").unwrap();
        write(&folder.path().join(".git/config"), b"x").unwrap();
        let found: Vec<String> = below(folder.path()).unwrap().iter().map(|p| slashed(p)).collect();
        assert_eq!(found, ["a.toml", "b/two.toml"]);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("taken")).unwrap();
        std::fs::write(folder.path().join("taken/x"), b"").unwrap();
        assert!(write(&folder.path().join("taken"), b"x").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_no_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x");
        std::fs::write(&file, b"").unwrap();
        assert!(matches!(below(&file), Err(WorkbenchError::NotFolder { .. })));
        assert!(matches!(below(&folder.path().join("none")), Err(WorkbenchError::Read { .. })));
    }
}
