"""The words in which a plant of the laboratory is described. Knows no namespace, no file and no firewall syntax."""

import ipaddress
from dataclasses import dataclass, field


def subnet(text):
    """A network as it is written: with its prefix, or its first three octets where that is /24."""
    return ipaddress.ip_network(text if "/" in text else f"{text}.0/24")


@dataclass
class Zone:
    """A zone: one bridge, one network, one interface of the firewall."""

    id: str
    name: str
    type: str
    bridge: str
    network: str  # 10.1.2.0/25, or the first three octets of a /24; the firewall is its first host
    sl_t: int | None = None
    inside: bool = True
    trusted: bool = True
    safety_related: bool = False
    mirrored: bool = True  # is a capture taken on its bridge?
    accountable: str = ""
    physical_boundary: str = ""
    consequences: dict = field(default_factory=dict)
    assumptions: list = field(default_factory=list)
    note: str = ""

    def at(self, host):
        """The address of the host of that number."""
        net = subnet(self.network)
        if not 0 < host < net.num_addresses - 1:
            raise ValueError(f"{self.id}: {net} has no host {host}")
        return str(net[host])

    def with_prefix(self, host):
        """The same, as an interface is given it."""
        return f"{self.at(host)}/{subnet(self.network).prefixlen}"


@dataclass
class Asset:
    """A row of assets.csv; with `lives`, also a namespace."""

    id: str
    name: str
    kind: str
    component_type: str
    zone: str
    host: int | None = None  # its number in the zone's network
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
    secret_leg: tuple | None = None  # (zone, host): a second interface that nobody declared
    undeclared_by: str = ""  # the deviation that plugs it in; no list has it


@dataclass
class Actor:
    """A program that runs on an asset."""

    asset: str
    program: str
    arguments: dict = field(default_factory=dict)
    listens: tuple = ()  # ("tcp", 502), … : ready when these are bound
    at: float = 0.0  # seconds after the captures began; servers start before
    deviation: str = ""  # runs only with deviations
    without: str = ""  # runs only without this deviation


@dataclass
class Permit:
    """A permit of a conduit, and the rule that the firewall has for it."""

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
    ended: str = ""  # its last day in the plant with deviations
    ended_by: str = ""  # the deviation that ends it


@dataclass
class Conduit:
    """A conduit and its permits."""

    id: str
    name: str
    zones: list
    sl_t: int
    permits: list
    authentication: str = "not-required"
    encryption: str = "not-required"
    monitoring: str = "not-required"
    accountable: str = "ot-security"
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


@dataclass
class Statement:
    """What people state: a claim or a countermeasure, by the keys of its record."""

    record: str  # "claim" or "countermeasure"
    keys: dict
    deviation: str = ""  # stated only with deviations
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
    firewall: str = "fw-1"
    outside: str = ""  # network beyond the firewall that belongs to no zone, first three octets
    outside_hosts: list = field(default_factory=list)  # (name, last octet)
    seconds: int = 80
    legs_by: str = ""  # the deviation that the second interfaces belong to
    command: str = "lab/make-waterworks"  # what made it, for its README

    def zone(self, id):
        """The zone of that id."""
        return next(zone for zone in self.zones if zone.id == id)

    def asset(self, id):
        """The asset of that id."""
        return next(asset for asset in self.assets if asset.id == id)

    def ip(self, id):
        """The address of an asset, or of a host outside."""
        for name, host in self.outside_hosts:
            if name == id:
                return f"{self.outside}.{host}"
        asset = self.asset(id)
        return self.zone(asset.zone).at(asset.host)

    def mac(self, zone, host):
        """The MAC address of a host on a zone's bridge: locally administered."""
        number = [z.id for z in self.zones].index(zone) + 1 if zone else 0
        return f"02:57:57:{host >> 8:02x}:{number:02x}:{host & 255:02x}"

    def declared(self):
        """The assets that lists have."""
        return [asset for asset in self.assets if not asset.undeclared_by]

    def members(self, ends):
        """The assets that ends of a permit (assets, groups) stand for."""
        found = []
        for end in ends:
            found.extend(self.groups.get(end, [end]))
        return found


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
}
