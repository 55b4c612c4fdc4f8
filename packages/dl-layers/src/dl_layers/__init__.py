"""Layers, initializers, regularizers, constraints and dtype policies of dl."""
