//! Texts of a workspace: read, shown, and written again.

use zonewright_plant::text;
use zonewright_source::Place;

/// How many diagnostics are shown: showing costs more than reading, and one is shown as the next.
const SHOWN_MAX: usize = 4;

/// Reads the bytes as the only file of a workspace. What was understood without an error reads back as it was written.
pub fn run(file: &str, bytes: &[u8]) {
    let Ok(source) = text::decode(file, bytes.to_vec()) else { return };
    let files = [source];
    let read = text::read(&files);
    let [source] = &files;
    for diagnostic in &read.diagnostics {
        assert!(!diagnostic.message.is_empty());
        if let Some(Place::Text(place)) = &diagnostic.place {
            assert!(source.text().get(place.start..place.end).is_some(), "{diagnostic:?} is out of the text");
        }
    }
    for diagnostic in read.diagnostics.iter().take(SHOWN_MAX) {
        assert!(!zonewright_source::render(diagnostic, Some(source), false).is_empty());
    }
    if read.has_errors() {
        return;
    }
    let written = text::write(&read.plant);
    let again = text::read(&written);
    assert!(!again.has_errors(), "what was written has errors: {:?}", again.diagnostics);
    assert_eq!(text::records(&again.plant), text::records(&read.plant), "what was written reads otherwise");
}
