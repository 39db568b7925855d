"""A Modbus/TCP device (pymodbus): a controller, drive, gateway or safety logic solver with a small process behind its registers."""

import asyncio
import math
import time

from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from common import ARGUMENTS, RANDOM

START = time.monotonic()
PHASE = RANDOM.uniform(0, 6)


async def process(function_code, start_address, address, count, current_registers, set_values):
    """Registers 0 to 9 are measurements that swing slowly; the rest keeps what was written."""
    if set_values is None:
        swing = math.sin((time.monotonic() - START) / 9 + PHASE)
        for register in range(10):
            index = register - start_address
            if 0 <= index < len(current_registers):
                current_registers[index] = int(500 + 40 * register + 60 * swing)


async def main():
    identity = ModbusDeviceIdentification(
        info_name={
            "VendorName": ARGUMENTS["vendor"],
            "ProductCode": ARGUMENTS["model"],
            "MajorMinorRevision": ARGUMENTS["version"],
            "ProductName": ARGUMENTS["model"],
        }
    )
    device = SimDevice(
        id=0,
        simdata=[SimData(0, count=128, values=100, datatype=DataType.REGISTERS)],
        identity=identity,
        action=process,
        use_bit_addressing=True,
    )
    server = ModbusTcpServer(device, identity=identity, address=("0.0.0.0", 502))
    await server.serve_forever()


asyncio.run(main())
