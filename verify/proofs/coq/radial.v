Require Import Reals Lra Psatz.
From Fvproof Require Import Definitions Tools.
Open Scope R_scope.

Definition strictly_decreasing (h : R -> R) := forall s t, 0 <= s < t -> h t < h s.

(** A radial unit on a domain K with the visualization (a, b, m, M): h(‖z − p‖), with the prototype p in K. *)
Definition radial_unit dist (K : point -> Prop) h p a b m M :=
  strictly_decreasing h /\ K p /\ K a /\ K b /\ h (dist a p) = m /\ h (dist b p) = M /\
  forall z, K z -> m <= h (dist z p) <= M.

(** radial, exact: Radial (prototype) units.

    "b = p, so that f(x) ≥ f(y) iff ‖x−b‖ ≤ ‖y−b‖: the order of any two points is known. With h unknown f(x) takes every
    value in (m, M) for 0 < ‖x−b‖ < ‖a−b‖; with h known f is known." *)
Theorem radial : forall d dist K a b m M, distance d dist ->
  (forall h p, radial_unit dist K h p a b m M ->
    same d b p /\
    (forall z, h (dist z p) = h (dist z b)) /\
    (forall x y, h (dist x p) >= h (dist y p) <-> dist x b <= dist y b)) /\
  (forall x v, K a -> K b -> (forall z, K z -> dist z b <= dist a b) -> 0 < dist x b < dist a b -> m < v < M ->
    exists h, radial_unit dist K h b a b m M /\ h (dist x b) = v).
Proof.
  intros d dist K a b m M D. split.
  - intros h p (dec & Kp & Ka & Kb & ha & hb & R).
    assert (S : same d b p).
    { apply (dist_zero _ _ D). destruct (Rle_lt_or_eq_dec _ _ (dist_positive _ _ D b p)) as [L|]; auto. exfalso.
      assert (Z : h (dist b p) < h 0) by (apply dec; lra). specialize (R p Kp).
      rewrite (distance_itself d dist p D) in R. lra. }
    assert (E : forall z, dist z p = dist z b).
    { intros z. rewrite !(dist_symmetric _ _ D z). symmetry. apply (distance_same d); auto. }
    split; auto. split; intros; [rewrite E; reflexivity|]. rewrite !E.
    pose proof (dist_positive _ _ D x b). pose proof (dist_positive _ _ D y b). split.
    + intros Hxy. apply Rnot_lt_le. intros L. assert (h (dist x b) < h (dist y b)) by (apply dec; lra). lra.
    + intros [L|L]; [|rewrite L; lra]. apply Rgt_ge, dec. lra.
  - intros x v Ka Kb far Hx Hv. set (t := dist x b) in *. set (T := dist a b) in *.
    set (r := (M - v) / t). set (q := (v - m) / (T - t)).
    assert (Er : r * t = M - v) by (unfold r; field; lra). assert (Eq : q * (T - t) = v - m) by (unfold q; field; lra).
    assert (0 < r) by (apply Rdiv_lt_0_compat; lra). assert (0 < q) by (apply Rdiv_lt_0_compat; lra).
    set (h := fun s => if Rle_dec s t then M - r * s else v - q * (s - t)).
    assert (dec : strictly_decreasing h).
    { intros s u Hsu. unfold h. destruct (Rle_dec s t), (Rle_dec u t); try lra; nra. }
    assert (hT : h T = m) by (unfold h; destruct (Rle_dec T t); lra).
    assert (h0 : h 0 = M) by (unfold h; destruct (Rle_dec 0 t); lra).
    exists h. split; [|unfold h; destruct (Rle_dec t t); lra].
    repeat split; auto; fold T; rewrite ?(distance_itself d dist b D); auto;
    pose proof (dist_positive _ _ D z b); specialize (far z H1).
    + destruct far as [L|L]; [|rewrite L; lra]. rewrite <- hT. apply Rlt_le, dec. fold T in L. lra.
    + destruct (Rle_lt_or_eq_dec _ _ H2) as [L|L]; [|rewrite <- L; lra]. rewrite <- h0. apply Rlt_le, dec. lra.
Qed.

Print Assumptions radial.
