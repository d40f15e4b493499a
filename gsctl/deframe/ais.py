"""AIS messages (ITU-R M.1371-5, annex 2) out of soft bits.

HDLC as in AX.25, without addresses: what a 16-bit check lets through by chance must be told by the
message itself. Its type must exist, its length be one that the type has, its MMSI one that is given
out; and the bits must have been heard well enough that the check means something.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gsctl.coding import hdlc_burst_kernels as kernels
from gsctl.deframe import DeframeOptions
from gsctl.deframe.hdlc import HdlcFrame, HdlcLine, HdlcParameters
from gsctl.deframe.hdlc_kernels import decode_line, find_flags
from gsctl.framing import Ais
from gsctl.model import Frame, SoftBits, StageCounters

FCS_BYTES = 2
# Shortest and longest message in bytes as sent, by type (M.1371-5, annex 8): bits are filled up to
# whole bytes. Type 16 tells one or two stations, type 24 has a part A of 160 or 168 bits, type 27 is
# met with 96 and with 168.
LENGTHS_BYTES: dict[int, tuple[int, int]] = {
    **dict.fromkeys((1, 2, 3, 4, 9, 11, 18, 22), (21, 21)),
    5: (53, 54),
    6: (9, 126),
    7: (9, 21),
    8: (7, 126),
    10: (9, 9),
    12: (9, 126),
    13: (9, 21),
    14: (5, 126),
    15: (11, 20),
    16: (12, 18),
    17: (10, 102),
    19: (39, 39),
    20: (9, 20),
    21: (34, 45),
    23: (20, 20),
    24: (20, 21),
    25: (5, 21),
    26: (7, 133),
    27: (12, 21),
}
FIXED_BYTES = {**dict.fromkeys((1, 2, 3, 4, 9, 11, 18), 21), 5: 53, 19: 39, 27: 12}
# Training sequence and flag are over by then, whatever goes before them.
_OPENING_BITS = 60
MIN_BYTES = min(shortest for shortest, _ in LENGTHS_BYTES.values()) + FCS_BYTES
MAX_BYTES = max(longest for _, longest in LENGTHS_BYTES.values()) + FCS_BYTES

# Wrong line bits to be expected by the soft values, as a share: noise gives 0.1 and more, the
# faintest frame that the check can still vouch for less than 0.04.
_HEARD = 0.07
# The same for a frame that was repaired, which had some hundred chances to fit.
_REPAIRED = 0.05


def is_ais_length(message: bytes) -> bool:
    """Whether the first six bits are a message type and the length is one that it has."""
    shortest, longest = LENGTHS_BYTES.get(message[0] >> 2 if message else 0, (1, 0))
    return shortest <= len(message) <= longest


def mmsi_of(message: bytes) -> int:
    """The 30 bits after type and repeat indicator of a message of at least five bytes."""
    return int.from_bytes(message[:5], "big") >> 2 & (1 << 30) - 1


def is_assigned_mmsi(mmsi: int) -> bool:
    """Whether the digits are of a kind that is given out (ITU-R M.585-9, annex 1 and 2).

    A country's three digits begin with 2 to 7. They stand first in a ship's number, behind 0 or 00
    in that of a group or a coast station, behind 111, 8, 98 or 99 in those of aircraft, handheld
    radios, boats of a ship and aids to navigation; 970, 972 and 974 are beacons.
    """
    if mmsi > 999_999_999:
        return False
    digits = f"{mmsi:09d}"
    if digits[:3] in ("970", "972", "974"):
        return True
    for prefix in ("00", "0", "111", "8", "98", "99", ""):
        if digits.startswith(prefix) and "2" <= digits[len(prefix)] <= "7":
            return True
    return False


class AisDeframer:
    """Soft line bits to AIS messages; see ``gsctl.deframe.Deframer``.

    ``Frame.payload`` is the message in field order without FCS, filled up to whole bytes.
    """

    def __init__(self, framing: Ais, options: DeframeOptions, counters: StageCounters) -> None:
        self._framing = framing
        self._counters = counters
        self._parameters = HdlcParameters(
            nrzi_passes=1,
            min_bytes=MIN_BYTES,
            max_bytes=MAX_BYTES,
            repair=options.repair,
            need_addresses=False,
        )
        self._lines: dict[int, HdlcLine] = {}
        self._payload = np.empty(MAX_BYTES, np.uint8)

    def push(self, soft: SoftBits) -> Iterator[Frame]:
        """Yield the messages whose FCS holds, in the order in which they end."""
        # A burst from IQ is whole, and most need no repair.
        whole = self._read(soft) if soft.restart and soft.frequency_offset_hz is not None else None
        if whole is not None:
            self._counters.fcs_ok += 1
            yield whole.as_frame(self._framing, soft)
            return
        line = self._lines.get(soft.stream)
        if line is None:
            line = self._lines[soft.stream] = HdlcLine(self._parameters, self._counters)
        frames = [found for found in line.push(soft) if self._is_good(found)]
        if soft.restart and not frames and self._parameters.repair[0]:
            closed = _with_closing_flag(soft)
            if closed is not None:
                apart = HdlcLine(self._parameters, StageCounters())
                frames = [found for found in apart.push(closed) if self._is_good(found)]
        for found in frames:
            self._counters.fcs_ok += 1
            yield found.as_frame(self._framing, soft)

    def _read(self, soft: SoftBits) -> HdlcFrame | None:
        """The message of a burst that is whole and has no wrong bit."""
        line = (soft.values > 0).view(np.uint8)
        begin, end, count, flags = kernels.find_frame(line, self._payload, MIN_BYTES)
        if not count:
            return None
        found = HdlcFrame(
            payload=self._payload[: count - FCS_BYTES].tobytes(),
            start=float(soft.position[begin]),
            end=float(soft.position[end - 1]),
            expected_errors=kernels.expected_errors(soft.values, begin, end),
            corrected=0,
            plausible=False,
            framed=False,
            snr_db=0.0 if soft.snr_db is None else soft.snr_db,
        )
        if not _is_plausible(found):
            return None
        self._counters.sync_found += flags
        return found

    def _is_good(self, found: HdlcFrame) -> bool:
        good = _is_plausible(found)
        self._counters.fcs_bad += not good
        return good


def _with_closing_flag(soft: SoftBits) -> SoftBits | None:
    """A burst with its closing flag written where the type of the message says that it must be.

    What disturbs a burst's end, such as the edge of another, may spoil nothing but the flag.
    """
    values = soft.values
    line = (values > 0).astype(np.uint8)
    bits = decode_line(line, np.zeros(2 + 17, np.uint8), 1, False)
    ends, _ = find_flags(bits[:_OPENING_BITS], 0)
    if not ends.size:
        return None
    begin = int(ends[-1]) + 1
    # The first byte is sent least significant bit first: repeat indicator, then type. None of the
    # fixed types ends in three ones, so no stuffed bit stands before its end.
    first = bits[begin : begin + 8]
    size = FIXED_BYTES.get(sum(int(bit) << i for i, bit in enumerate(first)) >> 2)
    end = None if size is None else _stuffed_end(bits, begin, 8 * (size + FCS_BYTES))
    if end is None or end + 8 > line.size:
        return None
    level = line[end - 1]
    written = values.copy()
    for i, bit in enumerate((0, 1, 1, 1, 1, 1, 1, 0)):
        level ^= 1 - bit
        size_of = max(abs(float(values[end + i])), 1e-3)
        written[end + i] = size_of if level else -size_of
    events = tuple(event for event in soft.events if event.symbols[-1] < end)
    return dataclasses.replace(soft, values=written, events=events)


def _stuffed_end(bits: NDArray[np.uint8], begin: int, wanted: int) -> int | None:
    """Where ``wanted`` bits from ``begin`` on end, stuffed zeros not counted; None is beyond the end."""
    ones, taken = 0, 0
    for place in range(begin, bits.size):
        if ones == 5:
            ones = 0
            continue
        ones = ones + 1 if bits[place] else 0
        taken += 1
        if taken == wanted:
            # Five ones at the end are followed by a stuffed zero.
            return place + 1 + (ones == 5)
    return None


def _is_plausible(found: HdlcFrame) -> bool:
    if not is_ais_length(found.payload) or mmsi_of(found.payload) > 999_999_999:
        return False
    if found.corrected:
        return found.expected_errors < _REPAIRED and is_assigned_mmsi(mmsi_of(found.payload))
    return found.expected_errors < _HEARD
