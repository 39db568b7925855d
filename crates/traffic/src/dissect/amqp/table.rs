//! AMQP as data: methods of 0-9-1, performatives of 1.0.

use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The registered port.
pub(super) const PORT: u16 = 5672;
/// Index of the element that counts methods of AMQP 0-9-1.
pub(super) const METHOD: u8 = 0;
/// Index of the element that counts performatives of AMQP 1.0, those of SASL among them.
pub(super) const PERFORMATIVE: u8 = 1;

/// AMQP.
pub static PROTOCOL: Protocol = Protocol {
    name: "amqp",
    title: "Advanced message queuing protocol",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Never,
    integrity: Protection::Never,
    elements: &[
        Element { name: "method", functions: METHODS, default_class: Class::Other },
        Element { name: "performative", functions: PERFORMATIVES, default_class: Class::Other },
    ],
    documents: &["AMQP 0-9-1 (AMQP working group), 2 and 4", "OASIS AMQP 1.0, parts 2 and 5"],
};

/// A method: its class in the upper half, its number in the lower.
const fn method(class: u32, number: u32, name: &'static str, what: Class) -> Function {
    function(class << 16 | number, name, what)
}

/// Methods (AMQP 0-9-1, XML definition; those of class 85 are an extension of a common broker).
const METHODS: &[Function] = &[
    method(10, 10, "connection-start", Class::Session),
    method(10, 11, "connection-start-ok", Class::Authenticate),
    method(10, 20, "connection-secure", Class::Authenticate),
    method(10, 21, "connection-secure-ok", Class::Authenticate),
    method(10, 30, "connection-tune", Class::Session),
    method(10, 31, "connection-tune-ok", Class::Session),
    method(10, 40, "connection-open", Class::Session),
    method(10, 41, "connection-open-ok", Class::Session),
    method(10, 50, "connection-close", Class::Session),
    method(10, 51, "connection-close-ok", Class::Session),
    method(10, 60, "connection-blocked", Class::Session),
    method(10, 61, "connection-unblocked", Class::Session),
    method(10, 70, "connection-update-secret", Class::Authenticate),
    method(10, 71, "connection-update-secret-ok", Class::Authenticate),
    method(20, 10, "channel-open", Class::Session),
    method(20, 11, "channel-open-ok", Class::Session),
    method(20, 20, "channel-flow", Class::Session),
    method(20, 21, "channel-flow-ok", Class::Session),
    method(20, 40, "channel-close", Class::Session),
    method(20, 41, "channel-close-ok", Class::Session),
    method(40, 10, "exchange-declare", Class::Configure),
    method(40, 11, "exchange-declare-ok", Class::Session),
    method(40, 20, "exchange-delete", Class::Configure),
    method(40, 21, "exchange-delete-ok", Class::Session),
    method(40, 30, "exchange-bind", Class::Configure),
    method(40, 31, "exchange-bind-ok", Class::Session),
    method(40, 40, "exchange-unbind", Class::Configure),
    method(40, 51, "exchange-unbind-ok", Class::Session),
    method(50, 10, "queue-declare", Class::Configure),
    method(50, 11, "queue-declare-ok", Class::Session),
    method(50, 20, "queue-bind", Class::Configure),
    method(50, 21, "queue-bind-ok", Class::Session),
    method(50, 30, "queue-purge", Class::Configure),
    method(50, 31, "queue-purge-ok", Class::Session),
    method(50, 40, "queue-delete", Class::Configure),
    method(50, 41, "queue-delete-ok", Class::Session),
    method(50, 50, "queue-unbind", Class::Configure),
    method(50, 51, "queue-unbind-ok", Class::Session),
    method(60, 10, "basic-qos", Class::Session),
    method(60, 11, "basic-qos-ok", Class::Session),
    method(60, 20, "basic-consume", Class::Read),
    method(60, 21, "basic-consume-ok", Class::Session),
    method(60, 30, "basic-cancel", Class::Session),
    method(60, 31, "basic-cancel-ok", Class::Session),
    method(60, 40, "basic-publish", Class::Write),
    method(60, 50, "basic-return", Class::Session),
    method(60, 60, "basic-deliver", Class::Read),
    method(60, 70, "basic-get", Class::Read),
    method(60, 71, "basic-get-ok", Class::Read),
    method(60, 72, "basic-get-empty", Class::Session),
    method(60, 80, "basic-ack", Class::Session),
    method(60, 90, "basic-reject", Class::Session),
    method(60, 100, "basic-recover-async", Class::Session),
    method(60, 110, "basic-recover", Class::Session),
    method(60, 111, "basic-recover-ok", Class::Session),
    method(60, 120, "basic-nack", Class::Session),
    method(85, 10, "confirm-select", Class::Session),
    method(85, 11, "confirm-select-ok", Class::Session),
    method(90, 10, "transaction-select", Class::Session),
    method(90, 11, "transaction-select-ok", Class::Session),
    method(90, 20, "transaction-commit", Class::Session),
    method(90, 21, "transaction-commit-ok", Class::Session),
    method(90, 30, "transaction-rollback", Class::Session),
    method(90, 31, "transaction-rollback-ok", Class::Session),
];

/// Performatives by their descriptors (AMQP 1.0, part 2, 2.7; part 5, 5.3.3).
const PERFORMATIVES: &[Function] = &[
    function(0x10, "open", Class::Session),
    function(0x11, "begin", Class::Session),
    function(0x12, "attach", Class::Session),
    function(0x13, "flow", Class::Session),
    function(0x14, "transfer", Class::Write),
    function(0x15, "disposition", Class::Session),
    function(0x16, "detach", Class::Session),
    function(0x17, "end", Class::Session),
    function(0x18, "close", Class::Session),
    function(0x40, "sasl-mechanisms", Class::Authenticate),
    function(0x41, "sasl-init", Class::Authenticate),
    function(0x42, "sasl-challenge", Class::Authenticate),
    function(0x43, "sasl-response", Class::Authenticate),
    function(0x44, "sasl-outcome", Class::Authenticate),
];

/// What a transfer is that the broker sends: the answer to a link that receives.
pub(super) const DELIVERY: (&str, Class) = ("transfer-delivery", Class::Read);
