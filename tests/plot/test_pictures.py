from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from gsctl.dsp.tuning import shift_at
from gsctl.errors import LogbookError
from gsctl.model import Pass, TuningPlan
from gsctl.plot.pictures import demo_picture, pass_picture
from gsctl.plot.sky import draw_sky, track_at
from gsctl.plot.spectrogram import Spectrogram
from gsctl.plot.style import clock, drawing
from gsctl.plot.timeaxis import time_label, time_ticks
from gsctl.plot.waterfall import draw_waterfall, power_limits, waterfall_picture


def a_spectrogram(plan: TuningPlan) -> Spectrogram:
    """A line that follows the plan in noise; the last tenth of the rows is a gap."""
    time_s = np.linspace(2.0, 598.0, 150)
    frequency_hz = np.linspace(-12e3, 12e3, 241)
    power_db = np.random.default_rng(1).normal(-65.0, 0.5, (150, 241)).astype(np.float32)
    power_db[np.arange(150), np.rint((shift_at(plan, time_s) + 12e3) / 100.0).astype(int)] = -45.0
    power_db[-15:] = np.nan
    return Spectrogram(
        time_s=time_s,
        frequency_hz=frequency_hz,
        power_db=power_db,
        row_s=4.0,
        start_time=plan.start,
        center_frequency_hz=437.365e6,
    )


def test_shift_between_the_nodes_is_cubic(plan: TuningPlan) -> None:
    at_s = np.linspace(0.0, 600.0, 101)
    x = (at_s - 300.0) / 300.0
    np.testing.assert_allclose(shift_at(plan, at_s), -9000.0 * x + 1000.0 * x**3, atol=1e-6)
    np.testing.assert_allclose(shift_at(plan, np.array([-50.0, 900.0])), [8000.0, -8000.0])


def test_the_track_is_interpolated_across_north(passing: Pass) -> None:
    assert passing.track is not None
    azimuth_deg, elevation_deg = track_at(
        passing.track, [passing.aos + timedelta(seconds=s) for s in (60, 62.5)]
    )
    assert azimuth_deg == pytest.approx([0.0, 359.17], abs=0.01)
    assert elevation_deg[0] == pytest.approx(60.0 * (1 - 0.8**2), abs=0.01)


def test_the_sky_has_north_up_east_right_and_the_labels(passing: Pass) -> None:
    with drawing(4, 4) as figure:
        axes = figure.add_subplot(projection="polar")
        draw_sky(axes, passing, [passing.tca])
        east = axes.transData.transform((np.pi / 2, 90.0))
        north = axes.transData.transform((0.0, 90.0))
        middle = axes.transData.transform((0.0, 0.0))
        texts = [text.get_text() for text in axes.texts]
    assert east[0] > middle[0] + 50
    assert north[1] > middle[1] + 50
    assert "AOS\n23:58:00" in texts
    assert "TCA 00:03:00" in texts
    assert "LOS\n00:08:00" in texts


def test_the_waterfall_shows_frequency_from_nominal_and_utc(passing: Pass, plan: TuningPlan) -> None:
    found = a_spectrogram(plan)
    with drawing(6, 6) as figure:
        axes = figure.add_subplot()
        frames = [(passing.tca, None), (passing.aos, 8100.0)]
        draw_waterfall(axes, found, plan=plan, frames=frames, span=(passing.aos, passing.los))
        figure.draw_without_rendering()
        (curve,) = axes.get_lines()
        (marks,) = axes.collections
        labels = [label.get_text() for label in axes.get_yticklabels()]
        assert axes.get_xlabel() == "Frequency from 437.365 MHz (kHz)"
        assert axes.get_ylim() == (0.0, 600.0)
    assert np.asarray(curve.get_xdata())[0] == pytest.approx(8.0)
    assert np.asarray(curve.get_xdata())[-1] == pytest.approx(-8.0)
    # Marks stand 3.5 % of the band beside the signal.
    assert np.asarray(marks.get_offsets())[:, 0] == pytest.approx([0.8435, 8.9435], abs=0.001)
    assert labels[0] == "23:58"
    assert labels[2] == "00:00"


def test_the_axis_counts_from_the_nominal_frequency(plan: TuningPlan) -> None:
    with drawing(6, 6) as figure:
        axes = figure.add_subplot()
        draw_waterfall(axes, a_spectrogram(plan), plan=plan, offset_hz=5000.0)
        (curve,) = axes.get_lines()
        assert axes.get_xlabel() == "Frequency from 437.37 MHz (kHz)"
        assert axes.get_xlim() == pytest.approx((-17.05, 7.05))
    assert np.asarray(curve.get_xdata())[0] == pytest.approx(8.0)


def test_power_limits_hold_for_noise_and_nothing() -> None:
    low, high = power_limits(np.full((4, 4), -60.0, dtype=np.float32))
    assert high - low == pytest.approx(12.0)
    low, high = power_limits(np.array([[-300.0, -200.0, -60.0, -20.0]], dtype=np.float32))
    assert high - low == pytest.approx(45.0)
    assert power_limits(np.full((4, 4), np.nan, dtype=np.float32)) == (-1.0, 0.0)


MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "low_s", "high_s", "labels"),
    [
        (MIDNIGHT - timedelta(seconds=10), 0.0, 20.0, "23:59:50 23:59:55 00:00:00 00:00:05 00:00:10"),
        (MIDNIGHT + timedelta(seconds=1), 0.0, 600.0, "00:02 00:04 00:06 00:08 00:10"),
        (MIDNIGHT, 0.0, 90_000.0, "01-01 00:00 01-01 06:00 01-01 12:00 01-01 18:00 01-02 00:00"),
        (MIDNIGHT, 0.0, 5 * 86400.0, "2026-01-01 2026-01-02 2026-01-03 2026-01-04 2026-01-05 2026-01-06"),
        (MIDNIGHT, 0.1, 1.3, "00:00:00.2 00:00:00.4 00:00:00.6 00:00:00.8 00:00:01.0 00:00:01.2"),
        (None, 0.0, 90.0, "0:00 0:15 0:30 0:45 1:00 1:15 1:30"),
        (None, 0.0, 40.0, "0 5 10 15 20 25 30 35 40"),
        (None, 0.0, 1.6, "0.0 0.2 0.4 0.6 0.8 1.0 1.2 1.4 1.6"),
    ],
)  # fmt: skip
def test_ticks_stand_at_round_times(start: datetime | None, low_s: float, high_s: float, labels: str) -> None:
    ticks, step_s = time_ticks(start, low_s, high_s)
    assert all(low_s - 1e-6 <= tick <= high_s + 1e-6 for tick in ticks)
    assert " ".join(time_label(start, tick, step_s, high_s - low_s) for tick in ticks) == labels


def test_ticks_of_any_span_are_few() -> None:
    for exponent in np.linspace(-4, 11, 60):
        ticks, _ = time_ticks(MIDNIGHT, 0.0, float(10**exponent))
        assert len(ticks) <= 9


def test_clock_is_utc_whatever_the_zone() -> None:
    hanoi = timezone(timedelta(hours=7))
    assert clock(datetime(2026, 1, 1, 6, 59, 59, 600_000, tzinfo=hanoi)) == "23:59:59"


def test_demo_picture_is_one_png_and_touches_no_global_state(
    tmp_path: Path, passing: Pass, plan: TuningPlan
) -> None:
    before = dict(mpl.rcParams)
    path = demo_picture(
        tmp_path / "new" / "demo.png",
        passing=passing,
        spectrogram=a_spectrogram(plan),
        plan=plan,
        frame_times=[passing.aos + timedelta(seconds=second) for second in range(20, 600, 40)],
        title=r"日本 $\alpha",
        note="gsctl demo profile",
    )
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.size == (1920, 1080)
        colours = image.convert("RGB").getcolors(maxcolors=2**24)
    assert colours is not None
    assert len(colours) > 200
    assert [entry.name for entry in path.parent.iterdir()] == ["demo.png"]
    assert dict(mpl.rcParams) == before


def test_no_frames_no_picture_trouble(tmp_path: Path, passing: Pass, plan: TuningPlan) -> None:
    demo_picture(
        tmp_path / "demo.svg",
        passing=passing,
        spectrogram=a_spectrogram(plan),
        plan=plan,
        frame_times=[],
        title="t",
    )
    assert (tmp_path / "demo.svg").read_text().startswith("<?xml")


def test_the_same_data_give_the_same_file(tmp_path: Path, passing: Pass) -> None:
    one = pass_picture(tmp_path / "one.png", passing).read_bytes()
    assert one == pass_picture(tmp_path / "two.png", passing).read_bytes()


def test_a_waterfall_of_an_unknown_time_counts_from_its_start(tmp_path: Path, plan: TuningPlan) -> None:
    found = replace(a_spectrogram(plan), start_time=None, center_frequency_hz=None)
    path = waterfall_picture(tmp_path / "w.png", found, title="unknown", plan=plan)
    assert path.stat().st_size > 10_000
    with drawing(4, 4) as figure:
        axes = figure.add_subplot()
        draw_waterfall(axes, found, plan=plan)
        figure.draw_without_rendering()
        assert axes.get_ylabel() == "Time since the start (min:s)"
        assert [label.get_text() for label in axes.get_yticklabels()][:3] == ["0:00", "1:00", "2:00"]
        assert not axes.get_lines()


def test_a_pass_without_a_track_is_refused(tmp_path: Path, passing: Pass) -> None:
    with pytest.raises(ValueError, match="no track"):
        pass_picture(tmp_path / "p.png", replace(passing, track=None))
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path, passing: Pass) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LogbookError, match="cannot write the picture"):
        pass_picture(tmp_path / "file" / "p.png", passing)
    with pytest.raises(LogbookError, match="png, svg or pdf"):
        pass_picture(tmp_path / "p.docx", passing)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
