"""How the samples of a radio are kept."""

import pytest

from gsctl.cli.receive_tape import native_format, told_format
from gsctl.errors import UsageError


@pytest.mark.parametrize(
    ("name", "filtered", "kept"),
    [("cu8", False, "cu8"), ("cu8", True, "ci16"), ("ci8", True, "ci16"), ("cf32", True, "cf32")],
)
def test_a_filtered_channel_has_finer_steps_than_eight_bits(name: str, filtered: bool, kept: str) -> None:
    assert native_format(name, filtered=filtered).name == kept


def test_a_recording_of_a_radio_holds_iq() -> None:
    assert told_format("CI8").name == "ci8"
    with pytest.raises(UsageError, match="i16 holds no IQ; did you mean ci16"):
        told_format("i16")
