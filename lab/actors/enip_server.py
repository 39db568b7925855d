"""An EtherNet/IP adapter (cpppo): remote input and output with two tags."""

import sys

from cpppo.server.enip.main import main

sys.exit(main(["--address", "0.0.0.0:44818", "--no-udp", "Flow=REAL[4]", "Level=REAL[4]"]))
