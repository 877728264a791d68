"""A tiny guide, proven and built with this guide's own ``mkdocs.yml``."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[2]
HOME = "# Home\n\nSee [one](a/one.md) and [CA-001](a/one.md#CA-001).\n"
PAGE = """\
---
builds_on: []
---

# One

!!! must "CA-001 Add"

    Without exception.

    Proven by `tests/test_calc.py::test_add`.

```console
$ uv add --dev pytest
```

```python title="src/calc/__init__.py"
def add(a: int, b: int) -> int:
    return a + b
```

!!! failure "Don't subtract"

    ```python
    def add(a: int, b: int) -> int:
        return a - b
    ```

    Fails `tests/test_calc.py::test_add`: `3 == -1`.

```python title="tests/test_calc.py"
from calc import add


def test_add() -> None:
    assert 3 == add(1, 2)
```
"""
ABOVE = """\
---
builds_on: [a/one]
---

# Two

```python {title="tests/test_calc.py" .append}
def test_add_two() -> None:
    assert 4 == add(2, 2)
```
"""
PREVIEW = """\
from mkdocs.commands.build import build
from mkdocs.config import load_config

config = load_config("mkdocs.yml")
config.plugins.on_startup(command="serve", dirty=False)
build(config, serve_url="http://127.0.0.1/")
"""
TAMPER = """\
def on_page_content(html, page, **_):
    return html{change} if page.file.src_uri == "a/one.md" else html
"""


def run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a Python command in a guide's folder."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))} | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run([sys.executable, *command], cwd=root, env=environment, capture_output=True, text=True, check=False)


def configure(root: Path, *hooks: Path) -> None:
    """Write this guide's ``mkdocs.yml`` for a guide with three pages."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    text = re.sub(r"^nav:\n(?:[ #].*\n)+", "nav: [index.md, a/one.md, a/two.md]\n", text, flags=re.MULTILINE)
    own = ROOT / "src" / "mdproof" / "show" / "hook.py"
    listed = "".join(f"  - {hook}\n" for hook in (own, *hooks))
    (root / "mkdocs.yml").write_text(re.sub(r"^hooks:\n(?: .*\n)+", f"hooks:\n{listed}", text, flags=re.MULTILINE), encoding="utf-8")


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a proven guide; tests work on copies of it."""
    root = tmp_path_factory.mktemp("guide")
    (root / "docs" / "a").mkdir(parents=True)
    (root / "docs" / "_includes").mkdir()
    (root / "docs" / "index.md").write_text(HOME, encoding="utf-8")
    (root / "docs" / "a" / "one.md").write_text(PAGE, encoding="utf-8")
    (root / "docs" / "a" / "two.md").write_text(ABOVE, encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "assets", root / "docs" / "assets")
    configure(root)
    done = run(root, "-m", "mdproof", "prove")
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def guide(proven: Path, tmp_path: Path) -> Path:
    """Give a copy of the proven guide."""
    return Path(shutil.copytree(proven, tmp_path / "guide"))


def test_a_proven_guide_builds_offline_with_all_its_blocks(guide: Path) -> None:
    """The site shows exactly the proof's blocks and asks no other host for anything."""
    built = run(guide, "-m", "mkdocs", "build")  # a quiet build counts no warnings

    assert (built.returncode, "WARNING" in built.stderr) == (0, False), built.stderr
    blocks = json.loads((guide / "build" / "proof" / "a" / "one.json").read_text(encoding="utf-8"))["blocks"]
    html = (guide / "site" / "a" / "one" / "index.html").read_text(encoding="utf-8")
    soup = BeautifulSoup(html, "html.parser")
    assert [str(b["number"]) for b in blocks] == [t["data-block"] for t in soup.select("[data-block]")]
    assert len(blocks) == len(soup.select(".proof")) - len(soup.select(".must > .proof"))
    for page in (guide / "site").rglob("*.html"):
        assert requests_of(page) == [], page


def test_a_page_links_what_it_starts_from(guide: Path) -> None:
    """MkDocs makes an address of the link to the page below, whose title it bears."""
    run(guide, "-m", "mkdocs", "build", "--quiet")

    soup = BeautifulSoup((guide / "site" / "a" / "two" / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert [(a["href"], a.get_text()) for a in soup.select(".proof-page a")] == [("../one/", "One")]


def requests_of(page: Path) -> list[str]:
    """Give the addresses on other hosts that a page or its own styles load something from."""
    tags = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select("link, script, img, iframe, source")
    given = [str(t.get(name, "")) for t in tags for name in ("href", "src")]
    return [address for address in given if re.match(r"(https?:)?//", address)]


def test_a_page_changed_after_proving_fails_the_build(guide: Path) -> None:
    """The build names the page in one clean line and writes no page."""
    with (guide / "docs" / "a" / "one.md").open("a", encoding="utf-8") as page:
        page.write("\nOne word more.\n")

    built = run(guide, "-m", "mkdocs", "build", "--quiet")

    expected = "docs/a/one.md:1: this page was changed after it was proven. Run `python -m mdproof prove docs/a/one.md`.\n"
    assert (1, expected) == (built.returncode, built.stderr)
    assert list((guide / "site").rglob("*.html")) == []


def test_a_new_page_fails_the_build(guide: Path) -> None:
    """A page that was never proven is not published either."""
    (guide / "docs" / "new.md").write_text("# New\n", encoding="utf-8")

    built = run(guide, "-m", "mkdocs", "build", "--quiet", "--no-strict")

    assert built.returncode == 1
    assert "docs/new.md:1: this page is not in the proof." in built.stderr


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (" + '<pre>rm -rf</pre>'", "docs/a/one.md:1: this code on the finished page is no proven block."),
        (".replace(' data-block=\"2\"', '')", "docs/a/one.md:17: this block was proven and is not on the finished page."),
    ],
    ids=["extra", "missing"],
)
def test_a_finished_page_with_other_blocks_fails_the_build(guide: Path, change: str, line: str) -> None:
    """What another hook adds or takes away is found in the finished HTML."""
    tamper = guide / "tamper.py"
    tamper.write_text(TAMPER.format(change=change), encoding="utf-8")
    configure(guide, tamper)

    built = run(guide, "-m", "mkdocs", "build", "--quiet")

    assert built.returncode == 1
    assert built.stderr.startswith(line)
    assert "Traceback" not in built.stderr


def test_a_guide_without_proof_fails_the_build(guide: Path) -> None:
    """Without a proof the build says what to run."""
    shutil.rmtree(guide / "build")

    built = run(guide, "-m", "mkdocs", "build", "--quiet")

    expected = "build/proof.json:1: there is no proof that can be read. Run `python -m mdproof prove`.\n"
    assert (1, expected) == (built.returncode, built.stderr)


def test_a_site_without_the_extension_fails_the_build(guide: Path) -> None:
    """The hook misses the extension rather than calling every block lost."""
    config = guide / "mkdocs.yml"
    config.write_text(re.sub(r"  - mdproof\.show\.extension:\n(?: {6}.*\n)+", "", config.read_text(encoding="utf-8")), encoding="utf-8")

    built = run(guide, "-m", "mkdocs", "build", "--quiet")

    assert (1, True) == (built.returncode, built.stderr.startswith("mkdocs.yml:1: mdproof.show.extension is not among"))


@pytest.mark.parametrize("lost", [False, True], ids=["changed", "no proof"])
def test_the_preview_is_never_stuck(guide: Path, lost: bool) -> None:  # noqa: FBT001 - a case
    """Under ``mkdocs serve`` a page that is not proven is shown, and says so."""
    with (guide / "docs" / "a" / "one.md").open("a", encoding="utf-8") as page:
        page.write("\nOne word more.\n")
    if lost:
        shutil.rmtree(guide / "build")

    built = run(guide, "-c", PREVIEW)

    assert (built.returncode, built.stderr) == (0, "")
    html = (guide / "site" / "a" / "one" / "index.html").read_text(encoding="utf-8")
    assert "This page is not proven as it stands" in html
