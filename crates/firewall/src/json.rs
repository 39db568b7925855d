//! The JSON form of a ruleset: what `zonewright firewall read --format json` prints, `zonewright-ruleset/1`.
//!
//! Owns the shape, which is a promise: keys may be added, none renamed, dropped or re-typed.

use crate::ruleset::{
    AddressSet, Chain, Condition, Effect, IntervalSet, MarkOf, NamePattern, NameSet, NamedSet, Nat, Point,
    Rule, Ruleset, Verdict,
};
use serde_json::{Map, Value, json};
use zonewright_source::{Diagnostic, Place, TextPlace};

/// The name and number of the shape.
pub const FORMAT: &str = "zonewright-ruleset/1";

/// A ruleset as JSON.
#[must_use]
pub fn ruleset_json(ruleset: &Ruleset) -> Value {
    let (mut rules, mut nat) = (Vec::new(), Vec::new());
    for chain in &ruleset.chains {
        for (at, rule) in chain.rules.iter().enumerate() {
            let value = rule_json(ruleset, chain, at, rule);
            if matches!(rule.verdict, Verdict::Nat(_)) { nat.push(value) } else { rules.push(value) }
        }
    }
    let lines = ruleset.lines;
    json!({
        "format": FORMAT,
        "zonewright": env!("CARGO_PKG_VERSION"),
        "dialect": ruleset.dialect,
        "file": &*ruleset.file,
        "chains": ruleset.chains.iter().map(chain_json).collect::<Vec<_>>(),
        "rules": rules,
        "nat": nat,
        "sets": ruleset.sets.iter().map(set_json).collect::<Vec<_>>(),
        "zones": ruleset.zones.iter().map(|zone| json!({
            "name": zone.name, "interfaces": zone.interfaces, "place": place_json(&zone.place),
        })).collect::<Vec<_>>(),
        "interfaces": ruleset.interfaces,
        "addresses": ruleset.addresses.iter().map(|one| json!({
            "interface": one.interface, "address": format!("{}/{}", one.address, one.length), "place": place_json(&one.place),
        })).collect::<Vec<_>>(),
        "credentials": ruleset.credentials.iter().map(|one| json!({
            "what": one.what, "keeping": one.keeping.as_str(), "place": place_json(&one.place),
        })).collect::<Vec<_>>(),
        "diagnostics": ruleset.diagnostics.iter().map(diagnostic_json).collect::<Vec<_>>(),
        "lines": { "modeled": lines.modeled, "ignored": lines.ignored, "warned": lines.warned },
    })
}

/// A diagnostic as JSON.
#[must_use]
pub fn diagnostic_json(diagnostic: &Diagnostic) -> Value {
    json!({
        "code": diagnostic.code,
        "severity": diagnostic.severity.as_str(),
        "message": diagnostic.message,
        "file": diagnostic.place.as_ref().map(Place::file),
        "place": diagnostic.place.as_ref().map(Place::within_file),
        "note": diagnostic.note,
        "help": diagnostic.help,
    })
}

fn place_json(place: &TextPlace) -> Value {
    json!({ "file": &*place.file, "line": place.line, "column": place.column })
}

fn chain_json(chain: &Chain) -> Value {
    json!({
        "name": chain.name,
        "table": chain.table,
        "family": chain.family.as_str(),
        "base": chain.base.as_ref().map(|base| json!({
            "hook": base.hook.as_str(),
            "kind": base.kind.as_str(),
            "priority": base.priority,
            "policy": base.policy.as_str(),
            "devices": base.devices,
            "dormant": base.dormant,
        })),
        "rules": chain.rules.len(),
        "comment": chain.comment,
        "place": place_json(&chain.place),
    })
}

fn set_json(set: &NamedSet) -> Value {
    json!({
        "name": set.name,
        "table": set.table,
        "family": set.family.as_str(),
        "type": set.type_name,
        "elements": set.element_count,
        "dynamic": set.dynamic,
        "place": place_json(&set.place),
    })
}

fn rule_json(ruleset: &Ruleset, chain: &Chain, at: usize, rule: &Rule) -> Value {
    let target = match &rule.verdict {
        Verdict::Jump(id) | Verdict::Goto(id) => ruleset.chain(*id).map(|chain| chain.name.as_str()),
        Verdict::Unknown(what) => Some(what.as_str()),
        _ => None,
    };
    let mut object = Map::new();
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("file", json!(&*rule.place.file));
    put("line", json!(rule.place.line));
    put("column", json!(rule.place.column));
    put("family", json!(chain.family.as_str()));
    put("table", json!(chain.table));
    put("chain", json!(chain.name));
    put("index", json!(at));
    put("certainty", json!(rule.certainty().as_str()));
    put("conditions", rule.conditions.iter().map(condition_json).collect());
    put("effects", rule.effects.iter().map(effect_json).collect());
    put("verdict", json!(rule.verdict.as_str()));
    put("target", json!(target));
    if let Verdict::Nat(nat) = &rule.verdict {
        put("translation", nat_json(nat));
    }
    put("log", json!(rule.log.as_ref().map(|log| json!({ "prefix": log.prefix, "options": log.options }))));
    put(
        "counter",
        json!(rule.counter.map(|counter| json!({ "packets": counter.packets, "bytes": counter.bytes }))),
    );
    put("comment", json!(rule.comment));
    put("until", json!(rule.until.map(|until| until.to_string())));
    put("text", json!(ruleset.rule_text(rule)));
    Value::Object(object)
}

fn nat_json(nat: &Nat) -> Value {
    json!({
        "kind": nat.kind.as_str(),
        "addresses": nat.addresses.map(|(first, last)| json!([first.to_string(), last.to_string()])),
        "ports": nat.ports.map(|(first, last)| json!([first, last])),
        "options": nat.options,
        "unknown": nat.unknown,
    })
}

fn effect_json(effect: &Effect) -> Value {
    let kind = match effect {
        Effect::SetMark { .. } => "set-mark",
        Effect::CopyMark { .. } => "copy-mark",
        Effect::ScrambleMark { .. } => "scramble-mark",
        Effect::NoTrack => "no-track",
        Effect::Rewrite(_) => "rewrite",
        Effect::Other(_) => "other",
    };
    json!({ "kind": kind, "text": effect.to_string() })
}

/// A condition: its kind, and the values that meet it.
fn condition_json(condition: &Condition) -> Value {
    let of = |kind: &str, values: Value| json!({ "kind": kind, "values": values });
    match condition {
        Condition::Version(version) => of("version", json!([version.as_str()])),
        Condition::InInterface(names) => names_json("in-interface", names),
        Condition::OutInterface(names) => names_json("out-interface", names),
        Condition::InBridge(names) => names_json("in-bridge", names),
        Condition::OutBridge(names) => names_json("out-bridge", names),
        Condition::InPort(names) => names_json("in-port", names),
        Condition::OutPort(names) => names_json("out-port", names),
        Condition::Vlan(set) => of("vlan", numbers_json(set)),
        Condition::NoIp(what) => of("no-ip", json!([what])),
        Condition::Source(set) => of("source", addresses_json(set)),
        Condition::Destination(set) => of("destination", addresses_json(set)),
        Condition::Protocol(set) => of("protocol", numbers_json(set)),
        Condition::SourcePort(set) => of("source-port", numbers_json(set)),
        Condition::DestinationPort(set) => of("destination-port", numbers_json(set)),
        Condition::IcmpType(set) => of("icmp-type", numbers_json(set)),
        Condition::IcmpCode(set) => of("icmp-code", numbers_json(set)),
        Condition::TcpFlags(flags) => {
            json!({ "kind": "tcp-flags", "mask": flags.mask, "values": numbers_json(&flags.values) })
        }
        Condition::LaterFragment(later) => of("later-fragment", json!([later])),
        Condition::CtState(states) => of("state", json!(states.names().collect::<Vec<_>>())),
        Condition::CtStatus { any, negated } => {
            json!({ "kind": "status", "values": any.names().collect::<Vec<_>>(), "negated": negated })
        }
        Condition::CtOriginal(original) => {
            of("direction", json!([if *original { "original" } else { "reply" }]))
        }
        Condition::BeforeNat(inner) => json!({ "kind": "before-nat", "of": condition_json(inner) }),
        Condition::Mark { of, mask, values } => {
            let kind = match of {
                MarkOf::Packet => "mark",
                MarkOf::Connection => "connection-mark",
            };
            json!({ "kind": kind, "mask": mask, "values": numbers_json(values) })
        }
        Condition::Any { of, negated } => {
            let alternatives: Vec<Vec<Value>> =
                of.iter().map(|alternative| alternative.iter().map(condition_json).collect()).collect();
            json!({ "kind": "any", "of": alternatives, "negated": negated })
        }
        Condition::Undecidable(what) => {
            json!({ "kind": "undecidable", "reason": what.reason.as_str(), "text": what.what })
        }
    }
}

fn names_json(kind: &str, names: &NameSet) -> Value {
    let values: Vec<String> = names
        .patterns
        .iter()
        .map(|pattern| match pattern {
            NamePattern::Exact(name) => name.clone(),
            NamePattern::Prefix(prefix) => format!("{prefix}*"),
        })
        .collect();
    json!({ "kind": kind, "values": values, "negated": names.negated })
}

fn addresses_json(set: &AddressSet) -> Value {
    json!(set.items())
}

/// Intervals as texts: `22`, `80-90`.
fn numbers_json<T: Point>(set: &IntervalSet<T>) -> Value {
    let texts = set
        .intervals()
        .iter()
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") });
    json!(texts.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::read_bytes;

    #[test]
    fn the_document_names_its_format_and_holds_rules_and_translations_apart() {
        let text = "*filter\n:FORWARD DROP [0:0]\n-A FORWARD -s 10.0.0.0/8 -p tcp --dport 22 -j ACCEPT\nCOMMIT\n\
                    *nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1\nCOMMIT\n";
        let value = ruleset_json(&read_bytes("fw.v4", text.as_bytes(), None).ruleset);
        assert_eq!(value["format"], FORMAT);
        assert_eq!(value["lines"], json!({ "modeled": 8, "ignored": 0, "warned": 0 }));
        assert_eq!(value["rules"][0]["line"], 3);
        assert_eq!(value["rules"][0]["conditions"][0], json!({ "kind": "source", "values": ["10.0.0.0/8"] }));
        assert_eq!(value["nat"][0]["translation"]["addresses"], json!(["10.0.0.1", "10.0.0.1"]));
    }
}
