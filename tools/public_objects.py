"""Keep the entry points of the group ``dl.objects`` in step with what ``@public`` declares.

    python tools/public_objects.py            check; exit status 1 and a list where they differ
    python tools/public_objects.py --write    rewrite the tables in packages/*/pyproject.toml

A file that names ``keras.layers.Dense`` finds the class by these entry points, so a class without one cannot be loaded.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GROUP = "dl.objects"
HEADER = f'[project.entry-points."{GROUP}"]'


def declared(package: Path) -> dict[str, str]:
    """Public names in a package's sources, with the ``module:attribute`` each leads to."""
    found: dict[str, str] = {}
    source = package / "src"
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        body = ast.parse(path.read_text(encoding="utf-8")).body
        constants = dict(_constants(body))
        for node in body:
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                found |= dict.fromkeys(_public_names(node, constants), f"{module}:{node.name}")
    return found


def _constants(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Names that a module gives to strings."""
    for node in body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield from ((target.id, value.value) for target in targets if isinstance(target, ast.Name))


def _public_names(node: ast.ClassDef | ast.FunctionDef, constants: Mapping[str, str]) -> Iterator[str]:
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Name):
            continue
        names = [
            constants[argument.id] if isinstance(argument, ast.Name) else str(ast.literal_eval(argument))
            for argument in decorator.args
        ]
        if decorator.func.id == "public":
            yield from names
        elif decorator.func.id == "public_family":
            yield from (f"{name}.*" for name in names)


def listed(package: Path) -> dict[str, str]:
    """Entry points of the group in a package's ``pyproject.toml``."""
    project = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table: dict[str, str] = project.get("entry-points", {}).get(GROUP, {})
    return table


def rewrite(package: Path, table: dict[str, str]) -> None:
    """Put `table` into a package's ``pyproject.toml``, in place of the one that is there."""
    path = package / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    lines = "".join(f'"{name}" = "{target}"\n' for name, target in sorted(table.items()))
    section = f"{HEADER}\n{lines}"
    if HEADER in text:
        # the table ends at an empty line, as the next header does not follow at once
        text = re.sub(re.escape(HEADER) + r"\n(?:\S[^\n]*\n)*", lambda _: section, text, count=1)
    elif table:
        anchor = "[dependency-groups]"
        comment = "# public Keras name -> module:class; a file that names the class loads just that module\n"
        text = text.replace(anchor, f"{comment}{section}\n{anchor}", 1)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="rewrite the tables")
    write = parser.parse_args().write
    status = 0
    for package in sorted(path.parent for path in (ROOT / "packages").glob("*/pyproject.toml")):
        wanted, there = declared(package), listed(package)
        if wanted == there:
            continue
        if write:
            rewrite(package, wanted)
            print(f"{package.name}: {len(wanted)} public names written")
            continue
        status = 1
        for name in sorted(wanted.keys() | there.keys()):
            if wanted.get(name) != there.get(name):
                print(
                    f"{package.name}: {name} is {there.get(name, 'not listed')}, declared {wanted.get(name, 'nowhere')}"
                )
    return status


if __name__ == "__main__":
    sys.exit(main())
