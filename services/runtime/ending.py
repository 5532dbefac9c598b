"""How a stage's process ends: the exit codes, which tell the supervisor whether to start it again, and the hard exit.

``docs/operations.md`` says what to do about each.
"""

import logging
import os
import sys
from typing import NoReturn

log = logging.getLogger(__name__)

EXIT_UNEXPECTED = 70
EXIT_STALLED = 71
EXIT_DEAD_LETTER_LIMIT = 72
"""The supervisor does not restart after this one: somebody must look first."""
EXIT_DISK = 74
"""The data folder has no room, its disk an error, or the system nothing left (sysexits' EX_IOERR); the supervisor tries again."""
EXIT_BROKER_AWAY = 75
"""No broker answers (sysexits' EX_TEMPFAIL); the supervisor tries again."""
EXIT_OTHER_LOG = 76
"""What was read is not what is there: the log was cut, or the topic made anew. The next start begins where nothing is lost."""
EXIT_CONFIGURATION = 78
"""Settings, topics or ports are wrong (sysexits' EX_CONFIG); starting again would not help."""


def hard_exit(code: int, why: str, trace: bool = True) -> NoReturn:
    """End the process at once, so that nothing more is committed; the supervisor starts another.

    ``trace``: log the exception that is being handled, too.
    """
    log.critical("%s; exit %d", why, code, exc_info=trace and sys.exc_info()[0] is not None)
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)
