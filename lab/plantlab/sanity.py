"""Compares the finished captures with the description, conversation by conversation, by tshark alone: a second opinion that owes
nothing to Zonewright. What passes between zones must be permitted or planted; what is permitted all the time must be there."""

import ipaddress
import subprocess

from .topology import SERVICES, subnet

FIELDS = ["ip.src", "ip.dst", "ip.proto", "tcp.flags.syn", "tcp.flags.ack", "tcp.dstport", "udp.srcport", "udp.dstport"]
STRAY = "icmp || ipv6"
LATE = "tcp.flags.reset == 1 || tcp.analysis.retransmission"  # what a busy machine does; nothing that is judged hangs on it


def complaints(plant, folder, with_deviations):
    """Everything that is not as described."""
    seen, found = set(), []
    for zone in (z for z in plant.zones if z.mirrored):
        capture = folder / f"evidence/{zone.id.lower()}.pcap"
        seen |= conversations(capture)
        found += [f"{capture.name}: packet {row[0]} is ICMP or IPv6" for row in tshark(capture, STRAY, ["frame.number"])]
    permitted, continuous = agreed(plant, with_deviations)
    planted = set()
    for deviation in plant.deviations if with_deviations else []:
        planted |= ways(plant, deviation.path)
    by_zone = {subnet(z.network): z.id for z in plant.zones}
    crossing = {way for way in seen if zone_of(by_zone, way[0]) != zone_of(by_zone, way[1])}
    found += [f"{way} was seen, but is neither permitted nor planted" for way in sorted(crossing - permitted - planted)]
    found += [f"{way} is permitted all the time, but was not seen" for way in sorted(continuous - seen)]
    quiet = {"idle", "blocked", "excess"}
    for deviation in plant.deviations if with_deviations else []:
        missing = ways(plant, deviation.path) - seen
        if missing and deviation.path["name"] not in quiet:
            found.append(f"{deviation.id}: {sorted(missing)} was not seen")
        if not missing and deviation.path["name"] in quiet - {"excess"}:
            found.append(f"{deviation.id}: was seen")
    return found


def late(plant, folder):
    """Resets and repetitions, which a capture for show should not have."""
    files = [folder / f"evidence/{zone.id.lower()}.pcap" for zone in plant.zones if zone.mirrored]
    return [f"{file.name}: packet {row[0]} is a reset or a repetition" for file in files for row in tshark(file, LATE, ["frame.number"])]


def tshark(capture, expression, fields):
    """The fields of the packets that a display filter selects."""
    words = ["tshark", "-n", "-r", str(capture), "-Y", expression, "-T", "fields"]
    words += [word for field in fields for word in ("-e", field)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def conversations(capture):
    """(initiator, responder, transport, port) of every conversation: by the SYN, or by the first datagram."""
    found, datagrams = set(), set()
    for source, target, protocol, syn, ack, tcp, udp_from, udp_to in tshark(capture, "ip", FIELDS):
        if protocol == "6":
            if syn in {"1", "True"} and ack in {"0", "False"}:
                found.add((source, target, "tcp", int(tcp)))
        elif protocol == "17":
            if (target, source, udp_to, udp_from) not in datagrams:
                datagrams.add((source, target, udp_from, udp_to))
                found.add((source, target, "udp", int(udp_to)))
        else:
            found.add((source, target, f"ip-{protocol}", 0))
    return found


def agreed(plant, with_deviations):
    """What permits allow, and what of it must be seen within any minute."""
    permitted, continuous = set(), set()
    silent = {w for d in plant.deviations if with_deviations and d.path["name"] in {"idle", "blocked"} for w in ways(plant, d.path)}
    for permit in (permit for conduit in plant.conduits for permit in conduit.permits):
        services = permit.services or SERVICES[permit.protocol]
        for source in plant.members(permit.from_):
            for target in plant.members(permit.to):
                pair = (plant.ip(source), plant.ip(target))
                permitted |= {(*pair, *service) for service in services}
                if permit.expected == "continuous" and mirrored(plant, source, target):
                    continuous.add((*pair, *services[0]))
    return permitted, continuous - silent


def mirrored(plant, *assets):
    """Is one of the assets in a zone with a capture?"""
    return any(plant.zone(plant.asset(asset).zone).mirrored for asset in assets)


def ways(plant, path):
    """The conversations that a row of the verification is about."""
    if path["from"] == "any":
        return set()
    source, target = plant.ip(path["from"].strip("{}")), plant.ip(path["to"].strip("{}"))
    return {(source, target, transport, int(path["port"])) for transport, _ in SERVICES[path["protocol"]][:1]}


def zone_of(by_zone, ip):
    """The zone of an address, or the address itself outside all of them."""
    address = ipaddress.ip_address(ip)
    return next((zone for net, zone in by_zone.items() if address in net), ip)
