"""Dtype names and the one promotion table that every backend follows.

Promotion is the lattice of JAX ("Type promotion semantics", docs.jax.dev): Python numbers are weakly typed, so that
``float16 + 1.0`` stays float16, and an integer tensor with a Python float becomes the default float.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import ml_dtypes
import numpy as np

from dl_ops import config

FLOAT8_TYPES: Final = ("float8_e4m3fn", "float8_e5m2")
NARROW_TYPES: Final = ("bfloat16", "float16", *FLOAT8_TYPES)
FLOAT_TYPES: Final = ("bfloat16", "float16", "float32", "float64", *FLOAT8_TYPES)
SIGNED_TYPES: Final = ("int8", "int16", "int32", "int64")
UNSIGNED_TYPES: Final = ("uint8", "uint16", "uint32", "uint64")
INT_TYPES: Final = (*UNSIGNED_TYPES, *SIGNED_TYPES)
COMPLEX_TYPES: Final = ("complex64", "complex128")
ALLOWED_DTYPES: Final = ("bool", *INT_TYPES, *FLOAT_TYPES, *COMPLEX_TYPES, "string")

# what a Python number stands for until it meets a tensor
WEAK_INT: Final = "int"
WEAK_FLOAT: Final = "float"
WEAK_COMPLEX: Final = "complex"
PYTHON_TYPES: Final[dict[type, str]] = {bool: "bool", int: WEAK_INT, float: WEAK_FLOAT, complex: WEAK_COMPLEX}

# each dtype with those directly above it in the lattice
_ABOVE: Final[dict[str, tuple[str, ...]]] = {
    "bool": (WEAK_INT,),
    WEAK_INT: ("uint8", "int8"),
    "uint8": ("uint16", "int16"),
    "uint16": ("uint32", "int32"),
    "uint32": ("uint64", "int64"),
    "uint64": (WEAK_FLOAT,),
    "int8": ("int16",),
    "int16": ("int32",),
    "int32": ("int64",),
    "int64": (WEAK_FLOAT,),
    WEAK_FLOAT: ("bfloat16", "float16", WEAK_COMPLEX),
    "float8_e4m3fn": (),
    "float8_e5m2": (),
    "bfloat16": ("float32",),
    "float16": ("float32",),
    "float32": ("float64", "complex64"),
    "float64": ("complex128",),
    WEAK_COMPLEX: ("complex64",),
    "complex64": ("complex128",),
    "complex128": (),
}

_ALIASES: Final[dict[str, str]] = {"half": "float16", "double": "float64", "long": "int64", "bool_": "bool"}


def _upper_bounds(dtype: str) -> frozenset[str]:
    found = {dtype}
    for above in _ABOVE[dtype]:
        found |= _upper_bounds(above)
    return frozenset(found)


_UPPER_BOUNDS: Final = {dtype: _upper_bounds(dtype) for dtype in _ABOVE}


def standardize_dtype(dtype: Any) -> str:
    """Return the name of a dtype, whichever framework it is written in.

    Parameters
    ----------
    dtype : str, type or dtype object, optional
        A name, a Python type, a NumPy, JAX, Torch or TensorFlow dtype. ``None`` is the default float.

    Returns
    -------
    str
        One of the allowed names, such as ``"float32"``.

    Raises
    ------
    ValueError
        If it is no dtype that a tensor can have.

    Examples
    --------
    >>> import numpy as np
    >>> standardize_dtype(np.float32), standardize_dtype(int), standardize_dtype(None)
    ('float32', 'int32', 'float32')
    """
    if dtype is None:
        return config.floatx()
    if isinstance(dtype, str) and dtype in _UPPER_BOUNDS and dtype not in _PYTHON_DEFAULTS:
        return dtype
    return _standardize(dtype)


_PYTHON_DEFAULTS: Final = {WEAK_INT: "int32", WEAK_COMPLEX: "complex64"}


@lru_cache(maxsize=512)
def _name(dtype: Any) -> str | None:
    if isinstance(dtype, str):
        name = dtype
    elif dtype in PYTHON_TYPES:
        name = PYTHON_TYPES[dtype]
    elif dtype is str:
        name = "string"
    elif type(dtype).__module__.partition(".")[0] == "torch":
        name = str(dtype).partition(".")[2]
    else:
        name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or str(dtype)
    name = _ALIASES.get(name, name)
    if name.startswith("str"):
        name = "string"
    return name if name in ALLOWED_DTYPES or name in (WEAK_INT, WEAK_FLOAT, WEAK_COMPLEX) else None


def _standardize(dtype: Any) -> str:
    name = _name(dtype)
    if name is None:
        raise ValueError(f"dtype={dtype!r}: expected one of {', '.join(ALLOWED_DTYPES)}")
    return config.floatx() if name == WEAK_FLOAT else _PYTHON_DEFAULTS.get(name, name)


@lru_cache(maxsize=4096)
def least_upper_bound(*dtypes: str) -> str:
    """Join of `dtypes` in the promotion lattice; may be weak (``"int"``, ``"float"``) if all of them are."""
    if not _UPPER_BOUNDS.keys() >= set(dtypes):
        raise TypeError(f"expected numbers, got {', '.join(dtypes)}")
    bounds = frozenset.intersection(*(_UPPER_BOUNDS[dtype] for dtype in dtypes))
    # the least one is the bound that all the others lie above of
    least = [dtype for dtype in bounds if bounds <= _UPPER_BOUNDS[dtype]]
    if len(least) != 1:
        raise ValueError(f"no implicit promotion between {', '.join(dtypes)}: cast one of them explicitly")
    return least[0]


def exact_dtype(number: complex) -> str:
    """Dtype that holds a Python number with all its digits: int32 for an integer that fits, and 64 bits a part else.

    Examples
    --------
    >>> exact_dtype(3), exact_dtype(2**40), exact_dtype(0.1)
    ('int32', 'int64', 'float64')
    """
    if not isinstance(number, int) or isinstance(number, bool):
        return _EXACT[type(number)]
    return next((name for name, limit in _LIMITS.items() if -limit <= number < limit), "uint64")


_EXACT: Final[dict[type, str]] = {bool: "bool", float: "float64", complex: "complex128"}
_LIMITS: Final = {"int32": 2**31, "int64": 2**63}


def promote(*dtypes: str) -> str:
    """Common dtype of names that are already standard, weak ones among them; always a strong one."""
    if not dtypes:
        return config.floatx()
    bound = least_upper_bound(*dtypes)
    return config.floatx() if bound == WEAK_FLOAT else _PYTHON_DEFAULTS.get(bound, bound)


def result_type(*dtypes: Any) -> str:
    """Dtype that tensors of the given dtypes have in common.

    Parameters
    ----------
    *dtypes : str, type or dtype object
        Python's ``int`` and ``float`` are weak: they give way to a tensor's width.

    Returns
    -------
    str
        Name of the dtype.

    Examples
    --------
    >>> result_type("int32", "float16")
    'float16'
    >>> result_type("int32", float)
    'float32'
    """
    names = []
    for dtype in dtypes:
        if dtype is None:
            names.append(config.floatx())
        else:
            name = _name(dtype)
            if name is None:
                raise ValueError(f"dtype={dtype!r}: expected one of {', '.join(ALLOWED_DTYPES)}")
            names.append(name)
    return promote(*names)


def is_float(dtype: str) -> bool:
    """Whether a dtype name is a real floating-point one."""
    return dtype in FLOAT_TYPES


def is_int(dtype: str) -> bool:
    """Whether a dtype name is a signed or unsigned integer one."""
    return dtype in INT_TYPES


def is_complex(dtype: str) -> bool:
    """Whether a dtype name is a complex one."""
    return dtype in COMPLEX_TYPES


_REAL_PARTS: Final[dict[str, str]] = {"complex64": "float32", "complex128": "float64"}
_COMPLEX_NUMBERS: Final[dict[str, str]] = {part: number for number, part in _REAL_PARTS.items()}


def real_dtype(dtype: str) -> str:
    """Dtype of the real and imaginary parts of complex numbers; other dtypes stay as they are.

    Examples
    --------
    >>> real_dtype("complex128"), real_dtype("int32")
    ('float64', 'int32')
    """
    return _REAL_PARTS.get(dtype, dtype)


def complex_dtype(dtype: str) -> str:
    """Dtype of complex numbers whose parts are of a dtype, float32 or float64.

    Examples
    --------
    >>> complex_dtype("float64")
    'complex128'
    """
    return _COMPLEX_NUMBERS[dtype]


@lru_cache(maxsize=64)
def finite_range(dtype: str) -> tuple[Any, Any]:
    """Smallest and largest finite number of an integer or floating-point dtype.

    Examples
    --------
    >>> finite_range("uint8"), finite_range("float16")
    ((0, 255), (-65504.0, 65504.0))
    """
    if is_int(dtype):
        integers: Any = ml_dtypes.iinfo(numpy_dtype(dtype))  # type: ignore[no-untyped-call]  # ml-dtypes leaves it so
        return int(integers.min), int(integers.max)
    floats: Any = ml_dtypes.finfo(numpy_dtype(dtype))  # type: ignore[no-untyped-call]  # ml-dtypes leaves it so
    return float(floats.min), float(floats.max)


def precision(dtype: str) -> float:
    """Distance from 1 to the next number of a floating-point dtype.

    Examples
    --------
    >>> precision("bfloat16")
    0.0078125
    """
    floats: Any = ml_dtypes.finfo(numpy_dtype(dtype))  # type: ignore[no-untyped-call]  # ml-dtypes leaves it so
    return float(floats.eps)


_NUMPY_EXTENSIONS: Final[dict[str, Any]] = {
    "bfloat16": ml_dtypes.bfloat16,
    "float8_e4m3fn": ml_dtypes.float8_e4m3fn,
    "float8_e5m2": ml_dtypes.float8_e5m2,
    "string": np.str_,
}


@lru_cache(maxsize=64)
def numpy_dtype(dtype: str) -> np.dtype[Any]:
    """NumPy's dtype object of a name, bfloat16 and float8 through ml-dtypes."""
    found: np.dtype[Any] = np.dtype(_NUMPY_EXTENSIONS.get(dtype, dtype))
    return found
