//! Every code of a diagnostic about a workspace, with what it means. Codes never change their meaning.

/// Code and meaning, sorted by code.
pub const CODES: &[(&str, &str)] = &[
    (
        "plant/ambiguous-reference",
        "An id is that of records of several kinds, and the key may refer to any of them. Write the kind before it: `asset:ID`.",
    ),
    (
        "plant/circle",
        "Records lead back to themselves: zones by `parent`, countermeasures by `prerequisites`.",
    ),
    ("plant/conduit-ends", "A conduit joins fewer than two zones."),
    ("plant/contradiction", "Two keys exclude each other."),
    ("plant/duplicate-column", "A column of a CSV file comes twice."),
    ("plant/duplicate-id", "Two records of one kind have the same id, or the plant is described twice."),
    ("plant/encoding", "A file is not UTF-8."),
    ("plant/enforcing-device", "A conduit is enforced by an asset of a kind that cannot enforce (warning)."),
    (
        "plant/host-bits",
        "A network has bits set behind its prefix; it is read as if they were zero (warning).",
    ),
    ("plant/idle-key", "A key says something about another one that is absent (warning)."),
    ("plant/limit", "A limit of the reader was hit; the message names it."),
    ("plant/missing-key", "A record lacks a key that it must have."),
    ("plant/missing-reason", "A claim says not applicable and not why."),
    ("plant/more-of-the-same", "There are more diagnostics of one code than are listed one by one."),
    ("plant/newer-version", "A file is written in a newer version of Workspace than this program knows."),
    ("plant/out-of-range", "A number is outside what its key allows."),
    (
        "plant/overlapping-networks",
        "Networks of two zones lie within each other, though neither zone is part of the other (warning).",
    ),
    ("plant/permit-outside-conduit", "A permit names an end outside the zones of its conduit (warning)."),
    ("plant/ragged-row", "A row of a CSV file has more cells than the header has columns."),
    ("plant/repeated", "A list names the same thing twice (warning)."),
    ("plant/risk-matrix", "The risk matrix is not a matrix, or uses words that it does not list."),
    ("plant/same-address", "Two assets have the same address within one context (warning)."),
    ("plant/syntax", "A file is not TOML, or a CSV cell is not closed."),
    ("plant/unknown-asset", "A reference to an asset that is not defined."),
    ("plant/unknown-conduit", "A reference to a conduit that is not defined."),
    ("plant/unknown-consequence", "A reference to a consequence that is not defined."),
    ("plant/unknown-countermeasure", "A reference to a countermeasure that is not defined."),
    ("plant/unknown-endpoint", "An end of a permit that is neither a zone, an asset nor a group."),
    ("plant/unknown-evidence", "A reference to evidence that is not defined."),
    ("plant/unknown-file", "A file that no workspace has; it is not read (warning)."),
    ("plant/unknown-function", "A reference to an essential function that the plant does not declare."),
    ("plant/unknown-group", "A reference to a group that is not defined."),
    ("plant/unknown-key", "A key, or a column of a CSV file, that the record does not have."),
    ("plant/unknown-product", "A reference to a product that is not defined."),
    ("plant/unknown-record", "A header that is no kind of record, or a key below no header."),
    ("plant/unknown-requirement", "Not the id of a requirement, or of none that 62443-3-3 has."),
    ("plant/unknown-role", "A reference to a role that the plant does not declare."),
    ("plant/unknown-subject", "A subject that is not defined; of a waiver a warning."),
    ("plant/unknown-threat-source", "A reference to a threat source that is not defined."),
    ("plant/unknown-word", "A word that is not one of those the key takes."),
    ("plant/unknown-zone", "A reference to a zone that is not defined."),
    ("plant/wrong-address", "Not an IP address, MAC address or network."),
    ("plant/wrong-date", "Not a day or moment, or one that ends before it begins."),
    ("plant/wrong-hash", "Not a hash such as `blake3:…`."),
    ("plant/wrong-id", "An id has letters that ids cannot have, or is one that stands for something else."),
    ("plant/wrong-type", "A value is of another type than its key takes."),
    ("plant/wrong-vector", "Not a vector of seven levels, or a name that is no foundational requirement."),
];

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn codes_are_sorted_and_each_that_the_source_uses_is_listed() {
        assert!(CODES.is_sorted_by_key(|(code, _)| *code));
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/text");
        let mut used = std::collections::BTreeSet::new();
        let mut folders = vec![folder];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("code.rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let codes = text.split('"').filter(|part| {
                        part.strip_prefix("plant/").is_some_and(|slug| {
                            !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
                        })
                    });
                    used.extend(codes.map(str::to_string));
                }
            }
        }
        let listed: std::collections::BTreeSet<String> =
            CODES.iter().map(|(code, _)| (*code).to_string()).collect();
        assert_eq!(used, listed);
    }
}
