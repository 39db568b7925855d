//! A layout as SVG: colors, faces and words. Knows no geometry beyond rounding a corner.
//!
//! Colors come from the palette of Okabe and Ito (2008), darkened until they stand out from white, and never carry
//! anything alone: every line says its verdict, undeclared ones are dashed, grave ones are thick.

use super::layout::{LABEL_HEIGHT, Layout, PlacedBox, PlacedLink, Rect};
use super::measure;
use super::nest::{LINE_FACE, NAME_LINE, PAD, TEXT_LINE};
use super::scene::{Scene, SceneLink};
use crate::escape::escape;
use crate::words::Tone;
use std::fmt::Write as _;

const FONT: &str = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif";
const RADIUS: i32 = 6;
const LEGEND_HEIGHT: i32 = 64;

/// The color of a tone on white.
const fn color(tone: Tone) -> &'static str {
    match tone {
        Tone::Grave => "#b83a00",
        Tone::Attend => "#8a6100",
        Tone::Ask => "#0065a8",
        Tone::Unknown => "#6b7280",
        Tone::Fine => "#0a7a5c",
    }
}

const fn thickness(tone: Tone) -> &'static str {
    match tone {
        Tone::Grave => "2.6",
        Tone::Attend => "2.1",
        Tone::Ask => "1.7",
        Tone::Unknown | Tone::Fine => "1.4",
    }
}

/// Width and height of the picture with its legend.
#[must_use]
pub fn size(scene: &Scene, layout: &Layout) -> (i32, i32) {
    let note = if scene.left_out.is_some() { 20 } else { 0 };
    (layout.width.max(legend_width()), layout.height + LEGEND_HEIGHT + note)
}

/// The picture as an SVG document of its own, also fit to stand within HTML.
#[must_use]
pub fn draw(scene: &Scene, layout: &Layout) -> String {
    let (width, height) = size(scene, layout);
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"zw-diagram\" role=\"img\" aria-labelledby=\"zw-diagram-title zw-diagram-desc\" \
         viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"{FONT}\" font-size=\"11\">\n\
         <title id=\"zw-diagram-title\">{}</title>\n<desc id=\"zw-diagram-desc\">{}</desc>\n",
        escape(&scene.title),
        escape(&scene.description)
    );
    arrow_heads(&mut svg);
    let _ = writeln!(svg, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>");
    let offset = (width - layout.width) / 2;
    let _ = writeln!(svg, "<g transform=\"translate({offset} 0)\">");
    for placed in &layout.boxes {
        draw_box(&mut svg, scene, placed);
    }
    draw_lines(&mut svg, scene, layout);
    for placed in &layout.links {
        draw_label(&mut svg, scene, placed);
    }
    svg.push_str("</g>\n");
    legend(&mut svg, layout.height, scene.left_out.as_deref());
    svg.push_str("</svg>\n");
    svg
}

fn arrow_heads(svg: &mut String) {
    svg.push_str("<defs>");
    for tone in Tone::ALL {
        let _ = write!(
            svg,
            "<marker id=\"zw-arrow-{0}\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" markerHeight=\"9\" \
             markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"fill-{0}\" d=\"M0 0.5L10 5L0 9.5z\" fill=\"{1}\"/></marker>",
            tone.class(),
            color(tone)
        );
    }
    svg.push_str("</defs>\n");
}

fn draw_box(svg: &mut String, scene: &Scene, placed: &PlacedBox) {
    let Some(zone) = scene.boxes.get(placed.index) else { return };
    let Rect { x, y, w, h } = placed.rect;
    let outside = if zone.inside { "" } else { " outside" };
    let (fill, stroke) = match (zone.inside, placed.depth % 2) {
        (false, _) => ("#ffffff", "#8a94a3"),
        (true, 0) => ("#f2f5f9", "#44526a"),
        (true, _) => ("#e3e9f1", "#44526a"),
    };
    let dash = if zone.trusted { "" } else { " stroke-dasharray=\"2 3\"" };
    let _ = writeln!(
        svg,
        "<g class=\"zone depth-{}{outside}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"5\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.2\"{dash}/>",
        placed.depth % 2,
        escape(&zone.tooltip)
    );
    let left = x + PAD;
    let mut line = y + PAD - 3;
    for name in &placed.text.name {
        line += NAME_LINE;
        text(svg, "name", (left, line - 3), "font-size=\"13\" font-weight=\"700\" fill=\"#1b2330\"", name);
    }
    for (i, said) in placed.text.lines.iter().enumerate() {
        line += TEXT_LINE;
        let fill = if i == 0 { "fill=\"#5a6577\"" } else { "fill=\"#333d4d\"" };
        text(svg, if i == 0 { "muted" } else { "said" }, (left, line - 3), fill, said);
    }
    if let (Some(said), Some((_, tone))) = (&placed.text.findings, &zone.findings) {
        line += TEXT_LINE;
        let class = tone.class();
        let _ = write!(
            svg,
            "<circle class=\"fill-{class}\" cx=\"{}\" cy=\"{}\" r=\"3.5\" fill=\"{}\"/>",
            left + 4,
            line - 7,
            color(*tone)
        );
        text(
            svg,
            &format!("fill-{class}"),
            (left + 12, line - 3),
            &format!("font-weight=\"700\" fill=\"{}\"", color(*tone)),
            said,
        );
    }
    svg.push_str("</g>\n");
}

fn text(svg: &mut String, class: &str, (x, y): (i32, i32), style: &str, said: &str) {
    let _ = write!(svg, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" {style}>{}</text>", escape(said));
}

/// Lines, the gravest last and so on top; a halo of the paper's color keeps crossings apart.
fn draw_lines(svg: &mut String, scene: &Scene, layout: &Layout) {
    let mut order: Vec<(&PlacedLink, &SceneLink)> =
        layout.links.iter().filter_map(|p| scene.links.get(p.index).map(|l| (p, l))).collect();
    order.sort_by_key(|(placed, link)| (std::cmp::Reverse(link.tone), placed.index));
    for (placed, link) in order {
        let class = link.tone.class();
        let dash = if link.declared { "" } else { " stroke-dasharray=\"6 4\"" };
        let _ = writeln!(svg, "<g class=\"link\"><title>{}</title>", escape(&link.tooltip));
        for (end, points) in &placed.lines {
            let d = rounded(points);
            let arrow = if link.arrows.contains(end) {
                format!(" marker-end=\"url(#zw-arrow-{class})\"")
            } else {
                String::new()
            };
            let _ = writeln!(
                svg,
                "<path class=\"halo\" d=\"{d}\" fill=\"none\" stroke=\"#ffffff\" stroke-width=\"5\"/>\
                 <path class=\"line line-{class}\" d=\"{d}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dash}{arrow}/>",
                color(link.tone),
                thickness(link.tone)
            );
        }
        svg.push_str("</g>\n");
    }
}

/// A line through corners, each rounded as far as its neighbors leave room.
fn rounded(points: &[(i32, i32)]) -> String {
    let mut d = String::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|k| points.get(k)).copied();
        match (before, points.get(i + 1).copied()) {
            (None, _) => {
                let _ = write!(d, "M{x} {y}");
            }
            (Some(_), None) => {
                let _ = write!(d, "L{x} {y}");
            }
            (Some(before), Some(after)) => {
                let room = |p: (i32, i32)| (p.0 - x).abs() + (p.1 - y).abs();
                let r = RADIUS.min(room(before) / 2).min(room(after) / 2);
                let toward = |p: (i32, i32)| (x + (p.0 - x).signum() * r, y + (p.1 - y).signum() * r);
                let (a, b) = (toward(before), toward(after));
                let _ = write!(d, "L{} {}Q{x} {y} {} {}", a.0, a.1, b.0, b.1);
            }
        }
    }
    d
}

fn draw_label(svg: &mut String, scene: &Scene, placed: &PlacedLink) {
    let Some(link) = scene.links.get(placed.index) else { return };
    let Rect { x, y, w, .. } = placed.label;
    let class = link.tone.class();
    let dash = if link.declared { "" } else { " stroke-dasharray=\"6 4\"" };
    let center = x + w / 2;
    let _ = write!(
        svg,
        "<g class=\"label\"><title>{}</title><rect class=\"pill line-{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{LABEL_HEIGHT}\" rx=\"4\" fill=\"#ffffff\" stroke=\"{}\" stroke-width=\"1.2\"{dash}/>",
        escape(&link.tooltip),
        color(link.tone)
    );
    text(
        svg,
        "said",
        (center, y + 15),
        "text-anchor=\"middle\" font-weight=\"700\" fill=\"#1b2330\"",
        &placed.head,
    );
    let style = format!("text-anchor=\"middle\" fill=\"{}\"", color(link.tone));
    text(svg, &format!("fill-{class}"), (center, y + 29), &style, &placed.verdict);
    svg.push_str("</g>\n");
}

const DASHED: &str = "dashed: no conduit is declared; the arrow points at who is asked. Dotted frame: untrusted. Unfilled: outside the system under consideration.";

/// Where each tone's sample stands in the legend, and the width of all.
fn legend_places() -> (Vec<(i32, Tone)>, i32) {
    let mut x = 24;
    let mut places = Vec::new();
    for tone in Tone::ALL {
        places.push((x, tone));
        x += 33 + measure::width(tone.meaning(), LINE_FACE) + 24;
    }
    (places, x)
}

fn legend_width() -> i32 {
    legend_places().1.max(57 + measure::width(DASHED, LINE_FACE) + 24)
}

fn legend(svg: &mut String, top: i32, left_out: Option<&str>) {
    let _ = writeln!(svg, "<g class=\"legend\">");
    for (x, tone) in legend_places().0 {
        let _ = write!(
            svg,
            "<path class=\"line line-{}\" d=\"M{x} {1}H{2}\" stroke=\"{3}\" stroke-width=\"{4}\"/>",
            tone.class(),
            top + 16,
            x + 26,
            color(tone),
            thickness(tone)
        );
        text(svg, "said", (x + 33, top + 20), "fill=\"#333d4d\"", tone.meaning());
    }
    let _ = write!(
        svg,
        "<path class=\"line line-unknown\" d=\"M24 {0}H50\" stroke=\"#6b7280\" stroke-width=\"1.6\" stroke-dasharray=\"6 4\"/>",
        top + 40
    );
    text(svg, "said", (57, top + 44), "fill=\"#333d4d\"", DASHED);
    if let Some(said) = left_out {
        text(svg, "said", (24, top + 66), "font-weight=\"700\" fill=\"#1b2330\"", said);
    }
    svg.push_str("</g>\n");
}
