//! A connection that goes over to TLS midway: what follows is TLS's to read.

use super::{Conversation, Dissector as _, Hint, Likelihood, Progress, tls::Tls};
use crate::facts::{End, Facts};

/// Whether a connection went over to TLS, and its reader then.
pub(crate) struct Secured {
    hint: Hint,
    tls: Option<Box<dyn Conversation>>,
}

impl Secured {
    /// Not yet.
    pub(crate) const fn new(hint: &Hint) -> Self {
        Self { hint: *hint, tls: None }
    }

    /// Both sides agreed on it.
    pub(crate) fn begin(&mut self) {
        self.tls.get_or_insert_with(|| Tls.open(&self.hint));
    }

    /// Did it begin?
    pub(crate) const fn is_on(&self) -> bool {
        self.tls.is_some()
    }

    /// Begins where these octets are those of a handshake, whatever was said before.
    pub(crate) fn begin_at(&mut self, from: End, data: &[u8]) {
        if self.is_on() || !matches!(data, [22, 3, ..=4, ..]) {
            return;
        }
        let (own, other) = (self.hint.source_port, self.hint.destination_port);
        let (source_port, destination_port) =
            if from == self.hint.from { (own, other) } else { (other, own) };
        let hint = Hint { stream: true, from, source_port, destination_port };
        if Tls.probe(data, &hint) >= Likelihood::Likely {
            self.begin();
        }
    }

    /// Reads, where TLS has begun.
    pub(crate) fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Option<Progress> {
        self.tls.as_mut().map(|tls| tls.read(from, data, facts))
    }

    /// Hands on what the capture kept of a message. Whether TLS has begun.
    pub(crate) fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> bool {
        self.tls.as_mut().map(|tls| tls.cut(from, data, facts)).is_some()
    }

    /// Tells of a gap. Whether to go on, where TLS has begun.
    pub(crate) fn gap(&mut self, from: End) -> Option<bool> {
        self.tls.as_mut().map(|tls| tls.gap(from))
    }
}
