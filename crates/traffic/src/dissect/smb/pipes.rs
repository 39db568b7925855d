//! Named pipes: files whose contents are calls of DCE/RPC.

use super::super::dcerpc::{Connection, Head, head};
use crate::facts::{End, Facts};

/// Pipes of one conversation that are read at the same time.
const PIPES_MAX: usize = 8;
/// Requests whose answers are awaited.
const PENDING_MAX: usize = 8;

/// A pipe that is open.
#[derive(Debug)]
struct Pipe {
    /// The number of the open file.
    file: u64,
    connection: Connection,
}

/// The pipes of a conversation.
#[derive(Debug, Default)]
pub(super) struct Pipes {
    /// The one used last stands last.
    pipes: Vec<Pipe>,
    /// Message and file of requests whose answers are to be read.
    pending: [Option<(u64, u64)>; PENDING_MAX],
    next: u8,
}

impl Pipes {
    /// Is this open file a pipe that is read?
    pub(super) fn has(&self, file: u64) -> bool {
        self.pipes.iter().any(|pipe| pipe.file == file)
    }

    /// Does the answer to this message come from a pipe?
    pub(super) fn expects(&self, message: u64) -> bool {
        self.pending.iter().flatten().any(|(known, _)| *known == message)
    }

    /// A request to read or exchange: its answer is the pipe's.
    pub(super) fn asked(&mut self, message: u64, file: u64) {
        if self.has(file) {
            if let Some(place) = self.pending.get_mut(usize::from(self.next) % PENDING_MAX) {
                *place = Some((message, file));
            }
            self.next = self.next.wrapping_add(1) % PENDING_MAX as u8;
        }
    }

    /// What was written. The first is a binding, which makes a file a pipe. Whether it is one.
    pub(super) fn wrote(&mut self, from: End, file: u64, data: &[u8], facts: &mut dyn Facts) -> bool {
        if !self.has(file) {
            let Head::Packet(packet) = head(data) else { return false };
            if !packet.is_binding() || packet.length() > data.len() {
                return false;
            }
            if self.pipes.len() >= PIPES_MAX {
                self.pipes.remove(0);
            }
            self.pipes.push(Pipe { file, connection: Connection::inside() });
        }
        self.packets(from, file, data, facts);
        true
    }

    /// What an answer holds. Whether it came from a pipe.
    pub(super) fn answered(&mut self, from: End, message: u64, data: &[u8], facts: &mut dyn Facts) -> bool {
        let mut places = self.pending.iter_mut();
        let place = places.find(|place| place.is_some_and(|(known, _)| known == message));
        let Some((_, file)) = place.and_then(Option::take) else { return false };
        self.packets(from, file, data, facts);
        true
    }

    /// The packets in some octets; one that goes on in the next is left there.
    fn packets(&mut self, from: End, file: u64, data: &[u8], facts: &mut dyn Facts) {
        let Some(pipe) = self.pipes.iter_mut().find(|pipe| pipe.file == file) else { return };
        let mut rest = data;
        while let Head::Packet(packet) = head(rest) {
            let whole = rest.get(..packet.length()).unwrap_or(rest);
            pipe.connection.packet(from, &packet, whole, facts);
            rest = rest.get(packet.length()..).unwrap_or_default();
        }
    }
}
