#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| zonewright_fuzz::firewall::run("pfsense", bytes));
