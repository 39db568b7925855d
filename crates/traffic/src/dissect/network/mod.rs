//! The protocols by which links and networks run themselves: who has which address, which way is open, which router
//! leads, who may use a port. A file a protocol or a few that belong together.
//!
//! None of them needs to remember anything: each frame or datagram is read by itself.

pub mod arp;
pub mod bgp;
pub mod cdp;
pub mod eapol;
pub mod icmp;
pub mod igmp;
pub mod macsec;
pub mod redundancy;
pub mod ring;
pub mod routing;
pub mod slow;
pub mod stp;

use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{End, Facts};
use crate::protocol::Protocol;

/// Reads one message at the start of these bytes.
type Read = fn(End, &[u8], &mut dyn Facts) -> Progress;

/// A dissector that remembers nothing.
#[derive(Debug, Clone, Copy)]
pub struct Control {
    protocols: &'static [&'static Protocol],
    probe: fn(&[u8], &Hint) -> Likelihood,
    read: Read,
}

impl Dissector for Control {
    fn protocols(&self) -> &'static [&'static Protocol] {
        self.protocols
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        (self.probe)(data, hint)
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading(self.read))
    }
}

struct Reading(Read);

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        (self.0)(from, data, facts)
    }
}

/// What is told by its EtherType, SAP or IP protocol number alone is never met over TCP or UDP.
const fn is_framed(hint: &Hint) -> bool {
    !hint.stream && hint.source_port == 0 && hint.destination_port == 0
}

/// Likely if it is framed and looks like it.
fn framed(looks: bool, hint: &Hint) -> Likelihood {
    if looks && is_framed(hint) { Likelihood::Likely } else { Likelihood::No }
}
