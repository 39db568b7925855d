//! Configuration frames: which measurement units stand behind a stream (C37.118.2, section 6.4 and table 9; 6.5 and table 11).

use super::units;
use crate::dissect::fields::text;
use crate::dissect::octets::Octets;
use crate::facts::{End, Fact, Facts, Identity};

/// Units of one configuration that are named.
const UNITS_MAX: u16 = 32;
/// Length of a name in configurations 1 and 2.
const NAME_BYTES: usize = 16;

/// What a unit measures: how many phasors, analog values and digital words.
struct Counts {
    phasors: usize,
    analogs: usize,
    digitals: usize,
}

impl Counts {
    fn read(octets: &mut Octets<'_>) -> Option<Self> {
        let mut next = || octets.u16_be().map(usize::from);
        Some(Self { phasors: next()?, analogs: next()?, digitals: next()? })
    }

    /// Names of channels: one each, of a digital word one for every bit.
    const fn names(&self) -> usize {
        self.phasors + self.analogs + 16 * self.digitals
    }
}

/// Says the units of a configuration 1 or 2. `None` if it does not hold what it says it holds.
pub(super) fn say(from: End, body: &[u8], facts: &mut dyn Facts) -> Option<()> {
    let count = units(body)?;
    let mut octets = Octets::new(body);
    octets.skip(6)?;
    for _ in 0..count.min(UNITS_MAX) {
        say_unit(from, octets.take(NAME_BYTES)?, count, facts);
        // Identifier of the stream, format.
        octets.skip(4)?;
        let counts = Counts::read(&mut octets)?;
        octets.skip(NAME_BYTES * counts.names())?;
        // A unit of measure each; nominal frequency and count of changes.
        octets.skip(4 * (counts.phasors + counts.analogs + counts.digitals) + 4)?;
    }
    // The rate of data.
    if count <= UNITS_MAX { octets.skip(2) } else { Some(()) }
}

/// Says the units of a configuration 3, if it is one frame or the first of several.
pub(super) fn say_third(from: End, body: &[u8], facts: &mut dyn Facts) -> Option<()> {
    let mut octets = Octets::new(body);
    let index = octets.u16_be()?;
    if index > 1 {
        return Some(());
    }
    let count = units(octets.rest())?;
    octets.skip(6)?;
    for unit in 0..count.min(UNITS_MAX) {
        // The first of several frames ends anywhere.
        let understood = third_unit(from, &mut octets, count, facts);
        if understood.is_none() && (index == 0 || unit == 0) {
            return None;
        }
    }
    Some(())
}

fn third_unit(from: End, octets: &mut Octets<'_>, count: u16, facts: &mut dyn Facts) -> Option<()> {
    let name = named(octets)?;
    // Identifier of the stream, global identifier, format.
    octets.skip(2 + 16 + 2)?;
    let counts = Counts::read(octets)?;
    say_unit(from, name, count, facts);
    for _ in 0..counts.names() {
        named(octets)?;
    }
    // Scales; place, class, window, delay, nominal frequency, count of changes.
    octets.skip(12 * counts.phasors + 8 * counts.analogs + 4 * counts.digitals)?;
    octets.skip(12 + 1 + 4 + 4 + 2 + 2)
}

/// A name with its length before it.
fn named<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let length = octets.u8()?;
    octets.take(usize::from(length))
}

/// Says a unit: the sender, or one of those whose data a concentrator sends on.
fn say_unit(from: End, name: &[u8], count: u16, facts: &mut dyn Facts) {
    let Some(value) = text(name) else { return };
    if count == 1 {
        facts.say(Fact::Identity { about: from, what: Identity::Name, value: &value });
    } else {
        facts.say(Fact::Property { name: "station", value: &value });
    }
}
