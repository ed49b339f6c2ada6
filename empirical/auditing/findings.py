"""What an audit finds, as plain numbers: the data behind the verdict, the page and the JSON file."""

from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from fvproof.empirical.auditing.examples import NaturalExamples
from fvproof.empirical.auditing.knowable import Knowable
from fvproof.empirical.class_folders import Labelling
from fvproof.empirical.detecting.detection import Signs
from fvproof.empirical.fooling.twins import TwinCheck
from fvproof.empirical.measurement.bootstrap import Estimate
from fvproof.empirical.measurement.holdout import Reading
from fvproof.empirical.measurement.reading_radius import ReadingRadius
from fvproof.empirical.measurement.similarity import LayerSimilarity
from fvproof.empirical.networks.objectives import Objective


@dataclass(frozen=True, slots=True, eq=False)
class CertifiedEnd:
    """The true extremum of a unit over all images, beside what gradient ascent found.

    Attributes
    ----------
    low, high
        The extremum lies between them, proven.
    image
        Float32 (C, H, W): it attains the inner end of the interval, up to its rounding to float32.
    gap
        By how much gradient ascent missed it, as a share of the range between the unit's two certified extrema; not a
        number where they are equal.
    distance
        Euclidean distance of the two images, as a share of the largest possible.
    file
        Where the certificate is, in the folder of the report.
    """

    low: float
    high: float
    image: np.ndarray
    gap: float
    distance: float
    file: str


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
        How the optimization fared; see `fvproof.empirical.maximization.baselines.Status`.
    succeeded
        Whether it is as extreme as anything else that was tried.
    file
        Where the record of its optimization is, in the folder of the report.
    certified
        The true extremum, where the network is small enough.
    """

    image: np.ndarray
    activation: float
    activation_seen: float
    natural_best: float
    noise_best: float
    status: str
    succeeded: bool
    file: str
    certified: CertifiedEnd | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a unit can be read: near which images, and how far it is from affine.

    Attributes
    ----------
    radii
        One per natural image around which it was measured.
    nonlinearity
        The unit's distance from affine between natural images, as a share of its change there.
    """

    radii: tuple[ReadingRadius, ...]
    nonlinearity: Estimate

    @property
    def certified(self) -> bool:
        """Whether every radius is proven."""
        return all(found.certified is not None for found in self.radii)

    @property
    def radius(self) -> float:
        """The median radius, Euclidean: certified if every one is, else estimated; there must be one."""
        return median([found.radius if self.certified else found.estimated or 0.0 for found in self.radii])

    @property
    def nearest(self) -> float:
        """The median distance of those images to the nearest other one."""
        return median([found.nearest for found in self.radii])


@dataclass(frozen=True, slots=True, eq=False)
class UnitFindings:
    """Everything about one unit.

    Attributes
    ----------
    unit
        What was visualized.
    meaning
        The name of the class, of a unit that stands for one.
    minimization, maximization
        Its two visualizations.
    natural
        Its activation of every natural image.
    reading
        How well decoders predict its natural activations; None where the visualizations are no two of one unit.
    knowable
        One per class of functions; empty where there is no reading.
    whereabouts
        Where it can be read; None where there is no reading.
    signs
        Of a manipulation of its maximization; None where they were not looked for.
    examples
        The natural images that excite it most and least; None where there is no reading.
    layers
        The names of the modules at which it is read.
    """

    unit: Objective
    meaning: str | None
    minimization: End
    maximization: End
    natural: np.ndarray
    reading: Reading | None
    knowable: tuple[Knowable, ...]
    whereabouts: Whereabouts | None = None
    signs: Signs | None = None
    examples: NaturalExamples | None = None
    layers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class TwinFindings:
    """A network that has a unit's visualizations and disagrees with the unit on a natural image.

    Attributes
    ----------
    unit
        The unit whose twin it is.
    image, image_name
        The natural image on which they disagree.
    original
        The unit's activation of that image.
    check
        What the twin does, beside the original, on all images and on the visualizations.
    found_again
        Largest difference of two images, over all pixels, that the optimizer finds on the twin and on the original.
    """

    unit: Objective
    image: np.ndarray
    image_name: str
    original: float
    check: TwinCheck
    found_again: float


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
        Whether the requirement is met; None for a statement that requires nothing.
    figure, label
        The answer as one figure, and what it counts, for the first lines of a report; empty where there is none.
    """

    question: str
    answer: str
    detail: str
    holds: bool | None
    figure: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the model's visualizations can be trusted.

    Attributes
    ----------
    word, sentence
        The same in short and in full.
    meaning
        What that means for who looks at them, in a sentence.
    advice
        What to do next, sentence by sentence.
    reasons
        Why.
    """

    word: Literal["trusted", "not trusted"]
    sentence: str
    meaning: str
    advice: tuple[str, ...]
    reasons: tuple[Reason, ...]

    @property
    def trusted(self) -> bool:
        """Whether every requirement is met."""
        return self.word == "trusted"


@dataclass(frozen=True, slots=True)
class Silence:
    """How many channels of a rectifier no natural image opens, and the numbers of those that hardly any opens."""

    rectifier: str
    silent: int
    channels: int
    rare: tuple[int, ...] = ()


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
    accuracy
        Share of the natural images that the network puts into the class of their label; None where that cannot be told.
    curve
        Layer by layer from the input; empty where images have no labels.
    twin
        None where none could be built.
    silence
        Rectifier by rectifier; empty where there are none that shut exactly.
    verdict
        What follows.
    settings
        Everything that the result depends on, by name.
    versions
        Of this package and those that compute.
    notes
        What the reader has to know: images that were skipped, files that were damaged.
    labelling
        Which output each class folder stands for; None of images from elsewhere.
    """

    model: str
    image_count: int
    units: tuple[UnitFindings, ...]
    accuracy: float | None
    curve: tuple[LayerSimilarity, ...]
    twin: TwinFindings | None
    silence: tuple[Silence, ...]
    verdict: Judgement
    settings: dict[str, str | int | float | None]
    versions: dict[str, str]
    notes: tuple[str, ...]
    labelling: Labelling | None = None
