//! Security profiles that a plant adopts: the file that a `[[profile]]` names is read, and what it leaves out is left out.
//!
//! The record has the last word: a reason that it gives itself stays. Only the workbench knows files, so it is here that
//! record and file meet.

use std::collections::BTreeSet;
use std::sync::Arc;
use zonewright_catalog::profile::{self, Profile};
use zonewright_plant::Plant;
use zonewright_plant::model::Profile as Adoption;
use zonewright_source::{Diagnostic, Place, SourceText, nearest};

/// Completes the profiles of a plant from their files, or from the samples that the program carries.
pub(crate) fn adopt(plant: &mut Plant, files: &[SourceText]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut read: Vec<(&Arc<str>, Option<Profile>)> = Vec::new();
    for file in files {
        let (profile, said) = Profile::read(file);
        diagnostics.extend(said);
        read.push((file.file(), profile));
    }
    let mut named = BTreeSet::new();
    for adoption in plant.profiles.values_mut() {
        let Some(source) = adoption.source.clone() else { continue };
        let wanted = source.strip_prefix("./").unwrap_or(&source);
        let file = read.iter().find(|(name, _)| name.as_ref() == wanted);
        let sample = || profile::samples().find(|sample| sample.id == source);
        match file {
            Some((name, profile)) => {
                named.insert(Arc::clone(name));
                if let Some(profile) = profile {
                    complete(adoption, profile, &mut diagnostics);
                }
            }
            None => match sample() {
                Some(sample) => complete(adoption, sample, &mut diagnostics),
                None => diagnostics.extend(missing(adoption, wanted, &read)),
            },
        }
    }
    for (name, _) in read.iter().filter(|(name, _)| !named.contains(*name)) {
        let message = format!("no `[[profile]]` adopts the profile in `{name}`");
        let diagnostic =
            Diagnostic::note("workspace/idle-profile", message).at(Place::File(Arc::clone(name)));
        let help = format!("add a `[[profile]]` with `source = \"{name}\"`, or move the file elsewhere");
        diagnostics.push(diagnostic.because("a profile that no record adopts leaves nothing out").help(help));
    }
    diagnostics
}

fn complete(adoption: &mut Adoption, profile: &Profile, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(version) = adoption.version.as_ref().filter(|version| **version != profile.version) {
        let message = format!(
            "profile `{}` is adopted in version `{version}`, its file is version `{}`",
            adoption.id, profile.version
        );
        let diagnostic = Diagnostic::warning("workspace/profile-version", message);
        let why = "what another version leaves out was not adopted, and is not left out here";
        let help = "read what changed, then set `version` to that of the file";
        diagnostics.push(diagnostic.at(adoption.common.place_of("version").clone()).because(why).help(help));
        return;
    }
    for (id, reason) in &profile.left_out {
        adoption.left_out.entry(id.clone()).or_insert_with(|| reason.clone());
    }
}

/// A file that is not there. A source that is no file name may be a profile published elsewhere.
fn missing(adoption: &Adoption, wanted: &str, read: &[(&Arc<str>, Option<Profile>)]) -> Option<Diagnostic> {
    if !wanted.to_ascii_lowercase().ends_with(".toml") {
        return None;
    }
    let message =
        format!("profile `{}` has `source` `{wanted}`, which is no profile of this workspace", adoption.id);
    let help = nearest(wanted, read.iter().map(|(name, _)| name.as_ref())).map_or_else(
        || {
            "a profile begins with `format = \"zonewright-profile/1\"`; its path is relative to the workspace"
                .to_string()
        },
        |near| format!("did you mean `{near}`?"),
    );
    let diagnostic = Diagnostic::warning("workspace/unknown-profile", message);
    let why = "what the file leaves out is not left out until it is found";
    Some(diagnostic.at(adoption.common.place_of("source").clone()).because(why).help(help))
}

#[cfg(test)]
mod tests {
    use crate::Workspace;
    use std::path::Path;

    const PLANT: &str = "[plant]\nid = \"p\"\nname = \"P\"\n\n[[profile]]\nid = \"PR-1\"\nsource = \"profiles/mine.toml\"\nleft_out = { \"SR 2.2\" = \"the record's own reason\" }\n";
    const PROFILE: &str = "format = \"zonewright-profile/1\"\nid = \"mine\"\nname = \"Mine\"\nversion = \"1\"\ncontext = \"here\"\nsources = [\"us\"]\nlevels = 1\n[left_out]\n\"SR 1.6\" = \"no wireless\"\n\"SR 2.2\" = \"the file's reason\"\n";

    fn read(plant: &str, files: &[(&str, &str)]) -> Workspace {
        let folder = tempfile::tempdir().unwrap();
        crate::files::write(&folder.path().join("plant.toml"), plant.as_bytes()).unwrap();
        for (name, text) in files {
            crate::files::write(&folder.path().join(name), text.as_bytes()).unwrap();
        }
        Workspace::read(Path::new(folder.path())).unwrap()
    }

    /// What is left out, and the codes of what is said.
    fn check(plant: &str, files: &[(&str, &str)], left_out: &[(&str, &str)], codes: &[&str]) {
        let workspace = read(plant, files);
        let found: Vec<(String, &str)> = workspace
            .plant
            .profiles
            .values()
            .flat_map(|profile| profile.left_out.iter().map(|(id, reason)| (id.to_string(), reason.as_str())))
            .collect();
        let wanted: Vec<(String, &str)> =
            left_out.iter().map(|(id, reason)| ((*id).to_string(), *reason)).collect();
        assert_eq!(found, wanted);
        let said: Vec<&str> = workspace.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(said, codes, "{:?}", workspace.diagnostics);
    }

    #[test]
    fn what_the_file_leaves_out_is_left_out_and_the_record_has_the_last_word() {
        let wanted = [("SR 1.6", "no wireless"), ("SR 2.2", "the record's own reason")];
        check(PLANT, &[("profiles/mine.toml", PROFILE)], &wanted, &[]);
        check(&PLANT.replace("profiles/", "./profiles/"), &[("profiles/mine.toml", PROFILE)], &wanted, &[]);
    }

    #[test]
    fn a_sample_is_adopted_by_its_id_and_a_published_name_is_left_alone() {
        let own = [("SR 2.2", "the record's own reason")];
        let sample = read(&PLANT.replace("profiles/mine.toml", "small-water-utility"), &[]);
        let profile = sample.plant.profiles.values().next().unwrap();
        assert!(profile.left_out.keys().any(|id| id.to_string() == "SR 1.6"));
        check(&PLANT.replace("profiles/mine.toml", "IEC TS 62443-5-9"), &[], &own, &[]);
    }

    #[test]
    fn another_version_leaves_nothing_out_and_is_told() {
        let plant = PLANT.replace("source =", "version = \"2\"\nsource =");
        let own = [("SR 2.2", "the record's own reason")];
        check(&plant, &[("profiles/mine.toml", PROFILE)], &own, &["workspace/profile-version"]);
    }

    #[test]
    fn a_file_that_is_missing_broken_or_adopted_by_nobody_is_told() {
        let own = [("SR 2.2", "the record's own reason")];
        check(PLANT, &[], &own, &["workspace/unknown-profile"]);
        let near = read(PLANT, &[("profiles/mime.toml", PROFILE)]);
        let codes: Vec<&str> = near.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        assert_eq!(codes, ["workspace/unknown-profile", "workspace/idle-profile"]);
        assert_eq!(near.diagnostics[0].help.as_deref(), Some("did you mean `profiles/mime.toml`?"));
        let broken = PROFILE.replace("name = \"Mine\"\n", "");
        check(PLANT, &[("profiles/mine.toml", &broken)], &own, &["profile/missing-key"]);
        assert!(read(PLANT, &[("profiles/mine.toml", &broken)]).has_errors());
    }
}
