"""A chemical batch plant: reactor and distillation, tank farm, emergency shutdown, packaging, utilities."""

import random
from ipaddress import IPv4Network
from pathlib import Path

from plantlab import cells, zoning
from plantlab.topology import Permit, Plant, Zone

from .agreed import conduits, rules
from .deviations import deviations
from .products import PRODUCTS
from .standing import GROUPS, NETWORKS, SMALL, assets, zones
from .stated import misstatements, statements
from .talking import actors

STYLE = cells.Style(
    supervisor="batch-1", servers="sup-srv", zone="Z-SUP", short="SUP", operations="production", automation="automation",
    plc={"product": "uc-m", "vendor": "Ferrodyne Controls", "model": "UC 40", "version": "6.2"},
    drive={"vendor": "Ferrodyne Controls", "model": "FD 30", "version": "1.7"},
    panel={"vendor": "Ferrodyne Controls", "model": "FP 7", "version": "1.0"},
    switch={"product": "switch", "vendor": "Osterlund Networks", "model": "OX 8", "version": "3.3"},
    router={"vendor": "Osterlund Networks", "model": "Cell 1", "version": "1.4"},
)


def plant(seed, size):
    """The plant of a seed and size. Seed 1 of medium size is the committed example, in its own zones and addresses."""
    chance = random.Random(f"batch-plant/{size}/{seed}")
    own = seed == 1 and size == "medium"
    whole = assets()
    terms = conduits()
    permits = [permit for conduit in terms for permit in conduit.permits] + within()
    parts = cells.Parts([a for a in whole if size != "small" or a.id in SMALL], zones(), terms, permits, actors())
    add_cells(parts, size, chance, own)
    found = Plant(
        id="batch-plant", name="Batch plant at the quay", as_of="2026-11-26", zones=[], assets=parts.assets, conduits=[], groups=GROUPS,
        rules=rules(), actors=parts.actors, deviations=deviations(), texts={name: text(name) for name in ("plant.toml", "risk.toml")},
        readme=text("README.head.md"), products=PRODUCTS, statements=statements(), misstatements=misstatements(),
        secret_routes=[("hmi-2", "pk-2", "declared"), ("pk-2", "hmi-2", "secret")], legs_by="dual-homed", gone={a.id for a in whole},
        outside=IPv4Network("203.0.113.0/24"), outside_hosts=[("dns.outside", 53)],
    )
    chosen = zoning.Zoning() if own else chosen_zoning(chance, parts.zones)
    zoning.apply(found, chosen, parts.zones, terms, permits)
    zoning.give_networks(found, chance, NETWORKS if own else None)
    return found


def add_cells(parts, size, chance, own):
    """Labelers, delivered one like the other, in the network of the packaging hall; and further units."""
    for letter in {"small": "", "medium": "" if own else chance.choice(["", "C"]), "large": "CDEFGH"}[size]:
        cells.control(parts, STYLE, letter, f"blending line {letter}")
    labelers = {"small": chance.choice([0, 2]), "medium": 2 if own else chance.choice([2, 3]), "large": 4}[size]
    # In the example the first hides who calls, the second does not.
    hiding = [number == 0 if own else chance.random() < 0.5 for number in range(labelers)]
    if labelers:
        cells.translated(parts, STYLE, "Z-PKG", "LBL", "labeler", hiding)


def within():
    """What passes within zones: it takes a permit only where the zone is split."""
    return [
        Permit("P-STATIONS", ["hmi-1", "hmi-2"], ["batch-1"], "opcua", "Operate the plant from the stations", "production"),
        Permit("P-TIME-OPS", ["hmi-1"], ["sup-srv"], "ntp", "Time of day", "production"),
    ]


def chosen_zoning(chance, all_zones):
    """Other zones, by chance: both units as one, stations apart from servers, the jump host apart from the DMZ."""
    found = zoning.Zoning()
    if chance.random() < 0.4:
        found.merged["Z-U2"] = "Z-U1"
        next(zone for zone in all_zones if zone.id == "Z-U1").name = "Units: reactor and distillation"
    if chance.random() < 0.4:
        found.split["Z-OPS"] = ("Z-SUP", {"hmi-1", "hmi-2", "ews-1", "qa-ws"})
        all_zones.insert(3, Zone("Z-OPS", "Operator and engineering stations", "supervisory", "ops", sl_t=2, accountable="production",
                                 physical_boundary="Control room", consequences={"production": "high"}))
    if chance.random() < 0.4:
        found.split["Z-ACC"] = ("Z-DMZ", {"dmz-jump"})
        all_zones.insert(2, Zone("Z-ACC", "Remote access, own side", "remote-access", "acc", sl_t=2, accountable="ot-security",
                                 physical_boundary="Server room, rack 3", consequences={"production": "medium"}))
    return found


def text(name):
    """A text that lies beside this file and is the same for every seed."""
    return (Path(__file__).parent / name).read_text()
