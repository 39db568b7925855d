"""Zoning as a choice: zones merged and split, their networks, and what follows from them: which permit belongs to which conduit, which
path a deviation shows on, which ids the texts name.

A plant is described once, in its own zones (homes). A seed chooses other ones; nothing of the description is written twice."""

import dataclasses
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network

from .topology import Conduit


@dataclass
class Zoning:
    """How the homes of a plant become zones."""

    merged: dict = field(default_factory=dict)  # home → the home that takes it in
    split: dict = field(default_factory=dict)  # new zone → (home, assets that go there)

    def zone(self, home):
        """The zone in which a home ends up."""
        return self.merged.get(home, home)

    def homes(self, zone):
        """The homes of which a zone has something."""
        own = {self.split[zone][0]} if zone in self.split else {zone}
        return own | {home for home, into in self.merged.items() if into in own}


def apply(plant, zoning, zones, terms, permits):
    """Gives a plant its zones and derives what follows. `zones` are all that may be, `terms` what is agreed between homes,
    as conduits without permits, `permits` everything that may pass, within zones too."""
    plant.gone -= {asset.id for asset in plant.assets}
    for asset in plant.assets:
        home = asset.zone
        asset.zone = zoning.zone(home)
        for zone, (of, members) in zoning.split.items():
            if of == home and asset.id in members:
                asset.zone = zone
        if asset.secret_leg:
            asset.secret_leg = (zoning.zone(asset.secret_leg[0]), asset.secret_leg[1])
    used = {asset.zone for asset in plant.assets} | {zone.id for zone in zones if zone.router and plant.has(zone.router)}
    plant.zones = [zone for zone in zones if zone.id in used and zone.id not in zoning.merged]
    plant.groups = {name: kept for name, members in plant.groups.items() if (kept := [m for m in members if plant.has(m)])}
    plant.conduits = conduits(plant, zoning, terms, permits)
    plant.rules = [rule for rule in (settled_rule(plant, zoning, rule) for rule in plant.rules) if rule]
    plant.actors = [actor for actor in (settled_actor(plant, actor) for actor in plant.actors) if actor]
    plant.deviations = [d for d in (settled_deviation(plant, zoning, d) for d in plant.deviations) if d]
    now = renaming(plant, zoning)
    plant.texts = {name: text(words, now) for name, words in plant.texts.items()}
    plant.statements = [s for s in (settled_statement(plant, now, s) for s in plant.statements) if s]
    plant.misstatements = [d for d in (settled_misstatement(plant, zoning, d) for d in plant.misstatements) if d]


def settled_statement(plant, now, statement):
    """A statement about what is there, with the evidence that is there; none where nothing of it is."""
    keys = dict(statement.keys)
    if "subject" in keys:
        keys["subject"] = now(keys["subject"])
    if "applies_to" in keys:
        keys["applies_to"] = list(dict.fromkeys(filter(None, map(now, keys["applies_to"]))))
    if "evidence" in keys:
        taken = {f"E-{zone.bridge.upper()}" for zone in plant.zones if zone.mirrored} | {"E-FW", "E-INV"}
        keys["evidence"] = [id for id in keys["evidence"] if id in taken]
    return dataclasses.replace(statement, keys=keys) if keys.get("subject", "-") and keys.get("applies_to", "-") else None


def settled_misstatement(plant, zoning, deviation):
    """A misstatement of something that is stated and that, by its deviations, does not hold."""
    stated = " ".join([*plant.texts.values(), *(f'"{s.keys["id"]}"' for s in plant.statements)])
    if not all(f'"{words.split()[2]}"' in stated for words in deviation.findings):
        return None
    if deviation.needs and not {d.id for d in plant.deviations} & set(deviation.needs):
        return None
    return settled_deviation(plant, zoning, deviation)


def conduits(plant, zoning, terms, permits):
    """The conduits, each with the permits whose ends stand on its two sides, in the order of the terms."""
    rank = {zone.id: number for number, zone in enumerate(plant.zones)}
    found = {}
    for permit in permits:
        for pair, part in parted(plant, permit):
            key = frozenset(pair)
            if key not in found:
                found[key] = joined(zoning, terms, sorted(pair, key=lambda z: rank[z]))
            found[key].permits.append(part)
    order = {id: number for number, id in enumerate(t.id for t in terms)}
    return sorted(found.values(), key=lambda c: order.get(c.id, len(order)))


def parted(plant, permit):
    """A permit by pairs of zones: itself where all that it names lies on one pair."""
    pairs = {}
    sources, targets = plant.members(permit.from_), plant.members(permit.to)
    sources, targets = ([a for a in ends if plant.has(a)] for ends in (sources, targets))
    for source in sources:
        for target in targets:
            pair = (plant.asset(source).zone, plant.asset(target).zone)
            if pair[0] != pair[1]:
                pairs.setdefault(pair, (set(), set()))
                pairs[pair][0].add(source)
                pairs[pair][1].add(target)
    for number, (pair, (from_, to)) in enumerate(pairs.items()):
        whole = lambda ends, chosen, all_: list(ends) if set(plant.members(ends)) == chosen else [a for a in all_ if a in chosen]
        id = permit.id if len(pairs) == 1 else f"{permit.id}-{number + 1}"
        yield pair, dataclasses.replace(permit, id=id, from_=whole(permit.from_, from_, sources), to=whole(permit.to, to, targets))


def joined(zoning, terms, pair):
    """The conduit of a pair of zones: the terms of its homes, the strictest where they are several."""
    homes = [zoning.homes(zone) for zone in pair]
    mine = [t for t in terms if any({a, b} == set(t.zones) for a in homes[0] for b in homes[1])]
    if len(mine) == 1 and set(mine[0].zones) == set(pair):
        return dataclasses.replace(mine[0], permits=[])
    short = [zone.removeprefix("Z-") for zone in pair]
    strict = lambda key: "required" if any(getattr(t, key) == "required" for t in mine) else "not-required"
    return Conduit(
        f"C-{short[0]}-{short[1]}", f"{short[0].capitalize()} to {short[1].capitalize()}", pair, max((t.sl_t for t in mine), default=2),
        authentication=strict("authentication"), encryption=strict("encryption"), monitoring=strict("monitoring"),
        enforced_by=mine[0].enforced_by if mine else [],
    )


def settled_rule(plant, zoning, rule):
    """A rule of the firewall between the zones in which its ends stand; none where they are gone or have become one."""
    if not all(map(plant.has, [*rule.from_, *rule.to])):
        return None
    side = lambda ends, home: plant.asset(ends[0]).zone if ends and any(a.id == ends[0] for a in plant.assets) else home if home == "outside" else zoning.zone(home)
    from_zone, to_zone = side(rule.from_, rule.from_zone), side(rule.to, rule.to_zone)
    if from_zone == to_zone or not {from_zone, to_zone} <= {"outside", *(zone.id for zone in plant.zones)}:
        return None
    return dataclasses.replace(rule, from_zone=from_zone, to_zone=to_zone)


def settled_actor(plant, actor):
    """An actor without what it would say to assets that are not there; none if it has nothing to say."""
    if not plant.has(actor.asset):
        return None
    there = lambda value: all(plant.has(name) for name in re.findall(r"\{([\w.-]+)\}", str(value)) if name not in ("keys",))
    arguments = dict(actor.arguments)
    for key in ("targets", "commands"):
        if key in arguments:
            arguments[key] = [item for item in arguments[key] if there(item)]
            if not arguments[key]:
                return None
    return dataclasses.replace(actor, arguments=arguments) if there(arguments) else None


def settled_deviation(plant, zoning, deviation):
    """A deviation with the path on which it shows in this zoning; none where it cannot be planted."""
    path = dict(deviation.path)
    named = {name for name in ((path.get(end) or "").strip("{}") for end in ("from", "to")) if name and name != "any"}
    if not all(map(plant.has, named)):
        return None
    place = lambda words: re.sub(r"@([\w.-]+)", lambda found: plant.asset(found[1]).zone, words)
    if path:
        inside = lambda end, home: plant.asset(end.strip("{}")).zone if any(a.id == end.strip("{}") for a in plant.assets) else zoning.zone(home)
        path["zone_from"], path["zone_to"] = inside(path["from"], path["zone_from"]), inside(path["to"], path["zone_to"])
        if path["zone_from"] == path["zone_to"] and path["name"] != "within-zone":
            return None
        between = plant.conduit_between(path["zone_from"], path["zone_to"])
        if path["declared"] in ("no-conduit", "protocol-not-permitted"):
            path["declared"] = "protocol-not-permitted" if between else "no-conduit"
        fill = {"{zones}": f"{path['zone_from']}>{path['zone_to']}", "{conduit}": between.id if between else ""}
    else:
        fill = {}
    findings = [place(replaced(words, fill)) for words in deviation.findings]
    packets = [(zoning.zone(place(zone)), expression, what) for zone, expression, what in deviation.packets]
    return dataclasses.replace(deviation, path=path, findings=findings, packets=packets)


def replaced(words, by):
    """Words with placeholders replaced."""
    for placeholder, value in by.items():
        words = words.replace(placeholder, value)
    return words


def renaming(plant, zoning):
    """From an id of the description to the id of the same thing in this zoning, or none where it is gone."""
    conduits_now = {conduit.id for conduit in plant.conduits}
    zones_now = {zone.id for zone in plant.zones}
    homes = {zone.removeprefix("Z-") for zone in zones_now | set(zoning.merged)}

    def now(id):
        if id.startswith("Z-"):
            return zoning.zone(id) if zoning.zone(id) in zones_now else None
        if id.startswith("C-") and id not in conduits_now:
            ends = next(((one, other) for one in homes for other in homes if id == f"C-{one}-{other}"), None)
            joined = {zoning.zone(f"Z-{end}") for end in ends or ()}
            return next((c.id for c in plant.conduits if set(c.zones) == joined), None)
        return None if id in plant.gone else id

    return now


def text(words, now):
    """A hand-written text in the ids of this zoning: lists lose what is not there."""

    def listed(found):
        kept = list(dict.fromkeys(filter(None, map(now, re.findall(r'"([^"]*)"', found[1])))))
        return "[" + ", ".join(f'"{item}"' for item in kept) + "]"

    words = re.sub(r'(?<== )\[((?:"[^"\n]*"(?:, )?)+)\](?=\n)', listed, words)
    return re.sub(r'(?<== )"([ZC]-[\w-]+)"', lambda found: f'"{now(found[1]) or found[1]}"', words)


def give_networks(plant, random, canonical=None):
    """Gives every zone a network and every asset a host number in it: the plant's own ones, or others by chance: other lengths of
    prefix, networks side by side within what would be one /24, networks larger than that, the gateway first or last."""
    cells = [zone for zone in plant.zones if zone.router]
    if canonical:
        for zone in plant.zones:
            zone.network = IPv4Network(canonical[zone.id])
        return
    style = random.choice(["even", "tight", "mixed"])
    first, second = random.choice([(10, random.randint(1, 254)), (172, random.randint(17, 31))])
    at = int(IPv4Network(f"{first}.{second}.0.0/16")[0]) + 256 * random.randint(0, 60)
    order = [zone for zone in plant.zones if not zone.router]
    random.shuffle(order)
    for zone in order:
        least = 32 - (needed(plant, zone) - 1).bit_length()
        prefix = {"even": 24, "tight": min(least, 28), "mixed": random.randint(22, max(22, min(least, 27)))}[style]
        prefix = min(prefix, least)
        size = 2 ** (32 - prefix)
        at = (at + size - 1) // size * size
        zone.network = IPv4Network((at, prefix))
        at += size * (1 if style == "tight" else random.randint(1, 3))
    inner = IPv4Network(f"192.168.{random.randint(0, 20)}.0/24")
    for cell in cells:
        cell.network = inner
    for zone in plant.zones:
        give_hosts(plant, zone, random, "cell" if zone.router else zone.id)


def needed(plant, zone):
    """The addresses that a zone's network must have."""
    hosts = sum(1 for a in plant.assets if (a.zone == zone.id and a.host) or (a.secret_leg and a.secret_leg[0] == zone.id))
    return hosts + 4


def give_hosts(plant, zone, random, seed):
    """Numbers the hosts of a zone by chance; machine cells all alike."""
    size = zone.network.num_addresses
    chance = type(random)(f"{seed}/{zone.network}")
    zone.gateway = 1 if chance.random() < 0.6 else size - 2
    free = [number for number in range(2, size - 2)]
    mine = [a for a in plant.assets if a.zone == zone.id and a.host and a.id != plant.firewall]
    legs = [a for a in plant.assets if a.secret_leg and a.secret_leg[0] == zone.id]
    numbers = sorted(chance.sample(free, len(mine) + len(legs)))
    for asset in mine:
        asset.host = numbers.pop(0)
    for asset in legs:
        asset.secret_leg = (zone.id, numbers.pop(0))
