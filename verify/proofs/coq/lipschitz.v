Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

Section Ends.
Variables (d : nat) (dist : point -> point -> R) (a b : point) (m M L : R).
Hypotheses (D : distance d dist) (L0 : 0 <= L) (mM : m <= M) (Ha : cube d a) (Hb : cube d b).
Hypothesis feasible : M - m <= L * dist a b.

(** The least and the greatest L-Lipschitz function with m at a and M at b. *)
Definition lower_end (z : point) : R := Rmax m (M - L * dist z b).
Definition upper_end (z : point) : R := Rmin M (m + L * dist z a).

Lemma slope y z c : L * dist y c <= L * dist z c + L * dist y z.
Proof. pose proof (dist_triangle _ _ D y z c). nra. Qed.

Lemma lower_end_member : member d (Lipschitz d dist L) a b m M lower_end.
Proof.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto.
  - intros y z _ _ S. unfold lower_end. rewrite (distance_same _ _ _ _ b D S). reflexivity.
  - intros y z _ _. pose proof (slope y z b). pose proof (slope z y b).
    rewrite (dist_symmetric _ _ D z y) in *. pose proof (dist_positive _ _ D y z).
    assert (0 <= L * dist y z) by nra. unfold lower_end. cases; lra.
  - unfold lower_end. cases; lra.
  - unfold lower_end. rewrite (distance_itself _ _ b D). cases; lra.
  - intros z _. pose proof (dist_positive _ _ D z b). assert (0 <= L * dist z b) by nra.
    unfold lower_end. cases; lra.
Qed.

Lemma upper_end_member : member d (Lipschitz d dist L) a b m M upper_end.
Proof.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto.
  - intros y z _ _ S. unfold upper_end. rewrite (distance_same _ _ _ _ a D S). reflexivity.
  - intros y z _ _. pose proof (slope y z a). pose proof (slope z y a).
    rewrite (dist_symmetric _ _ D z y) in *. pose proof (dist_positive _ _ D y z).
    assert (0 <= L * dist y z) by nra. unfold upper_end. cases; lra.
  - unfold upper_end. rewrite (distance_itself _ _ a D). cases; lra.
  - unfold upper_end. rewrite (dist_symmetric _ _ D b a). cases; lra.
  - intros z _. pose proof (dist_positive _ _ D z a). assert (0 <= L * dist z a) by nra.
    unfold upper_end. cases; lra.
Qed.
End Ends.

Lemma lipschitz_blend d dist L s f g :
  0 <= s <= 1 -> Lipschitz d dist L f -> Lipschitz d dist L g -> Lipschitz d dist L (blend s f g).
Proof.
  intros Hs F G p q Hp Hq. specialize (F p q Hp Hq). specialize (G p q Hp Hq). unfold blend.
  apply Rabs_le. assert (- (L * dist p q) <= f p - f q <= L * dist p q) by (cases; lra).
  assert (- (L * dist p q) <= g p - g q <= L * dist p q) by (cases; lra). split; nra.
Qed.

(** lipschitz, exact: Lipschitz functions, constant known.

    "f(x) lies between max(m, M − L‖x−b‖) and min(M, m + L‖x−a‖); both ends are L-Lipschitz functions with visualization
    φ, and their mixtures attain every value between." *)
Theorem lipschitz : forall d dist a b m M L x,
  distance d dist -> cube d a -> cube d b -> cube d x -> 0 <= L -> m <= M -> M - m <= L * dist a b ->
  forall v, possible d (Lipschitz d dist L) a b m M x v <-> Rmax m (M - L * dist x b) <= v <= Rmin M (m + L * dist x a).
Proof.
  intros d dist a b m M L x D Ha Hb Hx L0 mM F v. split.
  - intros (f & (_ & K & _ & _ & fa & fb & R) & <-). specialize (R x Hx).
    pose proof (K x a Hx Ha) as Ka. pose proof (K x b Hx Hb) as Kb. rewrite fa in Ka. rewrite fb in Kb.
    cases; lra.
  - intros Hv. apply possible_between with (low := lower_end dist b m M L x) (high := upper_end dist a m M L x); auto.
    + intros. apply lipschitz_blend; auto.
    + exists (lower_end dist b m M L). split; auto. apply lower_end_member; auto.
    + exists (upper_end dist a m M L). split; auto. apply upper_end_member; auto.
Qed.

(** A mutant: M - m <= L |a-b| dropped; no member is left. *)
Theorem lipschitz_mutant : ~ forall d dist a b m M L x,
  distance d dist -> cube d a -> cube d b -> cube d x -> 0 <= L -> m <= M ->
  forall v, possible d (Lipschitz d dist L) a b m M x v <-> Rmax m (M - L * dist x b) <= v <= Rmin M (m + L * dist x a).
Proof.
  intros H. pose (a := fun _ : nat => 1 / 4). pose (b := fun _ : nat => 1 / 2). pose (x := fun _ : nat => 1).
  assert (Ha : cube 1 a) by (intros j _; unfold a; lra). assert (Hb : cube 1 b) by (intros j _; unfold b; lra).
  assert (Hx : cube 1 x) by (intros j _; unfold x; lra).
  destruct (H 1%nat (l1 1) a b 0 (1 / 2) 1 x (l1_distance 1) Ha Hb Hx) with (v := 1 / 4) as (_ & K); clear H; try lra.
  destruct K as (f & (_ & F & _ & _ & fa & fb & _) & _).
  - unfold l1, sum, a, b, x. split; cases; lra.
  - specialize (F a b Ha Hb). rewrite fa, fb in F. unfold l1, sum, a, b in F. cases; lra.
Qed.

Print Assumptions lipschitz.
