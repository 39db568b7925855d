"""What is wrong with the waterworks: the planted deviations, with what each must give."""

from plantlab.topology import Deviation


def row(from_zone, to_zone, from_, to, protocol, port, name, declared, functions=(), unmet=()):
    """A row of the verification, by the words of its interface."""
    return {"zone_from": from_zone, "zone_to": to_zone, "from": from_, "to": to, "protocol": protocol, "port": port,
            "functions": list(functions), "name": name, "declared": declared, "unmet": list(unmet)}


def stranger():
    """A device that no list has, in the network of control A; the committed example was made without it."""
    return Deviation("stranger", "A device that no list has stands in the network of control A and sets its clock by the plant's time server.",
                     "Nobody declared it, and a rule of the firewall was made for it.",
                     row("Z-CTL-A", "Z-SUP", "{stranger}", "sup-srv", "ntp", "123", "undocumented", "protocol-not-permitted"),
                     ["path/undocumented path {zones} error", "asset/undeclared zone Z-CTL-A warning"],
                     [("Z-CTL-A", "ntp && ip.src == {stranger}", "NTP from a device that no list has")])


def deviations():
    """The planted deviations, with what each must give."""
    return [
        Deviation("historian-writes", "The historian writes two registers of the filter controller.",
                  "P-HIST-A lets it read; a packet filter cannot see the difference.",
                  row("Z-SUP", "Z-CTL-A", "hist-1", "plc-a2", "modbus", "502", "undocumented", "function-not-permitted", ["write-multiple-registers"]),
                  ["path/function-not-permitted path {zones} error"],
                  [("Z-CTL-A", "modbus.func_code == 16 && ip.src == {hist-1}", "Write Multiple Registers from the historian")]),
        Deviation("supplier-program", "The supplier's laptop asks the pump controller for a program download, stops and starts it.",
                  "No conduit joins the supplier's zone and control B; a rule of the firewall was left behind.",
                  row("Z-REM", "Z-CTL-B", "sup-lap", "plc-b1", "s7comm", "102", "undocumented", "no-conduit"),
                  ["path/undocumented path {zones} error"],
                  [("Z-CTL-B", "s7comm.param.func == 0x1a && ip.src == {sup-lap}", "Request download"),
                   ("Z-CTL-B", "s7comm.param.func == 0x29 && ip.src == {sup-lap}", "PLC Stop")]),
        Deviation("telnet-switch", "The engineering workstation logs in to the switch of control B by Telnet, password in clear.",
                  "SSH is permitted, Telnet is not; the firewall passes it.",
                  row("Z-SUP", "Z-CTL-B", "ews-1", "sw-b", "telnet", "23", "undocumented", "protocol-not-permitted"),
                  ["path/undocumented path {zones} error", "path/clear-text-credentials path {zones} warning"],
                  [("Z-CTL-B", "telnet && ip.src == {sw-b} && telnet.data contains \"assword\"", "Telnet asks for the password"),
                   ("Z-CTL-B", "telnet.data contains \"west-pump-3\"", "the password in clear")]),
        Deviation("snmp-from-enterprise", "Enterprise network management asks the switch of control A by SNMPv2c.",
                  "No conduit joins enterprise and control A; the community is in clear.",
                  row("Z-ENT", "Z-CTL-A", "ent-nms", "sw-a", "snmp", "161", "undocumented", "no-conduit"),
                  ["path/undocumented path {zones} error", "path/clear-text-credentials path {zones} warning"],
                  [("Z-CTL-A", "snmp.version == 1 && ip.src == {ent-nms}", "SNMPv2c get with the community in clear")]),
        Deviation("any-any", "The firewall passes everything from the DMZ to the supervisory zone.",
                  "A migration rule that nobody removed; P-JUMP and P-TAGS have rules of their own.",
                  row("Z-DMZ", "Z-SUP", "any", "any", "any", "", "excess", "protocol-not-permitted"),
                  ["path/excess path {zones} warning", "firewall/any-any asset fw-1 warning"]),
        Deviation("internet-time", "The pump controller asks a time server on the internet, besides its own.",
                  "The address belongs to no zone; the firewall lets it out.",
                  row("Z-CTL-B", "?", "plc-b1", "{ntp.outside}", "ntp", "123", "unknown-endpoint", "unknown-endpoint"),
                  ["path/unknown-endpoint path {zones} warning"],
                  [("Z-CTL-B", "ntp && ip.src == {plc-b1} && ip.dst == {ntp.outside}", "NTP client to an address outside")]),
        Deviation("idle-drive", "Condition monitoring of the distribution drive is permitted and open, and nobody does it any more.",
                  "P-DRIVE-B is expected all the time; both of its zones were captured.",
                  row("Z-SUP", "Z-CTL-B", "hist-1", "drive-b1", "modbus", "502", "idle", "permitted"),
                  ["path/idle permit P-DRIVE-B note"], seconds_min=60),
        Deviation("blocked-orders", "Maintenance orders are permitted, and the firewall does not pass them.",
                  "P-ORDERS has no rule; the connector of the orders system was switched off after it failed.",
                  row("Z-ENT", "Z-DMZ", "ent-erp", "dmz-patch", "tls", "443", "blocked", "permitted"),
                  ["path/blocked permit P-ORDERS warning"]),
        Deviation("safety-write", "The panel of the treatment hall writes a register of the chlorine safety controller.",
                  "No conduit joins control A and safety; a rule of commissioning was left behind.",
                  row("Z-CTL-A", "Z-SIS", "hmi-a", "sis-1", "modbus", "502", "undocumented", "no-conduit"),
                  ["path/undocumented path {zones} error"],
                  [("Z-SIS", "modbus.func_code == 6 && ip.src == {hmi-a}", "Write Single Register from the panel")]),
        Deviation("dual-homed", "An operator station writes to the filter controller through the maintenance workstation, which has a leg in both zones and forwards.",
                  "The firewall is closed for it and never saw it; nobody declared the second leg.",
                  row("Z-SUP", "Z-CTL-A", "hmi-2", "plc-a2", "modbus", "502", "undeclared-bypass", "protocol-not-permitted"),
                  ["path/undeclared-bypass path {zones} error", "asset/undeclared zone Z-CTL-A warning"],
                  [("Z-CTL-A", "modbus.func_code == 6 && ip.src == {hmi-2}", "Write Single Register round the firewall")]),
        Deviation("expired-commissioning", "The supplier still uses the file transfer that was agreed for commissioning.",
                  "P-COMMISSION ended on 2026-09-30; the firewall still passes it.",
                  row("Z-REM", "Z-DMZ", "sup-lap", "dmz-patch", "ssh", "22", "undocumented", "expired"),
                  ["path/expired path {zones} warning", "permit/expired permit P-COMMISSION warning"],
                  [("Z-DMZ", "ssh && ip.src == {sup-lap} && ip.dst == {dmz-patch}", "SSH after the permit's last day")]),
        Deviation("opcua-plain", "The historian replica reads the SCADA server over OPC UA without security.",
                  "C-SUP-DMZ requires encryption.",
                  row("Z-DMZ", "Z-SUP", "dmz-hist", "scada-1", "opcua", "4840", "conforming", "permitted", unmet=["encryption"]),
                  ["path/unmet-encryption conduit {conduit} warning"],
                  [("Z-DMZ", "opcua.security.spu contains \"None\" && ip.src == {dmz-hist}", "OpenSecureChannel with security policy None")]),
    ]
