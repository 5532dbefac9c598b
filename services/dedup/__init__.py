"""Seen before: whether a document copies an earlier one, of which, by which rule.

``boilerplate`` and ``fingerprint`` turn a text into a fingerprint (the costly part: done in every partition);
``core`` is the judge, which compares fingerprints in one order and says what to write to the table that its window
survives in; ``index`` finds the candidates. Whether a document is valid is ``intake``'s to say; how works and rows
are moved is left to the agent; nothing here reads a clock.
"""
