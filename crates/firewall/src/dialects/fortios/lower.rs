//! A configuration as a ruleset: its lists of rules on the way of packets.

use super::address::AddressBook;
use super::device::Device;
use super::lists::ListReader;
use super::management::{Ports, TrustedHosts, access_rules, own_services};
use super::policy::{Books, Lowered, PolicyKind, PolicyReader};
use super::pool::PoolBook;
use super::schedule::ScheduleBook;
use super::service::ServiceBook;
use super::stand::{Lists, PRIORITY_FILTER, PRIORITY_FLOODS, PRIORITY_SECOND, Stand, at_forward, at_nat};
use super::tree::{Config, Domain, Entry};
use super::vip::{VipBook, VipContext};
use crate::dialects::Reading;
use crate::ruleset::{
    AddressSet, Base, Chain, ChainId, ChainKind, Condition, CtStates, Family, Hook, IpVersion, Keeping, Log,
    NamePattern, NameSet, Nat, NatKind, Policy, Reason, Rule, Ruleset, Undecidable, Verdict,
};
use std::net::IpAddr;
use std::ops::Range;
use zonewright_source::{Diagnostic, TextPlace};

/// The lists of policies, in the order in which they are asked.
const KINDS: [PolicyKind; 4] =
    [PolicyKind::Unified, PolicyKind::Six, PolicyKind::Consolidated, PolicyKind::Security];

/// Lowers a configuration into `ruleset`.
pub(super) fn lower(config: &Config<'_>, reading: &mut Reading, ruleset: &mut Ruleset) {
    let mut device = Device::of(config, reading);
    let domains = policy_domains(config);
    let many = domains.len() > 1;
    let mut lists = Lists::default();
    for at in domains {
        let Some(domain) = config.domains.get(at) else { continue };
        let mut of_domain =
            DomainLowering { config, domain, at, device: &mut device, reading: &mut *reading, many };
        of_domain.lower(ruleset, &mut lists);
    }
    lists.stand(ruleset, many);
    management(config, &device, reading, ruleset, &lists);
    open_administrators(config, reading);
    ruleset.interfaces = device.interface_names();
    ruleset.zones = device.firewall_zones(reading);
    ruleset.addresses = std::mem::take(&mut device.addresses);
}

/// The domains that have policies, or could: those that are named, or the device itself.
fn policy_domains(config: &Config<'_>) -> Vec<usize> {
    let has_any = |domain: &Domain| {
        KINDS.iter().any(|kind| config.section(domain, kind.path()).is_some())
            || config.section(domain, "firewall address").is_some()
            || config.section(domain, "firewall service custom").is_some()
    };
    let named: Vec<usize> = (1..config.domains.len()).collect();
    let device_has = config.device().is_some_and(has_any);
    if named.is_empty() || device_has { std::iter::once(0).chain(named).collect() } else { named }
}

struct DomainLowering<'a, 'c> {
    config: &'c Config<'a>,
    domain: &'c Domain,
    at: usize,
    device: &'c mut Device,
    reading: &'c mut Reading,
    many: bool,
}

impl<'a> DomainLowering<'a, '_> {
    fn lower(&mut self, ruleset: &mut Ruleset, lists: &mut Lists) {
        let mut books = self.books();
        let preselecting = self.is_policy_based();
        books.is_central |= preselecting;
        if books.is_central {
            books.vips.mark_all_used();
        } else {
            self.mark_used(&mut books);
        }
        self.floods(&books, ruleset, lists);
        let translations = books.vips.rules();
        let names = self.interfaces();
        if !translations.is_empty() {
            let place = translations.first().map(|rule| rule.place.clone());
            let stand = Stand { policy: Policy::Accept, ..at_nat("vip", Hook::Prerouting) };
            self.push(ruleset, lists, stand, translations, place, names.clone());
        }
        let mut sources = Vec::new();
        for kind in KINDS {
            self.policies(kind, preselecting, &books, &mut sources, ruleset, lists);
        }
        self.sources(&books, sources, ruleset, lists);
        self.local_in(&books, ruleset, lists);
    }

    fn interfaces(&self) -> NameSet {
        self.device.names_in(self.at, &self.domain.name)
    }

    fn table(&self) -> String {
        if self.domain.name.is_empty() { "firewall".to_owned() } else { self.domain.name.clone() }
    }

    fn setting(&self, path: &str, key: &str) -> Option<String> {
        let own = self.config.own(self.domain, path).and_then(|own| own.value(key));
        own.map(str::to_ascii_lowercase)
    }

    fn is_enabled(&self, key: &str) -> bool {
        self.setting("system settings", key).as_deref() == Some("enable")
    }

    /// Whether security policies decide, which tell applications apart.
    fn is_policy_based(&self) -> bool {
        match self.setting("system settings", "ngfw-mode") {
            Some(mode) => mode == "policy-based",
            None => self.config.entries(self.domain, "firewall security-policy").next().is_some(),
        }
    }

    fn books(&mut self) -> Books {
        let (config, domain) = (self.config, self.domain);
        let addresses = &self.device.addresses;
        let four = AddressBook::of(config, domain, IpVersion::V4, addresses, self.reading);
        let six = AddressBook::of(config, domain, IpVersion::V6, addresses, self.reading);
        let services = ServiceBook::of(config, domain, self.reading);
        let context = VipContext { addresses, four: &four, services: &services };
        let vips = VipBook::of(config, domain, &context, self.reading);
        Books {
            multicast_four: AddressBook::multicast(config, domain, IpVersion::V4, self.reading),
            multicast_six: AddressBook::multicast(config, domain, IpVersion::V6, self.reading),
            schedules: ScheduleBook::of(config, domain, self.reading),
            pools: PoolBook::of(config, domain, self.reading),
            is_central: self.is_enabled("central-nat"),
            denies_see_vips: config.header.map(|header| header.version >= (7, 2, 4)),
            four,
            six,
            services,
            vips,
        }
    }

    /// Notes the virtual addresses that policies in force name.
    fn mark_used(&self, books: &mut Books) {
        for kind in KINDS {
            for entry in self.config.entries(self.domain, kind.path()) {
                if entry.is("status", "disable") {
                    continue;
                }
                for key in ["dstaddr", "dstaddr4", "dstaddr6"] {
                    for name in entry.words(key) {
                        books.vips.mark_used(&name.text);
                    }
                }
            }
        }
    }

    /// Puts a list where it stands.
    fn push(
        &mut self,
        ruleset: &mut Ruleset,
        lists: &mut Lists,
        stand: Stand,
        mut rules: Vec<Rule>,
        place: Option<TextPlace>,
        names: NameSet,
    ) {
        let Some(place) = place.or_else(|| rules.first().map(|rule| rule.place.clone())) else { return };
        if self.many && stand.policy == Policy::Drop {
            let mut denial = Rule::new(place.clone());
            denial.verdict = Verdict::Drop;
            rules.push(denial);
        }
        let id = ChainId(ruleset.chains.len());
        let chain = Chain {
            name: stand.name.to_owned(),
            table: self.table(),
            family: stand.family,
            base: None,
            rules,
            place,
            comment: None,
        };
        ruleset.chains.push(chain);
        let stand = if self.many { Stand { table: "device", ..stand } } else { stand };
        lists.add(stand, id, names);
    }

    /// A list of policies.
    fn policies(
        &mut self,
        kind: PolicyKind,
        preselecting: bool,
        books: &Books,
        sources: &mut Vec<Rule>,
        ruleset: &mut Ruleset,
        lists: &mut Lists,
    ) {
        if kind == PolicyKind::Security && !preselecting {
            return;
        }
        let Some(section) = self.config.section(self.domain, kind.path()) else { return };
        let place = self.reading.place(&section.span);
        let span = section.span.clone();
        let reading_as =
            if preselecting && kind == PolicyKind::Unified { PolicyKind::Preselecting } else { kind };
        let mut rules = self.before_policies(kind, &place, books, ruleset);
        if section.is_damaged {
            let mut rule = Rule::new(place.clone());
            rule.verdict = Verdict::Unknown("lines of the list were not read".to_owned());
            rules.push(rule);
        }
        for entry in self.config.entries(self.domain, kind.path()) {
            let mut reader = PolicyReader {
                books,
                device: &mut *self.device,
                domain: self.at,
                kind: reading_as,
                reading: &mut *self.reading,
            };
            let Lowered { filters, source } = reader.lower(entry);
            rules.extend(filters);
            sources.extend(source);
        }
        rules.extend(self.behind_policies(&span, &place));
        let six_alone = self.config.section(self.domain, "firewall policy6").is_some();
        let (name, family, priority) = match kind {
            PolicyKind::Security => ("security-policy", Family::Inet, PRIORITY_SECOND),
            PolicyKind::Six => ("policy6", Family::Ipv6, PRIORITY_FILTER),
            PolicyKind::Consolidated => ("consolidated policy", Family::Inet, PRIORITY_FILTER),
            _ => ("policy", if six_alone { Family::Ipv4 } else { Family::Inet }, PRIORITY_FILTER),
        };
        let stand = Stand { name, family, priority, ..at_forward() };
        let names = self.interfaces();
        self.push(ruleset, lists, stand, rules, Some(place), names);
    }

    /// What is decided before policies are asked.
    fn before_policies(
        &mut self,
        kind: PolicyKind,
        place: &TextPlace,
        books: &Books,
        ruleset: &mut Ruleset,
    ) -> Vec<Rule> {
        let mut rules = vec![sessions(place)];
        let asymmetric = if kind == PolicyKind::Six { "asymroute6" } else { "asymroute" };
        if self.is_enabled(asymmetric) {
            let mut rule = Rule::new(place.clone());
            let what = format!("{asymmetric}: packets of connections that were not seen open");
            rule.conditions.push(Condition::CtState(CtStates::INVALID));
            rule.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Connection }));
            rule.verdict = Verdict::Accept;
            rules.push(rule);
        }
        rules.extend(self.silent_interfaces());
        rules.extend(self.multicast(kind, place, books, ruleset));
        rules.extend(self.same_interface(kind));
        rules
    }

    /// Interfaces that are switched off, or are for management only, forward nothing.
    fn silent_interfaces(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        for interface in &self.device.interfaces {
            if (self.many && interface.domain != self.domain.name)
                || !(interface.is_down || interface.is_dedicated)
            {
                continue;
            }
            let why = if interface.is_down { "is switched off" } else { "is for management only" };
            let names = NameSet::of(vec![NamePattern::Exact(interface.name.clone())]);
            for condition in [Condition::InInterface(names.clone()), Condition::OutInterface(names)] {
                let mut rule = Rule::new(self.reading.place(&interface.span));
                rule.conditions.push(condition);
                rule.verdict = Verdict::Drop;
                rule.comment = Some(format!("interface {} {why}", interface.name));
                rules.push(rule);
            }
        }
        rules
    }

    /// Multicast packets pass policies of their own, where the configuration is whole or has some.
    fn multicast(
        &mut self,
        kind: PolicyKind,
        place: &TextPlace,
        books: &Books,
        ruleset: &mut Ruleset,
    ) -> Option<Rule> {
        let versions: &[IpVersion] = match kind {
            PolicyKind::Six => &[IpVersion::V6],
            PolicyKind::Security => &[],
            _ => &[IpVersion::V4, IpVersion::V6],
        };
        let path = |version| match version {
            IpVersion::V4 => "firewall multicast-policy",
            IpVersion::V6 => "firewall multicast-policy6",
        };
        let has_policies = [IpVersion::V4, IpVersion::V6]
            .iter()
            .any(|version| self.config.section(self.domain, path(*version)).is_some());
        let skips = self.is_enabled("multicast-skip-policy");
        if versions.is_empty() || skips || !(has_policies || self.config.header.is_some()) {
            return None;
        }
        let mut rules = Vec::new();
        let forwards = self.setting("system settings", "multicast-forward").as_deref() != Some("disable");
        for version in versions.iter().filter(|_| forwards) {
            for entry in self.config.entries(self.domain, path(*version)) {
                let mut reader = ListReader {
                    books,
                    device: &mut *self.device,
                    domain: self.at,
                    version: *version,
                    reading: &mut *self.reading,
                };
                rules.extend(reader.multicast(entry));
            }
        }
        let mut denial = Rule::new(place.clone());
        denial.verdict = Verdict::Drop;
        rules.push(denial);
        let id = ChainId(ruleset.chains.len());
        ruleset.chains.push(Chain {
            name: if kind == PolicyKind::Six { "multicast-policy6" } else { "multicast-policy" }.to_owned(),
            table: self.table(),
            family: Family::Inet,
            base: None,
            rules,
            place: place.clone(),
            comment: None,
        });
        let mut rule = Rule::new(place.clone());
        rule.conditions.push(Condition::Destination(multicast_addresses(versions)));
        rule.verdict = Verdict::Goto(id);
        Some(rule)
    }

    /// What goes out by the interface it came in by may need no policy (`allow-traffic-redirect`).
    fn same_interface(&mut self, kind: PolicyKind) -> Vec<Rule> {
        let six = kind == PolicyKind::Six;
        let key = if six { "ipv6-allow-traffic-redirect" } else { "allow-traffic-redirect" };
        let own = self.config.device().and_then(|device| self.config.own(device, "system global"));
        let redirects = match own.and_then(|own| own.value(key)) {
            Some(value) => value.eq_ignore_ascii_case("enable"),
            // On by default before 7.4.10 and 7.6.5.
            None => self.config.header.is_some_and(|header| {
                let (major, minor, _) = header.version;
                let since = if (major, minor) <= (7, 4) { (7, 4, 10) } else { (7, 6, 5) };
                header.version < since
            }),
        };
        let mut rules = Vec::new();
        for interface in self.device.interfaces.iter().filter(|_| redirects) {
            if (self.many && interface.domain != self.domain.name)
                || interface.is_down
                || interface.is_dedicated
            {
                continue;
            }
            let names = NameSet::of(vec![NamePattern::Exact(interface.name.clone())]);
            let mut rule = Rule::new(self.reading.place(&interface.span));
            rule.conditions.push(Condition::InInterface(names.clone()));
            rule.conditions.push(Condition::OutInterface(names));
            let what = format!("{key}: source or way on are in the network of the interface");
            rule.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Route }));
            rule.verdict = Verdict::Accept;
            rule.comment = Some(key.to_owned());
            rules.push(rule);
        }
        rules
    }

    /// What is decided where no policy did: between interfaces of an open zone all passes; all else is denied, and the denial
    /// may be logged.
    fn behind_policies(&mut self, span: &Range<usize>, place: &TextPlace) -> Vec<Rule> {
        let mut rules = Vec::new();
        for zone in self.device.zones.iter().filter(|zone| zone.domain == self.at && zone.is_open_within) {
            let names = NameSet::of(vec![NamePattern::Exact(zone.name.clone())]);
            let mut rule = Rule::new(self.reading.place(&zone.span));
            rule.conditions.push(Condition::InInterface(names.clone()));
            rule.conditions.push(Condition::OutInterface(names));
            rule.verdict = Verdict::Accept;
            rule.comment = Some(format!("within zone {}", zone.name));
            rules.push(rule);
        }
        if self.setting("log setting", "fwpolicy-implicit-log").as_deref() == Some("enable") {
            let mut rule = Rule::new(self.reading.place(span));
            rule.log = Some(Log::default());
            rule.verdict = Verdict::Drop;
            rule.comment = Some("0 implicit deny".to_owned());
            rule.place = place.clone();
            rules.push(rule);
        }
        rules
    }

    /// How sources are translated: by the policies, or by a list of its own.
    fn sources(&mut self, books: &Books, mut rules: Vec<Rule>, ruleset: &mut Ruleset, lists: &mut Lists) {
        if books.is_central {
            rules = self.central_sources(books);
        }
        let translates =
            |rule: &Rule| !matches!(&rule.verdict, Verdict::Nat(Nat { kind: NatKind::None, .. }));
        let Some(last) = rules.iter().rposition(translates) else { return };
        rules.truncate(last + 1);
        let name = if books.is_central { "central-snat-map" } else { "nat of policies" };
        let names = self.interfaces();
        self.push(ruleset, lists, at_nat(name, Hook::Postrouting), rules, None, names);
    }

    fn central_sources(&mut self, books: &Books) -> Vec<Rule> {
        let mut rules = Vec::new();
        for entry in self.config.entries(self.domain, "firewall central-snat-map") {
            let version = if entry.is("type", "ipv6") { IpVersion::V6 } else { IpVersion::V4 };
            rules.extend(self.reader(books, version).central_source(entry));
        }
        rules
    }

    fn reader<'r>(&'r mut self, books: &'r Books, version: IpVersion) -> ListReader<'r> {
        ListReader { books, device: &mut *self.device, domain: self.at, version, reading: &mut *self.reading }
    }

    fn floods(&mut self, books: &Books, ruleset: &mut Ruleset, lists: &mut Lists) {
        let mut rules = Vec::new();
        for (path, version) in
            [("firewall dos-policy", IpVersion::V4), ("firewall dos-policy6", IpVersion::V6)]
        {
            for entry in self.config.entries(self.domain, path) {
                let anomalies: Vec<&Entry<'_>> = self.config.inner(entry, "anomaly").collect();
                rules.extend(self.reader(books, version).flood(entry, &anomalies));
            }
        }
        for (path, version, what) in [
            ("firewall acl", IpVersion::V4, None),
            ("firewall acl6", IpVersion::V6, None),
            ("firewall ttl-policy", IpVersion::V4, Some("ttl")),
        ] {
            for entry in self.config.entries(self.domain, path) {
                rules.extend(self.reader(books, version).early_denial(entry, what));
            }
        }
        let stand = Stand {
            name: "DoS-policy",
            hook: Hook::Prerouting,
            priority: PRIORITY_FLOODS,
            policy: Policy::Accept,
            ..at_forward()
        };
        let names = self.interfaces();
        self.push(ruleset, lists, stand, rules, None, names);
    }

    fn local_in(&mut self, books: &Books, ruleset: &mut Ruleset, lists: &mut Lists) {
        let mut rules = Vec::new();
        for (path, version) in
            [("firewall local-in-policy", IpVersion::V4), ("firewall local-in-policy6", IpVersion::V6)]
        {
            for entry in self.config.entries(self.domain, path) {
                rules.extend(self.reader(books, version).local_in(entry));
            }
        }
        lists.local_accepts.extend(rules.iter().filter(|rule| rule.verdict == Verdict::Accept).cloned());
        if let Some(first) = rules.first() {
            rules.insert(0, sessions(&first.place.clone()));
        }
        let stand =
            Stand { name: "local-in-policy", hook: Hook::Input, policy: Policy::Accept, ..at_forward() };
        let names = self.interfaces();
        self.push(ruleset, lists, stand, rules, None, names);
    }
}

/// What reaches the device itself: what its interfaces let in.
fn management(
    config: &Config<'_>,
    device: &Device,
    reading: &mut Reading,
    ruleset: &mut Ruleset,
    lists: &Lists,
) {
    let section = config.device().and_then(|domain| config.section(domain, "system interface"));
    let Some(section) = section else { return };
    let place = reading.place(&section.span);
    let (ports, trusted) = (Ports::of(config), TrustedHosts::of(config, reading));
    let mut rules = vec![sessions(&place)];
    for interface in &device.interfaces {
        rules.extend(access_rules(interface, &ports, &trusted, reading));
    }
    rules.extend(own_services(config, reading));
    // A local-in policy may also let in what no interface names: whether something listens there is not told.
    for accepted in &lists.local_accepts {
        let mut rule = accepted.clone();
        let what = "the device listens there".to_owned();
        rule.conditions.push(Condition::Undecidable(Undecidable { what, reason: Reason::Unread }));
        rules.push(rule);
    }
    ruleset.chains.push(Chain {
        name: "allowaccess".into(),
        table: "management".into(),
        family: Family::Inet,
        base: Some(Base {
            hook: Hook::Input,
            kind: ChainKind::Filter,
            priority: PRIORITY_SECOND,
            policy: Policy::Drop,
            devices: Vec::new(),
            dormant: false,
        }),
        rules,
        place,
        comment: None,
    });
}

/// Notes administrators without a password who are not recognized elsewhere.
fn open_administrators(config: &Config<'_>, reading: &mut Reading) {
    for domain in &config.domains {
        for admin in config.entries(domain, "system admin") {
            let elsewhere = ["remote-auth", "peer-auth"].iter().any(|key| admin.is(key, "enable"));
            if admin.setting("password").is_none() && !elsewhere {
                reading.secret(
                    &admin.span,
                    format!("password of system admin {}", admin.name),
                    Keeping::Empty,
                );
            }
        }
    }
}

/// Packets of sessions that are open pass.
fn sessions(place: &TextPlace) -> Rule {
    let mut rule = Rule::new(place.clone());
    rule.conditions.push(Condition::CtState(CtStates::ESTABLISHED.union(CtStates::RELATED)));
    rule.verdict = Verdict::Accept;
    rule
}

fn multicast_addresses(versions: &[IpVersion]) -> AddressSet {
    let mut set = AddressSet::none();
    for version in versions {
        let (network, length): (IpAddr, u8) = match version {
            IpVersion::V4 => ([224, 0, 0, 0].into(), 4),
            IpVersion::V6 => ([0xff00, 0, 0, 0, 0, 0, 0, 0].into(), 8),
        };
        set = AddressSet::prefix(network, length).map_or_else(|| set.clone(), |prefix| set.union(&prefix));
    }
    set
}

/// Says what of the whole is looked at in another way than its owner may think.
pub(super) fn notes(config: &Config<'_>, reading: &mut Reading) {
    for domain in &config.domains {
        let Some(own) = config.own(domain, "system settings") else { continue };
        if own.is("opmode", "transparent") {
            let bridge = Diagnostic::note("firewall/bridge", "the device is set up as a bridge")
                .because("its policies are asked about the IP packets that it bridges; frames that are not IP are not looked at");
            reading.report(&own.span_of("opmode"), bridge);
        }
        if own.is("ngfw-mode", "policy-based") {
            let mode = Diagnostic::note(
                "firewall/application-policies",
                "security policies tell applications apart",
            )
            .because("a rule that asks for an application opens possibly, not surely");
            reading.report(&own.span_of("ngfw-mode"), mode);
        }
    }
}
