"""Where spaCy finds the component ``news_tagger``: the name stays when the wheel moves our packages."""

from services.entities.tagger import make

__all__ = ["make"]
