//! Statements of a rule in nftables text.

use super::ast::{Expr, NatStmt, Op, Selector, Stmt, StmtKind, VerdictExpr};
use super::lexer::TokenKind;
use super::parse_expr::Words;
use super::parser::{Parser, Stop};
use crate::ruleset::{Counter, Log, Reason};

impl Parser<'_> {
    /// All statements up to the end of the rule. Where one is not understood, the rest is skipped and an
    /// [`StmtKind::Unread`] stands for it.
    pub(super) fn rule_statements(&mut self) -> Vec<Stmt> {
        let start = self.position();
        let mut stmts: Vec<Stmt> = Vec::new();
        while !self.at_statement_end() {
            let from = self.position();
            self.depth = 0;
            match self.statement() {
                Ok(kind) => stmts.push(Stmt { kind, span: self.span_since(from) }),
                Err(stop) => {
                    self.skip_statement();
                    let text = self.text_since(from);
                    stmts.push(Stmt { kind: StmtKind::Unread(text), span: self.span_since(from) });
                    let span = self.span_since(start);
                    self.report_stop(&stop, &span);
                }
            }
        }
        stmts
    }

    fn statement(&mut self) -> Result<StmtKind, Stop> {
        if let Some(verdict) = self.verdict() {
            return verdict.map(StmtKind::Verdict);
        }
        let Some(TokenKind::Word(word)) = self.peek().cloned() else { return self.relation() };
        match word.as_str() {
            "counter" => self.counter(),
            "log" => self.log(),
            "limit" | "quota" => Ok(self.uncertain_rate()),
            "last" => Ok(self.last_used()),
            "comment" => {
                self.advance();
                self.name("a comment").map(StmtKind::Comment)
            }
            "reject" => self.reject(),
            "dnat" | "snat" | "masquerade" | "redirect" => self.nat(word),
            "notrack" => {
                self.advance();
                Ok(StmtKind::NoTrack)
            }
            "queue" | "tproxy" | "synproxy" | "fwd" => Ok(self.outcome()),
            "flow" => Ok(self.plain(3)),
            "dup" => self.duplicate(),
            "reset" if matches!(self.peek_at(1), Some(TokenKind::Word(next)) if next == "tcp") => {
                Ok(self.plain(4))
            }
            "add" | "update" | "delete" if matches!(self.peek_at(1), Some(TokenKind::SetName(_))) => {
                self.set_update()
            }
            "set" if matches!(self.peek_at(1), Some(TokenKind::Word(next)) if next == "add" || next == "update") => {
                self.old_set_update()
            }
            "meter" => self.meter(),
            "xt" => self.xt(),
            "ct" => self.ct(),
            _ if word.starts_with("xt_") => {
                self.advance();
                Ok(xt_listed(&word))
            }
            _ => self.relation(),
        }
    }

    /// A statement taken whole, up to the next one that could follow: to the end of the rule.
    fn take_rest(&mut self) -> String {
        let start = self.position();
        while !self.at_statement_end() && !self.at_next_statement(start) {
            self.advance();
        }
        self.text_since(start)
    }

    /// Whether a word stands here that only begins a statement.
    fn at_next_statement(&self, start: usize) -> bool {
        self.position() > start
            && matches!(self.peek(), Some(TokenKind::Word(word)) if [
                "accept", "drop", "continue", "return", "jump", "goto", "counter", "log", "reject", "comment",
            ].contains(&word.as_str()))
    }

    /// `limit rate over 10/second burst 5 packets`, `quota over 25 mbytes used 1 bytes`, `ct count over 10`.
    fn uncertain_rate(&mut self) -> StmtKind {
        const WORDS: [&str; 16] = [
            "rate", "over", "until", "burst", "packets", "bytes", "kbytes", "mbytes", "gbytes", "second",
            "minute", "hour", "day", "week", "used", "count",
        ];
        let start = self.position();
        self.advance();
        if self.eat_word("name") {
            self.advance();
        }
        while match self.peek() {
            Some(TokenKind::Word(word)) => WORDS.contains(&word.as_str()),
            Some(kind) => matches!(kind, TokenKind::Number(_) | TokenKind::Sign("/")),
            None => false,
        } {
            self.advance();
        }
        // nft leaves the burst out where it is the usual one.
        let text = self.text_since(start);
        let what = text.strip_suffix(" burst 5 packets").unwrap_or(&text).to_owned();
        StmtKind::Uncertain { what, reason: Reason::Rate }
    }

    /// A statement of so many words that does not bear on which packets pass.
    fn plain(&mut self, words: usize) -> StmtKind {
        let start = self.position();
        for _ in 0..words {
            if !self.at_statement_end() {
                self.advance();
            }
        }
        StmtKind::Other(self.text_since(start))
    }

    /// `last`, `last used 3m`, `last used never`.
    fn last_used(&mut self) -> StmtKind {
        let used = matches!(self.peek_at(1), Some(TokenKind::Word(next)) if next == "used");
        self.plain(if used { 3 } else { 1 })
    }

    /// `dup to ADDRESS [device NAME]`: a copy goes elsewhere, the packet goes on.
    fn duplicate(&mut self) -> Result<StmtKind, Stop> {
        let start = self.position();
        self.advance();
        self.eat_word("to");
        self.concat(Words::Selectors)?;
        if self.eat_word("device") {
            self.concat(Words::Selectors)?;
        }
        Ok(StmtKind::Other(self.text_since(start)))
    }

    fn outcome(&mut self) -> StmtKind {
        StmtKind::Outcome(self.take_rest())
    }

    /// `counter`, `counter packets N bytes N`, `counter name X`.
    fn counter(&mut self) -> Result<StmtKind, Stop> {
        self.advance();
        if self.eat_word("packets") {
            let packets = self.count()?;
            if !self.eat_word("bytes") {
                return Err(self.stop("`bytes`"));
            }
            let bytes = self.count()?;
            return Ok(StmtKind::Counter(Some(Counter { packets, bytes })));
        }
        if self.eat_word("name") {
            let value = self.concat(Words::Selectors)?;
            return Ok(other_of(format!("counter name {value}"), value));
        }
        Ok(StmtKind::Counter(None))
    }

    fn count(&mut self) -> Result<u64, Stop> {
        match self.peek() {
            Some(TokenKind::Number(number)) => {
                let number = u64::try_from(*number).unwrap_or(u64::MAX);
                self.advance();
                Ok(number)
            }
            _ => Err(self.stop("a number")),
        }
    }

    fn log(&mut self) -> Result<StmtKind, Stop> {
        self.advance();
        let mut log = Log::default();
        while let Some(TokenKind::Word(word)) = self.peek().cloned() {
            match word.as_str() {
                "prefix" => {
                    self.advance();
                    log.prefix = Some(self.name("a prefix")?);
                }
                "level" | "group" | "snaplen" | "queue-threshold" => {
                    self.advance();
                    log.options.push(format!("{word} {}", self.name("a value")?));
                }
                "flags" => {
                    let start = self.position();
                    self.advance();
                    self.advance();
                    while matches!(self.peek(), Some(TokenKind::Word(word)) if ["sequence", "options"].contains(&word.as_str()))
                        || self.peek_sign(",")
                    {
                        self.advance();
                    }
                    log.options.push(self.text_since(start));
                }
                _ => break,
            }
        }
        Ok(StmtKind::Log(log))
    }

    fn reject(&mut self) -> Result<StmtKind, Stop> {
        self.advance();
        if !self.eat_word("with") {
            return Ok(StmtKind::Reject(None));
        }
        let kind = self.name("a kind of answer")?;
        self.eat_word("type");
        self.expr(Words::Symbols)?;
        Ok(StmtKind::Reject(Some(kind)))
    }

    /// `dnat [ip|ip6] [prefix] [to] ADDRESSES[:PORTS] [random,persistent]`.
    fn nat(&mut self, word: String) -> Result<StmtKind, Stop> {
        self.advance();
        let mut nat = NatStmt { word, ..NatStmt::default() };
        let mut ports_too = false;
        while let Some(TokenKind::Word(next)) = self.peek() {
            match next.as_str() {
                "ip" | "ip6" if !matches!(self.peek_at(1), Some(TokenKind::Word(field)) if field == "saddr" || field == "daddr") =>
                {
                    nat.family = Some(next.clone());
                }
                "prefix" | "interval" => nat.prefix = next == "prefix",
                "addr" | "port" => ports_too = true,
                "to" => {}
                _ => break,
            }
            self.advance();
            if ports_too {
                self.eat_sign(".");
            }
        }
        if !self.at_statement_end()
            && !self.peek_sign(":")
            && !self.at_nat_option()
            && !self.at_next_statement(0)
        {
            nat.addresses = Some(self.concat(Words::Selectors)?);
        }
        if self.eat_sign(":") {
            nat.ports = Some(self.concat(Words::Selectors)?);
        }
        while self.at_nat_option() {
            nat.options.push(self.name("an option")?);
            self.eat_sign(",");
        }
        Ok(StmtKind::Nat(nat))
    }

    fn at_nat_option(&self) -> bool {
        matches!(self.peek(), Some(TokenKind::Word(word)) if ["random", "fully-random", "persistent", "netmap"].contains(&word.as_str()))
    }

    /// `add @set { KEY [timeout 1m] [limit rate …] [: data] }`.
    fn set_update(&mut self) -> Result<StmtKind, Stop> {
        self.advance();
        let Some(TokenKind::SetName(set)) = self.advance() else { return Err(self.stop("a set")) };
        let limited = self.update_body()?;
        Ok(StmtKind::SetUpdate { set, limited })
    }

    /// `set add KEY @set`, as nft wrote it before version 0.9.1.
    fn old_set_update(&mut self) -> Result<StmtKind, Stop> {
        self.advance();
        self.advance();
        self.concat(Words::Selectors)?;
        while matches!(self.peek(), Some(TokenKind::Word(word)) if word == "timeout") {
            self.advance();
            self.advance();
        }
        let Some(TokenKind::SetName(set)) = self.advance() else { return Err(self.stop("a set")) };
        Ok(StmtKind::SetUpdate { set, limited: false })
    }

    /// `meter NAME [size N] { KEY limit rate … }`.
    fn meter(&mut self) -> Result<StmtKind, Stop> {
        self.advance();
        let set = self.name("a meter")?;
        if self.eat_word("size") {
            self.advance();
        }
        self.update_body()?;
        Ok(StmtKind::SetUpdate { set, limited: true })
    }

    fn update_body(&mut self) -> Result<bool, Stop> {
        self.expect_sign("{")?;
        let start = self.position();
        let mut braces = 0_usize;
        while !(braces == 0 && self.peek_sign("}")) {
            match self.advance() {
                Some(TokenKind::Sign("{")) => braces += 1,
                Some(TokenKind::Sign("}")) => braces = braces.saturating_sub(1),
                Some(_) => {}
                None => return Err(self.stop("`}`")),
            }
        }
        let body = self.text_since(start);
        self.advance();
        Ok(body.split_whitespace().any(|word| ["limit", "quota", "count"].contains(&word)))
    }

    /// `xt match "recent"`, `xt target "LOG"`.
    fn xt(&mut self) -> Result<StmtKind, Stop> {
        self.advance();
        let kind = self.name("`match` or `target`")?;
        let name = self.name("the name of an iptables extension")?;
        Ok(match kind.as_str() {
            "target" => StmtKind::XtTarget(name),
            _ => StmtKind::Uncertain { what: format!("iptables match {name}"), reason: Reason::Unread },
        })
    }

    /// Statements that begin with `ct`: `ct helper set`, `ct count over 10`; else a match or `ct mark set`.
    fn ct(&mut self) -> Result<StmtKind, Stop> {
        let Some(TokenKind::Word(key)) = self.peek_at(1).cloned() else { return self.relation() };
        if key == "count" {
            return Ok(self.uncertain_rate());
        }
        let set = matches!(self.peek_at(2), Some(TokenKind::Word(word)) if word == "set");
        if set && key != "mark" {
            for _ in 0..3 {
                self.advance();
            }
            let value = self.expr(Words::Selectors)?;
            return Ok(other_of(format!("ct {key} set {value}"), value));
        }
        self.relation()
    }

    /// `SELECTOR [op] VALUE`, `SELECTOR vmap MAP`, `SELECTOR set VALUE`.
    fn relation(&mut self) -> Result<StmtKind, Stop> {
        if !self.at_selector() {
            return Err(self.stop("a statement"));
        }
        let left = self.concat(Words::Selectors)?;
        if !selects(&left) {
            return Err(self.stop("a statement"));
        }
        if self.eat_word("vmap") {
            return Ok(StmtKind::Vmap { key: left, data: self.map_data()? });
        }
        if self.eat_word("set") {
            let value = self.expr(Words::Selectors)?;
            // `meta priority set 1:2` names a class of a queue.
            if self.eat_sign(":") {
                self.advance();
            }
            return Ok(StmtKind::Mangle { key: left, value });
        }
        let op = self.operator();
        let right = if is_opaque(&left) { self.loose_value(op)? } else { self.expr(Words::Symbols)? };
        // `tcp flags syn / syn,ack`: the second list is the mask.
        if self.eat_sign("/") {
            let mask = self.expr(Words::Symbols)?;
            let left = Expr::Binary(super::ast::BinaryOp::And, Box::new(left), Box::new(mask));
            let op = if op == Op::Implicit { Op::Eq } else { op };
            return Ok(StmtKind::Match { left, op, right });
        }
        Ok(StmtKind::Match { left, op, right })
    }

    fn at_selector(&self) -> bool {
        matches!(self.peek(), Some(TokenKind::Word(_) | TokenKind::SetName(_) | TokenKind::Sign("(")))
    }

    fn operator(&mut self) -> Op {
        let op = match self.peek() {
            Some(TokenKind::Sign("==")) => Op::Eq,
            Some(TokenKind::Sign("!=")) => Op::Ne,
            Some(TokenKind::Sign("<")) => Op::Lt,
            Some(TokenKind::Sign(">")) => Op::Gt,
            Some(TokenKind::Sign("<=")) => Op::Le,
            Some(TokenKind::Sign(">=")) => Op::Ge,
            Some(TokenKind::Sign("!")) => Op::Not,
            Some(TokenKind::Word(word)) => match word.as_str() {
                "eq" => Op::Eq,
                "ne" => Op::Ne,
                "lt" => Op::Lt,
                "gt" => Op::Gt,
                "le" => Op::Le,
                "ge" => Op::Ge,
                _ => return Op::Implicit,
            },
            _ => return Op::Implicit,
        };
        self.advance();
        op
    }

    /// The value beside something that is not looked into anyway: `exists`, `missing`, words, or any expression.
    fn loose_value(&mut self, op: Op) -> Result<Expr, Stop> {
        if op == Op::Implicit && (self.at_statement_end() || self.at_next_statement(0)) {
            return Ok(Expr::Unknown(String::new()));
        }
        self.expr(Words::Symbols)
    }
}

/// A statement without bearing on passing; through a map it needs an entry.
fn other_of(what: String, value: Expr) -> StmtKind {
    match value {
        map @ Expr::Map(..) => StmtKind::OtherMap { what, map },
        _ => StmtKind::Other(what),
    }
}

/// What some versions of nft print for an iptables extension: `# xt_NAME`. Whether it was a match or a target shows
/// in the spelling: targets are in capitals.
fn xt_listed(word: &str) -> StmtKind {
    let name = word.trim_start_matches("xt_");
    if name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) {
        StmtKind::XtTarget(name.to_owned())
    } else {
        StmtKind::Uncertain { what: format!("iptables match {name}"), reason: Reason::Unread }
    }
}

fn selects(expr: &Expr) -> bool {
    match expr {
        Expr::Selector(_) => true,
        Expr::Concat(parts) => parts.iter().all(selects),
        Expr::Binary(_, a, _) => selects(a),
        _ => false,
    }
}

fn is_opaque(expr: &Expr) -> bool {
    matches!(expr, Expr::Selector(Selector::Opaque { .. }))
}

/// The verdict that a word in JSON or in a policy names.
pub(super) fn verdict_word(word: &str, target: Option<String>) -> Option<VerdictExpr> {
    Some(match (word, target) {
        ("accept", _) => VerdictExpr::Accept,
        ("drop", _) => VerdictExpr::Drop,
        ("continue", _) => VerdictExpr::Continue,
        ("return", _) => VerdictExpr::Return,
        ("jump", Some(target)) => VerdictExpr::Jump(target),
        ("goto", Some(target)) => VerdictExpr::Goto(target),
        _ => return None,
    })
}
