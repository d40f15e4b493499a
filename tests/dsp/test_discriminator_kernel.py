"""The compiled discriminator against numpy's angle."""

import numpy as np

from gsctl.dsp.discriminator_kernels import discriminate


def test_it_is_the_angle_between_neighbours() -> None:
    random = np.random.default_rng(1)
    samples = (random.standard_normal(3000) + 1j * random.standard_normal(3000)).astype(np.complex64)
    samples[100:110] = 0
    samples[200:204] = [1, 1j, -1, -1j]
    samples[300:302] = [1e-15, 1e-15j]
    samples[400:402] = [1e12, -1e12]
    audio = np.empty(3000, np.float32)
    discriminate(samples, np.complex64(1j), audio)
    product = samples * np.conj(np.concatenate([[1j], samples[:-1]]))
    # A half turn may come out with either sign, and of nothing the angle is anything.
    apart = np.remainder(audio - np.angle(product) / np.pi + 1, 2) - 1
    apart[product == 0] = 0
    np.testing.assert_allclose(apart, 0, atol=3e-6)
    assert np.all(np.abs(audio) <= 1 + 1e-6)
    discriminate(samples[:0], np.complex64(1), audio[:0])
