Require Import Reals Lra Lia.
From Fvproof Require Import Definitions Tools Networks Free interpolation.
Open Scope R_scope.

(** three-units, exact: Three hidden ReLUs suffice.

    "A network of one hidden layer with three ReLUs has the visualization φ and the value v at x. For m < M no decoder
    beats the uninformed one on such networks, and none tells the side." *)
Theorem three_units : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> ~ same d a b -> ~ same d x a -> ~ same d x b -> m <= M ->
  (forall v, possible d (network d 1 3) a b m M x v <-> m <= v <= M) /\
  (m < M -> nothing_is_known d (network d 1 3) a b m M x).
Proof.
  intros d a b m M x Ha Hb Hx ab xa xb mM.
  assert (P : forall v, possible d (network d 1 3) a b m M x v <-> m <= v <= M).
  { intros v. split; [apply possible_in_range; auto|]. intros Hv.
    destruct (interpolation d 3 (fun j => match j with 0%nat => a | 1%nat => b | _ => x end)
      (fun j => match j with 0%nat => m | 1%nat => M | _ => v end)) as (f & N & At & R); [lia| |].
    - intros i j Hi Hj Ne. destruct i as [|[|[|]]], j as [|[|[|]]]; simpl; try lia; auto using same_sym;
      intros S; auto using same_sym.
    - exists f. split; [|apply (At 2%nat); lia]. split; [eapply network_on_cube, N|]. split; auto.
      split; auto. split; auto. split; [apply (At 0%nat); lia|]. split; [apply (At 1%nat); lia|].
      intros z _. apply R. intros j Hj. destruct j as [|[|[|]]]; simpl; lia || lra. }
  split; auto. intros L. apply both_ends_possible; auto; apply P; lra.
Qed.

Print Assumptions three_units.
