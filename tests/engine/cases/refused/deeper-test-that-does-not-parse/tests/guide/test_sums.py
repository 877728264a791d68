from calc import add


def test_more() -> None:
    assert add(2, 2) === 4
