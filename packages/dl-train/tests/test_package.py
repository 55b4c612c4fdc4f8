"""The package as it is installed."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"PIL", "jax", "keras", "openvino", "tensorflow", "torch"}


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, dl_train; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert HEAVY & set(result.stdout.split()) == set()


def test_without_scikit_learn_its_estimators_say_what_to_install() -> None:
    code = """
import sys
sys.modules["sklearn"] = None
from dl_train.wrappers import SKLearnClassifier
try:
    SKLearnClassifier(None)
except ImportError as error:
    print(error)
"""
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert said.strip() == 'SKLearnClassifier needs sklearn: pip install "dl-train[sklearn]"'
