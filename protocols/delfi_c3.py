"""Delfi-C3 (DLFIC3, DO-64): TU Delft's 3U with thin-film solar cells and wireless sun sensors.

Who and when
    Delft University of Technology. Launched 2008-04-28. Re-entered 2023-11-13.

Radio
    145.870 MHz    BPSK 1200, AX.25                     the same waveform as NanoDragon's
    435.530 to 435.570 MHz up, 145.880 to 145.920 MHz down, linear transponder; beacon 145.930 MHz

Byte map (one little-endian number after the AX.25 header: each field begins at the next higher bit)
    0    16       AX.25 header, DLFIC3 to TLM, UI
    16   12 bits  boot count, 4 bits reserved, 16 bits frame count, 2 bits type
    type 2, housekeeping (106 bytes)
         30 bits  boot count again, receiver of the last command, 17 flags
         128      last command received, last command executed
         12       deployment: solar panels y+ y-, antennas x- y- x+ y+, once for each side z-, z+
         4        mode: 0 idle, 1 deployment, 2 basic, 3 science, 4 transponder
         2 * 8    bus voltages, 0.049 V
         8        computer temperature, 0.685 degC from -55
         4 * 8    GaAs array currents, 1.953 mA
         4 * 10   currents of FM340, MeBo z+, MeBo z-, ComBo, 0.395 mA
         4 * 10   currents of radio 1 receiver, transmitter, radio 2 receiver, transmitter, 0.395 mA
         4 * 10   power: forward 1, 2, reflected 1, 2: square times 4.78e-4 mW
         2 * 10   signal strength 1, 2: -1.0336 dB a step from 905.08; -1.49077 from 1174.7692 dBm
         2 * 10   received carrier 1, 2 against 435.659 and 435.600 MHz: -76.92846, -65.47307 Hz a step
         2 * 10   radio temperatures, 0.213 degC from -68.1
         2 * 168  sun sensor records, kept as hex
         8 * 8    reference diode readings: voltages 2, currents 4 a step, units not public
         4        not used
    type 1, payload (102 bytes)
         6        not used
         4 * 128  current-voltage curves of the thin-film cells, 8 points each (i, v); units not public: hex
         4 * 8    cell temperatures, degC from -235: 1.389, 1.492, 1.445, 1.445 a step
         8 * 8    reference diode readings as above
         168      sun sensor record, kept as hex

    A radio that is not read gives zero for signal, carrier and temperature: no value.

Sources
    layout and values   dernasherbrezon/jradio, delfic3, whose expected values this agrees with
    satellite           https://db.satnogs.org/satellite/TNXT-1653-3073-9102-5159 (2026-08-05)
    JE9PEL list         145.870 1k2 BPSK (2026-08)
"""

from collections.abc import Callable
from typing import Any

from construct import BitsInteger, Flag, Padding, Struct, Terminated

from gsctl.framing import Ax25
from gsctl.model import Satellite, Schema, Source, Transmitter, Truth
from gsctl.telemetry import (
    ConstructSchema,
    ax25_from,
    ax25_header,
    bits_as_hex,
    converted,
    enumeration,
    low_bits_first,
    scaled,
)
from gsctl.waveform import Bpsk

_SIDES = ("zm", "zp")
_DEPLOYED = ("panel_yp", "panel_ym", "antenna_xm", "antenna_ym", "antenna_xp", "antenna_yp")
_FLAGS = (
    *("emp", "awp", "rcp_2", "rcp_1", "rbp_2", "rbp_1", "mdp_2", "mdp_1", "cep"),
    *("rep_2", "rep_1", "mep_2", "mep_1", "adp_4", "adp_3", "adp_2", "adp_1"),
)
_ARRAYS = ("zp_xp", "zm_ym", "zp_xm", "zm_yp")
_SUPPLIES = ("fm340", "mebo_zp", "mebo_zm", "combo")
_RADIO_SUPPLIES = ("radio_1_receiver", "radio_1_transmitter", "radio_2_receiver", "radio_2_transmitter")
_CELL_STEPS_DEGC = (("zp_xp", 1.389), ("zp_xm", 1.492), ("zm_ym", 1.445), ("zm_yp", 1.445))


def _milliwatt_squares() -> Any:
    return converted(BitsInteger(10), lambda raw: raw * raw * 4.78e-7)


def _diodes() -> tuple[Any, ...]:
    steps = (("xp_voltage", 2), ("xm_voltage", 2), ("xp_current", 4), ("xm_current", 4))
    more = (("ym_voltage", 2), ("yp_voltage", 2), ("ym_current", 4), ("yp_current", 4))
    return tuple(f"diode_{name}_raw" / scaled(BitsInteger(8), step) for name, step in (*steps, *more))


_HEAD = ("boot_count" / BitsInteger(12), Padding(4), "frame_count" / BitsInteger(16))

_HOUSEKEEPING = Struct(
    "ax25" / ax25_header(),
    "*"
    / low_bits_first(
        *_HEAD,
        "_type" / BitsInteger(2),
        "obc_boot_count" / BitsInteger(12),
        "last_command_receiver_id" / BitsInteger(1),
        *(f"{flag}_on" / Flag for flag in _FLAGS),
        "last_received_command" / bits_as_hex(64),
        "last_executed_command" / bits_as_hex(64),
        *(f"{side}_{part}_deployed" / Flag for side in _SIDES for part in _DEPLOYED),
        "mode" / enumeration(BitsInteger(4), idle=0, deployment=1, basic=2, science=3, transponder=4),
        "bus_system_voltage_v" / scaled(BitsInteger(8), 0.049),
        "bus_deployment_voltage_v" / scaled(BitsInteger(8), 0.049),
        "obc_temperature_degc" / scaled(BitsInteger(8), 0.685, -55.0),
        *(f"array_{name}_current_a" / scaled(BitsInteger(8), 1.953e-3) for name in _ARRAYS),
        *(f"{name}_current_a" / scaled(BitsInteger(10), 0.395e-3) for name in _SUPPLIES),
        *(f"{name}_current_a" / scaled(BitsInteger(10), 0.395e-3) for name in _RADIO_SUPPLIES),
        "radio_1_forward_power_w" / _milliwatt_squares(),
        "radio_2_forward_power_w" / _milliwatt_squares(),
        "radio_1_reflected_power_w" / _milliwatt_squares(),
        "radio_2_reflected_power_w" / _milliwatt_squares(),
        "radio_1_rssi_dbm" / scaled(BitsInteger(10), 3.23 * -0.32, 905.08, unknown=0),
        "radio_2_rssi_dbm" / scaled(BitsInteger(10), 3.23 * -0.461538, 1174.7692, unknown=0),
        "radio_1_carrier_offset_hz" / scaled(BitsInteger(10), 3.23 * -23.81686, 28_771.0, unknown=0),
        "radio_2_carrier_offset_hz" / scaled(BitsInteger(10), 3.23 * -20.2703, 26_047.0, unknown=0),
        "radio_1_temperature_degc" / scaled(BitsInteger(10), 0.213, -68.1, unknown=0),
        "radio_2_temperature_degc" / scaled(BitsInteger(10), 0.213, -68.1, unknown=0),
        "sun_sensors_1" / bits_as_hex(168),
        "sun_sensors_2" / bits_as_hex(168),
        *_diodes(),
        Padding(4),
    ),
    Terminated,
)

_PAYLOAD = Struct(
    "ax25" / ax25_header(),
    "*"
    / low_bits_first(
        *_HEAD,
        "_type" / BitsInteger(2),
        Padding(6),
        *(f"cell_{name}_curve" / bits_as_hex(128) for name, _ in _CELL_STEPS_DEGC),
        *(
            f"cell_{name}_temperature_degc" / scaled(BitsInteger(8), step, -235.0)
            for name, step in _CELL_STEPS_DEGC
        ),
        *_diodes(),
        "sun_sensors" / bits_as_hex(168),
    ),
    Terminated,
)


def _of_type(number: int, info_bytes: int) -> Callable[[bytes], bool]:
    from_satellite = ax25_from("DLFIC3", info_bytes=info_bytes)
    return lambda payload: from_satellite(payload) and payload[20] & 3 == number


TELEMETRY: tuple[Schema, ...] = (
    ConstructSchema(name="delfi-c3-housekeeping", layout=_HOUSEKEEPING, when=_of_type(2, 106)),
    ConstructSchema(name="delfi-c3-payload", layout=_PAYLOAD, when=_of_type(1, 102)),
)

SATELLITES = (
    Satellite(
        name="Delfi-C3",
        norad_id=32789,
        aliases=("DO-64",),
        callsigns=("DLFIC3",),
        status="re-entered",
        decayed_on="2023-11-13",
        summary="3U of TU Delft; 145.870 MHz BPSK 1200 AX.25",
        transmitters=(
            Transmitter(
                label="145.870 MHz BPSK 1200",
                frequency_hz=145_870_000.0,
                waveform=Bpsk(symbol_rate_bd=1200.0),
                framing=Ax25(),
                schema="delfi-c3-housekeeping",
            ),
            Transmitter(
                label="145.930 MHz beacon",
                frequency_hz=145_930_000.0,
                note="of the linear transponder, 435.530-435.570 MHz up, 145.920-145.880 MHz down",
            ),
        ),
        sources=(
            Source(
                title="SatNOGS DB, satellite",
                url="https://db.satnogs.org/satellite/TNXT-1653-3073-9102-5159",
                date="2026-08-05",
            ),
            Source(title="TU Delft: Delfi-C3", url="https://www.tudelft.nl/lr/delfi-space/delfi-c3"),
            Source(title="JE9PEL frequency list", date="2026-08"),
            Source(title="jradio, delfic3", url="https://github.com/dernasherbrezon/jradio"),
        ),
    ),
)

# fmt: off
TRUTH = (
    Truth(
        schema="delfi-c3-housekeeping",
        payload=bytes.fromhex(
            "A8989B4040400088988C9286660103F0"
            "E108D701DE84D4FF00000000000000000000000000000000FF3FF9F96B0000950053144000003D848403000402A00200"
            "CE03301900F4010000000000000000000000000000000000000000000000000000000000000000000000000000000000"
            "0000165E009F58540A00"
        ),
        origin="dernasherbrezon/jradio, DelfiC3BeaconTest (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "DLFIC3", "ax25_destination": "TLM", "boot_count": 2273, "frame_count": 471,
            "obc_boot_count": 311, "last_command_receiver_id": 0, "emp_on": True, "awp_on": False,
            "rcp_2_on": False, "rcp_1_on": True, "rbp_2_on": False, "rbp_1_on": True, "mdp_2_on": False,
            "mdp_1_on": True, "cep_on": True, "rep_2_on": True, "rep_1_on": True, "mep_2_on": True,
            "mep_1_on": True, "adp_4_on": True, "adp_3_on": True, "adp_2_on": True, "adp_1_on": True,
            "zm_panel_yp_deployed": True, "zp_antenna_yp_deployed": True, "mode": "science",
            "bus_system_voltage_v": 12.201, "bus_deployment_voltage_v": 12.201,
            "obc_temperature_degc": 18.295, "array_zp_xp_current_a": 0.0, "array_zm_ym_current_a": 0.0,
            "array_zp_xm_current_a": 0.290997, "array_zm_yp_current_a": 0.0, "fm340_current_a": 0.032785,
            "mebo_zp_current_a": 0.001975, "mebo_zm_current_a": 0.00158, "combo_current_a": 0.0,
            "radio_1_receiver_current_a": 0.024095, "radio_1_transmitter_current_a": 0.114155,
            "radio_2_receiver_current_a": 0.02212, "radio_2_transmitter_current_a": 0.0,
            "radio_1_forward_power_w": 0.127270368, "radio_1_reflected_power_w": 0.000843192,
            "radio_2_forward_power_w": 0.0, "radio_1_rssi_dbm": -101.6464, "radio_2_rssi_dbm": None,
            "radio_1_carrier_offset_hz": -2231.16849339, "radio_2_carrier_offset_hz": None,
            "radio_1_temperature_degc": 38.4, "diode_xp_voltage_raw": 192, "diode_xm_voltage_raw": 450,
            "diode_xp_current_raw": 20, "diode_xm_current_raw": 960, "diode_ym_voltage_raw": 274,
            "diode_yp_voltage_raw": 138, "diode_ym_current_raw": 660, "diode_yp_current_raw": 0,
        },
    ),
    # The values are worked out by hand from the bytes; nobody has published them.
    Truth(
        schema="delfi-c3-payload",
        payload=bytes.fromhex(
            "A8989B4040400088988C9286660103F0"
            "E108020001010001000100010001000100014300A30000000100520055004D002C000300000000000000000000000000"
            "0000000000010001000100010001000100010001009FAF38FF6F740F14196800B0000000000000000000000000000000"
            "000000000000"
        ),
        origin="dernasherbrezon/jradio, delfi_c3 IQ recording (Apache-2.0): a frame received in orbit",
        real=True,
        fields={
            "ax25_source": "DLFIC3", "boot_count": 2273, "frame_count": 2,
            "cell_zp_xp_curve": "A3004301000100010001000100010001", "cell_zp_xp_temperature_degc": -14.149,
            "cell_zp_xm_temperature_degc": 26.1, "cell_zm_ym_temperature_degc": -154.08,
            "cell_zm_yp_temperature_degc": 133.475, "diode_xp_voltage_raw": 222, "diode_xm_current_raw": 80,
            "diode_yp_current_raw": 704, "sun_sensors": "000000000000000000000000000000000000000000",
        },
    ),
)
# fmt: on
