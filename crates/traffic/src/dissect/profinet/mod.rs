//! PROFINET on Ethernet (EtherType 0x8892): cyclic data, alarms, time, and DCP; and its RPC services (`io_cm`).
//!
//! Owns what one frame says. What carries IO-CM (DCE/RPC) is a protocol of its own. Every frame begins with a frame
//! id, which tells its kind (IEC 61158-6-10, "Coding of the field FrameID").

mod dcp;
pub(crate) mod io_cm;
mod rt;
pub(crate) mod vendors;

use super::fields::be16;
use super::sides::Sides;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{End, Facts};
use crate::protocol::Protocol;
use rt::Kind;

/// The reader of PROFINET frames.
#[derive(Debug, Clone, Copy)]
pub struct Profinet;

impl Dissector for Profinet {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&rt::PROTOCOL, &dcp::PROTOCOL];
        PROTOCOLS
    }

    /// Frames come by their EtherType. Of datagrams only those of RT class UDP at its port can be PROFINET.
    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let Some(frame_id) = be16(data, 0).filter(|_| !hint.stream) else { return Likelihood::No };
        let framed = hint.source_port == 0 && hint.destination_port == 0;
        match rt::kind(frame_id) {
            Kind::Dcp if framed && dcp::is_whole(frame_id, data) => Likelihood::Certain,
            Kind::Cyclic if framed && rt::cyclic(data).is_some() => Likelihood::Likely,
            Kind::Alarm | Kind::Time | Kind::Other if framed => Likelihood::Likely,
            Kind::Cyclic if rt::is_over_udp(frame_id, data, hint) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { status: Sides::default() })
    }
}

/// One conversation being read.
struct Reading {
    /// The data status last said, of each end.
    status: Sides<Option<u8>>,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let Some(frame_id) = be16(data, 0) else { return Progress::Need(2) };
        let kind = rt::kind(frame_id);
        let needed = match kind {
            Kind::Dcp => dcp::length(data),
            Kind::Alarm => rt::alarm_length(data),
            _ => 2,
        };
        if data.len() < needed {
            return Progress::Need(needed);
        }
        match kind {
            Kind::Dcp => dcp::read(from, frame_id, data, facts),
            kind => rt::read(frame_id, kind, data, self.status.of(from), facts),
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        // Everything is said as far as it goes; what lacks is the capture's loss, not the sender's.
        if let Some(frame_id) = be16(data, 0) {
            match rt::kind(frame_id) {
                Kind::Dcp => dcp::head(from, data, facts),
                _ => rt::head(frame_id, facts),
            }
        }
    }
}
