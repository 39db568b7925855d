//! What substation devices publish: GOOSE (events) and sampled values, on the link and routed (IEC 61850-8-1, 9-2).
//!
//! Owns the header that both have and what is said of a publisher; the services that are asked for are MMS's.

mod frame;
mod goose;
mod sv;

pub use goose::{Goose, PROTOCOL as GOOSE};
pub use sv::{PROTOCOL as SV, SampledValues};

use crate::dissect::octets::printable;
use crate::facts::{End, Fact, Facts, Identity};

/// Streams of one publisher that are kept apart.
const STREAMS_MAX: usize = 8;

/// What is remembered of the streams of one publisher: those met first.
#[derive(Debug)]
struct Streams<T>([Option<(u32, T)>; STREAMS_MAX]);

impl<T: Copy> Default for Streams<T> {
    fn default() -> Self {
        Self([None; STREAMS_MAX])
    }
}

impl<T: Copy> Streams<T> {
    /// Puts what is known of the stream of a name, and gives what was known before: `Some(None)` of a new one, `None`
    /// of one too many.
    fn replace(&mut self, name: &[u8], known: T) -> Before<T> {
        let digest = digest(name);
        for place in &mut self.0 {
            match place {
                Some((of, before)) if *of == digest => return Before::Was(std::mem::replace(before, known)),
                Some(_) => {}
                None => {
                    *place = Some((digest, known));
                    return Before::New;
                }
            }
        }
        Before::NotKept
    }
}

/// What was known of a stream.
enum Before<T> {
    /// It is new.
    New,
    /// This.
    Was(T),
    /// There are too many streams to keep it.
    NotKept,
}

fn digest(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |sum, octet| (sum ^ u32::from(*octet)).wrapping_mul(0x0100_0193))
}

/// Says the publisher's logical device: what stands before the slash in a reference (IEC 61850-8-1, section 7.3).
fn say_device(publisher: End, reference: &[u8], facts: &mut dyn Facts) {
    let name = reference.split(|octet| *octet == b'/').next().filter(|name| name.len() < reference.len());
    if let Some(value) = name.and_then(printable) {
        facts.say(Fact::Identity { about: publisher, what: Identity::Name, value });
    }
}

/// Says a property whose value is a number.
fn say_number(name: &'static str, number: u32, facts: &mut dyn Facts) {
    facts.say(Fact::Property { name, value: &number.to_string() });
}
