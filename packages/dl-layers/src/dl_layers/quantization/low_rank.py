"""Kernels that change by a product of two small matrices."""

from __future__ import annotations

from typing import Any, ClassVar

from dl_layers.layer.validation import positive_integer
from dl_ops import ops
from dl_ops.typing import Tensor
from dl_ops.variable import Variable


class LowRankUpdates:
    """Mixin for layers with one kernel, which can be frozen and updated by ``lora_alpha / rank * (a @ b)`` instead.

    The layer keeps its kernel under ``_kernel``, or what `_kernel_name` is after the underscore, calls
    `_set_low_rank` in ``__init__`` and `_enable_given_rank` at the end of ``build``, and computes with
    `_effective_kernel` where `_altered` is true.

    References
    ----------
    Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", arXiv:2106.09685.
    """

    _kernel_name: ClassVar[str] = "kernel"
    _altered: bool = False
    """Whether the layer computes otherwise than with its kernel alone."""

    lora_rank: int | None
    lora_alpha: float | None
    lora_enabled: bool

    def _set_low_rank(self, rank: Any, alpha: Any) -> None:
        self.lora_rank = None if rank is None else positive_integer(rank, "lora_rank", self)  # type: ignore[arg-type]  # a Layer
        self.lora_alpha = self._checked_alpha(alpha, self.lora_rank)
        self.lora_enabled = False

    def _checked_alpha(self, alpha: Any, rank: int | None) -> float | None:
        if alpha is None:
            return rank
        if isinstance(alpha, bool) or not isinstance(alpha, (int, float)):
            raise ValueError(f"{type(self).__name__}(lora_alpha={alpha!r}): lora_alpha must be a number")
        return alpha

    def _enable_given_rank(self) -> None:
        """Update by low rank from the start, if the layer was made so."""
        if self.lora_rank is not None:
            self.enable_lora(self.lora_rank, lora_alpha=self.lora_alpha)

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> None:
        """Freeze the kernel, and train two small matrices whose product is added to it (LoRA).

        They are merged into the kernel when the layer is saved.

        Parameters
        ----------
        rank : int
            Size that the matrices have in common.
        lora_alpha : float, optional
            The product is multiplied by ``lora_alpha / rank``; by default by 1.
        a_initializer, b_initializer : str, dict, callable or Initializer
            He's uniform and zeros by default: nothing changes at first.

        Raises
        ------
        ValueError
            If the layer is not built, the kernel has a constraint, it is enabled already, or `rank` is not positive.
        """
        name, layer = self._kernel_name, f"{type(self).__name__} {self.name!r}"  # type: ignore[attr-defined]  # a Layer's
        if getattr(self, f"{name}_constraint", None) is not None:
            raise ValueError(f"{layer}: enable_lora() does not go with {name}_constraint, which the sum would not obey")
        if not (self.built or self._building):  # type: ignore[attr-defined]  # a Layer's
            raise ValueError(f"{layer} is not built: build it or call it before enable_lora()")
        if self.lora_enabled:
            raise ValueError(f"{layer}: enable_lora() was called before, and can be called but once")
        rank = positive_integer(rank, "rank", self)  # type: ignore[arg-type]  # a Layer
        alpha = self._checked_alpha(lora_alpha, rank)
        shape = self._kernel_shape()
        made = [
            self._add_altering(f"lora_{name}_a", (*shape[:-1], rank), a_initializer),
            self._add_altering(f"lora_{name}_b", (rank, shape[-1]), b_initializer),
        ]
        setattr(self, f"lora_{name}_a", made[0])
        setattr(self, f"lora_{name}_b", made[1])
        self.lora_rank, self.lora_alpha = rank, alpha
        self.lora_enabled = self._altered = True
        self._freeze_kernel()

    def _add_altering(self, name: str, shape: tuple[int, ...], initializer: Any = None, **options: Any) -> Variable:
        """Create a variable of a layer that is built already, under the layer's path."""
        from dl_ops import scopes

        scope = scopes.current
        before = scope.names
        if not self._building:  # type: ignore[attr-defined]  # a Layer's
            scope.names = tuple(self.path.split("/"))  # type: ignore[attr-defined]  # a Layer's
        try:
            variable: Variable = self.add_weight(shape, initializer, name=name, **options)  # type: ignore[attr-defined]  # a Layer's
        finally:
            scope.names = before
        return variable

    def _kernel_shape(self) -> tuple[int, ...]:
        return tuple(getattr(self, f"_{self._kernel_name}").shape)

    def _freeze_kernel(self) -> None:
        variable = getattr(self, f"_{self._kernel_name}", None)
        if variable is not None:
            variable.trainable = False

    @property
    def trainable(self) -> bool:
        """Whether training changes the layer's weights; a kernel with a low-rank update stays as it is."""
        return self._trainable  # type: ignore[attr-defined, no-any-return]  # a Layer's

    @trainable.setter
    def trainable(self, value: bool) -> None:
        from dl_layers.layer import Layer

        Layer.trainable.fset(self, value)  # type: ignore[attr-defined]  # a property
        if self.lora_enabled:
            self._freeze_kernel()

    def _update(self) -> Tensor:
        """What is added to the kernel."""
        name = self._kernel_name
        return self._scaled_update(getattr(self, f"lora_{name}_a"), getattr(self, f"lora_{name}_b"))

    def _scaled_update(self, a: Any, b: Any) -> Tensor:
        assert self.lora_rank is not None
        assert self.lora_alpha is not None
        return ops.multiply(ops.matmul(a, b), self.lora_alpha / self.lora_rank)

    def _current_kernel(self) -> Any:
        """The kernel that counts: the variable, or its sum with the update."""
        variable = self.__dict__.get(f"_{self._kernel_name}")
        if variable is None:
            raise AttributeError(
                f"{type(self).__name__} {self.name!r} has no {self._kernel_name} yet: build it or call it first"  # type: ignore[attr-defined]  # a Layer's
            )
        return self._effective_kernel() if self._altered else variable

    def _effective_kernel(self) -> Tensor:
        return ops.add(getattr(self, f"_{self._kernel_name}"), self._update())

    def _low_rank_config(self) -> dict[str, Any]:
        return {"lora_rank": self.lora_rank, "lora_alpha": self.lora_alpha} if self.lora_rank is not None else {}

    # -- saving --

    def save_own_variables(self, store: Any) -> None:
        if not self.lora_enabled:
            super().save_own_variables(store)  # type: ignore[misc]  # a Layer's
            return
        from dl_ops.saveable import save_variables

        kernel = getattr(self, f"_{self._kernel_name}")
        variables = self._saved_variables()
        save_variables(variables, store)
        merged = ops.convert_to_numpy(self._effective_kernel())
        store[str(variables.index(kernel))] = merged.astype(store[str(variables.index(kernel))].dtype)

    def load_own_variables(self, store: Any) -> None:
        if not self.lora_enabled:
            super().load_own_variables(store)  # type: ignore[misc]  # a Layer's
            return
        from dl_ops.saveable import load_variables

        load_variables(self._saved_variables(), store, f"layer {self.name!r}")  # type: ignore[attr-defined]  # a Layer's
        self._forget_update()

    def _saved_variables(self) -> list[Variable]:
        name = self._kernel_name
        updates = {id(getattr(self, f"lora_{name}_{letter}")) for letter in "ab"}
        return [v for v in self._own_variables() if id(v) not in updates]  # type: ignore[attr-defined]  # a Layer's

    def _forget_update(self) -> None:
        """Make the update zero, as what was loaded has it in the kernel."""
        b = getattr(self, f"lora_{self._kernel_name}_b")
        b.assign(ops.zeros(b.shape, b.dtype))
