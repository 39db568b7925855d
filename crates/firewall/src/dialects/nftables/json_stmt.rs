//! Statements and expressions of the JSON form.

use super::ast::{BinaryOp, Element, Expr, NatStmt, Op, Selector, Stmt, StmtKind, VerdictExpr};
use super::parse_expr::raw_payload;
use super::parse_stmt::verdict_word;
use crate::ruleset::{Counter, Log, Reason};
use serde_json::{Map, Value};
use std::ops::Range;

/// The statements of a rule. What is not known is named in `unread`.
pub(super) fn stmts(list: &Value, span: &Range<usize>, unread: &mut Vec<String>) -> Vec<Stmt> {
    let Some(list) = list.as_array() else {
        unread.push("a rule without `expr`".to_owned());
        return vec![Stmt {
            kind: StmtKind::Unread("a rule without statements".to_owned()),
            span: span.clone(),
        }];
    };
    list.iter()
        .map(|value| {
            let kind = stmt(value, unread).unwrap_or_else(|| {
                let text = short(value);
                unread.push(text.clone());
                StmtKind::Unread(text)
            });
            Stmt { kind, span: span.clone() }
        })
        .collect()
}

fn stmt(value: &Value, unread: &mut Vec<String>) -> Option<StmtKind> {
    let (key, inner) = match value {
        Value::Object(object) => object.iter().next()?,
        Value::String(word) => return bare(word),
        _ => return None,
    };
    Some(match key.as_str() {
        "match" => StmtKind::Match {
            left: expr(inner.get("left")?, unread),
            op: op(inner.get("op").and_then(Value::as_str)?)?,
            right: expr(inner.get("right")?, unread),
        },
        "vmap" => {
            StmtKind::Vmap { key: expr(inner.get("key")?, unread), data: expr(inner.get("data")?, unread) }
        }
        "accept" | "drop" | "continue" | "return" | "jump" | "goto" => {
            StmtKind::Verdict(verdict(key, inner)?)
        }
        "counter" => counter(inner, unread),
        "log" => StmtKind::Log(log(inner)),
        "reject" => StmtKind::Reject(inner.get("type").and_then(Value::as_str).map(reject_kind)),
        "dnat" | "snat" | "masquerade" | "redirect" => StmtKind::Nat(nat(key, inner, unread)),
        "mangle" => StmtKind::Mangle {
            key: expr(inner.get("key")?, unread),
            value: expr(inner.get("value")?, unread),
        },
        "notrack" => StmtKind::NoTrack,
        "limit" => StmtKind::Uncertain { what: limit(inner), reason: Reason::Rate },
        "quota" => StmtKind::Uncertain { what: quota(inner), reason: Reason::Rate },
        "ct count" => StmtKind::Uncertain {
            what: format!(
                "ct count {}{}",
                if is_true(inner.get("inv")) { "over " } else { "" },
                inner.get("val").map_or_else(String::new, text_of)
            ),
            reason: Reason::Rate,
        },
        "ct helper" | "ct timeout" | "ct expectation" => other(&format!("{key} set"), inner, unread),
        "flow" | "dup" | "last" | "secmark" => StmtKind::Other(key.clone()),
        "set" => StmtKind::SetUpdate {
            set: text_of(inner.get("set")?).trim_start_matches('@').to_owned(),
            limited: inner.get("stmt").is_some_and(|stmt| short(stmt).contains("limit")),
        },
        "map" => StmtKind::SetUpdate {
            set: text_of(inner.get("map")?).trim_start_matches('@').to_owned(),
            limited: false,
        },
        "meter" => StmtKind::SetUpdate { set: text_of(inner.get("name")?), limited: true },
        "queue" | "tproxy" | "synproxy" | "fwd" => StmtKind::Outcome(key.clone()),
        "xt" => {
            match (inner.get("type").and_then(Value::as_str), inner.get("name").and_then(Value::as_str)) {
                (Some("target"), Some(name)) => StmtKind::XtTarget(name.to_owned()),
                (_, name) => StmtKind::Uncertain {
                    what: format!("iptables match {}", name.unwrap_or("?")),
                    reason: Reason::Unread,
                },
            }
        }
        _ => return None,
    })
}

/// Statements that may be written as a text only.
fn bare(word: &str) -> Option<StmtKind> {
    match word {
        "notrack" => Some(StmtKind::NoTrack),
        _ => verdict_word(word, None).map(StmtKind::Verdict),
    }
}

fn verdict(word: &str, inner: &Value) -> Option<VerdictExpr> {
    verdict_word(word, inner.get("target").and_then(Value::as_str).map(str::to_owned))
}

fn op(text: &str) -> Option<Op> {
    Some(match text {
        "==" => Op::Eq,
        "in" => Op::Implicit,
        "!=" => Op::Ne,
        "<" => Op::Lt,
        ">" => Op::Gt,
        "<=" => Op::Le,
        ">=" => Op::Ge,
        "!" => Op::Not,
        _ => return None,
    })
}

fn counter(inner: &Value, unread: &mut Vec<String>) -> StmtKind {
    match (inner.get("packets").and_then(Value::as_u64), inner.get("bytes").and_then(Value::as_u64)) {
        (Some(packets), Some(bytes)) => StmtKind::Counter(Some(Counter { packets, bytes })),
        _ if inner.is_null() => StmtKind::Counter(None),
        _ => other("counter name", inner, unread),
    }
}

fn other(what: &str, inner: &Value, unread: &mut Vec<String>) -> StmtKind {
    match expr(inner, unread) {
        map @ Expr::Map(..) => StmtKind::OtherMap { what: format!("{what} {map}"), map },
        value => StmtKind::Other(format!("{what} {value}")),
    }
}

fn log(inner: &Value) -> Log {
    let mut log =
        Log { prefix: inner.get("prefix").and_then(Value::as_str).map(str::to_owned), options: Vec::new() };
    for key in ["level", "group", "snaplen", "queue-threshold"] {
        if let Some(value) = inner.get(key) {
            log.options.push(format!("{key} {}", text_of(value)));
        }
    }
    if let Some(flags) = inner.get("flags") {
        log.options.push(format!("flags {}", texts(flags).join(",")));
    }
    log
}

fn reject_kind(kind: &str) -> String {
    if kind == "tcp reset" { "tcp".to_owned() } else { kind.to_owned() }
}

/// A rate as text would have it: `limit rate over 10/minute burst 5 packets`, the burst only where it is not 5 packets.
fn limit(inner: &Value) -> String {
    let mut text = String::from("limit rate ");
    if is_true(inner.get("inv")) {
        text.push_str("over ");
    }
    text.push_str(&inner.get("rate").map_or_else(String::new, text_of));
    if let Some(unit) = inner.get("rate_unit") {
        text.push_str(&format!(" {}", text_of(unit)));
    }
    text.push_str(&format!("/{}", inner.get("per").map_or_else(|| "second".to_owned(), text_of)));
    let unit = inner.get("burst_unit").map_or_else(|| "packets".to_owned(), text_of);
    if let Some(burst) = inner.get("burst").filter(|burst| burst.as_u64() != Some(5) || unit != "packets") {
        text.push_str(&format!(" burst {} {unit}", text_of(burst)));
    }
    text
}

/// `quota over 25 mbytes`.
fn quota(inner: &Value) -> String {
    let part = |name: &str| inner.get(name).map_or_else(String::new, |value| format!(" {}", text_of(value)));
    format!(
        "quota{}{}{}",
        if is_true(inner.get("inv")) { " over" } else { "" },
        part("val"),
        part("val_unit")
    )
}

fn nat(word: &str, inner: &Value, unread: &mut Vec<String>) -> NatStmt {
    let options = inner.get("flags").map(texts).unwrap_or_default();
    let prefix = inner.get("type_flags").map(texts).unwrap_or_default().iter().any(|flag| flag == "prefix");
    NatStmt {
        word: word.to_owned(),
        family: inner.get("family").and_then(Value::as_str).map(str::to_owned),
        addresses: inner.get("addr").map(|value| expr(value, unread)),
        ports: inner.get("port").map(|value| expr(value, unread)),
        options: options.into_iter().filter(|option| option != "netmap").collect(),
        prefix,
    }
}

/// An expression. What is not known is named in `unread`.
pub(super) fn expr(value: &Value, unread: &mut Vec<String>) -> Expr {
    match value {
        Value::String(text) => word(text),
        Value::Number(number) => {
            number.as_u64().map_or_else(|| Expr::Word(number.to_string()), |n| Expr::Number(n.into()))
        }
        Value::Bool(exists) => Expr::Word(if *exists { "exists" } else { "missing" }.to_owned()),
        Value::Array(items) => Expr::List(items.iter().map(|item| expr(item, unread)).collect()),
        Value::Null => Expr::Unknown("null".to_owned()),
        Value::Object(object) => tagged(object, unread).unwrap_or_else(|| {
            let text = short(value);
            unread.push(text.clone());
            Expr::Unknown(text)
        }),
    }
}

fn word(text: &str) -> Expr {
    if let Some(name) = text.strip_prefix('@') {
        return Expr::SetRef(name.to_owned());
    }
    if text == "*" {
        return Expr::CatchAll;
    }
    if let Some(start) = text.strip_suffix('*') {
        return Expr::Wildcard(start.to_owned());
    }
    text.parse().map_or_else(|_| Expr::Word(text.to_owned()), Expr::Address)
}

fn tagged(object: &Map<String, Value>, unread: &mut Vec<String>) -> Option<Expr> {
    let (key, inner) = object.iter().next()?;
    Some(match key.as_str() {
        "set" => Expr::Set(match inner {
            Value::Array(items) => items.iter().map(|item| element(item, unread)).collect(),
            one => vec![element(one, unread)],
        }),
        "concat" => Expr::Concat(inner.as_array()?.iter().map(|item| expr(item, unread)).collect()),
        "prefix" => {
            let length = u8::try_from(inner.get("len")?.as_u64()?).ok()?;
            Expr::Prefix(Box::new(expr(inner.get("addr")?, unread)), length)
        }
        "range" => match inner.as_array()?.as_slice() {
            [first, last] => Expr::Range(Box::new(expr(first, unread)), Box::new(expr(last, unread))),
            _ => return None,
        },
        "elem" => expr(inner.get("val")?, unread),
        "map" => {
            Expr::Map(Box::new(expr(inner.get("key")?, unread)), Box::new(expr(inner.get("data")?, unread)))
        }
        "&" => binary(BinaryOp::And, inner, unread)?,
        "|" => binary(BinaryOp::Or, inner, unread)?,
        "^" => binary(BinaryOp::Xor, inner, unread)?,
        "<<" => binary(BinaryOp::Left, inner, unread)?,
        ">>" => binary(BinaryOp::Right, inner, unread)?,
        "accept" | "drop" | "continue" | "return" | "jump" | "goto" => Expr::Verdict(verdict(key, inner)?),
        _ => Expr::Selector(selector(key, inner)?),
    })
}

fn element(value: &Value, unread: &mut Vec<String>) -> Element {
    match value.as_array().map(Vec::as_slice) {
        Some([key, data]) => Element { key: expr(key, unread), data: Some(expr(data, unread)) },
        _ => Element { key: expr(value, unread), data: None },
    }
}

/// Operators take two or more operands.
fn binary(op: BinaryOp, inner: &Value, unread: &mut Vec<String>) -> Option<Expr> {
    let mut operands = inner.as_array()?.iter().map(|item| expr(item, unread));
    let first = operands.next()?;
    let all: Vec<Expr> = operands.collect();
    (!all.is_empty())
        .then(|| all.into_iter().fold(first, |left, right| Expr::Binary(op, Box::new(left), Box::new(right))))
}

fn selector(key: &str, inner: &Value) -> Option<Selector> {
    let part = |name: &str| inner.get(name).map_or_else(String::new, text_of);
    let opaque = |words: &[String], reason| {
        let text = words.iter().filter(|word| !word.is_empty()).cloned().collect::<Vec<_>>().join(" ");
        Some(Selector::Opaque { text, reason })
    };
    match key {
        "payload" => match inner.get("protocol") {
            Some(protocol) => Some(Selector::Payload { protocol: text_of(protocol), field: part("field") }),
            None => Some(raw_payload(format!("@{},{},{}", part("base"), part("offset"), part("len")))),
        },
        "meta" => Some(Selector::Meta(part("key"))),
        "ct" => {
            let key = match inner.get("family") {
                Some(family) => format!("{} {}", text_of(family), part("key")),
                None => part("key"),
            };
            Some(Selector::Ct { key, direction: inner.get("dir").map(text_of) })
        }
        "fib" => opaque(
            &[
                "fib".to_owned(),
                inner.get("flags").map(texts).unwrap_or_default().join(" . "),
                part("result"),
            ],
            Reason::Route,
        ),
        "exthdr" => opaque(&["exthdr".to_owned(), part("name"), part("field")], Reason::Header),
        "tcp option" | "ip option" | "sctp chunk" | "dccp option" => {
            opaque(&[key.to_owned(), part("name"), part("field")], Reason::Header)
        }
        "rt" => opaque(&["rt".to_owned(), part("family"), part("key")], Reason::Route),
        "socket" => opaque(&["socket".to_owned(), part("key")], Reason::Owner),
        "osf" => opaque(&["osf".to_owned(), part("key")], Reason::Payload),
        "ipsec" => opaque(&["ipsec".to_owned(), part("dir"), part("key")], Reason::Connection),
        "numgen" => {
            opaque(&["numgen".to_owned(), part("mode"), "mod".to_owned(), part("mod")], Reason::Random)
        }
        "jhash" | "symhash" => opaque(&[key.to_owned(), "mod".to_owned(), part("mod")], Reason::Random),
        _ => None,
    }
}

fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool).unwrap_or(false)
}

/// A text without quotes, or any other value as JSON.
pub(super) fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().map_or_else(|| vec![text_of(value)], |items| items.iter().map(text_of).collect())
}

/// The beginning of a value as JSON.
fn short(value: &Value) -> String {
    value.to_string().chars().take(80).collect()
}
