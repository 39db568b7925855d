//! Cryptography in use: versions and algorithms that sessions agreed on.

use super::gather::{Gather, Reason};
use super::reading::properties;
use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use std::collections::BTreeSet;
use zonewright_traffic::observation::Flow;

pub(super) static DECIDER: Decider = Decider {
    code: "cryptography-in-use",
    title: "versions and algorithms that protected sessions agreed on",
    requirements: &[("SR 4.3", Power::Refute), ("SR 4.3", Power::Support)],
    reads: &["captures"],
    coverage: "to refute, one session; for support, a session with the component of which version and algorithm were seen, and none that is weak",
    says: "SSL, TLS 1.0 and 1.1 (RFC 8996); TLS suites without encryption or authentication, with export keys, RC4, DES or triple DES (RFC 7465, RFC 8429, RFC 9325); SSH 1 and the SSH algorithms that RFC 8758, RFC 9142 and RFC 8429 put aside; and the OPC UA policies Basic128Rsa15 and Basic256, which OPC 10000-7 calls deprecated, are not accepted practice. A session without any of them speaks for its component.",
    limits: "What a server would also agree on with another client is not seen. Keys, their handling, and algorithms inside encrypted handshakes (SNMPv3, IPsec) are not seen.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    let mut weak_assets: BTreeSet<Judged> = BTreeSet::new();
    let mut sound: Vec<(&Located<'_>, String)> = Vec::new();
    for located in &worlds.flows {
        let weak = weaknesses(located.flow);
        if weak.is_empty() {
            sound.extend(agreed(located.flow).map(|agreed| (located, agreed)));
            continue;
        }
        let conduits = located.conduits.iter().map(|id| Judged::Conduit((*id).clone()));
        let subjects: BTreeSet<Judged> = conduits.chain(worlds.end(&located.to)).collect();
        weak_assets.extend(subjects.iter().cloned());
        for weakness in weak {
            let what = format!("a session agreed on {weakness}");
            let reason = Reason {
                requirements: &["SR 4.3"],
                says: Says::Refutes,
                world: World::Observed,
                what: &what,
            };
            gather.flow(&reason, subjects.clone(), located);
        }
    }
    for (located, agreed) in sound {
        let what = format!("sessions agreed on {agreed}");
        let reason =
            Reason { requirements: &["SR 4.3"], says: Says::Supports, world: World::Observed, what: &what };
        let asset = worlds.end(&located.to).filter(|end| matches!(end, Judged::Asset(_)));
        gather.flow(&reason, asset.filter(|asset| !weak_assets.contains(asset)), located);
    }
    gather.finish()
}

/// What a session agreed on, if it was seen.
fn agreed(flow: &Flow) -> Option<String> {
    let tls = properties(flow, "tls-version").next().map(str::to_string);
    let ssh = properties(flow, "ssh-cipher").next().map(|cipher| format!("SSH with {cipher}"));
    let mut policies = properties(flow, "security-policy").filter(|policy| *policy != "None");
    tls.or(ssh).or_else(|| policies.next().map(|policy| format!("OPC UA policy {policy}")))
}

/// What is weak in what it agreed on.
fn weaknesses(flow: &Flow) -> BTreeSet<String> {
    let old = |version: &&str| matches!(*version, "SSL 3.0" | "TLS 1.0" | "TLS 1.1");
    let suites = properties(flow, "tls-cipher-suite")
        .filter_map(|suite| u16::from_str_radix(suite.strip_prefix("0x")?, 16).ok())
        .filter_map(|suite| weak_suite(suite).map(|why| format!("TLS suite 0x{suite:04x} ({why})")));
    let ssh1 = properties(flow, "ssh-version").filter(|v| v.starts_with("1.") && *v != "1.99");
    let policies = properties(flow, "security-policy").filter(|p| matches!(*p, "Basic128Rsa15" | "Basic256"));
    properties(flow, "tls-version")
        .filter(old)
        .map(str::to_string)
        .chain(suites)
        .chain(ssh1.map(|version| format!("SSH {version}")))
        .chain(weak_ssh(flow))
        .chain(policies.map(|policy| format!("OPC UA policy {policy}")))
        .collect()
}

/// RFC 8758 (RC4), RFC 8429 (triple DES), RFC 9142 (key exchange), RFC 8332 and FIPS 186-5 (DSA); CBC ciphers of 64-bit blocks.
fn weak_ssh(flow: &Flow) -> impl Iterator<Item = String> {
    let cipher = |name: &&str| {
        name.starts_with("arcfour")
            || matches!(*name, "none" | "3des-cbc" | "des-cbc" | "blowfish-cbc" | "cast128-cbc" | "idea-cbc")
    };
    let exchange = |name: &&str| {
        matches!(*name, "diffie-hellman-group1-sha1" | "diffie-hellman-group-exchange-sha1" | "rsa1024-sha1")
    };
    let ciphers = properties(flow, "ssh-cipher").filter(cipher).map(|name| format!("SSH cipher {name}"));
    let exchanges =
        properties(flow, "ssh-key-exchange").filter(exchange).map(|n| format!("SSH key exchange {n}"));
    let keys = properties(flow, "ssh-host-key").filter(|name| *name == "ssh-dss");
    ciphers.chain(exchanges).chain(keys.map(|name| format!("SSH host key {name}")))
}

/// Why a TLS suite is weak, by its number in the registry of RFC 8447.
const fn weak_suite(suite: u16) -> Option<&'static str> {
    match suite {
        0x0000..=0x0002
        | 0x002C..=0x002E
        | 0x003B
        | 0x00B0
        | 0x00B1
        | 0x00B4
        | 0x00B5
        | 0x00B8
        | 0x00B9
        | 0xC001
        | 0xC006
        | 0xC00B
        | 0xC010
        | 0xC015
        | 0xC039..=0xC03B => Some("no encryption"),
        0x0003 | 0x0006 | 0x0008 | 0x000B | 0x000E | 0x0011 | 0x0014 | 0x0017 | 0x0019 | 0x0026..=0x002B => {
            Some("export keys")
        }
        0x0018
        | 0x001A
        | 0x001B
        | 0x0034
        | 0x003A
        | 0x0046
        | 0x006C
        | 0x006D
        | 0x0089
        | 0x009B
        | 0x00A6
        | 0x00A7
        | 0x00BF
        | 0x00C5
        | 0xC016..=0xC019 => Some("no authentication"),
        0x0004 | 0x0005 | 0x0020 | 0x0024 | 0x008A | 0x008E | 0x0092 | 0xC002 | 0xC007 | 0xC00C | 0xC011
        | 0xC033 => Some("RC4"),
        0x0009 | 0x000C | 0x000F | 0x0012 | 0x0015 | 0x001E | 0x0022 => Some("DES"),
        0x000A
        | 0x000D
        | 0x0010
        | 0x0013
        | 0x0016
        | 0x001F
        | 0x0023
        | 0x008B
        | 0x008F
        | 0x0093
        | 0xC003
        | 0xC008
        | 0xC00D
        | 0xC012
        | 0xC01A..=0xC01C
        | 0xC034 => Some("triple DES"),
        _ => None,
    }
}
