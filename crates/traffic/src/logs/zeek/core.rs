//! What Zeek's own logs say (Zeek manual, "Log Files").

use super::super::book::{Book, Ends};
use super::Definition;
use super::row::Row;
use crate::facts::Direction::{None as Neither, Request, Response};
use crate::facts::{End, Fact, Identity};
use crate::net::protocol::UDP;
use crate::observation::{InitiatorBasis, Mac};
use crate::protocol::Class;
use std::net::IpAddr;

/// The logs, those of connections first.
pub(super) const LOGS: &[Definition] = &[
    Definition::tcp("conn", "", conn),
    Definition::tcp("modbus", "modbus", modbus).mostly(),
    Definition::tcp("dnp3", "dnp3", dnp3).mostly(),
    Definition::udp("dns", "dns", dns).mostly(),
    Definition::tcp("http", "http", http),
    Definition::tcp("ssl", "tls", ssl),
    Definition::tcp("ssh", "ssh", ssh),
    Definition::tcp("rdp", "rdp", rdp),
    Definition::tcp("rfb", "vnc", rfb),
    Definition::tcp("ftp", "ftp", ftp),
    Definition::tcp("smtp", "smtp", nothing),
    Definition::tcp("smb_mapping", "smb2", nothing),
    Definition::tcp("smb_files", "smb2", nothing),
    Definition::tcp("dce_rpc", "dcerpc", nothing).mostly(),
    Definition::tcp("kerberos", "kerberos", nothing).mostly(),
    Definition::tcp("ldap", "ldap", nothing).mostly(),
    Definition::tcp("ldap_search", "ldap", nothing).mostly(),
    Definition::tcp("ntlm", "", nothing),
    Definition::tcp("mysql", "mysql", nothing),
    Definition::tcp("irc", "irc", nothing),
    Definition::tcp("socks", "socks", nothing),
    Definition::tcp("postgresql", "pgsql", nothing),
    Definition::udp("quic", "quic", nothing),
    Definition::udp("ntp", "ntp", ntp),
    Definition::udp("snmp", "snmp", snmp).mostly(),
    Definition::udp("syslog", "syslog", nothing),
    Definition::udp("radius", "radius", nothing),
    Definition::udp("sip", "sip", nothing).mostly(),
    Definition::tcp("mqtt_connect", "mqtt", mqtt_connect),
    Definition::tcp("mqtt_publish", "mqtt", mqtt_publish),
    Definition::tcp("mqtt_subscribe", "mqtt", mqtt_subscribe),
    Definition::tcp("weird", "", weird).mostly(),
    Definition::tcp("notice", "", notice).mostly(),
];

/// Names that Zeek's analyzers have, and ours.
const SERVICES: &[(&str, &str)] = &[
    ("dce_rpc", "dcerpc"),
    ("dhcp", "dhcp"),
    ("dnp3", "dnp3"),
    ("dnp3_tcp", "dnp3"),
    ("dnp3_udp", "dnp3"),
    ("dns", "dns"),
    ("enip", "enip"),
    ("enip_tcp", "enip"),
    ("enip_udp", "enip"),
    ("ethercat", "ethercat"),
    ("ftp", "ftp"),
    ("ftp-data", "ftp-data"),
    ("ge_srtp", "srtp"),
    ("hart_ip", "hart_ip"),
    ("hart_ip_tcp", "hart_ip"),
    ("hart_ip_udp", "hart_ip"),
    ("http", "http"),
    ("bacnet", "bacnet"),
    ("imap", "imap"),
    ("irc", "irc"),
    ("krb", "kerberos"),
    ("krb_tcp", "kerberos"),
    ("ldap_tcp", "ldap"),
    ("ldap_udp", "ldap"),
    ("modbus", "modbus"),
    ("modbus_tcp", "modbus"),
    ("mqtt", "mqtt"),
    ("mysql", "mysql"),
    ("ntp", "ntp"),
    ("omron_fins_tcp", "fins"),
    ("omron_fins_udp", "fins"),
    ("opcua_binary", "opcua"),
    ("opcua_binary_tcp", "opcua"),
    ("pop3", "pop3"),
    ("postgresql", "pgsql"),
    ("profinet_io_cm", "pn_io_cm"),
    ("quic", "quic"),
    ("radius", "radius"),
    ("rdp", "rdp"),
    ("rfb", "vnc"),
    ("s7comm", "s7comm"),
    ("s7comm_tcp", "s7comm"),
    ("sip", "sip"),
    ("smb", "smb2"),
    ("smtp", "smtp"),
    ("snmp", "snmp"),
    ("socks", "socks"),
    ("ssh", "ssh"),
    ("ssl", "tls"),
    ("synchrophasor", "c37118"),
    ("synchrophasor_tcp", "c37118"),
    ("synchrophasor_udp", "c37118"),
    ("syslog", "syslog"),
    ("teredo", "teredo"),
    ("tds", "tds"),
];

/// A connection. `bytes` are those of its IP packets: what the link adds, Zeek does not count.
fn conn(row: &Row<'_>, book: &mut Book<'_>) {
    let history = row.text("history").unwrap_or_default().into_owned();
    if let Some(uid) = row.text("uid")
        && let Some(carrier) = row.text("proto").and_then(|proto| match proto.as_ref() {
            "tcp" => Some(crate::net::protocol::TCP),
            "udp" => Some(UDP),
            _ => None,
        })
    {
        book.carries(&uid, carrier);
    }
    // Capital letters are the originator's; `^`: Zeek turned the ends round, by their ports.
    if history.contains('S') {
        book.began(InitiatorBasis::Syn);
    } else if history.contains('h') {
        book.began(InitiatorBasis::SynAck);
    } else if history.starts_with('^') {
        book.began(InitiatorBasis::Port);
    }
    let side =
        |packets, bytes| (row.integer(packets).unwrap_or_default(), row.integer(bytes).unwrap_or_default());
    let (from, to) = (side("orig_pkts", "orig_ip_bytes"), side("resp_pkts", "resp_ip_bytes"));
    book.carried(from, to);
    if matches!(row.text("conn_state").as_deref(), Some("SF" | "S1" | "S2" | "S3" | "RSTO" | "RSTR")) {
        book.answered();
    }
    let vlans = ["vlan", "inner_vlan"].into_iter().filter_map(|column| row.integer(column));
    book.vlans(vlans.filter_map(|id| u16::try_from(id).ok()));
    let mac = |column| row.text(column).and_then(|text| mac(&text));
    book.macs(mac("orig_l2_addr"), mac("resp_l2_addr"));
    // The deepest analyzer stands last, after those that carry it.
    for service in row.list("service") {
        let service = service.to_lowercase();
        if let Some((_, name)) = SERVICES.iter().find(|(known, _)| *known == service.trim_start_matches('-'))
        {
            book.speaks(name);
        }
    }
}

/// A link-layer address in any of the usual spellings.
pub(in super::super) fn mac(text: &str) -> Option<Mac> {
    let mut octets = [0; 6];
    let mut parts = text.split([':', '-']);
    for octet in &mut octets {
        *octet = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(Mac(octets))
}

fn nothing(_: &Row<'_>, _: &mut Book<'_>) {}

/// Newer versions write a line for each message, older ones one for each answer: a Modbus server speaks only when asked.
fn modbus(row: &Row<'_>, book: &mut Book<'_>) {
    let Some(function) = row.text("func") else { return };
    let (function, failed) = match function.strip_suffix("_EXCEPTION") {
        Some(function) => (function, true),
        None => (function.as_ref(), false),
    };
    let exception = row.text("exception");
    let answer = match row.text("pdu_type").as_deref() {
        Some("REQ") => false,
        Some("RESP") => true,
        _ => {
            modbus_function(function, Request, book);
            true
        }
    };
    modbus_function(function, if answer { Response } else { Request }, book);
    if answer && let Some(exception) = exception.filter(|_| failed || !function.is_empty()) {
        book.function_named("modbus", "exception", &exception, Response);
    }
}

/// `unknown-171` is the code as sent; with its highest bit it says that function 43 failed (Modbus V1.1b3, section 7).
pub(super) fn modbus_function(name: &str, direction: crate::facts::Direction, book: &mut Book<'_>) {
    match name.strip_prefix("unknown-").and_then(|code| code.parse::<u8>().ok()) {
        Some(code) => book.function("modbus", "function", u32::from(code & 0x7f), direction),
        None => book.function_named("modbus", "function", name, direction),
    }
}

fn dnp3(row: &Row<'_>, book: &mut Book<'_>) {
    for (column, direction) in [("fc_request", Request), ("fc_reply", Response)] {
        if let Some(function) = row.text(column) {
            match function.strip_prefix("unknown-").and_then(|code| code.parse().ok()) {
                Some(code) => book.function("dnp3", "function", code, direction),
                None => book.function_named("dnp3", "function", &function, direction),
            }
        }
    }
}

fn dns(row: &Row<'_>, book: &mut Book<'_>) {
    // The log has queries (opcode 0) only, with their answers if there were any.
    let asked = row.text("query").is_some() || row.text("qtype").is_some();
    let answered = row.text("rcode").is_some() || row.text("answers").is_some();
    let name = match row.integer("id.resp_p") {
        Some(5353) => "mdns",
        Some(5355) => "llmnr",
        Some(137) => "nbns",
        _ => "dns",
    };
    if asked {
        book.function(name, "opcode", 0, Request);
    }
    if answered {
        book.function(name, "opcode", 0, Response);
    }
}

fn http(row: &Row<'_>, book: &mut Book<'_>) {
    if let Some(method) = row.text("method") {
        book.function_text("http", "method", &method, Request);
    }
    if let Some(status) = row.code("status_code") {
        book.function("http", "status", status, Response);
    }
    for (column, name) in [("host", "host"), ("user_agent", "user-agent"), ("version", "http-version")] {
        if let Some(value) = row.text(column) {
            book.property(name, &value);
        }
    }
    // Zeek decodes them out of basic authentication.
    if row.text("username").is_some() || row.text("password").is_some() {
        book.say(Fact::ClearTextCredential { what: "password" });
    }
}

fn ssl(row: &Row<'_>, book: &mut Book<'_>) {
    let established = row.flag("established") == Some(true);
    if established {
        book.answered();
        book.say(Fact::Encrypted(true));
    }
    if let Some(version) = row.text("version").and_then(|version| tls_version(&version)) {
        book.property("tls-version", version);
    }
    let columns = [
        ("server_name", "server-name"),
        ("cipher", "cipher-suite"),
        ("subject", "certificate-subject"),
        ("issuer", "certificate-issuer"),
        ("ja4", "ja4"),
    ];
    for (column, name) in columns {
        if let Some(value) = row.text(column) {
            book.property(name, &value);
        }
    }
}

/// The version as the dissector of TLS says it.
pub(in super::super) fn tls_version(name: &str) -> Option<&'static str> {
    let squeezed: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    Some(match squeezed.to_ascii_lowercase().as_str() {
        "sslv3" => "SSL 3.0",
        "tlsv10" | "tlsv1" | "tls10" => "TLS 1.0",
        "tlsv11" | "tls11" => "TLS 1.1",
        "tlsv12" | "tls12" => "TLS 1.2",
        "tlsv13" | "tls13" => "TLS 1.3",
        "dtlsv10" | "dtls10" => "DTLS 1.0",
        "dtlsv12" | "dtls12" => "DTLS 1.2",
        "dtlsv13" | "dtls13" => "DTLS 1.3",
        _ => return None,
    })
}

fn ssh(row: &Row<'_>, book: &mut Book<'_>) {
    if row.text("server").is_some() {
        book.answered();
    }
    if row.text("cipher_alg").is_some() {
        book.say(Fact::Encrypted(true));
    }
    if row.flag("auth_success") == Some(true) {
        book.say(Fact::Authenticated(true));
    }
    for (column, end) in [("client", End::Initiator), ("server", End::Responder)] {
        if let Some(banner) = row.text(column) {
            ssh_banner(&banner, end, book);
        }
    }
}

/// RFC 4253, section 4.2: `SSH-2.0-software comments`.
fn ssh_banner(banner: &str, about: End, book: &mut Book<'_>) {
    let Some((version, software)) = banner.strip_prefix("SSH-").and_then(|rest| rest.split_once('-')) else {
        return;
    };
    book.property("ssh-version", version);
    ssh_software(software.split(' ').next().unwrap_or_default(), about, book);
}

/// `OpenSSH_5.6`: a product, and its version behind the underscore.
pub(in super::super) fn ssh_software(software: &str, about: End, book: &mut Book<'_>) {
    let (product, version) = software.split_once('_').unwrap_or((software, ""));
    book.identity(about, Identity::Product, product);
    book.identity(about, Identity::Version, version);
}

fn rdp(row: &Row<'_>, book: &mut Book<'_>) {
    if let Some(protocol) = row.text("security_protocol") {
        book.property("rdp-security", &protocol);
        if matches!(protocol.as_ref(), "SSL" | "HYBRID" | "HYBRID_EX") {
            book.say(Fact::Encrypted(true));
        }
    }
    if let Some(name) = row.text("client_name") {
        book.identity(End::Initiator, Identity::Name, &name);
    }
}

fn rfb(row: &Row<'_>, book: &mut Book<'_>) {
    if let Some(name) = row.text("desktop_name") {
        book.property("desktop-name", &name);
    }
    if let Some(method) = row.text("authentication_method") {
        book.property("vnc-authentication", &method);
    }
}

fn ftp(row: &Row<'_>, book: &mut Book<'_>) {
    if row.text("reply_code").is_some() {
        book.answered();
    }
    if let Some(command) = row.text("command") {
        book.function_text("ftp", "command", &command, Request);
    }
    // Guests give any word.
    let guest = matches!(row.text("user").as_deref(), None | Some("anonymous" | "guest" | "<unknown>"));
    if row.text("password").is_some() && !guest {
        book.say(Fact::ClearTextCredential { what: "password" });
    }
}

fn ntp(row: &Row<'_>, book: &mut Book<'_>) {
    if let Some(mode) = row.code("mode") {
        let direction = match mode {
            3 => Request,
            4 => Response,
            _ => Neither,
        };
        book.function("ntp", "mode", mode, direction);
    }
}

/// The log counts variables, not messages: each kind of message is known to have been there.
fn snmp(row: &Row<'_>, book: &mut Book<'_>) {
    let seen = |column| row.integer(column).is_some_and(|count| count > 0);
    if seen("set_requests") {
        book.function_named("snmp", "pdu", "set-request", Request);
    }
    if seen("get_bulk_requests") {
        book.function_named("snmp", "pdu", "get-bulk-request", Request);
    }
    if seen("get_requests") {
        // The log does not tell `get-request` from `get-next-request`.
        book.function_as("snmp", "pdu", "get", ("get", Class::Read), Request);
    }
    if seen("get_responses") {
        book.function_named("snmp", "pdu", "response", Response);
    }
    if let Some(version) = row.text("version") {
        book.property("snmp-version", &version);
        if matches!(version.as_ref(), "1" | "2c" | "2") && row.text("community").is_some() {
            book.say(Fact::ClearTextCredential { what: "community" });
        }
    }
    if let Some(words) = row.text("display_string") {
        book.identity(End::Responder, Identity::Product, &words);
    }
}

fn mqtt_connect(row: &Row<'_>, book: &mut Book<'_>) {
    book.function_named("mqtt", "message", "connect", Request);
    if row.text("connect_status").is_some() {
        book.function_named("mqtt", "message", "connack", Response);
    }
    if let Some(client) = row.text("client_id") {
        book.property("mqtt-client", &client);
    }
}

fn mqtt_publish(row: &Row<'_>, book: &mut Book<'_>) {
    if row.flag("from_client") == Some(false) {
        book.answered();
    }
    book.function_named("mqtt", "message", "publish", Neither);
}

fn mqtt_subscribe(row: &Row<'_>, book: &mut Book<'_>) {
    let (asked, answer) = match row.text("action").as_deref() {
        Some("MQTT::UNSUBSCRIBE") => ("unsubscribe", "unsuback"),
        _ => ("subscribe", "suback"),
    };
    book.function_named("mqtt", "message", asked, Request);
    if row.flag("ack") == Some(true) {
        book.function_named("mqtt", "message", answer, Response);
    }
}

fn weird(row: &Row<'_>, book: &mut Book<'_>) {
    if let Some(name) = row.text("name") {
        // What follows the second colon are the numbers of this one case.
        let kind: Vec<&str> = name.splitn(3, ": ").take(2).collect();
        book.property("zeek-weird", &kind.join(": "));
    }
}

fn notice(row: &Row<'_>, book: &mut Book<'_>) {
    if let Some(note) = row.text("note") {
        book.property("zeek-notice", &note);
    }
}

/// Who was given which address; the conversation is entered where both addresses are told.
pub(super) fn dhcp(row: &Row<'_>, book: &mut Book<'_>) {
    let address = |column| row.text(column).and_then(|text| text.parse::<IpAddr>().ok());
    let client =
        address("assigned_addr").or_else(|| address("assigned_ip")).or_else(|| address("client_addr"));
    let Some(client) = client.filter(|ip| !ip.is_unspecified()) else { return };
    if let Some(mac) = row.text("mac").and_then(|text| mac(&text)) {
        book.bind(mac, client);
    }
    let Some(server) = address("server_addr") else { return };
    let ends = Ends { initiator: client, responder: server, ports: Some((68, 67)), carrier: UDP };
    if !book.open(&ends) {
        return;
    }
    book.lasted(book.time, book.time);
    book.answered();
    book.speaks("dhcp");
    if let Some(name) = row.text("host_name") {
        book.identity(End::Initiator, Identity::Name, &name);
    }
}
