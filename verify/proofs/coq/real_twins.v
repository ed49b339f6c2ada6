Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools Networks.
Open Scope R_scope.

(** real-twins, exact: Twins of a real unit.

    "u + (v − u(x))·s_{x,k} takes the value v at x, agrees with u at every other image, stays in [m, M], and has its
    extrema where u has them."

    The unit reads any set of inputs. The other images, a and b among them, are those with k·‖z−x‖ ≥ 1. *)
Theorem real_twins : forall d dist (inputs : point -> Prop) u K k x v a b m M,
  distance d dist -> 0 < k -> inputs x -> inputs a -> inputs b ->
  (forall p q, inputs p -> inputs q -> Rabs (u p - u q) <= K * dist p q) ->
  (forall z, inputs z -> m <= u z <= M) -> u a = m -> u b = M ->
  K <= k * Rabs (v - u x) -> 1 <= k * dist a x -> 1 <= k * dist b x -> m < v < M ->
  let f z := u z + (v - u x) * relu (1 - k * dist z x) in
  f x = v /\
  (forall z, 1 <= k * dist z x -> f z = u z) /\
  f a = m /\ f b = M /\
  (forall z, inputs z -> m <= f z <= M /\ (f z = m -> u z = m) /\ (f z = M -> u z = M)).
Proof.
  intros d dist inputs u K k x v a b m M D k0 Ix Ia Ib Lip R ua ub steep ax bx Hv f.
  assert (away : forall z, 1 <= k * dist z x -> f z = u z).
  { intros z Hz. unfold f. replace (relu (1 - k * dist z x)) with 0 by (cases; lra). ring. }
  split; [|split; [|split; [|split]]]; auto.
  - unfold f. rewrite (distance_itself d dist x D). replace (relu (1 - k * 0)) with 1 by (cases; lra). ring.
  - rewrite away, ua; auto.
  - rewrite away, ub; auto.
  - intros z Iz. specialize (R z Iz). destruct (Rle_dec 1 (k * dist z x)) as [L|L].
    + rewrite (away z L). auto.
    + specialize (Lip z x Iz Ix). pose proof (dist_positive _ _ D z x) as P.
      assert (S : K * dist z x <= k * Rabs (v - u x) * dist z x) by (apply Rmult_le_compat_r; auto).
      unfold f. set (s := 1 - k * dist z x). assert (E : relu s = s) by (unfold s in *; cases; lra). rewrite E.
      assert (0 < s <= 1) by (unfold s; assert (0 <= k * dist z x) by nra; lra).
      assert (G : k * Rabs (v - u x) * dist z x = (1 - s) * Rabs (v - u x)) by (unfold s; ring).
      rewrite G in S. assert (Lip' : - (K * dist z x) <= u z - u x <= K * dist z x) by (cases; lra).
      destruct (Rle_dec 0 (v - u x)) as [g|g].
      * replace (Rabs (v - u x)) with (v - u x) in S by (cases; lra).
        assert (u z <= u z + (v - u x) * s) by nra. assert (u z + (v - u x) * s <= v) by nra.
        split; [split|split; intros]; try lra.
      * replace (Rabs (v - u x)) with (- (v - u x)) in S by (cases; lra).
        assert (u z + (v - u x) * s <= u z) by nra. assert (v <= u z + (v - u x) * s) by nra.
        split; [split|split; intros]; try lra.
Qed.

Print Assumptions real_twins.
