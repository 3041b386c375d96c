"""Bijections of 0 … size-1 that look random: how identifiers stay unique without any memory of those given out.

A Feistel network over pairs (left, right) of 0 … side-1, side = ⌈√size⌉, whose round functions are tables of random
numbers, with cycle walking: what falls outside the range is permuted again until it falls inside. The tables are small
(side numbers a round: 30,000 for a billion values) and drawn from the key alone, alike on every machine and Python.
"""

from math import isqrt
from random import Random
from typing import Final

_ROUNDS: Final = 4
"""Luby and Rackoff: four rounds of random functions look like a random permutation."""


class Permutation:
    """A bijection of `range(size)`, chosen by `key`."""

    def __init__(self, size: int, key: int) -> None:
        if size < 1:
            raise ValueError("a permutation needs at least one value")
        self.size: Final = size
        self._side = side = isqrt(size - 1) + 1
        draw = Random(key).random  # noqa: S311 - nothing here is a secret
        self._rounds = tuple([int(draw() * side) for _ in range(side)] for _ in range(_ROUNDS))
        self._backwards = self._rounds[::-1]

    def __call__(self, value: int) -> int:
        """The image of `value`.

        Raises:
            IndexError: `value` is not of `range(size)`.
        """
        if not 0 <= value < self.size:
            raise IndexError(f"{value} is not of 0 … {self.size - 1}")
        side = self._side
        while True:
            left, right = divmod(value, side)
            for function in self._rounds:
                left, right = right, (left + function[right]) % side
            value = left * side + right
            if value < self.size:
                return value

    def inverse(self, image: int) -> int:
        """The value whose image this is: the rounds backwards, walking the same cycle the other way.

        Raises:
            IndexError: `image` is not of `range(size)`.
        """
        if not 0 <= image < self.size:
            raise IndexError(f"{image} is not of 0 … {self.size - 1}")
        side = self._side
        while True:
            left, right = divmod(image, side)
            for function in self._backwards:
                left, right = (right - function[left]) % side, left
            image = left * side + right
            if image < self.size:
                return image
