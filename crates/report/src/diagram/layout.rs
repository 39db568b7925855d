//! The geometry of a diagram: rows of zones from the enterprise down to safety, rows of labels between them, and lines.
//!
//! The method is Sugiyama's layered drawing: every line that passes a row has a lane of its own in it, so that no line
//! can run through a zone or over a label; rows are ordered by barycenters and neighbor swaps, positions are the least
//! squares that keep the order and the distances.
#![expect(clippy::indexing_slicing, reason = "a numeric kernel over vectors that it built itself")]

use super::lanes;
use super::measure::{self, Face};
use super::nest::{self, BoxText, Nest};
use super::route;
use super::scene::{Scene, SceneLink};

/// First line of a label.
pub(super) const HEAD_FACE: Face = Face { size: 11, bold: true };
/// Second line of a label.
pub(super) const VERDICT_FACE: Face = Face { size: 11, bold: false };
/// Height of a label.
pub(super) const LABEL_HEIGHT: i32 = 36;

const LABEL_TEXT_MAX: i32 = 172;
const LABEL_TEXT_MIN: i32 = 64;
const LABEL_PAD: i32 = 10;
const LANE_WIDTH: i32 = 6;
/// Widest a row is before it becomes two.
const ROW_WIDTH_MAX: i32 = 1180;
const MARGIN: i32 = 24;
const SWEEPS: usize = 16;
/// Passes of neighbor swaps over a row, each sweep.
const SWAPS: usize = 4;

/// A rectangle in whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

/// A zone in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedBox {
    /// Index of the box in the scene.
    pub index: usize,
    /// Its frame.
    pub rect: Rect,
    /// How many zones are around it.
    pub depth: i32,
    /// Its text, which stands in the left upper corner.
    pub text: BoxText,
}

/// A link in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedLink {
    /// Index of the link in the scene.
    pub index: usize,
    /// Its label.
    pub label: Rect,
    /// First line of the label, fitted.
    pub head: String,
    /// Second line, fitted.
    pub verdict: String,
    /// For each end: the box, and the corners of the line from label to box.
    pub lines: Vec<(usize, Vec<(i32, i32)>)>,
}

/// Everything in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Width of the picture.
    pub width: i32,
    /// Height of the picture.
    pub height: i32,
    /// Zones, outer ones before those in them.
    pub boxes: Vec<PlacedBox>,
    /// Links in the order of the scene.
    pub links: Vec<PlacedLink>,
}

/// What stands in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A top-level zone, by its place in `Grid::nests`.
    Zone(usize),
    /// The label of a link.
    Label(usize),
    /// A passage for one line.
    Lane,
}

/// Something in a row.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) row: usize,
    pub(super) x: i32,
    pub(super) w: i32,
}

/// A piece of a line between two neighboring rows.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) upper: Port,
    pub(super) lower: Port,
}

/// Where a wire ends: an item, and the part of it that it may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Port {
    pub(super) item: usize,
    /// Left edge of the part, relative to the item.
    pub(super) from: i32,
    /// Width of the part.
    pub(super) span: i32,
    /// Depth of the zone in its top-level zone.
    pub(super) depth: i32,
    /// Where exactly; set by `route`.
    pub(super) x: i32,
}

impl Port {
    fn center(&self, items: &[Item]) -> f64 {
        f64::from(items[self.item].x + self.from) + f64::from(self.span) / 2.0
    }
}

/// Rows, items and wires.
pub(super) struct Grid {
    pub(super) nests: Vec<Nest>,
    pub(super) items: Vec<Item>,
    pub(super) rows: Vec<Vec<usize>>,
    pub(super) wires: Vec<Wire>,
    /// For each link and end: the box, and its wires from the label outward.
    pub(super) chains: Vec<Vec<(usize, Vec<usize>)>>,
}

/// Lays a scene out.
#[must_use]
pub fn layout(scene: &Scene) -> Layout {
    let first = arranged(scene, &vec![0; scene.boxes.len()]);
    // Zones within a zone take the order in which their links come in, and all is arranged once more.
    let order = box_positions(scene, &first);
    let second = arranged(scene, &order);
    let best = if crossings(&second) <= crossings(&first) { second } else { first };
    route::place(scene, best, MARGIN)
}

/// The texts of a label and its width.
pub(super) fn label(link: &SceneLink) -> (String, String, i32) {
    let head = measure::fit(&link.head, HEAD_FACE, LABEL_TEXT_MAX);
    let verdict = measure::fit(&link.verdict, VERDICT_FACE, LABEL_TEXT_MAX);
    let text =
        measure::width(&head, HEAD_FACE).max(measure::width(&verdict, VERDICT_FACE)).max(LABEL_TEXT_MIN);
    (head, verdict, text + 2 * LABEL_PAD)
}

fn arranged(scene: &Scene, order: &[i32]) -> Grid {
    let mut grid = grid(scene, order);
    order_rows(&mut grid);
    for _ in 0..SWEEPS {
        for row in 0..grid.rows.len() {
            settle(&mut grid, row, Side::Both);
        }
        for row in (0..grid.rows.len()).rev() {
            settle(&mut grid, row, Side::Both);
        }
    }
    lanes::straighten(&mut grid);
    grid
}

/// Mean position of what each box is linked with.
fn box_positions(scene: &Scene, grid: &Grid) -> Vec<i32> {
    let mut sums = vec![(0_i64, 0_i64); scene.boxes.len()];
    for (box_index, wires) in grid.chains.iter().flatten() {
        if let Some(wire) = wires.first() {
            let label = if matches!(grid.items[grid.wires[*wire].upper.item].kind, Kind::Label(_)) {
                grid.wires[*wire].upper.item
            } else {
                grid.wires[*wire].lower.item
            };
            let item = &grid.items[label];
            sums[*box_index].0 += i64::from(item.x + item.w / 2);
            sums[*box_index].1 += 1;
        }
    }
    sums.into_iter().map(|(sum, n)| if n == 0 { 0 } else { i32::try_from(sum / n).unwrap_or(0) }).collect()
}

/// Builds rows, items, lanes and wires.
fn grid(scene: &Scene, order: &[i32]) -> Grid {
    let mut ports = vec![0; scene.boxes.len()];
    for end in scene.links.iter().flat_map(|l| &l.ends) {
        ports[*end] += 1;
    }
    let roots: Vec<usize> = (0..scene.boxes.len()).filter(|i| scene.boxes[*i].parent.is_none()).collect();
    let nests: Vec<Nest> = roots.iter().map(|root| nest::nest(scene, *root, &ports, order)).collect();
    let mut home = vec![0; scene.boxes.len()];
    for (i, nest) in nests.iter().enumerate() {
        nest.frames.iter().for_each(|f| home[f.box_index] = i);
    }
    let zone_rows = zone_rows(scene, &roots, &nests, &home);
    let mut row_of = vec![0; nests.len()];
    zone_rows.iter().enumerate().for_each(|(r, row)| row.iter().for_each(|n| row_of[*n] = r));
    let gaps = gaps(scene, &home, &row_of, zone_rows.len());

    let mut grid =
        Grid { nests, items: vec![], rows: vec![], wires: vec![], chains: vec![vec![]; scene.links.len()] };
    let mut zone_items = vec![0; roots.len()];
    let mut label_items = vec![0; scene.links.len()];
    for gap in 0..=zone_rows.len() {
        let links: Vec<usize> = (0..scene.links.len()).filter(|l| gaps[*l] == gap).collect();
        let width: i32 = links.iter().map(|l| label(&scene.links[*l]).2 + 20).sum();
        let parts = usize::try_from(width / ROW_WIDTH_MAX).unwrap_or(0) + 1;
        for part in 0..parts.min(links.len()) {
            grid.rows.push(vec![]);
            for l in links.iter().copied().skip(part).step_by(parts) {
                label_items[l] = grid.push(Kind::Label(l), label(&scene.links[l]).2);
            }
        }
        if let Some(row) = zone_rows.get(gap) {
            grid.rows.push(vec![]);
            for n in row {
                zone_items[*n] = grid.push(Kind::Zone(*n), grid.nests[*n].width);
            }
        }
    }
    for (l, link) in scene.links.iter().enumerate() {
        for end in &link.ends {
            let wires = grid.connect(label_items[l], zone_items[home[*end]], *end);
            grid.chains[l].push((*end, wires));
        }
    }
    (0..grid.rows.len()).for_each(|row| pack(&mut grid, row));
    grid
}

impl Grid {
    /// A new item in the last row.
    fn push(&mut self, kind: Kind, w: i32) -> usize {
        let row = self.rows.len() - 1;
        self.rows[row].push(self.items.len());
        self.items.push(Item { kind, row, x: 0, w });
        self.items.len() - 1
    }

    /// The wires from a label to a box, with a lane in every row between them.
    fn connect(&mut self, label: usize, zone: usize, box_index: usize) -> Vec<usize> {
        let whole = |items: &[Item], item: usize| Port { item, from: 0, span: items[item].w, depth: 0, x: 0 };
        let (start, goal) = (self.items[label].row, self.items[zone].row);
        let down = goal > start;
        let mut wires = Vec::new();
        let mut at = whole(&self.items, label);
        let mut row = start;
        while row != goal {
            row = if down { row + 1 } else { row - 1 };
            let next = if row == goal {
                self.zone_port(zone, box_index)
            } else {
                self.rows[row].push(self.items.len());
                self.items.push(Item { kind: Kind::Lane, row, x: 0, w: LANE_WIDTH });
                whole(&self.items, self.items.len() - 1)
            };
            let (upper, lower) = if down { (at, next) } else { (next, at) };
            wires.push(self.wires.len());
            self.wires.push(Wire { upper, lower });
            at = next;
        }
        wires
    }

    fn zone_port(&self, item: usize, box_index: usize) -> Port {
        let frames = match self.items[item].kind {
            Kind::Zone(n) => self.nests[n].frames.as_slice(),
            Kind::Label(_) | Kind::Lane => &[],
        };
        let frame = frames.iter().find(|f| f.box_index == box_index);
        let (from, span, depth) = frame.map_or((0, 0, 0), |f| (f.x, f.panel, f.depth));
        Port { item, from, span, depth, x: 0 }
    }
}

/// Top-level zones in rows by layer; a layer that is too wide becomes several rows, those linked upward first.
fn zone_rows(scene: &Scene, roots: &[usize], nests: &[Nest], home: &[usize]) -> Vec<Vec<usize>> {
    let layer = |n: usize| i32::from(scene.boxes[roots[n]].layer);
    let upward = |n: usize| {
        let partners: Vec<i32> = scene
            .links
            .iter()
            .filter(|l| l.ends.iter().any(|e| home[*e] == n))
            .flat_map(|l| l.ends.iter().map(|e| home[*e]).filter(|h| *h != n))
            .map(|h| layer(h) - layer(n))
            .collect();
        partners.iter().sum::<i32>() * 100 / i32::try_from(partners.len().max(1)).unwrap_or(1)
    };
    let mut rows = Vec::new();
    for l in 0..=i32::from(u8::MAX) {
        let mut members: Vec<usize> = (0..roots.len()).filter(|n| layer(*n) == l).collect();
        members.sort_by_key(|n| (upward(*n), *n));
        let total: i32 = members.iter().map(|n| nests[*n].width + 36).sum();
        let parts = total / ROW_WIDTH_MAX + 1;
        let target = total / parts;
        let (mut row, mut width) = (Vec::new(), 0);
        for n in members {
            let next = nests[n].width + 36;
            if !row.is_empty() && width + next / 2 > target {
                rows.push(std::mem::take(&mut row));
                width = 0;
            }
            row.push(n);
            width += next;
        }
        if !row.is_empty() {
            rows.push(row);
        }
    }
    rows
}

/// Above which row of zones the label of each link stands: between its ends, where there is most room.
fn gaps(scene: &Scene, home: &[usize], row_of: &[usize], rows: usize) -> Vec<usize> {
    let span = |l: &SceneLink| {
        let ends = || l.ends.iter().map(|e| row_of[home[*e]]);
        (ends().min().unwrap_or(0), ends().max().unwrap_or(0))
    };
    let mut gaps = vec![0; scene.links.len()];
    let mut load = vec![0_usize; rows + 1];
    let mut order: Vec<usize> = (0..scene.links.len()).collect();
    order.sort_by_key(|l| {
        let (top, bottom) = span(&scene.links[*l]);
        (bottom - top, *l)
    });
    for l in order {
        let (top, bottom) = span(&scene.links[l]);
        let choices: Vec<usize> = if top < bottom {
            (top + 1..=bottom).collect()
        } else if rows == 1 || top == 0 {
            vec![top + 1]
        } else if top + 1 == rows {
            vec![top]
        } else {
            vec![top, top + 1]
        };
        let best = choices.into_iter().min_by_key(|g| (load[*g], *g)).unwrap_or(0);
        gaps[l] = best;
        load[best] += 1;
    }
    gaps
}

/// Distance between two neighbors of a row.
pub(super) fn gap(a: Kind, b: Kind) -> i32 {
    let half = |kind: Kind| match kind {
        Kind::Zone(_) => 16,
        Kind::Label(_) => 10,
        Kind::Lane => 6,
    };
    half(a) + half(b)
}

/// Sets a row left to right around 0.
fn pack(grid: &mut Grid, row: usize) {
    let centers = vec![0.0; grid.rows[row].len()];
    settle_at(grid, row, &centers);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Above,
    Below,
    Both,
}

/// Where each item of a row would stand if it looked only at its neighbors on a side.
fn wanted(grid: &Grid, row: usize, side: Side) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); grid.items.len()];
    for wire in &grid.wires {
        for (own, other, own_side) in
            [(&wire.lower, &wire.upper, Side::Above), (&wire.upper, &wire.lower, Side::Below)]
        {
            if grid.items[own.item].row == row && (side == own_side || side == Side::Both) {
                let item = &grid.items[own.item];
                let part = f64::from(own.from) + f64::from(own.span) / 2.0 - f64::from(item.w) / 2.0;
                sums[own.item].0 += other.center(&grid.items) - part;
                sums[own.item].1 += 1.0;
            }
        }
    }
    let center = |i: usize| f64::from(grid.items[i].x) + f64::from(grid.items[i].w) / 2.0;
    grid.rows[row]
        .iter()
        .map(|i| if sums[*i].1 > 0.0 { sums[*i].0 / sums[*i].1 } else { center(*i) })
        .collect()
}

/// Moves the items of a row, in their order, as near as possible to where they want to stand.
fn settle(grid: &mut Grid, row: usize, side: Side) {
    let centers = wanted(grid, row, side);
    settle_at(grid, row, &centers);
}

fn settle_at(grid: &mut Grid, row: usize, centers: &[f64]) {
    let ids = grid.rows[row].clone();
    let mut offsets = Vec::with_capacity(ids.len());
    let mut offset = 0.0;
    for (k, i) in ids.iter().enumerate() {
        if k > 0 {
            let left = &grid.items[ids[k - 1]];
            let own = &grid.items[*i];
            offset += f64::from(left.w + own.w) / 2.0 + f64::from(gap(left.kind, own.kind));
        }
        offsets.push(offset);
    }
    let weights: Vec<f64> = ids
        .iter()
        .map(|i| match grid.items[*i].kind {
            Kind::Zone(_) => 1.0,
            Kind::Label(_) => 2.0,
            Kind::Lane => 6.0,
        })
        .collect();
    let free: Vec<f64> = centers.iter().zip(&offsets).map(|(c, o)| c - o).collect();
    for ((i, y), offset) in ids.iter().zip(isotonic(&free, &weights)).zip(&offsets) {
        let item = &mut grid.items[*i];
        item.x = pixel(y + offset - f64::from(item.w) / 2.0);
    }
}

/// A whole pixel. The picture is far smaller than what an `i32` holds.
fn pixel(x: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range of i32 first")]
    let whole = x.round().clamp(-1e9, 1e9) as i32;
    whole
}

/// The non-decreasing sequence nearest to `values` by weighted least squares (pool adjacent violators).
pub(super) fn isotonic(values: &[f64], weights: &[f64]) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (value, weight) in values.iter().zip(weights) {
        let mut block = (*value, *weight, 1);
        while let Some(last) = blocks.last().copied().filter(|last| last.0 > block.0) {
            blocks.pop();
            let weight = last.1 + block.1;
            block = ((last.0 * last.1 + block.0 * block.1) / weight, weight, last.2 + block.2);
        }
        blocks.push(block);
    }
    blocks.into_iter().flat_map(|(value, _, n)| std::iter::repeat_n(value, n)).collect()
}

/// Orders every row so that few lines cross.
fn order_rows(grid: &mut Grid) {
    let mut best = (crossings(grid), grid.rows.clone());
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let count = grid.rows.len();
        let rows: Vec<usize> = if down { (0..count).collect() } else { (0..count).rev().collect() };
        for row in rows {
            sort_row(grid, row, if down { Side::Above } else { Side::Below });
        }
        for row in 0..count {
            swap_neighbors(grid, row);
        }
        let now = crossings(grid);
        if now < best.0 {
            best = (now, grid.rows.clone());
        }
    }
    grid.rows = best.1;
    (0..grid.rows.len()).for_each(|row| settle(grid, row, Side::Both));
}

fn sort_row(grid: &mut Grid, row: usize, side: Side) {
    let centers = wanted(grid, row, side);
    let mut ids: Vec<(f64, usize)> = centers.into_iter().zip(grid.rows[row].iter().copied()).collect();
    ids.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    grid.rows[row] = ids.iter().map(|(_, i)| *i).collect();
    let centers: Vec<f64> = ids.into_iter().map(|(c, _)| c).collect();
    settle_at(grid, row, &centers);
}

/// Swaps neighbors of a row as long as that takes crossings away.
fn swap_neighbors(grid: &mut Grid, row: usize) {
    let mut changed = true;
    for _ in 0..SWAPS {
        if !std::mem::take(&mut changed) {
            break;
        }
        for k in 1..grid.rows[row].len() {
            let (a, b) = (grid.rows[row][k - 1], grid.rows[row][k]);
            if crossed(grid, b, a) < crossed(grid, a, b) {
                grid.rows[row].swap(k - 1, k);
                changed = true;
            }
        }
    }
    settle(grid, row, Side::Both);
}

/// How many wires cross if `left` stands left of `right`.
fn crossed(grid: &Grid, left: usize, right: usize) -> usize {
    let ends = |item: usize, side: Side| {
        let of = |w: &Wire| match side {
            Side::Above => (w.lower.item == item).then(|| w.upper.center(&grid.items)),
            Side::Below | Side::Both => (w.upper.item == item).then(|| w.lower.center(&grid.items)),
        };
        grid.wires.iter().filter_map(of).collect::<Vec<f64>>()
    };
    [Side::Above, Side::Below]
        .into_iter()
        .map(|side| {
            let rights = ends(right, side);
            ends(left, side).iter().map(|l| rights.iter().filter(|r| l > *r).count()).sum::<usize>()
        })
        .sum()
}

/// How many wires cross in all.
fn crossings(grid: &Grid) -> usize {
    let mut rows: Vec<Vec<(f64, f64)>> = vec![vec![]; grid.rows.len()];
    for wire in &grid.wires {
        let ends = (wire.upper.center(&grid.items), wire.lower.center(&grid.items));
        rows[grid.items[wire.upper.item].row].push(ends);
    }
    let crossing = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0) * (a.1 - b.1) < 0.0;
    rows.iter()
        .map(|ends| {
            ends.iter()
                .enumerate()
                .map(|(i, a)| ends.iter().skip(i + 1).filter(|b| crossing(a, b)).count())
                .sum::<usize>()
        })
        .sum()
}
