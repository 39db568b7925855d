//! Plants and verifications for the tests of this crate, built in code.

use crate::input::{EvidenceSummary, RuleText, SeenAsset, SourceLines};
use jiff::civil::date;
use std::collections::BTreeMap;
use zonewright_assess::verification::{Configured, Declared, Observed, Path, PathName, Unmet, Verification};
use zonewright_catalog::{RequirementId, SecurityLevel, SlVector};
use zonewright_plant::id::*;
use zonewright_plant::model::*;
use zonewright_plant::{EvidencePlace, Finding, Plant, Subject};
use zonewright_source::{Diagnostic, PacketPlace, Place, Severity, TextPlace};

pub(crate) fn text_place(file: &str, line: u32, column: u32) -> TextPlace {
    TextPlace { file: file.into(), start: 0, end: 0, line, column }
}

fn common(name: &str, line: u32) -> Common {
    Common {
        name: (!name.is_empty()).then(|| name.to_string()),
        note: None,
        proposed: false,
        reason: None,
        place: Place::Text(text_place("plant.toml", line, 1)),
        key_places: BTreeMap::new(),
    }
}

pub(crate) fn zone(id: &str, name: &str, zone_type: ZoneType, level: u8) -> Zone {
    let outside = matches!(zone_type, ZoneType::Enterprise | ZoneType::Supplier | ZoneType::Cloud);
    Zone {
        id: id.into(),
        common: common(name, 10),
        zone_type: Some(zone_type),
        inside: !outside,
        trusted: !outside,
        parent: None,
        networks: vec![ZoneNetwork {
            network: Network::parse("10.1.0.0/24").unwrap(),
            vlan: Some(10),
            context: None,
        }],
        sl_t: SecurityLevel::new(level)
            .filter(|_| !outside)
            .map_or(SlTarget::None, |l| SlTarget::Stated(SlVector::all(l))),
        sl_t_reasons: BTreeMap::new(),
        consequences: BTreeMap::new(),
        accountable: None,
        physical_boundary: None,
        assumptions: vec![],
        safety_related: None,
    }
}

pub(crate) fn asset(id: &str, name: &str, kind: AssetKind, zone: &str) -> Asset {
    Asset {
        id: id.into(),
        common: common(name, 100),
        kind: Some(kind),
        component_type: None,
        zone: Some(zone.into()),
        conduit: None,
        product: None,
        vendor: None,
        model: None,
        version: None,
        serial: None,
        ips: vec![],
        macs: vec![],
        vlans: vec![],
        purdue_level: None,
        safety_related: None,
        wireless: None,
        temporary: None,
        remote: None,
        criticality: None,
        owner: None,
        end_of_support: None,
        software: vec![],
        sbom: None,
        agent_possible: None,
        reboot_possible: None,
        outage_needed: None,
        warranty_bound: None,
    }
}

pub(crate) fn conduit(id: &str, name: &str, zones: &[&str]) -> Conduit {
    Conduit {
        id: id.into(),
        common: common(name, 200),
        zones: zones.iter().map(|z| ZoneId::from(*z)).collect(),
        medium: Some(Medium::Ip),
        enforced_by: vec!["FW-1".into()],
        authentication: Protection::Required,
        encryption: Protection::NotStated,
        monitoring: Protection::NotStated,
        sl_t: SlTarget::None,
        sl_t_reasons: BTreeMap::new(),
        accountable: None,
        permits: vec![],
    }
}

fn permit(id: &str, from: &str, to: &str, protocol: &str, line: u32) -> Permit {
    Permit {
        id: id.into(),
        common: common("", line),
        from: vec![Endpoint::Asset(from.into())],
        to: vec![Endpoint::Zone(to.into())],
        protocol: protocol.into(),
        functions: vec![],
        classes: vec!["read".into()],
        ports: vec![],
        purpose: Some("process values for operation".into()),
        expected: Some(Rhythm::Continuous),
        owner: Some("operations".into()),
        approved_by: None,
        until: None,
    }
}

pub(crate) fn path(zones: (&str, &str), ends: (&str, &str), service: (&str, &str), name: PathName) -> Path {
    let declared = match name {
        PathName::Conforming
        | PathName::Idle
        | PathName::Bypass
        | PathName::Blocked
        | PathName::NotObserved => Declared::Permitted,
        PathName::UnknownEndpoint => Declared::UnknownEndpoint,
        PathName::WithinZone => Declared::WithinZone,
        _ => Declared::ProtocolNotPermitted,
    };
    let configured = match name {
        PathName::Bypass | PathName::Blocked | PathName::UndeclaredBypass | PathName::Enforced => {
            Configured::Closed
        }
        PathName::WithinZone | PathName::UnknownEndpoint => Configured::Unknown,
        _ => Configured::Open,
    };
    let observed = match name {
        PathName::Idle | PathName::Blocked | PathName::Excess | PathName::Enforced => Observed::NotSeen,
        PathName::NotObserved => Observed::NotCovered,
        _ => Observed::Seen,
    };
    Path {
        from_zone: zones.0.into(),
        to_zone: zones.1.into(),
        from: ends.0.into(),
        to: ends.1.into(),
        protocol: service.0.into(),
        port: service.1.into(),
        functions: vec![],
        declared,
        permit: None,
        conduit: None,
        unmet: vec![],
        configured,
        configured_basis: vec![],
        observed,
        flows: vec![],
        packets: if observed == Observed::Seen { 1240 } else { 0 },
        name,
        enforcement_shown: configured != Configured::Unknown,
    }
}

pub(crate) fn finding(
    rule: &'static str,
    severity: Severity,
    subject: (&'static str, &str),
    message: &str,
) -> Finding {
    Finding {
        rule,
        severity,
        subject: Subject { kind: subject.0, id: subject.1.into() },
        discriminators: vec![],
        message: message.into(),
        requirements: vec![RequirementId::sr(5, 1), RequirementId::sr(5, 2).re(1)],
        evidence: vec![],
        remedy: "declare it with a purpose and an owner, or close it on the enforcing device".into(),
        waiver: None,
    }
}

/// A verified plant with everything a report needs.
pub(crate) struct Sample {
    pub(crate) plant: Plant,
    pub(crate) verification: Verification,
    pub(crate) evidence: Vec<EvidenceSummary>,
    pub(crate) lines: SourceLines,
    pub(crate) seen: BTreeMap<AssetId, SeenAsset>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) rules: Vec<RuleText>,
}

impl Sample {
    pub(crate) fn input(&self) -> crate::ReportInput<'_> {
        crate::ReportInput {
            plant: &self.plant,
            verification: &self.verification,
            assessment: None,
            questions: &[],
            evidence: &self.evidence,
            lines: &self.lines,
            seen: &self.seen,
            diagnostics: &self.diagnostics,
            rules: &self.rules,
            version: "0.1.0",
        }
    }
}

pub(crate) fn system(name: &str) -> System {
    System {
        id: "PLANT".into(),
        common: common(name, 1),
        description: Some("Treats and pumps drinking water for a town.".into()),
        perimeter: Some(
            "Fence of the works; ends at the enterprise firewall and at the supplier's VPN.".into(),
        ),
        essential_functions: vec![],
        currency: None,
        time_zone: None,
        risk_matrix: None,
        tolerable_risk: None,
        regulatory_context: vec![],
        roles: vec![Role { id: "operations".into(), name: Some("Operations".into()) }],
        outage_windows: vec![],
    }
}

/// A small waterworks: seven zones, one of each disagreement.
pub(crate) fn small() -> Sample {
    let mut plant = Plant { system: Some(system("Hill Waterworks")), ..Plant::default() };
    for z in [
        zone("Z-ENT", "Enterprise", ZoneType::Enterprise, 1),
        zone("Z-SUP", "Pump supplier", ZoneType::Supplier, 1),
        zone("Z-DMZ", "DMZ", ZoneType::Dmz, 2),
        zone("Z-SCADA", "Supervision", ZoneType::Supervisory, 2),
        zone("Z-CTRL-A", "Intake and filtration", ZoneType::Control, 2),
        zone("Z-CTRL-B", "Pumping", ZoneType::Control, 2),
        zone("Z-SIS", "Chlorine safety", ZoneType::Safety, 3),
    ] {
        plant.zones.insert(z.id.clone(), z);
    }
    if let Some(zone) = plant.zones.get_mut(&ZoneId::from("Z-SIS")) {
        let level = |n| SecurityLevel::new(n);
        zone.sl_t = SlTarget::Stated(SlVector([
            level(3),
            level(3),
            level(3),
            level(1),
            level(3),
            level(2),
            level(3),
        ]));
        zone.parent = Some("Z-CTRL-A".into());
    }
    for a in [
        asset("HIST-1", "Historian replica", AssetKind::Historian, "Z-DMZ"),
        asset("SCADA-1", "SCADA server", AssetKind::Server, "Z-SCADA"),
        asset("HMI-1", "Control room HMI", AssetKind::Hmi, "Z-SCADA"),
        asset("EWS-1", "Engineering workstation", AssetKind::EngineeringWorkstation, "Z-SCADA"),
        asset("PLC-A1", "Intake PLC", AssetKind::Plc, "Z-CTRL-A"),
        asset("PLC-A2", "Filter PLC", AssetKind::Plc, "Z-CTRL-A"),
        asset("DRV-B1", "Pump drive", AssetKind::Drive, "Z-CTRL-B"),
        asset("PLC-B1", "Pump PLC", AssetKind::Plc, "Z-CTRL-B"),
        asset("SIS-1", "Chlorine logic solver", AssetKind::SisLogicSolver, "Z-SIS"),
    ] {
        plant.assets.insert(a.id.clone(), a);
    }
    if let Some(plc) = plant.assets.get_mut(&AssetId::from("PLC-A1")) {
        plc.vendor = Some("Schneider Electric".into());
        plc.model = Some("M340".into());
        plc.ips = vec![Address { ip: "10.1.3.11".parse().unwrap(), context: None }];
    }
    for mut c in [
        conduit("C-01", "Office to DMZ", &["Z-ENT", "Z-DMZ"]),
        conduit("C-02", "DMZ to supervision", &["Z-DMZ", "Z-SCADA"]),
        conduit("C-03", "Supervision to control", &["Z-SCADA", "Z-CTRL-A", "Z-CTRL-B"]),
        conduit("C-04", "Control to safety", &["Z-CTRL-A", "Z-SIS"]),
        conduit("C-05", "Supplier access", &["Z-SUP", "Z-DMZ"]),
    ] {
        let (id, to) = (c.id.clone(), c.zones.last().cloned().unwrap());
        c.permits.push(permit(&format!("{id}-P1"), "SCADA-1", to.as_str(), "modbus", 210));
        plant.conduits.insert(c.id.clone(), c);
    }
    plant.waivers.insert(
        "W-1".into(),
        Waiver {
            id: "W-1".into(),
            common: common("", 400),
            findings: vec![],
            rule: Some("conduit/idle".into()),
            subject: None,
            rationale: Some("spare link, kept until the new panel is in".into()),
            by: Some("operations".into()),
            until: date(2026, 12, 31),
        },
    );
    let verification = small_verification();
    let mut lines = SourceLines::new();
    lines.insert(
        "evidence/fw-1.nft",
        31,
        "    ip saddr 10.1.2.0/24 ip daddr 10.1.3.0/24 accept comment \"<temporary>\"",
    );
    lines.insert("evidence/fw-1.nft", 44, "    iifname \"scada\" oifname \"ctrl-b\" tcp dport 502 drop");
    lines.insert("plant.toml", 214, "[[conduit.permit]]  # C-03-P1");
    Sample {
        plant,
        verification,
        evidence: small_evidence(),
        lines,
        seen: BTreeMap::from([(
            AssetId::from("PLC-A1"),
            SeenAsset {
                addresses: vec!["10.1.3.11".into(), "00:80:f4:01:02:03".into()],
                identity: Some("Schneider Electric BMX P34 2020 v2.70".into()),
                roles: vec!["modbus server".into()],
                last_seen: Some("2026-03-01T09:59:58.120Z".parse().unwrap()),
            },
        )]),
        diagnostics: vec![
            Diagnostic::warning("plant/permit-without-owner", "permit `C-05-P1` has no owner")
                .at(Place::Text(text_place("plant.toml", 260, 1)))
                .help("name the role that answers for it: `owner = \"operations\"`"),
        ],
        rules: vec![RuleText {
            id: "conduit/undocumented".into(),
            short: "Traffic is in use that no permit declares.".into(),
            help: "What nobody planned, nobody watches. Declare it with purpose and owner, or close it."
                .into(),
        }],
    }
}

fn small_verification() -> Verification {
    let mut paths = vec![
        path(("Z-CTRL-B", "Z-ENT"), ("PLC-B1", "10.9.0.7"), ("http", "80"), PathName::UndeclaredBypass),
        path(("Z-SCADA", "Z-CTRL-A"), ("EWS-1", "PLC-A1"), ("modbus", "502"), PathName::Undocumented),
        path(("?", "Z-SCADA"), ("192.0.2.66", "HMI-1"), ("vnc", "5900"), PathName::UnknownEndpoint),
        path(("Z-SCADA", "Z-CTRL-B"), ("SCADA-1", "PLC-B1"), ("modbus", "502"), PathName::Blocked),
        path(("Z-SCADA", "Z-CTRL-A"), ("10.1.2.0/24", "10.1.3.0/24"), ("tcp", "1-65535"), PathName::Excess),
        path(("Z-ENT", "Z-DMZ"), ("Z-ENT", "HIST-1"), ("opcua", "4840"), PathName::Idle),
        path(("Z-CTRL-A", "Z-SIS"), ("PLC-A1", "SIS-1"), ("modbus", "502"), PathName::NotObserved),
        path(("Z-SCADA", "Z-CTRL-A"), ("SCADA-1", "PLC-A1"), ("modbus", "502"), PathName::Conforming),
        path(("Z-DMZ", "Z-SCADA"), ("HIST-1", "SCADA-1"), ("opcua", "4840"), PathName::Conforming),
        path(("Z-SCADA", "Z-SCADA"), ("HMI-1", "SCADA-1"), ("tcp", "4000"), PathName::WithinZone),
    ];
    for (i, conduit, permit) in [
        (1, "C-03", None),
        (3, "C-03", Some("C-03-P1")),
        (4, "C-03", None),
        (5, "C-01", Some("C-01-P1")),
        (6, "C-04", Some("C-04-P1")),
        (7, "C-03", Some("C-03-P1")),
        (8, "C-02", Some("C-02-P1")),
    ] {
        paths[i].conduit = Some(conduit.into());
        paths[i].permit = permit.map(PermitId::from);
    }
    paths[0].declared = Declared::NoConduit;
    paths[1].functions = vec!["write-multiple-registers".into(), "umas-program-download".into()];
    paths[1].flows = vec!["fl-0012".into()];
    paths[1].configured_basis = vec![text_place("evidence/fw-1.nft", 31, 5)];
    paths[8].unmet = vec![Unmet::Encryption];

    let packet = |n| Place::Packet(PacketPlace::packet("evidence/scada.pcap".into(), n));
    let place = |place: Place, what: &str| EvidencePlace { place, what: what.into() };
    let mut findings = vec![
        finding(
            "conduit/undeclared-bypass",
            Severity::Error,
            ("path", "Z-CTRL-B>Z-ENT"),
            "`PLC-B1` speaks http to 10.9.0.7 in `Z-ENT`, which no conduit joins and the firewall closes",
        ),
        finding(
            "conduit/undocumented",
            Severity::Error,
            ("path", "Z-SCADA>Z-CTRL-A"),
            "`EWS-1` writes and downloads programs to `PLC-A1` over modbus; conduit `C-03` permits reading only",
        ),
        finding(
            "conduit/unknown-endpoint",
            Severity::Error,
            ("path", "?>Z-SCADA"),
            "192.0.2.66 opens a VNC session to `HMI-1`; the address belongs to no zone",
        ),
        finding(
            "conduit/blocked",
            Severity::Warning,
            ("permit", "C-03-P1"),
            "the firewall closes modbus from `SCADA-1` to `PLC-B1`, which permit `C-03-P1` needs",
        ),
        finding(
            "conduit/excess",
            Severity::Warning,
            ("path", "Z-SCADA>Z-CTRL-A"),
            "the firewall opens every TCP port from 10.1.2.0/24 to 10.1.3.0/24; one is declared",
        ),
        finding(
            "conduit/idle",
            Severity::Note,
            ("permit", "C-01-P1"),
            "permit `C-01-P1` was not seen in 30 days",
        ),
    ];
    findings[0].evidence = vec![place(packet(4711), "first seen")];
    findings[0].discriminators = vec!["http".into(), "80".into()];
    findings[1].evidence = vec![
        place(packet(812), "first seen"),
        place(packet(9_944), "umas-program-download"),
        place(Place::Text(text_place("evidence/fw-1.nft", 31, 5)), "rule that passes it"),
        place(Place::Text(text_place("plant.toml", 214, 1)), "nearest permit"),
    ];
    findings[1].discriminators = vec!["modbus".into(), "502".into()];
    findings[2].evidence = vec![place(packet(77), "first seen")];
    findings[3].evidence =
        vec![place(Place::Text(text_place("evidence/fw-1.nft", 44, 5)), "rule that closes it")];
    findings[4].evidence =
        vec![place(Place::Text(text_place("evidence/fw-1.nft", 31, 5)), "rule that opens it")];
    findings[4].discriminators = vec!["tcp".into(), "1-65535".into()];
    findings[5].waiver = Some("W-1".into());
    findings[5].evidence = vec![place(Place::File("evidence/dmz.pcapng".into()), "looked for in all of it")];
    Verification {
        plant: "PLANT".into(),
        as_of: date(2026, 3, 2),
        evidence: vec!["E-CAP".into(), "E-FW".into()],
        paths,
        rules: Vec::new(),
        findings,
    }
}

fn small_evidence() -> Vec<EvidenceSummary> {
    let at = |t: &str| t.parse().unwrap();
    vec![
        EvidenceSummary {
            id: "E-CAP".into(),
            kind: EvidenceKind::Capture,
            file: "evidence/scada.pcap".into(),
            hash: Some("blake3:6f1c2a9b0d4e5f60718293a4b5c6d7e8f90112233445566778899aabbccddeef".into()),
            taken_at: Some("mirror of SW-1, zone Z-SCADA".into()),
            window: Some((at("2026-02-28T10:00:00Z"), at("2026-03-01T10:00:00Z"))),
            content: vec!["41,203 packets in 118 flows".into(), "modbus, opcua, http, vnc".into()],
            diagnostics: vec![Diagnostic::warning(
                "capture/truncated-packet",
                "3 packets were cut at 96 bytes",
            )],
        },
        EvidenceSummary {
            id: "E-FW".into(),
            kind: EvidenceKind::Configuration,
            file: "evidence/fw-1.nft".into(),
            hash: None,
            taken_at: Some("FW-1".into()),
            window: None,
            content: vec!["84 lines: 80 modeled, 3 ignored, 1 warned about".into()],
            diagnostics: vec![
                Diagnostic::warning(
                    "firewall/not-modeled",
                    "`ct helper` is not modeled; the rule counts as possibly open",
                )
                .at(Place::Text(text_place("evidence/fw-1.nft", 57, 9))),
            ],
        },
    ]
}

/// A generated plant of `zones` zones (every fifth within another) and `conduits` conduits, with all kinds of verdicts.
pub(crate) fn generated(zones: usize, conduits: usize, seed: u64) -> (Plant, Verification) {
    let mut state = seed;
    let mut next = move |n: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % n.max(1)
    };
    const TYPES: [(ZoneType, &str); 10] = [
        (ZoneType::Enterprise, "Enterprise"),
        (ZoneType::Dmz, "Data exchange"),
        (ZoneType::Supervisory, "Supervision of line"),
        (ZoneType::Control, "Machine cell"),
        (ZoneType::Control, "Packaging"),
        (ZoneType::Safety, "Burner safety"),
        (ZoneType::Control, "Utilities and compressed air"),
        (ZoneType::Supplier, "Supplier"),
        (ZoneType::Wireless, "Forklift radio"),
        (ZoneType::Supervisory, "Engineering"),
    ];
    let mut plant = Plant { system: Some(system("Generated plant")), ..Plant::default() };
    let id = |i: usize| format!("Z-{i:02}");
    for i in 0..zones {
        let (zone_type, name) = TYPES[i % TYPES.len()];
        let mut zone = zone(&id(i), &format!("{name} {i}"), zone_type, u8::try_from(1 + i % 3).unwrap());
        if i % 5 == 4 && i > 5 {
            zone.parent = Some(id(i - 1).as_str().into());
        }
        for k in 0..next(9) {
            let (_, kind) = AssetKind::ALL[next(AssetKind::ALL.len())];
            let asset = asset(&format!("A-{i}-{k}"), "", kind, &id(i));
            plant.assets.insert(asset.id.clone(), asset);
        }
        plant.zones.insert(zone.id.clone(), zone);
    }
    let mut paths = Vec::new();
    for c in 0..conduits {
        let a = next(zones);
        let b = (a + 1 + next(zones - 1)) % zones;
        let key = format!("C-{c:02}");
        let mut joined = vec![id(a), id(b)];
        if c % 9 == 8 {
            joined.push(id((b + 1 + next(zones - 1)) % zones));
        }
        let joined: Vec<&str> = joined.iter().map(String::as_str).collect();
        plant.conduits.insert(key.as_str().into(), conduit(&key, "", &joined));
        for _ in 0..next(4) {
            let name = PathName::ALL[1 + next(8)];
            let mut path = path((&id(a), &id(b)), ("", ""), ("modbus", "502"), name);
            path.conduit = Some(key.as_str().into());
            paths.push(path);
        }
    }
    for _ in 0..conduits / 10 {
        let a = next(zones);
        let b = (a + 1 + next(zones - 1)) % zones;
        paths.push(path((&id(a), &id(b)), ("", ""), ("http", "80"), PathName::Undocumented));
    }
    paths.push(path(("?", &id(1)), ("", ""), ("vnc", "5900"), PathName::UnknownEndpoint));
    let verification = Verification {
        plant: "PLANT".into(),
        as_of: date(2026, 3, 2),
        evidence: vec![],
        paths,
        rules: Vec::new(),
        findings: vec![finding("zone/no-sl-t", Severity::Warning, ("zone", &id(2)), "x")],
    };
    (plant, verification)
}
