"""One run of ``gsctl decode`` over one input: open, decode, log, sum up."""

from __future__ import annotations

import sys
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsctl.cli.console import is_watched, tell, warn
from gsctl.cli.decode_options import SignalWords, chains_from
from gsctl.cli.frame_output import FrameOutput
from gsctl.cli.receive_search import chains_of_recording
from gsctl.cli.session_line import SessionLine
from gsctl.cli.whole_steps import whole_step
from gsctl.errors import RecordingError, UsageError
from gsctl.framing import framing_name

if TYPE_CHECKING:
    from gsctl.catalog import Catalog
    from gsctl.model import ElementSet, Satellite, Station
    from gsctl.pipeline.chains import Chain
    from gsctl.pipeline.decoding import Decoding
    from gsctl.pipeline.listening import Settings
    from gsctl.pipeline.writing import Writer
    from gsctl.radio.source import SampleSource


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeRequest:
    """What the options ask for, the same for every input."""

    words: SignalWords
    input_kind: str
    sample_rate_hz: float | None
    sample_format: str | None
    start_time: datetime | None
    center_hz: float | None
    frequency_hz: float | None
    doppler: str | None
    effort: str
    unchecked: bool
    station: Station | None
    elements: Path | None
    log_dir: Path | None


@dataclass(slots=True)
class DecodeRun:
    """One input."""

    path: str
    request: DecodeRequest
    catalog: Catalog
    output: FrameOutput
    _line: SessionLine = field(default_factory=SessionLine)

    def go(self) -> int:
        """Decode the input; returns how many frames came out.

        Raises:
            GsctlError: the input is of no use; ``where`` names it.
        """
        try:
            return self._decode()
        except RecordingError as error:
            error.where = error.where or self.path
            raise

    def _decode(self) -> int:
        from gsctl.pipeline.frame_input import looks_like_frames
        from gsctl.radio.foreign import refuse_foreign_file

        if not self._is_told_of_samples():
            if looks_like_frames(self.path):
                return self._frames()
            refuse_foreign_file(Path(self.path))
        chains = chains_from(self.request.words, self.catalog)
        with closing(self._open(chains)) as source:
            chains = self._held_by(source, chains)
            settings = self._settings(chains, source)
            chains = chains_of_recording(self._placed(source, chains), source, self.request.effort)
            return self._samples(chains, source, settings)

    def _is_told_of_samples(self) -> bool:
        request = self.request
        told = (request.sample_format, request.sample_rate_hz)
        return request.input_kind != "auto" or any(option is not None for option in told)

    def _open(self, chains: tuple[Chain, ...], *, quiet: bool = False) -> SampleSource:
        from gsctl.pipeline.chains import default_domain
        from gsctl.radio.recording import open_recording

        request = self.request
        domains = {default_domain(chain.waveform) for chain in chains}
        if len(domains) > 1 and request.input_kind == "auto" and not quiet:
            # Only audio leaves this open; IQ says itself what it is.
            tell(f"{self.path}: its downlinks differ; if it is audio, choose one with --transmitter")
        return open_recording(
            self.path,
            input=request.input_kind,
            sample_rate_hz=request.sample_rate_hz,
            sample_format=request.sample_format,
            start_time=request.start_time,
            center_hz=request.center_hz,
            default_domain=default_domain(chains[0].waveform),
        )

    def _held_by(self, source: SampleSource, chains: tuple[Chain, ...]) -> tuple[Chain, ...]:
        """The chains that the input may hold; says which are left out."""
        from gsctl.model import Domain
        from gsctl.pipeline.band import chains_in_stream

        request = self.request
        center_hz = source.center_frequency_hz or request.center_hz if source.domain is Domain.IQ else None
        held = chains_in_stream(chains, request.frequency_hz, center_hz, source.sample_rate_hz)
        left_out = [chain for chain in chains if chain not in held]
        for label in dict.fromkeys(c.transmitter.label if c.transmitter else c.label for c in left_out):
            tell(f"{self.path}: not within it: {label}")
        return held

    def _placed(self, source: SampleSource, chains: tuple[Chain, ...]) -> tuple[Chain, ...]:
        """The chains wherever in the band there are signals, where nothing tells their place in it."""
        from gsctl.demod import Effort
        from gsctl.model import Domain
        from gsctl.pipeline.band import nominal_hz
        from gsctl.pipeline.band_survey import LEAST_HALF_BAND_HZ, beside, survey

        request = self.request
        center_hz = source.center_frequency_hz or request.center_hz
        lost = [c for c in chains if not (center_hz and nominal_hz(c, request.frequency_hz))]
        is_wide = source.domain is Domain.IQ and source.sample_rate_hz / 2 > LEAST_HALF_BAND_HZ
        if not lost or not is_wide or "gsctl:searched_hz" in source.metadata.get("global", {}):
            return chains
        if source.live or self.path == "-" or Path(self.path).is_fifo():
            tell(f"{self.path}: looked for in the middle of the band; else give --center and --frequency")
            return chains
        with closing(self._open(chains, quiet=True)) as again:
            found = survey(again, again.sample_rate_hz)
        placed = {id(chain): beside(chain, found, Effort(request.effort)) for chain in lost}
        offsets = sorted({c.expected_offset_hz for wide in placed.values() for c in wide[1:]})
        if offsets:
            about = ", ".join(f"{hertz / 1e3:+.0f}" for hertz in offsets)
            tell(
                f"{self.path}: nothing tells the signal's place in the band; looked for about {about} kHz too"
            )
        return tuple(one for chain in chains for one in placed.get(id(chain), (chain,)))

    def _samples(self, chains: tuple[Chain, ...], source: SampleSource, settings: Settings) -> int:
        writer, session = self._writer()
        run = self._decoding(chains, settings, source.identity, writer)
        for line in source.warnings:
            warn(line)
        told = len(source.warnings)
        try:
            with _progress(source, self.path) as progress:
                for _ in run.samples(source, progress, source.duration_s):
                    pass
            if not writer.tally.frames:
                self._tell_what_was_tried(chains)
        finally:
            for line in source.warnings[told:]:
                warn(line)
            if source.nonfinite:
                warn(f"{self.path}: {source.nonfinite} samples were not finite and count as zero")
            run.counters.nonfinite = source.nonfinite
            self._close(writer, session, run, source.identity, settings)
        return writer.tally.frames

    def _tell_what_was_tried(self, chains: tuple[Chain, ...]) -> None:
        """Where nothing was found: the framings, if they were a guess."""
        from gsctl.model import Confidence

        guessed = [
            chain
            for chain in chains
            if chain.transmitter is None
            or chain.transmitter.framing is None
            or chain.transmitter.framing_confidence is Confidence.ASSUMED
        ]
        if guessed and not self.request.words.framings:
            names = ", ".join(dict.fromkeys(framing_name(f) for c in guessed for f in c.framings))
            tell(f"{self.path}: the framing was a guess ({names}); others by --framing (gsctl decode --list)")

    def _frames(self) -> int:
        from gsctl.framing import Ax25, parse_framing
        from gsctl.pipeline.chains import Chain
        from gsctl.pipeline.frame_input import FrameInput
        from gsctl.pipeline.listening import Settings
        from gsctl.waveform import Waveform

        words = self.request.words
        satellite = self.catalog.find(words.satellite) if words.satellite else None
        framings = tuple(parse_framing(text) for text in words.framings) or (Ax25(),)
        chain = Chain(waveform=Waveform(), framings=framings, satellite=satellite)
        source = FrameInput(self.path, chain)
        writer, session = self._writer()
        settings = Settings(unchecked=self.request.unchecked, source=self._source_name())
        run = self._decoding((chain,), settings, source.identity, writer)
        try:
            for _ in run.frames(source):
                pass
        finally:
            if source.has_fcs:
                tell(f"{self.path}: its frames end in their FCS; it is checked and taken off")
            run.counters.fcs_bad += source.fcs_bad
            self._close(writer, session, run, source.identity, settings)
        return writer.tally.frames

    def _decoding(
        self, chains: tuple[Chain, ...], settings: Settings, identity: str, writer: Writer
    ) -> Decoding:
        """What goes through the input, prints what it logs, and is not torn apart between the two."""
        from gsctl.pipeline.decoding import Decoding

        return Decoding(chains, settings, self.catalog, identity, writer, self.output.show, whole_step)

    def _settings(self, chains: tuple[Chain, ...], source: SampleSource) -> Settings:
        from gsctl.demod import Effort
        from gsctl.model import Domain, DopplerState
        from gsctl.pipeline.listening import Settings
        from gsctl.pipeline.sky import Sky

        request = self.request
        satellite = chains[0].satellite
        sets = self._elements(satellite)
        sky = None
        if sets and request.station is not None and source.start_time is not None:
            sky = Sky(sets, request.station, source.start_time)
            _tell_age(sky.elements, source.start_time)
        wanted = request.doppler
        if wanted is None:
            wanted = "elements" if sky is not None and source.domain is Domain.IQ else "none"
        if wanted == "elements" and (sky is None or source.domain is not Domain.IQ):
            raise UsageError(
                "--doppler elements needs IQ with a start time, a place and elements",
                where=self.path,
                advice="add --start-time, --at, --elements or --satellite, or use --doppler none",
            )
        return Settings(
            effort=Effort(request.effort),
            unchecked=request.unchecked,
            doppler=DopplerState(wanted),
            center_frequency_hz=request.center_hz,
            frequency_hz=request.frequency_hz,
            sky=sky,
            source=self._source_name(),
        )

    def _source_name(self) -> str:
        """The station, or the input where none is known."""
        if self.request.station is not None:
            return self.request.station.name
        return "stdin" if self.path == "-" else self.path if "://" in self.path else Path(self.path).name

    def _elements(self, satellite: Satellite | None) -> list[ElementSet]:
        if self.request.elements is None:
            from gsctl.cli.orbits import known_sets

            # With the store, an old recording gets the elements of its time.
            return list(known_sets(satellite)) if satellite else []
        from gsctl.orbit.elements import find_sets, read_elements

        sets = read_elements(self.request.elements).sets
        if satellite is None:
            return list(sets) if len({one.norad_id for one in sets}) == 1 else []
        numbers = (satellite.norad_id, *satellite.temporary_norad_ids)
        return [one for one in sets if one.norad_id in numbers] or find_sets(sets, satellite.name)

    def _writer(self) -> tuple[Writer, str]:
        from gsctl.logbook.book import Logbook
        from gsctl.logbook.frames import new_session_id
        from gsctl.pipeline.writing import Writer

        session = new_session_id(self._line.started_at)
        folder = self.request.log_dir
        book = None if folder is None else Logbook(folder, session=session, on_message=tell)
        return Writer(book, session), session

    def _close(self, writer: Writer, session: str, run: Decoding, identity: str, settings: Settings) -> None:
        writer.close(
            self._line.values(
                tally=writer.tally,
                counters=run.counters,
                signal_s=run.signal_s,
                sky=settings.sky,
                input=self.path,
                input_sha256=identity,
            )
        )
        # An input that gave nothing at all ends with its error, not with zeros, and a full disk with that.
        failed = sys.exc_info()[0]
        some = run.signal_s or writer.tally.frames
        if failed is None or (some and not issubclass(failed, OSError)):
            self._line.print(writer.tally, run.counters, run.signal_s)


def _tell_age(elements: ElementSet, near: datetime) -> None:
    age_days = abs((near - elements.epoch).total_seconds()) / 86400
    text = f"elements of {elements.name}: epoch {elements.epoch:%Y-%m-%dT%H:%M:%SZ}, {age_days:.1f} days away"
    if age_days > 7:
        warn(text)
    else:
        tell(text)


def _progress(source: SampleSource, path: str) -> Any:
    """A progress bar on stderr, only for a long file and a person watching."""
    long = source.duration_s is not None and source.duration_s > 60
    if not long or not is_watched():
        return nullcontext(None)
    from gsctl.cli.progress import progress_bar

    return progress_bar(Path(path).name or path)
