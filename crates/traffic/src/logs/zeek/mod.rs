//! Logs of Zeek: tables with a header, or one JSON object a line.
//!
//! The form is that of the Zeek manual ("Log Files", "JSON logs"); what each log says is in [`core`] and, for the
//! protocols of industry that ICSNPP adds, in [`industry`].

mod core;
mod industry;
mod row;

pub(super) use self::core::{mac, ssh_software, tls_version};
use super::book::{Book, Ends};
use super::{Troubles, stem};
use crate::net::protocol::{TCP, UDP};
use row::{Header, Row};
use serde_json::Value;
use std::net::IpAddr;
use std::sync::Arc;

/// What a log is about, and how its lines are read.
struct Definition {
    /// Its name: `#path` of a table, `_path` of a JSON line, or the beginning of the file's name.
    path: &'static str,
    /// The protocol its connections speak; empty: its lines tell, or it is about none.
    protocol: &'static str,
    /// What usually carries the protocol.
    carrier: u8,
    /// Whether nothing else does.
    only: bool,
    /// The log whose lines it repeats with more detail: functions are counted there, if that log is at hand.
    details: &'static str,
    /// Enters what a line says of its conversation.
    read: fn(&Row<'_>, &mut Book<'_>),
}

impl Definition {
    const fn tcp(path: &'static str, protocol: &'static str, read: fn(&Row<'_>, &mut Book<'_>)) -> Self {
        Self { path, protocol, carrier: TCP, only: true, details: "", read }
    }

    const fn udp(path: &'static str, protocol: &'static str, read: fn(&Row<'_>, &mut Book<'_>)) -> Self {
        Self { path, protocol, carrier: UDP, only: true, details: "", read }
    }

    /// Something else may carry it too.
    const fn mostly(self) -> Self {
        Self { only: false, ..self }
    }

    const fn of(self, log: &'static str) -> Self {
        Self { details: log, ..self }
    }
}

/// Logs that are knowingly not read, and why.
const NOT_READ: &[(&[&str], &str)] = &[
    (
        &[
            "known_hosts",
            "known_services",
            "known_certs",
            "known_modbus",
            "known_devices",
            "known_routers",
            "software",
            "known_domains",
            "known_names",
            "cotp",
        ],
        "it repeats what the logs of connections and protocols say",
    ),
    (
        &[
            "files",
            "pe",
            "x509",
            "ocsp",
            "dpd",
            "analyzer",
            "tunnel",
            "traceroute",
            "bacnet_property",
            "dnp3_objects",
            "opcua_binary_diag_info_detail",
            "opcua_binary_status_code_detail",
            "modbus_register_change",
        ],
        "it is about contents, not about who does what to whom",
    ),
    (
        &[
            "capture_loss",
            "stats",
            "reporter",
            "packet_filter",
            "loaded_scripts",
            "cluster",
            "broker",
            "config",
            "print",
            "telemetry",
            "prof",
            "stderr",
            "stdout",
        ],
        "it is about the monitor",
    ),
];

/// Does a file begin as a table?
pub(super) fn is_table(head: &[u8]) -> bool {
    head.starts_with(b"#separator ")
}

/// Is a line of JSON one of Zeek's?
pub(super) fn is_json(line: &[u8]) -> bool {
    let has = |key: &[u8]| line.windows(key.len()).any(|window| window == key);
    has(b"\"ts\":") && (has(b"\"_path\":") || has(b"\"uid\":") || has(b"\"id.orig_h\":"))
}

/// Does a file begin as the log of connections?
pub(super) fn is_of_connections(head: &[u8]) -> bool {
    let has = |key: &[u8]| head.windows(key.len()).any(|window| window == key);
    has(b"#path\tconn\n") || has(b"\"conn_state\":")
}

/// Reads one log.
pub(super) struct Reader {
    name: Arc<str>,
    header: Header,
    /// The log that the table's header names.
    path: Option<String>,
}

impl Reader {
    pub(super) fn new(name: &Arc<str>) -> Self {
        Self { name: Arc::clone(name), header: Header::default(), path: None }
    }

    /// Reads a line.
    pub(super) fn line(&mut self, line: &[u8], book: &mut Book<'_>, troubles: &mut Troubles) {
        let number = book.at.packet;
        if line.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(line);
        if let Some(directive) = text.strip_prefix('#') {
            if let Some(path) = self.header.directive(directive) {
                self.path = Some(path);
            }
            return;
        }
        if text.starts_with('{') {
            match serde_json::from_str::<Value>(&text) {
                Ok(Value::Object(object)) => {
                    let path = object.get("_path").and_then(Value::as_str).map(str::to_owned);
                    let path = path.or_else(|| self.path.clone());
                    self.row(path.as_deref(), &Row::Json(&object), book, troubles);
                }
                _ => troubles.at(number, "log/line", "expected a JSON object, found something else"),
            }
            return;
        }
        if self.header.columns.is_empty() {
            let what = "there is no `#fields` line before it, so that its columns have no names";
            return troubles.at(number, "log/line", what);
        }
        let values: Vec<&str> = text.split(self.header.separator).collect();
        if values.len() != self.header.columns.len() {
            let what = "it has another number of columns than its header";
            return troubles.at(number, "log/line", what);
        }
        let path = self.path.clone();
        self.row(path.as_deref(), &Row::Table(&self.header, &values), book, troubles);
    }

    fn row(&self, path: Option<&str>, row: &Row<'_>, book: &mut Book<'_>, troubles: &mut Troubles) {
        let number = book.at.packet;
        let path = path.unwrap_or_else(|| stem(&self.name));
        if let Some((_, why)) = NOT_READ.iter().find(|(paths, _)| paths.contains(&path)) {
            return troubles.at(number, "log/not-read", format!("a log of `{path}` is not read: {why}"));
        }
        match row.time() {
            Some(time) => book.time = time,
            None => troubles.at(number, "log/time", "its time is not told; that of the line before is taken"),
        }
        let time = book.time;
        if path == "dhcp" {
            book.counts.lines += 1;
            book.counts.span(time, time);
            return core::dhcp(row, book);
        }
        let known = core::LOGS.iter().chain(industry::LOGS).find(|known| known.path == path);
        let Some(definition) = known else {
            let what = format!("a log of `{path}` is not known: only who talks to whom is taken of it");
            troubles.at(number, "log/not-read", what);
            if let Some(ends) = ends(row, None, book, troubles) {
                enter(&ends, row, book);
            }
            return;
        };
        let Some(ends) = ends(row, Some(definition), book, troubles) else { return };
        if !enter(&ends, row, book) {
            return;
        }
        if !definition.protocol.is_empty() {
            book.speaks(definition.protocol);
        }
        book.repeats = book.detailed(definition.path, definition.details);
        (definition.read)(row, book);
    }
}

/// Goes to the conversation of a line.
fn enter(ends: &Ends, row: &Row<'_>, book: &mut Book<'_>) -> bool {
    if !book.open(ends) {
        return false;
    }
    book.counts.lines += 1;
    let last = row.number_of("duration").map_or(0, |seconds| (seconds * 1e6).round() as i64 * 1000);
    let time = book.time;
    book.lasted(time, time.saturating_add(last.max(0)));
    true
}

/// Whose connection a line is about.
fn ends(
    row: &Row<'_>,
    definition: Option<&Definition>,
    book: &mut Book<'_>,
    troubles: &mut Troubles,
) -> Option<Ends> {
    let number = book.at.packet;
    let address = |column| row.text(column).and_then(|text| text.parse::<IpAddr>().ok());
    let (Some(initiator), Some(responder)) = (address("id.orig_h"), address("id.resp_h")) else {
        troubles.at(number, "log/line", "it does not name the two ends of a connection by their addresses");
        return None;
    };
    let port = |column| row.integer(column).and_then(|port| u16::try_from(port).ok());
    let ports = port("id.orig_p").zip(port("id.resp_p"));
    let uid = row.text("uid");
    let told = row
        .text("proto")
        .or_else(|| row.text("transport_proto"))
        .and_then(|proto| carrier(&proto, row, initiator))
        .or_else(|| uid.as_deref().and_then(|uid| book.carrier(uid)));
    let carrier = match (told, definition) {
        (Some(carrier), _) => carrier,
        (None, Some(definition)) => {
            if !definition.only {
                let what = format!(
                    "what carries {} is not told: it is taken to be {}, as usual; the log of connections tells",
                    definition.protocol,
                    if definition.carrier == TCP { "tcp" } else { "udp" }
                );
                troubles.at(number, "log/carrier", what);
            }
            definition.carrier
        }
        (None, None) => {
            troubles.at(number, "log/line", "it does not tell what carries the connection");
            return None;
        }
    };
    Some(Ends { initiator, responder, ports, carrier })
}

/// The number of what Zeek calls a transport.
fn carrier(proto: &str, row: &Row<'_>, initiator: IpAddr) -> Option<u8> {
    match proto {
        "tcp" => Some(TCP),
        "udp" => Some(UDP),
        "icmp" if initiator.is_ipv6() => Some(crate::net::protocol::ICMPV6),
        "icmp" => Some(1),
        "sctp" => Some(crate::net::protocol::SCTP),
        _ => row.integer("ip_proto").and_then(|number| u8::try_from(number).ok()),
    }
}
