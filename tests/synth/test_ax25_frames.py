import pytest

from gsctl.errors import UsageError
from gsctl.synth.ax25_frames import ui_frame


def test_the_frame_of_framings_section_1() -> None:
    assert ui_frame("CQ", "XV9NDG", b"TEST") == bytes.fromhex("86A240404040E0B0AC729C888E6103F054455354")


def test_ssids() -> None:
    frame = ui_frame("telem-15", "XV9NDG-3", b"")
    assert frame[6] == 0b11111110
    assert frame[13] == 0b01100111


@pytest.mark.parametrize("call", ["", "TOOLONG", "A-16", "A-x", "Ä", "A B"])
def test_no_address(call: str) -> None:
    with pytest.raises(UsageError):
        ui_frame(call, "XV9NDG", b"")
