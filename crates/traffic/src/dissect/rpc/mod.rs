//! ONC RPC (RFC 5531) over UDP and TCP: which programs and procedures are called, with what credentials; the port
//! mapper, the mount protocol and NFS by their procedures. Arguments and results are passed over.

mod table;

pub use table::{MOUNT, NFS, PORTMAP, RPC};

use self::table::{MOUNT_PROGRAM, NFS_PORT, NFS_PROGRAM, PORTMAP_PORT, PORTMAP_PROGRAM, PROCEDURE, PROGRAM};
use super::octets::{Octets, printable};
use super::once::Once;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Direction, End, Fact, Facts, Identity};
use crate::protocol::Protocol;

/// Longest fragment of a record that is believed.
const FRAGMENT_LENGTH_MAX: u32 = 8 << 20;
/// Octets of a message that are read: all up to the credentials.
const READ_LENGTH_MAX: usize = 512;
/// Octets of credentials (RFC 5531, 8.2).
const CREDENTIAL_LENGTH_MAX: u32 = 400;
/// Calls that wait for their reply and are remembered.
const OUTSTANDING_MAX: usize = 16;
/// Flavors: none, system, short, DH, GSS-API, and up to the last that is assigned at the beginning (IANA).
const FLAVOR_MAX: u32 = 7;
const FLAVOR_SYSTEM: u32 = 1;
const FLAVOR_GSS: u32 = 6;
/// The lowest number of a program (RFC 5531, 8.3 leaves those below unused).
const PROGRAM_MIN: u32 = 100_000;
/// The highest: up to where numbers are reserved.
const PROGRAM_MAX: u32 = 0x5FFF_FFFF;

/// For which programs a reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// NFS.
    Nfs,
    /// All others.
    Any,
}

/// The reader of ONC RPC.
#[derive(Debug)]
pub struct Rpc(pub Program);

impl Dissector for Rpc {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: [&[&Protocol]; 2] =
            [&[&NFS, &RPC, &PORTMAP, &MOUNT], &[&RPC, &PORTMAP, &MOUNT, &NFS]];
        let [nfs, any] = PROTOCOLS;
        match self.0 {
            Program::Nfs => nfs,
            Program::Any => any,
        }
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        let message = if hint.stream {
            match fragment(data) {
                Some((_, length)) if length >= 24 => data.get(4..).unwrap_or_default(),
                _ => return Likelihood::No,
            }
        } else {
            data
        };
        match (Call::read(message), self.0) {
            (Some(call), Program::Nfs) if call.program == NFS_PROGRAM => Likelihood::Certain,
            (Some(call), Program::Any) if RPC.function(PROGRAM, call.program).is_some() => {
                if call.program == NFS_PROGRAM { Likelihood::No } else { Likelihood::Certain }
            }
            (Some(_), Program::Any) => Likelihood::Likely,
            (None, Program::Nfs) if hint.port(NFS_PORT) && is_reply(message) => Likelihood::Likely,
            (None, Program::Any) if hint.port(PORTMAP_PORT) && is_reply(message) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reader {
            stream: hint.stream,
            fallback: if self.0 == Program::Nfs { NFS_PROGRAM } else { 0 },
            outstanding: [Outstanding::default(); OUTSTANDING_MAX],
            next: 0,
            continued: [false; 2],
            names: Once::default(),
        })
    }
}

/// A fragment's head: whether it is a record's last, and its length (RFC 5531, 11).
fn fragment(data: &[u8]) -> Option<(bool, usize)> {
    let head = Octets::new(data).u32_be()?;
    let length = head & 0x7FFF_FFFF;
    if !(1..=FRAGMENT_LENGTH_MAX).contains(&length) {
        return None;
    }
    Some((head >> 31 == 1, usize::try_from(length).ok()?))
}

/// A call, up to its credentials (RFC 5531, 9).
#[derive(Debug, Clone, Copy)]
struct Call<'a> {
    transaction: u32,
    program: u32,
    version: u32,
    procedure: u32,
    flavor: u32,
    credentials: &'a [u8],
}

impl<'a> Call<'a> {
    fn read(data: &'a [u8]) -> Option<Self> {
        let mut octets = Octets::new(data);
        let transaction = octets.u32_be()?;
        let (kind, protocol) = (octets.u32_be()?, octets.u32_be()?);
        let (program, version, procedure) = (octets.u32_be()?, octets.u32_be()?, octets.u32_be()?);
        let (flavor, length) = (octets.u32_be()?, octets.u32_be()?);
        let good = kind == 0
            && protocol == 2
            && (PROGRAM_MIN..=PROGRAM_MAX).contains(&program)
            && version <= 0xFFFF
            && procedure <= 0xFFFF
            && (flavor <= FLAVOR_MAX || (390_000..400_000).contains(&flavor))
            && length <= CREDENTIAL_LENGTH_MAX;
        let length = usize::try_from(length).ok()?;
        let credentials = octets.rest().get(..length).unwrap_or(octets.rest());
        good.then_some(Self { transaction, program, version, procedure, flavor, credentials })
    }
}

/// Does a reply begin here: accepted, with a verifier, or denied?
fn is_reply(data: &[u8]) -> bool {
    let mut octets = Octets::new(data);
    let (Some(_), Some(1), Some(state)) = (octets.u32_be(), octets.u32_be(), octets.u32_be()) else {
        return false;
    };
    match state {
        0 => {
            octets.u32_be().is_some_and(|flavor| flavor <= FLAVOR_MAX)
                && octets.u32_be().is_some_and(|length| length <= CREDENTIAL_LENGTH_MAX)
        }
        1 => octets.u32_be().is_some_and(|reason| reason <= 1),
        _ => false,
    }
}

/// A call whose reply is awaited.
#[derive(Debug, Clone, Copy, Default)]
struct Outstanding {
    transaction: u32,
    program: u32,
    version: u8,
    procedure: u16,
}

/// One conversation being read.
struct Reader {
    stream: bool,
    /// The program of replies whose calls were not seen.
    fallback: u32,
    outstanding: [Outstanding; OUTSTANDING_MAX],
    next: usize,
    /// Does the next fragment go on with a record? The initiator's, the responder's.
    continued: [bool; 2],
    names: Once<4>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        if !self.stream {
            return if self.message(from, data, facts) {
                Progress::Consumed(data.len())
            } else {
                Progress::Lost
            };
        }
        if data.len() < 4 {
            return Progress::Need(4);
        }
        let Some((last, length)) = fragment(data) else {
            facts.say(Fact::Anomaly { what: "rpc-fragment" });
            return Progress::Lost;
        };
        let whole = 4 + length;
        let wanted = whole.min(READ_LENGTH_MAX);
        let Some(message) = data.get(4..wanted) else { return Progress::Need(wanted) };
        let [initiator, responder] = &mut self.continued;
        let continued = if from == End::Initiator { initiator } else { responder };
        if !std::mem::replace(continued, !last) && !self.message(from, message, facts) {
            return Progress::Lost;
        }
        if wanted == whole { Progress::Consumed(whole) } else { Progress::Skip(whole) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        let message = if self.stream { data.get(4..).unwrap_or_default() } else { data };
        if Call::read(message).is_some() || is_reply(message) {
            self.message(from, message, facts);
        }
    }

    fn gap(&mut self, _from: End) -> bool {
        self.continued = [false; 2];
        !self.stream
    }
}

impl Reader {
    /// A message. Whether it is one.
    fn message(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> bool {
        if let Some(call) = Call::read(data) {
            self.call(from, call, facts);
            return true;
        }
        if !is_reply(data) {
            facts.say(Fact::Anomaly { what: "rpc-header" });
            return false;
        }
        let transaction = Octets::new(data).u32_be().unwrap_or(0);
        let found =
            self.outstanding.iter_mut().find(|call| call.program != 0 && call.transaction == transaction);
        match found.map(std::mem::take) {
            Some(call) => {
                say(
                    call.program,
                    u32::from(call.version),
                    u32::from(call.procedure),
                    Direction::Response,
                    facts,
                );
            }
            None => facts.message(&RPC, PROGRAM, self.fallback, Direction::Response),
        }
        true
    }

    fn call(&mut self, from: End, call: Call<'_>, facts: &mut dyn Facts) {
        say(call.program, call.version, call.procedure, Direction::Request, facts);
        if let Some(place) = self.outstanding.get_mut(self.next) {
            *place = Outstanding {
                transaction: call.transaction,
                program: call.program,
                version: u8::try_from(call.version).unwrap_or(u8::MAX),
                procedure: u16::try_from(call.procedure).unwrap_or(u16::MAX),
            };
        }
        self.next = (self.next + 1) % OUTSTANDING_MAX;
        match call.flavor {
            FLAVOR_GSS => facts.say(Fact::Authenticated(true)),
            FLAVOR_SYSTEM => {
                facts.say(Fact::Encrypted(false));
                facts.say(Fact::Authenticated(false));
                self.machine(from, call.credentials, facts);
            }
            _ => {}
        }
    }

    /// The machine's name in credentials of the system's kind (RFC 5531, appendix A): a stamp, a length, a name.
    fn machine(&mut self, about: End, credentials: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(credentials);
        let name = octets
            .skip(4)
            .and_then(|()| octets.u32_be())
            .and_then(|length| usize::try_from(length).ok())
            .and_then(|length| octets.take(length));
        if let Some(name) = name
            && let Some(value) = printable(name)
            && self.names.is_new(name)
        {
            facts.say(Fact::Identity { about, what: Identity::Name, value });
        }
    }
}

/// Says a program, and a procedure where the program's are known.
fn say(program: u32, version: u32, procedure: u32, direction: Direction, facts: &mut dyn Facts) {
    facts.message(&RPC, PROGRAM, program, direction);
    match (program, version) {
        (PORTMAP_PROGRAM, _) => facts.message(&PORTMAP, PROCEDURE, procedure, direction),
        (MOUNT_PROGRAM, _) => facts.message(&MOUNT, PROCEDURE, procedure, direction),
        (NFS_PROGRAM, 2) => facts.message(&NFS, 0, procedure, direction),
        (NFS_PROGRAM, 3) => facts.message(&NFS, 1, procedure, direction),
        (NFS_PROGRAM, 4) => facts.message(&NFS, 2, procedure, direction),
        _ => {}
    }
}
