"""What users have for data, as NumPy arrays, or as what else can be sliced."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dl_ops import config, tree
from dl_ops.dtypes import is_float
from dl_ops.interchange import backend_of, convert_to_numpy
from dl_train.data.adapter import Batch
from dl_train.data.packing import unpack_x_y_sample_weight

_NUMBERS = (bool, int, float, complex, str, bytes, np.generic)


def as_arrays(structure: Any, name: str = "x", *, samples: bool = True) -> Any:
    """Structure of arrays for one of arrays, tensors of any backend, data frames and lists of numbers.

    Parameters
    ----------
    structure : structure
        A list of numbers, or of lists of such, is an array; columns of a data frame are features.
    name : str, default "x"
        What to call it in errors.
    samples : bool, default True
        Whether the first axis has to be that of samples, so that single numbers are errors.

    Returns
    -------
    structure of numpy.ndarray
        And of SciPy's sparse matrices by rows, and arrays on disk with a shape and a dtype, such as HDF5's.

    Raises
    ------
    ValueError
        If lists have no common shape, or values are missing.
    TypeError
        If a leaf is nothing like an array.
    """
    if structure is None:
        return None
    if isinstance(structure, Mapping):
        return {key: as_arrays(value, f"{name}[{key!r}]", samples=samples) for key, value in structure.items()}
    if isinstance(structure, (list, tuple)):
        leaves = tree.flatten(structure)
        if leaves and all(isinstance(leaf, _NUMBERS) for leaf in leaves):
            try:
                return np.asarray(structure)
            except ValueError:
                raise ValueError(f"{name}: the lists in it have different lengths, and make no array") from None
        items = [as_arrays(item, f"{name}[{i}]", samples=samples) for i, item in enumerate(structure)]
        if isinstance(structure, list):
            return items
        return type(structure)(*items) if hasattr(structure, "_fields") else tuple(items)
    array = _array(structure, name)
    if samples and not array.shape:
        raise ValueError(f"{name}: expected an array with samples along its first axis, got the single value {array}")
    return array


def _array(x: Any, name: str) -> Any:
    if type(x) is np.ndarray:
        return x
    if isinstance(x, np.ma.MaskedArray) and np.ma.is_masked(x):
        raise ValueError(f"{name}: values of the masked array are missing; fill them, with filled()")
    if isinstance(x, (np.ndarray, np.generic)):
        return np.asarray(x)  # steps know plain arrays; an array on disk stays there
    kind = type(x)
    if backend_of(x) is not None:
        return convert_to_numpy(x)
    if kind.__module__.partition(".")[0] in ("pandas", "polars"):
        return _of_frame(x, name)
    if _is_sparse(x):
        return x.tocsr()
    if _is_on_disk(x):
        return x
    if hasattr(x, "__array__") or isinstance(x, _NUMBERS):
        return convert_to_numpy(x)
    raise TypeError(
        f"{name} is of type {kind.__module__}.{kind.__qualname__}: expected an array, a tensor, a data frame, a list "
        f"of numbers, or a structure of such"
    )


def _of_frame(x: Any, name: str) -> Any:
    """Values of a data frame or of one of its columns, which is one feature of each sample."""
    columns = {name: x.dtype} if hasattr(x, "dtype") else dict(zip(x.columns, x.dtypes, strict=True))
    for column, dtype in columns.items():
        said = str(dtype).lower()
        for kind, instead in (("categor", "its codes"), ("date", "numbers"), ("time", "numbers"), ("dura", "numbers")):
            if kind in said:
                raise TypeError(
                    f"{name}: column {column!r} is of dtype {dtype}: expected numbers or text; give {instead}"
                )
    array = x.to_numpy()
    if array.dtype == object and not _is_text(array):
        if any(isinstance(item, str) for item in array.flat):
            raise TypeError(
                f"{name}: columns of text and of numbers make no array; give dict(frame), with one for each"
            )
        try:
            array = x.to_numpy(dtype=config.floatx(), na_value=math.nan)  # what is missing has no other number
        except (TypeError, ValueError) as error:
            raise TypeError(f"{name}: the data frame's values are neither numbers nor text: {error}") from None
    return array[:, None] if array.ndim == 1 else array


def _is_text(array: Any) -> bool:
    return all(isinstance(item, (str, bytes)) for item in array.flat)


def _is_sparse(x: Any) -> bool:
    return hasattr(x, "toarray") and hasattr(x, "tocsr")


def _is_on_disk(x: Any) -> bool:
    """Whether slices can be had without the whole: HDF5's and Zarr's data sets."""
    return (
        hasattr(x, "chunks")
        and isinstance(getattr(x, "shape", None), tuple)
        and isinstance(getattr(x, "dtype", None), np.dtype)
    )


def named_arrays(named: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Leaves of named structures, each with what to call it, such as ``x['a'][0]``."""
    for path, leaf in tree.flatten_with_path(named):
        if leaf is not None:
            yield "".join([str(path[0]), *(f"[{key!r}]" for key in path[1:])]), leaf


def check_lengths(named: dict[str, Any]) -> int:
    """Number of samples of arrays in structures.

    Parameters
    ----------
    named : dict from str to structure of arrays
        What to call them in errors.

    Raises
    ------
    ValueError
        If numbers differ, or there is no array.
    """
    lengths = {name: int(array.shape[0]) for name, array in named_arrays(named)}
    if not lengths:
        raise ValueError("there is no data: x has no arrays")
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise ValueError(f"all arrays must have the same number of samples: {listed}")
    return next(iter(lengths.values()))


def check_content(named: dict[str, Any]) -> None:
    """Check that arrays hold numbers or text.

    Raises
    ------
    TypeError
        If one does not.
    """
    for name, array in named_arrays(named):
        if array.dtype == object and not _is_text(array):
            raise TypeError(f"{name} is an array of Python objects (dtype object): expected numbers or text")
        if array.dtype.kind in "mM":
            raise TypeError(f"{name} is an array of times (dtype {array.dtype}): expected numbers or text")


def has_floats(array: Any) -> bool:
    """Whether an array's dtype is one of floating-point numbers, ml-dtypes' among them."""
    kind = array.dtype.kind
    return kind == "f" or (kind == "V" and array.dtype.names is None and is_float(array.dtype.name))


def as_batch(data: Any, source: str) -> Batch:
    """Batch that an iterator gave, as a tuple of up to three structures of arrays, ready to compute with.

    Parameters
    ----------
    data : any
    source : str
        What gave it, for errors.

    Returns
    -------
    tuple
        float64 is cast to the default float, and sparse matrices are dense.

    Raises
    ------
    ValueError
        If it holds more than three parts, or single numbers in place of arrays.
    TypeError
        If a part is nothing like arrays.
    """
    x, y, sample_weight = unpack_x_y_sample_weight(data)
    parts = {"x": x, "y": y, "sample_weight": sample_weight}
    number = 1 + max((i for i, part in enumerate(parts.values()) if part is not None), default=0)
    batch = []
    for name, part in list(parts.items())[:number]:
        arrays = as_arrays(part, f"a batch's {name}", samples=False)
        if isinstance(arrays, np.ndarray) and arrays.ndim == 0:
            raise ValueError(
                f"{source} gives the single value {arrays} as a batch's {name}: expected an array with samples along "
                f"its first axis; group samples into batches first"
            )
        batch.append(tree.map_structure(_ready, arrays))
    return tuple(batch)


def _ready(x: Any) -> Any:
    if x is None:
        return None
    if not isinstance(x, np.ndarray):
        x = x.toarray() if _is_sparse(x) else np.asarray(x)
    return x.astype(config.floatx()) if x.dtype == np.float64 and config.floatx() != "float64" else x
