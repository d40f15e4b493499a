"""Raw sample formats: their names, their bytes, and how they become samples of full scale 1.0.

Names are those of the command line (``cu8``, ``ci16``, ``f32``); SigMF's datatypes (``ci16_le``;
SigMF 1.2, "Dataset Format") map onto them, with a byte order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gsctl.errors import RecordingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Spectra of float samples beyond some 1e11 overflow in single precision when squared: no radio gives them,
# and integers of 32 bits that were never scaled stay below.
LARGEST_SAMPLE = 1e10


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFormat:
    """How one number of a sample is stored.

    Attributes:
        name: command-line name, such as ``ci16``.
        dtype: numpy's code of one component, with byte order; ``i3`` stands for packed 24 bits.
        is_complex: two components make a sample, in-phase first.
        offset: subtracted before scaling; the middle of an unsigned range.
        full_scale: the component value that becomes 1.0.
    """

    name: str
    dtype: str
    is_complex: bool
    offset: float = 0.0
    full_scale: float = 1.0

    @property
    def component_bytes(self) -> int:
        """Bytes of one component."""
        return int(self.dtype[-1])

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample."""
        return self.component_bytes * (2 if self.is_complex else 1)


def _pair(kind: str, dtype: str, offset: float, full_scale: float) -> dict[str, SampleFormat]:
    """The real and the complex format of one component type."""
    return {
        prefix + kind: SampleFormat(
            name=prefix + kind, dtype=dtype, is_complex=prefix == "c", offset=offset, full_scale=full_scale
        )
        for prefix in ("", "c")
    }


FORMATS: dict[str, SampleFormat] = {
    **_pair("u8", "|u1", 127.5, 127.5),
    **_pair("i8", "|i1", 0.0, 128.0),
    **_pair("u16", "<u2", 32767.5, 32767.5),
    **_pair("i16", "<i2", 0.0, 32768.0),
    **_pair("i24", "<i3", 0.0, 8388608.0),
    **_pair("i32", "<i4", 0.0, 2147483648.0),
    **_pair("f32", "<f4", 0.0, 1.0),
    **_pair("f64", "<f8", 0.0, 1.0),
}

# What other programs call them.
_ALIASES = {
    "s8": "i8", "cs8": "ci8", "s16": "i16", "cs16": "ci16", "sc16": "ci16", "fc32": "cf32",
    "s24": "i24", "s32": "i32", "cs32": "ci32", "int16": "i16", "float": "f32", "cfile": "cf32",
    "float32": "f32", "complex64": "cf32", "rf32": "f32", "ri16": "i16", "ri8": "i8", "ru8": "u8",
}  # fmt: skip

OFFERED = "u8, i16, f32, cu8, ci8, ci16, cf32"

_SIGMF = re.compile(r"(?P<domain>[rc])(?P<kind>[fiu])(?P<bits>8|16|32|64)(?P<order>_le|_be)?\Z")


def parse_sample_format(text: str, *, where: str = "--sample-format") -> SampleFormat:
    """Find a format by its command-line name; case is ignored.

    Raises:
        RecordingError: no such format.
    """
    name = re.sub(r"_?le$", "", text.strip().lower())  # SigMF's and ffmpeg's names of what is the default
    name = _ALIASES.get(name, name)
    if name not in FORMATS:
        raise RecordingError(f"unknown sample format {text!r}", where=where, advice=f"one of {OFFERED}")
    return FORMATS[name]


def parse_sigmf_datatype(text: object, *, where: str) -> SampleFormat:
    """Translate ``core:datatype``, such as ``ci16_le`` (SigMF 1.2, "Dataset Format").

    Raises:
        RecordingError: not a datatype, or one gsctl does not read.
    """
    match = _SIGMF.match(text) if isinstance(text, str) else None
    name = f"{'c' if match['domain'] == 'c' else ''}{match['kind']}{match['bits']}" if match else ""
    base = FORMATS.get(name)
    # The standard wants the order of bytes; who leaves it out has a machine of today.
    if match is None or base is None:
        raise RecordingError(
            f"core:datatype {text!r} is not one gsctl reads",
            where=where,
            advice="ci16_le, cf32_le, cu8, rf32_le",
        )
    if match["order"] != "_be":
        return base
    return SampleFormat(
        name=base.name,
        dtype=base.dtype.replace("<", ">"),
        is_complex=base.is_complex,
        offset=base.offset,
        full_scale=base.full_scale,
    )


def components(raw: bytes | bytearray | memoryview, form: SampleFormat) -> NDArray[np.float32]:
    """Convert whole components to (n,) float32 of full scale 1.0; a rest of a component is ignored."""
    import numpy as np

    count = len(raw) // form.component_bytes
    if form.dtype.endswith("i3"):
        bytes_ = np.frombuffer(raw, np.uint8, count * 3).reshape(count, 3)
        wide = np.zeros((count, 4), np.uint8)
        wide[:, 1:] = bytes_  # the three bytes become the upper ones, which keeps the sign
        values = wide.reshape(-1).view("<i4").astype(np.float32)
        return values * np.float32(1.0 / (256.0 * form.full_scale))
    stored = np.frombuffer(raw, np.dtype(form.dtype), count)
    with np.errstate(over="ignore", invalid="ignore"):  # what does not fit becomes inf and is counted later
        values = stored.astype(np.float32)
        if form.offset:
            values -= np.float32(form.offset)
        if form.full_scale != 1.0:
            values *= np.float32(1.0 / form.full_scale)
    return values


def zero_unusable(values: NDArray[np.float32]) -> int:
    """Zero NaN, infinities and absurd values of (n,) ``values`` in place; returns how many there were."""
    import numpy as np

    # The extremes tell the usual case without a copy; NaN is passed on, and no comparison with it is true.
    if not values.size or (values.max() <= LARGEST_SAMPLE and values.min() >= -LARGEST_SAMPLE):
        return 0
    bad = ~(np.abs(values) <= LARGEST_SAMPLE)
    values[bad] = 0.0
    return int(np.count_nonzero(bad))
