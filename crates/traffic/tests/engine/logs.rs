//! What monitors wrote shows what they saw, and nothing else.

use crate::{flows, functions, observed_as, observed_together};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use zonewright_traffic::facts::Direction;
use zonewright_traffic::observation::{CaptureKind, Observation};
use zonewright_traffic::{CaptureInput, Hashing, Options, observe};

fn zeek(path: &str, columns: &str, rows: &[&str]) -> Vec<u8> {
    let columns = columns.replace(' ', "\t");
    let mut text = format!(
        "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{path}\n#fields\t{columns}\n"
    );
    for row in rows {
        text.push_str(&row.replace(' ', "\t"));
        text.push('\n');
    }
    text.push_str("#close\t2023-11-14-22-13-20\n");
    text.into_bytes()
}

const CONN: &str = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration conn_state history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes";
const MODBUS: &str = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p func exception";

fn connections() -> Vec<u8> {
    let rows = [
        "1700000000.500000 C1 10.0.0.1 40000 10.0.0.2 502 tcp modbus 2.250000 SF ShADadFf 9 540 8 400",
        "1700000001.000000 C2 10.0.0.1 5000 10.0.0.3 47808 udp - - S0 D 2 80 0 0",
        "1700000002.000000 C3 10.0.0.9 - 10.0.0.2 - icmp - - OTH - 1 84 1 84",
    ];
    zeek("conn", CONN, &rows)
}

#[test]
fn connections_of_zeek_are_flows() {
    let seen = observed_as("conn.log", &connections());
    insta::assert_snapshot!(flows(&seen), @r"
    icmp:10.0.0.9>10.0.0.2/icmp by first, 1 conversations, 2 packets (1 + 1)
    tcp:10.0.0.1>10.0.0.2:502/modbus by syn, 1 conversations, 17 packets (9 + 8)
    udp:10.0.0.1>10.0.0.3:47808/unknown by first, 1 conversations, 2 packets (2 + 0)
    ");
    let capture = &seen.captures[0];
    assert_eq!(capture.kind, Some(CaptureKind::Zeek));
    assert_eq!((capture.lines, capture.packets, capture.bytes), (Some(3), 21, 1188));
    assert_eq!(capture.first_seen.unwrap().to_string(), "2023-11-14T22:13:20.500000Z");
    assert_eq!(capture.last_seen.unwrap().to_string(), "2023-11-14T22:13:22.750000Z");
    // Nobody answered at 10.0.0.3: no asset is made of it.
    let assets: Vec<&str> = seen.assets.iter().map(|asset| asset.id.as_ref()).collect();
    assert_eq!(assets, ["10.0.0.1", "10.0.0.2", "10.0.0.9"]);
    let place = zonewright_source::Place::Packet(seen.flows[1].places[0].clone());
    assert_eq!(place.to_string(), "conn.log line 7");
}

#[test]
fn logs_of_protocols_say_what_was_asked_and_answered() {
    let rows = [
        "1700000000.600000 C1 10.0.0.1 40000 10.0.0.2 502 READ_COILS -",
        "1700000000.700000 C1 10.0.0.1 40000 10.0.0.2 502 ENCAP_INTERFACE_TRANSPORT -",
        "1700000000.800000 C1 10.0.0.1 40000 10.0.0.2 502 unknown-171 ILLEGAL_FUNCTION",
        "1700000000.900000 C1 10.0.0.1 40000 10.0.0.2 502 READ_MINDS -",
    ];
    let seen =
        observed_together(&[("modbus.log", &zeek("modbus", MODBUS, &rows)), ("conn.log", &connections())]);
    insta::assert_snapshot!(functions(&seen), @r"
    modbus exception 1 illegal-function response × 1
    modbus function 1 read-coils request × 1
    modbus function 1 read-coils response × 1
    modbus function 43 encapsulated-interface-transport request × 2
    modbus function 43 encapsulated-interface-transport response × 2
    modbus function READ_MINDS ? request × 1
    modbus function READ_MINDS ? response × 1
    ");
    // What carried it, the log of connections told, which is read first.
    let said: Vec<_> = seen.diagnostics.iter().map(|said| (said.code, said.message.as_str())).collect();
    let strange = "line 10 of log `modbus.log`: function `READ_MINDS` of modbus is not known by that name: counted by it 2 times, of no class";
    assert_eq!(said, [("log/unknown-function", strange)]);
    assert_eq!(seen.flows.iter().filter(|flow| flow.protocol.as_deref() == Some("modbus")).count(), 1);
}

#[test]
fn details_of_a_log_are_not_counted_twice() {
    let columns = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p func matched";
    let rows = ["1700000000.600000 C1 10.0.0.1 40000 10.0.0.2 502 READ_COILS T"];
    let details = zeek("modbus_detailed", columns, &rows);
    let plain = zeek("modbus", MODBUS, &["1700000000.600000 C1 10.0.0.1 40000 10.0.0.2 502 READ_COILS -"]);
    let expected = "modbus function 1 read-coils request × 1\nmodbus function 1 read-coils response × 1\n";
    assert_eq!(functions(&observed_as("modbus_detailed.log", &details)), expected);
    let both = observed_together(&[("modbus.log", &plain), ("modbus_detailed.log", &details)]);
    assert_eq!(functions(&both), expected);
}

#[test]
fn lines_of_json_say_what_tables_say() {
    let lines = concat!(
        r#"{"ts":1700000000.5,"uid":"C1","id.orig_h":"10.0.0.1","id.orig_p":40000,"id.resp_h":"10.0.0.2","id.resp_p":502,"proto":"tcp","service":"modbus","duration":2.25,"conn_state":"SF","history":"ShADadFf","orig_pkts":9,"orig_ip_bytes":540,"resp_pkts":8,"resp_ip_bytes":400}"#,
        "\n",
        r#"{"ts":"2023-11-14T22:13:21.000000Z","uid":"C2","id":{"orig_h":"10.0.0.1","orig_p":5000,"resp_h":"10.0.0.3","resp_p":47808},"proto":"udp","conn_state":"S0","history":"D","orig_pkts":2,"orig_ip_bytes":80,"resp_pkts":0,"resp_ip_bytes":0}"#,
        "\n",
    );
    let seen = observed_as("2023-11-14/conn.22:00:00-23:00:00.log", lines.as_bytes());
    let tables = observed_as("conn.log", &connections());
    assert_eq!(seen.flows.len(), 2);
    for (json, table) in seen.flows.iter().zip(&tables.flows[1..]) {
        assert_eq!((&json.id, json.packets, json.first_seen), (&table.id, table.packets, table.first_seen));
    }
}

#[test]
fn what_is_not_understood_is_said_with_its_line() {
    let mut log = connections();
    log.extend(b"1700000000.500000\tC4\t10.0.0.1\n");
    log.extend(b"when\tC5\t10.0.0.1\t1\t10.0.0.2\t2\ttcp\t-\t-\tSF\tS\t1\t40\t1\t40\n");
    log.extend(b"1700000003.5\tC6\tnowhere\t1\t10.0.0.2\t2\ttcp\t-\t-\tSF\tS\t1\t40\t1\t40\n");
    let seen = observed_as("conn.log", &log);
    let said: Vec<_> = seen.diagnostics.iter().map(|said| said.message.as_str()).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    line 13 of log `conn.log`: it does not name the two ends of a connection by their addresses
    line 11 of log `conn.log`: it has another number of columns than its header
    line 12 of log `conn.log`: its time is not told; that of the line before is taken
    ");
    assert_eq!(seen.captures[0].lines, Some(4));
    // A table without a header, and no line that is understood.
    let seen = observed_as("conn.log", b"#separator \\x09\n1700000000.5\tC4\n");
    assert_eq!(seen.captures[0].lines, Some(0));
    assert_eq!(seen.diagnostics[0].code, "log/line");
}

#[test]
fn events_of_suricata_are_flows_and_functions() {
    let lines = concat!(
        r#"{"timestamp":"2023-11-14T22:13:20.700000+0000","event_type":"modbus","src_ip":"10.0.0.2","src_port":502,"dest_ip":"10.0.0.1","dest_port":40000,"proto":"TCP","modbus":{"id":1,"request":{"function_raw":3},"response":{"function_raw":131,"exception":{"raw":2}}}}"#,
        "\n",
        r#"{"timestamp":"2023-11-14T22:13:20.800000+0000","event_type":"arp","arp":{"opcode":"reply","src_mac":"02:00:00:00:00:02","src_ip":"10.0.0.2"}}"#,
        "\n",
        r#"{"timestamp":"2023-11-14T22:13:20.900000+0000","event_type":"alert","src_ip":"10.0.0.1","src_port":40000,"dest_ip":"10.0.0.2","dest_port":502,"proto":"TCP","alert":{"signature":"a stop"}}"#,
        "\nthis is no event\n",
        r#"{"timestamp":"2023-11-14T22:13:30.000000+0000","event_type":"flow","src_ip":"10.0.0.1","src_port":40000,"dest_ip":"10.0.0.2","dest_port":502,"proto":"TCP","app_proto":"modbus","vlan":[7],"flow":{"pkts_toserver":6,"pkts_toclient":5,"bytes_toserver":400,"bytes_toclient":350,"start":"2023-11-14T22:13:20.500000+0000","end":"2023-11-14T22:13:21.000000+0000"},"tcp":{"tcp_flags_ts":"1b","tcp_flags_tc":"1b","state":"closed"}}"#,
        "\n",
    );
    let seen = observed_as("eve.json", lines.as_bytes());
    assert_eq!(
        flows(&seen),
        "tcp:10.0.0.1>10.0.0.2:502/modbus by syn, 1 conversations, 11 packets (6 + 5), vlans [7]\n"
    );
    insta::assert_snapshot!(functions(&seen), @r"
    modbus exception 2 illegal-data-address response × 1
    modbus function 3 read-holding-registers request × 1
    modbus function 3 read-holding-registers response × 1
    ");
    let flow = &seen.flows[0];
    assert_eq!((flow.vlans.as_slice(), flow.bytes), ([7].as_slice(), 750));
    assert_eq!(flow.first_seen.to_string(), "2023-11-14T22:13:20.500000Z");
    let properties: Vec<_> =
        flow.properties.iter().map(|one| (one.name.as_ref(), one.value.as_ref())).collect();
    assert_eq!(properties, [("suricata-alert", "a stop")]);
    let server =
        seen.assets.iter().find(|asset| asset.ips.iter().any(|ip| ip.to_string() == "10.0.0.2")).unwrap();
    assert_eq!(server.macs[0].to_string(), "02:00:00:00:00:02");
    assert_eq!(seen.captures[0].kind, Some(CaptureKind::Eve));
    let said: Vec<_> = seen.diagnostics.iter().map(|said| said.message.as_str()).collect();
    assert_eq!(said, ["line 4 of log `eve.json`: expected a JSON object, found something else"]);
}

#[test]
fn any_line_may_be_cut_anywhere() {
    let whole = connections();
    for end in 0..whole.len() {
        observed_as("conn.log", &whole[..end]);
    }
}

/// What Suricata says of a capture, and what we see in it ourselves.
#[test]
fn events_agree_with_our_own_eyes() {
    let shared = std::env::var_os("ZONEWRIGHT_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let data = shared.join("data");
    if !data.join("suricata").is_dir() {
        println!("skipped: no shared data (set ZONEWRIGHT_SHARED)");
        return;
    }
    let options = Options { hashing: Hashing::None, ..Options::default() };
    let see = |files: &[&str]| {
        let inputs: Vec<CaptureInput> = files.iter().map(|file| CaptureInput::new(data.join(file))).collect();
        observe(&inputs, &options, &mut |_| {})
    };
    // What Suricata does not report: answers whose request it did not see, and DNP3's confirmations.
    let none: &[(&str, Direction)] = &[];
    let answers: &[(&str, Direction)] = &[("1", Direction::Response), ("42", Direction::Response)];
    let confirmations: &[(&str, Direction)] = &[("0", Direction::Request)];
    let cases = [
        (
            "suricata/eve-modbus.json",
            vec![
                "captures/modbus/digitalbond-part1.pcap",
                "captures/modbus/icsnpp-example.pcap",
                "captures/modbus/small.pcap",
            ],
            ("modbus", "function"),
            answers,
        ),
        (
            "suricata/eve-dnp3.json",
            vec![
                "captures/dnp3/dnp3.pcap",
                "captures/dnp3/cold-restart.pcap",
                "captures/dnp3/select_operate.pcap",
            ],
            ("dnp3", "function"),
            confirmations,
        ),
        ("suricata/eve-snmp.json", vec!["captures/it/snmp-walk.pcap"], ("snmp", "pdu"), none),
    ];
    for (events, captures, (protocol, element), unreported) in cases {
        let (told, seen) = (see(&[events]), see(&captures));
        assert_eq!(told.captures[0].read_error, None);
        let flows = |observation: &Observation| -> BTreeSet<_> {
            let of = observation.flows.iter().filter(|flow| flow.protocol.as_deref() == Some(protocol));
            of.map(|flow| (flow.id.clone(), flow.packets_from_initiator, flow.packets_from_responder))
                .collect()
        };
        let missed: Vec<_> = flows(&told).difference(&flows(&seen)).cloned().collect();
        assert_eq!(missed, [], "{events}");
        let counts = |observation: &Observation| {
            let mut counts: BTreeMap<(String, Direction), u64> = BTreeMap::new();
            for function in &observation.functions {
                if *function.protocol == *protocol && *function.element == *element {
                    *counts.entry((function.code.to_string(), function.direction)).or_default() +=
                        function.count;
                }
            }
            counts.retain(|(code, direction), _| !unreported.contains(&(code.as_str(), *direction)));
            counts
        };
        assert!(!counts(&told).is_empty());
        assert_eq!(counts(&told), counts(&seen), "{events}");
    }
}
