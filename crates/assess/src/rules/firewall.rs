//! Rules over configurations of firewalls: what a reviewer says of their rules, of who may manage them, and of the secrets
//! that stand in them.

use super::Rule;
use jiff::civil::{Date, Time};
use zonewright_firewall::reach::review::{Remark, RemarkKind, Review};
use zonewright_firewall::reach::{PacketBox, RuleRef};
use zonewright_firewall::ruleset::{Credential, Keeping, Ruleset};
use zonewright_plant::{EvidencePlace, Finding};
use zonewright_source::{Place, Severity, TextPlace};

pub(super) static RULES: &[&Rule] = &[
    &DEFAULT_ACCEPT,
    &ANY_ANY,
    &ANY_SERVICE,
    &SHADOWED,
    &REDUNDANT,
    &NEVER_MATCHES,
    &EXPIRED,
    &MANAGEMENT_OPEN,
    &WELL_KNOWN_CREDENTIAL,
    &WEAK_CREDENTIAL,
];

static DEFAULT_ACCEPT: Rule = Rule {
    code: "firewall/default-accept",
    title: "what no rule speaks of passes",
    severity: Severity::Warning,
    requirements: &["SR 5.2 RE(1)"],
    finds: "Packets pass through the device because no rule stops them: the policy of the chain accepts, an interface has no list, or nothing filters at all.",
    why: "Everything that nobody thought of is open. Deny by default, permit by exception, is what SR 5.2 RE(1) asks for.",
    mend: "make the policy deny, after the permits that the process needs are rules",
    wrong_when: "Another device in the same way denies by default; then say so in a waiver.",
};

static ANY_ANY: Rule = Rule {
    code: "firewall/any-any",
    title: "a rule passes everything between its interfaces",
    severity: Severity::Warning,
    requirements: &["SR 5.2", "SR 5.2 RE(1)"],
    finds: "A rule accepts every packet between the interfaces or zones that it names, whatever its addresses and service.",
    why: "Between these interfaces the firewall is a router. Whatever malware or a visitor's laptop asks for passes.",
    mend: "replace it by rules for the permits of the conduit; what is seen in captures says which are needed. `zonewright firewall write` makes them",
    wrong_when: "A rule before it stops all that must not pass; then the order carries the policy, and a reader must know.",
};

static ANY_SERVICE: Rule = Rule {
    code: "firewall/any-service",
    title: "a rule passes every service between its addresses",
    severity: Severity::Note,
    requirements: &["SR 5.2", "SR 7.7"],
    finds: "A rule limits addresses and passes all protocols and ports between them.",
    why: "Whoever takes over one end reaches every service of the other: programming, file shares, remote desktops.",
    mend: "name the services that the permit needs",
    wrong_when: "The ends are one redundant system that the maker asks to connect without limits.",
};

static SHADOWED: Rule = Rule {
    code: "firewall/shadowed",
    title: "a rule never decides, and what it says does not happen",
    severity: Severity::Warning,
    requirements: &["SR 5.2"],
    finds: "Rules before it take all the packets of a rule, and at least one of them does something else with these.",
    why: "Somebody meant to permit or to stop something, and the device does not do it.",
    mend: "move the rule in front of those that take its packets, or remove it",
    wrong_when: "It is kept on purpose, for the day the rules before it go.",
};

static REDUNDANT: Rule = Rule {
    code: "firewall/redundant",
    title: "a rule changes nothing",
    severity: Severity::Note,
    requirements: &["SR 5.2"],
    finds: "Other rules do the same with all packets of a rule: without it the same passes.",
    why: "Rules that do nothing hide those that do, and nobody dares to remove them later.",
    mend: "decide which of them is meant, and remove the other: often the wider one was for a short time",
    wrong_when: "It counts, or is there to be read.",
};

static NEVER_MATCHES: Rule = Rule {
    code: "firewall/never-matches",
    title: "no packet meets a rule",
    severity: Severity::Note,
    requirements: &["SR 5.2"],
    finds: "The conditions of a rule exclude each other, or those of the rules that lead to it.",
    why: "It is likely a mistake: an empty group, a network of the wrong side, a port with a protocol that has none.",
    mend: "correct its conditions, or remove it",
    wrong_when: "A group is empty for now and filled later.",
};

static EXPIRED: Rule = Rule {
    code: "firewall/expired-rule",
    title: "a rule stands there after its end",
    severity: Severity::Warning,
    requirements: &["SR 5.2", "SR 1.3"],
    finds: "The schedule or time range of a rule has ended.",
    why: "An end that was moved once is moved again; a rule that is over should go.",
    mend: "remove the rule, or agree on a new end with the owner of the permit",
    wrong_when: "The clock of the judging date is not that of the plant.",
};

static MANAGEMENT_OPEN: Rule = Rule {
    code: "firewall/management-open",
    title: "a firewall can be managed from an untrusted zone",
    severity: Severity::Error,
    requirements: &["SR 1.13", "SR 5.2"],
    finds: "The device accepts connections to a service by which it is managed (SSH, Telnet, web, SNMP, remote desktop) from an interface that faces an untrusted zone.",
    why: "Whoever has the firewall has every conduit that it enforces.",
    mend: "accept management only from a zone that is made for it, over an interface of its own",
    wrong_when: "The service that listens on this port is another one, such as a portal for users.",
};

static WELL_KNOWN_CREDENTIAL: Rule = Rule {
    code: "firewall/well-known-credential",
    title: "a device has a secret that everybody knows, or none",
    severity: Severity::Error,
    requirements: &["SR 1.5", "SR 1.7"],
    finds: "A configuration keeps a secret that a maker or a guide gives out, or lets somebody in without one.",
    why: "It is the first thing that is tried.",
    mend: "set a secret of its own for each device, and store it where secrets are kept",
    wrong_when: "The account or service is switched off elsewhere in the configuration.",
};

static WEAK_CREDENTIAL: Rule = Rule {
    code: "firewall/weak-credential",
    title: "a secret can be read from the configuration, or found by trying",
    severity: Severity::Warning,
    requirements: &["SR 1.5", "SR 4.1"],
    finds: "A configuration keeps a secret in clear text, encoded so that everybody can undo it, or as a hash that is cheap to try.",
    why: "Configurations are mailed, backed up and handed on; whoever has one has the secret.",
    mend: "let the device keep it in its strongest form (on Cisco devices type 8 or 9, on Junos SHA-512, on FortiOS with `private-data-encryption`), and change it, since it may be known by now",
    wrong_when: "The protocol needs the secret itself, as pre-shared keys do; then protect the file and say so in a waiver.",
};

/// Whose configuration it is.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// The kind of subject: `asset` for a device of the plant, `file` for a configuration alone.
    pub kind: &'static str,
    /// Its id, or the name of the file.
    pub id: &'a str,
}

/// The findings about a configuration by itself.
#[must_use]
pub fn of_configuration(owner: Owner<'_>, ruleset: &Ruleset, review: &Review, as_of: Date) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        review.remarks.iter().map(|remark| of_remark(owner, ruleset, remark)).collect();
    findings.extend(expired(owner, ruleset, as_of));
    findings.extend(ruleset.credentials.iter().filter_map(|one| of_credential(owner, one)));
    lean_on_warnings(&mut findings, ruleset);
    findings
}

/// A rule as people speak of it: its name or remark, else its chain and line.
fn called(rule: &RuleRef) -> String {
    match &rule.comment {
        Some(comment) if !comment.is_empty() => format!("rule `{comment}` (line {})", rule.place.line),
        _ if rule.rule.is_none() => format!("the policy of {}", rule.chain),
        _ => format!("the rule of {} in line {}", rule.chain, rule.place.line),
    }
}

fn of_remark(owner: Owner<'_>, ruleset: &Ruleset, remark: &Remark) -> Finding {
    let who = remark.rule.as_ref().map(called);
    let by = crate::words::list(remark.by.iter().map(called));
    let (rule, message): (&'static Rule, String) = match remark.kind {
        RemarkKind::DefaultAccept => (
            &DEFAULT_ACCEPT,
            match &who {
                Some(policy) => {
                    format!("what no rule speaks of passes by {policy}{}", between(&remark.packets))
                }
                None => format!("nothing filters{}: everything passes", between(&remark.packets)),
            },
        ),
        RemarkKind::AnyAny => {
            (&ANY_ANY, format!("{} passes everything{}", who.unwrap_or_default(), between(&remark.packets)))
        }
        RemarkKind::AnyService => {
            (&ANY_SERVICE, format!("{} passes every service between its addresses", who.unwrap_or_default()))
        }
        RemarkKind::NeverMatches => (&NEVER_MATCHES, format!("no packet meets {}", who.unwrap_or_default())),
        RemarkKind::Shadowed => (
            &SHADOWED,
            format!("{} never decides: all its packets are taken by {by}", who.unwrap_or_default()),
        ),
        RemarkKind::Redundant => {
            (&REDUNDANT, format!("{} changes nothing while {by} stands", who.unwrap_or_default()))
        }
    };
    let mut finding = rule.finding(owner.kind, owner.id, message);
    finding.discriminators = discriminators(ruleset, remark.rule.as_ref());
    let own = remark.rule.iter().map(|rule| shown(&rule.place, "the rule"));
    finding.evidence =
        own.chain(remark.by.iter().map(|rule| shown(&rule.place, "decides before it"))).collect();
    if matches!(remark.kind, RemarkKind::Redundant) {
        finding.evidence.iter_mut().skip(1).for_each(|place| place.what = "does the same".into());
    }
    finding
}

/// What tells one rule from another over time: its chain and what it says, not where it stands.
fn discriminators(ruleset: &Ruleset, rule: Option<&RuleRef>) -> Vec<String> {
    let Some(rule) = rule else { return vec!["no filter".into()] };
    let chain = ruleset.chains.iter().find(|chain| chain.name == rule.chain && chain.table == rule.table);
    let text = rule.rule.and_then(|at| chain?.rules.get(at)).map(|rule| ruleset.rule_text(rule));
    [Some(format!("{}/{}", rule.table, rule.chain)), text, rule.comment.clone()]
        .into_iter()
        .flatten()
        .collect()
}

fn shown(place: &TextPlace, what: &str) -> EvidencePlace {
    EvidencePlace { place: Place::Text(place.clone()), what: what.into() }
}

/// Between which interfaces packets pass, in words; empty where that is any.
fn between(packets: &[PacketBox]) -> String {
    let names = |of: fn(&PacketBox) -> &Option<Vec<String>>| -> Option<String> {
        let all: Option<Vec<&Vec<String>>> = packets.iter().map(|one| of(one).as_ref()).collect();
        let mut all: Vec<&String> = all?.into_iter().flatten().collect();
        all.sort();
        all.dedup();
        (!all.is_empty()).then(|| crate::words::list(&all))
    };
    let from = names(|one| &one.in_interfaces).map(|names| format!(" from {names}"));
    let to = names(|one| &one.out_interfaces).map(|names| format!(" to {names}"));
    from.unwrap_or_default() + &to.unwrap_or_default()
}

fn expired(owner: Owner<'_>, ruleset: &Ruleset, as_of: Date) -> Vec<Finding> {
    let today = as_of.to_datetime(Time::midnight());
    let rules = ruleset.chains.iter().flat_map(|chain| chain.rules.iter().map(move |rule| (chain, rule)));
    let ended = rules.filter_map(|(chain, rule)| {
        let until = rule.until.filter(|until| *until < today)?;
        let name = rule.comment.as_ref().map_or(String::new(), |comment| format!(" `{comment}`"));
        let message =
            format!("the rule{name} of {} in line {} ended at {until}", chain.name, rule.place.line);
        let mut finding = EXPIRED.finding(owner.kind, owner.id, message);
        finding.discriminators = vec![format!("{}/{}", chain.table, chain.name), ruleset.rule_text(rule)];
        finding.evidence = vec![shown(&rule.place, "the rule")];
        Some(finding)
    });
    ended.collect()
}

/// A finding about a secret, and never the secret.
fn of_credential(owner: Owner<'_>, credential: &Credential) -> Option<Finding> {
    let (rule, how): (&'static Rule, &str) = match credential.keeping {
        Keeping::Hashed => return None,
        Keeping::WeaklyHashed => (&WEAK_CREDENTIAL, "is kept as a hash that is cheap to try"),
        Keeping::Reversible => (&WEAK_CREDENTIAL, "is encoded so that whoever has the file has it"),
        Keeping::Clear => (&WEAK_CREDENTIAL, "stands there in clear text"),
        Keeping::WellKnown => (&WELL_KNOWN_CREDENTIAL, "is one that everybody knows"),
        Keeping::Empty => (&WELL_KNOWN_CREDENTIAL, "is empty"),
    };
    let message = format!("the {} in line {} {how}", credential.what, credential.place.line);
    let mut finding = rule.finding(owner.kind, owner.id, message);
    finding.discriminators = vec![credential.what.clone(), credential.keeping.as_str().into()];
    finding.evidence = vec![shown(&credential.place, "the secret stands here; it is not shown")];
    Some(finding)
}

/// A service by which devices are managed: protocol number, ports.
pub(crate) const MANAGEMENT: [(u8, &[u16]); 2] =
    [(6, &[22, 23, 80, 443, 830, 3389, 4443, 5900, 8080, 8291, 8443, 10443]), (17, &[69, 161])];

/// What a device lets in from an untrusted zone.
pub(crate) fn management(
    owner: Owner<'_>,
    ruleset: &Ruleset,
    zone: &str,
    open: &[(String, Option<RuleRef>)],
) -> Option<Finding> {
    let (_, rule) = open.first()?;
    let services: std::collections::BTreeSet<&str> =
        open.iter().map(|(service, _)| service.as_str()).collect();
    let services = crate::words::list(services);
    let why = match rule {
        Some(rule) => format!("by {}", called(rule)),
        None => "since nothing filters what comes to the device itself".to_owned(),
    };
    let message = format!("{} can be managed from {zone} ({services}), {why}", owner.id);
    let mut finding = MANAGEMENT_OPEN.finding(owner.kind, owner.id, message);
    finding.discriminators = vec![zone.to_owned()];
    let places: std::collections::BTreeSet<&TextPlace> =
        open.iter().filter_map(|(_, rule)| rule.as_ref().map(|rule| &rule.place)).collect();
    finding.evidence = places.into_iter().take(4).map(|place| shown(place, "lets it in")).collect();
    let mut findings = [finding];
    lean_on_warnings(&mut findings, ruleset);
    findings.into_iter().next()
}

/// Says with each finding how many lines of the configuration were not understood, where some were.
pub(crate) fn lean_on_warnings(findings: &mut [Finding], ruleset: &Ruleset) {
    let warned = ruleset.lines.warned;
    if warned == 0 {
        return;
    }
    let lines = crate::words::count(warned, "line");
    for finding in findings {
        finding
            .message
            .push_str(&format!("; {lines} of the configuration were not understood, so more may be true"));
    }
}
