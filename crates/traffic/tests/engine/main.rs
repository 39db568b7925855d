//! The engine at its seam: a capture goes in, an observation comes out.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail loudly")]
#![expect(unreachable_pub, reason = "a test has no readers outside")]

mod assets;
mod compare;
mod compressed;
mod containers;
mod corpus;
mod damage;
mod layers;
mod logs;
mod notes;
mod sightings;
mod streams;
mod threads;
mod wire;

use std::fmt::Write as _;
use std::io::Write as _;
use zonewright_traffic::observation::Observation;
use zonewright_traffic::{CaptureInput, Hashing, Options, observe};

/// Observes captures given as bytes.
pub fn observed(captures: &[&[u8]]) -> Observation {
    let folder = tempfile::tempdir().unwrap();
    let inputs: Vec<CaptureInput> = captures
        .iter()
        .enumerate()
        .map(|(number, bytes)| {
            let path = folder.path().join(format!("{number}.pcap"));
            std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
            let mut input = CaptureInput::new(path);
            input.name = format!("{number}.pcap").into();
            input
        })
        .collect();
    observe(&inputs, &Options { hashing: Hashing::None, ..Options::default() }, &mut |_| {})
}

/// Observes files by their names.
pub fn observed_together(files: &[(&str, &[u8])]) -> Observation {
    let folder = tempfile::tempdir().unwrap();
    let inputs: Vec<CaptureInput> = (0..)
        .zip(files)
        .map(|(number, (name, bytes))| {
            let path = folder.path().join(format!("{number}"));
            std::fs::write(&path, bytes).unwrap();
            CaptureInput { name: (*name).into(), ..CaptureInput::new(path) }
        })
        .collect();
    observe(&inputs, &Options { hashing: Hashing::None, ..Options::default() }, &mut |_| {})
}

/// Observes a file by its name.
pub fn observed_as(name: &str, bytes: &[u8]) -> Observation {
    observed_together(&[(name, bytes)])
}

/// The functions of all flows, one a line.
pub fn functions(observation: &Observation) -> String {
    let mut text = String::new();
    for function in &observation.functions {
        let name = function.name.as_deref().unwrap_or("?");
        let direction = function.direction.as_str();
        writeln!(
            text,
            "{} {} {} {name} {direction} × {}",
            function.protocol, function.element, function.code, function.count
        )
        .unwrap();
    }
    text
}

/// The flows, one a line.
pub fn flows(observation: &Observation) -> String {
    let mut text = String::new();
    for flow in &observation.flows {
        let (basis, packets) = (flow.initiator_basis.as_str(), flow.packets);
        let (from, to) = (flow.packets_from_initiator, flow.packets_from_responder);
        write!(
            text,
            "{} by {basis}, {} conversations, {packets} packets ({from} + {to})",
            flow.id, flow.conversations
        )
        .unwrap();
        if !flow.vlans.is_empty() {
            write!(text, ", vlans {:?}", flow.vlans).unwrap();
        }
        if let Some(outer) = &flow.inside {
            write!(text, ", inside {outer}").unwrap();
        }
        text.push('\n');
    }
    text
}

/// What polling with these many requests must show, however it was carried.
pub fn polled(count: u64) -> String {
    let line = |direction: &str| format!("modbus function 3 read-holding-registers {direction} × {count}\n");
    line("request") + &line("response")
}
