//! What can be asked of a ruleset.

use super::{Engine, ReachError};
use crate::ruleset::{AddressSet, IntervalSet};
use crate::sets::{Field, Set};

/// Which way packets go, seen from the firewall.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Path {
    /// From one interface to another: routed or bridged, as far as the configuration tells which ([`Reach::ways`]).
    ///
    /// [`Reach::ways`]: super::Reach::ways
    #[default]
    Through,
    /// From one interface to another, routed.
    Routed,
    /// From one port of a bridge to another port of it. The interfaces of the question are then the ports. Only chains
    /// of the bridge family and of devices are asked, and those for routed packets where the configuration asks for
    /// ports in them (`-m physdev`), so that they must be seeing bridged packets.
    Bridged,
    /// To the firewall itself.
    ToDevice,
    /// From the firewall itself.
    FromDevice,
}

impl Path {
    /// The word for it in JSON and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Through => "through",
            Self::Routed => "routed",
            Self::Bridged => "bridged",
            Self::ToDevice => "to-device",
            Self::FromDevice => "from-device",
        }
    }
}

/// Which packet of a connection is meant.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub enum Phase {
    /// The first: it opens the connection.
    #[default]
    New,
    /// The first reply, in a connection that was let through; `from` is then the side of the responder.
    Reply,
}

impl Phase {
    /// The word for it in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reply => "reply",
        }
    }
}

/// One end of a way through the firewall.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Side {
    /// Interfaces (or zones of the configuration) that the packets pass; `None` for any.
    pub interfaces: Option<Vec<String>>,
    /// The addresses on this side; `None` for any.
    pub addresses: Option<AddressSet>,
}

impl Side {
    /// Everywhere.
    #[must_use]
    pub fn any() -> Self {
        Side::default()
    }

    /// These addresses, whatever the interface.
    #[must_use]
    pub fn of_addresses(addresses: AddressSet) -> Self {
        Side { interfaces: None, addresses: Some(addresses) }
    }

    /// Whatever lies behind these interfaces or zones.
    pub fn of_interfaces<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Side { interfaces: Some(names.into_iter().map(Into::into).collect()), addresses: None }
    }
}

/// Which packets are meant; what is `None` may be anything.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PacketClass {
    /// The source address.
    pub source: Option<AddressSet>,
    /// The destination address, as the packet arrives.
    pub destination: Option<AddressSet>,
    /// The transport protocol.
    pub protocols: Option<IntervalSet<u8>>,
    /// The source port.
    pub source_ports: Option<IntervalSet<u16>>,
    /// The destination port, as the packet arrives.
    pub ports: Option<IntervalSet<u16>>,
}

/// A question to a ruleset: which packets of a class pass from one side to the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Question {
    /// Where packets come from.
    pub from: Side,
    /// Where they arrive, behind any translation.
    pub to: Side,
    /// Which packets.
    pub class: PacketClass,
    /// Which way.
    pub path: Path,
    /// Which packet of a connection.
    pub phase: Phase,
}

impl Question {
    /// New connections from one side to another, of any kind.
    #[must_use]
    pub fn between(from: Side, to: Side) -> Self {
        Question { from, to, ..Question::default() }
    }
}

impl Question {
    /// The question whether the first replies to these packets pass.
    #[must_use]
    pub fn reply(&self) -> Self {
        let class = PacketClass {
            source: self.class.destination.clone(),
            destination: self.class.source.clone(),
            protocols: self.class.protocols.clone(),
            source_ports: self.class.ports.clone(),
            ports: self.class.source_ports.clone(),
        };
        let path = match self.path {
            Path::ToDevice => Path::FromDevice,
            Path::FromDevice => Path::ToDevice,
            between => between,
        };
        Self { from: self.to.clone(), to: self.from.clone(), class, path, phase: Phase::Reply }
    }
}

impl Engine<'_> {
    /// The headers that the question's sender may send.
    pub(super) fn origin(&mut self, question: &Question) -> Result<Set, ReachError> {
        let side = if question.path == Path::FromDevice {
            self.side(&Side { interfaces: None, ..question.from.clone() }, Field::InInterface, Field::Source)?
        } else {
            self.side(&question.from, Field::InInterface, Field::Source)?
        };
        let class = self.class_as_sent(&question.class)?;
        Ok(self.diagram.and(side, class)?)
    }

    /// The headers that arrive where the question asks.
    pub(super) fn target(&mut self, question: &Question) -> Result<Set, ReachError> {
        let side = if question.path == Path::ToDevice {
            self.side(
                &Side { interfaces: None, ..question.to.clone() },
                Field::OutInterface,
                Field::Destination,
            )?
        } else {
            self.side(&question.to, Field::OutInterface, Field::Destination)?
        };
        let class = self.class_as_delivered(&question.class)?;
        Ok(self.diagram.and(side, class)?)
    }

    fn side(&mut self, side: &Side, interface: Field, address: Field) -> Result<Set, ReachError> {
        let mut set = Set::ALL;
        if let Some(names) = &side.interfaces {
            let mut some = Vec::new();
            for name in names {
                let numbers = self.interfaces.numbers_of_name(name);
                some.push(self.diagram.ranges(interface, &numbers)?);
            }
            set = self.diagram.union(some)?;
        }
        if let Some(addresses) = &side.addresses {
            let addresses = self.address(addresses, address)?;
            set = self.diagram.and(set, addresses)?;
        }
        Ok(set)
    }

    pub(super) fn class_as_sent(&mut self, class: &PacketClass) -> Result<Set, ReachError> {
        let mut set = Set::ALL;
        if let Some(source) = &class.source {
            set = self.address(source, Field::Source)?;
        }
        if let Some(ports) = &class.source_ports {
            let ports = self.port(ports, Field::SourcePort)?;
            set = self.diagram.and(set, ports)?;
        }
        if let Some(protocols) = &class.protocols {
            let protocols = self.numbers(protocols, Field::Protocol)?;
            set = self.diagram.and(set, protocols)?;
        }
        self.unfragmented(set)
    }

    pub(super) fn class_as_delivered(&mut self, class: &PacketClass) -> Result<Set, ReachError> {
        let mut set = Set::ALL;
        if let Some(destination) = &class.destination {
            set = self.address(destination, Field::Destination)?;
        }
        if let Some(ports) = &class.ports {
            let ports = self.port(ports, Field::DestinationPort)?;
            set = self.diagram.and(set, ports)?;
        }
        self.unfragmented(set)
    }

    /// Questions are about whole packets; a set of them does not mention fragments.
    fn unfragmented(&mut self, set: Set) -> Result<Set, ReachError> {
        Ok(self.diagram.after_setting(set, Field::LaterFragment, 0, 1)?)
    }
}
