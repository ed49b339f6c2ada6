(** The smallest face of the cube that holds a point, and the gauge t_a: for the statements about convex functions. *)

Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

(** x lies in the smallest face G of the cube that holds b: it shares the coordinates of b that are 0 or 1. *)
Definition in_face (d : nat) (b x : point) := forall i, (i < d)%nat -> b i = 0 \/ b i = 1 -> x i = b i.

(** How far x lies on the way from a to the border of the cube, in one coordinate ... *)
Definition way (a x : R) : R :=
  if Rlt_dec a x then (x - a) / (1 - a) else if Rlt_dec x a then (a - x) / a else 0.

(** ... and the gauge t_a(x) of I - a: the largest of these. *)
Definition gauge (d : nat) (a x : point) : R := largest d (fun i => way (a i) (x i)).

Lemma way_range a x : 0 <= a <= 1 -> 0 <= x <= 1 -> 0 <= way a x <= 1.
Proof.
  intros. unfold way. destruct (Rlt_dec a x); [|destruct (Rlt_dec x a); [|lra]].
  - split; [apply Rle_div_iff|apply Rdiv_le_iff]; lra.
  - split; [apply Rle_div_iff|apply Rdiv_le_iff]; lra.
Qed.

(** t is at least the gauge iff a + (x - a)/t lies in the cube; without the division: *)
Lemma way_le a x t : 0 <= a <= 1 -> 0 <= x <= 1 -> 0 <= t ->
  (way a x <= t <-> - (t * a) <= x - a <= t * (1 - a)).
Proof.
  intros. unfold way. destruct (Rlt_dec a x) as [L|L]; [|destruct (Rlt_dec x a) as [L'|L']].
  - rewrite Rdiv_le_iff by lra. split; intros; [split|]; nra.
  - rewrite Rdiv_le_iff by lra. split; intros; [split|]; nra.
  - split; intros; [split|]; nra.
Qed.

Lemma gauge_range d a x : cube d a -> cube d x -> 0 <= gauge d a x <= 1.
Proof.
  intros Ha Hx. split; [apply largest_nonneg|]. apply largest_le; [lra|].
  intros i Hi. apply way_range; auto.
Qed.

Lemma gauge_le d a x t : cube d a -> cube d x -> 0 <= t ->
  (gauge d a x <= t <-> forall i, (i < d)%nat -> - (t * a i) <= x i - a i <= t * (1 - a i)).
Proof.
  intros Ha Hx Ht. split.
  - intros G i Hi. apply way_le; auto.
    eapply Rle_trans; [apply (largest_ge d (fun i => way (a i) (x i)) i Hi)|exact G].
  - intros H. apply largest_le; auto. intros i Hi. apply way_le; auto.
Qed.

(** x lies on the segment from a to the point a + (x - a)/t of the cube, at the share t. *)
Lemma gauge_point d a x : cube d a -> cube d x -> 0 < gauge d a x ->
  exists y, cube d y /\ same d x (mix (gauge d a x) a y).
Proof.
  intros Ha Hx Ht. set (t := gauge d a x) in *.
  assert (H : forall i, (i < d)%nat -> - (t * a i) <= x i - a i <= t * (1 - a i)).
  { apply (gauge_le d a x t Ha Hx); [lra|apply Rle_refl]. }
  exists (fun i => a i + (x i - a i) / t). split.
  - intros i Hi. specialize (H i Hi).
    assert (- a i <= (x i - a i) / t) by (apply Rle_div_iff; lra).
    assert ((x i - a i) / t <= 1 - a i) by (apply Rdiv_le_iff; lra). lra.
  - intros i Hi. unfold mix. field. lra.
Qed.

Lemma gauge_zero d a x : cube d a -> cube d x -> gauge d a x = 0 -> same d x a.
Proof.
  intros Ha Hx E i Hi.
  assert (K : - (0 * a i) <= x i - a i <= 0 * (1 - a i)) by (revert i Hi; apply gauge_le; auto; lra). lra.
Qed.

Lemma gauge_itself d a : cube d a -> gauge d a a = 0.
Proof.
  intros Ha. apply Rle_antisym; [|apply largest_nonneg]. apply gauge_le; auto; [lra|].
  intros i Hi. lra.
Qed.

Lemma gauge_same d a x y : cube d a -> cube d x -> cube d y -> same d x y -> gauge d a x = gauge d a y.
Proof. intros Ha Hx Hy S. apply largest_ext. intros i Hi. rewrite (S i Hi). reflexivity. Qed.

Lemma gauge_convex d a x y s : cube d a -> cube d x -> cube d y -> 0 <= s <= 1 ->
  gauge d a (mix s x y) <= (1 - s) * gauge d a x + s * gauge d a y.
Proof.
  intros Ha Hx Hy Hs. pose proof (gauge_range d a x Ha Hx). pose proof (gauge_range d a y Ha Hy).
  apply gauge_le; auto using mix_in_cube; [nra|]. intros i Hi.
  assert (X : - (gauge d a x * a i) <= x i - a i <= gauge d a x * (1 - a i)).
  { apply (proj1 (gauge_le d a x _ Ha Hx (proj1 H)) (Rle_refl _) i Hi). }
  assert (Y : - (gauge d a y * a i) <= y i - a i <= gauge d a y * (1 - a i)).
  { apply (proj1 (gauge_le d a y _ Ha Hy (proj1 H0)) (Rle_refl _) i Hi). }
  unfold mix. split; nra.
Qed.

(** Where a lies outside G, b lies on the border that a sees. *)
Lemma gauge_top d a b : cube d a -> cube d b -> ~ in_face d b a -> gauge d a b = 1.
Proof.
  intros Ha Hb N. apply Rle_antisym; [apply gauge_range; auto|].
  assert (K : exists i, (i < d)%nat /\ (b i = 0 \/ b i = 1) /\ a i <> b i).
  { clear Ha Hb. unfold in_face in N. induction d.
    - exfalso. apply N. intros; lia.
    - destruct (Req_EM_T (a d) (b d)) as [E|E].
      + destruct IHd as (i & Hi & Ki).
        * intros F. apply N. intros i Hi B. destruct (Nat.eq_dec i d) as [->|]; auto. apply F; auto. lia.
        * exists i. split; auto.
      + destruct (Req_EM_T (b d) 0) as [Z|Z]; [exists d; auto|].
        destruct (Req_EM_T (b d) 1) as [O|O]; [exists d; auto|].
        destruct IHd as (i & Hi & Ki).
        * intros F. apply N. intros i Hi B. destruct (Nat.eq_dec i d) as [->|].
          -- destruct B; tauto.
          -- apply F; auto. lia.
        * exists i. split; auto. }
  destruct K as (i & Hi & B & Ne).
  eapply Rle_trans; [|apply (largest_ge d (fun i => way (a i) (b i)) i Hi)].
  specialize (Ha i Hi). unfold way. destruct (Rlt_dec (a i) (b i)).
  - right. destruct B as [B|B]; rewrite B in *; [lra|]. field. lra.
  - destruct (Rlt_dec (b i) (a i)); [|lra]. right. destruct B as [B|B]; rewrite B in *; [|lra]. field. lra.
Qed.

(** How far z lies from the face G, in the coordinates that are fixed on it. *)
Definition off (b z : R) : R := if Req_EM_T b 0 then z else if Req_EM_T b 1 then 1 - z else 0.
Definition off_face (d : nat) (b z : point) : R := sum d (fun i => off (b i) (z i)).

Lemma off_nonneg b z : 0 <= z <= 1 -> 0 <= off b z.
Proof. intros. unfold off. repeat destruct Req_EM_T; lra. Qed.

Lemma off_face_nonneg d b z : cube d z -> 0 <= off_face d b z.
Proof. intros Hz. apply sum_nonneg. intros i Hi. apply off_nonneg; auto. Qed.

Lemma off_face_zero d b z : cube d z -> (off_face d b z = 0 <-> in_face d b z).
Proof.
  intros Hz. split.
  - intros E i Hi B.
    assert (K : off (b i) (z i) = 0).
    { apply (sum_is_zero d (fun i => off (b i) (z i))); auto. intros. apply off_nonneg; auto. }
    unfold off in K. destruct (Req_EM_T (b i) 0); [lra|]. destruct (Req_EM_T (b i) 1); [lra|]. destruct B; tauto.
  - intros F. apply sum_all_zero. intros i Hi. specialize (F i Hi). unfold off.
    destruct (Req_EM_T (b i) 0); [rewrite F; auto|]. destruct (Req_EM_T (b i) 1); [rewrite F; auto; lra|]. reflexivity.
Qed.

Lemma off_face_mix d b s x y : off_face d b (mix s x y) = (1 - s) * off_face d b x + s * off_face d b y.
Proof.
  unfold off_face. rewrite <- !sum_scale, <- sum_plus. apply sum_ext. intros i Hi. unfold off, mix.
  repeat destruct Req_EM_T; ring.
Qed.

Lemma off_face_same d b x y : same d x y -> off_face d b x = off_face d b y.
Proof. intros S. apply sum_ext. intros i Hi. rewrite (S i Hi). reflexivity. Qed.

(** From a point of G one can go on beyond b, a little. *)
Lemma beyond d b x : cube d b -> cube d x -> in_face d b x ->
  exists e, 0 < e /\ cube d (fun i => b i + e * (b i - x i)).
Proof.
  intros Hb Hx F. unfold in_face in F.
  cut (exists e, 0 < e <= 1 /\ forall i, (i < d)%nat -> 0 <= b i + e * (b i - x i) <= 1).
  { intros (e & He & H). exists e. split; [lra|]. exact H. }
  induction d.
  - exists 1. split; [lra|]. intros; lia.
  - destruct IHd as (e & He & H).
    + intros i Hi. apply Hb. lia.
    + intros i Hi. apply Hx. lia.
    + intros i Hi. apply F. lia.
    + assert (Bd : 0 <= b d <= 1) by (apply Hb; lia). assert (Xd : 0 <= x d <= 1) by (apply Hx; lia).
      specialize (F d ltac:(lia)).
      assert (K : exists e', 0 < e' <= 1 /\ 0 <= b d + e' * (b d - x d) <= 1).
      { destruct (Req_EM_T (b d) 0) as [Z|Z]; [exists 1; rewrite F; auto; split; lra|].
        destruct (Req_EM_T (b d) 1) as [O|O]; [exists 1; rewrite F; auto; split; lra|].
        exists (Rmin (b d) (1 - b d)). cases; split; try lra; nra. }
      destruct K as (e' & He' & H'). exists (Rmin e e'). split; [cases; lra|].
      intros i Hi. destruct (Nat.eq_dec i d) as [->|].
      * cases; nra.
      * assert (Hi' : (i < d)%nat) by lia. specialize (H i Hi').
        assert (Bi : 0 <= b i <= 1) by (apply Hb; lia). cases; split; nra.
Qed.
