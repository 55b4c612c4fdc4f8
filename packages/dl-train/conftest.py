"""What is not collected: examples that run only with a library of an extra that is not installed."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("sklearn") else ["src/dl_train/wrappers/estimators.py"]
