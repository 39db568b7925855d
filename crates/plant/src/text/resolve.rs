//! References: each points at a record that is there, and ends of permits and subjects get the kind that their id has.

use super::field::{shown, split_prefix};
use super::gather::{Gathered, Reference};
use super::spec::Target;
use crate::Plant;
use crate::id::{AssetId, ConduitId, GroupId, ProductId, ZoneId};
use crate::model::{Endpoint, SubjectRef};
use zonewright_source::Diagnostic;

/// Checks every reference, and gives ends of permits and subjects their kind.
pub(crate) fn resolve(plant: &mut Plant, gathered: &mut Gathered) {
    let references = std::mem::take(&mut gathered.references);
    for reference in &references {
        check(reference, gathered);
    }
    for conduit in plant.conduits.values_mut() {
        for permit in &mut conduit.permits {
            permit.from.retain_mut(|end| place_endpoint(end, gathered));
            permit.to.retain_mut(|end| place_endpoint(end, gathered));
        }
    }
    let lists = plant.countermeasures.values_mut().map(|c| &mut c.applies_to);
    for subjects in lists.chain(plant.profiles.values_mut().map(|p| &mut p.applies_to)) {
        subjects.retain_mut(|subject| place_subject(subject, gathered));
    }
    for subject in plant.claims.values_mut().map(|c| &mut c.subject) {
        place_subject(subject, gathered);
    }
    for subject in plant.tests.values_mut().filter_map(|t| t.subject.as_mut()) {
        place_subject(subject, gathered);
    }
    gathered.references = references;
}

/// The kind and id that a written reference points at.
fn lookup<'i>(
    target: Target,
    written: &'i str,
    gathered: &Gathered,
) -> Result<(Target, &'i str), Vec<Target>> {
    let kinds = target.kinds();
    if let [kind] = kinds.as_slice() {
        return if gathered.knows(*kind, written) { Ok((*kind, written)) } else { Err(Vec::new()) };
    }
    let (prefix, id) = split_prefix(written);
    let found: Vec<Target> = kinds
        .into_iter()
        .filter(|kind| prefix.is_none_or(|prefix| prefix == kind.describe()) && gathered.knows(*kind, id))
        .collect();
    match found.as_slice() {
        [kind] => Ok((*kind, id)),
        _ => Err(found),
    }
}

fn check(reference: &Reference, gathered: &mut Gathered) {
    let Err(found) = lookup(reference.target, &reference.id, gathered) else { return };
    let Reference { target, id, holder, key, .. } = reference;
    let (_, bare) = split_prefix(id);
    if !gathered.wants(target.unknown_code()) {
        return gathered.report(reference.file, reference.span, Diagnostic::error(target.unknown_code(), ""));
    }
    let diagnostic = if found.is_empty() {
        let help = match gathered.nearest_id(bare, &target.kinds()) {
            Some(near) => format!("did you mean `{near}`? otherwise add it under {}", target.header()),
            None => format!("add it under {}", target.header()),
        };
        let help = match gathered.broken.first() {
            Some(file) => format!("{help}; it may stand in `{file}`, which could not be read whole"),
            None => help,
        };
        let message =
            format!("{holder} {} {} {}, which is not defined", key.verb, target.describe(), shown(id));
        Diagnostic::error(target.unknown_code(), message).help(help)
    } else {
        let kinds: Vec<&str> = found.iter().map(|kind| kind.describe()).collect();
        let ways: Vec<String> = kinds.iter().map(|kind| format!("`{kind}:{bare}`")).collect();
        let message =
            format!("{holder} {} {}, which is the id of {}", key.verb, shown(id), kinds.join(" and of "));
        Diagnostic::error("plant/ambiguous-reference", message).help(format!("write {}", ways.join(" or ")))
    };
    let diagnostic = if key.clause.is_empty() { diagnostic } else { diagnostic.because(key.clause) };
    gathered.report(reference.file, reference.span, diagnostic);
}

fn place_endpoint(end: &mut Endpoint, gathered: &Gathered) -> bool {
    // Reading left the written id under the kind `zone`.
    let Endpoint::Zone(written) = &*end else { return true };
    let Ok((kind, id)) = lookup(Target::Endpoint, written.as_str(), gathered) else { return false };
    *end = match kind {
        Target::Asset => Endpoint::Asset(AssetId::from(id)),
        Target::Group => Endpoint::Group(GroupId::from(id)),
        _ => Endpoint::Zone(ZoneId::from(id)),
    };
    true
}

fn place_subject(subject: &mut SubjectRef, gathered: &Gathered) -> bool {
    let SubjectRef::Zone(written) = &*subject else { return true };
    let Ok((kind, id)) = lookup(Target::Subject, written.as_str(), gathered) else { return false };
    *subject = match kind {
        Target::Conduit => SubjectRef::Conduit(ConduitId::from(id)),
        Target::Asset => SubjectRef::Asset(AssetId::from(id)),
        Target::Product => SubjectRef::Product(ProductId::from(id)),
        Target::Group => SubjectRef::Group(GroupId::from(id)),
        _ => SubjectRef::Zone(ZoneId::from(id)),
    };
    true
}
