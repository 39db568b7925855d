//! Where things stand in a configuration: the parts of a firewall, of Panorama, and of what programs write.

use super::ignored::{Place, pass};
use super::tree::At;

/// Levels at which wrappers (`response`, `result`, `config`) are looked through.
const WRAPPERS_MAX: usize = 4;

/// Virtual systems, device groups or templates of one file; more are warned about.
const SCOPES_MAX: usize = 2_048;

/// Generations of device groups that are followed; Panorama has four.
const GENERATIONS_MAX: usize = 32;

/// Something with objects and rulebases of its own.
#[derive(Debug, Clone)]
pub(super) struct Scope<'m> {
    /// The name of the virtual system or device group.
    pub(super) name: &'m str,
    /// The nodes that hold what it has.
    pub(super) nodes: Vec<At<'m>>,
    /// The device group that it inherits from.
    pub(super) parent: Option<&'m str>,
}

/// The parts of a configuration.
#[derive(Debug, Default)]
pub(super) struct Model<'m> {
    /// What all virtual systems or device groups share.
    pub(super) shared: Vec<At<'m>>,
    /// What Panorama has pushed to a firewall.
    pub(super) pushed: Vec<At<'m>>,
    /// The virtual systems of a firewall.
    pub(super) systems: Vec<Scope<'m>>,
    /// The device groups of Panorama.
    pub(super) groups: Vec<Scope<'m>>,
    /// `network` of a firewall.
    pub(super) networks: Vec<At<'m>>,
    /// `deviceconfig system` of a firewall.
    pub(super) hosts: Vec<At<'m>>,
    /// The templates of Panorama, each with its parts.
    pub(super) templates: Vec<Model<'m>>,
}

/// The name of the virtual system that is meant where none is named.
const FIRST: &str = "vsys1";

/// What stands in a virtual system; where a file has it outside of one, the first is meant.
const OF_SYSTEM: [&str; 22] = [
    "rulebase",
    "pre-rulebase",
    "post-rulebase",
    "zone",
    "address",
    "address-group",
    "service",
    "service-group",
    "application",
    "application-group",
    "application-filter",
    "external-list",
    "schedule",
    "region",
    "tag",
    "import",
    "profiles",
    "profile-group",
    "log-settings",
    "dynamic-user-group",
    "setting",
    "display-name",
];

impl<'m> Model<'m> {
    /// The parts of a whole file.
    pub(super) fn of(root: At<'m>) -> Self {
        let mut model = Self::default();
        model.config(root, 0);
        for child in root.within() {
            hierarchy(child, &mut model.groups);
        }
        model
    }

    fn config(&mut self, at: At<'m>, depth: usize) {
        pass(at, Place::Config);
        for child in at.within() {
            match child.name() {
                "config" | "response" | "result" if depth < WRAPPERS_MAX => {
                    self.config(child.touched(), depth + 1);
                }
                "devices" => {
                    for device in child.touched().entries() {
                        self.config(device, depth + 1);
                    }
                }
                "shared" => self.shared.push(child.touched()),
                "policy" => self.pushed.extend(child.touched().child("panorama")),
                "network" => self.networks.push(child.touched()),
                "deviceconfig" => self.host(child.touched()),
                "vsys" => {
                    let entries = child.touched().entries().take(SCOPES_MAX);
                    entries.for_each(|entry| add(&mut self.systems, entry.name(), entry));
                }
                "device-group" => {
                    for entry in child.touched().entries().take(SCOPES_MAX) {
                        add(&mut self.groups, entry.name(), entry);
                        let parent = entry.text("parent-dg");
                        if let Some(group) = self.groups.iter_mut().find(|group| group.name == entry.name()) {
                            group.parent = parent.or(group.parent);
                        }
                    }
                }
                "template" | "template-stack" => {
                    for entry in child.touched().entries().take(SCOPES_MAX) {
                        pass(entry, Place::Objects);
                        pass(entry, Place::Network);
                        let mut template = Model::default();
                        template.config(entry, depth + 1);
                        self.templates.push(template);
                    }
                }
                name if OF_SYSTEM.contains(&name) => add(&mut self.systems, FIRST, at),
                _ => {}
            }
        }
    }

    fn host(&mut self, deviceconfig: At<'m>) {
        pass(deviceconfig, Place::System);
        self.hosts.extend(deviceconfig.child("system"));
    }

    /// A device group and those it inherits from, the nearest first.
    pub(super) fn lineage(&self, name: &str) -> Vec<&Scope<'m>> {
        let mut found: Vec<&Scope<'m>> = Vec::new();
        let mut next = Some(name);
        while let Some(name) = next {
            let group = self.groups.iter().find(|group| group.name == name);
            let known = found.iter().any(|known| known.name == name);
            let Some(group) = group.filter(|_| !known && found.len() < GENERATIONS_MAX) else { break };
            found.push(group);
            next = group.parent;
        }
        found
    }
}

/// Adds a node to the scope of a name.
fn add<'m>(scopes: &mut Vec<Scope<'m>>, name: &'m str, node: At<'m>) {
    match scopes.iter_mut().find(|scope| scope.name == name) {
        Some(scope) if scope.nodes.iter().any(|known| known.is(node)) => {}
        Some(scope) => scope.nodes.push(node),
        None => scopes.push(Scope { name, nodes: vec![node], parent: None }),
    }
}

/// Which device group inherits from which is kept apart from the groups, in what is read only.
fn hierarchy<'m>(config: At<'m>, groups: &mut [Scope<'m>]) {
    let named = |at: At<'m>, name: &str| at.within().find(|child| child.name() == name);
    let devices = named(config, "readonly").and_then(|at| named(at, "devices"));
    for device in devices.into_iter().flat_map(At::within) {
        for entry in named(device, "device-group").into_iter().flat_map(At::within) {
            let parent = named(entry, "parent-dg").and_then(|at| at.within().next());
            if let (Some(parent), Some(group)) =
                (parent, groups.iter_mut().find(|group| group.name == entry.name()))
            {
                group.parent = group.parent.or(Some(parent.name()));
            }
        }
    }
}
