"""Entry points of functional models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_layers.layer import Layer
from dl_ops import config
from dl_ops.dtypes import standardize_dtype
from dl_ops.objects import public
from dl_ops.rules import standardize_shape
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape


@public("keras.layers.InputLayer")
class InputLayer(Layer):
    """Layer whose output is a model's input.

    Parameters
    ----------
    shape : sequence of int or None, optional
        Without the batch axis.
    batch_size : int, optional
    dtype : str, optional
        The default float by default.
    sparse, ragged : bool, optional
        Whether sparse or ragged tensors are expected; a sparse one is taken in any case.
    batch_shape : sequence of int or None, optional
        Shape with the batch axis, instead of `shape` and `batch_size`.
    input_tensor : KerasTensor, optional
        Symbolic tensor to use instead of a new one.
    optional : bool, default False
        Whether the input may be ``None``.
    name : str, optional

    Raises
    ------
    ValueError
        If the shape is given twice or not at all, or `input_tensor` has another shape or dtype, or is not as `sparse`
        says.

    Examples
    --------
    >>> InputLayer(shape=(3,)).output.shape
    (None, 3)
    """

    def __init__(
        self,
        shape: Sequence[int | None] | None = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Sequence[int | None] | None = None,
        input_tensor: KerasTensor | None = None,
        optional: bool = False,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if "input_shape" in kwargs and shape is None:
            shape = kwargs.pop("input_shape")
        if "batch_input_shape" in kwargs and batch_shape is None:
            batch_shape = kwargs.pop("batch_input_shape")
        super().__init__(name=name, **kwargs)
        if batch_shape is not None and (shape is not None or batch_size is not None):
            raise ValueError(
                f"InputLayer(shape={shape}, batch_size={batch_size}, batch_shape={batch_shape}): give batch_shape alone"
            )
        if shape is not None:
            batch_shape = (batch_size, *standardize_shape(_sequence(shape, "shape")))
        elif batch_shape is not None:
            batch_shape = standardize_shape(_sequence(batch_shape, "batch_shape"))
        if input_tensor is not None:
            if not isinstance(input_tensor, KerasTensor):
                raise ValueError(f"InputLayer(input_tensor={input_tensor!r}): expected a KerasTensor")
            if batch_shape is not None and shape is not None and batch_size is None:
                batch_shape = (*input_tensor.shape[:1], *batch_shape[1:])
            for option, given, found in (
                ("batch_shape", batch_shape, input_tensor.shape),
                ("dtype", None if dtype is None else standardize_dtype(dtype), input_tensor.dtype),
                ("sparse", sparse, input_tensor.sparse),
            ):
                if given not in (None, found):
                    raise ValueError(f"InputLayer({option}={given!r}): input_tensor has {option}={found!r}")
            batch_shape, dtype, sparse = input_tensor.shape, input_tensor.dtype, input_tensor.sparse
        if batch_shape is None:
            raise ValueError("InputLayer(): give a shape, or a batch_shape")
        self._batch_shape = standardize_shape(tuple(batch_shape))
        self._input_dtype = dtype
        self.sparse, self.ragged, self.optional = bool(sparse), bool(ragged), optional
        tensor = input_tensor
        if tensor is None:
            tensor = KerasTensor(
                self.batch_shape, dtype or config.floatx(), sparse=self.sparse, ragged=self.ragged, name=self.name
            )
        self._dtype_name = tensor.dtype
        self.built = True
        self.record_node((), {}, tensor)

    @property
    def batch_shape(self) -> Shape:
        """Shape of the input, with the batch axis."""
        return self._batch_shape

    @property
    def dtype(self) -> str:
        """Dtype of the input."""
        return self._dtype_name

    def call(self) -> Any:
        """An input layer is not called; it raises."""
        raise NotImplementedError("an InputLayer is where data enters a model and is not called itself")

    def get_config(self) -> dict[str, Any]:
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "sparse": self.sparse,
            "ragged": self.ragged,
            "name": self.name,
            "optional": self.optional,
        }


def _sequence(shape: Any, name: str) -> tuple[Any, ...]:
    if isinstance(shape, (str, bytes)) or not hasattr(shape, "__iter__"):
        raise ValueError(f"InputLayer({name}={shape!r}): expected a sequence of sizes")
    return tuple(shape)


@public("keras.layers.Input", "keras.Input")
def Input(  # noqa: N802  # Keras's name
    shape: Sequence[int | None] | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Sequence[int | None] | None = None,
    name: str | None = None,
    tensor: KerasTensor | None = None,
    optional: bool = False,
) -> KerasTensor:
    """Symbolic tensor that a functional model takes as input.

    Parameters
    ----------
    shape, batch_size, dtype, sparse, ragged, batch_shape, name, optional
        As for `InputLayer`.
    tensor : KerasTensor, optional
        Symbolic tensor to use instead of a new one.

    Returns
    -------
    KerasTensor

    Examples
    --------
    >>> Input((28, 28, 1)).shape
    (None, 28, 28, 1)
    """
    layer = InputLayer(
        shape=shape, batch_size=batch_size, dtype=dtype, sparse=sparse, ragged=ragged, batch_shape=batch_shape,
        name=name, input_tensor=tensor, optional=optional,
    )  # fmt: skip
    output: KerasTensor = layer._inbound_nodes[0].output_tensors[0]
    return output
