"""Which variables an update changes, sorted into groups that are all treated alike."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from dl_ops.dtypes import promote
from dl_ops.variable import Variable


class Traits(NamedTuple):
    """What variables that are updated alike have in common, beside their dtype."""

    kind: Hashable
    """What the optimizer tells apart."""

    decays: bool
    """Whether weight decay applies."""

    rate_scale: float
    """Factor on the learning rate."""

    overwrites: bool
    """Whether the gradient itself is the new value."""


class Group(NamedTuple):
    """Variables of one dtype that are all updated in the same way, and so can be updated at once."""

    span: slice
    """Where they are among the plan's variables."""

    columns: list[list[Variable]]
    """For each kind of state, the variables that hold it."""

    dtype: str
    compute_dtype: str
    """Dtype of the arithmetic: at least float32, since moments and powers near one mean little in 16 bits."""

    traits: Traits


class Plan(NamedTuple):
    """The variables of one update, in the order of their groups."""

    order: list[int] | None
    """Positions of the variables in the caller's order; ``None`` if it is the same."""

    variables: list[Variable]
    slots: list[Variable]
    """State of all groups, column by column, then what is shared."""

    shared: list[Variable]
    """State that is not of one variable."""

    groups: list[Group]
    averages: list[Variable]
    accumulators: list[Variable]
    constrained: bool
    """Whether one of the variables has a constraint."""

    plain: bool
    """Whether all are updated alike by their gradients, with nothing else before or after that."""

    @property
    def touched(self) -> list[Variable]:
        """The variables and their state."""
        return self.variables + self.slots


def make_plan(
    variables: Sequence[Variable],
    slots: Callable[[Variable], Sequence[Variable]],
    shared: list[Variable],
    traits: Callable[[Variable], Traits],
    averages: Callable[[Variable], Variable] | None,
    accumulators: Callable[[Variable], Variable] | None,
) -> Plan:
    """Group variables for updates.

    Parameters
    ----------
    variables : sequence of Variable
        The ones that have a gradient.
    slots : callable
        From a variable to those that hold its state.
    shared : list of Variable
        State that is not of one variable.
    traits : callable
        What decides how a variable is updated.
    averages, accumulators : callable, optional
        From a variable to its moving average and to the sum of its gradients.

    Returns
    -------
    Plan
    """
    keys: dict[tuple[str, Traits], list[int]] = {}
    for i, variable in enumerate(variables):
        keys.setdefault((variable.dtype, traits(variable)), []).append(i)
    groups: list[Group] = []
    order: list[int] = []
    for (dtype, common), positions in keys.items():
        rows = [] if common.overwrites else [slots(variables[i]) for i in positions]
        columns = [list(column) for column in zip(*rows, strict=True)]
        span = slice(len(order), len(order) + len(positions))
        groups.append(Group(span, columns, dtype, promote(dtype, "float32"), common))
        order += positions
    sorted_variables = [variables[i] for i in order]
    constrained = any(variable.constraint is not None for variable in variables)
    alike = len(groups) == 1 and not groups[0].traits.overwrites and groups[0].traits.rate_scale != 0.0
    return Plan(
        order if len(groups) > 1 else None,
        sorted_variables,
        [*(variable for group in groups for column in group.columns for variable in column), *shared],
        shared,
        groups,
        [averages(variable) for variable in sorted_variables] if averages else [],
        [accumulators(variable) for variable in sorted_variables] if accumulators else [],
        constrained,
        alike and not (shared or averages or accumulators or constrained),
    )
