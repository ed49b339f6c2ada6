Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** Polynomials in the coordinates, and their quotients with a positive denominator. *)
Inductive polynomial (d : nat) : unit_function -> Prop :=
  | constant_polynomial : forall c, polynomial d (fun _ => c)
  | coordinate : forall i, (i < d)%nat -> polynomial d (fun z => z i)
  | sum_polynomial : forall f g, polynomial d f -> polynomial d g -> polynomial d (fun z => f z + g z)
  | product_polynomial : forall f g, polynomial d f -> polynomial d g -> polynomial d (fun z => f z * g z).

Definition Rational (d : nat) : class := fun f =>
  exists p q, polynomial d p /\ polynomial d q /\ (forall z, 0 < q z) /\ forall z, f z = p z / q z.

(** The square of the distance to c. *)
Definition square_to (d : nat) (c z : point) : R := sum d (fun i => (z i - c i) * (z i - c i)).

Lemma square_to_polynomial d c : polynomial d (square_to d c).
Proof.
  assert (K : forall n, (n <= d)%nat -> polynomial d (fun z => sum n (fun i => (z i - c i) * (z i - c i)))).
  { induction n; intros H; [apply (constant_polynomial d 0)|]. simpl.
    assert (P : polynomial d (fun z => z n + - c n)).
    { apply (sum_polynomial d (fun z => z n) (fun _ => - c n)); [apply coordinate|apply constant_polynomial]; auto. }
    apply (sum_polynomial d (fun z => sum n (fun i => (z i - c i) * (z i - c i))) (fun z => (z n - c n) * (z n - c n))).
    - apply IHn. lia.
    - apply (product_polynomial d (fun z => z n - c n) (fun z => z n - c n)); exact P. }
  apply K. auto.
Qed.

Lemma square_to_nonneg d c z : 0 <= square_to d c z.
Proof. apply sum_nonneg. intros. apply square_nonneg. Qed.

Lemma square_to_zero d c z : square_to d c z = 0 <-> same d z c.
Proof.
  split.
  - intros E i Hi. assert ((z i - c i) * (z i - c i) = 0).
    { apply (sum_is_zero d (fun i => (z i - c i) * (z i - c i))); auto. intros. apply square_nonneg. } nra.
  - intros S. apply sum_all_zero. intros i Hi. rewrite (S i Hi). ring.
Qed.

Lemma square_to_positive d c z : ~ same d z c -> 0 < square_to d c z.
Proof.
  intros N. destruct (Rle_lt_or_eq_dec _ _ (square_to_nonneg d c z)) as [|E]; auto.
  exfalso. apply N, square_to_zero. auto.
Qed.

Lemma square_to_same d c y z : same d y z -> square_to d c y = square_to d c z.
Proof. intros S. apply sum_ext. intros i Hi. rewrite (S i Hi). reflexivity. Qed.

(** Shepard's mean of m at a, M at b and v at x. *)
Section Shepard.
Variables (d : nat) (a b x : point) (m M v : R).
Hypotheses (Ha : cube d a) (Hb : cube d b) (ab : ~ same d a b) (xa : ~ same d x a) (xb : ~ same d x b).
Hypothesis Hv : m <= v <= M.

Definition weight_a (z : point) := square_to d b z * square_to d x z.
Definition weight_b (z : point) := square_to d a z * square_to d x z.
Definition weight_x (z : point) := square_to d a z * square_to d b z.
Definition total (z : point) := weight_a z + weight_b z + weight_x z.
Definition shepard (z : point) := (m * weight_a z + M * weight_b z + v * weight_x z) / total z.

Lemma weights z : 0 <= weight_a z /\ 0 <= weight_b z /\ 0 <= weight_x z.
Proof.
  pose proof (square_to_nonneg d a z). pose proof (square_to_nonneg d b z). pose proof (square_to_nonneg d x z).
  unfold weight_a, weight_b, weight_x. repeat split; nra.
Qed.

Lemma total_positive z : 0 < total z.
Proof.
  destruct (weights z) as (Wa & Wb & Wx). unfold total.
  destruct (same_dec d z a) as [S|S].
  - assert (0 < weight_a z); [|lra].
    apply Rmult_lt_0_compat; apply square_to_positive; intros T.
    + apply ab. eapply same_trans; [apply same_sym, S|exact T].
    + apply xa. eapply same_trans; [apply same_sym, T|exact S].
  - destruct (same_dec d z b) as [S'|S'].
    + assert (0 < weight_b z); [|lra].
      apply Rmult_lt_0_compat; apply square_to_positive; auto. intros T.
      apply xb. eapply same_trans; [apply same_sym, T|exact S'].
    + assert (0 < weight_x z); [|lra]. apply Rmult_lt_0_compat; apply square_to_positive; auto.
Qed.

Lemma shepard_rational : Rational d shepard.
Proof.
  assert (P : forall c, polynomial d (square_to d c)) by apply square_to_polynomial.
  assert (Pa : polynomial d weight_a) by (apply product_polynomial; auto).
  assert (Pb : polynomial d weight_b) by (apply product_polynomial; auto).
  assert (Px : polynomial d weight_x) by (apply product_polynomial; auto).
  assert (S : forall s f, polynomial d f -> polynomial d (fun z => s * f z)).
  { intros s f H. apply (product_polynomial d (fun _ => s) f); auto. apply constant_polynomial. }
  exists (fun z => m * weight_a z + M * weight_b z + v * weight_x z), total. split; [|split; [|split]].
  - apply (sum_polynomial d (fun z => m * weight_a z + M * weight_b z) (fun z => v * weight_x z)); auto.
    apply (sum_polynomial d (fun z => m * weight_a z) (fun z => M * weight_b z)); auto.
  - apply (sum_polynomial d (fun z => weight_a z + weight_b z) weight_x); auto. apply sum_polynomial; auto.
  - apply total_positive.
  - reflexivity.
Qed.

Lemma shepard_shows : shows d shepard a b m M /\ shepard x = v.
Proof.
  assert (Z : forall c z, same d z c -> square_to d c z = 0) by (intros; apply square_to_zero; auto).
  assert (Za := Z a a (same_refl d a)). assert (Zb := Z b b (same_refl d b)). assert (Zx := Z x x (same_refl d x)).
  pose proof (total_positive a) as Ta. pose proof (total_positive b) as Tb. pose proof (total_positive x) as Tx.
  split; [split; auto; split; auto; split; [|split]|].
  - assert (Z1 : weight_b a = 0) by (unfold weight_b; rewrite Za; ring).
    assert (Z2 : weight_x a = 0) by (unfold weight_x; rewrite Za; ring).
    unfold shepard. unfold total in *. rewrite Z1, Z2 in *. field. lra.
  - assert (Z1 : weight_a b = 0) by (unfold weight_a; rewrite Zb; ring).
    assert (Z2 : weight_x b = 0) by (unfold weight_x; rewrite Zb; ring).
    unfold shepard. unfold total in *. rewrite Z1, Z2 in *. field. lra.
  - intros z _. pose proof (total_positive z) as T. destruct (weights z) as (Wa & Wb & Wx). unfold shepard. split.
    + apply Rle_div_iff; auto. unfold total. nra.
    + apply Rdiv_le_iff; auto. unfold total. nra.
  - assert (Z1 : weight_a x = 0) by (unfold weight_a; rewrite Zx; ring).
    assert (Z2 : weight_b x = 0) by (unfold weight_b; rewrite Zx; ring).
    unfold shepard. unfold total in *. rewrite Z1, Z2 in *. field. lra.
Qed.

Lemma shepard_on_cube : on_cube d shepard.
Proof.
  intros y z _ _ S. unfold shepard, total, weight_a, weight_b, weight_x.
  rewrite !(square_to_same d _ y z S). reflexivity.
Qed.
End Shepard.

(** smooth, weaker: Infinitely smooth functions.

    "Every value in [m, M] is possible at x, each for a quotient of polynomials (Shepard's mean; for m = M, a constant)
    with visualization φ."

    The class here is that of quotients of polynomials with a positive denominator. That they are infinitely smooth is
    not proved. *)
Theorem smooth : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> (~ same d a b /\ m < M \/ m = M) -> ~ same d x a -> ~ same d x b ->
  (forall v, possible d (Rational d) a b m M x v <-> m <= v <= M) /\
  (m < M -> nothing_is_known d (Rational d) a b m M x).
Proof.
  intros d a b m M x Ha Hb Hx varies xa xb.
  assert (P : forall v, possible d (Rational d) a b m M x v <-> m <= v <= M).
  { intros v. split; [apply possible_in_range; auto|]. intros Hv. destruct varies as [[ab mM]|E].
    - destruct (shepard_shows d a b x m M v Ha Hb ab xa xb Hv) as (S & V).
      exists (shepard d a b x m M v). split; auto. split; [apply shepard_on_cube|]. split; auto.
      apply shepard_rational; auto.
    - apply constant_possible; auto. exists (fun _ => m), (fun _ => 1).
      repeat split; try apply constant_polynomial; intros; lra || field. }
  split; auto. intros mM. apply both_ends_possible; auto; apply P; lra.
Qed.

Print Assumptions smooth.
