"""The command ``dl``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from dl.cli.errors import CommandError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; those of the process by default.

    Returns
    -------
    int
        Exit status: 0, or 1 where the command failed. Wrong usage exits with 2.
    """
    arguments = _parser().parse_args(argv)
    try:
        # each command is imported when it is called for
        if arguments.command == "info":
            from dl.cli.info import info

            return info()
        from dl.cli.quickstart import quickstart

        return quickstart(arguments.backend, arguments.directory)
    except CommandError as error:
        print(f"dl {arguments.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dl", description="Deep learning on backends that you choose at run time.")
    parser.add_argument("--version", action="version", version=f"dl {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser(
        "info",
        help="packages, versions, backends and devices; which backend is active, and why",
        description="List packages with their versions, and backends with their frameworks and devices; say which "
        "backend is active, and why. The exit status is 1 if the active one does not load.",
    )
    quickstart = commands.add_parser(
        "quickstart",
        help="train on real data, save, reload, predict",
        description="Train a small convolutional network on handwritten digits that come with the package, save it, "
        "reload it, and check that it predicts the very same.",
    )
    quickstart.add_argument("--backend", default="numpy", help="numpy (the default), jax, torch or tensorflow")
    quickstart.add_argument("--directory", help="where to keep the model file; by default it is temporary")
    return parser


def _version() -> str:
    from dl import version

    return version()
