//! From what the engine knows to an observation: conversations to flows, evidence to assets, all sorted.

mod assets;
mod cells;
mod flows;
mod sightings;

use crate::content::Content;
use crate::engine::{self, Engine};
use crate::flow::At;
use crate::observation::{Capture, Mac, Observation, ProtocolUse, Timestamp, Transport};
use crate::{content, fragments, record};
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::sync::Arc;
use zonewright_source::{Diagnostic, PacketPlace, Place};

/// Values that systems begin to count the time to live from.
pub(super) const TTL_INITIAL: [u8; 4] = [32, 64, 128, 255];

/// Names and numbers that many lists share.
pub(super) struct Names<'a> {
    captures: &'a [Capture],
    /// By where they stand in the program: that is compared sooner than their letters.
    texts: std::cell::RefCell<HashMap<(usize, usize), Arc<str>, ahash::RandomState>>,
}

impl Names<'_> {
    /// A packet as a place.
    pub(super) fn place(&self, at: At) -> PacketPlace {
        let capture = self.captures.get(at.capture as usize);
        let file = capture.map_or_else(|| Arc::from(""), |capture| capture.path.clone());
        match capture.and_then(|capture| capture.kind) {
            Some(kind) if kind.is_log() => PacketPlace::line(file, at.packet),
            _ => PacketPlace::packet(file, at.packet),
        }
    }

    /// A moment, with the decimals of the capture that holds this packet.
    pub(super) fn moment(&self, nanoseconds: i64, at: At) -> Timestamp {
        let capture = self.captures.get(at.capture as usize);
        let digits = capture.and_then(|capture| capture.first_seen).map_or(6, |moment| moment.digits);
        Timestamp::new(nanoseconds, digits)
    }

    /// A text that occurs often.
    pub(super) fn text(&self, text: &'static str) -> Arc<str> {
        let place = (text.as_ptr().addr(), text.len());
        self.texts.borrow_mut().entry(place).or_insert_with(|| Arc::from(text)).clone()
    }
}

/// Puts everything together.
pub(crate) fn observation(
    engine: Engine,
    captures: Vec<Capture>,
    mut diagnostics: Vec<Diagnostic>,
) -> Observation {
    let names = Names { captures: &captures, texts: std::cell::RefCell::default() };
    let cells = cells::Cells::of(&engine);
    let assets = assets::Assets::fuse(&engine, &cells, &names);
    let flows = flows::flows(&engine, &cells, &assets, &names);
    let functions = flows::totals(&flows);
    let protocols = protocols(&engine);
    diagnose(&engine, &names, &mut diagnostics);
    let assets = assets.finish(&flows);
    Observation { captures, assets, flows, functions, protocols, diagnostics }
}

/// The name of what a transport carries, where that needs no dissector.
pub(super) const fn named(transport: Transport) -> Option<&'static str> {
    match transport {
        Transport::Icmp => Some("icmp"),
        Transport::Icmpv6 => Some("icmpv6"),
        Transport::Ip(2) => Some("igmp"),
        Transport::Ip(47) => Some("gre"),
        Transport::Ip(89) => Some("ospf"),
        Transport::Ip(112) => Some("vrrp"),
        Transport::Ether(0x0806) => Some("arp"),
        Transport::Ether(0x88cc) => Some("lldp"),
        Transport::Ether(0x2000) => Some("cdp"),
        Transport::Ether(0x9000) => Some("loop"),
        Transport::Ether(0x8809) => Some("slow"),
        Transport::Ether(0x888e) => Some("eapol"),
        Transport::Llc(0x42) => Some("stp"),
        _ => None,
    }
}

fn protocols(engine: &Engine) -> Vec<ProtocolUse> {
    let mut packets: BTreeMap<&str, u64> = engine.usage.iter().collect();
    for conversation in &engine.table.list {
        if let Some(name) = conversation.tunnel.or_else(|| named(conversation.transport))
            && conversation.content.as_deref().and_then(Content::dissector).is_none()
        {
            *packets.entry(name).or_default() += conversation.packets.low + conversation.packets.high;
        }
    }
    packets.into_iter().map(|(name, packets)| ProtocolUse { name: name.into(), packets }).collect()
}

/// Says what could not be read and what limits cost.
fn diagnose(engine: &Engine, names: &Names<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (link, (packets, at)) in &engine.links {
        let message =
            format!("{packets} packets have link type {link}, which is not read: they are counted only");
        let place = Place::Packet(names.place(*at));
        diagnostics.push(Diagnostic::warning("capture/link-type", message).at(place));
    }
    let contents = || engine.table.list.iter().filter_map(|conversation| conversation.content.as_deref());
    let limits = [
        (
            engine.cost.held,
            format!("bytes waiting in conversations, of which {} are kept", engine::HELD_BYTES_MAX),
        ),
        (
            engine.cost.deep,
            format!("tunnels within tunnels, of which {} are opened", engine::TUNNEL_DEPTH_MAX),
        ),
        (engine.cost.bindings, format!("bindings of addresses, of which {} are kept", engine::BINDINGS_MAX)),
        (
            engine.cost.contexts,
            format!("networks in tunnels, of which {} are told apart", engine::CONTEXTS_MAX),
        ),
        (
            engine.fragments.crowded_out,
            format!(
                "datagrams in fragments, of which {} ({} bytes) are kept",
                fragments::DATAGRAMS_MAX,
                fragments::BYTES_MAX
            ),
        ),
        (
            contents().map(|content| content.too_long).sum(),
            format!("bytes of a message, of which {} are kept", content::MESSAGE_BYTES_MAX),
        ),
        (
            contents().map(|content| content.record.dropped).sum(),
            format!(
                "different facts of a conversation, of which {} functions are kept",
                record::FUNCTIONS_MAX
            ),
        ),
    ];
    for (cost, what) in limits {
        if cost > 0 {
            let message = format!("a limit was reached {cost} times: {what}");
            diagnostics.push(Diagnostic::warning("capture/limit", message).because(
                "what went beyond the limit was counted in packets and bytes, but its content was not read",
            ));
        }
    }
}

/// Is a link-layer address one that can name a device?
pub(super) fn names_a_device(mac: Mac) -> bool {
    !mac.is_group() && !mac.is_zero()
}

/// A context in words; none for the unnamed one.
pub(super) fn context_name(context: &engine::Context) -> Option<String> {
    match (context.capture_point.as_deref(), context.tunnels.as_str()) {
        (None, "") => None,
        (Some(point), "") => Some(point.to_owned()),
        (None, tunnels) => Some(tunnels.to_owned()),
        (Some(point), tunnels) => Some(format!("{point}/{tunnels}")),
    }
}
