//! What loading a written policy would change: packets that begin to pass or cease to, and seen traffic that is cut off.

use crate::configured::{Configuration, Device, logging};
use crate::observed::segment;
use crate::services::protocol_name;
use crate::verification::Configured;
use crate::verify::{of_flow, of_reversed};
use crate::whereabouts::{Whereabout, Whereabouts};
use zonewright_firewall::reach::{Difference, Question, Reach, ReachError};
use zonewright_firewall::ruleset::Ruleset;
use zonewright_plant::Plant;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::Evidence;
use zonewright_traffic::observation::{InitiatorBasis, Observation};

/// The change.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Packets that begin to pass or cease to, as sets; an error says why it cannot be told. `None` where no running
    /// configuration is known.
    pub sets: Option<Result<Difference, ReachError>>,
    /// Flows that were seen and would be stopped.
    pub cut_off: Vec<CutOff>,
    /// How many flows between the device's zones were looked at.
    pub flows_judged: usize,
}

/// A flow that was seen and would be stopped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CutOff {
    /// The zone it begins in.
    pub from_zone: ZoneId,
    /// The zone it reaches.
    pub to_zone: ZoneId,
    /// Who begins.
    pub from: String,
    /// Who is asked.
    pub to: String,
    /// The protocol by name, or the transport.
    pub protocol: String,
    /// The responder's port.
    pub port: Option<u16>,
    /// The flow's id.
    pub flow: String,
    /// Its packets.
    pub packets: u64,
    /// Whether the running configuration passes it: then loading the new one is what stops it.
    pub running: Configured,
    /// What the written one says: closed, or not surely open.
    pub written: Configured,
}

/// Most boxes of a difference that are told.
const BOXES_MAX: usize = 10_000;

/// What changes where `written` takes the place of `running` in the device of `evidence`.
#[must_use]
pub fn change(
    plant: &Plant,
    observation: &Observation,
    evidence: &Evidence,
    written: &Ruleset,
    running: Option<&Ruleset>,
) -> Change {
    let sets = running.map(|running| {
        let (mut before, mut after) = Reach::pair(running, written);
        before.difference(&mut after, &Question::default(), BOXES_MAX)
    });
    let (cut_off, flows_judged) = cut_off(plant, observation, evidence, written, running);
    Change { sets, cut_off, flows_judged }
}

fn cut_off(
    plant: &Plant,
    observation: &Observation,
    evidence: &Evidence,
    written: &Ruleset,
    running: Option<&Ruleset>,
) -> (Vec<CutOff>, usize) {
    let whereabouts = Whereabouts::new(plant);
    let none: [Ruleset; 0] = [];
    let mut after = Device::new(&Configuration { evidence, ruleset: written }, &none);
    let logs = running.map(logging).unwrap_or_default();
    let mut before = running.map(|ruleset| Device::new(&Configuration { evidence, ruleset }, &logs));
    let (mut found, mut judged) = (Vec::new(), 0);
    for flow in observation.flows.iter().filter(|flow| flow.inside.is_none()) {
        let (from, to) = whereabouts.ends(flow, segment(plant, &flow.capture_points));
        let (Whereabout::Known { zone: from_zone, who: from }, Whereabout::Known { zone: to_zone, who: to }) =
            (from, to)
        else {
            continue;
        };
        let Some(way) = after.way(plant, Some(&from_zone), Some(&to_zone)) else { continue };
        let Some(class) = of_flow(flow) else { continue };
        judged += 1;
        let mut verdict = after.verdict(&way, &class);
        if verdict != Configured::Open
            && flow.initiator_basis == InitiatorBasis::First
            && let (Some(back), Some(class)) =
                (after.way(plant, Some(&to_zone), Some(&from_zone)), of_reversed(flow))
            && after.verdict(&back, &class) == Configured::Open
        {
            // Who began was only guessed: the other way round it passes.
            verdict = Configured::Open;
        }
        if verdict == Configured::Open {
            continue;
        }
        let running = before.as_mut().map_or(Configured::Unknown, |before| before.verdict(&way, &class));
        found.push(CutOff {
            from_zone,
            to_zone,
            from: from.to_string(),
            to: to.to_string(),
            protocol: protocol_name(flow),
            port: flow.responder.port,
            flow: flow.id.to_string(),
            packets: flow.packets,
            running,
            written: verdict,
        });
    }
    found.sort();
    (found, judged)
}
