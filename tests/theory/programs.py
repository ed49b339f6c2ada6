"""Oracles: linear programs over the values at finitely many points, which know no closed form.

Each states what membership in a class says about the values at the given points (and about slopes there), so that its
optimum is the end of the ambiguity set. They share no code with the classes.
"""

from itertools import combinations, permutations, product
from math import inf

import highspy
import numpy as np

from fvproof.verify.search.relaxation import silent_highs

TOLERANCE = 1e-6


class Program:
    """A linear program whose variables and constraints are added one by one; expressions map variables to weights."""

    def __init__(self, phi, points):
        self.size = 0
        self.upper, self.equal = [], []
        self.minimum, self.maximum = float(phi.minimum), float(phi.maximum)
        self.low, self.high = getattr(phi, "bounds", (self.minimum, self.maximum))
        self.points = list(dict.fromkeys([phi.argmin, phi.argmax, *points]))
        self.argmin, self.argmax = phi.argmin, phi.argmax
        self.values = {}

    def free_values(self):
        """Give every point a value between m and M, m at the argmin and M at the argmax."""
        self.values = {p: self.variable() for p in self.points}
        self.pin()

    def pin(self):
        """Demand the values that the visualization states, and that all others lie between them."""
        for expression in self.values.values():
            self.at_most(expression, self.high)
            self.at_most(minus(expression), -self.low)
        self.equals(self.values[self.argmin], self.minimum)
        self.equals(self.values[self.argmax], self.maximum)

    def variable(self):
        self.size += 1
        return {self.size - 1: 1.0}

    def at_most(self, expression, bound):
        self.upper.append((expression, float(bound)))

    def equals(self, expression, bound):
        self.equal.append((expression, float(bound)))

    def largest(self, expression):
        """Return the largest value of the expression, or -inf if the program is infeasible."""
        rows = [(weights, -inf, bound) for weights, bound in self.upper]
        rows += [(weights, bound, bound) for weights, bound in self.equal]
        entries = [[(i, weight) for i, weight in weights.items() if weight] for weights, _, _ in rows]
        program = highspy.HighsLp()
        program.num_col_, program.num_row_, program.sense_ = self.size, len(rows), highspy.ObjSense.kMaximize
        program.col_cost_ = np.array([expression.get(i, 0.0) for i in range(self.size)])
        program.col_lower_, program.col_upper_ = np.full(self.size, -inf), np.full(self.size, inf)
        program.row_lower_, program.row_upper_ = (np.array([row[end] for row in rows]) for end in (1, 2))
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = np.cumsum([0, *map(len, entries)])
        program.a_matrix_.index_ = np.array([i for row in entries for i, _ in row])
        program.a_matrix_.value_ = np.array([weight for row in entries for _, weight in row])
        return _optimum(program)

    def largest_margin(self, x, value):
        """Return by how much all other points can stay off m and M while x takes the value, at most 1."""
        margin = self.variable()
        self.at_most(margin, 1)
        for p, expression in self.values.items():
            if p != self.argmin:
                self.at_most(plus(minus(expression), margin), -self.low)
            if p != self.argmax:
                self.at_most(plus(expression, margin), self.high)
        self.equals(self.values[x], value)
        return self.largest(margin)


def _optimum(program):
    """Return the optimum of a bounded program, or -inf if there is no point."""
    solver = silent_highs()
    solver.passModel(program)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kUnboundedOrInfeasible:
        solver.setOptionValue("presolve", "off")
        solver.run()
    status = solver.getModelStatus()
    assert status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible), status
    return solver.getInfo().objective_function_value if status == highspy.HighsModelStatus.kOptimal else -inf


def plus(*expressions):
    keys = {i for expression in expressions for i in expression}
    return {i: sum(expression.get(i, 0.0) for expression in expressions) for i in keys}


def times(factor, expression):
    return {i: float(factor) * weight for i, weight in expression.items()}


def minus(expression):
    return times(-1, expression)


def corners(phi):
    return list(product((0, 1), repeat=phi.dimension))


def norm(p, q, name):
    return np.linalg.norm([float(t - s) for s, t in zip(p, q, strict=True)], {"l1": 1, "l2": 2, "linf": inf}[name])


def arbitrary(phi, points):
    """Any values between m and M."""
    program = Program(phi, points)
    program.free_values()
    return program


def lipschitz(constant, name):
    """Values that differ by at most L times the distance, for every pair."""

    def build(phi, points):
        program = Program(phi, [*points, *corners(phi)])
        program.free_values()
        for p, q in permutations(program.points, 2):
            difference = plus(program.values[p], minus(program.values[q]))
            program.at_most(difference, float(constant) * norm(p, q, name))
        return program

    return build


def monotone(phi, points):
    """Values in the order of the points, for every pair."""
    program = Program(phi, [*points, *corners(phi)])
    program.free_values()
    _ordered(program)
    return program


def _ordered(program):
    for p, q in permutations(program.points, 2):
        if all(s <= t for s, t in zip(p, q, strict=True)):
            program.at_most(plus(program.values[p], minus(program.values[q])), 0)


def monotone_lipschitz(constant, name):
    """Both, over the points and all their pairwise joins and meets."""

    def build(phi, points):
        given = [phi.argmin, phi.argmax, *points]
        joined = [tuple(map(choose, p, q)) for p, q in combinations(given, 2) for choose in (min, max)]
        program = lipschitz(constant, name)(phi, [*points, *joined])
        _ordered(program)
        return program

    return build


def convex(phi, points, *, sign=1):
    """Values with a slope at every point whose tangent stays below all other values, and below M at the corners."""
    program = Program(phi, [*points, *corners(phi)])
    program.free_values()
    slopes = {p: [program.variable() for _ in p] for p in program.points}
    for p, q in permutations(program.points, 2):
        rise = plus(*(times(float(t - s), w) for s, t, w in zip(p, q, slopes[p], strict=True)))
        program.at_most(times(sign, plus(program.values[p], rise, minus(program.values[q]))), 0)
    return program


def concave(phi, points):
    """Tangents that stay above all other values."""
    return convex(phi, points, sign=-1)


def affine(phi, points, *, vertices=None):
    """Weights and a constant, with values between m and M at all corners of the cube, or of another polytope."""
    program = Program(phi, [*points, *(corners(phi) if vertices is None else vertices)])
    weights, constant = [program.variable() for _ in phi.argmin], program.variable()
    program.values = {
        p: plus(constant, *(times(t, w) for t, w in zip(p, weights, strict=True))) for p in program.points
    }
    program.pin()
    return program


def constant(phi, points):
    """One value everywhere."""
    program = arbitrary(phi, points)
    for p, q in permutations(program.points, 2):
        program.at_most(plus(program.values[p], minus(program.values[q])), 0)
    return program


def trained(labels):
    """Any values between m and M, with the labels on the training points."""

    def build(phi, points):
        program = arbitrary(phi, [*points, *labels])
        for z, y in labels.items():
            program.equals(program.values[z], y)
        return program

    return build
