"""From what a functional model is called with to a flat list of tensors that fit its inputs."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from dl_ops import ops, tree
from dl_ops.backend import Backend, current_backend
from dl_ops.dtypes import standardize_dtype
from dl_ops.interchange import convert
from dl_ops.symbolic import KerasTensor
from dl_ops.symbolic.graph import source_node
from dl_ops.symbolic.inference import static_shape
from dl_ops.typing import Shape


class ModelInputs:
    """The inputs of a functional model.

    Parameters
    ----------
    structure : structure of KerasTensor
    model_name : str
        For errors.
    casts : bool, default True
        Whether what comes is cast to the inputs' dtypes.

    Raises
    ------
    ValueError
        If something in `structure` is no symbolic tensor, or occurs twice.
    """

    def __init__(self, structure: Any, model_name: str, casts: bool = True) -> None:
        self.structure, self.model_name, self.casts = structure, model_name, casts
        self.tensors: list[KerasTensor] = tree.flatten(structure)
        if len({id(x) for x in self.tensors}) < len(self.tensors):
            raise ValueError(f"model {model_name!r}: an input occurs several times: {structure}")
        self.names = [_name(x) for x in self.tensors]
        self.single = not tree.is_nested(structure)
        # what fitted as it is: most calls are like the one before
        self._accepted: list[set[Any]] = [set() for _ in self.tensors]

    def flat(self, inputs: Any) -> list[Any]:
        """Flat list of tensors, of the ranks and dtypes of the model's inputs.

        Parameters
        ----------
        inputs : structure
            Like the model's inputs; or a dictionary by the inputs' names; or a flat list in their order.

        Returns
        -------
        list of tensor

        Raises
        ------
        ValueError
            That names the input that is missing, or whose shape does not fit.
        """
        if self.single and not isinstance(inputs, (list, tuple, dict)):
            return [self._fitted(0, inputs)]
        return [self._fitted(i, x) for i, x in enumerate(self._in_order(inputs))]

    def _in_order(self, inputs: Any) -> list[Any]:
        if isinstance(inputs, Mapping) and not (self.single and len(inputs) == 1 and self.names[0] in inputs):
            names = self.names if not isinstance(self.structure, dict) else list(self.structure)
            missing = [name for name in names if name not in inputs]
            if missing:
                raise ValueError(
                    f"model {self.model_name!r}: no data for input(s) {missing}; "
                    f"the dictionary has {list(inputs)}, the model takes {names}"
                )
            if isinstance(self.structure, dict):
                inputs = {name: inputs[name] for name in self.structure}
                # lists and tuples are the same here
                wanted, given = tree.lists_to_tuples(self.structure), tree.lists_to_tuples(inputs)
                return self._checked(tree.flatten(tree.map_structure_up_to(wanted, lambda x: x, given)))
            return [inputs[name] for name in names]
        if isinstance(inputs, Mapping):
            return [inputs[self.names[0]]]
        flat = tree.flatten(inputs)
        if len(flat) != len(self.tensors) and self.single and not any(hasattr(x, "shape") for x in flat):
            # nested numbers
            return [inputs]
        if len(flat) == len(self.tensors) and isinstance(self.structure, dict):
            order = list(self.structure)
            warnings.warn(
                f"model {self.model_name!r} takes a dictionary with {order}; "
                "what comes as a list is taken in the order of the sorted names",
                stacklevel=2,
            )
        return self._checked(flat)

    def _checked(self, flat: list[Any]) -> list[Any]:
        if len(flat) != len(self.tensors):
            raise ValueError(
                f"model {self.model_name!r} takes {len(self.tensors)} input(s) {self.names}, got {len(flat)}"
            )
        return flat

    def _fitted(self, i: int, x: Any) -> Any:
        shape = getattr(x, "shape", None)
        if shape is None:
            x = self._as_tensor(i, x)
            if x is None:
                return None
            shape = x.shape
        key = (type(x), shape, x.dtype)
        try:
            if key in self._accepted[i]:
                return x
        except TypeError:  # TensorFlow's shapes with unknown sizes are not hashable
            return self._fit(i, x)
        fitted = self._fit(i, x)
        if fitted is x and not isinstance(x, KerasTensor):
            self._accepted[i].add(key)
        return fitted

    def _as_tensor(self, i: int, x: Any) -> Any:
        if x is None:
            node = source_node(self.tensors[i])
            if node is not None and getattr(node.operation, "optional", False):
                return None
            raise ValueError(f"model {self.model_name!r}: input {self.names[i]!r} is None")
        return convert(x, current_backend())

    def _fit(self, i: int, x: Any) -> Any:
        wanted = self.tensors[i]
        if not isinstance(x, KerasTensor):
            backend = current_backend()
            if self.casts and standardize_dtype(x.dtype) != wanted.dtype:
                x = _cast(x, wanted.dtype, backend)
        shape = static_shape(x)
        if _fits(shape, wanted.shape):
            return x
        if len(shape) == len(wanted.shape) + 1 and shape[-1] == 1 and _fits(shape[:-1], wanted.shape):
            return ops.squeeze(x, axis=-1)
        if len(shape) == len(wanted.shape) - 1 and wanted.shape[-1] == 1 and _fits(shape, wanted.shape[:-1]):
            return ops.expand_dims(x, axis=-1)
        raise ValueError(
            f"model {self.model_name!r}: input {self.names[i]!r} takes shape {wanted.shape}, "
            f"got an array of shape {shape}"
        )


def _cast(x: Any, dtype: str, backend: Backend) -> Any:
    if dtype == "string" or "string" in str(x.dtype):
        return x
    return backend.cast(x, dtype) if backend.is_tensor(x) else backend.to_tensor(x, dtype)


def _fits(shape: Shape, wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        size == expected or size is None or expected is None
        for size, expected in zip(shape[1:], wanted[1:], strict=True)
    )


def _name(x: Any) -> str:
    if not isinstance(x, KerasTensor):
        raise ValueError(f"inputs and outputs of a model must be symbolic tensors, as Input() makes them, got {x!r}")
    return x._keras_history.operation.name if x._keras_history is not None else x.name
