//! Evidence about addresses, fused into assets; each merge has its grounds, weak grounds merge nothing.
//!
//! A link-layer address names a device on its own link only: behind a router every remote host carries the
//! router's. So an IP address joins a link-layer address when the device itself says so (ARP, neighbor discovery,
//! an interface identifier made of it), or when it alone uses it and its time to live was not counted down.

use super::cells::Cells;
use super::{Names, TTL_INITIAL, names_a_device};
use crate::engine::Engine;
use crate::facts::Identity;
use crate::flow::{At, Conversation, Ends, Side, is_group};
use crate::link::Macs;
use crate::observation::{Asset, AssetName, AssetRole, Basis, Flow, Mac, Role, Timestamp};
use crate::protocol::{Class, Protection, Protocol};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// Addresses that one link-layer address may claim before it is taken for one that answers for others (proxy ARP).
const CLAIMED_MAX: usize = 16;
/// Reasons of one kind that are listed of one asset.
const BASIS_MAX: usize = 32;

/// What is known of one address.
#[derive(Debug, Default)]
struct Evidence {
    sent: u64,
    received: u64,
    first: Option<(i64, At)>,
    last: Option<(i64, At)>,
    vlans: BTreeSet<u16>,
    /// Somebody had an established connection with it.
    established: bool,
    /// For a link-layer address: it was a sender's.
    sends: bool,
    /// For a network address: the link-layer addresses it sent from, with the time to live and a packet.
    senders: BTreeMap<Mac, (u8, At)>,
    said: Vec<(Identity, Arc<str>, &'static str, At)>,
}

impl Evidence {
    fn seen(&mut self, conversation: &Conversation) {
        let (first, last, at) = (conversation.first, conversation.last, conversation.first_at);
        if self.first.is_none_or(|known| (first, at) < known) {
            self.first = Some((first, at));
        }
        if self.last.is_none_or(|(known, _)| last > known) {
            self.last = Some((last, at));
        }
        self.vlans.extend(conversation.vlans.ids());
    }
}

type Place<A> = (u32, A);

/// All evidence, by address within its context.
#[derive(Debug)]
struct Gathered<'a> {
    cells: &'a Cells,
    ips: BTreeMap<Place<IpAddr>, Evidence>,
    macs: BTreeMap<Place<Mac>, Evidence>,
    /// Network addresses that sent from a link-layer address.
    behind: BTreeMap<Place<Mac>, BTreeSet<IpAddr>>,
    /// Link-layer addresses that claim a network address, and the other way round.
    claimants: BTreeMap<Place<IpAddr>, BTreeMap<Mac, At>>,
    claims: BTreeMap<Place<Mac>, BTreeSet<IpAddr>>,
}

impl<'a> Gathered<'a> {
    fn of(engine: &Engine, cells: &'a Cells) -> Self {
        let mut gathered = Self {
            cells,
            ips: BTreeMap::new(),
            macs: BTreeMap::new(),
            behind: BTreeMap::new(),
            claimants: BTreeMap::new(),
            claims: BTreeMap::new(),
        };
        let further: BTreeSet<_> = engine.table.further.macs.iter().copied().collect();
        let several: BTreeSet<_> = further.iter().map(|(index, side, _)| (*index, *side)).collect();
        for (index, conversation) in (0..).zip(&engine.table.list) {
            let logged = engine.logs.contains(&conversation.first_at.capture);
            for side in [Side::Low, Side::High] {
                gathered.end(conversation, side, logged);
            }
            gathered.said(conversation, |side| several.contains(&(index, side)));
        }
        for (index, side, macs) in further {
            if let Some(conversation) = engine.table.list.get(index as usize) {
                gathered.passage(conversation, side, macs);
            }
        }
        for (place, names) in &engine.called {
            // Only of addresses that were seen: the list is often that of a whole network.
            if let Some(evidence) = gathered.ips.get_mut(place) {
                let said =
                    names.iter().map(|(name, at)| (Identity::Name, name.as_str().into(), "pcapng", *at));
                evidence.said.extend(said);
            }
        }
        for ((context, mac, ip), (at, _)) in engine.bindings.iter().collect::<BTreeMap<_, _>>() {
            let claimant = (cells.claim(*context, *ip, *mac), *ip);
            gathered.claimants.entry(claimant).or_default().insert(*mac, *at);
            gathered.claims.entry((cells.link(*context, *mac), *mac)).or_default().insert(*ip);
        }
        gathered
    }

    /// `logged`: a line of a log shows it. Then the initiator spoke, whether packets were counted or not; and whose the
    /// link-layer addresses are is not known, as logs do not tell the time to live.
    fn end(&mut self, conversation: &Conversation, side: Side, logged: bool) {
        let context = self.cells.end(conversation, side);
        let (sent, received) = (*conversation.packets.of(side), *conversation.packets.of(side.other()));
        let evidence = match &conversation.ends {
            Ends::Ip(ends) => self.ips.entry((context, *ends.of(side))).or_default(),
            Ends::Link(ends) => self.macs.entry((context, *ends.of(side))).or_default(),
        };
        evidence.sent += sent;
        evidence.received += received;
        evidence.established |= conversation.established || (logged && side == conversation.initiator);
        evidence.seen(conversation);
        if let (Ends::Ip(_), Some(macs), false) = (&conversation.ends, *conversation.macs.of(side), logged) {
            self.passage(conversation, side, macs);
            // What an IP conversation weighs is counted with its network addresses and, for those that only pass it on, here.
            self.mac(conversation, macs.source).sent += sent;
            if let Some(destination) = macs.destination {
                self.mac(conversation, destination).received += sent;
            }
        }
    }

    fn mac(&mut self, conversation: &Conversation, mac: Mac) -> &mut Evidence {
        self.macs.entry((self.cells.link(conversation.context, mac), mac)).or_default()
    }

    /// Packets of one side of an IP conversation went from one link-layer address to another.
    fn passage(&mut self, conversation: &Conversation, side: Side, macs: Macs) {
        let source = macs.source;
        for mac in macs.destination.into_iter().chain([source]) {
            let evidence = self.mac(conversation, mac);
            evidence.seen(conversation);
            evidence.sends |= mac == source;
        }
        if let Ends::Ip(ends) = &conversation.ends {
            let ip = *ends.of(side);
            let ttl = *conversation.ttl.of(side);
            let context = self.cells.end(conversation, side);
            let senders = &mut self.ips.entry((context, ip)).or_default().senders;
            senders.entry(source).or_insert((ttl, conversation.first_at));
            let link = self.cells.link(conversation.context, source);
            self.behind.entry((link, source)).or_default().insert(ip);
        }
    }

    /// Takes what the ends of a conversation said of themselves. `several`: did a side send from several link-layer
    /// addresses?
    fn said(&mut self, conversation: &Conversation, several: impl Fn(Side) -> bool) {
        let Some(content) = conversation.content.as_deref() else { return };
        let protocol = content
            .dissector()
            .and_then(crate::recognize::dissector)
            .and_then(|known| known.protocols().first());
        let source = protocol.map_or("", |protocol| protocol.name);
        for said in &content.record.identities {
            let context = self.cells.end(conversation, said.about);
            let evidence = match &conversation.ends {
                // Who has no address yet (DHCP) is known by the link-layer address, if one alone sent so.
                Ends::Ip(ends) if ends.of(said.about).is_unspecified() => {
                    match *conversation.macs.of(said.about) {
                        Some(macs) if !several(said.about) => self.mac(conversation, macs.source),
                        _ => continue,
                    }
                }
                Ends::Ip(ends) => self.ips.entry((context, *ends.of(said.about))).or_default(),
                Ends::Link(ends) => self.macs.entry((context, *ends.of(said.about))).or_default(),
            };
            evidence.said.push((said.what, (*said.value).into(), source, said.at));
        }
    }

    /// The link-layer address that a network address shares a device with, and why.
    fn owner(
        &self,
        context: u32,
        ip: IpAddr,
        evidence: Option<&Evidence>,
    ) -> Option<(Mac, String, Option<At>)> {
        if let Some(claimants) = self.claimants.get(&(context, ip)) {
            let claims = |mac: Mac| self.claims.get(&(context, mac)).map_or(0, BTreeSet::len);
            return match claimants.iter().next() {
                Some((&mac, &at)) if claimants.len() == 1 && claims(mac) <= CLAIMED_MAX => {
                    let how = if ip.is_ipv4() { "ARP" } else { "neighbor discovery" };
                    Some((mac, format!("{mac} says in {how} that it has {ip}"), Some(at)))
                }
                _ => None,
            };
        }
        let senders = &evidence?.senders;
        let (&mac, &(ttl, at)) = senders.iter().next().filter(|_| senders.len() == 1)?;
        if !names_a_device(mac) {
            return None;
        }
        if let IpAddr::V6(address) = ip {
            let text = format!("the interface identifier of {ip} is made of {mac}");
            return is_made_of(address, mac).then_some((mac, text, Some(at)));
        }
        let alone = self
            .behind
            .get(&(context, mac))
            .is_some_and(|ips| ips.iter().filter(|ip| ip.is_ipv4()).count() == 1);
        let text = format!("{ip} alone sends from {mac}, and its time to live ({ttl}) was not counted down");
        (alone && TTL_INITIAL.contains(&ttl)).then_some((mac, text, Some(at)))
    }

    /// Addresses that reach the link through this one: their time to live was counted down.
    fn forwarded(&self, context: u32, mac: Mac) -> Vec<(IpAddr, At)> {
        let behind = self.behind.get(&(context, mac)).into_iter().flatten();
        let counted_down = |ip: &IpAddr| {
            let (ttl, at) = *self.ips.get(&(context, *ip))?.senders.get(&mac)?;
            (ttl != 0 && !TTL_INITIAL.contains(&ttl) && !is_group(*ip)).then_some((*ip, at))
        };
        behind.filter_map(counted_down).collect()
    }
}

/// RFC 4291, appendix A: a link-local address whose interface identifier is the modified EUI-64 of a MAC.
fn is_made_of(address: Ipv6Addr, mac: Mac) -> bool {
    let [a, b, c, d, e, f] = mac.0;
    let identifier = [a ^ 2, b, c, 0xff, 0xfe, d, e, f];
    address.is_unicast_link_local() && address.octets().ends_with(&identifier)
}

/// A device is known by a link-layer address or by a network address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Mac(u32, Mac),
    Ip(u32, IpAddr),
}

#[derive(Debug, Default)]
struct Device {
    ips: BTreeMap<IpAddr, Option<(String, Option<At>)>>,
    mac: Option<Mac>,
}

/// The assets, and which address is whose.
#[derive(Debug)]
pub(super) struct Assets {
    assets: Vec<Asset>,
    by_ip: BTreeMap<Place<IpAddr>, Arc<str>>,
    by_mac: BTreeMap<Place<Mac>, Arc<str>>,
}

impl Assets {
    /// Puts the evidence together.
    pub(super) fn fuse(engine: &Engine, cells: &Cells, names: &Names<'_>) -> Self {
        let mut gathered = Gathered::of(engine, cells);
        let devices = devices(&gathered);
        let mut assets = Self { assets: Vec::new(), by_ip: BTreeMap::new(), by_mac: BTreeMap::new() };
        for (key, device) in devices {
            let (Key::Mac(context, _) | Key::Ip(context, _)) = key;
            let name = cells.name(context).map(str::to_owned);
            let asset = asset(&mut gathered, context, name, &device, names);
            for ip in device.ips.keys() {
                assets.by_ip.insert((context, *ip), asset.id.clone());
            }
            if let Some(mac) = device.mac {
                assets.by_mac.insert((context, mac), asset.id.clone());
            }
            assets.assets.push(asset);
        }
        assets.assets.sort_by(|a, b| a.id.cmp(&b.id));
        assets
    }

    /// The asset of a network address.
    pub(super) fn of_ip(&self, context: u32, ip: IpAddr) -> Option<Arc<str>> {
        self.by_ip.get(&(context, ip)).cloned()
    }

    /// The asset of a link-layer address.
    pub(super) fn of_mac(&self, context: u32, mac: Mac) -> Option<Arc<str>> {
        self.by_mac.get(&(context, mac)).cloned()
    }

    /// The finished list, with the roles that the flows show.
    pub(super) fn finish(self, flows: &[Flow]) -> Vec<Asset> {
        let mut assets: BTreeMap<Arc<str>, Asset> =
            self.assets.into_iter().map(|asset| (asset.id.clone(), asset)).collect();
        let mut roles: BTreeMap<Arc<str>, BTreeSet<AssetRole>> = BTreeMap::new();
        let mut operable: BTreeMap<Arc<str>, (Arc<str>, zonewright_source::PacketPlace)> = BTreeMap::new();
        for flow in flows {
            let spoken: BTreeSet<&Arc<str>> = flow
                .protocol
                .iter()
                .chain(flow.functions.iter().map(|function| &function.protocol))
                .collect();
            // What every station does (ARP, ICMP) is no part that tells one from another.
            let spoken = if super::named(flow.transport).is_some() { BTreeSet::new() } else { spoken };
            let group = flow.responder.asset.is_none();
            for (end, role) in [(&flow.initiator, Role::Client), (&flow.responder, Role::Server)] {
                let Some(id) = &end.asset else { continue };
                let role = if role == Role::Client && group { Role::Publisher } else { role };
                if spoken.is_empty() {
                    continue;
                }
                let parts = roles.entry(id.clone()).or_default();
                parts
                    .extend(spoken.iter().map(|protocol| AssetRole { protocol: Arc::clone(protocol), role }));
            }
            if let Some(id) = &flow.responder.asset
                && let Some(function) = flow.functions.iter().find(|function| is_operable(&function.protocol))
                && flow.packets_from_responder > 0
            {
                operable
                    .entry(id.clone())
                    .or_insert_with(|| (function.protocol.clone(), function.first.clone()));
            }
        }
        for (id, parts) in roles {
            if let Some(asset) = assets.get_mut(&id) {
                asset.roles = parts.into_iter().collect();
            }
        }
        for (id, (protocol, place)) in operable {
            if let Some(asset) = assets.get_mut(&id)
                && asset.component_type.is_none()
            {
                asset.component_type = Some("embedded-device".into());
                let text = format!(
                    "taken for an embedded device: it answers {protocol}, which operates or programs devices and cannot encrypt"
                );
                asset.basis.push(Basis { text, place: Some(place) });
            }
        }
        assets.into_values().collect()
    }
}

/// Can a protocol operate or program a device, and is it one of those that devices speak bare? Its own table tells. Those
/// that can encrypt are spoken by software on hosts as often as by devices.
fn is_operable(name: &str) -> bool {
    let mut protocols = crate::dissect::DISSECTORS.iter().flat_map(|dissector| dissector.protocols());
    let operates = |protocol: &Protocol| {
        let mut functions = protocol.elements.iter().flat_map(|element| element.functions);
        functions.any(|function| matches!(function.class, Class::Operate | Class::Program | Class::Firmware))
    };
    protocols.any(|protocol| {
        protocol.name == name && protocol.encryption == Protection::Never && operates(protocol)
    })
}

fn devices(gathered: &Gathered<'_>) -> BTreeMap<Key, Device> {
    let mut devices: BTreeMap<Key, Device> = BTreeMap::new();
    let claiming = gathered.claims.keys().map(|place| (place, false));
    // A group address cannot be a sender's (IEEE 802, section 8.2.2); where it is, somebody sent it all the same.
    let seen = gathered.macs.iter().map(|(place, evidence)| (place, evidence.sends || evidence.sent > 0));
    for (&(context, mac), sends) in seen.chain(claiming) {
        if names_a_device(mac) || (sends && !mac.is_zero()) {
            devices.entry(Key::Mac(context, mac)).or_default().mac = Some(mac);
        }
    }
    let claimed = gathered
        .claimants
        .keys()
        .filter(|place| !gathered.ips.contains_key(*place))
        .map(|place| (place, None));
    for (&(context, ip), evidence) in
        gathered.ips.iter().map(|(place, evidence)| (place, Some(evidence))).chain(claimed)
    {
        let alive = evidence.is_none_or(|evidence| evidence.sent > 0 || evidence.established)
            || gathered.claimants.contains_key(&(context, ip));
        if !alive || is_group(ip) || ip.is_unspecified() {
            continue;
        }
        match gathered.owner(context, ip, evidence) {
            Some((mac, text, at)) => {
                let device = devices.entry(Key::Mac(context, mac)).or_default();
                device.mac = Some(mac);
                device.ips.insert(ip, Some((text, at)));
            }
            None => {
                devices.entry(Key::Ip(context, ip)).or_default().ips.insert(ip, None);
            }
        }
    }
    devices
}

fn asset(
    gathered: &mut Gathered<'_>,
    context: u32,
    name: Option<String>,
    device: &Device,
    names: &Names<'_>,
) -> Asset {
    let base =
        device.ips.keys().min_by_key(|ip| (ip.is_ipv6(), is_link_local(**ip), **ip)).map(ToString::to_string);
    let base = base.or_else(|| device.mac.map(|mac| mac.to_string())).unwrap_or_default();
    let id: Arc<str> =
        name.as_ref().map_or_else(|| base.as_str().into(), |name| format!("{base}@{name}").into());
    let place = |at: Option<At>| at.map(|at| names.place(at));
    let mut basis: Vec<Basis> = device
        .ips
        .values()
        .flatten()
        .map(|(text, at)| Basis { text: text.clone(), place: place(*at) })
        .collect();
    basis.truncate(BASIS_MAX);
    let mut forwarded = device.mac.map(|mac| gathered.forwarded(context, mac)).unwrap_or_default();
    // Some systems begin to count elsewhere: the device's own addresses say nothing of what it forwards.
    forwarded.retain(|(ip, _)| !device.ips.contains_key(ip));
    let mut evidence: Vec<Evidence> =
        device.ips.keys().filter_map(|ip| gathered.ips.remove(&(context, *ip))).collect();
    let own = device.mac.and_then(|mac| gathered.macs.remove(&(context, mac)));
    // Packets of an address that shares the device were counted with it already.
    let ips_sent: (u64, u64) =
        evidence.iter().fold((0, 0), |sum, one| (sum.0 + one.sent, sum.1 + one.received));
    let mac_sent = own.as_ref().map_or((0, 0), |own| (own.sent, own.received));
    evidence.extend(own);
    let first = evidence.iter().filter_map(|one| one.first).min();
    let last = evidence.iter().filter_map(|one| one.last).max();
    let moment =
        |seen: Option<(i64, At)>| seen.map_or(Timestamp::new(0, 0), |(time, at)| names.moment(time, at));
    let mut asset = Asset {
        id,
        context: name.map(Into::into),
        macs: device.mac.into_iter().collect(),
        ips: device.ips.keys().copied().collect(),
        vlans: evidence
            .iter()
            .flat_map(|one| one.vlans.iter().copied())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        names: Vec::new(),
        vendor: None,
        product: None,
        version: None,
        serial: None,
        component_type: None,
        kind: None,
        roles: Vec::new(),
        first_seen: moment(first),
        last_seen: moment(last),
        packets_sent: mac_sent.0.max(ips_sent.0),
        packets_received: mac_sent.1.max(ips_sent.1),
        basis,
    };
    identify(&mut asset, evidence.into_iter().flat_map(|one| one.said).collect(), names);
    if let [(first, at), more @ ..] = forwarded.as_slice()
        && (!more.is_empty() || !asset.ips.is_empty())
    {
        let count = more.len() + 1;
        let text = format!(
            "taken for a router: the time to live of {count} addresses behind it was counted down, such as {first}"
        );
        asset.basis.push(Basis { text, place: place(Some(*at)) });
        asset.kind.get_or_insert_with(|| "router".into());
        asset.component_type.get_or_insert_with(|| "network-device".into());
    }
    asset
}

/// Takes over what the device says of itself; of contradicting words the first, and names all.
fn identify(asset: &mut Asset, mut said: Vec<(Identity, Arc<str>, &'static str, At)>, names: &Names<'_>) {
    said.sort_by_key(|(what, _, _, at)| (*at, *what));
    let mut called = BTreeSet::new();
    for (what, value, source, at) in said {
        let (slot, word) = match what {
            Identity::Name => {
                called.insert(AssetName { name: value, source: names.text(source) });
                continue;
            }
            Identity::Vendor => (&mut asset.vendor, "vendor"),
            Identity::Product => (&mut asset.product, "product"),
            Identity::Version => (&mut asset.version, "version"),
            Identity::Serial => (&mut asset.serial, "serial number"),
            Identity::Kind => (&mut asset.kind, "kind"),
        };
        let taken: Option<Arc<str>> =
            if what == Identity::Kind { kind(&value).map(Into::into) } else { Some(value.clone()) };
        let known = slot.clone().or_else(|| taken.clone());
        *slot = known.clone();
        if asset.basis.len() < BASIS_MAX {
            let contradicts = if known == taken { "" } else { ", which contradicts what it said before" };
            let text = format!("says in {source} that its {word} is `{value}`{contradicts}");
            asset.basis.push(Basis { text, place: Some(names.place(at)) });
        }
    }
    asset.names = called.into_iter().collect();
}

/// Words that devices use of themselves, and the kind of asset that they mean.
const KINDS: [(&str, &str); 12] = [
    ("programmable logic controller", "plc"),
    ("plc", "plc"),
    ("cpu ", "plc"),
    ("human-machine", "hmi"),
    ("hmi", "hmi"),
    ("outstation", "rtu"),
    ("drive", "drive"),
    ("switch", "switch"),
    ("bridge", "switch"),
    ("router", "router"),
    ("access-point", "access-point"),
    ("gateway", "gateway"),
];

/// The kind of asset that a device's own words mean, if they mean one.
fn kind(words: &str) -> Option<&'static str> {
    let words = words.to_lowercase();
    KINDS.iter().find_map(|(word, kind)| words.contains(word).then_some(*kind))
}

const fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}
