//! A top-level zone with the zones in it, measured: which frames it has and where links may end.
//!
//! Zones within a zone stand side by side, the outer zone's own text to their left, so that every one of them is
//! reached from above and from below without crossing another.

use super::measure::{self, Face};
use super::scene::{Scene, SceneBox};

/// Name of a zone.
pub(super) const NAME_FACE: Face = Face { size: 13, bold: true };
/// What else its box says.
pub(super) const LINE_FACE: Face = Face { size: 11, bold: false };
/// What is found about it.
pub(super) const FINDING_FACE: Face = Face { size: 11, bold: true };
/// Room between a box and its text, and between a box and the boxes in it.
pub(super) const PAD: i32 = 12;
/// Height of a line of the name.
pub(super) const NAME_LINE: i32 = 17;
/// Height of any other line.
pub(super) const TEXT_LINE: i32 = 15;
/// Distance of two lines that end at one side of a box.
pub(super) const PORT_STEP: i32 = 14;

const TEXT_WIDTH_MIN: i32 = 124;
const TEXT_WIDTH_MAX: i32 = 184;
const SIBLING_GAP: i32 = 14;

/// The text of a box, broken into lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxText {
    /// The name.
    pub name: Vec<String>,
    /// Further lines.
    pub lines: Vec<String>,
    /// What is found about it.
    pub findings: Option<String>,
}

impl BoxText {
    fn of(scene_box: &SceneBox) -> Self {
        Self {
            name: measure::wrap(&scene_box.name, NAME_FACE, TEXT_WIDTH_MAX, 2),
            lines: scene_box
                .lines
                .iter()
                .flat_map(|l| measure::wrap(l, LINE_FACE, TEXT_WIDTH_MAX, 2))
                .collect(),
            findings: scene_box
                .findings
                .as_ref()
                .map(|(text, _)| measure::fit(text, FINDING_FACE, TEXT_WIDTH_MAX - 12)),
        }
    }

    fn width(&self) -> i32 {
        let names = self.name.iter().map(|l| measure::width(l, NAME_FACE));
        let lines = self.lines.iter().map(|l| measure::width(l, LINE_FACE));
        let findings = self.findings.iter().map(|l| measure::width(l, FINDING_FACE) + 12);
        names.chain(lines).chain(findings).max().unwrap_or(0).clamp(TEXT_WIDTH_MIN, TEXT_WIDTH_MAX)
    }

    fn height(&self) -> i32 {
        let lines = |n: usize, height: i32| i32::try_from(n).unwrap_or(0) * height;
        lines(self.name.len(), NAME_LINE)
            + lines(self.lines.len() + usize::from(self.findings.is_some()), TEXT_LINE)
    }
}

/// The frame of a zone, relative to its top-level zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// Index of the box.
    pub(super) box_index: usize,
    /// Left edge.
    pub(super) x: i32,
    /// Width.
    pub(super) w: i32,
    /// How many zones are around it.
    pub(super) depth: i32,
    /// Width of the part with its text, where links may end.
    pub(super) panel: i32,
    /// What it says.
    pub(super) text: BoxText,
}

/// A top-level zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Nest {
    /// Width.
    pub(super) width: i32,
    /// Least height.
    pub(super) height: i32,
    /// Its frames, outer ones before those in them.
    pub(super) frames: Vec<Frame>,
}

/// Measures the zone `root` and all in it. `ports` says how many links end at a side of each box at most, `order` in
/// which order zones of the same parent stand.
pub(super) fn nest(scene: &Scene, root: usize, ports: &[usize], order: &[i32]) -> Nest {
    let mut nest = Nest::default();
    nest.width = add(scene, root, (0, 0), (ports, order), &mut nest);
    nest
}

fn add(
    scene: &Scene,
    index: usize,
    (x, depth): (i32, i32),
    hints: (&[usize], &[i32]),
    nest: &mut Nest,
) -> i32 {
    let Some(scene_box) = scene.boxes.get(index) else { return 0 };
    let (ports, order) = hints;
    let text = BoxText::of(scene_box);
    let ports = ports.get(index).copied().and_then(|n| i32::try_from(n).ok()).unwrap_or(0);
    let panel = (text.width() + 2 * PAD).max(2 * PAD + PORT_STEP * ports);
    nest.height = nest.height.max(text.height() + 2 * PAD + 2 * depth * PAD);
    let slot = nest.frames.len();
    nest.frames.push(Frame { box_index: index, x, w: panel, depth, panel, text });

    let mut children: Vec<usize> =
        scene.boxes.iter().enumerate().filter(|(_, b)| b.parent == Some(index)).map(|(i, _)| i).collect();
    children.sort_by_key(|i| (order.get(*i).copied().unwrap_or(0), *i));
    let mut right = x + panel;
    for child in children {
        right += add(scene, child, (right, depth + 1), hints, nest) + SIBLING_GAP;
    }
    let width = if right == x + panel { panel } else { right - SIBLING_GAP + PAD - x };
    if let Some(frame) = nest.frames.get_mut(slot) {
        frame.w = width;
    }
    width
}
