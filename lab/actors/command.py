"""Runs a command line of a real client (curl, ssh, snmpget, dig, …) once or every `period` seconds until the deadline."""

import subprocess

from common import ARGUMENTS, times

for _ in times():
    for line in ARGUMENTS["commands"]:
        done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        print(done.returncode, " ".join(line), done.stdout[-300:], done.stderr[-300:], flush=True)
