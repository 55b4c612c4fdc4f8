"""What the tests of all packages share."""

pytest_plugins = ["dl_ops.testing.pytest_backends"]
