"""Files that are spoilt for a while."""

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
    """Bytecode that was made of one text is not taken for that of the next, which may be as long."""
    files, path = Files(str(folder)), folder / "one"
    seen = [int(path.stat().st_mtime)]
    for text in ("2", "3"):
        with files.spoilt("one", text):
            seen.append(int(path.stat().st_mtime))

    assert 3 == len(set(seen))
    assert seen[0] == int(path.stat().st_mtime)


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
