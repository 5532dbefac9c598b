"""The command ``stancewire``: a thin layer that reads arguments and settings, calls the folders beside it, and prints.

``parser`` puts the commands together and turns errors into one line; ``terminal`` and ``reports`` hold what commands share, each
other module one group of commands. What a command needs is imported inside it, so that ``--help`` and completion answer at once.
"""

from services.cli.parser import main, make_parser

__all__ = ["main", "make_parser"]
