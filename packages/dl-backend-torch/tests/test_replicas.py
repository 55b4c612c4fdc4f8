"""Statistics over replicas, of two processes that PyTorch connects: each runs this file as a script."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import distributed

from dl_ops import ops
from dl_ops.backend import backend_scope

BATCH = np.arange(12.0, dtype="float32").reshape(4, 3) ** 2


def _moments(x: Any) -> Any:
    mean, variance = ops.moments(x, axes=0, synchronized=True)
    return ops.stack([mean, variance])


def _replica(rank: int, folder: str) -> None:
    distributed.init_process_group("gloo", f"file://{folder}/meeting", rank=rank, world_size=2)
    part = torch.from_numpy(BATCH[2 * rank : 2 * rank + 2]).requires_grad_()
    with backend_scope("torch"):
        found = _moments(part)
    found.square().sum().backward()
    assert part.grad is not None
    torch.save((found.detach(), part.grad), f"{folder}/{rank}")
    distributed.destroy_process_group()


def test_moments_are_those_of_all_replicas(tmp_path: Path) -> None:
    commands = [[sys.executable, __file__, str(rank), str(tmp_path)] for rank in range(2)]
    replicas = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    errors = [replica.communicate(timeout=120)[1] for replica in replicas]
    assert [replica.returncode for replica in replicas] == [0, 0], errors
    whole = torch.from_numpy(BATCH).requires_grad_()
    expected = torch.stack([whole.mean(0), whole.var(0, correction=0)])
    # each replica has a loss of its own, and all of them depend on each part
    (2 * expected.square().sum()).backward()  # type: ignore[no-untyped-call]
    assert whole.grad is not None
    for rank in range(2):
        found, gradient = torch.load(tmp_path / str(rank))
        torch.testing.assert_close(found, expected.detach())
        torch.testing.assert_close(gradient, whole.grad[2 * rank : 2 * rank + 2])


if __name__ == "__main__":
    _replica(int(sys.argv[1]), sys.argv[2])
