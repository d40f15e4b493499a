"""Live sources: a SoapySDR device and the machinery that every radio shares (placing, reopening, counting)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gsctl.errors import RadioError
from gsctl.model import Domain
from gsctl.radio import soapy_capi as capi
from gsctl.radio.formats import SampleFormat, components
from gsctl.radio.network import live_identity
from gsctl.radio.reader import RingReader
from gsctl.radio.soapy import SoapyDevice
from gsctl.radio.source import Anchor, Piece, SampleSource, SourceFacts
from gsctl.radio.timekeeper import Chunk, Gap, Placed, Timekeeper
from gsctl.radio.tuning import RadioSettings, RadioState

DEFAULT_RETRY_FOR_S = 60.0
_PATIENCE_S = 2.0  # a radio silent for so long is taken for unplugged
_RETRY_EVERY_S = 0.5

# Told what happens to the radio, one line each: a gap, an overflow, gone, back.
Listener = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceptionCounters:
    """What happened to the samples on their way.

    Attributes:
        overflows: times the device said that samples were lost.
        timeouts: tenths of a second without a sample.
        lagged_samples: dropped because the processing was slower than the radio.
        reopened: times the device vanished and came back.
    """

    overflows: int = 0
    timeouts: int = 0
    lagged_samples: int = 0
    reopened: int = 0


class RadioSource(SampleSource):
    """A live source whose chunks are placed by a :class:`Timekeeper`.

    Attributes:
        state: what the device took, read back.
    """

    def __init__(
        self, facts: SourceFacts, form: SampleFormat, state: RadioState, *, block_samples: int, listener: Listener
    ) -> None:
        super().__init__(facts, block_samples=block_samples)
        self.state = state
        self._form = form
        self._listener = listener
        self._identity = live_identity(facts.description)
        self._closed = False
        self._told_gaps = 0
        self._timekeeper: Timekeeper | None = None

    @property
    def identity(self) -> str:
        """See :class:`SampleSource`."""
        return self._identity

    @property
    def gaps(self) -> list[Gap]:
        """The gaps found so far."""
        return [] if self._timekeeper is None else self._timekeeper.gaps

    @property
    def counters(self) -> ReceptionCounters:
        """What was counted so far."""
        return ReceptionCounters()

    def _make_pieces(self, placed: Placed) -> Iterator[Piece]:
        """Turn a placed chunk into pieces of at most a block."""
        self._tell_gaps()
        chunk = placed.chunk
        samples = components(chunk.data, self._form).view("complex64")
        if self.facts.anchor.time is None:
            self.facts.anchor = placed.anchor
        dropped = placed.dropped_before
        for start in range(0, chunk.count, self.block_samples):
            part = samples[start : start + self.block_samples]
            yield Piece(
                samples=part,
                start_sample=placed.start_sample + start,
                anchor=placed.anchor,
                dropped_before=dropped,
            )
            dropped = 0

    def _tell_gaps(self) -> None:
        """Tell the listener of new gaps."""
        for gap in self.gaps[self._told_gaps :]:
            cause = "the radio overflowed" if gap.told else "samples are missing without a word from the radio"
            seconds = gap.count / self.sample_rate_hz
            self._listener(f"gap of {gap.count} samples ({seconds:.4f} s +- {gap.uncertainty_s:.4f} s): {cause}")
        self._told_gaps = len(self.gaps)


class SoapySource(RadioSource):
    """IQ from a SoapySDR device.

    Iterating starts the samples; they stop at :meth:`close`. A device that vanishes is looked for by its
    serial number and opened again with the same settings; the gap is measured by the clock. Gain and driver
    settings are put back as they were in the end.

    Args:
        settings: what is asked of the device.
        start_time: not used by live radios; their own clock counts.
        retry_for_s: how long a vanished device is looked for.
        listener: told of gaps and of the device going and coming.

    Raises:
        RadioError: no such device, busy, no permission, or it refused a setting.
        UsageError: a setting that the device does not have.
    """

    def __init__(
        self,
        settings: RadioSettings,
        *,
        retry_for_s: float = DEFAULT_RETRY_FOR_S,
        block_samples: int = 65536,
        listener: Listener = lambda line: None,
    ) -> None:
        self._device: SoapyDevice | None = SoapyDevice(settings.device)
        try:
            state = self._device.configure(settings)
        except BaseException:
            self._device.close()
            raise
        facts = SourceFacts(
            description=str(state),
            sample_rate_hz=state.sample_rate_hz,
            domain=Domain.IQ,
            anchor=Anchor(center_frequency_hz=state.center_frequency_hz),
            live=True,
        )
        super().__init__(
            facts, self._device.sample_format, state, block_samples=block_samples, listener=listener
        )
        self._settings = settings
        self._retry_for_s = retry_for_s
        self._reader: RingReader | None = None
        self._counted = ReceptionCounters()

    @property
    def counters(self) -> ReceptionCounters:
        """See :class:`RadioSource`."""
        before, reader = self._counted, self._reader
        if reader is None:
            return before
        return ReceptionCounters(
            overflows=before.overflows + reader.overflows,
            timeouts=before.timeouts + reader.timeouts,
            lagged_samples=before.lagged_samples + reader.ring_lost,
            reopened=before.reopened,
        )

    def retune(self, frequency_hz: float) -> float:
        """Move the oscillator while it runs; returns where it really is."""
        if self._device is None:
            raise RadioError("the radio is gone", where=self.description)
        center_hz = self._device.retune(frequency_hz, ppm=self._settings.ppm)
        if self._timekeeper is not None:
            self._timekeeper.center_frequency_hz = center_hz
        return center_hz

    def close(self) -> None:
        """Stop the samples, put gain and settings back, close the device; may be called twice."""
        self._closed = True
        self._stop_reader()
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _pieces(self) -> Iterator[Piece]:
        try:
            while not self._closed:
                for chunk in self._run():
                    for placed in self._keeper().feed(chunk):
                        yield from self._make_pieces(placed)
                for placed in self._keeper().flush():
                    yield from self._make_pieces(placed)
                if not self._closed:
                    self._reopen()
        finally:
            self.close()

    def _keeper(self) -> Timekeeper:
        """The timekeeper, made with the first samples."""
        if self._timekeeper is None:
            self._timekeeper = Timekeeper(self.sample_rate_hz, self.facts.anchor)
        return self._timekeeper

    def _run(self) -> Iterator[Chunk]:
        """Chunks from starting the device until it stops answering."""
        device = self._device
        if device is None:
            return
        self._keeper().reopened(hardware_offset_s=device.clock_offset_s())
        self._reader = RingReader(
            capi.read_function_address(),
            device.handle,
            device.stream,
            sample_rate_hz=self.state.nominal_rate_hz,
            sample_bytes=self._form.sample_bytes,
        )
        device.activate()
        self._reader.start()
        yield from self._reader.chunks(patience_s=_PATIENCE_S)
        self._stop_reader()

    def _stop_reader(self) -> None:
        """Stop the thread and keep its counts."""
        if self._reader is not None:
            self._reader.stop()
            self._counted = self.counters
            self._reader = None

    def _reopen(self) -> None:
        """Look for the device until it is back.

        Raises:
            RadioError: it did not come back in time.
        """
        self._listener(f"{self.state.hardware} stopped answering; looking for it")
        device, self._device = self._device, None
        name = self._settings.device
        if device is not None:
            name = device.reopening_name()
            device.close()
        deadline = time.monotonic() + self._retry_for_s
        while not self._closed:
            try:
                self._device = SoapyDevice(name)
                self.state = self._device.configure(self._fixed_settings())
                break
            except RadioError as error:
                if self._device is not None:
                    self._device.close()
                    self._device = None
                if time.monotonic() > deadline:
                    raise RadioError(
                        f"the radio vanished and did not come back within {self._retry_for_s:g} s",
                        where=name,
                        advice="see that it is plugged in; what was received before is safe",
                    ) from error
                time.sleep(_RETRY_EVERY_S)
        self._counted = ReceptionCounters(
            overflows=self._counted.overflows,
            timeouts=self._counted.timeouts,
            lagged_samples=self._counted.lagged_samples,
            reopened=self._counted.reopened + 1,
        )
        self._listener(f"{self.state.hardware} is back")

    def _fixed_settings(self) -> RadioSettings:
        """The settings with the gain that was found, so that it is not searched again in mid-pass."""
        settings = self._settings
        if settings.gain is not None:
            return settings
        gains = ",".join(f"{name}={value:g}" for name, value in self.state.gains.items())
        return RadioSettings(
            frequency_hz=settings.frequency_hz,
            sample_rate_hz=settings.sample_rate_hz,
            gain=gains or f"{self.state.gain_db:g}",
            antenna=settings.antenna,
            settings=settings.settings,
            ppm=settings.ppm,
            lo_offset_hz=settings.lo_offset_hz,
        )
