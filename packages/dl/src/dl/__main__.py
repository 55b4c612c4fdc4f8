"""The command ``dl`` as ``python -m dl``."""

import sys

from dl.cli import main

if __name__ == "__main__":
    sys.exit(main())
