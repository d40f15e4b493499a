"""What the metadata of a recording say of satellite, elements, radio and place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gsctl.cli.receive_plan import Plan
    from gsctl.model import ElementSet
    from gsctl.radio.recorder import RecordingFacts
    from gsctl.radio.source import SampleSource
    from gsctl.radio.tuning import RadioState


def recording_facts(plan: Plan, source: SampleSource, more: Mapping[str, Any]) -> RecordingFacts:
    """The facts of a recording made while receiving; its samples are as they came, Doppler shift and all.

    Args:
        more: further global fields.
    """
    from gsctl.radio.recorder import RecordingFacts

    extra: dict[str, Any] = {"gsctl:frequency_hz": plan.band.frequency_hz, "gsctl:doppler": "none"}
    if plan.satellite is not None:
        extra |= {"gsctl:satellite": plan.satellite.name, "gsctl:norad_id": plan.satellite.norad_id}
    labels = [chain.transmitter.label for chain in plan.band.chains if chain.transmitter]
    if labels:
        extra["gsctl:transmitter"] = ", ".join(dict.fromkeys(labels))
    sky = plan.sky
    if sky is not None:
        extra["gsctl:elements"] = facts_of_elements(sky.elements)
    state: RadioState | None = getattr(source, "state", None)
    if state is not None:
        extra |= facts_of_radio(state)
    extra |= more
    place = sky.station if sky else None
    return RecordingFacts(
        hardware=hardware_of(state) if state else source.description,
        position=(place.latitude_deg, place.longitude_deg, place.height_m) if place else None,
        extra=extra,
    )


def hardware_of(state: RadioState) -> str:
    """The radio's name and serial number, for ``core:hw``."""
    return f"{state.hardware} {state.serial}".strip()


def facts_of_radio(state: RadioState) -> dict[str, Any]:
    """How the radio was set: gain in dB, antenna, the clock error taken out in ppm, which radio it was."""
    gain = "auto" if state.automatic_gain else dict(state.gains) or state.gain_db
    return {
        "gsctl:gain_db": gain,
        "gsctl:antenna": state.antenna,
        "gsctl:ppm": state.ppm,
        "gsctl:device": "" if state.ambiguous else state.device_key,
    }


def facts_of_elements(found: ElementSet) -> dict[str, Any]:
    """An element set under the names and in the units of OMM (degrees, revolutions a day)."""
    return {
        "norad_id": found.norad_id,
        "epoch": found.epoch.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "mean_motion_rev_day": found.mean_motion_rev_day,
        "eccentricity": found.eccentricity,
        "inclination_deg": found.inclination_deg,
        "raan_deg": found.raan_deg,
        "argument_of_perigee_deg": found.argument_of_perigee_deg,
        "mean_anomaly_deg": found.mean_anomaly_deg,
        "bstar": found.bstar,
        "source": found.source,
    }
