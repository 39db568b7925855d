//! What a report is made of, beyond plant and verification. The caller fills it; nothing here is looked up.

use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zonewright_assess::assessment::Assessment;
use zonewright_assess::questions::Question;
use zonewright_assess::verification::Verification;
use zonewright_plant::Plant;
use zonewright_plant::id::AssetId;
use zonewright_plant::model::EvidenceKind;
use zonewright_source::{Diagnostic, Place, TextPlace};

/// Longest line that [`SourceLines`] keeps, in characters; the rest is cut and marked with `…`.
pub const LINE_CHARS_MAX: usize = 400;

/// One file of evidence, as it was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceSummary {
    /// Its id in the model; the file's name where it has no record.
    pub id: String,
    /// What it is.
    pub kind: EvidenceKind,
    /// The file, relative to the workspace.
    pub file: String,
    /// Its hash, `blake3:…`, if it was computed.
    pub hash: Option<String>,
    /// Where it was taken, in words: `mirror of switch SW-1, zone Z-CTRL-A`, or the device of a configuration.
    pub taken_at: Option<String>,
    /// First and last moment it covers.
    pub window: Option<(Timestamp, Timestamp)>,
    /// What is in it, in words: `41,203 packets in 118 flows`, `84 lines: 80 modeled, 3 ignored, 1 warned about`.
    pub content: Vec<String>,
    /// What reading it said: lines that were skipped, packets that were cut, read errors.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the traffic says of a declared asset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenAsset {
    /// Addresses it was seen with.
    pub addresses: Vec<String>,
    /// Vendor, product and version as the device or its traffic says.
    pub identity: Option<String>,
    /// Roles: `modbus server`.
    pub roles: Vec<String>,
    /// When it was last seen.
    pub last_seen: Option<Timestamp>,
}

/// The manual of a rule: what SARIF and the report print beside its findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleText {
    /// `area/slug`.
    pub id: String,
    /// What it finds, in one sentence.
    pub short: String,
    /// Why it matters, how to mend it, when it is wrong.
    pub help: String,
}

/// The text of lines that places point at, so that a report can show them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceLines(BTreeMap<(Arc<str>, u32), String>);

impl SourceLines {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps the text of a line (counted from 1); cut at [`LINE_CHARS_MAX`].
    pub fn insert(&mut self, file: impl Into<Arc<str>>, line: u32, text: &str) {
        let text = text.trim_end_matches(['\r', '\n']);
        let kept = match text.char_indices().nth(LINE_CHARS_MAX) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text.to_string(),
        };
        self.0.insert((file.into(), line), kept);
    }

    /// The text of a line, if the caller gave it.
    #[must_use]
    pub fn line(&self, file: &Arc<str>, line: u32) -> Option<&str> {
        self.0.get(&(file.clone(), line)).map(String::as_str)
    }

    /// The text that a place points at.
    #[must_use]
    pub fn at(&self, place: &Place) -> Option<&str> {
        match place {
            Place::Text(text) => self.line(&text.file, text.line),
            Place::Packet(_) | Place::File(_) => None,
        }
    }
}

/// All that a report says, said by others.
#[derive(Debug, Clone, Copy)]
pub struct ReportInput<'a> {
    /// The declared world.
    pub plant: &'a Plant,
    /// What verifying it said.
    pub verification: &'a Verification,
    /// What assessing it said, where it was assessed.
    pub assessment: Option<&'a Assessment>,
    /// The questions of the assessment, ranked.
    pub questions: &'a [Question],
    /// The evidence used, in the order in which it is listed.
    pub evidence: &'a [EvidenceSummary],
    /// Text of the lines that findings and paths point at ([`wanted_lines`] says which).
    pub lines: &'a SourceLines,
    /// What the traffic says of declared assets.
    pub seen: &'a BTreeMap<AssetId, SeenAsset>,
    /// What was said about the model and about inputs that are no evidence.
    pub diagnostics: &'a [Diagnostic],
    /// The manual of the rules; a rule that is missing here is described by its name.
    pub rules: &'a [RuleText],
    /// Version of the program.
    pub version: &'a str,
}

impl<'a> ReportInput<'a> {
    /// The plant's name; its id where it has none.
    #[must_use]
    pub fn plant_name(&self) -> &'a str {
        let named =
            self.plant.system.as_ref().map(|system| crate::words::name_of(&system.common, &system.id));
        named.unwrap_or(self.verification.plant.as_str())
    }
}

/// Every place in a text that a report of this verification shows, for the caller to look up its lines.
#[must_use]
pub fn wanted_lines(verification: &Verification) -> BTreeSet<TextPlace> {
    let of_findings = verification.findings.iter().flat_map(|f| &f.evidence).filter_map(|e| match &e.place {
        Place::Text(text) => Some(text.clone()),
        Place::Packet(_) | Place::File(_) => None,
    });
    let of_paths = verification.paths.iter().flat_map(|p| p.configured_basis.iter().cloned());
    of_findings.chain(of_paths).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        let mut lines = SourceLines::new();
        lines.insert("fw.nft", 3, &"é".repeat(LINE_CHARS_MAX));
        lines.insert("fw.nft", 4, &"é".repeat(LINE_CHARS_MAX + 1));
        let file: Arc<str> = "fw.nft".into();
        assert!(!lines.line(&file, 3).unwrap().ends_with('…'));
        assert!(lines.line(&file, 4).unwrap().ends_with('…'));
        assert_eq!(lines.line(&file, 5), None);
    }
}
