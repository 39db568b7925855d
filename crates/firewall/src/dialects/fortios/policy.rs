//! Policies, one by one: what each asks of a packet, and what it does with it.

use super::address::AddressBook;
use super::device::Device;
use super::expr::{Addresses, Side, both_ends};
use super::pool::PoolBook;
use super::schedule::{ScheduleBook, expiry};
use super::sections::POLICY_CONTENT_KEYS;
use super::service::ServiceBook;
use super::tree::Entry;
use super::vip::VipBook;
use super::words::Word;
use crate::dialects::Reading;
use crate::ruleset::{
    AddressSet, Condition, Effect, IntervalSet, IpVersion, Log, NamePattern, NameSet, Nat, NatKind, Reason,
    Rule, Undecidable, Verdict,
};
use jiff::civil::DateTime;
use zonewright_source::Diagnostic;

/// What policies of a domain name.
#[derive(Debug)]
pub(super) struct Books {
    pub(super) four: AddressBook,
    pub(super) six: AddressBook,
    pub(super) multicast_four: AddressBook,
    pub(super) multicast_six: AddressBook,
    pub(super) services: ServiceBook,
    pub(super) schedules: ScheduleBook,
    pub(super) vips: VipBook,
    pub(super) pools: PoolBook,
    /// Whether translation is set up apart from policies.
    pub(super) is_central: bool,
    /// Whether deny policies see what virtual addresses translated, where they do not say so; `None` where the version is not
    /// told.
    pub(super) denies_see_vips: Option<bool>,
}

/// The lists of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PolicyKind {
    /// `config firewall policy`.
    Unified,
    /// `config firewall policy6`, of versions before 6.4.
    Six,
    /// `config firewall consolidated policy`, of 6.2.
    Consolidated,
    /// `config firewall security-policy`, which applications are told apart in.
    Security,
    /// `config firewall policy` beside security policies: it says which traffic is looked at.
    Preselecting,
}

impl PolicyKind {
    /// The section.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Unified | Self::Preselecting => "firewall policy",
            Self::Six => "firewall policy6",
            Self::Consolidated => "firewall consolidated policy",
            Self::Security => "firewall security-policy",
        }
    }

    /// The keys of source and destination addresses of both versions.
    const fn address_keys(self) -> [Option<(&'static str, &'static str)>; 2] {
        match self {
            Self::Unified | Self::Preselecting | Self::Security => {
                [Some(("srcaddr", "dstaddr")), Some(("srcaddr6", "dstaddr6"))]
            }
            Self::Six => [None, Some(("srcaddr", "dstaddr"))],
            Self::Consolidated => [Some(("srcaddr4", "dstaddr4")), Some(("srcaddr6", "dstaddr6"))],
        }
    }
}

/// A policy as rules.
#[derive(Debug, Default)]
pub(super) struct Lowered {
    /// The rules that filter.
    pub(super) filters: Vec<Rule>,
    /// The rule that translates the source: of accepted packets that it leaves alone, too.
    pub(super) source: Option<Rule>,
}

/// What is needed to lower a policy.
pub(super) struct PolicyReader<'c> {
    pub(super) books: &'c Books,
    pub(super) device: &'c mut Device,
    pub(super) domain: usize,
    pub(super) kind: PolicyKind,
    pub(super) reading: &'c mut Reading,
}

impl<'c> PolicyReader<'c> {
    /// The rules of a policy; none where it is switched off.
    pub(super) fn lower(&mut self, entry: &Entry<'_>) -> Lowered {
        if entry.is("status", "disable") {
            return Lowered::default();
        }
        let (conditions, until) = self.asked(entry);
        let place = self.reading.place(&entry.span);
        let mut rule = Rule::new(place);
        rule.conditions = conditions;
        rule.until = until;
        rule.comment = Some(comment(entry));
        rule.log = log(entry);
        rule.effects.extend(content(entry).map(Effect::Other));
        rule.verdict = self.verdict(entry);
        let mut lowered = Lowered::default();
        if rule.verdict == Verdict::Accept && !self.books.is_central {
            lowered.source = Some(self.source_rule(entry, &rule));
        }
        if entry.is("action", "ipsec") {
            let what = format!("tunnel {}", entry.value("vpntunnel").unwrap_or_default());
            let tunnel = Condition::Undecidable(Undecidable { what, reason: Reason::Connection });
            rule.conditions.push(tunnel.clone());
            lowered.filters.push(rule.clone());
            if entry.is("inbound", "enable") {
                lowered.filters.push(self.reversed(entry, rule, vec![tunnel]));
            }
            return lowered;
        }
        lowered.filters.push(rule.clone());
        if ["permit-any-host", "permit-stun-host"].iter().any(|key| entry.is(key, "enable")) {
            let what = "a session of UDP that the policy let out".to_owned();
            let udp = Condition::Protocol(IntervalSet::one(17));
            let session = Condition::Undecidable(Undecidable { what, reason: Reason::Connection });
            lowered.filters.push(self.reversed(entry, rule, vec![udp, session]));
        }
        lowered
    }

    /// All that a policy asks of a packet, and the last moment at which it may be in force.
    fn asked(&mut self, entry: &Entry<'_>) -> (Vec<Condition>, Option<DateTime>) {
        let mut conditions = Vec::new();
        conditions.extend(self.interface(entry, "srcintf").map(Condition::InInterface));
        conditions.extend(self.interface(entry, "dstintf").map(Condition::OutInterface));
        if entry.has_unread {
            conditions.push(unread(format!("policy {}", entry.name)));
        }
        conditions.extend(self.missing(entry));
        let source = self.source(entry);
        conditions.extend(self.ends(entry, &source));
        conditions.extend(self.service(entry));
        conditions.extend(identity(entry));
        let span = entry.span_of("schedule");
        let (schedule, mut until) =
            self.books.schedules.conditions(entry.value("schedule"), &span, self.reading);
        conditions.extend(schedule);
        if entry.is("policy-expiry", "enable") {
            let expiry = ["policy-expiry-date", "policy-expiry-date-utc"]
                .iter()
                .find_map(|key| expiry(entry.words(key)));
            until = until.into_iter().chain(expiry).min();
            let what = "the policy expires".to_owned();
            conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Time }));
        }
        (conditions, until)
    }

    /// Interfaces and zones; `None` for any.
    fn interface(&mut self, entry: &Entry<'_>, key: &str) -> Option<NameSet> {
        let names = entry.words(key);
        if names.is_empty() || names.iter().any(|name| name.text == "any") {
            return None;
        }
        let mut patterns = Vec::new();
        for name in names {
            if self.device.is_missing(self.domain, &name.text) {
                let missing = Diagnostic::warning(
                    "firewall/unknown-name",
                    format!("the interface `{}` is not defined", name.text),
                )
                .because("the policy matches nothing that comes or goes there")
                .help("export the whole configuration");
                self.reading.report(&name.span, missing);
            }
            patterns.push(NamePattern::Exact(self.device.rule_name(self.domain, &name.text)));
        }
        Some(NameSet::of(patterns))
    }

    /// What the device would not take a policy without: it is uncertain what it then matches.
    fn missing(&mut self, entry: &Entry<'_>) -> Option<Condition> {
        let is_set = |keys: &[&str]| keys.iter().any(|key| entry.setting(key).is_some());
        let by_service = |end: &str| {
            [format!("internet-service{end}"), format!("internet-service6{end}")]
                .iter()
                .any(|key| entry.is(key, "enable"))
        };
        let lacking = [
            ("srcintf", is_set(&["srcintf"])),
            ("dstintf", is_set(&["dstintf"])),
            ("srcaddr", is_set(&["srcaddr", "srcaddr4", "srcaddr6"]) || by_service("-src")),
            ("dstaddr", is_set(&["dstaddr", "dstaddr4", "dstaddr6"]) || by_service("")),
            (
                "service",
                is_set(&["service", "enforce-default-app-port"])
                    || by_service("")
                    || self.kind == PolicyKind::Security,
            ),
        ];
        let (lacking, _) = lacking.iter().find(|(_, there)| !there)?;
        let odd = Diagnostic::warning(
            "firewall/incomplete-policy",
            format!("policy `{}` has no `{lacking}`", entry.name),
        )
        .because("the device takes no such policy; what it would match is not sure")
        .help("export the configuration anew");
        self.reading.report(&entry.span, odd);
        Some(unread(format!("policy {}", entry.name)))
    }

    /// The sources of both versions.
    fn source(&mut self, entry: &Entry<'_>) -> Addresses {
        let [four, six] = self.kind.address_keys();
        let mut parts = Vec::new();
        for (keys, version) in [(four, IpVersion::V4), (six, IpVersion::V6)] {
            let Some((key, _)) = keys else { continue };
            let names = entry.words(key);
            let by_service = match version {
                IpVersion::V4 => "internet-service-src",
                IpVersion::V6 => "internet-service6-src",
            };
            if entry.is(by_service, "enable") {
                parts.push(internet_service(entry, by_service, version));
            } else if !names.is_empty() {
                let addresses = self.book(version).union_of(names, self.reading);
                parts.push(negated_if(entry, self.negation_key(key, version), addresses, version));
            }
        }
        if parts.is_empty() { everything() } else { Addresses::union_of(&parts) }
    }

    fn book(&self, version: IpVersion) -> &'c AddressBook {
        match version {
            IpVersion::V4 => &self.books.four,
            IpVersion::V6 => &self.books.six,
        }
    }

    /// The key that negates addresses.
    fn negation_key(&self, key: &str, version: IpVersion) -> &'static str {
        let source = key.starts_with("src");
        match (source, version == IpVersion::V6 && self.kind != PolicyKind::Six) {
            (true, false) => "srcaddr-negate",
            (false, false) => "dstaddr-negate",
            (true, true) => "srcaddr6-negate",
            (false, true) => "dstaddr6-negate",
        }
    }

    /// What is asked of source and destination: of packets that go where they were sent, or to a virtual address.
    fn ends(&mut self, entry: &Entry<'_>, source: &Addresses) -> Vec<Condition> {
        let [four, six] = self.kind.address_keys();
        let (mut parts, mut virtuals) = (Vec::new(), Vec::new());
        for (keys, version) in [(four, IpVersion::V4), (six, IpVersion::V6)] {
            let Some((_, key)) = keys else { continue };
            let by_service = match version {
                IpVersion::V4 => "internet-service",
                IpVersion::V6 => "internet-service6",
            };
            if entry.is(by_service, "enable") {
                parts.push(internet_service(entry, by_service, version));
                continue;
            }
            let (vips, names): (Vec<Word<'_>>, Vec<Word<'_>>) =
                entry.words(key).iter().cloned().partition(|name| self.is_virtual(&name.text, version));
            if !names.is_empty() {
                let addresses = self.book(version).union_of(&names, self.reading);
                parts.push(negated_if(entry, self.negation_key(key, version), addresses, version));
            }
            if !vips.is_empty() && entry.is(self.negation_key(key, version), "enable") {
                virtuals.push(vec![unread("all but virtual addresses".to_owned())]);
            } else {
                virtuals.extend(vips.iter().flat_map(|name| self.books.vips.asked(name)));
            }
        }
        let destination =
            if parts.is_empty() && virtuals.is_empty() { everything() } else { Addresses::union_of(&parts) };
        let direct = self.direct(entry, source, &destination);
        if virtuals.is_empty() {
            return direct;
        }
        for one in &mut virtuals {
            if !is_everything(source) {
                one.splice(0..0, source.conditions(Side::Source));
            }
        }
        if !parts.is_empty() {
            virtuals.insert(0, direct);
        }
        match virtuals.as_mut_slice() {
            [only] => std::mem::take(only),
            _ => vec![Condition::Any { of: virtuals, negated: false }],
        }
    }

    fn is_virtual(&self, name: &str, version: IpVersion) -> bool {
        !self.book(version).has(name) && self.books.vips.has(name)
    }

    /// What is asked of packets that were sent to an ordinary address.
    fn direct(&self, entry: &Entry<'_>, source: &Addresses, destination: &Addresses) -> Vec<Condition> {
        let mut conditions = both_ends(source, destination);
        conditions.extend(self.unless_virtual(entry));
        if entry.is("match-vip-only", "enable") {
            let any = crate::ruleset::CtStatus::DNAT;
            conditions.push(Condition::CtStatus { any, negated: false });
        }
        conditions
    }

    /// What keeps a policy from what virtual addresses translated.
    fn unless_virtual(&self, entry: &Entry<'_>) -> Vec<Condition> {
        let denies = entry.value("action").unwrap_or("deny") == "deny";
        let sees_vips = match entry.value("match-vip") {
            Some(value) => Some(value.eq_ignore_ascii_case("enable")),
            None if denies => self.books.denies_see_vips,
            None => Some(false),
        };
        let untranslated = self.books.vips.untranslated();
        if self.books.is_central || sees_vips == Some(true) || untranslated.is_empty() {
            return Vec::new();
        }
        if sees_vips.is_some() {
            return untranslated;
        }
        let what = "the default of match-vip in this version".to_owned();
        let default = Condition::Undecidable(Undecidable { what, reason: Reason::Name });
        vec![Condition::Any { of: vec![untranslated, vec![default]], negated: false }]
    }

    fn service(&mut self, entry: &Entry<'_>) -> Vec<Condition> {
        let by_service = ["internet-service", "internet-service6"].iter().any(|key| entry.is(key, "enable"));
        let names = entry.words("service");
        if by_service || names.is_empty() {
            return Vec::new();
        }
        self.books.services.conditions(names, entry.is("service-negate", "enable"), self.reading)
    }

    fn verdict(&mut self, entry: &Entry<'_>) -> Verdict {
        match entry.value("action").map(str::to_ascii_lowercase).as_deref() {
            Some("accept" | "ipsec") => Verdict::Accept,
            None if entry.has_unread => Verdict::Unknown("action was not read".to_owned()),
            None if self.kind == PolicyKind::Preselecting => Verdict::Accept,
            None | Some("deny") if entry.is("send-deny-packet", "enable") => Verdict::Reject,
            None | Some("deny") => Verdict::Drop,
            Some(other) => {
                let unknown = Diagnostic::warning(
                    "firewall/unknown-value",
                    format!("expected an action, found `{other}`"),
                )
                .because("what becomes of what the policy matches is not known")
                .help("the actions are accept, deny and ipsec");
                self.reading.report(&entry.span_of("action"), unknown);
                Verdict::Unknown(format!("action {other}"))
            }
        }
    }

    /// How the source of what the policy accepts is translated.
    fn source_rule(&mut self, entry: &Entry<'_>, accepted: &Rule) -> Rule {
        let mut rule = Rule::new(accepted.place.clone());
        rule.conditions.clone_from(&accepted.conditions);
        rule.comment.clone_from(&accepted.comment);
        let pools: Vec<&Word<'_>> =
            ["poolname", "poolname4", "poolname6"].iter().flat_map(|key| entry.words(key)).collect();
        let mut nat =
            Nat { kind: NatKind::None, addresses: None, ports: None, options: Vec::new(), unknown: None };
        if entry.is("nat", "enable") {
            nat.kind = NatKind::Masquerade;
            if entry.is("ippool", "enable") || !pools.is_empty() {
                nat = self.books.pools.nat(&pools, self.reading);
            }
            if entry.is("fixedport", "enable") {
                nat.options.push("fixed port".to_owned());
            }
        }
        if ["nat46", "nat64"].iter().any(|key| entry.is(key, "enable")) {
            nat.kind = NatKind::Source;
            nat.unknown = Some("translation to the other version of IP".to_owned());
        }
        rule.verdict = Verdict::Nat(nat);
        rule
    }

    /// The rule for packets the other way.
    fn reversed(&mut self, entry: &Entry<'_>, rule: Rule, more: Vec<Condition>) -> Rule {
        let mut conditions = Vec::new();
        conditions.extend(self.interface(entry, "dstintf").map(Condition::InInterface));
        conditions.extend(self.interface(entry, "srcintf").map(Condition::OutInterface));
        let source = self.source(entry);
        if !is_everything(&source) {
            conditions.extend(source.conditions(Side::Destination));
        }
        conditions.extend(more);
        Rule { conditions, ..rule }
    }
}

/// The name and comments of a policy, after its number.
pub(super) fn comment(entry: &Entry<'_>) -> String {
    let mut comment = entry.name.clone();
    for key in ["name", "comments"] {
        if let Some(text) = entry.value(key).filter(|text| !text.trim().is_empty()) {
            comment.push_str(if key == "name" { " " } else { ": " });
            comment.push_str(text.trim());
        }
    }
    comment
}

/// Whether a match is logged: with `all`; `utm` logs only what profiles find.
pub(super) fn log(entry: &Entry<'_>) -> Option<Log> {
    let mut options: Vec<String> =
        entry.value("logtraffic").filter(|value| *value == "all").map(str::to_owned).into_iter().collect();
    if entry.is("logtraffic", "enable") {
        options.push("all".to_owned());
    }
    if entry.is("logtraffic-start", "enable") {
        options.push("start".to_owned());
    }
    (!options.is_empty()).then_some(Log { prefix: None, options })
}

/// What looks into what the policy accepts. It may end a connection for what it carries, and opens none.
fn content(entry: &Entry<'_>) -> Option<String> {
    let profiles: Vec<String> = POLICY_CONTENT_KEYS
        .split_whitespace()
        .filter(|key| !["utm-status", "profile-type", "profile-protocol-options"].contains(key))
        .filter(|key| !(*key == "scan-botnet-connections" && entry.is(key, "disable")))
        .filter_map(|key| {
            entry.value(key).filter(|value| !value.is_empty()).map(|value| format!("{key} {value}"))
        })
        .collect();
    (!profiles.is_empty()).then(|| format!("inspects: {}", profiles.join(", ")))
}

/// What a policy asks beyond packets: who, with what device, by which application.
fn identity(entry: &Entry<'_>) -> Vec<Condition> {
    let name_keys = [
        ("groups", "users of"),
        ("users", "user"),
        ("fsso-groups", "users of"),
        ("devices", "device"),
        ("ztna-ems-tag", "devices tagged"),
        ("ztna-ems-tag-secondary", "devices tagged"),
        ("ztna-geo-tag", "from"),
        ("application", "application"),
        ("app-category", "applications of category"),
        ("app-group", "applications of group"),
        ("url-category", "web pages of category"),
    ];
    let mut conditions = Vec::new();
    let mut add =
        |what: String, reason| conditions.push(Condition::Undecidable(Undecidable { what, reason }));
    for (key, what) in name_keys {
        let names = entry.words(key).iter().map(|word| word.text.as_ref()).filter(|name| !name.is_empty());
        let names: Vec<&str> = names.collect();
        if !names.is_empty() {
            add(format!("{what} {}", names.join(", ")), Reason::Name);
        }
    }
    let switches = [
        ("rsso", Reason::Name),
        ("ztna-status", Reason::Name),
        ("ztna-device-ownership", Reason::Name),
        ("sgt-check", Reason::Header),
        ("network-service-dynamic", Reason::Name),
        ("network-service-src-dynamic", Reason::Name),
    ];
    for (key, reason) in switches {
        if entry.value(key).is_some_and(|value| !value.eq_ignore_ascii_case("disable")) {
            add(key.to_owned(), reason);
        }
    }
    let values = [
        ("reputation-minimum", "0", Reason::Name),
        ("reputation-minimum6", "0", Reason::Name),
        ("tos-mask", "0x00", Reason::Header),
        ("src-vendor-mac", "", Reason::Header),
        ("vlan-filter", "", Reason::Header),
    ];
    for (key, default, reason) in values {
        if let Some(value) = entry.value(key).filter(|value| *value != default && !value.is_empty()) {
            add(format!("{key} {value}"), reason);
        }
    }
    conditions
}

fn internet_service(entry: &Entry<'_>, key: &str, version: IpVersion) -> Addresses {
    let names: Vec<&str> = ["-name", "-id", "-custom", "-group", "-custom-group", "-fortiguard"]
        .iter()
        .flat_map(|end| entry.words(&format!("{key}{end}")))
        .map(|word| word.text.as_ref())
        .collect();
    let not = if entry.is(&format!("{key}-negate"), "enable") { "not " } else { "" };
    Addresses::unknown(
        AddressSet::all_of(version),
        format!("{not}internet service {}", names.join(", ")),
        Reason::Name,
    )
}

pub(super) fn negated_if(
    entry: &Entry<'_>,
    key: &str,
    addresses: Addresses,
    version: IpVersion,
) -> Addresses {
    if entry.is(key, "enable") { addresses.negated(version) } else { addresses }
}

fn everything() -> Addresses {
    Addresses::known(AddressSet::all())
}

fn is_everything(addresses: &Addresses) -> bool {
    *addresses == everything()
}

pub(super) fn unread(what: String) -> Condition {
    Condition::Undecidable(Undecidable { what, reason: Reason::Unread })
}
