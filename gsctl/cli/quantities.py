"""Reads what people type: frequencies, positions, times and durations.

Every function takes the text of one option and gives a number, a date or a place in the units its
name says, or raises :class:`~gsctl.errors.UsageError` with an example that works. None reads the
clock: where "now" matters it is an argument.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

from gsctl.errors import UsageError
from gsctl.model import Station

_PREFIXES = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
_FREQUENCY = re.compile(
    r"(?P<number>[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(?P<prefix>[kKmMgG]?)(?:[hH][zZ])?"
)
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_POSITION = re.compile(
    rf"\s*(?P<lat>{_NUMBER})\s*(?P<ns>[nNsS]?)\s*,\s*(?P<lon>{_NUMBER})\s*(?P<ew>[eEwW]?)"
    rf"(?:\s*,\s*(?P<height>{_NUMBER})\s*m?)?\s*"
)
_LOCATOR = re.compile(r"[A-R]{2}[0-9]{2}(?:[A-X]{2}(?:[0-9]{2}(?:[A-X]{2})?)?)?", re.IGNORECASE)
_SPAN = re.compile(
    r"(?:(?P<d>\d+(?:\.\d+)?)d)?(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m(?:in)?)?(?:(?P<s>\d+(?:\.\d+)?)s?)?"
)
_CLOCK_SPAN = re.compile(r"(?:(?P<h>\d+):)?(?P<m>\d{1,2}):(?P<s>\d{2}(?:\.\d+)?)")
_RELATIVE = re.compile(r"(?:now)?\s*(?P<sign>[+-])\s*(?P<span>.+)", re.IGNORECASE)
_UNIX_TIME = re.compile(r"@(?P<seconds>-?\d+(?:\.\d+)?)")

# The axle of the earth sticks out at neither end: below the Dead Sea and above any balloon is a typo.
_HEIGHTS_M = (-500.0, 100_000.0)
_FREQUENCY_EXAMPLES = "write it as 437.365M, 437365k or 437365000"
_POSITION_EXAMPLES = (
    "write LAT,LON[,HEIGHT] as 21.0,105.5,20 (north and east positive) or a locator as OL21sa"
)
_TIME_EXAMPLES = "write it as 2026-06-17T02:30:00Z (UTC unless an offset is given), now or +2h"
_DURATION_EXAMPLES = "write it as 90, 90s, 10m, 1h30m or 00:10:00"


def parse_frequency_hz(text: str) -> float:
    """A frequency or rate above zero in Hz: ``437.365M``, ``437365k``, ``437365000``, ``1.2 GHz``."""
    value = parse_offset_hz(text)
    if value <= 0.0:
        raise UsageError(f"{text!r} is no frequency: it must be above zero", advice=_FREQUENCY_EXAMPLES)
    return value


def parse_offset_hz(text: str) -> float:
    """A frequency in Hz that may be zero or negative: ``-12.5k``.

    The prefix's case is free, because nobody receives millihertz.
    """
    match = _FREQUENCY.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"{text!r} is no frequency", advice=_FREQUENCY_EXAMPLES)
    prefix = match["prefix"]
    scale = _PREFIXES["k" if prefix in "kK" and prefix else prefix.upper()]
    value = float(match["number"].replace("_", "")) * scale
    if not math.isfinite(value):
        raise UsageError(f"{text!r} is no frequency: it is too large", advice=_FREQUENCY_EXAMPLES)
    # 437.365 * 1e6 is 437365000.00000006; a user means what is written, to the micro-hertz.
    return round(value, 6)


def parse_position(text: str, *, name: str = "") -> Station:
    """A place on the ground: ``LAT,LON[,HEIGHT]`` in degrees and metres, or a Maidenhead locator.

    North and east are positive; ``N S E W`` may stand behind the numbers instead. Longitudes up to
    360 are turned to -180..180. The name of the station is ``name``, or the text itself.
    """
    label = name or " ".join(text.split())
    if _LOCATOR.fullmatch(text.strip()):
        latitude_deg, longitude_deg = locator_center(text.strip())
        return Station(name=label, latitude_deg=latitude_deg, longitude_deg=longitude_deg)
    match = _POSITION.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is no position", advice=_POSITION_EXAMPLES)
    latitude_deg = -float(match["lat"]) if match["ns"] in tuple("sS") else float(match["lat"])
    longitude_deg = -float(match["lon"]) if match["ew"] in tuple("wW") else float(match["lon"])
    return checked_station(label, latitude_deg, longitude_deg, float(match["height"] or 0.0))


def checked_station(
    name: str,
    latitude_deg: float,
    longitude_deg: float,
    height_m: float = 0.0,
    horizon: tuple[tuple[float, float], ...] = (),
) -> Station:
    """A station whose numbers are possible; longitude comes out in -180..180.

    Raises:
        UsageError: latitude, longitude or height is out of range.
    """
    if not -90.0 <= latitude_deg <= 90.0:
        raise UsageError(
            f"latitude {latitude_deg:g} is not within -90..90; latitude comes first",
            advice=_POSITION_EXAMPLES,
        )
    if not -180.0 <= longitude_deg <= 360.0:
        raise UsageError(f"longitude {longitude_deg:g} is not within -180..360", advice=_POSITION_EXAMPLES)
    low_m, high_m = _HEIGHTS_M
    if not low_m <= height_m <= high_m:
        raise UsageError(
            f"height {height_m:g} m is not within {low_m:g}..{high_m:g}", advice="give metres above sea level"
        )
    return Station(
        name=name,
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg - 360.0 if longitude_deg > 180.0 else longitude_deg,
        height_m=height_m,
        horizon=horizon,
    )


def locator_center(locator: str) -> tuple[float, float]:
    """Latitude and longitude in degrees of the middle of a Maidenhead square of 4 to 10 characters.

    IARU Region 1, the Maidenhead locator system: letters and digits alternate, longitude first;
    each pair divides the one before by 18 (first), 10 (digits) and 24 (later letters).
    """
    if not _LOCATOR.fullmatch(locator):
        raise UsageError(f"{locator!r} is no Maidenhead locator", advice="write 4 to 10 characters as OL21sa")
    west_deg, south_deg = -180.0, -90.0
    width_deg, height_deg = 360.0, 180.0
    for index in range(0, len(locator), 2):
        divisions, zero = (10, ord("0")) if index % 4 else (18 if index == 0 else 24, ord("A"))
        width_deg /= divisions
        height_deg /= divisions
        west_deg += width_deg * (ord(locator[index].upper()) - zero)
        south_deg += height_deg * (ord(locator[index + 1].upper()) - zero)
    return south_deg + height_deg / 2.0, west_deg + width_deg / 2.0


def parse_time(text: str, *, now: datetime) -> datetime:
    """A time as a datetime in UTC: ISO 8601, ``now``, ``+2h``, ``now-30m`` or ``@UNIX_SECONDS``.

    Args:
        text: a time without a zone is UTC; a date alone is its midnight.
        now: what relative times count from, with a zone.
    """
    wanted = text.strip()
    if wanted.casefold() == "now":
        return now.astimezone(UTC)
    relative = _RELATIVE.fullmatch(wanted)
    unix = _UNIX_TIME.fullmatch(wanted)
    try:
        if relative:
            span = timedelta(seconds=parse_duration_s(relative["span"]))
            return now.astimezone(UTC) + (span if relative["sign"] == "+" else -span)
        if unix:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(unix["seconds"]))
        moment = datetime.fromisoformat(wanted)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no time", advice=_TIME_EXAMPLES) from None


def parse_duration_s(text: str) -> float:
    """A duration above zero in seconds: ``90``, ``90s``, ``10m``, ``1h30m``, ``2d``, ``00:10:00``."""
    wanted = text.strip().casefold().replace(" ", "")
    match = _CLOCK_SPAN.fullmatch(wanted) or _SPAN.fullmatch(wanted)
    if match is None or not wanted:
        raise UsageError(f"{text!r} is no duration", advice=_DURATION_EXAMPLES)
    parts = match.groupdict()
    seconds = sum(
        float(parts.get(unit) or 0.0) * length
        for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
    )
    if not 0.0 < seconds < 1e10:
        raise UsageError(f"{text!r} is no duration above zero", advice=_DURATION_EXAMPLES)
    return seconds
