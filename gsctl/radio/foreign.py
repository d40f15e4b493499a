"""What a file is whose beginning tells that it holds no samples, and what to do with it."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from gsctl.errors import RecordingError
from gsctl.radio.request import is_named_for_samples

HEAD_BYTES = 4096

# RFC 1952, APPNOTE 4.3.7, the bzip2, xz and zstd formats' magic numbers, 7z, RAR
_PACKED = {
    b"\x1f\x8b": ("gzip", "gunzip"),
    b"PK\x03\x04": ("ZIP", "unzip"),
    b"BZh": ("bzip2", "bunzip2"),
    b"\xfd7zXZ\0": ("xz", "unxz"),
    b"\x28\xb5\x2f\xfd": ("zstd", "unzstd"),
    b"7z\xbc\xaf\x27\x1c": ("7z", "7z x"),
    b"Rar!": ("RAR", "unrar x"),
}
_PICTURES = {b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"%PDF": "PDF"}
_SENTENCE = re.compile(r"[!$](AI|AB|AN|AR|AS|AT|AX|BS|SA)VD[MO],")
_ELEMENTS = re.compile(r"^1 [0-9A-Z]{5}[UCS] .{60}\r?\n2 ", re.MULTILINE)


def refuse_foreign_file(path: Path) -> None:
    """Nothing, if a file may hold samples by its name or its beginning, or is none that can be read.

    Raises:
        RecordingError: it does not; says what it is.
    """
    if is_named_for_samples(path) or not path.is_file():
        return
    with suppress(OSError), path.open("rb") as stream:
        refuse_foreign(stream.read(HEAD_BYTES), str(path))


def refuse_foreign(head: bytes, where: str) -> None:
    """Nothing, if an input that begins so may hold samples.

    Raises:
        RecordingError: it does not; says what it is.
    """
    found = why_no_samples(head)
    if found is not None:
        raise RecordingError(found[0], where=where, advice=found[1])


def why_no_samples(head: bytes) -> tuple[str, str] | None:
    """What an input is that begins so, and what to do with it; None where it may well be samples."""
    for magic, (name, program) in _PACKED.items():
        if head.startswith(magic):
            return f"is packed ({name})", f"unpack it first, with {program} for instance"
    for magic, name in _PICTURES.items():
        if head.startswith(magic):
            return f"is a {name} file", "gsctl decodes recordings and frames"
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # not a character that the end of the head has cut
            return None
        text = head[: error.start].decode()
    if any(ord(c) < 32 and c not in "\t\r\n\f\x1b" for c in text):
        return None
    if _SENTENCE.search(text):
        return "holds AIS sentences", "gsctl ais reads them"
    if _ELEMENTS.search(text) or "NORAD_CAT_ID" in text:
        return "holds element sets", "give it with --elements, or to gsctl elements import"
    # A few letters may be samples; a line of them hardly.
    if len(text) >= 16 and "\n" in text:
        return "text without frames", "frames are hex, a line each, or CSV or JSON with a column of them"
    return None
