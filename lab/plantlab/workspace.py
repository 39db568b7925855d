"""Writes the plant as a workspace: the declared world as text, the evidence with its windows and hashes."""

import csv
import json
import tomllib
from pathlib import Path

from blake3 import blake3

from .firewall import interface

COLUMNS = [
    "id", "name", "kind", "component_type", "zone", "product", "vendor", "model", "version", "ips", "macs", "purdue_level",
    "safety_related", "wireless", "temporary", "remote", "criticality", "owner", "note",
]


def text(value):
    """A value in TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(text(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key) if ' ' in key else key} = {text(item)}" for key, item in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


class Bare(str):
    """A TOML value that needs no quotes: a date or a time."""


def record(name_, /, **keys):
    """A record; keys without a value are left out."""
    lines = [f"[[{name_}]]"]
    for key, value in keys.items():
        if value not in (None, "", [], (), {}):
            lines.append(f"{key.rstrip('_')} = {value if isinstance(value, Bare) else text(value)}")
    return "\n".join(lines) + "\n"


def dated(keys):
    """The keys of a record; those that hold a day hold it as TOML writes days."""
    return {key: Bare(value) if key in ("review", "date", "end_of_support") else value for key, value in keys.items()}


def write(plant, folder, planted, window):
    """All files of the workspace."""
    files = {
        **plant.texts,
        "zones.toml": "\n".join(zone(z) for z in plant.zones),
        "products.toml": "\n".join(record("product", **dated(p)) for p in plant.products),
        "conduits.toml": conduits(plant, planted),
    }
    if plant.statements:
        files["statements.toml"] = statements(plant, planted)
    assets(plant, folder / "assets.csv")
    inventory(plant, folder / "evidence/inventory.csv")
    files["evidence.toml"] = evidence(plant, folder, window)
    for name, content in files.items():
        (folder / name).write_text(content)


def zone(z):
    """A zone."""
    return record(
        "zone", id=z.id, name=z.name, type=z.type, inside=z.inside, trusted=z.trusted, networks=[network(z)],
        sl_t=z.sl_t, safety_related=z.safety_related or None, accountable=z.accountable,
        physical_boundary=z.physical_boundary, consequences=z.consequences, assumptions=z.assumptions, note=z.note,
    )


def network(z):
    """The network of a zone, within its context where it has one."""
    return {"network": str(z.network), "context": z.context} if z.context else str(z.network)


def statements(plant, planted):
    """Claims and countermeasures."""
    stated = [s for s in plant.statements if s.without not in planted and (not s.deviation or s.deviation in planted)]
    return "\n".join(record(s.record, **dated(s.keys)) for s in stated)


def conduits(plant, planted):
    """Groups, conduits and permits."""
    parts = [record("group", id=name, assets=members) for name, members in plant.groups.items()]
    for c in plant.conduits:
        parts.append(
            record(
                "conduit", id=c.id, name=c.name, zones=c.zones, medium="ip", enforced_by=c.enforced_by or [plant.firewall],
                authentication=c.authentication, encryption=c.encryption, monitoring=c.monitoring, sl_t=c.sl_t,
                accountable=c.accountable, note=c.note,
            )
        )
        for p in c.permits:
            until = p.ended if p.ended and p.ended_by in planted else p.until
            parts.append(
                record(
                    "conduit.permit", id=p.id, from_=p.from_, to=p.to, protocol=p.protocol, functions=p.functions,
                    classes=p.classes, ports=p.ports, purpose=p.purpose, expected=p.expected, owner=p.owner, approved_by=p.approved_by,
                    until=Bare(until), note=p.note,
                )
            )
    return "\n".join(parts)


def evidence(plant, folder, window):
    """The captures with the window that they cover, and the firewall's configuration."""
    begin, end, taken = window
    stamp = lambda moment: Bare(moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    parts = []
    for z in (z for z in plant.zones if z.mirrored):
        file = f"evidence/{z.id.lower()}.pcap"
        parts.append(
            record(
                "evidence", id=f"E-{z.bridge.upper()}", file=file, hash=digest(folder / file), kind="capture", taken=stamp(end),
                zone=z.id, capture_point=f"mirror of the switch of {z.id}", context=z.context, covers_from=stamp(begin), covers_until=stamp(end),
            )
        )
    file = "evidence/inventory.csv"
    parts.append(
        record(
            "evidence", id="E-INV", file=file, hash=digest(folder / file), kind="inventory", taken=stamp(taken),
            source="export of the maintenance database",
        )
    )
    facing = [(interface(plant, z.id), z.id) for z in plant.zones if not z.router]
    parts.append(configuration(folder, "E-FW", plant.firewall, facing, stamp(taken)))
    for router, cell in plant.routers():
        facing = [("plant", router.zone), ("cell", cell.id)]
        parts.append(configuration(folder, f"E-{router.id.upper()}", router.id, facing, stamp(taken)))
    return "\n".join(parts)


def configuration(folder, id, device, facing, taken):
    """The configuration of a device with which of its interfaces faces which zone."""
    file = f"evidence/{device}.nft"
    head = record(
        "evidence", id=id, file=file, hash=digest(folder / file), kind="configuration", taken=taken, source="nft list ruleset",
        device=device, dialect="nftables",
    )
    return head + "\n" + "\n".join(record("evidence.interface", interface=name, zone=zone) for name, zone in facing)


def window(folder):
    """The moments that the captures of a written workspace cover: begin, end, and when the configuration was taken."""
    records = {e["id"]: e for e in tomllib.loads((folder / "evidence.toml").read_text())["evidence"]}
    capture = next(e for e in records.values() if e["kind"] == "capture")
    return capture["covers_from"], capture["covers_until"], records["E-FW"]["taken"]


def digest(path):
    """Hash of a file, as evidence states it."""
    return "blake3:" + blake3(Path(path).read_bytes()).hexdigest()


def assets(plant, path):
    """The inventory."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        bridges = any(a.conduit for a in plant.assets)
        rows.writerow([*COLUMNS[:5], *(["conduit"] if bridges else []), *COLUMNS[5:]])
        for a in declared(plant):
            ips, macs = addresses(plant, a)
            flag = lambda value: "true" if value else ""
            rows.writerow([
                a.id, a.name, a.kind, a.component_type, "" if a.conduit else a.zone, *([a.conduit] if bridges else []), a.product, a.vendor, a.model, a.version, ";".join(ips),
                ";".join(macs), a.purdue_level, flag(a.safety_related), flag(a.wireless), flag(a.temporary), flag(a.remote),
                a.criticality, a.owner, a.note,
            ])


def inventory(plant, path):
    """The same assets as another tool would export them: its own columns, a semicolon between them, no zones."""
    with path.open("w", newline="") as file:
        rows = csv.writer(file, delimiter=";", lineterminator="\r\n")
        rows.writerow(["Tag", "Description", "Device Type", "Location", "IP Address", "MAC Address", "Manufacturer", "Model", "Firmware"])
        for a in declared(plant):
            ips, macs = addresses(plant, a)
            place = plant.zone(a.zone).physical_boundary.split(",")[0]
            kind = a.kind.replace("-", " ").capitalize()
            rows.writerow([a.id, a.name, kind, place, " ".join(ip.split("@")[0] for ip in ips), " ".join(macs).upper(), a.vendor, a.model, a.version])


def declared(plant):
    """The assets that the model has."""
    return [asset for asset in plant.assets if not asset.undeclared_by]


def addresses(plant, asset):
    """Addresses of an asset: the firewall has one in every zone, a cell's router one on each side."""
    if asset.id == plant.firewall:
        zones = [z for z in plant.zones if not z.router]
        return [plant.gateway(z) for z in zones], [plant.mac(z.id, z.gateway) for z in zones]
    if not asset.host:
        return [], []
    zone = plant.zone(asset.zone)
    within = lambda z: f"@{z.context}" if z.context else ""
    ips, macs = [plant.ip(asset.id) + within(zone)], [plant.mac(zone.id, asset.host)]
    for router, cell in plant.routers():
        if router.id == asset.id:
            ips.append(plant.gateway(cell) + within(cell))
            macs.append(plant.mac(cell.id, cell.gateway))
    return ips, macs
