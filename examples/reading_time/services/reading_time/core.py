"""How long a document takes to read: its words, at so many a minute. It knows nothing of Kafka, Faust or Prometheus."""

from collections.abc import Sequence

from schemas import Work
from services.reading_time.settings import ReadingTimeSettings


class ReadingTime:
    """Adds ``reading_seconds`` to each document that is not done; a document that is done passes unchanged."""

    def __init__(self, settings: ReadingTimeSettings) -> None:
        self._words_per_second = settings.words_per_minute / 60

    def __call__(self, works: Sequence[Work]) -> list[Work]:
        """The same works, in order."""
        return [work if work.done else self._timed(work) for work in works]

    def _timed(self, work: Work) -> Work:
        seconds = round(len(work.event.text.split()) / self._words_per_second, 1)
        return work.model_copy(update={"event": work.event.model_copy(update={"reading_seconds": seconds})})
