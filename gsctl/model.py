"""The nouns that every room shares: frozen, with units in the names.

Importing this module is cheap: numpy is needed for typing only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from gsctl.framing import Framing, Integrity
    from gsctl.waveform import Waveform

FieldValue = str | int | float | bool | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A place on the ground.

    Attributes:
        latitude_deg: WGS 84 geodetic latitude, north positive.
        longitude_deg: WGS 84 longitude, east positive.
        height_m: above the ellipsoid.
        horizon: elevation mask in degrees: pairs of (azimuth_deg, elevation_deg), sorted by
            azimuth, interpolated linearly and around north; empty means 0 degrees everywhere.
    """

    name: str
    latitude_deg: float
    longitude_deg: float
    height_m: float = 0.0
    horizon: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementSet:
    """Mean elements for SGP4 of one object at one epoch (CCSDS 502.0-B OMM, or a TLE).

    Angles are degrees, mean motion is revolutions a day, as in both formats.
    """

    norad_id: int
    name: str
    cospar_id: str = ""
    epoch: datetime
    mean_motion_rev_day: float
    eccentricity: float
    inclination_deg: float
    raan_deg: float
    argument_of_perigee_deg: float
    mean_anomaly_deg: float
    bstar: float  # inverse Earth radii
    mean_motion_dot: float = 0.0  # rev/day^2, halved as in a TLE
    mean_motion_ddot: float = 0.0  # rev/day^3, a sixth as in a TLE
    classification: str = "U"
    ephemeris_type: int = 0
    element_set_number: int = 999
    revolution_number: int = 0
    source: str = ""
    retrieved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a fact was read."""

    title: str
    url: str = ""
    date: str = ""  # ISO 8601, to the precision known


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmitter:
    """One downlink or uplink of a satellite.

    Attributes:
        label: short and unique within the satellite, such as ``437.365 MHz BPSK 1200``.
        frequency_hz: nominal carrier; None where it is not public.
        waveform: None where it is not public or gsctl has no name for it.
        framing: None where it is not public.
        schema: name of the telemetry schema of its frames, if one is known.
        confidence: of frequency and waveform; ``framing_confidence`` of the framing.
    """

    label: str
    direction: Direction = Direction.DOWNLINK
    frequency_hz: float | None = None
    waveform: Waveform | None = None
    framing: Framing | None = None
    schema: str | None = None
    confidence: Confidence = Confidence.STATED
    framing_confidence: Confidence = Confidence.STATED
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Satellite:
    """One object and what is known of it; ``sources`` is never empty."""

    name: str
    norad_id: int
    cospar_id: str = ""
    temporary_norad_ids: tuple[int, ...] = ()  # SatNOGS numbers from before the real one was known
    aliases: tuple[str, ...] = ()
    callsigns: tuple[str, ...] = ()
    status: str = "unknown"
    decayed_on: str = ""  # ISO 8601 date
    summary: str = ""
    transmitters: tuple[Transmitter, ...] = ()
    elements: tuple[ElementSet, ...] = ()
    sources: tuple[Source, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse facts without a source."""
        if not self.sources:
            raise ValueError(f"{self.name}: at least one source is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Where a satellite stands in a station's sky; all arrays are (n,) float64.

    Attributes:
        time_s: seconds since ``start``.
        range_rate_m_s: positive when receding.
    """

    start: datetime
    time_s: NDArray[np.float64]
    azimuth_deg: NDArray[np.float64]
    elevation_deg: NDArray[np.float64]
    range_m: NDArray[np.float64]
    range_rate_m_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """One pass: aos <= tca <= los; ``clipped`` where the window cut it.

    Attributes:
        aos_range_m: slant range at AOS; the other two at TCA and LOS. None is not computed.
        sunlit_fraction: share of the pass in sunlight, 0 to 1; None is not computed.
        sun_elevation_deg: of the Sun at the station at TCA; None is not computed.
    """

    satellite: str
    norad_id: int
    station: Station
    aos: datetime
    tca: datetime
    los: datetime
    aos_azimuth_deg: float
    tca_azimuth_deg: float
    los_azimuth_deg: float
    max_elevation_deg: float
    clipped: bool
    elements_epoch: datetime
    track: Track | None = None
    aos_range_m: float | None = None
    tca_range_m: float | None = None
    los_range_m: float | None = None
    sunlit_fraction: float | None = None
    sun_elevation_deg: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TuningPlan:
    """Doppler shift of one downlink over time, for the oscillator to follow.

    Attributes:
        time_s: (n,) float64, seconds since ``start``, rising.
        shift_hz: (n,) float64, received minus nominal: negative when receding.
        slope_hz_s: (n,) float64, the derivative at the nodes (cubic Hermite between them).
    """

    start: datetime
    nominal_hz: float
    time_s: NDArray[np.float64]
    shift_hz: NDArray[np.float64]
    slope_hz_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleBlock:
    """Consecutive samples from one source.

    Attributes:
        samples: (n,) complex64 for iq and ssb_audio, float32 for fm_audio; full scale 1.0.
        center_frequency_hz: of an IQ stream; None is unknown.
        start_time: UTC time of sample 0 of this block; None is unknown.
        start_sample: index of sample 0 of this block in the stream, dropped samples counted.
        dropped_before: samples lost between the previous block and this one.
        time_uncertainty_s: one sigma of ``start_time``; None is unknown.
    """

    samples: NDArray[np.complex64] | NDArray[np.float32]
    domain: Domain
    sample_rate_hz: float
    center_frequency_hz: float | None = None
    start_time: datetime | None = None
    start_sample: int = 0
    dropped_before: int = 0
    time_source: TimeSource | None = None
    time_uncertainty_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvent:
    """One likely competing decision of a detector: flip ``symbols`` at ``cost``.

    Attributes:
        cost: loss of log-likelihood; small is likely.
        symbols: indices into the SoftBits' values.
    """

    cost: float
    symbols: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftBits:
    """Line symbols in order, as a detector heard them.

    Attributes:
        values: (n,) float32; > 0 means one, magnitude a log-likelihood ratio.
        position: (n,) float64, sample index (in the input stream's count) of the middle of each symbol.
        symbol_rate_bd: as measured.
        stream: which branch of the receiver this is; deframers keep a state for each stream.
        restart: nothing before this is connected to it (a new burst, or samples were lost).
        frequency_offset_hz: of the carrier from the middle of the channel; None is unknown (FM audio).
        snr_db: in a bandwidth equal to the symbol rate; None leaves it to the deframer, which takes
            it from the spread of the values.
        level_dbfs: power of the signal over full scale; None is not measured.
        events: likeliest competing decisions where symbols err together.
    """

    values: NDArray[np.float32]
    position: NDArray[np.float64]
    symbol_rate_bd: float
    stream: int = 0
    restart: bool = False
    frequency_offset_hz: float | None = None
    snr_db: float | None = None
    level_dbfs: float | None = None
    events: tuple[ErrorEvent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One link frame: FCS removed, header kept.

    Attributes:
        sample_index: of the first symbol after the flag or sync word, in the input stream's count.
        end_sample_index: of the last symbol; with ``sample_index`` it tells the frame's place.
        level_dbfs: power of the signal over full scale; None is not measured.
        corrected_errors: line bits that were corrected (symbols where Reed-Solomon did it).
    """

    payload: bytes
    framing: Framing
    integrity: Integrity
    sample_index: float
    end_sample_index: float
    symbol_rate_bd: float
    received_at: datetime | None = None
    time_source: TimeSource | None = None
    time_uncertainty_s: float | None = None
    frequency_offset_hz: float | None = None
    snr_db: float | None = None
    level_dbfs: float | None = None
    corrected_errors: int = 0
    satellite: Satellite | None = None
    transmitter: Transmitter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One parsed frame; ``fields`` is flat, each numeric name ends in its unit.

    Attributes:
        payload: the raw bytes that were parsed.
        relayed_ais: AIS messages that the frame carries, for the ais room.
    """

    schema: str
    fields: Mapping[str, FieldValue]
    payload: bytes
    received_at: datetime | None = None
    satellite: Satellite | None = None
    transmitter: Transmitter | None = None
    relayed_ais: tuple[RelayedAis, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayedAis:
    """One AIS message as a satellite relays it: either raw bits or NMEA text.

    Attributes:
        message: message bytes as de-stuffed from the air (each byte already in field order),
            without FCS, padded to whole bytes; empty where ``nmea`` is given.
        bit_count: valid bits of ``message``.
        nmea: one or more ``!AIVDM`` sentences; empty where ``message`` is given.
        received_at: the time the satellite gives.
        channel: ``A``, ``B``, ``C``, ``D`` or empty.
        level_dbm: as the satellite measured it.
        fcs_ok: what the satellite says of the FCS; None where it says nothing.
    """

    message: bytes = b""
    bit_count: int = 0
    nmea: tuple[str, ...] = ()
    received_at: datetime | None = None
    channel: str = ""
    level_dbm: float | None = None
    fcs_ok: bool | None = None


class Schema(Protocol):
    """What a protocol file offers for one kind of frame; see ``gsctl.telemetry``."""

    @property
    def name(self) -> str:
        """Kebab-case, unique; names the CSV file."""
        ...

    def matches(self, frame: Frame) -> bool:
        """Whether the frame is of this kind, judged by its header and length; never raises."""
        ...

    def parse(self, frame: Frame) -> Record:
        """Parse a frame that matches.

        Raises:
            ProtocolError: the frame does not fit after all.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One frame with what it must decode to, and where both come from.

    Attributes:
        origin: who published frame and values; a made-up one says so.
        fields: expected fields of the record; floats compare within 1e-6 relative.
        real: received from space, as opposed to made up.
    """

    schema: str
    payload: bytes
    fields: Mapping[str, FieldValue]
    origin: str
    real: bool


@dataclass(slots=True, kw_only=True)
class StageCounters:
    """What the stages met; corrupt radio data is counted, never raised."""

    samples: int = 0
    dropped: int = 0
    nonfinite: int = 0
    sync_found: int = 0
    fcs_ok: int = 0
    fcs_bad: int = 0
    uncorrectable: int = 0
    schema_mismatch: int = 0
    errors: dict[str, int] = field(default_factory=dict)


# Reports progress: (done, total) in seconds of signal; total is None for a live stream.
Progress = Callable[[float, float | None], None]
