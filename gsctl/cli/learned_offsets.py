"""What earlier runs learned of radios and transmitters, for the commands: where it is kept, and told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from gsctl.cli.console import tell, warn
from gsctl.cli.places import state_dir

if TYPE_CHECKING:
    from gsctl.radio.learned import LearnedOffsets
    from gsctl.radio.tuning import RadioState

FILE_NAME = "learned.json"
SHARED_SERIAL = "another radio here has the serial number of this one"


@cache
def learned_offsets() -> LearnedOffsets:
    """The user's file of learned offsets, read once in a run."""
    from gsctl.radio.learned import LearnedOffsets

    return LearnedOffsets(state_dir() / FILE_NAME, warn)


def learned_ppm() -> Mapping[str, float]:
    """Clock errors of radios that were calibrated, by device key."""
    return {key: found.ppm for key, found in learned_offsets().devices.items()}


def tell_clock_error(state: RadioState, told_ppm: float | None) -> bool:
    """Say which clock error is taken out of a radio that was opened.

    Args:
        state: what the radio took.
        told_ppm: what option or configuration say; None where they do not.

    Returns:
        Whether the radio's clock error is known at all.
    """
    if told_ppm is not None:
        return True
    if state.ambiguous:
        tell(
            f"{SHARED_SERIAL}, so nothing learned of it is used or kept; "
            "rtl_eeprom -s gives an RTL-SDR a number of its own"
        )
        return False
    found = learned_offsets().devices.get(state.device_key)
    if found is None:
        tell("the error of this radio's clock is not known; gsctl sdr calibrate finds it")
        return False
    tell(f"taking out the clock error of {state.device_key}: {describe(found.ppm, found.uncertainty_ppm)}, "
         f"{by_what(found.method, found.ships)}, {age_of(found.measured_at)} old")  # fmt: skip
    return True


def describe(ppm: float, uncertainty_ppm: float) -> str:
    """``+1.70 +- 0.20 ppm``."""
    return f"{ppm:+.2f} +- {uncertainty_ppm:.2f} ppm"


def by_what(method: str, ships: int) -> str:
    """How a clock error was found, for people."""
    if method == "ais":
        return f"by the AIS carriers of {ships} ship{'' if ships == 1 else 's'}"
    return "by this machine's clock"


def age_of(moment: datetime) -> str:
    """How long ago something was, in one unit."""
    seconds = max(0.0, (datetime.now(UTC) - moment).total_seconds())
    for unit_s, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= unit_s:
            count = round(seconds / unit_s)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "a minute"
