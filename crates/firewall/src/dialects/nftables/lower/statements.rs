//! The statements of a rule, one after the other.

use super::draft::Draft;
use super::fields::{Part, field, of_protocol, version};
use super::{Lowering, TableContext};
use crate::dialects::iptables::{TargetKind, target_kind};
use crate::dialects::nftables::ast::{BinaryOp, Expr, Op, RuleDecl, Selector, Stmt, StmtKind, VerdictExpr};
use crate::ruleset::{Condition, Effect, IpVersion, Log, MarkOf, Nat, NatKind, Reason, Verdict};
use zonewright_source::{Diagnostic, nearest};

/// Most rules that the maps of one rule may become.
const RULES_OF_ONE_MAX: usize = 100_000;

impl Lowering<'_> {
    /// The rules that one rule of the configuration becomes, in order.
    pub(super) fn rule(&mut self, table: &TableContext, decl: &RuleDecl) -> Vec<Draft> {
        let mut done = Vec::new();
        let mut open = vec![Draft::default()];
        for (at, stmt) in decl.stmts.iter().enumerate() {
            self.span = stmt.span.clone();
            let last = decl
                .stmts
                .get(at + 1..)
                .is_none_or(|rest| rest.iter().all(|stmt| matches!(stmt.kind, StmtKind::Comment(_))));
            let mut next = Vec::new();
            for draft in std::mem::take(&mut open) {
                self.statement(table, draft, stmt, last, &mut done, &mut next);
            }
            if next.len() + done.len() > RULES_OF_ONE_MAX {
                next.truncate(1);
                let message = format!("the maps of this rule stand for more than {RULES_OF_ONE_MAX} rules");
                let span = self.span.clone();
                self.reading.report(&span, Diagnostic::warning("firewall/too-many-rules", message));
                next.iter_mut().for_each(|draft| draft.doubt(message_of(stmt), Reason::Unread));
            }
            open = next;
        }
        let comment = decl.stmts.iter().find_map(|stmt| match &stmt.kind {
            StmtKind::Comment(comment) => Some(comment.clone()),
            _ => None,
        });
        done.extend(open);
        let until = decl.stmts.iter().filter_map(last_moment).min();
        for draft in &mut done {
            draft.comment.clone_from(&comment);
            draft.until = until;
        }
        done
    }

    fn statement(
        &mut self,
        table: &TableContext,
        mut draft: Draft,
        stmt: &Stmt,
        last: bool,
        done: &mut Vec<Draft>,
        next: &mut Vec<Draft>,
    ) {
        if asks(&stmt.kind) {
            done.extend(draft.split());
        }
        match &stmt.kind {
            StmtKind::Match { left, op, right } => {
                for condition in self.matched(table, (left, *op, right), &draft.conditions) {
                    draft.require(condition);
                }
            }
            StmtKind::Vmap { key, data } => {
                done.extend(self.vmap(table, &draft, key, data));
                if last {
                    return;
                }
            }
            StmtKind::Verdict(verdict) => draft.verdict = Some(self.verdict(table, verdict)),
            StmtKind::Counter(counter) => draft.counter = *counter,
            StmtKind::Log(log) => draft.log = Some(log.clone()),
            StmtKind::Reject(kind) => {
                let implied = match kind.as_deref() {
                    Some("tcp") => of_protocol("tcp"),
                    Some("icmp") => version(IpVersion::V4, table.family),
                    Some("icmpv6") => version(IpVersion::V6, table.family),
                    _ => None,
                };
                implied.into_iter().for_each(|condition| draft.require(condition));
                draft.verdict = Some(Verdict::Reject);
            }
            StmtKind::Nat(nat) => {
                done.extend(self.nat(table, &draft, nat));
                return;
            }
            StmtKind::Mangle { key, value } => {
                self.mangle(table, draft, key, value, next);
                return;
            }
            StmtKind::NoTrack => draft.effects.push(Effect::NoTrack),
            StmtKind::Uncertain { what, reason } => {
                if *reason == Reason::Unread {
                    self.extension(what);
                }
                draft.doubt(what.clone(), *reason);
            }
            StmtKind::Other(what) => draft.effects.push(Effect::Other(what.clone())),
            StmtKind::OtherMap { what, map } => self.other_map(table, &mut draft, what, map),
            StmtKind::SetUpdate { set, limited } => {
                if *limited {
                    draft.doubt(format!("limit by set {set}"), Reason::Rate);
                }
                draft.effects.push(Effect::Other(format!("update set {set}")));
            }
            StmtKind::Outcome(what) => draft.verdict = Some(Verdict::Unknown(what.clone())),
            StmtKind::XtTarget(name) => {
                self.extension(name);
                xt_target(&mut draft, name);
            }
            StmtKind::Comment(_) => {}
            StmtKind::Unread(text) => unread(&mut draft, text, last),
        }
        if draft.verdict.is_some() { done.push(draft) } else { next.push(draft) }
    }

    fn verdict(&mut self, table: &TableContext, verdict: &VerdictExpr) -> Verdict {
        let (name, jump) = match verdict {
            VerdictExpr::Accept => return Verdict::Accept,
            VerdictExpr::Drop => return Verdict::Drop,
            VerdictExpr::Continue => return Verdict::Continue,
            VerdictExpr::Return => return Verdict::Return,
            VerdictExpr::Jump(name) => (name, true),
            VerdictExpr::Goto(name) => (name, false),
        };
        match table.chains.get(name) {
            Some(id) if jump => Verdict::Jump(*id),
            Some(id) => Verdict::Goto(*id),
            None => {
                let help = match nearest(name, table.chains.keys().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "read the output of `nft list ruleset`, which holds every chain".to_owned(),
                };
                let unknown = Diagnostic::warning(
                    "firewall/unknown-name",
                    format!("chain `{name}` is not declared in this file"),
                )
                .because("what becomes of the packet there is not known")
                .help(help);
                let span = self.span.clone();
                self.reading.report(&span, unknown);
                Verdict::Unknown(verdict.to_string())
            }
        }
    }

    /// One rule per verdict of a map.
    fn vmap(&mut self, table: &TableContext, draft: &Draft, key: &Expr, data: &Expr) -> Vec<Draft> {
        let entries = match self.map_entries(table, key, data, &draft.conditions) {
            Ok(entries) => entries,
            Err(undecided) => {
                let mut draft = draft.clone();
                draft.doubt(format!("{key} vmap"), undecided.0);
                draft.verdict = Some(Verdict::Unknown(format!("{key} vmap {data}")));
                return vec![draft];
            }
        };
        let mut drafts = Vec::new();
        for (conditions, datum) in entries {
            let mut draft = draft.clone();
            conditions.into_iter().for_each(|condition| draft.require(condition));
            draft.verdict = Some(match &datum {
                Expr::Verdict(verdict) => self.verdict(table, verdict),
                other => Verdict::Unknown(other.to_string()),
            });
            drafts.push(draft);
        }
        drafts
    }

    /// `KEY set VALUE`.
    fn mangle(
        &mut self,
        table: &TableContext,
        mut draft: Draft,
        key: &Expr,
        value: &Expr,
        next: &mut Vec<Draft>,
    ) {
        let part = match key {
            Expr::Selector(selector) => field(selector, table.family).part,
            _ => Part::Opaque(Reason::Unread),
        };
        if let Expr::Map(map_key, data) = value {
            match self.map_entries(table, map_key, data, &draft.conditions) {
                Ok(entries) => {
                    for (conditions, datum) in entries {
                        let mut draft = draft.clone();
                        conditions.into_iter().for_each(|condition| draft.require(condition));
                        draft.effects.extend(Self::set_effects(key, part, &datum));
                        next.push(draft);
                    }
                    return;
                }
                Err(undecided) => draft.doubt(format!("{map_key} map"), undecided.0),
            }
        }
        draft.effects.extend(Self::set_effects(key, part, value));
        next.push(draft);
    }

    fn set_effects(key: &Expr, part: Part, value: &Expr) -> Vec<Effect> {
        match part {
            Part::Mark(of) => Self::mark_effects(of, value),
            Part::Address { .. }
            | Part::Port { .. }
            | Part::Protocol
            | Part::TcpFlags
            | Part::IcmpType(_)
            | Part::IcmpCode(_) => {
                vec![Effect::Rewrite(format!("{key} set {value}"))]
            }
            _ => vec![Effect::Other(format!("{key} set {value}"))],
        }
    }

    /// A mark becomes `(source & keep) ^ flip`; anything else scrambles it.
    fn mark_effects(of: MarkOf, value: &Expr) -> Vec<Effect> {
        match linear(value) {
            None => vec![Effect::ScrambleMark { of }],
            Some((source, keep, flip)) => match source {
                Some(from) if from != of => {
                    let copy = Effect::CopyMark { from, to: of, mask: u32::MAX };
                    if (keep, flip) == (u32::MAX, 0) {
                        vec![copy]
                    } else {
                        vec![copy, Effect::SetMark { of, keep, flip }]
                    }
                }
                _ => vec![Effect::SetMark { of, keep, flip }],
            },
        }
    }

    /// Something without bearing on passing, found through a map: where the map has no entry, the rule ends.
    fn other_map(&mut self, table: &TableContext, draft: &mut Draft, what: &str, map: &Expr) {
        if let Expr::Map(key, data) = map {
            match self.map_entries(table, key, data, &draft.conditions) {
                Ok(entries) => {
                    let of = entries.into_iter().map(|(conditions, _)| conditions).collect();
                    draft.require(Condition::Any { of, negated: false });
                }
                Err(undecided) => draft.doubt(format!("{key} map"), undecided.0),
            }
        }
        draft.effects.push(Effect::Other(what.to_owned()));
    }

    /// Reports an extension of iptables whose options the listing leaves out.
    fn extension(&mut self, name: &str) {
        let unread = Diagnostic::warning(
            "firewall/iptables-extension",
            format!("the listing leaves out the options of `{name}`"),
        )
        .because(
            "this table was made by iptables-nft, and nft does not know what the extension asks for or does",
        )
        .help("export the configuration with `iptables-save` and `ip6tables-save`");
        let span = self.span.clone();
        self.reading.report(&span, unread);
    }
}

/// An expression over marks as source, bits kept, bits flipped.
fn linear(value: &Expr) -> Option<(Option<MarkOf>, u32, u32)> {
    match value {
        Expr::Selector(Selector::Meta(key)) if key == "mark" => Some((Some(MarkOf::Packet), u32::MAX, 0)),
        Expr::Selector(Selector::Ct { key, direction: None }) if key == "mark" => {
            Some((Some(MarkOf::Connection), u32::MAX, 0))
        }
        Expr::Binary(op, left, right) => {
            let (source, keep, flip) = linear(left)?;
            let number = match linear(right)? {
                (None, _, number) => number,
                _ => return None,
            };
            match op {
                BinaryOp::And => Some((source, keep & number, flip & number)),
                BinaryOp::Or => Some((source, keep & !number, (flip & !number) | number)),
                BinaryOp::Xor => Some((source, keep, flip ^ number)),
                BinaryOp::Left | BinaryOp::Right if source.is_none() => {
                    let shifted = if *op == BinaryOp::Left {
                        flip.checked_shl(number)?
                    } else {
                        flip.checked_shr(number)?
                    };
                    Some((None, 0, shifted))
                }
                BinaryOp::Left | BinaryOp::Right => None,
            }
        }
        Expr::Number(number) => Some((None, 0, u32::try_from(*number).ok()?)),
        _ => None,
    }
}

/// Whether a statement may end the rule for some packets, so that what came before it stands by itself.
const fn asks(kind: &StmtKind) -> bool {
    match kind {
        StmtKind::Match { .. }
        | StmtKind::Vmap { .. }
        | StmtKind::Uncertain { .. }
        | StmtKind::OtherMap { .. }
        | StmtKind::SetUpdate { limited: true, .. }
        | StmtKind::Unread(_) => true,
        StmtKind::Nat(nat) => {
            matches!(nat.addresses, Some(Expr::Map(..))) || matches!(nat.ports, Some(Expr::Map(..)))
        }
        StmtKind::Mangle { value, .. } => matches!(value, Expr::Map(..)),
        _ => false,
    }
}

/// A target of iptables of which only the name is known.
fn xt_target(draft: &mut Draft, name: &str) {
    let nat = |kind| {
        let unknown = (kind != NatKind::Masquerade).then(|| format!("options of {name}"));
        Verdict::Nat(Nat { kind, addresses: None, ports: None, options: Vec::new(), unknown })
    };
    match target_kind(name) {
        TargetKind::Log => draft.log = Some(Log::default()),
        TargetKind::Harmless => draft.effects.push(Effect::Other(name.to_owned())),
        TargetKind::Reject => draft.verdict = Some(Verdict::Reject),
        TargetKind::Nat(kind) => draft.verdict = Some(nat(kind)),
        TargetKind::Mark => {
            draft.effects.push(Effect::ScrambleMark { of: MarkOf::Packet });
            draft.effects.push(Effect::ScrambleMark { of: MarkOf::Connection });
        }
        TargetKind::Other => draft.verdict = Some(Verdict::Unknown(name.to_owned())),
    }
}

/// The end of `meta time < "2026-12-31 23:59:59"` and of `meta time "…"-"…"`.
fn last_moment(stmt: &Stmt) -> Option<jiff::civil::DateTime> {
    let StmtKind::Match { left: Expr::Selector(Selector::Meta(key)), op, right } = &stmt.kind else {
        return None;
    };
    let end = match (op, right) {
        (Op::Lt | Op::Le, single) => single,
        (Op::Eq | Op::Implicit, Expr::Range(_, last)) => last,
        _ => return None,
    };
    match end {
        Expr::Word(text) if key == "time" => text.parse().ok().or_else(|| {
            let date: jiff::civil::Date = text.parse().ok()?;
            Some(date.at(0, 0, 0, 0))
        }),
        _ => None,
    }
}

/// What was not understood: a condition that may hold, and, at the end of a rule, a verdict that may be any. Where
/// the text ends in a plain verdict, it is that one.
fn unread(draft: &mut Draft, text: &str, last: bool) {
    draft.doubt(text.to_owned(), Reason::Unread);
    if text.contains("mark") {
        draft.effects.push(Effect::ScrambleMark { of: MarkOf::Packet });
        draft.effects.push(Effect::ScrambleMark { of: MarkOf::Connection });
    }
    if !last {
        return;
    }
    draft.verdict = Some(match text.split_whitespace().last() {
        Some("accept") => Verdict::Accept,
        Some("drop") => Verdict::Drop,
        Some("reject") => Verdict::Reject,
        Some("return") => Verdict::Return,
        _ => Verdict::Unknown(text.to_owned()),
    });
}

fn message_of(stmt: &Stmt) -> String {
    match &stmt.kind {
        StmtKind::Mangle { key, value } => format!("{key} set {value}"),
        _ => "a map".to_owned(),
    }
}
