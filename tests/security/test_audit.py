"""What the audit makes of pip-audit's reports."""

import pytest

from evaluation.audit import judge, read_allowed

SOUND = {"name": "rich", "version": "15.0.0", "vulns": []}
SKIPPED = {"name": "faust", "skip_reason": "Dependency not found on PyPI and could not be audited"}
ADVISORY = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.0"]}
BAD = {"name": "jinja2", "version": "1.0", "vulns": [ADVISORY]}


def test_a_known_vulnerability_fails() -> None:
    verdict = judge({"dependencies": [SOUND, BAD, SKIPPED]}, {})
    assert verdict.status == 1
    assert verdict.lines[0] == "audit: jinja2 1.0: PYSEC-2026-1, mended in: 2.0"
    assert verdict.lines[-1] == "audit: 2 of 3 packages audited, 1 known vulnerabilities"


@pytest.mark.parametrize("name", ["PYSEC-2026-1", "CVE-2026-1"])
def test_one_that_is_allowed_does_not_and_one_that_is_gone_is_named(name: str) -> None:
    assert judge({"dependencies": [BAD]}, {name: "not used"}).status == 0
    assert "CVE-9 is allowed and concerns nothing" in judge({"dependencies": [SOUND]}, {"CVE-9": "x"}).lines[0]


@pytest.mark.parametrize("packages", [[], [SKIPPED]])
def test_where_nobody_could_be_asked_it_says_so(packages: list[object]) -> None:
    verdict = judge({"dependencies": packages}, {})
    assert verdict.status == 0
    assert verdict.lines == (
        "audit: the package index says nothing of known vulnerabilities here; not audited, going on",
    )


def test_the_list_needs_reasons() -> None:
    assert read_allowed("# x\n\nCVE-1 no template is rendered\n") == {"CVE-1": "no template is rendered"}
    with pytest.raises(ValueError, match="line 1: CVE-1 has no reason"):
        read_allowed("CVE-1\n")
