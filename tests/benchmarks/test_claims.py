"""The controls of `fvproof claim`, a few of them: right claims are not refused, and wrong ones not accepted."""

from dataclasses import replace

from benchmarks import claims


def test_a_few_right_claims_are_accepted_and_no_wrong_one(monkeypatch):
    monkeypatch.setattr(claims, "UNITS", {"digits": ("hidden:2", "logits:2")})
    monkeypatch.setattr(claims, "METHODS", ("pixels",))
    monkeypatch.setattr(claims, "LOOPS", {"plain Adam": {"pixels": False}})
    monkeypatch.setattr(claims, "SHIFTS", (1,))
    monkeypatch.setattr(claims, "SETTINGS", replace(claims.SETTINGS, steps=64))
    monkeypatch.setattr(claims, "LONGER", claims.SETTINGS)
    rows = list(claims.measure(quick=True))
    counts = ("deserved", "not deserved", "undecided")
    assert all(row["of"] == sum(row[word] for word in counts) for row in rows)
    right, wrong = ([row for row in rows if row["right"] is which] for which in (True, False))
    assert sum(row["of"] for row in right) >= 10
    assert sum(row["of"] for row in wrong) >= 20
    assert sum(row["deserved"] for row in right) >= 0.9 * sum(row["of"] for row in right)
    assert [row["claims"] for row in right if row["not deserved"]] == []
    assert [row["claims"] for row in wrong if row["deserved"]] == []
