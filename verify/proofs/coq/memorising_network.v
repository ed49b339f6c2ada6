Require Import Reals Lra Lia.
From Fvproof Require Import Definitions Tools Networks.
Open Scope R_scope.

(** memorising-network, exact: Networks that memorise.

    "The network f = β + Σ_j (v_j − β)·s_j takes the value v_j at c_j, stays between the least and the greatest of β and
    the v_j, takes its extrema at the c_j only (where β is neither), and is k·Σ|v_j − β|-Lipschitz."

    Here [lowest] and [highest] are any bounds of β and the v_j. For ℓ1 it is a network with two hidden layers and
    N (2d + 1) hidden units; at distinct points, some k is large enough. *)
Theorem memorising_network : forall d dist k N c v beta lowest highest,
  distance d dist -> 0 < k ->
  (forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> 2 <= k * dist (c i) (c j)) ->
  lowest <= beta <= highest -> (forall j, (j < N)%nat -> lowest <= v j <= highest) ->
  let f z := beta + sum N (fun j => (v j - beta) * relu (1 - k * dist z (c j))) in
  (forall j, (j < N)%nat -> f (c j) = v j) /\
  (forall z, lowest <= f z <= highest) /\
  (forall z, lowest < beta < highest -> f z = lowest \/ f z = highest -> exists j, (j < N)%nat /\ same d z (c j)) /\
  (forall y z, Rabs (f y - f z) <= k * sum N (fun j => Rabs (v j - beta)) * dist y z).
Proof.
  intros d dist k N c v beta lowest highest D K A B V f. split; [|split; [|split]].
  - intros j Hj. apply (memory_at d dist k D N c v beta A j Hj).
  - intros z. apply (memory_range d dist k D K N c v beta A lowest highest z B V).
  - intros z I [E|E].
    + destruct (memory_bottom d dist k D K N c v beta A lowest z) as (j & Hj & S & _); try lra; auto.
      * apply V.
      * exists j. auto.
    + destruct (memory_top d dist k D K N c v beta A highest z) as (j & Hj & S & _); try lra; auto.
      * apply V.
      * exists j. auto.
  - apply (memory_lipschitz d dist k D K N c v beta).
Qed.

(** The two sentences that the text takes for granted: for ℓ1 this is a network, and distinct points have such a k. *)
Theorem memorising_network_is_one : forall d k N c v beta,
  network d 2 (N * (2 * d + 1)) (fun z => beta + sum N (fun j => (v j - beta) * relu (1 - k * l1 d z (c j)))).
Proof. intros. apply memory_network. Qed.

Theorem memorising_network_exists : forall d dist N (c : nat -> point),
  distance d dist -> (forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> ~ same d (c i) (c j)) ->
  exists k, 0 < k /\ forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> 2 <= k * dist (c i) (c j).
Proof. intros. apply (steepness d); auto. Qed.

(** A mutant: β <= highest dropped; where nothing is memorised, f is β. *)
Theorem memorising_network_mutant : ~ forall N (c : nat -> point) (v : nat -> R) beta highest z,
  (forall j, (j < N)%nat -> v j <= highest) ->
  beta + sum N (fun j => (v j - beta) * relu (1 - 1 * l1 1 z (c j))) <= highest.
Proof.
  intros H. specialize (H 0%nat (fun _ _ => 0) (fun _ => 0) 2 1 (fun _ => 0)).
  simpl in H. assert (2 + 0 <= 1) by (apply H; intros; lia). lra.
Qed.

Print Assumptions memorising_network.
