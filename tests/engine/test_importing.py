"""The moment at which a file of a project is imported."""

from __future__ import annotations

import pytest

from mdproof.exercise.importing import Import


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("src/shop/orders.py", "shop.orders"),
        ("src/shop/parts/__init__.py", "shop.parts"),
        ("tests/conftest.py", "tests.conftest"),
        ("shop.py", "shop"),
    ],
)
def test_who_waits_for_a_file_is_told_once(path: str, module: str) -> None:
    """Other modules are none of its business, and whoever is asked finds none."""
    told: list[str] = []
    finder = Import(path, lambda: told.append(module))

    for name in (module.rpartition(".")[0] or "other", f"{module}.more", module, module):
        finder.find_spec(name, None, None)

    assert [module] == told
