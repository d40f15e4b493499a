"""``gsctl ais -d``: both AIS channels live from a radio."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gsctl.cli.ais_radio import HeardMessages, SampleWords
from gsctl.cli.console import tell, warn
from gsctl.cli.learned_offsets import tell_clock_error
from gsctl.cli.machine import clock_is_synchronised
from gsctl.cli.radio_options import choose_radio, settings_of
from gsctl.cli.receive_facts import facts_of_radio, hardware_of
from gsctl.cli.receive_source import closing_at
from gsctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gsctl.cli.receive_tape import Tape
    from gsctl.model import SampleBlock
    from gsctl.radio.live import RadioSource
    from gsctl.radio.recorder import RecordingFacts

_CENTER_HZ = 162e6
# The least that an RTL-SDR offers, and enough for both channels on each side of its DC spike.
_RATE_HZ = 250e3
_MIN_FREE_MB = 500.0
_BLOCKS_A_SECOND = 8
# After the time that was asked for, this long for samples that are still on their way.
_GRACE_S = 1.0

AisDeviceOption = Annotated[
    str | None,
    typer.Option(
        "--device",
        "-d",
        metavar="DEVICE",
        show_default=False,
        help="Receive live from a radio: driver=rtlsdr,serial=00000001, rtl_tcp://HOST:PORT, or a configured "
        "name.",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioWords:
    """What the options say about the radio; see ``gsctl.cli.radio_options``."""

    device: str | None = None
    gain: str | None = None
    antenna: str | None = None
    setting: Sequence[str] = ()
    ppm: float | None = None
    retry_for_s: float = 60.0
    write: Path | None = None

    def check(self, inputs: Sequence[str]) -> None:
        """See that there is either a radio or an input, and nothing for a radio that is not asked for.

        Raises:
            UsageError: there is not.
        """
        if self.device is None and not inputs:
            raise UsageError(
                "nothing says what to read", advice="name a file or an address, or a radio with -d"
            )
        if self.device is not None and inputs:
            raise UsageError(f"there is a radio, and {inputs[0]!r} too", advice="one of the two a run")
        for_radio = {"--gain": self.gain, "--antenna": self.antenna, "--setting": self.setting or None,
                     "--ppm": self.ppm, "--write": self.write}  # fmt: skip
        told = [name for name, value in for_radio.items() if value is not None]
        if self.device is None and told:
            raise UsageError("this is for radios only", where=told[0], advice="name one with -d")


class HeardFromRadio(HeardMessages):
    """Messages from a radio; counts what the radio lost, and records what it gave where that is asked for."""

    def __init__(self, radio: RadioSource, name: str, words: SampleWords, tape: Tape | None) -> None:
        super().__init__(radio, name, words)
        self._radio = radio
        self._tape = tape

    def counts(self) -> dict[str, int]:
        """What the stages and the radio met, by name."""
        met = self._radio.counters
        return {
            **super().counts(),
            "overflows": met.overflows,
            "lagged_samples": met.lagged_samples,
            "reopened": met.reopened,
        }

    def close(self) -> None:
        """Give back the radio and finish the recording; may be called again."""
        super().close()
        if self._tape is not None:
            self._tape.close()

    def ending_at(self, deadline_s: float | None) -> AbstractContextManager[None]:
        """Even while a radio that vanished is looked for."""
        return closing_at(self._radio, None if deadline_s is None else deadline_s + _GRACE_S)

    def _blocks(self) -> Iterator[SampleBlock]:
        for block in self._radio:
            if self._tape is not None:
                self._tape.write(block)
            yield block


def open_heard_radio(radio: RadioWords, samples: SampleWords) -> HeardFromRadio:
    """Open and set a radio, its oscillator in the middle between the channels.

    Raises:
        RadioError: no such radio, busy, no permission, or it failed.
        UsageError: a setting that cannot be meant, or no AIS channel in the band.
        RecordingError: the recording cannot be made.
    """
    from gsctl.pipeline.ais_reception import channels_in_band, warm_up
    from gsctl.radio.radios import open_radio

    chosen = choose_radio(
        radio.device or "", gain=radio.gain, antenna=radio.antenna, setting=radio.setting, ppm=radio.ppm
    )
    center_hz, rate_hz = samples.center_hz or _CENTER_HZ, samples.sample_rate_hz or _RATE_HZ
    channels_in_band(center_hz, rate_hz)
    settings = settings_of(chosen, center_hz, rate_hz, 0.0)
    source = open_radio(
        settings,
        retry_for_s=radio.retry_for_s,
        block_samples=max(round(rate_hz / _BLOCKS_A_SECOND), 4096),
        listener=warn,
    )
    try:
        state = source.state
        tell(str(state))
        for note in state.notes:
            warn(note)
        tell_clock_error(state, chosen.ppm)
        if clock_is_synchronised() is False:
            warn("this machine's clock is not synchronised: the times of messages are as wrong as it is")
        names = ", ".join(channels_in_band(state.center_frequency_hz, state.sample_rate_hz))
        tell(f"receiving AIS channels {names}")
        warm_up(samples.effort)  # the radio does not run before it is read
        tape = None if radio.write is None else _tape(radio.write, samples.sample_format, source)
        return HeardFromRadio(source, hardware_of(state), samples, tape)
    except BaseException:
        source.close()
        raise


def _tape(write: Path, told: str | None, source: RadioSource) -> Tape:
    from gsctl.cli.receive_tape import Tape, base_of, native_format, told_format

    form = told_format(told) if told else native_format(source.state.sample_format)
    return Tape(
        base_of(write), form, source.sample_rate_hz, _facts(source), min_free_mb=_MIN_FREE_MB, listener=warn
    )


def _facts(source: RadioSource) -> RecordingFacts:
    from gsctl.radio.recorder import RecordingFacts

    return RecordingFacts(
        description="AIS", hardware=hardware_of(source.state), extra=facts_of_radio(source.state)
    )
