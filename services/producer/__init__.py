"""The producer: puts documents on ``news.documents`` and checks that each arrived.

Decides how files become documents and which message key a document has. ``read`` finds and reads, ``shapes`` knows what
tools call their fields, ``check`` asks the service's own intake what it would reject, ``publish`` sends. A file that cannot
be read, a document that would be rejected and one that cannot be delivered are named, never dropped silently.
"""
