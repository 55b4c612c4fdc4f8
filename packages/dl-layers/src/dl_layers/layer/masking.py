"""Masks in the call of a layer: handed to `call`, and derived for the outputs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from dl_layers.layer.building import LayerBuilding
from dl_layers.layer.masks import get_mask, is_masked, masks_of, set_mask
from dl_ops import tree

F = TypeVar("F", bound=Callable[..., Any])


def of_input_masks(compute_mask: F) -> F:
    """Declare that a layer's ``compute_mask`` gives none where no input has one, so that calls need not ask."""
    vars(compute_mask)["of_input_masks"] = True
    return compute_mask


class LayerMasking(LayerBuilding):
    """The masks of a layer's inputs and outputs."""

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """Mask of the outputs for the masks of the inputs; by default the same."""
        return previous_mask

    def _with_masks(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Arguments with the inputs' masks, for parameters that take them and were not given one."""
        signature = self._signature
        if not signature.takes_mask:
            return kwargs
        added = dict(kwargs)
        for i, (name, mask_name) in enumerate(zip(signature.names, signature.mask_names, strict=True)):
            if not mask_name or added.get(mask_name) is not None:
                continue
            if len(args) > signature.names.index(mask_name) and mask_name not in signature.named_only:
                continue
            value = args[i] if i < len(args) else kwargs.get(name)
            if value is None:
                continue
            masks = masks_of(value)
            if is_masked(masks):
                added[mask_name] = masks
        return added

    def _set_masks(self, args: Sequence[Any], outputs: Any) -> None:
        """Give the outputs the masks that `compute_mask` derives from the inputs'."""
        inputs = args[0] if args else None
        previous = masks_of(inputs)
        has_mask = is_masked(previous)
        if not self.supports_masking:
            if has_mask and not self._warned_mask:
                self.__dict__["_warned_mask"] = True
                warnings.warn(
                    f"layer {self.name!r} ({type(self).__name__}) got an input with a mask and does not support "
                    "masking: the mask ends here",
                    stacklevel=4,
                )
            return
        if not has_mask and not self._overrides_mask:
            return
        if not all(get_mask(x) is not None for x in tree.flatten(outputs)):
            _attach(self.compute_mask(inputs, previous), outputs)

    def _make_masks(self, args: Sequence[Any], outputs: Any) -> None:
        """The same where no tensor carries a mask, so that only what `compute_mask` makes anew counts."""
        inputs = args[0] if args else None
        previous = [None] * len(inputs) if type(inputs) is list else masks_of(inputs)
        masks = self.compute_mask(inputs, previous)
        if masks is not None:
            _attach(masks, outputs)


def _attach(masks: Any, outputs: Any) -> None:
    """Give outputs their masks, unless they have some already, as those of a model inside."""
    if not is_masked(masks):
        return
    flat = tree.flatten(outputs)
    if all(get_mask(x) is not None for x in flat):
        return
    for x, mask in zip(flat, tree.flatten(masks), strict=False):
        if mask is not None:
            set_mask(x, mask)
