Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Faces Boxes.
Open Scope R_scope.

(** dimension-convex, weaker: The curse of dimension, convex.

    "t_a(x) ≤ s has the probability s^d for every s in [0, 1], so that E t_a = 1 − ∫ s^d ds = d/(d+1), the expected
    radius is d/(d+1)·(M−m)/2, and the side is known with probability 2^(−d). (The face G of b, where f is known,
    has the probability 0.)"

    That x is uniform, so that a volume is a probability, and that a mean is an integral, is read into the words: proved
    is that t_a(x) ≤ s is a box of the volume s^d within the cube, that s^(d+1)/(d+1) is an integral of s^d, and what
    follows from both. *)
Theorem dimension_convex : forall d a m M, cube d a -> m < M ->
  (forall s x, 0 <= s <= 1 -> (cube d x /\ gauge d a x <= s <-> box d (fun i => (1 - s) * a i) s x)) /\
  (forall s, volume d (fun _ => s) = s ^ d) /\
  (forall s, derivable_pt_lim (integral_of_power d) s (s ^ d)) /\
  (let mean_of_t := 1 - (integral_of_power d 1 - integral_of_power d 0) in
   mean_of_t = INR d / (INR d + 1) /\ mean_of_t * (M - m) / 2 = INR d / (INR d + 1) * ((M - m) / 2)) /\
  (forall t, m + t * (M - m) < (m + M) / 2 <-> t < 1 / 2) /\
  volume d (fun _ => 1 / 2) = / 2 ^ d.
Proof.
  intros d a m M Ha mM. split; [|split; [|split; [|split; [|split]]]].
  - intros s x Hs. split.
    + intros (Hx & G) i Hi. pose proof (proj1 (gauge_le d a x s Ha Hx (proj1 Hs)) G i Hi). lra.
    + intros Bx. assert (Hx : cube d x).
      { intros i Hi. specialize (Bx i Hi). specialize (Ha i Hi). cbv beta in Bx. split; nra. }
      split; auto. apply gauge_le; auto; [lra|]. intros i Hi. specialize (Bx i Hi). cbv beta in Bx. lra.
  - apply volume_of_cube.
  - apply integral_is_one.
  - rewrite integral_from_0_to_1, S_INR. assert (0 <= INR d) by apply pos_INR. split; field; lra.
  - intros t. split; intros; nra.
  - rewrite volume_of_cube. unfold Rdiv. rewrite Rmult_1_l. apply pow_inv.
Qed.

Print Assumptions dimension_convex.
