//! One rule of iptables: its options in order, then what its target does.

use super::ipset::{IpSets, NotDecided};
use super::matches::{Asked, asked, is_read_module, undecided_module, value_count};
use super::state::{RuleDecl, Target};
use super::targets::{TargetKind, is_known_target, target_kind};
use super::values::{mark, nat_target, number, port_pair};
use super::words::Word;
use crate::dialects::Reading;
use crate::ruleset::{
    AddressSet, Condition, Counter, Effect, IpVersion, Log, MarkOf, Nat, NatKind, Reason, Rule, Undecidable,
    Verdict,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;
use zonewright_source::Diagnostic;

/// Reads the options of one rule.
pub(super) struct RuleReader<'a> {
    words: &'a [Word],
    at: usize,
    version: IpVersion,
    sets: &'a mut IpSets,
    reading: &'a mut Reading,
    /// The option at hand, for diagnostics.
    span: Range<usize>,
    rule: Rule,
    module: String,
    /// An option that only packets of the other family would meet (`-4`, `-6`).
    other_family: bool,
}

/// A rule, or `None` for one that is for the other family.
pub(super) fn read_rule(
    words: &[Word],
    version: IpVersion,
    chain: &str,
    (span, counter): (Range<usize>, Option<Counter>),
    sets: &mut IpSets,
    reading: &mut Reading,
) -> Option<RuleDecl> {
    let place = reading.place(&span);
    let mut reader = RuleReader {
        words,
        at: 0,
        version,
        sets,
        reading,
        span: span.clone(),
        rule: Rule { counter, ..Rule::new(place) },
        module: String::new(),
        other_family: false,
    };
    let target = reader.options(chain);
    if reader.other_family {
        return None;
    }
    Some(RuleDecl { rule: reader.rule, target, span })
}

impl RuleReader<'_> {
    fn options(&mut self, chain: &str) -> Option<Target> {
        let mut target = None;
        while let Some(option) = self.next() {
            if let Some(word) = self.words.get(self.at - 1) {
                self.span = word.span.clone();
            }
            let negated = option == "!";
            let option = if negated { self.next().unwrap_or_default() } else { option };
            match option.as_str() {
                "-m" | "--match" => self.open_module(),
                "-j" | "--jump" => target = self.jump(chain, false),
                "-g" | "--goto" => target = self.jump(chain, true),
                "-c" | "--set-counters" => self.counters(),
                "-4" | "--ipv4" => self.other_family |= self.version != IpVersion::V4,
                "-6" | "--ipv6" => self.other_family |= self.version != IpVersion::V6,
                "-w" | "--wait" | "-W" | "--wait-interval" => {
                    if self.peek().is_some_and(|next| next.bytes().all(|b| b.is_ascii_digit())) {
                        self.next();
                    }
                }
                "-n" | "--numeric" | "-v" | "--verbose" | "-x" | "--exact" | "--line-numbers" => {}
                _ => self.option(&option, negated),
            }
        }
        target
    }

    fn next(&mut self) -> Option<String> {
        let word = self.words.get(self.at)?;
        self.at += 1;
        Some(word.text.clone())
    }

    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(|word| word.text.as_str())
    }

    /// Whether the next word begins another option.
    fn at_option(&self) -> bool {
        let begins = |rest: &str| rest.starts_with(|c: char| !c.is_ascii_digit());
        self.peek().is_none_or(|next| next == "!" || next.strip_prefix('-').is_some_and(begins))
    }

    fn open_module(&mut self) {
        let module = self.next().unwrap_or_default();
        if let Some(reason) = undecided_module(&module) {
            let what = self.module_text(&module);
            if module == "time" {
                self.rule.until = last_moment(&what);
            }
            self.doubt(what, reason);
        } else if !is_read_module(&module) {
            let what = self.module_text(&module);
            self.warn("firewall/unknown-match", format!("match `{module}` is not known here"));
            self.doubt(what, Reason::Unread);
        }
        self.module = module;
    }

    /// The options of a module that is not looked into, up to the next module or target.
    fn module_text(&mut self, module: &str) -> String {
        const CORE: [&str; 22] = [
            "-m",
            "--match",
            "-j",
            "--jump",
            "-g",
            "--goto",
            "-s",
            "--source",
            "--src",
            "-d",
            "--destination",
            "--dst",
            "-i",
            "--in-interface",
            "-o",
            "--out-interface",
            "-p",
            "--protocol",
            "--proto",
            "-c",
            "-f",
            "--fragment",
        ];
        let mut text = module.to_owned();
        while let Some(next) = self.peek() {
            let negated_core = next == "!"
                && self.words.get(self.at + 1).is_some_and(|word| CORE.contains(&word.text.as_str()));
            if CORE.contains(&next) || negated_core {
                break;
            }
            text.push(' ');
            text.push_str(next);
            self.at += 1;
        }
        text
    }

    fn option(&mut self, option: &str, negated_before: bool) {
        // `--dport=22` is accepted as `--dport 22`.
        let (option, glued) = match option.split_once('=').filter(|_| option.starts_with("--")) {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option, None),
        };
        let Some(count) = value_count(option) else {
            let mut text = option.to_owned();
            while !self.at_option() {
                text.push(' ');
                text.push_str(&self.next().unwrap_or_default());
            }
            self.warn("firewall/unknown-option", format!("option `{text}` is not known here"));
            self.doubt(text, Reason::Unread);
            return;
        };
        // Before version 1.4.3, the `!` stood behind the option.
        let negated_behind = count > 0 && glued.is_none() && self.peek() == Some("!");
        if negated_behind {
            self.next();
        }
        let mut values: Vec<String> = glued.into_iter().collect();
        while values.len() < count {
            match self.next() {
                Some(value) => values.push(value),
                None => {
                    self.warn("firewall/unknown-option", format!("option `{option}` lacks its value"));
                    self.doubt(option.to_owned(), Reason::Unread);
                    return;
                }
            }
        }
        if option == "--comment" {
            self.rule.comment = values.into_iter().next();
            return;
        }
        let negated = negated_before != negated_behind;
        let texts: Vec<&str> = values.iter().map(String::as_str).collect();
        let what = format!("{}{option} {}", if negated { "! " } else { "" }, texts.join(" "));
        if let ("--match-set", [name, flags]) = (option, texts.as_slice()) {
            self.match_set(name, flags, negated, what);
            return;
        }
        match asked(self.version, &self.module, option, &texts, negated) {
            Asked::Conditions(conditions) => {
                conditions.into_iter().for_each(|condition| self.require(condition))
            }
            Asked::Nothing => {}
            Asked::Undecided(reason) => self.doubt(what, reason),
            Asked::Unclear(message) => {
                self.warn("firewall/unknown-value", message);
                self.doubt(what, Reason::Name);
            }
            Asked::Unknown => {
                self.warn("firewall/unknown-option", format!("option `{what}` is not known here"));
                self.doubt(what, Reason::Unread);
            }
        }
    }

    /// `--match-set NAME FLAGS`.
    fn match_set(&mut self, name: &str, flags: &str, negated: bool, what: String) {
        match self.sets.asked(self.version, name, flags, negated) {
            Ok(conditions) => conditions.into_iter().for_each(|condition| self.require(condition)),
            Err(NotDecided::For(Reason::Unread)) => {
                self.warn("firewall/unknown-value", format!("expected `src` and `dst`, found `{flags}`"));
                self.doubt(what, Reason::Unread);
            }
            Err(NotDecided::For(reason)) => self.doubt(what, reason),
            Err(NotDecided::TooLarge(message)) => {
                self.warn("firewall/set-too-large", message);
                self.doubt(what, Reason::DynamicSet);
            }
        }
    }

    fn require(&mut self, condition: Condition) {
        if !self.rule.conditions.contains(&condition) {
            self.rule.conditions.push(condition);
        }
    }

    fn doubt(&mut self, what: String, reason: Reason) {
        self.require(Condition::Undecidable(Undecidable { what, reason }));
    }

    fn warn(&mut self, code: &'static str, message: String) {
        let warning = Diagnostic::warning(code, message)
            .because("whether the rule matches is not decided, so what it decides is possible at most")
            .help(
                "print the configuration with `iptables-save`, which writes every option in its plain form",
            );
        let span = self.span.clone();
        self.reading.report(&span, warning);
    }

    fn counters(&mut self) {
        let packets = self.next().and_then(|word| word.trim_end_matches(',').parse().ok());
        let bytes = self.next().and_then(|word| word.parse().ok());
        if let (Some(packets), Some(bytes)) = (packets, bytes) {
            self.rule.counter = Some(Counter { packets, bytes });
        }
    }

    /// `-j TARGET` or `-g CHAIN` with the options behind it.
    fn jump(&mut self, chain: &str, goto: bool) -> Option<Target> {
        let name = self.next().unwrap_or_default();
        if name.is_empty() {
            self.warn("firewall/unknown-option", "a jump lacks its target".to_owned());
            self.rule.verdict = Verdict::Unknown("jump".to_owned());
            return None;
        }
        if goto || !is_known_target(&name) {
            return Some(Target { chain: name, goto });
        }
        let bare = ["ACCEPT", "DROP", "RETURN", "NOTRACK"].contains(&name.as_str());
        let options = if bare { Vec::new() } else { self.target_options() };
        self.target(&name, chain, &options);
        None
    }

    /// The options of a target, each with its values, up to a match that stands behind it: a condition holds wherever it
    /// stands in the line.
    fn target_options(&mut self) -> Vec<(String, Vec<String>)> {
        let mut options: Vec<(String, Vec<String>)> = Vec::new();
        while let Some(next) = self.peek() {
            if next == "!"
                || ["-m", "--match", "-c", "-4", "-6"].contains(&next)
                || value_count(next).is_some()
            {
                break;
            }
            let option = self.next().unwrap_or_default();
            let mut values = Vec::new();
            // The text of a log entry may look like an option.
            if option.ends_with("-prefix") {
                values.extend(self.next());
            }
            while !self.at_option() {
                values.extend(self.next());
            }
            options.push((option, values));
        }
        options
    }

    fn target(&mut self, name: &str, chain: &str, options: &[(String, Vec<String>)]) {
        let text = || {
            let words = options.iter().map(|(option, values)| format!(" {option} {}", values.join(" ")));
            format!("{name}{}", words.collect::<String>().replace("  ", " ")).trim_end().to_owned()
        };
        match (name, target_kind(name)) {
            ("ACCEPT", _) => self.rule.verdict = Verdict::Accept,
            ("DROP", _) => self.rule.verdict = Verdict::Drop,
            ("RETURN", _) => self.rule.verdict = Verdict::Return,
            ("NETMAP", _) => self.netmap(chain, options),
            ("NOTRACK", _) => self.rule.effects.push(Effect::NoTrack),
            ("CT", _) => match options.iter().any(|(option, _)| option == "--notrack") {
                true => self.rule.effects.push(Effect::NoTrack),
                false => self.rule.effects.push(Effect::Other(text())),
            },
            (_, TargetKind::Log) => self.rule.log = Some(log(options)),
            (_, TargetKind::Reject) => self.rule.verdict = Verdict::Reject,
            (_, TargetKind::Harmless) => self.rule.effects.push(Effect::Other(text())),
            (_, TargetKind::Nat(kind)) => self.nat(kind, options),
            (_, TargetKind::Mark) => self.marks(name, options),
            _ => self.rule.verdict = Verdict::Unknown(text()),
        }
    }

    fn nat(&mut self, kind: NatKind, options: &[(String, Vec<String>)]) {
        let mut nat = Nat { kind, addresses: None, ports: None, options: Vec::new(), unknown: None };
        for (option, values) in options {
            let value = values.first().map(String::as_str).unwrap_or_default();
            match option.as_str() {
                "--to-destination" | "--to-source" => {
                    match nat_target(value).filter(|_| nat.addresses.is_none()) {
                        Some((addresses, ports)) => (nat.addresses, nat.ports) = (addresses, ports),
                        None => nat.unknown = Some(value.to_owned()),
                    }
                }
                "--to-ports" | "--to-port" => match port_pair(value) {
                    Some(ports) => nat.ports = Some(ports),
                    None => nat.unknown = Some(value.to_owned()),
                },
                "--random" | "--random-fully" | "--persistent" => {
                    nat.options.push(option.trim_start_matches('-').to_owned())
                }
                _ => nat.unknown = Some(format!("{option} {value}")),
            }
        }
        self.unclear_target(nat.unknown.as_deref());
        self.rule.verdict = Verdict::Nat(nat);
    }

    fn netmap(&mut self, chain: &str, options: &[(String, Vec<String>)]) {
        let kind = if ["POSTROUTING", "INPUT"].contains(&chain) {
            NatKind::SourceNetwork
        } else {
            NatKind::DestinationNetwork
        };
        let value =
            options.iter().find(|(option, _)| option == "--to").and_then(|(_, values)| values.first());
        let network = value.and_then(|value| super::values::address_list(self.version, value));
        let addresses = network.as_ref().and_then(ends);
        let unknown = if addresses.is_none() { Some(value.cloned().unwrap_or_default()) } else { None };
        self.unclear_target(unknown.as_deref());
        self.rule.verdict = Verdict::Nat(Nat { kind, addresses, ports: None, options: Vec::new(), unknown });
    }

    fn unclear_target(&mut self, unknown: Option<&str>) {
        if let Some(unknown) = unknown {
            self.warn(
                "firewall/unknown-value",
                format!("expected a target of the translation, found `{unknown}`"),
            );
        }
    }

    fn marks(&mut self, name: &str, options: &[(String, Vec<String>)]) {
        let of = if name == "CONNMARK" { MarkOf::Connection } else { MarkOf::Packet };
        let effects = (name != "HMARK").then(|| mark_effects(of, options)).flatten();
        match effects {
            Some(effects) => self.rule.effects.extend(effects),
            None => {
                self.rule.effects.push(Effect::ScrambleMark { of: MarkOf::Packet });
                if name == "CONNMARK" {
                    self.rule.effects.push(Effect::ScrambleMark { of: MarkOf::Connection });
                }
                if name != "HMARK" {
                    self.warn(
                        "firewall/unknown-value",
                        format!("the options of `{name}` are not understood"),
                    );
                }
            }
        }
    }
}

/// The end of a match on time, if it has one: `--datestop YYYY[-MM[-DD[Thh[:mm[:ss]]]]]` (iptables-extensions(8)).
fn last_moment(text: &str) -> Option<jiff::civil::DateTime> {
    let mut words = text.split(' ').skip_while(|word| *word != "--datestop");
    let value = words.nth(1)?;
    let (date, time) = value.split_once('T').unwrap_or((value, ""));
    let number = |part: Option<&str>, usual: i8| match part {
        None | Some("") => Some(usual),
        Some(text) => text.parse().ok(),
    };
    let mut date = date.split('-');
    let year: i16 = date.next()?.parse().ok()?;
    let (month, day) = (number(date.next(), 1)?, number(date.next(), 1)?);
    let mut time = time.split(':');
    let (hour, minute) = (number(time.next(), 0)?, number(time.next(), 0)?);
    jiff::civil::DateTime::new(year, month, day, hour, minute, number(time.next(), 0)?, 0).ok()
}

/// What `MARK` and `CONNMARK` do (iptables-extensions(8)).
fn mark_effects(of: MarkOf, options: &[(String, Vec<String>)]) -> Option<Vec<Effect>> {
    let value = |name: &str| {
        options
            .iter()
            .find(|(option, _)| option == name)
            .and_then(|(_, values)| values.first().map(String::as_str))
    };
    let has = |name: &str| options.iter().any(|(option, _)| option == name);
    let set = |keep: u32, flip: u32| Some(vec![Effect::SetMark { of, keep, flip }]);
    if let Some(text) = value("--set-xmark") {
        let (wanted, mask) = mark(text)?;
        return set(!mask, wanted);
    }
    if let Some(text) = value("--set-mark") {
        let (wanted, mask) = mark(text)?;
        return set(!(mask | wanted), wanted);
    }
    if let Some(bits) = value("--and-mark") {
        return set(number(bits)?, 0);
    }
    if let Some(bits) = value("--or-mark") {
        let bits = number(bits)?;
        return set(!bits, bits);
    }
    if let Some(bits) = value("--xor-mark") {
        return set(u32::MAX, number(bits)?);
    }
    let (from, to) = match (has("--save-mark"), has("--restore-mark")) {
        (true, false) => (MarkOf::Packet, MarkOf::Connection),
        (false, true) => (MarkOf::Connection, MarkOf::Packet),
        _ => return None,
    };
    let mask = |name| value(name).or_else(|| value("--mask")).map_or(Some(u32::MAX), number);
    let (packet, connection) = (mask("--nfmask")?, mask("--ctmask")?);
    Some(if packet == connection {
        vec![Effect::CopyMark { from, to, mask: packet }]
    } else {
        vec![Effect::ScrambleMark { of: to }]
    })
}

fn log(options: &[(String, Vec<String>)]) -> Log {
    let mut log = Log::default();
    for (option, values) in options {
        match option.as_str() {
            "--log-prefix" | "--nflog-prefix" | "--ulog-prefix" => log.prefix = Some(values.join(" ")),
            "--log-level" => log.options.push(format!("level {}", values.join(" "))),
            "--nflog-group" => log.options.push(format!("group {}", values.join(" "))),
            _ => log.options.push(
                format!("{} {}", option.trim_start_matches('-'), values.join(" ")).trim_end().to_owned(),
            ),
        }
    }
    log
}

/// First and last address of a set that is one interval.
fn ends(set: &AddressSet) -> Option<(IpAddr, IpAddr)> {
    match (set.v4.intervals(), set.v6.intervals()) {
        ([(first, last)], []) => {
            Some((Ipv4Addr::from_bits(*first).into(), Ipv4Addr::from_bits(*last).into()))
        }
        ([], [(first, last)]) => {
            Some((Ipv6Addr::from_bits(*first).into(), Ipv6Addr::from_bits(*last).into()))
        }
        _ => None,
    }
}
