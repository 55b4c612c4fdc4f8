"""What a subclass of `Optimizer` says of its algorithm."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

from dl_ops.typing import Tensor
from dl_ops.variable import Variable
from dl_train.optimizers.state import OptimizerState


class NoState(NamedTuple):
    """State of an optimizer that keeps none for a variable."""


class NativeStep(NamedTuple):
    """What backends that have it call an optimizer's `step`."""

    name: str
    options: tuple[str, ...] = ()
    """The optimizer's attributes that it depends on."""


class OptimizerAlgorithm(OptimizerState):
    """The state that is kept for variables, and the pure step from it; all but `step` have defaults."""

    state_type: ClassVar[Callable[..., Any]] = NoState
    """NamedTuple in which `step` gets and returns the state, its fields in the order of `slots`."""

    native_step: ClassVar[NativeStep | None] = None
    """`step` among ``Backend.optimizer_steps``."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "step" in vars(cls) and "native_step" not in vars(cls):
            cls.native_step = None  # the base's, and not of this step

    # -- what a subclass says -----------------------------------------------------------------------------------

    def slots(self) -> Sequence[Sequence[str]]:
        """Names of the state that is kept for each variable.

        Returns
        -------
        sequence of sequence of str
            The first sequence's are created for all variables, then the next one's: an order that files depend on.
        """
        return ()

    def create_slots(self, variable: Variable, names: Sequence[str]) -> Sequence[Variable]:
        """Create what is kept for a variable under some of the names in `slots`.

        Returns
        -------
        sequence of Variable
            The ones that `step` gets: all but what is kept for the sake of files alone.
        """
        return [self.add_variable_from_reference(variable, name, self.initial_slot(variable, name)) for name in names]

    def initial_slot(self, variable: Variable, name: str) -> Any:
        """Initializer of the state `name` of a variable."""
        return "zeros"

    def shared_slots(self) -> Mapping[str, float]:
        """Names and first values of scalars that are kept once for all variables."""
        return {}

    def advance_shared(self, shared: Sequence[Tensor], t: Tensor) -> Sequence[Tensor]:
        """New values of `shared_slots` at step `t`; `step` gets them at the end of its state, and returns none."""
        return shared

    def kind_of(self, variable: Variable) -> Hashable:
        """What tells variables apart that `step` treats differently; by default how much state they have."""
        return len(self._slots[id(variable)])

    def weight_decay_of(self, kind: Hashable) -> float | None:
        """Weight decay of variables of a kind."""
        return self.weight_decay

    def is_elementwise(self, kind: Hashable) -> bool:
        """Whether `step` treats each element of a variable on its own, and so may be given many variables at once."""
        return True

    def state_of(self, slots: Sequence[Any]) -> Any:
        """What `step` gets as its state; what it returns has the same order, without what is ``None``."""
        return self.state_type(*slots)

    def step_size(self, t: Tensor, rate: Tensor) -> Tensor:
        """What `step` gets as its rate: for what depends on `t` and `rate` alone, the same for all variables."""
        return rate

    def step(self, grad: Tensor, value: Tensor, state: Any, t: Tensor, rate: Tensor) -> tuple[Tensor, Any]:
        """What to subtract from a variable, and its new state: a pure function.

        It is written with operators and ops. All tensors have one dtype, float32 or wider; where `is_elementwise`, they
        stand for many variables at once on some backends.

        Parameters
        ----------
        grad, value : tensor, shape (...)
            Of the variable.
        state : state_type
        t : float, or tensor of shape ()
            Number of the step, counted from 1.
        rate : float, or tensor of shape ()
            Learning rate, or what `step_size` makes of it.

        Returns
        -------
        update : tensor, shape (...)
        state : state_type
        """
        raise NotImplementedError(f"{type(self).__name__} has neither step() nor update_step()")
