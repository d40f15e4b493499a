"""What spoils a test signal: on the air, burst by burst, and in an FM receiver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gsctl.synth import audio, channel
from gsctl.synth.audio import Audio
from gsctl.synth.channel import Samples

SQUELCH_DELAY_S = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Impairments:
    """What happens to each burst; spreads are uniform between minus and plus.

    Attributes:
        offset_hz: of the carrier; ``offset_spread_hz`` adds to it by chance.
        clock_spread_ppm: error of the symbol clock.
        drift_hz_s: of the carrier, the same for all bursts.
        level_spread_db: bursts weaker by up to this much, in an even spread.
        retune_step_hz: the receiver follows ``drift_hz_s`` in such steps, its phase not continuous.
        null_depth_db: one polarisation null of 50 ms in each burst, the phase flipped after it.
        fading_db: the level swings by so much, once in each burst.
    """

    offset_hz: float = 0.0
    offset_spread_hz: float = 0.0
    clock_spread_ppm: float = 0.0
    drift_hz_s: float = 0.0
    level_spread_db: float = 0.0
    retune_step_hz: float | None = None
    null_depth_db: float | None = None
    fading_db: float = 0.0

    def on(self, samples: Samples, rate_hz: float, random: np.random.Generator) -> tuple[Samples, float]:
        """One burst spoilt, and its carrier offset at the start."""
        time_s = np.arange(len(samples)) / rate_hz
        gain = np.full(len(samples), 10 ** (-random.uniform(0, self.level_spread_db) / 20))
        if self.null_depth_db is not None:
            middle_s = random.uniform(0.1, 0.9) * time_s[-1]
            gain *= channel.polarisation_null(time_s, middle_s, depth_db=self.null_depth_db)
        if self.fading_db:
            gain *= channel.fading_gain(
                time_s, self.fading_db, time_s[-1], phase_s=random.uniform(0, time_s[-1])
            )
        spoilt = samples * gain.astype(np.float32)
        drift_hz_s = self.drift_hz_s
        if self.retune_step_hz is not None:
            spoilt = channel.stepped(spoilt, rate_hz, drift_hz_s, self.retune_step_hz, random)
            drift_hz_s = 0.0
        offset_hz = self.offset_hz + random.uniform(-1, 1) * self.offset_spread_hz
        phase_cycles = random.random()
        return channel.offset(
            spoilt, rate_hz, offset_hz, drift_hz_s=drift_hz_s, phase_cycles=phase_cycles
        ), offset_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioPath:
    """A receiver between the air and the sound file; the defaults are the contract's.

    Attributes:
        cutoff_hz: -6 dB point of the IF filter.
        off_tune_hz: how far beside the carrier it is tuned.
        deemphasis_s: time constant; None is flat.
        high_pass_hz: corner; None goes down to zero.
        agc: the level is held.
        overdrive: gain before clipping at a deviation of 6 kHz; None does not clip.
        vorbis: kept as OGG Vorbis.
        squelch_tail_s: silence between bursts, but for so much noise after each; opened as late as
            ``SQUELCH_DELAY_S``. None is open all the time.
    """

    cutoff_hz: float = 7500.0
    off_tune_hz: float = 0.0
    deemphasis_s: float | None = None
    high_pass_hz: float | None = None
    agc: bool = False
    overdrive: float | None = None
    vorbis: bool = False
    squelch_tail_s: float | None = None

    def heard(self, samples: Samples, rate_hz: float, bursts_s: Sequence[tuple[float, float]] = ()) -> Audio:
        """The audio of IQ samples, 16 bits; ``bursts_s`` (start, end) are what a squelch opens for."""
        tuned = channel.offset(samples, rate_hz, self.off_tune_hz) if self.off_tune_hz else samples
        sound = audio.fm_audio(tuned, rate_hz, cutoff_hz=self.cutoff_hz, sixteen_bits=False)
        if self.deemphasis_s is not None:
            sound = audio.deemphasis(sound, rate_hz, time_constant_s=self.deemphasis_s)
        if self.high_pass_hz is not None:
            sound = audio.high_pass(sound, rate_hz, cutoff_hz=self.high_pass_hz)
        if self.agc:
            sound = audio.agc(sound, rate_hz, level=0.2)
        if self.overdrive is not None:
            sound = audio.clipped(sound, self.overdrive * rate_hz / 2 / 6000) / np.float32(rate_hz / 2 / 6000)
        if self.squelch_tail_s is not None:
            tail_s = self.squelch_tail_s
            sound = audio.squelched(
                sound, rate_hz, [(start + SQUELCH_DELAY_S, end + tail_s) for start, end in bursts_s]
            )
        if self.vorbis:
            sound = audio.through_vorbis(sound, rate_hz)
        return audio.rounded_to_16_bits(sound)


# FM-discriminator audio as docs/CONTRACT.md ("Numbers") defines it.
CONTRACT_AUDIO = AudioPath()
