"""The table ``[tool.mdproof]``: what it says, and what is refused of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdproof.fault import Refused
from mdproof.settings import Service, Settings, load_settings

FOLDERS = "build, docs, environment, limit, mutation, ports, preload, run, services, snippets, tests"
WANTED = "needs variable and url, and may have embedded and real, all of them texts. Mend the setting."
STORE = '[tool.mdproof.services.store]\nvariable = "STORE_URL"\nurl = "store://:{port}"\n'


def given(root: Path, text: str) -> Path:
    """Give a guide whose settings are a text."""
    (root / "pyproject.toml").write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("text", [None, "", "[tool]\n", "[tool.mdproof]\n"], ids=["no file", "empty", "no table", "empty table"])
def test_a_guide_needs_no_settings(tmp_path: Path, text: str | None) -> None:
    """Where nothing is set all is as it is by default, and folders are below the whole path of the root."""
    if text is not None:
        given(tmp_path, text)

    settings = load_settings(tmp_path / "." / ".." / tmp_path.name)

    assert Settings(tmp_path) == settings
    assert ({"PORT": "{port}"}, {}, 60.0) == (settings.ports, settings.environment, settings.limit)
    folders = (settings.docs, settings.snippets, settings.tests, settings.build, settings.run, settings.mutation)
    assert ("docs", "snippets", "tests/guide", "build", "run", "tests/mutation") == folders


def test_whatever_is_set_is_taken(tmp_path: Path) -> None:
    """Folders are put in their plain form, lists become tuples, and options win over the table."""
    text = """\
[tool.mdproof]
docs = "./pages/"
snippets = "taken/../out/taken"
tests = "deep//tests"
build = "made"
run = "ran"
mutation = "changed"
limit = 3
preload = ["json", "shlex"]
ports = {"BÜHNE" = "{port}"}
environment = {A = "1"}
"""
    settings = load_settings(given(tmp_path, text), snippets="mine", run=None)

    expected = Settings(
        tmp_path,
        docs="pages",
        snippets="mine",
        tests="deep/tests",
        build="made",
        run="ran",
        mutation="changed",
        limit=3,
        preload=("json", "shlex"),
        ports={"BÜHNE": "{port}"},
        environment={"A": "1"},
    )
    assert expected == settings


def test_what_is_generated_may_be_elsewhere(tmp_path: Path) -> None:
    """A folder outside the guide is given whole."""
    settings = load_settings(given(tmp_path, '[tool.mdproof]\nbuild = "../made/now/.."\n'))

    assert (tmp_path.parent / "made").as_posix() == settings.build


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("nothing", "it cannot be read: Expected '=' after a key in a key/value pair (at end of document). Mend the file."),
        ("[tool.mdproof]\nb = 1\na = 1\n", f"[tool.mdproof] has no setting 'a'. Known are: {FOLDERS}."),
        ("[tool.mdproof]\nroot = '.'\n", f"[tool.mdproof] has no setting 'root'. Known are: {FOLDERS}."),
        *(
            (
                f"[tool.mdproof]\n{name} = {value!r}\n",
                f"[tool.mdproof] sets {name} to {value!r}, which is of the wrong type. Mend the setting.",
            )
            for name, value in (
                ("docs", 1),
                ("limit", "1"),
                ("preload", "json"),
                ("ports", "PORT"),
                ("environment", []),
                ("services", 0),
            )
        ),
        *(
            (f"[tool.mdproof]\n{name} = {given!r}\n", f"the folder of the {name} is {given!r}, which {wrong}")
            for name, given, wrong in (
                ("docs", ".", "holds more than that. Give it one of its own."),
                ("tests", "..", "holds more than that. Give it one of its own."),
                ("snippets", "docs", "holds more than that. Give it one of its own."),
                ("snippets", "build/.", "holds more than that. Give it one of its own."),
                ("build", "docs", "holds more than that. Give it one of its own."),
                ("build", "tests/guide", "holds more than that. Give it one of its own."),
                ("docs", "../docs", "is outside the guide. Name one below it."),
                ("tests", "../tests", "is outside the guide. Name one below it."),
            )
        ),
        ("[tool.mdproof]\nservices = {store = 'x'}\n", f"[tool.mdproof.services.store] {WANTED}"),
        ("[tool.mdproof.services.store]\nvariable = 'X'\n", f"[tool.mdproof.services.store] {WANTED}"),
        (f"{STORE}embedded = 1\n", f"[tool.mdproof.services.store] {WANTED}"),
        (f"{STORE}other = 'x'\n", f"[tool.mdproof.services.store] {WANTED}"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, table: str, said: str) -> None:
    """A fault of the settings is said whole, at the file."""
    with pytest.raises(Refused) as refused:
        load_settings(given(tmp_path, table))

    assert f"pyproject.toml:1: {said}" == str(refused.value)


def test_settings_are_utf_8(tmp_path: Path) -> None:
    """Any other encoding is refused."""
    (tmp_path / "pyproject.toml").write_bytes(b"# \xff")

    with pytest.raises(Refused, match=r"^pyproject\.toml:1: it cannot be read: 'utf-8' codec can't decode .*\. Mend the file\.$"):
        load_settings(tmp_path)


def test_tests_and_pages_may_share_a_folder(tmp_path: Path) -> None:
    """Only what is generated is deleted."""
    assert "docs" == load_settings(given(tmp_path, '[tool.mdproof]\ntests = "docs"\n')).tests


def test_a_service_is_embedded_or_real(tmp_path: Path) -> None:
    """A real one has a command line, and what is built with it lies beside; one without an embedded form is only real."""
    text = STORE + 'embedded = "own.store"\nreal = "sh -c {port}"\n' + STORE.replace("store]", "queue]") + 'real = "sh"\n'
    given(tmp_path, text + STORE.replace("store]", "mail]") + 'embedded = "own.mail"\n')

    embedded, real = load_settings(tmp_path), load_settings(tmp_path, "real")

    store, mail = (Service("STORE_URL", "store://:{port}", module) for module in ("own.store", "own.mail"))
    assert ((store, mail), "build") == (embedded.services, embedded.build)
    commands = [Service("STORE_URL", "store://:{port}", "", command) for command in ("sh -c {port}", "sh")]
    assert ((*commands, mail), "build/real") == (real.services, real.build)


def test_a_real_service_must_be_there(tmp_path: Path) -> None:
    """Its program is named; embedded, nobody asks for it."""
    given(tmp_path, f'{STORE}embedded = "own.store"\nreal = "no-such-server --port {{port}}"\n')

    with pytest.raises(Refused) as refused:
        load_settings(tmp_path, "real")

    assert "pyproject.toml:1: the real service 'store' is no-such-server, which is not installed. Install it." == str(refused.value)
    assert ["own.store"] == [s.module for s in load_settings(tmp_path).services]


@pytest.mark.parametrize(
    ("name", "path"),
    [("in-parts/one-page", "in-parts/test_one_page.py"), ("a/b/c", "a/b/test_c.py"), ("sums", "test_sums.py")],
)
def test_where_deeper_tests_are(tmp_path: Path, name: str, path: str) -> None:
    """A page's further tests are below the folder of its part, which keeps its dashes."""
    settings = Settings(tmp_path)

    assert tmp_path / "tests/guide" / path == settings.deeper_tests(name)
    assert f"tests/guide/{path}" == settings.relative(settings.deeper_tests(name))


def test_a_service_without_a_form_is_known_and_runs_nowhere(tmp_path: Path) -> None:
    """Neither embedded nor real."""
    given(tmp_path, STORE)

    assert [(), ()] == [load_settings(tmp_path, kind).services for kind in ("embedded", "real")]
