Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools Networks monotone_lipschitz.
Open Scope R_scope.

(** Monotone, and Lipschitz with some constant for ℓ1, and so continuous. *)
Definition MonotoneLipschitz (d : nat) : class := fun f =>
  Monotone d f /\ exists L, 0 <= L /\ Lipschitz d (l1 d) L f.

Lemma climbs_monotone d L f : 0 <= L -> Climbs d (l1_climb d) L f -> MonotoneLipschitz d f.
Proof.
  intros L0 K. apply (climbs_iff d (l1 d) (l1_climb d) L (l1_norm_climb d) L0) in K.
  destruct K as (Mo & Li). split; auto. exists L. auto.
Qed.

(** L is large enough for the climb from p to q. *)
Lemma steep_enough d m M p q : m <= M -> ~ below d q p -> exists L, 0 <= L /\ M - m <= L * l1_climb d p q.
Proof.
  intros mM N. assert (P : 0 < l1_climb d p q).
  { destruct (Rle_lt_or_eq_dec _ _ (climb_positive _ _ (l1_climb_is d) p q)) as [|E]; auto.
    exfalso. apply N, (climb_zero _ _ (l1_climb_is d)). auto. }
  exists ((M - m) / l1_climb d p q). split.
  - apply Rmult_le_pos; [lra|]. apply Rlt_le, Rinv_0_lt_compat, P.
  - right. field. lra.
Qed.

Lemma steeper d L L' p q t : L <= L' -> t <= L * l1_climb d p q -> t <= L' * l1_climb d p q.
Proof. intros. pose proof (climb_positive _ _ (l1_climb_is d) p q). nra. Qed.

(** Every value between the ends that one L gives. *)
Lemma attained d a b m M L x v :
  cube d a -> cube d b -> cube d x -> 0 <= L -> m <= M -> M - m <= L * l1_climb d a b ->
  Rmax m (M - L * l1_climb d x b) <= v <= Rmin M (m + L * l1_climb d a x) ->
  possible d (MonotoneLipschitz d) a b m M x v.
Proof.
  intros Ha Hb Hx L0 mM F Hv.
  apply possible_in_larger with (C := Climbs d (l1_climb d) L).
  - intros f. apply climbs_monotone, L0.
  - apply climbs_row; auto using l1_climb_is.
Qed.

(** monotone, exact: Monotone functions.

    "f(x) = m where x ≤ a and M where x ≥ b; at every other x each value in [m, M] is possible, attained by mixtures of
    two monotone functions with visualization φ; Lipschitz ones, and so continuous ones, serve too." *)
Theorem monotone : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> m <= M -> (~ below d b a \/ m = M) ->
  (below d x a -> forall v, possible d (Monotone d) a b m M x v <-> v = m) /\
  (below d b x -> forall v, possible d (Monotone d) a b m M x v <-> v = M) /\
  (~ below d x a -> ~ below d b x ->
    (forall v, possible d (Monotone d) a b m M x v <-> m <= v <= M) /\
    (forall v, possible d (MonotoneLipschitz d) a b m M x v <-> m <= v <= M) /\
    (m < M -> nothing_is_known d (Monotone d) a b m M x)).
Proof.
  intros d a b m M x Ha Hb Hx mM F.
  assert (sub : forall v, possible d (MonotoneLipschitz d) a b m M x v -> possible d (Monotone d) a b m M x v).
  { intros v. apply possible_in_larger. intros f (K & _). exact K. }
  assert (flat : m = M -> possible d (MonotoneLipschitz d) a b m M x m).
  { intros E. apply constant_possible; auto; [|lra]. apply (climbs_monotone d 0); [lra|].
    intros p q _ _. pose proof (climb_positive _ _ (l1_climb_is d) p q). lra. }
  assert (Z : forall p q, below d q p -> l1_climb d p q = 0) by (intros p q B; apply (climb_zero _ _ (l1_climb_is d)), B).
  assert (P : forall p q, 0 <= l1_climb d p q) by (apply (climb_positive _ _ (l1_climb_is d))).
  split; [|split].
  - intros B v. split.
    + intros (f & (_ & K & _ & _ & fa & _ & R) & <-). specialize (R x Hx). specialize (K x a Hx Ha B). lra.
    + intros ->. apply sub. destruct F as [F|E]; auto.
      destruct (steep_enough d m M a b mM F) as (L & L0 & S). apply (attained d a b m M L); auto.
      rewrite (Z a x B). pose proof (climb_triangle _ _ (l1_climb_is d) a x b) as T. rewrite (Z a x B) in T.
      assert (L * l1_climb d a b <= L * l1_climb d x b) by nra. split; cases; lra.
  - intros B v. split.
    + intros (f & (_ & K & _ & _ & _ & fb & R) & <-). specialize (R x Hx). specialize (K b x Hb Hx B). lra.
    + intros ->. apply sub. destruct F as [F|E]; [|rewrite <- E at 2; auto].
      destruct (steep_enough d m M a b mM F) as (L & L0 & S). apply (attained d a b m M L); auto.
      rewrite (Z x b B). pose proof (climb_triangle _ _ (l1_climb_is d) a x b) as T. rewrite (Z x b B) in T.
      assert (L * l1_climb d a b <= L * l1_climb d a x) by nra. split; cases; lra.
  - intros Na Nb.
    assert (Q : forall v, m <= v <= M -> possible d (MonotoneLipschitz d) a b m M x v).
    { intros v Hv. destruct F as [F|E]; [|replace v with m by lra; auto].
      destruct (steep_enough d m M a b mM F) as (L1 & L10 & S1).
      destruct (steep_enough d m M a x mM Na) as (L2 & L20 & S2).
      destruct (steep_enough d m M x b mM Nb) as (L3 & L30 & S3).
      apply (steeper d _ (L1 + L2 + L3)) in S1, S2, S3; try lra.
      apply (attained d a b m M (L1 + L2 + L3)); auto; [lra|]. split; cases; lra. }
    assert (Q' : forall v, possible d (Monotone d) a b m M x v <-> m <= v <= M).
    { intros v. split; [apply possible_in_range; auto|]. intros Hv. apply sub, Q, Hv. }
    split; [|split]; auto.
    + intros v. split; [apply possible_in_range; auto|apply Q].
    + intros L. apply both_ends_possible; auto; apply Q'; lra.
Qed.

(** A mutant: a may lie above b; then no monotone function has the visualization. *)
Theorem monotone_mutant : ~ forall d a b m M x,
  cube d a -> cube d b -> cube d x -> m <= M -> below d x a -> possible d (Monotone d) a b m M x m.
Proof.
  intros H. pose (o := fun _ : nat => 0). pose (i := fun _ : nat => 1).
  assert (O : cube 1 o) by (intros j _; unfold o; lra). assert (I : cube 1 i) by (intros j _; unfold i; lra).
  assert (B : below 1 o i) by (intros j _; unfold o, i; lra).
  destruct (H 1%nat i o 0 1 o) as (f & (_ & K & _ & _ & fi & fo & _) & _); auto; try lra.
  specialize (K o i O I B). lra.
Qed.

Print Assumptions monotone.
