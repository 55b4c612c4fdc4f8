"""Dropout that is the same at every step of a sequence."""

from __future__ import annotations

from typing import Any

from dl_ops import ops, random
from dl_ops.random import SeedGenerator
from dl_ops.typing import Tensor


class RecurrentDropout:
    """Mixin for cells: masks are drawn when a sequence begins and used until it ends.

    References
    ----------
    Gal and Ghahramani, "A Theoretically Grounded Application of Dropout in Recurrent Neural Networks",
    arXiv:1512.05287.
    """

    dropout: float
    recurrent_dropout: float
    seed_generator: SeedGenerator
    _masks: tuple[Any, Any] | None = None

    def begin_sequence(self, inputs: Tensor, states: Any) -> None:
        """Draw the masks for a sequence with inputs and states like these of a step."""
        hidden = states[0] if isinstance(states, (list, tuple)) else states
        masks = [
            random.dropout(ops.ones_like(x), rate, seed=self.seed_generator) if rate else None
            for x, rate in ((inputs, self.dropout), (hidden, self.recurrent_dropout))
        ]
        object.__setattr__(self, "_masks", tuple(masks))

    @property
    def input_mask(self) -> Any:
        """What the inputs of the sequence that has begun are multiplied by, ``None`` for nothing."""
        return None if self._masks is None else self._masks[0]

    def end_sequence(self) -> None:
        """Forget the masks."""
        object.__setattr__(self, "_masks", None)

    def drop(self, inputs: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Apply the masks to the inputs and the hidden state of a step."""
        if not self.dropout and not self.recurrent_dropout:
            return inputs, hidden
        alone = self._masks is None
        if alone:
            self.begin_sequence(inputs, hidden)
        assert self._masks is not None
        input_mask, hidden_mask = self._masks
        if alone:
            self.end_sequence()
        if input_mask is not None:
            inputs = ops.multiply(inputs, input_mask)
        if hidden_mask is not None:
            hidden = ops.multiply(hidden, hidden_mask)
        return inputs, hidden
