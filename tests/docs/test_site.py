"""The site: it builds without a warning (each page in the table of contents, each link and anchor there), and loads nothing from
elsewhere."""

import re
import subprocess
import sys
from pathlib import Path

from tests.docs.snippets import ROOT

_LOADS = re.compile(
    r"""<(?:script|img|iframe|source|link\s+rel="(?:stylesheet|preconnect|icon)")[^>]*?(?:src|href)="([^"]+)\""""
)


def test_the_site_builds_and_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert {"index.html", "tutorial.html", "settings.html", "contributing.html"} <= {page.name for page in pages}
    assert not [page.name for page in pages if "```" in page.read_text()], "a block is not shown as one"
    loaded = {target for page in pages for target in _LOADS.findall(page.read_text())}
    assert any(target.endswith(".css") for target in loaded)
    assert any(target.endswith(".js") for target in loaded)
    assert not [target for target in loaded if re.match(r"(?:[a-z]+:)?//", target)]
    styles = "".join(path.read_text() for path in tmp_path.rglob("*.css"))
    assert not re.search(r"""(?:url\(|@import )["']?(?:https?:)?//""", styles)
