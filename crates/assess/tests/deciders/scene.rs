//! The small plant, its firewall, and flows by hand.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use zonewright_assess::configured::Configuration;
use zonewright_assess::deciders::{self, Judged, Judgement, Says, Worlds};
use zonewright_assess::{Options, verify};
use zonewright_firewall::dialects;
use zonewright_plant::text;
use zonewright_source::{PacketPlace, SourceText};
use zonewright_traffic::facts::Direction;
use zonewright_traffic::observation::{
    Asset, Basis, Capture, Flow, FlowEnd, FunctionCode, FunctionUse, InitiatorBasis, Observation, Property,
    Timestamp, Transport,
};
use zonewright_traffic::protocol::Class;

/// What a decider says in one scene, and in one that is nearly the same.
pub(crate) struct Case {
    pub(crate) decider: &'static str,
    pub(crate) speaks: Scene,
    pub(crate) says: &'static [&'static str],
    pub(crate) nearly: Scene,
    pub(crate) nearly_says: &'static [&'static str],
}

const PLANT: &str = r#"
[plant]
id = "small"
[[plant.role]]
id = "ot"

[[zone]]
id = "Z-SUP"
type = "supervisory"
networks = ["10.1.0.0/24"]
[[zone]]
id = "Z-CTL"
type = "control"
networks = ["10.2.0.0/24"]
[[zone]]
id = "Z-SIS"
type = "safety"
networks = ["10.3.0.0/24"]
[[zone]]
id = "Z-WL"
type = "wireless"
networks = ["10.4.0.0/24"]
[[zone]]
id = "Z-ENT"
type = "enterprise"
networks = ["10.9.0.0/24"]
inside = false
trusted = false

[[asset]]
id = "scada"
kind = "server"
zone = "Z-SUP"
ips = ["10.1.0.10"]
[[asset]]
id = "hist"
kind = "historian"
zone = "Z-SUP"
ips = ["10.1.0.11"]
[[asset]]
id = "ews"
kind = "engineering-workstation"
zone = "Z-SUP"
ips = ["10.1.0.12"]
[[asset]]
id = "plc"
kind = "plc"
zone = "Z-CTL"
vendor = "Weirtech"
model = "M-1"
version = "3.2"
serial = "A-17"
ips = ["10.2.0.10"]
[[asset]]
id = "sis"
kind = "sis-logic-solver"
zone = "Z-SIS"
ips = ["10.3.0.10"]
[[asset]]
id = "tab"
kind = "mobile"
zone = "Z-WL"
wireless = true
ips = ["10.4.0.10"]
[[asset]]
id = "office"
kind = "workstation"
zone = "Z-ENT"
ips = ["10.9.0.10"]
[[asset]]
id = "fw"
kind = "firewall"
conduit = "C-CTL"

[[conduit]]
id = "C-CTL"
zones = ["Z-SUP", "Z-CTL"]
enforced_by = ["fw"]
[[conduit.permit]]
id = "P-READ"
from = ["hist"]
to = ["plc"]
protocol = "modbus"
classes = ["read"]
purpose = "record"
expected = "on-demand"
[[conduit.permit]]
id = "P-OPERATE"
from = ["scada"]
to = ["plc"]
protocol = "modbus"
purpose = "operate"
expected = "on-demand"

[[conduit]]
id = "C-SIS"
zones = ["Z-SUP", "Z-SIS"]
enforced_by = ["fw"]
[[conduit.permit]]
id = "P-SIS"
from = ["scada"]
to = ["sis"]
protocol = "modbus"
classes = ["read"]
purpose = "show"
expected = "on-demand"

[[conduit]]
id = "C-WL"
zones = ["Z-SUP", "Z-WL"]
enforced_by = ["fw"]
[[conduit.permit]]
id = "P-TAB"
from = ["tab"]
to = ["scada"]
protocol = "tls"
ports = [443]
purpose = "walk round"
expected = "on-demand"

[[conduit]]
id = "C-ENT"
zones = ["Z-ENT", "Z-SUP"]
enforced_by = ["fw"]
monitoring = "required"
[[conduit.permit]]
id = "P-REPORTS"
from = ["office"]
to = ["hist"]
protocol = "tls"
ports = [443]
purpose = "report"
expected = "on-demand"

[[evidence]]
id = "E-CTL"
kind = "capture"
zone = "Z-CTL"
[[evidence]]
id = "E-SUP"
kind = "capture"
zone = "Z-SUP"
[[evidence]]
id = "E-FW"
kind = "configuration"
device = "fw"
[[evidence.interface]]
interface = "sup0"
zone = "Z-SUP"
[[evidence.interface]]
interface = "ctl0"
zone = "Z-CTL"
[[evidence.interface]]
interface = "sis0"
zone = "Z-SIS"
[[evidence.interface]]
interface = "wl0"
zone = "Z-WL"
[[evidence.interface]]
interface = "ent0"
zone = "Z-ENT"
"#;

const RULESET: &str = r#"
table inet filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		iifname "sup0" oifname "ctl0" ip saddr { 10.1.0.10, 10.1.0.11 } ip daddr 10.2.0.10 tcp dport 502 accept
		iifname "sup0" oifname "sis0" ip saddr 10.1.0.10 ip daddr 10.3.0.10 tcp dport 502 accept
		iifname "wl0" oifname "sup0" ip saddr 10.4.0.10 ip daddr 10.1.0.10 tcp dport 443 accept
		iifname "ent0" oifname "sup0" ip saddr 10.9.0.10 ip daddr 10.1.0.11 tcp dport 443 log accept
		limit rate 5/second log prefix "refused "
	}
}
"#;

const SECOND: i64 = 1_000_000_000;
/// 2026-01-15T12:00:00Z.
const NOON: i64 = 1_768_478_400 * SECOND;

/// The plant with its firewall and what was seen.
#[derive(Clone)]
pub(crate) struct Scene {
    plant: String,
    ruleset: Option<String>,
    pub(crate) flows: Vec<Flow>,
    assets: Vec<Asset>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self { plant: PLANT.into(), ruleset: Some(RULESET.into()), flows: Vec::new(), assets: Vec::new() }
    }

    /// The plant with a piece of its text changed.
    pub(crate) fn plant(mut self, from: &str, to: &str) -> Self {
        assert!(self.plant.contains(from), "{from}");
        self.plant = self.plant.replacen(from, to, 1);
        self
    }

    /// The ruleset with a piece of its text changed.
    pub(crate) fn ruleset(mut self, from: &str, to: &str) -> Self {
        let ruleset = self.ruleset.unwrap();
        assert!(ruleset.contains(from), "{from}");
        self.ruleset = Some(ruleset.replacen(from, to, 1));
        self
    }

    /// Without any configuration.
    pub(crate) fn unconfigured(mut self) -> Self {
        self.ruleset = None;
        self
    }

    pub(crate) fn with(mut self, flow: Flow) -> Self {
        self.flows.push(flow);
        self
    }

    /// With a device that says this of itself.
    pub(crate) fn device(mut self, ip: &str, version: Option<&str>, serial: Option<&str>) -> Self {
        self.assets.push(Asset {
            id: ip.into(),
            context: Some("E-CTL".into()),
            macs: vec![],
            ips: vec![ip.parse().unwrap()],
            vlans: vec![],
            names: vec![],
            vendor: None,
            interface_vendor: None,
            product: None,
            version: version.map(Arc::from),
            serial: serial.map(Arc::from),
            component_type: None,
            kind: None,
            roles: vec![],
            first_seen: Timestamp::new(NOON, 6),
            last_seen: Timestamp::new(NOON, 6),
            packets_sent: 1,
            packets_received: 1,
            basis: vec![Basis { text: format!("version {version:?}"), place: Some(place(9)) }],
        });
        self
    }

    pub(crate) fn flow(&self, from: &str, to: &str, protocol: &str, port: u16) -> Flow {
        flow(from, to, protocol, port)
    }

    fn judge<T>(&self, then: impl Fn(&Judgement) -> T) -> Vec<T> {
        let read = text::read(&[SourceText::new("plant.toml", self.plant.as_str())]);
        assert!(!read.has_errors(), "{:#?}", read.diagnostics);
        let ruleset = self.ruleset.as_deref().unwrap_or_default();
        let firewall = dialects::read_bytes("fw.nft", ruleset.as_bytes(), dialects::named("nftables"));
        let mut flows = self.flows.clone();
        flows.sort_by(|a, b| a.id.cmp(&b.id));
        let captures = ["E-CTL", "E-SUP"].map(capture).to_vec();
        let observation =
            Observation { captures, flows, assets: self.assets.clone(), ..Observation::default() };
        let evidence = read.plant.evidence.get(&"E-FW".into()).unwrap();
        let configurations = [Configuration { evidence, ruleset: &firewall.ruleset }];
        let used = if self.ruleset.is_some() { &configurations[..] } else { &[] };
        let options = Options { as_of: jiff::civil::date(2026, 1, 16) };
        let verification = verify(&read.plant, &observation, used, options);
        let worlds = Worlds::new(&read.plant, &observation, used, &verification);
        deciders::judge(&worlds).iter().map(then).collect()
    }

    /// Every judgement as `REQUIREMENT says SUBJECT`.
    pub(crate) fn judgements(&self) -> BTreeSet<String> {
        self.judge(line).into_iter().collect()
    }

    /// The judgements of one decider.
    pub(crate) fn said_by(&self, decider: &str) -> BTreeSet<String> {
        let all = self.judge(|judgement| (judgement.decider, line(judgement)));
        all.into_iter().filter(|(code, _)| *code == decider).map(|(_, line)| line).collect()
    }

    /// The judgements of one decider with their texts and how many places they name.
    pub(crate) fn texts(&self, decider: &str) -> Vec<(String, String, usize)> {
        let all = self.judge(|j| (j.decider, line(j), j.text.clone(), j.evidence.len()));
        all.into_iter()
            .filter(|(code, ..)| *code == decider)
            .map(|(_, line, text, n)| (line, text, n))
            .collect()
    }
}

fn line(judgement: &Judgement) -> String {
    let says = match judgement.says {
        Says::Refutes => "refutes",
        Says::Supports => "supports",
        Says::Met => "met",
        Says::Partly => "partly",
    };
    let subject = match &judgement.subject {
        Judged::Zone(id) => format!("zone {id}"),
        Judged::Conduit(id) => format!("conduit {id}"),
        Judged::Asset(id) => format!("asset {id}"),
    };
    assert!(!judgement.text.is_empty() && !judgement.reference.is_empty(), "{judgement:?}");
    format!("{} {says} {subject}", judgement.requirement)
}

fn capture(point: &str) -> Capture {
    Capture {
        path: format!("{point}.pcap").into(),
        hash: None,
        size: 1,
        kind: None,
        capture_point: Some(point.into()),
        packets: 1,
        bytes: 1,
        first_seen: Some(Timestamp::new(NOON, 6)),
        last_seen: Some(Timestamp::new(NOON + 600 * SECOND, 6)),
        lines: None,
        truncated_packets: 0,
        malformed_packets: 0,
        read_error: None,
    }
}

fn place(packet: u64) -> PacketPlace {
    PacketPlace::packet("E-CTL.pcap".into(), packet)
}

/// A flow by TCP, or UDP at the ports that are for it; begun with a SYN; nothing answered yet. Protocol `""` is not known.
pub(crate) fn flow(from: &str, to: &str, protocol: &str, port: u16) -> Flow {
    let end =
        |ip: &str, port| FlowEnd { ip: Some(ip.parse::<IpAddr>().unwrap()), port, ..FlowEnd::default() };
    let udp = [53, 123, 161, 514].contains(&port);
    Flow {
        id: format!("{from}>{to}:{port}").into(),
        context: Some("E-CTL".into()),
        transport: if udp { Transport::Udp } else { Transport::Tcp },
        initiator: end(from, None),
        responder: end(to, Some(port)),
        initiator_basis: InitiatorBasis::Syn,
        vlans: vec![],
        capture_points: vec!["E-CTL".into()],
        protocol: (!protocol.is_empty()).then(|| protocol.into()),
        encrypted: None,
        authenticated: None,
        clear_text_credentials: false,
        conversations: 1,
        packets: 10,
        bytes: 1000,
        packets_from_initiator: 5,
        packets_from_responder: 0,
        first_seen: Timestamp::new(NOON, 6),
        last_seen: Timestamp::new(NOON + SECOND, 6),
        places: vec![place(7)],
        functions: vec![],
        properties: vec![],
        anomalies: vec![],
        active_days: vec![],
        inside: None,
    }
}

/// Words in which a flow is told.
pub(crate) trait Told: Sized {
    /// A function that was asked for.
    fn asked(self, name: &str, class: Class) -> Self;
    /// Each function that was asked for was answered, in so many packets.
    fn answered(self, packets: u64) -> Self;
    /// The other end sent packets, without a message that is told apart.
    fn acknowledged(self, packets: u64) -> Self;
    fn property(self, name: &str, value: &str) -> Self;
    fn authenticated(self, proven: bool) -> Self;
    fn encrypted(self, hidden: bool) -> Self;
    fn secret(self, kind: &str) -> Self;
    fn seen_at(self, point: &str) -> Self;
}

impl Told for Flow {
    fn asked(mut self, name: &str, class: Class) -> Self {
        self.functions.push(function(&self, name, class, Direction::Request));
        self
    }

    fn answered(mut self, packets: u64) -> Self {
        let asked: Vec<(String, Class)> =
            self.functions.iter().map(|f| (f.name.as_ref().unwrap().to_string(), f.class)).collect();
        for (name, class) in asked {
            self.functions.push(function(&self, &name, class, Direction::Response));
        }
        self.acknowledged(packets)
    }

    fn acknowledged(mut self, packets: u64) -> Self {
        self.packets_from_responder = packets;
        self
    }

    fn property(mut self, name: &str, value: &str) -> Self {
        self.properties.push(Property { name: name.into(), value: value.into(), place: place(8) });
        self
    }

    fn authenticated(mut self, proven: bool) -> Self {
        self.authenticated = Some(proven);
        self
    }

    fn encrypted(mut self, hidden: bool) -> Self {
        self.encrypted = Some(hidden);
        self
    }

    fn secret(mut self, kind: &str) -> Self {
        self.clear_text_credentials = true;
        self.property("clear-text-credential", kind)
    }

    fn seen_at(mut self, point: &str) -> Self {
        self.capture_points = vec![point.into()];
        self.context = Some(point.into());
        self
    }
}

fn function(flow: &Flow, name: &str, class: Class, direction: Direction) -> FunctionUse {
    FunctionUse {
        protocol: flow.protocol.clone().unwrap_or_else(|| "unknown".into()),
        element: "function".into(),
        code: FunctionCode::Text(name.into()),
        name: Some(name.into()),
        class,
        direction,
        count: 1,
        first: place(20),
    }
}
