"""``python -m evaluation.audit``: whether a pinned package has a known vulnerability, asked of the package index by pip-audit.

Exit statuses: 0 none is known that ``audit.txt`` does not allow, or nobody could be asked, which is said; 1 there is one; 2 the
allow list is wrong. A line of the list is an advisory's id, a space, and the reason why it does not concern us.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ALLOWED = Path(__file__).parent / "audit.txt"
_LOCKS = ("requirements.txt",)
_SECONDS = 240


@dataclass(frozen=True)
class Verdict:
    """What came of it: the lines to print, and the exit status."""

    lines: tuple[str, ...]
    status: int


def read_allowed(text: str) -> dict[str, str]:
    """Advisory -> why it is allowed.

    Raises:
        ValueError: a line has no reason.
    """
    allowed = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            advisory, _, reason = line.strip().partition(" ")
            if not reason.strip():
                raise ValueError(f"line {number}: {advisory} has no reason")
            allowed[advisory] = reason.strip()
    return allowed


def judge(report: Mapping[str, Any], allowed: Mapping[str, str]) -> Verdict:
    """The verdict on pip-audit's JSON. Packages that it could not ask about are not taken for sound ones."""
    packages = report["dependencies"]
    asked = [one for one in packages if "skip_reason" not in one]
    if not asked:
        return Verdict(
            ("audit: the package index says nothing of known vulnerabilities here; not audited, going on",), 0
        )
    found, unused = [], set(allowed)
    for one in asked:
        for advisory in one["vulns"]:
            names = {advisory["id"], *advisory.get("aliases", ())}
            unused -= names
            if not names & allowed.keys():
                mended = ", ".join(advisory.get("fix_versions", ())) or "none"
                found.append(f"audit: {one['name']} {one['version']}: {advisory['id']}, mended in: {mended}")
    lines = [*found, *(f"audit: {name} is allowed and concerns nothing any more" for name in sorted(unused))]
    lines.append(f"audit: {len(asked)} of {len(packages)} packages audited, {len(found)} known vulnerabilities")
    return Verdict(tuple(lines), 1 if found else 0)


def main() -> int:
    """Audit what is pinned."""
    try:
        allowed = read_allowed(_ALLOWED.read_text())
    except ValueError as error:
        sys.stderr.write(f"{_ALLOWED.name}: {error}\n")
        return 2
    status = 0
    for lock in _LOCKS:
        verdict = judge(_ask(lock), allowed)
        sys.stdout.writelines(line + "\n" for line in verdict.lines)
        status = max(status, verdict.status)
    return status


def _ask(lock: str) -> Mapping[str, Any]:
    """pip-audit's report; one that holds nothing where it could not ask at all."""
    command = [sys.executable, "-m", "pip_audit", "-r", lock, "--require-hashes", "--disable-pip", "--format", "json"]
    try:
        ended = subprocess.run(
            [*command, "--progress-spinner", "off", "--timeout", "10"],
            capture_output=True, text=True, timeout=_SECONDS, check=False,
        )  # fmt: skip
        report: Mapping[str, Any] = json.loads(ended.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return {"dependencies": []}
    return report


if __name__ == "__main__":
    sys.exit(main())
