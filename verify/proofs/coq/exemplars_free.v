Require Import Reals Lra List Psatz.
From Fvproof Require Import Definitions Tools Networks Free continuous erm piecewise_affine order_free.
Import ListNotations.
Open Scope R_scope.

(** exemplars-free, exact: Exemplars for networks.

    "Every value in [m, M] is possible at x, whatever the exemplars show: no number of them helps."

    The members are networks through all exemplars (and the labels of S, if they are among them): by
    [order_free_classes] they belong to every class that the statement names. *)
Theorem exemplars_free : forall d a b m M exemplars x,
  cube d a -> cube d b -> cube d x -> m <= M ->
  consistent d ((a, m) :: (b, M) :: exemplars) -> (forall e, In e exemplars -> m <= snd e <= M) ->
  (forall q, In q ((a, m) :: (b, M) :: exemplars) -> ~ same d x (fst q)) ->
  (forall v, possible d (Interpolating d exemplars) a b m M x v <-> m <= v <= M) /\
  (m < M -> nothing_is_known d (Interpolating d exemplars) a b m M x).
Proof.
  intros d a b m M S x Ha Hb Hx mM Co labels away.
  assert (P : forall v, possible d (Interpolating d S) a b m M x v <-> m <= v <= M).
  { intros v. split; [apply possible_in_range; auto|]. intros Hv.
    destruct (member_through d a b m M ((x, v) :: S) Ha Hb mM) as (f & N & E & Sh & At).
    - assert (K : consistent d ((x, v) :: (a, m) :: (b, M) :: S)) by (apply consistent_cons; auto).
      intros q r Hq Hr. apply K; simpl in *; tauto.
    - intros q [<-|Hq]; simpl; auto.
    - exists f. split; [|apply (At (x, v)); simpl; auto]. split; auto. split; auto. split; auto.
      intros e He. apply At. simpl. auto. }
  split; auto. intros L. apply both_ends_possible; auto; apply P; lra.
Qed.

Print Assumptions exemplars_free.
