Require Import Reals Lra.
From Fvproof Require Import Definitions Tools Networks Free.
Open Scope R_scope.

Lemma network_continuous d n u f : network d n u f -> Continuous d f.
Proof. intros N. destruct (network_lipschitz _ _ _ _ N) as (K & K0 & H). eapply lipschitz_continuous; eauto. Qed.

(** continuous, exact: Continuous functions.

    "Every value in [m, M] is possible at x, each for a continuous function with visualization φ. For m < M no decoder
    beats the uninformed one and none tells the side." *)
Theorem continuous : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> (~ same d a b /\ m < M \/ m = M) -> ~ same d x a -> ~ same d x b ->
  (forall v, possible d (Continuous d) a b m M x v <-> m <= v <= M) /\
  (m < M -> nothing_is_known d (Continuous d) a b m M x).
Proof. intros. apply free_row; auto; intros; eapply network_continuous; eauto. Qed.

Print Assumptions continuous.
