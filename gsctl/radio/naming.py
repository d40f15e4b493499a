"""What the names of recordings tell: start time, centre frequency, rate and format, by recording program.

A time counts only where the program states its zone (the ``Z`` of SDR#, HDSDR and SDRuno) or is known to
write UTC (gqrx and satnogs-client, in their sources). SDR Console and SatDump let the user choose the zone
and do not say it in the name: their time stays unknown, with a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_UNIT_HZ = {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9}
_DATE = r"(?P<date>\d{8})_(?P<time>\d{6})"
_FREQUENCY = r"(?P<freq>\d+(?:\.\d+)?)\s?(?P<unit>[kMG]?Hz)"

_WINDOWS = re.compile(
    rf"(?P<program>SDRSharp|HDSDR|SDRuno)_{_DATE}(?P<zone>Z?)_{_FREQUENCY}(?:_(?P<kind>[A-Z]+))?", re.I
)
_GQRX_IQ = re.compile(rf"gqrx_{_DATE}_(?P<freq>\d+)_(?P<rate>\d+)_fc\b", re.I)
_GQRX_AUDIO = re.compile(rf"gqrx_{_DATE}_(?P<freq>\d+)\b", re.I)
_SATNOGS = re.compile(
    r"(?:satnogs|iq|data)_(?P<id>\d+)_(?P<date>\d{4}-\d\d-\d\d)T(?P<time>\d\d-\d\d-\d\d)(?:[+]0000|Z)?", re.I
)
_SATDUMP = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)_(?P<time>\d\d-\d\d-\d\d)(?:-[\d.]+)?_(?P<rate>\d+)SPS_(?P<freq>\d+)Hz", re.I
)
_SDR_CONSOLE = re.compile(
    rf"(?P<date>\d\d-[A-Z][a-z]{{2}}-\d{{4}}) (?P<time>\d{{6}})(?:\.\d+)? {_FREQUENCY}", re.I
)
# Times in SDR++'s names are the user's local ones.
_SDRPP = re.compile(
    r"(?P<kind>baseband|audio)_(?P<freq>\d+)Hz_(?P<time>\d\d-\d\d-\d\d)_(?P<date>\d\d-\d\d-\d{4})", re.I
)
# Whatever program wrote it: a frequency with its unit says what it is.
_ANY_FREQUENCY = re.compile(r"(?<![\d.])(?P<freq>\d{1,11}(?:\.\d{1,9})?) ?(?P<unit>[kMG]?Hz)(?![a-z])", re.I)
_LEAST_HZ = 1e6  # less may be a bandwidth, a tone or a rate
_SATDUMP_FORMATS = {
    "s8": "ci8",
    "cs8": "ci8",
    "s16": "ci16",
    "cs16": "ci16",
    "f32": "cf32",
    "cf32": "cf32",
    "u8": "cu8",
}

# A name gives whole seconds, and the program opens its file some tenths before the first sample.
NAME_TIME_UNCERTAINTY_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class NameFacts:
    """What a file name tells; None or empty where it says nothing.

    Attributes:
        program: the recording program.
        start_time: UTC; None where the name has no time or does not state its zone.
        center_frequency_hz: of the tuner (IQ) or of the channel (audio).
        sample_format: command-line name of the raw format.
        is_audio: the name says that it is demodulated audio.
        doubt: why a time in the name was not used.
    """

    program: str = ""
    start_time: datetime | None = None
    center_frequency_hz: float | None = None
    sample_rate_hz: float | None = None
    sample_format: str | None = None
    is_audio: bool = False
    doubt: str = ""


def _utc(date: str, time: str) -> datetime | None:
    """UTC of digits with any separators; None where they are no time."""
    try:
        digits = re.sub(r"\D", "", date + time)
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def facts_from_name(name: str) -> NameFacts:
    """Read the facts out of a file's name (without folder)."""
    if match := _WINDOWS.match(name):
        stated = bool(match["zone"])
        return NameFacts(
            program=match["program"],
            start_time=_utc(match["date"], match["time"]) if stated else None,
            center_frequency_hz=float(match["freq"]) * _UNIT_HZ[match["unit"].lower()],
            is_audio=(match["kind"] or "").upper() == "AF",
            doubt="" if stated else _doubt(match),
        )
    if match := _GQRX_IQ.match(name):
        return NameFacts(
            program="gqrx",
            start_time=_utc(match["date"], match["time"]),
            center_frequency_hz=float(match["freq"]),
            sample_rate_hz=float(match["rate"]),
            sample_format="cf32",
        )
    if match := _GQRX_AUDIO.match(name):
        start = _utc(match["date"], match["time"])
        return NameFacts(
            program="gqrx", start_time=start, center_frequency_hz=float(match["freq"]), is_audio=True
        )
    if match := _SATNOGS.match(name):
        return NameFacts(program="satnogs-client", start_time=_utc(match["date"], match["time"]))
    if match := _SATDUMP.match(name):
        return NameFacts(
            program="SatDump",
            center_frequency_hz=float(match["freq"]),
            sample_rate_hz=float(match["rate"]),
            sample_format=_SATDUMP_FORMATS.get(name.rpartition(".")[2].lower()),
            doubt=_doubt(match),
        )
    if match := _SDR_CONSOLE.match(name):
        frequency_hz = float(match["freq"]) * _UNIT_HZ[match["unit"].lower()]
        return NameFacts(program="SDR Console", center_frequency_hz=frequency_hz, doubt=_doubt(match))
    if match := _SDRPP.match(name):
        return NameFacts(
            program="SDR++",
            center_frequency_hz=float(match["freq"]),
            is_audio=match["kind"].lower() == "audio",
            doubt=_doubt(match),
        )
    found = {float(m["freq"]) * _UNIT_HZ[m["unit"].lower()] for m in _ANY_FREQUENCY.finditer(name)}
    tuned = [hertz for hertz in found if hertz >= _LEAST_HZ]
    return NameFacts(center_frequency_hz=tuned[0] if len(tuned) == 1 else None)


def _doubt(match: re.Match[str]) -> str:
    """Say that the time in a name has no zone."""
    return (
        f"the name's time {match['date']} {match['time']} states no zone and is not used; give --start-time"
    )
