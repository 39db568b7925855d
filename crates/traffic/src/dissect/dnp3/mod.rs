//! DNP3 (IEEE 1815): telecontrol over TCP and UDP.
//!
//! Owns link frames (`link`), the joining of transport segments, and what of an application fragment says who and
//! what (`application`). One link frame gives one message: the application function where the frame completes a
//! fragment, else the link function; so the number of messages is the number of frames.

mod application;
mod link;
mod table;

pub use table::PROTOCOL;
use table::{FUNCTION, LINK_PRIMARY, LINK_SECONDARY, PORT};

use self::link::{Frame, Head, Header};
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::Protocol;

/// Longest application fragment that is joined; IEEE 1815 recommends that receivers take 2048 octets (5.3.1).
const FRAGMENT_LENGTH_MAX: usize = 16 * 1024;
/// Pairs of link addresses whose segments are joined at the same time in one direction of a conversation.
const ASSOCIATIONS_MAX: usize = 16;
/// How many changes of the link addresses are said for one conversation.
const ADDRESSES_MAX: u8 = 64;

/// The reader of DNP3.
#[derive(Debug)]
pub struct Dnp3;

impl Dissector for Dnp3 {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        match link::head(data) {
            // Two start octets and a cyclic check over ten octets that holds: chance is below one in four billion.
            Head::Header(header) if header.check_holds => Likelihood::Certain,
            Head::Short(_) if hint.port(PORT) => Likelihood::Port,
            // The beginning of a frame was not captured, but a later one follows.
            _ if hint.port(PORT) && link::holds_frame(data) => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader {
            stream: hint.stream,
            associations: Vec::new(),
            pair: None,
            pairs: 0,
            in_step: InStep::default(),
        })
    }
}

/// Segments of one direction between two link addresses, on their way to a fragment.
struct Association {
    from: End,
    source: u16,
    destination: u16,
    /// Sequence number that the next segment must have.
    next: u8,
    fragment: Vec<u8>,
}

/// One conversation being read.
struct Reader {
    stream: bool,
    associations: Vec<Association>,
    /// Master and outstation address said last.
    pair: Option<(u16, u16)>,
    /// How many pairs were said.
    pairs: u8,
    in_step: InStep,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if self.stream {
            return self.next(from, data, facts);
        }
        // A datagram holds any number of frames (IEEE 1815, 13.2.3.5).
        let mut rest = data;
        while !rest.is_empty() {
            match self.next(from, rest, facts) {
                Progress::Consumed(count) => rest = rest.get(count..).unwrap_or_default(),
                Progress::Need(count) if rest.len() == data.len() => return Progress::Need(count),
                _ => {
                    self.cut(from, rest, facts);
                    break;
                }
            }
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let Head::Header(header) = link::head(data) else { return };
        if !header.check_holds || !header.length_holds() {
            return;
        }
        self.say_pair(from, header, facts);
        match link::first_function(header, data) {
            Some(code) => say_function(code, facts),
            None => say_link(header, facts),
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        self.associations.retain(|association| association.from != from);
        true
    }
}

impl Reader {
    /// Reads the frame at the start of these octets, or passes on to the next.
    fn next(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match link::head(data) {
            // The check holds: this is a frame, made by somebody who wants to see what a wrong length does.
            Head::Header(header) if header.check_holds && !header.length_holds() => {
                facts.say(Fact::Anomaly { what: "dnp3-length" });
                Progress::Consumed(link::resynchronize(data))
            }
            Head::Header(header) if header.check_holds => {
                let Some(frame) = Frame::read(header, data) else {
                    return Progress::Need(header.frame_length());
                };
                self.in_step.found(from);
                self.frame(from, &frame, facts);
                Progress::Consumed(header.frame_length())
            }
            Head::Header(_) => self.pass_over(from, "dnp3-header-check", data, facts),
            Head::Short(needed) => Progress::Need(needed),
            Head::Other => self.pass_over(from, "dnp3-no-start", data, facts),
        }
    }

    /// Reports what is wrong and passes on to the next start octets.
    fn pass_over(&mut self, from: End, what: &'static str, data: &[u8], facts: &mut dyn Facts) -> Progress {
        self.in_step.fails(from, what, facts);
        Progress::Consumed(link::resynchronize(data))
    }

    fn frame(&mut self, from: End, frame: &Frame<'_>, facts: &mut dyn Facts) {
        self.say_pair(from, frame.header, facts);
        if !(frame.has_user_data() && self.segment(from, frame, facts)) {
            say_link(frame.header, facts);
        }
    }

    /// Reads a transport segment; whether it completed a fragment, which then was reported.
    fn segment(&mut self, from: End, frame: &Frame<'_>, facts: &mut dyn Facts) -> bool {
        if !frame.checks_hold() {
            facts.say(Fact::Anomaly { what: "dnp3-data-check" });
            self.forget(from, frame);
            return false;
        }
        let Some(transport) = frame.transport() else {
            facts.say(Fact::Anomaly { what: "dnp3-no-transport-header" });
            return false;
        };
        if transport.first && transport.last {
            self.forget(from, frame);
            // The usual case: mostly all lies in the first block, and nothing needs copying.
            if let Some(fragment) = frame.only_block() {
                return application::read(from, fragment, facts);
            }
            let fragment: Vec<u8> = frame.user_octets().collect();
            return application::read(from, &fragment, facts);
        }
        let Some(fragment) = self.join(from, frame, transport, facts) else { return false };
        application::read(from, &fragment, facts)
    }

    /// Adds a segment to its association; the fragment when it is whole.
    fn join(
        &mut self,
        from: End,
        frame: &Frame<'_>,
        transport: link::Transport,
        facts: &mut dyn Facts,
    ) -> Option<Vec<u8>> {
        let (source, destination) = (frame.header.source, frame.header.destination);
        let at = self.position(from, frame);
        if transport.first {
            let next = transport.sequence.wrapping_add(1) & 0x3F;
            let fragment = frame.user_octets().collect();
            let association = Association { from, source, destination, next, fragment };
            match at.and_then(|at| self.associations.get_mut(at)) {
                Some(place) => *place = association,
                None => {
                    if self.associations.len() >= ASSOCIATIONS_MAX {
                        facts.say(Fact::Anomaly { what: "dnp3-associations-limit" });
                        self.associations.remove(0);
                    }
                    self.associations.push(association);
                }
            }
            return None;
        }
        let at = at?;
        let association = self.associations.get_mut(at)?;
        if association.next != transport.sequence {
            facts.say(Fact::Anomaly { what: "dnp3-transport-sequence" });
            self.associations.remove(at);
            return None;
        }
        association.next = transport.sequence.wrapping_add(1) & 0x3F;
        association.fragment.extend(frame.user_octets());
        if association.fragment.len() > FRAGMENT_LENGTH_MAX {
            facts.say(Fact::Anomaly { what: "dnp3-fragment-limit" });
            self.associations.remove(at);
            return None;
        }
        transport.last.then(|| self.associations.remove(at).fragment)
    }

    fn position(&self, from: End, frame: &Frame<'_>) -> Option<usize> {
        self.associations.iter().position(|known| {
            known.from == from
                && known.source == frame.header.source
                && known.destination == frame.header.destination
        })
    }

    fn forget(&mut self, from: End, frame: &Frame<'_>) {
        if let Some(at) = self.position(from, frame) {
            self.associations.remove(at);
        }
    }

    /// Says who is master, and both link addresses when they are others than before.
    fn say_pair(&mut self, from: End, header: Header, facts: &mut dyn Facts) {
        let pair = if header.is_from_master() {
            (header.source, header.destination)
        } else {
            (header.destination, header.source)
        };
        if self.pair == Some(pair) || self.pairs >= ADDRESSES_MAX {
            return;
        }
        self.pair = Some(pair);
        self.pairs += 1;
        facts.say(Fact::Initiator(if header.is_from_master() { from } else { from.other() }));
        facts.say(Fact::Property { name: "master-address", value: &pair.0.to_string() });
        facts.say(Fact::Property { name: "outstation-address", value: &pair.1.to_string() });
    }
}

/// Does an application function ask or answer? Responses have the codes from 129 on (IEEE 1815, table 4-1).
const fn direction_of(code: u8) -> Direction {
    if code >= 129 { Direction::Response } else { Direction::Request }
}

/// Reports an application function.
fn say_function(code: u8, facts: &mut dyn Facts) {
    facts.message(&PROTOCOL, FUNCTION, u32::from(code), direction_of(code));
}

/// Reports a link function.
fn say_link(header: Header, facts: &mut dyn Facts) {
    let element = if header.is_primary() { LINK_PRIMARY } else { LINK_SECONDARY };
    facts.message(&PROTOCOL, element, u32::from(header.function()), Direction::None);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Anomalies(Vec<&'static str>);

    impl Facts for Anomalies {
        fn say(&mut self, fact: Fact<'_>) {
            if let Fact::Anomaly { what } = fact {
                self.0.push(what);
            }
        }
    }

    fn reader() -> Box<dyn Conversation> {
        Dnp3.open(&Hint { stream: true, from: End::Initiator, source_port: 49152, destination_port: PORT })
    }

    #[test]
    fn more_fragments_at_a_time_than_the_limit_are_reported() {
        let (mut reader, mut facts) = (reader(), Anomalies::default());
        for source in 0..=u16::try_from(ASSOCIATIONS_MAX).unwrap() {
            assert!(facts.0.is_empty());
            let frame = link::frame(0x44, 1, source, &[0x40, 0xC0, 0x81]);
            assert_eq!(reader.read(End::Responder, &frame, &mut facts), Progress::Consumed(frame.len()));
        }
        assert_eq!(facts.0, ["dnp3-associations-limit"]);
    }

    #[test]
    fn a_fragment_beyond_the_limit_is_reported() {
        let (mut reader, mut facts) = (reader(), Anomalies::default());
        let mut user = [0; 250];
        for number in 0..=u8::try_from(FRAGMENT_LENGTH_MAX / 249 + 1).unwrap() {
            user[0] = number & 0x3F | if number == 0 { 0x40 } else { 0 };
            reader.read(End::Responder, &link::frame(0x44, 1, 10, &user), &mut facts);
        }
        assert_eq!(facts.0, ["dnp3-fragment-limit"]);
    }
}
