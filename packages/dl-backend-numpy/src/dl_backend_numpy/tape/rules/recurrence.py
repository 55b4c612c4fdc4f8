"""Rules of recurrent networks: all gradients come from one way back, so the first rule leaves them for the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from dl_backend_numpy.nn import recurrence
from dl_backend_numpy.tape import engine
from dl_backend_numpy.tape.kinds import Kernel, Rule, Rules
from dl_backend_numpy.tape.traced import Traced


class _Computation:
    """What is kept of a network's run, and its gradients for the last gradient of the outputs."""

    def __init__(self, saved: recurrence.Saved | None) -> None:
        self.saved = saved
        self.upstream: Any = None
        self.gradients: Sequence[Any] = ()


def _saving(function: Any) -> Kernel:
    def run(*args: Any, **kwargs: Any) -> Any:
        output, saved = function(*args, **kwargs)
        return output, _Computation(saved)

    return run


def _gradients(name: str, states: int, g: Any, args: Sequence[Any], options: Any, saved: _Computation) -> Sequence[Any]:
    """Gradients for all tensors among the arguments, ``None`` for the rest."""
    count = states + 4
    tensors = [x for x in args[:count] if x is not None]
    if saved.saved is None or any(type(x) is Traced for x in (*g, *tensors)):
        return _of_default(name, g, args, options, count)
    kernel, recurrent_kernel = args[states + 1 : states + 3]
    x, of_kernel, of_recurrent, bias, *first = recurrence.GRADIENTS[name](saved.saved, g, kernel, recurrent_kernel)
    return [x, *first, of_kernel, of_recurrent, bias]


def _of_default(name: str, g: Any, args: Sequence[Any], options: Any, count: int) -> Sequence[Any]:
    """The same by differentiating the op's default, which can be done again and again."""
    places = [i for i, x in enumerate(args[:count]) if x is not None]

    def run(*tensors: Any) -> tuple[Any, None]:
        filled = list(args)
        for i, x in zip(places, tensors, strict=True):
            filled[i] = x
        return list(recurrence.default(name, *filled, *options.values())), None

    _, _, pullback = engine.vjp(run, [args[i] for i in places])
    found: list[Any] = [None] * count
    for i, gradient in zip(places, pullback(list(g)), strict=True):
        found[i] = gradient
    return found


def _rules(name: str, states: int) -> Rules:
    def rule(position: int) -> Rule:
        def apply(g: Any, y: Any, *args: Any, saved: _Computation | None = None, **options: Any) -> Any:
            if saved is None:
                return _of_default(name, g, args, options, states + 4)[position]
            # the engine hands the same list to all rules of a call
            if saved.upstream is not g:
                saved.upstream, saved.gradients = g, _gradients(name, states, g, args, options, saved)
            return saved.gradients[position]

        return apply

    # inputs, states, two kernels and a bias; no mask, no option
    return (*map(rule, range(states + 4)), None, None)


RULES: Final[dict[str, Rules]] = {name: _rules(name, 2 if name == "lstm" else 1) for name in recurrence.GRADIENTS}

SAVING: Final[dict[str, Kernel]] = {
    "simple_rnn": _saving(recurrence.simple_rnn_and_saved),
    "gru": _saving(recurrence.gru_and_saved),
    "lstm": _saving(recurrence.lstm_and_saved),
}
