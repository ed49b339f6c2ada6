Require Import Reals Lra.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

Definition uninformed : decoder := fun _ _ m M _ => (m + M) / 2.

(** proposition-1, exact: The uninformed decoder.

    "Answering (m+M)/2 everywhere errs by (M−m)/2 at most, whatever f is." *)
Theorem proposition_1 : forall d f a b m M x,
  shows d f a b m M -> cube d x -> Rabs (uninformed a b m M x - f x) <= (M - m) / 2.
Proof. intros d f a b m M x (_ & _ & _ & _ & R) Hx. specialize (R x Hx). unfold uninformed. cases; lra. Qed.

(** A mutant: (M-m)/2 replaced by 49/100 (M-m). *)
Theorem proposition_1_mutant : ~ forall d f a b m M x,
  shows d f a b m M -> cube d x -> Rabs (uninformed a b m M x - f x) <= 49 / 100 * (M - m).
Proof.
  intros H. specialize (H 1%nat (fun z => z 0%nat) (fun _ => 0) (fun _ => 1) 0 1 (fun _ => 0)).
  assert (Rabs (uninformed (fun _ => 0) (fun _ => 1) 0 1 (fun _ => 0) - 0) <= 49 / 100 * (1 - 0)).
  { apply H.
    - repeat split; intros; try lra; apply H0; auto.
    - intros i _. lra. }
  unfold uninformed in H0. cases; lra.
Qed.

Print Assumptions proposition_1.
