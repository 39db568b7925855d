//! nftables: one table of its own, for a machine that routes (`inet`) or one that bridges (`bridge`).
//!
//! Loading the file replaces that table and no other (`nft -f FILE`); what other tables drop stays dropped. Each permit is
//! a rule with a counter: since answers are accepted before, it counts the packets that open connections. What is
//! written is nft(8) of version 1.0.

use super::meaning::{NEIGHBOR_TYPES, OWN_NEIGHBOR_TYPES, resolving};
use super::policy::Part;
use super::text::{MARKS, MARKS_AND_LETTERS, Unique, identifier, plain, port_words, prefix_length, ranges};
use super::{
    Names, PERMITS_MAX, Permit, Policy, Service, Tracking, Unsaid, WriteError, Writer, Written, day,
};
use crate::ruleset::{AddressSet, IpVersion};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The table that is written.
const TABLE: &str = "zonewright";
/// Most bytes of a comment (NFTNL_UDATA_COMMENT_MAXLEN is 128 with the end).
const COMMENT_MAX: usize = 127;
/// Most bytes of the text before a log entry (NF_LOG_PREFIXLEN is 128 with the end).
const PREFIX_MAX: usize = 120;
/// Most bytes of a name of a set that is written.
const NAME_MAX: usize = 60;
/// Most bytes of the name of an interface (IFNAMSIZ is 16 with the end).
const INTERFACE_MAX: usize = 15;

/// A machine that routes.
pub(super) struct Routed;

/// A machine that bridges: transparent to those it stands between.
pub(super) struct Bridge;

impl Writer for Routed {
    fn name(&self) -> &'static str {
        "nftables"
    }

    fn title(&self) -> &'static str {
        "nftables (routed)"
    }

    fn read_by(&self) -> Option<&'static str> {
        Some("nftables")
    }

    fn tracking(&self) -> Tracking {
        Tracking::DropsInvalid
    }

    fn comment_mark(&self) -> &'static str {
        "#"
    }

    fn write(&self, policy: &Policy) -> Result<Written, WriteError> {
        Text::new(policy, "inet").write()
    }
}

impl Writer for Bridge {
    fn name(&self) -> &'static str {
        "nftables-bridge"
    }

    fn title(&self) -> &'static str {
        "nftables (transparent)"
    }

    fn read_by(&self) -> Option<&'static str> {
        Some("nftables")
    }

    fn tracking(&self) -> Tracking {
        Tracking::Transparent
    }

    fn comment_mark(&self) -> &'static str {
        "#"
    }

    fn write(&self, policy: &Policy) -> Result<Written, WriteError> {
        Text::new(policy, "bridge").write()
    }
}

/// The file under way.
struct Text<'a> {
    policy: &'a Policy,
    family: &'static str,
    names: Names<'a>,
    // The set that is declared for a set of addresses: its name.
    sets: BTreeMap<AddressSet, String>,
    unique: Unique,
    unsaid: Vec<Unsaid>,
    remarks: Vec<String>,
}

impl<'a> Text<'a> {
    fn new(policy: &'a Policy, family: &'static str) -> Self {
        Self {
            policy,
            family,
            names: Names::of(policy),
            sets: BTreeMap::new(),
            unique: Unique::default(),
            unsaid: Vec::new(),
            remarks: Vec::new(),
        }
    }

    fn bridges(&self) -> bool {
        self.family == "bridge"
    }

    fn write(mut self) -> Result<Written, WriteError> {
        self.check()?;
        let mut forward = Vec::new();
        for (at, permit) in self.policy.permits.iter().enumerate() {
            forward.push(String::new());
            forward.push(remark(permit));
            forward.extend(self.rules(Some(at), permit));
        }
        if self.bridges() {
            let gone = self.unsaid.iter().map(|unsaid| (unsaid.permit, unsaid.service)).collect();
            forward.splice(0..0, self.neighbors(&gone));
        }
        let own = self
            .policy
            .own
            .as_ref()
            .filter(|_| !self.bridges())
            .map(|own| own.iter().flat_map(|permit| self.rules(None, permit)).collect::<Vec<String>>());
        if self.bridges() && self.policy.own.is_some() {
            self.remarks
                .push("what reaches the device itself is not ruled here: a bridge has its own".into());
        }
        if self.policy.permits.iter().any(|permit| permit.until.is_some()) {
            self.remarks.push(
                "the ends of permits stand in comments alone: write the file anew when one has passed".into(),
            );
        }
        let mut text = self.head();
        text.push_str(&self.declared());
        text.push_str(&self.chain("forward", &forward));
        if let Some(own) = own {
            text.push_str(&self.chain("input", &own));
        }
        text.truncate(text.trim_end().len());
        text.push_str("\n}\n");
        Ok(Written { text, unsaid: self.unsaid, remarks: self.remarks })
    }

    fn check(&self) -> Result<(), WriteError> {
        let own = self.policy.own.iter().flatten();
        let all = || self.policy.permits.iter().chain(own.clone());
        if all().count() > PERMITS_MAX {
            return Err(WriteError::TooMany { what: "permits", limit: PERMITS_MAX });
        }
        let ends = all().flat_map(|permit| [&permit.from, &permit.to]).flat_map(|end| &end.interfaces);
        self.policy.interfaces.iter().chain(ends).try_for_each(|name| usable(name))
    }

    fn head(&self) -> String {
        let mut head = String::new();
        let lines = self.policy.head.iter().chain(&self.policy.remarks).chain(&self.remarks);
        for line in lines {
            let _ = writeln!(head, "# {}", plain(line, 500, &format!("{MARKS_AND_LETTERS}()'`;&")));
        }
        let family = self.family;
        let _ = write!(
            head,
            "\n# Replaces this table and no other: what other tables drop stays dropped.\ntable {family} {TABLE}\ndelete table {family} {TABLE}\n\ntable {family} {TABLE} {{\n"
        );
        head
    }

    /// The named sets, in order of their names.
    fn declared(&self) -> String {
        let mut sets: Vec<_> = self.sets.iter().map(|(set, name)| (name, set)).collect();
        sets.sort();
        let mut out = String::new();
        for (name, set) in sets {
            let kind = if set.v6.is_none() { "ipv4_addr" } else { "ipv6_addr" };
            let _ = write!(
                out,
                "\tset {name} {{\n\t\ttype {kind}\n\t\tflags interval\n\t\telements = {{ {} }}\n\t}}\n\n",
                items(set).join(", ")
            );
        }
        out
    }

    fn chain(&self, hook: &str, rules: &[String]) -> String {
        let mut out = format!(
            "\tchain {hook} {{\n\t\ttype filter hook {hook} priority filter; policy drop;\n\t\tct state vmap {{ established : accept, related : accept, invalid : drop }}\n"
        );
        if hook == "input" {
            let (first, last) = OWN_NEIGHBOR_TYPES;
            let _ = write!(
                out,
                "\t\tiifname \"lo\" accept\n\t\tmeta nfproto ipv6 icmpv6 type {first}-{last} accept\n"
            );
        }
        for rule in rules {
            let _ = if rule.is_empty() { writeln!(out) } else { writeln!(out, "\t\t{rule}") };
        }
        out.push('\n');
        if self.policy.denied_logged {
            let prefix = plain(&format!("{} {hook} denied", self.policy.device), PREFIX_MAX, MARKS);
            let _ = writeln!(out, "\t\tlimit rate 5/second log prefix \"{prefix} \"");
        }
        out.push_str("\t\tcounter drop comment \"whatever no permit allows\"\n\t}\n\n");
        out
    }

    /// What neighbors need to find each other: ARP for IPv4, solicitation and advertisement for IPv6.
    fn neighbors(&self, gone: &BTreeSet<(usize, Option<usize>)>) -> Vec<String> {
        let mut rules = Vec::new();
        let (first, last) = NEIGHBOR_TYPES;
        for (version, what) in [
            (IpVersion::V4, "meta protocol arp".to_owned()),
            (IpVersion::V6, format!("meta protocol ip6 icmpv6 type {first}-{last}")),
        ] {
            for (from, to) in resolving(self.policy, version, gone) {
                rules.push(format!(
                    "iifname \"{from}\" oifname \"{to}\" {what} accept comment \"neighbors find each other\""
                ));
            }
        }
        rules
    }

    /// The rules of a permit. `at` is its index in the policy; `None` for one to the device itself.
    fn rules(&mut self, at: Option<usize>, permit: &Permit) -> Vec<String> {
        let comment = comment(permit);
        let mut rules = Vec::new();
        for part in permit.parts() {
            let ends = self.ends(permit, &part);
            for (_, service) in &part.services {
                rules.push(rule(permit, &ends, &matches(service, part.version, self.family), &comment));
            }
        }
        for (number, service) in permit.services.iter().enumerate() {
            let Service::Frames(kind) = service else { continue };
            match at {
                Some(_) if self.bridges() => {
                    let ends = interfaces(permit);
                    rules.push(rule(permit, &ends, &format!("meta protocol {kind:#06x}"), &comment));
                }
                Some(at) => self.unsaid.push(Unsaid {
                    permit: at,
                    id: permit.id.clone(),
                    service: Some(number),
                    why: format!("frames of type {kind:#06x} are not routed: only a bridge can pass them"),
                }),
                None => {}
            }
        }
        rules
    }

    fn ends(&mut self, permit: &Permit, part: &Part<'_>) -> String {
        let mut words = vec![interfaces(permit)];
        for (field, set) in [("saddr", &part.from), ("daddr", &part.to)] {
            let Some(version) = part.version else { continue };
            let (whole, family) = match version {
                IpVersion::V4 => (set.v4.is_all(), "ip"),
                IpVersion::V6 => (set.v6.is_all(), "ip6"),
            };
            if !whole {
                words.push(format!("{family} {field} {}", self.addresses(set)));
            }
        }
        // An address says the version too.
        if let (Some(version), 1) = (part.version, words.len()) {
            words.push(self.version(version).to_owned());
        }
        words.join(" ")
    }

    fn version(&self, version: IpVersion) -> &'static str {
        match (self.bridges(), version) {
            (true, IpVersion::V4) => "meta protocol ip",
            (true, IpVersion::V6) => "meta protocol ip6",
            (false, IpVersion::V4) => "meta nfproto ipv4",
            (false, IpVersion::V6) => "meta nfproto ipv6",
        }
    }

    /// A set of addresses of one version: one item, the name of a set, or its items.
    fn addresses(&mut self, set: &AddressSet) -> String {
        let items = items(set);
        if let [only] = items.as_slice() {
            return only.clone();
        }
        if let Some(known) = self.sets.get(set) {
            return format!("@{known}");
        }
        let Some(name) = self.names.name(set) else { return format!("{{ {} }}", items.join(", ")) };
        let end = if set.v6.is_none() { "v4" } else { "v6" };
        let name = identifier(&format!("{name}_{end}"), NAME_MAX).replace(['-', '.'], "_");
        let name = self.unique.take(&name, NAME_MAX).replace('-', "_");
        self.sets.insert(set.clone(), name.clone());
        format!("@{name}")
    }
}

fn rule(permit: &Permit, ends: &str, matches: &str, comment: &str) -> String {
    let mut words: Vec<String> = vec![ends.to_owned(), matches.to_owned()];
    if permit.logged {
        words.push(format!("log prefix \"{} \"", plain(&permit.id, PREFIX_MAX, MARKS)));
    }
    words.push(format!("counter accept comment \"{comment}\""));
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// What a service asks, where the version of IP is asked already (or both are meant).
fn matches(service: &Service, version: Option<IpVersion>, family: &str) -> String {
    match service {
        // On a bridge not everything is IP.
        Service::Any if family == "bridge" && version.is_none() => "meta protocol { ip, ip6 }".to_owned(),
        Service::Any | Service::Frames(_) => String::new(),
        Service::Protocol(number) if family == "bridge" && version.is_none() => {
            format!("meta protocol {{ ip, ip6 }} meta l4proto {number}")
        }
        Service::Protocol(number) => format!("meta l4proto {number}"),
        Service::Ports { protocol, ports } => {
            let header = match protocol {
                6 => "tcp",
                17 => "udp",
                132 => "sctp",
                33 => "dccp",
                _ => "udplite",
            };
            format!("{header} dport {}", one_or_set(&port_words(ports, "-")))
        }
        Service::Icmp { version, kind, code } => {
            let (header, number) = if *version == IpVersion::V4 { ("icmp", 1) } else { ("icmpv6", 58) };
            let mut words = vec![format!("meta l4proto {number}")];
            words.extend(kind.map(|kind| format!("{header} type {kind}")));
            words.extend(code.map(|code| format!("{header} code {code}")));
            words.join(" ")
        }
    }
}

fn interfaces(permit: &Permit) -> String {
    let side = |key: &str, names: &[String]| {
        let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
        format!("{key} {}", one_or_set(&quoted))
    };
    let from = side("iifname", &permit.from.interfaces);
    if permit.to.interfaces.is_empty() {
        return from;
    }
    format!("{from} {}", side("oifname", &permit.to.interfaces))
}

fn one_or_set(words: &[String]) -> String {
    match words {
        [only] => only.clone(),
        many => format!("{{ {} }}", many.join(", ")),
    }
}

fn items(set: &AddressSet) -> Vec<String> {
    let item = |range: &super::text::Range| match prefix_length(range) {
        Some(_) if range.0 == range.1 => range.0.to_string(),
        Some(length) => format!("{}/{length}", range.0),
        None => format!("{}-{}", range.0, range.1),
    };
    ranges(set).iter().map(item).collect()
}

/// The comment of a rule: id, end, purpose.
fn comment(permit: &Permit) -> String {
    let until = permit.until.map(|until| format!(" until {}", day(until))).unwrap_or_default();
    let purpose = permit.purpose.as_deref().map(|purpose| format!(": {purpose}")).unwrap_or_default();
    plain(&format!("{}{until}{purpose}", permit.id), COMMENT_MAX, MARKS_AND_LETTERS)
}

/// The line before the rules of a permit.
fn remark(permit: &Permit) -> String {
    let mut words = vec![permit.id.clone()];
    words.extend(permit.purpose.clone());
    words.extend(permit.approved_by.as_ref().map(|role| format!("approved by {role}")));
    words.extend(permit.until.map(|until| format!("until {}", day(until))));
    format!("# {}", plain(&words.join(", "), 500, &format!("{MARKS_AND_LETTERS}()'`&")))
}

/// Can an interface have the name, and the dialect write it?
fn usable(name: &str) -> Result<(), WriteError> {
    let wrong = if name.is_empty() {
        Some("it is empty")
    } else if name.len() > INTERFACE_MAX {
        Some("it has more than 15 bytes")
    } else if name.chars().any(|c| !c.is_ascii_graphic() || matches!(c, '"' | '*' | '\\' | '/')) {
        Some("letters, digits and marks other than `\"`, `*`, `\\` and `/` are meant")
    } else {
        None
    };
    match wrong {
        Some(why) => Err(WriteError::Interface { name: plain(name, 60, MARKS), why }),
        None => Ok(()),
    }
}
