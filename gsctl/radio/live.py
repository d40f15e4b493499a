"""Live sources: what every radio shares (placing, reopening, counting), and the SoapySDR device."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gsctl.errors import RadioError
from gsctl.model import Domain
from gsctl.radio import soapy_capi as capi
from gsctl.radio.formats import SampleFormat, components
from gsctl.radio.network import live_identity
from gsctl.radio.reader import RingReader, compile_reader
from gsctl.radio.soapy import SoapyDevice
from gsctl.radio.source import BLOCK_SAMPLES, Anchor, Piece, SampleSource, SourceFacts
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
    """A live source: what every kind of radio shares. A kind connects, gives chunks, and disconnects.

    A radio that vanishes is looked for and set again as it was; the gap is measured by the clock.

    Attributes:
        state: what the radio took, read back.
    """

    def __init__(
        self,
        facts: SourceFacts,
        form: SampleFormat,
        state: RadioState,
        *,
        block_samples: int,
        retry_for_s: float,
        listener: Listener,
    ) -> None:
        super().__init__(facts, block_samples=block_samples)
        self.state = state
        self._form = form
        self._retry_for_s = retry_for_s
        self._listener = listener
        self._identity = live_identity(facts.description)
        self._closed = False
        self._told_gaps = 0
        self._told_refusal = False
        self._reopened = 0
        self._timekeeper = Timekeeper(facts.sample_rate_hz, facts.anchor, ppm=state.ppm)

    @property
    def identity(self) -> str:
        """See :class:`SampleSource`."""
        return self._identity

    @property
    def gaps(self) -> list[Gap]:
        """The gaps found so far."""
        return self._timekeeper.gaps

    @property
    def counters(self) -> ReceptionCounters:
        """What was counted so far."""
        raise NotImplementedError

    @property
    def clock_error_ppm(self) -> float:
        """How fast the radio's clock is, in millionths, on top of the ppm it was set to."""
        return self._timekeeper.clock_error_ppm

    @property
    def clock_uncertainty_ppm(self) -> float:
        """One sigma of :attr:`clock_error_ppm`."""
        return self._timekeeper.clock_uncertainty_ppm

    def retune(self, frequency_hz: float) -> float:
        """Move the oscillator while it runs; returns where it really is."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop the samples, put the radio back as it was, let it go; may be called twice."""
        self._closed = True
        self._disconnect()

    def _connect(self) -> None:
        """Open the radio again with the settings it had, and say so in ``state``.

        Raises:
            RadioError: it is not there.
        """
        raise NotImplementedError

    def _disconnect(self) -> None:
        """Let the radio go; may be called twice."""
        raise NotImplementedError

    def _run(self) -> Iterator[Chunk]:
        """Start the samples, tell the timekeeper, and give chunks until the radio stops answering."""
        raise NotImplementedError

    def _pieces(self) -> Iterator[Piece]:
        try:
            while not self._closed:
                for chunk in self._run():
                    for placed in self._timekeeper.feed(chunk):
                        yield from self._make_pieces(placed)
                for placed in self._timekeeper.flush():
                    yield from self._make_pieces(placed)
                if not self._closed:
                    self._reopen()
        except RadioError:
            # Whoever closed the radio from another thread wanted the end, not an error.
            if not self._closed:
                raise
        finally:
            self.close()

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
        """Tell the listener of new gaps, and of timestamps that are not used."""
        if self._timekeeper.hardware_refused and not self._told_refusal:
            self._told_refusal = True
            self._listener(
                "the radio's timestamps contradict the arrival of its samples; using the host's clock"
            )
        for gap in self.gaps[self._told_gaps :]:
            cause = "told by the radio" if gap.told else "without a word from the radio"
            seconds = gap.count / self.sample_rate_hz
            self._listener(
                f"{gap.count} samples lost ({seconds:.4f} s +- {gap.uncertainty_s:.4f} s), {cause}"
            )
        self._told_gaps = len(self.gaps)

    def _reopen(self) -> None:
        """Look for the radio until it is back.

        Raises:
            RadioError: it did not come back in time.
        """
        self._listener(f"{self.state.hardware} stopped answering; looking for it")
        self._disconnect()
        deadline = time.monotonic() + self._retry_for_s
        while not self._closed:
            try:
                self._connect()
            except RadioError as error:
                if time.monotonic() > deadline:
                    raise RadioError(
                        f"the radio vanished and did not come back within {self._retry_for_s:g} s",
                        where=self.state.hardware,
                        advice="see that it is plugged in; what was received before is safe",
                    ) from error
                time.sleep(_RETRY_EVERY_S)
                continue
            self._reopened += 1
            self._listener(f"{self.state.hardware} is back")
            return


class SoapySource(RadioSource):
    """IQ from a SoapySDR device.

    Iterating starts the samples; they stop at :meth:`close`. A device that vanishes is looked for by its
    serial number. Gain and driver settings are put back as they were in the end.

    Args:
        settings: what is asked of the device.
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
        block_samples: int = BLOCK_SAMPLES,
        listener: Listener = lambda line: None,
    ) -> None:
        compile_reader()
        device = SoapyDevice(settings.device)
        try:
            state = device.configure(settings)
        except BaseException:
            device.close()
            raise
        super().__init__(
            radio_facts(state),
            device.sample_format,
            state,
            block_samples=block_samples,
            retry_for_s=retry_for_s,
            listener=listener,
        )
        # Found again by its serial number, with the gain that was found, not searched for in mid-pass.
        gains = ",".join(f"{name}={value:g}" for name, value in state.gains.items())
        gain = (gains or f"{state.gain_db:g}") if settings.gain is None else settings.gain
        self._settings = replace(
            settings, device=device.reopening_name(), gain=gain, ppm=state.ppm, learned_ppm={}
        )
        self._device: SoapyDevice | None = device
        self._reader: RingReader | None = None
        self._counted = ReceptionCounters()

    @property
    def counters(self) -> ReceptionCounters:
        """See :class:`RadioSource`."""
        before, reader = self._counted, self._reader
        return ReceptionCounters(
            overflows=before.overflows + (reader.overflows if reader else 0),
            timeouts=before.timeouts + (reader.timeouts if reader else 0),
            lagged_samples=before.lagged_samples + (reader.ring_lost if reader else 0),
            reopened=self._reopened,
        )

    def retune(self, frequency_hz: float) -> float:
        """See :class:`RadioSource`."""
        if self._device is None:
            raise RadioError("the radio is gone", where=self.description)
        center_hz = self._device.retune(frequency_hz, ppm=self._settings.ppm)
        self._timekeeper.center_frequency_hz = center_hz
        return center_hz

    def _connect(self) -> None:
        compile_reader()
        device = SoapyDevice(self._settings.device)
        try:
            self.state = device.configure(self._settings)
        except BaseException:
            device.close()
            raise
        self._device = device

    def _disconnect(self) -> None:
        self._stop_reader()
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _run(self) -> Iterator[Chunk]:
        device = self._device
        if device is None:
            return
        self._reader = RingReader(
            capi.read_function_address(),
            device.handle,
            device.stream,
            sample_rate_hz=self.state.nominal_rate_hz,
            sample_bytes=self._form.sample_bytes,
        )
        device.activate()
        # Asked for now, because a device may set its clock when it starts to stream.
        self._timekeeper.reopened(hardware_offset_s=device.clock_offset_s())
        self._reader.start()
        yield from self._reader.chunks(patience_s=_PATIENCE_S)
        self._stop_reader()

    def _stop_reader(self) -> None:
        """Stop the thread and keep its counts."""
        if self._reader is not None:
            self._reader.stop()
            self._counted = self.counters
            self._reader = None


def radio_facts(state: RadioState) -> SourceFacts:
    """Facts of a live source out of what the radio took."""
    return SourceFacts(
        description=str(state),
        sample_rate_hz=state.sample_rate_hz,
        domain=Domain.IQ,
        anchor=Anchor(center_frequency_hz=state.center_frequency_hz),
        live=True,
    )
