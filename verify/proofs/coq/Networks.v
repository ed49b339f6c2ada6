(** Spikes, and the networks that memorise: lemmas for the statements about networks. *)

Require Import Reals Lra Lia List Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

Definition spike_function (dist : point -> point -> R) (k : R) (c z : point) : R := relu (1 - k * dist z c).

(** f(z) = β + Σ_j (v_j − β) s_j(z). *)
Definition memory (dist : point -> point -> R) (k : R) (N : nat) (c : nat -> point) (v : nat -> R) (beta : R)
  : unit_function :=
  fun z => beta + sum N (fun j => (v j - beta) * spike_function dist k (c j) z).

(** The spikes at these points do not meet. *)
Definition apart (dist : point -> point -> R) (k : R) (N : nat) (c : nat -> point) :=
  forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> 2 <= k * dist (c i) (c j).

(** * Spikes *)

Section Spike.
Variables (d : nat) (dist : point -> point -> R) (k : R).
Hypotheses (D : distance d dist) (K : 0 < k).

Lemma scaled_triangle x y z : k * dist x z <= k * dist x y + k * dist y z.
Proof. pose proof (dist_triangle _ _ D x y z). nra. Qed.

Lemma scaled_positive x y : 0 <= k * dist x y.
Proof. pose proof (dist_positive _ _ D x y). nra. Qed.

Lemma spike_range c z : 0 <= spike_function dist k c z <= 1.
Proof. unfold spike_function. pose proof (scaled_positive z c). cases; lra. Qed.

Lemma spike_same c z : same d z c -> spike_function dist k c z = 1.
Proof. intros S. apply (dist_zero _ _ D) in S. unfold spike_function. rewrite S. cases; lra. Qed.

Lemma spike_top c z : spike_function dist k c z = 1 -> same d z c.
Proof.
  intros E. apply (dist_zero _ _ D). pose proof (dist_positive _ _ D z c). unfold spike_function in E.
  cases; nra.
Qed.

Lemma spike_away c z : 1 <= k * dist z c -> spike_function dist k c z = 0.
Proof. unfold spike_function. intros. cases; lra. Qed.

Lemma spike_lipschitz c y z : Rabs (spike_function dist k c y - spike_function dist k c z) <= k * dist y z.
Proof.
  pose proof (scaled_triangle y z c). pose proof (scaled_triangle z y c).
  rewrite (dist_symmetric _ _ D z y) in *. pose proof (scaled_positive y z).
  unfold spike_function. cases; lra.
Qed.

Lemma spike_disjoint c c' z :
  2 <= k * dist c c' -> spike_function dist k c z = 0 \/ spike_function dist k c' z = 0.
Proof.
  intros H. pose proof (scaled_triangle c z c'). rewrite (dist_symmetric _ _ D c z) in *.
  unfold spike_function. cases; lra.
Qed.

(** * What a memorising function does *)

Variables (N : nat) (c : nat -> point) (v : nat -> R) (beta : R).
Hypothesis A : apart dist k N c.
Let f := memory dist k N c v beta.

(** At every z it is β, or between β and one v_j, and v_j at c_j only. *)
Lemma memory_cases z :
  f z = beta \/
  exists j s, (j < N)%nat /\ 0 < s <= 1 /\ f z = beta + s * (v j - beta) /\ (s = 1 -> same d z (c j)).
Proof.
  destruct (sum_disjoint N (fun j => (v j - beta) * spike_function dist k (c j) z)) as [Z|(j & Hj & Nj & S)].
  - intros i j Hi Hj Nij. destruct (spike_disjoint (c i) (c j) z (A i j Hi Hj Nij)) as [E|E]; rewrite E; lra.
  - left. unfold f, memory. rewrite sum_all_zero; auto. lra.
  - right. exists j, (spike_function dist k (c j) z). pose proof (spike_range (c j) z).
    repeat split; auto; try lra.
    + destruct H as [[H|H] _]; auto. rewrite <- H in Nj. lra.
    + unfold f, memory. rewrite S. ring.
    + apply spike_top.
Qed.

Lemma memory_at j : (j < N)%nat -> f (c j) = v j.
Proof.
  intros Hj. unfold f, memory. rewrite (sum_one N _ j Hj).
  - rewrite spike_same by apply same_refl. ring.
  - intros i Hi Nij. rewrite spike_away; [ring|]. pose proof (A j i Hj Hi (not_eq_sym Nij)). lra.
Qed.

Lemma memory_same y z : same d y z -> f y = f z.
Proof.
  intros S. unfold f, memory. f_equal. apply sum_ext. intros i _. unfold spike_function.
  rewrite (distance_same _ _ _ _ (c i) D S). reflexivity.
Qed.

Lemma memory_range low high z :
  low <= beta <= high -> (forall j, (j < N)%nat -> low <= v j <= high) -> low <= f z <= high.
Proof.
  intros B V. destruct (memory_cases z) as [->|(j & s & Hj & Hs & -> & _)]; auto.
  specialize (V j Hj). split; nra.
Qed.

Lemma memory_top high z :
  beta < high -> (forall j, (j < N)%nat -> v j <= high) -> f z = high ->
  exists j, (j < N)%nat /\ same d z (c j) /\ v j = high.
Proof.
  intros B V E. destruct (memory_cases z) as [F|(j & s & Hj & Hs & F & S)]; [lra|].
  exists j. specialize (V j Hj). assert (s = 1) by nra. subst s.
  repeat split; auto. lra.
Qed.

Lemma memory_bottom low z :
  low < beta -> (forall j, (j < N)%nat -> low <= v j) -> f z = low ->
  exists j, (j < N)%nat /\ same d z (c j) /\ v j = low.
Proof.
  intros B V E. destruct (memory_cases z) as [F|(j & s & Hj & Hs & F & S)]; [lra|].
  exists j. specialize (V j Hj). assert (s = 1) by nra. subst s.
  repeat split; auto. lra.
Qed.

Lemma memory_lipschitz y z : Rabs (f y - f z) <= k * sum N (fun j => Rabs (v j - beta)) * dist y z.
Proof.
  unfold f, memory.
  replace (beta + sum N (fun j => (v j - beta) * spike_function dist k (c j) y) -
    (beta + sum N (fun j => (v j - beta) * spike_function dist k (c j) z))) with
    (sum N (fun j => (v j - beta) * (spike_function dist k (c j) y - spike_function dist k (c j) z))).
  - eapply Rle_trans; [apply sum_abs|].
    replace (k * sum N (fun j => Rabs (v j - beta)) * dist y z) with
      (sum N (fun j => (k * dist y z) * Rabs (v j - beta))) by (rewrite sum_scale; ring).
    apply sum_le. intros i _. rewrite Rabs_mult. pose proof (spike_lipschitz (c i) y z).
    pose proof (Rabs_pos (v i - beta)). nra.
  - rewrite (sum_ext N _ (fun j => (v j - beta) * spike_function dist k (c j) y -
      (v j - beta) * spike_function dist k (c j) z)) by (intros; ring).
    rewrite sum_minus. ring.
Qed.
End Spike.

(** * Steep enough spikes at distinct points *)

Lemma steepness d dist N (c : nat -> point) :
  distance d dist -> (forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> ~ same d (c i) (c j)) ->
  exists k, 0 < k /\ apart dist k N c.
Proof.
  intros D S.
  set (need := fun i j : nat => if same_dec d (c i) (c j) then 0 else 2 / dist (c i) (c j)).
  assert (P : forall i j, 0 <= need i j).
  { intros i j. unfold need. destruct same_dec; [lra|]. pose proof (distance_differs _ _ _ _ D n).
    apply Rlt_le, Rdiv_lt_0_compat; lra. }
  assert (Q : forall i, 0 <= sum N (need i)) by (intros; apply sum_nonneg; auto).
  exists (1 + sum N (fun i => sum N (need i))). split.
  - assert (0 <= sum N (fun i => sum N (need i))) by (apply sum_nonneg; auto). lra.
  - intros i j Hi Hj Nij. pose proof (S i j Hi Hj Nij) as Ns. pose proof (distance_differs _ _ _ _ D Ns) as Pos.
    assert (need i j <= sum N (need i)) by (apply sum_term; auto).
    assert (sum N (need i) <= sum N (fun i => sum N (need i))) by (apply (sum_term N (fun i => sum N (need i))); auto).
    assert (E : need i j * dist (c i) (c j) = 2).
    { unfold need. destruct same_dec; [tauto|]. field. lra. }
    nra.
Qed.

(** * As networks *)

Lemma sum_split n p g : sum (n + p) g = sum n g + sum p (fun i => g (n + i)%nat).
Proof.
  induction p; simpl.
  - rewrite Nat.add_0_r. lra.
  - rewrite Nat.add_succ_r. simpl. rewrite IHp. lra.
Qed.

Lemma inner_one d i t z : (i < d)%nat -> inner d (fun j => if Nat.eq_dec j i then t else 0) z = t * z i.
Proof.
  intros Hi. unfold inner. rewrite (sum_one d _ i Hi).
  - destruct (Nat.eq_dec i i); [reflexivity|tauto].
  - intros j _ N. destruct (Nat.eq_dec j i); [tauto|ring].
Qed.

Lemma count_units N u : (N + fold_right (fun _ s => u + s) 0 (seq 0 N) = N * S u)%nat.
Proof.
  assert (E : forall s n, fold_right (fun _ s => u + s)%nat 0%nat (seq s n) = (n * u)%nat).
  { intros s n. revert s. induction n; simpl; intros; auto. }
  rewrite E. nia.
Qed.

Lemma network_ext d n u f g : network d n u f -> (forall z, f z = g z) -> network d n u g.
Proof.
  intros H E. destruct H as [w c f F|n N w bias h units total f H T F].
  - apply output with (w := w) (c := c). intros z. rewrite <- E. auto.
  - apply layer with (N := N) (w := w) (bias := bias) (g := h) (units := units); auto.
    intros z. rewrite <- E. auto.
Qed.

(** 2d hidden units compute a multiple of the distance: |t| = ReLU(t) + ReLU(−t). *)
Lemma l1_network d c s t : network d 1 (2 * d) (fun z => s + t * l1 d z c).
Proof.
  set (sign := fun i => if lt_dec i d then 1 else -1).
  set (place := fun i => if lt_dec i d then i else (i - d)%nat).
  apply layer with (n := 0%nat) (N := (2 * d)%nat) (w := fun _ => t) (bias := s) (units := fun _ => 0%nat)
    (g := fun i =>
      affine_function d (fun j => if Nat.eq_dec j (place i) then sign i else 0) (- (sign i * c (place i)))).
  - intros i _. apply output with (w := fun j => if Nat.eq_dec j (place i) then sign i else 0)
      (c := - (sign i * c (place i))). reflexivity.
  - rewrite count_units. lia.
  - intros z. f_equal. rewrite sum_scale. f_equal. unfold l1.
    replace (2 * d)%nat with (d + d)%nat by lia. rewrite sum_split, <- sum_plus.
    apply sum_ext. intros i Hi. unfold affine_function.
    assert (sign i = 1) by (unfold sign; destruct lt_dec; lia || reflexivity).
    assert (place i = i) by (unfold place; destruct lt_dec; lia).
    assert (sign (d + i)%nat = -1) by (unfold sign; destruct lt_dec; lia || reflexivity).
    assert (place (d + i)%nat = i) by (unfold place; destruct lt_dec; lia).
    rewrite H, H0, H1, H2, !inner_one by auto. cases; lra.
Qed.

(** Two hidden layers, with 2d + 1 hidden units for each point. *)
Lemma memory_network d k N c v beta : network d 2 (N * (2 * d + 1)) (memory (l1 d) k N c v beta).
Proof.
  apply layer with (n := 1%nat) (N := N) (w := fun j => v j - beta) (bias := beta) (units := fun _ => (2 * d)%nat)
    (g := fun j z => 1 + (- k) * l1 d z (c j)).
  - intros j _. apply l1_network.
  - rewrite count_units. f_equal. lia.
  - intros z. unfold memory, spike_function. f_equal. apply sum_ext. intros. f_equal. f_equal. ring.
Qed.

(** * Networks are Lipschitz and piecewise affine *)

Lemma affine_lipschitz d w c y z :
  Rabs (affine_function d w c y - affine_function d w c z) <= largest d (fun i => Rabs (w i)) * l1 d y z.
Proof.
  unfold affine_function, inner, l1.
  replace (c + sum d (fun i => w i * y i) - (c + sum d (fun i => w i * z i))) with (sum d (fun i => w i * (y i - z i))).
  - eapply Rle_trans; [apply sum_abs|]. rewrite <- sum_scale. apply sum_le. intros i Hi.
    rewrite Rabs_mult, (Rabs_minus_sym (y i) (z i)).
    apply Rmult_le_compat_r; [apply Rabs_pos|]. apply (largest_ge d (fun i => Rabs (w i)) i Hi).
  - rewrite (sum_ext d _ (fun i => w i * y i - w i * z i)) by (intros; ring). rewrite sum_minus. ring.
Qed.

Lemma common_bound (P : nat -> R -> Prop) N :
  (forall j s t, P j s -> s <= t -> P j t) -> (forall j, (j < N)%nat -> exists s, P j s) ->
  exists s, 0 <= s /\ forall j, (j < N)%nat -> P j s.
Proof.
  intros Up. induction N; intros H.
  - exists 0. split; [lra|]. intros; lia.
  - destruct IHN as (s & s0 & Hs); auto. destruct (H N) as (t & Ht); auto.
    exists (Rmax s t). split; [eapply Rle_trans; [apply s0|apply Rmax_l]|].
    intros j Hj. destruct (Nat.eq_dec j N) as [->|].
    + eapply Up; [apply Ht|apply Rmax_r].
    + eapply Up; [apply Hs; lia|apply Rmax_l].
Qed.

Lemma network_lipschitz d n u f : network d n u f -> exists K, 0 <= K /\ forall y z, Rabs (f y - f z) <= K * l1 d y z.
Proof.
  intros H. induction H as [w c f E|n N w bias g units total f _ IH _ E].
  - exists (largest d (fun i => Rabs (w i))). split; [apply largest_nonneg|].
    intros y z. rewrite !E. apply affine_lipschitz.
  - destruct (common_bound (fun j K => forall y z, Rabs (g j y - g j z) <= K * l1 d y z) N) as (K & K0 & HK).
    + intros j s t Hs st y z. specialize (Hs y z). pose proof (dist_positive _ _ (l1_distance d) y z). nra.
    + intros j Hj. destruct (IH j Hj) as (K & _ & HK). exists K. auto.
    + exists (K * sum N (fun j => Rabs (w j))). split.
      * apply Rmult_le_pos; auto. apply sum_nonneg. intros. apply Rabs_pos.
      * intros y z. rewrite !E.
        replace (bias + sum N (fun j => w j * relu (g j y)) - (bias + sum N (fun j => w j * relu (g j z)))) with
          (sum N (fun j => w j * (relu (g j y) - relu (g j z)))).
        -- eapply Rle_trans; [apply sum_abs|].
           replace (K * sum N (fun j => Rabs (w j)) * l1 d y z) with
             (sum N (fun j => (K * l1 d y z) * Rabs (w j))) by (rewrite sum_scale; ring).
           apply sum_le. intros j Hj. rewrite Rabs_mult. specialize (HK j Hj y z).
           pose proof (Rabs_pos (w j)).
           assert (Rabs (relu (g j y) - relu (g j z)) <= K * l1 d y z) by (cases; lra). nra.
        -- rewrite (sum_ext N _ (fun j => w j * relu (g j y) - w j * relu (g j z))) by (intros; ring).
           rewrite sum_minus. ring.
Qed.

Lemma network_same d n u f y z : network d n u f -> same d y z -> f y = f z.
Proof.
  intros H S. destruct (network_lipschitz _ _ _ _ H) as (K & _ & HK). specialize (HK y z).
  rewrite (proj2 (dist_zero _ _ (l1_distance d) y z) S) in HK. cases; lra.
Qed.

Lemma lipschitz_continuous d K f : (forall y z, Rabs (f y - f z) <= K * l1 d y z) -> 0 <= K -> Continuous d f.
Proof.
  intros H K0 p _ e He. exists (e / (K + 1)). split; [apply Rdiv_lt_0_compat; lra|].
  intros q _ Hq. specialize (H q p). rewrite (dist_symmetric _ _ (l1_distance d) q p) in H.
  pose proof (dist_positive _ _ (l1_distance d) p q).
  assert (E : e / (K + 1) * (K + 1) = e) by (field; lra). nra.
Qed.

(** ℓ1 is at most a multiple of ℓ∞ and of ℓ2. *)
Lemma l1_linf d y z : l1 d y z <= INR d * linf d y z.
Proof.
  unfold l1, linf. rewrite <- sum_const. apply sum_le. intros i Hi.
  apply (largest_ge d (fun i => Rabs (z i - y i)) i Hi).
Qed.

Lemma linf_l2 d y z : linf d y z <= l2 d y z.
Proof.
  unfold linf. apply largest_le; [apply norm2_nonneg|]. intros i Hi. rewrite l2_norm.
  apply below_of_squares; [apply norm2_nonneg|]. rewrite norm2_square.
  eapply Rle_trans; [|apply (sum_term d (fun i => (z i - y i) * (z i - y i)) i); auto using square_nonneg].
  cases; nra.
Qed.
