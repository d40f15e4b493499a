"""AIS from samples for ``gsctl ais``: recordings, pipes and network streams of IQ or FM audio."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gsctl.errors import RecordingError

if TYPE_CHECKING:
    from gsctl.ais.messages import AisMessage
    from gsctl.model import Frame, SampleBlock
    from gsctl.radio.source import SampleSource

_SUFFIXES = (
    *(".sigmf-meta", ".sigmf-data", ".sigmf", ".wav", ".flac", ".ogg", ".u8", ".i8", ".s8", ".i16", ".s16"),
    *(".f32", ".cu8", ".ci8", ".cs8", ".ci16", ".cs16", ".sc16", ".cf32", ".fc32", ".cfile"),
)
_MAGIC = (b"RIFF", b"RF64", b"fLaC", b"OggS")


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWords:
    """What the options say about samples; see ``gsctl.radio.recording.open_recording``."""

    input_kind: str | None = None
    sample_rate_hz: float | None = None
    sample_format: str | None = None
    center_hz: float | None = None
    start_time: datetime | None = None
    effort: str = "normal"

    @property
    def told(self) -> bool:
        """Whether an option says that the input is samples."""
        return bool(self.input_kind or self.sample_rate_hz or self.sample_format or self.center_hz)


def is_recording(name: str, words: SampleWords) -> bool:
    """Whether an input is samples rather than NMEA text, by the options, its name or its first bytes."""
    if words.told:
        return True
    path = Path(name)
    if path.suffix.lower() in _SUFFIXES:
        return True
    try:
        if not path.is_file():
            return path.with_name(path.name + ".sigmf-meta").is_file()
        with path.open("rb") as stream:
            return stream.read(4) in _MAGIC
    except (OSError, ValueError):
        return False


class HeardMessages:
    """A source of messages that this station hears itself.

    Attributes:
        name: as messages from it are labelled.
        live: samples come as time goes by.
        identity: names the input in the ids of messages.
        warnings: what was odd, one line each.
    """

    too_long = 0
    lost = 0

    def __init__(self, source: SampleSource, name: str, words: SampleWords) -> None:
        from gsctl.demod import Effort
        from gsctl.pipeline.ais_reception import AisReceiver

        self.name = name
        self.live = source.live
        self.signal_s = 0.0
        self._source = source
        self._receiver = AisReceiver(Effort(words.effort), words.center_hz)
        self._number = 0
        self._stopped = False

    @property
    def sha256(self) -> str:
        """Of the bytes read, for a file; of address and time otherwise."""
        return self._source.identity

    @property
    def warnings(self) -> list[str]:
        """What was odd, one line each."""
        lines = list(self._source.warnings)
        if self._source.nonfinite:
            lines.append(f"{self.name}: {self._source.nonfinite} samples were not finite and count as zero")
        return lines

    def messages(self) -> Iterator[list[AisMessage]]:
        """Messages as they are heard, a list for each block of samples, often empty.

        Raises:
            RecordingError, RadioError, UsageError: the input failed, or holds no AIS channel.
        """
        for block in self._blocks():
            heard = [self._message(one.frame, one.channel) for one in self._receiver.push(block)]
            self.signal_s = (block.start_sample + block.samples.size) / block.sample_rate_hz
            yield [message for message in heard if message is not None]
            if self._stopped:
                break
        last = [self._message(one.frame, one.channel) for one in self._receiver.finish()]
        yield [message for message in last if message is not None]

    def counts(self) -> dict[str, int]:
        """What the stages met, by name."""
        counters = self._receiver.counters
        return {
            "bursts": counters.sync_found,
            "fcs_ok": counters.fcs_ok,
            "fcs_bad": counters.fcs_bad,
            "dropped_samples": counters.dropped,
            "malformed": counters.schema_mismatch,
        }

    def stop(self) -> None:
        """Let ``messages`` end with what was under way."""
        self._stopped = True

    def ending_at(self, deadline_s: float | None) -> AbstractContextManager[None]:
        """Within it a source that is silent, too, ends soon after this monotonic time."""
        del deadline_s
        return nullcontext()

    def _blocks(self) -> Iterator[SampleBlock]:
        yield from self._source

    def close(self) -> None:
        """Give back what the source holds; may be called again."""
        self._source.close()

    def _message(self, frame: Frame, channel: str) -> AisMessage | None:
        from gsctl.ais.heard import heard_message
        from gsctl.logbook.frames import frame_id

        # A tenth of a decibel or of a hertz is below any estimate from one burst.
        shown = replace(
            frame, snr_db=_tenths(frame.snr_db), frequency_offset_hz=_tenths(frame.frequency_offset_hz)
        )
        try:
            message = heard_message(
                shown,
                channel=channel,
                sequence_number=self._number % 10,
                level_dbfs=_tenths(frame.level_dbfs),
                source=self.name,
                frame_id=frame_id(self._source.identity, frame.sample_index, frame.payload),
            )
        except RecordingError:
            self._receiver.counters.schema_mismatch += 1
            return None
        self._number += len(message.nmea) > 1
        return message


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def open_heard(name: str, words: SampleWords) -> HeardMessages:
    """Open a recording or a stream of samples.

    Raises:
        RecordingError, RadioError, UsageError: as ``gsctl.radio.recording.open_recording``.
    """
    from gsctl.model import Domain
    from gsctl.radio.recording import open_recording

    source = open_recording(
        name,
        input=words.input_kind or "auto",
        sample_rate_hz=words.sample_rate_hz,
        sample_format=words.sample_format,
        start_time=words.start_time,
        center_hz=words.center_hz,
        default_domain=Domain.FM_AUDIO,
    )
    return HeardMessages(source, "stdin" if name == "-" else name, words)
