//! The catalogs as a person reads them in a terminal.

use super::{Lines, misread};
use crate::page::Page;
use std::collections::BTreeMap;
use zonewright_catalog::profile::Profile;
use zonewright_catalog::{
    ATTACK_NOTICE, Catalog, ComponentType, CrosswalkLine, Fr, Levels, Part, Requirement, RequirementId, Role,
    Selected, Selection,
};

/// `catalog list`: the requirements that a selection gives, grouped as their part groups them.
#[must_use]
pub fn list(catalog: &Catalog, selection: &Selection<'_>, selected: &Selected<'_>, width: usize) -> String {
    let mut out = Page::new(width);
    if let Some(profile) = selection.profile {
        profile_head(&mut out, profile);
    }
    out.hang("", &summary(selection, selected));
    let id_width = selected.requirements.iter().map(|row| row.id.to_string().len()).max().unwrap_or(0);
    let levels = selected.requirements.iter().map(|row| level_cell(selection, row).chars().count());
    let level_width = levels.max().unwrap_or(0);
    let mut group = None;
    for row in &selected.requirements {
        let of = (row.standard, row.fr, row.practice);
        if group != Some(of) {
            out.line("");
            out.hang("", &group_title(catalog, row));
            group = Some(of);
        }
        let mut head = format!("  {:id_width$}  ", row.id.to_string());
        if level_width > 0 {
            head.push_str(&format!("{:level_width$}  ", level_cell(selection, row)));
        }
        head.push_str(&format!("{}  ", sure_cell(row)));
        out.hang(&head, row.title);
    }
    if !selected.common.is_empty() {
        let ids: Vec<String> =
            selected.common.iter().map(|row| format!("{} {}", row.id, row.title)).collect();
        out.line("");
        out.hang("", &format!("Besides, at every level and counted apart: {}.", ids.join("; ")));
    }
    legend(&mut out, selection, selected);
    out.text
}

/// How many there are, of what, and how many come with each level.
fn summary(selection: &Selection<'_>, selected: &Selected<'_>) -> String {
    let count = selected.requirements.len();
    let mut text = format!("{count} {}", if count == 1 { "requirement" } else { "requirements" });
    text.push_str(&conditions(selection));
    let mut by_level: BTreeMap<u8, usize> = BTreeMap::new();
    for level in selected.requirements.iter().filter_map(|row| selection.level_of(row)) {
        *by_level.entry(level.number()).or_default() += 1;
    }
    if !by_level.is_empty() {
        let counts: Vec<String> =
            by_level.iter().map(|(level, count)| format!("{count} from SL {level}")).collect();
        text.push_str(&format!(": {}", counts.join(", ")));
        let without = count - by_level.values().sum::<usize>();
        if without > 0 {
            text.push_str(&format!(", {without} without a level"));
        }
    }
    text.push('.');
    text
}

fn conditions(selection: &Selection<'_>) -> String {
    let mut text = String::new();
    if let Some(standard) = selection.standard {
        text.push_str(&format!(" of {standard}"));
    }
    if let Some(fr) = selection.fr {
        text.push_str(&format!(" in FR {} ({fr})", fr.number()));
    }
    if let Some(component) = selection.component {
        text.push_str(&format!(" for component type {component}"));
    }
    if let Some(role) = selection.role {
        text.push_str(&format!(" that concern the {}", role_words(role)));
    }
    if selection.conduit {
        text.push_str(" that apply to conduits");
    }
    if let Some(profile) = selection.profile {
        text.push_str(&format!(" selected by profile {}", profile.id));
    }
    if let Some(level) = selection.level {
        text.push_str(&format!(", asked up to {level} (cumulative)"));
    }
    text
}

fn group_title(catalog: &Catalog, row: &Requirement) -> String {
    match row.fr {
        Some(fr) => format!("{} · {}", row.standard, fr_title(catalog, fr)),
        None => format!("{} · {}", row.standard, row.practice.unwrap_or_default()),
    }
}

fn fr_title(catalog: &Catalog, fr: Fr) -> String {
    format!("FR {} {} ({fr})", fr.number(), catalog.foundational(fr).0)
}

/// The level: one number, four for the component types, nothing where there is none.
fn level_cell(selection: &Selection<'_>, row: &Requirement) -> String {
    let number = |level: Option<zonewright_catalog::SecurityLevel>| {
        level.map_or("–".to_string(), |level| level.number().to_string())
    };
    match (row.levels, selection.component) {
        (Levels::Component(levels), None) => levels.map(number).join(" "),
        (Levels::None, _) => String::new(),
        _ => format!("SL {}", number(selection.level_of(row))),
    }
}

/// How sure the row is: how often it was cross-checked, or a word.
fn sure_cell(row: &Requirement) -> String {
    let times = row.column("crosscheck").map(|count| format!("×{count}"));
    format!("{:6}", times.or_else(|| row.column("confidence").map(str::to_string)).unwrap_or_default())
}

fn legend(out: &mut Page, selection: &Selection<'_>, selected: &Selected<'_>) {
    if selected.requirements.is_empty() {
        return;
    }
    let by_type = selection.component.is_none()
        && selected.requirements.iter().any(|row| matches!(row.levels, Levels::Component(_)));
    let mut text = String::from("A level says from where on a requirement is asked");
    if by_type {
        text.push_str("; four stand for software application, embedded device, host device, network device");
    }
    text.push_str(". ×3: cross-checked three times; high, medium, low: how sure the row is. `zonewright catalog show ID` says more.");
    out.line("");
    out.hang("", &text);
}

fn profile_head(out: &mut Page, profile: &Profile) {
    out.hang("", &format!("{} ({}, version {})", profile.name, profile.id, profile.version));
    if let Some(author) = &profile.author {
        out.hang("  by:       ", author);
    }
    out.hang("  context:  ", &profile.context);
    out.hang("  levels:   ", &format!("{} for IAC, UC, SI, DC, RDF, TRE, RA", profile.levels));
    if let Some(level) = profile.maturity_level {
        out.hang("  maturity: ", &format!("ML {level} for processes"));
    }
    for (word, reasons) in [("added:    ", &profile.added), ("left out: ", &profile.left_out)] {
        for (id, reason) in reasons {
            out.hang(&format!("  {word}"), &format!("{id}: {reason}"));
        }
    }
    out.hang("  sources:  ", &profile.sources.join("; "));
    out.line("");
}

/// `catalog show`: everything that is known of single requirements.
#[must_use]
pub fn show(catalog: &Catalog, requirements: &[&Requirement], width: usize) -> String {
    let mut out = Page::new(width);
    for (at, row) in requirements.iter().enumerate() {
        if at > 0 {
            out.line("");
        }
        requirement(&mut out, catalog, row);
    }
    out.text
}

fn requirement(out: &mut Page, catalog: &Catalog, row: &Requirement) {
    out.hang("", &format!("{} · {}", row.id, row.title));
    out.hang("  ", &format!("{}{}", group_title(catalog, row), asked(row)));
    out.line("");
    out.hang("  ", row.text);
    out.line("");
    field(out, "enhances", row.parent.as_ref().map(|id| named(catalog, id)).into_iter());
    field(out, "enhanced by", catalog.enhancements(&row.id).map(with_level));
    let roles: Vec<&str> = row.roles.iter().map(|role| role_words(*role)).collect();
    field(out, "concerns", std::iter::once(roles.join(", ")));
    if let Some(conduit) = &row.conduit {
        let whom = conduit.when.map_or("no conduit", |when| when.meaning());
        field(out, "conduits", std::iter::once(format!("{whom}. {} ({})", conduit.reason, conduit.basis)));
    }
    field(out, "components", catalog.component_requirements_for(&row.id).map(with_level));
    field(out, "serves", row.maps_to.iter().map(|id| named(catalog, id)));
    field(out, "how sure", std::iter::once(how_sure(row)));
    let told = ["confidence", "crosscheck", "role", "applies_to"];
    for (column, value) in row.provenance.iter().filter(|(column, _)| !told.contains(column)) {
        field(out, &column.replace('_', " "), std::iter::once((*value).to_string()));
    }
    let misread = misread(catalog, row).into_iter().map(|m| {
        let doubt = m.doubt.map(|doubt| format!("; {doubt}")).unwrap_or_default();
        format!("“{}” {} ({}; {}{doubt})", m.misreading, m.reading, m.source, m.confidence)
    });
    field(out, "misread", misread);
    crosswalk_of(out, catalog, row);
    attack(out, catalog, &row.id);
}

fn crosswalk_of(out: &mut Page, catalog: &Catalog, row: &Requirement) {
    let lines = Lines::of(catalog.crosswalk_of(&row.id));
    let of_parent = row.parent.as_ref().map(|parent| (parent, catalog.crosswalk_of(parent).count()));
    if let Some((parent, count @ 1..)) =
        of_parent.filter(|_| lines.published.is_empty() && lines.own.is_empty())
    {
        field(
            out,
            "crosswalk",
            std::iter::once(format!("none of its own; {count} lines start from {parent}")),
        );
    }
    field(out, "published", lines.published.into_iter().map(|line| target(catalog, line)));
    field(out, "our own", lines.own.into_iter().map(|line| target(catalog, line)));
}

/// A name with one or more entries behind it, one a line.
fn field(out: &mut Page, name: &str, entries: impl Iterator<Item = String>) {
    for (at, entry) in entries.enumerate() {
        let shown = if at == 0 && !name.is_empty() { format!("{name}:") } else { String::new() };
        out.hang(&format!("  {shown:<18}"), &entry);
    }
}

fn asked(row: &Requirement) -> String {
    match row.levels {
        Levels::System(level) => format!(", asked from {level} on"),
        Levels::Component(_) if row.is_heading() => {
            ", a heading that asks nothing of all components".to_string()
        }
        Levels::Component(_) => format!(", asked from {}", by_type(row)),
        Levels::None if row.is_common_constraint() => ", without a level: it holds at every one".to_string(),
        Levels::None => String::new(),
    }
}

fn by_type(row: &Requirement) -> String {
    let levels: Vec<String> = ComponentType::ALL
        .iter()
        .filter_map(|(word, component)| {
            Some(format!("{} on ({word})", row.levels.for_component(*component)?))
        })
        .collect();
    levels.join(", ")
}

/// An id with its level and title.
fn with_level(row: &Requirement) -> String {
    let level = match row.levels {
        Levels::System(level) => format!(" ({level})"),
        Levels::Component(_) if row.is_heading() => " (a heading)".to_string(),
        Levels::Component(_) => {
            let mut levels: Vec<u8> = ComponentType::ALL
                .iter()
                .filter_map(|(_, component)| Some(row.levels.for_component(*component)?.number()))
                .collect();
            levels.dedup();
            let levels: Vec<String> = levels.iter().map(u8::to_string).collect();
            format!(" (SL {})", levels.join(", "))
        }
        Levels::None => String::new(),
    };
    format!("{}{level} {}", row.id, row.title)
}

fn named(catalog: &Catalog, id: &RequirementId) -> String {
    catalog.requirement(id).map_or_else(|| id.to_string(), with_level)
}

fn how_sure(row: &Requirement) -> String {
    let compared = row.column("crosscheck").map(|count| format!("cross-checked {count} times"));
    let confidence = row.column("confidence").map(|word| format!("{word} confidence"));
    [compared, confidence].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn target(catalog: &Catalog, line: &CrosswalkLine) -> String {
    let title = catalog.regime_entry(line.regime, line.to).map(|entry| entry.title).unwrap_or_default();
    let note = line.note.map(|note| format!("; {note}")).unwrap_or_default();
    let source = if line.source.is_published() { line.source.as_str() } else { "proposed" };
    format!("{} {} {} ({}, {source}{note})", line.regime, line.to, title, line.relation.as_str())
}

fn attack(out: &mut Page, catalog: &Catalog, id: &RequirementId) {
    let named: Vec<_> = catalog.mitigations().iter().filter(|mitigation| mitigation.names(id)).collect();
    if named.is_empty() {
        return;
    }
    let entries = named.iter().map(|mitigation| {
        let against =
            |technique: &&zonewright_catalog::Technique| technique.mitigated_by.contains(&mitigation.id);
        let techniques: Vec<&str> = catalog.techniques().iter().filter(against).map(|t| t.id).collect();
        format!("{} {}, against {}", mitigation.id, mitigation.name, techniques.join(", "))
    });
    field(out, "ATT&CK", entries);
    field(out, "", std::iter::once(ATTACK_NOTICE.to_string()));
}

/// `catalog series`: the parts, and which of them concern a reader.
#[must_use]
pub fn series(catalog: &Catalog, parts: &[&Part], role: Option<Role>, width: usize) -> String {
    let mut out = Page::new(width);
    let whom = role.map(|role| format!(" that concern the {}", role_words(role))).unwrap_or_default();
    let published = parts.iter().filter(|part| part.is_published()).count();
    out.hang("", &format!("{} parts of the series{whom}, {published} of them published.", parts.len()));
    let mut group = "";
    for part in parts {
        if part.group != group {
            group = part.group;
            out.line("");
            out.hang("", group);
        }
        let year = part.year.map_or("–".to_string(), |year| year.to_string());
        let edition = if part.edition.is_empty() { "–" } else { part.edition };
        let head = format!("  {:4} {:4} ed. {edition:4} {year:5} ", part.part, part.kind);
        out.hang(&head, part.title);
        let behind = " ".repeat(head.chars().count());
        let roles: Vec<&str> = part.roles.iter().map(|role| role_words(*role)).collect();
        let count =
            part.standard().map(|standard| format!(" Held here: {} rows.", catalog.of(standard).count()));
        out.hang(
            &behind,
            &format!("For: {}. {}.{}", roles.join(", "), part.status, count.unwrap_or_default()),
        );
        if let Some(note) = part.note {
            out.hang(&behind, note);
        }
        for misread in catalog.misreadings().iter().filter(|misread| misread.is_about_part(part.part)) {
            out.hang(&behind, &format!("Often misread: “{}” {}", misread.misreading, misread.reading));
        }
    }
    scales(&mut out, catalog);
    out.text
}

fn scales(out: &mut Page, catalog: &Catalog) {
    let mut scale = "";
    for step in catalog.scales() {
        if step.scale != scale {
            scale = step.scale;
            out.line("");
            out.hang("", &format!("Scale: {scale}"));
        }
        out.hang(&format!("  {:12} ", step.code), &format!("{}: {}", step.name, step.text));
    }
}

/// `catalog crosswalk`: lines to other rule books, published ones first.
#[must_use]
pub fn crosswalk(catalog: &Catalog, lines: &[&CrosswalkLine], width: usize) -> String {
    let mut out = Page::new(width);
    let found = Lines::of(lines.iter().copied());
    for (title, lines) in [
        ("Published by others", &found.published),
        ("Our own judgement, proposed: published by nobody", &found.own),
    ] {
        if lines.is_empty() {
            continue;
        }
        out.hang("", &format!("{title} ({})", lines.len()));
        let from_width = lines.iter().map(|line| line.from_ref().len()).max().unwrap_or(0);
        for line in lines {
            out.hang(&format!("  {:from_width$}  ", line.from_ref()), &target(catalog, line));
        }
        out.line("");
    }
    out.hang(
        "",
        "subset: what the requirement asks lies within the entry; intersects: they overlap; supports: it helps and shows nothing by itself.",
    );
    out.text
}

fn role_words(role: Role) -> &'static str {
    match role {
        Role::AssetOwner => "asset owner",
        Role::IntegrationServiceProvider => "integration service provider",
        Role::MaintenanceServiceProvider => "maintenance service provider",
        Role::ProductSupplier => "product supplier",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zonewright_catalog::Standard;

    #[test]
    fn a_requirement_says_all_that_is_known_of_it() {
        let catalog = Catalog::builtin();
        let rows: Vec<&Requirement> = ["SR 1.1 RE(2)", "HDR 3.2", "CCSC 2", "SP.01.01 RE(1)"]
            .iter()
            .filter_map(|id| catalog.requirement(&id.parse().ok()?))
            .collect();
        insta::assert_snapshot!(show(catalog, &rows, 100));
    }

    #[test]
    fn a_list_says_what_it_counts() {
        let catalog = Catalog::builtin();
        let selection = Selection {
            standard: Some(Standard::Iec62443_3_3),
            fr: Some(Fr::Rdf),
            level: zonewright_catalog::SecurityLevel::new(2),
            ..Selection::default()
        };
        insta::assert_snapshot!(list(catalog, &selection, &catalog.select(&selection), 100));
    }

    #[test]
    fn every_line_keeps_to_the_width() {
        let catalog = Catalog::builtin();
        let all = catalog.select(&Selection::default());
        let parts: Vec<&Part> = catalog.parts().iter().collect();
        let lines: Vec<&CrosswalkLine> = catalog.crosswalk().iter().collect();
        let texts = [
            list(catalog, &Selection::default(), &all, 80),
            show(catalog, &all.requirements, 80),
            series(catalog, &parts, None, 80),
            crosswalk(catalog, &lines, 80),
        ];
        for line in texts.iter().flat_map(|text| text.lines()) {
            // A word that is longer than its column stands alone on its line.
            assert!(line.chars().count() <= 80 || line.split_whitespace().count() == 1, "{line}");
        }
    }
}
