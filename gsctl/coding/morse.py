"""International Morse code (Recommendation ITU-R M.1677-1): characters, marks and units of a dot.

A dash is three dots long; one dot of silence parts the marks of a character, three part characters,
seven part words. At a speed in words a minute PARIS, of 50 dots, is the word.
"""

from __future__ import annotations

import numpy as np

from gsctl.coding.bit_order import Bits

MARKS: dict[str, str] = {
    "A": ".-", "B": "-...", "C": "-.-.", "D": "-..", "E": ".", "F": "..-.", "G": "--.", "H": "....",
    "I": "..", "J": ".---", "K": "-.-", "L": ".-..", "M": "--", "N": "-.", "O": "---", "P": ".--.",
    "Q": "--.-", "R": ".-.", "S": "...", "T": "-", "U": "..-", "V": "...-", "W": ".--", "X": "-..-",
    "Y": "-.--", "Z": "--..", "0": "-----", "1": ".----", "2": "..---", "3": "...--", "4": "....-",
    "5": ".....", "6": "-....", "7": "--...", "8": "---..", "9": "----.", ".": ".-.-.-", ",": "--..--",
    ":": "---...", "?": "..--..", "'": ".----.", "-": "-....-", "/": "-..-.", "(": "-.--.", ")": "-.--.-",
    '"': ".-..-.", "=": "-...-", "+": ".-.-.", "@": ".--.-.",
}  # fmt: skip
CHARACTERS: dict[str, str] = {marks: character for character, marks in MARKS.items()}


def dots_per_second(speed_wpm: float) -> float:
    """Dots a second at a speed in PARIS words a minute."""
    return speed_wpm * 50.0 / 60.0


def morse_units(text: str) -> Bits:
    """Key down (1) and up (0) in units of a dot, (n,) uint8; characters without a code are left out."""
    words = []
    for word in text.upper().split():
        letters = [MARKS[letter] for letter in word if letter in MARKS]
        words.append("000".join("0".join("1" if m == "." else "111" for m in marks) for marks in letters))
    return np.array([int(unit) for unit in "0000000".join(word for word in words if word)], np.uint8)


def morse_text(units: Bits) -> str:
    """Undo ``morse_units``, for units that are right; unknown marks become ``*``."""
    line = "".join(map(str, units.tolist())).strip("0")
    return " ".join("".join(map(_character, word.split("000"))) for word in line.split("0000000"))


def _character(units: str) -> str:
    marks = "".join("-" if len(mark) == 3 else "." for mark in units.split("0") if mark)
    return CHARACTERS.get(marks, "*") if marks else ""
