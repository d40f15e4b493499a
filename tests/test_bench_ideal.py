"""The lines with ideal synchronisation: as many wrong symbols as theory says, and frames at their place."""

from math import erfc, sqrt

import numpy as np
import pytest

from bench import ideal


def wrong_share(line: ideal.Line, es_n0_db: float) -> float:
    random = np.random.default_rng(8)
    symbols = random.integers(0, 2, 40_000, dtype=np.uint8)
    soft = line(symbols, 10 ** (es_n0_db / 10), random)
    assert soft.shape == symbols.shape
    return float(np.mean((soft > 0) != (symbols == 1)))


@pytest.mark.parametrize("es_n0_db", [0.0, 4.0])
def test_symbols_are_wrong_as_often_as_theory_says(es_n0_db: float) -> None:
    wrong = 0.5 * erfc(sqrt(10 ** (es_n0_db / 10)))
    assert wrong_share(ideal.antipodal, es_n0_db) == pytest.approx(wrong, rel=0.06)
    # One of two neighbours: MSK sends the changes of an antipodal line. BT 0.5 costs about 0.1 dB.
    two = 2 * wrong * (1 - wrong)
    assert two * 0.97 < wrong_share(ideal.gmsk, es_n0_db) < two * 1.3


@pytest.mark.parametrize(
    ("line", "none_db", "all_db"), [(ideal.antipodal, -3.0, -0.6), (ideal.gmsk, 0.0, 2.4)]
)
def test_the_codes_fail_and_hold_on_either_side_of_their_threshold(
    line: ideal.Line, none_db: float, all_db: float
) -> None:
    assert ideal.concatenated_share(line, none_db, 3) == 0.0
    assert ideal.concatenated_share(line, all_db, 3) == 1.0
