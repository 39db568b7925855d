//! What a diagram shows: boxes for zones, links for conduits and for undeclared paths. Knows no coordinates.

use crate::words::{self, Tone, UNKNOWN_ZONE};
use std::collections::{BTreeMap, BTreeSet};
use zonewright_assess::verification::{Path, PathName, Verification};
use zonewright_plant::Plant;
use zonewright_plant::id::ZoneId;
use zonewright_plant::model::{Zone, ZoneType};
use zonewright_source::Severity;

/// Most links that are drawn; those left out are the least grave, and the picture says how many.
pub const LINKS_DRAWN_MAX: usize = 120;
/// Most zones that are drawn, zones with links first; the picture says how many are left out.
pub const ZONES_DRAWN_MAX: usize = 80;
/// Deepest nesting that is drawn; deeper zones stand beside their ancestor of this depth.
pub const DEPTH_MAX: usize = 4;
/// Gravest links that the description names.
const GRAVE_NAMED: usize = 6;
/// Kinds of assets that a box names.
const KINDS_NAMED: usize = 4;

/// All that is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// What the picture is of.
    pub title: String,
    /// The picture in a sentence, for those who do not see it.
    pub description: String,
    /// Zones, ordered by id, parents and children alike.
    pub boxes: Vec<SceneBox>,
    /// Conduits by id, then undeclared paths.
    pub links: Vec<SceneLink>,
    /// What was left out, in words.
    pub left_out: Option<String>,
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneBox {
    /// The zone's id; `?` for the endpoints of no zone.
    pub key: String,
    /// Index of the box around it.
    // INVARIANT: following parents ends, after at most `DEPTH_MAX` steps.
    pub parent: Option<usize>,
    /// Row of the picture it belongs to, 0 on top.
    pub layer: u8,
    /// Its name.
    pub name: String,
    /// Lines below the name.
    pub lines: Vec<String>,
    /// What the findings about it are, in words, with their gravest tone.
    pub findings: Option<(String, Tone)>,
    /// Is it inside the system under consideration?
    pub inside: bool,
    /// Is it trusted?
    pub trusted: bool,
    /// All of it in one text.
    pub tooltip: String,
}

/// A conduit, or the undeclared paths between two zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SceneLink {
    /// The conduit's id; `A>B` for undeclared paths.
    pub key: String,
    /// Boxes it joins.
    pub ends: Vec<usize>,
    /// Boxes that undeclared paths end in, where an arrow points.
    pub arrows: Vec<usize>,
    /// Is it a conduit of the model?
    pub declared: bool,
    /// The gravest of its verdicts.
    pub tone: Tone,
    /// First line of its label.
    pub head: String,
    /// Second line of its label: the verdict in words.
    pub verdict: String,
    /// All of it in one text.
    pub tooltip: String,
}

/// The scene of a plant and its verification.
#[must_use]
pub fn scene(plant: &Plant, verification: &Verification) -> Scene {
    let mut links = conduit_links(plant, verification);
    links.extend(undeclared_links(plant, verification));
    let (links, links_left) = gravest(links);
    let (keys, zones_left) = drawn_zones(plant, &links);
    let index: BTreeMap<&str, usize> = keys.iter().enumerate().map(|(i, k)| (k.as_str(), i)).collect();
    let boxes: Vec<SceneBox> = keys.iter().map(|key| scene_box(plant, verification, key, &index)).collect();
    let links: Vec<SceneLink> = links.into_iter().filter_map(|draft| draft.resolve(&index)).collect();
    let left: Vec<String> = [
        (links_left > 0).then(|| {
            words::count(links_left, "line of the least grave kind", "lines of the least grave kind")
        }),
        (zones_left > 0).then(|| words::count(zones_left, "zone", "zones")),
    ]
    .into_iter()
    .flatten()
    .collect();
    Scene {
        title: format!("Zones and conduits of {}", plant_name(plant, verification)),
        description: description(&boxes, &links),
        left_out: (!left.is_empty())
            .then(|| format!("Not drawn: {}. The tables list all.", words::and_list(&left))),
        boxes,
        links,
    }
}

fn plant_name<'a>(plant: &'a Plant, verification: &'a Verification) -> &'a str {
    plant.system.as_ref().map_or(verification.plant.as_str(), |s| words::name_of(&s.common, &s.id))
}

fn description(boxes: &[SceneBox], links: &[SceneLink]) -> String {
    let declared = links.iter().filter(|l| l.declared).count();
    let zones = boxes.iter().filter(|b| b.key != UNKNOWN_ZONE).count();
    let mut parts = vec![words::count(zones, "zone", "zones"), words::count(declared, "conduit", "conduits")];
    if links.len() > declared {
        parts.push(words::count(links.len() - declared, "undeclared connection", "undeclared connections"));
    }
    let mut grave: Vec<String> = links
        .iter()
        .filter(|l| l.tone == Tone::Grave)
        .map(|l| if l.declared { format!("{}: {}", l.head, l.verdict) } else { l.tooltip.clone() })
        .collect();
    let more = grave.len().saturating_sub(GRAVE_NAMED);
    grave.truncate(GRAVE_NAMED);
    if more > 0 {
        grave.push(format!("and {more} more"));
    }
    match grave.as_slice() {
        [] => format!("{}.", words::and_list(&parts)),
        grave => format!("{}. Gravest: {}.", words::and_list(&parts), grave.join("; ")),
    }
}

/// A link whose ends are still ids.
struct Draft {
    link: SceneLink,
    zones: BTreeSet<String>,
    arrows: BTreeSet<String>,
    rank: usize,
}

impl Draft {
    fn resolve(self, index: &BTreeMap<&str, usize>) -> Option<SceneLink> {
        let find =
            |ids: &BTreeSet<String>| ids.iter().filter_map(|id| index.get(id.as_str()).copied()).collect();
        let ends: Vec<usize> = find(&self.zones);
        (!ends.is_empty()).then(|| SceneLink { ends, arrows: find(&self.arrows), ..self.link })
    }
}

/// The links that are drawn, in their own order, and how many are not.
fn gravest(drafts: Vec<Draft>) -> (Vec<Draft>, usize) {
    let left = drafts.len().saturating_sub(LINKS_DRAWN_MAX);
    if left == 0 {
        return (drafts, 0);
    }
    let mut numbered: Vec<(usize, Draft)> = drafts.into_iter().enumerate().collect();
    numbered.sort_by_key(|(i, draft)| (draft.rank, *i));
    numbered.truncate(LINKS_DRAWN_MAX);
    numbered.sort_by_key(|(i, _)| *i);
    (numbered.into_iter().map(|(_, draft)| draft).collect(), left)
}

/// The zones that are drawn, sorted: those with links and their ancestors first, then by id.
fn drawn_zones(plant: &Plant, links: &[Draft]) -> (Vec<String>, usize) {
    let mut drawn: BTreeSet<String> = BTreeSet::new();
    let linked = links.iter().flat_map(|l| l.zones.iter().cloned());
    let rest = plant.zones.keys().map(|id| id.as_str().to_string());
    for id in linked.chain(rest) {
        let family: Vec<String> = std::iter::once(id.clone()).chain(ancestors(plant, &id)).collect();
        let new = family.iter().filter(|id| !drawn.contains(*id)).count();
        if drawn.len() + new <= ZONES_DRAWN_MAX {
            drawn.extend(family);
        }
    }
    let left = plant.zones.keys().filter(|id| !drawn.contains(id.as_str())).count();
    (drawn.into_iter().collect(), left)
}

/// Ids of the zones around a zone, the nearest first. Stops at a cycle, which the model's own check reports.
fn ancestors(plant: &Plant, id: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut at = plant.zones.get(&ZoneId::from(id)).and_then(|z| z.parent.as_ref());
    while let Some(parent) = at {
        if parent.as_str() == id
            || found.iter().any(|f| f == parent.as_str())
            || found.len() > plant.zones.len()
        {
            return Vec::new();
        }
        found.push(parent.as_str().to_string());
        at = plant.zones.get(parent).and_then(|z| z.parent.as_ref());
    }
    found
}

fn conduit_links(plant: &Plant, verification: &Verification) -> Vec<Draft> {
    let mut paths: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for path in &verification.paths {
        if let Some(conduit) = &path.conduit {
            paths.entry(conduit.as_str()).or_default().push(path);
        }
    }
    let none = Vec::new();
    let draft = |(id, conduit): (&zonewright_plant::id::ConduitId, &zonewright_plant::model::Conduit)| {
        let paths = paths.get(id.as_str()).unwrap_or(&none);
        let verdict = verdict(paths.iter().map(|p| p.name));
        let name = words::name_of(&conduit.common, id.as_str());
        let proposed = if conduit.common.proposed { " (proposed)" } else { "" };
        let head = format!("{id}{proposed}");
        let joined: Vec<String> =
            conduit.zones.iter().map(|z| words::zone_name(plant, z.as_str()).to_string()).collect();
        let tooltip = format!("{head} {name} joins {}: {}", words::and_list(&joined), verdict.all);
        Draft {
            zones: conduit.zones.iter().map(|z| z.as_str().to_string()).collect(),
            arrows: BTreeSet::new(),
            rank: verdict.rank,
            link: SceneLink {
                key: id.to_string(),
                ends: vec![],
                arrows: vec![],
                declared: true,
                tone: verdict.tone,
                head,
                verdict: verdict.short,
                tooltip,
            },
        }
    };
    plant.conduits.iter().map(draft).collect()
}

/// One link for each pair of zones that paths join and no conduit does.
fn undeclared_links(plant: &Plant, verification: &Verification) -> Vec<Draft> {
    let mut pairs: BTreeMap<(String, String), Vec<&Path>> = BTreeMap::new();
    for path in &verification.paths {
        let joined = path.conduit.as_ref().is_some_and(|c| plant.conduits.contains_key(c));
        let between = path.from_zone != path.to_zone;
        if joined || !between || matches!(path.name, PathName::Enforced | PathName::WithinZone) {
            continue;
        }
        let (from, to) = (end_key(plant, &path.from_zone), end_key(plant, &path.to_zone));
        if from != to {
            let key = if from < to { (from, to) } else { (to, from) };
            pairs.entry(key).or_default().push(path);
        }
    }
    pairs.into_iter().map(|((a, b), paths)| undeclared_link(plant, a, b, &paths)).collect()
}

fn undeclared_link(plant: &Plant, a: String, b: String, paths: &[&Path]) -> Draft {
    let verdict = verdict(paths.iter().map(|p| p.name));
    let arrows = paths.iter().map(|p| end_key(plant, &p.to_zone)).collect();
    let tooltip = format!(
        "no conduit joins {} and {}: {}",
        words::zone_name(plant, &a),
        words::zone_name(plant, &b),
        verdict.all
    );
    Draft {
        rank: verdict.rank,
        arrows,
        link: SceneLink {
            key: format!("{a}>{b}"),
            ends: vec![],
            arrows: vec![],
            declared: false,
            tone: verdict.tone,
            head: "no conduit".into(),
            verdict: verdict.short,
            tooltip,
        },
        zones: BTreeSet::from([a, b]),
    }
}

/// The zone's id if the model has it, `?` otherwise.
fn end_key(plant: &Plant, zone: &str) -> String {
    if plant.zones.contains_key(&ZoneId::from(zone)) { zone.to_string() } else { UNKNOWN_ZONE.to_string() }
}

/// What the names of several paths say together.
struct Verdict {
    tone: Tone,
    rank: usize,
    short: String,
    all: String,
}

fn verdict(names: impl Iterator<Item = PathName>) -> Verdict {
    let mut counts: BTreeMap<usize, (PathName, usize)> = BTreeMap::new();
    for name in names {
        counts.entry(words::rank(name)).or_insert((name, 0)).1 += 1;
    }
    let said: Vec<String> = counts.values().map(|(name, n)| format!("{n} {}", name.as_str())).collect();
    let against_plan = |name: PathName| matches!(Tone::of(name), Tone::Grave | Tone::Attend | Tone::Ask);
    let more: usize = counts.values().skip(1).filter(|(name, _)| against_plan(*name)).map(|(_, n)| n).sum();
    let more = if more > 0 { format!(" · {more} more") } else { String::new() };
    match counts.iter().next() {
        Some((rank, (name, n))) => Verdict {
            tone: Tone::of(*name),
            rank: *rank,
            short: format!("{n} {}{more}", name.as_str()),
            all: words::and_list(&said),
        },
        None => Verdict {
            tone: Tone::Unknown,
            rank: usize::MAX,
            short: "nothing to compare".into(),
            all: "nothing to compare".into(),
        },
    }
}

fn scene_box(
    plant: &Plant,
    verification: &Verification,
    key: &str,
    index: &BTreeMap<&str, usize>,
) -> SceneBox {
    match plant.zones.get(&ZoneId::from(key)) {
        Some(zone) => zone_box(plant, verification, zone, index),
        None => SceneBox {
            key: key.to_string(),
            parent: None,
            layer: 0,
            name: "Unknown endpoints".into(),
            lines: vec!["addresses of no zone".into(), "untrusted".into()],
            findings: None,
            inside: false,
            trusted: false,
            tooltip: "Addresses that belong to no zone of the model; untrusted".into(),
        },
    }
}

fn zone_box(
    plant: &Plant,
    verification: &Verification,
    zone: &Zone,
    index: &BTreeMap<&str, usize>,
) -> SceneBox {
    let id = zone.id.as_str();
    let assets: BTreeSet<&str> =
        plant.assets.values().filter(|a| a.zone.as_ref() == Some(&zone.id)).map(|a| a.id.as_str()).collect();
    let mut kind_line = zone.zone_type.map_or_else(|| "type not stated".into(), words::zone_type);
    kind_line = format!("{id} · {kind_line}");
    let mut lines = vec![kind_line, format!("SL-T {}", words::sl_target(&zone.sl_t))];
    if !zone.inside || !zone.trusted {
        let place = if zone.inside { "inside" } else { "outside" };
        let trust = if zone.trusted { "trusted" } else { "untrusted" };
        lines.push(format!("{place}, {trust}"));
    }
    let kinds = kinds(plant, &zone.id);
    lines.push(match kinds.as_str() {
        "" => words::count(assets.len(), "asset", "assets"),
        kinds => format!("{}: {kinds}", words::count(assets.len(), "asset", "assets")),
    });
    if zone.common.proposed {
        lines.push("proposed, not accepted".into());
    }
    let ancestors = ancestors(plant, id);
    // A zone deeper than is drawn stands in its ancestor of the deepest level.
    let parent = ancestors.iter().rev().take(DEPTH_MAX).next_back();
    let findings = zone_findings(verification, id, &assets);
    let name = words::name_of(&zone.common, id).to_string();
    let tooltip = std::iter::once(name.clone())
        .chain(lines.iter().cloned())
        .chain(findings.iter().map(|(text, _)| text.clone()))
        .collect::<Vec<_>>()
        .join("; ");
    SceneBox {
        key: id.to_string(),
        parent: parent.and_then(|p| index.get(p.as_str()).copied()),
        layer: layer(zone),
        name,
        lines,
        findings,
        inside: zone.inside,
        trusted: zone.trusted,
        tooltip,
    }
}

fn layer(zone: &Zone) -> u8 {
    match zone.zone_type {
        Some(ZoneType::Enterprise | ZoneType::Supplier | ZoneType::Cloud) => 0,
        Some(ZoneType::Dmz | ZoneType::RemoteAccess) => 1,
        _ if !zone.inside => 0,
        Some(ZoneType::Supervisory | ZoneType::Temporary) => 2,
        Some(ZoneType::Safety) => 4,
        Some(ZoneType::Control | ZoneType::Wireless | ZoneType::Other) | None => 3,
    }
}

/// The commonest kinds of a zone's assets: `4 PLC, 2 HMI, switch`.
fn kinds(plant: &Plant, zone: &ZoneId) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for kind in plant.assets.values().filter(|a| a.zone.as_ref() == Some(zone)).filter_map(|a| a.kind) {
        *counts.entry(words::asset_kind(kind)).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let more = counts.len() > KINDS_NAMED;
    let mut named: Vec<String> = counts
        .into_iter()
        .take(KINDS_NAMED)
        .map(|(kind, n)| if n == 1 { kind } else { format!("{n} {kind}") })
        .collect();
    if more {
        named.push("…".into());
    }
    named.join(", ")
}

/// What is found about a zone and its assets, as `2 errors, 1 warning`.
fn zone_findings(verification: &Verification, zone: &str, assets: &BTreeSet<&str>) -> Option<(String, Tone)> {
    let about =
        verification.findings.iter().filter(|f| f.waiver.is_none()).filter(|f| match f.subject.kind {
            "zone" => f.subject.id == zone,
            "asset" => assets.contains(f.subject.id.as_str()),
            _ => false,
        });
    let mut by_severity = [0_usize; 3];
    for finding in about {
        let [errors, warnings, notes] = &mut by_severity;
        match finding.severity {
            Severity::Error => *errors += 1,
            Severity::Warning => *warnings += 1,
            Severity::Note => *notes += 1,
        }
    }
    let [errors, warnings, notes] = by_severity;
    let tone = if errors > 0 {
        Tone::Grave
    } else if warnings > 0 {
        Tone::Attend
    } else {
        Tone::Ask
    };
    let said: Vec<String> =
        [(errors, "error", "errors"), (warnings, "warning", "warnings"), (notes, "note", "notes")]
            .into_iter()
            .filter(|(n, ..)| *n > 0)
            .map(|(n, one, many)| words::count(n, one, many))
            .collect();
    (!said.is_empty()).then(|| (said.join(", "), tone))
}
