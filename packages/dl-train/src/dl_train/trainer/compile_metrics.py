"""The metrics that ``compile()`` was given, for each output, with or without sample weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from dl_ops import tree
from dl_ops.scopes import StatelessScope, symbolic_scope
from dl_ops.symbolic import KerasTensor
from dl_ops.symbolic.inference import static_shape
from dl_train.metrics import Metric
from dl_train.metrics.resolve import metric_for
from dl_train.trainer.outputs import Outputs, free_name


class _Entry(NamedTuple):
    """A metric of one output."""

    output: int
    name: str
    metric: Metric
    weighted: bool


class CompileMetrics:
    """Metrics of the outputs.

    Parameters
    ----------
    metrics, weighted_metrics : list, dict or None
        For one output a list of metrics; for several, a list or dictionary of such lists.
    output_names : sequence of str, optional

    Raises
    ------
    ValueError
        When it is built, if metrics or targets do not match the outputs.
    """

    def __init__(self, metrics: Any, weighted_metrics: Any, output_names: Sequence[str] | None = None) -> None:
        for argument, given in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            if given is not None and not isinstance(given, (list, tuple, dict)):
                raise ValueError(f"compile({argument}={given!r}): expected a list or dictionary of metrics")
        self._given = (("metrics", metrics, False), ("weighted_metrics", weighted_metrics, True))
        self._output_names = output_names
        self._outputs: Outputs | None = None
        self._entries: list[_Entry] = []

    @property
    def built(self) -> bool:
        """Whether it knows the model's outputs."""
        return self._outputs is not None

    @property
    def metrics(self) -> list[Metric]:
        """The metrics, once it is built."""
        return list({id(entry.metric): entry.metric for entry in self._entries}.values())

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Match metrics with outputs, and find out what ``"accuracy"`` means for each.

        Parameters
        ----------
        y_true, y_pred : structure of tensors
            Symbolic ones will do.
        """
        outputs = Outputs(y_pred, self._output_names)
        targets, predictions = outputs.flat(y_true, "y", complete=False), tree.flatten(y_pred)
        for argument, given, weighted in self._given:
            for i, identifiers in enumerate(self._per_output(outputs, given, argument)):
                for identifier in identifiers:
                    shapes = [() if x is None else static_shape(x) for x in (targets[i], predictions[i])]
                    metric = metric_for(identifier, *shapes)
                    if metric is not None:
                        name = self._free_name(outputs.metric_prefix(i), metric.name, weighted)
                        self._entries.append(_Entry(i, name, metric, weighted))
                        _create_variables(metric, targets[i], predictions[i])
        self._outputs = outputs

    def _per_output(self, outputs: Outputs, given: Any, argument: str) -> list[list[Any]]:
        if given is None:
            return [[]] * outputs.count
        if outputs.single and isinstance(given, (list, tuple)):
            # [m, n], or [[m, n]] as for several outputs
            given = given[0] if len(given) == 1 and isinstance(given[0], (list, tuple)) else given
            return [list(given)]
        entries = outputs.flat(given, argument, complete=False)
        return [
            list(entry) if isinstance(entry, (list, tuple)) else [] if entry is None else [entry] for entry in entries
        ]

    def _free_name(self, prefix: str, name: str, weighted: bool) -> str:
        taken = {entry.name for entry in self._entries}
        if weighted and prefix + name in {entry.name for entry in self._entries if not entry.weighted}:
            name = f"weighted_{name}"
        return free_name(prefix + name, taken)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        if self._outputs is None:
            self.build(y_true, y_pred)
        outputs = self._outputs
        assert outputs is not None
        targets, predictions, weights = outputs.triples(y_true, y_pred, sample_weight)
        for index, _, metric, weighted in self._entries:
            if targets[index] is None:
                continue
            if weighted and weights[index] is not None:
                metric.update_state(targets[index], predictions[index], sample_weight=weights[index])
            else:
                metric.update_state(targets[index], predictions[index])

    def result(self) -> dict[str, Any]:
        """Results by name."""
        results: dict[str, Any] = {}
        for _, name, metric, _ in self._entries:
            value = metric.result()
            results.update(value if isinstance(value, dict) else {name: value})
        return results


def _create_variables(metric: Metric, y_true: Any, y_pred: Any) -> None:
    """Let a metric create the variables whose shapes a batch tells, since a compiled step cannot: by an update with
    symbolic tensors that changes nothing.
    """
    if y_true is None or not isinstance(y_pred, KerasTensor):
        return
    with symbolic_scope(), StatelessScope():
        try:
            metric.update_state(y_true, y_pred)
            metric.reset_state()  # what a user's metric keeps beside its variables
        except Exception:  # whatever it is, the update with the batch shows it with the real cause, or works
            pass
