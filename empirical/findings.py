"""What an audit finds, as plain numbers: the data behind the verdict, the page and the JSON file."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from empirical.bootstrap import Estimate
from empirical.similarity import LayerSimilarity
from empirical.units import Unit


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """One visualization of a unit.

    Attributes
    ----------
    image
        Float32 (C, H, W) in [0, 1].
    activation
        Of this image as it is.
    activation_seen
        As the optimiser saw it, through its motions.
    natural_best, noise_best
        The most extreme activation, at this end, of natural images and of as many noise images as there were steps.
    status
        How the optimization fared; see `empirical.baselines.Status`.
    succeeded
        Whether it is as extreme as anything else that was tried.
    file
        Where the record of its optimization is, in the folder of the report.
    """

    image: np.ndarray
    activation: float
    activation_seen: float
    natural_best: float
    noise_best: float
    status: str
    succeeded: bool
    file: str


@dataclass(frozen=True, slots=True)
class Prediction:
    """How well a decoder, which sees a unit's visualization only, predicts its activations of natural images.

    Attributes
    ----------
    decoder
        What it does, in words.
    error
        Mean absolute error as a share of the uninformed decoder's.
    side
        Share of images for which it tells whether the activation is nearer the maximum or the minimum.
    order
        Share of pairs of images of which it tells the one with the larger activation; chance is 1/2.
    """

    decoder: str
    error: Estimate
    side: Estimate
    order: Estimate


@dataclass(frozen=True, slots=True)
class Knowable:
    """What any decoder can know about natural images from a visualization, if the unit is of some class of functions.

    Attributes
    ----------
    function_class, title
        Its name in the theory's table, and what a reader calls it.
    impossible
        Why no function of the class has this visualization; None where some have it.
    radius
        The error that no decoder can avoid, as a share of the uninformed decoder's: mean over natural images.
    side_solvable
        Share of natural images for which the visualization settles the side.
    """

    function_class: str
    title: str
    impossible: str | None
    radius: float | None
    side_solvable: float | None


@dataclass(frozen=True, slots=True, eq=False)
class UnitFindings:
    """Everything about one unit.

    Attributes
    ----------
    unit
        Its layer and channel.
    meaning
        The name of the class, of a unit that stands for one.
    minimization, maximization
        Its two visualizations.
    natural
        Its activation of every natural image.
    predictions
        One per decoder, measured on the second half of the images; empty where it could not be measured.
    best
        The place among them of the decoder that did best on the first half; None where it could not be measured.
    knowable
        One per class of functions.
    """

    unit: Unit
    meaning: str | None
    minimization: End
    maximization: End
    natural: np.ndarray
    predictions: tuple[Prediction, ...]
    best: int | None
    knowable: tuple[Knowable, ...]

    @property
    def best_prediction(self) -> Prediction | None:
        """What the chosen decoder came to."""
        return None if self.best is None else self.predictions[self.best]


@dataclass(frozen=True, slots=True, eq=False)
class TwinFindings:
    """A network that has a unit's visualization and disagrees with the unit on a natural image.

    Attributes
    ----------
    unit
        The unit whose twin it is.
    image, image_name
        The natural image on which they disagree.
    original, twin
        Activations of that image.
    minimum, maximum
        Activations of the two visualizations, in both networks.
    agreeing
        On how many other images both were compared.
    largest_difference
        And by how much they differ there, at most.
    """

    unit: Unit
    image: np.ndarray
    image_name: str
    original: float
    twin: float
    minimum: float
    maximum: float
    agreeing: int
    largest_difference: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of the verdict.

    Attributes
    ----------
    question
        What is asked.
    answer
        What was found, as a clause.
    detail
        What is required, and the numbers, as sentences.
    holds
        Whether the requirement is met; None for a statement of theory, which requires nothing.
    """

    question: str
    answer: str
    detail: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the model's visualizations can be trusted, in one sentence, and why."""

    word: Literal["trusted", "not trusted"]
    sentence: str
    reasons: tuple[Reason, ...]

    @property
    def trusted(self) -> bool:
        """Whether every requirement is met."""
        return self.word == "trusted"


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """All findings on one model.

    Attributes
    ----------
    model
        As the user named it.
    image_count
        How many natural images were looked at.
    units
        In the order asked for.
    curve
        Layer by layer from the input; empty where images have no labels.
    twin
        None where none could be built.
    verdict
        What follows.
    settings
        Everything that the result depends on, by name.
    versions
        Of this package and those that compute.
    notes
        What the reader has to know: images that were skipped, files that were damaged.
    """

    model: str
    image_count: int
    units: tuple[UnitFindings, ...]
    curve: tuple[LayerSimilarity, ...]
    twin: TwinFindings | None
    verdict: Verdict
    settings: dict[str, str | int | float | None]
    versions: dict[str, str]
    notes: tuple[str, ...]
