Require Import Reals Lra List Psatz.
From Fvproof Require Import Definitions Tools Networks Free.
Import ListNotations.
Open Scope R_scope.

(** The empirical risk on the sample S, for a loss of a prediction and a label. *)
Definition risk (loss : R -> R -> R) (S : list (point * R)) (f : unit_function) : R :=
  fold_right (fun example total => loss (f (fst example)) (snd example) + total) 0 S.

(** The networks that minimise it among all networks, those that take every label among them. *)
Definition Erm (d : nat) loss S : class := fun f =>
  ReluNetwork d f /\ forall g, ReluNetwork d g -> risk loss S f <= risk loss S g.
Definition Interpolating (d : nat) S : class := fun f =>
  ReluNetwork d f /\ forall example, In example S -> f (fst example) = snd example.

Lemma interpolating_minimises d (loss : R -> R -> R) S f :
  (forall p y, 0 <= loss p y) -> (forall y, loss y y = 0) -> Interpolating d S f -> Erm d loss S f.
Proof.
  intros pos zero (N & At). split; auto. intros g _.
  assert (Z : risk loss S f = 0).
  { clear - At zero. induction S as [|e S IH]; simpl; auto.
    rewrite IH by (intros; apply At; right; auto). rewrite At by (left; auto). rewrite zero. lra. }
  rewrite Z. clear - pos. induction S as [|e S IH]; simpl; [lra|]. specialize (pos (g (fst e)) (snd e)). lra.
Qed.

(** erm, exact: ReLU networks that minimise the empirical risk.

    "Every value in [m, M] is possible at x, each for a network with visualization φ that takes every label of S, and so
    has the least risk. For m < M no decoder beats the uninformed one, though it knows S."

    Consistent with φ: the examples with a, m and b, M give the same label to the same point. *)
Theorem erm : forall d a b m M x S (loss : R -> R -> R),
  cube d a -> cube d b -> cube d x -> (~ same d a b /\ m < M \/ m = M) -> ~ same d x a -> ~ same d x b ->
  (forall p y, 0 <= loss p y) -> (forall y, loss y y = 0) ->
  consistent d ((a, m) :: (b, M) :: S) -> (forall e, In e S -> m <= snd e <= M /\ ~ same d x (fst e)) ->
  (forall v, possible d (Erm d loss S) a b m M x v <-> m <= v <= M) /\
  (forall v, possible d (Interpolating d S) a b m M x v <-> m <= v <= M) /\
  (m < M -> nothing_is_known d (Erm d loss S) a b m M x).
Proof.
  intros d a b m M x S loss Ha Hb Hx varies xa xb pos zero Co labels.
  assert (mM : m <= M) by (destruct varies as [[]|]; lra).
  assert (Q : forall v, m <= v <= M -> possible d (Interpolating d S) a b m M x v).
  { intros v Hv. destruct (member_through d a b m M ((x, v) :: S) Ha Hb mM) as (f & N & E & Sh & At).
    - assert (away : forall q, In q ((a, m) :: (b, M) :: S) -> ~ same d x (fst q)).
      { intros q [<-|[<-|Hq]]; auto. apply labels, Hq. }
      intros p q Hp Hq Spq.
      assert (Ip : p = (x, v) \/ In p ((a, m) :: (b, M) :: S)) by (simpl in *; intuition).
      assert (Iq : q = (x, v) \/ In q ((a, m) :: (b, M) :: S)) by (simpl in *; intuition).
      destruct Ip as [->|Ip], Iq as [->|Iq]; auto.
      + exfalso. apply (away q Iq). exact Spq.
      + exfalso. apply (away p Ip). apply same_sym, Spq.
    - intros p [<-|Hp]; auto. apply labels, Hp.
    - exists f. split; [|apply (At (x, v)); left; auto]. split; auto. split; auto. split; auto.
      intros e He. apply At. right. exact He. }
  assert (P : forall v, m <= v <= M -> possible d (Erm d loss S) a b m M x v).
  { intros v Hv. apply possible_in_larger with (2 := Q v Hv).
    intros f. apply interpolating_minimises; auto. }
  split; [|split].
  - intros v. split; [apply possible_in_range; auto|apply P].
  - intros v. split; [apply possible_in_range; auto|apply Q].
  - intros L. apply both_ends_possible; auto; apply P; lra.
Qed.

Print Assumptions erm.
