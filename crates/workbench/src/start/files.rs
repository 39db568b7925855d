//! What lies in a folder: each file sorted by its content, never by trust in its name.

use super::StartError;
use crate::files::{below, slashed};
use crate::import::{self, Importable, Source};
use std::io::Read;
use std::path::Path;
use zonewright_firewall::dialects;

/// Largest list or configuration that is read.
const TEXT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Bytes of a file by which its kind is told before it is read whole.
const HEAD_BYTES: u64 = 4;

/// A file of the folder.
#[derive(Debug)]
pub struct Found {
    /// Its path, relative to the folder, with `/`.
    pub name: String,
    /// What it is.
    pub what: What,
}

/// What a file is.
#[derive(Debug)]
pub enum What {
    /// A capture.
    Capture,
    /// A firewall configuration in a dialect that is read.
    Configuration {
        /// The dialect.
        dialect: &'static str,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A list or scan of assets; what it says is among the sources.
    Inventory {
        /// Of which kind.
        kind: Importable,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// It is not read, and why.
    NotRead(String),
}

/// What was found: every file, and what the lists and scans among them say.
#[derive(Debug)]
pub(super) struct Sorted {
    pub(super) files: Vec<Found>,
    pub(super) sources: Vec<Source>,
}

/// Looks through the folder. `skip` is the workspace that lies in it.
pub(super) fn sort(folder: &Path, skip: &Path, columns: &[(String, String)]) -> Result<Sorted, StartError> {
    let mut files = Vec::new();
    let mut lists =
        import::Files::new(import::Reading { columns: columns.to_vec(), ..import::Reading::default() });
    for path in below(folder)? {
        let whole = folder.join(&path);
        if whole.starts_with(skip) || path.parent().is_some_and(|parent| is_workspace(&folder.join(parent))) {
            continue;
        }
        let name = slashed(&path);
        let what = look(&whole, &name, &mut lists);
        files.push(Found { name, what });
    }
    Ok(Sorted { files, sources: lists.done()? })
}

/// A workspace within the folder is somebody's work, not evidence.
fn is_workspace(folder: &Path) -> bool {
    folder.join("plant.toml").is_file() && folder.join("zones.toml").is_file()
}

fn look(path: &Path, name: &str, lists: &mut import::Files) -> What {
    let not = |why: &str| What::NotRead(why.to_string());
    let size = match std::fs::metadata(path) {
        Ok(data) => data.len(),
        Err(error) => return What::NotRead(error.to_string()),
    };
    if size == 0 {
        return not("it is empty");
    }
    let mut head = Vec::new();
    let opened = std::fs::File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    if let Err(error) = opened {
        return What::NotRead(error.to_string());
    }
    if matches!(zonewright_traffic::kind_of(path), Ok(Some(_))) {
        return What::Capture;
    }
    match head.as_slice() {
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd] | [0xfd, b'7', b'z', b'X'] => {
            return not("it is compressed, and no capture: unpack it first");
        }
        [b'%', b'P', b'D', b'F'] => return not("it is a PDF: drawings and documents are not read"),
        _ => {}
    }
    if size > TEXT_BYTES_MAX {
        return What::NotRead(format!("it is no capture and has more than {TEXT_BYTES_MAX} bytes"));
    }
    match std::fs::read(path) {
        Ok(bytes) => whole(name, bytes, lists),
        Err(error) => What::NotRead(error.to_string()),
    }
}

/// pcap in both byte orders with microseconds or nanoseconds, the variant of old kernels, and pcapng.
pub(crate) fn is_capture(head: &[u8]) -> bool {
    let Ok(magic) = <[u8; 4]>::try_from(head) else { return false };
    let pcap = [0xa1b2_c3d4_u32, 0xa1b2_3c4d, 0xa1b2_cd34];
    [u32::from_be_bytes(magic), u32::from_le_bytes(magic)]
        .iter()
        .any(|m| pcap.contains(m) || *m == 0x0a0d_0d0a)
}

/// Lists and scans are told by their content; a table of commas alone could be anything, so that its name has to say it too.
fn whole(name: &str, bytes: Vec<u8>, lists: &mut import::Files) -> What {
    let lower = name.to_lowercase();
    let is_table = [".csv", ".tsv"].iter().any(|end| lower.ends_with(end));
    let mut why = None;
    if is_table || import::has_a_form(&bytes) {
        match lists.read(name, &bytes) {
            Ok(kind) => return What::Inventory { kind, bytes },
            Err(not) => why = Some(not.why),
        }
    }
    let Some((text, _)) = import::decode(&bytes) else {
        return What::NotRead(
            why.unwrap_or_else(|| "it is neither a capture, nor a spreadsheet, nor text".into()),
        );
    };
    if !is_table && let Some(dialect) = dialects::detect(&text) {
        return What::Configuration { dialect: dialect.name(), bytes };
    }
    What::NotRead(why.unwrap_or_else(|| {
        let known: Vec<&str> = dialects::DIALECTS.iter().map(|dialect| dialect.title()).collect();
        format!("it is no capture, no list or scan of assets, and no configuration of {}", known.join(" or "))
    }))
}
