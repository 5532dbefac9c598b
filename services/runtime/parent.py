"""Processes that die with their parent, so that a kill -9 leaves nothing running (Linux; elsewhere nothing is done)."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


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
