"""Who talks in the waterworks: servers, clients of normal operation, and what deviations add."""

from plantlab.topology import Actor

SNMP_V3 = "-v3 -l authPriv -u nms -a SHA -A lab-auth-passphrase -x AES -X lab-priv-passphrase".split()
SSH = "ssh -4 -i {keys}/id -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=5".split()
CURL = "curl -4 -s -k -m 8 -o /dev/null".split()


def actors():
    """Who talks, from when on. Servers first."""
    server = lambda asset, program, *ports, **arguments: Actor(asset, program, arguments, listens=ports)
    modbus, s7 = ("tcp", 502), ("tcp", 102)
    found = [server(a, "modbus_server", modbus) for a in ("plc-a1", "plc-a2", "drive-a1", "drive-b1", "sis-1", "wgw-1")]
    found += [server(a, "s7_server", s7) for a in ("plc-b1", "plc-b2")]
    found += [server(a, "snmp_agent", ("udp", 161)) for a in ("sw-a", "sw-b", "ap-1")]
    found += [server(a, "ssh_server", ("tcp", 22)) for a in ("dmz-jump", "dmz-patch", "ews-1", "sw-b")]
    found += [server(a, "web_server", ("tcp", 443)) for a in ("scada-1", "dmz-hist", "dmz-patch")]
    found += [server(a, "time_server", ("udp", 123)) for a in ("sup-srv", "dmz-ntp", "ntp.outside")]
    found += [
        server("rtu-b1", "iec104_server", ("tcp", 2404)),
        server("rio-a1", "enip_server", ("tcp", 44818)),
        server("scada-1", "opcua_server", ("tcp", 4840)),
        server("sup-srv", "name_server", ("udp", 53)),
        server("sw-b", "telnet_server", ("tcp", 23)),
    ]
    return found + clients() + deviating_actors()


def clients():
    """Normal operation."""
    poll = lambda asset, ip, **more: {"ip": "{" + ip + "}", **more}
    reads = [["holding", 0, 10]]
    operate = {"once": [["identify"]], "each": reads, "sometimes": [["set", 40, 50], ["coil", 1600, 1]]}
    found = [
        Actor("scada-1", "modbus_client", {"targets": [
            poll("scada-1", "plc-a1", **operate), poll("scada-1", "plc-a2", **operate),
            poll("scada-1", "sis-1", each=[["input", 0, 8]], period=2.0),
            poll("scada-1", "wgw-1", each=[["input", 0, 4]], period=3.0)]}, at=1),
        Actor("hist-1", "modbus_client", {"targets": [
            poll("hist-1", "plc-a1", each=reads, period=2.0), poll("hist-1", "plc-a2", each=reads, period=2.0)]}, at=2),
        Actor("hist-1", "modbus_client", {"targets": [poll("hist-1", "drive-b1", each=reads, period=5.0)]}, at=3, without="idle-drive"),
        Actor("plc-a1", "modbus_client", {"targets": [poll("plc-a1", "drive-a1", each=[["holding", 0, 4], ["set", 50, 400]])]}, at=1),
        Actor("plc-b1", "modbus_client", {"targets": [poll("plc-b1", "drive-b1", each=[["holding", 0, 4], ["set", 50, 400]])]}, at=1),
        Actor("hmi-a", "modbus_client", {"targets": [poll("hmi-a", "plc-a1", each=reads, sometimes=[["set", 60, 7]], period=2.0)]}, at=4),
        Actor("sis-ews", "modbus_client", {"targets": [poll("sis-ews", "sis-1", once=[["identify"]], each=reads, sometimes=[["set", 70, 3]], period=4.0)]}, at=5),
        Actor("scada-1", "s7_client", {"targets": [
            poll("scada-1", "plc-b1", each=[["read"]], sometimes=[["write"]]),
            poll("scada-1", "plc-b2", each=[["read"]], sometimes=[["write"]])]}, at=1),
        Actor("hist-1", "s7_client", {"targets": [
            poll("hist-1", "plc-b1", each=[["read"]], period=2.0), poll("hist-1", "plc-b2", each=[["read"]], period=2.0)]}, at=2),
        Actor("hmi-b", "s7_client", {"targets": [poll("hmi-b", "plc-b1", each=[["read"]], sometimes=[["write"]], period=2.0)]}, at=3),
        Actor("ews-1", "s7_client", {"targets": [poll("ews-1", "plc-b2", once=[["cpu"], ["blocks"], ["upload"]])]}, at=22),
        Actor("scada-1", "iec104_client", {"ip": "{rtu-b1}"}, at=1),
        Actor("scada-1", "enip_client", {"ip": "{rio-a1}", "period": 2.0}, at=1),
        Actor("hmi-1", "opcua_client", {"ip": "{scada-1}", "write": True, "period": 2.0}, at=2),
        Actor("hmi-2", "opcua_client", {"ip": "{scada-1}", "period": 3.0}, at=4),
        Actor("dmz-hist", "opcua_client", {"ip": "{scada-1}", "period": 4.0, "secure": True}, at=6, without="opcua-plain"),
        Actor("hmi-1", "command", {"period": 20, "commands": [["dig", "+short", "+tries=1", "@{sup-srv}", "scada-1.waterworks.lab"]]}, at=3),
        Actor("hmi-a", "command", {"period": 15, "commands": [["dig", "+short", "+tries=1", "@{sup-srv}", "sup-srv.waterworks.lab"]]}, at=3),
        Actor("hist-1", "command", {"period": 6, "commands": [[*CURL, "--data", "tags=RawFlow,Chlorine&values=10.3,0.41", "https://{dmz-hist}/ingest"]]}, at=4),
        Actor("ews-1", "command", {"commands": [[*CURL, "https://{dmz-patch}/index.txt"]]}, at=30),
        Actor("ent-pc-1", "command", {"period": 9, "commands": [[*CURL, "https://{dmz-hist}/report.html"]]}, at=5),
        Actor("ent-pc-2", "command", {"period": 14, "commands": [[*CURL, "https://{dmz-hist}/report.html"]]}, at=8),
        Actor("ent-erp", "command", {"period": 20, "commands": [[*CURL, "https://{dmz-patch}/orders"]]}, at=10, without="blocked-orders"),
        Actor("tab-1", "command", {"period": 10, "commands": [[*CURL, "https://{scada-1}/walk.html"]]}, at=6),
        Actor("sup-lap", "command", {"commands": [[*SSH, "root@{dmz-jump}", "session start"]]}, at=15),
        Actor("dmz-jump", "command", {"commands": [[*SSH, "root@{ews-1}", "show projects"]]}, at=18),
        Actor("ews-1", "command", {"commands": [[*SSH, "root@{sw-b}", "show ports"]]}, at=26),
        Actor("sup-lap", "command", {"commands": [[*SSH, "root@{dmz-patch}", "put report"]]}, at=40),
    ]
    snmp = lambda target, at: Actor("sup-srv", "command", {"period": 15, "commands": [
        ["snmpget", *SNMP_V3, "{" + target + "}", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.3.0"]]}, at=at)
    found += [snmp(target, at) for target, at in (("sw-a", 5), ("sw-b", 6), ("ap-1", 7))]
    time = lambda asset, server, **more: Actor(asset, "time_client", {"server": "{" + server + "}"}, at=2, **more)
    found += [time(asset, "sup-srv") for asset in ("plc-a1", "plc-a2", "hmi-a", "plc-b1", "plc-b2", "rtu-b1", "sis-1", "hmi-1", "scada-1")]
    return found + [time(asset, "dmz-ntp") for asset in ("dmz-hist", "dmz-jump")]


def deviating_actors():
    """What the planted deviations add."""
    return [
        Actor("hist-1", "modbus_client", {"targets": [{"ip": "{plc-a2}", "once": [["holding", 40, 2], ["set-many", 40, 55]]}]}, at=33, deviation="historian-writes"),
        Actor("sup-lap", "s7_client", {"targets": [{"ip": "{plc-b1}", "once": [["download"], ["pause", 1], ["stop"], ["pause", 1], ["start"]]}]}, at=45, deviation="supplier-program"),
        Actor("ews-1", "telnet_client", {"ip": "{sw-b}", "user": "operator", "password": "west-pump-3"}, at=37, deviation="telnet-switch"),
        Actor("ent-nms", "command", {"period": 12, "commands": [["snmpget", "-v2c", "-c", "plant-ro", "{sw-a}", "1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0"]]}, at=9, deviation="snmp-from-enterprise"),
        Actor("plc-b1", "time_client", {"server": "{ntp.outside}"}, at=2, deviation="internet-time"),
        Actor("hmi-a", "modbus_client", {"targets": [{"ip": "{sis-1}", "once": [["holding", 70, 2], ["set", 70, 1]]}]}, at=50, deviation="safety-write"),
        Actor("hmi-2", "modbus_client", {"targets": [{"ip": "{plc-a2}", "once": [["holding", 40, 2], ["set", 41, 20]]}]}, at=54, deviation="dual-homed"),
        Actor("dmz-hist", "opcua_client", {"ip": "{scada-1}", "period": 4.0}, at=6, deviation="opcua-plain"),
    ]
