"""An OpenSSH server that lets in whoever holds the laboratory's key and runs nothing but an echo."""

import os
import subprocess
from pathlib import Path

from common import ARGUMENTS

scratch = Path(ARGUMENTS["scratch"])
os.makedirs("/run/sshd", exist_ok=True)
host_key = scratch / "host_key"
subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", ARGUMENTS["name"], "-f", str(host_key)], check=True)
config = scratch / "sshd_config"
config.write_text(
    f"""ListenAddress 0.0.0.0
AddressFamily inet
HostKey {host_key}
AuthorizedKeysFile {ARGUMENTS['keys']}/id.pub
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
UseDNS no
StrictModes no
PidFile none
ForceCommand /bin/echo {ARGUMENTS['name']} ready
"""
)
os.execv("/usr/sbin/sshd", ["/usr/sbin/sshd", "-D", "-e", "-f", str(config)])
