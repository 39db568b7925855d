//! Which asset of the workspace an incoming one is, and by what.

use std::collections::{BTreeMap, BTreeSet};
use zonewright_plant::Plant;
use zonewright_plant::id::AssetId;
use zonewright_plant::model::{Address, Asset, Mac};

/// The answer.
pub(super) enum Who {
    /// None of them.
    Nobody,
    /// That one, and by what in words.
    Known { id: AssetId, by: String },
    /// Perhaps that one; it is not merged, for a reason.
    Doubt { id: AssetId, why: String },
}

/// Assets by what identifies them.
#[derive(Default)]
pub(super) struct Index {
    ids: BTreeMap<String, BTreeSet<AssetId>>,
    ips: BTreeMap<Address, BTreeSet<AssetId>>,
    macs: BTreeMap<Mac, BTreeSet<AssetId>>,
    serials: BTreeMap<String, BTreeSet<AssetId>>,
}

impl Index {
    pub(super) fn of(plant: &Plant) -> Self {
        let mut index = Self::default();
        plant.assets.values().for_each(|asset| index.add(asset));
        index
    }

    /// Adds an asset, or what it has come by.
    pub(super) fn add(&mut self, asset: &Asset) {
        let id = || asset.id.clone();
        self.ids.entry(asset.id.as_str().to_lowercase()).or_default().insert(id());
        for address in &asset.ips {
            self.ips.entry(address.clone()).or_default().insert(id());
        }
        for mac in &asset.macs {
            self.macs.entry(*mac).or_default().insert(id());
        }
        if let Some(serial) = asset.serial.as_deref().and_then(serial) {
            self.serials.entry(serial).or_default().insert(id());
        }
    }

    /// Another asset that has the address.
    pub(super) fn others_with_ip(&self, address: &Address, id: &AssetId) -> Option<&AssetId> {
        other(self.ips.get(address).filter(|_| identifies(address)), id)
    }

    /// Another asset that has the MAC address.
    pub(super) fn others_with_mac(&self, mac: Mac, id: &AssetId) -> Option<&AssetId> {
        other(self.macs.get(&mac).filter(|_| !is_shared(mac)), id)
    }

    /// Which asset it is. `apart` are those that the same file told of already, under other names.
    pub(super) fn who(&self, told: &Asset, named: bool, plant: &Plant, apart: &BTreeSet<AssetId>) -> Who {
        if named && let Some((id, by)) = self.by_id(told) {
            return Who::Known { id, by };
        }
        let mut found: BTreeMap<AssetId, Vec<String>> = BTreeMap::new();
        let mut add = |ids: Option<&BTreeSet<AssetId>>, by: String| {
            for id in ids.into_iter().flatten().filter(|id| !(named && apart.contains(*id))) {
                found.entry(id.clone()).or_default().push(by.clone());
            }
        };
        for address in told.ips.iter().filter(|address| identifies(address)) {
            add(self.ips.get(address), format!("address {}", shown(address)));
        }
        for mac in told.macs.iter().filter(|mac| !is_shared(**mac)) {
            add(self.macs.get(mac), format!("MAC address {mac}"));
        }
        if let Some(number) = told.serial.as_deref().and_then(serial) {
            add(self.serials.get(&number), format!("serial number {number}"));
        }
        let several = found.len() > 1;
        let Some((id, by)) = found.pop_first() else { return self.by_made_id(told, named) };
        let by = by.join(" and ");
        if several {
            let others: Vec<String> =
                found.iter().map(|(id, by)| format!("`{id}` by {}", by.join(" and "))).collect();
            let why = format!("not merged: it could be `{id}` by {by}, or {}", others.join(", or "));
            return Who::Doubt { id, why };
        }
        match plant.assets.get(&id).and_then(|known| against(known, told)) {
            Some(against) => {
                let why = format!("not merged with `{id}`, though {by} is the same: {against}");
                Who::Doubt { id, why }
            }
            None => Who::Known { id, by },
        }
    }

    fn by_id(&self, told: &Asset) -> Option<(AssetId, String)> {
        let ids = self.ids.get(&told.id.as_str().to_lowercase())?;
        if ids.contains(&told.id) {
            return Some((told.id.clone(), "id".into()));
        }
        let only = ids.first().filter(|_| ids.len() == 1)?;
        Some((only.clone(), format!("id, written `{}`", told.id)))
    }

    /// An id that was not given but made (of an address, of a name that the network told) only tells where nothing better
    /// does: then it was made the same way before.
    fn by_made_id(&self, told: &Asset, named: bool) -> Who {
        let tells = told.ips.iter().any(identifies) || told.macs.iter().any(|mac| !is_shared(*mac));
        match self.by_id(told).filter(|_| !named && !tells) {
            Some((id, by)) => Who::Known { id, by },
            None => Who::Nobody,
        }
    }
}

fn other<'a>(ids: Option<&'a BTreeSet<AssetId>>, id: &AssetId) -> Option<&'a AssetId> {
    let ids = ids?;
    if ids.contains(id) { None } else { ids.first() }
}

/// An address as Workspace/1 writes it.
pub(super) fn shown(address: &Address) -> String {
    address
        .context
        .as_ref()
        .map_or_else(|| address.ip.to_string(), |context| format!("{}@{context}", address.ip))
}

/// Link-local addresses are those of a link, and many devices have the same.
fn identifies(address: &Address) -> bool {
    match address.ip {
        std::net::IpAddr::V4(ip) => !ip.is_link_local(),
        std::net::IpAddr::V6(ip) => !ip.is_unicast_link_local(),
    }
}

/// MAC addresses that say nothing of who has them: none, groups, and those that redundant routers share (VRRP: RFC 9568,
/// section 7.3; HSRP: RFC 2281, section 5.5 and its version 2).
fn is_shared(mac: Mac) -> bool {
    let Mac(bytes) = mac;
    let [first, ..] = bytes;
    bytes == [0; 6]
        || first & 1 == 1
        || matches!(
            bytes,
            [0, 0, 0x5e, 0, 1 | 2, _] | [0, 0, 0x0c, 0x07, 0xac, _] | [0, 0, 0x0c, 0x9f, 0xf0..=0xff, _]
        )
}

/// A serial number in one spelling; nothing for words that stand where none is known.
fn serial(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
    let all_the_same = plain.chars().all(|c| plain.starts_with(c));
    let is_number = plain.chars().any(|c| c.is_ascii_digit());
    (plain.chars().count() >= SERIAL_CHARS_MIN && is_number && !all_the_same).then_some(plain)
}

/// Shorter serial numbers are numbers that anything may have.
const SERIAL_CHARS_MIN: usize = 5;

/// What speaks against two being the same, though something identifies them as one.
fn against(known: &Asset, told: &Asset) -> Option<String> {
    let (ours, theirs) = (known.serial.as_deref().and_then(serial), told.serial.as_deref().and_then(serial));
    if let (Some(ours), Some(theirs)) = (&ours, &theirs)
        && ours != theirs
    {
        return Some(format!("its serial number is {theirs}, not {ours}"));
    }
    let same_serial = ours.is_some() && ours == theirs;
    if let (Some(ours), Some(theirs)) = (&known.vendor, &told.vendor)
        && same_serial
        && !alike(ours, theirs)
        && !known.macs.iter().any(|mac| told.macs.contains(mac))
    {
        return Some(format!("its vendor is `{theirs}`, not `{ours}`"));
    }
    let macs_differ =
        !known.macs.is_empty() && !told.macs.is_empty() && !known.macs.iter().any(|m| told.macs.contains(m));
    if macs_differ && !same_serial {
        let of = |macs: &[Mac]| macs.iter().take(3).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        return Some(format!("its MAC address is {}, not {}", of(&told.macs), of(&known.macs)));
    }
    None
}

/// Is one name the beginning of the other, as in `Weirtech` and `Weirtech GmbH`?
pub(super) fn alike(a: &str, b: &str) -> bool {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    let first =
        |text: &str| text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_string();
    a == b || (!first(&a).is_empty() && first(&a) == first(&b))
}
