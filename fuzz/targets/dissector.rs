//! One target for all dissectors: `DISSECTOR=modbus` says which. Without it, their names are printed and nothing is run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use zonewright_fuzz::dissector::{named, names, run};
use zonewright_traffic::dissect::Dissector;

static CHOSEN: OnceLock<&'static dyn Dissector> = OnceLock::new();

fuzz_target!(
    init: {
        match std::env::var("DISSECTOR").ok().as_deref().and_then(named) {
            Some(dissector) => {
                let _ = CHOSEN.set(dissector);
            }
            None => {
                names().for_each(|name| println!("{name}"));
                std::process::exit(0);
            }
        }
    },
    |bytes: &[u8]| {
        if let Some(dissector) = CHOSEN.get() {
            run(*dissector, bytes);
        }
    }
);
