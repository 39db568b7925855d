//! MQTT 3.1, 3.1.1 and 5 over TCP: who connects, with what secret, what is written and read; Sparkplug B inside.
//!
//! `packet` reads control packets, `sparkplug` the topics and payloads of Sparkplug B. Contents of other messages are
//! passed over.

mod packet;
mod sparkplug;
mod table;

pub use table::{MQTT, SPARKPLUG};

use self::packet::{Begin, Connect, Header};
use self::sparkplug::Topic;
use self::table::{DELIVERY, MESSAGE, PORT};
use super::octets::{Octets, printable};
use super::once::Once;
use super::{Conversation, Dissector, Hint, Likelihood, Progress};
use crate::facts::{Code, Direction, End, Fact, Facts, Identity, Message};
use crate::protocol::Protocol;

/// Longest packet that is read whole for what its payload tells; of longer ones only the beginning is.
const PACKET_LENGTH_MAX: usize = 64 * 1024;
/// Octets of a PUBLISH that hold its topic, if the topic is one that is looked at.
const TOPIC_LENGTH_MAX: usize = 512;
/// Packets in a row that the probe checks.
const PROBED_MAX: usize = 4;

/// The reader of MQTT.
#[derive(Debug)]
pub struct Mqtt;

impl Dissector for Mqtt {
    fn protocols(&self) -> &'static [&'static Protocol] {
        const PROTOCOLS: &[&Protocol] = &[&MQTT, &SPARKPLUG];
        PROTOCOLS
    }

    fn probe(&self, data: &[u8], hint: &Hint) -> Likelihood {
        if !hint.stream {
            return Likelihood::No;
        }
        let on_port = hint.port(PORT);
        match Header::read(data) {
            Begin::Header(header) if header.kind == 1 => match data.get(header.length..) {
                Some(body) if packet::version(&mut Octets::new(body)).is_some() => Likelihood::Certain,
                _ => Likelihood::No,
            },
            Begin::Header(header) => match chain(data) {
                Some(true) if on_port => Likelihood::Likely,
                Some(false) if on_port => Likelihood::Port,
                // Away from the port a message with a structured topic, whole, and nothing beside it.
                Some(true) if is_message(header, data) => Likelihood::Likely,
                _ => Likelihood::No,
            },
            Begin::Short if on_port => Likelihood::Port,
            _ => Likelihood::No,
        }
    }

    fn open(&self, hint: &Hint) -> Box<dyn Conversation> {
        let client = match (hint.source_port == PORT, hint.destination_port == PORT) {
            (true, false) => hint.from.other(),
            (false, true) => hint.from,
            _ => End::Initiator,
        };
        Box::new(Reader {
            client,
            known: false,
            version5: None,
            topics: Once::default(),
            devices: Once::default(),
        })
    }
}

/// Do these octets begin with good packets? Whether the last of them ends where the octets do.
fn chain(data: &[u8]) -> Option<bool> {
    let mut rest = data;
    for _ in 0..PROBED_MAX {
        let header = match Header::read(rest) {
            Begin::Header(header) if header.has_good_flags() => header,
            Begin::Short => return Some(false),
            _ => return None,
        };
        let body = rest.get(header.length..).unwrap_or_default();
        if header.kind == 3
            && let Some((topic, _)) = packet::publish(header, body)
            && !packet::is_topic(topic)
        {
            return None;
        }
        match body.get(header.remaining..) {
            Some([]) => return Some(true),
            Some(next) => rest = next,
            None => return Some(false),
        }
    }
    Some(false)
}

/// Is the first packet a PUBLISH with a topic of several levels?
fn is_message(header: Header, data: &[u8]) -> bool {
    let topic = data.get(header.length..).and_then(|body| packet::publish(header, body));
    header.kind == 3
        && topic.is_some_and(|(topic, _)| {
            topic.len() >= 5 && topic.contains(&b'/') && topic.iter().all(|octet| octet.is_ascii_graphic())
        })
}

/// One conversation being read.
struct Reader {
    client: End,
    /// Is it known who the client is, and was it said?
    known: bool,
    /// Is it version 5? Not known where neither CONNECT nor CONNACK was seen.
    version5: Option<bool>,
    topics: Once<16>,
    devices: Once<8>,
}

impl Conversation for Reader {
    fn read(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) -> Progress {
        let header = match Header::read(data) {
            Begin::Header(header) => header,
            Begin::Short => return Progress::Need(data.len() + 1),
            Begin::Not => {
                facts.say(Fact::Anomaly { what: "mqtt-header" });
                return Progress::Lost;
            }
        };
        let whole = header.length + header.remaining;
        let wanted = self.wanted(header, data);
        let Some(body) = data.get(header.length..wanted) else { return Progress::Need(wanted) };
        self.packet(from, header, body, facts);
        if wanted == whole { Progress::Consumed(whole) } else { Progress::Skip(whole) }
    }

    fn cut(&mut self, from: End, data: &[u8], facts: &mut dyn Facts) {
        if let Begin::Header(header) = Header::read(data) {
            self.say_message(from, header, facts);
        }
    }

    // A packet has no mark by which it could be found again.
    fn gap(&mut self, _from: End) -> bool {
        false
    }
}

impl Reader {
    /// How many octets of a packet are read: the rest of a long message is of no interest.
    fn wanted(&self, header: Header, data: &[u8]) -> usize {
        let whole = header.length + header.remaining;
        if header.kind != 3 || whole <= TOPIC_LENGTH_MAX {
            return if whole > PACKET_LENGTH_MAX { header.length + TOPIC_LENGTH_MAX } else { whole };
        }
        let begin = header.length + TOPIC_LENGTH_MAX;
        let head = data.get(header.length..begin).and_then(|body| packet::publish(header, body));
        let tells = head
            .and_then(|(topic, _)| printable(topic))
            .and_then(Topic::read)
            .is_some_and(|topic| topic.tells());
        if tells && whole <= PACKET_LENGTH_MAX { whole } else { begin }
    }

    /// A packet; of a long one `body` is only the beginning.
    fn packet(&mut self, from: End, header: Header, body: &[u8], facts: &mut dyn Facts) {
        // Who is the client is told before what it asks, so that a message's meaning rests on it.
        match header.kind {
            1 | 8 | 10 | 12 => self.say_client(from, facts),
            2 | 9 | 11 | 13 => self.say_client(from.other(), facts),
            _ => {}
        }
        self.say_message(from, header, facts);
        if !header.has_good_flags() {
            facts.say(Fact::Anomaly { what: "mqtt-flags" });
        }
        match header.kind {
            1 => self.connect(from, body, facts),
            2 => self.connected(from, body, facts),
            3 => self.publish(from, header, body, facts),
            8 => self.subscribe(body, facts),
            _ => {}
        }
    }

    fn say_message(&self, from: End, header: Header, facts: &mut dyn Facts) {
        let direction = match header.kind {
            1 | 8 | 10 | 12 => Direction::Request,
            2 | 9 | 11 | 13 => Direction::Response,
            _ => Direction::None,
        };
        let delivery = header.kind == 3 && from != self.client;
        facts.say(Fact::Message(Message {
            protocol: &MQTT,
            element: MESSAGE,
            code: Code::Number(u32::from(header.kind)),
            direction,
            meaning: delivery.then_some(DELIVERY),
        }));
    }

    fn say_client(&mut self, client: End, facts: &mut dyn Facts) {
        if !self.known {
            (self.client, self.known) = (client, true);
            facts.say(Fact::Initiator(client));
            facts.say(Fact::Encrypted(false));
        }
    }

    fn connect(&mut self, from: End, body: &[u8], facts: &mut dyn Facts) {
        let Some(connect) = Connect::read(body) else {
            facts.say(Fact::Anomaly { what: "mqtt-connect" });
            return;
        };
        self.version5 = Some(connect.version == "5");
        facts.say(Fact::Property { name: "mqtt-version", value: connect.version });
        if let Some(value) = printable(connect.client) {
            facts.say(Fact::Identity { about: from, what: Identity::Name, value });
        }
        let texts = [
            ("mqtt-will-topic", connect.will_topic),
            ("mqtt-authentication-method", connect.method),
            ("user-name", connect.user),
        ];
        for (name, text) in texts {
            if let Some(value) = text.and_then(printable) {
                facts.say(Fact::Property { name, value });
            }
        }
        facts.say(Fact::Authenticated(connect.password || connect.method.is_some()));
        if connect.password {
            facts.say(Fact::ClearTextCredential { what: "password" });
        }
    }

    /// CONNACK (3.2): of MQTT 5 the identifier that the broker gave to a client without one.
    fn connected(&mut self, from: End, body: &[u8], facts: &mut dyn Facts) {
        self.version5.get_or_insert(body.len() > 2);
        let mut octets = Octets::new(body);
        let code = octets.skip(1).and_then(|()| octets.u8());
        // Not authorized, or bad name or password: 4 and 5 (3.1.1, 3.2.2.3), 0x86 and 0x87 (5.0, 3.2.2.2).
        if let Some(4 | 5 | 0x86 | 0x87) = code {
            facts.say(Fact::Property { name: "mqtt-connect", value: "refused" });
        }
        let assigned =
            packet::properties(&mut octets).and_then(|properties| packet::property(properties, 0x12));
        if let Some(value) = assigned.and_then(printable) {
            facts.say(Fact::Identity { about: from.other(), what: Identity::Name, value });
        }
    }

    fn publish(&mut self, from: End, header: Header, body: &[u8], facts: &mut dyn Facts) {
        let Some((topic, payload)) = packet::publish(header, body) else {
            // Of a packet that was read only in part the topic may be longer than what was read.
            if body.len() == header.remaining {
                facts.say(Fact::Anomaly { what: "mqtt-publish" });
            }
            return;
        };
        if !packet::is_topic(topic) {
            facts.say(Fact::Anomaly { what: "mqtt-topic" });
            return;
        }
        let Some(value) = printable(topic) else { return };
        if self.topics.is_new(topic) {
            facts.say(Fact::Property { name: "mqtt-topic", value });
        }
        let Some(topic) = Topic::read(value) else { return };
        let mut octets = Octets::new(payload);
        let payload = if self.is_version5(payload) {
            packet::properties(&mut octets).map_or(&[][..], |_| octets.rest())
        } else {
            payload
        };
        let publisher = (from == self.client).then_some(from);
        sparkplug::say(topic, payload, publisher, &mut self.devices, facts);
    }

    /// Do properties stand before the payload? Where the CONNECT was not seen: no payload of Sparkplug begins with a zero.
    fn is_version5(&self, payload: &[u8]) -> bool {
        self.version5.unwrap_or_else(|| payload.first() == Some(&0))
    }

    fn subscribe(&mut self, body: &[u8], facts: &mut dyn Facts) {
        let mut octets = Octets::new(body);
        let (Some(()), Some(version5)) = (octets.skip(2), self.version5) else { return };
        if version5 && packet::properties(&mut octets).is_none() {
            facts.say(Fact::Anomaly { what: "mqtt-subscribe" });
            return;
        }
        while !octets.is_empty() {
            let filter = octets.u16_be().and_then(|length| octets.take(usize::from(length)));
            let (Some(filter), Some(_)) = (filter, octets.u8()) else {
                facts.say(Fact::Anomaly { what: "mqtt-subscribe" });
                return;
            };
            if let Some(value) = printable(filter)
                && self.topics.is_new(filter)
            {
                facts.say(Fact::Property { name: "mqtt-topic-filter", value });
            }
        }
    }
}
