"""Seen before: whether a document copies an earlier one, of which, by which rule.

``boilerplate`` and ``fingerprint`` turn a text into a fingerprint (the costly part: done in every partition). ``core``
is the judge, which compares fingerprints in one order; ``window`` holds what it remembers and for how long, ``record``
how that is written to the table it survives in, ``index`` finds the candidates, ``places`` keeps both small. Whether a
document is valid is ``intake``'s to say; how works and rows are moved is the agent's. Nothing but the agent reads a clock.
"""
