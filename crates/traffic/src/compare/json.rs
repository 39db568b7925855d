//! `zonewright-difference/1`: the shape that scripts and other programs read. Fields are added, never renamed.

use super::{
    AssetChange, AssetSummary, Difference, FieldChange, FlowChange, FlowSummary, FunctionSummary, Seen,
};
use serde_json::{Value, json};

/// The format's name and number.
pub const FORMAT: &str = "zonewright-difference/1";

/// The difference between two observations as a document. `version` is that of the program.
#[must_use]
pub fn difference(before: &Seen, after: &Seen, difference: &Difference, version: &str) -> Value {
    json!({
        "format": FORMAT,
        "zonewright": version,
        "kind": "observation",
        "before": seen(before),
        "after": seen(after),
        "same": difference.is_none(),
        "assets": {
            "new": list(&difference.assets.new, asset),
            "gone": list(&difference.assets.gone, asset),
            "changed": list(&difference.assets.changed, asset_change),
        },
        "flows": {
            "new": list(&difference.flows.new, flow),
            "gone": list(&difference.flows.gone, flow),
            "changed": list(&difference.flows.changed, flow_change),
        },
        "protocols": { "new": difference.protocols.new, "gone": difference.protocols.gone },
    })
}

fn seen(seen: &Seen) -> Value {
    json!({ "captures": seen.captures, "first_seen": seen.first_seen, "last_seen": seen.last_seen })
}

fn asset(asset: &AssetSummary) -> Value {
    json!({
        "id": asset.id,
        "addresses": asset.addresses,
        "names": asset.names,
        "what": asset.what,
        "roles": asset.roles,
    })
}

fn asset_change(change: &AssetChange) -> Value {
    json!({
        "before": change.before,
        "after": change.after,
        "matched_by": change.matched_by.as_str(),
        "changes": list(&change.fields, field),
    })
}

fn field(change: &FieldChange) -> Value {
    json!({ "field": change.field, "before": change.before, "after": change.after })
}

fn flow(flow: &FlowSummary) -> Value {
    json!({
        "id": flow.id,
        "transport": flow.transport,
        "initiator": flow.initiator,
        "responder": flow.responder,
        "port": flow.port,
        "protocol": flow.protocol,
        "functions": list(&flow.functions, function),
        "place": flow.place,
    })
}

fn flow_change(change: &FlowChange) -> Value {
    json!({
        "before": change.before,
        "after": change.flow.id,
        "initiator": change.flow.initiator,
        "responder": change.flow.responder,
        "port": change.flow.port,
        "protocol": change.flow.protocol,
        "functions": {
            "new": list(&change.functions_new, function),
            "gone": list(&change.functions_gone, function),
        },
        "changes": list(&change.fields, field),
        "place": change.flow.place,
    })
}

fn function(function: &FunctionSummary) -> Value {
    json!({
        "protocol": function.protocol,
        "element": function.element,
        "code": function.code,
        "name": function.name,
        "class": function.class,
    })
}

fn list<T>(items: &[T], each: impl Fn(&T) -> Value) -> Value {
    Value::Array(items.iter().map(each).collect())
}
