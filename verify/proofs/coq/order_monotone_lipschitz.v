Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools monotone_lipschitz.
Open Scope R_scope.

Definition through (rise : point -> point -> R) (b x y : point) (m M L s t : R) : unit_function := fun z =>
  Rmax (Rmax m (M - L * rise z b)) (Rmax (s - L * rise z x) (t - L * rise z y)).

Section Pair.
Variables (d : nat) (rise : point -> point -> R) (a b x y : point) (m M L s t : R).
Hypotheses (C : climb d rise) (L0 : 0 <= L) (Ha : cube d a) (Hb : cube d b) (mM : m <= M).
Hypothesis feasible : M - m <= L * rise a b.
Hypotheses (s1 : m <= s <= M) (s2 : M - L * rise x b <= s) (s3 : s <= m + L * rise a x).
Hypotheses (t1 : m <= t <= M) (t2 : M - L * rise y b <= t) (t3 : t <= m + L * rise a y).
Hypotheses (ts : t <= s) (st : s - t <= L * rise y x).

Lemma through_member : member d (Climbs d rise L) a b m M (through rise b x y m M L s t).
Proof.
  assert (P : forall p q, 0 <= L * rise p q) by (intros p q; pose proof (climb_positive _ _ C p q); nra).
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto; unfold through.
  - intros p q _ _ S.
    rewrite (climb_same d rise p b q b), (climb_same d rise p x q x), (climb_same d rise p y q y); auto using same_refl.
  - intros p q _ _.
    assert (K : forall c, L * rise p c <= L * rise p q + L * rise q c).
    { intros c. pose proof (climb_triangle _ _ C p q c). nra. }
    pose proof (P p q). repeat apply max_close; try lra; [pose proof (K b)|pose proof (K x)|pose proof (K y)]; lra.
  - apply max_is; [apply max_at_most; lra|apply max_at_most; lra|]. left. apply max_is; auto; lra.
  - rewrite (climb_itself _ _ b C). pose proof (P b x). pose proof (P b y).
    apply max_is; [apply max_at_most; lra|apply max_at_most; lra|]. left. apply max_is; lra.
  - intros z _. pose proof (P z b). pose proof (P z x). pose proof (P z y). split.
    + eapply Rle_trans; [apply Rmax_l|apply Rmax_l].
    + repeat apply Rmax_lub; lra.
Qed.

Lemma through_values : through rise b x y m M L s t x = s /\ through rise b x y m M L s t y = t.
Proof.
  unfold through. rewrite (climb_itself _ _ x C), (climb_itself _ _ y C).
  assert (0 <= L * rise x y) by (pose proof (climb_positive _ _ C x y); nra).
  split; apply max_is; try (apply max_at_most; lra); right; apply max_is; lra.
Qed.
End Pair.

(** order-monotone-lipschitz, exact: The order of two points, monotone and Lipschitz.

    "f(x) ≤ f(y) for every member iff x ≤ y or the largest value at x is at most the least value at y." *)
Theorem order_monotone_lipschitz : forall d dist rise a b m M L x y,
  norm_climb d dist rise -> cube d a -> cube d b -> cube d x -> cube d y -> 0 < L -> m <= M -> M - m <= L * rise a b ->
  (ordered d (fun f => Monotone d f /\ Lipschitz d dist L f) a b m M x y <->
   below d x y \/ Rmin M (m + L * rise a x) <= Rmax m (M - L * rise y b)).
Proof.
  intros d dist rise a b m M L x y N Ha Hb Hx Hy L0 mM F.
  pose proof (climbs_iff d dist rise L N (Rlt_le _ _ L0)) as E. destruct N as (_ & C & _).
  assert (Ax := climbs_row d rise a b m M L x C Ha Hb Hx (Rlt_le _ _ L0) mM F).
  assert (Ay := climbs_row d rise a b m M L y C Ha Hb Hy (Rlt_le _ _ L0) mM F).
  split.
  - intros O. destruct (below_dec d x y) as [|B]; auto. right. apply Rnot_lt_le. intros K.
    assert (G : 0 < L * rise y x).
    { assert (0 < rise y x); [|nra].
      destruct (Rle_lt_or_eq_dec _ _ (climb_positive _ _ C y x)) as [|Z]; auto. exfalso. apply B, (climb_zero _ _ C). auto. }
    set (s := Rmin M (m + L * rise a x)) in *. set (low := Rmax m (M - L * rise y b)) in *.
    set (t := Rmax low (s - L * rise y x)).
    assert (P : forall p q, 0 <= L * rise p q) by (intros p q; pose proof (climb_positive _ _ C p q); nra).
    assert (T : forall p q r, L * rise p r <= L * rise p q + L * rise q r).
    { intros p q r. pose proof (climb_triangle _ _ C p q r). nra. }
    pose proof (T a x b). pose proof (T a y b). pose proof (T a y x).
    pose proof (P a x). pose proof (P a y). pose proof (P x b). pose proof (P y b). clear P T.
    assert (sM : s <= M) by apply Rmin_l. assert (sm : s <= m + L * rise a x) by apply Rmin_r.
    assert (s1 : m <= s) by (apply at_most_min; lra). assert (s2 : M - L * rise x b <= s) by (apply at_most_min; lra).
    assert (l1 : m <= low) by apply Rmax_l. assert (l2 : M - L * rise y b <= low) by apply Rmax_r.
    assert (l3 : low <= M) by (apply max_at_most; lra). assert (l4 : low <= m + L * rise a y) by (apply max_at_most; lra).
    assert (ts : t < s) by (unfold t; apply Rmax_lub_lt; lra).
    assert (tl : low <= t) by apply Rmax_l. assert (st : s - L * rise y x <= t) by apply Rmax_r.
    assert (tM : t <= m + L * rise a y) by (unfold t; apply Rmax_lub; lra).
    assert (V : through rise b x y m M L s t x = s /\ through rise b x y m M L s t y = t).
    { apply (through_values d rise); auto; lra. }
    destruct V as (Vx & Vy).
    specialize (O (through rise b x y m M L s t)). rewrite Vx, Vy in O.
    assert (s <= t); [|lra]. apply O.
    destruct (through_member d rise a b x y m M L s t) as (Q1 & Q2 & Q3); auto; try lra.
    split; [exact Q1|]. split; [apply E, Q2|exact Q3].
  - intros K f (Ef & Kf & Sf). destruct K as [B|K]; [destruct Kf as (Mo & _); auto|].
    assert (Mf : member d (Climbs d rise L) a b m M f) by (split; auto; split; auto; apply E, Kf).
    assert (Px : possible d (Climbs d rise L) a b m M x (f x)) by (exists f; auto).
    assert (Py : possible d (Climbs d rise L) a b m M y (f y)) by (exists f; auto).
    apply Ax in Px. apply Ay in Py. lra.
Qed.

Print Assumptions order_monotone_lipschitz.
