"""Fuzzing: every way in, fed bytes. ``targets`` says what must hold of each, ``__main__`` is the runner with coverage (atheris).

``tests/security/test_fuzz.py`` feeds the same targets with hypothesis in every run of CI, and with each input that ever broke one.
"""
