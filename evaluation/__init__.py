"""Accuracy and speed on the development data: ``python -m evaluation TASK``, ``python -m evaluation.bench TASK``.

One module a task; ``data`` reads files, ``scores`` has the formulas, ``command`` the command line. Decides how the stages are
measured. What they do is theirs: each task runs the very functions that the workers run.
All shares (F1, precision, recall, accuracy, errors) are of 1, not of 100.
"""
