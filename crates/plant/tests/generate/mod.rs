//! Workspaces made from the specification itself: whatever a key can hold, some seed makes.

use zonewright_plant::text::spec::{Key, Kind, Target, Type};
use zonewright_plant::text::{KINDS, Value, Written};

/// A small generator of even bits (splitmix64).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

const IDS: usize = 4;

const TEXTS: &[&str] = &[
    "pump",
    "Filter 3",
    "a \"quoted\" word",
    "semi; colon",
    "comma, too",
    "=1+1",
    "-K3",
    "line\nbreak",
    "tab\there",
    "back\\slash",
    "ünï¢ode ☃",
    " edge ",
    "# no comment",
    "'single'",
    "",
    "\u{7}",
    "true",
    "12",
    "[[zone]]",
    "]]",
    "\r\n",
    "\u{feff}bom",
];

fn id(target: Target, n: usize) -> String {
    format!(
        "{}-{n}",
        target
            .header()
            .trim_matches(['[', ']'])
            .replace("plant.", "")
            .replace("conduit.", "")
            .replace('_', "-")
    )
}

/// The ids of the records of a kind that a generated workspace has.
fn any_id(target: Target, rng: &mut Rng) -> String {
    let kinds = target.kinds();
    let kind = *rng.pick(&kinds);
    id(kind, rng.below(IDS))
}

fn number(key: &Key, rng: &mut Rng) -> f64 {
    let (least, most) = key.range.unwrap_or((-1e6, 1e6));
    let most = most.min(1e7);
    let part = rng.below(1001) as f64 / 1000.0;
    least + (most - least) * part
}

fn spelled(number: f64) -> Value {
    Value::Bare(if number == number.trunc() { format!("{number:.0}") } else { format!("{number:?}") })
}

/// A value of a type.
fn value(key: &'static Key, ty: &Type, rng: &mut Rng) -> Value {
    let text = |text: String| Value::Text(text);
    match ty {
        Type::Text | Type::Id => special(key, rng).map_or_else(|| text(rng.pick(TEXTS).to_string()), text),
        Type::Bool => (rng.one_in(2)).into(),
        Type::Integer(least, most) => {
            Value::Bare((least + rng.below((most - least + 1) as usize) as i64).to_string())
        }
        Type::Number => spelled(number(key, rng)),
        Type::Date => Value::Bare(format!(
            "20{:02}-{:02}-{:02}",
            26 + rng.below(40),
            1 + rng.below(12),
            1 + rng.below(28)
        )),
        Type::Timestamp => Value::Bare(format!(
            "2026-{:02}-{:02}T{:02}:00:00Z",
            1 + rng.below(12),
            1 + rng.below(28),
            rng.below(24)
        )),
        Type::Words(words) => text(rng.pick(words).0.to_string()),
        Type::Reference(Target::Subject) if rng.one_in(5) => "plant".into(),
        Type::Reference(target) => text(any_id(*target, rng)),
        Type::Address => {
            let context = if rng.one_in(3) { "@cell-a" } else { "" };
            text(format!("10.{}.{}.{}{context}", rng.below(256), rng.below(256), rng.below(256)))
        }
        Type::Mac => {
            text(format!("02:00:00:{:02x}:{:02x}:{:02x}", rng.below(256), rng.below(256), rng.below(256)))
        }
        Type::ZoneNetwork => {
            let network = text(format!("10.{}.0.0/16", rng.below(256)));
            if rng.one_in(2) {
                network
            } else {
                Value::Table(vec![("network".into(), network), ("vlan".into(), Value::Bare("7".into()))])
            }
        }
        Type::Ports if rng.one_in(2) => Value::Bare(rng.below(65536).to_string()),
        Type::Ports => text(format!("{}-{}", rng.below(1000), 1000 + rng.below(1000))),
        Type::SlTarget if rng.one_in(4) => "derive-from-risk".into(),
        Type::SlTarget | Type::SlVector if rng.one_in(3) => Value::Bare(rng.below(5).to_string()),
        Type::SlTarget | Type::SlVector => {
            let level = |n: usize| if n == 0 { "none".into() } else { Value::Bare(n.to_string()) };
            // The first and the last differ, so that it is not the same level for all.
            let mut levels = vec![Value::Bare("1".into())];
            levels.extend((0..5).map(|_| level(rng.below(5))));
            levels.push(Value::Bare("2".into()));
            Value::List(levels)
        }
        Type::Requirement => text(rng.pick(&["SR 1.1", "SR 5.2 RE(1)", "CR 3.4", "SR 7.8"]).to_string()),
        Type::Range => {
            let (a, b) = (number(key, rng), number(key, rng));
            Value::List(vec![spelled(a.min(b)), spelled(a.max(b))])
        }
        Type::List(inner) => {
            let mut items: Vec<Value> = (0..1 + rng.below(3)).map(|_| value(key, inner, rng)).collect();
            items.dedup();
            Value::List(items)
        }
        Type::Map(key_type, value_type) => {
            let mut entries: Vec<(String, Value)> = Vec::new();
            for _ in 0..1 + rng.below(3) {
                let name = match (key.name, value(key, key_type, rng)) {
                    ("sl_t_reasons", _) => rng.pick(&["IAC", "UC", "DC"]).to_string(),
                    (_, Value::Text(name)) => name,
                    _ => "x".to_string(),
                };
                if !entries.iter().any(|(other, _)| *other == name) {
                    let value = value(key, value_type, rng);
                    entries.push((name, value));
                }
            }
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Table(entries)
        }
        Type::Part(kind) => Value::Part(record(kind, None, rng)),
    }
}

/// Texts that have a form of their own.
fn special(key: &Key, rng: &mut Rng) -> Option<String> {
    let hash = || format!("blake3:{}", "0123456789abcdef".repeat(4));
    match key.name {
        "hash" => Some(hash()),
        "currency" => Some("EUR".into()),
        "tolerable_risk" => Some(rng.pick(&["low", "high"]).to_string()),
        "severity" | "unmitigated_likelihood" | "residual_likelihood" => {
            Some(rng.pick(&["s1", "s2", "s3"]).to_string())
        }
        _ => None,
    }
}

fn risk_matrix(kind: &'static Kind) -> Written {
    let texts = |texts: &[&str]| Value::List(texts.iter().map(|text| Value::from(*text)).collect());
    let fields = kind.keys.iter().map(|key| {
        let value = match key.name {
            "likelihoods" | "severities" => texts(&["s1", "s2", "s3"]),
            "risks" => texts(&["low", "high"]),
            _ => Value::List(vec![texts(&["low", "low", "high"]); 3]),
        };
        (key, value)
    });
    Written { kind, fields: fields.collect() }
}

/// A record with some of its keys.
pub(crate) fn record(kind: &'static Kind, id: Option<String>, rng: &mut Rng) -> Written {
    if kind.name == "risk_matrix" {
        return risk_matrix(kind);
    }
    let mut fields = Vec::new();
    for key in kind.all_keys() {
        let wanted = key.required || !rng.one_in(3);
        let value = match (key.name, &id) {
            ("id", Some(id)) => Value::Text(id.clone()),
            // What the plant or a conduit has in parts is made by `workspace`, with ids.
            (_, _) if matches!(key.ty, Type::List(Type::Part(_)) | Type::Part(_)) => Value::Absent,
            // Set by what they must agree with.
            (
                "parent" | "prerequisites" | "exclusions" | "conduit" | "covers_until" | "start" | "end"
                | "zones",
                _,
            ) => Value::Absent,
            ("proposed", _) if wanted => true.into(),
            ("inside" | "trusted", _) => Value::Absent,
            ("sl_t_reasons", _)
                if fields
                    .iter()
                    .all(|(key, value): &(&Key, Value)| key.name != "sl_t" || *value == Value::Absent) =>
            {
                Value::Absent
            }
            ("from" | "to", _) if kind.name == "permit" => value(key, &key.ty, rng),
            ("rationale", _) if kind.name == "claim" => "because".into(),
            ("findings", _) => Value::List(vec!["F-1".into()]),
            _ if wanted => value(key, &key.ty, rng),
            _ => Value::Absent,
        };
        fields.push((key, value));
    }
    Written { kind, fields }
}

fn set(record: &mut Written, name: &str, value: Value) {
    if let Some((_, slot)) = record.fields.iter_mut().find(|(key, _)| key.name == name) {
        *slot = value;
    }
}

fn kind(name: &str) -> &'static Kind {
    KINDS.iter().find(|kind| kind.name == name).unwrap()
}

fn parts(name: &str, target: Target, rng: &mut Rng) -> Value {
    let mut all = Vec::new();
    for n in 0..IDS {
        let mut part = record(kind(name), Some(id(target, n)), rng);
        if name == "outage_window" {
            set(&mut part, "start", Value::Bare("2026-01-01".into()));
            set(&mut part, "end", Value::Bare(format!("2026-02-{:02}", 1 + rng.below(28))));
        }
        all.push(Value::Part(part));
    }
    Value::List(all)
}

/// A sound workspace, record by record. Every id that a reference can name is there.
pub(crate) fn workspace(seed: u64) -> Vec<Written> {
    let mut rng = Rng(seed);
    let rng = &mut rng;
    let mut all = Vec::new();
    let mut system = record(kind("plant"), Some("p".into()), rng);
    set(&mut system, "role", parts("role", Target::Role, rng));
    set(&mut system, "essential_function", parts("essential_function", Target::Function, rng));
    set(&mut system, "outage_window", parts("outage_window", Target::Outage, rng));
    set(&mut system, "risk_matrix", Value::Part(risk_matrix(kind("risk_matrix"))));
    all.push(system);
    let targets = [
        Target::Zone,
        Target::Conduit,
        Target::Asset,
        Target::Group,
        Target::Product,
        Target::Evidence,
        Target::Countermeasure,
        Target::Claim,
        Target::ThreatSource,
        Target::Scenario,
        Target::Consequence,
        Target::Hazard,
        Target::Test,
        Target::Approval,
        Target::Profile,
        Target::Waiver,
    ];
    for target in targets {
        let kind = kind(target.header().trim_matches(['[', ']']));
        for n in 0..IDS {
            let mut one = record(kind, Some(id(target, n)), rng);
            match target {
                Target::Zone if n > 0 && rng.one_in(2) => {
                    set(&mut one, "parent", Value::Text(id(Target::Zone, rng.below(n))))
                }
                Target::Zone => {
                    set(&mut one, "inside", if rng.one_in(2) { Value::Absent } else { false.into() })
                }
                Target::Conduit => {
                    set(
                        &mut one,
                        "zones",
                        Value::List(vec![
                            Value::Text(id(Target::Zone, 0)),
                            Value::Text(id(Target::Zone, 1 + rng.below(3))),
                        ]),
                    );
                    let permits = (0..rng.below(4)).map(|m| {
                        Value::Part(record(self::kind("permit"), Some(format!("permit-{n}-{m}")), rng))
                    });
                    let permits: Vec<Value> = permits.collect();
                    set(
                        &mut one,
                        "permit",
                        if permits.is_empty() { Value::Absent } else { Value::List(permits) },
                    );
                }
                Target::Evidence => {
                    let facing = |n: usize, rng: &mut Rng| {
                        let mut facing = record(self::kind("interface"), None, rng);
                        set(&mut facing, "interface", Value::Text(format!("eth{n}")));
                        Value::Part(facing)
                    };
                    let faces: Vec<Value> = (0..rng.below(3)).map(|n| facing(n, rng)).collect();
                    set(
                        &mut one,
                        "interface",
                        if faces.is_empty() { Value::Absent } else { Value::List(faces) },
                    );
                }
                Target::Countermeasure if n > 0 && rng.one_in(2) => {
                    set(&mut one, "prerequisites", Value::List(vec![Value::Text(id(target, rng.below(n)))]));
                }
                Target::Asset if rng.one_in(4) => {
                    set(&mut one, "zone", Value::Absent);
                    set(&mut one, "conduit", Value::Text(id(Target::Conduit, rng.below(IDS))));
                }
                _ => {}
            }
            all.push(one);
        }
    }
    all
}
