"""The virtual SDR: built once a session with g++, one configuration a test."""

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
def virtual_module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the compiled module."""
    if shutil.which("g++") is None or not Path("/usr/include/SoapySDR/Device.hpp").exists():
        missing("the virtual SDR needs: apt install g++ libsoapysdr-dev")
    folder = tmp_path_factory.mktemp("soapy")
    command = ["g++", "-std=c++17", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", str(SOURCE)]
    subprocess.run(
        [*command, "-o", str(folder / "libvirtualSupport.so"), "-lSoapySDR"], check=True, timeout=120
    )
    return folder


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
        words = {key: str(value).lower() if isinstance(value, bool) else value for key, value in keys.items()}
        lines.append(",".join([f"serial={serial}", *(f"{key}={value}" for key, value in words.items())]))
        config.write_text("\n".join(lines) + "\n")
        return {**os.environ, **environment}

    config.write_text("")
    return add
