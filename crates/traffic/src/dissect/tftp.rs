//! TFTP (RFC 1350): which file is read or written, and the transfer, which goes on between ports of its own.

use super::octets::{Octets, printable};
use super::once::Once;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that requests go to (RFC 1350, 4).
const PORT: u16 = 69;
/// Index of the element that counts operations.
const OPCODE: u8 = 0;
/// Octets of a block with its header, where nothing else was agreed (RFC 1350, 2).
const BLOCK_LENGTH: usize = 516;
/// The same where a size was agreed that fits a frame (RFC 2348): common ones.
const BLOCK_LENGTHS_AGREED: [usize; 5] = [1028, 1412, 1432, 1460, 1472];
/// The highest error code (RFC 2347, 4).
const ERROR_MAX: u16 = 8;
/// Options that are known (RFC 2348, RFC 2349, RFC 7440).
const OPTIONS: [&[u8]; 5] = [b"blksize", b"timeout", b"tsize", b"windowsize", b"multicast"];

/// TFTP.
pub static PROTOCOL: Protocol = Protocol {
    name: "tftp",
    title: "Trivial file transfer protocol",
    carriers: &[Carrier::Udp(PORT)],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "opcode", functions: OPCODES, default_class: Class::Other }],
    documents: &["RFC 1350", "RFC 2347 to 2349 (options)"],
};

/// Operations (RFC 1350, 5; RFC 2347).
const OPCODES: &[Function] = &[
    function(1, "read-request", Class::File),
    function(2, "write-request", Class::File),
    function(3, "data", Class::File),
    function(4, "acknowledgment", Class::Session),
    function(5, "error", Class::Session),
    function(6, "option-acknowledgment", Class::Session),
];

/// The reader of TFTP.
#[derive(Debug)]
pub struct Tftp;

impl Dissector for Tftp {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if hint.stream {
            return Likelihood::No;
        }
        // A transfer goes on between two ports that were free.
        let between = hint.source_port >= 1024 && hint.destination_port >= 1024;
        match (data, hint.port(PORT)) {
            ([0, 1 | 2, ..], _) if request(data).is_some() => Likelihood::Certain,
            ([0, 5, 0, ..], _) if error(data).is_some() => Likelihood::Likely,
            ([0, 6, ..], _) if options(data) => Likelihood::Certain,
            ([0, 1..=6, _, _, ..], true) => Likelihood::Port,
            // The first block, full, or a short one that is text; what answers it, or a request to write.
            ([0, 3, 0, 1, block @ ..], false) if between && is_first_block(block) => Likelihood::Likely,
            ([0, 4, 0, 0..=1], false) if between => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader { files: Once::default() })
    }
}

fn is_first_block(block: &[u8]) -> bool {
    let length = block.len() + 4;
    let text = |octet: &u8| matches!(octet, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    length == BLOCK_LENGTH
        || BLOCK_LENGTHS_AGREED.contains(&length)
        || (length < BLOCK_LENGTH && block.len() >= 8 && block.iter().all(text))
}

/// The next text that a zero ends.
fn text<'a>(octets: &mut Octets<'a>) -> Option<&'a [u8]> {
    let end = octets.rest().iter().position(|&octet| octet == 0)?;
    let text = octets.take(end)?;
    octets.skip(1)?;
    Some(text)
}

/// The file's name and the mode of a request (RFC 1350, 5).
fn request(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut octets = Octets::new(data);
    octets.skip(2)?;
    let (file, mode) = (text(&mut octets)?, text(&mut octets)?);
    let known = [&b"netascii"[..], b"octet", b"mail"].iter().any(|known| mode.eq_ignore_ascii_case(known));
    (known && !file.is_empty() && !file.iter().any(u8::is_ascii_control)).then_some((file, mode))
}

/// An error's code, with a text after it.
fn error(data: &[u8]) -> Option<u16> {
    let mut octets = Octets::new(data);
    octets.skip(2)?;
    let code = octets.u16_be()?;
    let text = text(&mut octets)?;
    let good = code <= ERROR_MAX && text.iter().all(|octet| octet.is_ascii_graphic() || *octet == b' ');
    (good && octets.is_empty()).then_some(code)
}

/// Are options acknowledged that are known?
fn options(data: &[u8]) -> bool {
    let mut octets = Octets::new(data);
    let name = octets.skip(2).and_then(|()| text(&mut octets));
    let value = text(&mut octets);
    name.is_some_and(|name| OPTIONS.iter().any(|known| name.eq_ignore_ascii_case(known)))
        && value.is_some_and(|value| value.iter().all(|octet| octet.is_ascii_graphic()))
}

/// One conversation being read.
struct Reader {
    files: Once<8>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let [0, opcode @ 1..=6, rest @ ..] = data else {
            facts.say(Fact::Anomaly { what: "tftp-opcode" });
            return Progress::Lost;
        };
        if rest.len() < 2 {
            return Progress::Need(4);
        }
        facts.message(&PROTOCOL, OPCODE, u32::from(*opcode), Direction::None);
        match opcode {
            1 | 2 => self.request(from, data, facts),
            5 if error(data).is_none() => facts.say(Fact::Anomaly { what: "tftp-error" }),
            _ => {}
        }
        Progress::Consumed(data.len())
    }

    fn cut(&mut self, _from: End, data: &[u8], facts: &mut dyn Facts) {
        if let [0, opcode @ 1..=6, ..] = data {
            facts.message(&PROTOCOL, OPCODE, u32::from(*opcode), Direction::None);
        }
    }
}

impl Reader {
    fn request(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        facts.say(Fact::Initiator(from));
        let Some((file, _)) = request(data) else {
            facts.say(Fact::Anomaly { what: "tftp-request" });
            return;
        };
        if let Some(value) = printable(file)
            && self.files.is_new(file)
        {
            facts.say(Fact::Property { name: "file-name", value });
        }
    }
}
