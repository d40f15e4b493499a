"""What kind of station an MMSI belongs to (ITU-R M.585, annex 1)."""

from __future__ import annotations

from enum import StrEnum


class MmsiKind(StrEnum):
    """Kinds of maritime identities, by their digits."""

    SHIP = "ship"  # MIDxxxxxx
    SHIP_GROUP = "ship group"  # 0MIDxxxxx
    COAST_STATION = "coast station"  # 00MIDxxxx
    SAR_AIRCRAFT = "SAR aircraft"  # 111MIDxxx
    HANDHELD = "handheld VHF"  # 8MIDxxxxx
    AIS_SART = "AIS-SART"  # 970xxyyyy
    MAN_OVERBOARD = "man overboard device"  # 972xxyyyy
    EPIRB_AIS = "EPIRB-AIS"  # 974xxyyyy
    AUXILIARY_CRAFT = "auxiliary craft"  # 98MIDxxxx
    AID_TO_NAVIGATION = "aid to navigation"  # 99MIDxxxx
    MOBILE_AID = "mobile aid to navigation"  # 979xxyyyy: autonomous maritime radio device, group B
    UNKNOWN = "unknown"  # no form that M.585 knows


_BY_THREE_DIGITS = {
    111: MmsiKind.SAR_AIRCRAFT,
    970: MmsiKind.AIS_SART,
    972: MmsiKind.MAN_OVERBOARD,
    974: MmsiKind.EPIRB_AIS,
    979: MmsiKind.MOBILE_AID,
}


def mmsi_kind(mmsi: int) -> MmsiKind:
    """The kind of station behind an MMSI; ``UNKNOWN`` for what no rule covers, never an error.

    Args:
        mmsi: as broadcast; 30 bits hold up to 1 073 741 823, valid ones have at most 9 digits.
    """
    first_three, first = mmsi // 1_000_000, mmsi // 100_000_000
    if first_three in _BY_THREE_DIGITS:
        return _BY_THREE_DIGITS[first_three]
    if 200 <= first_three < 800:
        return MmsiKind.SHIP
    if first == 8 and 200 <= (mmsi // 100_000) % 1000 < 800:
        return MmsiKind.HANDHELD
    mid_after_two = (mmsi // 10_000) % 1000
    if 200 <= mid_after_two < 800 and mmsi // 10_000_000 in (98, 99, 0):
        leading = mmsi // 10_000_000
        if leading == 98:
            return MmsiKind.AUXILIARY_CRAFT
        return MmsiKind.AID_TO_NAVIGATION if leading == 99 else MmsiKind.COAST_STATION
    if 20 <= mmsi // 1_000_000 < 80:  # a leading zero: 0MIDxxxxx has eight digits
        return MmsiKind.SHIP_GROUP
    return MmsiKind.UNKNOWN
