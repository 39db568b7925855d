//! What the names in a rule stand for, in the scopes that it sees: the nearest first.

use super::applications::{Application, predefined};
use super::objects::{Address, AddressGroup, Objects, literal};
use super::tree::{At, short};
use crate::dialects::{Reading, Service};
use crate::ruleset::{AddressSet, Condition, IntervalSet, Reason, Undecidable};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
use zonewright_source::Diagnostic;

/// Members of groups that are looked up for one policy. Behind that, names are undecided: groups that hold each other a
/// hundred thousand times over would take hours.
const MEMBERS_MAX: usize = 4_000_000;

/// Intervals of addresses that are put together for one policy.
const INTERVALS_MAX: usize = 50_000_000;

/// What a list of addresses stands for.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The addresses that are known.
    set: AddressSet,
    /// What else may be meant.
    pub(super) undecided: BTreeSet<Undecidable>,
}

impl Found {
    /// All addresses that are known.
    pub(super) fn set(&self) -> &AddressSet {
        &self.set
    }

    /// What a packet is asked whose address must be one of these, or none of these.
    pub(super) fn condition(&self, negated: bool, of: fn(AddressSet) -> Condition) -> Condition {
        let set = self.set.clone();
        if self.undecided.is_empty() {
            return of(if negated { set.complement() } else { set });
        }
        let mut alternatives: Vec<Vec<Condition>> = Vec::new();
        if !set.is_none() {
            alternatives.push(vec![of(set)]);
        }
        alternatives.extend(self.undecided.iter().map(|what| vec![Condition::Undecidable(what.clone())]));
        match alternatives.as_mut_slice() {
            [only] if !negated => only.pop().unwrap_or(Condition::never()),
            _ => Condition::Any { of: alternatives, negated },
        }
    }
}

/// What a list of services stands for.
#[derive(Debug, Clone, Default)]
pub(super) struct FoundServices {
    pub(super) services: Vec<Service>,
    /// Whether the ports are those that the application has by default.
    pub(super) by_application: bool,
}

/// The names that a policy sees.
#[derive(Debug)]
pub(super) struct Names<'m> {
    scopes: Vec<Rc<Objects<'m>>>,
    groups: BTreeMap<&'m str, Rc<Found>>,
    /// How many more members may be looked up.
    members_left: usize,
    /// How many more intervals may be put together.
    intervals_left: usize,
    /// What was said of the file.
    pub(super) said: Said,
}

/// What was said of a file: policies that share rules say it once.
#[derive(Debug, Clone, Default)]
pub(super) struct Said(Rc<RefCell<BTreeSet<(usize, String)>>>);

impl Said {
    /// Reports it, unless the same was reported of the same place.
    pub(super) fn once(&self, at: usize, diagnostic: Diagnostic, span: &Range<usize>, reading: &mut Reading) {
        if self.0.borrow_mut().insert((at, diagnostic.message.clone())) {
            reading.report(span, diagnostic);
        }
    }
}

impl<'m> Names<'m> {
    /// The names in these scopes, the nearest first.
    pub(super) fn new(scopes: Vec<Rc<Objects<'m>>>, said: Said) -> Self {
        Self {
            scopes,
            groups: BTreeMap::new(),
            members_left: MEMBERS_MAX,
            intervals_left: INTERVALS_MAX,
            said,
        }
    }

    /// Reports something of a place, once.
    pub(super) fn say(&self, at: At<'_>, diagnostic: Diagnostic, reading: &mut Reading) {
        self.said.once(at.span().start, diagnostic, &at.span(), reading);
    }

    fn find<T>(&self, look: impl for<'a> Fn(&'a Objects<'m>) -> Option<&'a T>) -> Option<&T> {
        self.scopes.iter().find_map(|scope| look(scope.as_ref()))
    }

    /// What a list of addresses in a rule stands for; `None` where it says `any`.
    pub(super) fn addresses(&mut self, members: &[At<'m>], reading: &mut Reading) -> Option<Found> {
        if members.iter().any(|member| member.name() == "any") {
            return None;
        }
        if let [only] = members {
            return Some(self.address(*only, reading).as_ref().clone());
        }
        let found: Vec<Rc<Found>> = members.iter().map(|member| self.address(*member, reading)).collect();
        let sets: Vec<AddressSet> = found.iter().map(|one| one.set.clone()).collect();
        let undecided = found.iter().flat_map(|one| one.undecided.iter().cloned()).collect();
        Some(self.joined(&sets, undecided))
    }

    /// Addresses together, as long as there is not too much to look up.
    fn joined(&mut self, sets: &[AddressSet], mut undecided: BTreeSet<Undecidable>) -> Found {
        let count = sets.iter().map(|set| 1 + set.v4.intervals().len() + set.v6.intervals().len()).sum();
        self.intervals_left = self.intervals_left.saturating_sub(count);
        if self.intervals_left == 0 {
            undecided.insert(too_much());
            return Found { set: AddressSet::none(), undecided };
        }
        let v4 = IntervalSet::from_ranges(sets.iter().flat_map(|set| set.v4.intervals().iter().copied()));
        let v6 = IntervalSet::from_ranges(sets.iter().flat_map(|set| set.v6.intervals().iter().copied()));
        Found { set: AddressSet { v4, v6 }, undecided }
    }

    /// Whether so many more members may be looked up.
    fn spend(&mut self, count: usize) -> bool {
        self.members_left = self.members_left.saturating_sub(count);
        self.members_left > 0
    }

    fn address(&mut self, member: At<'m>, reading: &mut Reading) -> Rc<Found> {
        let name = member.name();
        if let Some(known) = self.groups.get(name) {
            return known.clone();
        }
        let (mut sets, mut undecided) = (Vec::new(), BTreeSet::new());
        // Groups are walked once each, so that the work is bounded by the text.
        let mut met = BTreeSet::from([name]);
        let mut open = vec![member];
        while let Some(at) = open.pop() {
            if !self.spend(1) {
                undecided.insert(too_much());
                break;
            }
            match self.one_address(at, reading) {
                Ok(Address::Set(set)) => sets.push(set),
                Ok(Address::Undecided(what)) => {
                    undecided.insert(what);
                }
                Err(members) if !self.spend(members.len()) => drop(members),
                Err(members) => open.extend(members.into_iter().filter(|member| met.insert(member.name()))),
            }
        }
        let found = Rc::new(self.joined(&sets, undecided));
        self.groups.insert(name, found.clone());
        found
    }

    /// A name as an address, or as the members of a group.
    fn one_address(&mut self, at: At<'m>, reading: &mut Reading) -> Result<Address, Vec<At<'m>>> {
        let name = at.name();
        let undecided = |what: String, reason| Ok(Address::Undecided(Undecidable { what, reason }));
        if let Some(address) = self.find(|scope| scope.addresses.get(name)) {
            return Ok(address.clone());
        }
        match self.find(|scope| scope.address_groups.get(name)) {
            Some(AddressGroup::Static(members)) => return Err(members.clone()),
            Some(AddressGroup::Dynamic) => {
                return undecided(format!("dynamic group {}", short(name)), Reason::DynamicSet);
            }
            None => {}
        }
        let is_list = self.scopes.iter().any(|scope| scope.external_lists.contains(name));
        if is_list || name.starts_with("panw-") {
            return undecided(format!("external list {}", short(name)), Reason::DynamicSet);
        }
        if let Some(set) = literal(name) {
            return Ok(Address::Set(set));
        }
        if let [b'A'..=b'Z', b'A'..=b'Z' | b'0'..=b'9'] = name.as_bytes() {
            return undecided(format!("region {name}"), Reason::Name);
        }
        self.unknown("address", at, reading);
        undecided(format!("address {}", short(name)), Reason::Name)
    }

    fn unknown(&self, kind: &str, at: At<'m>, reading: &mut Reading) {
        let message = format!("{kind} `{}` is not defined in the file", short(at.name()));
        let unknown = Diagnostic::warning("firewall/unknown-name", message)
            .because(
                "whether a packet is meant is undecided, so that the rule decides possibly and not surely",
            )
            .help(
                "export the whole configuration; of a firewall under Panorama, the one that was pushed to it",
            );
        self.say(at, unknown, reading);
    }

    /// What a list of services in a rule stands for; `None` where it says `any`.
    pub(super) fn services(&mut self, members: &[At<'m>], reading: &mut Reading) -> Option<FoundServices> {
        let mut found = FoundServices::default();
        let mut met: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<At<'m>> = members.to_vec();
        while let Some(at) = open.pop() {
            if !met.insert(at.name()) {
                continue;
            }
            if !self.spend(1) {
                found.services.push(Service { undecidable: Some(too_much()), ..Service::any() });
                break;
            }
            if let Some(services) = self.find(|scope| scope.services.get(at.name())) {
                found.services.extend(services.iter().cloned());
                continue;
            }
            if let Some(members) = self.find(|scope| scope.service_groups.get(at.name())) {
                open.extend(members.iter().rev().copied());
                continue;
            }
            match at.name() {
                "any" => return None,
                "application-default" => found.by_application = true,
                // The two services that every device comes with.
                "service-http" => found.services.push(tcp([80, 8080])),
                "service-https" => found.services.push(tcp([443, 443])),
                name => {
                    self.unknown("service", at, reading);
                    let undecidable =
                        Undecidable { what: format!("service {}", short(name)), reason: Reason::Name };
                    found.services.push(Service { undecidable: Some(undecidable), ..Service::any() });
                }
            }
        }
        Some(found)
    }

    /// The applications that a list in a rule stands for, with their names; `None` where it says `any`.
    pub(super) fn applications(
        &mut self,
        members: &[At<'m>],
        reading: &mut Reading,
    ) -> Option<Vec<(&'m str, Application)>> {
        let mut found: Vec<(&'m str, Application)> = Vec::new();
        let mut met: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<At<'m>> = members.iter().rev().copied().collect();
        while let Some(at) = open.pop() {
            let name = at.name();
            if !met.insert(name) {
                continue;
            }
            if !self.spend(1) {
                found.push(("more than is looked up", Application { services: None, by_header: false }));
                break;
            }
            if name == "any" {
                return None;
            }
            if let Some(application) = self.find(|scope| scope.applications.get(name)) {
                found.push((name, application.clone()));
            } else if let Some(members) = self.find(|scope| scope.application_groups.get(name)) {
                open.extend(members.iter().rev().copied());
            } else if self.scopes.iter().any(|scope| scope.application_filters.contains(name)) {
                found.push((name, Application { services: None, by_header: false }));
            } else if let Some(application) = predefined(name) {
                found.push((name, application));
            } else {
                self.note_application(at, reading);
                found.push((name, Application { services: None, by_header: false }));
            }
        }
        Some(found)
    }

    /// That an application is in no table is no fault of the file: there are thousands, and new ones each week.
    fn note_application(&self, at: At<'m>, reading: &mut Reading) {
        let message = format!("the ports of application `{}` are not known here", short(at.name()));
        let note = Diagnostic::note("firewall/unknown-name", message)
            .because("a rule for it is taken to be possible on all ports that its service leaves");
        // Once for all places.
        self.said.once(usize::MAX, note, &at.span(), reading);
    }

    /// When the schedule of this name holds.
    pub(super) fn schedule(&mut self, at: At<'m>, reading: &mut Reading) -> Option<jiff::civil::DateTime> {
        match self.find(|scope| scope.schedules.get(at.name())) {
            Some(schedule) => schedule.until,
            None => {
                self.unknown("schedule", at, reading);
                None
            }
        }
    }
}

fn too_much() -> Undecidable {
    Undecidable { what: "more names than are looked up".into(), reason: Reason::Unread }
}

fn tcp(ports: [u16; 2]) -> Service {
    Service::to_ports(6, IntervalSet::from_ranges(ports.map(|port| (port, port))))
}
