//! A workspace on disk: the texts it is made of, and the plant they say.

use crate::error::WorkbenchError;
use crate::files;
use std::path::{Path, PathBuf};
use zonewright_catalog::profile::Profile;
use zonewright_plant::Plant;
use zonewright_plant::text::{self, Form};
use zonewright_source::{Diagnostic, Severity, SourceText};

/// A workspace, read.
#[derive(Debug)]
pub struct Workspace {
    /// Its folder.
    pub folder: PathBuf,
    /// Its texts, in order of their names.
    pub texts: Vec<SourceText>,
    /// The security profiles that lie in it (`zonewright-profile/1`), in order of their names.
    pub profiles: Vec<SourceText>,
    /// What they say.
    pub plant: Plant,
    /// What is to be said about them.
    pub diagnostics: Vec<Diagnostic>,
}

impl Workspace {
    /// Reads the workspace in a folder.
    pub fn read(folder: &Path) -> Result<Self, WorkbenchError> {
        let (mut texts, mut profiles) = (Vec::new(), Vec::new());
        let mut diagnostics = Vec::new();
        for path in files::below(folder)? {
            let name = files::slashed(&path);
            if Form::of(&name).is_none() {
                continue;
            }
            match text::decode(&name, files::read(&folder.join(&path))?) {
                Ok(text) if Profile::is_meant_by(text.text()) => profiles.push(text),
                Ok(text) => texts.push(text),
                Err(diagnostic) => diagnostics.push(diagnostic),
            }
        }
        let mut read = text::read(&texts);
        diagnostics.extend(read.diagnostics);
        diagnostics.extend(crate::profiles::adopt(&mut read.plant, &profiles));
        if texts.is_empty() {
            diagnostics.push(
                Diagnostic::error("workspace/empty", format!("`{}` has no model", folder.display()))
                    .because("a workspace is a folder with `*.toml` files, and `assets*.csv` where there are many assets")
                    .help("`zonewright init FOLDER` makes an empty one; `zonewright start FOLDER` makes one out of evidence"),
            );
        }
        diagnostics.extend(below(folder, &texts, &read.plant));
        Ok(Self { folder: folder.to_path_buf(), texts, profiles, plant: read.plant, diagnostics })
    }

    /// Is there an error in the model?
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The text of a name.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&SourceText> {
        self.texts.iter().chain(&self.profiles).find(|text| text.file().as_ref() == file)
    }
}

/// A word where the folder is not the workspace but holds it: files of evidence are looked for from the wrong place.
fn below(folder: &Path, texts: &[SourceText], plant: &Plant) -> Option<Diagnostic> {
    let place = &plant.system.as_ref()?.common.place;
    let (inner, _) = place.file().rsplit_once('/')?;
    let all_within = texts.iter().all(|text| text.file().starts_with(&format!("{inner}/")));
    all_within.then(|| {
        let inner = folder.join(inner);
        Diagnostic::warning(
            "workspace/below",
            format!("the workspace lies in `{}`, not here", inner.display()),
        )
        .at(place.clone())
        .because("files of evidence are looked for from the folder that is named")
        .help(format!("name `{}`", inner.display()))
    })
}
