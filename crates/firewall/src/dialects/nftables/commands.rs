//! Commands and blocks of nftables text: tables, chains, sets, and the changes that a source file makes to them.

use super::ast::{BaseDecl, Expr, RuleDecl, SetDecl, Spot};
use super::lexer::TokenKind;
use super::parse_expr::Words;
use super::parser::{Parser, Stop};
use super::tables::TableName;
use super::words;
use crate::ruleset::{Family, LineState};
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Most rules of one file; what comes after is reported and left out.
pub(crate) const RULES_MAX: usize = 1_000_000;

impl Parser<'_> {
    /// Reads the whole file.
    pub(super) fn file(&mut self) {
        loop {
            self.skip_separators();
            if self.peek().is_none() {
                return;
            }
            let start = self.position();
            self.depth = 0;
            let result = self.command();
            self.settle(start, result);
            if self.peek_sign("}") {
                let from = self.position();
                self.advance();
                let span = self.span_since(from);
                let extra = Diagnostic::warning(
                    "firewall/unread-statement",
                    "a closing brace without an opening one",
                );
                self.reading.report(&span, extra.help("check the braces of the block before it"));
            }
        }
    }

    /// Enters a command or statement of a block into the account, or reports why it was not read.
    fn settle(&mut self, start: usize, result: Result<LineState, Stop>) {
        match result {
            // The lines of a block were accounted for one by one.
            Ok(_) if self.block_end > start && self.block_end == self.end() => {}
            Ok(state) => {
                let span = self.span_since(start);
                self.reading.account(&span, state);
            }
            Err(stop) => {
                self.skip_statement();
                let span = self.span_since(start);
                self.report_stop(&stop, &span);
            }
        }
    }

    fn command(&mut self) -> Result<LineState, Stop> {
        let Some(TokenKind::Word(word)) = self.peek().cloned() else { return Err(self.stop("a command")) };
        match word.as_str() {
            "define" | "redefine" => self.define_command(),
            "undefine" => {
                self.advance();
                let name = self.name("a variable")?;
                self.undefine(&name);
                Ok(LineState::Modeled)
            }
            "include" => self.include(),
            "table" => self.table_block(),
            "add" | "create" => {
                self.advance();
                self.add()
            }
            "insert" | "replace" => self.place_rule(),
            "delete" | "destroy" | "flush" | "reset" => self.remove(),
            "rename" => self.rename(),
            "list" | "monitor" | "describe" | "export" | "import" => {
                self.skip_statement();
                Ok(LineState::Ignored)
            }
            // Lines of shell scripts call the program.
            "nft" if matches!(self.peek_at(1), Some(TokenKind::Word(next)) if next != "nft") => {
                self.advance();
                self.command()
            }
            // Without a command, `add` is meant.
            "chain" | "set" | "map" | "rule" | "element" | "flowtable" | "counter" | "quota" | "limit"
            | "ct" | "secmark" | "synproxy" => self.add(),
            _ => Err(self.stop("a command such as `table`, `add`, `define` or `flush`")),
        }
    }

    /// `define NAME = VALUE`.
    fn define_command(&mut self) -> Result<LineState, Stop> {
        self.advance();
        let name = self.name("a variable")?;
        self.expect_sign("=")?;
        self.skip_newlines();
        let negative = self.eat_sign("-");
        let value = match self.expr(Words::Selectors)? {
            Expr::Number(number) if negative => Expr::Word(format!("-{number}")),
            value => value,
        };
        self.define(name, value);
        Ok(LineState::Modeled)
    }

    fn include(&mut self) -> Result<LineState, Stop> {
        let start = self.position();
        self.advance();
        let file = self.name("a file")?;
        let span = self.span_since(start);
        let missing =
            Diagnostic::warning("firewall/include", format!("the included file `{file}` was not read"))
                .because("its tables, chains and variables are not in the ruleset")
                .help("export what is really loaded with `nft list ruleset` and read that");
        self.reading.report(&span, missing);
        Ok(LineState::Warned)
    }

    /// `table [family] NAME [{ … }]`.
    fn table_block(&mut self) -> Result<LineState, Stop> {
        let start = self.position();
        self.advance();
        let name = self.table_name()?;
        self.tables.declare(&name);
        self.skip_newlines_before_brace();
        if !self.eat_sign("{") {
            return Ok(LineState::Modeled);
        }
        self.account_since(start);
        self.open_scope();
        self.block(|parser, from| parser.table_item(&name, from));
        self.close_scope();
        Ok(LineState::Modeled)
    }

    /// The items of a block up to its closing brace. A file that ends within is reported.
    fn block(&mut self, mut item: impl FnMut(&mut Self, usize) -> Result<LineState, Stop>) {
        loop {
            self.skip_separators();
            let start = self.position();
            if self.eat_sign("}") {
                self.account_since(start);
                self.block_end = self.end();
                return;
            }
            if self.peek().is_none() {
                let end = self.end().saturating_sub(1)..self.end();
                if self.block_end == self.end() {
                    return;
                }
                let cut = Diagnostic::warning("firewall/unclosed-block", "the file ends within a block")
                    .because("the configuration is cut off, and what is missing is not in the ruleset")
                    .help("export the configuration again");
                self.reading.report(&end, cut);
                self.block_end = self.end();
                return;
            }
            self.depth = 0;
            let result = item(self, start);
            self.settle(start, result);
        }
    }

    fn account_since(&mut self, start: usize) {
        let span = self.span_since(start);
        self.reading.account(&span, LineState::Modeled);
    }

    fn skip_newlines_before_brace(&mut self) {
        let mut ahead = 0;
        while matches!(self.peek_at(ahead), Some(TokenKind::Newline)) {
            ahead += 1;
        }
        if matches!(self.peek_at(ahead), Some(TokenKind::Sign("{"))) {
            self.skip_newlines();
        }
    }

    fn table_item(&mut self, table: &TableName, start: usize) -> Result<LineState, Stop> {
        let Some(TokenKind::Word(word)) = self.peek().cloned() else {
            return Err(self.stop("a chain, set or map"));
        };
        match word.as_str() {
            "chain" => {
                self.advance();
                let chain = self.name("a chain")?;
                self.chain_body(table, &chain, start)
            }
            "set" | "map" => {
                self.advance();
                let name = self.name("a set")?;
                self.set_body(table, name, start)
            }
            "flags" => {
                self.advance();
                let flags = self.expr(Words::Symbols)?;
                let found = self.tables.declare(table);
                found.dormant |= words::listed(&flags).any(|flag| flag == "dormant");
                Ok(LineState::Modeled)
            }
            "comment" => {
                self.advance();
                self.name("a comment")?;
                Ok(LineState::Ignored)
            }
            "define" | "redefine" => self.define_command(),
            "include" => self.include(),
            "flowtable" | "counter" | "quota" | "limit" | "ct" | "secmark" | "synproxy" => {
                self.skip_object();
                Ok(LineState::Ignored)
            }
            _ => Err(self.stop("a chain, set, map or object")),
        }
    }

    /// A named object: its name, then its block or its settings. It decides nothing by itself; rules that use it say so.
    fn skip_object(&mut self) {
        while !self.at_statement_end() && !self.peek_sign("{") {
            self.advance();
        }
        self.skip_newlines_before_brace();
        if self.peek_sign("{") {
            self.skip_statement();
        }
    }

    /// The block of a chain. Without one, the chain is only declared.
    fn chain_body(&mut self, table: &TableName, chain: &str, start: usize) -> Result<LineState, Stop> {
        let spot = self.spot_since(start);
        self.tables.declare(table).declare_chain(chain, &spot);
        self.skip_newlines_before_brace();
        if !self.eat_sign("{") {
            return Ok(LineState::Modeled);
        }
        self.account_since(start);
        self.block(|parser, from| parser.chain_item(table, chain, from));
        Ok(LineState::Modeled)
    }

    fn chain_item(&mut self, table: &TableName, chain: &str, start: usize) -> Result<LineState, Stop> {
        let spot = self.spot_since(start);
        if self.peek_word("type") {
            let base = self.hook_spec(table.family)?;
            self.tables.declare(table).declare_chain(chain, &spot).base = Some(base);
            return Ok(LineState::Modeled);
        }
        if self.eat_word("policy") {
            return self.policy(table, chain, &spot);
        }
        if self.peek_word("comment") && matches!(self.peek_at(1), Some(TokenKind::Quoted(_))) {
            self.advance();
            let comment = self.name("a comment")?;
            self.tables.declare(table).declare_chain(chain, &spot).comment = Some(comment);
            return Ok(LineState::Ignored);
        }
        if self.peek_word("flags") || self.peek_word("devices") || self.peek_word("device") {
            self.skip_statement();
            return Ok(LineState::Ignored);
        }
        if self.peek_word("define") || self.peek_word("redefine") {
            return self.define_command();
        }
        if self.peek_word("include") {
            return self.include();
        }
        let rule = self.rule(start);
        self.add_rule(table, chain, rule, usize::MAX)
    }

    fn policy(&mut self, table: &TableName, chain: &str, spot: &Spot) -> Result<LineState, Stop> {
        let stop = self.stop("`accept` or `drop`");
        let word = self.name("a policy")?;
        let policy = words::policy(&word).ok_or(stop);
        let declared = self.tables.declare(table).declare_chain(chain, spot);
        declared.policy = Some(policy.as_ref().copied().unwrap_or(crate::ruleset::Policy::Unknown));
        policy.map(|_| LineState::Modeled)
    }

    /// `type filter hook forward [device X] priority filter + 5`.
    fn hook_spec(&mut self, family: Family) -> Result<BaseDecl, Stop> {
        self.advance();
        let stop = self.stop("`filter`, `nat` or `route`");
        let kind = words::chain_kind(&self.name("a kind of chain")?).ok_or(stop)?;
        if !self.eat_word("hook") {
            return Err(self.stop("`hook`"));
        }
        let stop = self.stop("a hook such as `forward`");
        let hook = words::hook(&self.name("a hook")?).ok_or(stop)?;
        let mut devices = Vec::new();
        while self.peek_word("device") || self.peek_word("devices") {
            self.advance();
            self.eat_sign("=");
            let value = self.expr(Words::Symbols)?;
            devices.extend(words::listed(&value).map(str::to_owned));
        }
        let priority = if self.eat_word("priority") { self.priority(family)? } else { 0 };
        Ok(BaseDecl { kind, hook, priority, devices })
    }

    /// `0`, `-300`, `filter`, `filter + 10`, `mangle - 5`, `$variable`.
    fn priority(&mut self, family: Family) -> Result<i32, Stop> {
        let negative = self.eat_sign("-");
        let stop = self.stop("a priority");
        let word = self.name("a priority")?;
        let mut parts = word.split_whitespace();
        let first = parts.next().unwrap_or_default();
        let (name, glued) = words::split_offset(first);
        let mut value = words::priority(name, family).ok_or(stop.clone())?.saturating_add(glued);
        if negative {
            value = -value;
        }
        let rest: String = parts.collect();
        if let Some(offset) = rest.strip_prefix('+').and_then(|text| text.trim().parse::<i32>().ok()) {
            value = value.saturating_add(offset);
        } else if let Ok(offset) = rest.parse::<i32>() {
            value = value.saturating_add(offset);
        }
        let minus = self.peek_sign("-");
        if minus || self.peek_sign("+") {
            self.advance();
            let offset = self.name("a number")?.parse::<i32>().map_err(|_| stop)?;
            value = if minus { value.saturating_sub(offset) } else { value.saturating_add(offset) };
        }
        Ok(value)
    }

    /// A rule up to its end.
    fn rule(&mut self, start: usize) -> RuleDecl {
        let stmts = self.rule_statements();
        RuleDecl { stmts, spot: self.spot_since(start), handle: None }
    }

    fn add_rule(
        &mut self,
        table: &TableName,
        chain: &str,
        rule: RuleDecl,
        at: usize,
    ) -> Result<LineState, Stop> {
        self.rules += 1;
        if self.rules > RULES_MAX {
            let message = format!("the file has more than {RULES_MAX} rules; this one was left out");
            self.reading
                .report(&rule.spot.span.clone(), Diagnostic::error("firewall/too-many-rules", message));
            return Ok(LineState::Warned);
        }
        let spot = rule.spot.clone();
        self.tables.declare(table).declare_chain(chain, &spot).insert(at, rule);
        Ok(LineState::Modeled)
    }

    /// The block of a set or map.
    fn set_body(&mut self, table: &TableName, name: String, start: usize) -> Result<LineState, Stop> {
        let spot = self.spot_since(start);
        let mut set = SetDecl { name, spot, type_name: String::new(), dynamic: false, elements: Vec::new() };
        self.skip_newlines_before_brace();
        if self.eat_sign("{") {
            self.account_since(start);
            self.block(|parser, from| parser.set_item(&mut set, from));
        }
        self.tables.declare(table).declare_set(set);
        Ok(LineState::Modeled)
    }

    fn set_item(&mut self, set: &mut SetDecl, start: usize) -> Result<LineState, Stop> {
        let Some(TokenKind::Word(word)) = self.peek().cloned() else {
            return Err(self.stop("a property of the set"));
        };
        match word.as_str() {
            "type" | "typeof" => {
                self.advance();
                let from = self.position();
                while !self.at_statement_end() {
                    self.advance();
                }
                set.type_name = self.text_since(from);
            }
            "flags" => {
                self.advance();
                let flags = self.expr(Words::Symbols)?;
                set.dynamic |= words::listed(&flags).any(|flag| flag == "dynamic" || flag == "timeout");
            }
            "timeout" => {
                set.dynamic = true;
                self.skip_statement();
            }
            "elements" => {
                self.advance();
                self.expect_sign("=")?;
                self.skip_newlines();
                if let Expr::Set(elements) = self.concat(Words::Symbols)? {
                    set.elements.extend(elements);
                }
            }
            "size" | "policy" | "gc-interval" | "auto-merge" | "counter" | "comment" => {
                while !self.at_statement_end() {
                    self.advance();
                }
                self.account_since(start);
                return Ok(LineState::Ignored);
            }
            _ => return Err(self.stop("a property of the set")),
        }
        Ok(LineState::Modeled)
    }

    /// What stands behind `add`.
    fn add(&mut self) -> Result<LineState, Stop> {
        let start = self.position();
        let Some(TokenKind::Word(word)) = self.peek().cloned() else { return Err(self.stop("what to add")) };
        match word.as_str() {
            "table" => self.table_block(),
            "chain" => {
                self.advance();
                let table = self.table_name()?;
                let chain = self.name("a chain")?;
                self.chain_body(&table, &chain, start)
            }
            "set" | "map" => {
                self.advance();
                let table = self.table_name()?;
                let name = self.name("a set")?;
                self.set_body(&table, name, start)
            }
            "element" => {
                self.advance();
                let (table, name) = (self.table_name()?, self.name("a set")?);
                let Expr::Set(elements) = self.concat(Words::Symbols)? else {
                    return Err(self.stop("elements in braces"));
                };
                match self.tables.find(&table).and_then(|found| found.set(&name)) {
                    Some(set) => set.elements.extend(elements),
                    None => return Ok(self.unknown_thing("set", &name, start)),
                }
                Ok(LineState::Modeled)
            }
            "flowtable" | "counter" | "quota" | "limit" | "ct" | "secmark" | "synproxy" => {
                self.skip_object();
                Ok(LineState::Ignored)
            }
            _ => {
                self.eat_word("rule");
                let (table, chain) = (self.table_name()?, self.name("a chain")?);
                let at = self.rule_position(&table, &chain, true)?;
                self.require_chain(&table, &chain, start);
                let rule = self.rule(start);
                self.add_rule(&table, &chain, rule, at)
            }
        }
    }

    /// `insert rule …`, `replace rule … handle N …`.
    fn place_rule(&mut self) -> Result<LineState, Stop> {
        let start = self.position();
        let replace = self.peek_word("replace");
        self.advance();
        self.eat_word("rule");
        let (table, chain) = (self.table_name()?, self.name("a chain")?);
        let at = self.rule_position(&table, &chain, false)?;
        self.require_chain(&table, &chain, start);
        let rule = self.rule(start);
        if replace {
            let found = self.tables.declare(&table).declare_chain(&chain, &rule.spot);
            if at < found.rules.len() {
                found.rules.remove(at);
            }
        }
        self.add_rule(&table, &chain, rule, at)
    }

    /// Reports a chain that rules are added to and that the file does not declare.
    fn require_chain(&mut self, table: &TableName, chain: &str, start: usize) {
        if self.tables.find(table).and_then(|found| found.chain(chain)).is_some() {
            return;
        }
        let span = self.span_since(start);
        let message = format!("a rule is added to chain `{chain}`, which is not declared in this file");
        let undeclared = Diagnostic::warning("firewall/undeclared-chain", message)
            .because(
                "where the chain stands on a packet's way is not known, so the rule takes no effect here",
            )
            .help("read the output of `nft list ruleset`, which holds the declaration of every chain");
        self.reading.report(&span, undeclared);
    }

    /// The index that `index N`, `position N` or `handle N` stand for. `behind` is for `add`, which puts a rule behind it.
    fn rule_position(&mut self, table: &TableName, chain: &str, behind: bool) -> Result<usize, Stop> {
        let by_index = self.peek_word("index");
        if !by_index && !self.peek_word("handle") && !self.peek_word("position") {
            return Ok(if behind { usize::MAX } else { 0 });
        }
        let stop = self.stop("the handle of a rule of this file");
        self.advance();
        let number: u64 = self.name("a number")?.parse().map_err(|_| stop.clone())?;
        let found = self.tables.find(table).and_then(|found| found.chain(chain)).and_then(|found| {
            if by_index {
                usize::try_from(number).ok().filter(|at| *at < found.rules.len())
            } else {
                found.handle(number)
            }
        });
        found.map(|at| at.saturating_add(usize::from(behind))).ok_or(stop)
    }

    /// `delete`, `destroy`, `flush`, `reset`.
    fn remove(&mut self) -> Result<LineState, Stop> {
        let start = self.position();
        let Some(TokenKind::Word(verb)) = self.advance() else { return Err(self.stop("a command")) };
        let Some(TokenKind::Word(what)) = self.advance() else { return Err(self.stop("what to remove")) };
        match (verb.as_str(), what.as_str()) {
            ("reset", _) => {
                self.skip_statement();
                Ok(LineState::Ignored)
            }
            ("flush", "ruleset") => {
                let family =
                    if self.at_statement_end() { None } else { words::family(&self.name("a family")?) };
                self.tables.flush(family);
                Ok(LineState::Modeled)
            }
            ("flush", "table") => {
                let name = self.table_name()?;
                if let Some(table) = self.tables.find(&name) {
                    table.chains.iter_mut().for_each(|chain| chain.rules.clear());
                }
                Ok(LineState::Modeled)
            }
            ("flush", "chain" | "set" | "map" | "meter") => self.flush(&what, start),
            (_, "table") => {
                let name = self.table_name()?;
                self.tables.delete(&name);
                Ok(LineState::Modeled)
            }
            (_, "chain" | "set" | "map") => self.delete_part(&what, start),
            (_, "element") => self.delete_elements(start),
            (_, "rule") => {
                let (table, chain) = (self.table_name()?, self.name("a chain")?);
                let at = self.rule_position(&table, &chain, false)?;
                let spot = self.spot_since(start);
                let found = self.tables.declare(&table).declare_chain(&chain, &spot);
                if at < found.rules.len() {
                    found.rules.remove(at);
                }
                Ok(LineState::Modeled)
            }
            _ => {
                self.skip_object();
                Ok(LineState::Ignored)
            }
        }
    }

    fn flush(&mut self, what: &str, start: usize) -> Result<LineState, Stop> {
        let (table, name) = (self.table_name()?, self.name("a name")?);
        let found = self.tables.find(&table).is_some_and(|found| match what {
            "chain" => found.chain(&name).map(|chain| chain.rules.clear()).is_some(),
            _ => found.set(&name).map(|set| set.elements.clear()).is_some(),
        });
        Ok(if found { LineState::Modeled } else { self.unknown_thing(what, &name, start) })
    }

    fn delete_part(&mut self, what: &str, start: usize) -> Result<LineState, Stop> {
        let (table, name) = (self.table_name()?, self.name("a name")?);
        let found = self.tables.find(&table).is_some_and(|found| {
            let gone = match what {
                "chain" => found.chains.retain(|chain| chain.name != name),
                _ => found.sets.retain(|set| set.name != name),
            };
            gone > 0
        });
        Ok(if found { LineState::Modeled } else { self.unknown_thing(what, &name, start) })
    }

    fn delete_elements(&mut self, start: usize) -> Result<LineState, Stop> {
        let (table, name) = (self.table_name()?, self.name("a set")?);
        let Expr::Set(gone) = self.concat(Words::Symbols)? else {
            return Err(self.stop("elements in braces"));
        };
        let Some(set) = self.tables.find(&table).and_then(|found| found.set(&name)) else {
            return Ok(self.unknown_thing("set", &name, start));
        };
        if !set.remove(&gone) {
            set.dynamic = true;
            let span = self.span_since(start);
            let unknown = Diagnostic::warning(
                "firewall/unknown-element",
                format!("an element to delete is not in set `{name}`"),
            )
            .because("the content of the set is taken to be unknown from here on")
            .help("write the element as it was added");
            self.reading.report(&span, unknown);
        }
        Ok(LineState::Modeled)
    }

    fn rename(&mut self) -> Result<LineState, Stop> {
        let start = self.position();
        self.advance();
        if !self.eat_word("chain") {
            return Err(self.stop("`chain`"));
        }
        let (table, old, new) = (self.table_name()?, self.name("a chain")?, self.name("a chain")?);
        let renamed =
            self.tables.find(&table).is_some_and(|found| found.chains.rename(&old, |chain| chain.name = new));
        if !renamed {
            return Ok(self.unknown_thing("chain", &old, start));
        }
        Ok(LineState::Modeled)
    }

    /// Reports something that a command names and the file does not declare.
    fn unknown_thing(&mut self, what: &str, name: &str, start: usize) -> LineState {
        let span: Range<usize> = self.span_since(start);
        let unknown = Diagnostic::warning(
            "firewall/unknown-name",
            format!("{what} `{name}` is not declared in this file"),
        )
        .because("the command changes something that is not in the ruleset")
        .help("read the output of `nft list ruleset`, which holds everything that is loaded");
        self.reading.report(&span, unknown);
        LineState::Warned
    }

    /// `[family] NAME`; without a family, `ip` is meant.
    fn table_name(&mut self) -> Result<TableName, Stop> {
        let family = match self.peek() {
            Some(TokenKind::Word(word))
                if matches!(
                    self.peek_at(1),
                    Some(TokenKind::Word(_) | TokenKind::Quoted(_) | TokenKind::Variable(_))
                ) =>
            {
                words::family(word)
            }
            _ => None,
        };
        if family.is_some() {
            self.advance();
        }
        let name = self.name("a table")?;
        Ok(TableName { family: family.unwrap_or(Family::Ipv4), name })
    }
}
