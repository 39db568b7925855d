"""An OPC UA client (asyncua): reads tags, or writes one where it is told to; with or without security."""

import asyncio
import time

from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

from common import ARGUMENTS, DEADLINE, RANDOM


async def main():
    client = Client(f"opc.tcp://{ARGUMENTS['ip']}:4840/scada", timeout=8)
    client.application_uri = f"urn:{ARGUMENTS['plant']}:{ARGUMENTS['name']}"
    if ARGUMENTS.get("secure"):
        # The server's certificate is known beforehand: asking it for its endpoints would open a channel without security.
        await client.set_security(
            SecurityPolicyBasic256Sha256,
            certificate=ARGUMENTS["certificate"],
            private_key=ARGUMENTS["key"],
            server_certificate=ARGUMENTS["server_certificate"],
            mode=ua.MessageSecurityMode.SignAndEncrypt,
        )
    async with client:
        space = await client.get_namespace_index(f"urn:{ARGUMENTS['plant']}:tags")
        names = ["RawFlow", "ClearwellLevel", "PumpPressure", "Chlorine"]
        nodes = [client.get_node(ua.NodeId(name, space)) for name in names]
        setpoint = client.get_node(ua.NodeId("Setpoint", space))
        number = 0
        while time.monotonic() < DEADLINE:
            await client.read_values(nodes)
            if ARGUMENTS.get("write") and number % 10 == 5:
                await setpoint.write_value(5.0 + RANDOM.uniform(-0.5, 0.5))
            number += 1
            await asyncio.sleep(ARGUMENTS.get("period", 2.0))


asyncio.run(main())
