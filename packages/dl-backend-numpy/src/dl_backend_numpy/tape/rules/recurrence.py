"""Rules of recurrent networks: all gradients come from one way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from dl_backend_numpy.nn import recurrence
from dl_backend_numpy.tape.kinds import Kernel, Rules
from dl_backend_numpy.tape.rules import joint

# inputs, states, two kernels and a bias are differentiated; no mask, no option
_STATES: Final = {"simple_rnn": 1, "gru": 1, "lstm": 2}


def _rules(name: str, states: int) -> Rules:
    def gradients(saved: recurrence.Saved, g: Any, y: Any, *args: Any) -> Sequence[Any]:
        kernel, recurrent_kernel = args[states + 1 : states + 3]
        x, of_kernel, of_recurrent, bias, *first = recurrence.GRADIENTS[name](saved, g, kernel, recurrent_kernel)
        return [x, *first, of_kernel, of_recurrent, bias]

    return joint.rules(name, states + 4, 2, gradients)


RULES: Final[dict[str, Rules]] = {name: _rules(name, states) for name, states in _STATES.items()}

SAVING: Final[dict[str, Kernel]] = {
    "simple_rnn": joint.saving(recurrence.simple_rnn_and_saved),
    "gru": joint.saving(recurrence.gru_and_saved),
    "lstm": joint.saving(recurrence.lstm_and_saved),
}


def _is_covered(count: int) -> Callable[..., bool]:
    def covered(*args: Any, **options: Any) -> bool:
        # what may come after the mask is GRU's `reset_after`
        after = (*args[count + 1 :], options.get("reset_after", True))
        return recurrence.is_covered(*args[:count]) and all(after)

    return covered


COVERED: Final[dict[str, Callable[..., bool]]] = {name: _is_covered(states + 4) for name, states in _STATES.items()}
