"""The table of cases, by family; each module has its part as ``CASES``."""
