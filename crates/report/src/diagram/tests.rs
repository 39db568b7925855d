//! Properties of the geometry: nothing lies over anything, everything is there, always the same.

use super::*;
use crate::samples;

/// Writes pictures where `ZONEWRIGHT_PICTURES` says, to be looked at.
fn keep(name: &str, svg: &str) {
    if let Some(folder) = std::env::var_os("ZONEWRIGHT_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join(name), svg).unwrap();
    }
}

fn disjoint(a: Rect, b: Rect) -> bool {
    a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
}

fn inside(inner: Rect, outer: Rect) -> bool {
    inner.x > outer.x
        && inner.y > outer.y
        && inner.x + inner.w < outer.x + outer.w
        && inner.y + inner.h < outer.y + outer.h
}

/// Does the segment touch the rectangle, its border not counted?
fn runs_through(a: (i32, i32), b: (i32, i32), r: Rect) -> bool {
    a.0.max(b.0) > r.x && a.0.min(b.0) < r.x + r.w && a.1.max(b.1) > r.y && a.1.min(b.1) < r.y + r.h
}

fn is_ancestor(scene: &Scene, ancestor: usize, of: usize) -> bool {
    let mut at = scene.boxes[of].parent;
    while let Some(parent) = at {
        if parent == ancestor {
            return true;
        }
        at = scene.boxes[parent].parent;
    }
    false
}

/// All that must hold of every layout; returns how many pieces of different links lie over each other.
fn check(scene: &Scene, layout: &Layout) -> usize {
    assert_eq!(layout.boxes.len(), scene.boxes.len());
    assert_eq!(layout.links.len(), scene.links.len());
    let paper = Rect { x: 0, y: 0, w: layout.width, h: layout.height };
    for (i, a) in layout.boxes.iter().enumerate() {
        assert!(inside(a.rect, paper));
        for b in &layout.boxes[i + 1..] {
            let nested = is_ancestor(scene, a.index, b.index) && inside(b.rect, a.rect)
                || is_ancestor(scene, b.index, a.index) && inside(a.rect, b.rect);
            assert!(
                disjoint(a.rect, b.rect) || nested,
                "{} and {}",
                scene.boxes[a.index].key,
                scene.boxes[b.index].key
            );
        }
    }
    for (i, a) in layout.links.iter().enumerate() {
        let key = &scene.links[a.index].key;
        assert!(inside(a.label, paper), "{key}");
        assert!(layout.boxes.iter().all(|b| disjoint(a.label, b.rect)), "{key} over a box");
        assert!(layout.links[i + 1..].iter().all(|b| disjoint(a.label, b.label)), "{key} over a label");
        assert_eq!(
            a.lines.iter().map(|(end, _)| *end).collect::<Vec<_>>(),
            scene.links[a.index].ends,
            "{key}"
        );
        for (end, points) in &a.lines {
            check_line(scene, layout, a, *end, points);
        }
    }
    overlaps(layout)
}

fn check_line(scene: &Scene, layout: &Layout, link: &PlacedLink, end: usize, points: &[(i32, i32)]) {
    let key = &scene.links[link.index].key;
    assert!(points.len() >= 2, "{key} is not drawn");
    let target = layout.boxes.iter().find(|b| b.index == end).unwrap().rect;
    let last = points[points.len() - 1];
    assert!(last.0 > target.x && last.0 < target.x + target.w, "{key} misses its zone");
    assert!(last.1 == target.y || last.1 == target.y + target.h, "{key} misses its zone");
    for pair in points.windows(2) {
        assert!(pair[0].0 == pair[1].0 || pair[0].1 == pair[1].1, "{key} is slanted");
        for b in &layout.boxes {
            let own = is_ancestor(scene, b.index, end);
            assert!(
                own || !runs_through(pair[0], pair[1], b.rect),
                "{key} runs through {}",
                scene.boxes[b.index].key
            );
        }
        for other in &layout.links {
            assert!(
                !runs_through(pair[0], pair[1], other.label),
                "{key} runs over {}",
                scene.links[other.index].key
            );
        }
    }
}

fn overlaps(layout: &Layout) -> usize {
    let mut pieces = Vec::new();
    for link in &layout.links {
        for (_, points) in &link.lines {
            pieces.extend(points.windows(2).map(|p| (link.index, p[0], p[1])));
        }
    }
    let over = |a: &(usize, (i32, i32), (i32, i32)), b: &(usize, (i32, i32), (i32, i32))| {
        let between =
            |a0: i32, a1: i32, b0: i32, b1: i32| a0.max(a1).min(b0.max(b1)) - a0.min(a1).max(b0.min(b1)) > 0;
        let vertical =
            a.1.0 == a.2.0 && b.1.0 == b.2.0 && a.1.0 == b.1.0 && between(a.1.1, a.2.1, b.1.1, b.2.1);
        let flat = a.1.1 == a.2.1 && b.1.1 == b.2.1 && a.1.1 == b.1.1 && between(a.1.0, a.2.0, b.1.0, b.2.0);
        a.0 != b.0 && (vertical || flat)
    };
    pieces.iter().enumerate().map(|(i, a)| pieces[i + 1..].iter().filter(|b| over(a, b)).count()).sum()
}

#[test]
fn twenty_zones_and_thirty_five_conduits_lie_clear_of_each_other() {
    for seed in 0..30 {
        let (plant, verification) = samples::generated(20, 35, seed);
        let scene = scene(&plant, &verification);
        let layout = layout(&scene);
        assert_eq!(check(&scene, &layout), 0, "seed {seed}");
        if seed < 3 {
            keep(&format!("generated-{seed}.svg"), &draw(&scene, &layout));
        }
    }
}

#[test]
fn any_size_up_to_the_limits_is_laid_out() {
    for (zones, conduits) in [(2, 0), (2, 1), (3, 8), (8, 12), (40, 60), (500, 400)] {
        let (plant, verification) = samples::generated(zones, conduits, 7);
        let scene = scene(&plant, &verification);
        check(&scene, &layout(&scene));
        assert!(scene.boxes.len() <= ZONES_DRAWN_MAX && scene.links.len() <= LINKS_DRAWN_MAX);
        assert_eq!(scene.left_out.is_some(), zones == 500, "{:?}", scene.left_out);
    }
}

#[test]
fn an_empty_plant_is_a_picture_too() {
    let verification = samples::generated(2, 0, 0).1;
    let svg = svg(&zonewright_plant::Plant::default(), &verification);
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
}

#[test]
fn the_small_plant_says_its_verdicts_in_words() {
    let sample = samples::small();
    let scene = scene(&sample.plant, &sample.verification);
    let layout = layout(&scene);
    assert_eq!(check(&scene, &layout), 0);
    let svg = draw(&scene, &layout);
    keep("small.svg", &svg);
    assert_eq!(svg, super::svg(&sample.plant, &sample.verification), "the same input gives the same bytes");
    for said in [
        "1 undocumented",
        "1 undeclared-bypass",
        "no conduit",
        "1 unknown-endpoint",
        "SL-T (3 3 3 1 3 2 3)",
        "role=\"img\"",
    ] {
        assert!(svg.contains(said), "{said}");
    }
}

#[test]
fn hostile_names_and_circular_parents_do_no_harm() {
    let (mut plant, verification) = samples::generated(6, 5, 1);
    let ids: Vec<_> = plant.zones.keys().cloned().collect();
    for (i, zone) in plant.zones.values_mut().enumerate() {
        zone.parent = Some(ids[(i + 1) % ids.len()].clone());
        zone.common.name =
            Some(format!("</text><script>alert({i})</script>\u{0}\u{202e}{}", "W".repeat(5000)));
    }
    let scene = scene(&plant, &verification);
    let layout = layout(&scene);
    check(&scene, &layout);
    let svg = draw(&scene, &layout);
    assert!(!svg.contains("<script") && !svg.contains('\u{0}') && !svg.contains('\u{202e}'));
    assert!(layout.width < 4000);
}

#[test]
fn deep_nesting_ends_at_its_limit() {
    let (mut plant, verification) = samples::generated(12, 6, 3);
    let ids: Vec<_> = plant.zones.keys().cloned().collect();
    for (i, zone) in plant.zones.values_mut().enumerate() {
        zone.parent = i.checked_sub(1).map(|k| ids[k].clone());
    }
    let scene = scene(&plant, &verification);
    let layout = layout(&scene);
    check(&scene, &layout);
    let depths = layout.boxes.iter().map(|b| usize::try_from(b.depth).unwrap()).max();
    assert_eq!(depths, Some(DEPTH_MAX));
}
