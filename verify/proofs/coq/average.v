Require Import Reals Lra Lia.
From Fvproof Require Import Definitions Tools Networks Free interpolation.
Open Scope R_scope.

(** average, exact: Good on average is no way out.

    "One network of one hidden layer with n + 2 ReLUs has the visualization φ and makes the decoder err by (M−m)/2 at
    least on every one of the n inputs, hence on average too." *)
Theorem average : forall d a b m M n (x : nat -> point) (D : decoder),
  cube d a -> cube d b -> ~ same d a b -> m <= M ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> i <> j -> ~ same d (x i) (x j)) ->
  (forall j, (j < n)%nat -> ~ same d (x j) a /\ ~ same d (x j) b) ->
  exists f, member d (network d 1 (n + 2)) a b m M f /\
    (forall j, (j < n)%nat -> Rabs (D a b m M (x j) - f (x j)) >= (M - m) / 2) /\
    sum n (fun j => Rabs (D a b m M (x j) - f (x j))) >= INR n * ((M - m) / 2).
Proof.
  intros d a b m M n x D Ha Hb ab mM Dx off.
  set (far := fun j => if Rle_dec ((m + M) / 2) (D a b m M (x j)) then m else M).
  set (z := fun j => if lt_dec j n then x j else if Nat.eq_dec j n then a else b).
  set (v := fun j => if lt_dec j n then far j else if Nat.eq_dec j n then m else M).
  destruct (interpolation d (n + 2) z v) as (f & N & At & R); [lia| |].
  - intros i j Hi Hj Ne. unfold z. destruct (lt_dec i n), (lt_dec j n); auto.
    + destruct (Nat.eq_dec j n); apply off; auto.
    + destruct (Nat.eq_dec i n); intros S; apply same_sym in S; revert S; apply off; auto.
    + destruct (Nat.eq_dec i n), (Nat.eq_dec j n); try lia; auto. intros S. apply ab, same_sym, S.
  - assert (fx : forall j, (j < n)%nat -> f (x j) = far j).
    { intros j Hj. specialize (At j ltac:(lia)). unfold z, v in At. destruct (lt_dec j n); [exact At|lia]. }
    assert (err : forall j, (j < n)%nat -> Rabs (D a b m M (x j) - f (x j)) >= (M - m) / 2).
    { intros j Hj. rewrite (fx j Hj). unfold far. destruct Rle_dec; cases; lra. }
    exists f. split; [|split; auto].
    + split; [eapply network_on_cube, N|]. split; auto. split; auto. split; auto.
      split; [|split].
      * specialize (At n ltac:(lia)). unfold z, v in At. destruct (lt_dec n n); [lia|].
        destruct (Nat.eq_dec n n); [exact At|lia].
      * specialize (At (S n) ltac:(lia)). unfold z, v in At. destruct (lt_dec (S n) n); [lia|].
        destruct (Nat.eq_dec (S n) n); [lia|exact At].
      * intros y _. apply R. intros j Hj. unfold v, far. repeat destruct lt_dec; repeat destruct Nat.eq_dec;
        repeat destruct Rle_dec; lra.
    + rewrite <- sum_const. apply Rle_ge, sum_le. intros j Hj. apply Rge_le, err, Hj.
Qed.

Print Assumptions average.
