Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools fooling_circuit.
Open Scope R_scope.

(** fooling-circuit-soft, exact: The fooling circuit, imperfect detector.

    "|A − F| ≤ k·ε where 0 ≤ E ≤ ε, and |A − D| ≤ k·ε where 1−ε ≤ E ≤ 1." *)
Theorem fooling_circuit_soft : forall c k lo hi e F D E,
  ranges lo hi F D -> c >= - lo -> k * (1 - e) >= hi + c -> 0 <= e < 1 ->
  let A := circuit c k F D E in
  (forall z, 0 <= E z <= e -> Rabs (A z - F z) <= k * e) /\
  (forall z, 1 - e <= E z <= 1 -> Rabs (A z - D z) <= k * e).
Proof.
  intros c k lo hi e F D E R Hc Hk He A.
  assert (0 <= k).
  { destruct (R (fun _ => 0)). assert (0 <= k * (1 - e)) by lra. nra. }
  split; intros z Hz; destruct (R z); unfold A, circuit;
  set (t := E z) in *; assert (k * t <= k * 1) by nra; assert (0 <= k * t) by nra.
  - assert (k * t <= k * e) by nra. cases; lra.
  - assert (k * (1 - e) <= k * t) by nra. cases; lra.
Qed.

(** A mutant: k·ε replaced by 9/10 k·ε. *)
Theorem fooling_circuit_soft_mutant : ~ forall c k lo hi e F D E,
  ranges lo hi F D -> c >= - lo -> k * (1 - e) >= hi + c -> 0 <= e < 1 ->
  forall z, 0 <= E z <= e -> Rabs (circuit c k F D E z - F z) <= 9 / 10 * (k * e).
Proof.
  intros H.
  specialize (H 0 2 0 1 (1 / 2) (fun _ => 1) (fun _ => 0) (fun _ => 1 / 2)).
  assert (K : Rabs (circuit 0 2 (fun _ => 1) (fun _ => 0) (fun _ => 1 / 2) (fun _ => 0) - 1) <= 9 / 10 * (2 * (1 / 2))).
  { apply H; try lra. intros z. lra. }
  unfold circuit in K. cases; lra.
Qed.

Print Assumptions fooling_circuit_soft.
