(** Boxes and their volumes: for the statements about the curse of dimension. *)

Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

Fixpoint product (n : nat) (g : nat -> R) : R := match n with O => 1 | S k => product k g * g k end.

(** The box with the lowest corner p and sides of the length s; its volume is the product of its sides. *)
Definition box (d : nat) (p : point) (s : R) (x : point) := forall i, (i < d)%nat -> p i <= x i <= p i + s.
Definition volume (d : nat) (side : nat -> R) : R := product d side.

Lemma volume_of_cube d s : volume d (fun _ => s) = s ^ d.
Proof. unfold volume. induction d; simpl; [reflexivity|]. rewrite IHd. ring. Qed.

(** ∫ s^d ds = s^(d+1)/(d+1). *)
Definition integral_of_power (d : nat) (s : R) : R := / INR (S d) * s ^ S d.

Lemma integral_is_one d s : derivable_pt_lim (integral_of_power d) s (s ^ d).
Proof.
  assert (N : INR (S d) <> 0) by (apply not_0_INR; lia).
  replace (s ^ d) with (/ INR (S d) * (INR (S d) * s ^ pred (S d))).
  - apply (derivable_pt_lim_scal (fun t => t ^ S d)). apply derivable_pt_lim_pow.
  - simpl pred. field. exact N.
Qed.

Lemma integral_from_0_to_1 d : integral_of_power d 1 - integral_of_power d 0 = / INR (S d).
Proof. unfold integral_of_power. rewrite pow1, pow_i by lia. ring. Qed.
