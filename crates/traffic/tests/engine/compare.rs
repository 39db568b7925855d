//! What differs between two observations, and what does not.

use crate::wire::{MICRO, Tcp, capture, on_ethernet, polling};
use crate::{observed, observed_as};
use serde_json::{Value, json};
use zonewright_traffic::compare::{Difference, MatchedBy, Seen, compare};
use zonewright_traffic::observation::Observation;

fn seen(observation: &Observation) -> Seen {
    Seen::of(&zonewright_traffic::json::observation(observation, "0", json!([]))).unwrap()
}

fn difference(before: &Value, after: &Value) -> Difference {
    compare(&Seen::of(before).unwrap(), &Seen::of(after).unwrap())
}

fn document(assets: &Value, flows: &Value) -> Value {
    json!({
        "format": "zonewright-observation/1",
        "captures": [],
        "assets": assets,
        "flows": flows,
        "protocols": [],
    })
}

fn flow(initiator: &str, responder: &str, functions: &Value) -> Value {
    json!({
        "id": format!("tcp:{initiator}>{responder}:502/modbus"),
        "transport": "tcp",
        "initiator": { "ip": initiator, "asset": initiator },
        "responder": { "ip": responder, "asset": responder, "port": 502 },
        "protocol": "modbus",
        "functions": functions,
    })
}

fn function(code: u32, name: &str, class: &str) -> Value {
    json!({ "protocol": "modbus", "element": "function", "code": code, "name": name, "class": class })
}

#[test]
fn how_often_and_when_is_no_difference() {
    let poll = |polls| {
        let packets = polling(Tcp::new((40_000, 502), [1, 2]).handshake(), polls, 1460).close().packets;
        observed(&[&capture(MICRO, 1, &on_ethernet(&packets))])
    };
    let (few, many) = (poll(3), poll(30));
    assert!(compare(&seen(&few), &seen(&many)).is_none());
    // What was not there before is new; the other way round it is gone.
    let nothing = observed_as("conn.log", b"#separator \\x09\n");
    let grown = compare(&seen(&nothing), &seen(&few));
    assert_eq!((grown.assets.new.len(), grown.flows.new.len(), grown.protocols.new.len()), (2, 1, 1));
    assert!(grown.has_new());
    let shrunk = compare(&seen(&few), &seen(&nothing));
    assert_eq!((shrunk.assets.gone.len(), shrunk.flows.gone.len(), shrunk.protocols.gone.len()), (2, 1, 1));
    assert!(!shrunk.has_new());
}

#[test]
fn a_device_is_known_by_its_address_or_by_what_it_says() {
    let before = json!([
        { "id": "a", "macs": ["02:00:00:00:00:01"], "ips": ["10.0.0.1"], "version": "V4.0" },
        { "id": "b", "macs": [], "ips": ["10.0.0.2"], "vendor": "Maker" },
        { "id": "c", "macs": [], "ips": ["10.0.0.3"], "serial": "S1" },
        { "id": "d", "macs": [], "ips": ["10.0.0.4"], "names": [{ "name": "hmi-1" }] },
        { "id": "e", "context": "cell-a", "macs": [], "ips": ["10.0.0.9"] },
    ]);
    let after = json!([
        { "id": "A", "macs": ["02:00:00:00:00:01"], "ips": ["10.0.0.11"], "version": "V4.2" },
        { "id": "B", "macs": [], "ips": ["10.0.0.2"] },
        { "id": "C", "macs": [], "ips": ["10.0.0.13"], "serial": "S1" },
        { "id": "D", "macs": [], "ips": ["10.0.0.14"], "names": [{ "name": "hmi-1" }] },
        { "id": "E", "context": "cell-b", "macs": [], "ips": ["10.0.0.9"] },
    ]);
    let changes = difference(&document(&before, &json!([])), &document(&after, &json!([])));
    let changed: Vec<_> =
        changes.assets.changed.iter().map(|one| (one.after.as_str(), one.matched_by)).collect();
    // That the vendor was not told again is no change.
    assert_eq!(changed, [("A", MatchedBy::Mac), ("C", MatchedBy::Serial), ("D", MatchedBy::Name)]);
    let fields: Vec<_> = changes.assets.changed[0].fields.iter().map(|field| field.field).collect();
    assert_eq!(fields, ["version", "ips"]);
    // The same address in another cell is another device.
    let ids = |list: &[zonewright_traffic::compare::AssetSummary]| {
        list.iter().map(|one| one.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&changes.assets.new), ["E"]);
    assert_eq!(ids(&changes.assets.gone), ["e"]);
}

#[test]
fn a_flow_is_that_of_its_devices_wherever_they_moved() {
    let assets = |ip: &str| json!([{ "id": "10.0.0.1", "ips": ["10.0.0.1"] }, { "id": ip, "ips": [ip], "serial": "S1" }]);
    let (read, write) =
        (function(3, "read-holding-registers", "read"), function(5, "write-single-coil", "write"));
    let before = document(&assets("10.0.0.2"), &json!([flow("10.0.0.1", "10.0.0.2", &json!([read]))]));
    let after = document(&assets("10.0.0.7"), &json!([flow("10.0.0.1", "10.0.0.7", &json!([read, write]))]));
    let changes = difference(&before, &after);
    assert!(changes.flows.new.is_empty() && changes.flows.gone.is_empty());
    let [change] = changes.flows.changed.as_slice() else { panic!("{changes:?}") };
    assert_eq!(
        change.functions_new.iter().map(|one| one.words()).collect::<Vec<_>>(),
        ["write-single-coil (write)"]
    );
    assert!(change.functions_gone.is_empty() && changes.has_new());
    let back = difference(&after, &before);
    assert_eq!(back.flows.changed[0].functions_gone.len(), 1);
}

#[test]
fn a_document_of_another_form_is_refused() {
    for (document, words) in [
        (json!({}), "found none"),
        (json!({ "format": "zonewright-observation/9" }), "found `zonewright-observation/9`"),
        (json!({ "format": "zonewright-observation/1" }), "`captures` is missing"),
        (document(&json!([{}]), &json!([])), "`assets[].id` is missing"),
        (document(&json!([]), &json!([{ "id": "x" }])), "`flows[].transport` is missing"),
    ] {
        let error = Seen::of(&document).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}
