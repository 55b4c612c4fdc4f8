"""Importing TensorFlow without its greetings."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_GREETINGS: Final = (b"I0000 ", b"WARNING: All log messages before absl::InitializeLog()")


@contextmanager
def quiet_import() -> Iterator[None]:
    """Leave out what TensorFlow tells about itself on import, unless ``TF_CPP_MIN_LOG_LEVEL`` is 0; warnings stay."""
    # JAX sets the level to 1 where nobody has set it, so its presence says nothing
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0" or "tensorflow" in sys.modules:
        yield
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error
        yield
        return
    # its C++ writes the first lines before it reads the level
    with tempfile.TemporaryFile() as captured:
        os.dup2(captured.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            captured.seek(0)
            for line in captured:
                if not line.startswith(_GREETINGS):
                    os.write(2, line)
