"""Keras-compatible model and weight files, written atomically and read safely."""
