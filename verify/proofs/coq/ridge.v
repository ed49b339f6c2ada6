Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools affine_domain affine_ball.
Open Scope R_scope.

Definition strictly_increasing (g : R -> R) := forall s t, s < t -> g s < g t.

(** The unit sphere. *)
Definition sphere (d : nat) (z : point) := norm2 d z = 1.

(** A ridge unit g(⟨w, z⟩) on the sphere with the visualization (a, b, m, M). *)
Definition ridge_unit (d : nat) (g : R -> R) (w a b : point) (m M : R) :=
  strictly_increasing g /\ 0 < norm2 d w /\ sphere d a /\ sphere d b /\
  shows_on (sphere d) (fun z => g (inner d w z)) a b m M.

Lemma increasing_iff g s t : strictly_increasing g -> (g s <= g t <-> s <= t).
Proof.
  intros I. split.
  - intros H. apply Rnot_lt_le. intros L. specialize (I t s L). lra.
  - intros [L|E]; [apply Rlt_le, I, L|rewrite E; lra].
Qed.

Lemma inner_self d z : inner d z z = norm2 d z * norm2 d z.
Proof. symmetry. apply norm2_square. Qed.

(** On the sphere ⟨w, z⟩ is at most ‖w‖, and there only at w/‖w‖. *)
Lemma inner_on_sphere d w z : sphere d z -> inner d w z <= norm2 d w.
Proof. intros S. pose proof (cauchy_norms d w z) as C. rewrite S, Rmult_1_r in C. exact C. Qed.

Lemma inner_top d w z : sphere d z -> norm2 d w <= inner d w z -> forall i, (i < d)%nat -> w i = norm2 d w * z i.
Proof.
  intros S T i Hi. set (W := norm2 d w) in *.
  assert (Z : w i - W * z i = 0).
  { apply (norm2_zero d (fun i => w i - W * z i)); auto. apply Rle_antisym; [|apply norm2_nonneg].
    apply below_of_squares; [lra|]. rewrite norm2_square.
    rewrite (sum_ext d _ (fun i => w i * w i + ((- (2 * W)) * (w i * z i) + W * W * (z i * z i)))) by (intros; ring).
    rewrite !sum_plus, !sum_scale, <- !norm2_square. change (sum d (fun i => w i * z i)) with (inner d w z). fold W.
    rewrite S. pose proof (norm2_nonneg d w). fold W in H. nra. }
  lra.
Qed.

Lemma ridge_direction d g w a b m M : ridge_unit d g w a b m M ->
  (forall i, (i < d)%nat -> b i = w i / norm2 d w) /\ (forall z, inner d w z = norm2 d w * inner d b z).
Proof.
  intros (I & W0 & Sa & Sb & (_ & gb & R)). set (W := norm2 d w) in *.
  set (p := fun i => / W * w i).
  assert (Ip : inner d w p = W).
  { unfold p, inner. rewrite (sum_ext d _ (fun i => / W * (w i * w i))) by (intros; ring).
    rewrite sum_scale, <- norm2_square. fold W. field. lra. }
  assert (Sp : sphere d p).
  { unfold sphere. assert (E : norm2 d p * norm2 d p = 1).
    { rewrite <- inner_self. unfold p at 1. rewrite inner_scaled, Ip. field. lra. }
    pose proof (norm2_nonneg d p). nra. }
  assert (T : W <= inner d w b).
  { specialize (R p Sp). rewrite Ip, <- gb in R. apply (increasing_iff g); auto. lra. }
  assert (E : forall i, (i < d)%nat -> w i = W * b i) by (intros; apply (inner_top d w b); auto).
  split.
  - intros i Hi. rewrite (E i Hi). field. lra.
  - intros z. rewrite <- inner_scaled. apply sum_ext. intros i Hi. rewrite (E i Hi). reflexivity.
Qed.

(** ridge, exact: Ridge units.

    "b = w/‖w‖, so that f(x) ≤ f(y) iff ⟨b, x⟩ ≤ ⟨b, y⟩: the order of any two points is known. With g unknown f(x) takes
    every value in (m, M) at x ≠ ±b; with g known f is known." *)
Theorem ridge : forall d a b m M,
  (forall g w, ridge_unit d g w a b m M ->
    (forall i, (i < d)%nat -> b i = w i / norm2 d w) /\
    (forall x y, g (inner d w x) <= g (inner d w y) <-> inner d b x <= inner d b y)) /\
  (forall x v, sphere d b -> sphere d x -> ~ same d x b -> ~ same d x (fun i => - b i) -> m < v < M ->
    exists g w, ridge_unit d g w (fun i => - b i) b m M /\ g (inner d w x) = v) /\
  (forall g w w', ridge_unit d g w a b m M -> ridge_unit d g w' a b m M ->
    forall x, g (inner d w x) = g (inner d w' x)).
Proof.
  intros d a b m M. split; [|split].
  - intros g w U. destruct (ridge_direction d g w a b m M U) as (B & E). split; auto.
    intros x y. destruct U as (I & W0 & _). rewrite !E, increasing_iff by auto. split; intros; nra.
  - intros x v Sb Sx xb xnb Hv. set (t := inner d b x).
    assert (up : t <= 1) by (rewrite <- Sb; apply inner_on_sphere; auto).
    assert (Sn : norm2 d (fun i => - b i) = 1) by (rewrite <- Sb; apply norm2_ext; intros; ring).
    assert (In : forall z, inner d (fun i => - b i) z = - inner d b z).
    { intros z. replace (- inner d b z) with (-1 * inner d b z) by ring. rewrite <- inner_scaled.
      apply sum_ext. intros; ring. }
    assert (low : forall z, sphere d z -> -1 <= inner d b z <= 1).
    { intros z Sz. pose proof (inner_on_sphere d b z Sz). pose proof (inner_on_sphere d (fun i => - b i) z Sz) as K.
      rewrite In, Sn in K. rewrite Sb in H. lra. }
    assert (t < 1).
    { destruct up as [|E]; auto. exfalso. apply xb. intros i Hi. symmetry.
      pose proof (inner_top d b x Sx ltac:(rewrite Sb; fold t; lra) i Hi) as K. rewrite Sb in K. lra. }
    assert (-1 < t).
    { destruct (proj1 (low x Sx)) as [|E]; auto. exfalso. apply xnb. intros i Hi.
      assert (T : norm2 d (fun i => - b i) <= inner d (fun i => - b i) x) by (rewrite Sn, In; lra).
      pose proof (inner_top d (fun i => - b i) x Sx T i Hi) as K. simpl in K. rewrite Sn in K. lra. }
    set (r := (v - m) / (t + 1)). set (q := (M - v) / (1 - t)).
    assert (Er : r * (t + 1) = v - m) by (unfold r; field; lra).
    assert (Eq : q * (1 - t) = M - v) by (unfold q; field; lra).
    assert (r0 : 0 < r) by (apply Rdiv_lt_0_compat; lra). assert (q0 : 0 < q) by (apply Rdiv_lt_0_compat; lra).
    set (g := fun s => if Rle_dec s t then v - r * (t - s) else v + q * (s - t)).
    assert (I : strictly_increasing g).
    { intros s u Hsu. unfold g. destruct (Rle_dec s t), (Rle_dec u t); try lra; nra. }
    assert (g1 : g 1 = M) by (unfold g; destruct (Rle_dec 1 t); lra).
    assert (g0 : g (-1) = m) by (unfold g; destruct (Rle_dec (-1) t); lra).
    assert (bb : inner d b b = 1) by (rewrite inner_self, Sb; ring).
    assert (bn : inner d b (fun i => - b i) = -1).
    { replace (inner d b (fun i => - b i)) with (-1 * inner d b b); [rewrite bb; ring|].
      unfold inner. rewrite <- sum_scale. apply sum_ext. intros; ring. }
    exists g, b. split; [|unfold g; fold t; destruct (Rle_dec t t); lra].
    split; auto. split; [rewrite Sb; lra|]. split; [exact Sn|]. split; auto. split; [rewrite bn; auto|].
    split; [rewrite bb; auto|]. intros z Sz. specialize (low z Sz). split.
    + rewrite <- g0. apply increasing_iff; auto. lra.
    + rewrite <- g1. apply increasing_iff; auto. lra.
  - intros g w w' U U' x. destruct (ridge_direction _ _ _ _ _ _ _ U) as (_ & E).
    destruct (ridge_direction _ _ _ _ _ _ _ U') as (_ & E').
    destruct U as (I & _ & _ & Sb & (_ & gb & _)). destruct U' as (_ & _ & _ & _ & (_ & gb' & _)).
    assert (K : norm2 d w = norm2 d w').
    { rewrite E, inner_self, Sb in gb. rewrite E', inner_self, Sb in gb'.
      apply Rle_antisym; apply Rnot_lt_le; intros L;
      [assert (g (norm2 d w' * (1 * 1)) < g (norm2 d w * (1 * 1))) by (apply I; lra)
      |assert (g (norm2 d w * (1 * 1)) < g (norm2 d w' * (1 * 1))) by (apply I; lra)]; lra. }
    rewrite E, E', K. reflexivity.
Qed.

Print Assumptions ridge.
