"""Reverse-mode differentiation of kernels.

`traced` has arrays that remember where they came from, `recording` puts kernel calls on a tape, `engine` walks it
backwards, and `rules` is the table of gradient rules, written with `functions` so that a rule can itself be recorded:
that is all that derivatives of higher order need.
"""
