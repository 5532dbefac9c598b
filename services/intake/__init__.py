"""The intake: what came in as bytes becomes a document on its way, or a rejection that says what to mend.

Decides what is a valid document, its id, its language and whether it is rejected or withdrawn. Leaves to others: topics
and dead letters (the runtime), what a fingerprint is and whether two documents are copies (``services.dedup``).
"""
