Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Corners Boxes.
Open Scope R_scope.

(** dimension-affine, weaker: The curse of dimension, affine.

    "max u ≤ s has the probability s^d and min u > s the probability (1−s)^d, so that the expected radius is
    (d−1)/(d+1)·(M−m)/2, and the side is known with probability 2^(1−d)."

    That x is uniform, so that a volume is a probability, and that a mean is an integral, is read into the words: proved
    is that u_i ≤ s for all i, and u_i ≥ s for all i, are boxes of the volumes s^d and (1−s)^d within the cube, that
    s^(d+1)/(d+1) is an integral of s^d, and what follows from both. *)
Theorem dimension_affine : forall d a b m M, (forall i, (i < d)%nat -> opposite a b i) -> m < M ->
  (forall s x, 0 <= s <= 1 ->
    (cube d x /\ (forall i, (i < d)%nat -> u a x i <= s) <-> box d (fun i => (1 - s) * a i) s x)) /\
  (forall s x, 0 <= s <= 1 ->
    (cube d x /\ (forall i, (i < d)%nat -> s <= u a x i) <-> box d (fun i => s * b i) (1 - s) x)) /\
  (forall s, volume d (fun _ => s) = s ^ d /\ volume d (fun _ => 1 - s) = (1 - s) ^ d) /\
  (forall s, derivable_pt_lim (integral_of_power d) s (s ^ d)) /\
  (let integral := integral_of_power d 1 - integral_of_power d 0 in
   let mean_of_max := 1 - integral in
   let mean_of_min := integral in
   (mean_of_max - mean_of_min) * (M - m) / 2 = (INR d - 1) / (INR d + 1) * ((M - m) / 2)) /\
  ((0 < d)%nat -> volume d (fun _ => 1 / 2) + volume d (fun _ => 1 - 1 / 2) = / 2 ^ (d - 1)).
Proof.
  intros d a b m M O mM. split; [|split; [|split; [|split; [|split]]]].
  - intros s x Hs. unfold box, u. split.
    + intros (Hx & B) i Hi. specialize (Hx i Hi). specialize (B i Hi).
      destruct (O i Hi) as [(Ea & _)|(Ea & _)]; rewrite Ea in *; cases; lra.
    + intros B. assert (K : forall i, (i < d)%nat -> 0 <= x i <= 1 /\ Rabs (x i - a i) <= s).
      { intros i Hi. specialize (B i Hi). destruct (O i Hi) as [(Ea & _)|(Ea & _)]; rewrite Ea in *; split; cases; lra. }
      split; intros i Hi; apply (K i Hi).
  - intros s x Hs. unfold box, u. split.
    + intros (Hx & B) i Hi. specialize (Hx i Hi). specialize (B i Hi).
      destruct (O i Hi) as [(Ea & Eb)|(Ea & Eb)]; rewrite Ea in *; rewrite Eb; cases; lra.
    + intros B. assert (K : forall i, (i < d)%nat -> 0 <= x i <= 1 /\ s <= Rabs (x i - a i)).
      { intros i Hi. specialize (B i Hi).
        destruct (O i Hi) as [(Ea & Eb)|(Ea & Eb)]; rewrite Eb in *; rewrite Ea; split; cases; lra. }
      split; intros i Hi; apply (K i Hi).
  - intros s. split; apply volume_of_cube.
  - apply integral_is_one.
  - cbv zeta. rewrite integral_from_0_to_1, S_INR. assert (0 <= INR d) by apply pos_INR. field. lra.
  - intros d0. rewrite !volume_of_cube. replace (1 - 1 / 2) with (/ 2) by lra. replace (1 / 2) with (/ 2) by lra.
    destruct d as [|n]; [lia|]. replace (S n - 1)%nat with n by lia. rewrite pow_inv.
    assert (N : 2 ^ n <> 0) by (apply pow_nonzero; lra). change (2 ^ S n) with (2 * 2 ^ n). field. exact N.
Qed.

Print Assumptions dimension_affine.
