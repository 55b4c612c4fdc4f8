"""What a layer expects of its inputs, checked before it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dl_ops import tree
from dl_ops.dtypes import standardize_dtype
from dl_ops.objects import public
from dl_ops.rules import standardize_shape
from dl_ops.typing import Shape


@public("keras.layers.InputSpec", "keras.InputSpec")
class InputSpec:
    """Rank, shape and dtype that a layer expects of one input; what is ``None`` is not checked.

    Parameters
    ----------
    dtype : str, optional
    shape : sequence of int or None, optional
        ``None`` for axes of any size; sets `ndim`.
    ndim, max_ndim, min_ndim : int, optional
    axes : mapping from int to int, optional
        Sizes of some axes.
    allow_last_axis_squeeze : bool, default False
        Whether a last axis of size 1 may be missing or added.
    name : str, optional
    optional : bool, default False
        Whether the input may be ``None``.

    Examples
    --------
    >>> InputSpec(ndim=4, axes={-1: 3})
    InputSpec(ndim=4, axes={-1: 3})
    """

    def __init__(
        self,
        dtype: str | None = None,
        shape: Sequence[int | None] | None = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Mapping[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else standardize_dtype(dtype)
        self.shape: Shape | None = None if shape is None else standardize_shape(tuple(shape))
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name, self.optional = name, optional

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` makes an equal specification from."""
        return dict(self.__dict__)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        """Make a specification from its configuration."""
        return cls(**config)

    def mismatch(self, shape: Shape, dtype: str) -> str | None:
        """What is wrong with an input of this shape and dtype; ``None`` if nothing is."""
        rank = len(shape)
        if self.shape is not None and self.allow_last_axis_squeeze:
            if rank == len(self.shape) - 1 and self.shape[-1] == 1:
                shape = (*shape, 1)
            elif rank == len(self.shape) + 1 and shape[-1] == 1:
                shape = shape[:-1]
            rank = len(shape)
        if self.ndim is not None and rank != self.ndim:
            return f"expected ndim={self.ndim}, found ndim={rank}"
        if self.max_ndim is not None and rank > self.max_ndim:
            return f"expected max_ndim={self.max_ndim}, found ndim={rank}"
        if self.min_ndim is not None and rank < self.min_ndim:
            return f"expected min_ndim={self.min_ndim}, found ndim={rank}"
        if self.dtype is not None and dtype != self.dtype:
            return f"expected dtype={self.dtype}, found dtype={dtype}"
        for axis, size in self.axes.items():
            if size is not None and not -rank <= axis < rank:
                return f"expected axis {axis} of size {size}, found {rank} axes"
            if size is not None and shape[axis] not in (size, None):
                return f"expected axis {axis} to have size {size}, found {shape[axis]}"
        for wanted, found in zip(self.shape or (), shape, strict=False):
            if wanted is not None and found is not None and wanted != found:
                return f"expected shape={self.shape}, found another one"
        return None

    def __repr__(self) -> str:
        given = [f"{name}={value!r}" for name, value in self.__dict__.items() if value not in (None, {}, False)]
        return f"InputSpec({', '.join(given)})"


def looks_at_dtypes(specs: Any) -> bool:
    """Whether any of a layer's specifications asks for a dtype."""
    return any(spec is not None and spec.dtype is not None for spec in tree.flatten(specs))


def check_inputs(specs: Any, inputs: Any, layer_name: str) -> None:
    """Compare inputs with what a layer expects.

    Parameters
    ----------
    specs : InputSpec, or list or dict of them
    inputs : structure of tensors
    layer_name : str

    Raises
    ------
    ValueError
        That names the layer, the input, its shape and what was expected.
    """
    if isinstance(specs, Mapping) and isinstance(inputs, Mapping):
        missing = [name for name, spec in specs.items() if name not in inputs and not spec.optional]
        if missing:
            raise ValueError(f"layer {layer_name!r}: missing inputs {missing}, got {sorted(inputs)}")
        pairs = [(specs[name], inputs[name]) for name in specs if name in inputs]
    else:
        flat_specs, flat_inputs = tree.flatten(specs), tree.flatten(inputs)
        if len(flat_specs) != len(flat_inputs):
            raise ValueError(f"layer {layer_name!r} expects {len(flat_specs)} input(s), got {len(flat_inputs)}")
        pairs = list(zip(flat_specs, flat_inputs, strict=True))
    for i, (spec, x) in enumerate(pairs):
        if spec is None or (x is None and spec.optional):
            continue
        if x is None or not hasattr(x, "shape"):
            raise ValueError(f"layer {layer_name!r}: input {i} should be a tensor, got {type(x).__name__}")
        shape = tuple(x.shape)
        problem = spec.mismatch(shape, standardize_dtype(x.dtype) if spec.dtype is not None else "")
        if problem is not None:
            raise ValueError(
                f"input {i} of layer {layer_name!r} is incompatible with the layer: {problem}. "
                f"Full shape received: {shape}"
            )
