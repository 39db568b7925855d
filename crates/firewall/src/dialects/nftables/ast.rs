//! What nftables text and JSON are both parsed into: expressions, statements, tables.
//!
//! Names and numbers are still as written; `lower` gives them their meaning.

use crate::dialects::{Named, NamedList};
use crate::ruleset::{ChainKind, Counter, Family, Hook, Log, Policy, Reason};
use std::net::IpAddr;
use std::ops::Range;

/// Where something stands: a span of bytes, and in JSON the entry of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Spot {
    pub(super) span: Range<usize>,
    pub(super) entry: u64,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// A bare or quoted word.
    Word(String),
    /// The beginning of a name, written with a star.
    Wildcard(String),
    /// A number.
    Number(u128),
    /// An address.
    Address(IpAddr),
    /// `*` as an element: everything else.
    CatchAll,
    /// A named set or map.
    SetRef(String),
    /// Something of the packet that is looked at.
    Selector(Selector),
    /// `10.0.0.0/8`.
    Prefix(Box<Expr>, u8),
    /// `1-9`.
    Range(Box<Expr>, Box<Expr>),
    /// `a . b`.
    Concat(Vec<Expr>),
    /// `a,b`: flags.
    List(Vec<Expr>),
    /// `{ … }`.
    Set(Vec<Element>),
    /// `key map { … }`.
    Map(Box<Expr>, Box<Expr>),
    /// `a & b` and the like.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// A verdict, as data of a map.
    Verdict(VerdictExpr),
    /// Written, but not understood or not resolved.
    Unknown(String),
}

/// An element of a set (without data) or a map.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Element {
    pub(super) key: Expr,
    pub(super) data: Option<Expr>,
}

/// Operators on bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BinaryOp {
    And,
    Or,
    Xor,
    Left,
    Right,
}

/// Operators of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    /// None written: equality, for flags "any of".
    Implicit,
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
    /// `!`: none of these flags.
    Not,
}

/// A part of the packet or of what the kernel knows of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Selector {
    /// `ip saddr`.
    Payload { protocol: String, field: String },
    /// `meta l4proto`.
    Meta(String),
    /// `ct state`, `ct original ip daddr`.
    Ct { key: String, direction: Option<String> },
    /// Anything else, with the reason why a configuration does not decide it, and the IP version it implies.
    Opaque { text: String, reason: Reason },
}

/// A verdict as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum VerdictExpr {
    Accept,
    Drop,
    Continue,
    Return,
    Jump(String),
    Goto(String),
}

/// A statement of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stmt {
    pub(super) kind: StmtKind,
    pub(super) span: Range<usize>,
}

/// The kinds of statements of a rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum StmtKind {
    Match {
        left: Expr,
        op: Op,
        right: Expr,
    },
    Vmap {
        key: Expr,
        data: Expr,
    },
    Verdict(VerdictExpr),
    Counter(Option<Counter>),
    Log(Log),
    /// The kind of the answer (`tcp reset`, `icmp`, `icmpv6`, `icmpx`), if written.
    Reject(Option<String>),
    Nat(NatStmt),
    Mangle {
        key: Expr,
        value: Expr,
    },
    NoTrack,
    /// A condition that the configuration does not decide.
    Uncertain {
        what: String,
        reason: Reason,
    },
    /// Something that does not bear on which packets pass.
    Other(String),
    /// The same through a map: the rule ends where the map has no entry.
    OtherMap {
        what: String,
        map: Expr,
    },
    /// A set is changed by the packet.
    SetUpdate {
        set: String,
        limited: bool,
    },
    /// What becomes of the packet is not told by the configuration.
    Outcome(String),
    /// A target of iptables whose options this form of listing leaves out.
    XtTarget(String),
    Comment(String),
    /// Not understood.
    Unread(String),
}

/// A translation as written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct NatStmt {
    /// `dnat`, `snat`, `masquerade`, `redirect`.
    pub(super) word: String,
    /// The family of the addresses, where it is written.
    pub(super) family: Option<String>,
    pub(super) addresses: Option<Expr>,
    pub(super) ports: Option<Expr>,
    pub(super) options: Vec<String>,
    /// Prefix to prefix.
    pub(super) prefix: bool,
}

/// A table.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) family: Family,
    pub(super) name: String,
    pub(super) dormant: bool,
    pub(super) chains: NamedList<ChainDecl>,
    pub(super) sets: NamedList<SetDecl>,
}

/// A chain.
#[derive(Debug, Clone)]
pub(super) struct ChainDecl {
    pub(super) name: String,
    pub(super) spot: Spot,
    pub(super) base: Option<BaseDecl>,
    pub(super) policy: Option<Policy>,
    pub(super) comment: Option<String>,
    pub(super) rules: Vec<RuleDecl>,
}

/// Where a base chain stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaseDecl {
    pub(super) kind: ChainKind,
    pub(super) hook: Hook,
    pub(super) priority: i32,
    pub(super) devices: Vec<String>,
}

/// A rule.
#[derive(Debug, Clone)]
pub(super) struct RuleDecl {
    pub(super) stmts: Vec<Stmt>,
    pub(super) spot: Spot,
    pub(super) handle: Option<u64>,
}

/// A set or map.
#[derive(Debug, Clone)]
pub(super) struct SetDecl {
    pub(super) name: String,
    pub(super) spot: Spot,
    pub(super) type_name: String,
    pub(super) dynamic: bool,
    pub(super) elements: Vec<Element>,
}

impl Named for ChainDecl {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for SetDecl {
    fn name(&self) -> &str {
        &self.name
    }
}
