//! Questions to a configuration, from the words of the command line.

use crate::args::{Question as Arguments, Way};
use std::net::IpAddr;
use zonewright_firewall::reach::{PacketClass, Path, Question, Side};
use zonewright_firewall::ruleset::{AddressSet, IntervalSet, Ruleset};
use zonewright_source::nearest;

/// The question, or what is wrong with its words.
pub(super) fn parse(ruleset: &Ruleset, arguments: &Arguments) -> Result<Question, String> {
    let class = PacketClass {
        protocols: arguments.protocol.as_deref().map(protocol).transpose()?,
        ports: arguments.port.as_deref().map(ports).transpose()?,
        ..PacketClass::default()
    };
    Ok(Question {
        from: side(ruleset, &arguments.from)?,
        to: side(ruleset, &arguments.to)?,
        class,
        path: arguments.way.map_or(Path::Through, path),
        ..Question::default()
    })
}

pub(super) const fn path(way: Way) -> Path {
    match way {
        Way::Through => Path::Through,
        Way::Routed => Path::Routed,
        Way::Bridged => Path::Bridged,
        Way::ToDevice => Path::ToDevice,
        Way::FromDevice => Path::FromDevice,
    }
}

/// `any`, a list of addresses and networks, or names of interfaces or zones of the configuration.
fn side(ruleset: &Ruleset, words: &str) -> Result<Side, String> {
    if words == "any" {
        return Ok(Side::any());
    }
    let items: Vec<&str> = words.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    let addresses: Option<Vec<AddressSet>> = items.iter().map(|word| network(word)).collect();
    if let Some(addresses) = addresses.filter(|list| !list.is_empty()) {
        return Ok(Side::of_addresses(addresses.iter().fold(AddressSet::none(), |all, one| all.union(one))));
    }
    let zones = ruleset.zones.iter().map(|zone| zone.name.as_str());
    let known: Vec<&str> = ruleset.interfaces.iter().map(String::as_str).chain(zones).collect();
    for word in &items {
        if !known.contains(word) {
            let help = if known.is_empty() {
                "the configuration names no interfaces; give addresses".to_string()
            } else {
                did_you_mean(word, &known)
            };
            return Err(format!(
                "`{word}` is no address, network, `any`, or interface of the configuration; {help}"
            ));
        }
    }
    if items.is_empty() {
        Err("a side is empty; expected addresses, `any`, or an interface".into())
    } else {
        Ok(Side::of_interfaces(items))
    }
}

/// What may have been meant instead of a word that is not known.
pub(super) fn did_you_mean(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there is none".to_string(),
        None => format!("known are {}", known.join(", ")),
    }
}

fn network(word: &str) -> Option<AddressSet> {
    if let Some((first, last)) = word.split_once('-')
        && let (Ok(first), Ok(last)) = (first.parse(), last.parse())
    {
        return AddressSet::range(first, last);
    }
    let (address, length) = match word.split_once('/') {
        Some((address, length)) => (address, Some(length.parse().ok()?)),
        None => (word, None),
    };
    let address: IpAddr = address.parse().ok()?;
    AddressSet::prefix(address, length.unwrap_or(if address.is_ipv4() { 32 } else { 128 }))
}

fn protocol(word: &str) -> Result<IntervalSet<u8>, String> {
    let number = match word.to_ascii_lowercase().as_str() {
        "icmp" => 1,
        "tcp" => 6,
        "udp" => 17,
        "icmpv6" => 58,
        "sctp" => 132,
        number => number.parse().map_err(|_| {
            format!("protocol `{word}` is not known; expected tcp, udp, icmp, icmpv6, sctp or a number from 0 to 255")
        })?,
    };
    Ok(IntervalSet::one(number))
}

fn ports(words: &str) -> Result<IntervalSet<u16>, String> {
    let wrong = || {
        format!(
            "port `{words}` is not understood; expected a number from 0 to 65535, a range `first-last`, or a list of these"
        )
    };
    let range = |word: &str| -> Option<(u16, u16)> {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let range = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (range.0 <= range.1).then_some(range)
    };
    let ranges: Option<Vec<(u16, u16)>> = words.split(',').map(range).collect();
    Ok(IntervalSet::from_ranges(ranges.ok_or_else(wrong)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(from: &str, protocol: Option<&str>, port: Option<&str>) -> Result<Question, String> {
        let mut ruleset = Ruleset::empty("nftables", "fw.nft".into());
        ruleset.interfaces = vec!["lan0".into(), "wan0".into()];
        let arguments = Arguments {
            from: from.into(),
            to: "any".into(),
            protocol: protocol.map(Into::into),
            port: port.map(Into::into),
            way: None,
        };
        parse(&ruleset, &arguments)
    }

    #[test]
    fn sides_are_addresses_interfaces_or_anything() {
        assert_eq!(ask("any", None, None).unwrap().from, Side::any());
        assert!(ask("10.0.0.0/8, fe80::1, 10.9.0.1-10.9.0.5", None, None).unwrap().from.addresses.is_some());
        assert_eq!(ask("lan0", None, None).unwrap().from, Side::of_interfaces(["lan0"]));
        assert!(ask("lan1", None, None).unwrap_err().contains("did you mean `lan0`"));
        assert!(ask("10.0.0.0/33", None, None).is_err());
        assert!(ask(",", None, None).is_err());
    }

    #[test]
    fn protocols_and_ports_are_checked() {
        assert!(ask("any", Some("TCP"), Some("502,6000-6010")).is_ok());
        for (protocol, port) in [
            (Some("tpc"), None),
            (Some("300"), None),
            (None, Some("0x1")),
            (None, Some("9-1")),
            (None, Some("70000")),
        ] {
            assert!(ask("any", protocol, port).is_err(), "{protocol:?} {port:?}");
        }
    }
}
