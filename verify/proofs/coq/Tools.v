(** Lemmas on sums, maxima and points: nothing here is a statement of the theory. *)

Require Import Reals Lra Lia List Psatz.
From Fvproof Require Import Definitions.
Open Scope R_scope.

(** Cases of |t|, max, min and ReLU. *)
Ltac cases :=
  unfold relu, positive_part, Rabs, Rmax, Rmin in *;
  repeat match goal with
  | |- context [Rcase_abs ?t] => destruct (Rcase_abs t)
  | H : context [Rcase_abs ?t] |- _ => destruct (Rcase_abs t)
  | |- context [Rle_dec ?s ?t] => destruct (Rle_dec s t)
  | H : context [Rle_dec ?s ?t] |- _ => destruct (Rle_dec s t)
  end.

(** * Sums *)

Lemma sum_ext n g h : (forall i, (i < n)%nat -> g i = h i) -> sum n g = sum n h.
Proof. induction n; simpl; intros E; auto. rewrite IHn, E; auto. Qed.

Lemma sum_le n g h : (forall i, (i < n)%nat -> g i <= h i) -> sum n g <= sum n h.
Proof. induction n; simpl; intros E; [lra|]. apply Rplus_le_compat; auto. Qed.

Lemma sum_zero n : sum n (fun _ => 0) = 0.
Proof. induction n; simpl; lra. Qed.

Lemma sum_const n c : sum n (fun _ => c) = INR n * c.
Proof. induction n; [simpl; lra|]. rewrite S_INR. simpl sum. rewrite IHn. lra. Qed.

Lemma sum_nonneg n g : (forall i, (i < n)%nat -> 0 <= g i) -> 0 <= sum n g.
Proof. intros H. rewrite <- (sum_zero n). apply sum_le; auto. Qed.

Lemma sum_plus n g h : sum n (fun i => g i + h i) = sum n g + sum n h.
Proof. induction n; simpl; lra. Qed.

Lemma sum_minus n g h : sum n (fun i => g i - h i) = sum n g - sum n h.
Proof. induction n; simpl; lra. Qed.

Lemma sum_scale n c g : sum n (fun i => c * g i) = c * sum n g.
Proof. induction n; simpl; [lra|]. rewrite IHn. ring. Qed.

Lemma sum_abs n g : Rabs (sum n g) <= sum n (fun i => Rabs (g i)).
Proof.
  induction n; simpl; [rewrite Rabs_R0; lra|].
  eapply Rle_trans; [apply Rabs_triang|lra].
Qed.

Lemma sum_term n g i : (forall j, (j < n)%nat -> 0 <= g j) -> (i < n)%nat -> g i <= sum n g.
Proof.
  induction n; simpl; intros H Hi; [lia|].
  assert (0 <= sum n g) by (apply sum_nonneg; auto).
  assert (0 <= g n) by auto.
  destruct (Nat.eq_dec i n) as [->|]; [lra|].
  assert (g i <= sum n g) by (apply IHn; auto; lia). lra.
Qed.

Lemma sum_is_zero n g : (forall i, (i < n)%nat -> 0 <= g i) -> sum n g = 0 -> forall i, (i < n)%nat -> g i = 0.
Proof. intros H E i Hi. pose proof (sum_term n g i H Hi). specialize (H i Hi). lra. Qed.

(** A sum of which all terms but one are 0. *)
Lemma sum_one n g i : (i < n)%nat -> (forall j, (j < n)%nat -> j <> i -> g j = 0) -> sum n g = g i.
Proof.
  induction n; simpl; intros Hi Z; [lia|].
  destruct (Nat.eq_dec i n) as [->|Hne].
  - rewrite (sum_ext n g (fun _ => 0)), sum_zero; [lra|]. intros j Hj. apply Z; lia.
  - rewrite IHn, (Z n); auto; try lia; lra.
Qed.

Lemma sum_all_zero n g : (forall j, (j < n)%nat -> g j = 0) -> sum n g = 0.
Proof. intros H. rewrite (sum_ext n g (fun _ => 0)), sum_zero; auto. Qed.

(** A sum of which at most one term is not 0. *)
Lemma sum_disjoint n g :
  (forall i j, (i < n)%nat -> (j < n)%nat -> i <> j -> g i = 0 \/ g j = 0) ->
  (forall i, (i < n)%nat -> g i = 0) \/ exists i, (i < n)%nat /\ g i <> 0 /\ sum n g = g i.
Proof.
  intros D. induction n.
  - left; lia.
  - destruct IHn as [Z|(i & Hi & Ni & S)].
    + intros i j Hi Hj. apply D; lia.
    + destruct (Req_dec (g n) 0) as [E|E].
      * left. intros i Hi. destruct (Nat.eq_dec i n) as [->|]; auto. apply Z; lia.
      * right. exists n. repeat split; auto. simpl. rewrite sum_all_zero; auto; lra.
    + right. exists i. repeat split; auto. simpl.
      destruct (D i n); try lia; lra.
Qed.

(** * Maxima *)

Lemma largest_nonneg n g : 0 <= largest n g.
Proof. induction n; simpl; [lra|]. eapply Rle_trans; [apply IHn|apply Rmax_l]. Qed.

Lemma largest_ge n g i : (i < n)%nat -> g i <= largest n g.
Proof.
  induction n; simpl; intros Hi; [lia|].
  destruct (Nat.eq_dec i n) as [->|]; [apply Rmax_r|].
  eapply Rle_trans; [apply IHn; lia|apply Rmax_l].
Qed.

Lemma largest_le n g c : 0 <= c -> (forall i, (i < n)%nat -> g i <= c) -> largest n g <= c.
Proof. induction n; simpl; intros Hc H; auto. apply Rmax_lub; auto. Qed.

Lemma largest_ext n g h : (forall i, (i < n)%nat -> g i = h i) -> largest n g = largest n h.
Proof. induction n; simpl; intros E; auto. rewrite IHn, E; auto. Qed.

Lemma largest_attained n g : largest n g = 0 \/ exists i, (i < n)%nat /\ largest n g = g i.
Proof.
  induction n; simpl; auto.
  unfold Rmax. destruct (Rle_dec (largest n g) (g n)).
  - right. exists n. auto.
  - destruct IHn as [|(i & Hi & E)]; auto. right. exists i. auto.
Qed.

(** * Points *)

Lemma same_refl d x : same d x x.
Proof. intros i _. reflexivity. Qed.

Lemma same_sym d x y : same d x y -> same d y x.
Proof. intros H i Hi. symmetry. auto. Qed.

Lemma same_trans d x y z : same d x y -> same d y z -> same d x z.
Proof. intros H K i Hi. rewrite (H i Hi). auto. Qed.

Lemma same_dec d x y : {same d x y} + {~ same d x y}.
Proof.
  induction d as [|d IH].
  - left. intros i Hi. lia.
  - destruct IH as [S|N].
    + destruct (Req_EM_T (x d) (y d)) as [E|E].
      * left. intros i Hi. destruct (Nat.eq_dec i d) as [->|]; auto. apply S. lia.
      * right. intros S'. apply E, S'. lia.
    + right. intros S'. apply N. intros i Hi. apply S'. lia.
Qed.

Lemma below_dec d x y : {below d x y} + {~ below d x y}.
Proof.
  induction d as [|d IH].
  - left. intros i Hi. lia.
  - destruct IH as [S|N].
    + destruct (Rle_dec (x d) (y d)) as [E|E].
      * left. intros i Hi. destruct (Nat.eq_dec i d) as [->|]; auto. apply S. lia.
      * right. intros S'. apply E, S'. lia.
    + right. intros S'. apply N. intros i Hi. apply S'. lia.
Qed.

Lemma differs d x y : ~ same d x y -> exists i, (i < d)%nat /\ x i <> y i.
Proof.
  induction d; intros N.
  - exfalso. apply N. intros i Hi. lia.
  - destruct (Req_EM_T (x d) (y d)) as [E|E].
    + destruct IHd as (i & Hi & Ni).
      * intros S. apply N. intros i Hi. destruct (Nat.eq_dec i d) as [->|]; auto. apply S. lia.
      * exists i. split; auto.
    + exists d. auto.
Qed.

Lemma not_below d x y : ~ below d x y -> exists i, (i < d)%nat /\ y i < x i.
Proof.
  induction d; intros N.
  - exfalso. apply N. intros i Hi. lia.
  - destruct (Rle_dec (x d) (y d)) as [E|E].
    + destruct IHd as (i & Hi & Ni).
      * intros S. apply N. intros i Hi. destruct (Nat.eq_dec i d) as [->|]; auto. apply S. lia.
      * exists i. split; auto.
    + exists d. split; auto. lra.
Qed.

Lemma below_refl d x : below d x x.
Proof. intros i _. lra. Qed.

Lemma below_trans d x y z : below d x y -> below d y z -> below d x z.
Proof. intros H K i Hi. specialize (H i Hi). specialize (K i Hi). lra. Qed.

Lemma mix_in_cube d s x y : 0 <= s <= 1 -> cube d x -> cube d y -> cube d (mix s x y).
Proof. intros Hs Hx Hy i Hi. specialize (Hx i Hi). specialize (Hy i Hi). unfold mix. nra. Qed.

Lemma inner_ext d w y z : same d y z -> inner d w y = inner d w z.
Proof. intros S. apply sum_ext. intros i Hi. rewrite (S i Hi). reflexivity. Qed.

Lemma inner_mix d w s y z : inner d w (mix s y z) = (1 - s) * inner d w y + s * inner d w z.
Proof.
  unfold inner, mix. rewrite <- !sum_scale, <- sum_plus. apply sum_ext. intros. ring.
Qed.

(** * Members and their mixtures *)

Definition blend (s : R) (f g : unit_function) : unit_function := fun z => (1 - s) * f z + s * g z.

Lemma blend_shows d s f g a b m M :
  0 <= s <= 1 -> shows d f a b m M -> shows d g a b m M -> shows d (blend s f g) a b m M.
Proof.
  intros Hs (Ha & Hb & fa & fb & F) (_ & _ & ga & gb & G).
  unfold blend. split; [|split; [|split; [|split]]]; auto.
  - rewrite fa, ga. ring.
  - rewrite fb, gb. ring.
  - intros z H. specialize (F z H). specialize (G z H). nra.
Qed.

Lemma blend_on_cube d s f g : on_cube d f -> on_cube d g -> on_cube d (blend s f g).
Proof. intros F G x y Hx Hy S. unfold blend. rewrite (F x y), (G x y); auto. Qed.

(** If a class keeps mixtures, its ambiguity sets are intervals. *)
Lemma possible_between d (C : class) a b m M x low high v :
  (forall s f g, 0 <= s <= 1 -> C f -> C g -> C (blend s f g)) ->
  possible d C a b m M x low -> possible d C a b m M x high -> low <= v <= high -> possible d C a b m M x v.
Proof.
  intros K (f & (Ef & Cf & Sf) & fx) (g & (Eg & Cg & Sg) & gx) Hv.
  destruct (Rlt_dec low high) as [L|L].
  - set (s := (v - low) / (high - low)).
    assert (E : s * (high - low) = v - low) by (unfold s; field; lra).
    assert (Hs : 0 <= s <= 1).
    { split.
      - apply Rmult_le_reg_r with (high - low); lra.
      - apply Rmult_le_reg_r with (high - low); lra. }
    exists (blend s f g). split.
    + split; [|split].
      * apply blend_on_cube; auto.
      * auto.
      * apply blend_shows; auto.
    + unfold blend. rewrite fx, gx. nra.
  - exists f. split; [split; auto|]. lra.
Qed.

Lemma possible_in_range d C a b m M x v : cube d x -> possible d C a b m M x v -> m <= v <= M.
Proof. intros Hx (f & (_ & _ & _ & _ & _ & _ & H) & <-). auto. Qed.

(** Where both m and M are possible, nothing is known. *)
Lemma both_ends_possible d C a b m M x :
  m < M -> possible d C a b m M x m -> possible d C a b m M x M -> nothing_is_known d C a b m M x.
Proof.
  intros L (f & Mf & fx) (g & Mg & gx). split.
  - intros D e G. pose proof (G f Mf) as Gf. pose proof (G g Mg) as Gg.
    rewrite fx in Gf. rewrite gx in Gg. cases; lra.
  - intros (s & S). pose proof (S f Mf) as Sf. pose proof (S g Mg) as Sg.
    rewrite fx in Sf. rewrite gx in Sg. assert (s) by (apply Sg; lra). apply Sf in H. lra.
Qed.

(** The same ambiguity set, where a class is part of another one. *)
Lemma possible_in_larger d (C C' : class) a b m M x v :
  (forall f, C f -> C' f) -> possible d C a b m M x v -> possible d C' a b m M x v.
Proof. intros K (f & (E & Cf & S) & fx). exists f. split; auto. split; auto. Qed.

Lemma Rle_div_iff u v k : 0 < k -> (u <= v / k <-> u * k <= v).
Proof.
  intros K. assert (E : v / k * k = v) by (field; lra). split; intros H.
  - rewrite <- E. apply Rmult_le_compat_r; lra.
  - apply Rmult_le_reg_r with k; lra.
Qed.

Lemma Rdiv_le_iff u v k : 0 < k -> (v / k <= u <-> v <= u * k).
Proof.
  intros K. assert (E : v / k * k = v) by (field; lra). split; intros H.
  - rewrite <- E. apply Rmult_le_compat_r; lra.
  - apply Rmult_le_reg_r with k; lra.
Qed.

(** Where m = M, a constant is a member. *)
Lemma constant_possible d (C : class) a b m M x v :
  C (fun _ => m) -> cube d a -> cube d b -> m = M -> m <= v <= M -> possible d C a b m M x v.
Proof.
  intros K Ha Hb E Hv. exists (fun _ => m). split; [|lra].
  split; [intros y z _ _ _; reflexivity|]. split; auto.
  split; auto. split; auto. split; [reflexivity|]. split; auto. intros z _. lra.
Qed.

Lemma same_left d y z c : same d y z -> (same d y c <-> same d z c).
Proof. intros S. split; intros T; eapply same_trans; eauto. apply same_sym, S. Qed.

Lemma below_left d y z c : same d y z -> (below d y c <-> below d z c).
Proof. intros S. split; intros T i Hi; specialize (T i Hi); specialize (S i Hi); lra. Qed.

Lemma below_right d y z c : same d y z -> (below d c y <-> below d c z).
Proof. intros S. split; intros T i Hi; specialize (T i Hi); specialize (S i Hi); lra. Qed.

(** All cases of equal points; those that contradict a hypothesis go. *)
Ltac point_cases :=
  repeat match goal with |- context [same_dec ?d ?y ?z] => destruct (same_dec d y z) end;
  try solve [exfalso; eauto using same_refl, same_sym, same_trans].

(** * The inequalities of Cauchy and Minkowski *)

Lemma square_nonneg t : 0 <= t * t.
Proof. apply Rle_0_sqr. Qed.

Lemma cauchy n g h :
  sum n (fun i => g i * h i) * sum n (fun i => g i * h i) <=
  sum n (fun i => g i * g i) * sum n (fun i => h i * h i).
Proof.
  set (P := sum n (fun i => g i * h i)). set (S := sum n (fun i => g i * g i)). set (T := sum n (fun i => h i * h i)).
  assert (T0 : 0 <= T) by (apply sum_nonneg; intros; apply square_nonneg).
  assert (K : 0 <= T * (T * S - P * P)).
  { replace (T * (T * S - P * P)) with (sum n (fun i => (T * g i - P * h i) * (T * g i - P * h i))).
    - apply sum_nonneg. intros. apply square_nonneg.
    - rewrite (sum_ext n _ (fun i => (T * T) * (g i * g i) + ((- (2 * T * P)) * (g i * h i) + (P * P) * (h i * h i)))).
      + rewrite !sum_plus, !sum_scale. fold P S T. ring.
      + intros. ring. }
  destruct (Req_dec T 0) as [E|E]; [|nra].
  assert (P = 0).
  { apply sum_all_zero. intros j Hj.
    assert (h j * h j = 0).
    { apply (sum_is_zero n (fun i => h i * h i)); auto. intros. apply square_nonneg. }
    nra. }
  rewrite H, E. lra.
Qed.

Definition norm2 (n : nat) (g : nat -> R) : R := sqrt (sum n (fun i => g i * g i)).

Lemma squares_nonneg n g : 0 <= sum n (fun i => g i * g i).
Proof. apply sum_nonneg. intros. apply square_nonneg. Qed.

Lemma norm2_nonneg n g : 0 <= norm2 n g.
Proof. apply sqrt_pos. Qed.

Lemma norm2_square n g : norm2 n g * norm2 n g = sum n (fun i => g i * g i).
Proof. apply sqrt_sqrt, squares_nonneg. Qed.

Lemma below_of_squares s t : 0 <= t -> s * s <= t * t -> s <= t.
Proof. intros. apply Rnot_lt_le. intros K. nra. Qed.

Lemma cauchy_norms n g h : sum n (fun i => g i * h i) <= norm2 n g * norm2 n h.
Proof.
  pose proof (norm2_nonneg n g). pose proof (norm2_nonneg n h).
  apply below_of_squares; [nra|].
  replace (norm2 n g * norm2 n h * (norm2 n g * norm2 n h)) with ((norm2 n g * norm2 n g) * (norm2 n h * norm2 n h))
    by ring.
  rewrite !norm2_square. apply cauchy.
Qed.

Lemma minkowski n g h : norm2 n (fun i => g i + h i) <= norm2 n g + norm2 n h.
Proof.
  pose proof (norm2_nonneg n g). pose proof (norm2_nonneg n h).
  apply below_of_squares; [lra|]. rewrite norm2_square.
  rewrite (sum_ext n _ (fun i => g i * g i + (2 * (g i * h i) + h i * h i))) by (intros; ring).
  rewrite !sum_plus, sum_scale, <- !norm2_square. pose proof (cauchy_norms n g h). nra.
Qed.

Lemma norm2_le n g h : (forall i, (i < n)%nat -> 0 <= g i <= h i) -> norm2 n g <= norm2 n h.
Proof. intros H. apply sqrt_le_1; try apply squares_nonneg. apply sum_le. intros i Hi. specialize (H i Hi). nra. Qed.

Lemma norm2_ext n g h : (forall i, (i < n)%nat -> g i * g i = h i * h i) -> norm2 n g = norm2 n h.
Proof. intros H. unfold norm2. f_equal. apply sum_ext, H. Qed.

Lemma norm2_zero n g : norm2 n g = 0 <-> forall i, (i < n)%nat -> g i = 0.
Proof.
  split.
  - intros E i Hi.
    assert (sum n (fun i => g i * g i) = 0) by (rewrite <- norm2_square, E; ring).
    assert (g i * g i = 0) by (apply (sum_is_zero n (fun i => g i * g i)); auto; intros; apply square_nonneg). nra.
  - intros Z. unfold norm2. rewrite sum_all_zero; [apply sqrt_0|]. intros j Hj. rewrite Z; auto. ring.
Qed.

(** * Distances *)

Lemma distance_same d dist y z c : distance d dist -> same d y z -> dist y c = dist z c.
Proof.
  intros D S. pose proof (proj2 (dist_zero _ _ D y z) S). pose proof (dist_symmetric _ _ D y z).
  pose proof (dist_triangle _ _ D y z c). pose proof (dist_triangle _ _ D z y c). lra.
Qed.

Lemma distance_differs d dist y z : distance d dist -> ~ same d y z -> 0 < dist y z.
Proof.
  intros D N. pose proof (dist_positive _ _ D y z).
  destruct (Req_dec (dist y z) 0) as [E|E]; [|lra]. exfalso. apply N, (dist_zero _ _ D), E.
Qed.

Lemma distance_itself d dist y : distance d dist -> dist y y = 0.
Proof. intros D. apply (dist_zero _ _ D), same_refl. Qed.

Lemma climb_itself d rise y : climb d rise -> rise y y = 0.
Proof. intros D. apply (climb_zero _ _ D), below_refl. Qed.

Lemma climb_same d rise y z y' z' : climb d rise -> same d y y' -> same d z z' -> rise y z = rise y' z'.
Proof.
  intros C S T.
  assert (K : forall p q, same d p q -> rise p q = 0).
  { intros p q E. apply (climb_zero _ _ C). intros i Hi. rewrite (E i Hi). lra. }
  pose proof (K y y' S). pose proof (K y' y (same_sym _ _ _ S)).
  pose proof (K z z' T). pose proof (K z' z (same_sym _ _ _ T)).
  pose proof (climb_triangle _ _ C y y' z). pose proof (climb_triangle _ _ C y' z' z).
  pose proof (climb_triangle _ _ C y' y z'). pose proof (climb_triangle _ _ C y z z').
  lra.
Qed.

Lemma l1_distance d : distance d (l1 d).
Proof.
  constructor.
  - intros. apply sum_nonneg. intros. apply Rabs_pos.
  - intros x y. split.
    + intros E i Hi. assert (Rabs (y i - x i) = 0).
      { apply (sum_is_zero d (fun i => Rabs (y i - x i))); auto. intros. apply Rabs_pos. }
      cases; lra.
    + intros S. apply sum_all_zero. intros j Hj. rewrite (S j Hj). cases; lra.
  - intros. apply sum_ext. intros. cases; lra.
  - intros. unfold l1. rewrite <- sum_plus. apply sum_le. intros. cases; lra.
Qed.

Lemma l2_norm d x y : l2 d x y = norm2 d (fun i => y i - x i).
Proof. reflexivity. Qed.

Lemma l2_distance d : distance d (l2 d).
Proof.
  constructor.
  - intros. apply norm2_nonneg.
  - intros x y. rewrite l2_norm, norm2_zero. split; intros H i Hi; specialize (H i Hi); lra.
  - intros. apply norm2_ext. intros. ring.
  - intros x y z. rewrite !l2_norm.
    rewrite (norm2_ext d _ (fun i => (y i - x i) + (z i - y i))) by (intros; ring). apply minkowski.
Qed.

Lemma linf_distance d : distance d (linf d).
Proof.
  constructor.
  - intros. apply largest_nonneg.
  - intros x y. split.
    + intros E i Hi. pose proof (largest_ge d (fun i => Rabs (y i - x i)) i Hi). unfold linf in E. cbv beta in *.
      rewrite E in H. pose proof (Rabs_pos (y i - x i)). cases; lra.
    + intros S. apply Rle_antisym; [|apply largest_nonneg]. apply largest_le; [lra|].
      intros i Hi. rewrite (S i Hi). cases; lra.
  - intros. apply largest_ext. intros. cases; lra.
  - intros x y z. apply largest_le.
    + pose proof (largest_nonneg d (fun i => Rabs (y i - x i))).
      pose proof (largest_nonneg d (fun i => Rabs (z i - y i))). unfold linf. lra.
    + intros i Hi. pose proof (largest_ge d (fun i => Rabs (y i - x i)) i Hi).
      pose proof (largest_ge d (fun i => Rabs (z i - y i)) i Hi). unfold linf. cbv beta in *.
      pose proof (Rabs_triang (y i - x i) (z i - y i)).
      replace (y i - x i + (z i - y i)) with (z i - x i) in H1 by ring. lra.
Qed.

Lemma l1_climb_is d : climb d (l1_climb d).
Proof.
  constructor.
  - intros. apply sum_nonneg. intros. cases; lra.
  - intros x y. split.
    + intros E i Hi. assert (positive_part (y i - x i) = 0).
      { apply (sum_is_zero d (fun i => positive_part (y i - x i))); auto. intros. cases; lra. }
      cases; lra.
    + intros S. apply sum_all_zero. intros j Hj. specialize (S j Hj). cases; lra.
  - intros. unfold l1_climb. rewrite <- sum_plus. apply sum_le. intros. cases; lra.
Qed.

Lemma l2_climb_norm d x y : l2_climb d x y = norm2 d (fun i => positive_part (y i - x i)).
Proof. reflexivity. Qed.

Lemma l2_climb_is d : climb d (l2_climb d).
Proof.
  constructor.
  - intros. apply norm2_nonneg.
  - intros x y. rewrite l2_climb_norm, norm2_zero.
    split; intros H i Hi; specialize (H i Hi); cases; lra.
  - intros x y z. rewrite !l2_climb_norm. eapply Rle_trans; [|apply minkowski].
    apply norm2_le. intros i Hi. cases; lra.
Qed.

Lemma linf_climb_is d : climb d (linf_climb d).
Proof.
  constructor.
  - intros. apply largest_nonneg.
  - intros x y. split.
    + intros E i Hi. pose proof (largest_ge d (fun i => positive_part (y i - x i)) i Hi).
      unfold linf_climb in E. cbv beta in *. rewrite E in H. cases; lra.
    + intros S. apply Rle_antisym; [|apply largest_nonneg]. apply largest_le; [lra|].
      intros i Hi. specialize (S i Hi). cases; lra.
  - intros x y z. apply largest_le.
    + pose proof (largest_nonneg d (fun i => positive_part (y i - x i))).
      pose proof (largest_nonneg d (fun i => positive_part (z i - y i))). unfold linf_climb. lra.
    + intros i Hi. pose proof (largest_ge d (fun i => positive_part (y i - x i)) i Hi).
      pose proof (largest_ge d (fun i => positive_part (z i - y i)) i Hi). unfold linf_climb. cbv beta in *.
      assert (positive_part (z i - x i) <= positive_part (y i - x i) + positive_part (z i - y i)) by (cases; lra). lra.
Qed.

(** * Maxima of two numbers *)

Lemma max_at_most p q s : Rmax p q <= s <-> p <= s /\ q <= s.
Proof. split; [intros; split; cases; lra|intros []; cases; lra]. Qed.

Lemma at_most_min p q s : s <= Rmin p q <-> s <= p /\ s <= q.
Proof. split; [intros; split; cases; lra|intros []; cases; lra]. Qed.

Lemma max_close p q p' q' K : p - p' <= K -> q - q' <= K -> Rmax p q - Rmax p' q' <= K.
Proof. intros. cases; lra. Qed.

Lemma max_is p q s : p <= s -> q <= s -> p = s \/ q = s -> Rmax p q = s.
Proof. intros. cases; lra. Qed.

Lemma abs_at_most t K : Rabs t <= K <-> t <= K /\ - t <= K.
Proof. split; [intros; split; cases; lra|intros []; cases; lra]. Qed.
