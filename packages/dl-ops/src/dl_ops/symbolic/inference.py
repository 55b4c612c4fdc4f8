"""Symbolic calls of ops: shape and dtype from the rules, and a node of the graph where history is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dl_ops import scopes, tree
from dl_ops.dtypes import PYTHON_TYPES, promote, standardize_dtype
from dl_ops.sparse.calling import adjusted
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.symbolic.operation import OpCall

if TYPE_CHECKING:
    from dl_ops.op import Op


def symbolic_call(op: Op, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Result of an op as symbolic tensors; recorded as a node of the graph if its symbolic arguments record history,
    and in a recording that is being made.
    """
    arguments = op.bind(tuple(args), kwargs)
    recording = scopes.current.recording
    if recording is not None:
        return recording.note(op, arguments)
    symbolic = [x for x in _leaves(op, arguments) if isinstance(x, KerasTensor)]
    if symbolic and all(x.record_history for x in symbolic):
        return OpCall(op, arguments).record(arguments)
    return infer(op, arguments)


def _leaves(op: Op, arguments: Mapping[str, Any]) -> list[Any]:
    from dl_ops.dispatch import map_tensors

    leaves: list[Any] = []
    map_tensors(op, arguments, lambda role, x: leaves.extend(tree.flatten(x)))
    return leaves


def infer(op: Op, arguments: Mapping[str, Any]) -> Any:
    """Structure of symbolic tensors, without history, that an op gives for bound arguments.

    Parameters
    ----------
    op : Op
    arguments : mapping from parameter name to value
        Tensors may be symbolic, or concrete ones of any backend, of which only shape and dtype count.

    Raises
    ------
    ValueError, TypeError
        If the arguments do not fit; the message begins with the op's name.
    """
    from dl_ops.dispatch import map_tensors
    from dl_ops.dispatch.eager import common_dtype
    from dl_ops.op import CONDITION, INDICES, OPERAND, OPERANDS

    dtypes: list[str] = []

    def note(role: str, x: Any) -> None:
        if role == INDICES and _is_text(x):
            raise TypeError(f"{op.name}(): expected integers for indices, got {x.dtype}")
        if role in (OPERAND, OPERANDS):
            dtypes.append(PYTHON_TYPES.get(type(x)) or spec_of(x).dtype)

    map_tensors(op, arguments, note)
    rule = op.dtype_rule
    common = common_dtype(op, dtypes, arguments)

    def to_spec(role: str, x: Any) -> Any:
        spec = spec_of(x, common if role in (OPERAND, OPERANDS) else "bool" if role == CONDITION else None)
        leaves.append(spec)
        return spec

    leaves: list[Any] = []
    specs = map_tensors(op, arguments, to_spec)
    args, kwargs = op.unbind(specs)
    try:
        if op.spec_rule is not None:
            result = op.spec_rule(*args, **kwargs)
        elif op.shape_rule is not None:
            shape = op.shape_rule(*args, **kwargs)
            if rule is None:
                raise TypeError(f"op {op.name!r} has a shape rule and no dtype rule")
            first = common or (promote(dtypes[0]) if dtypes else "")
            result = KerasTensor(shape, rule.result(first, arguments), record_history=False)
        else:
            with scopes.symbolic_scope():
                result = op.function(*args, **kwargs)
        return adjusted(op, specs, leaves, result)
    except (ValueError, TypeError) as error:
        if str(error).startswith(f"{op.name}("):
            raise
        raise type(error)(f"{op.name}(): {error}") from error


def spec_of(x: Any, dtype: str | None = None) -> KerasTensor:
    """Shape and dtype of anything that an op takes for a tensor, as a symbolic tensor that records no history."""
    if isinstance(x, KerasTensor):
        if dtype in (None, x.dtype) and not x.record_history:
            return x
        return KerasTensor(x.shape, dtype or x.dtype, sparse=x.sparse, record_history=False)
    if type(x) in PYTHON_TYPES:
        return KerasTensor((), dtype or promote(PYTHON_TYPES[type(x)]), record_history=False)
    if isinstance(x, (list, tuple)):
        from dl_ops.backend.registry import current_backend

        if any(isinstance(leaf, KerasTensor) for leaf in tree.flatten(x)):
            from dl_ops import ops

            return spec_of(ops.stack([spec_of(item) for item in x]), dtype)
        x = current_backend().to_array(x, None)
    return KerasTensor(static_shape(x), dtype or standardize_dtype(x.dtype), sparse=_is_sparse(x), record_history=False)


def _is_text(x: Any) -> bool:
    dtype = getattr(x, "dtype", None)
    return getattr(dtype, "kind", "") == "U" or any(name in str(dtype) for name in ("str32", "string"))


def _is_sparse(x: Any) -> bool:
    from dl_ops.interchange import backend_of

    owner = backend_of(x)
    return owner is not None and owner.is_sparse(x)


def static_shape(x: Any) -> tuple[int | None, ...]:
    """Shape of a tensor as a tuple of integers and ``None``."""
    shape = x.shape
    if isinstance(shape, tuple):
        return shape
    if getattr(shape, "rank", 0) is None:
        raise ValueError(f"{x!r} has an unknown number of dimensions")
    return tuple(shape)


def explain(op: Op, args: Sequence[Any], kwargs: Mapping[str, Any], error: Exception) -> Exception | None:
    """What the op's rules have to say of arguments that a kernel failed on; ``None`` if they find no fault."""
    if op.shape_rule is None and op.spec_rule is None:
        return None
    try:
        infer(op, op.bind(tuple(args), kwargs))
    except (ValueError, TypeError) as explanation:
        return explanation
    except Exception:  # the framework's own error is then the better message
        return None
    return None
