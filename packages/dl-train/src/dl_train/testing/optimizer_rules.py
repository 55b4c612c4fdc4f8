"""Formulas of optimizers for one variable, in NumPy's float64: from the papers, and written as these have them.

A rule is made from an optimizer's own options, and takes ``(value, gradient, state, t, rate, name)``: `state` is a
dictionary of what it keeps for the variable, with the variable's first value under ``"value"``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from dl_ops.typing import Array

State = dict[str, Any]
Rule = Callable[[Array, Array, State, int, float, str], Array]


def _sgd(momentum: float = 0.0, nesterov: bool = False) -> Rule:
    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        s["v"] = momentum * s.get("v", 0.0) - rate * g
        return x + (momentum * s["v"] - rate * g if nesterov else s["v"])

    return rule


def _rmsprop(rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7, centered: bool = False) -> Rule:
    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        s["v"] = rho * s.get("v", 0.0) + (1 - rho) * g**2
        s["m"] = rho * s.get("m", 0.0) + (1 - rho) * g
        variance = s["v"] - s["m"] ** 2 if centered else s["v"]
        s["u"] = momentum * s.get("u", 0.0) + rate * g / np.sqrt(variance + epsilon)
        return x - s["u"]

    return rule


def _adagrad(initial_accumulator_value: float = 0.1, epsilon: float = 1e-7) -> Rule:
    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        s["n"] = s.get("n", initial_accumulator_value) + g**2
        return x - rate * g / np.sqrt(s["n"] + epsilon)

    return rule


def _adadelta(rho: float = 0.95, epsilon: float = 1e-7) -> Rule:
    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        s["g2"] = rho * s.get("g2", 0.0) + (1 - rho) * g**2
        change = np.sqrt(s.get("d2", 0.0) + epsilon) / np.sqrt(s["g2"] + epsilon) * g
        s["d2"] = rho * s.get("d2", 0.0) + (1 - rho) * change**2
        return x - rate * change

    return rule


def _moments(g: Array, s: State, beta_1: float, beta_2: float) -> None:
    s["m"] = beta_1 * s.get("m", 0.0) + (1 - beta_1) * g
    s["v"] = beta_2 * s.get("v", 0.0) + (1 - beta_2) * g**2


def _adam(beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7, amsgrad: bool = False) -> Rule:
    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        _moments(g, s, beta_1, beta_2)
        s["top"] = np.maximum(s.get("top", 0.0), s["v"])
        # the paper's corrected moments; its epsilon is epsilon-hat over the root of the correction
        correction = 1 - beta_2**t
        square = (s["top"] if amsgrad else s["v"]) / correction
        return x - rate * s["m"] / (1 - beta_1**t) / (np.sqrt(square) + epsilon / math.sqrt(correction))

    return rule


def _adamax(beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7) -> Rule:
    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        s["m"] = beta_1 * s.get("m", 0.0) + (1 - beta_1) * g
        s["u"] = np.maximum(beta_2 * s.get("u", 0.0), np.abs(g))
        return x - rate / (1 - beta_1**t) * s["m"] / (s["u"] + epsilon)

    return rule


def _nadam(beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7) -> Rule:
    def momentum(t: int) -> float:
        return beta_1 * (1 - 0.5 * 0.96**t)

    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        _moments(g, s, beta_1, beta_2)
        product = math.prod(momentum(k) for k in range(1, t + 1))
        ahead = s["m"] / (1 - product * momentum(t + 1))
        mean = momentum(t + 1) * ahead + (1 - momentum(t)) * g / (1 - product)
        return x - rate * mean / (np.sqrt(s["v"] / (1 - beta_2**t)) + epsilon)

    return rule


def _lion(beta_1: float = 0.9, beta_2: float = 0.99) -> Rule:
    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        m = s.get("m", 0.0)
        s["m"] = beta_2 * m + (1 - beta_2) * g
        return x - rate * np.sign(beta_1 * m + (1 - beta_1) * g)

    return rule


def _lamb(beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7) -> Rule:
    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        _moments(g, s, beta_1, beta_2)
        r = s["m"] / (1 - beta_1**t) / (np.sqrt(s["v"] / (1 - beta_2**t)) + epsilon)
        norm, length = np.linalg.norm(x.ravel()), np.linalg.norm(r.ravel())
        return x - rate * r * (norm / length if norm and length else 1.0)

    return rule


def _ftrl(
    learning_rate_power: float = -0.5,
    initial_accumulator_value: float = 0.1,
    l1_regularization_strength: float = 0.0,
    l2_regularization_strength: float = 0.0,
    l2_shrinkage_regularization_strength: float = 0.0,
    beta: float = 0.0,
) -> Rule:
    l1, l2 = l1_regularization_strength, l2_regularization_strength

    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        before = s.get("n", np.full(x.shape, initial_accumulator_value))
        s["n"] = before + g**2
        sigma = (s["n"] ** -learning_rate_power - before**-learning_rate_power) / rate
        s["z"] = s.get("z", 0.0) + g + 2 * l2_shrinkage_regularization_strength * x - sigma * x
        curvature = (beta + s["n"] ** -learning_rate_power) / rate + 2 * l2
        return np.where(np.abs(s["z"]) <= l1, 0.0, (np.sign(s["z"]) * l1 - s["z"]) / curvature)

    return rule


def _adafactor(
    beta_2_decay: float = -0.8,
    epsilon_1: float = 1e-30,
    epsilon_2: float = 1e-3,
    clip_threshold: float = 1.0,
    relative_step: bool = True,
) -> Rule:
    def rms(x: Array) -> float:
        return float(np.sqrt(np.mean(x**2)))

    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        size = max(epsilon_2, rms(x)) * (min(rate, 1 / math.sqrt(t)) if relative_step else rate)
        decay, squares = 1 - t**beta_2_decay, g**2 + epsilon_1
        if x.ndim < 2:
            second = s["v"] = decay * s.get("v", 0.0) + (1 - decay) * squares
        else:
            s["r"] = decay * s.get("r", 0.0) + (1 - decay) * squares.sum(axis=-1)
            s["c"] = decay * s.get("c", 0.0) + (1 - decay) * squares.sum(axis=-2)
            second = np.einsum("...i,...j->...ij", s["r"], s["c"]) / s["r"].sum(axis=-1)[..., None, None]
        u = g / np.sqrt(second)
        return x - size * u / max(1.0, rms(u) / clip_threshold)

    return rule


def _muon(
    adam_beta_1: float = 0.9,
    adam_beta_2: float = 0.999,
    adam_weight_decay: float | None = 0.004,
    epsilon: float = 1e-7,
    exclude_layers: Any = (),
    adam_lr_ratio: float = 1.0,
    momentum: float = 0.95,
    ns_steps: int = 5,
    nesterov: bool = True,
    rms_rate: float | None = 0.2,
    muon_a: float = 3.4445,
    muon_b: float = -4.775,
    muon_c: float = 2.0315,
) -> Rule:
    adam = _adam(adam_beta_1, adam_beta_2, epsilon)

    def rule(x: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        if x.ndim != 2 or "embedding" in name or any(part in name for part in exclude_layers):
            return adam(x, g, s, t, rate * adam_lr_ratio, name)
        s["m"] = momentum * s.get("m", 0.0) + g
        u, values, v = np.linalg.svd(g + momentum * s["m"] if nesterov else s["m"], full_matrices=False)
        # the iteration's odd polynomial acts on singular values alone
        values = values / np.sqrt(np.sum(values**2))
        for _ in range(ns_steps):
            values = muon_a * values + muon_b * values**3 + muon_c * values**5
        rows, columns = x.shape
        scale = math.sqrt(max(1.0, rows / columns)) if rms_rate is None else rms_rate * math.sqrt(max(rows, columns))
        return x - rate * scale * (u * values) @ v

    return rule


def _schedule_free(beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-8, warmup_steps: int = 0) -> Rule:
    def rule(y: Array, g: Array, s: State, t: int, rate: float, name: str) -> Any:
        rate = rate * min(1.0, t / warmup_steps) if warmup_steps else rate
        z = s.get("z", y)
        s["v"] = beta_2 * s.get("v", 0.0) + (1 - beta_2) * g**2
        x = (y - (1 - beta_1) * z) / beta_1
        s["z"] = z - rate * g / (np.sqrt(s["v"] / (1 - beta_2**t)) + epsilon)
        x = (1 - 1 / t) * x + s["z"] / t
        return (1 - beta_1) * s["z"] + beta_1 * x

    return rule


_MAKERS: Final[Mapping[str, Callable[..., Rule]]] = {
    "Adadelta": _adadelta,
    "Adafactor": _adafactor,
    "Adagrad": _adagrad,
    "Adam": _adam,
    "AdamW": _adam,
    "Adamax": _adamax,
    "Ftrl": _ftrl,
    "Lamb": _lamb,
    "Lion": _lion,
    "Muon": _muon,
    "Nadam": _nadam,
    "RMSprop": _rmsprop,
    "SGD": _sgd,
    "ScheduleFreeAdamW": _schedule_free,
}


def make_rule(name: str, options: Mapping[str, Any]) -> Rule:
    """Rule of an optimizer, of its own options."""
    return _MAKERS[name](**options)
