//! IEC 60870-5-104: telecontrol over TCP, and the ASDUs of IEC 60870-5-101 that it carries.
//!
//! Owns the framing (start octet, length, control field) and the head of the data unit: type, cause, common address.
//! Values of information objects are not read; whether their number fits the length is checked where the type's size
//! is fixed.

use std::str;

use super::octets::Octets;
use super::sides::{InStep, Sides};
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// IEC 60870-5-104 on the wire begins every APDU with this octet (5.1).
const START: u8 = 0x68;
/// The control field: four octets, which every APDU has (5.1).
const CONTROL_LENGTH: u8 = 4;
/// Longest APDU: 253 octets after the length octet (5.1).
const APDU_LENGTH_MAX: u8 = 253;
/// The port that is registered for it (IEC 60870-5-104, 7.1).
const PORT: u16 = 2404;

/// Index of the element that counts frame formats.
const FRAME: u8 = 0;
/// Index of the element that counts unnumbered control functions.
const U_FORMAT: u8 = 1;
/// Index of the element that counts type identifications.
const TYPE: u8 = 2;
/// Index of the element that counts type identification and cause of transmission.
const TYPE_CAUSE: u8 = 3;

/// IEC 60870-5-104.
pub static PROTOCOL: Protocol = Protocol {
    name: "iec104",
    title: "IEC 60870-5-104",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "frame", functions: FRAMES, default_class: Class::Other },
        Element { name: "u-format", functions: U_FORMATS, default_class: Class::Session },
        Element { name: "type", functions: TYPES, default_class: Class::Other },
        Element { name: "type-cause", functions: &[], default_class: Class::Other },
    ],
    documents: &[
        "IEC 60870-5-104:2006+AMD1:2016, 5 (APDU) and 8 (selection of ASDUs)",
        "IEC 60870-5-101:2003, 7.2 (ASDU), tables 8 to 14",
        "IEC TS 60870-5-7:2013 (security extensions, types 81 to 95)",
    ],
};

/// Frame formats: the two lowest bits of the control field (IEC 60870-5-104, 5.3).
const FRAMES: &[Function] = &[
    function(0, "information-transfer", Class::Other),
    function(1, "supervisory", Class::Session),
    function(3, "unnumbered-control", Class::Session),
];

/// Unnumbered control functions: the six upper bits of the first control octet (IEC 60870-5-104, 5.3).
const U_FORMATS: &[Function] = &[
    function(1, "startdt-act", Class::Session),
    function(2, "startdt-con", Class::Session),
    function(4, "stopdt-act", Class::Session),
    function(8, "stopdt-con", Class::Session),
    function(16, "testfr-act", Class::Session),
    function(32, "testfr-con", Class::Session),
];

/// Type identifications (IEC 60870-5-101, tables 8 to 14; 81 to 95: IEC TS 60870-5-7).
const TYPES: &[Function] = &[
    function(1, "single-point-information", Class::Read),
    function(2, "single-point-information-time", Class::Read),
    function(3, "double-point-information", Class::Read),
    function(4, "double-point-information-time", Class::Read),
    function(5, "step-position", Class::Read),
    function(6, "step-position-time", Class::Read),
    function(7, "bitstring-32", Class::Read),
    function(8, "bitstring-32-time", Class::Read),
    function(9, "measured-normalized", Class::Read),
    function(10, "measured-normalized-time", Class::Read),
    function(11, "measured-scaled", Class::Read),
    function(12, "measured-scaled-time", Class::Read),
    function(13, "measured-short-float", Class::Read),
    function(14, "measured-short-float-time", Class::Read),
    function(15, "integrated-totals", Class::Read),
    function(16, "integrated-totals-time", Class::Read),
    function(17, "protection-event-time", Class::Alarm),
    function(18, "protection-start-events-time", Class::Alarm),
    function(19, "protection-output-circuit-time", Class::Alarm),
    function(20, "packed-single-point-change", Class::Read),
    function(21, "measured-normalized-no-quality", Class::Read),
    function(30, "single-point-information-time-56", Class::Read),
    function(31, "double-point-information-time-56", Class::Read),
    function(32, "step-position-time-56", Class::Read),
    function(33, "bitstring-32-time-56", Class::Read),
    function(34, "measured-normalized-time-56", Class::Read),
    function(35, "measured-scaled-time-56", Class::Read),
    function(36, "measured-short-float-time-56", Class::Read),
    function(37, "integrated-totals-time-56", Class::Read),
    function(38, "protection-event-time-56", Class::Alarm),
    function(39, "protection-start-events-time-56", Class::Alarm),
    function(40, "protection-output-circuit-time-56", Class::Alarm),
    function(41, "integrated-totals-security-statistics", Class::Diagnose),
    function(45, "single-command", Class::Operate),
    function(46, "double-command", Class::Operate),
    function(47, "regulating-step-command", Class::Operate),
    function(48, "set-point-normalized", Class::Write),
    function(49, "set-point-scaled", Class::Write),
    function(50, "set-point-short-float", Class::Write),
    function(51, "bitstring-32-command", Class::Write),
    function(58, "single-command-time-56", Class::Operate),
    function(59, "double-command-time-56", Class::Operate),
    function(60, "regulating-step-command-time-56", Class::Operate),
    function(61, "set-point-normalized-time-56", Class::Write),
    function(62, "set-point-scaled-time-56", Class::Write),
    function(63, "set-point-short-float-time-56", Class::Write),
    function(64, "bitstring-32-command-time-56", Class::Write),
    function(70, "end-of-initialization", Class::Alarm),
    function(81, "authentication-challenge", Class::Authenticate),
    function(82, "authentication-reply", Class::Authenticate),
    function(83, "aggressive-mode-request", Class::Authenticate),
    function(84, "session-key-status-request", Class::Authenticate),
    function(85, "session-key-status", Class::Authenticate),
    function(86, "session-key-change", Class::Authenticate),
    function(87, "authentication-error", Class::Authenticate),
    function(90, "user-status-change", Class::Authenticate),
    function(91, "update-key-change-request", Class::Authenticate),
    function(92, "update-key-change-reply", Class::Authenticate),
    function(93, "update-key-change-symmetric", Class::Authenticate),
    function(94, "update-key-change-asymmetric", Class::Authenticate),
    function(95, "update-key-change-confirmation", Class::Authenticate),
    function(100, "interrogation", Class::Read),
    function(101, "counter-interrogation", Class::Read),
    function(102, "read", Class::Read),
    function(103, "clock-synchronization", Class::Time),
    function(104, "test", Class::Diagnose),
    function(105, "reset-process", Class::Operate),
    function(106, "delay-acquisition", Class::Time),
    function(107, "test-time-56", Class::Diagnose),
    function(110, "parameter-normalized", Class::Configure),
    function(111, "parameter-scaled", Class::Configure),
    function(112, "parameter-short-float", Class::Configure),
    function(113, "parameter-activation", Class::Configure),
    function(120, "file-ready", Class::File),
    function(121, "section-ready", Class::File),
    function(122, "call-file", Class::File),
    function(123, "last-section", Class::File),
    function(124, "acknowledge-file", Class::File),
    function(125, "file-segment", Class::File),
    function(126, "directory", Class::File),
    function(127, "query-log", Class::File),
];

/// The reader of IEC 60870-5-104.
#[derive(Debug)]
pub struct Iec104;

impl Dissector for Iec104 {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        let on_port = hint.port(PORT);
        match Apdu::read(data) {
            Head::Apdu(apdu) if apdu.is_strict() && apdu.is_followed(data) => {
                if on_port {
                    Likelihood::Certain
                } else {
                    Likelihood::Likely
                }
            }
            Head::Apdu(_) | Head::Short(_) if on_port => Likelihood::Port,
            _ if on_port && certain_from(data).is_some() => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader {
            stations: 0,
            address: None,
            controlling: None,
            lost: Sides::default(),
            in_step: InStep::default(),
        })
    }
}

/// How the octets at hand begin.
enum Head<'a> {
    /// With an APDU.
    Apdu(Apdu<'a>),
    /// With an APDU that is not whole: so many octets are needed.
    Short(usize),
    /// With something else.
    Other,
}

/// An APDU: control field and what follows it.
struct Apdu<'a> {
    control: [u8; 4],
    asdu: &'a [u8],
    length: usize,
}

impl<'a> Apdu<'a> {
    /// The APDU at the start of these octets.
    fn read(data: &'a [u8]) -> Head<'a> {
        let mut octets = Octets::new(data);
        if octets.u8() != Some(START) {
            return Head::Other;
        }
        let Some(length) = octets.u8() else { return Head::Short(2) };
        if !(CONTROL_LENGTH..=APDU_LENGTH_MAX).contains(&length) {
            return Head::Other;
        }
        let whole = usize::from(length) + 2;
        let Some(body) = octets.take(usize::from(length)) else { return Head::Short(whole) };
        let mut body = Octets::new(body);
        let Some(control) = body.array() else { return Head::Other };
        Head::Apdu(Self { control, asdu: body.rest(), length: whole })
    }

    /// Is the control field one that the document allows (5.3)?
    fn is_strict(&self) -> bool {
        let [first, second, third, fourth] = self.control;
        match first & 3 {
            1 => first == 1 && second == 0 && third & 1 == 0 && self.asdu.is_empty(),
            3 => {
                [second, third, fourth] == [0, 0, 0]
                    && self.asdu.is_empty()
                    && U_FORMATS.iter().any(|known| known.code == u32::from(first >> 2))
            }
            // An information transfer: both sequence numbers are even as octets, and an ASDU of a type that exists
            // with its cause, address and at least one object address follows.
            _ => {
                third & 1 == 0
                    && self.asdu.len() >= ASDU_HEAD + OBJECT_ADDRESS
                    && self.asdu.first().is_some_and(|&kind| type_of(kind).is_some())
            }
        }
    }

    /// Does nothing, or another APDU, follow?
    fn is_followed(&self, data: &[u8]) -> bool {
        data.get(self.length).is_none_or(|&octet| octet == START)
    }
}

/// Octets of the data unit identifier: type, structure qualifier, cause (2), common address (2) (IEC 60870-5-104, 7.1).
const ASDU_HEAD: usize = 6;
/// Octets of an information object address (IEC 60870-5-104, 7.1).
const OBJECT_ADDRESS: usize = 3;
/// Sectors are remembered as a bit each up to this many said, so that a hostile station cannot flood the facts.
const STATIONS_MAX: u8 = 64;

/// The function of a type identification.
fn type_of(kind: u8) -> Option<&'static Function> {
    let at = TYPES.binary_search_by_key(&u32::from(kind), |known| known.code).ok()?;
    TYPES.get(at)
}

/// Octets of one information element of a type without its address, where that is fixed (IEC 60870-5-101, 7.3).
const fn element_length(kind: u8) -> Option<usize> {
    Some(match kind {
        1 | 3 | 45..=47 | 70 | 100 | 101 | 105 | 113 => 1,
        5 | 21 | 104 | 106 => 2,
        9 | 11 | 48 | 49 | 110 | 111 => 3,
        2 | 4 => 4,
        7 | 13 | 15 | 20 | 50 | 112 => 5,
        51 => 4,
        6 => 5,
        10 | 12 | 17 => 6,
        18 | 19 | 103 => 7,
        8 | 14 | 16 | 30 | 31 | 58..=60 => 8,
        32 | 107 => 9,
        34 | 35 | 38 | 61 | 62 => 10,
        39 | 40 | 64 => 11,
        33 | 36 | 37 | 63 => 12,
        102 => 0,
        _ => return None,
    })
}

/// One conversation being read.
struct Reader {
    /// How many changes of the common address were said.
    stations: u8,
    /// The common address said last.
    address: Option<u16>,
    /// The controlling station, once shown.
    controlling: Option<End>,
    /// By sender: were octets lost, so that only an APDU beyond doubt is taken for one?
    lost: Sides<bool>,
    in_step: InStep,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let lost = *self.lost.of(from);
        match Apdu::read(data) {
            Head::Apdu(apdu) if !lost || apdu.is_strict() => {
                *self.lost.of(from) = false;
                self.in_step.found(from);
                self.apdu(from, &apdu, facts);
                Progress::Consumed(apdu.length)
            }
            Head::Short(needed) => Progress::Need(needed),
            _ => {
                self.in_step.fails(from, "iec104-no-start", facts);
                Progress::Consumed(resynchronize(data))
            }
        }
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        // Only an information transfer is long enough to be cut: its type and cause are said if they are there.
        let mut octets = Octets::new(data);
        let (Some(START), Some(CONTROL_LENGTH..=APDU_LENGTH_MAX), Some([first, ..])) =
            (octets.u8(), octets.u8(), octets.array::<4>())
        else {
            return;
        };
        if first & 1 != 0 {
            return;
        }
        facts.message(&PROTOCOL, FRAME, 0, Direction::None);
        if let (Some(kind), Some(_), Some(cause)) = (octets.u8(), octets.u8(), octets.u8()) {
            let direction = direction_of(kind, cause & 0x3F);
            facts.message(&PROTOCOL, TYPE, u32::from(kind), direction);
            say_type_cause(kind, cause & 0x3F, direction, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        *self.lost.of(from) = true;
        self.in_step.lost(from);
        true
    }
}

/// How many octets to let go so that an APDU comes first: one beyond doubt, else whatever begins with a start octet.
fn resynchronize(data: &[u8]) -> usize {
    let next = || data.iter().skip(1).position(|&octet| octet == START).map(|at| at + 1);
    certain_from(data).or_else(next).unwrap_or(data.len())
}

/// Where after the first octet an APDU beyond doubt begins.
fn certain_from(data: &[u8]) -> Option<usize> {
    (1..data.len()).find(|&at| match data.get(at..).map(Apdu::read) {
        Some(Head::Apdu(apdu)) => apdu.is_strict(),
        _ => false,
    })
}

impl Reader {
    /// Says who controls, once.
    fn say_controlling(&mut self, end: End, facts: &mut dyn Facts) {
        if self.controlling != Some(end) {
            self.controlling = Some(end);
            facts.say(Fact::Initiator(end));
        }
    }

    fn apdu(&mut self, from: End, apdu: &Apdu<'_>, facts: &mut dyn Facts) {
        let [first, ..] = apdu.control;
        match first & 3 {
            1 => facts.message(&PROTOCOL, FRAME, 1, Direction::None),
            3 => self.u_format(from, first >> 2, facts),
            _ => {
                facts.message(&PROTOCOL, FRAME, 0, Direction::None);
                self.asdu(from, apdu.asdu, facts);
                return;
            }
        }
        if !apdu.is_strict() {
            facts.say(Fact::Anomaly { what: "iec104-control-field" });
        }
    }

    fn asdu(&mut self, from: End, asdu: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(asdu);
        let Some(kind) = octets.u8() else {
            facts.say(Fact::Anomaly { what: "iec104-no-asdu" });
            return;
        };
        let (Some(qualifier), Some(cause)) = (octets.u8(), octets.u8()) else {
            facts.message(&PROTOCOL, TYPE, u32::from(kind), Direction::None);
            facts.say(Fact::Anomaly { what: "iec104-asdu-short" });
            return;
        };
        let direction = direction_of(kind, cause & 0x3F);
        facts.message(&PROTOCOL, TYPE, u32::from(kind), direction);
        say_type_cause(kind, cause & 0x3F, direction, facts);
        if (81..=95).contains(&kind) {
            facts.say(Fact::Authenticated(true));
        }
        let address = octets.skip(1).and_then(|()| octets.u16_le());
        if !fits(kind, qualifier, octets.len()) || address.is_none() {
            facts.say(Fact::Anomaly { what: "iec104-asdu-length" });
            return;
        }
        if type_of(kind).is_none() {
            facts.say(Fact::Anomaly { what: "iec104-type-unknown" });
            return;
        }
        if let Some(end) = controlling(from, kind, cause & 0x3F) {
            self.say_controlling(end, facts);
        }
        if let Some(address) = address {
            self.say_address(address, facts);
        }
    }

    /// Reads an unnumbered control function. The controlling station starts and stops the transfer, either tests it
    /// (5.3), which therefore does not tell who asks.
    fn u_format(&mut self, from: End, code: u8, facts: &mut dyn Facts) {
        let direction = match code {
            1 | 4 => Direction::Request,
            2 | 8 => Direction::Response,
            _ => Direction::None,
        };
        facts.message(&PROTOCOL, FRAME, 3, Direction::None);
        facts.message(&PROTOCOL, U_FORMAT, u32::from(code), direction);
        match code {
            1 | 4 => self.say_controlling(from, facts),
            2 | 8 => self.say_controlling(from.other(), facts),
            _ => {}
        }
    }

    /// Says the station's common address when it is another than before (65535 asks all stations).
    fn say_address(&mut self, address: u16, facts: &mut dyn Facts) {
        if address == u16::MAX || self.address == Some(address) || self.stations >= STATIONS_MAX {
            return;
        }
        self.address = Some(address);
        self.stations += 1;
        let mut text = [0; 8];
        if let Some(value) = decimals(&mut text, &[u32::from(address)], b'/') {
            facts.say(Fact::Property { name: "common-address", value });
        }
    }
}

/// Does an ASDU ask or answer (IEC 60870-5-101, table 14)? Cause 5 is "request or requested": commands ask, monitored
/// values answer.
const fn direction_of(kind: u8, cause: u8) -> Direction {
    match cause {
        5 if kind <= 44 => Direction::Response,
        5 | 6 | 8 => Direction::Request,
        7 | 9 | 10 | 20..=41 | 44..=47 => Direction::Response,
        _ => Direction::None,
    }
}

/// The controlling station, where type and cause show it: commands are activated by it and confirmed to it.
const fn controlling(from: End, kind: u8, cause: u8) -> Option<End> {
    match (kind, cause) {
        (45..=64 | 100..=113, 6 | 8) => Some(from),
        (45..=64 | 100..=113, 7 | 9 | 10) | (1..=40, 1..=3 | 5 | 20..=41) | (70, 4) => Some(from.other()),
        _ => None,
    }
}

/// Does the number of information objects fit the octets there are?
fn fits(kind: u8, qualifier: u8, available: usize) -> bool {
    let count = usize::from(qualifier & 0x7F);
    let Some(element) = element_length(kind) else { return true };
    let wanted = if qualifier & 0x80 == 0 {
        count * (OBJECT_ADDRESS + element)
    } else {
        OBJECT_ADDRESS + count * element
    };
    wanted == available
}

/// Says type and cause as one code, `45/6`.
fn say_type_cause(kind: u8, cause: u8, direction: Direction, facts: &mut dyn Facts) {
    let mut text = [0; 8];
    let Some(code) = decimals(&mut text, &[u32::from(kind), u32::from(cause)], b'/') else { return };
    let meaning = type_of(kind).map(|known| (known.name, known.class));
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: TYPE_CAUSE,
        code: Code::Text(code),
        direction,
        meaning,
    }));
}

/// Writes numbers in decimal with a sign between, without allocating.
fn decimals<'a>(buffer: &'a mut [u8; 8], numbers: &[u32], between: u8) -> Option<&'a str> {
    let mut at = buffer.len();
    for (index, &number) in numbers.iter().rev().enumerate() {
        if index > 0 {
            at = at.checked_sub(1)?;
            *buffer.get_mut(at)? = between;
        }
        let mut left = number;
        loop {
            at = at.checked_sub(1)?;
            *buffer.get_mut(at)? = b'0' + u8::try_from(left % 10).ok()?;
            left /= 10;
            if left == 0 {
                break;
            }
        }
    }
    str::from_utf8(buffer.get(at..)?).ok()
}
