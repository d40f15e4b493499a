"""Orbit mean-elements messages (CCSDS 502.0-B-2, section 4): JSON, CSV, XML and KVN.

CelesTrak's JSON has numbers and Space-Track's has strings; both are read. Keywords are those
of the standard (tables 4-1 to 4-3). Every reader yields ``(line, set or error)`` in the order of
the text, so that one bad message does not lose the others.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from xml.parsers import expat

from gsctl.coding.jsontext import Broken, JsonText
from gsctl.errors import ElementsError
from gsctl.model import ElementSet
from gsctl.orbit.tle import parse_tle

Outcome = tuple[int, ElementSet | ElementsError]

MAX_NORAD_ID = 999_999_999
MU_WGS72_KM3_S2 = 398_600.8
CSV_COLUMNS = (
    "OBJECT_NAME", "OBJECT_ID", "EPOCH", "MEAN_MOTION", "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER", "MEAN_ANOMALY", "EPHEMERIS_TYPE", "CLASSIFICATION_TYPE", "NORAD_CAT_ID",
    "ELEMENT_SET_NO", "REV_AT_EPOCH", "BSTAR", "MEAN_MOTION_DOT", "MEAN_MOTION_DDOT",
)  # fmt: skip
# Names of the satellite and of the two lines in JSON.
_TLE_KEYS = (("TLE0", "TLE1", "TLE2"), ("TLE_LINE0", "TLE_LINE1", "TLE_LINE2"), ("NAME", "LINE1", "LINE2"))
_DAY_OF_YEAR = re.compile(r"(\d{4})-(\d{3})T(\d\d):(\d\d):(\d\d(?:\.\d*)?)Z?", re.ASCII)
_MOST_FIELDS = 200  # of one message
_XML_PIECE = 1 << 16  # characters; what a piece completes is handed on before the next
_XML_DEPTH = 50
_XML_TAG_BYTES = 1 << 20  # the parser reads a tag from its beginning again with each piece
_UNIT = re.compile(r"\s*\[[^\]]*\]\s*$")


def parse_epoch(text: str) -> datetime:
    """UTC from an ISO 8601 or a day-of-year time; more than six decimals are rounded off.

    Raises:
        ElementsError: the text is no time.
    """
    try:
        if len(text) == 26:  # the common case; anything else takes the careful way
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        match = _DAY_OF_YEAR.fullmatch(text)
        if match:
            day = timedelta(days=int(match[2]) - 1, hours=int(match[3]), minutes=int(match[4]))
            return datetime(int(match[1]), 1, 1, tzinfo=UTC) + day + timedelta(seconds=float(match[5]))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise ElementsError(f"EPOCH {text[:40]!r} is not a time") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _float(fields: Mapping[str, object], key: str, default: float | None = None) -> float:
    value = fields.get(key)
    if value is None or value == "":
        if default is None:
            raise ElementsError(f"{key} is missing")
        return default
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError) as error:
        raise ElementsError(f"{key} {str(value)[:40]!r} is not a number") from error
    if not math.isfinite(number):
        raise ElementsError(f"{key} is {number}")
    return number


def _text(fields: Mapping[str, object], key: str, default: str = "") -> str:
    value = fields.get(key)
    return default if value is None else str(value).strip()[:100]


def from_fields(
    fields: Mapping[str, object], *, source: str = "", retrieved_at: datetime | None = None
) -> ElementSet:
    """Make an element set from OMM keywords with values as numbers or text.

    Raises:
        ElementsError: a keyword is missing, no number, out of range, or of another theory than SGP4.
    """
    theory = _text(fields, "MEAN_ELEMENT_THEORY", "SGP4").upper()
    ephemeris_type = int(_float(fields, "EPHEMERIS_TYPE", 0.0))
    if theory not in ("SGP4", "SGP", "SGP4/SDP4", "SGP/SGP4", "") or ephemeris_type == 4:
        raise ElementsError(
            f"elements of {theory} type {ephemeris_type}", advice="gsctl propagates SGP4 elements"
        )
    number = _float(fields, "NORAD_CAT_ID")
    if not 0 <= number <= MAX_NORAD_ID or number != int(number):
        raise ElementsError(f"NORAD_CAT_ID {number:g} is not a number of 1 to 9 digits")
    eccentricity = _float(fields, "ECCENTRICITY")
    if not 0.0 <= eccentricity < 1.0:
        raise ElementsError(f"ECCENTRICITY {eccentricity:g} is not of a closed orbit")
    return ElementSet(
        norad_id=int(number),
        name=_text(fields, "OBJECT_NAME"),
        cospar_id=_text(fields, "OBJECT_ID"),
        epoch=parse_epoch(_text(fields, "EPOCH")),
        mean_motion_rev_day=_mean_motion(fields),
        eccentricity=eccentricity,
        inclination_deg=_float(fields, "INCLINATION"),
        raan_deg=_float(fields, "RA_OF_ASC_NODE"),
        argument_of_perigee_deg=_float(fields, "ARG_OF_PERICENTER"),
        mean_anomaly_deg=_float(fields, "MEAN_ANOMALY"),
        bstar=_float(fields, "BSTAR", 0.0),
        mean_motion_dot=_float(fields, "MEAN_MOTION_DOT", 0.0),
        mean_motion_ddot=_float(fields, "MEAN_MOTION_DDOT", 0.0),
        classification=_text(fields, "CLASSIFICATION_TYPE", "U")[:1] or "U",
        ephemeris_type=ephemeris_type,
        element_set_number=int(_float(fields, "ELEMENT_SET_NO", 999.0)),
        revolution_number=int(_float(fields, "REV_AT_EPOCH", 0.0)),
        source=source,
        retrieved_at=retrieved_at,
    )


def _mean_motion(fields: Mapping[str, object]) -> float:
    """MEAN_MOTION, or from SEMI_MAJOR_AXIS (km), which the standard allows in its place."""
    if fields.get("MEAN_MOTION") in (None, "") and fields.get("SEMI_MAJOR_AXIS"):
        axis_km = _float(fields, "SEMI_MAJOR_AXIS")
        motion = math.sqrt(MU_WGS72_KM3_S2 / max(axis_km, 1.0) ** 3) * 86_400.0 / math.tau
    else:
        motion = _float(fields, "MEAN_MOTION")
    if not 0.0 < motion <= 20.0:
        raise ElementsError(f"MEAN_MOTION {motion:g} is not between 0 and 20 revolutions a day")
    return motion


Maker = Callable[[Mapping[str, object]], ElementSet]


def _attempt(line: int, make: Maker, fields: Mapping[str, object]) -> Outcome:
    try:
        return line, make(fields)
    except ElementsError as error:
        return line, error


def read_csv(lines: Iterable[str], make: Maker, delimiter: str = ",") -> Iterator[Outcome]:
    """One message a row under a header of OMM keywords; unknown columns are ignored.

    No value has lines of its own, so a quote that nobody closes ends with its line.
    """
    header: list[str] = []
    for number, line in enumerate(lines, 1):
        try:
            row = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error as error:
            yield number, ElementsError(f"not CSV ({error})")
            continue
        if not row:
            continue
        if not header:
            header = [cell.strip().upper() for cell in row]
        elif len(row) < len(header):
            yield number, ElementsError(f"{len(row)} cells, the header has {len(header)}")
        else:
            yield _attempt(number, make, dict(zip(header, row, strict=False)))


def read_json(pieces: Iterable[str], make: Maker) -> Iterator[Outcome]:
    """One message or a list of them; objects with the lines of a TLE are read too, and lists in a page."""
    for line, thing in JsonText(pieces).values():
        if isinstance(thing, Broken):
            yield line, ElementsError(f"not JSON ({thing.reason})")
        elif isinstance(thing, dict):
            for part in _parts(thing):
                yield _attempt(line, make, part)


def from_json_object(
    fields: Mapping[str, object], *, source: str = "", retrieved_at: datetime | None = None
) -> ElementSet:
    """An OMM object, or one that holds a TLE: of SatNOGS DB, Space-Track, or a TLE service.

    The case of its keywords does not matter.

    Raises:
        ElementsError: as ``from_fields`` and ``parse_tle``.
    """
    upper = {str(key).upper(): value for key, value in fields.items()}
    for name, line1, line2 in _TLE_KEYS:
        if "MEAN_MOTION" not in upper and line1 in upper and line2 in upper:
            title = _text(upper, name).removeprefix("0 ")
            lines = str(upper[line1]), str(upper[line2])
            return parse_tle(title, *lines, source=source, retrieved_at=retrieved_at)
    return from_fields(upper, source=source, retrieved_at=retrieved_at)


def _parts(fields: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The objects in the lists of a page around them; the object itself where there are none."""
    lists = (value for value in fields.values() if isinstance(value, list))
    return [part for value in lists for part in value if isinstance(part, dict)] or [fields]


def read_xml(text: str, make: Maker) -> Iterator[Outcome]:
    """OMM in XML, one or several ``<omm>`` in an ``<ndm>``; document types are refused (hostile)."""
    reader, given = _XmlReader(make), 0
    for begin in range(0, len(text) + 1, _XML_PIECE):
        piece = text[begin : begin + _XML_PIECE]
        try:
            reader.parser.Parse(piece, begin + _XML_PIECE > len(text))
            given += len(piece.encode("utf-8", "replace"))
            if given - reader.parser.CurrentByteIndex > _XML_TAG_BYTES:
                raise ElementsError("a tag without an end")
        except expat.ExpatError as error:
            what = f"not XML ({expat.errors.messages[error.code]})"
            reader.outcomes.append((error.lineno, ElementsError(what)))
            break
        except ElementsError as error:
            reader.outcomes.append((reader.parser.CurrentLineNumber, error))
            break
        finally:
            yield from reader.outcomes
            reader.outcomes.clear()


class _XmlReader:
    """Gathers the fields of each segment; tags stay open to a bounded depth, as the parser keeps them."""

    def __init__(self, make: Maker) -> None:
        self.make = make
        self.outcomes: list[Outcome] = []
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._fields: dict[str, object] = {}
        self._words: list[str] = []
        self._begun = self._depth = 0

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _XML_DEPTH:
            raise ElementsError("nested too deeply for an element set")
        self._words.clear()
        if tag.rpartition(":")[2] == "segment":
            self._fields.clear()
            self._begun = self.parser.CurrentLineNumber

    def _end(self, tag: str) -> None:
        self._depth -= 1
        name = tag.rpartition(":")[2]
        if name == "segment":
            self.outcomes.append(_attempt(self._begun, self.make, dict(self._fields)))
        elif len(self._fields) < _MOST_FIELDS:
            self._fields.setdefault(name.upper(), "".join(self._words).strip())
        self._words.clear()

    def _text(self, text: str) -> None:
        self._words.append(text)

    @staticmethod
    def _refuse(*_: object) -> None:
        raise ElementsError("a document type declaration", advice="OMM needs none")


def read_kvn(lines: Iterable[str], make: Maker) -> Iterator[Outcome]:
    """``KEY = VALUE`` lines; a message begins with CCSDS_OMM_VERS."""
    fields: dict[str, object] = {}
    begun = 0
    for number, line in enumerate(lines, 1):
        key, equals, value = line.partition("=")
        key = key.strip().upper()
        if not equals or key.startswith("COMMENT"):
            continue
        if key == "CCSDS_OMM_VERS":
            if fields:
                yield _attempt(begun, make, fields)
            fields, begun = {}, number
        if len(fields) < _MOST_FIELDS:
            fields[key] = _UNIT.sub("", value).strip()
    if fields:
        yield _attempt(begun or 1, make, fields)


def to_fields(elements: ElementSet) -> dict[str, str | int | float]:
    """The OMM keywords of one set, in CelesTrak's order and units."""
    values = (
        elements.name, elements.cospar_id, f"{elements.epoch.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}",
        elements.mean_motion_rev_day, elements.eccentricity, elements.inclination_deg, elements.raan_deg,
        elements.argument_of_perigee_deg, elements.mean_anomaly_deg, elements.ephemeris_type,
        elements.classification, elements.norad_id, elements.element_set_number, elements.revolution_number,
        elements.bstar, elements.mean_motion_dot, elements.mean_motion_ddot,
    )  # fmt: skip
    return dict(zip(CSV_COLUMNS, values, strict=True))


def format_json(sets: Sequence[ElementSet]) -> str:
    """A JSON list of OMM objects with numbers, one object a line."""
    return "[\n" + ",\n".join(json.dumps(to_fields(s), ensure_ascii=False) for s in sets) + "\n]\n"


def format_csv(sets: Sequence[ElementSet]) -> str:
    """OMM CSV with CelesTrak's columns."""
    out = io.StringIO()
    rows = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\n")
    rows.writeheader()
    rows.writerows(to_fields(s) for s in sets)
    return out.getvalue()
