"""Models as files: architecture and weights, programs to be served, JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dl_ops.objects import serialize_keras_object

if TYPE_CHECKING:
    from os import PathLike


class ModelFiles:
    """The part of a model that writes it to files and reads its weights from them."""

    def save(
        self, filepath: str | PathLike[str], overwrite: bool = True, zipped: bool | None = None, **kwargs: Any
    ) -> None:
        """Write architecture, weights and what `compile` was given to a file.

        Parameters
        ----------
        filepath : str or path
            Ends in ``.keras``, or in ``.h5`` for the legacy format.
        overwrite : bool, default True
            Whether a file that exists is replaced.
        zipped : bool, optional
            Whether to write an archive or a directory; by default as the name's ending says.

        Raises
        ------
        ValueError
            If the name has another ending.
        """
        from dl_saving import save_model

        save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def save_weights(
        self, filepath: str | PathLike[str], overwrite: bool = True, max_shard_size: float | None = None
    ) -> None:
        """Write the weights to a file.

        Parameters
        ----------
        filepath : str or path
            Ends in ``.weights.h5``, or in ``.weights.json`` for several files.
        overwrite : bool, default True
        max_shard_size : float, optional
            Size, in GB, of the largest of several files.
        """
        from dl_saving import save_weights

        save_weights(self, filepath, overwrite=overwrite, max_shard_size=max_shard_size)

    def load_weights(self, filepath: str | PathLike[str], skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Read weights from a file that `save_weights` or `save` wrote.

        Parameters
        ----------
        filepath : str or path
        skip_mismatch : bool, default False
            Whether layers that the weights do not fit are left as they are, with a warning.

        Raises
        ------
        ValueError
            If the weights do not fit.
        """
        from dl_saving import load_weights

        load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def export(
        self,
        filepath: str | PathLike[str],
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Write the model as a program for inference, which can be run without this library.

        A model of another backend than the format's is made anew on that one, from its configuration and with the
        same weights.

        Parameters
        ----------
        filepath : str or path
            The folder of a SavedModel; else a file, whose name ends in ``.xml``, ``.tflite`` or ``.pt2``.
        format : {"tf_saved_model", "onnx", "openvino", "litert", "torch"}
            Needs TensorFlow; PyTorch, onnx and onnxscript; OpenVINO; TensorFlow; PyTorch.
        verbose : bool, optional
            Whether to print where it was written; by default nothing is printed.
        input_signature : structure, optional
            A list of a structure for each argument, of whatever has a shape and a dtype, such as ``InputSpec``. By
            default what the model was built with, where the size of the batch stays open.
        **kwargs
            Options of the format; see `dl_saving.export.export_model`.

        Raises
        ------
        ValueError
            If the format is unknown, the path has another ending, the model is not built, its inputs are not known, or
            it cannot be made anew.
        TypeError
            If an option is not the format's.
        ImportError
            If what the format needs is not installed.

        Examples
        --------
        >>> model.export("served")  # doctest: +SKIP
        >>> tf.saved_model.load("served").serve(x)  # doctest: +SKIP
        """
        from dl_saving.export import export_model

        export_model(self, filepath, format, verbose, input_signature, **kwargs)

    def to_json(self, **kwargs: Any) -> str:
        """Config of the model as JSON, which `model_from_json` reads.

        Parameters
        ----------
        **kwargs
            As for ``json.dumps``.

        Returns
        -------
        str
        """
        return json.dumps(serialize_keras_object(self), **kwargs)
