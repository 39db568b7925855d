//! Long lines made straight: the lanes of a line are moved onto one vertical wherever their rows leave room.
#![expect(clippy::indexing_slicing, reason = "a numeric kernel over vectors that it built itself")]

use super::layout::{Grid, Kind, gap};
use super::nest::PORT_STEP;

/// Passes over all lines; a moved lane makes room for others.
const PASSES: usize = 4;

/// Moves lanes only; the order in every row and the least distances stay.
pub(super) fn straighten(grid: &mut Grid) {
    let mut chains: Vec<Vec<usize>> =
        grid.chains.iter().flatten().map(|(_, wires)| items(grid, wires)).collect();
    chains.retain(|items| items.len() > 2);
    chains.sort_by_key(|items| (std::cmp::Reverse(items.len()), items.first().copied()));
    let left = grid.items.iter().map(|i| i.x).min().unwrap_or(0);
    let right = grid.items.iter().map(|i| i.x + i.w).max().unwrap_or(0);
    for _ in 0..PASSES {
        for chain in &chains {
            straighten_chain(grid, chain, (left, right));
        }
    }
}

/// The items of a line from its label to its zone.
fn items(grid: &Grid, wires: &[usize]) -> Vec<usize> {
    let Some(first) = wires.first().map(|w| &grid.wires[*w]) else { return Vec::new() };
    let down = matches!(grid.items[first.upper.item].kind, Kind::Label(_));
    let label = if down { first.upper.item } else { first.lower.item };
    let far = |w: &usize| if down { grid.wires[*w].lower.item } else { grid.wires[*w].upper.item };
    std::iter::once(label).chain(wires.iter().map(far)).collect()
}

/// Where the left edge of an item may be, its neighbors staying where they are.
fn room(grid: &Grid, item: usize, (left, right): (i32, i32)) -> (i32, i32) {
    let own = &grid.items[item];
    let row = &grid.rows[own.row];
    let at = row.iter().position(|i| *i == item).unwrap_or(0);
    let low = at.checked_sub(1).map_or(left, |k| {
        let before = &grid.items[row[k]];
        before.x + before.w + gap(before.kind, own.kind)
    });
    let high = row.get(at + 1).map_or(right - own.w, |i| {
        let after = &grid.items[*i];
        after.x - gap(own.kind, after.kind) - own.w
    });
    (low.min(own.x), high.max(own.x))
}

fn straighten_chain(grid: &mut Grid, chain: &[usize], edges: (i32, i32)) {
    let (Some(label), Some(zone)) = (chain.first(), chain.last()) else { return };
    let lanes = &chain[1..chain.len() - 1];
    let mut wanted = grid.items[*label].x + grid.items[*label].w / 2;
    let mut start = 0;
    while start < lanes.len() {
        // As many lanes as have room on one vertical.
        let mut common = room(grid, lanes[start], edges);
        let mut end = start + 1;
        while end < lanes.len() {
            let next = room(grid, lanes[end], edges);
            let both = (common.0.max(next.0), common.1.min(next.1));
            if both.0 > both.1 {
                break;
            }
            common = both;
            end += 1;
        }
        if end == lanes.len() {
            let port = port_range(grid, *zone, lanes[end - 1]);
            let both = (common.0.max(port.0), common.1.min(port.1));
            if both.0 <= both.1 {
                common = both;
            }
        }
        let half = grid.items[lanes[start]].w / 2;
        let x = (wanted - half).clamp(common.0, common.1);
        lanes[start..end].iter().for_each(|lane| grid.items[*lane].x = x);
        wanted = x + half;
        start = end;
    }
}

/// Where a lane must be for its line to meet the zone without a jog.
fn port_range(grid: &Grid, zone: usize, lane: usize) -> (i32, i32) {
    let port = grid.wires.iter().find_map(|w| match (w.upper.item, w.lower.item) {
        (a, b) if a == zone && b == lane => Some(w.upper),
        (a, b) if a == lane && b == zone => Some(w.lower),
        _ => None,
    });
    port.map_or((0, 0), |port| {
        let left = grid.items[zone].x + port.from + PORT_STEP;
        let half = grid.items[lane].w / 2;
        (left - half, left + port.span - 2 * PORT_STEP - half)
    })
}
