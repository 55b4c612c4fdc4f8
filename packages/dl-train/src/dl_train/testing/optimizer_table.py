"""The cases of optimizers: each with its own options, and with each of those that all have."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from dl_layers.testing import Recipe
from dl_train.testing.optimizers import RATE, OptimizerCase

_OWN: Final[dict[str, list[dict[str, Any]]]] = {
    "SGD": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "Adam": [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}, {"amsgrad": True, "beta_2": 0.5}],
    "AdamW": [{}, {"weight_decay": 0.1, "amsgrad": True}],
    "RMSprop": [
        {},
        {"rho": 0.5, "momentum": 0.9, "epsilon": 1e-2},
        {"centered": True, "epsilon": 1e-3},
        {"centered": True, "momentum": 0.5, "epsilon": 1e-3},
    ],
    "Adagrad": [{}, {"initial_accumulator_value": 1.0, "epsilon": 1e-2}],
    "Adadelta": [{"learning_rate": 1.0}, {"learning_rate": 1.0, "rho": 0.5, "epsilon": 1e-2}],
    "Adamax": [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}],
    "Adafactor": [
        {},
        {"learning_rate": 0.5},
        {"relative_step": False, "clip_threshold": 0.5, "beta_2_decay": -0.5, "epsilon_1": 1e-2, "epsilon_2": 0.5},
    ],
    "Nadam": [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}],
    "Ftrl": [
        {},
        {"l1_regularization_strength": 0.2, "l2_regularization_strength": 0.3},
        {
            "learning_rate_power": -0.7,
            "initial_accumulator_value": 0.5,
            "l2_shrinkage_regularization_strength": 0.1,
            "beta": 0.4,
        },
    ],
    "Lion": [{}, {"beta_1": 0.5, "beta_2": 0.9}],
    "Lamb": [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}],
    "Muon": [
        {},
        {"nesterov": False, "rms_rate": None, "momentum": 0.5, "ns_steps": 3},
        {"weight_decay": 0.1, "adam_weight_decay": 0.2, "adam_lr_ratio": 0.5, "exclude_layers": ["head"]},
        {"weight_decay": None, "muon_a": 2.0, "muon_b": -1.5, "muon_c": 0.5},
    ],
    "ScheduleFreeAdamW": [{}, {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-2}, {"warmup_steps": 20}],
}
"""Options of its own, with which each optimizer is put to the checks."""

_SHARED: Final[list[dict[str, Any]]] = [
    {"weight_decay": 0.1},
    {"clipnorm": 0.5},
    {"global_clipnorm": 1.0},
    {"clipvalue": 0.3},
    {"loss_scale_factor": 8.0},
    {"use_ema": True, "ema_momentum": 0.9},
    {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 7},
    {"gradient_accumulation_steps": 4},
    {"weight_decay": 0.1, "use_ema": True, "ema_overwrite_frequency": 3, "gradient_accumulation_steps": 2},
]
"""Options that all have."""


@cache
def cases() -> tuple[OptimizerCase, ...]:
    """All cases, those of one optimizer together."""
    found = []
    schedule = Recipe("ExponentialDecay", initial_learning_rate=RATE, decay_steps=10, decay_rate=0.5)
    for name, own in _OWN.items():
        found += [OptimizerCase(name, options) for options in own]
        found += [OptimizerCase(name, {**own[0], **options}) for options in _SHARED]
        found.append(OptimizerCase(name, {"learning_rate": schedule}, schedule=lambda call: RATE * 0.5 ** (call / 10)))
        found.append(OptimizerCase(name, {**own[0], "weight_decay": 0.2}, undecayed=["bias", "scale"]))
    return tuple(found)
