"""One run of ``gsctl receive``: wait, tune, read and record, decode beside it, close all cleanly."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gsctl.cli.console import tell, warn
from gsctl.cli.frame_output import frame_output
from gsctl.cli.machine import clock_is_synchronised
from gsctl.cli.receive_plan import Plan, ReceiveRequest, describe_plan, make_plan
from gsctl.cli.receive_search import search_with
from gsctl.cli.receive_source import (
    blocks_of,
    check_band,
    closing_at,
    is_radio,
    is_recording,
    open_source,
    start_of_recording,
)
from gsctl.cli.receive_tape import Tape, base_of, narrowing_for, native_format, told_format
from gsctl.cli.receive_view import Screen
from gsctl.cli.session_line import SessionLine, utc_now
from gsctl.errors import LogbookError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gsctl.catalog import Catalog
    from gsctl.logbook.kiss_server import KissServer
    from gsctl.model import SampleBlock
    from gsctl.pipeline.chains import Chain
    from gsctl.pipeline.decoding import Decoding
    from gsctl.pipeline.listening import Settings
    from gsctl.pipeline.live import LiveDecoding, PatientWriter
    from gsctl.pipeline.reception import Reception
    from gsctl.radio.source import SampleSource

# A wait ends so long before AOS: the radio takes some seconds to open and to find its gain.
OPEN_BEFORE_AOS_S = 10.0
# After the samples that were asked for, this long for those that are still on their way.
GRACE_S = 1.0
# How long the last samples may take to decode when the run is over.
FINISH_PATIENCE_S = 60.0


@dataclass(slots=True)
class ReceiveRun:
    """One run; make it, then call :meth:`go` or :meth:`describe`."""

    request: ReceiveRequest
    catalog: Catalog
    _line: SessionLine = field(default_factory=SessionLine)

    def describe(self) -> None:
        """Say what would be done."""
        plan = make_plan(self.request, self.catalog, self._now())
        for line in describe_plan(plan, self._now()):
            tell(line)
        if is_radio(self.request.device):
            tell(
                f"would tune {self.request.device or 'the only radio'} to {plan.band.sample_rate_hz / 1e6:g} "
                f"MS/s about {plan.band.frequency_hz / 1e6:.6f} MHz"
            )

    def go(self) -> int:
        """Receive until the end that was asked for, or a signal; returns how many frames came out.

        Raises:
            GsctlError: what was asked for cannot be done, or the radio failed for good.
        """
        from gsctl.pipeline.warming import warm_up

        with ExitStack() as stack:
            plan = make_plan(self.request, self.catalog, self._now())
            plan = self._with_rig(plan, stack)
            kiss = self._kiss_server()
            if kiss is not None:
                stack.callback(kiss.close)
            if self.request.wait:
                # What is wrong with the radio is better known now than at AOS.
                open_source(self.request, plan, warn).close()
            writer, session = self._writer()
            report = _Report(self, plan, writer, session)
            stack.callback(report.close)
            warm_up(plan.band.chains)
            if self.request.wait:
                self._introduce(plan, kiss)
                _wait_for(plan)
            source = stack.enter_context(open_source(self.request, plan, warn))
            report.source = source
            if not self.request.wait:
                self._introduce(plan, kiss)
            _tell_what_was_taken(plan, source)
            self._receive(plan, source, writer, kiss, report, stack)
        return writer.tally.frames

    def _receive(
        self,
        plan: Plan,
        source: SampleSource,
        writer: PatientWriter,
        kiss: KissServer | None,
        report: _Report,
        stack: ExitStack,
    ) -> None:
        """Read and record in this thread, decode in another."""
        from gsctl.pipeline.decoding import Decoding
        from gsctl.pipeline.live import LiveDecoding

        search = search_with(source, self.request.radio.ppm)
        stack.callback(search.keep, plan)
        chains = search.chains(plan, self.request.effort, source)
        run = Decoding(chains, self._settings(plan, source), self.catalog, source.identity, writer)
        report.run = run
        tape = self._tape(plan, source, chains, search.facts())
        if tape is not None:
            stack.callback(tape.close)
            report.tape = tape
        screen = stack.enter_context(Screen(plan, source))
        output = frame_output(self.request.form)

        def take(reception: Reception, row: Mapping[str, object]) -> None:
            if kiss is not None and _is_checked(reception):
                kiss.send(reception.frame.payload, reception.frame.received_at)
            if tape is not None:
                tape.annotate(reception, row)
            screen.frame(reception)
            search.note(reception)
            output.show(reception, row)

        decoding = report.decoding = LiveDecoding(run, take)
        try:
            with closing_at(source, self._deadline_s(plan)):
                for block in blocks_of(source, paced=is_recording(self.request.device)):
                    if tape is not None:
                        tape.write(block)
                    decoding.put(block)
                    screen.block(block, decoding.lagged_samples)
                    if self._is_over(plan, block):
                        break
        finally:
            source.close()
            if not decoding.finish(FINISH_PATIENCE_S):
                warn(f"the last samples took more than {FINISH_PATIENCE_S:g} s to decode and were left")

    def _deadline_s(self, plan: Plan) -> float | None:
        """Monotonic time at which the run ends even without samples; a recording has its own time."""
        if is_recording(self.request.device):
            return None
        left = [] if self.request.duration_s is None else [self.request.duration_s]
        if self.request.until_los and plan.coming is not None:
            left.append((plan.coming.los - utc_now()).total_seconds())
        return time.monotonic() + max(0.0, min(left)) + GRACE_S if left else None

    def _is_over(self, plan: Plan, block: SampleBlock) -> bool:
        end_sample = block.start_sample + block.samples.size
        duration_s = self.request.duration_s
        if duration_s is not None and end_sample >= duration_s * block.sample_rate_hz:
            return True
        los = plan.coming.los if self.request.until_los and plan.coming is not None else None
        return los is not None and block.start_time is not None and block.start_time >= los

    def _settings(self, plan: Plan, source: SampleSource) -> Settings:
        from gsctl.demod import Effort
        from gsctl.model import Domain, DopplerState
        from gsctl.pipeline.listening import Settings

        corrected = plan.tuned_by is not None and source.domain is Domain.IQ
        if self.request.doppler == "elements" and not corrected:
            raise UsageError(
                "Doppler can only be taken out of IQ", where=source.description, advice="use --doppler none"
            )
        return Settings(
            effort=Effort(self.request.effort),
            unchecked=self.request.unchecked,
            doppler=DopplerState.ELEMENTS if corrected else DopplerState.NONE,
            center_frequency_hz=self.request.center_hz,
            frequency_hz=plan.band.frequency_hz,
            sky=plan.steered or plan.sky,
        )

    def _introduce(self, plan: Plan, kiss: KissServer | None) -> None:
        """Say what is received, and what may spoil it."""
        for line in describe_plan(plan, self._now()):
            tell(line)
        if kiss is not None:
            tell(f"serving KISS on port {kiss.port}")
        if clock_is_synchronised() is False:
            warn("this machine's clock is not synchronised: times and Doppler are as wrong as it is")

    def _now(self) -> datetime:
        """The time of the first sample: a recording's own, else the clock's."""
        return start_of_recording(self.request) or utc_now()

    def _with_rig(self, plan: Plan, stack: ExitStack) -> Plan:
        """The plan, steered by others where that is asked for."""
        if self.request.rigctld is None:
            return plan
        from gsctl.pipeline.steering import SteeredSky
        from gsctl.station.rig_server import RigServer

        nominal_hz = plan.band.frequency_hz
        rig = RigServer(*_host_and_port(self.request.rigctld, "--rigctld"), nominal_hz)
        stack.callback(rig.close)
        tell(f"steered by rigctld's protocol on port {rig.port}")
        return replace(plan, steered=SteeredSky(plan.sky, nominal_hz, lambda: rig.frequency_hz))

    def _kiss_server(self) -> KissServer | None:
        if self.request.kiss_server is None:
            return None
        from gsctl.logbook.kiss_server import KissServer

        host, port = _host_and_port(self.request.kiss_server, "--kiss-server")
        return KissServer(host, port, timestamps=True)

    def _writer(self) -> tuple[PatientWriter, str]:
        from gsctl.logbook.book import Logbook
        from gsctl.logbook.frames import new_session_id
        from gsctl.pipeline.live import PatientWriter

        session = new_session_id(self._line.started_at)
        folder = self.request.log_dir
        book = None if folder is None else Logbook(folder, session=session, on_message=tell)
        return PatientWriter(book, session, warn), session

    def _tape(
        self, plan: Plan, source: SampleSource, chains: Sequence[Chain], more: Mapping[str, Any]
    ) -> Tape | None:
        if self.request.write is None:
            return None
        from gsctl.cli.receive_facts import recording_facts

        state = getattr(source, "state", None)
        told = self.request.sample_format
        narrowing = narrowing_for(plan, source, chains) if self.request.narrow else None
        native = native_format(state.sample_format if state else "cf32", filtered=narrowing is not None)
        form = told_format(told) if told else native
        return Tape(
            base_of(self.request.write), form, source.sample_rate_hz, recording_facts(plan, source, more),
            min_free_mb=self.request.min_free_mb, listener=warn, narrowing=narrowing,
        )  # fmt: skip


@dataclass(slots=True)
class _Report:
    """The run's line in ``sessions.jsonl`` and on stderr, whatever ended it."""

    of: ReceiveRun
    plan: Plan
    writer: PatientWriter
    session: str
    source: SampleSource | None = None
    run: Decoding | None = None
    decoding: LiveDecoding | None = None
    tape: Tape | None = None

    def close(self) -> None:
        """Log what still waits, add the session's line, close the logs, and print the last line."""
        missing: LogbookError | None = None
        try:
            self.writer.catch_up()
        except LogbookError as error:
            missing = error
            for reception in self.writer.unlogged:
                warn(f"not logged: {reception.frame.payload.hex()}")
        try:
            self.writer.close(self._values())
        except LogbookError as error:
            missing = missing or error
        self._print()
        if missing is not None and sys.exc_info()[0] in (None, KeyboardInterrupt):
            raise missing

    def _values(self) -> dict[str, object]:
        source, run = self.source, self.run
        counted: Any = getattr(source, "counters", None)
        return self.of._line.values(
            tally=self.writer.tally,
            counters=run.counters if run else None,
            signal_s=run.signal_s if run else 0.0,
            sky=self.plan.sky,
            input=source.description if source else self.of.request.device,
            input_sha256=source.identity if source else None,
            satellite=self.plan.satellite.name if self.plan.satellite else None,
            recording=str(self.tape.path) if self.tape else None,
            radio={n: getattr(counted, n) for n in type(counted).__slots__} if counted else {},
            lagged_samples=self.decoding.lagged_samples if self.decoding else 0,
        )

    def _print(self) -> None:
        run = self.run
        # A run that never began ends with its error, not with zeros.
        if run is None:
            return
        if self.tape is not None:
            tell(f"recorded {self.tape.seconds:.3f} s to {self.tape.path}")
        self.of._line.print(self.writer.tally, run.counters, run.signal_s)


def _tell_what_was_taken(plan: Plan, source: SampleSource) -> None:
    """Tell what the radio really took."""
    tell(source.description)
    for note in (*getattr(getattr(source, "state", None), "notes", ()), *source.warnings):
        warn(note)
    check_band(plan, source, warn)


def _host_and_port(text: str, option: str) -> tuple[str, int]:
    """``PORT`` on this machine, or ``HOST:PORT``; port 0 is any free one.

    Raises:
        UsageError: neither.
    """
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"{text!r} is no port", where=option, advice="such as 8100 or 0.0.0.0:8100")
    return host.strip("[]") or "127.0.0.1", int(port)


def _is_checked(reception: Reception) -> bool:
    """Whether other programs may take it for a sound frame."""
    from gsctl.framing import Integrity

    return reception.frame.integrity in (Integrity.CRC, Integrity.FEC)


def _wait_for(plan: Plan) -> None:
    """Sleep until shortly before AOS; the wall clock may be set meanwhile."""
    from gsctl.cli.receive_view import countdown

    coming = plan.coming
    assert coming is not None
    while (left_s := (coming.aos - utc_now()).total_seconds() - OPEN_BEFORE_AOS_S) > 0:
        countdown(plan, left_s + OPEN_BEFORE_AOS_S)
        time.sleep(min(1.0, left_s))
    countdown(plan, None)
