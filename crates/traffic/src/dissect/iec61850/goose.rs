//! GOOSE: events that substation devices publish, trips and interlocks among them (IEC 61850-8-1, section 18).

use super::frame::{self, Framed};
use super::{Before, Streams, say_device, say_number};
use crate::dissect::ber::{self, Elements};
use crate::dissect::octets::printable;
use crate::dissect::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// GOOSE, on the link and routed.
pub static PROTOCOL: Protocol = Protocol {
    name: "goose",
    title: "IEC 61850 GOOSE",
    carriers: &[Carrier::EtherType(0x88b8), Carrier::Udp(frame::PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[Element { name: "control-block", functions: FUNCTIONS, default_class: Class::Alarm }],
    documents: &[
        "IEC 61850-8-1:2011, section 18, annexes A and C",
        "IEC 61850-8-1:2020, annex G; IEC TR 61850-90-5:2012 (routed)",
        "IEC 62351-6:2020, section 8 (security extension)",
    ],
};

/// A message's code is the reference of its control block, whatever it is called.
const FUNCTIONS: &[Function] = &[function(0, "publish", Class::Alarm)];
const PUBLISH: Option<(&str, Class)> = Some(("publish", Class::Alarm));

/// Session PDU and type of entry of routed GOOSE (IEC TR 61850-90-5, section 8.2).
const SESSION: u8 = 0xa1;
const ENTRY: u8 = 0x81;

/// The identifier of `goosePdu` (IEC 61850-8-1, annex A).
const PDU: u16 = 0x61;
/// Elements of a PDU; it has at most fourteen.
const ELEMENTS_MAX: usize = 16;

/// The dissector of GOOSE.
#[derive(Debug, Clone, Copy)]
pub struct Goose;

impl Dissector for Goose {
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

/// What is remembered of a control block.
#[derive(Debug, Clone, Copy)]
struct State {
    /// Number of the state, which grows by one with each event.
    number: u32,
    revision: u32,
    simulated: bool,
    uncommissioned: bool,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if self.link {
            let Some(framed) = frame::link(data) else {
                facts.say(Fact::Anomaly { what: "goose-header" });
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
            && let Some(block) = Goosed::read(&framed).and_then(|pdu| printable(pdu.block))
        {
            self.say_block(from, block, facts);
        }
    }
}

impl Reading {
    fn say_framed(&mut self, from: End, framed: &Framed<'_>, facts: &mut dyn Facts) {
        if !framed.agrees {
            facts.say(Fact::Anomaly { what: "goose-length" });
        }
        let Some(pdu) = Goosed::read(framed) else {
            facts.say(Fact::Anomaly { what: "goose-pdu" });
            return;
        };
        if !pdu.complete {
            facts.say(Fact::Anomaly { what: "goose-pdu" });
        } else if pdu.entries.is_some_and(|said| said != pdu.values) {
            facts.say(Fact::Anomaly { what: "goose-entries" });
        }
        self.say_pdu(from, &pdu, framed, facts);
    }

    fn say_block(&mut self, from: End, block: &str, facts: &mut dyn Facts) {
        facts.say(Fact::Message(Message {
            protocol: &PROTOCOL,
            element: 0,
            code: Code::Text(block),
            direction: Direction::None,
            meaning: PUBLISH,
        }));
        if !std::mem::replace(&mut self.publisher_said, true) {
            facts.say(Fact::Initiator(from));
        }
    }

    fn say_pdu(&mut self, from: End, pdu: &Goosed<'_>, framed: &Framed<'_>, facts: &mut dyn Facts) {
        let Some(block) = printable(pdu.block) else {
            facts.say(Fact::Anomaly { what: "goose-pdu" });
            return;
        };
        self.say_block(from, block, facts);
        if !pdu.complete {
            return;
        }
        let state = State {
            number: pdu.state,
            revision: pdu.revision,
            simulated: framed.simulated || pdu.simulated,
            uncommissioned: pdu.uncommissioned,
        };
        match self.streams.replace(pdu.block, state) {
            Before::New => {
                say_device(from, pdu.block, facts);
                facts.say(Fact::Authenticated(framed.signed || pdu.signed));
                if let Some(value) = printable(pdu.id) {
                    facts.say(Fact::Property { name: "goose-id", value });
                }
                say_state(&state, None, facts);
            }
            Before::Was(before) => say_state(&state, Some(&before), facts),
            Before::NotKept => {}
        }
        if framed.simulated && !pdu.simulated {
            facts.say(Fact::Anomaly { what: "goose-simulation-disagrees" });
        }
    }
}

/// Says what is another than before.
fn say_state(state: &State, before: Option<&State>, facts: &mut dyn Facts) {
    if before.is_none_or(|before| before.revision != state.revision) {
        say_number("configuration-revision", state.revision, facts);
        if before.is_some() {
            facts.say(Fact::Anomaly { what: "goose-revision-changed" });
        }
    }
    if state.simulated && before.is_none_or(|before| !before.simulated) {
        facts.say(Fact::Property { name: "simulation", value: "true" });
    }
    if state.uncommissioned && before.is_none_or(|before| !before.uncommissioned) {
        facts.say(Fact::Property { name: "needs-commissioning", value: "true" });
    }
    // A state follows the last one, or begins again at 1. One back may have come late over a redundant path.
    if before.is_some_and(|before| state.number > 1 && state.number.saturating_add(1) < before.number) {
        facts.say(Fact::Anomaly { what: "goose-state-backwards" });
    }
}

/// What a PDU says.
struct Goosed<'a> {
    block: &'a [u8],
    id: &'a [u8],
    state: u32,
    revision: u32,
    simulated: bool,
    uncommissioned: bool,
    signed: bool,
    /// Is everything there that must be?
    complete: bool,
    /// How many values it says it has, and has.
    entries: Option<u32>,
    values: u32,
}

impl<'a> Goosed<'a> {
    /// The PDU in a frame, as far as it is there: its control block at least.
    fn read(framed: &Framed<'a>) -> Option<Self> {
        if framed.pdu.tag != PDU {
            return None;
        }
        let mut pdu = Self {
            block: &[],
            id: &[],
            state: 0,
            revision: 0,
            simulated: false,
            uncommissioned: false,
            signed: false,
            complete: false,
            entries: None,
            values: 0,
        };
        let mut seen = 0_u16;
        for element in Elements(framed.pdu.content).take(ELEMENTS_MAX) {
            let Some(number @ 0..=12) = ber::context_number(element.tag) else { continue };
            if !element.whole {
                continue;
            }
            seen |= 1 << number;
            let content = element.content;
            match number {
                0 => pdu.block = content,
                3 => pdu.id = content,
                5 => pdu.state = ber::unsigned(content).unwrap_or_default(),
                7 => pdu.simulated = is_true(content),
                8 => pdu.revision = ber::unsigned(content).unwrap_or_default(),
                9 => pdu.uncommissioned = is_true(content),
                10 => pdu.entries = ber::unsigned(content),
                11 => pdu.values = u32::try_from(Elements(content).count()).unwrap_or(u32::MAX),
                12 => pdu.signed = !content.is_empty(),
                _ => {}
            }
        }
        // Reference, time to live, data set, time, two counters, revision, entries and values are no option.
        const REQUIRED: u16 = 0b1101_0111_0111;
        pdu.complete = REQUIRED & !seen == 0;
        (seen & 1 != 0).then_some(pdu)
    }
}

fn is_true(content: &[u8]) -> bool {
    content.iter().any(|octet| *octet != 0)
}
