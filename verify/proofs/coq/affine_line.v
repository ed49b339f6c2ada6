Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Corners affine.
Open Scope R_scope.

(** affine-line, exact: Affine functions of one dimension.

    "f is known everywhere: f(x) = m + (M−m)·|x−a|." *)
Theorem affine_line : forall a b m M x,
  cube 1 a -> cube 1 b -> cube 1 x -> m <= M -> (opposite a b 0 \/ m = M) ->
  forall v, possible 1 (Affine 1) a b m M x v <-> v = m + (M - m) * Rabs (x 0%nat - a 0%nat).
Proof.
  intros a b m M x Ha Hb Hx mM F v. destruct (affine 1 a b m M x Ha Hb Hx mM) as (Row & Flat).
  destruct F as [O|E].
  - destruct Row as (Row & _); [exists 0%nat; auto|]. rewrite Row. split.
    + intros (i & j & Hi & Hj & _ & _ & Hv). assert (i = 0%nat) by lia. assert (j = 0%nat) by lia. subst.
      unfold u in Hv. lra.
    + intros ->. exists 0%nat, 0%nat. unfold u. repeat split; auto; lra.
  - rewrite (Flat E). subst M. rewrite Rminus_diag_eq by auto. split; intros; lra.
Qed.

Print Assumptions affine_line.
