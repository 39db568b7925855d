//! MQTT and Sparkplug B as data.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port (MQTT 5.0, 4.2).
pub(super) const PORT: u16 = 1883;
/// Index of the element that counts packet types; of Sparkplug: message types.
pub(super) const MESSAGE: u8 = 0;

/// MQTT.
pub static MQTT: Protocol = Protocol {
    name: "mqtt",
    title: "MQTT",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "message", functions: MESSAGES, default_class: Class::Other }],
    documents: &["OASIS MQTT 5.0, 2 and 3", "OASIS MQTT 3.1.1, 2 and 3", "MQTT 3.1 (IBM and Eurotech)"],
};

/// Packet types (MQTT 5.0, 2.1.2).
const MESSAGES: &[Function] = &[
    function(1, "connect", Class::Session),
    function(2, "connect-acknowledgment", Class::Session),
    function(3, "publish", Class::Write),
    function(4, "publish-acknowledgment", Class::Session),
    function(5, "publish-received", Class::Session),
    function(6, "publish-release", Class::Session),
    function(7, "publish-complete", Class::Session),
    function(8, "subscribe", Class::Read),
    function(9, "subscribe-acknowledgment", Class::Session),
    function(10, "unsubscribe", Class::Session),
    function(11, "unsubscribe-acknowledgment", Class::Session),
    function(12, "ping-request", Class::Session),
    function(13, "ping-response", Class::Session),
    function(14, "disconnect", Class::Session),
    function(15, "authentication-exchange", Class::Authenticate),
];

/// What a PUBLISH is that a broker hands to a subscriber: the answer to a subscription.
pub(super) const DELIVERY: (&str, Class) = ("publish-delivery", Class::Read);

/// Sparkplug B: its messages travel in MQTT's.
pub static SPARKPLUG: Protocol = Protocol {
    name: "sparkplugb",
    title: "Sparkplug B",
    carriers: &[],
    authentication: Protection::Never,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[Element { name: "message", functions: TYPES, default_class: Class::Other }],
    documents: &["Eclipse Sparkplug 3.0.0, 4 (topics), 6 (payloads)", "Eclipse Sparkplug 2.2"],
};

/// Message types (Sparkplug 3.0.0, 4.1.3). On the wire the code is the word in the topic, here they are numbered.
const TYPES: &[Function] = &[
    function(0, "nbirth", Class::Session),
    function(1, "ndeath", Class::Session),
    function(2, "dbirth", Class::Session),
    function(3, "ddeath", Class::Session),
    function(4, "ndata", Class::Read),
    function(5, "ddata", Class::Read),
    function(6, "ncmd", Class::Operate),
    function(7, "dcmd", Class::Operate),
    function(8, "state", Class::Session),
];

/// Name and class of a message type.
pub(super) fn type_of(word: &str) -> Option<(&'static str, Class)> {
    let known = TYPES.iter().find(|known| known.name.eq_ignore_ascii_case(word))?;
    word.bytes().all(|octet| octet.is_ascii_uppercase()).then_some((known.name, known.class))
}
