//! The JSON form (`nft -j list ruleset`; libnftables-json(5)) into the same tables as text.

use super::ast::{BaseDecl, ChainDecl, Expr, RuleDecl, SetDecl, Spot};
use super::commands::RULES_MAX;
use super::json_stmt::{expr, stmts, text_of};
use super::tables::{TableName, Tables};
use super::words;
use crate::dialects::Reading;
use crate::ruleset::{Family, Hook, LineState, Policy};
use serde_json::{Map, Value};
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Reads a JSON listing: an object with a list `nftables`. Entries in front of a place where the text is broken are
/// read; the break is reported.
pub(super) fn tables(text: &str, reading: &mut Reading) -> Tables {
    let mut reader = JsonReader { tables: Tables::default(), reading, rules: 0, spot: Spot::default() };
    let (entries, end) = entries(text);
    let count = entries.len() as u64;
    for (at, span) in entries.into_iter().enumerate() {
        reader.entry(at as u64 + 1, text.get(span.clone()).unwrap_or_default(), span);
    }
    if let Some(at) = end {
        reader.reading.at_entry(count + 1);
        let broken = Diagnostic::warning("firewall/broken-json", "the JSON text ends or breaks here")
            .because("what stands behind is not in the ruleset")
            .help("export the configuration again with `nft -j list ruleset`");
        reader.reading.report(&(at..at), broken);
    }
    reader.tables
}

/// The spans of the entries of the list `nftables`, and where the list breaks off, if it does.
fn entries(text: &str) -> (Vec<Range<usize>>, Option<usize>) {
    let list = text.find("\"nftables\"").and_then(|at| text.get(at..)?.find('[').map(|open| at + open + 1));
    let Some(start) = list else { return (Vec::new(), Some(0)) };
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let (mut in_string, mut escaped) = (false, false);
    let mut open = start;
    for (offset, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                if depth == 0 {
                    open = offset;
                }
                depth += 1;
            }
            b']' if depth == 0 => return (found, None),
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    found.push(open..offset + 1);
                }
            }
            _ => {}
        }
    }
    (found, Some(text.len()))
}

struct JsonReader<'a> {
    tables: Tables,
    reading: &'a mut Reading,
    rules: usize,
    spot: Spot,
}

impl JsonReader<'_> {
    fn entry(&mut self, number: u64, text: &str, span: Range<usize>) {
        self.reading.at_entry(number);
        self.spot = Spot { span, entry: number };
        let state = match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(object)) => self.object(&object),
            Ok(_) => Err("an object".to_owned()),
            Err(error) => Err(format!("JSON ({error})")),
        };
        match state {
            Ok(state) => self.reading.account(&self.spot.span.clone(), state),
            Err(expected) => self.warn("firewall/unread-statement", format!("expected {expected}")),
        }
    }

    fn warn(&mut self, code: &'static str, message: String) {
        let warning = Diagnostic::warning(code, message)
            .because("what this entry does is not in the ruleset")
            .help("export the configuration with `nft -j list ruleset`");
        self.reading.report(&self.spot.span.clone(), warning);
    }

    fn object(&mut self, object: &Map<String, Value>) -> Result<LineState, String> {
        let Some((key, value)) = object.iter().next() else { return Err("an entry with one key".to_owned()) };
        match key.as_str() {
            "add" | "create" => match value.as_object() {
                Some(inner) => self.object(inner),
                None => Err("an object behind `add`".to_owned()),
            },
            "metainfo" | "list" => Ok(LineState::Ignored),
            "counter" | "quota" | "limit" | "ct helper" | "ct timeout" | "ct expectation" | "flowtable"
            | "secmark" | "synproxy" => Ok(LineState::Ignored),
            "table" => self.table(value),
            "chain" => self.chain(value),
            "rule" => self.rule(value, None),
            "set" => self.set(value, false),
            "map" => self.set(value, true),
            "element" => self.element(value),
            "flush" | "delete" | "destroy" => self.remove(key, value),
            "insert" => match value.get("rule") {
                Some(rule) => self.rule(rule, Some(0)),
                None => Err("a rule behind `insert`".to_owned()),
            },
            _ => Err(format!("a known kind of entry, found `{key}`")),
        }
    }

    fn table(&mut self, value: &Value) -> Result<LineState, String> {
        let name = TableName { family: family(value)?, name: string(value, "name")? };
        let table = self.tables.declare(&name);
        table.dormant |= words_of(value.get("flags")).iter().any(|flag| flag == "dormant");
        Ok(LineState::Modeled)
    }

    fn chain(&mut self, value: &Value) -> Result<LineState, String> {
        let table = table_name(value)?;
        let name = string(value, "name")?;
        let base = match value.get("hook").and_then(Value::as_str) {
            None => None,
            Some(hook) => Some(BaseDecl {
                kind: words::chain_kind(&string(value, "type")?).ok_or("a known kind of chain")?,
                hook: words::hook(hook).ok_or_else(|| format!("a known hook, found `{hook}`"))?,
                priority: priority(value, table.family)?,
                devices: words_of(value.get("dev")),
            }),
        };
        let stated = value.get("policy").and_then(Value::as_str);
        let policy = stated.map(|word| words::policy(word).unwrap_or(Policy::Unknown));
        if base
            .as_ref()
            .is_some_and(|base| matches!(base.hook, Hook::Ingress | Hook::Egress) && base.devices.is_empty())
        {
            let untold = Diagnostic::warning(
                "firewall/device-not-told",
                format!("the device of chain `{name}` is not told"),
            )
            .because("this version of nft leaves it out of JSON; the chain may see the packets of any device")
            .help("export the configuration as text with `nft list ruleset`");
            self.reading.report(&self.spot.span.clone(), untold);
        }
        let comment = value.get("comment").and_then(Value::as_str).map(str::to_owned);
        let spot = self.spot.clone();
        let chain: &mut ChainDecl = self.tables.declare(&table).declare_chain(&name, &spot);
        (chain.base, chain.policy, chain.comment) = (base, policy, comment);
        match policy {
            Some(Policy::Unknown) => Err("the policy `accept` or `drop`".to_owned()),
            _ => Ok(LineState::Modeled),
        }
    }

    fn rule(&mut self, value: &Value, at: Option<usize>) -> Result<LineState, String> {
        let table = table_name(value)?;
        let chain = string(value, "chain")?;
        self.rules += 1;
        if self.rules > RULES_MAX {
            let message = format!("the file has more than {RULES_MAX} rules; this one was left out");
            self.reading
                .report(&self.spot.span.clone(), Diagnostic::error("firewall/too-many-rules", message));
            return Ok(LineState::Warned);
        }
        let mut unread = Vec::new();
        let mut list = stmts(value.get("expr").unwrap_or(&Value::Null), &self.spot.span, &mut unread);
        if let Some(comment) = value.get("comment").and_then(Value::as_str) {
            list.push(super::ast::Stmt {
                kind: super::ast::StmtKind::Comment(comment.to_owned()),
                span: self.spot.span.clone(),
            });
        }
        for what in unread {
            self.warn(
                "firewall/unread-statement",
                format!("expected a known statement or expression, found `{what}`"),
            );
        }
        let rule = RuleDecl {
            stmts: list,
            spot: self.spot.clone(),
            handle: value.get("handle").and_then(Value::as_u64),
        };
        let spot = self.spot.clone();
        self.tables.declare(&table).declare_chain(&chain, &spot).insert(at.unwrap_or(usize::MAX), rule);
        Ok(LineState::Modeled)
    }

    fn set(&mut self, value: &Value, is_map: bool) -> Result<LineState, String> {
        let table = table_name(value)?;
        let flags = words_of(value.get("flags"));
        let mut type_name = words_of(value.get("type")).join(" . ");
        if let Some(data) = value.get("map").filter(|_| is_map) {
            type_name = format!("{type_name} : {}", words_of(Some(data)).join(" . "));
        }
        let mut unread = Vec::new();
        let elements = elements(value.get("elem"), &mut unread);
        for what in unread {
            self.warn("firewall/unread-expression", format!("expected an element of a set, found `{what}`"));
        }
        self.tables.declare(&table).declare_set(SetDecl {
            name: string(value, "name")?,
            spot: self.spot.clone(),
            type_name,
            dynamic: flags.iter().any(|flag| flag == "dynamic" || flag == "timeout")
                || value.get("timeout").is_some(),
            elements,
        });
        Ok(LineState::Modeled)
    }

    fn element(&mut self, value: &Value) -> Result<LineState, String> {
        let table = table_name(value)?;
        let name = string(value, "name")?;
        let mut unread = Vec::new();
        let elements = elements(value.get("elem"), &mut unread);
        for what in unread {
            self.warn("firewall/unread-expression", format!("expected an element of a set, found `{what}`"));
        }
        match self.tables.find(&table).and_then(|found| found.set(&name)) {
            Some(set) => set.elements.extend(elements),
            None => return Err(format!("a set that is declared before, found `{name}`")),
        }
        Ok(LineState::Modeled)
    }

    fn remove(&mut self, verb: &str, value: &Value) -> Result<LineState, String> {
        let Some((what, inner)) = value.as_object().and_then(|object| object.iter().next()) else {
            return Err(format!("an object behind `{verb}`"));
        };
        match (verb, what.as_str()) {
            ("flush", "ruleset") => self.tables.flush(family(inner).ok()),
            ("flush", "table") => {
                let name = TableName { family: family(inner)?, name: string(inner, "name")? };
                if let Some(table) = self.tables.find(&name) {
                    table.chains.iter_mut().for_each(|chain| chain.rules.clear());
                }
            }
            ("delete" | "destroy", "table") => {
                let name = TableName { family: family(inner)?, name: string(inner, "name")? };
                self.tables.delete(&name);
            }
            _ => return Err(format!("a plain listing, found `{verb} {what}`")),
        }
        Ok(LineState::Modeled)
    }
}

fn elements(value: Option<&Value>, unread: &mut Vec<String>) -> Vec<super::ast::Element> {
    match value {
        None => Vec::new(),
        Some(list) => match expr(&serde_json::json!({ "set": list }), unread) {
            Expr::Set(elements) => elements,
            _ => Vec::new(),
        },
    }
}

fn family(value: &Value) -> Result<Family, String> {
    let word = value.get("family").and_then(Value::as_str).ok_or("a family")?;
    words::family(word).ok_or_else(|| format!("a known family, found `{word}`"))
}

fn table_name(value: &Value) -> Result<TableName, String> {
    Ok(TableName { family: family(value)?, name: string(value, "table")? })
}

fn string(value: &Value, key: &str) -> Result<String, String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("a text `{key}`"))
}

fn priority(value: &Value, family: Family) -> Result<i32, String> {
    let found = value.get("prio").ok_or("a priority")?;
    match found.as_i64() {
        Some(number) => i32::try_from(number).map_err(|_| "a priority of 32 bits".to_owned()),
        None => words::priority(&text_of(found), family).ok_or_else(|| "a priority".to_owned()),
    }
}

/// One text or a list of texts.
fn words_of(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().map(text_of).collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![text_of(one)],
    }
}
