"""Rules of Fourier transforms and of stretches of a signal.

All of them are linear, so a rule is the transposed transform. That of the whole transform, as a matrix of real and
imaginary parts, is the transform that turns the other way, not divided by the number of samples.
"""

from __future__ import annotations

from typing import Any, Final

from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.kinds import Rule, Rules
from dl_ops.math.fourier import fitted, occurrences
from dl_ops.math.sequences import overlap_add


def _exchanged(pair: Any) -> list[Any]:
    """Real and imaginary parts, each in the other's place: a transform in between turns the other way."""
    first, second = pair
    return [second, first]


def _fft(g: Any, y: Any, x: Any) -> list[Any]:
    return _exchanged(fn.fft(_exchanged(g)))


def _fft2(g: Any, y: Any, x: Any) -> list[Any]:
    return _exchanged(fn.fft2(_exchanged(g)))


def _ifft2(g: Any, y: Any, x: Any) -> list[Any]:
    return _exchanged(fn.ifft2(_exchanged(g)))


def _rfft(g: Any, y: Any, x: Any, fft_length: int | None = None) -> Any:
    samples = x.shape[-1] if fft_length is None else fft_length
    weights = (samples / occurrences(samples)).astype(x.dtype)
    return fitted(fn.irfft([part * weights for part in g], samples), x.shape[-1])


def _irfft(g: Any, y: Any, x: Any, fft_length: int | None = None) -> list[Any]:
    samples = g.shape[-1]
    weights = (occurrences(samples) / samples).astype(g.dtype)
    return [fitted(part * weights, x[0].shape[-1]) for part in fn.rfft(g)]


def _extract_sequences(g: Any, y: Any, x: Any, sequence_length: int, sequence_stride: int) -> Any:
    return fitted(overlap_add(g, sequence_stride), x.shape[-1])


RULES: Final[dict[str, Rules]] = {"rfft": (_rfft,), "extract_sequences": (_extract_sequences,)}

LIST_RULES: Final[dict[str, tuple[int, Rule]]] = {
    "fft": (0, _fft),
    "fft2": (0, _fft2),
    "ifft2": (0, _ifft2),
    "irfft": (0, _irfft),
}
