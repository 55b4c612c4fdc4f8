"""Models, one trainer for every backend, optimizers, losses, metrics and callbacks."""
