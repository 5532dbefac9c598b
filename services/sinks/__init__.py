"""Sinks: each takes the events of ``news.enriched`` to somewhere else, at least once, with its own consumer group.

``sink`` says what a sink is and lists them, ``run`` moves the events; every other module is one sink, or a part of one.
"""
