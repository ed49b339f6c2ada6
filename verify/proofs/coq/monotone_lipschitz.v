Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** f rises by L times the climb at most: what L-Lipschitz and monotone are together. *)
Definition Climbs (d : nat) (rise : point -> point -> R) (L : R) : class := fun f =>
  forall p q, cube d p -> cube d q -> f q - f p <= L * rise p q.

Section Ends.
Variables (d : nat) (rise : point -> point -> R) (a b : point) (m M L : R).
Hypotheses (C : climb d rise) (L0 : 0 <= L) (mM : m <= M) (Ha : cube d a) (Hb : cube d b).
Hypothesis feasible : M - m <= L * rise a b.

Definition lower_end (z : point) : R := Rmax m (M - L * rise z b).
Definition upper_end (z : point) : R := Rmin M (m + L * rise a z).

Lemma slope x y z : L * rise x z <= L * rise x y + L * rise y z.
Proof. pose proof (climb_triangle _ _ C x y z). nra. Qed.

Lemma climbs_up y z : 0 <= L * rise y z.
Proof. pose proof (climb_positive _ _ C y z). nra. Qed.

Lemma lower_end_member : member d (Climbs d rise L) a b m M lower_end.
Proof.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto.
  - intros y z _ _ S. unfold lower_end.
    rewrite (climb_same _ _ y b z b C S (same_refl d b)). reflexivity.
  - intros y z _ _. pose proof (slope y z b). pose proof (climbs_up y z).
    unfold lower_end. cases; lra.
  - unfold lower_end. cases; lra.
  - unfold lower_end. rewrite (climb_itself _ _ b C). cases; lra.
  - intros z _. pose proof (climbs_up z b). unfold lower_end. cases; lra.
Qed.

Lemma upper_end_member : member d (Climbs d rise L) a b m M upper_end.
Proof.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto.
  - intros y z _ _ S. unfold upper_end.
    rewrite (climb_same _ _ a y a z C (same_refl d a) S). reflexivity.
  - intros y z _ _. pose proof (slope a y z). pose proof (climbs_up y z).
    unfold upper_end. cases; lra.
  - unfold upper_end. rewrite (climb_itself _ _ a C). cases; lra.
  - unfold upper_end. cases; lra.
  - intros z _. pose proof (climbs_up a z). unfold upper_end. cases; lra.
Qed.
End Ends.

Lemma climbs_blend d rise L s f g :
  0 <= s <= 1 -> Climbs d rise L f -> Climbs d rise L g -> Climbs d rise L (blend s f g).
Proof.
  intros Hs F G p q Hp Hq. specialize (F p q Hp Hq). specialize (G p q Hp Hq). unfold blend. nra.
Qed.

Lemma climbs_row : forall d rise a b m M L x,
  climb d rise -> cube d a -> cube d b -> cube d x -> 0 <= L -> m <= M -> M - m <= L * rise a b ->
  forall v, possible d (Climbs d rise L) a b m M x v <-> Rmax m (M - L * rise x b) <= v <= Rmin M (m + L * rise a x).
Proof.
  intros d rise a b m M L x C Ha Hb Hx L0 mM F v. split.
  - intros (f & (_ & K & _ & _ & fa & fb & R) & <-). specialize (R x Hx).
    pose proof (K a x Ha Hx) as Ka. pose proof (K x b Hx Hb) as Kb. rewrite fa in Ka. rewrite fb in Kb.
    cases; lra.
  - intros Hv. apply possible_between with (low := lower_end rise b m M L x) (high := upper_end rise a m M L x); auto.
    + intros. apply climbs_blend; auto.
    + exists (lower_end rise b m M L). split; auto. apply lower_end_member; auto.
    + exists (upper_end rise a m M L). split; auto. apply upper_end_member; auto.
Qed.

(** Climbing by L times the climb at most is being monotone and L-Lipschitz: through the join of two points. *)
Definition join (p q : point) : point := fun i => Rmax (p i) (q i).

Lemma join_in_cube d p q : cube d p -> cube d q -> cube d (join p q).
Proof. intros Hp Hq i Hi. specialize (Hp i Hi). specialize (Hq i Hi). unfold join. split; cases; lra. Qed.

(** The climbs of the three norms: a climb, at most the distance, and the distance to the join. *)
Definition norm_climb (d : nat) (dist rise : point -> point -> R) :=
  distance d dist /\ climb d rise /\ (forall p q, rise p q <= dist p q) /\ forall p q, dist p (join p q) = rise p q.

Lemma climbs_iff d dist rise L : norm_climb d dist rise -> 0 <= L ->
  forall f, Climbs d rise L f <-> Monotone d f /\ Lipschitz d dist L f.
Proof.
  intros (D & C & Le & J) L0 f. split.
  - intros K. split.
    + intros p q Hp Hq B. specialize (K q p Hq Hp).
      rewrite (proj2 (climb_zero _ _ C q p)) in K; auto. lra.
    + intros p q Hp Hq. pose proof (K p q Hp Hq). pose proof (K q p Hq Hp).
      pose proof (Le p q). pose proof (Le q p). rewrite (dist_symmetric _ _ D q p) in *.
      assert (L * rise p q <= L * dist p q) by nra. assert (L * rise q p <= L * dist p q) by nra. cases; lra.
  - intros (Mo & Li) p q Hp Hq. pose proof (join_in_cube d p q Hp Hq) as Hj.
    assert (f q <= f (join p q)).
    { apply Mo; auto. intros i _. unfold join. apply Rmax_r. }
    specialize (Li p (join p q) Hp Hj). rewrite J in Li. cases; lra.
Qed.

Lemma l1_norm_climb d : norm_climb d (l1 d) (l1_climb d).
Proof.
  split; [apply l1_distance|]. split; [apply l1_climb_is|]. split; intros p q.
  - apply sum_le. intros. cases; lra.
  - apply sum_ext. intros. unfold join. cases; lra.
Qed.

Lemma l2_norm_climb d : norm_climb d (l2 d) (l2_climb d).
Proof.
  split; [apply l2_distance|]. split; [apply l2_climb_is|]. split; intros p q.
  - apply sqrt_le_1; try apply squares_nonneg; try (apply sum_nonneg; intros; cases; nra).
    apply sum_le. intros. cases; nra.
  - apply norm2_ext. intros. unfold join. cases; try lra; assert (q i = p i) by lra; nra.
Qed.

Lemma linf_norm_climb d : norm_climb d (linf d) (linf_climb d).
Proof.
  split; [apply linf_distance|]. split; [apply linf_climb_is|]. split; intros p q.
  - apply largest_le; [apply largest_nonneg|]. intros i Hi.
    eapply Rle_trans; [|apply (largest_ge d (fun i => Rabs (q i - p i)) i Hi)]. cases; lra.
  - apply largest_ext. intros. unfold join. cases; lra.
Qed.

(** monotone-lipschitz, exact: Monotone and Lipschitz functions, constant known.

    "f(x) lies between max(m, M − L‖(b−x)⁺‖) and min(M, m + L‖(x−a)⁺‖); both ends are members with visualization φ, and
    their mixtures attain every value between."

    [norm_climb] holds of ℓ1, ℓ2 and ℓ∞: see below. *)
Theorem monotone_lipschitz : forall d dist rise a b m M L x,
  norm_climb d dist rise -> cube d a -> cube d b -> cube d x -> 0 <= L -> m <= M -> M - m <= L * rise a b ->
  forall v, possible d (fun f => Monotone d f /\ Lipschitz d dist L f) a b m M x v <->
    Rmax m (M - L * rise x b) <= v <= Rmin M (m + L * rise a x).
Proof.
  intros d dist rise a b m M L x N Ha Hb Hx L0 mM F v. pose proof (climbs_iff d dist rise L N L0) as E.
  destruct N as (_ & C & _). rewrite <- (climbs_row d rise a b m M L x) by auto.
  split; apply possible_in_larger; intros; apply E; auto.
Qed.

Theorem monotone_lipschitz_norms : forall d,
  norm_climb d (l1 d) (l1_climb d) /\ norm_climb d (l2 d) (l2_climb d) /\ norm_climb d (linf d) (linf_climb d).
Proof. auto using l1_norm_climb, l2_norm_climb, linf_norm_climb. Qed.

(** A mutant: nine tenths of the slope would be enough. *)
Theorem monotone_lipschitz_mutant : ~ forall d dist rise a b m M L x,
  norm_climb d dist rise -> cube d a -> cube d b -> cube d x -> 0 <= L -> m <= M -> M - m <= L * rise a b ->
  forall v, possible d (fun f => Monotone d f /\ Lipschitz d dist L f) a b m M x v ->
    v <= Rmin M (m + 9 / 10 * L * rise a x).
Proof.
  intros H. pose (o := fun _ : nat => 0). pose (i := fun _ : nat => 1). pose (h := fun _ : nat => 1 / 2).
  assert (O : cube 1 o) by (intros j _; unfold o; lra). assert (I : cube 1 i) by (intros j _; unfold i; lra).
  assert (Hh : cube 1 h) by (intros j _; unfold h; lra).
  assert (E : l1_climb 1 o h = 1 / 2) by (unfold l1_climb, sum, o, h; cases; lra).
  assert (E' : l1_climb 1 h i = 1 / 2) by (unfold l1_climb, sum, i, h; cases; lra).
  assert (E'' : l1_climb 1 o i = 1) by (unfold l1_climb, sum, o, i; cases; lra).
  assert (K : 1 / 2 <= Rmin 1 (0 + 9 / 10 * 1 * l1_climb 1 o h)).
  { apply (H 1%nat (l1 1) (l1_climb 1) o i 0 1 1 h (l1_norm_climb 1)); auto; try lra.
    apply (monotone_lipschitz 1 (l1 1) (l1_climb 1) o i 0 1 1 h (l1_norm_climb 1)); auto; try lra.
    rewrite E, E'. clear H. split; cases; lra. }
  rewrite E in K. clear H. cases; lra.
Qed.

Print Assumptions monotone_lipschitz.
