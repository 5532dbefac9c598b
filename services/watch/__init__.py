"""The tools of a user's lists, of entities and of topics: ``topic`` reads and changes what is on a list's topic, ``show`` prints.

What an entry is, ``schemas.watched`` and ``schemas.topic`` decide; what becomes of it in a document, ``services.entities`` and
``services.stance``.
"""
