//! Lines: where each ends at its box or label, on which track it crosses the channel between two rows, and from that the
//! heights of everything.
#![expect(clippy::indexing_slicing, reason = "a numeric kernel over vectors that it built itself")]

use super::layout::{Grid, Kind, LABEL_HEIGHT, Layout, PlacedBox, PlacedLink, Rect, isotonic, label};
use super::nest::{PAD, PORT_STEP};
use super::scene::Scene;
use std::collections::BTreeMap;

/// Distance of two tracks.
const TRACK_STEP: i32 = 11;
/// Distance of the first and last track from what stands above and below.
const CHANNEL_PAD: i32 = 15;
/// Nearest that two lines may run side by side.
const LINE_DISTANCE: i32 = 5;
/// Distance of two lines at one side of a label.
const LABEL_PORT_STEP: i32 = 12;
/// A shorter jog than this is taken out where there is room.
const JOG_MIN: i32 = 9;

/// Gives every end its port, every wire its track, every row its height.
pub(super) fn place(scene: &Scene, mut grid: Grid, margin: i32) -> Layout {
    shift(&mut grid, margin);
    ports(&mut grid);
    let tracks: Vec<(Vec<(usize, i32)>, i32)> = (0..grid.rows.len()).map(|row| tracks(&grid, row)).collect();
    let (tops, heights, height) = rows(&grid, &tracks, margin);
    let mut track_y = vec![0; grid.wires.len()];
    for (row, (assigned, _)) in tracks.iter().enumerate() {
        for (wire, track) in assigned {
            track_y[*wire] = tops[row] + heights[row] + CHANNEL_PAD + track * TRACK_STEP;
        }
    }
    let width = grid.items.iter().map(|i| i.x + i.w).max().unwrap_or(0) + margin;
    let links = placed_links(scene, &grid, &tops, &heights, &track_y);
    Layout {
        width: width.max(360),
        height: height + margin,
        boxes: placed_boxes(&grid, &tops, &heights),
        links,
    }
}

fn shift(grid: &mut Grid, margin: i32) {
    let left = grid.items.iter().map(|i| i.x).min().unwrap_or(0);
    grid.items.iter_mut().for_each(|i| i.x += margin - left);
}

/// One end of a wire.
#[derive(Clone, Copy)]
struct End {
    wire: usize,
    upper: bool,
}

impl End {
    fn x(self, grid: &Grid) -> i32 {
        let wire = &grid.wires[self.wire];
        if self.upper { wire.upper.x } else { wire.lower.x }
    }

    fn set(self, grid: &mut Grid, x: i32) {
        let wire = &mut grid.wires[self.wire];
        if self.upper {
            wire.upper.x = x;
        } else {
            wire.lower.x = x;
        }
    }

    const fn other(self) -> Self {
        Self { wire: self.wire, upper: !self.upper }
    }
}

/// Ports: first the middle of everything, then labels spread theirs, then zones go where the lines come from.
fn ports(grid: &mut Grid) {
    let middle = |grid: &Grid, item: usize, from: i32, span: i32| grid.items[item].x + from + span / 2;
    for w in 0..grid.wires.len() {
        let (upper, lower) = (grid.wires[w].upper, grid.wires[w].lower);
        grid.wires[w].upper.x = middle(grid, upper.item, upper.from, upper.span);
        grid.wires[w].lower.x = middle(grid, lower.item, lower.from, lower.span);
    }
    // Ends by item, part and side, in the order in which their lines come.
    let mut groups: BTreeMap<(usize, i32, bool), Vec<End>> = BTreeMap::new();
    for (w, wire) in grid.wires.iter().enumerate() {
        groups
            .entry((wire.upper.item, wire.upper.from, true))
            .or_default()
            .push(End { wire: w, upper: true });
        groups
            .entry((wire.lower.item, wire.lower.from, false))
            .or_default()
            .push(End { wire: w, upper: false });
    }
    let (zones, others): (Vec<_>, Vec<_>) =
        groups.iter_mut().partition(|((item, ..), _)| matches!(grid.items[*item].kind, Kind::Zone(_)));
    for ((item, ..), ends) in others {
        ends.sort_by_key(|e| (e.other().x(grid), e.wire));
        let count = i32::try_from(ends.len()).unwrap_or(1);
        let center = grid.items[*item].x + grid.items[*item].w / 2;
        for (k, end) in (0_i32..).zip(ends.iter()) {
            end.set(grid, center + (2 * k - (count - 1)) * LABEL_PORT_STEP / 2);
        }
    }
    for ((item, from, upper), ends) in zones {
        ends.sort_by_key(|e| (e.other().x(grid), e.wire));
        let Some(first) = ends.first() else { continue };
        let wire = &grid.wires[first.wire];
        let span = if *upper { wire.upper.span } else { wire.lower.span };
        let left = grid.items[*item].x + from + PORT_STEP;
        spread(grid, ends, left, left + span - 2 * PORT_STEP);
    }
    straighten(grid, &groups);
}

/// Sets ends as near as possible to where their lines come from, in order, at a distance, between two edges.
fn spread(grid: &mut Grid, ends: &[End], left: i32, right: i32) {
    let count = i32::try_from(ends.len()).unwrap_or(1);
    let step = if count > 1 { PORT_STEP.min((right - left) / (count - 1)).max(1) } else { PORT_STEP };
    let free: Vec<f64> = (0_i32..).zip(ends).map(|(k, e)| f64::from(e.other().x(grid) - k * step)).collect();
    let highest = f64::from((right - (count - 1) * step).max(left));
    for ((k, end), y) in (0_i32..).zip(ends).zip(isotonic(&free, &vec![1.0; free.len()])) {
        #[expect(clippy::cast_possible_truncation, reason = "clamped between two i32")]
        let y = y.round().clamp(f64::from(left), highest) as i32;
        end.set(grid, y + k * step);
    }
}

/// Takes short jogs out by moving the end at the label, where its neighbors leave room.
fn straighten(grid: &mut Grid, groups: &BTreeMap<(usize, i32, bool), Vec<End>>) {
    for ((item, ..), ends) in groups {
        if !matches!(grid.items[*item].kind, Kind::Label(_)) {
            continue;
        }
        let (left, right) = (grid.items[*item].x + 8, grid.items[*item].x + grid.items[*item].w - 8);
        for end in ends {
            let goal = end.other().x(grid);
            let short = (goal - end.x(grid)).abs() < JOG_MIN * 2;
            let free =
                ends.iter().all(|e| e.wire == end.wire || (e.x(grid) - goal).abs() >= LABEL_PORT_STEP - 3);
            if short && free && (left..=right).contains(&goal) {
                end.set(grid, goal);
            }
        }
    }
}

/// The wires below a row that need a track, each with its track, and how many tracks there are.
fn tracks(grid: &Grid, row: usize) -> (Vec<(usize, i32)>, i32) {
    let wires: Vec<usize> = (0..grid.wires.len())
        .filter(|w| {
            grid.items[grid.wires[*w].upper.item].row == row
                && grid.wires[*w].upper.x != grid.wires[*w].lower.x
        })
        .collect();
    let order = track_order(grid, &wires);
    let mut assigned: Vec<(usize, i32)> = Vec::new();
    for wire in order {
        let above =
            assigned.iter().filter(|(other, _)| overlap(grid, wire, *other) || collide(grid, wire, *other));
        let track = above.map(|(_, track)| track + 1).max().unwrap_or(0);
        assigned.push((wire, track));
    }
    let count = assigned.iter().map(|(_, track)| track + 1).max().unwrap_or(0);
    (assigned, count)
}

fn interval(grid: &Grid, wire: usize) -> (i32, i32) {
    let (a, b) = (grid.wires[wire].upper.x, grid.wires[wire].lower.x);
    (a.min(b), a.max(b))
}

/// Would the two run into each other on one track?
fn overlap(grid: &Grid, a: usize, b: usize) -> bool {
    let (a, b) = (interval(grid, a), interval(grid, b));
    a.0 <= b.1 + LINE_DISTANCE && b.0 <= a.1 + LINE_DISTANCE
}

/// Would their vertical parts lie over each other, if `below` had the upper track?
fn collide(grid: &Grid, above: usize, below: usize) -> bool {
    (grid.wires[above].upper.x - grid.wires[below].lower.x).abs() < LINE_DISTANCE
        || (grid.wires[above].lower.x - grid.wires[below].upper.x).abs() < LINE_DISTANCE
}

/// What it costs to give `a` a track above `b`: lines lying over each other count far more than lines crossing.
fn cost_above(grid: &Grid, a: usize, b: usize) -> i32 {
    let (upper, lower) = (&grid.wires[a], &grid.wires[b]);
    let within = |x: i32, wire: usize| {
        let (left, right) = interval(grid, wire);
        i32::from(left < x && x < right)
    };
    // The upper one's way down passes the lower one's track, the lower one's way up the upper one's.
    let over = (upper.lower.x - lower.upper.x).abs() < LINE_DISTANCE;
    within(upper.lower.x, b) + within(lower.upper.x, a) + 100 * i32::from(over)
}

/// The wires from the uppermost track down, so that they cross seldom and never lie over each other where that can be.
fn track_order(grid: &Grid, wires: &[usize]) -> Vec<usize> {
    let mut left: Vec<usize> = wires.to_vec();
    left.sort_by_key(|w| (interval(grid, *w), *w));
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let cost = |w: usize| -> i32 {
            left.iter()
                .filter(|o| **o != w && (overlap(grid, w, **o) || collide(grid, w, **o)))
                .map(|o| (cost_above(grid, w, *o) - cost_above(grid, *o, w)).max(0))
                .sum()
        };
        let best = (0..left.len()).min_by_key(|i| (cost(left[*i]), *i)).unwrap_or(0);
        order.push(left.remove(best));
    }
    order
}

/// Tops and heights of the rows, and where the last ends.
fn rows(grid: &Grid, tracks: &[(Vec<(usize, i32)>, i32)], margin: i32) -> (Vec<i32>, Vec<i32>, i32) {
    let height = |item: usize| match grid.items[item].kind {
        Kind::Zone(n) => grid.nests[n].height,
        Kind::Label(_) => LABEL_HEIGHT,
        Kind::Lane => 0,
    };
    let (mut tops, mut heights, mut y) = (Vec::new(), Vec::new(), margin);
    for (row, (_, count)) in tracks.iter().enumerate() {
        let own = grid.rows[row].iter().map(|i| height(*i)).max().unwrap_or(0);
        tops.push(y);
        heights.push(own);
        y += own;
        if row + 1 < tracks.len() {
            y += 2 * CHANNEL_PAD + TRACK_STEP * (count - 1).max(0);
        }
    }
    (tops, heights, y)
}

fn placed_boxes(grid: &Grid, tops: &[i32], heights: &[i32]) -> Vec<PlacedBox> {
    let mut boxes = Vec::new();
    for item in &grid.items {
        let Kind::Zone(n) = item.kind else { continue };
        for frame in &grid.nests[n].frames {
            let inset = frame.depth * PAD;
            boxes.push(PlacedBox {
                index: frame.box_index,
                rect: Rect {
                    x: item.x + frame.x,
                    y: tops[item.row] + inset,
                    w: frame.w,
                    h: heights[item.row] - 2 * inset,
                },
                depth: frame.depth,
                text: frame.text.clone(),
            });
        }
    }
    boxes
}

fn placed_links(
    scene: &Scene,
    grid: &Grid,
    tops: &[i32],
    heights: &[i32],
    track_y: &[i32],
) -> Vec<PlacedLink> {
    let mut links: Vec<PlacedLink> = Vec::new();
    for item in &grid.items {
        let Kind::Label(index) = item.kind else { continue };
        let (head, verdict, _) = label(&scene.links[index]);
        let label = Rect { x: item.x, y: tops[item.row], w: item.w, h: LABEL_HEIGHT };
        let lines = grid.chains[index]
            .iter()
            .map(|(box_index, wires)| (*box_index, line(grid, wires, label, (tops, heights), track_y)))
            .collect();
        links.push(PlacedLink { index, label, head, verdict, lines });
    }
    links.sort_by_key(|l| l.index);
    links
}

/// The corners of a line from a label outward.
fn line(
    grid: &Grid,
    wires: &[usize],
    label: Rect,
    (tops, heights): (&[i32], &[i32]),
    track_y: &[i32],
) -> Vec<(i32, i32)> {
    let mut points: Vec<(i32, i32)> = Vec::new();
    let Some(first) = wires.first().map(|w| &grid.wires[*w]) else { return points };
    let down = matches!(grid.items[first.upper.item].kind, Kind::Label(_));
    for w in wires {
        let wire = &grid.wires[*w];
        let (start, end) = if down { (wire.upper, wire.lower) } else { (wire.lower, wire.upper) };
        if points.is_empty() {
            points.push((start.x, if down { label.y + label.h } else { label.y }));
        }
        if start.x != end.x {
            points.push((start.x, track_y[*w]));
            points.push((end.x, track_y[*w]));
        }
        let row = grid.items[end.item].row;
        if matches!(grid.items[end.item].kind, Kind::Zone(_)) {
            let inset = end.depth * PAD;
            points.push((end.x, if down { tops[row] + inset } else { tops[row] + heights[row] - inset }));
        }
    }
    points
}
