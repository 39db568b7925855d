//! CIP messages: requests and responses, packets of several services, services sent on to other modules.
//!
//! A response does not say at which object its service was: [`Services`] remembers what was asked, a few requests back.

mod path;
mod pccc;
mod protocol;

pub use protocol::PROTOCOL;
pub(crate) use protocol::meaning;
pub(super) use protocol::{IMPLICIT_DATA, IO};

use self::path::Target;
use self::protocol::{Meaning, SERVICE, STATUS, object, service};
use super::identity;
use crate::dissect::fields::{bytes, le16, rest, u8_at};
use crate::facts::{Direction, End, Fact, Facts};

/// Set in the service of a response.
const RESPONSE_BIT: u8 = 0x80;
/// Services within services (a packet of several within an unconnected send) that are followed.
const DEPTH_MAX: u8 = 4;
/// Requests that are remembered until their response is seen, per conversation.
const REQUESTS_MAX: usize = 16;
/// Services of one request of which the object is remembered.
const TARGETS_MAX: usize = 256;

/// By what a response is known to belong to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// The sequence number within a connection.
    Sequence(u16),
    /// The sender's context of an unconnected message.
    Context(u64),
}

/// A service that was asked for: what its response needs to be understood.
#[derive(Debug, Clone, Copy)]
struct Asked {
    service: u8,
    meaning: Meaning,
    /// Is it at the identity of a device?
    at_identity: bool,
    /// Is it at the connection manager?
    at_connections: bool,
    /// Was it sent on to another module?
    routed: bool,
    attribute: u16,
}

#[derive(Debug)]
struct Request {
    key: Key,
    services: Vec<Asked>,
}

/// The services of one conversation.
#[derive(Debug, Default)]
pub(super) struct Services {
    requests: Vec<Request>,
    next: usize,
}

/// Whether the message is a response.
pub(super) fn is_response(message: &[u8]) -> bool {
    message.first().is_some_and(|service| service & RESPONSE_BIT != 0)
}

impl Services {
    /// Says the services of a message. Of one that the capture cut short, only services whose object or status is there.
    pub(super) fn say(&mut self, key: Key, message: &[u8], whole: bool, from: End, facts: &mut dyn Facts) {
        let (services, statuses) = (Run::new(SERVICE), Run::new(STATUS));
        let mut saying = Saying { whole, from, facts, services, statuses };
        if is_response(message) {
            self.say_response(key, message, &mut saying);
        } else {
            saying.request(message, false, 0, self.remember(key));
        }
        saying.services.say(saying.facts);
        saying.statuses.say(saying.facts);
    }

    /// A place to remember what a request asks: in place of one of the same key, else of the oldest.
    fn remember(&mut self, key: Key) -> &mut Vec<Asked> {
        let at = if let Some(at) = self.requests.iter().position(|request| request.key == key) {
            at
        } else if self.requests.len() < REQUESTS_MAX {
            self.requests.push(Request { key, services: Vec::new() });
            self.requests.len() - 1
        } else {
            self.next = (self.next + 1) % REQUESTS_MAX;
            self.next
        };
        #[expect(
            clippy::indexing_slicing,
            reason = "`at` is an element found or pushed, or less than REQUESTS_MAX, which the length is then"
        )]
        let request = &mut self.requests[at];
        request.key = key;
        request.services.clear();
        &mut request.services
    }

    fn say_response(&self, key: Key, message: &[u8], saying: &mut Saying<'_>) {
        let asked = self
            .requests
            .iter()
            .find(|request| request.key == key)
            .map_or(&[][..], |request| &request.services);
        // What was sent on is answered in its own name, unless sending failed.
        let sent_on = matches!(asked, [first, second, ..] if first.service == service::UNCONNECTED_SEND
            && first.at_connections
            && message.first() == Some(&(second.service | RESPONSE_BIT)));
        let mut asked = asked.iter();
        if sent_on {
            asked.next();
        }
        saying.response(message, 0, &mut asked);
    }
}

/// Whether the path of a request, or the status of a response, is there.
fn has_head(message: &[u8]) -> bool {
    if is_response(message) {
        return message.len() >= 4;
    }
    u8_at(message, 1).is_some_and(|words| message.len() >= 2 + 2 * usize::from(words))
}

/// The saying of one message.
struct Saying<'a> {
    /// Is all of the message there?
    whole: bool,
    from: End,
    facts: &'a mut dyn Facts,
    services: Run,
    statuses: Run,
}

/// The same said several times in one message: a packet of several services often asks for the same one.
struct Run {
    element: u8,
    code: u8,
    direction: Direction,
    meaning: Meaning,
    count: u32,
}

impl Run {
    fn new(element: u8) -> Self {
        Self { element, code: 0, direction: Direction::None, meaning: Meaning::default(), count: 0 }
    }

    #[inline]
    fn add(&mut self, code: u8, direction: Direction, meaning: Meaning, facts: &mut dyn Facts) {
        if (self.code, self.direction, self.meaning) != (code, direction, meaning) {
            self.say(facts);
            (self.code, self.direction, self.meaning) = (code, direction, meaning);
        }
        self.count += 1;
    }

    fn say(&mut self, facts: &mut dyn Facts) {
        let count = std::mem::take(&mut self.count);
        if count > 0 {
            let code = u32::from(self.code);
            facts.messages(&PROTOCOL, self.element, code, self.direction, self.meaning.get(), count);
        }
    }
}

impl Saying<'_> {
    /// Says a request: `service words path data`.
    fn request(&mut self, message: &[u8], routed: bool, depth: u8, asked: &mut Vec<Asked>) {
        let Some(code) = u8_at(message, 0).filter(|_| self.whole || has_head(message)) else { return };
        let path_length = u8_at(message, 1).map_or(0, |words| 2 * usize::from(words));
        let path = rest(message, 2);
        let target = Target::read(path.get(..path_length).unwrap_or(path));
        let data = rest(path, path_length);
        let meaning = match (target.class, code) {
            (Some(object::PCCC), service::EXECUTE_PCCC) => pccc::meaning(data).map(Meaning::of),
            _ => None,
        };
        let meaning = meaning.unwrap_or_else(|| protocol::meaning(target.class, target.by_symbol, code));
        if asked.len() < TARGETS_MAX {
            asked.push(Asked {
                service: code,
                meaning,
                at_identity: target.class == Some(object::IDENTITY) && target.instance != Some(0),
                at_connections: target.class == Some(object::CONNECTION_MANAGER),
                routed,
                attribute: target.attribute.and_then(|number| number.try_into().ok()).unwrap_or(0),
            });
        }
        self.service(code, Direction::Request, meaning);
        if depth >= DEPTH_MAX {
            return;
        }
        match (code, target.class) {
            (service::MULTIPLE_SERVICE_PACKET, _) => {
                for message in packet(data) {
                    self.request(message, routed, depth + 1, asked);
                }
            }
            // Priority, ticks, length, message, route (Volume 1 §3-5.5.4).
            (service::UNCONNECTED_SEND, Some(object::CONNECTION_MANAGER)) => {
                let Some(length) = le16(data, 2) else { return };
                let inner = rest(data, 4);
                let inner = inner.get(..usize::from(length)).unwrap_or(inner);
                self.request(inner, true, depth + 1, asked);
            }
            _ => {}
        }
    }

    /// Says a response: `service reserved status words additional-status data`.
    fn response(&mut self, message: &[u8], depth: u8, asked: &mut std::slice::Iter<'_, Asked>) {
        let Some(code) = u8_at(message, 0).filter(|_| self.whole || has_head(message)) else { return };
        let code = code & !RESPONSE_BIT;
        let request = asked.next().filter(|request| request.service == code);
        let meaning = request.map_or_else(|| protocol::meaning(None, false, code), |request| request.meaning);
        self.service(code, Direction::Response, meaning);
        let Some(status) = u8_at(message, 2) else { return };
        self.statuses.add(status, Direction::Response, Meaning::default(), self.facts);
        let Some(words) = u8_at(message, 3) else { return };
        let data = rest(message, 4 + 2 * usize::from(words));
        if code == service::MULTIPLE_SERVICE_PACKET {
            if depth < DEPTH_MAX {
                for message in packet(data) {
                    self.response(message, depth + 1, asked);
                }
            }
        } else if let (0, Some(request)) = (status, request) {
            say_identity(request, data, self.from, self.facts);
        }
    }

    fn service(&mut self, code: u8, direction: Direction, meaning: Meaning) {
        self.services.add(code, direction, meaning, self.facts);
    }
}

/// The messages in a packet of several services: count, offsets from the count on, messages (Volume 1 appendix A § ).
/// One whose offset lies is passed over.
fn packet(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let count = usize::from(le16(data, 0).unwrap_or_default()).min(data.len() / 2);
    let offset = move |index: usize| le16(data, 2 + 2 * index).map(usize::from);
    (0..count).filter_map(move |index| {
        let start = offset(index).filter(|start| *start >= 2 + 2 * count)?;
        let end = if index + 1 < count { offset(index + 1) } else { None };
        let length = end.and_then(|end| end.checked_sub(start)).filter(|length| *length > 0);
        let message =
            length.and_then(|length| bytes(data, start, length)).unwrap_or_else(|| rest(data, start));
        (!message.is_empty()).then_some(message)
    })
}

/// Says who the device is, if that was asked; the identity of another module behind it is a property of the session.
fn say_identity(request: &Asked, data: &[u8], from: End, facts: &mut dyn Facts) {
    if !request.at_identity {
        return;
    }
    if request.routed {
        say_module_behind(request, data, facts);
        return;
    }
    match request.service {
        service::GET_ATTRIBUTES_ALL => identity::say_all(data, from, facts),
        service::GET_ATTRIBUTE_LIST => identity::say_list(data, from, facts),
        service::GET_ATTRIBUTE_SINGLE => {
            identity::say_attribute(u32::from(request.attribute), data, from, facts);
        }
        _ => {}
    }
}

/// The product name of a module that was reached through the device (a controller behind its network card).
fn say_module_behind(request: &Asked, data: &[u8], facts: &mut dyn Facts) {
    if request.service == service::GET_ATTRIBUTES_ALL
        && let Some(name) = u8_at(data, 14).and_then(|length| bytes(data, 15, usize::from(length)))
        && let Some(name) = crate::dissect::fields::text(name)
    {
        facts.say(Fact::Property { name: "module-behind", value: &name });
    }
}
