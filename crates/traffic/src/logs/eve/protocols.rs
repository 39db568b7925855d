//! What Suricata's events of protocols say.

use super::super::book::Book;
use super::super::zeek::{ssh_software, tls_version};
use super::{Object, mac_of, text};
use crate::facts::Direction::{None as Neither, Request, Response};
use crate::facts::{End, Fact, Identity};
use serde_json::Value;
use std::net::IpAddr;

/// Names that Suricata has for protocols, and ours.
const PROTOCOLS: &[(&str, &str)] = &[
    ("bittorrent-dht", "bt-dht"),
    ("dcerpc", "dcerpc"),
    ("dhcp", "dhcp"),
    ("dnp3", "dnp3"),
    ("dns", "dns"),
    ("enip", "enip"),
    ("ftp", "ftp"),
    ("ftp-data", "ftp-data"),
    ("http", "http"),
    ("http1", "http"),
    ("http2", "http2"),
    ("ike", "isakmp"),
    ("ikev2", "isakmp"),
    ("imap", "imap"),
    ("krb5", "kerberos"),
    ("ldap", "ldap"),
    ("mdns", "mdns"),
    ("modbus", "modbus"),
    ("mqtt", "mqtt"),
    ("nfs", "nfs"),
    ("ntp", "ntp"),
    ("pgsql", "pgsql"),
    ("pop3", "pop3"),
    ("quic", "quic"),
    ("rdp", "rdp"),
    ("rfb", "vnc"),
    ("sip", "sip"),
    ("smb", "smb2"),
    ("smtp", "smtp"),
    ("snmp", "snmp"),
    ("ssh", "ssh"),
    ("telnet", "telnet"),
    ("tftp", "tftp"),
    ("tls", "tls"),
    ("websocket", "websocket"),
];

/// The flow's protocol, by Suricata's name.
pub(super) fn speaks(name: &str, book: &mut Book<'_>) {
    if let Some((_, name)) = PROTOCOLS.iter().find(|(known, _)| *known == name) {
        book.speaks(name);
    }
}

/// Enters an event. False: nothing is known of its kind but the protocol's name, if that.
pub(super) fn event(kind: &str, event: &Object, book: &mut Book<'_>) -> bool {
    match kind {
        "alert" => {
            let alert = event.get("alert").and_then(Value::as_object);
            if let Some(signature) = alert.and_then(|alert| text(alert, "signature")) {
                book.property("suricata-alert", signature);
            }
            return true;
        }
        "anomaly" => {
            let anomaly = event.get("anomaly").and_then(Value::as_object);
            if let Some(what) = anomaly.and_then(|anomaly| text(anomaly, "event")) {
                book.property("suricata-anomaly", what);
            }
            return true;
        }
        _ => {}
    }
    speaks(kind, book);
    let Some(said) = event.get(kind).and_then(Value::as_object) else {
        return PROTOCOLS.iter().any(|(known, _)| *known == kind);
    };
    match kind {
        "modbus" => modbus(said, book),
        "dnp3" => dnp3(said, book),
        "enip" => enip(said, book),
        "snmp" => snmp(said, book),
        "mqtt" => mqtt(said, book),
        "dns" => dns(said, book),
        "http" => http(said, book),
        "tls" => tls(said, book),
        "ssh" => ssh(said, book),
        "dhcp" => dhcp(said, book),
        "dcerpc" => dcerpc(said, book),
        "tftp" => tftp(said, book),
        "ftp" => ftp(said, book),
        "rfb" | "rdp" | "smb" | "krb5" | "ldap" | "sip" | "ike" | "nfs" | "smtp" | "quic" | "pgsql"
        | "ntp" => {}
        _ => return false,
    }
    true
}

fn number(object: &Object, key: &str) -> Option<u32> {
    object.get(key).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok())
}

fn object<'a>(from: &'a Object, key: &str) -> Option<&'a Object> {
    from.get(key).and_then(Value::as_object)
}

/// A transaction: the request, the response, or both.
fn modbus(said: &Object, book: &mut Book<'_>) {
    for (key, direction) in [("request", Request), ("response", Response)] {
        let Some(message) = object(said, key) else { continue };
        let Some(function) = number(message, "function_raw") else { continue };
        book.function("modbus", "function", function & 0x7f, direction);
        if let Some(mei) =
            object(message, "mei").and_then(|mei| number(mei, "raw").or_else(|| number(mei, "code")))
        {
            book.function("modbus", "mei-type", mei, direction);
        }
        if let Some(code) = object(message, "exception").and_then(|exception| number(exception, "raw")) {
            book.function("modbus", "exception", code, Response);
        }
    }
}

fn dnp3(said: &Object, book: &mut Book<'_>) {
    // Older versions put request and response into one event.
    for (key, direction) in [("request", Request), ("response", Response)] {
        if let Some(message) = object(said, key) {
            dnp3_message(message, direction, book);
        }
    }
    let direction = if text(said, "type") == Some("request") { Request } else { Response };
    dnp3_message(said, direction, book);
}

fn dnp3_message(message: &Object, direction: crate::facts::Direction, book: &mut Book<'_>) {
    if let Some(code) = object(message, "application").and_then(|layer| number(layer, "function_code")) {
        book.function("dnp3", "function", code, direction);
    }
}

fn enip(said: &Object, book: &mut Book<'_>) {
    for (key, direction) in [("request", Request), ("response", Response)] {
        let Some(message) = object(said, key) else { continue };
        if let Some(command) = text(message, "command") {
            book.function_named("enip", "command", command, direction);
        }
        if let Some(service) = object(message, "cip") {
            cip(service, 0, book);
        }
        if let Some(identity) = object(message, "identity") {
            let about = if direction == Request { End::Initiator } else { End::Responder };
            let fields = [
                ("product_name", Identity::Product),
                ("revision", Identity::Version),
                ("vendor_id", Identity::Vendor),
                ("device_type", Identity::Kind),
            ];
            for (key, what) in fields {
                if let Some(value) = text(identity, key) {
                    book.identity(about, what, value);
                }
            }
            if let Some(serial) = number(identity, "serial") {
                book.identity(about, Identity::Serial, &format!("{serial:08X}"));
            }
        }
    }
}

/// Packets within packets that are followed.
const NESTED_MAX: usize = 4;

/// A service: a response has a status, a request a path (some versions file one under the other). Suricata names it by its
/// code alone, so that a name only stands for a code; what it means hangs on the class of the object.
fn cip(said: &Object, depth: usize, book: &mut Book<'_>) {
    let direction = match (said.contains_key("status"), said.contains_key("path")) {
        (true, false) => Response,
        (false, true) => Request,
        _ => Neither,
    };
    let segments = said.get("path").and_then(Value::as_array).into_iter().flatten();
    let class =
        segments.filter_map(Value::as_object).find(|segment| text(segment, "segment_type") == Some("class"));
    let class = class.and_then(|segment| number(segment, "value"));
    if let Some(name) = text(said, "service") {
        let code = name.strip_prefix("unknown-").and_then(|code| code.parse().ok());
        match code.or_else(|| book.code_of("cip", "service", name)).and_then(|code| u8::try_from(code).ok()) {
            Some(code) => book.cip_service(class, false, code & 0x7f, direction),
            None => book.function_named("cip", "service", name, direction),
        }
    }
    let within = said.get("multiple").and_then(Value::as_array).into_iter().flatten();
    for inner in within.filter_map(Value::as_object).filter(|_| depth < NESTED_MAX) {
        cip(inner, depth + 1, book);
    }
}

fn snmp(said: &Object, book: &mut Book<'_>) {
    if let Some(kind) = text(said, "pdu_type") {
        let direction = match kind {
            "response" | "report" => Response,
            "trap_v1" | "trap_v2" => Neither,
            _ => Request,
        };
        book.function_named("snmp", "pdu", kind, direction);
    }
    let version = match number(said, "version") {
        Some(1) => "1",
        Some(2) => "2c",
        Some(3) => "3",
        _ => return,
    };
    book.property("snmp-version", version);
    if version != "3" && text(said, "community").is_some() {
        book.say(Fact::ClearTextCredential { what: "community" });
    }
}

/// An event may hold several messages of one exchange, each under its own name (MQTT 3.1.1, section 2.2.1).
fn mqtt(said: &Object, book: &mut Book<'_>) {
    for (kind, message) in said {
        let direction = match kind.as_str() {
            "connack" | "suback" | "unsuback" | "pingresp" => Response,
            "connect" | "subscribe" | "unsubscribe" | "pingreq" => Request,
            "publish" | "puback" | "pubrec" | "pubrel" | "pubcomp" | "disconnect" | "auth" => Neither,
            _ => continue,
        };
        book.function_named("mqtt", "message", kind, direction);
        let Some(message) = message.as_object() else { continue };
        if let Some(client) = text(message, "client_id") {
            book.property("mqtt-client", client);
        }
        if text(message, "password").is_some() {
            book.say(Fact::ClearTextCredential { what: "password" });
        }
    }
}

fn dns(said: &Object, book: &mut Book<'_>) {
    // An event is of one message; those of version 1 call it so, later ones by what it is.
    let direction = match text(said, "type") {
        Some("query" | "request") => Request,
        Some("answer" | "response") => Response,
        _ => return,
    };
    book.function("dns", "opcode", number(said, "opcode").unwrap_or_default(), direction);
}

fn http(said: &Object, book: &mut Book<'_>) {
    if let Some(method) = text(said, "http_method") {
        book.function_text("http", "method", method, Request);
    }
    if let Some(status) = number(said, "status") {
        book.function("http", "status", status, Response);
    }
    for (key, name) in [("hostname", "host"), ("http_user_agent", "user-agent")] {
        if let Some(value) = text(said, key) {
            book.property(name, value);
        }
    }
    if let Some(version) = text(said, "protocol").and_then(|version| version.strip_prefix("HTTP/")) {
        book.property("http-version", version);
    }
}

fn tls(said: &Object, book: &mut Book<'_>) {
    if let Some(version) = text(said, "version").and_then(tls_version) {
        book.property("tls-version", version);
        // A version is told when the server answered.
        book.answered();
        book.say(Fact::Encrypted(true));
    }
    let fields = [
        ("sni", "server-name"),
        ("subject", "certificate-subject"),
        ("issuerdn", "certificate-issuer"),
        ("notbefore", "certificate-not-before"),
        ("notafter", "certificate-not-after"),
        ("ja4", "ja4"),
    ];
    for (key, name) in fields {
        if let Some(value) = text(said, key) {
            book.property(name, value);
        }
    }
}

fn ssh(said: &Object, book: &mut Book<'_>) {
    for (key, end) in [("client", End::Initiator), ("server", End::Responder)] {
        let Some(peer) = object(said, key) else { continue };
        if let Some(version) = text(peer, "proto_version") {
            book.property("ssh-version", version);
        }
        if let Some(software) = text(peer, "software_version") {
            ssh_software(software, end, book);
        }
    }
}

/// Who was given which address.
fn dhcp(said: &Object, book: &mut Book<'_>) {
    let address = |key| text(said, key).and_then(|ip| ip.parse::<IpAddr>().ok());
    let given = (text(said, "dhcp_type") == Some("ack")).then(|| address("assigned_ip")).flatten();
    if let (Some(mac), Some(ip)) = (mac_of(said, "client_mac"), given.or_else(|| address("client_ip"))) {
        book.bind(mac, ip);
    }
}

fn dcerpc(said: &Object, book: &mut Book<'_>) {
    if let Some(operation) = object(said, "req").and_then(|request| number(request, "opnum")) {
        book.function("dcerpc", "operation", operation, Request);
        if text(said, "response") == Some("RESPONSE") {
            book.function("dcerpc", "operation", operation, Response);
        }
    }
}

fn tftp(said: &Object, book: &mut Book<'_>) {
    let code = match text(said, "packet") {
        Some("read") => 1,
        Some("write") => 2,
        _ => return,
    };
    book.function("tftp", "opcode", code, Request);
}

fn ftp(said: &Object, book: &mut Book<'_>) {
    if let Some(command) = text(said, "command") {
        book.function_text("ftp", "command", command, Request);
        if command == "PASS" {
            book.say(Fact::ClearTextCredential { what: "password" });
        }
    }
}
