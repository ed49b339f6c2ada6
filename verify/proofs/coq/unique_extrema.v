Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Corners Faces lipschitz monotone_lipschitz convex affine two_piece_affine.
Open Scope R_scope.

(** The values at x of the members that are m at a only and M at b only. *)
Definition possible_alone (d : nat) (C : class) (a b : point) (m M : R) (x : point) (v : R) :=
  exists f, on_cube d f /\ C f /\ shows_alone d f a b m M /\ f x = v.

Lemma strictly_between d f a b m M x :
  shows_alone d f a b m M -> cube d x -> ~ same d x a -> ~ same d x b -> m < f x < M.
Proof.
  intros ((_ & _ & _ & _ & R) & U) Hx xa xb. specialize (R x Hx). destruct (U x Hx) as (Um & UM).
  split; apply Rnot_le_lt; intros K; [apply xa, Um|apply xb, UM]; lra.
Qed.

Lemma alone_is_possible d C a b m M x v : possible_alone d C a b m M x v -> possible d C a b m M x v.
Proof. intros (f & E & Cf & (S & _) & fx). exists f. split; auto. split; auto. Qed.

(** Halfway between two members one of which is m at a only, and the other one M at b only. *)
Lemma halfway_alone d (C : class) a b m M s f g :
  0 < s < 1 -> (forall f g, C f -> C g -> C (blend s f g)) -> member d C a b m M f -> member d C a b m M g ->
  (forall z, cube d z -> f z = m -> same d z a) -> (forall z, cube d z -> g z = M -> same d z b) ->
  on_cube d (blend s f g) /\ C (blend s f g) /\ shows_alone d (blend s f g) a b m M.
Proof.
  intros Hs K (Ef & Cf & Sf) (Eg & Cg & Sg) Um UM.
  split; [apply blend_on_cube; auto|]. split; auto. split; [apply blend_shows; auto; lra|].
  destruct Sf as (_ & _ & _ & _ & Rf). destruct Sg as (_ & _ & _ & _ & Rg).
  intros z Hz. specialize (Rf z Hz). specialize (Rg z Hz). unfold blend. split; intros E.
  - apply Um; auto. nra.
  - apply UM; auto. nra.
Qed.

(** * Lipschitz *)

Section Lipschitz.
Variables (d : nat) (dist : point -> point -> R) (a b x : point) (m M L v : R).
Hypotheses (D : distance d dist) (L0 : 0 < L) (Ha : cube d a) (Hb : cube d b) (mM : m < M).
Hypotheses (feasible : M - m <= L * dist a b) (Hv : m < v < M).
Hypotheses (v1 : M - L * dist x b <= v) (v2 : v <= m + L * dist x a).

Definition greatest_through (z : point) : R := Rmin M (Rmin (m + L * dist z a) (v + L * dist z x)).
Definition least_through (z : point) : R := Rmax m (Rmax (M - L * dist z b) (v - L * dist z x)).

Lemma steps p q c : L * dist p c <= L * dist q c + L * dist p q.
Proof. pose proof (dist_triangle _ _ D p q c). nra. Qed.

Lemma min_close p q p' q' K : p - p' <= K -> q - q' <= K -> Rmin p q - Rmin p' q' <= K.
Proof. intros. cases; lra. Qed.

Lemma positive_steps p q : 0 <= L * dist p q.
Proof. pose proof (dist_positive _ _ D p q). nra. Qed.

Lemma greatest_close p q : greatest_through p - greatest_through q <= L * dist p q.
Proof.
  pose proof (positive_steps p q). unfold greatest_through. repeat apply min_close; try lra;
  [pose proof (steps p q a)|pose proof (steps p q x)]; lra.
Qed.

Lemma least_close p q : least_through p - least_through q <= L * dist p q.
Proof.
  pose proof (positive_steps p q). unfold least_through. rewrite (dist_symmetric _ _ D p q) in *.
  repeat apply max_close; try lra; [pose proof (steps q p b)|pose proof (steps q p x)]; lra.
Qed.

Lemma min_is p q s : s <= p -> s <= q -> p = s \/ q = s -> Rmin p q = s.
Proof. intros. cases; lra. Qed.

Lemma greatest_member : member d (Lipschitz d dist L) a b m M greatest_through.
Proof.
  pose proof (distance_itself d dist a D) as Za. pose proof (dist_symmetric _ _ D) as Sy.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto.
  - intros p q _ _ S. unfold greatest_through. rewrite !(distance_same d dist p q _ D S). reflexivity.
  - intros p q _ _. apply abs_at_most. split; [apply greatest_close|]. rewrite (Sy p q), Ropp_minus_distr.
    apply greatest_close.
  - unfold greatest_through. rewrite Za, (Sy a x).
    apply min_is; [lra|apply at_most_min; lra|right; apply min_is; lra].
  - unfold greatest_through. rewrite (Sy b a), (Sy b x). apply min_is; [lra|apply at_most_min; lra|left; reflexivity].
  - intros z _. pose proof (positive_steps z a). pose proof (positive_steps z x). unfold greatest_through. split.
    + repeat apply Rmin_glb; lra.
    + apply Rmin_l.
Qed.

Lemma least_member : member d (Lipschitz d dist L) a b m M least_through.
Proof.
  pose proof (distance_itself d dist b D) as Zb. pose proof (dist_symmetric _ _ D) as Sy.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto.
  - intros p q _ _ S. unfold least_through. rewrite !(distance_same d dist p q _ D S). reflexivity.
  - intros p q _ _. apply abs_at_most. split; [apply least_close|]. rewrite (Sy p q), Ropp_minus_distr.
    apply least_close.
  - unfold least_through. rewrite (Sy a x). apply max_is; [lra|apply max_at_most; lra|left; reflexivity].
  - unfold least_through. rewrite Zb, (Sy b x). pose proof (positive_steps x b).
    apply max_is; [lra|apply max_at_most; lra|right; apply max_is; lra].
  - intros z _. pose proof (positive_steps z b). pose proof (positive_steps z x). unfold least_through. split.
    + apply Rmax_l.
    + repeat apply Rmax_lub; lra.
Qed.

Lemma lipschitz_alone : possible_alone d (Lipschitz d dist L) a b m M x v.
Proof.
  destruct (halfway_alone d (Lipschitz d dist L) a b m M (1 / 2) greatest_through least_through) as (E & C & S).
  - lra.
  - intros f g Cf Cg. apply lipschitz_blend; auto; lra.
  - apply greatest_member.
  - apply least_member.
  - intros z _ E. apply (dist_zero _ _ D). pose proof (positive_steps z x). unfold greatest_through in E.
    assert (L * dist z a <= 0) by (cases; lra). pose proof (dist_positive _ _ D z a). nra.
  - intros z _ E. apply (dist_zero _ _ D). pose proof (positive_steps z x). unfold least_through in E.
    assert (L * dist z b <= 0) by (cases; lra). pose proof (dist_positive _ _ D z b). nra.
  - exists (blend (1 / 2) greatest_through least_through). split; auto. split; auto. split; auto.
    unfold blend, greatest_through, least_through. rewrite (distance_itself d dist x D).
    replace (Rmin M _) with v; [replace (Rmax m _) with v; [field|]|].
    + symmetry. apply max_is; [lra|apply max_at_most; lra|right; apply max_is; lra].
    + symmetry. apply min_is; [lra|apply at_most_min; lra|right; apply min_is; lra].
Qed.
End Lipschitz.

(** * Monotone *)

(** a is the least point of the cube, and b the greatest. *)
Definition lowest (d : nat) (a : point) := forall i, (i < d)%nat -> a i = 0.
Definition highest (d : nat) (b : point) := forall i, (i < d)%nat -> b i = 1.

Lemma monotone_corners d f a b m M : Monotone d f -> shows_alone d f a b m M -> lowest d a /\ highest d b.
Proof.
  intros K ((Ha & Hb & fa & fb & R) & U).
  assert (O : cube d (fun _ => 0)) by (intros i _; lra). assert (I : cube d (fun _ => 1)) by (intros i _; lra).
  split.
  - assert (E : f (fun _ => 0) = m).
    { specialize (R _ O). assert (f (fun _ => 0) <= f a) by (apply K; auto; intros i Hi; apply (Ha i Hi)). lra. }
    intros i Hi. symmetry. apply (proj1 (U _ O) E i Hi).
  - assert (E : f (fun _ => 1) = M).
    { specialize (R _ I). assert (f b <= f (fun _ => 1)) by (apply K; auto; intros i Hi; apply (Hb i Hi)). lra. }
    intros i Hi. symmetry. apply (proj2 (U _ I) E i Hi).
Qed.

Lemma below_lowest d a z : lowest d a -> cube d z -> (below d z a <-> same d z a) /\ below d a z.
Proof.
  intros La Hz. split; [split|].
  - intros B i Hi. specialize (B i Hi). specialize (Hz i Hi). rewrite (La i Hi) in *. lra.
  - intros S i Hi. rewrite (S i Hi). lra.
  - intros i Hi. rewrite (La i Hi). apply (Hz i Hi).
Qed.

Lemma above_highest d b z : highest d b -> cube d z -> (below d b z <-> same d z b) /\ below d z b.
Proof.
  intros Lb Hz. split; [split|].
  - intros B i Hi. specialize (B i Hi). specialize (Hz i Hi). rewrite (Lb i Hi) in *. lra.
  - intros S i Hi. rewrite (S i Hi). lra.
  - intros i Hi. rewrite (Lb i Hi). apply (Hz i Hi).
Qed.

Lemma monotone_alone d a b m M x v : (0 < d)%nat -> cube d a -> cube d b -> lowest d a -> highest d b -> m < v < M ->
  ~ same d x a -> ~ same d x b -> possible_alone d (Monotone d) a b m M x v.
Proof.
  intros d0 Ha Hb La Lb Hv xa xb.
  exists (fun z => if same_dec d z a then m else if same_dec d z b then M else v).
  assert (ba : ~ same d b a) by (intros S; specialize (S 0%nat d0); rewrite (La 0%nat d0), (Lb 0%nat d0) in S; lra).
  split; [|split; [|split; [split; [split; auto; split; auto; split; [|split]|]|]]].
  - intros p q _ _ S. pose proof (same_left d p q a S). pose proof (same_left d p q b S). repeat destruct same_dec; tauto.
  - intros p q Hp Hq B. destruct (below_lowest d a p La Hp) as (Pa & _). destruct (above_highest d b q Lb Hq) as (Qb & _).
    destruct (same_dec d p a); [repeat destruct same_dec; lra|].
    destruct (same_dec d p b) as [S|S].
    + assert (same d q b) by (apply Qb; eapply below_trans; [|exact B]; intros i Hi; rewrite (S i Hi); lra).
      destruct (same_dec d q a) as [S'|_]; [|destruct (same_dec d q b); tauto || lra].
      exfalso. apply ba. eapply same_trans; [apply same_sym, H|exact S'].
    + destruct (same_dec d q a) as [S'|_]; [|repeat destruct same_dec; lra].
      exfalso. apply n, Pa. eapply below_trans; [exact B|]. intros i Hi. rewrite (S' i Hi). lra.
  - point_cases. reflexivity.
  - point_cases. reflexivity.
  - intros z _. repeat destruct same_dec; lra.
  - intros z _. repeat destruct same_dec; split; intros; auto; exfalso; lra.
  - point_cases. reflexivity.
Qed.

(** * Monotone and Lipschitz *)

Section Climbing.
Variables (d : nat) (rise : point -> point -> R) (a b x : point) (m M L v : R).
Hypotheses (C : climb d rise) (L0 : 0 < L) (Ha : cube d a) (Hb : cube d b) (mM : m < M).
Hypotheses (La : lowest d a) (Lb : highest d b).
Hypotheses (feasible : M - m <= L * rise a b) (Hv : m < v < M).
Hypotheses (v1 : M - L * rise x b <= v) (v2 : v <= m + L * rise a x).

Definition greatest_climb (z : point) : R := Rmin M (Rmin (m + L * rise a z) (v + L * rise x z)).
Definition least_climb (z : point) : R := Rmax m (Rmax (M - L * rise z b) (v - L * rise z x)).

Lemma climb_steps p q r : L * rise p r <= L * rise p q + L * rise q r.
Proof. pose proof (climb_triangle _ _ C p q r). nra. Qed.

Lemma climb_up p q : 0 <= L * rise p q.
Proof. pose proof (climb_positive _ _ C p q). nra. Qed.

Lemma greatest_climb_member : member d (Climbs d rise L) a b m M greatest_climb.
Proof.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto; unfold greatest_climb.
  - intros p q _ _ S. rewrite (climb_same d rise a p a q), (climb_same d rise x p x q); auto using same_refl.
  - intros p q _ _. pose proof (climb_up p q). repeat apply min_close; try lra;
    [pose proof (climb_steps a p q)|pose proof (climb_steps x p q)]; lra.
  - rewrite (climb_itself d rise a C). pose proof (climb_up x a).
    apply min_is; [lra|apply at_most_min; lra|right; apply min_is; lra].
  - apply min_is; [lra|apply at_most_min; lra|left; reflexivity].
  - intros z _. pose proof (climb_up a z). pose proof (climb_up x z). split.
    + repeat apply Rmin_glb; lra.
    + apply Rmin_l.
Qed.

Lemma least_climb_member : member d (Climbs d rise L) a b m M least_climb.
Proof.
  split; [|split; [|split; [|split; [|split; [|split]]]]]; auto; unfold least_climb.
  - intros p q _ _ S. rewrite (climb_same d rise p b q b), (climb_same d rise p x q x); auto using same_refl.
  - intros p q _ _. pose proof (climb_up p q). repeat apply max_close; try lra;
    [pose proof (climb_steps p q b)|pose proof (climb_steps p q x)]; lra.
  - apply max_is; [lra|apply max_at_most; lra|left; reflexivity].
  - rewrite (climb_itself d rise b C). pose proof (climb_up b x).
    apply max_is; [lra|apply max_at_most; lra|right; apply max_is; lra].
  - intros z _. pose proof (climb_up z b). pose proof (climb_up z x). split.
    + apply Rmax_l.
    + repeat apply Rmax_lub; lra.
Qed.

Lemma climbs_alone : possible_alone d (Climbs d rise L) a b m M x v.
Proof.
  destruct (halfway_alone d (Climbs d rise L) a b m M (1 / 2) greatest_climb least_climb) as (E & K & S).
  - lra.
  - intros f g Cf Cg. apply climbs_blend; auto; lra.
  - apply greatest_climb_member.
  - apply least_climb_member.
  - intros z Hz E. apply (proj1 (below_lowest d a z La Hz)). apply (climb_zero _ _ C). pose proof (climb_up x z).
    unfold greatest_climb in E. assert (L * rise a z <= 0) by (cases; lra). pose proof (climb_positive _ _ C a z). nra.
  - intros z Hz E. apply (proj1 (above_highest d b z Lb Hz)). apply (climb_zero _ _ C). pose proof (climb_up z x).
    unfold least_climb in E. assert (L * rise z b <= 0) by (cases; lra). pose proof (climb_positive _ _ C z b). nra.
  - exists (blend (1 / 2) greatest_climb least_climb). split; auto. split; auto. split; auto.
    unfold blend, greatest_climb, least_climb. rewrite (climb_itself d rise x C).
    replace (Rmin M _) with v; [replace (Rmax m _) with v; [field|]|].
    + symmetry. apply max_is; [lra|apply max_at_most; lra|right; apply max_is; lra].
    + symmetry. apply min_is; [lra|apply at_most_min; lra|right; apply min_is; lra].
Qed.
End Climbing.

(** * Affine *)

Lemma affine_alone_opposite d w c a b m M :
  shows_alone d (affine_function d w c) a b m M -> forall i, (i < d)%nat -> opposite a b i /\ w i <> 0.
Proof.
  intros (S & U) i Hi. assert (N : w i <> 0).
  { intros Z. destruct S as (Ha & _ & fa & _).
    set (t := if Rle_dec (a i) (1 / 2) then 1 else 0).
    assert (Ht : 0 <= t <= 1) by (unfold t; destruct Rle_dec; lra).
    pose proof (affine_set_at d w c i t a Hi) as E. rewrite Z in E.
    pose proof (proj1 (U _ (set_at_in_cube d i t a Ht Ha)) ltac:(lra) i Hi) as K.
    unfold set_at in K. destruct (Nat.eq_dec i i); [|tauto]. unfold t in K. destruct Rle_dec; lra. }
  split; auto. apply (weight_opposite d w c a b m M i S Hi N).
Qed.

Lemma member_of_affine d f w c a b m M : (forall z, f z = affine_function d w c z) ->
  shows_alone d f a b m M -> shows_alone d (affine_function d w c) a b m M.
Proof.
  intros F ((Ha & Hb & fa & fb & R) & U). rewrite F in fa, fb. split.
  - split; auto. split; auto. split; auto. split; auto. intros z Hz. rewrite <- F. auto.
  - intros z Hz. rewrite <- F. auto.
Qed.

(** Strictly between the least and the greatest u, unless they are all the same. *)
Definition strictly_inside (d : nat) (a x : point) (m M v : R) :=
  (exists i j, (i < d)%nat /\ (j < d)%nat /\ m + (M - m) * u a x i < v < m + (M - m) * u a x j) \/
  (forall i, (i < d)%nat -> v = m + (M - m) * u a x i).

Lemma affine_alone_inside d f a b m M x : (0 < d)%nat -> m < M -> cube d x -> Affine d f -> shows_alone d f a b m M ->
  strictly_inside d a x m M (f x).
Proof.
  intros d0 mM Hx (w & c & F) Sf. apply (member_of_affine d f w c) in Sf; auto. rewrite F.
  pose proof (affine_alone_opposite d w c a b m M Sf) as O. destruct Sf as (S & _).
  pose proof (rise_from_a d w c a b m M x S Hx) as V. pose proof (spread_of_weights d w c a b m M S) as W.
  assert (some : exists i, (i < d)%nat /\ True) by (exists 0%nat; auto).
  destruct (least d (fun _ => True) (fun _ => left I) (u a x) some) as (i & Hi & _ & Li).
  destruct (greatest d (fun _ => True) (fun _ => left I) (u a x) some) as (j & Hj & _ & Gj).
  assert (P : forall k, (k < d)%nat -> 0 < Rabs (w k)) by (intros k Hk; apply Rabs_pos_lt, O, Hk).
  destruct (Req_dec (u a x i) (u a x j)) as [E|E].
  - right. intros k Hk. rewrite V, W, Rmult_comm, <- sum_scale. f_equal. apply sum_ext. intros l Hl.
    pose proof (Li l Hl I). pose proof (Gj l Hl I). pose proof (Li k Hk I). pose proof (Gj k Hk I).
    replace (u a x l) with (u a x k) by lra. ring.
  - left. exists i, j. repeat split; auto; rewrite V, W.
    + assert (Q : 0 < sum d (fun k => Rabs (w k) * (u a x k - u a x i))).
      { eapply Rlt_le_trans; [|apply (sum_term d (fun k => Rabs (w k) * (u a x k - u a x i)) j); auto].
        - apply Rmult_lt_0_compat; auto. specialize (Li j Hj I). lra.
        - intros k Hk. pose proof (P k Hk). pose proof (Li k Hk I). nra. }
      rewrite (sum_ext d _ (fun k => Rabs (w k) * u a x k - u a x i * Rabs (w k))) in Q by (intros; ring).
      rewrite sum_minus, sum_scale in Q. lra.
    + assert (Q : 0 < sum d (fun k => Rabs (w k) * (u a x j - u a x k))).
      { eapply Rlt_le_trans; [|apply (sum_term d (fun k => Rabs (w k) * (u a x j - u a x k)) i); auto].
        - apply Rmult_lt_0_compat; auto. specialize (Gj i Hi I). lra.
        - intros k Hk. pose proof (P k Hk). pose proof (Gj k Hk I). nra. }
      rewrite (sum_ext d _ (fun k => u a x j * Rabs (w k) - Rabs (w k) * u a x k)) in Q by (intros; ring).
      rewrite sum_minus, sum_scale in Q. lra.
Qed.

Lemma share_is_zero s p q t : 0 <= s < 1 -> 0 <= p -> 0 <= q -> 0 < t -> t * ((1 - s) * p + s * q) = 0 -> p = 0.
Proof.
  intros Hs Hp Hq Ht E. apply Rmult_integral in E. destruct E as [E|E]; [lra|].
  assert (0 <= (1 - s) * p) by (apply Rmult_le_pos; lra). assert (0 <= s * q) by (apply Rmult_le_pos; lra).
  assert (Z : (1 - s) * p = 0) by lra. apply Rmult_integral in Z. destruct Z; lra.
Qed.

(** The mean of the u_i, with a share of one of them added. *)
Lemma affine_alone_attained d a b m M x v : (0 < d)%nat -> m < M -> cube d a -> cube d b -> cube d x ->
  (forall i, (i < d)%nat -> opposite a b i) -> strictly_inside d a x m M v -> possible_alone d (Affine d) a b m M x v.
Proof.
  intros d0 mM Ha Hb Hx O H. assert (n0 : 0 < INR d) by (apply lt_0_INR; auto).
  set (mean := fun z => m + (M - m) * (sum d (u a z) / INR d)).
  set (g := mean_map d a m (M - m)).
  assert (G : forall z, cube d z -> value d g z = mean z) by (intros; apply (mean_value d a b); auto).
  assert (blends : forall s j, 0 <= s < 1 -> (j < d)%nat ->
    v = (1 - s) * mean x + s * (m + (M - m) * u a x j) -> possible_alone d (Affine d) a b m M x v).
  { intros s j Hs Hj E. exists (blend s (value d g) (value d (along a j m M))).
    assert (V : forall z, cube d z -> blend s (value d g) (value d (along a j m M)) z =
      (1 - s) * mean z + s * (m + (M - m) * u a z j)).
    { intros z Hz. unfold blend. rewrite G, (along_value d a b); auto. }
    assert (U : forall z, cube d z -> forall i, (i < d)%nat -> 0 <= u a z i <= 1) by (intros; apply (u_range d); auto).
    assert (Mn : forall z, cube d z -> 0 <= sum d (u a z) / INR d <= 1).
    { intros z Hz. split; [apply Rle_div_iff|apply Rdiv_le_iff]; auto.
      - rewrite Rmult_0_l. apply sum_nonneg. intros. apply U; auto.
      - rewrite Rmult_1_l, <- (Rmult_1_r (INR d)), <- sum_const. apply sum_le. intros. apply U; auto. }
    split; [apply blend_on_cube; apply affine_on_cube|]. split; [|split; [|rewrite V; auto]].
    - destruct (along_in_two d a j j j m M (or_introl eq_refl)) as (w & c & F & _).
      exists (fun i => (1 - s) * fst g i + s * w i), ((1 - s) * snd g + s * c). intros z. unfold blend. rewrite F.
      unfold value, affine_function, inner.
      rewrite (sum_ext d (fun i => ((1 - s) * fst g i + s * w i) * z i)
        (fun i => (1 - s) * (fst g i * z i) + s * (w i * z i))) by (intros; ring).
      rewrite sum_plus, !sum_scale. ring.
    - split.
      + apply blend_shows; [lra| |apply along_shows; auto; lra].
        split; auto. split; auto. rewrite !G by auto. unfold mean. split; [|split].
        * rewrite sum_all_zero; [field; lra|]. intros. apply u_at_a.
        * rewrite (sum_ext d (u a b) (fun _ => 1)) by (intros; apply u_at_b; auto). rewrite sum_const. field. lra.
        * intros z Hz. rewrite G by auto. unfold mean. specialize (Mn z Hz). split; nra.
      + intros z Hz. rewrite V by auto. specialize (Mn z Hz). pose proof (U z Hz j Hj) as Uj. unfold mean.
        set (mu := sum d (u a z) / INR d) in *. assert (Emu : mu * INR d = sum d (u a z)) by (unfold mu; field; lra).
        split; intros K.
        * assert (Z : mu = 0).
          { apply (share_is_zero s mu (u a z j) (M - m)); lra. }
          rewrite Z, Rmult_0_l in Emu. intros i Hi.
          assert (u a z i = 0) by (apply (sum_is_zero d (u a z)); auto; intros; apply U; auto).
          unfold u in H0. cases; lra.
        * assert (Z : mu = 1).
          { assert (1 - mu = 0); [|lra]. apply (share_is_zero s (1 - mu) (1 - u a z j) (M - m)); lra. }
          assert (Z' : sum d (fun i => 1 - u a z i) = 0) by (rewrite sum_minus, sum_const, <- Emu, Z; ring).
          intros i Hi. assert (Ui : 1 - u a z i = 0).
          { apply (sum_is_zero d (fun i => 1 - u a z i)); auto. intros k Hk. pose proof (U z Hz k Hk). lra. }
          specialize (Hz i Hi). unfold u in Ui.
          destruct (O i Hi) as [(Ea & Eb)|(Ea & Eb)]; rewrite Ea in Ui; rewrite Eb; cases; lra. }
  assert (toward : forall j, (j < d)%nat ->
    mean x < v < m + (M - m) * u a x j \/ m + (M - m) * u a x j < v < mean x -> possible_alone d (Affine d) a b m M x v).
  { intros j Hj B. set (w := m + (M - m) * u a x j) in *. set (s := (v - mean x) / (w - mean x)).
    assert (E : s * (w - mean x) = v - mean x) by (unfold s; field; lra).
    assert (Hs : 0 <= s < 1) by (split; [apply Rnot_lt_le|apply Rnot_le_lt]; intros K; destruct B; nra).
    apply (blends s j); auto. fold w. lra. }
  destruct (Rtotal_order v (mean x)) as [L|[E|L]].
  - destruct H as [(i & j & Hi & Hj & B)|All]; [apply (toward i Hi); lra|].
    exfalso. assert (sum d (fun i => m + (M - m) * u a x i) = INR d * v).
    { rewrite <- sum_const. apply sum_ext. intros i Hi. rewrite <- All; auto. }
    rewrite sum_plus, sum_const, sum_scale in H. unfold mean in L.
    assert (E : sum d (u a x) / INR d * INR d = sum d (u a x)) by (field; lra). nra.
  - apply (blends 0 0%nat); auto; lra.
  - destruct H as [(i & j & Hi & Hj & B)|All]; [apply (toward j Hj); lra|].
    exfalso. assert (sum d (fun i => m + (M - m) * u a x i) = INR d * v).
    { rewrite <- sum_const. apply sum_ext. intros i Hi. rewrite <- All; auto. }
    rewrite sum_plus, sum_const, sum_scale in H. unfold mean in L.
    assert (E : sum d (u a x) / INR d * INR d = sum d (u a x)) by (field; lra). nra.
Qed.

(** * Convex *)

Lemma convex_alone_corner d f a b m M : Convex d f -> on_cube d f -> shows_alone d f a b m M ->
  forall i, (i < d)%nat -> b i = 0 \/ b i = 1.
Proof.
  intros K E (S & U) i Hi. assert (Hb : cube d b) by apply S.
  destruct (Req_EM_T (b i) 0); auto. destruct (Req_EM_T (b i) 1); auto. exfalso.
  assert (H0 : cube d (set_at i 0 b)) by (apply set_at_in_cube; auto; lra).
  assert (F : in_face d b (set_at i 0 b)).
  { intros j _ B. unfold set_at. destruct (Nat.eq_dec j i) as [->|]; auto. destruct B; tauto. }
  assert (T : f (set_at i 0 b) = M) by (apply (convex_on_face d a b m M); auto; split; auto).
  pose proof (proj2 (U _ H0) T i Hi) as Q. unfold set_at in Q. destruct (Nat.eq_dec i i); auto.
Qed.

Lemma corner_face d b x : (forall i, (i < d)%nat -> b i = 0 \/ b i = 1) -> (in_face d b x <-> same d x b).
Proof. intros Co. split; [intros F i Hi; apply F; auto|intros S i Hi _; auto]. Qed.

(** x lies on the segment from a to b. *)
Definition on_segment (d : nat) (a b x : point) := exists s, 0 <= s <= 1 /\ same d x (mix s a b).

Lemma convex_alone_upper d f a b m M x : m < M -> Convex d f -> on_cube d f -> shows_alone d f a b m M ->
  cube d x -> ~ same d x a -> f x = m + gauge d a x * (M - m) -> on_segment d a b x.
Proof.
  intros mM K E (S & U) Hx xa T. assert (Ha : cube d a) by apply S. assert (fa : f a = m) by apply S.
  pose proof (gauge_range d a x Ha Hx) as G.
  assert (G0 : 0 < gauge d a x).
  { destruct (proj1 G) as [|Z]; auto. exfalso. apply xa, gauge_zero; auto. }
  destruct (gauge_point d a x Ha Hx G0) as (y & Hy & Sx).
  exists (gauge d a x). split; auto. eapply same_trans; [exact Sx|].
  assert (fy : f y = M).
  { destruct S as (_ & _ & _ & _ & R). specialize (R y Hy). specialize (K a y (gauge d a x) Ha Hy G).
    rewrite <- (E x (mix (gauge d a x) a y)) in K; auto using mix_in_cube. rewrite T, fa in K.
    apply Rle_antisym; [lra|]. apply Rnot_lt_le. intros L. nra. }
  pose proof (proj2 (U y Hy) fy) as Sy. intros i Hi. unfold mix. rewrite (Sy i Hi). reflexivity.
Qed.

Section Bowl.
Variables (d : nat) (a b x : point) (m M v : R).
Hypotheses (mM : m < M) (Ha : cube d a) (Hb : cube d b) (Hx : cube d x) (ab : ~ same d a b).
Hypotheses (xa : ~ same d x a) (xb : ~ same d x b) (corner : forall i, (i < d)%nat -> b i = 0 \/ b i = 1).

Lemma outside z : ~ same d z b -> ~ in_face d b z.
Proof. intros N F. apply N, corner_face; auto. Qed.

Lemma bowl_alone s k : 0 < s < 1 -> 0 < k -> 1 <= k * off_face d b a ->
  let f := blend s (convex.upper_end d a m M) (convex.lower_end d b m M k) in
  on_cube d f /\ Convex d f /\ shows_alone d f a b m M.
Proof.
  intros Hs k0 steep. apply halfway_alone; auto.
  - intros f g F G. apply convex_blend; auto. lra.
  - apply convex.upper_end_member; auto; [lra|]. apply outside, ab.
  - apply convex.lower_end_member; auto; lra.
  - intros z Hz E. unfold convex.upper_end in E. apply gauge_zero; auto.
    pose proof (gauge_range d a z Ha Hz). nra.
  - intros z Hz E. apply corner_face; auto. apply off_face_zero; auto. unfold convex.lower_end in E.
    pose proof (off_face_nonneg d b z Hz) as N. destruct (Rle_lt_or_eq_dec _ _ N) as [L|]; auto. exfalso.
    assert (0 < k * off_face d b z) by nra.
    assert (Rmax 0 (1 - k * off_face d b z) < 1) by (apply Rmax_lub_lt; lra). nra.
Qed.

Lemma gauge_x : 0 < gauge d a x.
Proof.
  destruct (proj1 (gauge_range d a x Ha Hx)) as [|Z]; auto. exfalso. apply xa, gauge_zero; auto.
Qed.

Lemma convex_alone_inside : m < v < m + gauge d a x * (M - m) -> possible_alone d (Convex d) a b m M x v.
Proof.
  intros Hv. set (top := gauge d a x * (M - m)) in *. set (s := 1 - (v - m) / top).
  assert (E : (1 - s) * top = v - m) by (unfold s; field; lra). assert (Hs : 0 < s < 1) by (split; nra).
  destruct (steep_off d b a Ha (outside a ab)) as (k & k0 & S). destruct (steep_off d b x Hx (outside x xb)) as (l & l0 & T).
  pose proof (off_face_nonneg d b a Ha). pose proof (off_face_nonneg d b x Hx).
  destruct (bowl_alone s (k + l + 1) Hs) as (P & Q & U); [lra|nra|].
  eexists. split; [exact P|]. split; [exact Q|]. split; [exact U|].
  unfold blend, convex.upper_end, convex.lower_end. fold top.
  assert (1 <= (k + l + 1) * off_face d b x) by nra.
  replace (Rmax 0 (1 - (k + l + 1) * off_face d b x)) with 0 by (cases; lra). lra.
Qed.

Lemma convex_alone_top : on_segment d a b x -> possible_alone d (Convex d) a b m M x (m + gauge d a x * (M - m)).
Proof.
  intros (s & Hs & S). destruct (steep_off d b a Ha (outside a ab)) as (_ & _ & _).
  assert (off_a : 0 < off_face d b a).
  { destruct (Rle_lt_or_eq_dec _ _ (off_face_nonneg d b a Ha)) as [|Z]; auto. exfalso.
    apply (outside a ab), off_face_zero; auto. }
  set (k := / off_face d b a). assert (k0 : 0 < k) by (apply Rinv_0_lt_compat; auto).
  assert (ka : k * off_face d b a = 1) by (unfold k; field; lra).
  destruct (bowl_alone (1 / 2) k) as (P & Q & U); [lra|auto|lra|].
  eexists. split; [exact P|]. split; [exact Q|]. split; [exact U|].
  unfold blend, convex.upper_end, convex.lower_end.
  assert (g : gauge d a x = s).
  { pose proof (gauge_convex d a a b s Ha Ha Hb Hs) as C. rewrite gauge_itself, (gauge_top d a b) in C; auto using outside.
    rewrite (gauge_same d a x (mix s a b)); auto using mix_in_cube.
    apply Rle_antisym; [lra|].
    (* the greatest convex function is above the one that is affine on the segment *)
    assert (low : member d (Convex d) a b m M (convex.lower_end d b m M k)).
    { apply convex.lower_end_member; auto; lra. }
    pose proof (convex_below d a b m M (mix s a b) _ Ha (mix_in_cube d s a b Hs Ha Hb) low) as B.
    unfold convex.lower_end in B. rewrite off_face_mix, (proj2 (off_face_zero d b b Hb)) in B by (intros i _ _; reflexivity).
    replace (1 - k * ((1 - s) * off_face d b a + s * 0)) with (1 - (1 - s) * (k * off_face d b a)) in B by ring.
    rewrite ka in B. pose proof (Rmax_r 0 (1 - (1 - s) * 1)). nra. }
  rewrite g, (off_face_same d b x (mix s a b) S), off_face_mix, (proj2 (off_face_zero d b b Hb)) by (intros i _ _; reflexivity).
  replace (1 - k * ((1 - s) * off_face d b a + s * 0)) with (1 - (1 - s) * (k * off_face d b a)) by ring.
  rewrite ka. replace (Rmax 0 (1 - (1 - s) * 1)) with s by (cases; lra). field.
Qed.
End Bowl.

(** unique-extrema, exact: Unique extrema.

    "m and M are no values at x. Lipschitz: every other value of the row is one; so for monotone Lipschitz functions,
    where a = 0 and b = 1. Monotone: a = 0, b = 1, and the set is (m, M). Affine: {a_i, b_i} = {0, 1} for every i,
    and both ends are open unless they meet. Convex: b is a corner, the lower end is open, the upper one too unless
    x lies on the segment from a to b, where it is attained." *)
Theorem unique_extrema : forall d a b m M x,
  (0 < d)%nat -> cube d a -> cube d b -> cube d x -> ~ same d a b -> ~ same d x a -> ~ same d x b -> m < M ->
  (forall C v, possible_alone d C a b m M x v -> m < v < M) /\
  (forall dist L v, distance d dist -> M - m <= L * dist a b ->
    (possible_alone d (Lipschitz d dist L) a b m M x v <->
     possible d (Lipschitz d dist L) a b m M x v /\ m < v < M)) /\
  (forall dist rise L f, norm_climb d dist rise -> Monotone d f /\ Lipschitz d dist L f ->
    shows_alone d f a b m M -> lowest d a /\ highest d b) /\
  (forall dist rise L v, norm_climb d dist rise -> 0 < L -> lowest d a -> highest d b -> M - m <= L * rise a b ->
    (possible_alone d (fun f => Monotone d f /\ Lipschitz d dist L f) a b m M x v <->
     possible d (fun f => Monotone d f /\ Lipschitz d dist L f) a b m M x v /\ m < v < M)) /\
  (forall f, Monotone d f -> shows_alone d f a b m M -> lowest d a /\ highest d b) /\
  (lowest d a -> highest d b -> forall v, possible_alone d (Monotone d) a b m M x v <-> m < v < M) /\
  (forall f, Affine d f -> shows_alone d f a b m M -> forall i, (i < d)%nat -> opposite a b i) /\
  ((forall i, (i < d)%nat -> opposite a b i) ->
    forall v, possible_alone d (Affine d) a b m M x v <-> strictly_inside d a x m M v) /\
  (forall f, Convex d f -> on_cube d f -> shows_alone d f a b m M -> forall i, (i < d)%nat -> b i = 0 \/ b i = 1) /\
  ((forall i, (i < d)%nat -> b i = 0 \/ b i = 1) ->
    forall v, possible_alone d (Convex d) a b m M x v <->
      m < v < m + gauge d a x * (M - m) \/ (v = m + gauge d a x * (M - m) /\ on_segment d a b x)).
Proof.
  intros d a b m M x d0 Ha Hb Hx ab xa xb mM.
  assert (strict : forall C v, possible_alone d C a b m M x v -> m < v < M).
  { intros C v (f & _ & _ & S & <-). apply (strictly_between d f a b m M x); auto. }
  split; [exact strict|]. split; [|split; [|split; [|split; [|split; [|split; [|split; [|split]]]]]]].
  - intros dist L v D F. split.
    + intros P. split; [apply alone_is_possible, P|apply (strict _ _ P)].
    + intros (P & Hv). pose proof (dist_positive _ _ D a b).
      assert (L0 : 0 < L) by (apply Rnot_le_lt; intros K; nra).
      apply (lipschitz d dist a b m M L x) in P; auto; try lra.
      destruct P as (P & Q). apply max_at_most in P. apply at_most_min in Q. apply lipschitz_alone; auto; lra.
  - intros dist rise L f _ (Mo & _) S. apply (monotone_corners d f a b m M); auto.
  - intros dist rise L v N L0 La Lb F. pose proof (climbs_iff d dist rise L N (Rlt_le _ _ L0)) as E.
    destruct N as (_ & C & _). split.
    + intros P. split; [apply alone_is_possible, P|apply (strict _ _ P)].
    + intros (P & Hv).
      assert (P' : possible d (Climbs d rise L) a b m M x v).
      { apply possible_in_larger with (2 := P). intros f Cf. apply E, Cf. }
      apply climbs_row in P'; auto; try lra.
      destruct P' as (P' & Q). apply max_at_most in P'. apply at_most_min in Q.
      destruct (climbs_alone d rise a b x m M L v) as (f & Ef & Cf & Sf & fx); auto; try lra.
      exists f. split; auto. split; [apply E, Cf|]. auto.
  - intros f K S. apply (monotone_corners d f a b m M); auto.
  - intros La Lb v. split; [apply strict|]. intros Hv. apply monotone_alone; auto.
  - intros f (w & c & F) S i Hi. apply (affine_alone_opposite d w c a b m M); auto.
    apply (member_of_affine d f); auto.
  - intros O v. split.
    + intros (f & _ & Af & S & <-). apply (affine_alone_inside d f a b m M x); auto.
    + apply affine_alone_attained; auto.
  - intros f K E S. apply (convex_alone_corner d f a b m M); auto.
  - intros Co v. split.
    + intros P. pose proof (strict _ _ P) as Hv. destruct P as (f & E & K & S & <-).
      assert (Mf : member d (Convex d) a b m M f) by (split; auto; split; auto; apply S).
      pose proof (convex_below d a b m M x f Ha Hx Mf) as B.
      destruct (Rle_lt_or_eq_dec _ _ B) as [L|L]; [left; lra|right; split; auto].
      apply (convex_alone_upper d f a b m M); auto.
    + intros [Hv|(-> & S)].
      * apply convex_alone_inside; auto.
      * apply convex_alone_top; auto.
Qed.

Print Assumptions unique_extrema.
