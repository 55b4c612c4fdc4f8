"""Building: variables made in the layer's name scope and on its backend, once its inputs' shapes are known."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dl_layers.layer.arguments import as_shapes, is_plain, shapes_of
from dl_layers.layer.configuration import LayerConfiguration
from dl_layers.layer.explanation import explain, is_odd, no_tensor
from dl_layers.layer.signature import arguments_by_name, build_parameters
from dl_ops import scopes
from dl_ops.backend import Backend, current_backend

if TYPE_CHECKING:
    from dl_layers.layer.base import Layer


class LayerBuilding(LayerConfiguration):
    """The building of a layer."""

    def build(self, *args: Any, **kwargs: Any) -> None:
        """Create the variables for inputs of a shape."""
        raise NotImplementedError

    def _ensure_built(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> None:
        if self.built:
            return
        if self.__dict__["_path"] is None:
            self.__dict__["_path"] = scopes.current_path()
            self._apply_policy()
        arguments = arguments_by_name(self._signature, args, kwargs, f"{type(self).__name__} {self.name!r}")
        shapes = {name: shapes_of(x) for name, x in arguments.items() if not is_plain(x)}
        self.__dict__["_scope_open"] = True
        before = scopes.current.backend
        scopes.current.backend = backend
        try:
            if not shapes and args and is_odd(args[0]) and build_parameters(type(self).build).required:
                raise no_tensor(self, args[0])
            self._build_on(shapes)
        except Exception as error:
            explain(self, list(args), kwargs, error)
            raise
        finally:
            scopes.current.backend = before
            self.__dict__["_scope_open"] = False

    def _build_on(self, shapes: Mapping[str, Any]) -> None:
        """Call `build` with the shapes it takes: the first argument's, or by the names of its parameters."""
        if not shapes:
            self.built = True
            return
        names, takes_one, _ = build_parameters(getattr(self.build, "__func__", self.build))
        named = {} if takes_one else {f"{name}_shape": shape for name, shape in shapes.items()}
        accepted = {name: named[name] for name in names if name in named}
        if accepted:
            self.build(**accepted)
        else:
            self.build(next(iter(shapes.values())))

    def get_build_config(self) -> dict[str, Any] | None:
        """Shapes the layer was built with, for `build_from_config`; ``None`` if it is not built."""
        shapes = self._build_shapes
        if shapes is None:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": dict(shapes)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build with the shapes of `get_build_config`.

        Parameters
        ----------
        config : dict
        """
        if not config:
            return
        if "input_shape" in config:
            self.build(as_shapes(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{name: as_shapes(shape) for name, shape in config["shapes_dict"].items()})


def _described(layer: Layer) -> str:
    shapes = list((layer._build_shapes or {}).values())
    return f"shape {shapes[0]}" if len(shapes) == 1 else f"shapes {shapes}"


def scoped_build(build: Callable[..., None]) -> Callable[..., None]:
    """`build` in the layer's name scope and backend, marking the layer as built."""
    names_of_shapes = list(inspect.signature(build).parameters)[1:]

    @functools.wraps(build)
    def scoped(self: Layer, *args: Any, **kwargs: Any) -> None:
        state = self.__dict__
        if state["_building"]:
            # super().build() of a subclass
            return build(self, *args, **kwargs)
        if state.get("built") and state["_tracker"].attributes.get("_own_weights"):
            raise ValueError(
                f"{type(self).__name__} {self.name!r} is built already, with inputs of {_described(self)}: "
                "make another layer for other shapes"
            )
        state["_building"] = True
        scope = scopes.current
        names, backend = scope.names, scope.backend
        if not state.get("_scope_open"):
            scope.names = (*names, self.name)
        if state["_path"] is None:
            state["_path"] = scopes.current_path()
            self._apply_policy()
        scope.backend = self._backend or backend or current_backend()
        try:
            build(self, *args, **kwargs)
        finally:
            scope.names, scope.backend = names, backend
            state["_building"] = False
        state["_build_shapes"] = {**dict(zip(names_of_shapes, args, strict=False)), **kwargs}
        state["built"] = True
        return None

    return scoped
