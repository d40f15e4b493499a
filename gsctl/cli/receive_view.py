"""What ``gsctl receive`` shows while it runs: a live panel on a terminal, else a plain line now and then."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from gsctl.cli.console import is_watched, on_terminal, safe, tell

if TYPE_CHECKING:
    from gsctl.cli.receive_plan import Plan
    from gsctl.model import SampleBlock
    from gsctl.pipeline.reception import Reception
    from gsctl.pipeline.sky import Place
    from gsctl.radio.source import SampleSource

PLAIN_EVERY_S = 10.0
_REFRESH_HZ = 4.0
_SPECTRUM_EVERY_S = 0.25
_BARS = " ▁▂▃▄▅▆▇█"
_BINS = 512


class Screen:
    """Shows how the reception goes; a context manager that leaves the terminal as it was.

    Args:
        plan: of the run.
        source: counted and described.
    """

    def __init__(self, plan: Plan, source: SampleSource) -> None:
        self._plan = plan
        self._source = source
        self._stack = ExitStack()
        self._live = is_watched()
        self._frames = 0
        self._snr_db: float | None = None
        self._lagged = 0
        self._now: datetime | None = None
        self._level_dbfs = float("-inf")
        self._spectrum: Any = None
        self._spectrum_at_s = 0.0
        self._told_s = time.monotonic()

    def __enter__(self) -> Self:
        if self._live:
            from rich.console import Console
            from rich.live import Live

            both = on_terminal()
            live = Live(
                get_renderable=self._panel,
                console=Console(stderr=True),
                refresh_per_second=_REFRESH_HZ,
                redirect_stdout=both,
                transient=True,
            )
            self._stack.enter_context(live)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def frame(self, reception: Reception) -> None:
        """Take notice of a frame."""
        self._frames += 1
        self._snr_db = reception.frame.snr_db

    def block(self, block: SampleBlock, lagged_samples: int) -> None:
        """Take notice of a block."""
        self._lagged = lagged_samples
        now_s = time.monotonic()
        self._now = block.start_time
        if now_s - self._spectrum_at_s > _SPECTRUM_EVERY_S:
            self._spectrum_at_s = now_s
            self._measure(block)
        if not self._live and now_s - self._told_s > PLAIN_EVERY_S:
            self._told_s = now_s
            tell("  ".join(part for part in (self._where(), self._how()) if part))

    def _measure(self, block: SampleBlock) -> None:
        """Level and spectrum of a block."""
        import numpy as np

        samples = block.samples
        power = float(np.mean(np.abs(samples) ** 2)) if samples.size else 0.0
        self._level_dbfs = 10 * np.log10(power + 1e-20)
        if not self._live or samples.size < _BINS or not np.iscomplexobj(samples):
            return
        from scipy import fft

        parts = samples[: samples.size // _BINS * _BINS].reshape(-1, _BINS)[:32]
        window = np.hanning(_BINS).astype(np.float32)
        power_bins = np.mean(np.abs(fft.fft(parts * window, axis=1)) ** 2, axis=0)
        self._spectrum = 10 * np.log10(fft.fftshift(power_bins) + 1e-20)

    def _place(self) -> Place | None:
        from gsctl.errors import ElementsError

        if self._plan.sky is None or self._now is None:
            return None
        try:
            return self._plan.sky.place(self._now)
        except ElementsError:
            return None

    def _where(self) -> str:
        """Time, direction and Doppler shift."""
        if self._now is None:
            return ""
        words = [f"{self._now:%H:%M:%S}Z"]
        coming, place = self._plan.coming, self._place()
        if coming is not None:
            name, moment = ("AOS", coming.aos) if coming.aos > self._now else ("LOS", coming.los)
            left_s = (moment - self._now).total_seconds()
            words.append(f"{name} in {_clock(left_s)}" if left_s >= 0 else f"LOS was {_clock(-left_s)} ago")
        if place is not None:
            words.append(f"az {place.azimuth_deg:.1f}")
            words.append(f"el {place.elevation_deg:.1f}")
        sky = self._plan.tuned_by or self._plan.sky
        if sky is not None:
            words.append(f"Doppler {sky.shift_hz(self._now, self._plan.band.frequency_hz):+.0f} Hz")
        return "  ".join(words)

    def _how(self) -> str:
        """Level, frames and losses."""
        snr = "" if self._snr_db is None else f"  last SNR {self._snr_db:.1f} dB"
        return (
            f"level {self._level_dbfs:.0f} dBFS  frames {self._frames}{snr}  "
            f"dropped {self._source.dropped + self._lagged}"
        )

    def _panel(self) -> Any:
        from rich.text import Text

        lines = [self._where(), self._how()]
        if self._spectrum is not None:
            lines += self._bars()
        return Text("\n".join(safe(line) for line in lines if line), no_wrap=True)

    def _bars(self) -> list[str]:
        """The spectrum as a line of bars, the signal's place marked below."""
        import numpy as np

        columns = max(16, min(shutil.get_terminal_size().columns - 1, 128))
        heights = [float(part.max()) for part in np.array_split(self._spectrum, columns)]
        floor = min(heights)
        top = max(max(heights), floor + 10.0)
        bars = "".join(_BARS[int((height - floor) / (top - floor) * 8)] for height in heights)
        center_hz, rate_hz = self._source.center_frequency_hz, self._source.sample_rate_hz
        if center_hz is None:
            return [bars]
        hertz = self._plan.band.frequency_hz
        sky = self._plan.tuned_by
        if sky is not None and self._now is not None:
            hertz += sky.shift_hz(self._now, hertz)
        column = round((hertz - center_hz + rate_hz / 2) / rate_hz * (columns - 1))
        mark = " " * min(max(column, 0), columns - 1) + "^"
        return [bars, f"{mark} {hertz / 1e6:.6f} MHz" if column < columns // 2 else mark]


def countdown(plan: Plan, left_s: float | None) -> None:
    """Show how long it is until AOS; None clears the line."""
    if not is_watched():
        return
    name = plan.satellite.name if plan.satellite else ""
    line = "" if left_s is None else f"{safe(name)}: AOS in {_clock(left_s)}"
    print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
