"""MkDocs' events: which pages keep the site from being built."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File
from mkdocs.structure.pages import Page

from mdproof.proof.record import digest
from mdproof.show import hook

TEXT = "# One\n\nText.\n"
HTML = '<pre data-block="1">X = 1</pre>'
PROVEN = {"text": digest(TEXT), "proven": True, "faults": [], "blocks": [{"number": 1, "place": "docs/one.md:9"}]}
REMEDY = "Run `python -m mdproof prove docs/{}.md`."


def started(
    root: Path, *, command: Literal["build", "serve"] = "build", options: Mapping[str, str] | None = None, **pages: dict[str, Any]
) -> MkDocsConfig:
    """Begin a build of a guide whose pages have these proofs."""
    folder = root / (options or {}).get("root", ".")
    proof = folder / (options or {}).get("proof", "build/proof.json")
    proof.parent.mkdir(parents=True, exist_ok=True)
    listed = [record | {"page": f"docs/{name}.md"} for name, record in pages.items()]
    proof.write_text(json.dumps({"versions": {}, "pages": listed}), encoding="utf-8")
    return configured(root, options or {}, command)


def configured(root: Path, options: Mapping[str, str], command: Literal["build", "serve"] = "build") -> MkDocsConfig:
    """Let MkDocs begin with these options of the extension."""
    config = MkDocsConfig(config_file_path=str(root / "mkdocs.yml"))
    config.markdown_extensions = [hook.EXTENSION]
    config.mdx_configs = {hook.EXTENSION: dict(options)}
    hook.on_startup(command=command, dirty=False)
    hook.on_config(config)
    return config


def read(config: MkDocsConfig, root: Path, name: str, text: str = TEXT) -> Page:
    """Give a page that MkDocs has read."""
    (root / "docs").mkdir(parents=True, exist_ok=True)
    (root / f"docs/{name}.md").write_text(text, encoding="utf-8")
    page = Page(None, File(f"{name}.md", str(root / "docs"), str(root / "site"), use_directory_urls=True), config)
    page.markdown = text
    return page


def test_a_proven_page_is_published(tmp_path: Path) -> None:
    """No event has anything against it."""
    page = read(started(tmp_path, one=PROVEN), tmp_path, "one")

    hook.on_page_content(HTML, page=page)
    hook.on_post_page(HTML, page=page)

    assert "environment" == hook.on_env("environment")


def test_an_empty_page_can_be_proven(tmp_path: Path) -> None:
    """MkDocs has no text for it."""
    page = read(started(tmp_path, one=PROVEN | {"text": digest(""), "blocks": []}), tmp_path, "one", "")
    page.markdown = None

    hook.on_post_page("", page=page)


def test_all_unproven_pages_are_named_once_before_any_is_written(tmp_path: Path) -> None:
    """One line a fault, in the order of the pages."""
    config = started(tmp_path, two=PROVEN)
    for name in ("one", "one", "two"):
        hook.on_page_content("", page=read(config, tmp_path, name))

    with pytest.raises(hook.Unproven) as stopped:
        hook.on_env("environment")

    lost = "this block was proven and is not on the finished page. Mend the plugin, hook or template that drops it."
    assert f"docs/one.md:1: this page is not in the proof. {REMEDY.format('one')}\ndocs/one.md:9: {lost}" == stopped.value.message


def test_a_finished_page_that_is_not_the_proven_one_stops_the_build(tmp_path: Path) -> None:
    """Code that something added is put at its line of the page."""
    page = read(started(tmp_path, one=PROVEN), tmp_path, "one")

    with pytest.raises(hook.Unproven) as stopped:
        hook.on_post_page(f"{HTML}<pre>Text.</pre>", page=page)

    said = "this code on the finished page is no proven block. Fence it, or drop what adds it."
    assert f"docs/one.md:3: {said}" == stopped.value.message


def test_a_page_that_is_no_file_of_the_guide_is_named_as_mkdocs_does(tmp_path: Path) -> None:
    """A plugin may have written it elsewhere."""
    page = read(started(tmp_path / "guide", one=PROVEN), tmp_path / "elsewhere", "made")

    with pytest.raises(hook.Unproven) as stopped:
        hook.on_post_page("", page=page)

    assert "made.md:1: this page is not in the proof. Run `python -m mdproof prove made.md`." == stopped.value.message


def test_a_preview_shows_pages_that_are_not_proven(tmp_path: Path) -> None:
    """Nothing stops it."""
    page = read(started(tmp_path, command="serve"), tmp_path, "one")

    hook.on_post_page("", page=page)


def test_what_is_unproven_is_printed_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    """To standard error."""
    hook.Unproven("docs/one.md:1: no.").show()

    assert ("", "docs/one.md:1: no.\n") == tuple(capsys.readouterr())


@pytest.mark.parametrize("options", [{}, {"root": "guide"}, {"proof": "proofs/all.json"}], ids=["none", "root", "proof"])
def test_the_proof_is_where_the_extension_looks_for_it(tmp_path: Path, options: dict[str, str]) -> None:
    """Below the folder of ``mkdocs.yml``, which the extension is told."""
    root = tmp_path / options.get("root", ".")
    config = started(tmp_path, options=options, one=PROVEN)

    hook.on_post_page(HTML, page=read(config, root, "one"))

    assert options | {"root": str(root)} == config.mdx_configs[hook.EXTENSION]


@pytest.mark.parametrize(
    ("proof", "shown"), [("{}/proof.json", "{}/proof.json"), ("proofs/all.json", "proofs/all.json")], ids=["elsewhere", "below"]
)
def test_a_guide_without_a_proof_is_not_built(tmp_path: Path, proof: str, shown: str) -> None:
    """The proof that was looked for is named, below the guide if it is there."""
    guide = tmp_path / "guide"

    with pytest.raises(hook.Unproven) as stopped:
        configured(guide, {"proof": proof.format(tmp_path)})

    expected = f"{shown.format(tmp_path)}:1: there is no proof that can be read. Run `python -m mdproof prove`."
    assert expected == stopped.value.message


def test_a_site_without_the_extension_is_not_built(tmp_path: Path) -> None:
    """It could not mark its blocks."""
    with pytest.raises(hook.Unproven) as stopped:
        hook.on_config(MkDocsConfig(config_file_path=str(tmp_path / "mkdocs.yml")))

    expected = "mkdocs.yml:1: mdproof.show.extension is not among the markdown_extensions. List it, as the last one."
    assert expected == stopped.value.message


@pytest.mark.parametrize("proof", ["proof.json", "build/later/proof.json"], ids=["folder", "no folder"])
def test_the_preview_watches_a_proof_that_is_still_to_come(tmp_path: Path, proof: str) -> None:
    """The first proof of a fresh checkout ends the banner, without an edit."""
    watched: list[str] = []
    configured(tmp_path, {"proof": proof}, "serve")

    hook.on_serve(SimpleNamespace(watch=watched.append))  # type: ignore[arg-type]

    assert [str(tmp_path / proof)] == watched
    assert (tmp_path / proof).is_file()
