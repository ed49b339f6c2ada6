(** Networks through finitely many points: what the rows share in which nothing is known. *)

Require Import Reals Lra Lia List Psatz.
From Fvproof Require Import Definitions Tools Networks.
Open Scope R_scope.

(** A network through the values v_j at the distinct points c_j, between [low] and [high]. *)
Lemma network_through d N (c : nat -> point) (v : nat -> R) beta low high :
  (forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> ~ same d (c i) (c j)) ->
  low <= beta <= high -> (forall j, (j < N)%nat -> low <= v j <= high) ->
  exists f, network d 2 (N * (2 * d + 1)) f /\ (forall j, (j < N)%nat -> f (c j) = v j) /\
    (forall z, low <= f z <= high) /\
    (beta < high -> forall z, f z = high -> exists j, (j < N)%nat /\ same d z (c j) /\ v j = high) /\
    (low < beta -> forall z, f z = low -> exists j, (j < N)%nat /\ same d z (c j) /\ v j = low).
Proof.
  intros S B V. pose proof (l1_distance d) as D. destruct (steepness d (l1 d) N c D S) as (k & K & A).
  exists (memory (l1 d) k N c v beta). split; [apply memory_network|]. split; [|split; [|split]].
  - intros j Hj. apply (memory_at d (l1 d) k D N c v beta A j Hj).
  - intros z. apply (memory_range d (l1 d) k D K N c v beta A low high z B V).
  - intros T z E. apply (memory_top d (l1 d) k D K N c v beta A high z T); auto. apply V.
  - intros T z E. apply (memory_bottom d (l1 d) k D K N c v beta A low z T); auto. apply V.
Qed.

Lemma network_on_cube d n u f : network d n u f -> on_cube d f.
Proof. intros H y z _ _ S. apply (network_same d n u f); auto. Qed.

(** Three spikes: m at a, M at b, v at x, and both extrema nowhere else if v is neither. *)
Lemma three_spikes d a b x m M v :
  cube d a -> cube d b -> ~ same d a b -> ~ same d x a -> ~ same d x b -> m < M -> m <= v <= M ->
  exists f, network d 2 (3 * (2 * d + 1)) f /\ shows d f a b m M /\ f x = v /\ (m < v < M -> shows_alone d f a b m M).
Proof.
  intros Ha Hb ab xa xb mM Hv.
  set (c := fun j : nat => match j with 0%nat => a | 1%nat => b | _ => x end).
  set (u := fun j : nat => match j with 0%nat => m | 1%nat => M | _ => v end).
  destruct (network_through d 3 c u ((m + M) / 2) m M) as (f & Nf & At & R & T & B).
  - intros i j Hi Hj N. destruct i as [|[|[|]]], j as [|[|[|]]]; simpl; try lia; auto using same_sym;
    intros S; auto using same_sym.
  - lra.
  - intros j Hj. destruct j as [|[|[|]]]; simpl; try lia; lra.
  - assert (Sh : shows d f a b m M).
    { split; auto. split; auto. split; [apply (At 0%nat); lia|]. split; [apply (At 1%nat); lia|]. auto. }
    exists f. split; auto. split; auto. split; [apply (At 2%nat); lia|].
    intros I. split; auto. intros z _. split; intros E.
    + destruct (B ltac:(lra) z E) as (j & Hj & S & Vj). destruct j as [|[|[|]]]; simpl in *; auto; try lia; lra.
    + destruct (T ltac:(lra) z E) as (j & Hj & S & Vj). destruct j as [|[|[|]]]; simpl in *; auto; try lia; lra.
Qed.

Lemma constant_network d m : network d 0 0 (fun _ => m).
Proof.
  apply output with (w := fun _ => 0) (c := m). intros z. unfold affine_function, inner.
  rewrite sum_all_zero; [lra|]. intros; ring.
Qed.

(** The row of a class that holds these networks and the constants. *)
Lemma free_row d (C : class) a b m M x :
  (forall f, network d 2 (3 * (2 * d + 1)) f -> C f) -> (forall f, network d 0 0 f -> C f) ->
  cube d a -> cube d b -> cube d x -> (~ same d a b /\ m < M \/ m = M) -> ~ same d x a -> ~ same d x b ->
  (forall v, possible d C a b m M x v <-> m <= v <= M) /\ (m < M -> nothing_is_known d C a b m M x).
Proof.
  intros K K0 Ha Hb Hx varies xa xb.
  assert (P : forall v, possible d C a b m M x v <-> m <= v <= M).
  { intros v. split; [apply possible_in_range; auto|]. intros Hv. destruct varies as [[ab mM]|E].
    - destruct (three_spikes d a b x m M v) as (f & Nf & Sf & fx & _); auto.
      exists f. split; auto. split; [eapply network_on_cube, Nf|]. split; auto.
    - apply constant_possible; auto. apply K0, constant_network. }
  split; auto. intros mM. apply both_ends_possible; auto; apply P; lra.
Qed.

(** * Through any consistent list of points with values *)

Definition consistent (d : nat) (l : list (point * R)) :=
  forall p q, In p l -> In q l -> same d (fst p) (fst q) -> snd p = snd q.

Lemma without_doubles d l : consistent d l ->
  exists N (c : nat -> point) (v : nat -> R),
    (forall i j, (i < N)%nat -> (j < N)%nat -> i <> j -> ~ same d (c i) (c j)) /\
    (forall j, (j < N)%nat -> In (c j, v j) l) /\
    (forall p, In p l -> exists j, (j < N)%nat /\ same d (fst p) (c j) /\ snd p = v j).
Proof.
  induction l as [|[p u] l IH]; intros Co.
  - exists 0%nat, (fun _ => fun _ => 0), (fun _ => 0). repeat split; intros; try lia. destruct H.
  - destruct IH as (N & c & v & Apart & From & To).
    { intros q r Hq Hr. apply Co; right; auto. }
    assert (Found : (exists j, (j < N)%nat /\ same d p (c j)) \/ forall j, (j < N)%nat -> ~ same d p (c j)).
    { clear - N. induction N.
      - right. intros; lia.
      - destruct IHN as [(j & Hj & Sj)|None].
        + left. exists j. auto.
        + destruct (same_dec d p (c N)).
          * left. exists N. auto.
          * right. intros j Hj. destruct (Nat.eq_dec j N) as [->|]; auto. apply None. lia. }
    destruct Found as [(j & Hj & Sj)|None].
    + exists N, c, v. repeat split; auto.
      * intros. right. auto.
      * intros q [<-|Hq]; auto. exists j. repeat split; auto. simpl.
        apply (Co (p, u) (c j, v j)); simpl; auto.
    + exists (S N), (fun j => if Nat.eq_dec j N then p else c j), (fun j => if Nat.eq_dec j N then u else v j).
      repeat split.
      * intros i j Hi Hj Nij. destruct (Nat.eq_dec i N), (Nat.eq_dec j N); try lia.
        -- apply None. lia.
        -- intros Sx. apply (None i); [lia|]. apply same_sym, Sx.
        -- apply Apart; lia.
      * intros j Hj. destruct (Nat.eq_dec j N); [left; auto|]. right. apply From. lia.
      * intros q [<-|Hq].
        -- exists N. destruct (Nat.eq_dec N N); [|tauto]. repeat split; auto.
        -- destruct (To q Hq) as (j & Hj & Sj & Vj). exists j.
           destruct (Nat.eq_dec j N); [lia|]. repeat split; auto; lia.
Qed.

Lemma network_through_list d l beta low high :
  consistent d l -> low <= beta <= high -> (forall p, In p l -> low <= snd p <= high) ->
  exists f, ReluNetwork d f /\ (forall p, In p l -> f (fst p) = snd p) /\
    (forall z, low <= f z <= high) /\
    (beta < high -> forall z, f z = high -> exists p, In p l /\ same d z (fst p) /\ snd p = high) /\
    (low < beta -> forall z, f z = low -> exists p, In p l /\ same d z (fst p) /\ snd p = low).
Proof.
  intros Co B V. destruct (without_doubles d l Co) as (N & c & v & S & From & To).
  destruct (network_through d N c v beta low high S B) as (f & Nf & At & R & T & Bo).
  { intros j Hj. apply (V (c j, v j)). auto. }
  exists f. split; [|split; [|split; [|split]]]; auto.
  - do 2 eexists. exact Nf.
  - intros p Hp. destruct (To p Hp) as (j & Hj & Sj & Vj). rewrite Vj, <- At by auto.
    apply (network_same _ _ _ _ _ _ Nf Sj).
  - intros H z E. destruct (T H z E) as (j & Hj & Sj & Vj). exists (c j, v j). auto.
  - intros H z E. destruct (Bo H z E) as (j & Hj & Sj & Vj). exists (c j, v j). auto.
Qed.

(** Every list of values at points that are consistent with φ has a member. *)
Lemma member_through d a b m M l :
  cube d a -> cube d b -> m <= M -> consistent d ((a, m) :: (b, M) :: l) ->
  (forall p, In p l -> m <= snd p <= M) ->
  exists f, ReluNetwork d f /\ on_cube d f /\ shows d f a b m M /\ forall p, In p l -> f (fst p) = snd p.
Proof.
  intros Ha Hb mM Co V.
  destruct (network_through_list d ((a, m) :: (b, M) :: l) m m M Co) as (f & Nf & At & R & _).
  - lra.
  - intros p [<-|[<-|Hp]]; simpl; auto; lra.
  - exists f. split; auto. split; [|split].
    + destruct Nf as (n & u & Nf). eapply network_on_cube, Nf.
    + split; auto. split; auto. split; [apply (At (a, m)); simpl; auto|].
      split; [apply (At (b, M)); simpl; auto|]. auto.
    + intros p Hp. apply At. right. right. exact Hp.
Qed.
