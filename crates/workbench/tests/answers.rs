//! Workbooks and packs, written, filled in and read back.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    clippy::cmp_owned,
    reason = "a test fails by panicking, says what it skips, and compares cells as they are read"
)]

#[path = "answers/books.rs"]
mod books;
#[path = "answers/edits.rs"]
mod edits;
#[path = "../../plant/tests/generate/mod.rs"]
mod generate;
#[path = "answers/hostile.rs"]
mod hostile;
#[path = "answers/office.rs"]
mod office;
#[path = "../../assess/tests/levels/plants.rs"]
mod plants;
#[path = "answers/records.rs"]
mod records;
#[path = "answers/round.rs"]
mod round;
