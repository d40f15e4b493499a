"""Two-line element sets: columns, Alpha-5 numbers, checksums; reading and writing.

Source of the columns and units: NORAD TLE format as CelesTrak documents it
(https://celestrak.org/NORAD/documentation/tle-fmt.php); of Alpha-5: Space-Track,
"Alpha-5 element sets" (a letter but I and O stands for the two leading digits 10 to 33).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from gsctl.errors import ElementsError
from gsctl.model import ElementSet

ALPHA5_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # A is 10, Z is 33; I and O are left out
MAX_TLE_NUMBER = 99_999
MAX_ALPHA5_NUMBER = 339_999
LINE_LENGTH = 69

_PLAIN = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)\s*", re.ASCII)
_EXPONENT = re.compile(r"\s*([+-]?)(\d{0,5})([+-]\d)\s*", re.ASCII)
_LONG_NUMBER = re.compile(r"[12] (\d{6,9})\D")
_DESIGNATOR = re.compile(r"(\d{2})(\d{3})([A-Z]{0,3})", re.ASCII)


def checksum(line: str) -> int:
    """Sum of the digits in the first 68 columns, a minus sign counting one, modulo 10."""
    body = line[: LINE_LENGTH - 1]
    return (sum(int(c) for c in body if c in "0123456789") + body.count("-")) % 10


def parse_alpha5(text: str) -> int:
    """The catalogue number in the five columns of a TLE, plain or Alpha-5.

    Raises:
        ElementsError: the text is neither.
    """
    digits = text.strip()
    if digits.isascii() and digits.isdigit():
        return int(digits)
    if len(digits) == 5 and digits[1:].isascii() and digits[1:].isdigit() and digits[0] in ALPHA5_LETTERS:
        return (ALPHA5_LETTERS.index(digits[0]) + 10) * 10_000 + int(digits[1:])
    raise ElementsError(
        f"catalogue number {text!r} is neither digits nor Alpha-5",
        advice="Alpha-5 is one letter (not I or O) and four digits",
    )


def format_alpha5(norad_id: int) -> str:
    """The five columns for a catalogue number up to 339999.

    Raises:
        ElementsError: the number has no Alpha-5 form.
    """
    if 0 <= norad_id <= MAX_TLE_NUMBER:
        return f"{norad_id:05d}"
    if norad_id <= MAX_ALPHA5_NUMBER:
        return f"{ALPHA5_LETTERS[norad_id // 10_000 - 10]}{norad_id % 10_000:04d}"
    raise ElementsError(f"catalogue number {norad_id} does not fit into a TLE", advice="write OMM instead")


def parse_tle(
    name: str, line1: str, line2: str, *, source: str = "", retrieved_at: datetime | None = None
) -> ElementSet:
    """Read one element set; text after column 69 is ignored.

    Raises:
        ElementsError: a line is short, its checksum is wrong, or a field is no number in its range.
    """
    for number, line in (("1", line1), ("2", line2)):
        _check_line(number, line)
    # Some tools write all in lower case.
    norad_id = parse_alpha5(line1[2:7].upper())
    if parse_alpha5(line2[2:7].upper()) != norad_id:
        raise ElementsError(f"line 1 is of object {line1[2:7].strip()}, line 2 of {line2[2:7].strip()}")
    return ElementSet(
        norad_id=norad_id,
        name=name.strip(),
        cospar_id=_cospar_id(line1[9:17]),
        epoch=_epoch(line1[18:20], line1[20:32]),
        mean_motion_rev_day=_within(_number(line2[52:63], "mean motion"), 0.0, 20.0, "mean motion"),
        eccentricity=_number("0." + line2[26:33].replace(" ", "0"), "eccentricity"),
        inclination_deg=_within(_number(line2[8:16], "inclination"), 0.0, 180.0, "inclination"),
        raan_deg=_number(line2[17:25], "right ascension of the node"),
        argument_of_perigee_deg=_number(line2[34:42], "argument of perigee"),
        mean_anomaly_deg=_number(line2[43:51], "mean anomaly"),
        bstar=_exponent(line1[53:61], "B*"),
        mean_motion_dot=_number(line1[33:43], "mean motion derivative"),
        mean_motion_ddot=_exponent(line1[44:52], "mean motion second derivative"),
        classification=line1[7].strip().upper() or "U",
        ephemeris_type=_integer(line1[62:63]),
        element_set_number=_integer(line1[64:68]),
        revolution_number=_integer(line2[63:68]),
        source=source,
        retrieved_at=retrieved_at,
    )


def _check_line(number: str, line: str) -> None:
    """Length, line number and checksum."""
    if len(line) < LINE_LENGTH:
        raise ElementsError(f"line {number} of the set has {len(line)} columns", advice="a TLE line has 69")
    if line[:2] != f"{number} ":
        raise ElementsError(f"line {number} of the set begins with {line[:2]!r}")
    if long := _LONG_NUMBER.match(line):
        raise ElementsError(
            f"line {number} of the set has a catalogue number of {len(long[1])} digits",
            advice="a TLE has room for five; get these elements as OMM (JSON, CSV or XML)",
        )
    if line[68] != str(checksum(line)):
        raise ElementsError(
            f"checksum of line {number} of the set is {line[68]!r}, should be {checksum(line)}"
        )


def _number(text: str, what: str) -> float:
    if not _PLAIN.fullmatch(text):
        raise ElementsError(f"{what} {text!r} is not a number")
    return float(text)


def _exponent(text: str, what: str) -> float:
    """A number such as `` 12808-3``: assumed decimal point, power of ten after it."""
    match = _EXPONENT.fullmatch(text)
    if match:
        return float(f"{match[1]}0.{match[2] or '0'}e{match[3]}")
    if not text.strip():
        return 0.0
    if _PLAIN.fullmatch(text):  # some writers leave the exponent out, or write a decimal point
        return float(text)
    raise ElementsError(f"{what} {text!r} is not a number")


def _integer(text: str) -> int:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _within(value: float, low: float, high: float, what: str) -> float:
    if not low <= value <= high:
        raise ElementsError(f"{what} {value:g} is not between {low:g} and {high:g}")
    return value


def _epoch(year: str, day: str) -> datetime:
    """UTC from a two-digit year (57 to 99 are of the 20th century) and a day with its fraction."""
    short_year = int(_within(_number(year, "epoch year"), 0, 99, "epoch year"))
    day_of_year = _within(_number(day, "epoch day"), 1.0, 367.0, "epoch day")
    full_year = short_year + (1900 if short_year >= 57 else 2000)
    return datetime(full_year, 1, 1, tzinfo=UTC) + timedelta(days=day_of_year - 1.0)


def _cospar_id(text: str) -> str:
    """``98067A`` as ``1998-067A``; what does not look like one stays as it is."""
    match = _DESIGNATOR.fullmatch(text.strip().upper())
    if not match:
        return text.strip()
    century = 1900 if int(match[1]) >= 57 else 2000
    return f"{century + int(match[1])}-{match[2]}{match[3]}"


def format_tle(elements: ElementSet, *, alpha5: bool = False) -> str:
    """Three lines: name, line 1, line 2, each ended by a newline.

    Raises:
        ElementsError: a value does not fit into its columns; OMM has room for it.
    """
    limit = MAX_ALPHA5_NUMBER if alpha5 else MAX_TLE_NUMBER
    if elements.norad_id > limit:
        advice = "write OMM instead"
        if elements.norad_id <= MAX_ALPHA5_NUMBER:
            advice += ", or allow Alpha-5 numbers"
        raise ElementsError(f"catalogue number {elements.norad_id} does not fit into a TLE", advice=advice)
    number = format_alpha5(elements.norad_id)
    year_start = datetime(elements.epoch.year, 1, 1, tzinfo=UTC)
    day = 1.0 + (elements.epoch - year_start) / timedelta(days=1)
    line1 = (
        f"1 {number}{elements.classification[:1] or 'U'} {_designator(elements.cospar_id):<8} "
        f"{elements.epoch.year % 100:02d}{day:012.8f} {_dot(elements.mean_motion_dot)} "
        f"{_format_exponent(elements.mean_motion_ddot)} {_format_exponent(elements.bstar)} "
        f"{elements.ephemeris_type % 10} {elements.element_set_number % 10_000:4d}"
    )
    eccentricity = min(round(elements.eccentricity * 1e7), 9_999_999)
    line2 = (
        f"2 {number} {elements.inclination_deg:8.4f} {elements.raan_deg % 360.0:8.4f} {eccentricity:07d} "
        f"{elements.argument_of_perigee_deg % 360.0:8.4f} {elements.mean_anomaly_deg % 360.0:8.4f} "
        f"{elements.mean_motion_rev_day:11.8f}{elements.revolution_number % 100_000:5d}"
    )
    if len(line1) != LINE_LENGTH - 1 or len(line2) != LINE_LENGTH - 1:
        raise ElementsError(f"{elements.name}: a value is too large for a TLE", advice="write OMM instead")
    return f"{elements.name}\n{line1}{checksum(line1)}\n{line2}{checksum(line2)}\n"


def _designator(cospar_id: str) -> str:
    year, dash, piece = cospar_id.partition("-")
    return f"{year[2:]}{piece}"[:8] if dash and len(year) == 4 else cospar_id[:8]


def _dot(value: float) -> str:
    if abs(value) >= 1.0:
        raise ElementsError(
            f"mean motion derivative {value:g} does not fit into a TLE", advice="write OMM instead"
        )
    return f"{'-' if value < 0 else ' '}{f'{abs(value):.8f}'[1:]}"


def _format_exponent(value: float) -> str:
    """Eight columns: sign, five digits, exponent."""
    if value == 0.0:
        return " 00000-0"
    digits, exponent = f"{abs(value):.4e}".split("e")
    power = int(exponent) + 1
    if power < -9:
        return " 00000-0"
    if power > 9:
        raise ElementsError(f"value {value:g} does not fit into a TLE", advice="write OMM instead")
    return f"{'-' if value < 0 else ' '}{digits.replace('.', '')}{power:+d}"
