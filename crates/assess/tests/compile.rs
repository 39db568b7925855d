//! Conduits compiled for a device: one meaning of a permit. What is written, read as the device's configuration, is verified
//! without anything blocked and without anything open beyond the permits.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use zonewright_assess::compile::{
    CompileError, CompileOptions, Compiled, Functions, OwnTraffic, change, compile,
};
use zonewright_assess::configured::Configuration;
use zonewright_assess::verification::{Configured, PathName};
use zonewright_assess::{Options, verify};
use zonewright_firewall::dialects;
use zonewright_firewall::ruleset::Ruleset;
use zonewright_firewall::write::{ReadBack, Service, read_back, writer_named};
use zonewright_plant::Plant;
use zonewright_plant::id::AssetId;
use zonewright_plant::text;
use zonewright_source::SourceText;
use zonewright_traffic::observation::{Flow, FlowEnd, InitiatorBasis, Observation, Timestamp, Transport};

fn plant(text: &str) -> Plant {
    let read = text::read(&[SourceText::new("plant.toml", text)]);
    assert!(!read.has_errors(), "{:#?}", read.diagnostics);
    read.plant
}

fn example(name: &str) -> Plant {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    let mut texts: Vec<SourceText> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml" || end == "csv"))
        .map(|path| {
            SourceText::new(
                path.file_name().unwrap().to_str().unwrap(),
                std::fs::read_to_string(&path).unwrap().as_str(),
            )
        })
        .collect();
    texts.sort_by(|a, b| a.file().cmp(b.file()));
    let read = text::read(&texts);
    assert!(!read.has_errors(), "{:#?}", read.diagnostics);
    read.plant
}

fn compiled<'p>(plant: &'p Plant, device: &str, as_of: &str) -> Result<Compiled<'p>, CompileError> {
    let options = CompileOptions {
        device: &AssetId::from(device),
        as_of: as_of.parse().unwrap(),
        own_traffic: OwnTraffic::Left,
        functions: Functions::Reported,
    };
    compile(plant, options)
}

fn written(compiled: &Compiled<'_>) -> Ruleset {
    let writer = writer_named("nftables").unwrap();
    let written = writer.write(&compiled.policy).unwrap();
    assert_eq!(read_back(writer, &compiled.policy, &written), ReadBack::Equal, "{}", written.text);
    let read = dialects::read_bytes("fw.nft", written.text.as_bytes(), None).ruleset;
    assert_eq!(read.lines.warned, 0, "{}", written.text);
    read
}

#[test]
fn what_is_written_blocks_nothing_and_opens_nothing_more() {
    for name in ["waterworks", "batch-plant"] {
        let plant = example(name);
        let compiled = compiled(&plant, "fw-1", "2027-01-15").unwrap();
        assert!(!compiled.policy.permits.is_empty());
        assert_eq!(compiled.uncompiled, [], "{name}");
        let ruleset = written(&compiled);
        let configuration = Configuration { evidence: compiled.interfaces, ruleset: &ruleset };
        let as_of = "2027-01-15".parse().unwrap();
        let verified = verify(&plant, &Observation::default(), &[configuration], Options { as_of });
        let shown = || verified.paths.iter().filter(|path| path.enforcement_shown);
        let declared = shown().filter(|path| path.permit.is_some() && path.declared.as_str() == "permitted");
        let (mut open, mut wrong) = (0, Vec::new());
        for path in declared {
            if path.configured == Configured::Open { open += 1 } else { wrong.push(format!("{path:?}")) }
        }
        wrong.extend(shown().filter(|path| path.name == PathName::Excess).map(|path| format!("{path:?}")));
        assert_eq!(wrong, Vec::<String>::new(), "{name}");
        assert!(open > 10, "{name}: {open} permits are open");
        println!("{name}: {open} declared paths are open, nothing else is");
    }
}

const SMALL: &str = include_str!("verify/plant.toml");

#[test]
fn what_cannot_be_compiled_is_named_and_what_ended_is_left_out() {
    let text = format!(
        "{SMALL}\n{}",
        r#"
[[asset]]
id = "spare"
kind = "plc"
zone = "Z-CTL"

[[conduit]]
id = "C-9"
zones = ["Z-SUP", "Z-CTL"]
enforced_by = ["fw"]
monitoring = "required"

[[conduit.permit]]
id = "P-SPARE"
from = ["scada"]
to = ["spare"]
protocol = "modbus"

[[conduit.permit]]
id = "P-ODD"
from = ["scada"]
to = ["plc"]
protocol = "house-protocol"

[[conduit.permit]]
id = "P-OLD"
from = ["scada"]
to = ["plc"]
protocol = "ssh"
until = 2025-12-31

[[conduit.permit]]
id = "P-SSH-2"
from = ["scada"]
to = ["Z-CTL"]
protocol = "ssh"
ports = [2222]
"#
    );
    let plant = plant(&text);
    let compiled = compiled(&plant, "fw", "2026-01-15").unwrap();
    let said = |notes: &[zonewright_assess::compile::Note]| -> Vec<String> {
        let ours = notes.iter().filter(|note| note.conduit.as_str() == "C-9");
        ours.map(|note| format!("{}: {}", note.subject(), note.text)).collect()
    };
    assert_eq!(
        said(&compiled.uncompiled),
        [
            "P-SPARE: asset spare has no address",
            "P-ODD: protocol house-protocol is not known: name its ports"
        ]
    );
    assert_eq!(said(&compiled.left_out), ["P-OLD: it ended on 2025-12-31"]);
    let ssh: Vec<_> = compiled.policy.permits.iter().filter(|permit| permit.id == "P-SSH-2").collect();
    let [ssh] = ssh.as_slice() else { panic!("{ssh:?}") };
    assert!(ssh.logged, "the conduit asks for monitoring");
    // The cell within the zone is behind the same interface.
    assert_eq!(ssh.to.addresses.to_string(), "10.2.0.0/24");
    let [Service::Ports { protocol: 6, ports }] = ssh.services.as_slice() else { panic!("{ssh:?}") };
    assert_eq!(ports.to_string(), "2222");
    assert!(compiled.policy.remarks.iter().any(|line| line.contains("P-SPARE")), "it stands in the file too");
}

#[test]
fn functions_become_codes_and_sessions_come_with_every_permit() {
    let plant = plant(SMALL);
    let compiled = compiled(&plant, "fw", "2026-01-15").unwrap();
    let read = compiled.policy.permits.iter().find(|permit| permit.id == "P-READ").unwrap();
    let limit = read.functions.as_ref().unwrap();
    let allowed = |name: &str| limit.allowed.iter().any(|function| function.name == name);
    assert!(allowed("read-holding-registers") && !allowed("write-single-register"));
    let text = writer_named("suricata").unwrap().write(&compiled.policy).unwrap().text;
    assert!(text.contains("P-READ does not allow modbus 6 write-single-register"), "{text}");
    assert!(!text.contains("modbus 3 read-holding-registers"), "{text}");
}

#[test]
fn a_device_that_enforces_nothing_or_is_not_told_says_so() {
    let plant = plant(SMALL);
    assert!(matches!(compiled(&plant, "nobody", "2026-01-15"), Err(CompileError::UnknownDevice)));
    assert!(matches!(compiled(&plant, "plc", "2026-01-15"), Err(CompileError::EnforcesNothing)));
    let text = SMALL.replace("device = \"fw\"", "");
    assert!(text != SMALL);
    let plant = plant_of(&text);
    assert!(matches!(compiled(&plant, "fw", "2026-01-15"), Err(CompileError::NoInterfaces)));
}

fn plant_of(text: &str) -> Plant {
    text::read(&[SourceText::new("plant.toml", text)]).plant
}

#[test]
fn flows_that_would_be_cut_off_are_told() {
    let plant = plant(SMALL);
    let compiled = compiled(&plant, "fw", "2026-01-15").unwrap();
    let ruleset = written(&compiled);
    let running = dialects::read_bytes(
        "fw.nft",
        b"table inet filter { chain forward { type filter hook forward priority filter; policy accept; } }",
        None,
    );
    let flow = |from: &str, to: &str, port: u16| Flow {
        id: format!("{from}>{to}:{port}").into(),
        transport: Transport::Tcp,
        initiator: FlowEnd { ip: Some(from.parse().unwrap()), ..FlowEnd::default() },
        responder: FlowEnd { ip: Some(to.parse().unwrap()), port: Some(port), ..FlowEnd::default() },
        initiator_basis: InitiatorBasis::Syn,
        context: None,
        vlans: vec![],
        capture_points: vec![],
        protocol: None,
        encrypted: None,
        authenticated: None,
        clear_text_credentials: false,
        conversations: 1,
        packets: 10,
        bytes: 1000,
        packets_from_initiator: 5,
        packets_from_responder: 5,
        first_seen: Timestamp::new(0, 6),
        last_seen: Timestamp::new(0, 6),
        places: vec![],
        functions: vec![],
        properties: vec![],
        anomalies: vec![],
        active_days: vec![],
        inside: None,
    };
    let flows = vec![
        flow("10.1.0.10", "10.2.0.10", 502),
        flow("10.1.0.10", "10.2.0.10", 23),
        flow("10.1.0.10", "10.1.0.11", 23),
    ];
    let observation = Observation { flows, ..Observation::default() };
    let change = change(&plant, &observation, compiled.interfaces, &ruleset, Some(&running.ruleset));
    let told: Vec<_> =
        change.cut_off.iter().map(|cut| (cut.flow.as_str(), cut.running, cut.written)).collect();
    assert_eq!(told, [("10.1.0.10>10.2.0.10:23", Configured::Open, Configured::Closed)]);
    assert_eq!(change.flows_judged, 2);
    let sets = change.sets.unwrap().unwrap();
    assert!(!sets.closed.is_empty() && sets.opened.is_empty() && sets.unclear.is_empty());
}
