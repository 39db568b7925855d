"""A person at the real telnet client (inetutils): logs in, looks at the ports, leaves."""

import os
import pty
import select
import time

from common import ARGUMENTS


def until(terminal, words, seconds=8):
    """Reads the terminal until it shows one of the words."""
    seen = b""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not any(word in seen for word in words):
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 4096)
            except OSError:
                break
    return seen


child, terminal = pty.fork()
if child == 0:
    os.environ["TERM"] = "vt100"
    os.execlp("telnet", "telnet", "-4", ARGUMENTS["ip"])
for prompt, answer in [
    (b"login:", ARGUMENTS["user"]),
    (b"assword:", ARGUMENTS["password"]),
    (b"switch>", "show ports"),
    (b"switch>", "exit"),
]:
    print(until(terminal, [prompt]), flush=True)
    time.sleep(0.5)
    os.write(terminal, answer.encode() + b"\r")
print(until(terminal, [b"closed"]), flush=True)
