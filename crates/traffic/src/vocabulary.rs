//! The protocols that are recognized, for those who speak of them by name: permits, the manual, the editors' schemas.

use crate::dissect::DISSECTORS;
use crate::protocol::Protocol;

/// Every protocol that a dissector speaks of, in the order of the list of dissectors.
pub fn protocols() -> impl Iterator<Item = &'static Protocol> {
    DISSECTORS.iter().flat_map(|dissector| dissector.protocols()).copied()
}

/// The protocol of a name.
#[must_use]
pub fn protocol_named(name: &str) -> Option<&'static Protocol> {
    protocols().find(|protocol| protocol.name == name)
}

/// The protocol and those that its dissector speaks of with it: CIP with EtherNet/IP.
pub fn spoken_with(protocol: &'static Protocol) -> impl Iterator<Item = &'static Protocol> {
    let together = DISSECTORS
        .iter()
        .map(|dissector| dissector.protocols())
        .find(|all| all.iter().any(|p| p.name == protocol.name));
    together.unwrap_or_default().iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_protocol_is_found_by_its_name() {
        for protocol in protocols() {
            assert_eq!(protocol_named(protocol.name).map(|p| p.title), Some(protocol.title));
            assert!(spoken_with(protocol).any(|p| p.name == protocol.name));
        }
        assert!(protocol_named("no such protocol").is_none());
    }
}
