Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools Faces.
Open Scope R_scope.

Section Ends.
Variables (d : nat) (a b : point) (m M : R).
Hypotheses (mM : m <= M) (Ha : cube d a) (Hb : cube d b) (out : ~ in_face d b a).

(** The greatest convex function with m at a and M at b, and one that is m off a narrow strip around G. *)
Definition upper_end (z : point) : R := m + gauge d a z * (M - m).
Definition lower_end (k : R) (z : point) : R := m + (M - m) * Rmax 0 (1 - k * off_face d b z).

Lemma upper_end_member : member d (Convex d) a b m M upper_end.
Proof.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto; unfold upper_end.
  - intros y z Hy Hz S. rewrite (gauge_same d a y z); auto.
  - intros p q s Hp Hq Hs. pose proof (gauge_convex d a p q s Ha Hp Hq Hs). nra.
  - rewrite gauge_itself; auto. ring.
  - rewrite gauge_top; auto. ring.
  - intros z Hz. pose proof (gauge_range d a z Ha Hz). nra.
Qed.

Lemma lower_end_member k : 0 <= k -> 1 <= k * off_face d b a -> member d (Convex d) a b m M (lower_end k).
Proof.
  intros k0 steep. split; [|split; [|split; [|split; [|split; [|split]]]]]; auto; unfold lower_end.
  - intros y z _ _ S. rewrite (off_face_same d b y z S). reflexivity.
  - intros p q s Hp Hq Hs. rewrite off_face_mix.
    set (u := 1 - k * off_face d b p). set (v := 1 - k * off_face d b q).
    replace (1 - k * ((1 - s) * off_face d b p + s * off_face d b q)) with ((1 - s) * u + s * v) by (unfold u, v; ring).
    assert (Rmax 0 ((1 - s) * u + s * v) <= (1 - s) * Rmax 0 u + s * Rmax 0 v) by (cases; nra). nra.
  - replace (Rmax 0 (1 - k * off_face d b a)) with 0; [ring|]. cases; lra.
  - rewrite (proj2 (off_face_zero d b b Hb)) by (intros i _ _; reflexivity).
    replace (Rmax 0 (1 - k * 0)) with 1; [ring|]. cases; lra.
  - intros z Hz. pose proof (off_face_nonneg d b z Hz). assert (0 <= k * off_face d b z) by nra.
    assert (0 <= Rmax 0 (1 - k * off_face d b z) <= 1) by (split; cases; lra). nra.
Qed.
End Ends.

Lemma convex_blend d s f g : 0 <= s <= 1 -> Convex d f -> Convex d g -> Convex d (blend s f g).
Proof.
  intros Hs F G p q t Hp Hq Ht. specialize (F p q t Hp Hq Ht). specialize (G p q t Hp Hq Ht). unfold blend. nra.
Qed.

(** k is steep enough off G. *)
Lemma steep_off d b z : cube d z -> ~ in_face d b z -> exists k, 0 <= k /\ 1 <= k * off_face d b z.
Proof.
  intros Hz N. assert (P : 0 < off_face d b z).
  { destruct (Rle_lt_or_eq_dec _ _ (off_face_nonneg d b z Hz)) as [|E]; auto.
    exfalso. apply N, (off_face_zero d b z Hz). auto. }
  exists (/ off_face d b z). split.
  - apply Rlt_le, Rinv_0_lt_compat, P.
  - right. field. lra.
Qed.

Lemma convex_on_face d a b m M x f :
  cube d b -> cube d x -> member d (Convex d) a b m M f -> in_face d b x -> f x = M.
Proof.
  intros Hb Hx (E & K & _ & _ & _ & fb & R) F. destruct (beyond d b x Hb Hx F) as (e & He & Hy).
  pose proof (R x Hx). pose proof (R _ Hy).
  set (y := fun i => b i + e * (b i - x i)) in *. set (s := e / (1 + e)).
  assert (S : s * (1 + e) = e) by (unfold s; field; lra).
  assert (Hs : 0 <= s <= 1) by (split; nra).
  specialize (K y x s Hy Hx Hs).
  rewrite (E (mix s y x) b) in K; auto using mix_in_cube.
  - rewrite fb in K. assert (0 < s) by nra. nra.
  - intros i _. unfold mix, y. unfold s. field. lra.
Qed.

Lemma convex_below d a b m M x f :
  cube d a -> cube d x -> member d (Convex d) a b m M f -> f x <= m + gauge d a x * (M - m).
Proof.
  intros Ha Hx (E & K & _ & _ & fa & _ & R). pose proof (gauge_range d a x Ha Hx) as T.
  destruct (Req_dec (gauge d a x) 0) as [Z|Z].
  - rewrite Z, (E x a), fa; auto; [lra|]. apply gauge_zero; auto.
  - destruct (gauge_point d a x Ha Hx) as (y & Hy & S); [lra|].
    rewrite (E x (mix (gauge d a x) a y)); auto using mix_in_cube.
    specialize (K a y (gauge d a x) Ha Hy T). specialize (R y Hy). rewrite fa in K. nra.
Qed.

(** convex, exact: Convex functions.

    "f(x) = M where x ∈ G; elsewhere f(x) lies in [m, m + t·(M−m)], and every value there is attained by a mixture of
    two convex functions with visualization φ." *)
Theorem convex : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> m <= M -> (~ in_face d b a \/ m = M) ->
  (in_face d b x -> forall v, possible d (Convex d) a b m M x v <-> v = M) /\
  (~ in_face d b x -> forall v, possible d (Convex d) a b m M x v <-> m <= v <= m + gauge d a x * (M - m)).
Proof.
  intros d a b m M x Ha Hb Hx mM F.
  assert (flat : m = M -> possible d (Convex d) a b m M x m).
  { intros E. apply constant_possible; auto; [|lra]. intros p q s _ _ Hs. lra. }
  split.
  - intros G v. split.
    + intros (f & Mf & <-). apply (convex_on_face d a b m M x f); auto.
    + intros ->. destruct F as [out|E]; [|rewrite <- E at 2; auto].
      destruct (steep_off d b a Ha out) as (k & k0 & S).
      exists (lower_end d b m M k). split; [apply lower_end_member; auto|]. unfold lower_end.
      rewrite (proj2 (off_face_zero d b x Hx) G). replace (Rmax 0 (1 - k * 0)) with 1; [ring|]. cases; lra.
  - intros N v. split.
    + intros (f & Mf & <-). split.
      * destruct Mf as (_ & _ & _ & _ & _ & _ & R). apply R, Hx.
      * apply (convex_below d a b m M x f); auto.
    + intros Hv. destruct F as [out|E]; [|replace v with m by nra; auto].
      destruct (steep_off d b a Ha out) as (k & k0 & S). destruct (steep_off d b x Hx N) as (l & l0 & T).
      pose proof (off_face_nonneg d b a Ha). pose proof (off_face_nonneg d b x Hx).
      apply possible_between with (low := m) (high := m + gauge d a x * (M - m)); auto.
      * intros. apply convex_blend; auto.
      * exists (lower_end d b m M (k + l)). split; [apply lower_end_member; auto; nra|]. unfold lower_end.
        assert (1 <= (k + l) * off_face d b x) by nra.
        replace (Rmax 0 (1 - (k + l) * off_face d b x)) with 0; [ring|]. cases; lra.
      * exists (upper_end d a m M). split; [apply upper_end_member; auto|]. reflexivity.
Qed.

(** t_a(x) is the least t >= 0 with a + (x - a)/t in the cube: with x - a = t (y - a) for a point y of the cube. *)
Theorem convex_gauge : forall d a x t, cube d a -> cube d x -> 0 <= t ->
  (gauge d a x <= t <-> exists y, cube d y /\ forall i, (i < d)%nat -> x i - a i = t * (y i - a i)).
Proof.
  intros d a x t Ha Hx Ht. rewrite gauge_le by auto. split.
  - intros H. destruct (Req_dec t 0) as [->|N].
    + exists a. split; auto. intros i Hi. specialize (H i Hi). lra.
    + exists (fun i => a i + (x i - a i) / t). split.
      * intros i Hi. specialize (H i Hi).
        assert (- a i <= (x i - a i) / t) by (apply Rle_div_iff; lra).
        assert ((x i - a i) / t <= 1 - a i) by (apply Rdiv_le_iff; lra). lra.
      * intros i Hi. field. lra.
  - intros (y & Hy & E) i Hi. rewrite (E i Hi). specialize (Hy i Hi). split; nra.
Qed.

(** A mutant: x may lie in G. *)
Theorem convex_mutant : ~ forall d a b m M x,
  cube d a -> cube d b -> cube d x -> m <= M -> ~ in_face d b a ->
  forall v, possible d (Convex d) a b m M x v <-> m <= v <= m + gauge d a x * (M - m).
Proof.
  intros H. pose (o := fun _ : nat => 0). pose (i := fun _ : nat => 1).
  assert (O : cube 1 o) by (intros j _; unfold o; lra). assert (I : cube 1 i) by (intros j _; unfold i; lra).
  assert (N : ~ in_face 1 i o).
  { intros F. specialize (F 0%nat (le_n 1) (or_intror eq_refl)). unfold o, i in F. lra. }
  destruct (H 1%nat o i 0 1 i O I I ltac:(lra) N 0) as (_ & K).
  destruct K as (f & (_ & _ & _ & _ & _ & fi & _) & fx); [|lra].
  rewrite (gauge_top 1 o i O I N). lra.
Qed.

Print Assumptions convex.
