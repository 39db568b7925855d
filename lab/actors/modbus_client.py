"""A Modbus/TCP client (pymodbus): polls devices, and writes where it is told to."""

import asyncio
import time

from pymodbus.client import AsyncModbusTcpClient

from common import ARGUMENTS, DEADLINE, RANDOM


async def act(client, action):
    """One request. Actions are `[verb, address, count or value]`."""
    verb, address, value = (list(action) + [0, 1])[:3]
    if verb == "holding":
        await client.read_holding_registers(address, count=value)
    elif verb == "input":
        await client.read_input_registers(address, count=value)
    elif verb == "coils":
        await client.read_coils(address, count=value)
    elif verb == "identify":
        await client.read_device_information()
    elif verb == "set":
        await client.write_register(address, value + RANDOM.randint(0, 9))
    elif verb == "set-many":
        await client.write_registers(address, [value + RANDOM.randint(0, 9), value])
    elif verb == "coil":
        await client.write_coil(address, bool(value))


async def talk(target):
    """One connection, kept for the run: `once` at its beginning, `each` every round, `sometimes` every eighth."""
    async with AsyncModbusTcpClient(target["ip"], timeout=2, retries=1) as client:
        for action in target.get("once", []):
            await act(client, action)
        number = 0
        while target.get("each") and time.monotonic() < DEADLINE:
            for action in target["each"] + (target.get("sometimes", []) if number % 8 == 4 else []):
                await act(client, action)
            number += 1
            await asyncio.sleep(target.get("period", 1.0) * RANDOM.uniform(0.95, 1.05))


async def main():
    await asyncio.gather(*(talk(target) for target in ARGUMENTS["targets"]))


asyncio.run(main())
