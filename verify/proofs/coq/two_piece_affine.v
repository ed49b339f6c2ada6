Require Import Reals Lra Lia Psatz.
From Fvproof Require Import Definitions Tools Networks Corners.
Open Scope R_scope.

(** The greater or the lesser of two affine functions. *)
Definition TwoPieces (d : nat) : class := fun f =>
  exists g h : affine_map, (forall z, f z = Rmax (value d g z) (value d h z)) \/
                           (forall z, f z = Rmin (value d g z) (value d h z)).

(** The mean of the u_i, an affine function. *)
Definition mean_map (d : nat) (a : point) (s t : R) : affine_map :=
  ((fun i => t / INR d * (1 - 2 * a i)), s + t / INR d * sum d a).

Lemma mean_value d a b z s t : (forall i, (i < d)%nat -> opposite a b i) -> cube d z ->
  value d (mean_map d a s t) z = s + t * (sum d (u a z) / INR d).
Proof.
  intros O Hz. unfold value, affine_function, inner, mean_map. simpl.
  rewrite (sum_ext d (fun i => t / INR d * (1 - 2 * a i) * z i)
    (fun i => t / INR d * (u a z i - a i))).
  - rewrite sum_scale, sum_minus. unfold Rdiv. ring.
  - intros i Hi. specialize (Hz i Hi). rewrite Rmult_assoc. f_equal. unfold u.
    destruct (O i Hi) as [(-> & _)|(-> & _)]; cases; lra.
Qed.

Lemma two_pieces_on_cube d f : TwoPieces d f -> on_cube d f.
Proof.
  intros (g & h & [E|E]) y z Hy Hz S; rewrite !E; unfold value, affine_function;
  rewrite (inner_ext d _ y z S), (inner_ext d (fst h) y z S); reflexivity.
Qed.

(** two-piece-affine, exact: Two affine pieces between opposite corners.

    "Every value in [m, M] is possible at x, each for the greater or the lesser of two affine functions with
    visualization φ. For other a and b the class's sets are tested against linear programs, not proved." *)
Theorem two_piece_affine : forall d a b m M x,
  cube d a -> cube d b -> cube d x -> (forall i, (i < d)%nat -> opposite a b i) -> m <= M ->
  ~ same d x a -> ~ same d x b ->
  forall v, possible d (TwoPieces d) a b m M x v <-> m <= v <= M.
Proof.
  intros d a b m M x Ha Hb Hx O mM xa xb v. split; [apply possible_in_range; auto|]. intros Hv.
  assert (d0 : 0 < INR d).
  { destruct d; [|apply lt_0_INR; lia]. exfalso. apply xa. intros i Hi. lia. }
  set (T := fun z => sum d (u a z) / INR d).
  assert (range : forall z, cube d z -> 0 <= T z <= 1).
  { intros z Hz. unfold T. split; [apply Rle_div_iff|apply Rdiv_le_iff]; auto.
    - rewrite Rmult_0_l. apply sum_nonneg. intros. apply (u_range d); auto.
    - rewrite Rmult_1_l, <- (Rmult_1_r (INR d)), <- sum_const. apply sum_le. intros. apply (u_range d); auto. }
  assert (Ta : T a = 0).
  { unfold T. rewrite sum_all_zero; [field; lra|]. intros. apply u_at_a. }
  assert (Tb : T b = 1).
  { unfold T. rewrite (sum_ext d (u a b) (fun _ => 1)) by (intros; apply u_at_b; auto). rewrite sum_const. field. lra. }
  assert (Tx : 0 < T x < 1).
  { pose proof (range x Hx). assert (E : T x * INR d = sum d (u a x)) by (unfold T; field; lra).
    split; apply Rnot_le_lt; intros K.
    - assert (Z : sum d (u a x) = 0) by nra. apply xa. intros i Hi.
      assert (Ui : u a x i = 0) by (apply (sum_is_zero d (u a x)); auto; intros; apply (u_range d); auto).
      unfold u in Ui. cases; lra.
    - assert (Z : sum d (fun i => 1 - u a x i) = 0).
      { rewrite sum_minus, sum_const. nra. }
      apply xb. intros i Hi.
      assert (Ui : 1 - u a x i = 0).
      { apply (sum_is_zero d (fun i => 1 - u a x i)); auto. intros j Hj. pose proof (u_range d a x j Ha Hx Hj). lra. }
      specialize (Hx i Hi). unfold u in Ui.
      destruct (O i Hi) as [(Ea & Eb)|(Ea & Eb)]; rewrite Ea in Ui; rewrite Eb; cases; lra. }
  set (t := T x) in *. set (r := (v - m) / t). set (q := (M - v) / (1 - t)).
  assert (Er : r * t = v - m) by (unfold r; field; lra).
  assert (Eq : q * (1 - t) = M - v) by (unfold q; field; lra).
  assert (r0 : 0 <= r) by (unfold r; apply Rle_div_iff; lra).
  assert (q0 : 0 <= q) by (unfold q; apply Rle_div_iff; lra).
  set (g := mean_map d a m r). set (h := mean_map d a (M - q) q).
  assert (G : forall z, cube d z -> value d g z = m + r * T z) by (intros; apply (mean_value d a b); auto).
  assert (H : forall z, cube d z -> value d h z = M - q + q * T z) by (intros; apply (mean_value d a b); auto).
  assert (E : forall pick : R -> R -> R,
    (forall s w, pick s w = Rmax s w) /\ r <= q \/ (forall s w, pick s w = Rmin s w) /\ q <= r ->
    TwoPieces d (fun z => pick (value d g z) (value d h z)) ->
    possible d (TwoPieces d) a b m M x v).
  { intros pick P K. exists (fun z => pick (value d g z) (value d h z)). split.
    - split; [apply two_pieces_on_cube, K|]. split; [exact K|]. split; auto. split; auto.
      rewrite !G, !H, Ta, Tb by auto. destruct P as [(P & rq)|(P & rq)]; rewrite !P.
      + assert (r <= M - m) by nra. assert (M - m <= q) by nra. split; [|split]; try (cases; lra).
        intros z Hz. rewrite P, G, H by auto. specialize (range z Hz).
        assert (0 <= r * T z <= M - m) by nra. assert (q * T z <= q) by nra. split; cases; lra.
      + assert (M - m <= r) by nra. assert (q <= M - m) by nra. split; [|split]; try (cases; lra).
        intros z Hz. rewrite P, G, H by auto. specialize (range z Hz).
        assert (0 <= r * T z) by nra. assert (0 <= q * T z <= q) by nra. split; cases; lra.
    - rewrite G, H by auto. fold t. destruct P as [(P & _)|(P & _)]; rewrite P; cases; lra. }
  destruct (Rle_dec r q) as [rq|rq].
  - apply (E Rmax); auto. exists g, h. left. reflexivity.
  - apply (E Rmin); [right; split; auto; lra|]. exists g, h. right. reflexivity.
Qed.

Print Assumptions two_piece_affine.
