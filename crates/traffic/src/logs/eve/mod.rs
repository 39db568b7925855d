//! Suricata's events, one JSON object a line (Suricata manual, "EVE JSON Format").
//!
//! `flow` events count packets and bytes, events of protocols tell what was said, `arp` and `dhcp` who has which
//! address. An alert or anomaly is Suricata's judgment: it is shown as a property of its flow, never as our finding.

mod protocols;

use super::Troubles;
use super::book::{Book, Ends};
use crate::net::protocol::{ICMPV6, SCTP, TCP, UDP};
use crate::observation::{InitiatorBasis, Mac};
use serde_json::{Map, Value};
use std::net::IpAddr;

/// An object of an event.
type Object = Map<String, Value>;

/// Events that are knowingly not read, and why.
const NOT_READ: &[(&[&str], &str)] = &[
    (&["fileinfo", "files", "filestore"], "it is about contents, not about who does what to whom"),
    (&["stats", "engine", "drop", "packet"], "it is about the monitor"),
];

/// Is a line of JSON one of Suricata's?
pub(super) fn is_event(line: &[u8]) -> bool {
    let has = |key: &[u8]| line.windows(key.len()).any(|window| window == key);
    has(b"\"event_type\":") && has(b"\"timestamp\":")
}

/// Reads a line.
pub(super) fn line(line: &[u8], book: &mut Book<'_>, troubles: &mut Troubles) {
    let number = book.at.packet;
    if line.is_empty() {
        return;
    }
    let Ok(Value::Object(event)) = serde_json::from_slice::<Value>(line) else {
        return troubles.at(number, "log/line", "expected a JSON object, found something else");
    };
    let Some(kind) = text(&event, "event_type") else {
        return troubles.at(number, "log/line", "it has no `event_type`");
    };
    if let Some((_, why)) = NOT_READ.iter().find(|(kinds, _)| kinds.contains(&kind)) {
        return troubles.at(number, "log/not-read", format!("an event of `{kind}` is not read: {why}"));
    }
    match text(&event, "timestamp").and_then(moment) {
        Some(time) => book.time = time,
        None => troubles.at(number, "log/time", "its time is not told; that of the line before is taken"),
    }
    if kind == "arp" {
        book.counts.lines += 1;
        return arp(&event, book);
    }
    let Some(ends) = ends(&event) else {
        // Anomalies of headers too broken to have addresses have none.
        if kind != "anomaly" {
            let what = format!("the event of `{kind}` does not name two ends and what carries them");
            troubles.at(number, "log/line", what);
        }
        return;
    };
    if !book.open(&ends) {
        return troubles.at(number, "log/line", "its two ends have addresses of different kinds");
    }
    book.counts.lines += 1;
    // Events of protocols name the ends as the packet did that completed them; who is asked has the known port.
    if !matches!(kind, "flow" | "netflow") {
        orient(&event, &ends, book);
    }
    let span = if kind == "flow" { flow(&event, book) } else { None };
    let (first, last) = span.unwrap_or((book.time, book.time));
    book.lasted(first, last);
    book.vlans(vlans(&event));
    if kind == "netflow" {
        return netflow(&event, book);
    }
    if let Some(protocol) = text(&event, "app_proto") {
        protocols::speaks(protocol, book);
    }
    if !protocols::event(kind, &event, book) && !matches!(kind, "flow" | "alert" | "anomaly" | "tunnel") {
        let what =
            format!("what an event of `{kind}` says is not known: only who talks to whom is taken of it");
        troubles.at(number, "log/not-read", what);
    }
}

/// Whose flow an event is of.
fn ends(event: &Object) -> Option<Ends> {
    let address = |key| text(event, key).and_then(|text| text.parse::<IpAddr>().ok());
    let initiator = address("src_ip")?;
    let responder = address("dest_ip")?;
    let port = |key| event.get(key).and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
    let ports = port("src_port").zip(port("dest_port"));
    let carrier = match text(event, "proto")? {
        "TCP" | "tcp" => TCP,
        "UDP" | "udp" => UDP,
        "SCTP" | "sctp" => SCTP,
        "ICMP" | "icmp" => 1,
        "IPv6-ICMP" | "ICMPv6" => ICMPV6,
        "GRE" => crate::net::protocol::GRE,
        "IPv6" => crate::net::protocol::IPV6,
        "IGMP" => 2,
        other => other.parse().ok()?,
    };
    Some(Ends { initiator, responder, ports, carrier })
}

/// Finds out which end of an event began.
fn orient(event: &Object, ends: &Ends, book: &mut Book<'_>) {
    // An alert carries its flow, which names the initiator first.
    let flow = event.get("flow").and_then(Value::as_object);
    let began = flow.and_then(|flow| text(flow, "src_ip")).and_then(|ip| ip.parse::<IpAddr>().ok());
    let port = flow.and_then(|flow| flow.get("src_port")).and_then(Value::as_u64);
    match (began, port) {
        (Some(ip), Some(port)) => {
            let is_source =
                ip == ends.initiator && ends.ports.is_none_or(|(source, _)| u64::from(source) == port);
            if !is_source {
                book.turn();
            }
        }
        _ => book.as_known(),
    }
}

/// A flow that ended. From when to when it lasted.
fn flow(event: &Object, book: &mut Book<'_>) -> Option<(i64, i64)> {
    let flow = event.get("flow")?.as_object()?;
    let count = |key| flow.get(key).and_then(Value::as_u64).unwrap_or_default();
    book.carried(
        (count("pkts_toserver"), count("bytes_toserver")),
        (count("pkts_toclient"), count("bytes_toclient")),
    );
    if let Some(tcp) = event.get("tcp").and_then(Value::as_object) {
        let flags = |key| text(tcp, key).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or_default();
        // RFC 9293, section 3.1: SYN is the second bit, ACK the fifth.
        if flags("tcp_flags_ts") & 0x02 != 0 {
            book.began(InitiatorBasis::Syn);
        } else if flags("tcp_flags_tc") & 0x12 == 0x12 {
            book.began(InitiatorBasis::SynAck);
        }
        if matches!(
            text(tcp, "state"),
            Some("established" | "closed" | "fin_wait1" | "fin_wait2" | "time_wait")
        ) {
            book.answered();
        }
    }
    if let Some(ether) = event.get("ether").and_then(Value::as_object) {
        // Several mean that it was seen on several links.
        let only = |key| match ether.get(key).and_then(Value::as_array).map(Vec::as_slice) {
            Some([one]) => one.as_str().and_then(super::zeek::mac),
            _ => None,
        };
        book.macs(only("src_macs"), only("dest_macs"));
    }
    let time = |key| text(flow, key).and_then(moment);
    Some((time("start")?, time("end")?))
}

/// One direction of a flow.
fn netflow(event: &Object, book: &mut Book<'_>) {
    let Some(netflow) = event.get("netflow").and_then(Value::as_object) else { return };
    let count = |key| netflow.get(key).and_then(Value::as_u64).unwrap_or_default();
    book.carried((count("pkts"), count("bytes")), (0, 0));
    book.as_known();
    let time = |key| text(netflow, key).and_then(moment);
    if let (Some(first), Some(last)) = (time("start"), time("end")) {
        book.lasted(first, last);
    }
}

fn vlans(event: &Object) -> impl Iterator<Item = u16> + '_ {
    let ids = event.get("vlan").and_then(Value::as_array).into_iter().flatten();
    ids.filter_map(|id| id.as_u64().and_then(|id| u16::try_from(id).ok()))
}

/// RFC 826: the sender of either message says what it has.
fn arp(event: &Object, book: &mut Book<'_>) {
    let time = book.time;
    book.counts.span(time, time);
    let Some(arp) = event.get("arp").and_then(Value::as_object) else { return };
    let mac = text(arp, "src_mac").and_then(super::zeek::mac);
    let ip = text(arp, "src_ip").and_then(|ip| ip.parse::<IpAddr>().ok());
    if let (Some(mac), Some(ip)) = (mac, ip) {
        book.bind(mac, ip);
    }
}

fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A link-layer address.
fn mac_of(object: &Object, key: &str) -> Option<Mac> {
    text(object, key).and_then(super::zeek::mac)
}

/// `2004-10-11T13:38:58.655139+0000`, in nanoseconds since 1970.
fn moment(text: &str) -> Option<i64> {
    let parsed: Option<jiff::Timestamp> =
        text.parse().ok().or_else(|| jiff::Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok());
    parsed.and_then(|moment| i64::try_from(moment.as_nanosecond()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_with_or_without_a_colon_in_its_zone() {
        let expected = Some(1_097_501_938_655_139_000);
        assert_eq!(moment("2004-10-11T13:38:58.655139+0000"), expected);
        assert_eq!(moment("2004-10-11T15:38:58.655139+0200"), expected);
        assert_eq!(moment("2004-10-11T13:38:58.655139Z"), expected);
        assert_eq!(moment("yesterday"), None);
    }
}
