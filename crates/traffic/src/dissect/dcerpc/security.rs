//! How calls are protected: the authentication verifier behind a packet (MS-RPCE, 2.2.2.11).

use super::super::brief::Words;
use super::super::ntlmssp;
use super::super::octets::Octets;
use crate::facts::{End, Fact, Facts};
use std::fmt::Write as _;

/// Octets before the authentication value: kind, level, padding, reserved, context.
pub(super) const HEAD_BYTES: usize = 8;

// Levels (MS-RPCE, 2.2.1.1.8).
const CONNECT: u8 = 2;
const PRIVACY: u8 = 6;
/// The service that says who logs on in its last message.
const NTLM: u8 = 10;

/// What a packet is to the protection of its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It calls an operation.
    Call,
    /// It answers a call: the server took the client for who it says it is.
    Answer,
    /// Neither.
    Other,
}

/// What was seen and said of a connection's protection, so that it is said once.
#[derive(Debug)]
pub(super) struct Protection {
    /// Service and level said last.
    said: Option<(u8, u8)>,
    /// Was it said whether calls are readable?
    calls: bool,
    /// Was it said that the client is known?
    known: bool,
    /// Did a binding come by?
    bound: bool,
    /// Did the client offer a proof of who it is?
    proof: bool,
    /// Did it give no name?
    anonymous: bool,
}

impl Protection {
    /// Nothing was seen.
    pub(super) const fn new() -> Self {
        Self { said: None, calls: false, known: false, bound: false, proof: false, anonymous: false }
    }

    /// What carries the calls says it.
    pub(super) const fn elsewhere() -> Self {
        Self { calls: true, bound: true, ..Self::new() }
    }

    /// A packet with a verifier.
    pub(super) fn trailer(&mut self, from: End, trailer: &[u8], is: Use, facts: &mut dyn Facts) {
        let mut octets = Octets::new(trailer);
        let Some([kind, level, ..]) = octets.array::<HEAD_BYTES>() else { return };
        if !matches!(level, 1..=PRIVACY) {
            return facts.say(Fact::Anomaly { what: "dcerpc-authentication-level" });
        }
        self.bound |= is == Use::Other;
        if self.said != Some((kind, level)) {
            self.said = Some((kind, level));
            self.calls = false;
            let mut words = Words::new();
            // Two short names always fit.
            let _ = write!(words, "{}, {}", kind_name(kind), level_name(level));
            facts.say(Fact::Property { name: "rpc-authentication", value: words.as_str() });
        }
        if is == Use::Other {
            return self.logon(kind, ntlmssp::find(from, octets.rest(), facts), facts);
        }
        self.proof |= level >= CONNECT;
        self.call(level == PRIVACY, is, facts);
    }

    /// A packet without one. After a binding of level "connect" that is so by design.
    pub(super) fn none(&mut self, is_bind: bool, is: Use, facts: &mut dyn Facts) {
        if is_bind && !self.bound {
            self.bound = true;
            facts.say(Fact::Authenticated(false));
        }
        if is != Use::Other {
            self.call(false, is, facts);
        }
    }

    /// Says of the first call whether it is hidden, and of the first answer that the client is known.
    fn call(&mut self, is_hidden: bool, is: Use, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.calls, true) {
            facts.say(Fact::Encrypted(is_hidden));
        }
        if is == Use::Answer && self.proof && !self.anonymous && !std::mem::replace(&mut self.known, true) {
            facts.say(Fact::Authenticated(true));
        }
    }

    /// NTLM offers its proof in its last message, other services in their first.
    fn logon(&mut self, kind: u8, logon: ntlmssp::Logon, facts: &mut dyn Facts) {
        match logon {
            ntlmssp::Logon::Anonymous => {
                self.anonymous = true;
                facts.say(Fact::Authenticated(false));
            }
            ntlmssp::Logon::Named => {
                (self.anonymous, self.proof) = (false, true);
            }
            ntlmssp::Logon::Unknown => self.proof |= kind != NTLM,
            ntlmssp::Logon::Begun => {}
        }
    }
}

/// Authentication services (MS-RPCE, 2.2.1.1.7).
const fn kind_name(kind: u8) -> &'static str {
    match kind {
        1 => "kerberos-5",
        9 => "negotiate",
        10 => "ntlm",
        14 => "schannel",
        16 => "kerberos",
        68 => "netlogon",
        _ => "other",
    }
}

const fn level_name(level: u8) -> &'static str {
    match level {
        2 => "connect",
        3 => "call",
        4 => "packet",
        5 => "packet integrity",
        6 => "packet privacy",
        _ => "none",
    }
}
