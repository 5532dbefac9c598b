"""What the commands share: the terminal's two outputs, errors as one line, an end on request, and a progress bar."""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator
from typing import NoReturn

from rich.console import Console
from rich.text import Text

from services.text.safe import visible

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def tell(text: str, label: str = "", style: str = "") -> None:
    """Print ``text``, which may come from outside, on standard error. ``style`` colours the label or, without one, the text."""
    shown = Text.assemble((f"{label}: ", style), visible(text)) if label else Text(visible(text), style)
    err.print(shown, soft_wrap=True)


def fail(message: str, status: int = 1) -> NoReturn:
    """Print an error and end with ``status``."""
    tell(message, "error", "red")
    sys.exit(status)


@contextlib.contextmanager
def usage(option: str = "") -> Iterator[None]:
    """End with status 2 where a value of ``option`` cannot be used (ValueError); the message begins with the option's name."""
    try:
        yield
    except ValueError as error:
        fail(f"{option}: {error}" if option else str(error), 2)


@contextlib.contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM end a loop instead of cutting it off; a second Ctrl-C cuts. Gives whether to stop."""
    stopped = False

    def stop(number: int, frame: object) -> None:
        nonlocal stopped
        if stopped and number == signal.SIGINT:
            raise KeyboardInterrupt
        stopped = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Bar:
    """A progress bar on a terminal; prints nothing elsewhere. Use it in a ``with`` statement."""

    def __init__(self, what: str) -> None:
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.completed} " + what),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=err,
            transient=True,
            disable=not err.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)

    def __enter__(self) -> "Bar":
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    def update(self, done: int, note: str) -> None:
        """Show how many are ``done``, and a note."""
        self._bar.update(self._task, completed=done, description=note)
