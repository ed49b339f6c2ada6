Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools minimax lipschitz.
Open Scope R_scope.

(** At x, some decoder errs by less than the uninformed one on every member. *)
Definition beaten d C a b m M x := exists D e, e < (M - m) / 2 /\ guarantees d C a b m M x D e.
(** f(x) is known. *)
Definition known d C a b m M x := exists v, forall w, possible d C a b m M x w <-> w = v.

Lemma min_below p q s : Rmin p q < s <-> p < s \/ q < s.
Proof. split; [intros; cases; auto|intros []; cases; lra]. Qed.

(** small-lipschitz-constants, exact: Small Lipschitz constants are the exception.

    "A decoder beats the uninformed one at x iff min(‖x−a‖, ‖x−b‖) < (M−m)/L, that is in two balls around a and b;
    everywhere iff L·R < M−m for R = max over I of that minimum. Off a and b, f(x) is known iff L·(‖x−a‖ + ‖x−b‖) = M−m:
    only for the smallest L, (M−m)/‖a−b‖, and then at the points between a and b, where f = m + s·(M−m) on the
    segment." *)
Theorem small_lipschitz_constants : forall d dist a b m M L,
  distance d dist -> cube d a -> cube d b -> 0 < L -> m < M -> M - m <= L * dist a b ->
  let C := Lipschitz d dist L in
  (forall x, cube d x -> (beaten d C a b m M x <-> Rmin (dist x a) (dist x b) < (M - m) / L)) /\
  (forall x, cube d x -> (beaten d C a b m M x <-> dist x a < (M - m) / L \/ dist x b < (M - m) / L)) /\
  (forall R, (forall z, cube d z -> Rmin (dist z a) (dist z b) <= R) ->
    (exists z, cube d z /\ Rmin (dist z a) (dist z b) = R) ->
    ((forall x, cube d x -> beaten d C a b m M x) <-> L * R < M - m)) /\
  (forall x, cube d x -> ~ same d x a -> ~ same d x b ->
    (known d C a b m M x <-> L * (dist x a + dist x b) = M - m) /\
    (L * (dist x a + dist x b) = M - m <-> L * dist a b = M - m /\ dist x a + dist x b = dist a b)) /\
  (forall x s, cube d x -> 0 <= s <= 1 -> L * dist a b = M - m -> dist x a = s * dist a b ->
    dist x b = (1 - s) * dist a b -> forall v, possible d C a b m M x v <-> v = m + s * (M - m)).
Proof.
  intros d dist a b m M L D Ha Hb L0 mM F C.
  assert (row : forall x, cube d x -> forall v, possible d C a b m M x v <->
    Rmax m (M - L * dist x b) <= v <= Rmin M (m + L * dist x a)).
  { intros x Hx. apply lipschitz; auto; lra. }
  assert (T : forall x, L * dist a b <= L * dist x a + L * dist x b).
  { intros x. pose proof (dist_triangle _ _ D a x b). rewrite (dist_symmetric _ _ D a x) in *. nra. }
  assert (P : forall x y, 0 <= L * dist x y) by (intros x y; pose proof (dist_positive _ _ D x y); nra).
  assert (near : forall x, cube d x -> (beaten d C a b m M x <-> L * dist x a < M - m \/ L * dist x b < M - m)).
  { intros x Hx. pose proof (T x) as Tx. pose proof (P x a) as Pa. pose proof (P x b) as Pb.
    set (low := Rmax m (M - L * dist x b)) in *. set (high := Rmin M (m + L * dist x a)) in *.
    assert (lh : low <= high) by (unfold low, high; apply max_at_most; rewrite !at_most_min; lra).
    assert (I : interval (possible d C a b m M x) low high).
    { split; auto. split; [exists low; apply row; fold low high; auto; lra|]. split.
      - intros v Pv. apply row in Pv; auto.
      - intros v Hv. apply row; auto. fold low high. lra. }
    assert (W : low <= high /\ (high - low < M - m <-> L * dist x a < M - m \/ L * dist x b < M - m)).
    { split; auto. clear - Pa Pb Tx F mM. unfold low, high. cases; split; intros; lra. }
    split.
    - intros (G & e & He & Ge). pose proof (radius_is_needed d C a b m M x low high I G e Ge). apply W. lra.
    - intros H. apply W in H. exists (always ((low + high) / 2)), ((high - low) / 2). split; [lra|].
      apply midpoint_attains, I. }
  assert (scale : forall t, t < (M - m) / L <-> L * t < M - m).
  { intros t. split; intros H.
    - apply Rnot_le_lt. intros K. assert ((M - m) / L <= t) by (apply Rdiv_le_iff; lra). lra.
    - apply Rnot_le_lt. intros K. apply Rdiv_le_iff in K; lra. }
  split; [|split; [|split; [|split]]].
  - intros x Hx. rewrite near, min_below, !scale; auto. tauto.
  - intros x Hx. rewrite near, !scale; auto. tauto.
  - intros R top (z & Hz & E). split.
    + intros H. specialize (H z Hz). apply near in H; auto. rewrite <- E. unfold Rmin. destruct Rle_dec; nra.
    + intros H x Hx. apply near; auto. specialize (top x Hx).
      assert (K : L * Rmin (dist x a) (dist x b) < M - m) by nra.
      unfold Rmin in K. destruct Rle_dec; auto.
  - intros x Hx xa xb. pose proof (T x) as Tx. pose proof (row x Hx) as Rx.
    assert (0 < L * dist x a) by (pose proof (distance_differs d dist x a D xa); nra).
    assert (0 < L * dist x b) by (pose proof (distance_differs d dist x b D xb); nra).
    split.
    + split.
      * intros (v & K). assert (lo : Rmax m (M - L * dist x b) = v).
        { apply K, Rx. split; [apply Rle_refl|]. apply max_at_most. rewrite !at_most_min. lra. }
        assert (hi : Rmin M (m + L * dist x a) = v).
        { apply K, Rx. split; [|apply Rle_refl]. apply max_at_most. rewrite !at_most_min. lra. }
        clear - lo hi H H0 Tx F mM. cases; lra.
      * intros E. exists (m + L * dist x a). intros w. rewrite Rx. clear - E H H0 mM. split.
        -- intros. cases; lra.
        -- intros ->. split; cases; lra.
    + split; [|intros (E & ->); lra]. intros E. assert (E' : L * dist a b = M - m) by nra. split; auto.
      apply Rmult_eq_reg_l with L; lra.
  - intros x s Hx Hs E Ea Eb v. rewrite (row x Hx), Ea, Eb.
    replace (L * ((1 - s) * dist a b)) with ((1 - s) * (M - m)) by (rewrite <- E; ring).
    replace (L * (s * dist a b)) with (s * (M - m)) by (rewrite <- E; ring).
    assert (0 <= s * (M - m) <= M - m) by nra. clear - H. split.
    + intros. cases; lra.
    + intros ->. split; cases; lra.
Qed.

Print Assumptions small_lipschitz_constants.
