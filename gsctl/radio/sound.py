"""Audio files that need a codec: FLAC, OGG, W64, and WAV in an encoding other than plain PCM or float."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsctl.errors import RecordingError
from gsctl.radio.bytestream import sha256_of_file
from gsctl.radio.source import Piece, SampleSource, SourceFacts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_CODEC_FRAMES = 4096


class SoundFile:
    """A file opened by libsndfile.

    Raises:
        RecordingError: libsndfile cannot read it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as file:
            self.sample_rate_hz = float(file.samplerate)
            self.channels = int(file.channels)
            frames = int(file.frames)
        # Streamed files do not know their length and state a huge one.
        self.duration_s = frames / self.sample_rate_hz if 0 < frames < 1 << 50 else None

    def _open(self) -> Any:
        """The file as soundfile has it."""
        import soundfile

        try:
            file = soundfile.SoundFile(str(self.path))
            # soundfile seeks to where it is after each read, and MP3's decoder is not the same after that.
            file.seekable = lambda: False
            return file
        except soundfile.LibsndfileError as error:
            reason = str(error.error_string).rstrip(". ")
            raise RecordingError(
                f"not readable as audio: {reason}", where=str(self.path), advice="is it complete?"
            ) from error

    def frames(self, count: int) -> Iterator[NDArray[np.float32]]:
        """Read from the start: arrays (n, channels) of full scale 1.0, n at most ``count``.

        Raises:
            RecordingError: the codec failed in the middle; what came before was given.
        """
        import numpy as np
        import soundfile

        with self._open() as file:
            ended = False
            while not ended:
                parts, have, failed = [], 0, None
                # A call that fails loses what it had decoded, so the calls are small.
                while have < count and not ended:
                    try:
                        part = file.read(min(count - have, _CODEC_FRAMES), dtype="float32", always_2d=True)
                    except soundfile.LibsndfileError as error:
                        failed, part = error, np.empty((0, self.channels), np.float32)
                    parts.append(part)
                    have += len(part)
                    ended = not len(part)
                if have:
                    yield np.concatenate(parts)
                if failed is not None:
                    reason = str(failed.error_string).rstrip(". ") or "its data end too soon"
                    raise RecordingError(f"damaged: {reason}", where=str(self.path)) from failed


class SoundSource(SampleSource):
    """Samples of a :class:`SoundFile`: channel ``pick``, or the first two as IQ where that is None."""

    def __init__(self, facts: SourceFacts, sound: SoundFile, *, pick: int | None, block_samples: int) -> None:
        super().__init__(facts, block_samples=block_samples)
        self._sound = sound
        self._pick = pick
        self._identity: str | None = None
        self._closed = False

    @property
    def identity(self) -> str:
        """See :class:`SampleSource`."""
        if self._identity is None:
            self._identity = sha256_of_file(self._sound.path)
        return self._identity

    def close(self) -> None:
        """See :class:`SampleSource`."""
        self._closed = True

    def _pieces(self) -> Iterator[Piece]:
        position = 0
        try:
            for frames in self._sound.frames(self.block_samples):
                if self._closed:
                    return
                samples = (
                    frames[:, :2].copy().view("complex64")[:, 0]
                    if self._pick is None
                    else frames[:, self._pick].copy()
                )
                yield Piece(samples=samples, start_sample=position, anchor=self.facts.anchor)
                position += samples.size
        except RecordingError as error:  # what was decoded before stays good
            self.warnings.append(f"{error}; decoding what is there")
        if self.duration_s is not None and position < round(self.duration_s * self.sample_rate_hz):
            missing_s = self.duration_s - position / self.sample_rate_hz
            self.warnings.append(f"{self.description}: cut short; {missing_s:.3f} s are missing")
