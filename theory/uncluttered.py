"""What a class shows of itself where its names are listed."""

from typing_extensions import override


class Uncluttered(type):
    """The type of classes of which `dir`, completion and `help` list what one uses, and nothing that Python keeps.

    What a frozen dataclass is for is hard to find among its fields, parameters and comparisons otherwise, and
    `help(fvproof)` shows each class that the package names.

    Examples
    --------
    >>> class Pair(metaclass=Uncluttered):
    ...     left = 0
    >>> dir(Pair)
    ['left']
    """

    @override
    def __dir__(cls) -> list[str]:
        return [name for name in type.__dir__(cls) if not name.startswith("_")]
