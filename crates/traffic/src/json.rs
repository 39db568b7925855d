//! The JSON form of an observation: `zonewright-observation/1`, to the letter of the interfaces.
//!
//! Owns the shape and nothing else: keys are never renamed, dropped or retyped without a new number.

use crate::observation::{
    Asset, Capture, Flow, FlowEnd, FunctionCode, FunctionUse, Observation, Property, Timestamp,
};
use serde_json::{Map, Value, json};
use std::fmt::Display;
use std::sync::Arc;
use zonewright_source::{Diagnostic, PacketPlace, Unit};

/// Name and number of the shape.
pub const FORMAT: &str = "zonewright-observation/1";

/// The whole observation. `version` is that of the program; `findings` are others' (a JSON list), empty if there are none.
#[must_use]
pub fn observation(observation: &Observation, version: &str, findings: Value) -> Value {
    json!({
        "format": FORMAT,
        "zonewright": version,
        "captures": list(&observation.captures, capture),
        "assets": list(&observation.assets, asset),
        "flows": list(&observation.flows, flow),
        "functions": list(&observation.functions, function),
        "protocols": list(&observation.protocols, |use_| json!({ "name": *use_.name, "packets": use_.packets })),
        "findings": findings,
        "diagnostics": list(&observation.diagnostics, diagnostic),
    })
}

fn capture(capture: &Capture) -> Value {
    json!({
        "path": *capture.path,
        "hash": capture.hash,
        "size": capture.size,
        "kind": capture.kind.map(crate::observation::CaptureKind::as_str),
        "capture_point": optional(&capture.capture_point),
        "lines": capture.lines,
        "packets": capture.packets,
        "bytes": capture.bytes,
        "first_seen": capture.first_seen.map(moment),
        "last_seen": capture.last_seen.map(moment),
        "truncated_packets": capture.truncated_packets,
        "malformed_packets": capture.malformed_packets,
        "read_error": capture.read_error,
    })
}

fn asset(asset: &Asset) -> Value {
    json!({
        "id": *asset.id,
        "context": optional(&asset.context),
        "macs": texts(&asset.macs),
        "ips": texts(&asset.ips),
        "vlans": asset.vlans,
        "names": list(&asset.names, |name| json!({ "name": *name.name, "source": *name.source })),
        "vendor": optional(&asset.vendor),
        "product": optional(&asset.product),
        "version": optional(&asset.version),
        "serial": optional(&asset.serial),
        "component_type": optional(&asset.component_type),
        "kind": optional(&asset.kind),
        "roles": list(&asset.roles, |role| json!({ "protocol": *role.protocol, "role": role.role.as_str() })),
        "first_seen": moment(asset.first_seen),
        "last_seen": moment(asset.last_seen),
        "packets_sent": asset.packets_sent,
        "packets_received": asset.packets_received,
        "basis": list(&asset.basis, |basis| json!({ "text": basis.text, "place": basis.place.as_ref().map(place) })),
    })
}

fn flow(flow: &Flow) -> Value {
    let mut responder = end(&flow.responder);
    responder.insert("port".to_owned(), json!(flow.responder.port));
    json!({
        "id": *flow.id,
        "context": optional(&flow.context),
        "transport": flow.transport.to_string(),
        "initiator": end(&flow.initiator),
        "responder": responder,
        "initiator_basis": flow.initiator_basis.as_str(),
        "vlans": flow.vlans,
        "capture_points": list(&flow.capture_points, |point| json!(**point)),
        "protocol": optional(&flow.protocol),
        "encrypted": flow.encrypted,
        "authenticated": flow.authenticated,
        "clear_text_credentials": flow.clear_text_credentials,
        "conversations": flow.conversations,
        "packets": flow.packets,
        "bytes": flow.bytes,
        "packets_from_initiator": flow.packets_from_initiator,
        "packets_from_responder": flow.packets_from_responder,
        "first_seen": moment(flow.first_seen),
        "last_seen": moment(flow.last_seen),
        "places": list(&flow.places, place),
        "functions": list(&flow.functions, function),
        "properties": list(&flow.properties, property),
        "anomalies": list(&flow.anomalies, |anomaly| {
            json!({ "what": *anomaly.what, "count": anomaly.count, "place": place(&anomaly.place) })
        }),
        "inside": optional(&flow.inside),
    })
}

fn end(end: &FlowEnd) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("ip".to_owned(), json!(end.ip.map(|ip| ip.to_string())));
    map.insert("mac".to_owned(), json!(end.mac.map(|mac| mac.to_string())));
    map.insert("asset".to_owned(), optional(&end.asset));
    map
}

fn property(property: &Property) -> Value {
    json!({ "name": *property.name, "value": *property.value, "place": place(&property.place) })
}

fn function(function: &FunctionUse) -> Value {
    json!({
        "protocol": *function.protocol,
        "element": *function.element,
        "code": match &function.code {
            FunctionCode::Number(number) => json!(number),
            FunctionCode::Text(text) => json!(**text),
        },
        "name": optional(&function.name),
        "class": function.class.as_str(),
        "direction": function.direction.as_str(),
        "count": function.count,
        "first": place(&function.first),
    })
}

fn diagnostic(diagnostic: &Diagnostic) -> Value {
    json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity.as_str(),
        "message": diagnostic.message,
        "place": diagnostic.place.as_ref().map(ToString::to_string),
        "help": diagnostic.help,
    })
}

fn place(place: &PacketPlace) -> Value {
    match place.unit {
        Unit::Packet => json!({ "capture": *place.file, "packet": place.packet }),
        Unit::Line => json!({ "capture": *place.file, "packet": Value::Null, "line": place.packet }),
    }
}

fn moment(moment: Timestamp) -> String {
    moment.to_string()
}

fn optional(text: &Option<Arc<str>>) -> Value {
    text.as_deref().map_or(Value::Null, |text| json!(text))
}

fn texts<T: Display>(items: &[T]) -> Value {
    list(items, |item| json!(item.to_string()))
}

fn list<T>(items: &[T], each: impl Fn(&T) -> Value) -> Value {
    Value::Array(items.iter().map(each).collect())
}
