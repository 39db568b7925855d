"""Compares the finished captures with the description, conversation by conversation, by tshark alone: a second opinion that owes
nothing to Zonewright. What passes between zones must be permitted or planted; what is permitted all the time must be there.

A conversation is (context, initiator, responder, transport, port): within a machine cell addresses count in its own context."""

import subprocess
from ipaddress import IPv4Address

from .topology import SERVICES

FIELDS = ["ip.src", "ip.dst", "ip.proto", "tcp.flags.syn", "tcp.flags.ack", "tcp.dstport", "udp.srcport", "udp.dstport"]
STRAY = "icmp || ipv6"
LATE = "tcp.flags.reset == 1 || tcp.analysis.retransmission"  # what a busy machine does; nothing that is judged hangs on it
QUIET = {"idle", "blocked", "excess"}


def complaints(plant, folder, planted):
    """Everything that is not as described."""
    found = []
    for zone in (z for z in plant.zones if z.mirrored):
        capture = folder / f"{zone.id.lower()}.pcap"
        found += [f"{capture.name}: packet {row[0]} is ICMP or IPv6" for row in tshark(capture, STRAY, ["frame.number"])]
    seen = conversations(plant, folder)
    crossing = {way for way in seen if zone_of(plant, way[0], way[1]) != zone_of(plant, way[0], way[2])}
    allowed = permitted(plant) | {way for d in planted_ones(plant, planted) for way in ways(plant, d.path)}
    found += [f"{way} was seen, but is neither permitted nor planted" for way in sorted(crossing - allowed)]
    found += [f"{way} was not seen" for way in sorted(expected(plant, planted) - seen)]
    for deviation in planted_ones(plant, planted):
        if deviation.path and deviation.path["name"] in QUIET - {"excess"} and ways(plant, deviation.path) <= seen:
            found.append(f"{deviation.id}: was seen")
    return found


def late(plant, folder):
    """Resets and repetitions, which a capture for show should not have."""
    files = [folder / f"{zone.id.lower()}.pcap" for zone in plant.zones if zone.mirrored]
    return [f"{file.name}: packet {row[0]} is a reset or a repetition" for file in files for row in tshark(file, LATE, ["frame.number"])]


def missing(plant, folder, planted):
    """What must be in the captures and is not in them yet."""
    return sorted(expected(plant, planted) - conversations(plant, folder))


def planted_ones(plant, planted):
    """The deviations that are planted."""
    return [deviation for deviation in plant.deviations if deviation.id in planted]


def tshark(capture, expression, fields):
    """The fields of the packets that a display filter selects. A capture that is still being written may end within a packet."""
    words = ["tshark", "-n", "-r", str(capture), "-Y", expression, "-T", "fields"]
    words += [word for field in fields for word in ("-e", field)]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode not in (0, 2):
        raise RuntimeError(f"tshark could not read {capture}: {done.stderr.strip()}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def conversations(plant, folder):
    """Every conversation of the captures: by the SYN, or by the first datagram."""
    found = set()
    for zone in (z for z in plant.zones if z.mirrored):
        datagrams = set()
        for source, target, protocol, syn, ack, tcp, udp_from, udp_to in tshark(folder / f"{zone.id.lower()}.pcap", "ip", FIELDS):
            if protocol == "6":
                if syn in {"1", "True"} and ack in {"0", "False"}:
                    found.add((zone.context, source, target, "tcp", int(tcp)))
            elif protocol == "17":
                if (target, source, udp_to, udp_from) not in datagrams:
                    datagrams.add((source, target, udp_from, udp_to))
                    found.add((zone.context, source, target, "udp", int(udp_to)))
            else:
                found.add((zone.context, source, target, f"ip-{protocol}", 0))
    return found


def permitted(plant):
    """What permits allow, as conversations."""
    return {
        (*pair(plant, source, target), *service)
        for permit in (permit for conduit in plant.conduits for permit in conduit.permits)
        for source in plant.members(permit.from_)
        for target in plant.members(permit.to)
        for service in permit.services or SERVICES[permit.protocol]
    }


def expected(plant, planted):
    """What must be seen: what is permitted all the time, and what deviations do."""
    found, silent = set(), set()
    for permit in (permit for conduit in plant.conduits for permit in conduit.permits):
        for source in plant.members(permit.from_):
            for target in plant.members(permit.to):
                if permit.expected == "continuous" and mirrored(plant, source, target):
                    found.add((*pair(plant, source, target), *(permit.services or SERVICES[permit.protocol])[0]))
    for deviation in planted_ones(plant, planted):
        (silent if deviation.path and deviation.path["name"] in QUIET else found).update(ways(plant, deviation.path))
    return found - silent


def pair(plant, source, target):
    """The context in which two assets are met, and their addresses."""
    contexts = [plant.zone_of(end).context for end in (source, target) if any(a.id == end for a in plant.assets)]
    return (next(filter(None, contexts), ""), plant.ip(source), plant.ip(target))


def mirrored(plant, *assets):
    """Is one of the assets in a zone with a capture?"""
    return any(plant.zone_of(asset).mirrored for asset in assets)


def ways(plant, path):
    """The conversations that a row of the verification is about."""
    if not path or path["from"] == "any":
        return set()
    return {(*pair(plant, path["from"].strip("{}"), path["to"].strip("{}")), *service) for service in ((SERVICES[path["protocol"]][0][0], int(path["port"])),)}


def zone_of(plant, context, ip):
    """The zone of an address as met in a context, or the address itself outside all of them."""
    inside = [z for z in plant.zones if z.context in ("", context) and IPv4Address(ip) in z.network]
    return next((z.id for z in sorted(inside, key=lambda z: z.context == "")), ip)
