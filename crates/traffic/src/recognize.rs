//! Which protocol is it? Asks the dissectors; the surest wins, the port is only a hint.

use crate::dissect::{DISSECTORS, Dissector, Hint, Likelihood};
use crate::observation::Transport;
use crate::protocol::{Carrier, Protocol};
use std::sync::{LazyLock, OnceLock};

/// A dissector, by its place in the list.
pub(crate) type Index = u8;

/// The surest dissector for these bytes, of those that are not excluded (a bit each).
pub(crate) fn recognize(data: &[u8], hint: &Hint, excluded: u128) -> Option<(Index, Likelihood)> {
    let mut best: Option<(Index, Likelihood, bool)> = None;
    let candidates = if hint.stream { &CARRIED.streams } else { &CARRIED.datagrams };
    for (index, dissector) in candidates {
        let index = *index;
        if excluded & bit(index) != 0 {
            continue;
        }
        let likelihood = dissector.probe(data, hint);
        if likelihood == Likelihood::No {
            continue;
        }
        let at_home = is_at_home(*dissector, hint);
        if likelihood == Likelihood::Certain && at_home {
            return Some((index, likelihood));
        }
        // Between equals, the one whose port it is.
        if best.is_none_or(|(_, surest, home)| (likelihood, at_home) > (surest, home)) {
            best = Some((index, likelihood, at_home));
        }
    }
    best.map(|(index, likelihood, _)| (index, likelihood))
}

/// The dissectors that are asked about streams, and about datagrams.
struct Carried {
    streams: Vec<(Index, &'static dyn Dissector)>,
    datagrams: Vec<(Index, &'static dyn Dissector)>,
}

static CARRIED: LazyLock<Carried> = LazyLock::new(|| {
    let by = |is: fn(&Carrier) -> bool| {
        let carriers = |dissector: &dyn Dissector| {
            dissector.protocols().iter().flat_map(|protocol| protocol.carriers).any(is)
        };
        (0..=Index::MAX)
            .zip(DISSECTORS.iter().copied())
            .filter(|(_, dissector)| carriers(*dissector))
            .collect()
    };
    Carried {
        streams: by(|carrier| matches!(carrier, Carrier::Tcp(_))),
        datagrams: by(|carrier| matches!(carrier, Carrier::Udp(_))),
    }
});

/// The dissector of an index.
pub(crate) fn dissector(index: Index) -> Option<&'static dyn Dissector> {
    DISSECTORS.get(usize::from(index)).copied()
}

/// The protocol that a dissector's flows are named for.
#[inline]
pub(crate) fn protocol(index: Index) -> Option<&'static Protocol> {
    static FIRST: LazyLock<Vec<Option<&'static Protocol>>> =
        LazyLock::new(|| DISSECTORS.iter().map(|dissector| dissector.protocols().first().copied()).collect());
    FIRST.get(usize::from(index)).copied().flatten()
}

/// The dissector whose protocol is all that a transport without ports carries.
pub(crate) fn by_transport(transport: Transport) -> Option<Index> {
    (0..=Index::MAX).zip(DISSECTORS).find_map(|(index, dissector)| {
        let mut carriers = dissector.protocols().iter().flat_map(|protocol| protocol.carriers);
        let carried = |carrier: &Carrier| match *carrier {
            Carrier::EtherType(kind) => transport == Transport::Ether(kind),
            Carrier::Llc(point) => transport == Transport::Llc(point),
            Carrier::Ip(number) => transport == Transport::of_ip(number),
            Carrier::Tcp(_) | Carrier::Udp(_) => false,
        };
        carriers.any(carried).then_some(index)
    })
}

/// The bit of a dissector in a set of them. The list is not longer than 128, which a test holds to.
pub(crate) const fn bit(index: Index) -> u128 {
    if index < 128 { 1 << index } else { 0 }
}

fn is_at_home(dissector: &dyn Dissector, hint: &Hint) -> bool {
    dissector.protocols().iter().flat_map(|protocol| protocol.carriers).any(|carrier| match carrier {
        Carrier::Tcp(port) => hint.stream && hint.port(*port),
        Carrier::Udp(port) => !hint.stream && hint.port(*port),
        Carrier::EtherType(_) | Carrier::Llc(_) | Carrier::Ip(_) => false,
    })
}

/// Is a port the home of some protocol that is read here?
pub(crate) fn is_known_port(port: u16) -> bool {
    static PORTS: OnceLock<Box<[u64; 1024]>> = OnceLock::new();
    let ports = PORTS.get_or_init(|| {
        let mut ports = Box::new([0_u64; 1024]);
        for carrier in DISSECTORS
            .iter()
            .flat_map(|dissector| dissector.protocols())
            .flat_map(|protocol| protocol.carriers)
        {
            if let Carrier::Tcp(port) | Carrier::Udp(port) = carrier
                && let Some(word) = ports.get_mut(usize::from(port >> 6))
            {
                *word |= 1 << (port & 63);
            }
        }
        ports
    });
    ports.get(usize::from(port >> 6)).is_some_and(|word| word >> (port & 63) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dissector_has_a_bit() {
        assert!(DISSECTORS.len() <= 128, "a set of them has 128 bits");
    }
}
