"""What the written ruleset does to the running plant: the rules that `zonewright firewall write` makes of the workspace stand in
place of the hand-made ones, and everything goes on, the deviations too. By tshark and the kernel's counters alone: a second opinion that
owes nothing to Zonewright.

A conversation got through if the one who was asked answered: its SYN was met with SYN and ACK, its datagram with another one. A rule
counts the packets that the kernel does not know as part of a conversation yet: answers are passed by a rule before."""

import re
import subprocess

from . import network, sanity
from .topology import SERVICES

UNREPLIED_SECONDS = 30  # how long the kernel remembers a datagram without an answer
REPLIED_SECONDS = 120  # and a conversation of datagrams
FIELDS = ["frame.time_epoch", "ip.src", "ip.dst", "ip.proto", "tcp.flags.syn", "tcp.flags.ack", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport"]
# Whatever the rules: these do not pass the firewall as something of their own.
UNSTOPPABLE = {
    "function-not-permitted": "the service is permitted; a packet filter does not see functions (Suricata's rules do)",
    "undeclared-bypass": "it goes round the firewall",
    "permitted": "it is permitted; what is missing (encryption) a packet filter does not see",
}
FORGET = """
import socket, struct
kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
kernel.bind((0, 0))
kernel.send(struct.pack("=IHHIIBBH", 20, 0x102, 5, 1, 0, 0, 0, 0))
answer = kernel.recv(4096)
raise SystemExit(struct.unpack_from("=i", answer, 16)[0] and "connections could not be forgotten")
"""


def writing(tool, folder, device, as_of):
    """The ruleset for a device, from a workspace, by the program that is tested; and what it said."""
    out = folder / "evidence" / f"{device}.written.nft"
    words = [tool, "firewall", "write", folder, "--device", device, "--dialect", "nftables", "--as-of", as_of, "--output", out]
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"nothing was written for {device}: {done.stderr}")
    return out.read_text(), done.stderr


def load(plant, written, translation):
    """Puts the written rules in place of the hand-made ones; translation stays. What the kernel remembers of conversations is forgotten,
    so that each is asked about anew."""
    network.rules(plant.firewall, translation + written)
    network.run(*network.inside(plant.firewall, "python3", "-c", FORGET))


def stoppable(deviation):
    """Why no packet filter stops a deviation; nothing where it can."""
    if not deviation.path or deviation.path["name"] in sanity.QUIET:
        return "it sends nothing"
    return UNSTOPPABLE.get(deviation.path["name"]) or UNSTOPPABLE.get(deviation.path["declared"])


def expected(plant, planted):
    """What must be seen though the written rules are in force: all but what they stop."""
    stopped = [d for d in sanity.planted_ones(plant, planted) if not stoppable(d)]
    gone = {way for deviation in stopped for way in sanity.ways(plant, deviation.path)}
    return sanity.expected(plant, planted) - gone


def answered(plant, folder):
    """Every conversation of the captures that was answered."""
    asked, found = set(), set()
    for context, packet in packets(plant, folder):
        source, target, transport, source_port, port, opens, replies = packet
        if transport == "tcp" and opens:
            asked.add((context, source, target, source_port, port))
        elif transport == "tcp" and replies and (context, target, source, port, source_port) in asked:
            found.add((context, target, source, "tcp", source_port))
        elif transport == "udp" and (context, "udp", target, source, port, source_port) in asked:
            found.add((context, target, source, "udp", source_port))
        elif transport == "udp":
            asked.add((context, "udp", source, target, source_port, port))
    return found


def packets(plant, folder):
    """The packets of every capture with the context they are met in: ends, transport, ports, whether they open or accept."""
    true = {"1", "True"}
    for zone in (z for z in plant.zones if z.mirrored):
        for row in sanity.tshark(folder / f"{zone.id.lower()}.pcap", "tcp || udp", FIELDS):
            _, source, target, protocol, syn, ack, *ports = row
            if "," in source or protocol not in {"6", "17"}:
                continue
            tcp = protocol == "6"
            source_port, port = (int(p) for p in (ports[:2] if tcp else ports[2:4]))
            opens, replies = tcp and syn in true and ack not in true, tcp and syn in true and ack in true
            yield zone.context, (source, target, "tcp" if tcp else "udp", source_port, port, opens, replies)


def timeline(plant, folder):
    """All packets of the captures that pass the firewall, in order, each once: by the capture at its sender's zone, else at its receiver's."""
    rows = []
    mirrored = {z.id: z for z in plant.zones if z.mirrored and not z.context}
    for zone in mirrored.values():
        for row in sanity.tshark(folder / f"{zone.id.lower()}.pcap", "tcp || udp", FIELDS):
            moment, source, target, protocol, syn, ack, *ports = row
            if "," in source:
                continue
            from_zone, to_zone = sanity.zone_of(plant, "", source), sanity.zone_of(plant, "", target)
            at = from_zone if from_zone in mirrored else to_zone
            if from_zone != to_zone and at == zone.id:
                ends = ports[:2] if protocol == "6" else ports[2:4]
                rows.append((float(moment), source, target, protocol, syn in {"1", "True"}, ack in {"1", "True"}, *map(int, ends)))
    return sorted(rows)


def openings(plant, folder):
    """By (source, target, transport, port): how many packets the kernel asked the rules about, and in how many conversations."""
    known, counts = {}, {}
    for moment, source, target, protocol, syn, ack, source_port, port in timeline(plant, folder):
        transport = "tcp" if protocol == "6" else "udp"
        way, back = (source, source_port, target, port, transport), (target, port, source, source_port, transport)
        if back in known and known[back][1] >= moment:
            known[back] = (True, moment + REPLIED_SECONDS)
            continue
        answered_, until = known.get(way, (False, 0.0))
        if until >= moment and answered_ and not (transport == "tcp" and syn and not ack):
            known[way] = (True, moment + REPLIED_SECONDS)
            continue
        if transport == "tcp" and not (syn and not ack):
            continue  # the rest of a conversation, or of one from before
        packets_, conversations = counts.get((source, target, transport, port), (0, 0))
        fresh = until < moment or answered_
        counts[source, target, transport, port] = (packets_ + 1, conversations + fresh)
        known[way] = (False, moment + UNREPLIED_SECONDS)
    return counts


def counted(listing):
    """What the rules of each permit counted, by the kernel: the comment of a rule begins with its permit."""
    counts = {}
    for packets_, comment in re.findall(r'counter packets (\d+) bytes \d+ accept comment "([^"]*)"', listing):
        permit = comment.split()[0].rstrip(":")
        counts[permit] = counts.get(permit, 0) + int(packets_)
    return counts


def report(plant, folder, planted, listing, as_of):
    """The whole result: what goes on, what is stopped, what was counted."""
    evidence = folder / "evidence"
    through = answered(plant, evidence)
    seen = openings(plant, evidence)
    kernel = counted(listing)
    missing = sorted(way for way in expected(plant, planted) if way not in through and way[3] in {"tcp", "udp"})
    deviations = []
    for deviation in sanity.planted_ones(plant, planted):
        why = stoppable(deviation)
        ways = sanity.ways(plant, deviation.path)
        deviations.append({
            "id": deviation.id, "stoppable": why is None, "why": why or "no permit allows it",
            "got_through": bool(ways & through),
        })
    return {
        "as_of": as_of, "expected": len(expected(plant, planted)), "missing": [list(way) for way in missing],
        "deviations": deviations, "counters": counters(plant, planted, kernel, seen),
    }


def counters(plant, planted, kernel, seen):
    """For each permit that the firewall enforces: counted by its rules, and what the captures let expect."""
    rows = []
    for conduit in plant.conduits:
        if plant.firewall not in (conduit.enforced_by or [plant.firewall]):
            continue
        for permit in conduit.permits:
            ways = [
                (plant.ip(source), plant.ip(target), *service)
                for source in plant.members(permit.from_)
                for target in plant.members(permit.to)
                if plant.zone_of(source).id != plant.zone_of(target).id
                for service in permit.services or SERVICES[permit.protocol]
            ]
            both = [seen.get(way, (0, 0)) for way in ways]
            covered = all(
                sanity.mirrored(plant, source, target)
                for source in plant.members(permit.from_) for target in plant.members(permit.to)
            )
            rows.append({
                "permit": permit.id, "counted": kernel.get(permit.id), "expected": sum(packets for packets, _ in both),
                "conversations": sum(conversations for _, conversations in both), "covered": covered,
            })
    return rows
