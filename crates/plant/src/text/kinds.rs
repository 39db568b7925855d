//! Every kind of record of Workspace/1 with its keys: the one table that reader, writer, schema and reference page go by.

use super::field::Field;
use super::gather::Cx;
use super::record::{
    Record, any, begin, end, field, first, note_id, parts, records, target, verb, write_head,
};
use super::spec::{Key, Kind, Target, Type};
use super::tree::{Item, Node, Table};
use super::value::{Value, Written};
use crate::Plant;
use crate::id::*;
use crate::model::*;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;
use zonewright_catalog::{RequirementId, SlVector};

/// Every kind of record in the order of the reference page and of a new workspace; parts come behind the record they belong to.
pub static KINDS: &[&Kind] = &[
    System::KIND,
    EssentialFunction::KIND,
    Role::KIND,
    OutageWindow::KIND,
    RiskMatrix::KIND,
    Zone::KIND,
    Conduit::KIND,
    Permit::KIND,
    Asset::KIND,
    Group::KIND,
    Product::KIND,
    Evidence::KIND,
    Facing::KIND,
    Countermeasure::KIND,
    Claim::KIND,
    ThreatSource::KIND,
    Scenario::KIND,
    Consequence::KIND,
    Hazard::KIND,
    Test::KIND,
    Approval::KIND,
    Profile::KIND,
    Waiver::KIND,
];

/// No amount, factor or frequency is less.
const NOT_NEGATIVE: (f64, f64) = (0.0, f64::MAX);
const FACTOR: (f64, f64) = (0.0, 1.0);

records! {
    #[clause = "62443-3-2, ZCR 1"]
    "[plant]" "plant" System [String] common => "The system under consideration (SUC)." {
        "description" description: Option<String> => "What the system under consideration is and does.";
        "perimeter" perimeter: Option<String> => "Where it ends, and who gets in and out.";
        "currency" currency: Option<String> => "ISO 4217 code of the plant's currency, such as `EUR`.";
        "time_zone" time_zone: Option<String> => "IANA time zone, such as `Europe/Berlin`.";
        "risk_matrix" risk_matrix: Option<RiskMatrix> => "`[plant.risk_matrix]`: likelihoods × severities in the plant's own words.";
        "tolerable_risk" tolerable_risk: Option<String> => "The highest risk of the matrix that is tolerable, in the matrix's words.";
        "regulatory_context" regulatory_context: Vec<String> => "Laws and rules that bear on the plant.";
        "essential_function" essential_functions: Vec<EssentialFunction>
            => "`[[plant.essential_function]]`: functions whose loss the plant cannot bear.";
        "role" roles: Vec<Role> => "`[[plant.role]]`: who answers for something, by role, never by person.";
        "outage_window" outage_windows: Vec<OutageWindow> => "`[[plant.outage_window]]`: times in which work may stop the plant.";
    }

    #[clause = "62443-3-3, clause 4.2"]
    "[[plant.essential_function]]" "essential_function" EssentialFunction [FunctionId as Function]
    => "A function whose loss the plant cannot bear." {
        "name" name: Option<String> => "Its name.";
        "description" description: Option<String> => "What it does.";
        "assets" assets: Vec<AssetId>, says ("needs", "") => "Assets it needs.";
    }

    "[[plant.role]]" "role" Role [RoleId as Role] => "Who answers for something, by role, never by person." {
        "name" name: Option<String> => "Its name.";
    }

    "[[plant.outage_window]]" "outage_window" OutageWindow [OutageId as Outage] => "A time in which work may stop the plant." {
        "name" name: Option<String> => "Its name.";
        "start" start: Date => "First day.";
        "end" end: Date => "Last day.";
        "zones" zones: Vec<ZoneId>, says ("covers", "") => "Zones it covers; all where empty.";
    }

    #[clause = "62443-3-2, ZCR 5"]
    "[plant.risk_matrix]" "risk_matrix" RiskMatrix [] => "A risk matrix, 3×3 to 6×6, in the plant's own words." {
        "likelihoods" likelihoods: Vec<String> => "Likelihoods, least first.";
        "severities" severities: Vec<String> => "Severities, least first.";
        "cells" cells: Vec<Vec<String>> => "A row per likelihood, a cell per severity: the risk's word.";
        "risks" risks: Vec<String> => "The words for risk, least first.";
    }

    #[clause = "62443-3-2, ZCR 3"]
    "[[zone]]" "zone" Zone [ZoneId as Zone] common => "Assets with common security requirements." {
        "type" zone_type: Option<ZoneType> => "What it is for.";
        "inside" inside: bool, default (true, |z: &Self| z.inside)
            => "Is it inside the system under consideration? `true` where absent.";
        "trusted" trusted: bool, default (inside.unwrap_or(true), |z: &Self| z.trusted == z.inside)
            => "Is it trusted? Where absent: yes if inside.";
        "parent" parent: Option<ZoneId>, says ("is part of", "") => "The zone it is part of.";
        "networks" networks: Vec<ZoneNetwork> => "Networks: `\"10.1.0.0/16\"` or `{ network = \"10.1.0.0/16\", vlan = 10, context = \"cell-a\" }`.";
        "sl_t" sl_t: SlTarget
            => "Target level: one for all seven foundational requirements, seven in order, a table per requirement (`{ IAC = 2 }`), or `\"derive-from-risk\"`; none where absent.";
        "sl_t_reasons" sl_t_reasons: BTreeMap<String, String> => "Why levels differ between foundational requirements: `{ DC = \"…\" }`.";
        "consequences" consequences: BTreeMap<String, Rating> => "Consequence ratings by category: `{ safety = \"high\" }`.";
        "accountable" accountable: Option<RoleId> => "The role that answers for it.";
        "physical_boundary" physical_boundary: Option<String> => "Its physical boundary.";
        "assumptions" assumptions: Vec<String> => "What is taken for granted.";
        "safety_related" safety_related: Option<bool> => "Is it safety related by designation (62443-3-2, ZCR 3.3)?";
    }

    #[clause = "62443-3-2, ZCR 3"]
    "[[conduit]]" "conduit" Conduit [ConduitId as Conduit] common => "What joins zones, and what may pass." {
        "zones" zones: Vec<ZoneId>,
            says ("ends in", "a conduit joins zones of the same system under consideration (62443-3-2, ZCR 3)")
            => "The zones it joins, two or more.";
        "medium" medium: Option<Medium> => "What carries it.";
        "enforced_by" enforced_by: Vec<AssetId>, says ("is enforced by", "")
            => "Devices that enforce it: assets of kind firewall, router, switch, gateway or data-diode.";
        "authentication" authentication: Protection => "Does it ask for authentication?";
        "encryption" encryption: Protection => "Does it ask for encryption?";
        "monitoring" monitoring: Protection => "Does it ask for monitoring?";
        "sl_t" sl_t: SlTarget => "Its own target level, written like that of a zone.";
        "sl_t_reasons" sl_t_reasons: BTreeMap<String, String> => "Why levels differ between foundational requirements.";
        "accountable" accountable: Option<RoleId> => "The role that answers for it.";
        "permit" permits: Vec<Permit> => "`[[conduit.permit]]`: what may pass.";
    }

    #[clause = "62443-3-3, SR 5.2"]
    "[[conduit.permit]]" "permit" Permit [PermitId as Permit] common => "What may pass a conduit, who asked for it and until when." {
        "from" from: Vec<Endpoint>, says ("begins at", "") => "Who begins: ids of zones, assets or groups. Where an id names two of them, `asset:ID` tells.";
        "to" to: Vec<Endpoint>, says ("leads to", "") => "Who is asked.";
        "protocol" protocol: String
            => "The protocol's name (`modbus`), or `any`, or a transport with `ports`: `tcp`, `udp`, `icmp`.";
        "functions" functions: Vec<String> => "Names of functions (`read-holding-registers`). Every function where this and `classes` are empty.";
        "classes" classes: Vec<String> => "Classes of functions (`read`, `discover`).";
        "ports" ports: Vec<PortRange> => "Ports of the responder: `502` or `\"6000-6010\"`; the protocol's own where absent.";
        "purpose" purpose: Option<String> => "What for.";
        "expected" expected: Option<Rhythm> => "How often it is expected to be seen.";
        "owner" owner: Option<RoleId> => "The role that answers for it.";
        "approved_by" approved_by: Option<RoleId> => "The role that approved it.";
        "until" until: Option<Date> => "Last day it holds.";
    }

    #[clause = "62443-2-1, CM 1.1; 62443-3-3, SR 7.8"]
    "[[asset]]" "asset" Asset [AssetId as Asset] common => "A device, an application or a medium of the plant; also a row of `assets*.csv`." {
        "kind" kind: Option<AssetKind> => "What it is.";
        "component_type" component_type: Option<ComponentType> => "Component type for 62443-4-2.";
        "zone" zone: Option<ZoneId>, says ("belongs to", "an asset belongs to one zone or conduit (62443-3-2, ZCR 3.1)")
            => "The zone it belongs to; at most one of zone and conduit.";
        "conduit" conduit: Option<ConduitId>, says ("belongs to", "an asset belongs to one zone or conduit (62443-3-2, ZCR 3.1)")
            => "The conduit it belongs to.";
        "product" product: Option<ProductId>, says ("is an instance of", "") => "The product it is an instance of.";
        "vendor" vendor: Option<String> => "Vendor.";
        "model" model: Option<String> => "Model or order number.";
        "version" version: Option<String> => "Firmware or software version.";
        "serial" serial: Option<String> => "Serial number.";
        "ips" ips: Vec<Address> => "IP addresses, with `@context` where the same address means different assets: `10.0.0.1@cell-a`.";
        "macs" macs: Vec<Mac> => "MAC addresses.";
        "vlans" vlans: Vec<u16> => "VLAN ids.";
        "purdue_level" purdue_level: Option<String> => "Purdue level, for information only.";
        "safety_related" safety_related: Option<bool> => "Is it safety related?";
        "wireless" wireless: Option<bool> => "Does it speak over the air?";
        "temporary" temporary: Option<bool> => "Does it come and go?";
        "remote" remote: Option<bool> => "Is it reached from outside the plant?";
        "criticality" criticality: Option<Rating> => "How important it is.";
        "owner" owner: Option<RoleId> => "The role that answers for it.";
        "end_of_support" end_of_support: Option<Date> => "The vendor's last day of support.";
        "software" software: Vec<String> => "Software on it.";
        "sbom" sbom: Option<String> => "File or reference of its bill of materials.";
        "agent_possible" agent_possible: Option<bool> => "Can a security agent be installed?";
        "reboot_possible" reboot_possible: Option<bool> => "Can it be restarted outside an outage window?";
        "outage_needed" outage_needed: Option<bool> => "Does a change need an outage?";
        "warranty_bound" warranty_bound: Option<bool> => "Does a change void the warranty?";
    }

    "[[group]]" "group" Group [GroupId as Group] common => "Assets named together." {
        "assets" assets: Vec<AssetId>, says ("holds", "") => "Its members.";
    }

    #[clause = "62443-4-2"]
    "[[product]]" "product" Product [ProductId as Product] common => "What many assets are instances of, with its capabilities." {
        "supplier" supplier: Option<String> => "Supplier.";
        "model" model: Option<String> => "Model or order number.";
        "version" version: Option<String> => "Version.";
        "component_type" component_type: Option<ComponentType> => "Component type for 62443-4-2.";
        "sl_c" sl_c: SlVector => "Capability level, as certified or stated; written like `sl_t` of a zone.";
        "certificate" certificate: Option<String> => "Certificate that states it.";
        "capabilities" capabilities: BTreeMap<RequirementId, Status> => "Answers per component requirement: `{ \"CR 1.1\" = \"met\" }`.";
        "end_of_support" end_of_support: Option<Date> => "The vendor's last day of support.";
    }

    "[[evidence]]" "evidence" Evidence [EvidenceId as Evidence] common => "A file or record that shows something: a capture, a configuration, a document." {
        "file" file: Option<String> => "The file, relative to the workspace.";
        "hash" hash: Option<String> => "Its hash: `blake3:…`.";
        "kind" kind: Option<EvidenceKind> => "What it is.";
        "taken" taken: Option<Timestamp> => "When it was taken.";
        "source" source: Option<String> => "Where, in words.";
        "zone" zone: Option<ZoneId>, says ("was taken in", "") => "For a capture: the zone on whose network it was taken.";
        "capture_point" capture_point: Option<String> => "Capture point in words: `mirror of switch sw-a port 24`.";
        "sees" sees: Vec<ZoneId>, says ("sees", "") => "Further zones whose whole traffic the capture point sees.";
        "context" context: Option<String> => "Network context of the addresses in it.";
        "covers_from" covers_from: Option<Timestamp> => "First moment it covers; the first packet where absent.";
        "covers_until" covers_until: Option<Timestamp> => "Last moment it covers; the last packet where absent.";
        "device" device: Option<AssetId>, says ("is of device", "") => "For a configuration: the device it is of.";
        "dialect" dialect: Option<String> => "For a configuration: its dialect, where it shall not be detected.";
        "interface" interfaces: Vec<Facing> => "`[[evidence.interface]]`: for a configuration, which interface faces which zone.";
        "good_until" good_until: Option<Date> => "Last day it is good for.";
    }

    "[[evidence.interface]]" "interface" Facing [] => "Which interface of a device faces which zone." {
        "interface" interface: String => "The interface's name in the configuration.";
        "zone" zone: ZoneId, says ("faces", "") => "The zone behind it.";
    }

    "[[countermeasure]]" "countermeasure" Countermeasure [CountermeasureId as Countermeasure] common
    => "What lowers a risk or meets a requirement." {
        "description" description: Option<String> => "What it is.";
        "applies_to" applies_to: Vec<SubjectRef>, says ("applies to", "") => "Where it applies: `plant`, or ids of zones, conduits, assets, products or groups.";
        "meets" meets: Vec<RequirementId> => "Requirements it meets.";
        "compensates" compensates: Vec<RequirementId> => "Requirements it compensates.";
        "rationale" rationale: Option<String> => "Why it compensates.";
        "approved_by" approved_by: Option<RoleId> => "The role that approved it.";
        "review" review: Option<Date> => "When that is looked at again.";
        "state" state: Option<CountermeasureState> => "Its state.";
        "cost_once" cost_once: Option<f64>, in NOT_NEGATIVE => "Cost once, in the plant's currency.";
        "cost_per_year" cost_per_year: Option<f64>, in NOT_NEGATIVE => "Cost per year, in the plant's currency.";
        "duration_days" duration_days: Option<u32> => "Duration in days.";
        "needs_outage" needs_outage: Option<bool> => "Does it need an outage?";
        "prerequisites" prerequisites: Vec<CountermeasureId>, says ("needs", "") => "Countermeasures that must come first.";
        "exclusions" exclusions: Vec<CountermeasureId>, says ("excludes", "") => "Countermeasures it cannot stand beside.";
        "frequency_factor" frequency_factor: Option<f64>, in FACTOR => "Factor on the frequency of attempts, 0 to 1, if known.";
        "crossing_factor" crossing_factor: Option<f64>, in FACTOR => "Factor on the probability of a crossing, 0 to 1, if known.";
        "downtime_factor" downtime_factor: Option<f64>, in FACTOR => "Factor on the days of downtime, 0 to 1, if known.";
        "effect_source" effect_source: Option<String> => "Where the factors come from.";
        "may_block" may_block: Vec<FunctionId>, says ("may block", "a countermeasure must not block an essential function (62443-3-3, clause 4.2)")
            => "Essential functions that it could block (lockout, fail-close, session lock).";
    }

    "[[claim]]" "claim" Claim [ClaimId as Claim] common => "A statement that a subject meets a requirement, or does not." {
        "subject" subject: SubjectRef, says ("is about", "") => "Whom it is about: `plant`, or the id of a zone, conduit, asset, product or group.";
        "requirement" requirement: RequirementId => "The requirement: `SR 5.2 RE(1)`.";
        "status" status: Status => "What is claimed.";
        "rationale" rationale: Option<String> => "Why.";
        "evidence" evidence: Vec<EvidenceId>, says ("rests on", "") => "What shows it.";
        "by" by: Option<RoleId> => "The role that claims it.";
        "date" date: Option<Date> => "When.";
    }

    #[clause = "62443-3-2, ZCR 5.1"]
    "[[threat_source]]" "threat_source" ThreatSource [ThreatSourceId as ThreatSource] common => "Who could attack." {
        "description" description: Option<String> => "What it is.";
        "tier" tier: Option<u8> => "Tier, 1 to 4.";
        "skills" skills: Option<String> => "Skills.";
        "resources" resources: Option<String> => "Resources.";
        "motivation" motivation: Option<String> => "Motivation.";
        "attempts_per_year" attempts_per_year: Option<f64>, in NOT_NEGATIVE => "Attempts per year.";
        "entry_zones" entry_zones: Vec<ZoneId>, says ("enters by", "") => "Zones where its attempts begin.";
    }

    #[clause = "62443-3-2, ZCR 5"]
    "[[scenario]]" "scenario" Scenario [ScenarioId as Scenario] common => "Threat source × route × vulnerability × consequence." {
        "threat_source" threat_source: Option<ThreatSourceId> => "Who.";
        "route" route: Vec<ConduitId>, says ("takes", "") => "Over which conduits, in order.";
        "target" target: Option<ZoneId>, says ("aims at", "") => "Zone it aims at.";
        "vulnerability" vulnerability: Option<String> => "Which weakness it uses.";
        "techniques" techniques: Vec<String> => "Techniques of ATT&CK for ICS.";
        "consequences" consequences: Vec<ConsequenceId>, says ("leads to", "") => "What follows.";
        "unmitigated_likelihood" unmitigated_likelihood: Option<String> => "Likelihood without countermeasures, in the matrix's words.";
        "residual_likelihood" residual_likelihood: Option<String> => "Likelihood with those in place, in the matrix's words.";
        "countermeasures" countermeasures: Vec<CountermeasureId> => "Countermeasures that bear on it.";
        "frequency_per_year" frequency_per_year: Option<f64>, in NOT_NEGATIVE => "Events per year, if stated.";
        "accepted_by" accepted_by: Option<RoleId> => "The role that accepts the residual risk.";
        "review" review: Option<Date> => "When that is looked at again.";
    }

    #[clause = "62443-3-2, ZCR 5.3"]
    "[[consequence]]" "consequence" Consequence [ConsequenceId as Consequence] common => "What a compromise could cause." {
        "category" category: Option<String>
            => "Category: `safety`, `environment`, `production`, `equipment`, `liability`, `quality`, `reputation`, or the plant's own.";
        "zones" zones: Vec<ZoneId> => "Zones whose compromise causes it.";
        "functions" functions: Vec<FunctionId> => "Essential functions lost.";
        "severity" severity: Option<String> => "Severity, in the matrix's words.";
        "loss_range" loss_range: Option<(f64, f64)>, in NOT_NEGATIVE => "Loss, low and high end of a 90 % range, in the plant's currency.";
        "downtime_days" downtime_days: Option<(f64, f64)>, in NOT_NEGATIVE => "Days of downtime, low and high end of a 90 % range.";
        "cost_per_day" cost_per_day: Option<f64>, in NOT_NEGATIVE => "Cost of a day of downtime, in the plant's currency.";
        "source" source: Option<String> => "Where the amounts come from.";
    }

    "[[hazard]]" "hazard" Hazard [HazardId as Hazard] common => "A row of a HAZOP or LOPA." {
        "description" description: Option<String> => "What can happen.";
        "severity" severity: Option<String> => "Severity, in the matrix's words.";
        "tolerable_frequency" tolerable_frequency: Option<f64>, in NOT_NEGATIVE => "Tolerable frequency per year.";
        "safeguards" safeguards: Vec<String> => "Safeguards, in words.";
        "defeatable" defeatable: Vec<String> => "Those safeguards that an attacker could defeat.";
        "zones" zones: Vec<ZoneId>, says ("bears on", "") => "Zones it bears on.";
        "consequence" consequence: Option<ConsequenceId>, says ("leads to", "") => "The consequence it leads to.";
    }

    "[[test]]" "test" Test [TestId as Test] common => "A test of a requirement, with its result." {
        "requirement" requirement: Option<RequirementId> => "Requirement it shows.";
        "subject" subject: Option<SubjectRef>, says ("is about", "") => "Where: `plant`, or the id of a zone, conduit, asset, product or group.";
        "stage" stage: Option<TestStage> => "Which acceptance.";
        "procedure" procedure: Option<String> => "What is done.";
        "expected_result" expected_result: Option<String> => "What must come out.";
        "result" result: Option<TestResult> => "What came out.";
        "date" date: Option<Date> => "When.";
        "by" by: Option<RoleId> => "The role that tested.";
        "evidence" evidence: Vec<EvidenceId>, says ("rests on", "") => "What shows it.";
    }

    #[clause = "62443-3-2, ZCR 7"]
    "[[approval]]" "approval" Approval [ApprovalId as Approval] common => "Who approved what, bound to a hash of it." {
        "what" what: String => "What was approved: `crs`, the id of a zone or conduit, or a document.";
        "hash" hash: String => "Hash of what was approved: `blake3:…`.";
        "by" by: RoleId => "The role that approved.";
        "date" date: Date => "When.";
    }

    #[clause = "62443-1-5"]
    "[[profile]]" "profile" Profile [ProfileId as Profile] common => "An adopted security profile." {
        "source" source: Option<String> => "Its file, relative to the workspace, or its published name.";
        "version" version: Option<String> => "Its version.";
        "applies_to" applies_to: Vec<SubjectRef>, says ("applies to", "") => "Where it applies.";
        "left_out" left_out: BTreeMap<RequirementId, String> => "Requirements left out, with the reason: `{ \"SR 1.6\" = \"no wireless\" }`.";
    }

    "[[waiver]]" "waiver" Waiver [WaiverId as Waiver] common => "Findings accepted until a date." {
        "findings" findings: Vec<String> => "Ids of findings: `F-…`.";
        "rule" rule: Option<String> => "Or all findings of this rule …";
        "subject" subject: Option<String> => "… about this subject's id.";
        "rationale" rationale: Option<String> => "Why.";
        "by" by: Option<RoleId> => "The role that accepts.";
        "until" until: Date, says ("names", "a waiver without an end would hide a finding for ever") => "Last day it holds.";
    }
}

parts! { EssentialFunction Role OutageWindow RiskMatrix Permit Facing }
