"""Variables in HDF5 files, in Keras's layout: group ``path/vars`` with the datasets ``0``, ``1``, …

Reading goes from name to name and follows nothing that leads elsewhere. HDF5 has many ways to do so (links to other
files, data in other files, data that are views of other data, filters from shared libraries, references) and none of
them occurs in a model file.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import ExitStack, contextmanager
from typing import IO, Any, Final, Self

import h5py
import numpy as np

from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.scopes import AllocationBudget
from dl_ops.typing import Array
from dl_saving import limits
from dl_saving.errors import BadFileError
from dl_saving.target import Target

_VARS: Final = "vars"
# what is in libhdf5 and h5py themselves: deflate, shuffle, Fletcher's checksum, LZF
_FILTERS: Final = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_LZF}


# -- writing -----------------------------------------------------------------------------------------------------------


class WeightsWriter:
    """Weight file to be written.

    Parameters
    ----------
    file : str or binary file
        Path, or a file that can be read and written.

    Raises
    ------
    OSError
        If the disk is full or fails, at the next variable or at the end of the block.
    """

    def __init__(self, file: str | IO[bytes]) -> None:
        self._owned = ExitStack()
        if isinstance(file, str):
            file = self._owned.enter_context(open(file, "w+b", buffering=0))  # noqa: SIM115  # the stack closes it
        self._target = Target(file)
        self._file = h5py.File(self._target, "w")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        with self._owned:
            self._file.close()
            self._target.flush()
            if kind is None:
                self._target.check()

    def variables(self, path: str, name: str | None) -> MutableMapping[str, Array]:
        """Make the store for one object's own variables.

        Parameters
        ----------
        path : str
            Of the object's group; ``""`` for the root.
        name : str or None
            The object's name, noted in the file.

        Returns
        -------
        mutable mapping from str to numpy.ndarray
        """
        group = self._file.require_group(f"{path}/{_VARS}" if path else _VARS)
        if name is not None:
            group.attrs["name"] = name
        return _WrittenVariables(group, self._target)


class _WrittenVariables(MutableMapping[str, Array]):
    def __init__(self, group: Any, target: Target) -> None:
        self._group, self._target = group, target
        self._written: dict[str, Array] = {}

    def __setitem__(self, key: str, value: Any) -> None:
        if key in ("", ".", "..") or "/" in key or "\0" in key:
            raise ValueError(f"a variable is stored under {key!r}: expected a name without '/'")
        array = np.asarray(value)
        try:
            dtype = standardize_dtype(array.dtype)
        except ValueError:
            dtype = "string"
        if dtype == "string":
            raise ValueError(f"a variable stored under {key!r} has dtype {array.dtype}: expected numbers")
        self._written.pop(key, None)
        if key in self._group:
            del self._group[key]
        if array.dtype.isbuiltin == 1:
            self._group.create_dataset(key, data=array)
        else:
            # HDF5 has no bfloat16 and the like
            dataset = self._group.create_dataset(key, data=array.view(f"V{array.dtype.itemsize}"))
            dataset.attrs["dtype"] = dtype
        self._target.check()
        self._written[key] = array

    def __getitem__(self, key: str) -> Array:
        return self._written[key]

    def __delitem__(self, key: str) -> None:
        del self._written[key]
        del self._group[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)


# -- reading -----------------------------------------------------------------------------------------------------------


class WeightsReader:
    """Weight file to be read.

    Parameters
    ----------
    file : binary file

    Raises
    ------
    BadFileError
        If it is no HDF5 file, is cut off, or has the layout of Keras 2.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.size = file.seek(0, os.SEEK_END)
        self._budget = limits.expanded(self.size)
        with _reading("the weights are no HDF5 file, or cut off or damaged"):
            self._file = h5py.File(file, "r")
            legacy = "layer_names" in self._file.attrs or "model_config" in self._file.attrs
        if legacy:
            self._file.close()
            raise BadFileError("the weights have the layout of Keras 2, which is not supported: save them with Keras 3")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def variables(self, path: str) -> Mapping[str, Array]:
        """Store of one object's own variables; empty if the file has none for it.

        Parameters
        ----------
        path : str
            Of the object's group; ``""`` for the root.

        Returns
        -------
        mapping from str to numpy.ndarray
            Reads when it is asked.

        Raises
        ------
        BadFileError
            If something on the way is no group of this file.
        """
        group = self._file
        with _reading(f"the weights at {path!r} are damaged"):
            for part in [*path.split("/"), _VARS] if path else [_VARS]:
                group = _member(group, part, h5py.Group)
                if group is None:
                    return {}
            names = tuple(group)
        return _ReadVariables(group, names, self._budget)


class _ReadVariables(Mapping[str, Array]):
    def __init__(self, group: Any, names: tuple[str, ...], budget: AllocationBudget) -> None:
        self._group, self._names, self._budget = group, names, budget

    def __getitem__(self, key: str) -> Array:
        with _reading(f"the weights {key!r} in {self._group.name!r} are damaged"):
            dataset = _member(self._group, key, h5py.Dataset)
            if dataset is None:
                raise KeyError(key)
            return _read(dataset, self._budget)

    def __contains__(self, key: object) -> bool:
        return key in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@contextmanager
def _reading(problem: str) -> Iterator[None]:
    """Errors of damaged files in one form, whatever h5py raises for them."""
    try:
        yield
    except (BadFileError, KeyError):
        raise
    except (OSError, RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        raise BadFileError(f"{problem}: {error}") from error


def _member(group: Any, name: str, kind: type) -> Any:
    """What has a name in a group, if it is of the kind and lies in the same file; ``None`` if there is nothing."""
    link = group.get(name, getclass=True, getlink=True)
    if link is None:
        return None
    where = f"{group.name.rstrip('/')}/{name}"
    if link is not h5py.HardLink:
        raise BadFileError(f"the weights have a link ({link.__name__}) at {where!r}, which is not followed")
    try:
        found = group[name]
    except KeyError as error:
        raise BadFileError(f"the weights at {where!r} are damaged: {error}") from error
    if not isinstance(found, kind):
        raise BadFileError(
            f"the weights have a {type(found).__name__} at {where!r}, where a {kind.__name__} is expected"
        )
    return found


def _read(dataset: Any, budget: AllocationBudget) -> Array:
    where = f"the dataset {dataset.name!r}"
    options = dataset.id.get_create_plist()
    if dataset.is_virtual or options.get_layout() == h5py.h5d.VIRTUAL:
        raise BadFileError(f"{where} is a view of other data, which is not allowed")
    if options.get_external_count():
        raise BadFileError(f"{where} has its data in another file, which is not allowed")
    filters = [options.get_filter(i)[0] for i in range(options.get_nfilters())]
    if not _FILTERS.issuperset(filters):
        raise BadFileError(f"{where} is compressed by a filter that is not allowed: {filters}")
    if dataset.shape is None:
        raise BadFileError(f"{where} holds nothing")
    dtype = _dtype(dataset, where)
    # a chunk is unpacked as a whole, however little of it is asked for
    elements = max(math.prod(dataset.shape), math.prod(dataset.chunks or ()))
    try:
        budget.take(elements * dataset.dtype.itemsize, where)
    except ValueError as error:
        raise BadFileError(str(error)) from None
    values = np.asarray(dataset[()])
    return values.view(dtype) if values.dtype.kind == "V" else values.astype(dtype, copy=False)


def _dtype(dataset: Any, where: str) -> np.dtype[Any]:
    stored = dataset.dtype
    name: Any = stored.newbyteorder("=") if stored.kind in "biufc" else None
    if stored.kind == "V" and stored.fields is None and stored.subdtype is None and "dtype" in dataset.attrs:
        attribute = dataset.attrs.get_id("dtype")
        if attribute.shape == () and (attribute.dtype.kind == "S" or h5py.check_string_dtype(attribute.dtype)):
            name = dataset.attrs["dtype"]
    try:
        dtype = numpy_dtype(standardize_dtype(name)) if name is not None else None
    except ValueError:
        dtype = None
    if dtype is None or dtype.itemsize != stored.itemsize or dtype.kind in "OSU":
        raise BadFileError(f"{where} has dtype {stored}, which is not a number's")
    return dtype
