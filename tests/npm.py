"""What a test fetches by npm."""

import shutil
import subprocess
from pathlib import Path

import pytest


def fetch(folder: Path, what: str) -> None:
    """Install what ``package-lock.json`` of ``folder`` pins, once; the test skips where npm is not there or cannot fetch it.

    Args:
        what: what is fetched, for the reader of a skipped test.
    """
    if shutil.which("npm") is None:
        pytest.skip(f"npm is not installed: it fetches {what}")
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".installed"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if fetched.returncode:
        pytest.skip(f"npm cannot fetch {what}: {fetched.stderr.strip()[-200:]}")
    stamp.write_bytes(lock.read_bytes())
