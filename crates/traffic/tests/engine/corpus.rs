//! The public captures, where they are at hand: counts agree with the reference.
//!
//! Functions are compared by `agree.py` of the shared tools; here stands what the engine alone answers for.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use zonewright_traffic::observation::{InitiatorBasis, Transport};
use zonewright_traffic::{CaptureInput, Hashing, Options, observe};

pub(crate) fn data() -> Option<PathBuf> {
    let shared = std::env::var_os("ZONEWRIGHT_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let data = shared.join("data");
    data.join("captures").is_dir().then_some(data)
}

/// Found and wanted, of one aspect.
#[derive(Debug, Default)]
struct Score {
    found: usize,
    wanted: usize,
}

impl Score {
    fn add<T: Ord>(&mut self, wanted: &BTreeSet<T>, seen: &BTreeSet<T>) {
        self.found += wanted.intersection(seen).count();
        self.wanted += wanted.len();
    }

    fn share(&self) -> f64 {
        self.found as f64 / self.wanted.max(1) as f64
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_lowercase()
}

fn truths(folder: &Path, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            truths(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            into.push(path);
        }
    }
}

#[test]
fn the_public_captures_are_counted_as_the_reference_counts_them() {
    let Some(data) = data() else {
        println!("skipped: no shared data (set ZONEWRIGHT_SHARED)");
        return;
    };
    let mut files = Vec::new();
    truths(&data.join("truth"), &mut files);
    let [mut macs, mut ips, mut flows, mut direction] = [(); 4].map(|()| Score::default());
    for file in files {
        let truth: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let Some(packets) = truth["packets"].as_u64() else { continue };
        let relative = file.strip_prefix(data.join("truth")).unwrap().with_extension("");
        let input = CaptureInput::new(data.join("captures").join(&relative));
        let seen = observe(&[input], &Options { hashing: Hashing::None, ..Options::default() }, &mut |_| {});
        assert_eq!(seen.captures[0].packets, packets, "{}", relative.display());

        let of = |list: &str, key: &str| -> BTreeSet<String> {
            truth["endpoints"][list].as_array().unwrap().iter().map(|end| text(&end[key])).collect()
        };
        let ends = || seen.flows.iter().flat_map(|flow| [(flow, &flow.initiator), (flow, &flow.responder)]);
        let outer_ips = ends().filter(|(flow, _)| flow.inside.is_none()).filter_map(|(_, end)| end.ip);
        let seen_ips = seen.assets.iter().flat_map(|asset| asset.ips.iter().copied()).chain(outer_ips);
        let seen_macs = seen
            .assets
            .iter()
            .flat_map(|asset| asset.macs.iter().copied())
            .chain(ends().filter_map(|(_, end)| end.mac));
        macs.add(&of("mac", "mac"), &seen_macs.map(|mac| mac.to_string()).collect());
        ips.add(&of("ip", "ip"), &seen_ips.map(|ip| ip.to_string()).collect());

        let mut wanted: BTreeMap<(String, String, String), u64> = BTreeMap::new();
        let mut began = BTreeSet::new();
        for conversation in truth["conversations"].as_array().unwrap() {
            let (protocol, a, b) =
                (text(&conversation["proto"]), text(&conversation["a"]), text(&conversation["b"]));
            if matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
                if matches!(text(&conversation["basis"]).as_str(), "syn" | "synack") {
                    began.insert((a.clone(), b.clone(), conversation["bport"].as_u64()));
                }
                *wanted.entry((protocol, a.clone().min(b.clone()), a.max(b))).or_default() +=
                    conversation["packets"].as_u64().unwrap();
            }
        }
        let mut counted: BTreeMap<(String, String, String), u64> = BTreeMap::new();
        let mut seen_began = BTreeSet::new();
        for flow in seen.flows.iter().filter(|flow| flow.inside.is_none()) {
            if !matches!(flow.transport, Transport::Tcp | Transport::Udp | Transport::Sctp) {
                continue;
            }
            let (a, b) = (flow.initiator.ip.unwrap().to_string(), flow.responder.ip.unwrap().to_string());
            if flow.initiator_basis <= InitiatorBasis::SynAck {
                seen_began.insert((a.clone(), b.clone(), flow.responder.port.map(u64::from)));
            }
            *counted.entry((flow.transport.to_string(), a.clone().min(b.clone()), a.max(b))).or_default() +=
                flow.packets;
        }
        flows.add(&wanted.into_iter().collect(), &counted.into_iter().collect());
        direction.add(&began, &seen_began);
    }
    println!("macs {macs:?}, ips {ips:?}, flows {flows:?}, direction {direction:?}");
    assert!(macs.share() >= 0.995 && ips.share() >= 0.995, "macs {macs:?}, ips {ips:?}");
    assert!(flows.share() >= 0.98 && direction.share() >= 0.98, "flows {flows:?}, direction {direction:?}");
}
