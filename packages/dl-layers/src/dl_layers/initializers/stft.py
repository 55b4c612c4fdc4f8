"""Kernels of the short-time Fourier transform."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np

from dl_layers.initializers.base import FloatType, HostInitializer
from dl_layers.initializers.windows import WINDOWS, window_of
from dl_ops.objects import deserialize_keras_object, public
from dl_ops.typing import Array

_SIDES = ("real", "imag")
_SCALINGS = ("density", "spectrum", None)


@public("keras.initializers.STFT", "keras.initializers.STFTInitializer", "keras.initializers.stft")
class STFT(HostInitializer):
    """Kernel with which a convolution computes the short-time Fourier transform, its real or its imaginary part.

    Of shape ``(frame_length, channels, fft_length // 2 + 1)``: column `k` is the cosine, or minus the sine, of `k`
    turns in `fft_length` samples, under the window. All channels have the same.

    Parameters
    ----------
    side : {"real", "imag"}
    window : str or array_like of shape (frame_length,), optional
        A name that SciPy has for a window without parameters, or its weights; ``None`` for weights of 1, unscaled.
    scaling : {"density", "spectrum"}, optional
        Divide by the root of the sum of the window's squares, so that squares of the results are a spectral density,
        or by the window's sum, so that they are a spectrum; ``None`` for neither.
    periodic : bool, default False
        Whether a window given by name is periodic rather than symmetric.

    Raises
    ------
    ValueError
        If an argument is none of these, or the initializer is called for another shape.

    References
    ----------
    Allen and Rabiner, "A unified approach to short-time Fourier analysis and synthesis", Proc. IEEE 65 (1977).

    Examples
    --------
    >>> STFT(window=None)((4, 1, 3))[:, 0].round(3).tolist()
    [[1.0, 1.0, 1.0], [1.0, 0.0, -1.0], [1.0, -1.0, 1.0], [1.0, -0.0, -1.0]]
    """

    def __init__(
        self, side: str = "real", window: Any = "hann", scaling: str | None = "density", periodic: bool = False
    ) -> None:
        if side not in _SIDES:
            raise ValueError(f"STFT(side={side!r}): expected 'real' or 'imag'")
        if scaling not in _SCALINGS:
            raise ValueError(f"STFT(scaling={scaling!r}): expected 'density', 'spectrum' or None")
        if isinstance(window, str):
            if window not in WINDOWS:
                near = difflib.get_close_matches(window, WINDOWS, n=2) or sorted(WINDOWS)
                raise ValueError(f"STFT(window={window!r}): expected {', '.join(map(repr, near))}, or the weights")
        elif window is not None and (np.ndim(window) != 1 or np.asarray(window).dtype.kind not in "iuf"):
            raise ValueError(f"STFT(window={window!r}): expected a name, or the weights of the samples in a row")
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, bool(periodic)

    def values(self, shape: tuple[int, ...], dtype: FloatType) -> Array:
        if len(shape) != 3 or shape[2] < 2:
            raise ValueError(
                f"STFT(): expected a shape (frame_length, channels, fft_length // 2 + 1) with at least 2 in the last "
                f"place, got {shape}"
            )
        length, channels, bins = shape
        window = self._window(length)
        angles = 2 * np.pi * np.outer(np.arange(length), np.arange(bins)) / (2 * (bins - 1))
        waves = np.cos(angles)
        if self.side == "imag":
            waves = -np.sin(angles)
            # sines of whole and half turns are zero, which rounding would hide
            waves[:, [0, -1]] = 0
        kernel = waves * window[:, None]
        return np.repeat(kernel[:, None], channels, 1)

    def _window(self, length: int) -> Array:
        """Weights of the samples, scaled."""
        if self.window is None:
            return np.ones(length)
        if isinstance(self.window, str):
            weights = window_of(self.window, length, self.periodic)
        else:
            weights = np.asarray(self.window, "float64")
            if weights.shape != (length,):
                raise ValueError(f"STFT(): the window has {len(weights)} weights, the frames {length} samples")
        if self.scaling is None:
            return weights
        total = abs(weights.sum()) if self.scaling == "spectrum" else np.sqrt(np.square(weights).sum())
        if not total:
            raise ValueError(f"STFT(window={self.window!r}): all {length} weights are zero, which cannot be scaled")
        return np.asarray(weights / total)

    def get_config(self) -> dict[str, Any]:
        return {"side": self.side, "window": self.window, "periodic": self.periodic, "scaling": self.scaling}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**deserialize_keras_object(config))
