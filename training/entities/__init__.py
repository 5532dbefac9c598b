"""The tagger of ``services/entities/model``: ``data``, ``encoder``, ``train``, ``score``, ``export``, in the order of the work."""
