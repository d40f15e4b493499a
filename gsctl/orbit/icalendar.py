"""Passes as an iCalendar file (RFC 5545), for calendar programs.

A pass keeps its UID when it is predicted again with newer elements or from a later start, so that a
calendar that imports both shows it once: the UID holds the half hour of its TCA, not the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from gsctl.model import Pass

LINE_BYTES = 75  # RFC 5545, section 3.1
_UID_STEP_S = 1800


def format_icalendar(passes: Iterable[Pass], *, now: datetime, names: Mapping[int, str] | None = None) -> str:
    """One event a pass, from AOS to LOS.

    Args:
        passes: what to write.
        now: the stamp of the events.
        names: of the satellites by catalogue number, in place of the element sets' names.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//gsctl//passes//EN", "CALSCALE:GREGORIAN"]
    taken: dict[str, int] = {}
    for one in passes:
        name = (names or {}).get(one.norad_id, one.satellite)
        words = (
            f"{one.norad_id}: AOS {one.aos:%H:%M:%S} UTC at azimuth {one.aos_azimuth_deg:.0f}, "
            f"TCA {one.tca:%H:%M:%S} at elevation {one.max_elevation_deg:.1f}, "
            f"LOS {one.los:%H:%M:%S} at azimuth {one.los_azimuth_deg:.0f}"
            f"{', cut by the window' if one.clipped else ''}; "
            f"elements of {one.elements_epoch:%Y-%m-%d %H:%M} UTC"
        )
        station = one.station
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_uid(one, taken)}",
            f"DTSTAMP:{_stamp(now)}",
            f"DTSTART:{_stamp(one.aos)}",
            # Whole seconds: the event covers the pass, and its end is later than its start (section 3.6.1).
            f"DTEND:{_stamp(one.los.replace(microsecond=0) + timedelta(seconds=1))}",
            f"SUMMARY:{_escaped(f'{name} {one.max_elevation_deg:.0f}°')}",
            f"DESCRIPTION:{_escaped(words)}",
            f"LOCATION:{_escaped(station.name)}",
            f"GEO:{station.latitude_deg:.6f};{station.longitude_deg:.6f}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) for line in lines)


def _uid(one: Pass, taken: dict[str, int]) -> str:
    """Of object, place and half hour; ``taken`` counts the passes that share one, as beside a tower."""
    half_hour = datetime.fromtimestamp(one.tca.timestamp() // _UID_STEP_S * _UID_STEP_S, UTC)
    place = f"{one.station.latitude_deg:.4f}{one.station.longitude_deg:+.4f}"
    uid = f"{one.norad_id}-{half_hour:%Y%m%dT%H%MZ}-{place}"
    taken[uid] = taken.get(uid, 0) + 1
    return f"{uid}{f'-{taken[uid]}' if taken[uid] > 1 else ''}@gsctl"


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    """Text of a property (section 3.3.11); other control characters are dropped."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return "".join(c for c in text if c.isprintable())


def _folded(line: str) -> str:
    """A content line folded at 75 octets without cutting a character."""
    out, width = [], 0
    for character in line:
        size = len(character.encode())
        if width + size > LINE_BYTES:
            out.append("\r\n ")
            width = 1
        out.append(character)
        width += size
    return "".join(out) + "\r\n"
