//! Findings in the order in which they are read, and the paths that each is about.

use crate::words;
use std::collections::BTreeMap;
use zonewright_assess::verification::{Path, PathName, Verification};
use zonewright_plant::Finding;

/// The findings that stand, gravest first: by severity, then by the order of the names, then as they came.
pub(crate) fn standing(findings: &[Finding]) -> Vec<&Finding> {
    let mut findings: Vec<&Finding> = findings.iter().filter(|f| f.waiver.is_none()).collect();
    findings.sort_by_key(|f| {
        (std::cmp::Reverse(f.severity), words::name_of_rule(f.rule).map_or(usize::MAX, words::rank))
    });
    findings
}

/// The findings that a waiver accepts, as they came.
pub(crate) fn waived(verification: &Verification) -> Vec<&Finding> {
    verification.findings.iter().filter(|f| f.waiver.is_some()).collect()
}

/// Paths by what findings are about.
pub(crate) struct PathIndex<'a>(BTreeMap<(&'static str, String), Vec<&'a Path>>);

impl<'a> PathIndex<'a> {
    pub(crate) fn new(verification: &'a Verification) -> Self {
        let mut index: BTreeMap<(&'static str, String), Vec<&'a Path>> = BTreeMap::new();
        for path in verification.paths.iter().filter(|p| p.name != PathName::Enforced) {
            let mut keys = vec![
                ("path", format!("{}>{}", path.from_zone, path.to_zone)),
                ("zone", path.from_zone.clone()),
                ("zone", path.to_zone.clone()),
                ("asset", path.from.clone()),
                ("asset", path.to.clone()),
            ];
            keys.extend(path.conduit.iter().map(|id| ("conduit", id.to_string())));
            keys.extend(path.permit.iter().map(|id| ("permit", id.to_string())));
            keys.sort();
            keys.dedup();
            for key in keys {
                index.entry(key).or_default().push(path);
            }
        }
        Self(index)
    }

    /// The paths that a finding is about: those of its subject and name that share most of its discriminators.
    pub(crate) fn of(&self, finding: &Finding) -> Vec<&'a Path> {
        let name = words::name_of_rule(finding.rule);
        if name.is_none() && finding.subject.kind != "path" {
            return Vec::new();
        }
        let Some(paths) = self.0.get(&(finding.subject.kind, finding.subject.id.clone())) else {
            return Vec::new();
        };
        let scored: Vec<(usize, &Path)> = paths
            .iter()
            .filter(|p| name.is_none_or(|name| p.name == name))
            .map(|p| (shared(finding, p), *p))
            .collect();
        let best = scored.iter().map(|(score, _)| *score).max().unwrap_or(0);
        scored.into_iter().filter(|(score, _)| *score == best).map(|(_, path)| path).collect()
    }
}

/// How many discriminators of the finding are said of the path.
fn shared(finding: &Finding, path: &Path) -> usize {
    let permit = path.permit.as_ref().map(|p| p.as_str());
    let own = [path.protocol.as_str(), &path.port, &path.from, &path.to, path.declared.as_str()];
    let said = |d: &String| {
        own.contains(&d.as_str())
            || permit == Some(d.as_str())
            || path.functions.contains(d)
            || path.unmet.iter().any(|u| u.as_str() == d)
            || *d == words::service(path)
    };
    finding.discriminators.iter().filter(|d| said(d)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_finding_leads_to_its_paths() {
        let sample = samples::small();
        let index = PathIndex::new(&sample.verification);
        for finding in &sample.verification.findings {
            let paths = index.of(finding);
            assert_eq!(paths.len(), 1, "{}", finding.message);
            assert_eq!(Some(paths[0].name), words::name_of_rule(finding.rule));
        }
        assert_eq!(standing(&sample.verification.findings).len() + waived(&sample.verification).len(), 6);
    }
}
