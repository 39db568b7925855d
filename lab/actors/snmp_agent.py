"""A managed switch or access point: the agent of net-snmp, SNMPv3 for the plant's manager; version 2c answers too, as shipped."""

import os
from pathlib import Path

from common import ARGUMENTS

scratch = Path(ARGUMENTS["scratch"])
config = scratch / "snmpd.conf"
config.write_text(
    f"""agentaddress udp:161
rocommunity plant-ro default
createUser nms SHA lab-auth-passphrase AES lab-priv-passphrase
rouser nms priv
sysDescr {ARGUMENTS['vendor']} {ARGUMENTS['model']} {ARGUMENTS['version']}
sysName {ARGUMENTS['name']}
sysLocation {ARGUMENTS['plant']}
sysContact automation
"""
)
os.environ.update(SNMP_PERSISTENT_DIR=str(scratch), SNMPCONFPATH=str(scratch), MIBS="")
os.execv("/usr/sbin/snmpd", ["snmpd", "-f", "-Lo", "-C", "-c", str(config), "-p", str(scratch / "pid")])
