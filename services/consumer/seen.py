"""What was seen lately, so that repeats are told. Pure."""

from collections import OrderedDict


class Seen:
    """The last so many ids, oldest forgotten first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._ids: OrderedDict[str, None] = OrderedDict()

    def add(self, identity: str) -> bool:
        """Whether ``identity`` is new; it is remembered as the newest."""
        new = identity not in self._ids
        self._ids[identity] = None
        self._ids.move_to_end(identity)
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)
        return new
