//! Sampled values: measurements that merging units publish some thousand times a second (IEC 61850-9-2).

use super::frame::{self, Framed};
use super::{Before, Streams, say_device, say_number};
use crate::dissect::ber::{self, Elements};
use crate::dissect::octets::printable;
use crate::dissect::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// Sampled values, on the link and routed.
pub static PROTOCOL: Protocol = Protocol {
    name: "sv",
    title: "IEC 61850 sampled values",
    carriers: &[Carrier::EtherType(0x88ba), Carrier::Udp(frame::PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "stream", functions: FUNCTIONS, default_class: Class::Read }],
    documents: &[
        "IEC 61850-9-2:2011, section 8.5",
        "IEC 61869-9:2016 (streams of instrument transformers)",
        "IEC TR 61850-90-5:2012 (routed)",
        "IEC 62351-6:2020, section 8 (security extension)",
    ],
};

/// A message's code is the identifier of its stream, whatever it is called.
const FUNCTIONS: &[Function] = &[function(0, "publish", Class::Read)];
const PUBLISH: Option<(&str, Class)> = Some(("publish", Class::Read));

/// Session PDU and type of entry of routed sampled values (IEC TR 61850-90-5, section 8.2).
const SESSION: u8 = 0xa2;
const ENTRY: u8 = 0x82;

/// The identifier of `savPdu` (IEC 61850-9-2, section 8.5.2).
const PDU: u16 = 0x60;
/// Application data units of one PDU that are read; a stream at the highest rate packs eight.
const UNITS_MAX: usize = 64;

/// The dissector of sampled values.
#[derive(Debug, Clone, Copy)]
pub struct SampledValues;

impl Dissector for SampledValues {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    /// Frames come by their EtherType; over UDP it has a session header that nothing else has.
    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        frame::probe(data, hint, PDU, SESSION)
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading { link: frame::is_link(hint), ..Reading::default() })
    }
}

#[derive(Debug, Default)]
struct Reading {
    /// Frames on the link, not UDP?
    link: bool,
    /// Was it said who publishes?
    publisher_said: bool,
    streams: Streams<State>,
}

/// What is remembered of a stream.
#[derive(Debug, Clone, Copy)]
struct State {
    revision: u32,
    synchronization: Option<u32>,
    simulated: bool,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if self.link {
            let Some(framed) = frame::link(data) else {
                facts.say(Fact::Anomaly { what: "sv-header" });
                return Progress::Consumed(data.len());
            };
            if !framed.pdu.whole {
                return Progress::Need(data.len() + 1);
            }
            self.say_framed(from, &framed, facts);
        } else {
            let Some((entries, signed)) = frame::routed(data, SESSION) else { return Progress::Lost };
            for framed in frame::entries(entries, ENTRY, signed) {
                self.say_framed(from, &framed, facts);
            }
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if self.link
            && let Some(framed) = frame::link(data)
        {
            self.say_units(from, &framed, facts);
        }
    }
}

impl Reading {
    fn say_framed(&mut self, from: End, framed: &Framed<'_>, facts: &mut dyn Facts) {
        if !framed.agrees {
            facts.say(Fact::Anomaly { what: "sv-length" });
        }
        let said = ber::find(framed.pdu.content, 0x80).and_then(ber::unsigned);
        let units = self.say_units(from, framed, facts);
        if units == 0 || said != Some(units) {
            facts.say(Fact::Anomaly { what: "sv-pdu" });
        }
    }

    /// Says the data units of a PDU; how many there were.
    fn say_units(&mut self, from: End, framed: &Framed<'_>, facts: &mut dyn Facts) -> u32 {
        if framed.pdu.tag != PDU {
            return 0;
        }
        let signed =
            framed.signed || ber::find(framed.pdu.content, 0x81).is_some_and(|field| !field.is_empty());
        let units = ber::find(framed.pdu.content, 0xa2).unwrap_or_default();
        let mut count = 0;
        for unit in Elements(units).take(UNITS_MAX).filter(|unit| unit.tag == 0x30) {
            let Some(stream) = ber::find(unit.content, 0x80).and_then(printable) else { continue };
            count += 1;
            facts.say(Fact::Message(Message {
                protocol: &PROTOCOL,
                element: 0,
                code: Code::Text(stream),
                direction: Direction::None,
                meaning: PUBLISH,
            }));
            if !std::mem::replace(&mut self.publisher_said, true) {
                facts.say(Fact::Initiator(from));
            }
            if unit.whole {
                self.say_stream(from, stream, unit.content, (framed.simulated, signed), facts);
            }
        }
        count
    }

    /// Says what a stream's data unit says that is another than before.
    fn say_stream(
        &mut self,
        from: End,
        name: &str,
        unit: &[u8],
        (simulated, signed): (bool, bool),
        facts: &mut dyn Facts,
    ) {
        let state = State {
            revision: ber::find(unit, 0x83).and_then(ber::unsigned).unwrap_or_default(),
            synchronization: ber::find(unit, 0x85).and_then(ber::unsigned),
            simulated,
        };
        let before = match self.streams.replace(name.as_bytes(), state) {
            Before::New => {
                facts.say(Fact::Authenticated(signed));
                say_device(from, ber::find(unit, 0x81).unwrap_or(name.as_bytes()), facts);
                None
            }
            Before::Was(before) => Some(before),
            Before::NotKept => return,
        };
        if before.is_none_or(|before| before.revision != state.revision) {
            say_number("configuration-revision", state.revision, facts);
        }
        if let Some(source) = state.synchronization
            && before.is_none_or(|before| before.synchronization != state.synchronization)
        {
            // Other numbers name the area whose clock it is (IEC 61850-9-2, table 14).
            let value = match source {
                0 => "none",
                1 => "local",
                2 => "global",
                _ => "area",
            };
            facts.say(Fact::Property { name: "synchronization", value });
        }
        if simulated && before.is_none_or(|before| !before.simulated) {
            facts.say(Fact::Property { name: "simulation", value: "true" });
        }
    }
}
