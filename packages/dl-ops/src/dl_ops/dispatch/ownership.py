"""Which backend a call belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_of_type
from dl_ops.op import Op

NEUTRAL: Final = (np.ndarray, np.generic, bool, int, float, complex, str)
"""Types that belong to whichever backend the call turns out to be of."""


def common_backend(op: Op, types: Iterable[type]) -> Backend:
    """The one backend that tensors of these types belong to; a ``TypeError`` that names them if there are several."""
    found: dict[str, Backend] = {}
    for tensor_type in types:
        backend = backend_of_type(tensor_type)
        if backend is None:
            kind = f"{tensor_type.__module__}.{tensor_type.__qualname__}"
            raise TypeError(f"{op.name}(): {kind} is not a tensor of an installed backend, an array or a number")
        found[backend.name] = backend
    if len(found) > 1:
        raise mixed_backends(f"{op.name}()", *sorted(found))
    return next(iter(found.values()))


def mixed_backends(where: str, *names: str) -> TypeError:
    """Error for tensors of several backends in one place, with the conversion to use."""
    return TypeError(
        f"{where} got tensors of {' and '.join(names)}: convert one of them first, for example with "
        f'dl.ops.convert_to_tensor(x, backend="{names[0]}")'
    )
