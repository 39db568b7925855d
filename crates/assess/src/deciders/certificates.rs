//! Certificates that sessions showed.

use super::gather::{Gather, Reason};
use super::reading::{has, properties};
use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use jiff::civil::Date;
use std::collections::BTreeSet;
use zonewright_traffic::observation::{Flow, Timestamp};

pub(super) static DECIDER: Decider = Decider {
    code: "certificates-in-use",
    title: "certificates that sessions showed",
    requirements: &[
        ("SR 1.8", Power::Refute),
        ("SR 1.8", Power::Support),
        ("SR 1.9", Power::Refute),
        ("SR 4.3", Power::Refute),
    ],
    reads: &["captures", "certificates"],
    coverage: "a handshake of TLS up to 1.2 or of OPC UA in which the certificate is in clear; to refute, one is enough",
    says: "A certificate that is shown before or after its validity comes from no PKI that is run to good practice (SR 1.8); a peer that goes on to send data under it does not check it (SR 1.9). RSA and DSA keys under 2048 bits, elliptic curves under 224, and signatures of an issuer with MD2, MD5 or SHA-1 are not accepted practice (SR 4.3; SP 800-131A). A certificate in its validity that another than its subject has issued speaks for SR 1.8.",
    limits: "TLS 1.3 hides certificates. A certificate that its subject signed is allowed where every peer has it (SR 1.9), and is left alone. Chains, revocation and possession of the key are not judged. The capture's clock is taken to be right.",
    judge,
};

fn judge(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let mut gather = Gather::new(decider);
    for located in worlds.flows.iter().filter(|located| has(located.flow, "certificate-not-after")) {
        let flow = located.flow;
        let subjects = subjects(worlds, located);
        let lapsed = lapsed(flow);
        if let Some(what) = &lapsed {
            let reason = Reason::refuting(&["SR 1.8"], World::Observed, what);
            gather.flow(&reason, subjects.clone(), located);
            if has(flow, "certificate-accepted") {
                let what = format!("{what}, and the peer went on");
                gather.flow(
                    &Reason::refuting(&["SR 1.9"], World::Observed, &what),
                    subjects.clone(),
                    located,
                );
            }
        }
        for weakness in weaknesses(flow) {
            let what = format!("a certificate has {weakness}");
            gather.flow(&Reason::refuting(&["SR 4.3"], World::Observed, &what), subjects.clone(), located);
        }
        if let (None, Some(issuer)) = (&lapsed, issuer(flow)) {
            let what = format!("a certificate in its validity was issued by {issuer}");
            let reason = Reason {
                requirements: &["SR 1.8"],
                says: Says::Supports,
                world: World::Observed,
                what: &what,
            };
            let asset = worlds.end(&located.to).filter(|end| matches!(end, Judged::Asset(_)));
            gather.flow(&reason, asset, located);
        }
    }
    gather.finish()
}

/// The end that was asked, if one certificate alone was shown, and the conduits; else where the session ran.
fn subjects(worlds: &Worlds<'_>, located: &Located<'_>) -> BTreeSet<Judged> {
    if properties(located.flow, "certificate-not-after").nth(1).is_some() {
        return worlds.touched(located);
    }
    let conduits = located.conduits.iter().map(|id| Judged::Conduit((*id).clone()));
    conduits.chain(worlds.end(&located.to)).collect()
}

/// How a certificate was out of its validity during the whole session, if one was.
fn lapsed(flow: &Flow) -> Option<String> {
    let (first, last) = (day(flow.first_seen)?, day(flow.last_seen)?);
    let ended = properties(flow, "certificate-not-after").filter_map(date).find(|until| *until < first);
    let early = || properties(flow, "certificate-not-before").filter_map(date).find(|from| *from > last);
    ended
        .map(|until| format!("a certificate was shown that had ended on {until}"))
        .or_else(|| early().map(|from| format!("a certificate was shown that is valid from {from} on")))
}

/// What is weak in keys and signatures. The signature of one who signed for himself is relied on by nobody.
fn weaknesses(flow: &Flow) -> BTreeSet<String> {
    let keys = properties(flow, "certificate-key").filter(|key| is_weak_key(key));
    let by_another = issuer(flow).is_some();
    let signatures = properties(flow, "certificate-signature").filter(|signature| {
        by_another && ["-md2", "-md5", "-sha1"].iter().any(|digest| signature.ends_with(digest))
    });
    keys.map(|key| format!("the key {key}")).chain(signatures.map(|s| format!("the signature {s}"))).collect()
}

fn is_weak_key(key: &str) -> bool {
    let bits = |prefix: &str| key.strip_prefix(prefix).and_then(|bits| bits.parse::<u32>().ok());
    bits("rsa-").is_some_and(|bits| bits < 2048) || bits("ec-").is_some_and(|bits| bits < 224)
}

/// The issuer, where one certificate was shown that another than its subject issued.
fn issuer(flow: &Flow) -> Option<&str> {
    let only = |name: &'static str| {
        let mut values = properties(flow, name);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    };
    let (subject, issuer) = (only("certificate-subject")?, only("certificate-issuer")?);
    (subject != issuer).then_some(issuer)
}

/// The day of a moment in a certificate (RFC 5280, 4.1.2.5): `YYMMDDHHMMSSZ`, of 1950 to 2049, or `YYYYMMDDHHMMSSZ`.
fn date(text: &str) -> Option<Date> {
    let digits = text.strip_suffix('Z')?;
    let (year, rest) = match digits.len() {
        12 => {
            let year: i16 = digits.get(..2)?.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, digits.get(2..)?)
        }
        14 => (digits.get(..4)?.parse().ok()?, digits.get(4..)?),
        _ => return None,
    };
    Date::new(year, rest.get(..2)?.parse().ok()?, rest.get(2..4)?.parse().ok()?).ok()
}

/// The day of a moment of the capture, in UTC.
fn day(moment: Timestamp) -> Option<Date> {
    let timestamp = jiff::Timestamp::from_nanosecond(i128::from(moment.nanoseconds)).ok()?;
    Some(timestamp.to_zoned(jiff::tz::TimeZone::UTC).date())
}
