//! Lines to what they say: statements, and the blocks that they open.

use super::config::{
    Binding, BindingAt, Config, Effect, Entry, GroupKind, Interface, List, ListKind, NatLine, OwnAddress,
    Statement, Uncertain,
};
use super::cursor::Cursor;
use super::ignored::{is_ignored, is_ignored_block, is_ignored_in_interface};
use super::objects::{is_member, open_group};
use super::policies::Policies;
use super::secrets::{may_hold_secret, secrets};
use super::time::absolute_end;
use crate::dialects::Reading;
use crate::dialects::cisco::{Line, Word, lines};
use crate::ruleset::{LineState, Reason, Undecidable};
use std::net::IpAddr;
use std::ops::Range;
use zonewright_source::Diagnostic;

/// How many entries may be moved in all by entries that are put between others (`line NUMBER`); beyond, an entry is put last
/// and warned about.
const MOVED_MAX: usize = 400_000_000;

/// The block that the lines at hand stand in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    None,
    Interface(String),
    Group(String, GroupKind),
    Time(String),
    /// `class-map NAME`.
    ClassMap(String),
    /// `policy-map NAME`.
    PolicyMap(String),
    /// Lines that are read by the statement's first words, with what stands in front of them.
    Lines(&'static str),
    /// All lines are ignored; the first word of the statement.
    Ignored(String),
    /// All lines are warned about with the statement.
    Unread,
}

/// What became of a line.
enum Outcome {
    Modeled,
    Ignored,
    Warned(Diagnostic),
}

/// Reads lines.
pub(super) struct Reader<'a, 'r> {
    reading: &'r mut Reading,
    pub(super) config: Config<'a>,
    policies: Policies,
    block: Block,
    moved: usize,
}

/// Reads all lines of `text`.
pub(super) fn read<'a>(text: &'a str, reading: &mut Reading) -> Config<'a> {
    let mut config = Config::default();
    for line in lines(text).filter(|line| line.text.starts_with("name ") || line.text.contains(" Version ")) {
        early(&line, &mut config);
    }
    let mut reader = Reader { reading, config, policies: Policies::default(), block: Block::None, moved: 0 };
    for line in lines(text) {
        reader.line(&line);
    }
    let Reader { mut config, policies, .. } = reader;
    (config.icmp_inspection, config.inspects) = policies.inspections();
    let named = config.interfaces.iter().enumerate();
    let named: Vec<_> = named.filter_map(|(at, interface)| Some((interface.name.clone()?, at))).collect();
    for (name, at) in named.into_iter().rev() {
        config.by_name.insert(name, at);
    }
    config
}

/// What must be known before anything else is read: names of addresses, and the release.
fn early(line: &Line<'_>, config: &mut Config<'_>) {
    let words = line.words();
    let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
    match texts.as_slice() {
        ["name", address, name, ..] => {
            if let Ok(address) = address.parse::<IpAddr>() {
                config.names.insert((*name).to_owned(), address);
            }
        }
        ["ASA" | "PIX", "Version", release, ..] | [":", "ASA" | "PIX", "Version", release, ..] => {
            let mut parts = release.split(['.', '(', ')']).map(str::parse::<u32>);
            if let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) {
                config.release = config.release.or(Some((major, minor)));
            }
        }
        _ => {}
    }
}

impl<'a> Reader<'a, '_> {
    fn line(&mut self, line: &Line<'a>) {
        let words = line.words();
        let outcome = self.outcome(line, &words);
        let whole = if line.text.is_empty() { line.span.start..line.span.start } else { line.span.clone() };
        match outcome {
            Outcome::Modeled => self.reading.account(&whole, LineState::Modeled),
            Outcome::Ignored => self.reading.account(&whole, LineState::Ignored),
            Outcome::Warned(diagnostic) => self.reading.report(&whole, diagnostic),
        }
    }

    fn outcome(&mut self, line: &Line<'a>, words: &[Word<'a>]) -> Outcome {
        let Some(first) = words.first().map(|word| word.text) else { return Outcome::Ignored };
        if first.starts_with(['!', ':']) || first.starts_with("Cryptochecksum:") || first == "<---" {
            if line.indent == 0 && first.starts_with('!') {
                self.block = Block::None;
            }
            return Outcome::Ignored;
        }
        if ["access-list", "alert-interval"].contains(&first) && line.indent > 0 {
            return Outcome::Ignored;
        }
        let within = self.block != Block::None && (line.indent > 0 || self.belongs(words));
        if !within {
            self.block = Block::None;
        }
        let access = !within && is_access_control(first);
        if !access {
            let block = if within { self.block_word() } else { None };
            let found = secrets(words, block.as_deref());
            let holds = !found.is_empty();
            for secret in found {
                self.reading.secret(&secret.span, secret.what, secret.keeping);
            }
            if holds && first != "snmp-server" {
                if !within && is_ignored_block(words) {
                    self.block = Block::Ignored(first.to_owned());
                }
                return Outcome::Ignored;
            }
        }
        let outcome = if within { self.within(words, line) } else { self.statement(words, line) };
        match outcome {
            // What may hold a secret is not shown.
            Outcome::Warned(_) if !access && may_hold_secret(words) && !self.is_policy_block() => {
                Outcome::Ignored
            }
            outcome => outcome,
        }
    }

    fn is_policy_block(&self) -> bool {
        matches!(self.block, Block::Group(..))
    }

    /// What the block is called in what is said about its secrets.
    fn block_word(&self) -> Option<String> {
        match &self.block {
            Block::Interface(name) => Some(format!("interface {name}")),
            Block::Ignored(word) => Some(word.clone()),
            _ => None,
        }
    }

    /// Whether a line that is not indented belongs to the block all the same.
    fn belongs(&self, words: &[Word<'_>]) -> bool {
        let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
        match (&self.block, texts.as_slice()) {
            (Block::Group(_, GroupKind::Network), ["nat", interfaces, ..]) => {
                interfaces.starts_with('(')
                    && !texts.contains(&"source")
                    && ["static", "dynamic"].iter().any(|kind| texts.get(2) == Some(kind))
            }
            (Block::Group(..), [first, ..]) => is_member(first),
            (Block::ClassMap(_), ["match", ..]) => true,
            (Block::PolicyMap(_), ["class" | "inspect" | "parameters", ..]) => true,
            (Block::Time(_), ["absolute" | "periodic", ..]) => true,
            (Block::Interface(_), [first, ..]) => {
                [
                    "nameif",
                    "security-level",
                    "shutdown",
                    "management-only",
                    "bridge-group",
                    "zone-member",
                    "vlan",
                    "speed",
                    "duplex",
                ]
                .contains(first)
                    || matches!(
                        texts.as_slice(),
                        ["ip" | "ipv6", "address", ..]
                            | [
                                "no",
                                "ip" | "shutdown" | "shut" | "nameif" | "security-level" | "forward",
                                ..
                            ]
                    )
            }
            _ => false,
        }
    }

    fn within(&mut self, words: &[Word<'a>], line: &Line<'a>) -> Outcome {
        let span = line.span.clone();
        match self.block.clone() {
            Block::None => Outcome::Ignored,
            Block::Interface(name) => self.interface_line(&name, words, span),
            Block::Group(name, kind) => self.group_line(&name, &kind, words, span),
            Block::Time(name) => self.time_line(&name, words),
            Block::ClassMap(name) => {
                self.policies.class_line(&name, words);
                Outcome::Ignored
            }
            Block::PolicyMap(name) => match self.policies.policy_line(&name, words) {
                Ok(()) => Outcome::Ignored,
                Err(diagnostic) => Outcome::Warned(*diagnostic),
            },
            Block::Lines(head) => self.head_line(head, words, span),
            Block::Ignored(head) => {
                if head == "group-policy" || head == "tunnel-group" {
                    self.config.vpn.push(Statement { words: words.to_vec(), span });
                }
                Outcome::Ignored
            }
            Block::Unread => Outcome::Warned(unread(words)),
        }
    }

    /// A line of a block that is read with the statement's head, such as `webvpn` / `enable outside`.
    fn head_line(&mut self, head: &'static str, words: &[Word<'a>], span: Range<usize>) -> Outcome {
        if head == "webvpn"
            && words.first().is_some_and(|word| ["enable", "port", "dtls"].contains(&word.text))
        {
            let mut full = vec![Word { text: head, start: span.start }];
            full.extend_from_slice(words);
            self.config.management.push(Statement { words: full, span });
            return Outcome::Modeled;
        }
        Outcome::Ignored
    }

    fn group_line(
        &mut self,
        name: &str,
        kind: &GroupKind,
        words: &[Word<'a>],
        span: Range<usize>,
    ) -> Outcome {
        if *kind == GroupKind::Network && words.first().is_some_and(|word| word.text == "nat") {
            let object = Some(name.to_owned());
            self.config.nat.push(NatLine { object, words: words.to_vec(), span });
            return Outcome::Modeled;
        }
        let mut cursor = Cursor::new(words);
        match self.config.member(name, kind, &mut cursor, span) {
            Ok(()) if words.first().is_some_and(|word| word.text == "description") => Outcome::Ignored,
            Ok(()) => Outcome::Modeled,
            Err(problem) => Outcome::Warned(
                Diagnostic::warning("firewall/unread-member", problem)
                    .because(format!("what `{name}` holds is not known, so rules that use it are uncertain"))
                    .help("print the object as `show running-config object` does"),
            ),
        }
    }

    fn time_line(&mut self, name: &str, words: &[Word<'a>]) -> Outcome {
        match words.first().map(|word| word.text) {
            Some("absolute") => {
                let Some(end) = absolute_end(words) else {
                    return Outcome::Warned(Diagnostic::warning(
                        "firewall/unknown-value",
                        "expected `absolute [start TIME DATE] [end TIME DATE]`",
                    ));
                };
                self.config.times.entry(name.to_owned()).or_default().until = end;
                Outcome::Modeled
            }
            Some("periodic" | "description") => Outcome::Modeled,
            _ => Outcome::Warned(unread(words)),
        }
    }

    fn interface_line(&mut self, name: &str, words: &[Word<'a>], span: Range<usize>) -> Outcome {
        let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
        let address = match texts.as_slice() {
            ["ip", "address", address, mask, ..] => self.config.own_address(address, mask),
            ["ipv6", "address", prefix, ..] => ipv6_prefix(prefix),
            _ => None,
        };
        let Some(interface) = self.config.interfaces.get_mut(name) else { return Outcome::Ignored };
        match texts.as_slice() {
            ["nameif", name] => interface.name = Some((*name).to_owned()),
            ["security-level", level] => match level.parse::<u8>() {
                Ok(level) if level <= 100 => interface.level = Some(level),
                _ => {
                    interface.level_unread = true;
                    return Outcome::Warned(
                        Diagnostic::warning(
                            "firewall/unknown-value",
                            format!("expected a level from 0 to 100, found `{level}`"),
                        )
                        .because("what passes by the levels of interfaces is uncertain"),
                    );
                }
            },
            ["shutdown" | "shut"] => interface.shutdown = true,
            ["no", "shutdown" | "shut"] => interface.shutdown = false,
            ["management-only", ..] => interface.management_only = true,
            ["no", "management-only", ..] => interface.management_only = false,
            ["zone-member", zone] => interface.zone = Some((*zone).to_owned()),
            ["bridge-group", group] => interface.bridge_group = Some((*group).to_owned()),
            ["no", "forward", "interface", other] => interface.no_forward.push(other.to_string()),
            ["no", "forward", "interface", kind, number] => {
                interface.no_forward.push(format!("{kind}{number}"))
            }
            ["ip" | "ipv6", "address", "dhcp" | "pppoe" | "autoconfig", ..] => {
                interface.learns_address = true
            }
            ["ipv6", "address", _, "link-local", ..] => {}
            ["ip" | "ipv6", "address", ..] => match address {
                Some((address, length)) => interface.addresses.push(OwnAddress { address, length, span }),
                None => {
                    interface.learns_address = true;
                    return Outcome::Warned(Diagnostic::warning(
                        "firewall/unknown-value",
                        "expected an address and a mask or length of prefix",
                    ));
                }
            },
            ["no", ..] => return Outcome::Ignored,
            _ if is_ignored_in_interface(words) => return Outcome::Ignored,
            _ => return Outcome::Warned(unread(words)),
        }
        Outcome::Modeled
    }

    /// A statement outside blocks.
    fn statement(&mut self, words: &[Word<'a>], line: &Line<'a>) -> Outcome {
        let span = line.span.clone();
        let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
        match texts.as_slice() {
            ["name", _, _, ..] => Outcome::Modeled,
            ["interface" | "int", rest @ ..] if !rest.is_empty() => {
                let hardware = rest.concat();
                self.config.interfaces.get_or_add(&hardware, || Interface::new(&hardware, span));
                self.block = Block::Interface(hardware);
                Outcome::Modeled
            }
            ["nameif", hardware, name, level] => self.old_nameif(hardware, name, level, span),
            ["ip", "address", name, address, mask, ..] => self.old_address(name, address, mask, span),
            ["object" | "object-group", _, _, ..] => self.open_group(words, span),
            ["access-list", name, ..] | ["ipv6", "access-list", name, ..] => {
                let ipv6 = texts.first() == Some(&"ipv6");
                self.access_list(name, ipv6, words.get(2 + usize::from(ipv6)..).unwrap_or_default(), line)
            }
            ["access-group", list, rest @ ..] => self.access_group(list, rest, span),
            ["time-range", name] => {
                self.config.times.entry((*name).to_owned()).or_default();
                self.block = Block::Time((*name).to_owned());
                Outcome::Modeled
            }
            ["clear", "configure", "access-list", name] => self.clear_list(name),
            ["clear", ..] => Outcome::Ignored,
            ["nat", interfaces, ..] if interfaces.starts_with('(') && interfaces.contains(',') => {
                self.config.nat.push(NatLine { object: None, words: words.to_vec(), span });
                Outcome::Modeled
            }
            ["nat", "source", ..] => {
                self.config.nat.push(NatLine { object: None, words: words.to_vec(), span });
                Outcome::Modeled
            }
            ["nat" | "global" | "static", interfaces, ..] if interfaces.starts_with('(') => {
                self.config.old_nat.push(Statement { words: words.to_vec(), span });
                Outcome::Modeled
            }
            ["same-security-traffic", "permit", which] => {
                self.config.same_level |= *which == "inter-interface";
                self.config.hairpin |= *which == "intra-interface";
                Outcome::Modeled
            }
            ["firewall", "transparent"] => {
                self.config.transparent = true;
                Outcome::Modeled
            }
            ["class-map", name] => self.open(Block::ClassMap((*name).to_owned())),
            ["policy-map", name] => self.open(Block::PolicyMap((*name).to_owned())),
            ["service-policy", policy, rest @ ..] => {
                self.policies.applied(policy, rest.first() == Some(&"global"));
                Outcome::Ignored
            }
            ["webvpn"] => self.open(Block::Lines("webvpn")),
            _ => self.other_statement(words, &texts, span),
        }
    }

    fn open(&mut self, block: Block) -> Outcome {
        self.block = block;
        Outcome::Ignored
    }

    fn other_statement(&mut self, words: &[Word<'a>], texts: &[&'a str], span: Range<usize>) -> Outcome {
        let statement = || Statement { words: words.to_vec(), span: span.clone() };
        match texts {
            ["ssh" | "telnet" | "http", _, _, _] if is_network(texts) => {}
            ["ssh" | "telnet" | "http", prefix, _] if prefix.contains(':') => {}
            ["http", "server", "enable", ..] | ["http", "redirect", ..] => {}
            ["icmp", "permit" | "deny", ..] | ["ipv6", "icmp", "permit" | "deny", ..] => {}
            ["snmp-server", "host" | "host-group" | "listen-port", ..] => {}
            ["dhcpd" | "dhcprelay", "enable", ..] => {}
            ["aaa", "authentication", "listener", "http" | "https", ..] => {}
            ["crypto", "isakmp" | "ikev1" | "ikev2", "enable", ..] | ["isakmp", "enable", ..] => {}
            ["router", ..] | ["ipv6", "router", ..] => {
                self.config.management.push(statement());
                self.block = Block::Ignored((*texts.first().unwrap_or(&"router")).to_owned());
                return Outcome::Ignored;
            }
            ["crypto", "map" | "dynamic-map", ..]
            | ["ip", "local", "pool", ..]
            | ["ipv6", "local", "pool", ..] => {
                self.config.vpn.push(statement());
                return Outcome::Modeled;
            }
            ["no", "sysopt", "connection", "permit-vpn" | "permit-ipsec"] => {
                self.config.vpn.push(statement());
                return Outcome::Modeled;
            }
            ["route", ..] => {
                self.config.routes.push(statement());
                return Outcome::Ignored;
            }
            ["ip", "verify", "reverse-path", "interface", name] => {
                self.config.reverse_path.push(((*name).to_owned(), span.clone()));
                return Outcome::Modeled;
            }
            _ => return self.last_statement(words, texts, span),
        }
        self.config.management.push(statement());
        Outcome::Modeled
    }

    fn last_statement(&mut self, words: &[Word<'a>], texts: &[&'a str], span: Range<usize>) -> Outcome {
        if let Some(uncertain) = uncertain(texts, span) {
            let what = uncertain.what.what.clone();
            let effect = if uncertain.effect == Effect::Opens { "opens" } else { "stops" };
            self.config.uncertain.push(uncertain);
            return Outcome::Warned(
                Diagnostic::warning("firewall/not-computed", format!("`{what}` is not computed")).because(
                    format!(
                        "what it {effect} depends on more than a packet, so what it bears on is uncertain"
                    ),
                ),
            );
        }
        match texts {
            [
                "no",
                "access-list" | "object" | "object-group" | "nat" | "access-group" | "static" | "global"
                | "interface" | "name" | "nameif",
                ..,
            ] => Outcome::Warned(
                Diagnostic::warning(
                    "firewall/not-applied",
                    "a statement that removes another is not applied",
                )
                .because("what it removes is still in the ruleset")
                .help("export the configuration with `show running-config`"),
            ),
            _ if removes(texts) => Outcome::Warned(
                Diagnostic::warning(
                    "firewall/not-applied",
                    "a statement that removes another is not applied",
                )
                .because("what it removes is still in the ruleset")
                .help("export the configuration with `show running-config`"),
            ),
            ["no", ..] => Outcome::Ignored,
            _ if is_ignored_block(words) => {
                self.block = Block::Ignored((*texts.first().unwrap_or(&"")).to_owned());
                Outcome::Ignored
            }
            _ if is_ignored(words) || is_prompt(words) => Outcome::Ignored,
            _ => {
                self.block = Block::Unread;
                Outcome::Warned(unread(words))
            }
        }
    }

    /// `nameif ethernet0 outside security0`, before 7.0.
    fn old_nameif(&mut self, hardware: &str, name: &str, level: &str, span: Range<usize>) -> Outcome {
        let interface = self.config.interfaces.get_or_add(hardware, || Interface::new(hardware, span));
        interface.name = Some(name.to_owned());
        interface.level = level.trim_start_matches("security").parse().ok().filter(|level| *level <= 100);
        Outcome::Modeled
    }

    /// `ip address outside 192.0.2.1 255.255.255.0`, before 7.0.
    fn old_address(&mut self, name: &str, address: &str, mask: &str, span: Range<usize>) -> Outcome {
        let address = self.config.own_address(address, mask);
        let named =
            self.config.interfaces.iter_mut().find(|interface| interface.name.as_deref() == Some(name));
        match (named, address) {
            (Some(interface), Some((address, length))) => {
                interface.addresses.push(OwnAddress { address, length, span });
                Outcome::Modeled
            }
            _ => Outcome::Warned(Diagnostic::warning(
                "firewall/unknown-value",
                "expected an interface, an address and a mask",
            )),
        }
    }

    fn open_group(&mut self, words: &[Word<'a>], span: Range<usize>) -> Outcome {
        let Some((name, kind)) = open_group(&mut Cursor::new(words)) else {
            self.block = Block::Unread;
            return Outcome::Warned(unread(words));
        };
        match self.config.declare(&name, &kind, span) {
            Ok(()) => {
                self.block = Block::Group(name, kind);
                Outcome::Modeled
            }
            Err(problem) => {
                self.block = Block::Unread;
                Outcome::Warned(
                    Diagnostic::warning("firewall/name-twice", problem)
                        .because("the device refuses the second; it is not in the ruleset"),
                )
            }
        }
    }

    /// What stands behind `access-list NAME`.
    fn access_list(&mut self, name: &str, ipv6: bool, words: &[Word<'a>], line: &Line<'a>) -> Outcome {
        let all: Vec<&str> = words.iter().map(|word| word.text).collect();
        let (position, words) = match all.as_slice() {
            ["line", number, ..] => (number.parse::<usize>().ok(), words.get(2..).unwrap_or_default()),
            _ => (None, words),
        };
        let texts: Vec<&str> = words.iter().map(|word| word.text).collect();
        if name.ends_with(';') || ["cached", "alert-interval", "deny-flow-max"].contains(&name) {
            return Outcome::Ignored;
        }
        let (kind, skip) = match texts.as_slice() {
            ["extended" | "advanced", ..] => (Some(ListKind::Extended), 1),
            ["standard", ..] => (Some(ListKind::Standard), 1),
            ["ethertype", ..] => (Some(ListKind::Ethertype), 1),
            ["webtype", ..] => (Some(ListKind::Webtype), 1),
            ["permit" | "deny", ..] => (Some(ListKind::Extended), 0),
            ["remark", ..] => (None, 0),
            // Headings of `show access-list`.
            [] => return Outcome::Ignored,
            _ if all.iter().any(|word| word.starts_with("elements")) => return Outcome::Ignored,
            _ => {
                let entry = Entry::Ace(Statement { words: words.to_vec(), span: line.span.clone() });
                self.enter(name, ipv6, None, position, entry, line.span.clone());
                return Outcome::Modeled;
            }
        };
        let entry = match kind {
            None => Entry::Remark(remark(line.text)),
            Some(ListKind::Webtype) => return Outcome::Ignored,
            Some(_) => {
                let words = words.get(skip..).unwrap_or_default().to_vec();
                // Firepower has no levels: what passes between interfaces is told by its list alone.
                let firepower = texts.first() == Some(&"advanced");
                self.config.same_level |= firepower;
                self.config.hairpin |= firepower;
                Entry::Ace(Statement { words, span: line.span.clone() })
            }
        };
        let frames = kind == Some(ListKind::Ethertype);
        let denies_all = frames && texts.contains(&"deny") && texts.contains(&"any");
        let in_time = self.enter(name, ipv6, kind, position, entry, line.span.clone());
        if denies_all {
            return Outcome::Warned(
                Diagnostic::warning(
                    "firewall/not-computed",
                    "an entry that denies every frame is not computed",
                )
                .because("where it is bound it may stop IP and ARP as well"),
            );
        }
        if !in_time {
            return Outcome::Warned(
                Diagnostic::warning(
                    "firewall/too-many-insertions",
                    "the entry was put last and not where its number says",
                )
                .because("putting so many entries between others was given up"),
            );
        }
        if frames { Outcome::Ignored } else { Outcome::Modeled }
    }

    /// Adds an entry to a list. Whether it stands where it should.
    fn enter(
        &mut self,
        name: &str,
        ipv6: bool,
        kind: Option<ListKind>,
        position: Option<usize>,
        entry: Entry<'a>,
        span: Range<usize>,
    ) -> bool {
        let list = self.config.lists.get_or_add(name, || List {
            name: name.to_owned(),
            ipv6,
            kind: kind.unwrap_or(ListKind::Extended),
            entries: Vec::new(),
            order: Vec::new(),
            span,
        });
        if let (Some(kind), true) = (kind, list.entries.iter().all(|entry| matches!(entry, Entry::Remark(_))))
        {
            list.kind = kind;
        }
        let index = list.entries.len();
        list.entries.push(entry);
        let at = position.map_or(index, |number| number.saturating_sub(1).min(index));
        let moved = self.moved.saturating_add(index - at);
        if moved > MOVED_MAX {
            list.order.push(index);
            return false;
        }
        self.moved = moved;
        list.order.insert(at, index);
        true
    }

    fn clear_list(&mut self, name: &str) -> Outcome {
        let Some(list) = self.config.lists.get_mut(name) else { return Outcome::Ignored };
        list.entries.clear();
        list.order.clear();
        Outcome::Modeled
    }

    fn access_group(&mut self, list: &str, rest: &[&str], span: Range<usize>) -> Outcome {
        let at = match rest {
            ["global", ..] => BindingAt::Global,
            ["in", "interface", name, "control-plane"] => BindingAt::ControlPlane((*name).to_owned()),
            ["in", "interface", name] | ["in", "interface", name, "per-user-override"] => {
                BindingAt::In((*name).to_owned())
            }
            ["out", "interface", name, ..] => BindingAt::Out((*name).to_owned()),
            _ => {
                return Outcome::Warned(
                    Diagnostic::warning(
                        "firewall/unread-statement",
                        "expected `access-group LIST in|out interface NAME` or `access-group LIST global`",
                    )
                    .because("what the list filters is not in the ruleset"),
                );
            }
        };
        if let (Some(&"per-user-override"), BindingAt::In(name)) = (rest.last(), &at) {
            let what =
                Undecidable { what: "list of a user that the server sends".into(), reason: Reason::Name };
            self.config.uncertain.push(Uncertain {
                interface: Some(name.clone()),
                what,
                effect: Effect::Either,
                span: span.clone(),
            });
        }
        self.config.bindings.push(Binding { list: list.to_owned(), at, span });
        Outcome::Modeled
    }
}

/// Whether a statement may hold no secret and must be shown where it is not understood.
fn is_access_control(first: &str) -> bool {
    [
        "access-list",
        "access-group",
        "object",
        "object-group",
        "nat",
        "global",
        "static",
        "same-security-traffic",
        "time-range",
        "name",
    ]
    .contains(&first)
}

/// Whether a statement takes back one of those that are read, as scripts do.
fn removes(texts: &[&str]) -> bool {
    match texts {
        ["no", "http", "server", ..] => false,
        ["no", "ssh" | "telnet" | "http" | "icmp", _, _, ..] => true,
        ["no", "crypto", "map" | "dynamic-map", ..] => true,
        [
            "no",
            "service-policy" | "same-security-traffic" | "policy-map" | "class-map" | "time-range" | "route",
            ..,
        ] => true,
        _ => false,
    }
}

/// `A MASK INTERFACE` behind a word.
fn is_network(texts: &[&str]) -> bool {
    matches!(texts, [_, _, mask, _] if *mask == "0" || mask.parse::<std::net::Ipv4Addr>().is_ok())
}

/// `fw1# show running-config` and `fw1(config)# …`.
fn is_prompt(words: &[Word<'_>]) -> bool {
    words.first().is_some_and(|word| word.text.ends_with('#') || word.text.ends_with('>'))
}

/// `2001:db8::1/64`, perhaps with `eui-64` behind it.
fn ipv6_prefix(word: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = word.split_once('/')?;
    let length: u8 = length.parse().ok().filter(|length| *length <= 128)?;
    Some((IpAddr::V6(address.parse().ok()?), length))
}

/// The text of a remark, as written.
fn remark(line: &str) -> String {
    line.split_once("remark").map(|(_, text)| text.trim().to_owned()).unwrap_or_default()
}

/// A statement that was not understood.
fn unread(words: &[Word<'_>]) -> Diagnostic {
    let first: Vec<&str> = words.iter().take(2).map(|word| word.text).collect();
    Diagnostic::warning("firewall/unread-statement", format!("statement `{}` is not known", first.join(" ")))
        .because("what it does is not in the ruleset")
}

/// Statements of which the effect depends on more than the packet.
fn uncertain(texts: &[&str], span: Range<usize>) -> Option<Uncertain> {
    let (interface, reason, effect) = match texts {
        ["established", ..] => (None, Reason::Connection, Effect::Opens),
        ["aaa", "authentication", "match", _, interface, ..] => {
            (Some(*interface), Reason::Name, Effect::Closes)
        }
        ["aaa", "authentication", "include" | "exclude", _, interface, ..] => {
            (Some(*interface), Reason::Name, Effect::Closes)
        }
        ["aaa", "authorization", "match", _, interface, ..] => {
            (Some(*interface), Reason::Name, Effect::Closes)
        }
        ["dynamic-filter", "drop", ..] => (None, Reason::DynamicSet, Effect::Closes),
        ["threat-detection", "scanning-threat", rest @ ..] if rest.contains(&"shun") => {
            (None, Reason::DynamicSet, Effect::Closes)
        }
        ["shun", ..] => (None, Reason::DynamicSet, Effect::Closes),
        ["nat-control"] => (None, Reason::Connection, Effect::Closes),
        _ => return None,
    };
    let what = Undecidable { what: texts.iter().take(4).copied().collect::<Vec<_>>().join(" "), reason };
    Some(Uncertain { interface: interface.map(str::to_owned), what, effect, span })
}
