"""What a model is trained with: optimizer, losses and metrics."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dl_ops.backend import Backend, backend_scope
from dl_ops.objects import deserialize_keras_object, serialize_keras_object
from dl_ops.variable import Variable
from dl_train import optimizers
from dl_train.metrics import Mean
from dl_train.trainer.compile_loss import CompileLoss
from dl_train.trainer.compile_metrics import CompileMetrics

if TYPE_CHECKING:
    from dl_layers.layer import Layer
    from dl_train.optimizers import Optimizer

_COMPILE_ARGUMENTS = (
    "optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly", "steps_per_execution",
    "jit_compile", "auto_scale_loss",
)  # fmt: skip
_FUNCTIONS = ("train_function", "test_function", "predict_function")


class Compiling:
    """The part of a trainer that says what to train with."""

    # what `compile` and the loops set
    optimizer: Any = None
    compiled: bool = False
    loss: Any = None
    stop_training: bool = False
    stop_evaluating: bool = False
    stop_predicting: bool = False
    steps_per_execution: int | str = 1
    history: Any = None
    train_function: Any = None
    test_function: Any = None
    predict_function: Any = None
    _compile_loss: CompileLoss | None = None
    _compile_metrics: CompileMetrics | None = None
    _loss_tracker: Mean | None = None
    _compile_config: dict[str, Any] | None = None
    _run_eagerly: bool = False
    _jit_compile: bool | str | None = "auto"

    if TYPE_CHECKING:
        # what a layer has
        name: str
        built: bool
        losses: list[Any]
        trainable_variables: list[Variable]
        non_trainable_variables: list[Variable]
        trainable_weights: list[Variable]
        _signature: Any
        _trainable: bool

        def _own_backend(self) -> Backend: ...
        def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> list[Layer]: ...
        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int | str = 1,
        jit_compile: bool | str | None = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Say how the model is trained.

        Parameters
        ----------
        optimizer : str, dict or Optimizer, default "rmsprop"
        loss : str, Loss, callable, or list or dict of such, optional
            One for all outputs, or one for each; a function takes ``(y_true, y_pred)``.
        loss_weights : list or dict of float, optional
            What the outputs' losses are multiplied by before they are added.
        metrics, weighted_metrics : list or dict, optional
            Names, metrics and functions to evaluate; the latter with sample weights. For several outputs a list or
            dictionary of lists. ``"accuracy"`` means what fits the shapes.
        run_eagerly : bool, default False
            Whether steps run without being compiled, to debug them.
        steps_per_execution : int or "auto", default 1
            Number of steps in one compiled call; callbacks are called once for all of them. With ``"auto"`` as many as
            are faster so: up to 32 of small batches on JAX and TensorFlow, one elsewhere.
        jit_compile : bool or "auto", default "auto"
            Whether steps are compiled by XLA, or on Torch by ``torch.compile``; by default on JAX only.
        auto_scale_loss : bool, default True
            Whether in mixed float16 precision the loss is scaled so that gradients do not vanish.

        Raises
        ------
        ValueError
            If a name is unknown, or an argument malformed.

        Examples
        --------
        >>> from dl_layers.core import Dense, Input
        >>> from dl_train import Sequential
        >>> model = Sequential([Input((3,)), Dense(1)])
        >>> model.compile("sgd", loss="mse", metrics=["mae"])
        >>> model.compiled
        True
        """
        if steps_per_execution != "auto" and (
            isinstance(steps_per_execution, (bool, str)) or int(steps_per_execution) != steps_per_execution
        ):
            raise ValueError(f'compile(steps_per_execution={steps_per_execution!r}): expected an integer or "auto"')
        if steps_per_execution != "auto" and int(steps_per_execution) < 1:
            raise ValueError(f"compile(steps_per_execution={steps_per_execution}): expected at least 1")
        if jit_compile not in (True, False, None, "auto"):
            raise ValueError(f'compile(jit_compile={jit_compile!r}): expected True, False or "auto"')
        if run_eagerly and jit_compile is True:
            raise ValueError("compile(): only one of run_eagerly and jit_compile can be True")
        names = getattr(self, "output_names", None)
        compile_loss = None if loss is None else CompileLoss(loss, loss_weights, names)
        compile_metrics = (
            CompileMetrics(metrics, weighted_metrics, names)
            if metrics is not None or weighted_metrics is not None
            else None
        )
        with backend_scope(self._own_backend()):
            self.optimizer = optimizers.get(optimizer)
            self._loss_tracker = Mean(name="loss")
            scales = auto_scale_loss and self._dtype_policy_name() == "mixed_float16"
            if scales and isinstance(self.optimizer, optimizers.Optimizer):
                self.optimizer = _with_loss_scaling(self.optimizer)
        self._compile_loss, self._compile_metrics = compile_loss, compile_metrics
        self.loss = loss
        self._run_eagerly, self._jit_compile = bool(run_eagerly), jit_compile
        self.steps_per_execution = steps_per_execution if steps_per_execution == "auto" else int(steps_per_execution)
        given = (
            self.optimizer, loss, loss_weights, metrics, weighted_metrics, run_eagerly, steps_per_execution,
            jit_compile, auto_scale_loss,
        )  # fmt: skip
        self.__dict__["_compile_config"] = dict(zip(_COMPILE_ARGUMENTS, given, strict=True))
        self.stop_training = False
        self.compiled = True
        self._forget_functions()

    def _dtype_policy_name(self) -> str:
        policy = getattr(self, "dtype_policy", None)
        return "" if policy is None else str(policy.name)

    def _forget_functions(self) -> None:
        self.__dict__.update(dict.fromkeys(_FUNCTIONS))
        self.__dict__.pop("_batch_plans", None)

    def __getstate__(self) -> Any:
        """State for copies and pickles: without what is compiled, which is of this model's variables."""
        state: Any = super().__getstate__()
        return {name: None if name in _FUNCTIONS else value for name, value in state.items() if name != "_batch_plans"}

    @property
    def run_eagerly(self) -> bool:
        """Whether steps run without being compiled."""
        return self._run_eagerly

    @run_eagerly.setter
    def run_eagerly(self, value: bool) -> None:
        self._run_eagerly = bool(value)
        self._forget_functions()

    @property
    def jit_compile(self) -> bool:
        """Whether steps are compiled just in time, as far as the backend can."""
        if self._jit_compile == "auto":
            # the frameworks whose steps are graphs; Torch's compiler takes seconds, so it is asked for by name
            return self._own_backend().name in ("jax", "tensorflow")
        return bool(self._jit_compile)

    @jit_compile.setter
    def jit_compile(self, value: bool | str | None) -> None:
        self._jit_compile = value
        self._forget_functions()

    def get_compile_config(self) -> dict[str, Any]:
        """Return what `compile` was given, in a form that `compile_from_config` takes; empty if it was not called.

        Returns
        -------
        dict
        """
        if not self.compiled or self._compile_config is None:
            return {}
        if type(self).compile is not Compiling.compile:
            return {}
        # Keras has never written this one; left out where it is False, the loaded model would be trained otherwise
        config = {key: value for key, value in self._compile_config.items() if key != "auto_scale_loss" or not value}
        return {key: serialize_keras_object(value) for key, value in config.items()}

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile with what `get_compile_config` returned.

        Parameters
        ----------
        config : mapping
        """
        if (
            type(self).compile is not Compiling.compile
            and type(self).compile_from_config is Compiling.compile_from_config
        ):
            warnings.warn(
                f"{type(self).__name__} overrides compile() and not compile_from_config(): compile the model yourself",
                stacklevel=2,
            )
            return
        arguments = deserialize_keras_object(dict(config))
        self.compile(**arguments)
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    def _check_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(f"{method}(): compile the model first, with compile(optimizer, loss)")


def _with_loss_scaling(optimizer: Optimizer) -> Optimizer:
    scales = isinstance(optimizer, optimizers.LossScaleOptimizer)
    return optimizer if scales else optimizers.LossScaleOptimizer(optimizer)
