Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Networks Corners.
Open Scope R_scope.

(** * A direction that keeps points apart *)

Lemma inner_sum d e w u y : inner d (fun i => w i + e * u i) y = inner d w y + e * inner d u y.
Proof.
  unfold inner. rewrite <- sum_scale, <- sum_plus. apply sum_ext. intros; ring.
Qed.

(** No difference is orthogonal to a generic direction: each new one rules out one step for each difference at most. *)
Lemma generic_direction d K (u : nat -> point) :
  (forall k, (k < K)%nat -> ~ same d (u k) (fun _ => 0)) -> exists w, forall k, (k < K)%nat -> inner d w (u k) <> 0.
Proof.
  induction K; intros N.
  - exists (fun _ => 0). intros; lia.
  - destruct IHK as (w & W); [intros; apply N; lia|].
    set (bad := fun k => Rabs (inner d w (u k) / inner d (u K) (u k))).
    assert (B : forall k, 0 <= bad k) by (intros; apply Rabs_pos).
    set (e := 1 + sum (S K) bad).
    exists (fun i => w i + e * u K i). intros k Hk. rewrite inner_sum. intros Z.
    assert (Be : bad k < e) by (unfold e; pose proof (sum_term (S K) bad k (fun j _ => B j) Hk); lra).
    destruct (Req_dec (inner d (u K) (u k)) 0) as [O|O].
    + rewrite O in Z. destruct (Nat.eq_dec k K) as [->|].
      * apply (N K Hk). intros i Hi.
        assert (u K i * u K i = 0).
        { apply (sum_is_zero d (fun i => u K i * u K i)); auto. intros. apply square_nonneg. } nra.
      * apply (W k); [lia|lra].
    + assert (E : inner d w (u k) / inner d (u K) (u k) = - e) by (apply Rmult_eq_reg_r with (inner d (u K) (u k)); auto;
        unfold Rdiv; rewrite Rmult_assoc, Rinv_l by auto; lra).
      unfold bad in Be. rewrite E in Be. cases; lra.
Qed.

Lemma apart_along d N (c : nat -> point) :
  (forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> ~ same d (c i) (c j)) ->
  exists w, forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> inner d w (c i) <> inner d w (c j).
Proof.
  intros D.
  set (u := fun k i => if Nat.eq_dec (k / N) (k mod N) then 1 else c (k / N)%nat i - c (k mod N)%nat i).
  destruct (Nat.eq_dec d 0) as [->|d0].
  { exists (fun _ => 0). intros i j Hi Hj Ne. exfalso. apply (D i j Hi Hj Ne). intros l Hl. lia. }
  destruct (generic_direction d (N * N) u) as (w & W).
  - intros k Hk S. assert (N <> 0)%nat by (intros ->; lia).
    unfold u in S. destruct (Nat.eq_dec (k / N) (k mod N)) as [E|E].
    + specialize (S 0%nat ltac:(lia)). lra.
    + apply (D (k / N)%nat (k mod N)%nat); auto.
      * apply Nat.div_lt_upper_bound; lia.
      * apply Nat.mod_upper_bound; lia.
      * intros i Hi. specialize (S i Hi). simpl in S. lra.
  - exists w. intros i j Hi Hj Ne E.
    assert (K : (i * N + j < N * N)%nat) by nia. specialize (W _ K). apply W. unfold u, inner.
    assert (Q : ((i * N + j) / N = i)%nat) by (rewrite Nat.div_add_l by lia; rewrite Nat.div_small by lia; lia).
    assert (P : ((i * N + j) mod N = j)%nat).
    { rewrite Nat.add_comm, Nat.mod_add by lia. apply Nat.mod_small, Hj. }
    rewrite Q, P. destruct (Nat.eq_dec i j); [tauto|].
    rewrite (sum_ext d _ (fun l => w l * c i l - w l * c j l)) by (intros; ring). rewrite sum_minus.
    unfold inner in E. lra.
Qed.

(** * Piecewise linear functions through n values *)

Definition bent (n : nat) (base : R) (c k : nat -> R) (s : R) : R := base + sum n (fun j => c j * relu (s - k j)).

Lemma bent_through n : forall t v : nat -> R,
  (forall i j, (i < S n)%nat -> (j < S n)%nat -> i <> j -> t i <> t j) ->
  exists base c k u, (exists j, (j < S n)%nat /\ t j = k n /\ v j = u) /\
    (forall j, (j < S n)%nat -> t j <= k n) /\
    (forall j, (j < S n)%nat -> bent (S n) base c k (t j) = v j) /\
    (forall s, k n <= s -> bent (S n) base c k s = u) /\
    (forall low high s, (forall j, (j < S n)%nat -> low <= v j <= high) -> low <= bent (S n) base c k s <= high).
Proof.
  induction n; intros t v D.
  - exists (v 0%nat), (fun _ => 0), (fun _ => t 0%nat), (v 0%nat).
    assert (E : forall s, bent 1 (v 0%nat) (fun _ => 0) (fun _ => t 0%nat) s = v 0%nat) by (intros; unfold bent; simpl; ring).
    split; [exists 0%nat; auto|]. split; [intros j Hj; replace j with 0%nat by lia; lra|].
    split; [intros j Hj; rewrite E; f_equal; lia|]. split; [auto|]. intros low high s H. rewrite E. apply H. lia.
  - destruct (greatest (S (S n)) (fun _ => True) (fun _ => left I) t) as (p & Hp & _ & G); [exists 0%nat; split; [lia|auto]|].
    (* the last point takes the place of the one that lies farthest *)
    set (t' := fun j => if Nat.eq_dec j p then t (S n) else t j).
    set (v' := fun j => if Nat.eq_dec j p then v (S n) else v j).
    assert (back : forall j, (j < S n)%nat -> exists l, (l < S (S n))%nat /\ l <> p /\ t' j = t l /\ v' j = v l).
    { intros j Hj. unfold t', v'. destruct (Nat.eq_dec j p) as [->|].
      - exists (S n). repeat split; auto; lia.
      - exists j. repeat split; auto; lia. }
    assert (forth : forall l, (l < S (S n))%nat -> l <> p -> exists j, (j < S n)%nat /\ t' j = t l /\ v' j = v l).
    { intros l Hl Ne. destruct (Nat.eq_dec l (S n)) as [->|].
      - exists p. unfold t', v'. destruct (Nat.eq_dec p p); [|tauto]. repeat split; auto; lia.
      - exists l. unfold t', v'. destruct (Nat.eq_dec l p); [tauto|]. repeat split; auto; lia. }
    destruct (IHn t' v') as (base & c & k & u & (q & Hq & tq & vq) & Top & At & Flat & Range).
    { intros i j Hi Hj Ne. unfold t'. destruct (Nat.eq_dec i p), (Nat.eq_dec j p); apply D; lia. }
    destruct (back q Hq) as (q' & Hq' & Nq & tq' & vq').
    assert (less : k n < t p).
    { rewrite <- tq, tq'. destruct (Rle_lt_or_eq_dec _ _ (G q' Hq' I)) as [|E]; auto. exfalso.
      apply (D q' p); auto. }
    set (r := (v p - u) / (t p - k n)). assert (Er : r * (t p - k n) = v p - u) by (unfold r; field; lra).
    set (c' := fun j => if Nat.eq_dec j n then c n + r else if Nat.eq_dec j (S n) then - r else c j).
    set (k' := fun j => if Nat.eq_dec j (S n) then t p else k j).
    assert (E : forall s, bent (S (S n)) base c' k' s = bent (S n) base c k s + r * (relu (s - k n) - relu (s - t p))).
    { intros s. unfold bent. simpl.
      rewrite (sum_ext n (fun j => c' j * relu (s - k' j)) (fun j => c j * relu (s - k j))).
      - unfold c', k'. destruct (Nat.eq_dec n n); [|tauto]. destruct (Nat.eq_dec n (S n)); [lia|].
        destruct (Nat.eq_dec (S n) n); [lia|]. destruct (Nat.eq_dec (S n) (S n)); [|tauto]. ring.
      - intros j Hj. unfold c', k'. destruct (Nat.eq_dec j n); [lia|]. destruct (Nat.eq_dec j (S n)); [lia|reflexivity]. }
    assert (Ek : k' (S n) = t p) by (unfold k'; destruct (Nat.eq_dec (S n) (S n)); tauto).
    assert (left_part : forall s, s <= k n -> bent (S (S n)) base c' k' s = bent (S n) base c k s).
    { intros s Hs. rewrite E. replace (relu (s - k n)) with 0 by (cases; lra).
      replace (relu (s - t p)) with 0 by (cases; lra). ring. }
    assert (middle : forall s, k n <= s <= t p -> bent (S (S n)) base c' k' s = u + r * (s - k n)).
    { intros s Hs. rewrite E, Flat by lra. replace (relu (s - k n)) with (s - k n) by (cases; lra).
      replace (relu (s - t p)) with 0 by (cases; lra). ring. }
    assert (right_part : forall s, t p <= s -> bent (S (S n)) base c' k' s = v p).
    { intros s Hs. rewrite E, Flat by lra. replace (relu (s - k n)) with (s - k n) by (cases; lra).
      replace (relu (s - t p)) with (s - t p) by (cases; lra). lra. }
    exists base, c', k', (v p). rewrite Ek. split; [exists p; auto|]. split; [intros; apply G; auto|].
    split; [|split; [exact right_part|]].
    + intros l Hl. destruct (Nat.eq_dec l p) as [->|Ne]; [apply right_part; lra|].
      destruct (forth l Hl Ne) as (j & Hj & tj & vj). rewrite <- tj, <- vj, left_part; auto.
    + intros low high s H. pose proof (H p Hp) as Hvp.
      assert (H' : forall j, (j < S n)%nat -> low <= v' j <= high).
      { intros j Hj. destruct (back j Hj) as (l & Hl & _ & _ & ->). auto. }
      assert (Hu : low <= u <= high) by (rewrite <- vq; auto).
      destruct (Rle_dec s (k n)) as [L|L]; [rewrite left_part by auto; apply Range; auto|].
      destruct (Rle_dec s (t p)) as [L'|L']; [|rewrite right_part by lra; auto].
      rewrite middle by lra. set (f := (s - k n) / (t p - k n)).
      assert (Ef : f * (t p - k n) = s - k n) by (unfold f; field; lra).
      assert (0 <= f <= 1) by (unfold f; split; [apply Rle_div_iff|apply Rdiv_le_iff]; lra).
      replace (u + r * (s - k n)) with ((1 - f) * u + f * v p).
      * split; nra.
      * rewrite <- Ef. replace (r * (f * (t p - k n))) with (f * (r * (t p - k n))) by ring. rewrite Er. ring.
Qed.

(** interpolation, exact: One ReLU for each point.

    "A network of one hidden layer with n ReLUs takes the value v_j at each z_j, and stays between the least and the
    greatest of the values everywhere." *)
Theorem interpolation : forall d n (z : nat -> point) (v : nat -> R), (0 < n)%nat ->
  (forall i j, (i < n)%nat -> (j < n)%nat -> i <> j -> ~ same d (z i) (z j)) ->
  exists f, network d 1 n f /\ (forall j, (j < n)%nat -> f (z j) = v j) /\
    (forall low high y, (forall j, (j < n)%nat -> low <= v j <= high) -> low <= f y <= high).
Proof.
  intros d n z v n0 D. destruct n as [|n]; [lia|].
  destruct (apart_along d (S n) z D) as (w & W).
  destruct (bent_through n (fun j => inner d w (z j)) v W) as (base & c & k & u & _ & _ & At & _ & Range).
  exists (fun y => bent (S n) base c k (inner d w y)). split; [|split; auto].
  apply layer with (n := 0%nat) (N := S n) (w := c) (bias := base) (units := fun _ => 0%nat)
    (g := fun j y => inner d w y - k j).
  - intros j _. apply output with (w := w) (c := - k j). intros y. unfold affine_function. ring.
  - rewrite count_units. lia.
  - reflexivity.
Qed.

Print Assumptions interpolation.
