"""``python -m evaluation.fuzz TARGET SECONDS``: coverage-guided fuzzing of one target by atheris. The last line on stdout is JSON.

The fuzzer is libFuzzer, which ends its process at will, so it runs in a child. What it finds worth keeping is in
``.fuzz/TARGET/corpus``, from where the next run goes on; inputs that broke the target are in ``.fuzz/TARGET/crashes``, one for each
place. Exit statuses: 0 nothing broke, 1 something did, 2 the call is wrong.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
import traceback
from pathlib import Path

_FOLDER = Path(".fuzz")
_LONGEST = 4_096
"""Bytes of an input: faults are in the structure, and a short input is tried more often."""
_INPUT_SECONDS = 20
"""Longest work on one input; what takes longer is a crash. It is wall-clock time, of a machine that others share."""
_GRACE_SECONDS = 120
_NAMES = ("document", "cleaning", "feed", "file", "listed", "event", "query", "call")


def main(arguments: list[str]) -> int:
    """Fuzz one target, and print what came of it."""
    child = arguments[:1] == ["--child"]
    name, seconds = [*arguments[child:], "", ""][:2]
    if name not in _NAMES or not re.fullmatch("[1-9][0-9]{0,5}", seconds or "60"):
        sys.stderr.write(f"usage: make fuzz TARGET=… SECONDS=…; targets are {', '.join(_NAMES)}\n")
        return 2
    folder = _FOLDER / name
    if child:
        _fuzz(name, int(seconds), folder)
    return _watch(name, int(seconds or 60), folder)


def _watch(name: str, seconds: int, folder: Path) -> int:
    for each in ("corpus", "crashes"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    log = folder / "log"
    started = time.monotonic()
    with log.open("wb") as to:
        ended = subprocess.run(
            [sys.executable, "-m", "evaluation.fuzz", "--child", name, str(seconds)],
            stdout=to,
            stderr=to,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=seconds + _GRACE_SECONDS,
        )
    told = log.read_text(errors="replace")
    crashes = len(list((folder / "crashes").iterdir()))
    executions = re.findall(r"stat::number_of_executed_units: (\d+)", told)
    coverage = re.findall(r"cov: (\d+)", told)
    if not executions or not coverage:
        sys.stderr.write(
            f"the fuzzer did not end as it should ({ended.returncode}); the end of {log}:\n{told[-3000:]}\n"
        )
        crashes = max(crashes, 1)
    figures = {
        "target": name,
        "executions": int(executions[-1]) if executions else 0,
        "crashes": crashes,
        "seconds": round(time.monotonic() - started, 1),
        "coverage": int(coverage[-1]) if coverage else 0,
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    return 1 if crashes or ended.returncode else 0


def _fuzz(name: str, seconds: int, folder: Path) -> None:
    """In the child: nothing of ours may be imported before it is instrumented."""
    import atheris

    with atheris.instrument_imports(include=["services", "schemas", "feedparser"]):
        import feedparser  # noqa: F401 - the producer imports it where it is needed, which is too late

        from evaluation.fuzz.targets import SEEDS, TARGETS
    corpus, crashes = folder.resolve() / "corpus", folder.resolve() / "crashes"
    for seed in SEEDS[name]:
        (corpus / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    target = TARGETS[name]

    def one(data: bytes) -> None:
        try:
            target(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for; and there may be more behind it
            place = "\n".join(
                f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-2:]
            )
            kept = crashes / hashlib.sha256(f"{type(error).__name__} {place}".encode()).hexdigest()[:12]
            if not kept.exists() or kept.stat().st_size > len(data):
                kept.write_bytes(data)
                os.write(2, f"\nCRASH {kept.name} {data!r}\n{traceback.format_exc()}\n".encode())

    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-max_total_time={seconds}",
            f"-max_len={_LONGEST}",
            f"-timeout={_INPUT_SECONDS}",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
            f"-artifact_prefix={crashes}/",
            "-verbosity=1",
        ],
        one,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
