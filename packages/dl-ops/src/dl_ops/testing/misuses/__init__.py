"""Calls of ops that are wrong, and what each op has to say of them."""

from dl_ops.testing.misuses.misuse import Misuse, all_misuses, check_misuse, check_symbolic_misuse

__all__ = ["Misuse", "all_misuses", "check_misuse", "check_symbolic_misuse"]
