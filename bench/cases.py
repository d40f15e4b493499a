"""The signals of the sensitivity table, what is wanted of gsctl on each, and who else can hear them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from bench import peers, signals
from bench.impairments import AudioPath
from bench.peers import PeerResult
from bench.signals import Signal
from gsctl.waveform import Afsk, Bpsk, Fsk, Waveform

# A narrow channel, so that a batch of slow frames fits in memory.
BPSK_1200_RATE_HZ = 12000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A program of others and how it is run; ``counts_only`` where it does not give the bytes back."""

    label: str
    program: str
    run: Callable[[Signal], PeerResult]
    counts_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of the table.

    Attributes:
        make: (Eb/N0 in dB, frames, seed) to a signal.
        told: what the receiver knows; a deviation is not told.
        audio: the receiver hears FM-discriminator audio instead of IQ.
        target_db: wanted 50 % and 90 % points.
        guess_db: where the search begins.
        extra: measured with ``--all`` or by its name only.
    """

    name: str
    make: Callable[[float, int, int], Signal]
    told: Waveform
    audio: bool = False
    target_db: tuple[float, float] | None = None
    guess_db: float = 10.0
    extra: bool = False
    peers: tuple[Peer, ...] = ()

    def possible(self) -> bool:
        """Whether gsctl has a demodulator and a deframer for it."""
        from gsctl.deframe import DEFRAMERS
        from gsctl.demod import DEMODULATORS

        return type(self.told) in DEMODULATORS and type(self.make(30.0, 1, 1).framing) in DEFRAMERS


def _direwolf(label: str, *options: str) -> Peer:
    return Peer(
        label=label, program="atest", run=lambda s: peers.direwolf(s.audio(), s.sample_rate_hz, options)
    )


def _multimon(mode: str) -> Peer:
    return Peer(
        label="multimon-ng",
        program="multimon-ng",
        run=lambda s: peers.multimon(s.audio(), s.sample_rate_hz, mode),
        counts_only=True,
    )


def _gr_satellites(
    modulation: str, rate_bd: float, framing: str, deviation_hz: float | None = None, *, audio: bool = False
) -> Peer:
    description = peers.satellite_yaml(modulation, rate_bd, framing, deviation_hz)
    return Peer(
        label="gr-satellites, audio" if audio else "gr-satellites, IQ",
        program="gr_satellites",
        run=lambda s: peers.gr_satellites(s.audio() if audio else s.samples, s.sample_rate_hz, description),
    )


_PACKET_PEERS = (
    _direwolf("Dire Wolf", "-B", "9600"),
    _direwolf("Dire Wolf, +1 bit", "-B", "9600", "-F", "1"),
    _multimon("FSK9600"),
    _gr_satellites("FSK", 9600, "AX.25 G3RUH", 2400),
)
_AFSK_PEERS = (
    _direwolf("Dire Wolf", "-B", "1200"),
    _direwolf("Dire Wolf, +1 bit", "-B", "1200", "-F", "1"),
    _multimon("AFSK1200"),
    _gr_satellites("AFSK", 1200, "AX.25", 500, audio=True),
)


def _fsk(
    name: str,
    target_db: tuple[float, float] | None,
    *,
    rate_bd: float = 9600.0,
    index: float = 0.5,
    bt: float | None = 0.5,
    drift_hz_s: float = 0.0,
    others: tuple[Peer, ...] = (),
) -> Case:
    def make(ebn0_db: float, count: int, seed: int) -> Signal:
        return signals.g3ruh_bursts(
            ebn0_db,
            count,
            seed,
            symbol_rate_bd=rate_bd,
            index=index,
            bt=bt,
            sample_rate_hz=max(5 * rate_bd, 12000.0),
            drift_hz_s=drift_hz_s,
        )

    return Case(
        name=name,
        make=make,
        told=Fsk(symbol_rate_bd=rate_bd),
        target_db=target_db,
        guess_db=8.0,
        extra=target_db is None,
        peers=others,
    )


def _bpsk(
    name: str,
    target_db: tuple[float, float] | None = None,
    *,
    rate_bd: float = 1200.0,
    g3ruh: bool = False,
    rate_hz: float = BPSK_1200_RATE_HZ,
    others: tuple[Peer, ...] = (),
    **changes: float,
) -> Case:
    def make(ebn0_db: float, count: int, seed: int) -> Signal:
        make_bpsk: Callable[..., Signal] = signals.bpsk_bursts
        return make_bpsk(
            ebn0_db, count, seed, symbol_rate_bd=rate_bd, g3ruh=g3ruh, sample_rate_hz=rate_hz, **changes
        )

    return Case(
        name=name,
        make=make,
        told=Bpsk(symbol_rate_bd=rate_bd),
        target_db=target_db,
        guess_db=8.0,
        extra=target_db is None,
        peers=others,
    )


def _audio(name: str, path: AudioPath, *, packet: bool) -> Case:
    """FSK 9600 or AFSK 1200 through a receiver that is not the contract's."""
    plain = _g3ruh_on_tune if packet else _afsk

    def make(ebn0_db: float, count: int, seed: int) -> Signal:
        return dataclasses.replace(plain(ebn0_db, count, seed), audio_path=path)

    return Case(
        name=f"{'fsk-9600' if packet else 'afsk-1200'}-audio-{name}",
        make=make,
        told=Fsk(symbol_rate_bd=9600.0) if packet else Afsk(),
        audio=True,
        guess_db=14.0 if packet else 17.0,
        extra=True,
        peers=(_PACKET_PEERS if packet else _AFSK_PEERS)[:1],
    )


def _ccsds_gmsk(ebn0_db: float, count: int, seed: int) -> Signal:
    return signals.ccsds_bursts(ebn0_db, count, seed, gmsk=True)


def _afsk(ebn0_db: float, count: int, seed: int) -> Signal:
    return signals.afsk_bursts(ebn0_db, count, seed)


def _afsk_off_tune(ebn0_db: float, count: int, seed: int) -> Signal:
    return signals.afsk_bursts(ebn0_db, count, seed, offset_spread_hz=500.0)


def _g3ruh_on_tune(ebn0_db: float, count: int, seed: int) -> Signal:
    return signals.g3ruh_bursts(ebn0_db, count, seed, offset_spread_hz=0.0)


# Receivers as people have them; each costs some sensitivity and none is a failure.
AUDIO_PATHS: dict[str, AudioPath] = {
    "12.5-khz": AudioPath(cutoff_hz=6250.0),
    "25-khz": AudioPath(cutoff_hz=12500.0),
    "2-khz-off-tune": AudioPath(off_tune_hz=2000.0),
    "de-emphasis": AudioPath(deemphasis_s=750e-6),
    "high-pass": AudioPath(high_pass_hz=300.0),
    "voice-path": AudioPath(deemphasis_s=750e-6, high_pass_hz=300.0),
    "agc": AudioPath(agc=True),
    "squelch-tails": AudioPath(squelch_tail_s=0.03),
    "clipping": AudioPath(overdrive=3.0),
    "vorbis": AudioPath(vorbis=True),
}
CASES: tuple[Case, ...] = (
    _fsk("fsk-9600", (7.5, 9.0), others=_PACKET_PEERS),
    _fsk("fsk-9600-h0.625", (9.0, 10.5), index=0.625),
    _fsk("fsk-9600-h0.7", (9.0, 10.5), index=0.7),
    _fsk("fsk-9600-bt0.3", (9.0, 10.5), bt=0.3),
    _fsk("fsk-9600-bt1.0", (9.0, 10.5), bt=1.0),
    _fsk("fsk-9600-rectangular", (9.0, 10.5), bt=None),
    _fsk("fsk-1200", (8.0, 9.5), rate_bd=1200.0),
    _fsk("fsk-4800", (8.0, 9.5), rate_bd=4800.0),
    _fsk("fsk-19200", (8.0, 9.5), rate_bd=19200.0),
    _fsk("fsk-9600-h0.33", None, index=0.33),
    _fsk("fsk-9600-h0.8", None, index=0.8),
    _fsk("fsk-9600-h1.0", None, index=1.0),
    _fsk("fsk-1200-h1.0", None, rate_bd=1200.0, index=1.0),
    _fsk("fsk-9600-drift", (8.0, 9.5), drift_hz_s=100.0),
    _bpsk("bpsk-1200", (7.8, 9.2), others=(_gr_satellites("BPSK", 1200, "AX.25"),)),
    _bpsk("bpsk-1200-3-khz-off", offset_spread_hz=3000.0),
    _bpsk("bpsk-1200-drift-170", drift_hz_s=170.0),
    # A step or a null ends the frame that it hits; short frames in a row show what it costs the others.
    _bpsk("bpsk-1200-short", info_bytes=40, frames_per_burst=5),
    _bpsk("bpsk-1200-stepping", info_bytes=40, frames_per_burst=5, drift_hz_s=170.0, retune_step_hz=200.0),
    _bpsk("bpsk-1200-null", info_bytes=40, frames_per_burst=5, null_depth_db=25.0),
    _bpsk("bpsk-1200-fading-10", fading_db=10.0),
    _bpsk(
        "bpsk-9600", (7.8, 9.2), rate_bd=9600.0, g3ruh=True, rate_hz=48000.0,
        others=(_gr_satellites("BPSK", 9600, "AX.25 G3RUH"),),
    ),
    Case(
        name="ccsds-bpsk-9600", make=signals.ccsds_bursts, told=Bpsk(symbol_rate_bd=9600.0),
        target_db=(-0.5, 0.0), guess_db=1.0,
    ),
    Case(name="ccsds-gmsk-9600", make=_ccsds_gmsk, told=Fsk(symbol_rate_bd=9600.0), guess_db=2.0),
    Case(
        name="afsk-1200", make=_afsk_off_tune, told=Afsk(fm_deviation_hz=3000.0), target_db=(14.5, 16.0),
        guess_db=16.0,
    ),
    Case(
        name="ais", make=signals.ais_bursts, told=Fsk(symbol_rate_bd=9600.0, deviation_hz=2400.0, bt=0.4),
        target_db=(5.6, 7.2), guess_db=7.0,
    ),
    Case(
        name="fsk-9600-audio", make=_g3ruh_on_tune, told=Fsk(symbol_rate_bd=9600.0), audio=True,
        target_db=(13.0, 14.5), guess_db=14.0, peers=_PACKET_PEERS[:3],
    ),
    Case(
        name="afsk-1200-audio", make=_afsk, told=Afsk(), audio=True, target_db=(16.5, 17.5),
        guess_db=17.0, peers=_AFSK_PEERS,
    ),
    *(_audio(name, path, packet=True) for name, path in AUDIO_PATHS.items()),
    *(_audio(name, path, packet=False) for name, path in AUDIO_PATHS.items()),
)  # fmt: skip


def by_name(name: str) -> Case:
    """The case called ``name``."""
    return next(case for case in CASES if case.name == name)
