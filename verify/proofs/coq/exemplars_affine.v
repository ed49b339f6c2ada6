Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools silent_units.
Open Scope R_scope.

(** The points lie on no hyperplane together: in general position, where there are d + 1 of them. *)
Definition on_no_hyperplane (d N : nat) (z : nat -> point) :=
  ~ exists w c, (exists i, (i < d)%nat /\ w i <> 0) /\ forall j, (j < N)%nat -> affine_function d w c (z j) = 0.

(** exemplars-affine, exact: Exemplars for affine functions.

    "f(x) = Σ λ_j·v_j is known; d+1 exemplars in general position, a and b among them, settle f everywhere." *)
Theorem exemplars_affine : forall d N (z : nat -> point) (v : nat -> R),
  (forall (lam : nat -> R) x f, sum N lam = 1 -> (forall i, (i < d)%nat -> x i = sum N (fun j => lam j * z j i)) ->
    Affine d f -> (forall j, (j < N)%nat -> f (z j) = v j) -> f x = sum N (fun j => lam j * v j)) /\
  ((0 < N)%nat -> on_no_hyperplane d N z -> forall f g, Affine d f -> Affine d g ->
    (forall j, (j < N)%nat -> f (z j) = v j) -> (forall j, (j < N)%nat -> g (z j) = v j) -> forall x, f x = g x).
Proof.
  intros d N z v. split.
  - intros lam x f one E (w & c & F) At. rewrite F. unfold affine_function. rewrite (inner_combination d N w lam z x E).
    rewrite <- (Rmult_1_l c) at 1. rewrite <- one, Rmult_comm, <- sum_scale, <- sum_plus. apply sum_ext. intros j Hj.
    rewrite <- At by auto. rewrite F. unfold affine_function. ring.
  - intros N0 gen f g (w & c & F) (w' & c' & G) Af Ag.
    assert (D : forall y, f y - g y = affine_function d (fun i => w i - w' i) (c - c') y).
    { intros y. rewrite F, G. unfold affine_function, inner.
      rewrite (sum_ext d (fun i => (w i - w' i) * y i) (fun i => w i * y i - w' i * y i)) by (intros; ring).
      rewrite sum_minus. ring. }
    assert (Z : forall i, (i < d)%nat -> w i - w' i = 0).
    { intros i Hi. destruct (Req_dec (w i - w' i) 0) as [|Ne]; auto. exfalso. apply gen.
      exists (fun i => w i - w' i), (c - c'). split; [exists i; auto|]. intros j Hj. rewrite <- D, Af, Ag by auto. ring. }
    assert (flat : forall y, f y - g y = c - c').
    { intros y. rewrite D. unfold affine_function, inner. rewrite sum_all_zero; [ring|]. intros j Hj. rewrite Z; auto. ring. }
    intros x. pose proof (flat x). pose proof (flat (z 0%nat)) as K. rewrite Af, Ag in K by auto. lra.
Qed.

Print Assumptions exemplars_affine.
