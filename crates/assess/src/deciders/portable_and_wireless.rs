//! What wireless, portable and temporarily connected devices do.

use super::boundary_protection::shown;
use super::gather::{Gather, Reason};
use super::{Decider, Judged, Judgement, Located, Power, Says, World, Worlds};
use crate::verification::PathName;
use zonewright_plant::model::{Asset, AssetKind, ZoneType};

pub(super) static WIRELESS: Decider = Decider {
    code: "wireless-use",
    title: "what wireless devices reach",
    requirements: &[("SR 2.2", Power::Refute), ("SR 2.2", Power::Support)],
    reads: &["captures", "configurations"],
    coverage: "to refute, one path that passed; for support, a complete configuration of every device that enforces the wireless zone's boundary, without a deviation",
    says: "A wireless device that reached another zone by what no permit declares was not limited in its use. A wireless zone out of which nothing is open but what permits declare has the use of its connections limited.",
    limits: "What happens on the air is in no capture of a wired network: who may join, and whether joining is watched, is not judged.",
    judge: wireless,
};

pub(super) static PORTABLE: Decider = Decider {
    code: "portable-use",
    title: "what portable and temporarily connected devices reach",
    requirements: &[("SR 2.3", Power::Refute)],
    reads: &["captures"],
    coverage: "none: one path that passed is enough to refute",
    says: "A laptop, mobile or temporarily connected device of a zone that reached another zone by what no permit declares was not limited in what it carries in or out.",
    limits: "Portable media are in no capture. A device that the inventory does not call portable or temporary is left alone.",
    judge: portable,
};

fn wireless(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let is_wireless = |worlds: &Worlds<'_>, located: &Located<'_>| {
        let zone = worlds.inside(located.from.zone).and_then(|zone| zone.zone_type);
        zone == Some(ZoneType::Wireless) || asset(worlds, located).is_some_and(|a| a.wireless == Some(true))
    };
    let what = "a wireless device reached what no permit declares for it";
    let mut gather = beyond_permits(decider, worlds, "SR 2.2", what, is_wireless);
    for zone in worlds.zones().filter(|zone| zone.zone_type == Some(ZoneType::Wireless)) {
        let Some(boundary) = worlds.boundaries().zone(&zone.id).filter(|b| b.is_decided()) else { continue };
        let reason = Reason {
            requirements: &["SR 2.2"],
            says: Says::Supports,
            world: World::Configured,
            what: "out of the wireless zone nothing is open but what permits declare",
        };
        shown(&mut gather, boundary, &reason, Judged::Zone(zone.id.clone()));
    }
    gather.finish()
}

fn portable(decider: &'static Decider, worlds: &Worlds<'_>) -> Vec<Judgement> {
    let is_portable = |worlds: &Worlds<'_>, located: &Located<'_>| {
        asset(worlds, located).is_some_and(|asset| {
            asset.temporary == Some(true)
                || matches!(
                    asset.kind,
                    Some(AssetKind::Laptop | AssetKind::Mobile | AssetKind::PortableMedia)
                )
        })
    };
    let what = "a portable device reached what no permit declares for it";
    beyond_permits(decider, worlds, "SR 2.3", what, is_portable).finish()
}

fn asset<'a>(worlds: &Worlds<'a>, located: &Located<'_>) -> Option<&'a Asset> {
    worlds.plant.assets.get(located.from.asset?)
}

/// Devices of an inside zone that `picks` picks and that passed a boundary beyond what permits declare.
fn beyond_permits(
    decider: &'static Decider,
    worlds: &Worlds<'_>,
    requirement: &'static str,
    what: &str,
    picks: fn(&Worlds<'_>, &Located<'_>) -> bool,
) -> Gather {
    let mut gather = Gather::new(decider);
    let undeclared = |name| matches!(name, PathName::Undocumented | PathName::UndeclaredBypass);
    for path in worlds.verification.paths.iter().filter(|path| undeclared(path.name) && worlds.passed(path)) {
        for located in path.flows.iter().filter_map(|id| worlds.located(id)).filter(|l| picks(worlds, l)) {
            let requirements = [requirement];
            let reason =
                Reason { requirements: &requirements, says: Says::Refutes, world: World::Observed, what };
            let zone = worlds.inside(located.from.zone).map(|zone| Judged::Zone(zone.id.clone()));
            gather.flow(&reason, zone, located);
        }
    }
    gather
}
