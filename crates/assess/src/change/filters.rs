//! What the configurations of devices open and close, and whom that cuts off.

use super::State;
use crate::configured::Configuration;
use crate::verification::{Configured, Observed, Path};
use crate::verify::{Options, verify};
use std::collections::{BTreeMap, BTreeSet};
pub use zonewright_firewall::reach::Path as Way;
use zonewright_firewall::reach::align::align;
use zonewright_firewall::reach::{PacketBox, Phase, Question, Reach};
use zonewright_plant::id::{AssetId, EvidenceId, PermitId, ZoneId};

/// Most boxes of packets that are kept of a list.
pub const BOXES_MAX: usize = 1_000;

/// What a device's configuration lets through otherwise than before.
#[derive(Debug, Clone)]
pub struct FilterChange {
    /// The device.
    pub device: AssetId,
    /// Its configuration before; nothing where none was known.
    pub before: Option<EvidenceId>,
    /// Its configuration now; nothing where none is known.
    pub after: Option<EvidenceId>,
    /// What passes now and did not.
    pub opened: Vec<Passing>,
    /// What passed and does not any more.
    pub closed: Vec<Passing>,
    /// About what the two say different things, not for sure.
    pub unclear: Vec<Passing>,
    /// Whether there is more than is told.
    pub truncated: bool,
    /// What a reader must know of how the two were compared, or why they could not be.
    pub notes: Vec<String>,
}

impl FilterChange {
    /// Whether the two pass the same.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.opened.is_empty() && self.closed.is_empty() && self.unclear.is_empty() && self.notes.is_empty()
    }
}

/// Packets with the zones that they pass between.
#[derive(Debug, Clone)]
pub struct Passing {
    /// The packets.
    pub packets: PacketBox,
    /// Which way, seen from the device.
    pub way: Way,
    /// Whether these are replies.
    pub replies: bool,
    /// Zones that they come from, by the interfaces; empty for any.
    pub from: BTreeSet<ZoneId>,
    /// Zones that they go to; empty for any.
    pub to: BTreeSet<ZoneId>,
}

/// Traffic that was observed, and that the new configurations stop.
#[derive(Debug, Clone)]
pub struct CutOff {
    /// The path, as it was before and is judged by the new configurations.
    pub path: Path,
    /// The permit that asks for it, if one does.
    pub permit: Option<PermitId>,
}

/// What each device opens and closes.
pub(super) fn changes(before: State<'_>, after: State<'_>) -> Vec<FilterChange> {
    let (old, new) = (by_device(before.configurations), by_device(after.configurations));
    let devices: BTreeSet<&AssetId> = old.keys().chain(new.keys()).copied().collect();
    let changes = devices.into_iter().filter_map(|device| match (old.get(device), new.get(device)) {
        (Some(was), Some(is)) => between(device, was, is),
        (was, is) => Some(FilterChange {
            device: device.clone(),
            before: was.map(|one| one.evidence.id.clone()),
            after: is.map(|one| one.evidence.id.clone()),
            opened: Vec::new(),
            closed: Vec::new(),
            unclear: Vec::new(),
            truncated: false,
            notes: vec![if was.is_none() {
                "no configuration was known before, so what it changes is not known".into()
            } else {
                "no configuration is known any more".into()
            }],
        }),
    });
    changes.filter(|change| !change.is_none()).collect()
}

fn by_device<'c, 'a>(
    configurations: &'c [Configuration<'a>],
) -> BTreeMap<&'a AssetId, &'c Configuration<'a>> {
    configurations.iter().filter_map(|one| Some((one.evidence.device.as_ref()?, one))).collect()
}

fn between(device: &AssetId, was: &Configuration<'_>, is: &Configuration<'_>) -> Option<FilterChange> {
    if was.ruleset.without_places() == is.ruleset.without_places() {
        return None;
    }
    let mut change = FilterChange {
        device: device.clone(),
        before: Some(was.evidence.id.clone()),
        after: Some(is.evidence.id.clone()),
        opened: Vec::new(),
        closed: Vec::new(),
        unclear: Vec::new(),
        truncated: false,
        notes: Vec::new(),
    };
    let alignment = match align(was.ruleset, is.ruleset, &Question::default(), false) {
        Ok(alignment) => alignment,
        Err(error) => {
            change.notes.push(format!("the two could not be compared: {error}"));
            return Some(change);
        }
    };
    change.notes = alignment.notes;
    let (mut one, mut two) = Reach::pair(was.ruleset, is.ruleset);
    for part in &alignment.parts {
        match one.difference_of(&mut two, part, BOXES_MAX) {
            Ok(difference) => {
                let passing = |packets: PacketBox| Passing {
                    from: zones(is, packets.in_interfaces.as_ref()),
                    to: zones(is, packets.out_interfaces.as_ref()),
                    way: part.first.path,
                    replies: part.first.phase == Phase::Reply,
                    packets,
                };
                change.opened.extend(difference.opened.into_iter().map(passing));
                change.closed.extend(difference.closed.into_iter().map(passing));
                change.unclear.extend(difference.unclear.into_iter().map(passing));
                change.truncated |= difference.truncated;
            }
            Err(error) => change.notes.push(format!("the two could not be compared: {error}")),
        }
    }
    Some(change)
}

/// The zones that interfaces face.
fn zones(configuration: &Configuration<'_>, interfaces: Option<&Vec<String>>) -> BTreeSet<ZoneId> {
    let Some(names) = interfaces else { return BTreeSet::new() };
    let facing = configuration.evidence.interfaces.iter();
    facing.filter(|one| names.contains(&one.interface)).map(|one| one.zone.clone()).collect()
}

/// Traffic of either state that the new configurations stop and the old ones did not: what was observed before is judged by
/// the configurations of now.
pub(super) fn cut_off(before: State<'_>, after: State<'_>) -> Vec<CutOff> {
    let options = Options { as_of: after.verification.as_of };
    let judged = verify(before.plant, before.observation, after.configurations, options);
    let stopped = |path: &&Path| path.observed == Observed::Seen && path.configured == Configured::Closed;
    let was_stopped: BTreeSet<super::PathKey<'_>> =
        before.verification.paths.iter().filter(stopped).map(super::key).collect();
    let mut found: BTreeMap<super::PathKey<'_>, &Path> = BTreeMap::new();
    for path in judged.paths.iter().chain(&after.verification.paths).filter(stopped) {
        if !was_stopped.contains(&super::key(path)) {
            found.entry(super::key(path)).or_insert(path);
        }
    }
    found.into_values().map(|path| CutOff { path: path.clone(), permit: path.permit.clone() }).collect()
}
