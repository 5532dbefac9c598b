"""The watch list's own tools: ``topic`` reads and changes what is on ``news.watched``, ``show`` prints it.

What an entry is, ``schemas.watched`` decides; what becomes of it in a document, ``services.entities``.
"""
