"""What a plant has several of: control cells at the firewall, and machine cells that all have the same addresses, each behind a router
of its own that translates. Adds to a plant's description; knows no plant."""

from dataclasses import dataclass

from .topology import Actor, Asset, Conduit, Permit, Zone

SNMP_V3 = "-v3 -l authPriv -u nms -a SHA -A lab-auth-passphrase -x AES -X lab-priv-passphrase".split()
READS = [["holding", 0, 10]]


@dataclass
class Style:
    """Whose cells they are: who supervises them, and whose products stand in them."""

    supervisor: str
    servers: str  # time, and management of switches
    zone: str  # where both stand
    short: str  # that zone in the ids of conduits
    operations: str  # roles
    automation: str
    plc: dict  # product, vendor, model, version
    drive: dict
    panel: dict
    switch: dict
    router: dict


@dataclass
class Parts:
    """What a plant's description is made of so far; cells are added to it."""

    assets: list
    zones: list
    terms: list
    permits: list
    actors: list


def polling(asset, target, at, **more):
    """A client that reads all the time."""
    return Actor(asset, "modbus_client", {"targets": [{"ip": "{" + target + "}", "each": READS, **more}]}, at=at)


def managed(parts, style, permit, switch, at):
    """The management server asks a switch."""
    parts.permits.append(Permit(permit, [style.servers], [switch], "snmp", "Supervision of the switch, SNMPv3 only", "ot-security", ports=(161,)))
    words = ["snmpget", *SNMP_V3, "{" + switch + "}", "1.3.6.1.2.1.1.1.0"]
    parts.actors += [Actor(switch, "snmp_agent", listens=(("udp", 161),)), Actor(style.servers, "command", {"period": 15, "commands": [words]}, at=at)]


def control(parts, style, letter, what):
    """One more control cell: two controllers, a drive, a panel and a switch that talk, remote input and output, a second drive."""
    low, zone = letter.lower(), f"Z-CTL-{letter}"
    parts.zones.append(Zone(zone, f"Control {letter}: {what}", "control", f"ct{low}", sl_t=2, accountable=style.automation,
                            physical_boundary=f"Switch room {letter}", consequences={"production": "medium"}))
    device, plcs = "embedded-device", [f"plc-{low}1", f"plc-{low}2"]
    parts.assets += [
        *(Asset(plc, f"Controller {n}, {what}", "plc", device, zone, 10 + n, lives=True, **style.plc) for n, plc in enumerate(plcs, 1)),
        Asset(f"drive-{low}1", f"Drive 1, {what}", "drive", device, zone, 14, lives=True, **style.drive),
        Asset(f"drive-{low}2", f"Drive 2, {what}", "drive", device, zone, 15, **style.drive),
        Asset(f"hmi-{low}", f"Panel, {what}", "hmi", device, zone, 16, lives=True, **style.panel),
        Asset(f"rio-{low}1", f"Remote input and output, {what}", "remote-io", device, zone, 13),
        Asset(f"sw-{low}", f"Switch, control {letter}", "switch", "network-device", zone, 2, lives=True, **style.switch),
    ]
    parts.terms.append(Conduit(f"C-{style.short}-CTL-{letter}", f"Supervisory to control {letter}", [style.zone, zone], 2))
    parts.permits += [
        Permit(f"P-CTL-{letter}", [style.supervisor], plcs, "modbus", f"Operate {what}", style.operations, classes=("discover", "read", "write")),
        Permit(f"P-TIME-{letter}", plcs, [style.servers], "ntp", "Time of day", style.automation),
    ]
    managed(parts, style, f"P-NMS-{letter}", f"sw-{low}", 6)
    parts.actors += [Actor(a, "modbus_server", listens=(("tcp", 502),)) for a in (*plcs, f"drive-{low}1")]
    parts.actors += [polling(style.supervisor, plc, 1, once=[["identify"]], sometimes=[["set", 40, 50]]) for plc in plcs]
    parts.actors += [
        polling(plcs[0], f"drive-{low}1", 2, sometimes=[["set", 50, 400]]),
        polling(f"hmi-{low}", plcs[0], 3, sometimes=[["set", 60, 7]], period=2.0),
        polling(f"hmi-{low}", plcs[1], 3, period=3.0),
        *(Actor(plc, "time_client", {"server": "{" + style.servers + "}"}, at=2) for plc in plcs),
    ]


def translated(parts, style, zone, stem, what, hiding):
    """Machine cells behind translation, in the network of `zone`: controller, drive and panel, the same addresses in each. The
    supervisor calls a cell at its router's outer address; whether the cell sees who calls is the router's choice (`hiding`: one
    yes or no for each cell)."""
    low, up = stem.lower(), stem.upper()
    routers = [f"{low}{n}-gw" for n in range(1, len(hiding) + 1)]
    parts.permits += [
        Permit(f"P-{up}", [style.supervisor], routers, "modbus", f"Operate each {what}, at its outer address", style.operations, classes=("discover", "read", "write")),
        Permit(f"P-TIME-{up}", routers, [style.servers], "ntp", f"Time of day, as it leaves each {what}", style.automation),
    ]
    device = "embedded-device"
    for number, (router, hides) in enumerate(zip(routers, hiding, strict=True), 1):
        cell, conduit = f"Z-{up}-{number}", f"C-{up}-{number}"
        plc, drive, panel = f"{low}{number}-plc", f"{low}{number}-drive", f"{low}{number}-hmi"
        note = "The cell sees its own router." if hides else "The cell sees who calls."
        parts.zones.append(Zone(cell, f"{what.capitalize()} {number}", "control", f"{low}{number}", sl_t=2, context=f"{low}-{number}", router=router,
                                accountable=style.automation, physical_boundary=f"{what.capitalize()} {number}, locked", consequences={"production": "low"},
                                note=f"Its addresses are those of every {what}; they count within its context."))
        parts.assets += [
            Asset(router, f"Router of {what} {number}", "router", "network-device", zone, 200 + number, conduit=conduit, forwards=((("tcp", 502), plc),), hides=hides, **style.router),
            Asset(plc, f"Controller, {what} {number}", "plc", device, cell, 10, lives=True, **style.plc),
            Asset(drive, f"Drive, {what} {number}", "drive", device, cell, 20, lives=True, **style.drive),
            Asset(panel, f"Panel, {what} {number}", "hmi", device, cell, 30, lives=True, **style.panel),
        ]
        parts.terms.append(Conduit(conduit, f"Supervisory to {what} {number}, over its router", [style.zone, cell], 2, enforced_by=[router], note=note))
        parts.permits.append(Permit(f"P-TIME-{up}-{number}", [plc], [style.servers], "ntp", "Time of day", style.automation))
        if not hides:
            parts.permits.append(Permit(f"P-{up}-{number}", [style.supervisor], [plc], "modbus", f"Operate the {what}, as seen behind its router", style.operations,
                                        classes=("discover", "read", "write")))
        parts.actors += [Actor(a, "modbus_server", listens=(("tcp", 502),)) for a in (plc, drive)]
        parts.actors += [
            polling(style.supervisor, router, 1, once=[["identify"]], sometimes=[["set", 40, 50]]),
            polling(plc, drive, 2, sometimes=[["set", 50, 400]]),
            polling(panel, plc, 3, sometimes=[["set", 60, 7]], period=2.0),
            Actor(plc, "time_client", {"server": "{" + style.servers + "}"}, at=2),
        ]
