//! The lines of a configuration: blocks, and what each statement says.

use super::config::{AccessList, Config, Span};
use super::groups::GroupKind;
use super::secrets::secrets;
use super::{
    ignored, read_groups, read_interface, read_list, read_management, read_nat, read_route, read_zone,
};
use crate::dialects::Reading;
use crate::dialects::cisco::{Line, lines};
use crate::ruleset::{IpVersion, LineState};
use zonewright_source::Diagnostic;

/// Reads a configuration.
pub(super) struct Reader<'r> {
    pub(super) reading: &'r mut Reading,
    pub(super) config: Config,
    /// The block that lines belong to.
    pub(super) block: Block,
    /// The first words of the statement that opened the block.
    header: Vec<String>,
    /// Whether the line at hand holds a secret, and so is never shown.
    hidden: bool,
    /// Whether the lines of the block stand without indentation.
    flat: bool,
    /// How many entries were taken out of lists again.
    pub(super) removals: usize,
    /// How many entries of lists were read.
    pub(super) entries: usize,
}

/// A block of lines below a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// None: statements stand alone.
    Top,
    /// All of it is knowingly ignored.
    Ignored,
    /// Its statement was not understood, so what stands in it is neither.
    Unread,
    List(IpVersion, String),
    Group(GroupKind, String),
    TimeRange(String),
    Interface(String),
    Class(String),
    Policy(String),
    Zone,
    ZonePair(String),
    Pool(String),
    RouteMap(String),
    VlanMap(String),
    Terminals(usize),
    ControlPlane,
    /// A routing process: ignored, but that it is there is known.
    Routing,
}

/// What became of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    Modeled,
    Ignored,
    /// Modeled, with an effect that was said already.
    Warned,
    /// Not understood.
    Unread,
    /// Not a statement of this block.
    Foreign,
}

/// A statement: its words and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Statement<'w> {
    pub(super) words: &'w [&'w str],
    pub(super) span: Span,
}

/// Reads all lines.
pub(super) fn read(text: &str, reading: &mut Reading) -> Config {
    let all: Vec<Line<'_>> = lines(text).collect();
    let mut reader = Reader {
        reading,
        config: Config::default(),
        block: Block::Top,
        header: Vec::new(),
        hidden: false,
        flat: false,
        removals: 0,
        entries: 0,
    };
    let (mut at, mut open_ends) = (0, 0);
    while let Some(line) = all.get(at) {
        let free = if open_ends < OPEN_ENDS_MAX { free_text(&all, at) } else { None };
        open_ends += usize::from(free.is_none() && line.text.starts_with("banner"));
        if let Some(free) = free {
            for line in all.get(at..=at + free).unwrap_or_default() {
                reader.reading.account(&line.span, LineState::Ignored);
            }
            reader.open(Block::Top, &[]);
            at += free + 1;
            continue;
        }
        let state = reader.line(line);
        reader.reading.account(&line.span, state);
        at += 1;
    }
    reader.config.lists_v4.iter_mut().chain(reader.config.lists_v6.iter_mut()).for_each(AccessList::settle);
    reader.config
}

/// How many lines behind the first one are free text: banners up to their delimiter, macros up to `@`. `None` where no such
/// text begins, or its end is not found: an open end hides nothing.
fn free_text(lines: &[Line<'_>], at: usize) -> Option<usize> {
    let line = lines.get(at).filter(|line| line.indent == 0)?;
    let mut words = line.text.split_whitespace();
    let mark = match (words.next()?, words.next()?) {
        ("banner", _) => {
            let text = line.rest(2);
            let length = if text.starts_with('^') { 2 } else { text.chars().next()?.len_utf8() };
            let (mark, rest) = text.split_at_checked(length)?;
            if rest.contains(mark) {
                return Some(0);
            }
            mark
        }
        ("macro", "name") => "@",
        _ => return None,
    };
    let behind = lines.get(at + 1..)?.iter().take(FREE_LINES_MAX);
    behind.into_iter().position(|line| line.text.contains(mark)).map(|lines| lines + 1)
}

/// Longest free text, in lines.
const FREE_LINES_MAX: usize = 1_000;

/// Most free texts without an end; behind them, none is looked for.
const OPEN_ENDS_MAX: usize = 1_000;

/// Longest line that is read, in bytes.
const LINE_BYTES_MAX: usize = 64 << 10;

impl Reader<'_> {
    fn line(&mut self, line: &Line<'_>) -> LineState {
        if line.text.len() > LINE_BYTES_MAX {
            let long = Diagnostic::warning(
                "firewall/line-too-long",
                format!("the line has more than {LINE_BYTES_MAX} bytes"),
            )
            .because("what it does is not in the ruleset");
            self.reading.report(&line.span, long);
            self.config.strays.push(line.span.clone());
            return LineState::Warned;
        }
        let words: Vec<&str> = line.words().iter().map(|word| word.text).collect();
        let Some(first) = words.first() else { return LineState::Ignored };
        if first.starts_with(['!', '#']) || is_prompt(&words) {
            return LineState::Ignored;
        }
        let block: Vec<&str> =
            if line.indent > 0 { self.header.iter().map(String::as_str).collect() } else { Vec::new() };
        let found = secrets(&words, &block);
        self.hidden = !found.is_empty();
        for secret in found {
            let word = line.words().get(secret.word).map_or(line.span.clone(), |word| word.span());
            self.reading.secret(&word, secret.what, secret.keeping);
        }
        let statement = Statement { words: &words, span: line.span.clone() };
        let read = self.statement(&statement, line.indent);
        match read {
            Read::Modeled => LineState::Modeled,
            Read::Ignored => LineState::Ignored,
            Read::Warned => LineState::Warned,
            Read::Unread | Read::Foreign if self.hidden => LineState::Ignored,
            Read::Unread | Read::Foreign => LineState::Warned,
        }
    }

    fn statement(&mut self, statement: &Statement<'_>, indent: usize) -> Read {
        if indent > 0 || self.is_flush(statement.words) {
            self.flat = indent == 0;
            match self.within(statement) {
                Read::Foreign => {}
                Read::Unread => return self.unread(statement),
                read => return read,
            }
        }
        if is_end(statement.words) {
            self.open(Block::Top, &[]);
            return Read::Ignored;
        }
        if self.is_flat_rest(statement.words) {
            self.flat = true;
            return Read::Ignored;
        }
        match self.top(statement) {
            Read::Unread | Read::Foreign => {
                self.open(Block::Unread, statement.words);
                self.unread(statement)
            }
            read => read,
        }
    }

    /// Whether a statement without indentation is one that interfaces have and that is ignored there.
    fn is_flat_rest(&self, words: &[&str]) -> bool {
        let text = affirmed(words).join(" ");
        let here = matches!(self.block, Block::Interface(_)) && ignored::is_of_interface(&text);
        here && (self.flat || !ignored::is_global(&text))
    }

    /// Whether a statement without indentation belongs to the block: in files that people wrote or flattened.
    fn is_flush(&self, words: &[&str]) -> bool {
        let words = affirmed(words);
        let begins = |starts: &[&str]| words.first().is_some_and(|first| starts.contains(first));
        match &self.block {
            Block::List(..) => match words {
                [number, next, ..] if number.parse::<u64>().is_ok() => LIST_LINES.contains(next),
                _ => begins(&LIST_LINES),
            },
            Block::Group(..) => begins(&GROUP_LINES),
            Block::Interface(_) => match words {
                ["ip", "access-group" | "address" | "add" | "addr" | "inspect" | "verify", ..] => true,
                ["ip", "nat", "inside" | "outside" | "enable"] => true,
                ["ipv6", "address" | "add" | "traffic-filter", ..] => true,
                _ => begins(&INTERFACE_LINES),
            },
            Block::Class(_) => begins(&["match"]),
            Block::Policy(_) => begins(&["class", "inspect", "pass", "drop", "police"]),
            Block::ZonePair(_) => begins(&["service-policy"]),
            Block::RouteMap(_) => begins(&["match", "set"]),
            Block::VlanMap(_) => begins(&["match", "action"]),
            Block::TimeRange(_) => begins(&["absolute", "periodic"]),
            Block::Routing => begins(&ROUTING_LINES),
            Block::Terminals(_) => match words {
                ["logging", "synchronous", ..]
                | ["privilege", "level", ..]
                | ["ipv6", "access-class", ..] => true,
                _ => begins(&TERMINAL_LINES),
            },
            _ => false,
        }
    }

    /// A statement within the block.
    fn within(&mut self, statement: &Statement<'_>) -> Read {
        if statement.words == ["exit"] {
            return Read::Ignored;
        }
        match self.block.clone() {
            Block::Top => Read::Foreign,
            Block::Ignored | Block::Routing => Read::Ignored,
            // The statement above it was reported.
            Block::Unread => {
                self.stray(statement);
                Read::Warned
            }
            Block::List(version, name) => read_list::entry(self, version, &name, statement),
            Block::Group(kind, name) => read_groups::member(self, kind, &name, statement),
            Block::TimeRange(name) => read_groups::time(self, &name, statement),
            Block::Interface(name) => read_interface::statement(self, &name, statement),
            Block::Class(name) => read_zone::class(self, &name, statement),
            Block::Policy(name) => read_zone::policy(self, &name, statement),
            Block::Zone => Read::Ignored,
            Block::ZonePair(name) => read_zone::pair(self, &name, statement),
            Block::Pool(name) => read_nat::pool_line(self, &name, statement),
            Block::RouteMap(name) => read_route::route_map(self, &name, statement),
            Block::VlanMap(name) => read_route::vlan_map(self, &name, statement),
            Block::Terminals(at) => read_management::terminals(self, at, statement),
            Block::ControlPlane => read_management::control_plane(self, statement),
        }
    }

    /// A statement that stands alone or opens a block.
    fn top(&mut self, statement: &Statement<'_>) -> Read {
        self.open(Block::Top, statement.words);
        let readers = [
            read_list::top,
            read_groups::top,
            read_interface::top,
            read_zone::top,
            read_nat::top,
            read_route::top,
            read_management::top,
        ];
        for reader in readers {
            match reader(self, statement) {
                Read::Foreign => {}
                read => return read,
            }
        }
        if ignored::is_global(&affirmed(statement.words).join(" ")) {
            self.open(Block::Ignored, statement.words);
            return Read::Ignored;
        }
        Read::Unread
    }

    /// Opens a block.
    pub(super) fn open(&mut self, block: Block, words: &[&str]) {
        self.block = block;
        self.flat = false;
        self.header = words.iter().take(3).map(|word| (*word).to_owned()).collect();
    }

    /// Takes note of a statement that filters and of which it is not known where.
    fn stray(&mut self, statement: &Statement<'_>) {
        let filters = matches!(
            affirmed(statement.words),
            ["ip" | "ipv4", "access-group", ..]
                | ["ipv6", "traffic-filter" | "access-group", ..]
                | ["zone-member" | "access-class" | "service-policy", ..]
                | ["permit" | "deny", ..]
                | [_, "permit" | "deny", ..]
                | ["ip", "inspect", _, "in" | "out"]
        );
        if filters {
            self.config.strays.push(statement.span.clone());
        }
    }

    /// Says that a statement was not understood.
    fn unread(&mut self, statement: &Statement<'_>) -> Read {
        if !matches!(self.block, Block::List(..)) {
            self.stray(statement);
        }
        let shown = statement.words.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        let unread = Diagnostic::warning(
            "firewall/unread-statement",
            format!("`{shown}` is not a statement that is read"),
        )
        .because("what it does is not in the ruleset")
        .help("see the manual page of the dialect for what is read and what is knowingly ignored");
        self.warn(statement, unread);
        Read::Unread
    }

    /// Reports something about the line at hand, unless it holds a secret.
    pub(super) fn warn(&mut self, statement: &Statement<'_>, diagnostic: Diagnostic) {
        if !self.hidden {
            self.reading.report(&statement.span, diagnostic);
        }
    }

    /// Says that a part of a statement was not understood.
    pub(super) fn unclear(&mut self, statement: &Statement<'_>, what: &str) -> Read {
        let unclear = Diagnostic::warning("firewall/unread-part", format!("`{what}` is not understood here"))
            .because("whether the statement takes effect on a packet is not known");
        self.warn(statement, unclear);
        Read::Warned
    }
}

const LIST_LINES: [&str; 5] = ["permit", "deny", "remark", "evaluate", "dynamic"];
const GROUP_LINES: [&str; 8] =
    ["host", "group-object", "network-object", "range", "tcp", "udp", "tcp-udp", "icmp"];
const INTERFACE_LINES: [&str; 7] =
    ["shutdown", "zone-member", "switchport", "description", "encapsulation", "duplex", "speed"];
const ROUTING_LINES: [&str; 8] = [
    "network",
    "neighbor",
    "redistribute",
    "passive-interface",
    "router-id",
    "auto-summary",
    "area",
    "default-information",
];
const TERMINAL_LINES: [&str; 10] = [
    "access-class",
    "transport",
    "login",
    "exec-timeout",
    "password",
    "stopbits",
    "length",
    "session-timeout",
    "exec",
    "history",
];

/// The words without `no` or `default` before them.
fn affirmed<'a, 'w>(words: &'a [&'w str]) -> &'a [&'w str] {
    match words {
        ["no" | "default", rest @ ..] => rest,
        _ => words,
    }
}

/// `router#show running-config`, as a recorded session begins.
fn is_prompt(words: &[&str]) -> bool {
    matches!(words, [first, ..] if first.ends_with('#') || first.contains("#sh") || first.contains("#term"))
}

fn is_end(words: &[&str]) -> bool {
    matches!(words, ["exit" | "end" | "quit"])
}
