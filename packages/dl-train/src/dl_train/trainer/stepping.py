"""The steps of training, testing and predicting, which users override."""

from __future__ import annotations

import warnings
from typing import Any

from dl_layers.layer.context import context
from dl_ops import ops, tree
from dl_train.data import unpack_x_y_sample_weight
from dl_train.losses.weighting import batch_size
from dl_train.trainer.measuring import Measuring
from dl_train.trainer.steps import StepFunction, predict_function, test_function, train_function


class Stepping(Measuring):
    """The part of a trainer that handles one batch."""

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
        first = x if hasattr(x, "shape") else next(leaf for leaf in tree.flatten(x) if leaf is not None)
        samples = batch_size(first)
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
        return cls.train_step is Stepping.train_step and cls.compute_metrics is Measuring.compute_metrics

    def _tests_by_default(self) -> bool:
        cls = type(self)
        return cls.test_step is Stepping.test_step and cls.compute_metrics is Measuring.compute_metrics

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
        model: Any = self
        measures = attribute != "predict_function"
        stale = isinstance(function, StepFunction) and not function.fits(model, measures=measures)
        if function is None or force or stale:
            function = make(model)
            object.__setattr__(self, attribute, function)
        return function
