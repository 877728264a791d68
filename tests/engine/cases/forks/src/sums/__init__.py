"""Sums."""


def double(number: int) -> int:
    return number * 2


def triple(number: int) -> int:
    return number * 3


def wait(number: int) -> int:
    while number > 0:
        number -= 1
    return number


def forgotten(number: int) -> int:
    return number + 1
