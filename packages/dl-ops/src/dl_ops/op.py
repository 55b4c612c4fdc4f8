"""``@op``: one function is an op's signature, rules, words and default; the decorator adds dispatch and the
symbolic path.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from dl_ops.rules import DtypeRule
from dl_ops.typing import Shape

F = TypeVar("F", bound=Callable[..., Any])
ShapeRule = Callable[..., Shape]
SpecRule = Callable[..., Any]

OPERAND: Final = "operand"
OPERANDS: Final = "operands"
INDICES: Final = "indices"
CONDITION: Final = "condition"
VALUE: Final = "value"
STRUCTURE: Final = "structure"

# what a parameter's annotation says of its role; the first that matches counts
_ROLES: Final = (
    ("Sequence[TensorLike]", OPERANDS),
    ("TensorLike", OPERAND),
    ("IndicesLike", INDICES),
    ("ConditionLike", CONDITION),
    ("ValueLike", VALUE),
    ("Structure", STRUCTURE),
)

registry: Final[dict[str, Op]] = {}
"""Every op by name."""


class Parameter(NamedTuple):
    """A parameter of an op and what it is to dispatch: a tensor role, or ``None`` for a static argument."""

    name: str
    role: str | None
    default: Any
    variadic: bool


class Op:
    """Definition of an op: its default and rules, and what its signature says.

    Parameters
    ----------
    function : callable
        Signature, docstring and default.
    shape : callable, optional
        Shape rule. Without one, shape and dtype come from running the default symbolically.
    dtype : DtypeRule, optional
        Without one, operands are left alone.
    spec : callable, optional
        Instead of a shape rule for a result that is more than one tensor: returns a structure of `KerasTensor`.
    name : str, optional
        By default the function's name.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        shape: ShapeRule | None = None,
        dtype: DtypeRule | None = None,
        spec: SpecRule | None = None,
        name: str | None = None,
    ) -> None:
        self.name = name or function.__name__
        self.function = function
        self.public: Callable[..., Any] = function
        self.module = function.__module__
        self.shape_rule, self.dtype_rule, self.spec_rule = shape, dtype, spec
        self.primitive = "primitive" in function.__code__.co_names
        """Whether there is no default, so that every backend must have a kernel."""
        self.signature = inspect.signature(function)
        self.parameters = tuple(_parameter(p) for p in self.signature.parameters.values())
        self.index = {parameter.name: i for i, parameter in enumerate(self.parameters)}
        self.required = tuple(
            name
            for name in self.index
            if self.parameters[self.index[name]].role in (OPERAND, OPERANDS, INDICES, CONDITION, VALUE)
            and not self.parameters[self.index[name]].variadic
            and "None" not in str(self.signature.parameters[name].annotation)
        )
        """Names of the parameters that must be tensors."""
        self.sequences = tuple(p.name for p in self.parameters if p.role == OPERANDS and not p.variadic)
        """Names of the parameters that are sequences of tensors; a tensor stands for its rows."""
        self.first_keyword_only = next(
            (i for i, p in enumerate(self.signature.parameters.values()) if p.kind is p.KEYWORD_ONLY),
            len(self.parameters),
        )
        self.variadic = next((p for p in self.parameters if p.variadic), None)
        """The parameter that takes any number of positional arguments, if there is one."""
        self.irregular = self.first_keyword_only < len(self.parameters) or self.variadic is not None
        """Whether arguments cannot all be passed by position."""
        if self.primitive and shape is None and spec is None:
            raise TypeError(f"op {self.name!r} has no default to infer from: give it a shape or a spec rule")

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """All of the op's arguments by parameter name, defaults included; a ``TypeError`` that names the op if they
        do not fit, or if one that must be a tensor is ``None``.
        """
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.name}(): {error}") from None
        bound.apply_defaults()
        arguments = bound.arguments
        for name in self.required:
            if arguments[name] is None:
                raise TypeError(f"{self.name}(): {name} must be {_expected(self, name)}, got None")
        for name in self.sequences:
            if hasattr(arguments[name], "shape"):
                arguments[name] = _rows(arguments[name])
        return arguments

    def parameter_at(self, position: int) -> Parameter:
        """Parameter that takes the positional argument at `position`."""
        if self.variadic is not None and position >= self.index[self.variadic.name]:
            return self.variadic
        return self.parameters[position]

    def unbind(self, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Inverse of `bind`: positional and keyword arguments."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for i, parameter in enumerate(self.parameters):
            value = arguments[parameter.name]
            if parameter.variadic:
                args.extend(value)
            elif parameter.name == _variadic_keyword(self):
                kwargs.update(value)
            elif i >= self.first_keyword_only:
                kwargs[parameter.name] = value
            else:
                args.append(value)
        return args, kwargs

    def __reduce__(self) -> tuple[Callable[[str, str], Op], tuple[str, str]]:
        # there is one of each name, which copies and pickles of graphs share
        return _defined, (self.module, self.name)

    def __repr__(self) -> str:
        return f"<op {self.name}{self.signature}>"


def _defined(module: str, name: str) -> Op:
    # in a fresh process its module has perhaps not been asked for
    importlib.import_module(module)
    return registry[name]


def _expected(op: Op, name: str) -> str:
    return "a list or tuple of tensors" if op.parameters[op.index[name]].role == OPERANDS else "a tensor"


def _rows(x: Any) -> Any:
    from dl_ops import ops

    return ops.unstack(x)


def _variadic_keyword(op: Op) -> str | None:
    found = (p.name for p in op.signature.parameters.values() if p.kind is p.VAR_KEYWORD)
    return next(found, None)


def _parameter(parameter: inspect.Parameter) -> Parameter:
    annotation = str(parameter.annotation)
    role = next((role for text, role in _ROLES if text in annotation), None)
    variadic = parameter.kind is parameter.VAR_POSITIONAL
    return Parameter(parameter.name, role, parameter.default, variadic)


def op(
    *,
    shape: ShapeRule | None = None,
    dtype: DtypeRule | None = None,
    spec: SpecRule | None = None,
    name: str | None = None,
) -> Callable[[F], F]:
    """Make a function an op.

    The function's body is the op's default, composed of other ops; one that cannot be composed ends in ``raise
    primitive()``. Parameters annotated `TensorLike` are operands: converted to tensors and promoted as the dtype
    rule says before the body or a kernel sees them.

    Parameters
    ----------
    shape, dtype, spec, name
        As for `Op`.

    Examples
    --------
    >>> from dl_ops import ops
    >>> from dl_ops.rules import broadcast, promoted
    >>> from dl_ops.typing import Tensor, TensorLike
    >>> @op(shape=broadcast, dtype=promoted, name="example_squared_difference")
    ... def squared_difference(x1: TensorLike, x2: TensorLike) -> Tensor:
    ...     return ops.square(ops.subtract(x1, x2))
    >>> squared_difference([3, 5], 1.0).tolist()
    [4.0, 16.0]
    """
    from dl_ops.dispatch import dispatcher

    def decorate(function: F) -> F:
        definition = Op(function, shape=shape, dtype=dtype, spec=spec, name=name)
        if definition.name in registry and registry[definition.name].module != definition.module:
            raise ValueError(
                f"two ops are named {definition.name!r}: {registry[definition.name].module} and {definition.module}"
            )
        registry[definition.name] = definition
        definition.public = dispatcher(definition, function)
        return definition.public

    return decorate


class NoDefault(NotImplementedError):
    """The body of an op that every backend must have a kernel for was reached."""


def primitive() -> NoDefault:
    """What the body of an op without a default raises."""
    return NoDefault()
