(** The coordinates in which a and b are opposite, and affine functions of them. *)

Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Networks.
Open Scope R_scope.

(** {a_i, b_i} = {0, 1}. *)
Definition opposite (a b : point) (i : nat) := (a i = 0 /\ b i = 1) \/ (a i = 1 /\ b i = 0).

(** u_i(x) = |x_i − a_i|. *)
Definition u (a x : point) (i : nat) : R := Rabs (x i - a i).

Lemma opposite_dec a b i : {opposite a b i} + {~ opposite a b i}.
Proof.
  unfold opposite. destruct (Req_EM_T (a i) 0), (Req_EM_T (b i) 1), (Req_EM_T (a i) 1), (Req_EM_T (b i) 0);
  try (left; tauto); right; tauto.
Qed.

(** The point with one coordinate replaced. *)
Definition set_at (i : nat) (t : R) (x : point) : point := fun j => if Nat.eq_dec j i then t else x j.

Lemma set_at_in_cube d i t x : 0 <= t <= 1 -> cube d x -> cube d (set_at i t x).
Proof. intros Ht Hx j Hj. unfold set_at. destruct Nat.eq_dec; auto. Qed.

Lemma affine_set_at d w c i t x : (i < d)%nat ->
  affine_function d w c (set_at i t x) - affine_function d w c x = w i * (t - x i).
Proof.
  intros Hi. unfold affine_function, inner.
  replace (c + sum d (fun j => w j * set_at i t x j) - (c + sum d (fun j => w j * x j))) with
    (sum d (fun j => w j * set_at i t x j - w j * x j)) by (rewrite sum_minus; ring).
  rewrite (sum_one d _ i Hi).
  - unfold set_at. destruct Nat.eq_dec; [ring|tauto].
  - intros j _ N. unfold set_at. destruct Nat.eq_dec; [tauto|ring].
Qed.

Lemma affine_minus d w c x y : affine_function d w c x - affine_function d w c y = sum d (fun i => w i * (x i - y i)).
Proof.
  unfold affine_function, inner.
  rewrite (sum_ext d (fun i => w i * (x i - y i)) (fun i => w i * x i - w i * y i)) by (intros; ring).
  rewrite sum_minus. ring.
Qed.

Lemma affine_on_cube d w c : on_cube d (affine_function d w c).
Proof. intros y z _ _ S. unfold affine_function. rewrite (inner_ext d w y z S). reflexivity. Qed.

(** The least at a and the greatest at b: what a weight needs. *)
Lemma weight_signs d w c a b m M : shows d (affine_function d w c) a b m M -> forall i, (i < d)%nat ->
  (w i > 0 -> a i = 0 /\ b i = 1) /\ (w i < 0 -> a i = 1 /\ b i = 0).
Proof.
  intros (Ha & Hb & fa & fb & R) i Hi.
  assert (A : forall t, 0 <= t <= 1 -> 0 <= w i * (t - a i)).
  { intros t Ht. rewrite <- (affine_set_at d w c i t a Hi). pose proof (R _ (set_at_in_cube d i t a Ht Ha)). lra. }
  assert (B : forall t, 0 <= t <= 1 -> w i * (t - b i) <= 0).
  { intros t Ht. rewrite <- (affine_set_at d w c i t b Hi). pose proof (R _ (set_at_in_cube d i t b Ht Hb)). lra. }
  pose proof (A 0 ltac:(lra)). pose proof (A 1 ltac:(lra)). pose proof (B 0 ltac:(lra)). pose proof (B 1 ltac:(lra)).
  specialize (Ha i Hi). specialize (Hb i Hi).
  split; intros W; split; nra.
Qed.

Lemma weight_opposite d w c a b m M i :
  shows d (affine_function d w c) a b m M -> (i < d)%nat -> w i <> 0 -> opposite a b i.
Proof.
  intros S Hi N. destruct (weight_signs d w c a b m M S i Hi) as (P & Q). unfold opposite.
  destruct (Rlt_dec 0 (w i)); [left; apply P; lra|right; apply Q; lra].
Qed.

Lemma rise_from_a d w c a b m M x : shows d (affine_function d w c) a b m M -> cube d x ->
  affine_function d w c x = m + sum d (fun i => Rabs (w i) * u a x i).
Proof.
  intros S Hx. assert (fa : affine_function d w c a = m) by apply S.
  replace (affine_function d w c x) with (m + (affine_function d w c x - affine_function d w c a)) by lra.
  rewrite affine_minus. f_equal.
  apply sum_ext. intros i Hi. destruct (weight_signs d w c a b m M S i Hi) as (P & Q). specialize (Hx i Hi). unfold u.
  destruct (Rtotal_order (w i) 0) as [L|[E|G]].
  - destruct (Q L) as (-> & _). cases; nra.
  - rewrite E, Rabs_R0. ring.
  - destruct (P G) as (-> & _). cases; nra.
Qed.

Lemma spread_of_weights d w c a b m M : shows d (affine_function d w c) a b m M -> M - m = sum d (fun i => Rabs (w i)).
Proof.
  intros S. assert (Hb : cube d b) by apply S. assert (fb : affine_function d w c b = M) by apply S.
  rewrite (rise_from_a d w c a b m M b S Hb) in fb. rewrite <- fb. ring_simplify.
  apply sum_ext. intros i Hi. destruct (Req_dec (w i) 0) as [->|N]; [rewrite Rabs_R0; ring|].
  unfold u. destruct (weight_opposite d w c a b m M i S Hi N) as [(-> & ->)|(-> & ->)].
  - replace (Rabs (1 - 0)) with 1 by (cases; lra). ring.
  - replace (Rabs (0 - 1)) with 1 by (cases; lra). ring.
Qed.

(** * The affine function m + (M−m)·u_i. *)

Definition along (a : point) (i : nat) (m M : R) : affine_map :=
  if Req_EM_T (a i) 0 then ((fun j => if Nat.eq_dec j i then M - m else 0), m)
  else ((fun j => if Nat.eq_dec j i then - (M - m) else 0), M).

Lemma along_value d a b i m M z : (i < d)%nat -> opposite a b i -> cube d z ->
  value d (along a i m M) z = m + (M - m) * u a z i.
Proof.
  intros Hi O Hz. specialize (Hz i Hi). unfold along, value, affine_function, u.
  destruct O as [(E & _)|(E & _)]; rewrite E; destruct Req_EM_T; try (exfalso; tauto || lra);
  cbn [fst snd]; rewrite inner_one by auto.
  - replace (Rabs (z i - 0)) with (z i) by (cases; lra). ring.
  - replace (Rabs (z i - 1)) with (1 - z i) by (cases; lra). ring.
Qed.

Lemma u_range d a x i : cube d a -> cube d x -> (i < d)%nat -> 0 <= u a x i <= 1.
Proof. intros Ha Hx Hi. specialize (Ha i Hi). specialize (Hx i Hi). unfold u. split; cases; lra. Qed.

Lemma u_at_a a i : u a a i = 0.
Proof. unfold u. rewrite Rminus_diag_eq; auto. apply Rabs_R0. Qed.

Lemma u_at_b a b i : opposite a b i -> u a b i = 1.
Proof. unfold u. intros [(-> & ->)|(-> & ->)]; cases; lra. Qed.

Lemma along_shows d a b i m M : (i < d)%nat -> opposite a b i -> m <= M -> cube d a -> cube d b ->
  shows d (value d (along a i m M)) a b m M.
Proof.
  intros Hi O mM Ha Hb. split; auto. split; auto. split; [|split].
  - rewrite (along_value d a b), u_at_a; auto. ring.
  - rewrite (along_value d a b), (u_at_b a b); auto. ring.
  - intros z Hz. rewrite (along_value d a b); auto. pose proof (u_range d a z i Ha Hz Hi). split; nra.
Qed.

(** * The coordinate with the largest u *)

Lemma greatest d (P : nat -> Prop) (dec : forall i, {P i} + {~ P i}) (g : nat -> R) :
  (exists i, (i < d)%nat /\ P i) ->
  exists i, (i < d)%nat /\ P i /\ forall j, (j < d)%nat -> P j -> g j <= g i.
Proof.
  induction d; intros (i & Hi & Pi); [lia|].
  assert (K : (exists i, (i < d)%nat /\ P i) \/ forall i, (i < d)%nat -> ~ P i).
  { clear - dec. induction d; [right; intros; lia|].
    destruct IHd as [(i & Hi & Pi)|N]; [left; exists i; auto|].
    destruct (dec d); [left; exists d; auto|]. right. intros i Hi. destruct (Nat.eq_dec i d) as [->|]; auto.
    apply N. lia. }
  destruct K as [E|N].
  - destruct (IHd E) as (j & Hj & Pj & G). destruct (dec d) as [Pd|Nd].
    + destruct (Rle_dec (g d) (g j)) as [L|L].
      * exists j. repeat split; auto. intros k Hk Pk. destruct (Nat.eq_dec k d) as [->|]; auto. apply G; auto. lia.
      * exists d. repeat split; auto. intros k Hk Pk. destruct (Nat.eq_dec k d) as [->|]; [lra|].
        specialize (G k ltac:(lia) Pk). lra.
    + exists j. repeat split; auto. intros k Hk Pk. destruct (Nat.eq_dec k d) as [->|]; [tauto|]. apply G; auto. lia.
  - exists i. repeat split; auto. intros k Hk Pk.
    assert (forall j, (j < S d)%nat -> P j -> j = d).
    { intros j Hj Pj. destruct (Nat.eq_dec j d); auto. exfalso. apply (N j); auto. lia. }
    rewrite (H i Hi Pi), (H k Hk Pk). lra.
Qed.

Lemma least d (P : nat -> Prop) (dec : forall i, {P i} + {~ P i}) (g : nat -> R) :
  (exists i, (i < d)%nat /\ P i) ->
  exists i, (i < d)%nat /\ P i /\ forall j, (j < d)%nat -> P j -> g i <= g j.
Proof.
  intros E. destruct (greatest d P dec (fun i => - g i) E) as (i & Hi & Pi & G).
  exists i. repeat split; auto. intros j Hj Pj. specialize (G j Hj Pj). lra.
Qed.
