"""The questions of a trial: two natural images each, and which of them excites a unit more.

A question shows pictures of a unit (in one condition its two visualizations, in the other the natural images that
excite it least and most), and two natural images that are none of these. What is asked is which excites the unit more,
as in the studies of Borowski et al. (ICLR 2021) and Zimmermann et al. (NeurIPS 2021). Exemplars come from one half of
the images, questions from the other, so that nobody sees the answer. Of every condition some questions are *catch
trials*: the two images are among the pictures shown, and whoever looks knows which it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal, get_args

import numpy as np

from fvproof.empirical.auditing.work import seen
from fvproof.empirical.images import ImageSet
from fvproof.empirical.keeping.sweep import found
from fvproof.empirical.keeping.workspace import Workspace
from fvproof.empirical.measurement.holdout import best_decoder, decoder_layers, halves, layers_below
from fvproof.empirical.measurement.natural_exemplars import exemplar_ends, exemplar_places
from fvproof.empirical.measurement.prediction import Ends, Predicted, ends, predicted
from fvproof.empirical.networks.model import Model
from fvproof.empirical.networks.objectives import Objective, layers_of
from fvproof.theory.classes.relu_network import ReluNetworks
from fvproof.theory.errors import DomainError
from fvproof.theory.tasks import Task, solvable
from fvproof.theory.visualization import Visualization

Condition = Literal["visualizations", "examples"]
CONDITIONS: tuple[Condition, ...] = get_args(Condition)

Side = Literal["left", "right"]

CATCH_EVERY = 8
"""One catch trial comes with so many questions of a condition, of any of the units, and at least one."""

TENTH = 10
"""Of `extreme` pairs, one image is of the tenth that excites the unit most, and one of the tenth that does least."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes
    ----------
    name
        Under which it is answered: it tells nothing of the unit.
    unit, condition
        Whose pictures are shown, and which.
    catch
        Whether it is a catch trial.
    left, right
        The names of the two natural images; of a catch trial, "least" and "greatest".
    activations
        Of the unit, for the left and the right image.
    right_answer
        The side of the image that excites the unit more.
    decoder
        Which side the decoder says that is shown the same pictures and did best on the other half; None if it cannot
        tell, and of catch trials.
    granted
        Whether the theory grants the answer to everybody who sees the visualizations, if all that is known of the unit
        is that it is a ReLU network; None of examples and catch trials.
    """

    name: str
    unit: str
    condition: Condition
    catch: bool
    left: str
    right: str
    activations: tuple[float, float]
    right_answer: Side
    decoder: Side | None
    granted: bool | None


@dataclass(frozen=True, slots=True, eq=False)
class ShownQuestion:
    """What a question shows: pictures of the unit, the most extreme ones first, and the two images."""

    question: Question
    least: np.ndarray
    greatest: np.ndarray
    left: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, slots=True)
class Plan:
    """How many questions there are, and of what.

    Attributes
    ----------
    conditions
        Which pictures are shown: one or both.
    pairs
        Questions for each unit and condition, at least 1.
    difficulty
        "extreme" takes the two images from the tenths that excite the unit most and least, as the studies do; "any"
        takes any two of different activations.
    """

    conditions: tuple[Condition, ...] = CONDITIONS
    pairs: int = 4
    difficulty: Literal["extreme", "any"] = "extreme"

    def __post_init__(self) -> None:
        if not self.conditions or not set(self.conditions) <= set(CONDITIONS):
            raise DomainError(f"conditions must be of {', '.join(CONDITIONS)}, received {', '.join(self.conditions)}")
        if self.pairs < 1:
            raise DomainError(f"pairs must be at least 1, received {self.pairs}")
        if self.difficulty not in ("extreme", "any"):
            raise DomainError(f"difficulty must be extreme or any, received {self.difficulty!r}")


def questions(
    work: Workspace, units: Sequence[Objective], natural: Mapping[Objective, np.ndarray], plan: Plan
) -> list[ShownQuestion]:
    """Return the questions about units that are visualized in a workspace, in a random order.

    Parameters
    ----------
    work
        With both visualizations of every unit, and at least `LEAST_IMAGES` natural images; the seed of its settings is
        that of pairs, sides and order.
    units
        Of which `seen` gives something.
    natural
        For each unit its activations of the images.
    plan
        How many questions, and of what.

    Raises
    ------
    DomainError
        If a unit does not answer differently to enough images of the half from which questions are taken.
    """
    rng = np.random.default_rng(work.settings.seed)
    layers = decoder_layers(work.model, dict.fromkeys(name for unit in units for name in layers_of(unit)))
    shown = [_Asked(work, unit, natural[unit], condition) for unit, condition in product(units, plan.conditions)]
    made = predicted(work.model, [one.ends for one in shown], work.images, layers=layers)
    about = list(
        zip(shown, (_chosen(work.model, one, said, layers) for one, said in zip(shown, made, strict=True)), strict=True)
    )
    asked = [question for one, said in about for question in _about(one, said, plan, rng)]
    for condition in plan.conditions:
        of = [one for one in shown if one.condition == condition]
        count = max(1, sum(one.question.condition == condition for one in asked) // CATCH_EVERY)
        asked += [_catch(of[place], swapped=bool(rng.integers(2))) for place in _drawn(np.arange(len(of)), count, rng)]
    order = rng.permutation(len(asked))
    width = len(str(len(asked)))
    return [_named(asked[place], f"q{number:0{width}d}") for number, place in enumerate(order.tolist(), 1)]


class _Asked:
    """The pictures of one unit in one condition, and what the unit does."""

    def __init__(self, work: Workspace, unit: Objective, natural: np.ndarray, condition: Condition) -> None:
        phi = seen(work, unit)
        assert phi is not None
        self.unit, self.natural, self.images = unit, natural, work.images
        self.condition: Condition = condition
        self.phi: Visualization = phi
        self.first, self.second = halves(len(work.images), work.settings.seed)
        least, greatest = exemplar_places(natural, self.first)
        self.exemplars = [*least, *greatest] if condition == "examples" else []
        if condition == "examples":
            self.ends: Ends = exemplar_ends(work.images, natural, least, greatest)
            self.extremes: tuple[float, float] = (float(natural[least[0]]), float(natural[greatest[0]]))
        else:
            self.ends = ends(phi, work.images.shape)
            low, high = (found(work, unit, minimize=minimize).activation for minimize in (True, False))
            self.extremes = (low, high)


def _chosen(model: Model, shown: _Asked, made: Sequence[Predicted], layers: Sequence[str]) -> np.ndarray:
    """Return what the decoder predicts that did best on the half from which no question is taken."""
    places = np.setdiff1d(shown.first, shown.exemplars)
    return made[best_decoder(made, shown.natural, places, layers_below(model, shown.unit, layers))].values


def _about(shown: _Asked, said: np.ndarray, plan: Plan, rng: np.random.Generator) -> Iterator[ShownQuestion]:
    """Yield the questions of one unit in one condition."""
    for less, more in _pairs(shown, plan, rng):
        yield _question(shown, said, (less, more), swapped=bool(rng.integers(2)))


def _pairs(shown: _Asked, plan: Plan, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return pairs of places with a smaller and a larger activation, no image twice as far as there are enough."""
    ranked = shown.second[np.argsort(shown.natural[shown.second], kind="stable")]
    count = max(1, len(ranked) // TENTH) if plan.difficulty == "extreme" else len(ranked) // 2
    low, high = (_drawn(part, plan.pairs, rng) for part in (ranked[:count], ranked[-count:]))
    if plan.difficulty == "any":  # halves of all images, mixed
        mixed = rng.permutation(ranked)
        low, high = _drawn(mixed[:count], plan.pairs, rng), _drawn(mixed[count : 2 * count], plan.pairs, rng)
    pairs = [sorted(pair, key=lambda place: shown.natural[place]) for pair in zip(low, high, strict=True)]
    different = [(less, more) for less, more in pairs if shown.natural[less] < shown.natural[more]]
    if not different:
        raise DomainError(f"{shown.unit} does not answer differently to the images: nothing can be asked about it")
    return different


def _drawn(places: np.ndarray, count: int, rng: np.random.Generator) -> list[int]:
    """Return so many of the places in a random order, and the same ones again only where there are too few."""
    rounds = -(-count // len(places))
    return np.concatenate([rng.permutation(places) for _ in range(rounds)])[:count].tolist()


def _question(shown: _Asked, said: np.ndarray, pair: tuple[int, int], *, swapped: bool) -> ShownQuestion:
    """Return the question about two images, the one that excites the unit less to the left unless swapped."""
    left, right = pair[::-1] if swapped else pair
    granted = None
    if shown.condition == "visualizations":
        points = [shown.images.batch(place, place + 1).flatten().double().numpy() for place in pair]
        granted = solvable(Task.ORDER, ReluNetworks(), shown.phi, *points)
    decoder: Side | None = None if said[left] == said[right] else "left" if said[left] > said[right] else "right"
    asked = Question(
        "",
        str(shown.unit),
        shown.condition,
        catch=False,
        left=_name(shown.images, left),
        right=_name(shown.images, right),
        activations=(float(shown.natural[left]), float(shown.natural[right])),
        right_answer="left" if swapped else "right",
        decoder=decoder,
        granted=granted,
    )
    pictures = shown.images.subset([left, right]).batch().numpy()
    return ShownQuestion(asked, shown.ends.least, shown.ends.greatest, pictures[0], pictures[1])


def _catch(shown: _Asked, *, swapped: bool) -> ShownQuestion:
    """Return the question whose images are the most extreme ones of those that are shown."""
    both = [("least", shown.ends.least[0], shown.extremes[0]), ("greatest", shown.ends.greatest[0], shown.extremes[1])]
    (left, one, low), (right, other, high) = both[::-1] if swapped else both
    side: Side = "left" if swapped else "right"
    asked = Question(
        "",
        str(shown.unit),
        shown.condition,
        catch=True,
        left=left,
        right=right,
        activations=(low, high),
        right_answer=side,
        decoder=None,
        granted=None,
    )
    return ShownQuestion(asked, shown.ends.least, shown.ends.greatest, one, other)


def _name(images: ImageSet, place: int) -> str:
    """Return an image's file, or its number."""
    return images.names[place] if images.names else f"image {place}"


def _named(shown: ShownQuestion, name: str) -> ShownQuestion:
    """Return the question under the name under which it is answered."""
    return replace(shown, question=replace(shown.question, name=name))
