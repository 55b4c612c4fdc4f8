"""Rules of products of matrices and tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, overload

from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.kinds import Rule, Rules


def _transposed(x: Any) -> Any:
    return x.T if x.ndim == 2 else fn.swapaxes(x, -1, -2)


def _matmul_left(g: Any, y: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return g * b if a.ndim == 1 else fn.expand_dims(g, -1) * b
    if a.ndim == 1:
        # g (..., n), b (..., m, n); the engine sums over the leading axes
        return fn.squeeze(fn.matmul(b, fn.expand_dims(g, -1)), -1)
    return fn.matmul(g, _transposed(b))


def _matmul_right(g: Any, y: Any, a: Any, b: Any) -> Any:
    if a.ndim == 1:
        return g * a if b.ndim == 1 else fn.expand_dims(a, -1) * fn.expand_dims(g, -2)
    if b.ndim == 1:
        return fn.squeeze(fn.matmul(_transposed(a), fn.expand_dims(g, -1)), -1)
    if b.ndim == 2 and a.ndim > 2:
        # one product, without a batch of results to be summed
        return fn.matmul(_transposed(fn.reshape(a, (-1, a.shape[-1]))), fn.reshape(g, (-1, g.shape[-1])))
    return fn.matmul(_transposed(a), g)


class _EachOperand(Sequence["Rule | None"]):
    """Rules of einsum, whose operands come after the subscripts, however many there are."""

    def __len__(self) -> int:
        return 64

    @overload
    def __getitem__(self, index: int) -> Rule: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Rule | None]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        operand = index - 1
        return lambda g, y, subscripts, *operands: _einsum(g, y, subscripts, operands, operand)


def _einsum(g: Any, y: Any, subscripts: str, operands: Sequence[Any], which: int) -> Any:
    inputs, output = _explicit(subscripts, [x.ndim for x in operands])
    wanted = inputs[which]
    if len(set(wanted)) != len(wanted):
        return _einsum_diagonal(g, inputs, output, operands, which)
    # a label that is only here was summed over: its gradient repeats
    others = [output, *(labels for i, labels in enumerate(inputs) if i != which)]
    known = {label for labels in others for label in labels}
    found = "".join(label for label in wanted if label in known)
    rest = [x for i, x in enumerate(operands) if i != which]
    gradient = fn.einsum(f"{','.join(others)}->{found}", g, *rest)
    shape = dict(zip(wanted, operands[which].shape, strict=True))
    sizes = dict(zip(found, gradient.shape, strict=True))
    # kept at size 1 where the operand broadcast
    narrow = [label for label in found if shape[label] == 1 and sizes[label] != 1]
    if narrow:
        gradient = fn.sum(gradient, tuple(found.index(label) for label in narrow), True)
        sizes.update(dict.fromkeys(narrow, 1))
    gradient = fn.reshape(gradient, tuple(sizes.get(label, 1) for label in wanted))
    return fn.broadcast_to(gradient, tuple(operands[which].shape))


def _einsum_diagonal(g: Any, inputs: list[str], output: str, operands: Sequence[Any], which: int) -> Any:
    """Gradient of an operand with a repeated label: a product with an identity, which is written out here."""
    wanted = list(inputs[which])
    free = iter(sorted(set(_LETTERS) - set("".join(inputs)) - set(output)))
    extra_labels, extra_operands = [], []
    seen: set[str] = set()
    for i, label in enumerate(wanted):
        if label in seen:
            wanted[i] = next(free)
            extra_labels.append(label + wanted[i])
            extra_operands.append(fn.cast(fn.eye(operands[which].shape[i]), operands[which].dtype.name))
        seen.add(label)
    new_inputs = ["".join(wanted) if i == which else labels for i, labels in enumerate(inputs)] + extra_labels
    subscripts = f"{','.join(new_inputs)}->{output}"
    return _einsum(g, None, subscripts, [*operands, *extra_operands], which)


_LETTERS: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _explicit(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Labels of each operand and of the output, with letters for ellipses and the output spelled out."""
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    inputs = left.split(",")
    unused = [letter for letter in _LETTERS if letter not in subscripts]
    widths = [rank - len(labels) + 3 for labels, rank in zip(inputs, ranks, strict=True) if "..." in labels]
    batch = "".join(unused[: max(widths, default=0)])
    if not arrow:
        letters = left.replace(",", "").replace(".", "")
        output = ("..." if widths else "") + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    spelled = []
    for labels, rank in zip(inputs, ranks, strict=True):
        width = rank - len(labels) + 3
        spelled.append(labels.replace("...", batch[len(batch) - width :]))
    return spelled, output.replace("...", batch)


RULES: Final[dict[str, Rules]] = {
    "matmul": (_matmul_left, _matmul_right),
    "einsum": _EachOperand(),
}

LINEAR: Final = frozenset(
    {
        "einsum",
        "matmul",
    }
)
