Require Import Reals Lra.
From Fvproof Require Import Definitions Tools monotone_lipschitz monotone.
Open Scope R_scope.

(** The greatest monotone function that is m on all z <= y and z <= a. *)
Definition step_down (d : nat) (a y : point) (m M : R) : unit_function := fun z =>
  if below_dec d z a then m else if below_dec d z y then m else M.

Lemma step_down_member d a b y m M :
  cube d a -> cube d b -> m <= M -> ~ below d b a -> ~ below d b y -> member d (Monotone d) a b m M (step_down d a y m M).
Proof.
  intros Ha Hb mM ba by_. split; [|split; [|split; [|split; [|split; [|split]]]]]; auto; unfold step_down.
  - intros p q _ _ S. pose proof (below_left d p q a S). pose proof (below_left d p q y S).
    repeat destruct below_dec; tauto.
  - intros p q _ _ B. repeat destruct below_dec; try lra; exfalso; eauto using below_trans.
  - destruct (below_dec d a a); auto. exfalso. apply n, below_refl.
  - repeat destruct below_dec; tauto.
  - intros z _. repeat destruct below_dec; lra.
Qed.

(** order-monotone, exact: The order of two points, monotone.

    "f(x) ≤ f(y) for every member iff x ≤ y, or x ≤ a, or y ≥ b." *)
Theorem order_monotone : forall d a b m M x y,
  cube d a -> cube d b -> cube d x -> cube d y -> m < M -> ~ below d b a ->
  (ordered d (Monotone d) a b m M x y <-> below d x y \/ below d x a \/ below d b y).
Proof.
  intros d a b m M x y Ha Hb Hx Hy mM ba. split.
  - intros O. destruct (below_dec d x y); auto. destruct (below_dec d x a); auto.
    destruct (below_dec d b y) as [|by_]; auto. exfalso.
    assert (K : step_down d a y m M x <= step_down d a y m M y) by (apply O, step_down_member; auto; lra).
    pose proof (below_refl d y). unfold step_down in K. repeat destruct below_dec; tauto || lra.
  - intros H f (_ & K & _ & _ & fa & fb & R). destruct H as [B|[B|B]].
    + auto.
    + specialize (K x a Hx Ha B). pose proof (R y Hy). lra.
    + specialize (K b y Hb Hy B). pose proof (R x Hx). lra.
Qed.

Print Assumptions order_monotone.
