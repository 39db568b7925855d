//! OPC UA as data.

use crate::facts::Direction;
use crate::protocol::{Carrier, Class, Element, Function, Protection, Protocol, function};

/// The port that is registered for OPC UA over TCP (OPC 10000-6, 7.2).
pub(super) const PORT: u16 = 4840;

/// Index of the element that counts message chunks by type.
pub(super) const MESSAGE: u8 = 0;
/// Index of the element that counts services.
pub(super) const SERVICE: u8 = 1;

/// OPC UA, binary encoding over TCP.
pub static PROTOCOL: Protocol = Protocol {
    name: "opcua",
    title: "OPC UA binary",
    carriers: &[Carrier::Tcp(PORT)],
    authentication: Protection::Sometimes,
    encryption: Protection::Sometimes,
    integrity: Protection::Sometimes,
    elements: &[
        Element { name: "message", functions: MESSAGES, default_class: Class::Session },
        Element { name: "service", functions: SERVICES, default_class: Class::Other },
    ],
    documents: &[
        "OPC 10000-6 v1.05, 5.2 (binary encoding), 6.7 (secure conversation), 7.1 (connection protocol)",
        "OPC 10000-6 v1.05, annex A (NodeIds.csv)",
        "OPC 10000-4 v1.05, 5 (service sets), 7 (common parameter types)",
    ],
};

/// Message types (OPC 10000-6, 6.7.2 and 7.1.2). On the wire the code is the three letters; here they are numbered.
pub(super) const MESSAGES: &[Function] = &[
    function(0, "hello", Class::Session),
    function(1, "acknowledge", Class::Session),
    function(2, "error", Class::Session),
    function(3, "reverse-hello", Class::Session),
    function(4, "open-secure-channel", Class::Session),
    function(5, "message", Class::Session),
    function(6, "close-secure-channel", Class::Session),
];

/// Services: numeric node ids of the binary encodings of requests and responses (OPC 10000-6, annex A), ascending.
pub(super) const SERVICES: &[Function] = &[
    function(397, "service-fault", Class::Session),
    function(422, "find-servers-request", Class::Discover),
    function(425, "find-servers-response", Class::Discover),
    function(428, "get-endpoints-request", Class::Discover),
    function(431, "get-endpoints-response", Class::Discover),
    function(437, "register-server-request", Class::Discover),
    function(440, "register-server-response", Class::Discover),
    function(446, "open-secure-channel-request", Class::Session),
    function(449, "open-secure-channel-response", Class::Session),
    function(452, "close-secure-channel-request", Class::Session),
    function(455, "close-secure-channel-response", Class::Session),
    function(461, "create-session-request", Class::Session),
    function(464, "create-session-response", Class::Session),
    function(467, "activate-session-request", Class::Authenticate),
    function(470, "activate-session-response", Class::Authenticate),
    function(473, "close-session-request", Class::Session),
    function(476, "close-session-response", Class::Session),
    function(479, "cancel-request", Class::Session),
    function(482, "cancel-response", Class::Session),
    function(488, "add-nodes-request", Class::Configure),
    function(491, "add-nodes-response", Class::Configure),
    function(494, "add-references-request", Class::Configure),
    function(497, "add-references-response", Class::Configure),
    function(500, "delete-nodes-request", Class::Configure),
    function(503, "delete-nodes-response", Class::Configure),
    function(506, "delete-references-request", Class::Configure),
    function(509, "delete-references-response", Class::Configure),
    function(527, "browse-request", Class::Discover),
    function(530, "browse-response", Class::Discover),
    function(533, "browse-next-request", Class::Discover),
    function(536, "browse-next-response", Class::Discover),
    function(554, "translate-browse-paths-request", Class::Discover),
    function(557, "translate-browse-paths-response", Class::Discover),
    function(560, "register-nodes-request", Class::Session),
    function(563, "register-nodes-response", Class::Session),
    function(566, "unregister-nodes-request", Class::Session),
    function(569, "unregister-nodes-response", Class::Session),
    function(615, "query-first-request", Class::Discover),
    function(618, "query-first-response", Class::Discover),
    function(621, "query-next-request", Class::Discover),
    function(624, "query-next-response", Class::Discover),
    function(631, "read-request", Class::Read),
    function(634, "read-response", Class::Read),
    function(664, "history-read-request", Class::Read),
    function(667, "history-read-response", Class::Read),
    function(673, "write-request", Class::Write),
    function(676, "write-response", Class::Write),
    function(700, "history-update-request", Class::Write),
    function(703, "history-update-response", Class::Write),
    function(712, "call-request", Class::Operate),
    function(715, "call-response", Class::Operate),
    function(751, "create-monitored-items-request", Class::Read),
    function(754, "create-monitored-items-response", Class::Read),
    function(763, "modify-monitored-items-request", Class::Read),
    function(766, "modify-monitored-items-response", Class::Read),
    function(769, "set-monitoring-mode-request", Class::Read),
    function(772, "set-monitoring-mode-response", Class::Read),
    function(775, "set-triggering-request", Class::Read),
    function(778, "set-triggering-response", Class::Read),
    function(781, "delete-monitored-items-request", Class::Read),
    function(784, "delete-monitored-items-response", Class::Read),
    function(787, "create-subscription-request", Class::Read),
    function(790, "create-subscription-response", Class::Read),
    function(793, "modify-subscription-request", Class::Read),
    function(796, "modify-subscription-response", Class::Read),
    function(799, "set-publishing-mode-request", Class::Read),
    function(802, "set-publishing-mode-response", Class::Read),
    function(826, "publish-request", Class::Read),
    function(829, "publish-response", Class::Read),
    function(832, "republish-request", Class::Read),
    function(835, "republish-response", Class::Read),
    function(841, "transfer-subscriptions-request", Class::Read),
    function(844, "transfer-subscriptions-response", Class::Read),
    function(847, "delete-subscriptions-request", Class::Read),
    function(850, "delete-subscriptions-response", Class::Read),
    function(12208, "find-servers-on-network-request", Class::Discover),
    function(12209, "find-servers-on-network-response", Class::Discover),
    function(12211, "register-server-2-request", Class::Discover),
    function(12212, "register-server-2-response", Class::Discover),
    function(15903, "sessionless-invoke-request", Class::Session),
    function(21001, "sessionless-invoke-response", Class::Session),
];

/// Is this the node id of a service?
pub(super) fn is_service(id: u32) -> bool {
    SERVICES.binary_search_by_key(&id, |known| known.code).is_ok()
}

/// Does this service ask or answer? The names tell; a fault answers.
pub(super) fn direction(id: u32) -> Direction {
    let at = SERVICES.binary_search_by_key(&id, |known| known.code);
    match at.ok().and_then(|at| SERVICES.get(at)) {
        Some(known) if known.name.ends_with("-request") => Direction::Request,
        Some(_) => Direction::Response,
        None => Direction::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_ascend_so_that_they_can_be_searched() {
        assert!(SERVICES.is_sorted_by_key(|known| known.code));
        assert_eq!(direction(631), Direction::Request);
        assert_eq!(direction(634), Direction::Response);
        assert_eq!(direction(1), Direction::None);
    }
}
