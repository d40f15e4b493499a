"""What codes and trellises give with ideal synchronisation: the lines beside the receivers' in the table.

Carrier, timing, level and noise are known here, and no frame is looked for; what is left is the code,
or the code behind the sequence detector that the receiver uses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gsctl.coding.bit_order import Bits

Random = np.random.Generator
# The symbols of one frame, as sent, to soft decisions of them at an Es/N0 (a ratio).
Line = Callable[[Bits, float, Random], NDArray[np.float32]]

# In front of the symbols looked at: the detector's phase reference has settled by then.
_SETTLING_SYMBOLS = 1000
_FORGETTING = 0.999  # a thousand symbols: as good as a known phase
_MEMORY = 3  # bits in a state, as at effort normal


def antipodal(symbols: Bits, es_n0: float, random: Random) -> NDArray[np.float32]:
    """BPSK with ideal synchronisation: +1 and -1 in Gaussian noise; (n,) to (n,)."""
    sigma = float(np.sqrt(0.5 / es_n0))
    soft = np.where(symbols == 1, 1.0, -1.0) + sigma * random.standard_normal(len(symbols))
    return np.asarray(soft, np.float32)


def gmsk(symbols: Bits, es_n0: float, random: Random) -> NDArray[np.float32]:
    """GMSK, h 0.5 and BT 0.5, through the receiver's trellis and soft output; (n,) to (n,).

    The symbols are sent as frequencies without a precoder, so an error of the detector flips two.
    """
    from gsctl.dsp import cpm_kernels as kernels
    from gsctl.dsp.cpm_waveform import SAMPLES_PER_SYMBOL, symbol_templates
    from gsctl.synth import channel
    from gsctl.synth.modulators import modulate
    from gsctl.waveform import Fsk

    settling, after = (random.integers(0, 2, n, dtype=np.uint8) for n in (_SETTLING_SYMBOLS, 16))
    line = np.concatenate((settling, symbols, after))
    # Half a sample late, the samples lie where the templates have theirs.
    sent = modulate(Fsk(symbol_rate_bd=1.0, deviation_hz=0.25, bt=0.5), line, SAMPLES_PER_SYMBOL, delay=0.5)
    variance = SAMPLES_PER_SYMBOL / es_n0
    heard = sent.samples + channel.noise(len(sent.samples), variance, random)
    first = round(sent.first_symbol - (SAMPLES_PER_SYMBOL - 1) / 2)
    samples = np.ascontiguousarray(heard[first : first + SAMPLES_PER_SYMBOL * len(line)], np.complex64)
    correlations = np.empty((len(line), 8), np.complex64)
    kernels.correlate_symbols(samples, symbol_templates(0.5, 0.5), correlations)
    choice, margin = kernels.empty_record(len(line), _MEMORY)
    still = np.ones(len(line), np.complex64)
    _, last = kernels.detect_sequence(correlations, still, 0.5, _FORGETTING, _MEMORY, choice, margin)
    bits, path = np.zeros(len(line), np.uint8), np.zeros(len(line), np.int32)
    kernels.trace_back(choice, last, _MEMORY, bits, path)
    loss = np.full(len(line), 1e6, np.float32)
    competitor = np.empty(len(line), np.int32), np.empty(len(line), np.uint64)
    kernels.competing_paths(choice, margin, path, _MEMORY, loss, *competitor)
    soft = np.where(bits == 1, loss, -loss) * np.float32(2 / variance)
    return np.asarray(soft[_SETTLING_SYMBOLS : _SETTLING_SYMBOLS + len(symbols)], np.float32)


def concatenated_share(line: Line, es_n0_db: float, frames: int) -> float:
    """Share of frames of CCSDS K = 7 and (255,223) Reed-Solomon, depth 1, that come out of ``line``."""
    from gsctl.coding.bit_order import bits_to_bytes, bytes_to_bits
    from gsctl.coding.convolutional import CCSDS_K7, viterbi_block
    from gsctl.coding.reed_solomon import CCSDS_DUAL

    random = np.random.default_rng([round(es_n0_db * 100) + 10_000, 0xCC5D5])
    heard = 0
    for _ in range(frames):
        message = random.bytes(223)
        symbols = CCSDS_K7.encode(bytes_to_bits(CCSDS_DUAL.encode(message)), tail=True)
        soft = line(symbols, 10 ** (es_n0_db / 10), random)
        decoded = CCSDS_DUAL.decode(bits_to_bytes(viterbi_block(soft, CCSDS_K7)[: 255 * 8]))
        heard += decoded is not None and decoded.message == message
    return heard / frames


# The case of the table that each stands beside, its line, and levels from no frame to all, dB.
LINES: dict[str, tuple[Line, Sequence[float]]] = {
    "ccsds-bpsk-9600": (antipodal, [x / 10 for x in range(-26, 1, 2)]),
    "ccsds-gmsk-9600": (gmsk, [x / 10 for x in range(2, 25, 2)]),
}


def threshold_line(name: str, frames: int) -> str:
    """A line of the sensitivity table: Es/N0 for half and nine tenths of the frames, dB."""
    line, levels_db = LINES[name]
    shares = [concatenated_share(line, level_db, frames) for level_db in levels_db]
    half, most = (float(np.interp(share, shares, levels_db)) for share in (0.5, 0.9))
    return f"{name:26} {'ideal synchronisation':20} {half:6.2f} / {most:6.2f}"
