"""The producer: puts documents on ``news.documents`` and checks that each arrived.

Decides how files become documents and which message key a document has. Leaves to the service whether a document is
any good: what is a JSON object is published, and the service says what is wrong with it. ``read`` finds and reads,
``publish`` sends; a file that cannot be read and a document that cannot be delivered are named, never dropped silently.
"""
