"""The unit suffixes that end the name of every numeric field of a record.

The list is closed so that a column's unit can be read by a program. A quantity
whose unit is not public ends in ``_raw``; a number without a unit ends in one
of the words of ``PLAIN_SUFFIXES``, which say what kind of number it is.
"""

from __future__ import annotations

UNIT_SUFFIXES = (
    *("hz", "bd", "s", "m", "m_s", "m_s2", "deg", "deg_s", "rad", "rad_s", "rpm", "db", "dbm", "dbfs"),
    *("v", "a", "w", "ah", "wh", "ohm", "f", "t", "am2", "nms", "lux", "pa", "degc", "k", "sv_h", "gy"),
    *("kn", "bytes", "bits", "percent", "ppm", "bit_s"),
)
PLAIN_SUFFIXES = (
    *("count", "number", "id", "index", "code", "mask", "raw", "ratio", "level", "mmsi", "version", "type"),
)

_SUFFIXES = tuple(sorted((f"_{unit}" for unit in (*UNIT_SUFFIXES, *PLAIN_SUFFIXES)), key=len, reverse=True))
_NAMES = frozenset((*UNIT_SUFFIXES, *PLAIN_SUFFIXES))


def split_unit(name: str) -> tuple[str, str]:
    """Split a field name into stem and suffix: ``bus_voltage_v`` gives ``("bus_voltage", "_v")``.

    The suffix is empty where the name ends in none; a name that is itself a
    suffix, such as ``mmsi``, has an empty stem.
    """
    if name in _NAMES:
        return "", name
    for suffix in _SUFFIXES:
        if name.endswith(suffix):
            return name[: -len(suffix)], suffix
    return name, ""


def indexed(name: str, index: int) -> str:
    """The name of one item of a list, its unit still last: ``panel_v`` gives ``panel_0_v``."""
    stem, suffix = split_unit(name)
    return f"{stem}_{index}{suffix}" if stem else f"{name}_{index}"
