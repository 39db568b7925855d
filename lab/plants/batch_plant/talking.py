"""Who talks in the batch plant: servers, clients of normal operation, and what deviations add."""

from plantlab.topology import Actor

SNMP_V3 = "-v3 -l authPriv -u nms -a SHA -A lab-auth-passphrase -x AES -X lab-priv-passphrase".split()
SSH = "ssh -4 -i {keys}/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5".split()
CURL = "curl -4 -s -k -m 8 -o /dev/null".split()


def actors():
    """Who talks, from when on. Servers first."""
    server = lambda asset, program, *ports, **arguments: Actor(asset, program, arguments, listens=ports)
    found = [server(a, "modbus_server", ("tcp", 502)) for a in ("uc-1", "drive-1", "drive-2", "sis-1", "pk-1", "pk-2", "ut-1", "wgw-1")]
    found += [server(a, "snmp_agent", ("udp", 161)) for a in ("sw-u1", "sw-u2", "sw-ut1", "sw-ut2", "ap-1")]
    found += [server(a, "ssh_server", ("tcp", 22)) for a in ("dmz-jump", "dmz-files", "ews-1")]
    found += [server(a, "web_server", ("tcp", 443)) for a in ("batch-1", "dmz-hist", "dmz-files")]
    found += [
        server("uc-2", "s7_server", ("tcp", 102)),
        server("rtu-t1", "iec104_server", ("tcp", 2404)),
        server("rio-1", "enip_server", ("tcp", 44818)),
        server("batch-1", "opcua_server", ("tcp", 4840)),
        server("sup-srv", "time_server", ("udp", 123)),
        server("ut-gw", "page_server", ("tcp", 80), user="service", password="chiller-7"),
        server("dns.outside", "name_server", ("udp", 53), ip="{dns.outside}", names={"pool.example": "203.0.113.9"}),
    ]
    return found + polls() + commands() + deviating_actors()


def polls():
    """Clients of the plant's own protocols."""
    poll = lambda ip, **more: {"ip": "{" + ip + "}", **more}
    modbus = lambda asset, at, *targets: Actor(asset, "modbus_client", {"targets": list(targets)}, at=at)
    reads = [["holding", 0, 10]]
    return [
        modbus("batch-1", 1, poll("uc-1", once=[["identify"]], each=reads, sometimes=[["set", 40, 50], ["coil", 1600, 1]]),
               poll("pk-1", each=reads, sometimes=[["set", 42, 9]], period=2.0), poll("pk-2", each=reads, sometimes=[["set", 42, 9]], period=2.0),
               poll("wgw-1", each=[["input", 0, 4]], period=3.0)),
        modbus("hist-1", 2, poll("uc-1", each=reads, period=2.0)),
        Actor("hist-1", "modbus_client", {"targets": [poll("drive-2", each=reads, period=5.0)]}, at=3, without="idle-drive"),
        modbus("uc-1", 1, poll("drive-1", each=[["holding", 0, 4], ["set", 50, 400]]), poll("ut-1", each=[["holding", 0, 4]], sometimes=[["set", 44, 12]], period=2.0)),
        modbus("uc-2", 1, poll("drive-2", each=[["holding", 0, 4], ["set", 50, 400]])),
        modbus("hmi-1", 3, poll("sis-1", each=[["input", 0, 8]], period=2.0), poll("ut-1", each=reads, sometimes=[["set", 45, 18]], period=2.0)),
        modbus("pk-hmi", 4, poll("pk-1", each=reads, period=3.0), poll("pk-2", each=reads, period=3.0)),
        modbus("sis-ews", 5, poll("sis-1", once=[["identify"]], each=reads, sometimes=[["set", 70, 3]], period=4.0)),
        Actor("batch-1", "s7_client", {"targets": [poll("uc-2", each=[["read"]])]}, at=1),
        Actor("hmi-1", "s7_client", {"targets": [poll("uc-2", each=[["read"]], sometimes=[["write"]], period=2.0)]}, at=2),
        Actor("hmi-u2", "s7_client", {"targets": [poll("uc-2", each=[["read"]], sometimes=[["write"]], period=2.0)]}, at=3),
        Actor("ews-1", "s7_client", {"targets": [poll("uc-2", once=[["cpu"], ["blocks"], ["upload"]])]}, at=22),
        Actor("batch-1", "iec104_client", {"ip": "{rtu-t1}"}, at=1),
        Actor("batch-1", "enip_client", {"ip": "{rio-1}", "period": 2.0}, at=1),
        Actor("hmi-1", "opcua_client", {"ip": "{batch-1}", "write": True, "period": 2.0}, at=2),
        Actor("hmi-2", "opcua_client", {"ip": "{batch-1}", "period": 3.0}, at=4),
        Actor("dmz-hist", "opcua_client", {"ip": "{batch-1}", "period": 4.0, "secure": True}, at=6, without="opcua-plain"),
    ]


def commands():
    """Clients that are command lines, and clocks."""
    every = lambda asset, at, words, period=None, **more: Actor(asset, "command", {**({"period": period} if period else {}), "commands": [words]}, at=at, **more)
    snmp = lambda target, at: every("sup-srv", at, ["snmpget", *SNMP_V3, "{" + target + "}", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0"], 15)
    found = [
        every("hist-1", 4, [*CURL, "--data", "batch=4711&phase=3&values=81.2,0.41", "https://{dmz-hist}/ingest"], 6),
        every("ent-pc-1", 5, [*CURL, "https://{dmz-hist}/report.html"], 9),
        every("ent-pc-2", 8, [*CURL, "https://{dmz-hist}/report.html"], 14),
        every("ent-mes", 10, [*CURL, "https://{dmz-files}/quality"], 20, without="blocked-quality"),
        every("tab-1", 6, [*CURL, "https://{batch-1}/walk.html"], 10),
        every("sup-lap", 15, [*SSH, "root@{dmz-jump}", "session start"]),
        every("dmz-jump", 18, [*SSH, "root@{ews-1}", "show projects"]),
        every("sup-lap", 40, [*SSH, "root@{dmz-files}", "put report"]),
    ]
    found += [snmp(target, 5 + number) for number, target in enumerate(("sw-u1", "sw-u2", "sw-ut1", "sw-ut2", "ap-1"))]
    clocks = ("uc-1", "uc-2", "hmi-u2", "rtu-t1", "sis-1", "hmi-1", "batch-1")
    return found + [Actor(asset, "time_client", {"server": "{sup-srv}"}, at=2) for asset in clocks]


def deviating_actors():
    """What the planted deviations add."""
    modbus = lambda asset, ip, once, at, deviation: Actor(asset, "modbus_client", {"targets": [{"ip": "{" + ip + "}", "once": once}]}, at=at, deviation=deviation)
    return [
        Actor("batch-1", "s7_client", {"targets": [{"ip": "{uc-2}", "once": [["download"]]}]}, at=35, deviation="recipe-download"),
        modbus("ews-1", "sis-1", [["holding", 70, 2], ["set", 70, 1]], 45, "safety-written"),
        modbus("hmi-2", "pk-2", [["holding", 40, 2], ["set", 41, 20]], 54, "dual-homed"),
        Actor("ent-pc-2", "command", {"period": 25, "commands": [["curl", "-4", "-s", "-m", "8", "-o", "/dev/null", "-u", "service:chiller-7", "http://{ut-gw}/settings"]]},
              at=12, deviation="chiller-page"),
        Actor("uc-1", "command", {"period": 20, "commands": [["dig", "+short", "+tries=1", "@{dns.outside}", "pool.example"]]}, at=7, deviation="internet-names"),
        Actor("dmz-hist", "opcua_client", {"ip": "{batch-1}", "period": 4.0}, at=6, deviation="opcua-plain"),
        Actor("stranger", "time_client", {"server": "{sup-srv}"}, at=10, deviation="stranger"),
    ]
