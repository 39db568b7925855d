//! Bytes to text: a workspace is UTF-8, and what is not is told clearly.

use zonewright_source::{Diagnostic, Place, SourceText};

/// The text of a file's bytes, or why it is none: UTF-16, an older encoding, something binary.
///
/// # Errors
/// The diagnostic says which encoding it looks like, where, and how to save the file instead.
#[expect(clippy::result_large_err, reason = "once for each file")]
pub fn decode(file: &str, bytes: Vec<u8>) -> Result<SourceText, Diagnostic> {
    let wrong = |message: String, help: &str| {
        Diagnostic::error("plant/encoding", message)
            .at(Place::File(file.into()))
            .because("a workspace is UTF-8 text")
            .help(help)
    };
    if bytes.len() > super::limit::FILE_BYTES_MAX {
        let message =
            format!("`{file}` has {} bytes, more than {}", bytes.len(), super::limit::FILE_BYTES_MAX);
        return Err(Diagnostic::error("plant/limit", message)
            .at(Place::File(file.into()))
            .help("split it into several files"));
    }
    let utf16 =
        bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || looks_like_utf16(&bytes);
    if utf16 {
        let help = "save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")";
        return Err(wrong(format!("`{file}` is encoded in UTF-16"), help));
    }
    if bytes.contains(&0) {
        return Err(wrong(
            format!("`{file}` is not a text: it has zero bytes"),
            "take it out of the workspace, or rename it",
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(SourceText::new(file, text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let before = bytes.get(..at).unwrap_or_default();
            let line = before.iter().filter(|b| **b == b'\n').count() + 1;
            let byte = bytes.get(at).copied().unwrap_or_default();
            let message =
                format!("`{file}` is not UTF-8: byte {byte:#04x} in line {line} cannot stand there");
            let help =
                "it looks like Latin-1 or Windows-1252: save it as UTF-8 (in a spreadsheet: \"CSV UTF-8\")";
            Err(wrong(message, help))
        }
    }
}

/// Without a mark at its beginning, UTF-16 shows in that every second byte of Latin text is zero.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(64)).unwrap_or_default();
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let many = head.len() / 4;
    head.len() >= 8 && (zeros(0) > many || zeros(1) > many)
}
