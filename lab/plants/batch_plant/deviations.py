"""What is wrong with the batch plant: the planted deviations, with what each must give."""

from plantlab.topology import Deviation


def row(zones, from_, to, protocol, port, name, declared, functions=(), unmet=()):
    """A row of the verification, by the words of its interface."""
    from_zone, to_zone = zones.split(">")
    return {"zone_from": from_zone, "zone_to": to_zone, "from": from_, "to": to, "protocol": protocol, "port": port,
            "functions": list(functions), "name": name, "declared": declared, "unmet": list(unmet)}


def deviations():
    """The planted deviations, with what each must give."""
    return [
        Deviation("recipe-download", "The recipe server asks the distillation controller for a program download.",
                  "P-BATCH-2 lets it read; a packet filter cannot see the difference.",
                  row("Z-SUP>Z-U2", "batch-1", "uc-2", "s7comm", "102", "undocumented", "function-not-permitted", ["request-download"]),
                  ["path/function-not-permitted path {zones} error"],
                  [("Z-U2", "s7comm.param.func == 0x1a && ip.src == {batch-1}", "Request download")]),
        Deviation("safety-written", "The engineering workstation of the process writes a register of the emergency shutdown controller.",
                  "Only the safety engineering station may; a rule of the last turnaround was left behind.",
                  row("Z-SUP>Z-SIS", "ews-1", "sis-1", "modbus", "502", "undocumented", "protocol-not-permitted"),
                  ["path/undocumented path {zones} error"],
                  [("Z-SIS", "modbus.func_code == 6 && ip.src == {ews-1}", "Write Single Register from the engineering workstation")]),
        Deviation("any-any", "The firewall passes everything from packaging to the supervisory zone.",
                  "A rule from when a filler was put into service.",
                  row("Z-PKG>Z-SUP", "any", "any", "any", "", "excess", "protocol-not-permitted"),
                  ["path/excess path {zones} warning", "firewall/any-any asset fw-1 warning"]),
        Deviation("chiller-page", "An office client opens the configuration page of the chiller gateway over HTTP without TLS.",
                  "No conduit joins enterprise and utilities; name and password are in clear.",
                  row("Z-ENT>Z-UTL", "ent-pc-2", "ut-gw", "http", "80", "undocumented", "no-conduit"),
                  ["path/undocumented path {zones} error", "path/clear-text-credentials path {zones} warning"],
                  [("Z-UTL", "http.authbasic && ip.dst == {ut-gw}", "request of the page with name and password")]),
        Deviation("idle-drive", "Condition monitoring of the reflux pump is permitted and open, and nobody does it any more.",
                  "P-DRIVE-2 is expected all the time; both of its zones were captured.",
                  row("Z-SUP>Z-U2", "hist-1", "drive-2", "modbus", "502", "idle", "permitted"),
                  ["path/idle permit P-DRIVE-2 note"], seconds_min=60),
        Deviation("blocked-quality", "Quality records are permitted, and the firewall does not pass them.",
                  "P-QUALITY has no rule; the records are carried by hand.",
                  row("Z-ENT>Z-DMZ", "ent-mes", "dmz-files", "tls", "443", "blocked", "permitted"),
                  ["path/blocked permit P-QUALITY warning"]),
        Deviation("internet-names", "The reactor controller asks a name server on the internet.",
                  "The address belongs to no zone; the firewall lets it out.",
                  row("Z-U1>?", "uc-1", "{dns.outside}", "dns", "53", "unknown-endpoint", "unknown-endpoint"),
                  ["path/unknown-endpoint path {zones} warning"],
                  [("Z-U1", "dns && ip.src == {uc-1} && ip.dst == {dns.outside}", "DNS query to an address outside")]),
        Deviation("expired-commissioning", "The supplier still uses the file transfer that was agreed for commissioning.",
                  "P-COMMISSION ended on 2026-10-15; the firewall still passes it.",
                  row("Z-REM>Z-DMZ", "sup-lap", "dmz-files", "ssh", "22", "undocumented", "expired"),
                  ["path/expired path {zones} warning", "permit/expired permit P-COMMISSION warning"],
                  [("Z-DMZ", "ssh && ip.src == {sup-lap} && ip.dst == {dmz-files}", "SSH after the permit's last day")]),
        Deviation("dual-homed", "An operator station writes to a filler through the quality workstation, which has a leg in both zones and forwards.",
                  "The firewall is closed for it and never saw it; nobody declared the second leg.",
                  row("Z-SUP>Z-PKG", "hmi-2", "pk-2", "modbus", "502", "undeclared-bypass", "protocol-not-permitted"),
                  ["path/undeclared-bypass path {zones} error", "asset/undeclared zone Z-PKG warning"],
                  [("Z-PKG", "modbus.func_code == 6 && ip.src == {hmi-2}", "Write Single Register round the firewall")]),
        Deviation("opcua-plain", "The historian replica reads the batch server over OPC UA without security.",
                  "C-SUP-DMZ requires encryption.",
                  row("Z-DMZ>Z-SUP", "dmz-hist", "batch-1", "opcua", "4840", "conforming", "permitted", unmet=["encryption"]),
                  ["path/unmet-encryption conduit {conduit} warning"],
                  [("Z-DMZ", "opcua.security.spu contains \"None\" && ip.src == {dmz-hist}", "OpenSecureChannel with security policy None")]),
        Deviation("stranger", "A device that no list has stands in the network of unit 1 and sets its clock by the plant's time server.",
                  "Nobody declared it, and a rule of the firewall was made for it.",
                  row("Z-U1>Z-SUP", "{stranger}", "sup-srv", "ntp", "123", "undocumented", "protocol-not-permitted"),
                  ["path/undocumented path {zones} error", "asset/undeclared zone Z-U1 warning"],
                  [("Z-U1", "ntp && ip.src == {stranger}", "NTP from a device that no list has")]),
    ]
