//! One rule of a rulebase: what it asks of a packet, and what it does.

use super::ignored::{Place, is_ignored};
use super::names::Names;
use super::traffic;
use super::tree::{At, Mark, short};
use super::zones::Zones;
use crate::dialects::Reading;
use crate::ruleset::{AddressSet, Condition, Log, NamePattern, NameSet, Reason, Rule, Undecidable, Verdict};
use zonewright_source::Diagnostic;

/// Fields of any rule that are read.
const FIELDS: [&str; 27] = [
    "from",
    "to",
    "source",
    "destination",
    "negate-source",
    "negate-destination",
    "source-user",
    "source-hip",
    "destination-hip",
    "hip-profiles",
    "source-device",
    "destination-device",
    "source-imsi",
    "source-imei",
    "source-nw-slice",
    "saas-user-list",
    "saas-tenant-list",
    "category",
    "application",
    "service",
    "action",
    "disabled",
    "schedule",
    "description",
    "target",
    "log-start",
    "log-end",
];

/// Lists that say who or what is meant, which a packet does not tell, with what means everyone and why it is undecided.
const BEYOND: [(&str, &str, Reason); 11] = [
    ("source-user", "user", Reason::Name),
    ("source-hip", "host profile", Reason::Name),
    ("destination-hip", "host profile", Reason::Name),
    ("hip-profiles", "host profile", Reason::Name),
    ("source-device", "device", Reason::Name),
    ("destination-device", "device", Reason::Name),
    ("source-imsi", "subscriber", Reason::Name),
    ("source-imei", "equipment", Reason::Name),
    ("source-nw-slice", "network slice", Reason::Name),
    ("saas-user-list", "user list", Reason::Name),
    ("category", "URL category", Reason::Payload),
];

/// What of a packet is asked as it was before the translation of its destination.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Before {
    pub(super) addresses: bool,
    pub(super) ports: bool,
}

/// Which rules a rulebase holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Security.
    Security,
    /// Translation.
    Nat,
    /// Forwarding (`pbf`), protection (`dos`), authentication.
    Screen,
}

/// Reads the rules of one policy.
pub(super) struct Rules<'m, 'r> {
    pub(super) names: Names<'m>,
    pub(super) zones: &'r Zones<'m>,
    pub(super) reading: &'r mut Reading,
    pub(super) before: Before,
}

impl<'m> Rules<'m, '_> {
    /// The rule of a security rulebase; `None` where it is disabled.
    pub(super) fn security(&mut self, at: At<'m>) -> Option<Rule> {
        if is_disabled(at) {
            return None;
        }
        let mut rule = self.begin(at, Kind::Security, &["rule-type", "icmp-unreachable"]);
        rule.conditions.extend(self.zone_pairs(at));
        self.packet(at, Kind::Security, &mut rule);
        rule.verdict = self.action(at);
        if rule.verdict == Verdict::Drop && at.is_yes("icmp-unreachable") {
            rule.verdict = Verdict::Reject;
        }
        rule.log = log(at);
        Some(rule)
    }

    /// What all kinds of rules have: name, fields that are not known, targets, schedule, users.
    pub(super) fn begin(&mut self, at: At<'m>, kind: Kind, more: &[&str]) -> Rule {
        let mut rule = Rule::new(self.reading.place(&at.span()));
        rule.comment = Some(comment(at));
        let unknown = |child: &At<'_>| {
            !FIELDS.contains(&child.name())
                && !more.contains(&child.name())
                && !is_ignored(Place::Rule, child.name())
        };
        for child in at.within().filter(|child| is_ignored(Place::Rule, child.name())) {
            child.mark(Mark::Ignored);
        }
        let unknown: Vec<At<'m>> = at.within().filter(unknown).collect();
        if let Some(first) = unknown.first() {
            // The lines are warned about with all others that nobody reads.
            let what = format!("`{}` of rule `{}`", short(first.name()), short(at.name()));
            rule.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Unread }));
        }
        if let Some(target) = at.child("target") {
            target.mark(Mark::Modeled);
            let some = |name: &str| {
                target.within().any(|child| child.name() == name && child.within().next().is_some())
            };
            if some("devices") || some("tags") {
                let what =
                    Undecidable { what: "the device is a target of the rule".into(), reason: Reason::Name };
                rule.conditions.push(Condition::Undecidable(what));
            }
        }
        if let Some(schedule) = at.members("schedule").last().filter(|_| kind != Kind::Nat) {
            rule.until = self.names.schedule(*schedule, self.reading);
            let what =
                Undecidable { what: format!("schedule {}", short(schedule.name())), reason: Reason::Time };
            rule.conditions.push(Condition::Undecidable(what));
        }
        rule.conditions.extend(beyond(at));
        rule
    }

    /// What a rule says of addresses, services and applications, as the packet was before translation.
    fn packet(&mut self, at: At<'m>, kind: Kind, rule: &mut Rule) {
        let must = kind == Kind::Security;
        for field in ["source", "destination"] {
            self.list(at, field, must, rule);
            rule.conditions.extend(self.address(at, field));
        }
        let application = self.list(at, "application", must, rule);
        let service = self.list(at, "service", must, rule);
        let services = self.names.services(&service, self.reading).filter(|_| !service.is_empty());
        let applications =
            self.names.applications(&application, self.reading).filter(|_| !application.is_empty());
        let traffic = traffic::conditions(services.as_ref(), applications.as_deref());
        rule.conditions.extend(traffic.into_iter().map(|condition| self.as_before(condition)));
    }

    /// The members of a list of a rule. Where a list is missing that must be there, the rule is uncertain, and that is said.
    pub(super) fn list(&mut self, at: At<'m>, field: &str, must: bool, rule: &mut Rule) -> Vec<At<'m>> {
        let members = at.members(field);
        if members.is_empty() && must {
            let message = format!("the rule `{}` does not say `{field}`", short(at.name()));
            let missing = Diagnostic::warning("firewall/missing-statement", message)
                .because("which packets it means is undecided")
                .help("export the configuration anew; `any` is written where all are meant");
            self.names.say(at, missing, self.reading);
            let what = Undecidable { what: format!("{field} is missing"), reason: Reason::Unread };
            rule.conditions.push(Condition::Undecidable(what));
        }
        members
    }

    /// What the list of addresses `field` asks, if anything.
    pub(super) fn address(&mut self, at: At<'m>, field: &str) -> Option<Condition> {
        let members = at.members(field);
        let negated = at.is_yes(if field == "source" { "negate-source" } else { "negate-destination" });
        let of = if field == "source" { Condition::Source } else { Condition::Destination };
        if members.is_empty() {
            return None;
        }
        match self.names.addresses(&members, self.reading) {
            None => negated.then(Condition::never),
            Some(found) => Some(self.as_before(found.condition(negated, of))),
        }
    }

    /// The condition, asked of the packet before its destination was translated, where any is.
    pub(super) fn as_before(&self, condition: Condition) -> Condition {
        let wraps = match &condition {
            Condition::Destination(_) => self.before.addresses,
            Condition::DestinationPort(_) => self.before.ports,
            _ => false,
        };
        match condition {
            Condition::Any { of, negated } => {
                let all = |list: Vec<Condition>| list.into_iter().map(|one| self.as_before(one)).collect();
                Condition::Any { of: of.into_iter().map(all).collect(), negated }
            }
            other if wraps => Condition::BeforeNat(Box::new(other)),
            other => other,
        }
    }

    /// The zones that a rule goes from and to.
    fn zone_pairs(&mut self, at: At<'m>) -> Vec<Condition> {
        let kind = at.text("rule-type").unwrap_or("universal");
        let mut missing = Rule::new(self.reading.place(&at.span()));
        let from = self.list(at, "from", true, &mut missing);
        let to = self.list(at, "to", kind != "intrazone", &mut missing);
        let (from, to) = (self.zone_names(&from), self.zone_names(&to));
        let mut conditions = missing.conditions;
        match kind {
            "intrazone" => match from.as_deref() {
                Some([only]) => conditions.extend([self.zones.within([*only]), self.zones.out_of([*only])]),
                names => conditions.push(Condition::Any { of: self.zones.same(names), negated: false }),
            },
            _ => {
                conditions.extend(from.as_ref().map(|names| self.zones.within(names.iter().copied())));
                conditions.extend(to.as_ref().and_then(|names| self.to_zones(names)));
            }
        }
        match kind {
            "universal" | "intrazone" => {}
            "interzone" => {
                let both: Option<Vec<&'m str>> = match (&from, &to) {
                    (None, None) => None,
                    (Some(one), None) | (None, Some(one)) => Some(one.clone()),
                    (Some(from), Some(to)) => {
                        Some(from.iter().filter(|name| to.contains(name)).copied().collect())
                    }
                };
                let of = self.zones.same(both.as_deref());
                if !of.is_empty() {
                    conditions.push(Condition::Any { of, negated: true });
                }
            }
            other => {
                let what = format!("rule type {}", short(other));
                let unknown = Diagnostic::warning("firewall/unknown-value", format!("{what} is not known"))
                    .because("which zones the rule means is undecided");
                self.names.say(at, unknown, self.reading);
                conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Unread }));
            }
        }
        conditions
    }

    /// The names of zones in a list; `None` for `any`.
    pub(super) fn zone_names(&mut self, members: &[At<'m>]) -> Option<Vec<&'m str>> {
        if members.is_empty() || members.iter().any(|member| member.name() == "any") {
            return None;
        }
        for member in members {
            if !self.zones.knows(member.name()) && member.name() != "multicast" {
                let message = format!("zone `{}` is not defined in the file", short(member.name()));
                let unknown = Diagnostic::warning("firewall/unknown-name", message)
                    .because("no packet comes or goes by it");
                self.names.say(*member, unknown, self.reading);
            }
        }
        Some(members.iter().map(|member| member.name()).collect())
    }

    /// The zones that packets go to; `multicast` is that of group addresses.
    fn to_zones(&self, names: &[&'m str]) -> Option<Condition> {
        let zones = self.zones.out_of(names.iter().copied().filter(|name| *name != "multicast"));
        if !names.contains(&"multicast") {
            return Some(zones);
        }
        let four = AddressSet::prefix(std::net::Ipv4Addr::new(224, 0, 0, 0).into(), 4)?;
        let six = AddressSet::prefix(std::net::Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0).into(), 8)?;
        let groups = Condition::Destination(four.union(&six));
        Some(Condition::Any { of: vec![vec![zones], vec![groups]], negated: false })
    }

    pub(super) fn action(&mut self, at: At<'m>) -> Verdict {
        match at.text("action") {
            Some("allow") => Verdict::Accept,
            // `deny` does what the application's own setting says: it drops, or resets.
            Some("deny" | "drop") => Verdict::Drop,
            Some("reset-client" | "reset-server" | "reset-both") => Verdict::Reject,
            other => {
                let what =
                    other.map_or_else(|| "no action".to_owned(), |word| format!("action `{}`", short(word)));
                let unknown = Diagnostic::warning("firewall/unknown-value", format!("{what} is not known"))
                    .because("what becomes of packets that the rule means is undecided")
                    .help("the actions are allow, deny, drop, reset-client, reset-server and reset-both");
                self.names.say(at, unknown, self.reading);
                Verdict::Unknown(what)
            }
        }
    }

    /// A rule of forwarding, protection or authentication, which may stop packets that security passes.
    pub(super) fn screen(&mut self, at: At<'m>) -> Vec<Rule> {
        if is_disabled(at) {
            return Vec::new();
        }
        let more =
            ["authentication-enforcement", "protection", "timeout", "log-authentication-timeout", "group-id"];
        let mut rule = self.begin(at, Kind::Screen, &more);
        for (field, is_from) in [("from", true), ("to", false)] {
            let side = at.child(field);
            let lists: Vec<At<'m>> = side.into_iter().flat_map(At::entries).collect();
            let grouped = lists.iter().any(|list| matches!(list.name(), "zone" | "interface"));
            let names: Vec<At<'m>> =
                if grouped { lists.into_iter().flat_map(At::entries).collect() } else { lists };
            if let Some(names) = self.zone_or_interface_names(&names) {
                let set = NameSet::of(names.into_iter().map(NamePattern::Exact).collect());
                rule.conditions.push(if is_from {
                    Condition::InInterface(set)
                } else {
                    Condition::OutInterface(set)
                });
            }
        }
        self.packet(at, Kind::Screen, &mut rule);
        self.screened(at, rule)
    }

    fn zone_or_interface_names(&self, members: &[At<'m>]) -> Option<Vec<String>> {
        if members.is_empty() || members.iter().any(|member| member.name() == "any") {
            return None;
        }
        let is_zone = |name: &str| self.zones.has(name);
        let name = |name: &'m str| if is_zone(name) { self.zones.qualified(name) } else { name.to_owned() };
        Some(members.iter().map(|member| name(member.name())).collect())
    }

    /// What a rule of forwarding, protection or authentication does: the first that means a packet decides.
    fn screened(&mut self, at: At<'m>, mut rule: Rule) -> Vec<Rule> {
        for detail in ["protection", "timeout", "log-authentication-timeout", "group-id"] {
            if let Some(detail) = at.child(detail) {
                detail.mark(Mark::Modeled);
            }
        }
        rule.verdict = Verdict::Return;
        if let Some(enforcement) = at.text("authentication-enforcement") {
            if enforcement == "default-no-captive-portal" {
                return vec![rule];
            }
            let mut stops = rule.clone();
            let what = Undecidable { what: "the user has not logged on".into(), reason: Reason::Connection };
            stops.conditions.push(Condition::Undecidable(what));
            stops.verdict = Verdict::Drop;
            return vec![stops, rule];
        }
        let action = at.child("action");
        let words: Vec<At<'m>> = action.into_iter().flat_map(At::entries).collect();
        words.iter().for_each(|word| {
            word.mark(Mark::Modeled);
        });
        rule.verdict = match words.last().map(|word| word.name()) {
            Some("discard" | "deny") => Verdict::Drop,
            Some("forward" | "no-pbf" | "allow" | "protect" | "no-captive-portal") | None => Verdict::Return,
            Some(other) => Verdict::Unknown(format!("action {}", short(other))),
        };
        vec![rule]
    }
}

/// Whether a rule is switched off; then its lines are modeled all the same.
pub(super) fn is_disabled(at: At<'_>) -> bool {
    let off = at.is_yes("disabled");
    if off {
        at.mark(Mark::Modeled);
    }
    off
}

/// What a rule is called, with its description.
fn comment(at: At<'_>) -> String {
    match at.text("description") {
        Some(description) => {
            format!("{}: {}", at.name(), description.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        None => at.name().to_owned(),
    }
}

/// Conditions on users, devices and contents: a packet does not tell whether they hold.
fn beyond(at: At<'_>) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for (field, what, reason) in BEYOND {
        let members = at.members(field);
        if members.is_empty() || members.iter().any(|member| member.name() == "any") {
            continue;
        }
        let names: Vec<&str> = members.iter().take(4).map(|member| short(member.name())).collect();
        let what = format!("{what} {}", names.join(","));
        conditions.push(Condition::Undecidable(Undecidable { what, reason }));
    }
    conditions
}

/// Sessions are logged as they end unless that is switched off.
fn log(at: At<'_>) -> Option<Log> {
    let start = at.is_yes("log-start");
    let end = at.text("log-end") != Some("no");
    let mut options = Vec::new();
    options.extend(start.then(|| "log-start".to_owned()));
    options.extend(end.then(|| "log-end".to_owned()));
    (start || end).then_some(Log { prefix: None, options })
}
