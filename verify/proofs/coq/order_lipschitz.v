Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools lipschitz.
Open Scope R_scope.

(** The least L-Lipschitz function with these values at b, x and y, and not below m. *)
Definition through (dist : point -> point -> R) (b x y : point) (m M L s t : R) : unit_function := fun z =>
  Rmax (Rmax m (M - L * dist z b)) (Rmax (s - L * dist z x) (t - L * dist z y)).

Section Pair.
Variables (d : nat) (dist : point -> point -> R) (a b x y : point) (m M L s t : R).
Hypotheses (D : distance d dist) (L0 : 0 <= L) (Ha : cube d a) (Hb : cube d b) (mM : m <= M).
Hypothesis feasible : M - m <= L * dist a b.
Hypotheses (s1 : m <= s <= M) (s2 : M - L * dist x b <= s) (s3 : s <= m + L * dist x a).
Hypotheses (t1 : m <= t <= M) (t2 : M - L * dist y b <= t) (t3 : t <= m + L * dist y a).
Hypotheses (st : s - t <= L * dist x y) (ts : t - s <= L * dist x y).

Lemma through_close p q : through dist b x y m M L s t p - through dist b x y m M L s t q <= L * dist p q.
Proof.
  assert (K : forall c, L * dist q c <= L * dist p c + L * dist p q).
  { intros c. pose proof (dist_triangle _ _ D q p c). rewrite (dist_symmetric _ _ D q p) in *. nra. }
  pose proof (dist_positive _ _ D p q). assert (0 <= L * dist p q) by nra.
  unfold through. repeat apply max_close; try lra; [pose proof (K b)|pose proof (K x)|pose proof (K y)]; lra.
Qed.

Lemma through_member : member d (Lipschitz d dist L) a b m M (through dist b x y m M L s t).
Proof.
  assert (P : forall p q, 0 <= L * dist p q) by (intros p q; pose proof (dist_positive _ _ D p q); nra).
  pose proof (distance_itself d dist b D) as Zb. pose proof (dist_symmetric _ _ D) as Sy.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto.
  - intros p q _ _ S. unfold through. rewrite !(distance_same d dist p q _ D S). reflexivity.
  - intros p q _ _. apply abs_at_most. split; [apply through_close|]. rewrite (Sy p q), Ropp_minus_distr.
    apply through_close.
  - unfold through. rewrite (Sy a x), (Sy a y). apply max_is; [apply max_at_most; lra|apply max_at_most; lra|].
    left. apply max_is; auto; lra.
  - unfold through. pose proof (P b x). pose proof (P b y). rewrite Zb.
    apply max_is; [apply max_at_most; lra|apply max_at_most; lra|]. left. apply max_is; lra.
  - intros z _. pose proof (P z b). pose proof (P z x). pose proof (P z y). unfold through. split.
    + eapply Rle_trans; [apply Rmax_l|apply Rmax_l].
    + repeat apply Rmax_lub; lra.
Qed.

Lemma through_values : through dist b x y m M L s t x = s /\ through dist b x y m M L s t y = t.
Proof.
  unfold through. rewrite (distance_itself d dist x D), (distance_itself d dist y D), (dist_symmetric _ _ D y x).
  split; apply max_is; try (apply max_at_most; lra); right; apply max_is; lra.
Qed.
End Pair.

(** order-lipschitz, exact: The order of two points, Lipschitz.

    "(f(x), f(y)) takes all values s ∈ A(x), t ∈ A(y) with |s−t| ≤ L·‖x−y‖, so that f(x) ≤ f(y) for every member iff the
    largest value at x is at most the least value at y." *)
Theorem order_lipschitz : forall d dist a b m M L x y,
  distance d dist -> cube d a -> cube d b -> cube d x -> cube d y -> 0 < L -> m <= M -> M - m <= L * dist a b ->
  ~ same d x y ->
  (forall s t, (exists f, member d (Lipschitz d dist L) a b m M f /\ f x = s /\ f y = t) <->
    possible d (Lipschitz d dist L) a b m M x s /\ possible d (Lipschitz d dist L) a b m M y t /\
    Rabs (s - t) <= L * dist x y) /\
  (ordered d (Lipschitz d dist L) a b m M x y <-> Rmin M (m + L * dist x a) <= Rmax m (M - L * dist y b)).
Proof.
  intros d dist a b m M L x y D Ha Hb Hx Hy L0 mM F N.
  assert (Ax := lipschitz d dist a b m M L x D Ha Hb Hx (Rlt_le _ _ L0) mM F).
  assert (Ay := lipschitz d dist a b m M L y D Ha Hb Hy (Rlt_le _ _ L0) mM F).
  assert (pair : forall s t, (exists f, member d (Lipschitz d dist L) a b m M f /\ f x = s /\ f y = t) <->
    possible d (Lipschitz d dist L) a b m M x s /\ possible d (Lipschitz d dist L) a b m M y t /\
    Rabs (s - t) <= L * dist x y).
  { intros s t. split.
    - intros (f & Mf & <- & <-). split; [exists f; auto|]. split; [exists f; auto|]. apply Mf; auto.
    - intros (Ps & Pt & st). apply Ax in Ps. apply Ay in Pt. apply abs_at_most in st.
      destruct Ps as (Ps & Qs), Pt as (Pt & Qt). apply max_at_most in Ps, Pt. apply at_most_min in Qs, Qt.
      exists (through dist b x y m M L s t).
      split; [apply through_member; auto; lra|apply (through_values d dist); auto; lra]. }
  split; auto. split.
  - intros O. apply Rnot_lt_le. intros K.
    assert (0 < L * dist x y) by (pose proof (distance_differs d dist x y D N); nra).
    set (s := Rmin M (m + L * dist x a)) in *. set (low := Rmax m (M - L * dist y b)) in *.
    set (t := Rmax low (s - L * dist x y)).
    destruct (proj2 (pair s t)) as (f & Mf & fx & fy).
    + rewrite Ax, Ay. clear O pair Ax Ay.
      pose proof (dist_triangle _ _ D x y a). pose proof (dist_triangle _ _ D x y b).
      pose proof (dist_triangle _ _ D a x b). pose proof (dist_triangle _ _ D a y b). rewrite (dist_symmetric _ _ D a x) in *.
      rewrite (dist_symmetric _ _ D a y) in *.
      pose proof (dist_positive _ _ D x b). pose proof (dist_positive _ _ D y b).
      pose proof (dist_positive _ _ D x a). pose proof (dist_positive _ _ D y a).
      assert (L * dist x a <= L * dist x y + L * dist y a) by nra.
      assert (L * dist a b <= L * dist x a + L * dist x b) by nra.
      assert (L * dist a b <= L * dist y a + L * dist y b) by nra.
      assert (0 <= L * dist x b) by nra. assert (0 <= L * dist y b) by nra. assert (0 <= L * dist x a) by nra.
      assert (0 <= L * dist y a) by nra.
      assert (low <= Rmin M (m + L * dist y a)) by (apply at_most_min; unfold low; rewrite !max_at_most; lra).
      assert (sM : s <= M) by apply Rmin_l. assert (sm : s <= m + L * dist x a) by apply Rmin_r.
      assert (s - L * dist x y <= Rmin M (m + L * dist y a)) by (apply at_most_min; lra).
      assert (Rmax m (M - L * dist x b) <= s) by (apply at_most_min; rewrite !max_at_most; lra).
      split; [split; [auto|apply Rle_refl]|]. split; [unfold t; split; [apply Rmax_l|apply Rmax_lub; auto]|].
      unfold t. apply abs_at_most. pose proof (Rmax_r low (s - L * dist x y)).
      assert (Rmax low (s - L * dist x y) <= s) by (apply Rmax_lub; lra). lra.
    + specialize (O f Mf). rewrite fx, fy in O. assert (t < s) by (unfold t; apply Rmax_lub_lt; lra). lra.
  - intros K f Mf. assert (Px : possible d (Lipschitz d dist L) a b m M x (f x)) by (exists f; auto).
    assert (Py : possible d (Lipschitz d dist L) a b m M y (f y)) by (exists f; auto).
    apply Ax in Px. apply Ay in Py. lra.
Qed.

Print Assumptions order_lipschitz.
