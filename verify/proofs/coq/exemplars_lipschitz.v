Require Import Reals Lra List Psatz.
From Fvproof Require Import Definitions Tools.
Import ListNotations.
Open Scope R_scope.

(** The least L-Lipschitz function that is at least m and takes the values of the exemplars. *)
Fixpoint least_through (dist : point -> point -> R) (m L : R) (l : list (point * R)) (z : point) : R :=
  match l with
  | [] => m
  | (p, v) :: l => Rmax (v - L * dist z p) (least_through dist m L l z)
  end.

Lemma least_ge dist m L l z p v : In (p, v) l -> v - L * dist z p <= least_through dist m L l z.
Proof.
  induction l as [|(q, w) l IH]; intros I; [destruct I|]. simpl. destruct I as [E|I].
  - injection E as <- <-. apply Rmax_l.
  - eapply Rle_trans; [apply IH, I|apply Rmax_r].
Qed.

Lemma least_le dist m L l z u :
  m <= u -> (forall p v, In (p, v) l -> v - L * dist z p <= u) -> least_through dist m L l z <= u.
Proof.
  intros mu. induction l as [|(q, w) l IH]; intros H; simpl; auto. apply Rmax_lub.
  - apply H. left; auto.
  - apply IH. intros p v I. apply H. right; auto.
Qed.

Lemma least_at_least dist m L l z : m <= least_through dist m L l z.
Proof. induction l as [|(q, w) l IH]; simpl; [lra|]. eapply Rle_trans; [exact IH|apply Rmax_r]. Qed.

Lemma least_close d dist m L l y z : distance d dist -> 0 <= L ->
  least_through dist m L l y - least_through dist m L l z <= L * dist y z.
Proof.
  intros D L0. pose proof (dist_positive _ _ D y z). assert (0 <= L * dist y z) by nra.
  induction l as [|(q, w) l IH]; simpl; [lra|]. apply max_close; auto.
  pose proof (dist_triangle _ _ D z y q). rewrite (dist_symmetric _ _ D z y) in *. nra.
Qed.

Definition takes (l : list (point * R)) (f : unit_function) := forall p v, In (p, v) l -> f p = v.
Definition compatible (dist : point -> point -> R) (L : R) (l : list (point * R)) :=
  forall p v q w, In (p, v) l -> In (q, w) l -> v - w <= L * dist p q.

(** Further than a little more than e from each of finitely many points. *)
Lemma a_little_more (dist : point -> point -> R) (L : R) (l : list (point * R)) x e :
  (forall p v, In (p, v) l -> e < L * dist x p) -> exists e', e < e' /\ forall p v, In (p, v) l -> e' <= L * dist x p.
Proof.
  induction l as [|(q, w) l IH]; intros H.
  - exists (e + 1). split; [lra|]. intros p v [].
  - destruct IH as (e' & He & H'); [intros p v I; apply (H p v); right; auto|].
    specialize (H q w (or_introl eq_refl)). exists (Rmin e' (L * dist x q)). split.
    + unfold Rmin. destruct Rle_dec; lra.
    + intros p v [E|I]; [injection E as <- <-; apply Rmin_r|].
      eapply Rle_trans; [apply Rmin_l|apply (H' p v I)].
Qed.

(** exemplars-lipschitz, exact: Exemplars for Lipschitz functions.

    "f(x) lies in the intersection of the intervals [v_j − L‖x−z_j‖, v_j + L‖x−z_j‖] with the row's, and every value
    there is attained. If all exemplars show (m+M)/2, an error ε < (M−m)/2 everywhere needs a, b or an exemplar near
    every x: the balls of radius ε/L around the exemplars, with two of radius ((M−m)/2 + ε)/L around a and b, cover I."

    The row's interval is that of the values m at a and M at b, and [m, M]. *)
Theorem exemplars_lipschitz : forall d dist a b m M L l,
  distance d dist -> cube d a -> cube d b -> 0 <= L -> m <= M ->
  (forall p v, In (p, v) l -> cube d p /\ m <= v <= M) -> compatible dist L ((a, m) :: (b, M) :: l) ->
  let C := fun f => Lipschitz d dist L f /\ takes l f in
  (forall x v, cube d x -> (possible d C a b m M x v <->
    m <= v <= M /\ forall p w, In (p, w) ((a, m) :: (b, M) :: l) -> w - L * dist x p <= v <= w + L * dist x p)) /\
  (forall D e, 0 < L -> e < (M - m) / 2 -> (forall p v, In (p, v) l -> v = (m + M) / 2) ->
    (forall x, cube d x -> guarantees d C a b m M x D e) ->
    forall x, cube d x ->
      (exists p v, In (p, v) l /\ dist x p <= e / L) \/
      dist x a <= ((M - m) / 2 + e) / L \/ dist x b <= ((M - m) / 2 + e) / L).
Proof.
  intros d dist a b m M L l D Ha Hb L0 mM Hl Co C.
  assert (Sy := dist_symmetric _ _ D).
  assert (All : forall p w, In (p, w) ((a, m) :: (b, M) :: l) -> cube d p /\ m <= w <= M).
  { intros p w [E|[E|I]]; [injection E as <- <-|injection E as <- <-|apply (Hl p w I)]; split; auto; lra. }
  assert (row : forall x v, cube d x -> (possible d C a b m M x v <->
    m <= v <= M /\ forall p w, In (p, w) ((a, m) :: (b, M) :: l) -> w - L * dist x p <= v <= w + L * dist x p)).
  { intros x v Hx. split.
    - intros Pv. split; [apply (possible_in_range _ _ _ _ _ _ _ _ Hx Pv)|].
      destruct Pv as (f & (_ & (Li & At) & (_ & _ & fa & fb & _)) & <-). intros p w I.
      assert (fp : f p = w).
      { destruct I as [E|[E|I]]; [injection E as <- <-|injection E as <- <-|]; auto. }
      destruct (All p w I) as (Hp & _). specialize (Li x p Hx Hp). apply abs_at_most in Li. lra.
    - intros (Hv & Hw). set (l' := (x, v) :: (a, m) :: (b, M) :: l). set (f := least_through dist m L l').
      assert (Co' : compatible dist L l').
      { intros p s q t [E|Ip] [E'|Iq].
        - injection E as <- <-. injection E' as <- <-. pose proof (dist_positive _ _ D x x). nra.
        - injection E as <- <-. specialize (Hw q t Iq). lra.
        - injection E' as <- <-. specialize (Hw p s Ip). rewrite (Sy p x). lra.
        - apply (Co p s q t); auto. }
      assert (At : takes l' f).
      { intros p w I. apply Rle_antisym.
        - apply least_le.
          + destruct I as [E|I]; [injection E as <- <-; lra|apply (All p w I)].
          + intros q t Iq. pose proof (Co' q t p w Iq I). rewrite (Sy p q). lra.
        - pose proof (least_ge dist m L l' p p w I) as K. rewrite (distance_itself d dist p D) in K.
          unfold f. lra. }
      exists f. split; [|apply (At x v); left; auto].
      split; [|split; [split|split; [|split; [|split; [|split]]]]]; auto.
      + intros y z _ _ S. apply (dist_zero _ _ D) in S. pose proof (least_close d dist m L l' y z D L0).
        pose proof (least_close d dist m L l' z y D L0) as K. rewrite (Sy z y), S in K. rewrite S in H. unfold f. lra.
      + intros y z _ _. apply abs_at_most. pose proof (least_close d dist m L l' y z D L0).
        pose proof (least_close d dist m L l' z y D L0) as K. rewrite (Sy z y) in K. unfold f. lra.
      + intros p w I. apply At. right. right. right. exact I.
      + apply At. right. left. reflexivity.
      + apply At. right. right. left. reflexivity.
      + intros z _. split; [apply least_at_least|]. apply least_le; auto. intros p w I.
        pose proof (dist_positive _ _ D z p). assert (0 <= L * dist z p) by nra.
        assert (w <= M) by (destruct I as [E|I]; [injection E as <- <-; lra|apply (All p w I)]). lra. }
  split; auto. intros De e L1 He half G x Hx.
  assert (scale : forall t s, t <= s / L <-> L * t <= s) by (intros; rewrite Rle_div_iff, Rmult_comm; auto; tauto).
  destruct (Rle_dec (dist x a) (((M - m) / 2 + e) / L)) as [|Na]; auto.
  destruct (Rle_dec (dist x b) (((M - m) / 2 + e) / L)) as [|Nb]; auto. left.
  assert (Dec : (exists p v, In (p, v) l /\ dist x p <= e / L) \/ forall p v, In (p, v) l -> e < L * dist x p).
  { clear - scale. induction l as [|(q, w) l IH]; [right; intros p v []|].
    destruct (Rle_dec (dist x q) (e / L)) as [K|K].
    - left. exists q, w. split; [left|]; auto.
    - destruct IH as [(p & v & I & E)|N]; [left; exists p, v; split; [right|]; auto|].
      right. intros p v [E|I]; [|apply (N p v I)]. injection E as <- <-. rewrite scale in K. lra. }
  destruct Dec as [|N]; auto. exfalso. rewrite scale in Na, Nb.
  destruct (a_little_more dist L l x e N) as (e1 & He1 & N1).
  set (e' := Rmin (Rmin e1 ((M - m) / 2)) (Rmin (L * dist x a - (M - m) / 2) (L * dist x b - (M - m) / 2))).
  assert (b1 : e' <= e1) by (unfold e'; eapply Rle_trans; [apply Rmin_l|apply Rmin_l]).
  assert (b2 : e' <= (M - m) / 2) by (unfold e'; eapply Rle_trans; [apply Rmin_l|apply Rmin_r]).
  assert (b3 : e' <= L * dist x a - (M - m) / 2) by (unfold e'; eapply Rle_trans; [apply Rmin_r|apply Rmin_l]).
  assert (b4 : e' <= L * dist x b - (M - m) / 2) by (unfold e'; eapply Rle_trans; [apply Rmin_r|apply Rmin_r]).
  assert (b5 : e < e') by (unfold e'; repeat apply Rmin_glb_lt; lra).
  assert (e0 : 0 <= e).
  { destruct (proj2 (row a m Ha)) as (f & Mf & fa).
    - split; [lra|]. intros p w I. assert (Im : In (a, m) ((a, m) :: (b, M) :: l)) by (left; auto).
      pose proof (Co a m p w Im I). pose proof (Co p w a m I Im). rewrite (Sy p a) in *. lra.
    - specialize (G a Ha f Mf). pose proof (Rabs_pos (De a b m M a - f a)). lra. }
  assert (Pos : forall s, s = 1 \/ s = -1 -> possible d C a b m M x ((m + M) / 2 + s * e')).
  { intros s Hs. apply row; auto. split; [destruct Hs; subst s; lra|]. intros p w [E|[E|I]].
    - injection E as <- <-. destruct Hs; subst s; lra.
    - injection E as <- <-. destruct Hs; subst s; lra.
    - rewrite (half p w I). specialize (N1 p w I). destruct Hs; subst s; lra. }
  destruct (Pos 1) as (f & Mf & fx); auto. destruct (Pos (-1)) as (g & Mg & gx); auto.
  pose proof (G x Hx f Mf) as Gf. pose proof (G x Hx g Mg) as Gg. apply abs_at_most in Gf, Gg.
  rewrite fx in Gf. rewrite gx in Gg. lra.
Qed.

Print Assumptions exemplars_lipschitz.
