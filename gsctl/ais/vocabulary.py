"""The words for AIS code numbers (ITU-R M.1371-5, annex 8).

Every function takes the code as broadcast and returns None for the code that means "not
available". Reserved codes keep their number in the word, so nothing is lost.
"""

from __future__ import annotations

NAVIGATION_STATUSES = (
    "under way using engine",
    "at anchor",
    "not under command",
    "restricted manoeuvrability",
    "constrained by her draught",
    "moored",
    "aground",
    "engaged in fishing",
    "under way sailing",
    "reserved (9)",
    "reserved (10)",
    "power-driven vessel towing astern",
    "power-driven vessel pushing ahead or towing alongside",
    "reserved (13)",
    "AIS-SART active",
)
_POSITION_FIXES = {
    1: "GPS",
    2: "GLONASS",
    3: "GPS and GLONASS",
    4: "Loran-C",
    5: "Chayka",
    6: "integrated navigation system",
    7: "surveyed",
    8: "Galileo",
    15: "internal GNSS",
}
_SHIPS_BY_TENS = {
    2: "wing in ground",
    4: "high-speed craft",
    6: "passenger",
    7: "cargo",
    8: "tanker",
    9: "other",
}
_SHIPS_BY_CODE = {
    30: "fishing",
    31: "towing",
    32: "towing, long or wide tow",
    33: "dredging or underwater operations",
    34: "diving operations",
    35: "military operations",
    36: "sailing",
    37: "pleasure craft",
    50: "pilot vessel",
    51: "search and rescue vessel",
    52: "tug",
    53: "port tender",
    54: "anti-pollution equipment",
    55: "law enforcement",
    56: "local vessel (56)",
    57: "local vessel (57)",
    58: "medical transport",
    59: "non-combatant ship",
}
_AIDS = (
    "",
    "reference point",
    "racon",
    "fixed structure off shore",
    "emergency wreck marking buoy",
    "light without sectors",
    "light with sectors",
    "leading light front",
    "leading light rear",
    "beacon, cardinal north",
    "beacon, cardinal east",
    "beacon, cardinal south",
    "beacon, cardinal west",
    "beacon, port hand",
    "beacon, starboard hand",
    "beacon, preferred channel port hand",
    "beacon, preferred channel starboard hand",
    "beacon, isolated danger",
    "beacon, safe water",
    "beacon, special mark",
    "cardinal mark north",
    "cardinal mark east",
    "cardinal mark south",
    "cardinal mark west",
    "port hand mark",
    "starboard hand mark",
    "preferred channel port hand",
    "preferred channel starboard hand",
    "isolated danger",
    "safe water",
    "special mark",
    "light vessel, LANBY or rig",
)


def navigation_status(code: int) -> str | None:
    """The navigation status, 0 to 14; 15 is not available."""
    return NAVIGATION_STATUSES[code] if code < 15 else None


def position_fix(code: int) -> str | None:
    """The kind of position-fixing device; 0 is undefined."""
    return _POSITION_FIXES.get(code, f"reserved ({code})") if code else None


def aid_type(code: int) -> str | None:
    """The kind of aid to navigation, 1 to 31; 0 is not specified."""
    return _AIDS[code] or None


def ship_type(code: int) -> str | None:
    """The kind of ship and cargo, 1 to 255; 0 is not available."""
    if code == 0:
        return None
    if code in _SHIPS_BY_CODE:
        return _SHIPS_BY_CODE[code]
    tens, units = divmod(code, 10)
    group = _SHIPS_BY_TENS.get(tens)
    if group is None:
        return f"reserved ({code})"
    if 1 <= units <= 4:
        return f"{group}, hazardous category {'ABCD'[units - 1]}"
    return f"{group}, reserved ({code})" if 5 <= units <= 8 else group
