"""The package under test is the one of this project."""

from pathlib import Path

import myapp


def test_the_package_is_the_one_below_src() -> None:
    """What is tested is the package in src, wherever pytest is started."""
    assert ["src", "myapp", "__init__.py"] == list(
        Path(myapp.__file__).parts[-3:]
    )
