Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Corners.
Open Scope R_scope.

(** Affine functions of the coordinates i and j alone. *)
Definition AffineInTwo (d i j : nat) : class := fun f =>
  exists w c, (forall z, f z = affine_function d w c z) /\ forall k, (k < d)%nat -> k <> i -> k <> j -> w k = 0.

Lemma affine_blend d i j s f g :
  AffineInTwo d i j f -> AffineInTwo d i j g -> AffineInTwo d i j (blend s f g).
Proof.
  intros (w & c & F & W) (w' & c' & G & W').
  exists (fun k => (1 - s) * w k + s * w' k), ((1 - s) * c + s * c'). split.
  - intros z. unfold blend. rewrite F, G. unfold affine_function, inner.
    rewrite (sum_ext d (fun k => ((1 - s) * w k + s * w' k) * z k)
      (fun k => (1 - s) * (w k * z k) + s * (w' k * z k))) by (intros; ring).
    rewrite sum_plus, !sum_scale. ring.
  - intros k Hk Ni Nj. rewrite W, W' by auto. ring.
Qed.

Lemma along_in_two d a i j k m M : k = i \/ k = j -> AffineInTwo d i j (value d (along a k m M)).
Proof.
  intros E. exists (fst (along a k m M)), (snd (along a k m M)). split; [reflexivity|].
  intros l _ Ni Nj. unfold along. destruct Req_EM_T; simpl; destruct (Nat.eq_dec l k); auto; subst; tauto.
Qed.

(** affine, exact: Affine functions of more than one dimension.

    "f(x) lies in m + (M−m)·[min u_i, max u_i] with u_i = |x_i − a_i| over the i with {a_i, b_i} = {0, 1}; every value
    between is attained by an affine function of two of these coordinates with visualization φ." *)
Theorem affine : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> m <= M ->
  ((exists i, (i < d)%nat /\ opposite a b i) ->
    (forall v, possible d (Affine d) a b m M x v <->
      exists i j, (i < d)%nat /\ (j < d)%nat /\ opposite a b i /\ opposite a b j /\
        m + (M - m) * u a x i <= v <= m + (M - m) * u a x j) /\
    (forall v i j, (i < d)%nat -> (j < d)%nat -> opposite a b i -> opposite a b j ->
      m + (M - m) * u a x i <= v <= m + (M - m) * u a x j -> possible d (AffineInTwo d i j) a b m M x v)) /\
  (m = M -> forall v, possible d (Affine d) a b m M x v <-> v = m).
Proof.
  intros d a b m M x Ha Hb Hx mM. split.
  - intros some.
    assert (two : forall v i j, (i < d)%nat -> (j < d)%nat -> opposite a b i -> opposite a b j ->
      m + (M - m) * u a x i <= v <= m + (M - m) * u a x j -> possible d (AffineInTwo d i j) a b m M x v).
    { intros v i j Hi Hj Oi Oj Hv.
      apply possible_between with (low := m + (M - m) * u a x i) (high := m + (M - m) * u a x j); auto.
      - intros. apply affine_blend; auto.
      - exists (value d (along a i m M)). split; [|apply (along_value d a b); auto].
        split; [apply affine_on_cube|]. split; [apply along_in_two; auto|apply along_shows; auto].
      - exists (value d (along a j m M)). split; [|apply (along_value d a b); auto].
        split; [apply affine_on_cube|]. split; [apply along_in_two; auto|apply along_shows; auto]. }
    split; auto. intros v. split.
    + intros (f & (_ & (w & c & F) & S) & fx).
      assert (S' : shows d (affine_function d w c) a b m M).
      { destruct S as (_ & _ & fa & fb & R). rewrite F in fa, fb. split; auto. split; auto. split; auto. split; auto.
        intros z Hz. rewrite <- F. auto. }
      assert (V : v = m + sum d (fun i => Rabs (w i) * u a x i)).
      { rewrite <- fx, F. apply (rise_from_a d w c a b m M x S' Hx). }
      pose proof (spread_of_weights d w c a b m M S') as W.
      destruct (least d (opposite a b) (opposite_dec a b) (u a x) some) as (i & Hi & Oi & Li).
      destruct (greatest d (opposite a b) (opposite_dec a b) (u a x) some) as (j & Hj & Oj & Gj).
      exists i, j. repeat split; auto.
      * rewrite V, W, Rmult_comm, <- sum_scale. apply Rplus_le_compat_l, sum_le. intros k Hk.
        destruct (Req_dec (w k) 0) as [->|N]; [rewrite Rabs_R0; lra|].
        pose proof (Li k Hk (weight_opposite d w c a b m M k S' Hk N)). pose proof (Rabs_pos (w k)). nra.
      * rewrite V, W, (Rmult_comm _ (u a x j)), <- sum_scale. apply Rplus_le_compat_l, sum_le. intros k Hk.
        destruct (Req_dec (w k) 0) as [->|N]; [rewrite Rabs_R0; lra|].
        pose proof (Gj k Hk (weight_opposite d w c a b m M k S' Hk N)). pose proof (Rabs_pos (w k)). nra.
    + intros (i & j & Hi & Hj & Oi & Oj & Hv).
      apply possible_in_larger with (2 := two v i j Hi Hj Oi Oj Hv). intros f (w & c & F & _). exists w, c. exact F.
  - intros E v. split.
    + intros P. apply possible_in_range in P; auto. lra.
    + intros ->. apply constant_possible; auto; [|lra]. exists (fun _ => 0), m. intros z. unfold affine_function, inner.
      rewrite sum_all_zero; [lra|]. intros; ring.
Qed.

(** A mutant: max u replaced by 9/10 max u. *)
Theorem affine_mutant : ~ forall d a b m M x v,
  cube d a -> cube d b -> cube d x -> m <= M -> possible d (Affine d) a b m M x v ->
  exists j, (j < d)%nat /\ opposite a b j /\ v <= m + (M - m) * (9 / 10 * u a x j).
Proof.
  intros H. pose (o := fun _ : nat => 0). pose (i := fun _ : nat => 1).
  assert (O : cube 1 o) by (intros j _; unfold o; lra). assert (I : cube 1 i) by (intros j _; unfold i; lra).
  assert (Op : opposite o i 0) by (left; split; reflexivity).
  destruct (H 1%nat o i 0 1 i 1) as (j & Hj & _ & K); auto; try lra.
  - destruct (affine 1 o i 0 1 i O I I ltac:(lra)) as (Row & _). apply Row.
    + exists 0%nat. auto.
    + exists 0%nat, 0%nat. rewrite (u_at_b o i 0 Op). repeat split; auto; lra.
  - assert (j = 0%nat) by lia. subst j. rewrite (u_at_b o i 0 Op) in K. lra.
Qed.

Print Assumptions affine.
