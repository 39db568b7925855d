//! Captures: from the container to the finished observation.

use std::fs::File;
use std::io::{Seek, Write};
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex};
use zonewright_traffic::{CaptureInput, Hashing, Options, json, observe};

/// Which container a target is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// What does not begin as pcapng does: classic captures, compressed ones, and what is no capture.
    Pcap,
    /// What begins with a section header block (draft-ietf-opsawg-pcapng, section 4.1).
    Pcapng,
}

const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// One file for all runs, in memory where the system has such a place. Several processes fuzz at once: each its own.
static SCRATCH: LazyLock<(PathBuf, Mutex<File>)> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let folder = if memory.is_dir() { memory } else { std::env::temp_dir() };
    let path = folder.join(format!("zonewright-fuzz-{}", std::process::id()));
    let file = File::create(&path).expect("a file to put captures into");
    (path, Mutex::new(file))
});

/// Observes the bytes as a capture. `false` if they are of the other container.
pub fn run(container: Container, bytes: &[u8]) -> bool {
    if bytes.starts_with(&SECTION_HEADER) != (container == Container::Pcapng) {
        return false;
    }
    let (path, file) = &*SCRATCH;
    {
        let mut file = file.lock().expect("one run at a time");
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(bytes))
            .expect("the capture is written");
    }
    let inputs = [CaptureInput { name: "fuzz".into(), ..CaptureInput::new(path) }];
    let observation = observe(&inputs, &Options { threads: 1, hashing: Hashing::None }, &mut |_| {});
    let outer = observation.flows.iter().filter(|flow| flow.inside.is_none());
    let counted: u64 = outer.map(|flow| flow.packets).sum();
    let packets: u64 = observation.captures.iter().map(|capture| capture.packets).sum();
    assert!(counted <= packets, "{counted} packets in flows of {packets} packets");
    assert!(json::observation(&observation, "0", serde_json::json!([])).is_object());
    true
}
