"""Rules of kernels whose gradients come from one computation, so that the first rule leaves them for the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from dl_backend_numpy.default import default
from dl_backend_numpy.tape import engine
from dl_backend_numpy.tape.kinds import Kernel, Rule, Rules
from dl_backend_numpy.tape.traced import Traced

Gradients: TypeAlias = Callable[..., Sequence[Any]]
"""From ``(what was saved, gradient, output, *arguments)`` to a gradient for each of the first arguments, or a function
that computes it where that is dear and often not asked for. What was saved is used up.
"""


class Computation:
    """What is kept of a kernel's call, and its gradients for the last gradient of the output."""

    def __init__(self, function: Callable[..., tuple[Any, Any]], saved: Any) -> None:
        self.function, self.saved = function, saved
        self.upstream: Any = None
        self.gradients: list[Any] = []

    def take(self, args: Sequence[Any], options: Any) -> Any:
        """What was saved, computed again if gradients have used it up."""
        saved = self.function(*args, **options)[1] if self.saved is None else self.saved
        self.saved = None
        return saved


def saving(function: Callable[..., tuple[Any, Any]]) -> Kernel:
    """The kernel of the table `SAVING` from one that gives a result and what is to be saved."""

    def run(*args: Any, **kwargs: Any) -> Any:
        output, saved = function(*args, **kwargs)
        return output, Computation(function, saved)

    return run


def rules(name: str, count: int, options: int, gradients: Gradients) -> Rules:
    """Rules of an op whose first `count` arguments are differentiated, and some `options` that follow are not.

    To be differentiated again, the default is differentiated in the place of `gradients`.
    """

    def rule(position: int) -> Rule:
        def apply(g: Any, y: Any, *args: Any, saved: Computation | None = None, **more: Any) -> Any:
            if saved is None:
                return _of_default(name, g, args, more, count)[position]
            # the engine hands the same gradient to all rules of a call
            if saved.upstream is not g:
                given = g if isinstance(g, (list, tuple)) else (g,)
                if Traced in map(type, (*given, *args[:count])):
                    found = _of_default(name, g, args, more, count)
                else:
                    found = gradients(saved.take(args, more), g, y, *args, **more)
                saved.upstream, saved.gradients = g, list(found)
            gradient = saved.gradients[position]
            return gradient() if callable(gradient) else gradient

        return apply

    return (*map(rule, range(count)), *(None,) * options)


def _of_default(name: str, g: Any, args: Sequence[Any], options: Any, count: int) -> Sequence[Any]:
    """Gradients for the first arguments by differentiating the op's default, which can be done again and again;
    ``None`` for those that are not there.
    """
    places = [i for i, x in enumerate(args[:count]) if x is not None]

    def run(*tensors: Any) -> tuple[Any, None]:
        filled = list(args)
        for i, x in zip(places, tensors, strict=True):
            filled[i] = x
        results = default(name, *filled, **options)
        return list(results) if isinstance(results, (list, tuple)) else [results], None

    _, _, pullback = engine.vjp(run, [args[i] for i in places])
    found: list[Any] = [None] * count
    for i, gradient in zip(places, pullback(list(g) if isinstance(g, (list, tuple)) else [g]), strict=True):
        found[i] = gradient
    return found
