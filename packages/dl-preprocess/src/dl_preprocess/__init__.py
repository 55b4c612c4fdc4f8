"""Preprocessing layers, data set readers and an embedded data set."""
