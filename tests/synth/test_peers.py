"""The simulator against programs that nobody here wrote: Dire Wolf, multimon-ng, gr-satellites."""

import os
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from bench import peers
from bench.signals import AX25_HEADER, Signal, ais_bursts, bpsk_bursts, bursts, g3ruh_bursts
from gsctl.coding.bit_order import bits_to_bytes
from gsctl.coding.hdlc import FLAG_BITS, fcs_holds, unstuff
from gsctl.coding.line_codes import nrzi_decode
from gsctl.coding.scramblers import g3ruh_descramble
from gsctl.framing import Ax25, Text
from gsctl.synth.framers import line_symbols
from gsctl.synth.modulators import modulate
from gsctl.waveform import Afsk, Fsk, Morse


def need(program: str, *, listed: bool = True) -> None:
    """Skip without the program; fail where CI promises it (``listed`` in .ci/apt-packages)."""
    if peers.installed(program):
        return
    if listed and os.environ.get("GSCTL_REQUIRE_DATA") == "1":
        pytest.fail(f"{program} is missing")
    pytest.skip(f"{program} is not installed")


def heard_by_direwolf(signal: Signal, *options: str) -> tuple[bytes, ...]:
    need("atest")
    return peers.direwolf(signal.audio(), signal.sample_rate_hz, options).frames


def test_direwolf_hears_every_g3ruh_frame() -> None:
    signal = g3ruh_bursts(25.0, 12, seed=1)
    assert heard_by_direwolf(signal, "-B", "9600") == signal.payloads


@pytest.mark.parametrize("together", [1, 4])
def test_direwolf_hears_every_afsk_frame(together: int) -> None:
    payloads = [AX25_HEADER + bytes([n]) * 40 for n in range(8)]
    signal = bursts(Afsk(), Ax25(), payloads, 25.0, 2, frames_per_burst=together)
    assert heard_by_direwolf(signal, "-B", "1200") == signal.payloads


def test_direwolf_hears_every_ais_message() -> None:
    signal = ais_bursts(25.0, 12, seed=3, offset_spread_hz=300)
    # Dire Wolf wraps each message in an AX.25 frame of its own as an !AIVDM sentence.
    heard = heard_by_direwolf(signal, "-B", "AIS")
    sentences = [frame[frame.index(b"!AIVDM") :].split(b",")[5] for frame in heard]
    assert sentences == [armoured(payload) for payload in signal.payloads]


def armoured(message: bytes) -> bytes:
    """NMEA's six bits a character (IEC 61162-1)."""
    value, letters = int.from_bytes(message, "big"), []
    for place in range(len(message) * 8 - 6, -1, -6):
        six = value >> place & 63
        letters.append(six + 48 if six < 40 else six + 56)
    return bytes(letters)


@pytest.mark.parametrize(
    ("waveform", "g3ruh", "mode"),
    [(Afsk(), False, "AFSK1200"), (Fsk(symbol_rate_bd=9600, deviation_hz=2400, bt=0.5), True, "FSK9600")],
)
def test_multimon_hears_what_is_sent(waveform: Afsk | Fsk, g3ruh: bool, mode: str) -> None:
    need("multimon-ng")
    texts = [b"the frame with number %d" % n for n in range(10)]
    signal = bursts(waveform, Ax25(g3ruh=g3ruh), [AX25_HEADER + text for text in texts], 30.0, 4)
    heard = peers.multimon(signal.audio(), signal.sample_rate_hz, mode).frames
    assert set(heard) <= set(texts)
    assert len(set(heard)) >= 9  # it has no FCS check to pass in vain; it misses one now and then


def test_multimon_reads_the_morse(tmp_path: Path) -> None:
    need("multimon-ng")
    text = "CQ DE JQ1YCZ KOSEN 1 = 73"
    burst = modulate(Morse(speed_wpm=20.0), line_symbols(Text(), [text.encode()], opening=20).values, 22050)
    tone = 0.5 * np.abs(burst.samples) * np.sin(2 * np.pi * 700 / 22050 * np.arange(len(burst.samples)))
    path = tmp_path / "morse.raw"
    path.write_bytes(np.concatenate([(tone * 32767).astype("<i2"), np.zeros(22050, "<i2")]).tobytes())
    done = subprocess.run(
        ["multimon-ng", "-q", "-t", "raw", "-a", "MORSE_CW", "-d", "60", "-g", "60", str(path)],
        capture_output=True,
        check=True,
    )
    assert " ".join(done.stdout.decode().split()) == text


def test_our_bits_read_what_direwolf_sends(tmp_path: Path) -> None:
    need("gen_packets")
    path = tmp_path / "packets.wav"
    subprocess.run(
        ["gen_packets", "-B", "9600", "-r", "48000", "-o", str(path)], check=True, capture_output=True
    )
    with wave.open(str(path)) as file:
        audio = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    lines = (((audio[phase::5] > 0).astype(np.uint8)) for phase in range(5))
    found = {frame for line in lines for frame in frames_in(bytes(nrzi_decode(g3ruh_descramble(line))))}
    infos = sorted(frame[16:-2] for frame in found)
    assert infos == [b",The quick brown fox jumps over the lazy dog!  %d of 4" % n for n in (1, 2, 3, 4)]


def frames_in(bits: bytes) -> list[bytes]:
    pieces = bits.split(FLAG_BITS.tobytes())
    octets = (bits_to_bytes(unstuff(np.frombuffer(piece, np.uint8)), lsb_first=True) for piece in pieces)
    return [frame for frame in octets if len(frame) > 17 and fcs_holds(frame)]


@pytest.mark.parametrize("g3ruh", [False, True])
def test_gr_satellites_hears_bpsk(g3ruh: bool) -> None:
    need("gr_satellites", listed=False)
    rate_bd = 9600.0 if g3ruh else 1200.0
    signal = bpsk_bursts(
        20.0, 4, seed=5, symbol_rate_bd=rate_bd, g3ruh=g3ruh, info_bytes=60, offset_spread_hz=20, drift_hz_s=0
    )
    description = peers.satellite_yaml("BPSK", rate_bd, "AX.25 G3RUH" if g3ruh else "AX.25")
    heard = peers.gr_satellites(signal.samples, signal.sample_rate_hz, description).frames
    assert set(heard) <= set(signal.payloads)
    assert len(set(heard)) >= 3
