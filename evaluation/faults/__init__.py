"""Faults on a real Kafka under load, and whether anything is lost: ``python -m evaluation.faults --count N --seed S``.

``kinds`` says what is done to the cluster, ``books`` what must hold whatever is done, ``run`` brings both together. The tests run
a shorter cut of the same.
"""


class FaultsError(RuntimeError):
    """The run could not be brought to its end; the message says why."""
