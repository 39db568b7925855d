"""A time client (chrony) that asks its server and leaves the machine's clock alone."""

import os
from pathlib import Path

from common import ARGUMENTS

scratch = Path(ARGUMENTS["scratch"])
config = scratch / "chrony.conf"
config.write_text(
    f"server {ARGUMENTS['server']} iburst minpoll 3 maxpoll 4\ncmdport 0\nport 0\nbindcmdaddress /\npidfile {scratch}/pid\n"
)
os.execv("/usr/sbin/chronyd", ["chronyd", "-x", "-d", "-u", "root", "-f", str(config)])
