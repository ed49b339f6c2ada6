Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** The circuit of a natural unit F, a shown unit D, and a detector E. *)
Definition circuit (c k : R) (F D E : unit_function) : unit_function := fun z =>
  relu (F z + c - k * E z) + relu (D z + c - k * (1 - E z)) - c.

Definition ranges (lo hi : R) (F D : unit_function) := forall z, lo <= F z <= hi /\ lo <= D z <= hi.

(** fooling-circuit, exact: The fooling circuit.

    "A = F where the detector E is 0, A = D where it is 1; where E is 1 around the iterates of the optimiser, A rises as
    D does, so that the visualization of A is that of D."

    The last sentence: on any set of points where E is 1, A and D are equal, so that they rise alike between any two of
    them, and what is greatest for one is greatest for the other. *)
Theorem fooling_circuit : forall c k lo hi F D E,
  ranges lo hi F D -> c >= - lo -> k >= hi + c ->
  let A := circuit c k F D E in
  (forall z, E z = 0 -> A z = F z) /\
  (forall z, E z = 1 -> A z = D z) /\
  (forall p q, E p = 1 -> E q = 1 -> A p - A q = D p - D q) /\
  (forall (around : point -> Prop) b, (forall z, around z -> E z = 1) -> around b ->
    ((forall z, around z -> A z <= A b) <-> (forall z, around z -> D z <= D b))).
Proof.
  intros c k lo hi F D E R Hc Hk A.
  assert (on : forall z, E z = 1 -> A z = D z).
  { intros z e. destruct (R z). unfold A, circuit. rewrite e. cases; lra. }
  split; [|split; [|split]]; auto.
  - intros z e. destruct (R z). unfold A, circuit. rewrite e. cases; lra.
  - intros p q ep eq. rewrite (on p ep), (on q eq). reflexivity.
  - intros around b e Hb. split; intros H z Hz; specialize (H z Hz); rewrite !on in *; auto.
Qed.

(** A mutant: k >= hi + c dropped. *)
Theorem fooling_circuit_mutant : ~ forall c k lo hi F D E,
  ranges lo hi F D -> c >= - lo -> forall z, E z = 0 -> circuit c k F D E z = F z.
Proof.
  intros H. specialize (H 0 0 0 1 (fun _ => 1) (fun _ => 1) (fun _ => 0)).
  assert (K : circuit 0 0 (fun _ => 1) (fun _ => 1) (fun _ => 0) (fun _ => 0) = 1).
  { apply H; try lra. intros z. lra. }
  unfold circuit in K. cases; lra.
Qed.

Print Assumptions fooling_circuit.
