Require Import Reals Lra.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** constant, exact: Constant functions.

    "f is known everywhere: f(x) = m." *)
Theorem constant : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> m = M -> forall v, possible d (Constant d) a b m M x v <-> v = m.
Proof.
  intros d a b m M x Ha Hb Hx E v. split.
  - intros (f & (_ & K & _ & _ & fa & _) & <-). rewrite (K x a); auto.
  - intros ->. apply constant_possible; auto; [intros y z _ _; reflexivity|lra].
Qed.

Print Assumptions constant.
