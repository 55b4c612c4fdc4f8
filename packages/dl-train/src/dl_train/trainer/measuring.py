"""Loss and metrics of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable
from dl_train.trainer.compiling import Compiling


class Measuring(Compiling):
    """The part of a trainer that computes losses and metrics."""

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
        lists, penalized = sources
        return self.losses if penalized or any(lists) else []

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

    # -- metrics -----------------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """The running loss, metrics it was compiled with, those that the model and layers have, and outputs' losses."""
        found: list[Any] = []
        if self.compiled and self._loss_tracker is not None and self._compile_loss is not None:
            found.append(self._loss_tracker)
        if self._compile_metrics is not None:
            found += self._compile_metrics.metrics
        found += super().metrics  # type: ignore[misc]  # a layer's
        if self._compile_loss is not None:
            found += self._compile_loss.metrics
        return list({id(metric): metric for metric in found}.values())

    @property
    def metrics_names(self) -> list[str]:
        """Names of the metrics."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Let all metrics begin anew."""
        for metric in self._known_metrics():
            metric.reset_state()

    def _known_metrics(self) -> list[Any]:
        """All metrics, which in a loop have been looked up before."""
        known: list[Any] | None = self.__dict__.get("_step_metrics")
        return self.metrics if known is None else known

    def get_metrics_result(self) -> dict[str, Any]:
        """Values of all metrics by name.

        Returns
        -------
        dict from str to tensor
        """
        results: dict[str, Any] = {}
        own = {id(m) for m in self._compile_metrics.metrics} if self._compile_metrics is not None else set()
        for metric in self._known_metrics():
            if id(metric) in own:
                continue
            value = metric.result()
            results.update(value if isinstance(value, dict) else {metric.name: value})
        if self._compile_metrics is not None:
            results.update(self._compile_metrics.result())
        return results

    def _flat_results(self, logs: Mapping[str, Any]) -> Any:
        """Results as evaluate() returns them without names: in the order of the metrics, then by name."""
        order = dict.fromkeys([*(metric.name for metric in self._known_metrics() if metric.name in logs), *logs])
        values = [logs[name] for name in order]
        return values[0] if len(values) == 1 else values
