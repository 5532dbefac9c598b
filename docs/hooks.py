"""What MkDocs does beside rendering: pages that lie outside of ``docs/`` join the site, and links follow them.

The Markdown files link to each other by their places in the repository, so that they can be read there. On the site a link to a
page goes to that page; a link to any other file of the repository (code, data) keeps its words and is no link.
"""

import os.path
import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from docs import asyncapi

ROOT = Path(__file__).parent.parent
NAMES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "NOTICE": "notices.md",
}
"""Place in the repository -> place on the site. All others are where they are in the repository, those of ``docs/`` without it."""
MADE = {"docs/asyncapi.py": "asyncapi.json"}
"""What is made for the site alone: the module that makes it -> place on the site. A link to the module goes there."""
_FENCE = re.compile(r"^(```\w+) .*$", re.MULTILINE)
"""A block that a test looks for has its name behind its language; MkDocs reads the language alone."""
_LINK = re.compile(r"(?P<picture>!?)\[(?P<words>[^\[\]]*)\]\((?P<target>[^()\s#]+)(?P<anchor>#[^()\s]*)?\)")


def outside() -> dict[str, str]:
    """The pages that lie outside of ``docs/``: place in the repository -> place on the site."""
    folders = ("services", "evaluation", "seeds", "examples")
    cards = [
        path for folder in folders for path in (ROOT / folder).rglob("README.md") if "node_modules" not in path.parts
    ]
    return NAMES | {name: name for name in sorted(path.relative_to(ROOT).as_posix() for path in cards)}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """MkDocs calls it once: add the pages that lie outside, and what is made for the site."""
    for place, name in outside().items():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / place)))
    files.append(File.generated(config, MADE["docs/asyncapi.py"], content=asyncapi.render()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """MkDocs calls it for each page: its Markdown with links as they are on the site, and blocks named by language alone."""
    pages = outside()
    places = {name: place for place, name in pages.items()}
    here = page.file.src_uri
    place = places.get(here, f"docs/{here}")

    def follow(link: re.Match[str]) -> str:
        target = link["target"]
        if re.match(r"[a-z]+:", target):
            return link[0]
        aim = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
        name = pages.get(aim) or MADE.get(aim) or (aim.removeprefix("docs/") if aim.startswith("docs/") else None)
        if name is None:
            return link["words"]
        to = os.path.relpath(name, posixpath.dirname(here) or ".")
        return f"{link['picture']}[{link['words']}]({to}{link['anchor'] or ''})"

    return _FENCE.sub(r"\1", _LINK.sub(follow, markdown))
