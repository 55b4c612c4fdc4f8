"""Cases by family: every module has `CASES`."""
