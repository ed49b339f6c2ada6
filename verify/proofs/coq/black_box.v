Require Import Reals Lra.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** v at x, m at a, M at b, and u elsewhere. *)
Definition by_cases (d : nat) (a b x : point) (m M v u : R) : unit_function := fun z =>
  if same_dec d z a then m else if same_dec d z b then M else if same_dec d z x then v else u.

Lemma by_cases_on_cube d a b x m M v u : on_cube d (by_cases d a b x m M v u).
Proof.
  intros y z _ _ S. unfold by_cases.
  pose proof (same_left d y z a S). pose proof (same_left d y z b S). pose proof (same_left d y z x S).
  repeat destruct same_dec; tauto.
Qed.

Section Values.
Variables (d : nat) (a b x : point) (m M v u : R).
Hypotheses (Ha : cube d a) (Hb : cube d b) (ab : ~ same d a b) (xa : ~ same d x a) (xb : ~ same d x b).
Hypotheses (Hv : m <= v <= M) (Hu : m <= u <= M).

Lemma at_x : by_cases d a b x m M v u x = v.
Proof. unfold by_cases. point_cases. reflexivity. Qed.

Lemma by_cases_shows : shows d (by_cases d a b x m M v u) a b m M.
Proof.
  split; auto. split; auto. unfold by_cases. split; [|split].
  - point_cases. reflexivity.
  - point_cases. reflexivity.
  - intros z _. repeat destruct same_dec; lra.
Qed.

Lemma by_cases_shows_alone : m < v < M -> m < u < M -> shows_alone d (by_cases d a b x m M v u) a b m M.
Proof.
  intros. split; [apply by_cases_shows|]. intros z _. unfold by_cases.
  repeat destruct same_dec; split; intros; auto; exfalso; lra.
Qed.
End Values.

(** black-box, exact: All bounded functions.

    "Every value in [m, M] is possible at x, each for a function with visualization φ; for unique extrema every value in
    (m, M). For m < M no decoder beats the uninformed one and none tells the side." *)
Theorem black_box : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> (~ same d a b /\ m < M \/ m = M) -> ~ same d x a -> ~ same d x b ->
  (forall v, possible d BlackBox a b m M x v <-> m <= v <= M) /\
  (m < M -> forall v, (exists f, on_cube d f /\ shows_alone d f a b m M /\ f x = v) <-> m < v < M) /\
  (m < M -> nothing_is_known d BlackBox a b m M x).
Proof.
  intros d a b m M x Ha Hb Hx varies xa xb.
  assert (P : forall v, possible d BlackBox a b m M x v <-> m <= v <= M).
  { intros v. split; [apply possible_in_range; auto|]. intros Hv. destruct varies as [[ab mM]|E].
    - exists (by_cases d a b x m M v v). split; [|apply at_x; auto].
      split; [apply by_cases_on_cube|]. split; [exact I|]. apply by_cases_shows; auto.
    - apply constant_possible; auto. exact I. }
  split; [|split]; auto.
  - intros mM v. destruct varies as [[ab _]|E]; [|lra]. split.
    + intros (f & _ & ((_ & _ & _ & _ & R) & U) & <-). specialize (R x Hx). specialize (U x Hx).
      destruct U as (Um & UM). split; apply Rnot_le_lt; intros K; [apply xa, Um|apply xb, UM]; lra.
    + intros Hv. exists (by_cases d a b x m M v v). split; [apply by_cases_on_cube|].
      split; [apply by_cases_shows_alone; auto; lra|apply at_x; auto].
  - intros mM. apply both_ends_possible; auto; apply P; lra.
Qed.

(** A mutant: x may be a. *)
Theorem black_box_mutant : ~ forall d a b m M x,
  cube d a -> cube d b -> cube d x -> (~ same d a b /\ m < M \/ m = M) -> ~ same d x b ->
  forall v, possible d BlackBox a b m M x v <-> m <= v <= M.
Proof.
  intros H. pose (o := fun _ : nat => 0). pose (i := fun _ : nat => 1).
  assert (N : ~ same 1 o i) by (intros S; specialize (S 0%nat (le_n 1)); unfold o, i in S; lra).
  destruct (H 1%nat o i 0 1 o) with (v := 1) as (_ & K); auto;
    try (intros j _; unfold o, i; lra); [left; split; auto; lra|].
  destruct K as (f & (_ & _ & _ & _ & fo & _) & fx); lra.
Qed.

Print Assumptions black_box.
