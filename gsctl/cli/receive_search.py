"""Where ``gsctl receive`` looks for each carrier, and what it remembers of where it was."""

from __future__ import annotations

import dataclasses
import statistics
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gsctl.cli.console import tell
from gsctl.cli.learned_offsets import age_of, learned_offsets, tell_clock_error

if TYPE_CHECKING:
    from gsctl.cli.receive_plan import Plan
    from gsctl.model import Satellite, Transmitter
    from gsctl.pipeline.chains import Chain
    from gsctl.pipeline.reception import Reception
    from gsctl.radio.learned import TransmitterOffset
    from gsctl.radio.source import SampleSource

# Share of the frequency within which a carrier is looked for: with a radio whose clock nobody measured, and
# with a measured one or about where it was in an earlier pass (10 kHz at 437 MHz: the satellite's own
# oscillator, and a pass whose elements were old).
UNKNOWN_CLOCK = 60e-6
_KNOWN_CLOCK = 22.8e-6
# No search goes farther; what a recording says beyond that is not believed.
_WIDEST_HZ = 200e3
# From so many frames on their median is worth keeping.
_LEAST_FRAMES = 3


@dataclass(slots=True)
class CarrierSearch:
    """The search of one run.

    Args:
        device_key: of the radio; empty for a recording or a stream, of which nothing is learned.
        ppm: clock error that is taken out; None where it is not known.
        ambiguous: another radio has that key, so what it heard does not tell what this one will.

    Attributes:
        searched_hz: how far to either side the widest search goes, known after :meth:`chains`.
        expected_hz: about where, from the nominal frequency.
    """

    device_key: str = ""
    ppm: float | None = None
    ambiguous: bool = False
    searched_hz: float = 0.0
    expected_hz: float = 0.0
    _heard: dict[str, list[float]] = field(default_factory=dict)

    def chains(self, plan: Plan, effort: str, source: SampleSource) -> tuple[Chain, ...]:
        """The plan's chains, each where its carrier is expected, with others beside it as needed.

        Those that the source's band does not reach are left out. Another program that steers knows where
        the carrier is: nothing is added then.
        """
        from gsctl.demod import Effort
        from gsctl.pipeline.band import nominal_hz
        from gsctl.pipeline.spread import spread

        if plan.steered is not None or not self.device_key:
            return plan.band.chains
        found: list[Chain] = []
        told: set[str] = set()
        for chain in plan.band.chains:
            hertz = nominal_hz(chain, plan.band.frequency_hz) or 0.0
            share = UNKNOWN_CLOCK if self.ppm is None else _KNOWN_CLOCK
            key = transmitter_key(chain.satellite, chain.transmitter)
            seen = self._seen(key)
            if seen is not None:
                share = _KNOWN_CLOCK
                chain = dataclasses.replace(chain, expected_offset_hz=seen.offset_hz)
                if key not in told:
                    tell(
                        f"{chain.transmitter.label if chain.transmitter else chain.label}: looked for "
                        f"{seen.offset_hz:+.0f} Hz from its frequency, where {seen.frames} frames were heard "
                        f"{age_of(seen.measured_at)} ago"
                    )
                told.add(key)
            if share * hertz > self.searched_hz:
                self.searched_hz, self.expected_hz = share * hertz, chain.expected_offset_hz
            wide = spread(chain, share * hertz, Effort(effort))
            found.extend(
                one for one in wide if one is wide[0] or _reaches(source, hertz + one.expected_offset_hz)
            )
        return tuple(found)

    def facts(self) -> dict[str, float]:
        """For the metadata of a recording, so that ``gsctl decode`` looks where this run did."""
        if not self.searched_hz:
            return {}
        return {
            "gsctl:searched_hz": round(self.searched_hz, 1),
            "gsctl:expected_offset_hz": round(self.expected_hz, 1),
        }

    def note(self, reception: Reception) -> None:
        """Take notice of a frame's carrier."""
        from gsctl.framing import Integrity

        frame = reception.frame
        key = transmitter_key(frame.satellite, frame.transmitter)
        if (
            key
            and frame.frequency_offset_hz is not None
            and frame.integrity in (Integrity.CRC, Integrity.FEC)
        ):
            self._heard.setdefault(key, []).append(frame.frequency_offset_hz)

    def keep(self, plan: Plan) -> None:
        """Remember where the carriers were, if a radio was used and the Doppler shift is known."""
        from gsctl.radio.learned import TransmitterOffset

        if not self.device_key or plan.sky is None or plan.steered is not None:
            return
        if self.ambiguous and self.ppm is None:
            return
        for key, offsets in self._heard.items():
            if len(offsets) >= _LEAST_FRAMES:
                found = TransmitterOffset(
                    offset_hz=round(statistics.median(offsets), 1),
                    frames=len(offsets),
                    device=self.device_key,
                    ppm=self.ppm,
                    measured_at=datetime.now(UTC),
                )
                learned_offsets().learn_transmitter(key, found)

    def _seen(self, key: str) -> TransmitterOffset | None:
        """Where a transmitter was before, if that holds for this radio as it is set now."""
        seen = learned_offsets().transmitters.get(key)
        if seen is None:
            return None
        both_known = seen.ppm is not None and self.ppm is not None
        same = seen.device == self.device_key and seen.ppm == self.ppm and not self.ambiguous
        return seen if same or both_known else None


def chains_of_recording(chains: tuple[Chain, ...], source: SampleSource, effort: str) -> tuple[Chain, ...]:
    """The chains for a recording that gsctl made of a radio, as wide apart as the metadata say."""
    from gsctl.demod import Effort
    from gsctl.pipeline.band import nominal_hz
    from gsctl.pipeline.spread import spread

    head = source.metadata.get("global")
    head = head if isinstance(head, dict) else {}
    searched_hz, expected_hz = (
        float(value) if isinstance(value, int | float) and abs(value) <= _WIDEST_HZ else 0.0
        for value in (head.get("gsctl:searched_hz"), head.get("gsctl:expected_offset_hz"))
    )
    if searched_hz <= 0.0:
        return chains
    found: list[Chain] = []
    for chain in chains:
        there = dataclasses.replace(chain, expected_offset_hz=expected_hz)
        wide = spread(there, searched_hz, Effort(effort))
        hertz = nominal_hz(chain, None)
        found.extend(
            one
            for one in wide
            if one is wide[0] or hertz is None or _reaches(source, hertz + one.expected_offset_hz)
        )
    return tuple(found)


def _reaches(source: SampleSource, frequency_hz: float) -> bool:
    """Whether a frequency lies in the source's band."""
    center_hz = source.center_frequency_hz
    return center_hz is None or abs(frequency_hz - center_hz) < source.sample_rate_hz / 2


def search_with(source: SampleSource, told_ppm: float | None) -> CarrierSearch:
    """The search that suits a source, saying which clock error is taken out of a radio."""
    state: Any = getattr(source, "state", None)
    if state is None:
        return CarrierSearch()
    known = tell_clock_error(state, told_ppm)
    return CarrierSearch(
        device_key=state.device_key, ppm=state.ppm if known else None, ambiguous=state.ambiguous
    )


def transmitter_key(satellite: Satellite | None, transmitter: Transmitter | None) -> str:
    """What a transmitter is remembered by; empty where it has no name."""
    if satellite is None or transmitter is None:
        return ""
    return (
        f"{satellite.norad_id or satellite.name} {transmitter.frequency_hz or 0.0:.0f} Hz {transmitter.label}"
    )
