"""Assertions: which can fail, told from those on what a test says itself."""

from mdproof.proof.assertions import assertion_lines

TEXT = """
LIMIT = 3
def test_of_literals():
    pair = [1]
    assert pair == [1]
    assert LIMIT == 3
    for number in (1, 2):
        assert number
    with pytest.raises(ZeroDivisionError):
        1 / 0
    assert "x".upper() == "X"
    assert [n for n in (1, 2)]
@pytest.mark.parametrize("low, high", [(1, 2)])
def test_of_given_literals(low, high):
    assert low < high
def test_of_a_list_that_is_handed_on():
    seen = []
    app.connect(seen.append)
    assert ["x"] == seen  # can fail
def test_of_a_name_bound_again():
    count = 0
    def more():
        nonlocal count
        count = ask()
    more()
    assert count == 1  # can fail
def test_of_a_built_in_function_that_is_used_elsewhere():
    show(len("x"))
    assert len("x") == 1
def test_of_names_that_built_in_ones_have_elsewhere(filter):
    id = ask()
    assert filter  # can fail
    assert id == 1  # can fail
def test_of_a_call():
    with pytest.raises(ValueError):
        ask()
"""


def test_only_assertions_on_more_than_literals_count() -> None:
    """A list handed to others, a name bound again and a call can turn out otherwise; what a test says itself cannot."""
    lines = TEXT.splitlines()
    can_fail = {n for n, line in enumerate(lines, 1) if "# can fail" in line} | {lines.index("    with pytest.raises(ValueError):") + 1}

    assert can_fail == set(assertion_lines(TEXT))
