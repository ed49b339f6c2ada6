"""Changes of JSON records, as somebody would make them who wants a certificate to say what is not so."""

import copy
import json
import random
from fractions import Fraction

import numpy as np

from fvproof.verify.certificates.certificate import seal
from fvproof.verify.certificates.meaning import property_digest
from fvproof.verify.certificates.packing import packed, unpacked
from fvproof.verify.files.records import surd

JUNK = (None, True, False, 0, 1, -1, 3.5, "", "x", "1/0", "1", "1/2", [], {}, [1], ["0"], {"file": "x"}, "9" * 5000)
"""What no field holds, or hardly any."""


def is_packed(value):
    return isinstance(value, dict) and set(value) == {"shape", "data"}


def places(value, path=()):
    """Yield the path of everything in a record; packed arrays count as one thing."""
    if is_packed(value):
        return
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(part, (*path, key))


def at(record, path):
    for key in path:
        record = record[key]
    return record


def perturbed(value, rng):
    """Return another value of the same kind: a number that is one more or less, a text with another character."""
    match value:
        case bool():
            return not value
        case int():
            return value + rng.choice([-1, 1])
        case float():
            return value + rng.choice([-1.0, 1.0, 1e-3])
        case dict() if is_packed(value):
            return _packed(value, rng)
        case str():
            step = rng.choice([-1, 1]) * Fraction(1, rng.choice([1, 1, 2, 1 << 32, 1 << 60]))
            number = exact(value)
            return str(number + step) if isinstance(number, Fraction) else _other_text(value, rng)
        case list() | dict() if value:
            return value.__class__()
        case _:
            return rng.choice(JUNK)


def _packed(value, rng):
    """Return packed integers with one entry changed, or one more."""
    array = unpacked(value)
    if not array.size or rng.random() < 0.1:
        return packed(np.append(array.reshape(-1), rng.randrange(-3, 3)))
    flat = array.reshape(-1).copy()
    flat[rng.randrange(flat.size)] += rng.choice([-1, 1]) << rng.choice([0, 0, 20, 32, 40])
    return packed(flat.reshape(array.shape))


def _other_text(text, rng):
    """Return a text with one character changed, one more, or one less."""
    place = rng.randrange(len(text) + 1)
    return rng.choice([text[:place] + "z" + text[place + 1 :], text[:place] + "0" + text[place:], text[:-1]])


def exact(text):
    """Return the number that a text states, or the text."""
    try:
        return surd(text, "") if isinstance(text, str) else text
    except ValueError:
        return text


def meaning(value):
    """Return a record with numbers in place of their texts: "1/2" and "2/4" are one."""
    if isinstance(value, dict):
        return {key: meaning(part) for key, part in value.items()}
    if isinstance(value, list):
        return [meaning(part) for part in value]
    return (type(value).__name__, value) if isinstance(value, bool | int | float) else exact(value)


def changed(record, rng):
    """Return a record with one change somewhere, and the path of it."""
    record = copy.deepcopy(record)
    path = rng.choice(list(places(record)))
    parent, key = at(record, path[:-1]), path[-1]
    value, how = parent[key], rng.randrange(12)
    siblings = list(parent) if isinstance(parent, dict) else range(len(parent))
    other = rng.choice(list(siblings))
    if how == 0:
        del parent[key]
    elif how == 1 and isinstance(parent, list):
        parent.insert(other, copy.deepcopy(value))
    elif how == 2 and isinstance(parent, dict):
        parent[rng.choice(["extra", "note", key + "_", key.upper()])] = copy.deepcopy(value)
    elif how == 3:
        parent[key], parent[other] = parent[other], parent[key]
    elif how == 4:
        parent[key] = copy.deepcopy(at(record, rng.choice(list(places(record)))))
    elif how == 5:
        parent[key] = copy.deepcopy(rng.choice(JUNK))
    elif how == 6 and isinstance(value, list) and value:
        parent[key] = value[: rng.randrange(len(value))]
    elif how == 7 and isinstance(value, str) and isinstance(number := exact(value), Fraction):
        parent[key] = str(-number)
    else:
        parent[key] = perturbed(value, rng)
    return record, path


def sealed(record):
    """Return a certificate with the digests of what it says now, as its author can always make them."""
    record = copy.deepcopy(record)
    held = record.get("property")
    ways = held.get("alternatives") if isinstance(held, dict) else None
    if isinstance(ways, list) and "sha256" in held and all(isinstance(way, str) for way in ways):
        held["sha256"] = property_digest(ways)
    if "sha256" in record:
        record["sha256"] = seal(record)
    return record


def mutants(record, count, seed=0):
    """Yield so many records that mean something else than a record, and where the change is."""
    rng, meant = random.Random(seed), meaning(record)
    while count:
        mutant, path = changed(record, rng)
        mutant = json.loads(json.dumps(sealed(mutant)))
        if meaning(mutant) != meant:
            count -= 1
            yield mutant, path
