"""Model architectures, their weights and their preprocessing."""
