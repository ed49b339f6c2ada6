Require Import Reals Lra Lia List Psatz.
From Fvproof Require Import Definitions Tools Networks Free Corners Faces.
From Fvproof Require exemplars_lipschitz exemplars_convex.
Import ListNotations.
Open Scope R_scope.

(** The optimiser was off by eta at most: f(a) = m is at most eta above the minimum, f(b) = M at most eta below the maximum. *)
Definition nearly_shows (d : nat) (f : unit_function) (a b : point) (m M eta : R) :=
  cube d a /\ cube d b /\ f a = m /\ f b = M /\ forall z, cube d z -> m - eta <= f z <= M + eta.

Definition possible_nearly (d : nat) (C : class) (a b : point) (m M eta : R) (x : point) (v : R) :=
  exists f, on_cube d f /\ C f /\ nearly_shows d f a b m M eta /\ f x = v.

Lemma in_nearly_range d C a b m M eta x v : cube d x -> possible_nearly d C a b m M eta x v -> m - eta <= v <= M + eta.
Proof. intros Hx (f & _ & _ & (_ & _ & _ & _ & R) & <-). auto. Qed.

Lemma blend_nearly d s f g a b m M eta : 0 <= s <= 1 ->
  nearly_shows d f a b m M eta -> nearly_shows d g a b m M eta -> nearly_shows d (blend s f g) a b m M eta.
Proof.
  intros Hs (Ha & Hb & fa & fb & F) (_ & _ & ga & gb & G). unfold blend.
  split; auto. split; auto. split; [rewrite fa, ga; ring|]. split; [rewrite fb, gb; ring|].
  intros z H. specialize (F z H). specialize (G z H). nra.
Qed.

(** * Networks *)

Lemma networks_nearly d a b m M eta x v : cube d a -> cube d b -> ~ same d a b -> ~ same d x a -> ~ same d x b ->
  m <= M -> 0 <= eta -> m - eta <= v <= M + eta -> possible_nearly d (ReluNetwork d) a b m M eta x v.
Proof.
  intros Ha Hb ab xa xb mM He Hv.
  set (l := [(a, m); (b, M); (x, v)]).
  destruct (network_through_list d l m (m - eta) (M + eta)) as (f & (n & u & N) & At & R & _).
  - intros p q Hp Hq S. unfold l in *. simpl in *.
    destruct Hp as [<-|[<-|[<-|[]]]], Hq as [<-|[<-|[<-|[]]]]; simpl in *; auto; exfalso; auto using same_sym.
  - lra.
  - intros p [<-|[<-|[<-|[]]]]; simpl; lra.
  - exists f. split; [eapply network_on_cube, N|]. split; [do 2 eexists; exact N|].
    split; [|apply (At (x, v)); unfold l; simpl; auto].
    split; auto. split; auto. split; [apply (At (a, m)); unfold l; simpl; auto|].
    split; [apply (At (b, M)); unfold l; simpl; auto|]. auto.
Qed.

(** * Lipschitz *)

Lemma lipschitz_nearly d dist a b m M eta L x v : distance d dist -> cube d a -> cube d b -> cube d x ->
  0 <= L -> m <= M -> 0 <= eta -> M - m <= L * dist a b ->
  (possible_nearly d (Lipschitz d dist L) a b m M eta x v <->
   (m - eta <= v <= M + eta) /\ (M - L * dist x b <= v <= M + L * dist x b) /\
   (m - L * dist x a <= v <= m + L * dist x a)).
Proof.
  intros D Ha Hb Hx L0 mM He F. pose proof (dist_symmetric _ _ D) as Sy. split.
  - intros P. split; [apply (in_nearly_range _ _ _ _ _ _ _ _ _ Hx P)|].
    destruct P as (f & _ & Li & (_ & _ & fa & fb & _) & <-).
    pose proof (Li x a Hx Ha) as Ka. pose proof (Li x b Hx Hb) as Kb. apply abs_at_most in Ka, Kb. lra.
  - intros (V & Vb & Va). set (l := [(x, v); (a, m); (b, M)]).
    set (f := exemplars_lipschitz.least_through dist (m - eta) L l).
    assert (Z : forall y, dist y y = 0) by (intros; apply (distance_itself d); auto).
    assert (P : forall y z, 0 <= L * dist y z) by (intros y z; pose proof (dist_positive _ _ D y z); nra).
    assert (close : forall y z, f y - f z <= L * dist y z).
    { intros y z. apply (exemplars_lipschitz.least_close d); auto. }
    assert (up : forall z u, m - eta <= u -> v - L * dist z x <= u -> m - L * dist z a <= u -> M - L * dist z b <= u ->
      f z <= u).
    { intros z u H1 H2 H3 H4. apply exemplars_lipschitz.least_le; auto. intros p w I. unfold l in I. simpl in I.
      destruct I as [E|[E|[E|[]]]]; injection E as <- <-; auto. }
    assert (down : forall z p w, In (p, w) l -> w - L * dist z p <= f z) by (intros; apply exemplars_lipschitz.least_ge; auto).
    assert (fx : f x = v).
    { apply Rle_antisym; [apply up; rewrite ?Z; lra|]. pose proof (down x x v (or_introl eq_refl)) as K. rewrite Z in K. lra. }
    assert (fa : f a = m).
    { apply Rle_antisym; [apply up; rewrite ?Z, ?(Sy a x); lra|].
      pose proof (down a a m ltac:(unfold l; simpl; auto)) as K. rewrite Z in K. lra. }
    assert (fb : f b = M).
    { apply Rle_antisym; [apply up; rewrite ?Z, ?(Sy b x), ?(Sy b a); try lra; pose proof (P a b); lra|].
      pose proof (down b b M ltac:(unfold l; simpl; auto)) as K. rewrite Z in K. lra. }
    exists f. split; [|split; [|split; [split; auto; split; auto; split; auto; split; auto|exact fx]]].
    + intros y z _ _ S. apply (dist_zero _ _ D) in S. pose proof (close y z). pose proof (close z y) as K.
      rewrite (Sy z y), S in K. rewrite S in H. lra.
    + intros y z _ _. apply abs_at_most. split; [apply close|]. rewrite Ropp_minus_distr, Sy. apply close.
    + intros z _. split; [apply exemplars_lipschitz.least_at_least|].
      pose proof (P z x). pose proof (P z a). pose proof (P z b). apply up; lra.
Qed.

(** * Convex *)

Section Convex.
Variables (d : nat) (a b : point) (m M eta : R) (x : point).
Hypotheses (Ha : cube d a) (Hb : cube d b) (Hx : cube d x) (mM : m <= M) (He : 0 <= eta).

Lemma convex_nearly v : possible_nearly d (Convex d) a b m M eta x v <->
  m - eta <= v <= M + eta /\ exemplars_convex.undercut_by_none d (M + eta) [(x, v); (a, m); (b, M)].
Proof.
  split.
  - intros P. pose proof (in_nearly_range _ _ _ _ _ _ _ _ _ Hx P) as Hv. split; auto.
    destruct P as (f & E & K & (_ & _ & fa & fb & R) & fx). intros p u I c Cc.
    assert (T : exemplars_convex.takes [(x, v); (a, m); (b, M)] f).
    { intros q w [Q|[Q|[Q|[]]]]; injection Q as <- <-; auto. }
    assert (Cl : forall q w, In (q, w) [(x, v); (a, m); (b, M)] -> cube d q).
    { intros q w [Q|[Q|[Q|[]]]]; injection Q as <- <-; auto. }
    rewrite <- (T p u I). apply (exemplars_convex.below_worth d f (M + eta) [(x, v); (a, m); (b, M)] c p); auto.
    + intros z Hz. apply R, Hz.
    + apply (Cl p u I).
  - intros (Hv & none).
    assert (range : forall p u, In (p, u) [(x, v); (a, m); (b, M)] -> cube d p /\ m - eta <= u <= M + eta).
    { intros p u [Q|[Q|[Q|[]]]]; injection Q as <- <-; split; auto; lra. }
    assert (le : m - eta <= M + eta) by lra.
    set (g := exemplars_convex.envelope d (m - eta) (M + eta) [(x, v); (a, m); (b, M)] range le).
    assert (T : exemplars_convex.takes [(x, v); (a, m); (b, M)] g) by (apply exemplars_convex.envelope_takes; auto).
    exists g. split; [apply exemplars_convex.envelope_same|]. split; [apply exemplars_convex.envelope_convex|].
    split; [|apply T; simpl; auto]. split; auto. split; auto. split; [apply T; simpl; auto|]. split; [apply T; simpl; auto|].
    intros z Hz. apply exemplars_convex.envelope_range, Hz.
Qed.

Lemma convex_nearly_upper v : possible_nearly d (Convex d) a b m M eta x v -> v <= m + gauge d a x * (M + eta - m).
Proof.
  intros (f & E & K & (_ & _ & fa & _ & R) & <-). pose proof (gauge_range d a x Ha Hx) as T.
  destruct (Req_dec (gauge d a x) 0) as [Z|Z].
  - rewrite Z, (E x a), fa; auto; [lra|]. apply gauge_zero; auto.
  - destruct (gauge_point d a x Ha Hx) as (y & Hy & S); [lra|].
    rewrite (E x (mix (gauge d a x) a y)); auto using mix_in_cube.
    specialize (K a y (gauge d a x) Ha Hy T). specialize (R y Hy). rewrite fa in K. nra.
Qed.

Lemma convex_nearly_lower v delta : possible_nearly d (Convex d) a b m M eta x v -> 0 < delta ->
  cube d (fun i => b i + delta * (b i - x i)) -> v >= M - eta / delta.
Proof.
  intros (f & E & K & (_ & _ & _ & fb & R) & <-) D0 Hy. set (y := fun i => b i + delta * (b i - x i)) in *.
  set (s := delta / (1 + delta)). assert (Es : s * (1 + delta) = delta) by (unfold s; field; lra).
  assert (Hs : 0 <= s <= 1) by (split; nra). specialize (K y x s Hy Hx Hs). specialize (R y Hy).
  rewrite (E (mix s y x) b) in K; auto using mix_in_cube.
  - rewrite fb in K. assert (M * (1 + delta) <= (M + eta) + delta * f x).
    { assert ((1 + delta) * M <= (1 + delta) * ((1 - s) * f y + s * f x)) by (apply Rmult_le_compat_l; lra).
      replace ((1 + delta) * ((1 - s) * f y + s * f x)) with
        ((1 + delta - s * (1 + delta)) * f y + s * (1 + delta) * f x) in H by ring. rewrite Es in H. lra. }
    assert (Q : eta / delta * delta = eta) by (field; lra). nra.
  - intros i _. unfold mix, y, s. field. lra.
Qed.
End Convex.

(** * Affine, between opposite corners *)

(** How much f rises along coordinate i, from a_i to b_i. *)
Definition rise (a w : point) (i : nat) : R := w i * (1 - 2 * a i).

Lemma rises_from_a d w c a b z : (forall i, (i < d)%nat -> opposite a b i) -> cube d z ->
  affine_function d w c z = affine_function d w c a + sum d (fun i => rise a w i * u a z i).
Proof.
  intros O Hz. replace (affine_function d w c z) with
    (affine_function d w c a + (affine_function d w c z - affine_function d w c a)) by ring.
  rewrite affine_minus. f_equal. apply sum_ext. intros i Hi. specialize (Hz i Hi). unfold rise, u.
  destruct (O i Hi) as [(-> & _)|(-> & _)]; [replace (Rabs (z i - 0)) with (z i) by (cases; lra)
    |replace (Rabs (z i - 1)) with (1 - z i) by (cases; lra)]; ring.
Qed.

Section Affine.
Variables (d : nat) (a b : point) (m M eta : R) (x : point) (i j : nat).
Hypotheses (Ha : cube d a) (Hb : cube d b) (Hx : cube d x) (mM : m <= M) (He : 0 <= eta).
Hypothesis O : forall k, (k < d)%nat -> opposite a b k.
Hypotheses (Hi : (i < d)%nat) (Hj : (j < d)%nat).
Hypothesis least_u : forall k, (k < d)%nat -> u a x i <= u a x k <= u a x j.

Lemma affine_nearly_bounds v : possible_nearly d (Affine d) a b m M eta x v ->
  m + (M - m + eta) * u a x i - eta * u a x j <= v <= m + (M - m + eta) * u a x j - eta * u a x i.
Proof.
  intros (f & _ & (w & c & F) & (_ & _ & fa & fb & R) & <-). rewrite F in fa, fb |- *.
  set (s := rise a w). rewrite (rises_from_a d w c a b x O Hx), fa. fold s.
  assert (S : sum d s = M - m).
  { rewrite (rises_from_a d w c a b b O Hb), fa in fb. fold s in fb.
    rewrite (sum_ext d (fun i => s i * u a b i) s) in fb by (intros; rewrite (u_at_b a b); auto; ring). lra. }
  (* where f falls: N = Σ max(−s_i, 0) <= eta, at the corner that goes along these coordinates alone *)
  set (down := fun k => Rmax (- s k) 0).
  assert (N : sum d down <= eta).
  { set (z := fun k => if Rle_dec 0 (s k) then a k else b k).
    assert (Cz : cube d z) by (intros k Hk; unfold z; destruct Rle_dec; auto).
    specialize (R z Cz). rewrite F, (rises_from_a d w c a b z O Cz), fa in R. fold s in R.
    rewrite (sum_ext d (fun k => s k * u a z k) (fun k => -1 * down k)) in R.
    - rewrite sum_scale in R. lra.
    - intros k Hk. unfold down, z, u. destruct (Rle_dec 0 (s k)) as [L|L].
      + rewrite Rminus_diag_eq, Rabs_R0 by auto. replace (Rmax (- s k) 0) with 0 by (cases; lra). ring.
      + replace (Rmax (- s k) 0) with (- s k) by (cases; lra).
        destruct (O k Hk) as [(-> & ->)|(-> & ->)];
        [replace (Rabs (1 - 0)) with 1 by (cases; lra)|replace (Rabs (0 - 1)) with 1 by (cases; lra)]; ring. }
  assert (D0 : forall k, 0 <= down k) by (intros; apply Rmax_r).
  assert (Dn : 0 <= sum d down) by (apply sum_nonneg; auto).
  assert (up0 : forall k, 0 <= s k + down k) by (intros k; unfold down; cases; lra).
  assert (E : sum d (fun k => s k * u a x k) = sum d (fun k => (s k + down k) * u a x k) - sum d (fun k => down k * u a x k)).
  { rewrite <- sum_minus. apply sum_ext. intros; ring. }
  assert (A1 : sum d (fun k => (s k + down k) * u a x k) <= (M - m + sum d down) * u a x j).
  { rewrite <- S, <- sum_plus, Rmult_comm, <- sum_scale. apply sum_le. intros k Hk.
    specialize (up0 k). destruct (least_u k Hk). nra. }
  assert (A2 : (M - m + sum d down) * u a x i <= sum d (fun k => (s k + down k) * u a x k)).
  { rewrite <- S, <- sum_plus, Rmult_comm, <- sum_scale. apply sum_le. intros k Hk.
    specialize (up0 k). destruct (least_u k Hk). nra. }
  assert (B1 : sum d down * u a x i <= sum d (fun k => down k * u a x k)).
  { rewrite Rmult_comm, <- sum_scale. apply sum_le. intros k Hk. specialize (D0 k). destruct (least_u k Hk). nra. }
  assert (B2 : sum d (fun k => down k * u a x k) <= sum d down * u a x j).
  { rewrite (Rmult_comm (sum d down)), <- sum_scale. apply sum_le. intros k Hk. specialize (D0 k).
    destruct (least_u k Hk). nra. }
  rewrite E. destruct (least_u i Hi) as (_ & ij). split; nra.
Qed.

(** Rising by M − m + eta along p and falling by eta along q. *)
Definition tilted (p q : nat) : unit_function :=
  fun z => m + (M - m + eta) * u a z p - eta * u a z q.

Lemma tilted_possible p q : (p < d)%nat -> (q < d)%nat ->
  possible_nearly d (Affine d) a b m M eta x (m + (M - m + eta) * u a x p - eta * u a x q).
Proof.
  intros Hp Hq.
  set (f := fun z => value d (along a p m (M + eta)) z + -1 * value d (along a q 0 eta) z).
  assert (V : forall z, cube d z -> f z = tilted p q z).
  { intros z Hz. unfold f, tilted. rewrite !(along_value d a b) by auto. ring. }
  exists f. split; [|split; [|split; [split; auto; split; auto; split; [|split]|]]].
  - intros y z _ _ S. unfold f, value, affine_function. rewrite !(inner_ext d _ y z S). reflexivity.
  - exists (fun k => fst (along a p m (M + eta)) k + -1 * fst (along a q 0 eta) k),
      (snd (along a p m (M + eta)) + -1 * snd (along a q 0 eta)).
    intros z. unfold f, value, affine_function, inner.
    rewrite (sum_ext d (fun k => (fst (along a p m (M + eta)) k + -1 * fst (along a q 0 eta) k) * z k)
      (fun k => fst (along a p m (M + eta)) k * z k + -1 * (fst (along a q 0 eta) k * z k))) by (intros; ring).
    rewrite sum_plus, sum_scale. ring.
  - rewrite V by auto. unfold tilted. rewrite !u_at_a. ring.
  - rewrite V by auto. unfold tilted. rewrite !(u_at_b a b) by auto. ring.
  - intros z Hz. rewrite V by auto. unfold tilted. pose proof (u_range d a z p Ha Hz Hp). pose proof (u_range d a z q Ha Hz Hq).
    assert (0 <= (M - m + eta) * u a z p <= M - m + eta) by nra. assert (0 <= eta * u a z q <= eta) by nra. lra.
  - rewrite V by auto. reflexivity.
Qed.

Lemma affine_nearly v : possible_nearly d (Affine d) a b m M eta x v <->
  m + (M - m + eta) * u a x i - eta * u a x j <= v <= m + (M - m + eta) * u a x j - eta * u a x i.
Proof.
  split; [apply affine_nearly_bounds|]. intros Hv.
  destruct (tilted_possible i j Hi Hj) as (f & Ef & (w & c & F) & Sf & fx).
  destruct (tilted_possible j i Hj Hi) as (g & Eg & (w' & c' & G) & Sg & gx).
  set (low := m + (M - m + eta) * u a x i - eta * u a x j) in *.
  set (high := m + (M - m + eta) * u a x j - eta * u a x i) in *.
  destruct (Req_dec low high) as [E|E].
  { exists f. split; auto. split; [exists w, c; auto|]. split; auto. lra. }
  set (s := (v - low) / (high - low)). assert (Es : s * (high - low) = v - low) by (unfold s; field; lra).
  assert (Hs : 0 <= s <= 1) by (split; unfold s; [apply Rle_div_iff|apply Rdiv_le_iff]; lra).
  exists (blend s f g). split; [apply blend_on_cube; auto|]. split; [|split; [apply blend_nearly; auto|]].
  - exists (fun k => (1 - s) * w k + s * w' k), ((1 - s) * c + s * c'). intros z. unfold blend. rewrite F, G.
    unfold affine_function, inner. rewrite (sum_ext d (fun k => ((1 - s) * w k + s * w' k) * z k)
      (fun k => (1 - s) * (w k * z k) + s * (w' k * z k))) by (intros; ring).
    rewrite sum_plus, !sum_scale. ring.
  - unfold blend. rewrite fx, gx. lra.
Qed.
End Affine.

(** approximate-visualization, exact: Approximate visualizations.

    "Values lie in [m−η, M+η], and a and b become exemplars: networks take every value there at x; an L-Lipschitz f(x)
    lies between max(m−η, M − L‖x−b‖, m − L‖x−a‖) and min(M+η, m + L‖x−a‖, M + L‖x−b‖); an affine f(x), a and b
    opposite corners, between m + (M−m+η)·min u − η·max u and m + (M−m+η)·max u − η·min u; a convex f(x) between the
    linear programs of the exemplars with M+η for M; all attained. So a convex f(x) ≤ m + t·(M+η−m), and f(x) ≥ M −
    η/δ on the face of b where b + δ(b−x) lies in the cube."

    [i] and [j] are coordinates with the least and the largest u. The linear programs are those of [exemplars_convex]. *)
Theorem approximate_visualization : forall d a b m M eta x,
  cube d a -> cube d b -> cube d x -> m <= M -> 0 <= eta ->
  (forall C v, possible_nearly d C a b m M eta x v -> m - eta <= v <= M + eta) /\
  (forall (C : class), (forall f, ReluNetwork d f -> C f) -> ~ same d a b -> ~ same d x a -> ~ same d x b ->
    forall v, possible_nearly d C a b m M eta x v <-> m - eta <= v <= M + eta) /\
  (forall dist L, distance d dist -> 0 <= L -> M - m <= L * dist a b ->
    forall v, possible_nearly d (Lipschitz d dist L) a b m M eta x v <->
      (m - eta <= v <= M + eta) /\ (M - L * dist x b <= v <= M + L * dist x b) /\
      (m - L * dist x a <= v <= m + L * dist x a)) /\
  (forall i j, (forall k, (k < d)%nat -> opposite a b k) -> (i < d)%nat -> (j < d)%nat ->
    (forall k, (k < d)%nat -> u a x i <= u a x k <= u a x j) ->
    forall v, possible_nearly d (Affine d) a b m M eta x v <->
      m + (M - m + eta) * u a x i - eta * u a x j <= v <= m + (M - m + eta) * u a x j - eta * u a x i) /\
  (forall v, possible_nearly d (Convex d) a b m M eta x v <->
    m - eta <= v <= M + eta /\ exemplars_convex.undercut_by_none d (M + eta) [(x, v); (a, m); (b, M)]) /\
  (forall v, possible_nearly d (Convex d) a b m M eta x v ->
    v <= m + gauge d a x * (M + eta - m) /\
    forall delta, 0 < delta -> cube d (fun i => b i + delta * (b i - x i)) -> v >= M - eta / delta).
Proof.
  intros d a b m M eta x Ha Hb Hx mM He. split; [|split; [|split; [|split; [|split]]]].
  - intros C v. apply in_nearly_range, Hx.
  - intros C K ab xa xb v. split; [apply in_nearly_range, Hx|]. intros Hv.
    destruct (networks_nearly d a b m M eta x v) as (f & E & N & S); auto. exists f. auto.
  - intros dist L D L0 F v. apply lipschitz_nearly; auto.
  - intros i j O Hi Hj lu v. apply affine_nearly; auto.
  - intros v. apply convex_nearly; auto.
  - intros v P. split; [apply convex_nearly_upper with (b := b); auto|].
    intros delta D0 Hy. apply (convex_nearly_lower d a b m M eta x); auto.
Qed.

Print Assumptions approximate_visualization.
