"""The call of a layer: arguments converted, masks and the training flag handed on, scopes entered."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from dl_layers.layer.arguments import NO_TENSORS, any_symbolic, backend_of_inputs
from dl_layers.layer.building import LayerBuilding
from dl_layers.layer.context import context
from dl_layers.layer.explanation import explain
from dl_layers.layer.input_spec import check_inputs
from dl_layers.layer.masks import any_mask, get_mask, set_mask
from dl_ops import scopes, tree
from dl_ops.backend import Backend, current_backend
from dl_ops.dispatch import mixed_backends
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.interchange import backend_of
from dl_ops.symbolic import KerasTensor
from dl_ops.tracebacks import short_traceback
from dl_ops.variable import Variable

Caster = Callable[[Any], Any]


class LayerCall(LayerBuilding):
    """The calling of a layer."""

    def __getstate__(self) -> dict[str, Any]:
        """State for pickles and copies: all but what has been worked out for inputs seen so far."""
        return {**self.__dict__, "_casts": {}, "_accepted": set()}

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Mask of the outputs for the masks of the inputs; by default the same."""
        return previous_mask

    @short_traceback
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Build if need be, and call.

        Parameters
        ----------
        *args, **kwargs
            As for the subclass's ``call``. Arrays are converted to tensors of the layer's backend, and floats cast
            to its compute dtype.

        Returns
        -------
        structure of tensors
        """
        if "training" in kwargs and not (self._signature.takes_training or self._signature.variadic):
            return self._call_in_phase(args, **kwargs)
        backend = self._backend or backend_of_inputs(args, kwargs) or current_backend()
        given = kwargs
        if any_symbolic(args) or (kwargs and any_symbolic(tuple(kwargs.values()))):
            return self._call_on_symbolic(args, kwargs, backend)
        values = [x if type(x) in NO_TENSORS else self._convert(x, backend) for x in args]
        if kwargs:
            given = {name: x if type(x) in NO_TENSORS else self._convert(x, backend) for name, x in kwargs.items()}
        if not self._settled:
            return self._first_call(values, given, backend)
        return self._run(values, given, backend)

    def _call_in_phase(self, args: Sequence[Any], training: Any, **kwargs: Any) -> Any:
        """Call where `call` does not take the training flag: it reaches the layers inside all the same."""
        before = context.training
        context.training = before if training is None else training
        try:
            return self(*args, **kwargs)
        finally:
            context.training = before

    def _first_call(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> Any:
        """Call in the layer's name scope, so that what is built on the way has its path."""
        with scopes.name_scope(self.name):
            self._ensure_built(args, kwargs, backend)
            outputs = self._run(args, kwargs, backend)
        self.__dict__["_settled"] = self.built and all(layer.built for layer in self._flatten_layers())
        return outputs

    def _run(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> Any:
        """Call on tensors of the backend, in the scopes that hold for the layer."""
        signature = self._signature
        if self.input_spec is not None and args:
            self._check_inputs(args[0])
        masked = any_mask()
        if masked:
            kwargs = self._with_masks(args, kwargs)
        scope = scopes.current
        before = scope.backend, scope.autocast, context.training
        if signature.takes_training:
            kwargs = self._with_training(args, kwargs)
            context.training = kwargs["training"] if "training" in kwargs else args[signature.names.index("training")]
        if context.depth == 0:
            context.calls += 1
        context.depth += 1
        self.__dict__["_last_call"] = context.calls
        scope.backend, scope.autocast = backend, self._autocast_dtype
        try:
            outputs = self.call(*args, **kwargs)
            if self.activity_regularizer is not None:
                for x in tree.flatten(outputs):
                    self.add_loss(self.activity_regularizer(x))
        except Exception as error:
            explain(self, args, kwargs, error)
            raise
        finally:
            context.depth -= 1
            scope.backend, scope.autocast, context.training = before
        if masked or self._overrides_mask:
            self._set_masks(args, outputs)
        return outputs

    def _call_on_symbolic(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> Any:
        """Infer the outputs for symbolic inputs and record the call where history is recorded."""
        values = [self._cast_symbolic(x) for x in args]
        options: Mapping[str, Any] = {name: self._cast_symbolic(x) for name, x in kwargs.items()}
        with scopes.name_scope(self.name):
            self._ensure_built(values, options, backend)
            if self.input_spec is not None and values:
                self._check_inputs(values[0])
            options = self._with_masks(values, options)
            scope = scopes.current
            before = scope.backend, scope.autocast, context.training
            if self._signature.takes_training:
                options = self._with_training(values, options)
                context.training = options.get("training")
            if context.depth == 0:
                context.calls += 1
            context.depth += 1
            scope.backend, scope.autocast = backend, self._autocast_dtype
            try:
                outputs = self.compute_output_spec(*values, **options)
            except Exception as error:
                explain(self, args, kwargs, error)
                raise
            finally:
                context.depth -= 1
                scope.backend, scope.autocast, context.training = before
        symbolic = [x for x in tree.flatten((args, kwargs)) if isinstance(x, KerasTensor)]
        if all(x.record_history for x in symbolic):
            outputs = self.record_node(tuple(args), kwargs, outputs)
        if self.supports_masking or any(x._keras_mask is not None for x in symbolic):
            self._set_masks(values, outputs)
        return outputs

    # -- steps of a call --

    def _convert(self, x: Any, backend: Backend) -> Any:
        """Argument as tensors of the layer's backend, floats in its compute dtype."""
        if isinstance(x, (list, tuple, dict)):
            return tree.map_structure(
                lambda leaf: leaf if type(leaf) in NO_TENSORS else self._convert(leaf, backend), x
            )
        dtype = getattr(x, "dtype", None)
        if dtype is None:
            return x
        key = (type(x), dtype, backend)
        caster = self._casts.get(key)
        if caster is None:
            caster = self._casts[key] = self._caster(x, backend)
        return caster(x)

    def _caster(self, x: Any, backend: Backend) -> Caster:
        owner = backend_of(x)
        if owner is not None and owner is not backend:
            raise mixed_backends(f"layer {self.name!r} of backend {backend.name}", backend.name, owner.name)
        name = standardize_dtype(x.dtype)
        target = self._compute_dtype if self.autocast and is_float(name) and name != self._compute_dtype else None

        if isinstance(x, Variable):
            return lambda v: v.value if target is None else backend.cast(v.value, target)
        native = backend.is_tensor(x) and not isinstance(x, np.generic)
        if native:
            return _same if target is None else lambda v: backend.cast(v, target)
        return lambda v: backend.to_tensor(v, target)

    def _cast_symbolic(self, x: Any) -> Any:
        def cast(leaf: Any) -> Any:
            if (
                not isinstance(leaf, KerasTensor)
                or not (self.autocast and is_float(leaf.dtype))
                or leaf.dtype == self._compute_dtype
            ):
                return leaf
            copy = KerasTensor(leaf.shape, self._compute_dtype, sparse=leaf.sparse, record_history=False)
            copy._keras_mask = leaf._keras_mask
            return copy

        return tree.map_structure(cast, x) if isinstance(x, (KerasTensor, list, tuple, dict)) else x

    def _check_inputs(self, inputs: Any) -> None:
        # shapes that passed once need no second look
        shape = getattr(inputs, "shape", None)
        key = (shape, inputs.dtype) if isinstance(shape, tuple) else None
        if key is not None and key in self._accepted:
            return
        check_inputs(self.input_spec, inputs, self.name)
        if key is not None:
            self._accepted.add(key)

    def _with_training(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Arguments with the training flag: the one given, else the caller's, else the default."""
        signature = self._signature
        if len(args) > signature.names.index("training") or kwargs.get("training") is not None:
            return kwargs
        training = context.training if context.training is not None else signature.training_default
        return {**kwargs, "training": training}

    def _with_masks(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Arguments with the inputs' masks, for parameters that take them and were not given one."""
        signature = self._signature
        if not signature.takes_mask:
            return kwargs
        added = dict(kwargs)
        for i, (name, mask_name) in enumerate(zip(signature.names, signature.mask_names, strict=True)):
            if not mask_name or added.get(mask_name) is not None or len(args) > signature.names.index(mask_name):
                continue
            value = args[i] if i < len(args) else kwargs.get(name)
            if value is None:
                continue
            masks = tree.map_structure(get_mask, value)
            if any(mask is not None for mask in tree.flatten(masks)):
                added[mask_name] = masks
        return added

    def _set_masks(self, args: Sequence[Any], outputs: Any) -> None:
        """Give the outputs the masks that `compute_mask` derives from the inputs'."""
        inputs = args[0] if args else None
        previous = tree.map_structure(get_mask, inputs)
        has_mask = any(mask is not None for mask in tree.flatten(previous))
        if not self.supports_masking:
            if has_mask and not self._warned_mask:
                self.__dict__["_warned_mask"] = True
                warnings.warn(
                    f"layer {self.name!r} ({type(self).__name__}) got an input with a mask and does not support "
                    "masking: the mask ends here",
                    stacklevel=4,
                )
            return
        if not has_mask and not self._overrides_mask:
            return
        flat = tree.flatten(outputs)
        if all(get_mask(x) is not None for x in flat):
            return
        masks = self.compute_mask(inputs, previous)
        if masks is None:
            return
        for x, mask in zip(flat, tree.flatten(masks), strict=False):
            if mask is not None:
                set_mask(x, mask)

    def stateless_call(
        self,
        trainable_variables: Iterable[Any],
        non_trainable_variables: Iterable[Any],
        *args: Any,
        return_losses: bool = False,
        **kwargs: Any,
    ) -> tuple[Any, ...]:
        """Call the layer as a pure function of the values of its variables.

        Parameters
        ----------
        trainable_variables, non_trainable_variables : iterable of tensor
            Values, in the order of the properties of these names.
        *args, **kwargs
            As for a call.
        return_losses : bool, default False

        Returns
        -------
        tuple
            The outputs and the new values of the non-trainable variables; with `return_losses` the losses too.

        Raises
        ------
        ValueError
            If the layer is not built, or the number of values is wrong.
        """
        if not self.built:
            raise ValueError(f"{self!r}.stateless_call(): build the layer first, by build() or a call")
        pairs: list[tuple[Variable, Any]] = []
        for what, variables, values in (
            ("trainable_variables", self.trainable_variables, list(trainable_variables)),
            ("non_trainable_variables", self.non_trainable_variables, list(non_trainable_variables)),
        ):
            if len(values) != len(variables):
                raise ValueError(f"{self!r}.stateless_call(): got {len(values)} {what}, the layer has {len(variables)}")
            pairs += zip(variables, values, strict=True)
        others = self.non_trainable_variables
        with scopes.StatelessScope(pairs) as scope:
            outputs = self(*args, **kwargs)
            losses = self.losses if return_losses else []
        updated = [scope.get_current_value(v) for v in others]
        return (outputs, updated, losses) if return_losses else (outputs, updated)

    def add_loss(self, loss: Any) -> None:
        """Add scalar tensors to the losses of this call; use it inside ``call``.

        Parameters
        ----------
        loss : tensor or list of tensor
        """
        if self._losses_call != context.calls:
            self._losses.clear()
            self.__dict__["_losses_call"] = context.calls
        super().add_loss(loss)

    @property
    def losses(self) -> list[Any]:
        """Scalar losses added during the last call of this layer, and the penalties of regularized weights."""
        found = [
            loss for layer in self._flatten_layers() if layer._losses_call == self._last_call for loss in layer._losses
        ]
        penalized = (variable for variable in self.trainable_weights if variable.regularizer is not None)
        return [*found, *(variable.regularizer(variable) for variable in penalized)]


def _same(x: Any) -> Any:
    return x
