"""A model that trains a student with what a teacher says."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from dl_ops import ops, tree
from dl_ops.backend import backend_scope
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.rules import may_be_equal
from dl_train.distillation.losses import DistillationLoss, is_number
from dl_train.losses.weighting import batch_size
from dl_train.metrics import Mean
from dl_train.models import Functional, Model, Sequential


@public("keras.distillation.Distiller")
class Distiller(Model):
    """Model that calls a student and trains it with targets and with a teacher's outputs.

    The loss is ``student_loss_weight`` times the student's own, that of `compile`, plus
    ``1 - student_loss_weight`` times the weighted sum of the distillation losses.

    Parameters
    ----------
    teacher : Model
        Is frozen: its ``trainable`` becomes False.
    student : Model
    distillation_losses : DistillationLoss or list of DistillationLoss
    distillation_loss_weights : list of float, optional
        By default 1 for each.
    student_loss_weight : float, default 0.5
        From 0 to 1. With 0 no targets are needed, with 1 the teacher is not asked.
    name : str, default "distiller"
    **kwargs
        As for `Model`.

    Attributes
    ----------
    student_loss_tracker, distillation_loss_tracker, total_loss_tracker : Mean
        Logged as ``student_loss``, ``distillation_loss`` and ``total_loss``.

    Raises
    ------
    ValueError
        If something is no model or loss, numbers do not match, or shapes of the models differ.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers import Dense, Input
    >>> from dl_train.distillation import LogitsDistillation
    >>> from dl_train.models import Sequential
    >>> teacher = Sequential([Input((4,)), Dense(32, "relu"), Dense(3)])
    >>> student = Sequential([Input((4,)), Dense(3)])
    >>> distiller = Distiller(teacher, student, LogitsDistillation(temperature=2.0), student_loss_weight=0.0)
    >>> distiller.compile("adam", loss="mse")
    >>> sorted(distiller.fit(np.ones((8, 4)), verbose=0).history)
    ['distillation_loss', 'loss', 'student_loss', 'total_loss']
    """

    _extractors: list[Functional | None]

    def __init__(
        self,
        teacher: Model,
        student: Model,
        distillation_losses: Any,
        distillation_loss_weights: Any = None,
        student_loss_weight: float = 0.5,
        name: str | None = "distiller",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        _check_models(teacher, student)
        single = isinstance(distillation_losses, DistillationLoss)
        self.distillation_losses = _checked_losses([distillation_losses] if single else distillation_losses)
        self.distillation_loss_weights = _checked_weights(distillation_loss_weights, self.distillation_losses)
        self.student_loss_weight = _checked_share(student_loss_weight)
        teacher.trainable = False
        self.teacher, self.student = teacher, student
        self._backend = student._own_backend()
        for loss in self.distillation_losses:
            loss.validate_model_compatibility(teacher, student)
        if all(_is_graph(model) for model in (teacher, student)):
            specs = [_features_of(m, self._names(i), m.output) for i, m in enumerate((teacher, student))]
            for loss, teacher_part, student_part in zip(self.distillation_losses, *specs, strict=True):
                loss.validate_outputs(teacher_part, student_part)
        with backend_scope(self._backend):
            self.student_loss_tracker = Mean(name="student_loss")
            self.distillation_loss_tracker = Mean(name="distillation_loss")
            self.total_loss_tracker = Mean(name="total_loss")
        # graphs of the models' own layers, which are no further parts
        self._untracked("_extractors", [_extractor(m, self._names(i)) for i, m in enumerate((teacher, student))])

    def _names(self, i: int) -> list[str | None]:
        """For each loss the layer it compares, of the teacher (0) or the student (1)."""
        attribute = ("teacher_layer_name", "student_layer_name")[i]
        return [getattr(loss, attribute, None) for loss in self.distillation_losses]

    def compile(  # type: ignore[override]  # Keras's signature
        self, optimizer: Any = "adam", loss: Any = None, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Say how the student is trained; see `Model.compile`.

        Parameters
        ----------
        optimizer : str, dict or Optimizer, default "adam"
        loss : str, Loss or callable, or list or dict of such
            Of the student's outputs and the targets.
        metrics : list or dict, optional
        **kwargs
            As for `Model.compile`.

        Raises
        ------
        ValueError
            If there is no loss.
        """
        if loss is None:
            raise ValueError("Distiller.compile(loss=None): the student needs a loss")
        super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **kwargs)

    def get_compile_config(self) -> dict[str, Any]:
        config = self._compile_config if self.compiled and type(self).compile is Distiller.compile else None
        return {} if config is None else {key: serialize_keras_object(value) for key, value in config.items()}

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile with what `get_compile_config` returned; not with Keras's, whose files do not have the loss."""
        if config.get("loss") is None:
            warnings.warn(f"the file does not say which loss {self.name!r} was compiled with: compile it", stacklevel=2)
            return
        self.compile(**deserialize_keras_object(dict(config)))
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    def call(self, inputs: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """Outputs of the student.

        Parameters
        ----------
        inputs : structure of tensors
        training : bool, optional
        **kwargs
            What else the student's ``call`` takes.

        Returns
        -------
        structure of tensors
        """
        extractor = self._extractors[1]
        if extractor is None or not training or kwargs or self.student_loss_weight == 1:
            return self.student(inputs, training=training, **kwargs)
        # once for outputs and features: another run would draw other dropouts and update normalizations again
        outputs, features = extractor(inputs, training=training)
        self.__dict__["_seen"] = (tree.flatten(outputs), features)
        return outputs

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Weighted sum of the student's loss and the distillation losses; see `Model.compute_loss`."""
        share = self.student_loss_weight
        own = super().compute_loss(x, y, y_pred, sample_weight, training) if share > 0 else ops.zeros(())
        distilled = self._distillation_loss(x, y_pred, training) if share < 1 else ops.zeros(())
        total = share * own + (1.0 - share) * distilled
        samples = batch_size(tree.flatten(y_pred)[0])
        for tracker, value in (
            (self.student_loss_tracker, own),
            (self.distillation_loss_tracker, distilled),
            (self.total_loss_tracker, total),
        ):
            tracker.update_state(value, sample_weight=samples)
        return total

    def _distillation_loss(self, x: Any, y_pred: Any, training: bool) -> Any:
        teacher, student = self._extractors
        if teacher is None:
            said = [self.teacher(x, training=False)] * len(self.distillation_losses)
        else:
            said = teacher(x, training=False)[1]
        said = tree.map_structure(ops.stop_gradient, said)
        done = [y_pred] * len(self.distillation_losses) if student is None else self._features(x, y_pred, training)
        total: Any = 0.0
        for loss, weight, wanted, given in zip(
            self.distillation_losses, self.distillation_loss_weights, said, done, strict=True
        ):
            total = total + weight * loss.compute_loss(wanted, given)
        return total

    def _features(self, x: Any, y_pred: Any, training: bool) -> Any:
        """Features of the call that gave `y_pred`, if it was one for training."""
        outputs, features = self.__dict__.pop("_seen", ([], None))
        flat = tree.flatten(y_pred)
        if len(outputs) == len(flat) and all(a is b for a, b in zip(outputs, flat, strict=True)):
            return features
        extractor = self._extractors[1]
        assert extractor is not None
        return extractor(x, training=training)[1]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize_keras_object(self.dtype_policy),
            "teacher": serialize_keras_object(self.teacher),
            "student": serialize_keras_object(self.student),
            "distillation_losses": [serialize_keras_object(loss) for loss in self.distillation_losses],
            "distillation_loss_weights": list(self.distillation_loss_weights),
            "student_loss_weight": self.student_loss_weight,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make a distiller from what `get_config` returned.

        Parameters
        ----------
        config : dict
        custom_objects : mapping from name to class or function, optional

        Returns
        -------
        Distiller
        """
        return cls(**{key: deserialize_keras_object(value, custom_objects) for key, value in config.items()})


# -- the graphs that give outputs and features -------------------------------------------------------------------------


def _is_graph(model: Model) -> bool:
    return isinstance(model, Functional) or (isinstance(model, Sequential) and model.built)


def _features_of(model: Model, names: Sequence[str | None], outputs: Any) -> list[Any]:
    return [outputs if name is None else model.get_layer(name).output for name in names]


def _extractor(model: Model, names: Sequence[str | None]) -> Functional | None:
    """Model of outputs and features; ``None`` where only outputs are compared."""
    if all(name is None for name in names):
        return None
    return Functional(model.input, [model.output, _features_of(model, names, model.output)])


# -- arguments ---------------------------------------------------------------------------------------------------------


def _check_models(teacher: Any, student: Any) -> None:
    for role, model in (("teacher", teacher), ("student", student)):
        if not isinstance(model, Model):
            raise ValueError(f"Distiller({role}={model!r}): expected a model, got {type(model).__name__}")
    if not (_is_graph(teacher) and _is_graph(student)):
        return
    for what in ("input", "output"):
        shapes = [[x.shape for x in tree.flatten(getattr(model, what))] for model in (teacher, student)]
        fits = len(shapes[0]) == len(shapes[1]) and all(map(may_be_equal, *shapes))
        if not fits:
            raise ValueError(f"Distiller: {what}s of the teacher have shapes {shapes[0]}, of the student {shapes[1]}")


def _checked_losses(given: Any) -> list[Any]:
    if not isinstance(given, (list, tuple)) or not all(isinstance(loss, DistillationLoss) for loss in given):
        raise ValueError(f"Distiller(distillation_losses={given!r}): expected a DistillationLoss, or a list of such")
    return list(given)


def _checked_weights(given: Any, losses: Sequence[Any]) -> list[float]:
    if given is None:
        return [1.0] * len(losses)
    weights = list(given) if isinstance(given, (list, tuple)) else [given]
    if len(weights) != len(losses) or not all(map(is_number, weights)):
        raise ValueError(
            f"Distiller(distillation_loss_weights={given!r}): expected a number for each of {len(losses)} losses"
        )
    return weights


def _checked_share(given: Any) -> float:
    if not is_number(given) or not 0 <= given <= 1:
        raise ValueError(f"Distiller(student_loss_weight={given!r}): expected a number from 0 to 1")
    return float(given)
