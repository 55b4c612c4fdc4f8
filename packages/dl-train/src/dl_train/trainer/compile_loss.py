"""The loss that ``compile()`` was given: one function, or one for each output, weighted and summed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from dl_ops import tree
from dl_train import losses
from dl_train.losses import Loss, LossFunctionWrapper
from dl_train.losses.weighting import batch_size
from dl_train.metrics import Mean, Metric
from dl_train.trainer.outputs import Outputs, free_name


class _Term(NamedTuple):
    """Loss of one output."""

    output: int
    function: Callable[..., Any]
    weight: Any
    tracker: Mean | None


class CompileLoss:
    """Weighted sum of the outputs' losses.

    Parameters
    ----------
    loss : str, Loss, callable, or list or dict of such
        One for all outputs, or one for each; ``None`` for an output without.
    loss_weights : float, or list or dict of float, optional
    output_names : sequence of str, optional

    Raises
    ------
    ValueError
        If a name is unknown, or, when it is called, if losses or targets do not match the outputs.
    """

    def __init__(self, loss: Any, loss_weights: Any = None, output_names: Sequence[str] | None = None) -> None:
        for item in tree.flatten(loss):
            if item is not None:
                losses.get(item)
        for weight in tree.flatten(loss_weights):
            if weight is not None and not isinstance(weight, (int, float)):
                raise ValueError(f"loss_weights must be numbers, got {weight!r} of type {type(weight).__name__}")
        self._loss, self._weights, self._output_names = loss, loss_weights, output_names
        self._outputs: Outputs | None = None
        self._terms: list[_Term] = []

    @property
    def built(self) -> bool:
        """Whether it knows the model's outputs."""
        return self._outputs is not None

    @property
    def metrics(self) -> list[Metric]:
        """Means of the single outputs' losses, if there are several."""
        return [term.tracker for term in self._terms if term.tracker is not None]

    def build(self, y_pred: Any) -> None:
        """Match losses with outputs.

        Parameters
        ----------
        y_pred : structure of tensors
            Symbolic ones will do.
        """
        outputs = Outputs(y_pred, self._output_names)
        pairs = outputs.pairs(self._loss, "loss", broadcast=True)
        used = [(i, function) for i, function in pairs if function is not None]
        one_for_all = outputs.single or isinstance(self._weights, (int, float))
        weights = outputs.flat(self._weights, "loss_weights", broadcast=one_for_all, complete=False)
        self._terms, names = [], set[str]()
        for i, identifier in used:
            loss = as_loss(identifier)
            name = identifier if isinstance(identifier, str) else loss.name
            name = free_name(f"{outputs.name_for_loss(i, name)}_loss", names)
            names.add(name)
            self._terms.append(_Term(i, loss, weights[i], Mean(name=name) if len(used) > 1 else None))
        self._outputs = outputs

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Total loss.

        Parameters
        ----------
        y_true : structure of tensors
            Like the outputs, a list in their order or a dictionary by their names.
        y_pred : structure of tensors
        sample_weight : structure of tensors, optional
            One for all outputs, or one for each.

        Returns
        -------
        tensor or None
            ``None`` if no output has a loss.
        """
        if self._outputs is None:
            self.build(y_pred)
        outputs = self._outputs
        assert outputs is not None
        targets, predictions, weights = outputs.triples(y_true, y_pred, sample_weight)
        total = None
        for index, function, weight, tracker in self._terms:
            target = targets[index]
            if target is None:
                if y_true is None and len(self._terms) == 1 and outputs.single:
                    raise ValueError("the model was compiled with a loss, but there are no targets y")
                continue
            value = function(target, predictions[index], weights[index])
            if tracker is not None:
                tracker.update_state(value, sample_weight=batch_size(predictions[index]))
            if weight is not None:
                value = value * weight
            total = value if total is None else total + value
        return total


def as_loss(identifier: Any) -> Loss:
    """Loss of what `losses.get` accepts; a function is wrapped."""
    loss = losses.get(identifier)
    if isinstance(loss, Loss):
        return loss
    assert loss is not None
    return LossFunctionWrapper(loss, name=getattr(loss, "__name__", type(loss).__name__))
