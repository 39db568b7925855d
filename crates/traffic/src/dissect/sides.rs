//! A value for each end of a conversation, and whether a reader is in step with what an end says.

use crate::facts::{End, Fact, Facts};

/// A value for each end.
#[derive(Debug, Default)]
pub(crate) struct Sides<T> {
    initiator: T,
    responder: T,
}

impl<T> Sides<T> {
    /// These two.
    pub(crate) const fn new(initiator: T, responder: T) -> Self {
        Self { initiator, responder }
    }

    /// That of an end.
    pub(crate) const fn of(&mut self, end: End) -> &mut T {
        match end {
            End::Initiator => &mut self.initiator,
            End::Responder => &mut self.responder,
        }
    }

    /// Both, the initiator's first.
    pub(crate) const fn both(&self) -> (&T, &T) {
        (&self.initiator, &self.responder)
    }
}

/// Which ends' messages a reader is in step with: it read one, and nothing was lost since.
#[derive(Debug, Default)]
pub(crate) struct InStep(Sides<bool>);

impl InStep {
    /// A message was read.
    pub(crate) const fn found(&mut self, from: End) {
        *self.0.of(from) = true;
    }

    /// Octets were lost on the way to the capture.
    pub(crate) const fn lost(&mut self, from: End) {
        *self.0.of(from) = false;
    }

    /// Octets cannot be understood: an anomaly where the reader was in step, once up to the next message; else they are
    /// the rest of a message whose beginning the capture has not.
    pub(crate) fn fails(&mut self, from: End, what: &'static str, facts: &mut dyn Facts) {
        if std::mem::take(self.0.of(from)) {
            facts.say(Fact::Anomaly { what });
        }
    }
}
