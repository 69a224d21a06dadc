"""The command line: ``cemkit demo``, ``report``, ``check`` and ``init``."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cemkit.errors import CemkitError, MissingExtraError

__all__ = ["main"]

FAILED = 2
"""Exit code of an error; a broken contract is 1."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 for success, 1 for broken contracts, 2 for an error, told in one sentence."""
    try:
        from cemkit.cli.app import app
    except ImportError as error:
        if (error.name or "").split(".")[0] not in ("typer", "rich", "click"):
            raise
        _fail(MissingExtraError(str(error.name).split(".")[0], "report", "The command line"))
    try:
        app(args=None if arguments is None else list(arguments), prog_name="cemkit")
    except (CemkitError, OSError) as error:
        _fail(error)


def _fail(error: Exception) -> None:
    sys.stderr.write(f"cemkit: {error}\n")
    raise SystemExit(FAILED)
