"""Cases of random numbers: distributions, not values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops.testing.arrays import draw
from dl_ops.testing.case import Case
from dl_ops.typing import Array

_KEY = np.array([7, 3], "uint32")
_COUNT = 4000


def _distributed(mean: float, deviation: float, low: float = -np.inf, high: float = np.inf) -> Callable[..., None]:
    def verify(result: Array, *arguments: Any, **options: Any) -> None:
        x = np.float64(result)
        assert np.all((x >= low) & (x <= high)), f"values from {x.min()} to {x.max()}"
        error = 5 * deviation / np.sqrt(x.size)
        assert abs(x.mean() - mean) < error, f"mean {x.mean()}, expected {mean} within {error}"
        assert abs(x.std() - deviation) < 0.1 * deviation, f"deviation {x.std()}, expected {deviation}"

    return verify


def _is_permutation(result: Array, *arguments: Any, **options: Any) -> None:
    x = arguments[-1] if isinstance(arguments[-1], np.ndarray) else arguments[0]
    assert not np.array_equal(result, x)
    np.testing.assert_array_equal(np.sort(result[:, 0]), np.sort(x[:, 0]))


def _is_dropped(result: Array, *arguments: Any, **options: Any) -> None:
    kept = result != 0
    np.testing.assert_allclose(result[kept], 1 / 0.7, rtol=1e-5)
    assert abs(kept.mean() - 0.7) < 0.05


def _has_frequencies(result: Array, *arguments: Any, **options: Any) -> None:
    found = np.bincount(result[0], minlength=3) / result.shape[1]
    np.testing.assert_allclose(found, [0.7, 0.2, 0.1], atol=0.05)


_LOGITS = np.log(np.array([[0.7, 0.2, 0.1]]))
_ROWS = np.stack([np.arange(50.0), np.arange(50.0)], 1)
_ONES = np.ones((40, 50))

CASES: Final = [
    Case("random_uniform", (_KEY, (_COUNT,), "float32"), verify=_distributed(0.5, 12**-0.5, 0, 1)),
    Case("random_normal", (_KEY, (_COUNT,), "float32"), verify=_distributed(0, 1)),
    Case("random_truncated_normal", (_KEY, (_COUNT,), "float32"), verify=_distributed(0, 0.8796, -2, 2)),
    Case("random_randint", (_KEY, (_COUNT,), -2, 3, "int32"), verify=_distributed(0, 2**0.5, -2, 2)),
    Case("random_gamma", (_KEY, (_COUNT,), 2.5, "float32"), verify=_distributed(2.5, 2.5**0.5, 0)),
    Case("random_binomial", (_KEY, (_COUNT,), 10.0, 0.3, "float32"), verify=_distributed(3, 2.1**0.5, 0, 10)),
    Case("random_categorical", (_KEY, _LOGITS, _COUNT, "int32"), verify=_has_frequencies),
    Case("random_shuffle", (_KEY, _ROWS), verify=_is_permutation),
    Case("random_dropout", (_KEY, _ONES, 0.3), verify=_is_dropped),
    Case("categorical", (_LOGITS, _COUNT), {"seed": 3}, verify=_has_frequencies),
    Case("shuffle", (_ROWS,), {"seed": 3}, verify=_is_permutation),
    Case("dropout", (_ONES, 0.3), {"seed": 3}, verify=_is_dropped, label="some"),
    Case("dropout", (draw(3, 4), 0.0), {"seed": 3}, reference=lambda x, rate, seed: x, gradient=True, label="none"),
]
