"""Namespaces, bridges and cables. Everything made here carries the run's prefix and goes away with `clear`; runs do not meet."""

import itertools
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

FAMILY = "zwlab-"
PREFIX = f"{FAMILY}{os.getpid()}-"
NETNS = Path("/etc/netns")
PORTS = itertools.count(1)


def run(*words, **options):
    """Runs a command and insists that it succeeds."""
    return subprocess.run([str(word) for word in words], check=True, **options)


def inside(name, *words):
    """The words of a command that runs in a namespace."""
    return ["ip", "netns", "exec", PREFIX + name, *[str(word) for word in words]]


def clear():
    """Ends every process of this run's namespaces, and of runs that were killed, and removes them."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True).stdout
    names = [line.split()[0] for line in listed.splitlines() if line.strip() and ours(line.split()[0])]
    for sign in (signal.SIGTERM, signal.SIGKILL):
        alive = [
            int(pid)
            for name in names
            for pid in subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout.split()
        ]
        for pid in alive:
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                pass
        if not alive:
            break
        time.sleep(0.5)
    for name in names:
        subprocess.run(["ip", "netns", "del", name], check=False)
        shutil.rmtree(NETNS / name, ignore_errors=True)
    if NETNS.is_dir() and not any(NETNS.iterdir()):
        NETNS.rmdir()


def ours(name):
    """Is a namespace of this run, or of one whose process is no more?"""
    found = re.match(rf"{FAMILY}(\d+)-", name)
    return bool(found) and (name.startswith(PREFIX) or not Path(f"/proc/{found[1]}").exists())


def namespace(name, hosts=""):
    """A namespace without IPv6, with its own hosts file and no name server, so that stacks ask nobody by themselves."""
    run("ip", "netns", "add", PREFIX + name)
    quiet = [f"net.ipv6.conf.{which}.disable_ipv6=1" for which in ("all", "default")]
    run(*inside(name, "sysctl", "-q", "-w", *quiet))
    run("ip", "-n", PREFIX + name, "link", "set", "lo", "up")
    folder = NETNS / (PREFIX + name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "hosts").write_text("127.0.0.1 localhost\n" + hosts)
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    (folder / "nsswitch.conf").write_text("passwd: files\ngroup: files\nshadow: files\nhosts: files\n")


def forwarding(name):
    """Lets a namespace pass packets on."""
    run(*inside(name, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"))


def bridge(space, name):
    """A bridge that shows every frame once to whoever captures on it: the mirror port."""
    run("ip", "-n", PREFIX + space, "link", "add", name, "type", "bridge", "mcast_snooping", "0")
    run("ip", "-n", PREFIX + space, "link", "set", name, "up", "promisc", "on")


def cable(space, bridge_name, host, interface, mac, address=None, gateway=None):
    """A cable from a host's interface to a bridge; checksums and segments are made as on a real wire."""
    port = f"port{next(PORTS)}"
    run("ip", "link", "add", port, "netns", PREFIX + space, "type", "veth", "peer", "name", interface, "netns", PREFIX + host)
    run("ip", "-n", PREFIX + space, "link", "set", port, "master", bridge_name, "up")
    run("ip", "-n", PREFIX + host, "link", "set", interface, "address", mac)
    off = [word for feature in ("tx", "tso", "gso", "gro") for word in (feature, "off")]
    run(*inside(host, "ethtool", "-K", interface, *off), stdout=subprocess.DEVNULL)
    if address:
        run("ip", "-n", PREFIX + host, "addr", "add", address, "dev", interface)
    run("ip", "-n", PREFIX + host, "link", "set", interface, "up")
    if gateway:
        run("ip", "-n", PREFIX + host, "route", "add", "default", "via", gateway)


def rules(name, text):
    """Loads a ruleset into a namespace, in place of what it had."""
    run(*inside(name, "nft", "-f", "-"), input="flush ruleset\n" + text, text=True)


def listening(name):
    """The (transport, port) pairs bound in a namespace."""
    found = set()
    for transport, option in (("tcp", "-ltnH"), ("udp", "-lunH")):
        lines = subprocess.run(inside(name, "ss", option), capture_output=True, text=True).stdout
        for line in lines.splitlines():
            columns = line.split()
            if len(columns) > 3:
                found.add((transport, int(columns[3].rsplit(":", 1)[1])))
    return found
