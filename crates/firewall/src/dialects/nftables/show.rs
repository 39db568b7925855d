//! Expressions as text, the same for what came from text and from JSON.

use super::ast::{BinaryOp, Element, Expr, Op, Selector, VerdictExpr};
use std::fmt;

/// Longest text that is kept of something; what is longer is cut and marked with an ellipsis.
const TEXT_CHARS_MAX: usize = 120;

/// The text of a match that is not decided.
pub(super) fn shown(left: &Expr, op: Op, right: &Expr) -> String {
    let text = format!("{left}{} {right}", op_text(op));
    let text = text.trim_end();
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

const fn op_text(op: Op) -> &'static str {
    match op {
        Op::Implicit | Op::Eq => "",
        Op::Ne => " !=",
        Op::Lt => " <",
        Op::Gt => " >",
        Op::Le => " <=",
        Op::Ge => " >=",
        Op::Not => " !",
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload { protocol, field } => write!(f, "{protocol} {field}"),
            Self::Meta(key) => write!(f, "meta {key}"),
            Self::Ct { key, direction: Some(direction) } => write!(f, "ct {direction} {key}"),
            Self::Ct { key, direction: None } => write!(f, "ct {key}"),
            Self::Opaque { text, .. } => f.write_str(text),
        }
    }
}

impl fmt::Display for VerdictExpr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept => f.write_str("accept"),
            Self::Drop => f.write_str("drop"),
            Self::Continue => f.write_str("continue"),
            Self::Return => f.write_str("return"),
            Self::Jump(chain) => write!(f, "jump {chain}"),
            Self::Goto(chain) => write!(f, "goto {chain}"),
        }
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.key)?;
        self.data.as_ref().map_or(Ok(()), |data| write!(f, " : {data}"))
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) | Self::Unknown(word) => f.write_str(word),
            Self::Wildcard(start) => write!(f, "{start}*"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::CatchAll => f.write_str("*"),
            Self::SetRef(name) => write!(f, "@{name}"),
            Self::Selector(selector) => write!(f, "{selector}"),
            Self::Prefix(inner, length) => write!(f, "{inner}/{length}"),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
            Self::Concat(parts) => joined(f, parts, " . "),
            Self::List(items) => joined(f, items, ","),
            Self::Set(elements) => {
                f.write_str("{ ")?;
                joined(f, elements, ", ")?;
                f.write_str(" }")
            }
            Self::Map(key, data) => write!(f, "{key} map {data}"),
            Self::Binary(op, a, b) => write!(f, "{a} {} {b}", binary_text(*op)),
            Self::Verdict(verdict) => write!(f, "{verdict}"),
        }
    }
}

const fn binary_text(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::And => "&",
        BinaryOp::Or => "|",
        BinaryOp::Xor => "^",
        BinaryOp::Left => "<<",
        BinaryOp::Right => ">>",
    }
}

fn joined<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T], between: &str) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if at > 0 { between } else { "" })?;
    }
    Ok(())
}
