//! What services and applications of a rule together ask of a packet.

use super::applications::Application;
use super::names::FoundServices;
use super::tree::short;
use crate::dialects::{Service, one_of};
use crate::ruleset::{Condition, IntervalSet, Reason, Undecidable};

/// Names of applications that are told in one condition at most; of more, the first are.
const NAMES_MAX: usize = 8;

/// The ICMP types that have an application of their own, by the application of all the others.
const ECHO: [(&str, u8); 2] = [("icmp", 8), ("ipv6-icmp", 128)];

/// All of these must hold of a packet. `None` stands for `any`.
pub(super) fn conditions(
    services: Option<&FoundServices>,
    applications: Option<&[(&str, Application)]>,
) -> Vec<Condition> {
    match (services, applications) {
        (None, None) => Vec::new(),
        (Some(services), None) => any_application(services),
        (None, Some(applications)) => one_of(&on_any_port(applications)),
        (Some(services), Some(applications)) if services.by_application => {
            let by_default = by_default(applications);
            if services.services.is_empty() {
                return one_of(&by_default);
            }
            let mut listed = one_of(&services.services);
            listed.extend(one_of(&on_any_port(applications)));
            vec![Condition::Any { of: vec![one_of(&by_default), listed], negated: false }]
        }
        (Some(services), Some(applications)) => {
            let mut all = one_of(&services.services);
            all.extend(one_of(&on_any_port(applications)));
            all
        }
    }
}

/// With `application-default`, each packet that is on a port of its own application is meant.
fn any_application(services: &FoundServices) -> Vec<Condition> {
    if !services.by_application {
        return one_of(&services.services);
    }
    let by_default = Undecidable { what: "application on its default port".into(), reason: Reason::Payload };
    let by_default = Condition::Undecidable(by_default);
    if services.services.is_empty() {
        return vec![by_default];
    }
    vec![Condition::Any { of: vec![one_of(&services.services), vec![by_default]], negated: false }]
}

/// The applications on the ports that each has by default.
fn by_default(applications: &[(&str, Application)]) -> Vec<Service> {
    let mut found = Vec::new();
    for (name, application) in applications {
        match &application.services {
            Some(services) if application.by_header => found.extend(by_header(name, services)),
            Some(services) => {
                let what = content(&[*name], Reason::Payload);
                found.extend(
                    services
                        .iter()
                        .map(|service| Service { undecidable: Some(what.clone()), ..service.clone() }),
                );
            }
            None => found.push(unknown(name)),
        }
    }
    found
}

/// The applications on whatever port.
fn on_any_port(applications: &[(&str, Application)]) -> Vec<Service> {
    let mut found = Vec::new();
    let mut names: Vec<&str> = Vec::new();
    // App-ID looks into what TCP and UDP carry, whatever the application is known for.
    let mut protocols = IntervalSet::one(6).union(&IntervalSet::one(17));
    for (name, application) in applications {
        match &application.services {
            Some(services) if application.by_header => found.extend(by_header(name, services)),
            Some(services) => {
                names.push(name);
                protocols = services.iter().fold(protocols, |all, service| all.union(&service.protocols));
            }
            None => found.push(unknown(name)),
        }
    }
    if !names.is_empty() {
        let undecidable = Some(content(&names, Reason::Payload));
        found.push(Service { protocols, undecidable, ..Service::any() });
    }
    found
}

fn unknown(name: &str) -> Service {
    Service { undecidable: Some(content(&[name], Reason::Name)), ..Service::any() }
}

fn content(names: &[&str], reason: Reason) -> Undecidable {
    let told: Vec<&str> = names.iter().take(NAMES_MAX).map(|name| short(name)).collect();
    let rest = names.len().saturating_sub(NAMES_MAX);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    Undecidable { what: format!("application {}{more}", told.join(",")), reason }
}

/// The packets of an application that the header tells. Whether an echo is meant by the application of all of ICMP, though
/// it has one of its own, is not certain.
fn by_header(name: &str, services: &[Service]) -> Vec<Service> {
    let Some((_, echo)) = ECHO.iter().find(|(known, _)| *known == name) else { return services.to_vec() };
    let echo = IntervalSet::one(*echo);
    let mut found = Vec::new();
    for service in services {
        let with =
            |icmp_types: IntervalSet<u8>, undecidable| Service { icmp_types, undecidable, ..service.clone() };
        found.push(with(service.icmp_types.intersection(&echo.complement()), None));
        let what = Undecidable { what: format!("echo as application {name}"), reason: Reason::Name };
        found.push(with(service.icmp_types.intersection(&echo), Some(what)));
    }
    found
}
