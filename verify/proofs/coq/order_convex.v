Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Faces convex concave.
Open Scope R_scope.

(** x lies on the segment from a to y. *)
Definition on_segment (d : nat) (a y x : point) := exists s, 0 <= s <= 1 /\ same d x (mix s a y).

Lemma affine_mix d w c s p q :
  affine_function d w c (mix s p q) = (1 - s) * affine_function d w c p + s * affine_function d w c q.
Proof. unfold affine_function. rewrite inner_mix. ring. Qed.

(** The projection onto the segment separates x from it. *)
Lemma separated d a y x : ~ on_segment d a y x ->
  exists w c, affine_function d w c a <= 0 /\ affine_function d w c y <= 0 /\ 0 < affine_function d w c x.
Proof.
  intros N. set (D := sum d (fun i => (y i - a i) * (y i - a i))). set (P := sum d (fun i => (x i - a i) * (y i - a i))).
  assert (D0 : 0 <= D) by (apply sum_nonneg; intros; apply square_nonneg).
  assert (S : exists s, 0 <= s <= 1 /\ - s * (P - s * D) <= 0 /\ (1 - s) * (P - s * D) <= 0).
  { destruct (Rle_dec P 0) as [L|L]; [exists 0; split; [lra|split; lra]|].
    destruct (Rle_dec D P) as [L'|L']; [exists 1; split; [lra|split; lra]|].
    exists (P / D). assert (E : P / D * D = P) by (field; lra). split.
    - split; [apply Rle_div_iff|apply Rdiv_le_iff]; lra.
    - rewrite E. split; lra. }
  destruct S as (s & Hs & Sa & Sy). set (p := mix s a y).
  set (w := fun i => x i - p i). set (c := - sum d (fun i => (x i - p i) * p i)).
  assert (V : forall z, affine_function d w c z = sum d (fun i => (x i - p i) * (z i - p i))).
  { intros z. unfold affine_function, inner, w, c.
    rewrite (sum_ext d (fun i => (x i - p i) * (z i - p i)) (fun i => (x i - p i) * z i - (x i - p i) * p i))
      by (intros; ring). rewrite sum_minus. ring. }
  assert (K : forall r, sum d (fun i => (x i - p i) * (r * (y i - a i))) = r * (P - s * D)).
  { intros r. unfold P, D. rewrite <- sum_scale, <- sum_minus, <- sum_scale. apply sum_ext. intros i _. unfold p, mix. ring. }
  exists w, c. split; [|split].
  - rewrite V. rewrite (sum_ext d _ (fun i => (x i - p i) * (- s * (y i - a i)))) by (intros; unfold p, mix; ring).
    rewrite K. exact Sa.
  - rewrite V. rewrite (sum_ext d _ (fun i => (x i - p i) * ((1 - s) * (y i - a i)))) by (intros; unfold p, mix; ring).
    rewrite K. exact Sy.
  - rewrite V. destruct (Rle_lt_or_eq_dec 0 (sum d (fun i => (x i - p i) * (x i - p i)))) as [|E]; auto.
    + apply sum_nonneg. intros. apply square_nonneg.
    + exfalso. apply N. exists s. split; auto. intros i Hi.
      assert ((x i - p i) * (x i - p i) = 0).
      { apply (sum_is_zero d (fun i => (x i - p i) * (x i - p i))); auto. intros. apply square_nonneg. }
      fold p. nra.
Qed.

(** An affine function is bounded on the cube. *)
Lemma affine_bounded d w c z : cube d z -> affine_function d w c z <= Rabs c + sum d (fun i => Rabs (w i)).
Proof.
  intros Hz. unfold affine_function, inner. apply Rplus_le_compat; [cases; lra|]. apply sum_le. intros i Hi.
  specialize (Hz i Hi). cases; nra.
Qed.

Section Lifted.
Variables (d : nat) (a b : point) (m M k e : R) (w : point) (c : R).
Hypotheses (mM : m < M) (Ha : cube d a) (Hb : cube d b) (k0 : 0 <= k) (steep : 1 <= k * off_face d b a).
Hypotheses (e0 : 0 < e) (small : forall z, cube d z -> e * affine_function d w c z <= M - m).
Hypothesis below_a : affine_function d w c a <= 0.

(** m, but for a narrow strip around G, and lifted where the affine function is positive. *)
Definition lifted (z : point) : R :=
  m + Rmax (Rmax 0 (e * affine_function d w c z)) ((M - m) * (1 - k * off_face d b z)).

Lemma lifted_member : member d (Convex d) a b m M lifted.
Proof.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto; unfold lifted.
  - intros y z _ _ S. rewrite (off_face_same d b y z S). unfold affine_function. rewrite (inner_ext d w y z S). reflexivity.
  - intros p q s Hp Hq Hs. rewrite affine_mix, off_face_mix.
    set (A := e * affine_function d w c p). set (B := e * affine_function d w c q).
    set (A' := (M - m) * (1 - k * off_face d b p)). set (B' := (M - m) * (1 - k * off_face d b q)).
    replace (e * ((1 - s) * affine_function d w c p + s * affine_function d w c q)) with ((1 - s) * A + s * B)
      by (unfold A, B; ring).
    replace ((M - m) * (1 - k * ((1 - s) * off_face d b p + s * off_face d b q))) with ((1 - s) * A' + s * B')
      by (unfold A', B'; ring).
    set (P := Rmax (Rmax 0 A) A'). set (Q := Rmax (Rmax 0 B) B').
    assert (0 <= P) by (eapply Rle_trans; [apply Rmax_l|apply Rmax_l]).
    assert (0 <= Q) by (eapply Rle_trans; [apply Rmax_l|apply Rmax_l]).
    assert (A <= P) by (eapply Rle_trans; [apply Rmax_r|apply Rmax_l]).
    assert (B <= Q) by (eapply Rle_trans; [apply Rmax_r|apply Rmax_l]).
    assert (A' <= P) by apply Rmax_r. assert (B' <= Q) by apply Rmax_r.
    assert (Rmax (Rmax 0 ((1 - s) * A + s * B)) ((1 - s) * A' + s * B') <= (1 - s) * P + s * Q); [|lra].
    repeat apply Rmax_lub; nra.
  - replace (Rmax _ _) with 0; [ring|]. symmetry. apply max_is.
    + apply max_at_most. split; [lra|nra].
    + nra.
    + left. apply max_is; [lra|nra|auto].
  - rewrite (proj2 (off_face_zero d b b Hb)) by (intros i _ _; reflexivity).
    replace (Rmax _ _) with (M - m); [ring|]. symmetry. apply max_is.
    + apply max_at_most. split; [lra|apply small, Hb].
    + lra.
    + right. ring.
  - intros z Hz. pose proof (small z Hz). pose proof (off_face_nonneg d b z Hz). assert (0 <= k * off_face d b z) by nra.
    assert ((M - m) * (1 - k * off_face d b z) <= M - m) by nra. split.
    + assert (0 <= Rmax (Rmax 0 (e * affine_function d w c z)) ((M - m) * (1 - k * off_face d b z)))
        by (eapply Rle_trans; [apply Rmax_l|apply Rmax_l]). lra.
    + assert (Rmax (Rmax 0 (e * affine_function d w c z)) ((M - m) * (1 - k * off_face d b z)) <= M - m)
        by (repeat apply Rmax_lub; lra). lra.
Qed.
End Lifted.

Lemma order_of_convex d a b m M x y :
  cube d a -> cube d b -> cube d x -> cube d y -> m < M -> ~ in_face d b a ->
  (ordered d (Convex d) a b m M x y <-> on_segment d a y x \/ in_face d b y).
Proof.
  intros Ha Hb Hx Hy mM out. split.
  - intros O. destruct (Req_EM_T (off_face d b y) 0) as [Z|Z]; [right; apply off_face_zero; auto|]. left.
    assert (Ny : ~ in_face d b y) by (intros F; apply Z, off_face_zero; auto).
    assert (Dec : on_segment d a y x \/ ~ on_segment d a y x).
    { destruct (Req_EM_T (sum d (fun i => (y i - a i) * (y i - a i))) 0) as [E|E].
      - assert (same : same d y a).
        { intros i Hi. assert ((y i - a i) * (y i - a i) = 0).
          { apply (sum_is_zero d (fun i => (y i - a i) * (y i - a i))); auto. intros. apply square_nonneg. }
          nra. }
        destruct (same_dec d x a) as [S|S].
        + left. exists 0. split; [lra|]. intros i Hi. unfold mix. rewrite (S i Hi). ring.
        + right. intros (s & _ & T). apply S. intros i Hi. rewrite (T i Hi). unfold mix. rewrite (same i Hi). ring.
      - set (s := sum d (fun i => (x i - a i) * (y i - a i)) / sum d (fun i => (y i - a i) * (y i - a i))).
        assert (U : forall r, same d x (mix r a y) -> r = s).
        { intros r T. unfold s. rewrite (sum_ext d (fun i => (x i - a i) * (y i - a i))
            (fun i => r * ((y i - a i) * (y i - a i)))).
          - rewrite sum_scale. field. exact E.
          - intros i Hi. rewrite (T i Hi). unfold mix. ring. }
        destruct (same_dec d x (mix s a y)) as [S|S]; [destruct (Rle_dec 0 s); [destruct (Rle_dec s 1)|]|].
        + left. exists s. auto.
        + right. intros (t & Ht & T). rewrite (U t T) in Ht. lra.
        + right. intros (t & Ht & T). rewrite (U t T) in Ht. lra.
        + right. intros (t & Ht & T). apply S. rewrite <- (U t T). exact T. }
    destruct Dec as [|N]; auto. exfalso.
    destruct (separated d a y x N) as (w & c & La & Ly & Lx).
    destruct (steep_off d b a Ha out) as (k & k0 & S). destruct (steep_off d b y Hy Ny) as (l & l0 & T).
    pose proof (off_face_nonneg d b a Ha). pose proof (off_face_nonneg d b y Hy).
    set (B := Rabs c + sum d (fun i => Rabs (w i)) + 1).
    assert (B0 : 0 < B).
    { assert (0 <= sum d (fun i => Rabs (w i))) by (apply sum_nonneg; intros; apply Rabs_pos).
      pose proof (Rabs_pos c). unfold B. lra. }
    assert (E : (M - m) / B * B = M - m) by (field; lra).
    assert (e0 : 0 < (M - m) / B) by (apply Rdiv_lt_0_compat; lra).
    assert (Mf : member d (Convex d) a b m M (lifted d b m M (k + l) ((M - m) / B) w c)).
    { apply lifted_member; auto; [lra|nra|]. intros z Hz. pose proof (affine_bounded d w c z Hz).
      rewrite <- E at 2. apply Rmult_le_compat_l; [lra|]. unfold B. lra. }
    specialize (O _ Mf). unfold lifted in O.
    assert (Y : Rmax (Rmax 0 ((M - m) / B * affine_function d w c y)) ((M - m) * (1 - (k + l) * off_face d b y)) <= 0).
    { repeat apply Rmax_lub; try lra; [nra|]. assert (1 <= (k + l) * off_face d b y) by nra. nra. }
    assert (X : 0 < (M - m) / B * affine_function d w c x) by nra.
    assert ((M - m) / B * affine_function d w c x <=
      Rmax (Rmax 0 ((M - m) / B * affine_function d w c x)) ((M - m) * (1 - (k + l) * off_face d b x)))
      by (eapply Rle_trans; [apply Rmax_r|apply Rmax_l]). lra.
  - intros [(s & Hs & S)|F] f Mf.
    + destruct Mf as (E & K & _ & _ & fa & _ & R). rewrite (E x (mix s a y)); auto using mix_in_cube.
      specialize (K a y s Ha Hy Hs). pose proof (R y Hy). rewrite fa in K. nra.
    + rewrite (convex_on_face d a b m M y f); auto. destruct Mf as (_ & _ & _ & _ & _ & _ & R). apply R, Hx.
Qed.

(** order-convex, exact: The order of two points, convex and concave.

    "Convex: f(x) ≤ f(y) for every member iff x lies on the segment from a to y, or y ∈ G. Concave, the mirror: iff y
    lies on the segment from b to x, or x ∈ G." *)
Theorem order_convex : forall d a b m M x y,
  cube d a -> cube d b -> cube d x -> cube d y -> m < M ->
  (~ in_face d b a -> (ordered d (Convex d) a b m M x y <-> on_segment d a y x \/ in_face d b y)) /\
  (~ in_face d a b -> (ordered d (Concave d) a b m M x y <-> on_segment d b x y \/ in_face d a x)).
Proof.
  intros d a b m M x y Ha Hb Hx Hy mM. split.
  - intros out. apply order_of_convex; auto.
  - intros out. rewrite <- (order_of_convex d b a m M y x); auto. split.
    + intros O g (E & K & Hb' & Ha' & gb & ga & R).
      assert (Mf : member d (Concave d) a b m M (fun z => m + M - g z)).
      { split; [intros p q Hp Hq S; rewrite (E p q); auto|]. split.
        - intros p q s Hp Hq Hs. specialize (K p q s Hp Hq Hs). lra.
        - split; auto. split; auto. split; [lra|]. split; [lra|]. intros z Hz. specialize (R z Hz). lra. }
      specialize (O _ Mf). simpl in O. lra.
    + intros O f Mf. apply mirror in Mf. specialize (O _ Mf). simpl in O. lra.
Qed.

Print Assumptions order_convex.
