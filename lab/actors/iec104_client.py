"""A control station that speaks IEC 60870-5-104 (c104): interrogates a remote terminal unit, listens, sends setpoints."""

import time

import c104

from common import ARGUMENTS, RANDOM, ticks

client = c104.Client()
connection = client.add_connection(ip=ARGUMENTS["ip"], port=2404, init=c104.Init.INTERROGATION)
station = connection.add_station(common_address=47)
for number in range(4):
    station.add_point(io_address=100 + number, type=c104.Type.M_ME_NC_1)
station.add_point(io_address=200, type=c104.Type.M_SP_NA_1)
setpoint = station.add_point(io_address=300, type=c104.Type.C_SE_NC_1)
client.start()
while not connection.is_connected:
    time.sleep(0.1)
for number in ticks(12.0):
    if number:
        setpoint.value = 3.0 + RANDOM.uniform(-0.2, 0.2)
        setpoint.transmit(cause=c104.Cot.ACTIVATION)
client.stop()
