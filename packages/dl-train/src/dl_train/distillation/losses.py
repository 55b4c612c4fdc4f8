"""How far a student's outputs are from its teacher's."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any, Final

from dl_ops import ops, tree
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.rules import may_be_equal
from dl_ops.symbolic.inference import static_shape
from dl_train import losses
from dl_train.losses import LossFunctionWrapper
from dl_train.models import Functional, Model, Sequential
from dl_train.trainer.compile_loss import as_loss
from dl_train.trainer.outputs import Outputs

# losses of distributions: outputs become some first
_OF_PROBABILITIES: Final = (
    losses.categorical_crossentropy,
    losses.categorical_focal_crossentropy,
    losses.kl_divergence,
)


@public("keras.distillation.DistillationLoss")
class DistillationLoss:
    """Base class of distillation losses: a subclass defines `compute_loss`, and ``get_config`` to be saved.

    Examples
    --------
    >>> from dl_ops import ops
    >>> class Distance(DistillationLoss):
    ...     def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
    ...         return ops.mean(ops.absolute(teacher_outputs - student_outputs))
    >>> float(Distance().compute_loss(ops.ones((2, 3)), ops.zeros((2, 3))))
    1.0
    """

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        """Loss of a batch.

        Parameters
        ----------
        teacher_outputs, student_outputs : structure of tensors

        Returns
        -------
        tensor
            A scalar.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define compute_loss()")

    def validate_outputs(self, teacher_outputs: Any, student_outputs: Any) -> None:
        """Check that outputs can be compared.

        Parameters
        ----------
        teacher_outputs, student_outputs : structure of tensors
            Symbolic ones will do.

        Raises
        ------
        ValueError
            If there are not as many.
        """
        counts = len(tree.flatten(teacher_outputs)), len(tree.flatten(student_outputs))
        if counts[0] != counts[1]:
            raise ValueError(f"{type(self).__name__}: the teacher gives {counts[0]} output(s), the student {counts[1]}")

    def validate_model_compatibility(self, teacher: Model, student: Model) -> None:
        """Check that the models have what the loss needs; by default anything goes.

        Parameters
        ----------
        teacher, student : Model

        Raises
        ------
        ValueError
            If they do not.
        """


class _OutputLoss(DistillationLoss):
    """Sum of losses of the single outputs."""

    def __init__(self, loss: Any) -> None:
        self.loss = tree.map_structure(losses.get, loss)
        self._losses = tree.map_structure(lambda x: None if x is None else as_loss(x), self.loss)
        if all(x is None for x in tree.flatten(self._losses)):
            raise ValueError(f"{type(self).__name__}(loss={loss!r}): at least one loss must not be None")

    def compute_loss(self, teacher_outputs: Any, student_outputs: Any, **kwargs: Any) -> Any:
        self.validate_outputs(teacher_outputs, student_outputs)
        total: Any = 0.0
        triples = zip(
            self._per_output(student_outputs), tree.flatten(teacher_outputs), tree.flatten(student_outputs), strict=True
        )
        for loss, teacher_output, student_output in triples:
            if loss is not None:
                total = total + loss(*self._compared(loss, teacher_output, student_output))
        return total

    def validate_outputs(self, teacher_outputs: Any, student_outputs: Any) -> None:
        super().validate_outputs(teacher_outputs, student_outputs)
        pairs = zip(tree.flatten(teacher_outputs), tree.flatten(student_outputs), strict=True)
        for loss, (teacher_output, student_output) in zip(self._per_output(student_outputs), pairs, strict=True):
            shapes = static_shape(teacher_output), static_shape(student_output)
            # a loss of the user's own may compare what it likes
            if loss is not None and _is_ours(loss) and not may_be_equal(*shapes):
                raise ValueError(
                    f"{type(self).__name__}: {loss.name} compares outputs of one shape, "
                    f"the teacher's has {shapes[0]}, the student's {shapes[1]}"
                )

    def _per_output(self, outputs: Any) -> list[Any]:
        return Outputs(outputs).flat(self._losses, f"{type(self).__name__}(loss=…)")

    def _compared(self, loss: Any, teacher_output: Any, student_output: Any) -> tuple[Any, Any]:
        """What the loss of an output is computed from."""
        return teacher_output, student_output

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"loss": tree.map_structure(lambda x: None if x is None else serialize_keras_object(x), self.loss)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a loss from what `get_config` returned."""
        return cls(**{**config, "loss": deserialize_keras_object(config["loss"])})


def is_number(x: Any) -> bool:
    """Whether something is a real number, of Python or NumPy."""
    return isinstance(x, Real) and not isinstance(x, bool)


def _is_ours(loss: Any) -> bool:
    function = loss.fn if isinstance(loss, LossFunctionWrapper) else type(loss)
    return str(function.__module__).startswith("dl_train.")


@public("keras.distillation.LogitsDistillation")
class LogitsDistillation(_OutputLoss):
    """Loss between the final outputs of both models, divided by a temperature.

    Outputs are taken as logits. For a loss that compares distributions, ``"kl_divergence"`` and
    ``"categorical_crossentropy"``, their softmax is taken: a high temperature shows how likely the teacher finds the
    classes that it does not choose. Any other loss gets the divided logits themselves. (Keras 3.15 gives these to every
    loss, also to those of distributions.)

    Parameters
    ----------
    temperature : float, default 3.0
        What logits are divided by, greater than 0.
    loss : str, Loss or callable, or structure of them, default "kl_divergence"
        One loss, or one for each output; ``None`` for an output without.

    Raises
    ------
    ValueError
        If the temperature is not positive, or there is no loss.

    References
    ----------
    Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", arXiv:1503.02531. The factor
    ``temperature ** 2`` of its gradients is left to the weights of the `Distiller`.

    Examples
    --------
    >>> from dl_ops import ops
    >>> logits = ops.convert_to_tensor([[2.0, 0.0, -1.0]])
    >>> float(LogitsDistillation().compute_loss(logits, logits))
    0.0
    """

    def __init__(self, temperature: float = 3.0, loss: Any = "kl_divergence") -> None:
        if not is_number(temperature):
            raise ValueError(
                f"LogitsDistillation(temperature={temperature!r}): expected a number, got {type(temperature).__name__}"
            )
        if not temperature > 0:
            raise ValueError(f"LogitsDistillation(temperature={temperature}): expected a number greater than 0")
        self.temperature = temperature
        super().__init__(loss)

    def _compared(self, loss: Any, teacher_output: Any, student_output: Any) -> tuple[Any, Any]:
        teacher_output, student_output = teacher_output / self.temperature, student_output / self.temperature
        if getattr(loss, "fn", None) in _OF_PROBABILITIES:
            teacher_output = ops.softmax(teacher_output)
            if not loss.kwargs.get("from_logits", False):
                student_output = ops.softmax(student_output)
        return teacher_output, student_output

    def get_config(self) -> dict[str, Any]:
        return {"temperature": self.temperature, **super().get_config()}


@public("keras.distillation.FeatureDistillation")
class FeatureDistillation(_OutputLoss):
    """Loss between what layers inside the models give, or between the final outputs.

    Parameters
    ----------
    loss : str, Loss or callable, or structure of them, default "mse"
        One loss, or one for each of the layer's outputs; ``None`` for an output without.
    teacher_layer_name, student_layer_name : str, optional
        Layers of functional or sequential models; without a name, what the model returns.

    Raises
    ------
    ValueError
        If there is no loss.

    References
    ----------
    Romero et al., "FitNets: Hints for Thin Deep Nets", arXiv:1412.6550.

    Examples
    --------
    >>> from dl_ops import ops
    >>> float(FeatureDistillation("mae").compute_loss(ops.ones((2, 3)), ops.zeros((2, 3))))
    1.0
    """

    def __init__(
        self, loss: Any = "mse", teacher_layer_name: str | None = None, student_layer_name: str | None = None
    ) -> None:
        super().__init__(loss)
        self.teacher_layer_name, self.student_layer_name = teacher_layer_name, student_layer_name

    def validate_model_compatibility(self, teacher: Model, student: Model) -> None:
        for role, model, name in (
            ("teacher", teacher, self.teacher_layer_name),
            ("student", student, self.student_layer_name),
        ):
            if name is None:
                continue
            if not isinstance(model, (Functional, Sequential)):
                raise ValueError(
                    f"FeatureDistillation({role}_layer_name={name!r}): the {role} must be a functional or sequential "
                    f"model, {model.name!r} is a {type(model).__name__}; without names its outputs are compared"
                )
            if isinstance(model, Functional) or model.built:
                model.get_layer(name)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "teacher_layer_name": self.teacher_layer_name,
            "student_layer_name": self.student_layer_name,
        }
