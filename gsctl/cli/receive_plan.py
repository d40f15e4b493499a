"""What a run of ``gsctl receive`` is going to do, worked out before any radio is touched."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from gsctl.cli.decode_options import SignalWords, chains_from
from gsctl.cli.options import require_station
from gsctl.errors import ElementsError, UsageError

if TYPE_CHECKING:
    from gsctl.catalog import Catalog
    from gsctl.cli.radio_options import RadioChoice
    from gsctl.model import Pass, Satellite, Station
    from gsctl.pipeline.band import Band
    from gsctl.pipeline.chains import Chain
    from gsctl.pipeline.sky import Sky

LOOK_AHEAD = timedelta(days=3)
LOOK_BACK = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveRequest:
    """What the options of ``gsctl receive`` ask for."""

    words: SignalWords
    radio: RadioChoice
    engine: str
    frequency_hz: float | None
    sample_rate_hz: float | None
    lo_offset_hz: float | None
    center_hz: float | None
    sample_format: str | None
    retry_for_s: float
    station: Station | None
    elements: Path | None
    doppler: str | None
    wait: bool
    until_los: bool
    duration_s: float | None
    write: Path | None
    narrow: bool
    min_free_mb: float
    kiss_server: str | None
    rigctld: str | None
    log_dir: Path | None
    form: str | None
    effort: str
    unchecked: bool

    @property
    def device(self) -> str:
        """The radio, stream or recording."""
        return self.radio.device


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Chains, band and sky of a run.

    Attributes:
        sky: the satellite over the station; None where Doppler is left alone and one of them is not known.
        coming: the pass that is on, or the next one; None where there is none soon.
        steered: tells the shift where another program steers the frequency.
    """

    band: Band
    satellite: Satellite | None
    sky: Sky | None
    doppler: bool
    coming: Pass | None
    steered: Sky | None = None

    @property
    def tuned_by(self) -> Sky | None:
        """What tells the Doppler shift that is taken out; None where it is left alone."""
        return self.steered or (self.sky if self.doppler else None)


def make_plan(request: ReceiveRequest, catalog: Catalog, now: datetime) -> Plan:
    """Work out chains, band and sky.

    Raises:
        UsageError: place or frequency is missing, or options contradict each other.
        CatalogError: the satellite is unknown or cannot be decoded.
        ElementsError: elements are needed and there are none.
    """
    from gsctl.pipeline.band import plan_band

    chains = _at_frequency(chains_from(request.words, catalog), request.frequency_hz)
    band = plan_band(chains, request.frequency_hz, request.sample_rate_hz)
    if request.lo_offset_hz is not None:
        band = dataclasses.replace(band, lo_offset_hz=request.lo_offset_hz)
    satellite = chains[0].satellite
    steered = request.rigctld is not None
    if steered and request.doppler is not None:
        raise UsageError("--rigctld and --doppler exclude each other", advice="give one of them")
    wanted = request.doppler or ("elements" if satellite is not None and not steered else "none")
    needed = wanted == "elements" or request.wait or request.until_los
    sky = _sky(request, satellite, needed, now)
    coming = _coming(sky, now) if needed and sky is not None else None
    if coming is None and (request.wait or request.until_los):
        raise UsageError(f"no pass within {LOOK_AHEAD.days} days", where=satellite.name if satellite else "")
    return Plan(band=band, satellite=satellite, sky=sky, doppler=wanted == "elements", coming=coming)


def _at_frequency(chains: tuple[Chain, ...], frequency_hz: float | None) -> tuple[Chain, ...]:
    """The chains, moved to the frequency that the user told."""
    if frequency_hz is None:
        return chains
    return tuple(
        chain
        if chain.transmitter is None
        else dataclasses.replace(
            chain, transmitter=dataclasses.replace(chain.transmitter, frequency_hz=frequency_hz)
        )
        for chain in chains
    )


def _sky(request: ReceiveRequest, satellite: Satellite | None, needed: bool, now: datetime) -> Sky | None:
    from gsctl.cli.orbits import elements_of, warn_of_age
    from gsctl.pipeline.sky import Sky

    if satellite is None:
        if needed:
            raise UsageError("Doppler shift and passes need a satellite", advice="name one, by any name")
        return None
    if not needed and request.station is None:
        return None
    if request.station is None:
        try:
            place = require_station()
        except UsageError as error:
            advice = f"{error.advice}, or use --doppler none"
            raise UsageError(error.what, where=error.where, advice=advice) from None
    else:
        place = request.station
    try:
        elements = elements_of(satellite, request.elements, now)
    except ElementsError:
        if needed:
            raise
        return None
    warn_of_age([elements], now)
    return Sky([elements], place, now)


def _coming(sky: Sky, now: datetime) -> Pass | None:
    from gsctl.orbit.passes import find_passes

    passes = find_passes(sky.elements, sky.station, now - LOOK_BACK, now + LOOK_AHEAD)
    return next((one for one in passes if one.los > now), None)


def describe_plan(plan: Plan, now: datetime) -> list[str]:
    """The plan in lines for people."""
    from gsctl.pipeline.band import nominal_hz

    lines = []
    for chain in plan.band.chains:
        hertz = nominal_hz(chain, plan.band.frequency_hz) or 0.0
        lines.append(f"listening at {hertz / 1e6:.6f} MHz for {chain.label}")
    for chain in plan.band.left_out:
        label = chain.transmitter.label if chain.transmitter else chain.label
        lines.append(f"not within {plan.band.sample_rate_hz / 1e6:g} MS/s: {label}")
    coming = plan.coming
    if coming is not None:
        begun = "since" if coming.aos <= now else "at"
        lines.append(
            f"pass over {coming.station.name or 'the station'}: AOS {begun} {_clock(coming.aos)}, "
            f"TCA {_clock(coming.tca)}, LOS {_clock(coming.los)}, up to {coming.max_elevation_deg:.0f} deg"
        )
    elif plan.sky is not None and plan.doppler:
        lines.append(f"no pass within {LOOK_AHEAD.days} days")
    return lines


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}Z"
