//! The parser's state: tokens, variables, recovery. Commands are in `commands`, statements in `parse_stmt`.

use super::ast::{Expr, Spot};
use super::lexer::{Token, TokenKind, tokens};
use super::parse_expr::{DEPTH_MAX, UNFOLDED_NODES_MAX};
use super::tables::Tables;
use crate::dialects::Reading;
use std::collections::BTreeMap;
use std::ops::Range;
use zonewright_source::{Diagnostic, nearest};

/// What stopped the reading of a statement: what was expected where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) at: Range<usize>,
    pub(super) expected: String,
    pub(super) found: String,
}

/// Reads nftables text into [`Tables`].
pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    pub(super) reading: &'a mut Reading,
    pub(super) tables: Tables,
    /// Variables by name, innermost scope last.
    scopes: Vec<BTreeMap<String, (Expr, usize)>>,
    unfolded: usize,
    pub(super) depth: u32,
    /// Whether an element with a limit was read since this was last cleared.
    pub(super) limited: bool,
    /// How many rules were read.
    pub(super) rules: usize,
    /// Where the last block ended, whose lines were accounted for one by one.
    pub(super) block_end: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, reading: &'a mut Reading) -> Self {
        Self {
            text,
            tokens: tokens(text),
            at: 0,
            reading,
            tables: Tables::default(),
            scopes: vec![BTreeMap::new()],
            unfolded: 0,
            depth: 0,
            limited: false,
            rules: 0,
            block_end: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<&TokenKind> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&TokenKind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    pub(super) fn peek_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(TokenKind::Sign(found)) if *found == sign)
    }

    pub(super) fn peek_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(TokenKind::Word(found)) if found == word)
    }

    /// Takes the next token.
    pub(super) fn advance(&mut self) -> Option<TokenKind> {
        let kind = self.peek().cloned();
        self.at += usize::from(kind.is_some());
        kind
    }

    pub(super) fn eat_sign(&mut self, sign: &str) -> bool {
        let found = self.peek_sign(sign);
        self.at += usize::from(found);
        found
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.peek_word(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect_sign(&mut self, sign: &str) -> Result<(), Stop> {
        if self.eat_sign(sign) { Ok(()) } else { Err(self.stop(&format!("`{sign}`"))) }
    }

    pub(super) fn skip_newlines(&mut self) {
        while matches!(self.peek(), Some(TokenKind::Newline)) {
            self.at += 1;
        }
    }

    /// Skips line breaks and semicolons.
    pub(super) fn skip_separators(&mut self) {
        while matches!(self.peek(), Some(TokenKind::Newline | TokenKind::Sign(";"))) {
            self.at += 1;
        }
    }

    /// A name: a word, a quoted string, a number, or a variable that holds one.
    pub(super) fn name(&mut self, what: &str) -> Result<String, Stop> {
        let name = match self.peek() {
            Some(TokenKind::Word(word) | TokenKind::Quoted(word) | TokenKind::Time(word)) => word.clone(),
            Some(TokenKind::Wildcard(start)) => format!("{start}*"),
            Some(TokenKind::Number(number)) => number.to_string(),
            Some(TokenKind::Variable(name)) => {
                let name = name.clone();
                match self.unfold(&name) {
                    Expr::Word(word) => word,
                    Expr::Number(number) => number.to_string(),
                    _ => return Err(self.stop(what)),
                }
            }
            _ => return Err(self.stop(what)),
        };
        self.advance();
        Ok(name)
    }

    /// Whether nothing more of a statement can follow.
    pub(super) fn at_statement_end(&self) -> bool {
        matches!(self.peek(), None | Some(TokenKind::Newline | TokenKind::Sign(";" | "}")))
    }

    /// What stops the reading here.
    pub(super) fn stop(&self, expected: &str) -> Stop {
        let (at, found) = match self.tokens.get(self.at) {
            Some(token) if token.kind == TokenKind::Newline => {
                (token.span.clone(), "the end of the line".to_owned())
            }
            Some(token) => {
                (token.span.clone(), format!("`{}`", self.text.get(token.span.clone()).unwrap_or_default()))
            }
            None => (self.text.len()..self.text.len(), "the end of the file".to_owned()),
        };
        Stop { at, expected: expected.to_owned(), found }
    }

    /// One level deeper, or a stop where the limit is reached.
    pub(super) fn deepen(&mut self) -> Result<(), Stop> {
        if self.depth >= DEPTH_MAX {
            return Err(self.stop(&format!("at most {DEPTH_MAX} levels of nesting")));
        }
        self.depth += 1;
        Ok(())
    }

    /// Reports why a statement was not read. `span` is the whole statement.
    pub(super) fn report_stop(&mut self, stop: &Stop, span: &Range<usize>) {
        let diagnostic = Diagnostic::warning(
            "firewall/unread-statement",
            format!("expected {}, found {}", stop.expected, stop.found),
        )
        .because("what this statement does is not known, so all that comes after it is possible at most")
        .help(
            "print the configuration with `nft list ruleset`, which writes every statement in its plain form",
        );
        self.reading.account(span, crate::ruleset::LineState::Warned);
        self.reading.report(&stop.at.clone(), diagnostic);
    }

    /// Skips the rest of a statement, blocks within it included.
    pub(super) fn skip_statement(&mut self) {
        let mut braces = 0_usize;
        while let Some(kind) = self.peek() {
            match kind {
                TokenKind::Sign("{") => braces += 1,
                TokenKind::Sign("}") if braces == 0 => return,
                TokenKind::Sign("}") => {
                    braces -= 1;
                    if braces == 0 {
                        self.advance();
                        self.skip_to_line_end();
                        return;
                    }
                }
                TokenKind::Newline | TokenKind::Sign(";") if braces == 0 => return,
                _ => {}
            }
            self.advance();
        }
    }

    fn skip_to_line_end(&mut self) {
        while !self.at_statement_end() && !self.peek_sign("{") {
            self.advance();
        }
    }

    /// Skips what is left of an element of a set.
    pub(super) fn skip_until_element_end(&mut self) {
        while !matches!(self.peek(), None | Some(TokenKind::Sign("," | "}" | ":"))) {
            self.advance();
        }
    }

    /// The first byte of the next token.
    pub(super) fn position(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |token| token.span.start)
    }

    /// The first byte behind the last token taken.
    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.span.end)
    }

    /// The span from `start` to the last token taken.
    pub(super) fn span_since(&self, start: usize) -> Range<usize> {
        start..self.end().max(start)
    }

    pub(super) fn spot_since(&self, start: usize) -> Spot {
        Spot { span: self.span_since(start), entry: 0 }
    }

    /// The text from `start` to the last token taken, on one line.
    pub(super) fn text_since(&self, start: usize) -> String {
        let text = self.text.get(self.span_since(start)).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn open_scope(&mut self) {
        self.scopes.push(BTreeMap::new());
    }

    pub(super) fn close_scope(&mut self) {
        if self.scopes.len() > 1 {
            self.scopes.pop();
        }
    }

    /// Gives a variable its value. One that is nested too deeply stands for something unknown.
    pub(super) fn define(&mut self, name: String, value: Expr) {
        let (nodes, depth) = extent(&value);
        let value = if depth > DEPTH_MAX { Expr::Unknown(format!("${name}")) } else { value };
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, (value, nodes));
        }
    }

    pub(super) fn undefine(&mut self, name: &str) {
        if let Some(scope) = self.scopes.iter_mut().rev().find(|scope| scope.contains_key(name)) {
            scope.remove(name);
        }
    }

    /// The value of a variable. One that is not defined is reported at the token at hand.
    pub(super) fn unfold(&mut self, name: &str) -> Expr {
        let at = self.stop("").at;
        let found = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        if let Some((value, nodes)) = found {
            self.unfolded = self.unfolded.saturating_add(*nodes);
            if self.unfolded <= UNFOLDED_NODES_MAX {
                return value.clone();
            }
            let message = format!("variables unfold to more than {UNFOLDED_NODES_MAX} values");
            self.reading.report(&at, Diagnostic::warning("firewall/too-many-elements", message));
            return Expr::Unknown(format!("${name}"));
        }
        let known: Vec<&str> =
            self.scopes.iter().flat_map(|scope| scope.keys().map(String::as_str)).collect();
        let help = match nearest(name, known) {
            Some(near) => format!("did you mean `${near}`?"),
            None => format!(
                "add `define {name} = …` before this line, or print the configuration with `nft list ruleset`"
            ),
        };
        let message = format!("variable `${name}` is not defined");
        self.reading.report(&at, Diagnostic::warning("firewall/unknown-variable", message).help(help));
        Expr::Unknown(format!("${name}"))
    }
}

/// How many nodes an expression has, and how deep it is nested.
fn extent(expr: &Expr) -> (usize, u32) {
    let inner: Vec<(usize, u32)> = match expr {
        Expr::Set(elements) => elements
            .iter()
            .flat_map(|element| [Some(&element.key), element.data.as_ref()].into_iter().flatten())
            .map(extent)
            .collect(),
        Expr::List(items) | Expr::Concat(items) => items.iter().map(extent).collect(),
        Expr::Binary(_, a, b) | Expr::Range(a, b) | Expr::Map(a, b) => vec![extent(a), extent(b)],
        Expr::Prefix(inner, _) => vec![extent(inner)],
        _ => Vec::new(),
    };
    let nodes = inner.iter().map(|(nodes, _)| nodes).sum::<usize>();
    let depth = inner.iter().map(|(_, depth)| *depth).max().unwrap_or(0);
    (nodes + 1, depth + 1)
}
