"""Binary broadcasts that gsctl takes apart: weather and hydrology (two editions), inland ships.

Bit tables from pyais; names, units and what is not available from IMO SN.1/Circ.236 (DAC 1, FID 11),
IMO SN.1/Circ.289 (DAC 1, FID 31) and ECE/TRANS/SC.3/176 (DAC 200, FID 10), as gpsd's AIVDM page has them.
All other applications stay hexadecimal.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from pyais import messages as pyais_messages
from pyais.messages import STR, Payload

from gsctl.ais.bits import AisBits
from gsctl.model import FieldValue

Reader = Callable[[int], FieldValue]


def _value(low: int, high: int, step: float = 1, zero: float = 0.0) -> Reader:
    """Raw values low to high, times step, plus zero; all others are not available."""
    if step == 1:
        return lambda raw: raw + round(zero) if low <= raw <= high else None
    digits = 6 if step < 1e-3 else 2 if step < 0.1 else 1
    return lambda raw: round(raw * step + zero, digits) if low <= raw <= high else None


def _word(*words: str) -> Reader:
    return lambda raw: words[raw] if raw < len(words) else None


_SPEED, _DIRECTION, _DEPTH = _value(0, 126), _value(0, 359), _value(0, 30)
_CURRENT, _WAVE_HEIGHT, _PERIOD = _value(0, 251, 0.1), _value(0, 251, 0.1), _value(0, 60)
_TENDENCY = _word("steady", "decreasing", "increasing")

_WEATHER: dict[str, tuple[str, Reader]] = {
    "lat": ("observation_latitude_deg", _value(-90 * 60_000, 90 * 60_000, 1 / 60_000)),
    "lon": ("observation_longitude_deg", _value(-180 * 60_000, 180 * 60_000, 1 / 60_000)),
    "day": ("observation_day", _value(1, 31)),
    "hour": ("observation_hour", _value(0, 23)),
    "minute": ("observation_minute", _value(0, 59)),
    "wspeed": ("wind_speed_kn", _SPEED),
    "wgust": ("wind_gust_kn", _SPEED),
    "wdir": ("wind_direction_deg", _DIRECTION),
    "wgustdir": ("wind_gust_direction_deg", _DIRECTION),
    "humidity": ("relative_humidity_percent", _value(0, 100)),
    "pressuretend": ("air_pressure_tendency", _TENDENCY),
    "leveltrend": ("water_level_trend", _TENDENCY),
    "cspeed": ("surface_current_speed_kn", _CURRENT),
    "cdir": ("surface_current_direction_deg", _DIRECTION),
    "cspeed2": ("current_2_speed_kn", _CURRENT),
    "cdir2": ("current_2_direction_deg", _DIRECTION),
    "cdepth2": ("current_2_depth_m", _DEPTH),
    "cspeed3": ("current_3_speed_kn", _CURRENT),
    "cdir3": ("current_3_direction_deg", _DIRECTION),
    "cdepth3": ("current_3_depth_m", _DEPTH),
    "waveheight": ("wave_height_m", _WAVE_HEIGHT),
    "waveperiod": ("wave_period_s", _PERIOD),
    "wavedir": ("wave_direction_deg", _DIRECTION),
    "swellheight": ("swell_height_m", _WAVE_HEIGHT),
    "swellperiod": ("swell_period_s", _PERIOD),
    "swelldir": ("swell_direction_deg", _DIRECTION),
    "seastate": ("sea_state_beaufort", _value(0, 12)),
    "ice": ("ice", _word("no", "yes")),
}
_WEATHER_2004 = _WEATHER | {
    "airtemp": ("air_temperature_degc", _value(0, 1200, 0.1, -60.0)),
    "dewpoint": ("dew_point_degc", _value(0, 700, 0.1, -20.0)),
    "pressure": ("air_pressure_hpa", _value(0, 400, 1, 800)),
    "visibility": ("visibility_nmi", _value(0, 250, 0.1)),
    "waterlevel": ("water_level_m", _value(0, 400, 0.1, -10.0)),
    "watertemp": ("water_temperature_degc", _value(0, 600, 0.1, -10.0)),
    "preciptype": (
        "precipitation",
        _word("reserved (0)", "rain", "thunderstorm", "freezing rain", "mixed", "snow"),
    ),
    "salinity": ("salinity_permille", _value(0, 500, 0.1)),
}
_WEATHER_2010 = _WEATHER | {
    "accuracy": ("observation_accuracy_high", bool),
    "airtemp": ("air_temperature_degc", _value(-600, 600, 0.1)),
    "dewpoint": ("dew_point_degc", _value(-200, 500, 0.1)),
    "pressure": ("air_pressure_hpa", _value(0, 402, 1, 799)),
    "visgreater": ("visibility_is_greater", bool),
    "visibility": ("visibility_nmi", _value(0, 126, 0.1)),
    "waterlevel": ("water_level_m", _value(0, 4000, 0.01, -10.0)),
    "watertemp": ("water_temperature_degc", _value(-100, 500, 0.1)),
    "preciptype": (
        "precipitation",
        _word("reserved (0)", "rain", "thunderstorm", "freezing rain", "mixed", "snow"),
    ),
    "salinity": ("salinity_permille", _value(0, 501, 0.1)),
}
_INLAND_SHIP: dict[str, tuple[str, Reader]] = {
    "length": ("length_m", _value(1, 8000, 0.1)),
    "beam": ("beam_m", _value(1, 1000, 0.1)),
    "shiptype": ("eri_ship_type_code", _value(1, 16_383)),
    "hazard": ("blue_cones", _word("0", "1", "2", "3", "B flag")),
    "draught": ("draught_m", _value(1, 2000, 0.01)),
    "loaded": ("loading", lambda raw: {1: "loaded", 2: "unloaded"}.get(raw)),
    "speed_q": ("speed_quality_high", bool),
    "course_q": ("course_quality_high", bool),
    "heading_q": ("heading_quality_high", bool),
}
_APPLICATIONS: dict[tuple[int, int, int], tuple[type[Payload], Mapping[str, tuple[str, Reader]]]] = {
    (8, 1, 11): (pyais_messages.MessageType8Dac1Fid11, _WEATHER_2004),
    (8, 1, 31): (pyais_messages.MessageType8Dac1Fid31, _WEATHER_2010),
    (8, 200, 10): (pyais_messages.MessageType8Dac200Fid10, _INLAND_SHIP),
}
_INLAND = (8, 200, 10)


def application_fields(message_type: int, bits: AisBits) -> dict[str, FieldValue]:
    """The fields of a known application; empty for all others and for a message that ends too early.

    Args:
        message_type: its DAC and FID are read from the bits.
        bits: the whole message.
    """
    if message_type != 8:
        return {}
    key = (message_type, bits.unsigned(40, 10), bits.unsigned(50, 6))
    plan = _plan(key)
    # gpsd's samples hold an inland message of another layout under the same number, known by its length.
    if not plan or bits.count < plan[-1][1] + plan[-1][2] or (key == _INLAND and bits.count != 168):
        return {}
    fields: dict[str, FieldValue] = {}
    if key == _INLAND:
        fields["european_ship_number"] = _text(bits, 56, 8)
    for name, offset, width, signed, read in plan:
        raw = bits.unsigned(offset, width)
        if signed and raw >> (width - 1):
            raw -= 1 << width
        fields[name] = read(raw)
    return fields


@functools.cache
def _plan(key: tuple[int, int, int]) -> tuple[tuple[str, int, int, bool, Reader], ...]:
    if key not in _APPLICATIONS:
        return ()
    message_class, names = _APPLICATIONS[key]
    return tuple(
        (names[name][0], offset, width, signed, names[name][1])
        for name, offset, width, signed, kind, _ in message_class.decoder_plan()
        if name in names and kind != STR
    )


def _text(bits: AisBits, offset: int, characters: int) -> str | None:
    codes = (bits.unsigned(offset + 6 * k, 6) for k in range(characters))
    text = "".join(chr(code + 64 if code < 32 else code) for code in codes)
    return text.partition("@")[0].rstrip() or None
