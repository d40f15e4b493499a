"""What can be said of a fact, a sample or a recording in one word."""

from __future__ import annotations

from enum import StrEnum


class Domain(StrEnum):
    """What the samples of a block are."""

    IQ = "iq"  # complex64 baseband
    FM_AUDIO = "fm_audio"  # float32, the output of an FM discriminator
    SSB_AUDIO = "ssb_audio"  # complex64, the analytic signal of an SSB receiver's audio


class TimeSource(StrEnum):
    """Where the time of a sample comes from, the best first."""

    HARDWARE = "hardware"
    HOST = "host"
    FILE = "file"
    GIVEN = "given"


class Confidence(StrEnum):
    """How certain a published fact is."""

    STATED = "stated"
    INFERRED = "inferred"
    ASSUMED = "assumed"


class Direction(StrEnum):
    """Which way a transmitter points."""

    DOWNLINK = "downlink"
    UPLINK = "uplink"


class DopplerState(StrEnum):
    """What was done about the Doppler shift of a recording."""

    NONE = "none"
    ELEMENTS = "elements"
    CORRECTED = "corrected"
