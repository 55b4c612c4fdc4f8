"""The table of coverage, and what counts as a line of code."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from op_coverage import (
    COMPOSITE,
    HOST,
    NATIVE,
    UNSUPPORTED,
    Entry,
    Status,
    code_lines,
    gaps,
    lines_below,
    rendered,
    status,
)

PLAIN = SimpleNamespace(kernels={"add": None}, unsupported={}, trainable=False)
GRAPHS = SimpleNamespace(
    kernels={"add": None, "qr": None}, nodes={"add": None}, unsupported={"qr": "no node"}, trainable=True
)


@pytest.mark.parametrize(
    ("name", "primitive", "backend", "expected"),
    [
        ("add", True, PLAIN, Status(NATIVE)),
        ("square", False, PLAIN, Status(COMPOSITE)),
        ("qr", True, PLAIN, Status(UNSUPPORTED)),
        ("jvp", False, PLAIN, Status(UNSUPPORTED, "it computes no gradients")),
        ("add", True, GRAPHS, Status(NATIVE)),
        ("qr", True, GRAPHS, Status(HOST, "no node")),
        ("square", False, GRAPHS, Status(COMPOSITE)),
    ],
)
def test_status_of_an_op(name: str, primitive: bool, backend: SimpleNamespace, expected: Status) -> None:
    assert status(name, primitive, backend) == expected


def test_a_gap_without_a_reason_is_named() -> None:
    table = [Entry("qr", "linalg", True, {"mine": Status(UNSUPPORTED), "other": Status(HOST, "no node")})]
    assert gaps(table) == ["qr is unsupported on mine, and nothing says why"]


def test_the_table_counts_and_explains() -> None:
    statuses = {"mine": Status(NATIVE), "other": Status(HOST, "no node")}
    text = rendered([Entry("qr", "linalg", True, statuses), Entry("square", "numpy", False, statuses)])
    assert "**1 primitives**" in text
    assert "- linalg (1): `qr`\n" in text
    assert "| **qr** | native | host |" in text
    assert "| square | native | host |" in text
    assert "- other: no node: `qr`, `square`\n" in text


def test_lines_of_code_are_those_with_code() -> None:
    module = '"""Words\nof a module."""\n\n# a comment\nx = """two\nlines"""  # kept\n'
    source = module + '\n\ndef f():\n    """Words."""\n    return x\n'
    assert code_lines(source) == 4


def test_tests_are_not_counted(tmp_path: Path) -> None:
    for name in ("a.py", "a_test.py", "test_a.py", "tests/b.py", "testing/c.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    assert lines_below(tmp_path, ("testing",)) == 1
