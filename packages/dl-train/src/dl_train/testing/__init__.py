"""Cases of losses, metrics and optimizers, and checks of them that hold on every backend."""
