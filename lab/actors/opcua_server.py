"""An OPC UA server (asyncua) with an endpoint without security and one that signs and encrypts."""

import asyncio
import math

from asyncua import Server, ua

from common import ARGUMENTS


async def main():
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://{ARGUMENTS['ip']}:4840/scada")
    server.set_server_name(ARGUMENTS["model"])
    await server.set_application_uri(f"urn:{ARGUMENTS['plant']}:{ARGUMENTS['name']}")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    await server.load_certificate(ARGUMENTS["certificate"])
    await server.load_private_key(ARGUMENTS["key"])
    space = await server.register_namespace(f"urn:{ARGUMENTS['plant']}:tags")
    tags = await server.nodes.objects.add_object(ua.NodeId("tags", space), ua.QualifiedName("Tags", space))
    names = ["RawFlow", "ClearwellLevel", "PumpPressure", "Chlorine"]
    nodes = [await tags.add_variable(ua.NodeId(name, space), ua.QualifiedName(name, space), 1.0) for name in names]
    setpoint = await tags.add_variable(ua.NodeId("Setpoint", space), ua.QualifiedName("Setpoint", space), 5.0)
    await setpoint.set_writable()
    async with server:
        step = 0
        while True:
            for number, node in enumerate(nodes):
                await node.write_value(10.0 + number + math.sin(step / 9))
            step += 1
            await asyncio.sleep(1)


asyncio.run(main())
