"""What torch saved in a file, read without running any code from it."""

import pickle
import warnings
from pathlib import Path

import torch

from fvproof.theory.errors import DomainError


def unpickled(path: Path, what: str, instead: str) -> object:
    """Return what torch saved in a file.

    Parameters
    ----------
    path
        Where it is.
    what, instead
        What it should hold, and what to save in the place of a pickle that could run code, for the error messages.

    Raises
    ------
    DomainError
        If torch cannot read it (the cause is torch's own error), or it wants to run code.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        reason = f"it is a pickle that could run code when it is opened; save {instead}"
        raise DomainError(f"{path} is refused: {reason}") from error
    except Exception as error:
        raise DomainError(f"{path} is no file of {what} that torch can read") from error
