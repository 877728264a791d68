"""Files that are spoilt for a while."""

import os
import shutil
from pathlib import Path

import pytest

from mdproof.mutate.files import Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with two files and a link."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "one").write_text("1", encoding="utf-8")
    (tmp_path / "inner/two").write_text("2", encoding="utf-8")
    (tmp_path / "inner/link").symlink_to("two")
    return tmp_path


def content(folder: Path) -> dict[str, str]:
    """Give what is in a folder."""
    return {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file()}


def test_a_file_has_another_text_for_a_while(folder: Path) -> None:
    """And then its own again; meanwhile it says so of itself."""
    files, before = Files(str(folder)), content(folder)
    with files.spoilt("one", "ünlike"):
        meanwhile = content(folder)

    assert before | {"one": "ünlike"} == meanwhile
    assert before == content(folder)


def test_each_text_has_a_time_of_its_own(folder: Path) -> None:
    """Bytecode that was made of one text is not taken for that of the next, which may be as long; the first is newer than all there is."""
    for path in folder.rglob("*"):
        os.utime(path, (100, 100), follow_symlinks=False)
    os.utime(folder / "inner/two", (200.5, 200.5))
    files, path = Files(str(folder)), folder / "one"
    seen = [path.stat().st_mtime]
    for text in ("2", "3"):
        with files.spoilt("one", text):
            seen.append(path.stat().st_mtime)

    assert [100, 201, 202, 100] == [*seen, path.stat().st_mtime]


def test_whatever_is_done_to_files_is_undone(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """New ones go, others come back, in each of the folders, even after a failure."""
    other = tmp_path_factory.mktemp("other")
    files, before = Files(str(folder), str(other)), content(folder)

    def spoil() -> None:
        (folder / "one").unlink()
        (folder / "inner/two").write_text("22", encoding="utf-8")
        (folder / "inner/new").write_text("", encoding="utf-8")
        (other / "new").write_text("", encoding="utf-8")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), files.kept():
        spoil()

    assert before == content(folder)
    assert {} == content(other)
    assert (folder / "inner/link").is_symlink()


def test_folders_that_are_gone_come_back(tmp_path: Path) -> None:
    """With all that is in them, however deep."""
    (tmp_path / "outer/inner").mkdir(parents=True)
    (tmp_path / "outer/inner/one").write_text("1", encoding="utf-8")
    with Files(str(tmp_path)).kept():
        shutil.rmtree(tmp_path / "outer")

    assert {"outer/inner/one": "1"} == content(tmp_path)


def test_what_a_new_link_leads_to_stays(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The link goes, be it to a folder, to a file, or to nothing."""
    other = tmp_path_factory.mktemp("other")
    (other / "one").write_text("1", encoding="utf-8")
    with Files(str(folder)).kept():
        for name, target in (("folder", other), ("file", other / "one"), ("nothing", other / "two")):
            (folder / name).symlink_to(target)

    assert {"inner", "one"} == {path.name for path in folder.iterdir()}
    assert {"one": "1"} == content(other)


def test_a_folder_may_have_two_names(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is new in it goes once."""
    link = tmp_path_factory.mktemp("other") / "link"
    link.symlink_to(folder)
    before = content(folder)
    with Files(str(folder), str(link)).kept():
        (folder / "new").write_text("", encoding="utf-8")

    assert before == content(folder)


def test_links_lead_again_where_they_led(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Be it to a folder, or to nothing; and what was a file is one, whatever a link in its place led to."""
    other = tmp_path_factory.mktemp("other")
    (other / "one").write_text("2", encoding="utf-8")
    links = {"folder": "inner", "file": "one", "nothing": "two"}
    for name, target in links.items():
        (folder / name).symlink_to(target)
        os.utime(folder / name, (100, 100), follow_symlinks=False)
    with Files(str(folder)).kept():
        (folder / "folder").unlink()
        (folder / "file").unlink()
        (folder / "file").write_text("3", encoding="utf-8")
        for name in ("nothing", "one"):
            (folder / name).unlink()
            (folder / name).symlink_to(other / "one")

    assert links == {name: str((folder / name).readlink()) for name in links}
    assert {100} == {(folder / name).lstat().st_mtime for name in links}
    assert {"one": "2"} == content(other)
    assert (folder / "one").read_text(encoding="utf-8") == "1"
    assert not (folder / "one").is_symlink()
