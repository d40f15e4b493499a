"""Other people's decoders, run on the very same files: Dire Wolf, multimon-ng and gr-satellites.

Each function takes samples or audio, writes the file that the program reads, runs it with a time
limit and gives back the frames (without FCS) and the CPU seconds of the process.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gsctl.synth.audio import Audio
from gsctl.synth.channel import Samples

TIME_LIMIT_S = 900.0
# Loud enough for programs that look at the level: a deviation of 3 kHz at 48 kS/s becomes a half.
FILE_GAIN = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerResult:
    """What a program heard, in its order, repeats kept."""

    frames: tuple[bytes, ...]
    cpu_s: float


def installed(program: str) -> bool:
    """Whether a program stands in PATH and runs (gr_satellites may lack its GNU Radio)."""
    if shutil.which(program) is None:
        return False
    if program != "gr_satellites":
        return True
    asked = subprocess.run([program, "--version"], capture_output=True, check=False, timeout=60)
    return asked.returncode == 0


def write_wav(path: Path, audio: Audio, sample_rate_hz: float, *, gain: float = FILE_GAIN) -> None:
    """A 16-bit mono file; the same for every program."""
    words = np.clip(np.round(audio * (gain * 32768)), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(round(sample_rate_hz))
        file.writeframes(words.tobytes())


def direwolf(audio: Audio, sample_rate_hz: float, options: Sequence[str]) -> PeerResult:
    """Dire Wolf's ``atest``; options such as ``-B 9600`` or ``-B 1200 -P A``."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "signal.wav"
        write_wav(path, audio, sample_rate_hz)
        text, cpu_s = _run(["atest", "-h", *options, str(path)])
    return PeerResult(frames=tuple(parse_atest(text)), cpu_s=cpu_s)


def parse_atest(text: str) -> list[bytes]:
    """The frames in the output of ``atest -h``: hex dumps of 16 bytes a line, each from 000."""
    return _hex_dumps(text, r"(?:\x1b\[[0-9;]*[a-zA-Z])*\s+([0-9a-f]{3}):\s((?: [0-9a-f]{2}){1,16})")


def parse_hexdump(text: str) -> list[bytes]:
    """The frames in the output of ``gr_satellites --hexdump``, each from 0000."""
    return _hex_dumps(text, r"([0-9a-f]{4,}): ((?:[0-9a-f]{2} ){1,16})")


def _hex_dumps(text: str, pattern: str) -> list[bytes]:
    frames: list[bytearray] = []
    for line in text.splitlines():
        dump = re.match(pattern, line)
        if dump is None:
            continue
        if int(dump[1], 16) == 0:
            frames.append(bytearray())
        if frames:
            frames[-1] += bytes.fromhex(dump[2])
    return [bytes(frame) for frame in frames]


def multimon(audio: Audio, sample_rate_hz: float, mode: str) -> PeerResult:
    """multimon-ng with demodulator ``AFSK1200`` or ``FSK9600``; it wants 22 050 samples/s.

    It prints frames as text with header fields apart, so the info field alone comes back, and only
    what its printing leaves unharmed: send printable characters.
    """
    from scipy.signal import resample_poly

    audio_22k = resample_poly(audio, 147, round(sample_rate_hz) * 147 // 22050)
    words = np.clip(np.round(audio_22k * FILE_GAIN * 32768), -32768, 32767).astype("<i2")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "signal.raw"
        path.write_bytes(words.tobytes())
        text, cpu_s = _run(["multimon-ng", "-q", "-t", "raw", "-a", mode, str(path)])
    heard = re.findall(rf"^{mode}: fm .*\n(.*)$", text, re.MULTILINE)
    return PeerResult(frames=tuple(info.encode("latin-1") for info in heard), cpu_s=cpu_s)


def gr_satellites(
    samples: Samples | Audio, sample_rate_hz: float, description: str, options: Sequence[str] = ()
) -> PeerResult:
    """gr_satellites with a satellite description in its YAML; complex samples as IQ, real ones as audio."""
    with tempfile.TemporaryDirectory() as folder:
        yaml = Path(folder) / "satellite.yml"
        yaml.write_text(description)
        arguments = [str(yaml), "--samp_rate", f"{sample_rate_hz:g}", "--hexdump", *options]
        if np.iscomplexobj(samples):
            path = Path(folder) / "signal.cf32"
            scale = 0.3 / float(np.sqrt(np.mean(np.abs(samples) ** 2)))
            path.write_bytes((samples * np.float32(scale)).astype("<c8").tobytes())
            arguments += ["--rawfile", str(path), "--iq"]
        else:
            path = Path(folder) / "signal.wav"
            write_wav(path, samples.astype(np.float32), sample_rate_hz)
            arguments += ["--wavfile", str(path)]
        text, cpu_s = _run(["gr_satellites", *arguments])
    return PeerResult(frames=tuple(parse_hexdump(text)), cpu_s=cpu_s)


def gr_satellites_by_name(
    audio: Audio, sample_rate_hz: float, satellite: str, options: Sequence[str] = ()
) -> PeerResult:
    """gr_satellites with what it knows itself of a satellite, as its authors run it on a recording."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "signal.wav"
        write_wav(path, audio, sample_rate_hz)
        arguments = [satellite, "--wavfile", str(path), "--samp_rate", f"{sample_rate_hz:g}", "--hexdump"]
        text, cpu_s = _run(["gr_satellites", *arguments, *options])
    return PeerResult(frames=tuple(parse_hexdump(text)), cpu_s=cpu_s)


def satellite_yaml(modulation: str, baudrate: float, framing: str, deviation_hz: float | None = None) -> str:
    """A minimal description for gr_satellites."""
    lines = [
        "name: Test",
        "norad: 99999",
        "data:",
        "  &tlm Telemetry:",
        "    telemetry: ax25",
        "transmitters:",
    ]
    lines += ["  Signal:", "    frequency: 437.000e+6", f"    modulation: {modulation}"]
    lines += [f"    baudrate: {baudrate:g}", f"    framing: {framing}"]
    if deviation_hz is not None:
        lines.append(f"    deviation: {deviation_hz:g}")
    if modulation == "AFSK":
        lines.append("    af_carrier: 1700")
    return "\n".join([*lines, "    data:", "    - *tlm", ""])


def _run(arguments: Sequence[str]) -> tuple[str, float]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        list(arguments),
        capture_output=True,
        check=False,
        timeout=TIME_LIMIT_S,
        stdin=subprocess.DEVNULL,
        env=_environment(),
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout.decode("latin-1"), cpu_s


def _environment() -> dict[str, str]:
    """Without our own Python's paths, which GNU Radio under the system's Python must not see."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
