"""An EtherNet/IP client (cpppo): one session that reads the tags of an adapter."""

from cpppo.server.enip import client

from common import ARGUMENTS, ticks

with client.connector(host=ARGUMENTS["ip"], port=44818, timeout=5.0) as connection:
    for number in ticks(float(ARGUMENTS.get("period", 2.0))):
        operations = client.parse_operations(["Flow[0-3]", "Level[0-1]"])
        for _ in connection.synchronous(operations=operations, timeout=5.0):
            pass
