//! The reference part: conduits with their permits, zones, assets, and every path.

use super::findings::{configured, declared, observed};
use super::parts::{end, esc, or_none, prose, spoken, verdict, when, zone};
use crate::input::ReportInput;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use zonewright_assess::verification::{Path, PathName, RuleUse};
use zonewright_catalog::Fr;
use zonewright_plant::model::{Asset, Conduit, Permit, PortRange, Protection, SlTarget, Zone};

/// Most rows of a table; what is left out is counted below it.
pub const ROWS_SHOWN_MAX: usize = 1000;

fn left_out(page: &mut String, all: usize, what: &str) {
    if all > ROWS_SHOWN_MAX {
        let _ = writeln!(
            page,
            "<p class=\"soft\">{} more {what} are not shown here; the JSON output and the model list all.</p>",
            words::thousands((all - ROWS_SHOWN_MAX) as u64)
        );
    }
}

/// Section "Conduits and permits".
pub(super) fn conduits(page: &mut String, input: &ReportInput<'_>) {
    page.push_str("<section id=\"conduits\">\n<h2>Conduits and their permits</h2>\n");
    if input.plant.conduits.is_empty() {
        page.push_str("<p>The model has no conduit.</p>\n</section>\n");
        return;
    }
    let mut by_permit: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    let mut by_conduit: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for path in &input.verification.paths {
        match (&path.permit, &path.conduit) {
            (Some(permit), _) => by_permit.entry(permit.as_str()).or_default().push(path),
            (None, Some(conduit)) => by_conduit.entry(conduit.as_str()).or_default().push(path),
            (None, None) => {}
        }
    }
    page.push_str(
        "<div class=\"scroll\"><table><thead><tr><th>Permit</th><th>From</th><th>To</th><th>What</th><th>What for</th><th>Expected</th><th>Verdict</th></tr></thead>\n",
    );
    for conduit in input.plant.conduits.values().take(ROWS_SHOWN_MAX) {
        page.push_str("<tbody>\n");
        conduit_row(page, input, conduit);
        for permit in &conduit.permits {
            permit_row(page, permit, by_permit.get(permit.id.as_str()).map_or(&[], Vec::as_slice));
        }
        let others: Vec<&&Path> = by_conduit
            .get(conduit.id.as_str())
            .into_iter()
            .flatten()
            .filter(|p| p.name != PathName::Enforced)
            .collect();
        for path in others.iter().take(20) {
            let _ = writeln!(
                page,
                "<tr><td class=\"soft\">none</td><td>{}</td><td>{}</td><td>{}</td><td class=\"soft\">{}</td><td></td><td>{}</td></tr>",
                esc(&path.from),
                esc(&path.to),
                spoken(path),
                path.declared.as_str(),
                verdict(path.name)
            );
        }
        if others.len() > 20 {
            let _ = writeln!(
                page,
                "<tr><td colspan=\"7\" class=\"soft\">and {} more without a permit</td></tr>",
                others.len() - 20
            );
        }
        page.push_str("</tbody>\n");
    }
    page.push_str("</table></div>\n");
    left_out(page, input.plant.conduits.len(), "conduits");
    page.push_str("</section>\n");
}

fn conduit_row(page: &mut String, input: &ReportInput<'_>, conduit: &Conduit) {
    let zones: Vec<String> =
        conduit.zones.iter().map(|z| words::zone_name(input.plant, z.as_str()).to_string()).collect();
    let asks: Vec<&str> = [
        ("authentication", conduit.authentication),
        ("encryption", conduit.encryption),
        ("monitoring", conduit.monitoring),
    ]
    .into_iter()
    .filter(|(_, protection)| *protection == Protection::Required)
    .map(|(name, _)| name)
    .collect();
    let mut said = vec![format!("joins {}", words::and_list(&zones))];
    said.extend(conduit.medium.map(|m| format!("over {}", words::medium(m))));
    if !asks.is_empty() {
        said.push(format!("asks for {}", asks.join(", ")));
    }
    let devices: Vec<&str> = conduit.enforced_by.iter().map(|a| a.as_str()).collect();
    said.push(if devices.is_empty() {
        "no enforcing device".into()
    } else {
        format!("enforced by {}", devices.join(", "))
    });
    if conduit.sl_t != SlTarget::None {
        said.push(format!("SL-T {}", words::sl_target(&conduit.sl_t)));
    }
    if conduit.common.proposed {
        said.push("proposed, not accepted".into());
    }
    let name = words::name_of(&conduit.common, conduit.id.as_str());
    let name = if name == conduit.id.as_str() { String::new() } else { format!(" {}", esc(name)) };
    let _ = writeln!(
        page,
        "<tr class=\"group\"><th colspan=\"7\"><strong>{}</strong>{name} <span class=\"sub\">{}</span></th></tr>",
        esc(conduit.id.as_str()),
        esc(&said.join("; "))
    );
    if conduit.permits.is_empty() {
        page.push_str("<tr><td colspan=\"7\" class=\"soft\">permits nothing</td></tr>\n");
    }
}

fn permit_row(page: &mut String, permit: &Permit, paths: &[&Path]) {
    let ends = |ends: &[zonewright_plant::model::Endpoint]| {
        ends.iter().map(|e| esc(&e.to_string())).collect::<Vec<_>>().join("<br>")
    };
    let names: BTreeSet<usize> = paths.iter().map(|p| words::rank(p.name)).collect();
    let verdicts: Vec<String> =
        names.into_iter().filter_map(|r| PathName::ALL.get(r)).map(|n| verdict(*n)).collect();
    let verdicts = if verdicts.is_empty() {
        "<span class=\"soft\">nothing compared</span>".into()
    } else {
        verdicts.join("<br>")
    };
    let until = permit.until.map(|d| format!("<span class=\"sub\">until {d}</span>")).unwrap_or_default();
    let owner = permit
        .owner
        .as_ref()
        .map(|o| format!("<span class=\"sub\">{}</span>", esc(o.as_str())))
        .unwrap_or_default();
    let _ = writeln!(
        page,
        "<tr><td class=\"nowrap\">{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}{owner}</td><td>{}{until}</td><td>{verdicts}</td></tr>",
        esc(permit.id.as_str()),
        ends(&permit.from),
        ends(&permit.to),
        permitted(permit),
        permit.purpose.as_deref().map_or_else(|| "<span class=\"soft\">not stated</span>".to_string(), prose),
        or_none(permit.expected.map(|r| r.as_str())),
    );
}

/// What a permit allows.
fn permitted(permit: &Permit) -> String {
    let port = |p: &PortRange| {
        if p.first == p.last { p.first.to_string() } else { format!("{}-{}", p.first, p.last) }
    };
    let ports: Vec<String> = permit.ports.iter().map(port).collect();
    let service = if ports.is_empty() {
        permit.protocol.clone()
    } else {
        format!("{} {}", permit.protocol, ports.join(", "))
    };
    let functions: Vec<&str> = permit.classes.iter().chain(&permit.functions).map(String::as_str).collect();
    let functions = if functions.is_empty() { "every function".into() } else { functions.join(", ") };
    format!("{}<span class=\"sub\">{}</span>", esc(&service), esc(&functions))
}

/// Section "Zones".
pub(super) fn zones(page: &mut String, input: &ReportInput<'_>) {
    page.push_str("<section id=\"zones\">\n<h2>Zones</h2>\n");
    if input.plant.zones.is_empty() {
        page.push_str("<p>The model has no zone.</p>\n</section>\n");
        return;
    }
    page.push_str("<div class=\"scroll\"><table><thead><tr><th>Zone</th><th>Type</th><th>Standing</th><th>Networks</th>");
    for fr in Fr::ALL {
        let _ = write!(page, "<th class=\"level\">{fr}</th>");
    }
    page.push_str(
        "<th class=\"number\">Assets</th><th class=\"number\">Findings</th></tr></thead>\n<tbody>\n",
    );
    let mut assets: BTreeMap<&str, usize> = BTreeMap::new();
    for id in input.plant.assets.values().filter_map(|a| a.zone.as_ref()) {
        *assets.entry(id.as_str()).or_default() += 1;
    }
    let findings = findings_by_zone(input);
    for zone in input.plant.zones.values().take(ROWS_SHOWN_MAX) {
        let id = zone.id.as_str();
        let count = |of: &BTreeMap<&str, usize>| of.get(id).copied().unwrap_or(0);
        zone_row(page, input, zone, (count(&assets), count(&findings)));
    }
    page.push_str("</tbody></table></div>\n<p class=\"soft small\">The seven columns are the target security level (SL-T) per foundational requirement; a dash means that none is stated. Findings are those about the zone, its assets and the paths that begin or end in it.</p>\n");
    left_out(page, input.plant.zones.len(), "zones");
    page.push_str("</section>\n");
}

/// How many findings stand about each zone, its assets, and the paths that touch it.
fn findings_by_zone<'a>(input: &ReportInput<'a>) -> BTreeMap<&'a str, usize> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in input.verification.findings.iter().filter(|f| f.waiver.is_none()) {
        let id = finding.subject.id.as_str();
        let touched: BTreeSet<&str> = match finding.subject.kind {
            "zone" => BTreeSet::from([id]),
            "path" => id.split_once('>').map(|(a, b)| BTreeSet::from([a, b])).unwrap_or_default(),
            "asset" => input
                .plant
                .assets
                .get(&id.into())
                .and_then(|a| a.zone.as_ref())
                .map(|z| BTreeSet::from([z.as_str()]))
                .unwrap_or_default(),
            _ => BTreeSet::new(),
        };
        for zone in touched {
            *counts.entry(zone).or_default() += 1;
        }
    }
    counts
}

fn zone_row(page: &mut String, input: &ReportInput<'_>, zone: &Zone, (assets, findings): (usize, usize)) {
    let id = zone.id.as_str();
    let name = words::name_of(&zone.common, id);
    let named = if name == id { String::new() } else { format!("<span class=\"sub\">{}</span>", esc(id)) };
    let within = zone
        .parent
        .as_ref()
        .map(|p| {
            format!("<span class=\"sub\">within {}</span>", esc(words::zone_name(input.plant, p.as_str())))
        })
        .unwrap_or_default();
    let networks: Vec<String> = zone
        .networks
        .iter()
        .take(8)
        .map(|n| {
            format!(
                "{}{}",
                n.network,
                n.vlan.map(|v| format!(" <span class=\"soft\">VLAN {v}</span>")).unwrap_or_default()
            )
        })
        .collect();
    let more = if zone.networks.len() > 8 {
        format!("<br>and {} more", zone.networks.len() - 8)
    } else {
        String::new()
    };
    let levels = match &zone.sl_t {
        SlTarget::None => "<td class=\"level soft\" colspan=\"7\">none stated</td>".to_string(),
        SlTarget::DeriveFromRisk => {
            "<td class=\"level soft\" colspan=\"7\">derive from risk</td>".to_string()
        }
        SlTarget::Stated(vector) => Fr::ALL
            .into_iter()
            .map(|fr| {
                format!(
                    "<td class=\"level\">{}</td>",
                    vector.level(fr).map_or("–".to_string(), |l| l.number().to_string())
                )
            })
            .collect(),
    };
    let _ = writeln!(
        page,
        "<tr><th>{}{named}</th><td>{}</td><td>{}, {}{within}</td><td class=\"nowrap\">{}{more}</td>{levels}<td class=\"number\">{}</td><td class=\"number\">{findings}</td></tr>",
        esc(name),
        or_none(zone.zone_type.map(words::zone_type).as_deref()),
        if zone.inside { "inside" } else { "outside" },
        if zone.trusted { "trusted" } else { "untrusted" },
        networks.join("<br>"),
        words::thousands(assets as u64),
    );
}

/// Section "Assets": declared beside observed.
pub(super) fn assets(page: &mut String, input: &ReportInput<'_>) {
    page.push_str("<section id=\"assets\">\n<h2>Assets</h2>\n");
    if input.plant.assets.is_empty() {
        page.push_str("<p>The model has no asset.</p>\n</section>\n");
        return;
    }
    let seen = if input.seen.is_empty() { "" } else { "<th>Observed</th>" };
    let _ = writeln!(
        page,
        "<div class=\"scroll\"><table><thead><tr><th>Asset</th><th>Kind</th><th>Zone</th><th>Product (declared)</th><th>Addresses (declared)</th>{seen}</tr></thead>\n<tbody>"
    );
    for asset in input.plant.assets.values().take(ROWS_SHOWN_MAX) {
        asset_row(page, input, asset);
    }
    page.push_str("</tbody></table></div>\n");
    left_out(page, input.plant.assets.len(), "assets");
    page.push_str("</section>\n");
}

fn asset_row(page: &mut String, input: &ReportInput<'_>, asset: &Asset) {
    let id = asset.id.as_str();
    let name = words::name_of(&asset.common, id);
    let named = if name == id { String::new() } else { format!("<span class=\"sub\">{}</span>", esc(id)) };
    let place = match (&asset.zone, &asset.conduit) {
        (Some(z), _) => zone(input, z.as_str()),
        (None, Some(c)) => format!("conduit {}", esc(c.as_str())),
        (None, None) => "<span class=\"soft\">none</span>".into(),
    };
    let product: Vec<&str> =
        [&asset.vendor, &asset.model, &asset.version].into_iter().flatten().map(String::as_str).collect();
    let addresses: Vec<String> = asset
        .ips
        .iter()
        .map(|a| a.ip.to_string())
        .chain(asset.macs.iter().map(ToString::to_string))
        .collect();
    let _ = write!(
        page,
        "<tr><th>{}{named}</th><td>{}</td><td>{place}</td><td>{}</td><td class=\"nowrap\">{}</td>",
        esc(name),
        or_none(asset.kind.map(words::asset_kind).as_deref()),
        or_none(Some(product.join(" ")).as_deref()),
        addresses.iter().map(|a| esc(a)).collect::<Vec<_>>().join("<br>"),
    );
    if !input.seen.is_empty() {
        let _ = write!(page, "<td>{}</td>", seen(input, asset));
    }
    page.push_str("</tr>\n");
}

fn seen(input: &ReportInput<'_>, asset: &Asset) -> String {
    let Some(seen) = input.seen.get(&asset.id) else { return "<span class=\"soft\">not seen</span>".into() };
    let mut lines: Vec<String> = seen.identity.iter().map(|i| esc(i)).collect();
    lines.extend((!seen.roles.is_empty()).then(|| esc(&seen.roles.join(", "))));
    lines.extend(
        (!seen.addresses.is_empty())
            .then(|| format!("<span class=\"soft\">{}</span>", esc(&seen.addresses.join(", ")))),
    );
    lines.extend(seen.last_seen.map(|t| format!("<span class=\"soft\">last seen {}</span>", when(t))));
    if lines.is_empty() { "seen".into() } else { lines.join("<br>") }
}

/// Section "All paths".
/// Rule, permit and traffic side by side.
pub(super) fn rules(page: &mut String, input: &ReportInput<'_>) {
    let mut rules: Vec<&RuleUse> = input.verification.rules.iter().collect();
    if rules.is_empty() {
        return;
    }
    let without = rules.iter().filter(|rule| rule.proposal().is_some()).count();
    // What is to be done comes first; the order of the configuration stays within.
    rules.sort_by_key(|rule| rule.proposal().is_none());
    let _ = writeln!(
        page,
        "<section id=\"rules\">\n<h2>Rules of the devices</h2>\n<p>{} let new connections through; {} no permit.</p>\n<details class=\"plain appendix\"><summary>Which rule serves which permit, and when something last passed by it</summary>",
        words::count(rules.len(), "rule", "rules"),
        if without == 1 { "1 serves".to_owned() } else { format!("{without} serve") },
    );
    page.push_str("<div class=\"scroll\"><table><thead><tr><th>Rule</th><th>Serves</th><th>Last seen</th><th>Proposal</th></tr></thead>\n<tbody>\n");
    for rule in rules.iter().take(ROWS_SHOWN_MAX) {
        let permits: Vec<&str> = rule.permits.iter().map(|id| id.as_str()).collect();
        let device = rule.device.as_ref().map_or(rule.evidence.as_str(), |id| id.as_str());
        let name = rule.rule.comment.as_ref().map_or(String::new(), |name| format!(" “{}”", esc(name)));
        let _ = writeln!(
            page,
            "<tr><td>{}, {}, line {}{name}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            esc(device),
            esc(&rule.rule.chain),
            rule.rule.place.line,
            if permits.is_empty() { "no permit".to_owned() } else { esc(&permits.join(", ")) },
            rule.last_seen.map_or("not seen".to_owned(), when),
            rule.proposal().unwrap_or("keep it")
        );
    }
    page.push_str("</tbody></table></div>\n");
    left_out(page, rules.len(), "rules");
    page.push_str("</details>\n</section>\n");
}

pub(super) fn paths(page: &mut String, input: &ReportInput<'_>) {
    let paths = &input.verification.paths;
    let _ = writeln!(
        page,
        "<section id=\"paths\">\n<h2>All paths compared</h2>\n<details class=\"plain appendix\"><summary>{}</summary>",
        words::count(paths.len(), "path", "paths")
    );
    page.push_str("<div class=\"scroll\"><table><thead><tr><th>From</th><th>To</th><th>What</th><th>Declared</th><th>Configured</th><th>Observed</th><th>Together</th></tr></thead>\n<tbody>\n");
    for path in paths.iter().take(ROWS_SHOWN_MAX) {
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            end(input, &path.from_zone, &path.from),
            end(input, &path.to_zone, &path.to),
            spoken(path),
            declared(path),
            configured(path),
            observed(path),
            verdict(path.name)
        );
    }
    page.push_str("</tbody></table></div>\n");
    left_out(page, paths.len(), "paths");
    page.push_str("</details>\n</section>\n");
}
