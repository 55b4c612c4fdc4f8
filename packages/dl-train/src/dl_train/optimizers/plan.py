"""Which variables an update changes, sorted into groups that are all treated alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from dl_ops.dtypes import promote
from dl_ops.variable import Variable


class Group(NamedTuple):
    """Variables of one dtype that are all updated in the same way, and so can be updated at once."""

    span: slice
    """Where they are among the plan's variables."""

    columns: list[list[Variable]]
    """For each kind of state, the variables that hold it."""

    dtype: str
    compute_dtype: str
    """Dtype of the arithmetic: at least float32, since moments and powers near one mean little in 16 bits."""

    decays: bool
    """Whether weight decay applies."""

    overwrites: bool
    """Whether the gradient itself is the new value."""


class Plan(NamedTuple):
    """The variables of one update, in the order of their groups."""

    order: list[int] | None
    """Positions of the variables in the caller's order; ``None`` if it is the same."""

    variables: list[Variable]
    slots: list[Variable]
    """State of all groups, column by column."""

    groups: list[Group]
    averages: list[Variable]
    accumulators: list[Variable]
    constrained: bool
    """Whether one of the variables has a constraint."""


def make_plan(
    variables: Sequence[Variable],
    slots: Callable[[Variable], Sequence[Variable]],
    decays: Callable[[Variable], bool],
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
    decays : callable
        Whether weight decay applies to a variable.
    averages, accumulators : callable, optional
        From a variable to its moving average and to the sum of its gradients.

    Returns
    -------
    Plan
    """
    keys: dict[tuple[str, bool, bool], list[int]] = {}
    for i, variable in enumerate(variables):
        keys.setdefault((variable.dtype, decays(variable), variable.overwrite_with_gradient), []).append(i)
    groups: list[Group] = []
    order: list[int] = []
    for (dtype, decay, overwrites), positions in keys.items():
        rows = [] if overwrites else [slots(variables[i]) for i in positions]
        columns = [list(column) for column in zip(*rows, strict=True)]
        span = slice(len(order), len(order) + len(positions))
        groups.append(Group(span, columns, dtype, promote(dtype, "float32"), decay, overwrites))
        order += positions
    sorted_variables = [variables[i] for i in order]
    return Plan(
        order if len(groups) > 1 else None,
        sorted_variables,
        [variable for group in groups for column in group.columns for variable in column],
        groups,
        [averages(variable) for variable in sorted_variables] if averages else [],
        [accumulators(variable) for variable in sorted_variables] if accumulators else [],
        any(variable.constraint is not None for variable in variables),
    )
