"""A small waterworks: intake and treatment (control A), pumping and distribution (control B), chlorine safety system."""

import random
from ipaddress import IPv4Network
from pathlib import Path

from plantlab import cells, zoning
from plantlab.topology import Actor, Asset, Conduit, ExtraRule, Permit, Plant, Zone

from .agreed import conduits, rules
from .deviations import deviations, stranger
from .products import PRODUCTS
from .standing import GROUPS, NETWORKS, SMALL, assets, zones
from .stated import misstatements, statements
from .talking import actors

STYLE = cells.Style(
    supervisor="scada-1", servers="sup-srv", zone="Z-SUP", short="SUP", operations="operations", automation="automation",
    plc={"product": "plc-m", "vendor": "Weirtech", "model": "M-340", "version": "3.20"},
    drive={"product": "drive", "vendor": "Weirtech", "model": "VX 75", "version": "2.8"},
    panel={"vendor": "Weirtech", "model": "Panel 10", "version": "4.0"},
    switch={"product": "switch", "vendor": "Norrholt Networks", "model": "NX-8i", "version": "5.1"},
    router={"vendor": "Norrholt Networks", "model": "Cell 2", "version": "3.1"},
)


def plant(seed, size):
    """The plant of a seed and size. Seed 1 of medium size is the committed example, in its own zones and addresses."""
    chance = random.Random(f"waterworks/{size}/{seed}")
    own = seed == 1 and size == "medium"
    whole = assets()
    terms = conduits()
    permits = [permit for conduit in terms for permit in conduit.permits] + within()
    parts = cells.Parts([a for a in whole if size != "small" or a.id in SMALL], zones(), terms, permits, actors())
    found = Plant(
        id="waterworks", name="Waterworks at the weir", as_of="2026-11-26", zones=[], assets=parts.assets, conduits=[], groups=GROUPS,
        rules=rules(), actors=parts.actors, deviations=deviations(), texts={name: text(name) for name in ("plant.toml", "risk.toml")},
        readme=text("README.head.md"), products=PRODUCTS, statements=statements(), misstatements=misstatements(),
        secret_routes=[("hmi-2", "plc-a2", "declared"), ("plc-a2", "hmi-2", "secret")], legs_by="dual-homed", gone={a.id for a in whole},
        outside=IPv4Network("203.0.113.0/24"), outside_hosts=[("ntp.outside", 123)],
    )
    if not own:
        add_cells(parts, size, chance)
        add_stranger(found)
    chosen = zoning.Zoning() if own else chosen_zoning(chance, parts.zones)
    zoning.apply(found, chosen, parts.zones, terms, permits)
    zoning.give_networks(found, chance, NETWORKS if own else None)
    return found


def add_cells(parts, size, chance):
    """More control cells, and booster stations that the builder delivered one like the other."""
    for letter in {"small": "", "medium": chance.choice(["", "C", "CD"]), "large": "CDEFGH"}[size]:
        cells.control(parts, STYLE, letter, f"pressure zone {letter}")
    boosters = {"small": chance.choice([0, 2]), "medium": chance.choice([0, 2, 3]), "large": 4}[size]
    if boosters:
        parts.zones.append(Zone("Z-BST", "Network of the booster stations", "control", "bst", sl_t=2, accountable="automation",
                                physical_boundary="Ducts along the main, locked", consequences={"production": "low"}))
        parts.assets.append(Asset("sw-bst", "Switch, booster stations", "switch", "network-device", "Z-BST", 2, lives=True, **STYLE.switch))
        parts.terms.append(Conduit("C-SUP-BST", "Supervisory to the booster stations", ["Z-SUP", "Z-BST"], 2))
        cells.managed(parts, STYLE, "P-NMS-BST", "sw-bst", 8)
        cells.translated(parts, STYLE, "Z-BST", "BST", "booster station", [chance.random() < 0.5 for _ in range(boosters)])


def add_stranger(plant):
    """A device that nobody declared."""
    id = "stranger"
    plant.assets.append(Asset(id, "", "other", "host-device", "Z-CTL-A", 40, lives=True, undeclared_by=id))
    plant.actors.append(Actor(id, "time_client", {"server": "{sup-srv}"}, at=10, deviation=id))
    plant.rules.append(ExtraRule("Z-CTL-A", "Z-SUP", [id], ["sup-srv"], (("udp", 123),), "clock of the new box", id))
    plant.deviations.append(stranger())


def within():
    """What passes within zones: it takes a permit only where the zone is split."""
    return [
        Permit("P-STATIONS", ["hmi-1", "hmi-2"], ["scada-1"], "opcua", "Operate the plant from the stations", "operations"),
        Permit("P-NAMES-OPS", ["hmi-1"], ["sup-srv"], "dns", "The stations find their servers by name", "operations"),
        Permit("P-TIME-OPS", ["hmi-1"], ["sup-srv"], "ntp", "Time of day", "operations"),
        Permit("P-TIME-ACC", ["dmz-jump"], ["dmz-ntp"], "ntp", "Time of day", "ot-security"),
    ]


def chosen_zoning(chance, all_zones):
    """Other zones, by chance: the control cells as one, stations apart from servers, the jump host apart from the DMZ."""
    found = zoning.Zoning()
    if chance.random() < 0.4:
        found.merged["Z-CTL-B"] = "Z-CTL-A"
        next(zone for zone in all_zones if zone.id == "Z-CTL-A").name = "Control: treatment and pumping"
    if chance.random() < 0.4:
        found.split["Z-OPS"] = ("Z-SUP", {"hmi-1", "hmi-2", "ews-1", "ops-ws", "sup-prn-1"})
        all_zones.insert(3, Zone("Z-OPS", "Operator and engineering stations", "supervisory", "ops", sl_t=2, accountable="operations",
                                 physical_boundary="Control room", consequences={"production": "high"}))
    if chance.random() < 0.4:
        found.split["Z-ACC"] = ("Z-DMZ", {"dmz-jump"})
        all_zones.insert(2, Zone("Z-ACC", "Remote access, own side", "remote-access", "acc", sl_t=2, accountable="ot-security",
                                 physical_boundary="Rack 1 in the server room", consequences={"production": "medium"}))
    if chance.random() < 0.5:
        next(zone for zone in all_zones if zone.id == "Z-WLA").mirrored = True
    return found


def text(name):
    """A text that lies beside this file and is the same for every seed."""
    return (Path(__file__).parent / name).read_text()
