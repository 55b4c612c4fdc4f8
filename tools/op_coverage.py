"""What each backend has of every op, as packages/dl-ops/COVERAGE.md says it.

    python tools/op_coverage.py            check; exit status 1 where the file is not what the backends have
    python tools/op_coverage.py --write    write the file
    python tools/op_coverage.py --lines    count lines of code beside those of an installed Keras

The table comes from the registry of ops and the backends' own tables of kernels, so all five must be installed. A line
of code is one that holds more than a comment, a docstring or a part of one; tests are left out.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import io
import sys
import tokenize
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
TABLE: Final = ROOT / "packages" / "dl-ops" / "COVERAGE.md"
FAMILIES: Final = ("core", "image", "linalg", "math", "nn", "numpy")
BACKENDS: Final = ("numpy", "jax", "torch", "tensorflow", "openvino")

# ops that are nothing without gradients
GRADIENTS: Final = ("jvp",)

NATIVE, COMPOSITE, HOST, UNSUPPORTED = "native", "composite", "host", "unsupported"

HEAD: Final = """\
# Coverage of ops

Written by `python tools/op_coverage.py --write`; a test fails where it is not what the backends have.

There are {ops} ops: **{primitives} primitives**, for which a backend must have kernels, and **{composites}
composites**, whose default is made of other ops, so that every backend has them at once. In the table

- **native** is a kernel of the backend's own,
- **composite** is the op's default,
- **host** is computed from values by NumPy's kernels on the host; in a graph that is being built the op raises
  `UnsupportedOp`, for the reason at the end,
- **unsupported** raises `UnsupportedOp`, for the reason at the end.

"""


class Status(NamedTuple):
    """How a backend has an op, and why no better."""

    kind: str
    reason: str = ""


class Entry(NamedTuple):
    """An op and how each backend has it."""

    name: str
    family: str
    primitive: bool
    statuses: Mapping[str, Status]


def status(name: str, primitive: bool, backend: Any) -> Status:
    """How `backend` has the op of that name: by a kernel, by its default, on the host alone, or not at all."""
    if name in GRADIENTS and not backend.trainable:
        return Status(UNSUPPORTED, "it computes no gradients")
    kernels = getattr(backend, "nodes", backend.kernels)
    reason = backend.unsupported.get(name)
    if reason is not None:
        return Status(HOST if name in backend.kernels or not primitive else UNSUPPORTED, reason)
    if name in kernels:
        return Status(NATIVE)
    if primitive:
        return Status(UNSUPPORTED)
    return Status(COMPOSITE)


def entries(backends: Mapping[str, Any]) -> list[Entry]:
    """Every op, by family and name."""
    import dl_ops.ops
    import dl_ops.random  # noqa: F401  # defines ops
    from dl_ops.op import registry

    found = [
        Entry(
            name,
            op.module.split(".")[1],
            op.primitive,
            {backend: status(name, op.primitive, each) for backend, each in backends.items()},
        )
        for name, op in registry.items()
        if op.module.startswith("dl_ops.")
    ]
    return sorted(found, key=lambda entry: (entry.family, entry.name))


def rendered(table: Sequence[Entry]) -> str:
    """The text of the file."""
    backends = list(table[0].statuses)
    families = sorted({entry.family for entry in table})
    primitives = [entry for entry in table if entry.primitive]
    text = HEAD.format(ops=len(table), primitives=len(primitives), composites=len(table) - len(primitives))
    kinds = (NATIVE, COMPOSITE, HOST, UNSUPPORTED)
    counts = [
        (backend, *(sum(entry.statuses[backend].kind == kind for entry in table) for kind in kinds))
        for backend in backends
    ]
    text += "\n".join(_markdown(("backend", *kinds), counts)) + "\n\n## Primitives\n\n"
    for family in families:
        names = [f"`{entry.name}`" for entry in primitives if entry.family == family]
        if names:
            text += f"- {family} ({len(names)}): {', '.join(names)}\n"
    for family in families:
        rows = [
            (f"**{entry.name}**" if entry.primitive else entry.name, *(entry.statuses[b].kind for b in backends))
            for entry in table
            if entry.family == family
        ]
        text += f"\n## {family}\n\n" + "\n".join(_markdown(("op", *backends), rows)) + "\n"
    reasons: dict[tuple[str, str], list[str]] = {}
    for entry in table:
        for backend, found in entry.statuses.items():
            if found.kind in (HOST, UNSUPPORTED):
                reasons.setdefault((backend, found.reason), []).append(f"`{entry.name}`")
    if reasons:
        text += "\n## Reasons\n\n"
        text += "".join(f"- {backend}: {why}: {', '.join(names)}\n" for (backend, why), names in reasons.items())
    return text


def _markdown(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(map(str, line))} |" for line in lines]


def gaps(table: Sequence[Entry]) -> list[str]:
    """Ops that a backend does not have, without a reason."""
    return [
        f"{entry.name} is {found.kind} on {backend}, and nothing says why"
        for entry in table
        for backend, found in entry.statuses.items()
        if found.kind in (HOST, UNSUPPORTED) and not found.reason
    ]


# -- lines of code --


def code_lines(source: str) -> int:
    """Number of lines of `source` that hold more than comments and docstrings."""
    empty = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in empty:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and type(first.value.value) is str:
                lines -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return len(lines)


def lines_below(folder: Path, leaving_out: Sequence[str] = ()) -> int:
    """Lines of code of the modules below a folder, without tests and the subfolders named."""
    return sum(
        code_lines(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.py"))
        if not path.name.endswith("_test.py")
        and not path.name.startswith("test_")
        and not {"tests", *leaving_out} & set(path.relative_to(folder).parts[:-1])
    )


def line_table() -> str:
    """Lines of code here and in Keras, as a Markdown table."""
    spec = importlib.util.find_spec("keras")
    if spec is None or spec.origin is None:
        raise SystemExit("op_coverage --lines: Keras is not installed")
    keras = Path(spec.origin).parent / "src"
    folders = dict(zip(BACKENDS, ("numpy", "jax", "torch", "tf", "openvino"), strict=True))
    ops = ROOT / "packages/dl-ops/src/dl_ops"
    ours = sum(lines_below(ops / family) for family in FAMILIES)
    ours += sum(code_lines((ops / module).read_text(encoding="utf-8")) for module in ("op.py", "ops.py", "rules.py"))
    rows: list[tuple[str, int, int]] = [("ops", ours, lines_below(keras / "ops"))]
    for name, folder in folders.items():
        ours = lines_below(ROOT / f"packages/dl-backend-{folder}/src")
        rows.append((f"backend {name}", ours, lines_below(keras / "backend" / name)))
    rows.append(("together", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    return "\n".join(_markdown(("", "dl", "Keras"), [(what, f"{a:,}", f"{b:,}") for what, a, b in rows])) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write the file")
    action.add_argument("--lines", action="store_true", help="count lines of code")
    options = parser.parse_args()
    if options.lines:
        print(line_table(), end="")
        return 0
    from dl_ops.backend import get_backend

    # in the order that the frameworks can be imported in, see tests-integration/conftest.py
    loaded = {name: get_backend(name) for name in ("openvino", "torch", "tensorflow", "jax", "numpy")}
    table = entries({name: loaded[name] for name in BACKENDS})
    text = rendered(table)
    problems = gaps(table)
    if options.write:
        TABLE.write_text(text, encoding="utf-8")
    elif not TABLE.exists() or TABLE.read_text(encoding="utf-8") != text:
        problems.append(f"{TABLE.relative_to(ROOT)} is stale: python tools/op_coverage.py --write")
    for problem in problems:
        print(problem)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
