Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools Networks Free.
Open Scope R_scope.

(** A network that is Lipschitz with some constant, for ℓ1, ℓ2 and ℓ∞ alike. *)
Definition LipschitzNetwork (d : nat) : class := fun f =>
  ReluNetwork d f /\
  exists L, 0 <= L /\ Lipschitz d (l1 d) L f /\ Lipschitz d (l2 d) L f /\ Lipschitz d (linf d) L f.

Lemma network_has_a_constant d n u f : network d n u f -> LipschitzNetwork d f.
Proof.
  intros N. split; [do 2 eexists; exact N|]. destruct (network_lipschitz _ _ _ _ N) as (K & K0 & H).
  assert (D0 : 0 <= INR d) by apply pos_INR.
  exists (K * (INR d + 1)). split; [nra|].
  repeat split; intros y z _ _; specialize (H y z);
  pose proof (l1_linf d y z); pose proof (linf_l2 d y z);
  pose proof (dist_positive _ _ (l1_distance d) y z); pose proof (dist_positive _ _ (linf_distance d) y z);
  eapply Rle_trans; eauto; rewrite Rmult_assoc; apply Rmult_le_compat_l; auto; nra.
Qed.

(** lipschitz-unknown, exact: Lipschitz functions, constant unknown.

    "Every value in [m, M] is possible at x, each for a network with visualization φ that has some Lipschitz
    constant." *)
Theorem lipschitz_unknown : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> (~ same d a b /\ m < M \/ m = M) -> ~ same d x a -> ~ same d x b ->
  (forall v, possible d (LipschitzNetwork d) a b m M x v <-> m <= v <= M) /\
  (m < M -> nothing_is_known d (LipschitzNetwork d) a b m M x).
Proof. intros. apply free_row; auto; intros; eapply network_has_a_constant; eauto. Qed.

Print Assumptions lipschitz_unknown.
