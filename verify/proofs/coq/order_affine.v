Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Corners affine.
Open Scope R_scope.

(** order-affine, exact: The order of two points, affine.

    "f(x) ≤ f(y) for every member iff u_i(x) ≤ u_i(y) for all i with {a_i, b_i} = {0, 1}: the order is known iff u(x) −
    u(y) has no two coordinates of opposite sign." *)
Theorem order_affine : forall d a b m M x y,
  cube d a -> cube d b -> cube d x -> cube d y -> m < M -> (exists i, (i < d)%nat /\ opposite a b i) ->
  (ordered d (Affine d) a b m M x y <-> forall i, (i < d)%nat -> opposite a b i -> u a x i <= u a y i) /\
  (ordered d (Affine d) a b m M x y \/ ordered d (Affine d) a b m M y x <->
   ~ exists i j, (i < d)%nat /\ (j < d)%nat /\ opposite a b i /\ opposite a b j /\
     u a x i - u a y i > 0 /\ u a x j - u a y j < 0).
Proof.
  intros d a b m M x y Ha Hb Hx Hy mM some.
  assert (iff : forall x y, cube d x -> cube d y ->
    (ordered d (Affine d) a b m M x y <-> forall i, (i < d)%nat -> opposite a b i -> u a x i <= u a y i)).
  { clear x y Hx Hy. intros x y Hx Hy. split.
    - intros O i Hi Oi. specialize (O (value d (along a i m M))).
      rewrite !(along_value d a b) in O by auto.
      assert (m + (M - m) * u a x i <= m + (M - m) * u a y i).
      { apply O. split; [apply affine_on_cube|]. split; [|apply along_shows; auto; lra].
        exists (fst (along a i m M)), (snd (along a i m M)). reflexivity. }
      nra.
    - intros H f (_ & (w & c & F) & S).
      assert (S' : shows d (affine_function d w c) a b m M).
      { destruct S as (_ & _ & fa & fb & R). rewrite F in fa, fb. split; auto. split; auto. split; auto. split; auto.
        intros z Hz. rewrite <- F. auto. }
      rewrite !F, (rise_from_a d w c a b m M x S' Hx), (rise_from_a d w c a b m M y S' Hy).
      apply Rplus_le_compat_l, sum_le. intros k Hk. destruct (Req_dec (w k) 0) as [->|N]; [rewrite Rabs_R0; lra|].
      pose proof (H k Hk (weight_opposite d w c a b m M k S' Hk N)). pose proof (Rabs_pos (w k)). nra. }
  split; auto. rewrite (iff x y Hx Hy), (iff y x Hy Hx). split.
  - intros [H|H] (i & j & Hi & Hj & Oi & Oj & P & Q); [specialize (H i Hi Oi)|specialize (H j Hj Oj)]; lra.
  - intros N.
    destruct (greatest d (opposite a b) (opposite_dec a b) (fun i => u a x i - u a y i) some) as (i & Hi & Oi & G).
    destruct (Rlt_dec 0 (u a x i - u a y i)) as [L|L].
    + right. intros j Hj Oj. apply Rnot_lt_le. intros K. apply N. exists i, j. repeat split; auto; lra.
    + left. intros j Hj Oj. specialize (G j Hj Oj). lra.
Qed.

Print Assumptions order_affine.
