//! Random plants as text, read like any other, and random judgements over them.

use zonewright_assess::deciders::{Judged, Judgement, Says, World};
use zonewright_catalog::{Catalog, Standard};
use zonewright_plant::{Plant, text};
use zonewright_source::SourceText;

/// A small generator of even bits (splitmix64).
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }

    pub(crate) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(crate) fn pick<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

const TYPES: [&str; 4] = ["software-application", "embedded-device", "host-device", "network-device"];
const STATUSES: [&str; 5] = ["met", "met", "partly", "not-met", "not-applicable"];

pub(crate) const ZONES: usize = 4;
pub(crate) const CONDUITS: usize = 2;
pub(crate) const ASSETS: usize = 8;

/// The day on which random plants are judged.
pub(crate) const AS_OF: &str = "2026-06-01";

fn ids(standard: Standard) -> Vec<String> {
    Catalog::builtin().of(standard).map(|requirement| requirement.id.to_string()).collect()
}

/// A few requirements, so that statements meet each other.
fn some_sr(rng: &mut Rng) -> String {
    let all = ids(Standard::Iec62443_3_3);
    if rng.one_in(2) { all[rng.below(12)].clone() } else { rng.pick(&all).clone() }
}

fn subject(rng: &mut Rng) -> String {
    match rng.below(7) {
        0 => "plant".into(),
        1 | 2 => format!("zone:Z{}", rng.below(ZONES)),
        3 => format!("conduit:C{}", rng.below(CONDUITS)),
        4 => format!("asset:A{}", rng.below(ASSETS)),
        5 => format!("product:P{}", rng.below(3)),
        _ => "group:G".into(),
    }
}

/// The text of a plant; `extra` is written behind it.
pub(crate) fn plant_text(rng: &mut Rng) -> String {
    let mut out = String::from("[plant]\nid = \"random\"\n\n[[plant.role]]\nid = \"r\"\n");
    for n in 0..ZONES {
        let parent =
            if n > 0 && rng.one_in(3) { format!("parent = \"Z{}\"\n", rng.below(n)) } else { String::new() };
        let outside = if rng.one_in(6) { "inside = false\n" } else { "" };
        let target = if rng.one_in(4) { String::new() } else { format!("sl_t = {}\n", rng.below(5)) };
        out.push_str(&format!("\n[[zone]]\nid = \"Z{n}\"\n{parent}{outside}{target}"));
    }
    for n in 0..CONDUITS {
        let medium = rng.pick(&["ip", "wireless", "portable-media"]);
        let enforced = if rng.one_in(2) {
            format!("enforced_by = [\"A{}\"]\n", rng.below(ASSETS))
        } else {
            String::new()
        };
        out.push_str(&format!(
            "\n[[conduit]]\nid = \"C{n}\"\nzones = [\"Z{n}\", \"Z{}\"]\nmedium = \"{medium}\"\n{enforced}sl_t = {}\n",
            n + 1,
            rng.below(5)
        ));
    }
    let components = ids(Standard::Iec62443_4_2);
    for n in 0..3 {
        out.push_str(&format!("\n[[product]]\nid = \"P{n}\"\ncomponent_type = \"{}\"\n", rng.pick(&TYPES)));
        if rng.one_in(2) {
            out.push_str(&format!("sl_c = {}\n", rng.below(5)));
        }
        if rng.one_in(8) {
            out.push_str("proposed = true\n");
        }
        out.push_str("[product.capabilities]\n");
        for id in &components {
            if rng.one_in(3) {
                let status = if rng.one_in(6) { *rng.pick(&STATUSES) } else { "met" };
                out.push_str(&format!("\"{id}\" = \"{status}\"\n"));
            }
        }
    }
    for n in 0..ASSETS {
        let place = match rng.below(8) {
            0 => format!("conduit = \"C{}\"\n", rng.below(CONDUITS)),
            1 => String::new(),
            _ => format!("zone = \"Z{}\"\n", rng.below(ZONES)),
        };
        let product =
            if rng.one_in(4) { String::new() } else { format!("product = \"P{}\"\n", rng.below(3)) };
        let kind = if rng.one_in(4) {
            format!("component_type = \"{}\"\n", rng.pick(&TYPES))
        } else {
            String::new()
        };
        let proposed = if rng.one_in(10) { "proposed = true\n" } else { "" };
        out.push_str(&format!("\n[[asset]]\nid = \"A{n}\"\n{place}{product}{kind}{proposed}"));
    }
    out.push_str(&format!("\n[[group]]\nid = \"G\"\nassets = [\"A0\", \"A{}\"]\n", rng.below(ASSETS)));
    out.push_str("\n[[evidence]]\nid = \"E-GOOD\"\nkind = \"document\"\n\n[[evidence]]\nid = \"E-OLD\"\nkind = \"document\"\ngood_until = 2026-01-01\n");
    for n in 0..40 {
        out.push_str(&claim(rng, n, &components));
    }
    for n in 0..8 {
        out.push_str(&countermeasure(rng, n));
    }
    if rng.one_in(2) {
        let to = if rng.one_in(2) { "[]".to_string() } else { format!("[\"zone:Z{}\"]", rng.below(ZONES)) };
        out.push_str(&format!(
            "\n[[profile]]\nid = \"F\"\napplies_to = {to}\nleft_out = {{ \"{}\" = \"no such thing here\" }}\n",
            some_sr(rng)
        ));
    }
    out
}

fn claim(rng: &mut Rng, n: usize, components: &[String]) -> String {
    let requirement = if rng.one_in(5) { rng.pick(components).clone() } else { some_sr(rng) };
    let status = *rng.pick(&STATUSES);
    let mut out = format!(
        "\n[[claim]]\nid = \"K{n}\"\nsubject = \"{}\"\nrequirement = \"{requirement}\"\nstatus = \"{}\"\n",
        subject(rng),
        status
    );
    // Without a reason it would be an error of the model.
    if status == "not-applicable" || !rng.one_in(5) {
        out.push_str("rationale = \"so it is\"\n");
    }
    match rng.below(6) {
        0 => out.push_str("evidence = [\"E-GOOD\"]\n"),
        1 => out.push_str("evidence = [\"E-OLD\"]\n"),
        _ => {}
    }
    if rng.one_in(12) {
        out.push_str("proposed = true\n");
    }
    out
}

fn countermeasure(rng: &mut Rng, n: usize) -> String {
    let state = rng.pick(&["in-place", "in-place", "planned"]);
    let mut out = format!(
        "\n[[countermeasure]]\nid = \"M{n}\"\nstate = \"{state}\"\napplies_to = [\"{}\"]\n",
        subject(rng)
    );
    if rng.one_in(2) {
        out.push_str(&format!("meets = [\"{}\"]\n", some_sr(rng)));
    }
    if rng.one_in(2) {
        out.push_str(&format!("compensates = [\"{}\"]\n", some_sr(rng)));
        if !rng.one_in(5) {
            out.push_str("rationale = \"it stands in\"\n");
        }
        if !rng.one_in(5) {
            out.push_str("approved_by = \"r\"\n");
        }
        match rng.below(4) {
            0 => out.push_str("review = 2026-05-31\n"),
            1 => {}
            _ => out.push_str("review = 2026-06-01\n"),
        }
    }
    out
}

/// Reads a plant; what a random one says may be odd, but is no error.
pub(crate) fn read(text: &str) -> Plant {
    let read = text::read(&[SourceText::new("plant.toml", text)]);
    let errors: Vec<String> = read
        .diagnostics
        .iter()
        .filter(|d| d.severity == zonewright_source::Severity::Error)
        .map(|d| format!("{} {:?}", d.message, d.place))
        .collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    read.plant
}

/// Judgements of any kind over the plant's subjects.
pub(crate) fn judgements(rng: &mut Rng) -> Vec<Judgement> {
    (0..25)
        .map(|n| Judgement {
            decider: "random",
            subject: match rng.below(5) {
                0 => Judged::Conduit(format!("C{}", rng.below(CONDUITS)).as_str().into()),
                1 | 2 => Judged::Zone(format!("Z{}", rng.below(ZONES)).as_str().into()),
                _ => Judged::Asset(format!("A{}", rng.below(ASSETS)).as_str().into()),
            },
            requirement: some_sr(rng).parse().unwrap(),
            says: *rng.pick(&[Says::Refutes, Says::Supports, Says::Met, Says::Partly]),
            world: World::Observed,
            reference: format!("f{n}"),
            text: format!("seen {n}"),
            evidence: Vec::new(),
        })
        .collect()
}
