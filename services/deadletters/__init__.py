"""The dead letters' commands: list them, show one, put them back.

Decides what a letter looks like in the terminal, which letters a replay takes, and that it takes each once. Leaves to the
runtime what becomes a dead letter, and why.
"""
