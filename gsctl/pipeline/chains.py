"""What to listen for: a waveform, the framings to try on it, and whose signal it may be."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gsctl.deframe import DEFRAMERS
from gsctl.demod import DEMODULATORS
from gsctl.errors import CatalogError, UsageError
from gsctl.framing import FRAMINGS, Ax25, Framing, framing_name
from gsctl.model import Direction, Domain, Satellite, Transmitter
from gsctl.waveform import COMMON_SYMBOL_RATES_BD, WAVEFORMS, Afsk, Bpsk, Waveform, waveform_name

# Tried where no framing is told: what most amateur satellites send.
COMMON_FRAMINGS: tuple[Framing, ...] = (Ax25(), Ax25(g3ruh=True))
# On a BPSK downlink other rates than these two are rare.
COMMON_BPSK_RATES_BD = (1200.0, 9600.0)
# AX.25 over two audio tones is not scrambled.
AFSK_FRAMINGS: tuple[Framing, ...] = (Ax25(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One waveform, fully told, with the framings to try on its soft bits.

    Attributes:
        expected_offset_hz: how far from its nominal frequency the signal is looked for.
    """

    waveform: Waveform
    framings: tuple[Framing, ...]
    satellite: Satellite | None = None
    transmitter: Transmitter | None = None
    expected_offset_hz: float = 0.0

    @property
    def label(self) -> str:
        """For people: ``bpsk 1200 Bd, ax25 or ax25-g3ruh``."""
        names = " or ".join(framing_name(framing) for framing in self.framings)
        return f"{waveform_name(self.waveform)} {self.waveform.symbol_rate_bd:g} Bd, {names}"


def default_domain(waveform: Waveform) -> Domain:
    """What a mono recording of this waveform usually is."""
    return Domain.SSB_AUDIO if waveform_name(waveform) in {"bpsk", "morse"} else Domain.FM_AUDIO


def chains_for_waveform(waveform: Waveform, framings: Sequence[Framing] = ()) -> tuple[Chain, ...]:
    """The chains for a waveform that may be told in part: a chain for each symbol rate to try.

    Raises:
        UsageError: nothing here demodulates the waveform or deframes a framing.
    """
    _require_demodulator(waveform)
    for framing in framings:
        _require_deframer(framing)
    chosen = tuple(framings) or (AFSK_FRAMINGS if isinstance(waveform, Afsk) else COMMON_FRAMINGS)
    return tuple(Chain(waveform=whole, framings=chosen) for whole in _with_rates(waveform))


def chains_for_satellite(satellite: Satellite, label: str | None = None) -> tuple[Chain, ...]:
    """The chains for a satellite's downlinks; those that gsctl cannot hear are left out.

    Args:
        satellite: from the catalogue.
        label: of one transmitter, or part of it; case ignored.

    Raises:
        CatalogError: no transmitter fits the label, or none can be decoded; the message says why.
    """
    downlinks = [t for t in satellite.transmitters if t.direction is Direction.DOWNLINK]
    if label is not None:
        chosen = [t for t in downlinks if label.casefold() in t.label.casefold()]
        if not chosen:
            have = ", ".join(t.label for t in downlinks) or "none is known"
            raise CatalogError(
                f"no downlink {label!r}", where=satellite.name, advice=f"its downlinks: {have}"
            )
        downlinks = chosen
    chains = tuple(itertools.chain.from_iterable(_transmitter_chains(satellite, t) for t in downlinks))
    if not chains:
        have = ", ".join(t.label for t in downlinks) or "none is known"
        raise CatalogError(
            "none of its downlinks can be decoded",
            where=satellite.name,
            advice=f"known: {have}; say --waveform and --framing to try your own",
        )
    return chains


def _transmitter_chains(satellite: Satellite, transmitter: Transmitter) -> Iterator[Chain]:
    waveform = transmitter.waveform
    if waveform is None or type(waveform) not in DEMODULATORS:
        return
    framings: tuple[Framing, ...]
    if transmitter.framing is None:
        framings = AFSK_FRAMINGS if isinstance(waveform, Afsk) else COMMON_FRAMINGS
    elif type(transmitter.framing) in DEFRAMERS:
        framings = (transmitter.framing,)
    else:
        return
    for whole in _with_rates(waveform):
        yield Chain(waveform=whole, framings=framings, satellite=satellite, transmitter=transmitter)


def _with_rates(waveform: Waveform) -> tuple[Waveform, ...]:
    if waveform.symbol_rate_bd is not None:
        return (waveform,)
    rates = COMMON_BPSK_RATES_BD if isinstance(waveform, Bpsk) else COMMON_SYMBOL_RATES_BD
    return tuple(dataclasses.replace(waveform, symbol_rate_bd=rate) for rate in rates)


def _require_demodulator(waveform: Waveform) -> None:
    if type(waveform) not in DEMODULATORS:
        can = ", ".join(name for name, kind in WAVEFORMS.items() if kind in DEMODULATORS)
        raise UsageError(
            f"gsctl does not demodulate {waveform_name(waveform)} yet",
            where="--waveform",
            advice=f"it does {can}",
        )


def _require_deframer(framing: Framing) -> None:
    if type(framing) not in DEFRAMERS:
        can = ", ".join(name for name, known in FRAMINGS.items() if type(known) in DEFRAMERS)
        raise UsageError(
            f"gsctl does not deframe {framing_name(framing)} yet", where="--framing", advice=f"it does {can}"
        )
