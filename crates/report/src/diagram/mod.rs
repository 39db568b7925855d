//! The zone and conduit diagram, as SVG.
//!
//! Three steps that do not know each other's business: [`scene()`] says what is shown, [`layout()`] where it stands,
//! [`draw()`] how it looks.

mod draw;
mod lanes;
mod layout;
pub mod measure;
mod nest;
mod route;
mod scene;
#[cfg(test)]
mod tests;

pub use draw::{draw, size};
pub use layout::{Layout, PlacedBox, PlacedLink, Rect, layout};
pub use nest::BoxText;
pub use scene::{DEPTH_MAX, LINKS_DRAWN_MAX, Scene, SceneBox, SceneLink, ZONES_DRAWN_MAX, scene};

use zonewright_assess::verification::Verification;
use zonewright_plant::Plant;

/// The zones and conduits of a plant with what verifying them said, as an SVG document.
#[must_use]
pub fn svg(plant: &Plant, verification: &Verification) -> String {
    let scene = scene(plant, verification);
    draw(&scene, &layout(&scene))
}
