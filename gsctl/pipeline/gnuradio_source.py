"""The radio as GNU Radio drives it, behind the same interface as gsctl's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from gsctl.errors import RadioError
from gsctl.flowgraph.engine import FlowgraphProcess
from gsctl.radio.formats import FORMATS
from gsctl.radio.live import DEFAULT_RETRY_FOR_S, RadioSource, ReceptionCounters, radio_facts
from gsctl.radio.soapy import SoapyDevice
from gsctl.radio.source import BLOCK_SAMPLES
from gsctl.radio.timekeeper import Chunk
from gsctl.radio.tuning import RadioSettings, RadioState, parse_device

_PATIENCE_S = 2.0
# The lowest rate of the channel that the flowgraph hands over, for a Doppler shift of +-12 kHz.
LEAST_CHANNEL_RATE_HZ = 48_000.0
_PASSED = 0.8
# A process that gives no sample so often in a row will not give any.
_FRUITLESS = 3


class GnuRadioSource(RadioSource):
    """IQ of one channel from a GNU Radio flowgraph.

    gsctl's own SoapySDR code opens the device first: it checks what is asked for, finds the gain, and reads
    everything back; the flowgraph gets what came of it. gr-soapy gives no hardware timestamps, so times are
    by the host's clock.

    Args:
        settings: what is asked of the device.
        width_hz: of the band that is handed over; None takes what one channel needs.
        retry_for_s: how long a vanished device is looked for.
        listener: told of gaps and of the device going and coming.

    Raises:
        RadioError: no such device, busy, no permission, or no GNU Radio.
        UsageError: a setting that the device does not have.
    """

    def __init__(
        self,
        settings: RadioSettings,
        *,
        width_hz: float | None = None,
        retry_for_s: float = DEFAULT_RETRY_FOR_S,
        block_samples: int = BLOCK_SAMPLES,
        listener: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._asked = settings
        self._process: FlowgraphProcess | None = None
        self._counted = ReceptionCounters()
        self._fruitless = 0
        device_state, before = self._prepare(settings)
        least_hz = max(LEAST_CHANNEL_RATE_HZ, (width_hz or 0.0) / _PASSED)
        self._step = max(1, int(device_state.sample_rate_hz / least_hz))
        self._center_hz = settings.frequency_hz if self._step > 1 else device_state.center_frequency_hz
        state = self._state(device_state)
        super().__init__(
            radio_facts(state),
            FORMATS["cf32"],
            state,
            block_samples=block_samples,
            retry_for_s=retry_for_s,
            listener=listener,
        )
        gains = ",".join(f"{name}={value:g}" for name, value in device_state.gains.items())
        if settings.gain is None and gains:
            self._asked = replace(settings, gain=gains)
        self._start(device_state, before)

    @property
    def counters(self) -> ReceptionCounters:
        """See :class:`RadioSource`."""
        before, process = self._counted, self._process
        return ReceptionCounters(
            overflows=before.overflows + (process.overflows if process else 0),
            lagged_samples=before.lagged_samples + (process.lagged_samples if process else 0),
            reopened=self._reopened,
        )

    def retune(self, frequency_hz: float) -> float:
        """Move the channel, by a message to the flowgraph's filter; the device stays where it is."""
        if self._process is not None:
            self._process.retune(frequency_hz - self._device_state.center_frequency_hz)
        self._center_hz = frequency_hz
        self._timekeeper.center_frequency_hz = frequency_hz
        return frequency_hz

    def _prepare(self, settings: RadioSettings) -> tuple[RadioState, dict[str, Any]]:
        """Set the device and read it back; also what its gains and settings were before."""
        device = SoapyDevice(settings.device)
        try:
            before = {
                "gains_db": {
                    name: float(device.get("GainElement", name.encode())) for name in device.gain_elements()
                },
                "settings": {key: device.read_setting(key) for key in settings.settings},
            }
            self._name = device.reopening_name()
            return device.configure(settings), before
        finally:
            device.close()

    def _state(self, device_state: RadioState) -> RadioState:
        """What the source gives: the channel, not the device's band."""
        return replace(
            device_state,
            center_frequency_hz=self._center_hz,
            sample_rate_hz=device_state.sample_rate_hz / self._step,
            nominal_rate_hz=device_state.nominal_rate_hz / self._step,
            hardware=f"{device_state.hardware} by GNU Radio",
            sample_format="cf32",
            timestamps=False,
        )

    def _start(self, device_state: RadioState, before: dict[str, Any]) -> None:
        self._device_state = device_state
        scale = 1.0 + device_state.ppm * 1e-6
        config: dict[str, Any] = {
            "device": parse_device(self._name),
            "sample_rate_hz": device_state.nominal_rate_hz,
            "device_frequency_hz": device_state.center_frequency_hz / scale,
            "decimation": self._step,
            "bandwidth_hz": _PASSED * device_state.nominal_rate_hz / self._step,
            "offset_hz": self._center_hz - device_state.center_frequency_hz,
            "antenna": device_state.antenna,
            "automatic_gain": device_state.automatic_gain,
            "gains_db": {} if device_state.automatic_gain else dict(device_state.gains),
            "settings": dict(device_state.settings),
            "after": before,
        }
        self._process = FlowgraphProcess(config)
        self.state = self._state(device_state)

    def _connect(self) -> None:
        self._start(*self._prepare(replace(self._asked, device=self._name)))

    def _disconnect(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.stop()
            self._counted = replace(
                self._counted,
                overflows=self._counted.overflows + process.overflows,
                lagged_samples=self._counted.lagged_samples + process.lagged_samples,
            )

    def _run(self) -> Iterator[Chunk]:
        process = self._process
        if process is None:
            return
        self._timekeeper.reopened(hardware_offset_s=None)
        self._fruitless += 1
        for item in process.received(patience_s=_PATIENCE_S):
            self._fruitless = 0
            yield Chunk(
                data=item.data,
                count=item.count,
                seen_at_s=item.seen_at_s,
                seen_count=item.count,
                overflowed=item.overflowed,
                lost_before=item.lost_before,
            )
        if self._fruitless >= _FRUITLESS and not self._closed:
            raise RadioError(
                "GNU Radio's flowgraph gives no samples", where=self._name, advice="try it without --engine"
            )
