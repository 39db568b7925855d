//! The documents that scripts read: the keys and types of the interfaces page, and the same bytes each time.

use crate::{AS_OF, example, run_in};
use serde_json::Value;

/// What a value is to be. `Shape::Rows` and `Shape::Row` name the keys that must be there; more may be.
enum Shape {
    Text,
    TextOrNull,
    Number,
    NumberOrNull,
    Flag,
    FlagOrNull,
    /// A number or a text.
    Code,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, or nothing.
    WordOrNull(&'static [&'static str]),
    /// Seven levels or nothing, in the order of the foundational requirements.
    Vector,
    /// The same, or nothing at all.
    VectorOrNull,
    Texts,
    Row(&'static [(&'static str, Shape)]),
    Rows(&'static [(&'static str, Shape)]),
    /// A list of anything.
    List,
}

use Shape::{
    Code, Flag, FlagOrNull, List, Number, NumberOrNull, Row, Rows, Text, TextOrNull, Texts, Vector,
    VectorOrNull, Word, WordOrNull,
};

/// Checks a value, and counts in `seen` the lists that had an item, so that a test cannot pass on empty lists alone.
fn check(at: &str, value: &Value, shape: &Shape, seen: &mut Vec<String>) {
    let right = match shape {
        Text => value.is_string(),
        TextOrNull => value.is_string() || value.is_null(),
        Number => value.is_number(),
        NumberOrNull => value.is_number() || value.is_null(),
        Flag => value.is_boolean(),
        FlagOrNull => value.is_boolean() || value.is_null(),
        Code => value.is_number() || value.is_string(),
        Word(words) => value.as_str().is_some_and(|text| words.contains(&text)),
        WordOrNull(words) => value.is_null() || value.as_str().is_some_and(|text| words.contains(&text)),
        Vector => is_vector(value),
        VectorOrNull => value.is_null() || is_vector(value),
        Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        List => value.is_array(),
        Row(_) => value.is_object(),
        Rows(_) => value.is_array(),
    };
    assert!(right, "{at} is {value}");
    match shape {
        Row(keys) => {
            keys.iter().for_each(|(key, shape)| check(&format!("{at}.{key}"), &value[key], shape, seen))
        }
        Rows(keys) => {
            for item in value.as_array().unwrap() {
                seen.push(at.to_string());
                check(at, item, &Row(keys), seen);
            }
        }
        _ => {}
    }
}

fn is_vector(value: &Value) -> bool {
    let level = |level: &Value| level.is_null() || level.as_u64().is_some_and(|level| level <= 4);
    value.as_array().is_some_and(|levels| levels.len() == 7 && levels.iter().all(level))
}

/// Runs twice in the example; both runs give the same bytes, and the document has its head and its shape.
fn document(words: &[&str], format: &str, keys: &'static [(&'static str, Shape)]) -> (Value, Vec<String>) {
    let ran = run_in(&example(), words);
    assert!(ran.stdout == run_in(&example(), words).stdout, "{}: two runs differ", ran.words);
    let document = ran.json();
    let head = format!("{{\"format\":\"{format}\",\"zonewright\":\"{}\",", env!("CARGO_PKG_VERSION"));
    let blanks_off: String = ran.stdout.chars().take(400).filter(|c| !c.is_whitespace()).collect();
    assert!(blanks_off.starts_with(&head), "{} begins with {blanks_off}", ran.words);
    let mut seen = Vec::new();
    check(format, &document, &Row(keys), &mut seen);
    (document, seen)
}

const FUNCTION: &[(&str, Shape)] = &[
    ("protocol", Text),
    ("element", Text),
    ("code", Code),
    ("name", TextOrNull),
    ("class", Word(CLASSES)),
    ("direction", Word(&["request", "response", "none"])),
    ("count", Number),
];

const CLASSES: &[&str] = &[
    "discover",
    "read",
    "write",
    "operate",
    "program",
    "configure",
    "firmware",
    "file",
    "authenticate",
    "alarm",
    "time",
    "diagnose",
    "session",
    "other",
];

const FINDING: &[(&str, Shape)] = &[
    ("id", Text),
    ("rule", Text),
    ("severity", Word(&["error", "warning", "note"])),
    ("subject", Row(&[("kind", Text), ("id", Text)])),
    ("message", Text),
    ("requirements", Texts),
    ("evidence", Rows(&[("file", Text), ("place", Text)])),
    ("remedy", Text),
    ("waiver", TextOrNull),
];

#[test]
fn an_observation_has_its_shape() {
    let words = ["observe", "evidence/z-sup.pcap", "evidence/z-ctl-a.pcap", "--format", "json"];
    let (document, seen) = document(
        &words,
        "zonewright-observation/1",
        &[
            (
                "captures",
                Rows(&[
                    ("path", Text),
                    ("hash", TextOrNull),
                    ("size", Number),
                    ("kind", Word(&["pcap", "pcapng", "zeek", "eve", "ipfix", "netflow", "live"])),
                    ("capture_point", TextOrNull),
                    ("packets", Number),
                    ("bytes", Number),
                    ("first_seen", TextOrNull),
                    ("last_seen", TextOrNull),
                    ("truncated_packets", Number),
                    ("malformed_packets", Number),
                    ("read_error", TextOrNull),
                ]),
            ),
            (
                "assets",
                Rows(&[
                    ("id", Text),
                    ("context", TextOrNull),
                    ("macs", Texts),
                    ("ips", Texts),
                    ("vlans", List),
                    ("names", Rows(&[("name", Text), ("source", Text)])),
                    ("vendor", TextOrNull),
                    ("product", TextOrNull),
                    ("version", TextOrNull),
                    ("serial", TextOrNull),
                    ("component_type", TextOrNull),
                    ("kind", TextOrNull),
                    (
                        "roles",
                        Rows(&[
                            ("protocol", Text),
                            ("role", Word(&["client", "server", "publisher", "subscriber", "peer"])),
                        ]),
                    ),
                    ("first_seen", TextOrNull),
                    ("last_seen", TextOrNull),
                    ("packets_sent", Number),
                    ("packets_received", Number),
                    ("basis", List),
                ]),
            ),
            (
                "flows",
                Rows(&[
                    ("id", Text),
                    ("transport", Text),
                    ("initiator", Row(&[("ip", TextOrNull), ("mac", TextOrNull), ("asset", TextOrNull)])),
                    (
                        "responder",
                        Row(&[
                            ("ip", TextOrNull),
                            ("mac", TextOrNull),
                            ("asset", TextOrNull),
                            ("port", NumberOrNull),
                        ]),
                    ),
                    ("initiator_basis", Word(&["syn", "synack", "content", "port", "first"])),
                    ("vlans", List),
                    ("capture_points", Texts),
                    ("protocol", TextOrNull),
                    ("encrypted", FlagOrNull),
                    ("authenticated", FlagOrNull),
                    ("clear_text_credentials", Flag),
                    ("conversations", Number),
                    ("packets", Number),
                    ("bytes", Number),
                    ("packets_from_initiator", Number),
                    ("packets_from_responder", Number),
                    ("first_seen", Text),
                    ("last_seen", Text),
                    ("places", Rows(&[("capture", Text), ("packet", Number)])),
                    ("functions", Rows(FUNCTION)),
                    ("inside", TextOrNull),
                ]),
            ),
            ("functions", Rows(FUNCTION)),
            ("protocols", Rows(&[("name", Text), ("packets", Number)])),
            ("findings", List),
            (
                "diagnostics",
                Rows(&[("code", Text), ("severity", Text), ("message", Text), ("help", TextOrNull)]),
            ),
        ],
    );
    for list in [
        "captures",
        "assets",
        "flows",
        "functions",
        "protocols",
        "assets.roles",
        "flows.places",
        "flows.functions",
    ] {
        assert!(seen.contains(&format!("zonewright-observation/1.{list}")), "{list} has nothing");
    }
    let hash = document["captures"][0]["hash"].as_str().unwrap();
    assert!(hash.starts_with("blake3:") && hash.len() == 71, "{hash}");
    for flow in document["flows"].as_array().unwrap() {
        let sides =
            ["packets_from_initiator", "packets_from_responder"].map(|side| flow[side].as_u64().unwrap());
        assert_eq!(sides[0] + sides[1], flow["packets"].as_u64().unwrap(), "{}", flow["id"]);
        let asset = &flow["initiator"]["asset"];
        let known = |row: &Value| row["id"] == *asset;
        assert!(document["assets"].as_array().unwrap().iter().any(known), "{asset} is no asset");
    }
    let bare =
        run_in(&example(), &["observe", "evidence/z-sup.pcap", "--no-hash", "--format", "json"]).json();
    assert!(bare["captures"][0]["hash"].is_null());
}

#[test]
fn a_verification_has_its_shape() {
    let words = ["verify", ".", "--as-of", AS_OF, "--format", "json"];
    let (document, seen) = document(
        &words,
        "zonewright-verification/1",
        &[
            ("plant", Text),
            ("as_of", Text),
            ("evidence", Texts),
            (
                "paths",
                Rows(&[
                    ("from_zone", TextOrNull),
                    ("to_zone", TextOrNull),
                    ("from", Text),
                    ("to", Text),
                    ("protocol", TextOrNull),
                    ("port", TextOrNull),
                    ("functions", Texts),
                    (
                        "declared",
                        Word(&[
                            "permitted",
                            "no-conduit",
                            "protocol-not-permitted",
                            "function-not-permitted",
                            "wrong-direction",
                            "expired",
                            "within-zone",
                            "unknown-endpoint",
                        ]),
                    ),
                    ("permit", TextOrNull),
                    ("unmet", Texts),
                    ("configured", Word(&["open", "closed", "partly", "unknown"])),
                    ("configured_basis", Rows(&[("file", Text), ("line", Number)])),
                    ("observed", Word(&["seen", "not-seen", "not-covered"])),
                    ("flows", Texts),
                    (
                        "name",
                        Word(&[
                            "conforming",
                            "idle",
                            "bypass",
                            "blocked",
                            "undocumented",
                            "excess",
                            "undeclared-bypass",
                            "enforced",
                            "within-zone",
                            "unknown-endpoint",
                            "not-observed",
                        ]),
                    ),
                    ("enforcement", Word(&["shown", "not-shown"])),
                ]),
            ),
            ("findings", Rows(FINDING)),
        ],
    );
    for list in ["paths", "findings", "findings.evidence", "paths.configured_basis"] {
        assert!(seen.contains(&format!("zonewright-verification/1.{list}")), "{list} has nothing");
    }
    assert_eq!(document["as_of"], AS_OF);
}

#[test]
fn an_assessment_has_its_shape() {
    let (assessment, seen) = document(
        &["assess", "--as-of", AS_OF, "--format", "json"],
        "zonewright-assessment/1",
        &[
            ("plant", Text),
            ("as_of", Text),
            (
                "subjects",
                Rows(&[
                    ("kind", Word(&["zone", "conduit"])),
                    ("id", Text),
                    ("sl_t", Vector),
                    ("sl_a_proven", Vector),
                    ("sl_a_possible", Vector),
                    (
                        "requirements",
                        Rows(&[
                            ("id", Text),
                            ("fr", Number),
                            ("sl", Number),
                            ("required", Flag),
                            ("status", Word(&["met", "partly", "not-met", "not-applicable", "not-shown"])),
                            (
                                "basis",
                                Rows(&[
                                    (
                                        "kind",
                                        Word(&[
                                            "observed",
                                            "configured",
                                            "claimed",
                                            "inherited",
                                            "compensated",
                                        ]),
                                    ),
                                    ("ref", Text),
                                    ("text", Text),
                                ]),
                            ),
                            ("gap", WordOrNull(&["configure", "compensate", "replace", "organize"])),
                        ]),
                    ),
                ]),
            ),
            ("components", Rows(&[("asset", Text), ("component_type", TextOrNull), ("sl_c", VectorOrNull)])),
            ("findings", Rows(FINDING)),
        ],
    );
    for list in ["subjects", "subjects.requirements", "subjects.requirements.basis", "components", "findings"]
    {
        assert!(seen.contains(&format!("zonewright-assessment/1.{list}")), "{list}");
    }
    for subject in assessment["subjects"].as_array().unwrap() {
        assert_eq!(subject["requirements"].as_array().unwrap().len(), 100, "{}", subject["id"]);
        assert_ne!(subject["id"], "Z-ENT", "outside the system under consideration");
    }
}

#[test]
fn questions_have_their_shape() {
    let (questions, seen) = document(
        &["ask", "--as-of", AS_OF, "--format", "json", "--zone", "Z-SIS"],
        "zonewright-questions/1",
        &[
            ("plant", Text),
            ("as_of", Text),
            ("all", Number),
            ("chosen", Number),
            (
                "questions",
                Rows(&[
                    ("id", Text),
                    ("about", Row(&[("kind", Word(&["plant", "zone", "conduit", "product"])), ("id", Text)])),
                    ("requirement", Text),
                    ("text", Text),
                    ("role", TextOrNull),
                    ("place", TextOrNull),
                    ("assets", Texts),
                    (
                        "statuses",
                        Rows(&[("kind", Word(&["zone", "conduit"])), ("id", Text), ("requirement", Text)]),
                    ),
                    ("stake", Number),
                    ("levels_up", Number),
                    ("levels_down", Number),
                ]),
            ),
        ],
    );
    assert!(seen.contains(&"zonewright-questions/1.questions.statuses".to_string()));
    let stakes: Vec<f64> =
        questions["questions"].as_array().unwrap().iter().map(|q| q["stake"].as_f64().unwrap()).collect();
    assert!(stakes.windows(2).all(|pair| pair[0] >= pair[1]), "{stakes:?}");
}

#[test]
fn a_check_has_its_shape() {
    let words = ["check", ".", "--as-of", AS_OF, "--format", "json"];
    document(&words, "zonewright-check/1", &[("plant", Text), ("as_of", Text), ("findings", Rows(FINDING))]);
}

#[test]
fn a_ruleset_has_its_shape() {
    let words = ["firewall", "read", "evidence/fw-1.nft", "--format", "json"];
    let (document, _) = document(
        &words,
        "zonewright-ruleset/1",
        &[
            ("dialect", Text),
            ("rules", List),
            ("nat", List),
            ("diagnostics", Rows(&[("code", Text), ("severity", Text), ("message", Text)])),
            ("lines", Row(&[("modeled", Number), ("ignored", Number), ("warned", Number)])),
        ],
    );
    assert!(!document["rules"].as_array().unwrap().is_empty());
}

#[test]
fn an_answer_has_its_shape() {
    let words =
        ["firewall", "query", "evidence/fw-1.nft", "--from", "any", "--to", "any", "--format", "json"];
    let (_, seen) = document(
        &words,
        "zonewright-reach/1",
        &[
            ("verdict", Word(&["all", "some", "none", "unknown"])),
            (
                "open",
                Rows(&[("src", Text), ("dst", Text), ("protocol", Code), ("rule", Row(&[("line", Number)]))]),
            ),
        ],
    );
    assert!(seen.contains(&"zonewright-reach/1.open".to_string()));
}

#[test]
fn every_other_json_answer_has_a_head_too() {
    let firewall = "evidence/fw-1.nft";
    for words in [
        &["firewall", "explain", firewall, "--format", "json"][..],
        &["firewall", "diff", firewall, firewall, "--format", "json"],
    ] {
        let document = run_in(&example(), words).json();
        assert!(document["format"].as_str().is_some_and(|text| text.starts_with("zonewright-")), "{words:?}");
        assert_eq!(document["zonewright"], env!("CARGO_PKG_VERSION"), "{words:?}");
    }
}

#[test]
fn sarif_is_what_scanners_read() {
    for command in ["verify", "check"] {
        let words = [command, ".", "--as-of", AS_OF, "--format", "sarif"];
        let ran = run_in(&example(), &words);
        assert!(ran.stdout == run_in(&example(), &words).stdout, "two runs differ");
        let log = ran.json();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        assert_eq!(run["tool"]["driver"]["name"].as_str().unwrap().to_lowercase(), "zonewright");
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let results = run["results"].as_array().unwrap();
        assert!(!results.is_empty());
        for result in results {
            assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{}", result["ruleId"]);
            assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
            assert!(result["message"]["text"].is_string() && result["locations"].is_array());
        }
    }
}
