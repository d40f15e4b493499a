"""The virtual SDR: built once a session with g++, one configuration a test."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gsctl.radio.soapy_capi import enumerate_devices, load_module

SOURCE = Path(__file__).parent / "virtual_sdr" / "virtual_sdr.cpp"


def missing(reason: str) -> None:
    """Skip, or fail where CI demands everything."""
    if os.environ.get("GSCTL_REQUIRE_DATA") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def virtual_module(request: pytest.FixtureRequest) -> Path:
    """Folder with the compiled module; kept between runs for as long as its source is the same."""
    if shutil.which("g++") is None or not Path("/usr/include/SoapySDR/Device.hpp").exists():
        missing("the virtual SDR needs: apt install g++ libsoapysdr-dev")
    assert request.config.cache is not None
    digest = hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]
    module = request.config.cache.mkdir(f"virtual-sdr-{digest}") / "libvirtualSupport.so"
    if not module.exists():
        part = module.with_suffix(f".{os.getpid()}")
        command = ["g++", "-std=c++17", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", str(SOURCE)]
        subprocess.run([*command, "-o", str(part), "-lSoapySDR"], check=True, timeout=120)
        part.replace(module)
    return module.parent


@pytest.fixture
def virtual_sdr(
    virtual_module: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, str]]:
    """Make devices: each call adds one and returns the environment for a process that uses it."""
    config = tmp_path / "virtual_sdr.cfg"
    environment = {"SOAPY_SDR_PLUGIN_PATH": str(virtual_module), "VIRTUAL_SDR_CONFIG": str(config)}
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    # SoapySDR looks into its folders once in a process, perhaps before this test.
    enumerate_devices({"driver": "none"})
    load_module(str(virtual_module / "libvirtualSupport.so"))
    lines: list[str] = []

    def add(serial: str = "A", **keys: object) -> dict[str, str]:
        keys.setdefault("queue", 1000)  # a busy machine must not look like a fault of the radio
        words = {key: str(value).lower() if isinstance(value, bool) else value for key, value in keys.items()}
        lines.append(",".join([f"serial={serial}", *(f"{key}={value}" for key, value in words.items())]))
        config.write_text("\n".join(lines) + "\n")
        return {**os.environ, **environment}

    config.write_text("")
    return add
