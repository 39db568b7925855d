"""The waterworks of other seeds and sizes: other networks, control cells as one zone or as three, fewer or more of them, and a
device that nobody declared. Seed 1 in medium stays as it is described."""

import ipaddress
import re
from dataclasses import replace

from plantlab.choice import names, unlisted, without_assets
from plantlab.topology import Actor, Asset, Deviation, ExtraRule

from .deviations import row

# Prefix length and range of the networks, by seed; networks stand one right after the other.
RANGES = [(24, "10.0.0.0/8"), (24, "10.0.0.0/8"), (26, "192.168.0.0/16"), (23, "10.0.0.0/8"), (25, "172.16.0.0/12")]
# What a small waterworks does without.
SPARED = [
    "ent-pc-2", "ent-erp", "ent-dns", "ent-prn-1", "sw-ent", "dmz-ntp", "sw-dmz", "hmi-1", "sup-prn-1", "sw-sup", "rio-a1", "drive-a1",
    "plc-b2", "hmi-b", "sw-sis", "sis-ews", "sup-gw", "ap-1", "wgw-1", "tab-1", "wtx-1", "wtx-2",
]
# Further control cells of a large one: number of the cell, and which cell it is like.
FURTHER = list(zip(range(3, 12), "ABABABABA"))
CELL_BRIDGE = "ct"
PILOT = "P-DRIVE-B"  # what is tried in one cell only


def varied(plant, seed, size):
    """The plant as the seed and the size have it."""
    if seed > 1:
        stranger(plant)
    if size == "large":
        for number, like in FURTHER:
            further_cell(plant, number, like)
    if size == "small":
        without_assets(plant, SPARED)
    if seed % 3 == 0:
        merged(plant)
    if seed % 3 == 2:
        parted(plant)
    if seed > 1:
        renumbered(plant, seed)
    return plant


def stranger(plant):
    """A device that nobody declared, plugged into the network of control A: it asks a controller there and one in control B."""
    id = "stranger"
    plant.assets.append(Asset(id, "", "laptop", "host-device", "Z-CTL-A", 40, lives=True, undeclared_by=id))
    ask = [["holding", 0, 4]]
    plant.actors.append(Actor(id, "modbus_client", {"targets": [{"ip": "{plc-a1}", "once": ask}, {"ip": "{drive-b1}", "once": ask}]}, at=48, deviation=id))
    plant.rules.append(ExtraRule("Z-CTL-A", "Z-CTL-B", [id], ["drive-b1"], (("tcp", 502),), "test of the drive", id))
    plant.deviations.append(Deviation(
        id, "A device that no list has asks controllers for values.", "It stands in the network of control A; a rule of the firewall was made for it.",
        row("Z-CTL-A", "Z-CTL-B", "{stranger}", "drive-b1", "modbus", "502", "undocumented", "no-conduit"),
        ["path/undocumented path Z-CTL-A>Z-CTL-B error"],
        [("Z-CTL-A", "modbus && ip.src == {stranger}", "a request of the undeclared device")],
    ))


def renamed(value, change):
    """A part of the description with every word changed that is a name in `change`."""
    if isinstance(value, dict):
        return {key: renamed(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(renamed(item, change) for item in value)
    if hasattr(value, "__dataclass_fields__"):
        return replace(value, **{key: renamed(getattr(value, key), change) for key in value.__dataclass_fields__})
    if isinstance(value, str):
        return re.sub(r"[\w-]+", lambda word: change.get(word[0], word[0]), value)
    return value


def further_cell(plant, number, like):
    """One more control cell with the same kinds of devices, and what is agreed for those."""
    zone, conduit = f"Z-CTL-{like}", f"C-SUP-CTL-{like}"
    inside = [a for a in plant.assets if a.zone == zone and not a.undeclared_by]
    own = {a.id for a in inside}
    groups = [g for g, members in plant.groups.items() if set(members) <= own]
    planned = next(c for c in plant.conduits if c.id == conduit)
    change = {zone: f"Z-CTL-{number}", conduit: f"C-SUP-CTL-{number}"}
    change |= {name: f"{name}-c{number}" for name in [*own, *groups]}
    change |= {p.id: f"{p.id}-{number}" for p in planned.permits}
    cell = renamed(plant.zone(zone), change)
    plant.zones.append(replace(cell, name=f"Control {number}", bridge=f"{CELL_BRIDGE}{number}", network=f"{cell.network.rsplit('.', 1)[0]}.{100 + number}"))
    plant.assets += [replace(renamed(a, change), secret_leg=None) for a in inside]
    plant.groups |= {change[g]: renamed(plant.groups[g], change) for g in groups}
    planned = replace(planned, permits=[p for p in planned.permits if p.id != PILOT])
    plant.conduits.append(renamed(planned, change))
    for actor in [a for a in plant.actors if not a.deviation and not a.without and "telnet" not in a.program]:
        plant.actors += for_cell(actor, own, change)


def for_cell(actor, own, change):
    """What an actor does in, or for, a further cell."""
    if actor.asset in own:
        return [renamed(actor, change)]
    if not names(actor.arguments) & own:
        return []
    arguments = actor.arguments
    if "targets" in arguments:
        arguments = arguments | {"targets": [t for t in arguments["targets"] if names(t) & own]}
    return [renamed(replace(actor, arguments=arguments), change)]


def merged(plant):
    """Both control cells as one zone: what was agreed for one or the other is agreed for the one."""
    change = {"Z-CTL-B": "Z-CTL-A", "C-SUP-CTL-B": "C-SUP-CTL-A"}
    for asset in (a for a in plant.assets if a.zone == "Z-CTL-B" and a.host):
        asset.host += 15
    for asset in (a for a in plant.assets if a.zone == "Z-CTL-B"):
        asset.zone = "Z-CTL-A"
    conduits = {c.id: c for c in plant.conduits}
    conduits["C-SUP-CTL-A"].permits += conduits["C-SUP-CTL-B"].permits
    plant.conduits = [c for c in plant.conduits if c.id != "C-SUP-CTL-B"]
    plant.zones = [z for z in plant.zones if z.id != "Z-CTL-B"]
    plant.zone("Z-CTL-A").name = "Control: intake, treatment, pumping, distribution"
    plant.conduits, plant.deviations = renamed(plant.conduits, change), renamed(plant.deviations, change)
    plant.rules = [r for r in renamed(plant.rules, change) if r.from_zone != r.to_zone]
    plant.texts = {name: unlisted(content, (), set(change.values())) for name, content in renamed(plant.texts, change).items()}
    # What stays within one zone passes no firewall and needs no permit: the stranger that asked across is no deviation there.
    plant.deviations = [d for d in plant.deviations if d.path["zone_from"] != d.path["zone_to"]]


def parted(plant):
    """The high tank as a third control zone of its own."""
    zone = plant.zone("Z-CTL-B")
    plant.zones.append(replace(zone, id="Z-CTL-C", name="Control C: high tank", bridge="ctc", network=f"{zone.network.rsplit('.', 1)[0]}.43", physical_boundary="High tank"))
    plant.asset("rtu-b1").zone = "Z-CTL-C"
    conduit = next(c for c in plant.conduits if c.id == "C-SUP-CTL-B")
    tank = next(p for p in conduit.permits if p.id == "P-RTU-B")
    clock = next(p for p in conduit.permits if p.id == "P-TIME-B")
    conduit.permits.remove(tank)
    plant.groups["clocks-b"] = [asset for asset in plant.groups["clocks-b"] if asset != "rtu-b1"]
    own = replace(clock, id="P-TIME-C", from_=["rtu-b1"])
    plant.conduits.append(replace(conduit, id="C-SUP-CTL-C", name="Supervisory to control C", zones=["Z-SUP", "Z-CTL-C"], permits=[tank, own]))


def renumbered(plant, seed):
    """Other networks, of another length, one right after the other."""
    prefix, whole = RANGES[seed % len(RANGES)]
    whole = ipaddress.ip_network(whole)
    size = 1 << (32 - prefix)
    first = int(whole[0]) + whole.num_addresses // 16 * (seed % 16)
    for number, zone in enumerate(plant.zones):
        zone.network = f"{ipaddress.ip_address(first + number * size)}/{prefix}"
    for asset in plant.assets:
        # In a network of two times 256 addresses, some stand in the upper half.
        if asset.host and asset.id != plant.firewall:
            asset.host = fitting(asset.host, size)
        if asset.secret_leg:
            asset.secret_leg = (asset.secret_leg[0], fitting(asset.secret_leg[1], size))


def fitting(host, size):
    """The host's number in a network of that size."""
    if size > 256:
        return host + 256 if host > 12 else host
    return host if host < size - 1 else size - 3
