"""Processes that die with their parent, so that a kill -9 leaves nothing running (Linux; elsewhere nothing is done),
and what the supervisor tells those of the stages."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
PARENT = "STANCEWIRE_PARENT"
"""Set by the supervisor for a stage's process: its own process id. The process does not outlive it."""
RESTARTS = "STANCEWIRE_RESTARTS"
"""Set by the supervisor for a stage's process: how often it has restarted it."""


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent dies. Call it in the child, or as a part of ``preexec_fn``.

    Args:
        parent: the parent's process id as the parent itself knows it: it may be dead before this is called, and the
            child would then wait for ever on a pipe whose other end it holds itself.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
