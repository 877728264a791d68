import pytest

pytest.skip("later", allow_module_level=True)


def test_more() -> None:
    assert pytest
