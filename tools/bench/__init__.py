"""Speed, beside Keras and the bare framework, in one run, as ratios."""
