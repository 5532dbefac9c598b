"""Canaries: a story with known answers goes through the live pipeline again and again, and its events are held against them.

``story`` says what is sent and what must come of it, ``core`` holds the one against the other, both without a broker; ``round``
publishes and listens, ``serve`` does it every minute and tells Prometheus. What the pipeline does with the story is left to it:
it knows canaries only by the prefix of their ids, and writes their events to a topic of their own.
"""
