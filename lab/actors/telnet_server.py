"""Starts the real telnetd (inetutils) for each connection, as inetd would; its login program is this file with `login`."""

import os
import signal
import socket
import subprocess
import sys

if sys.argv[1:2] == ["login"]:
    os.system("stty -echo")
    sys.stdout.write("\r\nswitch login: ")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write("\r\nPassword: ")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write("\r\nswitch> ")
    sys.stdout.flush()
    for line in sys.stdin:
        if line.strip() in {"exit", "quit"}:
            break
        sys.stdout.write(f"\r\n{line.strip()}\r\nport 1 up 100 full\r\nport 2 up 100 full\r\nport 3 down\r\nswitch> ")
        sys.stdout.flush()
    sys.exit(0)

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
listener = socket.create_server(("0.0.0.0", 23))
login = f"{sys.executable} {os.path.abspath(__file__)} login"
while True:
    connection, _ = listener.accept()
    subprocess.Popen(["/usr/sbin/telnetd", "-h", "-E", login], stdin=connection, stdout=connection, stderr=connection)
    connection.close()
