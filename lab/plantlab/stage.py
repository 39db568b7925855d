"""Builds the plant in namespaces, starts its actors, captures at the mirror ports, takes everything down again."""

import json
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

from . import network, sanity
from .firewall import cell_ruleset, interface, ruleset

LAN = "lan"  # the namespace of all bridges
ACTORS = Path(__file__).resolve().parent.parent / "actors"
WINDOW = 80  # the seconds for which the moments of actors are written; a shorter window moves them together
READY_SECONDS_MAX = 300
ACTS_SECONDS_MAX = 90  # how long what is done once may take beyond the window
UNSEEN_SECONDS_MAX = 90  # how long the captures go on for what has not shown yet
SETTLE_SECONDS = 2.0  # between one window and the next


def now():
    """The moment, to the microsecond."""
    return datetime.now(timezone.utc)


def address(plant, zone, host):
    """An address with the length of its network's prefix."""
    return f"{zone.network[host]}/{zone.network.prefixlen}"


def build(plant):
    """Bridges, firewall, routers, hosts."""
    names = "".join(f"{plant.ip(a.id)} {a.id}\n" for a in plant.assets if a.host and not plant.zone(a.zone).context)
    network.namespace(LAN)
    network.namespace(plant.firewall)
    for zone in plant.zones:
        network.bridge(LAN, zone.bridge)
        if not zone.router:
            mac = plant.mac(zone.id, zone.gateway)
            network.cable(LAN, zone.bridge, plant.firewall, interface(plant, zone.id), mac, address(plant, zone, zone.gateway))
    network.forwarding(plant.firewall)
    for router, cell in plant.routers():
        outer = plant.zone(router.zone)
        network.namespace(router.id)
        network.cable(LAN, outer.bridge, router.id, "plant", plant.mac(outer.id, router.host), address(plant, outer, router.host), plant.gateway(outer))
        network.cable(LAN, cell.bridge, router.id, "cell", plant.mac(cell.id, cell.gateway), address(plant, cell, cell.gateway))
        network.forwarding(router.id)
        network.rules(router.id, cell_ruleset(plant, router, cell))
    for asset in (a for a in plant.assets if a.lives and not a.undeclared_by):
        host(plant, asset, names)
    outside(plant)


def host(plant, asset, names=""):
    """An asset's namespace and its cable."""
    network.namespace(asset.id, names)
    zone = plant.zone(asset.zone)
    mac = plant.mac(zone.id, asset.host)
    network.cable(LAN, zone.bridge, asset.id, "eth0", mac, address(plant, zone, asset.host), plant.gateway(zone))


def outside(plant):
    """What lies beyond the firewall and belongs to no zone."""
    if not plant.outside:
        return
    network.bridge(LAN, "wan")
    network.cable(LAN, "wan", plant.firewall, "wan0", plant.mac(None, 2), f"{plant.outside[2]}/{plant.outside.prefixlen}")
    for name, number in plant.outside_hosts:
        network.namespace(name)
        network.cable(LAN, "wan", name, "eth0", plant.mac(None, number), f"{plant.ip(name)}/{plant.outside.prefixlen}")


def plant_in(plant, planted):
    """What deviations change in the plant that stands: rules of the firewall, further devices, further legs."""
    network.rules(plant.firewall, ruleset(plant, planted))
    for asset in (a for a in plant.assets if a.undeclared_by and a.undeclared_by in planted):
        host(plant, asset)
    if plant.legs_by in planted:
        secret_legs(plant)


def secret_legs(plant):
    """Second interfaces that nobody declared, and the routes that lead over them."""
    for asset in (a for a in plant.assets if a.secret_leg):
        zone, number = plant.zone(asset.secret_leg[0]), asset.secret_leg[1]
        leg = str(zone.network[number])
        network.cable(LAN, zone.bridge, asset.id, "eth1", plant.mac(zone.id, number), address(plant, zone, number))
        network.forwarding(asset.id)
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
    return extra[name] if name in extra else plant.ip(name)


class Troupe:
    """The running actors."""

    def __init__(self, plant, seed, scratch):
        self.plant, self.seed, self.scratch = plant, seed, scratch
        self.processes = []

    def start(self, actor):
        """One actor as a process in its namespace."""
        number = len(self.processes)
        folder = self.scratch / f"{number:03}-{actor.asset}-{actor.program}"
        folder.mkdir()
        extra = {"keys": str(self.scratch / "keys")}
        arguments = filled(self.plant, actor.arguments, extra) | self.common(actor, folder)
        words = network.inside(actor.asset, sys.executable, ACTORS / f"{actor.program}.py", json.dumps(arguments))
        log = (folder / "log").open("w")
        process = subprocess.Popen(words, cwd=ACTORS, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self.processes.append((actor, process))

    def common(self, actor, folder):
        """What every actor is told."""
        keys = self.scratch / "keys"
        told = {"name": actor.asset, "plant": self.plant.id, "seed": self.seed, "scratch": str(folder), "keys": str(keys)}
        server = next((a.asset for a in self.plant.actors if a.program == "opcua_server"), "")
        told |= {"certificate": f"{keys}/{actor.asset}.der", "key": f"{keys}/{actor.asset}.pem", "server_certificate": f"{keys}/{server}.der"}
        if any(a.id == actor.asset for a in self.plant.assets):
            asset = self.plant.asset(actor.asset)
            told |= {"vendor": asset.vendor, "model": asset.model, "version": asset.version}
            if actor.program == "name_server":
                told["names"] = {a.id: self.plant.ip(a.id) for a in self.plant.assets if a.host and not self.plant.zone(a.zone).context}
            told.update({} if "ip" in actor.arguments else {"ip": self.plant.ip(asset.id)})
        return told

    def wait_ready(self, servers):
        """Waits until every server listens."""
        missing, end = list(servers), time.monotonic() + READY_SECONDS_MAX
        while missing and time.monotonic() < end:
            time.sleep(0.3)
            listening = {asset: network.listening(asset) for asset in {a.asset for a in missing}}
            missing = [a for a in missing if not set(a.listens) <= listening[a.asset]]
            self.insist({a.asset for a in missing})
        if missing:
            raise RuntimeError("not ready: " + ", ".join(f"{a.asset} {a.program}" for a in missing))

    def insist(self, assets):
        """A server that ended before it listened will not listen later."""
        ended = [line for line in self.failures() if line.split()[0] in assets]
        if ended:
            raise RuntimeError("ended before it was ready: " + ", ".join(ended))

    def wait_done(self, seconds):
        """Waits for those that act once."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and any(once(a) and p.poll() is None for a, p in self.processes):
            time.sleep(0.2)

    def dismiss(self):
        """Ends all clients; servers stay."""
        clients = [p for a, p in self.processes if not a.listens and p.poll() is None]
        for process in clients:
            process.terminate()
        for process in clients:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()

    def failures(self):
        """Actors that ended with an error by themselves."""
        return [f"{a.asset} {a.program}: {p.returncode}" for a, p in self.processes if p.poll() is not None and p.returncode > 0]


def once(actor):
    """Does an actor act once, and then end?"""
    if actor.listens or actor.program in {"time_client", "enip_client", "iec104_client", "opcua_client", "mqtt_client"}:
        return False
    targets = actor.arguments.get("targets")
    return not any(t.get("each") for t in targets) if targets else not actor.arguments.get("period")


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
    """A capture at the mirror port of every mirrored zone, under way."""
    started = []
    for zone in (z for z in plant.zones if z.mirrored):
        file = folder / f"{zone.id.lower()}.pcap"
        words = network.inside(LAN, "tcpdump", "-Z", "root", "-n", "-i", zone.bridge, "-s", "0", "-U", "--immediate-mode", "-w", file)
        started.append((file, subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)))
    for file, process in started:
        # tcpdump says that it listens; from then on nothing is missed.
        if not any(b"listening on" in line for line in iter(process.stderr.readline, b"")):
            raise RuntimeError(f"no capture into {file}")
    return [process for _, process in started]


def play(plant, seed, phases, scratch, log, afterwards=None):
    """The whole run: a window for each of `phases`, (deviations planted, folder of the evidence). Leaves captures and the rulesets'
    listings there; says for each which moments it covers: begin, end, and when the configuration was taken. `afterwards` is called
    with the troupe and these moments while the plant still stands."""
    keys(plant, scratch / "keys")
    build(plant)
    troupe = Troupe(plant, seed, scratch)
    begun = time.monotonic()
    servers = [a for a in plant.actors if a.listens and not a.deviation]
    for actor in servers:
        troupe.start(actor)
    troupe.wait_ready(servers)
    log(f"{len(servers)} servers listen after {time.monotonic() - begun:.0f} s")
    windows = []
    for planted, evidence in phases:
        plant_in(plant, planted)
        further = [a for a in plant.actors if a.listens and a.deviation and a.deviation in planted]
        for actor in further:
            troupe.start(actor)
        troupe.wait_ready(further)
        windows.append(window(plant, troupe, planted, evidence, log))
    if afterwards:
        afterwards(troupe, windows)
    for line in troupe.failures():
        log(f"ended with an error: {line}")
    return windows


def window(plant, troupe, planted, evidence, log, missing=sanity.missing, acts_seconds_max=ACTS_SECONDS_MAX, clients_first=False):
    """One window: captures begin, clients come, what must show has shown, captures end, clients go; with `clients_first` the captures
    see them go."""
    chosen = [a for a in plant.actors if not a.listens and (not a.deviation or a.deviation in planted) and a.without not in planted]
    mirrors = capture(plant, evidence)
    begin, start = now(), time.monotonic()
    log(f"capturing for {plant.seconds} s with {len(planted)} deviations")
    for actor in sorted(chosen, key=lambda a: a.at):
        time.sleep(max(0.0, start + actor.at * min(1.0, plant.seconds / WINDOW) - time.monotonic()))
        troupe.start(actor)
    time.sleep(max(0.0, start + plant.seconds - time.monotonic()))
    troupe.wait_done(acts_seconds_max)
    last = time.monotonic() + UNSEEN_SECONDS_MAX
    while missing(plant, evidence, planted) and time.monotonic() < last:
        time.sleep(3)
    end = now()
    if clients_first:
        troupe.dismiss()
        time.sleep(1.0)
    for mirror in mirrors:
        mirror.send_signal(signal.SIGINT)
        mirror.wait(10)
    troupe.dismiss()
    for name in [plant.firewall, *(router.id for router, _ in plant.routers())]:
        listing = subprocess.run(network.inside(name, "nft", "list", "ruleset"), check=True, capture_output=True, text=True)
        (evidence / f"{name}.nft").write_text(listing.stdout)
    taken = now()
    time.sleep(SETTLE_SECONDS)
    return begin, end, taken
