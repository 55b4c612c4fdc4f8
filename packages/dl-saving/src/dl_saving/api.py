"""The functions that users and models call: paths and options are checked here."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from dl_ops.saveable import Saveable
from dl_saving.archive import Archive
from dl_saving.atomic import replacing
from dl_saving.errors import about
from dl_saving.keras_file import read_archive, unpacked_weights, write_archive
from dl_saving.state import load_state, save_state
from dl_saving.weights_h5 import WeightsReader, WeightsWriter

Path: TypeAlias = str | os.PathLike[str]

ARCHIVE: Final = ".keras"
WEIGHTS: Final = ".weights.h5"

# formats of Keras that are not here yet, and what to use instead
_MODELS_ELSEWHERE: Final = {".h5": "HDF5 of Keras 2", ".hdf5": "HDF5 of Keras 2"}
_WEIGHTS_ELSEWHERE: Final = {
    ".weights.json": "sharded weights",
    ".safetensors": "safetensors",
    ".h5": "HDF5 of Keras 2",
    ".hdf5": "HDF5 of Keras 2",
}


def save_model(model: Any, filepath: Path, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
    """Write architecture, weights, and what `compile` was given with the optimizer's state, to one file.

    A file that is there already is replaced when the new one is complete, and not before.

    Parameters
    ----------
    model : Model or other Saveable with a config
    filepath : str or path
        Ends in ``.keras``.
    overwrite : bool, default True
        Whether a file of that name is replaced.
    zipped : bool, optional
        Only ``True``, an archive, which is the default.
    **kwargs
        None; here for error messages.

    Raises
    ------
    ValueError
        If the name has another ending, or something in the model cannot be described.
    TypeError
        If `model` is no object that can be saved, or holds one without a config.
    FileExistsError
        If there is a file and `overwrite` is false.
    NotImplementedError
        If the format is one of Keras's that is not supported yet.

    Warns
    -----
    UserWarning
        If the model is not built, so that it may have no weights yet.

    Examples
    --------
    >>> import tempfile
    >>> from dl_layers import Dense
    >>> layer = Dense(2, activation="relu")
    >>> layer.build((None, 3))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_model(layer, f"{folder}/dense.keras")
    ...     loaded = load_model(f"{folder}/dense.keras")
    >>> loaded.units, loaded.kernel.shape
    (2, (3, 2))

    References
    ----------
    Keras documentation, "Save, serialize, and export models": the ``.keras`` format.
    """
    path = _path(filepath)
    if kwargs:
        raise ValueError(f"save_model() got arguments that it does not have: {sorted(kwargs)}")
    _check_saveable("save_model", model)
    if zipped is False:
        raise NotImplementedError(f"save_model(zipped=False): only archives are supported, ending in {ARCHIVE!r}")
    _check_ending("save_model", path, (ARCHIVE,), _MODELS_ELSEWHERE)
    _check_overwrite(path, overwrite)
    if not getattr(model, "built", True):
        warnings.warn(
            f"{_name(model)} is saved before it was built, so it may have no weights yet: "
            "build it first by calling it on some data",
            stacklevel=2,
        )
    write_archive(model, path)


def load_model(
    filepath: Path, custom_objects: Mapping[str, Any] | None = None, compile: bool = True, safe_mode: bool = True
) -> Any:
    """Build the model that a file describes, with its weights and, if it was compiled, its optimizer's state.

    Only registered and public classes are built, and nothing that the file names is imported or run.

    Parameters
    ----------
    filepath : str or path
        A ``.keras`` file that this library or Keras wrote.
    custom_objects : mapping from name to class or function, optional
        Further ones that the file may name.
    compile : bool, default True
        Whether to compile the model as it was.
    safe_mode : bool, default True
        Whether to refuse functions that are stored as byte code, and layers with more variables than the file's
        weights account for. Choose ``False`` only for a file whose author you trust: it can run anything.

    Returns
    -------
    Model
        Or whatever was saved. It belongs to the active backend.

    Raises
    ------
    ValueError
        If there is no such file, it is damaged or hostile, or its weights do not fit its config.
    TypeError
        If it names a class or function that is neither registered nor public.
    ImportError
        If it needs a package that is not installed; says which.
    NotImplementedError
        If the format is one of Keras's that is not supported yet.

    Examples
    --------
    >>> load_model("weights.csv")
    Traceback (most recent call last):
        ...
    ValueError: load_model(filepath='weights.csv'): expected a name that ends in '.keras'
    """
    path = _path(filepath)
    _check_ending("load_model", path, (ARCHIVE,), _MODELS_ELSEWHERE)
    if not os.path.isfile(path):
        # a ValueError, as in Keras
        raise ValueError(f"load_model(filepath={path!r}): there is no such file")
    with open(path, "rb") as file, about(path):
        return read_archive(file, custom_objects, compile, safe_mode)


def save_weights(model: Any, filepath: Path, overwrite: bool = True, max_shard_size: float | None = None) -> None:
    """Write the weights of a model or layer, and the optimizer's state if it has one, to a file.

    A file that is there already is replaced when the new one is complete, and not before.

    Parameters
    ----------
    model : Model, Layer or other Saveable
    filepath : str or path
        Ends in ``.weights.h5``.
    overwrite : bool, default True
        Whether a file of that name is replaced.
    max_shard_size : float, optional
        Only ``None``: one file.

    Raises
    ------
    ValueError
        If the name has another ending, or the model is not built.
    TypeError
        If `model` is no object that can be saved.
    FileExistsError
        If there is a file and `overwrite` is false.
    NotImplementedError
        If the format is one of Keras's that is not supported yet.

    Examples
    --------
    >>> import tempfile
    >>> from dl_layers import Dense
    >>> first, second = Dense(2), Dense(2)
    >>> for layer in (first, second):
    ...     layer.build((None, 3))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(first, f"{folder}/dense.weights.h5")
    ...     load_weights(second, f"{folder}/dense.weights.h5")
    >>> bool((first.kernel.numpy() == second.kernel.numpy()).all())
    True
    """
    path = _path(filepath)
    _check_saveable("save_weights", model)
    _check_ending("save_weights", path, (WEIGHTS,), _WEIGHTS_ELSEWHERE)
    if max_shard_size is not None:
        raise NotImplementedError(f"save_weights(max_shard_size={max_shard_size}): only one file is supported")
    _check_built("save_weights", model)
    _check_overwrite(path, overwrite)
    with replacing(path) as temporary, WeightsWriter(temporary) as weights:
        save_state(model, weights)


def load_weights(model: Any, filepath: Path, skip_mismatch: bool = False) -> None:
    """Assign the weights of a model or layer, and its optimizer's state, from a file: all of them or none.

    Parameters
    ----------
    model : Model, Layer or other Saveable
        Built, with the structure of the one that was saved; names do not matter.
    filepath : str or path
        A ``.weights.h5`` or ``.keras`` file that this library or Keras wrote.
    skip_mismatch : bool, default False
        Whether layers that the weights do not fit are left as they are.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged or hostile, the weights do not fit, or the model is not built; nothing is changed then.
    TypeError
        If `model` is no object that can be loaded into.
    NotImplementedError
        If the format is one of Keras's that is not supported yet.

    Warns
    -----
    UserWarning
        That lists what was skipped.

    Examples
    --------
    >>> from dl_layers import Dense
    >>> load_weights(Dense(2, name="dense"), "dense.weights.h5")
    Traceback (most recent call last):
        ...
    ValueError: load_weights(): 'dense' is not built, so it has no weights yet: call it on some data or build() it
    """
    path = _path(filepath)
    _check_saveable("load_weights", model)
    _check_ending("load_weights", path, (WEIGHTS, ARCHIVE), _WEIGHTS_ELSEWHERE)
    _check_built("load_weights", model)
    with open(path, "rb") as file, about(path):
        if path.endswith(ARCHIVE):
            with unpacked_weights(Archive(file)) as weights:
                load_state(model, weights, skip_mismatch)
        else:
            with WeightsReader(file) as weights:
                load_state(model, weights, skip_mismatch)


# -- checks of arguments -----------------------------------------------------------------------------------------------


def _path(filepath: Path) -> str:
    path = os.fspath(filepath)
    if not isinstance(path, str):
        raise TypeError(f"filepath={filepath!r}: expected a string or a path")
    return path


def _name(model: Any) -> str:
    return repr(getattr(model, "name", type(model).__name__))


def _check_saveable(function: str, model: Any) -> None:
    if not isinstance(model, Saveable):
        raise TypeError(f"{function}(model={model!r}): expected a model, a layer or another Saveable")


def _check_built(function: str, model: Any) -> None:
    if not getattr(model, "built", True):
        raise ValueError(
            f"{function}(): {_name(model)} is not built, so it has no weights yet: call it on some data or build() it"
        )


def _check_ending(function: str, path: str, endings: tuple[str, ...], elsewhere: Mapping[str, str]) -> None:
    if path.endswith(endings):
        return
    expected = " or ".join(map(repr, endings))
    for ending, what in elsewhere.items():
        if path.endswith(ending):
            raise NotImplementedError(f"{function}(filepath={path!r}): {what} is not supported yet, only {expected}")
    raise ValueError(f"{function}(filepath={path!r}): expected a name that ends in {expected}")


def _check_overwrite(path: str, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise FileExistsError(f"{path!r} exists already, and overwrite=False")
