"""The function that models call: arguments are checked here, and the format's module is found."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple, TypeAlias

from dl_layers.layer import Layer
from dl_saving.export.rebuilding import rebuilt_on
from dl_saving.export.signature import signature_of

Writer: TypeAlias = Callable[..., None]


class Format(NamedTuple):
    """What a format is and needs."""

    module: str
    """Where the function ``write(layer, path, signature, **options)`` is."""
    backend: str
    """The one whose program it is: models of others are made anew on it."""
    ending: str
    """Of the path; empty if any is right."""


FORMATS: Final = {
    "tf_saved_model": Format("dl_saving.export.tf_saved_model", "tensorflow", ""),
    "onnx": Format("dl_saving.export.onnx_graph", "torch", ""),
    "openvino": Format("dl_saving.export.openvino_ir", "openvino", ".xml"),
    "litert": Format("dl_saving.export.litert_model", "tensorflow", ".tflite"),
    "torch": Format("dl_saving.export.torch_program", "torch", ".pt2"),
}


def export_model(
    model: Any,
    filepath: str | os.PathLike[str],
    format: str = "tf_saved_model",
    verbose: bool | None = None,
    input_signature: Any = None,
    **kwargs: Any,
) -> None:
    """Write a model as a program for inference, which needs no library of ours to be run.

    A model of another backend than the format's is made anew on that backend from its configuration, with the same
    weights; it stays as it is. What is there already is replaced when the new program is complete, and not before.

    Parameters
    ----------
    model : Layer
        A built model or layer.
    filepath : str or path
        The folder of a SavedModel; else a file, whose name ends in ``.xml``, ``.tflite`` or ``.pt2``.
    format : {"tf_saved_model", "onnx", "openvino", "litert", "torch"}
        A SavedModel with the endpoints ``serve`` and ``serving_default``; an ONNX graph; OpenVINO's pair of files; a
        flat buffer of LiteRT; a program of ``torch.export``.
    verbose : bool, optional
        Whether to print where it was written; by default nothing is printed.
    input_signature : structure, optional
        Shapes and dtypes of the arguments: a list of one structure for each, of whatever has a shape and a dtype, as
        ``InputSpec``, ``KerasTensor``, ``tf.TensorSpec`` or a tensor. By default those that the model was built with,
        where the size of the batch is not fixed unless an ``Input`` fixes it.
    **kwargs
        Options of the format: ``opset_version`` (onnx), ``compress_to_fp16`` (openvino), arguments of
        ``torch.export.export`` (torch), attributes of ``tf.lite.TFLiteConverter`` and ``enable_select_tf_ops``
        (litert). ``is_static`` and ``jax2tf_kwargs`` (tf_saved_model) are taken and change nothing, as models of the
        JAX backend are made anew instead of being converted.

    Raises
    ------
    ValueError
        If the format is unknown, the path has another ending, the model is not built, its inputs are not known, or
        it cannot be made anew.
    TypeError
        If `model` is no layer, or an option is not the format's.
    ImportError
        If a library or backend that the format needs is not installed; says which.
    FileExistsError
        If the folder for a SavedModel has other things in it.

    Examples
    --------
    >>> from dl_layers import Dense
    >>> layer = Dense(2)
    >>> layer.build((None, 3))
    >>> export_model(layer, "dense", format="tf_lite")
    Traceback (most recent call last):
        ...
    ValueError: export(format='tf_lite'): expected one of 'tf_saved_model', 'onnx', 'openvino', 'litert', 'torch'
    """
    path = os.fspath(filepath)
    if not isinstance(path, str):
        raise TypeError(f"export(filepath={filepath!r}): expected a string or a path")
    if format not in FORMATS:
        raise ValueError(f"export(format={format!r}): expected one of {', '.join(map(repr, FORMATS))}")
    module, backend, ending = FORMATS[format]
    if not path.endswith(ending):
        raise ValueError(f"export(filepath={path!r}, format={format!r}): expected a name that ends in {ending!r}")
    if not isinstance(model, Layer):
        raise TypeError(f"export(model={model!r}): expected a model or a layer")
    if not model.built:
        raise ValueError(f"export(): {model.name!r} is not built, so it has no weights yet: call it on some data first")
    signature = signature_of(model, input_signature)
    layer = rebuilt_on(model, backend, signature, format)
    write: Writer = import_module(module).write
    write(layer, path, signature, **kwargs)
    if verbose:
        print(f"exported {model.name!r} to {path!r}")
