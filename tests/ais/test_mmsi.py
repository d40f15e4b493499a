"""Kinds of stations by MMSI: the forms of ITU-R M.585 with one example each, and the gaps between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsctl.ais.mmsi import MmsiKind, mmsi_kind


@pytest.mark.parametrize(
    ("mmsi", "kind"),
    [
        (574001234, MmsiKind.SHIP),
        (200000000, MmsiKind.SHIP),
        (799999999, MmsiKind.SHIP),
        (57412345, MmsiKind.SHIP_GROUP),
        (5741234, MmsiKind.COAST_STATION),
        (2734450, MmsiKind.COAST_STATION),
        (111574012, MmsiKind.SAR_AIRCRAFT),
        (857412345, MmsiKind.HANDHELD),
        (970110950, MmsiKind.AIS_SART),
        (972123456, MmsiKind.MAN_OVERBOARD),
        (974123456, MmsiKind.EPIRB_AIS),
        (979123456, MmsiKind.MOBILE_AID),
        (985741234, MmsiKind.AUXILIARY_CRAFT),
        (995741234, MmsiKind.AID_TO_NAVIGATION),
        (0, MmsiKind.UNKNOWN),
        (123456789, MmsiKind.UNKNOWN),
        (1, MmsiKind.UNKNOWN),
        (999999999, MmsiKind.UNKNOWN),  # MID 999 does not exist
        (801234567, MmsiKind.UNKNOWN),
        (8_000_000, MmsiKind.UNKNOWN),
        (1_000_000_000, MmsiKind.UNKNOWN),
        ((1 << 30) - 1, MmsiKind.UNKNOWN),
    ],
)
def test_each_form(mmsi: int, kind: MmsiKind) -> None:
    assert mmsi_kind(mmsi) is kind


@given(st.integers(0, (1 << 30) - 1))
def test_any_number_has_a_kind(mmsi: int) -> None:
    assert isinstance(mmsi_kind(mmsi), MmsiKind)
