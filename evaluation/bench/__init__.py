"""Speed, always as a ratio to a baseline in the same run: ``python -m evaluation.bench TASK [--documents N]``.

One core is measured as CPU seconds of this process, so that what else runs on the machine counts little.
"""


class BenchError(RuntimeError):
    """A benchmark could not be run to its end; the message says why."""
