"""The call of a layer: arguments converted, masks and the training flag handed on, scopes entered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dl_layers.layer.arguments import any_symbolic, backend_of_inputs
from dl_layers.layer.context import context
from dl_layers.layer.conversion import UNREADY, cast_symbolic, converted, ready, ready_by_name, ready_list
from dl_layers.layer.explanation import explain, is_odd, no_tensor
from dl_layers.layer.input_spec import check_inputs, looks_at_dtypes
from dl_layers.layer.masking import LayerMasking
from dl_layers.layer.masks import any_mask, is_masked, masks_of
from dl_layers.layer.programs import Programs
from dl_layers.layer.rematerialization import rematerialized
from dl_ops import ops, scopes, tree
from dl_ops.backend import Backend, current_backend
from dl_ops.dispatch.program import UnrecordableError
from dl_ops.image.layout import extent
from dl_ops.symbolic import KerasTensor
from dl_ops.tracebacks import shorten
from dl_ops.variable import Variable


class LayerCall(LayerMasking):
    """The calling of a layer."""

    def __getstate__(self) -> dict[str, Any]:
        """State for pickles and copies: all but what has been worked out for inputs seen so far."""
        return {**self.__dict__, "_casts": {}, "_accepted": set(), "_structure": None, "_programs": None}

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
        try:
            if self._programs is not None:
                outputs = self._programs.run(self, args, kwargs)  # type: ignore[arg-type]  # a layer
                if outputs is not UNREADY:
                    return outputs
            if len(args) == 1 and not kwargs and self._is_inner(args[0]):
                return self._run_inner(args[0])
            if self._settled and not (kwargs and "training" in kwargs and self._signature.lacks_training):
                backend = self._backend or backend_of_inputs(args, kwargs) or current_backend()
                # the short way: all is known of arguments of these types and dtypes
                if kwargs:
                    named = ready_by_name(kwargs, self._casts, backend)
                    values = ready_list(args, self._casts, backend) if named is not UNREADY else UNREADY
                elif len(args) == 1:
                    named, value = kwargs, ready(args[0], self._casts, backend)
                    values = UNREADY if value is UNREADY else (value,)
                else:
                    named, values = kwargs, ready_list(args, self._casts, backend)
                if values is not UNREADY:
                    return self._run(values, named, backend)
            return self._call_on_anything(args, kwargs)
        except Exception as error:
            shorten(error)
            raise

    def _is_inner(self, x: Any) -> bool:
        """Whether the call on `x`, within the call of another layer, leaves all that holds for layers as it is."""
        if not context.__dict__["depth"] or not self._settled or any_mask():
            return False
        scope = scopes.current.__dict__
        backend = self._backend
        return (
            backend is not None
            and backend is scope.get("backend")
            and self._autocast_dtype == scope.get("autocast")
            and not (self._signature.takes_training or self._makes_masks)
            and self._remat_mode is None
            and self.activity_regularizer is None
            and self._casts.get((type(x), getattr(x, "dtype", None), backend), UNREADY) is None
        )

    def _run_inner(self, x: Any) -> Any:
        """What `_run` does where `_is_inner`."""
        if self.input_spec is not None:
            self._check_inputs(x)
        self.__dict__["_last_call"] = context.__dict__["calls"]
        try:
            return self.call(x)
        except Exception as error:
            if isinstance(error, AttributeError) and is_odd(x):
                raise no_tensor(self, x) from error
            explain(self, (x,), {}, error)
            raise

    def _call_on_anything(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Call on arguments of any kind, and work out for the next call how they are converted."""
        if "_casts" not in self.__dict__:
            raise RuntimeError(f"{type(self).__name__}.__init__() did not call super().__init__()")
        if "training" in kwargs and self._signature.lacks_training:
            return self._call_in_phase(args, **kwargs)
        backend = self._backend or backend_of_inputs(args, kwargs) or current_backend()
        if any_symbolic(args) or (kwargs and any_symbolic(tuple(kwargs.values()))):
            return self._call_on_symbolic(args, kwargs, backend)
        layer: Any = self
        if "_replays" in type(self).__dict__ and self._programs is None:
            self.__dict__["_programs"] = Programs(layer)
        values = [converted(x, layer, backend) for x in args]
        named = {name: converted(x, layer, backend) for name, x in kwargs.items()}
        if not self._settled:
            return self._first_call(values, named, backend)
        return self._run(values, named, backend)

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
        if self.input_spec is not None and args:
            self._check_inputs(args[0])
        masked = any_mask()
        if masked:
            kwargs = self._with_masks(args, kwargs)
        # the dictionaries of these two are of one thread, and several times as fast as their attributes
        scope, calling = scopes.current.__dict__, context.__dict__
        before = scope.get("backend"), scope.get("autocast"), calling["training"]
        depth = calling["depth"]
        signature = self._signature
        if signature.takes_training:
            kwargs = self._with_training(args, kwargs, before[2])
        if depth == 0:
            calling["calls"] += 1
        calling["depth"] = depth + 1
        self.__dict__["_last_call"] = calling["calls"]
        scope["backend"], scope["autocast"] = backend, self._autocast_dtype
        try:
            call = self.call if self._remat_mode is None else self.rematerialized_call(self.call, *args, **kwargs)
            outputs = call(*args, **kwargs)
            if self.activity_regularizer is not None:
                for x in tree.flatten(outputs):
                    self.add_loss(self._activity_penalty(x))
        except Exception as error:
            if isinstance(error, AttributeError) and args and is_odd(args[0]):
                raise no_tensor(self, args[0]) from error
            explain(self, args, kwargs, error)
            raise
        finally:
            calling["depth"] = depth
            scope["backend"], scope["autocast"], calling["training"] = before
        if masked:
            self._set_masks(args, outputs)
        elif self._makes_masks and self.supports_masking:
            self._make_masks(args, outputs)
        return outputs

    def _call_on_symbolic(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> Any:
        """Infer the outputs for symbolic inputs and record the call where history is recorded."""
        layer: Any = self
        values = [cast_symbolic(x, layer) for x in args]
        options: Mapping[str, Any] = {name: cast_symbolic(x, layer) for name, x in kwargs.items()}
        with scopes.name_scope(self.name):
            self._ensure_built(values, options, backend)
            scope = scopes.current
            if scope.recording is not None:
                return self._run_in_recording(values, options, backend)
            if self.input_spec is not None and values:
                self._check_inputs(values[0])
            options = self._with_masks(values, options)
            before = scope.backend, scope.autocast, context.training
            if self._signature.takes_training:
                options = self._with_training(values, options, before[2])
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

    def _run_in_recording(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> Any:
        """Call on symbolic tensors as on others, so that the recording notes all ops."""
        outputs = self._run(args, kwargs, backend)
        if is_masked(masks_of(outputs)):
            raise UnrecordableError(f"{self!r} makes masks")
        return outputs

    # -- steps of a call --

    def _activity_penalty(self, output: Any) -> Any:
        """The regularizer's penalty of an output for one example: of a batch it is the mean."""
        penalty = self.activity_regularizer(output)
        if len(output.shape) == 0:
            return penalty
        return ops.divide_no_nan(penalty, ops.cast(extent(output, 0, "int32"), penalty.dtype))

    def _check_inputs(self, inputs: Any) -> None:
        # shapes that passed once need no second look
        shape = getattr(inputs, "shape", None)
        try:
            if shape in self._accepted:
                return
        except (TypeError, ValueError):  # a structure of inputs, or a shape that is not known enough to be a key
            shape = None
        check_inputs(self.input_spec, inputs, self.name)
        if shape is not None and not looks_at_dtypes(self.input_spec):
            self._accepted.add(shape)

    def _with_training(self, args: Sequence[Any], kwargs: Mapping[str, Any], outer: Any) -> Mapping[str, Any]:
        """Arguments with the training flag: the one given, else the caller's, else the default; calls inside will
        have it too.
        """
        signature = self._signature
        if len(args) > signature.training_at:
            training = args[signature.training_at]
        else:
            training = kwargs.get("training")
            if training is None:
                training = signature.training_default if outer is None else outer
                kwargs = {**kwargs, "training": training} if kwargs else {"training": training}
        context.training = training
        return kwargs

    def rematerialized_call(self, layer_call: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """What computes the outputs in the `RematScope` that the layer was made in.

        Parameters
        ----------
        layer_call : callable
            What computes them otherwise.
        *args, **kwargs
            Arguments that it will be called with.

        Returns
        -------
        callable
            With the same results and gradients; `layer_call` itself if nothing is to be computed again.
        """
        layer: Any = self
        mode = self._remat_mode
        return layer_call if mode is None else rematerialized(layer, layer_call, mode, args, kwargs)

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
