"""``python -m cemkit`` is the command line."""

from __future__ import annotations

from cemkit.cli import main

if __name__ == "__main__":
    main()
