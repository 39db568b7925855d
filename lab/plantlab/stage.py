"""Builds the plant in namespaces, starts its actors, captures at the mirror ports, takes everything down again."""

import json
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from . import network
from .firewall import interface, ruleset

LAN = "lan"  # the namespace of all bridges
ACTORS = Path(__file__).resolve().parent.parent / "actors"
READY_SECONDS_MAX = 60


def now():
    """The moment, to the microsecond."""
    return datetime.now(timezone.utc)


def build(plant, with_deviations):
    """Bridges, firewall, hosts."""
    names = "".join(f"{plant.ip(a.id)} {a.id}\n" for a in plant.declared() if a.host)
    network.namespace(LAN)
    network.namespace(plant.firewall)
    for zone in plant.zones:
        network.bridge(LAN, zone.bridge)
        network.cable(LAN, zone.bridge, plant.firewall, interface(plant, zone.id), plant.mac(zone.id, 1), zone.with_prefix(1))
    network.run(*network.inside(plant.firewall, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"))
    for asset in (a for a in plant.assets if a.lives):
        network.namespace(asset.id, names)
        zone = plant.zone(asset.zone)
        network.cable(LAN, zone.bridge, asset.id, "eth0", plant.mac(zone.id, asset.host), zone.with_prefix(asset.host), zone.at(1))
    outside(plant)
    if with_deviations:
        secret_legs(plant)
    text = ruleset(plant, with_deviations)
    network.run(*network.inside(plant.firewall, "nft", "-f", "-"), input=text, text=True)


def outside(plant):
    """What lies beyond the firewall and belongs to no zone."""
    if not plant.outside:
        return
    network.bridge(LAN, "wan")
    network.cable(LAN, "wan", plant.firewall, "wan0", plant.mac(None, 2), f"{plant.outside}.2/24")
    for name, host in plant.outside_hosts:
        network.namespace(name)
        network.cable(LAN, "wan", name, "eth0", plant.mac(None, host), f"{plant.ip(name)}/24")


def secret_legs(plant):
    """Second interfaces that nobody declared, and the routes that lead over them."""
    for asset in (a for a in plant.assets if a.secret_leg):
        zone, host = plant.zone(asset.secret_leg[0]), asset.secret_leg[1]
        leg = zone.at(host)
        network.cable(LAN, zone.bridge, asset.id, "eth1", plant.mac(zone.id, host), zone.with_prefix(host))
        network.run(*network.inside(asset.id, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"))
        for route_of, to, via in plant.secret_routes:
            gateway = plant.ip(asset.id) if via == "declared" else leg
            network.run("ip", "-n", network.PREFIX + route_of, "route", "add", f"{plant.ip(to)}/32", "via", gateway)


def filled(plant, value, extra):
    """Placeholders such as `{plc-a1}` replaced by addresses and paths, however deep they stand."""
    if isinstance(value, dict):
        return {key: filled(plant, item, extra) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(plant, item, extra) for item in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"\{([\w.:-]+)\}", lambda found: place(plant, found[1], extra), value)


def place(plant, name, extra):
    """What a placeholder stands for."""
    if name in extra:
        return extra[name]
    if name.startswith("leg:"):
        zone, host = plant.asset(name[4:]).secret_leg
        return plant.zone(zone).at(host)
    return plant.ip(name)


class Troupe:
    """The running actors."""

    def __init__(self, plant, seed, scratch):
        self.plant, self.seed, self.scratch = plant, seed, scratch
        self.processes = []

    def start(self, actor, seconds):
        """One actor as a process in its namespace."""
        number = len(self.processes)
        folder = self.scratch / f"{number:02}-{actor.asset}-{actor.program}"
        folder.mkdir()
        extra = {"keys": str(self.scratch / "keys")}
        arguments = filled(self.plant, actor.arguments, extra) | self.common(actor, folder, seconds)
        words = network.inside(actor.asset, sys.executable, ACTORS / f"{actor.program}.py", json.dumps(arguments))
        self.processes.append(
            (actor, subprocess.Popen(words, cwd=ACTORS, stdin=subprocess.DEVNULL, stdout=(folder / "log").open("w"), stderr=subprocess.STDOUT))
        )

    def common(self, actor, folder, seconds):
        """What every actor is told."""
        keys = self.scratch / "keys"
        opcua_server = next((a.asset for a in self.plant.actors if a.program == "opcua_server"), "")
        told = {"name": actor.asset, "seed": self.seed, "seconds": seconds, "scratch": str(folder), "keys": str(keys)}
        told |= {"certificate": f"{keys}/{actor.asset}.der", "key": f"{keys}/{actor.asset}.pem", "server_certificate": f"{keys}/{opcua_server}.der", "plant": self.plant.id}
        if any(a.id == actor.asset for a in self.plant.assets):
            asset = self.plant.asset(actor.asset)
            told |= {"vendor": asset.vendor, "model": asset.model, "version": asset.version}
            told["names"] = {a.id: self.plant.ip(a.id) for a in self.plant.declared() if a.host}
            told.update({} if "ip" in actor.arguments else {"ip": self.plant.ip(asset.id)})
        return told

    def wait_ready(self, servers):
        """Waits until every server listens."""
        missing, end = list(servers), time.monotonic() + READY_SECONDS_MAX + 2 * len(servers)
        while missing and time.monotonic() < end:
            time.sleep(0.5)
            missing = [a for a in missing if not set(a.listens) <= network.listening(a.asset)]
        if missing:
            raise RuntimeError("not ready: " + ", ".join(f"{a.asset} {a.program}" for a in missing))

    def failures(self):
        """Actors that ended with an error."""
        return [f"{a.asset} {a.program}: {p.returncode}" for a, p in self.processes if p.poll() not in (None, 0)]


def keys(plant, folder):
    """Keys and certificates of the run: one for SSH, one for each OPC UA application."""
    folder.mkdir()
    network.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", plant.id, "-f", folder / "id")
    for name in sorted({a.asset for a in plant.actors if a.program.startswith("opcua")}):
        network.run(
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", "-subj", f"/O={plant.id}/CN={name}",
            "-addext", f"subjectAltName=URI:urn:{plant.id}:{name},DNS:{name}",
            "-keyout", folder / f"{name}.pem", "-outform", "DER", "-out", folder / f"{name}.der", capture_output=True,
        )


def capture(plant, folder):
    """A capture at the mirror port of every mirrored zone."""
    started = []
    for zone in (z for z in plant.zones if z.mirrored):
        file = folder / f"{zone.id.lower()}.pcap"
        words = network.inside(LAN, "tcpdump", "-Z", "root", "-n", "-i", zone.bridge, "-s", "0", "-U", "--immediate-mode", "-w", file)
        started.append(subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    end = time.monotonic() + 10
    while time.monotonic() < end and not all((folder / f"{z.id.lower()}.pcap").exists() for z in plant.zones if z.mirrored):
        time.sleep(0.1)
    time.sleep(1)
    return started


def play(plant, seed, with_deviations, evidence, scratch, log):
    """The whole run. Leaves captures and the ruleset's listing in `evidence`; says which moments they cover."""
    keys(plant, scratch / "keys")
    build(plant, with_deviations)
    chosen = [a for a in plant.actors if (with_deviations or not a.deviation) and not (with_deviations and a.without)]
    troupe = Troupe(plant, seed, scratch)
    servers = [a for a in chosen if a.listens]
    for actor in servers:
        troupe.start(actor, 3600)
    troupe.wait_ready(servers)
    log(f"{len(servers)} servers listen; capturing for {plant.seconds} s")
    mirrors = capture(plant, evidence)
    begin, start = now(), time.monotonic()
    for actor in sorted((a for a in chosen if not a.listens), key=lambda a: a.at):
        time.sleep(max(0.0, start + actor.at - time.monotonic()))
        troupe.start(actor, max(1.0, plant.seconds - 4 - actor.at))
    time.sleep(max(0.0, start + plant.seconds - time.monotonic()))
    end = now()
    for mirror in mirrors:
        mirror.send_signal(signal.SIGINT)
        mirror.wait(10)
    listing = subprocess.run(network.inside(plant.firewall, "nft", "list", "ruleset"), check=True, capture_output=True, text=True)
    (evidence / f"{plant.firewall}.nft").write_text(listing.stdout)
    for line in troupe.failures():
        log(f"ended with an error: {line}")
    return begin, end, now()
