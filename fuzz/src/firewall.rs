//! Firewall configurations: read, accounted for line by line, and asked what they pass.

use std::time::{Duration, Instant};
use zonewright_firewall::dialects::{named, read_bytes};
use zonewright_firewall::json::ruleset_json;
use zonewright_firewall::reach::{Question, Reach, reach_json};

/// Most rows of an answer.
const ROWS_MAX: usize = 64;

/// How many diagnostics are shown: showing costs more than reading, and one is shown as the next.
const SHOWN_MAX: usize = 4;

/// Longest text that is asked a question: what a question costs grows with what the text says, not with what is wrong in it.
const ASKED_BYTES_MAX: usize = 4 << 10;

/// A question that takes longer than this hangs. The limits of the sets are to end it long before.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// Reads the bytes in that dialect, whatever detection says, and asks about everything.
pub fn run(dialect: &str, bytes: &[u8]) {
    let dialect = named(dialect).expect("a dialect of that name");
    let read = read_bytes("fuzz", bytes, Some(dialect));
    let lines = &read.ruleset.lines;
    let counted = lines.modeled + lines.ignored + lines.warned;
    assert_eq!(counted, read.ruleset.line_states.len() as u64, "every line is in one state");
    assert!(!read.ruleset.to_string().is_empty());
    assert!(ruleset_json(&read.ruleset).is_object());
    for diagnostic in &read.ruleset.diagnostics {
        if let Some(zonewright_source::Place::Text(place)) = &diagnostic.place {
            assert!(
                read.source.text().get(place.start..place.end).is_some(),
                "{diagnostic:?} is out of the text"
            );
        }
    }
    for diagnostic in read.ruleset.diagnostics.iter().take(SHOWN_MAX) {
        assert!(!zonewright_source::render(diagnostic, Some(&read.source), false).is_empty());
    }
    if bytes.len() <= ASKED_BYTES_MAX {
        let started = Instant::now();
        let answer = Reach::new(&read.ruleset).answer(&Question::default(), ROWS_MAX);
        assert!(started.elapsed() < ANSWER_MAX, "an answer took {:?}", started.elapsed());
        assert!(reach_json(&answer).is_object());
    }
}
