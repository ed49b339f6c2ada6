Require Import Reals Lra.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** randomized-decoders, exact: Randomized decoders.

    "On one of two twins with the values low and high the expected error is the radius at least. Where low < (m+M)/2 ≤
    high, the answer about the side is wrong with probability 1/2 at least on one of them."

    A probability is the expectation of 1 where the event happens, and of 0 elsewhere. *)
Theorem randomized_decoders : forall Outcome (E : expectation Outcome),
  (forall (P : Outcome -> R) low high, low <= high ->
    integrable E (fun o => Rabs (P o - low)) -> integrable E (fun o => Rabs (P o - high)) ->
    Rmax (mean E (fun o => Rabs (P o - low))) (mean E (fun o => Rabs (P o - high))) >= (high - low) / 2) /\
  (forall (says_high : Outcome -> bool) m M low high, low < (m + M) / 2 <= high ->
    let wrong v o :=
      if says_high o then (if Rge_dec v ((m + M) / 2) then 0 else 1)
      else (if Rge_dec v ((m + M) / 2) then 1 else 0) in
    integrable E (wrong low) -> integrable E (wrong high) ->
    Rmax (mean E (wrong low)) (mean E (wrong high)) >= 1 / 2).
Proof.
  intros Outcome E. split.
  - intros P low high LH If Ig.
    destruct (mean_of_sum _ E _ _ If Ig) as (I & S).
    destruct (mean_of_constant _ E (high - low)) as (Ic & Ec).
    assert (high - low <= mean E (fun o => Rabs (P o - low)) + mean E (fun o => Rabs (P o - high))).
    { rewrite <- S. rewrite <- Ec at 1. apply mean_is_monotone; auto. intros o. cases; lra. }
    unfold Rmax. destruct Rle_dec; lra.
  - intros s m M low high LH wrong If Ig.
    destruct (mean_of_sum _ E _ _ If Ig) as (I & S).
    destruct (mean_of_constant _ E 1) as (Ic & Ec).
    assert (1 <= mean E (wrong low) + mean E (wrong high)).
    { rewrite <- S. rewrite <- Ec at 1. apply mean_is_monotone; auto. intros o. unfold wrong.
      destruct (s o); repeat destruct Rge_dec; lra. }
    unfold Rmax. destruct Rle_dec; lra.
Qed.

Print Assumptions randomized_decoders.
