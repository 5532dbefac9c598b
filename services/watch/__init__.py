"""The tools of a user's lists, of entities and of issues: ``topic`` reads and changes what is on a list's topic, ``show`` prints.

What an entry is, ``schemas.watched`` and ``schemas.issue`` decide; what becomes of it in a document, ``services.entities`` and
``services.stance``.
"""
