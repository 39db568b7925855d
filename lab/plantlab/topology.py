"""The words in which a plant of the laboratory is described. Knows no namespace, no file and no firewall syntax."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network


@dataclass
class Zone:
    """A zone: one bridge, one network, one interface of the firewall or, behind translation, of a machine cell's router."""

    id: str
    name: str
    type: str
    bridge: str
    network: IPv4Network | None = None  # given by the seed
    gateway: int = 1  # the host number of the firewall or router on it
    sl_t: int | None = None
    inside: bool = True
    trusted: bool = True
    safety_related: bool = False
    mirrored: bool = True  # is a capture taken on its bridge?
    context: str = ""  # for a machine cell: the context within which its addresses count
    router: str = ""  # for a machine cell: the asset that translates
    accountable: str = ""
    physical_boundary: str = ""
    consequences: dict = field(default_factory=dict)
    assumptions: list = field(default_factory=list)
    note: str = ""


@dataclass
class Asset:
    """A row of assets.csv; with `lives`, also a namespace."""

    id: str
    name: str
    kind: str
    component_type: str
    zone: str
    host: int | None = None  # number of the address in the zone's network
    product: str = ""
    vendor: str = ""
    model: str = ""
    version: str = ""
    purdue_level: str = ""
    criticality: str = ""
    owner: str = ""
    lives: bool = False
    safety_related: bool = False
    wireless: bool = False
    temporary: bool = False
    remote: bool = False
    note: str = ""
    conduit: str = ""  # a router between zones belongs to a conduit; `zone` is then where its outer leg stands
    forwards: tuple = ()  # of such a router: ((transport, port), asset behind it), …
    hides: bool = False  # does it show its own inner address to those behind it?
    secret_leg: tuple | None = None  # (zone, host): a second interface that nobody declared
    undeclared_by: str = ""  # the deviation by which it stands there without being in the model


@dataclass
class Actor:
    """A program that runs on an asset."""

    asset: str
    program: str
    arguments: dict = field(default_factory=dict)
    listens: tuple = ()  # ("tcp", 502), … : ready when these are bound
    at: float = 0.0  # seconds after the captures began, in a window of 80 s; servers start before
    deviation: str = ""  # runs only with this deviation
    without: str = ""  # runs only without this deviation


@dataclass
class Permit:
    """A permit of a conduit, and the rule that the firewall has for it. Which conduit follows from where its ends stand; where
    both stand in one zone, none is needed."""

    id: str
    from_: list
    to: list
    protocol: str
    purpose: str
    owner: str
    expected: str = "continuous"
    classes: tuple = ()
    functions: tuple = ()
    services: tuple = ()  # what the firewall opens; the protocol's own where empty
    ports: tuple = ()
    until: str = "2027-12-31"
    approved_by: str = "ot-security"
    name: str = ""
    note: str = ""
    closed_by: str = ""  # the deviation that leaves it out of the firewall
    ended: str = ""  # its last day …
    ended_by: str = ""  # … with this deviation


@dataclass
class Conduit:
    """A conduit; its permits are given by where their ends stand."""

    id: str
    name: str
    zones: list
    sl_t: int
    permits: list = field(default_factory=list)
    authentication: str = "not-required"
    encryption: str = "not-required"
    monitoring: str = "not-required"
    accountable: str = "ot-security"
    enforced_by: list = field(default_factory=list)
    note: str = ""


@dataclass
class ExtraRule:
    """A rule of the firewall that no permit asked for."""

    from_zone: str  # a zone's id, or "outside"
    to_zone: str
    from_: list  # assets; empty for any
    to: list
    services: tuple  # empty for any
    comment: str
    deviation: str


@dataclass
class Deviation:
    """A planted deviation, and the row of the verification that it must give; a misstatement gives none."""

    id: str
    planted: str
    why: str
    path: dict
    findings: list  # every finding that it gives: "rule subject-kind subject-id severity"
    packets: list = field(default_factory=list)  # (zone of the capture, display filter, what it shows)
    needs: tuple = ()  # for a misstatement: the deviations without which it holds
    seconds_min: int = 0  # the shortest window that shows it


@dataclass
class Statement:
    """What people state: a claim or a countermeasure, by the keys of its record."""

    record: str  # "claim" or "countermeasure"
    keys: dict
    deviation: str = ""  # stated only with this deviation
    without: str = ""  # stated only without this deviation


@dataclass
class Plant:
    """A whole plant."""

    id: str
    name: str
    as_of: str
    zones: list
    assets: list
    conduits: list
    groups: dict
    rules: list
    actors: list
    deviations: list
    texts: dict  # files of the workspace that are written by hand, by name
    readme: str  # the beginning of the example's README
    products: list = field(default_factory=list)
    statements: list = field(default_factory=list)
    misstatements: list = field(default_factory=list)  # deviations without a path: what assessing must find
    secret_routes: list = field(default_factory=list)  # (asset, to, "declared" or "secret" address of the way)
    gone: set = field(default_factory=set)  # assets of the description that this size does without
    legs_by: str = ""  # the deviation that plugs secret legs in
    firewall: str = "fw-1"
    outside: IPv4Network | None = None  # network beyond the firewall that belongs to no zone
    outside_hosts: list = field(default_factory=list)  # (name, host)
    seconds: int = 80

    def zone(self, id):
        """The zone of that id."""
        return next(zone for zone in self.zones if zone.id == id)

    def asset(self, id):
        """The asset of that id."""
        return next(asset for asset in self.assets if asset.id == id)

    def zone_of(self, id):
        """The zone of the asset of that id."""
        return self.zone(self.asset(id).zone)

    def has(self, id):
        """Is there an asset, or a host outside, of that id?"""
        return any(asset.id == id for asset in self.assets) or any(name == id for name, _ in self.outside_hosts)

    def routers(self):
        """The routers of the machine cells, each with the cell behind it."""
        return [(self.asset(zone.router), zone) for zone in self.zones if zone.router]

    def ip(self, id):
        """The address of an asset, or of a host outside."""
        for name, host in self.outside_hosts:
            if name == id:
                return str(self.outside[host])
        asset = self.asset(id)
        return str(self.zone(asset.zone).network[asset.host])

    def gateway(self, zone):
        """The address of the firewall, or of the cell's router, on a zone's network."""
        return str(zone.network[zone.gateway])

    def mac(self, zone, host):
        """The MAC address of a host on a zone's bridge: locally administered."""
        number = [z.id for z in self.zones].index(zone) + 1 if zone else 0
        return f"02:57:57:{host >> 8:02x}:{number:02x}:{host & 255:02x}"

    def members(self, ends):
        """The assets that ends of a permit (assets, groups) stand for."""
        found = []
        for end in ends:
            found.extend(self.groups.get(end, [end]))
        return found

    def conduit_between(self, one, other):
        """The conduit that joins two zones."""
        return next((c for c in self.conduits if {one, other} <= set(c.zones)), None)


# What the firewall opens for a protocol, where a permit does not say it.
SERVICES = {
    "modbus": (("tcp", 502),),
    "s7comm": (("tcp", 102),),
    "enip": (("tcp", 44818),),
    "cip": (("tcp", 44818),),
    "iec104": (("tcp", 2404),),
    "opcua": (("tcp", 4840),),
    "tls": (("tcp", 443),),
    "http": (("tcp", 80),),
    "ssh": (("tcp", 22),),
    "telnet": (("tcp", 23),),
    "snmp": (("udp", 161),),
    "ntp": (("udp", 123),),
    "dns": (("udp", 53), ("tcp", 53)),
    "mqtt": (("tcp", 1883),),
    "bacnet": (("udp", 47808),),
}
