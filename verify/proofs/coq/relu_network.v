Require Import Reals Lra.
From Fvproof Require Import Definitions Tools Networks Free.
Open Scope R_scope.

(** relu-network, exact: Feed-forward ReLU networks.

    "Every value in [m, M] is possible at x, each for a network of three spikes (for m = M, a constant) with
    visualization φ. For m < M no decoder beats the uninformed one and none tells the side."

    Three spikes: two hidden layers with 3 (2d + 1) hidden units. *)
Theorem relu_network : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> (~ same d a b /\ m < M \/ m = M) -> ~ same d x a -> ~ same d x b ->
  (forall v, possible d (ReluNetwork d) a b m M x v <-> m <= v <= M) /\
  (m < M -> forall v, possible d (network d 2 (3 * (2 * d + 1))) a b m M x v <-> m <= v <= M) /\
  (m = M -> possible d (network d 0 0) a b m M x m) /\
  (m < M -> nothing_is_known d (ReluNetwork d) a b m M x).
Proof.
  intros d a b m M x Ha Hb Hx varies xa xb.
  destruct (free_row d (ReluNetwork d) a b m M x) as (P & Q); auto; try (intros f N; do 2 eexists; exact N).
  split; auto. split; [|split]; auto.
  - intros mM v. split; [apply possible_in_range; auto|]. intros Hv.
    destruct (three_spikes d a b x m M v) as (f & N & S & fx & _); auto.
    { destruct varies as [[ab _]|E]; auto. lra. }
    exists f. split; auto. split; [eapply network_on_cube, N|]. auto.
  - intros E. apply constant_possible; auto; [apply constant_network|lra].
Qed.

(** A mutant: x may be b. *)
Theorem relu_network_mutant : ~ forall d a b m M x,
  cube d a -> cube d b -> cube d x -> ~ same d a b -> m < M -> ~ same d x a ->
  forall v, possible d (ReluNetwork d) a b m M x v <-> m <= v <= M.
Proof.
  intros H. pose (o := fun _ : nat => 0). pose (i := fun _ : nat => 1).
  assert (N : ~ same 1 o i) by (intros S; specialize (S 0%nat (le_n 1)); unfold o, i in S; lra).
  destruct (H 1%nat o i 0 1 i) with (v := 0) as (_ & K); auto using same_sym; try (intros j _; unfold o, i; lra); try lra.
  destruct K as (f & (_ & _ & _ & _ & _ & fi & _) & fx); lra.
Qed.

Print Assumptions relu_network.
