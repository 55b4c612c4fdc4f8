"""Reverse-mode differentiation: arrays that remember the kernels they came from, and one rule per kernel and argument."""
