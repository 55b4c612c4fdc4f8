"""Rules of complex numbers.

The gradient of a real function of ``x + iy`` is ``df/dx - i df/dy``, as in JAX: the real part of its product with a
small step, not conjugated, is what the function changes by. So rules of holomorphic functions are those of real ones.
"""

from __future__ import annotations

from typing import Any, Final

from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.kinds import Rules


def _real(g: Any, y: Any, x: Any) -> Any:
    return fn.cast(g, x.dtype.name)


def _imag(g: Any, y: Any, x: Any) -> Any:
    return fn.cast(g, x.dtype.name) * -1j if x.dtype.kind == "c" else fn.zeros_like(x)


def _conj(g: Any, y: Any, x: Any) -> Any:
    return fn.conj(g)


RULES: Final[dict[str, Rules]] = {
    "real": (_real,),
    "imag": (_imag,),
    "conj": (_conj,),
    "complex": (lambda g, y, a, b: fn.real(g), lambda g, y, a, b: -fn.imag(g)),
}

LINEAR: Final = frozenset({"conj", "imag", "real"})
