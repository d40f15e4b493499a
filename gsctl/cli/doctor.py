"""``gsctl doctor``: what works on this machine, what is missing, and the command that mends it."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from gsctl import __version__
from gsctl.cli import console, places
from gsctl.cli.options import configuration, log_directory, protocol_dirs
from gsctl.cli.tables import ReportFormatOption
from gsctl.errors import ConfigError, GsctlError


class State(StrEnum):
    """What a check found, the best first."""

    OK = "ok"
    OPTIONAL = "absent"  # something gsctl can do without
    WARNING = "warning"
    BROKEN = "broken"  # the main job fails


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``mend`` is a command, or a sentence where no command helps."""

    topic: str
    state: State
    found: str
    mend: str = ""


# Imported for real, because their compiled halves are what breaks; of the others the version is enough.
_NATIVE = ("numpy", "numba", "soundfile")
_PURE = ("scipy", "construct", "skyfield", "sgp4", "matplotlib", "pyais", "httpx", "rich", "pillow", "pyyaml")
_LEAST_FREE_BYTES = 1_000_000_000


def doctor(
    output_format: ReportFormatOption = "text",
) -> None:
    """Say what works on this machine, what is missing, and the command that mends it.

    Exit code 3 where something is broken that the main job needs. Paste the output into a bug report.
    """
    findings = [finding for check in CHECKS for finding in _run(check)]
    if output_format == "json":
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print_report(findings)
    broken = [finding.topic for finding in findings if finding.state is State.BROKEN]
    if broken:
        raise ConfigError(f"broken: {', '.join(broken)}", advice="run the commands after 'mend:'")


def _print_report(findings: list[Finding]) -> None:
    width = max(len(finding.topic) for finding in findings)
    for finding in findings:
        print(f"{finding.state:8} {finding.topic:{width}}  {console.safe(finding.found)}".rstrip())
        if finding.mend:
            print(f"{'':8} {'':{width}}  mend: {console.safe(finding.mend)}")


def _run(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """One check; a check that fails itself is a finding too."""
    topic = check.__name__.removeprefix("check_").replace("_", " ")
    try:
        return list(check())
    except GsctlError as error:
        return [Finding(topic, State.WARNING, error.what, error.advice or f"see {error.where}")]
    except Exception as error:
        return [Finding(topic, State.WARNING, f"the check failed: {type(error).__name__}: {error}")]


def check_version() -> Iterator[Finding]:
    """The interpreter and gsctl itself."""
    yield Finding("gsctl", State.OK, f"{__version__} in {Path(__file__).parent.parent}")
    yield Finding("python", State.OK, f"{platform.python_version()} at {sys.executable}")
    yield Finding("system", State.OK, f"{_distribution()}, {platform.machine()}, {os.cpu_count()} CPUs")


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.platform())
    except OSError:
        return platform.platform()


def check_libraries() -> Iterator[Finding]:
    """Python packages: the compiled ones imported, the others looked up."""
    import importlib
    from importlib import metadata

    versions, broken = [], []
    for name in (*_NATIVE, *_PURE):
        try:
            versions.append(f"{name} {metadata.version(name)}")
            if name in _NATIVE:
                importlib.import_module(name)
        except Exception as error:
            broken.append(Finding(name, State.BROKEN, f"{type(error).__name__}: {error}", _reinstall(name)))
    yield Finding("libraries", State.OK, ", ".join(versions))
    yield from broken


def _reinstall(name: str) -> str:
    return f"{sys.executable} -m pip install --force-reinstall {name}"


def check_fonts() -> Iterator[Finding]:
    """The fonts that the pictures are drawn with: those that matplotlib carries."""
    from importlib.util import find_spec

    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        return  # check_libraries has told
    font = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    if font.is_file():
        yield Finding("fonts", State.OK, "DejaVu Sans, with matplotlib")
    else:
        yield Finding("fonts", State.WARNING, f"{font} is missing", _reinstall("matplotlib"))


def check_folders() -> Iterator[Finding]:
    """The folders that gsctl writes to, and the room for logs."""
    folders = {
        "kernel cache": Path(os.environ.get("NUMBA_CACHE_DIR", places.cache_dir() / "numba")),
        "state": places.state_dir(),
        "data": places.data_dir(),
        "logs": log_directory(None) or Path(),
    }
    for topic, folder in folders.items():
        if places.is_writable(folder):
            yield Finding(topic, State.OK, f"{folder.absolute()} is writable")
        else:
            yield Finding(topic, State.WARNING, f"{folder.absolute()} cannot be written", f"ls -ld {folder}")
    yield _free_space(folders["logs"])


def _free_space(folder: Path) -> Finding:
    import shutil

    standing = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    free = shutil.disk_usage(standing).free
    found = f"{free / 1e9:.1f} GB free for logs and recordings"
    if free >= _LEAST_FREE_BYTES:
        return Finding("disk", State.OK, found)
    return Finding("disk", State.WARNING, found, f"du -xh --max-depth=2 {standing} | sort -h | tail")


def check_configuration() -> Iterator[Finding]:
    """The configuration files and what they settle."""
    user = places.config_dir() / "config.toml"
    try:
        config = configuration()
    except ConfigError as error:
        yield Finding("configuration", State.BROKEN, str(error), f"${{EDITOR:-nano}} {user}")
        return
    if not config.files:
        yield Finding("configuration", State.OK, f"none; {user} would be read")
        return
    stations = ", ".join(config.stations) or "none"
    yield Finding("configuration", State.OK, f"{', '.join(map(str, config.files))}; stations: {stations}")


def check_protocols() -> Iterator[Finding]:
    """The protocol files: bundled, installed and the user's own."""
    from gsctl.catalog import load_catalog

    try:
        catalog = load_catalog(protocol_dirs(None))
    except GsctlError as error:
        yield Finding("protocols", State.BROKEN, str(error), "gsctl protocols check FILE")
        return
    yield Finding("protocols", State.OK, f"{len(catalog.satellites)} satellites")


def check_elements() -> Iterator[Finding]:
    """The store of element sets and the age of what was fetched last."""
    from datetime import UTC, datetime

    from gsctl.cli.orbits import OLD_DAYS, store_path
    from gsctl.orbit.store import ElementStore

    fetch = "gsctl elements update"
    if not store_path().is_file():
        yield Finding("elements", State.OPTIONAL, "no store; the sets that come with gsctl are used", fetch)
        return
    with ElementStore(store_path()) as store:
        objects, sets = store.count()
        asked = [request.asked_at for request in store.requests() if request.status in (200, 304)]
    found = f"{sets} sets of {objects} objects in {store_path()}"
    age_days = (datetime.now(UTC) - max(asked)).total_seconds() / 86400 if asked else None
    if age_days is None:
        yield Finding("elements", State.OK, f"{found}, nothing fetched")
    elif age_days > OLD_DAYS:
        yield Finding("elements", State.WARNING, f"{found}, fetched {age_days:.0f} days ago", fetch)
    else:
        yield Finding("elements", State.OK, f"{found}, fetched {age_days:.1f} days ago")


def check_clock() -> Iterator[Finding]:
    """Whether the kernel believes that the clock is synchronised: Doppler and frame times need UTC."""
    from gsctl.cli.machine import clock_error_s, clock_is_synchronised

    synchronised = clock_is_synchronised()
    if synchronised is None:
        yield Finding(
            "clock", State.WARNING, "the kernel does not tell whether it is synchronised", "timedatectl"
        )
    elif synchronised:
        yield Finding("clock", State.OK, f"synchronised, error at most {clock_error_s():.3f} s")
    else:
        yield Finding(
            "clock",
            State.WARNING,
            "not synchronised: pass times, Doppler and frame times may be wrong",
            "sudo timedatectl set-ntp true    (or: sudo apt-get install chrony)",
        )


def check_radio() -> Iterator[Finding]:
    """SoapySDR's library, its drivers, and the USB radios that are plugged in."""
    from gsctl.cli.machine import soapy_modules, usb_radios

    modules = soapy_modules()
    apt = "sudo apt-get install libsoapysdr0.8 soapysdr-module-all"
    if modules is None:
        yield Finding("SoapySDR", State.OPTIONAL, "no library; needed only to receive live", apt)
    elif not modules:
        yield Finding("SoapySDR", State.WARNING, "library found, but no driver", apt)
    else:
        yield Finding("SoapySDR", State.OK, f"drivers: {', '.join(modules)}")
    for radio in usb_radios():
        state = State.OK if not radio.trouble else State.WARNING
        yield Finding("USB radio", state, f"{radio.name} {radio.trouble}".strip(), radio.mend)


def check_gnuradio() -> Iterator[Finding]:
    """GNU Radio under the system's Python, for ``--engine gnuradio``."""
    from gsctl.cli.machine import gnuradio_version

    version = gnuradio_version()
    if version is None:
        mend = "sudo apt-get install gnuradio"
        yield Finding("GNU Radio", State.OPTIONAL, "not found; needed only for --engine gnuradio", mend)
    else:
        yield Finding("GNU Radio", State.OK, f"{version} under /usr/bin/python3")


CHECKS = (
    check_version,
    check_libraries,
    check_fonts,
    check_folders,
    check_configuration,
    check_protocols,
    check_elements,
    check_clock,
    check_radio,
    check_gnuradio,
)
