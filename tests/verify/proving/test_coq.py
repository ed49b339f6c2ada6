"""The statements as theorems of Coq: each says what its statement says, coqc accepts it, and mutants of it fail."""

import re
import shutil
from pathlib import Path

import pytest

from fvproof.theory.errors import FvproofError
from fvproof.theory.statements import STATEMENTS
from fvproof.verify.proving import coq
from fvproof.verify.proving.coq import AXIOMS, assumed, check, compiled, needed, sources, theorems, write

needs_coqc = pytest.mark.skipif(shutil.which("coqc") is None, reason="needs coqc: apt install coq")
QUICK = ["minimax", "proposition-1", "convex"]
GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "coq.md"

MUTANTS = {
    "minimax": ("D e -> r <= e)", "D e -> r < e)"),
    "proposition-1": ("<= (M - m) / 2", "<= 49 / 100 * (M - m)"),
    "spike": ("1 / k <=", "1 / (2 * k) <="),
    "memorising-network": ("lowest <= beta <= highest ->", "lowest <= beta ->"),
    "distances": ("linf_climb d p q <= linf d p q", "linf d p q <= linf_climb d p q"),
    "black-box": ("~ same d x a", "True"),
    "continuous": ("~ same d x a", "True"),
    "relu-network": ("~ same d x a", "True"),
    "erm": ("~ same d x (fst e)", "True"),
    "lipschitz-unknown": ("~ same d x a", "True"),
    "lipschitz": ("M - m <= L * dist a b", "True"),
    "piecewise-affine": ("~ same d x a", "True"),
    "two-piece-affine": ("~ same d x a", "True"),
    "monotone": ("(~ below d b a \\/ m = M)", "True"),
    "monotone-lipschitz": ("M - m <= L * rise a b", "True"),
    "convex": ("(~ in_face d b a \\/ m = M)", "True"),
    "concave": ("(~ in_face d a b \\/ m = M)", "True"),
    "affine": ("v <= m + (M - m)", "v <= m + 9 / 10 * (M - m)"),
    "affine-line": ("(opposite a b 0 \\/ m = M)", "True"),
    "constant": ("m = M ->", "m <= M ->"),
    "black-box-everywhere": ("m < M ->", "m <= M ->"),
    "randomized-decoders": ("(high - low) / 2", "51 / 100 * (high - low)"),
    "small-lipschitz-constants": ("~ same d x a", "True"),
    "order-free": ("~ same d x y ->", "True ->"),
    "order-monotone": ("below d x a", "below d a x"),
    "order-affine": ("u a x i <= u a y i", "u a y i <= u a x i"),
    "order-lipschitz": ("~ same d x y ->", "True ->"),
    "order-monotone-lipschitz": ("below d x y", "below d y x"),
    "exemplars-free": ("~ same d x (fst q)", "True"),
    "exemplars-lipschitz": ("e / L", "e / (2 * L)"),
    "exemplars-monotone": ("in_order d l", "True"),
    "exemplars-affine": ("sum N lam = 1", "True"),
    "affine-domain": ("inner d w a = 1", "inner d w a = 2"),
    "affine-ball": ("(rho * rho)", "rho"),
    "radial": ("< dist a b ->", "<= dist a b ->"),
    "fooling-circuit": ("k >= hi + c", "True"),
    "fooling-circuit-soft": ("k * e)", "9 / 10 * k * e)"),
    "silent-units": ("inner d dw w = 0", "True"),
    "smooth": ("~ same d x a", "True"),
    "ridge": ("~ same d x b", "True"),
    "nearly-affine": ("delta < W / 9", "True"),
    "order-convex": ("in_face d b y", "False"),
    "interpolation": ("(0 < n)%nat", "True"),
    "three-units": ("~ same d x a", "True"),
    "average": ("~ same d (x j) a", "True"),
    "unique-extrema": ("lowest d a -> highest d b -> forall v", "True -> highest d b -> forall v"),
    "exemplars-convex": ("lam * f x >= v - worth c", "lam * f x >= v - lam * worth c"),
    "approximate-visualization": ("v >= M - eta / delta", "v >= M - eta / (2 * delta)"),
    "quadratic": ("inner d a b = 0 ->", "True ->"),
    "dimension-convex": ("gauge d a x <= s <->", "gauge d a x <= 2 * s <->"),
    "dimension-affine": ("-> u a x i <= s", "-> u a x i < s"),
    "real-twins": ("K <= k * Rabs (v - u x)", "True"),
}
"""One change of each theorem that makes it false."""


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """Return a compiled development of a few statements, and what coqc said of them."""
    folder = tmp_path_factory.mktemp("coq")
    return folder, list(check(folder, QUICK))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return the compiled development of all statements, and what coqc said of them."""
    folder = tmp_path_factory.mktemp("coq")
    return folder, list(check(folder, theorems()))


@pytest.mark.parametrize("key", theorems())
def test_a_theorem_is_of_a_statement_and_quotes_it(key):
    statement, theorem = STATEMENTS[key], theorems()[key]
    assert (theorem.title, theorem.claim) == (statement.title, statement.claim)
    assert theorem.name == key.replace("-", "_")
    assert theorem.exact or theorem.remarks
    assert theorem.name in sources()
    assert sources()[theorem.name].endswith(f"\nPrint Assumptions {theorem.name}.\n")


def test_every_file_is_a_theorem_or_serves_one():
    names = {theorem.name for theorem in theorems().values()}
    assert {name for name in sources() if name[0].islower()} == names
    assert set(needed(names)) == set(sources())


def test_nothing_is_assumed_or_left_open_in_the_sources():
    words = re.compile(r"\b(Admitted|admit|Axioms?|Parameters?|Conjecture|Abort|Unset|bypass_check)\b")
    assert {name: words.findall(text) for name, text in sources().items() if words.search(text)} == {}


def test_the_guide_lists_which_statements_are_theorems_and_which_are_not():
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (\w+)", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    words = {key: "exact" if theorem.exact else "weaker" for key, theorem in theorems().items()}
    assert dict(rows) == {key: words.get(key, "none") for key in STATEMENTS}


def test_files_come_after_what_they_build_on():
    assert needed(["concave"]) == ["Definitions", "Tools", "Faces", "convex", "concave"]


def test_a_development_is_a_project_that_make_compiles(tmp_path):
    names = write(tmp_path / "new", ["minimax"])
    assert names == ["Definitions", "Tools", "minimax"]
    assert (tmp_path / "new" / "_CoqProject").read_text() == "-R . Fvproof\nDefinitions.v\nTools.v\nminimax.v\n"
    assert (tmp_path / "new" / "Makefile").is_file()


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(FvproofError, match="must be writable"):
        write(tmp_path / "taken", ["minimax"])


def test_without_coqc_the_files_are_written_and_nothing_is_checked(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (verdict,) = check(tmp_path, ["minimax"])
    assert verdict.verdict == "unchecked"
    assert "apt install coq" in verdict.reason
    assert (tmp_path / "minimax.v").is_file()


def test_axioms_are_read_whether_their_types_are_on_the_same_line_or_not():
    printed = "Axioms:\nA.first : forall P : Prop,\n  P \\/ ~ P\nsecond'\n  : forall (x : nat)\n    (y : nat), x = y\n"
    assert assumed(printed) == ("A.first", "second'")
    assert assumed("Closed under the global context\n") == ()


@needs_coqc
def test_coqc_proves_the_statements_from_the_axioms_of_the_reals_alone(quick):
    verdicts = quick[1]
    assert [v.theorem.key for v in verdicts if v.verdict == "proved"] == QUICK
    assert all(v.axioms and set(v.axioms) <= AXIOMS for v in verdicts)
    assert all(v.time_s > 0 for v in verdicts)


@needs_coqc
@pytest.mark.parametrize(
    ("name", "text", "verdict", "reason"),
    [
        ("minimax", "Axiom open : False.\nTheorem minimax : False.\nProof. exact open. Qed.\n"
         "Print Assumptions minimax.\n", "rejected", "it assumes open"),
        ("minimax", "Theorem minimax : False.\nProof. Admitted.\nPrint Assumptions minimax.\n",
         "rejected", "it assumes minimax"),
        ("minimax", "Theorem minimax : False.\nProof. exact I. Qed.\n", "rejected", "has type"),
        ("Tools", "Lemma wrong : False.\nProof. exact I. Qed.\n", "rejected", "it builds on Tools.v"),
    ],
    ids=["an axiom", "an admitted proof", "a wrong proof", "a wrong lemma"],
)  # fmt: skip
def test_what_is_not_a_proof_is_rejected(tmp_path, monkeypatch, name, text, verdict, reason):
    required = "From Fvproof Require Import Definitions Tools.\n" if name == "minimax" else ""
    forged = sources() | {"Tools": "", "Definitions": ""} | {name: required + text}
    monkeypatch.setattr(coq, "sources", lambda: forged)
    (found,) = check(tmp_path, ["minimax"])
    assert (found.verdict, reason in found.reason) == (verdict, True), found.reason


@needs_coqc
def test_a_file_that_takes_too_long_is_unknown(tmp_path):
    (found,) = check(tmp_path, ["minimax"], limit_s=0.01)
    assert found.verdict == "unknown"
    assert "within 0.01 s" in found.reason


def test_every_theorem_has_a_mutant():
    assert set(MUTANTS) == set(theorems())


def test_a_mutant_that_is_refuted_in_coq_is_a_negation():
    texts = re.findall(r"^Theorem (\w+)_mutant : (.)", "\n".join(sources().values()), re.MULTILINE)
    assert len(texts) > 10
    assert {sign for _, sign in texts} == {"~"}
    assert {name for name, _ in texts} <= {theorem.name for theorem in theorems().values()}


def assert_mutant_fails(folder, key):
    """Check that the changed statement is well formed, and that its proof does not prove it."""
    theorem, (old, new) = theorems()[key], MUTANTS[key]
    assert old in theorem.text
    begun = sources()[theorem.name].replace(theorem.text, theorem.text.replace(old, new, 1))
    before, _, _ = begun.partition(theorem.text.replace(old, new, 1))
    (folder / f"mutant_{theorem.name}.v").write_text(begun, encoding="utf-8")
    done = compiled(folder, f"mutant_{theorem.name}")
    assert done.returncode
    line = int(re.findall(r'^File ".*", line (\d+)', done.stderr, re.MULTILINE)[0])
    assert line > (before + theorem.text).count("\n") + 1, done.stderr


@needs_coqc
@pytest.mark.parametrize("key", QUICK)
def test_a_mutant_has_not_the_same_proof(quick, key):
    assert_mutant_fails(quick[0], key)


@needs_coqc
@pytest.mark.slow
def test_coqc_proves_every_theorem(whole):
    assert {v.theorem.key: v.reason for v in whole[1] if v.verdict != "proved"} == {}
    assert len(whole[1]) == len(theorems())


@needs_coqc
@pytest.mark.slow
@pytest.mark.parametrize("key", MUTANTS)
def test_no_mutant_has_the_same_proof(whole, key):
    assert_mutant_fails(whole[0], key)
