"""What the tests of all packages share."""

pytest_plugins = ["dl_ops.testing.pytest_backends"]

# what these have is reached by way of other files, which have the examples; they import a framework
_OF_A_FRAMEWORK = ("jax_function", "nnx_module", "tf_module", "torch_module")
collect_ignore = [f"dl-layers/src/dl_layers/interop/{name}.py" for name in _OF_A_FRAMEWORK]
