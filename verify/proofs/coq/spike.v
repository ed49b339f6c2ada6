Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools Networks.
Open Scope R_scope.

(** spike, exact: A simple ReLU network.

    "The spike ReLU(1 − k·‖z−c‖) is 1 at c only, 0 from the distance 1/k on, and k-Lipschitz; 2d hidden units compute
    ‖z−c‖₁. Spikes at points with k·‖c−c'‖ ≥ 2 are disjoint." *)
Theorem spike : forall d dist k c, distance d dist -> 0 < k ->
  let s c z := relu (1 - k * dist z c) in
  (forall z, s c z = 1 <-> same d z c) /\
  (forall z, 1 / k <= dist z c -> s c z = 0) /\
  (forall y z, Rabs (s c y - s c z) <= k * dist y z) /\
  network d 1 (2 * d) (fun z => l1 d z c) /\
  (forall c' z, k * dist c c' >= 2 -> s c z = 0 \/ s c' z = 0).
Proof.
  intros d dist k c D K s. split; [|split; [|split; [|split]]].
  - intros z. split; [apply (spike_top d dist k D K c z)|apply (spike_same d dist k D c z)].
  - intros z Hz. apply Rdiv_le_iff in Hz; auto. apply (spike_away dist k c z). lra.
  - apply (spike_lipschitz d dist k D K c).
  - apply network_ext with (1 := l1_network d c 0 1). intros z. ring.
  - intros c' z H. apply (spike_disjoint d dist k D K c c' z). lra.
Qed.

(** A mutant: 0 from the distance 1/(2k) on. *)
Theorem spike_mutant : ~ forall d dist k c z,
  distance d dist -> 0 < k -> 1 / (2 * k) <= dist z c -> relu (1 - k * dist z c) = 0.
Proof.
  intros H. specialize (H 1%nat (l1 1) 1 (fun _ => 0) (fun _ => 1 / 2) (l1_distance 1)).
  unfold l1, sum in H. cbv beta in H.
  assert (K : Rabs (0 - 1 / 2) = 1 / 2) by (cases; lra). rewrite K in H.
  assert (relu (1 - 1 * (0 + 1 / 2)) = 0) by (apply H; lra). clear H. cases; lra.
Qed.

Print Assumptions spike.
