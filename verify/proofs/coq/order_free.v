Require Import Reals Lra List Psatz.
From Fvproof Require Import Definitions Tools Networks Free continuous erm piecewise_affine.
Import ListNotations.
Open Scope R_scope.

(** The networks that take every label of S belong to every class that the statement names. *)
Theorem order_free_classes : forall d (loss : R -> R -> R) S f,
  (forall p y, 0 <= loss p y) -> (forall y, loss y y = 0) -> Interpolating d S f ->
  BlackBox f /\ Continuous d f /\ ReluNetwork d f /\ Erm d loss S f /\ PiecewiseAffine d f.
Proof.
  intros d loss S f pos zero Int. destruct Int as ((n & u & N) & At).
  assert (Rf : ReluNetwork d f) by (do 2 eexists; exact N).
  split; [exact I|]. split; [eapply network_continuous, N|]. split; [exact Rf|].
  split; [|eapply network_piecewise, N].
  apply (interpolating_minimises d loss S f pos zero). split; auto.
Qed.

(** A further point with any value stays consistent. *)
Lemma consistent_cons d p v l : consistent d l -> (forall q, In q l -> ~ same d p (fst q)) -> consistent d ((p, v) :: l).
Proof.
  intros Co away q r [<-|Hq] [<-|Hr] S; auto.
  - exfalso. apply (away r Hr). exact S.
  - exfalso. apply (away q Hq). apply same_sym, S.
Qed.

Lemma consistent_swap d p q r l : consistent d (p :: q :: r :: l) -> consistent d (q :: r :: p :: l).
Proof. intros Co s t Hs Ht. apply Co; simpl in *; tauto. Qed.

Lemma two_values d a b m M S x y s t :
  cube d a -> cube d b -> m <= M -> ~ same d x y -> consistent d ((a, m) :: (b, M) :: S) ->
  (forall q, In q ((a, m) :: (b, M) :: S) -> ~ same d x (fst q) /\ ~ same d y (fst q)) ->
  (forall e, In e S -> m <= snd e <= M) -> m <= s <= M -> m <= t <= M ->
  exists f, member d (Interpolating d S) a b m M f /\ f x = s /\ f y = t.
Proof.
  intros Ha Hb mM xy Co away labels Hs Ht.
  destruct (member_through d a b m M ((x, s) :: (y, t) :: S) Ha Hb mM) as (f & N & E & Sh & At).
  - assert (K : consistent d ((x, s) :: (y, t) :: (a, m) :: (b, M) :: S)).
    { apply consistent_cons; [apply consistent_cons; auto; intros; apply away; auto|].
      intros q [<-|Hq]; [exact xy|apply away; auto]. }
    intros q r Hq Hr. apply K; simpl in *; tauto.
  - intros q [<-|[<-|Hq]]; simpl; auto.
  - exists f. split; [|split; [apply (At (x, s))|apply (At (y, t))]; simpl; auto].
    split; auto. split; auto. split; auto. intros e He. apply At. simpl. auto.
Qed.

(** order-free, exact: The order of two points, without structure.

    "Both f(x) < f(y) and f(x) > f(y) are possible, each for a member with visualization φ, which a network takes with
    every label of S: the order is never known."

    The members are networks that take every label of S (which may be empty): by [order_free_classes] they are black
    boxes, continuous, of least risk, and piecewise affine. *)
Theorem order_free : forall d a b m M S x y,
  cube d a -> cube d b -> ~ same d a b -> m < M -> ~ same d x y ->
  consistent d ((a, m) :: (b, M) :: S) -> (forall e, In e S -> m <= snd e <= M) ->
  (forall q, In q ((a, m) :: (b, M) :: S) -> ~ same d x (fst q) /\ ~ same d y (fst q)) ->
  exists f g, member d (Interpolating d S) a b m M f /\ member d (Interpolating d S) a b m M g /\
    f x < f y /\ g x > g y.
Proof.
  intros d a b m M S x y Ha Hb ab mM xy Co labels away.
  destruct (two_values d a b m M S x y m M) as (f & Mf & fx & fy); auto; try lra.
  destruct (two_values d a b m M S x y M m) as (g & Mg & gx & gy); auto; try lra.
  exists f, g. split; auto. split; auto. lra.
Qed.

Print Assumptions order_free.
