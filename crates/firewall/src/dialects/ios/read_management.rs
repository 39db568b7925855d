//! Who may manage the machine: virtual terminals, web servers, SNMP, the control plane.

use super::config::{Snmp, Terminals, Transport};
use super::reader::{Block, Read, Reader, Statement};
use crate::ruleset::{IpVersion, Keeping};

/// Most blocks of virtual terminals.
const TERMINALS_MAX: usize = 100;

/// A statement of management.
pub(super) fn top(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Read {
    let span = statement.span.clone();
    let management = &mut reader.config.management;
    match statement.words {
        ["line", "vty", ..] if management.terminals.len() >= TERMINALS_MAX => return Read::Unread,
        ["line", "vty", ..] => {
            management.terminals.push(Terminals {
                lists: Vec::new(),
                any_vrf: false,
                ssh: Transport::Default,
                telnet: Transport::Default,
                span,
            });
            let at = management.terminals.len() - 1;
            reader.open(Block::Terminals(at), statement.words);
            return Read::Modeled;
        }
        ["ip", "http", "server"] => management.http.on = Some((true, span)),
        ["no", "ip", "http", "server"] => management.http.on = Some((false, span)),
        ["ip", "http", "secure-server"] => management.https.on = Some((true, span)),
        ["no", "ip", "http", "secure-server"] => management.https.on = Some((false, span)),
        ["ip", "http", "port", port] => match port.parse() {
            Ok(port) => management.http.port = Some(port),
            Err(_) => return Read::Unread,
        },
        ["ip", "http", "secure-port", port] => match port.parse() {
            Ok(port) => management.https.port = Some(port),
            Err(_) => return Read::Unread,
        },
        ["ip", "http", "access-class", list] | ["ip", "http", "access-class", "ipv4", list] => {
            management.http_lists.push(((*list).to_owned(), IpVersion::V4, span));
            reader.config.used_lists.insert((*list).to_owned());
        }
        ["ip", "http", "access-class", "ipv6", list] => {
            management.http_lists.push(((*list).to_owned(), IpVersion::V6, span));
            reader.config.used_lists.insert((*list).to_owned());
        }
        ["ip", "ssh", "port", ..] => return Read::Unread,
        ["snmp-server", "community", _, rest @ ..] => return community(reader, rest, statement),
        ["snmp-server", "group", _, rest @ ..] => return group(reader, rest, statement),
        ["snmp-server", "user", _, _, rest @ ..] => {
            // A user is answered where the group is.
            let list = rest.iter().position(|word| *word == "access").and_then(|at| rest.get(at + 1));
            reader.config.used_lists.extend(list.map(|list| (*list).to_owned()));
            let list = list.map(|list| (*list).to_owned());
            if list.is_some() {
                reader.config.management.snmp.push(Snmp { list, list_v6: None, span });
            }
            return Read::Modeled;
        }
        ["ntp", "access-group", _, list, ..] => {
            reader.config.used_lists.insert((*list).to_owned());
            return Read::Ignored;
        }
        ["control-plane", ..] => {
            reader.open(Block::ControlPlane, statement.words);
        }
        _ => return Read::Foreign,
    }
    Read::Modeled
}

/// `[view V] [RO|RW] [ipv6 LIST] [LIST]`.
fn community(reader: &mut Reader<'_>, words: &[&str], statement: &Statement<'_>) -> Read {
    let (mut list, mut list_v6) = (None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "view" => _ = words.next(),
            "ipv6" => list_v6 = words.next().map(|list| (*list).to_owned()),
            word if word.eq_ignore_ascii_case("ro") || word.eq_ignore_ascii_case("rw") => {}
            word => list = Some(word.to_owned()),
        }
    }
    reader.config.used_lists.extend(list.clone().into_iter().chain(list_v6.clone()));
    reader.config.management.snmp.push(Snmp { list, list_v6, span: statement.span.clone() });
    Read::Modeled
}

/// `v3 priv [read V] … [access [ipv6 LIST] [LIST]]`.
fn group(reader: &mut Reader<'_>, words: &[&str], statement: &Statement<'_>) -> Read {
    let behind = words.iter().position(|word| *word == "access").and_then(|at| words.get(at + 1..));
    let (mut list, mut list_v6) = (None, None);
    match behind {
        Some(["ipv6", six, rest @ ..]) => {
            list_v6 = Some((*six).to_owned());
            list = rest.first().map(|list| (*list).to_owned());
        }
        Some([four, ..]) => list = Some((*four).to_owned()),
        _ => {}
    }
    reader.config.used_lists.extend(list.clone().into_iter().chain(list_v6.clone()));
    reader.config.management.snmp.push(Snmp { list, list_v6, span: statement.span.clone() });
    Read::Modeled
}

/// A line within `line vty`.
pub(super) fn terminals(reader: &mut Reader<'_>, at: usize, statement: &Statement<'_>) -> Read {
    let Some(terminals) = reader.config.management.terminals.get_mut(at) else { return Read::Unread };
    let span = statement.span.clone();
    match statement.words {
        ["access-class", _, "out", ..] => return Read::Ignored,
        ["access-class", list, "in", rest @ ..] => {
            terminals.any_vrf |= rest.contains(&"vrf-also");
            terminals.lists.push(((*list).to_owned(), IpVersion::V4, span));
            reader.config.used_lists.insert((*list).to_owned());
        }
        ["ipv6", "access-class", _, "out", ..] => return Read::Ignored,
        ["ipv6", "access-class", list, "in", ..] => {
            terminals.lists.push(((*list).to_owned(), IpVersion::V6, span));
            reader.config.used_lists.insert((*list).to_owned());
        }
        ["transport", "input", protocols @ ..] => {
            let has = |name: &str| {
                let named = protocols.iter().any(|word| *word == name || *word == "all");
                if named { Transport::Yes } else { Transport::No }
            };
            (terminals.ssh, terminals.telnet) = (has("ssh"), has("telnet"));
        }
        ["no", "transport", "input"] => (terminals.ssh, terminals.telnet) = (Transport::No, Transport::No),
        ["no", "login"] => {
            reader.reading.secret(&span, "login at a virtual terminal", Keeping::Empty);
        }
        ["no", "exec"] => (terminals.ssh, terminals.telnet) = (Transport::No, Transport::No),
        ["rotary", ..] => return Read::Unread,
        // Timers, prompts, who logs in how: of no packet.
        _ => return Read::Ignored,
    }
    Read::Modeled
}

/// A line within `control-plane`.
pub(super) fn control_plane(reader: &mut Reader<'_>, statement: &Statement<'_>) -> Read {
    match statement.words {
        ["service-policy", "input", policy] | ["service-policy", "type", _, "input", policy] => {
            reader.config.management.control_plane = Some(((*policy).to_owned(), statement.span.clone()));
            Read::Modeled
        }
        ["management-interface", ..] => Read::Unread,
        ["service-policy", "output", ..] | ["description", ..] | ["no", ..] => Read::Ignored,
        _ => Read::Unread,
    }
}
