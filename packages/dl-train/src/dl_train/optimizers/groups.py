"""Variables that an optimizer treats otherwise than the rest: without weight decay, with another learning rate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from dl_ops.variable import Variable
from dl_train.optimizers.checks import is_number
from dl_train.optimizers.plan import Plan


class RateScale(NamedTuple):
    """Factor on the learning rate of some variables."""

    factor: float
    variables: list[Variable]

    names: list[re.Pattern[str]]
    """Searched for in the paths of others."""

    def holds_for(self, variable: Variable) -> bool:
        """Whether a variable is one of them."""
        return any(v is variable for v in self.variables) or any(name.search(variable.path) for name in self.names)

    def config(self) -> dict[str, Any]:
        """Arguments of `scale_learning_rate` for an optimizer of other variables of the same paths."""
        paths = [f"^{re.escape(variable.path)}$" for variable in self.variables]
        return {"factor": self.factor, "var_names": [*paths, *(name.pattern for name in self.names)]}


class VariableGroups:
    """The part of an optimizer that knows which variables are exceptions."""

    _plans: dict[tuple[int, ...], Plan]
    """What has been worked out for variables, which holds until one becomes an exception."""

    def __init__(self) -> None:
        self._undecayed: list[Variable] = []
        self._undecayed_names: list[re.Pattern[str]] = []
        self._rate_scales: list[RateScale] = []

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Leave variables out of weight decay.

        Parameters
        ----------
        var_list : iterable of Variable, optional
        var_names : iterable of str, optional
            Regular expressions, searched for in the variables' names: ``["bias"]``.
        """
        self._undecayed += list(var_list or ())
        self._undecayed_names += [re.compile(name) for name in var_names or ()]
        self._plans.clear()

    def _is_undecayed(self, variable: Variable) -> bool:
        listed = any(v is variable for v in self._undecayed)
        return listed or any(name.search(variable.name) for name in self._undecayed_names)

    def scale_learning_rate(
        self, factor: float, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Give variables a learning rate that is a multiple of the others'; Keras has nothing like it.

        Of several calls that name a variable, the last one holds. Weight decay, which is proportional to the learning
        rate, is scaled with it. The configuration keeps what was asked for, and Keras cannot read that part of it.

        Parameters
        ----------
        factor : float
            Not negative; with zero the variables stay as they are.
        var_list : iterable of Variable, optional
        var_names : iterable of str, optional
            Regular expressions, searched for in the variables' paths: ``["encoder/"]``.

        Raises
        ------
        ValueError
            If `factor` is no such number, or neither variables nor names are given.

        Examples
        --------
        >>> from dl_ops import ops
        >>> from dl_train.optimizers import SGD
        >>> optimizer = SGD(1.0)
        >>> optimizer.scale_learning_rate(0.1, var_names=["bias$"])
        >>> kernel, bias = Variable([0.0], name="kernel"), Variable([0.0], name="bias")
        >>> optimizer.apply([ops.ones(1), ops.ones(1)], [kernel, bias])
        >>> kernel.numpy().tolist(), bias.numpy().astype("float64").round(3).tolist()
        ([-1.0], [-0.1])
        """
        if not (is_number(factor) and factor >= 0):
            raise ValueError(f"scale_learning_rate(factor={factor!r}): expected a number that is not negative")
        if var_list is None and var_names is None:
            raise ValueError("scale_learning_rate(): expected var_list or var_names, to say whose learning rate")
        names = [re.compile(name) for name in var_names or ()]
        self._rate_scales.append(RateScale(float(factor), list(var_list or ()), names))
        self._plans.clear()

    def _rate_scale(self, variable: Variable) -> float:
        return next((scale.factor for scale in reversed(self._rate_scales) if scale.holds_for(variable)), 1.0)
