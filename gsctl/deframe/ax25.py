"""AX.25 frames (AX.25 2.2, section 3) out of soft bits, plain or G3RUH-scrambled.

A 16-bit check passes one of 65536 random candidates, and a noisy channel offers some thousands an
hour. So a frame counts only if its addresses are well formed, or if it was heard well and more than
the check speaks for it: control and PID of a UI frame after two addresses, or two flags in a row
before it. (A strong signal of random bits at 9600 Bd offers some 3000 candidates an hour, all heard
well; the check alone would pass one in a day, with this it is one in forty days.)

Repaired frames need well-formed addresses always, and their errors must be likelier than a chance
match of the check; see ``hdlc.most_repair_cost``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gsctl.deframe import DeframeOptions
from gsctl.deframe.carrier_readings import CarrierReadings
from gsctl.deframe.hdlc import HdlcFrame, HdlcLine, HdlcParameters
from gsctl.framing import Ax25
from gsctl.model import Frame, SoftBits, StageCounters

# Expected share of wrong line bits up to which a frame without well-formed addresses is believed.
# Noise gives 0.2 and more; a frame of 17 bytes whose bits are this good is no accident.
WELL_HEARD = 0.03
# Chance that a repaired frame is a false one at which it is given up; the mean is far below it.
MOST_DOUBT = 0.05
# Control and PID of a UI frame without layer 3 (AX.25 2.2, 3.4 and 4.3.3.6), behind two addresses.
UI = slice(14, 16)
UI_NO_LAYER_3 = b"\x03\xf0"
# Two 7-byte addresses, control and FCS.
MIN_BYTES = 17


class Ax25Deframer:
    """Soft line bits to AX.25 frames; see ``gsctl.deframe.Deframer``."""

    def __init__(self, framing: Ax25, options: DeframeOptions, counters: StageCounters) -> None:
        self._framing = framing
        self._counters = counters
        self._parameters = HdlcParameters(
            nrzi_passes=framing.nrzi_passes,
            g3ruh=framing.g3ruh,
            min_bytes=MIN_BYTES,
            repair=options.repair,
            most_doubt=MOST_DOUBT,
        )
        self._lines: dict[int, tuple[HdlcLine, CarrierReadings]] = {}

    def push(self, soft: SoftBits) -> Iterator[Frame]:
        """Yield the frames whose FCS holds, in the order in which they end."""
        if soft.stream not in self._lines:
            self._lines[soft.stream] = HdlcLine(self._parameters, self._counters), CarrierReadings()
        line, readings = self._lines[soft.stream]
        readings.add(soft)
        for found in line.push(soft):
            if not _is_believed(found):
                self._counters.fcs_bad += 1
                continue
            self._counters.fcs_ok += 1
            frame = found.as_frame(self._framing, soft)
            offset_hz, snr_db = readings.between(found.start, found.end)
            yield replace(
                frame,
                frequency_offset_hz=offset_hz,
                snr_db=frame.snr_db if snr_db is None else snr_db,
            )


def _is_believed(found: HdlcFrame) -> bool:
    if found.plausible:
        return True
    return found.expected_errors <= WELL_HEARD and (found.framed or found.payload[UI] == UI_NO_LAYER_3)
