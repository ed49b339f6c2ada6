"""Other functions in the place of torch's, for as long as a `with` block lasts; modules and weights are not touched."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch.overrides import TorchFunctionMode
from typing_extensions import override


class substituted(TorchFunctionMode):  # noqa: N801 (used as `with substituted(...):`)
    """Inside the `with` block, calls of some of torch's functions, by modules too, go to others of the same signature.

    Parameters
    ----------
    others
        From each function to the one to call.

    Examples
    --------
    >>> import torch
    >>> with substituted({torch.sin: torch.cos}):
    ...     torch.sin(torch.zeros(1))
    tensor([1.])
    """

    def __init__(self, others: Mapping[Callable[..., Any], Callable[..., Any]]) -> None:
        super().__init__()
        self.others = others

    @override
    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        return self.others.get(func, func)(*args, **(kwargs or {}))
