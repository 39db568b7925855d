//! Choosing requirements: by part, foundational requirement, level, component type, reader, conduit, profile.

use crate::profile::Profile;
use crate::requirement::{Levels, Requirement};
use crate::{Catalog, ComponentType, Fr, Role, SecurityLevel, Standard};

/// Which requirements are wanted: those that every condition given holds for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Selection<'a> {
    /// Of this part.
    pub standard: Option<Standard>,
    /// Of this foundational requirement (3-3 and 4-2 alone have them).
    pub fr: Option<Fr>,
    /// Asked up to this level: of a system (3-3), or of the component type (4-2), of any component type where none is given.
    pub level: Option<SecurityLevel>,
    /// Asked of this component type (4-2).
    pub component: Option<ComponentType>,
    /// For a reader in this role.
    pub role: Option<Role>,
    /// Applying to conduits, at least to some (3-3).
    pub conduit: bool,
    /// Selected by this profile.
    pub profile: Option<&'a Profile>,
}

/// What a selection gives.
#[derive(Debug, Clone, Default)]
pub struct Selected<'a> {
    /// The requirements, in the order of the catalogs.
    pub requirements: Vec<&'a Requirement>,
    /// The common constraints of 4-2 where a level was asked for: they have none, hold at every level, and are counted apart.
    pub common: Vec<&'a Requirement>,
}

impl Selection<'_> {
    /// Is the requirement wanted, its level left aside?
    fn wants(&self, requirement: &Requirement) -> bool {
        self.standard.is_none_or(|standard| requirement.standard == standard)
            && self.fr.is_none_or(|fr| requirement.fr == Some(fr))
            && self.role.is_none_or(|role| requirement.is_for(role))
            && self.component.is_none_or(|component| is_of(requirement, component))
            && (!self.conduit || requirement.conduit.is_some_and(|conduit| conduit.applies()))
            && self.profile.is_none_or(|profile| profile.selects_for(requirement, self.component))
    }

    /// The level from which on the requirement is asked, of what the selection is about.
    #[must_use]
    pub fn level_of(&self, requirement: &Requirement) -> Option<SecurityLevel> {
        match self.component {
            Some(component) => requirement.levels.for_component(component),
            None => requirement.levels.lowest(),
        }
    }
}

/// Is it asked of that component type at all? The common constraints are asked of all.
fn is_of(requirement: &Requirement, component: ComponentType) -> bool {
    requirement.is_common_constraint() || requirement.levels.for_component(component).is_some()
}

impl Catalog {
    /// The requirements that a selection wants.
    #[must_use]
    pub fn select(&self, selection: &Selection<'_>) -> Selected<'_> {
        let mut selected = Selected::default();
        for requirement in self.requirements().filter(|requirement| selection.wants(requirement)) {
            match selection.level {
                None => selected.requirements.push(requirement),
                Some(_) if requirement.is_common_constraint() => selected.common.push(requirement),
                Some(up_to) => {
                    let asked = requirement.levels != Levels::None
                        && selection.level_of(requirement).is_some_and(|level| level <= up_to);
                    if asked {
                        selected.requirements.push(requirement);
                    }
                }
            }
        }
        selected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(selection: &Selection<'_>) -> (usize, usize) {
        let selected = Catalog::builtin().select(selection);
        (selected.requirements.len(), selected.common.len())
    }

    #[test]
    fn a_level_is_cumulative_and_leaves_common_constraints_apart() {
        let level = SecurityLevel::new(2);
        let standard = Some(Standard::Iec62443_4_2);
        let component = Some(ComponentType::HostDevice);
        assert_eq!(count(&Selection { standard, level, component, ..Selection::default() }), (62, 4));
        assert_eq!(count(&Selection { component, ..Selection::default() }), (88, 0));
        let standard = Some(Standard::Iec62443_3_3);
        assert_eq!(count(&Selection { standard, level, ..Selection::default() }), (60, 0));
        let none = SecurityLevel::new(0);
        assert_eq!(count(&Selection { standard, level: none, ..Selection::default() }), (0, 0));
    }

    #[test]
    fn conditions_narrow_each_other() {
        let catalog = Catalog::builtin();
        let fr = Some(Fr::Rdf);
        let standard = Some(Standard::Iec62443_3_3);
        assert_eq!(count(&Selection { standard, fr, ..Selection::default() }).0, 11);
        let conduit = catalog.select(&Selection { standard, fr, conduit: true, ..Selection::default() });
        assert!(conduit.requirements.len() < 11);
        assert!(conduit.requirements.iter().all(|row| row.conduit.unwrap().applies()));
        let supplier = Selection { role: Some(Role::ProductSupplier), ..Selection::default() };
        assert!(
            catalog.select(&supplier).requirements.iter().all(|row| row.standard != Standard::Iec62443_2_1)
        );
        let maintenance = Selection {
            role: Some(Role::MaintenanceServiceProvider),
            standard: Some(Standard::Iec62443_2_4),
            ..Selection::default()
        };
        assert_eq!(count(&maintenance).0, 112);
    }
}
