"""Reading text that arrived dirty: a cleaned copy with the way back to the offsets as received, and its language.

``clean`` and ``language`` are what stages use. Nothing here knows documents, events or models.
"""
