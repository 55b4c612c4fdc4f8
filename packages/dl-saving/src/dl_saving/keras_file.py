"""Whole models in ``.keras`` archives: a config, the weights, and assets."""

from __future__ import annotations

import json
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import IO, Any, Final

from dl_ops.objects import SharedObjectsScope, deserialize_keras_object, serialize_keras_object
from dl_ops.saveable import Saveable
from dl_saving import limits
from dl_saving.archive import Archive
from dl_saving.assets import load_assets, save_assets
from dl_saving.atomic import replacing
from dl_saving.errors import BadFileError
from dl_saving.state import load_state, save_state
from dl_saving.weights_h5 import WeightsReader, WeightsWriter

METADATA: Final = "metadata.json"
CONFIG: Final = "config.json"
WEIGHTS: Final = "model.weights.h5"
KERAS_VERSION: Final = "3.15.1"
"""Whose format is written."""


def write_archive(model: Saveable, path: str) -> None:
    """Write a model's config, weights and assets, with the optimizer's state if it has one.

    Parameters
    ----------
    model : Saveable
    path : str

    Raises
    ------
    TypeError, ValueError
        If something in the model cannot be described; no file is touched then.
    """
    with SharedObjectsScope():
        config = json.dumps(serialize_keras_object(model))
    metadata = json.dumps({"keras_version": KERAS_VERSION, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")})
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w", strict_timestamps=False) as archive:
        archive.writestr(METADATA, metadata)
        archive.writestr(CONFIG, config)
        # beside the archive, where there is room for it, and without a name
        with tempfile.TemporaryFile(dir=os.path.dirname(temporary)) as file:
            with WeightsWriter(file) as weights:
                save_state(model, weights)
            _add(archive, WEIGHTS, file)
        save_assets(model, archive)


def _add(archive: zipfile.ZipFile, name: str, file: IO[bytes]) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    member = zipfile.ZipInfo(name, time.localtime()[:6])
    member.external_attr = 0o600 << 16
    with archive.open(member, "w", force_zip64=size >= zipfile.ZIP64_LIMIT) as target:
        while block := file.read(limits.MEBIBYTE):
            target.write(block)


def read_archive(
    file: IO[bytes], custom_objects: Mapping[str, Any] | None, compiled: bool, safe_mode: bool
) -> Saveable:
    """Build the model that a file describes and give it its weights and assets.

    Parameters
    ----------
    file : binary file
    custom_objects : mapping from name to class or function, optional
    compiled : bool
        Whether to compile the model as it was, and to load the optimizer's state.
    safe_mode : bool
        Whether to refuse byte code, and variables beyond what the file's weights account for.

    Returns
    -------
    Saveable

    Raises
    ------
    BadFileError
        If the file is damaged or asks for what it must not.
    TypeError, ValueError, ImportError
        If the config names or asks for something that cannot be, or the weights do not fit it.
    """
    with ExitStack() as stack:
        archive = stack.enter_context(closing(Archive(file)))
        config = _config(archive.read(CONFIG))
        if not compiled:
            config.pop("compile_config", None)
        weights = stack.enter_context(unpacked_weights(archive))
        model = _model(config, custom_objects, safe_mode, weights.size)
        load_state(model, weights)
        load_assets(model, archive)
    return model


@contextmanager
def unpacked_weights(archive: Archive) -> Iterator[WeightsReader]:
    """Weight file of a ``.keras`` archive, in a temporary file without a name.

    Parameters
    ----------
    archive : Archive

    Yields
    ------
    WeightsReader
    """
    with tempfile.TemporaryFile() as file:
        archive.unpack(WEIGHTS, file)
        with WeightsReader(file) as weights:
            yield weights


def _config(text: bytes) -> dict[str, Any]:
    try:
        config = json.loads(text)
    except RecursionError:
        raise BadFileError(f"its {CONFIG} is nested too deeply") from None
    except ValueError as error:
        raise BadFileError(f"its {CONFIG} is no JSON: {error}") from error
    if not isinstance(config, dict) or "class_name" not in config:
        raise BadFileError(f"its {CONFIG} describes no object: expected a dictionary with 'class_name'")
    return config


def _model(config: dict[str, Any], custom_objects: Mapping[str, Any] | None, safe_mode: bool, size: int) -> Saveable:
    with ExitStack() as stack:
        stack.enter_context(SharedObjectsScope())
        if safe_mode:
            stack.enter_context(limits.variables(size))
        model = deserialize_keras_object(config, custom_objects=custom_objects, safe_mode=safe_mode)
    if not isinstance(model, Saveable):
        raise BadFileError(f"its {CONFIG} describes no model, but {model!r}")
    return model
