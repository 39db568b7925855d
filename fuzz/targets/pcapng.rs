#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use zonewright_fuzz::capture::{Container, run};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    if run(Container::Pcapng, bytes) { Corpus::Keep } else { Corpus::Reject }
});
