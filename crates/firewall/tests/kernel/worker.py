"""A router in a network namespace of its own, told over standard input what to load and which packets to inject.

Started by kernel_verdicts.rs as `unshare --net python3 worker.py`; the namespace, its interfaces and its rules go
when the process does. Interfaces are TUN devices, so that a packet written to one is routed and filtered by the
kernel before the write returns, and whatever is let through can be read from the other ones at once.

With the argument `bridge` it is no router but a bridge of the same interfaces, which are then TAP devices; frames go to
the port that the request names, by a static entry of the bridge for a hardware address per port.

Requests, a line each:
  load nft FILE             flush all rules, load FILE with nft; answers `ok` or `error TEXT`
  load legacy|xt FILE4 FILE6  the same with iptables-legacy-restore or iptables-nft-restore, and for IPv6
  batch N                   N lines follow, `INTERFACE FLUSH HEX`: inject a packet (FLUSH 1: forget connections first);
                            on a bridge, INTERFACE is `IN>OUT` or, for a frame with a VLAN tag, `IN>OUT/NUMBER`;
                            answers N lines, each `INTERFACE HEX` (came out there), `local HEX` (delivered to this
                            machine), or `-`
  quit
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys

INTERFACES = ["lan0", "ot1", "ot2", "wan0"]
MARKER = b"zonewright:"


def run(*command, data=None):
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    return done.returncode, (done.stderr + done.stdout).decode(errors="replace").replace("\n", " | ")


def must(*command):
    code, text = run(*command)
    if code:
        print("error", " ".join(command), text, flush=True)
        sys.exit(1)


def setting(name, value):
    with open("/proc/sys/net/" + name, "w") as file:
        file.write(str(value))


def open_interfaces():
    files = []
    for at, name in enumerate(INTERFACES):
        file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        # TUNSETIFF with IFF_TUN | IFF_NO_PI.
        fcntl.ioctl(file, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1001))
        files.append(file)
        must("ip", "link", "set", name, "up")
        setting(f"ipv4/conf/{name}/rp_filter", 0)
        setting(f"ipv4/conf/{name}/send_redirects", 0)
        setting(f"ipv6/conf/{name}/accept_dad", 0)
        must("ip", "addr", "add", f"10.{at}.255.1/16", "dev", name)
        must("ip", "addr", "add", f"fd00:{at}::ffff:1/32", "dev", name, "nodad")
    must("ip", "link", "set", "lo", "up")
    must("ip", "route", "add", "default", "dev", INTERFACES[-1])
    must("ip", "-6", "route", "add", "default", "dev", INTERFACES[-1])
    setting("ipv4/conf/all/rp_filter", 0)
    setting("ipv4/conf/all/send_redirects", 0)
    setting("ipv4/ip_forward", 1)
    setting("ipv6/conf/all/forwarding", 1)
    setting("ipv4/icmp_ratelimit", 0)
    return files


def hardware(at):
    return bytes([2, 0, 0, 0, 0, at + 1])


def open_ports(routed_too):
    """The interfaces as ports of a bridge. `routed_too`: chains for routed packets see what it forwards."""
    must("ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
    files = []
    for name in INTERFACES:
        file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        # TUNSETIFF with IFF_TAP | IFF_NO_PI.
        fcntl.ioctl(file, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1002))
        files.append(file)
        setting(f"ipv6/conf/{name}/disable_ipv6", 1)
        must("ip", "link", "set", name, "master", "br0", "up")
    setting("ipv6/conf/br0/disable_ipv6", 1)
    must("ip", "link", "set", "br0", "up")
    for at, name in enumerate(INTERFACES):
        must("bridge", "fdb", "replace", hardware(at).hex(":"), "dev", name, "master", "static")
    for version in ("iptables", "ip6tables"):
        if os.path.exists(f"/proc/sys/net/bridge/bridge-nf-call-{version}"):
            setting(f"bridge/bridge-nf-call-{version}", int(routed_too))
        elif routed_too:
            print("error", "there is no br_netfilter", flush=True)
            sys.exit(1)
    return files


def frame(name, packet):
    """A packet as a frame to the port that the request names, and the name of the port it comes in by."""
    incoming, _, way = name.partition(">")
    outgoing, _, number = way.partition("/")
    tag = struct.pack("!HH", 0x8100, int(number)) if number else b""
    kind = b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00"
    # The sender is a station behind the port, not the port.
    sender = bytes([2, 0, 0, 0, 1, INTERFACES.index(incoming) + 1])
    return incoming, hardware(INTERFACES.index(outgoing)) + sender + tag + kind + packet


def unframed(data):
    """The packet in a frame."""
    return data[18:] if data[12:14] == b"\x81\x00" else data[14:]


def open_local():
    """Sockets that see what is delivered to this machine, behind its input chains."""
    sockets = []
    for family, protocols in ((socket.AF_INET, (1, 6, 17)), (socket.AF_INET6, (6, 17, 58))):
        for protocol in protocols:
            one = socket.socket(family, socket.SOCK_RAW, protocol)
            one.setblocking(False)
            sockets.append(one)
    return sockets


class Connections:
    """Forgets all tracked connections, by netlink."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.socket.bind((0, 0))
        # nlmsghdr: length, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, NLM_F_REQUEST | NLM_F_ACK.
        self.request = struct.pack("=IHHII", 20, 1 << 8 | 2, 5, 1, 0) + struct.pack("=BBH", 0, 0, 0)

    def flush(self):
        self.socket.send(self.request)
        self.socket.recv(4096)


def drain(files, sockets):
    for file in files:
        try:
            while True:
                os.read(file, 65536)
        except BlockingIOError:
            pass
    for one in sockets:
        try:
            while True:
                one.recv(65536)
        except BlockingIOError:
            pass


def seen(files, sockets, sent, take=lambda got: got):
    """Where the packet that was just injected turned up. Errors that it caused carry it inside, and are longer."""
    marker = sent[sent.rindex(MARKER):]
    six = sent[0] >> 4 == 6
    head, protocol = (40, sent[6]) if six else (20, sent[9])

    def is_it(got):
        # The answer to an echo is as long as the request, and carries the same.
        same_kind = protocol not in (1, 58) or got[head] == sent[head]
        return len(got) == len(sent) and got.endswith(marker) and same_kind

    found = "-"
    for name, file in zip(INTERFACES, files):
        try:
            while True:
                got = take(os.read(file, 65536))
                if is_it(got):
                    found = f"{name} {got.hex()}"
        except BlockingIOError:
            pass
    for one in sockets:
        try:
            while True:
                got = one.recv(65536)
                if len(got) <= len(sent) and got.endswith(marker) and found == "-":
                    found = f"local {got.hex()}"
        except BlockingIOError:
            pass
    return found


CLEAN = b"*raw\nCOMMIT\n*mangle\nCOMMIT\n*nat\nCOMMIT\n*filter\nCOMMIT\n"


def load(words, state):
    kind, paths = words[0], words[1:]
    if kind == "nft":
        if state.get("legacy"):
            for program in ("iptables-legacy-restore", "ip6tables-legacy-restore"):
                run(program, data=CLEAN)
            state["legacy"] = False
        with open(paths[0], "rb") as file:
            return run("nft", "-f", "-", data=b"flush ruleset\n" + file.read())
    run("nft", "flush", "ruleset")
    texts = []
    for path in paths:
        with open(path, "rb") as file:
            texts.append(file.read())
    # Sets, as `ipset save` prints them, stand in front of the tables. They can go only once no rule asks for them.
    lines = [line for text in texts for line in text.splitlines(True)]
    sets = [line for line in lines if line.startswith((b"create ", b"add "))]
    if sets:
        for program in ("iptables-legacy-restore", "ip6tables-legacy-restore"):
            run(program, data=CLEAN)
        # Sets in sets are in use until the outer ones are empty.
        run("ipset", "flush")
        run("ipset", "destroy")
        code, error = run("ipset", "restore", data=b"".join(sets))
        if code:
            return code, error
    for program, text in zip(("iptables", "ip6tables"), texts):
        text = b"".join(line for line in text.splitlines(True) if line not in sets)
        if kind == "legacy":
            state["legacy"] = True
            code, error = run(f"{program}-legacy-restore", data=CLEAN + text)
        else:
            code, error = run(f"{program}-nft-restore", data=text)
        if code:
            return code, error
    return 0, ""


def main():
    bridge = sys.argv[1:2] == ["bridge"] or sys.argv[1:2] == ["bridge-netfilter"]
    files = open_ports(sys.argv[1] == "bridge-netfilter") if bridge else open_interfaces()
    sockets, connections, state = [] if bridge else open_local(), Connections(), {}
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        if not words or words[0] == "quit":
            return
        if words[0] == "load":
            code, text = load(words[1:], state)
            connections.flush()
            drain(files, sockets)
            print("ok" if code == 0 else "error " + text, flush=True)
        elif words[0] == "batch":
            answers = []
            for _ in range(int(words[1])):
                name, flush, data = sys.stdin.readline().split()
                if flush == "1":
                    connections.flush()
                    drain(files, sockets)
                packet = bytes.fromhex(data)
                if bridge:
                    incoming, whole = frame(name, packet)
                    os.write(files[INTERFACES.index(incoming)], whole)
                    answers.append(seen(files, sockets, packet, unframed))
                    continue
                os.write(files[INTERFACES.index(name)], packet)
                answers.append(seen(files, sockets, packet))
            print("\n".join(answers), flush=True)


main()
