//! Suricata: what a packet filter cannot check of a permit, the functions of Modbus, DNP3 and EtherNet/IP with CIP.
//!
//! For the packets of each permit that is limited to functions there is a rule for every function that no permit allows
//! on the same way: it reports (`alert`), or stops where Suricata stands in line (`drop`). Where permits overlap, what any
//! of them allows is allowed. Keywords are those of the Suricata user guide: `modbus: function …`, `dnp3_func`,
//! `cip_service`, `enip_command`. Suricata takes addresses for what they are, so that interfaces are not asked.

use super::text::{MARKS, plain, port_words, prefixes, ranges};
use super::{
    Function, FunctionLimit, Permit, Policy, Service, Tracking, Unsaid, WriteError, Writer, Written, day,
};
use crate::ruleset::{AddressSet, IntervalSet};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// The first id of a rule; ids below 2,000,000 are for local rules.
const SID_FIRST: u32 = 1_620_000;
/// Most rules that are written.
const RULES_MAX: usize = 100_000;
/// Most parts that overlapping permits are cut into.
const CELLS_MAX: usize = 4_096;
/// Most bytes of a message.
const MESSAGE_MAX: usize = 200;

/// Suricata.
pub(super) struct Suricata;

impl Writer for Suricata {
    fn name(&self) -> &'static str {
        "suricata"
    }

    fn title(&self) -> &'static str {
        "Suricata rules"
    }

    fn read_by(&self) -> Option<&'static str> {
        None
    }

    fn tracking(&self) -> Tracking {
        Tracking::AsksRules
    }

    fn comment_mark(&self) -> &'static str {
        "#"
    }

    fn write(&self, policy: &Policy) -> Result<Written, WriteError> {
        let mut unsaid = Vec::new();
        let mut remarks = vec![format!(
            "rules {}: {}; whatever a packet filter can decide is left to it",
            if policy.functions_stopped { "stop" } else { "report" },
            "functions that no permit allows"
        )];
        let mut body = String::new();
        let mut sid = SID_FIRST;
        for family in FAMILIES {
            let cells = cells(policy, family)?;
            // A layer that is read over several transports is not asked by which: the same rule serves both.
            let mut known: BTreeSet<String> = BTreeSet::new();
            for cell in &cells {
                let mut rules = rules(cell, family, policy.functions_stopped, &mut remarks);
                rules.retain(|rule| known.insert(rule.clone()));
                if !rules.is_empty() {
                    let _ = write!(body, "\n# {}\n", remark(cell.permit));
                }
                for rule in rules {
                    let _ = writeln!(body, "{rule} sid:{sid}; rev:1;)");
                    sid += 1;
                    if sid as usize - SID_FIRST as usize > RULES_MAX {
                        return Err(WriteError::TooMany { what: "rules", limit: RULES_MAX });
                    }
                }
            }
        }
        for (at, permit) in policy.permits.iter().enumerate() {
            let Some(limit) = &permit.functions else { continue };
            match FAMILIES.iter().find(|family| family.protocols.contains(&limit.protocol.as_str())) {
                Some(family) => remarks.extend(unread(permit, family)),
                None => {
                    let why = format!(
                        "functions of {} are not written as rules",
                        plain(&limit.protocol, 60, MARKS)
                    );
                    unsaid.push(Unsaid { permit: at, id: permit.id.clone(), service: None, why });
                }
            }
        }
        let mut known = BTreeSet::new();
        remarks.retain(|remark| known.insert(remark.clone()));
        let mut text = String::new();
        for line in policy.head.iter().chain(&policy.remarks).chain(&remarks) {
            let _ = writeln!(text, "# {}", plain(line, 500, &format!("{MARKS}();'`&")));
        }
        text.push_str(&body);
        Ok(Written { text, unsaid, remarks })
    }
}

/// Protocols that Suricata reads together.
struct Family {
    /// The application layer as rules name it.
    layer: &'static str,
    /// The transports it is read over.
    transports: &'static [u8],
    /// The protocols of permits.
    protocols: &'static [&'static str],
    /// The fields with their keywords.
    elements: &'static [Element],
}

struct Element {
    /// The field, as [`Function::element`] names it.
    name: &'static str,
    keyword: &'static str,
    /// The codes that requests can have.
    codes: Codes,
}

enum Codes {
    /// All from the first to the last.
    All(u32, u32),
    /// Those of this list one by one, and these settings for the rest.
    Assigned(&'static [u32], &'static [&'static str]),
    /// Those that have names.
    Named,
}

/// The functions that the Modbus specification (V1.1b3) assigns; Suricata knows the rest by category.
const MODBUS_ASSIGNED: &[u32] = &[1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 17, 20, 21, 22, 23, 24, 43];

const FAMILIES: &[Family] = &[
    Family {
        layer: "modbus",
        transports: &[6],
        protocols: &["modbus"],
        elements: &[Element {
            name: "function",
            keyword: "modbus: function ",
            codes: Codes::Assigned(MODBUS_ASSIGNED, &["unassigned", "user", "reserved"]),
        }],
    },
    Family {
        layer: "dnp3",
        transports: &[6],
        protocols: &["dnp3"],
        elements: &[Element { name: "function", keyword: "dnp3_func:", codes: Codes::All(0, 128) }],
    },
    Family {
        layer: "enip",
        transports: &[6, 17],
        protocols: &["enip", "cip"],
        elements: &[
            Element { name: "command", keyword: "enip_command:", codes: Codes::Named },
            Element { name: "service", keyword: "cip_service:", codes: Codes::All(1, 127) },
        ],
    },
];

/// Packets on which the same functions are allowed.
#[derive(Debug, Clone)]
struct Cell<'a> {
    /// The first permit that is about them.
    permit: &'a Permit,
    limit: &'a FunctionLimit,
    transport: u8,
    from: AddressSet,
    to: AddressSet,
    ports: IntervalSet<u16>,
    allowed: BTreeSet<(&'a str, u32)>,
}

impl Family {
    fn limits<'a>(&self, permit: &'a Permit) -> Option<&'a FunctionLimit> {
        permit.functions.as_ref().filter(|limit| self.protocols.contains(&limit.protocol.as_str()))
    }
}

/// The packets of limited permits, cut so that within each part the same is allowed.
fn cells<'a>(policy: &'a Policy, family: &Family) -> Result<Vec<Cell<'a>>, WriteError> {
    let mut all: Vec<Cell<'a>> = Vec::new();
    for (at, permit) in policy.permits.iter().enumerate() {
        let Some(limit) = family.limits(permit) else { continue };
        for (transport, ports) in ports_of(permit).into_iter().filter(|(t, _)| family.transports.contains(t))
        {
            let allowed = limit.allowed.iter().map(|f| (f.element.as_str(), f.code)).collect();
            let (from, to) = (permit.from.addresses.clone(), permit.to.addresses.clone());
            let mut own = vec![Cell { permit, limit, transport, from, to, ports, allowed }];
            for (number, other) in policy.permits.iter().enumerate().filter(|(number, _)| *number != at) {
                let earlier = number < at && family.limits(other).is_some();
                own = own.into_iter().flat_map(|cell| cut(cell, other, family, earlier)).collect();
                if own.len() + all.len() > CELLS_MAX {
                    return Err(WriteError::TooMany {
                        what: "parts of overlapping permits",
                        limit: CELLS_MAX,
                    });
                }
            }
            all.extend(own);
        }
    }
    all.retain(|cell| !cell.from.is_none() && !cell.to.is_none() && !cell.ports.is_none());
    Ok(all)
}

/// The cell without the packets that the other permit is about, and those with what it allows too; without those
/// altogether where they are in a cell of the other permit already, or where the other one allows every function.
fn cut<'a>(cell: Cell<'a>, other: &'a Permit, family: &Family, elsewhere: bool) -> Vec<Cell<'a>> {
    let whole = IntervalSet::all();
    let ports = other
        .services
        .iter()
        .filter_map(|service| match service {
            Service::Any => Some(&whole),
            Service::Protocol(number) if *number == cell.transport => Some(&whole),
            Service::Ports { protocol, ports } if *protocol == cell.transport => Some(ports),
            _ => None,
        })
        .fold(IntervalSet::none(), |all, ports| all.union(ports));
    let both = Cell {
        from: cell.from.intersection(&other.from.addresses),
        to: cell.to.intersection(&other.to.addresses),
        ports: cell.ports.intersection(&ports),
        ..cell.clone()
    };
    if both.from.is_none() || both.to.is_none() || both.ports.is_none() {
        return vec![cell];
    }
    let mut parts = vec![
        Cell { from: cell.from.intersection(&other.from.addresses.complement()), ..cell.clone() },
        Cell {
            from: both.from.clone(),
            to: cell.to.intersection(&other.to.addresses.complement()),
            ..cell.clone()
        },
        Cell {
            from: both.from.clone(),
            to: both.to.clone(),
            ports: cell.ports.intersection(&ports.complement()),
            ..cell
        },
    ];
    parts.retain(|part| !part.from.is_none() && !part.to.is_none() && !part.ports.is_none());
    if let (Some(limit), false) = (family.limits(other), elsewhere) {
        let mut both = both;
        both.allowed.extend(limit.allowed.iter().map(|f| (f.element.as_str(), f.code)));
        parts.push(both);
    }
    parts
}

/// The transports with ports of a permit.
fn ports_of(permit: &Permit) -> Vec<(u8, IntervalSet<u16>)> {
    let mut found: BTreeMap<u8, IntervalSet<u16>> = BTreeMap::new();
    for service in &permit.services {
        let (protocols, ports) = match service {
            Service::Any => (vec![6, 17], IntervalSet::all()),
            Service::Protocol(number) => (vec![*number], IntervalSet::all()),
            Service::Ports { protocol, ports } => (vec![*protocol], ports.clone()),
            Service::Icmp { .. } | Service::Frames(_) => continue,
        };
        for protocol in protocols {
            let known = found.entry(protocol).or_insert_with(IntervalSet::none);
            *known = known.union(&ports);
        }
    }
    found.into_iter().collect()
}

/// The rules of a cell, up to their ids.
fn rules(cell: &Cell<'_>, family: &Family, stops: bool, remarks: &mut Vec<String>) -> Vec<String> {
    let mut out = Vec::new();
    let names = names(cell.limit);
    for element in family.elements {
        // Of a protocol inside another one, the permit says nothing about the outer one's fields, or the other way round.
        let speaks = names.keys().any(|(name, _)| *name == element.name);
        if !speaks {
            continue;
        }
        let allowed: BTreeSet<u32> =
            cell.allowed.iter().filter(|(name, _)| *name == element.name).map(|(_, code)| *code).collect();
        let shared = shared(cell.limit, element.name, &allowed);
        if !shared.is_empty() {
            let text = format!(
                "{}: {} {} cannot be told from what is allowed, since they share its code",
                cell.permit.id,
                element.name,
                shared.join(", ")
            );
            remarks.push(text);
        }
        let (codes, rest): (Vec<u32>, &[&str]) = match &element.codes {
            Codes::All(first, last) => ((*first..=*last).collect(), &[]),
            Codes::Assigned(assigned, rest) if allowed.iter().all(|code| assigned.contains(code)) => {
                (assigned.to_vec(), rest)
            }
            Codes::Assigned(..) => ((1..=127).collect(), &[]),
            Codes::Named => {
                (names.keys().filter(|(name, _)| *name == element.name).map(|(_, code)| *code).collect(), &[])
            }
        };
        for code in codes.into_iter().filter(|code| !allowed.contains(code)) {
            let name = names.get(&(element.name, code)).copied();
            let named = name.map_or_else(|| code.to_string(), |name| format!("{code} {name}"));
            out.push(rule(cell, family, stops, &format!("{}{code};", element.keyword), &named));
        }
        for setting in rest {
            out.push(rule(cell, family, stops, &format!("{}{setting};", element.keyword), setting));
        }
    }
    out
}

fn rule(cell: &Cell<'_>, family: &Family, stops: bool, keyword: &str, function: &str) -> String {
    let action = if stops { "drop" } else { "alert" };
    let message = format!("{} does not allow {} {function}", cell.permit.id, family.layer);
    let flow = if family.transports == [6] { "flow:established,to_server; " } else { "flow:to_server; " };
    format!(
        "{action} {} {} any -> {} {} (msg:\"{}\"; {flow}{keyword}",
        family.layer,
        addresses(&cell.from),
        addresses(&cell.to),
        ports(&cell.ports),
        plain(&message, MESSAGE_MAX, "-_.,/ ")
    )
}

/// The first name of each code.
fn names(limit: &FunctionLimit) -> BTreeMap<(&str, u32), &str> {
    let mut names: BTreeMap<(&str, u32), &str> = BTreeMap::new();
    for Function { element, code, name } in limit.others.iter().chain(&limit.allowed) {
        names.entry((element, *code)).or_insert(name);
    }
    names
}

/// Functions that are not allowed and have a code that is.
fn shared<'a>(limit: &'a FunctionLimit, element: &str, allowed: &BTreeSet<u32>) -> Vec<&'a str> {
    let others =
        limit.others.iter().filter(|other| other.element == element && allowed.contains(&other.code));
    others.map(|other| other.name.as_str()).collect()
}

/// What of a limited permit is not watched: transports over which Suricata does not read the protocol.
fn unread(permit: &Permit, family: &Family) -> Vec<String> {
    let transports = ports_of(permit).into_iter().map(|(transport, _)| transport);
    let text = |transport| {
        format!(
            "{}: not watched over IP protocol {transport}, where Suricata does not read {}",
            permit.id, family.layer
        )
    };
    transports.filter(|transport| !family.transports.contains(transport)).map(text).collect()
}

fn addresses(set: &AddressSet) -> String {
    if *set == AddressSet::all() {
        return "any".to_owned();
    }
    let items: Vec<String> = ranges(set)
        .iter()
        .flat_map(prefixes)
        .map(|(address, length)| format!("{address}/{length}"))
        .collect();
    match items.as_slice() {
        [only] => only.clone(),
        many => format!("[{}]", many.join(",")),
    }
}

fn ports(set: &IntervalSet<u16>) -> String {
    if set.is_all() {
        return "any".to_owned();
    }
    match port_words(set, ":").as_slice() {
        [only] => only.clone(),
        many => format!("[{}]", many.join(",")),
    }
}

/// The line before the rules of a permit.
fn remark(permit: &Permit) -> String {
    let mut words = vec![permit.id.clone()];
    words.extend(permit.purpose.clone());
    words.extend(permit.approved_by.as_ref().map(|role| format!("approved by {role}")));
    words.extend(permit.until.map(|until| format!("until {}", day(until))));
    plain(&words.join(", "), 500, MARKS)
}
