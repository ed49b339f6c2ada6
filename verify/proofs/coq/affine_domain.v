Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** (a, b, m, M) is a visualization of f on the body K. *)
Definition shows_on (K : point -> Prop) (f : unit_function) (a b : point) (m M : R) :=
  f a = m /\ f b = M /\ forall z, K z -> m <= f z <= M.

(** w lies in the normal cone of K at b: on K, ⟨w, z⟩ is greatest at b. And w lies in that of a, negated. *)
Definition normal (d : nat) (K : point -> Prop) (b w : point) := forall z, K z -> inner d w z <= inner d w b.
Definition inner_normal (d : nat) (K : point -> Prop) (a w : point) := forall z, K z -> inner d w a <= inner d w z.

Lemma inner_scaled d s w z : inner d (fun i => s * w i) z = s * inner d w z.
Proof. unfold inner. rewrite <- sum_scale. apply sum_ext. intros; ring. Qed.

(** affine-domain, exact: Affine units on any convex body.

    "f(x) takes the values m + (M−m)·⟨w, x−a⟩ for w ∈ N(b) ∩ −N(a) with ⟨w, b−a⟩ = 1, and no others; where N(b) is a ray
    (smooth bodies), that is one value." *)
Theorem affine_domain : forall d (K : point -> Prop) a b m M x, K a -> K b -> m < M ->
  let possible_on_K v := exists f, Affine d f /\ shows_on K f a b m M /\ f x = v in
  (forall v, possible_on_K v <->
    exists w, normal d K b w /\ inner_normal d K a w /\ inner d w b - inner d w a = 1 /\
      v = m + (M - m) * (inner d w x - inner d w a)) /\
  ((exists n, forall w, normal d K b w -> exists s, 0 <= s /\ forall i, (i < d)%nat -> w i = s * n i) ->
    forall v v', possible_on_K v -> possible_on_K v' -> v = v').
Proof.
  intros d K a b m M x Ka Kb mM possible_on_K.
  assert (row : forall v, possible_on_K v <->
    exists w, normal d K b w /\ inner_normal d K a w /\ inner d w b - inner d w a = 1 /\
      v = m + (M - m) * (inner d w x - inner d w a)).
  { intros v. split.
    - intros (f & (w & c & F) & (fa & fb & R) & fx). rewrite F in fa, fb, fx. unfold affine_function in *.
      exists (fun i => / (M - m) * w i). unfold normal, inner_normal. rewrite !inner_scaled.
      assert (P : 0 < / (M - m)) by (apply Rinv_0_lt_compat; lra).
      assert (I : / (M - m) * (M - m) = 1) by (field; lra).
      split; [|split; [|split]].
      + intros z Hz. specialize (R z Hz). rewrite F in R. unfold affine_function in R. rewrite inner_scaled.
        apply Rmult_le_compat_l; lra.
      + intros z Hz. specialize (R z Hz). rewrite F in R. unfold affine_function in R. rewrite inner_scaled.
        apply Rmult_le_compat_l; lra.
      + rewrite <- I. replace (M - m) with (inner d w b - inner d w a) by lra. ring.
      + rewrite <- fx, <- fa. field. lra.
    - intros (w & Nb & Na & one & ->).
      exists (affine_function d (fun i => (M - m) * w i) (m - (M - m) * inner d w a)).
      split; [do 2 eexists; reflexivity|]. unfold shows_on, affine_function. rewrite !inner_scaled.
      split; [split; [|split]|]; try ring.
      + replace (inner d w b) with (inner d w a + 1) by lra. ring.
      + intros z Hz. specialize (Nb z Hz). specialize (Na z Hz). rewrite inner_scaled. split; nra. }
  split; auto. intros (n & ray) v v' Pv Pv'.
  apply row in Pv. apply row in Pv'.
  destruct Pv as (w & Nb & _ & one & ->). destruct Pv' as (w' & Nb' & _ & one' & ->).
  destruct (ray w Nb) as (s & _ & E). destruct (ray w' Nb') as (s' & _ & E').
  assert (I : forall z, inner d w z = s * inner d n z).
  { intros z. rewrite <- inner_scaled. apply sum_ext. intros i Hi. rewrite E; auto. }
  assert (I' : forall z, inner d w' z = s' * inner d n z).
  { intros z. rewrite <- inner_scaled. apply sum_ext. intros i Hi. rewrite E'; auto. }
  rewrite !I in *. rewrite !I' in *. assert (s = s'); [|subst; reflexivity].
  apply Rmult_eq_reg_r with (inner d n b - inner d n a); [lra|]. intros Z.
  assert (s * (inner d n b - inner d n a) = 1) by lra. rewrite Z in H. lra.
Qed.

Print Assumptions affine_domain.
