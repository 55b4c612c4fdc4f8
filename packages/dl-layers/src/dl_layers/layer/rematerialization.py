"""Layers that compute their outputs again, for the gradient, instead of keeping what they need of them."""

from __future__ import annotations

import functools
import math
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dl_layers import activations
from dl_layers.layer.context import context
from dl_ops import scopes, tree
from dl_ops.autodiff import remat

if TYPE_CHECKING:
    from dl_layers.layer.base import Layer

_MODES: Final = ("full", "activations", "larger_than", "list_of_layers", None)


class RematMode(NamedTuple):
    """What layers made in a `RematScope` compute again."""

    mode: str | None
    output_size_threshold: int
    layer_names: tuple[str, ...]


class _Current(threading.local):
    mode: RematMode | None = None


_current = _Current()


def current_remat_mode() -> RematMode | None:
    """What layers made now compute again; ``None`` outside of every `RematScope`."""
    return _current.mode


class RematScope:
    """Let layers made inside compute their outputs again when gradients are computed, which takes time and saves
    memory: less is kept between the two.

    Values and gradients are what they would be otherwise. Scopes can be nested; the innermost one counts.

    Parameters
    ----------
    mode : {"full", "activations", "larger_than", "list_of_layers"} or None, default "full"
        Every layer as a whole; activation functions of layers alone; layers whose outputs are larger than
        `output_size_threshold`; the layers in `layer_names`; or, with ``None``, nothing.
    output_size_threshold : int, default 1024
        Number of elements in all outputs of a layer together; an axis of unknown size counts as 1.
    layer_names : sequence of str, optional

    Raises
    ------
    ValueError
        If `mode` is none of these, or `output_size_threshold` is no number of elements.
    TypeError
        If `layer_names` are no names.

    See Also
    --------
    dl_ops.autodiff.remat : the same for a function.

    Examples
    --------
    >>> from dl_layers import Dense
    >>> from dl_ops import ops
    >>> with RematScope("larger_than", output_size_threshold=100):
    ...     layer = Dense(200)
    >>> layer(ops.ones((1, 3))).shape
    (1, 200)

    References
    ----------
    Chen, Xu, Zhang and Guestrin, "Training Deep Nets with Sublinear Memory Cost", arXiv:1604.06174.
    """

    def __init__(
        self, mode: str | None = "full", output_size_threshold: int = 1024, layer_names: Sequence[str] | None = None
    ) -> None:
        if mode not in _MODES:
            raise ValueError(f"RematScope(mode={mode!r}): expected one of {', '.join(map(repr, _MODES))}")
        if isinstance(output_size_threshold, bool) or not isinstance(output_size_threshold, int):
            raise ValueError(
                f"RematScope(output_size_threshold={output_size_threshold!r}): expected a number of elements"
            )
        names = () if layer_names is None else layer_names
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise TypeError(f"RematScope(layer_names={layer_names!r}): expected a list of layers' names")
        self.mode, self.output_size_threshold, self.layer_names = mode, output_size_threshold, list(names)
        self._outer: list[RematMode | None] = []

    def __enter__(self) -> RematScope:
        self._outer.append(_current.mode)
        _current.mode = RematMode(self.mode, self.output_size_threshold, tuple(self.layer_names))
        return self

    def __exit__(self, *exception: object) -> None:
        _current.mode = self._outer.pop()


def rematerialized(
    layer: Layer, call: Callable[..., Any], mode: RematMode, args: Sequence[Any], kwargs: dict[str, Any]
) -> Callable[..., Any]:
    """What a layer calls in the place of `call` for some arguments."""
    if mode.mode == "activations":
        return _with_activation(layer, call)
    chosen = (
        mode.mode == "full"
        or (mode.mode == "list_of_layers" and layer.name in mode.layer_names)
        or (mode.mode == "larger_than" and _output_size(layer, args, kwargs) > mode.output_size_threshold)
    )
    return _again(layer, call) if chosen else call


def _again(layer: Layer, call: Callable[..., Any]) -> Callable[..., Any]:
    """`call` computed again for gradients, when the layer's call and all scopes around it are long over."""
    scope, calling = scopes.current.__dict__, context.__dict__
    held = {name: scope.get(name) for name in ("backend", "autocast")}, dict(calling)

    def run(*args: Any, **kwargs: Any) -> tuple[Any, list[list[Any]]]:
        scope, calling = scopes.current.__dict__, context.__dict__
        before = {name: scope.get(name) for name in held[0]}, dict(calling)
        layers = layer._flatten_layers()
        losses = [(part, part._losses, part._losses_call) for part in layers]
        for part in layers:
            part.__dict__.update(_losses=[], _losses_call=held[1]["calls"])
        scope.update(held[0])
        calling.update(held[1])
        try:
            return call(*args, **kwargs), [part._losses for part in layers]
        finally:
            scope.update(before[0])
            calling.update(before[1])
            for part, values, number in losses:
                part.__dict__.update(_losses=values, _losses_call=number)

    again = remat(run)

    def outputs_of(*args: Any, **kwargs: Any) -> Any:
        outputs, losses = again(*args, **kwargs)
        # what was added inside belongs to the trace of it, or comes a second time
        for part, added in zip(layer._flatten_layers(), losses, strict=True):
            if added:
                part.add_loss(added)
        return outputs

    return outputs_of


def _output_size(layer: Layer, args: Sequence[Any], kwargs: dict[str, Any]) -> int:
    specs = tree.flatten(layer.compute_output_spec(*args, **kwargs))
    return sum(math.prod(size or 1 for size in spec.shape) for spec in specs if hasattr(spec, "shape"))


def _with_activation(layer: Layer, call: Callable[..., Any]) -> Callable[..., Any]:
    """`call` with the layer's activation function computed again, if it has one of its own."""
    state = layer.__dict__
    activation = state.get("activation")
    if not callable(activation) or activation is activations.linear:
        return call

    @functools.wraps(call)
    def run(*args: Any, **kwargs: Any) -> Any:
        state["activation"] = remat(activation)
        try:
            return call(*args, **kwargs)
        finally:
            state["activation"] = activation

    return run
