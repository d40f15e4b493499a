"""The words of ``gsctl decode`` (and ``receive``) turned into waveforms, framings and chains."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from gsctl.errors import UsageError
from gsctl.framing import FRAMINGS, parse_framing
from gsctl.waveform import WAVEFORMS, Afsk, Bpsk, Fsk, Waveform

if TYPE_CHECKING:
    from gsctl.catalog import Catalog
    from gsctl.pipeline.chains import Chain


# No deviation or audio tone comes near.
MOST_HZ = 10e6


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SignalWords:
    """What the options say of the signal; None and empty are not told."""

    satellite: str | None = None
    transmitter: str | None = None
    waveform: str | None = None
    symbol_rates_bd: tuple[float, ...] = ()
    framings: tuple[str, ...] = ()
    deviation_hz: float | None = None
    mark_hz: float | None = None
    space_hz: float | None = None
    carrier_hz: float | None = None


def parse_symbol_rates(text: str) -> tuple[float, ...]:
    """``9600`` or ``1200,9600``.

    Raises:
        UsageError: not positive numbers.
    """
    try:
        rates = tuple(float(part) for part in text.split(","))
    except ValueError:
        rates = ()
    if not rates or not all(1.0 <= rate <= 10e6 for rate in rates):
        raise UsageError(
            f"{text!r} is no symbol rate", where="--symbol-rate", advice="write 9600 or 1200,9600"
        )
    return rates


def chains_from(words: SignalWords, catalog: Catalog) -> tuple[Chain, ...]:
    """The chains that the options ask for.

    Raises:
        UsageError: neither satellite nor waveform is told, or they contradict each other.
        CatalogError: the satellite is unknown or cannot be decoded.
    """
    from gsctl.pipeline.chains import chains_for_satellite, chains_for_waveform

    framings = tuple(parse_framing(text) for text in words.framings)
    satellite = catalog.find(words.satellite) if words.satellite else None
    if words.waveform is None:
        if satellite is None:
            raise UsageError(
                "nothing says what to listen for",
                advice="give --satellite NAME (gsctl satellites list), or --waveform afsk|fsk|bpsk|morse "
                "--symbol-rate BD --framing NAME (gsctl decode --list)",
            )
        chains = chains_for_satellite(satellite, words.transmitter)
        _refuse_waveform_words(words)
        return tuple(dataclasses.replace(c, framings=framings) for c in chains) if framings else chains
    chains = tuple(
        chain for waveform in _waveforms(words) for chain in chains_for_waveform(waveform, framings)
    )
    return tuple(dataclasses.replace(chain, satellite=satellite) for chain in chains)


def _refuse_waveform_words(words: SignalWords) -> None:
    told = {
        "--symbol-rate": words.symbol_rates_bd,
        "--deviation": words.deviation_hz,
        "--mark": words.mark_hz,
    }
    for option, value in told.items():
        if value:
            raise UsageError(f"{option} needs --waveform", advice="name the waveform it belongs to")


def _waveforms(words: SignalWords) -> list[Waveform]:
    kind = WAVEFORMS[words.waveform or ""]
    changes: dict[str, Any] = {}
    if kind is Afsk:
        changes |= _told("mark_hz", words.mark_hz) | _told("space_hz", words.space_hz)
        changes |= _told("fm_deviation_hz", words.deviation_hz)
    elif kind is Fsk:
        changes |= _told("deviation_hz", words.deviation_hz)
    elif kind is Bpsk:
        changes |= _told("carrier_hz", words.carrier_hz)
    _refuse("--mark", words.mark_hz, kind is Afsk)
    _refuse("--space", words.space_hz, kind is Afsk)
    _refuse("--deviation", words.deviation_hz, kind in (Afsk, Fsk))
    _refuse("--carrier", words.carrier_hz, kind is Bpsk)
    for option, value in (
        ("--deviation", words.deviation_hz),
        ("--mark", words.mark_hz),
        ("--space", words.space_hz),
    ):
        if value is not None and not 1.0 <= abs(value) <= MOST_HZ:
            raise UsageError(f"{option} {value:g} cannot be meant", advice="give hertz, such as 2400")
    rates = words.symbol_rates_bd or (None,)
    return [kind(**changes, **_told("symbol_rate_bd", rate)) for rate in rates]


def _told(name: str, value: float | None) -> dict[str, float]:
    return {} if value is None else {name: value}


def _refuse(option: str, value: float | None, fits: bool) -> None:
    if value is not None and not fits:
        raise UsageError(f"{option} does not go with this waveform", advice="leave it out")


def describe_waveforms_and_framings() -> list[str]:
    """What ``gsctl decode --list`` prints: names with their parameters and what gsctl has for them."""
    from gsctl.deframe import DEFRAMERS
    from gsctl.demod import DEMODULATORS

    lines = ["waveforms"]
    for name, kind in WAVEFORMS.items():
        if kind in DEMODULATORS:
            lines.append(f"  {name:24}{_parameters(kind())}")
    lines.append("framings")
    for name, framing in FRAMINGS.items():
        if type(framing) in DEFRAMERS:
            lines.append(f"  {name:24}{_parameters(framing)}")
    return lines


def _parameters(thing: Any) -> str:
    return ",".join(
        f"{field.name}={_shown(field.name, getattr(thing, field.name))}"
        for field in dataclasses.fields(thing)
    )


def _shown(name: str, value: object) -> str:
    if value is None:
        return "?"
    return f"{value:#x}" if name == "sync_word" and isinstance(value, int) else str(value)
