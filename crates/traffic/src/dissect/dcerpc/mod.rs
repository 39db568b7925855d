//! DCE/RPC: calls of remote procedures, over TCP, in datagrams, and in named pipes of SMB.
//!
//! Owns the two forms of its packets (`connection`, `datagram`), which interface a client bound to (`tables`), and how
//! a call is protected (`security`). OPC Classic and DCOM are interfaces of it; PROFINET IO-CM, whose calls travel in
//! datagrams, is read by `profinet::io_cm`. A call is counted by its operation, named by its interface.

mod connection;
mod datagram;
mod security;
mod tables;

pub(crate) use connection::{Connection, Head, head};

use super::profinet::io_cm;
use super::sides::InStep;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Message};
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port of the endpoint mapper. Other servers listen where it says.
const PORT: u16 = 135;

const OPERATION: u8 = 0;
const PACKET: u8 = 1;

/// DCE/RPC.
pub(super) static PROTOCOL: Protocol = Protocol {
    name: "dcerpc",
    title: "DCE/RPC (DCOM, OPC Classic, Windows)",
    carriers: &[Carrier::Tcp(PORT), Carrier::Udp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "operation", functions: &tables::OPERATIONS, default_class: Class::Other },
        Element { name: "packet", functions: PACKETS, default_class: Class::Session },
    ],
    documents: &[
        "The Open Group C706 (DCE 1.1: Remote Procedure Call, 1997), chapter 12 and appendices I, O, Q",
        "Microsoft MS-RPCE (Remote Procedure Call Protocol Extensions), 2.2",
        "Microsoft MS-DCOM, MS-SCMR, MS-TSCH, MS-RRP, MS-RSP, MS-EVEN, MS-SRVS, MS-WKST",
        "Microsoft MS-SAMR, MS-LSAD, MS-LSAT, MS-NRPC, MS-DRSR, MS-DSSP, MS-DNSP, MS-EFSR, MS-BRWSA",
        "OPC Foundation: Data Access 2.05 and 3.00, Alarms and Events 1.10, Historical Data Access 1.20, Common 1.10",
        "IEC 61158-6-10:2019, PROFINET CBA",
    ],
};

/// Packets that call no operation (C706, 12.6.4.1), and answers to calls that were not captured.
const PACKETS: &[Function] = &[
    function(2, "response", Class::Other),
    function(3, "fault", Class::Session),
    function(11, "bind", Class::Session),
    function(12, "bind-ack", Class::Session),
    function(13, "bind-nak", Class::Session),
    function(14, "alter-context", Class::Session),
    function(15, "alter-context-response", Class::Session),
    function(16, "auth3", Class::Authenticate),
    function(17, "shutdown", Class::Session),
    function(18, "cancel", Class::Session),
    function(19, "orphaned", Class::Session),
];

/// The reader of DCE/RPC.
#[derive(Debug, Clone, Copy)]
pub struct DceRpc;

impl Dissector for DceRpc {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL, &io_cm::PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return datagram::probe(data);
        }
        match head(data) {
            Head::Packet(packet) if packet.is_binding() => Likelihood::Certain,
            Head::Packet(_) => Likelihood::Likely,
            Head::Short if hint.port(PORT) => Likelihood::Port,
            Head::Short | Head::Other => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        if hint.stream {
            Box::new(Stream { connection: Connection::new(), in_step: InStep::default() })
        } else {
            Box::new(datagram::Reader::default())
        }
    }
}

/// A TCP connection.
struct Stream {
    connection: Connection,
    in_step: InStep,
}

impl Conversation for Stream {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        match head(data) {
            Head::Short => Progress::Need(connection::HEAD_BYTES),
            Head::Other => {
                self.in_step.fails(from, "malformed-dcerpc", facts);
                Progress::Lost
            }
            Head::Packet(packet) => {
                let Some(whole) = data.get(..packet.length()) else { return Progress::Need(packet.length()) };
                self.in_step.found(from);
                self.connection.packet(from, &packet, whole, facts);
                Progress::Consumed(packet.length())
            }
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Head::Packet(packet) = head(data) {
            self.connection.packet(from, &packet, data, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.in_step.lost(from);
        true
    }
}

/// Says a call of an operation, or its answer.
fn say_operation(interface: Option<tables::Index>, number: u16, direction: Direction, facts: &mut dyn Facts) {
    let known = interface.and_then(tables::at);
    let meaning = known.map_or(UNKNOWN, |interface| interface.operation(number));
    say(number, direction, meaning, facts);
}

/// An operation of an interface whose binding was not captured, or that is not listed.
const UNKNOWN: (&str, Class) = ("operation-of-unknown-interface", Class::Other);

/// A call that could not be carried out.
const FAULT: (&str, Class) = ("fault", Class::Session);

fn say(number: u16, direction: Direction, meaning: (&'static str, Class), facts: &mut dyn Facts) {
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: OPERATION,
        code: Code::Number(u32::from(number)),
        direction,
        meaning: Some(meaning),
    }));
}

/// Says a packet that calls nothing.
fn say_packet(kind: u8, direction: Direction, facts: &mut dyn Facts) {
    facts.message(&PROTOCOL, PACKET, u32::from(kind), direction);
}

/// A 128-bit identifier off the wire: its first three fields are numbers, in the order of the sender.
fn uuid(octets: [u8; 16], is_little: bool) -> u128 {
    let mut octets = octets;
    if is_little {
        {
            let [a, b, c, d, e, f, g, h, ..] = &mut octets;
            std::mem::swap(a, d);
            std::mem::swap(b, c);
            std::mem::swap(e, f);
            std::mem::swap(g, h);
        }
    }
    u128::from_be_bytes(octets)
}

/// An identifier as it is written.
fn write_uuid(words: &mut super::brief::Words, uuid: u128) {
    use std::fmt::Write as _;
    // 36 characters always fit.
    let _ = write!(
        words,
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        uuid >> 96,
        uuid >> 80 & 0xffff,
        uuid >> 64 & 0xffff,
        uuid >> 48 & 0xffff,
        uuid & 0xffff_ffff_ffff
    );
}

/// Says which interface is spoken.
fn say_interface(uuid: u128, facts: &mut dyn Facts) {
    match tables::find(uuid).and_then(tables::at) {
        Some(known) => facts.say(Fact::Property { name: "rpc-interface", value: known.name }),
        None => {
            let mut words = super::brief::Words::new();
            write_uuid(&mut words, uuid);
            facts.say(Fact::Property { name: "rpc-interface", value: words.as_str() });
        }
    }
}
