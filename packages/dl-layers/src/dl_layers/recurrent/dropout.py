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

    def begin_sequence(self, inputs: Tensor, states: Any) -> None:
        """Draw the masks for a sequence with inputs and states like these of a step."""
        hidden = states[0] if isinstance(states, (list, tuple)) else states
        self.end_sequence()
        self.get_dropout_mask(inputs)
        self.get_recurrent_dropout_mask(hidden)

    def end_sequence(self) -> None:
        """Forget the masks."""
        self.reset_dropout_mask()
        self.reset_recurrent_dropout_mask()

    def get_dropout_mask(self, step_input: Tensor) -> Tensor | None:
        """Return what the inputs of a step are multiplied by, the same until `reset_dropout_mask`; ``None`` for
        nothing.

        Parameters
        ----------
        step_input : tensor, shape (batch, features)
        """
        return self._mask("dropout", step_input)

    def get_recurrent_dropout_mask(self, step_input: Tensor) -> Tensor | None:
        """Return what the hidden state is multiplied by, the same until `reset_recurrent_dropout_mask`; ``None`` for
        nothing.

        Parameters
        ----------
        step_input : tensor, shape (batch, units)
            The hidden state.
        """
        return self._mask("recurrent_dropout", step_input)

    def reset_dropout_mask(self) -> None:
        """Forget the mask of the inputs."""
        self._masks().pop("dropout", None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Forget the mask of the hidden state."""
        self._masks().pop("recurrent_dropout", None)

    def _masks(self) -> dict[str, Tensor]:
        # in no attribute that is looked at for weights
        masks: dict[str, Tensor] = self.__dict__.setdefault("_dropout_masks", {})
        return masks

    def _mask(self, rate: str, like: Tensor) -> Tensor | None:
        """The mask of the rate of this name, drawn if there is none."""
        if not getattr(self, rate):
            return None
        masks = self._masks()
        if rate not in masks:
            masks[rate] = random.dropout(ops.ones_like(like), getattr(self, rate), seed=self.seed_generator)
        return masks[rate]

    def drop(self, inputs: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Apply the masks to the inputs and the hidden state of a step."""
        if not self.dropout and not self.recurrent_dropout:
            return inputs, hidden
        alone = not self._masks()
        input_mask, hidden_mask = self.get_dropout_mask(inputs), self.get_recurrent_dropout_mask(hidden)
        if alone:
            self.end_sequence()
        if input_mask is not None:
            inputs = ops.multiply(inputs, input_mask)
        if hidden_mask is not None:
            hidden = ops.multiply(hidden, hidden_mask)
        return inputs, hidden
