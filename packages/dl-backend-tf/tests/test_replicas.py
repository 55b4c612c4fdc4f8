"""Statistics over replicas, on two devices of one of TensorFlow's strategies."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np

# in a process of its own, since devices are divided before TensorFlow starts
PROGRAM = """
import json
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
from dl_ops import ops
from dl_ops.backend import backend_scope

strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
batch = tf.reshape(tf.range(12.0), (4, 3)) ** 2

@tf.function
def step():
    def replica():
        rank = tf.distribute.get_replica_context().replica_id_in_sync_group
        with backend_scope("tensorflow"):
            mean, variance = ops.moments(batch[2 * rank : 2 * rank + 2], axes=0, synchronized=True)
        return tf.stack([mean, variance])
    return strategy.run(replica)

print(json.dumps([x.numpy().tolist() for x in strategy.experimental_local_results(step())]))
"""


def test_moments_are_those_of_all_replicas() -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    found = json.loads(run.stdout.splitlines()[-1])
    batch = np.arange(12.0).reshape(4, 3) ** 2
    assert len(found) == 2
    for x in found:
        np.testing.assert_allclose(x, [batch.mean(0), batch.var(0)], rtol=1e-5)
