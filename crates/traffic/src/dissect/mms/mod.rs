//! MMS (ISO 9506) over ISO on TCP: what substation devices (IEC 61850) and control centers (TASE.2) speak.
//!
//! Owns the association and the services above the transport of `iso`. Port 102 also carries S7comm and other users of
//! the ISO transport: a conversation is claimed only when its session proposes MMS, or its data are MMS's all the way.
//! A message in several data TPDUs is read from its first, in which everything stands that is said here.

mod names;
mod pdu;
mod protocol;
mod stack;

pub use protocol::PROTOCOL;

use self::names::Name;
use self::pdu::Pdu;
use self::protocol::{GET_NAME_LIST, IDENTIFY, PDU, PORT, READ, SERVICE, UNCONFIRMED, WRITE};
use self::stack::{Association, Proof, Session};
use super::asked::Asked;
use super::ber;
use super::iso::{self, Framed, Framing, Kind, Tpdu};
use super::octets::printable;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::{Function, Protocol};

/// Bytes of a data unit that opens an association which are put together; more are read as far as they go.
const OPENING_BYTES_MAX: usize = 4096;
/// Domains that are said of one conversation.
const DOMAINS_MAX: u8 = 16;

/// The dissector of MMS.
#[derive(Debug, Clone, Copy)]
pub struct Mms;

impl Dissector for Mms {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&PROTOCOL];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        let Some(tpdu) = iso::first_data(data) else { return Likelihood::No };
        match Session::read(tpdu.data) {
            Some(Session::Connect(presentation)) if stack::proposes_mms(presentation) => Likelihood::Certain,
            Some(Session::Connect(presentation) | Session::Accept(presentation)) => {
                match stack::connection_value(presentation).and_then(Association::read) {
                    Some(Association { user: Some(user), .. }) if Pdu::read(user).is_some() => {
                        Likelihood::Certain
                    }
                    _ => Likelihood::No,
                }
            }
            Some(Session::Data(user_data)) => {
                let mut values = stack::values(user_data);
                match values.next().is_some_and(|value| Pdu::read(value).is_some()) {
                    true if hint.port(PORT) => Likelihood::Certain,
                    true => Likelihood::Likely,
                    false => Likelihood::No,
                }
            }
            _ if hint.port(PORT) && is_bare(tpdu.data) => Likelihood::Likely,
            _ => Likelihood::No,
        }
    }

    fn open(&self, _hint: &Hint) -> Box<dyn Conversation> {
        Box::new(Reading::default())
    }
}

/// Is a data unit an MMS PDU itself?
fn is_bare(unit: &[u8]) -> bool {
    stack::is_bare(unit) && Pdu::read(unit).is_some()
}

#[derive(Debug, Default)]
struct Reading {
    framing: Framing,
    /// The beginning of a data unit that opens an association, and whose it is.
    opening: Option<(End, Vec<u8>)>,
    /// Was it said who began?
    initiator_said: bool,
    /// Was a message of MMS seen?
    claimed: bool,
    /// Whose names the variables have, once it was said.
    application: Option<&'static str>,
    /// Was it said what the server is called?
    named: bool,
    /// What services ask that do more than their number says: the answers do not repeat it.
    asked: Asked<u32, &'static Function>,
    /// The domain said last, as a digest.
    domain: u32,
    domains: u8,
}

impl Conversation for Reading {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let is_message = |unit: &[u8]| Session::read(unit).is_some() || is_bare(unit);
        match self.framing.next(from, data, is_message, facts) {
            Framed::Need(count) => Progress::Need(count),
            Framed::Lost(count) | Framed::Empty(count) => Progress::Consumed(count),
            Framed::Tpdu(tpdu, length) => {
                if self.say_tpdu(from, &tpdu, true, facts) {
                    Progress::Consumed(length)
                } else {
                    Progress::Lost
                }
            }
        }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if iso::tpkt_length(data).is_some()
            && let Some(tpdu) = Tpdu::read(data)
        {
            self.say_tpdu(from, &tpdu, false, facts);
        }
    }

    fn gap(&mut self, from: End) -> bool {
        self.framing.gap(from);
        self.opening = None;
        true
    }
}

impl Reading {
    /// Says what a TPDU carries; false if it is not MMS's.
    fn say_tpdu(&mut self, from: End, tpdu: &Tpdu<'_>, whole: bool, facts: &mut dyn Facts) -> bool {
        match tpdu.kind {
            Kind::ConnectionRequest => self.say_initiator(from, facts),
            Kind::ConnectionConfirm => self.say_initiator(from.other(), facts),
            Kind::End => {}
            Kind::Data => return self.say_data(from, tpdu, whole, facts),
        }
        true
    }

    /// Says a data unit from its first TPDU; one that opens an association is put together, for what is said of it
    /// stands further in than small TPDUs reach.
    fn say_data(&mut self, from: End, tpdu: &Tpdu<'_>, whole: bool, facts: &mut dyn Facts) -> bool {
        let begins = self.framing.begins_unit(from, tpdu);
        if begins && (tpdu.last || !whole || !stack::opens(tpdu.data)) {
            return self.say_unit(from, tpdu.data, whole && tpdu.last, facts);
        }
        if begins {
            self.opening = Some((from, Vec::new()));
        }
        let Some((_, unit)) = self.opening.as_mut().filter(|(end, _)| *end == from) else { return true };
        unit.extend_from_slice(tpdu.data);
        if !tpdu.last && unit.len() < OPENING_BYTES_MAX {
            return true;
        }
        self.opening.take().is_none_or(|(_, unit)| self.say_unit(from, &unit, whole && tpdu.last, facts))
    }

    /// Says what a data unit carries; `whole`: all of it is there.
    fn say_unit(&mut self, from: End, unit: &[u8], whole: bool, facts: &mut dyn Facts) -> bool {
        match Session::read(unit) {
            Some(Session::Connect(presentation)) => {
                self.say_initiator(from, facts);
                self.say_association(from, presentation, whole, facts)
            }
            Some(Session::Accept(presentation)) => {
                self.say_initiator(from.other(), facts);
                self.say_association(from, presentation, whole, facts)
            }
            Some(Session::Data(user_data)) => {
                let mut any = false;
                if whole && !stack::is_whole(user_data) {
                    facts.say(Fact::Anomaly { what: "mms-length" });
                }
                for value in stack::values(user_data) {
                    any = true;
                    // Association control may speak between (release, abort): its tags are of another class.
                    if !matches!(value, [0x60..0x80, ..]) {
                        self.say_pdu(from, value, whole, facts);
                    }
                }
                any || self.is_odd(whole, facts)
            }
            Some(Session::Other) => true,
            None if is_bare(unit) => {
                self.say_pdu(from, unit, whole, facts);
                true
            }
            None => self.is_odd(whole, facts),
        }
    }

    /// Something is not understood: an anomaly in a conversation that is MMS's, and not MMS otherwise.
    fn is_odd(&self, whole: bool, facts: &mut dyn Facts) -> bool {
        if self.claimed && whole {
            facts.say(Fact::Anomaly { what: "mms-session" });
        }
        self.claimed
    }

    fn say_association(
        &mut self,
        from: End,
        presentation: &[u8],
        whole: bool,
        facts: &mut dyn Facts,
    ) -> bool {
        let Some(association) = stack::connection_value(presentation).and_then(Association::read) else {
            let mms = self.claimed || stack::proposes_mms(presentation);
            if mms && whole {
                facts.say(Fact::Anomaly { what: "mms-association" });
            }
            return mms;
        };
        self.claimed |= stack::proposes_mms(presentation);
        // Who is called need not prove anything: only its proof says something.
        if association.is_request || association.proof != Proof::None {
            facts.say(Fact::Property { name: "acse-authentication", value: association.proof.as_str() });
            facts.say(Fact::Authenticated(association.proof != Proof::None));
        }
        if association.proof == Proof::Password {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
        if let Some(value) = association.refusal {
            facts.say(Fact::Property { name: "association-refused", value });
        }
        if let Some(user) = association.user {
            self.say_pdu(from, user, whole, facts);
        }
        true
    }

    fn say_pdu(&mut self, from: End, data: &[u8], whole: bool, facts: &mut dyn Facts) {
        match Pdu::read(data) {
            Some(Pdu::Request(invocation, service, content)) => {
                self.say_initiator(from, facts);
                self.say_request(from, invocation, service, content, facts);
            }
            Some(Pdu::Response(invocation, service, content)) => {
                self.say_initiator(from.other(), facts);
                let effect = self.asked.take(invocation).filter(|asked| asked.code == u32::from(service));
                say(SERVICE, u32::from(service), Direction::Response, effect, facts);
                if service == IDENTIFY {
                    say_identity(from, content, facts);
                }
            }
            Some(Pdu::Unconfirmed(service, content)) => {
                self.say_initiator(from.other(), facts);
                let name = if service == 0 { names::reported(names::accessed(content)) } else { None };
                let effect = name.and_then(|name| PROTOCOL.function_named(name));
                say(UNCONFIRMED, u32::from(service), Direction::None, effect, facts);
                if self.application.is_none()
                    && let Some(name) = names::accessed(content).next()
                {
                    self.say_application(&name, facts);
                }
                if !self.named
                    && let Some(domain) = names::reporting(content)
                {
                    self.say_domain(from, domain, facts);
                }
            }
            Some(Pdu::Other(pdu)) => say_plain(pdu, facts),
            None if whole => facts.say(Fact::Anomaly { what: "mms-pdu" }),
            None => return,
        }
        self.claimed = true;
    }

    fn say_request(
        &mut self,
        from: End,
        invocation: u32,
        service: u8,
        content: &[u8],
        facts: &mut dyn Facts,
    ) {
        let name = match u32::from(service) {
            READ => names::selected(names::read(content)),
            WRITE => names::written(names::accessed(content)),
            _ => None,
        };
        let effect = name.and_then(|name| PROTOCOL.function_named(name));
        say(SERVICE, u32::from(service), Direction::Request, effect, facts);
        if let Some(effect) = effect {
            self.asked.put(invocation, effect);
        }
        let name = match u32::from(service) {
            READ => names::read(content).next(),
            WRITE => names::accessed(content).next(),
            6 | 12 => names::described(service, content),
            _ => None,
        };
        if let Some(name) = name {
            self.say_name(from.other(), &name, facts);
        } else if service == GET_NAME_LIST
            && let Some(domain) = ber::find(content, 0xa1).and_then(|scope| ber::find(scope, 0x81))
        {
            self.say_domain(from.other(), domain, facts);
        }
    }

    /// Says whose names a server's variables have, and the domain that one is in.
    fn say_name(&mut self, server: End, name: &Name<'_>, facts: &mut dyn Facts) {
        self.say_application(name, facts);
        if let Some(domain) = name.domain {
            self.say_domain(server, domain, facts);
        }
    }

    fn say_application(&mut self, name: &Name<'_>, facts: &mut dyn Facts) {
        if self.application.is_none()
            && let Some(value) = names::application(name)
        {
            self.application = Some(value);
            facts.say(Fact::Property { name: "application", value });
        }
    }

    /// Says the domain that is spoken of, when it is another than before. In IEC 61850 it is a logical device, and the
    /// first is the server's name.
    fn say_domain(&mut self, server: End, domain: &[u8], facts: &mut dyn Facts) {
        let digest = domain
            .iter()
            .fold(0x811c_9dc5_u32, |sum, octet| (sum ^ u32::from(*octet)).wrapping_mul(0x0100_0193));
        let names = self.application == Some(names::IEC_61850) && !self.named;
        let another = digest != self.domain && self.domains < DOMAINS_MAX;
        if !names && !another {
            return;
        }
        let Some(value) = printable(domain) else { return };
        if names {
            self.named = true;
            facts.say(Fact::Identity { about: server, what: Identity::Name, value });
        }
        if another {
            facts.say(Fact::Property { name: "domain", value });
            self.domain = digest;
            self.domains += 1;
        }
    }

    /// Who opens the association or asks began; a conversation seen from its middle does not show it otherwise.
    fn say_initiator(&mut self, end: End, facts: &mut dyn Facts) {
        if !std::mem::replace(&mut self.initiator_said, true) {
            facts.say(Fact::Initiator(end));
        }
    }
}

/// Says a PDU without a service.
fn say_plain(pdu: u8, facts: &mut dyn Facts) {
    let direction = match pdu {
        5 | 8 | 11 => Direction::Request,
        _ => Direction::Response,
    };
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element: PDU,
        code: Code::Text(protocol::spelled(pdu)),
        direction,
        meaning: protocol::pdu_meaning(pdu),
    }));
}

/// Says a service, with what it does where that says more than its number.
fn say(
    element: u8,
    code: u32,
    direction: Direction,
    effect: Option<&'static Function>,
    facts: &mut dyn Facts,
) {
    facts.say(Fact::Message(Message {
        protocol: &PROTOCOL,
        element,
        code: Code::Number(code),
        direction,
        meaning: effect.map(Function::meaning),
    }));
}

/// Says what a device answers when it is asked what it is: vendor, model, revision (ISO 9506-2, section 10.4).
fn say_identity(about: End, content: &[u8], facts: &mut dyn Facts) {
    for (tag, what) in [(0x80, Identity::Vendor), (0x81, Identity::Product), (0x82, Identity::Version)] {
        if let Some(value) = ber::find(content, tag).and_then(printable) {
            facts.say(Fact::Identity { about, what, value });
        }
    }
}
