Require Import Reals Lra.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** distances, exact: The norms give distances.

    "‖q−p‖ is ≥ 0, zero for equal points only, symmetric, and has the triangle inequality. The climb ‖(q−p)⁺‖ is ≥ 0,
    zero iff q ≤ p, at most ‖q−p‖, and has the triangle inequality: the axioms that the Lipschitz rows rest on." *)
Theorem distances : forall d,
  (distance d (l1 d) /\ distance d (l2 d) /\ distance d (linf d)) /\
  (climb d (l1_climb d) /\ climb d (l2_climb d) /\ climb d (linf_climb d)) /\
  (forall p q, l1_climb d p q <= l1 d p q /\ l2_climb d p q <= l2 d p q /\ linf_climb d p q <= linf d p q).
Proof.
  intros d. split; [|split].
  - auto using l1_distance, l2_distance, linf_distance.
  - auto using l1_climb_is, l2_climb_is, linf_climb_is.
  - intros p q. split; [|split].
    + apply sum_le. intros. cases; lra.
    + apply sqrt_le_1; try apply squares_nonneg; try (apply sum_nonneg; intros; cases; nra).
      apply sum_le. intros. cases; nra.
    + apply largest_le; [apply largest_nonneg|]. intros i Hi.
      eapply Rle_trans; [|apply (largest_ge d (fun i => Rabs (q i - p i)) i Hi)]. cases; lra.
Qed.

(** A mutant: half of ‖r−q‖ is not enough. *)
Theorem distances_mutant : ~ forall d p q r, l1 d p r <= l1 d p q + l1 d q r / 2.
Proof.
  intros H. specialize (H 1%nat (fun _ => 0) (fun _ => 0) (fun _ => 1)). unfold l1, sum in H. cases; lra.
Qed.

Print Assumptions distances.
