"""Leaves things out of a described plant: assets with all that speaks of them, and deviations that nobody chose."""

import json
import re
from dataclasses import replace


def names(value):
    """The assets that a value's placeholders stand for."""
    return set(re.findall(r"\{(?:leg:)?([\w.-]+)\}", json.dumps(value)))


def without_assets(plant, gone):
    """The plant without some assets: what they did, and what was agreed or planted for them, goes with them."""
    gone = set(gone)
    before = {thing.id for thing in [*plant.conduits, *plant.zones]}
    plant.assets = [a for a in plant.assets if a.id not in gone]
    emptied = {group for group, members in plant.groups.items() if set(members) <= gone}
    plant.groups = {g: [m for m in members if m not in gone] for g, members in plant.groups.items() if g not in emptied}
    rest = lambda ends: [end for end in ends if end not in gone | emptied]
    for conduit in plant.conduits:
        kept = [replace(p, from_=rest(p.from_), to=rest(p.to)) for p in conduit.permits]
        conduit.permits = [p for p in kept if p.from_ and p.to]
    plant.conduits = [c for c in plant.conduits if c.permits]
    plant.actors = [a for a in (lessened(a, gone) for a in plant.actors if a.asset not in gone) if a]
    lost = {d.id for d in plant.deviations if {d.path["from"], d.path["to"]} & gone or names([p[1] for p in d.packets]) & gone}
    plant.secret_routes = [route for route in plant.secret_routes if not set(route[:2]) & gone]
    with_deviations(plant, {d.id for d in plant.deviations} - lost)
    held = {a.zone for a in plant.assets}
    plant.zones = [z for z in plant.zones if z.id in held]
    gone |= before - {thing.id for thing in [*plant.conduits, *plant.zones]}
    plant.texts = {name: unlisted(content, gone) for name, content in plant.texts.items()}


def unlisted(content, gone, joined=()):
    """A text that is written by hand, its lists without those who are gone; who was joined with others is named once."""

    def rest(found):
        items = dict.fromkeys(re.findall(r'"[^"]*"', found[1]))
        if not {item.strip('"') for item in items} & {*gone, *joined}:
            return found[0]
        return "[" + ", ".join(item for item in items if item.strip('"') not in gone) + "]"

    return re.sub(r'\[((?:\s*"[^"]*"\s*,?)+)\]', rest, content)


def lessened(actor, gone):
    """An actor that no longer asks those who are gone; nothing where it has nobody left to ask."""
    if not names(actor.arguments) & gone:
        return actor
    targets = [t for t in actor.arguments.get("targets", []) if not names(t) & gone]
    return replace(actor, arguments=actor.arguments | {"targets": targets}) if targets else None


def with_deviations(plant, chosen):
    """The plant with these deviations and no others."""
    plant.deviations = [d for d in plant.deviations if d.id in chosen]
    plant.rules = [r for r in plant.rules if r.deviation in chosen]
    plant.actors = [replace(a, without=a.without if a.without in chosen else "") for a in plant.actors if not a.deviation or a.deviation in chosen]
    plant.assets = [a for a in plant.assets if not a.undeclared_by or a.undeclared_by in chosen]
    if plant.legs_by not in chosen:
        plant.secret_routes = []
        for asset in plant.assets:
            asset.secret_leg = None
    for permit in (permit for conduit in plant.conduits for permit in conduit.permits):
        permit.closed_by = permit.closed_by if permit.closed_by in chosen else ""
        if permit.ended_by and permit.ended_by not in chosen:
            permit.ended = ""
