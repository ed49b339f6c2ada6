Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** A set of numbers is an interval with these ends, each of which belongs to it or not. *)
Definition interval (A : R -> Prop) (low high : R) :=
  low <= high /\ (exists v, A v) /\ (forall v, A v -> low <= v <= high) /\ (forall v, low < v < high -> A v).

(** The answers at x of all decoders are all numbers. *)
Definition always (p : R) : decoder := fun _ _ _ _ _ => p.

Section Minimax.
Variables (d : nat) (C : class) (a b : point) (m M : R) (x : point) (low high : R).
Hypothesis ends : interval (possible d C a b m M x) low high.

Lemma value_between f : member d C a b m M f -> low <= f x <= high.
Proof. destruct ends as (_ & _ & H & _). intros Mf. apply H. exists f. auto. Qed.

(** Members whose values come as close to the ends as one likes. *)
Lemma member_near_low e : 0 < e -> exists f, member d C a b m M f /\ low <= f x < low + e.
Proof.
  destruct ends as (LH & (v & Av) & In & Full). intros He.
  destruct (Rlt_dec low high) as [L|L].
  - destruct (Full (low + Rmin (e / 2) ((high - low) / 2))) as (f & Mf & fx).
    { cases; lra. }
    exists f. split; auto. rewrite fx. cases; lra.
  - destruct Av as (f & Mf & fx). pose proof (value_between f Mf). exists f. split; auto. lra.
Qed.

Lemma member_near_high e : 0 < e -> exists f, member d C a b m M f /\ high - e < f x <= high.
Proof.
  destruct ends as (LH & (v & Av) & In & Full). intros He.
  destruct (Rlt_dec low high) as [L|L].
  - destruct (Full (high - Rmin (e / 2) ((high - low) / 2))) as (f & Mf & fx).
    { cases; lra. }
    exists f. split; auto. rewrite fx. cases; lra.
  - destruct Av as (f & Mf & fx). pose proof (value_between f Mf). exists f. split; auto. lra.
Qed.

Lemma radius_is_needed D e : guarantees d C a b m M x D e -> (high - low) / 2 <= e.
Proof.
  intros G. destruct (Rle_dec ((high - low) / 2) e) as [|N]; auto. exfalso.
  set (t := (high - low) / 2 - e).
  destruct (member_near_low t) as (f & Mf & Hf); [unfold t; lra|].
  destruct (member_near_high t) as (g & Mg & Hg); [unfold t; lra|].
  pose proof (G f Mf). pose proof (G g Mg). unfold t in *. cases; lra.
Qed.

Lemma midpoint_attains : guarantees d C a b m M x (always ((low + high) / 2)) ((high - low) / 2).
Proof. intros f Mf. pose proof (value_between f Mf). unfold always. cases; lra. Qed.

Lemma random_answers Outcome (E : expectation Outcome) (P : Outcome -> R) e :
  (forall f, member d C a b m M f ->
    integrable E (fun o => Rabs (P o - f x)) /\ mean E (fun o => Rabs (P o - f x)) <= e) ->
  (high - low) / 2 <= e.
Proof.
  intros G. destruct (Rle_dec ((high - low) / 2) e) as [|N]; auto. exfalso.
  set (t := (high - low) / 2 - e).
  destruct (member_near_low t) as (f & Mf & Hf); [unfold t; lra|].
  destruct (member_near_high t) as (g & Mg & Hg); [unfold t; lra|].
  destruct (G f Mf) as (If & Ef). destruct (G g Mg) as (Ig & Eg).
  destruct (mean_of_sum _ E _ _ If Ig) as (I & S).
  destruct (mean_of_constant _ E (g x - f x)) as (Ic & Ec).
  assert (g x - f x <= mean E (fun o => Rabs (P o - f x)) + mean E (fun o => Rabs (P o - g x))).
  { rewrite <- S. rewrite <- Ec at 1. apply mean_is_monotone; auto. intros o. cases; lra. }
  unfold t in *. lra.
Qed.

Lemma exact_iff : exact_solvable d C a b m M x <-> (high - low) / 2 = 0.
Proof.
  destruct ends as (LH & _). split.
  - intros (D & G). apply radius_is_needed in G. lra.
  - intros E. exists (always ((low + high) / 2)). rewrite <- E. apply midpoint_attains.
Qed.

Lemma approximate_iff :
  approximate_solvable d C a b m M x <-> (high - low) / 2 < (M - m) / 2 \/ (high - low) / 2 = 0.
Proof.
  unfold approximate_solvable. rewrite exact_iff. split.
  - intros [|(D & e & He & G)]; auto. left. apply radius_is_needed in G. lra.
  - intros [L|]; auto. right. exists (always ((low + high) / 2)), ((high - low) / 2). split; auto.
    apply midpoint_attains.
Qed.

Lemma side_iff : cube d x ->
  (side_solvable d C a b m M x <->
   (forall v, possible d C a b m M x v -> m <= v < (m + M) / 2) \/
   (forall v, possible d C a b m M x v -> (m + M) / 2 <= v <= M)).
Proof.
  intros Hx. destruct ends as (_ & (v & f & Mf & fx) & _). split.
  - intros (s & S). destruct (Rge_dec (f x) ((m + M) / 2)) as [h|h].
    + right. intros u (g & Mg & gx). assert (g x >= (m + M) / 2) by (apply (S g Mg), (S f Mf); auto).
      destruct Mg as (_ & _ & _ & _ & _ & _ & R). specialize (R x Hx). lra.
    + left. intros u (g & Mg & gx).
      assert (~ g x >= (m + M) / 2) by (intros K; apply h, (S f Mf), (S g Mg), K).
      destruct Mg as (_ & _ & _ & _ & _ & _ & R). specialize (R x Hx). lra.
  - intros [H|H].
    + exists False. intros g Mg. assert (m <= g x < (m + M) / 2) by (apply H; exists g; auto). lra.
    + exists True. intros g Mg. assert ((m + M) / 2 <= g x <= M) by (apply H; exists g; auto).
      split; auto; lra.
Qed.
End Minimax.

(** minimax, exact: The minimax lemma.

    "The least error that a decoder can guarantee at x is the radius r of A = A_C(φ, x), whether or not the ends belong
    to A. The midpoint attains it; random answers do not help. exact is solvable iff r = 0; approximate iff r < (M−m)/2,
    or r = 0 (an exact answer counts, where m = M); side iff A lies within [m, (m+M)/2) or within [(m+M)/2, M]." *)
Theorem minimax : forall d C a b m M x low high,
  cube d x ->
  interval (possible d C a b m M x) low high ->
  let r := (high - low) / 2 in
  (forall D e, guarantees d C a b m M x D e -> r <= e) /\
  guarantees d C a b m M x (always ((low + high) / 2)) r /\
  (forall Outcome (E : expectation Outcome) (P : Outcome -> R) e,
    (forall f, member d C a b m M f ->
      integrable E (fun o => Rabs (P o - f x)) /\ mean E (fun o => Rabs (P o - f x)) <= e) ->
    r <= e) /\
  (exact_solvable d C a b m M x <-> r = 0) /\
  (approximate_solvable d C a b m M x <-> r < (M - m) / 2 \/ r = 0) /\
  (side_solvable d C a b m M x <->
   (forall v, possible d C a b m M x v -> m <= v < (m + M) / 2) \/
   (forall v, possible d C a b m M x v -> (m + M) / 2 <= v <= M)).
Proof.
  intros d C a b m M x low high Hx ends r. repeat match goal with |- _ /\ _ => split end.
  - apply radius_is_needed, ends.
  - apply midpoint_attains, ends.
  - apply random_answers, ends.
  - apply exact_iff, ends.
  - apply approximate_iff, ends.
  - eapply side_iff; eauto.
Qed.

Print Assumptions minimax.
