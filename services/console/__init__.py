"""The console: a live page on the events of ``news.enriched``: what passes, what a document says, and who stands where.

Decides what of the stream is kept (the newest documents, within two bounds), how it is asked, and how it looks. Everything is
rebuilt from the topic, so nothing is stored and no offset is committed. ``core`` is what is kept, ``views`` what is shown of
a document, ``wanted`` the filters, ``strip`` the figures, all pure; ``server``, ``source`` and ``backlog`` are the glue to
HTTP and Kafka; ``static`` is the page. Leaves to others what an event says. News text is untrusted: it reaches the page as
JSON strings only, and the page makes text nodes of it.
"""
