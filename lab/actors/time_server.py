"""A time server (chrony) that serves its own clock and leaves the machine's alone."""

import os
from pathlib import Path

from common import ARGUMENTS

scratch = Path(ARGUMENTS["scratch"])
config = scratch / "chrony.conf"
config.write_text(f"local stratum 1\nallow all\ncmdport 0\nbindcmdaddress /\npidfile {scratch}/pid\n")
os.execv("/usr/sbin/chronyd", ["chronyd", "-x", "-d", "-u", "root", "-f", str(config)])
