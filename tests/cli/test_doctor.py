"""The report on this machine."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gsctl.cli import machine
from gsctl.cli.machine import clock_error_s, clock_is_synchronised, usb_radios
from gsctl.orbit.store import ElementStore, Request
from tests.cli.conftest import Gsctl


def test_the_report_names_every_topic_and_mends_what_is_absent(gsctl: Gsctl) -> None:
    done = gsctl("doctor")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for topic in (
        "gsctl",
        "python",
        "libraries",
        "kernel cache",
        "configuration",
        "clock",
        "SoapySDR",
        "GNU Radio",
    ):
        assert topic in done.stdout
    assert "the check failed" not in done.stdout
    lines = done.stdout.splitlines()
    for number, line in enumerate(lines):
        if line.startswith(("absent", "warning", "broken")):
            assert "mend: " in lines[number + 1], line


def test_the_report_as_json(gsctl: Gsctl) -> None:
    findings = json.loads(gsctl("doctor", "--format", "JSON").stdout)
    states = {finding["topic"]: finding["state"] for finding in findings}
    assert states["python"] == "ok"
    assert states["libraries"] == "ok"
    assert set(states.values()) <= {"ok", "absent", "warning", "broken"}


def test_a_broken_configuration_is_named_and_gives_3(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "gsctl").mkdir()
    (tmp_path / "gsctl" / "config.toml").write_text("statoin = 'a'\n")
    done = gsctl("doctor", env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert done.returncode == 3
    assert "did you mean station?" in done.stdout
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("age_days", "state"), [(1.0, "ok"), (30.0, "warning")])
def test_the_age_of_the_elements_is_told(gsctl: Gsctl, tmp_path: Path, age_days: float, state: str) -> None:
    (tmp_path / "gsctl").mkdir()
    asked = datetime.now(UTC) - timedelta(days=age_days)
    with ElementStore(tmp_path / "gsctl" / "elements.sqlite") as store:
        store.note_request(Request(url="https://example.org/", asked_at=asked, status=200))
    done = gsctl("doctor", "--format", "json", env={"XDG_DATA_HOME": str(tmp_path)})
    (finding,) = [finding for finding in json.loads(done.stdout) if finding["topic"] == "elements"]
    assert finding["state"] == state
    assert "0 sets of 0 objects" in finding["found"]
    assert finding["mend"] == ("" if state == "ok" else "gsctl elements update")


def test_a_store_that_is_none_is_told(gsctl: Gsctl, tmp_path: Path) -> None:
    (tmp_path / "gsctl").mkdir()
    (tmp_path / "gsctl" / "elements.sqlite").write_text("this is no database, but long enough to look" * 50)
    done = gsctl("doctor", "--format", "json", env={"XDG_DATA_HOME": str(tmp_path)})
    (finding,) = [finding for finding in json.loads(done.stdout) if finding["topic"] == "elements"]
    assert finding["state"] == "warning"
    assert "the check failed" not in finding["found"]


def test_the_kernel_tells_of_its_clock() -> None:
    assert clock_is_synchronised() in (True, False, None)
    assert clock_error_s() >= 0.0


@pytest.mark.parametrize(("answer", "expected"), [(0, True), (1, True), (5, False), (-1, None), (None, None)])
def test_adjtimex_answers(monkeypatch: pytest.MonkeyPatch, answer: int | None, expected: bool | None) -> None:
    monkeypatch.setattr(machine, "_adjtimex", lambda buffer: answer)
    assert clock_is_synchronised() is expected


def plug(root: Path, port: str, vendor: str, product: str, number: int, *, node: bool) -> None:
    device = root / "sys/bus/usb/devices" / port
    device.mkdir(parents=True)
    for name, text in (
        ("idVendor", vendor),
        ("idProduct", product),
        ("busnum", "1"),
        ("devnum", str(number)),
    ):
        (device / name).write_text(f"{text}\n")
    if node:
        (root / "dev/bus/usb/001").mkdir(parents=True, exist_ok=True)
        (root / f"dev/bus/usb/001/{number:03}").touch()


def test_usb_radios_and_their_troubles(tmp_path: Path) -> None:
    plug(tmp_path, "1-1", "0bda", "2838", 4, node=True)
    plug(tmp_path, "1-2", "1d50", "6089", 5, node=False)
    plug(tmp_path, "1-3", "046d", "c077", 6, node=True)  # a mouse
    radios = list(usb_radios(tmp_path))
    assert [(radio.name, bool(radio.trouble)) for radio in radios] == [
        ("RTL-SDR", False),
        ("HackRF One", True),
    ]
    assert "udevadm" in radios[1].mend
    (tmp_path / "sys/module/dvb_usb_rtl28xxu").mkdir(parents=True)
    assert "modprobe -r" in next(iter(usb_radios(tmp_path))).mend
