"""Training, evaluation and prediction: one loop for every backend."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_layers.layer.context import context
from dl_ops import ops, tree
from dl_ops.backend import Backend, backend_scope
from dl_ops.interchange import convert_to_numpy
from dl_ops.objects import deserialize_keras_object, serialize_keras_object
from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable
from dl_train import optimizers
from dl_train.callbacks import CallbackList, History
from dl_train.data import EpochIterator, make_adapter, train_validation_split, unpack_x_y_sample_weight
from dl_train.data.class_weights import ClassWeights
from dl_train.metrics import Mean
from dl_train.trainer.building import build_for
from dl_train.trainer.compile_loss import CompileLoss
from dl_train.trainer.compile_metrics import CompileMetrics
from dl_train.trainer.logs import LazyLogs, to_numbers
from dl_train.trainer.steps import (
    StepFunction,
    predict_function,
    state_key,
    test_function,
    train_function,
)

if TYPE_CHECKING:
    from dl_train.callbacks import Callback
    from dl_train.optimizers import Optimizer

_COMPILE_ARGUMENTS = (
    "optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly", "steps_per_execution",
    "jit_compile", "auto_scale_loss",
)  # fmt: skip


class Trainer:
    """What makes a layer a model: compiling, fitting, evaluating, predicting. A mixin for `Model`."""

    # what `compile` and the loops set
    optimizer: Any = None
    compiled: bool = False
    loss: Any = None
    stop_training: bool = False
    steps_per_execution: int = 1
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
        _signature: Any

        def _own_backend(self) -> Backend: ...
        def __call__(self, *args: Any, **kwargs: Any) -> Any: ...

    # -- compiling ----------------------------------------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
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
        steps_per_execution : int, default 1
            Number of steps in one compiled call.
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
        if isinstance(steps_per_execution, bool) or int(steps_per_execution) != steps_per_execution:
            raise ValueError(f"compile(steps_per_execution={steps_per_execution!r}): expected an integer")
        if steps_per_execution < 1:
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
        if auto_scale_loss and self._dtype_policy_name() == "mixed_float16" and self.optimizer is not None:
            self.optimizer = _with_loss_scaling(self.optimizer)
        self._compile_loss, self._compile_metrics = compile_loss, compile_metrics
        self.loss = loss
        self._run_eagerly, self._jit_compile = bool(run_eagerly), jit_compile
        self.steps_per_execution = int(steps_per_execution)
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
        self.train_function = self.test_function = self.predict_function = None

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
            return self._own_backend().name == "jax"
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
        if type(self).compile is not Trainer.compile:
            return {}
        config = {key: value for key, value in self._compile_config.items() if key != "auto_scale_loss"}
        return {key: serialize_keras_object(value) for key, value in config.items()}

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile with what `get_compile_config` returned.

        Parameters
        ----------
        config : mapping
        """
        if type(self).compile is not Trainer.compile and type(self).compile_from_config is Trainer.compile_from_config:
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

    # -- metrics ------------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """The running loss, metrics that layers and the model have as attributes, and those it was compiled with."""
        found: list[Any] = []
        if self.compiled and self._loss_tracker is not None and self._compile_loss is not None:
            found.append(self._loss_tracker)
        found += super().metrics  # type: ignore[misc]  # a layer's
        if self._compile_metrics is not None:
            found += self._compile_metrics.metrics
        if self._compile_loss is not None:
            found += self._compile_loss.metrics
        return list({id(metric): metric for metric in found}.values())

    @property
    def metrics_names(self) -> list[str]:
        """Names of the metrics."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Let all metrics begin anew."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """Values of all metrics by name.

        Returns
        -------
        dict from str to tensor
        """
        results: dict[str, Any] = {}
        own = {id(m) for m in self._compile_metrics.metrics} if self._compile_metrics is not None else set()
        for metric in self.metrics:
            if id(metric) in own:
                continue
            value = metric.result()
            results.update(value if isinstance(value, dict) else {metric.name: value})
        if self._compile_metrics is not None:
            results.update(self._compile_metrics.result())
        return results

    def _flat_results(self, logs: Mapping[str, Any]) -> Any:
        """Results as evaluate() returns them without names: the loss, the outputs' losses, and the metrics."""
        first = ["loss"] if "loss" in logs else []
        if self._compile_loss is not None:
            first += [metric.name for metric in self._compile_loss.metrics]
        values = [logs[name] for name in [*first, *(name for name in logs if name not in first)]]
        return values[0] if len(values) == 1 else values

    # -- loss ---------------------------------------------------------------------------------------------------

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Total loss of a batch: the compiled loss, and what layers added.

        Parameters
        ----------
        x, y, y_pred, sample_weight : structure of tensors
            Inputs, targets, outputs and weights.
        training : bool, default True

        Returns
        -------
        tensor
            A scalar.

        Raises
        ------
        ValueError
            If there is no loss at all.
        """
        total = None
        if self._compile_loss is not None:
            total = self._compile_loss(y, y_pred, sample_weight)
        for loss in self._added_losses():
            total = loss if total is None else total + loss
        if total is None:
            raise ValueError(f"model {self.name!r} has no loss: give compile() one, or use add_loss() in call()")
        return total

    def _added_losses(self) -> list[Any]:
        """What layers added in this call, and penalties of weights."""
        sources: Any = self.__dict__.get("_loss_sources")
        if sources is None:
            return self.losses
        layers, penalized = sources
        return self.losses if penalized or any(layer._losses for layer in layers) else []

    def stateless_compute_loss(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        metrics_variables: Sequence[Any],
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tuple[Any, tuple[list[Any], list[Any], list[Any]]]:
        """`compute_loss` as a pure function of the values of the model's variables.

        Parameters
        ----------
        trainable_variables, non_trainable_variables, metrics_variables : sequence of tensor
            Values, in the order of the properties of these names.
        x, y, y_pred, sample_weight, training
            As for `compute_loss`.

        Returns
        -------
        loss : tensor
        variables : tuple of lists
            The three lists of values afterwards.
        """
        owners: list[list[Variable]] = [
            self.trainable_variables,
            self.non_trainable_variables,
            [variable for metric in self.metrics for variable in metric.variables],
        ]
        given = (trainable_variables, non_trainable_variables, metrics_variables)
        pairs = [pair for kind, values in zip(owners, given, strict=True) for pair in zip(kind, values, strict=True)]
        with StatelessScope(pairs) as scope:
            loss = self.compute_loss(x, y, y_pred, sample_weight, training)
        after = tuple([scope.get_current_value(variable) for variable in kind] for kind in owners)
        return loss, after  # type: ignore[return-value]  # three lists

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Take a batch into the compiled metrics; returns what `get_metrics_result` does.

        Parameters
        ----------
        x, y, y_pred, sample_weight : structure of tensors

        Returns
        -------
        dict from str to tensor
        """
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    # -- steps --------------------------------------------------------------------------------------------------

    def _call_in_mode(self, x: Any, *, training: bool) -> Any:
        """Call the model for training or inference, whether or not its ``call`` takes the flag."""
        if self._signature.takes_training:
            return self(x, training=training)
        before, context.training = context.training, training
        try:
            return self(x)
        finally:
            context.training = before

    def train_step(self, data: Any) -> dict[str, Any]:
        """Update the weights for one batch; override it for training of another kind, with ``ops.value_and_grad``.

        Parameters
        ----------
        data : tuple
            Of the batch: inputs, targets, sample weights. See ``unpack_x_y_sample_weight``.

        Returns
        -------
        dict from str to tensor
            What is logged.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self._update_weights(x, y, sample_weight)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def _default_train_step(self, data: Any) -> None:
        """`train_step` without results, which are computed when somebody looks."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self._update_weights(x, y, sample_weight)
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)

    def _update_weights(self, x: Any, y: Any, sample_weight: Any) -> Any:
        optimizer = self.optimizer
        variables = self.__dict__.get("_step_variables")
        if variables is None:
            variables = self.trainable_variables

        def loss_of_batch() -> tuple[Any, tuple[Any, Any]]:
            y_pred = self._call_in_mode(x, training=True)
            loss = self.compute_loss(x, y, y_pred, sample_weight, training=True)
            return (loss if optimizer is None else optimizer.scale_loss(loss)), (loss, y_pred)

        if not variables or optimizer is None:
            if not variables:
                warnings.warn(f"model {self.name!r} has no trainable weights: training changes nothing", stacklevel=2)
            _, (loss, y_pred) = loss_of_batch()
        else:
            (_, (loss, y_pred)), gradients = ops.value_and_grad(loss_of_batch, variables, has_aux=True)()
            optimizer.apply(gradients, variables)
        self._track_loss(loss, x)
        return y_pred

    def _track_loss(self, loss: Any, x: Any) -> None:
        tracker = self._loss_tracker
        if tracker is None:
            return
        samples = ops.shape(next(leaf for leaf in tree.flatten(x) if leaf is not None))[0]
        if isinstance(samples, int):
            tracker._add((tracker.total, loss * float(samples)), (tracker.count, float(samples)))
        else:
            tracker.update_state(loss, sample_weight=samples)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate one batch.

        Parameters
        ----------
        data : tuple

        Returns
        -------
        dict from str to tensor
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self._test_loss(x, y, sample_weight)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def _default_test_step(self, data: Any) -> None:
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self._test_loss(x, y, sample_weight)
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)

    def _test_loss(self, x: Any, y: Any, sample_weight: Any) -> Any:
        y_pred = self._call_in_mode(x, training=False)
        self._track_loss(self.compute_loss(x, y, y_pred, sample_weight, training=False), x)
        return y_pred

    def predict_step(self, data: Any) -> Any:
        """Outputs for one batch.

        Parameters
        ----------
        data : tuple

        Returns
        -------
        structure of tensors
        """
        x, _, _ = unpack_x_y_sample_weight(data)
        return self._call_in_mode(x, training=False)

    def zero_grad(self) -> None:
        """Forget gradients that PyTorch has accumulated in the weights; for train steps that call ``backward()``."""
        for variable in self.trainable_variables:
            if hasattr(variable._value, "grad"):
                variable._value.grad = None

    def _trains_by_default(self) -> bool:
        cls = type(self)
        return cls.train_step is Trainer.train_step and cls.compute_metrics is Trainer.compute_metrics

    def _tests_by_default(self) -> bool:
        cls = type(self)
        return cls.test_step is Trainer.test_step and cls.compute_metrics is Trainer.compute_metrics

    def make_train_function(self, force: bool = False) -> Any:
        """Compile the training step, unless that has been done for the variables there are.

        Parameters
        ----------
        force : bool, default False

        Returns
        -------
        callable
            Takes the parts of a batch; also kept as ``train_function``.
        """
        return self._made("train_function", train_function, force)

    def make_test_function(self, force: bool = False) -> Any:
        """Compile the test step; see `make_train_function`."""
        return self._made("test_function", test_function, force)

    def make_predict_function(self, force: bool = False) -> Any:
        """Compile the predict step; see `make_train_function`."""
        return self._made("predict_function", predict_function, force)

    def _made(self, attribute: str, make: Any, force: bool) -> Any:
        function = getattr(self, attribute)
        stale = isinstance(function, StepFunction) and function.key != state_key(self)  # type: ignore[arg-type]  # a model
        if function is None or force or stale:
            function = make(self)
            object.__setattr__(self, attribute, function)
        return function

    # -- loops --------------------------------------------------------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Iterable[Callback] | CallbackList | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> History:
        """Train the model.

        Parameters
        ----------
        x : structure of arrays, or source of batches
            Arrays, tensors of any backend, data frames, in lists or dictionaries as the model takes them; or a
            generator, `PyDataset`, PyTorch ``DataLoader``, ``tf.data.Dataset`` or other iterable of batches ``x``,
            ``(x, y)`` or ``(x, y, sample_weight)``.
        y : structure of arrays, optional
            Targets, with arrays as `x`.
        batch_size : int, optional
            Samples in a batch of arrays, by default 32.
        epochs : int, default 1
            Number of the epoch to train up to.
        verbose : {"auto", 0, 1, 2}
            Nothing, a progress bar, or a line for each epoch.
        callbacks : list of Callback, optional
        validation_split : float, default 0.0
            Fraction of the arrays' last samples that are not trained with but evaluated after each epoch.
        validation_data : tuple or source of batches, optional
            ``(x_val, y_val)`` or ``(x_val, y_val, sample_weight)`` to evaluate after each epoch.
        shuffle : bool or "batch", default True
            Whether each epoch has another order, of arrays' samples or, with ``"batch"``, batches.
        class_weight : dict from int to float, optional
            What losses of samples of each class are multiplied by.
        sample_weight : structure of arrays, optional
            What losses of the samples are multiplied by.
        initial_epoch : int, default 0
            Number of the epoch to begin with, to go on with a training.
        steps_per_epoch : int, optional
            Number of batches in an epoch, by default all.
        validation_steps : int, optional
            Number of batches to validate with, by default all.
        validation_batch_size : int, optional
            By default `batch_size`.
        validation_freq : int or sequence of int, default 1
            Validate after each so many epochs, or after these, counted from 1.

        Returns
        -------
        History
            Its ``history`` has the value of each log after each epoch.

        Raises
        ------
        ValueError
            If the model is not compiled, the data are empty or malformed, or arguments do not go together.

        Examples
        --------
        >>> import numpy as np
        >>> from dl_layers.core import Dense, Input
        >>> from dl_train import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
        >>> history = model.fit(x, 3 * x, epochs=2, verbose=0)
        >>> history.history["loss"][1] < history.history["loss"][0]
        True
        """
        self._check_compiled("fit")
        with backend_scope(self._own_backend()):
            if validation_split and validation_data is None:
                (x, y, sample_weight), validation_data = train_validation_split((x, y, sample_weight), validation_split)
            data = EpochIterator(
                make_adapter(x, y, sample_weight, batch_size, shuffle, class_weight), steps=steps_per_epoch
            )
            validation = self._validation_iterator(validation_data, validation_batch_size or batch_size, validation_steps)
            self._prepare(data)
            function = self.make_train_function()
            callback_list = self._callback_list(
                callbacks, verbose=verbose, epochs=epochs, steps=data.num_batches, add_history=True
            )
            self.stop_training = False
            self._remember_for_steps()
            try:
                callback_list.on_train_begin()
                logs: dict[str, Any] = {}
                for epoch in range(initial_epoch, epochs):
                    self.reset_metrics()
                    data.data.on_epoch_begin()
                    callback_list.on_epoch_begin(epoch)
                    logs = self._train_epoch(data, function, callback_list)
                    data.data.on_epoch_end()
                    if validation is not None and _is_due(epoch, validation_freq):
                        results = self._evaluate(validation, callback_list)
                        logs |= {f"val_{name}": value for name, value in results.items()}
                    callback_list.on_epoch_end(epoch, logs)
                    if self.stop_training:
                        break
                if self.optimizer is not None and epochs > initial_epoch:
                    self.optimizer.finalize_variable_values(self.trainable_variables)
                callback_list.on_train_end(logs)
            finally:
                self._forget_for_steps()
        return self.history  # type: ignore[no-any-return]  # set by the callback

    def _train_epoch(self, data: EpochIterator, function: Any, callbacks: CallbackList) -> dict[str, Any]:
        begins, ends = callbacks.batch_hooks("train")
        by_default = self._trains_by_default()
        result: Any = None
        step = 0
        if self.steps_per_execution > 1 and isinstance(function, StepFunction):
            groups = data.batches(self.steps_per_execution)
            runs = function.runs(groups, self.steps_per_execution)
            while True:
                for hook in begins:
                    hook(step, {})
                done = next(runs, None)
                if done is None:
                    break
                step, result = step + done[0], done[1]
                if ends:
                    self._end_batch(ends, step - 1, result, by_default)
                if self.stop_training:
                    break
        else:
            run = function.compiled() if isinstance(function, StepFunction) else function
            for batch in data.epoch():
                for hook in begins:
                    hook(step, {})
                result = run(*batch)
                if ends:
                    self._end_batch(ends, step, result, by_default)
                step += 1
                if self.stop_training:
                    break
        if step == 0:
            raise ValueError("fit(): there is no data: not a single batch")
        return self._final_logs(result, by_default)

    def _end_batch(self, hooks: Sequence[Any], step: int, result: Any, by_default: bool) -> None:
        logs = LazyLogs(self.get_metrics_result if by_default else lambda: self._results_or(result))
        for hook in hooks:
            hook(step, logs)
        if sys.getrefcount(logs) > 2:
            # somebody kept them to look later, when metrics have gone on
            logs.fill()

    def _results_or(self, result: Any) -> Mapping[str, Any]:
        """Logs of a step of the user's own."""
        if isinstance(result, Mapping):
            return result
        return self.get_metrics_result() if result is None else {"loss": result}

    def _final_logs(self, result: Any, by_default: bool) -> dict[str, Any]:
        results = self.get_metrics_result()
        if not by_default and isinstance(result, Mapping) and set(result) != set(results):
            results = dict(result)
        return to_numbers(results)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Iterable[Callback] | CallbackList | None = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Loss and metrics of the model on data.

        Parameters
        ----------
        x, y, batch_size, sample_weight
            As for `fit`.
        verbose : {"auto", 0, 1, 2}
        steps : int, optional
            Number of batches, by default all.
        callbacks : list of Callback, optional
        return_dict : bool, default False
            Whether results come by name.

        Returns
        -------
        float, list of float or dict from str to float

        Raises
        ------
        ValueError
            As `fit`.
        """
        if kwargs:
            raise TypeError(f"evaluate() got unexpected arguments {sorted(kwargs)}")
        self._check_compiled("evaluate")
        with backend_scope(self._own_backend()):
            data = EpochIterator(make_adapter(x, y, sample_weight, batch_size), steps=steps)
            self._prepare(data)
            callback_list = self._callback_list(callbacks, verbose=verbose, epochs=1, steps=data.num_batches)
            self._remember_for_steps()
            try:
                logs = self._evaluate(data, callback_list)
            finally:
                self._forget_for_steps()
        return logs if return_dict else self._flat_results(logs)

    def _evaluate(self, data: EpochIterator, callbacks: CallbackList) -> dict[str, Any]:
        function = self.make_test_function()
        by_default = self._tests_by_default()
        self.reset_metrics()
        callbacks.on_test_begin()
        begins, ends = callbacks.batch_hooks("test")
        run = function.compiled() if isinstance(function, StepFunction) else function
        result: Any = None
        step = 0
        data.data.on_epoch_begin()
        for batch in data.epoch():
            for hook in begins:
                hook(step, {})
            result = run(*batch)
            if ends:
                self._end_batch(ends, step, result, by_default)
            step += 1
            if getattr(self, "stop_evaluating", False):
                break
        data.data.on_epoch_end()
        if step == 0:
            raise ValueError("evaluate(): there is no data: not a single batch")
        logs = self._final_logs(result, by_default)
        callbacks.on_test_end(logs)
        return logs

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Iterable[Callback] | CallbackList | None = None,
    ) -> Any:
        """Outputs of the model for data.

        Parameters
        ----------
        x, batch_size
            As for `fit`; targets among the data are ignored.
        verbose : {"auto", 0, 1, 2}
        steps : int, optional
            Number of batches, by default all.
        callbacks : list of Callback, optional

        Returns
        -------
        structure of numpy.ndarray
            Like the model's outputs, for all samples.

        Raises
        ------
        ValueError
            If the data are empty or malformed.
        """
        with backend_scope(self._own_backend()):
            data = EpochIterator(make_adapter(x, batch_size=batch_size), steps=steps)
            self._prepare(data, optimizer=False)
            function = self.make_predict_function()
            callback_list = self._callback_list(callbacks, verbose=verbose, epochs=1, steps=data.num_batches)
            callback_list.on_predict_begin()
            begins, ends = callback_list.batch_hooks("predict")
            run = function.compiled() if isinstance(function, StepFunction) else function
            collected: list[list[Any]] = []
            structure: Any = None
            data.data.on_epoch_begin()
            for step, batch in enumerate(data.epoch()):
                for hook in begins:
                    hook(step, {})
                outputs = run(*batch)
                structure = outputs
                arrays = [None if leaf is None else convert_to_numpy(leaf) for leaf in tree.flatten(outputs)]
                collected.append(arrays)
                for hook in ends:
                    hook(step, {"outputs": tree.pack_sequence_as(outputs, arrays)})
                if getattr(self, "stop_predicting", False):
                    break
            data.data.on_epoch_end()
            callback_list.on_predict_end()
        if not collected:
            raise ValueError("predict(): there is no data: not a single batch")
        joined = [
            None if parts[0] is None else parts[0] if len(parts) == 1 else np.concatenate(parts)
            for parts in zip(*collected, strict=True)
        ]
        return tree.pack_sequence_as(structure, joined)

    # -- single batches -----------------------------------------------------------------------------------------

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Update the weights for one batch.

        Parameters
        ----------
        x, y, sample_weight : structure of arrays
        class_weight : dict from int to float, optional
        return_dict : bool, default False

        Returns
        -------
        float, list of float or dict from str to float
            Loss and metrics since they were last reset.
        """
        self._check_compiled("train_on_batch")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError("class_weight and sample_weight cannot be given both: multiply them yourself")
            sample_weight = ClassWeights(class_weight).of(y)
        return self._on_batch(self.make_train_function, self._trains_by_default(), x, y, sample_weight, return_dict)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False) -> Any:
        """Evaluate one batch; see `train_on_batch`."""
        self._check_compiled("test_on_batch")
        return self._on_batch(self.make_test_function, self._tests_by_default(), x, y, sample_weight, return_dict)

    def _on_batch(self, make: Any, by_default: bool, x: Any, y: Any, sample_weight: Any, return_dict: bool) -> Any:
        with backend_scope(self._own_backend()):
            batch = make_adapter(x, y, sample_weight, batch_size=sys.maxsize).peek()
            assert batch is not None
            build_for(self, batch)  # type: ignore[arg-type]  # a model
            logs = self._final_logs(make()(*batch), by_default)
        return logs if return_dict else self._flat_results(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """Outputs for one batch.

        Parameters
        ----------
        x : structure of arrays

        Returns
        -------
        structure of numpy.ndarray
        """
        with backend_scope(self._own_backend()):
            batch = make_adapter(x, batch_size=sys.maxsize).peek()
            assert batch is not None
            build_for(self, batch)  # type: ignore[arg-type]  # a model
            outputs = self.make_predict_function()(*batch)
        return tree.map_structure(lambda leaf: None if leaf is None else convert_to_numpy(leaf), outputs)

    # -- for the loops ------------------------------------------------------------------------------------------

    def _prepare(self, data: EpochIterator, *, optimizer: bool = True) -> None:
        """Build everything for the first batch."""
        batch = data.data.peek()
        if batch is None:
            raise ValueError("there is no data: not a single batch")
        build_for(self, batch, optimizer=optimizer)  # type: ignore[arg-type]  # a model

    def _remember_for_steps(self) -> None:
        """Look up once what every step needs, while the loop lasts."""
        state = self.__dict__
        state["_step_variables"] = self.trainable_variables
        layers = self._flatten_layers()  # type: ignore[attr-defined]  # a layer's
        penalized = any(variable.regularizer is not None for variable in self.trainable_variables)
        state["_loss_sources"] = (layers, penalized)

    def _forget_for_steps(self) -> None:
        self.__dict__.pop("_step_variables", None)
        self.__dict__.pop("_loss_sources", None)

    def _validation_iterator(self, data: Any, batch_size: int | None, steps: int | None) -> EpochIterator | None:
        if data is None:
            return None
        if isinstance(data, (tuple, list)):
            if not 1 <= len(data) <= 3:
                raise ValueError(f"validation_data must be x, (x, y) or (x, y, sample_weight), got {len(data)} parts")
            x, y, sample_weight = unpack_x_y_sample_weight(tuple(data))
            return EpochIterator(make_adapter(x, y, sample_weight, batch_size), steps=steps)
        return EpochIterator(make_adapter(data), steps=steps)

    def _callback_list(
        self, callbacks: Any, *, verbose: int | str, epochs: int, steps: int | None, add_history: bool = False
    ) -> CallbackList:
        if verbose not in ("auto", 0, 1, 2, True, False):
            raise ValueError(f'verbose={verbose!r}: expected "auto", 0, 1 or 2')
        if isinstance(callbacks, CallbackList):
            return callbacks
        return CallbackList(
            callbacks,
            add_history=add_history,
            add_progbar=verbose != 0,
            model=self,
            verbose=1 if verbose == "auto" else int(verbose),
            epochs=epochs,
            steps=steps,
        )


def _is_due(epoch: int, frequency: int | Sequence[int]) -> bool:
    if isinstance(frequency, int):
        if frequency < 1:
            raise ValueError(f"validation_freq={frequency}: expected a positive integer, or a list of epochs")
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency


def _with_loss_scaling(optimizer: Optimizer) -> Any:
    wrapper = getattr(optimizers, "LossScaleOptimizer", None)
    return optimizer if wrapper is None or isinstance(optimizer, wrapper) else wrapper(optimizer)
