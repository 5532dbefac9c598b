"""Reading: which of the names and noun phrases of a document takes a side toward which other.

``windows`` cuts a page into stretches with the phrases in them, ``encoder`` runs the model over each, ``findings`` makes one
finding of all places where the same holder takes the same side toward the same target.
"""
