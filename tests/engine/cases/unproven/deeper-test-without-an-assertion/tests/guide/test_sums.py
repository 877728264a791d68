from calc import add


def test_more() -> None:
    add(2, 2)
